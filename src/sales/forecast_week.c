/* forecast_week.c -- how the forecast stood at the beginning of each week. Read from the change
 * log as of that instant, so it does not matter when the job runs: weeks in which no server ran, or
 * before this was there at all, are made up for. */
#include "kit/filter.h"
#include "sales/forecast_int.h"
#include <math.h>

enum { WEEKS_MADE_UP = 13, PERIODS_KEPT = 4 };

static void set_money(struct ctx *cx, struct row *r, int field, double minor)
{
    struct money m = { .minor = llround(minor) };

    if (isnan(minor))
        return;
    memcpy(m.currency, base_currency(cx), sizeof m.currency);
    row_set_money(r, field, m);
}

static struct row *snapshot_of(struct ctx *cx, i64 day, const struct forecast_when *w,
                               const struct forecast_line *l)
{
    static const int fields[FORECAST_NUMBERS] = {
        [NUM_QUOTA] = SNAP_QUOTA, [NUM_CLOSED] = SNAP_CLOSED,     [NUM_COMMIT] = SNAP_COMMIT,
        [NUM_BEST] = SNAP_BEST,   [NUM_PIPELINE] = SNAP_PIPELINE, [NUM_WEIGHTED] = SNAP_WEIGHTED,
    };
    struct row *r = row_new(cx, &forecast_snapshot_type);

    row_set_i64(r, SNAP_TAKEN_AT, ctx_now(cx));
    row_set_i64(r, SNAP_WEEK, day);
    row_set_text(r, SNAP_PERIOD, w->word);
    row_set_i64(r, SNAP_FROM, w->p.from_day);
    if (l->who.person_id > 0)
        row_set_i64(r, SNAP_PERSON, l->who.person_id);
    if (l->who.team_id)
        row_set_i64(r, SNAP_TEAM, l->who.team_id);
    for (int i = 0; i < FORECAST_NUMBERS; i++)
        set_money(cx, r, fields[i], l->numbers[i]);
    if (l->said) {
        set_money(cx, r, SNAP_LOW, l->learned.low);
        set_money(cx, r, SNAP_MEDIAN, l->learned.median);
        set_money(cx, r, SNAP_HIGH, l->learned.high);
    }
    if (l->has_judged || l->has_own)
        set_money(cx, r, SNAP_OVERRIDE, l->has_judged ? l->judged : l->own);
    return r;
}

struct keeping {
    struct forecast_lines lines[PERIODS_KEPT];
    struct forecast_when when[PERIODS_KEPT];
    i64 day;
};

static enum status keep(struct ctx *cx, void *arg)
{
    scoped(access_leave) struct access_guard guard = access_enter_system(cx);
    struct keeping *k = arg;
    i64 last;

    TRY(db_get_i64(cx, &last, "forecast.last_week"));
    if (last >= k->day) /* another node was faster */
        return OK;
    for (int p = 0; p < PERIODS_KEPT; p++) {
        const struct forecast_lines *lines = &k->lines[p];
        for (size_t i = 0; i < lines->count; i++)
            if (lines->list[i].who.person_id >= 0)
                TRY(record_save(cx, snapshot_of(cx, k->day, &k->when[p], &lines->list[i])));
    }
    return OK;
}

enum status forecast_take(struct ctx *cx, i64 at_ms, const struct forecast_served *m)
{
    struct keeping k = { .day = zone_day(kit_zone(cx), at_ms) };

    k.when[0] = forecast_when(cx, "month", k.day);
    k.when[1] = forecast_when_next(cx, &k.when[0], 1);
    k.when[2] = forecast_when(cx, "quarter", k.day);
    k.when[3] = forecast_when_next(cx, &k.when[2], 1);
    for (int p = 0; p < PERIODS_KEPT; p++)
        TRY(forecast_lines(cx, &k.when[p], at_ms, m, &k.lines[p]));
    return kit_write(cx, keep, &k);
}

/* One week, in memory of its own. */
static enum status take_week(struct ctx *cx, const struct forecast_history *h, i64 at_ms)
{
    scoped(arena_close) struct arena *a = arena_new(1024 * 1024);
    struct ctx work = *cx;
    const struct forecast_served *m;
    enum status s;

    work.arena = a;
    s = forecast_said_then(&work, h, at_ms, &m);
    if (s == OK)
        s = forecast_take(&work, at_ms, m);
    return s == OK ? OK : ctx_fail(cx, s, "%s", work.error_text ? work.error_text : "");
}

/* Weeks begin on Monday. Those before the first deal have nothing to keep. */
enum status forecast_week_job(struct job_run *job)
{
    struct ctx *cx = job->cx;
    struct forecast_history *h;
    i64 last;

    TRY(db_get_i64(cx, &last, "forecast.last_week"));
    if (last >= zone_day(kit_zone(cx), zone_start(kit_zone(cx), PERIOD_WEEK, ctx_now(cx), 0)))
        return OK;
    TRY(history_read(cx, TIME_NONE, &h));
    for (int back = WEEKS_MADE_UP - 1; back >= 0; back--) {
        i64 at = zone_start(kit_zone(cx), PERIOD_WEEK, ctx_now(cx), -back);
        if (zone_day(kit_zone(cx), at) <= last || h->count == 0 ||
            h->deals[0].states[0].at_ms >= at)
            continue;
        TRY(take_week(cx, h, at));
    }
    return OK;
}
