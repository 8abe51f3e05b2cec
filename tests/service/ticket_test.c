/* ticket_test.c -- what is done to tickets: from a form, merged, split, answered by two at once;
 * and that status and the conversation's state go together. */
#include "base/id.h"
#include "io/mime.h"
#include "kit/filter.h"
#include "mail/arrival.h"
#include "mail/delivery_int.h"
#include "mail/mailbox.h"
#include "mail/sender.h"
#include "service/ticket_int.h"
#include "service/ticket_step.h"
#include "support/house.h"

#define ok(x)                                                             \
    do {                                                                  \
        if ((x) != OK)                                                    \
            fail_msg("%s:%d: %s", __FILE__, __LINE__, h->cx->error_text); \
    } while (0)

static void make_sender(struct house *h)
{
    struct row *s = row_new(h->cx, &sender_type);

    row_set_text(s, SENDER_NAME, "Support");
    row_set_text(s, SENDER_FROM_NAME, "Support");
    row_set_text(s, SENDER_FROM, "help@alderfield.test");
    row_set_i64(s, SENDER_DEFAULT, 1);
    ok(record_save(h->cx, s));
}

static struct row *ticket(struct house *h, i64 id)
{
    struct row *t;

    ok(record_get(h->cx, &ticket_type, id, &t));
    return t;
}

static struct row *talk(struct house *h, i64 id)
{
    struct row *r;

    ok(record_get(h->cx, &conversation_type, row_i64(ticket(h, id), TICKET_CONVERSATION), &r));
    return r;
}

static i64 open_ticket(struct house *h, const char *email, const char *text)
{
    struct said said = { .text = text };
    struct row *t;

    ok(ticket_make(
        h->cx,
        &(struct ticket_new){ .said = &said, .subject = text, .channel = "api", .email = email },
        &t, NULL));
    return row_id(t);
}

static const char *path_of(struct house *h, i64 id, const char *what)
{
    return arena_printf(h->arena, "/tickets/%s/%s", id_text(h->arena, id), what);
}

static i64 messages_of(struct house *h, i64 id, const char *author)
{
    i64 count;

    ok(list_count(h->cx, &conversation_message_type,
                  arena_printf(h->arena, "author = '%s' and conversation_id = '%s'", author,
                               id_text(h->arena, row_i64(ticket(h, id), TICKET_CONVERSATION))),
                  "", 0, &count));
    return count;
}

/* ---- the rule ---- */
static const struct {
    const char *note, *status, *state; /* set; what the conversation becomes */
} forward[] = {
    { "pending waits", "pending", "waiting" },  { "on hold waits", "on_hold", "waiting" },
    { "open is open", "open", "open" },         { "solved is closed", "solved", "closed" },
    { "closed is closed", "closed", "closed" }, { "and open again", "open", "open" },
};
static const struct {
    const char *note, *state, *before, *after;
} backward[] = {
    { "answered in the inbox", "waiting", "new", "pending" },
    { "closed in the inbox", "closed", "pending", "solved" },
    { "on hold waits already", "waiting", "on_hold", "on_hold" },
    { "they wrote", "open", "solved", "open" },
    { "new stays new", "open", "new", "new" },
};

static void status_and_state_go_together(void **state)
{
    struct house *h = *state;
    i64 id = open_ticket(h, "rule@farm.example", "A rule");

    for (size_t i = 0; i < countof(forward); i++) {
        struct row *t = ticket(h, id);
        row_set_text(t, TICKET_STATUS, forward[i].status);
        ok(record_save(h->cx, t));
        if (!text_is(row_text(talk(h, id), CONVERSATION_STATE), forward[i].state))
            fail_msg("%s: it is %s", forward[i].note, row_text(talk(h, id), CONVERSATION_STATE));
    }
    for (size_t i = 0; i < countof(backward); i++) {
        struct row *t = ticket(h, id);
        row_set_text(t, TICKET_STATUS, backward[i].before);
        ok(record_save(h->cx, t));
        ok(conversation_move(h->cx, talk(h, id), backward[i].state));
        if (!text_is(row_text(ticket(h, id), TICKET_STATUS), backward[i].after))
            fail_msg("%s: it is %s", backward[i].note, row_text(ticket(h, id), TICKET_STATUS));
    }
}

static void merging_moves_the_talk_and_splitting_parts_it(void **state)
{
    struct house *h = *state;
    struct person *who = house_user(h, "Sue Service", "Service");
    i64 first = open_ticket(h, "two@farm.example", "The probe is silent"),
        second = open_ticket(h, "two@farm.example", "And the gateway blinks"), third;
    struct web_response r =
        house_post(h, who, path_of(h, second, "merge"),
                   arena_printf(h->arena, "into=%s", row_text(ticket(h, first), TICKET_CODE)));

    house_expect(h, &r, 303);
    assert_int_equal(messages_of(h, first, "visitor"), 2);
    assert_int_equal(messages_of(h, second, "visitor"), 0);
    assert_string_equal(row_text(ticket(h, second), TICKET_STATUS), "closed");
    assert_int_equal(row_i64(ticket(h, second), TICKET_MERGED_INTO), first);
    r = house_post(h, who, path_of(h, first, "merge"),
                   arena_printf(h->arena, "into=%s", row_text(ticket(h, second), TICKET_CODE)));
    house_expect(h, &r, 422); /* it was merged itself */
    /* Apart again: what came second becomes a third ticket. */
    struct list_page page;
    ok(list_run(h->cx, &conversation_message_type,
                &(struct list_query){ .filter = "author = 'visitor'", .sort = "-id", .limit = 1 },
                &page));
    r = house_post(h, who, path_of(h, first, "split"),
                   arena_printf(h->arena, "message=%s", id_text(h->arena, row_id(page.rows[0]))));
    house_expect(h, &r, 303);
    assert_int_equal(messages_of(h, first, "visitor"), 1);
    ok(list_run(h->cx, &ticket_type, &(struct list_query){ .sort = "-id", .limit = 1 }, &page));
    third = row_id(page.rows[0]);
    assert_true(third != first && third != second);
    assert_int_equal(messages_of(h, third, "visitor"), 1);
    assert_int_equal(row_i64(page.rows[0], TICKET_CONTACT),
                     row_i64(ticket(h, first), TICKET_CONTACT));
}

static void two_do_not_answer_at_once(void **state)
{
    struct house *h = *state;
    struct person *sue = house_user(h, "Sue Service", "Service"),
                  *tom = house_user(h, "Tom Service", "Service");
    i64 id = open_ticket(h, "both@farm.example", "Who answers?");
    struct web_response r;

    make_sender(h);
    r = house_post(h, sue, path_of(h, id, "say"), "text=I+do.&seen=");
    house_expect(h, &r, 303);
    r = house_post(h, tom, path_of(h, id, "say"), "text=So+do+I.&seen=");
    house_expect(h, &r, 422);
    assert_true(house_has(&r, "Sue Service has answered in the meantime"));
    assert_true(house_has(&r, "So do I."));
    assert_int_equal(messages_of(h, id, "team"), 1);
    r = house_post(h, sue, path_of(h, id, "say"), "text=And+more.&seen=");
    house_expect(h, &r, 303); /* one's own answers are no surprise */
}

static void what_is_still_to_be_done_goes_along(void **state)
{
    struct house *h = *state;
    i64 from = open_ticket(h, "steps@farm.example", "Welcome"),
        into = open_ticket(h, "steps@farm.example", "When do you come?"),
        last = open_ticket(h, "steps@farm.example", "And after that?");
    struct row **steps;
    size_t count;

    ok(ticket_step_add(h->cx, into, "step", "Answer"));
    ok(ticket_step_add(h->cx, from, "bought", "40 probes"));
    ok(ticket_step_add(h->cx, from, "promised", "Within two weeks"));
    ok(ticket_steps(h->cx, from, &steps, &count));
    row_set_i64(steps[0], STEP_DONE, 1);
    ok(record_save(h->cx, steps[0]));
    ok(ticket_merge(h->cx, ticket(h, from), ticket(h, into)));
    ok(ticket_steps(h->cx, from, &steps, &count));
    assert_int_equal(count, 0);
    ok(ticket_steps(h->cx, into, &steps, &count));
    assert_int_equal(count, 3); /* in order, and what was done stays done */
    assert_string_equal(row_text(steps[1], STEP_TEXT), "40 probes");
    assert_true(row_bool(steps[1], STEP_DONE));
    assert_false(row_bool(steps[2], STEP_DONE));
    for (size_t i = 0; i < count; i++) {
        row_set_i64(steps[i], STEP_DONE, 1);
        ok(record_save(h->cx, steps[i]));
    }
    ok(ticket_merge(h->cx, ticket(h, into), ticket(h, last)));
    ok(ticket_steps(h->cx, into, &steps, &count));
    assert_int_equal(count, 3); /* nothing is to be done: it stays where it was done */
}

/* ---- canned answers ---- */
static const struct {
    const char *note, *type, *text, *refused; /* "" kept */
} kept[] = {
    { "plain words", "snippet", "Thank you.", "" },
    { "known ones", "snippet",
      "{{contact.first_name|there}}, {{company.name}}, {{ticket.code}}, {{sender.name}}", "" },
    { "unknown", "snippet", "Hello {{contact.frist_name}}", "first_name" },
    { "not closed", "snippet", "Hello {{contact.first_name", "closes it" },
    { "no such root", "snippet", "{{tiket.code}}", "The nearest is 'ticket'" },
    { "a macro's", "macro", "{{ticket.cod}}", "{{ticket.code}}" },
    { "a macro's older words", "macro", "Hello {{name}}, {{ticket}} is done. {{me}}", "" },
};

static struct row *canned(struct house *h, const char *type, const char *name, const char *text)
{
    const struct record_type *t = type_find(h->cx, type);
    struct row *r = row_new(h->cx, t);

    row_set_text(r, type_field(t, "name"), name);
    row_set_text(r, type_field(t, "text"), text);
    return r;
}

static void unknown_words_are_refused_when_kept(void **state)
{
    struct house *h = *state;

    for (size_t i = 0; i < countof(kept); i++) {
        enum status s = record_save(h->cx, canned(h, kept[i].type, kept[i].note, kept[i].text));
        if ((s == OK) != text_empty(kept[i].refused))
            fail_msg("%s: %d, %s", kept[i].note, s, h->cx->error_text);
        if (s != OK && strstr(h->cx->field_errors->message, kept[i].refused) == NULL)
            fail_msg("%s: %s", kept[i].note, h->cx->field_errors->message);
        ctx_clear_error(h->cx);
    }
}

static void canned_answers_are_filled_in(void **state)
{
    struct house *h = *state;
    struct person *sue = house_user(h, "Sue Service", "Service");
    struct row *macro = canned(h, "macro", "Old", "Hello {{name}}, {{ticket}}. {{me}}");
    struct said said = { .text = "It is silent." };
    struct row *t;

    ok(record_save(h->cx, macro));
    assert_string_equal(row_text(macro, MACRO_TEXT),
                        "Hello {{contact.name}}, {{ticket.code}}. {{sender.name}}");
    ok(record_save(h->cx, canned(h, "snippet", "Way",
                                 "{{contact.first_name|Hello}}, of {{company.name|no firm}}: "
                                 "{{ticket.code}}, {{ticket.subject}}. {{sender.name}}")));
    ok(ticket_make(h->cx,
                   &(struct ticket_new){ .said = &said,
                                         .subject = "Silent",
                                         .channel = "api",
                                         .email = "ida@farm.example",
                                         .name = "Ida Berg" },
                   &t, NULL));
    const char *path = arena_printf(h->arena, "/tickets/%s", id_text(h->arena, row_id(t))),
               *code = row_text(t, TICKET_CODE);
    struct web_response r = house_get(h, sue, path);
    assert_true(
        house_has(&r, arena_printf(h->arena, "Ida, of no firm: %s, Silent. Sue Service", code)));
    r = house_get(h, sue,
                  arena_printf(h->arena, "%s?macro=%s", path, id_text(h->arena, row_id(macro))));
    assert_true(house_has(&r, arena_printf(h->arena, "Hello Ida Berg, %s. Sue Service", code)));
    r = house_get(h, sue, arena_printf(h->arena, "%s/snippet?name=way", path));
    assert_true(house_has(&r, arena_printf(h->arena, "Ida, of no firm: %s", code)));
    r = house_get(
        h, sue,
        arena_printf(h->arena, "/inbox?id=%s", id_text(h->arena, row_i64(t, TICKET_CONVERSATION))));
    assert_true(house_has(&r, "Ida, of no firm: , . Sue Service"));
}

/* ---- who gets a copy ---- */
static struct row *make_mailbox(struct house *h)
{
    struct row *box = row_new(h->cx, &mailbox_type);

    row_set_text(box, MAILBOX_NAME, "Support");
    row_set_text(box, MAILBOX_ADDRESS, "support@alderfield.test");
    row_set_text(box, MAILBOX_PURPOSE, "support");
    row_set_text(box, MAILBOX_HOST, "imap.alderfield.test");
    ok(record_save(h->cx, box));
    return box;
}

static i64 arrives(struct house *h, struct row *box, const char *head, const char *key)
{
    const char *mail = arena_printf(h->arena,
                                    "Subject: Copies\r\nMessage-ID: <%s@farm.example>\r\n%s\r\n"
                                    "The probe %s is silent.\r\n",
                                    key, head, key);
    struct list_page page;

    ok(mail_arrived(h->cx, box, str_from(mail), key, TIME_NONE));
    ok(list_run(h->cx, &ticket_type, &(struct list_query){ .sort = "-id", .limit = 1 }, &page));
    return row_id(page.rows[0]);
}

/* Heads of mails to support, in their order, and who gets copies of the answers to their ticket. */
static const struct {
    const char *note, *head, *cc;
} copies[] = {
    { "nobody else", "From: a@farm.example\r\nTo: support@alderfield.test\r\n", "" },
    { "To and Cc, each once",
      "From: a@farm.example\r\nTo: support@alderfield.test, Ole <Ole@farm.example>\r\n"
      "Cc: b@farm.example, ole@farm.example\r\n",
      "ole@farm.example, b@farm.example" },
    { "never ours, tagged or not",
      "From: a@farm.example\r\nTo: support@alderfield.test\r\nCc: help@alderfield.test, "
      "support+T1001-0000000000@alderfield.test, b@farm.example\r\n",
      "b@farm.example" },
    { "nor who wrote it",
      "From: a@farm.example\r\nTo: support@alderfield.test\r\nCc: A@Farm.example\r\n", "" },
    { "what is no address is left out",
      "From: a@farm.example\r\nTo: support@alderfield.test\r\nCc: undisclosed, x@, "
      "b@farm.example\r\n",
      "b@farm.example" },
};

static void whom_a_mail_went_to_gets_the_answers(void **state)
{
    struct house *h = *state;
    struct row *box = make_mailbox(h);

    make_sender(h);
    for (size_t i = 0; i < countof(copies); i++) {
        i64 id = arrives(h, box, copies[i].head, arena_printf(h->arena, "copy%zu", i));
        h->clock->fixed_ms += MS_HOUR;
        if (!text_is(row_text(ticket(h, id), TICKET_CC), copies[i].cc))
            fail_msg("%s: '%s'", copies[i].note, row_text(ticket(h, id), TICKET_CC));
    }
}

/* The mails of a ticket: whom each goes to, and what its head says. */
static const char *sent(struct house *h, i64 id)
{
    struct buf b = buf_in(h->arena, 4000);
    struct renderer *r = renderer_new();
    i64 ids[10];
    size_t count = 0;

    {
        struct sql q = sql_new(h->cx);
        sql_add(&q, "SELECT id FROM mail_message WHERE source = 'ticket' AND source_id = ");
        sql_i64(&q, id);
        sql_add(&q, " ORDER BY id");
        scoped(stmt_close) struct stmt s = db_query_sql(h->cx, &q);
        while (stmt_next(&s) && count < countof(ids))
            ids[count++] = col_i64(&s, 0);
    }
    for (size_t i = 0; i < count; i++) {
        struct mail_message m;
        struct mail_text text;
        ok(mail_get(h->cx, ids[i], &m));
        ok(mail_render(h->cx, r, &m, &(struct mail_from){ .name = "", .address = "", .goes = true },
                       &text));
        buf_printf(&b, "%s [%s", m.to, text.shown_to ? text.shown_to : "");
        for (size_t k = 0; k < text.header_count; k++)
            buf_printf(&b, " %s: %s", text.headers[k].name, text.headers[k].value);
        buf_text(&b, "]\n");
    }
    renderer_free(r);
    return buf_end(&b);
}

static void an_answer_goes_to_all_and_copies_can_be_changed(void **state)
{
    struct house *h = *state;
    struct person *sue = house_user(h, "Sue Service", "Service");
    struct row *box = make_mailbox(h);
    i64 id, other;

    make_sender(h);
    id = arrives(h, box,
                 "From: a@farm.example\r\nTo: support@alderfield.test\r\nCc: b@farm.example\r\n",
                 "all");
    struct web_response r =
        house_get(h, sue, arena_printf(h->arena, "/tickets/%s", id_text(h->arena, id)));
    assert_true(house_has(&r, "value=\"b@farm.example\""));
    assert_true(house_has(&r, "copy to b@farm.example"));
    r = house_post(h, sue, path_of(h, id, "say"),
                   "text=Hold+it.&cc=b@farm.example;+Carl+<C@farm.example>,a@farm.example");
    house_expect(h, &r, 303);
    assert_string_equal(row_text(ticket(h, id), TICKET_CC), "b@farm.example, c@farm.example");
    assert_string_equal(sent(h, id),
                        "a@farm.example [ Cc: b@farm.example, c@farm.example]\n"
                        "b@farm.example [a@farm.example Cc: b@farm.example, c@farm.example]\n"
                        "c@farm.example [a@farm.example Cc: b@farm.example, c@farm.example]\n");
    r = house_post(h, sue, path_of(h, id, "say"), "text=No&cc=Support%2Bx@alderfield.test");
    house_expect(h, &r, 422);
    assert_true(house_has(&r, "is an address of ours"));
    assert_true(house_has(&r, "value=\"Support+x@alderfield.test\""));
    r = house_post(h, sue, path_of(h, id, "say"), "text=No&cc=carl");
    house_expect(h, &r, 422);
    assert_true(house_has(&r, "&quot;carl&quot; is not a mail address"));
    assert_int_equal(messages_of(h, id, "team"), 1);
    /* A machine's answer brings nobody along; a person's does, once. */
    other = arrives(h, box,
                    "From: d@farm.example\r\nTo: support@alderfield.test\r\nCc: e@farm.example\r\n",
                    "other");
    (void)arrives(h, box,
                  arena_printf(h->arena,
                               "From: d@farm.example\r\nTo: support@alderfield.test\r\nCc: "
                               "f@farm.example\r\nIn-Reply-To: <other@farm.example>\r\n"
                               "Auto-Submitted: auto-replied\r\n"),
                  "machine");
    assert_string_equal(row_text(ticket(h, other), TICKET_CC), "e@farm.example");
    (void)arrives(h, box,
                  "From: e@farm.example\r\nTo: support@alderfield.test, d@farm.example\r\nCc: "
                  "f@farm.example\r\nIn-Reply-To: <other@farm.example>\r\n",
                  "person");
    assert_string_equal(row_text(ticket(h, other), TICKET_CC), "e@farm.example, f@farm.example");
    /* Merged: who was answered there is answered here. */
    r = house_post(h, sue, path_of(h, other, "merge"),
                   arena_printf(h->arena, "into=%s", row_text(ticket(h, id), TICKET_CODE)));
    house_expect(h, &r, 303);
    assert_string_equal(row_text(ticket(h, id), TICKET_CC),
                        "b@farm.example, c@farm.example, d@farm.example, e@farm.example, "
                        "f@farm.example");
}

/* ---- a long queue ---- */
static int rows_of(const struct web_response *r)
{
    int n = 0;

    for (const char *at = r->body.p; (at = strstr(at, "class=\"pane-row\"")); at++)
        n++;
    return n;
}

static void a_long_view_is_shown_in_two_steps(void **state)
{
    static const struct {
        const char *query;
        bool ticket; /* at a ticket's own page */
        int rows;
        bool more;
    } cases[] = {
        { "?view=open", false, 20, true },   { "?view=open&rows=more", false, 25, false },
        { "?view=open", true, 20, true },    { "?view=open&rows=more", true, 25, false },
        { "?view=solved", false, 0, false },
    };
    struct house *h = *state;
    struct person *sue = house_user(h, "Sue Service", "Service");
    const char *one = "";

    for (int i = 0; i < 25; i++)
        one =
            arena_printf(h->arena, "/tickets/%s",
                         id_text(h->arena, open_ticket(h, "many@farm.example",
                                                       arena_printf(h->arena, "Question %d", i))));
    for (size_t i = 0; i < countof(cases); i++) {
        const char *path = cases[i].ticket ? one : "/desk";
        struct web_response r =
            house_get(h, sue, arena_printf(h->arena, "%s%s", path, cases[i].query));
        house_expect(h, &r, 200);
        if (rows_of(&r) != cases[i].rows)
            fail_msg("%s%s: %d rows, not %d", path, cases[i].query, rows_of(&r), cases[i].rows);
        assert_int_equal(house_has(&r, ">Show more</a>"), cases[i].more);
        const char *link =
            arena_printf(h->arena, "class=\"pane-more\" href=\"%s?view=open&amp;rows=more\"", path);
        assert_int_equal(house_has(&r, link), cases[i].more);
    }
}

/* ---- who hears of it ---- */
static bool hears(struct house *h, struct person *who, const char *text)
{
    struct web_response r = house_get(h, who, "/notifications");

    house_expect(h, &r, 200);
    return house_has(&r, text);
}

static void followers_hear_of_answers_notes_and_customers(void **state)
{
    struct house *h = *state;
    struct person *sue = house_user(h, "Sue Service", "Service"),
                  *tom = house_user(h, "Tom Tell", "Service"),
                  *eve = house_user(h, "Eve Else", "Service");
    i64 id = open_ticket(h, "heard@farm.example", "Who hears me?");
    struct said said = { .text = "And now?" };
    struct row *t;

    make_sender(h);
    struct web_response r =
        house_post(h, sue, path_of(h, id, "say"), "text=Tom+does,+@tom+tell.&as=note");
    house_expect(h, &r, 303);
    assert_true(hears(h, tom, "Sue Service mentions you on T-"));
    assert_false(hears(h, eve, "Sue Service"));
    r = house_post(h, sue, path_of(h, id, "say"), "text=We+all+do,+@eve+else.");
    house_expect(h, &r, 303);
    assert_true(hears(h, tom, "Sue Service answered T-"));
    assert_false(hears(h, eve, "Sue Service")); /* what goes to a customer mentions nobody */
    t = ticket(h, id);
    ok(ticket_receive(h->cx, t, &said, &(i64){ 0 }));
    assert_true(hears(h, tom, "wrote: T-"));
    assert_true(hears(h, sue, "wrote: T-")); /* it became hers */
    r = house_post(h, tom, path_of(h, id, "unfollow"), "");
    house_expect(h, &r, 303);
    r = house_post(h, sue, path_of(h, id, "say"), "text=For+Sue+alone.&as=note");
    house_expect(h, &r, 303);
    assert_false(hears(h, tom, "For Sue alone"));
}

static void a_form_for_support_opens_tickets(void **state)
{
    struct house *h = *state;
    const struct record_type *type = type_find(h->cx, "form");
    struct val *props = val_map(h->arena), *answers = val_put_map(props, "answers");
    struct row *form = row_new(h->cx, type);
    i64 count;

    row_set_text(form, type_field(type, "name"), "Get help");
    row_set_text(form, type_field(type, "slug"), "help");
    ok(record_save(h->cx, form));
    val_put_text(answers, "email", "form@farm.example");
    val_put_text(answers, "message", "The probe in row 7 is silent since Monday.");
    struct happening posted = { .name = "form.submitted", .row = form, .props = props };
    ok(happen(h->cx, &posted));
    ok(list_count(h->cx, &ticket_type, "", "", 0, &count));
    assert_int_equal(count, 0); /* it is for marketing alone */
    row_set_i64(form, type_field(type, "opens_ticket"), 1);
    ok(record_save(h->cx, form));
    ok(happen(h->cx, &posted));
    struct list_page page;
    ok(list_run(h->cx, &ticket_type, &(struct list_query){ .sort = "-id", .limit = 2 }, &page));
    assert_int_equal(page.count, 1);
    assert_string_equal(row_text(page.rows[0], TICKET_SUBJECT), "Get help");
    assert_string_equal(row_text(page.rows[0], TICKET_EMAIL), "form@farm.example");
    assert_true(strncmp(row_text(talk(h, row_id(page.rows[0])), CONVERSATION_LAST_TEXT),
                        "The probe in row 7", 18) == 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        IN_BOTH_HOUSES(status_and_state_go_together, NULL),
        IN_BOTH_HOUSES(merging_moves_the_talk_and_splitting_parts_it, NULL),
        IN_BOTH_HOUSES(two_do_not_answer_at_once, NULL),
        IN_BOTH_HOUSES(what_is_still_to_be_done_goes_along, NULL),
        IN_BOTH_HOUSES(unknown_words_are_refused_when_kept, NULL),
        IN_BOTH_HOUSES(canned_answers_are_filled_in, NULL),
        IN_BOTH_HOUSES(whom_a_mail_went_to_gets_the_answers, NULL),
        IN_BOTH_HOUSES(an_answer_goes_to_all_and_copies_can_be_changed, NULL),
        IN_BOTH_HOUSES(a_long_view_is_shown_in_two_steps, NULL),
        IN_BOTH_HOUSES(followers_hear_of_answers_notes_and_customers, NULL),
        IN_BOTH_HOUSES(a_form_for_support_opens_tickets, NULL),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
