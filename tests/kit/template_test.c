/* Tests of kit/template.h: the public Mustache specification, escaping by place, what the compiler
 * refuses and how it says so, limits. */
#include "template_testing.h"
#include <stdio.h>
#include <stdlib.h>

static const char *source_root = "."; /* set in main from the first argument */

/* --- the specification --- */

/* Cases that ask for raw output, or for a partial that is not there to be empty. Both are mistakes
 * here, found when compiling. */
static const char *refused_because(struct arena *a, const struct val *test)
{
    const char *name = val_get_text(test, "name");
    char *all = json_text(a, test);

    if (strstr(all, "{{{") != NULL || strstr(all, "{{&") != NULL)
        return "raw output ({{{x}}}, {{&x}}) does not exist";
    return text_is(name, "Failed Lookup") ? "there is no template 'text'" : NULL;
}

static bool spec_case(struct arena *a, const char *file, const struct val *test)
{
    const struct val *partials = val_get(test, "partials");
    size_t count = val_count(partials);
    struct template_file *files = NEW_N(a, struct template_file, count + 1);
    const char *refused = refused_because(a, test);

    files[0] = (struct template_file){ "main.mustache", val_get_text(test, "template") };
    for (size_t i = 0; i < count; i++)
        files[i + 1] = (struct template_file){
            arena_printf(a, "%s.mustache", val_key_at(partials, i)),
            val_as_text(val_value_at(partials, i), ""),
        };
    const char *got = render_files(a, files, count + 1, "main", val_get(test, "data"));
    bool good = refused != NULL ? got[0] == '!' && strstr(got, refused) != NULL
                                : text_is(got, val_get_text(test, "expected"));
    if (!good)
        print_error("%s, '%s':\n%s\n--- got\n%s\n--- want\n%s\n", file, val_get_text(test, "name"),
                    val_get_text(test, "template"), got,
                    refused != NULL ? refused : val_get_text(test, "expected"));
    return good;
}

static const char *read_whole(struct arena *a, const char *path)
{
    struct buf b = buf_in(a, 1 << 20);
    char chunk[4096];
    size_t n;
    FILE *f = fopen(path, "re");

    if (f == NULL)
        return NULL;
    while ((n = fread(chunk, 1, sizeof chunk, f)) > 0)
        buf_add(&b, chunk, n);
    (void)fclose(f);
    return buf_end(&b);
}

static void the_mustache_specification_holds(void **state)
{
    static const char *const files[] = { "comments", "delimiters", "interpolation", "inverted",
                                         "partials", "sections",   "inheritance" };
    struct arena *a = *state;
    const char *shared = getenv("FURROW_SHARED");
    size_t passed = 0, refused = 0, failed = 0;

    if (shared == NULL)
        shared = arena_printf(a, "%s/../shared", source_root);
    for (size_t i = 0; i < countof(files); i++) {
        const char *path = arena_printf(a, "%s/data/mustache-spec/%s.json", shared, files[i]);
        const char *text = read_whole(a, path);
        if (text == NULL) {
            const char *ci = getenv("CI");
            if (ci != NULL && text_is(ci, "true"))
                fail_msg("no reference data at %s", path);
            print_message("skipped: no reference data at %s\n", path);
            skip();
        }
        const struct val *tests = val_get(json(a, text), "tests");
        assert_true(val_count(tests) > 0);
        for (size_t n = 0; n < val_count(tests); n++) {
            if (!spec_case(a, files[i], val_at(tests, n)))
                failed++;
            else if (refused_because(a, val_at(tests, n)) != NULL)
                refused++;
            else
                passed++;
        }
    }
    print_message("mustache specification: %zu as expected, %zu refused by design, %zu failed\n",
                  passed, refused, failed);
    assert_int_equal(failed, 0);
    assert_true(passed > 100);
}

/* --- escaping by place --- */

static void a_value_is_escaped_for_where_it_stands(void **state)
{
    static const struct example cases[] = {
        { "text", "<p>{{x}}</p>", "{\"x\":\"a<b>&\\\"c'\"}", "<p>a&lt;b&gt;&amp;&quot;c'</p>" },
        { "attribute", "<p title=\"{{x}}\">", "{\"x\":\"\\\"><script>\"}",
          "<p title=\"&quot;&gt;&lt;script&gt;\">" },
        { "amid an attribute", "<p class=\"a {{x}} b\">", "{\"x\":\"c\"}", "<p class=\"a c b\">" },
        { "numbers", "<p>{{i}} {{d}} {{t}} {{f}}</p>",
          "{\"i\":-9223372036854775808,\"d\":1.50,\"t\":true,\"f\":false}",
          "<p>-9223372036854775808 1.50 true false</p>" },
        { "nothing, lists and maps are empty", "<p>{{n}}{{no}}{{l}}{{m}}</p>",
          "{\"n\":null,\"l\":[1],\"m\":{\"a\":1}}", "<p></p>" },
        { "title", "<title>{{x}}</title>", "{\"x\":\"</title><b>\"}",
          "<title>&lt;/title&gt;&lt;b&gt;</title>" },
        { "textarea", "<textarea>{{x}}</textarea>", "{\"x\":\"</textarea>\"}",
          "<textarea>&lt;/textarea&gt;</textarea>" },
        { "a textarea keeps its first newline", "<textarea>{{x}}</textarea>", "{\"x\":\"\\na\"}",
          "<textarea>\n\na</textarea>" },
        { "... but only there", "<textarea>a{{x}}{{x}}</textarea>", "{\"x\":\"\\na\"}",
          "<textarea>a\na\na</textarea>" },
        { "... also behind a section", "<textarea>{{#y}}{{y}}{{/y}}{{x}}</textarea>",
          "{\"x\":\"\\na\"}", "<textarea>\n\na</textarea>" },
        { "JSON", "<script type=\"application/json\">{\"a\":{{x}},\"b\":{{no}}}</script>",
          "{\"x\":{\"k\":[1,\"</script>\",true]}}",
          "<script type=\"application/json\">{\"a\":{\"k\":[1,\"\\u003c/script>\",true]},"
          "\"b\":null}</script>" },
        { "JSON of the whole page", "<script type=\"application/ld+json\">{{.}}</script>",
          "{\"a\":[]}", "<script type=\"application/ld+json\">{\"a\":[]}</script>" },
        { "hx-trigger", "<p hx-trigger=\"sse:{{x}}\">", "{\"x\":\"deal\"}",
          "<p hx-trigger=\"sse:deal\">" },
        { "hx-trigger runs no filter", "<p hx-trigger=\"{{x}}\">", "{\"x\":\"a[alert(1)]\"}",
          "<p hx-trigger=\"blocked\">" },
    };
    struct arena *a = *state;
    check(a, cases, countof(cases));

    struct buf text = buf_in(a, 10000), want = buf_in(a, 100000);
    for (int i = 0; i < 1000; i++) {
        buf_text(&text, i % 7 == 0 ? "<" : i % 11 == 0 ? "é" : "a");
        buf_text(&want, i % 7 == 0 ? "&lt;" : i % 11 == 0 ? "é" : "a");
    }
    struct val *page = val_map(a);
    struct template_file file = { "t.html", "{{x}}" };
    val_put_text(page, "x", buf_end(&text));
    assert_string_equal(render_files(a, &file, 1, "t", page), buf_end(&want));
}

static void markup_is_printed_as_it_is_only_in_text(void **state)
{
    static const struct {
        const char *text, *want;
    } cases[] = {
        { "<p>{{x}}</p>", "<p><b a=\"1\">&amp;</b></p>" },
        { "<p title=\"{{x}}\">", "<p title=\"&lt;b a=&quot;1&quot;&gt;&amp;amp;&lt;/b&gt;\">" },
        { "<title>{{x}}</title>", "<title>&lt;b a=&quot;1&quot;&gt;&amp;amp;&lt;/b&gt;</title>" },
        { "<a href=\"{{x}}\">", "<a href=\"%3Cb%20a=%221%22%3E&amp;amp;%3C/b%3E\">" },
        { "<script type=\"application/json\">{{x}}</script>",
          "<script type=\"application/json\">\"\\u003cb a=\\\"1\\\">&amp;\\u003c/b>\"</script>" },
    };
    struct arena *a = *state;
    struct val *page = val_map(a);

    val_put_html(page, "x", "<b a=\"1\">&amp;</b>");
    for (size_t i = 0; i < countof(cases); i++) {
        struct template_file file = { "t.html", cases[i].text };
        assert_string_equal(render_files(a, &file, 1, "t", page), cases[i].want);
    }
}

static void a_whole_address_must_be_harmless(void **state)
{
    static const struct {
        const char *address, *printed;
    } cases[] = {
        { "", "" },
        { "/deals/1?a=b&c=d#e", "/deals/1?a=b&amp;c=d#e" },
        { "deals", "deals" },
        { "?page=2", "?page=2" },
        { "#top", "#top" },
        { "//example.com/x", "//example.com/x" },
        { "https://example.com/ü", "https://example.com/ü" },
        { "HTTP://example.com", "HTTP://example.com" },
        { "mailto:a+b@example.com", "mailto:a+b@example.com" },
        { "tel:+49 30 1", "tel:+49%2030%201" },
        { "/a/b:c", "/a/b:c" },
        { "?a:b", "?a:b" },
        { "/a\"><script>", "/a%22%3E%3Cscript%3E" },
        { "/50%25", "/50%25" },
        { "javascript:alert(1)", "#blocked" },
        { "JavaScript:alert(1)", "#blocked" },
        { " javascript:alert(1)", "#blocked" },
        { "java\tscript:alert(1)", "#blocked" },
        { "\x01javascript:alert(1)", "#blocked" },
        { "javascript&colon;alert(1)", "javascript&amp;colon;alert(1)" },
        { "vbscript:x", "#blocked" },
        { "data:text/html,x", "#blocked" },
        { "file:///etc/passwd", "#blocked" },
        { "blob:x", "#blocked" },
        { ":x", "#blocked" },
        { "https\n://x", "#blocked" },
    };
    static const char *const attrs[] = {
        "href", "src",         "action",    "formaction", "poster",      "hx-get",     "hx-post",
        "data", "hx-put",      "hx-patch",  "hx-delete",  "data-url",    "data-x-url", "HREF",
        "cite", "hx-push-url", "data-href", "data-src",   "sse-connect", "xlink:href", "background",
    };
    struct arena *a = *state;

    for (size_t i = 0; i < countof(cases); i++)
        for (size_t n = 0; n < countof(attrs); n++) {
            struct val *page = val_map(a);
            struct template_file file = { "t.html", arena_printf(a, "<a %s=\"{{x}}\">", attrs[n]) };
            val_put_text(page, "x", cases[i].address);
            assert_string_equal(render_files(a, &file, 1, "t", page),
                                arena_printf(a, "<a %s=\"%s\">", attrs[n], cases[i].printed));
        }
}

static void part_of_an_address_stays_a_part(void **state)
{
    static const struct example cases[] = {
        { "path", "<a href=\"/d/{{x}}/e\">", "{\"x\":\"a b/c?d#e&f:g\"}",
          "<a href=\"/d/a%20b%2Fc%3Fd%23e&amp;f:g/e\">" },
        { "no other host", "<a href=\"/{{x}}\">", "{\"x\":\"/evil.example\"}",
          "<a href=\"/%2Fevil.example\">" },
        { "query", "<a href=\"/d?x={{x}}&amp;y={{x}}\">", "{\"x\":\"a&b=c é\"}",
          "<a href=\"/d?x=a%26b%3Dc%20%C3%A9&amp;y=a%26b%3Dc%20%C3%A9\">" },
        { "fragment", "<a href=\"{{u}}#{{x}}\">", "{\"u\":\"/i.svg\",\"x\":\"a/b\"}",
          "<a href=\"/i.svg#a%2Fb\">" },
        { "after a whole address", "<a href=\"{{u}}/edit/{{x}}\">",
          "{\"u\":\"/deals/1\",\"x\":\"a/b\"}", "<a href=\"/deals/1/edit/a%2Fb\">" },
        { "the whole address had a query", "<a href=\"{{u}}&amp;x={{x}}\">",
          "{\"u\":\"/d?a=1\",\"x\":\"a&b\"}", "<a href=\"/d?a=1&amp;x=a%26b\">" },
        { "a scheme cannot be pieced together", "<a href=\"{{u}}{{x}}\">",
          "{\"u\":\"java\",\"x\":\"script:alert(1)\"}", "<a href=\"javascript%3Aalert(1)\">" },
        { "... nor with literal text", "<a href=\"java{{x}}\">", "{\"x\":\"script:alert(1)\"}",
          "<a href=\"javascript%3Aalert(1)\">" },
        { "... nor when the first is empty", "<a href=\"{{no}}{{x}}\">",
          "{\"x\":\"javascript:alert(1)\"}", "<a href=\"#blocked\">" },
        { "mail", "<a href=\"mailto:{{x}}\">", "{\"x\":\"a+b@c.de?cc=d\"}",
          "<a href=\"mailto:a+b@c.de%3Fcc=d\">" },
        { "telephone", "<a href=\"tel:{{x}}\">", "{\"x\":\"+49 30 1\"}",
          "<a href=\"tel:+49%2030%201\">" },
        { "host", "<a href=\"https://{{x}}/\">", "{\"x\":\"example.com:80\"}",
          "<a href=\"https://example.com:80/\">" },
        { "numbers", "<a href=\"/d/{{x}}?p={{x}}\">", "{\"x\":-5}", "<a href=\"/d/-5?p=-5\">" },
        { "one or the other", "<a href=\"{{#x}}{{x}}{{/x}}{{^x}}/none{{/x}}\">",
          "{\"x\":\"javascript:1\"}", "<a href=\"#blocked\">" },
        { "one or the other, with a tail", "<a href=\"{{#x}}/a{{/x}}{{^x}}/b{{/x}}?q={{q}}\">",
          "{\"q\":\"a&b\"}", "<a href=\"/b?q=a%26b\">" },
        { "a list makes one address", "<a href=\"{{#l}}{{.}}{{/l}}\">",
          "{\"l\":[\"java\",\"script:alert(1)\"]}", "<a href=\"javascript%3Aalert(1)\">" },
        { "each attribute begins anew", "<a href=\"/a?{{x}}\" data-url=\"{{x}}\">",
          "{\"x\":\"/b/c\"}", "<a href=\"/a?%2Fb%2Fc\" data-url=\"/b/c\">" },
        { "a script comes from this site", "<script src=\"{{x}}\"></script>",
          "{\"x\":\"/assets/a.js\"}", "<script src=\"/assets/a.js\"></script>" },
        { "... and from no other", "<script src=\"{{x}}\"></script>",
          "{\"x\":\"https://evil.example/a.js\"}", "<script src=\"#blocked\"></script>" },
        { "... by no trick", "<script src=\"{{x}}\"></script>", "{\"x\":\"//evil.example/a.js\"}",
          "<script src=\"#blocked\"></script>" },
        { "... nor this", "<script src=\"{{x}}\"></script>", "{\"x\":\"/\\\\evil.example/a.js\"}",
          "<script src=\"#blocked\"></script>" },
        { "... nor this one", "<script src=\"{{x}}\"></script>", "{\"x\":\"/\\t/evil.example\"}",
          "<script src=\"#blocked\"></script>" },
        { "a part of a script's path", "<script src=\"/js/{{x}}.js\"></script>", "{\"x\":\"../a\"}",
          "<script src=\"/js/..%2Fa.js\"></script>" },
        { "... behind a host", "<script src=\"//{{x}}/a.js\"></script>", "{\"x\":\"evil\"}",
          "<script src=\"//#blocked/a.js\"></script>" },
    };
    check(*state, cases, countof(cases));
}

/* --- sections and partials in places --- */

static void sections_toggle_what_is_whole(void **state)
{
    static const struct example cases[] = {
        { "an attribute", "<input a=\"1\"{{#c}} checked{{/c}}{{#d}} b=\"2\"{{/d}}>",
          "{\"c\":true,\"d\":true}", "<input a=\"1\" checked b=\"2\">" },
        { "... left out", "<input a=\"1\"{{#c}} checked{{/c}}{{^d}} b=\"2\"{{/d}}>", "{\"d\":true}",
          "<input a=\"1\">" },
        { "... right behind the name", "<option{{#s}} selected{{/s}}>", "{\"s\":true}",
          "<option selected>" },
        { "... over lines", "<input\n  name=\"a\"{{#c}}\n  checked{{/c}}>", "{\"c\":true}",
          "<input name=\"a\" checked>" },
        { "... after a blank", "<input {{#c}}checked{{/c}} {{#d}}b=\"{{d}}\"{{/d}} />",
          "{\"c\":true,\"d\":\"x\"}", "<input checked b=\"x\" />" },
        { "words of a value", "<a class=\"b{{#p}} b-p{{/p}}{{#d}} b-{{d}}{{/d}}\">",
          "{\"p\":true,\"d\":\"x\"}", "<a class=\"b b-p b-x\">" },
        { "elements", "<ul>{{#l}}<li>{{.}}</li>{{/l}}{{^l}}<li>none</li>{{/l}}</ul>",
          "{\"l\":[1,2]}", "<ul><li>1</li><li>2</li></ul>" },
        { "an opening tag alone", "{{#u}}<a href=\"{{u}}\">{{/u}}x{{#u}}</a>{{/u}}",
          "{\"u\":\"/a\"}", "<a href=\"/a\">x</a>" },
        { "JSON", "<script type=\"application/json\">[{{#l}}{{.}},{{/l}}0]</script>",
          "{\"l\":[1,\"a\"]}", "<script type=\"application/json\">[1,\"a\",0]</script>" },
        { "a script that has a source", "<script src=\"/a.js\" defer> </script>", "{}",
          "<script src=\"/a.js\" defer> </script>" },
        { "single quotes without tags", "<a data-x='\"1\"'>{{x}}</a>", "{\"x\":1}",
          "<a data-x='\"1\"'>1</a>" },
        { "comments anywhere", "<in{{! a }}put {{! b }}a='{{! c }}'>", "{}", "<input a=''>" },
        { "comparisons are text", "a < b {{x}} <3", "{\"x\":1}", "a < b 1 <3" },
        { "comments of HTML", "<!-- a -- > <b \" -->{{x}}", "{\"x\":1}", "<!-- a -- > <b \" -->1" },
        { "doctype", "<!doctype html><p>{{x}}", "{\"x\":1}", "<!doctype html><p>1" },
        { "style without tags", "<style>a > b { c: \"<\" }</style><p style=\"a: b\">{{x}}",
          "{\"x\":1}", "<style>a > b { c: \"<\" }</style><p style=\"a: b\">1" },
    };
    check(*state, cases, countof(cases));
}

static void a_choice_of_sections_is_only_faster(void **state)
{
    static const char text[] = "<p>{{#k.is.a}}A{{.}}{{/k.is.a}}\n{{#k.is.b}}B{{v}}{{/k.is.b}}"
                               "{{#k.is.c}}<i>\n</i>{{/k.is.c}} {{#k.is.a}}D{{/k.is.a}}\n</p>";
    static const struct example cases[] = {
        { "the first, twice", text, "{\"k\":{\"is\":{\"a\":1}}}", "<p>A1\nD\n</p>" },
        { "the second", text, "{\"v\":7,\"k\":{\"is\":{\"b\":true}}}", "<p>\nB7 </p>" },
        { "the third", text, "{\"k\":{\"is\":{\"c\":true}}}", "<p>\n<i>\n</i> </p>" },
        { "a list", text, "{\"k\":{\"is\":{\"a\":[1,2]}}}", "<p>A1A2\nDD\n</p>" },
        { "false", text, "{\"k\":{\"is\":{\"b\":false}}}", "<p>\n</p>" },
        { "two of them", text, "{\"v\":7,\"k\":{\"is\":{\"b\":1,\"a\":0}}}", "<p>A0\nB7 D\n</p>" },
        { "none", text, "{\"k\":{\"is\":{\"x\":1}}}", "<p>\n</p>" },
        { "empty", text, "{\"k\":{\"is\":{}}}", "<p>\n</p>" },
        { "no map", text, "{\"k\":{\"is\":\"a\"}}", "<p>\n</p>" },
        { "nothing", text, "{}", "<p>\n</p>" },
    };
    check(*state, cases, countof(cases));
}

static void one_partial_serves_many_places(void **state)
{
    static const char page[] = "<p title=\"{{>x}}\">{{>x}}</p><a href=\"{{>x}}\"></a>"
                               "<script type=\"application/json\">[{{>x}}]</script>"
                               "<b {{>attrs}}>{{>x}}</b>";
    const struct template_file files[] = {
        { "page.html", page },
        { "x.html", "{{v}}\n" },
        { "attrs.html", "class=\"{{v}}\"{{#v}} on{{/v}}" },
    };
    struct arena *a = *state;
    const char *got =
        render_files(a, files, countof(files), "page", json(a, "{\"v\":\"javascript:<\"}"));
    assert_string_equal(got, "<p title=\"javascript:&lt;\">javascript:&lt;</p><a href=\"#blocked\">"
                             "</a><script type=\"application/json\">[\"javascript:\\u003c\"]"
                             "</script><b class=\"javascript:&lt;\" on>javascript:&lt;</b>");
}

static void layouts_take_blocks(void **state)
{
    static const char file[] = "{{! A file of several. }}\n"
                               "\n"
                               "{{! template: kit/shell }}\n"
                               "{{!\n  tree: title\n}}\n"
                               "<html>\n"
                               "<head><title>{{$title}}{{title}}{{/title}} - F</title>\n"
                               "{{$head}}{{/head}}\n"
                               "</head>\n"
                               "{{$content}}{{/content}}\n"
                               "</html>\n"
                               "{{! template: kit/page }}\n"
                               "{{<kit/shell}}\n"
                               "{{$head}}<link href=\"{{css}}\">{{/head}}\n"
                               "{{$content}}\n"
                               "<p>{{x}}</p>\n"
                               "{{>kit/box}}\n"
                               "{{/content}}\n"
                               "{{/kit/shell}}\n"
                               "\n\n"
                               "  {{!  template:  kit/box  }}  \r\n"
                               "{{<kit/frame}}{{$content}}<i>{{x}}</i>{{/content}}{{/kit/frame}}\n"
                               "{{! template: kit/frame }}\n"
                               "<div>{{$content}}{{/content}}</div>";
    const struct template_file files[] = { { "kit/html/shell.html", file } };
    struct arena *a = *state;
    const char *got = render_files(a, files, 1, "kit/page",
                                   json(a, "{\"title\":\"T\",\"x\":\"<\",\"css\":\"/a.css\"}"));
    assert_string_equal(got, "<html>\n<head><title>T - F</title>\n<link href=\"/a.css\">\n</head>\n"
                             "<p>&lt;</p>\n<div><i>&lt;</i></div>\n</html>");
}

static void white_space_shrinks_in_html(void **state)
{
    static const struct example cases[] = {
        { "indentation", "<ul>\n    <li>a</li>\n\n    <li>b  c</li>\n</ul>", "{}",
          "<ul>\n<li>a</li>\n<li>b c</li>\n</ul>" },
        { "what sections leave", "<p>\n{{#a}}x{{/a}}\n{{#b}}y{{/b}}\n{{#c}}z{{/c}}\n</p>",
          "{\"c\":1}", "<p>\nz\n</p>" },
        { "a blank between words stays", "{{a}} {{b}}", "{\"a\":\"x\",\"b\":\"y\"}", "x y" },
        { "pre keeps all", "<pre>\n  a\n    {{x}}\n</pre>\n\n<p>", "{\"x\":1}",
          "<pre>\n  a\n    1\n</pre>\n<p>" },
        { "textarea keeps all", "<textarea>  a\n   {{x}}  </textarea>", "{\"x\":1}",
          "<textarea>  a\n   1  </textarea>" },
        { "values keep all", "<p title=\"a   b\">{{x}}</p>", "{\"x\":\"a   b\"}",
          "<p title=\"a   b\">a   b</p>" },
        { "JSON keeps all", "<script type=\"application/json\">[  {{x}}  ]</script>", "{\"x\":1}",
          "<script type=\"application/json\">[  1  ]</script>" },
    };
    check(*state, cases, countof(cases));
}

static void plain_text_is_not_escaped_and_keeps_its_lines(void **state)
{
    const struct template_file files[] = {
        { "mail.txt", "Dear {{name}},\n\n  {{>lines}}\n{{#no}}\nx\n{{/no}}\nBye <{{name}}>\n" },
        { "lines.txt", "one {{name}}\n  two\n" },
    };
    struct arena *a = *state;
    assert_string_equal(render_files(a, files, 2, "mail", json(a, "{\"name\":\"A & <B>\"}")),
                        "Dear A & <B>,\n\n  one A & <B>\n    two\nBye <A & <B>>\n");
}

/* --- what is refused --- */

static void mistakes_are_found_when_compiling(void **state)
{
    static const struct example cases[] = {
        /* places */
        { "unquoted", "<p>\n<a title={{x}}>", "{}",
          "!t.html:2: {{x}} stands in an unquoted attribute" },
        { "unquoted, later", "<a title=a{{x}}>", "{}", "!t.html:1: {{x}} stands in an unquoted" },
        { "single quotes", "<a title='{{x}}'>", "{}",
          "!t.html:1: {{x}} stands in a single-quoted attribute" },
        { "section in single quotes", "<a title='{{#x}}a{{/x}}'>", "{}",
          "!t.html:1: {{x}} stands in a single-quoted attribute" },
        { "tag name", "<{{x}}>", "{}", "!t.html:1: {{x}} stands in the name of a tag" },
        { "rest of a tag name", "<h{{x}}>", "{}", "!t.html:1: {{x}} stands in the name of a tag" },
        { "closing tag", "</{{x}}>", "{}", "!t.html:1: {{x}} stands in the name of a tag" },
        { "attribute name", "<a {{x}}=\"1\">", "{}",
          "!t.html:1: {{x}} stands in the name of an attribute" },
        { "rest of an attribute name", "<a data-{{x}}=\"1\">", "{}",
          "!t.html:1: {{x}} stands in the name of an attribute" },
        { "bare attribute", "<a {{x}}>", "{}", "!t.html:1: {{x}} stands in the name of an attri" },
        { "plain script", "<script>var x = {{x}};</script>", "{}", "!t.html:1: an inline script" },
        { "value alone in a script", "<script>{{x}}</script>", "{}",
          "!t.html:1: {{x}} stands inside a plain script" },
        { "module", "<script type=\"module\">{{x}}</script>", "{}",
          "!t.html:1: {{x}} stands inside a plain script" },
        { "type of a script", "<script type=\"{{x}}\">1</script>", "{}",
          "!t.html:1: {{x}} stands in the type of a script" },
        { "style", "<style>a { color: {{x}} }</style>", "{}",
          "!t.html:1: {{x}} stands inside a style element" },
        { "section in style", "<style>{{#x}}a{{/x}}</style>", "{}",
          "!t.html:1: {{x}} stands inside a style element" },
        { "style attribute", "<a style=\"width: {{x}}\">", "{}",
          "!t.html:1: {{x}} stands inside a style attribute" },
        { "section in a style attribute", "<a style=\"{{#x}}a{{/x}}\">", "{}",
          "!t.html:1: {{x}} stands inside a style attribute" },
        { "event handler", "<a onclick=\"f()\">", "{}", "!t.html:1: an inline event handler" },
        { "event handler of htmx", "<a hx-on:click=\"f()\">", "{}",
          "!t.html:1: an inline event handler" },
        { "hx-vals", "<a hx-vals=\"{{x}}\">", "{}",
          "!t.html:1: {{x}} stands in an attribute that can run script" },
        { "srcdoc", "<iframe srcdoc=\"{{x}}\">", "{}",
          "!t.html:1: {{x}} stands in an attribute that can run script" },
        { "iframe", "<iframe>{{x}}</iframe>", "{}", "!t.html:1: {{x}} stands inside an iframe" },
        { "comment of HTML", "<!-- {{x}} -->", "{}",
          "!t.html:1: {{x}} stands inside an HTML comment" },
        { "declaration", "<!doctype {{x}}>", "{}", "!t.html:1: {{x}} stands inside a <!...>" },
        { "script as an address", "<a href=\"JavaScript:f()\">", "{}",
          "!t.html:1: a script as an address" },
        { "value behind an odd scheme", "<a href=\"data:{{x}}\">", "{}",
          "!t.html:1: {{x}} stands in an address whose scheme is not http" },
        { "scheme from a value", "<a href=\"{{x}}:{{y}}\">", "{}",
          "!t.html:1: the scheme of an address may not come from a value" },
        { "scheme from a section", "<a href=\"{{#x}}java{{/x}}script:{{y}}\">", "{}",
          "!t.html:1: the scheme of an address may not come from a value" },
        { "scheme from a list", "<a href=\"{{#l}}{{x}}{{/l}}:\">", "{}",
          "!t.html:1: the scheme of an address may not come from a value" },
        { "scheme amid a list", "<a href=\"{{#l}}{{#a}}:{{/a}}{{x}}{{/l}}\">", "{}",
          "!t.html:1: {{a}} stands in an address whose scheme is not" },
        { "JSON string", "<script type=\"application/json\">{\"a\":\"{{x}}\"}</script>", "{}",
          "!t.html:1: {{x}} stands inside a JSON string" },
        { "markup in JSON", "<script type=\"application/json\">\"<b>\"</script>", "{}",
          "!t.html:1: '<' in JSON" },
        { "end of a textarea", "<textarea></text{{x}}", "{}",
          "!t.html:1: {{x}} stands inside what may be an end tag" },
        /* HTML */
        { "no blank between attributes", "<a b=\"1\"c=\"2\">", "{}",
          "!t.html:1: white space is missing before an attribute" },
        { "section glued to an attribute", "<a b{{#x}}c{{/x}}>", "{}",
          "!t.html:1: white space is missing before an attribute" },
        { "attribute glued to a section", "<a{{#x}} b{{/x}}c>", "{}",
          "!t.html:1: white space is missing before an attribute" },
        { "value by section", "<a b={{#x}}\"1\"{{/x}}>", "{}",
          "!t.html:1: {{x}} stands in an unquoted attribute" },
        { "stray quote", "<a b=\"1\" \">", "{}", "!t.html:1: a stray quote" },
        { "lost quote", "<a b=\"1>\n<b c=\"2\">", "{}", "!t.html:2: white space is missing" },
        { "given up", "<xmp>{{x}}</xmp>", "{}", "!t.html:1: an element that HTML has given up" },
        { "ends in a tag", "<p", "{}", "!t.html:1: 't' ends in a tag" },
        { "ends in a value", "<p a=\"", "{}", "!t.html:1: 't' ends in an attribute's value" },
        { "ends in pre", "<pre>{{x}}", "{}", "!t.html:1: 't' ends in text of pre" },
        { "ends in a script", "<script type=\"application/json\">1", "{}",
          "!t.html:1: 't' ends in JSON in a script" },
        { "branches differ", "<p>\n{{#x}}<b{{/x}}>", "{}",
          "!t.html:2: the section {{x}} begins in text and ends in a tag" },
        { "branches differ in quotes", "<p a=\"{{#x}}\"{{/x}}>", "{}",
          "!t.html:1: the section {{x}} begins in an attribute's value and ends in a tag" },
        { "branches differ in element", "{{#x}}<pre>{{/x}}", "{}",
          "!t.html:1: the section {{x}} begins in text and ends in text of pre" },
        { "branches differ in JSON", "<script type=\"application/json\">{{#x}}\"{{/x}}</script>",
          "{}", "!t.html:1: the section {{x}} begins in JSON in a script and ends in JSON" },
        /* Mustache */
        { "raw", "a\n{{{x}}}", "{}", "!t.html:2: raw output" },
        { "raw too", "{{& x}}", "{}", "!t.html:1: raw output" },
        { "unclosed section", "<p>\n{{#x}}a", "{}", "!t.html:2: {{#x}} is never closed" },
        { "unclosed block", "{{$x}}a", "{}", "!t.html:1: {{$x}} is never closed" },
        { "unclosed tag", "{{x", "{}", "!t.html:1: a tag is never closed with }}" },
        { "unclosed comment", "{{! x", "{}", "!t.html:1: a tag is never closed with }}" },
        { "crossed", "{{#x}}\n{{#y}}{{/x}}{{/y}}", "{}",
          "!t.html:2: {{/x}} where {{#y}} of line 2 must be closed first" },
        { "closes nothing", "a{{/x}}", "{}", "!t.html:1: {{/x}} closes nothing" },
        { "no name", "{{ }}", "{}", "!t.html:1: a tag needs a name" },
        { "blank in a name", "{{a b}}", "{}", "!t.html:1: a tag needs a name without blanks" },
        { "empty part", "{{a..b}}", "{}", "!t.html:1: the name 'a..b' has an empty part" },
        { "empty end", "{{a.}}", "{}", "!t.html:1: the name 'a.' has an empty part" },
        { "delimiters", "{{=<%=}}", "{}", "!t.html:1: new delimiters" },
        { "unknown partial", "\n\n{{>no}}", "{}", "!t.html:3: there is no template 'no'" },
        { "unknown parent", "{{<no}}{{/no}}", "{}", "!t.html:1: there is no template 'no'" },
        { "text in a parent", "{{<t}}\nlost{{/t}}", "{}", "!t.html:2: text in a parent" },
        { "value in a parent", "{{<t}}{{x}}{{/t}}", "{}", "!t.html:1: only blocks" },
        { "block in itself", "{{<t}}{{$a}}{{$a}}{{/a}}{{/a}}{{/t}}", "{}",
          "!template 't': partials within partials" },
        { "itself elsewhere", "<p>{{#x}}<a title=\"{{>t}}\">{{/x}}", "{}", "!t.html:1: " },
    };
    check(*state, cases, countof(cases));
}

static void all_mistakes_are_reported_at_once(void **state)
{
    const struct template_file files[] = {
        { "a.html", "{{! template: a }}\n<p {{x}}>\n{{! template: b }}\n{{>c}}\n"
                    "{{! template: a }}\n" },
        { "c.html", "\n<a {{>d}}>" },
        { "d.html", "title='{{x}}'" },
        { "e.txt", "{{>c}}" },
        { "f.html", "text\n{{! template: }}\n" },
    };
    struct arena *a = *state;
    assert_string_equal(
        render_files(a, files, countof(files), "a", NULL),
        "!f.html:1: text before the first template's name\n"
        "f.html:2: a template without a name\n"
        "a.html:6: there is another template 'a' in a.html:2\n"
        "a.html:2: {{x}} stands in the name of an attribute: a section may hold whole attributes\n"
        "d.html:1: {{x}} stands in a single-quoted attribute: write \"...\"\n"
        "c.html:2: ... 'd' as used here\n"
        "a.html:4: ... 'c' as used here\n"
        "e.txt:1: 'c' is of another kind (c.html)");
}

/* --- limits --- */

static void endless_templates_stop(void **state)
{
    static const struct example cases[] = {
        { "itself", "a{{>t}}", "{}", "!template 't': partials within partials without end" },
        { "itself in a section", "{{#x}}{{>t}}{{>t}}{{/x}}", "{\"x\":[1,2]}",
          "!template 't': partials within partials without end" },
        { "a tree that ends", "{{v}}{{#c}}({{>t}}){{/c}}",
          "{\"v\":1,\"c\":[{\"v\":2,\"c\":[]},{\"v\":3,\"c\":[{\"v\":4,\"c\":[]}]}]}",
          "1(2)(3(4))" },
        { "sections over the same list",
          "{{#l}}{{#l}}{{#l}}{{#l}}{{#l}}{{#l}}{{#l}}{{#l}}{{#l}}"
          "{{/l}}{{/l}}{{/l}}{{/l}}{{/l}}{{/l}}{{/l}}{{/l}}{{/l}}",
          "{\"l\":[1,2,3,4,5,6,7,8,9,10]}", "!template 't': sections repeat each other" },
        { "size",
          "{{#l}}{{#l}}{{#l}}{{#l}}{{#l}}{{#l}}aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
          "{{/l}}{{/l}}{{/l}}{{/l}}{{/l}}{{/l}}",
          "{\"l\":[1,2,3,4,5,6,7,8,9,10]}", "!template 't': the page grows past its limit" },
    };
    struct arena *a = *state;
    check(a, cases, countof(cases));

    struct buf deep = buf_in(a, 100000), wide = buf_in(a, 100000);
    for (int i = 0; i < 5000; i++)
        buf_text(&deep, "{{#a}}");
    assert_non_null(strstr(render(a, buf_end(&deep), "{}"), "sections within one another"));
    for (int i = 0; i < 200; i++)
        buf_printf(&wide, "{{! template: n%d }}\n{{>n%d}}\n", i, i + 1);
    buf_text(&wide, "{{! template: n200 }}\nx\n");
    struct template_file file = { "n.html", buf_end(&wide) };
    assert_non_null(strstr(render_files(a, &file, 1, "n0", NULL), "templates within one another"));

    struct buf twice = buf_in(a, 100000); /* each level holds the one above it twice */
    buf_text(&twice, "{{! template: p0 }}\n{{$b0}}x{{/b0}}{{$b0}}x{{/b0}}\n");
    for (int i = 1; i < 40; i++)
        buf_printf(&twice,
                   "{{! template: p%d }}\n{{<p%d}}{{$b%d}}{{$b%d}}{{/b%d}}{{$b%d}}{{/b%d}}"
                   "{{/b%d}}{{/p%d}}\n",
                   i, i - 1, i - 1, i, i, i, i, i - 1, i - 1);
    file.text = buf_end(&twice);
    assert_non_null(strstr(render_files(a, &file, 1, "p0", NULL), "past all measure"));
}

static void a_full_buffer_is_an_error_and_nothing_worse(void **state)
{
    struct arena *a = *state;
    struct ctx *cx = new_ctx(a);
    struct template_file file = {
        "t.html", "<p title=\"{{x}}\">{{x}}<a href=\"{{x}}/{{x}}\">{{#l}}{{.}}{{/l}}"
                  "<textarea>{{x}}</textarea><script type=\"application/json\">{{.}}</script>"
    };
    struct val *page = json(a, "{\"x\":\"<a&b>\",\"l\":[1,2,\"<\"]}");
    struct templates *ts;
    bool whole = false;

    assert_int_equal(templates_open(cx, &file, 1, NULL, &ts), OK);
    for (size_t ceiling = 0; !whole; ceiling++) {
        scoped(buf_free) struct buf out = buf_new(ceiling);
        enum status s = template_render(cx, ts, "t", page, &out);
        assert_true(s == OK || s == E_LIMIT);
        ctx_clear_error(cx);
        whole = s == OK;
        assert_true(ceiling < 1000);
    }
    templates_close(ts);
}

int main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = {
        WITH_ARENA(the_mustache_specification_holds),
        WITH_ARENA(a_value_is_escaped_for_where_it_stands),
        WITH_ARENA(markup_is_printed_as_it_is_only_in_text),
        WITH_ARENA(a_whole_address_must_be_harmless),
        WITH_ARENA(part_of_an_address_stays_a_part),
        WITH_ARENA(sections_toggle_what_is_whole),
        WITH_ARENA(a_choice_of_sections_is_only_faster),
        WITH_ARENA(one_partial_serves_many_places),
        WITH_ARENA(layouts_take_blocks),
        WITH_ARENA(white_space_shrinks_in_html),
        WITH_ARENA(plain_text_is_not_escaped_and_keeps_its_lines),
        WITH_ARENA(mistakes_are_found_when_compiling),
        WITH_ARENA(all_mistakes_are_reported_at_once),
        WITH_ARENA(endless_templates_stop),
        WITH_ARENA(a_full_buffer_is_an_error_and_nothing_worse),
    };
    if (argc > 1)
        source_root = argv[1];
    return cmocka_run_group_tests(tests, NULL, NULL);
}
