/* pop.h -- reading a mailbox over POP3 (RFC 1939), for bounce mailboxes whose server has no IMAP.
 * What is marked for removal goes when pop_quit says goodbye; a connection that breaks removes
 * nothing.
 * Ownership, errors, threads   as mail_wire.h; E_UNSUPPORTED an answer that is no POP3. */
#pragma once
#include "io/mail_wire.h"

enum { POP_MAIL_BYTES = 30 * 1024 * 1024, POP_MAILS_MAX = 100 * 1000 };

struct pop;
struct pop_mail {
    u32 number;
    u32 size;
    const char *uid; /* stays the same over sessions */
};
MUST_CHECK enum status pop_open(struct ctx *cx, const struct mail_server *s, struct pop **out);
void pop_close(struct pop *p); /* NULL is fine */
MUST_CHECK enum status pop_list(struct ctx *cx, struct pop *p, struct pop_mail **out,
                                size_t *count);
MUST_CHECK enum status pop_fetch(struct ctx *cx, struct pop *p, u32 number, struct str *mail);
MUST_CHECK enum status pop_remove(struct ctx *cx, struct pop *p, u32 number);
MUST_CHECK enum status pop_quit(struct ctx *cx, struct pop *p);
