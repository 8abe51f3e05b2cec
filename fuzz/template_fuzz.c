/* template_fuzz.c -- the first byte says the mode, the rest is a file of templates. It is refused
 * with a reason, or it renders; and in HTML nothing that a value holds gets out of its place: a
 * page of hostile values has the same tags and attributes as one of harmless values, and no address
 * of it is a script. Tags and attributes are read here anew, not with the compiler's own eyes. */
#include "fuzz.h"
#include "kit/template.h"
#include <string.h>

enum { OUT_BYTES = 4 << 20 };

static const char hostile[] = "\"'><q7z onq7z=1><!--</textarea></title></script>`= &lt;\\";
static const char script[] = "javascript:q9z(1)";

static struct val *make_page(struct arena *a, const char *text, const char *address)
{
    struct val *page = val_map(a), *list = val_put_list(page, "l"), *inner;

    val_put_text(page, "x", text);
    val_put_text(page, "u", address);
    val_put_text(page, "j", address == script ? "java" : "ab");
    val_put_text(page, "k", address == script ? script + 4 : "cd");
    val_put_text(page, "e", "");
    val_put_i64(page, "n", -7);
    val_put_bool(page, "t", true);
    val_put_bool(page, "f", false);
    val_put(page, "d", val_decimal(a, "1.50"));
    val_put_html(page, "h", "<b>x</b>");
    for (int i = 0; i < 3; i++) {
        inner = val_add_map(list);
        val_put_text(inner, "x", text);
        val_put_text(val_put_map(inner, "is"), i == 1 ? "a" : "b", address);
    }
    inner = val_put_map(page, "m");
    val_put_text(inner, "x", text);
    return page;
}

static bool is_space(char c) { return c == ' ' || (c >= '\t' && c <= '\r' && c != '\v'); }

static const char *skip(const char *p, const char *stops)
{
    while (*p != '\0' && strchr(stops, *p) == NULL)
        p++;
    return p;
}

static const char *read_attribute(struct buf *outline, const char *p)
{
    const char *name = p, *value;

    p = skip(p + 1, " \t\n\f\r/>="); /* a '=' at the very beginning belongs to the name */
    buf_char(outline, ' ');
    buf_add(outline, name, (size_t)(p - name));
    while (is_space(*p))
        p++;
    if (*p != '=')
        return p;
    for (p++; is_space(*p); p++)
        ;
    char quote = *p == '"' || *p == '\'' ? *p : '\0';
    value = quote != '\0' ? ++p : p;
    p = quote == '"' ? skip(p, "\"") : quote == '\'' ? skip(p, "'") : skip(p, " \t\n\f\r>");
    struct str n = { name, strcspn(name, " \t\n\f\r/>=") };
    if (str_equal_fold(n, STR("href")) || str_equal_fold(n, STR("src")) ||
        str_equal_fold(n, STR("action")) || str_equal_fold(n, STR("data-url")))
        must(strncmp(value, script, 11) != 0 || strstr(value, "q9z(") != value + 11,
             "an address is a script");
    return quote != '\0' && *p != '\0' ? p + 1 : p;
}

/* The end of an element whose content is not markup. */
static const char *skip_raw(const char *p, struct str name)
{
    for (; *p != '\0'; p++) {
        if (p[0] != '<' || p[1] != '/')
            continue;
        struct str there = { p + 2, strnlen(p + 2, name.len) };
        if (str_equal_fold(there, name) &&
            (is_space(p[2 + name.len]) || p[2 + name.len] == '/' || p[2 + name.len] == '>'))
            break;
    }
    return p;
}

static const char *read_tag(struct buf *outline, const char *p)
{
    static const char *const raw[] = { "script", "style", "textarea", "title", "iframe" };
    bool closing = p[1] == '/';
    struct str name = { p + 1 + closing, strcspn(p + 1 + closing, " \t\n\f\r/>") };

    p = name.p + name.len;
    buf_text(outline, closing ? "\n/" : "\n");
    buf_str(outline, name);
    while (*p != '\0' && *p != '>')
        p = is_space(*p) || *p == '/' ? p + 1 : read_attribute(outline, p);
    if (*p == '\0')
        return p;
    for (size_t i = 0; i < countof(raw) && !closing; i++)
        if (str_equal_fold(name, str_from(raw[i])))
            return skip_raw(p, name);
    return p + 1;
}

/* Tags and attributes of a page, by name and in order. */
static const char *outline_of(struct arena *a, const char *p)
{
    struct buf outline = buf_in(a, OUT_BYTES);

    while (*(p = skip(p, "<")) != '\0') {
        char c = (char)((p[1] == '/' ? p[2] : p[1]) | 32);
        if (c >= 'a' && c <= 'z') {
            p = read_tag(&outline, p);
        } else if (strncmp(p, "<!--", 4) == 0) {
            const char *end = strstr(p + 4, "-->");
            buf_text(&outline, "\n!--");
            p = end == NULL ? p + strlen(p) : end + 3;
        } else if (p[1] == '!' || p[1] == '?' || p[1] == '/') {
            buf_text(&outline, "\n!");
            p = skip(p, ">");
        } else {
            p++;
        }
    }
    return buf_end(&outline);
}

static const char *render(struct ctx *cx, struct templates *ts, const struct val *page)
{
    struct buf out = buf_in(cx->arena, OUT_BYTES);
    enum status s = template_render(cx, ts, templates_name(ts, 0), page, &out);

    must(s == OK || s == E_LIMIT, "rendering fails with another error");
    must(s == OK || cx->error_text[0] != '\0', "an error without words");
    ctx_clear_error(cx);
    return s == OK ? buf_end(&out) : NULL;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const char *const paths[] = { "t.html", "t.txt", "t.mustache", "t.html" };
    struct arena *a = arena_new(256 * 1024);
    struct clock clock = { .fixed_ms = 1 };
    struct templates *ts;
    struct ctx cx;

    if (size > 0 && size < 20000) {
        const char *path = paths[data[0] % countof(paths)];
        struct template_file file = { path, arena_dup(a, (const char *)data + 1, size - 1) };
        ctx_init(&cx, a, &clock);
        if (templates_open(&cx, &file, 1, NULL, &ts) == OK) {
            const char *bad = render(&cx, ts, make_page(a, hostile, script));
            const char *good = render(&cx, ts, make_page(a, "abc", "def"));
            if (bad != NULL && good != NULL && strcmp(path, "t.html") == 0)
                must(text_is(outline_of(a, bad), outline_of(a, good)),
                     "a value got out of its place");
            templates_close(ts);
        } else {
            must(strncmp(cx.error_text, "t.", 2) == 0, "an error without a place");
        }
    }
    arena_free(a);
    return 0;
}
