/* utm.h -- what the links of a mail say of where they come from, by its mailing: the campaign that
 * a broadcast or flow belongs to, else its own name; the topic as the source; "email". */
#pragma once
#include "mail/track.h"

/* Whether opens and clicks of this mail are told at all: of what goes to a contact about a topic or
 * by a broadcast or flow, unless the workspace says no. A letter from one person to another and a
 * receipt keep their links. */
bool utm_is_tracked(struct ctx *cx, const struct mail_message *m);
/* Whether a letter with HTML of its own tells that it was opened: of a sales sequence, which asks
 * for it by having HTML. Its links stay. */
bool utm_opens_are_told(struct ctx *cx, const struct mail_message *m);
/* Fills in rule and parameters of t, for the mail m. In arena. */
MUST_CHECK enum status utm_fill(struct ctx *cx, const struct mail_message *m, struct track *t);
