/* smtp.h -- hands mails to a relay: RFC 5321 with PIPELINING, SIZE, 8BITMIME, SMTPUTF8 and
 * ENHANCEDSTATUSCODES where the server has them; STARTTLS or TLS from the start; AUTH PLAIN and
 * LOGIN. One connection is one line of transactions; blocking, with deadlines.
 *
 * While one mail's answer is on its way, the next one's envelope is sent behind it already: on a
 * far relay a mail costs one round trip.
 *
 * Ownership  a connection is owned: smtp_close. Options and mails are borrowed for the call.
 * Errors     of a connection: E_INVALID (an option that cannot be, a password over an open line),
 *            E_IO (not reachable, broken, a deadline, no trust in the certificate), E_FORBIDDEN
 *            (name or password refused). The text is in cx; *reply is the server's last word.
 * Threads    a connection belongs to one thread at a time. */
#pragma once
#include "base/ctx.h"
#include "base/str.h"

enum smtp_security { SMTP_STARTTLS, SMTP_TLS, SMTP_OPEN };
struct smtp_options {
    const char *host;
    int port;
    enum smtp_security security;
    const char *user, *password; /* "" or NULL: without */
    const char *hello;           /* name of this machine; NULL: its own */
    const char *trust;           /* PEM of further authorities to trust, or NULL */
    unsigned connect_ms, reply_ms, end_ms; /* 0: 20 s, 60 s, 5 min */
};

struct smtp_reply {
    int code;          /* 250; 0: none */
    char enhanced[12]; /* "5.1.1", or "" */
    char text[400];    /* without codes, lines joined by spaces, printable UTF-8 */
};

struct smtp;
MUST_CHECK enum status smtp_open(struct ctx *cx, const struct smtp_options *o, struct smtp **out,
                                 struct smtp_reply *reply);
void smtp_close(struct smtp *s); /* says QUIT if nothing is under way; NULL is fine */
/* Whether the server closed it, or a transaction broke it. */
bool smtp_is_broken(const struct smtp *s);

enum smtp_outcome {
    SMTP_TAKEN,   /* the server has it */
    SMTP_LATER,   /* 4xx: this mail may go later */
    SMTP_REFUSED, /* 5xx, or it cannot be sent by this server (5.6.7: needs SMTPUTF8) */
    SMTP_CLOSED,  /* 421, or the connection ended before the mail did: it was not taken */
    SMTP_UNSURE,  /* the connection ended between the mail's end and the answer */
};
enum smtp_stage { SMTP_AT_MAIL, SMTP_AT_RCPT, SMTP_AT_DATA, SMTP_AT_END };

struct smtp_mail {
    const char *from, *to; /* addresses as in a command; from "" for none */
    struct str head, body; /* the message in two parts, CRLF, no dots doubled */
    bool utf8;
    /* Called when everything up to the mail's last bytes is sent: from then on the outcome may be
     * unknown. May be NULL. */
    void (*ending)(void *arg);
    void *arg;
};
struct smtp_result {
    enum smtp_outcome outcome;
    enum smtp_stage stage; /* where the server said no */
    struct smtp_reply reply;
};
/* One transaction. `next` (may be NULL) is the mail of the next call: its envelope goes along. It
 * must then be sent next, or the connection closed. */
void smtp_send(struct smtp *s, const struct smtp_mail *m, const struct smtp_mail *next,
               struct smtp_result *out);

/* ---- for tests and fuzzing ---- */
/* Takes one whole reply off `*in`. 1: taken; 0: more is needed; -1: that is no reply. */
int smtp_reply_take(struct str *in, struct smtp_reply *out);
