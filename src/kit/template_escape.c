/* template_escape.c -- a value as bytes that mean only themselves where they stand. */
#include "base/json.h"
#include "kit/template_int.h"
#include <string.h>

enum { SHORT_BYTES = 512, WORST_FACTOR = 6 };

static const struct str entities[] = {
    { "", 0 }, { "&amp;", 5 }, { "&lt;", 4 }, { "&gt;", 4 }, { "&quot;", 6 },
};
static const u8 entity_of[256] = { ['&'] = 1, ['<'] = 2, ['>'] = 3, ['"'] = 4 };

static void escape_html(struct buf *out, const char *s, size_t len)
{
    const char *end = s + len;

    if (len <= SHORT_BYTES) { /* nearly all values: one reservation, no look back */
        char *at = buf_reserve(out, len * WORST_FACTOR), *p = at;
        if (at == NULL)
            return;
        for (; s < end; s++) {
            const struct str e = entities[entity_of[(u8)*s]];
            if (e.len == 0) {
                *p++ = *s;
            } else {
                memcpy(p, e.p, e.len);
                p += e.len;
            }
        }
        out->len += (size_t)(p - at);
        return;
    }
    while (s < end) {
        const char *run = s;
        while (s < end && entity_of[(u8)*s] == 0)
            s++;
        buf_add(out, run, (size_t)(s - run));
        if (s < end)
            buf_str(out, entities[entity_of[(u8)*s++]]);
    }
}

/* --- addresses --- */

/* Bytes that stand for themselves. In a part: letters, digits and these; a ':' only once it can no
 * longer end a scheme. In a whole address: all that an address may contain. */
enum {
    PLAIN_ALWAYS = 1,
    PLAIN_IN_PATH = 2,
    PLAIN_AFTER_SCHEME = 4,
    PLAIN_IN_WHOLE = 8,
    PLAIN_IN_TOKEN = 16
};
static const u8 plain_bytes[128] = {
    ['0' ... '9'] = 31, ['A' ... 'Z'] = 31, ['a' ... 'z'] = 31, ['-'] = 31,  ['.'] = 31, ['_'] = 31,
    ['~'] = 15,         ['!'] = 14,         ['$'] = 14,         ['\''] = 14, ['('] = 14, [')'] = 14,
    ['*'] = 14,         ['+'] = 14,         [','] = 14,         [';'] = 14,  ['='] = 14, ['@'] = 14,
    ['&'] = 12,         [':'] = 28,         ['/'] = 8,          ['?'] = 8,   ['#'] = 8,  ['%'] = 8,
    ['['] = 8,          [']'] = 8,
};

static bool is_plain(char c, u8 where) { return (u8)c < 128 && plain_bytes[(u8)c] & where; }

enum { ADDRESS_WORST = 5 }; /* "&amp;" */

static void put_address(struct buf *out, const char *s, u8 where)
{
    static const char hex[] = "0123456789ABCDEF";
    char *at = buf_reserve(out, strlen(s) * ADDRESS_WORST), *p = at;

    if (at == NULL)
        return;
    for (; *s != '\0'; s++) {
        if (*s == '&' && is_plain(*s, where)) {
            memcpy(p, "&amp;", 5);
            p += 5;
        } else if (is_plain(*s, where) || ((u8)*s >= 128 && where == PLAIN_IN_WHOLE)) {
            *p++ = *s;
        } else {
            *p++ = '%';
            *p++ = hex[(u8)*s >> 4];
            *p++ = hex[(u8)*s & 15];
        }
    }
    out->len += (size_t)(p - at);
}

/* Relative, or one of the schemes allowed. Browsers drop control bytes inside a scheme, so a scheme
 * with anything odd in it is none of ours. */
static bool address_allowed(const char *s, bool script)
{
    const char *p = s + strcspn(s, ":/?#");

    for (const char *c = s; script && *c != '\0'; c++)
        if ((u8)*c <= ' ' || *c == '\\')
            return false;
    if (script)
        return s[0] == '/' && s[1] != '/';
    return *p != ':' || html_scheme_allowed((struct str){ s, (size_t)(p - s) });
}

static void whole_address(struct buf *out, const char *s, bool script)
{
    if (!address_allowed(s, script)) {
        buf_text(out, "#blocked");
        return;
    }
    put_address(out, s, PLAIN_IN_WHOLE);
}

/* What may stand unescaped depends on where in the address we are, and that is read off what has
 * been printed of it. */
static void part_of_address(struct buf *out, const char *s, size_t begin, bool script)
{
    const char *prefix = buf_end(out) + begin;
    size_t first = strcspn(prefix, ":/?#");
    u8 where = strpbrk(prefix, "?#") != NULL ? PLAIN_ALWAYS
               : prefix[first] == '\0'       ? PLAIN_IN_PATH
                                             : PLAIN_AFTER_SCHEME;

    if ((prefix[first] == ':' && !html_scheme_allowed((struct str){ prefix, first })) ||
        (script && (prefix[0] != '/' || prefix[1] == '/'))) {
        buf_text(out, "#blocked");
        return;
    }
    put_address(out, s, where);
}

static void escape_address(struct buf *out, const char *s, size_t begin, bool script)
{
    if (out->failed)
        return;
    assert(begin <= out->len);
    if (begin == out->len)
        whole_address(out, s, script);
    else
        part_of_address(out, s, begin, script);
}

static void escape_token(struct buf *out, const char *s)
{
    for (const char *c = s; *c != '\0'; c++)
        if (!is_plain(*c, PLAIN_IN_TOKEN)) {
            buf_text(out, "blocked");
            return;
        }
    buf_text(out, s);
}

/* --- values --- */

static void escape_text(struct buf *out, enum escape escape, const char *s, size_t url_start)
{
    size_t len = strlen(s);

    switch (escape) {
    case ESCAPE_NONE:
        buf_add(out, s, len);
        break;
    case ESCAPE_TEXTAREA: /* a browser drops the first newline of a textarea */
        if (s[0] == '\n' && out->len > 0 && out->p[out->len - 1] == '>')
            buf_char(out, '\n');
        escape_html(out, s, len);
        break;
    case ESCAPE_URL:
    case ESCAPE_SCRIPT_URL:
        escape_address(out, s, url_start, escape == ESCAPE_SCRIPT_URL);
        break;
    case ESCAPE_TOKEN:
        escape_token(out, s);
        break;
    case ESCAPE_TEXT:
    case ESCAPE_ATTR:
    case ESCAPE_JSON:
        escape_html(out, s, len);
        break;
    }
}

void template_escape(struct ctx *cx, struct buf *out, enum escape escape, const struct val *v,
                     size_t url_start)
{
    if (escape == ESCAPE_JSON) {
        json_write(out, v);
        return;
    }
    switch (val_kind_of(v)) {
    case VAL_TEXT:
        escape_text(out, escape, val_as_text(v, ""), url_start);
        break;
    case VAL_HTML:
        if (escape == ESCAPE_TEXT)
            buf_text(out, val_as_text(v, ""));
        else
            escape_text(out, escape, val_as_text(v, ""), url_start);
        break;
    case VAL_I64: /* digits need no escaping, but an address may need to be looked at */
        if (escape == ESCAPE_SCRIPT_URL)
            escape_text(out, escape, val_print(cx->arena, v), url_start);
        else
            buf_i64(out, val_as_i64(v, 0));
        break;
    case VAL_BOOL:
    case VAL_DECIMAL:
        escape_text(out, escape, val_print(cx->arena, v), url_start);
        break;
    case VAL_NULL:
    case VAL_LIST:
    case VAL_MAP:
        break;
    }
}
