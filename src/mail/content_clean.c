/* content_clean.c -- markup that somebody wrote or pasted, made into markup of ours. Nothing is
 * passed through: the text is read the way a browser reads it, and written anew from what is on
 * the list. So what comes out has known tags only, each closed, and every < > & " in a text is an
 * entity; there is no place left in which a script could stand. */
#include "base/limits.h"
#include "base/utf8.h"
#include "mail/content_int.h"

enum { OPEN_MAX = 40, NAME_MAX = 24, VALUE_MAX = 4000, STYLE_MAX = 600 };

enum {             /* what a tag is */
       VOID = 1,   /* has no end */
       RICH = 2,   /* in a text block too */
       BLOCK = 4,  /* ends a paragraph */
       INLINE = 8, /* stands in a paragraph */
};
static const struct {
    const char *name;
    u8 flags;
    enum tag rich; /* what it becomes in a text block; TAG_NONE: its content alone */
} tags[TAG_COUNT] = {
    [TAG_NONE] = { "", 0, TAG_NONE },
    [TAG_A] = { "a", RICH | INLINE, TAG_A },
    [TAG_B] = { "b", INLINE, TAG_STRONG },
    [TAG_BLOCKQUOTE] = { "blockquote", BLOCK, TAG_NONE },
    [TAG_BR] = { "br", VOID | RICH | INLINE, TAG_BR },
    [TAG_CENTER] = { "center", BLOCK, TAG_NONE },
    [TAG_DIV] = { "div", BLOCK, TAG_P },
    [TAG_EM] = { "em", RICH | INLINE, TAG_EM },
    [TAG_H1] = { "h1", RICH | BLOCK, TAG_H1 },
    [TAG_H2] = { "h2", RICH | BLOCK, TAG_H2 },
    [TAG_H3] = { "h3", RICH | BLOCK, TAG_H3 },
    [TAG_HR] = { "hr", VOID | BLOCK, TAG_NONE },
    [TAG_IMG] = { "img", VOID | INLINE, TAG_NONE },
    [TAG_LI] = { "li", RICH | BLOCK, TAG_LI },
    [TAG_OL] = { "ol", RICH | BLOCK, TAG_OL },
    [TAG_P] = { "p", RICH | BLOCK, TAG_P },
    [TAG_S] = { "s", RICH | INLINE, TAG_S },
    [TAG_SMALL] = { "small", INLINE, TAG_NONE },
    [TAG_SPAN] = { "span", INLINE, TAG_NONE },
    [TAG_STRONG] = { "strong", RICH | INLINE, TAG_STRONG },
    [TAG_SUB] = { "sub", INLINE, TAG_NONE },
    [TAG_SUP] = { "sup", INLINE, TAG_NONE },
    [TAG_TABLE] = { "table", BLOCK, TAG_NONE },
    [TAG_TBODY] = { "tbody", BLOCK, TAG_NONE },
    [TAG_TD] = { "td", BLOCK, TAG_P },
    [TAG_TFOOT] = { "tfoot", BLOCK, TAG_NONE },
    [TAG_TH] = { "th", BLOCK, TAG_P },
    [TAG_THEAD] = { "thead", BLOCK, TAG_NONE },
    [TAG_TR] = { "tr", BLOCK, TAG_NONE },
    [TAG_U] = { "u", RICH | INLINE, TAG_U },
    [TAG_UL] = { "ul", RICH | BLOCK, TAG_UL },
};

const char *tag_name(enum tag tag) { return tags[tag].name; }
bool tag_is_void(enum tag tag) { return (tags[tag].flags & VOID) != 0; }

static enum tag tag_of(const char *name)
{
    static const struct {
        const char *name;
        enum tag tag;
    } others[] = {
        { "i", TAG_EM },        { "del", TAG_S }, { "strike", TAG_S }, { "ins", TAG_U },
        { "h4", TAG_H3 },       { "h5", TAG_H3 }, { "h6", TAG_H3 },    { "section", TAG_DIV },
        { "article", TAG_DIV }, { "pre", TAG_P },
    };

    for (int t = TAG_NONE + 1; t < TAG_COUNT; t++)
        if (text_is(tags[t].name, name))
            return (enum tag)t;
    for (size_t i = 0; i < countof(others); i++)
        if (text_is(others[i].name, name))
            return others[i].tag;
    return TAG_NONE;
}

/* ---- entities ---- */
static const struct {
    const char *name;
    u32 code;
} entities[] = {
    { "amp", '&' },      { "lt", '<' },       { "gt", '>' },        { "quot", '"' },
    { "apos", '\'' },    { "nbsp", 0xA0 },    { "shy", 0xAD },      { "copy", 0xA9 },
    { "reg", 0xAE },     { "trade", 0x2122 }, { "hellip", 0x2026 }, { "ndash", 0x2013 },
    { "mdash", 0x2014 }, { "lsquo", 0x2018 }, { "rsquo", 0x2019 },  { "ldquo", 0x201C },
    { "rdquo", 0x201D }, { "laquo", 0xAB },   { "raquo", 0xBB },    { "bull", 0x2022 },
    { "middot", 0xB7 },  { "euro", 0x20AC },  { "pound", 0xA3 },    { "times", 0xD7 },
    { "rarr", 0x2192 },  { "larr", 0x2190 },  { "auml", 0xE4 },     { "ouml", 0xF6 },
    { "uuml", 0xFC },    { "Auml", 0xC4 },    { "Ouml", 0xD6 },     { "Uuml", 0xDC },
    { "szlig", 0xDF },   { "eacute", 0xE9 },  { "egrave", 0xE8 },   { "agrave", 0xE0 },
    { "ccedil", 0xE7 },  { "ntilde", 0xF1 },  { "zwnj", 0x200C },   { "zwj", 0x200D },
};

/* A code point that a text may hold: no control character, no surrogate. */
static u32 fit_code(u32 c)
{
    if (c == '\t' || c == '\n' || c == '\r')
        return c;
    if (c < 0x20 || (c >= 0x7F && c < 0xA0) || (c >= 0xD800 && c <= 0xDFFF) || c > 0x10FFFF)
        return 0xFFFD;
    return c;
}

/* Reads the entity at p ("&amp;"); its length, 0 for none. */
static size_t read_entity(const char *p, const char *end, u32 *code)
{
    const char *q = p + 1;
    u32 n = 0;
    int digits = 0;

    if (q < end && *q == '#') {
        bool hex = ++q < end && (*q | 32) == 'x';
        for (q += hex ? 1 : 0; q < end; q++, digits++) {
            int d = *q >= '0' && *q <= '9'                        ? *q - '0'
                    : hex && (*q | 32) >= 'a' && (*q | 32) <= 'f' ? (*q | 32) - 'a' + 10
                                                                  : -1;
            if (d < 0)
                break;
            if (n <= 0x10FFFF)
                n = n * (hex ? 16 : 10) + (u32)d;
        }
        if (digits == 0)
            return 0;
        *code = fit_code(n);
        return (size_t)(q - p) + (q < end && *q == ';' ? 1 : 0);
    }
    for (size_t i = 0; i < countof(entities); i++) {
        size_t len = strlen(entities[i].name);
        if ((size_t)(end - q) > len && memcmp(q, entities[i].name, len) == 0 && q[len] == ';') {
            *code = entities[i].code;
            return len + 2;
        }
    }
    return 0;
}

/* A text without its entities, its control characters as blanks. In arena. */
static const char *decode(struct arena *a, const char *p, const char *end)
{
    char *out = NEW_N(a, char, (size_t)(end - p) + 4);
    size_t len = 0;

    while (p < end) {
        u32 code;
        size_t taken = *p == '&' ? read_entity(p, end, &code) : 0;
        if (taken) { /* three bytes at least, and never longer than what stood there but for &#n; */
            char bytes[4];
            size_t n = utf8_put(bytes, code);
            if (n <= taken) {
                memcpy(out + len, bytes, n);
                len += n;
            }
            p += taken;
            continue;
        }
        out[len++] = (u8)*p < 0x20 && *p != '\n' && *p != '\t' ? ' ' : *p;
        p++;
    }
    out[len] = '\0';
    return out;
}

void escape_markup(struct buf *b, const char *text, size_t len)
{
    const char *end = text + len, *run = text;

    for (; text < end; text++) {
        const char *as = *text == '&'   ? "&amp;"
                         : *text == '<' ? "&lt;"
                         : *text == '>' ? "&gt;"
                         : *text == '"' ? "&quot;"
                                        : NULL;
        if (as == NULL)
            continue;
        buf_add(b, run, (size_t)(text - run));
        buf_text(b, as);
        run = text + 1;
    }
    buf_add(b, run, (size_t)(end - run));
}

const char *url_clean(struct arena *a, const char *url)
{
    static const char *const schemes[] = { "http://", "https://", "mailto:", "tel:" };
    struct buf b = buf_in(a, VALUE_MAX);

    for (const char *p = url; *p; p++)
        if ((u8)*p > ' ' && *p != 0x7F)
            buf_char(&b, *p);
        else if (*p == ' ' && b.len)
            buf_text(&b, "%20");
    while (b.len >= 3 && memcmp(b.p + b.len - 3, "%20", 3) == 0)
        b.len -= 3;
    const char *out = buf_end(&b);
    if (buf_status(&b) != OK)
        return NULL;
    if (strncmp(out, "{{", 2) == 0)
        return out;
    for (size_t i = 0; i < countof(schemes); i++)
        if (str_starts(str_from(text_lower_ascii(a, utf8_cut(a, out, 12))), schemes[i]) &&
            out[strlen(schemes[i])])
            return out;
    return NULL;
}

/* ---- reading ---- */
struct reader {
    struct arena *arena;
    const char *p, *end;
    /* the tag that was read */
    char name[NAME_MAX];
    bool closing;
    struct markup_attr attrs[MARKUP_ATTRS];
    int attr_count;
};

static bool is_space(char c)
{
    return c == ' ' || c == '\t' || c == '\n' || c == '\r' || c == '\f';
}
static bool is_letter(char c) { return (c | 32) >= 'a' && (c | 32) <= 'z'; }

static void read_attr(struct reader *r)
{
    char name[NAME_MAX];
    size_t len = 0;
    const char *value = "";

    while (r->p < r->end && !is_space(*r->p) && *r->p != '=' && *r->p != '>' && *r->p != '/') {
        if (len + 1 < NAME_MAX)
            name[len++] = (char)(*r->p >= 'A' && *r->p <= 'Z' ? *r->p | 32 : *r->p);
        r->p++;
    }
    name[len] = '\0';
    while (r->p < r->end && is_space(*r->p))
        r->p++;
    if (r->p < r->end && *r->p == '=') {
        r->p++;
        while (r->p < r->end && is_space(*r->p))
            r->p++;
        const char *from = r->p;
        if (r->p < r->end && (*r->p == '"' || *r->p == '\'')) {
            char quote = *r->p++;
            from = r->p;
            while (r->p < r->end && *r->p != quote)
                r->p++;
            value = decode(r->arena, from, r->p);
            r->p += r->p < r->end ? 1 : 0;
        } else {
            while (r->p < r->end && !is_space(*r->p) && *r->p != '>')
                r->p++;
            value = decode(r->arena, from, r->p);
        }
    }
    if (len == 0 || strlen(value) > VALUE_MAX || r->attr_count == MARKUP_ATTRS)
        return;
    for (int i = 0; i < r->attr_count; i++) /* the first counts, as in browsers */
        if (text_is(r->attrs[i].name, name))
            return;
    r->attrs[r->attr_count++] = (struct markup_attr){ arena_dup(r->arena, name, len), value };
}

/* At a '<' that begins a tag: reads to behind its '>'. */
static void read_tag(struct reader *r)
{
    size_t len = 0;

    r->p++;
    r->closing = *r->p == '/';
    r->p += r->closing ? 1 : 0;
    r->attr_count = 0;
    while (r->p < r->end && !is_space(*r->p) && *r->p != '/' && *r->p != '>') {
        if (len + 1 < NAME_MAX)
            r->name[len++] = (char)(*r->p >= 'A' && *r->p <= 'Z' ? *r->p | 32 : *r->p);
        r->p++;
    }
    r->name[len] = '\0';
    while (r->p < r->end && *r->p != '>') {
        const char *at = r->p;
        if (is_space(*r->p) || *r->p == '/')
            r->p++;
        else
            read_attr(r);
        if (r->p == at) /* "=" alone */
            r->p++;
    }
    r->p += r->p < r->end ? 1 : 0;
}

static bool begins_tag(const struct reader *r)
{
    const char *q = r->p + 1;

    if (q < r->end && *q == '/')
        q++;
    return *r->p == '<' && q < r->end && is_letter(*q);
}

/* <!-- -->, <!doctype>, <?php: gone. */
static bool skip_odd(struct reader *r)
{
    static const char ends[] = "-->";
    const char *found;

    if (r->end - r->p < 2 || r->p[0] != '<' ||
        !(r->p[1] == '!' || r->p[1] == '?' || r->p[1] == '/'))
        return false;
    if (r->end - r->p >= 4 && memcmp(r->p, "<!--", 4) == 0) {
        found = NULL;
        for (const char *q = r->p + 4; q + 3 <= r->end && !found; q++)
            if (memcmp(q, ends, 3) == 0)
                found = q + 3;
        r->p = found ? found : r->end;
        return true;
    }
    found = memchr(r->p, '>', (size_t)(r->end - r->p));
    r->p = found ? found + 1 : r->end;
    return true;
}

/* Elements whose content is no text of the mail. `raw`: a browser reads it without tags. */
static const struct {
    const char *name;
    bool raw;
} dropped_whole[] = {
    { "script", true },   { "style", true },     { "textarea", true }, { "title", true },
    { "xmp", true },      { "iframe", true },    { "noembed", true },  { "noframes", true },
    { "noscript", true }, { "template", false }, { "svg", false },     { "math", false },
    { "object", false },  { "select", false },   { "audio", false },   { "video", false },
    { "canvas", false },  { "head", false },     { "applet", false },
};

/* Behind <script> and its like: goes on behind its end. */
static bool skip_whole(struct reader *r)
{
    char name[NAME_MAX];
    size_t which = 0, len;
    int depth = 1;

    if (text_is(r->name, "plaintext")) {
        r->p = r->end;
        return true;
    }
    while (which < countof(dropped_whole) && !text_is(dropped_whole[which].name, r->name))
        which++;
    if (which == countof(dropped_whole))
        return false;
    len = strlen(r->name);
    memcpy(name, r->name, len + 1);
    while (r->p < r->end && depth > 0) {
        if (!begins_tag(r)) {
            r->p++;
            continue;
        }
        const char *q = r->p + 1 + (r->p[1] == '/');
        bool same = (size_t)(r->end - q) >= len &&
                    str_equal_fold((struct str){ q, len }, (struct str){ name, len }) &&
                    (q + len == r->end || is_space(q[len]) || q[len] == '/' || q[len] == '>');
        if (!same) {
            r->p++;
            continue;
        }
        bool ends = r->p[1] == '/';
        read_tag(r);
        depth += ends ? -1 : dropped_whole[which].raw ? 0 : 1;
    }
    return true;
}

/* ---- what attributes may say ---- */
static bool style_prop_known(struct str prop)
{
    static const char *const known[] = {
        "background-color", "border",        "border-bottom", "border-collapse", "border-color",
        "border-left",      "border-radius", "border-right",  "border-style",    "border-top",
        "border-width",     "color",         "font",          "font-family",     "font-size",
        "font-style",       "font-weight",   "height",        "letter-spacing",  "line-height",
        "margin",           "margin-bottom", "margin-left",   "margin-right",    "margin-top",
        "max-width",        "min-width",     "padding",       "padding-bottom",  "padding-left",
        "padding-right",    "padding-top",   "text-align",    "text-decoration", "text-transform",
        "vertical-align",   "white-space",   "width",         "background",      "display",
    };

    for (size_t i = 0; i < countof(known); i++)
        if (str_equal_fold(prop, str_from(known[i])))
            return true;
    return false;
}

/* Letters, digits and a few signs; of functions only colours. So there is no address, no import
 * and no end of the attribute in it. */
static bool style_value_fine(struct str value)
{
    for (size_t i = 0; i < value.len; i++) {
        char c = value.p[i];
        if (is_letter(c) || (c >= '0' && c <= '9') || strchr(" #%.,'!-)", c))
            continue;
        if (c != '(')
            return false;
        struct str head = { value.p, i };
        if (!str_ends(head, "rgb") && !str_ends(head, "rgba") && !str_ends(head, "hsl"))
            return false;
    }
    return value.len > 0 && !str_contains_fold(value, "expression");
}

static const char *style_clean(struct arena *a, const char *style)
{
    struct str rest = str_from(style), one, prop;
    struct buf b = buf_in(a, STYLE_MAX);

    while (str_split(&rest, ';', &one)) {
        struct str value = one;
        if (!str_split(&value, ':', &prop))
            continue;
        prop = str_trim(prop);
        value = str_trim(value);
        char *plain = str_dup(a, value);
        for (char *p = plain; *p; p++) /* 'Segoe UI' in either quotes */
            *p = (char)(*p == '"' ? '\'' : *p == '\n' || *p == '\t' ? ' ' : *p);
        if (!style_prop_known(prop) || !style_value_fine(str_from(plain)) ||
            b.len + prop.len + value.len + 2 > STYLE_MAX)
            continue;
        buf_printf(&b, "%s%s:%s", b.len ? ";" : "", text_lower_ascii(a, str_dup(a, prop)), plain);
    }
    return buf_end(&b);
}

static bool all_of(const char *text, const char *others)
{
    for (const char *p = text; *p; p++)
        if (!(is_letter(*p) || (*p >= '0' && *p <= '9') || strchr(others, *p)))
            return false;
    return text[0] != '\0' && strlen(text) < 40;
}

/* An attribute as it may stand there; NULL: it may not. */
static const char *attr_clean(struct arena *a, enum clean_mode mode, enum tag tag, const char *name,
                              const char *value)
{
    static const char *const sizes[] = { "width",       "height",  "border", "cellpadding",
                                         "cellspacing", "colspan", "rowspan" };
    static const char *const words[] = { "align", "valign", "bgcolor", "role", "dir", "lang" };

    if (tag == TAG_A && text_is(name, "href"))
        return url_clean(a, value);
    if (mode == CLEAN_RICH)
        return NULL;
    if (tag == TAG_IMG && text_is(name, "src")) {
        const char *url = url_clean(a, value);
        return url && !str_starts(str_from(url), "mailto:") && !str_starts(str_from(url), "tel:")
                   ? url
                   : NULL;
    }
    if (text_is(name, "alt") || text_is(name, "title"))
        return value;
    if (text_is(name, "style")) {
        const char *style = style_clean(a, value);
        return style[0] ? style : NULL;
    }
    for (size_t i = 0; i < countof(sizes); i++)
        if (text_is(name, sizes[i]))
            return all_of(value, "%.") ? value : NULL;
    for (size_t i = 0; i < countof(words); i++)
        if (text_is(name, words[i]))
            return all_of(value, "#-") ? value : NULL;
    return NULL;
}

/* ---- writing ---- */
struct writer_of_markup {
    struct ctx *cx;
    struct buf out;
    enum clean_mode mode;
    enum tag open[OPEN_MAX];
    int depth;
    const char *dropped;
    bool too_deep;
};

static void note_dropped(struct writer_of_markup *w, const char *fmt, const char *what)
{
    if (w->dropped[0] == '\0')
        w->dropped = arena_printf(w->cx->arena, fmt, what);
}

static bool is_open(const struct writer_of_markup *w, enum tag tag)
{
    for (int i = 0; i < w->depth; i++)
        if (w->open[i] == tag)
            return true;
    return false;
}

static void put_close(struct writer_of_markup *w)
{
    buf_printf(&w->out, "</%s>", tag_name(w->open[--w->depth]));
}

/* Closes down to the outermost of this tag; nothing when there is none. */
static void close_tag(struct writer_of_markup *w, enum tag tag)
{
    if (!is_open(w, tag))
        return;
    while (w->open[w->depth - 1] != tag)
        put_close(w);
    put_close(w);
}

static void put_open(struct writer_of_markup *w, enum tag tag, const struct reader *r)
{
    if (!tag_is_void(tag)) {
        if (w->depth == OPEN_MAX) {
            w->too_deep = true;
            return;
        }
        w->open[w->depth++] = tag;
    }
    buf_printf(&w->out, "<%s", tag_name(tag));
    for (int i = 0; r && i < r->attr_count; i++) {
        const char *value =
            attr_clean(w->cx->arena, w->mode, tag, r->attrs[i].name, r->attrs[i].value);
        if (value == NULL) {
            if (w->mode == CLEAN_HTML || text_is(r->attrs[i].name, "href"))
                note_dropped(w, "attribute %s", r->attrs[i].name);
            continue;
        }
        buf_printf(&w->out, " %s=\"", r->attrs[i].name);
        escape_markup(&w->out, value, strlen(value));
        buf_char(&w->out, '"');
    }
    buf_char(&w->out, '>');
}

/* In a text block everything stands in a paragraph, a heading or an item. */
static void need_paragraph(struct writer_of_markup *w)
{
    static const enum tag homes[] = { TAG_P, TAG_H1, TAG_H2, TAG_H3, TAG_LI };

    if (w->mode != CLEAN_RICH)
        return;
    for (size_t i = 0; i < countof(homes); i++)
        if (is_open(w, homes[i]))
            return;
    put_open(w, is_open(w, TAG_UL) || is_open(w, TAG_OL) ? TAG_LI : TAG_P, NULL);
}

/* What must end before a block can begin. */
static void end_before(struct writer_of_markup *w, enum tag tag)
{
    static const enum tag ended[] = { TAG_P, TAG_H1, TAG_H2, TAG_H3 };

    if (tag == TAG_LI && w->mode == CLEAN_RICH) {
        while (w->depth && w->open[w->depth - 1] != TAG_UL && w->open[w->depth - 1] != TAG_OL)
            put_close(w);
        if (w->depth == 0)
            put_open(w, TAG_UL, NULL);
        return;
    }
    for (size_t i = 0; i < countof(ended); i++)
        close_tag(w, ended[i]);
    if (w->mode != CLEAN_RICH)
        return;
    if (tag == TAG_UL || tag == TAG_OL || !is_open(w, TAG_LI)) { /* no list in a list: mails */
        while (w->depth)
            put_close(w);
    }
}

static void on_open(struct writer_of_markup *w, const struct reader *r)
{
    enum tag tag = tag_of(r->name);

    if (tag == TAG_NONE) {
        note_dropped(w, "tag %s", r->name);
        return;
    }
    if (w->mode == CLEAN_RICH && !(tags[tag].flags & RICH)) {
        if (tags[tag].rich == TAG_NONE) {
            note_dropped(w, "tag %s", r->name);
            return;
        }
        tag = tags[tag].rich;
    }
    if (tag == TAG_A)
        close_tag(w, TAG_A);
    if (w->mode == CLEAN_RICH &&
        (tag == TAG_P || tag == TAG_H1 || tag == TAG_H2 || tag == TAG_H3) && is_open(w, TAG_LI))
        return; /* an item is a paragraph already */
    if (tags[tag].flags & BLOCK)
        end_before(w, tag);
    else
        need_paragraph(w);
    put_open(w, tag, r);
}

static void on_close(struct writer_of_markup *w, const struct reader *r)
{
    enum tag tag = tag_of(r->name);

    if (w->mode == CLEAN_RICH && tag != TAG_NONE && !(tags[tag].flags & RICH))
        tag = tags[tag].rich;
    if (tag != TAG_NONE && !tag_is_void(tag))
        close_tag(w, tag);
}

static void on_text(struct writer_of_markup *w, const char *from, const char *to)
{
    const char *text = decode(w->cx->arena, from, to);
    bool blank = text[strspn(text, " \t\r\n")] == '\0';

    if (w->mode == CLEAN_RICH && blank && w->depth == 0)
        return;
    if (!blank || (w->depth && w->open[w->depth - 1] != TAG_UL && w->open[w->depth - 1] != TAG_OL))
        need_paragraph(w);
    else
        return;
    if (w->mode == CLEAN_RICH) { /* lines mean nothing: one blank */
        struct buf b = buf_in(w->cx->arena, strlen(text) + 1);
        for (const char *p = text; *p; p++)
            if (!is_space(*p))
                buf_char(&b, *p);
            else if (b.len == 0 || b.p[b.len - 1] != ' ')
                buf_char(&b, ' ');
        text = buf_end(&b);
    }
    escape_markup(&w->out, text, strlen(text));
}

enum status content_clean(struct ctx *cx, const char *html, enum clean_mode mode, const char **out,
                          const char **dropped)
{
    struct reader r = { .arena = cx->arena, .p = html, .end = html + strlen(html) };
    struct writer_of_markup w = {
        .cx = cx, .out = buf_in(cx->arena, LIMIT_MAIL_HTML_BYTES), .mode = mode, .dropped = ""
    };

    while (r.p < r.end) {
        if (begins_tag(&r)) {
            read_tag(&r);
            if (r.closing) {
                on_close(&w, &r);
            } else if (skip_whole(&r)) {
                note_dropped(&w, "tag %s", r.name);
            } else {
                on_open(&w, &r);
            }
            continue;
        }
        if (skip_odd(&r))
            continue;
        const char *from = r.p++;
        while (r.p < r.end && *r.p != '<')
            r.p++;
        on_text(&w, from, r.p);
    }
    while (w.depth)
        put_close(&w);
    *out = buf_end(&w.out);
    if (dropped)
        *dropped = w.dropped;
    if (w.too_deep)
        return ctx_fail(cx, E_LIMIT, "This markup is nested deeper than %d elements.", OPEN_MAX);
    if (buf_status(&w.out) != OK)
        return ctx_fail(cx, E_LIMIT, "This markup is longer than %d bytes.", LIMIT_MAIL_HTML_BYTES);
    return OK;
}

/* ---- reading what was cleaned ---- */
struct markup markup_begin(struct arena *a, const char *html)
{
    return (struct markup){ .arena = a, .at = html };
}

bool markup_next(struct markup *m)
{
    struct reader r = { .arena = m->arena, .p = m->at, .end = m->at + strlen(m->at) };

    m->attr_count = 0;
    m->text = "";
    m->tag = TAG_NONE;
    if (r.p == r.end) {
        m->kind = MARKUP_END;
        return false;
    }
    if (begins_tag(&r)) {
        read_tag(&r);
        m->kind = r.closing ? MARKUP_CLOSE : MARKUP_OPEN;
        m->tag = tag_of(r.name);
        m->attr_count = r.attr_count;
        memcpy(m->attrs, r.attrs, sizeof r.attrs);
    } else {
        const char *from = r.p++;
        while (r.p < r.end && *r.p != '<')
            r.p++;
        m->kind = MARKUP_TEXT;
        m->text = decode(m->arena, from, r.p);
    }
    m->at = r.p;
    return true;
}

const char *markup_attr(const struct markup *m, const char *name)
{
    for (int i = 0; i < m->attr_count; i++)
        if (text_is(m->attrs[i].name, name))
            return m->attrs[i].value;
    return "";
}
