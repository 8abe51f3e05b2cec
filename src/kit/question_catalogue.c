/* question_catalogue.c -- the catalogue of all metrics, and the page of one: what it means, where
 * it comes from, who answers for it, how it went, what it aims at, and who is told when it leaves
 * its bounds. Any of it as of a past day. */
#include "kit/kit.h"
#include "kit/question_int.h"
#include "kit/question_show.h"
#include "kit/show.h"

enum { LISTED_MAX = 50, HISTORY_MONTHS = 12, STATE_DAYS = 14, STATE_WEEKS_DAYS = 100 };

/* What a page is asked for. */
struct view {
    const struct metric *metric;
    struct question q;
    const char *period, *as_of, *by, *team;
};

static enum status read_view(struct req *rq, struct view *v)
{
    v->as_of = req_query(rq, "as_of");
    v->by = req_query(rq, "by");
    v->team = req_query(rq, "team");
    TRY(question_read_as_of(rq->cx, v->as_of, &v->q.as_of_ms));
    if (v->q.as_of_ms == 0) /* today: as it is */
        v->as_of = "";
    scoped(then_leave) struct then then = then_enter(rq->cx, v->q.as_of_ms);
    return show_period_read(rq, &v->period, &v->q);
}

/* "?period=...&as_of=..." of this page, with another `name`. */
static const char *query_of(struct ctx *cx, const struct view *v, const char *name,
                            const char *value)
{
    const struct {
        const char *name, *value;
    } parts[] = {
        { "period", v->period }, { "as_of", v->as_of }, { "by", v->by }, { "team", v->team }
    };
    struct buf b = buf_in(cx->arena, 4000);

    for (size_t i = 0; i < countof(parts); i++) {
        const char *text = text_is(parts[i].name, name) ? value : parts[i].value;
        if (!text_empty(text))
            buf_printf(&b, "%c%s=%s", b.len ? '&' : '?', parts[i].name,
                       http_url_encode(cx->arena, text));
    }
    return buf_end(&b);
}

static const char *path_of(struct ctx *cx, const struct view *v)
{
    return v->metric ? arena_printf(cx->arena, "/insight/metrics/%s", v->metric->name)
                     : "/insight/metrics";
}

/* Period and day to choose, and what the page leaves as it is meanwhile. */
static void put_choosing(struct ctx *cx, const struct view *v, struct val *page)
{
    const struct zone *zone = kit_zone(cx);
    struct val *as_of = val_put_map(page, "as_of"), *kept;
    const char *rest = query_of(cx, v, "period", "");
    const struct {
        const char *name, *value;
    } keep[] = { { "period", v->period }, { "by", v->by }, { "team", v->team } };

    show_period_put(cx, v->period, arena_printf(cx->arena, "%s%s", path_of(cx, v), rest), page);
    val_put_text(as_of, "value", v->as_of);
    val_put_text(as_of, "max", date_iso(cx->arena, zone_day(zone, ctx_now(cx))));
    val_put_printf(as_of, "now_url", "%s%s", path_of(cx, v), query_of(cx, v, "as_of", ""));
    val_put_text(as_of, "day",
                 v->q.as_of_ms ? zone_format(cx->arena, zone, v->q.as_of_ms - 1, "d MMMM y") : "");
    val_put_text(as_of, "action", path_of(cx, v));
    kept = val_put_list(as_of, "kept");
    for (size_t i = 0; i < countof(keep); i++) {
        struct val *one;
        if (text_empty(keep[i].value))
            continue;
        one = val_add_map(kept);
        val_put_text(one, "name", keep[i].name);
        val_put_text(one, "value", keep[i].value);
    }
}

/* ---- cells ---- */
static struct val *put_cell(struct val *cells, const char *kind, const char *text)
{
    struct val *cell = val_add_map(cells);

    val_put_text(cell, "kind", kind); /* an empty one stands where the others do */
    val_put_bool(val_put_map(cell, "is"), text[0] ? kind : "empty", true);
    val_put_text(cell, "text", text);
    val_put_text(cell, "href", "");
    return cell;
}

/* One that opens what is behind it. */
static void put_number_cell(struct val *cells, const char *kind, const char *text, const char *path)
{
    val_put_text(put_cell(cells, kind, text), "href", text[0] ? path : "");
}

static void put_column(struct val *columns, const char *label, const char *kind)
{
    struct val *one = val_add_map(columns);

    val_put_text(one, "label", label);
    val_put_text(one, "kind", kind);
}

static const char *kind_of_unit(const struct metric *m)
{
    return m->unit == UNIT_MONEY ? "money" : m->unit == UNIT_RATIO ? "percent" : "integer";
}

/* "86% of €400K"; "" where nothing is aimed at. */
static const char *reached_words(struct ctx *cx, const struct val *answer)
{
    const struct val *part = val_get(answer, "attainment");
    const char *target = val_get_text(answer, "target_text");

    if (text_empty(target))
        return "";
    if (val_is_null(part))
        return arena_printf(cx->arena, "of %s", target);
    return arena_printf(cx->arena, "%.0f%% of %s", val_as_double(part, 0) * 100, target);
}

static const char *team_words(const struct metric *m)
{
    static const struct {
        const char *team, *text;
    } teams[] = { { "marketing", "Marketing" },
                  { "sales", "Sales" },
                  { "service", "Service" },
                  { "both", "Both teams" } };

    for (size_t i = 0; i < countof(teams); i++)
        if (m->team && text_is(m->team, teams[i].team))
            return teams[i].text;
    return "";
}

/* ---- records about a metric: targets, alerts, who answers for it ---- */
/* Those of a type that the program may lack, of one metric or (NULL) of all, as far as they may be
 * seen. */
static enum status rows_about(struct ctx *cx, const char *type, const struct metric *m,
                              struct list_page *out)
{
    const struct record_type *t = type_find(cx, type);
    struct list_query lq = { .limit = m ? LISTED_MAX : 0 };

    *out = (struct list_page){ 0 };
    if (t == NULL || access_scope(cx->access, type, VERB_READ) == SCOPE_NONE)
        return OK;
    if (m)
        lq.filter = arena_printf(cx->arena, "metric = '%s'", m->name);
    TRY(list_run(cx, t, &lq, out));
    return rows_load_titles(cx, out->rows, out->count);
}

static const char *shown(struct ctx *cx, const struct row *r, const char *field)
{
    return row_show(cx, r, type_field(row_type(r), field));
}

static const char *new_url(struct ctx *cx, const char *type, const struct metric *m)
{
    const struct record_type *t = type_find(cx, type);

    if (t == NULL || access_scope(cx->access, type, VERB_CREATE) == SCOPE_NONE)
        return "";
    return arena_printf(cx->arena, "/%s/new?metric=%s", t->path, m->name);
}

static const struct row *owner_entry(const struct list_page *owners, const char *metric)
{
    for (size_t i = 0; i < owners->count; i++) {
        const struct row *r = owners->rows[i];
        if (text_is(row_text(r, type_field(row_type(r), "metric")), metric))
            return r;
    }
    return NULL;
}

/* ---- the catalogue ---- */
static void put_catalogue_row(struct ctx *cx, const struct view *v, const struct list_page *owners,
                              const struct val *answer, struct val *rows)
{
    const struct metric *m = metric_find(cx, val_get_text(answer, "metric"));
    struct val *row = val_add_map(rows), *cells = val_put_list(row, "cells");
    const struct val *change = show_change(cx, answer);
    const struct row *owner = owner_entry(owners, m->name);
    const char *url =
        arena_printf(cx->arena, "/insight/metrics/%s%s", m->name, query_of(cx, v, "team", ""));

    val_put_text(row, "url", url);
    struct val *title = put_cell(cells, "title", m->label);
    val_put_text(title, "url", url);
    val_put_text(title, "initials", "");
    put_cell(cells, m->unit == UNIT_MONEY ? "money" : "decimal", val_get_text(answer, "text"));
    put_cell(cells, "text", val_get_text(change, "text"));
    put_cell(cells, "text", reached_words(cx, answer));
    put_cell(cells, "text", team_words(m));
    put_cell(cells, "text", owner ? shown(cx, owner, "owner_id") : "");
    put_cell(cells, "longtext", m->definition);
}

static bool is_of_team(const struct metric *m, const char *team)
{
    return text_empty(team) || (m->team && (text_is(m->team, team) || text_is(m->team, "both")));
}

static void put_teams(struct ctx *cx, const struct view *v, struct val *page)
{
    static const struct {
        const char *team, *text;
    } all[] = { { "", "All" }, { "marketing", "Marketing" }, { "sales", "Sales" } };
    struct val *list = val_put_list(page, "cuts");

    for (size_t i = 0; i < countof(all); i++) {
        struct val *one = val_add_map(list);
        val_put_text(one, "text", all[i].text);
        val_put_printf(one, "url", "/insight/metrics%s", query_of(cx, v, "team", all[i].team));
        val_put_bool(one, "on", text_is(v->team, all[i].team));
    }
}

static enum status put_catalogue(struct ctx *cx, struct view *v, struct val *page)
{
    struct val *rows = val_put_list(page, "rows"), *answers[QUESTIONS_MAX];
    struct question qs[QUESTIONS_MAX];
    struct list_page owners;
    size_t all_count, count;
    const struct metric *const *all = metric_all(cx, &all_count);

    TRY(rows_about(cx, "metric_owner", NULL, &owners));
    for (size_t i = 0; i < all_count;) { /* in as many goes as are needed */
        for (count = 0; i < all_count && count < QUESTIONS_MAX; i++) {
            v->q.metric = all[i]->name;
            if (is_of_team(all[i], v->team) && question_allowed(cx, &v->q))
                qs[count++] = v->q;
        }
        TRY(question_ask_many(cx, qs, count, answers));
        for (size_t j = 0; j < count; j++)
            put_catalogue_row(cx, v, &owners, answers[j], rows);
    }
    return OK;
}

/* GET /insight/metrics?period=&team=&as_of= */
static enum status catalogue(struct req *rq)
{
    struct ctx *cx = rq->cx;
    struct val *page = val_map(cx->arena), *columns = val_put_list(page, "columns");
    struct view v = { 0 };

    TRY(read_view(rq, &v));
    val_put_text(page, "title", "Metrics");
    val_put_printf(page, "description",
                   "Every number that pages, reports and the API use, each with one definition for "
                   "both teams. %s, compared with the same time before.",
                   period_label(cx, v.period));
    put_column(columns, "Metric", "title");
    put_column(columns, "Value", "decimal");
    put_column(columns, "Change", "text");
    put_column(columns, "Target", "text");
    put_column(columns, "Team", "text");
    put_column(columns, "Owner", "text");
    put_column(columns, "How it is counted", "longtext");
    put_choosing(cx, &v, page);
    put_teams(cx, &v, page);
    TRY(put_catalogue(cx, &v, page));
    return reply(rq, "kit/metrics", page);
}

/* ---- one metric: what it is ---- */
static void put_fact(struct val *list, const char *label, const char *text, const char *url)
{
    struct val *one = val_add_map(list);

    val_put_text(one, "label", label);
    val_put_text(one, "text", text);
    val_put_text(one, "url", url);
}

/* "Deals where Status is won, by Closed" */
static const char *source_words(struct ctx *cx, const struct metric *m)
{
    const struct record_type *t = m->type ? type_find(cx, m->type) : NULL;
    const struct event_kind *kind = m->event_kind ? kit_event_kind(cx->kit, m->event_kind) : NULL;
    struct filter *f = NULL;
    const char *where = "", *date = "";
    struct ctx probe = *cx;

    if (metric_is_derived(m))
        return "Worked out of other metrics";
    if (m->source == METRIC_TARGET)
        return "Targets";
    if (m->source == METRIC_JOURNEY)
        return arena_printf(cx->arena, "Journeys: %s", kind ? kind->label : "visits to the sites");
    ctx_clear_error(&probe);
    if (!text_empty(m->filter) && filter_parse(&probe, t, m->filter, &f) == OK)
        where = arena_printf(cx->arena, " where %s", filter_words(cx, f));
    if (m->date && type_field(t, m->date) >= 0)
        date = arena_printf(cx->arena, ", by %s", t->fields[type_field(t, m->date)].label);
    else if (m->date)
        date = ", by the day they were added";
    return arena_printf(cx->arena, "%s%s%s", t->plural, where, date);
}

static enum status put_facts(struct ctx *cx, const struct metric *m, struct val *page)
{
    struct val *facts = val_put_list(page, "facts");
    struct list_page owners;
    const char *note = "";

    TRY(rows_about(cx, "metric_owner", m, &owners));
    put_fact(facts, "Source", source_words(cx, m), "");
    put_fact(facts, "Team", team_words(m), "");
    if (owners.count) {
        const struct row *r = owners.rows[0];
        put_fact(facts, "Owner", shown(cx, r, "owner_id"), row_path(cx, r));
        note = shown(cx, r, "note");
    } else if (type_find(cx, "metric_owner")) {
        const char *url = new_url(cx, "metric_owner", m);
        put_fact(facts, "Owner", url[0] ? "Nobody yet: name one" : "Nobody yet", url);
    }
    if (note[0])
        put_fact(facts, "Note", note, "");
    return OK;
}

/* ---- what it aims at ---- */
static void put_month(struct ctx *cx, const struct metric *m, const struct val *group, double most,
                      struct val *list)
{
    struct val *one = val_add_map(list);
    const struct val *part = val_get(group, "attainment");
    double reached = val_as_double(part, 0);
    bool good = m->less_is_better ? reached <= 1 : reached >= 1;

    val_put_text(one, "text", val_get_text(group, "label"));
    val_put_text(one, "url", val_get_text(group, "rows_path"));
    val_put_text(one, "value", val_get_text(group, "text"));
    val_put_text(one, "target", val_get_text(group, "target_text"));
    val_put_text(one, "target_url", val_get_text(group, "target_rows_path"));
    val_put_text(one, "reached",
                 val_is_null(part) ? "" : arena_printf(cx->arena, "%.0f%%", reached * 100));
    val_put_text(one, "tone", val_is_null(part) ? "grey" : good ? "green" : "amber");
    val_put_i64(one, "percent", show_percent(part, most));
}

/* The last months in which something was aimed at, the newest first. */
static enum status put_history(struct ctx *cx, const struct view *v, struct val *targets)
{
    const struct zone *zone = kit_zone(cx);
    i64 now = v->q.as_of_ms ? v->q.as_of_ms - 1 : ctx_now(cx);
    struct question q = { .metric = v->metric->name,
                          .dimension = "month",
                          .as_of_ms = v->q.as_of_ms,
                          .from_ms = zone_start(zone, PERIOD_MONTH, now, 1 - HISTORY_MONTHS),
                          .to_ms = zone_start(zone, PERIOD_MONTH, now, 1) };
    struct val *list = val_put_list(targets, "months"), *answer;
    double most = 1;

    TRY(question_ask(cx, &q, &answer));
    const struct val *groups = val_get(answer, "groups");
    for (size_t i = 0; i < val_count(groups); i++) {
        double reached = val_as_double(val_get(val_at(groups, i), "attainment"), 0);
        most = reached > most ? reached : most;
    }
    for (size_t i = val_count(groups); i > 0; i--)
        if (!val_is_null(val_get(val_at(groups, i - 1), "target")))
            put_month(cx, v->metric, val_at(groups, i - 1), most, list);
    val_put_bool(targets, "has_months", val_count(list) > 0);
    return OK;
}

static void put_record(struct ctx *cx, const struct row *r, const char *detail, struct val *list)
{
    struct val *one = val_add_map(list);

    val_put_text(one, "text", row_title(cx, r));
    val_put_text(one, "url", row_path(cx, r));
    val_put_text(one, "detail", detail);
}

static i64 day_of(const struct row *r, const char *field)
{
    return row_i64(r, type_field(row_type(r), field));
}

static bool same_field(const struct row *a, const struct row *b, const char *field)
{
    int i = type_field(row_type(a), field);

    return text_is(row_text(a, i), row_text(b, i));
}

/* Neither over nor followed by a later one for the same. */
static bool still_rules(const struct list_page *all, const struct row *r, i64 today)
{
    i64 until = day_of(r, "until_date");

    if (until != TIME_NONE && until < today)
        return false;
    for (size_t i = 0; i < all->count; i++) {
        const struct row *o = all->rows[i];
        if (o != r && same_field(o, r, "dimension") && same_field(o, r, "value") &&
            day_of(o, "from_date") > day_of(r, "from_date") && day_of(o, "from_date") <= today)
            return false;
    }
    return true;
}

static enum status put_targets(struct ctx *cx, const struct view *v, const struct val *answer,
                               struct val *page)
{
    struct val *targets = val_put_map(page, "targets"), *list = val_put_list(targets, "rows");
    i64 today = zone_day(kit_zone(cx), v->q.as_of_ms ? v->q.as_of_ms - 1 : ctx_now(cx));
    const struct record_type *t = type_find(cx, "target");
    struct list_page found;
    bool whole = false;

    TRY(rows_about(cx, "target", v->metric, &found));
    for (size_t i = 0; i < found.count; i++) {
        const struct row *r = found.rows[i];
        const char *until = shown(cx, r, "until_date");
        whole |= !row_has(r, type_field(row_type(r), "dimension"));
        if (still_rules(&found, r, today))
            put_record(cx, r,
                       arena_printf(cx->arena, "from %s%s%s", shown(cx, r, "from_date"),
                                    until[0] ? " until " : "", until),
                       list);
    }
    val_put_bool(targets, "has_rows", val_count(list) > 0);
    val_put_text(
        targets, "all_url",
        found.count > val_count(list)
            ? arena_printf(cx->arena, "/%s?filter=%s", t->path,
                           http_url_encode(cx->arena, arena_printf(cx->arena, "metric = '%s'",
                                                                   v->metric->name)))
            : "");
    val_put_text(targets, "new_url",
                 v->metric->source == METRIC_TARGET ? "" : new_url(cx, "target", v->metric));
    val_put_text(targets, "now", reached_words(cx, answer));
    if (whole)
        return put_history(cx, v, targets);
    val_put_bool(targets, "has_months", false);
    return OK;
}

static enum status put_alerts(struct ctx *cx, const struct view *v, struct val *page)
{
    struct val *alerts = val_put_map(page, "alerts"), *list = val_put_list(alerts, "rows");
    struct list_page found;

    TRY(rows_about(cx, "alert", v->metric, &found));
    for (size_t i = 0; i < found.count; i++) {
        const struct row *r = found.rows[i];
        const char *told = shown(cx, r, "told_at");
        bool active = row_bool(r, type_field(row_type(r), "active"));
        put_record(cx, r,
                   arena_printf(cx->arena, "each %s, tells %s%s%s%s",
                                text_lower_ascii(cx->arena, shown(cx, r, "period")),
                                shown(cx, r, "owner_id"), told[0] ? ", last " : "", told,
                                active ? "" : "; switched off"),
                   list);
    }
    val_put_bool(alerts, "has_rows", found.count > 0);
    val_put_text(alerts, "new_url", new_url(cx, "alert", v->metric));
    return OK;
}

/* ---- how it went, and by what ---- */
static void put_cuts(struct ctx *cx, const struct view *v, const struct metric_cut *cuts,
                     size_t count, struct val *page)
{
    struct val *list = val_put_list(page, "cuts");

    for (size_t i = 0; i < count; i++) {
        struct val *one = val_add_map(list);
        val_put_printf(one, "text", "By %s", cuts[i].text);
        val_put_printf(one, "url", "%s%s", path_of(cx, v), query_of(cx, v, "by", cuts[i].name));
        val_put_bool(one, "on", text_is(cuts[i].name, v->by));
    }
}

static bool has_targets(const struct val *groups)
{
    for (size_t i = 0; i < val_count(groups); i++)
        if (!val_is_null(val_get(val_at(groups, i), "target")))
            return true;
    return false;
}

static const char *cut_label(struct ctx *cx, const struct metric_cut *cuts, size_t count,
                             const char *by)
{
    for (size_t i = 0; i < count; i++)
        if (text_is(cuts[i].name, by)) {
            char *label = arena_text(cx->arena, cuts[i].text);
            if (label[0] >= 'a' && label[0] <= 'z')
                label[0] = (char)(label[0] - 'a' + 'A');
            return label;
        }
    return "Group";
}

static void put_breakdown(struct ctx *cx, const struct view *v, const struct val *answer,
                          const char *label, struct val *page)
{
    const struct metric *m = v->metric;
    const struct val *groups = val_get(answer, "groups");
    struct val *table = val_put_map(page, "breakdown"), *rows;
    struct val *columns = val_put_list(table, "columns");
    const char *kind = kind_of_unit(m);
    bool aims = has_targets(groups);
    bool channel = text_is(v->by, "channel") || text_is(v->by, "first_channel");
    double most = show_most(groups);

    put_column(columns, label, "text");
    put_column(columns, m->label, kind);
    put_column(columns, "Before", kind);
    put_column(columns, "Change", "text");
    if (aims)
        put_column(columns, "Target", "text");
    rows = val_put_list(table, "rows");
    for (size_t i = 0; i < val_count(groups); i++) {
        const struct val *g = val_at(groups, i), *before = val_get(g, "before");
        const struct val *change = show_change(cx, g);
        struct val *row = val_add_map(rows), *cells;
        val_put_text(row, "text", val_get_text(g, "label"));
        val_put_text(row, "url", val_get_text(g, "rows_path"));
        val_put_text(row, "channel_value", channel ? val_get_text(g, "key") : "");
        val_put_i64(row, "percent", show_percent(val_get(g, "value"), most));
        cells = val_put_list(row, "cells");
        put_number_cell(cells, kind, val_get_text(g, "text"), val_get_text(g, "rows_path"));
        put_number_cell(cells, kind,
                        val_is_null(before) ? "" : metric_show(cx, m, val_as_double(before, 0)),
                        val_get_text(g, "before_rows_path"));
        put_cell(cells, "text", val_get_text(change, "text"));
        if (aims)
            put_number_cell(cells, "text", reached_words(cx, g),
                            val_get_text(g, "target_rows_path"));
    }
}

/* What is still to come is so as of then. */
static void put_answers(struct ctx *cx, const struct view *v, struct val *const *answers,
                        const char *label, struct val *page)
{
    scoped(then_leave) struct then then = then_enter(cx, v->q.as_of_ms);
    struct val *change = show_change(cx, answers[0]);

    show_value_put(cx, answers[0], page);
    val_put(page, "change", change ? change : val_null(cx->arena));
    val_put_text(page, "rows_url", val_get_text(answers[0], "rows_path"));
    if (answers[1])
        show_chart_put(cx, answers[1], page);
    else
        val_put_null(page, "chart");
    if (answers[2])
        put_breakdown(cx, v, answers[2], label, page);
    else
        val_put_null(page, "breakdown");
}

/* By what time the line is drawn. Each point of a state is read back from the change log: some tens
 * of them, not hundreds. */
static const char *line_unit(struct ctx *cx, const struct view *v)
{
    i64 days = (v->q.to_ms - v->q.from_ms) / MS_DAY;
    struct formula f;
    struct ctx probe = *cx;

    ctx_clear_error(&probe);
    if (formula_of(&probe, v->metric, &f) == OK)
        for (int i = 0; i < f.part_count; i++)
            if (metric_is_state(f.parts[i]) && days > STATE_DAYS)
                return days > STATE_WEEKS_DAYS ? "month" : "week";
    return show_period_unit(&v->q);
}

static enum status put_numbers(struct ctx *cx, const struct view *v, const char *label,
                               struct val *page)
{
    struct question whole = v->q, line = v->q, split = v->q;
    struct val *answers[3];

    line.dimension = line_unit(cx, v);
    split.dimension = v->by;
    bool drawn = question_allowed(cx, &line);
    if (!drawn)
        line = whole;
    if (v->by[0] == '\0')
        split = whole;
    struct question qs[] = { whole, line, split };
    TRY(question_ask_many(cx, qs, countof(qs), answers));
    struct val *shown_of[] = { answers[0], drawn ? answers[1] : NULL,
                               v->by[0] ? answers[2] : NULL };
    put_answers(cx, v, shown_of, label, page);
    return put_targets(cx, v, answers[0], page);
}

/* GET /insight/metrics/:name?period=&by=&as_of= */
static enum status metric_page(struct req *rq)
{
    struct ctx *cx = rq->cx;
    struct val *page = val_map(cx->arena);
    struct view v = { .metric = metric_find(cx, req_param(rq, "name")) };
    struct metric_cut cuts[METRIC_CUTS_MAX];

    if (v.metric == NULL)
        return ctx_fail(cx, E_NOT_FOUND, "There is no metric '%s'.", req_param(rq, "name"));
    v.q.metric = v.metric->name;
    if (!question_allowed(cx, &v.q))
        return ctx_fail(cx, E_FORBIDDEN, "You may not see what %s is counted from.",
                        v.metric->label);
    TRY(read_view(rq, &v));
    size_t count = metric_cuts(cx, v.metric, cuts);
    if (text_empty(v.by))
        v.by = count ? cuts[0].name : "";
    val_put_text(page, "title", v.metric->label);
    val_put_text(page, "name", v.metric->name);
    val_put_text(page, "definition", v.metric->definition);
    val_put_text(page, "formula", metric_formula(cx, v.metric));
    put_choosing(cx, &v, page);
    put_cuts(cx, &v, cuts, count, page);
    TRY(put_facts(cx, v.metric, page));
    TRY(put_numbers(cx, &v, cut_label(cx, cuts, count, v.by), page));
    TRY(put_alerts(cx, &v, page));
    return reply(rq, "kit/metric", page);
}

/* GET /metrics-catalogue: an earlier address. */
static enum status catalogue_moved(struct req *rq)
{
    return reply_redirect(rq, "/insight/metrics");
}

static const struct route routes[] = {
    { HTTP_GET, "/metrics-catalogue", catalogue_moved, .flags = ROUTE_SIGNED_IN },
    { HTTP_GET, "/insight/metrics", catalogue, .flags = ROUTE_SIGNED_IN },
    { HTTP_GET, "/insight/metrics/:name", metric_page, .flags = ROUTE_SIGNED_IN },
};
static const struct menu_item menu[] = {
    { "insight", "Metrics", "/insight/metrics", "chart-bar", NULL, 1 },
};
const struct feature feature_question_catalogue = { .name = "question_catalogue",
                                                    ROUTES(routes),
                                                    MENU(menu) };
