/* question_read.c -- questions from query strings and JSON. */
#include "base/limits.h"
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

static bool is_in(const char *const *names, size_t count, const char *name)
{
    for (size_t i = 0; i < count; i++)
        if (text_is(names[i], name))
            return true;
    return false;
}

static bool is_own(const char *name)
{
    static const char *const names[] = { "metric",  "dimension", "filter", "period",
                                         "compare", "limit",     "order",  "as_of" };

    return is_in(names, countof(names), name);
}

static const char *const of_rows[] = { "group",    "among",  "named",  "against",
                                       "group_is", "folded", "cursor", "rows" };

bool question_takes(const char *name)
{
    return is_own(name) || is_in(of_rows, countof(of_rows), name);
}

static enum status check_names(struct ctx *cx, const struct val *from)
{
    for (size_t i = 0; i < val_count(from); i++) {
        const char *name = val_key_at(from, i);
        if (!is_own(name) && dimension_find(cx, name) == NULL)
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

/* ---- which rows ---- */
static enum status read_of(struct ctx *cx, const struct val *from, struct question_rows *out)
{
    const char *is = text_of(cx, from, "group_is");

    out->key = text_of(cx, from, "group");
    if (text_is(is, "unknown"))
        out->of = ROWS_UNKNOWN;
    else if (text_is(is, "other"))
        out->of = ROWS_OTHER;
    else if (is[0])
        return ctx_fail_code(cx, E_INVALID, "question.rows",
                             "group_is is 'unknown' or 'other', not '%s'.",
                             utf8_cut(cx->arena, is, 60));
    else if (out->key[0])
        out->of = ROWS_GROUP;
    if (out->of != ROWS_ALL && text_empty(out->q.dimension))
        return ctx_fail_code(cx, E_INVALID, "question.rows",
                             "Say the dimension that the group is of.");
    return OK;
}

enum status question_read_rows(struct ctx *cx, const struct val *from, struct question_rows *out)
{
    struct val *question = val_map(cx->arena);
    const char *rows = text_of(cx, from, "rows");
    i64 limit = 0;

    *out = (struct question_rows){ .cursor = text_of(cx, from, "cursor"),
                                   .among = text_of(cx, from, "among"),
                                   .folded = text_is(text_of(cx, from, "folded"), "true") };
    for (size_t i = 0; i < val_count(from); i++)
        if (!is_in(of_rows, countof(of_rows), val_key_at(from, i)))
            val_put(question, val_key_at(from, i), val_copy(cx->arena, val_value_at(from, i)));
    TRY(question_read(cx, question, &out->q));
    TRY(read_of(cx, from, out));
    if (text_of(cx, from, "named")[0])
        TRY(period_read(cx, text_of(cx, from, "named"), &out->named_from_ms, &out->named_to_ms));
    if (text_of(cx, from, "against")[0])
        TRY(period_read(cx, text_of(cx, from, "against"), &out->against_from_ms,
                        &out->against_to_ms));
    if (rows[0] && (!str_i64(str_from(rows), &limit) || limit < 1 || limit > LIMIT_QUESTION_ROWS))
        return ctx_fail_code(cx, E_INVALID, "question.rows", "rows must be from 1 to %d.",
                             LIMIT_QUESTION_ROWS);
    out->limit = (int)limit;
    return OK;
}
