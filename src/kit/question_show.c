/* question_show.c -- answers for people. */
#include "kit/question_show.h"
#include "kit/kit.h"
#include "kit/question_int.h"
#include <math.h>

enum { SPARK_DAYS = 62, SPARK_WEEKS_DAYS = 400 };

/* ---- periods ---- */
static const struct {
    const char *name, *text;
} offered[] = {
    { "last_7_days", "7 days" },   { "last_30_days", "30 days" },     { "last_90_days", "90 days" },
    { "this_quarter", "Quarter" }, { "last_12_months", "12 months" },
};

enum status show_period_read(struct req *rq, const char **name, struct question *q)
{
    const char *asked = req_query(rq, "period");

    *name = text_empty(asked) ? "last_30_days" : asked;
    TRY(period_read(rq->cx, *name, &q->from_ms, &q->to_ms));
    period_before(rq->cx, *name, COMPARE_PREVIOUS, q);
    return OK;
}

void show_period_put(struct ctx *cx, const char *name, const char *path, struct val *page)
{
    struct val *period = val_put_map(page, "period"), *options = val_put_list(period, "options");
    char mark = strchr(path, '?') ? '&' : '?';

    val_put_text(period, "name", name);
    val_put_text(period, "text", period_label(cx, name));
    val_put_text(period, "against", "compared with the same time before");
    for (size_t i = 0; i < countof(offered); i++) {
        struct val *one = val_add_map(options);
        val_put_text(one, "text", offered[i].text);
        val_put_printf(one, "url", "%s%cperiod=%s", path, mark, offered[i].name);
        val_put_bool(one, "on", text_is(offered[i].name, name));
    }
}

const char *show_period_unit(const struct question *q)
{
    i64 days = (q->to_ms - q->from_ms) / MS_DAY;

    return days <= 1                  ? "hour"
           : days <= SPARK_DAYS       ? "day"
           : days <= SPARK_WEEKS_DAYS ? "week"
                                      : "month";
}

/* ---- numbers ---- */
/* "12% more", of a share "3 points less". */
static const char *change_words(struct ctx *cx, const struct val *answer, double change)
{
    bool share = text_is(val_get_text(answer, "unit"), "ratio");
    double points =
        val_as_double(val_get(answer, "value"), 0) - val_as_double(val_get(answer, "before"), 0);
    double size = fabs(share ? points : change) * 100;
    const char *direction = change < 0 ? "less than before" : "more than before";

    if (size < 0.05)
        return "same as before";
    if (share)
        return arena_printf(cx->arena, "%.*f %s %s", size < 10 ? 1 : 0, size,
                            size >= 0.95 && size < 1.05 ? "point" : "points", direction);
    if (size >= 1000)
        return arena_printf(cx->arena, "%.0f times as much as before", 1 + size / 100);
    return arena_printf(cx->arena, "%.0f%% %s", size < 1 ? 1 : size, direction);
}

struct val *show_change(struct ctx *cx, const struct val *answer)
{
    const struct val *change = val_get(answer, "change");
    double part = val_as_double(change, 0);
    struct val *v = val_map(cx->arena);
    const char *words;

    if (val_is_null(change))
        return NULL;
    words = change_words(cx, answer, part);
    bool flat = text_is(words, "same as before");
    val_put_text(v, "text", words);
    val_put_text(v, "url", val_get_text(answer, "before_rows_path"));
    val_put_text(v, "sign", flat ? "flat" : part > 0 ? "up" : "down");
    val_put_bool(v, "good", flat || (part > 0) != val_get_bool(answer, "less_is_better"));
    return v;
}

void show_value_put(struct ctx *cx, const struct val *answer, struct val *into)
{
    static const char *const units[] = { "days", "hours" };
    const char *text = val_get_text(answer, "text"), *unit = "";

    for (size_t i = 0; i < countof(units); i++)
        if (text_is(val_get_text(answer, "unit"), units[i]))
            unit = units[i];
    if (unit[0] && strchr(text, ' '))
        text = arena_dup(cx->arena, text, strcspn(text, " "));
    val_put_text(into, "value", text[0] ? text : "–");
    val_put_text(into, "unit", text[0] ? unit : "");
}

double show_most(const struct val *groups)
{
    double most = 0;

    for (size_t i = 0; i < val_count(groups); i++)
        most = fmax(most, val_as_double(val_get(val_at(groups, i), "value"), 0));
    return most;
}

i64 show_percent(const struct val *value, double most)
{
    double v = val_as_double(value, 0);

    return most > 0 && v > 0 ? (i64)lround(v / most * 100) : 0;
}

bool show_is_future(struct ctx *cx, const struct val *group)
{
    i64 at;

    return bucket_begins(cx, val_get_text(group, "key"), &at) && at > ctx_now(cx);
}

/* A line in a box 100 wide and 24 high, from zero up, over what is known; "" when there is nothing
 * to draw. */
static const char *spark(struct ctx *cx, const struct val *groups)
{
    struct buf b = buf_in(cx->arena, 32 * 1024);
    double most = show_most(groups);
    size_t n = val_count(groups);

    while (n > 0 && show_is_future(cx, val_at(groups, n - 1)))
        n--;
    for (size_t i = 0; i < n && n > 1; i++) {
        const struct val *value = val_get(val_at(groups, i), "value");
        double v = val_as_double(value, 0);
        if (val_is_null(value))
            continue;
        buf_printf(&b, "%s%.1f,%.1f", b.len ? " " : "", (double)i * 100 / (double)(n - 1),
                   most > 0 ? 23 - 22 * fmax(v, 0) / most : 23.0);
    }
    return buf_end(&b);
}

void show_tile(struct ctx *cx, const struct val *answer, struct val *list)
{
    struct val *tile = val_add_map(list), *change = show_change(cx, answer);
    const char *url =
        arena_printf(cx->arena, "/insight/metrics/%s", val_get_text(answer, "metric"));
    const char *rows = val_get_text(answer, "rows_path");

    val_put_text(tile, "name", val_get_text(answer, "metric"));
    val_put_text(tile, "text", val_get_text(answer, "label"));
    val_put_text(tile, "url", url);
    val_put_text(tile, "rows_url", rows[0] ? rows : url);
    show_value_put(cx, answer, tile);
    val_put(tile, "change", change ? change : val_null(cx->arena));
    val_put_text(tile, "points", spark(cx, val_get(answer, "groups")));
    val_put_text(tile, "definition", val_get_text(answer, "definition"));
}

/* ---- charts ---- */
/* "€", or the code where a currency has no sign. */
static const char *currency_sign(struct ctx *cx)
{
    struct money zero = { 0 };
    struct buf b = buf_in(cx->arena, 64);

    memcpy(zero.currency, base_currency(cx), 3);
    for (const char *p = money_show(cx->arena, zero); *p; p++)
        if (!strchr("0123456789., ", *p))
            buf_char(&b, *p);
    return buf_end(&b);
}

const char *show_axis_unit(struct ctx *cx, const struct metric *m, double *size)
{
    *size = 1;
    switch (m->unit) {
    case UNIT_RATIO:
        *size = 0.01;
        return "%";
    case UNIT_SECONDS:
        *size = 60;
        return "min";
    case UNIT_MILLISECONDS:
        *size = 1000;
        return "s";
    case UNIT_MONEY:
        for (int i = currency_digits(base_currency(cx)); i > 0; i--)
            *size *= 10;
        return currency_sign(cx);
    default:
        return "";
    }
}

static void put_point(struct ctx *cx, const struct metric *m, const struct val *value, double size,
                      struct val *values)
{
    struct val *one = val_add_map(values);

    val_put_text(one, "text",
                 val_is_null(value) ? "" : metric_show(cx, m, val_as_double(value, 0)));
    if (val_is_null(value))
        val_put_text(one, "number", ""); /* a gap */
    else
        val_put_double(one, "number", val_as_double(value, 0) / size);
}

static void put_series(struct val *columns, const char *text, const char *color)
{
    struct val *one = val_add_map(columns);

    val_put_text(one, "text", text);
    val_put_text(one, "color", color);
}

/* A line would not show a number whose neighbours are not known. */
static bool has_lone_point(const struct val *groups)
{
    size_t run = 0; /* of known ones, up to here */

    for (size_t i = 0; i <= val_count(groups); i++) {
        bool known = !val_is_null(val_get(val_at(groups, i), "value"));
        if (!known && run == 1)
            return true;
        run = known ? run + 1 : 0;
    }
    return false;
}

void show_chart_put(struct ctx *cx, const struct val *answer, struct val *page)
{
    const struct metric *m = metric_find(cx, val_get_text(answer, "metric"));
    const struct val *groups = val_get(answer, "groups");
    struct val *chart = val_put_map(page, "chart"), *columns = val_put_list(chart, "columns");
    struct val *rows = val_put_list(chart, "rows");
    bool compared = val_get_bool(answer, "compared"), bars = has_lone_point(groups);
    double size;

    val_put_text(chart, "kind", bars ? "bar" : "line");
    val_put_printf(chart, "text", "%s by %s%s", m->label, val_get_text(answer, "dimension"),
                   bars && compared ? "; grey is the time before" : "");
    val_put_text(chart, "unit", show_axis_unit(cx, m, &size));
    put_series(columns, "This period", "series-1");
    if (compared)
        put_series(columns, "Before", "compare");
    for (size_t i = 0; i < val_count(groups); i++) {
        const struct val *g = val_at(groups, i);
        struct val *row = val_add_map(rows), *values;
        val_put_text(row, "text", val_get_text(g, "label"));
        values = val_put_list(row, "values");
        put_point(cx, m, show_is_future(cx, g) ? NULL : val_get(g, "value"), size, values);
        if (compared)
            put_point(cx, m, val_get(g, "before"), size, values);
    }
}
