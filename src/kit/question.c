/* question.c -- from questions to answers: which leaves a question needs, what is asked in SQL and
 * what in the walk, and how the numbers come together. */
#include "base/utf8.h"
#include "kit/answers.h"
#include "kit/kit.h"
#include "kit/question_int.h"
#include "kit/show.h"
#include <math.h>
#include <stdlib.h>

/* A question on its way: the parts that its metric is worked out of, each now and before, and what
 * groups are ranked by, only now. */
enum { NOW, BEFORE, TIMES };
struct asked {
    const struct question *q;
    const struct metric *metric;
    const struct targets *targets;
    struct formula formula;
    struct buckets buckets[TIMES];
    int width, order;    /* leaves at one time; which of them ranks groups, or -1 */
    struct leaf *leaves; /* TIMES * width: those of NOW first */
    bool compared, by_time;
};

/* A group of the answer: what each leaf says of one key. */
struct group {
    const char *key, *label;
    const char *key_before; /* of time: what stood in its place */
    struct cell *cells;     /* as leaves */
    bool *said;
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

const struct choice *metric_choices(struct ctx *cx)
{
    size_t count;
    const struct metric *const *all = metric_all(cx, &count);
    struct choice *list = NEW_N(cx->arena, struct choice, count + 1);

    for (size_t i = 0; i < count; i++)
        list[i] = (struct choice){ all[i]->name, all[i]->label, NULL };
    return list;
}

double metric_amount(struct ctx *cx, const struct metric *m, i64 hundredths)
{
    double amount = (double)hundredths / 100;

    if (m->unit == UNIT_RATIO)
        return amount / 100;
    for (int i = m->unit == UNIT_MONEY ? currency_digits(base_currency(cx)) : 0; i > 0; i--)
        amount *= 10;
    return amount;
}

/* What rounds to nothing has no sign. */
static const char *without_minus(const char *text)
{
    return text[0] == '-' && strpbrk(text, "123456789") == NULL ? text + 1 : text;
}

static const char *show(struct ctx *cx, const struct metric *m, double value)
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
                            : arena_printf(cx->arena, "%.2f s", value / 1000);
    case UNIT_SCORE:
        return arena_printf(cx->arena, "%.2f", value);
    default:
        return show_number(cx->arena, (i64)llround(value));
    }
}

const char *metric_show(struct ctx *cx, const struct metric *m, double value)
{
    return without_minus(show(cx, m, value));
}

static bool records_allowed(struct ctx *cx, const struct metric *m, const struct question *q)
{
    const char *dimension = q->dimension, *filter;
    struct filter_path path;
    enum period_unit unit;
    struct ctx probe = *cx;

    ctx_clear_error(&probe);
    if (where_filter(&probe, m, q, &filter) != OK)
        return false;
    return text_empty(dimension) || dimension_is_time(dimension, &unit) ||
           dimension_path(&probe, m, dimension, &path) == OK;
}

static bool leaf_allowed(struct ctx *cx, const struct metric *m, const struct question *q)
{
    enum period_unit unit;

    switch (m->source) {
    case METRIC_RECORDS:
        return access_scope(cx->access, m->type, VERB_READ) != SCOPE_NONE &&
               records_allowed(cx, m, q);
    case METRIC_JOURNEY:
        return access_scope(cx->access, "journey", VERB_READ) != SCOPE_NONE &&
               (text_empty(q->dimension) || dimension_is_time(q->dimension, &unit) ||
                dimension_find(cx, q->dimension) != NULL);
    default: { /* who may see the number may see what is aimed at */
        struct question aimed = *q;
        aimed.metric = m->target_of;
        return question_allowed(cx, &aimed);
    }
    }
}

bool question_allowed(struct ctx *cx, const struct question *q)
{
    const struct metric *m = metric_find(cx, q->metric);
    struct formula f;
    struct ctx probe = *cx;

    ctx_clear_error(&probe);
    if (m == NULL || formula_of(&probe, m, &f) != OK)
        return false;
    for (int i = 0; i < f.part_count; i++)
        if (!leaf_allowed(cx, f.parts[i], q))
            return false;
    return true;
}

/* ---- leaves ---- */
bool metric_is_state(const struct metric *m)
{
    return m->source == METRIC_RECORDS && m->time != AT_PERIOD;
}

bool metric_is_total(const struct metric *m)
{
    return metric_is_state(m) && (m->time == TO_END || m->time == TO_START);
}

void total_range(struct ctx *cx, const struct metric *m, i64 limit, i64 *from_ms, i64 *to_ms)
{
    i64 last = limit && limit < ctx_now(cx) ? limit : ctx_now(cx);

    if (m->time == TO_START)
        *to_ms = *from_ms;
    *to_ms = *to_ms < last ? *to_ms : last;
    *from_ms = TIME_NONE;
}

i64 state_instant(struct ctx *cx, const struct metric *m, i64 from_ms, i64 to_ms, i64 limit)
{
    i64 at = metric_is_total(m) ? ctx_now(cx) : m->time == AT_START ? from_ms : to_ms;

    if (limit && at > limit)
        at = limit;
    return at >= ctx_now(cx) ? 0 : at;
}

struct then then_enter(struct ctx *cx, i64 as_of_ms)
{
    struct then t = { cx, cx->clock };

    if (as_of_ms) {
        cx->clock = NEW(cx->arena, struct clock);
        cx->clock->fixed_ms = as_of_ms - 1;
    }
    return t;
}

void then_leave(struct then *t) { t->cx->clock = t->before; }

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
    TRY(formula_of(cx, a->metric, &a->formula));
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

static struct leaf *leaf_at(const struct asked *a, int time, int i)
{
    return &a->leaves[time * a->width + i];
}

static enum status set_leaf(struct ctx *cx, struct asked *a, int time, int i,
                            const struct metric *m)
{
    struct leaf *l = leaf_at(a, time, i);

    *l = (struct leaf){ .metric = m,
                        .q = a->q,
                        .filter = "",
                        .from_ms = time == NOW ? a->q->from_ms : a->q->compare_from_ms,
                        .to_ms = time == NOW ? a->q->to_ms : a->q->compare_to_ms,
                        .as_of_ms = a->q->as_of_ms,
                        .buckets = a->by_time ? &a->buckets[time] : NULL };
    if (m->source == METRIC_RECORDS)
        return where_filter(cx, m, a->q, &l->filter);
    if (m->source == METRIC_JOURNEY && l->as_of_ms && l->to_ms > l->as_of_ms)
        l->to_ms = l->as_of_ms > l->from_ms ? l->as_of_ms : l->from_ms;
    return OK;
}

static enum status set_leaves(struct ctx *cx, struct asked *a)
{
    const struct formula *f = &a->formula;
    const struct metric *order = NULL;

    a->order = -1;
    a->width = f->part_count;
    if (!text_empty(a->q->order)) {
        order = metric_find(cx, a->q->order);
        if (order == NULL || metric_is_derived(order))
            return ctx_fail(cx, E_INVALID,
                            "The metric '%s' is to be ordered by what is no number of its own.",
                            a->metric->name);
        a->order = a->width++;
    }
    a->leaves = NEW_N(cx->arena, struct leaf, (size_t)(TIMES * a->width));
    for (int time = NOW; time <= (a->compared ? BEFORE : NOW); time++)
        for (int i = 0; i < f->part_count; i++)
            TRY(set_leaf(cx, a, time, i, f->parts[i]));
    return order ? set_leaf(cx, a, NOW, a->order, order) : OK;
}

enum status leaf_make(struct ctx *cx, const struct question *q, struct leaf *out)
{
    struct asked *a = NEW(cx->arena, struct asked);

    a->q = q;
    TRY(check_question(cx, a));
    if (metric_is_derived(a->metric) || a->metric->source == METRIC_TARGET)
        return ctx_fail_code(cx, E_INVALID, "question.rows",
                             "%s is worked out from other numbers: its parts have the rows.",
                             a->metric->label);
    a->compared = false;
    TRY(set_leaves(cx, a));
    *out = *leaf_at(a, NOW, 0);
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

bool metric_is_mean(const struct metric *m) { return is_average(m) || is_median(m); }

/* What a leaf says of a key that it does not have. */
static struct cell nothing(const struct leaf *l)
{
    return (struct cell){ .defined =
                              l->metric->source != METRIC_TARGET && !metric_is_mean(l->metric) };
}

/* The number that the metric's parts make, of what `cells` says at one time. */
static struct cell settle(const struct asked *a, const struct cell *cells)
{
    struct cell c = { 0 };

    if (!metric_is_derived(a->metric))
        return cells[0];
    c.defined = formula_value(&a->formula, cells, &c.value);
    return c;
}

/* Whether the numbers of groups make one of all of them: people and medians do not, nor do what is
 * not known by group. */
static bool adds_up(const struct leaf *l)
{
    if (l->metric->source == METRIC_JOURNEY)
        return !l->overlaps;
    return l->metric->source == METRIC_RECORDS &&
           (l->metric->aggregate == AGG_AVG || l->metric->aggregate == AGG_COUNT ||
            l->metric->aggregate == AGG_SUM);
}

/* Adds a group to "(other)". */
static void fold_in(const struct asked *a, struct group *other, const struct group *g)
{
    for (int i = 0; i < TIMES * a->width; i++) {
        const struct leaf *l = &a->leaves[i];
        struct cell *to = &other->cells[i];
        const struct cell *from = &g->cells[i];
        if (l->metric == NULL)
            continue;
        bool average = is_average(l->metric);
        to->count += from->count;
        to->sum += from->sum;
        to->value = average && to->count ? (double)to->sum / (double)to->count / l->unit
                                         : to->value + from->value;
        to->defined = adds_up(l) && (!average || to->count > 0);
    }
}

/* ---- groups ---- */
struct entry {
    const char *fold; /* by which keys are matched; "" for what is not known */
    const struct cell *cell;
    int leaf;
};

static int by_fold(const void *a, const void *b)
{
    return strcmp(((const struct entry *)a)->fold, ((const struct entry *)b)->fold);
}

/* Whether texts are compared without case, as records' are; journeys alone tell /a from /A. */
static bool has_records(const struct asked *a)
{
    for (int i = 0; i < a->width; i++)
        if (leaf_at(a, NOW, i)->metric && leaf_at(a, NOW, i)->metric->source == METRIC_RECORDS)
            return true;
    return false;
}

static struct entry *entries_of(struct ctx *cx, const struct asked *a, size_t *count)
{
    struct entry *all;
    size_t n = 0;
    bool records = has_records(a);

    for (int i = 0; i < TIMES * a->width; i++)
        n += a->leaves[i].count;
    all = NEW_N(cx->arena, struct entry, n + 1);
    *count = 0;
    for (int i = 0; i < TIMES * a->width; i++) {
        const struct leaf *l = &a->leaves[i];
        for (size_t j = 0; j < l->count; j++) {
            const char *key = l->cells[j].key ? l->cells[j].key : "";
            all[(*count)++] =
                (struct entry){ records ? utf8_fold(cx->arena, key) : key, &l->cells[j], i };
        }
    }
    qsort(all, *count, sizeof *all, by_fold);
    return all;
}

static struct group new_group(struct ctx *cx, const struct asked *a)
{
    size_t count = (size_t)(TIMES * a->width);
    struct group g = { .cells = NEW_N(cx->arena, struct cell, count),
                       .said = NEW_N(cx->arena, bool, count) };

    for (size_t i = 0; i < count; i++)
        if (a->leaves[i].metric)
            g.cells[i] = nothing(&a->leaves[i]);
    return g;
}

/* Where records meet journeys, several keys of these may be one. */
static void add_cell(struct group *g, const struct entry *e)
{
    struct cell *to = &g->cells[e->leaf];

    if (g->said[e->leaf]) {
        to->count += e->cell->count;
        to->value += e->cell->value;
    } else {
        *to = *e->cell;
    }
    g->said[e->leaf] = true;
}

static struct group *groups_by_key(struct ctx *cx, const struct asked *a, size_t *count)
{
    size_t n;
    struct entry *all = entries_of(cx, a, &n);
    struct group *groups = NEW_N(cx->arena, struct group, n + 1);

    *count = 0;
    for (size_t i = 0; i < n; i++) {
        if (i == 0 || strcmp(all[i].fold, all[i - 1].fold) != 0)
            groups[(*count)++] = new_group(cx, a);
        struct group *g = &groups[*count - 1];
        add_cell(g, &all[i]);
        if (g->key == NULL || all[i].leaf < a->width) {
            g->key = all[i].cell->key;
            g->label = all[i].cell->label ? all[i].cell->label : g->label;
        }
    }
    return groups;
}

static struct group *groups_by_time(struct ctx *cx, const struct asked *a, size_t *count)
{
    const struct leaf *first = leaf_at(a, NOW, 0);
    struct group *groups = NEW_N(cx->arena, struct group, first->count + 1);

    *count = first->count;
    for (size_t i = 0; i < first->count; i++) {
        groups[i] = new_group(cx, a);
        groups[i].key = first->cells[i].key;
        groups[i].label = first->cells[i].label;
        for (int j = 0; j < TIMES * a->width; j++) {
            const struct leaf *l = &a->leaves[j];
            if (i < l->count && j == a->width)
                groups[i].key_before = l->cells[i].key;
            if (i < l->count)
                groups[i].cells[j] = l->cells[i];
            else /* the time before is shorter: it is compared with as much as is over */
                groups[i].cells[j].defined = false;
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
    else if (whole && !metric_is_derived(m))
        val_put_i64(into, name, llround(c->value));
    else
        val_put(into, name, val_double(cx->arena, c->value));
}

/* Where what was counted is listed; of a number that is not known there is nothing to list, but its
 * parts tell why. */
static const char *path_of(struct ctx *cx, const struct asked *a, const struct cell *cells,
                           const struct question_rows *which, const struct group_keys *listed)
{
    const struct metric *m = a->metric;
    struct question_rows r = *which;
    bool empty_list = m->source == METRIC_RECORDS && !metric_is_state(m) && which->of != ROWS_OTHER;

    r.folded = has_records(a) && m->source == METRIC_JOURNEY;
    return metric_is_derived(m) || cells[0].defined || empty_list ? rows_path_of(cx, &r, listed)
                                                                  : "";
}

/* A number that it is worked out from. */
static const char *part_path(struct ctx *cx, const struct asked *a, int part,
                             const struct cell *cells, const struct question_rows *which,
                             const struct group_keys *listed)
{
    struct question_rows r = *which;

    r.q.metric = a->formula.parts[part]->name;
    r.among = a->metric->name;
    r.folded = has_records(a);
    return cells[part].defined ? rows_path_of(cx, &r, listed) : "";
}

/* The same group in the time before; of time itself, the one in its place. */
static struct question_rows rows_before(const struct asked *a, const struct group *g,
                                        const struct question_rows *which)
{
    struct question_rows r = *which;

    if (g && a->by_time)
        r.key = g->key_before;
    r.q.from_ms = r.q.compare_from_ms;
    r.q.to_ms = r.q.compare_to_ms;
    r.q.compare_from_ms = r.q.compare_to_ms = 0;
    return r;
}

static void put_part(struct ctx *cx, const struct metric *m, const char *name,
                     const struct cell *cell, const char *path, struct val *one)
{
    const char *text = name[0] ? arena_printf(cx->arena, "%s_text", name) : "text";
    const char *rows = name[0] ? arena_printf(cx->arena, "%s_rows_path", name) : "rows_path";

    put_number(cx, m, name[0] ? name : "value", cell, one);
    val_put_text(one, text, cell->defined ? metric_show(cx, m, cell->value) : "");
    val_put_text(one, rows, path);
}

/* The rows of a number, and of what it is worked out from; the same of the time before. */
static void put_rows(struct ctx *cx, const struct asked *a, const struct cell *cells,
                     const struct group *g, const struct question_rows *which,
                     const struct group_keys *listed, struct val *into)
{
    const struct cell *then = cells + a->width;
    struct question_rows before = rows_before(a, g, which);
    bool derived = metric_is_derived(a->metric), held = a->compared && settle(a, then).defined;
    struct val *list;

    val_put_text(into, "rows_path", path_of(cx, a, cells, which, listed));
    val_put_text(into, "before_rows_path", held ? path_of(cx, a, then, &before, listed) : "");
    if (!derived)
        return;
    list = val_put_list(into, "parts");
    for (int i = 0; i < a->formula.part_count; i++) {
        const struct metric *m = a->formula.parts[i];
        struct val *one = val_add_map(list);
        val_put_text(one, "metric", m->name);
        val_put_text(one, "label", m->label);
        val_put_text(one, "unit", metric_unit_word(m));
        put_part(cx, m, "", &cells[i], part_path(cx, a, i, cells, which, listed), one);
        if (a->compared)
            put_part(cx, m, "before", &then[i], part_path(cx, a, i, then, &before, listed), one);
    }
}

/* What is aimed at, and how far it is reached. */
static void put_target(struct ctx *cx, const struct asked *a, const struct cell *now,
                       const struct group *g, struct val *into)
{
    const struct metric *m = a->metric;
    i64 from_ms = a->q->from_ms, to_ms = a->q->to_ms;
    bool grouped = g && !a->by_time;
    struct cell aim = { 0 };

    aim.defined =
        (!g || g->key) && (!g || !a->by_time || bucket_range(cx, a->q, g->key, &from_ms, &to_ms)) &&
        target_asked(cx, a->targets, a->q, m, grouped ? g->key : NULL, from_ms, to_ms, &aim.value);
    put_number(cx, m, "target", &aim, into);
    val_put_text(into, "target_rows_path",
                 aim.defined ? targets_path(cx, a->q, m, grouped ? g->key : NULL, from_ms, to_ms)
                             : "");
    val_put_text(into, "target_text", aim.defined ? metric_show(cx, m, aim.value) : "");
    if (aim.defined && now->defined && aim.value != 0)
        val_put_double(into, "attainment", now->value / aim.value);
    else
        val_put_null(into, "attainment");
}

/* g NULL: the whole. */
static void put_cells(struct ctx *cx, const struct asked *a, const struct cell *cells,
                      const struct group *g, struct val *into)
{
    struct cell now = settle(a, cells), before = { 0 };

    if (a->compared)
        before = settle(a, cells + a->width);
    put_number(cx, a->metric, "value", &now, into);
    val_put_text(into, "text", now.defined ? metric_show(cx, a->metric, now.value) : "");
    put_number(cx, a->metric, "before", &before, into);
    if (now.defined && before.defined && before.value != 0)
        val_put_double(into, "change", (now.value - before.value) / fabs(before.value));
    else
        val_put_null(into, "change");
    put_target(cx, a, &now, g, into);
}

/* others: NULL, or the groups that are named, of which this one is none. */
static void put_group(struct ctx *cx, const struct asked *a, const struct group *g,
                      const struct group_keys *others, struct val *list)
{
    struct val *one = val_add_map(list);
    bool other = others != NULL;
    const char *key = other ? "(other)" : g->key;
    struct question_rows rows = { .q = *a->q,
                                  .of = other ? ROWS_OTHER
                                        : key ? ROWS_GROUP
                                              : ROWS_UNKNOWN,
                                  .key = key };

    if (other && a->compared) {
        rows.named_from_ms = a->q->from_ms;
        rows.named_to_ms = a->q->to_ms;
        rows.against_from_ms = a->q->compare_from_ms;
        rows.against_to_ms = a->q->compare_to_ms;
    }
    if (key)
        val_put_text(one, "key", key);
    else
        val_put_null(one, "key");
    val_put_text(one, "label", other ? "Other" : !key ? "Not known" : g->label ? g->label : key);
    put_cells(cx, a, g->cells, g, one);
    val_put_text(one, "unit", metric_unit_word(a->metric));
    val_put_bool(one, "less_is_better", a->metric->less_is_better);
    if (other)
        val_put_bool(one, "other", true);
    put_rows(cx, a, g->cells, g, &rows, others, one);
}

static void put_groups(struct ctx *cx, const struct asked *a, struct val *answer)
{
    struct val *list = val_put_list(answer, "groups");
    size_t count = 0, limit = a->q->limit > 0 ? (size_t)a->q->limit : GROUPS_DEFAULT;
    struct group *groups, other;
    struct group_keys named = { 0 };

    if (text_empty(a->q->dimension))
        return;
    groups = a->by_time ? groups_by_time(cx, a, &count) : groups_by_key(cx, a, &count);
    if (a->by_time) {
        for (size_t i = 0; i < count; i++)
            put_group(cx, a, &groups[i], NULL, list);
        return;
    }
    struct ranked *ranked = NEW_N(cx->arena, struct ranked, count + 1);
    for (size_t i = 0; i < count; i++)
        ranked[i] = (struct ranked){ &groups[i], a->order < 0 ? settle(a, groups[i].cells)
                                                              : groups[i].cells[a->order] };
    qsort(ranked, count, sizeof *ranked, by_value);
    other = new_group(cx, a);
    named.keys = NEW_N(cx->arena, const char *, limit < count ? limit : count);
    for (size_t i = 0; i < count; i++) {
        if (i >= limit) {
            fold_in(a, &other, ranked[i].group);
            continue;
        }
        put_group(cx, a, ranked[i].group, NULL, list);
        named.keys[named.count++] = ranked[i].group->key ? ranked[i].group->key : "";
    }
    if (count > limit)
        put_group(cx, a, &other, &named, list);
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
    struct cell *totals = NEW_N(cx->arena, struct cell, (size_t)(TIMES * a->width));

    for (int i = 0; i < TIMES * a->width; i++)
        totals[i] = a->leaves[i].total;
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
    if (a->q->as_of_ms)
        val_put_text(answer, "as_of", time_iso(cx->arena, a->q->as_of_ms));
    else
        val_put_null(answer, "as_of");
    put_cells(cx, a, totals, NULL, answer);
    put_rows(cx, a, totals, NULL, &(struct question_rows){ .q = *a->q }, NULL, answer);
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
            asked[i]->to_ms == l->to_ms && asked[i]->as_of_ms == l->as_of_ms &&
            same_text(asked[i]->q->dimension, l->q->dimension) &&
            same_text(asked[i]->q->filter, l->q->filter) && where_same(asked[i]->q, l->q))
            return asked[i];
    return NULL;
}

struct twins {
    struct leaf *leaf, *earlier;
};

static enum status ask_leaf(struct ctx *cx, const struct targets *targets, struct leaf *l)
{
    if (l->metric->source == METRIC_TARGET) {
        leaf_ask_targets(cx, targets, l);
        return OK;
    }
    return leaf_ask_records(cx, l);
}

static enum status ask_leaves(struct ctx *cx, struct asked *all, size_t count)
{
    size_t most = 0, n = 0, walks = 0, twin_count = 0;

    for (size_t i = 0; i < count; i++)
        most += (size_t)(TIMES * all[i].width);
    struct leaf **asked = NEW_N(cx->arena, struct leaf *, most);
    struct leaf **walked = NEW_N(cx->arena, struct leaf *, most);
    struct twins *twins = NEW_N(cx->arena, struct twins, most);
    for (size_t i = 0; i < count; i++) {
        for (int j = 0; j < TIMES * all[i].width; j++) {
            struct leaf *l = &all[i].leaves[j];
            struct leaf *twin = l->metric ? find_twin(asked, n, l) : NULL;
            if (l->metric == NULL)
                continue;
            if (twin) {
                twins[twin_count++] = (struct twins){ l, twin };
                continue;
            }
            asked[n++] = l;
            l->unit = 1;
            if (l->metric->source == METRIC_JOURNEY)
                walked[walks++] = l;
            else
                TRY(ask_leaf(cx, all[i].targets, l));
        }
    }
    TRY(leaves_ask_journey(cx, walked, walks));
    for (size_t i = 0; i < twin_count; i++) {
        twins[i].leaf->total = twins[i].earlier->total;
        twins[i].leaf->cells = twins[i].earlier->cells;
        twins[i].leaf->count = twins[i].earlier->count;
        twins[i].leaf->unit = twins[i].earlier->unit;
        twins[i].leaf->overlaps = twins[i].earlier->overlaps;
    }
    return OK;
}

static enum status ask_all(struct ctx *cx, struct asked *all, size_t count)
{
    const struct targets *targets;

    TRY(targets_read(cx, &targets));
    for (size_t i = 0; i < count; i++) {
        all[i].targets = targets;
        TRY(check_question(cx, &all[i]));
        TRY(set_leaves(cx, &all[i]));
    }
    return ask_leaves(cx, all, count);
}

/* Those that are not kept are asked together, and kept. */
static enum status ask_new(struct ctx *cx, const struct question *qs, size_t count,
                           struct val **answers)
{
    const struct answers_from *from = answers_from(cx);
    struct asked *all = NEW_N(cx->arena, struct asked, count + 1);
    const char **texts = NEW_N(cx->arena, const char *, count + 1);
    size_t *places = NEW_N(cx->arena, size_t, count + 1), n = 0;

    for (size_t i = 0; i < count; i++) {
        texts[i] = from ? question_text(cx, &qs[i]) : "";
        answers[i] = answers_find(cx, from, texts[i]);
        if (answers[i])
            continue;
        all[n].q = &qs[i];
        places[n++] = i;
    }
    if (n == 0)
        return OK;
    TRY(ask_all(cx, all, n));
    bool holds = answers_hold(cx, from);
    for (size_t i = 0; i < n; i++) {
        i64 until_ms;
        size_t at = places[i];
        answers[at] = answer_of(cx, &all[i]);
        if (holds && question_keeps(cx, &qs[at], &all[i].formula, &until_ms))
            answers_keep(cx, from, texts[at], until_ms, answers[at]);
    }
    return OK;
}

enum status question_ask_many(struct ctx *cx, const struct question *qs, size_t count,
                              struct val **answers)
{
    enum status s;

    if (count > QUESTIONS_MAX)
        return ctx_fail_code(cx, E_LIMIT, "question.too_many", "At most %d questions at once.",
                             QUESTIONS_MAX);
    if (cx->db == NULL || db_mode_of(cx->db) != DB_READ)
        return ask_new(cx, qs, count, answers);
    TRY(db_read_begin(cx));
    s = ask_new(cx, qs, count, answers);
    db_read_end(cx);
    return s;
}

enum status question_ask(struct ctx *cx, const struct question *q, struct val **answer)
{
    return question_ask_many(cx, q, 1, answer);
}
