/* cap.h -- how often one person may get mails that they can unsubscribe from: so many in so many
 * days, over all topics, broadcasts and flows together. Asked when a mail goes, not when it was
 * planned. */
#pragma once
#include "kit/kit.h"

/* Whether another mail about this topic may go to the contact now. Not: *why says why, for people
 * ("had 3 mails in 7 days"). What needs no consent (topic 0) always may, and so may what goes to
 * nobody we know (contact 0). In arena. */
MUST_CHECK enum status cap_allows(struct ctx *cx, i64 contact_id, i64 topic_id, bool *out,
                                  const char **why);
