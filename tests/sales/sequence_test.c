/* sequence_test.c -- sales sequences as their people see them: what is due when, mails in one
 * thread, what ends them, tasks that they wait for, and that nothing goes twice. */
#include "base/id.h"
#include "bridge/consent.h"
#include "bridge/contact.h"
#include "kit/filter.h"
#include "mail/delivery_int.h"
#include "mail/mailbox.h"
#include "sales/activity.h"
#include "sales/deal.h"
#include "sales/pipeline.h"
#include "sales/sequence.h"
#include "support/house.h"

static const struct house_options public_house = { .public_url = "https://crm.test" };

#define BERLIN_11 HOUSE_NOW /* Monday 23 November 2026, 10:00 UTC */

static struct row *new_row(struct house *h, const struct record_type *t)
{
    return row_new(h->cx, t);
}

static struct row *saved(struct house *h, struct row *r)
{
    assert_ok(h->cx, record_save(h->cx, r));
    return r;
}

static struct row *contact_of(struct house *h, const char *email, const char *zone)
{
    struct row *r = new_row(h, &contact_type);

    row_set_text(r, CONTACT_FIRST, "Ada");
    row_set_text(r, CONTACT_LAST, "Lovelace");
    row_set_text(r, CONTACT_EMAIL, email);
    row_set_text(r, CONTACT_TIMEZONE, zone);
    return saved(h, r);
}

static void have_mailbox(struct house *h, i64 user)
{
    struct row *r = new_row(h, &mailbox_type);

    row_set_text(r, MAILBOX_NAME, "Sam Sales");
    row_set_text(r, MAILBOX_ADDRESS, "sam@ours.test");
    row_set_i64(r, MAILBOX_OWNER, user);
    row_set_text(r, MAILBOX_HOST, "imap.ours.test");
    row_set_text(r, MAILBOX_SMTP_HOST, "smtp.ours.test");
    row_set_text(r, MAILBOX_SIGNATURE, "Sam, Sales");
    saved(h, r);
}

struct plan {
    const char *kind, *subject, *text;
    i64 days, hours;
    bool review, goes_on;
};
static struct row *sequence_of(struct house *h, const struct plan *plan, size_t n)
{
    struct row *s = new_row(h, &sequence_type);

    row_set_text(s, SEQUENCE_NAME, "Follow up");
    saved(h, s);
    for (size_t i = 0; i < n; i++) {
        struct row *r = new_row(h, &sequence_step_type);
        row_set_i64(r, STEP_SEQUENCE, row_id(s));
        row_set_text(r, STEP_KIND, plan[i].kind);
        row_set_text(r, STEP_SUBJECT, plan[i].subject);
        row_set_text(r, STEP_TEXT, plan[i].text);
        row_set_i64(r, STEP_DAYS, plan[i].days);
        row_set_i64(r, STEP_HOURS, plan[i].hours);
        row_set_i64(r, STEP_REVIEW, plan[i].review);
        row_set_i64(r, STEP_WAITS, !plan[i].goes_on);
        saved(h, r);
    }
    return s;
}
static const struct plan usual[] = {
    { "mail", "Your fields, {{contact.first_name|there}}", "Hello {{contact.first_name}}.", 0, 0,
      false, false },
    { "mail", "", "Did you see my mail?", 2, 0, false, false },
    { "call", "Ring them", "Ask about {{company.name|their company}}.", 1, 0, false, false },
};

static struct row *enrolled(struct house *h, const struct row *s, const struct row *c, i64 user)
{
    struct row *r = new_row(h, &enrolment_type);

    row_set_i64(r, ENROLMENT_SEQUENCE, row_id(s));
    row_set_i64(r, ENROLMENT_CONTACT, row_id(c));
    row_set_i64(r, ENROLMENT_OWNER, user);
    return saved(h, r);
}

static struct row *again(struct house *h, const struct row *r)
{
    struct row *now;

    assert_ok(h->cx, record_get(h->cx, row_type(r), row_id(r), &now));
    return now;
}

static void run(struct house *h)
{
    const struct job_type *job = kit_job(h->kit, "sequence.run");
    struct job_run j = { .cx = h->cx, .payload = val_map(h->arena) };

    assert_ok(h->cx, job->run(&j));
}

static void run_at(struct house *h, i64 at)
{
    h->clock->fixed_ms = at;
    run(h);
}

static i64 count_of(struct house *h, const char *type, const char *filter)
{
    i64 n;

    assert_ok(h->cx, list_count(h->cx, type_find(h->cx, type), filter, "", 0, &n));
    return n;
}

static struct row *only(struct house *h, const char *type, const char *filter)
{
    struct list_page page;

    assert_ok(h->cx,
              list_run(h->cx, type_find(h->cx, type),
                       &(struct list_query){ .filter = filter, .sort = "-created_at" }, &page));
    assert_true(page.count > 0);
    return page.rows[0];
}

/* ---- when ---- */
static const struct {
    const char *note, *from, *zone;
    i64 days, hours;
    const char *want;
} dues[] = {
    { "at once, in working hours", "2026-11-23T10:00:00Z", "Europe/Berlin", 0, 0,
      "2026-11-23T10:00:00Z" },
    { "before they begin", "2026-11-23T05:00:00Z", "Europe/Berlin", 0, 0, "2026-11-23T08:00:00Z" },
    { "after they end", "2026-11-23T17:00:00Z", "Europe/Berlin", 0, 0, "2026-11-24T08:00:00Z" },
    { "two days later, same hour", "2026-11-23T10:00:00Z", "Europe/Berlin", 2, 0,
      "2026-11-25T10:00:00Z" },
    { "over a weekend", "2026-11-27T10:00:00Z", "Europe/Berlin", 1, 0, "2026-11-30T10:00:00Z" },
    { "two over a weekend", "2026-11-27T10:00:00Z", "Europe/Berlin", 2, 0, "2026-12-01T10:00:00Z" },
    { "from a Sunday", "2026-11-29T10:00:00Z", "Europe/Berlin", 1, 0, "2026-11-30T10:00:00Z" },
    { "some hours", "2026-11-23T10:00:00Z", "Europe/Berlin", 0, 4, "2026-11-23T14:00:00Z" },
    { "hours into the evening", "2026-11-23T10:00:00Z", "Europe/Berlin", 0, 8,
      "2026-11-24T08:00:00Z" },
    { "their morning in New York", "2026-11-23T10:00:00Z", "America/New_York", 0, 0,
      "2026-11-23T14:00:00Z" },
    { "their Monday in Sydney is our Sunday", "2026-11-29T20:00:00Z", "Australia/Sydney", 0, 0,
      "2026-11-29T22:00:00Z" },
    { "a zone that nobody knows", "2026-11-23T05:00:00Z", "", 0, 0, "2026-11-23T08:00:00Z" },
};

static void steps_are_due_when_people_work(void **state)
{
    struct house *h = *state;
    struct row *s = sequence_of(h, usual, 1);

    for (size_t i = 0; i < countof(dues); i++) {
        struct row *c =
            contact_of(h, arena_printf(h->arena, "due%zu@example.com", i), dues[i].zone);
        i64 from, want;
        assert_true(time_parse(str_from(dues[i].from), &from));
        assert_true(time_parse(str_from(dues[i].want), &want));
        i64 got = sequence_due(h->cx, s, c, from, dues[i].days, dues[i].hours);
        if (got != want)
            fail_msg("%s: %s, not %s", dues[i].note, time_iso(h->arena, got), dues[i].want);
    }
    row_clear(s, SEQUENCE_HOURS);
    struct row *c = contact_of(h, "any@example.com", "");
    assert_int_equal(sequence_due(h->cx, s, c, BERLIN_11, 5, 0), BERLIN_11 + 5 * MS_DAY);
}

/* ---- the way through ---- */
static void mails_go_in_one_thread(void **state)
{
    struct house *h = *state;
    struct person *sam = house_user(h, "Sam", "Sales");
    struct row *c = contact_of(h, "ada@example.com", "Europe/Berlin"), *r, *first, *second;

    have_mailbox(h, sam->user_id);
    r = enrolled(h, sequence_of(h, usual, countof(usual)), c, sam->user_id);
    run(h);
    run(h); /* twice is once */
    assert_int_equal(count_of(h, "email", ""), 1);
    first = only(h, "email", "");
    assert_string_equal(row_text(first, EMAIL_SUBJECT), "Your fields, Ada");
    assert_non_null(strstr(row_text(first, EMAIL_TEXT), "Hello Ada.\n\n-- \nSam, Sales"));
    r = again(h, r);
    assert_int_equal(row_i64(r, ENROLMENT_DUE), BERLIN_11 + 2 * MS_DAY);
    run_at(h, BERLIN_11 + 2 * MS_DAY - MS_MINUTE);
    assert_int_equal(count_of(h, "email", ""), 1);
    run_at(h, BERLIN_11 + 2 * MS_DAY);
    assert_int_equal(count_of(h, "email", ""), 2);
    second = only(h, "email", "subject starts 'Re:'");
    assert_string_equal(row_text(second, EMAIL_SUBJECT), "Re: Your fields, Ada");
    assert_string_equal(row_text(second, EMAIL_THREAD), row_text(first, EMAIL_THREAD));
    assert_non_null(strstr(row_text(second, EMAIL_REFERENCES), row_text(first, EMAIL_MESSAGE_ID)));
    run_at(h, BERLIN_11 + 3 * MS_DAY);
    struct row *call = only(h, "activity", "kind = 'call'");
    assert_string_equal(row_text(call, ACTIVITY_SUBJECT), "Ring them");
    assert_string_equal(row_text(call, ACTIVITY_BODY), "Ask about their company.");
    r = again(h, r);
    assert_false(row_has(r, ENROLMENT_DUE));
    assert_string_equal(row_text(r, ENROLMENT_STATUS), "active");
    row_set_i64(call, ACTIVITY_DONE, 1);
    saved(h, call);
    assert_string_equal(row_text(again(h, r), ENROLMENT_STATUS), "finished");
    assert_int_equal(count_of(h, "enrolment_step", "status = 'sent' or status = 'done'"), 3);
}

/* A picture tells that a mail was opened, where the sequence asks for it. */
static void a_picture_tells_that_it_was_opened(void **state)
{
    struct house *h = *state;
    struct person *sam = house_user(h, "Sam", "Sales");
    struct renderer *renderer = renderer_new();
    struct mail_from from = { .goes = true, .name = "Sam", .address = "sam@ours.test" };

    have_mailbox(h, sam->user_id);
    for (int opens = 0; opens < 2; opens++) {
        struct row *s = sequence_of(h, usual, 1), *c, *taken, *email;
        struct mail_message m;
        struct mail_text text;
        row_set_i64(s, SEQUENCE_OPENS, opens);
        saved(h, s);
        c = contact_of(h, opens ? "a@example.com" : "b@example.com", "");
        enrolled(h, s, c, sam->user_id);
        run(h);
        email = only(h, "email",
                     arena_printf(h->arena, "contact_id = '%s'", id_text(h->arena, row_id(c))));
        assert_ok(h->cx, mail_get(h->cx, row_i64(email, EMAIL_MAIL), &m));
        assert_string_equal(m.source, "sequence");
        assert_ok(h->cx, mail_render(h->cx, renderer, &m, &from, &text));
        assert_non_null(strstr(text.text, "Hello Ada.\n\n-- \nSam, Sales"));
        assert_int_equal(
            !text_empty(text.html) && strstr(text.html, "<img src=\"https://crm.test/"), opens);
        struct val *props = val_map(h->arena);
        val_put_text(props, "source", "sequence");
        val_put_text(props, "source_id", id_text(h->arena, row_id(email)));
        assert_ok(h->cx, happen(h->cx, &(struct happening){ .name = "mail.opened",
                                                            .contact_id = row_id(c),
                                                            .props = props }));
        taken = only(h, "enrolment_step",
                     arena_printf(h->arena, "email_id = '%s'", id_text(h->arena, row_id(email))));
        assert_true(row_has(taken, TAKEN_OPENED));
    }
    renderer_free(renderer);
}

/* ---- what ends it ---- */
enum cause {
    REPLY,
    RECEIVED_LONG_AGO,
    MEETING,
    STAGE,
    BOUNCE,
    WITHDRAWN,
    SUPPRESSED,
    DELETED,
    MEETING_PAST
};

static void deal_moves(struct house *h, const struct row *c)
{
    struct row *d = new_row(h, &deal_type);
    struct list_page stages;

    row_set_text(d, DEAL_NAME, "Sensors");
    row_set_i64(d, DEAL_CONTACT, row_id(c));
    saved(h, d);
    assert_ok(h->cx,
              list_run(h->cx, &stage_type,
                       &(struct list_query){
                           .filter = arena_printf(h->arena, "pipeline_id = '%s'",
                                                  id_text(h->arena, row_i64(d, DEAL_PIPELINE))),
                           .sort = "position" },
                       &stages));
    row_set_i64(d, DEAL_STAGE, row_id(stages.rows[1]));
    saved(h, d);
}

static void plan_meeting(struct house *h, const struct row *c, i64 at)
{
    struct row *a = new_row(h, &activity_type);

    row_set_text(a, ACTIVITY_KIND, "meeting");
    row_set_text(a, ACTIVITY_SUBJECT, "First talk");
    row_set_i64(a, ACTIVITY_CONTACT, row_id(c));
    row_set_i64(a, ACTIVITY_DUE, at);
    saved(h, a);
}

static void cause(struct house *h, enum cause what, struct row *c)
{
    struct val *props = val_map(h->arena);
    const struct row *email =
        only(h, "email", arena_printf(h->arena, "contact_id = '%s'", id_text(h->arena, row_id(c))));

    val_put_text(props, "source", "sequence");
    val_put_text(props, "source_id", id_text(h->arena, row_id(email)));
    val_put_i64(props, "at", what == RECEIVED_LONG_AGO ? BERLIN_11 - MS_DAY : ctx_now(h->cx));
    struct happening it = { .contact_id = row_id(c), .props = props };
    switch (what) {
    case REPLY:
    case RECEIVED_LONG_AGO:
        it.name = "mail.received";
        assert_ok(h->cx, happen(h->cx, &it));
        break;
    case BOUNCE:
        it.name = "mail.bounced";
        assert_ok(h->cx, happen(h->cx, &it));
        break;
    case MEETING:
    case MEETING_PAST:
        plan_meeting(h, c, ctx_now(h->cx) + (what == MEETING ? MS_DAY : -MS_DAY));
        break;
    case STAGE:
        deal_moves(h, c);
        break;
    case WITHDRAWN:
        assert_ok(h->cx,
                  consent_withdraw(h->cx, &(struct consent_evidence){ .contact_id = row_id(c),
                                                                      .topic = "",
                                                                      .source = "preference" }));
        break;
    case SUPPRESSED:
        assert_ok(h->cx, suppression_add(h->cx, row_text(c, CONTACT_EMAIL), "manual", "", 0));
        break;
    case DELETED:
        assert_ok(h->cx, record_delete(h->cx, again(h, c)));
        break;
    }
}

static const struct {
    const char *note;
    enum cause what;
    const char *because, *marked; /* "": it goes on */
} ends[] = {
    { "an answer", REPLY, "reply", "replied_at is not empty" },
    { "a mail from before", RECEIVED_LONG_AGO, "", NULL },
    { "a meeting", MEETING, "meeting", "booked_at is not empty" },
    { "a meeting that was", MEETING_PAST, "", NULL },
    { "a deal that moves", STAGE, "stage", NULL },
    { "a bounce", BOUNCE, "bounce", "bounced_at is not empty" },
    { "consent that is taken back", WITHDRAWN, "opt_out", "opted_out_at is not empty" },
    { "an address that gets nothing", SUPPRESSED, "suppressed", NULL },
    { "a contact that is gone", DELETED, "gone", NULL },
};

static void what_ends_a_sequence(void **state)
{
    struct house *h = *state;
    struct person *sam = house_user(h, "Sam", "Sales");
    struct row *s;

    have_mailbox(h, sam->user_id);
    s = sequence_of(h, usual, countof(usual));
    for (size_t i = 0; i < countof(ends); i++) {
        struct row *c = contact_of(h, arena_printf(h->arena, "e%zu@example.com", i), ""), *r;
        h->clock->fixed_ms = BERLIN_11;
        r = enrolled(h, s, c, sam->user_id);
        run(h);
        i64 mails = count_of(h, "email", "");
        cause(h, ends[i].what, c);
        run_at(h, BERLIN_11 + 2 * MS_DAY);
        r = again(h, r);
        if (!text_is(row_text(r, ENROLMENT_BECAUSE), ends[i].because))
            fail_msg("%s: '%s'", ends[i].note, row_text(r, ENROLMENT_BECAUSE));
        if (count_of(h, "email", "") != mails + (ends[i].because[0] == '\0'))
            fail_msg("%s: %lld mails", ends[i].note, (long long)count_of(h, "email", ""));
        if (ends[i].marked &&
            count_of(h, "enrolment_step",
                     arena_printf(h->arena, "contact_id = '%s' and %s",
                                  id_text(h->arena, row_id(c)), ends[i].marked)) != 1)
            fail_msg("%s is not credited", ends[i].note);
    }
}

/* A mail that waits for its turn is taken off when the sequence ends. */
static void what_waits_is_taken_off(void **state)
{
    struct house *h = *state;
    struct person *sam = house_user(h, "Sam", "Sales");
    struct row *c = contact_of(h, "ada@example.com", ""), *r;

    have_mailbox(h, sam->user_id);
    r = enrolled(h, sequence_of(h, usual, countof(usual)), c, sam->user_id);
    run(h);
    struct web_response a = house_post(
        h, sam, arena_printf(h->arena, "/enrolments/%s/stop", id_text(h->arena, row_id(r))), "");
    house_expect(h, &a, 303);
    assert_string_equal(row_text(again(h, r), ENROLMENT_BECAUSE), "manual");
    assert_int_equal(count_of(h, "enrolment_step", "status = 'skipped'"), 1);
    assert_string_equal(row_text(only(h, "email", ""), EMAIL_STATE), "failed");
    a = house_post(h, sam,
                   arena_printf(h->arena, "/enrolments/%s/stop", id_text(h->arena, row_id(r))), "");
    house_expect(h, &a, 409);
}

/* ---- who may be enrolled ---- */
static void who_cannot_be_enrolled(void **state)
{
    struct house *h = *state;
    struct person *sam = house_user(h, "Sam", "Sales"), *kim = house_user(h, "Kim", "Sales");
    struct row *s, *r, *c, *empty = sequence_of(h, usual, 0);
    static const struct {
        const char *note, *email, *code;
        bool suppress, twice, kim, empty;
    } cases[] = {
        { "without an address", "", "enrolment.no_address", false, false, false, false },
        { "an address that gets nothing", "no@example.com", "enrolment.suppressed", true, false,
          false, false },
        { "twice", "two@example.com", "enrolment.twice", false, true, false, false },
        { "a sender without a mailbox", "k@example.com", "enrolment.no_mailbox", false, false, true,
          false },
        { "a sequence without steps", "x@example.com", "enrolment.empty", false, false, false,
          true },
    };

    have_mailbox(h, sam->user_id);
    s = sequence_of(h, usual, countof(usual));
    for (size_t i = 0; i < countof(cases); i++) {
        c = contact_of(h, cases[i].email, "");
        if (cases[i].suppress)
            assert_ok(h->cx, suppression_add(h->cx, cases[i].email, "manual", "", 0));
        if (cases[i].twice)
            enrolled(h, s, c, sam->user_id);
        r = new_row(h, &enrolment_type);
        row_set_i64(r, ENROLMENT_SEQUENCE, row_id(cases[i].empty ? empty : s));
        row_set_i64(r, ENROLMENT_CONTACT, row_id(c));
        row_set_i64(r, ENROLMENT_OWNER, cases[i].kim ? kim->user_id : sam->user_id);
        if (record_save(h->cx, r) != E_INVALID || h->cx->field_errors == NULL ||
            !text_is(h->cx->field_errors->code, cases[i].code))
            fail_msg("%s: %s", cases[i].note, h->cx->error_text);
        ctx_clear_error(h->cx);
    }
}

/* ---- one's own words ---- */
static void a_mail_waits_until_it_is_read(void **state)
{
    static const struct plan read[] = {
        { "mail", "Fields", "Hello.", 0, 0, true, false },
        { "mail", "", "Still there?", 1, 0, false, false },
    };
    struct house *h = *state;
    struct person *sam = house_user(h, "Sam", "Sales");
    struct row *c = contact_of(h, "ada@example.com", ""), *r, *s, *steps[SEQUENCE_STEPS_MAX];
    struct web_response a;
    size_t count;

    have_mailbox(h, sam->user_id);
    s = sequence_of(h, read, countof(read));
    r = enrolled(h, s, c, sam->user_id);
    assert_ok(h->cx, sequence_steps(h->cx, row_id(s), steps, &count));
    const char *path =
        arena_printf(h->arena, "/enrolments/%s/steps/%s", id_text(h->arena, row_id(r)),
                     id_text(h->arena, row_id(steps[0])));
    run(h);
    run_at(h, BERLIN_11 + MS_DAY);
    assert_int_equal(count_of(h, "email", ""), 0);
    assert_int_equal(count_of(h, "activity", "kind = 'mail' and done is false"), 1);
    a = house_get(h, sam, path);
    house_expect(h, &a, 200);
    assert_true(house_has(&a, "Hello."));
    a = house_post(h, sam, path, "subject=Your+fields&text=&do=send");
    house_expect(h, &a, 422);
    a = house_post(h, sam, path, "subject=Your+fields&text=Dear+Ada.&do=save");
    house_expect(h, &a, 303);
    assert_int_equal(count_of(h, "email", ""), 0);
    a = house_post(h, sam, path, "subject=Your+fields&text=Dear+Ada.&do=send");
    house_expect(h, &a, 303);
    a = house_post(h, sam, path, "subject=Your+fields&text=Dear+Ada.&do=send");
    house_expect(h, &a, 409);
    assert_int_equal(count_of(h, "email", ""), 1);
    assert_non_null(strstr(row_text(only(h, "email", ""), EMAIL_TEXT), "Dear Ada."));
    assert_int_equal(count_of(h, "activity", "done is false"), 0);
    /* written ahead, it goes by itself in these words */
    path = arena_printf(h->arena, "/enrolments/%s/steps/%s", id_text(h->arena, row_id(r)),
                        id_text(h->arena, row_id(steps[1])));
    a = house_post(h, sam, path, "subject=&text=My+own+words.&do=save");
    house_expect(h, &a, 303);
    run_at(h, BERLIN_11 + 2 * MS_DAY);
    struct row *second = only(h, "email", "subject = 'Re: Your fields'");
    assert_non_null(strstr(row_text(second, EMAIL_TEXT), "My own words."));
    assert_string_equal(row_text(again(h, r), ENROLMENT_STATUS), "finished");
}

/* ---- limits and trouble ---- */
static void a_day_has_a_limit(void **state)
{
    struct house *h = *state;
    struct person *sam = house_user(h, "Sam", "Sales");
    struct row *s;

    have_mailbox(h, sam->user_id);
    s = sequence_of(h, usual, 1);
    row_set_i64(s, SEQUENCE_DAILY, 3);
    saved(h, s);
    for (int i = 0; i < 7; i++)
        enrolled(h, s, contact_of(h, arena_printf(h->arena, "n%d@example.com", i), ""),
                 sam->user_id);
    for (int day = 0; day < 4; day++) {
        run_at(h, BERLIN_11 + day * MS_DAY);
        run(h);
        assert_int_equal(count_of(h, "email", ""), day < 2 ? 3 * (day + 1) : 7);
    }
}

static void trouble_stops_nobody_else(void **state)
{
    struct house *h = *state;
    struct person *sam = house_user(h, "Sam", "Sales"), *kim = house_user(h, "Kim", "Sales");
    struct row *s, *a, *b, *box;

    have_mailbox(h, sam->user_id);
    have_mailbox(h, kim->user_id);
    s = sequence_of(h, usual, 1);
    a = enrolled(h, s, contact_of(h, "a@example.com", ""), kim->user_id);
    b = enrolled(h, s, contact_of(h, "b@example.com", ""), sam->user_id);
    box = only(h, "mailbox",
               arena_printf(h->arena, "owner_id = '%s'", id_text(h->arena, kim->user_id)));
    row_set_i64(box, MAILBOX_ACTIVE, 0);
    saved(h, box);
    run(h);
    assert_string_equal(row_text(again(h, b), ENROLMENT_STATUS), "finished");
    a = again(h, a);
    assert_string_equal(row_text(a, ENROLMENT_STATUS), "active");
    assert_true(row_has(a, ENROLMENT_PROBLEM));
    box = again(h, box);
    row_set_i64(box, MAILBOX_ACTIVE, 1);
    saved(h, box);
    run_at(h, BERLIN_11 + 2 * MS_HOUR);
    assert_string_equal(row_text(again(h, a), ENROLMENT_STATUS), "finished");
    assert_int_equal(count_of(h, "email", ""), 2);
}

/* Whatever ends the transaction of a step leaves nothing of it: the next one does it whole. */
static enum status take_and_die(struct ctx *cx, void *id)
{
    TRY(sequence_take(cx, *(i64 *)id));
    return ctx_fail(cx, E_IO, "the program died");
}

static void a_step_is_whole_or_not_there(void **state)
{
    struct house *h = *state;
    struct person *sam = house_user(h, "Sam", "Sales");
    struct row *r;
    i64 id;

    have_mailbox(h, sam->user_id);
    r = enrolled(h, sequence_of(h, usual, countof(usual)), contact_of(h, "a@example.com", ""),
                 sam->user_id);
    id = row_id(r);
    for (int i = 0; i < 3; i++) {
        assert_int_equal(kit_write(h->cx, take_and_die, &id), E_IO);
        ctx_clear_error(h->cx);
        assert_int_equal(count_of(h, "email", ""), 0);
        assert_int_equal(count_of(h, "enrolment_step", ""), 0);
    }
    run(h);
    run(h);
    assert_int_equal(count_of(h, "email", ""), 1);
}

/* Two contacts that turn out to be one are written to once. */
static void merged_contacts_go_through_once(void **state)
{
    struct house *h = *state;
    struct person *sam = house_user(h, "Sam", "Sales"), *admin = house_user(h, "Ada", "");
    struct row *s, *a, *b, *ra, *rb;

    have_mailbox(h, sam->user_id);
    s = sequence_of(h, usual, countof(usual));
    a = contact_of(h, "a@example.com", "");
    b = contact_of(h, "b@example.com", "");
    ra = enrolled(h, s, a, sam->user_id);
    rb = enrolled(h, s, b, sam->user_id);
    struct web_response w = house_json(
        h, admin, HTTP_POST,
        arena_printf(h->arena, "/api/v1/contacts/%s/merge", id_text(h->arena, row_id(a))),
        arena_printf(h->arena, "{\"with\": \"%s\"}", id_text(h->arena, row_id(b))));
    house_expect(h, &w, 200);
    run(h);
    assert_int_equal(count_of(h, "email", ""), 1);
    assert_string_equal(row_text(again(h, ra), ENROLMENT_STATUS), "active");
    assert_string_equal(row_text(again(h, rb), ENROLMENT_BECAUSE), "twice");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        IN_BOTH_HOUSES(steps_are_due_when_people_work, NULL),
        IN_BOTH_HOUSES(mails_go_in_one_thread, NULL),
        IN_BOTH_HOUSES(a_picture_tells_that_it_was_opened, &public_house),
        IN_BOTH_HOUSES(what_ends_a_sequence, NULL),
        IN_BOTH_HOUSES(what_waits_is_taken_off, NULL),
        IN_BOTH_HOUSES(who_cannot_be_enrolled, NULL),
        IN_BOTH_HOUSES(a_mail_waits_until_it_is_read, NULL),
        IN_BOTH_HOUSES(a_day_has_a_limit, NULL),
        IN_BOTH_HOUSES(trouble_stops_nobody_else, NULL),
        IN_BOTH_HOUSES(a_step_is_whole_or_not_there, NULL),
        IN_BOTH_HOUSES(merged_contacts_go_through_once, NULL),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
