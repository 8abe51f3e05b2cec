/* pages_more.c -- what stands beside the records' own pages: the trash, global search and the
 * palette. */
#include "base/id.h"
#include "base/limits.h"
#include "kit/kit_int.h"
#include "kit/merge.h"
#include "kit/pages_int.h"
#include "kit/search.h"

enum { RECENT_READ = 16, RECENT_SHOWN = 8 };

/* ---- trash ---- */

/* Who put each into the trash: who changed it last. */
static enum status put_who(struct ctx *cx, const struct list_page *lp, struct val *const *rows)
{
    scoped(access_leave) struct access_guard guard = access_enter_system(cx);
    const struct record_type *users = type_find(cx, "user");
    const char **names = NEW_N(cx->arena, const char *, lp->count + 1);
    i64 *ids = NEW_N(cx->arena, i64, lp->count + 1);

    for (size_t i = 0; i < lp->count; i++)
        ids[i] = row_system(lp->rows[i], SYSTEM_UPDATED_BY);
    if (users)
        TRY(record_titles(cx, users, ids, lp->count, names));
    for (size_t i = 0; i < lp->count; i++) {
        struct val *who;
        if (!names[i] || !names[i][0]) {
            val_put_null(rows[i], "who");
            continue;
        }
        who = val_put_map(rows[i], "who");
        val_put_text(who, "text", names[i]);
        val_put_text(who, "initials", show_initials(cx->arena, names[i]));
        val_put_i64(who, "hue", show_hue(names[i]));
    }
    return OK;
}

static enum status put_trash_rows(struct ctx *cx, const struct list_page *lp, struct val *page)
{
    struct val *list = val_put_list(page, "rows"),
               **rows = NEW_N(cx->arena, struct val *, lp->count);

    for (size_t i = 0; i < lp->count; i++) {
        struct val *one = rows[i] = val_add_map(list);
        val_put_text(one, "text", row_title(cx, lp->rows[i]));
        val_put_text(one, "url", row_path(cx, lp->rows[i]));
        val_put_text(one, "type_text", row_type(lp->rows[i])->label);
        put_when(cx, one, "when", lp->rows[i]->deleted_at);
        val_put_text(one, "restore_url",
                     may_row(cx, lp->rows[i], VERB_DELETE)
                         ? arena_printf(cx->arena, "%s/restore", row_path(cx, lp->rows[i]))
                         : "");
    }
    return put_who(cx, lp, rows);
}

static const char *trash_url(struct ctx *cx, const struct record_type *t, const char *cursor)
{
    return text_empty(cursor) ? ""
                              : arena_printf(cx->arena, "/%s/trash?cursor=%s", t->path,
                                             http_url_encode(cx->arena, cursor));
}

/* GET /{path}/trash */
enum status trash_get(struct req *rq)
{
    struct ctx *cx = rq->cx;
    const struct record_type *t = req_type(rq);
    struct list_query query = { .sort = "-updated_at",
                                .trash = true,
                                .cursor = req_query(rq, "cursor") };
    const char *plural = text_in_sentence(cx->arena, t->plural);
    struct val *page = val_map(cx->arena), *pager;
    struct list_page lp;

    TRY(list_run(cx, t, &query, &lp));
    val_put_printf(page, "title", "%s in the trash", t->plural);
    val_put_text(page, "description",
                 "What was deleted stays here and can be restored with its whole history.");
    TRY(put_trash_rows(cx, &lp, page));
    val_put_null(page, "pager");
    if (!text_empty(lp.next) || !text_empty(lp.prev)) {
        pager = val_put_map(page, "pager");
        val_put_text(pager, "text", "");
        val_put_text(pager, "newer_url", trash_url(cx, t, lp.prev));
        val_put_text(pager, "older_url", trash_url(cx, t, lp.next));
    }
    val_put_null(page, "empty");
    if (!lp.count)
        put_empty(page, "The trash is empty", "What is deleted can be restored from here.",
                  arena_printf(cx->arena, "Back to %s", plural),
                  arena_printf(cx->arena, "/%s", t->path));
    return reply(rq, "kit/trash", page);
}

static enum status ask_delete(struct req *rq, const struct row *r)
{
    struct ctx *cx = rq->cx;
    struct val *page = val_map(cx->arena), *action;

    val_put_printf(page, "title", "Move %s to the trash?", row_title(cx, r));
    val_put_text(page, "detail", "It can be restored from the trash, with its whole history.");
    action = val_put_map(page, "action");
    val_put_text(action, "text", "Move to the trash");
    val_put_printf(action, "url", "%s/delete", row_path(cx, r));
    val_put_list(page, "fields");
    val_put_text(page, "back_url", row_path(cx, r));
    return reply_fragment(rq, "kit/confirm", page);
}

/* GET /{path}/:id/delete -- the question, as a page. */
enum status delete_confirm(struct req *rq)
{
    struct row *r;

    TRY(req_row(rq, &r));
    return ask_delete(rq, r);
}

/* POST /{path}/:id/delete {confirmed} -- asks first, unless a script has asked already. */
enum status record_delete_post(struct req *rq)
{
    struct ctx *cx = rq->cx;
    const char *path = arena_printf(cx->arena, "/%s", req_type(rq)->path);
    struct row *r;

    TRY(req_row(rq, &r));
    if (text_empty(req_form(rq, "confirmed")) && !rq->wants_json)
        return ask_delete(rq, r);
    TRY(record_delete(cx, r));
    return reply_done_undo(rq, path, arena_printf(cx->arena, "%s/restore", row_path(cx, r)),
                           "%s is in the trash.", row_title(cx, r));
}

/* POST /{path}/:id/restore */
enum status record_restore_post(struct req *rq)
{
    struct ctx *cx = rq->cx;
    struct row *r;
    struct merge_done m;
    i64 id;

    TRY(req_id(rq, "id", &id));
    TRY(record_get_any(cx, req_type(rq), id, &r));
    enum status s = merge_of_lost(cx, id, &m);
    if (s != OK && s != E_NOT_FOUND)
        return s;
    TRY(s == OK ? record_unmerge(cx, m.id) : record_restore(cx, r));
    return reply_done(rq, row_path(cx, r), "%s is restored.", row_title(cx, r));
}

/* ---- search ---- */

static void put_command(struct val *list, const char *text, const char *url, const char *icon)
{
    struct val *one = val_add_map(list);

    val_put_text(one, "text", text);
    val_put_text(one, "url", url);
    val_put_text(one, "icon", icon);
    val_put_text(one, "keys", "");
}

static void put_type_commands(struct ctx *cx, const char *section, const char *asked,
                              struct val *list)
{
    size_t count;
    const struct record_type *const *types = type_all(cx, &count);

    for (size_t i = 0; i < count && val_count(list) < LIMIT_SEARCH_RESULTS; i++) {
        const struct record_type *t = types[i];
        const char *new = arena_printf(cx->arena, "New %s", text_in_sentence(cx->arena, t->label));
        if (!t->section || !text_is(t->section, section) || !may(cx, t, VERB_READ))
            continue;
        if (str_contains_fold(str_from(t->plural), asked))
            put_command(list, t->plural, arena_printf(cx->arena, "/%s", t->path),
                        t->icon ? t->icon : "list");
        if (may(cx, t, VERB_CREATE) && str_contains_fold(str_from(new), asked))
            put_command(list, new, arena_printf(cx->arena, "/%s/new", t->path), "plus");
    }
}

static void put_menu_commands(struct ctx *cx, const char *section, const char *asked,
                              struct val *list)
{
    size_t count;
    const struct feature *const *features = kit_features(cx->kit, &count);

    for (size_t f = 0; f < count; f++)
        for (size_t i = 0; i < features[f]->menu_count; i++) {
            const struct menu_item *m = &features[f]->menu[i];
            bool seen =
                !m->resource || access_scope(cx->access, m->resource, VERB_READ) != SCOPE_NONE;
            if (seen && text_is(m->section, section) && val_count(list) < LIMIT_SEARCH_RESULTS &&
                str_contains_fold(str_from(m->label), asked))
                put_command(list, m->label, m->path, m->icon ? m->icon : "list");
        }
}

/* Pages and "New deal" whose words hold what was typed, in the order of the menu. */
static void put_commands(struct ctx *cx, const char *asked, struct val *page)
{
    static const char *const sections[] = { "home",    "people",  "sales",   "marketing",
                                            "service", "insight", "settings" };
    struct val *list = val_put_list(page, "commands");

    for (size_t i = 0; i < countof(sections); i++) {
        put_type_commands(cx, sections[i], asked, list);
        put_menu_commands(cx, sections[i], asked, list);
    }
    val_put_bool(page, "has_commands", val_count(list) > 0);
}

/* What I worked on lately, for an empty search. */
static enum status put_recent(struct ctx *cx, struct val *page)
{
    struct val *list = val_put_list(page, "recent");
    const char *types[RECENT_READ];
    i64 ids[RECENT_READ];
    size_t count = 0;

    {
        scoped(stmt_close) struct stmt q =
            db_query(cx, "change.lately", I64("user", cx->access->user_id));
        while (count < RECENT_READ && stmt_next(&q)) {
            types[count] = arena_text(cx->arena, col_text(&q, 0));
            ids[count++] = col_i64(&q, 1);
        }
        TRY(stmt_status(&q));
    }
    for (size_t i = 0; i < count && val_count(list) < RECENT_SHOWN; i++) {
        const struct record_type *t = type_find(cx, types[i]);
        struct row *r;
        if (!t || !t->section || record_get(cx, t, ids[i], &r) != OK) {
            ctx_clear_error(cx); /* gone by now, or not mine to see any more */
            continue;
        }
        struct val *one = val_add_map(list);
        val_put_text(one, "text", row_title(cx, r));
        val_put_text(one, "url", row_path(cx, r));
        val_put_text(one, "icon", t->icon ? t->icon : "list");
    }
    val_put_bool(page, "has_recent", val_count(list) > 0);
    return OK;
}

static void put_groups(struct ctx *cx, const struct val *found, const char *asked, struct val *page)
{
    struct val *groups = val_put_list(page, "groups");

    for (size_t i = 0; i < val_count(found); i++) {
        const struct val *from = val_at(found, i);
        const struct record_type *t = type_find(cx, val_get_text(from, "type"));
        struct val *group = NULL, *one;
        for (size_t g = 0; g < val_count(groups) && !group; g++)
            if (text_is(val_get_text(val_at(groups, g), "text"), t->plural))
                group = (struct val *)val_at(groups, g);
        if (!group) {
            group = val_add_map(groups);
            val_put_text(group, "text", t->plural);
            val_put_printf(group, "all_url", "/%s?q=%s", t->path,
                           http_url_encode(cx->arena, asked));
            val_put_list(group, "results");
        }
        one = val_add_map((struct val *)val_get(group, "results"));
        val_put(one, "id", val_copy(cx->arena, val_get(from, "id")));
        val_put_text(one, "text", val_get_text(from, "title"));
        val_put_text(one, "url", val_get_text(from, "path"));
        val_put_text(one, "hint", val_get_text(from, "subtitle"));
        val_put_text(one, "icon", t->icon ? t->icon : "list");
    }
}

static enum status put_search(struct req *rq, struct val *page)
{
    struct ctx *cx = rq->cx;
    const char *asked = req_query(rq, "q");
    struct val *found = val_list(cx->arena);

    val_put_text(page, "title", "Search");
    val_put_text(page, "q", asked);
    if (!text_empty(asked))
        TRY(search_run(cx, asked, LIMIT_SEARCH_RESULTS, found));
    put_groups(cx, found, asked, page);
    put_commands(cx, asked, page);
    val_put_list(page, "recent");
    val_put_bool(page, "has_recent", false);
    if (text_empty(asked))
        TRY(put_recent(cx, page));
    val_put_bool(page, "none",
                 !text_empty(asked) && !val_count(found) && !val_get_bool(page, "has_commands"));
    return OK;
}

/* GET /search?q= -- the palette asks for the same page and shows its results. */
enum status search_get(struct req *rq)
{
    struct val *page = val_map(rq->cx->arena);

    TRY(put_search(rq, page));
    return rq->is_htmx ? reply_fragment(rq, "kit/search_results", page)
                       : reply(rq, "kit/search", page);
}

/* GET /search/ref?type=company&q= -- records that a reference may point to, as JSON: {groups:
 * [{results}]}. */
enum status search_ref(struct req *rq)
{
    struct ctx *cx = rq->cx;
    const struct record_type *t = type_find(cx, req_query(rq, "type"));
    struct list_query query = { .search = req_query(rq, "q"), .limit = LIMIT_SEARCH_RESULTS };
    struct val *tree = val_map(cx->arena), *group, *results;
    struct list_page lp;

    if (!t)
        return ctx_fail(cx, E_INVALID, "There is no record type '%s'.", req_query(rq, "type"));
    TRY(access_check(cx, t->name, VERB_READ));
    TRY(list_run(cx, t, &query, &lp));
    group = val_add_map(val_put_list(tree, "groups"));
    val_put_text(group, "text", t->plural);
    results = val_put_list(group, "results");
    for (size_t i = 0; i < lp.count; i++) {
        struct val *one = val_add_map(results);
        val_put_text(one, "id", id_text(cx->arena, row_id(lp.rows[i])));
        val_put_text(one, "text", row_title(cx, lp.rows[i]));
        val_put_text(one, "url", row_path(cx, lp.rows[i]));
        val_put_text(one, "hint", "");
    }
    return reply_json(rq, 200, tree);
}
