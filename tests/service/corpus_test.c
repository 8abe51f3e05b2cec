/* corpus_test.c -- some two hundred awkward mails to support (tests/corpus/support, made by
 * make_corpus.py) through the whole path, in their order: none is lost, none crashes, each comes to
 * the ticket that its index says, and says there what it said. */
#include "base/id.h"
#include "bridge/contact.h"
#include "kit/filter.h"
#include "mail/arrival.h"
#include "mail/mailbox.h"
#include "mail/message_int.h"
#include "mail/sender.h"
#include "service/support_mail.h"
#include "service/ticket_int.h"
#include "support/house.h"
#include <stdio.h>

enum { MAILS_MOST = 400, COLUMNS = 6 };

static const char *corpus;

struct fed {
    const char *name;
    i64 ticket;
};
struct feeding {
    struct house *h;
    struct row *mailbox;
    struct person *agent;
    struct fed fed[MAILS_MOST];
    size_t count;
    int failures, messages;
};

#define ok(x)                                                             \
    do {                                                                  \
        if ((x) != OK)                                                    \
            fail_msg("%s:%d: %s", __FILE__, __LINE__, h->cx->error_text); \
    } while (0)

static struct str read_file(struct arena *a, const char *path)
{
    FILE *f = fopen(path, "rb");
    struct buf b = buf_in(a, 4 * 1024 * 1024);
    char some[8192];
    size_t n;

    if (f == NULL)
        fail_msg("%s is not there", path);
    while ((n = fread(some, 1, sizeof some, f)) > 0)
        buf_add(&b, some, n);
    fclose(f);
    return (struct str){ arena_dup(a, buf_end(&b), b.len), b.len };
}

static i64 ticket_of(struct feeding *f, const char *name)
{
    for (size_t i = 0; i < f->count; i++)
        if (text_is(f->fed[i].name, name))
            return f->fed[i].ticket;
    fail_msg("no mail %s came before", name);
    return 0;
}

static struct row *ticket_row(struct feeding *f, i64 id)
{
    struct house *h = f->h;
    struct row *t;

    ok(record_get(h->cx, &ticket_type, id, &t));
    return t;
}

/* ---- what the mails name ---- */

/* The Message-ID of the latest answer on a ticket. */
static const char *our_id(struct feeding *f, i64 ticket)
{
    struct house *h = f->h;
    struct row *t = ticket_row(f, ticket), *m = NULL;
    struct val *list = val_list(h->arena);
    const char *id;
    i64 message, sent = 0;

    ok(conversation_messages(h->cx, row_i64(t, TICKET_CONVERSATION), 0, true, 500, list));
    for (size_t i = 0; i < val_count(list); i++)
        if (text_is(val_get_text(val_at(list, i), "author"), "team")) {
            assert_true(id_parse(str_from(val_get_text(val_at(list, i), "id")), &message));
            ok(record_get(h->cx, &conversation_message_type, message, &m));
            sent = row_i64(m, MESSAGE_SENT);
        }
    if (sent == 0)
        fail_msg("nothing was answered by mail on that ticket");
    id = mail_message_id(h->cx, sent, "alderfield.test");
    return arena_dup(h->arena, id + 1, strlen(id) - 2);
}

static const char *value_of(struct feeding *f, const char *kind, const char *name)
{
    i64 ticket = ticket_of(f, name);

    return text_is(kind, "OUR")   ? our_id(f, ticket)
           : text_is(kind, "TAG") ? ticket_tag(f->h->cx, ticket_row(f, ticket))
                                  : row_text(ticket_row(f, ticket), TICKET_CODE);
}

static struct str filled(struct feeding *f, struct str mail)
{
    struct arena *a = f->h->arena;
    struct buf b = buf_in(a, 8 * 1024 * 1024);

    for (size_t i = 0; i < mail.len; i++) {
        static const char *const kinds[] = { "OUR", "TAG", "CODE" };
        bool put = false;
        for (size_t k = 0; k < countof(kinds) && !put; k++) {
            size_t n = strlen(kinds[k]);
            const char *end, *from = mail.p + i + n + 2;
            if (mail.p[i] != '{' || mail.len - i < n + 4 ||
                strncmp(mail.p + i + 1, kinds[k], n) != 0 || mail.p[i + n + 1] != ':' ||
                (end = memchr(from, '}', mail.len - i - n - 2)) == NULL)
                continue;
            buf_text(&b, value_of(f, kinds[k], arena_dup(a, from, (size_t)(end - from))));
            i = (size_t)(end - mail.p);
            put = true;
        }
        if (!put)
            buf_char(&b, mail.p[i]);
    }
    return (struct str){ b.p, b.len };
}

/* ---- what is done before ---- */
static void do_before(struct feeding *f, const char *what, const char *thread)
{
    struct house *h = f->h;
    const char *of = strchr(what, '=');
    i64 id = ticket_of(f, of ? of + 1 : thread);
    const char *path = arena_printf(h->arena, "/tickets/%s", id_text(h->arena, id)), *body = "";

    if (strncmp(what, "answer", 6) == 0) {
        path = arena_printf(h->arena, "%s/say", path);
        body = "text=Hold+the+button.&status=pending";
    } else if (strncmp(what, "merge", 5) == 0) {
        path = arena_printf(h->arena, "%s/merge", path);
        body = arena_printf(h->arena, "into=%s",
                            row_text(ticket_row(f, ticket_of(f, thread)), TICKET_CODE));
    } else {
        path = arena_printf(h->arena, "%s/set", path);
        body = strncmp(what, "close", 5) == 0 ? "status=closed" : "status=solved";
    }
    struct web_response r = house_post(h, f->agent, path, body);
    house_expect(h, &r, 303);
}

/* ---- one mail ---- */
static void bad(struct feeding *f, const char *name, const char *fmt, ...) PRINTF_LIKE(3, 4);
static void bad(struct feeding *f, const char *name, const char *fmt, ...)
{
    va_list args;

    va_start(args, fmt);
    fprintf(stderr, "%s: ", name);
    vfprintf(stderr, fmt, args);
    fputc('\n', stderr);
    va_end(args);
    f->failures++;
}

static void check_message(struct feeding *f, const char *name, const struct row *r, const char *has,
                          const char *lacks)
{
    struct house *h = f->h;
    struct row *m;
    const char *text;

    if (!row_has(r, SUPPORT_MESSAGE)) {
        bad(f, name, "it is on a ticket, but no message of it");
        return;
    }
    f->messages++;
    ok(record_get(h->cx, &conversation_message_type, row_i64(r, SUPPORT_MESSAGE), &m));
    text = row_text(m, MESSAGE_TEXT);
    if (!text_is(has, "-") && strstr(text, has) == NULL)
        bad(f, name, "'%.200s' lacks '%s'", text, has);
    if (!text_is(lacks, "-") && strstr(text, lacks) != NULL)
        bad(f, name, "'%.200s' has '%s'", text, lacks);
    if (row_i64(m, MESSAGE_RAW) != row_i64(r, SUPPORT_ARRIVAL))
        bad(f, name, "the message does not lead to its source");
}

static bool is_on_ticket(const char *outcome)
{
    return text_is(outcome, "ticket") || text_is(outcome, "reply") || text_is(outcome, "follow_up");
}

static void feed(struct feeding *f, char **col)
{
    struct house *h = f->h;
    const char *name = col[0], *thread = col[2], *outcome;
    const char *path = arena_printf(h->arena, "%s/%s.eml", corpus, name);
    struct row *r;

    if (!text_is(col[3], "-"))
        do_before(f, col[3], thread);
    ok(mail_arrived(h->cx, f->mailbox, filled(f, read_file(h->arena, path)), name, TIME_NONE));
    struct list_page page;
    ok(list_run(h->cx, &support_mail_type, &(struct list_query){ .sort = "-id", .limit = 1 },
                &page));
    if (page.count == 0)
        fail_msg("%s left no trace", name);
    r = page.rows[0];
    outcome = row_text(r, SUPPORT_OUTCOME);
    if (strstr(col[1], outcome) == NULL || text_empty(outcome)) {
        bad(f, name, "it became '%s' (%s), not '%s'", outcome, row_text(r, SUPPORT_REASON), col[1]);
        return;
    }
    f->fed[f->count++] = (struct fed){ name, row_i64(r, SUPPORT_TICKET) };
    if (is_on_ticket(outcome))
        check_message(f, name, r, col[4], col[5]);
    else if (!row_has(r, SUPPORT_REASON))
        bad(f, name, "nobody says why it made no ticket");
    if (!text_is(thread, "-") && row_i64(r, SUPPORT_TICKET) != ticket_of(f, thread))
        bad(f, name, "it is on another ticket than %s", thread);
    if (text_is(thread, name))
        for (size_t i = 0; i + 1 < f->count; i++)
            if (f->fed[i].ticket == row_i64(r, SUPPORT_TICKET))
                bad(f, name, "it is on the ticket of %s", f->fed[i].name);
}

static struct row *open_support(struct house *h)
{
    struct row *s = row_new(h->cx, &sender_type), *box = row_new(h->cx, &mailbox_type);

    row_set_text(s, SENDER_NAME, "Support");
    row_set_text(s, SENDER_FROM_NAME, "Alderfield support");
    row_set_text(s, SENDER_FROM, "help@alderfield.test");
    row_set_i64(s, SENDER_DEFAULT, 1);
    ok(record_save(h->cx, s));
    row_set_text(box, MAILBOX_NAME, "Support");
    row_set_text(box, MAILBOX_ADDRESS, "support@alderfield.test");
    row_set_text(box, MAILBOX_PURPOSE, "support");
    row_set_text(box, MAILBOX_HOST, "imap.alderfield.test");
    ok(record_save(h->cx, box));
    struct row *queue = row_new(h->cx, &ticket_queue_type);
    row_set_text(queue, QUEUE_NAME, "Bills");
    row_set_text(queue, QUEUE_TAG, "billing");
    row_set_text(queue, QUEUE_PRIORITY, "high");
    ok(record_save(h->cx, queue));
    return box;
}

static void every_mail_is_on_its_ticket_or_says_why_not(void **state)
{
    struct house *h = *state;
    struct feeding *f = NEW(h->arena, struct feeding);
    struct str index = read_file(h->arena, arena_printf(h->arena, "%s/index.tsv", corpus)), line;
    i64 arrivals, rows, messages;

    f->h = h;
    f->mailbox = open_support(h);
    f->agent = house_user(h, "Sue Service", "Service");
    while (str_split(&index, '\n', &line)) {
        char *col[COLUMNS];
        struct str one;
        size_t n = 0;
        while (n < COLUMNS && str_split(&line, '\t', &one))
            col[n++] = str_dup(h->arena, one);
        if (n == 0)
            continue;
        assert_int_equal(n, COLUMNS);
        h->clock->fixed_ms += MS_SECOND;
        feed(f, col);
    }
    assert_true(f->count >= 200);
    ok(db_get_i64(h->cx, &arrivals, "support.arrivals"));
    ok(list_count(h->cx, &support_mail_type, "", "", 0, &rows));
    ok(list_count(h->cx, &conversation_message_type, "author = 'visitor'", "", 0, &messages));
    assert_int_equal(arrivals, rows);
    assert_int_equal(messages, f->messages);
    assert_int_equal(f->failures, 0);
    /* What the envelope's tag chose, and what a follow-up follows. */
    struct row *bill = ticket_row(f, ticket_of(f, "tag_queue")),
               *next = ticket_row(f, ticket_of(f, "closed_reply"));
    assert_string_equal(row_show(h->cx, bill, TICKET_QUEUE), "Bills");
    assert_string_equal(row_text(bill, TICKET_PRIORITY), "high");
    assert_int_equal(row_i64(next, TICKET_FOLLOWS), ticket_of(f, "closed_base"));
    assert_int_equal(row_i64(ticket_row(f, ticket_of(f, "solved_base")), TICKET_REOPENED), 1);
}

int main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = {
        IN_BOTH_HOUSES(every_mail_is_on_its_ticket_or_says_why_not, NULL),
    };

    if (argc < 2)
        return 1;
    corpus = argv[1];
    return cmocka_run_group_tests(tests, NULL, NULL);
}
