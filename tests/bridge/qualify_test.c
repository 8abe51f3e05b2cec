/* qualify_test.c -- qualification frameworks: what an answer may be and counts, completeness and
 * score, filters over them, and a stage that no deal leaves before enough is known. */
#include "base/id.h"
#include "base/testing.h"
#include "bridge/contact.h"
#include "bridge/qualify.h"
#include "kit/filter.h"
#include "kit/merge.h"
#include "marketing/browse.h"

static i64 one_id(struct house *h, const char *type, const char *filter)
{
    struct list_query q = { .filter = filter, .limit = 2 };
    struct list_page page;

    assert_ok(h->cx, list_run(h->cx, type_find(h->cx, type), &q, &page));
    assert_int_equal(page.count, 1);
    return row_id(page.rows[0]);
}

static i64 criterion(struct house *h, const char *framework, const char *name)
{
    return one_id(
        h, "criterion",
        arena_printf(h->arena, "name = '%s' and framework_id.name = '%s'", name, framework));
}

static struct row *get(struct house *h, const char *type, i64 id)
{
    struct row *r;

    assert_ok(h->cx, record_get_named(h->cx, type, id, &r));
    return r;
}

static void answer(struct house *h, const char *type, i64 id, i64 criterion_id, const char *value)
{
    assert_ok(h->cx, qualify_answer(h->cx, get(h, type, id), criterion_id, value));
}

static bool passes(struct house *h, const char *type, i64 id, const char *filter)
{
    struct list_query q = { .filter = filter, .limit = 100 };
    struct list_page page;
    struct filter *f;
    bool listed = false, matched;

    assert_ok(h->cx, list_run(h->cx, type_find(h->cx, type), &q, &page));
    for (size_t i = 0; i < page.count; i++)
        listed |= row_id(page.rows[i]) == id;
    assert_ok(h->cx, filter_parse(h->cx, type_find(h->cx, type), filter, &f));
    assert_ok(h->cx, filter_match(h->cx, f, get(h, type, id), &matched));
    assert_int_equal(listed, matched);
    return listed;
}

/* ---- answers ---- */
static const struct {
    const char *framework, *criterion, *value, *kept; /* kept NULL: refused */
    int share;
    bool answered;
} values[] = {
    { "MEDDIC", "Economic buyer", "yes", "yes", 100, true },
    { "MEDDIC", "Economic buyer", "No", "no", 0, true },
    { "MEDDIC", "Economic buyer", "unknown", "unknown", 0, false },
    { "MEDDIC", "Economic buyer", "perhaps", NULL, 0, false },
    { "MEDDIC", "Champion", "says so", "Says so", 50, true },
    { "MEDDIC", "Champion", "Nobody", "Nobody", 0, true },
    { "MEDDIC", "Champion", "Everybody", NULL, 0, false },
    { "MEDDIC", "Metrics", "20 % less water", "20 % less water", 100, true },
    { "BANT", "Budget", "12000.50", "12000.50", 100, true },
    { "BANT", "Budget", "plenty", NULL, 0, false },
    { "BANT", "Timeline", "2027-02-28", "2027-02-28", 100, true },
    { "BANT", "Timeline", "2027-02-30", NULL, 0, false },
};

static void each_kind_of_answer_counts_as_it_says(void **state)
{
    struct house *h = *state;

    for (size_t i = 0; i < countof(values); i++) {
        i64 deal = RECORD(h, "deal", "name", "A deal");
        i64 of = criterion(h, values[i].framework, values[i].criterion);
        enum status s = qualify_answer(h->cx, get(h, "deal", deal), of, values[i].value);
        if ((s == OK) != (values[i].kept != NULL))
            fail_msg("%s: %d", values[i].value, s);
        if (s != OK) {
            assert_int_equal(s, E_INVALID);
            ctx_clear_error(h->cx);
            continue;
        }
        const char *filter = arena_printf(h->arena, "deal_id = '%s'", id_text(h->arena, deal));
        struct row *r = get(h, "qualification_answer", one_id(h, "qualification_answer", filter));
        if (!text_is(row_text(r, ANSWER_VALUE), values[i].kept) ||
            row_i64(r, ANSWER_SHARE) != values[i].share ||
            row_bool(r, ANSWER_ANSWERED) != values[i].answered)
            fail_msg("%s: %s, %lld", values[i].value, row_text(r, ANSWER_VALUE),
                     (long long)row_i64(r, ANSWER_SHARE));
    }
}

/* ---- completeness and score ----
 * Weights of MEDDIC: metrics 2, economic buyer 3, criteria 1, process 1, pain 2, champion 3: 12. */
static const struct {
    const char *criterion, *value;
    int completeness, score; /* after it */
    const char *lacks;
} steps[] = {
    { "Economic buyer", "yes", 16, 25, "Metrics, Decision criteria" },
    { "Champion", "Says so", 33, 37, "Metrics" }, /* (300 + 150) / 12 */
    { "Metrics", "20 % less water", 50, 54, "Decision criteria" },
    { "Economic buyer", "unknown", 33, 29, "Metrics, " },
    { "Economic buyer", "", 33, 29, "Economic buyer" },
    { "Champion", "Proved it", 33, 41, "Economic buyer" },
};

static void completeness_and_score_follow_the_answers(void **state)
{
    struct house *h = *state;
    i64 deal = RECORD(h, "deal", "name", "A deal");
    const char *filter = arena_printf(h->arena, "deal_id = '%s'", id_text(h->arena, deal));

    for (size_t i = 0; i < countof(steps); i++) {
        answer(h, "deal", deal, criterion(h, "MEDDIC", steps[i].criterion), steps[i].value);
        struct row *r = get(h, "qualification", one_id(h, "qualification", filter));
        if (row_i64(r, QUALIFICATION_COMPLETENESS) != steps[i].completeness ||
            row_i64(r, QUALIFICATION_SCORE) != steps[i].score)
            fail_msg("%s %s: %lld %%, %lld, lacks %s", steps[i].criterion, steps[i].value,
                     (long long)row_i64(r, QUALIFICATION_COMPLETENESS),
                     (long long)row_i64(r, QUALIFICATION_SCORE), row_text(r, QUALIFICATION_LACKS));
    }
    struct val *log = val_list(h->arena);
    struct row *first =
        get(h, "qualification_answer",
            one_id(h, "qualification_answer",
                   arena_printf(h->arena, "%s and criterion_id.name = 'Champion'", filter)));
    assert_ok(h->cx, record_history(h->cx, first, 10, log));
    assert_int_equal(val_count(log), 2); /* what was said, and what was said before */
}

static void another_weight_counts_again(void **state)
{
    struct house *h = *state;
    i64 deal = RECORD(h, "deal", "name", "A deal"),
        buyer = criterion(h, "MEDDIC", "Economic buyer");
    const char *filter = arena_printf(h->arena, "deal_id = '%s'", id_text(h->arena, deal));
    struct row *c = get(h, "criterion", buyer);

    answer(h, "deal", deal, buyer, "yes");
    row_set_i64(c, CRITERION_WEIGHT, 9);
    assert_ok(h->cx, record_save(h->cx, c));
    struct val *payload = val_map(h->arena);
    val_put_text(payload, "framework", id_text(h->arena, row_i64(c, CRITERION_FRAMEWORK)));
    struct job_run job = { .cx = h->cx, .payload = payload };
    assert_ok(h->cx, kit_job(h->cx->kit, "qualify.recount")->run(&job));
    struct row *r = get(h, "qualification", one_id(h, "qualification", filter));
    assert_int_equal(row_i64(r, QUALIFICATION_SCORE), 50); /* 900 / 18 */
}

/* ---- filters ---- */
static const struct {
    const char *filter;
    bool before, after; /* the economic buyer is known */
} filters[] = {
    { "count(qualification_answer where criterion_id.name = 'Economic buyer' and met is true) = 0",
      true, false },
    { "count(qualification where framework_id.name = 'MEDDIC' and completeness >= 50) > 0", false,
      true },
    { "count(qualification where completeness < 50) > 0", true, false },
    { "count(qualification where score >= 50) > 0", false, true },
    { "count(qualification_answer where criterion_id.name = 'Metrics' and answered is true) > 0",
      true, true },
};

static void filters_say_what_is_lacking(void **state)
{
    struct house *h = *state;
    i64 deal = RECORD(h, "deal", "name", "A deal");

    answer(h, "deal", deal, criterion(h, "MEDDIC", "Metrics"), "20 % less water");
    answer(h, "deal", deal, criterion(h, "MEDDIC", "Champion"), "Says so");
    for (size_t i = 0; i < countof(filters); i++)
        if (passes(h, "deal", deal, filters[i].filter) != filters[i].before)
            fail_msg("before: %s", filters[i].filter);
    answer(h, "deal", deal, criterion(h, "MEDDIC", "Economic buyer"), "yes");
    for (size_t i = 0; i < countof(filters); i++)
        if (passes(h, "deal", deal, filters[i].filter) != filters[i].after)
            fail_msg("after: %s", filters[i].filter);
}

static void a_stage_asks_for_what_must_be_known(void **state)
{
    struct house *h = *state;
    i64 deal = RECORD(h, "deal", "name", "A deal");
    struct row *stage = get(h, "stage", one_id(h, "stage", "name = 'New'")),
               *r = get(h, "deal", deal);
    i64 next = one_id(h, "stage", "name = 'Qualified'");
    int exit = type_field(row_type(stage), "exit_filter"),
        stage_id = type_field(row_type(r), "stage_id");

    row_set_text(stage, exit,
                 "count(qualification_answer where criterion_id.name = 'Economic buyer' and met is "
                 "true) > 0");
    assert_ok(h->cx, record_save(h->cx, stage));
    row_set_i64(r, stage_id, next);
    assert_status(h->cx, record_save(h->cx, r), E_INVALID);
    answer(h, "deal", deal, criterion(h, "MEDDIC", "Economic buyer"), "yes");
    r = get(h, "deal", deal);
    row_set_i64(r, stage_id, next);
    assert_ok(h->cx, record_save(h->cx, r));
}

/* ---- merging ---- */
static void what_is_known_of_two_who_are_one_is_known_of_the_one(void **state)
{
    struct house *h = *state;
    i64 a = RECORD(h, "contact", "first_name", "Mia", "email", "mia@x.example"),
        b = RECORD(h, "contact", "first_name", "Mia", "email", "mia@y.example"), merge;
    const char *of_a = arena_printf(h->arena, "contact_id = '%s'", id_text(h->arena, a));

    answer(h, "contact", a, criterion(h, "BANT", "Budget"), "5000");
    answer(h, "contact", b, criterion(h, "BANT", "Need"), "Too little water");
    assert_ok(h->cx, record_merge(h->cx, get(h, "contact", a), get(h, "contact", b), NULL, &merge));
    answer(h, "contact", a, criterion(h, "BANT", "Authority"), "Advises");
    struct list_query q = { .filter = of_a, .sort = "-completeness", .limit = 5 };
    struct list_page page;
    assert_ok(h->cx, list_run(h->cx, &qualification_type, &q, &page));
    assert_int_equal(row_i64(page.rows[0], QUALIFICATION_COMPLETENESS), 75);
    assert_ok(h->cx, record_unmerge(h->cx, merge));
    assert_true(passes(h, "contact", b, "count(qualification_answer) = 1"));
}

/* ---- over the web ---- */
static void it_is_filled_in_where_one_works(void **state)
{
    struct house *h = *state;
    struct person *sam = house_user(h, "Sam Sales", "Sales");
    i64 deal = RECORD(h, "deal", "name", "A deal"),
        buyer = criterion(h, "MEDDIC", "Economic buyer"),
        meddic = one_id(h, "framework", "name = 'MEDDIC'");
    const char *page = arena_printf(h->arena, "/deals/%s", id_text(h->arena, deal)),
               *to = arena_printf(h->arena, "%s/qualify/%s", page, id_text(h->arena, meddic));
    struct web_response r = house_get(h, sam, page);

    assert_true(house_has(&r, "0 of 6") && !house_has(&r, "MEDDPICC"));
    r = house_post(h, sam, to, arena_printf(h->arena, "c_%s=yes", id_text(h->arena, buyer)));
    house_expect(h, &r, 303);
    r = house_get(h, sam, page);
    assert_true(house_has(&r, "1 of 6") && house_has(&r, to) && !house_has(&r, "Economic buyer"));
    r = house_get(h, sam, arena_printf(h->arena, "%s?next=/leads", to));
    house_expect(h, &r, 200);
    assert_true(house_has(&r, "1 of 6") && house_has(&r, "Economic buyer") &&
                house_has(&r, "value=\"/leads\"") && house_has(&r, "Save MEDDIC"));
    r = house_post(h, sam, to, arena_printf(h->arena, "c_%s=maybe", id_text(h->arena, buyer)));
    house_expect(h, &r, 422);
    r = house_post(
        h, sam, to,
        arena_printf(h->arena, "c_%s=1", id_text(h->arena, criterion(h, "BANT", "Budget"))));
    house_expect(h, &r, 422);
    r = house_post(h, sam, to, "");
    house_expect(h, &r, 422);
    r = house_json(h, sam, HTTP_POST, "/api/v1/qualification-answers",
                   arena_printf(h->arena,
                                "{\"criterion_id\":\"%s\",\"deal_id\":\"%s\",\"value\":"
                                "\"no\"}",
                                id_text(h->arena, buyer), id_text(h->arena, deal)));
    house_expect(h, &r, 422);
    assert_true(house_has(&r, "qualification.twice"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        IN_SQLITE_HOUSE(each_kind_of_answer_counts_as_it_says, NULL),
        IN_BOTH_HOUSES(completeness_and_score_follow_the_answers, NULL),
        IN_SQLITE_HOUSE(another_weight_counts_again, NULL),
        IN_BOTH_HOUSES(filters_say_what_is_lacking, NULL),
        IN_SQLITE_HOUSE(a_stage_asks_for_what_must_be_known, NULL),
        IN_BOTH_HOUSES(what_is_known_of_two_who_are_one_is_known_of_the_one, NULL),
        IN_BOTH_HOUSES(it_is_filled_in_where_one_works, NULL),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
