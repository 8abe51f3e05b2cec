/* forecast_learn.c -- stays, amounts and arrivals of all deals as of an instant, and what follows
 * from them for periods to come. */
#include "sales/forecast_learn.h"
#include "base/clock.h"
#include <math.h>
#include <stdlib.h>

enum {
    HISTORY_DAYS = 730,
    POOL_DAYS = 182,
    POOL_LEAST = 60,
    RATIOS_LEAST = 15,
    WEEKS_MAX = 104,
    SIZES = 3,
    KINDS = SIZES * 2
};
static const double HOUR_LEAST = 1.0 / 60; /* no stay is shorter */

/* ---- history ---- */
const struct deal_state *deal_then(const struct deal_past *d, i64 at_ms)
{
    const struct deal_state *last = NULL;

    for (size_t i = 0; i < d->count && d->states[i].at_ms < at_ms; i++)
        last = &d->states[i];
    return last && last->was != DEAL_WAS_GONE ? last : NULL;
}

/* When it was won first; TIME_NONE: never. */
static i64 first_won(const struct deal_past *d)
{
    for (size_t i = 0; i < d->count; i++)
        if (d->states[i].was == DEAL_WAS_WON)
            return d->states[i].at_ms;
    return TIME_NONE;
}

struct bought {
    i64 customer, at_ms;
};
static int by_customer(const void *a, const void *b)
{
    const struct bought *x = a, *y = b;

    if (x->customer != y->customer)
        return x->customer < y->customer ? -1 : 1;
    return (x->at_ms > y->at_ms) - (x->at_ms < y->at_ms);
}

void history_again(struct arena *a, struct forecast_history *h)
{
    struct bought *list = NEW_N(a, struct bought, h->count + 1);
    size_t n = 0;

    for (size_t i = 0; i < h->count; i++) {
        i64 at = first_won(&h->deals[i]);
        if (h->deals[i].customer && at != TIME_NONE)
            list[n++] = (struct bought){ h->deals[i].customer, at };
    }
    qsort(list, n, sizeof *list, by_customer);
    for (size_t i = 0; i < h->count; i++) {
        struct deal_past *d = &h->deals[i];
        size_t low = 0, high = n;
        while (low < high) { /* the first purchase of the customer */
            size_t mid = (low + high) / 2;
            if (list[mid].customer < d->customer)
                low = mid + 1;
            else
                high = mid;
        }
        d->again = d->customer && low < n && list[low].customer == d->customer &&
                   list[low].at_ms < d->states[0].at_ms;
    }
}

/* ---- kinds ---- */
static int by_value(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;

    return (x > y) - (x < y);
}

/* The first amount that was known of it. */
static double first_amount(const struct deal_past *d, i64 at_ms)
{
    for (size_t i = 0; i < d->count && d->states[i].at_ms < at_ms; i++)
        if (d->states[i].amount_minor > 0)
            return (double)d->states[i].amount_minor;
    return 0;
}

static void find_bands(struct arena *a, const struct forecast_history *h, i64 at_ms,
                       double bands[2])
{
    double *list = NEW_N(a, double, h->count + 1);
    size_t n = 0;

    for (size_t i = 0; i < h->count && h->deals[i].states[0].at_ms < at_ms; i++) {
        list[n] = first_amount(&h->deals[i], at_ms);
        n += list[n] > 0;
    }
    qsort(list, n, sizeof *list, by_value);
    bands[0] = n ? list[n / 3] : 0;
    bands[1] = n ? list[n * 2 / 3] : 0;
}

static int kind_of(const struct forecast_model *m, double amount, bool again)
{
    int size = amount >= m->bands[1] ? 2 : amount >= m->bands[0] ? 1 : 0;

    return size * 2 + again;
}

/* ---- what is learned from ---- */
struct learning {
    const struct forecast_history *h;
    struct forecast_model *m;
    struct survival_stay *stays;
    size_t stay_count, stay_room;
    double *ratios[SURVIVAL_STAGES_MAX];
    size_t ratio_count[SURVIVAL_STAGES_MAX], ratio_room[SURVIVAL_STAGES_MAX];
    struct arena *a;
};

static void *grow(struct arena *a, void *list, size_t count, size_t *room, size_t each)
{
    void *more;

    if (count < *room)
        return list;
    *room = *room ? *room * 2 : 64;
    more = arena_alloc(a, *room, each);
    if (count)
        memcpy(more, list, count * each);
    return more;
}

static double hours(const struct forecast_history *h, i64 from_ms, i64 to_ms)
{
    return h->hours(h->hours_arg, from_ms, to_ms);
}

static void add_stay(struct learning *l, const struct deal_past *d, const struct deal_state *from,
                     i64 until_ms, int to)
{
    double length = hours(l->h, from->at_ms, until_ms);

    if (until_ms < l->m->at_ms - HISTORY_DAYS * (i64)MS_DAY)
        return;
    l->stays = grow(l->a, l->stays, l->stay_count, &l->stay_room, sizeof *l->stays);
    l->stays[l->stay_count++] = (struct survival_stay){
        .stage = from->stage,
        .to = to,
        .kind = kind_of(l->m, (double)from->amount_minor, d->again),
        .owner = from->owner,
        .until = length > HOUR_LEAST ? length : HOUR_LEAST,
    };
}

static void add_ratio(struct learning *l, int stage, double won, double then)
{
    if (then <= 0)
        return;
    l->ratios[stage] =
        grow(l->a, l->ratios[stage], l->ratio_count[stage], &l->ratio_room[stage], sizeof(double));
    l->ratios[stage][l->ratio_count[stage]++] = won / then;
}

static int left_to(const struct deal_state *next)
{
    return next->was == DEAL_WAS_WON    ? SURVIVAL_WON
           : next->was == DEAL_WAS_LOST ? SURVIVAL_LOST
           : next->was == DEAL_WAS_GONE ? SURVIVAL_STAYS
                                        : next->stage;
}

static bool is_open(const struct deal_state *s) { return s->was == DEAL_WAS_OPEN && s->stage >= 0; }

/* Its stays, what was won over what it stood at, and, if it is open, where it stands. */
static void learn_deal(struct learning *l, const struct deal_past *d)
{
    struct forecast_model *m = l->m;
    const struct deal_state *stay = NULL, *last = NULL;

    for (size_t i = 0; i < d->count && d->states[i].at_ms < m->at_ms; i++) {
        const struct deal_state *s = &d->states[i];
        if (stay && (!is_open(s) || s->stage != stay->stage)) {
            add_stay(l, d, stay, s->at_ms, left_to(s));
            stay = NULL;
        }
        if (s->was == DEAL_WAS_WON && last && last->was == DEAL_WAS_OPEN) {
            m->won++;
            for (size_t j = 0; j < i; j++)
                if (is_open(&d->states[j]) &&
                    (j + 1 == i || d->states[j + 1].stage != d->states[j].stage))
                    add_ratio(l, d->states[j].stage, (double)s->amount_minor,
                              (double)d->states[j].amount_minor);
        }
        m->lost += s->was == DEAL_WAS_LOST && last && last->was == DEAL_WAS_OPEN;
        if (!stay && is_open(s))
            stay = s;
        last = s;
    }
    if (!stay)
        return;
    add_stay(l, d, stay, m->at_ms, SURVIVAL_STAYS);
    m->open[m->open_count++] = (struct survival_deal){
        .stage = stay->stage,
        .kind = kind_of(m, (double)last->amount_minor, d->again),
        .owner = last->owner,
        .age = hours(l->h, stay->at_ms, m->at_ms),
        .amount = (double)last->amount_minor,
    };
}

/* Deals like those to come: those that came lately, as they began. */
static void learn_arrivals(struct arena *a, const struct forecast_history *h,
                           struct forecast_model *m)
{
    double counts[WEEKS_MAX] = { 0 };
    i64 week = 7 * (i64)MS_DAY, first = m->at_ms;
    size_t known = 0;

    while (known < h->count && h->deals[known].states[0].at_ms < m->at_ms)
        known++;
    m->pool = NEW_N(a, struct survival_deal, known + 1);
    for (size_t i = known; i-- > 0;) {
        const struct deal_past *d = &h->deals[i];
        i64 at = d->states[0].at_ms, back = (m->at_ms - 1 - at) / week;
        if (d->imported || !is_open(&d->states[0]))
            continue;
        first = at;
        if (back < WEEKS_MAX)
            counts[WEEKS_MAX - 1 - back]++;
        if (at < m->at_ms - POOL_DAYS * (i64)MS_DAY && m->pool_count >= POOL_LEAST)
            continue;
        double amount = first_amount(d, m->at_ms);
        m->pool[m->pool_count++] = (struct survival_deal){ .stage = d->states[0].stage,
                                                           .kind = kind_of(m, amount, d->again),
                                                           .owner = d->states[0].owner,
                                                           .amount = amount };
    }
    m->weeks = (int)((m->at_ms - first) / week);
    if (m->weeks > WEEKS_MAX)
        m->weeks = WEEKS_MAX;
    if (m->weeks > 0)
        m->rate = survival_arrivals(counts + WEEKS_MAX - m->weeks, (size_t)m->weeks);
    m->week_hours = hours(h, m->at_ms - 8 * week, m->at_ms) / 8;
}

static void join_ratios(struct learning *l)
{
    size_t all = 0, n = 0;
    double *pooled;

    for (int s = 0; s < l->h->stage_count; s++)
        all += l->ratio_count[s];
    pooled = NEW_N(l->a, double, all + 1);
    for (int s = 0; s < l->h->stage_count; s++) {
        if (l->ratio_count[s])
            memcpy(pooled + n, l->ratios[s], l->ratio_count[s] * sizeof *pooled);
        n += l->ratio_count[s];
    }
    for (int s = 0; s < l->h->stage_count; s++)
        l->m->changes[s] = l->ratio_count[s] >= RATIOS_LEAST
                               ? (struct survival_amounts){ l->ratios[s], l->ratio_count[s] }
                               : (struct survival_amounts){ pooled, all };
}

struct forecast_model *forecast_learn(struct arena *a, const struct forecast_history *h, i64 at_ms)
{
    struct forecast_model *m = NEW(a, struct forecast_model);
    struct learning *l = NEW(a, struct learning);

    *l = (struct learning){ .h = h, .m = m, .a = a };
    m->at_ms = at_ms;
    m->open = NEW_N(a, struct survival_deal, h->count + 1);
    find_bands(a, h, at_ms, m->bands);
    for (size_t i = 0; i < h->count && h->deals[i].states[0].at_ms < at_ms; i++)
        learn_deal(l, &h->deals[i]);
    learn_arrivals(a, h, m);
    join_ratios(l);
    m->stays = l->stays;
    m->stay_count = l->stay_count;
    if (m->won < FORECAST_WON_LEAST || m->lost < FORECAST_LOST_LEAST)
        m->refused = arena_printf(
            a, "Too few: %zu deals were won and %zu lost. It takes %d won and %d lost.", m->won,
            m->lost, FORECAST_WON_LEAST, FORECAST_LOST_LEAST);
    else if (m->weeks < FORECAST_WEEKS_LEAST)
        m->refused = arena_printf(a, "Too short: deals have come for %d weeks. It takes %d.",
                                  m->weeks, FORECAST_WEEKS_LEAST);
    if (!m->refused)
        m->survival =
            survival_fit(a, m->stays, m->stay_count, h->stage_count, KINDS, h->owner_count);
    return m;
}

/* ---- what may come ---- */
struct forecast_runs forecast_try(struct arena *a, const struct forecast_history *h,
                                  const struct forecast_model *m,
                                  const struct forecast_period *periods, int count, int runs,
                                  u64 seed)
{
    double *begins = NEW_N(a, double, (size_t)count), *ends = NEW_N(a, double, (size_t)count);
    struct survival_world w = { .model = m->survival,
                                .deals = m->open,
                                .deal_count = m->open_count,
                                .pool = m->pool,
                                .pool_count = m->pool_count,
                                .rate = m->rate,
                                .span = m->week_hours > 0 ? m->week_hours : 40,
                                .changes = m->changes,
                                .begins = begins,
                                .ends = ends,
                                .periods = count,
                                .owners = h->owner_count,
                                .runs = runs,
                                .seed = seed };

    for (int p = 0; p < count; p++) {
        begins[p] = periods[p].from_ms > m->at_ms ? hours(h, m->at_ms, periods[p].from_ms) : 0;
        ends[p] = periods[p].to_ms > m->at_ms ? hours(h, m->at_ms, periods[p].to_ms) : 0;
    }
    return (struct forecast_runs){ survival_run(a, &w), count, h->owner_count, runs };
}

double forecast_won(const struct forecast_history *h, i64 from_ms, i64 to_ms, i64 at_ms,
                    const bool *who)
{
    double sum = 0;

    for (size_t i = 0; i < h->count; i++) {
        const struct deal_state *s = deal_then(&h->deals[i], at_ms);
        if (s && s->was == DEAL_WAS_WON && s->closed_at_ms >= from_ms && s->closed_at_ms < to_ms &&
            (!who || who[s->owner]))
            sum += (double)s->amount_minor;
    }
    return sum;
}

double forecast_weighted(const struct forecast_history *h, const struct forecast_period *p,
                         i64 at_ms)
{
    double sum = forecast_won(h, p->from_ms, p->to_ms, at_ms, NULL);

    for (size_t i = 0; i < h->count; i++) {
        const struct deal_state *s = deal_then(&h->deals[i], at_ms);
        if (s && is_open(s) && s->close_day >= p->from_day && s->close_day < p->to_day)
            sum += (double)s->amount_minor * h->stages[s->stage].probability / 100;
    }
    return sum;
}

struct forecast_range forecast_sum(struct arena *a, const struct forecast_history *h,
                                   const struct forecast_runs *runs, int period,
                                   const struct forecast_period *p, i64 at_ms, const bool *who,
                                   double quota, double *met)
{
    size_t n = (size_t)runs->runs, reached = 0;
    float *sums = NEW_N(a, float, n + 1);
    struct forecast_range r = { .closed = forecast_won(h, p->from_ms, p->to_ms, at_ms, who) };

    for (int o = 0; o < runs->owners; o++)
        if (!who || who[o])
            for (size_t i = 0; i < n; i++)
                sums[i] += runs->out[((size_t)period * (size_t)runs->owners + (size_t)o) * n + i];
    for (size_t i = 0; i < n; i++)
        reached += r.closed + (double)sums[i] >= quota;
    if (met)
        *met = (double)reached / (double)n;
    r.low = r.closed + survival_quantile(sums, n, 0.1);
    r.median = r.closed + survival_quantile(sums, n, 0.5);
    r.high = r.closed + survival_quantile(sums, n, 0.9);
    return r;
}
