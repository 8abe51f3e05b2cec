/* broadcast.h -- what others may say about broadcasts: that one was sent, told afterwards (an
 * import, the demo company). */
#pragma once
#include "kit/kit.h"

/* Sets the state of one that this program did not send itself, and when it began and ended (0:
 * not), past the verbs. Saves it. */
MUST_CHECK enum status broadcast_told(struct ctx *cx, struct row *r, const char *state,
                                      i64 started_ms, i64 finished_ms);
/* What its mails belong to, as their events carry it (journey_note's touch). */
const char *broadcast_touch(struct ctx *cx, const struct row *r);
/* Counts the results of all that have begun anew. */
MUST_CHECK enum status broadcast_refresh_all(struct ctx *cx);
