/* handoff_test.c -- the promise between the two teams: whose turn it is, when the answer is due in
 * working hours, what each answer does to the contact and to whom it is told, and what is measured
 * of it. */
#include "base/id.h"
#include "bridge/contact.h"
#include "bridge/handoff.h"
#include "kit/question.h"
#include "kit/session.h"
#include "support/house.h"

#define WEEKDAYS                                                                                   \
    "{\"mon\":[\"09:00-17:00\"],\"tue\":[\"09:00-17:00\"],\"wed\":[\"09:00-17:00\"],"              \
    "\"thu\":[\"09:00-17:00\"],\"fri\":[\"09:00-12:00\",\"13:00-17:00\"],\"holidays\":[\"2026-11-" \
    "25\"]}"

static void save_setting(struct house *h, const char *name, const char *value)
{
    assert_ok(h->cx, setting_save(h->cx, name, value));
}

/* A lead, as the system. */
static i64 lead(struct house *h, const char *name)
{
    struct row *r = row_new(h->cx, &contact_type);

    row_set_text(r, CONTACT_FIRST, name);
    row_set_text(r, CONTACT_LIFECYCLE, "lead");
    assert_ok(h->cx, record_save(h->cx, r));
    return row_id(r);
}

static struct row *contact(struct house *h, i64 id)
{
    struct row *r;

    assert_ok(h->cx, record_get(h->cx, &contact_type, id, &r));
    return r;
}

static i64 hand_over(struct house *h, i64 contact_id, i64 from)
{
    struct handoff_order o = { .contact_id = contact_id, .from_user = from, .reason = "Hot" };
    i64 id;

    assert_ok(h->cx, handoff_make(h->cx, &o, &id));
    return id;
}

static struct row *handoff(struct house *h, i64 id)
{
    struct row *r;

    assert_ok(h->cx, record_get(h->cx, &handoff_type, id, &r));
    return r;
}

static struct web_response answer(struct house *h, const struct person *who, i64 id,
                                  const char *verb, const char *body)
{
    return house_post(h, who,
                      arena_printf(h->arena, "/handoffs/%s/%s", id_text(h->arena, id), verb), body);
}

/* ---- whose turn ---- */

static void leads_go_round(void **state)
{
    struct house *h = *state;
    struct person *sellers[3];
    int got[3] = { 0 };
    i64 last = 0;

    house_user(h, "Mia Market", "Marketing");
    for (int i = 0; i < 3; i++)
        sellers[i] = house_user(h, arena_printf(h->arena, "Seller %d", i), "Sales");
    for (int i = 0; i < 12; i++) { /* all in the same millisecond */
        i64 owner = row_i64(handoff(h, hand_over(h, lead(h, "A"), 0)), HANDOFF_OWNER);
        assert_int_not_equal(owner, last);
        last = owner;
        for (int s = 0; s < 3; s++)
            got[s] += owner == sellers[s]->user_id;
    }
    for (int s = 0; s < 3; s++)
        assert_int_equal(got[s], 4);
}

/* Somebody new is next, and who was given one by hand has had their turn. */
static void who_waited_longest_is_next(void **state)
{
    struct house *h = *state;
    struct person *ada = house_user(h, "Ada", "Sales"), *ben = house_user(h, "Ben", "Sales"), *eve;
    struct handoff_order by_hand = { .contact_id = lead(h, "A"),
                                     .owner_id = ada->user_id,
                                     .reason = "Asked for Ada" };
    i64 id;

    assert_ok(h->cx, handoff_make(h->cx, &by_hand, &id));
    assert_int_equal(row_i64(handoff(h, hand_over(h, lead(h, "B"), 0)), HANDOFF_OWNER),
                     ben->user_id);
    eve = house_user(h, "Eve", "Sales");
    assert_int_equal(row_i64(handoff(h, hand_over(h, lead(h, "C"), 0)), HANDOFF_OWNER),
                     eve->user_id);
    assert_int_equal(row_i64(handoff(h, hand_over(h, lead(h, "D"), 0)), HANDOFF_OWNER),
                     ada->user_id);
}

static void refused(struct house *h, const struct handoff_order *o, const char *code,
                    const char *says)
{
    i64 id;

    assert_int_equal(handoff_make(h->cx, o, &id), E_INVALID);
    assert_string_equal(h->cx->error_code, code);
    assert_non_null(strstr(h->cx->error_text, says));
    ctx_clear_error(h->cx);
}

static void who_may_not_answer_gets_none(void **state)
{
    struct house *h = *state;
    struct handoff_order o = { .contact_id = lead(h, "A"), .reason = "Hot" };
    struct person *reader = house_user(h, "Rea Reader", "Read only");
    struct row *user;

    house_user(h, "Mia Market", "Marketing");
    refused(h, &o, "handoff.no_salesperson", "Nobody in a sales team");
    /* in a sales team, but with a role that only reads; and one that left */
    struct person *sam = house_user(h, "Sam", "Sales");
    struct row *other;
    assert_ok(h->cx, record_get_named(h->cx, "user", reader->user_id, &user));
    assert_ok(h->cx, record_get_named(h->cx, "user", sam->user_id, &other));
    int team = type_field(row_type(user), "team_id");
    row_set_i64(user, team, row_i64(other, team));
    row_set_i64(other, type_field(row_type(other), "active"), 0);
    assert_ok(h->cx, record_save(h->cx, user));
    assert_ok(h->cx, record_save(h->cx, other));
    refused(h, &o, "handoff.no_salesperson", "Nobody in a sales team");
    o.owner_id = reader->user_id;
    refused(h, &o, "handoff.owner_may_not", "Rea Reader");
}

/* ---- when it is due ---- */

/* Local times of the workspace; 240 working minutes are given. */
static const struct {
    const char *note, *handed, *due;
} dues[] = {
    { "within the day", "2026-11-23T10:00", "2026-11-23T14:00" },
    { "up to the last minute", "2026-11-23T13:00", "2026-11-23T17:00" },
    { "over night", "2026-11-23T15:00", "2026-11-24T11:00" },
    { "before the day begins", "2026-11-23T06:00", "2026-11-23T13:00" },
    { "after it has ended", "2026-11-23T20:00", "2026-11-24T13:00" },
    { "over the holiday", "2026-11-24T16:00", "2026-11-26T12:00" },
    { "on the holiday", "2026-11-25T10:00", "2026-11-26T13:00" },
    { "over lunch", "2026-11-27T11:00", "2026-11-27T16:00" },
    { "over the weekend", "2026-11-27T15:00", "2026-11-30T11:00" },
    { "on a Saturday", "2026-11-28T12:00", "2026-11-30T13:00" },
};

static void answers_are_due_in_working_hours(void **state)
{
    struct house *h = *state;

    house_user(h, "Sam", "Sales");
    save_setting(h, "workspace.hours", WEEKDAYS);
    save_setting(h, "workspace.zone", "Europe/Berlin");
    for (size_t i = 0; i < countof(dues); i++) {
        const struct zone *z = kit_zone(h->cx);
        i64 at, due;
        assert_true(zone_parse_local(z, str_from(dues[i].handed), &at));
        h->clock->fixed_ms = at;
        due = row_i64(handoff(h, hand_over(h, lead(h, "A"), 0)), HANDOFF_DUE);
        const char *got = zone_format(h->arena, z, due, "yyyy-MM-dd'T'HH:mm");
        if (strcmp(got, dues[i].due) != 0)
            fail_msg("%s: due %s, not %s", dues[i].note, got, dues[i].due);
    }
}

/* ---- the answers ---- */

static const struct {
    const char *note, *verb, *body;
    int http;
    const char *status, *lifecycle, *lead_status, *told;
} answers[] = {
    { "accepted", "accept", "", 303, "accepted", "sal", "open", "accepted" },
    { "accepted with a word", "accept", "answer=Calling+today", 303, "accepted", "sal", "open",
      "accepted" },
    { "rejected", "reject", "outcome=bad_data&answer=Mickey+Mouse", 303, "rejected", "disqualified",
      "disqualified", "rejected: Wrong or invented data" },
    { "recycled", "recycle", "outcome=too_early", 303, "recycled", "lead", "nurturing",
      "sent back to nurture: Too early" },
    { "rejected without a reason", "reject", "", 422, "pending", "mql", "new", NULL },
    { "recycled without a reason", "recycle", "answer=Later", 422, "pending", "mql", "new", NULL },
    { "for a reason that is none", "reject", "outcome=moon", 422, "pending", "mql", "new", NULL },
    { "an answer that is none", "ponder", "", 404, "pending", "mql", "new", NULL },
};

static void every_answer_moves_the_contact_and_is_told(void **state)
{
    struct house *h = *state;
    struct person *mia = house_user(h, "Mia Market", "Marketing"),
                  *sam = house_user(h, "Sam Sales", "Sales");

    for (size_t i = 0; i < countof(answers); i++) {
        const char *name = arena_printf(h->arena, "Lead%zu", i);
        i64 who = lead(h, name), id = hand_over(h, who, mia->user_id);
        struct web_response r = answer(h, sam, id, answers[i].verb, answers[i].body);
        if (r.status != answers[i].http)
            fail_msg("%s: answered %d", answers[i].note, r.status);
        if (strcmp(row_text(handoff(h, id), HANDOFF_STATUS), answers[i].status) != 0 ||
            strcmp(row_text(contact(h, who), CONTACT_LIFECYCLE), answers[i].lifecycle) != 0 ||
            strcmp(row_text(contact(h, who), CONTACT_STATUS), answers[i].lead_status) != 0)
            fail_msg("%s: %s, %s, %s", answers[i].note, row_text(handoff(h, id), HANDOFF_STATUS),
                     row_text(contact(h, who), CONTACT_LIFECYCLE),
                     row_text(contact(h, who), CONTACT_STATUS));
        r = house_get(h, mia, "/notifications");
        if (answers[i].told &&
            !house_has(&r, arena_printf(h->arena, "%s %s", name, answers[i].told)))
            fail_msg("%s: is not told", answers[i].note);
        if (!answers[i].told && house_has(&r, name))
            fail_msg("%s: is told", answers[i].note);
    }
}

static void an_answer_is_given_once(void **state)
{
    struct house *h = *state;
    struct person *sam = house_user(h, "Sam Sales", "Sales");
    i64 id = hand_over(h, lead(h, "A"), 0);
    struct web_response r = answer(h, sam, id, "accept", "");

    house_expect(h, &r, 303);
    r = answer(h, sam, id, "reject", "outcome=no_need");
    house_expect(h, &r, 409);
    assert_string_equal(row_text(handoff(h, id), HANDOFF_STATUS), "accepted");
}

/* How fast the answer was, in working minutes, and whether it was in time. */
static const struct {
    const char *note;
    i64 after_ms;
    i64 minutes;
    bool on_time;
} speeds[] = {
    { "at once", 0, 0, true },
    { "within the time given", 3 * MS_HOUR, 180, true },
    { "at the last moment", 4 * MS_HOUR, 240, true },
    { "a minute late", 4 * MS_HOUR + MS_MINUTE, 241, false },
    { "the next morning at ten", 24 * MS_HOUR, 8 * 60, false },
};

static void the_answer_is_measured(void **state)
{
    struct house *h = *state;
    struct person *sam = house_user(h, "Sam Sales", "Sales");

    save_setting(h, "workspace.hours", WEEKDAYS);
    save_setting(h, "workspace.zone", "UTC");
    for (size_t i = 0; i < countof(speeds); i++) {
        h->clock->fixed_ms = HOUSE_NOW; /* Monday at ten */
        i64 id = hand_over(h, lead(h, "A"), 0);
        h->clock->fixed_ms += speeds[i].after_ms;
        struct web_response r = answer(h, sam, id, "accept", "");
        house_expect(h, &r, 303);
        struct row *made = handoff(h, id);
        if (row_i64(made, HANDOFF_MINUTES) != speeds[i].minutes ||
            row_bool(made, HANDOFF_ON_TIME) != speeds[i].on_time)
            fail_msg("%s: %lld minutes, %s", speeds[i].note,
                     (long long)row_i64(made, HANDOFF_MINUTES),
                     row_bool(made, HANDOFF_ON_TIME) ? "in time" : "late");
    }
}

static void the_first_touch_counts_also_before_the_answer(void **state)
{
    static const struct {
        const char *note, *body;
        bool touches;
    } logged[] = {
        { "a note is none", "kind=note&body=Looks+good", false },
        { "a task that waits is none", "kind=task&subject=Call", false },
        { "a planned call is none", "kind=call&subject=Call&due_at=2026-12-01T10:00", false },
        { "a call is one", "kind=call&subject=Call&outcome=no_answer", true },
        { "a mail is one", "kind=mail&subject=Hello", true },
    };
    struct house *h = *state;
    struct person *sam = house_user(h, "Sam Sales", "Sales");

    for (size_t i = 0; i < countof(logged); i++) {
        i64 who = lead(h, "A"), id = hand_over(h, who, 0), first = 0;
        h->clock->fixed_ms += MS_HOUR;
        for (int twice = 0; twice < 2; twice++, h->clock->fixed_ms += MS_HOUR) {
            struct web_response r = house_post(
                h, sam, "/activities",
                arena_printf(h->arena, "%s&contact_id=%s", logged[i].body, id_text(h->arena, who)));
            house_expect(h, &r, 303);
            if (row_has(handoff(h, id), HANDOFF_FIRST_TOUCH_AT) != logged[i].touches)
                fail_msg("%s", logged[i].note);
            if (twice && logged[i].touches) /* the first stays */
                assert_int_equal(row_i64(handoff(h, id), HANDOFF_FIRST_TOUCH_AT), first);
            first = row_i64(handoff(h, id), HANDOFF_FIRST_TOUCH_AT);
        }
    }
}

/* ---- again, and to somebody else ---- */

static void a_recycled_lead_is_handed_over_again(void **state)
{
    struct house *h = *state;
    struct person *mia = house_user(h, "Mia Market", "Marketing"),
                  *sam = house_user(h, "Sam Sales", "Sales");
    i64 who = lead(h, "Lea"), first = hand_over(h, who, mia->user_id), second;
    struct handoff_order again = { .contact_id = who, .reason = "Again" };
    struct web_response r;

    assert_status(h->cx, handoff_make(h->cx, &again, &second), E_CONFLICT);
    r = answer(h, sam, first, "recycle", "outcome=too_early");
    house_expect(h, &r, 303);
    h->clock->fixed_ms += 10 * (i64)MS_DAY;
    assert_ok(h->cx, handoff_make(h->cx, &again, &second));
    r = answer(h, sam, second, "accept", "");
    house_expect(h, &r, 303);
    assert_string_equal(row_text(handoff(h, first), HANDOFF_STATUS), "recycled");
    assert_string_equal(row_text(contact(h, who), CONTACT_LIFECYCLE), "sal");
}

static void a_waiting_lead_can_be_given_to_somebody_else(void **state)
{
    struct house *h = *state;
    struct person *ada = house_user(h, "Ada", "Sales"), *ben = house_user(h, "Ben", "Sales");
    i64 who = lead(h, "Lea"), id = hand_over(h, who, 0);
    struct web_response r;
    struct row *made = handoff(h, id);

    assert_int_equal(row_i64(made, HANDOFF_OWNER), ada->user_id);
    row_set_i64(made, HANDOFF_OWNER, ben->user_id);
    assert_ok(h->cx, record_save(h->cx, made));
    assert_int_equal(row_i64(contact(h, who), CONTACT_OWNER), ben->user_id);
    r = house_get(h, ben, "/notifications");
    assert_true(house_has(&r, "New lead: Lea"));
    r = house_get(h, ben, "/leads");
    assert_true(house_has(&r, "1 waiting"));
    r = house_get(h, ada, "/leads");
    assert_true(house_has(&r, "0 waiting"));
}

static void nobody_is_handed_over_who_is_not_there(void **state)
{
    struct house *h = *state;
    struct person *mia = house_user(h, "Mia Market", "Marketing");
    struct web_response r;

    house_user(h, "Sam", "Sales");
    r = house_json(h, mia, HTTP_POST, "/api/v1/handoffs",
                   "{\"contact_id\":\"0000000000009\",\"reason\":\"x\"}");
    house_expect(h, &r, 422);
    assert_true(house_has(&r, "ref.missing"));
}

/* ---- the inbox ---- */
static const char *leads_to(struct house *h, const struct web_response *r)
{
    const char *to = web_response_header(r, "Location");

    (void)h;
    return to ? to : "";
}

static const char *inbox_of(struct house *h, i64 id)
{
    return arena_printf(h->arena, "/leads?id=%s", id_text(h->arena, id));
}

/* The most urgent first; behind the last stands the first that was passed over. */
static void each_answer_leads_on_to_the_next_lead(void **state)
{
    struct house *h = *state;
    struct person *sam = house_user(h, "Sam Sales", "Sales"), *eve;
    struct web_response r;
    i64 ids[4];

    for (int i = 0; i < 4; i++, h->clock->fixed_ms += MS_MINUTE)
        ids[i] = hand_over(h, lead(h, arena_printf(h->arena, "Lead%d", i)), 0);
    eve = house_user(h, "Eve Sales", "Sales");
    r = answer(h, sam, ids[1], "accept", "inbox=1");
    house_expect(h, &r, 303);
    assert_string_equal(leads_to(h, &r), inbox_of(h, ids[2]));
    r = answer(h, sam, ids[2], "reject", "inbox=1&outcome=no_need");
    assert_string_equal(leads_to(h, &r), inbox_of(h, ids[3]));
    r = answer(h, sam, ids[3], "call", "inbox=1&outcome=reached&answer=Wants+a+visit");
    assert_string_equal(leads_to(h, &r), inbox_of(h, ids[3])); /* it is not answered by that */
    assert_true(row_has(handoff(h, ids[3]), HANDOFF_FIRST_TOUCH_AT));
    r = answer(h, sam, ids[3], "assign",
               arena_printf(h->arena, "inbox=1&owner_id=%s", id_text(h->arena, eve->user_id)));
    assert_string_equal(leads_to(h, &r), inbox_of(h, ids[0]));
    assert_int_equal(row_i64(handoff(h, ids[3]), HANDOFF_OWNER), eve->user_id);
    assert_string_equal(row_text(handoff(h, ids[3]), HANDOFF_BECAUSE), "Given by Sam Sales.");
    r = answer(h, sam, ids[0], "recycle", "inbox=1&outcome=too_early");
    assert_string_equal(leads_to(h, &r), "/leads");
    r = house_get(h, sam, "/leads");
    assert_true(house_has(&r, "No lead is waiting") && house_has(&r, "Answered today"));
    r = house_get(h, eve, "/leads");
    assert_true(house_has(&r, "1 waiting") && house_has(&r, "Wants a visit"));
}

/* What is wrong is said where it was typed, and nothing is lost. */
static const struct {
    const char *verb, *body, *says;
} faults[] = {
    { "reject", "inbox=1&answer=Typed+text", "Choose a reason" },
    { "recycle", "inbox=1&answer=Typed+text&outcome=too_early&flow=x", "There is no such flow" },
    { "recycle", "inbox=1&answer=Typed+text&outcome=moon", "moon" },
    { "call", "inbox=1&answer=Typed+text", "Choose what came of the call" },
    { "assign", "inbox=1&answer=Typed+text", "Choose a colleague" },
};

static void what_is_wrong_is_said_in_its_panel(void **state)
{
    struct house *h = *state;
    struct person *sam = house_user(h, "Sam Sales", "Sales");
    i64 id = hand_over(h, lead(h, "Lea"), 0);

    house_user(h, "Eve Sales", "Sales");
    for (size_t i = 0; i < countof(faults); i++) {
        struct web_response r = answer(h, sam, id, faults[i].verb, faults[i].body);
        if (r.status != 422 || !house_has(&r, faults[i].says) || !house_has(&r, "Typed text"))
            fail_msg("%s %s: %d", faults[i].verb, faults[i].body, r.status);
        assert_string_equal(row_text(handoff(h, id), HANDOFF_STATUS), "pending");
    }
}

/* What an answer taken back leaves of the contact. */
static const struct {
    const char *note, *verb, *body, *meanwhile; /* to which stage it is moved on */
    i64 after_ms;
    int http;
    const char *lifecycle, *lead_status;
} undos[] = {
    { "accepted", "accept", "", NULL, MS_MINUTE, 303, "mql", "new" },
    { "rejected", "reject", "outcome=bad_data", NULL, MS_MINUTE, 303, "mql", "new" },
    { "recycled", "recycle", "outcome=too_early", NULL, MS_MINUTE, 303, "mql", "new" },
    { "who went on since stays there", "accept", "", "opportunity", MS_MINUTE, 303, "opportunity",
      "new" },
    { "the day after it is too late", "accept", "", NULL, 25 * MS_HOUR, 409, "sal", "open" },
};

static void an_answer_can_be_taken_back(void **state)
{
    struct house *h = *state;
    struct person *sam = house_user(h, "Sam Sales", "Sales");

    for (size_t i = 0; i < countof(undos); i++) {
        i64 who = lead(h, "Lea"), id = hand_over(h, who, 0);
        bool back = undos[i].http == 303;
        struct web_response r = answer(h, sam, id, undos[i].verb, undos[i].body);
        house_expect(h, &r, 303);
        if (undos[i].meanwhile)
            assert_ok(h->cx, contact_move(h->cx, who, undos[i].meanwhile, NULL, NULL));
        h->clock->fixed_ms += undos[i].after_ms;
        r = answer(h, sam, id, "undo", "");
        if (r.status != undos[i].http ||
            text_is(row_text(handoff(h, id), HANDOFF_STATUS), "pending") != back ||
            row_has(handoff(h, id), HANDOFF_DECIDED_AT) == back ||
            !text_is(row_text(contact(h, who), CONTACT_LIFECYCLE), undos[i].lifecycle) ||
            !text_is(row_text(contact(h, who), CONTACT_STATUS), undos[i].lead_status))
            fail_msg("%s: %d, %s, %s", undos[i].note, r.status,
                     row_text(contact(h, who), CONTACT_LIFECYCLE),
                     row_text(contact(h, who), CONTACT_STATUS));
        if (back && !undos[i].meanwhile)
            assert_false(row_has(contact(h, who), CONTACT_ACCEPTED_AT));
        r = answer(h, sam, id, "undo", ""); /* once */
        house_expect(h, &r, 409);
    }
}

/* What is left, and how long a lead has waited, in working time; Berlin, as above. */
static const struct {
    const char *note, *handed, *now, *left, *waited, *rests;
} clocks[] = {
    { "as it comes in", "2026-11-23T10:00", "2026-11-23T10:00", "4 h 0 min left", "0 min", "" },
    { "an hour later", "2026-11-23T10:00", "2026-11-23T11:00", "3 h 0 min left", "1 h 0 min", "" },
    { "in the evening it stands still", "2026-11-23T15:00", "2026-11-23T21:00", "2 h 0 min left",
      "2 h 0 min", "the clocks go on Tuesday 24 November 2026, 09:00" },
    { "on a holiday", "2026-11-24T16:00", "2026-11-25T12:00", "3 h 0 min left", "1 h 0 min",
      "the clocks go on Thursday 26 November 2026, 09:00" },
    { "late by working time alone", "2026-11-24T16:00", "2026-11-26T13:30", "late by 1 h 30 min",
      "5 h 30 min", "" },
};

static void the_clock_runs_in_working_time(void **state)
{
    struct house *h = *state;
    struct person *sam;

    save_setting(h, "workspace.hours", WEEKDAYS);
    save_setting(h, "workspace.zone", "Europe/Berlin");
    sam = house_user(h, "Sam", "Sales");
    for (size_t i = 0; i < countof(clocks); i++) {
        const struct zone *z = kit_zone(h->cx);
        i64 at, now;
        assert_true(zone_parse_local(z, str_from(clocks[i].handed), &at));
        assert_true(zone_parse_local(z, str_from(clocks[i].now), &now));
        h->clock->fixed_ms = at;
        i64 id = hand_over(h, lead(h, "A"), 0);
        h->clock->fixed_ms = now;
        struct web_response r = house_get(h, sam, inbox_of(h, id));
        if (!house_has(&r, clocks[i].left) ||
            !house_has(&r, arena_printf(h->arena, ">%s</span>", clocks[i].waited)) ||
            house_has(&r, "the clocks go on") != (clocks[i].rests[0] != '\0') ||
            !house_has(&r, clocks[i].rests))
            fail_msg("%s: %s", clocks[i].note, r.body.p);
        r = answer(h, sam, id, "accept", "");
        house_expect(h, &r, 303);
    }
}

/* ---- promises ---- */
static double number(struct house *h, const char *metric)
{
    struct question q = { .metric = metric, .dimension = "" };
    struct val *answer;

    assert_ok(h->cx, period_read(h->cx, "2026-11-01..2026-12-15", &q.from_ms, &q.to_ms));
    assert_ok(h->cx, question_ask(h->cx, &q, &answer));
    return val_as_double(val_get(answer, "value"), -1);
}

static void promise(struct house *h, const char *metric, const char *amount)
{
    const struct record_type *t = type_find(h->cx, "target");
    struct row *r = row_new(h->cx, t);

    assert_ok(h->cx, row_parse(h->cx, r, type_field(t, "metric"), metric));
    assert_ok(h->cx, row_parse(h->cx, r, type_field(t, "amount"), amount));
    assert_ok(h->cx, row_parse(h->cx, r, type_field(t, "from_date"), "2026-01-01"));
    assert_ok(h->cx, record_save(h->cx, r));
}

/* Three leads, handed over on Monday at ten; answered after 1, 3 and 26 hours, of which the night
 * takes 16 (so 10 of work); the first two accepted, the second called before that. */
static void promises_are_measured_in_working_time(void **state)
{
    static const struct {
        i64 after_ms, called_ms;
        const char *verb, *body;
    } worked[] = { { MS_HOUR, 0, "accept", "" },
                   { 3 * MS_HOUR, 30 * MS_MINUTE, "accept", "" },
                   { 26 * MS_HOUR, 0, "reject", "outcome=no_need" } };
    struct house *h = *state;
    struct person *sam = house_user(h, "Sam Sales", "Sales");
    i64 ids[3];

    save_setting(h, "workspace.hours", WEEKDAYS);
    save_setting(h, "workspace.zone", "UTC");
    promise(h, "leads_handed_over", "1");
    promise(h, "time_to_accept", "1");
    promise(h, "follow_up_rate", "60");
    for (size_t i = 0; i < countof(worked); i++)
        ids[i] = hand_over(h, lead(h, "A"), 0);
    for (size_t i = 0; i < countof(worked); i++) {
        if (worked[i].called_ms) {
            h->clock->fixed_ms = HOUSE_NOW + worked[i].called_ms;
            struct web_response r = answer(h, sam, ids[i], "call", "outcome=reached");
            house_expect(h, &r, 303);
        }
        h->clock->fixed_ms = HOUSE_NOW + worked[i].after_ms;
        struct web_response r = answer(h, sam, ids[i], worked[i].verb, worked[i].body);
        house_expect(h, &r, 303);
    }
    assert_true(number(h, "leads_handed_over") == 3);
    assert_true(number(h, "time_to_accept") == 2);        /* of 1 and 3 */
    assert_true(number(h, "time_to_first_touch") == 0.5); /* one was called */
    assert_int_equal(number(h, "acceptance_rate") * 3 + 0.5, 2);
    assert_int_equal(number(h, "follow_up_rate") * 3 + 0.5, 2); /* the third was due after 4 */
    struct web_response r = house_get(h, sam, "/promises?period=2026-11-20..2026-11-30");
    assert_true(house_has(&r, "at most") && house_has(&r, "not kept") && house_has(&r, ">kept<") &&
                house_has(&r, "Sam Sales") && house_has(&r, "Set a target"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        IN_BOTH_HOUSES(leads_go_round, NULL),
        IN_BOTH_HOUSES(who_waited_longest_is_next, NULL),
        IN_BOTH_HOUSES(who_may_not_answer_gets_none, NULL),
        IN_SQLITE_HOUSE(answers_are_due_in_working_hours, NULL),
        IN_BOTH_HOUSES(every_answer_moves_the_contact_and_is_told, NULL),
        IN_SQLITE_HOUSE(an_answer_is_given_once, NULL),
        IN_SQLITE_HOUSE(the_answer_is_measured, NULL),
        IN_BOTH_HOUSES(the_first_touch_counts_also_before_the_answer, NULL),
        IN_BOTH_HOUSES(a_recycled_lead_is_handed_over_again, NULL),
        IN_BOTH_HOUSES(a_waiting_lead_can_be_given_to_somebody_else, NULL),
        IN_SQLITE_HOUSE(nobody_is_handed_over_who_is_not_there, NULL),
        IN_BOTH_HOUSES(each_answer_leads_on_to_the_next_lead, NULL),
        IN_SQLITE_HOUSE(what_is_wrong_is_said_in_its_panel, NULL),
        IN_BOTH_HOUSES(an_answer_can_be_taken_back, NULL),
        IN_SQLITE_HOUSE(the_clock_runs_in_working_time, NULL),
        IN_BOTH_HOUSES(promises_are_measured_in_working_time, NULL),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
