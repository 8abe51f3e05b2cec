/* search_test.c -- what people type finds what they mean, on both engines alike, and nothing that
 * they may not see. */
#include "base/id.h"
#include "kit/search.h"
#include "kit/things.h"

/* Titles of the results, newest first, with commas between. */
static const char *found(struct ctx *cx, const char *asked)
{
    struct val *list = val_list(cx->arena);
    struct buf b = buf_in(cx->arena, 10000);

    assert_ok(cx, search_run(cx, asked, 20, list));
    for (size_t i = 0; i < val_count(list); i++) {
        if (i > 0)
            buf_text(&b, ", ");
        buf_text(&b, val_get_text(val_at(list, i), "title"));
    }
    return buf_end(&b);
}

static const struct {
    const char *note, *asked, *want;
} cases[] = {
    { "a word", "anna", "Anna Berg" },
    { "a beginning", "ann", "Anna Berg" },
    { "two letters", "an", "Zoë Ångström, Anna Berg" },
    { "one letter", "z", "Zoë Ångström" },
    { "all words must be there", "anna berg", "Anna Berg" },
    { "in any order", "berg ANNA", "Anna Berg" },
    { "one word too many", "anna smith", "" },
    { "accents may be left out", "zoe angstrom", "Zoë Ångström" },
    { "or be there", "Zöe Angström", "Zoë Ångström" },
    { "a name with an apostrophe", "o'neil", "Pat O'Neil" },
    { "its part", "neil", "Pat O'Neil" },
    { "a mail address", "anna.berg@example.com", "Anna Berg" },
    { "the part before the at", "anna.b", "Anna Berg" },
    { "a domain", "example.com", "Pat O'Neil, Anna Berg" },
    { "a part of a domain", "example", "Pat O'Neil, Anna Berg" },
    { "a phone number as stored", "+49 171 234567", "Zoë Ångström" },
    { "without its country", "0171 234567", "Zoë Ångström" },
    { "without its country and 0", "171234567", "Zoë Ångström" },
    { "its beginning", "0171 23", "Zoë Ångström" },
    { "with brackets", "+49 (171) 23-45", "Zoë Ångström" },
    { "a national number", "030 987", "Pat O'Neil" },
    { "a national number in another spelling", "030/98765", "Pat O'Neil" },
    { "a host", "www.acme", "Acme" },
    { "a tag", "vip", "Anna Berg" },
    { "a word of the story", "harvest", "Pat O'Neil" },
    { "Greek", "ελλάδα", "Ελλάδα" },
    { "Chinese", "农夫", "农夫" },
    { "nothing", "", "" },
    { "only signs", "?!*\"'", "" },
    { "the engine's own words", "\"anna\" OR", "" },
    { "more of them", "anna* NOT (x", "" },
    { "lexemes", "anna':* | 'x", "" },
    { "nobody", "xylophone", "" },
    { "a very long word",
      "aaaaaaaaaabbbbbbbbbbccccccccccddddddddddeeeeeeeeeeffffffffffgggggggggghhhhhhhhhhiiiiiiiiii",
      "" },
};

static void make_people(struct fixture *f)
{
    fixture_record(f, "firm", "name", "Acme", "domain", "www.acme.io", NULL);
    fixture_record(f, "thing", "name", "Anna Berg", "email", "anna.berg@example.com", "tags", "VIP",
                   NULL);
    fixture_record(f, "thing", "name", "Zoë Ångström", "phone", "+49 171 234567", NULL);
    fixture_record(f, "thing", "name", "Pat O'Neil", "email", "pat@example.com", "phone",
                   "030 98765-0", "long", "After the harvest\nwe meet.", NULL);
    fixture_record(f, "thing", "name", "Ελλάδα", NULL);
    fixture_record(f, "thing", "name", "农夫", NULL);
}

static void what_is_meant_is_found(void **state)
{
    struct fixture *f = *state;

    make_people(f);
    for (size_t i = 0; i < countof(cases); i++) {
        const char *got = found(f->cx, cases[i].asked);
        if (!text_is(got, cases[i].want))
            fail_msg("%s: '%s' found '%s', want '%s'", cases[i].note, cases[i].asked, got,
                     cases[i].want);
    }
}

static void the_index_follows_the_record(void **state)
{
    struct fixture *f = *state;
    struct ctx *cx = f->cx;
    i64 id = fixture_record(f, "thing", "name", "Before", NULL);
    struct row *r;

    assert_ok(cx, record_get(cx, &thing_type, id, &r));
    assert_string_equal(found(cx, "before"), "Before");
    row_set_text(r, THING_NAME, "After");
    row_set_text(r, THING_TEXT, "not searched");
    assert_ok(cx, record_save(cx, r));
    assert_string_equal(found(cx, "before"), "");
    assert_string_equal(found(cx, "after"), "After");
    assert_string_equal(found(cx, "searched"), "");
    assert_ok(cx, record_delete(cx, r));
    assert_string_equal(found(cx, "after"), "");
    assert_ok(cx, record_restore(cx, r));
    assert_string_equal(found(cx, "after"), "After");
}

static void a_result_says_where_it_leads(void **state)
{
    struct fixture *f = *state;
    struct ctx *cx = f->cx;
    i64 firm = fixture_record(f, "firm", "name", "Acme", NULL);
    struct row *r = row_new(cx, &thing_type);
    struct val *list = val_list(cx->arena);

    row_set_text(r, THING_NAME, "Renewal");
    row_set_i64(r, THING_FIRM, firm);
    row_set_money(r, THING_MONEY, (struct money){ 120000, "EUR" });
    assert_ok(cx, record_save(cx, r));
    assert_ok(cx, search_run(cx, "renew", 5, list));
    assert_string_equal(val_get_text(val_at(list, 0), "type"), "thing");
    assert_string_equal(val_get_text(val_at(list, 0), "label"), "Thing");
    assert_string_equal(val_get_text(val_at(list, 0), "icon"), "box");
    assert_string_equal(val_get_text(val_at(list, 0), "path"), row_path(cx, r));
    assert_string_equal(val_get_text(val_at(list, 0), "subtitle"), "€1,200.00 · New");
}

static void nobody_finds_what_they_may_not_see(void **state)
{
    struct fixture *f = *state;
    const struct access *me = fixture_user(f, "Me", 0, "{\"firm\": {\"read\": \"own\"}}");
    struct ctx *cx = fixture_ctx(f, me);

    for (int i = 0; i < 60; i++) /* newer ones of others must not hide mine */
        fixture_record(f, "firm", "name", i == 3 ? "Acme mine" : "Acme theirs", "owner_id",
                       i == 3 ? id_text(f->cx->arena, me->user_id) : "", NULL);
    fixture_record(f, "thing", "name", "Acme thing", NULL);
    assert_string_equal(found(cx, "acme"), "Acme mine");
    assert_string_equal(found(fixture_ctx(f, access_public()), "acme"), "");
    assert_string_equal(found(f->cx, "tested role of"),
                        ""); /* users are no business of global search */
}

static void newest_come_first_and_no_more_than_asked(void **state)
{
    struct fixture *f = *state;
    struct ctx *cx = f->cx;
    struct row *rows[130];
    struct val *list = val_list(cx->arena);

    for (int i = 0; i < 130; i++) {
        rows[i] = row_new(cx, &firm_type);
        row_set_text(rows[i], FIRM_NAME, arena_printf(cx->arena, "Farm %d", i));
    }
    assert_ok(cx, record_save_many(cx, rows, 130));
    assert_ok(cx, search_run(cx, "farm", 7, list));
    assert_int_equal(val_count(list), 7);
    assert_string_equal(val_get_text(val_at(list, 0), "title"), "Farm 129");
    assert_string_equal(val_get_text(val_at(list, 6), "title"), "Farm 123");
}

/* The same words as a condition of a list. */
static void a_list_is_searched_alike(void **state)
{
    struct fixture *f = *state;
    struct ctx *cx = f->cx;
    static const struct {
        const char *asked;
        i64 want;
    } lists[] = { { "", 5 }, { "example", 2 }, { "?", 0 }, { "anna", 1 }, { "0171", 1 } };

    make_people(f);
    for (size_t i = 0; i < countof(lists); i++) {
        struct sql q = sql_new(cx);
        sql_add(&q, "SELECT count(*) FROM thing AS t WHERE ");
        assert_ok(cx, search_sql(cx, &thing_type, lists[i].asked, "t", &q));
        scoped(stmt_close) struct stmt s = db_query_sql(cx, &q);
        assert_true(stmt_next(&s));
        if (col_i64(&s, 0) != lists[i].want)
            fail_msg("'%s': %d rows", lists[i].asked, (int)col_i64(&s, 0));
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        ON_BOTH_ENGINES(what_is_meant_is_found, &things),
        ON_BOTH_ENGINES(the_index_follows_the_record, &things),
        ON_SQLITE_ENGINE(a_result_says_where_it_leads, &things),
        ON_BOTH_ENGINES(nobody_finds_what_they_may_not_see, &things),
        ON_BOTH_ENGINES(newest_come_first_and_no_more_than_asked, &things),
        ON_BOTH_ENGINES(a_list_is_searched_alike, &things),
    };

    return cmocka_run_group_tests_name("kit/search", tests, NULL, NULL);
}
