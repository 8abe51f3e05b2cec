/* bounce_test.c -- what comes back for mails: read as servers write it, believed as far as it is
 * proven, each once. */
#include "base/id.h"
#include "base/json.h"
#include "bridge/consent.h"
#include "bridge/contact.h"
#include "kit/web.h"
#include "mail/bounce.h"
#include "mail/message_int.h"
#include "mail/sender.h"
#include "support/house.h"

#define DAEMON(subject)                                                            \
    "Return-Path: <>\nFrom: Mail Delivery System <MAILER-DAEMON@mx.example>\nTo: " \
    "b@ours.test\nSubject: " subject "\n\n"
#define DSN(fields)                                                                         \
    "Return-Path: <>\nFrom: MAILER-DAEMON@mx.example\nSubject: Undelivered\nContent-Type: " \
    "multipart/report; report-type=delivery-status; boundary=x\n\n--x\n\nSorry.\n--x\n"     \
    "Content-Type: message/delivery-status\n\nReporting-MTA: dns; mx.example\n\n" fields    \
    "\n--x--\n"

static const struct {
    const char *note, *mail;
    enum report_kind kind;
    const char *address, *status;
} mails[] = {
    { "RFC 3464",
      DSN("Final-Recipient: rfc822; Gone@b.example\nAction: failed\nStatus: "
          "5.1.1\nDiagnostic-Code: smtp; 550 5.1.1 no such user"),
      REPORT_HARD, "gone@b.example", "5.1.1" },
    { "its original recipient is whom we wrote to",
      DSN("Original-Recipient: rfc822;anna@b.example\nFinal-Recipient: "
          "rfc822;anna@inner.example\nAction: failed\nStatus: 5.1.1"),
      REPORT_HARD, "anna@b.example", "5.1.1" },
    { "full",
      DSN("Final-Recipient: rfc822;a@b.example\nAction: failed\nStatus: 5.2.2\nDiagnostic-Code: "
          "smtp;552 5.2.2 over quota"),
      REPORT_SOFT, "a@b.example", "5.2.2" },
    { "refused for policy",
      DSN("Final-Recipient: rfc822;a@b.example\nAction: failed\nStatus: 5.7.1\nDiagnostic-Code: "
          "smtp; 554 5.7.1 spam"),
      REPORT_SOFT, "a@b.example", "5.7.1" },
    { "given up after days",
      DSN("Final-Recipient: rfc822;a@b.example\nAction: failed\nStatus: 4.4.7\nDiagnostic-Code: "
          "smtp; 421 later"),
      REPORT_SOFT, "a@b.example", "4.4.7" },
    { "delayed",
      DSN("Final-Recipient: rfc822;a@b.example\nAction: delayed\nStatus: 4.4.1\nDiagnostic-Code: "
          "smtp; 421 later"),
      REPORT_DELAYED, "a@b.example", "4.4.1" },
    { "delivered", DSN("Final-Recipient: rfc822;a@b.example\nAction: delivered\nStatus: 2.0.0"),
      REPORT_DELIVERED, "a@b.example", "2.0.0" },
    { "vague, but the words are clear",
      DSN("Final-Recipient: rfc822;a@b.example\nAction: failed\nStatus: 5.0.0\nDiagnostic-Code: "
          "smtp; 550 User unknown"),
      REPORT_HARD, "a@b.example", "5.1.1" },
    { "Exchange",
      DSN("Final-Recipient: rfc822;a@b.example\nAction: failed\nStatus: 5.1.10\nDiagnostic-Code: "
          "smtp;550 5.1.10 RESOLVER.ADR.RecipientNotFound; Recipient not found by SMTP address "
          "lookup"),
      REPORT_HARD, "a@b.example", "5.1.10" },
    { "qmail",
      DAEMON("failure notice") "Hi. This is the qmail-send program at mx.example.\nI'm afraid I "
                               "wasn't able to deliver your message to the following addresses.\n\n"
                               "<gone@b.example>:\nSorry, no mailbox here by that name. "
                               "(#5.1.1)\n\n--- Below this line is a copy of the message.\n\nTo: "
                               "other@c.example\n",
      REPORT_HARD, "gone@b.example", "5.1.1" },
    { "Exim",
      "Return-Path: <>\nX-Failed-Recipients: gone@b.example\nFrom: Mail Delivery System "
      "<Mailer-Daemon@mx.example>\nSubject: Mail delivery failed: returning message to sender\n\n"
      "A message that you sent could not be delivered to one or more of its recipients.\n\n  "
      "gone@b.example\n    host mx.b.example [192.0.2.1]\n    SMTP error from remote mail server "
      "after RCPT TO:<gone@b.example>:\n    550 5.1.1 unknown user\n",
      REPORT_HARD, "gone@b.example", "5.1.1" },
    { "Exim, an IP address is no status",
      DAEMON("Mail delivery failed") "  gone@b.example\n    host mx.b.example [5.1.1.20]: 550 "
                                     "Unrouteable address\n",
      REPORT_HARD, "gone@b.example", "5.1.1" },
    { "Gmail",
      "Return-Path: <>\nX-Failed-Recipients: gone@gmail.example\nFrom: Mail Delivery Subsystem "
      "<mailer-daemon@googlemail.com>\nSubject: Delivery Status Notification (Failure)\n\n"
      "** Address not found **\n\nYour message wasn't delivered to gone@gmail.example because the "
      "address couldn't be found.\n\nThe response was:\n550 5.1.1 The email account that you tried "
      "to reach does not exist.\n",
      REPORT_HARD, "gone@gmail.example", "5.1.1" },
    { "old Exchange",
      "From: System Administrator <postmaster@b.example>\nSubject: Undeliverable: Offer\n\nYour "
      "message did not reach some or all of the intended recipients.\n\nThe following recipient(s) "
      "could not be reached:\n\n  gone@b.example on 23/11/2026\n  The e-mail account does not "
      "exist at the organization this message was sent to. <mx.b.example #5.1.1>\n",
      REPORT_HARD, "gone@b.example", "5.1.1" },
    { "full, in German", DAEMON("Unzustellbar: Angebot") "anna@b.example\nDas Postfach ist voll.\n",
      REPORT_SOFT, "anna@b.example", "5.2.2" },
    { "a warning", DAEMON("Warning: message 1abc delayed 24 hours") "  anna@b.example\n",
      REPORT_DELAYED, "anna@b.example", "" },
    { "a complaint",
      "From: fbl@provider.example\nContent-Type: multipart/report; report-type=feedback-report; "
      "boundary=x\n\n--x\n\nAbuse.\n--x\nContent-Type: message/feedback-report\n\n"
      "Feedback-Type: abuse\nUser-Agent: SomeGenerator/1.0\nVersion: 1\nOriginal-Rcpt-To: "
      "anna@b.example\n--x\nContent-Type: message/rfc822\n\nMessage-ID: <x@ours.test>\n\n--x--\n",
      REPORT_COMPLAINT, "anna@b.example", "" },
    { "out of office",
      "From: anna@b.example\nSubject: Automatic reply: Offer\nAuto-Submitted: auto-replied\n\nI am "
      "away.\n",
      REPORT_AUTO_REPLY, "anna@b.example", "" },
    { "vacation by an old program",
      "From: anna@b.example\nSubject: Re: Offer\nX-Autoreply: yes\n\nAway.\n", REPORT_AUTO_REPLY,
      "anna@b.example", "" },
    { "in German",
      "From: anna@b.example\nSubject: Abwesenheitsnotiz: Angebot\n\nIch bin im Urlaub.\n",
      REPORT_AUTO_REPLY, "anna@b.example", "" },
    { "a read receipt",
      "From: anna@b.example\nSubject: Read: Offer\nContent-Type: multipart/report; "
      "report-type=disposition-notification; boundary=x\n\n--x\n\nRead.\n--x\nContent-Type: "
      "message/disposition-notification\n\nDisposition: manual-action; displayed\n--x--\n",
      REPORT_AUTO_REPLY, "anna@b.example", "" },
    { "a person",
      "From: Anna <anna@b.example>\nSubject: Re: Offer\nAuto-Submitted: no\n\nThe delivery failed "
      "to convince me.\n",
      REPORT_NONE, "", "" },
    { "a person whose subject sounds like one",
      "From: anna@b.example\nSubject: Undeliverable promises\n\nHi\n", REPORT_NONE, "", "" },
};

static void reports_are_told_from_mails(void **state)
{
    struct house *h = *state;

    for (size_t i = 0; i < countof(mails); i++) {
        struct report out[REPORTS_IN_MAIL] = {
            { .kind = REPORT_NONE, .address = "", .status = "" }
        };
        struct letter *m;
        size_t count;
        assert_int_equal(mime_read(h->cx, str_from(mails[i].mail), &m), OK);
        assert_int_equal(bounce_read(h->cx, m, out, &count), OK);
        if (out[0].kind != mails[i].kind || !text_is(out[0].address, mails[i].address) ||
            !text_is(out[0].status, mails[i].status) || count != (mails[i].kind != REPORT_NONE))
            fail_msg("%s: got %s, '%s', '%s'", mails[i].note, report_kind_word((int)out[0].kind),
                     out[0].address, out[0].status);
    }
}

/* ---- what follows ---- */

static i64 contact_of(struct house *h, const char *email)
{
    struct row *r = row_new(h->cx, &contact_type);

    row_set_text(r, CONTACT_EMAIL, email);
    assert_int_equal(record_save(h->cx, r), OK);
    return row_id(r);
}

static void run(struct house *h, const char *text)
{
    struct sql q = sql_new(h->cx);

    sql_add(&q, text);
    assert_int_equal(db_run_sql(h->cx, &q, NULL), OK);
}

/* A mail that its relay took. */
static i64 sent_mail(struct house *h, i64 contact, const char *to)
{
    struct row *s = row_new(h->cx, &sender_type);
    i64 id, sender;

    if (sender_default(h->cx, &sender) != OK) {
        row_set_text(s, SENDER_NAME, "News");
        row_set_text(s, SENDER_FROM, "news@ours.test");
        assert_int_equal(record_save(h->cx, s), OK);
    }
    assert_int_equal(mail_send(h->cx,
                               &(struct mail){ .lane = MAIL_LANE_BULK,
                                               .contact_id = contact,
                                               .to = to,
                                               .subject = "Offer",
                                               .text = "Hi",
                                               .source = "test",
                                               .source_id = 7,
                                               .user_id = 0 },
                               &id),
                     OK);
    run(h,
        arena_printf(h->arena, "UPDATE mail_message SET state = 2, sent_at = %lld WHERE id = %lld",
                     (long long)ctx_now(h->cx), (long long)id));
    return id;
}

static int state_of(struct house *h, i64 id)
{
    struct mail_message m;

    assert_int_equal(mail_get(h->cx, id, &m), OK);
    return m.state;
}

static const char *suppressed(struct house *h, const char *address)
{
    const char *reason;

    assert_int_equal(suppression_find(h->cx, address, &reason), OK);
    return reason ? reason : "";
}

/* A report as a server writes it; shows: the Message-ID line of what is given back. */
static const char *dsn(struct house *h, const char *to, const char *status, const char *shows)
{
    return arena_printf(
        h->arena,
        "Return-Path: <>\nFrom: MAILER-DAEMON@mx.example\nSubject: Undelivered\nContent-Type: "
        "multipart/report; report-type=delivery-status; boundary=x\n\n--x\n\nSorry.\n--x\n"
        "Content-Type: message/delivery-status\n\nReporting-MTA: dns; mx\n\nFinal-Recipient: "
        "rfc822;%s\nAction: failed\nStatus: %s\nDiagnostic-Code: smtp; 550 %s no\n--x\n"
        "Content-Type: text/rfc822-headers\n\n%s\nSubject: Offer\n\n--x--\n",
        to, status, status, shows);
}

static enum report_kind take(struct house *h, const char *mail, const char *key)
{
    enum report_kind kind;

    assert_int_equal(inbound_take(h->cx, str_from(mail), "test", key, &kind), OK);
    return kind;
}

static i64 reports(struct house *h)
{
    struct sql q = sql_new(h->cx);

    sql_add(&q, "SELECT count(*) FROM mail_report");
    scoped(stmt_close) struct stmt st = db_query_sql(h->cx, &q);
    assert_true(stmt_next(&st));
    return col_i64(&st, 0);
}

static void a_proven_report_suppresses_a_dead_address_once(void **state)
{
    struct house *h = *state;
    i64 anna = contact_of(h, "Anna@b.example"), id = sent_mail(h, anna, "Anna@b.example");
    const char *shows =
        arena_printf(h->arena, "Message-ID: %s", mail_message_id(h->cx, id, "ours.test"));

    assert_int_equal(take(h, dsn(h, "anna@b.example", "5.1.1", shows), "1"), REPORT_HARD);
    assert_int_equal(state_of(h, id), MAIL_BOUNCED);
    assert_string_equal(suppressed(h, "anna@b.example"), "hard_bounce");
    assert_int_equal(take(h, dsn(h, "anna@b.example", "5.1.1", shows), "1"), REPORT_HARD);
    assert_int_equal(reports(h), 1);
}

static void who_only_says_so_suppresses_nobody(void **state)
{
    struct house *h = *state;
    i64 anna = contact_of(h, "anna@b.example"), id = sent_mail(h, anna, "anna@b.example");

    take(h, dsn(h, "anna@b.example", "5.1.1", "Message-ID: <made.up@ours.test>"), "1");
    assert_string_equal(suppressed(h, "anna@b.example"), "");
    take(h, dsn(h, "stranger@b.example", "5.1.1", ""), "2");
    assert_string_equal(suppressed(h, "stranger@b.example"), "");
    (void)id;
}

static void soft_bounces_count_up_to_a_rest(void **state)
{
    struct house *h = *state;
    i64 anna = contact_of(h, "anna@b.example");

    for (int i = 1; i <= 5; i++) {
        i64 id = sent_mail(h, anna, "anna@b.example");
        const char *shows =
            arena_printf(h->arena, "Message-ID: %s", mail_message_id(h->cx, id, "ours.test"));
        assert_string_equal(suppressed(h, "anna@b.example"), "");
        assert_int_equal(
            take(h, dsn(h, "anna@b.example", "5.2.2", shows), arena_printf(h->arena, "%d", i)),
            REPORT_SOFT);
        assert_int_equal(state_of(h, id), MAIL_BOUNCED);
    }
    assert_string_equal(suppressed(h, "anna@b.example"), "hard_bounce");
    h->clock->fixed_ms += 31 * (i64)MS_DAY;
    assert_string_equal(suppressed(h, "anna@b.example"), "");
}

static void a_token_in_the_address_proves_too(void **state)
{
    struct house *h = *state;
    i64 anna = contact_of(h, "anna@b.example"), id = sent_mail(h, anna, "anna@b.example");
    const char *name = mail_message_id(h->cx, id, "x");
    const char *mail =
        arena_printf(h->arena, "Delivered-To: bounces+%.*s@ours.test\n%s",
                     (int)strcspn(name + 1, "@"), name + 1, dsn(h, "anna@b.example", "5.1.1", ""));

    assert_int_equal(take(h, mail, "1"), REPORT_HARD);
    assert_string_equal(suppressed(h, "anna@b.example"), "hard_bounce");
}

static void a_complaint_withdraws_everything(void **state)
{
    struct house *h = *state;
    i64 anna = contact_of(h, "anna@b.example"), id = sent_mail(h, anna, "anna@b.example"), topic;
    const char *why;
    bool may;

    assert_int_equal(topic_by_slug(h->cx, "newsletter", &topic), OK);
    assert_int_equal(consent_give(h->cx,
                                  &(struct consent_evidence){ .contact_id = anna,
                                                              .topic_id = topic,
                                                              .source = "form",
                                                              .wording = "Yes",
                                                              .confirmed = true },
                                  NULL),
                     OK);
    const char *mail =
        arena_printf(h->arena,
                     "From: fbl@p.example\nContent-Type: multipart/report; "
                     "report-type=feedback-report; boundary=x\n\n--x\n\nAbuse.\n--x\nContent-Type: "
                     "message/feedback-report\n\nFeedback-Type: abuse\nVersion: 1\n--x\n"
                     "Content-Type: message/rfc822\n\nMessage-ID: %s\n\nbody\n--x--\n",
                     mail_message_id(h->cx, id, "ours.test"));
    assert_int_equal(take(h, mail, "1"), REPORT_COMPLAINT);
    assert_string_equal(suppressed(h, "anna@b.example"), "complaint");
    assert_int_equal(consent_allows(h->cx, anna, topic, &may, &why), OK);
    assert_false(may);
}

static void a_reply_is_heard_once_and_an_absence_is_none(void **state)
{
    struct house *h = *state;
    i64 anna = contact_of(h, "anna@b.example"), id = sent_mail(h, anna, "anna@b.example");
    const char *to = mail_message_id(h->cx, id, "ours.test");
    const char *reply =
        arena_printf(h->arena,
                     "From: Anna <anna@b.example>\nMessage-ID: <r1@b.example>\nSubject: Re: "
                     "Offer\nIn-Reply-To: %s\n\nYes please.\n\nOn Monday, News wrote:\n> Hi\n",
                     to);
    const char *away =
        arena_printf(h->arena,
                     "From: anna@b.example\nMessage-ID: <r2@b.example>\nSubject: Out of "
                     "office\nAuto-Submitted: auto-replied\nIn-Reply-To: %s\n\nAway.\n",
                     to);
    struct person *ada = house_user(h, "Ada", "");

    assert_int_equal(take(h, away, "1"), REPORT_AUTO_REPLY);
    assert_int_equal(take(h, reply, "2"), REPORT_REPLY);
    assert_int_equal(take(h, reply, "3"), REPORT_REPLY);
    assert_int_equal(reports(h), 2);
    struct web_response r =
        house_get(h, ada, arena_printf(h->arena, "/contacts/%s", id_text(h->arena, anna)));
    house_expect(h, &r, 200);
    assert_true(house_has(&r, "Replied to a mail: Re: Offer"));
    assert_true(house_has(&r, "Yes please."));
    assert_false(house_has(&r, "On Monday, News wrote"));
}

static void half_a_report_is_none(void **state)
{
    struct house *h = *state;
    i64 anna = contact_of(h, "anna@b.example"), id = sent_mail(h, anna, "anna@b.example");
    const char *mail =
        dsn(h, "anna@b.example", "5.1.1",
            arena_printf(h->arena, "Message-ID: %s", mail_message_id(h->cx, id, "ours.test")));
    enum status s = E_IO;

    for (u64 n = 1; s != OK && n < 200; n++) {
        struct tx tx = tx_begin(h->cx);
        db_store_fail_at(h->t->store, n);
        s = inbound_take(h->cx, str_from(mail), "test", "1", NULL);
        if (s == OK)
            s = tx_commit(&tx);
        db_store_fail_at(h->t->store, 0);
        tx_end(&tx);
        ctx_clear_error(h->cx);
        if (s != OK) {
            assert_int_equal(reports(h), 0);
            assert_int_equal(state_of(h, id), MAIL_SENT);
            assert_string_equal(suppressed(h, "anna@b.example"), "");
        }
    }
    assert_int_equal(s, OK);
    assert_int_equal(reports(h), 1);
    assert_string_equal(suppressed(h, "anna@b.example"), "hard_bounce");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        IN_SQLITE_HOUSE(reports_are_told_from_mails, NULL),
        IN_BOTH_HOUSES(a_proven_report_suppresses_a_dead_address_once, NULL),
        IN_BOTH_HOUSES(who_only_says_so_suppresses_nobody, NULL),
        IN_BOTH_HOUSES(soft_bounces_count_up_to_a_rest, NULL),
        IN_SQLITE_HOUSE(a_token_in_the_address_proves_too, NULL),
        IN_BOTH_HOUSES(a_complaint_withdraws_everything, NULL),
        IN_BOTH_HOUSES(a_reply_is_heard_once_and_an_absence_is_none, NULL),
        IN_SQLITE_HOUSE(half_a_report_is_none, NULL),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
