/* flow_steps_test.c -- all that can happen to somebody, as trigger, goal and what a wait waits for;
 * what steps leave behind; webhooks, against a server; flows to begin with. */
#include "bridge/segment.h"
#include "kit/filter.h"
#include "kit/follow.h"
#include "kit/seal.h"
#include "marketing/flow_house.h"
#include "support/peer.h"
#include <pthread.h>
#include <stdio.h>

/* ---- what happens ---- */
struct world {
    struct house *h;
    i64 who, form, other_form, segment, deal, stages[2];
};

static void submits(struct world *w, i64 form)
{
    struct row *r;

    assert_ok(w->h->cx, record_get_named(w->h->cx, "form", form, &r));
    assert_ok(w->h->cx,
              happen(w->h->cx, &(struct happening){
                                   .name = "form.submitted", .row = r, .contact_id = w->who }));
}

static void submits_it(struct world *w) { submits(w, w->form); }
static void submits_another(struct world *w) { submits(w, w->other_form); }
static void joins(struct world *w)
{
    assert_ok(w->h->cx, segment_add(w->h->cx, w->segment, w->who));
}
static void parts(struct world *w)
{
    assert_ok(w->h->cx, segment_remove(w->h->cx, w->segment, w->who));
}
static void gets_a_deal(struct world *w)
{
    w->deal = RECORD(w->h, "deal", "name", "Big", "contact_id", id_text(w->h->arena, w->who),
                     "stage_id", id_text(w->h->arena, w->stages[0]));
}
static void deal_moves(struct world *w)
{
    struct row *r;
    struct ctx *cx = w->h->cx;

    assert_ok(cx, record_get_named(cx, "deal", w->deal, &r));
    row_set_i64(r, type_field(row_type(r), "stage_id"), w->stages[1]);
    assert_ok(cx, record_save(cx, r));
}
static void opens(struct world *w) { mail_happens(w->h, "mail.opened", w->who, 0); }
static void clicks(struct world *w) { mail_happens(w->h, "mail.clicked", w->who, 0); }
static void replies(struct world *w) { mail_happens(w->h, "mail.replied", w->who, 0); }
static void bounces(struct world *w) { mail_happens(w->h, "mail.bounced", w->who, 0); }
static void unsubscribes(struct world *w) { mail_happens(w->h, "mail.unsubscribed", w->who, 0); }
static void score_is(struct world *w, i64 score)
{
    struct row *r = contact(w->h, w->who);

    row_set_i64(r, CONTACT_SCORE, score);
    assert_ok(w->h->cx, record_save(w->h->cx, r));
}
static void scores_little(struct world *w) { score_is(w, 10); }
static void scores_much(struct world *w) { score_is(w, 60); }
static void moves_to_ulm(struct world *w) { set(w->h, w->who, CONTACT_CITY, "Ulm"); }
static void moves_to_bonn(struct world *w) { set(w->h, w->who, CONTACT_CITY, "Bonn"); }
static void looks_at(struct world *w, const char *page)
{
    struct house *h = w->h;
    struct event e = { .at_ms = h->clock->fixed_ms,
                       .kind = kit_event_code(h->kit, "pageview"),
                       .person = journey_person(h->journey, PERSON_CONTACT, (u64)w->who),
                       .page = journey_intern(h->journey, DICT_PAGE, str_from(page)) };

    assert_ok(h->cx, journey_append_wait(h->cx, h->journey, &e, 1));
    assert_ok(h->cx, follow_all(h->cx));
}
static void looks_at_prices(struct world *w) { looks_at(w, "/pricing"); }
static void looks_at_news(struct world *w) { looks_at(w, "/news"); }

static const struct {
    const char *note, *spec; /* F, S, T in it: the form's, segment's and stage's id */
    void (*before)(struct world *w), (*near)(struct world *w), (*it)(struct world *w);
    bool no_trigger; /* it ends flows and waits, and starts none */
} happenings[] = {
    { "any form", "\"on\":\"form\"", NULL, opens, submits_another },
    { "this form", "\"on\":\"form\",\"form\":\"F\"", NULL, submits_another, submits_it },
    { "into a segment", "\"on\":\"segment_in\",\"segment\":\"S\"", NULL, opens, joins },
    { "out of a segment", "\"on\":\"segment_out\",\"segment\":\"S\"", joins, opens, parts },
    { "a field to a value", "\"on\":\"field\",\"field\":\"city\",\"to\":\"Bonn\"", NULL,
      moves_to_ulm, moves_to_bonn },
    { "the score", "\"on\":\"score\",\"line\":50", NULL, scores_little, scores_much },
    { "a new deal", "\"on\":\"deal\"", NULL, opens, gets_a_deal },
    { "a deal's stage", "\"on\":\"deal\",\"stage\":\"T\"", NULL, gets_a_deal, deal_moves },
    { "a mail opened", "\"on\":\"mail\",\"what\":\"opened\"", NULL, clicks, opens },
    { "a mail clicked", "\"on\":\"mail\"", NULL, opens, clicks },
    { "a mail replied", "\"on\":\"mail\",\"what\":\"replied\"", NULL, opens, replies },
    { "a mail bounced", "\"on\":\"mail\",\"what\":\"bounced\"", NULL, opens, bounces },
    { "unsubscribed", "\"on\":\"mail\",\"what\":\"unsubscribed\"", NULL, bounces, unsubscribes },
    { "an event", "\"on\":\"event\",\"event\":\"pageview\",\"page\":\"/pricing\"", NULL,
      looks_at_news, looks_at_prices },
    { "a filter", "\"on\":\"filter\",\"filter\":\"city = 'Bonn'\"", NULL, moves_to_ulm,
      moves_to_bonn, .no_trigger = true },
};

static const char *with_ids(struct world *w, const char *spec)
{
    struct buf b = buf_in(w->h->arena, 1000);

    for (; *spec; spec++)
        if (strchr("FST", *spec) && spec[-1] == '"' && spec[1] == '"')
            buf_text(&b, id_text(w->h->arena, *spec == 'F'   ? w->form
                                              : *spec == 'S' ? w->segment
                                                             : w->stages[1]));
        else
            buf_char(&b, *spec);
    return buf_end(&b);
}

static void find_stages(struct world *w)
{
    struct list_query q = { .filter = "kind = 'open'", .sort = "position", .limit = 2 };
    struct list_page page;

    assert_ok(w->h->cx, list_run(w->h->cx, type_find(w->h->cx, "stage"), &q, &page));
    assert_int_equal(page.count, 2);
    w->stages[0] = row_id(page.rows[0]);
    w->stages[1] = row_id(page.rows[1]);
}

static void expect_at(struct world *w, const char *note, const char *what, i64 run,
                      const char *want)
{
    const char *at = run ? where(w->h, run) : "nowhere";

    if (!text_is(at, want))
        fail_msg("%s, %s: at %s, want %s", note, what, at, want);
}

static void whatever_happens_starts_ends_and_is_waited_for(void **state)
{
    struct house *h = *state;
    struct world w = { .h = h };

    w.form = RECORD(h, "form", "name", "Demo", "slug", "demo");
    w.other_form = RECORD(h, "form", "name", "News", "slug", "news");
    w.segment = RECORD(h, "segment", "name", "Friends", "kind", "static");
    find_stages(&w);
    for (size_t i = 0; i < countof(happenings); i++) {
        const char *note = happenings[i].note, *spec = with_ids(&w, happenings[i].spec);
        i64 starts = 0, ends, waits, goal, wait;
        if (!happenings[i].no_trigger)
            starts = live_flow(h, arena_printf(h->arena,
                                               "{\"triggers\":[{\"id\":\"t\",%s}],\"steps\":[%s]}",
                                               spec, WAIT("a", 3)));
        ends =
            live_flow(h, arena_printf(h->arena,
                                      "{\"triggers\":[{\"id\":\"t\",\"on\":\"hand\"}],\"goals\":["
                                      "{\"id\":\"g\",%s}],\"steps\":[%s]}",
                                      spec, WAIT("a", 3)));
        waits = live_flow(
            h,
            arena_printf(h->arena,
                         "{\"triggers\":[{\"id\":\"t\",\"on\":\"hand\"}],\"steps\":[{\"id\":\"a\","
                         "\"kind\":\"wait_event\",%s,\"amount\":3,\"unit\":\"days\",\"paths\":[{"
                         "\"id\":\"y\",\"steps\":[%s]},{\"id\":\"n\",\"steps\":[]}]}]}",
                         spec, STEP("b", "exit", "")));
        w.who = person(h, arena_printf(h->arena, "h%zu", i), "DE");
        if (happenings[i].before)
            happenings[i].before(&w);
        goal = enter(h, ends, w.who);
        wait = enter(h, waits, w.who);
        work(h);
        happenings[i].near(&w);
        work(h);
        expect_at(&w, note, "the goal, too early", goal, "a");
        expect_at(&w, note, "the wait, too early", wait, "a");
        if (starts && run_of(h, starts, w.who))
            fail_msg("%s: something else lets in", note);
        happenings[i].it(&w);
        work(h);
        expect_at(&w, note, "the goal", goal, "=goal");
        expect_at(&w, note, "the wait", wait, "=exit");
        if (starts)
            expect_at(&w, note, "the trigger", run_of(h, starts, w.who), "a");
    }
}

/* A goal that a person's own step brings about ends the flow before the next step. */
static void a_step_may_bring_its_own_goal_about(void **state)
{
    struct house *h = *state;
    i64 flow =
            live_flow(h, "{\"triggers\":[{\"id\":\"t\",\"on\":\"hand\"}],\"goals\":[{\"id\":\"g\","
                         "\"on\":\"field\",\"field\":\"city\"}],\"steps\":[" STEP(
                             "a", "set",
                             ",\"field\":\"city\",\"value\":\"Bonn\"") "," TAG("b", "never") "]}"),
        who = person(h, "anna", "DE"), run = enter(h, flow, who);

    work(h);
    assert_string_equal(where(h, run), "=goal");
    assert_string_equal(row_plain(h->cx, contact(h, who), CONTACT_TAGS), "");
}

/* One person in two flows that are due together: what the one does is heard by the other. */
static void two_flows_of_one_person_hear_each_other(void **state)
{
    struct house *h = *state;
    i64 hears = live_flow(h, FLOW(STEP("a", "wait_event",
                                       ",\"on\":\"field\",\"field\":\"city\",\"amount\":3,\"unit\":"
                                       "\"days\",\"paths\":[{\"id\":\"y\",\"steps\":[" TAG(
                                           "b", "heard") "]},{\"id\":\"n\",\"steps\":[]}]"))),
        does = live_flow(h, FLOW(STEP("a", "set", ",\"field\":\"city\",\"value\":\"Bonn\"") "," TAG(
                                "b", "done"))),
        who = person(h, "anna", "DE"), one = enter(h, hears, who), two = enter(h, does, who);

    work(h);
    work(h); /* who was heard of is due again */
    assert_string_equal(where(h, one), "=end");
    assert_string_equal(where(h, two), "=end");
    assert_string_equal(row_plain(h->cx, contact(h, who), CONTACT_TAGS), "done, heard");
}

/* ---- what steps leave behind ---- */
static i64 count_of(struct house *h, const char *type, const char *filter)
{
    i64 n;

    assert_ok(h->cx, list_count(h->cx, type_find(h->cx, type), filter, "", 1000, &n));
    return n;
}

static void steps_leave_behind_what_they_say(void **state)
{
    struct house *h = *state;
    struct person *sara = house_user(h, "Sara", "Sales"), *admin = house_user(h, "Henrik", "");
    i64 segment = RECORD(h, "segment", "name", "Friends", "kind", "static"),
        other = live_flow(h, FLOW(WAIT("a", 3))), who = person(h, "anna", "DE"), flow, run;
    struct web_response r;
    bool in;

    RECORD(h, "sender", "name", "S", "from_name", "S", "from_address", "n@example.com", "host",
           "smtp.example.com", "security", "tls", "is_default", "true");
    set(h, who, CONTACT_OWNER, id_text(h->arena, sara->user_id));
    set(h, who, CONTACT_LIFECYCLE, "lead");
    flow = live_flow(
        h,
        arena_printf(
            h->arena,
            "{\"triggers\":[{\"id\":\"t\",\"on\":\"hand\"}],\"steps\":[{\"id\":\"a\",\"kind\":"
            "\"segment\",\"segment\":\"%s\"},{\"id\":\"b\",\"kind\":\"start\",\"flow\":\"%s\"},"
            "{\"id\":\"c\",\"kind\":\"task\",\"subject\":\"Call {{contact.first_name|them}}\","
            "\"what\":\"call\",\"days\":2,\"whose\":\"owner\"},{\"id\":\"d\",\"kind\":\"notify\","
            "\"text\":\"is hot\",\"whose\":\"owner\"},{\"id\":\"e\",\"kind\":\"mail\",\"subject\":"
            "\"Hello {{contact.first_name|there}}\",\"text\":\"Good day\"},{\"id\":\"f\",\"kind\":"
            "\"deal\",\"name\":\"Start\",\"amount\":\"500 EUR\"},{\"id\":\"g\",\"kind\":\"score\","
            "\"points\":30,\"reason\":\"Hot\"},{\"id\":\"h\",\"kind\":\"handoff\",\"reason\":"
            "\"Ready\"},%s]}",
            id_text(h->arena, segment), id_text(h->arena, other), WAIT("z", 3)));
    run = enter(h, flow, who);
    work(h);
    assert_string_equal(where(h, run), "z");
    assert_ok(h->cx, segment_has(h->cx, segment, who, &in));
    assert_true(in);
    assert_true(run_of(h, other, who) != 0);
    assert_int_equal(count_of(h, "activity",
                              arena_printf(h->arena,
                                           "subject = 'Call anna' and kind = 'call' "
                                           "and owner_id = '%s'",
                                           id_text(h->arena, sara->user_id))),
                     1);
    assert_int_equal(count_of(h, "deal", "name = 'anna: Start'"), 1);
    assert_int_equal(count_of(h, "handoff", "reason = 'Ready'"), 1);
    r = house_get(h, sara, "/notifications");
    house_expect(h, &r, 200);
    assert_true(house_has(&r, "anna: is hot"));
    r = house_json(h, admin, HTTP_GET, "/api/v1/mails", NULL);
    house_expect(h, &r, 200);
    assert_true(house_has(&r, "Hello anna"));
    for (int i = 0; i < 3; i++)
        settle(h);
    r = house_get(h, admin, arena_printf(h->arena, "/contacts/%s", id_text(h->arena, who)));
    assert_true(house_has(&r, "Hot"));
}

/* ---- webhooks ---- */
struct receiver {
    pthread_mutex_t lock;
    struct str answer;
    char request[16384];
    int calls;
};

static struct str receive(void *arg, struct str request)
{
    struct receiver *r = arg;

    pthread_mutex_lock(&r->lock);
    snprintf(r->request, sizeof r->request, "%.*s", (int)request.len, request.p);
    r->calls++;
    struct str answer = r->answer;
    pthread_mutex_unlock(&r->lock);
    return answer;
}

#define FINE STR("HTTP/1.1 204 Taken\r\n\r\n")
#define BROKEN STR("HTTP/1.1 500 Broken\r\nContent-Length: 0\r\n\r\n")
#define SECRET "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"

static enum status run_hook(struct house *h, const struct val *payload)
{
    struct ctx part = *h->cx;
    struct job_run job = { .cx = &part, .payload = payload };

    ctx_clear_error(&part);
    return flow_hook_job(&job);
}

static struct val *hook_payload(struct house *h)
{
    struct job j;
    struct val *v = NULL;

    do
        assert_ok(h->cx, queue_take(h->cx, MS_MINUTE, &j, NULL));
    while (!text_is(j.name, "flow.hook"));
    assert_ok(h->cx, json_read(h->arena, str_from(j.payload), &v, NULL));
    return v;
}

static const char *header(struct house *h, const char *request, const char *name)
{
    const char *at = strstr(request, name);

    assert_non_null(at);
    at += strlen(name) + 2;
    return arena_dup(h->arena, at, strcspn(at, "\r"));
}

static i64 hook_flow(struct house *h, int port, const char *secret)
{
    return live_flow(h,
                     arena_printf(h->arena,
                                  "{\"triggers\":[{\"id\":\"t\",\"on\":\"hand\"}],\"steps\":[{"
                                  "\"id\":\"a\",\"kind\":\"webhook\",\"url\":\"http://127.0.0.1:%d"
                                  "/hook\",\"secret\":\"%s\"}," TAG("b", "told") "]}",
                                  port, secret));
}

static void a_webhook_is_signed_and_tried_again(void **state)
{
    struct house *h = *state;
    struct receiver rc = { .lock = PTHREAD_MUTEX_INITIALIZER, .answer = BROKEN };
    struct peer *p = peer_open(receive, &rc);
    i64 flow = hook_flow(h, peer_port(p), SECRET), who = person(h, "anna", "DE"),
        run = enter(h, flow, who), seconds;
    const struct val *payload;
    const char *id, *body, *first;
    struct val *said;

    work(h);
    assert_string_equal(where(h, run), "a");
    payload = hook_payload(h);
    assert_int_equal(run_hook(h, payload), E_IO);
    work(h);
    assert_string_equal(where(h, run), "a"); /* waits for the next attempt */
    first = header(h, rc.request, "webhook-id");
    rc.answer = FINE;
    assert_int_equal(run_hook(h, payload), OK);
    id = header(h, rc.request, "webhook-id");
    assert_string_equal(id, first); /* so that the receiver knows it for the same */
    assert_true(str_i64(str_from(header(h, rc.request, "webhook-timestamp")), &seconds));
    body = strstr(rc.request, "\r\n\r\n") + 4;
    assert_string_equal(
        header(h, rc.request, "webhook-signature"),
        arena_printf(h->arena, "v1,%s", flow_hook_signature(h->cx, SECRET, id, seconds, body)));
    assert_ok(h->cx, json_read(h->arena, str_from(body), &said, NULL));
    assert_string_equal(val_get_text(said, "step"), "a");
    assert_string_equal(val_get_text(val_get(said, "contact"), "email"), "anna@x.example");
    work(h);
    assert_string_equal(where(h, run), "=end");
    assert_string_equal(row_plain(h->cx, contact(h, who), CONTACT_TAGS), "told");
    assert_int_equal(run_hook(h, payload),
                     OK); /* once more, as after a crash: nobody waits for it */
    assert_int_equal(rc.calls, 2);
    peer_close(p);
}

static void a_signature_is_the_one_of_the_standard(void **state)
{
    struct house *h = *state;

    assert_string_equal(flow_hook_signature(h->cx, SECRET, "msg_p5jXN8AQM9LWM0D4loKWxJek",
                                            1614265330, "{\"test\": 2432232314}"),
                        "g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=");
}

static void a_webhook_that_is_never_taken_shows_its_person(void **state)
{
    static const struct {
        const char *note;
        struct str answer;
        int attempts;
    } cases[] = {
        { "an error each time", BROKEN, 6 },
        { "silence", { NULL, 0 }, 1 },
    };
    struct house *h = *state;

    assert_ok(h->cx, setting_save(h->cx, "flow.hook_seconds", "1"));
    for (size_t i = 0; i < countof(cases); i++) {
        struct receiver rc = { .lock = PTHREAD_MUTEX_INITIALIZER, .answer = cases[i].answer };
        struct peer *p = peer_open(receive, &rc);
        i64 flow = hook_flow(h, peer_port(p), SECRET),
            run = enter(h, flow, person(h, arena_printf(h->arena, "w%zu", i), "DE"));
        const struct val *payload;
        struct flow_run r;
        work(h);
        payload = hook_payload(h);
        for (int n = 1; n < cases[i].attempts; n++)
            assert_int_equal(run_hook(h, payload), E_IO);
        assert_string_equal(where(h, run), "a");
        assert_int_equal(run_hook(h, payload), cases[i].attempts == 6 ? OK : E_IO);
        assert_ok(h->cx, flow_run_get(h->cx, run, &r));
        assert_int_equal(r.attempts, cases[i].attempts == 6 ? 0 : 1);
        if (cases[i].attempts == 6) {
            assert_string_equal(where(h, run), "a!");
            assert_ok(h->cx, flow_retry(h->cx, &r)); /* by hand: it is called anew */
            rc.answer = FINE;
            work(h);
            assert_int_equal(run_hook(h, hook_payload(h)), OK);
            work(h);
            assert_string_equal(where(h, run), "=end");
        }
        peer_close(p);
    }
}

/* However a secret comes, it does not lie open in the tables. */
static void a_secret_is_sealed_by_whatever_way_it_comes(void **state)
{
    struct house *h = *state;
    struct person *admin = house_user(h, "Henrik", ""),
                  *token = house_token(h, admin, "read write");
    struct web_response r = house_json(
        h, token, HTTP_POST, "/api/v1/flows",
        "{\"name\":\"Hook\",\"definition\":{\"triggers\":[{\"id\":\"t1\",\"on\":\"hand\"}],"
        "\"steps\":[{"
        "\"id\":\"s1\",\"kind\":\"webhook\",\"url\":\"https://x.example\",\"secret\":\"" SECRET
        "\"}]}}");
    const char *id, *plain, *sealed;
    struct val *def;
    struct row *flow;
    i64 n;

    house_expect(h, &r, 201);
    assert_false(house_has(&r, SECRET));
    id = val_get_text(house_val(h, &r), "id");
    assert_true(id_parse(str_from(id), &n));
    assert_ok(h->cx, record_get(h->cx, &flow_type, n, &flow));
    assert_ok(h->cx, json_read(h->arena, str_from(row_text(flow, FLOW_DEFINITION)), &def, NULL));
    sealed = val_get_text(val_at(val_get(def, "steps"), 0), "secret");
    assert_true(seal_is_sealed(sealed));
    assert_ok(h->cx, seal_open(h->cx, sealed, &plain));
    assert_string_equal(plain, SECRET);
    r = house_post(h, admin, arena_printf(h->arena, "/flows/%s/steps/s1", id),
                   "a_url=https%3A%2F%2Fx.example%2Fnew&a_secret=");
    house_expect(h, &r, 303);
    assert_ok(h->cx, record_get(h->cx, &flow_type, n, &flow));
    assert_ok(h->cx, json_read(h->arena, str_from(row_text(flow, FLOW_DEFINITION)), &def, NULL));
    assert_string_equal(val_get_text(val_at(val_get(def, "steps"), 0), "secret"), sealed);
    r = house_get(h, admin, arena_printf(h->arena, "/flows/%s?step=s1", id));
    assert_false(house_has(&r, SECRET));
}

/* ---- flows to begin with ---- */
static void begins_by_form(struct world *w) { submits_it(w); }
static void begins_by_status(struct world *w) { set(w->h, w->who, CONTACT_STATUS, "nurturing"); }
static void begins_by_deal(struct world *w) { gets_a_deal(w); }
static void field_is(struct world *w, const char *field, i64 value)
{
    struct row *r = contact(w->h, w->who);

    row_set_i64(r, type_field(&contact_type, field), value);
    assert_ok(w->h->cx, record_save(w->h->cx, r));
}
static void was_seen_long_ago(struct world *w)
{
    field_is(w, "last_seen_at", w->h->clock->fixed_ms - 89 * (i64)MS_DAY);
}
static void is_a_customer_for_eleven_months(struct world *w)
{
    set(w->h, w->who, CONTACT_LIFECYCLE, "customer");
    field_is(w, "customer_at", w->h->clock->fixed_ms - (365 - 32) * (i64)MS_DAY);
}
static void wins_a_deal(struct world *w)
{
    struct house *h = w->h;
    struct event e = { .at_ms = h->clock->fixed_ms,
                       .kind = kit_event_code(h->kit, "deal_won"),
                       .person = journey_person(h->journey, PERSON_CONTACT, (u64)w->who) };

    assert_ok(h->cx, journey_append_wait(h->cx, h->journey, &e, 1));
    assert_ok(h->cx, follow_all(h->cx));
}

static const struct {
    const char *name;
    void (*begins)(struct world *w);
    int days, mails; /* for somebody who never reacts */
    const char *tags;
    i64 tasks;
} ready[] = {
    { "welcome", begins_by_form, 20, 3, "", 0 },
    { "nurture", begins_by_status, 70, 3, "nurtured", 0 },
    { "lead_magnet", begins_by_form, 12, 3, "", 0 },
    { "webinar", begins_by_form, 14, 3, "webinar: registered", 0 },
    { "re_engagement", was_seen_long_ago, 30, 2, "silent", 0 },
    { "abandoned_quote", begins_by_deal, 30, 1, "", 1 },
    { "renewal", is_a_customer_for_eleven_months, 30, 2, "", 1 },
    { "review_request", wins_a_deal, 65, 2, "asked for review", 0 },
};

static int mails_to(struct house *h, const struct person *admin, const char *to)
{
    struct web_response r = house_json(h, admin, HTTP_GET, "/api/v1/mails", NULL);
    const struct val *data;
    int n = 0;

    house_expect(h, &r, 200);
    data = val_get(house_val(h, &r), "data");
    for (size_t i = 0; i < val_count(data); i++)
        n += text_is(val_get_text(val_at(data, i), "to"), to);
    return n;
}

/* As it is, without a change: published, begun, and gone through by somebody who never reacts. */
static void a_ready_flow_starts_and_does_its_work(void **state)
{
    struct house *h = *state;
    struct person *admin = house_token(h, house_user(h, "Henrik", ""), "read");
    struct world w = { .h = h };

    RECORD(h, "sender", "name", "S", "from_name", "S", "from_address", "n@example.com", "host",
           "smtp.example.com", "security", "tls", "is_default", "true");
    w.form = RECORD(h, "form", "name", "Demo", "slug", "demo");
    find_stages(&w);
    for (size_t i = 0; i < countof(ready); i++) {
        const char *name = arena_printf(h->arena, "r%zu", i), *at;
        struct row *row;
        i64 flow, number, run = 0;
        int mails;
        w.who = person(h, name, "DE");
        set(h, w.who, CONTACT_LIFECYCLE, "lead");
        assert_ok(h->cx, flow_make_ready(h->cx, ready[i].name, &flow));
        if (flow_publish(h->cx, flow, false, &number) != OK)
            fail_msg("%s: %s", ready[i].name, h->cx->error_text);
        ready[i].begins(&w);
        for (int day = 0; day < ready[i].days; day++) {
            assert_ok(h->cx, flow_dates(h->cx));
            run = run ? run : run_of(h, flow, w.who);
            later(h, MS_DAY);
        }
        at = run ? where(h, run) : "nowhere";
        mails = mails_to(h, admin, arena_printf(h->arena, "%s@x.example", name));
        if (!text_is(at, "=end"))
            fail_msg("%s: at %s", ready[i].name, at);
        if (mails != ready[i].mails)
            fail_msg("%s: %d mails, want %d", ready[i].name, mails, ready[i].mails);
        if (!text_is(row_plain(h->cx, contact(h, w.who), CONTACT_TAGS), ready[i].tags))
            fail_msg("%s: tags %s", ready[i].name,
                     row_plain(h->cx, contact(h, w.who), CONTACT_TAGS));
        assert_int_equal(count_of(h, "activity",
                                  arena_printf(h->arena, "contact_id = '%s' and kind = 'call'",
                                               id_text(h->arena, w.who))),
                         ready[i].tasks);
        assert_ok(h->cx, record_get(h->cx, &flow_type, flow, &row));
        assert_ok(h->cx, flow_set_status(h->cx, row, "archived"));
        h->clock->fixed_ms = HOUSE_NOW;
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        IN_BOTH_HOUSES(whatever_happens_starts_ends_and_is_waited_for, NULL),
        IN_BOTH_HOUSES(a_step_may_bring_its_own_goal_about, NULL),
        IN_BOTH_HOUSES(two_flows_of_one_person_hear_each_other, NULL),
        IN_BOTH_HOUSES(steps_leave_behind_what_they_say, NULL),
        IN_BOTH_HOUSES(a_webhook_is_signed_and_tried_again, NULL),
        IN_SQLITE_HOUSE(a_signature_is_the_one_of_the_standard, NULL),
        IN_BOTH_HOUSES(a_webhook_that_is_never_taken_shows_its_person, NULL),
        IN_BOTH_HOUSES(a_secret_is_sealed_by_whatever_way_it_comes, NULL),
        IN_BOTH_HOUSES(a_ready_flow_starts_and_does_its_work, NULL),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
