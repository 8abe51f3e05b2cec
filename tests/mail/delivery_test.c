/* delivery_test.c -- from mail_send to the mail server and back: what is sent, refused, put off,
 * skipped; the order of lanes; limits and paces; who is never called bounced. On both engines, with
 * threads and a server of the test's own. */
#include "base/id.h"
#include "bridge/consent.h"
#include "mail/delivery.h"
#include "mail/inflight.h"
#include "mail/mail.h"
#include "mail/message_int.h"
#include "mail/plan.h"
#include "support/house.h"
#include "support/sink.h"
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

static void nap(int ms) { nanosleep(&(struct timespec){ ms / 1000, ms % 1000 * 1000000L }, NULL); }

/* ---- a house that sends ---- */
struct post {
    struct house *h;
    struct sink *sink;
    struct delivery *delivery;
    i64 sender;
};

static enum status set_retry(struct ctx *cx, void *arg)
{
    return setting_save(cx, "mail.retry_seconds", arg);
}

static i64 make_sender(struct house *h, int port, const char *more)
{
    struct person *ada = house_user(h, "Ada", "");
    struct web_response r =
        house_json(h, ada, HTTP_POST, "/api/v1/senders",
                   arena_printf(h->arena,
                                "{\"name\":\"S%d\",\"from_name\":\"News\","
                                "\"from_address\":\"news@example.com\","
                                "\"host\":\"127.0.0.1\",\"port\":%d,\"security\":\"none\"%s}",
                                port, port, more));
    i64 id;

    house_expect(h, &r, 201);
    assert_true(id_parse(str_from(val_get_text(house_val(h, &r), "id")), &id));
    return id;
}

static struct post open_post(struct house *h, sink_says *says, void *arg, const char *more)
{
    struct sink_options so = { .says = says, .arg = arg };
    struct post p = { .h = h, .sink = sink_open(&so) };

    assert_int_equal(kit_write(h->cx, set_retry, "0"), OK);
    p.sender = make_sender(h, sink_port(p.sink), more);
    return p;
}

static void start(struct post *p)
{
    struct delivery_options o = { .kit = p->h->kit,
                                  .store = p->h->t->store,
                                  .writer = p->h->writer,
                                  .journey = p->h->journey,
                                  .clock = p->h->clock };
    if (delivery_start(p->h->cx, &o, &p->delivery) != OK)
        fail_msg("%s", p->h->cx->error_text);
}

static void close_post(struct post *p)
{
    assert_true(delivery_stop(p->delivery, 10000));
    sink_close(p->sink);
}

struct many {
    size_t count, from;
    enum mail_lane lane;
    const char *domain;
    i64 source_id, contact_id, topic_id;
};

static enum status send_many(struct ctx *cx, void *arg)
{
    const struct many *m = arg;

    for (size_t i = 0; i < m->count; i++)
        TRY(mail_send(cx,
                      &(struct mail){ .lane = m->lane,
                                      .to = arena_printf(cx->arena, "to%zu@%s", m->from + i,
                                                         m->domain ? m->domain : "example.net"),
                                      .subject = "Hello",
                                      .text = "Hello.\n",
                                      .html = "<p>Hello.</p>",
                                      .source = "test",
                                      .source_id = m->source_id ? m->source_id : 1,
                                      .contact_id = m->contact_id,
                                      .topic_id = m->topic_id },
                      NULL));
    return OK;
}

static void send_some(struct house *h, struct many m)
{
    if (kit_write(h->cx, send_many, &m) != OK)
        fail_msg("%s", h->cx->error_text);
}

/* Until nothing waits any more; the clock goes on, so that what was put off becomes due. */
static void settle(struct post *p, i64 source_id, i64 counts[MAIL_STATES])
{
    for (int i = 0; i < 3000; i++) {
        assert_int_equal(mail_counts(p->h->cx, "test", source_id, -1, counts), OK);
        if (counts[MAIL_WAITING] + counts[MAIL_SENDING] + counts[MAIL_DEFERRED] == 0)
            return;
        p->h->clock->fixed_ms += 50;
        delivery_wake(p->delivery);
        nap(5);
    }
    fail_msg("mails do not go: %d wait, %d sending, %d deferred, %d sent",
             (int)counts[MAIL_WAITING], (int)counts[MAIL_SENDING], (int)counts[MAIL_DEFERRED],
             (int)counts[MAIL_SENT]);
}

static void everybody_gets_one(void **state)
{
    struct post p = open_post(*state, NULL, NULL, "");
    i64 counts[MAIL_STATES];

    start(&p);
    send_some(p.h, (struct many){ .count = 300, .lane = MAIL_LANE_BULK });
    settle(&p, 1, counts);
    assert_int_equal(counts[MAIL_SENT], 300);
    assert_int_equal(sink_different(p.sink), 300);
    assert_int_equal(sink_most_by(p.sink), 1);
    assert_true(sink_connections(p.sink) <= 4);
    struct str last = sink_last(p.sink, p.h->arena);
    assert_non_null(memmem(last.p, last.len, "From: \"News\" <news@example.com>\r\n", 33));
    assert_non_null(memmem(last.p, last.len, "multipart/alternative", 21));
    close_post(&p);
}

/* A third of the recipients get 450 the first time, and now and then the server says 421. */
struct moody {
    pthread_mutex_t lock;
    atomic_int seen[4096];
    atomic_int asked;
};
static const char *moody_says(void *arg, enum sink_at at, const char *text)
{
    struct moody *m = arg;

    if (at != SINK_RCPT && at != SINK_END)
        return NULL;
    int n = atoi(text + 2);
    if (atomic_fetch_add(&m->asked, 1) % 37 == 36)
        return "421 4.7.0 try again later";
    if (at == SINK_RCPT && n % 3 == 0 && atomic_fetch_add(&m->seen[n], 1) < 2)
        return "450 4.2.0 greylisted";
    return NULL;
}

static void refused_for_now_is_no_bounce(void **state)
{
    struct moody m = { .asked = 0 };
    struct post p = open_post(*state, moody_says, &m, "");
    i64 counts[MAIL_STATES];

    start(&p);
    send_some(p.h, (struct many){ .count = 240, .lane = MAIL_LANE_BULK });
    settle(&p, 1, counts);
    assert_int_equal(counts[MAIL_SENT], 240);
    assert_int_equal(counts[MAIL_BOUNCED], 0);
    assert_int_equal(sink_different(p.sink), 240);
    assert_int_equal(sink_most_by(p.sink), 1);
    close_post(&p);
}

/* ---- what is refused for good ---- */
static const struct {
    const char *says, *reason;
    bool suppressed;
} refusals[] = {
    { "550 5.1.1 no such user", "hard", true },  { "550 no such user", "hard", true },
    { "552 5.2.2 full", "mailbox_full", false }, { "554 5.7.1 spam", "policy", false },
    { "550 5.7.1 blocked", "policy", false },    { "554 5.6.0 what", "content", false },
};
static const char *refuses(void *arg, enum sink_at at, const char *text)
{
    (void)arg;
    return at == SINK_RCPT && strncmp(text, "to", 2) == 0 ? refusals[atoi(text + 2)].says : NULL;
}

static void refusals_are_classified(void **state)
{
    struct post p = open_post(*state, refuses, NULL, "");
    i64 counts[MAIL_STATES], ids[countof(refusals)];
    size_t n = 0;

    start(&p);
    send_some(p.h, (struct many){ .count = countof(refusals), .lane = MAIL_LANE_NOW });
    settle(&p, 1, counts);
    assert_int_equal(counts[MAIL_BOUNCED], countof(refusals));
    {
        scoped(stmt_close) struct stmt q =
            db_query(p.h->cx, "mail.of_source", TEXT("source", "test"), I64("source_id", 1),
                     I64("limit", 100));
        while (n < countof(ids) && stmt_next(&q))
            ids[n++] = col_i64(&q, 0);
    }
    for (size_t i = 0; i < n; i++) {
        struct mail_message m;
        const char *reason;
        assert_int_equal(mail_get(p.h->cx, ids[i], &m), OK);
        size_t k = (size_t)atoi(m.to + 2);
        assert_string_equal(m.reason, refusals[k].reason);
        assert_int_equal(suppression_find(p.h->cx, m.to, &reason), OK);
        assert_int_equal(reason != NULL, refusals[k].suppressed);
    }
    /* And who does not exist is not tried again. */
    send_some(p.h, (struct many){ .count = 1, .lane = MAIL_LANE_NOW, .source_id = 2 });
    settle(&p, 2, counts);
    assert_int_equal(counts[MAIL_SKIPPED], 1);
    close_post(&p);
}

static const char *refuses_us(void *arg, enum sink_at at, const char *text)
{
    (void)text;
    return at == SINK_MAIL && atomic_load((atomic_int *)arg) ? "550 5.7.1 you may not" : NULL;
}

static void trouble_of_the_sender_is_nobodys_bounce(void **state)
{
    atomic_int refusing = 1;
    struct post p = open_post(*state, refuses_us, &refusing, "");
    i64 counts[MAIL_STATES];

    start(&p);
    send_some(p.h, (struct many){ .count = 20, .lane = MAIL_LANE_BULK });
    for (int i = 0; i < 1500; i++) {
        struct val *list = val_list(p.h->arena);
        delivery_report(p.h->cx, list);
        if (val_count(list) > 0 && val_get_text(val_at(list, 0), "error")[0] != '\0')
            break;
        nap(10);
    }
    assert_int_equal(mail_counts(p.h->cx, "test", 1, -1, counts), OK);
    assert_int_equal(counts[MAIL_BOUNCED] + counts[MAIL_FAILED] + counts[MAIL_SENT], 0);
    atomic_store(&refusing, 0);
    for (int i = 0; i < 600 && sink_taken(p.sink) < 20; i++) {
        p.h->clock->fixed_ms += MS_MINUTE;
        delivery_wake(p.delivery);
        nap(50);
    }
    settle(&p, 1, counts);
    assert_int_equal(counts[MAIL_SENT], 20);
    assert_int_equal(sink_most_by(p.sink), 1);
    close_post(&p);
}

static const char *always_later(void *arg, enum sink_at at, const char *text)
{
    (void)arg;
    (void)text;
    return at == SINK_RCPT ? "451 4.3.0 never today" : NULL;
}

static void the_retry_window_ends(void **state)
{
    struct post p = open_post(*state, always_later, NULL, "");
    struct person *ada = house_user(p.h, "Ada", "");
    struct web_response r = house_json(p.h, ada, HTTP_POST, "/api/v1/contacts",
                                       "{\"first_name\":\"T\",\"email\":\"to0@example.net\"}");
    i64 counts[MAIL_STATES] = { 0 }, contact;

    house_expect(p.h, &r, 201);
    assert_true(id_parse(str_from(val_get_text(house_val(p.h, &r), "id")), &contact));
    start(&p);
    send_some(p.h, (struct many){ .count = 2, .lane = MAIL_LANE_NOW, .contact_id = contact });
    for (int i = 0; i < 2000 && counts[MAIL_FAILED] < 2; i++) {
        if (counts[MAIL_SENDING] == 0) /* no day passes while a mail is under way */
            p.h->clock->fixed_ms += MS_DAY;
        delivery_wake(p.delivery);
        nap(10);
        assert_int_equal(mail_counts(p.h->cx, "test", 1, -1, counts), OK);
    }
    assert_int_equal(counts[MAIL_FAILED], 2);
    assert_true(delivery_stop(p.delivery, 10000));
    assert_int_equal(outbox_drain(p.h->cx), OK);
    r = house_get(p.h, ada, arena_printf(p.h->arena, "/contacts/%s", id_text(p.h->arena, contact)));
    assert_true(house_has(&r, "Mail could not be sent"));
    sink_close(p.sink);
}

/* ---- order, limits, pace ---- */
struct order {
    pthread_mutex_t lock;
    char first[64][64];
    int count;
};
static const char *remembers(void *arg, enum sink_at at, const char *text)
{
    struct order *o = arg;

    if (at != SINK_END)
        return NULL;
    pthread_mutex_lock(&o->lock);
    if (o->count < 64)
        snprintf(o->first[o->count++], 64, "%s", text);
    pthread_mutex_unlock(&o->lock);
    return NULL;
}

static void lanes_go_in_their_order(void **state)
{
    struct order o = { .lock = PTHREAD_MUTEX_INITIALIZER };
    struct post p = open_post(*state, remembers, &o, ",\"connections\":1");
    i64 counts[MAIL_STATES];

    send_some(p.h, (struct many){ .count = 10, .lane = MAIL_LANE_BULK });
    send_some(p.h, (struct many){ .count = 3, .from = 100, .lane = MAIL_LANE_PERSON });
    send_some(p.h, (struct many){ .count = 3, .from = 200, .lane = MAIL_LANE_NOW });
    start(&p);
    settle(&p, 1, counts);
    assert_int_equal(counts[MAIL_SENT], 16);
    for (int i = 0; i < 3; i++) {
        assert_memory_equal(o.first[i], "to2", 3);
        assert_memory_equal(o.first[3 + i], "to1", 3);
        assert_true(strlen(o.first[3 + i]) == strlen("to100@example.net"));
    }
    close_post(&p);
}

static void a_limit_holds(void **state)
{
    struct post p = open_post(*state, NULL, NULL, ",\"per_hour\":25");
    i64 counts[MAIL_STATES];

    start(&p);
    send_some(p.h, (struct many){ .count = 60, .lane = MAIL_LANE_BULK });
    for (int i = 0; i < 1500 && sink_taken(p.sink) < 25; i++)
        nap(20);
    nap(200);
    assert_int_equal(sink_taken(p.sink), 25);
    assert_int_equal(mail_counts(p.h->cx, "test", 1, -1, counts), OK);
    assert_int_equal(counts[MAIL_SENT] + counts[MAIL_SENDING], 25);
    close_post(&p);
}

static void a_domain_has_its_pace(void **state)
{
    struct post p = open_post(*state, NULL, NULL, "");
    struct person *ada = house_user(p.h, "Ada", "");
    struct web_response r = house_json(p.h, ada, HTTP_POST, "/api/v1/mail-paces",
                                       "{\"domain\":\"Slow.example\",\"per_minute\":60}");
    i64 counts[MAIL_STATES];

    house_expect(p.h, &r, 201);
    start(&p);
    send_some(p.h, (struct many){ .count = 20, .lane = MAIL_LANE_BULK, .domain = "slow.example" });
    send_some(p.h,
              (struct many){ .count = 50, .from = 500, .lane = MAIL_LANE_BULK, .source_id = 2 });
    for (int i = 0; i < 1500 && sink_taken(p.sink) < 51; i++)
        nap(20);
    nap(200);
    assert_true(sink_taken(p.sink) >= 51 && sink_taken(p.sink) <= 53); /* the clock stands */
    p.h->clock->fixed_ms += 10 * MS_SECOND;
    delivery_wake(p.delivery);
    nap(500);
    assert_true(sink_taken(p.sink) <= 64);
    settle(&p, 1, counts);
    assert_int_equal(counts[MAIL_SENT], 20);
    close_post(&p);
}

static void plans(void **state)
{
    struct plan_pace pace = { .per_minute = 60 };
    i64 later, last = 0, now = 1000000;
    int at_once = 0;

    (void)state;
    assert_int_equal(plan_retry_ms(1, 60), 60);
    assert_int_equal(plan_retry_ms(3, 60), 900);
    assert_int_equal(plan_retry_ms(99, 60), 14400);
    assert_int_equal(plan_warm_up(50, 40, 0), 50);
    assert_int_equal(plan_warm_up(50, 40, 1), 70);
    assert_int_equal(plan_warm_up(1, 1, 3), 4);
    assert_int_equal(plan_warm_up(50, 40, 4000), 1000000000);
    for (int i = 0; i < 100; i++) {
        if (plan_take(&pace, now, &later)) {
            at_once++;
        } else {
            assert_true(later > last);
            last = later;
        }
    }
    assert_int_equal(at_once, 1);
    assert_true(last >= now + 99 * 1000 && last <= now + 99 * 1060);
}

/* ---- who may not be written to ---- */
static enum status withdraw_all(struct ctx *cx, void *arg)
{
    return suppression_add(cx, arg, "unsubscribed", NULL, 0);
}

static void what_may_not_go_is_skipped(void **state)
{
    struct post p = open_post(*state, NULL, NULL, "");
    struct person *ada = house_user(p.h, "Ada", "");
    struct web_response r = house_json(p.h, ada, HTTP_POST, "/api/v1/contacts",
                                       "{\"first_name\":\"T\",\"email\":\"to7@example.net\"}");
    i64 counts[MAIL_STATES], contact, topic;

    house_expect(p.h, &r, 201);
    assert_true(id_parse(str_from(val_get_text(house_val(p.h, &r), "id")), &contact));
    assert_int_equal(topic_by_slug(p.h->cx, "newsletter", &topic), OK);
    start(&p);
    send_some(p.h,
              (struct many){ .count = 1, .from = 7, .contact_id = contact, .topic_id = topic });
    settle(&p, 1, counts);
    assert_int_equal(counts[MAIL_SKIPPED], 1);
    send_some(p.h, (struct many){ .count = 1, .from = 7, .contact_id = contact, .source_id = 2 });
    settle(&p, 2, counts);
    assert_int_equal(counts[MAIL_SENT], 1); /* needs no consent */
    assert_int_equal(outbox_drain(p.h->cx), OK);
    r = house_get(p.h, ada, arena_printf(p.h->arena, "/contacts/%s", id_text(p.h->arena, contact)));
    assert_true(house_has(&r, "Mail sent"));
    assert_int_equal(kit_write(p.h->cx, withdraw_all, "to7@example.net"), OK);
    send_some(
        p.h, (struct many){
                 .count = 1, .from = 7, .contact_id = contact, .topic_id = topic, .source_id = 3 });
    settle(&p, 3, counts);
    assert_int_equal(counts[MAIL_SKIPPED], 1);
    close_post(&p);
}

static void held_and_cancelled(void **state)
{
    struct post p = open_post(*state, NULL, NULL, "");
    i64 counts[MAIL_STATES], n;

    send_some(p.h, (struct many){ .count = 5, .source_id = 1 });
    send_some(p.h, (struct many){ .count = 5, .source_id = 2 });
    assert_int_equal(mail_hold(p.h->cx, "test", 1, &n), OK);
    assert_int_equal(n, 5);
    assert_int_equal(mail_cancel(p.h->cx, "test", 2, "cancelled", &n), OK);
    assert_int_equal(n, 5);
    start(&p);
    nap(200);
    assert_int_equal(sink_taken(p.sink), 0);
    assert_int_equal(mail_release(p.h->cx, "test", 1, &n), OK);
    assert_int_equal(n, 5);
    settle(&p, 1, counts);
    assert_int_equal(counts[MAIL_SENT], 5);
    settle(&p, 2, counts);
    assert_int_equal(counts[MAIL_SKIPPED], 5);
    close_post(&p);
}

static const char *keeps_silent(void *arg, enum sink_at at, const char *text)
{
    (void)text;
    return at == SINK_END && atomic_fetch_sub((atomic_int *)arg, 1) > 0 ? "!!" : NULL;
}

static void no_answer_is_unsure(void **state)
{
    atomic_int silent = 1;
    struct post p = open_post(*state, keeps_silent, &silent, ",\"connections\":1");
    i64 counts[MAIL_STATES];

    start(&p);
    send_some(p.h, (struct many){ .count = 10, .lane = MAIL_LANE_BULK });
    settle(&p, 1, counts);
    assert_int_equal(counts[MAIL_UNSURE], 1);
    assert_int_equal(counts[MAIL_SENT], 9);
    assert_int_equal(sink_taken(p.sink), 10);
    assert_int_equal(sink_most_by(p.sink), 1);
    close_post(&p);
}

/* ---- what a killed program leaves ---- */
static void what_was_under_way_is_known_afterwards(void **state)
{
    struct house *h = *state;
    char path[] = "/tmp/furrow-inflight-XXXXXX";
    struct inflight *f;
    int fd = mkstemp(path);

    assert_true(fd >= 0);
    close(fd);
    assert_int_equal(inflight_open(h->cx, path, &f), OK);
    assert_false(inflight_is_known(f));
    inflight_begin(f);
    inflight_set(f, 0, 5, 71, INFLIGHT_REFUSED); /* put off, then another worker's */
    inflight_set(f, 2, 0, 71, INFLIGHT_TAKEN);
    inflight_set(f, 2, 0, 71, INFLIGHT_SENT);
    inflight_set(f, 1, 0, 72, INFLIGHT_SENT);
    inflight_set(f, 1, 1, 73, INFLIGHT_ENDING);
    inflight_set(f, 3, 1, 73, INFLIGHT_REFUSED);
    inflight_set(f, 3, 0, 74, INFLIGHT_SENT);
    inflight_set(f, 3, 0, 75, INFLIGHT_TAKEN); /* the slot is another mail's now */
    inflight_set(f, 4, 1, 76, INFLIGHT_SENT);
    inflight_clear(f, 4, 1); /* written down */
    inflight_close(f);
    assert_int_equal(inflight_open(h->cx, path, &f), OK);
    assert_true(inflight_is_known(f));
    assert_int_equal(inflight_left(f, 71), INFLIGHT_SENT);
    assert_int_equal(inflight_left(f, 72), INFLIGHT_SENT);
    assert_int_equal(inflight_left(f, 73), INFLIGHT_ENDING);
    assert_int_equal(inflight_left(f, 74), INFLIGHT_FREE);
    assert_int_equal(inflight_left(f, 75), INFLIGHT_TAKEN);
    assert_int_equal(inflight_left(f, 76), INFLIGHT_FREE);
    inflight_close(f);
    unlink(path);
}

/* ---- whatever step of the database fails ---- */
static void a_failing_database_costs_no_mail(void **state)
{
    struct post p = open_post(*state, NULL, NULL, ",\"connections\":2");
    size_t all = 0;

    for (u64 nth = 1; nth < 130; nth += 4) {
        i64 counts[MAIL_STATES] = { 0 };
        send_some(p.h, (struct many){ .count = 3, .from = nth * 10, .source_id = (i64)nth });
        all += 3;
        db_store_fail_at(p.h->t->store, nth);
        struct delivery_options o = { .kit = p.h->kit,
                                      .store = p.h->t->store,
                                      .writer = p.h->writer,
                                      .journey = p.h->journey,
                                      .clock = p.h->clock };
        while (delivery_start(p.h->cx, &o, &p.delivery) != OK)
            ctx_clear_error(p.h->cx);
        for (int i = 0; i < 3000 && counts[MAIL_SENT] < 3; i++) {
            if (mail_counts(p.h->cx, "test", (i64)nth, -1, counts) != OK)
                ctx_clear_error(p.h->cx); /* the fault hit the test */
            p.h->clock->fixed_ms += 5 * MS_SECOND;
            if (i % 30 == 29) /* not always, so that the workers' steps are met too */
                delivery_wake(p.delivery);
            nap(3);
        }
        db_store_fail_at(p.h->t->store, 0);
        assert_true(delivery_stop(p.delivery, 10000));
        if (counts[MAIL_SENT] != 3)
            fail_msg("step %d failed: %d sent, %d unsure, %d failed", (int)nth,
                     (int)counts[MAIL_SENT], (int)counts[MAIL_UNSURE], (int)counts[MAIL_FAILED]);
        assert_int_equal(sink_different(p.sink), all);
        assert_int_equal(sink_most_by(p.sink), 1);
    }
    sink_close(p.sink);
}

/* ---- the hand-over ---- */
static enum status send_keyed(struct ctx *cx, void *arg)
{
    struct mail m = { .to = "a@example.net",
                      .subject = "S",
                      .text = "T",
                      .source = "test",
                      .source_id = 1,
                      .key = "order-1" };

    return mail_send(cx, &m, arg);
}

static enum status send_bad(struct ctx *cx, void *arg) { return mail_send(cx, arg, NULL); }

static void what_is_handed_over_is_checked(void **state)
{
    static const struct mail bad[] = {
        { .to = "nobody", .subject = "S", .text = "T", .source = "test" },
        { .to = "a@b\r\nRCPT TO:<c@d>", .subject = "S", .text = "T", .source = "test" },
        { .to = "a b@example.com", .subject = "S", .text = "T", .source = "test" },
        { .to = "a@b>x", .subject = "S", .text = "T", .source = "test" },
        { .to = "a@example.com", .text = "T", .source = "test" },
        { .to = "a@example.com", .subject = "S", .source = "test" },
    };
    struct house *h = *state;
    i64 one, two;

    assert_int_equal(kit_write(h->cx, send_keyed, &one), E_INVALID); /* no sender yet */
    assert_string_equal(h->cx->error_code, "mail.no_sender");
    ctx_clear_error(h->cx);
    (void)make_sender(h, 2525, "");
    for (size_t i = 0; i < countof(bad); i++) {
        assert_int_equal(kit_write(h->cx, send_bad, (void *)&bad[i]), E_INVALID);
        ctx_clear_error(h->cx);
    }
    assert_int_equal(kit_write(h->cx, send_keyed, &one), OK);
    assert_int_equal(kit_write(h->cx, send_keyed, &two), OK);
    assert_int_equal(one, two);
    struct mail_message m;
    const char *name = mail_message_id(h->cx, one, "example.com");
    assert_int_equal(mail_by_message_id(h->cx, name, &m), OK);
    assert_int_equal(m.id, one);
    assert_int_equal(mail_by_message_id(h->cx, "<x@y>", &m), E_NOT_FOUND);
    char *forged = arena_text(h->arena, name);
    forged[17] = forged[17] == '0' ? '1' : '0';
    assert_int_equal(mail_by_message_id(h->cx, forged, &m), E_NOT_FOUND);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(plans),
        IN_BOTH_HOUSES(what_is_handed_over_is_checked, NULL),
        IN_BOTH_HOUSES(everybody_gets_one, NULL),
        IN_BOTH_HOUSES(refused_for_now_is_no_bounce, NULL),
        IN_BOTH_HOUSES(refusals_are_classified, NULL),
        IN_BOTH_HOUSES(trouble_of_the_sender_is_nobodys_bounce, NULL),
        IN_SQLITE_HOUSE(the_retry_window_ends, NULL),
        IN_BOTH_HOUSES(lanes_go_in_their_order, NULL),
        IN_BOTH_HOUSES(a_limit_holds, NULL),
        IN_SQLITE_HOUSE(a_domain_has_its_pace, NULL),
        IN_BOTH_HOUSES(what_may_not_go_is_skipped, NULL),
        IN_BOTH_HOUSES(held_and_cancelled, NULL),
        IN_BOTH_HOUSES(no_answer_is_unsure, NULL),
        IN_SQLITE_HOUSE(what_was_under_way_is_known_afterwards, NULL),
        IN_BOTH_HOUSES(a_failing_database_costs_no_mail, NULL),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
