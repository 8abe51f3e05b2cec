/* plan.h -- when a mail may go: back-off after a refusal, the day's number while a sender warms up,
 * and the pace towards a domain. Arithmetic only. */
#pragma once
#include "base/base.h"

/* How long to wait after so many tries, the first wait being first_ms: 1, 5, 15, 60, 120, then 240
 * times as long. */
i64 plan_retry_ms(int attempts, i64 first_ms);
/* How many mails on day `day` (0: the first) of a warm-up. At most 1,000,000,000. */
i64 plan_warm_up(i64 first, i64 growth_percent, i64 day);

/* Towards one domain. */
struct plan_pace {
    i64 per_minute;
    i64 credit_ms;  /* time saved up: a mail costs 60,000 / per_minute of it */
    i64 at_ms;      /* when that was */
    i64 planned_ms; /* the last moment that was given away */
};
/* True: one may go now. False: it has its turn at *later_ms, which nobody else gets. */
bool plan_take(struct plan_pace *p, i64 now_ms, i64 *later_ms);
