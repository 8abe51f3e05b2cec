/* mime_read_test.c -- what mails say: texts, people, files, reports, whatever their shape. */
#include "base/buf.h"
#include "base/testing.h"
#include "io/imap.h"
#include "io/mime_read.h"
#include <stdio.h>

static struct arena *arena;
static struct ctx cx;

static int set_up(void **state)
{
    (void)state;
    arena = arena_new(64 * 1024);
    ctx_init(&cx, arena, NULL);
    return 0;
}
static int tear_down(void **state)
{
    (void)state;
    arena_free(arena);
    return 0;
}

static struct letter *read_text(const char *text)
{
    struct letter *m;

    assert_int_equal(mime_read(&cx, str_from(text), &m), OK);
    return m;
}

#define HEAD                                                                                  \
    "From: \"M\xc3\xbcller, Anna\" <Anna@Example.com>\r\nTo: b@example.org\r\nMIME-Version: " \
    "1.0\r\n"

static const struct {
    const char *note, *mail, *subject, *text;
} cases[] = {
    { "plain", HEAD "Subject: Hi\r\n\r\nOne\r\ntwo\r\n", "Hi", "One\ntwo\n" },
    { "encoded words, folded",
      HEAD "Subject: =?utf-8?Q?Gr=C3=BC=C3=9Fe?=\r\n =?iso-8859-1?B?5Q==?= aus\r\n\r\nx",
      "Gr\xc3\xbc\xc3\x9f"
      "e\xc3\xa5 aus",
      "x" },
    { "quoted-printable in Latin 1",
      HEAD "Subject: s\r\nContent-Type: text/plain; charset=iso-8859-1\r\n"
           "Content-Transfer-Encoding: quoted-printable\r\n\r\nSch=F6n, =\r\nja",
      "s", "Sch\xc3\xb6n, ja" },
    { "a charset that is a lie",
      HEAD "Subject: s\r\nContent-Type: text/plain; charset=utf-8\r\n\r\nSch\xf6n", "s",
      "Sch\xc3\xb6n" },
    { "a charset that nobody knows",
      HEAD "Subject: s\r\nContent-Type: text/plain; charset=x-martian\r\n\r\nhello", "s", "hello" },
    { "Windows-1252",
      HEAD "Subject: s\r\nContent-Type: text/plain; charset=windows-1252\r\n\r\n\x80 5", "s",
      "\xe2\x82\xac 5" },
    { "format=flowed",
      HEAD "Subject: s\r\nContent-Type: text/plain; format=flowed\r\n\r\nA long \r\nline\r\n> "
           "quoted \r\n> too\r\n-- \r\nAnna\r\n",
      "s", "A long line\n> quoted too\n-- \nAnna\n" },
    { "HTML alone",
      HEAD
      "Subject: s\r\nContent-Type: text/html\r\n\r\n<style>p{}</style><p>A &amp; B</p><p>C<br>D"
      "<script>x()</script></p>",
      "s", "A & B\n\nC\nD" },
    { "alternative: the plain one",
      HEAD "Subject: s\r\nContent-Type: multipart/alternative; "
           "boundary=x\r\n\r\n--x\r\n\r\nplain\r\n--x\r\n"
           "Content-Type: text/html\r\n\r\n<p>rich</p>\r\n--x--\r\n",
      "s", "plain" },
    { "alternative without a plain one",
      HEAD "Subject: s\r\nContent-Type: multipart/alternative; "
           "boundary=x\r\n\r\n--x\r\nContent-Type: text/html\r\n\r\n<b>rich</b>\r\n--x--\r\n",
      "s", "rich" },
    { "mixed: text in two parts",
      HEAD "Subject: s\r\nContent-Type: multipart/mixed; "
           "boundary=x\r\n\r\n--x\r\n\r\none\r\n--x\r\n\r\ntwo\r\n--x--\r\n",
      "s", "one\ntwo" },
    { "a boundary that never ends",
      HEAD "Subject: s\r\nContent-Type: multipart/mixed; boundary=x\r\n\r\n--x\r\n\r\none", "s",
      "one" },
    { "no boundary at all", HEAD "Subject: s\r\nContent-Type: multipart/mixed\r\n\r\nx", "s", "" },
    { "a NUL and control characters",
      HEAD "Subject: a\x01"
           "b\r\n\r\nc\x02"
           "d",
      "ab", "cd" },
};

static void texts_are_read_whatever_their_shape(void **state)
{
    (void)state;
    for (size_t i = 0; i < countof(cases); i++) {
        struct letter *m = read_text(cases[i].mail);
        if (!text_is(m->subject, cases[i].subject) || !text_is(m->text, cases[i].text))
            fail_msg("%s: got '%s' / '%s'", cases[i].note, m->subject, m->text);
        assert_string_equal(m->from.list[0].address, "anna@example.com");
        assert_string_equal(m->from.list[0].name, "M\xc3\xbcller, Anna");
    }
}

static void ids_and_dates_are_read(void **state)
{
    struct letter *m;

    (void)state;
    m = read_text(
        "Message-ID: <a.1@x>\r\nIn-Reply-To: <b@x> (Anna's message)\r\n"
        "References: <c@x>\r\n <b@x> junk\r\nDate: Mon, 23 Nov 2026 11:00:00 +0100\r\n\r\n");
    assert_string_equal(m->message_id, "a.1@x");
    assert_string_equal(m->in_reply_to, "b@x");
    assert_string_equal(m->references, "c@x b@x");
    assert_true(m->date_ms == INT64_C(1795428000000));
    m = read_text("Date: yesterday\r\n\r\n");
    assert_true(m->date_ms == TIME_NONE);
    assert_string_equal(m->message_id, "");
}

static void files_are_listed(void **state)
{
    struct letter *m;

    (void)state;
    m = read_text(
        HEAD
        "Content-Type: multipart/mixed; boundary=x\r\n\r\n--x\r\n"
        "Content-Type: multipart/related; boundary=y\r\n\r\n--y\r\nContent-Type: text/html\r\n\r\n"
        "<img src=cid:logo>\r\n--y\r\nContent-Type: image/png\r\nContent-ID: <logo>\r\n"
        "Content-Transfer-Encoding: base64\r\n\r\niVBORw0K\r\n--y--\r\n--x\r\n"
        "Content-Type: application/pdf; name=\"=?utf-8?Q?Angebot_f=C3=BCr?= Sie.pdf\"\r\n"
        "Content-Disposition: attachment; "
        "filename*=utf-8''..%2F..%2Fetc%2Fangebot.pdf\r\n\r\n%PDF\r\n--x\r\n"
        "Content-Type: message/rfc822\r\n\r\nSubject: Old one\r\n\r\nold\r\n--x--\r\n");
    assert_int_equal(m->file_count, 3);
    assert_string_equal(m->files[0].content_id, "logo");
    assert_true(m->files[0].inside);
    assert_int_equal(m->files[0].bytes.len, 6);
    assert_string_equal(m->files[1].name, "angebot.pdf");
    assert_false(m->files[1].inside);
    assert_string_equal(m->files[2].name, "Old one.eml");
    assert_string_equal(m->text, "");
}

static void a_report_gives_its_parts(void **state)
{
    struct letter *m;

    (void)state;
    m = read_text(
        "Content-Type: multipart/report; report-type=delivery-status; boundary=x\r\n\r\n--x\r\n\r\n"
        "Sorry.\r\n--x\r\nContent-Type: message/delivery-status\r\n\r\nReporting-MTA: dns; "
        "a\r\n\r\n"
        "Final-Recipient: rfc822;\r\n gone@b.c\r\nStatus: 5.1.1\r\n--x\r\nContent-Type: "
        "message/rfc822\r\n\r\n"
        "Message-ID: <x@y>\r\nSubject: The one\r\n\r\nbody\r\n--x--\r\n");
    assert_string_equal(m->report_type, "delivery-status");
    assert_string_equal(m->text, "Sorry.");
    assert_string_equal(mime_field(arena, m->report, "final-recipient"), "rfc822; gone@b.c");
    assert_string_equal(mime_field(arena, m->report, "Status"), "5.1.1");
    assert_string_equal(mime_field(arena, m->returned, "Message-ID"), "<x@y>");
    assert_int_equal(m->file_count, 0);
}

static void bombs_are_cut_or_refused(void **state)
{
    struct buf b = buf_in(arena, 8 * 1024 * 1024);
    struct letter *m;

    (void)state;
    for (int i = 0; i < 100; i++)
        buf_printf(&b, "Content-Type: multipart/mixed; boundary=b%d\r\n\r\n--b%d\r\n", i, i);
    buf_text(&b, "\r\ndeep");
    assert_int_equal(mime_read(&cx, (struct str){ b.p, b.len }, &m), OK);
    assert_true(m->cut);
    for (int i = 0; i < 1000; i++)
        buf_printf(&b, "Content-Type: multipart/mixed; boundary=b%d\r\n\r\n--b%d\r\n", i, i);
    assert_int_equal(mime_read(&cx, (struct str){ b.p, b.len }, &m), E_LIMIT);
    ctx_clear_error(&cx);
    buf_clear(&b);
    buf_text(&b, "Subject: long\r\n\r\n");
    for (int i = 0; i < 100000; i++)
        buf_text(&b, "0123456789 ");
    assert_int_equal(mime_read(&cx, (struct str){ b.p, b.len }, &m), OK);
    assert_true(m->cut);
    assert_true(strlen(m->text) <= MIME_TEXT_BYTES);
}

static const struct {
    const char *text, *said;
} replies[] = {
    { "Yes, please.\n\nOn Mon, 23 Nov 2026 at 11:00, Clara <c@a> wrote:\n> Would you?\n",
      "Yes, please." },
    { "Gern.\n\nAm 23.11.2026 um 11:00 schrieb Clara:\n> Wollen Sie?", "Gern." },
    { "Sure\n\nOn Mon, 23 Nov 2026 at 11:00, Clara Long Name\n<clara@alderfield.test> wrote:\n\n> "
      "Would you?\n",
      "Sure" },
    { "Ok\n-- \nAnna\nHead of Sales", "Ok" },
    { "Fine.\n\n-----Original Message-----\nFrom: x\n\nold", "Fine." },
    { "Between\n> a question\nthe lines", "Between\nthe lines" },
    { "He wrote: nothing", "He wrote: nothing" },
};

static void a_reply_is_what_is_new(void **state)
{
    (void)state;
    for (size_t i = 0; i < countof(replies); i++)
        assert_string_equal(mime_reply_text(arena, replies[i].text), replies[i].said);
}

static const struct {
    const char *html, *text;
} pages[] = {
    { "a<br>b<br/>c", "a\nb\nc" },
    { "<ul><li>one<li>two</ul>after", "- one\n- two\n\nafter" },
    { "<table><tr><td>a</td><td>b</td></tr><tr><td>c</td></tr></table>", "a b\nc" },
    { "x < y &lt;b&gt; &#8364;&#x20AC; &nosuch; &amp",
      "x < y <b> \xe2\x82\xac\xe2\x82\xac &nosuch; &amp" },
    { "<!-- no --><a href='x>y'>link</a>", "link" },
    { "<p title=\"never closed>text", "text" },
    { "<script>", "" },
    { "&#0;&#xD800;&#99999999;", "\xef\xbf\xbd\xef\xbf\xbd" },
};

static void html_becomes_lines(void **state)
{
    (void)state;
    for (size_t i = 0; i < countof(pages); i++)
        assert_string_equal(html_to_text(arena, str_from(pages[i].html), 1000), pages[i].text);
}

static void imap_answers_are_parsed(void **state)
{
    struct imap_value v;

    (void)state;
    assert_int_equal(imap_parse(arena,
                                str_from("* 12 FETCH (UID 5 FLAGS (\\Seen) BODY[HEADER.FIELDS (A "
                                         "B)] {3}\r\na)b X \"q\\\"\" Y NIL)"),
                                &v),
                     OK);
    assert_int_equal(v.count, 4);
    v = v.items[3];
    assert_int_equal(v.count, 10);
    assert_true(str_is(v.items[4].text, "BODY[HEADER.FIELDS (A B)]"));
    assert_true(str_is(v.items[5].text, "a)b"));
    assert_true(str_is(v.items[7].text, "q\""));
    assert_int_equal(v.items[9].kind, IMAP_NIL);
    assert_int_equal(imap_parse(arena, str_from("* (a"), &v), E_UNSUPPORTED);
    assert_int_equal(imap_parse(arena, str_from("* {9}\r\nabc"), &v), E_UNSUPPORTED);
    assert_int_equal(imap_parse(arena, str_from("* \"abc"), &v), E_UNSUPPORTED);
    assert_string_equal(imap_utf7_text(arena, "Gesch&AOQ-ftlich"), "Gesch\xc3\xa4"
                                                                   "ftlich");
    assert_string_equal(imap_utf7_text(arena, "A &- B"), "A & B");
    assert_string_equal(imap_utf7_text(arena, "A &broken"), "A &broken");
    assert_string_equal(imap_utf7_text(arena, "&2D3eAA-"), "\xf0\x9f\x98\x80");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(texts_are_read_whatever_their_shape, set_up, tear_down),
        cmocka_unit_test_setup_teardown(ids_and_dates_are_read, set_up, tear_down),
        cmocka_unit_test_setup_teardown(files_are_listed, set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_report_gives_its_parts, set_up, tear_down),
        cmocka_unit_test_setup_teardown(bombs_are_cut_or_refused, set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_reply_is_what_is_new, set_up, tear_down),
        cmocka_unit_test_setup_teardown(html_becomes_lines, set_up, tear_down),
        cmocka_unit_test_setup_teardown(imap_answers_are_parsed, set_up, tear_down),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
