/* help_test.c -- the knowledge base from outside: what is read is on the reader's journey, once;
 * votes change and do not add up; searches are written down; an article that was sent with a ticket
 * solves it, and no longer when it comes back; what is internal is nowhere outside. */
#include "base/id.h"
#include "base/limits.h"
#include "journey/journey.h"
#include "kit/filter.h"
#include "kit/question.h"
#include "mail/sender.h"
#include "service/article.h"
#include "service/ticket_int.h"
#include "support/house.h"

#define ok(x)                                                             \
    do {                                                                  \
        if ((x) != OK)                                                    \
            fail_msg("%s:%d: %s", __FILE__, __LINE__, h->cx->error_text); \
    } while (0)

static const char firefox[] =
    "Mozilla/5.0 (X11; Linux x86_64; rv:128.0) Gecko/20100101 Firefox/128.0";
static const char crawler[] =
    "Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)";

static i64 article(struct house *h, const char *title, const char *text, const char *visibility)
{
    struct row *r = row_new(h->cx, &article_type);

    row_set_text(r, ARTICLE_TITLE, title);
    row_set_text(r, ARTICLE_TEXT, text);
    row_set_text(r, ARTICLE_STATUS, "published");
    row_set_text(r, ARTICLE_VISIBILITY, visibility);
    ok(record_save(h->cx, r));
    return row_id(r);
}

/* A request of somebody who is not signed in. */
static struct web_response ask(struct house *h, enum http_method method, const char *target,
                               const char *body, const char *agent, const char *address)
{
    const struct http_pair headers[] = {
        { "User-Agent", agent },
        { "Content-Type", "application/x-www-form-urlencoded" },
        { NULL, NULL },
    };
    struct web_response r;

    web_perform(h->web, h->arena,
                &(struct web_request){ .method = method,
                                       .target = target,
                                       .headers = headers,
                                       .body = str_from(body),
                                       .address = address },
                &r);
    return r;
}

static void expect(const struct web_response *r, int status, const char *note)
{
    if (r->status != status)
        fail_msg("%s: %d", note, r->status);
}

/* Behind an event that is waited for, all that came before it is stored. */
static void settle(struct house *h)
{
    ok(journey_append_wait(h->cx, h->journey,
                           &(struct event){ .at_ms = ctx_now(h->cx),
                                            .person = journey_person(h->journey, PERSON_VISITOR, 7),
                                            .kind = kit_event_code(h->kit, "pageview") },
                           1));
}

static double number(struct house *h, const char *metric)
{
    struct question q = { .metric = metric,
                          .from_ms = ctx_now(h->cx) - MS_DAY,
                          .to_ms = ctx_now(h->cx) + MS_DAY };
    struct val *answer;

    settle(h);
    ok(question_ask(h->cx, &q, &answer));
    return val_as_double(val_get(answer, "value"), -1);
}

static i64 count_of(struct house *h, const struct record_type *t, const char *filter)
{
    i64 n;

    ok(list_count(h->cx, t, filter, "", 0, &n));
    return n;
}

static void write_down(struct house *h) { ok(help_count_write(h->cx)); }

/* ---- reading ---- */
static const struct {
    const char *note, *agent, *address;
    i64 later_ms;
    double reads, readers; /* all in all, afterwards */
} readings[] = {
    { "somebody reads it", firefox, "192.0.2.1", 0, 1, 1 },
    { "and looks at it again", firefox, "192.0.2.1", MS_MINUTE, 1, 1 },
    { "somebody else", firefox, "192.0.2.2", 0, 2, 2 },
    { "a crawler is nobody", crawler, "192.0.2.3", 0, 2, 2 },
    { "who says nothing of themselves too", "", "192.0.2.4", 0, 2, 2 },
    { "an hour later they read it anew", firefox, "192.0.2.1", MS_HOUR, 3, 2 },
};

static void what_is_read_stands_on_the_journey_once(void **state)
{
    struct house *h = *state;
    struct person *colleague = house_user(h, "Sue Service", "Service");
    i64 id = article(h, "Reset a probe", "Hold the button.", "public"), reads;
    struct web_response r;

    h->clock->fixed_ms = (h->clock->fixed_ms / MS_HOUR + 1) * MS_HOUR;
    for (size_t i = 0; i < countof(readings); i++) {
        h->clock->fixed_ms += readings[i].later_ms;
        r = ask(h, HTTP_GET, "/help/reset-a-probe", "", readings[i].agent, readings[i].address);
        expect(&r, 200, readings[i].note);
        if (number(h, "article_reads") != readings[i].reads ||
            number(h, "article_readers") != readings[i].readers)
            fail_msg("%s: %g reads of %g", readings[i].note, number(h, "article_reads"),
                     number(h, "article_readers"));
    }
    r = house_get(h, colleague, "/help/reset-a-probe");
    expect(&r, 200, "a colleague");
    assert_true(number(h, "article_reads") == 3);
    write_down(h);
    ok(db_get_i64(h->cx, &reads, "article.reads", I64("article", id), I64("from_day", 0)));
    assert_int_equal(reads, 3);
}

/* ---- votes ---- */
static const struct {
    const char *note, *body, *address;
    i64 votes, helpful;
} votes[] = {
    { "it helped", "helpful=yes", "192.0.2.1", 1, 1 },
    { "with a comment", "helpful=yes&comment=Thanks", "192.0.2.1", 1, 1 },
    { "it did not, after all", "helpful=no", "192.0.2.1", 1, 0 },
    { "somebody else", "helpful=yes&comment=++", "192.0.2.2", 2, 1 },
};

static void voting_again_changes_the_vote(void **state)
{
    struct house *h = *state;
    struct row *vote;
    struct list_page page;

    article(h, "Reset a probe", "Hold the button.", "public");
    for (size_t i = 0; i < countof(votes); i++) {
        struct web_response r =
            ask(h, HTTP_POST, "/help/reset-a-probe/vote", votes[i].body, firefox, votes[i].address);
        expect(&r, 303, votes[i].note);
        if (count_of(h, &article_vote_type, "") != votes[i].votes ||
            count_of(h, &article_vote_type, "helpful is true") != votes[i].helpful)
            fail_msg("%s: %lld votes", votes[i].note,
                     (long long)count_of(h, &article_vote_type, ""));
    }
    ok(list_run(h->cx, &article_vote_type, &(struct list_query){ .filter = "helpful is false" },
                &page));
    vote = page.rows[0];
    assert_string_equal(row_text(vote, VOTE_COMMENT), "Thanks"); /* what was said stays */
    assert_true(number(h, "helpful_share") == 0.5);
}

/* ---- searches ---- */
static void what_is_looked_for_is_written_down(void **state)
{
    struct house *h = *state;
    static const char *const asked[] = { "probe", "Probe ", "hail", "HAIL", "hail", "probe" };
    struct web_response r;

    article(h, "Reset a probe", "Hold the button.", "public");
    for (size_t i = 0; i < countof(asked); i++) {
        r = ask(h, HTTP_GET,
                arena_printf(h->arena, "/help/search?q=%s",
                             text_is(asked[i], "Probe ") ? "Probe+" : asked[i]),
                "", firefox, "192.0.2.1");
        expect(&r, 200, asked[i]);
    }
    r = ask(h, HTTP_GET, "/help/search?q=robots", "", crawler, "192.0.2.1");
    r = ask(h, HTTP_GET, "/help/suggest?q=suggested", "", firefox, "192.0.2.1");
    expect(&r, 200, "suggested");
    write_down(h);
    write_down(h); /* nothing more */
    assert_int_equal(count_of(h, &help_search_type, ""), 2);
    assert_int_equal(count_of(h, &help_search_type, "found = 0 and times = 3"), 1);
    assert_true(number(h, "help_searches") == 6);
    assert_true(number(h, "help_searches_empty") == 3);
    r = house_get(h, house_user(h, "Sue Service", "Service"), "/knowledge");
    house_expect(h, &r, 200);
    assert_non_null(strstr(str_dup(h->arena, r.body), "<td>hail</td>"));
}

/* ---- what changes is seen at once, and what is internal never ---- */
static bool page_has(struct house *h, const char *target, const char *text)
{
    struct web_response r = ask(h, HTTP_GET, target, "", firefox, "192.0.2.1");

    return strstr(str_dup(h->arena, r.body), text) != NULL;
}

static void changes_are_seen_at_once(void **state)
{
    struct house *h = *state;
    i64 id = article(h, "Reset a probe", "Hold the button.", "public");
    static const char *const places[] = { "/help", "/help/search?q=probe", "/help/sitemap.xml",
                                          "/help/suggest?q=probe", "/help/contact?subject=probe" };
    struct row *r;

    for (size_t i = 0; i < countof(places); i++)
        if (!page_has(h, places[i], "reset-a-probe"))
            fail_msg("%s does not have it", places[i]);
    ok(record_get(h->cx, &article_type, id, &r));
    row_set_text(r, ARTICLE_VISIBILITY, "internal");
    ok(record_save(h->cx, r));
    for (size_t i = 0; i < countof(places); i++)
        if (page_has(h, places[i], "reset-a-probe"))
            fail_msg("%s still has it", places[i]);
    row_set_text(r, ARTICLE_VISIBILITY, "public");
    ok(record_save(h->cx, r));
    ok(record_delete(h->cx, r));
    assert_false(page_has(h, "/help", "reset-a-probe"));
    ok(record_restore(h->cx, r));
    assert_true(page_has(h, "/help", "reset-a-probe"));
}

static void languages_are_chosen_and_linked(void **state)
{
    struct house *h = *state;
    i64 en = article(h, "Reset a probe", "Hold the button.", "public"),
        de = article(h, "Sonde zurücksetzen", "Den Knopf halten.", "public");
    struct row *r;

    ok(record_get(h->cx, &article_type, de, &r));
    row_set_text(r, ARTICLE_LANGUAGE, "de");
    row_set_i64(r, ARTICLE_TRANSLATES, en);
    ok(record_save(h->cx, r));
    assert_true(page_has(h, "/help?lang=de", "Sonde zurücksetzen"));
    assert_false(page_has(h, "/help?lang=de", "Reset a probe"));
    assert_true(page_has(h, "/help?lang=xx", "Reset a probe"));
    assert_true(page_has(h, "/help/reset-a-probe", "hreflang=\"de\""));
    assert_true(page_has(h, "/help/search?q=knopf&lang=de", "Ergebnisse"));
}

/* ---- tickets ---- */
static void make_sender(struct house *h)
{
    struct row *s = row_new(h->cx, &sender_type);

    row_set_text(s, SENDER_NAME, "Support");
    row_set_text(s, SENDER_FROM_NAME, "Support");
    row_set_text(s, SENDER_FROM, "help@alderfield.test");
    row_set_i64(s, SENDER_DEFAULT, 1);
    ok(record_save(h->cx, s));
}

static i64 open_ticket(struct house *h, const char *text)
{
    struct said said = { .text = text };
    struct row *t;

    ok(ticket_make(
        h->cx,
        &(struct ticket_new){
            .said = &said, .subject = text, .channel = "api", .email = "ida@farm.example" },
        &t, NULL));
    return row_id(t);
}

static const char *at(struct house *h, i64 ticket, const char *more)
{
    return arena_printf(h->arena, "/tickets/%s%s", id_text(h->arena, ticket), more);
}

static void an_article_that_was_sent_solves_the_ticket(void **state)
{
    struct house *h = *state;
    struct person *sue = house_user(h, "Sue Service", "Service");
    i64 one = article(h, "Reset a probe", "Hold the **button**.", "public"),
        two = article(h, "Margins", "Ten percent.", "internal"),
        t = open_ticket(h, "My probe is silent");
    const char *id = id_text(h->arena, one), *body;
    struct web_response r = house_get(h, sue, at(h, t, ""));

    make_sender(h);
    house_expect(h, &r, 200);
    assert_non_null(strstr(str_dup(h->arena, r.body), "Reset a probe")); /* like the ticket */
    r = house_get(h, sue, at(h, t, arena_printf(h->arena, "?article=%s", id)));
    body = str_dup(h->arena, r.body);
    assert_non_null(strstr(body, "/help/reset-a-probe\n"));
    assert_non_null(strstr(body, arena_printf(h->arena, "name=\"article\" value=\"%s\"", id)));
    r = house_get(h, sue, arena_printf(h->arena, "/articles/%s/words?as=text", id));
    assert_non_null(strstr(str_dup(h->arena, r.body), "Hold the button."));
    r = house_get(h, sue, arena_printf(h->arena, "/articles/%s/words", id_text(h->arena, two)));
    assert_null(strstr(str_dup(h->arena, r.body), "/help/")); /* no address to give away */
    r = house_post(h, sue, at(h, t, "/say"),
                   arena_printf(h->arena, "text=See+this&status=pending&article=%s", id));
    house_expect(h, &r, 303);
    r = house_post(h, sue, at(h, t, "/say"),
                   arena_printf(h->arena, "text=Again&status=solved&article=%s", id));
    house_expect(h, &r, 303);
    assert_int_equal(count_of(h, &ticket_article_type, ""), 1); /* once a ticket */
    assert_true(number(h, "tickets_solved_by_article") == 1);
    r = house_post(h, sue, at(h, t, "/set"), "status=open");
    house_expect(h, &r, 303);
    assert_true(number(h, "tickets_solved_by_article") == 0);
}

static void writing_from_the_help_centre_is_a_ticket(void **state)
{
    struct house *h = *state;
    i64 before = count_of(h, &ticket_type, "");
    struct web_response r =
        ask(h, HTTP_POST, "/help/contact",
            "subject=Bill&text=It+is+wrong&email=ida%40farm.example&name=Ida+Berg", firefox,
            "192.0.2.1");

    expect(&r, 303, "a message"); /* nothing answers it: no page between */
    assert_int_equal(count_of(h, &ticket_type, "channel = 'form'"), before + 1);
    article(h, "The bill", "Under Account.", "public");
    r = ask(h, HTTP_POST, "/help/contact", "subject=Bill&text=Wrong&email=ida%40farm.example",
            firefox, "192.0.2.1");
    expect(&r, 200, "what answers it comes first");
    assert_int_equal(count_of(h, &ticket_type, ""), before + 1);
    r = ask(h, HTTP_POST, "/help/contact", "subject=Bill&text=Wrong&email=nobody&sure=yes", firefox,
            "192.0.2.1");
    expect(&r, 422, "no address");
    assert_int_equal(count_of(h, &ticket_type, ""), before + 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        IN_BOTH_HOUSES(what_is_read_stands_on_the_journey_once, NULL),
        IN_BOTH_HOUSES(voting_again_changes_the_vote, NULL),
        IN_BOTH_HOUSES(what_is_looked_for_is_written_down, NULL),
        IN_BOTH_HOUSES(changes_are_seen_at_once, NULL),
        IN_BOTH_HOUSES(languages_are_chosen_and_linked, NULL),
        IN_BOTH_HOUSES(an_article_that_was_sent_solves_the_ticket, NULL),
        IN_BOTH_HOUSES(writing_from_the_help_centre_is_a_ticket, NULL),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
