/* filter_parse.c -- the text of a filter into its tree. What is wrong is said with the place where
 * it stands, and with what would do instead. */
#include "base/limits.h"
#include "base/utf8.h"
#include "kit/filter_int.h"
#include <strings.h>

struct parser {
    struct ctx *cx;
    const struct record_type *type;
    const char *text;
    size_t at;                /* of the next byte */
    struct filter_token next; /* looked at, not taken */
    const char *last;         /* the token before it, as text, for messages */
    int depth, tests;
    int inside;                   /* of how many "where" */
    struct filter_events *events; /* of this text; NULL: none yet */
};

/* ---- tokens ---- */
static bool is_word_start(char c) { return ((c | 32) >= 'a' && (c | 32) <= 'z') || c == '_'; }
static bool is_digit(char c) { return c >= '0' && c <= '9'; }
static bool is_word(char c) { return is_word_start(c) || is_digit(c); }

/* 'it''s': the quote inside is written twice. */
static struct filter_token quoted(struct parser *p)
{
    struct filter_token t = { .kind = TOKEN_BAD, .text = "a quote that never closes", .at = p->at };
    char quote = p->text[p->at];
    struct buf b = buf_in(p->cx->arena, FILTER_BYTES);
    size_t i = p->at + 1;

    for (; p->text[i]; i++) {
        if (p->text[i] == quote && p->text[++i] != quote) {
            t.kind = TOKEN_TEXT;
            t.text = buf_end(&b);
            break;
        }
        buf_char(&b, p->text[i]);
    }
    p->at = i;
    return t;
}

static struct filter_token cut(struct parser *p, int kind, size_t len)
{
    struct filter_token t = { .kind = kind, .at = p->at };

    t.text = arena_dup(p->cx->arena, p->text + p->at, len);
    p->at += len;
    return t;
}

static struct filter_token read_token(struct parser *p)
{
    static const struct {
        char c;
        int kind;
    } marks[] = {
        { '(', TOKEN_OPEN }, { ')', TOKEN_CLOSE }, { ',', TOKEN_COMMA }, { '.', TOKEN_DOT }
    };
    const char *s;
    size_t len = 0;

    while (p->text[p->at] && (unsigned char)p->text[p->at] <= ' ')
        p->at++;
    s = p->text + p->at;
    if (*s == '\0')
        return (struct filter_token){ .kind = TOKEN_END, .text = "", .at = p->at };
    if (*s == '\'' || *s == '"')
        return quoted(p);
    for (size_t i = 0; i < countof(marks); i++)
        if (*s == marks[i].c)
            return cut(p, marks[i].kind, 1);
    if (is_word_start(*s)) {
        while (is_word(s[len]))
            len++;
        return cut(p, TOKEN_WORD, len);
    }
    if (is_digit(*s) || ((*s == '-' || *s == '+') && is_digit(s[1]))) {
        for (len = 1; is_word(s[len]) || (s[len] && strchr(".:+-", s[len]));)
            len++;
        return cut(p, TOKEN_NUMBER, len);
    }
    if (*s == '=' || *s == '<' || *s == '>' || (*s == '!' && s[1] == '='))
        return cut(p, TOKEN_OP, *s == '!' || (*s != '=' && s[1] == '=') ? 2 : 1);
    struct str rest = str_from(s);
    utf8_next(&rest);
    return cut(p, TOKEN_BAD, (size_t)(rest.p - s));
}

static void advance(struct parser *p)
{
    p->last = p->next.text;
    p->next = read_token(p);
}

static bool is_keyword(const struct filter_token *t, const char *word)
{
    return t->kind == TOKEN_WORD && strcasecmp(t->text, word) == 0;
}

static bool take_keyword(struct parser *p, const char *word)
{
    if (!is_keyword(&p->next, word))
        return false;
    advance(p);
    return true;
}

/* "After 'amount' I expected an operator such as = or >, and found 'x' (character 8)." */
static enum status expected(struct parser *p, const char *what)
{
    struct ctx *cx = p->cx;
    const char *found =
        p->next.kind == TOKEN_END ? "the filter ends there"
        : p->next.kind == TOKEN_BAD && strlen(p->next.text) > 4
            ? arena_printf(cx->arena, "there is %s", p->next.text)
            : arena_printf(cx->arena, "there is '%s'", utf8_cut(cx->arena, p->next.text, 60));
    const char *before =
        p->last ? arena_printf(cx->arena, "After '%s'", utf8_cut(cx->arena, p->last, 60))
                : "At the beginning of the filter";
    size_t place = utf8_length(utf8_cut(cx->arena, p->text, p->next.at)) + 1;

    return ctx_fail_code(cx, E_INVALID, "filter.syntax",
                         "%s I expected %s, but %s (character %zu).", before, what, found, place);
}

/* ---- tree ---- */
static struct filter_node *new_node(struct arena *a, enum filter_kind kind)
{
    struct filter_node *n = NEW(a, struct filter_node);

    n->kind = kind;
    return n;
}

struct nodes {
    struct filter_node **items;
    size_t count, cap;
};

static void add_node(struct arena *a, struct nodes *list, struct filter_node *n)
{
    if (list->count == list->cap) {
        size_t cap = list->cap ? list->cap * 2 : 8;
        struct filter_node **more = NEW_N(a, struct filter_node *, cap);
        if (list->count)
            memcpy(more, list->items, list->count * sizeof *more);
        list->items = more;
        list->cap = cap;
    }
    list->items[list->count++] = n;
}

/* Adds a part to an AND or OR; one of the same kind gives its own parts instead: a tree has one
 * form. */
static void add_part(struct arena *a, struct nodes *list, enum filter_kind kind,
                     struct filter_node *n)
{
    if (n->kind != kind) {
        add_node(a, list, n);
        return;
    }
    for (size_t i = 0; i < n->count; i++)
        add_node(a, list, n->children[i]);
}

static struct filter_node *join(struct arena *a, enum filter_kind kind, const struct nodes *list)
{
    struct filter_node *n;

    if (list->count == 1)
        return list->items[0];
    n = new_node(a, kind);
    n->children = list->items;
    n->count = list->count;
    return n;
}

struct filter_node *filter_node_and(struct arena *a, struct filter_node *x, struct filter_node *y)
{
    struct nodes list = { 0 };

    if (x == NULL || y == NULL)
        return x ? x : y;
    add_part(a, &list, FILTER_AND, x);
    add_part(a, &list, FILTER_AND, y);
    return join(a, FILTER_AND, &list);
}

struct filter *filter_new(struct ctx *cx, const struct record_type *t, struct filter_node *root)
{
    struct filter *f = NEW(cx->arena, struct filter);

    *f = (struct filter){ .type = t, .root = root, .arena = cx->arena, .now_ms = ctx_now(cx) };
    f->seen = NEW(cx->arena, struct filter_seen *);
    return f;
}

size_t filter_conjuncts(struct arena *a, const struct filter *f, struct filter_node ***out)
{
    if (f->root == NULL)
        return 0;
    if (f->root->kind == FILTER_AND) {
        *out = f->root->children;
        return f->root->count;
    }
    *out = NEW(a, struct filter_node *);
    (*out)[0] = f->root;
    return 1;
}

/* ---- one test ---- */
static enum status read_or(struct parser *p, struct filter_node **out);

static enum status too_deep(struct parser *p)
{
    return ctx_fail_code(p->cx, E_LIMIT, "filter.too_deep",
                         "A filter may be nested %d parentheses deep at most.", LIMIT_FILTER_DEPTH);
}

/* After "where": conditions over what is counted. */
static enum status read_where(struct parser *p, struct filter_call *call)
{
    const struct record_type *outer = p->type;

    p->type = call->inner;
    p->inside++;
    TRY(read_or(p, &call->where));
    p->inside--;
    p->type = outer;
    return OK;
}

static enum status read_window(struct parser *p, struct filter_call *call)
{
    call->windowed = true;
    if (p->next.kind != TOKEN_NUMBER && p->next.kind != TOKEN_WORD)
        return expected(p, "a window such as -30d or this_month");
    TRY(filter_type_window(p->cx, &p->next, &call->window));
    advance(p);
    return OK;
}

/* From the parenthesis on: "(deal.contact_id where status = 'open', -30d)". */
static enum status read_call(struct parser *p, const struct record_type *t, const char *fn,
                             struct filter_path *out)
{
    const char *what, *by = NULL;

    if (p->depth++ == LIMIT_FILTER_DEPTH)
        return too_deep(p);
    advance(p);
    if (p->next.kind != TOKEN_WORD)
        return expected(p, "what to count: an event such as pageview, or records such as deal");
    what = p->next.text;
    advance(p);
    if (p->next.kind == TOKEN_DOT) {
        advance(p);
        if (p->next.kind != TOKEN_WORD)
            return expected(p, "the name of a reference");
        by = p->next.text;
        advance(p);
    }
    TRY(filter_call_make(p->cx, t, fn, what, by, out));
    if (take_keyword(p, "where"))
        TRY(read_where(p, out->call));
    if (p->next.kind == TOKEN_COMMA) {
        advance(p);
        TRY(read_window(p, out->call));
    }
    if (p->next.kind != TOKEN_CLOSE)
        return expected(p, "where, a comma with a window such as -30d, or a closing parenthesis");
    advance(p);
    p->depth--;
    return OK;
}

static enum status read_path(struct parser *p, struct filter_path *out)
{
    struct filter_token names[FILTER_HOPS + 1];
    const struct record_type *t;
    size_t count = 0;

    for (;;) {
        if (p->next.kind != TOKEN_WORD)
            return expected(p,
                            count ? "the name of a field" : "a condition such as status = 'open'");
        if (count == countof(names))
            return ctx_fail_code(p->cx, E_LIMIT, "filter.too_deep",
                                 "'%s' goes through more than %d references; use fewer.",
                                 names[0].text, FILTER_HOPS);
        names[count++] = p->next;
        advance(p);
        if (p->next.kind == TOKEN_OPEN && filter_is_call(names[count - 1].text)) {
            TRY(filter_type_hops(p->cx, p->type, names, count - 1, out, &t));
            return read_call(p, t, names[count - 1].text, out);
        }
        if (p->next.kind != TOKEN_DOT)
            return filter_type_path(p->cx, p->type, names, count, out);
        advance(p);
    }
}

static enum status read_value(struct parser *p, struct filter_token *out)
{
    if (p->next.kind != TOKEN_TEXT && p->next.kind != TOKEN_NUMBER && p->next.kind != TOKEN_WORD)
        return expected(p, "a value: a text in quotes, a number, a date, or a word such as me or "
                           "this_month");
    *out = p->next;
    advance(p);
    return OK;
}

static enum status read_list(struct parser *p, struct filter_token *values, size_t *count)
{
    if (p->next.kind != TOKEN_OPEN)
        return expected(p, "a list in parentheses, such as ('a', 'b')");
    do {
        advance(p);
        if (*count == FILTER_VALUES)
            return ctx_fail_code(p->cx, E_LIMIT, "filter.too_large",
                                 "A list in a filter may have at most %d values.", FILTER_VALUES);
        TRY(read_value(p, &values[(*count)++]));
    } while (p->next.kind == TOKEN_COMMA);
    if (p->next.kind != TOKEN_CLOSE)
        return expected(p, "a comma or a closing parenthesis");
    advance(p);
    return OK;
}

/* After "is": ["not"] "empty" | "true" | "false". */
static enum status read_is(struct parser *p, enum filter_op *op)
{
    static const struct {
        const char *word;
        enum filter_op plain, negated;
    } states[] = { { "empty", OP_EMPTY, OP_NOT_EMPTY },
                   { "true", OP_TRUE, OP_NOT_TRUE },
                   { "false", OP_FALSE, OP_NOT_FALSE } };
    bool negated = take_keyword(p, "not");

    for (size_t i = 0; i < countof(states); i++) {
        if (take_keyword(p, states[i].word)) {
            *op = negated ? states[i].negated : states[i].plain;
            return OK;
        }
    }
    return expected(p, "empty, true or false");
}

static bool read_operator(struct parser *p, enum filter_op *op)
{
    static const char *const signs[] = { "=",  "!=",       "<",      "<=", ">",
                                         ">=", "contains", "starts", "has" };

    for (size_t i = 0; i < countof(signs); i++) {
        bool sign = p->next.kind == TOKEN_OP && text_is(p->next.text, signs[i]);
        if (sign || is_keyword(&p->next, signs[i])) {
            *op = (enum filter_op)i;
            advance(p);
            return true;
        }
    }
    return false;
}

static enum status read_test(struct parser *p, struct filter_node **out)
{
    struct filter_token *values = NULL, one;
    struct filter_node *n = new_node(p->cx->arena, FILTER_TEST);
    size_t count = 0;

    if (p->tests++ == LIMIT_FILTER_NODES)
        return ctx_fail_code(p->cx, E_LIMIT, "filter.too_large",
                             "A filter may have at most %d conditions.", LIMIT_FILTER_NODES);
    TRY(read_path(p, &n->path));
    if (take_keyword(p, "is")) {
        TRY(read_is(p, &n->op));
    } else if (take_keyword(p, "in")) {
        n->op = OP_IN;
        values = NEW_N(p->cx->arena, struct filter_token, FILTER_VALUES);
        TRY(read_list(p, values, &count));
    } else if (read_operator(p, &n->op)) {
        values = &one;
        count = 1;
        TRY(read_value(p, &one));
    } else {
        return expected(p, "an operator such as =, !=, <, >, contains, in or is");
    }
    *out = n;
    TRY(filter_type_test(p->cx, n, values, count, false));
    if (n->path.call && n->path.call->of == NULL) {
        if (p->events == NULL)
            p->events = filter_events_new(p->cx->arena);
        filter_events_add(p->events, n, p->inside > 0);
    }
    return OK;
}

/* ---- logic ---- */

static enum status read_not(struct parser *p, struct filter_node **out)
{
    struct filter_node *inner = NULL;
    bool negated = false;

    while (take_keyword(p, "not"))
        negated = !negated;
    if (p->next.kind == TOKEN_OPEN) {
        if (p->depth++ == LIMIT_FILTER_DEPTH)
            return too_deep(p);
        advance(p);
        TRY(read_or(p, &inner));
        if (p->next.kind != TOKEN_CLOSE)
            return expected(p, "and, or, or a closing parenthesis");
        advance(p);
        p->depth--;
    } else {
        TRY(read_test(p, &inner));
    }
    *out = inner;
    if (!negated)
        return OK;
    if (inner->kind == FILTER_NOT) {
        *out = inner->children[0];
        return OK;
    }
    *out = new_node(p->cx->arena, FILTER_NOT);
    (*out)->children = NEW(p->cx->arena, struct filter_node *);
    (*out)->children[0] = inner;
    (*out)->count = 1;
    return OK;
}

static enum status read_and(struct parser *p, struct filter_node **out)
{
    struct nodes list = { 0 };
    struct filter_node *n = NULL;

    do {
        TRY(read_not(p, &n));
        add_part(p->cx->arena, &list, FILTER_AND, n);
    } while (take_keyword(p, "and"));
    *out = join(p->cx->arena, FILTER_AND, &list);
    return OK;
}

static enum status read_or(struct parser *p, struct filter_node **out)
{
    struct nodes list = { 0 };
    struct filter_node *n = NULL;

    do {
        TRY(read_and(p, &n));
        add_part(p->cx->arena, &list, FILTER_OR, n);
    } while (take_keyword(p, "or"));
    *out = join(p->cx->arena, FILTER_OR, &list);
    return OK;
}

enum status filter_parse(struct ctx *cx, const struct record_type *t, const char *text,
                         struct filter **out)
{
    struct parser p = { .cx = cx, .type = t, .text = text };
    struct filter_node *root = NULL;

    if (strlen(text) > FILTER_BYTES)
        return ctx_fail_code(cx, E_LIMIT, "filter.too_large",
                             "The filter is longer than %d characters; make it shorter.",
                             FILTER_BYTES);
    if (!utf8_valid(str_from(text)))
        return ctx_fail_code(cx, E_INVALID, "filter.encoding",
                             "The filter holds bytes that are not UTF-8 text.");
    p.next = read_token(&p);
    if (p.next.kind != TOKEN_END) {
        TRY(read_or(&p, &root));
        if (p.next.kind != TOKEN_END)
            return expected(&p, "and, or, or the end");
    }
    *out = filter_new(cx, t, root);
    (*out)->events = p.events;
    return OK;
}

/* ---- texts together ---- */
/* How a text's parts hang together outside quotes: whether its parentheses pair, and whether it
 * has an "or" outside of them. */
static bool pairs(struct ctx *cx, const char *text, bool *has_or)
{
    struct parser p = { .cx = cx, .text = text };
    int depth = 0;

    *has_or = false;
    for (p.next = read_token(&p); p.next.kind != TOKEN_END; advance(&p)) {
        depth += (p.next.kind == TOKEN_OPEN) - (p.next.kind == TOKEN_CLOSE);
        if (depth < 0 || p.next.kind == TOKEN_BAD)
            return false;
        *has_or |= depth == 0 && is_keyword(&p.next, "or");
    }
    return depth == 0;
}

const char *filter_and(struct ctx *cx, const char *a, const char *b)
{
    bool or_a, or_b;

    if (str_trim(str_from(a)).len == 0)
        return b;
    if (str_trim(str_from(b)).len == 0)
        return a;
    /* A text that is broken would change the meaning of the other: alone it fails to parse, and
     * says why. */
    if (!pairs(cx, a, &or_a))
        return a;
    if (!pairs(cx, b, &or_b))
        return b;
    return arena_printf(cx->arena, "%s%s%s and %s%s%s", or_a ? "(" : "", a, or_a ? ")" : "",
                        or_b ? "(" : "", b, or_b ? ")" : "");
}
