/* model.c -- the naive journey. */
#include "model.h"
#include <stdlib.h>
#include <string.h>

u64 random_next(u64 *state)
{
    u64 z = (*state += 0x9e3779b97f4a7c15u);

    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
    z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
    return z ^ (z >> 31);
}

u32 random_below(u64 *state, u32 n) { return (u32)((random_next(state) >> 32) * n >> 32); }

void model_init(struct model *m) { *m = (struct model){ 0 }; }

void model_free(struct model *m)
{
    for (u32 i = 0; i < m->count; i++)
        free((char *)m->events[i].props);
    free(m->events);
    free(m->owner);
    free(m->owned_ms);
    free(m->gone);
}

void model_person(struct model *m, u32 person)
{
    if (person <= m->people)
        return;
    m->owner = realloc(m->owner, (person + 1) * sizeof *m->owner);
    m->owned_ms = realloc(m->owned_ms, (person + 1) * sizeof *m->owned_ms);
    m->gone = realloc(m->gone, (person + 1) * sizeof *m->gone);
    for (u32 p = m->people == 0 ? 0 : m->people + 1; p <= person; p++) {
        m->owner[p] = 0;
        m->gone[p] = false;
    }
    m->people = person;
}

void model_append(struct model *m, const struct event *events, u32 count)
{
    if (m->count + count > m->room) {
        m->room = (m->count + count) * 2;
        m->events = realloc(m->events, m->room * sizeof *m->events);
    }
    for (u32 i = 0; i < count; i++) {
        struct event e = events[i];
        if (e.id != 0 && m->id_known[e.id % 64])
            continue;
        if (e.id != 0)
            m->id_known[e.id % 64] = true;
        e.id = 0;
        e.seq = m->count + 1;
        e.props = e.props == NULL ? NULL : strdup(e.props);
        m->events[m->count++] = e;
    }
}

u32 model_root(const struct model *m, u32 person)
{
    while (m->owner[person] != 0)
        person = m->owner[person];
    return m->gone[person] ? 0 : person;
}

void model_erase(struct model *m, u32 person)
{
    u32 root = model_root(m, person);

    u32 *roots = calloc(m->people + 1, sizeof *roots);
    for (u32 p = 1; p <= m->people; p++)
        roots[p] = model_root(m, p);
    for (u32 p = 1; p <= m->people; p++)
        m->gone[p] |= roots[p] == root;
    free(roots);
    for (u32 p = 1; p <= m->people; p++)
        if (m->gone[p])
            m->owner[p] = 0;
    m->gone_count++;
}

enum status model_alias(struct model *m, u32 visitor, u32 contact, i64 at_ms)
{
    if (m->gone[visitor] || m->gone[contact] || model_root(m, contact) == visitor)
        return E_INVALID;
    if (m->owner[visitor] == contact)
        return OK;
    if (m->owner[visitor] != 0)
        return E_CONFLICT;
    m->owner[visitor] = contact;
    m->owned_ms[visitor] = at_ms;
    return OK;
}

enum status model_unalias(struct model *m, u32 visitor)
{
    if (m->owner[visitor] == 0)
        return E_NOT_FOUND;
    m->owner[visitor] = 0;
    return OK;
}

/* ---- walks ---- */

static int by_time(const void *a, const void *b)
{
    const struct event *x = a, *y = b;

    if (x->at_ms != y->at_ms)
        return x->at_ms < y->at_ms ? -1 : 1;
    return x->seq < y->seq ? -1 : x->seq > y->seq;
}

static int by_person(const void *a, const void *b)
{
    const struct seen_person *x = a, *y = b;

    return x->person < y->person ? -1 : x->person > y->person;
}

static void seen_put(struct seen_people *s, u32 person, const struct event *e, u32 count)
{
    if (s->count == s->room) {
        s->room = s->room == 0 ? 64 : s->room * 2;
        s->list = realloc(s->list, s->room * sizeof *s->list);
    }
    struct seen_person *p = &s->list[s->count++];
    *p = (struct seen_person){ person, malloc(count * sizeof *e), count };
    memcpy(p->events, e, count * sizeof *e);
    for (u32 i = 0; i < count; i++)
        if (e[i].props != NULL)
            p->events[i].props = strdup(e[i].props);
}

void seen_visit(void *acc, const struct journey_view *v)
{
    seen_put(acc, v->person, v->events, (u32)v->count);
}

struct folded {
    struct event *events;
    u64 count;
};

static void fold_part(const struct journey_columns *c, const struct journey_part *p)
{
    struct folded *f = p->state;

    assert_true(p->count > 0);
    f->events = realloc(f->events, (f->count + p->count) * sizeof *f->events);
    assert_non_null(f->events);
    for (u32 i = 0; i < p->count; i++) {
        u32 row = p->first + i;
        struct event *e = &f->events[f->count++];
        *e = (struct event){ .at_ms = c->base_ms + c->at[row], .kind = c->kind[row] };
        assert_true(p->kinds & journey_kind_bit(e->kind));
#define FIELD(field) e->field = c->field == NULL ? 0 : c->field[row]
        FIELD(channel);
        FIELD(device);
        FIELD(country);
        FIELD(flags);
        FIELD(site);
        FIELD(page);
        FIELD(source);
        FIELD(campaign);
        FIELD(client);
        FIELD(touch);
        FIELD(value);
        FIELD(record);
#undef FIELD
    }
}

static void fold_parts(void *acc, const struct journey_parts *v)
{
    (void)acc;
    assert_true(v->count > 0);
    for (size_t i = 0; i < v->count; i++)
        fold_part(v->of, &v->list[i]);
}

static void fold_done(void *acc, void *state, u32 person)
{
    struct folded *f = state;

    seen_put(acc, person, f->events, (u32)f->count);
    free(f->events);
}
const struct journey_fold seen_fold = { sizeof(struct folded), fold_parts, fold_done };

void seen_free(struct seen_people *s)
{
    for (u32 i = 0; i < s->count; i++) {
        for (u32 k = 0; k < s->list[i].count; k++)
            free((char *)s->list[i].events[k].props);
        free(s->list[i].events);
    }
    free(s->list);
    *s = (struct seen_people){ 0 };
}

void seen_add_up(struct seen_people *a, struct seen_people *b)
{
    a->list = realloc(a->list, (a->count + b->count + 1) * sizeof *a->list);
    if (b->count > 0)
        memcpy(a->list + a->count, b->list, b->count * sizeof *a->list);
    a->count += b->count;
    a->room = a->count + 1;
    free(b->list);
    *b = (struct seen_people){ 0 };
    qsort(a->list, a->count, sizeof *a->list, by_person);
}

static bool listed(const u32 *list, size_t count, u32 x)
{
    for (size_t i = 0; i < count; i++)
        if (list[i] == x)
            return true;
    return list == NULL;
}

static bool has_row(const struct journey_row *row, const struct event *e, u32 n)
{
    bool found = row == NULL;

    for (u32 i = 0; i < n && !found; i++)
        found = (row->kind == 0 || row->kind == e[i].kind) &&
                (row->channel == 0 || row->channel == e[i].channel) &&
                (row->page == 0 || row->page == e[i].page);
    return found;
}

static bool has_kinds(const struct journey_plan *p, const struct event *e, u32 n)
{
    for (size_t k = 0; k < p->kind_count; k++) {
        bool found = false;
        for (u32 i = 0; i < n; i++)
            found |= e[i].kind == p->kinds[k];
        if (!found)
            return false;
    }
    return true;
}

void model_walk(const struct model *m, const struct journey_plan *p, struct seen_people *out)
{
    bool all = p->from_ms == 0 && p->to_ms == 0;
    struct event *own = malloc((m->count + 1) * sizeof *own);

    for (u32 person = 1; person <= m->people; person++) {
        u32 n = 0;
        if (m->owner[person] != 0 || m->gone[person] || !listed(p->people, p->people_count, person))
            continue;
        for (u32 i = 0; i < m->count; i++) {
            const struct event *e = &m->events[i];
            if (model_root(m, e->person) == person &&
                (all || (e->at_ms >= p->from_ms && e->at_ms < p->to_ms)))
                own[n++] = *e;
        }
        qsort(own, n, sizeof *own, by_time);
        if (n > 0 && has_kinds(p, own, n) && has_row(p->row, own, n))
            seen_put(out, person, own, n);
    }
    free(own);
}

/* ---- comparing ---- */

void assert_event(const struct event *got, const struct event *want, u32 columns, bool props)
{
    if (columns == 0)
        columns = ~0u;
    assert_int_equal(got->at_ms, want->at_ms);
    assert_int_equal(got->seq, want->seq);
    assert_int_equal(got->person, want->person);
    assert_int_equal(got->kind, want->kind);
#define SAME(bit, field) \
    if (columns & (bit)) \
    assert_int_equal(got->field, want->field)
    SAME(READ_CHANNEL, channel);
    SAME(READ_DEVICE, device);
    SAME(READ_COUNTRY, country);
    SAME(READ_FLAGS, flags);
    SAME(READ_SITE, site);
    SAME(READ_PAGE, page);
    SAME(READ_SOURCE, source);
    SAME(READ_CAMPAIGN, campaign);
    SAME(READ_CLIENT, client);
    SAME(READ_TOUCH, touch);
    SAME(READ_VALUE, value);
    SAME(READ_RECORD, record);
#undef SAME
    if (!props)
        return;
    assert_int_equal(got->props == NULL, want->props == NULL);
    if (want->props != NULL)
        assert_string_equal(got->props, want->props);
}

void assert_people(const struct seen_people *got, const struct seen_people *want, u32 columns,
                   bool props)
{
    assert_int_equal(got->count, want->count);
    for (u32 i = 0; i < want->count; i++) {
        assert_int_equal(got->list[i].person, want->list[i].person);
        assert_int_equal(got->list[i].count, want->list[i].count);
        for (u32 k = 0; k < want->list[i].count; k++)
            assert_event(&got->list[i].events[k], &want->list[i].events[k], columns, props);
    }
}
