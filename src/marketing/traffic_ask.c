/* traffic_ask.c -- what the traffic page is asked for: a period, what it is held against, and
 * conditions, all in its address, so that every number and every row can lead to a narrower page,
 * and back. */
#include "base/limits.h"
#include "base/utf8.h"
#include "kit/kit.h"
#include "marketing/traffic_int.h"

static const struct choice_of {
    const char *value, *text;
} periods[] = {
    { "today", "Today" },
    { "yesterday", "Yesterday" },
    { "last_7_days", "Last 7 days" },
    { "last_30_days", "Last 30 days" },
    { "last_90_days", "Last 90 days" },
    { "this_month", "This month" },
    { "last_month", "Last month" },
    { "this_year", "This year" },
    { "last_12_months", "Last 12 months" },
}, compares[] = {
    { "previous", "Previous period" },
    { "year", "Same period last year" },
    { "none", "No comparison" },
};

/* ---- reading ---- */
/* The days of the range form make a period. */
static const char *asked_period(struct req *rq)
{
    const char *from = req_query(rq, "from"), *to = req_query(rq, "to");
    const char *period = req_query(rq, "period");

    if (from[0] && to[0])
        return arena_printf(rq->cx->arena, "%s..%s", utf8_cut(rq->cx->arena, from, 20),
                            utf8_cut(rq->cx->arena, to, 20));
    return period[0] ? period : "last_30_days";
}

/* A value as people write it: "Paid search" is paid-search, "de" is DE. */
static const char *written_value(struct ctx *cx, const char *name, const char *typed)
{
    const struct dimension *d = dimension_find(cx, name);
    char *lower = text_lower_ascii(cx->arena, typed), *upper = arena_text(cx->arena, typed);

    if (d == NULL || d->known == NULL || d->known(typed))
        return typed;
    for (size_t i = 0; lower[i]; i++) {
        lower[i] = lower[i] == ' ' ? '-' : lower[i];
        upper[i] = upper[i] >= 'a' && upper[i] <= 'z' ? (char)(upper[i] - 32) : upper[i];
    }
    return d->known(lower) ? lower : d->known(upper) ? upper : typed;
}

/* The condition of the filter form: add (a dimension), is ("" or "not"), value. */
static enum status add_condition(struct page *p)
{
    const char *name = req_query(p->rq, "add"), *value = req_query(p->rq, "value");
    bool opposite = text_is(req_query(p->rq, "is"), "not");
    struct question_where *more;
    struct question with = p->q;
    size_t count = 0;

    if (name[0] == '\0' || value[0] == '\0')
        return OK;
    value = written_value(p->cx, name, value);
    more = NEW_N(p->cx->arena, struct question_where, p->q.where_count + 1);
    for (size_t i = 0; i < p->q.where_count; i++)
        if (!text_is(p->q.where[i].dimension, name))
            more[count++] = p->q.where[i];
    more[count++] =
        (struct question_where){ name,
                                 opposite ? arena_printf(p->cx->arena, "!%s", value) : value };
    with.where = more;
    with.where_count = count;
    TRY(question_check_where(p->cx, &with));
    p->q = with;
    return OK;
}

/* A shared link shows one site, whatever else is asked. */
static void hold_to_site(struct page *p)
{
    struct question_where *held = NEW_N(p->cx->arena, struct question_where, p->q.where_count + 1);
    size_t count = 0;

    for (size_t i = 0; i < p->q.where_count; i++)
        if (!text_is(p->q.where[i].dimension, "site"))
            held[count++] = p->q.where[i];
    held[count++] = (struct question_where){ "site", p->site };
    p->q.where = held;
    p->q.where_count = count;
}

const char *traffic_path(const struct page *p, const char *under)
{
    return arena_printf(p->cx->arena, "%s%s", p->base, under);
}

const char *traffic_site(const struct page *p)
{
    for (size_t i = 0; i < p->q.where_count; i++)
        if (text_is(p->q.where[i].dimension, "site") && p->q.where[i].value[0] != '!')
            return p->q.where[i].value;
    return "";
}

/* What a shared link holds to is no condition that anybody asked for. */
static bool is_held(const struct page *p, const struct question_where *w)
{
    return p->site != NULL && text_is(w->dimension, "site");
}

bool traffic_is_form(const struct req *rq)
{
    return req_query(rq, "add")[0] || req_query(rq, "from")[0];
}

enum status traffic_said(struct req *rq, enum status s, struct val *page)
{
    struct ctx *cx = rq->cx;

    val_put_bool(page, "has_error", false);
    if (s != E_INVALID || rq->wants_json)
        return s;
    val_put_bool(page, "has_error", true);
    val_put_text(page, "error", cx->error_text);
    ctx_clear_error(cx);
    reply_status(rq, 422);
    return OK;
}

/* What cannot be read is left out: the page says so, and shows what it was asked besides. */
enum status traffic_read(struct req *rq, struct page *p)
{
    enum status s, next;

    *p = (struct page){ .rq = rq,
                        .cx = rq->cx,
                        .base = p->base,
                        .path = p->path,
                        .site = p->site,
                        .period = asked_period(rq),
                        .compare = req_query(rq, "compare"),
                        .metric = req_query(rq, "metric"),
                        .by = req_query(rq, "by"),
                        .tabs = req_query(rq, "tabs") };
    if (p->compare[0] == '\0')
        p->compare = compares[0].value;
    s = question_read_period(rq->cx, p->period, p->compare, &p->q);
    if (s != OK) {
        p->period = "last_30_days";
        p->compare = compares[0].value;
        TRY(question_read_period(rq->cx, p->period, p->compare, &p->q));
    }
    next = question_read_where(rq->cx, rq->query, &p->q);
    if (next != OK)
        p->q.where_count = 0;
    s = s == OK ? next : s;
    next = add_condition(p);
    if (p->site != NULL)
        hold_to_site(p);
    return s == OK ? next : s;
}

/* ---- addresses ---- */
struct address_of {
    struct ctx *cx;
    struct buf *b;
    char mark;
};
static void put_param(struct address_of *a, const char *name, const char *value)
{
    if (value[0] == '\0')
        return;
    buf_printf(a->b, "%c%s=%s", a->mark, name, http_url_encode(a->cx->arena, value));
    a->mark = '&';
}

const char *traffic_url(const struct page *p, const char *path, const char *name, const char *value)
{
    const struct {
        const char *name, *value, *otherwise;
    } params[] = { { "period", p->period, "last_30_days" },
                   { "compare", p->compare, compares[0].value },
                   { "metric", p->metric, "visitors" },
                   { "tabs", p->tabs, "" },
                   { "by", text_is(path, p->base) ? "" : p->by, "" } };
    struct buf b = buf_in(p->cx->arena, LIMIT_HEADER_BYTES);
    struct address_of a = { p->cx, &b, '?' };
    bool known = false;

    buf_text(&b, path);
    for (size_t i = 0; i < countof(params); i++) {
        bool this = text_is(params[i].name, name);
        const char *v = this ? value : params[i].value;
        known |= this;
        put_param(&a, params[i].name, text_is(v, params[i].otherwise) ? "" : v);
    }
    for (size_t i = 0; i < p->q.where_count; i++) {
        bool this = text_is(p->q.where[i].dimension, name);
        if (is_held(p, &p->q.where[i]))
            continue;
        known |= this;
        put_param(&a, p->q.where[i].dimension, this ? value : p->q.where[i].value);
    }
    if (!known)
        put_param(&a, name, value);
    return buf_end(&b);
}

/* ---- showing what was asked ---- */
static void put_choices(const struct page *p, const char *name, const struct choice_of *choices,
                        size_t count, const char *chosen, struct val *into)
{
    struct val *list = val_put_list(into, "options");

    val_put_text(into, "text", chosen);
    for (size_t i = 0; i < count; i++) {
        struct val *one = val_add_map(list);
        bool on = text_is(choices[i].value, chosen);
        val_put_text(one, "text", choices[i].text);
        val_put_text(one, "url", traffic_url(p, p->path, name, choices[i].value));
        val_put_bool(one, "on", on);
        if (on)
            val_put_text(into, "text", choices[i].text);
    }
}

/* The first and the last day, for the range form; what else was asked goes with it. */
static void put_range(const struct page *p, struct val *page)
{
    const struct zone *zone = kit_zone(p->cx);
    struct val *range = val_put_map(page, "range"), *keep = val_put_list(page, "keep");
    bool own = strstr(p->period, "..") != NULL;

    val_put_text(range, "from", date_iso(p->cx->arena, zone_day(zone, p->q.from_ms)));
    val_put_text(range, "to", date_iso(p->cx->arena, zone_day(zone, p->q.to_ms - 1)));
    val_put_bool(range, "on", own);
    if (own)
        val_put_printf((struct val *)val_get(page, "periods"), "text", "%s – %s",
                       zone_format(p->cx->arena, zone, p->q.from_ms, "d MMM y"),
                       zone_format(p->cx->arena, zone, p->q.to_ms - 1, "d MMM y"));
    const struct {
        const char *name, *value;
    } params[] = {
        { "compare", p->compare }, { "metric", p->metric }, { "tabs", p->tabs }, { "by", p->by }
    };
    for (size_t i = 0; i < countof(params) + p->q.where_count; i++) {
        bool where = i >= countof(params);
        const struct question_where *w = where ? &p->q.where[i - countof(params)] : NULL;
        struct val *one;
        if (where ? is_held(p, w) : params[i].value[0] == '\0')
            continue;
        one = val_add_map(keep);
        val_put_text(one, "name", where ? w->dimension : params[i].name);
        val_put_text(one, "value", where ? w->value : params[i].value);
    }
}

/* "Channel is Email", "Page is not like /jobs*". */
static void put_chip(const struct page *p, const struct question_where *w, struct val *list)
{
    const struct dimension *d = dimension_find(p->cx, w->dimension);
    bool opposite = w->value[0] == '!';
    const char *value = w->value + opposite;
    struct val *one = val_add_map(list);

    val_put_text(one, "label", d->label);
    val_put_text(one, "op_text",
                 text_is(value, "*")  ? opposite ? "is not" : "is"
                 : strchr(value, '*') ? opposite ? "is not like" : "is like"
                 : opposite           ? "is not"
                                      : "is");
    val_put_text(one, "value_text",
                 text_is(value, "*")  ? "known"
                 : strchr(value, '*') ? value
                                      : d->text(p->cx, value));
    val_put_text(one, "remove_url", traffic_url(p, p->path, w->dimension, ""));
}

static void put_chips(const struct page *p, struct val *page)
{
    struct val *list = val_put_list(page, "chips");
    struct page bare = *p;

    for (size_t i = 0; i < p->q.where_count; i++)
        if (!is_held(p, &p->q.where[i]))
            put_chip(p, &p->q.where[i], list);
    bare.q.where_count = 0;
    val_put_text(page, "clear_url", val_count(list) > 1 ? traffic_url(&bare, p->path, "", "") : "");
    val_put_bool(page, "is_narrowed", val_count(list) > 0);
}

static void put_dimensions(const struct page *p, struct val *page)
{
    struct val *list = val_put_list(page, "dimensions");
    size_t count;
    const struct feature *const *f = kit_features(p->cx->kit, &count);

    for (size_t i = 0; i < count; i++) {
        for (size_t j = 0; j < f[i]->dimension_count; j++) {
            struct val *one;
            if (f[i]->dimensions[j].of == OF_SOME ||
                (p->site && text_is(f[i]->dimensions[j].name, "site")))
                continue; /* goals are chosen by clicking: their values are ids */
            one = val_add_map(list);
            val_put_text(one, "value", f[i]->dimensions[j].name);
            val_put_text(one, "text", f[i]->dimensions[j].label);
        }
    }
}

/* With one site there is nothing to choose. */
static enum status put_sites(const struct page *p, struct val *page)
{
    struct val *sites = val_put_map(page, "sites"), *list = val_put_list(sites, "options"), *one;
    scoped(stmt_close) struct stmt q = db_query(p->cx, "site.all");
    const char *chosen = traffic_site(p);

    one = val_add_map(list);
    val_put_text(one, "text", "All sites");
    val_put_text(one, "url", traffic_url(p, p->path, "site", ""));
    val_put_bool(one, "on", chosen[0] == '\0');
    while (p->site == NULL && stmt_next(&q)) {
        const char *domain = arena_text(p->cx->arena, col_text(&q, 0));
        one = val_add_map(list);
        val_put_text(one, "text", domain);
        val_put_text(one, "url", traffic_url(p, p->path, "site", domain));
        val_put_bool(one, "on", text_is(domain, chosen));
    }
    val_put_text(sites, "text", chosen[0] ? chosen : "All sites");
    val_put_bool(page, "has_sites", val_count(list) > 2);
    return stmt_status(&q);
}

enum status traffic_put_asked(const struct page *p, struct val *page)
{
    put_choices(p, "period", periods, countof(periods), p->period, val_put_map(page, "periods"));
    put_choices(p, "compare", compares, countof(compares), p->compare,
                val_put_map(page, "compares"));
    val_put_text(page, "action", p->path);
    val_put_text(page, "period", p->period);
    put_range(p, page);
    put_chips(p, page);
    put_dimensions(p, page);
    return put_sites(p, page);
}
