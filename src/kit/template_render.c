/* template_render.c -- runs a program over a value tree. Nothing in a program changes while it
 * runs, so any number of threads may; what one rendering needs to remember is in struct render. */
#include "kit/template_int.h"
#include <string.h>

enum { INDENT_MAX = 256 };

/* One value that names are looked up in; inner ones first. */
struct frame {
    const struct val *v;
    const struct frame *up;
    const struct frame *map;  /* the nearest that is a map, itself included; or NULL */
    const struct word *asked; /* the last name asked for from here, and what it is: siblings */
    const struct val *answer; /* such as is.text, is.date ask for the same one again */
};

struct render {
    struct ctx *cx;
    struct buf *out;
    size_t begin;     /* of the page in `out` */
    size_t url_start; /* of the address being printed */
    i64 steps;
    int depth;
    u32 indent_from, indent_len;
    enum status status;
    char indent[INDENT_MAX];
};

static void frame_push(struct frame *f, struct frame *up, const struct val *v)
{
    *f = (struct frame){ .v = v, .up = up };
    if (val_kind_of(v) == VAL_MAP) {
        f->map = f;
    } else if (up != NULL) {
        f->map = up->map;
        f->asked = up->asked;
        f->answer = up->answer;
    }
}

static const struct val *resolve(struct frame *f, const struct path *path)
{
    const struct val *v = NULL;

    if (path->count == 0)
        return f->v;
    const struct word *w = path->words[0];
    if (f->asked == w) {
        v = f->answer;
    } else {
        for (const struct frame *m = f->map; m != NULL && v == NULL;
             m = m->up == NULL ? NULL : m->up->map)
            v = val_get_str(m->v, w->text);
        f->asked = w;
        f->answer = v;
    }
    for (u32 i = 1; i < path->count && v != NULL; i++)
        v = val_get_str(v, path->words[i]->text);
    return v;
}

static bool stop(struct render *r, const struct program *p, const char *why)
{
    if (r->status == OK)
        r->status = ctx_fail(r->cx, E_LIMIT, "template '%s': %s", p->source->name, why);
    return false;
}

/* Once a round: cheap, and nothing large happens between two rounds. */
static bool may_go_on(struct render *r, const struct program *p)
{
    if (r->out->failed || r->out->len - r->begin > LIMIT_PAGE_BYTES)
        return stop(r, p, "the page grows past its limit; show less on it");
    if (++r->steps > TEMPLATE_STEPS_MAX)
        return stop(r, p, "sections repeat each other without end");
    return r->status == OK;
}

static void run(struct render *r, const struct program *p, u32 at, u32 end, struct frame *f);

static void run_section(struct render *r, const struct program *p, u32 at, struct frame *f)
{
    const struct op *op = &p->ops[at];
    const struct val *v = resolve(f, op->path);
    struct frame inner;

    if (val_kind_of(v) != VAL_LIST) {
        if (val_truthy(v) && may_go_on(r, p)) {
            frame_push(&inner, f, v);
            run(r, p, at + 1, op->end, &inner);
        }
        return;
    }
    for (size_t i = 0, n = val_count(v); i < n && may_go_on(r, p); i++) {
        frame_push(&inner, f, val_at(v, i));
        run(r, p, at + 1, op->end, &inner);
    }
}

static void mark_rendered(struct source *src)
{
    if (!atomic_load_explicit(&src->rendered, memory_order_relaxed))
        atomic_store_explicit(&src->rendered, true, memory_order_relaxed);
}

static void run_call(struct render *r, const struct program *from, const struct op *op,
                     struct frame *f)
{
    const struct program *p = op->call;
    u32 indent_from = r->indent_from;

    if (!may_go_on(r, from))
        return;
    if (r->depth >= TEMPLATE_DEPTH_MAX) {
        stop(r, from, "partials within partials without end");
        return;
    }
    r->depth++;
    mark_rendered(p->source);
    if (op->shrink)
        r->indent_from = r->indent_len;
    run(r, p, 0, p->count, f);
    r->indent_from = indent_from;
    r->depth--;
}

static void put_text(struct render *r, const struct op *op)
{
    const char *text = op->text;
    size_t len = op->len;
    struct buf *out = r->out;

    if (op->shrink && (out->len == r->begin || html_space(out->p[out->len - 1]))) {
        text++;
        len--;
    }
    buf_add(out, text, len);
    if (op->mark >= 0)
        r->url_start = out->len - (size_t)op->mark;
}

/* Those sections of a choice that can be true, with the white space between them; false when it
 * takes the sections themselves to tell. */
static bool run_choice(struct render *r, const struct program *p, const struct choice *ch,
                       struct frame *f)
{
    const struct val *v = resolve(f, ch->path);

    if (val_kind_of(v) != VAL_MAP || val_count(v) != 1)
        return false;
    const char *key = val_key_at(v, 0);
    size_t len = strlen(key);
    u32 space = 0; /* white space since the last section that was true: the first of a run stays */
    for (u32 i = 0; i < ch->count; i++) {
        const struct choice_case *c = &ch->cases[i];
        if (space == 0)
            space = c->space;
        if (c->word.len != len || memcmp(c->word.p, key, len) != 0)
            continue;
        if (space > 0)
            put_text(r, &p->ops[space]);
        run_section(r, p, c->at, f);
        space = 0;
    }
    if (space > 0)
        put_text(r, &p->ops[space]);
    return true;
}

static void run(struct render *r, const struct program *p, u32 at, u32 end, struct frame *f)
{
    while (at < end && r->status == OK) {
        const struct op *op = &p->ops[at];
        switch ((enum op_kind)op->kind) {
        case OP_TEXT:
            put_text(r, op);
            at++;
            break;
        case OP_VALUE:
            template_escape(r->cx, r->out, (enum escape)op->escape, resolve(f, op->path),
                            r->url_start);
            at++;
            break;
        case OP_SECTION:
            run_section(r, p, at, f);
            at = op->end;
            break;
        case OP_INVERTED:
            at = val_truthy(resolve(f, op->path)) ? op->end : at + 1;
            break;
        case OP_CHOICE:
            at = run_choice(r, p, op->choice, f) ? op->end : at + 1;
            break;
        case OP_CALL:
            run_call(r, p, op, f);
            at++;
            break;
        case OP_INDENT:
            buf_add(r->out, r->indent + r->indent_from, r->indent_len - r->indent_from);
            at++;
            break;
        case OP_PUSH:
            if (op->len > INDENT_MAX - r->indent_len) {
                stop(r, p, "lines are indented too far");
                return;
            }
            memcpy(r->indent + r->indent_len, op->text, op->len);
            r->indent_len += op->len;
            at++;
            break;
        case OP_POP:
            r->indent_len -= op->len;
            at++;
            break;
        }
    }
}

enum status template_execute(struct ctx *cx, const struct program *p, const struct val *page,
                             struct buf *out)
{
    struct render r = { .cx = cx, .out = out, .begin = out->len, .url_start = out->len };
    struct frame root;

    frame_push(&root, NULL, page);
    mark_rendered(p->source);
    run(&r, p, 0, p->count, &root);
    r.steps = 0;
    if (r.status == OK)
        (void)may_go_on(&r, p);
    return r.status;
}
