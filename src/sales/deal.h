/* deal.h -- a deal: fields by number, for those who read or write its rows. */
#pragma once
#include "kit/kit.h"

enum deal_field {
    DEAL_NAME, DEAL_COMPANY, DEAL_CONTACT, DEAL_PIPELINE, DEAL_STAGE, DEAL_AMOUNT, DEAL_CLOSE,
    DEAL_CATEGORY, DEAL_OWNER, DEAL_NEXT_STEP,
    DEAL_STATUS, DEAL_CLOSED_AT, DEAL_STAGE_SINCE, DEAL_CYCLE_DAYS, DEAL_LOST_REASON,
    DEAL_COMPETITOR, DEAL_LOST_NOTE,
    DEAL_RETRY, DEAL_RETRY_ON, DEAL_RETRY_TASK, DEAL_AFTER,
    DEAL_PLAN_SHARED, DEAL_PLAN_OPENS, DEAL_PLAN_SEEN_AT,
    DEAL_TAGS, DEAL_HEALTH, DEAL_HEALTH_SCORE, DEAL_HEALTH_WHY, DEAL_FIELDS
};
extern const struct record_type deal_type;

/* The forecast category of a deal of this stage that nobody gave another: "commit". Static. */
const char *stage_category(const struct row *stage);
/* E_INVALID: the deal may not leave the stage where it stands; the text names what is missing. */
MUST_CHECK enum status deal_may_leave(struct ctx *cx, const struct row *deal,
                                      const struct row *to_stage);

/* ---- health (deal_health.c) ---- */
enum deal_warning { WARN_QUIET, WARN_LONG, WARN_OVERDUE, WARN_NO_STEP, WARN_ONE_PERSON,
    DEAL_WARNINGS };
struct deal_health {
    bool warns[DEAL_WARNINGS];
    int score;         /* 100: nothing is wrong */
    i64 quiet_days, quiet_most, stage_days, stage_most, overdue_days, people, people_least;
};
/* How an open deal does, by the rules of its stage. */
MUST_CHECK enum status deal_health(struct ctx *cx, const struct row *deal, const struct row *stage,
                                   struct deal_health *out);
/* Puts it into the row; clears it where the deal is closed. */
MUST_CHECK enum status deal_set_health(struct ctx *cx, struct row *deal, const struct row *stage);
/* "health" and "leaving" of a deal's page (deal.html). */
MUST_CHECK enum status deal_put_health(struct ctx *cx, const struct row *r, struct val *page);
