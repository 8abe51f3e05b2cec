/* quota.c -- quotas as a grid: people, teams and products by the months of a year, typed or pasted
 * like in a spreadsheet; and the leaderboard. A quota is a target for revenue (bridge/target.c), so
 * that forecasts, questions and commissions know it; what is typed here becomes such targets. */
#include "base/id.h"
#include "base/limits.h"
#include "kit/filter.h"
#include "kit/pages.h"
#include "kit/question.h"
#include "sales/forecast_history.h"
#include "sales/subscription.h"
#include <math.h>
#include <stdlib.h>

enum { MONTHS = 12, ROWS_MOST = 200, TARGETS_MOST = 200 };

/* What a row of the grid is about. */
struct line {
    enum { OF_TEAM, OF_PERSON, OF_PRODUCT } what;
    i64 id, team;
    const char *name;
    i64 minor[MONTHS]; /* -1: none */
};
struct grid {
    struct ctx *cx;
    bool products;
    i64 from[MONTHS + 1]; /* days on which the months begin */
    int year;
    struct line lines[ROWS_MOST];
    size_t count;
};
static const struct {
    const char *field, *dimension, *key;
} kinds[] = { { "team_id", "owner_id.team_id", "t" },
              { "person_id", "owner", "p" },
              { "product_id", "product_id", "x" } };

/* ---- reading ---- */
static enum status read_lines(struct grid *g)
{
    i64 team = 0;
    scoped(stmt_close) struct stmt q =
        g->products ? db_query(g->cx, "quota.products") : db_query(g->cx, "quota.people");

    while (g->count + 2 < ROWS_MOST && stmt_next(&q)) {
        if (!g->products && col_i64(&q, 2) != team) {
            team = col_i64(&q, 2);
            g->lines[g->count++] = (struct line){
                .what = OF_TEAM, .id = team, .name = arena_text(g->cx->arena, col_text(&q, 3))
            };
        }
        g->lines[g->count++] = (struct line){ .what = g->products ? OF_PRODUCT : OF_PERSON,
                                              .id = col_i64(&q, 0),
                                              .team = team,
                                              .name = arena_text(g->cx->arena, col_text(&q, 1)) };
    }
    return stmt_status(&q);
}

static void take_answer(struct grid *g, int what, int month, const struct val *answer)
{
    const struct val *groups = val_get(answer, "groups");

    for (size_t i = 0; i < val_count(groups); i++) {
        const struct val *one = val_at(groups, i);
        const char *key = val_get_text(one, "key");
        i64 id;
        if (val_is_null(val_get(one, "value")) || !id_parse(str_from(key), &id))
            continue;
        for (size_t k = 0; k < g->count; k++)
            if ((int)g->lines[k].what == what && g->lines[k].id == id)
                g->lines[k].minor[month] = llround(val_as_double(val_get(one, "value"), 0));
    }
}

/* What holds for each month, whatever the targets' periods are. */
static enum status read_values(struct grid *g)
{
    const struct zone *zone = kit_zone(g->cx);
    int first = g->products ? OF_PRODUCT : OF_TEAM, last = g->products ? OF_PRODUCT : OF_PERSON;

    for (size_t i = 0; i < g->count; i++)
        for (int m = 0; m < MONTHS; m++)
            g->lines[i].minor[m] = -1;
    for (int what = first; what <= last; what++) {
        struct question qs[MONTHS];
        struct val *answers[MONTHS];
        for (int m = 0; m < MONTHS; m++)
            qs[m] = (struct question){ .metric = g->products ? "product_revenue_target"
                                                             : "revenue_target",
                                       .dimension = kinds[what].dimension,
                                       .filter = "",
                                       .from_ms = zone_instant(zone, g->from[m], 0),
                                       .to_ms = zone_instant(zone, g->from[m + 1], 0),
                                       .limit = ROWS_MOST };
        TRY(question_ask_many(g->cx, qs, MONTHS, answers));
        for (int m = 0; m < MONTHS; m++)
            take_answer(g, what, m, answers[m]);
    }
    return OK;
}

static enum status read_grid(struct req *rq, bool form, struct grid *g)
{
    const char *year = form ? req_form(rq, "year") : req_query(rq, "year"),
               *of = form ? req_form(rq, "of") : req_query(rq, "of");
    int month, day;
    i64 n;

    *g = (struct grid){ .cx = rq->cx, .products = text_is(of, "products") };
    date_to_ymd(subscription_today(rq->cx), &g->year, &month, &day);
    if (!text_empty(year)) {
        if (!str_i64(str_from(year), &n) || n < 2000 || n > 2100)
            return ctx_fail_code(rq->cx, E_INVALID, "quota.year",
                                 "'%s' is no year between 2000 and 2100.", year);
        g->year = (int)n;
    }
    for (int m = 0; m <= MONTHS; m++)
        g->from[m] = date_add_months(date_from_ymd(g->year, 1, 1), m);
    TRY(read_lines(g));
    return read_values(g);
}

/* ---- showing ---- */
static const char *short_text(struct ctx *cx, i64 minor)
{
    struct money m = { .minor = minor };
    char *text, *dot;

    if (minor < 0)
        return "";
    memcpy(m.currency, base_currency(cx), sizeof m.currency);
    text = money_plain(cx->arena, m);
    dot = strchr(text, '.');
    if (dot && strspn(dot + 1, "0") == strlen(dot + 1))
        *dot = '\0';
    return text;
}

static const char *cell_name(struct ctx *cx, const struct line *l, int month)
{
    return arena_printf(cx->arena, "%s_%s_%d", kinds[l->what].key, id_text(cx->arena, l->id),
                        month);
}

static void put_sums(struct grid *g, i64 team, const char *text, struct val *list)
{
    struct val *v = val_add_map(list), *cells = val_put_list(v, "cells");
    i64 all = 0;

    val_put_text(v, "text", text);
    val_put_bool(v, "is_sum", true);
    val_put_bool(v, "is_team", false);
    for (int m = 0; m < MONTHS; m++) {
        i64 sum = 0;
        for (size_t i = 0; i < g->count; i++)
            if (g->lines[i].what != OF_TEAM && (team == 0 || g->lines[i].team == team) &&
                g->lines[i].minor[m] > 0)
                sum += g->lines[i].minor[m];
        all += sum;
        val_put_text(val_add_map(cells), "value", sum ? short_text(g->cx, sum) : "");
    }
    val_put_text(v, "sum", all ? short_text(g->cx, all) : "");
}

static void put_line(struct req *rq, struct grid *g, const struct line *l, struct val *list)
{
    struct val *v = val_add_map(list), *cells = val_put_list(v, "cells");
    i64 all = 0;

    val_put_text(v, "text", l->name);
    val_put_bool(v, "is_sum", false);
    val_put_bool(v, "is_team", l->what == OF_TEAM);
    for (int m = 0; m < MONTHS; m++) {
        struct val *c = val_add_map(cells);
        const char *name = cell_name(g->cx, l, m);
        val_put_text(c, "name", name);
        val_put_text(c, "value",
                     rq->form && val_get(rq->form, name) ? req_form(rq, name)
                                                         : short_text(g->cx, l->minor[m]));
        val_put_text(
            c, "label",
            arena_printf(g->cx->arena, "%s, %s", l->name,
                         zone_format(g->cx->arena, kit_zone(g->cx),
                                     zone_instant(kit_zone(g->cx), g->from[m], 0), "MMMM yyyy")));
        all += l->minor[m] > 0 ? l->minor[m] : 0;
    }
    val_put_text(v, "sum", all ? short_text(g->cx, all) : "");
}

static enum status show_grid(struct req *rq, struct grid *g, const char *error)
{
    struct ctx *cx = rq->cx;
    struct val *page = val_map(cx->arena), *rows = val_put_list(page, "rows"),
               *months = val_put_list(page, "months");
    const char *of = g->products ? "products" : "people";

    for (int m = 0; m < MONTHS; m++)
        val_put_text(
            val_add_map(months), "text",
            zone_format(cx->arena, kit_zone(cx), zone_instant(kit_zone(cx), g->from[m], 0), "MMM"));
    for (size_t i = 0; i < g->count; i++) {
        const struct line *l = &g->lines[i];
        put_line(rq, g, l, rows);
        if (l->what != OF_TEAM && !g->products &&
            (i + 1 == g->count || g->lines[i + 1].what == OF_TEAM))
            put_sums(g, l->team, "Members together", rows);
    }
    put_sums(g, 0, "All together", rows);
    val_put_text(page, "title", "Quotas");
    val_put_text(page, "of", of);
    val_put_bool(page, "products", g->products);
    val_put_printf(page, "year", "%d", g->year);
    val_put_printf(page, "before", "%d", g->year - 1);
    val_put_printf(page, "after", "%d", g->year + 1);
    val_put_printf(page, "before_url", "/quotas?of=%s&year=%d", of, g->year - 1);
    val_put_printf(page, "after_url", "/quotas?of=%s&year=%d", of, g->year + 1);
    val_put_printf(page, "people_url", "/quotas?year=%d", g->year);
    val_put_printf(page, "products_url", "/quotas?of=products&year=%d", g->year);
    val_put_text(page, "currency", base_currency(cx));
    val_put_text(page, "error", error);
    val_put_bool(page, "any", g->count > 0);
    val_put_bool(page, "may_edit", access_scope(cx->access, "target", VERB_UPDATE) != SCOPE_NONE);
    return reply(rq, "quota/page", page);
}

/* GET /quotas?year=2026&of=products */
static enum status quotas_get(struct req *rq)
{
    struct grid *g = NEW(rq->cx->arena, struct grid);

    TRY(read_grid(rq, false, g));
    return show_grid(rq, g, "");
}

/* ---- writing ---- */
struct target_fields {
    const struct record_type *type;
    int metric, amount, period, from, until, of;
};

static enum status save_target(struct ctx *cx, const struct target_fields *f, const char *metric,
                               const struct line *l, i64 hundredths, const char *period, i64 from,
                               i64 until)
{
    struct row *r = row_new(cx, f->type);

    row_set_text(r, f->metric, metric);
    row_set_i64(r, f->amount, hundredths);
    row_set_text(r, f->period, period);
    row_set_i64(r, f->from, from);
    if (until != TIME_NONE)
        row_set_i64(r, f->until, until);
    row_set_i64(r, f->of, l->id);
    return record_save(cx, r);
}

/* What held for this year leaves it: earlier ones end, those of the year go, and what went on
 * beyond it begins anew after it. */
static enum status clear_year(struct grid *g, const struct target_fields *f, const char *metric,
                              const struct line *l)
{
    struct ctx *cx = g->cx;
    struct list_query lq = { .sort = "from_date", .limit = TARGETS_MOST };
    i64 first = g->from[0], after = g->from[MONTHS];
    struct list_page page;

    lq.filter = arena_printf(cx->arena,
                             "metric = '%s' and %s = '%s' and from_date < %s and "
                             "(until_date is empty or until_date >= %s)",
                             metric, kinds[l->what].field, id_text(cx->arena, l->id),
                             date_iso(cx->arena, after), date_iso(cx->arena, first));
    TRY(list_run(cx, f->type, &lq, &page));
    for (size_t i = 0; i < page.count; i++) {
        struct row *r = page.rows[i];
        bool last = i + 1 == page.count, open = !row_has(r, f->until);
        i64 until = open ? TIME_NONE : row_i64(r, f->until);
        if (last && (open || until >= after))
            TRY(save_target(cx, f, metric, l, row_i64(r, f->amount),
                            arena_text(cx->arena, row_text(r, f->period)), after, until));
        if (row_i64(r, f->from) >= first) {
            TRY(record_delete(cx, r));
            continue;
        }
        row_set_i64(r, f->until, first - 1);
        TRY(record_save(cx, r));
    }
    return OK;
}

/* Months alike that follow each other are one target. */
static enum status write_line(struct grid *g, const struct line *l, const i64 *minor)
{
    const char *metric = g->products ? "product_revenue" : "revenue";
    const struct record_type *t = type_find(g->cx, "target");
    const struct target_fields f = { t,
                                     type_field(t, "metric"),
                                     type_field(t, "amount"),
                                     type_field(t, "period"),
                                     type_field(t, "from_date"),
                                     type_field(t, "until_date"),
                                     type_field(t, kinds[l->what].field) };
    i64 unit = 1;

    for (int i = currency_digits(base_currency(g->cx)); i > 0; i--)
        unit *= 10;
    TRY(clear_year(g, &f, metric, l));
    for (int m = 0, n; m < MONTHS; m += n) {
        for (n = 1; m + n < MONTHS && minor[m + n] == minor[m];)
            n++;
        if (minor[m] >= 0)
            TRY(save_target(g->cx, &f, metric, l, money_muldiv(minor[m], 100, unit), "month",
                            g->from[m], g->from[m + n] - 1));
    }
    return OK;
}

/* *changed: something else was typed than what holds. */
static enum status read_cells(struct req *rq, struct grid *g, const struct line *l, i64 *minor,
                              bool *changed, const char **error)
{
    *changed = false;
    for (int m = 0; m < MONTHS; m++) {
        const char *name = cell_name(g->cx, l, m), *text = req_form(rq, name), *why;
        struct money money;
        minor[m] = l->minor[m];
        if (!rq->form || !val_get(rq->form, name) || text_is(text, short_text(g->cx, l->minor[m])))
            continue;
        *changed = true;
        minor[m] = -1;
        if (str_trim(str_from(text)).len == 0)
            continue;
        if (money_parse(str_from(text), base_currency(g->cx), &money, &why) != OK ||
            money.minor < 0 || money.minor > LIMIT_AMOUNT_MINOR) {
            *error =
                arena_printf(g->cx->arena, "%s, month %d: '%s' is no amount. Write it like 12000.",
                             l->name, m + 1, text);
            return OK;
        }
        minor[m] = money.minor;
    }
    return OK;
}

/* POST /quotas {year, of, t_ID_0 ... p_ID_11} */
static enum status quotas_post(struct req *rq)
{
    struct grid *g = NEW(rq->cx->arena, struct grid);
    const char *error = NULL;
    i64 minor[MONTHS];
    bool changed;
    int lines = 0;

    TRY(read_grid(rq, true, g));
    for (size_t i = 0; i < g->count && !error; i++) { /* all or none */
        TRY(read_cells(rq, g, &g->lines[i], minor, &changed, &error));
    }
    if (error && !rq->wants_json) {
        reply_status(rq, 422);
        return show_grid(rq, g, error);
    }
    if (error)
        return ctx_fail_code(rq->cx, E_INVALID, "quota.amount", "%s", error);
    for (size_t i = 0; i < g->count; i++) {
        TRY(read_cells(rq, g, &g->lines[i], minor, &changed, &error));
        if (changed)
            TRY(write_line(g, &g->lines[i], minor));
        lines += changed;
    }
    return reply_done(rq,
                      arena_printf(rq->cx->arena, "/quotas?of=%s&year=%d",
                                   g->products ? "products" : "people", g->year),
                      lines ? "The quotas of %d are kept." : "Nothing was changed in %d.", g->year);
}

static const struct route routes[] = {
    { HTTP_GET, "/quotas", quotas_get, NEEDS("target", VERB_READ) },
    { HTTP_POST, "/quotas", quotas_post, NEEDS("target", VERB_CREATE) },
};
static const struct menu_item menu[] = {
    { "sales", "Quotas", "/quotas", "target", "target", MENU_SELDOM + 43, NULL },
};
const struct feature feature_quota = { .name = "quota", ROUTES(routes), MENU(menu) };
