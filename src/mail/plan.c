/* plan.c -- see plan.h. */
#include "mail/plan.h"

enum { MINUTE_MS = 60000, BURST_MS = 2000, SLACK_PERCENT = 105 };

i64 plan_retry_ms(int attempts, i64 first_ms)
{
    static const int times[] = { 1, 5, 15, 60, 120, 240 };
    size_t at = attempts < 1 ? 0 : (size_t)attempts - 1;

    return first_ms * times[at < countof(times) ? at : countof(times) - 1];
}

i64 plan_warm_up(i64 first, i64 growth_percent, i64 day)
{
    const i64 most = 1000000000;
    i64 n = first;

    if (day < 0)
        return 0;
    for (; day > 0 && n < most; day--)
        n += n * growth_percent / 100 > 0 ? n * growth_percent / 100 : 1;
    return n < most ? n : most;
}

bool plan_take(struct plan_pace *p, i64 now_ms, i64 *later_ms)
{
    i64 cost = MINUTE_MS / p->per_minute > 0 ? MINUTE_MS / p->per_minute : 1;
    i64 most = cost > BURST_MS ? cost : BURST_MS;

    if (p->at_ms == 0)
        p->credit_ms = cost;
    else if (now_ms > p->at_ms)
        p->credit_ms += now_ms - p->at_ms;
    if (p->credit_ms > most)
        p->credit_ms = most;
    p->at_ms = now_ms;
    if (p->credit_ms >= cost) {
        p->credit_ms -= cost;
        return true;
    }
    if (p->planned_ms < now_ms)
        p->planned_ms = now_ms;
    /* A little later than the pace alone: whose turn comes then finds the credit for it. */
    p->planned_ms += cost * SLACK_PERCENT / 100 > cost ? cost * SLACK_PERCENT / 100 : cost + 1;
    *later_ms = p->planned_ms;
    return false;
}
