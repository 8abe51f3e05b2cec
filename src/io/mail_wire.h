/* mail_wire.h -- a signed-in connection to a mailbox server, before any command is sent: libcurl
 * connects, checks the certificate, does STARTTLS and signs in (SASL or not, whatever the server
 * offers); lines and bytes go through here. For imap.c and pop.c.
 * Ownership  what is read is in cx's arena.
 * Errors     all told through cx, for people: E_INVALID a server that cannot be; E_FORBIDDEN name
 *            or password are wrong; E_IO no connection, a broken one, silence; E_TOO_LARGE a line
 *            or a mail over its limit.
 * Threads    a connection belongs to one thread at a time. */
#pragma once
#include "base/ctx.h"
#include "base/str.h"

enum mail_tls {
    MAIL_TLS,      /* from the first byte: imaps 993, pop3s 995 */
    MAIL_STARTTLS, /* and no less: a server that does not offer it is an error */
    MAIL_PLAIN,    /* nothing hidden: for servers on this machine */
};
struct mail_server {
    const char *host;
    int port; /* 0: the usual one */
    enum mail_tls tls;
    const char *user, *password;
    const char *trust; /* PEM of the authority to trust instead of the system's; NULL or "" */
    unsigned timeout_ms; /* silence that is too long; 0: 30 s */
};
/* "tls", "starttls", "plain"; anything else is MAIL_TLS. */
enum mail_tls mail_tls_by_word(const char *word);

struct mail_wire;
/* scheme: "imap" or "pop3". OK: *out is owned, mail_wire_close. */
MUST_CHECK enum status mail_wire_open(struct ctx *cx, const char *scheme,
                                      const struct mail_server *server, struct mail_wire **out);
void mail_wire_close(struct mail_wire *w); /* without a word of goodbye; NULL is fine */
MUST_CHECK enum status mail_wire_send(struct ctx *cx, struct mail_wire *w, struct str bytes);
/* A line without its end; at most max bytes. */
MUST_CHECK enum status mail_wire_line(struct ctx *cx, struct mail_wire *w, size_t max,
                                      struct str *out);
MUST_CHECK enum status mail_wire_bytes(struct ctx *cx, struct mail_wire *w, size_t count,
                                       char *into);
