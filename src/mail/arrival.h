/* arrival.h -- mails that came into a mailbox whose mails others make something of
 * (support): kept whole, and told as the happening "mail.arrived", with props.arrival (its id).
 * What listens does so in the same transaction, so that no mail is read and then lost. */
#pragma once
#include "kit/kit.h"

struct arrival {
    i64 id, mailbox_id, at_ms;
    const char *key; /* of the mail in its mailbox */
    struct str bytes;
};
/* Keeps a mail and tells of it. A key that was there before: nothing happens. at_ms TIME_NONE: now.
 * Mails over ARRIVAL_BYTES are kept up to there. */
enum { ARRIVAL_BYTES = 25 * 1024 * 1024 };
MUST_CHECK enum status mail_arrived(struct ctx *cx, const struct row *mailbox, struct str bytes,
                                    const char *key, i64 at_ms);
/* In arena. E_NOT_FOUND without text. */
MUST_CHECK enum status arrival_get(struct ctx *cx, i64 id, struct arrival *out);
