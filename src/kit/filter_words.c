/* filter_words.c -- a filter told to people, as chips and forms, and as text that reads back to
 * the same tree. */
#include "base/id.h"
#include "base/money.h"
#include "kit/filter_int.h"
#include "kit/kinds.h"
#include "kit/kit.h"
#include "kit/question_int.h"

/* ---- canonical text ---- */
const char *filter_quote(struct arena *a, const char *text)
{
    struct buf b = buf_in(a, 2 * strlen(text) + 3);

    buf_char(&b, '\'');
    for (; *text; text++) {
        if (*text == '\'')
            buf_char(&b, '\'');
        buf_char(&b, *text);
    }
    buf_char(&b, '\'');
    return buf_end(&b);
}

static const char *plain_text(struct ctx *cx, const struct field *f, const struct value *v)
{
    struct money m = { .minor = v->i };
    const char *currency = v->text;

    switch (f->kind) {
    case FIELD_INT:
    case FIELD_DECIMAL:
        return kind_of(f)->plain(cx, f, v);
    case FIELD_MONEY:
        currency = text_empty(v->text) ? base_currency(cx) : v->text;
        memcpy(m.currency, currency, strnlen(currency, 3));
        if (text_empty(v->text))
            return money_plain(cx->arena, m);
        return arena_printf(cx->arena, "'%s %s'", money_plain(cx->arena, m), v->text);
    case FIELD_REF:
        return arena_printf(cx->arena, "'%s'", id_text(cx->arena, v->i));
    default:
        return filter_quote(cx->arena, v->text);
    }
}

static const char *value_text(struct ctx *cx, const struct field *f, const struct filter_value *v)
{
    switch (v->how) {
    case HOW_DATE:
        return date_iso(cx->arena, v->plain.i);
    case HOW_INSTANT:
        return time_iso(cx->arena, v->plain.i);
    case HOW_ME:
        return "me";
    case HOW_MY_TEAM:
        return "my_team";
    case HOW_NOW:
        return "now";
    case HOW_PERIOD:
        return v->word;
    case HOW_RELATIVE:
        return arena_printf(cx->arena, "%c%lld%c", v->amount < 0 ? '-' : '+',
                            (long long)(v->amount < 0 ? -v->amount : v->amount), v->unit);
    default:
        return plain_text(cx, f, &v->plain);
    }
}

static void test_text(struct ctx *cx, const struct filter_node *n, struct buf *b)
{
    const struct field *f = n->path.last.f;

    if (n->path.call) {
        for (int i = 0; i < n->path.hop_count; i++)
            buf_printf(b, "%s.", n->path.hops[i].f->name);
        filter_call_text(cx, n->path.call, b);
    } else {
        buf_text(b, filter_path_text(cx->arena, &n->path));
    }
    buf_printf(b, " %s", filter_op_text(n->op));
    if (n->op == OP_IN) {
        for (size_t i = 0; i < n->value_count; i++)
            buf_printf(b, "%s%s", i ? ", " : " (", value_text(cx, f, &n->values[i]));
        buf_char(b, ')');
    } else if (n->value_count) {
        buf_printf(b, " %s", value_text(cx, f, &n->values[0]));
    }
}

/* Parentheses only where the tree would be another without them. */
static bool needs_parens(const struct filter_node *outer, const struct filter_node *inner)
{
    return (outer->kind == FILTER_AND && inner->kind == FILTER_OR) ||
           (outer->kind == FILTER_NOT && inner->kind != FILTER_TEST);
}

void filter_node_text(struct ctx *cx, const struct filter_node *n, struct buf *b)
{
    if (n->kind == FILTER_TEST) {
        test_text(cx, n, b);
        return;
    }
    if (n->kind == FILTER_NOT)
        buf_text(b, "not ");
    for (size_t i = 0; i < n->count; i++) {
        bool parens = needs_parens(n, n->children[i]);
        buf_text(b, i == 0 ? "" : n->kind == FILTER_AND ? " and " : " or ");
        buf_text(b, parens ? "(" : "");
        filter_node_text(cx, n->children[i], b);
        buf_text(b, parens ? ")" : "");
    }
}

const char *filter_text(struct ctx *cx, const struct filter *f)
{
    struct buf b = buf_in(cx->arena, 16 * FILTER_BYTES);

    if (f->root)
        filter_node_text(cx, f->root, &b);
    return buf_end(&b);
}

/* ---- words ---- */
const char *filter_path_words(struct ctx *cx, const struct filter_path *p)
{
    struct buf b = buf_in(cx->arena, 64 * 1024);

    for (int i = 0; i < p->hop_count; i++)
        buf_printf(&b, "%s › ", p->hops[i].f->label);
    buf_text(&b, p->call ? filter_call_words(cx, p->call) : p->last.f->label);
    return buf_end(&b);
}

const char *filter_op_words(const struct field *f, enum filter_op op)
{
    static const char *const numbers[] = { "is",         "is not",  "is under",
                                           "is at most", "is over", "is at least" };
    static const char *const times[] = { "is",       "is not",   "is before",
                                         "is up to", "is after", "is from" };
    static const char *const texts[] = { "is",       "is not",      "comes before",
                                         "is up to", "comes after", "is from" };
    static const char *const others[OP_COUNT] = {
        [OP_CONTAINS] = "contains", [OP_STARTS] = "starts with",
        [OP_HAS] = "has",           [OP_IN] = "is",
        [OP_EMPTY] = "is empty",    [OP_NOT_EMPTY] = "is not empty",
        [OP_TRUE] = "is",           [OP_NOT_TRUE] = "is not",
        [OP_FALSE] = "is",          [OP_NOT_FALSE] = "is not",
    };

    if (op > OP_GE)
        return others[op];
    if (filter_kind_is_time(f))
        return times[op];
    return f->kind == FIELD_INT || f->kind == FIELD_DECIMAL || f->kind == FIELD_MONEY ? numbers[op]
                                                                                      : texts[op];
}

static const char *period_words(struct ctx *cx, const char *word)
{
    return text_lower_ascii(cx->arena, period_label(cx, word));
}

static const char *relative_words(struct ctx *cx, const struct filter_value *v)
{
    const char *unit = v->unit == 'h' ? "hour" : v->unit == 'd' ? "day" : "week";
    int n = (int)(v->amount < 0 ? -v->amount : v->amount);
    const char *s = n == 1 ? "" : "s";

    return v->amount < 0 ? arena_printf(cx->arena, "%d %s%s ago", n, unit, s)
                         : arena_printf(cx->arena, "%d %s%s from now", n, unit, s);
}

static const char *value_words(struct ctx *cx, const struct field *f, const struct filter_value *v)
{
    struct value shown = v->plain;

    switch (v->how) {
    case HOW_DATE:
        return zone_format(cx->arena, NULL, v->plain.i * MS_DAY, "d MMM y");
    case HOW_INSTANT:
        return zone_format(cx->arena, kit_zone(cx), v->plain.i, "d MMM y, HH:mm");
    case HOW_ME:
        return "me";
    case HOW_MY_TEAM:
        return "my team";
    case HOW_NOW:
        return "now";
    case HOW_PERIOD:
        return period_words(cx, v->word);
    case HOW_RELATIVE:
        return relative_words(cx, v);
    default:
        break;
    }
    if (f->kind == FIELD_MONEY && text_empty(shown.text))
        shown.text = base_currency(cx);
    if (f->kind == FIELD_REF)
        shown.text = NULL; /* its title is looked up */
    if (f->kind == FIELD_TAGS)
        return shown.text;
    return value_show(cx, f, &shown);
}

static const char *values_words(struct ctx *cx, const struct filter_node *n)
{
    struct buf b = buf_in(cx->arena, 64 * 1024);

    if (n->op == OP_TRUE || n->op == OP_NOT_TRUE)
        return "yes";
    if (n->op == OP_FALSE || n->op == OP_NOT_FALSE)
        return "no";
    for (size_t i = 0; i < n->value_count; i++)
        buf_printf(&b, "%s%s",
                   i == 0                   ? ""
                   : i + 1 < n->value_count ? ", "
                                            : " or ",
                   value_words(cx, n->path.last.f, &n->values[i]));
    return buf_end(&b);
}

void filter_node_words(struct ctx *cx, const struct filter_node *n, struct buf *b)
{
    const char *values;

    if (n->kind == FILTER_TEST) {
        values = values_words(cx, n);
        buf_printf(b, "%s %s%s%s", filter_path_words(cx, &n->path),
                   filter_op_words(n->path.last.f, n->op), values[0] ? " " : "", values);
        return;
    }
    if (n->kind == FILTER_NOT)
        buf_text(b, "not ");
    for (size_t i = 0; i < n->count; i++) {
        bool parens = needs_parens(n, n->children[i]) || n->kind == FILTER_NOT;
        buf_text(b, i == 0 ? "" : n->kind == FILTER_AND ? " and " : " or ");
        buf_text(b, parens ? "(" : "");
        filter_node_words(cx, n->children[i], b);
        buf_text(b, parens ? ")" : "");
    }
}

const char *filter_words(struct ctx *cx, const struct filter *f)
{
    struct buf b = buf_in(cx->arena, 256 * 1024);

    if (f->root)
        filter_node_words(cx, f->root, &b);
    return buf_end(&b);
}

struct val *filter_chips(struct ctx *cx, const struct filter *f)
{
    struct val *list = val_list(cx->arena);
    struct filter_node **parts = NULL;
    size_t count = filter_conjuncts(cx->arena, f, &parts);

    for (size_t i = 0; i < count; i++) {
        struct val *chip = val_add_map(list);
        bool test = parts[i]->kind == FILTER_TEST;
        struct filter_node *rest = NULL;
        struct filter one = *f;
        for (size_t j = 0; j < count; j++)
            if (j != i)
                rest = filter_node_and(cx->arena, rest, parts[j]);
        one.root = parts[i];
        val_put_text(chip, "words", filter_words(cx, &one));
        val_put_text(chip, "text", filter_text(cx, &one));
        val_put_text(chip, "label", test ? filter_path_words(cx, &parts[i]->path) : "");
        val_put_text(chip, "op_text",
                     test ? filter_op_words(parts[i]->path.last.f, parts[i]->op) : "");
        val_put_text(chip, "value_text",
                     test ? values_words(cx, parts[i]) : filter_words(cx, &one));
        one.root = rest;
        val_put_text(chip, "without", filter_text(cx, &one));
    }
    return list;
}

static bool mentions(const struct filter_node *n, int field)
{
    const struct filter_column *c = n->path.hop_count ? &n->path.hops[0] : &n->path.last;

    if (n->kind == FILTER_TEST)
        return c->field == field && !c->system && c->field >= 0;
    for (size_t i = 0; i < n->count; i++)
        if (mentions(n->children[i], field))
            return true;
    return false;
}

bool filter_mentions(const struct filter *f, int field)
{
    return f->root && mentions(f->root, field);
}
