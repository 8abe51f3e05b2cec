/* booking_test.c -- from a public page to a meeting: what a visitor sees and sends, what follows,
 * moving, cancelling, answering; that no time is given twice. */
#include "base/id.h"
#include "base/json.h"
#include "bridge/contact.h"
#include "bridge/handoff.h"
#include "io/ical.h"
#include "io/mime_read.h"
#include "kit/filter.h"
#include "mail/mailbox.h"
#include "mail/sender.h"
#include "sales/activity.h"
#include "sales/booking.h"
#include "sales/meeting.h"
#include "store/queue.h"
#include "support/house.h"
#include <pthread.h>
#include <stdio.h>

#define TUESDAY_9 (HOUSE_NOW + MS_DAY - MS_HOUR) /* 24 November 2026, 9:00 UTC */

static const struct house_options public_house = { .public_url = "https://crm.test" };

static void have_sender(struct house *h)
{
    struct row *s = row_new(h->cx, &sender_type);

    row_set_text(s, SENDER_NAME, "News");
    row_set_text(s, SENDER_FROM, "news@ours.test");
    assert_ok(h->cx, record_save(h->cx, s));
}

struct page_more {
    const char *minutes, *mode, *questions, *zone;
    i64 before, most;
};
static struct row *page_of(struct house *h, const struct person *host, const struct page_more *m)
{
    struct row *r = row_new(h->cx, &booking_page_type);

    row_set_text(r, BOOKING_NAME, "First talk");
    row_set_i64(r, BOOKING_OWNER, host->user_id);
    row_set_text(r, BOOKING_ZONE, m->zone ? m->zone : "UTC");
    row_set_text(r, BOOKING_HOURS,
                 "{\"mon\":[\"09:00-12:00\"],\"tue\":[\"09:00-12:00\"],\"wed\":[\"09:00-12:00\"]}");
    row_set_text(r, BOOKING_MINUTES, m->minutes ? m->minutes : "60");
    row_set_i64(r, BOOKING_STEP, 60);
    row_set_text(r, BOOKING_MODE, m->mode ? m->mode : "round_robin");
    row_set_text(r, BOOKING_QUESTIONS, m->questions ? m->questions : "");
    row_set_i64(r, BOOKING_BEFORE, m->before);
    row_set_i64(r, BOOKING_MOST, m->most);
    row_set_text(r, BOOKING_LINK, "https://video.test/room");
    assert_ok(h->cx, record_save(h->cx, r));
    return r;
}

static const char *between(struct house *h, struct str body, const char *from, const char *until)
{
    const char *text = str_dup(h->arena, body), *at = strstr(text, from), *end;

    assert_non_null(at);
    at += strlen(from);
    end = strstr(at, until);
    assert_non_null(end);
    return str_dup(h->arena, (struct str){ at, (size_t)(end - at) });
}

/* Opens the form for a time and sends it, a few seconds later. */
static struct web_response book(struct house *h, i64 at, const char *mail, const char *more)
{
    struct web_response r =
        house_get(h, NULL,
                  arena_printf(h->arena, "/book/first-talk/details?at=%lld&minutes=60&tz=UTC",
                               (long long)at));

    house_expect(h, &r, 200);
    const char *ticket = between(h, r.body, "name=\"ticket\" value=\"", "\"");
    h->clock->fixed_ms += 5000;
    return house_post(h, NULL, "/book/first-talk",
                      arena_printf(h->arena,
                                   "at=%lld&minutes=60&tz=Europe%%2FPrague&ticket=%s&name=Ada+"
                                   "Lovelace&email=%s%s",
                                   (long long)at, ticket, mail, more));
}

static const char *guest_path(struct house *h, const struct web_response *r)
{
    const char *where;

    house_expect(h, r, 303);
    where = web_response_header(r, "Location");
    assert_non_null(strstr(where, "/meet/"));
    return str_dup(h->arena, (struct str){ where, strcspn(where, "?") });
}

static i64 count_of(struct house *h, const char *type, const char *filter)
{
    i64 n;

    assert_ok(h->cx, list_count(h->cx, type_find(h->cx, type), filter, "", 0, &n));
    return n;
}

static struct row *meeting_at(struct house *h, i64 at)
{
    struct list_page page;

    assert_ok(h->cx,
              list_run(h->cx, &activity_type,
                       &(struct list_query){
                           .filter = arena_printf(h->arena, "kind = 'meeting' and due_at = %s",
                                                  time_iso(h->arena, at)) },
                       &page));
    assert_int_equal(page.count, 1);
    return page.rows[0];
}

/* Mails to an address whose subject begins like this. */
static int mails_to(struct house *h, const char *to, const char *subject)
{
    struct sql q = sql_new(h->cx);
    int n = 0;

    sql_add(&q, "SELECT m.subject FROM mail_message m WHERE m.address = ");
    sql_text(&q, to);
    scoped(stmt_close) struct stmt s = db_query_sql(h->cx, &q);
    while (stmt_next(&s))
        n += strncmp(col_text(&s, 0), subject, strlen(subject)) == 0;
    assert_ok(h->cx, stmt_status(&s));
    return n;
}

/* The newest calendar that was sent to an address. */
static struct ical *calendar_to(struct house *h, const char *to)
{
    struct ical_window w = { 0, INT64_C(4000000000000), NULL };
    struct sql q = sql_new(h->cx);
    struct ical *c;

    sql_add(&q, "SELECT f.bytes FROM mail_file f JOIN mail_message m ON m.id = f.message_id WHERE "
                "f.name = '' AND m.address = ");
    sql_text(&q, to);
    sql_add(&q, " ORDER BY f.id DESC LIMIT 1");
    scoped(stmt_close) struct stmt s = db_query_sql(h->cx, &q);
    assert_true(stmt_next(&s));
    assert_ok(h->cx, ical_read(h->cx, col_blob(&s, 0), &w, &c));
    return c;
}

static void a_visitor_books(void **state)
{
    struct house *h = *state;
    struct person *sam = house_user(h, "Sam", "Sales");
    struct web_response r;
    const char *path;
    struct row *contact, *a;
    struct ical *c;

    have_sender(h);
    page_of(h, sam, &(struct page_more){ .questions = "What is it about? *\nAnything else?" });
    r = house_get(h, NULL, "/book/first-talk?tz=UTC&day=2026-11-24");
    house_expect(h, &r, 200);
    assert_true(house_has(&r, "09:00") && house_has(&r, "11:00"));
    assert_false(house_has(&r, ">12:00<"));
    r = house_get(h, NULL, "/book/first-talk?tz=Asia%2FTokyo&day=2026-11-24");
    assert_true(house_has(&r, "18:00")); /* the same times, as they are there */
    r = book(h, TUESDAY_9, "ada@example.com", "");
    house_expect(h, &r, 422); /* a question must be answered; nothing typed is lost */
    assert_true(house_has(&r, "Please answer this") && house_has(&r, "Ada Lovelace"));
    r = book(h, TUESDAY_9, "ada@example.com", "&q0=Frost&q1=");
    path = guest_path(h, &r);
    assert_ok(h->cx, record_find(h->cx, &contact_type, "email", "ada@example.com", &contact));
    assert_string_equal(row_text(contact, CONTACT_FIRST), "Ada");
    assert_string_equal(row_text(contact, CONTACT_LAST), "Lovelace");
    assert_string_equal(row_text(contact, CONTACT_LIFECYCLE), "lead");
    assert_string_equal(row_text(contact, CONTACT_TIMEZONE), "Europe/Prague");
    assert_int_equal(row_i64(contact, CONTACT_OWNER), sam->user_id);
    a = meeting_at(h, TUESDAY_9);
    assert_int_equal(row_i64(a, ACTIVITY_OWNER), sam->user_id);
    assert_int_equal(row_i64(a, ACTIVITY_CONTACT), row_id(contact));
    assert_non_null(strstr(row_text(a, ACTIVITY_BODY), "Frost"));
    assert_false(row_bool(a, ACTIVITY_DONE));
    assert_int_equal(mails_to(h, "ada@example.com", "Confirmed"), 1);
    c = calendar_to(h, "ada@example.com");
    assert_int_equal(c->method, ICAL_REQUEST);
    assert_int_equal(c->events[0].start_ms, TUESDAY_9);
    assert_int_equal(c->events[0].end_ms, TUESDAY_9 + MS_HOUR);
    assert_string_equal(c->events[0].people[0].mail, "ada@example.com");
    assert_int_equal(c->events[0].people[0].answer, ICAL_ACCEPTED);
    r = house_get(h, NULL, path);
    house_expect(h, &r, 200);
    assert_true(house_has(&r, "10:00 to 11:00 (Europe/Prague)") &&
                house_has(&r, "video.test/room"));
    r = house_get(h, NULL, arena_printf(h->arena, "%s/invite.ics", path));
    house_expect(h, &r, 200);
    assert_true(house_has(&r, "BEGIN:VEVENT"));
    r = house_get(h, NULL, "/book/first-talk?tz=UTC&day=2026-11-24");
    assert_false(house_has(&r, ">09:00<")); /* it is taken */
    r = house_get(h, sam, arena_printf(h->arena, "/activities/%s", id_text(h->arena, row_id(a))));
    house_expect(h, &r, 200);
    assert_true(house_has(&r, "Ada Lovelace"));
}

static void a_lead_who_books_is_in_touch(void **state)
{
    struct house *h = *state;
    struct person *sam = house_user(h, "Sam", "Sales");
    struct row *contact = row_new(h->cx, &contact_type), *handoff;
    struct web_response r;
    i64 id;

    have_sender(h);
    page_of(h, sam, &(struct page_more){ 0 });
    row_set_text(contact, CONTACT_EMAIL, "ada@example.com");
    row_set_text(contact, CONTACT_FIRST, "Augusta");
    row_set_text(contact, CONTACT_LIFECYCLE, "mql");
    assert_ok(h->cx, record_save(h->cx, contact));
    assert_ok(h->cx,
              handoff_make(h->cx,
                           &(struct handoff_order){
                               .contact_id = row_id(contact), .reason = "Asked", .note = "" },
                           &id));
    r = book(h, TUESDAY_9, "Ada@Example.com", "");
    guest_path(h, &r);
    assert_int_equal(count_of(h, "contact", ""), 1); /* found, not made anew */
    assert_ok(h->cx, record_get(h->cx, &contact_type, row_id(contact), &contact));
    assert_string_equal(row_text(contact, CONTACT_FIRST), "Augusta"); /* what is known stays */
    assert_string_equal(row_text(contact, CONTACT_LIFECYCLE), "mql");
    assert_ok(h->cx, record_get(h->cx, &handoff_type, id, &handoff));
    assert_int_equal(row_i64(handoff, HANDOFF_FIRST_TOUCH_AT), ctx_now(h->cx));
}

static void who_booked_moves_and_cancels(void **state)
{
    struct house *h = *state;
    struct person *sam = house_user(h, "Sam", "Sales");
    struct web_response r;
    const char *path;
    struct ical *c;
    struct row *a;

    have_sender(h);
    page_of(h, sam, &(struct page_more){ 0 });
    r = book(h, TUESDAY_9, "ada@example.com", "");
    path = guest_path(h, &r);
    r = house_get(h, NULL, arena_printf(h->arena, "%s/move?day=2026-11-24&tz=UTC", path));
    house_expect(h, &r, 200);
    assert_true(house_has(&r, "10:00"));
    r = house_post(h, NULL, arena_printf(h->arena, "%s/move", path),
                   arena_printf(h->arena, "at=%lld", (long long)TUESDAY_9 + 30 * MS_MINUTE));
    house_expect(h, &r, 409); /* none of the page's times */
    r = house_post(h, NULL, arena_printf(h->arena, "%s/move", path),
                   arena_printf(h->arena, "at=%lld", (long long)TUESDAY_9 + MS_HOUR));
    house_expect(h, &r, 303);
    a = meeting_at(h, TUESDAY_9 + MS_HOUR);
    assert_int_equal(mails_to(h, "ada@example.com", "Changed"), 1);
    c = calendar_to(h, "ada@example.com");
    assert_int_equal(c->method, ICAL_REQUEST);
    assert_int_equal(c->events[0].sequence, 1);
    assert_int_equal(c->events[0].start_ms, TUESDAY_9 + MS_HOUR);
    assert_int_equal(c->events[0].people[0].answer, ICAL_ACCEPTED);
    r = house_post(h, NULL, arena_printf(h->arena, "%s/cancel", path), "");
    house_expect(h, &r, 303);
    c = calendar_to(h, "ada@example.com");
    assert_int_equal(c->method, ICAL_CANCEL);
    assert_int_equal(c->events[0].sequence, 2);
    assert_true(c->events[0].cancelled);
    assert_string_equal(c->events[0].uid,
                        arena_printf(h->arena, "%s@meeting.furrow", id_text(h->arena, row_id(a))));
    r = house_post(h, NULL, arena_printf(h->arena, "%s/cancel", path), "");
    house_expect(h, &r, 303); /* twice is once */
    assert_int_equal(mails_to(h, "ada@example.com", "Cancelled"), 1);
    r = house_get(h, NULL, "/book/first-talk?tz=UTC&day=2026-11-24");
    assert_true(house_has(&r, ">09:00<") && house_has(&r, ">10:00<")); /* free again */
    r = house_get(h, NULL, path);
    assert_true(house_has(&r, "is cancelled"));
}

static void programs_are_turned_away(void **state)
{
    struct house *h = *state;
    struct person *sam = house_user(h, "Sam", "Sales");
    static const struct {
        const char *note, *body;
        int status;
    } posts[] = {
        { "without a form", "name=A&email=a@b.example", 422 },
        { "with a ticket made up", "name=A&email=a@b.example&ticket=1795428000000.abc", 422 },
        { "into the trap", "name=A&email=a@b.example&website_url=x", 422 },
        { "without a time", "name=A&email=a@b.example&at=", 200 },
    };
    struct web_response r;

    page_of(h, sam, &(struct page_more){ 0 });
    for (size_t i = 0; i < countof(posts); i++) {
        bool timeless = strstr(posts[i].body, "&at=") != NULL;
        r = house_post(h, NULL, "/book/first-talk",
                       arena_printf(h->arena, "%s%s%lld", posts[i].body,
                                    timeless ? "&x=" : "&at=", (long long)TUESDAY_9));
        if (r.status != posts[i].status)
            fail_msg("%s: %d", posts[i].note, r.status);
    }
    r = book(h, TUESDAY_9 - 7 * (i64)MS_DAY, "a@b.example", ""); /* in the past */
    house_expect(h, &r, 409);
    r = book(h, TUESDAY_9 + 9 * MS_HOUR, "a@b.example", ""); /* no time of the page */
    house_expect(h, &r, 409);
    r = book(h, TUESDAY_9, "none", "");
    house_expect(h, &r, 422);
    assert_int_equal(count_of(h, "activity", ""), 0);
    assert_int_equal(count_of(h, "contact", ""), 0);
    r = house_get(h, NULL, "/book/no-such");
    house_expect(h, &r, 404);
    r = house_get(h, NULL, "/meet/AAAA");
    house_expect(h, &r, 404);
}

static struct row *add_host(struct house *h, const struct row *page, const struct person *p)
{
    struct row *r = row_new(h->cx, &booking_host_type);

    row_set_i64(r, HOST_PAGE, row_id(page));
    row_set_i64(r, HOST_USER, p->user_id);
    assert_ok(h->cx, record_save(h->cx, r));
    return r;
}

static void several_hosts_take_turns(void **state)
{
    struct house *h = *state;
    struct person *sam = house_user(h, "Sam", "Sales"), *zoe = house_user(h, "Zoe", "Sales");
    struct row *page = page_of(h, sam, &(struct page_more){ 0 });
    int of_sam = 0, of_zoe = 0;
    struct web_response r;

    add_host(h, page, zoe);
    for (int i = 0; i < 6; i++) { /* 9, 10 and 11 for each of the two */
        struct list_page all;
        r = book(h, TUESDAY_9 + i / 2 * MS_HOUR, arena_printf(h->arena, "guest%d@example.com", i),
                 "");
        guest_path(h, &r);
        assert_ok(h->cx, list_run(h->cx, &activity_type,
                                  &(struct list_query){ .sort = "-created_at", .limit = 1 }, &all));
        of_sam += row_i64(all.rows[0], ACTIVITY_OWNER) == sam->user_id;
        of_zoe += row_i64(all.rows[0], ACTIVITY_OWNER) == zoe->user_id;
        assert_true(of_sam - of_zoe <= 1 && of_zoe - of_sam <= 1);
    }
    r = book(h, TUESDAY_9, "late@example.com", "");
    house_expect(h, &r, 409);
    assert_true(house_has(&r, "Somebody was faster"));
}

static void all_hosts_must_be_free(void **state)
{
    struct house *h = *state;
    struct person *sam = house_user(h, "Sam", "Sales"), *zoe = house_user(h, "Zoe", "Sales");
    struct row *page = page_of(h, sam, &(struct page_more){ .mode = "all" }), *own;
    struct row **guests;
    struct web_response r;
    size_t count;

    have_sender(h);
    add_host(h, page, zoe);
    own = row_new(h->cx, &activity_type);
    row_set_text(own, ACTIVITY_KIND, "meeting");
    row_set_text(own, ACTIVITY_SUBJECT, "Dentist");
    row_set_i64(own, ACTIVITY_OWNER, zoe->user_id);
    row_set_i64(own, ACTIVITY_DUE, TUESDAY_9 + MS_HOUR);
    row_set_i64(own, ACTIVITY_MINUTES, 60);
    assert_ok(h->cx, record_save(h->cx, own));
    r = house_get(h, NULL, "/book/first-talk?tz=UTC&day=2026-11-24");
    assert_true(house_has(&r, ">09:00<") && !house_has(&r, ">10:00<") && house_has(&r, ">11:00<"));
    r = book(h, TUESDAY_9, "ada@example.com", "");
    guest_path(h, &r);
    assert_ok(h->cx, meeting_guests(h->cx, row_id(meeting_at(h, TUESDAY_9)), &guests, &count));
    assert_int_equal(count, 2); /* Zoe, and who booked */
    r = book(h, TUESDAY_9, "bo@example.com", "");
    house_expect(h, &r, 409); /* Zoe is a guest there, so she is busy */
}

/* ---- two at once ---- */
enum { CROWD = 6, ROUNDS = 6 };
struct one {
    struct house *h;
    i64 page_id;
    int number, made, taken, other;
};

static enum status try_book(struct ctx *cx, void *arg)
{
    struct one *one = arg;
    struct row *page;
    i64 guest;

    TRY(record_get(cx, &booking_page_type, one->page_id, &page));
    return booking_take(
        cx,
        &(struct booking_wish){ .page = page,
                                .at_ms = TUESDAY_9 + one->number % 3 * MS_HOUR +
                                         one->number / 3 * MS_DAY,
                                .minutes = 60,
                                .name = "Crowd",
                                .email = arena_printf(cx->arena, "c%p@example.com", arg),
                                .zone = "" },
        &guest);
}

static void *one_of_many(void *arg)
{
    struct one *one = arg;
    struct ctx cx;

    ctx_init(&cx, arena_new(1 << 16), one->h->clock);
    cx.kit = one->h->kit;
    cx.journey = one->h->journey;
    cx.access = access_system();
    for (one->number = 0; one->number < ROUNDS; one->number++) {
        enum status s;
        int tries = 0;
        do { /* a request that was beaten five times answers "busy": the person presses again */
            arena_reset(cx.arena);
            ctx_clear_error(&cx);
            s = kit_write(&cx, try_book, one);
        } while ((s == E_RETRY || s == E_BUSY) && ++tries < 50);
        one->made += s == OK;
        one->taken += s == E_CONFLICT && text_is(cx.error_code, "booking.taken");
        one->other += s != OK && !(s == E_CONFLICT && text_is(cx.error_code, "booking.taken"));
    }
    arena_free(cx.arena);
    return NULL;
}

static void a_time_is_given_once_however_many_ask(void **state)
{
    struct house *h = *state;
    struct person *sam = house_user(h, "Sam", "Sales");
    struct row *page = page_of(h, sam, &(struct page_more){ 0 });
    pthread_t threads[CROWD];
    struct one crowd[CROWD];
    int made = 0, taken = 0, other = 0;

    for (int i = 0; i < CROWD; i++) {
        crowd[i] = (struct one){ .h = h, .page_id = row_id(page) };
        assert_int_equal(pthread_create(&threads[i], NULL, one_of_many, &crowd[i]), 0);
    }
    for (int i = 0; i < CROWD; i++) {
        pthread_join(threads[i], NULL);
        made += crowd[i].made;
        taken += crowd[i].taken;
        other += crowd[i].other;
    }
    assert_int_equal(other, 0);
    assert_int_equal(made, ROUNDS);
    assert_int_equal(taken, (CROWD - 1) * ROUNDS);
    assert_int_equal(count_of(h, "activity", "kind = 'meeting'"), ROUNDS);
}

/* ---- meetings that colleagues make ---- */
static void guests_hear_of_what_changes(void **state)
{
    struct house *h = *state;
    struct person *sam = house_user(h, "Sam", "Sales");
    struct row *contact = row_new(h->cx, &contact_type), *a, **guests;
    struct web_response r;
    const char *path, *token;
    struct ical *c;
    size_t count;

    have_sender(h);
    row_set_text(contact, CONTACT_EMAIL, "bo@example.com");
    row_set_text(contact, CONTACT_FIRST, "Bo");
    assert_ok(h->cx, record_save(h->cx, contact));
    r = house_post(h, sam, "/activities",
                   arena_printf(h->arena,
                                "kind=meeting&subject=Plans&contact_id=%s&due_at=2026-11-24T10:00"
                                "&minutes=45&invite=true&timezone=Europe%%2FBerlin",
                                id_text(h->arena, row_id(contact))));
    house_expect(h, &r, 303);
    path = arena_text(h->arena, web_response_header(&r, "Location"));
    a = meeting_at(h, TUESDAY_9); /* 10:00 in Berlin, the workspace's zone */
    assert_int_equal(mails_to(h, "bo@example.com", "Invitation: Plans"), 1);
    c = calendar_to(h, "bo@example.com");
    assert_int_equal(c->events[0].people[0].answer, ICAL_NEEDS_ACTION);
    assert_string_equal(c->events[0].organizer.name, "Sam");
    /* the guest answers */
    assert_ok(h->cx, meeting_guests(h->cx, row_id(a), &guests, &count));
    assert_int_equal(count, 1);
    token = strrchr(meeting_url(h->cx, row_id(guests[0])), '/') + 1;
    r = house_post(h, NULL, arena_printf(h->arena, "/meet/%s/answer", token),
                   "answer=tentative&comment=Maybe+later");
    house_expect(h, &r, 303);
    assert_ok(h->cx, meeting_guests(h->cx, row_id(a), &guests, &count));
    assert_string_equal(row_text(guests[0], GUEST_ANSWER), "tentative");
    assert_string_equal(row_text(guests[0], GUEST_COMMENT), "Maybe later");
    r = house_post(h, NULL, arena_printf(h->arena, "/meet/%s/cancel", token), "");
    house_expect(h, &r, 303); /* not a guest's to cancel */
    assert_ok(h->cx, record_get(h->cx, &activity_type, row_id(a), &a));
    assert_false(row_has(a, ACTIVITY_CANCELLED));
    /* a change that nobody needs to hear of */
    row_set_text(a, ACTIVITY_BODY, "Bring the map");
    assert_ok(h->cx, record_save(h->cx, a));
    assert_int_equal(mails_to(h, "bo@example.com", "Changed"), 0);
    /* another time */
    row_set_i64(a, ACTIVITY_DUE, TUESDAY_9 + MS_DAY);
    assert_ok(h->cx, record_save(h->cx, a));
    assert_int_equal(mails_to(h, "bo@example.com", "Changed"), 1);
    assert_ok(h->cx, meeting_guests(h->cx, row_id(a), &guests, &count));
    assert_string_equal(row_text(guests[0], GUEST_ANSWER), "needs_action");
    /* off */
    r = house_post(h, sam, arena_printf(h->arena, "%s/cancel", path), "");
    house_expect(h, &r, 303);
    assert_int_equal(mails_to(h, "bo@example.com", "Cancelled"), 1);
    r = house_post(h, sam, arena_printf(h->arena, "%s/cancel", path), "");
    house_expect(h, &r, 409);
}

/* ---- answers by mail ---- */
static void answer_by_mail(struct house *h, const struct row *mailbox, const char *from,
                           const char *uid, const char *attendee, const char *answer, int number)
{
    const char *text = arena_printf(
        h->arena,
        "From: <%s>\r\nTo: <sam@ours.test>\r\nMessage-ID: <r%d@example.com>\r\nDate: Mon, 23 Nov "
        "2026 11:00:00 +0000\r\nSubject: Re\r\nMIME-Version: 1.0\r\nContent-Type: "
        "multipart/alternative; boundary=b\r\n\r\n--b\r\nContent-Type: text/plain\r\n\r\nYes\r\n"
        "--b\r\nContent-Type: text/calendar; method=REPLY; charset=utf-8\r\n\r\nBEGIN:VCALENDAR\r\n"
        "METHOD:REPLY\r\nVERSION:2.0\r\nPRODID:x\r\nBEGIN:VEVENT\r\nUID:%s\r\nATTENDEE;PARTSTAT=%s:"
        "mailto:%s\r\nDTSTAMP:20261123T110000Z\r\nEND:VEVENT\r\nEND:VCALENDAR\r\n--b--\r\n",
        from, number, uid, answer, attendee);
    enum email_taken taken;
    struct letter *m;

    assert_ok(h->cx, mime_read(h->cx, str_from(text), &m));
    assert_ok(h->cx, email_take(h->cx, mailbox, m, ctx_now(h->cx), &taken));
}

static void answers_come_by_mail(void **state)
{
    struct house *h = *state;
    struct person *sam = house_user(h, "Sam", "Sales");
    struct row *mailbox = row_new(h->cx, &mailbox_type), *a = row_new(h->cx, &activity_type),
               *guest = row_new(h->cx, &meeting_guest_type);
    const char *uid;
    static const struct {
        const char *note, *from, *attendee, *answer, *want;
    } mails[] = {
        { "yes", "bo@example.com", "bo@example.com", "ACCEPTED", "accepted" },
        { "somebody else's word", "eve@example.com", "bo@example.com", "DECLINED", "accepted" },
        { "about somebody else", "bo@example.com", "eve@example.com", "DECLINED", "accepted" },
        { "no after all", "Bo@Example.com", "bo@example.com", "DECLINED", "declined" },
    };

    have_sender(h);
    row_set_text(mailbox, MAILBOX_NAME, "Sam");
    row_set_text(mailbox, MAILBOX_ADDRESS, "sam@ours.test");
    row_set_i64(mailbox, MAILBOX_OWNER, sam->user_id);
    row_set_text(a, ACTIVITY_KIND, "meeting");
    row_set_text(a, ACTIVITY_SUBJECT, "Plans");
    row_set_i64(a, ACTIVITY_OWNER, sam->user_id);
    row_set_i64(a, ACTIVITY_DUE, TUESDAY_9);
    assert_ok(h->cx, record_save(h->cx, a));
    row_set_i64(guest, GUEST_MEETING, row_id(a));
    row_set_text(guest, GUEST_EMAIL, "bo@example.com");
    assert_ok(h->cx, record_save(h->cx, guest));
    uid = calendar_to(h, "bo@example.com")->events[0].uid;
    for (size_t i = 0; i < countof(mails); i++) {
        answer_by_mail(h, mailbox, mails[i].from, uid, mails[i].attendee, mails[i].answer, (int)i);
        assert_ok(h->cx, record_get(h->cx, &meeting_guest_type, row_id(guest), &guest));
        if (!text_is(row_text(guest, GUEST_ANSWER), mails[i].want))
            fail_msg("%s: %s", mails[i].note, row_text(guest, GUEST_ANSWER));
    }
    answer_by_mail(h, mailbox, "bo@example.com", "x@elsewhere", "bo@example.com", "ACCEPTED", 99);
    assert_ok(h->cx, record_get(h->cx, &meeting_guest_type, row_id(guest), &guest));
    assert_string_equal(row_text(guest, GUEST_ANSWER), "declined");
}

static void reminders_go_once_and_in_time(void **state)
{
    struct house *h = *state;
    struct person *sam = house_user(h, "Sam", "Sales");
    struct web_response r;
    struct job job;
    int ran = 0;
    const char *path;

    have_sender(h);
    page_of(h, sam, &(struct page_more){ 0 });
    r = book(h, TUESDAY_9 + MS_DAY, "ada@example.com", "");
    path = guest_path(h, &r);
    r = house_post(h, NULL, arena_printf(h->arena, "%s/move", path),
                   arena_printf(h->arena, "at=%lld", (long long)TUESDAY_9 + MS_DAY + MS_HOUR));
    house_expect(h, &r, 303);
    h->clock->fixed_ms = TUESDAY_9 + MS_DAY; /* an hour before */
    while (queue_take(h->cx, MS_MINUTE, &job, NULL) == OK) {
        struct val *payload;
        if (text_is(job.name, "meeting.remind")) {
            assert_int_equal(json_read(h->arena, str_from(job.payload), &payload, NULL), OK);
            assert_ok(h->cx, kit_job(h->kit, job.name)
                                 ->run(&(struct job_run){ .cx = h->cx, .payload = payload }));
            ran++;
        }
        assert_ok(h->cx, queue_done(h->cx, job.id));
    }
    assert_int_equal(ran, 4); /* two for each time; those of the first say nothing */
    assert_int_equal(mails_to(h, "ada@example.com", "Reminder"), 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        IN_BOTH_HOUSES(a_visitor_books, &public_house),
        IN_BOTH_HOUSES(a_lead_who_books_is_in_touch, &public_house),
        IN_BOTH_HOUSES(who_booked_moves_and_cancels, &public_house),
        IN_BOTH_HOUSES(programs_are_turned_away, &public_house),
        IN_BOTH_HOUSES(several_hosts_take_turns, &public_house),
        IN_BOTH_HOUSES(all_hosts_must_be_free, &public_house),
        IN_BOTH_HOUSES(a_time_is_given_once_however_many_ask, &public_house),
        IN_BOTH_HOUSES(guests_hear_of_what_changes, &public_house),
        IN_BOTH_HOUSES(answers_come_by_mail, &public_house),
        IN_BOTH_HOUSES(reminders_go_once_and_in_time, &public_house),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
