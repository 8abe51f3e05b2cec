/* bounce.h -- what comes back for a mail of ours: reports of mail servers (RFC 3464, and those that
 * never read it), complaints (RFC 5965), automatic answers (RFC 3834), and people's replies; from a
 * mailbox or from a provider's webhook. Each is kept as a row of mail_report, once.
 *
 * A report is proven when it shows what only a recipient of the mail can know: its Message-ID, or
 * the address that it came to. Others are believed as far as a full mailbox is: nobody gets an
 * address suppressed by writing to us that it is dead. */
#pragma once
#include "io/mime_read.h"
#include "mail/mail.h"

enum report_kind { /* as stored */
    REPORT_NONE = 0,
    REPORT_HARD = 1,       /* the address is dead */
    REPORT_SOFT = 2,       /* refused, but the address may live: full, policy, content */
    REPORT_DELAYED = 3,    /* the server still tries */
    REPORT_COMPLAINT = 4,
    REPORT_AUTO_REPLY = 5, /* nobody wrote it: out of office */
    REPORT_REPLY = 6,
    REPORT_DELIVERED = 7,
    REPORT_KINDS
};
const char *report_kind_word(int kind); /* static: "Hard bounce" */

/* One thing that was reported. */
struct report {
    enum report_kind kind;
    const char *address; /* whom it is about; "" unknown */
    const char *status;  /* "5.1.1", or "" */
    const char *reason;  /* as mail_bounced: "hard" "mailbox_full" ... */
    const char *text;    /* the server's words */
    const char *proofs;  /* message ids and tokens it shows, one space between */
    i64 at_ms;           /* TIME_NONE: now */
    bool trusted;        /* by a provider whose signature was checked: as good as proven */
};
enum { REPORTS_IN_MAIL = 20 };
/* What a mail reports. *count 0: nothing, a person wrote it. Changes nothing. */
MUST_CHECK enum status bounce_read(struct ctx *cx, const struct letter *m, struct report *out,
                                   size_t *count);
/* Believes a report: its row, the mail's state, the suppression, the journey. `source`: "mailbox"
 * "ses" ...; `key`: of the event, unique within the source: a second one of it does nothing. */
MUST_CHECK enum status report_take(struct ctx *cx, const struct report *r, const char *source,
                                   const char *key);
/* A person's answer to a mail of ours, if it is one: row, event mail_reply, happening mail.replied.
 * `key` as above. email: the record that keeps it, whose text is told on the journey when its
 * owner shares it; NULL: none does. *was may be NULL. */
MUST_CHECK enum status reply_take(struct ctx *cx, const struct letter *m, const char *source,
                                  const char *key, const struct row *email, bool *was);
/* Whatever came into a mailbox for bounces: read, and taken. *kind (may be NULL): what it was. */
MUST_CHECK enum status inbound_take(struct ctx *cx, struct str mail, const char *source,
                                    const char *key, enum report_kind *kind);
/* An automatic answer by its headers (RFC 3834) or its subject. */
bool mail_is_automatic(const struct letter *m);
