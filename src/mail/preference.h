/* preference.h -- how people leave: the preference page /u/{token}, the one-click unsubscribe of
 * mail programs (RFC 8058) at the same address, and the headers that announce them. The token names
 * contact, topic and mail, is signed, and works for good. */
#pragma once
#include "kit/kit.h"

struct preference_of {
    i64 contact_id, topic_id, message_id; /* topic 0: a mail that belongs to none */
};
/* "https://crm.example.com/u/..."; "" when nobody said where the world reaches us. In arena. */
const char *preference_url(struct ctx *cx, const struct preference_of *of);

struct preference_header {
    const char *name, *value;
};
enum { PREFERENCE_HEADERS = 3 };
/* List-Unsubscribe (RFC 2369), List-Unsubscribe-Post (RFC 8058) and List-Id (RFC 2919) of a mail
 * about a topic; DKIM must sign them. from_domain: of the sender's address, for List-Id. *count 0:
 * the mail has no topic, or there is no address. Values are one line each, in arena. */
MUST_CHECK enum status preference_headers(struct ctx *cx, const struct preference_of *of,
                                          const char *from_domain,
                                          struct preference_header out[PREFERENCE_HEADERS],
                                          size_t *count);
