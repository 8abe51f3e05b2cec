/* question_keep.c -- which answers may be kept (answers.h), and under what. An answer that hangs on
 * the very moment is asked anew each time. */
#include "kit/kit.h"
#include "kit/question_int.h"

/* All of a question, so that no two others have the same text. */
const char *question_text(struct ctx *cx, const struct question *q)
{
    struct buf b = buf_in(cx->arena, 64 * 1024);
    const char *texts[] = { q->metric, q->dimension, q->filter, q->order };

    for (size_t i = 0; i < countof(texts); i++)
        buf_printf(&b, "%zu:%s,", strlen(texts[i] ? texts[i] : ""), texts[i] ? texts[i] : "");
    for (size_t i = 0; i < q->where_count; i++)
        buf_printf(&b, "%zu:%s=%zu:%s,", strlen(q->where[i].dimension), q->where[i].dimension,
                   strlen(q->where[i].value), q->where[i].value);
    buf_printf(&b, "%lld,%lld,%lld,%lld,%d,%lld", (long long)q->from_ms, (long long)q->to_ms,
               (long long)q->compare_from_ms, (long long)q->compare_to_ms, q->limit,
               (long long)q->as_of_ms);
    return buf_end(&b);
}

/* Whether it says the same tomorrow and to everybody: no "today", no "me"; and hangs on nothing but
 * records. */
static bool is_lasting(const struct filter_node *n)
{
    if (n && n->kind == FILTER_TEST && n->path.set)
        return false;
    if (n && n->kind == FILTER_TEST && n->path.call)
        if (n->path.call->of == NULL || n->path.call->windowed || !is_lasting(n->path.call->where))
            return false;
    for (size_t i = 0; n && n->kind != FILTER_TEST && i < n->count; i++)
        if (!is_lasting(n->children[i]))
            return false;
    for (size_t i = 0; n && n->kind == FILTER_TEST && i < n->value_count; i++)
        if (n->values[i].how != HOW_PLAIN && n->values[i].how != HOW_DATE &&
            n->values[i].how != HOW_INSTANT)
            return false;
    return true;
}

static bool is_lasting_text(struct ctx *cx, const struct record_type *t, const char *text)
{
    struct ctx probe = *cx;
    struct filter *f;

    ctx_clear_error(&probe);
    return text_empty(text) || (filter_parse(&probe, t, text, &f) == OK && is_lasting(f->root));
}

/* The next of these instants: what is now, or over, is another then. */
static i64 next_of(i64 now, const i64 *ends, size_t count)
{
    i64 next = 0;

    for (size_t i = 0; i < count; i++)
        if (ends[i] > now && (next == 0 || ends[i] < next))
            next = ends[i];
    return next;
}

/* A running total up to now takes in another row when its date comes: a day at midnight. */
static bool total_keeps(struct ctx *cx, const struct question *q, const struct metric *m,
                        i64 *until_ms)
{
    const struct record_type *t = type_find(cx, m->type);
    i64 now = ctx_now(cx), midnight = zone_start(kit_zone(cx), PERIOD_DAY, now, 1);
    int date = type_field(t, m->date); /* -1: when it was made */

    if (q->to_ms <= now && q->compare_to_ms <= now)
        return true;
    if (*until_ms == 0 || *until_ms > midnight)
        *until_ms = midnight;
    return date >= 0 && t->fields[date].kind == FIELD_DATE;
}

bool question_keeps(struct ctx *cx, const struct question *q, const struct formula *f,
                    i64 *until_ms)
{
    const i64 ends[] = { q->from_ms, q->to_ms, q->compare_from_ms, q->compare_to_ms, q->as_of_ms };

    *until_ms = next_of(ctx_now(cx), ends, countof(ends));
    for (int i = 0; i < f->part_count; i++) {
        const struct metric *m = f->parts[i];
        const struct record_type *t = m->source == METRIC_RECORDS ? type_find(cx, m->type) : NULL;
        if (t && (!is_lasting_text(cx, t, m->filter) || !is_lasting_text(cx, t, q->filter)))
            return false;
        if (metric_is_total(m) && !total_keeps(cx, q, m, until_ms))
            return false;
    }
    if (!text_empty(q->order)) {
        const struct metric *m = metric_find(cx, q->order);
        if (m && m->source == METRIC_RECORDS &&
            !is_lasting_text(cx, type_find(cx, m->type), m->filter))
            return false;
    }
    return true;
}
