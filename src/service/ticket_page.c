/* ticket_page.c -- the desk: on the left the tickets of a view, on the right the one that is worked
 * on (ticket_show.c). What is done there is in ticket_do.c. */
#include "base/id.h"
#include "kit/filter.h"
#include "kit/pages.h"
#include "kit/show.h"
#include "service/ticket_page_int.h"

enum {
    ROWS_FIRST = 20, /* what a window shows, and some */
    ROWS_MAX = 100,  /* once more were asked for; the rest stands in the table */
    COUNTED_MOST = 999,
    SOON_MS = 4 * MS_HOUR, /* as the view's filter says */
};

static const struct {
    const char *word, *text, *filter, *sort;
} views[] = {
    { "mine", "Mine", "active is true and assignee_id = me", "due_at" },
    { "unassigned", "Unassigned", "active is true and assignee_id is empty", "due_at" },
    { "soon", "Breaching soon", "active is true and due_at <= +4h", "due_at" },
    { "open", "All open", "active is true", "due_at" },
    { "solved", "Solved", "status = 'solved'", "-solved_at" },
};
enum { COUNTED_VIEWS = 4, VIEW_OPEN = 3 };

static size_t view_of(struct req *rq)
{
    for (size_t i = 0; i < countof(views); i++)
        if (text_is(views[i].word, req_query(rq, "view")))
            return i;
    return VIEW_OPEN;
}

const char *desk_view(struct req *rq) { return views[view_of(rq)].word; }

static bool shows_more(struct req *rq) { return text_is(req_query(rq, "rows"), "more"); }

/* ---- the list ---- */

static void put_row(struct req *rq, const struct row *t, i64 picked, const char *view,
                    struct val *out)
{
    struct ctx *cx = rq->cx;
    struct val *one = val_add_map(out);
    i64 due = row_i64(t, TICKET_DUE_AT), now = ctx_now(cx);
    const char *who = row_show(cx, t, TICKET_CONTACT);

    val_put_printf(one, "url", "%s?view=%s%s", row_path(cx, t), view,
                   shows_more(rq) ? "&rows=more" : "");
    val_put_text(one, "code", row_text(t, TICKET_CODE));
    val_put_text(one, "text", row_text(t, TICKET_SUBJECT));
    val_put_text(one, "who", text_empty(who) ? row_text(t, TICKET_EMAIL) : who);
    val_put(one, "status", row_cell(cx, t, TICKET_STATUS));
    val_put_text(one, "priority",
                 text_is(row_text(t, TICKET_PRIORITY), "urgent") ||
                         text_is(row_text(t, TICKET_PRIORITY), "high")
                     ? row_show(cx, t, TICKET_PRIORITY)
                     : "");
    val_put_text(one, "whose", row_show(cx, t, TICKET_ASSIGNEE));
    val_put_text(one, "due",
                 due == TIME_NONE ? ""
                 : due < now      ? arena_printf(cx->arena, "late %s", desk_span(cx, now - due))
                                  : desk_span(cx, due - now));
    val_put_text(one, "tone",
                 due == TIME_NONE      ? "calm"
                 : due < now           ? "late"
                 : due - now < MS_HOUR ? "soon"
                                       : "calm");
    val_put_bool(one, "on", row_id(t) == picked);
}

/* How many stand in a view, up to COUNTED_MOST and one. Who sees all is counted along one index: a
 * list's own count reads every row that it passes. */
static enum status count_view(struct ctx *cx, size_t view, i64 *count)
{
    static const char *const quick[COUNTED_VIEWS] = { "desk.count_mine", "desk.count_unassigned",
                                                      "desk.count_soon", "desk.count_open" };

    if (access_scope(cx->access, "ticket", VERB_READ) != SCOPE_ALL)
        return list_count(cx, &ticket_type, views[view].filter, "", COUNTED_MOST, count);
    if (view == VIEW_OPEN || text_is(views[view].word, "unassigned"))
        return db_get_i64(cx, count, quick[view], I64("limit", COUNTED_MOST + 1));
    if (text_is(views[view].word, "mine"))
        return db_get_i64(cx, count, quick[view], I64("me", cx->access->user_id),
                          I64("limit", COUNTED_MOST + 1));
    return db_get_i64(cx, count, quick[view], I64("until", ctx_now(cx) + SOON_MS),
                      I64("limit", COUNTED_MOST + 1));
}

/* More of the view at the same address, once; "" when there is none. */
static void put_more(struct req *rq, size_t view, i64 picked, size_t count, struct val *page)
{
    struct arena *a = rq->cx->arena;
    const char *path = picked ? arena_printf(a, "/tickets/%s", id_text(a, picked)) : "/desk";

    val_put_text(page, "more_url",
                 shows_more(rq) || count < ROWS_FIRST
                     ? ""
                     : arena_printf(a, "%s?view=%s&rows=more", path, views[view].word));
}

static enum status put_list(struct req *rq, size_t view, i64 picked, struct val *page,
                            struct row **first)
{
    static const int named[] = { TICKET_CONTACT, TICKET_ASSIGNEE };
    struct ctx *cx = rq->cx;
    struct val *tabs = val_put_list(page, "views"), *out = val_put_list(page, "waiting");
    struct list_page list;

    TRY(list_run(cx, &ticket_type,
                 &(struct list_query){ .filter = views[view].filter,
                                       .sort = views[view].sort,
                                       .limit = shows_more(rq) ? ROWS_MAX : ROWS_FIRST },
                 &list));
    TRY(rows_load_some_titles(cx, list.rows, list.count, named, countof(named)));
    for (size_t i = 0; i < countof(views); i++) {
        struct val *one = val_add_map(tabs);
        i64 count = 0;
        if (i < COUNTED_VIEWS)
            TRY(count_view(cx, i, &count));
        val_put_text(one, "text", views[i].text);
        val_put_printf(one, "url", "/desk?view=%s", views[i].word);
        val_put_bool(one, "on", i == view);
        val_put_text(one, "count",
                     count > COUNTED_MOST ? "over 999"
                     : count > 0          ? show_number(cx->arena, count)
                                          : "");
    }
    for (size_t i = 0; i < list.count; i++)
        put_row(rq, list.rows[i], picked, views[view].word, out);
    if (picked == 0 && list.count > 0)
        val_put_bool((struct val *)val_at(out, 0), "on", true);
    put_more(rq, view, picked, list.count, page);
    *first = list.count > 0 ? list.rows[0] : NULL;
    val_put_bool(page, "has_waiting", list.count > 0);
    return OK;
}

/* ---- the page ---- */

enum status desk_show(struct req *rq, struct row *picked, const char *error)
{
    struct ctx *cx = rq->cx;
    struct val *page = val_map(cx->arena);
    size_t view = view_of(rq);
    struct row *first;

    TRY(put_list(rq, view, picked ? row_id(picked) : 0, page, &first));
    val_put_bool(page, "chosen", picked != NULL);
    if (picked == NULL)
        picked = first;
    val_put_text(page, "title",
                 picked && val_get_bool(page, "chosen") ? row_title(cx, picked) : "Desk");
    val_put_text(page, "live", "ticket,conversation_message,ticket_here");
    val_put_text(page, "view", views[view].word);
    val_put_printf(page, "back_url", "/desk?view=%s", views[view].word);
    val_put_bool(page, "may_create", access_scope(cx->access, "ticket", VERB_CREATE) != SCOPE_NONE);
    if (picked)
        TRY(desk_put_ticket(rq, picked, error, page));
    else
        val_put_null(page, "picked");
    return reply(rq, "ticket/desk", page);
}
/* GET /desk?view=&rows= */
static enum status desk_get(struct req *rq) { return desk_show(rq, NULL, ""); }

/* GET /tickets/:id?view=&rows=&macro= */
static enum status ticket_get(struct req *rq)
{
    struct row *t;

    TRY(page_record(rq, &ticket_type, &t));
    return desk_show(rq, t, "");
}

static const struct route routes[] = {
    { HTTP_GET, "/desk", desk_get, NEEDS("ticket", VERB_READ) },
    { HTTP_GET, "/tickets/:id", ticket_get, NEEDS("ticket", VERB_READ) },
    { HTTP_GET, "/tickets/:id/snippet", desk_snippet_get, NEEDS("ticket", VERB_READ) },
};
static const struct menu_item menu[] = {
    { "service", "Desk", "/desk", "lifebuoy", "ticket", 1 },
};
const struct feature feature_ticket_page = { .name = "ticket_page", ROUTES(routes), MENU(menu) };
