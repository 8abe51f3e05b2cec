/* ticket_step.h -- the checklist of a ticket: what is to be done until it is solved. */
#pragma once
#include "service/ticket.h"

enum ticket_step_field {
    STEP_TICKET, STEP_TEXT, STEP_PART, STEP_DONE, STEP_DONE_AT, STEP_DONE_BY, STEP_POSITION,
    STEP_FIELDS
};
enum { TICKET_STEPS_MOST = 200 };
extern const struct record_type ticket_step_type;

/* Adds one to the end; part: "bought", "promised", "step". As who asks. */
MUST_CHECK enum status ticket_step_add(struct ctx *cx, i64 ticket_id, const char *part,
                                       const char *text);
/* What is still to be done on one is to be done on the other: its steps go there, to the end,
 * unless all of them are done. */
MUST_CHECK enum status ticket_steps_move(struct ctx *cx, i64 from_id, i64 into_id);
/* The steps of a ticket in order; in arena. As the system. */
MUST_CHECK enum status ticket_steps(struct ctx *cx, i64 ticket_id, struct row ***rows,
                                    size_t *count);
