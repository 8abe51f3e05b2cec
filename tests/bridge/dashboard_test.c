/* dashboard_test.c -- dashboards: who sees and changes them, what a tile may ask, what each kind of
 * chart is given, and which conditions reach which tile. */
#include "base/id.h"
#include "bridge/dashboard.h"
#include "journey/journey.h"
#include "support/house.h"

static i64 make(struct house *h, const char *type, ...)
{
    const struct record_type *t = type_find(h->cx, type);
    struct row *r = row_new(h->cx, t);
    const char *name;
    va_list args;

    va_start(args, type);
    while ((name = va_arg(args, const char *)) != NULL) {
        const char *text = va_arg(args, const char *);
        if (t->fields[type_field(t, name)].flags & COMPUTED)
            row_set_text(r, type_field(t, name), text);
        else
            assert_ok(h->cx, row_parse(h->cx, r, type_field(t, name), text));
    }
    va_end(args);
    assert_ok(h->cx, record_save(h->cx, r));
    return row_id(r);
}

static const char *board_new(struct house *h, const char *name)
{
    return id_text(h->arena, make(h, "dashboard", "name", name, NULL));
}

static const char *tile_new(struct house *h, const char *board, const char *chart,
                            const char *question)
{
    return id_text(h->arena, make(h, "dashboard_tile", "dashboard_id", board, "chart", chart,
                                  "question", question, NULL));
}

static const struct val *ask(struct house *h, const struct person *who, const char *board,
                             const char *query)
{
    struct web_response r = house_json(
        h, who, HTTP_GET, arena_printf(h->arena, "/dashboards/%s%s", board, query), NULL);

    house_expect(h, &r, 200);
    return house_val(h, &r);
}

static const struct val *tile_of(const struct val *page, const char *id)
{
    const struct val *tiles = val_get(page, "tiles");

    for (size_t i = 0; i < val_count(tiles); i++)
        if (text_is(val_get_text(val_at(tiles, i), "id"), id))
            return val_at(tiles, i);
    fail_msg("there is no tile %s", id);
    return NULL;
}

static void visit(struct house *h, u64 visitor, u8 channel, const char *country, i64 at_ms)
{
    struct event e = { .at_ms = at_ms, .channel = channel };

    e.country = (u16)(country[0] << 8 | country[1]);
    e.person = journey_person(h->journey, PERSON_VISITOR, visitor);
    e.kind = kit_event_code(h->kit, "pageview");
    e.page = journey_code(h->journey, DICT_PAGE, str_from("/pricing"));
    assert_ok(h->cx, journey_append_wait(h->cx, h->journey, &e, 1));
}

/* Three visits by mail and search, two leads, two won deals and a lost one of two salespeople. */
struct world {
    struct person *ines, *tom;
    const char *ines_id, *tom_id;
};
static struct world fill(struct house *h)
{
    struct world w = { house_user(h, "Ines", "Sales"), house_user(h, "Tom", "Marketing"), 0, 0 };
    static const char *const amounts[] = { "12000 EUR", "3000 EUR" };

    w.ines_id = id_text(h->arena, w.ines->user_id);
    w.tom_id = id_text(h->arena, w.tom->user_id);
    visit(h, 1, 13, "DE", HOUSE_NOW - MS_HOUR);
    visit(h, 2, 12, "DE", HOUSE_NOW - 2 * (i64)MS_HOUR);
    visit(h, 3, 12, "FR", HOUSE_NOW - 26 * (i64)MS_HOUR);
    for (int i = 0; i < 2; i++) {
        i64 lead = make(h, "contact", "first_name", i ? "Ruben" : "Helena", "first_channel",
                        i ? "organic-search" : "email", NULL);
        i64 deal =
            make(h, "deal", "name", i ? "Pumps" : "Probes", "amount", amounts[i], "contact_id",
                 id_text(h->arena, lead), "owner_id", i ? w.tom_id : w.ines_id, NULL);
        struct web_response r = house_post(
            h, w.ines, arena_printf(h->arena, "/deals/%s/won", id_text(h->arena, deal)), "");
        house_expect(h, &r, 303);
    }
    return w;
}

/* ---- who ---- */
static void who_sees_and_changes_a_dashboard(void **state)
{
    static const struct {
        const char *shared, *who;
        int read, write;
    } cases[] = {
        { "everyone", "Sales", 200, 200 },     { "everyone", "Marketing", 200, 200 },
        { "everyone", "Read only", 200, 403 }, { "team", "Sales", 200, 200 },
        { "team", "Marketing", 404, 404 },     { "team", "", 200, 200 },
        { "me", "Sales", 404, 404 },           { "me", "", 200, 200 },
    };
    struct house *h = *state;
    struct person *owner = house_user(h, "Olga", "Marketing");
    struct row *team;

    assert_ok(h->cx, record_find(h->cx, type_find(h->cx, "team"), "name", "Sales", &team));
    for (size_t i = 0; i < countof(cases); i++) {
        const char *name = arena_printf(h->arena, "Who%zu", i);
        struct person *token = house_token(h, house_user(h, name, cases[i].who), "read write");
        const char *board =
            id_text(h->arena, make(h, "dashboard", "name", name, "shared", cases[i].shared,
                                   "team_id", id_text(h->arena, row_id(team)), "owner_id",
                                   id_text(h->arena, owner->user_id), NULL));
        const char *path = arena_printf(h->arena, "/api/v1/dashboards/%s", board);
        struct web_response r = house_json(h, token, HTTP_GET, path, NULL);
        if (r.status != cases[i].read)
            fail_msg("%s for %s: read %d", cases[i].shared, cases[i].who, r.status);
        r = house_json(h, token, HTTP_PATCH, path, "{\"description\":\"Mine now\"}");
        if (r.status != cases[i].write)
            fail_msg("%s for %s: write %d", cases[i].shared, cases[i].who, r.status);
        r = house_json(h, token, HTTP_GET, "/api/v1/dashboards?limit=100", NULL);
        if (house_has(&r, board) != (cases[i].read == 200))
            fail_msg("%s for %s: listed", cases[i].shared, cases[i].who);
        tile_new(h, board, "number", "{\"metrics\":[\"open_deals\"]}");
        r = house_json(
            h, token, HTTP_GET,
            arena_printf(
                h->arena, "/api/v1/dashboard-tiles?filter=%s",
                http_url_encode(h->arena, arena_printf(h->arena, "dashboard_id = '%s'", board))),
            NULL);
        if (house_has(&r, "open_deals") != (cases[i].read == 200))
            fail_msg("%s for %s: its tiles", cases[i].shared, cases[i].who);
    }
}

static void its_owner_sees_what_is_not_shared(void **state)
{
    struct house *h = *state;
    struct person *olga = house_user(h, "Olga", "Marketing");
    struct web_response r =
        house_post(h, olga, "/dashboards", "name=Notes&shared=me&period=today&compare=none");

    house_expect(h, &r, 303);
    r = house_get(h, olga, "/dashboards");
    assert_true(house_has(&r, "Notes") && house_has(&r, "Only you"));
    r = house_get(h, house_user(h, "Ulf", "Marketing"), "/dashboards");
    assert_false(house_has(&r, "Notes"));
}

/* ---- what may be asked ---- */
static void a_question_that_cannot_be_shown_is_refused(void **state)
{
    static const struct {
        const char *chart, *question, *says;
    } cases[] = {
        { "number", "[]", "no JSON object" },
        { "number", "{}", "what is counted" },
        { "number", "{\"metrics\":[\"luck\"]}", "no metric" },
        { "number", "{\"metrics\":[\"visits\",\"mqls\"]}", "one metric" },
        { "number", "{\"metrics\":[\"visits\"],\"dimension\":\"channel\"}", "is not split" },
        { "number", "{\"metrics\":[\"visits\"],\"colour\":\"red\"}", "no 'colour'" },
        { "number", "{\"metrics\":[\"visits\"],\"channel\":\"pigeon\"}", "no channel" },
        { "number", "{\"metrics\":[\"visits\"],\"period\":\"soon\"}", "soon" },
        { "number", "{\"metrics\":[\"deals_won\"],\"filter\":\"amount >\"}", "filter" },
        { "number", "{\"metrics\":[\"visits\"],\"filter\":\"amount > 1\"}", "no records" },
        { "line", "{\"metrics\":[\"visits\",\"visits\"]}", "there twice" },
        { "line", "{\"metrics\":[\"visits\",\"revenue\"]}", "different units" },
        { "line", "{\"metrics\":[\"visits\"],\"dimension\":\"channel\"}", "goes over time" },
        { "line", "{\"metrics\":[\"deals_won\"],\"series\":\"country\"}", "cannot be split" },
        { "line", "{\"metrics\":[\"visits\",\"mqls\"],\"series\":\"channel\"}", "not both" },
        { "bar", "{\"metrics\":[\"visits\"]}", "by what it is split" },
        { "bar", "{\"metrics\":[\"visits\"],\"dimension\":\"stage_id\"}", "cannot be split" },
        { "stacked", "{\"metrics\":[\"visits\"]}", "need parts" },
        { "stacked", "{\"metrics\":[\"win_rate\",\"lead_to_mql\"]}", "do not add up" },
        { "funnel", "{\"metrics\":[\"visits\"]}", "2 to 6" },
        { "map", "{\"metrics\":[\"visits\"],\"dimension\":\"channel\"}", "of countries" },
        { "gauge", "{\"metrics\":[\"visits\"],\"target\":-3}", "over 0" },
        { "sankey", "{\"metrics\":[\"visits\"]}", "shows the report paths" },
        { "heat", "{\"report\":\"paths\"}", "does not show the report" },
        { "table", "{\"report\":\"weather\"}", "no report" },
        { "funnel", "{\"report\":\"funnel\",\"ask\":{\"colour\":\"red\"}}", "no parameter" },
        { "funnel", "{\"report\":\"funnel\",\"limit\":3}", "not 'limit'" },
    };
    struct house *h = *state;
    struct person *token = house_token(h, house_user(h, "Ada", ""), "read write");
    const char *board = board_new(h, "Refused");

    for (size_t i = 0; i < countof(cases); i++) {
        struct web_response r = house_json(
            h, token, HTTP_POST, "/api/v1/dashboard-tiles",
            arena_printf(h->arena, "{\"dashboard_id\":\"%s\",\"chart\":\"%s\",\"question\":%s}",
                         board, cases[i].chart, cases[i].question));
        if (r.status != 422 || !house_has(&r, cases[i].says))
            fail_msg("%s of %s: %d %.*s", cases[i].chart, cases[i].question, r.status,
                     (int)r.body.len, r.body.p);
    }
}

/* ---- what charts are given ---- */
static const char *first_value(const struct val *tile)
{
    const struct val *row = val_at(val_get(val_get(tile, "chart"), "rows"), 0);

    return val_get_text(val_at(val_get(row, "values"), 0), "text");
}

static void each_chart_has_its_tree(void **state)
{
    struct house *h = *state;
    struct world w = fill(h);
    const char *b = board_new(h, "All");
    const char *number = tile_new(h, b, "number", "{\"metrics\":[\"revenue\"]}");
    const char *line = tile_new(h, b, "line", "{\"metrics\":[\"visits\"]}");
    const char *two = tile_new(h, b, "line", "{\"metrics\":[\"visits\",\"new_leads\"]}");
    const char *bar = tile_new(h, b, "bar", "{\"metrics\":[\"visits\"],\"dimension\":\"channel\"}");
    const char *stack =
        tile_new(h, b, "stacked", "{\"metrics\":[\"visits\"],\"series\":\"channel\"}");
    const char *table = tile_new(
        h, b, "table", "{\"metrics\":[\"revenue\",\"deals_won\"],\"dimension\":\"owner\"}");
    const char *funnel =
        tile_new(h, b, "funnel", "{\"metrics\":[\"visits\",\"new_leads\",\"deals_won\"]}");
    const char *map = tile_new(h, b, "map", "{\"metrics\":[\"visits\"]}");
    const char *gauge = tile_new(h, b, "gauge", "{\"metrics\":[\"deals_won\"],\"target\":8}");
    const char *aimless = tile_new(h, b, "gauge", "{\"metrics\":[\"deals_won\"]}");
    const char *heat = tile_new(h, b, "heat", "{\"report\":\"retention\"}");
    const char *sankey =
        tile_new(h, b, "sankey", "{\"report\":\"paths\",\"ask\":{\"event\":\"pageview\"}}");
    const char *report =
        tile_new(h, b, "funnel",
                 "{\"report\":\"funnel\",\"ask\":{\"step1\":\"pageview\",\"step2\":\"deal_won\"}}");
    const char *credit = tile_new(h, b, "table", "{\"report\":\"attribution\"}");
    const struct val *page = ask(h, w.ines, b, "?period=last_7_days"), *t, *chart;

    for (size_t i = 0; i < val_count(val_get(page, "tiles")); i++) {
        t = val_at(val_get(page, "tiles"), i);
        if (val_get_text(t, "error")[0])
            fail_msg("%s: %s", val_get_text(t, "title"), val_get_text(t, "error"));
    }
    t = tile_of(page, number);
    assert_string_equal(val_get_text(val_get(t, "number"), "value"), "€15K");
    assert_true(val_get_text(val_get(t, "number"), "rows_url")[0] == '/');
    chart = val_get(tile_of(page, line), "chart");
    assert_int_equal(val_count(val_get(chart, "rows")), 7);
    assert_int_equal(val_count(val_get(chart, "columns")), 2); /* and before */
    chart = val_get(tile_of(page, two), "chart");
    assert_int_equal(val_count(val_get(chart, "columns")), 2);
    assert_string_equal(val_get_text(val_at(val_get(chart, "columns"), 1), "text"), "New leads");
    t = tile_of(page, bar);
    assert_string_equal(first_value(t), "2");
    assert_string_equal(val_get_text(val_at(val_get(val_get(t, "chart"), "rows"), 0), "channel"),
                        "organic-search");
    chart = val_get(tile_of(page, stack), "chart");
    assert_int_equal(val_count(val_get(chart, "columns")), 2);
    assert_string_equal(val_get_text(val_at(val_get(chart, "columns"), 0), "color"),
                        "organic-search");
    t = val_at(val_get(val_get(tile_of(page, table), "table"), "rows"), 0);
    assert_string_equal(val_get_text(t, "text"), "Ines");
    assert_string_equal(val_get_text(val_at(val_get(t, "cells"), 0), "text"), "€12K");
    assert_true(val_get_text(val_at(val_get(t, "cells"), 1), "url")[0] == '/');
    t = val_at(val_get(val_get(tile_of(page, funnel), "chart"), "rows"), 1);
    assert_string_equal(val_get_text(t, "note"), "67% of the step before");
    t = tile_of(page, map);
    assert_string_equal(val_get_text(val_at(val_get(val_get(t, "chart"), "rows"), 0), "key"), "DE");
    t = val_get(tile_of(page, gauge), "target");
    assert_int_equal(val_get_i64(t, "percent", 0), 25);
    t = tile_of(page, aimless);
    assert_true(val_is_null(val_get(t, "target")) &&
                strstr(val_get_text(t, "empty"), "Nothing is aimed at") != NULL);
    assert_true(val_count(val_get(val_get(tile_of(page, heat), "table"), "rows")) > 0);
    assert_false(val_is_null(val_get(tile_of(page, sankey), "ways")) &&
                 val_get_text(tile_of(page, sankey), "empty")[0] == '\0');
    assert_string_equal(first_value(tile_of(page, report)), "3");
    assert_true(val_count(val_get(val_get(tile_of(page, credit), "table"), "rows")) > 0 ||
                val_get_text(tile_of(page, credit), "empty")[0]);
}

/* A number's rows are as many as it says. */
static void numbers_open_their_rows(void **state)
{
    struct house *h = *state;
    struct world w = fill(h);
    const char *b = board_new(h, "Rows");
    const char *won = tile_new(h, b, "number", "{\"metrics\":[\"deals_won\"]}");
    const struct val *t =
        tile_of(ask(h, w.ines, b, arena_printf(h->arena, "?all=true&owner=%s", w.ines_id)), won);
    struct web_response r =
        house_json(h, w.ines, HTTP_GET, val_get_text(val_get(t, "number"), "rows_url"), NULL);

    house_expect(h, &r, 200);
    assert_string_equal(val_get_text(val_get(t, "number"), "value"), "1");
    assert_true(house_has(&r, "Probes") && !house_has(&r, "Pumps"));
}

struct walked {
    struct house *h;
    const struct person *who;
    const char *tile;
    int numbers, opened;
};

/* Every address in a tile's tree leads to a page. */
static void open_all(struct walked *w, const struct val *v)
{
    for (size_t i = 0; i < val_count(v); i++) {
        const struct val *one = val_kind_of(v) == VAL_MAP ? val_value_at(v, i) : val_at(v, i);
        const char *key = val_kind_of(v) == VAL_MAP ? val_key_at(v, i) : "";
        const char *url = val_as_text(one, "");
        struct web_response r;
        if ((!text_is(key, "url") && !text_is(key, "rows_url")) || url[0] == '\0') {
            open_all(w, one);
            continue;
        }
        r = house_get(w->h, w->who, arena_dup(w->h->arena, url, strcspn(url, "#")));
        if (r.status != 200)
            fail_msg("%s: %s answers %d", w->tile, url, r.status);
        w->opened++;
    }
}

/* A number over 0 leads somewhere, that of the time before too. */
static void check_charts(struct walked *w, const struct val *chart)
{
    const struct val *rows = val_get(chart, "rows");

    for (size_t i = 0; i < val_count(rows); i++) {
        const struct val *values = val_get(val_at(rows, i), "values");
        for (size_t k = 0; k < val_count(values); k++) {
            const struct val *one = val_at(values, k);
            if (val_as_double(val_get(one, "number"), 0) <= 0)
                continue;
            w->numbers++;
            if (val_get_text(one, "url")[0] == '\0')
                fail_msg("%s: %s of %s leads nowhere", w->tile, val_get_text(one, "text"),
                         val_get_text(val_at(rows, i), "text"));
        }
    }
}

static void every_number_of_the_ready_made_ones_opens(void **state)
{
    struct house *h = *state;
    struct world w = fill(h);
    struct walked walked = { .h = h, .who = w.ines };
    struct web_response r = house_json(h, w.ines, HTTP_GET, "/api/v1/dashboards?limit=100", NULL);
    const struct val *all = val_get(house_val(h, &r), "data");

    for (size_t i = 0; i < val_count(all); i++) {
        const struct val *page = ask(h, w.ines, val_get_text(val_at(all, i), "id"), "");
        const struct val *tiles = val_get(page, "tiles");
        for (size_t k = 0; k < val_count(tiles); k++) {
            const struct val *t = val_at(tiles, k);
            walked.tile = val_get_text(t, "title");
            check_charts(&walked, val_get(t, "chart"));
            open_all(&walked, val_get(t, "number"));
            open_all(&walked, val_get(t, "chart"));
            open_all(&walked, val_get(t, "table"));
            open_all(&walked, val_get(t, "ways"));
        }
    }
    if (walked.numbers < 10 || walked.opened < 50)
        fail_msg("only %d numbers, %d addresses", walked.numbers, walked.opened);
}

/* ---- conditions ---- */
static void conditions_reach_the_tiles_they_make_sense_for(void **state)
{
    struct house *h = *state;
    struct world w = fill(h);
    const char *b = board_new(h, "Narrow");
    const char *visits = tile_new(h, b, "number", "{\"metrics\":[\"visits\"]}");
    const char *revenue = tile_new(h, b, "number", "{\"metrics\":[\"revenue\"]}");
    const char *rate = tile_new(h, b, "number", "{\"metrics\":[\"win_rate\"]}");
    const char *own = tile_new(h, b, "number", "{\"metrics\":[\"visits\"],\"channel\":\"email\"}");
    const char *heat = tile_new(h, b, "heat", "{\"report\":\"retention\"}");
    const struct {
        const char *query, *tile, *value, *note;
    } cases[] = {
        { "", visits, "3", "" },
        { "", revenue, "€15K", "" },
        { "?channel=email", visits, "1", "" },
        { "?channel=email", revenue, "€12K", "" },
        { "?channel=email", own, "1", "" },
        { "?channel=organic-search", own, "1", "Not narrowed by channel." },
        { "?country=FR", visits, "1", "" },
        { "?country=FR", revenue, "€15K", "Not narrowed by country." },
        { "?channel=!email", visits, "2", "" },
        { "?channel=!email", revenue, "€15K", "Not narrowed by channel." },
        { "?owner={tom}", revenue, "€3K", "" },
        { "?owner={tom}", rate, "100 %", "" },
        { "?owner={tom}", visits, "3", "Not narrowed by owner." },
        { "?owner={tom}&country=FR", heat, NULL, "Not narrowed by country." },
    };

    for (size_t i = 0; i < countof(cases); i++) {
        const char *at = strstr(cases[i].query, "{tom}");
        const char *query = at ? arena_printf(h->arena, "%.*s%s%s", (int)(at - cases[i].query),
                                              cases[i].query, w.tom_id, at + 5)
                               : cases[i].query;
        const struct val *t = tile_of(ask(h, w.ines, b, query), cases[i].tile);
        const char *value = val_get_text(val_get(t, "number"), "value");
        if ((cases[i].value && !text_is(value, cases[i].value)) ||
            !text_is(val_get_text(t, "note"), cases[i].note))
            fail_msg("%s of %s: %s, %s", cases[i].query, val_get_text(t, "title"), value,
                     val_get_text(t, "note"));
    }
}

static void a_dashboard_opens_with_what_it_keeps(void **state)
{
    struct house *h = *state;
    struct world w = fill(h);
    const char *b = id_text(h->arena, make(h, "dashboard", "name", "Kept", "filters",
                                           "channel=email", "period", "last_7_days", NULL));
    const char *visits = tile_new(h, b, "number", "{\"metrics\":[\"visits\"]}");
    struct person *token = house_token(h, w.ines, "read write");
    struct web_response r;

    assert_string_equal(
        val_get_text(val_get(tile_of(ask(h, w.ines, b, ""), visits), "number"), "value"), "1");
    assert_string_equal(
        val_get_text(val_get(tile_of(ask(h, w.ines, b, "?all=true"), visits), "number"), "value"),
        "3");
    r = house_json(h, token, HTTP_PATCH, arena_printf(h->arena, "/api/v1/dashboards/%s", b),
                   "{\"filters\":\"channel=pigeon\"}");
    house_expect(h, &r, 422);
    assert_true(house_has(&r, "no channel"));
}

static void who_may_not_see_deals_sees_why(void **state)
{
    struct house *h = *state;
    const char *b = board_new(h, "Closed");
    const char *revenue = tile_new(h, b, "number", "{\"metrics\":[\"revenue\"]}");
    const char *visits = tile_new(h, b, "number", "{\"metrics\":[\"visits\"]}");
    const char *leads = tile_new(h, b, "number", "{\"metrics\":[\"new_leads\"]}");
    const char *heat = tile_new(h, b, "heat", "{\"report\":\"retention\"}");
    const struct val *page;

    make(h, "role", "name", "Guest", "rules",
         "{\"contact\":{\"read\":\"all\"},\"dashboard\":{\"read\":\"all\"},"
         "\"dashboard_tile\":{\"read\":\"all\"}}",
         NULL);
    page = ask(h, house_user(h, "Gus", "Guest"), b, "");
    assert_true(strstr(val_get_text(tile_of(page, revenue), "error"), "may not see") != NULL);
    assert_true(strstr(val_get_text(tile_of(page, visits), "error"), "may not see") != NULL);
    assert_true(val_get_text(tile_of(page, heat), "error")[0] != '\0');
    assert_string_equal(val_get_text(tile_of(page, leads), "error"), "");
}

/* ---- ready-made ---- */
static void ready_made_ones_are_made_once(void **state)
{
    struct house *h = *state;
    struct person *ada = house_user(h, "Ada", "");
    struct web_response r = house_json(h, ada, HTTP_GET, "/api/v1/dashboards?limit=100", NULL);
    const struct val *all = val_get(house_val(h, &r), "data");
    size_t count = val_count(all);
    struct row *row;

    assert_int_equal(count, 6);
    for (size_t i = 0; i < count; i++) {
        const struct val *page = ask(h, ada, val_get_text(val_at(all, i), "id"), ""), *tiles;
        tiles = val_get(page, "tiles");
        assert_true(val_count(tiles) >= 6);
        for (size_t k = 0; k < val_count(tiles); k++)
            if (val_get_text(val_at(tiles, k), "error")[0])
                fail_msg("%s, %s: %s", val_get_text(page, "title"),
                         val_get_text(val_at(tiles, k), "title"),
                         val_get_text(val_at(tiles, k), "error"));
    }
    i64 id;
    assert_true(id_parse(str_from(val_get_text(val_at(all, 0), "id")), &id));
    assert_ok(h->cx, record_get(h->cx, &dashboard_type, id, &row));
    assert_ok(h->cx, record_delete(h->cx, row));
    assert_ok(h->cx, board_make_ready(h->cx)); /* what was thrown away does not come back */
    r = house_json(h, ada, HTTP_GET, "/api/v1/dashboards?limit=100&count=true", NULL);
    assert_int_equal(val_get_i64(house_val(h, &r), "count", 0), 5);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        IN_BOTH_HOUSES(who_sees_and_changes_a_dashboard, NULL),
        IN_SQLITE_HOUSE(its_owner_sees_what_is_not_shared, NULL),
        IN_SQLITE_HOUSE(a_question_that_cannot_be_shown_is_refused, NULL),
        IN_BOTH_HOUSES(each_chart_has_its_tree, NULL),
        IN_BOTH_HOUSES(numbers_open_their_rows, NULL),
        IN_SQLITE_HOUSE(every_number_of_the_ready_made_ones_opens, NULL),
        IN_BOTH_HOUSES(conditions_reach_the_tiles_they_make_sense_for, NULL),
        IN_SQLITE_HOUSE(a_dashboard_opens_with_what_it_keeps, NULL),
        IN_SQLITE_HOUSE(who_may_not_see_deals_sees_why, NULL),
        IN_BOTH_HOUSES(ready_made_ones_are_made_once, NULL),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
