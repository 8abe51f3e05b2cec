/* url.c -- an address on the web: http or https only, so that a link never runs anything. */
#include "base/utf8.h"
#include "kit/kinds.h"

enum { URL_BYTES = 2000 };

static bool has_scheme(const char *text)
{
    size_t i = 0;

    while ((text[i] | 32) >= 'a' && (text[i] | 32) <= 'z')
        i++;
    /* "example.com:8080" has no scheme, "javascript:x" has. */
    return i > 0 && text[i] == ':' && (text[i + 1] < '0' || text[i + 1] > '9');
}

static bool is_host(struct str host)
{
    if (host.len == 0 || host.len > 253 || host.p[0] == '.' || host.p[0] == '-')
        return false;
    for (size_t i = 0; i < host.len; i++) {
        unsigned char c = (unsigned char)host.p[i];
        if (c <= 127 && !((c | 32) >= 'a' && (c | 32) <= 'z') && !(c >= '0' && c <= '9') &&
            c != '-' && c != '.' && c != ':' && c != '[' && c != ']' && c != '_')
            return false;
    }
    return true;
}

static bool is_web_address(const char *text)
{
    struct str s = str_from(text);
    size_t scheme = s.len > 7 && str_equal_fold((struct str){ s.p, 7 }, STR("http://"))    ? 7
                    : s.len > 8 && str_equal_fold((struct str){ s.p, 8 }, STR("https://")) ? 8
                                                                                           : 0;
    if (scheme == 0)
        return false;
    const char *host = text + scheme;
    for (const char *p = host; *p; p++)
        if ((unsigned char)*p <= ' ' || strchr("\"<>\\^`{|}", *p))
            return false;
    return is_host((struct str){ host, strcspn(host, "/?#") });
}

static enum status check(struct ctx *cx, const struct field *f, struct value *v)
{
    const char *typed = v->text;

    v->text = kind_one_line(cx->arena, v->text);
    if (!has_scheme(v->text))
        v->text = arena_printf(cx->arena, "https://%s",
                               strncmp(v->text, "//", 2) == 0 ? v->text + 2 : v->text);
    TRY(kind_check_length(cx, f, v->text, URL_BYTES));
    if (!is_web_address(v->text))
        return kind_bad(cx, f, "url.invalid",
                        "%s: \"%s\" is not a web address; it needs the form https://example.com",
                        f->label, utf8_cut(cx->arena, typed, 100));
    return OK;
}

static const char *fold(struct arena *a, const char *text) { return text_lower_ascii(a, text); }

static const char *show(struct ctx *cx, const struct field *f, const struct value *v)
{
    const char *host = strstr(v->text, "://");

    (void)f;
    if (host == NULL)
        return v->text;
    size_t len = strlen(host + 3);
    if (len > 1 && host[3 + len - 1] == '/')
        len--;
    return arena_dup(cx->arena, host + 3, len);
}

static const char *cell(struct ctx *cx, const struct field *f, const struct value *v,
                        struct val *into)
{
    (void)cx;
    (void)f;
    val_put_text(into, "url", v->text);
    return "url";
}

static const char *words(struct arena *a, const struct value *v)
{
    const char *host = strstr(v->text, "://");

    return utf8_search_words(a, host ? host + 3 : v->text);
}

const struct kind kind_url = {
    .word = "url",
    .storage = STORED_FOLDED,
    .parse = kind_text_parse,
    .check = check,
    .fold = fold,
    .plain = kind_text_plain,
    .show = show,
    .cell = cell,
    .words = words,
};
