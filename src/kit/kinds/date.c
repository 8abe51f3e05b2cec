/* date.c -- a day, without time or zone: a birthday, an expected close. Days since 1970. */
#include "kit/kinds.h"
#include "kit/show.h"

enum { YEAR_MIN = 1800, YEAR_MAX = 2500 };

/* "23.11.2026", which only means one day wherever it is written. */
static bool parse_points(const char *text, i64 *day)
{
    struct str rest = str_from(text), part;
    i64 n[3];
    int year, month, dom;

    for (int i = 0; i < 3; i++)
        if (!str_split(&rest, '.', &part) || !str_i64(part, &n[i]) || n[i] < 1)
            return false;
    if (rest.len > 0 || n[0] > 31 || n[1] > 12 || n[2] < YEAR_MIN || n[2] > YEAR_MAX)
        return false;
    *day = date_from_ymd((int)n[2], (int)n[1], (int)n[0]);
    date_to_ymd(*day, &year, &month, &dom);
    return dom == n[0] && month == n[1];
}

static enum status parse(struct ctx *cx, const struct field *f, const char *text, struct value *v)
{
    *v = (struct value){ .text = "", .set = true };
    if (!date_parse(str_from(text), &v->i) && !parse_points(text, &v->i))
        return kind_bad(cx, f, "date.invalid",
                        "%s: \"%s\" is not a day of the calendar; write it like 2026-11-23",
                        f->label, text);
    return OK;
}

static enum status check(struct ctx *cx, const struct field *f, struct value *v)
{
    if (v->i < date_from_ymd(YEAR_MIN, 1, 1) || v->i > date_from_ymd(YEAR_MAX, 12, 31))
        return kind_bad(cx, f, "date.range", "%s must lie between the years %d and %d", f->label,
                        YEAR_MIN, YEAR_MAX);
    return kind_check_range(cx, f, v);
}

static const char *plain(struct ctx *cx, const struct field *f, const struct value *v)
{
    (void)f;
    return date_iso(cx->arena, v->i);
}

static const char *show(struct ctx *cx, const struct field *f, const struct value *v)
{
    (void)f;
    return show_date(cx, v->i);
}

static const char *cell(struct ctx *cx, const struct field *f, const struct value *v,
                        struct val *into)
{
    (void)f;
    val_put_text(into, "iso", date_iso(cx->arena, v->i));
    val_put_text(into, "full", show_date_full(cx, v->i));
    return "date";
}

const struct kind kind_date = {
    .word = "date",
    .storage = STORED_I64,
    .parse = parse,
    .check = check,
    .plain = plain,
    .show = show,
    .cell = cell,
};
