/* filter_match.c -- a filter asked of one row in memory: the same answer as the SQL gives. */
#include "kit/filter_int.h"
#include "kit/kit.h"

/* A related record as it was when this filter first met it; row NULL: not there, or not for this
 * user. */
struct filter_seen {
    const struct record_type *type;
    const struct access *who;
    i64 id;
    struct row *row;
    struct filter_seen *next;
};

static enum status related(struct ctx *cx, const struct filter *f, const struct record_type *t,
                           i64 id, struct row **out)
{
    struct filter_seen *s;

    for (s = *f->seen; s; s = s->next) {
        if (s->id == id && s->type == t && s->who == cx->access) {
            *out = s->row;
            return OK;
        }
    }
    TRY(rows_by_id(cx, t, &id, 1, out));
    if (f->arena != cx->arena)
        return OK; /* the row would not outlive this call's arena */
    s = NEW(f->arena, struct filter_seen);
    *s = (struct filter_seen){ t, cx->access, id, *out, *f->seen };
    *f->seen = s;
    return OK;
}

static struct filter_found look(struct ctx *cx, const struct row *r, const struct filter_column *c)
{
    struct filter_found out = { .text = "" };
    const struct value *v;

    if (c->system) {
        out.i = row_system(r, c->system);
        out.set = c->f->kind == FIELD_TIME || out.i != 0;
        return out;
    }
    v = &r->values[c->field];
    switch (field_storage(c->f)) {
    case STORED_TEXT:
    case STORED_FOLDED:
        out.text = v->set ? field_fold(cx->arena, c->f, v->text) : "";
        out.set = out.text[0] != '\0';
        return out;
    case STORED_BOOL:
        return (struct filter_found){ .set = true, .i = v->set && v->i != 0, .text = "" };
    case STORED_MONEY:
        return (struct filter_found){ .set = v->set, .i = v->base_minor, .text = "" };
    default:
        return (struct filter_found){ .set = v->set, .i = v->i, .text = "" };
    }
}

static bool ordered(enum filter_op op, int sign)
{
    switch (op) {
    case OP_NE:
        return sign != 0;
    case OP_LT:
        return sign < 0;
    case OP_LE:
        return sign <= 0;
    case OP_GT:
        return sign > 0;
    case OP_GE:
        return sign >= 0;
    default:
        return sign == 0;
    }
}

static bool text_matches(enum filter_op op, const char *text, const char *value)
{
    switch (op) {
    case OP_CONTAINS:
    case OP_HAS:
        return strstr(text, value) != NULL;
    case OP_STARTS:
        return strncmp(text, value, strlen(value)) == 0;
    default:
        return ordered(op, strcmp(text, value));
    }
}

static enum status value_matches(struct ctx *cx, const struct filter_node *n,
                                 const struct filter_found *at, const struct filter_value *v,
                                 bool *out)
{
    const struct field *f = n->path.last.f;
    i64 team;

    if (v->compare) {
        *out = text_matches(n->op, at->text, v->compare);
    } else if (filter_kind_is_time(f)) {
        *out = ordered(n->op, at->i < v->low ? -1 : at->i >= v->high);
    } else if (v->how == HOW_MY_TEAM && text_is(f->ref, "user")) {
        TRY(user_team(cx, at->i, &team));
        *out = (v->low != 0 && team == v->low) == (n->op != OP_NE);
    } else {
        *out = ordered(n->op, (at->i > v->low) - (at->i < v->low));
    }
    return OK;
}

enum status filter_found_matches(struct ctx *cx, const struct filter_node *n,
                                 const struct filter_found *at, bool *out)
{
    switch (n->op) {
    case OP_EMPTY:
    case OP_NOT_EMPTY:
        *out = at->set;
        return OK;
    case OP_TRUE:
    case OP_NOT_TRUE:
        *out = at->i != 0;
        return OK;
    case OP_FALSE:
    case OP_NOT_FALSE:
        *out = at->i == 0;
        return OK;
    default:
        break;
    }
    *out = false;
    for (size_t i = 0; at->set && i < n->value_count && !*out; i++)
        TRY(value_matches(cx, n, at, &n->values[i], out));
    return OK;
}

bool filter_is_negative(enum filter_op op, enum filter_op *positive)
{
    switch (op) {
    case OP_EMPTY:
        *positive = OP_NOT_EMPTY;
        return true;
    case OP_NOT_TRUE:
        *positive = OP_TRUE;
        return true;
    case OP_NOT_FALSE:
        *positive = OP_FALSE;
        return true;
    default:
        *positive = op;
        return false;
    }
}

/* The test as it is asked of the record at the end of the path: its positive form. */
static enum status end_matches(struct ctx *cx, const struct filter_node *n, const struct row *r,
                               bool *out)
{
    enum filter_op op;
    struct filter_found at;

    if (n->path.call || n->path.set) {
        (void)filter_is_negative(n->op, &op);
        return filter_call_match(cx, n, op, row_id(r), out);
    }
    at = look(cx, r, &n->path.last);
    return filter_found_matches(cx, n, &at, out);
}

static enum status test_matches(struct ctx *cx, const struct filter *f, const struct filter_node *n,
                                const struct row *r, bool *out)
{
    struct row *next;

    *out = false;
    for (int i = 0; i < n->path.hop_count; i++) {
        struct filter_found at = look(cx, r, &n->path.hops[i]);
        if (!at.set)
            return OK;
        TRY(related(cx, f, type_find(cx, n->path.hops[i].f->ref), at.i, &next));
        if (next == NULL)
            return OK;
        r = next;
    }
    return end_matches(cx, n, r, out);
}

static enum status node_matches(struct ctx *cx, const struct filter *f, const struct filter_node *n,
                                const struct row *r, bool *out)
{
    enum filter_op op;

    switch (n->kind) {
    case FILTER_TEST:
        TRY(test_matches(cx, f, n, r, out));
        if (filter_is_negative(n->op, &op))
            *out = !*out;
        return OK;
    case FILTER_NOT:
        TRY(node_matches(cx, f, n->children[0], r, out));
        *out = !*out;
        return OK;
    default:
        break;
    }
    *out = n->kind == FILTER_AND;
    for (size_t i = 0; i < n->count && *out == (n->kind == FILTER_AND); i++)
        TRY(node_matches(cx, f, n->children[i], r, out));
    return OK;
}

enum status filter_match(struct ctx *cx, const struct filter *f, const struct row *r, bool *out)
{
    assert(row_type(r) == f->type);
    *out = true;
    return f->root ? node_matches(cx, f, f->root, r, out) : OK;
}
