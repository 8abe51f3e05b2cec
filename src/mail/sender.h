/* sender.h -- a sending identity: from whom, through which relay, signed how, how fast. */
#pragma once
#include "kit/kit.h"

enum sender_field {
    SENDER_NAME, SENDER_FROM_NAME, SENDER_FROM, SENDER_REPLY_TO, SENDER_DEFAULT, SENDER_ACTIVE,
    SENDER_OWNER,
    SENDER_HOST, SENDER_PORT, SENDER_SECURITY, SENDER_USER, SENDER_PASSWORD, SENDER_RETURN,
    SENDER_RETURN_PLUS, SENDER_CONNECTIONS,
    SENDER_DKIM_DOMAIN, SENDER_SELECTOR, SENDER_RSA, SENDER_RSA_PUBLIC, SENDER_ED, SENDER_ED_PUBLIC,
    SENDER_PER_HOUR, SENDER_PER_DAY, SENDER_WARM_FROM, SENDER_WARM_FIRST, SENDER_WARM_GROWTH,
    SENDER_TRUST, SENDER_PERSONAL,
    SENDER_FIELDS
};
extern const struct record_type sender_type;

/* The one that mails without a sender go by. E_NOT_FOUND without text: there is none. */
MUST_CHECK enum status sender_default(struct ctx *cx, i64 *id);

/* How its server is reached, with the password opened; in cx's arena. E_INVALID: no server. */
struct smtp_options;
MUST_CHECK enum status sender_smtp(struct ctx *cx, const struct row *sender,
                                   struct smtp_options *out);
/* The second key stands under a name of its own in the DNS. In arena. */
const char *sender_second_selector(struct arena *a, const char *selector);

enum pace_field { PACE_DOMAIN, PACE_PER_MINUTE, PACE_CONNECTIONS, PACE_NOTE, PACE_FIELDS };
extern const struct record_type pace_type;
