/* walk_parts.c -- the walk for reports that look at a few columns of very many people: shows each
 * person's rows where they lie. Runs are of a month, so a person's rows in them mostly follow one
 * another in time; for the people where they do not (a tail that is not merged yet, visitors that
 * became one contact) the events are copied together as in walk.c and shown as one part. */
#include "base/log.h"
#include "journey/walk_int.h"
#include <stdlib.h>
#include <string.h>

/* ---- events copied together, as columns again ---- */

struct mixed {
    struct slab slab;
    u32 room;
    u32 *at;
#define ROOM(number, field, type) type *field;
    PART_COLUMNS(ROOM)
#undef ROOM
    struct journey_columns *columns; /* one for each stretch of less than 2^32 ms */
    struct journey_part *parts;
    u32 column_room, part_room;
};

void parts_open(struct worker *k)
{
    k->mixed = calloc(1, sizeof *k->mixed);
    if (k->mixed == NULL)
        log_fatal("journey.out_of_memory", "in=walk");
}

void parts_close(struct worker *k)
{
    if (k->mixed != NULL) {
        slab_free(&k->mixed->slab);
        free(k->mixed->columns);
        free(k->mixed->parts);
    }
    free(k->mixed);
    free(k->parts);
}

static void mixed_room(struct mixed *m, u32 n)
{
    if (n <= m->room)
        return;
    slab_free(&m->slab);
    m->room = n + n / 2;
    m->at = SLAB_N(&m->slab, u32, m->room);
#define ROOM(number, field, type) m->field = SLAB_N(&m->slab, type, m->room);
    PART_COLUMNS(ROOM)
#undef ROOM
}

static void show_mixed(struct worker *k, u32 person, u64 kinds, const struct event *e, u32 n)
{
    struct mixed *m = k->mixed;
    u32 wanted = k->walk->asked | COLS_ALWAYS, count = 0, begun = 0;

    mixed_room(m, n);
    for (u32 i = 0; i < n; i++) {
        if (i == 0 || e[i].at_ms - e[begun].at_ms > UINT32_MAX) {
            begun = i;
            m->columns = array_room(m->columns, &m->column_room, count + 1, sizeof *m->columns);
            m->parts = array_room(m->parts, &m->part_room, count + 1, sizeof *m->parts);
            m->columns[count] = (struct journey_columns){ .base_ms = e[i].at_ms, .at = m->at };
            m->parts[count++] = (struct journey_part){ .first = i };
        }
        m->at[i] = (u32)(e[i].at_ms - e[begun].at_ms);
        m->parts[count - 1].count++;
#define COPY(number, field, type) m->field[i] = e[i].field;
        PART_COLUMNS(COPY)
#undef COPY
    }
    for (u32 i = 0; i < count; i++) {
        m->parts[i].of = &m->columns[i];
#define POINT(number, field, type) \
    if (wanted & COL_BIT(number))  \
        m->columns[i].field = m->field;
        PART_COLUMNS(POINT)
#undef POINT
    }
    k->walk->plan->visit_parts(k->acc, &(struct journey_parts){ person, kinds, m->parts, count });
}

void parts_show(struct worker *k, u32 person, u64 kinds, const struct event *e, u32 n)
{
    const struct walk *w = k->walk;

    while (n > 0 && e[n - 1].at_ms >= w->to_ms)
        n--;
    for (; n > 0 && e->at_ms < w->from_ms; n--)
        e++;
    if (n > 0 && walk_has_kinds(w->plan, e, n) && walk_has_row(w->plan->row, e, n))
        show_mixed(k, person, kinds, e, n);
}

/* Those whose rows are not in order where they lie; k->wanted names them. */
static void visit_mixed(struct worker *k, u32 chunk, struct slab *merging)
{
    struct walk *w = k->walk;

    memset(k->count, 0, sizeof(u32) << w->shift); /* of events from here on */
    for (u32 i = 0; i < k->view_start[w->run_count]; i++)
        k->count[k->owned[i].index] += k->owned[i].len;
    if (walk_fill(k) == 0)
        return;
    for (u32 i = 0; i < 1u << w->shift; i++) {
        if (!k->wanted[i])
            continue;
        u32 n, person = (chunk << w->shift) + i;
        struct event *e = walk_events(k, i, person, merging, &n);
        parts_show(k, person, k->masks[i], e, n);
    }
}

/* ---- rows where they lie ---- */

static inline i64 time_of(const struct journey_part *p, u32 i)
{
    return p->of->base_ms + p->of->at[p->first + i];
}

/* Leaves what lies in range; false: nothing. */
static bool trim(const struct walk *w, struct journey_part *p)
{
    while (p->count > 0 && time_of(p, p->count - 1) >= w->to_ms)
        p->count--;
    while (p->count > 0 && time_of(p, 0) < w->from_ms) {
        p->first++;
        p->count--;
    }
    return p->count > 0;
}

static bool parts_have_kinds(const struct journey_plan *plan, const struct journey_part *p, u32 n)
{
    for (size_t k = 0; k < plan->kind_count; k++) {
        bool found = false;
        for (u32 i = 0; i < n && !found; i++)
            for (u32 r = p[i].first; r < p[i].first + p[i].count && !found; r++)
                found = p[i].of->kind[r] == plan->kinds[k];
        if (!found)
            return false;
    }
    return true;
}

static bool parts_have_row(const struct journey_row *row, const struct journey_part *p, u32 n)
{
    if (row == NULL)
        return true;
    for (u32 i = 0; i < n; i++) {
        const struct journey_columns *c = p[i].of;
        for (u32 r = p[i].first; r < p[i].first + p[i].count; r++)
            if ((!row->kind || c->kind[r] == row->kind) &&
                (!row->country || c->country[r] == row->country) &&
                (!row->channel || c->channel[r] == row->channel) &&
                (!row->site || c->site[r] == row->site) &&
                (!row->page || c->page[r] == row->page) &&
                (!row->source || c->source[r] == row->source) &&
                (!row->campaign || c->campaign[r] == row->campaign))
                return true;
    }
    return false;
}

static bool in_order(const struct journey_part *p, u32 n)
{
    for (u32 i = 1; i < n; i++)
        if (time_of(&p[i - 1], p[i - 1].count - 1) >= time_of(&p[i], 0))
            return false;
    return true;
}

/* Runs overlap a little, where events came late: mostly the parts still follow one another. */
static bool put_in_order(struct journey_part *p, u32 n)
{
    for (u32 i = 1; i < n; i++)
        for (u32 k = i; k > 0 && time_of(&p[k - 1], 0) > time_of(&p[k], 0); k--) {
            struct journey_part swap = p[k];
            p[k] = p[k - 1];
            p[k - 1] = swap;
        }
    return in_order(p, n);
}

/* Shows one person; false: the rows are not in order. */
static bool show_parts(struct worker *k, u32 person, u64 kinds, struct journey_part *p, u32 n)
{
    const struct walk *w = k->walk;
    const struct journey_plan *plan = w->plan;
    u32 kept = 0;
    bool sure = (w->kinds >> 63) == 0 && plan->row == NULL; /* the last bit is shared */

    for (u32 i = 0; i < n; i++) {
        const struct typed *of = (const struct typed *)p[i].of;
        if (of == NULL) /* of a run whose times are wide */
            return false;
        sure &= !of->cut;
    }
    if (!in_order(p, n) && !put_in_order(p, n))
        return false;
    if (sure) { /* the directory has told of the kinds of whole runs */
        plan->visit_parts(k->acc, &(struct journey_parts){ person, kinds, p, n });
        return true;
    }
    for (u32 i = 0; i < n; i++)
        if (trim(w, &p[i]))
            p[kept++] = p[i];
    if (kept > 0 && parts_have_kinds(plan, p, kept) && parts_have_row(plan->row, p, kept))
        plan->visit_parts(k->acc, &(struct journey_parts){ person, kinds, p, kept });
    return true;
}

/* Lists the rows of each wanted person, by the time of their runs; k->start becomes the place of
 * each list, and one more the end. */
static void list_parts(struct worker *k)
{
    struct walk *w = k->walk;
    u32 n = 1u << w->shift, all = k->view_start[w->run_count], at = 0;

    for (u32 i = 0; i < n; i++) {
        k->start[i] = at;
        at += k->wanted[i] ? k->count[i] : 0;
    }
    k->start[n] = at;
    k->parts = array_room(k->parts, &k->part_room, all, sizeof *k->parts);
    for (u32 v = 0; v < w->run_count; v++) {
        const struct typed *t = &k->typed[v];
        const struct journey_columns *of = t->narrow ? &t->columns : NULL;
        for (u32 i = k->view_start[v]; i < k->view_start[v + 1]; i++) {
            const struct owned_slice *o = &k->owned[i];
            if (k->wanted[o->index])
                k->parts[k->start[o->index]++] = (struct journey_part){ of, o->lo, o->len };
        }
    }
    for (u32 i = n; i > 0; i--) /* each start has moved to its end */
        k->start[i] = k->start[i - 1];
    k->start[0] = 0;
}

void parts_visit(struct worker *k, u32 chunk, struct slab *merging)
{
    struct walk *w = k->walk;
    bool any = false;

    /* Arrivals and numbers only of those who need sorting. */
    if (!walk_read(k, w->columns & ~(COL_BIT(COL_SEQ) | COL_BIT(COL_PERSON))))
        return;
    for (u32 v = 0; v < w->run_count; v++)
        if (w->wholes[v] == NULL)
            typed_load(&k->typed[v], &k->windows[v].view, w->asked | COLS_ALWAYS, NULL, &k->rows);
    list_parts(k);
    for (u32 i = 0; i < 1u << w->shift; i++) {
        if (!k->wanted[i])
            continue;
        u32 at = k->start[i], person = (chunk << w->shift) + i;
        k->wanted[i] = k->mixed_up[i] ||
                       !show_parts(k, person, k->masks[i], &k->parts[at], k->start[i + 1] - at);
        any |= k->wanted[i];
    }
    if (any)
        visit_mixed(k, chunk, merging);
}
