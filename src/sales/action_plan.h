/* action_plan.h -- the mutual action plan of a deal: what both sides do, by when, until it is
 * signed and running. The customer reads it behind a link once it is shared, and ticks off what is
 * theirs. Not to be known from the outside: a plan that is not shared, or no longer. */
#pragma once
#include "kit/web.h"

enum plan_step_field {
    PLAN_DEAL, PLAN_TEXT, PLAN_SIDE, PLAN_OWNER, PLAN_PERSON, PLAN_DUE, PLAN_DONE, PLAN_DONE_AT,
    PLAN_DONE_BY, PLAN_POSITION,
    PLAN_FIELDS
};
extern const struct record_type plan_step_type;

/* "plan" of a deal's page (action_plan.html). */
MUST_CHECK enum status plan_put(struct ctx *cx, const struct row *deal, struct val *page);
/* Where the customer reads it: "/plan/TOKEN"; "" where it is not shared or has no step. As the
 * system. In arena. */
MUST_CHECK enum status plan_public_path(struct ctx *cx, const struct row *deal, const char **path);
/* What we still have to do, as texts into `list`: what a won deal hands over. */
MUST_CHECK enum status plan_put_open(struct ctx *cx, i64 deal_id, struct val *list);
