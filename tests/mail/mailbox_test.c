/* mailbox_test.c -- mail's way in and out with the servers that Debian carries: Postfix writes the
 * bounces, Dovecot keeps the mailboxes. Runs under support/with_mail.sh. */
#include "app/registry.h"
#include "base/id.h"
#include "base/json.h"
#include "bridge/consent.h"
#include "bridge/contact.h"
#include "io/dkim.h"
#include "io/imap.h"
#include "io/mime.h"
#include "io/pop.h"
#include "io/smtp.h"
#include "mail/delivery.h"
#include "mail/mailbox.h"
#include "mail/message_int.h"
#include "mail/sender.h"
#include "store/queue.h"
#include "support/house.h"
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <time.h>

static struct {
    int smtp, submission, smtps, imap, imaps, pop, pops;
    const char *dir, *trust;
} servers;

static void nap(int ms) { nanosleep(&(struct timespec){ ms / 1000, ms % 1000 * 1000000L }, NULL); }

static int read_servers(void **state)
{
    static char pem[8000];
    const char *ports = getenv("FURROW_TEST_MAIL"), *dir = getenv("FURROW_TEST_MAIL_DIR");
    char path[300];

    (void)state;
    if (ports == NULL || dir == NULL) {
        fprintf(stderr, "run this with tests/support/with_mail.sh\n");
        return -1;
    }
    if (sscanf(ports, "smtp=%d submission=%d smtps=%d imap=%d imaps=%d pop=%d pops=%d",
               &servers.smtp, &servers.submission, &servers.smtps, &servers.imap, &servers.imaps,
               &servers.pop, &servers.pops) != 7)
        return -1;
    snprintf(path, sizeof path, "%s/ca.pem", dir);
    FILE *f = fopen(path, "r");
    if (f == NULL)
        return -1;
    pem[fread(pem, 1, sizeof pem - 1, f)] = '\0';
    fclose(f);
    servers.dir = dir;
    servers.trust = pem;
    return 0;
}

/* ---- helpers ---- */

#define ok(h, x)                                                            \
    do {                                                                    \
        if ((x) != OK)                                                      \
            fail_msg("%s:%d: %s", __FILE__, __LINE__, (h)->cx->error_text); \
    } while (0)

static i64 contact_of(struct house *h, const char *email)
{
    struct row *r = row_new(h->cx, &contact_type);

    row_set_text(r, CONTACT_EMAIL, email);
    ok(h, record_save(h->cx, r));
    return row_id(r);
}

/* From outside: a mail for a mailbox of ours, as any server brings it. */
static void arrive(struct house *h, const char *from, const char *to, const char *mail)
{
    struct smtp_options o = { .host = "127.0.0.1", .port = servers.smtp, .security = SMTP_OPEN };
    struct smtp_reply reply;
    struct smtp_result result;
    struct smtp *s;
    struct buf crlf = buf_in(h->arena, 1000000);

    for (const char *p = mail; *p; p++) {
        if (*p == '\n')
            buf_char(&crlf, '\r');
        buf_char(&crlf, *p);
    }
    ok(h, smtp_open(h->cx, &o, &s, &reply));
    smtp_send(s,
              &(struct smtp_mail){
                  .from = from, .to = to, .head = { crlf.p, crlf.len }, .body = { "", 0 } },
              NULL, &result);
    if (result.outcome != SMTP_TAKEN)
        fail_msg("the mail server says %s", result.reply.text);
    smtp_close(s);
}

static struct mail_server server_of(const char *user)
{
    return (struct mail_server){ .host = "127.0.0.1",
                                 .port = servers.imaps,
                                 .tls = MAIL_TLS,
                                 .user = user,
                                 .password = "sow-and-harvest",
                                 .trust = servers.trust };
}

/* Mails in a folder. */
static u32 mails_in(struct house *h, const char *user, const char *folder)
{
    struct mail_server s = server_of(user);
    struct imap_state state;
    struct imap *im;

    ok(h, imap_open(h->cx, &s, &im));
    enum status st = imap_select(h->cx, im, folder, true, &state);
    imap_close(im);
    if (st == E_NOT_FOUND) {
        ctx_clear_error(h->cx);
        return 0;
    }
    ok(h, st);
    return state.mail_count;
}

static void wait_for_mails(struct house *h, const char *user, const char *folder, u32 count)
{
    for (int i = 0; i < 300 && mails_in(h, user, folder) < count; i++)
        nap(30);
    assert_int_equal(mails_in(h, user, folder), count);
}

/* Empties a mailbox that an earlier case used. */
static void empty(struct house *h, const char *user, const char *folder)
{
    struct mail_server s = server_of(user);
    struct imap_state state;
    struct imap *im;
    u32 *uids;
    size_t count;

    ok(h, imap_open(h->cx, &s, &im));
    if (imap_select(h->cx, im, folder, false, &state) == OK) {
        ok(h, imap_uids(h->cx, im, 1, TIME_NONE, 10000, &uids, &count));
        for (size_t i = 0; i < count; i++)
            ok(h, imap_remove(h->cx, im, uids[i]));
    }
    ctx_clear_error(h->cx);
    imap_close(im);
}

static struct row *connect_box(struct house *h, const char *address, const char *purpose,
                               const char *protocol, const char *after, i64 owner)
{
    struct row *r = row_new(h->cx, &mailbox_type);

    row_set_text(r, MAILBOX_NAME, address);
    row_set_text(r, MAILBOX_ADDRESS, address);
    row_set_text(r, MAILBOX_PURPOSE, purpose);
    row_set_text(r, MAILBOX_PROTOCOL, protocol);
    row_set_text(r, MAILBOX_AFTER, after);
    row_set_text(r, MAILBOX_HOST, "127.0.0.1");
    bool pop = text_is(protocol, "pop");
    row_set_i64(r, MAILBOX_PORT, pop ? servers.pops : servers.imap);
    row_set_text(r, MAILBOX_SECURITY, pop ? "tls" : "starttls");
    row_set_text(r, MAILBOX_TRUST, servers.trust);
    ok(h, row_set_secret(h->cx, r, MAILBOX_PASSWORD, "sow-and-harvest"));
    if (owner) {
        row_set_i64(r, MAILBOX_OWNER, owner);
        row_set_text(r, MAILBOX_SMTP_HOST, "127.0.0.1");
        row_set_i64(r, MAILBOX_SMTP_PORT, servers.submission);
        row_set_text(r, MAILBOX_SMTP_SECURITY, "starttls");
        row_set_text(r, MAILBOX_SIGNATURE, "Clara Winter\nAlderfield");
    }
    ok(h, record_save(h->cx, r));
    ok(h, record_get(h->cx, &mailbox_type, row_id(r), &r));
    return r;
}

static enum status run_job(struct house *h, const char *name, const char *key, i64 id)
{
    struct val *payload = val_map(h->arena);

    val_put_text(payload, key, id_text(h->arena, id));
    return kit_job(h->kit, name)->run(&(struct job_run){ .cx = h->cx, .payload = payload });
}

static const char *error_of(struct house *h, i64 mailbox)
{
    const char *error = "";
    scoped(stmt_close) struct stmt q = db_query(h->cx, "mailbox.state", I64("id", mailbox));

    if (stmt_next(&q))
        error = arena_text(h->arena, col_text(&q, 0));
    return error;
}

static void sync_box(struct house *h, const struct row *box)
{
    ok(h, run_job(h, "mailbox.sync", "mailbox", row_id(box)));
    assert_string_equal(error_of(h, row_id(box)), "");
}

static i64 number(struct house *h, const char *sql)
{
    struct sql q = sql_new(h->cx);

    sql_add(&q, sql);
    scoped(stmt_close) struct stmt st = db_query_sql(h->cx, &q);
    assert_true(stmt_next(&st));
    return col_i64(&st, 0);
}

static const char *suppressed(struct house *h, const char *address)
{
    const char *reason;

    ok(h, suppression_find(h->cx, address, &reason));
    return reason ? reason : "";
}

/* ---- a house that sends through Postfix ---- */

struct post {
    struct house *h;
    struct delivery *delivery;
    i64 sender;
};

static struct post open_post(struct house *h)
{
    struct post p = { .h = h };
    struct row *s = row_new(h->cx, &sender_type);

    row_set_text(s, SENDER_NAME, "News");
    row_set_text(s, SENDER_FROM, "sales@alderfield.test");
    row_set_text(s, SENDER_RETURN, "bounces@alderfield.test");
    row_set_text(s, SENDER_HOST, "127.0.0.1");
    row_set_i64(s, SENDER_PORT, servers.submission);
    row_set_text(s, SENDER_SECURITY, "starttls");
    row_set_text(s, SENDER_USER, "sales@alderfield.test");
    row_set_text(s, SENDER_TRUST, servers.trust);
    ok(h, row_set_secret(h->cx, s, SENDER_PASSWORD, "sow-and-harvest"));
    ok(h, record_save(h->cx, s));
    p.sender = row_id(s);
    struct delivery_options o = { .kit = h->kit,
                                  .store = h->t->store,
                                  .writer = h->writer,
                                  .journey = h->journey,
                                  .clock = h->clock };
    ok(h, delivery_start(h->cx, &o, &p.delivery));
    return p;
}

static void settle(struct post *p, i64 id, int state)
{
    struct mail_message m = { 0 };

    for (int i = 0; i < 600; i++) {
        ok(p->h, mail_get(p->h->cx, id, &m));
        if (m.state == state)
            return;
        p->h->clock->fixed_ms += 50;
        delivery_wake(p->delivery);
        nap(10);
    }
    fail_msg("the mail is %s: %s %s", mail_state_word(m.state), m.reason, m.reply);
}

struct handed {
    struct mail mail;
    i64 id;
};
static enum status hand_over_in(struct ctx *cx, void *arg)
{
    struct handed *m = arg;

    return mail_send(cx, &m->mail, &m->id);
}
static i64 hand_over(struct house *h, i64 contact, const char *to)
{
    struct handed m = { .mail = { .lane = MAIL_LANE_BULK,
                                  .contact_id = contact,
                                  .to = to,
                                  .subject = "Offer",
                                  .text = "Hello.\n",
                                  .source = "test",
                                  .source_id = 1 } };

    ok(h, kit_write(h->cx, hand_over_in, &m));
    return m.id;
}

/* ---- bounces ---- */

static void a_bounce_that_postfix_writes_marks_the_right_contact(struct house *h,
                                                                 const char *protocol,
                                                                 const char *after)
{
    struct post p = open_post(h);
    i64 gone = contact_of(h, "gone@bounces.test"), fine = contact_of(h, "ok-kim@bounces.test");

    empty(h, "bounces@alderfield.test", "INBOX");
    struct row *box = connect_box(h, "bounces@alderfield.test", "bounces", protocol, after, 0);
    i64 lost = hand_over(h, gone, "gone@bounces.test"),
        kept = hand_over(h, fine, "ok-kim@bounces.test");
    settle(&p, lost, MAIL_SENT);
    settle(&p, kept, MAIL_SENT);
    wait_for_mails(h, "bounces@alderfield.test", "INBOX", 1);
    sync_box(h, box);
    struct mail_message m;
    ok(h, mail_get(h->cx, lost, &m));
    assert_int_equal(m.state, MAIL_BOUNCED);
    assert_string_equal(m.code, "5.1.1");
    assert_string_equal(suppressed(h, "gone@bounces.test"), "hard_bounce");
    ok(h, mail_get(h->cx, kept, &m));
    assert_int_equal(m.state, MAIL_SENT);
    assert_string_equal(suppressed(h, "ok-kim@bounces.test"), "");
    sync_box(h, box);
    assert_int_equal(number(h, "SELECT count(*) FROM mail_report"), 1);
    /* and the next one is not sent */
    settle(&p, hand_over(h, gone, "gone@bounces.test"), MAIL_SKIPPED);
    assert_true(delivery_stop(p.delivery, 10000));
}
static void over_imap_and_moved(void **state)
{
    struct house *h = *state;

    empty(h, "bounces@alderfield.test", "Processed");
    a_bounce_that_postfix_writes_marks_the_right_contact(h, "imap", "move");
    assert_int_equal(mails_in(h, "bounces@alderfield.test", "INBOX"), 0);
    assert_int_equal(mails_in(h, "bounces@alderfield.test", "Processed"), 1);
}
static void over_pop_and_kept(void **state)
{
    a_bounce_that_postfix_writes_marks_the_right_contact(*state, "pop", "keep");
    assert_int_equal(mails_in(*state, "bounces@alderfield.test", "INBOX"), 1);
}
static void over_pop_and_deleted(void **state)
{
    a_bounce_that_postfix_writes_marks_the_right_contact(*state, "pop", "delete");
    assert_int_equal(mails_in(*state, "bounces@alderfield.test", "INBOX"), 0);
}

/* The address that a refusal comes back to has the mail's number, and old reports are forgotten. */
static void a_bounce_comes_back_to_its_number(void **state)
{
    struct house *h = *state;
    struct post p = open_post(h);
    struct mail_server server = server_of("bounces@alderfield.test");
    i64 gone = contact_of(h, "gone@bounces.test");
    struct mail_message m;
    struct imap_state st;
    struct imap_mail mail;
    struct imap *im;
    struct row *sender;
    size_t count;
    u32 *uids;

    empty(h, "bounces@alderfield.test", "INBOX");
    ok(h, record_get(h->cx, &sender_type, p.sender, &sender));
    row_set_i64(sender, SENDER_RETURN_PLUS, 1);
    ok(h, record_save(h->cx, sender));
    struct row *box = connect_box(h, "bounces@alderfield.test", "bounces", "imap", "keep", 0);
    i64 lost = hand_over(h, gone, "gone@bounces.test");
    settle(&p, lost, MAIL_SENT);
    wait_for_mails(h, "bounces@alderfield.test", "INBOX", 1);
    ok(h, imap_open(h->cx, &server, &im));
    ok(h, imap_select(h->cx, im, "INBOX", true, &st));
    ok(h, imap_uids(h->cx, im, 1, TIME_NONE, 10, &uids, &count));
    ok(h, imap_fetch(h->cx, im, uids[0], IMAP_HEAD, &mail));
    const char *to = arena_printf(h->arena, "bounces+%s.", id_text(h->arena, lost));
    assert_non_null(memmem(mail.bytes.p, mail.bytes.len, to, strlen(to)));
    imap_close(im);
    sync_box(h, box);
    ok(h, mail_get(h->cx, lost, &m));
    assert_int_equal(m.state, MAIL_BOUNCED);
    assert_string_equal(suppressed(h, "gone@bounces.test"), "hard_bounce");
    ok(h, run_job(h, "mail.reports", "none", 1));
    assert_int_equal(number(h, "SELECT count(*) FROM mail_report"), 1);
    h->clock->fixed_ms += 401 * (i64)MS_DAY;
    ok(h, run_job(h, "mail.reports", "none", 1));
    assert_int_equal(number(h, "SELECT count(*) FROM mail_report"), 0);
    assert_string_equal(suppressed(h, "gone@bounces.test"), "hard_bounce");
    assert_true(delivery_stop(p.delivery, 10000));
}

/* ---- complaints ---- */

static int complaints_heard;
static i64 who_complained;
static enum status on_complaint(struct ctx *cx, const struct happening *h)
{
    (void)cx;
    complaints_heard++;
    who_complained = h->contact_id;
    return OK;
}

static void a_complaint_ends_everything(void **state)
{
    struct house *h = *state;
    struct post p = open_post(h);
    i64 kim = contact_of(h, "ok-angry@bounces.test"), topic;
    struct consent_evidence yes = { .contact_id = kim, .source = "form", .wording = "Yes" };
    const char *why;
    bool may;

    empty(h, "bounces@alderfield.test", "INBOX");
    ok(h, topic_by_slug(h->cx, "newsletter", &topic));
    yes.topic_id = topic;
    yes.confirmed = true;
    ok(h, consent_give(h->cx, &yes, NULL));
    struct row *box = connect_box(h, "bounces@alderfield.test", "bounces", "imap", "keep", 0);
    i64 sent = hand_over(h, kim, "ok-angry@bounces.test");
    settle(&p, sent, MAIL_SENT);
    complaints_heard = 0;
    for (int i = 0; i < 2; i++) /* providers repeat themselves */
        arrive(h, "feedback@provider.example", "bounces@alderfield.test",
               arena_printf(
                   h->arena,
                   "From: feedback@provider.example\nTo: bounces@alderfield.test\nSubject: FW: "
                   "Offer\nMessage-ID: <c%d@provider.example>\nMIME-Version: 1.0\n"
                   "Content-Type: multipart/report; report-type=feedback-report; boundary=b\n\n"
                   "--b\nContent-Type: text/plain\n\nThis is spam.\n"
                   "--b\nContent-Type: message/feedback-report\n\nFeedback-Type: abuse\n"
                   "User-Agent: Test/1\nVersion: 1\n"
                   "--b\nContent-Type: message/rfc822\n\nFrom: sales@alderfield.test\n"
                   "To: ok-angry@bounces.test\nSubject: Offer\nMessage-ID: %s\n\nHello.\n--b--\n",
                   i, mail_message_id(h->cx, sent, "alderfield.test")));
    wait_for_mails(h, "bounces@alderfield.test", "INBOX", 2);
    sync_box(h, box);
    assert_true(complaints_heard >= 1);
    assert_true(who_complained == kim);
    assert_string_equal(suppressed(h, "ok-angry@bounces.test"), "complaint");
    ok(h, consent_allows(h->cx, kim, topic, &may, &why));
    assert_false(may);
    ok(h, outbox_drain(h->cx));
    struct person *clara = house_user(h, "Clara", "Sales");
    struct web_response r =
        house_get(h, clara, arena_printf(h->arena, "/contacts/%s", id_text(h->arena, kim)));
    assert_true(house_has(&r, "Reported as spam"));
    assert_true(delivery_stop(p.delivery, 10000));
}

/* ---- signatures ---- */

/* Exit 0: in the folder are so many mails, and both signatures of each pass. */
static const char verifier[] =
    "import sys, os, dkim\n"
    "keys = dict(line.rstrip().split(' ', 1) for line in open(sys.argv[2]))\n"
    "def dns(name, timeout=5): return keys.get(name.decode().rstrip('.'), '').encode()\n"
    "good = 0\n"
    "for name in os.listdir(sys.argv[1]):\n"
    "    m = open(os.path.join(sys.argv[1], name), 'rb').read()\n"
    "    n = sum(1 for k, v in dkim.DKIM(m).headers if k.lower() == b'dkim-signature')\n"
    "    good += n == 2 and all(dkim.DKIM(m).verify(idx=i, dnsfunc=dns) for i in range(n))\n"
    "sys.exit(0 if good == int(sys.argv[3]) else 1)\n";

static void put_file(const char *path, const void *bytes, size_t len)
{
    FILE *f = fopen(path, "wb");

    assert_non_null(f);
    assert_int_equal(fwrite(bytes, 1, len, f), len);
    assert_int_equal(fclose(f), 0);
}

static void what_arrives_passes_an_independent_verifier(void **state)
{
    enum { MAILS = 20 };
    struct house *h = *state;
    h->clock->fixed_ms = clock_ms(NULL); /* signatures of the future are none */
    struct post p = open_post(h);
    struct person *ada = house_user(h, "Ada", "");
    char folder[] = "/tmp/furrow-dkim-XXXXXX";
    struct mail_server server = server_of("everybody@alderfield.test");
    struct imap_state st;
    struct imap *im;
    struct row *sender;
    u32 *uids;
    size_t count;

    empty(h, "everybody@alderfield.test", "INBOX");
    struct web_response r = house_post(
        h, ada, arena_printf(h->arena, "/senders/%s/keys", id_text(h->arena, p.sender)), "");
    house_expect(h, &r, 303);
    for (int i = 0; i < MAILS; i++) {
        const char *to = arena_printf(h->arena, "p%d@anywhere.example", i);
        settle(&p, hand_over(h, contact_of(h, to), to), MAIL_SENT);
    }
    wait_for_mails(h, "everybody@alderfield.test", "INBOX", MAILS);
    assert_non_null(mkdtemp(folder));
    const char *mails = arena_printf(h->arena, "%s/mails", folder);
    assert_int_equal(mkdir(mails, 0700), 0);
    ok(h, imap_open(h->cx, &server, &im));
    ok(h, imap_select(h->cx, im, "INBOX", true, &st));
    ok(h, imap_uids(h->cx, im, 1, TIME_NONE, 1000, &uids, &count));
    for (size_t i = 0; i < count; i++) {
        struct imap_mail mail;
        ok(h, imap_fetch(h->cx, im, uids[i], IMAP_WHOLE, &mail));
        put_file(arena_printf(h->arena, "%s/%zu", mails, i), mail.bytes.p, mail.bytes.len);
    }
    imap_close(im);
    ok(h, record_get(h->cx, &sender_type, p.sender, &sender));
    const char *selector = row_text(sender, SENDER_SELECTOR);
    const char *keys = arena_printf(
        h->arena, "%s._domainkey.alderfield.test %s\n%s._domainkey.alderfield.test %s\n", selector,
        dkim_record(h->arena, DKIM_RSA, row_text(sender, SENDER_RSA_PUBLIC)),
        sender_second_selector(h->arena, selector),
        dkim_record(h->arena, DKIM_ED25519, row_text(sender, SENDER_ED_PUBLIC)));
    put_file(arena_printf(h->arena, "%s/verify.py", folder), verifier, sizeof verifier - 1);
    put_file(arena_printf(h->arena, "%s/keys", folder), keys, strlen(keys));
    assert_int_equal(system(arena_printf(h->arena, "/usr/bin/python3 %s/verify.py %s %s/keys %d",
                                         folder, mails, folder, MAILS)),
                     0);
    assert_int_equal(system(arena_printf(h->arena, "rm -rf %s", folder)), 0);
    assert_true(delivery_stop(p.delivery, 10000));
}

/* ---- a person's mailbox ---- */

static void only_mails_with_contacts_are_taken(void **state)
{
    struct house *h = *state;
    struct person *clara = house_user(h, "Clara", "Sales");
    i64 kim = contact_of(h, "kim@customer.example");

    empty(h, "clara@alderfield.test", "INBOX");
    arrive(h, "kim@customer.example", "clara@alderfield.test",
           "From: Kim Lee <kim@customer.example>\nTo: clara@alderfield.test\nSubject: "
           "Question\nMessage-ID: <q1@customer.example>\n\nWhat does it cost?\n");
    arrive(h, "x@stranger.example", "clara@alderfield.test",
           "From: x@stranger.example\nTo: clara@alderfield.test\nSubject: Stranger\nMessage-ID: "
           "<s1@stranger.example>\n\nHi\n");
    arrive(h, "miriam@alderfield.test", "clara@alderfield.test",
           "From: miriam@alderfield.test\nTo: clara@alderfield.test\nSubject: Lunch\nMessage-ID: "
           "<l1@alderfield.test>\n\nPizza?\n");
    arrive(h, "kim@customer.example", "clara@alderfield.test",
           "From: kim@customer.example\nTo: clara@alderfield.test\nSubject: Divorce\nSensitivity: "
           "Private\nMessage-ID: <p1@customer.example>\n\nPrivate.\n");
    arrive(
        h, "kim@customer.example", "clara@alderfield.test",
        "From: kim@customer.example\nTo: clara@alderfield.test\nSubject: News\nList-Unsubscribe: "
        "<https://x.example/u>\nMessage-ID: <n1@customer.example>\n\nNews.\n");
    wait_for_mails(h, "clara@alderfield.test", "INBOX", 5);
    struct row *box =
        connect_box(h, "clara@alderfield.test", "person", "imap", "keep", clara->user_id);
    sync_box(h, box);
    assert_int_equal(number(h, "SELECT count(*) FROM email"), 1);
    struct web_response r =
        house_get(h, clara, arena_printf(h->arena, "/contacts/%s", id_text(h->arena, kim)));
    house_expect(h, &r, 200);
    assert_true(house_has(&r, "Mail received: Question"));
    assert_true(house_has(&r, "What does it cost?"));
    r = house_get(h, clara, arena_printf(h->arena, "/contacts/%s/mails", id_text(h->arena, kim)));
    house_expect(h, &r, 200);
    assert_true(house_has(&r, "What does it cost?"));
    assert_false(house_has(&r, "Divorce"));
    /* nothing in the mailbox was changed, and nothing is taken twice */
    struct mail_server s = server_of("clara@alderfield.test");
    struct imap_state st;
    struct imap_mail mail;
    struct imap *im;
    u32 *uids;
    size_t count;
    ok(h, imap_open(h->cx, &s, &im));
    ok(h, imap_select(h->cx, im, "INBOX", true, &st));
    ok(h, imap_uids(h->cx, im, 1, TIME_NONE, 10, &uids, &count));
    ok(h, imap_fetch(h->cx, im, uids[0], IMAP_HEAD, &mail));
    assert_false(mail.seen);
    imap_close(im);
    sync_box(h, box);
    ok(h, db_run(h->cx, "mailbox.move_on", I64("id", row_id(box)), TEXT("name", "INBOX"),
                 I64("validity", 1), I64("uid", 1), I64("mod_seq", 0)));
    sync_box(h, box); /* its numbering began anew */
    assert_int_equal(number(h, "SELECT count(*) FROM email"), 1);
}

static int replies_heard;
static i64 who_replied;
static enum status on_reply(struct ctx *cx, const struct happening *h)
{
    (void)cx;
    replies_heard++;
    who_replied = h->contact_id;
    return OK;
}

static void a_conversation(void **state)
{
    struct house *h = *state;
    struct post p = open_post(h);
    struct person *clara = house_user(h, "Clara", "Sales");
    i64 kim = contact_of(h, "clara-test@anywhere.example");
    const char *page = arena_printf(h->arena, "/contacts/%s/mail", id_text(h->arena, kim));

    empty(h, "clara@alderfield.test", "INBOX");
    empty(h, "clara@alderfield.test", "Sent");
    empty(h, "everybody@alderfield.test", "INBOX");
    struct row *box =
        connect_box(h, "clara@alderfield.test", "person", "imap", "keep", clara->user_id);
    struct web_response r = house_post(
        h, clara, page, "to=clara-test%40anywhere.example&subject=Our+offer&text=Shall+we+talk%3F");
    house_expect(h, &r, 303);
    i64 email = number(h, "SELECT id FROM email"),
        message = number(h, "SELECT id FROM mail_message");
    settle(&p, message, MAIL_SENT);
    struct row *e;
    for (int i = 0; i < 100; i++) { /* what follows is another transaction */
        ok(h, record_get(h->cx, &email_type, email, &e));
        if (text_is(row_text(e, EMAIL_STATE), "sent"))
            break;
        nap(10);
    }
    assert_string_equal(row_text(e, EMAIL_STATE), "sent");
    ok(h, run_job(h, "mailbox.copy", "email", email));
    ok(h, run_job(h, "mailbox.copy", "email", email));
    assert_int_equal(mails_in(h, "clara@alderfield.test", "Sent"),
                     0); /* folders are not known yet */
    sync_box(h, box);
    ok(h, run_job(h, "mailbox.copy", "email", email));
    ok(h, run_job(h, "mailbox.copy", "email", email));
    assert_int_equal(mails_in(h, "clara@alderfield.test", "Sent"), 1);
    sync_box(h, box);
    assert_int_equal(number(h, "SELECT count(*) FROM email"), 1); /* the copy is known */

    /* what arrived has the signature */
    wait_for_mails(h, "everybody@alderfield.test", "INBOX", 1);
    struct mail_server s = server_of("everybody@alderfield.test");
    struct imap_state st;
    struct imap_mail mail;
    struct letter *letter;
    struct imap *im;
    u32 *uids;
    size_t count;
    ok(h, imap_open(h->cx, &s, &im));
    ok(h, imap_select(h->cx, im, "INBOX", true, &st));
    ok(h, imap_uids(h->cx, im, 1, TIME_NONE, 10, &uids, &count));
    ok(h, imap_fetch(h->cx, im, uids[0], IMAP_WHOLE, &mail));
    ok(h, mime_read(h->cx, mail.bytes, &letter));
    imap_close(im);
    assert_string_equal(letter->subject, "Our offer");
    assert_non_null(strstr(letter->text, "Shall we talk?"));
    assert_non_null(strstr(letter->text, "Clara Winter"));
    assert_string_equal(letter->message_id, row_text(e, EMAIL_MESSAGE_ID));

    /* the answer: once in the thread, once on the journey, heard by what waits for it */
    replies_heard = 0;
    arrive(h, "clara-test@anywhere.example", "clara@alderfield.test",
           arena_printf(
               h->arena,
               "From: Kim <clara-test@anywhere.example>\nTo: clara@alderfield.test\nSubject: Re: "
               "Our offer\nMessage-ID: <a1@anywhere.example>\nIn-Reply-To: <%s>\n"
               "References: <%s>\n\nYes, tomorrow.\n\nOn Monday, Clara wrote:\n> Shall we talk?\n",
               letter->message_id, letter->message_id));
    wait_for_mails(h, "clara@alderfield.test", "INBOX", 1);
    sync_box(h, box);
    sync_box(h, box);
    assert_int_equal(number(h, "SELECT count(*) FROM email"), 2);
    assert_int_equal(number(h, "SELECT count(DISTINCT thread) FROM email"), 1);
    assert_int_equal(replies_heard, 1);
    assert_true(who_replied == kim);
    r = house_get(h, clara, arena_printf(h->arena, "/contacts/%s", id_text(h->arena, kim)));
    assert_true(house_has(&r, "Replied to a mail: Re: Our offer"));
    assert_true(house_has(&r, "Mail written: Our offer"));
    assert_true(delivery_stop(p.delivery, 10000));
}

/* Whatever step of the database fails, the next run makes it good: nothing twice, nothing lost. */
static void reading_goes_on_after_any_failure(void **state)
{
    struct house *h = *state;
    struct person *clara = house_user(h, "Clara", "Sales");
    bool whole = false;

    contact_of(h, "kim@customer.example");
    empty(h, "clara@alderfield.test", "INBOX");
    for (int i = 0; i < 3; i++)
        arrive(h, "kim@customer.example", "clara@alderfield.test",
               arena_printf(h->arena,
                            "From: kim@customer.example\nTo: clara@alderfield.test\nSubject: Mail "
                            "%d\nMessage-ID: <m%d@customer.example>\n\nText %d\n",
                            i, i, i));
    wait_for_mails(h, "clara@alderfield.test", "INBOX", 3);
    struct row *box =
        connect_box(h, "clara@alderfield.test", "person", "imap", "keep", clara->user_id);
    for (u64 nth = 1; !whole && nth < 400; nth += 7) {
        i64 before = number(h, "SELECT count(*) FROM email");
        db_store_fail_at(h->t->store, nth);
        (void)run_job(h, "mailbox.sync", "mailbox", row_id(box));
        whole = !db_store_has_failed(h->t->store);
        db_store_fail_at(h->t->store, 0);
        ctx_clear_error(h->cx);
        assert_true(number(h, "SELECT count(*) FROM email") >= before);
    }
    assert_true(whole);
    sync_box(h, box);
    assert_int_equal(number(h, "SELECT count(*) FROM email"), 3);
    assert_int_equal(number(h, "SELECT count(*) FROM email_person"), 3);
}

static const struct {
    const char *note, *user, *password, *security, *says;
    int off; /* of the port */
    bool trust;
} tries[] = {
    { "all well", "clara@alderfield.test", "sow-and-harvest", "starttls", "takes us in", 0, true },
    { "a wrong password", "clara@alderfield.test", "wrong", "starttls",
      "does not accept this name and password", 0, true },
    { "a certificate that nobody vouches for", "clara@alderfield.test", "sow-and-harvest",
      "starttls", "certificate of 127.0.0.1 is not valid", 0, false },
    { "nobody there", "clara@alderfield.test", "sow-and-harvest", "starttls",
      "Nobody answers at 127.0.0.1", 1, true },
};

static void trying_a_connection_says_what_is_wrong(void **state)
{
    struct house *h = *state;
    struct person *clara = house_user(h, "Clara", "Sales");

    for (size_t i = 0; i < countof(tries); i++) {
        struct row *box = connect_box(h, tries[i].user, "person", "imap", "keep", clara->user_id);
        ok(h, row_set_secret(h->cx, box, MAILBOX_PASSWORD, tries[i].password));
        if (!tries[i].trust)
            row_clear(box, MAILBOX_TRUST);
        if (tries[i].off)
            row_set_i64(box, MAILBOX_PORT, 9);
        ok(h, record_save(h->cx, box));
        struct web_response r = house_json(
            h, clara, HTTP_POST,
            arena_printf(h->arena, "/mailboxes/%s/test", id_text(h->arena, row_id(box))), "{}");
        if (!house_has(&r, tries[i].says))
            fail_msg("%s: %.*s", tries[i].note, (int)r.body.len, r.body.p);
        ok(h, record_delete(h->cx, box));
    }
}

static const struct subscription heard[] = { { "mail.replied", on_reply },
                                             { "mail.complained", on_complaint } };
static const struct feature feature_listener = { .name = "listener", SUBSCRIPTIONS(heard) };

int main(void)
{
    static const struct feature *all[300];
    static struct house_options options;

    for (size_t i = 0; i < feature_count; i++)
        all[i] = features[i];
    all[feature_count] = &feature_listener;
    options = (struct house_options){ .features = all, .feature_count = feature_count + 1 };
    const struct CMUnitTest tests[] = {
        IN_BOTH_HOUSES(over_imap_and_moved, &options),
        IN_SQLITE_HOUSE(over_pop_and_kept, &options),
        IN_SQLITE_HOUSE(over_pop_and_deleted, &options),
        IN_BOTH_HOUSES(a_bounce_comes_back_to_its_number, &options),
        IN_BOTH_HOUSES(a_complaint_ends_everything, &options),
        IN_SQLITE_HOUSE(what_arrives_passes_an_independent_verifier, &options),
        IN_BOTH_HOUSES(only_mails_with_contacts_are_taken, &options),
        IN_BOTH_HOUSES(a_conversation, &options),
        IN_SQLITE_HOUSE(reading_goes_on_after_any_failure, &options),
        IN_SQLITE_HOUSE(trying_a_connection_says_what_is_wrong, &options),
    };
    return cmocka_run_group_tests(tests, read_servers, NULL);
}
