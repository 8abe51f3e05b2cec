/* filter_event.c -- conditions on events. A journey is not in SQL, so the tests of events in one
 * filter are settled together, by one walk, to sets of people; SQL is given the sets, and one
 * record in memory is asked by a look at one journey. What `where` may name are the dimensions of
 * events (question.h), their time, value and record. */
#include "base/sort.h"
#include "journey/journey.h"
#include "kit/filter_int.h"
#include "kit/kinds.h"
#include "kit/kit.h"
#include "kit/question.h"
#include <stdlib.h>

enum { EVENT_AT, EVENT_VALUE, EVENT_RECORD, EVENT_DIMENSIONS, BOT_BIT = 0x80 };
/* As many are looked up in one walk (journey.h), and as many in all: of more a scan costs less. */
enum { LOOKED_UP = 64, LOOKED_UP_MOST = 2000, WALK_THREADS = 2 };
static const i64 far_ms = INT64_C(4294967295000); /* no event is later: journey.h */

/* ---- the made-up type ---- */
struct event_type {
    struct record_type type;             /* first: its address is the type's */
    const struct dimension **dimensions; /* of the fields from EVENT_DIMENSIONS on */
};
enum { TYPE_EVENTS = 1 << 30 };

bool filter_is_event_type(const struct record_type *t) { return (t->flags & TYPE_EVENTS) != 0; }

/* What each event tells of itself; not what only a whole visit does. */
static bool is_of_event(const struct dimension *d)
{
    return d->key != NULL && (d->of == OF_VISIT || d->of == OF_EVENT);
}

static size_t find_dimensions(struct ctx *cx, const struct dimension **out)
{
    size_t features, count = 0;
    const struct feature *const *list = kit_features(cx->kit, &features);

    for (size_t i = 0; i < features; i++)
        for (size_t k = 0; k < list[i]->dimension_count; k++)
            if (is_of_event(&list[i]->dimensions[k])) {
                if (out)
                    out[count] = &list[i]->dimensions[k];
                count++;
            }
    return count;
}

const struct record_type *filter_event_type(struct ctx *cx, const struct event_kind *kind)
{
    struct event_type *e = NEW(cx->arena, struct event_type);
    size_t count = find_dimensions(cx, NULL);
    struct field *fields = NEW_N(cx->arena, struct field, count + EVENT_DIMENSIONS);
    bool told = kind->record && type_find(cx, kind->record);

    e->dimensions = NEW_N(cx->arena, const struct dimension *, count + 1);
    (void)find_dimensions(cx, e->dimensions);
    fields[EVENT_AT] = (struct field){ "at", FIELD_TIME, "Time", 0 };
    fields[EVENT_VALUE] = (struct field){ "value", FIELD_MONEY, "Value", 0 };
    fields[EVENT_RECORD] = (struct field){ "record", FIELD_REF, "Record", told ? 0 : INTERNAL,
                                           .ref = told ? kind->record : "user" };
    for (size_t i = 0; i < count; i++)
        fields[EVENT_DIMENSIONS + i] =
            (struct field){ e->dimensions[i]->name, FIELD_TEXT, e->dimensions[i]->label, 0 };
    e->type = (struct record_type){ .name = "event",
                                    .label = kind->label,
                                    .plural = kind->label,
                                    .path = "",
                                    .fields = fields,
                                    .field_count = (int)count + EVENT_DIMENSIONS,
                                    .flags = TYPE_EVENTS };
    return &e->type;
}

static const struct dimension *dimension_of(const struct filter_column *c)
{
    const struct event_type *e = (const struct event_type *)c->type;

    return c->field >= EVENT_DIMENSIONS ? e->dimensions[c->field - EVENT_DIMENSIONS] : NULL;
}

/* ---- the tests of one filter ---- */
struct filter_verdicts { /* of a test inside "where": by key of its dimension */
    u8 *by_key;          /* 0: not met yet */
    u32 cap;
};
enum { VERDICT_NO = 1, VERDICT_YES };

struct filter_events {
    struct arena *arena;
    struct filter_node **nodes;
    size_t count, cap;
    bool deep;         /* some are asked of others than the filter's own rows */
    const i64 *narrow; /* only these are asked for; NULL: everybody */
    size_t narrow_count;
    bool settled;
    i64 until_ms;
    struct filter_due *dues;
    size_t due_count, due_cap;
    i64 one_id; /* the last that was asked alone, and the answers */
    bool *one;
};

struct filter_events *filter_events_new(struct arena *a)
{
    struct filter_events *all = NEW(a, struct filter_events);

    all->arena = a;
    return all;
}

void filter_events_add(struct filter_events *all, struct filter_node *n, bool deep)
{
    if (all->count == all->cap) {
        size_t cap = all->cap ? all->cap * 2 : 4;
        struct filter_node **more = NEW_N(all->arena, struct filter_node *, cap);
        if (all->count)
            memcpy(more, all->nodes, all->count * sizeof *more);
        all->nodes = more;
        all->cap = cap;
    }
    all->nodes[all->count++] = n;
    all->deep |= deep || n->path.hop_count > 0;
    n->path.call->events = all;
}

void filter_narrow(struct filter *f, const i64 *ids, size_t count)
{
    if (f->events == NULL)
        return;
    f->events->narrow = f->events->deep ? NULL : ids;
    f->events->narrow_count = count;
    f->events->settled = false;
}

/* ---- one event ---- */
static u8 *verdict_of(struct filter_events *all, struct filter_node *n, u32 key)
{
    struct filter_verdicts *v = n->verdicts;

    if (v == NULL)
        v = n->verdicts = NEW(all->arena, struct filter_verdicts);
    if (key >= v->cap) {
        u32 cap = v->cap ? v->cap : 64;
        while (cap <= key)
            cap = cap > UINT32_MAX / 2 ? UINT32_MAX : cap * 2;
        u8 *more = NEW_N(all->arena, u8, cap);
        if (v->cap)
            memcpy(more, v->by_key, v->cap);
        v->by_key = more;
        v->cap = cap;
    }
    return &v->by_key[key];
}

/* A dimension's values are few, and texts are slow to fold: each is judged once. */
static enum status dimension_holds(struct ctx *cx, struct filter_events *all, struct filter_node *n,
                                   const struct dimension *d, const struct event *e, bool *out)
{
    u32 key = d->key(e);
    u8 *verdict = verdict_of(all, n, key);

    if (*verdict == 0) {
        const char *value = key ? d->value(cx, key) : "";
        struct filter_found at = { .text = field_fold(cx->arena, n->path.last.f, value) };
        at.set = at.text[0] != '\0';
        TRY(filter_found_matches(cx, n, &at, out));
        *verdict = *out ? VERDICT_YES : VERDICT_NO;
    }
    *out = *verdict == VERDICT_YES;
    return OK;
}

static enum status test_holds(struct ctx *cx, struct filter_events *all, struct filter_node *n,
                              const struct event *e, bool *out)
{
    const struct dimension *d = dimension_of(&n->path.last);
    struct filter_found at = { .set = true, .text = "" };
    enum filter_op op;

    if (d != NULL) {
        TRY(d->event_kind && kit_event_code(cx->kit, d->event_kind) != e->kind
                ? (*out = false, OK)
                : dimension_holds(cx, all, n, d, e, out));
    } else {
        at.i = n->path.last.system != SYSTEM_NONE  ? 0
               : n->path.last.field == EVENT_AT    ? e->at_ms
               : n->path.last.field == EVENT_VALUE ? e->value
                                                   : e->record;
        at.set = n->path.last.system == SYSTEM_NONE && (n->path.last.field == EVENT_AT || at.i);
        TRY(filter_found_matches(cx, n, &at, out));
    }
    if (filter_is_negative(n->op, &op))
        *out = !*out;
    return OK;
}

static enum status where_holds(struct ctx *cx, struct filter_events *all, struct filter_node *n,
                               const struct event *e, bool *out)
{
    if (n->kind == FILTER_TEST)
        return test_holds(cx, all, n, e, out);
    if (n->kind == FILTER_NOT) {
        TRY(where_holds(cx, all, n->children[0], e, out));
        *out = !*out;
        return OK;
    }
    *out = n->kind == FILTER_AND;
    for (size_t i = 0; i < n->count && *out == (n->kind == FILTER_AND); i++)
        TRY(where_holds(cx, all, n->children[i], e, out));
    return OK;
}

/* ---- one person ---- */
struct tally {
    i64 count, first_ms, last_ms;
};

static enum status count_events(struct ctx *cx, struct filter_events *all,
                                const struct filter_call *c, const struct journey_view *v,
                                struct tally *t)
{
    *t = (struct tally){ 0 };
    for (size_t i = 0; v && i < v->count; i++) {
        const struct event *e = &v->events[i];
        bool holds = true;
        if (e->kind != c->code || (e->device & BOT_BIT) || e->at_ms >= all->until_ms ||
            (c->windowed && e->at_ms < c->window.low) ||
            (c->windowed && c->window.how == HOW_PERIOD && e->at_ms >= c->window.high))
            continue;
        if (c->where)
            TRY(where_holds(cx, all, c->where, e, &holds));
        if (!holds)
            continue;
        if (t->count++ == 0)
            t->first_ms = e->at_ms;
        t->last_ms = e->at_ms;
    }
    return OK;
}

static enum status holds_of(struct ctx *cx, const struct filter_node *n, const struct tally *t,
                            bool *out)
{
    struct filter_found at = { .set = true, .i = t->count, .text = "" };

    if (n->path.call->fn != CALL_COUNT) {
        at.set = t->count > 0;
        at.i = n->path.call->fn == CALL_FIRST ? t->first_ms : t->last_ms;
    }
    return filter_found_matches(cx, n, &at, out);
}

/* ---- when an answer may change by itself ---- */
static void sooner(i64 *due, i64 at, i64 now)
{
    if (at > now && (*due == TIME_NONE || at < *due))
        *due = at;
}

void filter_moving_due(const struct filter_value *v, i64 at, i64 now, i64 *due)
{
    if (v->how != HOW_RELATIVE && v->how != HOW_NOW)
        return;
    sooner(due, at - (v->low - now), now);     /* it was after that moment, and is it now */
    sooner(due, at - (v->low - now) + 1, now); /* and is before it */
}

static void add_due(struct filter_events *all, i64 id, i64 at)
{
    if (all->due_count == all->due_cap) {
        size_t cap = all->due_cap ? all->due_cap * 2 : 64;
        struct filter_due *more = NEW_N(all->arena, struct filter_due, cap);
        if (all->due_count)
            memcpy(more, all->dues, all->due_count * sizeof *more);
        all->dues = more;
        all->due_cap = cap;
    }
    all->dues[all->due_count++] = (struct filter_due){ id, at };
}

static void due_of(const struct filter_node *n, const struct tally *t, i64 now, i64 *due)
{
    const struct filter_call *c = n->path.call;

    if (t->count == 0)
        return;
    if (c->windowed && c->window.how == HOW_RELATIVE)
        sooner(due, t->first_ms + (now - c->window.low) + 1, now);
    for (size_t i = 0; c->fn != CALL_COUNT && i < n->value_count; i++)
        filter_moving_due(&n->values[i], c->fn == CALL_FIRST ? t->first_ms : t->last_ms, now, due);
}

/* ---- the walk ---- */
struct walk {
    struct ctx *cx;
    struct filter_events **list; /* of each filter */
    size_t count;
    i64 now_ms;
    bool alone; /* the answers for one person are wanted */
    enum status status;
};

static void add_id(struct arena *a, struct filter_settled *s, i64 id)
{
    if (s->count == s->cap) {
        size_t cap = s->cap ? s->cap * 2 : 256;
        i64 *more = NEW_N(a, i64, cap);
        if (s->count)
            memcpy(more, s->ids, s->count * sizeof *more);
        s->ids = more;
        s->cap = cap;
    }
    s->ids[s->count++] = id;
}

static enum status ask_person(struct walk *w, struct filter_events *all, i64 id,
                              const struct journey_view *v)
{
    i64 due = TIME_NONE;

    for (size_t i = 0; i < all->count; i++) {
        struct filter_node *n = all->nodes[i];
        struct tally t;
        bool holds;
        TRY(count_events(w->cx, all, n->path.call, v, &t));
        TRY(holds_of(w->cx, n, &t, &holds));
        if (w->alone)
            all->one[i] = holds;
        else if (holds != n->settled->rest)
            add_id(all->arena, n->settled, id);
        due_of(n, &t, w->now_ms, &due);
    }
    if (due != TIME_NONE && !w->alone)
        add_due(all, id, due);
    return OK;
}

/* Another filter of the same walk may ask for people that this one does not. */
static bool asks_for(const struct filter_events *all, i64 id)
{
    size_t low = 0, high = all->narrow_count;

    if (all->narrow == NULL)
        return true;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (all->narrow[middle] < id)
            low = middle + 1;
        else
            high = middle;
    }
    return low < all->narrow_count && all->narrow[low] == id;
}

static void visit(void *acc, const struct journey_view *v)
{
    struct walk *w = acc;
    enum person_kind kind;
    u64 key;

    if (w->status == OK && journey_person_key(w->cx->journey, v->person, &kind, &key) &&
        kind == PERSON_CONTACT)
        for (size_t i = 0; i < w->count && w->status == OK; i++)
            if (w->alone || asks_for(w->list[i], (i64)key))
                w->status = ask_person(w, w->list[i], (i64)key, v);
}

static u32 columns_of(const struct filter_node *n)
{
    const struct dimension *d;
    u32 columns = 0;

    for (size_t i = 0; n && i < n->count; i++)
        columns |= columns_of(n->children[i]);
    if (n && n->kind == FILTER_TEST) {
        d = dimension_of(&n->path.last);
        columns |= d ? d->columns : n->path.last.field == EVENT_VALUE ? READ_VALUE : READ_RECORD;
    }
    return columns;
}

/* Only people with such events, only the time that matters. */
static void plan_part(const struct filter_events *all, struct journey_plan *plan)
{
    for (size_t i = 0; i < all->count; i++) {
        const struct filter_call *c = all->nodes[i]->path.call;
        i64 from = c->windowed ? c->window.low : 0;
        plan->columns |= columns_of(c->where);
        if (c->code != *plan->kinds)
            plan->kind_count = 0;
        if (from < plan->from_ms)
            plan->from_ms = from;
    }
}

static void plan_walk(const struct walk *w, struct journey_plan *plan)
{
    i64 until = w->list[0]->until_ms;

    plan->columns = READ_TIME | READ_DEVICE;
    plan->kinds = &w->list[0]->nodes[0]->path.call->code;
    plan->kind_count = 1;
    plan->from_ms = far_ms;
    plan->to_ms = until < far_ms ? until : far_ms;
    for (size_t i = 0; i < w->count; i++)
        plan_part(w->list[i], plan);
    if (plan->kind_count == 0)
        plan->kinds = NULL;
    if (plan->from_ms >= plan->to_ms)
        plan->from_ms = plan->to_ms - 1;
}

static int by_number(const void *a, const void *b)
{
    u32 x = *(const u32 *)a, y = *(const u32 *)b;

    return x < y ? -1 : x > y;
}

/* Some people by name: so few at a time that each is looked up and nobody else is passed over. */
static enum status walk_some(struct walk *w, struct journey_plan *plan, const u32 *people,
                             size_t count)
{
    void *acc = w;

    for (size_t from = 0; from < count && w->status == OK; from += LOOKED_UP) {
        plan->people = people + from;
        plan->people_count = count - from < LOOKED_UP ? count - from : LOOKED_UP;
        TRY(journey_walk(w->cx, w->cx->journey, plan, &acc, 1));
    }
    return w->status;
}

/* ---- everybody, on several threads ---- */
/* A copy without verdicts: those are written while it is asked. */
static struct filter_node *copy_where(struct arena *a, const struct filter_node *n)
{
    struct filter_node *copy;

    if (n == NULL)
        return NULL;
    copy = NEW(a, struct filter_node);
    *copy = *n;
    copy->verdicts = NULL;
    copy->children = NEW_N(a, struct filter_node *, n->count + 1);
    for (size_t i = 0; i < n->count; i++)
        copy->children[i] = copy_where(a, n->children[i]);
    return copy;
}

/* The same tests, which are answered on a thread of their own. */
static struct filter_events *copy_events(struct arena *a, const struct filter_events *all)
{
    struct filter_events *copy = filter_events_new(a);

    copy->until_ms = all->until_ms;
    for (size_t i = 0; i < all->count; i++) {
        struct filter_node *n = NEW(a, struct filter_node);
        struct filter_call *c = NEW(a, struct filter_call);
        *n = *all->nodes[i];
        *c = *n->path.call;
        c->where = copy_where(a, c->where);
        n->path.call = c;
        n->settled = NEW(a, struct filter_settled);
        n->settled->rest = all->nodes[i]->settled->rest;
        filter_events_add(copy, n, false);
    }
    return copy;
}

static void add_events(struct filter_events *all, const struct filter_events *more)
{
    for (size_t i = 0; i < all->count; i++)
        for (size_t k = 0; k < more->nodes[i]->settled->count; k++)
            add_id(all->arena, all->nodes[i]->settled, more->nodes[i]->settled->ids[k]);
    for (size_t i = 0; i < more->due_count; i++)
        add_due(all, more->dues[i].id, more->dues[i].at_ms);
}

static enum status walk_all(struct walk *w, const struct journey_plan *plan)
{
    struct walk parts[WALK_THREADS];
    struct ctx cx[WALK_THREADS];
    struct arena *arenas[WALK_THREADS];
    void *accs[WALK_THREADS];
    enum status s;

    for (int t = 0; t < WALK_THREADS; t++) {
        arenas[t] = arena_new(256 * 1024);
        cx[t] = *w->cx;
        cx[t].arena = arenas[t];
        parts[t] = *w;
        parts[t].cx = &cx[t];
        parts[t].list = NEW_N(arenas[t], struct filter_events *, w->count);
        for (size_t i = 0; i < w->count; i++)
            parts[t].list[i] = copy_events(arenas[t], w->list[i]);
        accs[t] = &parts[t];
    }
    s = journey_walk(w->cx, w->cx->journey, plan, accs, WALK_THREADS);
    for (int t = 0; t < WALK_THREADS; t++) {
        if (s == OK && parts[t].status != OK)
            s = ctx_fail(w->cx, parts[t].status, "%s", cx[t].error_text ? cx[t].error_text : "");
        for (size_t i = 0; i < w->count && s == OK; i++)
            add_events(w->list[i], parts[t].list[i]);
        arena_free(arenas[t]);
    }
    return s;
}

/* ids NULL: everybody. */
static enum status walk(struct walk *w, const i64 *ids, size_t count)
{
    struct ctx *cx = w->cx;
    struct journey_plan plan = { .visit = visit };
    void *acc = w;
    u32 *people;
    size_t known = 0;

    plan_walk(w, &plan);
    if (ids == NULL)
        return walk_all(w, &plan);
    people = NEW_N(cx->arena, u32, count + 1);
    for (size_t i = 0; i < count; i++) {
        u32 number = journey_person_find(cx->journey, PERSON_CONTACT, (u64)ids[i]);
        if (number)
            people[known++] = number;
    }
    qsort(people, known, sizeof *people, by_number);
    if (known <= LOOKED_UP_MOST)
        return walk_some(w, &plan, people, known);
    plan.people = people;
    plan.people_count = known;
    TRY(journey_walk(cx, cx->journey, &plan, &acc, 1));
    return w->status;
}

static enum status need_journey(struct ctx *cx)
{
    if (cx->journey)
        return OK;
    return ctx_fail_code(cx, E_INVALID, "filter.no_journey",
                         "This server keeps no journeys: ask the one that does about events.");
}

/* ---- settling ---- */
/* Of everybody of whom nothing is known. */
static enum status settle_begin(struct ctx *cx, struct filter_events *all, i64 until_ms)
{
    const struct tally none = { 0 };

    all->until_ms = until_ms;
    all->due_count = 0;
    for (size_t i = 0; i < all->count; i++) {
        all->nodes[i]->settled = NEW(all->arena, struct filter_settled);
        TRY(holds_of(cx, all->nodes[i], &none, &all->nodes[i]->settled->rest));
    }
    return OK;
}

static void settle_end(struct filter_events *all)
{
    for (size_t i = 0; i < all->count; i++)
        sort_by_id(all->arena, all->nodes[i]->settled->ids, all->nodes[i]->settled->count,
                   sizeof(i64));
    sort_by_id(all->arena, all->dues, all->due_count, sizeof *all->dues);
    all->settled = true;
}

static bool is_settled(const struct filter_events *all, i64 until_ms)
{
    return all->settled && all->until_ms == until_ms;
}

enum status filter_settle(struct ctx *cx, struct filter_events *all, i64 until_ms)
{
    struct walk w = { .cx = cx, .list = &all, .count = 1, .now_ms = ctx_now(cx), .status = OK };

    if (is_settled(all, until_ms))
        return OK;
    TRY(need_journey(cx));
    TRY(settle_begin(cx, all, until_ms));
    TRY(walk(&w, all->narrow, all->narrow_count));
    settle_end(all);
    return OK;
}

enum status filter_walk_together(struct ctx *cx, struct filter *const *list, size_t count)
{
    struct walk w = { .cx = cx,
                      .list = NEW_N(cx->arena, struct filter_events *, count + 1),
                      .now_ms = ctx_now(cx),
                      .status = OK };
    size_t id_count = 0, n = 0;
    i64 *ids;

    for (size_t i = 0; i < count; i++) {
        struct filter_events *all = list[i]->events;
        if (all == NULL || all->narrow == NULL || is_settled(all, INT64_MAX))
            continue;
        w.list[w.count++] = all;
        id_count += all->narrow_count;
    }
    if (w.count == 0)
        return OK;
    TRY(need_journey(cx));
    ids = NEW_N(cx->arena, i64, id_count + 1);
    for (size_t i = 0; i < w.count; i++) {
        memcpy(ids + n, w.list[i]->narrow, w.list[i]->narrow_count * sizeof *ids);
        n += w.list[i]->narrow_count;
        TRY(settle_begin(cx, w.list[i], INT64_MAX));
    }
    sort_by_id(cx->arena, ids, n, sizeof *ids);
    for (size_t i = id_count = 0; i < n; i++)
        if (i == 0 || ids[i] != ids[i - 1])
            ids[id_count++] = ids[i];
    TRY(walk(&w, ids, id_count));
    for (size_t i = 0; i < w.count; i++)
        settle_end(w.list[i]);
    return OK;
}

enum status filter_dues(struct ctx *cx, struct filter *f, const struct filter_due **list,
                        size_t *count)
{
    *count = 0;
    *list = NULL;
    if (f->events == NULL)
        return OK;
    TRY(filter_settle(cx, f->events, INT64_MAX));
    *list = f->events->dues;
    *count = f->events->due_count;
    return OK;
}

enum status filter_event_match(struct ctx *cx, const struct filter_node *n, i64 id, bool *out)
{
    struct filter_events *all = n->path.call->events;
    size_t at = 0;

    while (all->nodes[at] != n)
        at++;
    if (all->one == NULL || all->one_id != id) {
        struct walk w = {
            .cx = cx, .list = &all, .count = 1, .now_ms = ctx_now(cx), .alone = true, .status = OK
        };
        TRY(need_journey(cx));
        all->until_ms = INT64_MAX;
        all->settled = false;
        if (all->one == NULL)
            all->one = NEW_N(all->arena, bool, all->count);
        TRY(ask_person(&w, all, id, NULL));
        TRY(walk(&w, &id, 1));
        all->one_id = id;
    }
    *out = all->one[at];
    return OK;
}
