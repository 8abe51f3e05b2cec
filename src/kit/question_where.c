/* question_where.c -- conditions on journeys: how they are asked, what they mean for numbers over
 * records, and how the walk tells by a key whether one holds. */
#include "base/utf8.h"
#include "kit/kit.h"
#include "kit/question_int.h"

enum { VALUE_BYTES = 2000, SHOWN_BYTES = 60 };

/* ---- asking ---- */
enum status question_read_where(struct ctx *cx, const struct val *from, struct question *q)
{
    size_t features, most = 0;
    const struct feature *const *f = kit_features(cx->kit, &features);
    struct question_where *where;

    for (size_t i = 0; i < features; i++)
        most += f[i]->dimension_count;
    where = NEW_N(cx->arena, struct question_where, most + 1);
    q->where = where;
    q->where_count = 0;
    for (size_t i = 0; i < features; i++) {
        for (size_t j = 0; j < f[i]->dimension_count; j++) {
            const char *name = f[i]->dimensions[j].name;
            const struct val *v = val_get(from, name);
            const char *value = val_print(cx->arena, v);
            if (val_count(v) > 0)
                return ctx_fail_code(cx, E_INVALID, "question.value",
                                     "Say one value of %s, not several.", name);
            if (value[0])
                where[q->where_count++] = (struct question_where){ name, value };
        }
    }
    return question_check_where(cx, q);
}

enum status question_check_where(struct ctx *cx, const struct question *q)
{
    for (size_t i = 0; i < q->where_count; i++) {
        const struct question_where *w = &q->where[i];
        const struct dimension *d = dimension_find(cx, w->dimension);
        const char *value = w->value + (w->value[0] == '!');
        const char *shown = utf8_cut(cx->arena, value, SHOWN_BYTES);
        if (d == NULL)
            return ctx_fail_code(cx, E_INVALID, "question.dimension",
                                 "Journeys cannot be narrowed by '%s'.",
                                 utf8_cut(cx->arena, w->dimension, SHOWN_BYTES));
        if (value[0] == '\0' || strlen(value) > VALUE_BYTES)
            return ctx_fail_code(cx, E_INVALID, "question.value",
                                 "A value of %s has from 1 to %d bytes.", d->name, VALUE_BYTES);
        if (d->known && !strchr(value, '*') && !d->known(value))
            return ctx_fail_code(cx, E_INVALID, "question.value",
                                 "'%s' is no %s. Split a number by %s to see those that there are.",
                                 shown, text_in_sentence(cx->arena, d->label), d->name);
    }
    return OK;
}

bool where_same(const struct question *a, const struct question *b)
{
    if (a->where_count != b->where_count)
        return false;
    for (size_t i = 0; i < a->where_count && a->where != b->where; i++)
        if (!text_is(a->where[i].dimension, b->where[i].dimension) ||
            !text_is(a->where[i].value, b->where[i].value))
            return false;
    return true;
}

bool metric_keeps(const struct metric *m, const char *dimension)
{
    return m->source == METRIC_JOURNEY || (m->channel_path && text_is(dimension, "channel")) ||
           (m->campaign_path && text_is(dimension, "campaign"));
}

enum status where_filter(struct ctx *cx, const struct metric *m, const struct question *q,
                         const char **filter)
{
    *filter = q->filter ? q->filter : "";
    for (size_t i = 0; i < q->where_count; i++) {
        const struct question_where *w = &q->where[i];
        struct ctx probe = *cx;
        const char *more = NULL;
        ctx_clear_error(&probe);
        if (metric_keeps(m, w->dimension) && w->value[0] != '!' && !strchr(w->value, '*'))
            more = group_filter(&probe, m, w->dimension, w->value);
        if (more == NULL)
            return ctx_fail_code(cx, E_INVALID, "question.where",
                                 "%s counts records: it cannot be narrowed by %s '%s'.", m->label,
                                 w->dimension, utf8_cut(cx->arena, w->value, SHOWN_BYTES));
        *filter = filter_and(cx, *filter, more);
    }
    return OK;
}

/* ---- by key, during the walk ---- */
/* Makes room for list[at]: zeroed, at least doubled. */
static void *grown(struct arena *a, const void *list, u32 *cap, u32 at, size_t bytes_each)
{
    u32 more = *cap ? *cap : 64;
    void *out;

    while (more <= at)
        more = more > UINT32_MAX / 2 ? UINT32_MAX : more * 2;
    out = arena_alloc(a, more, bytes_each);
    if (*cap)
        memcpy(out, list, *cap * bytes_each);
    *cap = more;
    return out;
}

static u32 *place_of(const struct names *n, const char *value)
{
    u32 at = (u32)str_hash(str_from(value)) & (n->place_cap - 1);

    while (n->places[at] && !text_is(n->values[n->places[at]], value))
        at = (at + 1) & (n->place_cap - 1);
    return &n->places[at];
}

u32 names_add(struct arena *a, struct names *n, const char *value)
{
    u32 *place;

    if (value[0] == '\0')
        return 0;
    if ((n->count + 1) * 2 >= n->place_cap) {
        n->place_cap = n->place_cap ? n->place_cap * 2 : 64;
        n->places = NEW_N(a, u32, n->place_cap);
        for (u32 i = 1; i <= n->count; i++)
            *place_of(n, n->values[i]) = i;
    }
    place = place_of(n, value);
    if (*place)
        return *place;
    *place = ++n->count;
    if (n->count >= n->cap)
        n->values = grown(a, n->values, &n->cap, n->count, sizeof *n->values);
    n->values[n->count] = arena_text(a, value);
    return n->count;
}

u32 names_number(struct ctx *cx, struct names *n, u32 key)
{
    if (key == 0)
        return 0;
    if (key >= n->key_cap)
        n->by_key = grown(cx->arena, n->by_key, &n->key_cap, key, sizeof *n->by_key);
    if (n->by_key[key] == 0)
        n->by_key[key] = 1 + names_add(cx->arena, n, n->dimension->value(cx, key));
    return n->by_key[key] - 1;
}

void test_make(struct ctx *cx, const struct question_where *w, struct test *out)
{
    *out = (struct test){ .dimension = dimension_find(cx, w->dimension),
                          .pattern = w->value + (w->value[0] == '!'),
                          .opposite = w->value[0] == '!' };
}

u8 *verdict_at(struct arena *a, struct verdicts *v, u32 key)
{
    if (key >= v->key_cap)
        v->by_key = grown(a, v->by_key, &v->key_cap, key, sizeof *v->by_key);
    return &v->by_key[key];
}

bool test_holds(struct ctx *cx, const struct test *t, struct verdicts *v, u32 key)
{
    enum { NOT_MET, NO, YES };
    u8 *verdict = verdict_at(cx->arena, v, key);

    if (*verdict == NOT_MET) {
        const char *value = key ? t->dimension->value(cx, key) : "";
        bool fits = !text_empty(value) && text_like(t->pattern, value);
        *verdict = fits != t->opposite ? YES : NO;
    }
    return *verdict == YES;
}
