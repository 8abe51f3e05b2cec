/* broadcast_plan.c -- states, times, lots and shares of broadcasts. */
#include "marketing/broadcast_plan.h"
#include <math.h>

/* ---- states and verbs ---- */

static const char *const states[BROADCAST_STATES] = { "draft",  "scheduled", "sending",
                                                      "paused", "finished",  "cancelled" };

const char *broadcast_state_word(enum broadcast_state s) { return states[s]; }

enum broadcast_state broadcast_state_by(const char *word)
{
    for (int i = 0; i < BROADCAST_STATES; i++)
        if (text_is(states[i], word))
            return (enum broadcast_state)i;
    return BROADCAST_DRAFT;
}

#define IN(s) (1u << (s))
static const struct {
    const char *word;
    unsigned from;
    int to; /* -1: it stays */
} verbs[BROADCAST_VERBS] = {
    [VERB_SCHEDULE] = { "schedule", IN(BROADCAST_DRAFT), BROADCAST_SCHEDULED },
    [VERB_UNSCHEDULE] = { "unschedule", IN(BROADCAST_SCHEDULED), BROADCAST_DRAFT },
    [VERB_START] = { "start", IN(BROADCAST_SCHEDULED), BROADCAST_SENDING },
    [VERB_PAUSE] = { "pause", IN(BROADCAST_SENDING), BROADCAST_PAUSED },
    [VERB_RESUME] = { "resume", IN(BROADCAST_PAUSED), BROADCAST_SENDING },
    [VERB_CANCEL] = { "cancel",
                      IN(BROADCAST_SCHEDULED) | IN(BROADCAST_SENDING) | IN(BROADCAST_PAUSED),
                      BROADCAST_CANCELLED },
    [VERB_FINISH] = { "finish", IN(BROADCAST_SENDING), BROADCAST_FINISHED },
    [VERB_WINNER] = { "winner", IN(BROADCAST_SENDING) | IN(BROADCAST_PAUSED), -1 },
    [VERB_RESEND] = { "resend", IN(BROADCAST_FINISHED), -1 },
};

const char *broadcast_verb_word(enum broadcast_verb v) { return verbs[v].word; }

bool broadcast_may(enum broadcast_state s, enum broadcast_verb v, enum broadcast_state *to)
{
    if (!(verbs[v].from & IN(s)))
        return false;
    *to = verbs[v].to < 0 ? s : (enum broadcast_state)verbs[v].to;
    return true;
}

/* ---- when ---- */

i64 plan_local(i64 send_at_ms, const struct zone *ours, const struct zone *theirs)
{
    return zone_instant(theirs, zone_day(ours, send_at_ms), zone_minute(ours, send_at_ms));
}

enum { EARLIEST_HOURS = 14, LATEST_HOURS = 12 };
i64 plan_first_local(i64 send_at_ms, const struct zone *ours)
{
    return plan_local(send_at_ms, ours, NULL) - EARLIEST_HOURS * (i64)MS_HOUR;
}
i64 plan_last_local(i64 send_at_ms, const struct zone *ours)
{
    return plan_local(send_at_ms, ours, NULL) + LATEST_HOURS * (i64)MS_HOUR;
}

i64 plan_allowance(i64 per_hour, i64 now_ms, i64 want, i64 *free_at_ms)
{
    i64 may, spent;

    if (per_hour <= 0)
        return want;
    /* Of a slow one two mails: with less, what it had saved towards the next would be cut. */
    i64 burst_ms = per_hour < 120 ? (2 * (i64)MS_HOUR + per_hour - 1) / per_hour : MS_MINUTE;
    if (*free_at_ms < now_ms - burst_ms)
        *free_at_ms = now_ms - burst_ms;
    may = *free_at_ms >= now_ms ? 0 : (now_ms - *free_at_ms) * per_hour / MS_HOUR;
    may = may < want ? may : want;
    spent = (may * (i64)MS_HOUR + per_hour - 1) / per_hour;
    *free_at_ms += spent;
    return may;
}

i64 plan_duration_ms(i64 count, i64 per_hour, i64 fastest)
{
    i64 rate = per_hour > 0 && (fastest <= 0 || per_hour < fastest) ? per_hour : fastest;

    return rate > 0 ? (count * (i64)MS_HOUR + rate - 1) / rate : 0;
}

/* ---- A/B ---- */

i64 plan_lot(i64 broadcast_id, i64 contact_id)
{
    i64 both[2] = { broadcast_id, contact_id };

    return (i64)(str_hash((struct str){ (const char *)both, sizeof both }) >> 1);
}

i64 plan_test_size(i64 recipients, int share_percent, int variants)
{
    i64 size = (recipients * share_percent + 50) / 100;

    if (size < variants)
        size = variants;
    return size < recipients ? size : recipients;
}

int plan_variant(i64 place, i64 test_size, int variants)
{
    return place < test_size ? (int)(place % variants) : VARIANT_REST;
}

double plan_rate(const struct plan_count *c)
{
    return c->got > 0 ? (double)c->did / (double)c->got : 0;
}

void plan_interval(const struct plan_count *c, double *low, double *high)
{
    const double z = 1.959964, n = (double)c->got, p = plan_rate(c);

    *low = 0;
    *high = 1;
    if (c->got <= 0)
        return;
    double middle = p + z * z / (2 * n), half = z * sqrt(p * (1 - p) / n + z * z / (4 * n * n));
    *low = (middle - half) / (1 + z * z / n);
    *high = (middle + half) / (1 + z * z / n);
    *low = *low < 0 ? 0 : *low;
    *high = *high > 1 ? 1 : *high;
}

/* Two proportions, pooled. False: too few for the approximation. */
static bool compare(const struct plan_count *a, const struct plan_count *b, double *p)
{
    const double enough = 5;
    double na = (double)a->got, nb = (double)b->got;

    *p = 1;
    if (a->got <= 0 || b->got <= 0)
        return false;
    double pool = (double)(a->did + b->did) / (na + nb);
    if (na * pool < enough || nb * pool < enough || na * (1 - pool) < enough ||
        nb * (1 - pool) < enough)
        return false;
    double z = (plan_rate(a) - plan_rate(b)) / sqrt(pool * (1 - pool) * (1 / na + 1 / nb));
    *p = erfc(fabs(z) / sqrt(2));
    return true;
}

struct plan_verdict plan_judge(const struct plan_count *counts, int variants)
{
    const double level = 0.05;
    struct plan_verdict v = { .leader = 0, .second = -1, .p = 1 };

    for (int i = 1; i < variants; i++)
        if (plan_rate(&counts[i]) > plan_rate(&counts[v.leader]))
            v.leader = i;
    for (int i = 0; i < variants; i++)
        if (i != v.leader && (v.second < 0 || plan_rate(&counts[i]) > plan_rate(&counts[v.second])))
            v.second = i;
    if (v.second < 0)
        return v;
    v.enough = compare(&counts[v.leader], &counts[v.second], &v.p);
    v.p *= variants - 1; /* the leader was picked among them after looking */
    v.p = v.p > 1 ? 1 : v.p;
    v.significant = v.enough && v.p < level;
    return v;
}
