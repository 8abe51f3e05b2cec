/* template_parse.c -- Mustache text into nodes: tags, delimiters, sections, and the rules about
 * lines that hold nothing but tags. The rules are those of the Mustache specification; in HTML the
 * indentation that partials and blocks inherit is left out: it would end up inside textareas. */
#include "kit/template_int.h"
#include <string.h>

enum { DELIMITER_MAX = 16 };

struct parser {
    struct set *set;
    struct source *src;
    struct buf *errors;
    const char *at, *end;
    struct str open, close;
    const char *counted; /* `line` is the line of this byte */
    int line;
    int depth;
};

/* The tag whose end is being looked for. */
struct opened {
    const struct opened *up;
    char sigil;
    struct str name;
    int line;
    bool in_parent; /* a block that a parent is given */
};

struct tag {
    const char *begin, *after; /* after: the byte behind it */
    const char *line_begin;    /* of the white space before it, when that is all there is */
    const char *line_after;    /* the next line, when only white space is behind it; or NULL */
    struct str name;
    int line;
    char sigil; /* 'v' a value */
};

struct chain {
    struct node *first, **last;
};

static int line_of(struct parser *ps, const char *at)
{
    for (; ps->counted < at; ps->counted++)
        ps->line += *ps->counted == '\n';
    for (; ps->counted > at; ps->counted--)
        ps->line -= ps->counted[-1] == '\n';
    return ps->line;
}

static bool complain(struct parser *ps, int line, const char *fmt, ...) PRINTF_LIKE(3, 4);
static bool complain(struct parser *ps, int line, const char *fmt, ...)
{
    va_list args;

    va_start(args, fmt);
    buf_printf(ps->errors, "%s:%d: %s\n", ps->src->file, line,
               arena_vprintf(ps->set->scratch, fmt, args));
    va_end(args);
    return false;
}

static struct node *chain_add(struct parser *ps, struct chain *c, enum node_kind kind, int line)
{
    struct node *n = NEW(ps->set->scratch, struct node);

    n->kind = kind;
    n->line = line;
    *c->last = n;
    c->last = &n->next;
    return n;
}

static bool keeps_lines(const struct parser *ps) { return ps->src->mode != TEMPLATE_HTML; }

static bool begins_line(const struct parser *ps, const char *at)
{
    return at == ps->src->text.p || at[-1] == '\n';
}

/* Literal text; line by line where indentation is kept. `tag_follows`: on the same line. */
static void add_text(struct parser *ps, struct chain *c, const char *from, const char *to,
                     bool tag_follows)
{
    if (!keeps_lines(ps)) {
        if (from < to) {
            struct node *n = chain_add(ps, c, NODE_TEXT, line_of(ps, from));
            n->text = (struct str){ from, (size_t)(to - from) };
        }
        return;
    }
    while (from < to || (from == to && tag_follows && begins_line(ps, from))) {
        const char *nl = from < to ? memchr(from, '\n', (size_t)(to - from)) : NULL;
        const char *stop = nl == NULL ? to : nl + 1;
        struct node *n = chain_add(ps, c, NODE_TEXT, line_of(ps, from));
        n->text = (struct str){ from, (size_t)(stop - from) };
        n->line_start = begins_line(ps, from);
        if (nl == NULL)
            break;
        from = stop;
    }
}

/* --- tags --- */

static const char *find(const char *at, const char *end, struct str what)
{
    return memmem(at, (size_t)(end - at), what.p, what.len);
}

static void look_around(struct parser *ps, struct tag *t)
{
    const char *p = t->begin;

    while (p > ps->src->text.p && (p[-1] == ' ' || p[-1] == '\t'))
        p--;
    t->line_begin = begins_line(ps, p) ? p : NULL;
    for (p = t->after; p < ps->end && (*p == ' ' || *p == '\t'); p++)
        ;
    if (p == ps->end)
        t->line_after = p;
    else if (*p == '\n')
        t->line_after = p + 1;
    else
        t->line_after = *p == '\r' && p + 1 < ps->end && p[1] == '\n' ? p + 2 : NULL;
}

static bool has_blank(struct str s)
{
    for (size_t i = 0; i < s.len; i++)
        if (html_space(s.p[i]))
            return true;
    return false;
}

/* {{=<% %>=}} */
static bool read_delimiters(struct parser *ps, const struct tag *t)
{
    struct str rest = str_trim(t->name), first;
    struct str all = rest;

    size_t n = 0;
    while (n < rest.len && !html_space(rest.p[n]))
        n++;
    first = (struct str){ rest.p, n };
    rest = str_trim((struct str){ rest.p + n, rest.len - n });
    if (first.len == 0 || rest.len == 0 || has_blank(rest) || memchr(all.p, '=', all.len) != NULL ||
        first.len > DELIMITER_MAX || rest.len > DELIMITER_MAX)
        return complain(ps, t->line, "new delimiters are written {{=<%% %%>=}}");
    ps->open = first;
    ps->close = rest;
    return true;
}

/* Reads the tag that begins at `begin`. */
static bool read_tag(struct parser *ps, const char *begin, struct tag *t)
{
    const char *p = begin + ps->open.len, *stop;

    *t = (struct tag){ .begin = begin, .sigil = 'v', .line = line_of(ps, begin) };
    while (p < ps->end && html_space(*p))
        p++;
    if (p < ps->end && strchr("#^/>!=<$&{", *p) != NULL && *p != '\0')
        t->sigil = *p++;
    if (t->sigil == '{' || t->sigil == '&')
        return complain(ps, t->line,
                        "raw output ({{{x}}}, {{&x}}) does not exist: markup needs a "
                        "value of kind html");
    if (t->sigil == '=') {
        size_t len = 0;
        char *both = arena_printf(ps->set->scratch, "=%.*s", (int)ps->close.len, ps->close.p);
        len = strlen(both);
        stop = find(p, ps->end, (struct str){ both, len });
        t->after = stop == NULL ? NULL : stop + len;
    } else {
        stop = find(p, ps->end, ps->close);
        t->after = stop == NULL ? NULL : stop + ps->close.len;
    }
    if (stop == NULL)
        return complain(ps, t->line, "a tag is never closed with %.*s", (int)ps->close.len,
                        ps->close.p);
    t->name = str_trim((struct str){ p, (size_t)(stop - p) });
    if (t->sigil != '!' && t->sigil != '=' && (t->name.len == 0 || has_blank(t->name)))
        return complain(ps, t->line, "a tag needs a name without blanks, not '%.*s'",
                        (int)(t->name.len > 60 ? 60 : t->name.len), t->name.p);
    look_around(ps, t);
    return true;
}

static bool read_path(struct parser *ps, const struct tag *t, const struct path **out)
{
    struct str rest = t->name, part;
    size_t count = 1, at = 0;

    for (size_t i = 0; i < rest.len; i++)
        count += rest.p[i] == '.';
    struct path *p = arena_alloc(ps->set->arena, 1, sizeof *p + count * sizeof(struct word *));
    *out = p;
    if (str_is(rest, "."))
        return true;
    while (at <= rest.len) {
        const char *dot = at < rest.len ? memchr(rest.p + at, '.', rest.len - at) : NULL;
        size_t stop = dot == NULL ? rest.len : (size_t)(dot - rest.p);
        part = (struct str){ rest.p + at, stop - at };
        if (part.len == 0)
            return complain(ps, t->line, "the name '%.*s' has an empty part", (int)rest.len,
                            rest.p);
        p->words[p->count++] = set_word(ps->set, part);
        at = stop + 1;
    }
    return true;
}

/* --- indentation --- */

static struct str blank_prefix(struct str s)
{
    size_t n = 0;

    while (n < s.len && (s.p[n] == ' ' || s.p[n] == '\t'))
        n++;
    return (struct str){ s.p, n };
}

/* What the first line of a block's text is indented by; empty when it begins amid a line. */
static struct str intrinsic(const struct node *n)
{
    if (n == NULL || !n->line_start)
        return (struct str){ "", 0 };
    return n->kind == NODE_TEXT ? blank_prefix(n->text) : n->indent;
}

static struct str cut(struct str s, size_t bytes)
{
    size_t have = blank_prefix(s).len, n = bytes < have ? bytes : have;
    return n > 0 ? (struct str){ s.p + n, s.len - n } : s; /* nothing has no place to move */
}

static void dedent(struct node *n, size_t bytes)
{
    for (; n != NULL; n = n->next) {
        if (n->kind == NODE_TEXT && n->line_start)
            n->text = cut(n->text, bytes);
        if (n->kind != NODE_TEXT)
            n->indent = cut(n->indent, bytes);
        if (n->kind != NODE_PARENT) /* its blocks have been aligned on their own */
            dedent(n->children, bytes);
    }
}

/* --- structure --- */

static bool read_nodes(struct parser *ps, const struct opened *up, struct tag *closer,
                       struct chain *c);

static struct str blanks_before(const struct tag *t)
{
    return (struct str){ t->line_begin, (size_t)(t->begin - t->line_begin) };
}

static bool is_alone(const struct tag *t) { return t->line_begin != NULL && t->line_after != NULL; }

/* Text up to the tag; without the blanks of its line when the tag has it for itself. */
static void text_before(struct parser *ps, struct chain *c, const struct tag *t, bool alone)
{
    add_text(ps, c, ps->at, alone && t->line_begin != NULL ? t->line_begin : t->begin, !alone);
    ps->at = alone && t->line_after != NULL ? t->line_after : t->after;
}

static bool read_section(struct parser *ps, const struct opened *up, struct chain *c,
                         const struct tag *t)
{
    struct opened me = { up, t->sigil, t->name, t->line, false };
    struct chain body = { .last = &body.first };
    struct tag closer;

    text_before(ps, c, t, is_alone(t));
    struct node *n = chain_add(ps, c, t->sigil == '#' ? NODE_SECTION : NODE_INVERTED, t->line);
    n->text = t->name;
    if (!read_path(ps, t, &n->path) || !read_nodes(ps, &me, &closer, &body))
        return false;
    n->children = body.first;
    return true;
}

static bool read_partial(struct parser *ps, struct chain *c, const struct tag *t)
{
    bool alone = is_alone(t);

    text_before(ps, c, t, alone);
    struct node *n = chain_add(ps, c, NODE_PARTIAL, t->line);
    n->text = t->name;
    if (keeps_lines(ps)) {
        n->alone = n->line_start = alone;
        if (alone)
            n->indent = blanks_before(t);
    }
    return true;
}

/* A parent has its line for itself when nothing stands before {{<x}} and behind {{/x}}. */
static bool read_parent(struct parser *ps, const struct opened *up, struct chain *c,
                        const struct tag *t)
{
    struct opened me = { up, '<', t->name, t->line, false };
    struct chain blocks = { .last = &blocks.first };
    struct tag closer;
    const char *text = ps->at;

    ps->at = t->after;
    if (!read_nodes(ps, &me, &closer, &blocks))
        return false;
    bool alone = t->line_begin != NULL && closer.line_after != NULL;
    add_text(ps, c, text, alone ? t->line_begin : t->begin, !alone);
    if (alone)
        ps->at = closer.line_after;
    struct node *n = chain_add(ps, c, NODE_PARENT, t->line);
    n->text = t->name;
    n->children = blocks.first;
    if (keeps_lines(ps)) {
        n->alone = n->line_start = alone;
        if (alone)
            n->indent = blanks_before(t);
    }
    return true;
}

/* A block with its default text: it may be given another. */
static bool read_block(struct parser *ps, const struct opened *up, struct chain *c,
                       const struct tag *t)
{
    struct opened me = { up, '$', t->name, t->line, false };
    struct chain body = { .last = &body.first };
    bool alone = is_alone(t), first = t->line_begin != NULL;
    struct tag closer;

    if (keeps_lines(ps) && first && !alone) { /* its blanks move into the block */
        add_text(ps, c, ps->at, t->line_begin, false);
        ps->at = t->after;
    } else {
        text_before(ps, c, t, alone);
    }
    struct node *n = chain_add(ps, c, NODE_BLOCK, t->line);
    n->text = t->name;
    if (!read_nodes(ps, &me, &closer, &body))
        return false;
    n->children = body.first;
    if (!keeps_lines(ps) || !first)
        return true;
    n->line_start = true;
    n->alone = alone;
    n->indent = blanks_before(t);
    if (alone && n->children != NULL)
        n->indent = intrinsic(n->children);
    return true;
}

/* The text a parent is given for one of its blocks. */
static bool read_given(struct parser *ps, const struct opened *up, struct chain *c,
                       const struct tag *t)
{
    struct opened me = { up, '$', t->name, t->line, true };
    struct chain body = { .last = &body.first };
    struct tag closer;

    ps->at = t->line_after != NULL ? t->line_after : t->after;
    struct node *n = chain_add(ps, c, NODE_BLOCK, t->line);
    n->text = t->name;
    if (!read_nodes(ps, &me, &closer, &body))
        return false;
    n->children = body.first;
    dedent(n->children, intrinsic(n->children).len);
    return true;
}

static bool read_close(struct parser *ps, const struct opened *up, struct chain *c,
                       const struct tag *t)
{
    if (up == NULL)
        return complain(ps, t->line, "{{/%.*s}} closes nothing", (int)t->name.len, t->name.p);
    if (!str_equal(up->name, t->name))
        return complain(ps, t->line, "{{/%.*s}} where {{%c%.*s}} of line %d must be closed first",
                        (int)t->name.len, t->name.p, up->sigil, (int)up->name.len, up->name.p,
                        up->line);
    if (up->sigil == '<') {
        ps->at = t->after;
    } else if (up->in_parent) { /* what follows is dropped: only the blanks before matter */
        const char *from = ps->at;
        const char *to = t->line_begin != NULL && t->line_begin >= from ? t->line_begin : t->begin;
        add_text(ps, c, from, to, false);
        ps->at = t->after;
    } else {
        text_before(ps, c, t, is_alone(t));
    }
    return true;
}

/* Directly inside {{<parent}}: only blocks count. */
static bool only_blocks(struct parser *ps, const char *to, const struct tag *t)
{
    if (!keeps_lines(ps))
        for (const char *p = ps->at; p < to; p++)
            if (!html_space(*p))
                return complain(ps, line_of(ps, p),
                                "text in a parent outside its blocks would "
                                "never be shown");
    if (t != NULL && strchr("$/!=", t->sigil) == NULL)
        return complain(ps, t->line, "only blocks may stand in a parent, not '%.*s'",
                        (int)t->name.len, t->name.p);
    return true;
}

static bool read_one(struct parser *ps, const struct opened *up, struct tag *t, struct chain *c)
{
    struct node *n;

    switch (t->sigil) {
    case '=':
        if (!read_delimiters(ps, t))
            return false;
        break;
    case '!':
        break;
    case '#':
    case '^':
        return read_section(ps, up, c, t);
    case '>':
        return read_partial(ps, c, t);
    case '<':
        return read_parent(ps, up, c, t);
    case '$':
        return up != NULL && up->sigil == '<' ? read_given(ps, up, c, t) : read_block(ps, up, c, t);
    default:
        text_before(ps, c, t, false);
        n = chain_add(ps, c, NODE_VALUE, t->line);
        n->text = t->name;
        return read_path(ps, t, &n->path);
    }
    if (up != NULL && up->sigil == '<')
        ps->at = t->after;
    else
        text_before(ps, c, t, is_alone(t));
    return true;
}

/* Reads up to the tag that closes `up`, or to the end. */
static bool read_nodes(struct parser *ps, const struct opened *up, struct tag *closer,
                       struct chain *c)
{
    bool in_parent = up != NULL && up->sigil == '<';
    struct tag t;

    if (++ps->depth > TEMPLATE_NEST_MAX)
        return complain(ps, up->line, "more than %d sections within one another",
                        TEMPLATE_NEST_MAX);
    for (;;) {
        const char *begin = find(ps->at, ps->end, ps->open);
        if (begin == NULL) {
            if (up != NULL)
                return complain(ps, up->line, "{{%c%.*s}} is never closed", up->sigil,
                                (int)up->name.len, up->name.p);
            add_text(ps, c, ps->at, ps->end, false);
            break;
        }
        if (!read_tag(ps, begin, &t) || (in_parent && !only_blocks(ps, begin, &t)))
            return false;
        if (t.sigil == '/') {
            *closer = t;
            if (!read_close(ps, up, c, &t))
                return false;
            break;
        }
        if (!read_one(ps, up, &t, c))
            return false;
    }
    ps->depth--;
    return true;
}

bool template_parse(struct set *set, struct source *src, struct buf *errors)
{
    struct parser ps = { .set = set,
                         .src = src,
                         .errors = errors,
                         .at = src->text.p,
                         .end = src->text.p + src->text.len,
                         .open = STR("{{"),
                         .close = STR("}}"),
                         .counted = src->text.p,
                         .line = src->first_line };
    struct chain all = { .last = &all.first };
    struct tag closer;

    if (!read_nodes(&ps, NULL, &closer, &all)) {
        src->broken = true;
        return false;
    }
    src->nodes = all.first;
    return true;
}
