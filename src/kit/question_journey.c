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
 * counted begins (list_row). */
#include "journey/journey.h"
#include "kit/kit.h"
#include "kit/question_int.h"
#include <stdlib.h>

enum {
    VISIT_GAP_MS = 30 * 60 * 1000,
    BOT_BIT = 0x80,
    WALK_THREADS = 2,
    KINDS_MAX = 1024,
    READY_MAX = 8,
    PAGES_OF_VISIT = 256 /* further ones count each time */
};

/* ---- cells by key ---- */
struct count {
    u32 key;
    bool used;
    u64 last; /* whom or what it counted last */
    i64 count, sum;
    u32 *each; /* what P75 is made of */
    u32 each_count, each_cap;
};
struct counts {
    struct count *items; /* open addressing */
    size_t used, cap;
    struct arena *arena;
};

static struct count *find_count(struct counts *c, u32 key)
{
    size_t i = (size_t)(key * UINT64_C(0x9e3779b97f4a7c15) >> 32) & (c->cap - 1);

    while (c->items[i].used && c->items[i].key != key)
        i = (i + 1) & (c->cap - 1);
    return &c->items[i];
}

static struct count *count_at(struct counts *c, u32 key)
{
    struct count *at = c->cap ? find_count(c, key) : NULL;

    if (at && at->used)
        return at;
    if (c->cap == 0 || c->used * 2 >= c->cap) {
        struct counts more = { .cap = c->cap ? c->cap * 2 : 64,
                               .used = c->used,
                               .arena = c->arena };
        more.items = NEW_N(c->arena, struct count, more.cap);
        for (size_t i = 0; i < c->cap; i++)
            if (c->items[i].used)
                *find_count(&more, c->items[i].key) = c->items[i];
        *c = more;
        at = find_count(c, key);
    }
    c->used++;
    *at = (struct count){ .key = key, .used = true };
    return at;
}

/* ---- what is asked ---- */
/* A dimension, the code of its event_kind, and what OF_SOME was made ready. */
struct aspect {
    const struct dimension *of; /* NULL: none */
    u16 kind;
    const void *ready;
};

struct condition {
    struct test test;
    struct aspect aspect;
    u64 some; /* OF_SOME: the keys that fit */
};

struct lens {
    i64 from_ms, to_ms;
    const struct question *q; /* whose conditions */
    bool bots;
    struct condition *conditions;
    size_t count;
    bool of_events; /* some are on events */
    size_t *slots, slot_count;
};

struct slot {
    struct leaf *leaf;
    size_t lens;
    struct aspect by;        /* none: by time, or not split */
    struct aspect about;     /* only events that have one of these; none: all */
    u8 kinds[KINDS_MAX / 8]; /* those that are counted */
};

struct plan {
    struct slot *slots;
    struct lens *lenses;
    size_t count, lens_count;
    u8 visits[KINDS_MAX / 8];       /* kinds that visits are made of */
    u8 active[KINDS_MAX / 8];       /* and those of them with which one begins */
    struct aspect ready[READY_MAX]; /* those OF_SOME, each made ready once */
    size_t ready_count;
    const struct wanted *wanted; /* what is listed: rows of the only slot; NULL: nothing is */
    size_t bucket;               /* of those by time */
    u16 view;                    /* the kind of which visits tell how many they had */
};

/* A page of the visit at hand, as far as it was measured. */
struct read_page {
    u32 page;
    i64 most;
};

/* A visit, or an event outside of any. */
struct span {
    size_t first, end; /* of the person's events */
    i64 last_ms;       /* the visit's last sign of life */
    bool visit;
};

struct acc {
    const struct plan *plan;
    struct arena *arena;
    struct ctx cx;              /* for names: of this thread's arena */
    struct counts *by_slot;     /* cells */
    struct count *totals;       /* by slot */
    struct names *names;        /* by slot */
    size_t *buckets;            /* by slot: the last event's, most often the next one's too */
    struct verdicts **verdicts; /* by lens and condition */
    struct span *spans;         /* of the person and lens at hand */
    size_t span_count, span_cap;
    u64 serial; /* of the span at hand: no two are alike */
    struct read_page pages[PAGES_OF_VISIT];
    size_t page_count;
    struct picks picks;       /* what is listed */
    struct verdicts of_group; /* by key: whether it is of the group that is listed */
};

static bool has_kind(const u8 *set, u16 kind)
{
    return kind < KINDS_MAX && (set[kind / 8] >> kind % 8 & 1);
}

static void add_kind(u8 *set, u16 kind)
{
    if (kind < KINDS_MAX)
        set[kind / 8] |= (u8)(1 << kind % 8);
}

/* ---- spans ---- */
static bool is_left_out(const struct lens *s, const struct event *e)
{
    return !s->bots && (e->device & BOT_BIT);
}

static struct span *span_add(struct acc *acc, size_t first)
{
    if (acc->span_count == acc->span_cap) {
        size_t cap = acc->span_cap ? acc->span_cap * 2 : 64;
        struct span *more = NEW_N(acc->arena, struct span, cap);
        if (acc->span_count)
            memcpy(more, acc->spans, acc->span_count * sizeof *more);
        acc->spans = more;
        acc->span_cap = cap;
    }
    acc->spans[acc->span_count] = (struct span){ .first = first };
    return &acc->spans[acc->span_count++];
}

static void cut_spans(struct acc *acc, const struct lens *s, const struct journey_view *v)
{
    struct span *now = NULL;

    acc->span_count = 0;
    for (size_t i = 0; i < v->count && v->events[i].at_ms < s->to_ms; i++) {
        const struct event *e = &v->events[i];
        if (e->at_ms < s->from_ms || is_left_out(s, e))
            continue;
        if (now == NULL || !now->visit || e->at_ms - now->last_ms > VISIT_GAP_MS) {
            now = span_add(acc, i);
            now->visit = has_kind(acc->plan->active, e->kind);
            now->last_ms = e->at_ms;
        }
        now->end = i + 1;
        if (has_kind(acc->plan->visits, e->kind))
            now->last_ms = e->at_ms;
    }
}

/* The event that tells a span's key; NULL: none does. `e` is the one at hand, NULL: the span as a
 * whole. */
static const struct event *teller(const struct lens *s, const struct aspect *a,
                                  const struct journey_view *v, const struct span *span,
                                  const struct event *e)
{
    switch (a->of->of) {
    case OF_EVENT:
        return e && a->kind && e->kind != a->kind ? NULL : e;
    case OF_FIRST:
        for (size_t i = span->first; i < span->end; i++)
            if (v->events[i].kind == a->kind && !is_left_out(s, &v->events[i]))
                return &v->events[i];
        return NULL;
    case OF_LAST:
        for (size_t i = span->end; i-- > span->first;)
            if (v->events[i].kind == a->kind && !is_left_out(s, &v->events[i]))
                return &v->events[i];
        return NULL;
    default:
        return &v->events[span->first];
    }
}

static u32 raw_key(const struct lens *s, const struct aspect *a, const struct journey_view *v,
                   const struct span *span, const struct event *e)
{
    const struct event *from = teller(s, a, v, span, e);

    return from ? a->of->key(from) : 0;
}

static u64 some_of(const struct aspect *a, const struct event *e)
{
    return a->of->some(a->ready, e);
}

/* ---- conditions ---- */
/* Whether it is each event that fits or not; else it is the visit. */
static bool is_of_events(const struct aspect *a) { return a->of->of == OF_EVENT && !a->kind; }

static bool event_fits(struct acc *acc, size_t lens, const struct event *e)
{
    const struct lens *s = &acc->plan->lenses[lens];

    for (size_t i = 0; i < s->count; i++) {
        const struct condition *c = &s->conditions[i];
        if (is_of_events(&c->aspect) &&
            !test_holds(&acc->cx, &c->test, &acc->verdicts[lens][i], c->aspect.of->key(e)))
            return false;
    }
    return true;
}

/* Whether something happened in the span that fits, or nothing did where the condition says so. */
static bool has_fitting(struct acc *acc, size_t lens, size_t condition,
                        const struct journey_view *v, const struct span *span)
{
    const struct lens *s = &acc->plan->lenses[lens];
    const struct condition *c = &s->conditions[condition];
    bool has = false;

    for (size_t i = span->first; i < span->end && !has; i++) {
        const struct event *e = &v->events[i];
        if (is_left_out(s, e))
            continue;
        if (c->aspect.of->of == OF_SOME)
            has = some_of(&c->aspect, e) & c->some;
        else if (e->kind == c->aspect.kind)
            has = test_holds(&acc->cx, &c->test, &acc->verdicts[lens][condition],
                             c->aspect.of->key(e)) != c->test.opposite;
    }
    return has != c->test.opposite;
}

static bool span_fits(struct acc *acc, size_t lens, const struct journey_view *v,
                      const struct span *span)
{
    const struct lens *s = &acc->plan->lenses[lens];

    for (size_t i = 0; i < s->count; i++) {
        const struct condition *c = &s->conditions[i];
        if (is_of_events(&c->aspect))
            continue;
        if (c->aspect.of->of == OF_SOME || c->aspect.of->of == OF_EVENT
                ? !has_fitting(acc, lens, i, v, span)
                : !test_holds(&acc->cx, &c->test, &acc->verdicts[lens][i],
                              raw_key(s, &c->aspect, v, span, NULL)))
            return false;
    }
    if (!s->of_events)
        return true;
    for (size_t i = span->first; i < span->end; i++) {
        const struct event *e = &v->events[i];
        if (!is_left_out(s, e) && (!span->visit || has_kind(acc->plan->active, e->kind)) &&
            event_fits(acc, lens, e))
            return true;
    }
    return false;
}

/* ---- what a visit counts ---- */
/* Itself, nothing, or its milliseconds. */
static i64 worth(const struct acc *acc, const struct slot *s, int counts, const u8 *kinds,
                 const struct journey_view *v, const struct span *span)
{
    size_t own = 0, other = 0, all = 0;
    i64 lasted_ms = span->last_ms - v->events[span->first].at_ms;

    if (counts == COUNT_VISITS)
        return 1;
    if (counts == SUM_VISIT_TIME)
        return lasted_ms;
    for (size_t i = span->first; i < span->end; i++) {
        const struct event *e = &v->events[i];
        if (is_left_out(&acc->plan->lenses[s->lens], e))
            continue;
        all += has_kind(acc->plan->active, e->kind);
        if (has_kind(kinds, e->kind))
            own++;
        else if ((e->flags & EVENT_INTERACTIVE) && has_kind(acc->plan->active, e->kind))
            other++;
    }
    switch (counts) {
    case COUNT_LONGER_VISITS:
        return own >= 2;
    case COUNT_ENGAGED_VISITS:
        return own >= 2 || other > 0 || lasted_ms >= ENGAGED_MS;
    case COUNT_SINGLE_VISITS:
        return all == 1;
    default:
        return own <= 1 && other == 0;
    }
}

static bool measures(const struct metric *m) { return m->counts >= SUM_OF_EVENTS; }

static bool counts_visits(const struct metric *m)
{
    return m->counts != COUNT_EVENTS && m->counts != COUNT_PEOPLE && !measures(m);
}

/* ---- listing what is counted ---- */
static bool of_group(struct acc *acc, size_t index, u32 key)
{
    enum { NO = 1, YES };
    const struct slot *s = &acc->plan->slots[index];
    const char *value;
    u8 *verdict;

    if (s->leaf->buckets)
        return key == acc->plan->bucket;
    verdict = verdict_at(acc->arena, &acc->of_group, key);
    if (*verdict == 0) {
        value = key == 0                  ? ""
                : s->by.of->of == OF_SOME ? s->by.of->some_value(s->by.ready, key)
                : s->by.of->shared        ? acc->names[index].values[key]
                                          : s->by.of->value(&acc->cx, key);
        *verdict = wanted_value(&acc->cx, acc->plan->wanted, value ? value : "") ? YES : NO;
    }
    return *verdict == YES;
}

static bool lists_all(const struct acc *acc)
{
    return acc->plan->wanted && acc->plan->wanted->rows->of == ROWS_ALL;
}

static bool lists_group(struct acc *acc, size_t index, u32 key)
{
    return acc->plan->wanted && acc->plan->wanted->rows->of != ROWS_ALL &&
           of_group(acc, index, key);
}

static void tell_visit(struct acc *acc, const struct slot *s, const struct journey_view *v,
                       const struct span *span, struct question_row *row)
{
    u8 views[KINDS_MAX / 8] = { 0 };

    add_kind(views, acc->plan->view);
    row->last_ms = span->last_ms;
    row->bounced = worth(acc, s, COUNT_BOUNCED_VISITS, views, v, span);
    for (size_t i = span->first; i < span->end; i++) {
        const struct event *e = &v->events[i];
        if (is_left_out(&acc->plan->lenses[s->lens], e) || e->kind != acc->plan->view)
            continue;
        row->views++;
        row->exit_page = e->page ? e->page : row->exit_page;
        row->entry_page = row->entry_page ? row->entry_page : e->page;
    }
}

/* What one row adds to its number: see struct question_row. */
struct adds {
    i64 amount, weight;
};

/* Begins the row of what was just counted: a visit, or what happened in it. Not fresh: somebody
 * who is counted already did it again. */
static void list_row(struct acc *acc, size_t index, u32 key, bool fresh, struct adds w,
                     const struct journey_view *v, const struct span *span, const struct event *e)
{
    const struct slot *s = &acc->plan->slots[index];
    struct question_row *open = &acc->picks.open;
    const struct event *first = e && !counts_visits(s->leaf->metric) ? e : &v->events[span->first];
    struct question_row row = { .at_ms = first->at_ms,
                                .last_ms = first->at_ms,
                                .seq = first->seq,
                                .person = v->person,
                                .kind = first->kind,
                                .page = first->page,
                                .channel = span->visit ? v->events[span->first].channel : 0,
                                .amount = w.amount,
                                .weight = w.weight,
                                .key = key };

    if (!fresh) {
        if (s->leaf->metric->counts == COUNT_PEOPLE && open->key == key) {
            open->last_ms = first->at_ms;
            open->seq = first->seq;
        }
        return;
    }
    if (counts_visits(s->leaf->metric))
        tell_visit(acc, s, v, span, &row);
    picks_begin_row(&acc->picks, &row);
}

/* ---- counting ---- */
/* token: whom or what is counted at most once; 0: each time. Whether it was. */
static bool count_in(struct count *c, u64 token, i64 amount)
{
    if (token && c->last == token)
        return false;
    c->last = token;
    c->count += amount;
    return true;
}

static void count_whole(struct acc *acc, size_t index, const struct journey_view *v,
                        const struct span *span, const struct event *e, u64 token, i64 amount)
{
    bool fresh = count_in(&acc->totals[index], token, amount);

    if (lists_all(acc))
        list_row(acc, index, 0, fresh, (struct adds){ amount, 1 }, v, span, e);
}

static u32 key_by(struct acc *acc, size_t index, const struct journey_view *v,
                  const struct span *span, const struct event *e)
{
    const struct slot *s = &acc->plan->slots[index];
    const struct buckets *b = s->leaf->buckets;
    u32 key;

    if (b) {
        size_t *at = &acc->buckets[index];
        i64 ms = (e ? e : &v->events[span->first])->at_ms;
        if (ms < b->starts[*at] || (*at + 1 < b->count && ms >= b->starts[*at + 1]))
            *at = bucket_of(b, ms);
        key = (u32)*at;
    } else {
        key = raw_key(&acc->plan->lenses[s->lens], &s->by, v, span, e);
        if (s->by.of->shared)
            key = names_number(&acc->cx, &acc->names[index], key);
    }
    return key;
}

/* Counts in the cell of one key. */
static void count_key(struct acc *acc, size_t index, u32 key, const struct journey_view *v,
                      const struct span *span, const struct event *e, u64 token, i64 amount)
{
    bool fresh = count_in(count_at(&acc->by_slot[index], key), token, amount);

    if (lists_group(acc, index, key))
        list_row(acc, index, key, fresh, (struct adds){ amount, 1 }, v, span, e);
}

static void count_by(struct acc *acc, size_t index, const struct journey_view *v,
                     const struct span *span, const struct event *e, u64 token, i64 amount)
{
    const struct slot *s = &acc->plan->slots[index];

    if (s->by.of && s->by.of->of == OF_SOME) {
        u32 key = 1;
        for (u64 some = e ? some_of(&s->by, e) : 0; some; some >>= 1, key++)
            if (some & 1)
                count_key(acc, index, key, v, span, e, token, amount);
        return;
    }
    if (s->by.of && s->by.of->of == OF_EVENT && s->by.kind && e && e->kind != s->by.kind)
        return; /* it is of no group, not of one that is not known */
    count_key(acc, index, key_by(acc, index, v, span, e), v, span, e, token, amount);
}

/* ---- measuring ---- */
/* What of a number is new: n itself, or by how much it is deeper than the page was read before.
 * *pages: 1 for a page of the visit that was not met yet. */
static i64 news(struct acc *acc, const struct metric *m, const struct event *e, i64 n, i64 *pages)
{
    struct read_page *p = acc->pages;
    size_t i = 0;
    i64 before = 0;

    *pages = 1;
    if (m->counts != MEAN_OF_PAGES && m->counts != MEAN_OF_DEEPEST)
        return n;
    while (i < acc->page_count && p[i].page != e->page)
        i++;
    if (i < acc->page_count) {
        *pages = 0;
        before = p[i].most;
    } else if (i < PAGES_OF_VISIT) {
        p[acc->page_count++] = (struct read_page){ .page = e->page };
    } else {
        return n;
    }
    if (n > before)
        p[i].most = n;
    return m->counts == MEAN_OF_PAGES ? n : n > before ? n - before : 0;
}

static void measure_in(struct acc *acc, const struct metric *m, struct count *c, i64 n, i64 pages)
{
    c->sum += n;
    c->count += pages;
    if (m->counts != P75_OF_EVENTS)
        return;
    if (c->each_count == c->each_cap) {
        u32 cap = c->each_cap ? c->each_cap * 2 : 16;
        u32 *more = NEW_N(acc->arena, u32, cap);
        if (c->each_count)
            memcpy(more, c->each, c->each_count * sizeof *more);
        c->each = more;
        c->each_cap = cap;
    }
    c->each[c->each_count++] = n > UINT32_MAX ? UINT32_MAX : (u32)n;
}

/* Measures into the cell of one key. */
static void measure_key(struct acc *acc, size_t index, u32 key, struct adds w,
                        const struct journey_view *v, const struct span *span,
                        const struct event *e)
{
    const struct metric *m = acc->plan->slots[index].leaf->metric;

    measure_in(acc, m, count_at(&acc->by_slot[index], key), w.amount, w.weight);
    if (lists_group(acc, index, key))
        list_row(acc, index, key, true, w, v, span, e);
}

static void measure_event(struct acc *acc, size_t index, const struct journey_view *v,
                          const struct span *span, const struct event *e)
{
    const struct slot *s = &acc->plan->slots[index];
    const struct metric *m = s->leaf->metric;
    i64 n = m->measure(e), pages;
    u32 key = 1;

    if (n < 0)
        return;
    n = news(acc, m, e, n, &pages);
    measure_in(acc, m, &acc->totals[index], n, pages);
    if (lists_all(acc))
        list_row(acc, index, 0, true, (struct adds){ n, pages }, v, span, e);
    if (s->by.of && s->by.of->of == OF_SOME) {
        for (u64 some = some_of(&s->by, e); some; some >>= 1, key++)
            if (some & 1)
                measure_key(acc, index, key, (struct adds){ n, pages }, v, span, e);
    } else if (s->by.of || s->leaf->buckets) {
        measure_key(acc, index, key_by(acc, index, v, span, e), (struct adds){ n, pages }, v, span,
                    e);
    }
}

static void count_events(struct acc *acc, size_t index, const struct journey_view *v,
                         const struct span *span)
{
    const struct slot *s = &acc->plan->slots[index];
    const struct lens *lens = &acc->plan->lenses[s->lens];
    bool split = s->by.of || s->leaf->buckets;
    u64 token = s->leaf->metric->counts == COUNT_PEOPLE ? v->person : 0;

    acc->page_count = 0;
    for (size_t i = span->first; i < span->end; i++) {
        const struct event *e = &v->events[i];
        if (!has_kind(s->kinds, e->kind) || is_left_out(lens, e) ||
            (lens->of_events && !event_fits(acc, s->lens, e)) ||
            (s->about.of && some_of(&s->about, e) == 0))
            continue;
        if (measures(s->leaf->metric)) {
            measure_event(acc, index, v, span, e);
            continue;
        }
        count_whole(acc, index, v, span, e, token, 1);
        if (split)
            count_by(acc, index, v, span, e, token, 1);
    }
}

static void count_visit(struct acc *acc, size_t index, const struct journey_view *v,
                        const struct span *span)
{
    const struct slot *s = &acc->plan->slots[index];
    i64 amount = span->visit ? worth(acc, s, (int)s->leaf->metric->counts, s->kinds, v, span) : 0;

    if (amount == 0)
        return;
    count_whole(acc, index, v, span, NULL, 0, amount);
    if (s->leaf->buckets || (s->by.of && s->by.of->of != OF_EVENT && s->by.of->of != OF_SOME)) {
        count_by(acc, index, v, span, NULL, 0, amount);
    } else if (s->by.of) {
        const u8 *kinds = s->by.of->of == OF_SOME ? acc->plan->visits : acc->plan->active;
        for (size_t i = span->first; i < span->end; i++) {
            const struct event *e = &v->events[i];
            if (has_kind(kinds, e->kind) && !is_left_out(&acc->plan->lenses[s->lens], e) &&
                event_fits(acc, s->lens, e))
                count_by(acc, index, v, span, e, acc->serial, amount);
        }
    }
}

static void visit_lens(struct acc *acc, size_t lens, const struct journey_view *v)
{
    const struct plan *p = acc->plan;

    cut_spans(acc, &p->lenses[lens], v);
    for (size_t n = 0; n < acc->span_count; n++) {
        const struct span *span = &acc->spans[n];
        acc->serial++;
        if (p->lenses[lens].count && !span_fits(acc, lens, v, span))
            continue;
        for (size_t i = 0; i < p->lenses[lens].slot_count; i++) {
            size_t slot = p->lenses[lens].slots[i];
            if (counts_visits(p->slots[slot].leaf->metric))
                count_visit(acc, slot, v, span);
            else
                count_events(acc, slot, v, span);
        }
    }
}

static void visit_person(void *arg, const struct journey_view *v)
{
    struct acc *acc = arg;
    i64 first = v->events[0].at_ms, last = v->events[v->count - 1].at_ms;

    for (size_t i = 0; i < acc->plan->lens_count; i++) {
        const struct lens *s = &acc->plan->lenses[i];
        if (first < s->to_ms && last >= s->from_ms)
            visit_lens(acc, i, v); /* most people are here now or were here before, not both */
    }
}

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
        add_kind(p->visits, kit_event_code(cx->kit, kind->name));
        if (!(kind->flags & KIND_PASSIVE))
            add_kind(p->active, kit_event_code(cx->kit, kind->name));
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
        s->of_events |= is_of_events(&c->aspect);
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
        add_kind(out->kinds, kit_event_code(cx->kit, leaf->metric->event_kind));
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
    leaf->overlaps |= d->of == OF_SOME || (d->of == OF_EVENT && counts_visits(leaf->metric));
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
        if (measures(s->leaf->metric))
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
    if (!measures(m)) {
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
                add_count(cx->arena, count_at(&sum, key), c);
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
        if (lists_all(&accs[t]))
            add_count(cx->arena, &sum, &accs[t].totals[0]);
        for (size_t i = 0; i < cells->cap; i++)
            if (cells->items[i].used && lists_group(&accs[t], 0, cells->items[i].key))
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
    struct journey_plan jp = { .visit = visit_person, .columns = READ_DEVICE };

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
    struct journey_plan jp = { .visit = visit_person,
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
