/* pages.c -- the routes that every record type gets, and the small parts that its pages share. */
#include "kit/pages.h"
#include "base/id.h"
#include "base/limits.h"
#include "kit/file.h"
#include "kit/kit_int.h"
#include "kit/pages_int.h"
#include "kit/watch.h"

enum { ROUTES_A_TYPE = 40 }; /* more than the patterns below */

struct pattern {
    enum http_method method;
    const char *tail; /* after "/{path}" */
    enum status (*handler)(struct req *rq);
    enum verb verb;
    u32 unless; /* TYPE_* flags that leave it out */
    u32 flags;  /* ROUTE_* */
};
static const struct pattern patterns[] = {
    { HTTP_GET, "", list_get, VERB_READ, TYPE_OWN_PAGES },
    { HTTP_GET, ".csv", list_csv, VERB_EXPORT, 0 },
    { HTTP_GET, "/filter", list_filter_value, VERB_READ, 0 },
    { HTTP_GET, "/count", list_count_get, VERB_READ, 0 },
    { HTTP_GET, "/trash", trash_get, VERB_READ, TYPE_NO_DELETE },
    { HTTP_GET, "/new", form_new_get, VERB_CREATE, TYPE_NO_CREATE },
    { HTTP_POST, "", form_create_post, VERB_CREATE, TYPE_NO_CREATE },
    { HTTP_POST, "/bulk", list_bulk, VERB_READ, 0 }, /* which right it needs is in what is asked */
    { HTTP_GET, "/bulk/value", list_bulk_value, VERB_READ, 0 },
    { HTTP_POST, "/bulk/undo", list_bulk_undo, VERB_DELETE, TYPE_NO_DELETE },
    { HTTP_POST, "/views", view_save, VERB_READ, 0 },
    { HTTP_POST, "/views/:view", view_rename, VERB_READ, 0 },
    { HTTP_POST, "/views/:view/first", view_first, VERB_READ, 0 },
    { HTTP_POST, "/views/:view/delete", view_delete, VERB_READ, 0 },
    { HTTP_GET, "/:id", detail_get, VERB_READ, TYPE_OWN_PAGES | TYPE_OWN_DETAIL },
    { HTTP_GET, "/:id/edit", form_edit_get, VERB_UPDATE, TYPE_NO_UPDATE },
    { HTTP_POST, "/:id", form_update_post, VERB_UPDATE, TYPE_NO_UPDATE },
    { HTTP_GET, "/:id/edit/:field", field_edit_get, VERB_UPDATE, TYPE_NO_UPDATE },
    { HTTP_POST, "/:id/edit/:field", field_edit_post, VERB_UPDATE, TYPE_NO_UPDATE },
    { HTTP_GET, "/:id/fact/:field", fact_get, VERB_READ, 0 },
    { HTTP_GET, "/:id/history", history_get, VERB_READ, 0 },
    { HTTP_GET, "/:id/delete", delete_confirm, VERB_DELETE, TYPE_NO_DELETE },
    { HTTP_POST, "/:id/delete", record_delete_post, VERB_DELETE, TYPE_NO_DELETE },
    { HTTP_POST, "/:id/restore", record_restore_post, VERB_DELETE, TYPE_NO_DELETE },
    { HTTP_POST, "/:id/file", files_post, VERB_UPDATE, TYPE_NO_UPDATE, ROUTE_UPLOAD },
    { HTTP_GET, "/:id/file/:file", file_get, VERB_READ, TYPE_NO_UPDATE },
    { HTTP_POST, "/:id/file/:file/delete", file_delete, VERB_UPDATE, TYPE_NO_UPDATE },
    { HTTP_POST, "/:id/follow", follow_post, VERB_READ, 0 },
    { HTTP_POST, "/:id/unfollow", unfollow_post, VERB_READ, 0 },
};
static const struct pattern comment_patterns[] = {
    { HTTP_POST, "/:id/comments", comment_post, VERB_READ, 0 },
    { HTTP_POST, "/:id/comments/:comment/delete", comment_delete, VERB_READ, 0 },
    { HTTP_POST, "/:id/compose", compose_post, VERB_READ, 0 },
};
static const struct pattern merge_patterns[] = {
    { HTTP_GET, "/:id/merge", merge_get_page, VERB_READ, 0 },
    { HTTP_POST, "/:id/merge", merge_post, VERB_UPDATE, 0 },
    { HTTP_GET, "/:id/unmerge", unmerge_get_page, VERB_READ, 0 },
    { HTTP_POST, "/:id/unmerge", unmerge_post, VERB_UPDATE, 0 },
};
static const struct pattern board_patterns[] = {
    { HTTP_GET, "/board", board_get, VERB_READ, 0 },
    { HTTP_POST, "/:id/move", board_move, VERB_UPDATE, TYPE_NO_UPDATE },
};

/* Pages of no type. */
static const struct route common_routes[] = {
    { HTTP_GET, "/search", search_get, .flags = ROUTE_SIGNED_IN },
    { HTTP_GET, "/search/ref", search_ref, .flags = ROUTE_SIGNED_IN },
    { HTTP_GET, "/notifications", notifications_get, .flags = ROUTE_SIGNED_IN },
    { HTTP_POST, "/notifications/read", notifications_read, .flags = ROUTE_SIGNED_IN },
    { HTTP_POST, "/notifications/:id/read", notification_read, .flags = ROUTE_SIGNED_IN },
    { HTTP_GET, "/mentions", mentions_get, .flags = ROUTE_SIGNED_IN },
    { HTTP_GET, "/feed", feed_get, .flags = ROUTE_SIGNED_IN },
};

static void add_routes(struct arena *a, const struct record_type *t, const struct pattern *list,
                       size_t count, struct route *out, size_t *n)
{
    for (size_t i = 0; i < count; i++) {
        if (t->flags & list[i].unless)
            continue;
        out[(*n)++] = (struct route){
            .method = list[i].method,
            .path = arena_printf(a, "/%s%s", t->path, list[i].tail),
            .handler = list[i].handler,
            .resource = t->name,
            .verb = list[i].verb,
            .flags = list[i].flags,
            .data = t,
        };
    }
}

void pages_routes(struct kit *k, struct arena *a, const struct route **out, size_t *count)
{
    struct route *routes =
        NEW_N(a, struct route, k->type_count * ROUTES_A_TYPE + countof(common_routes));
    size_t n = 0;

    for (; n < countof(common_routes); n++)
        routes[n] = common_routes[n];
    for (size_t i = 0; i < k->type_count; i++) {
        const struct record_type *t = k->types[i];
        add_routes(a, t, patterns, countof(patterns), routes, &n);
        if (t->flags & TYPE_COMMENTS)
            add_routes(a, t, comment_patterns, countof(comment_patterns), routes, &n);
        if (t->flags & TYPE_MERGE)
            add_routes(a, t, merge_patterns, countof(merge_patterns), routes, &n);
        if (t->board)
            add_routes(a, t, board_patterns, countof(board_patterns), routes, &n);
    }
    *out = routes;
    *count = n;
}

/* ---- shared parts ---- */

enum status page_record(struct req *rq, const struct record_type *t, struct row **out)
{
    i64 id;

    TRY(req_id(rq, "id", &id));
    return record_get(rq->cx, t, id, out);
}

enum status req_row(struct req *rq, struct row **out) { return page_record(rq, req_type(rq), out); }

bool may(struct ctx *cx, const struct record_type *t, enum verb v)
{
    if ((v == VERB_CREATE && t->flags & TYPE_NO_CREATE) ||
        (v == VERB_UPDATE && t->flags & TYPE_NO_UPDATE) ||
        (v == VERB_DELETE && t->flags & TYPE_NO_DELETE))
        return false;
    return access_scope(cx->access, t->name, v) != SCOPE_NONE;
}

bool may_row(struct ctx *cx, const struct row *r, enum verb v)
{
    bool in;

    if (!may(cx, row_type(r), v))
        return false;
    if (row_in_scope(cx, r, access_scope(cx->access, row_type(r)->name, v), &in) != OK) {
        ctx_clear_error(cx);
        return false;
    }
    return in;
}

bool page_may(struct ctx *cx, const struct row *r, enum verb v) { return may_row(cx, r, v); }

void put_type(struct ctx *cx, const struct record_type *t, struct val *page)
{
    struct val *v = val_put_map(page, "type");

    val_put_text(v, "name", t->name);
    val_put_text(v, "label", t->label);
    val_put_text(v, "plural", t->plural);
    val_put_text(v, "lower", text_in_sentence(cx->arena, t->label));
    val_put_printf(v, "url", "/%s", t->path);
}

void put_record(struct ctx *cx, const struct row *r, struct val *page)
{
    struct val *v = val_put_map(page, "record");

    val_put_text(v, "id", id_text(cx->arena, row_id(r)));
    val_put_text(v, "url", row_path(cx, r));
    val_put_i64(v, "version", row_version(r));
}

void put_when(struct ctx *cx, struct val *map, const char *key, i64 ms)
{
    struct val *v = val_put_map(map, key);

    val_put_text(v, "text", show_time(cx, ms));
    val_put_text(v, "iso", time_iso(cx->arena, ms));
    val_put_text(v, "full", show_time_full(cx, ms));
}

struct val *story_day(struct ctx *cx, struct val *days, i64 at_ms, i64 *day)
{
    i64 now = zone_day(kit_zone(cx), at_ms);
    struct val *d;

    if (now == *day)
        return (struct val *)val_get(val_at(days, val_count(days) - 1), "items");
    *day = now;
    d = val_add_map(days);
    val_put_text(d, "text", show_date_full(cx, now));
    val_put_text(d, "iso", date_iso(cx->arena, now));
    return val_put_list(d, "items");
}

struct val *story_line(struct ctx *cx, struct val *items, const char *is, i64 at_ms)
{
    static const char *const texts[] = { "text", "detail", "who",  "url",
                                         "tone", "amount", "body", "remove_url" };
    struct val *item = val_add_map(items);

    val_put_bool(val_put_map(item, "is"), is, true);
    val_put_text(item, "icon", "point");
    val_put_text(item, "time", zone_format(cx->arena, kit_zone(cx), at_ms, "HH:mm"));
    val_put_text(item, "iso", time_iso(cx->arena, at_ms));
    val_put_text(item, "full", show_time_full(cx, at_ms));
    for (size_t i = 0; i < countof(texts); i++)
        val_put_text(item, texts[i], "");
    val_put_null(item, "channel");
    val_put_list(item, "pages");
    return item;
}

struct val *put_action(struct val *list, const char *text, const char *url, bool post)
{
    struct val *v = val_add_map(list);

    val_put_text(v, "text", text);
    val_put_text(v, "url", url);
    val_put_bool(v, "post", post);
    val_put_bool(v, "primary", false);
    val_put_bool(v, "danger", false);
    val_put_text(v, "confirm", "");
    val_put_text(v, "icon", "");
    return v;
}

void put_empty(struct val *page, const char *title, const char *text, const char *action,
               const char *url)
{
    struct val *v = val_put_map(page, "empty");

    val_put_text(v, "title", title);
    val_put_text(v, "text", text);
    val_put_text(v, "icon", "");
    if (!action) {
        val_put_null(v, "action");
        return;
    }
    v = val_put_map(v, "action");
    val_put_text(v, "text", action);
    val_put_text(v, "url", url);
}

struct val *put_option(struct val *list, const char *value, const char *text, bool selected)
{
    struct val *v = val_add_map(list);

    val_put_text(v, "value", value);
    val_put_text(v, "text", text);
    val_put_bool(v, "selected", selected);
    return v;
}

bool field_shown(const struct field *f) { return !(f->flags & INTERNAL); }

bool field_typed(const struct field *f, bool is_new)
{
    return !(f->flags & (INTERNAL | COMPUTED)) && (is_new || !(f->flags & CREATE_ONLY));
}

void put_errors(struct ctx *cx, struct val *page)
{
    struct val *list = val_put_list(page, "errors"), *one;

    for (const struct field_error *e = cx->field_errors; e; e = e->next) {
        one = val_add_map(list);
        val_put_text(one, "text", e->message);
        val_put_text(one, "field", e->field);
    }
    if (!cx->field_errors && !text_empty(cx->error_text)) {
        one = val_add_map(list);
        val_put_text(one, "text", cx->error_text);
        val_put_text(one, "field", "");
    }
    val_put_bool(page, "has_errors", val_count(list) > 0);
    ctx_clear_error(cx);
}

void put_layouts(struct ctx *cx, const struct record_type *t, const char *on, struct val *page)
{
    static const struct {
        const char *name, *text, *tail;
    } layouts[] = { { "list", "Table", "" }, { "board", "Board", "/board" } };
    struct val *list = val_put_list(page, "layouts");

    for (size_t i = 0; t->board && i < countof(layouts); i++) {
        struct val *v = val_add_map(list);
        val_put_text(v, "text", layouts[i].text);
        val_put_text(v, "url", arena_printf(cx->arena, "/%s%s", t->path, layouts[i].tail));
        val_put_bool(v, "on", text_is(layouts[i].name, on));
    }
    val_put_bool(page, "has_layouts", t->board != NULL);
}

enum status all_of(struct ctx *cx, const struct record_type *t, const char *filter,
                   struct row ***rows, size_t *count)
{
    struct list_query query = { .filter = filter, .sort = t->sort, .limit = LIMIT_LIST_ROWS };
    struct list_page page;

    TRY(list_run(cx, t, &query, &page));
    *rows = page.rows;
    *count = page.count;
    return OK;
}

enum status reply_problem(struct req *rq, int status, const char *code, const char *title,
                          const char *detail, struct val *actions)
{
    struct ctx *cx = rq->cx;
    struct val *page = val_map(cx->arena);

    ctx_clear_error(cx);
    val_put_text(page, "title", title);
    val_put_i64(page, "status", status);
    val_put_text(page, "code", code);
    val_put_text(page, "detail", detail);
    val_put_text(page, "kept", "");
    val_put_text(page, "todo", "");
    val_put(page, "actions", actions);
    val_put_text(page, "request", id_text(cx->arena, cx->request_id));
    reply_status(rq, status);
    return reply_fragment(rq, "kit/error", page);
}

void pages_set_timeline(struct kit *k, page_timeline_fn *fn) { k->timeline = fn; }

enum status page_timeline(struct req *rq, const struct row *r, struct val *page)
{
    page_timeline_fn *fn = rq->cx->kit->timeline;

    return fn ? fn(rq, r, page) : OK;
}
