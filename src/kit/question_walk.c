/* question_walk.c -- the walk of journey metrics: one person's events are cut into spans, chosen by
 * conditions, counted into cells, and listed where a row is asked for. */
#include "kit/question_walk.h"
#include <stdlib.h>

enum { VISIT_GAP_MS = 30 * 60 * 1000, BOT_BIT = 0x80 };

/* ---- cells by key ---- */
static struct count *find_count(struct counts *c, u32 key)
{
    size_t i = (size_t)(key * UINT64_C(0x9e3779b97f4a7c15) >> 32) & (c->cap - 1);

    while (c->items[i].used && c->items[i].key != key)
        i = (i + 1) & (c->cap - 1);
    return &c->items[i];
}

struct count *walk_count_at(struct counts *c, u32 key)
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

static bool has_kind(const u8 *set, u16 kind)
{
    return kind < KINDS_MAX && (set[kind / 8] >> kind % 8 & 1);
}

void walk_add_kind(u8 *set, u16 kind)
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
bool walk_is_of_events(const struct aspect *a) { return a->of->of == OF_EVENT && !a->kind; }

static bool event_fits(struct acc *acc, size_t lens, const struct event *e)
{
    const struct lens *s = &acc->plan->lenses[lens];

    for (size_t i = 0; i < s->count; i++) {
        const struct condition *c = &s->conditions[i];
        if (walk_is_of_events(&c->aspect) &&
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
        if (walk_is_of_events(&c->aspect))
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

bool walk_measures(const struct metric *m) { return m->counts >= SUM_OF_EVENTS; }

bool walk_counts_visits(const struct metric *m)
{
    return m->counts != COUNT_EVENTS && m->counts != COUNT_PEOPLE && !walk_measures(m);
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

bool walk_lists_all(const struct acc *acc)
{
    return acc->plan->wanted && acc->plan->wanted->rows->of == ROWS_ALL;
}

bool walk_lists_group(struct acc *acc, size_t index, u32 key)
{
    return acc->plan->wanted && acc->plan->wanted->rows->of != ROWS_ALL &&
           of_group(acc, index, key);
}

static void tell_visit(struct acc *acc, const struct slot *s, const struct journey_view *v,
                       const struct span *span, struct question_row *row)
{
    u8 views[KINDS_MAX / 8] = { 0 };

    walk_add_kind(views, acc->plan->view);
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
    const struct event *first =
        e && !walk_counts_visits(s->leaf->metric) ? e : &v->events[span->first];
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
    if (walk_counts_visits(s->leaf->metric))
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

    if (walk_lists_all(acc))
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
    bool fresh = count_in(walk_count_at(&acc->by_slot[index], key), token, amount);

    if (walk_lists_group(acc, index, key))
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

    measure_in(acc, m, walk_count_at(&acc->by_slot[index], key), w.amount, w.weight);
    if (walk_lists_group(acc, index, key))
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
    if (walk_lists_all(acc))
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
        if (walk_measures(s->leaf->metric)) {
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
            if (walk_counts_visits(p->slots[slot].leaf->metric))
                count_visit(acc, slot, v, span);
            else
                count_events(acc, slot, v, span);
        }
    }
}

void walk_person(void *arg, const struct journey_view *v)
{
    struct acc *acc = arg;
    i64 first = v->events[0].at_ms, last = v->events[v->count - 1].at_ms;

    for (size_t i = 0; i < acc->plan->lens_count; i++) {
        const struct lens *s = &acc->plan->lenses[i];
        if (first < s->to_ms && last >= s->from_ms)
            visit_lens(acc, i, v); /* most people are here now or were here before, not both */
    }
}
