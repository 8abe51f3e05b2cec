/* mime_text.c -- words out of mails: HTML as lines of text, and what is new in a reply. */
#include "base/buf.h"
#include "base/utf8.h"
#include "io/mime_read.h"
#include <stdlib.h>
#include <strings.h>

/* ---- HTML ---- */

static bool name_is(struct str name, const char *const *list)
{
    for (; *list; list++)
        if (str_equal_fold(name, str_from(*list)))
            return true;
    return false;
}

static const char *const blocks[] = { "p",      "div",     "tr",      "h1",     "h2",
                                      "h3",     "h4",      "h5",      "h6",     "ul",
                                      "ol",     "table",   "br",      "hr",     "blockquote",
                                      "pre",    "section", "article", "header", "footer",
                                      "center", "dl",      "dt",      "dd",     NULL };
static const char *const apart[] = { "p",     "h1", "h2", "h3",         "h4",
                                     "table", "ul", "ol", "blockquote", NULL };
static const char *const hidden[] = { "script",   "style",    "head", "title",
                                      "template", "noscript", NULL };

struct words {
    struct buf out;
    bool space; /* white space before the next word */
    int lines;  /* line ends before the next word */
};

static void put_char(struct words *w, u32 c)
{
    char utf8[4];

    if (c == ' ' || c == '\n' || c == '\t' || c == '\r' || c == '\f' || c == 0xa0) {
        w->space = true;
        return;
    }
    if (c < ' ' || c == 127 || c == 0x200b || c == 0x200c || c == 0x200d || c == 0xfeff ||
        c == 0x34f || c == 0xad || (c >= 0xd800 && c < 0xe000) || c > 0x10ffff)
        return; /* what fills preview lines */
    if (w->out.len > 0 && w->lines > 0)
        buf_text(&w->out, w->lines > 1 ? "\n\n" : "\n");
    else if (w->out.len > 0 && w->space)
        buf_char(&w->out, ' ');
    w->space = false;
    w->lines = 0;
    buf_add(&w->out, utf8, utf8_put(utf8, c));
}

/* "&amp;" at p: the character, and how many bytes it took; 0: no entity. */
static size_t entity(struct str s, u32 *c)
{
    static const struct {
        const char *name;
        u32 c;
    } names[] = {
        { "amp", '&' },       { "lt", '<' },       { "gt", '>' },       { "quot", '"' },
        { "apos", '\'' },     { "nbsp", 0xa0 },    { "ndash", 0x2013 }, { "mdash", 0x2014 },
        { "hellip", 0x2026 }, { "copy", 0xa9 },    { "reg", 0xae },     { "euro", 0x20ac },
        { "lsquo", 0x2018 },  { "rsquo", 0x2019 }, { "ldquo", 0x201c }, { "rdquo", 0x201d },
        { "auml", 0xe4 },     { "ouml", 0xf6 },    { "uuml", 0xfc },    { "szlig", 0xdf },
        { "Auml", 0xc4 },     { "Ouml", 0xd6 },    { "Uuml", 0xdc },    { "eacute", 0xe9 },
        { "egrave", 0xe8 },   { "agrave", 0xe0 },  { "ccedil", 0xe7 },  { "middot", 0xb7 },
        { "bull", 0x2022 },   { "trade", 0x2122 }, { "zwnj", 0x200c },  { "shy", 0xad }
    };
    const char *end = memchr(s.p, ';', s.len < 12 ? s.len : 12);
    struct str name = { s.p + 1, end ? (size_t)(end - s.p) - 1 : 0 };

    if (name.len < 2)
        return 0;
    if (*name.p == '#') {
        bool hex = name.len > 2 && (name.p[1] == 'x' || name.p[1] == 'X');
        char digits[12] = { 0 }, *stop;
        memcpy(digits, name.p + 1 + hex, name.len - 1 - hex);
        unsigned long n = strtoul(digits, &stop, hex ? 16 : 10);
        if (*stop != '\0' || digits[0] == '\0')
            return 0;
        *c = n > 0x10ffff || n == 0 ? 0xfffd : (u32)n;
        return name.len + 2;
    }
    for (size_t i = 0; i < countof(names); i++)
        if (str_is(name, names[i].name)) {
            *c = names[i].c;
            return name.len + 2;
        }
    return 0;
}

/* Behind the tag, comment or declaration that begins here. */
static struct str skip_markup(struct str s, struct str *name, bool *closing)
{
    const char *end;
    size_t at = 1, from;
    char quote = 0;

    *name = (struct str){ "", 0 };
    if (str_starts(s, "<!--")) {
        end = memmem(s.p + 4, s.len - 4, "-->", 3);
        return end ? (struct str){ end + 3, s.len - (size_t)(end + 3 - s.p) }
                   : (struct str){ "", 0 };
    }
    *closing = at < s.len && s.p[at] == '/';
    at += *closing;
    for (from = at; at < s.len && s.p[at] != '>' && s.p[at] != '/' && (u8)s.p[at] > ' ';)
        at++;
    *name = (struct str){ s.p + from, at - from };
    for (; at < s.len && (quote || s.p[at] != '>'); at++) {
        if (quote && s.p[at] == quote)
            quote = 0;
        else if (!quote && (s.p[at] == '"' || s.p[at] == '\''))
            quote = s.p[at];
    }
    if (at >= s.len && quote) { /* a quote that nobody closed: the tag ends where one could */
        end = memchr(s.p, '>', s.len);
        at = end ? (size_t)(end - s.p) : s.len;
    }
    at = at < s.len ? at + 1 : s.len;
    return (struct str){ s.p + at, s.len - at };
}

/* Behind </script> and the like. */
static struct str skip_hidden(struct str s, struct str name)
{
    for (size_t i = 0; i + 2 + name.len <= s.len; i++)
        if (s.p[i] == '<' && s.p[i + 1] == '/' && strncasecmp(s.p + i + 2, name.p, name.len) == 0)
            return (struct str){ s.p + i, s.len - i };
    return (struct str){ "", 0 };
}

char *html_to_text(struct arena *a, struct str s, size_t max_bytes)
{
    struct words w = { .out = buf_in(a, max_bytes + 16) };

    while (s.len > 0 && !w.out.failed && w.out.len < max_bytes) {
        u32 c;
        size_t len = *s.p == '&' ? entity(s, &c) : 0;
        bool tag = *s.p == '<' && s.len > 1 &&
                   (s.p[1] == '/' || s.p[1] == '!' || s.p[1] == '?' ||
                    (s.p[1] >= 'a' && s.p[1] <= 'z') || (s.p[1] >= 'A' && s.p[1] <= 'Z'));
        if (tag) {
            struct str name;
            bool closing = false;
            s = skip_markup(s, &name, &closing);
            if (!closing && name_is(name, hidden))
                s = skip_hidden(s, name);
            int lines = name_is(name, apart) ? 2 : name_is(name, blocks) ? 1 : 0;
            if (str_equal_fold(name, STR("br")))
                w.lines = w.lines < 2 ? w.lines + 1 : 2;
            else if (lines > w.lines)
                w.lines = lines;
            if (str_equal_fold(name, STR("td")) || str_equal_fold(name, STR("th")))
                w.space = true;
            if (str_equal_fold(name, STR("li")) && !closing) {
                w.lines = w.lines > 1 ? w.lines : 1;
                put_char(&w, '-');
                w.space = true;
            }
            continue;
        }
        if (len > 0) {
            put_char(&w, c);
            s = (struct str){ s.p + len, s.len - len };
        } else if (utf8_valid_bytes((struct str){ s.p, s.len < 4 ? s.len : 4 }) > 0) {
            put_char(&w, utf8_next(&s));
        } else {
            s = (struct str){ s.p + 1, s.len - 1 };
        }
    }
    return utf8_cut(a, buf_end(&w.out), max_bytes);
}

/* ---- replies ---- */

/* "On Mon, 3 Nov 2026, Anna wrote:", "Am 3. November schrieb Anna:", "Le ... a écrit :" */
static bool introduces(struct str line)
{
    static const char *const ends[] = { "wrote:",   "schrieb:",    "geschrieben:",
                                        "crit :",   "crit:",       "escribi\xc3\xb3:",
                                        "schreef:", "ha scritto:", NULL };

    for (size_t i = 0; ends[i]; i++)
        if (str_ends(line, ends[i]))
            return true;
    return (str_starts(line, "Am ") || str_starts(line, "On ")) &&
           (str_contains_fold(line, " schrieb ") || str_contains_fold(line, " wrote ")) &&
           str_ends(line, ":");
}

/* "-----Original Message-----", a line of underscores as Outlook draws it */
static bool divides(struct str line)
{
    static const char *const marks[] = {
        "-----Original Message", "-----Urspr",
        "----- Original",        "________________________________",
        "---------- Forwarded",  "-------- Original Message",
        "-------- Urspr",        NULL
    };

    for (size_t i = 0; marks[i]; i++)
        if (str_starts(line, marks[i]))
            return true;
    return false;
}

char *mime_reply_text(struct arena *a, const char *text)
{
    struct buf b = buf_in(a, strlen(text) + 2);
    struct str rest = str_from(text), line, before = { "", 0 };

    for (; str_split(&rest, '\n', &line); before = str_trim(line)) {
        struct str l = line;
        while (l.len && (l.p[l.len - 1] == '\r'))
            l.len--;
        if (str_is(l, "-- ") || divides(l))
            break;
        /* the introduction may be broken into two lines */
        if (introduces(str_trim(l)) && (str_starts(str_trim(rest), ">") || rest.len > 0)) {
            bool two = !str_starts(str_trim(l), "On ") && !str_starts(str_trim(l), "Am ") &&
                       (str_starts(before, "On ") || str_starts(before, "Am ")) &&
                       b.len > before.len;
            if (two)
                b.len -= before.len + 1;
            break;
        }
        if (str_starts(l, ">"))
            continue;
        buf_str(&b, l);
        buf_char(&b, '\n');
    }
    return str_dup(a, str_trim((struct str){ b.len ? b.p : "", b.len }));
}
