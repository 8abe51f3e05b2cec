/* question.c -- from questions to answers: which leaves a question needs, what is asked in SQL and
 * what in the walk, and how the numbers come together. */
#include "base/utf8.h"
#include "kit/kit.h"
#include "kit/question_int.h"
#include "kit/show.h"
#include <math.h>
#include <stdlib.h>

/* A question on its way: value and numerator or denominator, each now and before. */
enum { NOW, BEFORE, TIMES };
enum { TOP, BOTTOM, ORDER, SIDES }; /* ORDER: what groups are ranked by, only now */
struct asked {
    const struct question *q;
    const struct metric *metric;
    struct buckets buckets[TIMES];
    struct leaf leaves[TIMES][SIDES];
    bool compared, by_time;
};

/* A group of the answer: what each leaf says of one key. */
struct group {
    const char *key, *label;
    struct cell cells[TIMES][SIDES];
    bool said[TIMES][SIDES];
};

/* ---- metrics ---- */
const struct metric *const *metric_all(struct ctx *cx, size_t *count)
{
    size_t features, n = 0;
    const struct feature *const *f = kit_features(cx->kit, &features);
    const struct metric **all;

    for (size_t i = 0; i < features; i++)
        n += f[i]->metric_count;
    all = NEW_N(cx->arena, const struct metric *, n + 1);
    *count = 0;
    for (size_t i = 0; i < features; i++)
        for (size_t j = 0; j < f[i]->metric_count; j++)
            all[(*count)++] = &f[i]->metrics[j];
    return all;
}

const struct metric *metric_find(struct ctx *cx, const char *name)
{
    size_t features;
    const struct feature *const *f = kit_features(cx->kit, &features);

    for (size_t i = 0; i < features; i++)
        for (size_t j = 0; j < f[i]->metric_count; j++)
            if (text_is(f[i]->metrics[j].name, name))
                return &f[i]->metrics[j];
    return NULL;
}

const char *metric_show(struct ctx *cx, const struct metric *m, double value)
{
    struct money money = { .minor = (i64)llround(value) };

    switch (m->unit) {
    case UNIT_MONEY:
        memcpy(money.currency, base_currency(cx), 3);
        return money_short(cx->arena, money);
    case UNIT_RATIO:
        return arena_printf(cx->arena, fabs(value) < 0.9995 ? "%.1f %%" : "%.0f %%", value * 100);
    case UNIT_DAYS:
        return arena_printf(cx->arena, "%.1f days", value);
    case UNIT_NUMBER:
        return arena_printf(cx->arena, "%.1f", value);
    case UNIT_HOURS:
        return arena_printf(cx->arena, "%.1f hours", value);
    case UNIT_SECONDS:
        return show_seconds(cx->arena, (i64)llround(value));
    case UNIT_MILLISECONDS:
        return value < 1000 ? arena_printf(cx->arena, "%.0f ms", value)
                            : arena_printf(cx->arena, "%.1f s", value / 1000);
    case UNIT_SCORE:
        return arena_printf(cx->arena, "%.2f", value);
    default:
        return show_number(cx->arena, (i64)llround(value));
    }
}

static bool leaf_allowed(struct ctx *cx, const struct metric *m, const struct question *q)
{
    bool records = m && m->source == METRIC_RECORDS;
    const char *dimension = q->dimension, *filter;
    struct filter_path path;
    enum period_unit unit;
    struct ctx probe = *cx;

    if (m == NULL || m->source == METRIC_DIVIDED ||
        access_scope(cx->access, records ? m->type : "journey", VERB_READ) == SCOPE_NONE)
        return false;
    ctx_clear_error(&probe);
    if (records && where_filter(&probe, m, q, &filter) != OK)
        return false;
    if (text_empty(dimension))
        return true;
    if (dimension_is_time(dimension, &unit))
        return !records || m->time == AT_PERIOD;
    return records ? dimension_path(&probe, m, dimension, &path) == OK
                   : dimension_find(cx, dimension) != NULL;
}

bool question_allowed(struct ctx *cx, const struct question *q)
{
    const struct metric *m = metric_find(cx, q->metric);

    if (m && m->source == METRIC_DIVIDED)
        return leaf_allowed(cx, metric_find(cx, m->numerator), q) &&
               leaf_allowed(cx, metric_find(cx, m->denominator), q);
    return leaf_allowed(cx, m, q);
}

/* ---- leaves ---- */
static enum status check_question(struct ctx *cx, struct asked *a)
{
    const struct question *q = a->q;
    enum period_unit unit;

    a->metric = metric_find(cx, q->metric ? q->metric : "");
    if (a->metric == NULL)
        return ctx_fail_code(
            cx, E_INVALID, "question.metric",
            "There is no metric '%s'. See /api/v1/metrics for those that there are.",
            utf8_cut(cx->arena, q->metric ? q->metric : "", 60));
    TRY(question_check_where(cx, q));
    if (q->from_ms >= q->to_ms)
        return ctx_fail_code(cx, E_INVALID, "question.period",
                             "The period must end after it begins.");
    a->by_time = !text_empty(q->dimension) && dimension_is_time(q->dimension, &unit);
    a->compared = q->compare_from_ms < q->compare_to_ms;
    if (a->by_time) {
        TRY(buckets_make(cx, unit, q->from_ms, q->to_ms, &a->buckets[NOW]));
        TRY(buckets_make(cx, unit, q->compare_from_ms, q->compare_to_ms, &a->buckets[BEFORE]));
    }
    return OK;
}

static enum status set_leaf(struct ctx *cx, struct asked *a, int time, int side,
                            const struct metric *m)
{
    struct leaf *l = &a->leaves[time][side];

    if (m == NULL || m->source == METRIC_DIVIDED)
        return ctx_fail(cx, E_INVALID,
                        "The metric '%s' divides, or is ordered by, what is no number of its own.",
                        a->metric->name);
    if (a->by_time && m->source == METRIC_RECORDS && m->time == AT_NOW)
        return ctx_fail_code(cx, E_INVALID, "question.no_history",
                             "%s is a state: it is known for now only, not by %s.", m->label,
                             a->q->dimension);
    *l = (struct leaf){ .metric = m,
                        .q = a->q,
                        .filter = "",
                        .from_ms = time == NOW ? a->q->from_ms : a->q->compare_from_ms,
                        .to_ms = time == NOW ? a->q->to_ms : a->q->compare_to_ms,
                        .buckets = a->by_time ? &a->buckets[time] : NULL };
    if (m->source == METRIC_RECORDS)
        return where_filter(cx, m, a->q, &l->filter);
    return OK;
}

static enum status set_leaves(struct ctx *cx, struct asked *a)
{
    const struct metric *m = a->metric, *top = m, *bottom = NULL;

    if (m->source == METRIC_DIVIDED) {
        top = metric_find(cx, m->numerator);
        bottom = metric_find(cx, m->denominator);
    }
    /* What is only known for now was not known before. */
    if (top && top->source == METRIC_RECORDS && top->time == AT_NOW)
        a->compared = false;
    for (int time = NOW; time <= (a->compared ? BEFORE : NOW); time++) {
        TRY(set_leaf(cx, a, time, TOP, top));
        if (m->source == METRIC_DIVIDED)
            TRY(set_leaf(cx, a, time, BOTTOM, bottom));
    }
    if (!text_empty(a->q->order))
        return set_leaf(cx, a, NOW, ORDER, metric_find(cx, a->q->order));
    return OK;
}

/* ---- putting together ---- */
static bool is_average(const struct metric *m)
{
    return m->source == METRIC_JOURNEY
               ? m->counts == MEAN_OF_EVENTS || m->counts == MEAN_OF_PAGES ||
                     m->counts == MEAN_OF_DEEPEST
               : m->source == METRIC_RECORDS && m->aggregate == AGG_AVG;
}

static bool is_median(const struct metric *m)
{
    return m->source == METRIC_JOURNEY ? m->counts == P75_OF_EVENTS
                                       : m->source == METRIC_RECORDS && m->aggregate == AGG_MEDIAN;
}

/* What a leaf says of a key that it does not have. */
static struct cell nothing(const struct leaf *l)
{
    return (struct cell){ .defined = !is_average(l->metric) && !is_median(l->metric) };
}

static bool is_divided(const struct asked *a) { return a->metric->source == METRIC_DIVIDED; }

static struct cell settle(const struct asked *a, const struct cell sides[SIDES])
{
    struct cell c = { .defined =
                          sides[TOP].defined && sides[BOTTOM].defined && sides[BOTTOM].value != 0 };

    if (!is_divided(a))
        return sides[TOP];
    if (c.defined)
        c.value = sides[TOP].value / sides[BOTTOM].value;
    return c;
}

/* Adds a group to "(other)". People and medians do not add up: of them nothing is known then. */
static void fold_in(const struct asked *a, struct group *other, const struct group *g)
{
    for (int time = NOW; time < TIMES; time++) {
        for (int side = TOP; side < SIDES; side++) {
            const struct leaf *l = &a->leaves[time][side];
            struct cell *to = &other->cells[time][side];
            const struct cell *from = &g->cells[time][side];
            if (l->metric == NULL)
                continue;
            bool average = is_average(l->metric);
            bool adds = l->metric->source == METRIC_JOURNEY
                            ? !l->overlaps
                            : average || l->metric->aggregate == AGG_COUNT ||
                                  l->metric->aggregate == AGG_SUM;
            to->count += from->count;
            to->sum += from->sum;
            to->value = average && to->count ? (double)to->sum / (double)to->count / l->unit
                                             : to->value + from->value;
            to->defined = adds && (!average || to->count > 0);
        }
    }
}

/* ---- groups ---- */
struct entry {
    const char *fold; /* by which keys are matched; "" for what is not known */
    const struct cell *cell;
    int time, side;
};

static int by_fold(const void *a, const void *b)
{
    return strcmp(((const struct entry *)a)->fold, ((const struct entry *)b)->fold);
}

static struct entry *entries_of(struct ctx *cx, const struct asked *a, size_t *count)
{
    struct entry *all;
    size_t n = 0;
    bool records = false; /* whose texts are compared without case; journeys tell /a from /A */

    for (int i = 0; i < TIMES * SIDES; i++) {
        const struct leaf *l = &a->leaves[i / SIDES][i % SIDES];
        n += l->count;
        records |= l->metric && l->metric->source == METRIC_RECORDS;
    }
    all = NEW_N(cx->arena, struct entry, n + 1);
    *count = 0;
    for (int i = 0; i < TIMES * SIDES; i++) {
        const struct leaf *l = &a->leaves[i / SIDES][i % SIDES];
        for (size_t j = 0; j < l->count; j++) {
            const char *key = l->cells[j].key ? l->cells[j].key : "";
            all[(*count)++] = (struct entry){ records ? utf8_fold(cx->arena, key) : key,
                                              &l->cells[j], i / SIDES, i % SIDES };
        }
    }
    qsort(all, *count, sizeof *all, by_fold);
    return all;
}

static struct group new_group(const struct asked *a)
{
    struct group g = { 0 };

    for (int i = 0; i < TIMES * SIDES; i++)
        if (a->leaves[i / SIDES][i % SIDES].metric)
            g.cells[i / SIDES][i % SIDES] = nothing(&a->leaves[i / SIDES][i % SIDES]);
    return g;
}

/* Where records meet journeys, several keys of these may be one. */
static void add_cell(struct group *g, const struct entry *e)
{
    struct cell *to = &g->cells[e->time][e->side];
    bool *said = &g->said[e->time][e->side];

    if (*said) {
        to->count += e->cell->count;
        to->value += e->cell->value;
    } else {
        *to = *e->cell;
    }
    *said = true;
}

static struct group *groups_by_key(struct ctx *cx, const struct asked *a, size_t *count)
{
    size_t n;
    struct entry *all = entries_of(cx, a, &n);
    struct group *groups = NEW_N(cx->arena, struct group, n + 1);

    *count = 0;
    for (size_t i = 0; i < n; i++) {
        if (i == 0 || strcmp(all[i].fold, all[i - 1].fold) != 0)
            groups[(*count)++] = new_group(a);
        struct group *g = &groups[*count - 1];
        add_cell(g, &all[i]);
        if (g->key == NULL || all[i].time == NOW) {
            g->key = all[i].cell->key;
            g->label = all[i].cell->label;
        }
    }
    return groups;
}

static struct group *groups_by_time(struct ctx *cx, const struct asked *a, size_t *count)
{
    const struct leaf *first = &a->leaves[NOW][TOP];
    struct group *groups = NEW_N(cx->arena, struct group, first->count + 1);

    *count = first->count;
    for (size_t i = 0; i < first->count; i++) {
        groups[i] = new_group(a);
        groups[i].key = first->cells[i].key;
        groups[i].label = first->cells[i].label;
        for (int j = 0; j < TIMES * SIDES; j++) {
            const struct leaf *l = &a->leaves[j / SIDES][j % SIDES];
            if (i < l->count)
                groups[i].cells[j / SIDES][j % SIDES] = l->cells[i];
            else /* the time before is shorter: it is compared with as much as is over */
                groups[i].cells[j / SIDES][j % SIDES].defined = false;
        }
    }
    return groups;
}

struct ranked {
    const struct group *group;
    struct cell now;
};

/* The greatest first; those of which nothing is known last. */
static int by_value(const void *pa, const void *pb)
{
    const struct ranked *a = pa, *b = pb;

    if (a->now.defined != b->now.defined)
        return a->now.defined ? -1 : 1;
    if (a->now.value != b->now.value)
        return a->now.value > b->now.value ? -1 : 1;
    if (a->group->key == NULL || b->group->key == NULL)
        return (a->group->key == NULL) - (b->group->key == NULL);
    return strcmp(a->group->key, b->group->key);
}

/* ---- the answer ---- */
static void put_number(struct ctx *cx, const struct metric *m, const char *name,
                       const struct cell *c, struct val *into)
{
    bool whole = m->unit == UNIT_COUNT || m->unit == UNIT_MONEY || m->unit == UNIT_POINTS;

    if (!c->defined)
        val_put_null(into, name);
    else if (whole && m->source != METRIC_DIVIDED)
        val_put_i64(into, name, llround(c->value));
    else
        val_put(into, name, val_double(cx->arena, c->value));
}

static void put_cells(struct ctx *cx, const struct asked *a, const struct cell cells[TIMES][SIDES],
                      struct val *into)
{
    struct cell now = settle(a, cells[NOW]), before = { 0 };

    if (a->compared)
        before = settle(a, cells[BEFORE]);
    put_number(cx, a->metric, "value", &now, into);
    val_put_text(into, "text", now.defined ? metric_show(cx, a->metric, now.value) : "");
    put_number(cx, a->metric, "before", &before, into);
    if (now.defined && before.defined && before.value != 0)
        val_put_double(into, "change", (now.value - before.value) / fabs(before.value));
    else
        val_put_null(into, "change");
}

static void put_group(struct ctx *cx, const struct asked *a, const struct group *g, bool other,
                      struct val *list)
{
    struct val *one = val_add_map(list);
    const char *key = other ? "(other)" : g->key;

    if (key)
        val_put_text(one, "key", key);
    else
        val_put_null(one, "key");
    val_put_text(one, "label", other ? "Other" : !key ? "Not known" : g->label ? g->label : key);
    put_cells(cx, a, g->cells, one);
    val_put_text(one, "unit", metric_unit_word(a->metric));
    val_put_bool(one, "less_is_better", a->metric->less_is_better);
    val_put_text(one, "rows_path", other ? "" : question_rows_path(cx, a->q, key ? key : ""));
}

static void put_groups(struct ctx *cx, const struct asked *a, struct val *answer)
{
    struct val *list = val_put_list(answer, "groups");
    size_t count = 0, limit = a->q->limit > 0 ? (size_t)a->q->limit : GROUPS_DEFAULT;
    struct group *groups, other;

    if (text_empty(a->q->dimension))
        return;
    groups = a->by_time ? groups_by_time(cx, a, &count) : groups_by_key(cx, a, &count);
    if (a->by_time) {
        for (size_t i = 0; i < count; i++)
            put_group(cx, a, &groups[i], false, list);
        return;
    }
    struct ranked *ranked = NEW_N(cx->arena, struct ranked, count + 1);
    for (size_t i = 0; i < count; i++)
        ranked[i] =
            (struct ranked){ &groups[i], text_empty(a->q->order) ? settle(a, groups[i].cells[NOW])
                                                                 : groups[i].cells[NOW][ORDER] };
    qsort(ranked, count, sizeof *ranked, by_value);
    other = new_group(a);
    for (size_t i = 0; i < count; i++) {
        if (i < limit)
            put_group(cx, a, ranked[i].group, false, list);
        else
            fold_in(a, &other, ranked[i].group);
    }
    if (count > limit)
        put_group(cx, a, &other, true, list);
}

const char *metric_unit_word(const struct metric *m)
{
    static const char *const words[] = { "count",  "money",  "ratio",   "days",         "hours",
                                         "points", "number", "seconds", "milliseconds", "score" };

    return words[m->unit];
}

static struct val *answer_of(struct ctx *cx, const struct asked *a)
{
    struct val *answer = val_map(cx->arena);
    struct cell totals[TIMES][SIDES];

    for (int i = 0; i < TIMES * SIDES; i++)
        totals[i / SIDES][i % SIDES] = a->leaves[i / SIDES][i % SIDES].total;
    val_put_text(answer, "metric", a->metric->name);
    val_put_text(answer, "label", a->metric->label);
    val_put_text(answer, "unit", metric_unit_word(a->metric));
    if (a->metric->unit == UNIT_MONEY)
        val_put_text(answer, "currency", base_currency(cx));
    val_put_text(answer, "definition", a->metric->definition);
    val_put_bool(answer, "less_is_better", a->metric->less_is_better);
    val_put_text(answer, "dimension", a->q->dimension ? a->q->dimension : "");
    val_put_bool(answer, "compared", a->compared);
    val_put_text(answer, "from", time_iso(cx->arena, a->q->from_ms));
    val_put_text(answer, "to", time_iso(cx->arena, a->q->to_ms));
    put_cells(cx, a, totals, answer);
    val_put_text(answer, "rows_path", question_rows_path(cx, a->q, NULL));
    put_groups(cx, a, answer);
    return answer;
}

/* ---- asking ---- */
static bool same_text(const char *a, const char *b) { return text_is(a ? a : "", b ? b : ""); }

/* An earlier leaf that asks the very same: pages ask for a number as a tile and as a part of a
 * ratio. */
static struct leaf *find_twin(struct leaf **asked, size_t count, const struct leaf *l)
{
    for (size_t i = 0; i < count; i++)
        if (asked[i]->metric == l->metric && asked[i]->from_ms == l->from_ms &&
            asked[i]->to_ms == l->to_ms && same_text(asked[i]->q->dimension, l->q->dimension) &&
            same_text(asked[i]->q->filter, l->q->filter) && where_same(asked[i]->q, l->q))
            return asked[i];
    return NULL;
}

static enum status ask_leaves(struct ctx *cx, struct asked *all, size_t count)
{
    size_t most = count * TIMES * SIDES, n = 0, walks = 0, twins = 0;
    struct leaf **asked = NEW_N(cx->arena, struct leaf *, most);
    struct leaf **walked = NEW_N(cx->arena, struct leaf *, most);
    struct leaf *(*pairs)[2] = arena_alloc(cx->arena, most, sizeof *pairs);

    for (size_t i = 0; i < most; i++) {
        struct leaf *l = &all[i / (TIMES * SIDES)].leaves[i / SIDES % TIMES][i % SIDES];
        struct leaf *twin = l->metric ? find_twin(asked, n, l) : NULL;
        if (l->metric == NULL)
            continue;
        if (twin) {
            pairs[twins][0] = l;
            pairs[twins++][1] = twin;
            continue;
        }
        asked[n++] = l;
        l->unit = 1;
        if (l->metric->source == METRIC_JOURNEY)
            walked[walks++] = l;
        else
            TRY(leaf_ask_records(cx, l));
    }
    TRY(leaves_ask_journey(cx, walked, walks));
    for (size_t i = 0; i < twins; i++) {
        pairs[i][0]->total = pairs[i][1]->total;
        pairs[i][0]->cells = pairs[i][1]->cells;
        pairs[i][0]->count = pairs[i][1]->count;
        pairs[i][0]->unit = pairs[i][1]->unit;
        pairs[i][0]->overlaps = pairs[i][1]->overlaps;
    }
    return OK;
}

enum status question_ask_many(struct ctx *cx, const struct question *qs, size_t count,
                              struct val **answers)
{
    struct asked *all = NEW_N(cx->arena, struct asked, count + 1);

    if (count > QUESTIONS_MAX)
        return ctx_fail_code(cx, E_LIMIT, "question.too_many", "At most %d questions at once.",
                             QUESTIONS_MAX);
    for (size_t i = 0; i < count; i++) {
        all[i].q = &qs[i];
        TRY(check_question(cx, &all[i]));
        TRY(set_leaves(cx, &all[i]));
    }
    TRY(ask_leaves(cx, all, count));
    for (size_t i = 0; i < count; i++)
        answers[i] = answer_of(cx, &all[i]);
    return OK;
}

enum status question_ask(struct ctx *cx, const struct question *q, struct val **answer)
{
    return question_ask_many(cx, q, 1, answer);
}
