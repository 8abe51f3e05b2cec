/* markdown.c -- blocks first: lines are taken into quotes and lists, whose content is read the same
 * way; then what stands in a line. Each is bounded: what opens and finds no end is remembered, so
 * that a page of asterisks costs no more than a page of words. */
#include "kit/markdown.h"
#include "base/utf8.h"
#include <string.h>
#include <strings.h>

enum { LABEL_BYTES = 500, ADDRESS_BYTES = 2000, ID_BYTES = 60, HEADING_BYTES = 200 };

struct maker {
    struct arena *arena;
    struct buf html, text;
    struct markdown_heading headings[MARKDOWN_HEADINGS];
    size_t heading_count;
    const char *image;
    bool in_link; /* of a link's words nothing is a link */
};
/* The lines of a block: borrowed from the text, without their ends. */
struct lines {
    struct str *at;
    size_t count;
};

/* ---- writing ---- */
static void put_char(struct maker *m, char c)
{
    switch (c) {
    case '<':
        buf_text(&m->html, "&lt;");
        break;
    case '>':
        buf_text(&m->html, "&gt;");
        break;
    case '&':
        buf_text(&m->html, "&amp;");
        break;
    case '"':
        buf_text(&m->html, "&quot;");
        break;
    default:
        buf_char(&m->html, c);
    }
}

static void put_words(struct maker *m, struct str s)
{
    for (size_t i = 0; i < s.len; i++)
        put_char(m, s.p[i]);
    buf_str(&m->text, s);
}

static void put_attribute(struct maker *m, struct str s)
{
    for (size_t i = 0; i < s.len; i++)
        put_char(m, s.p[i]);
}

static void tag(struct maker *m, const char *name)
{
    buf_char(&m->html, '<');
    buf_text(&m->html, name);
    buf_char(&m->html, '>');
}

static void tag_end(struct maker *m, const char *name)
{
    buf_text(&m->html, "</");
    buf_text(&m->html, name);
    buf_char(&m->html, '>');
}

/* A tag with one attribute. */
static void tag_with(struct maker *m, const char *name, const char *attribute, struct str value)
{
    buf_printf(&m->html, "<%s %s=\"", name, attribute);
    put_attribute(m, value);
    buf_text(&m->html, "\">");
}

static void line_break(struct maker *m) { buf_char(&m->html, '\n'); }

static void end_text_line(struct maker *m)
{
    if (m->text.len > 0 && m->text.p[m->text.len - 1] != '\n')
        buf_char(&m->text, '\n');
}

/* ---- what stands in a line ---- */
static bool begins(struct str s, const char *word)
{
    size_t n = strlen(word);

    return s.len >= n && strncasecmp(s.p, word, n) == 0;
}

static struct str from(struct str s, size_t at) { return (struct str){ s.p + at, s.len - at }; }

static struct str span(struct str s, size_t begin, size_t end)
{
    return (struct str){ s.p + begin, end - begin };
}

/* Without blanks and control characters, and not another site's by way of two slashes. */
static bool address_is_plain(struct str s)
{
    for (size_t i = 0; i < s.len; i++)
        if ((unsigned char)s.p[i] <= ' ' || s.p[i] == '\\' || s.p[i] == '<' || s.p[i] == '>')
            return false;
    return s.len > 0 && s.len <= ADDRESS_BYTES && !(s.len > 1 && s.p[0] == '/' && s.p[1] == '/');
}

static bool link_allowed(struct str s)
{
    return address_is_plain(s) &&
           (begins(s, "https://") || begins(s, "http://") || begins(s, "mailto:") ||
            begins(s, "tel:") || s.p[0] == '/' || s.p[0] == '#');
}

static bool image_allowed(struct str s)
{
    return address_is_plain(s) && (begins(s, "https://") || s.p[0] == '/');
}

/* What was looked for and is not there from this place on. */
enum { NO_CODE = 1, NO_STAR = 2, NO_STARS = 4, NO_LINE = 8, NO_LINES = 16 };

static bool is_space(char c) { return c == ' ' || c == '\t' || c == '\n'; }

static bool is_word(char c)
{
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
           (unsigned char)c >= 0x80;
}

static bool is_mark(char c) { return c != '\0' && strchr("\\`*_{}[]()#+-.!>~|<\"", c) != NULL; }

static void inline_text(struct maker *m, struct str s, int depth);

/* The end of an emphasis that began before `at`: the same marks, with a word before them. For _
 * none that stand within a word. 0: none. */
static size_t find_end(struct str s, size_t at, char mark, size_t wide)
{
    for (size_t i = at; i + wide <= s.len; i++) {
        size_t run = 0;
        if (s.p[i] == '\\') {
            i++;
            continue;
        }
        if (s.p[i] != mark)
            continue;
        while (i + run < s.len && s.p[i + run] == mark)
            run++;
        bool closes = i > at && !is_space(s.p[i - 1]) &&
                      (mark != '_' || i + run >= s.len || !is_word(s.p[i + run]));
        if (closes && (run == wide || run >= 3))
            return i + run - wide;
        i += run - 1;
    }
    return 0;
}

/* *one* is emphasis, **two** are strong. Returns where it goes on; 0: it is none. */
static size_t emphasis(struct maker *m, struct str s, size_t at, u32 *missing, int depth)
{
    char mark = s.p[at];
    size_t wide = at + 1 < s.len && s.p[at + 1] == mark ? 2 : 1, end;
    u32 flag = mark == '*' ? (wide == 2 ? NO_STARS : NO_STAR) : wide == 2 ? NO_LINES : NO_LINE;
    bool opens = at + wide < s.len && !is_space(s.p[at + wide]) &&
                 (mark != '_' || at == 0 || !is_word(s.p[at - 1]));

    if (!opens || (*missing & flag) || depth >= MARKDOWN_DEPTH)
        return 0;
    end = find_end(s, at + wide, mark, wide);
    if (end == 0) {
        *missing |= flag;
        return 0;
    }
    tag(m, wide == 2 ? "strong" : "em");
    inline_text(m, span(s, at + wide, end), depth + 1);
    tag_end(m, wide == 2 ? "strong" : "em");
    return end + wide;
}

/* `code`, with as many marks as it likes. */
static size_t code_span(struct maker *m, struct str s, size_t at, u32 *missing)
{
    size_t wide = 0, begin, run;

    while (at + wide < s.len && s.p[at + wide] == '`')
        wide++;
    begin = at + wide;
    for (size_t i = begin; !(*missing & NO_CODE) && i < s.len; i += run ? run : 1) {
        run = 0;
        while (i + run < s.len && s.p[i + run] == '`')
            run++;
        if (run != wide)
            continue;
        tag(m, "code");
        put_words(m, str_trim(span(s, begin, i)));
        tag_end(m, "code");
        return i + run;
    }
    if (wide == 1)
        *missing |= NO_CODE;
    put_words(m, span(s, at, begin));
    return begin;
}

/* The parts of [label](address): false when it is none. */
static bool read_link(struct str s, size_t at, struct str *label, struct str *address, size_t *end)
{
    size_t i = at + 1, begin;
    int open = 1;

    for (; i < s.len && i - at < LABEL_BYTES; i++) {
        if (s.p[i] == '\\')
            i++;
        else if (s.p[i] == '[')
            open++;
        else if (s.p[i] == ']' && --open == 0)
            break;
    }
    if (i + 1 >= s.len || s.p[i] != ']' || s.p[i + 1] != '(')
        return false;
    *label = span(s, at + 1, i);
    begin = i + 2;
    open = 1;
    for (i = begin; i < s.len && i - begin <= ADDRESS_BYTES && s.p[i] != '\n'; i++) {
        if (s.p[i] == '(')
            open++;
        else if (s.p[i] == ')' && --open == 0)
            break;
    }
    if (i >= s.len || s.p[i] != ')')
        return false;
    *address = str_trim(span(s, begin, i));
    *end = i + 1;
    return true;
}

/* An address may be followed by a title in quotes, which is not used. */
static struct str without_title(struct str s)
{
    for (size_t i = 0; i < s.len; i++)
        if (is_space(s.p[i]))
            return (struct str){ s.p, i };
    return s;
}

static size_t link_or_image(struct maker *m, struct str s, size_t at, int depth)
{
    bool image = s.p[at] == '!';
    struct str label, address;
    size_t end;

    if (!read_link(s, at + image, &label, &address, &end))
        return 0;
    address = without_title(address);
    if (image && image_allowed(address)) {
        if (begins(address, "https://") && text_empty(m->image))
            m->image = str_dup(m->arena, address);
        buf_printf(&m->html, "<%s src=\"", "img");
        put_attribute(m, address);
        buf_text(&m->html, "\" alt=\"");
        put_attribute(m, label);
        buf_text(&m->html, "\" loading=\"lazy\">");
        buf_str(&m->text, label);
    } else if (!image && link_allowed(address)) {
        tag_with(m, "a", "href", address);
        m->in_link = true;
        inline_text(m, label, depth + 1);
        m->in_link = false;
        tag_end(m, "a");
    } else {
        put_words(m, label);
    }
    return end;
}

/* https://... that stands in the text, or in < >. */
static size_t bare_link(struct maker *m, struct str s, size_t at)
{
    bool framed = s.p[at] == '<';
    size_t begin = at + framed, end = begin;
    struct str address;

    if (!begins(from(s, begin), "https://") && !begins(from(s, begin), "http://") &&
        !(framed && begins(from(s, begin), "mailto:")))
        return 0;
    while (end < s.len && end - begin <= ADDRESS_BYTES && !is_space(s.p[end]) && s.p[end] != '<' &&
           s.p[end] != '>' && s.p[end] != '"')
        end++;
    if (framed && (end >= s.len || s.p[end] != '>'))
        return 0;
    while (!framed && end > begin && strchr(".,;:!?)'*_", s.p[end - 1]))
        end--;
    address = span(s, begin, end);
    if (!link_allowed(address) || address.len < sizeof "http://a" - 1)
        return 0;
    tag_with(m, "a", "href", address);
    put_words(m, address);
    tag_end(m, "a");
    return end + framed;
}

/* A line's end: soft, or after two blanks or a backslash hard. */
static void line_end(struct maker *m, struct str s, size_t at)
{
    bool hard = at >= 2 && s.p[at - 1] == ' ' && s.p[at - 2] == ' ';

    if (hard)
        tag(m, "br");
    line_break(m);
    buf_char(&m->text, hard ? '\n' : ' ');
}

/* What begins at a mark; 0: it is an ordinary character. */
static size_t marked(struct maker *m, struct str s, size_t at, u32 *missing, int depth)
{
    char c = s.p[at], next = at + 1 < s.len ? s.p[at + 1] : '\0';

    switch (c) {
    case '\\':
        if (next == '\n') {
            tag(m, "br");
            line_break(m);
            buf_char(&m->text, '\n');
            return at + 2;
        }
        if (!is_mark(next))
            return 0;
        put_words(m, span(s, at + 1, at + 2));
        return at + 2;
    case '`':
        return code_span(m, s, at, missing);
    case '*':
    case '_':
        return emphasis(m, s, at, missing, depth);
    case '!':
        return next == '[' && !m->in_link ? link_or_image(m, s, at, depth) : 0;
    case '[':
        return m->in_link ? 0 : link_or_image(m, s, at, depth);
    case '<':
        return m->in_link ? 0 : bare_link(m, s, at);
    case 'h':
    case 'H':
        return m->in_link || (at > 0 && is_word(s.p[at - 1])) ? 0 : bare_link(m, s, at);
    case '\n':
        line_end(m, s, at);
        return at + 1;
    default:
        return 0;
    }
}

static void inline_text(struct maker *m, struct str s, int depth)
{
    u32 missing = 0;
    size_t plain = 0, at = 0;

    while (at < s.len) {
        size_t mark = at, next;
        while (mark < s.len && !strchr("\\`*_![<hH\n", s.p[mark]))
            mark++;
        if (mark >= s.len)
            break;
        put_words(m, span(s, plain, mark));
        next = marked(m, s, mark, &missing, depth);
        plain = next ? next : mark;
        at = next ? next : mark + 1;
        if (next == 0) { /* an ordinary character: with what follows it */
            put_words(m, span(s, mark, mark + 1));
            plain = mark + 1;
        }
    }
    put_words(m, from(s, plain));
}

/* ---- blocks ---- */
static void blocks(struct maker *m, struct lines in, bool tight, int depth);

static size_t indent_of(struct str s)
{
    size_t n = 0;

    while (n < s.len && s.p[n] == ' ')
        n++;
    return n;
}

static bool is_blank(struct str s) { return str_trim(s).len == 0; }

static bool is_rule(struct str line)
{
    struct str s = str_trim(line);
    int marks = 0;

    if (s.len < 3 || !strchr("-*_", s.p[0]))
        return false;
    for (size_t i = 0; i < s.len; i++) {
        if (s.p[i] == s.p[0])
            marks++;
        else if (s.p[i] != ' ')
            return false;
    }
    return marks >= 3;
}

static int heading_level(struct str line)
{
    struct str s = from(line, indent_of(line));
    size_t n = 0;

    while (n < s.len && s.p[n] == '#')
        n++;
    return n >= 1 && n <= 6 && (n == s.len || s.p[n] == ' ') ? (int)n : 0;
}

/* How many marks open a block of code, and which; 0: none do. */
static size_t fence_of(struct str line, char *mark)
{
    struct str s = from(line, indent_of(line));
    size_t n = 0;

    if (s.len < 3 || (s.p[0] != '`' && s.p[0] != '~'))
        return 0;
    *mark = s.p[0];
    while (n < s.len && s.p[n] == *mark)
        n++;
    return n >= 3 && !(*mark == '`' && memchr(s.p + n, '`', s.len - n)) ? n : 0;
}

struct marker {
    bool ordered;
    i64 start;
    char kind;     /* - * + . ) */
    size_t offset; /* where the item's text begins */
};

static bool marker_of(struct str line, struct marker *out)
{
    size_t indent = indent_of(line), at = indent;

    *out = (struct marker){ 0 };
    if (at >= line.len)
        return false;
    if (strchr("-*+", line.p[at])) {
        out->kind = line.p[at++];
    } else {
        while (at < line.len && line.p[at] >= '0' && line.p[at] <= '9' && at - indent < 9)
            out->start = out->start * 10 + (line.p[at++] - '0');
        if (at == indent || at >= line.len || (line.p[at] != '.' && line.p[at] != ')'))
            return false;
        out->ordered = true;
        out->kind = line.p[at++];
    }
    if (at < line.len && line.p[at] != ' ')
        return false;
    out->offset = at;
    while (out->offset < line.len && line.p[out->offset] == ' ' && out->offset < at + 4)
        out->offset++;
    if (out->offset >= line.len)
        out->offset = at + 1;
    return !is_rule(line);
}

static bool is_quote(struct str line)
{
    size_t at = indent_of(line);

    return at < line.len && line.p[at] == '>';
}

/* Whether a line begins something else than it goes on with. */
static bool begins_block(struct str line)
{
    struct marker marker;
    char mark;

    return is_blank(line) || heading_level(line) > 0 || is_rule(line) || is_quote(line) ||
           fence_of(line, &mark) > 0 ||
           (marker_of(line, &marker) && marker.offset < line.len &&
            (!marker.ordered || marker.start == 1));
}

static struct str joined(struct maker *m, struct lines in)
{
    struct buf b = buf_in(m->arena, MARKDOWN_OUT_BYTES);

    for (size_t i = 0; i < in.count; i++) {
        struct str line = from(in.at[i], indent_of(in.at[i]));
        if (i > 0)
            buf_char(&b, '\n');
        buf_str(&b, i + 1 == in.count ? str_trim(line) : line);
    }
    return str_from(buf_end(&b));
}

static const char *heading_id(struct maker *m, const char *text)
{
    const char *slug = utf8_slug(m->arena, text, ID_BYTES);
    const char *id = arena_printf(m->arena, "h-%s", slug);
    int n = 1;

    for (size_t i = 0; i < m->heading_count; i++)
        if (text_is(m->headings[i].id, id)) {
            id = arena_printf(m->arena, "h-%s-%d", slug, ++n);
            i = (size_t)-1; /* from the first on again */
        }
    return id;
}

static void heading(struct maker *m, struct str line)
{
    int marks = heading_level(line), level = marks <= 2 ? 2 : marks == 3 ? 3 : 4;
    struct str s = str_trim(from(line, indent_of(line) + (size_t)marks));
    const char *name = level == 2 ? "h2" : level == 3 ? "h3" : "h4";
    size_t begin, end = s.len;

    while (end > 0 && s.p[end - 1] == '#') /* those that close it */
        end--;
    if (end < s.len && (end == 0 || s.p[end - 1] == ' '))
        s = str_trim(span(s, 0, end));
    end_text_line(m);
    begin = m->text.len;
    struct buf before = m->html;
    struct buf words = buf_in(m->arena, MARKDOWN_OUT_BYTES);
    m->html = words;
    inline_text(m, s, 0);
    words = m->html;
    m->html = before;
    const char *text =
        m->text.len > begin ? arena_dup(m->arena, m->text.p + begin, m->text.len - begin) : "";
    if (m->heading_count < MARKDOWN_HEADINGS) {
        struct markdown_heading *h = &m->headings[m->heading_count];
        const char *id = heading_id(m, text);
        *h = (struct markdown_heading){ id, utf8_cut(m->arena, text, HEADING_BYTES), level };
        m->heading_count++;
        tag_with(m, name, "id", str_from(id));
    } else {
        tag(m, name);
    }
    buf_text(&m->html, buf_end(&words));
    tag_end(m, name);
    line_break(m);
    end_text_line(m);
}

static size_t code_block(struct maker *m, struct lines in, size_t at)
{
    char mark, other;
    size_t wide = fence_of(in.at[at], &mark), indent = indent_of(in.at[at]), i = at + 1;

    end_text_line(m);
    tag(m, "pre");
    tag(m, "code");
    for (; i < in.count; i++) {
        struct str line = in.at[i];
        size_t n = fence_of(line, &other);
        if (n >= wide && other == mark && is_blank(from(line, indent_of(line) + n)))
            break;
        size_t drop = indent_of(line) < indent ? indent_of(line) : indent;
        put_words(m, from(line, drop));
        buf_char(&m->html, '\n');
        buf_char(&m->text, '\n');
    }
    tag_end(m, "code");
    tag_end(m, "pre");
    line_break(m);
    return i < in.count ? i + 1 : i;
}

static size_t quote(struct maker *m, struct lines in, size_t at, int depth)
{
    size_t end = at + 1;

    while (end < in.count && (is_quote(in.at[end]) || !begins_block(in.at[end])))
        end++;
    struct lines inner = { NEW_N(m->arena, struct str, end - at), 0 };
    for (size_t i = at; i < end; i++) {
        struct str line = in.at[i];
        if (is_quote(line)) {
            line = from(line, indent_of(line) + 1);
            if (line.len > 0 && line.p[0] == ' ')
                line = from(line, 1);
        }
        inner.at[inner.count++] = line;
    }
    tag(m, "blockquote");
    blocks(m, inner, false, depth + 1);
    tag_end(m, "blockquote");
    line_break(m);
    return end;
}

/* Where the item that begins here ends; *gap: there are blank lines between its blocks. */
static size_t item_end(struct lines in, size_t at, size_t offset, bool *gap)
{
    size_t i = at + 1, blank = 0;
    struct marker other;

    for (; i < in.count; i++) {
        struct str line = in.at[i];
        if (is_blank(line)) {
            blank++;
            continue;
        }
        if (indent_of(line) >= offset)
            *gap |= blank > 0;
        else if (blank > 0 || begins_block(line) || marker_of(line, &other))
            break; /* else it goes on without its indentation */
        blank = 0;
    }
    return i - blank;
}

/* The next item of a list that began so, behind blank lines perhaps. False: there is none. */
static bool next_item(struct lines in, const struct marker *first, size_t *at,
                      struct marker *marker)
{
    size_t i = *at;

    while (i < in.count && is_blank(in.at[i]))
        i++;
    if (i >= in.count || !marker_of(in.at[i], marker) || marker->kind != first->kind ||
        indent_of(in.at[i]) >= first->offset)
        return false;
    *at = i;
    return true;
}

static void item(struct maker *m, struct lines in, size_t at, size_t end, size_t offset, bool tight,
                 int depth)
{
    struct lines inner = { NEW_N(m->arena, struct str, end - at), 0 };

    for (size_t i = at; i < end; i++) {
        struct str line = in.at[i];
        size_t drop = i == at || indent_of(line) >= offset ? offset : 0;
        inner.at[inner.count++] = from(line, drop < line.len ? drop : line.len);
    }
    tag(m, "li");
    blocks(m, inner, tight, depth + 1);
    tag_end(m, "li");
    line_break(m);
}

/* Twice over its lines: whether it is loose shows at its end, and is asked at its begin. */
static size_t list(struct maker *m, struct lines in, size_t at, int depth)
{
    struct marker first, marker;
    size_t end = at, next = at;
    const char *name;
    bool loose = false;
    i64 number;

    (void)marker_of(in.at[at], &first);
    name = first.ordered ? "ol" : "ul";
    marker = first;
    number = first.start;
    do {
        loose |= next > end;
        end = next = item_end(in, next, marker.offset, &loose);
    } while (next_item(in, &first, &next, &marker));
    if (first.ordered && first.start != 1)
        tag_with(m, name, "start",
                 str_from(arena_printf(m->arena, "%lld", (long long)first.start)));
    else
        tag(m, name);
    line_break(m);
    for (size_t i = at; i < end && next_item(in, &first, &i, &marker);) {
        size_t over = item_end(in, i, marker.offset, &loose);
        end_text_line(m);
        if (first.ordered)
            buf_printf(&m->text, "%lld. ", (long long)number++);
        else
            buf_text(&m->text, "- ");
        item(m, in, i, over, marker.offset, !loose, depth);
        i = over;
    }
    tag_end(m, name);
    line_break(m);
    end_text_line(m);
    return end;
}

static size_t paragraph(struct maker *m, struct lines in, size_t at, bool tight)
{
    size_t i = at + 1;

    while (i < in.count && !begins_block(in.at[i]))
        i++;
    if (!tight)
        tag(m, "p");
    inline_text(m, joined(m, (struct lines){ in.at + at, i - at }), 0);
    if (!tight) {
        tag_end(m, "p");
        line_break(m);
    }
    end_text_line(m);
    return i;
}

static void blocks(struct maker *m, struct lines in, bool tight, int depth)
{
    struct marker marker;
    char mark;

    for (size_t i = 0; i < in.count;) {
        struct str line = in.at[i];
        bool deep = depth >= MARKDOWN_DEPTH; /* whatever it is, it is words */
        if (is_blank(line)) {
            i++;
        } else if (heading_level(line) > 0) {
            heading(m, line);
            i++;
        } else if (fence_of(line, &mark) > 0) {
            i = code_block(m, in, i);
        } else if (is_rule(line)) {
            tag(m, "hr");
            line_break(m);
            i++;
        } else if (!deep && is_quote(line)) {
            i = quote(m, in, i, depth);
        } else if (!deep && marker_of(line, &marker)) {
            i = list(m, in, i, depth);
        } else {
            i = paragraph(m, in, i, tight);
        }
    }
}

/* Lines without their ends; a tab is four blanks where it indents. */
static struct lines cut_lines(struct maker *m, const char *text)
{
    struct lines out = { 0 };
    size_t most = 1;

    for (const char *p = text; *p; p++)
        most += *p == '\n';
    out.at = NEW_N(m->arena, struct str, most);
    while (*text) {
        size_t len = strcspn(text, "\n"), tabs = strspn(text, "\t");
        struct str line = { text, len > 0 && text[len - 1] == '\r' ? len - 1 : len };
        if (tabs > 0 && tabs <= line.len)
            line = str_from(arena_printf(m->arena, "%*s%.*s", (int)tabs * 4, "",
                                         (int)(line.len - tabs), line.p + tabs));
        out.at[out.count++] = line;
        text += len + (text[len] == '\n');
    }
    return out;
}

enum status markdown_read(struct arena *a, const char *text, struct markdown *out)
{
    struct maker *m = NEW(a, struct maker);

    *out = (struct markdown){ .html = "", .text = "", .image = "" };
    if (strlen(text) > MARKDOWN_BYTES)
        return E_LIMIT;
    m->arena = a;
    m->image = "";
    m->html = buf_in(a, MARKDOWN_OUT_BYTES);
    m->text = buf_in(a, MARKDOWN_OUT_BYTES);
    blocks(m, cut_lines(m, text), false, 0);
    out->html = buf_end(&m->html);
    out->text = buf_end(&m->text);
    out->headings = m->headings;
    out->heading_count = m->heading_count;
    out->image = m->image;
    return buf_status(&m->html) == OK ? buf_status(&m->text) : E_LIMIT;
}
