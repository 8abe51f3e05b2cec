/* sink.h -- a mail server for tests: it takes what comes, unless it is told to say something else.
 * A thread a connection; counts what it took, and keeps the last message.
 * Threads    any; `says` is called on the connections' threads. */
#pragma once
#include "base/str.h"

enum sink_at { SINK_GREETING, SINK_EHLO, SINK_AUTH, SINK_MAIL, SINK_RCPT, SINK_DATA, SINK_END };
/* What to say instead of yes, without line end ("450 4.2.1 later"); "421 ..." ends the connection
 * after it, "!" at once. NULL: yes. `text` is the command's line, or the address. */
typedef const char *sink_says(void *arg, enum sink_at at, const char *text);
struct sink_options {
    sink_says *says; /* may be NULL */
    void *arg;
    bool no_pipelining;
    const char *offers;           /* further lines of EHLO: "SMTPUTF8\nAUTH LOGIN"; or NULL */
    const char *certificate, *key; /* PEM files: STARTTLS, or TLS from the start */
    bool tls_at_once;
    int slow_ms; /* before each answer to a mail's end */
};
struct sink;
struct sink *sink_open(const struct sink_options *o); /* on a free port of 127.0.0.1 */
int sink_port(const struct sink *s);
void sink_close(struct sink *s);
size_t sink_taken(struct sink *s);                       /* mails, all */
size_t sink_taken_by(struct sink *s, const char *address); /* mails for one */
size_t sink_most_by(struct sink *s);   /* the most that anybody got */
size_t sink_different(struct sink *s); /* different recipients that got one */
/* The last message taken, whole, dots undone; a copy in arena `a`, "" for none. */
struct str sink_last(struct sink *s, struct arena *a);
size_t sink_connections(struct sink *s); /* so far */
