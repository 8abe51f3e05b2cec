/* forecast_page.c -- GET /forecast: what a month or quarter may bring, for everybody, each team and
 * each person; how that stood week by week; and how good forecasts were. Every number opens what
 * was counted. */
#include "base/id.h"
#include "kit/pages.h"
#include "kit/question.h"
#include "kit/show.h"
#include "sales/forecast_int.h"
#include <math.h>

enum { WEEKS_SHOWN = 27, PASTS_SHOWN = 12, BAR_MOST = 100, DAYS_LATE = 7 };

/* ---- what is asked ---- */
struct asked {
    struct req *rq;
    struct ctx *cx;
    struct forecast_when w;
    struct forecast_who who;
    const char *who_query; /* "&person=..." */
};

static enum status read_asked(struct req *rq, struct asked *a)
{
    const char *day = req_query(rq, "day");
    i64 at = TIME_NONE;

    *a = (struct asked){ .rq = rq, .cx = rq->cx, .who_query = "" };
    if (!text_empty(day) && !date_parse(str_from(day), &at))
        return ctx_fail_code(rq->cx, E_INVALID, "forecast.day", "'%s' is no day: write 2026-11-01.",
                             day);
    a->w = forecast_when(rq->cx, req_query(rq, "unit"), at);
    if (!text_empty(req_query(rq, "person"))) {
        TRY(req_id(rq, "person", &a->who.person_id));
        a->who_query =
            arena_printf(rq->cx->arena, "&person=%s", id_text(rq->cx->arena, a->who.person_id));
    } else if (!text_empty(req_query(rq, "team"))) {
        TRY(req_id(rq, "team", &a->who.team_id));
        a->who_query =
            arena_printf(rq->cx->arena, "&team=%s", id_text(rq->cx->arena, a->who.team_id));
    }
    return OK;
}

static const char *period_url(struct ctx *cx, const char *path, const struct forecast_when *w,
                              const char *more)
{
    return arena_printf(cx->arena, "%s?unit=%s&day=%s%s", path, w->word,
                        date_iso(cx->arena, w->p.from_day), more);
}

static void put_period(const struct asked *a, struct val *page)
{
    struct ctx *cx = a->cx;
    struct val *p = val_put_map(page, "period"), *units = val_put_list(p, "units");
    struct forecast_when before = forecast_when_next(cx, &a->w, -1);
    struct forecast_when after = forecast_when_next(cx, &a->w, 1);
    static const char *const words[] = { "month", "quarter" }, *const names[] = { "Month",
                                                                                  "Quarter" };

    val_put_text(p, "text", a->w.name);
    val_put_text(p, "before", before.name);
    val_put_text(p, "before_url", period_url(cx, "/forecast", &before, a->who_query));
    val_put_text(p, "after", after.name);
    val_put_text(p, "after_url", period_url(cx, "/forecast", &after, a->who_query));
    for (size_t i = 0; i < countof(words); i++) {
        struct forecast_when w = forecast_when(cx, words[i], a->w.p.from_day);
        struct val *one = val_add_map(units);
        val_put_text(one, "text", names[i]);
        val_put_text(one, "url", period_url(cx, "/forecast", &w, a->who_query));
        val_put_bool(one, "on", text_is(words[i], a->w.word));
    }
}

/* ---- numbers ---- */
static void put_money(struct ctx *cx, struct val *map, const char *key, double minor,
                      const char *url)
{
    struct val *cell = val_put_map(map, key);
    struct money m = { .minor = isnan(minor) ? 0 : llround(minor) };

    memcpy(m.currency, base_currency(cx), sizeof m.currency);
    val_put_text(cell, "text", forecast_money(cx, minor));
    val_put_text(cell, "full", isnan(minor) ? "" : money_show(cx->arena, m));
    val_put_text(cell, "url", url ? url : "");
    if (isnan(minor))
        val_put_null(cell, "minor");
    else
        val_put_i64(cell, "minor", m.minor);
}

static const char *percent(struct ctx *cx, double share)
{
    return isnan(share) || isinf(share) ? ""
                                        : arena_printf(cx->arena, "%.0f%%", round(share * 100));
}

static void put_learned(struct ctx *cx, const struct forecast_line *l, struct val *line)
{
    struct val *v = val_put_map(line, "learned");

    val_put_bool(v, "any", l->said);
    put_money(cx, v, "median", l->said ? l->learned.median : NAN, "/forecast/model");
    val_put_text(v, "range",
                 !l->said ? ""
                          : arena_printf(cx->arena, "%s to %s", forecast_money(cx, l->learned.low),
                                         forecast_money(cx, l->learned.high)));
    val_put_text(v, "meets", l->said ? percent(cx, l->learned.meets_quota) : "");
}

/* Where this user says what they think of it: "" where they may not. */
static const char *say_url(const struct asked *a, const struct forecast_line *l)
{
    struct ctx *cx = a->cx;
    bool mine = l->who.person_id && l->who.person_id == cx->access->user_id;
    const char *of = "";

    if (access_scope(cx->access, "forecast_override", VERB_CREATE) == SCOPE_NONE ||
        l->who.person_id < 0)
        return "";
    if (mine && l->has_own)
        return arena_printf(cx->arena, "%s/edit", l->own_path);
    if (!mine && l->has_judged && l->judged_by_id == cx->access->user_id)
        return arena_printf(cx->arena, "%s/edit", l->judged_path);
    if (l->who.person_id)
        of = arena_printf(cx->arena, "&person_id=%s", id_text(cx->arena, l->who.person_id));
    else if (l->who.team_id)
        of = arena_printf(cx->arena, "&team_id=%s", id_text(cx->arena, l->who.team_id));
    return arena_printf(cx->arena, "/forecast-overrides/new?period=%s&from_date=%s%s", a->w.word,
                        date_iso(cx->arena, a->w.p.from_day), of);
}

static void put_line(const struct asked *a, const struct forecast_line *l, struct val *list)
{
    static const char *const keys[FORECAST_NUMBERS] = {
        [NUM_QUOTA] = "quota",    [NUM_CLOSED] = "closed",     [NUM_COMMIT] = "commit",
        [NUM_BEST] = "best_case", [NUM_PIPELINE] = "pipeline", [NUM_WEIGHTED] = "weighted",
    };
    struct ctx *cx = a->cx;
    struct val *line = val_add_map(list);
    double quota = l->numbers[NUM_QUOTA], closed = l->numbers[NUM_CLOSED];
    const char *of = "";

    if (l->who.person_id > 0)
        of = arena_printf(cx->arena, "&person=%s", id_text(cx->arena, l->who.person_id));
    else if (l->who.team_id)
        of = arena_printf(cx->arena, "&team=%s", id_text(cx->arena, l->who.team_id));
    val_put_text(line, "text", l->name);
    val_put_text(line, "tone", l->who.person_id ? "" : l->who.team_id ? "team" : "total");
    val_put_text(line, "url",
                 l->who.person_id < 0
                     ? ""
                     : arena_printf(cx->arena, "%s#weeks", period_url(cx, "/forecast", &a->w, of)));
    val_put_bool(line, "on",
                 l->who.person_id == a->who.person_id && l->who.team_id == a->who.team_id);
    for (int i = 0; i < FORECAST_NUMBERS; i++)
        put_money(cx, line, keys[i], l->numbers[i], l->paths[i]);
    val_put_text(line, "attainment", percent(cx, closed / quota));
    put_money(cx, line, "gap", quota - closed > 0 || isnan(quota) ? quota - closed : 0, "");
    put_learned(cx, l, line);
    put_money(cx, line, "own", l->has_own ? l->own : l->below, l->has_own ? l->own_path : "");
    val_put_bool(line, "is_sum", !l->has_own && !isnan(l->below));
    val_put_text(line, "own_note", l->own_note);
    put_money(cx, line, "judged", l->has_judged ? l->judged : NAN, l->judged_path);
    val_put_text(line, "judged_note",
                 l->has_judged ? arena_printf(cx->arena, "%s%s%s", l->judged_by,
                                              l->judged_note[0] ? ": " : "", l->judged_note)
                               : "");
    val_put_text(line, "say_url", say_url(a, l));
    val_put_text(line, "say",
                 l->has_own || l->has_judged ? "Change what you say" : "Say what it will come to");
}

/* ---- the bar ---- */
static void put_part(struct val *parts, const char *key, const char *text, const char *value,
                     double from, double to, double most)
{
    struct val *p = val_add_map(parts);

    val_put_text(p, "key", key);
    val_put_text(p, "text", text);
    val_put_text(p, "value", value);
    val_put_printf(p, "x", "%.2f", from / most * BAR_MOST);
    val_put_printf(p, "width", "%.2f", fmax(0, (to - from) / most * BAR_MOST));
}

/* Closed, commit, best case and pipeline one after the other, against the quota, with the learned
 * interval below. */
static void put_bar(struct ctx *cx, const struct forecast_line *l, struct val *page)
{
    static const struct {
        int number;
        const char *key, *text;
    } shown[] = { { NUM_CLOSED, "closed", "Closed" },
                  { NUM_COMMIT, "commit", "Commit" },
                  { NUM_BEST, "best", "Best case" },
                  { NUM_PIPELINE, "pipeline", "Pipeline" } };
    struct val *bar = val_put_map(page, "bar"), *parts = val_put_list(bar, "parts");
    double quota = l->numbers[NUM_QUOTA], at = 0, most = isnan(quota) ? 0 : quota;

    for (size_t i = 0; i < countof(shown); i++)
        at += l->numbers[shown[i].number];
    most = fmax(fmax(most, at), l->said ? l->learned.high : 0) * 1.03;
    val_put_bool(bar, "any", most > 0);
    if (most <= 0)
        return;
    at = 0;
    for (size_t i = 0; i < countof(shown); i++) {
        double value = l->numbers[shown[i].number];
        put_part(parts, shown[i].key, shown[i].text, forecast_money(cx, value), at, at + value,
                 most);
        at += value;
    }
    val_put_bool(bar, "has_quota", !isnan(quota));
    val_put_printf(bar, "quota_x", "%.2f", isnan(quota) ? 0 : quota / most * BAR_MOST);
    val_put_text(bar, "quota", forecast_money(cx, quota));
    val_put_bool(bar, "has_learned", l->said);
    if (!l->said)
        return;
    val_put_printf(bar, "low_x", "%.2f", l->learned.low / most * BAR_MOST);
    val_put_printf(bar, "range", "%.2f", (l->learned.high - l->learned.low) / most * BAR_MOST);
    val_put_printf(bar, "median_x", "%.2f", l->learned.median / most * BAR_MOST);
}

/* ---- week by week ---- */
static const char *who_filter(struct ctx *cx, struct forecast_who who)
{
    return who.person_id
               ? arena_printf(cx->arena, "person_id = '%s'", id_text(cx->arena, who.person_id))
           : who.team_id
               ? arena_printf(cx->arena, "team_id = '%s'", id_text(cx->arena, who.team_id))
               : "person_id is empty and team_id is empty";
}

static double minor_of(const struct row *r, int field)
{
    return row_has(r, field) ? (double)row_base_minor(r, field) : NAN;
}

static void put_week(const struct asked *a, const struct row *r, i64 until_day, struct val *list)
{
    static const struct {
        const char *key;
        int field;
    } cells[] = { { "closed", SNAP_CLOSED },     { "commit", SNAP_COMMIT },
                  { "best_case", SNAP_BEST },    { "pipeline", SNAP_PIPELINE },
                  { "weighted", SNAP_WEIGHTED }, { "median", SNAP_MEDIAN },
                  { "said", SNAP_OVERRIDE } };
    struct ctx *cx = a->cx;
    struct val *week = val_add_map(list);
    i64 day = row_i64(r, SNAP_WEEK);

    val_put_text(
        week, "text",
        zone_format(cx->arena, kit_zone(cx), zone_instant(kit_zone(cx), day, 0), "d MMM yyyy"));
    val_put_text(week, "day", date_iso(cx->arena, day));
    for (size_t i = 0; i < countof(cells); i++)
        put_money(cx, week, cells[i].key, minor_of(r, cells[i].field), "");
    val_put_text(week, "range",
                 row_has(r, SNAP_LOW) ? arena_printf(cx->arena, "%s to %s",
                                                     forecast_money(cx, minor_of(r, SNAP_LOW)),
                                                     forecast_money(cx, minor_of(r, SNAP_HIGH)))
                                      : "");
    val_put_printf(week, "moved_url", "%s&from=%s%s",
                   period_url(cx, "/forecast/moved", &a->w, a->who_query), date_iso(cx->arena, day),
                   until_day ? arena_printf(cx->arena, "&to=%s", date_iso(cx->arena, until_day))
                             : "");
}

static enum status put_weeks(const struct asked *a, struct val *page)
{
    struct ctx *cx = a->cx;
    struct val *weeks = val_put_list(page, "weeks");
    struct list_query lq = { .sort = "-week", .limit = WEEKS_SHOWN };
    struct list_page found = { 0 };

    lq.filter = arena_printf(cx->arena, "period = '%s' and from_date = %s and %s", a->w.word,
                             date_iso(cx->arena, a->w.p.from_day), who_filter(cx, a->who));
    if (access_scope(cx->access, "forecast_snapshot", VERB_READ) != SCOPE_NONE)
        TRY(list_run(cx, &forecast_snapshot_type, &lq, &found));
    for (size_t i = 0; i < found.count; i++)
        put_week(a, found.rows[i], i ? row_i64(found.rows[i - 1], SNAP_WEEK) : 0, weeks);
    val_put_bool(page, "has_weeks", found.count > 0);
    return OK;
}

/* ---- how good they were ---- */
enum { KIND_COMMIT, KIND_BEST, KIND_WEIGHTED, KIND_LEARNED, KIND_SAID, KINDS };
static const char *const kind_words[KINDS] = { "Closed and commit", "And best case",
                                               "Closed and weighted", "Learned", "Said" };

static void kinds_of(const struct row *r, double out[KINDS])
{
    double closed = minor_of(r, SNAP_CLOSED);

    out[KIND_COMMIT] = closed + minor_of(r, SNAP_COMMIT);
    out[KIND_BEST] = out[KIND_COMMIT] + minor_of(r, SNAP_BEST);
    out[KIND_WEIGHTED] = closed + minor_of(r, SNAP_WEIGHTED);
    out[KIND_LEARNED] = minor_of(r, SNAP_MEDIAN);
    out[KIND_SAID] = minor_of(r, SNAP_OVERRIDE);
}

struct judged {
    double error[KINDS], actual[KINDS];
    int count[KINDS], periods;
};

/* The first snapshot within a week of the period's beginning, against what came of it. */
static enum status judge_period(const struct asked *a, const struct forecast_when *w,
                                struct judged *j, struct val *list)
{
    struct ctx *cx = a->cx;
    struct list_query lq = { .sort = "week", .limit = 1 };
    struct list_page found;
    struct question q = { .metric = "revenue", .from_ms = w->p.from_ms, .to_ms = w->p.to_ms };
    struct val *answer, *row, *cells;
    double said[KINDS], actual;

    lq.filter = arena_printf(
        cx->arena, "period = '%s' and from_date = %s and %s and week >= %s and week < %s", w->word,
        date_iso(cx->arena, w->p.from_day), who_filter(cx, a->who),
        date_iso(cx->arena, w->p.from_day), date_iso(cx->arena, w->p.from_day + DAYS_LATE));
    TRY(list_run(cx, &forecast_snapshot_type, &lq, &found));
    if (found.count == 0)
        return OK;
    if (a->who.person_id)
        q.filter = arena_printf(cx->arena, "owner_id = '%s'", id_text(cx->arena, a->who.person_id));
    else if (a->who.team_id)
        q.filter =
            arena_printf(cx->arena, "owner_id.team_id = '%s'", id_text(cx->arena, a->who.team_id));
    TRY(question_ask(cx, &q, &answer));
    actual = val_as_double(val_get(answer, "value"), 0);
    kinds_of(found.rows[0], said);
    row = val_add_map(list);
    val_put_text(row, "text", w->name);
    val_put_text(row, "url", period_url(cx, "/forecast", w, a->who_query));
    put_money(cx, row, "actual", actual, val_get_text(answer, "rows_path"));
    cells = val_put_list(row, "cells");
    for (int k = 0; k < KINDS; k++) {
        struct val *cell = val_add_map(cells);
        put_money(cx, cell, "said", said[k], "");
        val_put_text(cell, "off",
                     isnan(said[k]) || actual <= 0
                         ? ""
                         : arena_printf(cx->arena, "%+.0f%%", (said[k] - actual) / actual * 100));
        if (isnan(said[k]))
            continue;
        j->count[k]++;
        j->error[k] += fabs(said[k] - actual);
        j->actual[k] += actual;
    }
    j->periods++;
    return OK;
}

static enum status put_accuracy(const struct asked *a, struct val *page)
{
    struct ctx *cx = a->cx;
    struct val *v = val_put_map(page, "accuracy"), *kinds = val_put_list(v, "kinds");
    struct val *list = val_put_list(v, "periods"), *wapes = val_put_list(v, "wapes");
    struct forecast_when w = forecast_when(cx, a->w.word, TIME_NONE);
    struct judged j = { .periods = 0 };

    for (int back = 1; back <= PASTS_SHOWN; back++) {
        struct forecast_when past = forecast_when_next(cx, &w, -back);
        if (access_scope(cx->access, "forecast_snapshot", VERB_READ) != SCOPE_NONE)
            TRY(judge_period(a, &past, &j, list));
    }
    for (int k = 0; k < KINDS; k++) {
        val_put_text(val_add_map(kinds), "text", kind_words[k]);
        val_put_text(val_add_map(wapes), "text",
                     j.count[k] ? percent(cx, j.error[k] / j.actual[k]) : "");
    }
    val_put_bool(v, "any", j.periods > 0);
    return OK;
}

/* ---- the page ---- */
static void put_served(struct ctx *cx, const struct forecast_served *m, struct val *page)
{
    struct val *v = val_put_map(page, "model");

    val_put_bool(v, "serves", m != NULL);
    val_put_text(v, "learned", m ? show_time(cx, forecast_served_at(m)) : "");
    val_put_bool(v, "may_learn", access_scope(cx->access, "deal", VERB_UPDATE) != SCOPE_NONE);
    val_put_bool(v, "may_read",
                 access_scope(cx->access, "forecast_model", VERB_READ) != SCOPE_NONE);
}

/* GET /forecast?unit=&day=&person=&team= */
enum status forecast_get(struct req *rq)
{
    struct ctx *cx = rq->cx;
    struct val *page = val_map(cx->arena), *list;
    const struct forecast_served *m;
    struct forecast_lines lines;
    struct asked a;
    const struct forecast_line *shown;

    TRY(read_asked(rq, &a));
    TRY(forecast_served(cx, &m));
    TRY(forecast_lines(cx, &a.w, 0, m, &lines));
    shown = &lines.list[0];
    list = val_put_list(page, "lines");
    for (size_t i = 0; i < lines.count; i++) {
        const struct forecast_line *l = &lines.list[i];
        put_line(&a, l, list);
        if (l->who.person_id == a.who.person_id && l->who.team_id == a.who.team_id)
            shown = l;
    }
    val_put_text(page, "title", "Forecast");
    val_put_text(page, "of", shown->name);
    val_put_bool(page, "of_some", shown != &lines.list[0]);
    val_put_text(page, "all_url", period_url(cx, "/forecast", &a.w, ""));
    put_period(&a, page);
    put_served(cx, m, page);
    put_bar(cx, shown, page);
    val_put(page, "shown", val_copy(cx->arena, val_at(list, (size_t)(shown - lines.list))));
    TRY(put_weeks(&a, page));
    TRY(put_accuracy(&a, page));
    return reply(rq, "forecast/page", page);
}
