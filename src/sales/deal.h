/* deal.h -- a deal: fields by number, for those who read or write its rows. */
#pragma once
#include "kit/kit.h"

enum deal_field {
    DEAL_NAME, DEAL_COMPANY, DEAL_CONTACT, DEAL_PIPELINE, DEAL_STAGE, DEAL_AMOUNT, DEAL_CLOSE,
    DEAL_OWNER, DEAL_NEXT_STEP,
    DEAL_STATUS, DEAL_CLOSED_AT, DEAL_STAGE_SINCE, DEAL_CYCLE_DAYS, DEAL_LOST_REASON,
    DEAL_COMPETITOR, DEAL_LOST_NOTE,
    DEAL_TAGS, DEAL_FIELDS
};
extern const struct record_type deal_type;
