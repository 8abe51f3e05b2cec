/* api.c -- REST for every record type: /api/v1/{path}. Records go out as flat JSON objects and come
 * in as such; every mistake of a client is a 4xx with a stable code that says what would do
 * instead. Permission, scope and validation are those of record_get and record_save. */
#include "base/id.h"
#include "base/json.h"
#include "base/limits.h"
#include "kit/api_int.h"
#include "kit/kit_int.h"
#include <strings.h>

enum { COUNT_CAP = 10000, HISTORY_ROWS = 200, HISTORY_ROWS_DEFAULT = 50 };

/* Which fields a client wants to see. */
struct wanted {
    bool all, on[LIMIT_FIELDS];
};

/* ---- the query string ---- */

/* Parameters other than these are refused: a misspelt `filter` must not answer with everything. */
static enum status check_query(struct req *rq, const char *const *known)
{
    struct ctx *cx = rq->cx;

    for (size_t i = 0; i < val_count(rq->query); i++) {
        const char *name = val_key_at(rq->query, i);
        struct buf b = buf_in(cx->arena, 1000);
        bool found = false;
        for (const char *const *k = known; *k; k++) {
            found |= text_is(*k, name);
            buf_printf(&b, "%s%s", b.len ? ", " : "", *k);
        }
        if (!found)
            return ctx_fail_code(cx, E_INVALID, "query.unknown",
                                 "There is no parameter '%s' here. Known are: %s.", name,
                                 b.len ? buf_end(&b) : "none");
        if (val_kind_of(val_value_at(rq->query, i)) == VAL_LIST)
            return ctx_fail_code(cx, E_INVALID, "query.twice", "'%s' is given twice.", name);
    }
    return OK;
}

static enum status query_number(struct req *rq, const char *name, i64 otherwise, i64 most, i64 *out)
{
    const char *text = req_query(rq, name);

    *out = otherwise;
    if (text_empty(text) || (str_i64(str_from(text), out) && *out >= 1 && *out <= most))
        return OK;
    return ctx_fail_code(rq->cx, E_INVALID, "query.number",
                         "'%s' is no %s: it must be a number from 1 to %lld.", text, name,
                         (long long)most);
}

static enum status query_bool(struct req *rq, const char *name, bool *out)
{
    const char *text = req_query(rq, name);

    *out = text_is(text, "true");
    if (text_empty(text) || *out || text_is(text, "false"))
        return OK;
    return ctx_fail_code(rq->cx, E_INVALID, "query.bool", "'%s' must be true or false, not '%s'.",
                         name, text);
}

/* Names of the fields with `how` applied, for messages: "name, amount, stage_id". */
static const char *known_fields(struct ctx *cx, const struct record_type *t, u32 without)
{
    struct buf b = buf_in(cx->arena, 16 * 1024);

    for (int i = 0; i < t->field_count; i++)
        if (!(t->fields[i].flags & (INTERNAL | without)))
            buf_printf(&b, "%s%s", b.len ? ", " : "", t->fields[i].name);
    return buf_end(&b);
}

static enum status read_wanted(struct req *rq, const struct record_type *t, struct wanted *out)
{
    struct str rest = str_from(req_query(rq, "fields")), part;

    *out = (struct wanted){ .all = rest.len == 0 };
    while (str_split(&rest, ',', &part)) {
        const char *name = str_dup(rq->cx->arena, str_trim(part));
        int field = type_field(t, name);
        if (system_field(name) || text_is(name, "version"))
            continue; /* always there */
        if (field < 0 || !field_shown(&t->fields[field]))
            return ctx_fail_code(
                rq->cx, E_INVALID, "fields.unknown", "A %s has no field '%s'. It has: %s.",
                text_in_sentence(rq->cx->arena, t->label), name, known_fields(rq->cx, t, 0));
        out->on[field] = true;
    }
    return OK;
}

/* ---- records as JSON ---- */

static void put_id(struct ctx *cx, struct val *v, const char *key, i64 id)
{
    if (id)
        val_put_text(v, key, id_text(cx->arena, id));
    else
        val_put_null(v, key);
}

static void put_record_json(struct ctx *cx, const struct row *r, const struct wanted *w,
                            struct val *v)
{
    const struct record_type *t = row_type(r);

    put_id(cx, v, "id", row_id(r));
    val_put_i64(v, "version", row_version(r));
    val_put_text(v, "created_at", time_iso(cx->arena, row_created_at(r)));
    put_id(cx, v, "created_by", row_system(r, SYSTEM_CREATED_BY));
    val_put_text(v, "updated_at", time_iso(cx->arena, row_updated_at(r)));
    put_id(cx, v, "updated_by", row_system(r, SYSTEM_UPDATED_BY));
    if (row_is_deleted(r))
        val_put_text(v, "deleted_at", time_iso(cx->arena, r->deleted_at));
    for (int i = 0; i < t->field_count; i++)
        if (field_shown(&t->fields[i]) && (w == NULL || w->all || w->on[i]))
            val_put(v, t->fields[i].name, row_val(cx, r, i));
}

static const char *etag_of(struct ctx *cx, const struct row *r)
{
    return arena_printf(cx->arena, "W/\"%lld\"", (long long)row_version(r));
}

static enum status reply_record(struct req *rq, int status, const struct row *r,
                                const struct wanted *w)
{
    struct val *v = val_map(rq->cx->arena);

    put_record_json(rq->cx, r, w, v);
    reply_header(rq, "ETag", etag_of(rq->cx, r));
    return reply_json(rq, status, v);
}

/* ---- reading ---- */

/* This list's address with another cursor. */
static const char *page_url(struct req *rq, const char *cursor)
{
    struct arena *a = rq->cx->arena;
    struct buf b = buf_in(a, LIMIT_HEADER_BYTES);

    buf_printf(&b, "/api/v1/%s?", req_type(rq)->path);
    for (size_t i = 0; i < val_count(rq->query); i++)
        if (!text_is(val_key_at(rq->query, i), "cursor"))
            buf_printf(&b, "%s=%s&", val_key_at(rq->query, i),
                       http_url_encode(a, val_as_text(val_value_at(rq->query, i), "")));
    buf_printf(&b, "cursor=%s", http_url_encode(a, cursor));
    return buf_end(&b);
}

/* The neighbours of a page: in the body, and as a Link header (RFC 8288). */
static void put_neighbours(struct req *rq, const struct list_page *lp, struct val *tree)
{
    const struct {
        const char *rel, *cursor;
    } links[] = { { "next", lp->next }, { "prev", lp->prev } };
    struct buf b = buf_in(rq->cx->arena, LIMIT_HEADER_BYTES);

    for (size_t i = 0; i < countof(links); i++) {
        const char *url;
        if (text_empty(links[i].cursor)) {
            val_put_null(tree, links[i].rel);
            continue;
        }
        url = page_url(rq, links[i].cursor);
        val_put_text(tree, links[i].rel, url);
        buf_printf(&b, "%s<%s>; rel=\"%s\"", b.len ? ", " : "", url, links[i].rel);
    }
    if (b.len && buf_status(&b) == OK)
        reply_header(rq, "Link", buf_end(&b));
}

/* GET /api/v1/{path}?filter=&sort=&fields=&q=&cursor=&limit=&count=&trash= */
static enum status api_list(struct req *rq)
{
    static const char *const known[] = { "filter", "sort",  "fields", "q", "cursor",
                                         "limit",  "count", "trash",  NULL };
    struct ctx *cx = rq->cx;
    const struct record_type *t = req_type(rq);
    struct list_query query = { .filter = req_query(rq, "filter"),
                                .sort = req_query(rq, "sort"),
                                .cursor = req_query(rq, "cursor"),
                                .search = req_query(rq, "q") };
    struct val *tree = val_map(cx->arena), *data;
    struct wanted wanted;
    struct list_page lp;
    bool counted;
    i64 n;

    TRY(check_query(rq, known));
    TRY(query_number(rq, "limit", LIMIT_LIST_ROWS_DEFAULT, LIMIT_LIST_ROWS, &n));
    query.limit = (int)n;
    TRY(query_bool(rq, "trash", &query.trash));
    TRY(query_bool(rq, "count", &counted));
    TRY(read_wanted(rq, t, &wanted));
    TRY(list_run(cx, t, &query, &lp));
    data = val_put_list(tree, "data");
    for (size_t i = 0; i < lp.count; i++)
        put_record_json(cx, lp.rows[i], &wanted, val_add_map(data));
    put_neighbours(rq, &lp, tree);
    if (counted && !query.trash) {
        TRY(list_count(cx, t, query.filter, query.search, COUNT_CAP, &n));
        val_put_i64(tree, "count", n > COUNT_CAP ? COUNT_CAP : n);
        val_put_bool(tree, "count_is_least", n > COUNT_CAP);
    }
    return reply_json(rq, 200, tree);
}

/* Whether a header lists this version: W/"3", "3", several with commas between, or *. */
static bool lists_version(const char *header, i64 version)
{
    struct str rest = str_from(header), part;

    while (str_split(&rest, ',', &part)) {
        i64 n;
        part = str_trim(part);
        if (str_is(part, "*"))
            return true;
        if (str_starts(part, "W/"))
            part = (struct str){ part.p + 2, part.len - 2 };
        if (part.len < 2 || part.p[0] != '"' || part.p[part.len - 1] != '"')
            continue;
        if (str_i64((struct str){ part.p + 1, part.len - 2 }, &n) && n == version)
            return true;
    }
    return false;
}

/* The record of the path, which may lie in the trash when the query says so. */
static enum status req_row_any(struct req *rq, struct row **out)
{
    bool trash;
    i64 id;

    TRY(query_bool(rq, "trash", &trash));
    if (!trash)
        return req_row(rq, out);
    TRY(req_id(rq, "id", &id));
    return record_get_any(rq->cx, req_type(rq), id, out);
}

/* A merge points a record elsewhere without a new version: what a program has kept may be old. */
static bool was_moved(struct ctx *cx, const struct row *r)
{
    i64 one;

    return db_get_i64(cx, &one, "merge.moved_ever", TEXT("type", row_type(r)->name),
                      I64("record", row_id(r))) != E_NOT_FOUND;
}

/* GET /api/v1/{path}/:id?fields=&trash= */
static enum status api_get(struct req *rq)
{
    static const char *const known[] = { "fields", "trash", NULL };
    const char *seen = rq->header(rq, "If-None-Match");
    struct wanted wanted;
    enum status s;
    struct row *r;
    i64 id;

    TRY(check_query(rq, known));
    TRY(read_wanted(rq, req_type(rq), &wanted));
    s = req_row_any(rq, &r);
    if (s == E_NOT_FOUND && req_type(rq)->flags & TYPE_MERGE &&
        id_parse(str_from(req_param(rq, "id")), &id))
        return lead_to_kept(rq, id, true);
    TRY(s);
    if (seen && lists_version(seen, row_version(r)) && !was_moved(rq->cx, r)) {
        reply_header(rq, "ETag", etag_of(rq->cx, r));
        reply_status(rq, 304);
        return reply_empty(rq);
    }
    return reply_record(rq, 200, r, &wanted);
}

/* GET /api/v1/{path}/:id/history?limit= -- newest first. */
static enum status api_history(struct req *rq)
{
    static const char *const known[] = { "limit", NULL };
    struct ctx *cx = rq->cx;
    struct val *tree = val_map(cx->arena), *log = val_list(cx->arena), *data;
    struct row *r;
    i64 limit, id;

    TRY(check_query(rq, known));
    TRY(query_number(rq, "limit", HISTORY_ROWS_DEFAULT, HISTORY_ROWS, &limit));
    TRY(req_id(rq, "id", &id));
    TRY(record_get_any(cx, req_type(rq), id, &r));
    TRY(record_history(cx, r, (int)limit, log));
    data = val_put_list(tree, "data");
    for (size_t i = 0; i < val_count(log); i++) {
        struct val *one = val_add(data, val_copy(cx->arena, val_at(log, i)));
        val_put_text(one, "at", time_iso(cx->arena, val_get_i64(one, "at", 0)));
    }
    return reply_json(rq, 200, tree);
}

/* ---- writing ---- */

/* A write carries a JSON object, nothing else. */
static enum status json_object(struct req *rq)
{
    const char *type = rq->header(rq, "Content-Type");

    if (rq->body.len == 0)
        return ctx_fail_code(rq->cx, E_INVALID, "body.missing",
                             "The body is empty. Send a JSON object with the fields to set.");
    if (type == NULL || strcasestr(type, "json") == NULL)
        return ctx_fail_code(rq->cx, E_UNSUPPORTED, "body.json_only",
                             "Send the record as JSON, with Content-Type: application/json.");
    if (val_kind_of(rq->form) != VAL_MAP)
        return ctx_fail_code(rq->cx, E_INVALID, "body.not_object",
                             "The body must be one JSON object with the fields to set.");
    return OK;
}

/* What every record has may be sent back as it was read, and not be changed. A version says which
 * one the change was made from. */
static enum status read_system(struct req *rq, const struct row *r, const char *name,
                               const struct val *v)
{
    struct val *now = val_map(rq->cx->arena);

    if (!row_is_new(r)) {
        put_record_json(rq->cx, r, NULL, now);
        if (text_is(name, "version") && val_as_i64(v, -1) != row_version(r))
            return ctx_fail_code(rq->cx, E_CONFLICT, "stale",
                                 "This %s is at version %lld by now. Read it again, then repeat "
                                 "the change.",
                                 text_in_sentence(rq->cx->arena, row_type(r)->label),
                                 (long long)row_version(r));
        if (val_equal(val_get(now, name), v))
            return OK;
    }
    return ctx_fail_field(rq->cx, name, "computed", "'%s' is set by the program; leave it out.",
                          name);
}

static enum status read_member(struct req *rq, struct row *r, const char *name, const struct val *v)
{
    const struct record_type *t = row_type(r);
    int field = type_field(t, name);

    if (system_field(name) || text_is(name, "version"))
        return read_system(rq, r, name, v);
    if (field >= 0 && field_shown(&t->fields[field]))
        return row_parse_val(rq->cx, r, field, v);
    return ctx_fail_field(rq->cx, name, "unknown_field", "A %s has no field '%s'. It takes: %s.",
                          text_in_sentence(rq->cx->arena, t->label), name,
                          known_fields(rq->cx, t, COMPUTED));
}

/* All members of the body; every mistake is collected, those of what is missing too. */
static enum status read_members(struct req *rq, struct row *r)
{
    enum status worst = OK;

    for (size_t i = 0; i < val_count(rq->form); i++) {
        enum status s = read_member(rq, r, val_key_at(rq->form, i), val_value_at(rq->form, i));
        if (s != OK && s != E_INVALID)
            return s;
        worst = s == OK ? worst : s;
    }
    if (worst == E_INVALID)
        (void)!record_check(rq->cx, r);
    return worst;
}

static enum status check_match(struct req *rq, const struct row *r)
{
    const char *match = rq->header(rq, "If-Match");

    if (match == NULL || lists_version(match, row_version(r)))
        return OK;
    return ctx_fail_code(rq->cx, E_PRECONDITION, "stale",
                         "This %s is at version %lld by now. Read it again, then repeat the "
                         "change.",
                         text_in_sentence(rq->cx->arena, row_type(r)->label),
                         (long long)row_version(r));
}

/* POST /api/v1/{path} */
static enum status api_create(struct req *rq)
{
    static const char *const known[] = { NULL };
    struct ctx *cx = rq->cx;
    struct row *r = row_new(cx, req_type(rq));

    TRY(check_query(rq, known));
    TRY(json_object(rq));
    TRY(read_members(rq, r));
    TRY(record_save(cx, r));
    reply_header(rq, "Location", arena_printf(cx->arena, "/api/v1%s", row_path(cx, r)));
    return reply_record(rq, 201, r, NULL);
}

/* PATCH /api/v1/{path}/:id -- merges: what is not named stays, null clears. */
static enum status api_patch(struct req *rq)
{
    static const char *const known[] = { NULL };
    struct row *r;

    TRY(check_query(rq, known));
    TRY(json_object(rq));
    TRY(req_row(rq, &r));
    TRY(check_match(rq, r));
    TRY(read_members(rq, r));
    TRY(record_save(rq->cx, r));
    return reply_record(rq, 200, r, NULL);
}

/* DELETE /api/v1/{path}/:id -- to the trash. */
static enum status api_delete(struct req *rq)
{
    struct row *r;

    TRY(req_row(rq, &r));
    TRY(check_match(rq, r));
    TRY(record_delete(rq->cx, r));
    return reply_empty(rq);
}

/* POST /api/v1/{path}/:id/restore -- out of the trash; one that is not in it is answered as is. */
static enum status api_restore(struct req *rq)
{
    struct row *r;
    i64 id;

    TRY(req_id(rq, "id", &id));
    TRY(record_get_any(rq->cx, req_type(rq), id, &r));
    TRY(check_match(rq, r));
    TRY(record_restore(rq->cx, r));
    return reply_record(rq, 200, r, NULL);
}

/* GET /openapi.json -- made once, at start. */
static enum status openapi_get(struct req *rq)
{
    return reply_text(rq, 200, "application/json", str_from(rq->route->data));
}

/* ---- routes ---- */

static const struct pattern {
    enum http_method method;
    const char *tail; /* after "/api/v1/{path}" */
    enum status (*handler)(struct req *rq);
    enum verb verb;
    u32 unless;          /* TYPE_* flags that leave it out */
    const char *summary; /* %s is the label, plural for the first */
} patterns[] = {
    { HTTP_GET, "", api_list, VERB_READ, 0, "List %s" },
    { HTTP_POST, "", api_create, VERB_CREATE, TYPE_NO_CREATE, "Create a %s" },
    { HTTP_GET, "/:id", api_get, VERB_READ, 0, "Read a %s" },
    { HTTP_PATCH, "/:id", api_patch, VERB_UPDATE, TYPE_NO_UPDATE, "Change a %s" },
    { HTTP_DELETE, "/:id", api_delete, VERB_DELETE, TYPE_NO_DELETE, "Move a %s to the trash" },
    { HTTP_POST, "/:id/restore", api_restore, VERB_DELETE, TYPE_NO_DELETE,
      "Bring a %s back from the trash" },
    { HTTP_GET, "/:id/history", api_history, VERB_READ, 0, "Read the changes of a %s" },
};

static const struct pattern merge_patterns[] = {
    { HTTP_POST, "/:id/merge", api_merge, VERB_UPDATE, 0, "Merge another %s into this one" },
    { HTTP_POST, "/:id/unmerge", api_unmerge, VERB_UPDATE, 0, "Undo a merge of a %s" },
};

static const char *summary_of(struct arena *a, const struct pattern *p, const struct record_type *t)
{
    const char *at = strstr(p->summary, "%s");
    const char *what = text_in_sentence(a, p->handler == api_list ? t->plural : t->label);

    return arena_printf(a, "%.*s%s%s", (int)(at - p->summary), p->summary, what, at + 2);
}

static void add_type(struct arena *a, const struct record_type *t, const struct pattern *list,
                     size_t count, struct route *routes, size_t *n)
{
    for (size_t i = 0; i < count; i++) {
        const struct pattern *p = &list[i];
        if (t->flags & p->unless)
            continue;
        routes[(*n)++] = (struct route){
            .method = p->method,
            .path = arena_printf(a, "/api/v1/%s%s", t->path, p->tail),
            .handler = p->handler,
            .resource = t->name,
            .verb = p->verb,
            .flags = ROUTE_API,
            .summary = summary_of(a, p, t),
            .data = t,
        };
    }
}

/* The description of all that has a summary: these routes and the features' own. */
static const char *describe(struct kit *k, struct arena *a, const struct route *own,
                            size_t own_count)
{
    struct arena *work = arena_new(64 * 1024);
    size_t features, count = own_count;
    const struct feature *const *list = kit_features(k, &features);
    const struct route **all;
    const char *text;
    struct ctx cx;

    ctx_init(&cx, work, NULL);
    cx.kit = k;
    for (size_t f = 0; f < features; f++)
        count += list[f]->route_count;
    all = NEW_N(work, const struct route *, count);
    count = 0;
    for (size_t i = 0; i < own_count; i++)
        all[count++] = &own[i];
    for (size_t f = 0; f < features; f++)
        for (size_t i = 0; i < list[f]->route_count; i++)
            all[count++] = &list[f]->routes[i];
    text = arena_text(a, openapi_text(&cx, all, count));
    arena_free(work);
    return text;
}

void api_routes(struct kit *k, struct arena *a, const struct route **out, size_t *count)
{
    struct route *routes =
        NEW_N(a, struct route, k->type_count * (countof(patterns) + countof(merge_patterns)) + 1);
    size_t n = 0;

    for (size_t i = 0; i < k->type_count; i++) {
        add_type(a, k->types[i], patterns, countof(patterns), routes, &n);
        if (k->types[i]->flags & TYPE_MERGE)
            add_type(a, k->types[i], merge_patterns, countof(merge_patterns), routes, &n);
    }
    routes[n] = (struct route){ .method = HTTP_GET,
                                .path = "/openapi.json",
                                .handler = openapi_get,
                                .flags = ROUTE_PUBLIC | ROUTE_API,
                                .data = describe(k, a, routes, n) };
    *out = routes;
    *count = n + 1;
}
