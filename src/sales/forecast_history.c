/* forecast_history.c -- replays the change log of deals. */
#include "sales/forecast_history.h"
#include "base/json.h"
#include "kit/hours.h"
#include <stdlib.h>

enum { CHANGES_AT_ONCE = 2000, MINUTES = 60, MONTHS_MAX = 60, WEEKS_BEFORE = 9 };

/* ---- working hours ---- */
/* Asked hundreds of thousands of times: so at each whole hour how many working minutes there were
 * until then, and between them a straight line. */
enum { AHEAD_DAYS = 400 };
struct work_clock {
    i64 from_ms;
    double *minutes;
    size_t count;
};

static double minutes_until(const struct work_clock *c, i64 at_ms)
{
    i64 past = at_ms - c->from_ms;
    size_t hour = past < 0 ? 0 : (size_t)(past / MS_HOUR);

    if (past < 0)
        return 0;
    if (hour + 1 >= c->count)
        return c->minutes[c->count - 1];
    return c->minutes[hour] +
           (c->minutes[hour + 1] - c->minutes[hour]) * (double)(past % MS_HOUR) / MS_HOUR;
}

static double working_hours(void *arg, i64 from_ms, i64 to_ms)
{
    return (minutes_until(arg, to_ms) - minutes_until(arg, from_ms)) / MINUTES;
}

static void wind_clock(struct ctx *cx, struct forecast_history *h)
{
    scoped(arena_close) struct arena *a = arena_new(64 * 1024);
    struct work_clock *c = NEW(cx->arena, struct work_clock);
    struct ctx work = *cx;
    i64 first = h->count ? h->deals[0].states[0].at_ms : ctx_now(cx);

    work.arena = a;
    c->from_ms = zone_start(kit_zone(cx), PERIOD_DAY, first, 0) - WEEKS_BEFORE * 7 * (i64)MS_DAY;
    c->count = (size_t)((ctx_now(cx) + AHEAD_DAYS * (i64)MS_DAY - c->from_ms) / MS_HOUR) + 2;
    c->minutes = NEW_N(cx->arena, double, c->count);
    for (size_t i = 1; i < c->count; i++) {
        i64 at = c->from_ms + (i64)i * MS_HOUR;
        c->minutes[i] = c->minutes[i - 1] + (double)hours_between(&work, at - MS_HOUR, at);
        arena_reset(a);
    }
    h->hours = working_hours;
    h->hours_arg = c;
}

static void *grow(struct arena *a, void *list, size_t count, size_t *room, size_t each)
{
    void *more;

    if (count < *room)
        return list;
    *room = *room ? *room * 2 : 16;
    more = arena_alloc(a, *room, each);
    if (count)
        memcpy(more, list, count * each);
    return more;
}

/* ---- owners and stages ---- */
int history_owner(const struct forecast_history *h, i64 user_id)
{
    for (int i = 0; i < h->owner_count; i++)
        if (h->owners[i] == user_id)
            return i;
    return 0;
}

/* Beyond the limit they are nobody: forecasts by person end where nobody could read them. */
enum { OWNERS_MAX = 1000 };
static int owner_of(struct forecast_history *h, i64 user_id)
{
    int at = history_owner(h, user_id);

    if (at > 0 || user_id == 0 || h->owner_count == OWNERS_MAX)
        return at;
    h->owners[h->owner_count] = user_id;
    return h->owner_count++;
}

static enum status read_stages(struct ctx *cx, struct forecast_history *h)
{
    scoped(stmt_close) struct stmt q =
        db_query(cx, "forecast.stages", I64("limit", SURVIVAL_STAGES_MAX));

    while (stmt_next(&q))
        h->stages[h->stage_count++] =
            (struct stage_then){ .id = col_i64(&q, 0),
                                 .name = arena_text(cx->arena, col_text(&q, 1)),
                                 .pipeline_id = col_i64(&q, 2),
                                 .probability = (int)col_i64(&q, 3),
                                 .position = (int)col_i64(&q, 4) };
    return stmt_status(&q);
}

static int stage_at(const struct forecast_history *h, i64 id)
{
    for (int i = 0; i < h->stage_count; i++)
        if (h->stages[i].id == id)
            return i;
    return -1;
}

/* ---- one change ---- */
/* The new value of a field in a change; NULL: it was not changed. */
static const struct val *told(const struct val *changed, const char *field)
{
    const struct val *pair = val_get(changed, field);

    return val_kind_of(pair) == VAL_LIST ? val_at(pair, 1) : NULL;
}

static enum deal_was was_of(const char *status)
{
    return text_is(status, "won")    ? DEAL_WAS_WON
           : text_is(status, "lost") ? DEAL_WAS_LOST
                                     : DEAL_WAS_OPEN;
}

struct reading {
    struct ctx *cx;
    struct forecast_history *h;
    size_t room, state_room;
    i64 record, last;
    i64 contact, company;
    enum deal_was before_trash;
};

static void apply(struct reading *r, struct deal_state *s, const struct val *changed)
{
    struct forecast_history *h = r->h;
    const struct val *v;

    if ((v = told(changed, "status")))
        s->was = was_of(val_as_text(v, ""));
    if ((v = told(changed, "stage_id")))
        s->stage = stage_at(h, val_as_i64(v, 0));
    if ((v = told(changed, "owner_id")))
        s->owner = owner_of(h, val_as_i64(v, 0));
    if ((v = told(changed, "amount")))
        s->amount_minor = val_get_i64(v, "base", 0);
    if ((v = told(changed, "close_date")))
        s->close_day = val_as_i64(v, TIME_NONE);
    if ((v = told(changed, "closed_at")))
        s->closed_at_ms = val_as_i64(v, TIME_NONE);
    if ((v = told(changed, "forecast_category"))) {
        const char *old = val_as_text(val_at(val_get(changed, "forecast_category"), 0), "");
        struct deal_past *d = &h->deals[h->count - 1];
        for (size_t i = 0; i < d->count; i++) /* of before there was the field */
            if (text_empty(d->states[i].category))
                d->states[i].category = arena_text(r->cx->arena, old);
        s->category = arena_text(r->cx->arena, val_as_text(v, ""));
    }
    if ((v = told(changed, "company_id")))
        r->company = val_as_i64(v, 0);
    if ((v = told(changed, "contact_id")))
        r->contact = val_as_i64(v, 0);
}

static void add_change(struct reading *r, i64 record, i64 at, const char *verb, bool batch,
                       const struct val *changed)
{
    struct forecast_history *h = r->h;
    struct deal_state s = {
        .stage = -1, .close_day = TIME_NONE, .closed_at_ms = TIME_NONE, .category = ""
    };
    struct deal_past *d;

    if (record != r->record) {
        h->deals = grow(r->cx->arena, h->deals, h->count, &r->room, sizeof *h->deals);
        h->deals[h->count++] = (struct deal_past){ .id = record, .imported = batch };
        r->record = record;
        r->contact = r->company = 0;
        r->state_room = 0;
    }
    d = &h->deals[h->count - 1];
    if (d->count)
        s = d->states[d->count - 1];
    s.at_ms = at;
    if (text_is(verb, "delete")) {
        r->before_trash = s.was;
        s.was = DEAL_WAS_GONE;
    } else if (text_is(verb, "restore")) {
        s.was = r->before_trash;
    } else {
        apply(r, &s, changed);
    }
    d->customer = r->company ? r->company : r->contact;
    d->states = grow(r->cx->arena, d->states, d->count, &r->state_room, sizeof *d->states);
    d->states[d->count++] = s;
}

/* One page of the log. *more: there may be another. */
static enum status read_page(struct reading *r, i64 since_ms, bool *more)
{
    scoped(arena_close) struct arena *work = arena_new(256 * 1024);
    scoped(stmt_close) struct stmt q =
        since_ms == TIME_NONE
            ? db_query(r->cx, "forecast.changes", I64("record", r->record), I64("id", r->last),
                       I64("limit", CHANGES_AT_ONCE))
            : db_query(r->cx, "forecast.changes_since", I64("record", r->record),
                       I64("id", r->last), I64("since", since_ms), I64("limit", CHANGES_AT_ONCE));
    int count = 0;

    while (stmt_next(&q)) {
        struct val *changed;
        if (json_read(work, str_from(col_text(&q, 4)), &changed, NULL) != OK)
            return ctx_fail(r->cx, E_CORRUPT, "the change log of deals cannot be read");
        add_change(r, col_i64(&q, 0), col_i64(&q, 1), col_text(&q, 2), !col_null(&q, 3), changed);
        r->last = col_i64(&q, 5);
        count++;
        arena_reset(work);
    }
    *more = count == CHANGES_AT_ONCE;
    return stmt_status(&q);
}

static int by_beginning(const void *a, const void *b)
{
    const struct deal_past *x = a, *y = b;

    if (x->states[0].at_ms != y->states[0].at_ms)
        return x->states[0].at_ms < y->states[0].at_ms ? -1 : 1;
    return (x->id > y->id) - (x->id < y->id);
}

enum status history_read(struct ctx *cx, i64 since_ms, struct forecast_history **out)
{
    struct forecast_history *h = NEW(cx->arena, struct forecast_history);
    struct reading r = { .cx = cx, .h = h };
    bool more = true;

    *h = (struct forecast_history){ 0 };
    h->owners = NEW_N(cx->arena, i64, OWNERS_MAX);
    h->owner_count = 1;
    TRY(read_stages(cx, h));
    while (more)
        TRY(read_page(&r, since_ms, &more));
    if (h->count)
        qsort(h->deals, h->count, sizeof *h->deals, by_beginning);
    history_again(cx->arena, h);
    if (since_ms == TIME_NONE)
        wind_clock(cx, h);
    *out = h;
    return OK;
}

/* ---- periods ---- */
struct forecast_period period_at(struct ctx *cx, enum period_unit unit, i64 at_ms, int steps)
{
    const struct zone *z = kit_zone(cx);
    struct forecast_period p = { .from_ms = zone_start(z, unit, at_ms, steps) };

    p.to_ms = zone_start(z, unit, p.from_ms, 1);
    p.from_day = zone_day(z, p.from_ms);
    p.to_day = zone_day(z, p.to_ms);
    return p;
}

int history_months(struct ctx *cx, const struct forecast_history *h, struct forecast_period **out)
{
    i64 now = ctx_now(cx);
    int count = 0, room = 0;

    for (; h->count && room < MONTHS_MAX; room++)
        if (period_at(cx, PERIOD_MONTH, now, -room - 1).from_ms < h->deals[0].states[0].at_ms)
            break;
    *out = NEW_N(cx->arena, struct forecast_period, (size_t)room + 1);
    for (; count < room; count++)
        (*out)[count] = period_at(cx, PERIOD_MONTH, now, count - room);
    return count;
}
