/* broadcast_test.c -- a broadcast from draft to its last mail: who gets it, when, which variant,
 * what each verb does in each state, what a crash in the middle leaves behind, and that it does not
 * claim to be finished before it is. On both engines. */
#include "base/id.h"
#include "base/json.h"
#include "bridge/consent.h"
#include "bridge/contact.h"
#include "bridge/segment.h"
#include "mail/content.h"
#include "mail/delivery.h"
#include "mail/mail.h"
#include "mail/sender.h"
#include "mail/view.h"
#include "marketing/broadcast_int.h"
#include "marketing/browse.h"
#include "store/queue.h"
#include "support/sink.h"
#include <stdatomic.h>
#include <stdlib.h>
#include <time.h>

/* ---- the world: a topic, a sender, a content, people who agreed ---- */

struct world {
    struct house *h;
    struct ctx *cx;
    struct person *clara;
    i64 topic, sender, content, segment;
    i64 *people;
    size_t count;
};

static i64 saved(struct ctx *cx, const char *type, const char *const *pairs)
{
    struct row *r = row_new(cx, type_find(cx, type));

    for (; *pairs; pairs += 2) {
        int field = type_field(row_type(r), pairs[0]);
        assert_true(field >= 0);
        if (row_parse(cx, r, field, pairs[1]) != OK)
            fail_msg("%s: %s", pairs[0], cx->field_errors->message);
    }
    if (record_save(cx, r) != OK)
        fail_msg("%s", cx->field_errors ? cx->field_errors->message : cx->error_text);
    return row_id(r);
}
#define SAVED(cx, type, ...) saved((cx), (type), (const char *const[]){ __VA_ARGS__, NULL })
#define ID(id) id_text(h->arena, (id))

static i64 content_made(struct ctx *cx, const char *subject)
{
    struct row *r = row_new(cx, &mail_content_type);

    row_set_text(r, CONTENT_NAME, subject);
    row_set_text(r, CONTENT_SUBJECT, subject);
    row_set_text(r, CONTENT_BLOCKS,
                 "{\"version\":1,\"blocks\":[{\"type\":\"text\",\"html\":\"<p>Hello "
                 "{{contact.first_name|there}}, <a href=\\\"https://alder.example/news\\\">read "
                 "on</a></p>\"}]}");
    row_set_text(r, CONTENT_STATUS, "published");
    assert_ok(cx, record_save(cx, r));
    return row_id(r);
}

static i64 agreed(struct world *w, const char *email, const char *zone, const char *country)
{
    struct row *r = row_new(w->cx, &contact_type);

    row_set_text(r, CONTACT_EMAIL, email);
    row_set_text(r, CONTACT_TIMEZONE, zone);
    row_set_text(r, CONTACT_COUNTRY, country);
    assert_ok(w->cx, record_save(w->cx, r));
    assert_ok(w->cx, consent_give(w->cx,
                                  &(struct consent_evidence){ .contact_id = row_id(r),
                                                              .topic_id = w->topic,
                                                              .source = "form",
                                                              .wording = "Yes",
                                                              .confirmed = true },
                                  NULL));
    assert_ok(w->cx, segment_add(w->cx, w->segment, row_id(r)));
    return row_id(r);
}

static struct world world_of(void **state, size_t people)
{
    struct house *h = *state;
    struct world w = { .h = h, .cx = h->cx, .clara = house_user(h, "Clara", "") };

    SAVED(w.cx, "brand", "name", "Alder", "address", "Mill Lane 1", "is_default", "true");
    assert_ok(w.cx, topic_by_slug(w.cx, "newsletter", &w.topic));
    w.sender = SAVED(w.cx, "sender", "name", "News", "from_address", "news@alder.example", "host",
                     "smtp.alder.example");
    w.content = content_made(w.cx, "Harvest news");
    w.segment = SAVED(w.cx, "segment", "name", "Readers", "slug", "readers", "kind", "static");
    w.people = NEW_N(h->arena, i64, people + 1);
    for (; w.count < people; w.count++)
        w.people[w.count] =
            agreed(&w, arena_printf(h->arena, "reader%zu@example.com", w.count), "", "");
    return w;
}

static i64 broadcast_made(struct world *w, const char *const *more)
{
    struct house *h = w->h;
    struct row *r = row_new(w->cx, &broadcast_type);
    const char *const usual[] = { "name",     "Harvest news", "content_id", ID(w->content),
                                  "topic_id", ID(w->topic),   "sender_id",  ID(w->sender),
                                  "segments", "readers",      "owner_id",   ID(w->clara->user_id),
                                  NULL };

    for (const char *const *p = usual; *p; p += 2)
        assert_ok(w->cx, row_parse(w->cx, r, type_field(&broadcast_type, p[0]), p[1]));
    for (; more && *more; more += 2)
        assert_ok(w->cx, row_parse(w->cx, r, type_field(&broadcast_type, more[0]), more[1]));
    if (record_save(w->cx, r) != OK)
        fail_msg("%s", w->cx->field_errors ? w->cx->field_errors->message : w->cx->error_text);
    return row_id(r);
}
#define BROADCAST(w, ...) \
    broadcast_made((w), (const char *const[]){ __VA_ARGS__ __VA_OPT__(, ) NULL })

static struct row *the(struct world *w, i64 id)
{
    struct row *r;

    assert_ok(w->cx, record_get(w->cx, &broadcast_type, id, &r));
    return r;
}
static const char *state_of(struct world *w, i64 id)
{
    return row_text(the(w, id), BROADCAST_STATUS);
}

static struct web_response ask(struct world *w, i64 id, const char *verb, const char *body)
{
    return house_json(
        w->h, w->clara, HTTP_POST,
        arena_printf(w->h->arena, "/api/v1/broadcasts/%s/%s", id_text(w->h->arena, id), verb),
        body);
}

static i64 counted(struct world *w, i64 id)
{
    struct web_response r = ask(w, id, "check", "{}");

    house_expect(w->h, &r, 200);
    return val_get_i64(val_get(house_val(w->h, &r), "counted"), "recipients", -1);
}

static void scheduled(struct world *w, i64 id)
{
    i64 n = counted(w, id);
    struct web_response r = ask(
        w, id, "schedule", arena_printf(w->h->arena, "{\"recipients\":\"%lld\"}", (long long)n));

    if (r.status != 200)
        fail_msg("%d: %.*s", r.status, (int)r.body.len, r.body.p);
}

/* The background: jobs that are due, until none is. E_IO of a failed step is a crash: the job's
 * lease runs out, and another takes it. */
static bool run_due(struct world *w)
{
    bool whole = true;

    for (int i = 0; i < 2000; i++) {
        scoped(arena_close) struct arena *a = arena_new(64 * 1024);
        struct ctx cx = *w->cx;
        struct job job;
        struct val *payload;
        cx.arena = a;
        ctx_clear_error(&cx);
        {
            scoped(tx_end) struct tx tx = tx_begin(&cx);
            enum status s = queue_take(&cx, MS_MINUTE, &job, NULL);
            if (s == E_NOT_FOUND)
                return whole;
            if (s != OK || tx_commit(&tx) != OK)
                return false;
        }
        if (strncmp(job.name, "broadcast.", 10) == 0) {
            struct job_run run = { .cx = &cx };
            assert_ok(&cx, json_read(a, str_from(job.payload), &payload, NULL));
            run.payload = payload;
            if (kit_job(w->h->kit, job.name)->run(&run) != OK) {
                whole = false;
                return false;
            }
        }
        if (queue_done(&cx, job.id) != OK)
            return false;
    }
    fail_msg("jobs without end");
    return false;
}

static void run_all(struct world *w)
{
    if (!run_due(w))
        fail_msg("a job failed: %s", w->cx->error_text ? w->cx->error_text : "");
}

static void pass(struct world *w, i64 ms)
{
    w->h->clock->fixed_ms += ms;
    run_all(w);
}

static i64 number(struct world *w, const char *sql_text)
{
    struct sql q = sql_new(w->cx);
    i64 n;

    sql_add(&q, sql_text);
    scoped(stmt_close) struct stmt s = db_query_sql(w->cx, &q);
    assert_true(stmt_next(&s));
    n = col_i64(&s, 0);
    while (stmt_next(&s))
        ;
    assert_ok(w->cx, stmt_status(&s));
    return n;
}
#define NUMBER(w, ...) number((w), arena_printf((w)->h->arena, __VA_ARGS__))

/* What delivery does: mails in state `from` become `to`. */
static void mails(struct world *w, i64 id, int from, int to, i64 most)
{
    struct sql q = sql_new(w->cx);

    sql_addf(&q,
             "UPDATE mail_message SET state = %d, sent_at = %lld WHERE id IN (SELECT id FROM "
             "mail_message WHERE source = 'broadcast' AND source_id = %lld AND state = %d ORDER BY "
             "id LIMIT %lld)",
             to, (long long)w->h->clock->fixed_ms, (long long)id, from, (long long)most);
    scoped(tx_end) struct tx tx = tx_begin(w->cx);
    assert_ok(w->cx, db_run_sql(w->cx, &q, NULL));
    assert_ok(w->cx, tx_commit(&tx));
}
static i64 mails_of(struct world *w, i64 id)
{
    return NUMBER(
        w, "SELECT count(*) FROM mail_message WHERE source = 'broadcast' AND source_id = %lld",
        (long long)id);
}

static void happens(struct world *w, const char *name, i64 broadcast, i64 contact, const char *url,
                    bool machine)
{
    struct val *props = val_map(w->h->arena);

    val_put_text(props, "source", "broadcast");
    val_put_text(props, "source_id", id_text(w->h->arena, broadcast));
    val_put_bool(props, "machine", machine);
    if (url)
        val_put_text(props, "url", url);
    assert_ok(w->cx, happen(w->cx, &(struct happening){
                                       .name = name, .contact_id = contact, .props = props }));
}

/* ---- who gets it ---- */

static void only_who_may_be_written_to_gets_it(void **state)
{
    struct world w = world_of(state, 10);
    struct house *h = w.h;
    i64 id, other;
    struct web_response r;

    assert_ok(w.cx, consent_withdraw(w.cx, &(struct consent_evidence){ .contact_id = w.people[0],
                                                                       .topic_id = w.topic,
                                                                       .source = "preference" }));
    assert_ok(w.cx, suppression_add(w.cx, "reader1@example.com", "hard_bounce", "550", 0));
    other = SAVED(w.cx, "segment", "name", "Rivals", "slug", "rivals", "kind", "static");
    assert_ok(w.cx, segment_add(w.cx, other, w.people[2]));
    i64 silent = SAVED(w.cx, "contact", "first_name", "No", "last_name", "Address");
    assert_ok(w.cx, segment_add(w.cx, w.segment, silent));
    i64 second = SAVED(w.cx, "segment", "name", "More", "slug", "more", "kind", "static");
    assert_ok(w.cx, segment_add(w.cx, second, w.people[5])); /* in two: gets one */
    i64 only_there = agreed(&w, "more@example.com", "", "");
    assert_ok(w.cx, segment_remove(w.cx, w.segment, only_there));
    assert_ok(w.cx, segment_add(w.cx, second, only_there));
    id = BROADCAST(&w, "segments", "readers, more", "except_segments", "rivals");
    assert_int_equal(counted(&w, id), 8);
    r = house_get(h, w.clara, arena_printf(h->arena, "/broadcasts/%s/check", ID(id)));
    house_expect(h, &r, 200);
    assert_true(house_has(&r, "In a segment that is left out"));
    assert_true(house_has(&r, "No mail address"));
    assert_true(house_has(&r, "The address does not exist any more"));
    assert_true(house_has(&r, "Send to 8 people"));

    r = ask(&w, id, "schedule", "{\"recipients\":\"80\"}");
    house_expect(h, &r, 422);
    assert_true(house_has(&r, "broadcast.confirm"));
    scheduled(&w, id);
    run_all(&w);
    assert_string_equal(state_of(&w, id), "sending");
    assert_int_equal(mails_of(&w, id), 8);
    assert_int_equal(row_i64(the(&w, id), BROADCAST_RECIPIENTS), 8);
    assert_int_equal(row_i64(the(&w, id), BROADCAST_SKIPPED), 4);
    mails(&w, id, MAIL_WAITING, MAIL_SENT, 100);
    pass(&w, MS_MINUTE);
    assert_string_equal(state_of(&w, id), "finished");
    assert_int_equal(row_i64(the(&w, id), BROADCAST_DELIVERED), 8);
    r = house_get(h, w.clara, arena_printf(h->arena, "/broadcasts/%s", ID(id)));
    house_expect(h, &r, 200);
    r = house_get(h, w.clara,
                  arena_printf(h->arena, "/broadcasts/%s/people?which=skipped", ID(id)));
    house_expect(h, &r, 200);
    assert_true(house_has(&r, "Did not agree to the topic"));
    r = house_get(h, w.clara, arena_printf(h->arena, "/broadcasts/%s/people.csv", ID(id)));
    house_expect(h, &r, 200);
    assert_true(house_has(&r, "reader9@example.com"));
}

/* ---- the end ---- */

static void it_is_finished_when_its_last_mail_is(void **state)
{
    static const struct {
        const char *note;
        int mail;
        const char *state;
    } cases[] = {
        { "one waits", MAIL_WAITING, "sending" },
        { "one is being sent", MAIL_SENDING, "sending" },
        { "one was put off", MAIL_DEFERRED, "sending" },
        { "of one nobody knows", MAIL_UNSURE, "sending" },
        { "one bounced", MAIL_BOUNCED, "finished" },
        { "one failed", MAIL_FAILED, "finished" },
        { "one was skipped", MAIL_SKIPPED, "finished" },
    };
    struct world w = world_of(state, 6);

    for (size_t i = 0; i < countof(cases); i++) {
        i64 id = BROADCAST(&w);
        scheduled(&w, id);
        run_all(&w);
        mails(&w, id, MAIL_WAITING, MAIL_SENT, 5);
        mails(&w, id, MAIL_WAITING, cases[i].mail, 1);
        pass(&w, 10 * (i64)MS_MINUTE);
        if (strcmp(state_of(&w, id), cases[i].state) != 0)
            fail_msg("%s: %s", cases[i].note, state_of(&w, id));
        if (strcmp(cases[i].state, "sending") != 0)
            continue;
        mails(&w, id, cases[i].mail, MAIL_SENT, 1);
        pass(&w, 10 * (i64)MS_MINUTE);
        assert_string_equal(state_of(&w, id), "finished");
        assert_int_equal(row_i64(the(&w, id), BROADCAST_BOUNCED), 0);
    }
}

/* ---- verbs ---- */

static void into(struct world *w, i64 id, enum broadcast_state s)
{
    struct web_response r;

    if (s == BROADCAST_DRAFT)
        return;
    scheduled(w, id);
    if (s == BROADCAST_SCHEDULED)
        return;
    if (s == BROADCAST_CANCELLED) {
        r = ask(w, id, "cancel", "{}");
        house_expect(w->h, &r, 200);
        return;
    }
    run_all(w);
    if (s == BROADCAST_PAUSED) {
        r = ask(w, id, "pause", "{}");
        house_expect(w->h, &r, 200);
    }
    if (s == BROADCAST_FINISHED) {
        mails(w, id, MAIL_WAITING, MAIL_SENT, 100);
        pass(w, MS_MINUTE);
    }
    assert_string_equal(state_of(w, id), broadcast_state_word(s));
}

/* ---- with a mail server that is often busy ---- */

/* 450 to a third of the recipients the first two times; 421 now and then. */
struct moody {
    atomic_int seen[256], asked;
};
static const char *moody_says(void *arg, enum sink_at at, const char *text)
{
    struct moody *m = arg;

    if (at != SINK_RCPT && at != SINK_END)
        return NULL;
    int n = atoi(text + strlen("reader"));
    if (atomic_fetch_add(&m->asked, 1) % 23 == 22)
        return "421 4.7.0 try again later";
    return at == SINK_RCPT && n % 3 == 0 && atomic_fetch_add(&m->seen[n], 1) < 2
               ? "450 4.2.0 greylisted"
               : NULL;
}

static struct row *server_of(struct world *w, int port)
{
    struct row *sender;

    assert_ok(w->cx, record_get(w->cx, &sender_type, w->sender, &sender));
    row_set_text(sender, SENDER_HOST, "127.0.0.1");
    row_set_i64(sender, SENDER_PORT, port);
    row_set_text(sender, SENDER_SECURITY, "none");
    assert_ok(w->cx, record_save(w->cx, sender));
    return sender;
}

static void it_waits_for_what_a_busy_server_puts_off(void **state)
{
    enum { PEOPLE = 60 };
    struct moody moody = { .asked = 0 };
    struct sink *sink = sink_open(&(struct sink_options){ .says = moody_says, .arg = &moody });
    struct world w = world_of(state, PEOPLE);
    struct val *payload = val_map(w.h->arena);
    struct delivery *delivery;
    bool was_put_off = false;
    i64 counts[MAIL_STATES];

    assert_ok(w.cx, setting_save(w.cx, "mail.retry_seconds", "0"));
    (void)server_of(&w, sink_port(sink));
    i64 id = BROADCAST(&w);
    scheduled(&w, id);
    struct delivery_options o = { .kit = w.h->kit,
                                  .store = w.h->t->store,
                                  .writer = w.h->writer,
                                  .journey = w.h->journey,
                                  .clock = w.h->clock };
    assert_ok(w.cx, delivery_start(w.cx, &o, &delivery));
    val_put_text(payload, "broadcast", id_text(w.h->arena, id));
    for (int i = 0; i < 2000 && !text_is(state_of(&w, id), "finished"); i++) {
        assert_ok(w.cx, mail_counts(w.cx, "broadcast", id, -1, counts));
        was_put_off |= counts[MAIL_DEFERRED] > 0;
        if (kit_job(w.h->kit, "broadcast.run")
                ->run(&(struct job_run){ .cx = w.cx, .payload = payload }) != OK)
            ctx_clear_error(w.cx); /* lost against delivery on PostgreSQL: a job runs again */
        if (text_is(state_of(&w, id), "finished"))
            assert_int_equal(sink_different(sink), PEOPLE); /* not before it is */
        w.h->clock->fixed_ms += MS_SECOND;
        delivery_wake(delivery);
        nanosleep(&(struct timespec){ 0, 5 * 1000 * 1000 }, NULL);
    }
    assert_string_equal(state_of(&w, id), "finished");
    assert_true(was_put_off);
    assert_int_equal(sink_most_by(sink), 1);
    assert_ok(w.cx, mail_counts(w.cx, "broadcast", id, -1, counts));
    assert_int_equal(counts[MAIL_SENT], PEOPLE);
    assert_int_equal(row_i64(the(&w, id), BROADCAST_BOUNCED), 0);
    assert_int_equal(row_i64(the(&w, id), BROADCAST_DELIVERED), PEOPLE);
    assert_true(delivery_stop(delivery, 10000));
    sink_close(sink);
}

static void each_verb_says_what_it_may(void **state)
{
    static const enum broadcast_verb said[] = { VERB_UNSCHEDULE, VERB_PAUSE, VERB_RESUME,
                                                VERB_CANCEL, VERB_RESEND };
    struct world w = world_of(state, 3);

    for (int s = 0; s < BROADCAST_STATES; s++)
        for (size_t i = 0; i < countof(said); i++) {
            i64 id = BROADCAST(&w);
            enum broadcast_state to = (enum broadcast_state)s;
            into(&w, id, (enum broadcast_state)s);
            bool may = broadcast_may((enum broadcast_state)s, said[i], &to);
            struct web_response r =
                ask(&w, id, broadcast_verb_word(said[i]), "{\"subject\":\"Once more\"}");
            int want = !may ? 409 : said[i] == VERB_RESEND ? 201 : 200;
            if (r.status != want)
                fail_msg("%s in %s: %d", broadcast_verb_word(said[i]), broadcast_state_word(s),
                         r.status);
            assert_string_equal(state_of(&w, id),
                                broadcast_state_word(may ? to : (enum broadcast_state)s));
        }
}

static void pause_and_cancel_stop_what_is_not_sent(void **state)
{
    struct world w = world_of(state, 8);
    i64 id = BROADCAST(&w), counts[MAIL_STATES];
    struct web_response r;

    scheduled(&w, id);
    run_all(&w);
    mails(&w, id, MAIL_WAITING, MAIL_SENT, 3);
    r = ask(&w, id, "pause", "{}");
    house_expect(w.h, &r, 200);
    pass(&w, MS_HOUR);
    assert_ok(w.cx, mail_counts(w.cx, "broadcast", id, -1, counts));
    assert_int_equal(counts[MAIL_HELD], 5);
    assert_string_equal(state_of(&w, id), "paused");
    r = ask(&w, id, "resume", "{}");
    house_expect(w.h, &r, 200);
    assert_ok(w.cx, mail_counts(w.cx, "broadcast", id, -1, counts));
    assert_int_equal(counts[MAIL_WAITING], 5);
    r = ask(&w, id, "cancel", "{}");
    house_expect(w.h, &r, 200);
    pass(&w, MS_HOUR);
    assert_ok(w.cx, mail_counts(w.cx, "broadcast", id, -1, counts));
    assert_int_equal(counts[MAIL_SENT], 3);
    assert_int_equal(counts[MAIL_SKIPPED], 5);
    assert_string_equal(state_of(&w, id), "cancelled");
}

static void what_is_scheduled_stands_still(void **state)
{
    struct world w = world_of(state, 2);
    struct house *h = w.h;
    i64 id = BROADCAST(&w);
    struct web_response r;
    const char *path = arena_printf(h->arena, "/api/v1/broadcasts/%s", ID(id));

    scheduled(&w, id);
    r = house_json(h, w.clara, HTTP_PATCH, path, "{\"subject\":\"Other\"}");
    house_expect(h, &r, 422);
    assert_true(house_has(&r, "broadcast.frozen"));
    r = house_json(h, w.clara, HTTP_PATCH, path, "{\"name\":\"Other name\",\"in_archive\":true}");
    house_expect(h, &r, 200);
    r = house_json(h, w.clara, HTTP_DELETE, path, NULL);
    house_expect(h, &r, 409);
    r = house_json(h, w.clara, HTTP_PATCH, path, "{\"status\":\"finished\"}");
    assert_string_equal(state_of(&w, id), "scheduled");
}

/* ---- when ---- */

static void nine_o_clock_comes_round_the_earth(void **state)
{
    struct world w = world_of(state, 1);
    i64 tokyo = agreed(&w, "tokyo@example.com", "Asia/Tokyo", "United States");
    i64 delhi = agreed(&w, "delhi@example.com", "", "India");
    i64 york = agreed(&w, "york@example.com", "America/New_York", "");
    i64 texas = agreed(&w, "texas@example.com", "", "United States"); /* which of its zones? ours */
    i64 id = BROADCAST(&w, "schedule", "local", "send_at", "2026-11-25T09:00:00Z");
    struct {
        const char *at;
        i64 mails;
    } steps[] = {
        { "2026-11-24T18:59:00Z", 0 }, { "2026-11-24T23:59:00Z", 0 }, { "2026-11-25T00:01:00Z", 1 },
        { "2026-11-25T03:31:00Z", 2 }, { "2026-11-25T09:01:00Z", 4 }, { "2026-11-25T13:59:00Z", 4 },
        { "2026-11-25T14:01:00Z", 5 },
    };

    (void)tokyo, (void)delhi, (void)york, (void)texas;
    assert_ok(w.cx, setting_save(w.cx, "workspace.zone", "UTC"));
    scheduled(&w, id);
    for (size_t i = 0; i < countof(steps); i++) {
        i64 ms;
        assert_true(time_parse(str_from(steps[i].at), &ms));
        w.h->clock->fixed_ms = ms;
        run_all(&w);
        if (mails_of(&w, id) != steps[i].mails)
            fail_msg("%s: %lld mails", steps[i].at, (long long)mails_of(&w, id));
    }
    mails(&w, id, MAIL_WAITING, MAIL_SENT, 10);
    pass(&w, MS_MINUTE);
    assert_string_equal(state_of(&w, id), "finished");
}

static void no_more_an_hour_than_was_said(void **state)
{
    struct world w = world_of(state, 40);
    i64 id = BROADCAST(&w, "per_hour", "20"), at_start;

    scheduled(&w, id);
    run_all(&w);
    at_start = mails_of(&w, id);
    assert_true(at_start >= 1 && at_start <= 2);
    for (int minute = 0; minute < 60; minute++)
        pass(&w, MS_MINUTE);
    assert_true(mails_of(&w, id) >= 19 && mails_of(&w, id) <= 22);
    for (int minute = 0; minute < 60; minute++)
        pass(&w, MS_MINUTE);
    assert_int_equal(mails_of(&w, id), 40);
}

/* ---- A/B ---- */

static void the_rest_gets_the_winner(void **state)
{
    struct world w = world_of(state, 200);
    struct house *h = w.h;
    i64 id = BROADCAST(&w, "ab_test", "subject", "subject", "First", "subject_b", "Second",
                       "test_percent", "50", "winner_by", "clicks", "winner_hours", "4");
    i64 a, b;
    struct web_response r;

    scheduled(&w, id);
    run_all(&w);
    a = NUMBER(&w, "SELECT count(*) FROM mail_message WHERE source_id = %lld AND subject = 'First'",
               (long long)id);
    b = NUMBER(&w,
               "SELECT count(*) FROM mail_message WHERE source_id = %lld AND subject = 'Second'",
               (long long)id);
    assert_int_equal(a, 50);
    assert_int_equal(b, 50);
    mails(&w, id, MAIL_WAITING, MAIL_SENT, 1000);
    pass(&w, MS_MINUTE); /* the last one has gone: the hours begin */
    assert_int_equal(mails_of(&w, id), 100);
    assert_string_equal(state_of(&w, id), "sending");
    for (i64 v = 0; v < 2; v++) { /* 5 of A click, 25 of B */
        scoped(stmt_close) struct stmt q = (struct stmt){ 0 };
        i64 ids[64];
        size_t n = 0;
        struct sql sql = sql_new(w.cx);
        sql_addf(
            &sql,
            "SELECT contact_id FROM broadcast_recipient WHERE broadcast_id = %lld AND state = 1 "
            "AND variant = %lld ORDER BY contact_id LIMIT %d",
            (long long)id, (long long)v, v ? 25 : 5);
        q = db_query_sql(w.cx, &sql);
        while (stmt_next(&q))
            ids[n++] = col_i64(&q, 0);
        assert_ok(w.cx, stmt_status(&q));
        stmt_close(&q);
        for (size_t i = 0; i < n; i++)
            happens(&w, "mail.clicked", id, ids[i], "https://alder.example/news", false);
    }
    pass(&w, 3 * (i64)MS_HOUR);
    assert_int_equal(mails_of(&w, id), 100);
    pass(&w, 2 * (i64)MS_HOUR);
    assert_int_equal(mails_of(&w, id), 200);
    assert_string_equal(row_text(the(&w, id), BROADCAST_WINNER), "B");
    assert_non_null(strstr(row_text(the(&w, id), BROADCAST_WHY), "significant (p = 0.000)"));
    assert_int_equal(
        NUMBER(&w,
               "SELECT count(*) FROM mail_message WHERE source_id = %lld AND subject = "
               "'Second'",
               (long long)id),
        150);
    mails(&w, id, MAIL_WAITING, MAIL_SENT, 1000);
    pass(&w, MS_MINUTE);
    assert_string_equal(state_of(&w, id), "finished");
    r = house_get(h, w.clara, arena_printf(h->arena, "/broadcasts/%s", ID(id)));
    house_expect(h, &r, 200);
    assert_true(house_has(&r, "significant"));
    assert_true(house_has(&r, "https://alder.example/news"));
}

static void a_person_may_choose(void **state)
{
    struct world w = world_of(state, 20);
    i64 id = BROADCAST(&w, "ab_test", "subject", "subject", "First", "subject_b", "Second",
                       "subject_c", "Third", "test_percent", "30", "winner_by", "hand");
    struct web_response r;

    scheduled(&w, id);
    run_all(&w);
    assert_int_equal(mails_of(&w, id), 6);
    mails(&w, id, MAIL_WAITING, MAIL_SENT, 1000);
    pass(&w, 20 * (i64)MS_HOUR);
    assert_int_equal(mails_of(&w, id), 6);
    assert_string_equal(state_of(&w, id), "sending");
    r = ask(&w, id, "winner", "{\"variant\":\"D\"}");
    house_expect(w.h, &r, 422);
    r = ask(&w, id, "winner", "{\"variant\":\"C\"}");
    house_expect(w.h, &r, 200);
    run_all(&w);
    assert_int_equal(
        NUMBER(&w,
               "SELECT count(*) FROM mail_message WHERE source_id = %lld AND subject = "
               "'Third'",
               (long long)id),
        16);
    r = ask(&w, id, "winner", "{\"variant\":\"A\"}");
    house_expect(w.h, &r, 409);
}

/* ---- what they did ---- */

static void what_people_did_is_told_apart_from_programs(void **state)
{
    struct world w = world_of(state, 10);
    i64 id = BROADCAST(&w), again;
    struct row *r;
    struct web_response answer;

    scheduled(&w, id);
    run_all(&w);
    mails(&w, id, MAIL_WAITING, MAIL_SENT, 100);
    for (int i = 0; i < 6; i++)
        happens(&w, "mail.opened", id, w.people[i], NULL, true);
    happens(&w, "mail.opened", id, w.people[0], NULL, false);
    happens(&w, "mail.opened", id, w.people[0], NULL, false);
    happens(&w, "mail.clicked", id, w.people[1], "https://alder.example/a", false);
    happens(&w, "mail.clicked", id, w.people[1], "https://alder.example/a", false);
    happens(&w, "mail.clicked", id, w.people[2], "https://alder.example/b", true);
    happens(&w, "mail.unsubscribed", id, w.people[3], NULL, false);
    happens(&w, "mail.replied", id, w.people[4], NULL, false);
    SAVED(w.cx, "deal", "name", "After the click", "contact_id", id_text(w.h->arena, w.people[1]),
          "amount", "1200 EUR");
    SAVED(w.cx, "deal", "name", "Without one", "contact_id", id_text(w.h->arena, w.people[0]));
    pass(&w, MS_MINUTE);
    r = the(&w, id);
    assert_string_equal(state_of(&w, id), "finished");
    assert_int_equal(row_i64(r, BROADCAST_OPENED), 2);
    assert_int_equal(row_i64(r, BROADCAST_CLICKED), 1);
    assert_int_equal(row_i64(r, BROADCAST_LEFT), 1);
    assert_int_equal(row_i64(r, BROADCAST_OPEN_RATE), 200); /* 20.0% */
    answer = house_json(
        w.h, w.clara, HTTP_GET,
        arena_printf(w.h->arena, "/api/v1/broadcasts/%s/results", id_text(w.h->arena, id)), NULL);
    house_expect(w.h, &answer, 200);
    const struct val *all = val_get(house_val(w.h, &answer), "all");
    assert_int_equal(val_get_i64(all, "opened_by_programs", 0), 4);
    assert_int_equal(val_get_i64(all, "clicks", 0), 2);
    assert_int_equal(val_get_i64(all, "deals", 0), 1);
    assert_int_equal(val_get_i64(all, "converted", 0), 1);
    assert_int_equal(val_get_i64(all, "replied", 0), 1);

    /* The eight who did not open it, once more; the one who unsubscribed since is asked for. */
    assert_ok(w.cx, consent_withdraw(w.cx, &(struct consent_evidence){ .contact_id = w.people[3],
                                                                       .topic_id = w.topic,
                                                                       .source = "one_click" }));
    answer = ask(&w, id, "resend", "{\"subject\":\"Did you see it?\"}");
    house_expect(w.h, &answer, 201);
    assert_true(id_parse(str_from(val_get_text(house_val(w.h, &answer), "id")), &again));
    scheduled(&w, again);
    run_all(&w);
    assert_int_equal(mails_of(&w, again), 7);
    assert_int_equal(
        NUMBER(&w,
               "SELECT count(*) FROM mail_message WHERE source_id = %lld AND subject = "
               "'Did you see it?'",
               (long long)again),
        7);
}

/* ---- in public ---- */

static void the_archive_shows_what_was_sent_without_names(void **state)
{
    struct world w = world_of(state, 2);
    struct house *h = w.h;
    i64 id = BROADCAST(&w, "in_archive", "true", "subject", "Buds in March");
    i64 hidden = BROADCAST(&w, "name", "Not for all", "subject", "Only for readers");
    struct web_response r = house_get(h, NULL, "/m/newsletter");

    assert_false(house_has(&r, "Buds in March"));
    scheduled(&w, id);
    scheduled(&w, hidden);
    run_all(&w);
    r = house_get(h, NULL, "/m/newsletter");
    house_expect(h, &r, 200);
    assert_true(house_has(&r, "/m/newsletter/harvest-news"));
    assert_true(house_has(&r, "Buds in March"));
    assert_true(house_has(&r, "23 November 2026"));
    assert_false(house_has(&r, "Only for readers"));
    r = house_get(h, NULL, "/m/newsletter/harvest-news");
    house_expect(h, &r, 200);
    assert_true(house_has(&r, "Hello there"));
    assert_string_equal(web_response_header(&r, "X-Robots-Tag"), "noindex");
    r = house_get(h, NULL, "/m/newsletter/not-for-all");
    house_expect(h, &r, 404);
    r = house_get(h, NULL, "/m/offers/harvest-news"); /* of another topic */
    house_expect(h, &r, 404);
}

static void a_mail_in_a_browser_is_its_readers_alone(void **state)
{
    struct world w = world_of(state, 1);
    struct house *h = w.h;
    i64 id = BROADCAST(&w), message;
    const char *url, *path;
    char *other;
    struct row *reader;
    struct web_response r;

    assert_ok(w.cx, setting_save(w.cx, "workspace.public_url", "https://crm.example"));
    assert_ok(w.cx, record_get(w.cx, &contact_type, w.people[0], &reader));
    row_set_text(reader, CONTACT_FIRST, "Grete");
    assert_ok(w.cx, record_save(w.cx, reader));
    scheduled(&w, id);
    run_all(&w);
    message = NUMBER(&w, "SELECT id FROM mail_message WHERE source_id = %lld", (long long)id);
    url = mail_view_url(w.cx, message);
    path = strstr(url, "/m/v/");
    assert_non_null(path);
    r = house_get(h, NULL, path);
    house_expect(h, &r, 200);
    assert_true(house_has(&r, "Hello Grete"));
    other = arena_text(h->arena, path);
    other[strlen(other) - 1] = other[strlen(other) - 1] == '0' ? '1' : '0';
    r = house_get(h, NULL, other);
    house_expect(h, &r, 404);
    other = arena_text(h->arena, path);
    other[8] = other[8] == '1' ? '2' : '1'; /* another mail's number with this proof */
    r = house_get(h, NULL, other);
    house_expect(h, &r, 404);
}

/* ---- crashes ---- */

/* Fails the nth database step of settling, drawing and handing over, for each n, and goes on after
 * it as another process would: nobody is missed, nobody gets two. */
static void a_crash_doubles_and_misses_nobody(void **state)
{
    struct world w = world_of(state, 12);
    bool failed = true;

    for (u64 n = 1; failed; n += n < 40 ? 1 : 37) {
        i64 id = BROADCAST(&w, "ab_test", "subject", "subject", "First", "subject_b", "Second",
                           "test_percent", "100");
        scheduled(&w, id);
        db_store_fail_at(w.h->t->store, n);
        bool whole = run_due(&w);
        failed = db_store_has_failed(w.h->t->store);
        db_store_fail_at(w.h->t->store, 0);
        assert_true(whole || failed);
        ctx_clear_error(w.cx);
        for (int i = 0; i < 4; i++) /* leases run out, back-offs pass */
            pass(&w, 3 * (i64)MS_MINUTE);
        if (mails_of(&w, id) != 12)
            fail_msg("step %llu: %lld mails", (unsigned long long)n, (long long)mails_of(&w, id));
        assert_int_equal(NUMBER(&w,
                                "SELECT count(DISTINCT contact_id) FROM mail_message WHERE "
                                "source_id = %lld",
                                (long long)id),
                         12);
        assert_int_equal(NUMBER(&w,
                                "SELECT count(*) FROM broadcast_recipient WHERE broadcast_id = "
                                "%lld AND state = 1 AND variant = 0",
                                (long long)id),
                         6);
        mails(&w, id, MAIL_WAITING, MAIL_SENT, 100);
        pass(&w, 2 * (i64)MS_MINUTE);
        assert_string_equal(state_of(&w, id), "finished");
    }
}

static void what_cannot_go_is_paused_with_the_reason(void **state)
{
    struct world w = world_of(state, 2);
    i64 id = BROADCAST(&w, "schedule", "at", "send_at", "2026-11-23T12:00:00Z");
    struct row *r;
    struct web_response page;

    scheduled(&w, id);
    assert_ok(w.cx, record_get(w.cx, &mail_content_type, w.content, &r));
    assert_ok(w.cx, record_delete(w.cx, r));
    pass(&w, 3 * (i64)MS_HOUR);
    assert_string_equal(state_of(&w, id), "paused");
    page = house_get(w.h, w.clara, "/notifications");
    assert_true(house_has(&page, "was paused"));
    assert_int_equal(mails_of(&w, id), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        IN_BOTH_HOUSES(only_who_may_be_written_to_gets_it, NULL),
        IN_BOTH_HOUSES(it_is_finished_when_its_last_mail_is, NULL),
        IN_BOTH_HOUSES(it_waits_for_what_a_busy_server_puts_off, NULL),
        IN_BOTH_HOUSES(each_verb_says_what_it_may, NULL),
        IN_BOTH_HOUSES(pause_and_cancel_stop_what_is_not_sent, NULL),
        IN_BOTH_HOUSES(what_is_scheduled_stands_still, NULL),
        IN_BOTH_HOUSES(nine_o_clock_comes_round_the_earth, NULL),
        IN_BOTH_HOUSES(no_more_an_hour_than_was_said, NULL),
        IN_BOTH_HOUSES(the_rest_gets_the_winner, NULL),
        IN_BOTH_HOUSES(a_person_may_choose, NULL),
        IN_BOTH_HOUSES(what_people_did_is_told_apart_from_programs, NULL),
        IN_BOTH_HOUSES(the_archive_shows_what_was_sent_without_names, NULL),
        IN_BOTH_HOUSES(a_mail_in_a_browser_is_its_readers_alone, NULL),
        IN_BOTH_HOUSES(a_crash_doubles_and_misses_nobody, NULL),
        IN_BOTH_HOUSES(what_cannot_go_is_paused_with_the_reason, NULL),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
