/* flow.h -- automation as others meet it: demo company, benches. */
#pragma once
#include "kit/kit.h"

/* Makes one of the ready-made flows (flow_ready.c) a draft; E_NOT_FOUND. */
MUST_CHECK enum status flow_make_ready(struct ctx *cx, const char *name, i64 *id);
/* Publishes the flow's draft; E_INVALID says what is wrong with it. `move`: people in older
 * versions whose step is still there go on in the new one. */
MUST_CHECK enum status flow_publish(struct ctx *cx, i64 flow_id, bool move, i64 *number);

extern const struct record_type flow_type;
/* "live", "paused" or "archived". E_CONFLICT: not from what it is now. */
MUST_CHECK enum status flow_set_status(struct ctx *cx, struct row *flow, const char *status);
/* Lets a contact into a live flow as a trigger does, if its rules of entry do. `via`: the trigger's
 * id, or "hand". E_CONFLICT: it is not live. */
MUST_CHECK enum status flow_let_in(struct ctx *cx, i64 flow_id, i64 contact_id, const char *via);
/* Lets in those whose date has come since the last time. Not inside a transaction. */
MUST_CHECK enum status flow_dates(struct ctx *cx);
/* Moves who is due until nobody is, or `rounds` batches are done (0: all); *more: some may be left.
 * Not inside a transaction. */
MUST_CHECK enum status flow_work(struct ctx *cx, int rounds, bool *more);
