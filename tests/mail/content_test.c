/* content_test.c -- what a mail says: blocks in, HTML and plain text for one person out. What is
 * wrong is named when it is saved; what strangers write cannot become markup, a header or a script.
 * On both engines. */
#include "base/id.h"
#include "base/json.h"
#include "mail/content_int.h"
#include "support/house.h"
#include <stdio.h>
#include <stdlib.h>

struct world {
    struct house *h;
    struct ctx *cx;
    struct row *contact;
    i64 company_id, deal_id;
};

static i64 saved(struct ctx *cx, const char *type, const char *const *pairs)
{
    struct row *r = row_new(cx, type_find(cx, type));

    for (; *pairs; pairs += 2)
        assert_int_equal(row_parse(cx, r, type_field(row_type(r), pairs[0]), pairs[1]), OK);
    if (record_save(cx, r) != OK)
        fail_msg("%s", cx->field_errors ? cx->field_errors->message : cx->error_text);
    return row_id(r);
}
#define SAVED(cx, type, ...) saved((cx), (type), (const char *const[]){ __VA_ARGS__, NULL })

static struct world world_of(void **state)
{
    struct world w = { .h = *state };
    struct person *ada = house_user(w.h, "Ada Owner", "");
    i64 id;

    w.cx = w.h->cx;
    w.company_id = SAVED(w.cx, "company", "name", "Fields & Sons", "city", "Bremen");
    id = SAVED(w.cx, "contact", "first_name", "Grace", "last_name", "O'Hara", "email",
               "grace@example.com", "lifecycle", "customer", "company_id",
               id_text(w.cx->arena, w.company_id), "owner_id", id_text(w.cx->arena, ada->user_id));
    w.deal_id = SAVED(w.cx, "deal", "name", "Renewal", "amount", "1200 EUR", "close_date",
                      "2026-12-01", "contact_id", id_text(w.cx->arena, id));
    SAVED(w.cx, "brand", "name", "Alder & Field", "address", "Mill Lane 1\n10115 Berlin", "accent",
          "#2f6b3c", "website", "https://alder.example", "is_default", "true");
    assert_int_equal(record_get_named(w.cx, "contact", id, &w.contact), OK);
    return w;
}

#define DOC(blocks) "{\"version\":1,\"blocks\":[" blocks "]}"
#define TEXT_BLOCK(html) "{\"type\":\"text\",\"html\":\"" html "\"}"

static const char *count_links(void *arg, const char *url)
{
    struct house *h = arg;

    return arena_printf(h->arena, "https://track.example/c?u=%zu", strlen(url));
}

static struct content_mail rendered(struct world *w, const char *subject, const char *blocks)
{
    struct content *c;
    struct content_mail m;
    struct val *data = val_map(w->cx->arena);
    struct content_for who = { .contact = w->contact,
                               .deal_id = w->deal_id,
                               .data = data,
                               .sender_name = "Ada",
                               .sender_address = "ada@alder.example",
                               .unsubscribe_url = "https://crm.example/u/abc?x=1&y=2",
                               .preferences_url = "https://crm.example/u/abc",
                               .pixel_url = "https://crm.example/m/o/abc.gif" };

    val_put_text(val_put_map(data, "order"), "number", "A-1 <b>");
    val_put_text(data, "evil", "Hi\r\nBcc: all@example.com");
    val_put_text(data, "script", "javascript:alert(1)");
    ctx_clear_error(w->cx);
    if (content_compile_parts(w->cx, 0, subject, "A look inside", blocks, &c) != OK)
        fail_msg("%s", w->cx->field_errors ? w->cx->field_errors->message : w->cx->error_text);
    assert_int_equal(content_render(w->cx, c, &who, &m), OK);
    return m;
}

/* ---- personal words ---- */
static void fields_are_filled_for_each_person(void **state)
{
    static const struct {
        const char *text, *says;
    } cases[] = {
        { "Dear {{contact.first_name|there}}", "Dear Grace" },
        { "Dear {{ contact.first_name | there }}", "Dear Grace" },
        { "{{contact.phone|no phone}}", "no phone" },
        { "{{contact.phone}}.", "." },
        { "{{contact.name}}", "Grace O'Hara" },
        { "{{company.name}} in {{contact.company_id.city}}", "Fields & Sons in Bremen" },
        { "{{contact.company_id}}", "Fields & Sons" },
        { "{{contact.lifecycle}}", "Customer" },
        { "{{owner.name}}", "Ada Owner" },
        { "{{deal.name}}: {{deal.amount}} by {{deal.close_date}}",
          "Renewal: €1,200.00 by 1 December 2026" },
        { "{{sender.name}} <{{sender.address}}>", "Ada <ada@alder.example>" },
        { "{{brand.name}}", "Alder & Field" },
        { "{{data.order.number}}", "A-1 <b>" },
        { "{{data.nothing|-}}", "-" },
        { "no fields", "no fields" },
        { "{ {x} }", "{ {x} }" },
    };
    struct world w = world_of(state);

    for (size_t i = 0; i < countof(cases); i++) {
        struct content_mail m = rendered(&w, cases[i].text, DOC(TEXT_BLOCK("<p>x</p>")));
        if (!text_is(m.subject, cases[i].says))
            fail_msg("%s: '%s', want '%s'", cases[i].text, m.subject, cases[i].says);
    }
}

static void an_unknown_field_is_named_with_the_nearest(void **state)
{
    static const struct {
        const char *text, *says;
    } cases[] = {
        { "{{contact.fist_name}}", "The nearest is {{contact.first_name}}" },
        { "{{company.citi}}", "The nearest is {{contact.company_id.city}}" },
        { "{{deal.amout|0}}", "The nearest is {{deal.amount}}" },
        { "{{first_name}}", "You mean {{contact.first_name}}" },
        { "{{contct.first_name}}", "The nearest is 'contact'" },
        { "{{contact.first_name.x}}", "leads to no other record" },
        { "{{contact.first name}}", "letters, digits" },
        { "{{}}", "names no field" },
        { "{{contact.first_name", "no }} closes it" },
        { "{{sender.mail}}", "sender.name" },
        { "{{brand.adress}}", "brand.address" },
        { "{{owner.password}}", "has no field 'password'" },
        { "{{contact.}}", "contact" },
    };
    struct world w = world_of(state);

    for (size_t i = 0; i < countof(cases); i++) {
        ctx_clear_error(w.cx);
        assert_int_equal(content_fill_check(w.cx, cases[i].text), E_INVALID);
        if (!strstr(w.cx->error_text, cases[i].says))
            fail_msg("%s: %s", cases[i].text, w.cx->error_text);
    }
}

static void values_mean_only_themselves(void **state)
{
    struct world w = world_of(state);
    struct content_mail m = rendered(
        &w, "Order {{data.order.number}} {{data.evil}}",
        DOC(TEXT_BLOCK("<p>Hello {{data.order.number}} {{company.name}} <a "
                       "href=\\\"https://x.example/?q={{company.name}}&amp;z=1\\\">go</a> <a "
                       "href=\\\"{{data.script}}\\\">no</a> <a "
                       "href=\\\"{{data.none}}javascript:alert(2)\\\">nor</a></p>")));

    assert_null(strchr(m.subject, '\n'));
    assert_null(strchr(m.subject, '\r'));
    assert_non_null(strstr(m.html, "A-1 &lt;b&gt; Fields &amp; Sons"));
    assert_non_null(strstr(m.html, "href=\"https://x.example/?q=Fields%20%26%20Sons&amp;z=1\""));
    assert_null(strstr(m.html, "javascript:"));
    assert_non_null(strstr(m.text, "Hello A-1 <b> Fields & Sons go [1]"));
    assert_non_null(strstr(m.text, "[1] https://x.example/?q=Fields%20%26%20Sons&z=1"));
    assert_non_null(strstr(m.html, "https://crm.example/u/abc?x=1&amp;y=2"));
    assert_non_null(strstr(m.text, "Unsubscribe: https://crm.example/u/abc?x=1&y=2"));
    assert_non_null(strstr(m.html, "src=\"https://crm.example/m/o/abc.gif\""));
}

static void links_go_through_the_senders_hands_once(void **state)
{
    struct world w = world_of(state);
    struct content *c;
    struct content_mail m;
    struct content_for who = { .contact = w.contact,
                               .link = count_links,
                               .link_arg = w.h,
                               .unsubscribe_url = "https://crm.example/u/abc" };

    assert_int_equal(
        content_compile_parts(
            w.cx, 0, "s", "",
            DOC("{\"type\":\"button\",\"text\":\"Go\",\"href\":\"https://x.example/1\"},"
                "{\"type\":\"image\",\"src\":\"https://x.example/"
                "i.png\",\"alt\":\"Field\"}," TEXT_BLOCK(
                    "<p><a href=\\\"mailto:a@example.com\\\">mail</a> <a "
                    "href=\\\"{{unsubscribe_url}}\\\">off</a></p>")),
            &c),
        OK);
    assert_int_equal(content_render(w.cx, c, &who, &m), OK);
    assert_non_null(strstr(m.html, "href=\"https://track.example/c?u=19\""));
    assert_non_null(strstr(m.text, "Go:\nhttps://track.example/c?u=19"));
    assert_null(strstr(m.html, "https://x.example/1"));
    assert_non_null(strstr(m.html, "src=\"https://x.example/i.png\"")); /* pictures are no clicks */
    assert_non_null(strstr(m.html, "href=\"mailto:a@example.com\""));
    assert_non_null(strstr(m.html, "href=\"https://crm.example/u/abc\" class=\"lnk\""));
}

static void conditions_choose_what_is_read(void **state)
{
    struct world w = world_of(state);
    const char *doc =
        DOC("{\"type\":\"if\",\"filter\":\"lifecycle = 'customer'\",\"then\":[" TEXT_BLOCK(
            "<p>thanks</p>") "],\"else\":[" TEXT_BLOCK("<p>join</p>") "]},"
                                                                      "{\"type\":\"if\",\"filter\":"
                                                                      "\"company_id.city = "
                                                                      "'Paris'\",\"then\":"
                                                                      "[" TEXT_BLOCK(
                                                                          "<p>salut</p>") "]}");
    struct content_mail m = rendered(&w, "s", doc);

    assert_non_null(strstr(m.html, "thanks"));
    assert_null(strstr(m.html, "join"));
    assert_null(strstr(m.html, "salut"));
    assert_non_null(strstr(m.text, "thanks"));
    assert_null(strstr(m.text, "join"));
}

/* ---- markup of strangers ---- */
static void markup_is_cleaned(void **state)
{
    static const struct {
        enum clean_mode mode;
        const char *in, *out;
    } cases[] = {
        { CLEAN_RICH, "hello", "<p>hello</p>" },
        { CLEAN_RICH, "<p>a<p>b", "<p>a</p><p>b</p>" },
        { CLEAN_RICH, "<b>x</b><i>y</i>", "<p><strong>x</strong><em>y</em></p>" },
        { CLEAN_RICH, "<div>a</div><div>b</div>", "<p>a</p><p>b</p>" },
        { CLEAN_RICH, "<p onclick=\"x()\" style=\"color:red\">a</p>", "<p>a</p>" },
        { CLEAN_RICH, "<script>alert(1)</script>a", "<p>a</p>" },
        { CLEAN_RICH, "<style>p{}</style><p>a", "<p>a</p>" },
        { CLEAN_RICH, "<svg><a href=\"javascript:1\">x</a></svg>b", "<p>b</p>" },
        { CLEAN_RICH, "<a href=\"javascript:alert(1)\">x</a>", "<p><a>x</a></p>" },
        { CLEAN_RICH, "<a href=\"java\nscript:alert(1)\">x</a>", "<p><a>x</a></p>" },
        { CLEAN_RICH, "<a href=\"https://x.example/?a=1&b=2\">x</a>",
          "<p><a href=\"https://x.example/?a=1&amp;b=2\">x</a></p>" },
        { CLEAN_RICH, "<a href='https://x.example/\"><script>'>x</a>",
          "<p><a href=\"https://x.example/&quot;&gt;&lt;script&gt;\">x</a></p>" },
        { CLEAN_RICH, "<ul><li>a<li>b</ul>", "<ul><li>a</li><li>b</li></ul>" },
        { CLEAN_RICH, "<li>a", "<ul><li>a</li></ul>" },
        { CLEAN_RICH, "a < b && c > d", "<p>a &lt; b &amp;&amp; c &gt; d</p>" },
        { CLEAN_RICH, "&lt;script&gt;", "<p>&lt;script&gt;</p>" },
        { CLEAN_RICH, "<strong>a<p>b</strong>c", "<p><strong>a</strong></p><p>bc</p>" },
        { CLEAN_RICH, "<!-- x --><p>a<!--[if mso]>b<![endif]-->", "<p>a</p>" },
        { CLEAN_RICH, "<img src=x onerror=alert(1)>a", "<p>a</p>" },
        { CLEAN_RICH, "<textarea><p>x</textarea>y", "<p>y</p>" },
        { CLEAN_RICH, "<plaintext><script>", "" },
        { CLEAN_HTML, "<table><tr><td align=center>a</td></tr></table>",
          "<table><tr><td align=\"center\">a</td></tr></table>" },
        { CLEAN_HTML, "<div style=\"color:red;background:url(https://x);position:fixed\">a",
          "<div style=\"color:red\">a</div>" },
        { CLEAN_HTML, "<div style=\"color:expression(alert(1))\">a", "<div>a</div>" },
        { CLEAN_HTML, "<img src=\"https://x.example/a.png\" onload=\"x\" alt='A \"b\"'>",
          "<img src=\"https://x.example/a.png\" alt=\"A &quot;b&quot;\">" },
        { CLEAN_HTML, "<img src=\"data:image/svg+xml,x\">", "<img>" },
        { CLEAN_HTML, "<iframe src=x></iframe><form><input>t</form>", "t" },
        { CLEAN_HTML, "<p style='font-family:\"Segoe UI\",serif'>a</p>",
          "<p style=\"font-family:'Segoe UI',serif\">a</p>" },
    };
    struct house *h = *state;

    for (size_t i = 0; i < countof(cases); i++) {
        const char *once, *twice;
        assert_int_equal(content_clean(h->cx, cases[i].in, cases[i].mode, &once, NULL), OK);
        if (!text_is(once, cases[i].out))
            fail_msg("%s\n  is   %s\n  want %s", cases[i].in, once, cases[i].out);
        assert_int_equal(content_clean(h->cx, once, cases[i].mode, &twice, NULL), OK);
        assert_string_equal(once, twice);
    }
}

/* ---- blocks ---- */
static void bad_blocks_are_named(void **state)
{
    static const struct {
        const char *json, *says;
    } cases[] = {
        { "{\"blocks\":[{\"type\":\"txt\"}]}", "Block 1: 'txt' is no kind of block" },
        { "{\"version\":2,\"blocks\":[]}", "version 2" },
        { "[]", "blocks" },
        { "{\"blocks\":{}}", "list" },
        { "{\"blocks\":[{\"type\":\"columns\",\"columns\":[]}]}", "two or three" },
        { "{\"blocks\":[{\"type\":\"spacer\",\"height\":9000}]}", "from 4 to 200" },
        { "{\"blocks\":[{\"type\":\"spacer\",\"height\":\"tall\"}]}", "no number" },
        { "{\"blocks\":[{\"type\":\"image\",\"src\":\"javascript:x\"}]}", "no address" },
        { "{\"blocks\":[{\"type\":\"text\",\"align\":\"up\"}]}", "left, center, right" },
        { "{\"blocks\":[{\"type\":\"box\",\"blocks\":[{\"type\":\"box\",\"blocks\":[{\"type\":"
          "\"box\",\"blocks\":[{\"type\":\"box\",\"blocks\":[{\"type\":\"divider\"}]}]}]}]}]}",
          "deep" },
        { "{\"blocks\":[{\"type\":\"box\",\"blocks\":[{\"type\":\"text\",\"html\":\"\"},{\"type\":"
          "\"x\"}]}]}",
          "Block 1, block 2" },
    };
    struct world w = world_of(state);

    for (size_t i = 0; i < countof(cases); i++) {
        struct content *c;
        ctx_clear_error(w.cx);
        assert_int_equal(content_compile_parts(w.cx, 0, "s", "", cases[i].json, &c), E_INVALID);
        if (!w.cx->field_errors || !strstr(w.cx->field_errors->message, cases[i].says))
            fail_msg("%s: %s", cases[i].json,
                     w.cx->field_errors ? w.cx->field_errors->message : "(nothing)");
    }
}

static void plain_text_is_made_from_the_blocks(void **state)
{
    struct world w = world_of(state);
    struct content_mail m =
        rendered(&w, "s",
                 DOC(TEXT_BLOCK(
                     "<h1>News for {{contact.first_name}}</h1><p>One paragraph that is long "
                     "enough to be broken, since seventy-two columns are all there is.</p><ul>"
                     "<li>one</li><li>two</li></ul>") ",{\"type\":\"divider\"},"
                                                      "{\"type\":\"columns\",\"columns\":[{"
                                                      "\"blocks\":[" TEXT_BLOCK(
                                                          "<p>left</p>") "]},{\"blocks\":"
                                                                         "[" TEXT_BLOCK("<p>right</"
                                                                                        "p>") "]}]"
                                                                                              "}"));

    assert_non_null(strstr(m.text, "News for Grace\n==============\n"));
    assert_non_null(strstr(m.text, "One paragraph that is long enough to be broken, since "
                                   "seventy-two \ncolumns are all there is.\n\n- one\n- two\n\n"
                                   "----\n\nleft\n\nright\n\n--\nAlder & Field\n"));
}

/* ---- drafts and publishing, through the record ---- */
static void a_draft_goes_out_only_when_published(void **state)
{
    struct world w = world_of(state);
    struct row *r = row_new(w.cx, &mail_content_type);
    struct val *draft = val_map(w.cx->arena), *blocks;
    struct content *c;
    struct content_mail m;
    struct content_for who = { .contact = w.contact };

    row_set_text(r, CONTENT_NAME, "Welcome");
    assert_int_equal(record_save(w.cx, r), OK);
    assert_int_equal(content_ready(w.cx, r), E_INVALID);
    ctx_clear_error(w.cx);
    assert_int_equal(content_publish(w.cx, r), E_INVALID); /* says nothing, no subject */
    ctx_clear_error(w.cx);
    assert_int_equal(
        json_read(w.cx->arena, str_from(DOC(TEXT_BLOCK("<p>first</p>"))), &blocks, NULL), OK);
    val_put_text(draft, "subject", "Hello {{contact.first_name|you}}");
    val_put(draft, "blocks", blocks);
    assert_int_equal(content_set_draft(w.cx, r, draft), OK);
    assert_int_equal(record_save(w.cx, r), OK);
    assert_int_equal(content_publish(w.cx, r), OK);
    assert_int_equal(content_ready(w.cx, r), OK);
    assert_int_equal(
        json_read(w.cx->arena, str_from(DOC(TEXT_BLOCK("<p>second</p>"))), &blocks, NULL), OK);
    val_put(draft, "blocks", blocks);
    assert_int_equal(content_set_draft(w.cx, r, draft), OK);
    assert_int_equal(record_save(w.cx, r), OK);
    assert_string_equal(row_text(r, CONTENT_STATUS), "changed");
    assert_int_equal(content_compile(w.cx, r, &c), OK);
    assert_int_equal(content_render(w.cx, c, &who, &m), OK);
    assert_non_null(strstr(m.html, "first"));
    assert_string_equal(m.subject, "Hello Grace");
    assert_int_equal(content_compile_draft(w.cx, r, &c), OK);
    assert_int_equal(content_render(w.cx, c, &who, &m), OK);
    assert_non_null(strstr(m.html, "second"));
}

/* ---- the library ---- */
static void every_ready_made_mail_can_be_used_and_published(void **state)
{
    struct world w = world_of(state);
    const struct library_mail *all;
    size_t count = library_read(w.cx, &all);

    assert_true(count >= 10);
    for (size_t i = 0; i < count; i++) {
        struct content_for who = { .contact = w.contact,
                                   .unsubscribe_url = "https://x.example/u",
                                   .preferences_url = "https://x.example/p" };
        const struct val *doc_json;
        struct content_doc *doc;
        struct content_mail m;
        struct content *c;
        struct row *r;
        int bad;
        ctx_clear_error(w.cx);
        assert_int_equal(library_use(w.cx, all[i].slug, &r), OK);
        if (content_publish(w.cx, r) != OK)
            fail_msg("%s: %s", all[i].slug,
                     w.cx->field_errors ? w.cx->field_errors->message : w.cx->error_text);
        assert_int_equal(content_compile(w.cx, r, &c), OK);
        assert_int_equal(content_render(w.cx, c, &who, &m), OK);
        assert_true(m.html_bytes < CONTENT_CLIP_BYTES / 4);
        doc_json = val_get(content_draft(w.cx, r), "blocks");
        assert_int_equal(content_read(w.cx, doc_json, &doc), OK);
        const struct val *checks = content_check(w.cx, r, doc, c, &m, &bad);
        if (bad)
            fail_msg("%s: %s", all[i].slug, json_text(w.cx->arena, checks));
        if (getenv("FURROW_MAILS")) { /* for an HTML judge: tests/mail/html_test.mjs */
            FILE *f = fopen(
                arena_printf(w.cx->arena, "%s/%s.html", getenv("FURROW_MAILS"), all[i].slug), "we");
            assert_non_null(f);
            (void)fputs(m.html, f);
            (void)fclose(f);
        }
    }
}

/* ---- advice ---- */
static void advice_finds_what_filters_stumble_over(void **state)
{
    static const struct {
        const char *subject, *blocks, *level, *says;
    } cases[] = {
        { "", TEXT_BLOCK("<p>x</p>"), "bad", "No subject" },
        { "BUY THIS NOW PLEASE", TEXT_BLOCK("<p>x</p>"), "bad", "capitals" },
        { "Re: our talk", TEXT_BLOCK("<p>x</p>"), "bad", "pretends" },
        { "A subject that goes on and on and on, far beyond what any inbox on earth would show",
          TEXT_BLOCK("<p>x</p>"), "warn", "characters" },
        { "Now!!", TEXT_BLOCK("<p>x</p>"), "warn", "repeats" },
        { "s", "{\"type\":\"image\",\"src\":\"https://x.example/i.png\",\"alt\":\"A\"}", "bad",
          "pictures" },
        { "s", "{\"type\":\"image\",\"src\":\"https://x.example/i.png\"}", "bad", "without words" },
        { "s", TEXT_BLOCK("<p><a href=\\\"https://bit.ly/x\\\">offer</a></p>"), "bad", "bit.ly" },
        { "s", TEXT_BLOCK("<p><a href=\\\"https://evil.example/\\\">bank.example/login</a></p>"),
          "bad", "leads elsewhere" },
        { "s", TEXT_BLOCK("<p><a href=\\\"https://www.bank.example/\\\">bank.example</a></p>"),
          "good", "say where they lead" },
        { "s", TEXT_BLOCK("<p>act now, free gift, make money, no risk, winner</p>"), "bad",
          "phrases" },
        { "Dear {{contact.phone}}", TEXT_BLOCK("<p>x</p>"), "warn", "may be empty" },
    };
    struct world w = world_of(state);
    struct row *r = row_new(w.cx, &mail_content_type);

    row_set_text(r, CONTENT_PURPOSE, "marketing");
    for (size_t i = 0; i < countof(cases); i++) {
        struct content_for who = { .contact = w.contact };
        struct content_doc *doc;
        struct content_mail m;
        struct content *c;
        struct val *json;
        bool found = false;
        int bad;
        const char *text = arena_printf(w.cx->arena, "{\"blocks\":[%s]}", cases[i].blocks);
        assert_int_equal(json_read(w.cx->arena, str_from(text), &json, NULL), OK);
        assert_int_equal(content_read(w.cx, json, &doc), OK);
        assert_int_equal(content_compile_parts(w.cx, 0, cases[i].subject, "", text, &c), OK);
        assert_int_equal(content_render(w.cx, c, &who, &m), OK);
        const struct val *list = content_check(w.cx, r, doc, c, &m, &bad);
        for (size_t k = 0; k < val_count(list); k++)
            found |= strstr(val_get_text(val_at(list, k), "title"), cases[i].says) &&
                     text_is(val_get_text(val_at(list, k), "level"), cases[i].level);
        if (!found)
            fail_msg("%s %s: %s", cases[i].level, cases[i].says, json_text(w.cx->arena, list));
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        IN_BOTH_HOUSES(fields_are_filled_for_each_person, NULL),
        IN_SQLITE_HOUSE(an_unknown_field_is_named_with_the_nearest, NULL),
        IN_SQLITE_HOUSE(values_mean_only_themselves, NULL),
        IN_SQLITE_HOUSE(links_go_through_the_senders_hands_once, NULL),
        IN_BOTH_HOUSES(conditions_choose_what_is_read, NULL),
        IN_SQLITE_HOUSE(markup_is_cleaned, NULL),
        IN_SQLITE_HOUSE(bad_blocks_are_named, NULL),
        IN_SQLITE_HOUSE(plain_text_is_made_from_the_blocks, NULL),
        IN_BOTH_HOUSES(a_draft_goes_out_only_when_published, NULL),
        IN_SQLITE_HOUSE(every_ready_made_mail_can_be_used_and_published, NULL),
        IN_SQLITE_HOUSE(advice_finds_what_filters_stumble_over, NULL),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
