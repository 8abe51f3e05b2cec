/* ticket_handover.c -- a won deal is handed over to service: in the same transaction a ticket is
 * opened with what was bought, promised and said, and a checklist to tick off. A deal that is won
 * no longer takes it back, unless somebody has worked on it: then it is closed, and says why. */
#include "base/buf.h"
#include "base/id.h"
#include "base/utf8.h"
#include "bridge/conversation.h"
#include "kit/pages.h"
#include "service/ticket_int.h"
#include "service/ticket_step.h"

enum { SUBJECT_BYTES = 180, NOTE_BYTES = MESSAGE_BYTES_MOST - 100 };

static enum status queue_for_handovers(struct ctx *cx, i64 *id)
{
    struct row *queue;
    enum status s = db_get_i64(cx, id, "handover.queue");

    if (s != E_NOT_FOUND)
        return s;
    queue = row_new(cx, &ticket_queue_type);
    row_set_text(queue, QUEUE_NAME, "Onboarding");
    row_set_i64(queue, QUEUE_HANDOVER, 1);
    row_set_i64(queue, QUEUE_PROMISES, 0);
    TRY(record_save(cx, queue));
    *id = row_id(queue);
    return OK;
}

/* ---- what it says ---- */
static void put_part(struct buf *b, const char *heading, const struct val *list)
{
    if (val_count(list) == 0)
        return;
    buf_printf(b, "\n%s\n", heading);
    for (size_t i = 0; i < val_count(list); i++)
        buf_printf(b, "- %s\n", val_as_text(val_at(list, i), ""));
}

static const char *note_of(struct ctx *cx, const struct happening *h)
{
    struct buf b = buf_in(cx->arena, 200 * 1000);
    const char *owner = val_get_text(h->props, "owner"), *amount = val_get_text(h->props, "amount"),
               *order = val_get_text(h->props, "order");

    buf_printf(&b, "%s was won%s%s.%s%s%s%s\n", row_title(cx, h->row), amount[0] ? ": " : "",
               amount, owner[0] ? " Sold by " : "", owner, owner[0] ? "." : "",
               order[0] ? arena_printf(cx->arena, " Order %s.", order) : "");
    put_part(&b, "Bought", val_get(h->props, "bought"));
    put_part(&b, "Promised", val_get(h->props, "promised"));
    put_part(&b, "Conceded", val_get(h->props, "conceded"));
    put_part(&b, "People", val_get(h->props, "people"));
    put_part(&b, "Noted on the way", val_get(h->props, "notes"));
    return utf8_cut(cx->arena, buf_end(&b), NOTE_BYTES);
}

static enum status add_all(struct ctx *cx, i64 ticket_id, const char *part, const struct val *list)
{
    for (size_t i = 0; i < val_count(list); i++)
        TRY(ticket_step_add(cx, ticket_id, part,
                            utf8_cut(cx->arena, val_as_text(val_at(list, i), ""), 300)));
    return OK;
}

static enum status add_usual(struct ctx *cx, i64 ticket_id)
{
    struct str rest = str_from(setting_text(cx, "service.handover_steps")), line;

    for (int i = 0; i < TICKET_STEPS_MOST / 2 && str_split(&rest, '\n', &line); i++) {
        line = str_trim(line);
        if (line.len > 0)
            TRY(ticket_step_add(cx, ticket_id, "step",
                                utf8_cut(cx->arena, str_dup(cx->arena, line), 300)));
    }
    return OK;
}

/* ---- the ticket ---- */
static enum status say(struct ctx *cx, const struct row *t, const char *text)
{
    struct row *talk;

    TRY(record_get(cx, &conversation_type, row_i64(t, TICKET_CONVERSATION), &talk));
    return conversation_say(cx, talk, cx->access->user_id ? AUTHOR_NOTE : AUTHOR_HOUSE, text, NULL);
}

static enum status open_ticket(struct ctx *cx, const struct happening *h, struct row **out)
{
    struct row *talk = row_new(cx, &conversation_type), *t = row_new(cx, &ticket_type);
    const char *subject = utf8_cut(
        cx->arena, arena_printf(cx->arena, "Welcome: %s", row_title(cx, h->row)), SUBJECT_BYTES);
    int company = type_field(row_type(h->row), "company_id");
    i64 queue;

    TRY(queue_for_handovers(cx, &queue));
    row_set_text(talk, CONVERSATION_CHANNEL, "handover");
    row_set_text(talk, CONVERSATION_SUBJECT, subject);
    row_set_i64(talk, CONVERSATION_CONTACT, h->contact_id);
    row_set_i64(talk, CONVERSATION_LAST_AT, ctx_now(cx));
    row_set_text(talk, CONVERSATION_LAST_TEXT, subject);
    TRY(record_save(cx, talk));
    row_set_text(t, TICKET_SUBJECT, subject);
    row_set_text(t, TICKET_CHANNEL, "handover");
    row_set_i64(t, TICKET_CONVERSATION, row_id(talk));
    row_set_i64(t, TICKET_CONTACT, h->contact_id);
    if (company >= 0)
        row_set_i64(t, TICKET_COMPANY, row_i64(h->row, company));
    row_set_i64(t, TICKET_DEAL, row_id(h->row));
    row_set_i64(t, TICKET_QUEUE, queue);
    TRY(ticket_assign_by_queue(cx, t));
    TRY(record_save(cx, t));
    *out = t;
    return OK;
}

static enum status ticket_of_deal(struct ctx *cx, const struct row *deal, struct row **t)
{
    i64 id;

    TRY(db_get_i64(cx, &id, "handover.ticket", I64("deal", row_id(deal))));
    return record_get(cx, &ticket_type, id, t);
}

/* Won, lost by mistake, won again: the same ticket goes on. */
static enum status on_handover(struct ctx *cx, const struct happening *h)
{
    scoped(access_leave) struct access_guard guard = access_enter_system(cx);
    struct row *t;
    enum status s = ticket_of_deal(cx, h->row, &t);

    if (s == OK) {
        TRY(say(cx, t, "The deal was won again."));
        if (ticket_is_active(t))
            return OK;
        row_set_text(t, TICKET_STATUS, "open");
        return record_save(cx, t);
    }
    if (s != E_NOT_FOUND)
        return s;
    ctx_clear_error(cx);
    TRY(open_ticket(cx, h, &t));
    TRY(say(cx, t, note_of(cx, h)));
    TRY(add_all(cx, row_id(t), "bought", val_get(h->props, "bought")));
    TRY(add_all(cx, row_id(t), "promised", val_get(h->props, "promised")));
    return add_usual(cx, row_id(t));
}

/* Whether anything was done about it: then it is not simply gone. */
static enum status was_touched(struct ctx *cx, const struct row *t, bool *out)
{
    struct row **steps;
    size_t count;
    i64 id;
    enum status s;

    *out = !text_is(row_text(t, TICKET_STATUS), "new") || row_has(t, TICKET_FIRST_AT);
    TRY(ticket_steps(cx, row_id(t), &steps, &count));
    for (size_t i = 0; i < count; i++)
        *out |= row_bool(steps[i], STEP_DONE);
    s = db_get_i64(cx, &id, "ticket.last_of_customer",
                   I64("conversation", row_i64(t, TICKET_CONVERSATION)));
    *out |= s == OK;
    return s == E_NOT_FOUND ? ctx_clear_error(cx), OK : s;
}

static enum status on_back(struct ctx *cx, const struct happening *h)
{
    scoped(access_leave) struct access_guard guard = access_enter_system(cx);
    struct row *t;
    bool touched;
    enum status s = ticket_of_deal(cx, h->row, &t);

    if (s == E_NOT_FOUND)
        return ctx_clear_error(cx), OK;
    TRY(s);
    TRY(was_touched(cx, t, &touched));
    if (!touched)
        return record_delete(cx, t);
    TRY(say(cx, t, "The deal is won no longer: what was handed over does not hold."));
    if (text_is(row_text(t, TICKET_STATUS), "closed"))
        return OK;
    row_set_text(t, TICKET_STATUS, "closed");
    return record_save(cx, t);
}

static const struct setting settings[] = {
    { "service.handover_steps", FIELD_LONG, "Steps for each new customer",
      "A line each: they stand in the checklist of a won deal's ticket, below what was bought and "
      "promised.",
      "Say hello, and agree on the first date\nSend what they need to begin\n"
      "Look after 30 days whether it is used",
      .group = "Service" },
};
static const struct subscription subscriptions[] = { { "deal.handover", on_handover },
                                                     { "deal.handover_back", on_back } };
const struct feature feature_ticket_handover = {
    .name = "ticket_handover",
    SETTINGS(settings),
    SUBSCRIPTIONS(subscriptions),
};
