/* flow.h -- automation as others meet it: demo company, benches. */
#pragma once
#include "base/ctx.h"

/* Makes one of the ready-made flows (flow_ready.c) a draft; E_NOT_FOUND. */
MUST_CHECK enum status flow_make_ready(struct ctx *cx, const char *name, i64 *id);
/* Publishes the flow's draft; E_INVALID says what is wrong with it. `move`: people in older
 * versions whose step is still there go on in the new one. */
MUST_CHECK enum status flow_publish(struct ctx *cx, i64 flow_id, bool move, i64 *number);
