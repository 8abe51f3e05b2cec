/* attribution.h -- how the credit for a conversion is shared among the touches before it: apart
 * from journeys and records, so that each model can be held against shares worked out by hand. */
#pragma once
#include "base/base.h"

enum { ATTRIBUTION_FIRST, ATTRIBUTION_LAST, ATTRIBUTION_LAST_NON_DIRECT, ATTRIBUTION_LINEAR,
       ATTRIBUTION_DECAY, ATTRIBUTION_POSITION, ATTRIBUTION_U_SHAPED, ATTRIBUTION_W_SHAPED,
       ATTRIBUTION_FULL_PATH, ATTRIBUTION_MODELS };

struct attribution_model {
    const char *name, *label, *definition; /* "u_shaped", "U-shaped", "40% to the first ..." */
};
extern const struct attribution_model attribution_models[ATTRIBUTION_MODELS];

struct attribution_touch {
    i64 at_ms;
    bool direct;
};
/* When what is credited happened, and its milestones; TIME_NONE: did not, or not yet. */
struct attribution_story {
    i64 at_ms, lead_ms, opportunity_ms, close_ms;
    double half_life_ms;
};
struct attribution_credit {
    i64 credit;
    i64 remainder; /* its own */
    u32 touch;
};
/* Shares `value` among touches in order of time, none of them after the conversion, count > 0:
 * credits[i] is that of touches[i]. They add up to the value exactly: what integers leave over goes
 * to the largest remainders, the earlier touch first. Any thread. */
void attribution_share(int model, const struct attribution_story *story,
                       const struct attribution_touch *touches, size_t count, i64 value,
                       struct attribution_credit *credits);
