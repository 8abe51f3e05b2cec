/* template_compile.c -- nodes and a place make a program. A template is compiled once for each kind
 * of place and each set of blocks it is used with; blocks are copied in line, partials are called.
 * Pages are few and programs small, so nothing here is clever but the bookkeeping. */
#include "kit/template_int.h"
#include <string.h>

enum { ERRORS_MAX = 50, CHOICE_MIN = 3 };

struct compiler {
    struct set *set;
    struct buf *errors;
    struct env *envs;
    int depth, error_count;
    size_t work; /* nodes read and instructions made */
};

/* One program being made. `src`, `env`: of the text being read, which may be a block given from
 * elsewhere. */
struct emit {
    struct compiler *co;
    const struct source *src;
    const struct env *env;
    struct html html;
    struct op *ops;
    size_t count, cap;
    struct buf text; /* literal text not yet written as an op */
    bool text_shrinks;
    i64 url_mark; /* where in `text` an address begins, or -1 */
    int depth;
};

static bool complain(struct emit *e, int line, const char *fmt, ...) PRINTF_LIKE(3, 4);
static bool complain(struct emit *e, int line, const char *fmt, ...)
{
    struct compiler *co = e->co;
    va_list args;

    va_start(args, fmt);
    const char *what = arena_vprintf(co->set->scratch, fmt, args);
    va_end(args);
    if (++co->error_count <= ERRORS_MAX)
        buf_printf(co->errors, "%s:%d: %s\n", e->src->file, line, what);
    return false;
}

static bool is_html(const struct emit *e) { return e->src->mode == TEMPLATE_HTML; }

/* --- ops --- */

static struct op *add_op(struct emit *e, enum op_kind kind)
{
    if (e->count == e->cap) {
        size_t cap = e->cap == 0 ? 16 : e->cap * 2;
        struct op *ops = NEW_N(e->co->set->scratch, struct op, cap);
        if (e->count > 0)
            memcpy(ops, e->ops, e->count * sizeof *ops);
        e->ops = ops;
        e->cap = cap;
    }
    e->co->work++;
    struct op *op = &e->ops[e->count++];
    *op = (struct op){ .kind = (u8)kind, .mark = -1 };
    return op;
}

static void flush(struct emit *e)
{
    if (e->text.len == 0)
        return;
    struct op *op = add_op(e, OP_TEXT);
    op->text = arena_dup(e->co->set->arena, e->text.p, e->text.len);
    op->len = (u32)e->text.len;
    op->shrink = e->text_shrinks;
    if (e->url_mark >= 0)
        op->mark = (i32)((i64)e->text.len - e->url_mark);
    e->url_mark = -1;
    buf_clear(&e->text);
}

/* In text, white space shrinks to one blank or newline; between attributes, to one blank. */
static void add_byte(struct emit *e, const struct html *before, char c)
{
    bool in_text = before->place == PLACE_TEXT && !(before->flags & FLAG_PRE);
    bool in_tag = before->place >= PLACE_TAG_NAME && before->place <= PLACE_AFTER_NAME;
    char *last = e->text.len > 0 ? &e->text.p[e->text.len - 1] : NULL;

    if (html_space(c) && (in_text || in_tag)) {
        bool line = in_text && (c == '\n' || c == '\r');
        if (last == NULL)
            e->text_shrinks = in_text;
        if (last != NULL && html_space(*last)) {
            if (line)
                *last = '\n';
            return;
        }
        c = line ? '\n' : ' ';
    } else if (last == NULL) {
        e->text_shrinks = false;
    }
    buf_char(&e->text, c);
}

static bool add_html(struct emit *e, const struct node *n)
{
    int line = n->line;

    for (size_t i = 0; i < n->text.len; i++) {
        struct html before = e->html;
        const char *why = NULL;
        char c = n->text.p[i];

        if (!html_feed(&e->html, c, &why))
            return complain(e, line, "%s", why);
        add_byte(e, &before, c);
        if (before.place == PLACE_BEFORE_VALUE && e->html.place == PLACE_VALUE &&
            (e->html.attr == ATTR_URL || e->html.attr == ATTR_SCRIPT_URL))
            e->url_mark = (i64)e->text.len;
        else if (before.place == PLACE_VALUE && e->html.place != PLACE_VALUE)
            e->url_mark = -1;
        line += c == '\n';
    }
    return true;
}

static bool add_text(struct emit *e, const struct node *n)
{
    if (is_html(e))
        return add_html(e, n);
    if (n->line_start) {
        flush(e);
        add_op(e, OP_INDENT);
    }
    buf_str(&e->text, n->text);
    return true;
}

/* --- blocks given --- */

static int compare_names(struct str a, struct str b)
{
    size_t n = a.len < b.len ? a.len : b.len;
    int order = n == 0 ? 0 : memcmp(a.p, b.p, n);
    return order != 0 ? order : (a.len > b.len) - (a.len < b.len);
}

static const struct given *env_find(const struct env *env, struct str name)
{
    for (size_t i = 0; env != NULL && i < env->count; i++)
        if (str_equal(env->given[i].block->text, name))
            return &env->given[i];
    return NULL;
}

static bool env_same(const struct env *a, const struct given *given, size_t count)
{
    if (a->count != count)
        return false;
    for (size_t i = 0; i < count; i++)
        if (a->given[i].block != given[i].block || a->given[i].env != given[i].env)
            return false;
    return true;
}

/* The blocks that a parent called from here sees: those given to us win over its own. */
static const struct env *env_with(struct emit *e, const struct node *blocks)
{
    struct compiler *co = e->co;
    size_t have = e->env == NULL ? 0 : e->env->count, count = have;
    const struct node *n;

    for (n = blocks; n != NULL; n = n->next)
        count++;
    if (count == 0)
        return NULL;
    struct env *env = arena_alloc(co->set->scratch, 1, sizeof *env + count * sizeof(struct given));
    for (; env->count < have; env->count++)
        env->given[env->count] = e->env->given[env->count];
    for (n = blocks; n != NULL; n = n->next) {
        if (env_find(env, n->text) != NULL)
            continue;
        size_t at = env->count++;
        for (; at > 0 && compare_names(n->text, env->given[at - 1].block->text) < 0; at--)
            env->given[at] = env->given[at - 1];
        env->given[at] = (struct given){ n, e->src, e->env };
    }
    for (struct env *same = co->envs; same != NULL; same = same->next)
        if (env_same(same, env->given, env->count))
            return same;
    env->next = co->envs;
    co->envs = env;
    return env;
}

/* --- nodes --- */

static bool add_nodes(struct emit *e, const struct node *n);
static struct program *program_of(struct emit *from, int line, struct source *src,
                                  const struct html *start, const struct env *env);

static bool settle(struct emit *e, const struct node *n)
{
    const char *why = NULL;

    if (!is_html(e) || html_settle(&e->html, &why))
        return true;
    return complain(e, n->line, "{{%.*s}} stands %s", (int)n->text.len, n->text.p, why);
}

static bool add_value(struct emit *e, const struct node *n)
{
    u8 escape = e->src->mode == TEMPLATE_TEXT ? ESCAPE_NONE : ESCAPE_TEXT;
    const char *why = NULL;

    if (is_html(e) && !html_value(&e->html, &escape, &why))
        return complain(e, n->line, "{{%.*s}} stands %s", (int)n->text.len, n->text.p, why);
    flush(e);
    struct op *op = add_op(e, OP_VALUE);
    op->escape = escape;
    op->path = n->path;
    return true;
}

/* The body of a section may run no times, once or often: it is compiled for a place that is both
 * the one before it and the one it ends in. */
static bool add_section(struct emit *e, const struct node *n)
{
    if (!settle(e, n))
        return false;
    flush(e);
    struct html start = e->html, join;
    size_t at = e->count;
    for (int round = 0;; round++) {
        e->count = at;
        e->html = start;
        struct op *op = add_op(e, n->kind == NODE_SECTION ? OP_SECTION : OP_INVERTED);
        op->path = n->path;
        if (!add_nodes(e, n->children) || !settle(e, n))
            return false;
        flush(e);
        e->url_mark = -1;
        e->ops[at].end = (u32)e->count;
        if (!html_join(&start, &e->html, &join) || round > 4)
            return complain(e, n->line, "the section {{%.*s}} begins in %s and ends in %s",
                            (int)n->text.len, n->text.p, html_where(&start), html_where(&e->html));
        if (memcmp(&join, &start, sizeof join) == 0 || join.place == PLACE_AFTER_VALUE)
            break;
        start = join;
    }
    e->html = join;
    return true;
}

/* The next of sections that ask for parts of the same map as `first`, or NULL. */
static const struct node *next_case(const struct node *first, const struct node *n)
{
    n = n->next;
    if (n != NULL && n->kind == NODE_TEXT && str_trim(n->text).len == 0)
        n = n->next;
    if (n == NULL || n->kind != NODE_SECTION || n->path->count != first->path->count)
        return NULL;
    for (u32 i = 0; i + 1 < n->path->count; i++)
        if (n->path->words[i] != first->path->words[i])
            return NULL;
    return n;
}

/* How many sections from `n` on make a choice; 0 when it is not worth one. Only where white space
 * shrinks: skipped sections leave none. */
static u32 choice_size(const struct emit *e, const struct node *n)
{
    const struct node *last = n;
    u32 count = 1;

    if (!is_html(e) || e->html.place != PLACE_TEXT || e->html.flags & FLAG_PRE ||
        n->path->count < 2)
        return 0;
    while ((last = next_case(n, last)) != NULL)
        count++;
    return count < CHOICE_MIN ? 0 : count;
}

/* Adds the sections of a choice, `*n` being the first and then the last of them. */
static bool add_choice(struct emit *e, const struct node **n, u32 count)
{
    struct arena *a = e->co->set->arena;
    struct choice *ch = arena_alloc(a, 1, sizeof *ch + count * sizeof ch->cases[0]);
    const struct path *whole = (*n)->path;
    struct path *path = arena_alloc(a, 1, sizeof *path + whole->count * sizeof path->words[0]);

    path->count = whole->count - 1;
    memcpy(path->words, whole->words, path->count * sizeof path->words[0]);
    ch->path = path;
    flush(e);
    size_t at = e->count;
    add_op(e, OP_CHOICE)->choice = ch;
    for (;;) {
        struct choice_case *c = &ch->cases[ch->count++];
        size_t before = e->count;
        c->word = (*n)->path->words[path->count]->text;
        flush(e);
        if (e->count > before)
            c->space = (u32)before;
        c->at = (u32)e->count;
        if (!add_section(e, *n))
            return false;
        if (ch->count == count)
            break;
        *n = (*n)->next;
        if ((*n)->kind == NODE_TEXT) {
            if (!add_text(e, *n))
                return false;
            *n = (*n)->next;
        }
    }
    e->ops[at].end = (u32)e->count;
    return true;
}

static struct source *callee(struct emit *e, const struct node *n)
{
    struct source *src = set_find(e->co->set, n->text.p, n->text.len);

    if (src == NULL)
        complain(e, n->line, "there is no template '%.*s'", (int)n->text.len, n->text.p);
    else if (src->mode != e->src->mode) {
        complain(e, n->line, "'%s' is of another kind (%s)", src->name, src->file);
        return NULL;
    }
    return src;
}

/* What is printed up to the matching add_indent(e, OP_POP, ...) is indented by this much more. */
static void add_indent(struct emit *e, enum op_kind kind, struct str indent)
{
    if (indent.len == 0)
        return;
    flush(e);
    struct op *op = add_op(e, kind);
    op->text = arena_dup(e->co->set->arena, indent.p, indent.len);
    op->len = (u32)indent.len;
}

static bool add_call(struct emit *e, const struct node *n)
{
    struct source *src = callee(e, n);
    const struct env *env = e->env;

    if (src == NULL || !settle(e, n))
        return false;
    if (n->kind == NODE_PARENT)
        env = env_with(e, n->children);
    if (!src->has_blocks)
        env = NULL;
    struct program *p = program_of(e, n->line, src, &e->html, env);
    if (p == NULL)
        return false;
    add_indent(e, OP_PUSH, n->indent);
    flush(e);
    struct op *op = add_op(e, OP_CALL);
    op->call = p;
    op->shrink = !n->alone;
    add_indent(e, OP_POP, n->indent);
    e->html = p->end;
    return true;
}

/* The text given for a block, in the block's place and aligned with it. */
static bool add_given(struct emit *e, const struct node *n, const struct given *g)
{
    const struct source *src = e->src;
    const struct env *env = e->env;
    const struct node *children = g->block->children;
    bool begins = children != NULL && children->kind == NODE_TEXT && children->line_start;
    struct node first;

    add_indent(e, OP_PUSH, n->indent);
    if (n->line_start && !begins) {
        flush(e);
        add_op(e, OP_INDENT);
    } else if (begins && !n->line_start) { /* its first line goes on in ours */
        first = *children;
        first.line_start = false;
        children = &first;
    }
    e->src = g->source;
    e->env = g->env;
    bool ok = add_nodes(e, children);
    e->src = src;
    e->env = env;
    add_indent(e, OP_POP, n->indent);
    return ok;
}

static bool add_block(struct emit *e, const struct node *n)
{
    const struct given *g = env_find(e->env, n->text);
    bool ok;

    if (++e->depth > TEMPLATE_NEST_MAX)
        return complain(e, n->line, "blocks within blocks without end at {{$%.*s}}",
                        (int)n->text.len, n->text.p);
    if (g != NULL) {
        ok = add_given(e, n, g);
    } else {
        if (n->line_start && !n->alone) {
            flush(e);
            add_op(e, OP_INDENT);
            buf_str(&e->text, n->indent);
        }
        ok = add_nodes(e, n->children);
    }
    e->depth--;
    return ok;
}

static bool add_nodes(struct emit *e, const struct node *n)
{
    bool ok = true;
    u32 choice;

    for (; n != NULL && ok; n = n->next) {
        if (e->co->work++ > TEMPLATE_WORK_MAX)
            return complain(e, n->line, "the templates grow past all measure when put together");
        switch (n->kind) {
        case NODE_TEXT:
            ok = add_text(e, n);
            break;
        case NODE_VALUE:
            ok = add_value(e, n);
            break;
        case NODE_SECTION:
            choice = choice_size(e, n);
            ok = choice > 0 ? add_choice(e, &n, choice) : add_section(e, n);
            break;
        case NODE_INVERTED:
            ok = add_section(e, n);
            break;
        case NODE_PARTIAL:
        case NODE_PARENT:
            ok = add_call(e, n);
            break;
        case NODE_BLOCK:
            ok = add_block(e, n);
            break;
        }
    }
    return ok;
}

/* --- programs --- */

static bool compile(struct compiler *co, struct program *p)
{
    struct emit e = { .co = co,
                      .src = p->source,
                      .env = p->env,
                      .html = p->start,
                      .text = buf_in(co->set->scratch, LIMIT_PAGE_BYTES),
                      .url_mark = -1 };
    const char *why = NULL;

    if (p->source->broken || !add_nodes(&e, p->source->nodes))
        return false;
    int line = p->source->first_line;
    for (size_t i = 0; i < p->source->text.len; i++)
        line += p->source->text.p[i] == '\n';
    if (is_html(&e) && !html_settle(&e.html, &why))
        return complain(&e, line, "the template ends %s", why);
    flush(&e);
    if (e.text.failed)
        return complain(&e, line, "more literal text than a page may have");
    p->end = e.html;
    if (p->recursive && memcmp(&p->start, &p->end, sizeof p->end) != 0)
        return complain(&e, p->source->first_line, "includes itself, begins in %s and ends in %s",
                        html_where(&p->start), html_where(&p->end));
    struct op *ops = NEW_N(co->set->arena, struct op, e.count + 1);
    if (e.count > 0)
        memcpy(ops, e.ops, e.count * sizeof *ops);
    p->ops = ops;
    p->count = (u32)e.count;
    return true;
}

static struct program *program_new(struct compiler *co, struct source *src,
                                   const struct html *start, const struct env *env)
{
    struct program *p = NEW(co->set->arena, struct program);

    p->source = src;
    p->start = p->end = *start;
    p->env = env;
    p->next = src->programs;
    src->programs = p;
    p->busy = true;
    co->depth++;
    p->broken = !compile(co, p);
    co->depth--;
    p->busy = false;
    return p;
}

/* The program of a template used at this place. NULL: it has none, and that has been said. */
static struct program *program_of(struct emit *from, int line, struct source *src,
                                  const struct html *start, const struct env *env)
{
    struct compiler *co = from->co;
    struct program *p = src->programs;

    while (p != NULL && (p->env != env || memcmp(&p->start, start, sizeof *start) != 0))
        p = p->next;
    if (p == NULL) {
        if (co->depth >= TEMPLATE_NEST_MAX) {
            complain(from, line, "more than %d templates within one another", TEMPLATE_NEST_MAX);
            return NULL;
        }
        int before = co->error_count;
        p = program_new(co, src, start, env);
        if (p->broken && co->error_count > before && !src->broken)
            complain(from, line, "... '%s' as used here", src->name);
    }
    if (p->busy)
        p->recursive = true;
    return p->broken ? NULL : p;
}

static bool nodes_have_blocks(const struct set *set, const struct node *n, bool in_parent)
{
    for (; n != NULL; n = n->next) {
        if (n->kind == NODE_BLOCK && !in_parent)
            return true;
        if (n->kind == NODE_PARTIAL || n->kind == NODE_PARENT) {
            const struct source *src = set_find(set, n->text.p, n->text.len);
            if (src != NULL && src->has_blocks)
                return true;
        }
        if (nodes_have_blocks(set, n->children, n->kind == NODE_PARENT))
            return true;
    }
    return false;
}

void template_compile_set(struct set *set, struct buf *errors)
{
    static const struct html begin;
    struct compiler co = { .set = set, .errors = errors };

    for (bool more = true; more;) {
        more = false;
        for (size_t i = 0; i < set->count; i++) {
            struct source *src = set->sources[i];
            if (!src->has_blocks && nodes_have_blocks(set, src->nodes, false))
                src->has_blocks = more = true;
        }
    }
    for (size_t i = 0; i < set->count; i++) {
        struct source *src = set->sources[i];
        struct program *p = src->programs;
        while (p != NULL && (p->env != NULL || memcmp(&p->start, &begin, sizeof begin) != 0))
            p = p->next;
        if (p == NULL && !src->broken)
            p = program_new(&co, src, &begin, NULL);
        if (p == NULL || p->broken)
            continue;
        src->page = p;
        if (p->end.place != PLACE_TEXT || p->end.flags != 0) {
            struct emit e = { .co = &co, .src = src };
            complain(&e, src->first_line, "'%s' ends in %s", src->name, html_where(&p->end));
        }
    }
    if (co.error_count > ERRORS_MAX)
        buf_printf(errors, "... and %d more\n", co.error_count - ERRORS_MAX);
}
