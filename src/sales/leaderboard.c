/* leaderboard.c -- GET /leaderboard: who has reached how much of their quota in a period, whether
 * they are ahead of its days, and what all who report to somebody come to. */
#include "base/id.h"
#include "kit/pages.h"
#include "kit/question.h"
#include "sales/forecast_history.h"
#include "sales/forecast_int.h"
#include "sales/subscription.h"
#include <math.h>
#include <stdlib.h>

enum { PEOPLE_MOST = 2000, GROUPS = 500, LEVELS = 50 };

struct contender {
    i64 id, manager;
    const char *name, *url;
    double won, quota; /* minor units; quota NAN: none */
    i64 deals;
    bool seen;
};
struct board {
    struct ctx *cx;
    struct forecast_when w;
    struct contender *list;
    size_t count;
    double elapsed; /* share of the period's days that are over, today included */
};

static struct contender *seller_of(struct board *b, i64 id)
{
    for (size_t i = 0; i < b->count; i++)
        if (b->list[i].id == id)
            return &b->list[i];
    return NULL;
}

static enum status read_people(struct board *b)
{
    scoped(stmt_close) struct stmt q = db_query(b->cx, "quota.reports");

    b->list = NEW_N(b->cx->arena, struct contender, PEOPLE_MOST);
    while (b->count < PEOPLE_MOST && stmt_next(&q))
        b->list[b->count++] = (struct contender){ .id = col_i64(&q, 0),
                                                  .name = arena_text(b->cx->arena, col_text(&q, 1)),
                                                  .manager = col_i64(&q, 2),
                                                  .url = "",
                                                  .quota = NAN };
    return stmt_status(&q);
}

static enum status read_numbers(struct board *b)
{
    static const char *const metrics[] = { "revenue", "revenue_target", "deals_won" };
    struct question qs[countof(metrics)];
    struct val *answers[countof(metrics)];

    for (size_t i = 0; i < countof(metrics); i++)
        qs[i] = (struct question){ .metric = metrics[i],
                                   .dimension = "owner",
                                   .filter = "",
                                   .from_ms = b->w.p.from_ms,
                                   .to_ms = b->w.p.to_ms,
                                   .limit = GROUPS };
    TRY(question_ask_many(b->cx, qs, countof(metrics), answers));
    for (size_t m = 0; m < countof(metrics); m++) {
        const struct val *groups = val_get(answers[m], "groups");
        for (size_t i = 0; i < val_count(groups); i++) {
            const struct val *g = val_at(groups, i);
            struct contender *s;
            i64 id;
            if (!id_parse(str_from(val_get_text(g, "key")), &id) ||
                val_is_null(val_get(g, "value")) || (s = seller_of(b, id)) == NULL)
                continue;
            double value = val_as_double(val_get(g, "value"), 0);
            s->seen |= value != 0;
            if (m == 0) {
                s->won = value;
                s->url = val_get_text(g, "rows_path");
            } else if (m == 1) {
                s->quota = value;
            } else {
                s->deals = (i64)value;
            }
        }
    }
    return OK;
}

/* The share of the quota, then what was won; who has no quota stands last. */
static int by_reached(const void *pa, const void *pb)
{
    const struct contender *a = pa, *b = pb;
    double x = a->quota > 0 ? a->won / a->quota : -1, y = b->quota > 0 ? b->won / b->quota : -1;

    if (x != y)
        return x > y ? -1 : 1;
    if (a->won != b->won)
        return a->won > b->won ? -1 : 1;
    return (a->id > b->id) - (a->id < b->id);
}

static const char *percent(struct ctx *cx, double share)
{
    return isnan(share) || isinf(share) ? ""
                                        : arena_printf(cx->arena, "%.0f %%", round(share * 100));
}

static void put_seller(const struct board *b, const struct contender *s, int place, double most,
                       struct val *list)
{
    struct ctx *cx = b->cx;
    struct val *v = val_add_map(list);
    bool quota = s->quota > 0;
    double lead = s->won - s->quota * b->elapsed;

    val_put_text(v, "place", place ? arena_printf(cx->arena, "%d", place) : "");
    val_put_text(v, "text", s->name);
    val_put_text(v, "won", forecast_money(cx, s->won));
    val_put_text(v, "url", s->url);
    val_put_text(v, "quota", quota ? forecast_money(cx, s->quota) : "");
    val_put_text(v, "reached", quota ? percent(cx, s->won / s->quota) : "");
    val_put_text(v, "pace",
                 quota && b->elapsed > 0 ? percent(cx, s->won / (s->quota * b->elapsed)) : "");
    val_put_text(v, "lead",
                 !quota ? ""
                        : arena_printf(cx->arena, "%s %s", forecast_money(cx, fabs(lead)),
                                       lead < 0 ? "behind" : "ahead"));
    val_put_text(v, "tone", lead < 0 ? "amber" : "green");
    val_put_i64(v, "deals", s->deals);
    val_put_printf(v, "width", "%.2f", quota && most > 0 ? s->won / s->quota / most * 100 : 0);
}

/* Whether somebody reports to a manager, directly or by others. */
static bool reports_to(struct board *b, const struct contender *s, i64 manager)
{
    for (int i = 0; s && s->manager && i < LEVELS; i++) {
        if (s->manager == manager)
            return true;
        s = seller_of(b, s->manager);
    }
    return false;
}

/* A manager with all who report to them. */
static void put_roll_ups(struct board *b, struct val *page)
{
    struct val *list = val_put_list(page, "managers");

    for (size_t i = 0; i < b->count; i++) {
        struct contender sum = b->list[i];
        int people = 0;
        for (size_t k = 0; k < b->count; k++) {
            const struct contender *s = &b->list[k];
            if (!reports_to(b, s, sum.id))
                continue;
            people++;
            sum.won += s->won;
            sum.deals += s->deals;
            if (s->quota > 0)
                sum.quota = (isnan(sum.quota) ? 0 : sum.quota) + s->quota;
        }
        sum.url = "";
        sum.name = arena_printf(b->cx->arena, "%s and %d %s", sum.name, people,
                                people == 1 ? "person" : "people");
        if (people)
            put_seller(b, &sum, 0, 0, list);
    }
    val_put_bool(page, "has_managers", val_count(list) > 0);
}

static void put_period(const struct board *b, struct val *page)
{
    struct ctx *cx = b->cx;
    struct forecast_when before = forecast_when_next(cx, &b->w, -1),
                         after = forecast_when_next(cx, &b->w, 1);
    struct val *units = val_put_list(page, "units");
    static const char *const words[] = { "month", "quarter" }, *const names[] = { "Month",
                                                                                  "Quarter" };

    val_put_text(page, "period", b->w.name);
    val_put_text(page, "before", before.name);
    val_put_printf(page, "before_url", "/leaderboard?unit=%s&day=%s", b->w.word,
                   date_iso(cx->arena, before.p.from_day));
    val_put_text(page, "after", after.name);
    val_put_printf(page, "after_url", "/leaderboard?unit=%s&day=%s", b->w.word,
                   date_iso(cx->arena, after.p.from_day));
    for (size_t i = 0; i < countof(words); i++) {
        struct val *one = val_add_map(units);
        val_put_text(one, "text", names[i]);
        val_put_printf(one, "url", "/leaderboard?unit=%s&day=%s", words[i],
                       date_iso(cx->arena, b->w.p.from_day));
        val_put_bool(one, "on", text_is(words[i], b->w.word));
    }
}

static double elapsed(struct ctx *cx, const struct forecast_period *p)
{
    i64 today = subscription_today(cx) + 1, days = p->to_day - p->from_day;
    i64 over = today < p->from_day ? 0 : today > p->to_day ? days : today - p->from_day;

    return days > 0 ? (double)over / (double)days : 0;
}

/* GET /leaderboard?unit=&day= */
static enum status leaderboard_get(struct req *rq)
{
    struct ctx *cx = rq->cx;
    struct val *page = val_map(cx->arena), *list = val_put_list(page, "people");
    const char *day = req_query(rq, "day");
    struct board b = { .cx = cx };
    double most = 1;
    i64 at = TIME_NONE;
    int place = 0;

    if (!text_empty(day) && !date_parse(str_from(day), &at))
        return ctx_fail_code(cx, E_INVALID, "forecast.day", "'%s' is no day: write 2026-11-01.",
                             day);
    b.w = forecast_when(cx, req_query(rq, "unit"), at);
    b.elapsed = elapsed(cx, &b.w.p);
    TRY(read_people(&b));
    TRY(read_numbers(&b));
    put_roll_ups(&b, page);
    if (b.count)
        qsort(b.list, b.count, sizeof *b.list, by_reached);
    for (size_t i = 0; i < b.count; i++)
        if (b.list[i].quota > 0 && b.list[i].won / b.list[i].quota > most)
            most = b.list[i].won / b.list[i].quota;
    for (size_t i = 0; i < b.count; i++)
        if (b.list[i].seen)
            put_seller(&b, &b.list[i], ++place, most, list);
    val_put_text(page, "title", "Leaderboard");
    val_put_bool(page, "any", place > 0);
    val_put_text(page, "elapsed", percent(cx, b.elapsed));
    put_period(&b, page);
    return reply(rq, "leaderboard/page", page);
}

static const struct route routes[] = {
    { HTTP_GET, "/leaderboard", leaderboard_get, NEEDS("deal", VERB_READ) },
};
static const struct menu_item menu[] = {
    { "sales", "Leaderboard", "/leaderboard", "trophy", "deal", 41, NULL },
};
const struct feature feature_leaderboard = { .name = "leaderboard", ROUTES(routes), MENU(menu) };
