/* forecast_model.c -- GET /forecast/model: what was learned, shown: how deals get through the
 * stages, what comes new, and how good it was on months that are over. POST /forecast/learn learns
 * anew. */
#include "base/json.h"
#include "kit/filter.h"
#include "kit/pages.h"
#include "kit/show.h"
#include "sales/forecast_int.h"
#include <math.h>

enum { CHART_WIDTH = 240, CHART_HEIGHT = 80, RUNS_SHOWN = 10 };

static const char *percent(struct ctx *cx, const struct val *v, int decimals)
{
    return val_is_null(v) ? ""
                          : arena_printf(cx->arena, "%.*f%%", decimals, val_as_double(v, 0) * 100);
}

/* "M0 80 L10 60 ...": a step line of one cause, in the units of the chart. */
static const char *line_of(struct ctx *cx, const struct val *curve, const char *key, double last)
{
    struct buf b = buf_in(cx->arena, 16 * 1024);
    double y = CHART_HEIGHT;

    buf_printf(&b, "M0 %d", CHART_HEIGHT);
    for (size_t i = 0; i < val_count(curve); i++) {
        const struct val *p = val_at(curve, i);
        double x = val_as_double(val_get(p, "day"), 0) / last * CHART_WIDTH;
        buf_printf(&b, " L%.1f %.1f", x, y);
        y = CHART_HEIGHT - val_as_double(val_get(p, key), 0) * CHART_HEIGHT;
        buf_printf(&b, " L%.1f %.1f", x, y);
    }
    return buf_end(&b);
}

static void put_stage(struct ctx *cx, const struct val *from, struct val *list)
{
    struct val *s = val_add_map(list), *bins = val_put_list(s, "bins");
    const struct val *curve = val_get(from, "curve"), *all = val_get(from, "bins");
    size_t n = val_count(curve);
    double last = n ? val_as_double(val_get(val_at(curve, n - 1), "day"), 1) : 1;

    val_put_text(s, "text", val_get_text(from, "name"));
    val_put_i64(s, "deals", val_get_i64(from, "deals", 0));
    val_put_i64(s, "open", val_get_i64(from, "open", 0));
    val_put_text(s, "chance", percent(cx, val_get(from, "chance"), 0));
    val_put_printf(s, "probability", "%lld%%", (long long)val_get_i64(from, "probability", 0));
    val_put_text(s, "on", percent(cx, val_get(from, "on"), 0));
    val_put_text(s, "lost", percent(cx, val_get(from, "lost"), 0));
    i64 usual = val_get_i64(from, "usual_days", 0);
    val_put_text(s, "usual_days", usual ? show_number(cx->arena, usual) : "");
    val_put_bool(s, "has_curve", n > 1 && last > 0);
    val_put_text(s, "line_on", n > 1 && last > 0 ? line_of(cx, curve, "on", last) : "");
    val_put_text(s, "line_lost", n > 1 && last > 0 ? line_of(cx, curve, "lost", last) : "");
    val_put_printf(s, "days", "%.0f working days", ceil(last));
    for (size_t b = 0; b < val_count(all); b++) {
        const struct val *bin = val_at(all, b);
        struct val *one = val_add_map(bins);
        double to = val_as_double(val_get(bin, "to"), NAN);
        val_put_printf(one, "text", isnan(to) ? "from %.1f on" : "%.1f to %.1f",
                       val_as_double(val_get(bin, "from"), 0), to);
        val_put_text(one, "on", percent(cx, val_get(bin, "on"), 1));
        val_put_text(one, "lost", percent(cx, val_get(bin, "lost"), 1));
        val_put_i64(one, "went_on", llround(val_as_double(val_get(bin, "went_on"), 0)));
        val_put_i64(one, "were_lost", llround(val_as_double(val_get(bin, "were_lost"), 0)));
    }
}

static void put_trial(struct ctx *cx, const struct val *t, struct val *list)
{
    static const char *const keys[] = { "actual",   "low",       "median", "high",
                                        "weighted", "last_year", "mean" };
    struct val *row = val_add_map(list);
    double actual = val_as_double(val_get(t, "actual"), 0);
    bool inside = actual >= val_as_double(val_get(t, "low"), 0) &&
                  actual <= val_as_double(val_get(t, "high"), 0);

    val_put_text(row, "text", show_date_full(cx, zone_day(kit_zone(cx), val_get_i64(t, "at", 0))));
    for (size_t i = 0; i < countof(keys); i++)
        val_put_text(row, keys[i], forecast_money(cx, val_as_double(val_get(t, keys[i]), NAN)));
    val_put_text(row, "where", inside ? "inside" : "outside");
    val_put_text(row, "tone", inside ? "green" : "amber");
}

static void put_ways(struct ctx *cx, const struct val *ways, struct val *page)
{
    static const char *const words[FORECAST_WAYS] = { "Learned", "Weighted by stage",
                                                      "Last year's same period",
                                                      "Mean of past periods" };
    struct val *list = val_put_list(page, "ways");

    for (size_t i = 0; i < val_count(ways) && i < FORECAST_WAYS; i++) {
        const struct val *w = val_at(ways, i);
        struct val *one = val_add_map(list);
        val_put_text(one, "text", words[i]);
        val_put_text(one, "wape", percent(cx, val_get(w, "wape"), 0));
        val_put_text(one, "mape", percent(cx, val_get(w, "mape"), 0));
        val_put_text(one, "pinball", forecast_money(cx, val_as_double(val_get(w, "pinball"), NAN)));
    }
}

static enum status put_model(struct ctx *cx, const struct row *r, struct val *page)
{
    struct val *body, *stages = val_put_list(page, "stages"),
                      *trials = val_put_list(page, "trials");
    const struct val *list;

    if (json_read(cx->arena, str_from(row_text(r, FMODEL_BODY)), &body, NULL) != OK)
        body = val_map(cx->arena); /* made by hand: nothing to show */
    list = val_get(body, "stages");
    for (size_t i = 0; i < val_count(list); i++)
        put_stage(cx, val_at(list, i), stages);
    list = val_get(body, "trials");
    for (size_t i = 0; i < val_count(list); i++)
        put_trial(cx, val_at(list, i), trials);
    put_ways(cx, val_get(body, "ways"), page);
    val_put_bool(page, "has_stages", val_count(stages) > 0);
    val_put_bool(page, "has_trials", val_count(trials) > 0);
    i64 compared = val_get_i64(body, "compared", 0);
    val_put_text(page, "compared", compared ? show_number(cx->arena, compared) : "");
    val_put_printf(page, "a_week", "%.1f", val_as_double(val_get(body, "a_week"), 0));
    val_put_text(page, "new_amount",
                 forecast_money(cx, val_as_double(val_get(body, "new_amount"), 0)));
    val_put_printf(page, "change", "%.0f%%", val_as_double(val_get(body, "change"), 1) * 100);
    val_put_i64(page, "open", val_get_i64(body, "open", 0));
    val_put_i64(page, "inside", row_i64(r, FMODEL_INSIDE));
    val_put_i64(page, "tried", row_i64(r, FMODEL_TRIALS));
    return OK;
}

/* GET /forecast/model */
enum status forecast_model_get(struct req *rq)
{
    struct ctx *cx = rq->cx;
    struct val *page = val_map(cx->arena), *runs = val_put_list(page, "runs");
    struct list_query lq = { .sort = "-made_at", .limit = RUNS_SHOWN };
    struct list_page found;

    TRY(list_run(cx, &forecast_model_type, &lq, &found));
    val_put_text(page, "title", "Learned forecast");
    val_put_bool(page, "may_learn", access_scope(cx->access, "deal", VERB_UPDATE) != SCOPE_NONE);
    val_put_bool(page, "any", found.count > 0);
    if (found.count == 0)
        return reply(rq, "forecast/model", page);
    const struct row *r = found.rows[0];
    val_put_text(page, "when", show_time(cx, row_i64(r, FMODEL_MADE_AT)));
    val_put_bool(page, "serves", text_is(row_text(r, FMODEL_STATUS), "serving"));
    val_put_text(page, "reason", row_text(r, FMODEL_REASON));
    val_put_i64(page, "deals", row_i64(r, FMODEL_DEALS));
    val_put_i64(page, "won", row_i64(r, FMODEL_WON));
    val_put_i64(page, "lost", row_i64(r, FMODEL_LOST));
    for (size_t i = 0; i < found.count; i++) {
        struct val *one = val_add_map(runs);
        val_put_text(one, "text", show_time_full(cx, row_i64(found.rows[i], FMODEL_MADE_AT)));
        val_put_text(one, "url", row_path(cx, found.rows[i]));
        val_put_text(one, "reason", row_text(found.rows[i], FMODEL_REASON));
    }
    TRY(put_model(cx, r, page));
    return reply(rq, "forecast/model", page);
}

/* POST /forecast/learn */
enum status forecast_learn_post(struct req *rq)
{
    i64 id;

    TRY(forecast_learn_now(rq->cx, true, &id));
    return reply_done(rq, "/forecast/model", "Learned from what became of deals until now.");
}
