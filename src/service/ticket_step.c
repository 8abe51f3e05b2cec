/* ticket_step.c -- checklists of tickets: steps that are ticked off, on the desk beside the thread.
 * A won deal's hand-over begins with one (ticket_handover.c); any ticket may have one. */
#include "service/ticket_step.h"
#include "base/id.h"
#include "kit/filter.h"
#include "kit/pages.h"
#include "kit/show.h"
#include "service/ticket_page_int.h"

enum { TEXT_BYTES = 300 };

static const struct choice parts[] = {
    { "bought", "Bought", "green" },
    { "promised", "Promised", "violet" },
    { "step", "To do", "gray" },
    { NULL, NULL, NULL },
};
static const struct field fields[] = {
    [STEP_TICKET] = { "ticket_id", FIELD_REF, "Ticket", REQUIRED | LISTED | CREATE_ONLY,
                      .ref = "ticket" },
    [STEP_TEXT] = { "text", FIELD_TEXT, "Step", REQUIRED | LISTED, .max_len = TEXT_BYTES },
    [STEP_PART] = { "part", FIELD_CHOICE, "Because it was", LISTED | REQUIRED, .otherwise = "step",
                    .choices = parts },
    [STEP_DONE] = { "done", FIELD_BOOL, "Done", LISTED },
    [STEP_DONE_AT] = { "done_at", FIELD_TIME, "Done at", COMPUTED | LISTED },
    [STEP_DONE_BY] = { "done_by_id", FIELD_REF, "Done by", COMPUTED | LISTED, .ref = "user" },
    [STEP_POSITION] = { "position", FIELD_INT, "Position", 0, .min = 0, .max = 1000000 },
};
_Static_assert(countof(fields) == STEP_FIELDS, "enum and table differ");

static enum status step_defaults(struct ctx *cx, struct row *r)
{
    i64 position;

    if (row_has(r, STEP_POSITION) || !row_has(r, STEP_TICKET))
        return OK;
    TRY(db_get_i64(cx, &position, "ticket_step.next_position",
                   I64("ticket", row_i64(r, STEP_TICKET))));
    row_set_i64(r, STEP_POSITION, position);
    return OK;
}

static enum status step_validate(struct ctx *cx, struct row *r)
{
    if (!row_bool(r, STEP_DONE)) {
        row_clear(r, STEP_DONE_AT);
        row_clear(r, STEP_DONE_BY);
    } else if (!row_has(r, STEP_DONE_AT)) {
        row_set_i64(r, STEP_DONE_AT, ctx_now(cx));
        row_set_i64(r, STEP_DONE_BY, cx->access->user_id);
    }
    return OK;
}

enum status ticket_step_add(struct ctx *cx, i64 ticket_id, const char *part, const char *text)
{
    struct row *r = row_new(cx, &ticket_step_type);

    row_set_i64(r, STEP_TICKET, ticket_id);
    row_set_text(r, STEP_PART, part);
    TRY(row_parse(cx, r, STEP_TEXT, text));
    return record_save(cx, r);
}

enum status ticket_steps(struct ctx *cx, i64 ticket_id, struct row ***rows, size_t *count)
{
    scoped(access_leave) struct access_guard guard = access_enter_system(cx);
    struct list_page page;

    TRY(list_run(cx, &ticket_step_type,
                 &(struct list_query){ .filter = arena_printf(cx->arena, "ticket_id = '%s'",
                                                              id_text(cx->arena, ticket_id)),
                                       .sort = "position",
                                       .limit = TICKET_STEPS_MOST },
                 &page));
    *rows = page.rows;
    *count = page.count;
    return OK;
}

enum status ticket_steps_move(struct ctx *cx, i64 from_id, i64 into_id)
{
    struct row **rows;
    size_t count, done = 0;
    i64 position;

    TRY(ticket_steps(cx, from_id, &rows, &count));
    for (size_t i = 0; i < count; i++)
        done += row_bool(rows[i], STEP_DONE);
    if (done == count)
        return OK;
    TRY(db_get_i64(cx, &position, "ticket_step.next_position", I64("ticket", into_id)));
    for (size_t i = 0; i < count; i++, position += 10) {
        row_set_i64(rows[i], STEP_TICKET, into_id);
        row_set_i64(rows[i], STEP_POSITION, position);
        TRY(record_save(cx, rows[i]));
    }
    return OK;
}

/* ---- on the desk ---- */
static void put_step(struct ctx *cx, const struct row *r, const char *heading, bool may,
                     struct val *list)
{
    struct val *one = val_add_map(list);
    bool done = row_bool(r, STEP_DONE);

    val_put_text(one, "heading", heading);
    val_put_text(one, "text", row_text(r, STEP_TEXT));
    val_put_bool(one, "done", done);
    val_put_text(one, "meta",
                 done ? arena_printf(cx->arena, "%s%s%s", row_show(cx, r, STEP_DONE_BY),
                                     row_has(r, STEP_DONE_BY) ? ", " : "",
                                     show_time(cx, row_i64(r, STEP_DONE_AT)))
                      : "");
    val_put_bool(one, "late", false);
    val_put_text(one, "toggle", may ? arena_printf(cx->arena, "%s/toggle", row_path(cx, r)) : "");
}

enum status ticket_put_steps(struct ctx *cx, const struct row *t, struct val *picked)
{
    struct val *steps = val_put_map(picked, "steps"), *list = val_put_list(steps, "list");
    bool may = page_may(cx, t, VERB_UPDATE);
    const char *part = "";
    struct row **rows;
    size_t count, done = 0;

    TRY(ticket_steps(cx, row_id(t), &rows, &count));
    TRY(rows_load_titles(cx, rows, count));
    for (size_t i = 0; i < count; i++) {
        bool same = text_is(part, row_text(rows[i], STEP_PART));
        part = row_text(rows[i], STEP_PART);
        put_step(cx, rows[i], same ? "" : row_show(cx, rows[i], STEP_PART), may, list);
        done += row_bool(rows[i], STEP_DONE);
    }
    val_put_bool(steps, "any", count > 0);
    val_put_bool(steps, "may", may);
    val_put_text(steps, "progress",
                 count ? arena_printf(cx->arena, "%zu of %zu done", done, count) : "");
    return OK;
}

/* POST /tickets/:id/steps {text} */
static enum status add_post(struct req *rq)
{
    struct row *t;

    TRY(page_record(rq, &ticket_type, &t));
    if (!page_may(rq->cx, t, VERB_UPDATE))
        return ctx_fail(rq->cx, E_FORBIDDEN, "You may read this ticket, not change it.");
    TRY(ticket_step_add(rq->cx, row_id(t), "step", req_form(rq, "text")));
    return reply_redirect(
        rq, arena_printf(rq->cx->arena, "%s?view=%s#steps", row_path(rq->cx, t), desk_view(rq)));
}

/* POST /ticket-steps/:id/toggle */
static enum status toggle_post(struct req *rq)
{
    struct row *r, *t;

    TRY(page_record(rq, &ticket_step_type, &r));
    TRY(record_get(rq->cx, &ticket_type, row_i64(r, STEP_TICKET), &t));
    row_set_i64(r, STEP_DONE, !row_bool(r, STEP_DONE));
    TRY(record_save(rq->cx, r));
    return reply_redirect(
        rq, arena_printf(rq->cx->arena, "%s?view=%s#steps", row_path(rq->cx, t), desk_view(rq)));
}

const struct record_type ticket_step_type = {
    .name = "ticket_step",
    .label = "Step of a ticket",
    .plural = "Steps of tickets",
    .path = "ticket-steps",
    .icon = "list-check",
    .sort = "position",
    .title = STEP_TEXT,
    .fields = fields,
    .field_count = STEP_FIELDS,
    .empty = "What is to be done until a ticket is solved, ticked off one by one. Tickets of won "
             "deals begin with what was bought and promised.",
    .defaults = step_defaults,
    .validate = step_validate,
};

static const struct route routes[] = {
    { HTTP_POST, "/tickets/:id/steps", add_post, NEEDS("ticket_step", VERB_CREATE) },
    { HTTP_POST, "/ticket-steps/:id/toggle", toggle_post, NEEDS("ticket_step", VERB_UPDATE) },
};
const struct feature feature_ticket_step = {
    .name = "ticket_step",
    TYPES(&ticket_step_type),
    ROUTES(routes),
};
