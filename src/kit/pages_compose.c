/* pages_compose.c -- what people write on a record's page: a note, a call, a meeting, a task where
 * there are activities, a comment for colleagues where there are none. */
#include "base/id.h"
#include "kit/kit_int.h"
#include "kit/pages_int.h"
#include "kit/record_door.h"
#include "kit/watch.h"

#define MENTION_HELP "@ and a name tells that colleague."

enum { COMMENT_BYTES = 10000, COMMENTS_SHOWN = 200 };

static const struct compose {
    const char *value, *text, *icon, *submit;
    const char *fields[4];
} composes[] = {
    { "note", "Note", "note", "Save note", { "body", NULL } },
    { "call", "Call", "phone", "Log call", { "subject", "outcome", "body", NULL } },
    { "meeting", "Meeting", "calendar", "Log meeting", { "subject", "body", NULL } },
    { "task", "Task", "checklist", "Add task", { "subject", "due_at", NULL } },
};

/* The field of an activity that points at this kind of record; -1: none. */
static int activity_link(const struct record_type *activity, const struct record_type *t)
{
    for (int i = 0; activity && i < activity->field_count; i++)
        if (activity->fields[i].kind == FIELD_REF && text_is(activity->fields[i].ref, t->name))
            return i;
    return -1;
}

static const struct compose *asked_compose(const struct req *rq)
{
    const char *asked = req_query(rq, "compose");

    for (size_t i = 0; i < countof(composes); i++)
        if (text_is(composes[i].value, asked[0] ? asked : req_query(rq, "kind")))
            return &composes[i];
    return &composes[0];
}

static struct val *put_tab(struct val *tabs, const char *text, const char *icon, const char *url,
                           bool on)
{
    struct val *tab = val_add_map(tabs);

    val_put_text(tab, "text", text);
    val_put_text(tab, "icon", icon);
    val_put_text(tab, "url", url);
    val_put_bool(tab, "on", on);
    return tab;
}

void pages_set_composer_tab(struct kit *k, const struct composer_tab *tab)
{
    k->composer_tab = tab;
}

void page_composer_tabs(struct req *rq, const struct row *r, const char *on, struct val *tabs)
{
    struct ctx *cx = rq->cx;
    const struct composer_tab *more = cx->kit->composer_tab;
    const struct record_type *activity = type_find(cx, "activity");

    for (size_t i = 0; activity && may(cx, activity, VERB_CREATE) && i < countof(composes); i++)
        put_tab(tabs, composes[i].text, composes[i].icon,
                arena_printf(cx->arena, "%s?compose=%s", row_path(cx, r), composes[i].value),
                text_is(composes[i].value, on));
    if (more && text_is(more->type, row_type(r)->name) && cx->access->user_id &&
        access_scope(cx->access, more->resource, VERB_READ) != SCOPE_NONE)
        put_tab(tabs, more->text, more->icon,
                arena_printf(cx->arena, "%s%s", row_path(cx, r), more->suffix),
                text_is(more->value, on));
}

/* What is wrong with a field that the box does not show is said at its first one. */
static void finish_first(struct ctx *cx, const struct compose *on, struct val *first)
{
    if (first == NULL)
        return;
    val_put_bool(first, "optional", false); /* without it there is nothing to keep */
    if (!text_empty(val_get_text(first, "error")))
        return;
    for (const struct field_error *e = cx->field_errors; e; e = e->next) {
        bool shown = false;
        for (const char *const *f = on->fields; *f; f++)
            shown |= text_is(*f, e->field);
        if (!shown) {
            val_put_text(first, "error", e->message);
            return;
        }
    }
}

static enum status put_activity_box(struct req *rq, const struct row *r,
                                    const struct record_type *activity, struct val *page)
{
    struct ctx *cx = rq->cx;
    struct val *c = val_put_map(page, "composer"), *tabs = val_put_list(c, "tabs"), *inputs;
    const struct compose *on = asked_compose(rq);
    struct row *blank = row_new(cx, activity);

    page_composer_tabs(rq, r, on->value, tabs);
    val_put_printf(c, "action", "%s/compose?kind=%s", row_path(cx, r), on->value);
    val_put_text(c, "submit", on->submit);
    inputs = val_put_list(c, "inputs");
    for (const char *const *f = on->fields; *f; f++) {
        if (type_field(activity, *f) >= 0)
            TRY(put_input(cx, blank, type_field(activity, *f), rq->form, val_add_map(inputs)));
        if (text_is(*f, "body") && val_count(inputs) > 0)
            val_put_text((struct val *)val_at(inputs, val_count(inputs) - 1), "help", MENTION_HELP);
    }
    finish_first(cx, on, (struct val *)val_at(inputs, 0));
    return OK;
}

static void put_comment_box(struct req *rq, const struct row *r, struct val *page)
{
    struct ctx *cx = rq->cx;
    struct val *c = val_put_map(page, "composer"), *input;
    const char *path = row_path(cx, r), *error = "";

    for (const struct field_error *e = cx->field_errors; e; e = e->next)
        if (text_is(e->field, "text"))
            error = e->message;
    put_tab(val_put_list(c, "tabs"), "Comment", "message", path, true);
    val_put_printf(c, "action", "%s/comments", path);
    val_put_text(c, "submit", "Add comment");
    input = val_add_map(val_put_list(c, "inputs"));
    val_put_text(input, "field", "text");
    val_put_text(input, "label", "For your colleagues");
    val_put_text(input, "kind", "long");
    val_put_bool(val_put_map(input, "is"), "area", true);
    val_put_text(input, "value", rq->form ? req_form(rq, "text") : "");
    val_put_bool(input, "optional", false);
    val_put_text(input, "help", MENTION_HELP);
    val_put_text(input, "error", error);
    val_put_printf(input, "max", "%d", COMMENT_BYTES);
    val_put_i64(input, "rows", 3);
}

enum status put_composer(struct req *rq, const struct row *r, struct val *page)
{
    struct ctx *cx = rq->cx;
    const struct record_type *activity = type_find(cx, "activity"), *t = row_type(r);

    if (activity_link(activity, t) >= 0 && t->flags & TYPE_COMMENTS &&
        may(cx, activity, VERB_CREATE))
        return put_activity_box(rq, r, activity, page);
    val_put_null(page, "composer");
    if (activity_link(activity, t) < 0 && t->flags & TYPE_COMMENTS && cx->access->user_id)
        put_comment_box(rq, r, page);
    return OK;
}

/* The page again, with what was typed in the composer and what is wrong with it. */
static enum status detail_again(struct req *rq, const struct row *r, enum status s)
{
    if (s != E_INVALID || rq->wants_json)
        return s;
    reply_status(rq, 422);
    return detail_reply(rq, r);
}

/* Who was mentioned and may not see the record. */
static const char *said_to_nobody(struct ctx *cx, const char *unseen)
{
    return unseen[0] == '\0'
               ? ""
               : arena_printf(cx->arena, " %s may not see this and was not told.", unseen);
}

/* POST /{path}/:id/compose?kind=call {subject, body, ...} -- an activity of this record. */
enum status compose_post(struct req *rq)
{
    struct ctx *cx = rq->cx;
    const struct record_type *activity = type_find(cx, "activity"), *t = req_type(rq);
    int link = activity_link(activity, t), kind = activity ? type_field(activity, "kind") : -1;
    int company = type_field(t, "company_id"), to;
    const char *unseen;
    struct row *r, *a;
    enum status s;

    if (link < 0 || kind < 0)
        return ctx_fail(cx, E_NOT_FOUND, "%s have no activities.", t->plural);
    TRY(req_row(rq, &r));
    a = row_new(cx, activity);
    TRY(row_parse(cx, a, kind, asked_compose(rq)->value));
    row_set_i64(a, link, row_id(r));
    to = type_field(activity, "company_id");
    if (company >= 0 && to >= 0 && row_has(r, company))
        row_set_i64(a, to, row_i64(r, company));
    s = page_read_form(rq, a);
    if (s == OK)
        s = record_save(cx, a);
    if (s != OK)
        return detail_again(rq, r, s);
    TRY(watch_wrote(cx, r, req_form(rq, "body"), &unseen));
    return reply_done(rq, row_path(cx, r), "%s saved.%s", asked_compose(rq)->text,
                      said_to_nobody(cx, unseen));
}

/* ---- comments ---- */

/* A line of kit/journey; whose name it is follows. */
static struct val *put_comment(struct ctx *cx, const struct row *r, struct stmt *q,
                               struct val *items)
{
    struct val *item = story_line(cx, items, "event", col_i64(q, 1));
    bool mine = col_i64(q, 3) == cx->access->user_id || cx->access->admin;

    val_put_text(item, "icon", "message");
    val_put_text(item, "text", "Comment");
    val_put_text(item, "body", col_text(q, 2));
    val_put_text(item, "remove_url",
                 mine ? arena_printf(cx->arena, "%s/comments/%s/delete", row_path(cx, r),
                                     id_text(cx->arena, col_i64(q, 0)))
                      : "");
    return item;
}

/* Days of comments, newest first; each line and the id of who wrote it. */
static enum status put_comment_days(struct ctx *cx, const struct row *r, struct val *days,
                                    struct val **lines, i64 *users, size_t *count)
{
    i64 day = TIME_NONE;

    scoped(stmt_close) struct stmt q =
        db_query(cx, "comment.list", TEXT("type", row_type(r)->name), I64("record", row_id(r)));
    while (*count < COMMENTS_SHOWN && stmt_next(&q)) {
        users[*count] = col_i64(&q, 3);
        lines[(*count)++] = put_comment(cx, r, &q, story_day(cx, days, col_i64(&q, 1), &day));
    }
    return stmt_status(&q);
}

enum status put_comments(struct ctx *cx, const struct row *r, struct val *page)
{
    struct val *journey = val_put_map(page, "journey"), *lines[COMMENTS_SHOWN], *days;
    const struct record_type *users = type_find(cx, "user");
    const char *names[COMMENTS_SHOWN];
    i64 who[COMMENTS_SHOWN];
    size_t count = 0;

    val_put_list(journey, "kinds");
    days = val_put_list(journey, "days");
    TRY(put_comment_days(cx, r, days, lines, who, &count));
    val_put_text(journey, "older_url", "");
    val_put_text(journey, "start", "");
    val_put_text(journey, "none", count ? "" : "Nobody has written here yet.");
    if (!users)
        return OK;
    scoped(access_leave) struct access_guard guard = access_enter_system(cx);
    TRY(record_titles(cx, users, who, count, names));
    for (size_t i = 0; i < count; i++)
        val_put_text(lines[i], "who", names[i]);
    return OK;
}

/* POST /{path}/:id/comments {text} */
enum status comment_post(struct req *rq)
{
    struct ctx *cx = rq->cx;
    const char *text = str_dup(cx->arena, str_trim(str_from(req_form(rq, "text")))), *unseen;
    struct row *r;

    TRY(req_row(rq, &r));
    if (text_empty(text))
        return detail_again(rq, r,
                            ctx_fail_field(cx, "text", "required", "Write a comment first."));
    if (strlen(text) > COMMENT_BYTES)
        return detail_again(rq, r,
                            ctx_fail_field(cx, "text", "text.too_long",
                                           "The comment is too long: %zu bytes, at most %d.",
                                           strlen(text), COMMENT_BYTES));
    TRY(db_run(cx, "comment.add", I64("id", kit_new_id(cx)), TEXT("type", row_type(r)->name),
               I64("record", row_id(r)), I64("user", cx->access->user_id), I64("at", ctx_now(cx)),
               TEXT("text", text)));
    TRY(watch_wrote(cx, r, text, &unseen));
    announce_row(cx, r);
    return reply_done(rq, row_path(cx, r), "Comment added.%s", said_to_nobody(cx, unseen));
}

/* POST /{path}/:id/comments/:comment/delete -- one's own; an administrator any. */
enum status comment_delete(struct req *rq)
{
    struct ctx *cx = rq->cx;
    struct row *r;
    i64 id, changed;

    TRY(req_row(rq, &r));
    TRY(req_id(rq, "comment", &id));
    TRY(db_run_count(cx, &changed, "comment.forget", I64("id", id), TEXT("type", row_type(r)->name),
                     I64("record", row_id(r)), I64("user", cx->access->user_id),
                     I64("any", cx->access->admin), I64("at", ctx_now(cx))));
    if (!changed)
        return ctx_fail(cx, E_FORBIDDEN, "Only who wrote a comment can remove it.");
    return reply_done(rq, row_path(cx, r), "Comment removed.");
}
