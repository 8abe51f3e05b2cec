/* report_show.c -- the routes of the reports, their forms, and how answers become tables, CSV and
 * lists of people. */
#include "base/csv.h"
#include "base/id.h"
#include "base/json.h"
#include "base/limits.h"
#include "bridge/channel.h"
#include "bridge/contact.h"
#include "bridge/goal.h"
#include "bridge/person.h"
#include "bridge/report.h"
#include "kit/answers.h"
#include "kit/show.h"
#include <stdlib.h>

/* ---- forms ---- */
static const struct report_word periods[] = {
    { "last_7_days", "Last 7 days" },
    { "last_30_days", "Last 30 days" },
    { "last_90_days", "Last 90 days" },
    { "this_month", "This month" },
    { "last_month", "Last month" },
    { "this_quarter", "This quarter" },
    { "last_quarter", "Last quarter" },
    { "last_12_months", "Last 12 months" },
    { "this_year", "This year" },
    { "last_year", "Last year" },
    { NULL, NULL },
};

static bool put_option(struct val *list, const char *value, const char *text, const char *chosen)
{
    struct val *one = val_add_map(list);

    val_put_text(one, "value", value);
    val_put_text(one, "text", text);
    val_put_bool(one, "selected", text_is(value, chosen));
    return text_is(value, chosen);
}

/* A word that is not offered is shown as it is: what was asked must not get lost. */
static void put_words(struct val *list, const struct report_word *words, const char *chosen)
{
    bool known = false;

    for (size_t i = 0; words[i].value; i++)
        known |= put_option(list, words[i].value, words[i].text, chosen);
    if (!known)
        put_option(list, chosen, chosen, chosen);
}

void report_put_words(struct ctx *cx, const struct val *from, const char *name,
                      const struct report_word *words, struct val *form)
{
    put_words(val_put_list(form, name), words, report_text(cx, from, name, words[0].value));
}

/* The goals of the web sites, as steps. */
static bool put_goals(struct ctx *cx, const char *chosen, struct val *list)
{
    const struct goals *g;
    bool known = false;

    if (goals_read(cx, &g) != OK) {
        ctx_clear_error(cx);
        return false;
    }
    for (size_t i = 0; i < goals_count(g); i++)
        known |= put_option(list, arena_printf(cx->arena, "goal:%s", goal_id(g, i)),
                            arena_printf(cx->arena, "Goal: %s", goal_name(g, i)), chosen);
    return known;
}

static void put_kinds(struct ctx *cx, const char *chosen, const char *none, struct val *list)
{
    const struct event_kind *kind;
    bool known = false;

    if (none)
        known |= put_option(list, "", none, chosen);
    known |= put_option(list, "visit", "Anything on the web site", chosen);
    known |= put_option(list, "any", "Anything at all", chosen);
    for (size_t i = 0; (kind = kit_event_kind_at(cx->kit, i)) != NULL; i++)
        if (!(kind->flags & KIND_RETIRED) || text_is(kind->name, chosen))
            known |= put_option(list, kind->name, kind->label, chosen);
    known |= put_goals(cx, chosen, list);
    if (!known)
        put_option(list, chosen, chosen, chosen);
}

void report_put_dimensions(struct ctx *cx, const struct val *from, const char *name,
                           const char *otherwise, const char *none, struct val *form)
{
    const char *chosen = report_text(cx, from, name, otherwise);
    struct val *list = val_put_list(form, name);
    size_t count;
    const struct feature *const *features = kit_features(cx->kit, &count);
    bool known = none ? put_option(list, "", none, chosen) : false;

    for (size_t i = 0; i < count; i++)
        for (size_t j = 0; j < features[i]->dimension_count; j++)
            if (report_splits_by(&features[i]->dimensions[j]))
                known |= put_option(list, features[i]->dimensions[j].name,
                                    features[i]->dimensions[j].label, chosen);
    if (!known)
        put_option(list, chosen, chosen, chosen);
}

static void put_channels(const char *chosen, struct val *list)
{
    bool known = put_option(list, "", "Any channel", chosen);

    for (enum channel c = CHANNEL_DIRECT; c < CHANNEL_COUNT; c++)
        known |= put_option(list, channel_value(c), channel_label(c), chosen);
    if (!known)
        put_option(list, chosen, chosen, chosen);
}

void report_event_put(struct ctx *cx, const struct val *from, const char *name, const char *label,
                      const char *otherwise, const char *none, struct val *into)
{
    static const char *const parts[] = { "page", "campaign", "name", "where" };
    const char *channel = report_text(cx, from, arena_printf(cx->arena, "%s_channel", name), "");
    bool open = channel[0] != '\0';

    val_put_text(into, "field", name);
    val_put_text(into, "label", label);
    put_kinds(cx, report_text(cx, from, name, otherwise), none, val_put_list(into, "events"));
    put_channels(channel, val_put_list(into, "channels"));
    for (size_t i = 0; i < countof(parts); i++) {
        const char *text =
            report_text(cx, from, arena_printf(cx->arena, "%s_%s", name, parts[i]), "");
        val_put_text(into, parts[i], text);
        open |= text[0] != '\0' && i > 0;
    }
    val_put_bool(into, "open", open);
}

static void put_form(struct ctx *cx, const struct report *r, const struct val *from,
                     struct val *page)
{
    struct val *form = val_put_map(page, "form");

    val_put_printf(form, "action", "/insight/%s", r->name);
    put_words(val_put_list(form, "periods"), periods, report_text(cx, from, "period", r->period));
    val_put_text(form, "filter", report_text(cx, from, "filter", ""));
    r->form(cx, from, form);
}

/* ---- tables ---- */
struct val *report_table(struct val *page, const char *name)
{
    struct val *table = val_put_map(page, name);

    val_put_list(table, "columns");
    val_put_list(table, "rows");
    return table;
}

static struct val *list_of(struct val *map, const char *name)
{
    return (struct val *)val_get(map, name);
}

void report_column(struct val *table, const char *label, const char *kind)
{
    struct val *one = val_add_map(list_of(table, "columns"));

    val_put_text(one, "label", label);
    val_put_text(one, "kind", kind);
}

struct val *report_row(struct val *table, const char *text, const char *channel_value)
{
    struct val *row = val_add_map(list_of(table, "rows"));

    val_put_text(row, "text", text);
    val_put_text(row, "channel_value", channel_value);
    val_put_text(row, "url", "");
    val_put_text(row, "tone", "");
    val_put_list(row, "cells");
    return row;
}

struct val *report_cell(struct val *row, const char *kind, const char *text, const char *plain)
{
    struct val *cell = val_add_map(list_of(row, "cells"));

    val_put_text(cell, "kind", kind);
    val_put_text(cell, "text", text);
    val_put_text(cell, "plain", plain);
    val_put_text(cell, "url", "");
    val_put_text(cell, "share", "");
    val_put_text(cell, "heat", "");
    val_put_text(cell, "note", "");
    val_put_bool(cell, "open", false);
    return cell;
}

void report_count_cell(struct ctx *cx, struct val *row, i64 n)
{
    report_cell(row, "integer", show_number(cx->arena, n),
                arena_printf(cx->arena, "%lld", (long long)n));
}

const char *report_share(struct ctx *cx, i64 part, i64 of)
{
    double share = of ? (double)part * 100 / (double)of : 0;
    int digits = part == 0 || share >= 9.95 ? 0 : share >= 0.095 ? 1 : 2;

    if (of && part && share < 0.005)
        return "<0.01%";
    return of ? arena_printf(cx->arena, "%.*f%%", digits, share) : "";
}

void report_share_cell(struct ctx *cx, struct val *row, i64 part, i64 of)
{
    report_cell(row, "percent", report_share(cx, part, of),
                of ? arena_printf(cx->arena, "%.4f", (double)part / (double)of) : "");
}

const char *report_duration(struct ctx *cx, i64 ms)
{
    static const struct {
        i64 from, unit;
        const char *one, *many;
    } units[] = {
        { 2 * (i64)MS_DAY, MS_DAY, "day", "days" },
        { 2 * (i64)MS_HOUR, MS_HOUR, "hour", "hours" },
        { MS_MINUTE, MS_MINUTE, "min", "min" },
        { 0, MS_SECOND, "s", "s" },
    };

    for (size_t i = 0; i < countof(units); i++) {
        if (ms < units[i].from)
            continue;
        double n = (double)ms / (double)units[i].unit;
        return arena_printf(cx->arena, i < 2 && n < 10 ? "%.1f %s" : "%.0f %s", n, units[i].many);
    }
    return "";
}

const char *report_url(struct ctx *cx, const struct report *r, const struct val *from,
                       const char *name, const char *value)
{
    struct buf b = buf_in(cx->arena, LIMIT_HEADER_BYTES);
    char mark = '?';

    buf_printf(&b, "/insight/%s", r->name);
    for (size_t i = 0; i < val_count(from); i++) {
        const char *key = val_key_at(from, i), *text = report_text(cx, from, key, "");
        if (text[0] == '\0' || text_is(key, name) || val_kind_of(val_value_at(from, i)) == VAL_MAP)
            continue;
        buf_printf(&b, "%c%s=%s", mark, http_url_encode(cx->arena, key),
                   http_url_encode(cx->arena, text));
        mark = '&';
    }
    if (value[0])
        buf_printf(&b, "%c%s=%s", mark, name, http_url_encode(cx->arena, value));
    return buf_end(&b);
}

void report_empty(struct val *page, const char *title, const char *text)
{
    struct val *empty = val_put_map(page, "empty");

    val_put_text(empty, "title", title);
    val_put_text(empty, "text", text);
    val_put_text(empty, "icon", "seedling");
    val_put_null(empty, "action");
}

/* ---- who and what is behind a number ---- */
const char *report_behind_url(struct ctx *cx, const struct report *r, const struct val *from,
                              const struct report_word *choose)
{
    struct val *map = val_map(cx->arena);

    for (size_t i = 0; i < val_count(from); i++) {
        const char *key = val_key_at(from, i);
        bool own = text_is(key, "after");
        for (size_t k = 0; r->behind && r->behind[k]; k++)
            own |= text_is(key, r->behind[k]);
        if (!own)
            val_put(map, key, val_copy(cx->arena, val_value_at(from, i)));
    }
    for (size_t i = 0; choose[i].value; i++)
        val_put_text(map, choose[i].value, choose[i].text);
    return arena_printf(cx->arena, "%s#people", report_url(cx, r, map, "", ""));
}

const char *report_group_url(struct ctx *cx, const struct report *r, const struct val *from,
                             const struct report_group *g, const struct report_word *choose)
{
    struct report_word words[8];
    size_t n = 0;

    for (; choose[n].value; n++) {
        assert(n + 2 < countof(words));
        words[n] = choose[n];
    }
    words[n++] = g->other   ? (struct report_word){ "group_is", "other" }
                 : g->value ? (struct report_word){ "group", g->value }
                            : (struct report_word){ "group_is", "unknown" };
    words[n] = (struct report_word){ NULL, NULL };
    return report_behind_url(cx, r, from, words);
}

void report_cell_url(const struct val *row, size_t index, const char *url)
{
    val_put_text((struct val *)val_at(val_get(row, "cells"), index), "url", url);
}

/* Somebody of them. Contacts stand before visitors; of both the newest are first. */
struct one {
    u32 person;
    bool contact;
};

static int contacts_first(const void *pa, const void *pb)
{
    const struct one *a = pa, *b = pb;

    if (a->contact != b->contact)
        return a->contact ? -1 : 1;
    return (a->person < b->person) - (a->person > b->person);
}

struct crowd {
    struct one *list;
    size_t count, contacts, from, shown, hidden;
};

static struct crowd crowd_of(struct ctx *cx, const u32 *people, size_t count)
{
    struct crowd c = { .list = NEW_N(cx->arena, struct one, count + 1), .count = count };

    for (size_t i = 0; i < count; i++) {
        enum person_kind kind;
        u64 key;
        c.list[i].person = people[i];
        c.list[i].contact =
            journey_person_key(cx->journey, people[i], &kind, &key) && kind == PERSON_CONTACT;
        c.contacts += c.list[i].contact;
    }
    if (count)
        qsort(c.list, count, sizeof *c.list, contacts_first);
    return c;
}

/* "c123" or "v45": whom the page before ended with. */
static enum status crowd_from(struct ctx *cx, const char *after, struct crowd *c)
{
    struct one last = { .contact = after[0] == 'c' };
    i64 number;

    if (after[0] == '\0')
        return OK;
    if ((after[0] != 'c' && after[0] != 'v') || !str_i64(str_from(after + 1), &number) ||
        number < 1 || number > UINT32_MAX)
        return ctx_fail_code(cx, E_INVALID, "list.cursor",
                             "'%s' is no place in this list: begin again without it.", after);
    last.person = (u32)number;
    while (c->from < c->count && contacts_first(&c->list[c->from], &last) <= 0)
        c->from++;
    return OK;
}

static enum status put_person(struct ctx *cx, const struct person_name *n, struct val *table)
{
    static const int shown[] = { CONTACT_COMPANY, CONTACT_LIFECYCLE, CONTACT_OWNER };
    struct val *row = report_row(table, n->text, "");
    struct row *r = NULL;

    val_put_text(row, "url", n->url);
    if (n->contact) {
        enum status s = record_get(cx, &contact_type, n->contact, &r);
        if (s == E_NOT_FOUND) /* in the trash: its name is all there is */
            ctx_clear_error(cx);
        else
            TRY(s);
    }
    for (size_t i = 0; i < countof(shown); i++) {
        const char *text = r ? row_show(cx, r, shown[i]) : "";
        report_cell(row, "text", text, text);
    }
    return OK;
}

static const char *crowd_words(struct ctx *cx, const struct crowd *c)
{
    struct buf b = buf_in(cx->arena, 2000);
    size_t visitors = c->count - c->contacts;

    buf_printf(&b, "%s %s", show_number(cx->arena, (i64)c->contacts),
               c->contacts == 1 ? "contact" : "contacts");
    if (visitors)
        buf_printf(&b, ", and %s %s without a name", show_number(cx->arena, (i64)visitors),
                   visitors == 1 ? "visitor" : "visitors");
    if (c->hidden)
        buf_printf(&b, "; %zu of those shown %s not yours to see: counted, without a name",
                   c->hidden, c->hidden == 1 ? "is" : "are");
    return buf_end(&b);
}

static void put_pager(struct ctx *cx, const struct report *r, const struct val *from,
                      const struct crowd *c, struct val *table)
{
    struct val *pager = val_put_map(table, "pager");
    const char *shown = show_number(cx->arena, (i64)c->shown);
    const char *total = show_number(cx->arena, (i64)c->count);
    const struct one *last = c->shown ? &c->list[c->from + c->shown - 1] : NULL;

    val_put_text(pager, "text",
                 c->shown == c->count
                     ? total
                     : arena_printf(cx->arena, "%s %s of %s", c->from ? "The next" : "The newest",
                                    shown, total));
    if (c->from)
        val_put_printf(pager, "newer_url", "%s#people", report_url(cx, r, from, "after", ""));
    if (last && c->from + c->shown < c->count)
        val_put_printf(
            pager, "older_url", "%s#people",
            report_url(cx, r, from, "after",
                       arena_printf(cx->arena, "%c%u", last->contact ? 'c' : 'v', last->person)));
}

struct val *report_behind_table(struct val *page, const char *title)
{
    struct val *table = report_table(page, "people");

    val_put_text(table, "title", title);
    return table;
}

enum status report_people_put(struct ctx *cx, const struct report *r, const struct val *from,
                              const u32 *people, size_t count, const char *title, struct val *page)
{
    struct val *table = report_behind_table(page, title);
    bool whole = val_get_bool(page, "whole");
    size_t most = whole ? LIMIT_REPORT_LISTED : LIMIT_LIST_ROWS_DEFAULT;
    struct crowd c = crowd_of(cx, people, count);
    struct person_name *names;
    u32 *numbers;

    if (whole && count > most)
        return ctx_fail_code(cx, E_LIMIT, "report.too_many",
                             "These are more than %zu people: narrow the period or the filter.",
                             most);
    TRY(crowd_from(cx, whole ? "" : report_text(cx, from, "after", ""), &c));
    c.shown = c.count - c.from < most ? c.count - c.from : most;
    names = NEW_N(cx->arena, struct person_name, c.shown + 1);
    numbers = NEW_N(cx->arena, u32, c.shown + 1);
    for (size_t i = 0; i < c.shown; i++)
        numbers[i] = c.list[c.from + i].person;
    TRY(person_names(cx, numbers, c.shown, names));
    report_column(table, "Name", "text");
    report_column(table, "Company", "text");
    report_column(table, "Lifecycle", "text");
    report_column(table, "Owner", "text");
    for (size_t i = 0; i < c.shown; i++) {
        c.hidden += text_is(names[i].kind, "hidden");
        TRY(put_person(cx, &names[i], table));
    }
    val_put_bool(table, "has_rows", c.shown > 0);
    val_put_text(table, "text", crowd_words(cx, &c));
    val_put_i64(table, "total", (i64)c.count);
    val_put_i64(table, "contacts", (i64)c.contacts);
    val_put_i64(table, "visitors", (i64)(c.count - c.contacts));
    put_pager(cx, r, from, &c, table);
    return OK;
}

/* ---- routes ---- */
/* Whether it says the same a minute later, and to everybody: filters may know "today" and "me"; who
 * is behind a number is no small answer. */
static bool keeps(const struct report *r, const struct val *from)
{
    for (size_t i = 0; i < val_count(from); i++) {
        const char *key = val_key_at(from, i);
        enum val_kind kind = val_kind_of(val_value_at(from, i));
        if (kind == VAL_MAP || kind == VAL_LIST)
            return false;
        if (text_is(key, "filter") || str_ends(str_from(key), "_where")) {
            if (!val_is_null(val_value_at(from, i)) &&
                !text_is(val_as_text(val_value_at(from, i), "?"), ""))
                return false;
        }
        for (size_t k = 0; r->behind && r->behind[k]; k++)
            if (text_is(key, r->behind[k]))
                return false;
    }
    return true;
}

static enum status ask_anew(struct ctx *cx, const struct report *r, const struct val *from,
                            bool whole, struct val **out)
{
    bool may = !whole && keeps(r, from);
    const struct answers_from *made_from = may ? answers_from(cx) : NULL;
    const char *asked =
        made_from ? arena_printf(cx->arena, "%s %s", r->name, json_text(cx->arena, from)) : "";

    *out = answers_find(cx, made_from, asked);
    if (*out)
        return OK;
    *out = val_map(cx->arena);
    val_put_bool(*out, "whole", whole);
    val_put_text(*out, "definition", "");
    val_put_null(*out, "empty");
    val_put_null(*out, "table");
    val_put_null(*out, "people");
    TRY(r->answer(cx, from, *out));
    if (answers_hold(cx, made_from))
        answers_keep(cx, made_from, asked, 0, *out);
    return OK;
}

enum status report_ask(struct ctx *cx, const struct report *r, const struct val *from,
                       struct val *page)
{
    bool reads = cx->db && db_mode_of(cx->db) == DB_READ;
    struct val *out = NULL;
    enum status s;

    if (reads)
        TRY(db_read_begin(cx));
    s = ask_anew(cx, r, from ? from : val_map(cx->arena), val_get_bool(page, "whole"), &out);
    if (reads)
        db_read_end(cx);
    TRY(s);
    for (size_t i = 0; i < val_count(out); i++)
        if (!text_is(val_key_at(out, i), "whole"))
            val_put(page, val_key_at(out, i), (struct val *)val_value_at(out, i));
    return OK;
}

static enum status answer(struct ctx *cx, const struct report *r, const struct val *from,
                          struct val *page)
{
    val_put_text(page, "title", r->title);
    val_put_text(page, "error", "");
    val_put_text(page, "definition", "");
    val_put_null(page, "empty");
    val_put_null(page, "table");
    val_put_null(page, "people");
    TRY(report_check(cx, r, from));
    return report_ask(cx, r, from, page);
}

/* GET /insight/NAME. What cannot be answered keeps what was asked, and says why. */
enum status report_page(struct req *rq)
{
    struct ctx *cx = rq->cx;
    const struct report *r = rq->route->data;
    struct val *page = val_map(cx->arena);
    enum status s;

    put_form(cx, r, rq->query, page);
    s = answer(cx, r, rq->query, page);
    if ((s == E_INVALID || s == E_LIMIT) && !rq->wants_json) {
        val_put_text(page, "error", cx->error_text);
        ctx_clear_error(cx);
        reply_status(rq, 422);
        s = OK;
    }
    TRY(s);
    val_put_bool(page, "has_error", val_get_text(page, "error")[0] != '\0');
    val_put_text(page, "csv_url",
                 access_scope(cx->access, "journey", VERB_EXPORT) == SCOPE_NONE
                     ? ""
                     : arena_printf(cx->arena, "/insight/%s.csv%s%s", r->name,
                                    rq->query_string[0] ? "?" : "", rq->query_string));
    val_put_text(page, "add_url",
                 access_scope(cx->access, "dashboard", VERB_UPDATE) == SCOPE_NONE
                     ? ""
                     : arena_printf(cx->arena, "/dashboards/add?report=%s&ask=%s", r->name,
                                    http_url_encode(cx->arena, rq->query_string)));
    return reply(rq, r->template, page);
}

/* GET, POST /api/v1/journeys/NAME: the answer, without the form that a person needs to ask. */
enum status report_api(struct req *rq)
{
    struct ctx *cx = rq->cx;
    const struct report *r = rq->route->data;
    const struct val *from = rq->method == HTTP_POST ? rq->form : rq->query;
    struct val *page = val_map(cx->arena);

    if (val_kind_of(from) != VAL_MAP && val_count(from) > 0)
        return ctx_fail_code(cx, E_INVALID, "report.body", "Send a JSON object.");
    TRY(answer(cx, r, from, page));
    return reply_json(rq, 200, page);
}

/* ---- exports ---- */
static enum status note_export(struct ctx *cx, void *arg)
{
    return db_run(cx, "change.add", I64("id", kit_new_id(cx)), I64("at", ctx_now(cx)),
                  MAYBE("user", cx->access->user_id), MAYBE("request", cx->request_id),
                  NONE("batch"), TEXT("type", contact_type.name), I64("record", 0),
                  TEXT("verb", "export"), I64("version", 0),
                  TEXT("fields", json_text(cx->arena, arg)));
}

enum status report_note_export(struct ctx *cx, const char *title, size_t rows)
{
    struct val *what = val_map(cx->arena);

    val_put_i64(what, "rows", (i64)rows);
    val_put_text(what, "filter", title);
    return kit_write(cx, note_export, what);
}

void report_write_csv(const struct val *table, struct buf *out)
{
    const struct val *columns = val_get(table, "columns"), *rows = val_get(table, "rows");

    for (size_t i = 0; i < val_count(columns); i++)
        csv_cell(out, val_get_text(val_at(columns, i), "label"));
    csv_end_line(out);
    for (size_t i = 0; i < val_count(rows); i++) {
        const struct val *cells = val_get(val_at(rows, i), "cells");
        csv_cell(out, val_get_text(val_at(rows, i), "text"));
        for (size_t k = 0; k < val_count(cells); k++)
            csv_cell(out, val_get_text(val_at(cells, k), "plain"));
        csv_end_line(out);
    }
}

/* GET /insight/NAME.csv: the table of the page, all of it; the people, where they are asked for. */
enum status report_csv(struct req *rq)
{
    struct ctx *cx = rq->cx;
    const struct report *r = rq->route->data;
    struct val *page = val_map(cx->arena), *people;
    struct buf out = buf_in(cx->arena, LIMIT_UPLOAD_BYTES);
    const char *day = date_iso(cx->arena, zone_day(kit_zone(cx), ctx_now(cx)));

    val_put_bool(page, "whole", true);
    TRY(answer(cx, r, rq->query, page));
    people = list_of(page, "people");
    if (!val_is_null(people)) {
        TRY(access_check(cx, contact_type.name, VERB_EXPORT));
        if (rq->method != HTTP_HEAD)
            TRY(report_note_export(cx, val_get_text(people, "title"),
                                   val_count(val_get(people, "rows"))));
    }
    report_write_csv(val_is_null(people) ? val_get(page, "table") : people, &out);
    TRY(buf_status(&out));
    reply_header(rq, "Content-Disposition",
                 arena_printf(cx->arena, "attachment; filename=\"%s-%s.csv\"", r->name, day));
    return reply_text(rq, 200, "text/csv; charset=utf-8", (struct str){ out.p, out.len });
}
