/* rows.c -- what is behind a number of the question engine, whichever it is: the events, people and
 * visits that were counted on journeys, by name as far as the asking user may see them; the numbers
 * that a ratio is worked out from; the list of the records. One page, one file, one address of the
 * API. */
#include "base/id.h"
#include "base/limits.h"
#include "bridge/channel.h"
#include "bridge/person.h"
#include "bridge/report.h"
#include "journey/journey.h"
#include "kit/question_show.h"
#include "kit/show.h"

enum rows_kind { ROWS_EVENTS, ROWS_PEOPLE, ROWS_VISITS, ROWS_RECORDS };
static const struct {
    const char *word, *one, *many;
} kinds[] = { { "events", "event", "events" },
              { "people", "person", "people" },
              { "visits", "visit", "visits" },
              { "records", "record", "records" } };

struct answer {
    struct ctx *cx;
    struct question_rows asked;
    const struct metric *metric;
    enum rows_kind kind;
    struct question_list list;
    struct person_name *names;
    bool before; /* what is asked for is what the answer says of the time before */
};

static enum rows_kind kind_of(const struct metric *m)
{
    return m->source == METRIC_RECORDS               ? ROWS_RECORDS
           : m->counts == COUNT_EVENTS || m->measure ? ROWS_EVENTS
           : m->counts == COUNT_PEOPLE               ? ROWS_PEOPLE
                                                     : ROWS_VISITS;
}

/* ---- asking ---- */
/* The query, with the metric that the path may say. */
static enum status read_asked(struct req *rq, struct answer *a)
{
    struct ctx *cx = rq->cx;
    const char *name = req_param(rq, "name");
    struct val *from = val_map(cx->arena);

    for (size_t i = 0; i < val_count(rq->query); i++)
        val_put(from, val_key_at(rq->query, i), val_copy(cx->arena, val_value_at(rq->query, i)));
    if (name[0] && metric_find(cx, name) == NULL)
        return ctx_fail(cx, E_NOT_FOUND, "There is no metric '%s'.", name);
    if (name[0])
        val_put_text(from, "metric", name);
    *a = (struct answer){ .cx = cx };
    TRY(question_read_rows(cx, from, &a->asked));
    a->asked.view_kind = "pageview";
    a->metric = metric_find(cx, a->asked.q.metric);
    if (a->metric == NULL)
        return ctx_fail_code(cx, E_INVALID, "question.metric",
                             "There is no metric '%s'. See /api/v1/metrics for those that there "
                             "are.",
                             a->asked.q.metric);
    if (!question_allowed(cx, &(struct question){ .metric = a->metric->name }))
        return ctx_fail(cx, E_FORBIDDEN, "You may not see what %s is counted from.",
                        a->metric->label);
    return OK;
}

/* The records' titles and pages, as names. */
static enum status name_records(struct answer *a)
{
    struct ctx *cx = a->cx;
    const struct record_type *t = type_find(cx, a->metric->type);
    i64 *ids = NEW_N(cx->arena, i64, a->list.count + 1);
    const char **titles = NEW_N(cx->arena, const char *, a->list.count + 1);

    for (size_t i = 0; i < a->list.count; i++)
        ids[i] = a->list.rows[i].record;
    TRY(record_titles(cx, t, ids, a->list.count, titles));
    for (size_t i = 0; i < a->list.count; i++) /* then it was mine to see, and may not be now */
        a->names[i] = titles[i][0]
                          ? (struct person_name){ titles[i],
                                                  arena_printf(cx->arena, "/%s/%s", t->path,
                                                               id_text(cx->arena, ids[i])),
                                                  "record", ids[i] }
                          : (struct person_name){ "Not yours to see", "", "hidden", 0 };
    return OK;
}

static enum status ask_list(struct answer *a)
{
    struct ctx *cx = a->cx;
    u32 *people;

    a->kind = kind_of(a->metric);
    TRY(question_list_rows(cx, &a->asked, &a->list));
    a->names = NEW_N(cx->arena, struct person_name, a->list.count + 1);
    if (a->kind == ROWS_RECORDS)
        return name_records(a);
    people = NEW_N(cx->arena, u32, a->list.count + 1);
    for (size_t i = 0; i < a->list.count; i++)
        people[i] = a->list.rows[i].person;
    return person_names(cx, people, a->list.count, a->names);
}

/* Whether rows say more than that they are: what was measured, what is summed. */
static bool has_amounts(const struct metric *m)
{
    return m->source == METRIC_JOURNEY
               ? m->measure != NULL
               : m->aggregate != AGG_COUNT && m->aggregate != AGG_COUNT_DISTINCT;
}

/* Whether pages of visits are averaged: several rows may be one of them. */
static bool is_of_pages(const struct metric *m)
{
    return m->source == METRIC_JOURNEY &&
           (m->counts == MEAN_OF_PAGES || m->counts == MEAN_OF_DEEPEST);
}

/* What one row adds, in the metric's unit. */
static double amount_of(const struct answer *a, const struct question_row *r)
{
    return (double)r->amount / a->list.unit;
}

/* ---- words ---- */
static const char *kind_text(struct ctx *cx, u16 code)
{
    const struct event_kind *kind = kit_event_kind_by_code(cx->kit, code);

    return kind ? kind->label : "";
}

static const char *page_of(struct ctx *cx, u32 code)
{
    return code ? journey_name(cx->journey, DICT_PAGE, code) : "";
}

static const char *period_words(struct ctx *cx, const struct question *q)
{
    const struct zone *z = kit_zone(cx);
    i64 first = zone_day(z, q->from_ms), last = zone_day(z, q->to_ms - 1);

    if (zone_instant(z, first, 0) != q->from_ms || zone_instant(z, last + 1, 0) != q->to_ms)
        return arena_printf(cx->arena, "%s until %s", show_time_full(cx, q->from_ms),
                            show_time_full(cx, q->to_ms));
    return first == last ? show_date_full(cx, first)
                         : arena_printf(cx->arena, "%s to %s", show_date_full(cx, first),
                                        show_date_full(cx, last));
}

/* "channel: Email": which part of the number this is. */
static void put_conditions(const struct answer *a, struct val *page)
{
    struct ctx *cx = a->cx;
    const struct question_rows *r = &a->asked;
    struct val *list = val_put_list(page, "conditions");
    const struct dimension *d =
        text_empty(r->q.dimension) ? NULL : dimension_find(cx, r->q.dimension);
    const char *by = d ? d->label : r->q.dimension;

    val_add_text(list, period_words(cx, &r->q));
    if (a->list.as_of_ms)
        val_add_text(list, arena_printf(cx->arena, "As it was on %s",
                                        show_time_full(cx, a->list.as_of_ms - 1)));
    for (size_t i = 0; i < r->q.where_count; i++) {
        const struct question_where *w = &r->q.where[i];
        const struct dimension *of = dimension_find(cx, w->dimension);
        bool no = w->value[0] == '!';
        const char *value = w->value + no, *text = of->text(cx, value);
        val_add_text(list, arena_printf(cx->arena, "%s %s %s", of->label, no ? "is not" : "is",
                                        text[0] ? text : value));
    }
    if (r->of == ROWS_OTHER)
        val_add_text(list, arena_printf(cx->arena, "%s is another than those named", by));
    else if (r->of == ROWS_UNKNOWN)
        val_add_text(list, arena_printf(cx->arena, "%s is not known", by));
    else if (r->of == ROWS_GROUP)
        val_add_text(list,
                     arena_printf(cx->arena, "%s is %s", by,
                                  d && d->text(cx, r->key)[0] ? d->text(cx, r->key) : r->key));
}

/* ---- the table ---- */
static struct val *cell(struct val *row, const char *kind, const char *text, const char *plain)
{
    struct val *c = report_cell(row, text[0] ? kind : "empty", text, plain);

    val_put_bool(val_put_map(c, "is"), text[0] ? kind : "empty", true);
    return c;
}

static void time_cell(struct ctx *cx, struct val *row, i64 ms)
{
    const char *iso = time_iso(cx->arena, ms);
    struct val *c =
        cell(row, "date", zone_format(cx->arena, kit_zone(cx), ms, "d MMM y, HH:mm:ss"), iso);

    val_put_text(c, "iso", iso);
    val_put_text(c, "full", show_time_full(cx, ms));
}

static void channel_cell(struct val *row, u8 channel)
{
    bool known = channel > CHANNEL_NONE && channel < CHANNEL_COUNT;
    const char *value = known ? channel_value(channel) : "";

    val_put_text(cell(row, "channel", known ? channel_label(channel) : "", value), "value", value);
}

static void put_columns(const struct answer *a, struct val *table)
{
    static const struct {
        const char *label, *kind;
    } all[][7] = {
        { { "When", "date" }, { "What", "text" }, { "Page", "text" }, { "Channel", "channel" } },
        { { "First", "date" }, { "Last", "date" }, { "Channel", "channel" } },
        { { "Began", "date" },
          { "Channel", "channel" },
          { "Entry page", "text" },
          { "Exit page", "text" },
          { "Page views", "integer" },
          { "Duration", "integer" },
          { "Bounced", "text" } },
        { { "When", "date" } },
    };

    report_column(table, a->kind == ROWS_RECORDS ? type_find(a->cx, a->metric->type)->label : "Who",
                  "title");
    for (size_t i = 0; i < countof(all[0]) && all[a->kind][i].label; i++)
        if (a->kind != ROWS_RECORDS || a->metric->date)
            report_column(table, all[a->kind][i].label, all[a->kind][i].kind);
    if (has_amounts(a->metric))
        report_column(table, a->kind == ROWS_RECORDS ? a->metric->label : "Measured", "integer");
    if (is_of_pages(a->metric))
        report_column(table, "Pages of visits", "integer");
}

static void put_visit(struct ctx *cx, const struct question_row *r, struct val *row)
{
    const char *entry = page_of(cx, r->entry_page), *exit = page_of(cx, r->exit_page);
    i64 ms = r->last_ms - r->at_ms;

    time_cell(cx, row, r->at_ms);
    channel_cell(row, r->channel);
    cell(row, "text", entry, entry);
    cell(row, "text", exit, exit);
    cell(row, "integer", show_number(cx->arena, r->views),
         arena_printf(cx->arena, "%lld", (long long)r->views));
    cell(row, "integer", show_seconds(cx->arena, ms / MS_SECOND),
         arena_printf(cx->arena, "%.3f", (double)ms / MS_SECOND));
    cell(row, "text", r->bounced ? "Yes" : "No", r->bounced ? "true" : "false");
}

static void put_amount(const struct answer *a, const struct question_row *r, struct val *row)
{
    struct ctx *cx = a->cx;

    if (has_amounts(a->metric))
        cell(row, "integer", metric_show(cx, a->metric, amount_of(a, r)),
             val_print(cx->arena, val_double(cx->arena, amount_of(a, r))));
    if (is_of_pages(a->metric)) /* 0: the same one as a row above or below */
        cell(row, "integer", r->weight ? "1" : "0", r->weight ? "1" : "0");
}

static void put_row(const struct answer *a, size_t i, struct val *table)
{
    struct ctx *cx = a->cx;
    const struct question_row *r = &a->list.rows[i];
    struct val *row = report_row(table, a->names[i].text, "");

    val_put_text(row, "url", a->names[i].url);
    switch (a->kind) {
    case ROWS_EVENTS: {
        const char *what = kind_text(cx, r->kind), *page = page_of(cx, r->page);
        time_cell(cx, row, r->at_ms);
        cell(row, "text", what, what);
        cell(row, "text", page, page);
        channel_cell(row, r->channel);
        put_amount(a, r, row);
        break;
    }
    case ROWS_PEOPLE:
        time_cell(cx, row, r->at_ms);
        time_cell(cx, row, r->last_ms);
        channel_cell(row, r->channel);
        break;
    case ROWS_VISITS:
        put_visit(cx, r, row);
        break;
    case ROWS_RECORDS:
        if (a->metric->date)
            time_cell(cx, row, r->at_ms);
        put_amount(a, r, row);
        break;
    }
}

static void put_table(const struct answer *a, struct val *page)
{
    struct val *table = report_table(page, "table");

    put_columns(a, table);
    for (size_t i = 0; i < a->list.count; i++)
        put_row(a, i, table);
}

/* ---- the page ---- */
static bool may_export(const struct answer *a)
{
    const struct access *me = a->cx->access;

    if (a->metric->source == METRIC_RECORDS)
        return access_scope(me, a->metric->type, VERB_EXPORT) != SCOPE_NONE;
    return access_scope(me, "journey", VERB_EXPORT) != SCOPE_NONE &&
           access_scope(me, "contact", VERB_EXPORT) != SCOPE_NONE;
}

/* How many of the shown ones are not the user's to see: they count all the same. */
static size_t hidden_count(const struct answer *a)
{
    size_t n = 0;

    for (size_t i = 0; i < a->list.count; i++)
        n += text_is(a->names[i].kind, "hidden");
    return n;
}

static void put_pager(const struct answer *a, struct val *page)
{
    struct ctx *cx = a->cx;
    struct val *pager = val_put_map(page, "pager");
    const char *path = arena_printf(cx->arena, "/insight/metrics/%s/rows?%s", a->metric->name,
                                    question_rows_query(cx, &a->asked));
    bool first = text_empty(a->asked.cursor);
    const char *shown = show_number(cx->arena, (i64)a->list.count);
    const char *total = show_number(cx->arena, a->list.total);

    if (first && text_empty(a->list.next))
        val_put_printf(pager, "text", "%s", total);
    else
        val_put_printf(pager, "text", "%s %s of %s", first ? "The newest" : "The next", shown,
                       total);
    if (!first)
        val_put_text(pager, "newer_url", path);
    if (!text_empty(a->list.next))
        val_put_printf(pager, "older_url", "%s&cursor=%s", path, a->list.next);
}

static void put_head(const struct answer *a, struct val *page)
{
    val_put_text(page, "title", a->metric->label);
    val_put_text(page, "name", a->metric->name);
    val_put_text(page, "definition", a->metric->definition);
    val_put_text(page, "metric_url",
                 arena_printf(a->cx->arena, "/insight/metrics/%s", a->metric->name));
    val_put_text(page, "csv_url", "");
    val_put_text(page, "csv_text", "CSV");
    val_put_text(page, "note", "");
    val_put_null(page, "table");
    val_put_null(page, "parts");
    put_conditions(a, page);
}

/* "visits" beside their number; of what rows add up to, "from 1,234 visits". */
static void put_summary(const struct answer *a, struct val *page)
{
    const struct record_type *t =
        a->kind == ROWS_RECORDS ? type_find(a->cx, a->metric->type) : NULL;
    bool one = a->list.total == 1;
    const char *what = t     ? text_in_sentence(a->cx->arena, one ? t->label : t->plural)
                       : one ? kinds[a->kind].one
                             : kinds[a->kind].many;

    if (a->metric->unit == UNIT_COUNT && a->list.defined && a->list.value == (double)a->list.total)
        val_put_text(page, "summary", what);
    else
        val_put_printf(page, "summary", "from %s %s", show_number(a->cx->arena, a->list.total),
                       what);
}

static enum status list_page(struct req *rq, struct answer *a)
{
    struct ctx *cx = rq->cx;
    struct val *page = val_map(cx->arena);
    size_t hidden;

    TRY(ask_list(a));
    put_head(a, page);
    hidden = hidden_count(a);
    val_put_text(page, "value", a->list.defined ? metric_show(cx, a->metric, a->list.value) : "–");
    put_summary(a, page);
    if (hidden)
        val_put_printf(page, "note",
                       "%zu of those shown %s done by people who are not yours to see: they are "
                       "counted, without a name.",
                       hidden, hidden == 1 ? "was" : "were");
    if (may_export(a) && a->list.total)
        val_put_printf(page, "csv_url", "/insight/metrics/%s/rows.csv?%s", a->metric->name,
                       question_rows_query(cx, &a->asked));
    if (a->list.total > LIMIT_QUESTION_ROWS)
        val_put_printf(page, "csv_text", "CSV of the newest %s",
                       show_number(cx->arena, LIMIT_QUESTION_ROWS));
    put_table(a, page);
    put_pager(a, page);
    if (a->list.total == 0)
        report_empty(page, "Nothing was counted",
                     "There was nothing of this kind in the period. Choose a longer one.");
    return reply(rq, "rows/page", page);
}

/* ---- what is worked out from other numbers ---- */
/* The answer, or that of the group that is asked for; *of null where the group has nothing. */
static enum status ask_parts(struct answer *a, struct val **whole, const struct val **of)
{
    enum { EVERY_GROUP = 20 * 1000 };
    struct question q = a->asked.q;
    const struct val *groups;

    q.compare_from_ms = a->asked.against_from_ms;
    q.compare_to_ms = a->asked.against_to_ms;
    if (a->asked.named_to_ms) { /* the others of then are those that are not named now */
        a->before = q.from_ms == q.compare_from_ms && q.to_ms == q.compare_to_ms;
        q.from_ms = a->asked.named_from_ms;
        q.to_ms = a->asked.named_to_ms;
    }
    if (a->asked.of == ROWS_ALL)
        q.dimension = "";
    else if (a->asked.of != ROWS_OTHER)
        q.limit = EVERY_GROUP;
    TRY(question_ask(a->cx, &q, whole));
    *of = a->asked.of == ROWS_ALL ? *whole : NULL;
    groups = val_get(*whole, "groups");
    for (size_t i = 0; *of == NULL && i < val_count(groups); i++) {
        const struct val *g = val_at(groups, i);
        bool other = val_get_bool(g, "other"), unknown = val_is_null(val_get(g, "key"));
        if (a->asked.of == ROWS_OTHER ? other
            : a->asked.of == ROWS_UNKNOWN
                ? unknown
                : !other && !unknown && text_is(val_get_text(g, "key"), a->asked.key))
            *of = g;
    }
    return OK;
}

/* What is said under this name, or of the time before. */
static const char *said(const struct answer *a, const struct val *of, const char *name)
{
    return val_get_text(of, !a->before ? name : arena_printf(a->cx->arena, "before_%s", name));
}

static const char *value_text(const struct answer *a, const struct val *of)
{
    const struct val *before = val_get(of, "before");

    if (!a->before)
        return val_get_text(of, "text");
    return val_is_null(before) ? "" : metric_show(a->cx, a->metric, val_as_double(before, 0));
}

static enum status parts_page(struct req *rq, struct answer *a)
{
    struct ctx *cx = rq->cx;
    struct val *page = val_map(cx->arena), *whole, *list;
    const struct val *of;
    const char *text;

    TRY(ask_parts(a, &whole, &of));
    put_head(a, page);
    text = value_text(a, of);
    val_put_text(page, "value", text[0] ? text : "–");
    const char *formula = metric_formula(cx, a->metric);
    val_put_text(page, "summary", formula[0] ? arena_printf(cx->arena, "is %s", formula) : "");
    list = val_put_list(page, "parts");
    for (size_t i = 0; i < val_count(val_get(of, "parts")); i++) {
        const struct val *part = val_at(val_get(of, "parts"), i);
        const struct metric *m = metric_find(cx, val_get_text(part, "metric"));
        struct val *one = val_add_map(list);
        val_put_text(one, "text", m->label);
        val_put_text(one, "value", said(a, part, "text")[0] ? said(a, part, "text") : "–");
        val_put_text(one, "definition", m->definition);
        val_put_text(one, "url", said(a, part, "rows_path"));
    }
    if (val_count(list) == 0)
        report_empty(page, "Nothing was counted",
                     "Neither number has anything here in this period. Choose a longer one.");
    return reply(rq, "rows/page", page);
}

/* GET /insight/metrics/:name/rows */
static enum status rows_page(struct req *rq)
{
    struct answer a;
    const char *path;

    TRY(read_asked(rq, &a));
    if (a.metric->source == METRIC_JOURNEY)
        return list_page(rq, &a);
    if (a.metric->source != METRIC_RECORDS)
        return parts_page(rq, &a);
    TRY(question_list_path(rq->cx, &a.asked, &path));
    return path[0] ? reply_redirect(rq, path) : list_page(rq, &a);
}

/* Those of journeys go with the names of contacts. */
static enum status check_export(const struct answer *a)
{
    if (a->metric->source == METRIC_RECORDS)
        return access_check(a->cx, a->metric->type, VERB_EXPORT);
    TRY(access_check(a->cx, "journey", VERB_EXPORT));
    return access_check(a->cx, "contact", VERB_EXPORT);
}

/* GET /insight/metrics/:name/rows.csv: the newest of them, with names. */
static enum status rows_csv(struct req *rq)
{
    struct ctx *cx = rq->cx;
    struct answer a;
    struct val *page = val_map(cx->arena);
    const struct val *table;
    struct buf out = buf_in(cx->arena, LIMIT_UPLOAD_BYTES);
    const char *day = date_iso(cx->arena, zone_day(kit_zone(cx), ctx_now(cx)));

    TRY(read_asked(rq, &a));
    TRY(check_export(&a));
    a.asked.limit = LIMIT_QUESTION_ROWS;
    TRY(ask_list(&a));
    put_table(&a, page);
    table = val_get(page, "table");
    if (rq->method != HTTP_HEAD)
        TRY(report_note_export(cx, a.metric->label, val_count(val_get(table, "rows"))));
    report_write_csv(table, &out);
    TRY(buf_status(&out));
    reply_header(
        rq, "Content-Disposition",
        arena_printf(cx->arena, "attachment; filename=\"%s-%s.csv\"", a.metric->name, day));
    return reply_text(rq, 200, "text/csv; charset=utf-8", (struct str){ out.p, out.len });
}

/* ---- API ---- */
static void put_person(struct ctx *cx, const struct person_name *n, struct val *into)
{
    struct val *who = val_put_map(into, "person");

    val_put_text(who, "kind", n->kind);
    val_put_text(who, "name", n->text);
    val_put_text(who, "url", n->url);
    if (n->contact)
        val_put_text(who, "id", id_text(cx->arena, n->contact));
    else
        val_put_null(who, "id");
}

static void put_api_record(const struct answer *a, size_t i, struct val *one)
{
    struct ctx *cx = a->cx;
    const struct question_row *r = &a->list.rows[i];

    val_put_text(one, "id", id_text(cx->arena, r->record));
    val_put_text(one, "title", a->names[i].text);
    val_put_text(one, "url", a->names[i].url);
    if (r->at_ms)
        val_put_text(one, "at", time_iso(cx->arena, r->at_ms));
    else
        val_put_null(one, "at");
    if (has_amounts(a->metric))
        val_put_double(one, "measured", amount_of(a, r));
}

static void put_api_row(const struct answer *a, size_t i, struct val *list)
{
    struct ctx *cx = a->cx;
    const struct question_row *r = &a->list.rows[i];
    struct val *one = val_add_map(list);
    bool channel = r->channel > CHANNEL_NONE && r->channel < CHANNEL_COUNT;

    if (a->kind == ROWS_RECORDS) {
        put_api_record(a, i, one);
        return;
    }
    val_put_text(one, "at", time_iso(cx->arena, r->at_ms));
    put_person(cx, &a->names[i], one);
    val_put_text(one, "channel", channel ? channel_value(r->channel) : "");
    if (a->kind == ROWS_EVENTS) {
        const struct event_kind *kind = kit_event_kind_by_code(cx->kit, r->kind);
        val_put_text(one, "kind", kind ? kind->name : "");
        val_put_text(one, "page", page_of(cx, r->page));
        if (has_amounts(a->metric)) {
            val_put_double(one, "measured", amount_of(a, r));
            val_put_i64(one, "weight", r->weight);
        }
        return;
    }
    val_put_text(one, "last", time_iso(cx->arena, r->last_ms));
    if (a->kind == ROWS_PEOPLE)
        return;
    val_put_text(one, "entry_page", page_of(cx, r->entry_page));
    val_put_text(one, "exit_page", page_of(cx, r->exit_page));
    val_put_i64(one, "views", r->views);
    val_put_double(one, "seconds", (double)(r->last_ms - r->at_ms) / MS_SECOND);
    val_put_bool(one, "bounced", r->bounced);
}

static void api_head(const struct answer *a, const char *kind, struct val *out)
{
    val_put_text(out, "metric", a->metric->name);
    val_put_text(out, "label", a->metric->label);
    val_put_text(out, "definition", a->metric->definition);
    val_put_text(out, "from", time_iso(a->cx->arena, a->asked.q.from_ms));
    val_put_text(out, "to", time_iso(a->cx->arena, a->asked.q.to_ms));
    val_put_text(out, "rows_are", kind);
}

static enum status api_list(struct req *rq, struct answer *a, struct val *out)
{
    struct val *list;
    const char *path;

    TRY(ask_list(a));
    api_head(a, kinds[a->kind].word, out);
    if (!a->list.defined)
        val_put_null(out, "value");
    else if (a->metric->unit == UNIT_COUNT)
        val_put_i64(out, "value", (i64)a->list.value);
    else
        val_put_double(out, "value", a->list.value);
    val_put_i64(out, "total", a->list.total);
    val_put_i64(out, "weight", a->list.weight);
    if (a->kind == ROWS_RECORDS) {
        TRY(question_list_path(rq->cx, &a->asked, &path));
        val_put_text(out, "rows_path", path);
        val_put_text(out, "api_path",
                     path[0] ? arena_printf(rq->cx->arena, "/api/v1%s", path) : "");
    }
    list = val_put_list(out, "rows");
    for (size_t i = 0; i < a->list.count; i++)
        put_api_row(a, i, list);
    val_put_text(out, "next", a->list.next);
    return reply_json(rq, 200, out);
}

static enum status api_parts(struct req *rq, struct answer *a, struct val *out)
{
    struct val *whole;
    const struct val *of;

    TRY(ask_parts(a, &whole, &of));
    api_head(a, "parts", out);
    val_put(out, "value",
            of ? val_copy(rq->cx->arena, val_get(of, a->before ? "before" : "value"))
               : val_null(rq->cx->arena));
    if (of)
        val_put(out, "parts", val_copy(rq->cx->arena, val_get(of, "parts")));
    else
        val_put_list(out, "parts");
    return reply_json(rq, 200, out);
}

/* GET /api/v1/question/rows */
static enum status rows_api(struct req *rq)
{
    struct answer a;
    struct val *out = val_map(rq->cx->arena);

    TRY(read_asked(rq, &a));
    return a.metric->source == METRIC_JOURNEY || a.metric->source == METRIC_RECORDS
               ? api_list(rq, &a, out)
               : api_parts(rq, &a, out);
}

static const struct route routes[] = {
    { HTTP_GET, "/insight/metrics/:name/rows", rows_page, .flags = ROUTE_SIGNED_IN },
    { HTTP_GET, "/insight/metrics/:name/rows.csv", rows_csv, .flags = ROUTE_SIGNED_IN },
    { HTTP_GET, "/api/v1/question/rows", rows_api, .flags = ROUTE_SIGNED_IN | ROUTE_API,
      .summary = "What is behind a number: a question, and group or group_is (unknown, other), "
                 "cursor, rows" },
};
const struct feature feature_rows = { .name = "rows", ROUTES(routes) };
