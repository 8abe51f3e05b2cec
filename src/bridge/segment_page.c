/* segment_page.c -- what one sees of segments: who is in one, how it grew, who came and went; its
 * filter with the count while one types; members over the API. */
#include "base/id.h"
#include "bridge/contact.h"
#include "bridge/segment_int.h"
#include "kit/pages.h"
#include "kit/show.h"
#include "kit/web.h"

enum {
    MEMBERS_SHOWN = 10,
    PAST_SHOWN = 20,
    DAYS_SHOWN = 90,
    API_MEMBERS = 1000,
    LISTS_OFFERED = 30
};

static const char *size_words(struct ctx *cx, i64 count)
{
    return arena_printf(cx->arena, "%s contact%s", show_number(cx->arena, count),
                        count == 1 ? "" : "s");
}

static const char *members_filter(struct ctx *cx, const struct row *segment)
{
    return arena_printf(cx->arena, "segments has '%s'", row_text(segment, SEGMENT_SLUG));
}

static void put_time(struct ctx *cx, struct val *map, const char *key, i64 ms)
{
    struct val *when = val_put_map(map, key);

    val_put_text(when, "text", show_time(cx, ms));
    val_put_text(when, "iso", time_iso(cx->arena, ms));
    val_put_text(when, "full", show_time_full(cx, ms));
}

/* ---- the page of one ---- */
static enum status put_chart(struct ctx *cx, const struct row *segment, struct val *page)
{
    scoped(stmt_close) struct stmt q =
        db_query(cx, "segment.days", I64("segment", row_id(segment)), I64("limit", DAYS_SHOWN));
    struct val *chart = val_map(cx->arena), *columns, *column, *rows;
    int count = 0;

    val_put_text(chart, "kind", "line");
    val_put_text(chart, "text", "Contacts in it, by day");
    val_put_text(chart, "unit", "");
    columns = val_put_list(chart, "columns");
    column = val_add_map(columns);
    val_put_text(column, "text", "Contacts");
    val_put_text(column, "color", "series-1");
    rows = val_put_list(chart, "rows");
    for (; stmt_next(&q); count++) {
        struct val *row = val_add_map(rows), *value;
        val_put_text(row, "text", show_date(cx, col_i64(&q, 0)));
        value = val_add_map(val_put_list(row, "values"));
        val_put_text(value, "text", show_number(cx->arena, col_i64(&q, 1)));
        val_put_i64(value, "number", col_i64(&q, 1));
    }
    if (count > 1)
        val_put(page, "chart", chart);
    else
        val_put_null(page, "chart");
    return stmt_status(&q);
}

static enum status put_past(struct ctx *cx, const struct row *segment, struct val *page)
{
    static const char *const whys[] = { "", "from the trash", "filter changed", "by hand", "" };
    struct val *list = val_put_list(page, "past"), *past = val_list(cx->arena);
    i64 ids[PAST_SHOWN];
    const char *titles[PAST_SHOWN];

    TRY(segment_past(cx, row_id(segment), 0, PAST_SHOWN, past));
    for (size_t i = 0; i < val_count(past); i++)
        ids[i] = val_get_i64(val_at(past, i), "contact_id", 0);
    TRY(record_titles(cx, &contact_type, ids, val_count(past), titles));
    for (size_t i = 0; i < val_count(past); i++) {
        const struct val *from = val_at(past, i);
        struct val *one;
        if (text_empty(titles[i]))
            continue; /* somebody whom I may not see */
        one = val_add_map(list);
        val_put_text(one, "text", titles[i]);
        val_put_text(one, "url",
                     arena_printf(cx->arena, "/contacts/%s", id_text(cx->arena, ids[i])));
        val_put_bool(one, "came", val_get_bool(from, "entered"));
        val_put_text(one, "why", whys[val_get_i64(from, "why", 0)]);
        put_time(cx, one, "when", val_get_i64(from, "at", 0));
    }
    val_put_bool(page, "has_past", val_count(list) > 0);
    return OK;
}

/* Its filter in words; what can no longer be read is told as that. */
static const char *sentence_of(struct ctx *cx, const char *filter)
{
    struct ctx probe = *cx;
    struct filter *f;

    ctx_clear_error(&probe);
    if (filter_parse(&probe, &contact_type, filter, &f) != OK)
        return arena_printf(cx->arena, "Its filter cannot be read: %s", probe.error_text);
    return filter_words(cx, f);
}

enum status segment_detail(struct ctx *cx, const struct row *r, struct val *page)
{
    static const char *const columns[] = { "company_id", "lifecycle", NULL };
    const char *filter = members_filter(cx, r), *path = row_path(cx, r);
    const char *escaped = http_url_encode(cx->arena, filter);
    bool is_live = segment_is_live(r), change = page_may(cx, r, VERB_UPDATE);
    i64 size;

    TRY(segment_size(cx, row_id(r), &size));
    val_put_bool(page, "live", is_live);
    val_put_bool(page, "filling",
                 is_live && row_has(r, SEGMENT_FILTER) && !row_has(r, SEGMENT_FILLED_AT));
    val_put_text(page, "sentence",
                 !is_live                     ? ""
                 : row_has(r, SEGMENT_FILTER) ? sentence_of(cx, row_text(r, SEGMENT_FILTER))
                                              : "Nobody is in it until you say who.");
    val_put_text(page, "who_url", is_live && change ? arena_printf(cx->arena, "%s/who", path) : "");
    val_put_text(page, "members_url", arena_printf(cx->arena, "/contacts?filter=%s", escaped));
    val_put_text(page, "csv_url",
                 access_scope(cx->access, "contact", VERB_EXPORT) == SCOPE_NONE
                     ? ""
                     : arena_printf(cx->arena, "/contacts.csv?filter=%s", escaped));
    val_put_text(page, "size_text", size_words(cx, size));
    val_put_bool(page, "can_add", !is_live && change);
    val_put_text(page, "add_url", arena_printf(cx->arena, "%s/members", path));
    TRY(page_table(cx, &contact_type, filter, "-updated_at", MEMBERS_SHOWN, columns,
                   val_put_map(page, "members")));
    TRY(put_chart(cx, r, page));
    return put_past(cx, r, page);
}

enum status segment_put_of(struct ctx *cx, i64 contact_id, struct val *page)
{
    struct val *of = val_list(cx->arena), *list = val_put_list(page, "segments");

    if (access_scope(cx->access, "segment", VERB_READ) == SCOPE_NONE)
        return OK;
    TRY(segment_of(cx, contact_id, of));
    for (size_t i = 0; i < val_count(of); i++) {
        struct val *one = val_add_map(list);
        val_put_text(one, "name", val_get_text(val_at(of, i), "name"));
        val_put_text(one, "path", val_get_text(val_at(of, i), "path"));
        val_put_bool(one, "live", val_get_bool(val_at(of, i), "live"));
        put_time(cx, one, "since", val_get_i64(val_at(of, i), "since", 0));
    }
    return OK;
}

/* ---- the filter ---- */
static void put_try(struct ctx *cx, const char *filter, struct val *tree)
{
    struct ctx probe = *cx;
    struct filter *f;
    i64 count;

    ctx_clear_error(&probe);
    val_put_text(tree, "count", "");
    val_put_text(tree, "sentence", "");
    val_put_text(tree, "error", "");
    if (text_empty(filter)) {
        val_put_text(tree, "sentence", "Say who is in it: add a condition, or write the filter.");
    } else if (filter_parse(&probe, &contact_type, filter, &f) != OK ||
               list_count(&probe, &contact_type, filter, "", 0, &count) != OK) {
        val_put_text(tree, "error", probe.error_text);
    } else {
        val_put_text(tree, "count", size_words(cx, count));
        val_put_text(tree, "sentence", arena_printf(cx->arena, "for whom %s", filter_words(cx, f)));
    }
}

/* GET /segments/try?filter=&add_field=&add_op=&add_value= -- how many there would be, with a
 * condition added to it where one is given. As JSON: the whole filter, and the fields to ask by. */
static enum status try_get(struct req *rq)
{
    struct ctx *cx = rq->cx;
    struct val *tree = val_map(cx->arena), *value = val_map(cx->arena);
    const char *filter = req_query(rq, "filter"), *more, *error = "";

    if (!text_empty(req_query(rq, "add_op"))) {
        if (filter_from_form(cx, &contact_type, req_query(rq, "add_field"), req_query(rq, "add_op"),
                             req_query(rq, "add_value"), &more) == OK)
            filter = filter_and(cx, filter, more);
        else
            error = cx->field_errors ? cx->field_errors->message
                                     : arena_text(cx->arena, cx->error_text);
        ctx_clear_error(cx);
    }
    put_try(cx, filter, tree);
    if (!text_empty(error))
        val_put_text(tree, "error", error);
    if (!rq->wants_json)
        return reply_fragment(rq, "segment/try", tree);
    val_put_text(tree, "filter", filter);
    TRY(page_filter_value(cx, &contact_type, req_query(rq, "add_field"), value));
    val_put(tree, "fields", val_copy(cx->arena, val_get(value, "fields")));
    return reply_json(rq, 200, tree);
}

static void put_chips(struct ctx *cx, const char *action, const char *filter, struct val *page)
{
    struct val *list = val_put_list(page, "chips");
    struct ctx probe = *cx;
    const struct val *chips;
    struct filter *f;

    ctx_clear_error(&probe);
    val_put_bool(page, "has_chips", false);
    if (filter_parse(&probe, &contact_type, filter, &f) != OK)
        return;
    chips = filter_chips(cx, f);
    for (size_t i = 0; i < val_count(chips); i++) {
        struct val *one = val_add_map(list);
        const char *without = val_get_text(val_at(chips, i), "without");
        val_put_text(one, "words", val_get_text(val_at(chips, i), "words"));
        val_put_text(one, "remove_url",
                     arena_printf(cx->arena, "%s?filter=%s", action,
                                  http_url_encode(cx->arena, text_empty(without) ? " " : without)));
    }
    val_put_bool(page, "has_chips", val_count(list) > 0);
}

static enum status show_who(struct req *rq, const struct row *segment, const char *filter,
                            const char *error)
{
    struct ctx *cx = rq->cx;
    struct val *page = val_map(cx->arena);
    const char *path = row_path(cx, segment), *action = arena_printf(cx->arena, "%s/who", path);

    val_put_printf(page, "title", "Who is in %s", row_text(segment, SEGMENT_NAME));
    val_put_text(page, "path", path);
    val_put_text(page, "action", action);
    val_put_text(page, "filter", filter);
    val_put_text(page, "error", error);
    put_try(cx, filter, val_put_map(page, "try"));
    put_chips(cx, action, filter, page);
    TRY(page_filter_value(cx, &contact_type, req_query(rq, "add_field"), val_put_map(page, "add")));
    return reply(rq, "segment/who", page);
}

static enum status get_live(struct req *rq, struct row **out)
{
    i64 id;

    TRY(req_id(rq, "id", &id));
    TRY(record_get(rq->cx, &segment_type, id, out));
    if (!segment_is_live(*out))
        return ctx_fail_code(rq->cx, E_INVALID, "segment.static",
                             "A static list has no filter: put people on it.");
    return OK;
}

/* GET /segments/:id/who?filter=&add_field=&add_op=&add_value= */
static enum status who_get(struct req *rq)
{
    struct ctx *cx = rq->cx;
    struct row *segment;
    const char *filter = req_query(rq, "filter"), *more, *error = "";

    TRY(get_live(rq, &segment));
    if (filter[0] == '\0')
        filter = row_text(segment, SEGMENT_FILTER);
    filter = str_dup(cx->arena, str_trim(str_from(filter)));
    if (!text_empty(req_query(rq, "add_op"))) {
        if (filter_from_form(cx, &contact_type, req_query(rq, "add_field"), req_query(rq, "add_op"),
                             req_query(rq, "add_value"), &more) == OK) {
            filter = filter_and(cx, filter, more);
        } else {
            error = cx->field_errors ? cx->field_errors->message
                                     : arena_text(cx->arena, cx->error_text);
            ctx_clear_error(cx);
            reply_status(rq, 422);
        }
    }
    return show_who(rq, segment, filter, error);
}

static enum status who_post(struct req *rq)
{
    struct ctx *cx = rq->cx;
    struct row *segment;
    const char *filter = req_form(rq, "filter"), *error;
    enum status s;

    TRY(get_live(rq, &segment));
    row_set_text(segment, SEGMENT_FILTER, filter);
    s = record_save(cx, segment);
    if (s == OK)
        return reply_done(rq, row_path(cx, segment), "Kept. Members are looked for now.");
    if (s != E_INVALID || rq->wants_json)
        return s;
    error = cx->field_errors ? cx->field_errors->message : arena_text(cx->arena, cx->error_text);
    ctx_clear_error(cx);
    reply_status(rq, 422);
    return show_who(rq, segment, filter, error);
}

/* POST /segments/:id/members {email}, or {remove: a contact's id} */
static enum status member_post(struct req *rq)
{
    struct ctx *cx = rq->cx;
    struct row *segment, *contact;
    i64 id, gone;
    enum status s;

    TRY(req_id(rq, "id", &id));
    TRY(record_get(cx, &segment_type, id, &segment));
    if (!text_empty(req_form(rq, "remove"))) {
        TRY(req_id(rq, "remove", &gone));
        TRY(record_get(cx, &contact_type, gone, &contact));
        TRY(segment_remove(cx, id, gone));
        return reply_done(rq, row_path(cx, segment), "%s is off the list.", row_title(cx, contact));
    }
    s = record_find(cx, &contact_type, "email", req_form(rq, "email"), &contact);
    if (s == E_NOT_FOUND)
        return reply_done(rq, row_path(cx, segment),
                          "No contact has this address. Make the contact first.");
    TRY(s);
    TRY(segment_add(cx, id, row_id(contact)));
    return reply_done(rq, row_path(cx, segment), "%s is on the list.", row_title(cx, contact));
}

/* ---- ticked contacts ---- */
enum status segment_offers(struct ctx *cx, struct val *list)
{
    static const char *const words[][2] = { { "add", "Put on the list" },
                                            { "drop", "Take off the list" } };
    struct list_page lists;

    if (access_scope(cx->access, "segment", VERB_UPDATE) == SCOPE_NONE)
        return OK;
    TRY(list_run(
        cx, &segment_type,
        &(struct list_query){ .filter = "kind = 'static'", .sort = "name", .limit = LISTS_OFFERED },
        &lists));
    for (size_t w = 0; w < countof(words); w++)
        for (size_t i = 0; i < lists.count; i++) {
            struct val *one = val_add_map(list);
            const char *name = row_text(lists.rows[i], SEGMENT_NAME);
            val_put_printf(one, "value", "%s:%s", words[w][0],
                           id_text(cx->arena, row_id(lists.rows[i])));
            val_put_printf(one, "text", "%s %s", words[w][1], name);
        }
    return OK;
}

enum status segment_take_up(struct ctx *cx, struct row *contact, const char *offer)
{
    struct str rest = str_from(offer), word;
    bool known = str_split(&rest, ':', &word) && (str_is(word, "add") || str_is(word, "drop"));
    i64 id;

    if (!known || !id_parse(rest, &id))
        return ctx_fail_code(cx, E_INVALID, "bulk.action", "Choose a list.");
    return str_is(word, "add") ? segment_add(cx, id, row_id(contact))
                               : segment_remove(cx, id, row_id(contact));
}

/* ---- the API ---- */
/* GET /api/v1/segments/:id/members?cursor=&limit= -- those whom one may see. */
static enum status members_api(struct req *rq)
{
    struct ctx *cx = rq->cx;
    struct val *answer = val_map(cx->arena), *data = val_put_list(answer, "data");
    struct list_query query = { .sort = "id",
                                .cursor = req_query(rq, "cursor"),
                                .limit = (int)req_query_i64(rq, "limit", 0) };
    struct list_page page;
    struct row *segment;
    i64 id, size;

    TRY(req_id(rq, "id", &id));
    TRY(record_get(cx, &segment_type, id, &segment));
    query.filter = members_filter(cx, segment);
    TRY(list_run(cx, &contact_type, &query, &page));
    TRY(segment_size(cx, id, &size));
    for (size_t i = 0; i < page.count; i++) {
        struct val *one = val_add_map(data);
        val_put_text(one, "id", id_text(cx->arena, row_id(page.rows[i])));
        val_put_text(one, "name", row_title(cx, page.rows[i]));
        val_put_text(one, "email", row_text(page.rows[i], CONTACT_EMAIL));
    }
    val_put_i64(answer, "size", size);
    val_put_text(answer, "next", page.next);
    return reply_json(rq, 200, answer);
}

/* POST /api/v1/segments/:id/members {"contact_ids": ["..."], "remove_ids": ["..."]} */
static enum status members_api_post(struct req *rq)
{
    struct ctx *cx = rq->cx;
    const struct val *lists[] = { val_get(rq->form, "contact_ids"),
                                  val_get(rq->form, "remove_ids") };
    struct val *answer = val_map(cx->arena);
    i64 id, contact, size;

    TRY(req_id(rq, "id", &id));
    for (size_t l = 0; l < countof(lists); l++) {
        if (val_count(lists[l]) > API_MEMBERS)
            return ctx_fail_code(cx, E_LIMIT, "segment.too_many", "At most %d contacts at once.",
                                 API_MEMBERS);
        for (size_t i = 0; i < val_count(lists[l]); i++) {
            if (!id_parse(str_from(val_as_text(val_at(lists[l], i), "")), &contact))
                return ctx_fail_code(cx, E_INVALID, "segment.contact", "'%s' is no contact's id.",
                                     val_as_text(val_at(lists[l], i), ""));
            TRY(l == 0 ? segment_add(cx, id, contact) : segment_remove(cx, id, contact));
        }
    }
    TRY(segment_size(cx, id, &size));
    val_put_i64(answer, "size", size);
    return reply_json(rq, 200, answer);
}

const struct route segment_routes[SEGMENT_ROUTES] = {
    { HTTP_GET, "/segments/try", try_get, NEEDS("segment", VERB_READ) },
    { HTTP_GET, "/segments/:id/who", who_get, NEEDS("segment", VERB_UPDATE) },
    { HTTP_POST, "/segments/:id/who", who_post, NEEDS("segment", VERB_UPDATE) },
    { HTTP_POST, "/segments/:id/members", member_post, NEEDS("segment", VERB_UPDATE) },
    { HTTP_GET, "/api/v1/segments/:id/members", members_api, NEEDS("segment", VERB_READ),
      .flags = ROUTE_API },
    { HTTP_POST, "/api/v1/segments/:id/members", members_api_post, NEEDS("segment", VERB_UPDATE),
      .flags = ROUTE_API },
};
