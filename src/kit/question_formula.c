/* question_formula.c -- metrics that are worked out of others. A formula is read into the metrics
 * that must be asked for and the steps that put their numbers together; metrics in it that are
 * worked out themselves are read in their place, so that sales velocity may speak of the win
 * rate. */
#include "kit/question_int.h"
#include <math.h>
#include <stdlib.h>

struct reader {
    struct ctx *cx;
    const struct metric *metric; /* whose formula it is */
    const char *at;
    struct formula *out;
    int depth;
};

static enum status read_sum(struct reader *r);

static enum status refuse(struct reader *r, const char *why)
{
    return ctx_fail_code(r->cx, E_INVALID, "metric.formula", "%s: %s at '%s' of its formula.",
                         r->metric->label, why, r->at);
}

bool metric_is_derived(const struct metric *m)
{
    return m->source == METRIC_DIVIDED || m->source == METRIC_FORMULA;
}

static const char *formula_text(struct ctx *cx, const struct metric *m)
{
    if (m->source == METRIC_DIVIDED)
        return arena_printf(cx->arena, "%s / %s", m->numerator ? m->numerator : "",
                            m->denominator ? m->denominator : "");
    return m->formula ? m->formula : "";
}

/* ---- reading ---- */
static void skip_blanks(struct reader *r)
{
    while (*r->at == ' ')
        r->at++;
}

static bool take(struct reader *r, char c)
{
    skip_blanks(r);
    if (*r->at != c)
        return false;
    r->at++;
    return true;
}

static enum status add_step(struct reader *r, struct formula_step step)
{
    if (r->out->step_count == FORMULA_STEPS)
        return refuse(r, "too many steps");
    r->out->steps[r->out->step_count++] = step;
    return OK;
}

static size_t name_length(const char *at)
{
    size_t len = 0;

    while ((at[len] >= 'a' && at[len] <= 'z') || at[len] == '_' ||
           (len > 0 && at[len] >= '0' && at[len] <= '9'))
        len++;
    return len;
}

static enum status add_part(struct reader *r, const struct metric *m)
{
    struct formula *f = r->out;
    int i = 0;

    while (i < f->part_count && f->parts[i] != m)
        i++;
    if (i == FORMULA_PARTS)
        return refuse(r, "too many metrics");
    f->parts[i] = m;
    if (i == f->part_count)
        f->part_count++;
    return add_step(r, (struct formula_step){ .what = STEP_PART, .part = i });
}

/* A metric that is worked out itself stands for its own formula. */
static enum status read_metric(struct reader *r, const struct metric *m)
{
    struct reader inner = *r;

    if (!metric_is_derived(m))
        return add_part(r, m);
    if (r->depth == FORMULA_DEPTH)
        return refuse(r, "metrics go round in a circle");
    inner.metric = m;
    inner.at = formula_text(r->cx, m);
    inner.depth++;
    TRY(read_sum(&inner));
    return *inner.at ? refuse(&inner, "something is left over") : OK;
}

static enum status read_name(struct reader *r, size_t len)
{
    const char *name = arena_dup(r->cx->arena, r->at, len);
    const struct metric *m = metric_find(r->cx, name);

    if (text_is(name, "abs") && r->at[len] == '(') {
        r->at += len + 1;
        TRY(read_sum(r));
        if (!take(r, ')'))
            return refuse(r, "a ')' is missing");
        return add_step(r, (struct formula_step){ .what = STEP_ABS });
    }
    if (m == NULL)
        return refuse(r, "there is no such metric");
    TRY(read_metric(r, m));
    r->at += len;
    return OK;
}

static enum status read_factor(struct reader *r)
{
    size_t len;
    char *end;

    if (take(r, '(')) {
        TRY(read_sum(r));
        return take(r, ')') ? OK : refuse(r, "a ')' is missing");
    }
    len = name_length(r->at);
    if (len > 0)
        return read_name(r, len);
    if (*r->at < '0' || *r->at > '9')
        return refuse(r, "a metric or a number is missing");
    double number = strtod(r->at, &end);
    r->at = end;
    return add_step(r, (struct formula_step){ .what = STEP_NUMBER, .number = number });
}

static enum status read_product(struct reader *r)
{
    TRY(read_factor(r));
    for (;;) {
        bool times = take(r, '*');
        if (!times && !take(r, '/'))
            return OK;
        TRY(read_factor(r));
        TRY(add_step(r, (struct formula_step){ .what = times ? STEP_TIMES : STEP_DIVIDE }));
    }
}

static enum status read_sum(struct reader *r)
{
    TRY(read_product(r));
    for (;;) {
        bool plus = take(r, '+');
        if (!plus && !take(r, '-'))
            return OK;
        TRY(read_product(r));
        TRY(add_step(r, (struct formula_step){ .what = plus ? STEP_PLUS : STEP_MINUS }));
    }
}

enum status formula_of(struct ctx *cx, const struct metric *m, struct formula *out)
{
    struct reader r = { .cx = cx, .metric = m, .at = "", .out = out };

    *out = (struct formula){ 0 };
    return read_metric(&r, m);
}

/* ---- working out ---- */
static bool apply(enum formula_what what, double *a, double b)
{
    switch (what) {
    case STEP_PLUS:
        *a += b;
        return true;
    case STEP_MINUS:
        *a -= b;
        return true;
    case STEP_TIMES:
        *a *= b;
        return true;
    default:
        if (b == 0)
            return false;
        *a /= b;
        return true;
    }
}

bool formula_value(const struct formula *f, const struct cell *parts, double *value)
{
    double stack[FORMULA_STEPS + 1];
    int top = 0;

    for (int i = 0; i < f->step_count; i++) {
        const struct formula_step *s = &f->steps[i];
        if (s->what == STEP_PART && !parts[s->part].defined)
            return false;
        if (s->what == STEP_PART || s->what == STEP_NUMBER) {
            stack[top++] = s->what == STEP_PART ? parts[s->part].value : s->number;
        } else if (s->what == STEP_ABS) {
            stack[top - 1] = fabs(stack[top - 1]);
        } else {
            top--;
            if (!apply(s->what, &stack[top - 1], stack[top]))
                return false;
        }
    }
    assert(top == 1);
    *value = stack[0];
    return true;
}

/* ---- in words ---- */
const char *metric_formula(struct ctx *cx, const struct metric *m)
{
    struct buf b = buf_in(cx->arena, 4000);
    const char *at = metric_is_derived(m) ? formula_text(cx, m) : "";

    while (*at) {
        size_t len = name_length(at);
        const struct metric *part = len ? metric_find(cx, arena_dup(cx->arena, at, len)) : NULL;
        if (part)
            buf_text(&b, part->label);
        else if (len)
            buf_add(&b, at, len);
        else
            buf_text(&b, *at == '*' ? "×" : *at == '-' ? "−" : arena_dup(cx->arena, at, 1));
        at += len ? len : 1;
    }
    return buf_end(&b);
}
