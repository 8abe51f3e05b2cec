/* deal_test.c -- deals: where they begin, what each stage makes of them, what closing asks and
 * measures, what it does to the contact and the company, and who may do it. */
#include "base/id.h"
#include "bridge/company.h"
#include "bridge/contact.h"
#include "journey/journey.h"
#include "sales/deal.h"
#include "sales/pipeline.h"
#include "support/house.h"

static struct row *get(struct house *h, const struct record_type *t, i64 id)
{
    struct row *r;

    assert_ok(h->cx, record_get(h->cx, t, id, &r));
    return r;
}

static i64 stage_called(struct house *h, const char *name)
{
    struct row *r;

    assert_ok(h->cx, record_find(h->cx, &stage_type, "name", name, &r));
    return row_id(r);
}

static const char *stage_of(struct house *h, i64 deal)
{
    return row_text(get(h, &stage_type, row_i64(get(h, &deal_type, deal), DEAL_STAGE)), STAGE_NAME);
}

static i64 made_id(const struct web_response *r)
{
    const char *where = web_response_header(r, "Location");
    i64 id;

    assert_non_null(where);
    assert_true(id_parse(str_from(strrchr(where, '/') + 1), &id));
    return id;
}

/* A deal through the form; body may be "". */
static i64 deal(struct house *h, const struct person *who, const char *name, const char *more)
{
    struct web_response r =
        house_post(h, who, "/deals", arena_printf(h->arena, "name=%s%s", name, more));

    house_expect(h, &r, 303);
    return made_id(&r);
}

static struct web_response act(struct house *h, const struct person *who, i64 id, const char *what,
                               const char *body)
{
    return house_post(h, who, arena_printf(h->arena, "/deals/%s/%s", id_text(h->arena, id), what),
                      body);
}

static struct web_response patch(struct house *h, const struct person *who, i64 id,
                                 const char *json)
{
    return house_json(h, who, HTTP_PATCH,
                      arena_printf(h->arena, "/api/v1/deals/%s", id_text(h->arena, id)), json);
}

static i64 contact_of_company(struct house *h, const char *name, const char *lifecycle)
{
    struct row *company = row_new(h->cx, &company_type), *contact = row_new(h->cx, &contact_type);

    row_set_text(company, COMPANY_NAME, name);
    assert_ok(h->cx, record_save(h->cx, company));
    row_set_text(contact, CONTACT_FIRST, name);
    row_set_text(contact, CONTACT_LIFECYCLE, lifecycle);
    row_set_i64(contact, CONTACT_COMPANY, row_id(company));
    assert_ok(h->cx, record_save(h->cx, contact));
    return row_id(contact);
}

/* ---- making one ---- */

static void a_name_is_enough(void **state)
{
    struct house *h = *state;
    struct person *sam = house_user(h, "Sam", "Sales");
    struct row *r = get(h, &deal_type, deal(h, sam, "Bare", ""));

    assert_int_equal(row_i64(r, DEAL_OWNER), sam->user_id);
    assert_string_equal(stage_of(h, row_id(r)), "New");
    assert_string_equal(row_text(r, DEAL_STATUS), "open");
    assert_true(row_has(r, DEAL_PIPELINE));
    assert_int_equal(row_i64(r, DEAL_STAGE_SINCE), HOUSE_NOW);
    assert_false(row_has(r, DEAL_CLOSED_AT));
}

static void a_contacts_deal_is_its_companys(void **state)
{
    struct house *h = *state;
    struct person *sam = house_user(h, "Sam", "Sales");
    i64 contact = contact_of_company(h, "Acme", "lead");
    struct row *r = get(h, &deal_type,
                        deal(h, sam, "Acme+1",
                             arena_printf(h->arena, "&contact_id=%s", id_text(h->arena, contact))));

    assert_int_equal(row_i64(r, DEAL_COMPANY),
                     row_i64(get(h, &contact_type, contact), CONTACT_COMPANY));
}

/* A second pipeline with one open stage; its id, and the stage's. */
static i64 second_pipeline(struct house *h, i64 *stage)
{
    struct row *pipeline = row_new(h->cx, &pipeline_type), *s = row_new(h->cx, &stage_type);

    row_set_text(pipeline, PIPELINE_NAME, "Partners");
    assert_ok(h->cx, record_save(h->cx, pipeline));
    row_set_text(s, STAGE_NAME, "Met");
    row_set_i64(s, STAGE_PIPELINE, row_id(pipeline));
    assert_ok(h->cx, record_save(h->cx, s));
    *stage = row_id(s);
    return row_id(pipeline);
}

static void a_stage_belongs_to_the_deals_pipeline(void **state)
{
    struct house *h = *state;
    struct person *sam = house_user(h, "Sam", "Sales");
    i64 stage, pipeline = second_pipeline(h, &stage), id = deal(h, sam, "One", "");
    struct arena *a = h->arena;
    struct web_response r =
        patch(h, sam, id, arena_printf(a, "{\"stage_id\":\"%s\"}", id_text(a, stage)));
    i64 other;

    house_expect(h, &r, 422);
    assert_true(house_has(&r, "deal.stage_not_in_pipeline"));
    assert_string_equal(stage_of(h, id), "New");
    /* the stage alone says the pipeline, and the pipeline alone the stage */
    other = deal(h, sam, "Two", arena_printf(a, "&stage_id=%s", id_text(a, stage)));
    assert_int_equal(row_i64(get(h, &deal_type, other), DEAL_PIPELINE), pipeline);
    other = deal(h, sam, "Three", arena_printf(a, "&pipeline_id=%s", id_text(a, pipeline)));
    assert_string_equal(stage_of(h, other), "Met");
    /* both change together */
    r = patch(h, sam, id,
              arena_printf(a, "{\"pipeline_id\":\"%s\",\"stage_id\":\"%s\"}", id_text(a, pipeline),
                           id_text(a, stage)));
    house_expect(h, &r, 200);
    /* and it cannot be won where no stage means that */
    r = act(h, sam, id, "won", "");
    house_expect(h, &r, 409);
}

static void a_pipeline_without_an_open_stage_says_so(void **state)
{
    struct house *h = *state;
    struct person *sam = house_user(h, "Sam", "Sales");
    i64 stage, pipeline = second_pipeline(h, &stage);
    struct web_response r;

    assert_ok(h->cx, record_delete(h->cx, get(h, &stage_type, stage)));
    r = house_post(h, sam, "/deals",
                   arena_printf(h->arena, "name=X&pipeline_id=%s", id_text(h->arena, pipeline)));
    house_expect(h, &r, 422);
    assert_true(house_has(&r, "no open stage"));
}

/* ---- the way through the stages ---- */

/* Steps of one deal, a day apart, and how it stands after each. cycle: days, -1 not closed. */
static const struct {
    const char *note, *act, *body;
    int http;
    const char *stage, *status, *lost_reason;
    int cycle;
    bool since_now, closed_now;
} steps[] = {
    { "on to the next stage", "move", "Qualified", 303, "Qualified", "open", "", -1, true, false },
    { "lost without a reason", "lost", "lost_note=Hm", 422, "Qualified", "open", "", -1, false,
      false },
    { "lost for a reason that is none", "lost", "lost_reason=moon", 422, "Qualified", "open", "",
      -1, false, false },
    { "lost", "lost", "lost_reason=price&competitor=Rival&lost_note=Too+dear", 303, "Lost", "lost",
      "price", 4, true, true },
    { "the reason corrected", "patch", "{\"lost_reason\":\"timing\"}", 200, "Lost", "lost",
      "timing", 4, false, false },
    { "reopened", "move", "Negotiation", 303, "Negotiation", "open", "", -1, true, false },
    { "to lost on the board", "move", "Lost", 303, "Negotiation", "open", "", -1, false, false },
    { "won", "won", "", 303, "Won", "won", "", 8, true, true },
    { "won twice", "won", "", 303, "Won", "won", "", 8, false, false },
    { "lost after all", "lost", "lost_reason=no_fit", 303, "Lost", "lost", "no_fit", 10, true,
      true },
    { "and won again", "won", "", 303, "Won", "won", "", 11, true, true },
};

static void every_step_leaves_a_deal_whole(void **state)
{
    struct house *h = *state;
    struct person *sam = house_user(h, "Sam", "Sales");
    i64 id = deal(h, sam, "Journey", "&amount=100&amount_currency=EUR"), since = HOUSE_NOW, closed;

    for (size_t i = 0; i < countof(steps); i++) {
        const char *body = steps[i].body;
        struct web_response r;
        struct row *d;
        h->clock->fixed_ms += MS_DAY;
        closed = row_i64(get(h, &deal_type, id), DEAL_CLOSED_AT);
        if (strcmp(steps[i].act, "move") == 0)
            body = arena_printf(h->arena, "value=%s", id_text(h->arena, stage_called(h, body)));
        r = strcmp(steps[i].act, "patch") == 0 ? patch(h, sam, id, body)
                                               : act(h, sam, id, steps[i].act, body);
        if (r.status != steps[i].http)
            fail_msg("%s: answered %d: %.*s", steps[i].note, r.status, (int)r.body.len, r.body.p);
        d = get(h, &deal_type, id);
        if (strcmp(stage_of(h, id), steps[i].stage) != 0 ||
            strcmp(row_text(d, DEAL_STATUS), steps[i].status) != 0 ||
            strcmp(row_text(d, DEAL_LOST_REASON), steps[i].lost_reason) != 0)
            fail_msg("%s: %s, %s, '%s'", steps[i].note, stage_of(h, id), row_text(d, DEAL_STATUS),
                     row_text(d, DEAL_LOST_REASON));
        if (row_has(d, DEAL_CYCLE_DAYS) != (steps[i].cycle >= 0) ||
            (steps[i].cycle >= 0 && row_i64(d, DEAL_CYCLE_DAYS) != steps[i].cycle))
            fail_msg("%s: took %lld days", steps[i].note, (long long)row_i64(d, DEAL_CYCLE_DAYS));
        since = steps[i].since_now ? h->clock->fixed_ms : since;
        if (row_i64(d, DEAL_STAGE_SINCE) != since)
            fail_msg("%s: stands there since another time", steps[i].note);
        if (row_has(d, DEAL_CLOSED_AT) != (strcmp(steps[i].status, "open") != 0))
            fail_msg("%s: %s", steps[i].note, row_has(d, DEAL_CLOSED_AT) ? "closed" : "open");
        if (row_has(d, DEAL_CLOSED_AT))
            assert_int_equal(row_i64(d, DEAL_CLOSED_AT),
                             steps[i].closed_now ? h->clock->fixed_ms : closed);
    }
}

/* The form of losing keeps what was typed and says what is missing. */
static void the_question_why_comes_back_with_what_was_typed(void **state)
{
    struct house *h = *state;
    struct person *sam = house_user(h, "Sam", "Sales");
    i64 id = deal(h, sam, "Tea", "");
    struct web_response r =
        house_get(h, sam, arena_printf(h->arena, "/deals/%s/lost", id_text(h->arena, id)));

    house_expect(h, &r, 200);
    assert_true(house_has(&r, "Close Tea as lost"));
    assert_true(house_has(&r, "name=\"lost_reason\""));
    assert_false(house_has(&r, "name=\"next_step\""));
    r = act(h, sam, id, "lost", "competitor=Rival+Ltd&lost_note=They+were+first");
    house_expect(h, &r, 422);
    assert_true(house_has(&r, "Say why the deal was lost"));
    assert_true(house_has(&r, "value=\"Rival Ltd\""));
    assert_true(house_has(&r, "They were first"));
    assert_true(house_has(&r, "/lost\""));
    r = house_json(h, sam, HTTP_POST,
                   arena_printf(h->arena, "/deals/%s/lost", id_text(h->arena, id)), "{}");
    house_expect(h, &r, 422);
    assert_true(house_has(&r, "\"lost_reason\""));
}

/* On the board a card cannot fall into Lost without a reason: it is asked for first. */
static void the_board_asks_before_it_loses(void **state)
{
    struct house *h = *state;
    struct person *sam = house_user(h, "Sam", "Sales");
    i64 id = deal(h, sam, "Card", "");
    const char *path = arena_printf(h->arena, "/deals/%s", id_text(h->arena, id)),
               *to_lost = arena_printf(h->arena, "{\"value\":\"%s\"}",
                                       id_text(h->arena, stage_called(h, "Lost")));
    struct web_response r =
        house_json(h, sam, HTTP_POST, arena_printf(h->arena, "%s/move", path), to_lost);

    assert_int_equal(r.status, 428);
    assert_string_equal(val_get_text(house_val(h, &r), "url"),
                        arena_printf(h->arena, "%s/lost", path));
    assert_string_equal(stage_of(h, id), "New");
    r = act(h, sam, id, "lost", "lost_reason=price");
    house_expect(h, &r, 303);
    r = house_json(h, sam, HTTP_POST, arena_printf(h->arena, "%s/move", path),
                   arena_printf(h->arena, "{\"value\":\"%s\",\"version\":\"1\"}",
                                id_text(h->arena, stage_called(h, "Won"))));
    house_expect(h, &r, 409); /* somebody moved it meanwhile */
}

static void a_stage_with_deals_stays_what_it_is(void **state)
{
    struct house *h = *state;
    struct person *sam = house_user(h, "Sam", "Sales");
    i64 id = deal(h, sam, "Here", "");
    struct row *stage = get(h, &stage_type, stage_called(h, "New"));

    assert_status(h->cx, record_delete(h->cx, stage), E_CONFLICT);
    stage = get(h, &stage_type, row_id(stage));
    row_set_text(stage, STAGE_KIND, "won");
    assert_status(h->cx, record_save(h->cx, stage), E_CONFLICT);
    assert_status(h->cx,
                  record_delete(h->cx, get(h, &pipeline_type, row_i64(stage, STAGE_PIPELINE))),
                  E_CONFLICT);
    assert_ok(h->cx, record_delete(h->cx, get(h, &deal_type, id)));
    assert_ok(h->cx, record_delete(h->cx, get(h, &stage_type, row_id(stage))));
}

/* ---- what follows ---- */

static const struct {
    const char *note, *lifecycle, *act, *body, *after;
} effects[] = {
    { "a lead's deal makes an opportunity", "lead", "", "", "opportunity" },
    { "a subscriber's too", "subscriber", "", "", "opportunity" },
    { "a customer stays one", "customer", "", "", "customer" },
    { "an evangelist stays one", "evangelist", "won", "", "evangelist" },
    { "a won deal makes a customer", "lead", "won", "", "customer" },
    { "a former customer comes back", "former_customer", "won", "", "customer" },
    { "a lost deal leaves an opportunity", "mql", "lost", "lost_reason=price", "opportunity" },
};

static void deals_move_their_contact_along(void **state)
{
    struct house *h = *state;
    struct person *sam = house_user(h, "Sam", "Sales");

    for (size_t i = 0; i < countof(effects); i++) {
        i64 contact =
                contact_of_company(h, arena_printf(h->arena, "C%zu", i), effects[i].lifecycle),
            id = deal(h, sam, "D",
                      arena_printf(h->arena, "&contact_id=%s", id_text(h->arena, contact)));
        struct row *c, *company;
        if (effects[i].act[0]) {
            struct web_response r = act(h, sam, id, effects[i].act, effects[i].body);
            house_expect(h, &r, 303);
        }
        c = get(h, &contact_type, contact);
        if (strcmp(row_text(c, CONTACT_LIFECYCLE), effects[i].after) != 0)
            fail_msg("%s: %s", effects[i].note, row_text(c, CONTACT_LIFECYCLE));
        company = get(h, &company_type, row_i64(c, CONTACT_COMPANY));
        assert_true(row_has(company, COMPANY_CUSTOMER_AT) == (strcmp(effects[i].act, "won") == 0));
    }
}

/* The journey of the contact, oldest first: kinds and amounts. */
static void the_journey_tells_the_deal(void **state)
{
    static const struct {
        const char *kind;
        i64 value;
    } want[] = {
        { "contact_created", 0 },   { "deal_created", 120000 }, { "lifecycle_change", 0 },
        { "stage_change", 120000 }, { "deal_won", 150050 },     { "lifecycle_change", 0 },
        { "ticket_opened", 0 }, /* its hand-over */
    };
    struct house *h = *state;
    struct person *sam = house_user(h, "Sam Seller", "Sales");
    i64 contact = contact_of_company(h, "Acme", "lead"), id;
    struct event *e;
    size_t count;
    struct web_response r;

    id = deal(h, sam, "Big",
              arena_printf(h->arena, "&contact_id=%s&amount=1200&amount_currency=EUR",
                           id_text(h->arena, contact)));
    h->clock->fixed_ms += MS_DAY;
    r = act(h, sam, id, "move",
            arena_printf(h->arena, "value=%s", id_text(h->arena, stage_called(h, "Proposal"))));
    house_expect(h, &r, 303);
    r = patch(h, sam, id, "{\"amount\":{\"amount\":\"1500.50\",\"currency\":\"EUR\"}}");
    house_expect(h, &r, 200);
    h->clock->fixed_ms += MS_DAY;
    r = act(h, sam, id, "won", "");
    house_expect(h, &r, 303);
    assert_ok(h->cx, outbox_drain(h->cx));
    assert_ok(h->cx, journey_timeline(h->cx, h->journey,
                                      journey_person_find(h->journey, PERSON_CONTACT, (u64)contact),
                                      0, 0, 100, &e, &count));
    assert_int_equal(count, countof(want));
    for (size_t i = 0; i < count; i++) {
        const struct event *one = &e[count - 1 - i];
        const char *kind = kit_event_kind_by_code(h->kit, one->kind)->name;
        if (strcmp(kind, want[i].kind) != 0 || one->value != want[i].value)
            fail_msg("%zu: %s of %lld, not %s", i, kind, (long long)one->value, want[i].kind);
        if (strcmp(kind, "deal_won") == 0)
            assert_non_null(strstr(one->props, "Sam Seller"));
    }
}

static void money_counts_in_base_currency_at_the_days_rate(void **state)
{
    struct house *h = *state;
    struct person *sam = house_user(h, "Sam", "Sales");
    i64 id;

    assert_ok(h->cx, setting_save(h->cx, "currency.rates", "{\"USD\": \"0.90\"}"));
    id = deal(h, sam, "Dollars", "&amount=1000&amount_currency=USD");
    assert_int_equal(row_base_minor(get(h, &deal_type, id), DEAL_AMOUNT), 90000);
    struct web_response r = house_post(h, sam, "/deals", "name=X&amount=1&amount_currency=JPY");
    house_expect(h, &r, 422);
    assert_true(house_has(&r, "exchange rate"));
    r = house_post(h, sam, "/deals", "name=X&amount=-1&amount_currency=EUR");
    house_expect(h, &r, 422);
}

/* ---- who may ---- */

static void whose_deal_it_is_decides(void **state)
{
    static const struct {
        const char *note, *update, *read;
        int own, teams, others; /* answers to closing a deal of mine, my team's, another's */
    } roles[] = {
        { "all", "all", "all", 303, 303, 303 },
        { "the team's", "team", "all", 303, 303, 403 },
        { "one's own", "own", "all", 303, 403, 403 },
        { "none", "none", "all", 403, 403, 403 },
        { "what may not be seen is not there", "own", "own", 303, 404, 404 },
    };
    struct house *h = *state;
    struct person *mate = house_user(h, "Mate", "Sales"), *boss = house_user(h, "Boss", "");

    for (size_t i = 0; i < countof(roles); i++) {
        struct person *me = house_user(h, arena_printf(h->arena, "Me%zu", i), "Sales");
        struct row *user, *role = row_new(h->cx, type_find(h->cx, "role"));
        i64 mine, teams, others;
        const struct {
            const char *whose;
            const i64 *id;
            int http;
        } tries[] = { { "mine", &mine, roles[i].own },
                      { "my team's", &teams, roles[i].teams },
                      { "another's", &others, roles[i].others } };
        mine = deal(h, me, "M", "");
        teams = deal(h, mate, "T", "");
        others = deal(h, boss, "O", "");
        row_set_text(role, type_field(row_type(role), "name"), roles[i].note);
        row_set_text(role, type_field(row_type(role), "rules"),
                     arena_printf(h->arena,
                                  "{\"deal\":{\"read\":\"%s\",\"update\":\"%s\"},"
                                  "\"pipeline\":{\"read\":\"all\"},\"stage\":{\"read\":\"all\"}}",
                                  roles[i].read, roles[i].update));
        assert_ok(h->cx, record_save(h->cx, role));
        assert_ok(h->cx, record_get_named(h->cx, "user", me->user_id, &user));
        row_set_i64(user, type_field(row_type(user), "role_id"), row_id(role));
        assert_ok(h->cx, record_save(h->cx, user));
        for (size_t t = 0; t < countof(tries); t++) {
            struct web_response r = act(h, me, *tries[t].id, "won", "");
            if (r.status != tries[t].http)
                fail_msg("%s, %s: answered %d, not %d", roles[i].note, tries[t].whose, r.status,
                         tries[t].http);
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        IN_BOTH_HOUSES(a_name_is_enough, NULL),
        IN_SQLITE_HOUSE(a_contacts_deal_is_its_companys, NULL),
        IN_BOTH_HOUSES(a_stage_belongs_to_the_deals_pipeline, NULL),
        IN_SQLITE_HOUSE(a_pipeline_without_an_open_stage_says_so, NULL),
        IN_BOTH_HOUSES(every_step_leaves_a_deal_whole, NULL),
        IN_SQLITE_HOUSE(the_question_why_comes_back_with_what_was_typed, NULL),
        IN_BOTH_HOUSES(the_board_asks_before_it_loses, NULL),
        IN_BOTH_HOUSES(a_stage_with_deals_stays_what_it_is, NULL),
        IN_BOTH_HOUSES(deals_move_their_contact_along, NULL),
        IN_BOTH_HOUSES(the_journey_tells_the_deal, NULL),
        IN_SQLITE_HOUSE(money_counts_in_base_currency_at_the_days_rate, NULL),
        IN_BOTH_HOUSES(whose_deal_it_is_decides, NULL),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
