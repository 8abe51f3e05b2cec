/* score_learn_test.c -- points that fade, the grade of the fit, scores of products, and the chance
 * that is learned from what was won and lost: that it finds what was put in, tells on leads it has
 * not seen how good it is, and refuses where there is too little. */
#include "base/id.h"
#include "bridge/contact.h"
#include "bridge/handoff.h"
#include "kit/filter.h"
#include "marketing/browse.h"
#include "marketing/score_int.h"
#include "marketing/score_learn.h"
#include <stdlib.h>

static void no_rules(struct house *h)
{
    struct list_page page;
    struct list_query all = { .limit = 100 };

    assert_ok(h->cx, list_run(h->cx, type_find(h->cx, "score_rule"), &all, &page));
    for (size_t i = 0; i < page.count; i++)
        assert_ok(h->cx, record_delete(h->cx, page.rows[i]));
}

/* What was done waits for who looks: one append for many. */
static struct event waiting[2000];
static size_t waiting_count;

static void happened(struct house *h)
{
    assert_ok(h->cx, journey_append_wait(h->cx, h->journey, waiting, waiting_count));
    waiting_count = 0;
}

static void did(struct house *h, i64 contact, const char *kind, const char *page, double days_ago,
                const char *props)
{
    struct event e = { .at_ms = h->clock->fixed_ms - (i64)(days_ago * (double)MS_DAY),
                       .kind = kit_event_code(h->kit, kind),
                       .person = journey_person(h->journey, PERSON_CONTACT, (u64)contact),
                       .page = journey_intern(h->journey, DICT_PAGE, str_from(page)),
                       .props = props };

    waiting[waiting_count++] = e;
    if (waiting_count == countof(waiting))
        happened(h);
}

static struct row *scored(struct house *h, i64 id)
{
    struct row *r;

    happened(h);
    assert_ok(h->cx, score_people(h->cx, &id, 1, false));
    assert_ok(h->cx, record_get(h->cx, &contact_type, id, &r));
    return r;
}

static void points_fade_by_half_lives(void **state)
{
    static const struct {
        const char *note, *half_life;
        double days_ago[4]; /* below 0: no more */
        int score;
    } cases[] = {
        { "without one they stay", "", { 30, 60, -1 }, 200 },
        { "half after one", "30", { 30, -1 }, 50 },
        { "a quarter after two", "30", { 60, -1 }, 25 },
        { "all of today's", "30", { 0, -1 }, 100 },
        { "each by itself, added up before it is rounded", "30", { 0, 30, 60, -1 }, 175 },
        { "a third of a half-life", "30", { 10, -1 }, 79 },
    };
    struct house *h = *state;

    for (size_t i = 0; i < countof(cases); i++) {
        i64 who = RECORD(h, "contact", "email", arena_printf(h->arena, "f%zu@x.example", i));
        no_rules(h);
        RECORD(h, "score_rule", "name", "Fades", "event", "form_submit", "points", "100",
               "max_times", "10", "days", "365", "half_life_days", cases[i].half_life);
        for (size_t k = 0; cases[i].days_ago[k] >= 0; k++)
            did(h, who, "form_submit", "/f", cases[i].days_ago[k], NULL);
        i64 got = row_i64(scored(h, who), CONTACT_SCORE);
        if (got != cases[i].score)
            fail_msg("%s: got %lld, want %d", cases[i].note, (long long)got, cases[i].score);
    }
}

static void the_fit_is_a_grade_of_its_own(void **state)
{
    static const struct {
        const char *country, *job, *grade;
    } cases[] = { { "DE", "Head of farms", "A" },
                  { "DE", "", "B" },
                  { "", "Head of farms", "C" },
                  { "FR", "", "F" } };
    struct house *h = *state;

    no_rules(h);
    assert_string_equal(
        row_text(scored(h, RECORD(h, "contact", "email", "n@x.example")), CONTACT_FIT), "");
    RECORD(h, "score_rule", "name", "Country", "event", "fit", "filter", "country = 'DE'", "points",
           "60");
    RECORD(h, "score_rule", "name", "Job", "event", "fit", "filter", "job_title contains 'head'",
           "points", "40");
    RECORD(h, "score_rule", "name", "Not France", "event", "fit", "filter", "country = 'FR'",
           "points", "-30");
    for (size_t i = 0; i < countof(cases); i++) {
        struct row *r =
            scored(h, RECORD(h, "contact", "email", arena_printf(h->arena, "g%zu@x.example", i),
                             "country", cases[i].country, "job_title", cases[i].job));
        assert_string_equal(row_text(r, CONTACT_FIT), cases[i].grade);
        assert_int_equal(row_i64(r, CONTACT_SCORE), 0); /* a good fit has done nothing yet */
    }
}

static void a_product_has_a_score_of_its_own(void **state)
{
    struct house *h = *state;
    i64 product = RECORD(h, "scored_product", "name", "Harvester", "line", "40");
    const char *id = id_text(h->arena, product);
    i64 who = RECORD(h, "contact", "email", "p@x.example");
    struct list_page page;
    struct list_query warm = { .filter = "warm is true" };

    no_rules(h);
    RECORD(h, "score_rule", "name", "Reads of it", "event", "pageview", "page", "/harvester*",
           "points", "25", "product_id", id);
    did(h, who, "pageview", "/harvester/price", 1, NULL);
    did(h, who, "pageview", "/", 1, NULL);
    assert_int_equal(row_i64(scored(h, who), CONTACT_SCORE), 0);
    assert_ok(h->cx, list_run(h->cx, &product_score_type, &warm, &page));
    assert_int_equal(page.count, 0);
    did(h, who, "pageview", "/harvester/", 0, NULL);
    scored(h, who);
    assert_ok(h->cx, list_run(h->cx, &product_score_type, &warm, &page));
    assert_int_equal(page.count, 1);
    assert_int_equal(row_i64(page.rows[0], type_field(&product_score_type, "points")), 50);
    scored(h, who); /* again: still one */
    assert_ok(h->cx, list_run(h->cx, &product_score_type, &(struct list_query){ 0 }, &page));
    assert_int_equal(page.count, 1);
}

static void flows_give_points_and_a_cap_holds(void **state)
{
    struct house *h = *state;
    i64 who = RECORD(h, "contact", "email", "c@x.example");

    no_rules(h);
    did(h, who, "points", "", 2, "{\"name\":\"Welcome\",\"points\":30}");
    did(h, who, "points", "", 1, "{\"name\":\"Welcome\",\"points\":-5}");
    assert_int_equal(row_i64(scored(h, who), CONTACT_SCORE), 25);
    assert_ok(h->cx, setting_save(h->cx, "score.cap", "20"));
    assert_int_equal(row_i64(scored(h, who), CONTACT_SCORE), 20);
}

static const struct val *page_of(struct house *h, const struct person *who, const char *path)
{
    struct web_response r = house_json(h, who, HTTP_GET, path, NULL);

    if (r.status != 200)
        fail_msg("%s: %d %.*s", path, r.status, (int)r.body.len, r.body.p);
    return house_val(h, &r);
}

/* Every point has its event: what the page lists is what the score says. */
static void the_page_lists_what_the_score_adds_up(void **state)
{
    struct house *h = *state;
    const struct person *ada = house_user(h, "Ada", "");
    i64 who = RECORD(h, "contact", "email", "e@x.example", "country", "DE");
    double sum = 0;

    no_rules(h);
    RECORD(h, "score_rule", "name", "Forms", "event", "form_submit", "points", "30", "max_times",
           "2", "half_life_days", "10");
    RECORD(h, "score_rule", "name", "Pages", "event", "pageview", "points", "1", "max_times", "3");
    RECORD(h, "score_rule", "name", "Germans", "event", "profile", "filter", "country = 'DE'",
           "points", "7");
    for (int i = 0; i < 5; i++) {
        did(h, who, "pageview", "/a", i, NULL);
        did(h, who, "form_submit", "/f", i * 5, NULL);
    }
    i64 score = row_i64(scored(h, who), CONTACT_SCORE);
    const struct val *page =
        page_of(h, ada, arena_printf(h->arena, "/contacts/%s/score", id_text(h->arena, who)));
    const struct val *rows = val_get(val_get(page, "table"), "rows"), *profile;
    assert_int_equal(val_count(rows), 5);
    for (size_t i = 0; i < val_count(rows); i++)
        sum += strtod(val_get_text(val_at(val_get(val_at(rows, i), "cells"), 0), "plain"), NULL);
    profile = val_get(page, "profile");
    for (size_t i = 0; i < val_count(profile); i++)
        if (val_get_bool(val_at(profile, i), "holds"))
            sum += strtod(val_get_text(val_at(profile, i), "points"), NULL);
    assert_true(sum > (double)score - 1 && sum < (double)score + 1);
    assert_string_equal(val_get_text(page, "score"),
                        arena_printf(h->arena, "%lld", (long long)score));
}

/* Trying a value changes nothing, and saving it then does what was said. */
static void what_is_tried_is_what_comes(void **state)
{
    struct house *h = *state;
    const struct person *ada = house_user(h, "Ada", "");
    i64 ids[6], over = 0;
    const struct val *page;
    struct row *rule;
    i64 id;

    no_rules(h);
    id = RECORD(h, "score_rule", "name", "Pages", "event", "pageview", "points", "10", "max_times",
                "10");
    for (int i = 0; i < 6; i++) {
        ids[i] = RECORD(h, "contact", "email", arena_printf(h->arena, "t%d@x.example", i));
        for (int k = 0; k < i; k++)
            did(h, ids[i], "pageview", "/a", k, NULL);
        scored(h, ids[i]);
    }
    page = page_of(
        h, ada,
        arena_printf(h->arena, "/scoring?rule=%s&points=25&line=60", id_text(h->arena, id)));
    assert_string_equal(val_get_text(page, "over_now"), "0");
    assert_string_equal(val_get_text(page, "over_then"), "3");
    assert_string_equal(val_get_text(page, "up"), "5");
    assert_int_equal(row_i64(scored(h, ids[5]), CONTACT_SCORE), 50); /* as before */
    assert_ok(h->cx, record_get(h->cx, &score_rule_type, id, &rule));
    row_set_i64(rule, RULE_POINTS, 25);
    assert_ok(h->cx, record_save(h->cx, rule));
    for (int i = 0; i < 6; i++)
        over += row_i64(scored(h, ids[i]), CONTACT_SCORE) >= 60;
    assert_int_equal(over, 3);
    page = page_of(h, ada, "/scoring?line=nothing");
    assert_non_null(strstr(val_get_text(page, "error"), "nothing"));
}

/* ---- learning ---- */

static u64 seed;
static u32 below(u32 n)
{
    seed = seed * 6364136223846793005u + 1442695040888963407u;
    return (u32)(seed >> 33) % n;
}

/* Germans who read the prices are mostly won, whatever else they did; most points are for reading
 * the jobs, which is no sign of anything. */
static void put_leads(struct house *h, int count)
{
    i64 *customers = NEW_N(h->arena, i64, (size_t)count);
    int won_count = 0;

    struct tx tx = tx_begin(h->cx);
    for (int i = 0; i < count; i++) {
        bool german = below(2), prices = below(2);
        u32 chance = german && prices ? 85 : german || prices ? 45 : 12;
        bool won = below(100) < chance;
        i64 who = RECORD(h, "contact", "email", arena_printf(h->arena, "l%d@x.example", i),
                         "country", german ? "Germany" : "France");
        struct row *r;
        did(h, who, "pageview", "/", 20, NULL);
        if (prices)
            did(h, who, "pageview", "/prices", 15, NULL);
        for (u32 k = below(5); k > 0; k--)
            did(h, who, "pageview", "/jobs", 12, NULL);
        if (won) {
            assert_ok(h->cx, record_get(h->cx, &contact_type, who, &r));
            row_set_i64(r, CONTACT_CUSTOMER_AT, h->clock->fixed_ms);
            row_set_text(r, CONTACT_LIFECYCLE, "customer");
            assert_ok(h->cx, record_save(h->cx, r));
            customers[won_count++] = who;
        } else {
            r = row_new(h->cx, &handoff_type);
            row_set_i64(r, HANDOFF_CONTACT, who);
            row_set_text(r, HANDOFF_STATUS, "rejected");
            row_set_text(r, HANDOFF_REASON, "Score");
            assert_ok(h->cx, record_save(h->cx, r));
        }
    }
    assert_ok(h->cx, tx_commit(&tx));
    h->clock->fixed_ms += MS_DAY;
    for (int i = 0; i < won_count; i++) /* what came afterwards gives nothing away */
        did(h, customers[i], "form_submit", "/thanks", 0.5, NULL);
}

static struct row *learned_now(struct house *h)
{
    struct row *model;
    i64 id;

    happened(h);
    assert_ok(h->cx, learn(h->cx, &id));
    assert_ok(h->cx, record_get(h->cx, &score_model_type, id, &model));
    return model;
}

static i64 chance_of(struct house *h, const char *email, const char *country, bool prices)
{
    i64 who = RECORD(h, "contact", "email", email, "country", country, "lifecycle", "lead");

    did(h, who, "pageview", "/", 20, NULL);
    if (prices)
        did(h, who, "pageview", "/prices", 15, NULL);
    return row_i64(scored(h, who), CONTACT_CHANCE);
}

static void what_was_won_is_learned_and_judged_on_what_was_held_back(void **state)
{
    struct house *h = *state;
    const struct person *ada = house_user(h, "Ada", "");
    const struct val *page;
    struct row *model;
    i64 best, middle, worst;

    seed = 11;
    house_user(h, "Sam Sales", "Sales");
    no_rules(h);
    RECORD(h, "score_rule", "name", "Jobs", "event", "pageview", "page", "/jobs", "points", "10");
    model = learned_now(h);
    assert_string_equal(row_text(model, MODEL_STATUS), "refused");
    assert_non_null(strstr(row_text(model, MODEL_REASON), "Too few"));
    assert_int_equal(chance_of(h, "early@x.example", "Germany", true), 0); /* nobody guesses */
    put_leads(h, 700);
    model = learned_now(h);
    assert_string_equal(row_text(model, MODEL_STATUS), "serving");
    assert_int_equal(row_i64(model, MODEL_LEADS), 700);
    if (row_i64(model, MODEL_AUC) < 700 || row_i64(model, MODEL_AUC) > 900 ||
        row_i64(model, MODEL_RULES_AUC) > 600 || row_i64(model, MODEL_ECE) > 150)
        fail_msg("%s, calibration error %lld", row_text(model, MODEL_REASON),
                 (long long)row_i64(model, MODEL_ECE));
    best = chance_of(h, "best@x.example", "Germany", true);
    middle = chance_of(h, "middle@x.example", "Germany", false);
    worst = chance_of(h, "worst@x.example", "France", false);
    if (best < 70 || middle < 25 || middle > 65 || worst > 30)
        fail_msg("chances are %lld, %lld, %lld", (long long)best, (long long)middle,
                 (long long)worst);
    page = page_of(h, ada, "/scoring/learned");
    assert_true(val_get_bool(page, "serves"));
    assert_true(val_count(val_get(val_get(page, "chart"), "rows")) >= 5);
    assert_true(val_count(val_get(page, "weights")) > 3);
}

/* A lead as it reached sales `reached_days` ago; won `days` later, or lost. The clock stays. */
static i64 ended(struct house *h, const char *email, int reached_days, bool won, int days)
{
    i64 who = RECORD(h, "contact", "email", email), now = h->clock->fixed_ms;
    struct row *r;

    h->clock->fixed_ms = now - reached_days * (i64)MS_DAY;
    r = row_new(h->cx, &handoff_type);
    row_set_i64(r, HANDOFF_CONTACT, who);
    row_set_text(r, HANDOFF_STATUS, won ? "accepted" : "rejected");
    row_set_text(r, HANDOFF_REASON, "Score");
    assert_ok(h->cx, record_save(h->cx, r));
    if (won) {
        h->clock->fixed_ms += days * (i64)MS_DAY;
        assert_ok(h->cx, record_get(h->cx, &contact_type, who, &r));
        row_set_i64(r, CONTACT_CUSTOMER_AT, h->clock->fixed_ms);
        row_set_text(r, CONTACT_LIFECYCLE, "customer");
        assert_ok(h->cx, record_save(h->cx, r));
    }
    h->clock->fixed_ms = now;
    return who;
}

static void fails(const struct row *model, const char *note)
{
    fail_msg("%s: %s, %s", note, row_text(model, MODEL_STATUS), row_text(model, MODEL_REASON));
}

/* Won or lost by a coin: what is seen of them says nothing, and enough are held back to tell. */
static void chance_makes_nothing_serve(void **state)
{
    struct house *h = *state;

    seed = 5;
    house_user(h, "Sam Sales", "Sales");
    no_rules(h);
    struct tx tx = tx_begin(h->cx);
    for (int i = 0; i < 1400; i++) {
        i64 who = ended(h, arena_printf(h->arena, "r%d@x.example", i), 100 - i / 20, below(2), 1);
        for (u32 k = below(4); k > 0; k--)
            did(h, who, "pageview", arena_printf(h->arena, "/p%u", below(5)), 110, NULL);
    }
    assert_ok(h->cx, tx_commit(&tx));
    struct row *model = learned_now(h);
    if (!text_is(row_text(model, MODEL_STATUS), "refused") ||
        !strstr(row_text(model, MODEL_REASON), "hardly better than chance") ||
        row_i64(model, MODEL_AUC) < 430)
        fails(model, "a coin");
}

static void tell(struct house *h, i64 who, i64 firm)
{
    struct row *r;

    assert_ok(h->cx, record_get(h->cx, &contact_type, who, &r));
    row_set_text(r, CONTACT_COUNTRY, "Germany");
    row_set_text(r, CONTACT_JOB, "Owner");
    row_set_i64(r, CONTACT_COMPANY, firm);
    assert_ok(h->cx, record_save(h->cx, r));
    did(h, who, "pageview", "/thanks", 0, NULL);
}

/* 600 leads that a coin won or lost 90 days ago; only of those won something is told. */
static struct row *told_of_the_won(struct house *h, int days_ago)
{
    i64 firm = RECORD(h, "company", "name", "Obsthof Lang", "industry", "agriculture");
    i64 now = h->clock->fixed_ms;

    seed = 23;
    house_user(h, "Sam Sales", "Sales");
    no_rules(h);
    struct tx tx = tx_begin(h->cx);
    for (int i = 0; i < 600; i++) {
        bool won = below(2);
        i64 who = ended(h, arena_printf(h->arena, "t%d@x.example", i), 90, won, 5);
        h->clock->fixed_ms = now - days_ago * (i64)MS_DAY;
        if (won)
            tell(h, who, firm);
        h->clock->fixed_ms = now;
    }
    assert_ok(h->cx, tx_commit(&tx));
    return learned_now(h);
}

/* What a customer's record says since it is one says nothing about who will be one ... */
static void what_came_later_is_not_learned(void **state)
{
    struct row *model = told_of_the_won(*state, 40);

    assert_int_equal(row_i64(model, MODEL_LEADS), 600);
    if (!text_is(row_text(model, MODEL_STATUS), "refused"))
        fails(model, "filled in afterwards");
}

/* ... and the same, known before, says all. */
static void what_was_known_is_learned(void **state)
{
    struct row *model = told_of_the_won(*state, 95);

    if (!text_is(row_text(model, MODEL_STATUS), "serving") || row_i64(model, MODEL_AUC) < 950)
        fails(model, "known before");
}

/* Three quarters say that who reads the prices buys; of the newest quarter nobody who did. */
static void the_newest_judge(void **state)
{
    struct house *h = *state;
    i64 usual = 0;

    seed = 3;
    house_user(h, "Sam Sales", "Sales");
    no_rules(h);
    struct tx tx = tx_begin(h->cx);
    for (int i = 0; i < 800; i++) {
        bool won = below(2), newest = i >= 600;
        i64 who = ended(h, arena_printf(h->arena, "n%d@x.example", i), 300 - i / 4, won, 1);
        did(h, who, "pageview", won != newest ? "/prices" : "/jobs", 310, NULL);
        usual += won;
    }
    assert_ok(h->cx, tx_commit(&tx));
    struct row *model = learned_now(h);
    if (!text_is(row_text(model, MODEL_STATUS), "refused") || row_i64(model, MODEL_AUC) > 50)
        fails(model, "the newest are otherwise");
    assert_int_equal(row_i64(model, MODEL_WON), usual);
}

/* Who was lost within a day while others take sixty to be won does not count yet. */
static void the_young_do_not_count(void **state)
{
    struct house *h = *state;
    const struct person *ada = house_user(h, "Ada", "");

    house_user(h, "Sam Sales", "Sales");
    no_rules(h);
    struct tx tx = tx_begin(h->cx);
    for (int i = 0; i < 400; i++) {
        i64 who = ended(h, arena_printf(h->arena, "o%d@x.example", i), 200 - i / 4, i % 2, 60);
        did(h, who, "pageview", i % 2 ? "/prices" : "/jobs", 210, NULL);
    }
    for (int i = 0; i < 50; i++)
        (void)ended(h, arena_printf(h->arena, "y%d@x.example", i), 20, false, 0);
    assert_ok(h->cx, tx_commit(&tx));
    struct row *model = learned_now(h);
    assert_string_equal(row_text(model, MODEL_STATUS), "serving");
    assert_int_equal(row_i64(model, MODEL_LEADS), 400);
    assert_string_equal(val_get_text(page_of(h, ada, "/scoring/learned"), "young"), "50");
}

/* Whom sales took on and gave up is lost. */
static void who_was_given_up_is_lost(void **state)
{
    struct house *h = *state;
    struct row *r;

    seed = 3;
    house_user(h, "Sam Sales", "Sales");
    no_rules(h);
    for (int i = 0; i < 3; i++) {
        i64 who = ended(h, arena_printf(h->arena, "g%d@x.example", i), 20, i == 0, 1);
        assert_ok(h->cx, record_get(h->cx, &contact_type, who, &r));
        row_set_text(r, CONTACT_STATUS, "disqualified");
        assert_ok(h->cx, record_save(h->cx, r));
    }
    (void)RECORD(h, "contact", "email", "never@x.example", "lead_status", "disqualified");
    struct row *model = learned_now(h);
    assert_int_equal(row_i64(model, MODEL_LEADS), 3);
    assert_int_equal(row_i64(model, MODEL_WON), 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        IN_BOTH_HOUSES(points_fade_by_half_lives, NULL),
        IN_BOTH_HOUSES(the_fit_is_a_grade_of_its_own, NULL),
        IN_BOTH_HOUSES(a_product_has_a_score_of_its_own, NULL),
        IN_BOTH_HOUSES(flows_give_points_and_a_cap_holds, NULL),
        IN_BOTH_HOUSES(the_page_lists_what_the_score_adds_up, NULL),
        IN_BOTH_HOUSES(what_is_tried_is_what_comes, NULL),
        IN_BOTH_HOUSES(what_was_won_is_learned_and_judged_on_what_was_held_back, NULL),
        IN_SQLITE_HOUSE(chance_makes_nothing_serve, NULL),
        IN_BOTH_HOUSES(what_came_later_is_not_learned, NULL),
        IN_BOTH_HOUSES(what_was_known_is_learned, NULL),
        IN_SQLITE_HOUSE(the_newest_judge, NULL),
        IN_SQLITE_HOUSE(the_young_do_not_count, NULL),
        IN_SQLITE_HOUSE(who_was_given_up_is_lost, NULL),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
