/* question_target.c -- what numbers aim at. Targets are records of the type "target", where the
 * program has one: metric, dimension and value (empty: the whole), period, amount, from_date,
 * until_date. This file reads them and says how much is aimed at in any stretch of time.
 *
 * Amounts    as people say them: money in major units of the base currency, shares in percent.
 * Which      of several for the same thing the one with the latest from_date rules, until the day
 *            of the next or its own until_date.
 * How much   counts and sums: each calendar month, quarter or year gives the part of its amount
 *            that the stretch covers of it. Means and shares: the amount, or the mean over the
 *            stretch where it changed. States: the amount that rules at the end. */
#include "base/limits.h"
#include "kit/kit.h"
#include "kit/question_int.h"
#include <stdlib.h>

enum { PARTS_MAX = 5000 };

struct target {
    const char *metric, *dimension, *value;
    enum period_unit unit;
    double amount;
    i64 from_ms, until_ms; /* until_ms: INT64_MAX where it is open */
};

struct targets {
    struct target *list; /* by from_ms */
    size_t count, cap;
    struct arena *arena;
    int metric, dimension, value, period, amount, from, until; /* fields of the type */
};

/* ---- reading ---- */
static enum period_unit unit_of(const char *word)
{
    static const struct {
        const char *word;
        enum period_unit unit;
    } units[] = { { "week", PERIOD_WEEK },
                  { "month", PERIOD_MONTH },
                  { "quarter", PERIOD_QUARTER },
                  { "year", PERIOD_YEAR } };

    for (size_t i = 0; i < countof(units); i++)
        if (text_is(units[i].word, word))
            return units[i].unit;
    return PERIOD_MONTH;
}

static enum status add_target(struct ctx *cx, struct row *r, void *arg)
{
    struct targets *all = arg;
    const struct zone *zone = kit_zone(cx);
    const struct metric *m = metric_find(cx, row_text(r, all->metric));

    if (m == NULL) /* of a feature that is no more */
        return OK;

    if (all->count == all->cap) {
        size_t cap = all->cap ? all->cap * 2 : 16;
        struct target *more = NEW_N(all->arena, struct target, cap);
        if (all->count)
            memcpy(more, all->list, all->count * sizeof *more);
        all->list = more;
        all->cap = cap;
    }
    all->list[all->count++] = (struct target){
        .metric = arena_text(all->arena, row_text(r, all->metric)),
        .dimension = arena_text(all->arena, row_text(r, all->dimension)),
        .value = arena_text(all->arena, row_text(r, all->value)),
        .unit = unit_of(row_text(r, all->period)),
        .amount = metric_amount(cx, m, row_i64(r, all->amount)),
        .from_ms = zone_instant(zone, row_i64(r, all->from), 0),
        .until_ms =
            row_has(r, all->until) ? zone_instant(zone, row_i64(r, all->until) + 1, 0) : INT64_MAX,
    };
    return OK;
}

static int by_start(const void *pa, const void *pb)
{
    const struct target *a = pa, *b = pb;

    return (a->from_ms > b->from_ms) - (a->from_ms < b->from_ms);
}

enum status targets_read(struct ctx *cx, const struct targets **out)
{
    const struct record_type *t = type_find(cx, "target");
    struct targets *all = NEW(cx->arena, struct targets);

    *out = all;
    if (t == NULL || access_scope(cx->access, t->name, VERB_READ) == SCOPE_NONE)
        return OK;
    *all = (struct targets){ .arena = cx->arena,
                             .metric = type_field(t, "metric"),
                             .dimension = type_field(t, "dimension"),
                             .value = type_field(t, "value"),
                             .period = type_field(t, "period"),
                             .amount = type_field(t, "amount"),
                             .from = type_field(t, "from_date"),
                             .until = type_field(t, "until_date") };
    TRY(list_each(cx, t, "", add_target, all));
    if (all->count)
        qsort(all->list, all->count, sizeof *all->list, by_start);
    return OK;
}

/* ---- how much is aimed at ---- */
static bool is_for(const struct target *t, const struct metric *m, const char *dimension,
                   const char *value)
{
    return text_is(t->metric, m->name) && text_is(t->dimension, dimension) &&
           text_is(t->value, value);
}

static bool adds_up(const struct metric *m)
{
    return !metric_is_mean(m) && !metric_is_derived(m) && !metric_is_state(m);
}

/* The share of calendar periods that lie in [from, to): 1.5 are a month and half of the next. */
static double periods_in(const struct zone *zone, enum period_unit unit, i64 from_ms, i64 to_ms)
{
    double sum = 0;
    i64 at = from_ms;

    for (int i = 0; at < to_ms && i < PARTS_MAX; i++) {
        i64 start = zone_start(zone, unit, at, 0), end = zone_start(zone, unit, at, 1);
        i64 stop = end < to_ms ? end : to_ms;
        sum += (double)(stop - at) / (double)(end - start);
        at = stop;
    }
    return sum;
}

/* From a target's beginning until its end or that of the next for the same thing. */
static i64 rules_until(const struct targets *all, size_t i, const struct metric *m)
{
    const struct target *t = &all->list[i];
    i64 end = t->until_ms;

    for (size_t j = i + 1; j < all->count; j++) {
        const struct target *next = &all->list[j];
        if (is_for(next, m, t->dimension, t->value) && next->from_ms < end)
            return next->from_ms;
    }
    return end;
}

bool target_value(struct ctx *cx, const struct targets *all, const struct metric *m,
                  const char *dimension, const char *key, i64 from_ms, i64 to_ms, double *value)
{
    double sum = 0, time = 0, last = 0;
    bool found = false;

    for (size_t i = 0; i < all->count; i++) {
        const struct target *t = &all->list[i];
        if (!is_for(t, m, dimension, key))
            continue;
        i64 until = rules_until(all, i, m);
        i64 first = t->from_ms > from_ms ? t->from_ms : from_ms;
        i64 stop = until < to_ms ? until : to_ms;
        if (first >= stop)
            continue;
        found = true;
        last = t->amount;
        time += (double)(stop - first);
        sum += t->amount * (adds_up(m) ? periods_in(kit_zone(cx), t->unit, first, stop)
                                       : (double)(stop - first));
    }
    *value = adds_up(m) ? sum : metric_is_state(m) || time == 0 ? last : sum / time;
    return found;
}

/* What a question's whole, or its group `key`, is a part of: "channel", "email". False: of
 * something that no target is for. */
static bool part_of(const struct question *q, const char *key, const char **dimension,
                    const char **value)
{
    bool one = key == NULL && q->where_count == 1;

    *dimension = key ? q->dimension : one ? q->where[0].dimension : "";
    *value = key ? key : one ? q->where[0].value : "";
    return text_empty(q->filter) && q->where_count <= (key ? 0 : 1);
}

bool target_asked(struct ctx *cx, const struct targets *all, const struct question *q,
                  const struct metric *m, const char *key, i64 from_ms, i64 to_ms, double *value)
{
    const char *dimension, *of;

    return all->count > 0 && part_of(q, key, &dimension, &of) &&
           target_value(cx, all, m, dimension, of, from_ms, to_ms, value);
}

/* "dimension = 'channel'": as a filter says that a text is this one, or none. */
static void add_test(struct buf *b, const char *field, const char *text)
{
    if (text[0] == '\0') {
        buf_printf(b, " and %s is empty", field);
        return;
    }
    buf_printf(b, " and %s = '", field);
    for (; *text; text++)
        buf_printf(b, *text == '\'' ? "''" : "%c", *text);
    buf_char(b, '\'');
}

const char *targets_path(struct ctx *cx, const struct question *q, const struct metric *m,
                         const char *key, i64 from_ms, i64 to_ms)
{
    const struct record_type *t = type_find(cx, "target");
    const struct zone *zone = kit_zone(cx);
    const char *dimension, *value;
    struct buf b = buf_in(cx->arena, LIMIT_HEADER_BYTES);

    if (t == NULL || !part_of(q, key, &dimension, &value))
        return "";
    buf_printf(&b, "metric = '%s'", m->name);
    add_test(&b, "dimension", dimension);
    add_test(&b, "value", value);
    buf_printf(&b, " and from_date < %s and (until_date is empty or until_date >= %s)",
               date_iso(cx->arena, zone_day(zone, to_ms - 1) + 1),
               date_iso(cx->arena, zone_day(zone, from_ms)));
    return arena_printf(cx->arena, "/%s?filter=%s", t->path,
                        http_url_encode(cx->arena, buf_end(&b)));
}

/* ---- as a number of its own ---- */
static void set_cell(struct ctx *cx, const struct targets *all, const struct leaf *l,
                     const char *key, i64 from_ms, i64 to_ms, struct cell *c)
{
    const struct metric *m = metric_find(cx, l->metric->target_of);

    c->defined = target_asked(cx, all, l->q, m, key, from_ms, to_ms, &c->value);
}

static bool has_key(const struct leaf *l, const char *key)
{
    for (size_t i = 0; i < l->count; i++)
        if (text_is(l->cells[i].key, key))
            return true;
    return false;
}

void leaf_ask_targets(struct ctx *cx, const struct targets *all, struct leaf *l)
{
    const char *dimension = l->q->dimension;

    set_cell(cx, all, l, NULL, l->from_ms, l->to_ms, &l->total);
    if (l->buckets) {
        l->count = l->buckets->count;
        l->cells = bucket_cells(cx, l->buckets);
        for (size_t i = 0; i < l->count; i++)
            set_cell(cx, all, l, NULL, l->buckets->starts[i],
                     i + 1 < l->count ? l->buckets->starts[i + 1] : l->to_ms, &l->cells[i]);
    } else if (!text_empty(dimension)) {
        l->cells = NEW_N(cx->arena, struct cell, all->count + 1);
        for (size_t i = 0; i < all->count; i++) {
            const struct target *t = &all->list[i];
            struct cell c = { .key = t->value };
            if (!text_is(t->dimension, dimension) || !text_is(t->metric, l->metric->target_of) ||
                has_key(l, t->value))
                continue;
            set_cell(cx, all, l, t->value, l->from_ms, l->to_ms, &c);
            if (c.defined)
                l->cells[l->count++] = c;
        }
    }
}
