/* traffic.c -- web analytics on one page: how many came, through which channels, sources and
 * campaigns, what they read, from where and with what, and who is here right now. Every row narrows
 * the page to itself. All numbers come through the question engine, with one walk over the journeys
 * for the whole page. */
#include "base/csv.h"
#include "base/limits.h"
#include "base/utf8.h"
#include "bridge/goal.h"
#include "bridge/report.h"
#include "journey/journey.h"
#include "kit/question_show.h"
#include "kit/show.h"
#include "marketing/annotation.h"
#include "marketing/dropped.h"
#include "marketing/traffic_int.h"

#define LEADS "new_leads"
#define CONVERSIONS "conversions"
#define WORTH "conversion_revenue"
enum { TOP = 9, WHOLE = 500, NOTES_SHOWN = 12 /* more are only in the table */ };

/* The numbers on top: each may be drawn. The first is what the tables count and are sorted by. What
 * cannot be narrowed as the page is (leads by page) is left out there. */
static const char *const tiles[] = {
    "visitors",       "visits",       "pageviews",    "pages_per_visit", "visit_bounce_rate",
    "visit_duration", "time_on_page", "scroll_depth", "conversion_rate", LEADS,
};
/* What a whole list says of each row beside its people, where it can be split so. */
enum { COLUMNS_MAX = 8 };
static const char *const usual[COLUMNS_MAX + 1] = {
    "visits", "pageviews", "visit_bounce_rate", "visit_duration", LEADS, "new_customers", "revenue"
};
static const char *const of_pages[COLUMNS_MAX + 1] = {
    "visits", "pageviews", "visit_bounce_rate", "visit_duration", "time_on_page", "scroll_depth"
};
static const char *const of_goals[COLUMNS_MAX + 1] = { CONVERSIONS, "visits", "visit_duration",
                                                       WORTH };
static const char *const of_events[COLUMNS_MAX + 1] = { "site_events", "visits", "visit_duration",
                                                        "site_event_revenue" };
/* How a table counts: people, and beside them what `more` says. */
struct counting {
    const char *people, *label, *share, *more, *more_label;
    const char *const *columns; /* of the whole list */
};
static const struct counting by_visitors = {
    "visitors", "Visitors", "Share", LEADS, "Leads", usual
};
static const struct counting by_readers = { "visitors",     "Visitors", "Share",
                                            "time_on_page", "Time",     of_pages };
static const struct counting by_converted = { "converted_visitors", "People", "Rate",
                                              CONVERSIONS,          "Times",  of_goals };
static const struct counting by_doers = { "site_event_people", "People", "Rate",
                                          "site_events",       "Times",  of_events };
/* The tables, in groups of which one is open. */
static const struct tab {
    const char *group, *dimension, *text;
    const char *none; /* what visits are called of which this is not known; NULL: left out */
    const struct counting *counts; /* NULL: by_visitors */
} tabs[] = {
    { "sources", "channel", "Channels", "No channel" },
    { "sources", "source", "Sources", "Direct or not known" },
    { "sources", "campaign", "Campaigns", NULL },
    { "sources", "medium", "Medium", NULL },
    { "sources", "term", "Term", NULL },
    { "sources", "content", "Content", NULL },
    { "pages", "page", "Pages", NULL, &by_readers },
    { "pages", "entry_page", "Entry pages", NULL },
    { "pages", "exit_page", "Exit pages", NULL },
    { "goals", "goal", "Goals", NULL, &by_converted },
    { "events", "action", "Events", NULL, &by_doers },
    { "places", "country", "Countries", "Not known" },
    { "places", "language", "Languages", "Not known" },
    { "clients", "device", "Devices", "Not known" },
    { "clients", "browser", "Browsers", "Not known" },
    { "clients", "system", "Systems", "Not known" },
    { "clients", "screen", "Screens", "Not known" },
};
enum { GROUPS = 6, QUESTIONS = countof(tiles) + 2 + 3 * GROUPS };

static const struct counting *counts_of(const struct tab *tab)
{
    return tab->counts ? tab->counts : &by_visitors;
}

static const struct tab *tab_of(const char *dimension)
{
    for (size_t i = 0; i < countof(tabs); i++)
        if (text_is(tabs[i].dimension, dimension))
            return &tabs[i];
    return NULL;
}

/* The open table of each group: the first, unless "tabs" says another. */
static void open_tabs(const struct page *p, const struct tab *open[GROUPS])
{
    struct str rest = str_from(p->tabs), word;
    size_t n = 0;

    for (size_t i = 0; i < countof(tabs); i++)
        if (i == 0 || !text_is(tabs[i].group, tabs[i - 1].group))
            open[n++] = &tabs[i];
    assert(n == GROUPS);
    while (str_split(&rest, ',', &word)) {
        const struct tab *tab = tab_of(str_dup(p->cx->arena, word));
        for (size_t i = 0; tab && i < GROUPS; i++)
            if (text_is(open[i]->group, tab->group))
                open[i] = tab;
    }
}

/* "tabs" of an address that opens this one too. */
static const char *tabs_with(const struct page *p, const struct tab *open[GROUPS],
                             const struct tab *tab)
{
    struct buf b = buf_in(p->cx->arena, 1000);

    for (size_t i = 0; i < GROUPS; i++) {
        const struct tab *t = text_is(open[i]->group, tab->group) ? tab : open[i];
        if (t == tabs || !text_is(t->group, (t - 1)->group))
            continue; /* open by itself */
        buf_printf(&b, "%s%s", b.len ? "," : "", t->dimension);
    }
    return buf_end(&b);
}

/* ---- tiles and chart ---- */
static void put_tile(const struct page *p, const struct val *answer, struct val *list)
{
    struct val *tile = val_add_map(list), *change = show_change(p->cx, answer);
    const char *name = val_get_text(answer, "metric");

    val_put_text(tile, "name", name);
    val_put_text(tile, "text", val_get_text(answer, "label"));
    val_put_text(tile, "url", traffic_url(p, p->base, "metric", name));
    val_put_bool(tile, "on", text_is(name, p->metric));
    val_put_text(tile, "value",
                 val_get_text(answer, "text")[0] ? val_get_text(answer, "text") : "–");
    if (change) /* the tile is a link itself */
        val_put_text(change, "url", "");
    val_put(tile, "change", change ? change : val_null(p->cx->arena));
}

/* The days behind each point of the chart, as a period to look into; an hour is none. */
static void put_zooms(const struct page *p, const struct val *answer, struct val *page)
{
    const struct zone *zone = kit_zone(p->cx);
    const struct val *groups = val_get(answer, "groups");
    const struct val *rows = val_get(val_get(page, "chart"), "rows");

    for (size_t i = 0; i < val_count(groups); i++) {
        const char *key = val_get_text(val_at(groups, i), "key"), *from = key, *to;
        i64 day, first = zone_day(zone, p->q.from_ms), last = zone_day(zone, p->q.to_ms - 1);
        if (!date_parse(str_from(key), &day))
            return;
        if (day < first) /* a week or month that began before */
            from = date_iso(p->cx->arena, first);
        if (i + 1 < val_count(groups) &&
            date_parse(str_from(val_get_text(val_at(groups, i + 1), "key")), &day))
            last = day - 1;
        to = date_iso(p->cx->arena, last);
        val_put_text(
            (struct val *)val_at(rows, i), "zoom_url",
            traffic_url(p, p->path, "period", arena_printf(p->cx->arena, "%s..%s", from, to)));
    }
}

/* ---- tables ---- */
/* The link of a row: the page narrowed to it; of what is not known, to that. */
static const char *row_url(const struct page *p, const char *dimension, const char *key)
{
    return traffic_url(p, p->base, dimension, key ? key : "!*");
}

/* One row of a table; false: it is none to show. */
static bool put_row(const struct page *p, const struct tab *tab, const struct val *g, double most,
                    i64 visitors, struct val *list)
{
    bool known = !val_is_null(val_get(g, "key"));
    const char *key = known ? val_get_text(g, "key") : NULL;
    i64 value = val_get_i64(g, "value", 0);
    struct val *row;

    if ((!known && tab->none == NULL) || (known && text_is(key, "(other)")) || value == 0)
        return false;
    row = val_add_map(list);
    val_put_text(row, "text", known ? val_get_text(g, "label") : tab->none);
    val_put_text(row, "url", row_url(p, tab->dimension, key));
    val_put_text(row, "channel_value", known && text_is(tab->dimension, "channel") ? key : "");
    val_put_text(row, "visitors", val_get_text(g, "text"));
    val_put_text(row, "more", "");
    val_put_text(row, "share", report_share(p->cx, value, visitors));
    val_put_i64(row, "percent", show_percent(val_get(g, "value"), most));
    return true;
}

/* What a table is made of. */
struct asked_of {
    const struct val *answer;
    const struct val *more; /* of the same groups in the same order; NULL where it cannot be told */
    const struct val *all;  /* NULL, or of the same dimension without the goal: what rates are of */
};

static i64 value_of_key(const struct val *answer, const struct val *key)
{
    const struct val *groups = val_get(answer, "groups");

    for (size_t i = 0; i < val_count(groups); i++) {
        const struct val *own = val_get(val_at(groups, i), "key");
        if (val_is_null(key)
                ? val_is_null(own)
                : !val_is_null(own) && text_is(val_as_text(own, ""), val_as_text(key, "")))
            return val_get_i64(val_at(groups, i), "value", 0);
    }
    return 0;
}

static void put_group(const struct page *p, const struct tab *open[GROUPS], const struct tab *tab,
                      const struct asked_of *a, i64 visitors, struct val *list)
{
    const struct val *answer = a->answer, *more = a->more;
    const struct counting *counts = counts_of(tab);
    const struct val *groups = val_get(answer, "groups");
    struct val *one = val_add_map(list), *links = val_put_list(one, "tabs");
    struct val *rows = val_put_list(one, "rows");
    double most = show_most(groups);

    val_put_text(one, "name", tab->group);
    val_put_text(one, "text", tab->text);
    for (size_t i = 0; i < countof(tabs); i++) {
        struct val *link;
        if (!text_is(tabs[i].group, tab->group))
            continue;
        link = val_add_map(links);
        val_put_text(link, "name", tabs[i].dimension);
        val_put_text(link, "text", tabs[i].text);
        val_put_printf(link, "url", "%s#%s",
                       traffic_url(p, p->base, "tabs", tabs_with(p, open, &tabs[i])), tab->group);
        val_put_bool(link, "on", &tabs[i] == tab);
    }
    for (size_t i = 0; i < val_count(groups) && val_count(rows) < TOP; i++) {
        const struct val *g = val_at(groups, i);
        i64 of = a->all ? value_of_key(a->all, val_get(g, "key")) : visitors;
        if (put_row(p, tab, g, most, of, rows) && more)
            val_put_text((struct val *)val_at(rows, val_count(rows) - 1), "more",
                         val_get_text(val_at(val_get(more, "groups"), i), "text"));
    }
    val_put_text(one, "count_label", counts->label);
    val_put_text(one, "share_label", a->all ? "Rate" : counts->share);
    val_put_text(one, "more_label", counts->more_label);
    val_put_bool(one, "has_more", more != NULL);
    val_put_printf(one, "more_is", "%s%s", val_get_text(more, "definition"),
                   text_is(counts->more, LEADS)
                       ? " Under the channel and campaign of their first touch."
                       : "");
    val_put_bool(one, "is_goals", text_is(tab->dimension, "goal"));
    val_put_bool(one, "may_add",
                 p->site == NULL && access_scope(p->cx->access, "goal", VERB_CREATE) != SCOPE_NONE);
    val_put_bool(one, "has_rows", val_count(rows) > 0);
    val_put_text(one, "more_url", traffic_url(p, traffic_path(p, "/list"), "by", tab->dimension));
}

static struct question ask(const struct page *p, const char *metric)
{
    struct question q = p->q;

    q.metric = metric;
    return q;
}

/* Whether what is counted knows the dimension as journeys do. */
static bool can_ask(const struct page *p, const struct question *q)
{
    const struct metric *m = metric_find(p->cx, q->metric);

    if (m == NULL || (p->site && m->unit == UNIT_MONEY))
        return false; /* what it was worth is nobody's business who was given a link */
    return question_allowed(p->cx, q) &&
           (m->source != METRIC_RECORDS || text_empty(q->dimension) ||
            tab_of(q->dimension) == NULL || metric_keeps(m, q->dimension));
}

/* Adds the question if it can be asked; its index, or -1. */
static int add_question(const struct page *p, struct question *qs, size_t *n,
                        const struct question *q)
{
    if (!can_ask(p, q))
        return -1;
    qs[(*n)++] = *q;
    return (int)*n - 1;
}

/* What happened on the days of the chart, on it and in its table. */
static enum status put_notes(struct page *p, const struct val *answer, struct val *page)
{
    const struct zone *zone = kit_zone(p->cx);
    i64 first = zone_day(zone, p->q.from_ms), last = zone_day(zone, p->q.to_ms - 1), day;
    struct val *list = val_put_list(page, "notes");
    const struct val *groups = val_get(answer, "groups");
    struct val *rows = (struct val *)val_get(val_get(page, "chart"), "rows");
    size_t at = 0;

    TRY(annotations_put(p->cx, first, last, traffic_site(p), list));
    val_put_bool(page, "has_notes", val_count(list) > 0 && val_count(list) <= NOTES_SHOWN);
    for (size_t i = 0; i < val_count(groups); i++) {
        struct buf b = buf_in(p->cx->arena, 4000);
        i64 next = last + 1;
        if (!date_parse(str_from(val_get_text(val_at(groups, i), "key")), &day))
            return OK; /* by hours: which one nobody said */
        if (i + 1 < val_count(groups))
            (void)date_parse(str_from(val_get_text(val_at(groups, i + 1), "key")), &next);
        for (; at < val_count(list) && val_get_i64(val_at(list, at), "day", 0) < next; at++)
            buf_printf(&b, "%s%s", b.len ? "; " : "", val_get_text(val_at(list, at), "text"));
        if (b.len)
            val_put_text((struct val *)val_at(rows, i), "chart_note", buf_end(&b));
    }
    return OK;
}

/* The same without the goal that the page is narrowed to; false when it is to none. */
static bool without_goal(const struct page *p, struct question *q)
{
    struct question_where *rest = NEW_N(p->cx->arena, struct question_where, q->where_count + 1);
    size_t count = 0;

    for (size_t i = 0; i < q->where_count; i++)
        if (!text_is(q->where[i].dimension, "goal") || q->where[i].value[0] == '!')
            rest[count++] = q->where[i];
    if (count == q->where_count)
        return false;
    q->where = rest;
    q->where_count = count;
    return true;
}

/* Of whom a page narrowed to a goal shows those who reached it. */
static void put_rate_tile(const struct page *p, i64 converted, i64 visitors, struct val *list)
{
    struct val *tile = val_add_map(list);

    val_put_text(tile, "name", "conversion_rate");
    val_put_text(tile, "text", "Conversion rate");
    val_put_text(tile, "url", traffic_url(p, p->base, "metric", "visitors"));
    val_put_bool(tile, "on", false);
    val_put_text(tile, "value", visitors ? report_share(p->cx, converted, visitors) : "–");
    val_put_null(tile, "change");
}

static enum status put_numbers(struct page *p, struct val *page)
{
    const struct tab *open[GROUPS];
    struct question qs[QUESTIONS], q;
    struct val *answers[QUESTIONS], *list = val_put_list(page, "tiles");
    int tile[countof(tiles)], table[GROUPS], more[GROUPS], all[GROUPS], chart, everybody;
    size_t n = 0;
    bool by_goal;

    open_tabs(p, open);
    q = ask(p, tiles[0]);
    q.compare_from_ms = q.compare_to_ms = 0;
    by_goal = without_goal(p, &q);
    everybody = by_goal ? add_question(p, qs, &n, &q) : -1;
    for (size_t i = 0; i < countof(tiles); i++) {
        q = ask(p, tiles[i]);
        tile[i] =
            by_goal && text_is(tiles[i], "conversion_rate") ? -1 : add_question(p, qs, &n, &q);
    }
    q = ask(p, p->metric);
    q.dimension = show_period_unit(&p->q);
    chart = add_question(p, qs, &n, &q);
    for (size_t i = 0; i < GROUPS; i++) {
        const struct counting *counts = counts_of(open[i]);
        q = ask(p, counts->people);
        q.dimension = open[i]->dimension;
        q.compare_from_ms = q.compare_to_ms = 0;
        q.limit = TOP + 1; /* one may be of what is not known */
        table[i] = add_question(p, qs, &n, &q);
        q.metric = counts->more;
        q.order = counts->people;
        more[i] = add_question(p, qs, &n, &q);
        q.metric = counts->people;
        q.order = NULL;
        q.limit = WHOLE;
        all[i] = without_goal(p, &q) && text_is(counts->people, tiles[0])
                     ? add_question(p, qs, &n, &q)
                     : -1;
    }
    TRY(question_ask_many(p->cx, qs, n, answers));
    i64 visitors = val_get_i64(answers[tile[0]], "value", 0);
    for (size_t i = 0; i < countof(tiles); i++) {
        if (by_goal && text_is(tiles[i], "conversion_rate"))
            put_rate_tile(p, visitors, val_get_i64(answers[everybody], "value", 0), list);
        else if (tile[i] >= 0)
            put_tile(p, answers[tile[i]], list);
    }
    show_chart_put(p->cx, answers[chart], page);
    put_zooms(p, answers[chart], page);
    val_put_bool(page, "has_notes", false);
    if (p->site == NULL)
        TRY(put_notes(p, answers[chart], page));
    val_put_text(page, "definition", val_get_text(answers[chart], "definition"));
    val_put_text(page, "rows_url", p->site ? "" : val_get_text(answers[chart], "rows_path"));
    val_put_bool(page, "has_visits", visitors > 0);
    list = val_put_list(page, "groups");
    for (size_t i = 0; i < GROUPS; i++) {
        struct asked_of a = { answers[table[i]], more[i] < 0 ? NULL : answers[more[i]],
                              all[i] < 0 ? NULL : answers[all[i]] };
        put_group(p, open, open[i], &a, visitors, list);
    }
    return OK;
}

/* ---- the page ---- */
/* Before the first visitor there is nothing to read in numbers. */
static enum status no_visitors(struct req *rq, struct val *page)
{
    bool may = access_scope(rq->cx->access, "site", VERB_CREATE) != SCOPE_NONE;

    put_empty(page, "Nobody has visited yet",
              "Visitors, where they came from and what they read stand here from the first page "
              "view on. It takes one line of script on your web site.",
              may ? "Add a web site" : NULL, "/sites/new");
    return reply(rq, "traffic/page", page);
}

enum status traffic_read_metric(struct page *p)
{
    if (p->metric[0] == '\0')
        p->metric = tiles[0];
    for (size_t i = 0; i < countof(tiles); i++) {
        struct question q = ask(p, tiles[i]);
        if (!text_is(tiles[i], p->metric))
            continue;
        if (!question_allowed(p->cx, &q))
            p->metric = tiles[0]; /* the page was narrowed meanwhile to what cannot be told of it */
        return OK;
    }
    return ctx_fail_code(p->cx, E_INVALID, "traffic.metric",
                         "The page does not draw '%s'. Say one of visitors, visits, pageviews, "
                         "pages_per_visit, visit_bounce_rate, visit_duration, time_on_page, "
                         "scroll_depth, conversion_rate, new_leads.",
                         utf8_cut(p->cx->arena, p->metric, 60));
}

enum status traffic_put_page(struct page *p, enum status s, struct val *page)
{
    val_put_null(page, "empty");
    val_put_text(page, "vitals_url", traffic_url(p, traffic_path(p, "/vitals"), "", ""));
    TRY(traffic_put_asked(p, page));
    return s == OK ? put_numbers(p, page) : OK;
}

/* GET /traffic?period=last_30_days&compare=year&metric=visits&tabs=campaign&channel=email */
static enum status traffic(struct req *rq)
{
    struct page p = { .base = "/traffic", .path = "/traffic" };
    struct val *page = val_map(rq->cx->arena);
    const struct zone *zone = kit_zone(rq->cx);
    enum status s;

    s = traffic_read(rq, &p);
    s = s == OK ? traffic_read_metric(&p) : s;
    TRY(traffic_said(rq, s, page));
    if (s == OK && traffic_is_form(rq))
        return reply_redirect(rq, traffic_url(&p, p.path, "", ""));
    val_put_text(page, "title", "Traffic");
    val_put_text(page, "live", "traffic");
    TRY(traffic_put_now(rq->cx, page));
    if (rq->cx->journey == NULL || journey_last_seq(rq->cx->journey) == 0) {
        val_put_null(page, "empty");
        TRY(traffic_put_asked(&p, page));
        return no_visitors(rq, page);
    }
    TRY(traffic_put_page(&p, s, page));
    TRY(dropped_put(rq->cx, zone_day(zone, p.q.from_ms), zone_day(zone, p.q.to_ms - 1),
                    traffic_site(&p), page));
    val_put_text(page, "address", rq->address);
    val_put_bool(page, "may_leave_out",
                 access_scope(rq->cx->access, "exclusion", VERB_CREATE) != SCOPE_NONE);
    val_put_bool(page, "may_note",
                 access_scope(rq->cx->access, "annotation", VERB_CREATE) != SCOPE_NONE);
    val_put_bool(page, "may_share",
                 access_scope(rq->cx->access, "traffic_share", VERB_READ) != SCOPE_NONE);
    return reply(rq, "traffic/page", page);
}

/* ---- whole lists ---- */
/* What conversions were worth: what their events said, else what the goal says of each. */
static i64 worth_of(const struct goals *goals, const struct val *g, i64 said, i64 times)
{
    int goal = goals ? goal_index(goals, val_get_text(g, "key")) : -1;

    return said || goal < 0 ? said : times * goal_value_minor(goals, (size_t)goal);
}

/* Two of them are short where they stand in a table of their own kind. */
static const char *column_label(const struct val *answer)
{
    const char *name = val_get_text(answer, "metric");

    return text_is(name, WORTH) || text_is(name, "site_event_revenue")
               ? "Worth"
               : val_get_text(answer, "label");
}

static void put_list_cell(const struct page *p, const struct goals *goals, struct val **answers,
                          size_t k, size_t i, struct val *row)
{
    const struct val *cell = val_at(val_get(answers[k], "groups"), i);
    const char *text = val_get_text(cell, "text"),
               *plain = val_print(p->cx->arena, val_get(cell, "value"));

    if (goals && text_is(val_get_text(answers[k], "metric"), WORTH)) {
        i64 worth = worth_of(goals, cell, val_get_i64(cell, "value", 0),
                             val_get_i64(val_at(val_get(answers[2], "groups"), i), "value", 0));
        text = worth ? metric_show(p->cx, metric_find(p->cx, WORTH), (double)worth) : "–";
        plain = arena_printf(p->cx->arena, "%lld", (long long)worth);
    }
    report_cell(row, "integer", text, plain);
}

/* The row's last number opens what was counted; not for those with whom the page is shared. */
static void lead_to_rows(const struct page *p, const struct val *number, const struct val *row)
{
    if (p->site == NULL && !val_is_null(val_get(number, "value")))
        report_cell_url(row, val_count(val_get(row, "cells")) - 1,
                        val_get_text(number, "rows_path"));
}

/* All rows of one dimension with all numbers, the most visitors first, as a report's table. */
static enum status put_list(struct page *p, const struct tab *tab, struct val *page)
{
    const struct counting *counts = counts_of(tab);
    struct question qs[COLUMNS_MAX + 2];
    struct val *answers[COLUMNS_MAX + 2], *table = report_table(page, "table");
    const struct goals *goals = NULL;
    size_t n = 0;

    if (text_is(tab->dimension, "goal"))
        TRY(goals_read(p->cx, &goals));
    for (size_t i = 0; i < COLUMNS_MAX + 2 && (i < 2 || counts->columns[i - 2]); i++) {
        struct question q = ask(p, i == 0   ? tiles[0]
                                   : i == 1 ? counts->people
                                            : counts->columns[i - 2]);
        q.dimension = i ? tab->dimension : "";
        q.order = i ? counts->people : NULL;
        q.limit = WHOLE;
        q.compare_from_ms = q.compare_to_ms = 0;
        if (can_ask(p, &q))
            qs[n++] = q;
    }
    TRY(question_ask_many(p->cx, qs, n, answers));
    const struct val *groups = val_get(answers[1], "groups");
    i64 visitors = val_get_i64(answers[0], "value", 0);
    double most = show_most(groups);
    struct val *rows = val_list(p->cx->arena);

    report_column(table, dimension_find(p->cx, tab->dimension)->label, "text");
    report_column(table, counts->label, "integer");
    report_column(table, counts->share, "percent");
    for (size_t k = 2; k < n; k++)
        report_column(table, column_label(answers[k]), "integer");
    for (size_t i = 0; i < val_count(groups); i++) {
        const struct val *g = val_at(groups, i), *said;
        struct val *row;
        if (!put_row(p, tab, g, most, visitors, rows))
            continue;
        said = val_at(rows, val_count(rows) - 1);
        row = report_row(table, val_get_text(said, "text"), val_get_text(said, "channel_value"));
        val_put_text(row, "url", val_get_text(said, "url"));
        val_put_i64(row, "percent", val_get_i64(said, "percent", 0));
        report_count_cell(p->cx, row, val_get_i64(g, "value", 0));
        lead_to_rows(p, g, row);
        report_share_cell(p->cx, row, val_get_i64(g, "value", 0), visitors);
        for (size_t k = 2; k < n; k++) {
            put_list_cell(p, goals, answers, k, i, row);
            lead_to_rows(p, val_at(val_get(answers[k], "groups"), i), row);
        }
    }
    val_put_bool(page, "has_rows", val_count(rows) > 0);
    val_put_text(
        page, "more",
        val_count(groups) > WHOLE
            ? arena_printf(p->cx->arena, "The first %d; narrow the page to see others.", WHOLE)
            : "");
    return OK;
}

static enum status check_tab(struct page *p, const struct tab *tab)
{
    if (tab)
        return OK;
    return ctx_fail_code(p->cx, E_INVALID, "traffic.by",
                         "There is no list by '%s'. Go there from the page Traffic.",
                         utf8_cut(p->cx->arena, p->by, 60));
}

enum status traffic_put_list(struct page *p, enum status s, struct val *page)
{
    const struct tab *tab = tab_of(p->by);
    struct val *crumb;

    TRY(check_tab(p, tab));
    val_put_text(page, "title", tab->text);
    TRY(traffic_put_asked(p, page));
    crumb = val_add_map(val_put_list(page, "crumbs"));
    val_put_text(crumb, "text", "Traffic");
    val_put_text(crumb, "url", traffic_url(p, p->base, "", ""));
    val_put_text(page, "csv_url", "");
    return s == OK ? put_list(p, tab, page) : OK;
}

/* GET /traffic/list?by=page */
static enum status traffic_list(struct req *rq)
{
    struct page p = { .base = "/traffic", .path = "/traffic/list" };
    struct val *page = val_map(rq->cx->arena);
    bool may = access_scope(rq->cx->access, "journey", VERB_EXPORT) != SCOPE_NONE;
    enum status s;

    s = traffic_read(rq, &p);
    TRY(check_tab(&p, tab_of(p.by)));
    TRY(traffic_said(rq, s, page));
    if (s == OK && traffic_is_form(rq))
        return reply_redirect(rq, traffic_url(&p, p.path, "", ""));
    TRY(traffic_put_list(&p, s, page));
    if (may)
        val_put_text(page, "csv_url", traffic_url(&p, "/traffic/list.csv", "by", p.by));
    return reply(rq, "traffic/list", page);
}

/* GET /traffic/list.csv?by=page: the same, numbers as they are. */
static enum status traffic_csv(struct req *rq)
{
    struct page p = { .base = "/traffic", .path = "/traffic/list.csv" };
    struct val *page = val_map(rq->cx->arena);
    struct buf out = buf_in(rq->cx->arena, LIMIT_UPLOAD_BYTES);
    const char *day = date_iso(rq->cx->arena, zone_day(kit_zone(rq->cx), ctx_now(rq->cx)));
    const struct tab *tab;

    TRY(traffic_read(rq, &p));
    tab = tab_of(p.by);
    TRY(check_tab(&p, tab));
    TRY(put_list(&p, tab, page));
    report_write_csv(val_get(page, "table"), &out);
    TRY(buf_status(&out));
    reply_header(rq, "Content-Disposition",
                 arena_printf(rq->cx->arena, "attachment; filename=\"traffic-%s-%s.csv\"",
                              tab->dimension, day));
    return reply_text(rq, 200, "text/csv; charset=utf-8", (struct str){ out.p, out.len });
}

static const struct route routes[] = {
    { HTTP_GET, "/traffic", traffic, NEEDS("journey", VERB_READ) },
    { HTTP_GET, "/traffic/vitals", traffic_vitals, NEEDS("journey", VERB_READ) },
    { HTTP_GET, "/traffic/now", traffic_now, NEEDS("journey", VERB_READ) },
    { HTTP_GET, "/traffic/list", traffic_list, NEEDS("journey", VERB_READ) },
    { HTTP_GET, "/traffic/list.csv", traffic_csv, NEEDS("journey", VERB_EXPORT) },
};
static const struct menu_item menu[] = { { "marketing", "Traffic", "/traffic", "chart-line",
                                           "journey", 0 } };
const struct feature feature_traffic = {
    .name = "traffic", ROUTES(routes), MENU(menu), .start = traffic_start
};
