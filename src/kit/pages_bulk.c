/* pages_bulk.c -- many rows at once: what can be done to ticked ones, and a list as CSV. */
#include "base/csv.h"
#include "base/id.h"
#include "base/json.h"
#include "base/limits.h"
#include "kit/pages_int.h"

#define OFFER "do:"

enum { FAILURES_SHOWN = 5 };

/* ---- ticked rows ---- */

/* One after the other of what features offer for a type; begin with *feature and *row 0. */
static const struct bulk_offer *next_offer(struct ctx *cx, const struct record_type *t,
                                           size_t *feature, size_t *row)
{
    size_t count;
    const struct feature *const *all = kit_features(cx->kit, &count);

    for (; *feature < count; ++*feature, *row = 0)
        while (*row < all[*feature]->bulk_offer_count) {
            const struct bulk_offer *o = &all[*feature]->bulk_offers[(*row)++];
            if (text_is(o->type, t->name))
                return o;
        }
    return NULL;
}

/* The type's own and those of features, told from the fields' by the words before. */
static void put_offers(struct ctx *cx, const struct record_type *t, struct val *bulk)
{
    const struct bulk_offer *o = NULL;
    size_t feature = 0, row = 0;

    do {
        struct val *own = val_list(cx->arena);
        enum status s = o != NULL           ? o->offers(cx, own)
                        : t->offers != NULL ? t->offers(cx, own)
                                            : OK;
        if (s != OK)
            ctx_clear_error(cx);
        for (size_t i = 0; i < val_count(own); i++)
            put_option(bulk,
                       arena_printf(cx->arena, OFFER "%s%s%s", o ? o->word : "", o ? ":" : "",
                                    val_get_text(val_at(own, i), "value")),
                       val_get_text(val_at(own, i), "text"), false);
    } while ((o = next_offer(cx, t, &feature, &row)) != NULL);
}

void put_bulk(struct ctx *cx, const struct record_type *t, struct val *page)
{
    struct val *bulk = val_put_list(page, "bulk");
    bool update = may(cx, t, VERB_UPDATE);

    for (int i = 0; update && i < t->field_count; i++) {
        const struct field *f = &t->fields[i];
        if (f->flags & OWNER && field_typed(f, false))
            put_option(bulk, "owner:me", "Make me the owner", false);
        if (!f->choices || !field_typed(f, false) || !(f->flags & LISTED))
            continue;
        for (const struct choice *c = f->choices; c->value; c++)
            put_option(bulk, arena_printf(cx->arena, "%s=%s", f->name, c->value),
                       arena_printf(cx->arena, "Set %s to %s", f->label, c->label), false);
    }
    put_offers(cx, t, bulk);
    if (may(cx, t, VERB_DELETE))
        put_option(bulk, "delete", "Move to the trash", false);
    val_put_bool(page, "has_bulk", val_count(bulk) > 0);
}

/* What an action word means: a verb, and for a change the field and its value. */
struct bulk {
    enum verb verb;
    int field;
    const char *value;
    const char *offer; /* of the type itself or a feature; "" none */
    enum status (*take_up)(struct ctx *cx, struct row *r, const char *offer);
};

static void read_offer(struct ctx *cx, const struct record_type *t, const char *offer,
                       struct bulk *out)
{
    struct str rest = str_from(offer), word;
    const struct bulk_offer *o;
    size_t feature = 0, row = 0;

    out->offer = offer;
    if (!str_split(&rest, ':', &word))
        return;
    while ((o = next_offer(cx, t, &feature, &row)) != NULL)
        if (str_is(word, o->word)) {
            out->offer = offer + word.len + 1;
            out->take_up = o->take_up;
            return;
        }
}

static enum status read_action(struct req *rq, struct bulk *out)
{
    struct ctx *cx = rq->cx;
    const struct record_type *t = req_type(rq);
    const char *action = req_form(rq, "action");
    struct str rest = str_from(action), name;

    *out = (struct bulk){ VERB_UPDATE, -1, "", "", t->take_up };
    if (str_starts(rest, OFFER)) {
        read_offer(cx, t, action + strlen(OFFER), out);
        if (out->take_up != NULL)
            return OK;
    }
    if (text_is(action, "delete")) {
        out->verb = VERB_DELETE;
    } else if (text_is(action, "owner:me")) {
        out->field = type_owner_field(t);
        out->value = id_text(cx->arena, cx->access->user_id);
    } else if (strchr(action, '=') && str_split(&rest, '=', &name)) {
        out->field = type_field(t, str_dup(cx->arena, name));
        out->value = str_dup(cx->arena, rest);
    }
    if (out->verb == VERB_UPDATE && (out->field < 0 || !field_typed(&t->fields[out->field], false)))
        return ctx_fail_field(cx, "action", "bulk.action",
                              "Choose what to do with the ticked rows.");
    if (!may(cx, t, out->verb))
        return ctx_fail(cx, E_FORBIDDEN, "Your role does not allow this with %s.",
                        text_in_sentence(cx->arena, t->plural));
    return OK;
}

static enum status bulk_one(struct ctx *cx, struct row *r, const struct bulk *b)
{
    scoped(tx_end) struct tx tx = tx_begin(cx);

    TRY(tx.status);
    if (b->offer[0] != '\0') {
        TRY(b->take_up(cx, r, b->offer));
    } else if (b->verb == VERB_DELETE) {
        TRY(record_delete(cx, r));
    } else {
        TRY(row_parse(cx, r, b->field, b->value));
        TRY(record_save(cx, r));
    }
    return tx_commit(&tx);
}

/* The ids posted, each once. */
static enum status read_ids(struct req *rq, i64 *ids, size_t *count)
{
    struct ctx *cx = rq->cx;
    const struct val *list = val_get(rq->form, "id");
    size_t given = val_kind_of(list) == VAL_LIST ? val_count(list) : list ? 1 : 0;

    *count = 0;
    if (given == 0)
        return ctx_fail_code(cx, E_INVALID, "bulk.none", "Tick at least one row first.");
    if (given > LIMIT_LIST_ROWS)
        return ctx_fail_code(cx, E_LIMIT, "bulk.too_many",
                             "At most %d rows can be changed at once.", LIMIT_LIST_ROWS);
    for (size_t i = 0; i < given; i++) {
        const char *text = val_as_text(val_kind_of(list) == VAL_LIST ? val_at(list, i) : list, "");
        bool seen = false;
        if (!id_parse(str_from(text), &ids[*count]))
            return ctx_fail_code(cx, E_INVALID, "id.invalid", "'%s' is not the id of a record.",
                                 text);
        for (size_t j = 0; j < *count; j++)
            seen |= ids[j] == ids[*count];
        *count += !seen;
    }
    return OK;
}

/* One row of the ticked ones cannot be changed: why, after its name. */
static void note_failure(struct ctx *cx, const char *title, size_t failed, struct buf *b)
{
    if (failed <= FAILURES_SHOWN)
        buf_printf(b, " %s: %s", title, cx->error_text[0] ? cx->error_text : "not allowed.");
    ctx_clear_error(cx);
}

/* Back to the list as it was filtered, when that is where they come from. */
static const char *came_from(struct req *rq)
{
    const char *path = arena_printf(rq->cx->arena, "/%s", req_type(rq)->path), *at;
    const char *referrer = rq->header(rq, "Referer");

    at = referrer ? strstr(referrer, "://") : NULL;
    at = at ? strchr(at + 3, '/') : NULL;
    if (!at || !path_is_local(at) || strncmp(at, path, strlen(path)) != 0 ||
        (at[strlen(path)] && at[strlen(path)] != '?'))
        return path;
    return at;
}

static enum status bulk_done(struct req *rq, const struct bulk *b, size_t count)
{
    struct ctx *cx = rq->cx;
    const struct record_type *t = req_type(rq);
    const char *what = text_in_sentence(cx->arena, count == 1 ? t->label : t->plural);

    if (b->verb != VERB_DELETE)
        return reply_done(rq, came_from(rq), "%zu %s changed.", count, what);
    return reply_done_undo(rq, came_from(rq),
                           arena_printf(cx->arena, "/%s/bulk/undo?batch=%s", t->path,
                                        id_text(cx->arena, cx->batch_id)),
                           "%zu %s moved to the trash.", count, what);
}

static enum status bulk_refused(struct req *rq, size_t failed, size_t count, struct buf *why)
{
    struct ctx *cx = rq->cx;
    struct val *actions = val_list(cx->arena);
    const char *text =
        arena_printf(cx->arena, "%zu of %zu cannot be changed, so none was.%s%s", failed, count,
                     buf_end(why), failed > FAILURES_SHOWN ? " And others." : "");

    if (rq->wants_json)
        return ctx_fail_code(cx, E_INVALID, "bulk.refused", "%s", text);
    val_put_bool(put_action(actions, "Back to the list", came_from(rq), false), "primary", true);
    return reply_problem(rq, 422, "bulk.refused", "Nothing was changed", text, actions);
}

/* POST /{path}/bulk {id, id, ..., action} -- all of them or none: what stands in the way is said
 * row by row. */
enum status list_bulk(struct req *rq)
{
    struct ctx *cx = rq->cx;
    struct buf why = buf_in(cx->arena, 16 * 1024);
    i64 ids[LIMIT_LIST_ROWS + 1];
    size_t count, failed = 0;
    struct bulk bulk;

    TRY(read_action(rq, &bulk));
    TRY(read_ids(rq, ids, &count));
    cx->batch_id = kit_new_id(cx);
    for (size_t i = 0; i < count; i++) {
        struct row *r;
        enum status s = record_get(cx, req_type(rq), ids[i], &r);
        const char *title = s == OK ? row_title(cx, r) : "One that is no longer there";
        if (s == OK)
            s = bulk_one(cx, r, &bulk);
        if (s == OK)
            continue;
        if (s != E_INVALID && s != E_CONFLICT && s != E_FORBIDDEN && s != E_NOT_FOUND)
            return s;
        note_failure(cx, title, ++failed, &why);
    }
    if (failed > 0)
        return bulk_refused(rq, failed, count, &why);
    return bulk_done(rq, &bulk, count);
}

/* POST /{path}/bulk/undo?batch= -- brings back what one's own bulk deletion took away. */
enum status list_bulk_undo(struct req *rq)
{
    struct ctx *cx = rq->cx;
    const struct record_type *t = req_type(rq);
    i64 ids[LIMIT_LIST_ROWS], batch;
    size_t count = 0;

    TRY(req_id(rq, "batch", &batch));
    {
        scoped(stmt_close) struct stmt q =
            db_query(cx, "change.of_batch", I64("batch", batch), TEXT("type", t->name),
                     TEXT("verb", "delete"), I64("user", cx->access->user_id),
                     I64("limit", LIMIT_LIST_ROWS));
        while (count < countof(ids) && stmt_next(&q))
            ids[count++] = col_i64(&q, 0);
        TRY(stmt_status(&q));
    }
    if (count == 0)
        return ctx_fail(cx, E_NOT_FOUND, "There is nothing of yours to bring back.");
    for (size_t i = 0; i < count; i++) {
        struct row *r;
        TRY(record_get_any(cx, t, ids[i], &r));
        TRY(record_restore(cx, r));
    }
    return reply_done(rq, came_from(rq), "%zu %s restored.", count,
                      text_in_sentence(cx->arena, count == 1 ? t->label : t->plural));
}

/* ---- CSV ---- */

struct export
{
    struct ctx *cx; /* the request's */
    const struct record_type *type;
    struct buf out;
    enum scope scope; /* of the right to export, which may be narrower than that to read */
    bool narrower;
    i64 count;
    const char *filter;
};

/* Labels, since people open it, and the import knows them; of a reference also the id. */
static void csv_head(struct export *e)
{
    buf_text(&e->out, "\xEF\xBB\xBF"); /* else Excel takes it for another encoding */
    csv_cell(&e->out, "id");
    for (int i = 0; i < e->type->field_count; i++) {
        const struct field *f = &e->type->fields[i];
        if (!field_shown(f))
            continue;
        csv_cell(&e->out, f->label);
        if (f->kind == FIELD_REF)
            csv_cell(&e->out, f->name);
    }
    csv_end_line(&e->out);
}

static void csv_row(struct ctx *cx, struct export *e, const struct row *r)
{
    csv_cell(&e->out, id_text(cx->arena, row_id(r)));
    for (int i = 0; i < e->type->field_count; i++) {
        const struct field *f = &e->type->fields[i];
        if (!field_shown(f))
            continue;
        if (f->kind == FIELD_REF || f->kind == FIELD_CHOICE)
            csv_cell(&e->out, row_show(cx, r, i));
        if (f->kind != FIELD_CHOICE)
            csv_cell(&e->out, row_plain(cx, r, i));
    }
    csv_end_line(&e->out);
    e->count++;
}

static enum status csv_page(struct ctx *cx, struct export *e, struct list_query *query)
{
    struct list_page lp;

    TRY(list_run(cx, e->type, query, &lp));
    TRY(rows_load_titles(cx, lp.rows, lp.count));
    for (size_t i = 0; i < lp.count; i++) {
        bool in = true;
        if (e->narrower)
            TRY(row_in_scope(cx, lp.rows[i], e->scope, &in));
        if (in)
            csv_row(cx, e, lp.rows[i]);
    }
    query->cursor = arena_text(e->cx->arena, lp.next);
    if (e->count > LIMIT_EXPORT_ROWS || buf_status(&e->out) != OK)
        return ctx_fail_code(cx, E_LIMIT, "export.too_large",
                             "This list is over %d MB as CSV. Filter it, and export it in parts.",
                             LIMIT_UPLOAD_BYTES >> 20);
    return OK;
}

/* Page by page, each in memory that is given back, in the order and with the filter of the list. */
static enum status csv_rows(struct export *e, struct list_query *query)
{
    scoped(arena_close) struct arena *batch = arena_new(256 * 1024);
    enum status s = OK;

    do {
        struct ctx cx = *e->cx;
        arena_reset(batch);
        cx.arena = batch;
        s = csv_page(&cx, e, query);
        if (s != OK)
            return ctx_fail_code(e->cx, s, arena_text(e->cx->arena, cx.error_code), "%s",
                                 cx.error_text);
    } while (!text_empty(query->cursor));
    return s;
}

/* Who took what out of the house is in the change log, beside what was changed in it. */
static enum status note_export(struct ctx *cx, void *arg)
{
    const struct export *e = arg;
    struct val *what = val_map(cx->arena);
    struct buf b = buf_in(cx->arena, LIMIT_HEADER_BYTES * 2);

    val_put_i64(what, "rows", e->count);
    val_put_text(what, "filter", e->filter);
    json_write(&b, what);
    return db_run(cx, "change.add", I64("id", kit_new_id(cx)), I64("at", ctx_now(cx)),
                  MAYBE("user", cx->access->user_id), MAYBE("request", cx->request_id),
                  NONE("batch"), TEXT("type", e->type->name), I64("record", 0),
                  TEXT("verb", "export"), I64("version", 0), TEXT("fields", buf_end(&b)));
}

/* GET /{path}.csv?filter=&sort=&q= -- all fields of all rows of that list. */
enum status list_csv(struct req *rq)
{
    struct ctx *cx = rq->cx;
    const struct record_type *t = req_type(rq);
    struct list_query query = { .filter = req_query(rq, "filter"),
                                .sort = req_query(rq, "sort"),
                                .search = req_query(rq, "q"),
                                .limit = LIMIT_LIST_ROWS };
    struct export e = {
        .cx = cx, .type = t, .out = buf_in(cx->arena, LIMIT_UPLOAD_BYTES), .filter = query.filter
    };
    const char *day = date_iso(cx->arena, zone_day(kit_zone(cx), ctx_now(cx)));

    e.scope = access_scope(cx->access, t->name, VERB_EXPORT);
    e.narrower = e.scope < access_scope(cx->access, t->name, VERB_READ);
    csv_head(&e);
    if (rq->method != HTTP_HEAD) {
        TRY(csv_rows(&e, &query));
        TRY(kit_write(cx, note_export, &e));
    }
    reply_header(rq, "Content-Disposition",
                 arena_printf(cx->arena, "attachment; filename=\"%s-%s.csv\"", t->path, day));
    return reply_text(rq, 200, "text/csv; charset=utf-8", (struct str){ e.out.p, e.out.len });
}
