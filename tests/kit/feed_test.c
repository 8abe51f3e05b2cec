/* feed_test.c -- the team feed: who hears of what, what stands on one line, and that page by page
 * nothing is missed and nothing comes twice. */
#include "base/json.h"
#include "kit/pages_world.h"

/* Time passes, so that what follows is an act of its own. */
static void later(struct house *h, i64 ms) { h->clock->fixed_ms += ms; }

static void it_tells_what_colleagues_did(void **state)
{
    struct house *h = *state;
    struct world *w = world_open(h);

    later(h, MS_HOUR);
    static const struct ask made[] = {
        { "a deal is written on", ADMIN, HTTP_POST, "/deals/{mine}/comments",
          "text=Call+%3Cb%3Ethem", 303 },
        { "and one is deleted", ADMIN, HTTP_POST, "/deals/{other}/delete", "confirmed=true", 303 },
    };
    world_name(w, "other", world_record(w, "deal", w->own, "name", "A mistake", NULL));
    for (size_t i = 0; i < countof(made); i++) {
        later(h, MS_HOUR);
        world_run(w, &made[i], 1);
    }
    later(h, MS_HOUR);
    static const struct ask cases[] = {
        { "what was made, changed, written and deleted",
          ADMIN,
          HTTP_GET,
          "/feed",
          NULL,
          200,
          { "Team feed", "Acme renewal", "new deal", "Call &lt;b&gt;them",
            "deal moved to the trash", "Sal Seller" },
          { "Gone Ltd" } },
        { "links lead there",
          ADMIN,
          HTTP_GET,
          "/feed",
          NULL,
          200,
          { "href=\"/companies/{acme}\"", "href=\"/deals/{mine}\"" } },
        { "only what one may see",
          OWN,
          HTTP_GET,
          "/feed",
          NULL,
          200,
          { "Ben Blum", "first", "Call &lt;b&gt;them" },
          { "Acme renewal" } },
        { "a reader, too", READER, HTTP_GET, "/feed", NULL, 200, { "Acme renewal" } },
        { "one's own",
          OWN,
          HTTP_GET,
          "/feed?whose=me",
          NULL,
          200,
          { "first", "Sal Seller" },
          { "Ada Admin", "Ben Blum" } },
        { "a reader has done nothing",
          READER,
          HTTP_GET,
          "/feed?whose=me",
          NULL,
          200,
          { "You have not done anything here yet" } },
        { "nobody's", ADMIN, HTTP_GET, "/feed?whose=x", NULL, 422 },
        { "no place", ADMIN, HTTP_GET, "/feed?before=x", NULL, 422 },
        { "no place either", ADMIN, HTTP_GET, "/feed?before=9-", NULL, 422 },
        { "as a tree",
          ADMIN,
          HTTP_GET,
          "/feed",
          NULL,
          200,
          { "\"journey\":{", "\"detail\":\"new company, with " },
          { "<html" },
          { "Accept", "application/json" } },
        { "not for strangers", STRANGER, HTTP_GET, "/feed", NULL, 303 },
    };
    world_run(w, cases, countof(cases));
}

/* The lines of a page as JSON. */
static struct val *feed_of(struct house *h, const struct person *who, const char *target)
{
    struct web_response r = house_json(h, who, HTTP_GET, target, NULL);
    struct val *tree;

    if (r.status != 200)
        fail_msg("%s answered %d: %.*s", target, r.status, (int)r.body.len, r.body.p);
    assert_int_equal(json_read(h->arena, r.body, &tree, NULL), OK);
    return (struct val *)val_get(tree, "journey");
}

static size_t lines_with(const struct val *journey, const char *text, const char *detail)
{
    const struct val *days = val_get(journey, "days");
    size_t found = 0;

    for (size_t d = 0; d < val_count(days); d++) {
        const struct val *items = val_get(val_at(days, d), "items");
        for (size_t i = 0; i < val_count(items); i++) {
            const struct val *item = val_at(items, i);
            found += text_is(val_get_text(item, "text"), text) &&
                     (detail == NULL || text_is(val_get_text(item, "detail"), detail));
        }
    }
    return found;
}

static void save_note(struct house *h, const struct person *who, i64 deal, const char *field,
                      const char *value)
{
    struct row *r;
    const struct access *before = h->cx->access, *as;

    assert_ok(h->cx, record_get_named(h->cx, "deal", deal, &r));
    assert_ok(h->cx, access_of_user(h->cx, who->user_id, &as));
    h->cx->access = as;
    assert_ok(h->cx, row_parse(h->cx, r, type_field(row_type(r), field), value));
    assert_ok(h->cx, record_save(h->cx, r));
    h->cx->access = before;
}

static void what_belongs_together_is_one_line(void **state)
{
    static const struct {
        const char *note;
        i64 pass_ms;
        const char *next_step; /* "": nothing is changed any more */
        size_t lines;
        const char *detail; /* of the newest of them */
    } steps[] = {
        { "a change", MS_HOUR, "Call", 1, "Next step: Call" },
        { "another one soon: from the first to the last", 20 * MS_MINUTE, "Write", 1,
          "Next step: Write" },
        { "one more within half an hour of the last", 20 * MS_MINUTE, "Visit", 1, NULL },
        { "much later", 2 * MS_HOUR, "Wait", 2, "Next step: Visit → Wait" },
    };
    struct house *h = *state;
    struct world *w = world_open(h);
    i64 deal = world_id(w, "deal");

    later(h, MS_DAY);
    for (size_t i = 0; i < countof(steps); i++) {
        later(h, steps[i].pass_ms);
        save_note(h, w->admin, deal, "next_step", steps[i].next_step);
        struct val *journey = feed_of(h, w->admin, "/feed?whose=me");
        size_t lines = lines_with(journey, "Acme renewal", NULL) -
                       lines_with(journey, "Acme renewal", "new deal");
        /* the making of it stands among others of that moment */
        if (steps[i].detail && lines_with(journey, "Acme renewal", steps[i].detail) != 1)
            fail_msg("%s: no line says '%s': %s", steps[i].note, steps[i].detail,
                     json_text(h->arena, journey));
        if (i + 1 == countof(steps))
            assert_int_equal(lines, steps[i].lines);
    }
    /* What one click did to several: one line about the first. */
    later(h, MS_HOUR);
    save_note(h, w->admin, deal, "next_step", "Together");
    save_note(h, w->admin, world_id(w, "mine"), "next_step", "Together");
    assert_int_equal(lines_with(feed_of(h, w->admin, "/feed?whose=me"), "Acme renewal",
                                "Next step: Wait → Together, with deal Sal's first"),
                     1);
    /* What Furrow works out itself is not told. */
    later(h, MS_HOUR);
    h->cx->access = access_system();
    struct row *r;
    assert_ok(h->cx, record_get_named(h->cx, "deal", deal, &r));
    assert_ok(h->cx, row_parse(h->cx, r, type_field(row_type(r), "next_step"), "By itself"));
    assert_ok(h->cx, record_save(h->cx, r));
    assert_int_equal(lines_with(feed_of(h, w->admin, "/feed"), "Acme renewal",
                                "Next step: Together → By itself"),
                     0);
}

enum { MANY = 130 };

static void pages_miss_nothing(void **state)
{
    struct house *h = *state;
    struct world *w = world_open(h);
    i64 team = world_record(w, "team", NULL, "name", "Field", "kind", "sales", NULL);
    struct row *me;
    const char *target = "/feed?whose=team";
    bool seen[MANY] = { false };
    int pages = 0, lines = 0;

    assert_ok(h->cx, record_get_named(h->cx, "user", w->own->user_id, &me));
    assert_ok(h->cx,
              row_parse(h->cx, me, type_field(row_type(me), "team_id"), id_text(h->arena, team)));
    assert_ok(h->cx, record_save(h->cx, me));
    for (int i = 0; i < MANY; i++) { /* every other one by somebody of another team */
        later(h, MS_MINUTE);
        (void)world_record(w, "deal", i % 2 ? w->admin : w->own, "name",
                           arena_printf(h->arena, "Deal %d", i), NULL);
    }
    for (; !text_empty(target); pages++) {
        struct val *journey = feed_of(h, w->own, target);
        const struct val *days = val_get(journey, "days");
        for (size_t d = 0; d < val_count(days); d++) {
            const struct val *items = val_get(val_at(days, d), "items");
            for (size_t n = 0; n < val_count(items); n++) {
                int i = -1;
                (void)sscanf(val_get_text(val_at(items, n), "text"), "Deal %d", &i);
                if (i < 0)
                    continue;
                assert_true(i < MANY && i % 2 == 0 && !seen[i]);
                seen[i] = true;
                lines++;
            }
        }
        target = val_get_text(journey, "older_url");
        assert_true(pages < 10);
    }
    assert_int_equal(lines, MANY / 2);
    assert_true(pages > 1);
}

int main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = {
        IN_BOTH_HOUSES(it_tells_what_colleagues_did, NULL),
        IN_BOTH_HOUSES(what_belongs_together_is_one_line, NULL),
        IN_BOTH_HOUSES(pages_miss_nothing, NULL),
    };

    if (argc > 1)
        cmocka_set_test_filter(argv[1]);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
