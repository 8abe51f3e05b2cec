/* forecast_moved.c -- what moved: why a period's forecast is another now than it was. Only deals
 * that were touched since can have moved; of each the change log says how it stood at both
 * instants, and the difference has one reason. */
#include "base/id.h"
#include "kit/pages.h"
#include "kit/question.h"
#include "kit/show.h"
#include "sales/deal.h"
#include "sales/forecast_int.h"
#include <math.h>
#include <stdlib.h>

enum { SHOWN_A_KIND = 100 };

static const struct {
    const char *text, *detail;
} kinds[MOVE_KINDS] = {
    [MOVE_NEW] = { "New", "were not there" },
    [MOVE_PULLED_IN] = { "Pulled in", "were expected in another period" },
    [MOVE_REOPENED] = { "Reopened", "had been lost" },
    [MOVE_HANDED_IN] = { "Handed over to them", "were somebody else's" },
    [MOVE_UP] = { "Amount up", "" },
    [MOVE_CATEGORY_IN] = { "Surer", "were in a category that does not count here" },
    [MOVE_WON] = { "Won", "" },
    [MOVE_CATEGORY] = { "Category changed", "counted before and after" },
    [MOVE_CATEGORY_OUT] = { "Less sure", "are in a category that does not count here" },
    [MOVE_DOWN] = { "Amount down", "" },
    [MOVE_HANDED_OUT] = { "Handed over to others", "" },
    [MOVE_SLIPPED] = { "Slipped", "are expected later, or have no date any more" },
    [MOVE_EARLIER] = { "Moved to an earlier period", "" },
    [MOVE_LOST] = { "Lost", "" },
    [MOVE_REMOVED] = { "Removed", "are in the trash" },
};

/* ---- what a deal gives ---- */
struct moving {
    struct ctx *cx;
    const struct forecast_when *w;
    struct forecast_who who;
    enum forecast_measure measure;
    const struct forecast_history *h;
    const struct sellers *sellers;
};

static i64 team_of_user(const struct moving *m, i64 user)
{
    for (size_t i = 0; i < m->sellers->count; i++)
        if (m->sellers->list[i].id == user)
            return m->sellers->list[i].team_id;
    return 0;
}

static bool is_theirs(const struct moving *m, const struct deal_state *s)
{
    i64 user = m->h->owners[s->owner];

    return m->who.person_id ? user == m->who.person_id
           : m->who.team_id ? team_of_user(m, user) == m->who.team_id
                            : true;
}

/* Deals that were not touched since there are categories have those of their stages. */
static const char *category_of(const struct moving *m, const struct deal_state *s)
{
    int percent;

    if (!text_empty(s->category) || s->stage < 0)
        return s->category;
    percent = m->h->stages[s->stage].probability;
    return percent >= 70 ? "commit" : percent >= 40 ? "best_case" : "pipeline";
}

static bool counts(const struct moving *m, const struct deal_state *s)
{
    const char *category = category_of(m, s);

    return text_is(category, "commit") ||
           (m->measure >= MEASURE_BEST && text_is(category, "best_case")) ||
           (m->measure == MEASURE_ALL && text_is(category, "pipeline"));
}

static bool is_due(const struct moving *m, const struct deal_state *s)
{
    return s->close_day != TIME_NONE && s->close_day >= m->w->p.from_day &&
           s->close_day < m->w->p.to_day;
}

static bool gives(const struct moving *m, const struct deal_state *s)
{
    if (s == NULL || !is_theirs(m, s))
        return false;
    if (s->was == DEAL_WAS_WON)
        return s->closed_at_ms >= m->w->p.from_ms && s->closed_at_ms < m->w->p.to_ms;
    return s->was == DEAL_WAS_OPEN && is_due(m, s) && counts(m, s);
}

/* ---- why ---- */
static enum move_kind why_in(const struct moving *m, const struct deal_state *a,
                             const struct deal_state *b)
{
    if (a == NULL)
        return MOVE_NEW;
    if (!is_theirs(m, a))
        return MOVE_HANDED_IN;
    if (b->was == DEAL_WAS_WON)
        return MOVE_WON;
    if (a->was != DEAL_WAS_OPEN)
        return MOVE_REOPENED;
    return is_due(m, a) ? MOVE_CATEGORY_IN : MOVE_PULLED_IN;
}

static enum move_kind why_out(const struct moving *m, const struct deal_state *b)
{
    if (b == NULL)
        return MOVE_REMOVED;
    if (b->was == DEAL_WAS_LOST)
        return MOVE_LOST;
    if (!is_theirs(m, b))
        return MOVE_HANDED_OUT;
    if (b->was == DEAL_WAS_WON)
        return b->closed_at_ms < m->w->p.from_ms ? MOVE_EARLIER : MOVE_SLIPPED;
    if (is_due(m, b))
        return MOVE_CATEGORY_OUT;
    return b->close_day != TIME_NONE && b->close_day < m->w->p.from_day ? MOVE_EARLIER
                                                                        : MOVE_SLIPPED;
}

/* False: nothing that tells. */
static bool move_of(const struct moving *m, const struct deal_past *d, i64 from_ms, i64 to_ms,
                    struct forecast_move *out)
{
    const struct deal_state *a = deal_then(d, from_ms), *b = deal_then(d, to_ms);
    bool before = gives(m, a), after = gives(m, b);

    if (!before && !after)
        return false;
    *out = (struct forecast_move){ .deal_id = d->id,
                                   .before_minor = before ? a->amount_minor : 0,
                                   .after_minor = after ? b->amount_minor : 0,
                                   .close_before = a ? a->close_day : TIME_NONE,
                                   .close_after = b ? b->close_day : TIME_NONE,
                                   .name = "",
                                   .category_before = a ? category_of(m, a) : "",
                                   .category_after = b ? category_of(m, b) : "" };
    if (!before)
        out->kind = why_in(m, a, b);
    else if (!after)
        out->kind = why_out(m, b);
    else if (a->was == DEAL_WAS_OPEN && b->was == DEAL_WAS_WON)
        out->kind = MOVE_WON;
    else if (out->after_minor != out->before_minor)
        out->kind = out->after_minor > out->before_minor ? MOVE_UP : MOVE_DOWN;
    else if (!text_is(out->category_before, out->category_after))
        out->kind = MOVE_CATEGORY;
    else
        return false;
    return true;
}

static int by_kind(const void *pa, const void *pb)
{
    const struct forecast_move *a = pa, *b = pb;
    i64 x = llabs(a->after_minor - a->before_minor), y = llabs(b->after_minor - b->before_minor);

    if (a->kind != b->kind)
        return (a->kind > b->kind) - (a->kind < b->kind);
    if (x != y)
        return x < y ? 1 : -1;
    return (a->deal_id > b->deal_id) - (a->deal_id < b->deal_id);
}

/* Names, and none of those that the user may not see. */
static enum status name_moves(struct ctx *cx, struct forecast_moves *moves)
{
    i64 *ids = NEW_N(cx->arena, i64, moves->count + 1);
    const char **names = NEW_N(cx->arena, const char *, moves->count + 1);
    size_t kept = 0;

    for (size_t i = 0; i < moves->count; i++)
        ids[i] = moves->list[i].deal_id;
    if (moves->count)
        TRY(record_titles(cx, &deal_type, ids, moves->count, names));
    for (size_t i = 0; i < moves->count; i++)
        if (!text_empty(names[i])) {
            moves->list[i].name = names[i];
            moves->list[kept++] = moves->list[i];
        }
    moves->count = kept;
    return OK;
}

enum status forecast_moves(struct ctx *cx, const struct forecast_when *w, struct forecast_who who,
                           enum forecast_measure measure, i64 from_ms, i64 to_ms,
                           struct forecast_moves *out)
{
    struct forecast_history *h;
    struct sellers sellers;
    struct moving m = { .cx = cx, .w = w, .who = who, .measure = measure };

    TRY(history_read(cx, from_ms, &h));
    TRY(sellers_read(cx, &sellers));
    m.h = h;
    m.sellers = &sellers;
    *out = (struct forecast_moves){ .list = NEW_N(cx->arena, struct forecast_move, h->count + 1) };
    for (size_t i = 0; i < h->count; i++)
        if (move_of(&m, &h->deals[i], from_ms, to_ms ? to_ms : INT64_MAX, &out->list[out->count]))
            out->count++;
    if (out->count)
        qsort(out->list, out->count, sizeof *out->list, by_kind);
    return name_moves(cx, out);
}

enum status forecast_total(struct ctx *cx, const struct forecast_when *w, struct forecast_who who,
                           enum forecast_measure measure, i64 as_of_ms, i64 *minor)
{
    static const char *const metrics[] = { "revenue", "forecast_commit", "forecast_best_case",
                                           "forecast_pipeline" };
    struct question qs[countof(metrics)];
    struct val *answers[countof(metrics)];
    size_t count = (size_t)measure + 2;

    for (size_t i = 0; i < count; i++) {
        qs[i] = (struct question){
            .metric = metrics[i], .from_ms = w->p.from_ms, .to_ms = w->p.to_ms, .as_of_ms = as_of_ms
        };
        if (who.person_id)
            qs[i].filter =
                arena_printf(cx->arena, "owner_id = '%s'", id_text(cx->arena, who.person_id));
        else if (who.team_id)
            qs[i].filter =
                arena_printf(cx->arena, "owner_id.team_id = '%s'", id_text(cx->arena, who.team_id));
    }
    TRY(question_ask_many(cx, qs, count, answers));
    *minor = 0;
    for (size_t i = 0; i < count; i++)
        *minor += llround(val_as_double(val_get(answers[i], "value"), 0));
    return OK;
}

/* ---- the page ---- */
static const struct {
    const char *word, *text;
} measures[] = { { "commit", "Commit" }, { "best_case", "Best case" }, { "all", "All" } };

struct asked {
    struct forecast_when w;
    struct forecast_who who;
    enum forecast_measure measure;
    i64 from_ms, to_ms; /* to 0: now */
    const char *query;  /* all but the measure */
};

static enum status read_day(struct req *rq, const char *name, i64 otherwise, i64 *ms)
{
    const char *text = req_query(rq, name);
    i64 day;

    *ms = otherwise;
    if (text_empty(text))
        return OK;
    if (!date_parse(str_from(text), &day))
        return ctx_fail_code(rq->cx, E_INVALID, "forecast.day", "'%s' is no day: write 2026-11-02.",
                             text);
    *ms = zone_instant(kit_zone(rq->cx), day, 0);
    return OK;
}

static enum status read_asked(struct req *rq, struct asked *a)
{
    struct ctx *cx = rq->cx;
    i64 day = TIME_NONE, week = zone_start(kit_zone(cx), PERIOD_WEEK, ctx_now(cx), -1);
    const char *who = "";

    *a = (struct asked){ .measure = MEASURE_ALL };
    if (!text_empty(req_query(rq, "day")) && !date_parse(str_from(req_query(rq, "day")), &day))
        return ctx_fail_code(cx, E_INVALID, "forecast.day", "'%s' is no day: write 2026-11-01.",
                             req_query(rq, "day"));
    a->w = forecast_when(cx, req_query(rq, "unit"), day);
    for (size_t i = 0; i < countof(measures); i++)
        if (text_is(req_query(rq, "measure"), measures[i].word))
            a->measure = (enum forecast_measure)i;
    if (!text_empty(req_query(rq, "person"))) {
        TRY(req_id(rq, "person", &a->who.person_id));
        who = arena_printf(cx->arena, "&person=%s", id_text(cx->arena, a->who.person_id));
    } else if (!text_empty(req_query(rq, "team"))) {
        TRY(req_id(rq, "team", &a->who.team_id));
        who = arena_printf(cx->arena, "&team=%s", id_text(cx->arena, a->who.team_id));
    }
    TRY(read_day(rq, "from", week, &a->from_ms));
    TRY(read_day(rq, "to", 0, &a->to_ms));
    if (a->to_ms > ctx_now(cx))
        a->to_ms = 0;
    if (a->from_ms >= (a->to_ms ? a->to_ms : ctx_now(cx)))
        return ctx_fail_code(cx, E_INVALID, "forecast.order",
                             "It must begin before it ends, and before now.");
    a->query = arena_printf(
        cx->arena, "unit=%s&day=%s%s&from=%s%s", a->w.word, date_iso(cx->arena, a->w.p.from_day),
        who, date_iso(cx->arena, zone_day(kit_zone(cx), a->from_ms)),
        a->to_ms ? arena_printf(cx->arena, "&to=%s",
                                date_iso(cx->arena, zone_day(kit_zone(cx), a->to_ms)))
                 : "");
    return OK;
}

static const char *signed_money(struct ctx *cx, i64 minor)
{
    const char *text = forecast_money(cx, (double)llabs(minor));

    return minor == 0 ? "0" : arena_printf(cx->arena, "%s%s", minor > 0 ? "+" : "−", text);
}

/* A step of the waterfall: from where the last one ended. */
static void put_step(struct ctx *cx, struct val *steps, const char *text, const char *tone,
                     const char *value, size_t deals, double from, double to, double most)
{
    struct val *v = val_add_map(steps);
    double low = fmin(from, to), high = fmax(from, to);

    val_put_text(v, "text", text);
    val_put_text(v, "tone", tone);
    val_put_text(v, "value", value);
    val_put_text(v, "deals",
                 deals ? arena_printf(cx->arena, "%zu deal%s", deals, deals == 1 ? "" : "s") : "");
    val_put_printf(v, "x", "%.2f", most > 0 ? low / most * 100 : 0);
    val_put_printf(v, "width", "%.2f", most > 0 ? fmax(0.4, (high - low) / most * 100) : 0);
}

/* "best case" */
static const char *category_words(struct ctx *cx, const char *category)
{
    for (const struct choice *c = deal_type.fields[DEAL_CATEGORY].choices; c->value; c++)
        if (text_is(c->value, category))
            return text_lower_ascii(cx->arena, c->label);
    return "none";
}

static const char *date_or_none(struct ctx *cx, i64 day)
{
    return day == TIME_NONE ? "no date" : show_date_full(cx, day);
}

static void put_deal(struct ctx *cx, const struct forecast_move *m, struct val *list)
{
    struct val *v = val_add_map(list);
    const char *what = "";

    if (m->close_before != m->close_after && m->category_before[0] && m->category_after[0])
        what = arena_printf(cx->arena, "close date %s, was %s", date_or_none(cx, m->close_after),
                            date_or_none(cx, m->close_before));
    if (!text_is(m->category_before, m->category_after) && m->category_before[0])
        what = arena_printf(cx->arena, "%s%s%s, was %s", what, what[0] ? "; " : "",
                            category_words(cx, m->category_after),
                            category_words(cx, m->category_before));
    val_put_text(v, "text", m->name);
    val_put_printf(v, "url", "/deals/%s", id_text(cx->arena, m->deal_id));
    val_put_text(v, "before", forecast_money(cx, (double)m->before_minor));
    val_put_text(v, "after", forecast_money(cx, (double)m->after_minor));
    val_put_text(v, "change", signed_money(cx, m->after_minor - m->before_minor));
    val_put_i64(v, "change_minor", m->after_minor - m->before_minor);
    val_put_text(v, "what", what);
}

static void put_groups(struct ctx *cx, const struct forecast_moves *moves, double begin,
                       double most, struct val *page)
{
    struct val *steps = (struct val *)val_get(page, "steps"),
               *groups = val_put_list(page, "groups");
    double at = begin;

    for (size_t i = 0; i < moves->count;) {
        enum move_kind kind = moves->list[i].kind;
        struct val *group = val_add_map(groups), *list;
        size_t first = i;
        i64 sum = 0;
        val_put_text(group, "text", kinds[kind].text);
        val_put_text(group, "detail", kinds[kind].detail);
        list = val_put_list(group, "deals");
        for (; i < moves->count && moves->list[i].kind == kind; i++) {
            sum += moves->list[i].after_minor - moves->list[i].before_minor;
            if (i - first < SHOWN_A_KIND)
                put_deal(cx, &moves->list[i], list);
        }
        val_put_text(group, "sum", signed_money(cx, sum));
        val_put_i64(group, "sum_minor", sum);
        val_put_i64(group, "count", (i64)(i - first));
        val_put_text(group, "more",
                     i - first > SHOWN_A_KIND
                         ? arena_printf(cx->arena, "%zu", i - first - SHOWN_A_KIND)
                         : "");
        if (sum)
            put_step(cx, steps, kinds[kind].text, sum > 0 ? "up" : "down", signed_money(cx, sum),
                     i - first, at, at + (double)sum, most);
        at += (double)sum;
    }
}

static double highest(const struct forecast_moves *moves, double begin)
{
    double at = begin, most = begin;

    for (size_t i = 0; i < moves->count; i++) {
        at += (double)(moves->list[i].after_minor - moves->list[i].before_minor);
        most = fmax(most, at);
    }
    return most * 1.02;
}

static void put_head(struct ctx *cx, const struct asked *a, struct val *page)
{
    struct val *list = val_put_list(page, "measures");

    val_put_printf(page, "title", "What moved in %s", a->w.name);
    val_put_text(page, "from", show_date_full(cx, zone_day(kit_zone(cx), a->from_ms)));
    val_put_text(page, "to",
                 a->to_ms ? show_date_full(cx, zone_day(kit_zone(cx), a->to_ms)) : "now");
    val_put_text(page, "from_day", date_iso(cx->arena, zone_day(kit_zone(cx), a->from_ms)));
    val_put_text(page, "to_day",
                 a->to_ms ? date_iso(cx->arena, zone_day(kit_zone(cx), a->to_ms)) : "");
    val_put_text(page, "unit", a->w.word);
    val_put_text(page, "day", date_iso(cx->arena, a->w.p.from_day));
    val_put_text(page, "measure", measures[a->measure].word);
    val_put_text(page, "person", a->who.person_id ? id_text(cx->arena, a->who.person_id) : "");
    val_put_text(page, "team", a->who.team_id ? id_text(cx->arena, a->who.team_id) : "");
    val_put_printf(page, "back_url", "/forecast?unit=%s&day=%s%s", a->w.word,
                   date_iso(cx->arena, a->w.p.from_day),
                   a->who.person_id
                       ? arena_printf(cx->arena, "&person=%s", id_text(cx->arena, a->who.person_id))
                   : a->who.team_id
                       ? arena_printf(cx->arena, "&team=%s", id_text(cx->arena, a->who.team_id))
                       : "");
    for (size_t i = 0; i < countof(measures); i++) {
        struct val *one = val_add_map(list);
        val_put_text(one, "text", measures[i].text);
        val_put_printf(one, "url", "/forecast/moved?%s&measure=%s", a->query, measures[i].word);
        val_put_bool(one, "on", (size_t)a->measure == i);
    }
}

/* GET /forecast/moved?unit=&day=&from=&to=&measure=&person=&team= */
enum status forecast_moved_get(struct req *rq)
{
    struct ctx *cx = rq->cx;
    struct val *page = val_map(cx->arena), *steps;
    struct forecast_moves moves;
    struct asked a;
    i64 before, after;
    double most;

    TRY(read_asked(rq, &a));
    TRY(forecast_total(cx, &a.w, a.who, a.measure, a.from_ms, &before));
    TRY(forecast_total(cx, &a.w, a.who, a.measure, a.to_ms, &after));
    TRY(forecast_moves(cx, &a.w, a.who, a.measure, a.from_ms, a.to_ms, &moves));
    put_head(cx, &a, page);
    most = highest(&moves, (double)before);
    steps = val_put_list(page, "steps");
    put_step(cx, steps, arena_printf(cx->arena, "As of %s", val_get_text(page, "from")), "total",
             forecast_money(cx, (double)before), 0, 0, (double)before, most);
    put_groups(cx, &moves, (double)before, most, page);
    put_step(cx, steps,
             a.to_ms ? arena_printf(cx->arena, "As of %s", val_get_text(page, "to")) : "Now",
             "total", forecast_money(cx, (double)after), 0, 0, (double)after, most);
    val_put_i64(page, "before_minor", before);
    val_put_i64(page, "after_minor", after);
    val_put_bool(page, "any", moves.count > 0);
    return reply(rq, "forecast/moved", page);
}
