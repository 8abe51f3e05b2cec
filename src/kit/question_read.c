/* question_read.c -- questions from query strings and JSON, and the way from a number to the rows
 * behind it. */
#include "base/utf8.h"
#include "kit/kit.h"
#include "kit/question_int.h"

enum { LIMIT_GROUPS = 1000, SHOWN_BYTES = 60 };

/* ---- reading ---- */
static const char *text_of(struct ctx *cx, const struct val *from, const char *name)
{
    const struct val *v = val_get(from, name);

    return val_is_null(v) ? "" : val_print(cx->arena, v);
}

static enum status read_compare(struct ctx *cx, const char *word, enum period_compare *out)
{
    static const struct {
        const char *word;
        enum period_compare how;
    } words[] = { { "", COMPARE_PREVIOUS },
                  { "previous", COMPARE_PREVIOUS },
                  { "year", COMPARE_YEAR },
                  { "none", COMPARE_NONE } };

    for (size_t i = 0; i < countof(words); i++) {
        if (text_is(word, words[i].word)) {
            *out = words[i].how;
            return OK;
        }
    }
    return ctx_fail_code(cx, E_INVALID, "question.compare",
                         "'%s' is no comparison. Say previous, year or none.", word);
}

/* The end of a day in the workspace's zone, or an instant. */
enum status question_read_as_of(struct ctx *cx, const char *text, i64 *as_of_ms)
{
    const struct zone *zone = kit_zone(cx);
    i64 today = zone_day(zone, ctx_now(cx)), day;

    *as_of_ms = 0;
    if (text_empty(text))
        return OK;
    if (date_parse(str_from(text), &day))
        *as_of_ms = zone_instant(zone, day + 1, 0);
    else if (!time_parse(str_from(text), as_of_ms))
        return ctx_fail_code(cx, E_INVALID, "question.as_of",
                             "'%s' is no day. Say one like %s, or an instant like "
                             "2026-05-01T12:00:00Z.",
                             utf8_cut(cx->arena, text, SHOWN_BYTES), date_iso(cx->arena, today));
    if (*as_of_ms == zone_instant(zone, today + 1, 0)) /* today is not over: now */
        *as_of_ms = 0;
    if (*as_of_ms > ctx_now(cx))
        return ctx_fail_code(cx, E_INVALID, "question.as_of",
                             "'%s' is still to come: choose today or a day before.",
                             utf8_cut(cx->arena, text, SHOWN_BYTES));
    return OK;
}

enum status question_read_period(struct ctx *cx, const char *period, const char *compare,
                                 struct question *q)
{
    scoped(then_leave) struct then then = then_enter(cx, q->as_of_ms);
    enum period_compare how = COMPARE_NONE;

    if (text_empty(period))
        period = "last_30_days";
    TRY(period_read(cx, period, &q->from_ms, &q->to_ms));
    TRY(read_compare(cx, compare, &how));
    period_before(cx, period, how, q);
    return OK;
}

bool question_takes(const char *name)
{
    static const char *const names[] = { "metric",  "dimension", "filter", "period",
                                         "compare", "limit",     "order",  "as_of" };

    for (size_t i = 0; i < countof(names); i++)
        if (text_is(names[i], name))
            return true;
    return false;
}

static enum status check_names(struct ctx *cx, const struct val *from)
{
    for (size_t i = 0; i < val_count(from); i++) {
        const char *name = val_key_at(from, i);
        if (!question_takes(name) && dimension_find(cx, name) == NULL)
            return ctx_fail_code(cx, E_INVALID, "query.unknown",
                                 "A question has no '%s'. It has metric, dimension, filter, "
                                 "period, compare, limit, order, as_of, and conditions by the "
                                 "names of dimensions (channel=email).",
                                 utf8_cut(cx->arena, name, 60));
    }
    return OK;
}

enum status question_read(struct ctx *cx, const struct val *from, struct question *q)
{
    const char *limit = text_of(cx, from, "limit");
    i64 groups = 0;

    TRY(check_names(cx, from));

    *q = (struct question){ .metric = text_of(cx, from, "metric"),
                            .dimension = text_of(cx, from, "dimension"),
                            .filter = text_of(cx, from, "filter"),
                            .order = text_of(cx, from, "order") };
    if (text_empty(q->metric))
        return ctx_fail_code(cx, E_INVALID, "question.metric",
                             "Say which metric: /api/v1/metrics lists them.");
    TRY(question_read_as_of(cx, text_of(cx, from, "as_of"), &q->as_of_ms));
    TRY(question_read_period(cx, text_of(cx, from, "period"), text_of(cx, from, "compare"), q));
    TRY(question_read_where(cx, from, q));
    if (limit[0] && (!str_i64(str_from(limit), &groups) || groups < 1 || groups > LIMIT_GROUPS))
        return ctx_fail_code(cx, E_INVALID, "question.limit", "limit must be from 1 to %d.",
                             LIMIT_GROUPS);
    q->limit = (int)groups;
    return OK;
}

/* ---- the rows behind a number ---- */
/* The metric whose rows tell most of a number: of a ratio those that it is a share of; of others
 * that are worked out the first that has rows. */
static const struct metric *rows_metric(struct ctx *cx, const char *name)
{
    const struct metric *m = metric_find(cx, name), *part;
    struct ctx probe = *cx;
    struct formula f;

    if (m == NULL)
        return NULL;
    part = m->source == METRIC_DIVIDED ? metric_find(cx, m->denominator) : m;
    if (part && part->source == METRIC_RECORDS)
        return part;
    ctx_clear_error(&probe);
    if (formula_of(&probe, m, &f) != OK)
        return NULL;
    for (int i = 0; i < f.part_count; i++)
        if (f.parts[i]->source == METRIC_RECORDS)
            return f.parts[i];
    return NULL;
}

const char *group_filter(struct ctx *cx, const struct metric *m, const char *dimension,
                         const char *key)
{
    struct filter_node *n = NEW(cx->arena, struct filter_node), *other = NULL;
    struct filter_token value = { .kind = TOKEN_TEXT, .text = key };
    bool truth;

    n->kind = FILTER_TEST;
    if (dimension_path(cx, m, dimension, &n->path) != OK)
        return NULL;
    truth = n->path.last.f->kind == FIELD_BOOL;
    n->op = key[0] ? OP_EQ : truth ? OP_NOT_TRUE : OP_EMPTY;
    if (filter_type_test(cx, n, &value, key[0] ? 1 : 0, true) != OK)
        return NULL;
    if (truth && !key[0]) { /* neither: there is no such record */
        other = NEW(cx->arena, struct filter_node);
        *other = *n;
        other->op = OP_NOT_FALSE;
    }
    return filter_text(
        cx, filter_new(cx, type_find(cx, m->type), filter_node_and(cx->arena, n, other)));
}

static const char *rows_filter(struct ctx *cx, const struct question *q, const struct metric *m,
                               const char *key)
{
    i64 from_ms = q->from_ms, to_ms = q->to_ms;
    const char *filter, *group;
    enum period_unit unit;

    if (q->as_of_ms) /* lists show what is there now */
        return NULL;
    if (where_filter(cx, m, q, &filter) != OK)
        return NULL;
    filter = filter_and(cx, m->filter ? m->filter : "", filter);
    if (key && !text_empty(q->dimension) && dimension_is_time(q->dimension, &unit)) {
        if (!bucket_range(cx, q, key, &from_ms, &to_ms))
            return NULL;
    } else if (key && !text_empty(q->dimension)) {
        group = group_filter(cx, m, q->dimension, key);
        if (group == NULL)
            return NULL;
        filter = filter_and(cx, filter, group);
    }
    if (metric_is_state(m) && state_instant(cx, m, from_ms, to_ms, 0) != 0)
        return NULL;
    return filter_and(cx, filter, period_filter(cx, m, from_ms, to_ms));
}

const char *question_rows_path(struct ctx *cx, const struct question *q, const char *group_key)
{
    const struct metric *m = rows_metric(cx, q->metric);
    const struct record_type *t = m ? type_find(cx, m->type) : NULL;
    const char *filter;
    struct ctx probe = *cx;

    if (t == NULL)
        return "";
    ctx_clear_error(&probe);
    filter = rows_filter(&probe, q, m, group_key);
    if (filter == NULL)
        return "";
    if (filter[0] == '\0')
        return arena_printf(cx->arena, "/%s", t->path);
    return arena_printf(cx->arena, "/%s?filter=%s", t->path, http_url_encode(cx->arena, filter));
}
