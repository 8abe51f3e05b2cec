/* pages_notice.c -- what I was told: the list behind the bell, all of it or what is unread, of one
 * kind or all, and how it is read. */
#include "base/id.h"
#include "kit/notice.h"
#include "kit/pages_int.h"

static const char *place(struct ctx *cx, const char *show, const char *kind)
{
    return arena_printf(cx->arena, "/notifications%s%s%s%s", show[0] || kind[0] ? "?" : "",
                        show[0] ? arena_printf(cx->arena, "show=%s", show) : "",
                        show[0] && kind[0] ? "&" : "",
                        kind[0] ? arena_printf(cx->arena, "kind=%s", kind) : "");
}

static void put_link(struct val *list, const char *text, const char *url, bool on)
{
    struct val *one = val_add_map(list);

    val_put_text(one, "text", text);
    val_put_text(one, "url", url);
    val_put_bool(one, "on", on);
}

static void put_filters(struct ctx *cx, const char *show, const char *kind, struct val *page)
{
    struct val *links = val_put_list(page, "shows"), *kinds = val_put_list(page, "kinds");

    put_link(links, "All", place(cx, "", kind), show[0] == '\0');
    put_link(links, "Unread", place(cx, "unread", kind), show[0] != '\0');
    put_link(kinds, "Every kind", place(cx, show, ""), kind[0] == '\0');
    for (int k = 0; k < NOTICE_KINDS; k++)
        put_link(kinds, notice_kinds[k].label, place(cx, show, notice_kinds[k].name),
                 text_is(kind, notice_kinds[k].name));
}

/* Where one leads: its record, or the list when it leads nowhere. */
static void put_item(struct ctx *cx, struct stmt *q, struct val *items)
{
    struct val *one = val_add_map(items);
    const char *path = col_text(q, 4);

    put_when(cx, one, "when", col_i64(q, 1));
    val_put_text(one, "icon", col_text(q, 2)[0] ? col_text(q, 2) : "bell");
    val_put_text(one, "text", col_text(q, 3));
    val_put_text(one, "url", path[0] ? path : "/notifications");
    val_put_bool(one, "unread", col_null(q, 5));
    val_put_text(one, "kind",
                 col_text(q, 6)[0] ? notice_kinds[notice_kind_of(col_text(q, 6))].label : "");
    val_put_printf(one, "read_url", "/notifications/%s/read", id_text(cx->arena, col_i64(q, 0)));
}

static void put_nothing(struct val *page, bool filtered)
{
    if (filtered)
        put_empty(page, "Nothing here", "You have read all of this kind.", "All notifications",
                  "/notifications");
    else
        put_empty(page, "Nothing new",
                  "What is handed to you, who mentions you, and what changes on records that you "
                  "follow stands here. What stands here and what comes by mail, you choose.",
                  "Choose what comes", "/settings/notifications");
}

/* GET /notifications?show=unread&kind=mention */
enum status notifications_get(struct req *rq)
{
    struct ctx *cx = rq->cx;
    const char *show = text_is(req_query(rq, "show"), "unread") ? "unread" : "";
    const char *kind = "", *asked = req_query(rq, "kind");
    struct val *page = val_map(cx->arena), *items;

    for (int k = 0; k < NOTICE_KINDS; k++)
        if (text_is(asked, notice_kinds[k].name))
            kind = notice_kinds[k].name;
    val_put_text(page, "title", "Notifications");
    val_put_text(page, "read_url", "/notifications/read");
    val_put_text(page, "settings_url", "/settings/notifications");
    put_filters(cx, show, kind, page);
    items = val_put_list(page, "items");
    {
        scoped(stmt_close) struct stmt q =
            db_query(cx, "notification.list", I64("user", cx->access->user_id), TEXT("kind", kind),
                     I64("unread", show[0] != '\0'));
        while (stmt_next(&q))
            put_item(cx, &q, items);
        TRY(stmt_status(&q));
    }
    val_put_null(page, "pager");
    val_put_null(page, "empty");
    if (!val_count(items))
        put_nothing(page, show[0] || kind[0]);
    return reply(rq, "kit/notifications", page);
}

/* POST /notifications/read */
enum status notifications_read(struct req *rq)
{
    TRY(db_run(rq->cx, "notification.read_all", I64("user", rq->cx->access->user_id),
               I64("at", ctx_now(rq->cx))));
    return reply_done(rq, "/notifications", "All marked as read.");
}

/* POST /notifications/:id/read {unread} -- one of mine is read, or unread again. */
enum status notification_read(struct req *rq)
{
    struct ctx *cx = rq->cx;
    bool again = req_form(rq, "unread")[0] != '\0';
    i64 id, changed;

    TRY(req_id(rq, "id", &id));
    TRY(db_run_count(cx, &changed, again ? "notification.unread_one" : "notification.read_one",
                     I64("id", id), I64("user", cx->access->user_id), I64("at", ctx_now(cx))));
    if (changed == 0)
        return ctx_fail(cx, E_NOT_FOUND, "There is no such notification of yours.");
    return reply_done(rq, "/notifications", again ? "Unread again." : "Marked as read.");
}
