/* Tests of kit/markdown.h: examples of the CommonMark specification where it is followed, and what
 * no text may become. */
#include "base/testing.h"
#include "kit/markdown.h"

static const struct {
    const char *note, *text, *html;
} cases[] = {
    { "nothing", "", "" },
    { "a paragraph", "One\ntwo.\n\nThree.", "<p>One\ntwo.</p>\n<p>Three.</p>\n" },
    { "no markup is read", "<b onclick=x>a</b> & \"c\"",
      "<p>&lt;b onclick=x&gt;a&lt;/b&gt; &amp; &quot;c&quot;</p>\n" },
    { "headings begin below the title", "# A\n## B ##\n### C\n##### D",
      "<h2 id=\"h-a\">A</h2>\n<h2 id=\"h-b\">B</h2>\n<h3 id=\"h-c\">C</h3>\n<h4 "
      "id=\"h-d\">D</h4>\n" },
    { "two of one name", "# A\n# A\n# A",
      "<h2 id=\"h-a\">A</h2>\n<h2 id=\"h-a-2\">A</h2>\n<h2 id=\"h-a-3\">A</h2>\n" },
    { "#5 is no heading", "#5 bolt", "<p>#5 bolt</p>\n" },
    { "emphasis", "*foo* **bar** _baz_ __qux__",
      "<p><em>foo</em> <strong>bar</strong> <em>baz</em> <strong>qux</strong></p>\n" },
    { "not between blanks", "a * foo bar*", "<p>a * foo bar*</p>\n" },
    { "not within words", "foo_bar_baz", "<p>foo_bar_baz</p>\n" },
    { "both", "***foo*** bar", "<p><em><strong>foo</strong></em> bar</p>\n" },
    { "one in the other", "*foo **bar** baz*", "<p><em>foo <strong>bar</strong> baz</em></p>\n" },
    { "without an end", "**foo bar", "<p>**foo bar</p>\n" },
    { "code", "`foo` and `` foo ` bar ``", "<p><code>foo</code> and <code>foo ` bar</code></p>\n" },
    { "in code nothing is read", "`*a* <b> [x](y)`", "<p><code>*a* &lt;b&gt; [x](y)</code></p>\n" },
    { "escaped", "\\*not\\* \\# \\a", "<p>*not* # \\a</p>\n" },
    { "a link", "[the *shop*](https://x.example/a?b=1&c=2 \"T\")",
      "<p><a href=\"https://x.example/a?b=1&amp;c=2\">the <em>shop</em></a></p>\n" },
    { "one of ours", "[up](/help/x) [down](#h-a)",
      "<p><a href=\"/help/x\">up</a> <a href=\"#h-a\">down</a></p>\n" },
    { "one that runs something", "[x](javascript:alert(1))", "<p>x</p>\n" },
    { "one that hides", "[x](//evil.example) [y](/\\evil.example) [z](data:text/html,x)",
      "<p>x y z</p>\n" },
    { "quotes in an address", "[x](https://a.example/\"onmouseover=\"y)",
      "<p><a href=\"https://a.example/&quot;onmouseover=&quot;y\">x</a></p>\n" },
    { "an address in the text", "See https://x.example/a. Or <https://y.example>",
      "<p>See <a href=\"https://x.example/a\">https://x.example/a</a>. Or <a "
      "href=\"https://y.example\">https://y.example</a></p>\n" },
    { "no link in a link", "[a https://x.example b](/c)",
      "<p><a href=\"/c\">a https://x.example b</a></p>\n" },
    { "a picture", "![The *lamp*](/pic/1.png)",
      "<p><img src=\"/pic/1.png\" alt=\"The lamp\" loading=\"lazy\"></p>\n" },
    { "one without a lock", "![lamp](http://x.example/1.png)", "<p>lamp</p>\n" },
    { "a list", "- a\n- b\n", "<ul>\n<li>a</li>\n<li>b</li>\n</ul>\n" },
    { "one in the other", "- a\n  - b\n  - c\n- d",
      "<ul>\n<li>a<ul>\n<li>b</li>\n<li>c</li>\n</ul>\n</li>\n<li>d</li>\n</ul>\n" },
    { "numbered from three", "3. a\n4. b", "<ol start=\"3\">\n<li>a</li>\n<li>b</li>\n</ol>\n" },
    { "loose", "1. a\n\n2. b", "<ol>\n<li><p>a</p>\n</li>\n<li><p>b</p>\n</li>\n</ol>\n" },
    { "it goes on", "- a\nb\n\n  c\n\nd",
      "<ul>\n<li><p>a\nb</p>\n<p>c</p>\n</li>\n</ul>\n<p>d</p>\n" },
    { "a year is no list", "It was in\n1986. A good year.",
      "<p>It was in\n1986. A good year.</p>\n" },
    { "a quote", "> a\n> - b\n\nc",
      "<blockquote><p>a</p>\n<ul>\n<li>b</li>\n</ul>\n</blockquote>\n<p>c</p>\n" },
    { "a block of code", "```sh\nls  <x>\n\n# y\n```\nz",
      "<pre><code>ls  &lt;x&gt;\n\n# y\n</code></pre>\n<p>z</p>\n" },
    { "without an end", "~~~\nx", "<pre><code>x\n</code></pre>\n" },
    { "a rule", "a\n\n* * *\n\nb", "<p>a</p>\n<hr>\n<p>b</p>\n" },
    { "hard line ends", "a  \nb\\\nc", "<p>a<br>\nb<br>\nc</p>\n" },
    { "a table", "| a | b |\n|---|---|\n| *c* | d<e |",
      "<table><thead><tr><th>a</th><th>b</th></tr>\n</thead>\n<tbody><tr><td><em>c</em></td>"
      "<td>d&lt;e</td></tr>\n</tbody>\n</table>\n" },
    { "what HTML can name is not read", "&lt;b&gt; [x](/&Tab;/evil.example)",
      "<p>&amp;lt;b&amp;gt; <a href=\"/&amp;Tab;/evil.example\">x</a></p>\n" },
    { "a reference is a link like others", "[x][a] [y][b]\n\n[a]: /up\n[b]: javascript:alert(1)",
      "<p><a href=\"/up\">x</a> y</p>\n" },
    { "a picture in a link", "[![a *b*](/d.png)](/e)",
      "<p><a href=\"/e\"><img src=\"/d.png\" alt=\"a b\" loading=\"lazy\"></a></p>\n" },
    { "lines of other systems", "a\r\nb\r\n\r\nc", "<p>a\nb</p>\n<p>c</p>\n" },
};

static void texts_become_markup(void **state)
{
    struct arena *a = arena_new(64 * 1024);

    (void)state;
    for (size_t i = 0; i < countof(cases); i++) {
        struct markdown m;
        assert_int_equal(markdown_read(a, cases[i].text, &m), OK);
        if (!text_is(m.html, cases[i].html))
            fail_msg("%s:\ngot  %s\nwant %s", cases[i].note, m.html, cases[i].html);
    }
    arena_free(a);
}

static void words_and_headings_are_told(void **state)
{
    struct arena *a = arena_new(64 * 1024);
    struct markdown m;

    (void)state;
    assert_int_equal(markdown_read(a,
                                   "Intro *now*.\n\n## Reset the `probe`\n\n1. Hold [it](/x)\n2. "
                                   "Wait\n\n### And then\n\n![Lamp](https://p.example/l.png)",
                                   &m),
                     OK);
    assert_string_equal(m.text,
                        "Intro now.\nReset the probe\n1. Hold it\n2. Wait\nAnd then\nLamp\n");
    assert_int_equal(m.heading_count, 2);
    assert_string_equal(m.headings[0].id, "h-reset-the-probe");
    assert_string_equal(m.headings[0].text, "Reset the probe");
    assert_int_equal(m.headings[1].level, 3);
    assert_string_equal(m.image, "https://p.example/l.png");
    arena_free(a);
}

/* What is only marks is read once for all of them, not once for each: this ends at all. */
static void marks_without_end_cost_no_more_than_words(void **state)
{
    static const char *const bits[] = { "*",        "_a", "**a ",   "[",          "![a](",  "`a``",
                                        "> ",       "- ", "-\n+\n", "> a\n# b\n", "1. a\n", "<",
                                        "https://", "\\", "#\n",    "- a\n  " };
    (void)state;
    for (size_t i = 0; i < countof(bits); i++) {
        struct arena *a = arena_new(64 * 1024);
        struct buf b = buf_in(a, MARKDOWN_BYTES + 1);
        struct markdown m;
        while (b.len + strlen(bits[i]) <= MARKDOWN_BYTES)
            buf_text(&b, bits[i]);
        enum status s = markdown_read(a, buf_end(&b), &m);
        if (s != OK && s != E_LIMIT)
            fail_msg("\"%s\": status %d", bits[i], s);
        arena_free(a);
    }
}

static void what_is_too_long_is_refused(void **state)
{
    struct arena *a = arena_new(64 * 1024);
    char *text = arena_alloc(a, MARKDOWN_BYTES + 2, 1);
    struct markdown m;

    (void)state;
    memset(text, 'a', MARKDOWN_BYTES + 1);
    assert_int_equal(markdown_read(a, text, &m), E_LIMIT);
    text[MARKDOWN_BYTES] = '\0';
    assert_int_equal(markdown_read(a, text, &m), OK);
    arena_free(a);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(texts_become_markup),
        cmocka_unit_test(words_and_headings_are_told),
        cmocka_unit_test(marks_without_end_cost_no_more_than_words),
        cmocka_unit_test(what_is_too_long_is_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
