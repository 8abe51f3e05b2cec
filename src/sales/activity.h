/* activity.h -- what people of the company do with a customer or mean to; meetings among them. */
#pragma once
#include "kit/kit.h"

enum activity_field {
    ACTIVITY_KIND, ACTIVITY_SUBJECT, ACTIVITY_BODY, ACTIVITY_CONTACT, ACTIVITY_COMPANY,
    ACTIVITY_DEAL, ACTIVITY_OWNER, ACTIVITY_DUE, ACTIVITY_DONE, ACTIVITY_DONE_AT, ACTIVITY_OUTCOME,
    ACTIVITY_MINUTES, ACTIVITY_PLACE, ACTIVITY_LINK, ACTIVITY_ZONE, ACTIVITY_INVITE,
    ACTIVITY_BOOKING, ACTIVITY_CANCELLED, ACTIVITY_SEQUENCE,
    ACTIVITY_REMIND,
    ACTIVITY_FIELDS
};
extern const struct record_type activity_type;

/* Its reminder, when one is wanted (task.c); part of saving it. */
MUST_CHECK enum status task_saved(struct ctx *cx, struct row *r);
