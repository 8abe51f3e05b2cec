/* forecast_keep.c -- learns what periods may bring, judges that by the past, and keeps it as a
 * record that pages read: nothing is tried out while somebody waits for a page. */
#include "base/id.h"
#include "base/json.h"
#include "kit/question.h"
#include "sales/forecast_int.h"
#include "sales/pipeline.h"
#include <math.h>

enum {
    SEED = 1,
    PERIODS_SAID = 4,
    MONTHS_JUDGED = 24,
    CURVE_POINTS = 24,
    SELLERS_MAX = 1000,
    WORK_WEEK_DAYS = 5,
    WEEK_DAYS = 7
};

/* ---- what it says ---- */
struct saying {
    bool quarter;
    i64 from_day, person_id, team_id;
    double low, median, high, meets;
};
struct forecast_served {
    i64 at_ms;
    struct saying *list;
    size_t count;
};

i64 forecast_served_at(const struct forecast_served *m) { return m->at_ms; }

bool forecast_says(const struct forecast_served *m, const struct forecast_when *w,
                   struct forecast_who who, struct forecast_said *out)
{
    for (size_t i = 0; m && i < m->count; i++) {
        const struct saying *s = &m->list[i];
        if (s->quarter != (w->unit == PERIOD_QUARTER) || s->from_day != w->p.from_day ||
            s->person_id != who.person_id || s->team_id != who.team_id)
            continue;
        *out = (struct forecast_said){ s->low, s->median, s->high, s->meets };
        return true;
    }
    return false;
}

enum status sellers_read(struct ctx *cx, struct sellers *out)
{
    scoped(stmt_close) struct stmt q = db_query(cx, "forecast.sellers", I64("limit", SELLERS_MAX));

    *out = (struct sellers){ .list = NEW_N(cx->arena, struct seller, SELLERS_MAX) };
    while (stmt_next(&q))
        out->list[out->count++] = (struct seller){ .id = col_i64(&q, 0),
                                                   .name = arena_text(cx->arena, col_text(&q, 1)),
                                                   .team_id = col_i64(&q, 2),
                                                   .team = arena_text(cx->arena, col_text(&q, 3)),
                                                   .sells = col_i64(&q, 4) != 0 };
    return stmt_status(&q);
}

/* What is aimed at in a period, by all and by each. */
struct quotas {
    double whole; /* NAN: nothing */
    const struct val *groups;
};

static enum status quotas_read(struct ctx *cx, const struct forecast_when *w, struct quotas *out)
{
    struct question q = { .metric = "revenue_target",
                          .dimension = "owner",
                          .from_ms = w->p.from_ms,
                          .to_ms = w->p.to_ms,
                          .limit = SELLERS_MAX };
    struct val *answer;

    TRY(question_ask(cx, &q, &answer));
    out->whole = val_as_double(val_get(answer, "value"), NAN);
    out->groups = val_get(answer, "groups");
    return OK;
}

static double quota_of(struct ctx *cx, const struct quotas *q, i64 person)
{
    for (size_t i = 0; i < val_count(q->groups); i++)
        if (text_is(val_get_text(val_at(q->groups, i), "key"), id_text(cx->arena, person)))
            return val_as_double(val_get(val_at(q->groups, i), "value"), NAN);
    return NAN;
}

struct telling {
    struct ctx *cx;
    const struct forecast_history *h;
    const struct forecast_runs *runs;
    const struct sellers *sellers;
    const struct forecast_when *w;
    int period;
    i64 at_ms;
    struct forecast_served *into;
};

static void say(struct telling *t, i64 person, i64 team, const bool *who, double quota)
{
    double met = NAN;
    struct forecast_range r = forecast_sum(t->cx->arena, t->h, t->runs, t->period, &t->w->p,
                                           t->at_ms, who, isnan(quota) ? INFINITY : quota, &met);

    t->into->list[t->into->count++] = (struct saying){
        t->w->unit == PERIOD_QUARTER, t->w->p.from_day, person, team, r.low, r.median, r.high,
        isnan(quota) ? NAN : met
    };
}

/* Of a team: those who stand from `first` on. What its members aim at is what it aims at. */
static void say_team(struct telling *t, const struct quotas *q, size_t first, bool *who)
{
    i64 team = t->sellers->list[first].team_id;
    double quota = 0;
    bool any = false;

    memset(who, 0, (size_t)t->h->owner_count);
    for (size_t i = first; i < t->sellers->count && t->sellers->list[i].team_id == team; i++) {
        int at = history_owner(t->h, t->sellers->list[i].id);
        double one = quota_of(t->cx, q, t->sellers->list[i].id);
        any |= at > 0 || t->sellers->list[i].sells;
        who[at] = at > 0;
        quota += isnan(one) ? 0 : one;
    }
    if (any)
        say(t, 0, team, who, quota > 0 ? quota : NAN);
}

/* Of each who sells or owns deals, of each team, of all. */
static enum status say_period(struct telling *t)
{
    bool *who = NEW_N(t->cx->arena, bool, (size_t)t->h->owner_count + 1);
    struct quotas q;

    TRY(quotas_read(t->cx, t->w, &q));
    say(t, 0, 0, NULL, q.whole);
    for (size_t i = 0; i < t->sellers->count; i++) {
        const struct seller *s = &t->sellers->list[i];
        int at = history_owner(t->h, s->id);
        if (s->team_id && (i == 0 || t->sellers->list[i - 1].team_id != s->team_id))
            say_team(t, &q, i, who);
        if (at == 0)
            continue;
        memset(who, 0, (size_t)t->h->owner_count);
        who[at] = true;
        say(t, s->id, 0, who, quota_of(t->cx, &q, s->id));
    }
    return OK;
}

/* This month and the next, this quarter and the next, as seen from an instant. */
static void periods_from(struct ctx *cx, i64 at_ms, struct forecast_when out[PERIODS_SAID])
{
    i64 day = zone_day(kit_zone(cx), at_ms);

    out[0] = forecast_when(cx, "month", day);
    out[1] = forecast_when_next(cx, &out[0], 1);
    out[2] = forecast_when(cx, "quarter", day);
    out[3] = forecast_when_next(cx, &out[2], 1);
}

static enum status say_all(struct ctx *cx, const struct forecast_history *h,
                           const struct forecast_model *m, int runs, struct forecast_served **out)
{
    struct forecast_when when[PERIODS_SAID];
    struct forecast_period periods[PERIODS_SAID];
    struct forecast_runs tried;
    struct sellers sellers;
    struct forecast_served *into = NEW(cx->arena, struct forecast_served);

    TRY(sellers_read(cx, &sellers));
    periods_from(cx, m->at_ms, when);
    for (int p = 0; p < PERIODS_SAID; p++)
        periods[p] = when[p].p;
    tried = forecast_try(cx->arena, h, m, periods, PERIODS_SAID, runs, SEED);
    into->at_ms = m->at_ms;
    into->list = NEW_N(cx->arena, struct saying, PERIODS_SAID * (2 * sellers.count + 1));
    for (int p = 0; p < PERIODS_SAID; p++)
        TRY(say_period(&(struct telling){ .cx = cx,
                                          .h = h,
                                          .runs = &tried,
                                          .sellers = &sellers,
                                          .w = &when[p],
                                          .period = p,
                                          .at_ms = m->at_ms,
                                          .into = into }));
    *out = into;
    return OK;
}

enum status forecast_said_then(struct ctx *cx, const struct forecast_history *h, i64 at_ms,
                               const struct forecast_served **out)
{
    struct forecast_model *m = forecast_learn(cx->arena, h, at_ms);
    struct forecast_served *said = NULL;

    if (!m->refused)
        TRY(say_all(cx, h, m, PAST_RUNS, &said));
    *out = said;
    return OK;
}

/* ---- as JSON ---- */
static void put_number(struct val *map, const char *key, double v)
{
    if (isnan(v) || isinf(v))
        val_put_null(map, key);
    else
        val_put_double(map, key, v);
}

static void put_said(struct ctx *cx, const struct forecast_served *said, struct val *body)
{
    struct val *list = val_put_list(body, "says");

    for (size_t i = 0; said && i < said->count; i++) {
        const struct saying *s = &said->list[i];
        struct val *one = val_add_map(list);
        val_put_bool(one, "quarter", s->quarter);
        val_put_i64(one, "from", s->from_day);
        val_put_text(one, "person", s->person_id ? id_text(cx->arena, s->person_id) : "");
        val_put_text(one, "team", s->team_id ? id_text(cx->arena, s->team_id) : "");
        put_number(one, "low", round(s->low));
        put_number(one, "median", round(s->median));
        put_number(one, "high", round(s->high));
        put_number(one, "meets", s->meets);
    }
}

/* Working days, since people count in them. */
static double days_of(const struct forecast_model *m, double hours)
{
    return m->week_hours > 0 ? hours / m->week_hours * WORK_WEEK_DAYS : hours / 8;
}

static void put_bins(const struct forecast_model *m, const struct survival_stage *st,
                     struct val *stage)
{
    struct val *list = val_put_list(stage, "bins");

    for (int b = 0; b < st->bins; b++) {
        struct val *one = val_add_map(list);
        double day = m->week_hours > 0 ? m->week_hours / WORK_WEEK_DAYS : 8;
        put_number(one, "from", days_of(m, st->edges[b]));
        put_number(one, "to", b + 1 < st->bins ? days_of(m, st->edges[b + 1]) : NAN);
        put_number(one, "on", 1 - exp(-st->hazard[CAUSE_ON][b] * day));
        put_number(one, "lost", 1 - exp(-st->hazard[CAUSE_LOST][b] * day));
        put_number(one, "went_on", st->events[CAUSE_ON][b]);
        put_number(one, "were_lost", st->events[CAUSE_LOST][b]);
    }
}

/* Days of the calendar within which nine in ten leave; 0: not known. */
static i64 usual_days(const struct forecast_model *m, const struct survival_step *steps, size_t n)
{
    for (size_t i = 0; i < n; i++)
        if (steps[i].on + steps[i].lost >= 0.9 && m->week_hours > 0)
            return (i64)ceil(steps[i].age / m->week_hours * WEEK_DAYS);
    return 0;
}

static void put_stage(struct ctx *cx, const struct forecast_history *h,
                      const struct forecast_model *m, int s, double chance, struct val *list)
{
    const struct survival_stage *st = &m->survival->stage[s];
    struct val *stage = val_add_map(list), *curve;
    struct survival_step *steps;
    size_t n = survival_curve(cx->arena, m->stays, m->stay_count, s, &steps), stays = 0, open = 0;

    for (size_t i = 0; i < m->stay_count; i++)
        stays += m->stays[i].stage == s;
    for (size_t i = 0; i < m->open_count; i++)
        open += m->open[i].stage == s;
    val_put_text(stage, "id", id_text(cx->arena, h->stages[s].id));
    val_put_text(stage, "name", h->stages[s].name);
    val_put_i64(stage, "probability", h->stages[s].probability);
    put_number(stage, "chance", chance);
    val_put_i64(stage, "deals", (i64)stays);
    val_put_i64(stage, "open", (i64)open);
    val_put_i64(stage, "usual_days", usual_days(m, steps, n));
    put_number(stage, "on", n ? steps[n - 1].on : NAN);
    put_number(stage, "lost", n ? steps[n - 1].lost : NAN);
    put_bins(m, st, stage);
    curve = val_put_list(stage, "curve");
    for (size_t i = 0; i < CURVE_POINTS && n; i++) {
        const struct survival_step *step = &steps[i * (n - 1) / (CURVE_POINTS - 1)];
        struct val *one = val_add_map(curve);
        put_number(one, "day", days_of(m, step->age));
        put_number(one, "on", step->on);
        put_number(one, "lost", step->lost);
    }
}

static double mean_of(const struct survival_amounts *a)
{
    double sum = 0;

    for (size_t i = 0; i < a->count; i++)
        sum += a->ratios[i] / (double)a->count;
    return a->count ? sum : 1;
}

static void put_model(struct ctx *cx, const struct forecast_history *h,
                      const struct forecast_model *m, struct val *body)
{
    struct val *stages = val_put_list(body, "stages");
    double *chances = NEW_N(cx->arena, double, (size_t)h->stage_count + 1), amount = 0;

    survival_chances(cx->arena, m->survival, chances);
    for (int s = 0; s < h->stage_count; s++)
        put_stage(cx, h, m, s, chances[s], stages);
    for (size_t i = 0; i < m->pool_count; i++)
        amount += m->pool[i].amount / (double)m->pool_count;
    put_number(body, "a_week", m->rate.spans > 0 ? m->rate.shape / m->rate.spans : 0);
    put_number(body, "keeps", m->rate.keeps);
    put_number(body, "excess", m->rate.excess);
    put_number(body, "new_amount", amount);
    put_number(body, "change", h->stage_count ? mean_of(&m->changes[0]) : 1);
    val_put_i64(body, "weeks", m->weeks);
    val_put_i64(body, "open", (i64)m->open_count);
}

static void put_trials(struct ctx *cx, const struct forecast_trial *trials, size_t count,
                       struct val *body)
{
    struct forecast_score scores[FORECAST_WAYS];
    struct val *list = val_put_list(body, "trials"), *ways = val_put_list(body, "ways");

    forecast_scores(trials, count, scores);
    for (size_t i = 0; i < count; i++) {
        const struct forecast_trial *t = &trials[i];
        if (!t->served)
            continue;
        struct val *one = val_add_map(list);
        val_put_i64(one, "at", t->at_ms);
        val_put_i64(one, "from", t->period->from_day);
        val_put_bool(one, "middle", t->middle);
        put_number(one, "actual", t->actual);
        put_number(one, "low", round(t->range.low));
        put_number(one, "median", round(t->range.median));
        put_number(one, "high", round(t->range.high));
        put_number(one, "weighted", round(t->weighted));
        put_number(one, "last_year", t->last_year);
        put_number(one, "mean", round(t->mean));
    }
    for (int w = 0; w < FORECAST_WAYS; w++) {
        struct val *one = val_add_map(ways);
        put_number(one, "wape", scores[w].compared ? scores[w].wape : NAN);
        put_number(one, "mape", scores[w].compared ? scores[w].mape : NAN);
        put_number(one, "pinball", scores[w].compared ? scores[w].pinball : NAN);
    }
    val_put_i64(body, "compared", scores[0].compared);
    (void)cx;
}

/* ---- kept ---- */
struct keeping {
    const struct forecast_model *m;
    const struct forecast_score *scores; /* NULL: it was not judged */
    const struct val *body;
    i64 id;
};

/* Stages learn how long deals usually stay. */
static enum status keep_usual_days(struct ctx *cx, const struct val *body)
{
    const struct val *stages = val_get(body, "stages");

    for (size_t i = 0; i < val_count(stages); i++) {
        const struct val *s = val_at(stages, i);
        struct row *r;
        i64 id = 0;
        if (!id_parse(str_from(val_get_text(s, "id")), &id))
            continue;
        enum status st = record_get(cx, &stage_type, id, &r);
        if (st == E_NOT_FOUND) { /* in the trash */
            ctx_clear_error(cx);
            continue;
        }
        TRY(st);
        row_set_i64(r, STAGE_USUAL_DAYS, val_get_i64(s, "usual_days", 0));
        TRY(record_save(cx, r));
    }
    return OK;
}

static enum status keep(struct ctx *cx, void *arg)
{
    scoped(access_leave) struct access_guard guard = access_enter_system(cx);
    struct keeping *k = arg;
    const struct forecast_score *learned = k->scores;
    struct row *r = row_new(cx, &forecast_model_type);

    row_set_i64(r, FMODEL_MADE_AT, ctx_now(cx));
    row_set_text(r, FMODEL_STATUS, k->m->refused ? "refused" : "serving");
    row_set_i64(r, FMODEL_DEALS, (i64)(k->m->won + k->m->lost + k->m->open_count));
    row_set_i64(r, FMODEL_WON, (i64)k->m->won);
    row_set_i64(r, FMODEL_LOST, (i64)k->m->lost);
    row_set_text(r, FMODEL_REASON,
                 k->m->refused ? k->m->refused
                 : learned && learned->trials
                     ? arena_printf(cx->arena,
                                    "%d of %d past months and half months lay inside the interval.",
                                    learned->inside, learned->trials)
                     : "No past month had enough before it to be judged by.");
    if (learned) {
        row_set_i64(r, FMODEL_TRIALS, learned->trials);
        row_set_i64(r, FMODEL_INSIDE, learned->inside);
    }
    if (learned && learned->compared) {
        row_set_i64(r, FMODEL_WAPE, llround(learned[WAY_LEARNED].wape * 1000));
        row_set_i64(r, FMODEL_WAPE_WEIGHTED, llround(learned[WAY_WEIGHTED].wape * 1000));
    }
    row_set_text(r, FMODEL_BODY, json_text(cx->arena, k->body));
    TRY(record_save(cx, r));
    k->id = row_id(r);
    return k->m->refused ? OK : keep_usual_days(cx, k->body);
}

static enum status learn_and_keep(struct ctx *cx, bool backtest, i64 *id)
{
    struct val *body = val_map(cx->arena);
    struct forecast_score scores[FORECAST_WAYS];
    struct forecast_history *h;
    struct forecast_served *said = NULL;
    struct keeping k = { .body = body };

    TRY(history_read(cx, TIME_NONE, &h));
    struct forecast_model *m = forecast_learn(cx->arena, h, ctx_now(cx));
    k.m = m;
    if (!m->refused) {
        TRY(say_all(cx, h, m, FORECAST_RUNS, &said));
        put_model(cx, h, m, body);
    }
    put_said(cx, said, body);
    if (backtest && !m->refused) {
        struct forecast_period *months;
        struct forecast_trial *trials;
        int count = history_months(cx, h, &months);
        size_t n = forecast_backtest(cx->arena, h, months, count, PAST_RUNS, SEED, &trials);
        size_t skip = n > 2 * MONTHS_JUDGED ? n - 2 * MONTHS_JUDGED : 0;
        forecast_scores(trials + skip, n - skip, scores);
        put_trials(cx, trials + skip, n - skip, body);
        k.scores = scores;
    }
    TRY(kit_write(cx, keep, &k));
    *id = k.id;
    return OK;
}

enum status forecast_learn_now(struct ctx *cx, bool backtest, i64 *id)
{
    scoped(access_leave) struct access_guard guard = access_enter_system(cx);
    scoped(arena_close) struct arena *a = arena_new(4 * 1024 * 1024);
    struct ctx work = *cx;
    enum status s;

    work.arena = a;
    s = learn_and_keep(&work, backtest, id);
    return s == OK ? OK : ctx_fail(cx, s, "%s", work.error_text ? work.error_text : "");
}

enum status forecast_learn_job(struct job_run *job)
{
    i64 id;

    return forecast_learn_now(job->cx, true, &id);
}

/* ---- read back ---- */
enum status forecast_served(struct ctx *cx, const struct forecast_served **out)
{
    struct forecast_served *m = NEW(cx->arena, struct forecast_served);
    scoped(access_leave) struct access_guard guard = access_enter_system(cx);
    struct val *body;
    struct row *r;
    i64 id;
    enum status s = db_get_i64(cx, &id, "forecast.serving");

    *out = NULL;
    if (s != OK)
        return s == E_NOT_FOUND ? OK : s;
    TRY(record_get(cx, &forecast_model_type, id, &r));
    if (!text_is(row_text(r, FMODEL_STATUS), "serving"))
        return OK;
    if (json_read(cx->arena, str_from(row_text(r, FMODEL_BODY)), &body, NULL) != OK)
        return OK;
    const struct val *list = val_get(body, "says");
    m->at_ms = row_i64(r, FMODEL_MADE_AT);
    m->list = NEW_N(cx->arena, struct saying, val_count(list) + 1);
    for (size_t i = 0; i < val_count(list); i++) {
        const struct val *one = val_at(list, i);
        struct saying *to = &m->list[m->count++];
        *to = (struct saying){ .quarter = val_get_bool(one, "quarter"),
                               .from_day = val_get_i64(one, "from", 0),
                               .low = val_as_double(val_get(one, "low"), 0),
                               .median = val_as_double(val_get(one, "median"), 0),
                               .high = val_as_double(val_get(one, "high"), 0),
                               .meets = val_as_double(val_get(one, "meets"), NAN) };
        (void)!id_parse(str_from(val_get_text(one, "person")), &to->person_id);
        (void)!id_parse(str_from(val_get_text(one, "team")), &to->team_id);
    }
    *out = m;
    return OK;
}
