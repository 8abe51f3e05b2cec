/* forecast_test.c -- categories, what people say, snapshots, what moved, what is learned; and how
 * deals do: the same on both engines. */
#include "base/id.h"
#include "kit/filter.h"
#include "kit/question.h"
#include "sales/deal.h"
#include "sales/forecast.h"
#include "sales/forecast_int.h"
#include "sales/pipeline.h"
#include "support/house.h"
#include <math.h>
#include <stdlib.h>

static i64 stage_called(struct house *h, const char *name)
{
    struct row *r;

    assert_ok(h->cx, record_find(h->cx, &stage_type, "name", name, &r));
    return row_id(r);
}

static struct row *deal_at(struct house *h, i64 id)
{
    struct row *r;

    assert_ok(h->cx, record_get(h->cx, &deal_type, id, &r));
    return r;
}

static struct money euro(i64 minor) { return (struct money){ .minor = minor, .currency = "EUR" }; }

static i64 today(struct house *h) { return zone_day(kit_zone(h->cx), ctx_now(h->cx)); }

static void days_pass(struct house *h, int days) { h->clock->fixed_ms += days * (i64)MS_DAY; }

static i64 new_deal(struct house *h, const char *name, const char *stage, i64 minor, i64 close_day,
                    i64 owner)
{
    struct row *r = row_new(h->cx, &deal_type);

    row_set_text(r, DEAL_NAME, name);
    row_set_i64(r, DEAL_STAGE, stage_called(h, stage));
    row_set_money(r, DEAL_AMOUNT, euro(minor));
    row_set_i64(r, DEAL_CLOSE, close_day);
    if (owner)
        row_set_i64(r, DEAL_OWNER, owner);
    assert_ok(h->cx, record_save(h->cx, r));
    return row_id(r);
}

static void move_to(struct house *h, i64 id, const char *stage)
{
    struct row *r = deal_at(h, id);

    row_set_i64(r, DEAL_STAGE, stage_called(h, stage));
    if (text_is(stage, "Lost"))
        row_set_text(r, DEAL_LOST_REASON, "price");
    assert_ok(h->cx, record_save(h->cx, r));
}

/* ---- categories ---- */
static const struct {
    const char *note, *stage, *said, *is; /* stage, said: NULL for no change */
} steps[] = {
    { "a new deal is its stage's", "New", NULL, "pipeline" },
    { "and goes along", "Proposal", NULL, "best_case" },
    { "until a person says otherwise", NULL, "commit", "commit" },
    { "then it stays", "Negotiation", NULL, "commit" },
    { "which is what the stage says too, so it goes along again", "Qualified", NULL, "pipeline" },
    { "said where the stage says less", NULL, "best_case", "best_case" },
    { "it stays", "Needs analysis", NULL, "best_case" },
    { "left out by a person", NULL, "omitted", "omitted" },
    { "it stays out", "Proposal", NULL, "omitted" },
    { "winning closes", "Won", NULL, "closed" },
    { "reopened it is the stage's again", "Proposal", NULL, "best_case" },
    { "losing leaves it out", "Lost", NULL, "omitted" },
    { "reopened again", "Negotiation", NULL, "commit" },
};
static void the_stage_says_the_category_until_a_person_does(void **state)
{
    struct house *h = *state;
    i64 id = new_deal(h, "One", "New", 1000, today(h), 0);

    for (size_t i = 0; i < countof(steps); i++) {
        struct row *r;
        if (steps[i].stage)
            move_to(h, id, steps[i].stage);
        r = deal_at(h, id);
        if (steps[i].said) {
            row_set_text(r, DEAL_CATEGORY, steps[i].said);
            assert_ok(h->cx, record_save(h->cx, r));
        }
        if (!text_is(row_text(deal_at(h, id), DEAL_CATEGORY), steps[i].is))
            fail_msg("%s: %s", steps[i].note, row_text(deal_at(h, id), DEAL_CATEGORY));
    }
    struct row *r = deal_at(h, id);
    row_set_text(r, DEAL_CATEGORY, "closed");
    assert_int_equal(record_save(h->cx, r), E_INVALID);
    ctx_clear_error(h->cx);
    /* and a stage may say another than its chance */
    struct row *stage;
    assert_ok(h->cx, record_get(h->cx, &stage_type, stage_called(h, "New"), &stage));
    row_set_text(stage, STAGE_CATEGORY, "omitted");
    assert_ok(h->cx, record_save(h->cx, stage));
    id = new_deal(h, "Two", "New", 1000, today(h), 0);
    assert_string_equal(row_text(deal_at(h, id), DEAL_CATEGORY), "omitted");
}

/* ---- what moved ---- */
static u32 dice(u64 *at, u32 n)
{
    *at = *at * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
    return (u32)(*at >> 33) % n;
}

enum { DEALS = 40, CHANGES = 260, MARKS = 6 };

/* Something happens to a deal, of all that can. */
static void change_some(struct house *h, u64 *at, i64 ids[DEALS], const i64 people[2])
{
    static const char *const stages[] = { "New",         "Qualified", "Proposal",
                                          "Negotiation", "Won",       "Lost" };
    static const char *const categories[] = { "pipeline", "best_case", "commit", "omitted" };
    u32 which = dice(at, DEALS);
    struct row *r;

    h->clock->fixed_ms += 3 * (i64)MS_HOUR + dice(at, 50000);
    if (ids[which] == 0) {
        ids[which] = new_deal(h, "Some", stages[dice(at, 4)], 100 * (1 + dice(at, 100000)),
                              today(h) - 20 + dice(at, 60), people[dice(at, 2)]);
        return;
    }
    assert_ok(h->cx, record_get_any(h->cx, &deal_type, ids[which], &r));
    if (row_is_deleted(r)) {
        assert_ok(h->cx, record_restore(h->cx, r));
        return;
    }
    switch (dice(at, 8)) {
    case 0:
        row_set_money(r, DEAL_AMOUNT, euro(1 + dice(at, 10000000)));
        break;
    case 1:
        row_set_i64(r, DEAL_CLOSE, today(h) - 30 + dice(at, 70));
        break;
    case 2:
        row_clear(r, DEAL_CLOSE);
        break;
    case 3:
        row_set_i64(r, DEAL_OWNER, people[dice(at, 2)]);
        break;
    case 4:
        if (text_is(row_text(r, DEAL_STATUS), "open"))
            row_set_text(r, DEAL_CATEGORY, categories[dice(at, 4)]);
        break;
    case 5:
        assert_ok(h->cx, record_delete(h->cx, r));
        return;
    default:
        row_set_i64(r, DEAL_STAGE, stage_called(h, stages[dice(at, 6)]));
        row_set_text(r, DEAL_LOST_REASON, "timing");
    }
    assert_ok(h->cx, record_save(h->cx, r));
}

static void what_moved_adds_up_to_the_minor_unit(void **state)
{
    struct house *h = *state;
    const i64 people[2] = { house_user(h, "Ann", "Sales")->user_id,
                            house_user(h, "Bob", "Sales")->user_id };
    i64 ids[DEALS] = { 0 }, marks[MARKS + 1] = { 0 };
    u64 at = 99;
    int kinds[MOVE_KINDS] = { 0 }, seen = 0;

    for (int i = 0; i < CHANGES; i++) {
        if (i % (CHANGES / MARKS) == 0 && i / (CHANGES / MARKS) < MARKS)
            marks[i / (CHANGES / MARKS)] = h->clock->fixed_ms + 1000;
        change_some(h, &at, ids, people);
    }
    struct forecast_when now = forecast_when(h->cx, "month", TIME_NONE);
    for (int p = -1; p <= 0; p++)
        for (int from = 0; from < MARKS; from++)
            for (int to = from + 1; to <= MARKS; to++) /* the last: now */
                for (int m = 0; m < 9; m++) {
                    struct forecast_when w = forecast_when_next(h->cx, &now, p);
                    struct forecast_who who = { .person_id = m % 3 ? people[m % 3 - 1] : 0 };
                    enum forecast_measure measure = (enum forecast_measure)(m / 3);
                    struct forecast_moves moves;
                    i64 before, after, sum = 0;
                    assert_ok(h->cx, forecast_total(h->cx, &w, who, measure, marks[from], &before));
                    assert_ok(h->cx, forecast_total(h->cx, &w, who, measure, marks[to], &after));
                    assert_ok(h->cx, forecast_moves(h->cx, &w, who, measure, marks[from], marks[to],
                                                    &moves));
                    for (size_t i = 0; i < moves.count; i++) {
                        sum += moves.list[i].after_minor - moves.list[i].before_minor;
                        kinds[moves.list[i].kind]++;
                    }
                    if (sum != after - before)
                        fail_msg("period %d, mark %d to %d, case %d: moved %lld, differs %lld", p,
                                 from, to, m, (long long)sum, (long long)(after - before));
                }
    for (int k = 0; k < MOVE_KINDS; k++)
        seen += kinds[k] > 0;
    assert_true(seen >= MOVE_KINDS - 1); /* the work tries nearly all there is */
}

/* ---- snapshots ---- */
static i64 snapshots(struct house *h)
{
    i64 n;

    assert_ok(h->cx, list_count(h->cx, &forecast_snapshot_type, "", "", 0, &n));
    return n;
}

static void a_snapshot_is_as_of_monday(void **state)
{
    struct house *h = *state;
    i64 ann = house_user(h, "Ann", "Sales")->user_id, before;
    const struct job_type *job = kit_job(h->kit, "forecast.week");
    struct job_run run = { .cx = h->cx };
    struct list_query lq = { .sort = "-week", .limit = 10 };
    struct list_page found;

    h->clock->fixed_ms = HOUSE_NOW - 10 * (i64)MS_DAY; /* Friday 13 November */
    i64 id = new_deal(h, "One", "Negotiation", 500000, today(h) + 10, ann);
    i64 won = new_deal(h, "Two", "Negotiation", 70000, today(h) + 10, ann);
    days_pass(h, 5);
    move_to(h, won, "Won"); /* on Wednesday the 18th */
    h->clock->fixed_ms = HOUSE_NOW + 2 * (i64)MS_DAY;
    struct row *r = deal_at(h, id); /* after the Monday that counts */
    row_set_money(r, DEAL_AMOUNT, euro(900000));
    assert_ok(h->cx, record_save(h->cx, r));
    assert_ok(h->cx, job->run(&run));
    before = snapshots(h);
    assert_true(before > 0);
    assert_ok(h->cx, job->run(&run));
    assert_int_equal(snapshots(h), before); /* once */
    lq.filter = "period = 'month' and from_date = 2026-11-01 and person_id is empty and "
                "team_id is empty";
    assert_ok(h->cx, list_run(h->cx, &forecast_snapshot_type, &lq, &found));
    assert_int_equal(found.count, 2); /* Mondays with a deal before them: the 16th and the 23rd */
    assert_int_equal(row_i64(found.rows[0], SNAP_WEEK), date_from_ymd(2026, 11, 23));
    assert_int_equal(row_base_minor(found.rows[0], SNAP_COMMIT), 500000);
    assert_int_equal(row_base_minor(found.rows[0], SNAP_CLOSED), 70000);
    assert_int_equal(row_base_minor(found.rows[1], SNAP_COMMIT), 570000);
    assert_int_equal(row_base_minor(found.rows[1], SNAP_CLOSED), 0);
    assert_false(row_has(found.rows[0], SNAP_MEDIAN)); /* two deals teach nothing */
}

/* ---- what people say ---- */
static const struct forecast_line *line_of(const struct forecast_lines *lines, i64 person, i64 team)
{
    for (size_t i = 0; i < lines->count; i++)
        if (lines->list[i].who.person_id == person && lines->list[i].who.team_id == team)
            return &lines->list[i];
    fail_msg("no line");
    return NULL;
}

static void each_level_sees_what_those_below_said(void **state)
{
    struct house *h = *state;
    struct person *ann = house_user(h, "Ann", "Sales"), *bob = house_user(h, "Bob", "Sales");
    struct person *eve = house_user(h, "Eve", "Sales");
    struct forecast_when w = forecast_when(h->cx, "month", TIME_NONE);
    struct forecast_lines lines;
    struct row *user;

    assert_ok(h->cx, record_get_named(h->cx, "user", ann->user_id, &user));
    i64 team = row_i64(user, type_field(row_type(user), "team_id"));
    new_deal(h, "A", "Negotiation", 10000, today(h), ann->user_id);
    new_deal(h, "B", "Negotiation", 20000, today(h), bob->user_id);
    new_deal(h, "C", "Proposal", 40000, today(h), eve->user_id);
    struct {
        struct person *by;
        const char *body;
    } said[] = {
        { ann, arena_printf(h->arena, "person_id=%s&amount=150", id_text(h->arena, ann->user_id)) },
        { bob, arena_printf(h->arena, "person_id=%s&amount=210", id_text(h->arena, bob->user_id)) },
        { eve, arena_printf(h->arena, "person_id=%s&amount=180", id_text(h->arena, bob->user_id)) },
        { eve, arena_printf(h->arena, "team_id=%s&amount=500", id_text(h->arena, team)) },
    };
    for (size_t i = 0; i < countof(said); i++) {
        struct web_response r = house_post(
            h, said[i].by, "/forecast-overrides",
            arena_printf(h->arena, "period=month&from_date=2026-11-05&%s", said[i].body));
        house_expect(h, &r, 303);
    }
    assert_ok(h->cx, forecast_lines(h->cx, &w, 0, NULL, &lines));
    const struct forecast_line *a = line_of(&lines, ann->user_id, 0),
                               *b = line_of(&lines, bob->user_id, 0),
                               *e = line_of(&lines, eve->user_id, 0), *t = line_of(&lines, 0, team);
    assert_true(a->has_own && a->own == 15000 && !a->has_judged);
    assert_true(b->has_own && b->own == 21000 && b->has_judged && b->judged == 18000);
    assert_string_equal(b->judged_by, "Eve");
    assert_true(!e->has_own && e->numbers[NUM_BEST] == 40000);
    assert_true(t->below == 15000 + 18000 + 0 && t->has_judged && t->judged == 50000);
    assert_true(line_of(&lines, 0, 0)->below == 50000);
    assert_true(t->numbers[NUM_COMMIT] == 30000);
    /* every number opens what was counted */
    struct web_response r = house_get(h, ann, a->paths[NUM_COMMIT]);
    house_expect(h, &r, 200);
}

/* ---- leaving a stage ---- */
static void a_stage_says_what_is_missing(void **state)
{
    struct house *h = *state;
    struct person *sam = house_user(h, "Sam", "Sales");
    i64 id = new_deal(h, "One", "Qualified", 1000, today(h), sam->user_id);
    struct row *stage;
    char *path = arena_printf(h->arena, "/deals/%s/move", id_text(h->arena, id));

    assert_ok(h->cx, record_get(h->cx, &stage_type, stage_called(h, "Qualified"), &stage));
    row_set_text(stage, STAGE_EXIT, "next_step is not empty and amount >= 500");
    row_set_text(stage, STAGE_EXIT_WHY, "Talk to them first.");
    assert_ok(h->cx, record_save(h->cx, stage));
    const char *body = arena_printf(
        h->arena, "{\"field\":\"stage_id\",\"value\":\"%s\",\"version\":%d}",
        id_text(h->arena, stage_called(h, "Proposal")), (int)row_version(deal_at(h, id)));
    struct web_response r = house_json(h, sam, HTTP_POST, path, body);
    house_expect(h, &r, 422);
    assert_true(house_has(&r, "Next step is not empty"));
    assert_true(house_has(&r, "Amount is at least") || house_has(&r, "500"));
    assert_true(house_has(&r, "Talk to them first."));
    struct row *deal = deal_at(h, id);
    row_set_text(deal, DEAL_NEXT_STEP, "Call");
    assert_ok(h->cx, record_save(h->cx, deal));
    deal = deal_at(h, id);
    row_set_i64(deal, DEAL_STAGE, stage_called(h, "Proposal"));
    assert_int_equal(record_save(h->cx, deal), E_INVALID);
    assert_null(strstr(h->cx->field_errors->message, "Next step"));
    ctx_clear_error(h->cx);
    r = house_get(h, sam, row_path(h->cx, deal_at(h, id)));
    assert_true(house_has(&r, "Before it leaves Qualified"));
    move_to(h, id, "New"); /* back is always possible */
    move_to(h, id, "Qualified");
    deal = deal_at(h, id);
    row_set_money(deal, DEAL_AMOUNT, euro(60000));
    row_set_i64(deal, DEAL_STAGE, stage_called(h, "Proposal"));
    assert_ok(h->cx, record_save(h->cx, deal));
    i64 other = new_deal(h, "Two", "Qualified", 0, today(h), sam->user_id);
    move_to(h, other, "Lost"); /* and so is losing */
}

/* ---- health ---- */
static i64 notes_of(struct house *h, i64 user)
{
    scoped(stmt_close) struct stmt q = { 0 };
    struct sql s = sql_new(h->cx);

    sql_add(&s, "SELECT count(*) FROM notification WHERE user_id = ");
    sql_i64(&s, user);
    q = db_query_sql(h->cx, &s);
    assert_true(stmt_next(&q));
    return col_i64(&q, 0);
}

static void call_about(struct house *h, i64 deal)
{
    struct row *r = row_new(h->cx, type_find(h->cx, "activity"));

    row_set_text(r, type_field(row_type(r), "kind"), "call");
    row_set_text(r, type_field(row_type(r), "subject"), "Called");
    row_set_i64(r, type_field(row_type(r), "deal_id"), deal);
    assert_ok(h->cx, record_save(h->cx, r));
}

static void a_neglected_deal_is_told_of_once(void **state)
{
    struct house *h = *state;
    struct person *sam = house_user(h, "Sam", "Sales");
    i64 id = new_deal(h, "Slow", "Proposal", 1000, today(h) + 5, sam->user_id);
    const struct job_type *job = kit_job(h->kit, "deal.health");
    struct job_run run = { .cx = h->cx };
    struct row *r = deal_at(h, id), *stage;

    assert_string_equal(row_text(r, DEAL_HEALTH), "healthy");
    assert_int_equal(row_i64(r, DEAL_HEALTH_SCORE), 85); /* no next step yet */
    row_set_text(r, DEAL_NEXT_STEP, "Call");
    assert_ok(h->cx, record_save(h->cx, r));
    i64 notes = notes_of(h, sam->user_id);
    assert_ok(h->cx, record_get(h->cx, &stage_type, stage_called(h, "Proposal"), &stage));
    row_set_i64(stage, STAGE_DAYS, 10);
    assert_ok(h->cx, record_save(h->cx, stage));
    days_pass(h, 11);
    assert_ok(h->cx, job->run(&run));
    r = deal_at(h, id); /* long here, date past: not quiet for more than 14 days yet */
    assert_string_equal(row_text(r, DEAL_HEALTH), "at_risk");
    assert_string_equal(row_text(r, DEAL_HEALTH_WHY), "Long in this stage, close date past");
    assert_int_equal(notes_of(h, sam->user_id), notes);
    days_pass(h, 5);
    for (int i = 0; i < 2; i++)
        assert_ok(h->cx, job->run(&run));
    assert_string_equal(row_text(deal_at(h, id), DEAL_HEALTH), "stale");
    assert_int_equal(row_i64(deal_at(h, id), DEAL_HEALTH_SCORE), 25);
    assert_int_equal(notes_of(h, sam->user_id), notes + 1);
    struct web_response page = house_get(h, sam, row_path(h->cx, deal_at(h, id)));
    assert_true(house_has(&page, "No activity for 16 days"));
    page = house_get(h, sam, "/deals?filter=health+%3D+%27stale%27");
    assert_true(house_has(&page, "Slow"));
    page = house_get(h, sam, "/deals/board");
    assert_true(house_has(&page, "No activity, long in this stage"));
    call_about(h, id); /* mends it at once */
    assert_string_equal(row_text(deal_at(h, id), DEAL_HEALTH), "at_risk");
    move_to(h, id, "Won");
    assert_false(row_has(deal_at(h, id), DEAL_HEALTH));
}

/* ---- learning ---- */
/* Sixty deals won and sixty lost, a few a week, and some open. */
static void tell_history(struct house *h, const i64 people[2])
{
    static const char *const stages[] = { "Qualified", "Needs analysis", "Proposal",
                                          "Negotiation" };
    u64 at = 5;

    h->clock->fixed_ms = HOUSE_NOW - 200 * (i64)MS_DAY;
    for (int i = 0; i < 132; i++) {
        i64 began = h->clock->fixed_ms;
        i64 id =
            new_deal(h, "Old", "New", 100000 + dice(&at, 900000), today(h) + 30, people[i % 2]);
        for (size_t s = 0; s < countof(stages); s++) {
            h->clock->fixed_ms += (1 + dice(&at, 10)) * (i64)MS_DAY;
            if (h->clock->fixed_ms >= HOUSE_NOW)
                break;
            if (i % 2 == 0 && s == (size_t)(i / 2 % 4))
                break;
            move_to(h, id, stages[s]);
        }
        if (h->clock->fixed_ms < HOUSE_NOW)
            move_to(h, id, i % 2 ? "Won" : "Lost");
        h->clock->fixed_ms = began + 36 * MS_HOUR;
    }
    h->clock->fixed_ms = HOUSE_NOW;
}

static const char *body_of(struct house *h, i64 id)
{
    struct row *r;

    assert_ok(h->cx, record_get(h->cx, &forecast_model_type, id, &r));
    return row_text(r, FMODEL_BODY);
}

static void what_was_learned_is_kept_and_served(void **state)
{
    struct house *h = *state;
    const i64 people[2] = { house_user(h, "Ann", "Sales")->user_id,
                            house_user(h, "Bob", "Sales")->user_id };
    struct person *sam = house_user(h, "Sam", "Sales");
    const struct forecast_served *m;
    struct forecast_when w;
    struct forecast_said all, one;
    struct row *stage;
    i64 thin, first, again;

    assert_ok(h->cx, forecast_learn_now(h->cx, true, &thin));
    assert_ok(h->cx, forecast_served(h->cx, &m));
    assert_null(m); /* nothing to learn from */
    tell_history(h, people);
    assert_ok(h->cx, forecast_learn_now(h->cx, false, &first));
    assert_ok(h->cx, forecast_learn_now(h->cx, false, &again));
    assert_string_equal(body_of(h, first), body_of(h, again)); /* chance comes from a seed */
    assert_ok(h->cx, forecast_served(h->cx, &m));
    assert_non_null(m);
    w = forecast_when(h->cx, "quarter", TIME_NONE);
    assert_true(forecast_says(m, &w, (struct forecast_who){ 0 }, &all));
    assert_true(forecast_says(m, &w, (struct forecast_who){ .person_id = people[0] }, &one));
    assert_true(all.low < all.median && all.median < all.high && one.median < all.median);
    assert_true(isnan(all.meets_quota)); /* no quota */
    assert_ok(h->cx, record_get(h->cx, &stage_type, stage_called(h, "Proposal"), &stage));
    assert_true(row_i64(stage, STAGE_USUAL_DAYS) >= 8 && row_i64(stage, STAGE_USUAL_DAYS) <= 14);
    struct web_response r = house_get(h, sam, "/forecast/model");
    house_expect(h, &r, 200);
    assert_true(house_has(&r, "Stage by stage"));
    r = house_get(h, sam, "/forecast?unit=quarter");
    assert_true(house_has(&r, "8 times in 10 between"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        IN_BOTH_HOUSES(the_stage_says_the_category_until_a_person_does, NULL),
        IN_BOTH_HOUSES(what_moved_adds_up_to_the_minor_unit, NULL),
        IN_BOTH_HOUSES(a_snapshot_is_as_of_monday, NULL),
        IN_BOTH_HOUSES(each_level_sees_what_those_below_said, NULL),
        IN_BOTH_HOUSES(a_stage_says_what_is_missing, NULL),
        IN_BOTH_HOUSES(a_neglected_deal_is_told_of_once, NULL),
        IN_BOTH_HOUSES(what_was_learned_is_kept_and_served, NULL),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
