/* question_journey.c -- journey metrics: events, visits and people, all those of a page in one
 * walk.
 *
 * Each leaf is a slot; slots with the same period and conditions look through one lens. A lens cuts
 * a person's events into spans (a visit, or an event outside of one), once, and keeps those that
 * its conditions choose; then each slot counts what it is about, into cells by the dimension's key.
 * Nothing outside of the lens's period is looked at, so that an answer does not depend on what else
 * is asked. Each thread has its own cells; they are added up afterwards: a person is seen by one
 * thread only, so people add up too.
 *
 * The rows behind a number are listed by the same walk: where a cell counts, the row of what it
 * counted begins (list_row).
 *
 * Here is what comes before the walk and after it; question_walk.c is the walk. */
#include "kit/question_walk.h"
#include <stdlib.h>

enum { WALK_THREADS = 2 };

/* ---- before the walk ---- */
const struct dimension *dimension_find(struct ctx *cx, const char *name)
{
    size_t count;
    const struct feature *const *features = kit_features(cx->kit, &count);

    for (size_t i = 0; i < count; i++)
        for (size_t j = 0; j < features[i]->dimension_count; j++)
            if (text_is(features[i]->dimensions[j].name, name))
                return &features[i]->dimensions[j];
    return NULL;
}

static void find_visit_kinds(struct ctx *cx, struct plan *p)
{
    const struct event_kind *kind;

    for (size_t i = 0; (kind = kit_event_kind_at(cx->kit, i)) != NULL; i++) {
        if (!(kind->flags & KIND_VISIT))
            continue;
        walk_add_kind(p->visits, kit_event_code(cx->kit, kind->name));
        if (!(kind->flags & KIND_PASSIVE))
            walk_add_kind(p->active, kit_event_code(cx->kit, kind->name));
    }
}

static enum status aspect_of(struct ctx *cx, struct plan *p, const struct dimension *d,
                             struct aspect *out)
{
    *out = (struct aspect){ d, d->event_kind ? kit_event_code(cx->kit, d->event_kind) : 0, NULL };
    if (d->of != OF_SOME)
        return OK;
    for (size_t i = 0; i < p->ready_count; i++)
        if (p->ready[i].of == d)
            return *out = p->ready[i], OK;
    TRY(d->ready(cx, &out->ready));
    if (p->ready_count < READY_MAX)
        p->ready[p->ready_count++] = *out;
    return OK;
}

/* The keys whose values fit the pattern. */
static u64 some_that_fit(const struct condition *c)
{
    u64 some = 0;

    for (u32 key = 1; key <= 64; key++) {
        const char *value = c->aspect.of->some_value(c->aspect.ready, key);
        if (value[0] && text_like(c->test.pattern, value))
            some |= 1ull << (key - 1);
    }
    return some;
}

static enum status make_conditions(struct ctx *cx, struct plan *p, struct lens *s)
{
    s->count = s->q->where_count;
    s->conditions = NEW_N(cx->arena, struct condition, s->count + 1);
    for (size_t i = 0; i < s->count; i++) {
        struct condition *c = &s->conditions[i];
        test_make(cx, &s->q->where[i], &c->test);
        TRY(aspect_of(cx, p, c->test.dimension, &c->aspect));
        s->of_events |= walk_is_of_events(&c->aspect);
        if (c->aspect.of->of == OF_SOME)
            c->some = some_that_fit(c);
    }
    return OK;
}

/* The lens of a leaf, made when no slot before had the like. */
static enum status find_lens(struct ctx *cx, struct plan *p, const struct leaf *l, size_t *out)
{
    struct lens *s = p->lenses;
    size_t i = 0;

    while (i < p->lens_count && !(s[i].from_ms == l->from_ms && s[i].to_ms == l->to_ms &&
                                  s[i].bots == l->metric->bots && where_same(s[i].q, l->q)))
        i++;
    if (i == p->lens_count) {
        s[p->lens_count++] = (struct lens){
            .from_ms = l->from_ms, .to_ms = l->to_ms, .q = l->q, .bots = l->metric->bots
        };
        TRY(make_conditions(cx, p, &s[i]));
    }
    *out = i;
    return OK;
}

static enum status make_slot(struct ctx *cx, struct leaf *leaf, struct plan *plan, struct slot *out)
{
    const char *dimension = leaf->q->dimension;
    const struct dimension *d = NULL;

    *out = (struct slot){ .leaf = leaf };
    TRY(find_lens(cx, plan, leaf, &out->lens));
    if (!text_empty(leaf->q->filter))
        return ctx_fail_code(cx, E_INVALID, "question.filter",
                             "%s counts journeys: it cannot be filtered by fields of records.",
                             leaf->metric->label);
    if (leaf->metric->event_kind)
        walk_add_kind(out->kinds, kit_event_code(cx->kit, leaf->metric->event_kind));
    else
        memcpy(out->kinds, leaf->metric->about ? plan->visits : plan->active, sizeof out->kinds);
    leaf->unit = leaf->metric->counts == SUM_VISIT_TIME ? MS_SECOND
                 : leaf->metric->measure_unit           ? leaf->metric->measure_unit
                                                        : 1;
    leaf->overlaps = leaf->metric->counts == COUNT_PEOPLE || leaf->metric->counts == P75_OF_EVENTS;
    if (leaf->metric->about)
        TRY(aspect_of(cx, plan, dimension_find(cx, leaf->metric->about), &out->about));
    if (leaf->buckets || text_empty(dimension))
        return OK;
    d = dimension_find(cx, dimension);
    if (d == NULL)
        return ctx_fail_code(cx, E_INVALID, "question.dimension", "%s cannot be split by '%s'.",
                             leaf->metric->label, dimension);
    TRY(aspect_of(cx, plan, d, &out->by));
    leaf->overlaps |= d->of == OF_SOME || (d->of == OF_EVENT && walk_counts_visits(leaf->metric));
    return OK;
}

static void plan_slots(struct ctx *cx, struct plan *plan)
{
    for (size_t i = 0; i < plan->lens_count; i++)
        plan->lenses[i].slots = NEW_N(cx->arena, size_t, plan->count);
    for (size_t i = 0; i < plan->count; i++) {
        struct lens *l = &plan->lenses[plan->slots[i].lens];
        l->slots[l->slot_count++] = i;
    }
}

static void plan_columns(const struct plan *plan, struct journey_plan *jp)
{
    for (size_t i = 0; i < plan->count; i++) {
        const struct slot *s = &plan->slots[i];
        if (s->by.of)
            jp->columns |= s->by.of->columns;
        if (s->about.of)
            jp->columns |= s->about.of->columns;
        if (walk_measures(s->leaf->metric))
            jp->columns |= s->leaf->metric->measured | READ_PAGE;
        if (s->leaf->metric->counts == COUNT_BOUNCED_VISITS ||
            s->leaf->metric->counts == COUNT_ENGAGED_VISITS)
            jp->columns |= READ_FLAGS;
    }
    for (size_t i = 0; i < plan->lens_count; i++) {
        const struct lens *s = &plan->lenses[i];
        for (size_t j = 0; j < s->count; j++)
            jp->columns |= s->conditions[j].aspect.of->columns;
        if (i == 0 || s->from_ms < jp->from_ms)
            jp->from_ms = s->from_ms;
        if (i == 0 || s->to_ms > jp->to_ms)
            jp->to_ms = s->to_ms;
    }
}

/* ---- after the walk ---- */
static int by_number(const void *a, const void *b)
{
    u32 x = *(const u32 *)a, y = *(const u32 *)b;

    return (x > y) - (x < y);
}

/* By nearest rank, so that it is one of the numbers. */
static double p75_of(struct count *c)
{
    qsort(c->each, c->each_count, sizeof *c->each, by_number);
    return c->each[((u64)c->each_count * 3 + 3) / 4 - 1];
}

/* What a count is worth as an answer. */
static void settle_cell(const struct leaf *l, struct count *c, struct cell *cell)
{
    const struct metric *m = l->metric;

    cell->count = c->count;
    cell->sum = c->sum;
    cell->defined = true;
    if (!walk_measures(m)) {
        cell->value = (double)c->count / l->unit;
    } else if (m->counts == SUM_OF_EVENTS) {
        cell->value = (double)c->sum / l->unit;
    } else if (c->count == 0) {
        cell->defined = false;
    } else if (m->counts == P75_OF_EVENTS) {
        cell->value = p75_of(c) / l->unit;
    } else {
        cell->value = (double)c->sum / (double)c->count / l->unit;
    }
}

/* Adds the one thread's count to the other's. a: the arena of `to`. */
static void add_count(struct arena *a, struct count *to, const struct count *from)
{
    u32 *each;

    to->count += from->count;
    to->sum += from->sum;
    if (from->each_count == 0)
        return;
    each = NEW_N(a, u32, (size_t)to->each_count + from->each_count);
    if (to->each_count)
        memcpy(each, to->each, to->each_count * sizeof *each);
    memcpy(each + to->each_count, from->each, from->each_count * sizeof *each);
    to->each = each;
    to->each_count += from->each_count;
}

static void take_counts(struct ctx *cx, struct slot *s, const struct counts *all,
                        const struct names *names)
{
    struct leaf *l = s->leaf;

    if (l->buckets) {
        l->cells = bucket_cells(cx, l->buckets);
        l->count = l->buckets->count;
        for (size_t i = 0; i < l->count; i++)
            settle_cell(l, &(struct count){ 0 }, &l->cells[i]);
    } else if (s->by.of) {
        l->cells = NEW_N(cx->arena, struct cell, all->used + 1);
    }
    for (size_t i = 0; i < all->cap; i++) {
        struct count *c = &all->items[i];
        if (!c->used)
            continue;
        if (l->buckets) {
            settle_cell(l, c, &l->cells[c->key]);
            continue;
        }
        const char *value = c->key == 0               ? ""
                            : s->by.of->of == OF_SOME ? s->by.of->some_value(s->by.ready, c->key)
                            : s->by.of->shared        ? names->values[c->key]
                                                      : s->by.of->value(cx, c->key);
        bool known = !text_empty(value);
        l->cells[l->count] = (struct cell){ .key = known ? value : NULL,
                                            .label = known ? s->by.of->text(cx, value) : NULL };
        settle_cell(l, c, &l->cells[l->count++]);
    }
}

/* The threads have their own numbers of shared values. */
static void add_up(struct ctx *cx, struct plan *plan, struct acc *accs)
{
    for (size_t i = 0; i < plan->count; i++) {
        struct slot *s = &plan->slots[i];
        struct count total = { 0 };
        struct counts sum = { .arena = cx->arena };
        struct names names = { .dimension = s->by.of };
        for (int t = 0; t < WALK_THREADS; t++) {
            add_count(cx->arena, &total, &accs[t].totals[i]);
            for (size_t j = 0; j < accs[t].by_slot[i].cap; j++) {
                const struct count *c = &accs[t].by_slot[i].items[j];
                u32 key = c->key;
                if (!c->used)
                    continue;
                if (s->by.of && s->by.of->shared && key)
                    key = names_add(cx->arena, &names, accs[t].names[i].values[key]);
                add_count(cx->arena, walk_count_at(&sum, key), c);
            }
        }
        settle_cell(s->leaf, &total, &s->leaf->total);
        take_counts(cx, s, &sum, &names);
    }
}

static void acc_make(struct ctx *cx, const struct plan *plan, struct acc *acc)
{
    struct arena *a = arena_new(64 * 1024);

    *acc = (struct acc){ .plan = plan,
                         .arena = a,
                         .cx = *cx,
                         .by_slot = NEW_N(a, struct counts, plan->count),
                         .totals = NEW_N(a, struct count, plan->count),
                         .names = NEW_N(a, struct names, plan->count),
                         .buckets = NEW_N(a, size_t, plan->count),
                         .verdicts = NEW_N(a, struct verdicts *, plan->lens_count) };
    acc->cx.arena = a;
    for (size_t i = 0; i < plan->count; i++) {
        acc->by_slot[i].arena = a;
        acc->names[i].dimension = plan->slots[i].by.of;
    }
    for (size_t i = 0; i < plan->lens_count; i++)
        acc->verdicts[i] = NEW_N(a, struct verdicts, plan->lenses[i].count + 1);
    if (plan->wanted)
        acc->picks =
            (struct picks){ .arena = a,
                            .before = plan->wanted->before,
                            .most = plan->wanted->limit + 1,
                            .by_last = plan->slots[0].leaf->metric->counts == COUNT_PEOPLE };
}

/* The threads' rows as one list, and their number. */
static void join_picks(struct ctx *cx, struct acc *accs, struct question_list *out)
{
    struct picks all = { 0 };
    struct count sum = { 0 };
    struct cell cell = { 0 };

    for (int t = 0; t < WALK_THREADS; t++) {
        struct picks *p = &accs[t].picks;
        picks_end_row(p);
        if (t == 0)
            all = (struct picks){ .arena = cx->arena, .most = p->most, .by_last = p->by_last };
        all.total += p->total;
        all.amount += p->amount;
        all.weight += p->weight;
        for (size_t i = 0; i < p->count; i++)
            picks_add(&all, &p->list[i]);
    }
    picks_answer(cx, &all, out);
    for (int t = 0; t < WALK_THREADS; t++) {
        const struct counts *cells = &accs[t].by_slot[0];
        if (walk_lists_all(&accs[t]))
            add_count(cx->arena, &sum, &accs[t].totals[0]);
        for (size_t i = 0; i < cells->cap; i++)
            if (cells->items[i].used && walk_lists_group(&accs[t], 0, cells->items[i].key))
                add_count(cx->arena, &sum, &cells->items[i]);
    }
    settle_cell(accs[0].plan->slots[0].leaf, &sum, &cell);
    out->value = cell.value;
    out->defined = cell.defined;
    out->unit = accs[0].plan->slots[0].leaf->unit;
}

/* rows: of a plan that lists; else NULL. */
static enum status walk(struct ctx *cx, struct plan *plan, const struct journey_plan *jp,
                        struct question_list *rows)
{
    struct acc accs[WALK_THREADS];
    void *pointers[WALK_THREADS];
    enum status s;

    for (int t = 0; t < WALK_THREADS; t++) {
        acc_make(cx, plan, &accs[t]);
        pointers[t] = &accs[t];
    }
    s = journey_walk(cx, cx->journey, jp, pointers, WALK_THREADS);
    if (s == OK && rows)
        join_picks(cx, accs, rows);
    else if (s == OK)
        add_up(cx, plan, accs);
    for (int t = 0; t < WALK_THREADS; t++)
        arena_free(accs[t].arena);
    return s;
}

enum status leaves_ask_journey(struct ctx *cx, struct leaf **leaves, size_t count)
{
    struct plan plan = { .slots = NEW_N(cx->arena, struct slot, count + 1),
                         .lenses = NEW_N(cx->arena, struct lens, count + 1),
                         .count = count };
    struct journey_plan jp = { .visit = walk_person, .columns = READ_DEVICE };

    if (count == 0)
        return OK;
    TRY(access_check(cx, "journey", VERB_READ));
    find_visit_kinds(cx, &plan);
    for (size_t i = 0; i < count; i++)
        TRY(make_slot(cx, leaves[i], &plan, &plan.slots[i]));
    plan_slots(cx, &plan);
    plan_columns(&plan, &jp);
    if (cx->journey && jp.from_ms < jp.to_ms)
        return walk(cx, &plan, &jp, NULL);
    for (size_t i = 0; i < count; i++) { /* nothing was kept: nothing happened */
        settle_cell(leaves[i], &(struct count){ 0 }, &leaves[i]->total);
        take_counts(cx, &plan.slots[i], &(struct counts){ 0 }, NULL);
    }
    return OK;
}

/* The bucket whose cell has this key. E_INVALID: none has. */
static enum status find_bucket(struct ctx *cx, const struct leaf *leaf, const char *key,
                               size_t *bucket)
{
    const struct cell *cells = bucket_cells(cx, leaf->buckets);

    for (*bucket = 0; *bucket < leaf->buckets->count; ++*bucket)
        if (key && text_is(cells[*bucket].key, key))
            return OK;
    return ctx_fail_code(cx, E_INVALID, "question.rows", "The period has no such %s.",
                         leaf->q->dimension);
}

enum status leaf_list_journey(struct ctx *cx, struct leaf *leaf, const struct wanted *w,
                              struct question_list *out)
{
    struct slot slot;
    struct lens lens;
    struct cell nothing = { 0 };
    struct plan plan = { .slots = &slot, .lenses = &lens, .count = 1, .wanted = w };
    struct journey_plan jp = { .visit = walk_person,
                               .columns = READ_DEVICE | READ_CHANNEL | READ_PAGE | READ_FLAGS };

    TRY(access_check(cx, "journey", VERB_READ));
    find_visit_kinds(cx, &plan);
    TRY(make_slot(cx, leaf, &plan, &slot));
    plan_slots(cx, &plan);
    plan_columns(&plan, &jp);
    if (!text_empty(w->rows->view_kind))
        plan.view = kit_event_code(cx->kit, w->rows->view_kind);
    if (w->rows->of != ROWS_ALL && leaf->buckets)
        TRY(find_bucket(cx, leaf, w->rows->key, &plan.bucket));
    settle_cell(leaf, &(struct count){ 0 }, &nothing);
    *out = (struct question_list){
        .next = "", .unit = leaf->unit, .value = nothing.value, .defined = nothing.defined
    };
    return cx->journey && jp.from_ms < jp.to_ms ? walk(cx, &plan, &jp, out) : OK;
}
