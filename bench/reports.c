/* reports.c -- see reports.h. Each report is what it does with one journey, and how it prints. */
#include "reports.h"
#include <math.h>
#include <stdlib.h>
#include <string.h>

enum {
    WEEKS = 53,
    MODELS = 5,
    STEPS = 5,
    PATHS = 4096, /* third-last channel << 8 | second-last << 4 | last */
};
static const i64 BEGIN_MS = DATA_BEGIN_S * 1000ll, DAY_MS = DATA_DAY_S * 1000ll,
                 WEEK_MS = 7 * DATA_DAY_S * 1000ll, WINDOW_MS = 90ll * DATA_DAY_S * 1000;

/* A report says what it does with one part. */
#define PARTS(name)                                                    \
    static void name##_parts(void *acc, const struct journey_parts *v) \
    {                                                                  \
        for (size_t i = 0; i < v->count; i++)                          \
            name##_part(acc, v->of, &v->list[i]);                      \
    }

/* ---- funnel ---- */
struct funnel {
    u64 n[DATA_CHANNELS][STEPS];
};

struct chain {
    i64 start[STEPS + 1]; /* of the chain that reached this step last */
    u64 level, channel;
};

/* Parts without any later step: only the first and the last page view count. */
static void funnel_views(struct chain *c, const struct journey_columns *of,
                         const struct journey_part *p)
{
    const u16 *kind = of->kind;
    u32 i = p->first, end = i + p->count;

    if (c->level == 0) {
        while (i < end && kind[i] != DATA_PAGEVIEW + 1)
            i++;
        if (i == end)
            return;
        c->channel = of->channel[i];
        c->level = 1;
    }
    while (end > i && kind[end - 1] != DATA_PAGEVIEW + 1)
        end--;
    if (end > i)
        c->start[1] = of->base_ms + of->at[end - 1];
}

static void funnel_part(void *acc, const struct journey_columns *of, const struct journey_part *p)
{
    static const u8 step_of[256] = { [DATA_PAGEVIEW + 1] = 1,
                                     [DATA_FORM_SUBMIT + 1] = 2,
                                     [DATA_MQL + 1] = 3,
                                     [DATA_DEAL_CREATED + 1] = 4,
                                     [DATA_DEAL_WON + 1] = 5 };
    static const u64 later = 1 << (DATA_FORM_SUBMIT + 1) | 1 << (DATA_MQL + 1) |
                             1 << (DATA_DEAL_CREATED + 1) | 1 << (DATA_DEAL_WON + 1);
    struct chain *c = p->state;

    (void)acc;
    if (!(p->kinds & later)) {
        funnel_views(c, of, p);
        return;
    }
    for (u32 i = p->first, end = i + p->count; i < end; i++) {
        u64 k = step_of[of->kind[i]];
        i64 at = of->base_ms + of->at[i];
        if (k == 1) {
            c->channel = c->level == 0 ? of->channel[i] : c->channel;
            c->level = c->level == 0 ? 1 : c->level;
            c->start[1] = at;
        } else if (k > 1 && c->start[k - 1] != 0 && at - c->start[k - 1] <= WINDOW_MS) {
            c->start[k] = c->start[k - 1];
            c->level = c->level < k ? k : c->level;
        }
    }
}

PARTS(funnel)

static void funnel_done(void *acc, void *state, u32 person)
{
    struct funnel *f = acc;
    const struct chain *c = state;

    (void)person;
    for (u64 k = 0; k < c->level; k++)
        f->n[c->channel][k]++;
}

static void funnel_print(const void *acc, FILE *out)
{
    const struct funnel *f = acc;

    for (int c = 0; c < DATA_CHANNELS; c++)
        if (f->n[c][0] > 0)
            fprintf(out, "%d,%lu,%lu,%lu,%lu,%lu\n", c, f->n[c][0], f->n[c][1], f->n[c][2],
                    f->n[c][3], f->n[c][4]);
}

/* ---- attribution ---- */
struct credit {
    u64 channel[DATA_CHANNELS][MODELS], campaign[DATA_CAMPAIGNS][MODELS];
};
struct touch {
    i64 at_ms;
    u32 campaign;
    u8 channel;
};

static bool is_touch(u16 kind, u8 channel)
{
    return (kind == DATA_PAGEVIEW + 1 && channel != 0) || kind == DATA_EMAIL_CLICK + 1;
}

static u64 weight_of(i64 age_ms)
{
    return (u64)floor(1048576.0 * pow(2.0, -(double)(age_ms / DAY_MS) / 7.0) + 0.5);
}

static void credit_deal(struct credit *c, const struct touch *t, size_t n, i64 won_ms, i64 value)
{
    u64 v = (u64)value * 1000, weights = 0;

    for (; n > 0 && won_ms - t->at_ms > WINDOW_MS; n--)
        t++;
    for (size_t k = 0; k < n; k++)
        weights += weight_of(won_ms - t[k].at_ms);
    for (size_t k = 0; k < n; k++) {
        bool edge = k == 0 || k == n - 1;
        u64 u = n == 1 ? v : n == 2 ? v / 2 : edge ? v * 4 / 10 : v * 2 / 10 / (n - 2);
        u64 m[MODELS] = { k == 0 ? v : 0, k == n - 1 ? v : 0, v / n, u,
                          v * weight_of(won_ms - t[k].at_ms) / weights };
        for (int q = 0; q < MODELS; q++) {
            c->channel[t[k].channel][q] += m[q];
            c->campaign[t[k].campaign][q] += m[q];
        }
    }
}

struct touches {
    struct touch *list;
    u64 count, room;
};

static void touches_add(struct touches *t, struct touch one)
{
    if (t->count == t->room) {
        t->room = t->room == 0 ? 32 : t->room * 2;
        t->list = realloc(t->list, t->room * sizeof *t->list);
    }
    t->list[t->count++] = one;
}

static void credit_part(void *acc, const struct journey_columns *of, const struct journey_part *p)
{
    struct touches *t = p->state;

    for (u32 i = p->first, end = i + p->count; i < end; i++)
        if (is_touch(of->kind[i], of->channel[i]))
            touches_add(t,
                        (struct touch){ of->base_ms + of->at[i], of->campaign[i], of->channel[i] });
        else if (of->kind[i] == DATA_DEAL_WON + 1)
            credit_deal(acc, t->list, t->count, of->base_ms + of->at[i], of->value[i]);
}

PARTS(credit)

static void credit_done(void *acc, void *state, u32 person)
{
    (void)acc;
    (void)person;
    free(((struct touches *)state)->list);
}

static void credit_row(FILE *out, const char *what, int id, const u64 m[MODELS])
{
    if (m[0] + m[1] + m[2] + m[3] + m[4] > 0)
        fprintf(out, "%s,%d,%lu,%lu,%lu,%lu,%lu\n", what, id, m[0], m[1], m[2], m[3], m[4]);
}

static void credit_print(const void *acc, FILE *out)
{
    const struct credit *c = acc;

    for (int i = 0; i < DATA_CHANNELS; i++)
        credit_row(out, "chan", i, c->channel[i]);
    for (int i = 0; i < DATA_CAMPAIGNS; i++)
        credit_row(out, "camp", i, c->campaign[i]);
}

/* ---- retention ---- */
struct retention {
    u64 n[WEEKS][WEEKS];
};

static void retention_part(void *acc, const struct journey_columns *of,
                           const struct journey_part *p)
{
    u64 *weeks = p->state, base = (u64)(of->base_ms - BEGIN_MS), w = (u64)WEEK_MS;
    u64 week = (base + p->begin) / w, last = (base + p->end) / w;

    (void)acc;
    *weeks |= 1ull << week | 1ull << last;
    for (u32 i = p->first; week + 1 < last;) { /* mostly there is nothing between */
        while (base + of->at[i] < (week + 1) * w)
            i++;
        week = (base + of->at[i]) / w;
        *weeks |= 1ull << week;
    }
}

PARTS(retention)

static void retention_done(void *acc, void *state, u32 person)
{
    struct retention *r = acc;
    u64 weeks = *(u64 *)state;
    int cohort = __builtin_ctzll(weeks);

    (void)person;
    for (weeks >>= cohort; weeks != 0; weeks &= weeks - 1)
        r->n[cohort][__builtin_ctzll(weeks)]++;
}

static void retention_print(const void *acc, FILE *out)
{
    const struct retention *r = acc;

    for (int c = 0; c < WEEKS; c++)
        for (int w = 0; w < WEEKS; w++)
            if (r->n[c][w] > 0)
                fprintf(out, "%d,%d,%lu\n", c, w, r->n[c][w]);
}

/* ---- traffic ---- */
struct traffic {
    u64 views[DATA_DAYS], people[DATA_DAYS], visits[DATA_DAYS], page[DATA_PAGES];
};

struct latest {
    i64 at_ms, day; /* 0: none yet; the day + 1 */
};

static void traffic_part(void *acc, const struct journey_columns *of, const struct journey_part *p)
{
    struct traffic *t = acc;
    struct latest *last = p->state;

    for (u32 i = p->first, end = i + p->count; i < end; i++) {
        if (of->channel[i] != 3 || of->country[i] != 3 || of->kind[i] != DATA_PAGEVIEW + 1)
            continue;
        i64 at = of->base_ms + of->at[i], day = (at - BEGIN_MS) / DAY_MS;
        t->views[day]++;
        t->page[of->page[i]]++;
        t->people[day] += day + 1 != last->day;
        t->visits[day] += at - last->at_ms > 1800 * 1000;
        *last = (struct latest){ at, day + 1 };
    }
}

PARTS(traffic)

static const struct journey_row traffic_row = { .kind = DATA_PAGEVIEW + 1,
                                                .channel = 3,
                                                .country = 3 };

static void traffic_print(const void *acc, FILE *out)
{
    const struct traffic *t = acc;
    bool taken[DATA_PAGES] = { false };

    for (int d = 0; d < DATA_DAYS; d++)
        if (t->views[d] > 0)
            fprintf(out, "day,%d,%lu,%lu,%lu\n", d, t->views[d], t->people[d], t->visits[d]);
    for (int rank = 0; rank < 10; rank++) {
        int best = -1;
        for (int p = 0; p < DATA_PAGES; p++)
            if (!taken[p] && t->page[p] > 0 && (best < 0 || t->page[p] > t->page[best]))
                best = p;
        if (best < 0)
            break;
        taken[best] = true;
        fprintf(out, "page,%d,%lu\n", best, t->page[best]);
    }
}

/* ---- paths ---- */
struct paths {
    u64 n[PATHS];
};

static void paths_part(void *acc, const struct journey_columns *of, const struct journey_part *p)
{
    struct paths *paths = acc;
    u64 code = *(u64 *)p->state;

    for (u32 i = p->first, end = i + p->count; i < end; i++)
        if (of->kind[i] == DATA_FORM_SUBMIT + 1)
            paths->n[code]++;
        else if (is_touch(of->kind[i], of->channel[i]) && of->channel[i] != (code & 15))
            code = (code << 4 | of->channel[i]) & (PATHS - 1);
    *(u64 *)p->state = code;
}

PARTS(paths)

static void paths_print(const void *acc, FILE *out)
{
    struct paths p = *(const struct paths *)acc;

    for (int rank = 0; rank < 20; rank++) {
        int best = 0;
        for (int i = 1; i < PATHS; i++)
            if (p.n[i] > p.n[best])
                best = i;
        if (p.n[best] > 0)
            fprintf(out, "%d,%d,%d,%lu\n", best >> 8, best >> 4 & 15, best & 15, p.n[best]);
        p.n[best] = 0;
    }
}

#define YEAR DATA_BEGIN_S * 1000ll, (DATA_BEGIN_S + DATA_YEAR_S) * 1000ll
#define JUNE 1748736000000, 1751328000000
#define FUNNEL                                                           \
    READ_CHANNEL, { DATA_PAGEVIEW + 1 }, 1, NULL, sizeof(struct funnel), \
        { sizeof(struct chain), funnel_parts, funnel_done }, funnel_print
#define TRAFFIC                                                                      \
    READ_CHANNEL | READ_COUNTRY | READ_PAGE, { DATA_PAGEVIEW + 1 }, 1, &traffic_row, \
        sizeof(struct traffic), { sizeof(struct latest), traffic_parts, NULL }, traffic_print
const struct bench_report bench_reports[] = {
    { "q1y", YEAR, FUNNEL },
    { "q1m", JUNE, FUNNEL },
    { "q2",
      YEAR,
      READ_CHANNEL | READ_CAMPAIGN | READ_VALUE,
      { DATA_DEAL_WON + 1 },
      1,
      NULL,
      sizeof(struct credit),
      { sizeof(struct touches), credit_parts, credit_done },
      credit_print },
    { "q3",
      YEAR,
      READ_TIME,
      { 0 },
      0,
      NULL,
      sizeof(struct retention),
      { sizeof(u64), retention_parts, retention_done },
      retention_print },
    { "q4y", YEAR, TRAFFIC },
    { "q4m", JUNE, TRAFFIC },
    { "q5",
      YEAR,
      READ_CHANNEL,
      { DATA_FORM_SUBMIT + 1 },
      1,
      NULL,
      sizeof(struct paths),
      { sizeof(u64), paths_parts, NULL },
      paths_print },
};
const size_t bench_report_count = countof(bench_reports);
