/* ticket_act.c -- what is done to tickets, and what they hear from their conversations. Here stands
 * the one rule by which status and the conversation's state go together. */
#include "base/id.h"
#include "base/utf8.h"
#include "bridge/contact.h"
#include "kit/filter.h"
#include "kit/notice.h"
#include "kit/seal.h"
#include "kit/watch.h"
#include "service/ticket_int.h"
#include "service/ticket_step.h"
#include <string.h>
#include <strings.h>

enum { MERGED_MOST = 1000, SUBJECT_BYTES = 180, TAG_PROOF = 10 };

/* ---- the rule ---- */
static const char *state_of(const char *status)
{
    return status_is_over(status)                                     ? "closed"
           : text_is(status, "pending") || text_is(status, "on_hold") ? "waiting"
                                                                      : "open";
}

/* The status that a state asks for, of a ticket that has this one. */
static const char *status_of(const char *state, const char *status)
{
    if (text_is(state_of(status), state))
        return status;
    return text_is(state, "open") ? "open" : text_is(state, "waiting") ? "pending" : "solved";
}

static enum status on_talk_changed(struct ctx *cx, const struct happening *h)
{
    scoped(access_leave) struct access_guard guard = access_enter_system(cx);
    const struct row *talk = h->row;
    struct row *t;
    enum status s;

    if (!row_changed(talk, CONVERSATION_STATE) && !row_changed(talk, CONVERSATION_ASSIGNEE) &&
        !row_changed(talk, CONVERSATION_CONTACT))
        return OK;
    s = ticket_by_talk(cx, row_id(talk), &t);
    if (s == E_NOT_FOUND)
        return OK;
    TRY(s);
    row_set_text(t, TICKET_STATUS,
                 status_of(row_text(talk, CONVERSATION_STATE), row_text(t, TICKET_STATUS)));
    if (row_changed(talk, CONVERSATION_ASSIGNEE))
        row_set_i64(t, TICKET_ASSIGNEE, row_i64(talk, CONVERSATION_ASSIGNEE));
    if (row_has(talk, CONVERSATION_CONTACT))
        row_set_i64(t, TICKET_CONTACT, row_i64(talk, CONVERSATION_CONTACT));
    return record_save(cx, t);
}

static enum status on_ticket_changed(struct ctx *cx, const struct happening *h)
{
    scoped(access_leave) struct access_guard guard = access_enter_system(cx);
    const struct row *t = h->row;
    struct row *talk;
    enum status s;

    if (!row_has(t, TICKET_CONVERSATION) ||
        (!row_changed(t, TICKET_STATUS) && !row_changed(t, TICKET_ASSIGNEE)))
        return OK;
    s = record_get(cx, &conversation_type, row_i64(t, TICKET_CONVERSATION), &talk);
    if (s == E_NOT_FOUND)
        return ctx_clear_error(cx), OK;
    TRY(s);
    if (row_i64(talk, CONVERSATION_ASSIGNEE) != row_i64(t, TICKET_ASSIGNEE)) {
        row_set_i64(talk, CONVERSATION_ASSIGNEE, row_i64(t, TICKET_ASSIGNEE));
        if (!row_has(t, TICKET_ASSIGNEE))
            row_clear(talk, CONVERSATION_ASSIGNEE);
    }
    if (text_is(state_of(row_text(t, TICKET_STATUS)), row_text(talk, CONVERSATION_STATE)))
        return record_save(cx, talk);
    return conversation_move(cx, talk, state_of(row_text(t, TICKET_STATUS)));
}

/* Who follows the ticket hears that a colleague answered; what, they read there. */
static enum status tell_of_answer(struct ctx *cx, const struct row *t)
{
    if (cx->access->user_id == 0)
        return OK;
    return watch_tell(cx, t, NOTICE_COMMENT,
                      arena_printf(cx->arena, "%s answered %s", cx->access->name, row_title(cx, t)),
                      0);
}

/* We answered: the first time keeps or breaks a promise; and it goes out by mail. */
static enum status on_answered(struct ctx *cx, const struct happening *h)
{
    struct row *t;
    i64 message;
    enum status s = ticket_by_talk(cx, row_id(h->row), &t);

    if (s == E_NOT_FOUND)
        return OK;
    TRY(s);
    if (!row_has(t, TICKET_FIRST_AT)) {
        scoped(access_leave) struct access_guard guard = access_enter_system(cx);
        struct val *props = val_map(cx->arena);
        val_put_text(props, "name", row_title(cx, t));
        val_put_text(props, "by", cx->access->user_id ? cx->access->name : "");
        row_set_i64(t, TICKET_FIRST_AT, ctx_now(cx));
        TRY(record_save(cx, t));
        TRY(journey_note(cx, &(struct journey_note){ .kind = "ticket_answered",
                                                     .contact_id = row_i64(t, TICKET_CONTACT),
                                                     .record_id = row_id(t),
                                                     .props = props }));
        TRY(happen(cx, &(struct happening){ .name = "ticket.answered",
                                            .row = t,
                                            .contact_id = row_i64(t, TICKET_CONTACT) }));
    }
    TRY(tell_of_answer(cx, t));
    if (!id_parse(str_from(val_get_text(h->props, "message")), &message))
        return OK;
    return ticket_mail_answer(cx, t, message);
}

/* Solved: after a while they are asked how it was. */
static enum status on_solved(struct ctx *cx, const struct happening *h)
{
    return row_has(h->row, TICKET_MERGED_INTO) ? OK : ticket_mail_csat(cx, h->row);
}

/* ---- finding ---- */
static enum status found(struct ctx *cx, enum status s, i64 id, struct row **out)
{
    scoped(access_leave) struct access_guard guard = access_enter_system(cx);

    TRY(s);
    s = record_get(cx, &ticket_type, id, out);
    if (s == E_NOT_FOUND)
        ctx_clear_error(cx);
    return s;
}

enum status ticket_by_talk(struct ctx *cx, i64 conversation_id, struct row **out)
{
    i64 id = 0;
    enum status s = db_get_i64(cx, &id, "ticket.by_talk", I64("conversation", conversation_id));

    return found(cx, s, id, out);
}

enum status ticket_by_code(struct ctx *cx, const char *code, struct row **out)
{
    enum status s = record_find(cx, &ticket_type, "code", code, out);

    return s == OK && row_is_deleted(*out) ? E_NOT_FOUND : s;
}

/* ---- address tags ---- */
static const char *tag_proof(struct ctx *cx, const char *digits)
{
    const char *proof = seal_proof(cx, "ticket", digits);

    return strlen(proof) < TAG_PROOF ? "" : arena_dup(cx->arena, proof, TAG_PROOF);
}

const char *ticket_tag(struct ctx *cx, const struct row *t)
{
    const char *digits = row_text(t, TICKET_CODE) + 2, *proof = tag_proof(cx, digits);

    return text_empty(proof) ? "" : arena_printf(cx->arena, "T%s-%s", digits, proof);
}

bool ticket_tag_read(struct ctx *cx, const char *text, const char **code)
{
    size_t n = text[0] == 't' || text[0] == 'T' ? strspn(text + 1, "0123456789") : 0;
    const char *digits, *proof;

    if (n == 0 || n > 15 || text[n + 1] != '-')
        return false;
    digits = arena_dup(cx->arena, text + 1, n);
    proof = tag_proof(cx, digits);
    if (text_empty(proof) || strcasecmp(proof, text + n + 2) != 0)
        return false;
    *code = arena_printf(cx->arena, "T-%s", digits);
    return true;
}

/* ---- making ---- */
/* "Ida Berg" -> first and last name, where it is a name. */
static void name_contact(struct ctx *cx, struct row *contact, const char *name)
{
    const char *space;

    if (name == NULL || text_empty(name) || strchr(name, '@') != NULL)
        return;
    space = strrchr(name, ' ');
    if (space != NULL) {
        row_set_text(contact, CONTACT_LAST, utf8_cut(cx->arena, space + 1, 80));
        name = arena_dup(cx->arena, name, (size_t)(space - name));
    }
    row_set_text(contact, CONTACT_FIRST, utf8_cut(cx->arena, name, 80));
}

/* The contact, found or made. 0: nobody that an address is known of. */
static enum status contact_for(struct ctx *cx, const struct ticket_new *n, i64 *id)
{
    struct row *contact;
    bool made;
    enum status s;

    *id = n->contact_id;
    if (*id != 0 || n->email == NULL || text_empty(n->email))
        return OK;
    s = contact_by_email(cx, n->email, &contact, &made);
    if (s == E_INVALID && text_is(n->channel, "mail")) /* no address that could be answered */
        return ctx_clear_error(cx), OK;
    TRY(s);
    if (made) {
        name_contact(cx, contact, n->name);
        TRY(record_save(cx, contact));
    }
    *id = row_id(contact);
    return OK;
}

enum status ticket_assign_by_queue(struct ctx *cx, struct row *t)
{
    struct row *queue;
    i64 who = 0;
    enum status s;

    if (row_has(t, TICKET_ASSIGNEE) || !row_has(t, TICKET_QUEUE))
        return OK;
    s = record_get(cx, &ticket_queue_type, row_i64(t, TICKET_QUEUE), &queue);
    if (s == E_NOT_FOUND)
        return ctx_clear_error(cx), OK;
    TRY(s);
    if (text_is(row_text(queue, QUEUE_ASSIGN), "user"))
        who = row_i64(queue, QUEUE_USER);
    if (text_is(row_text(queue, QUEUE_ASSIGN), "team")) {
        s = db_get_i64(cx, &who, "ticket.fewest", I64("team", row_i64(queue, QUEUE_TEAM)));
        if (s != OK && s != E_NOT_FOUND)
            return s;
        ctx_clear_error(cx);
    }
    if (who != 0)
        row_set_i64(t, TICKET_ASSIGNEE, who);
    return OK;
}

static enum status by_queue(struct ctx *cx, struct row *t, const char *priority)
{
    struct row *queue;
    enum status s = E_NOT_FOUND;

    if (row_has(t, TICKET_QUEUE))
        s = record_get(cx, &ticket_queue_type, row_i64(t, TICKET_QUEUE), &queue);
    if (s == E_NOT_FOUND)
        ctx_clear_error(cx);
    else
        TRY(s);
    if (priority && !text_empty(priority))
        row_set_text(t, TICKET_PRIORITY, priority);
    else if (s == OK && row_has(queue, QUEUE_PRIORITY))
        row_set_text(t, TICKET_PRIORITY, row_text(queue, QUEUE_PRIORITY));
    return ticket_assign_by_queue(cx, t);
}

static void put_ref(struct row *r, int field, i64 id)
{
    if (id != 0)
        row_set_i64(r, field, id);
}

enum status ticket_make(struct ctx *cx, const struct ticket_new *n, struct row **ticket,
                        i64 *message_id)
{
    scoped(tx_end) struct tx tx = tx_begin(cx);
    scoped(access_leave) struct access_guard guard = access_enter_system(cx);
    struct row *talk = row_new(cx, &conversation_type), *t = row_new(cx, &ticket_type);
    const char *subject = n->subject && !text_empty(n->subject) ? n->subject : n->said->text;
    struct said said = *n->said;
    i64 contact, message;

    TRY(tx.status);
    TRY(contact_for(cx, n, &contact));
    subject = utf8_cut(cx->arena, str_dup(cx->arena, str_trim(str_from(subject))), SUBJECT_BYTES);
    said.quiet = true;
    row_set_text(talk, CONVERSATION_CHANNEL, n->channel);
    row_set_text(talk, CONVERSATION_SUBJECT, subject);
    row_set_text(talk, CONVERSATION_NAME, n->name ? utf8_cut(cx->arena, n->name, 100) : "");
    row_set_text(talk, CONVERSATION_EMAIL, n->email ? n->email : "");
    put_ref(talk, CONVERSATION_CONTACT, contact);
    TRY(conversation_start_with(cx, talk, &said, &message));
    row_set_text(t, TICKET_SUBJECT, subject);
    row_set_text(t, TICKET_CHANNEL, n->channel);
    row_set_text(t, TICKET_EMAIL, n->email ? n->email : "");
    put_ref(t, TICKET_CONVERSATION, row_id(talk));
    put_ref(t, TICKET_CONTACT, contact);
    put_ref(t, TICKET_QUEUE, n->queue_id);
    put_ref(t, TICKET_MAILBOX, n->mailbox_id);
    put_ref(t, TICKET_FOLLOWS, n->follows);
    if (n->cc)
        row_set_text(t, TICKET_CC, n->cc);
    if (n->tags)
        TRY(row_parse(cx, t, TICKET_TAGS, n->tags));
    TRY(by_queue(cx, t, n->priority));
    TRY(record_save(cx, t));
    if (row_has(t, TICKET_ASSIGNEE)) {
        row_set_i64(talk, CONVERSATION_ASSIGNEE, row_i64(t, TICKET_ASSIGNEE));
        TRY(record_save(cx, talk));
    }
    TRY(ticket_mail_ack(cx, t));
    *ticket = t;
    if (message_id)
        *message_id = message;
    return tx_commit(&tx);
}

enum status ticket_of_talk(struct ctx *cx, struct row *talk, struct row **ticket)
{
    scoped(tx_end) struct tx tx = tx_begin(cx);
    scoped(access_leave) struct access_guard guard = access_enter_system(cx);
    enum status s = ticket_by_talk(cx, row_id(talk), ticket);
    struct row *t;
    i64 answer;

    if (s != E_NOT_FOUND)
        return s;
    t = row_new(cx, &ticket_type);
    row_set_text(t, TICKET_SUBJECT, row_text(talk, CONVERSATION_SUBJECT));
    row_set_text(t, TICKET_CHANNEL, row_text(talk, CONVERSATION_CHANNEL));
    row_set_text(t, TICKET_EMAIL, row_text(talk, CONVERSATION_EMAIL));
    row_set_text(t, TICKET_STATUS, status_of(row_text(talk, CONVERSATION_STATE), "new"));
    put_ref(t, TICKET_CONVERSATION, row_id(talk));
    put_ref(t, TICKET_CONTACT, row_i64(talk, CONVERSATION_CONTACT));
    put_ref(t, TICKET_ASSIGNEE, row_i64(talk, CONVERSATION_ASSIGNEE));
    s = db_get_i64(cx, &answer, "ticket.last_of_team", I64("conversation", row_id(talk)));
    if (s == OK) /* answered in the chat, before it was a ticket */
        row_set_i64(t, TICKET_FIRST_AT, ctx_now(cx));
    else if (s != E_NOT_FOUND)
        return s;
    ctx_clear_error(cx);
    TRY(record_save(cx, t));
    *ticket = t;
    return tx_commit(&tx);
}

/* ---- talking ---- */
static enum status talk_of(struct ctx *cx, const struct row *t, struct row **talk)
{
    return record_get(cx, &conversation_type, row_i64(t, TICKET_CONVERSATION), talk);
}

enum status ticket_receive(struct ctx *cx, struct row *t, const struct said *given, i64 *message_id)
{
    scoped(access_leave) struct access_guard guard = access_enter_system(cx);
    i64 whose = row_has(t, TICKET_ASSIGNEE) ? row_i64(t, TICKET_ASSIGNEE) : 0;
    struct said said = *given;
    struct row *talk;
    const char *text;

    said.quiet = true;
    TRY(talk_of(cx, t, &talk));
    TRY(conversation_say_with(cx, talk, AUTHOR_VISITOR, &said, message_id));
    text = arena_printf(cx->arena, "%s wrote: %s", conversation_with(cx, talk), row_title(cx, t));
    TRY(notify_as(cx, NOTICE_CUSTOMER, whose, "message", text, row_path(cx, t)));
    return watch_tell(cx, t, NOTICE_CUSTOMER, text, whose);
}

enum status ticket_say(struct ctx *cx, struct row *t, enum author who, const char *text,
                       const char *status)
{
    scoped(tx_end) struct tx tx = tx_begin(cx);
    struct row *talk, *now;

    TRY(tx.status);
    {
        scoped(access_leave) struct access_guard guard = access_enter_system(cx);
        TRY(talk_of(cx, t, &talk));
    }
    TRY(conversation_say(cx, talk, who, text, NULL));
    if (who == AUTHOR_TEAM && !text_empty(status)) {
        TRY(record_get(cx, &ticket_type, row_id(t), &now));
        row_set_text(now, TICKET_STATUS, status);
        TRY(record_save(cx, now));
    }
    return tx_commit(&tx);
}

void ticket_apply_macro(struct ctx *cx, struct row *t, const struct row *macro)
{
    static const int copied[][2] = { { MACRO_STATUS, TICKET_STATUS },
                                     { MACRO_PRIORITY, TICKET_PRIORITY } };

    for (size_t i = 0; i < countof(copied); i++)
        if (row_has(macro, copied[i][0]))
            row_set_text(t, copied[i][1], row_text(macro, copied[i][0]));
    if (row_has(macro, MACRO_QUEUE))
        row_set_i64(t, TICKET_QUEUE, row_i64(macro, MACRO_QUEUE));
    if (row_bool(macro, MACRO_ASSIGN) && cx->access->user_id)
        row_set_i64(t, TICKET_ASSIGNEE, cx->access->user_id);
    if (row_has(macro, MACRO_TAGS)) { /* "a, b": a set, so twice is once */
        const char *both = arena_printf(cx->arena, "%s, %s", row_plain(cx, t, TICKET_TAGS),
                                        row_plain(cx, macro, MACRO_TAGS));
        if (row_parse(cx, t, TICKET_TAGS, both) != OK)
            ctx_clear_error(cx); /* too many: those that were there stay */
    }
}

/* ---- merging and splitting ---- */
static enum status move_message(struct ctx *cx, i64 message_id, i64 talk_id)
{
    struct row *m;

    TRY(record_get(cx, &conversation_message_type, message_id, &m));
    row_set_i64(m, MESSAGE_CONVERSATION, talk_id);
    return record_save(cx, m);
}

static enum status house_says(struct ctx *cx, const struct row *t, const char *text)
{
    struct row *talk;

    TRY(talk_of(cx, t, &talk));
    return conversation_say(cx, talk, AUTHOR_HOUSE, text, NULL);
}

static enum status move_all(struct ctx *cx, i64 from_talk, i64 into_talk)
{
    i64 *ids = NEW_N(cx->arena, i64, MERGED_MOST);
    size_t count = 0;

    {
        scoped(stmt_close) struct stmt q = db_query(
            cx, "ticket.messages", I64("conversation", from_talk), I64("limit", MERGED_MOST));
        while (stmt_next(&q) && count < MERGED_MOST)
            ids[count++] = col_i64(&q, 0);
        TRY(stmt_status(&q));
    }
    for (size_t i = 0; i < count; i++)
        TRY(move_message(cx, ids[i], into_talk));
    return OK;
}

/* Who was answered on one is on the other. */
static enum status take_copies(struct ctx *cx, const struct row *from, struct row *into)
{
    const char *all;

    TRY(ticket_cc_join(
        cx, row_text(into, TICKET_CC),
        arena_printf(cx->arena, "%s, %s", row_text(from, TICKET_EMAIL), row_text(from, TICKET_CC)),
        &all));
    row_set_text(into, TICKET_CC, all);
    return OK;
}

enum status ticket_merge(struct ctx *cx, struct row *from, struct row *into)
{
    scoped(tx_end) struct tx tx = tx_begin(cx);
    scoped(access_leave) struct access_guard guard = access_enter_system(cx);
    bool reopens = ticket_is_active(from) && !ticket_is_active(into);

    TRY(tx.status);
    if (row_id(from) == row_id(into))
        return ctx_fail_field(cx, "into", "ticket.merge_self",
                              "A ticket cannot be merged into itself.");
    if (row_has(into, TICKET_MERGED_INTO))
        return ctx_fail_field(cx, "into", "ticket.merged",
                              "%s was merged itself. Merge into the one where it went.",
                              row_text(into, TICKET_CODE));
    TRY(move_all(cx, row_i64(from, TICKET_CONVERSATION), row_i64(into, TICKET_CONVERSATION)));
    TRY(take_copies(cx, from, into));
    TRY(ticket_steps_move(cx, row_id(from), row_id(into)));
    TRY(house_says(
        cx, into, arena_printf(cx->arena, "%s was merged into this ticket.", row_title(cx, from))));
    TRY(house_says(cx, from, arena_printf(cx->arena, "Merged into %s.", row_title(cx, into))));
    row_set_i64(from, TICKET_MERGED_INTO, row_id(into));
    row_set_text(from, TICKET_STATUS, "closed");
    TRY(record_save(cx, from));
    if (reopens)
        row_set_text(into, TICKET_STATUS, "open");
    TRY(record_save(cx, into));
    return tx_commit(&tx);
}

enum status ticket_split(struct ctx *cx, struct row *t, i64 message_id, struct row **out)
{
    static const int kept[] = { CONVERSATION_CHANNEL, CONVERSATION_NAME, CONVERSATION_EMAIL };
    scoped(tx_end) struct tx tx = tx_begin(cx);
    scoped(access_leave) struct access_guard guard = access_enter_system(cx);
    struct row *m, *talk, *fresh = row_new(cx, &conversation_type);

    TRY(tx.status);
    TRY(record_get(cx, &conversation_message_type, message_id, &m));
    TRY(talk_of(cx, t, &talk));
    if (row_i64(m, MESSAGE_CONVERSATION) != row_id(talk) ||
        !text_is(row_text(m, MESSAGE_AUTHOR), "visitor"))
        return ctx_fail_field(cx, "message", "ticket.split",
                              "Only what the customer wrote can become a ticket of its own.");
    for (size_t i = 0; i < countof(kept); i++)
        row_set_text(fresh, kept[i], row_text(talk, kept[i]));
    put_ref(fresh, CONVERSATION_CONTACT, row_i64(talk, CONVERSATION_CONTACT));
    row_set_text(fresh, CONVERSATION_SUBJECT,
                 utf8_cut(cx->arena, row_text(m, MESSAGE_TEXT), SUBJECT_BYTES));
    row_set_text(fresh, CONVERSATION_LAST_TEXT,
                 utf8_cut(cx->arena, row_text(m, MESSAGE_TEXT), 160));
    row_set_i64(fresh, CONVERSATION_LAST_AT, ctx_now(cx));
    TRY(record_save(cx, fresh));
    TRY(move_message(cx, message_id, row_id(fresh)));
    TRY(ticket_of_talk(cx, fresh, out));
    row_set_text(*out, TICKET_PRIORITY, row_text(t, TICKET_PRIORITY));
    row_set_text(*out, TICKET_EMAIL, row_text(t, TICKET_EMAIL));
    row_set_text(*out, TICKET_CC, row_text(t, TICKET_CC));
    put_ref(*out, TICKET_QUEUE, row_i64(t, TICKET_QUEUE));
    put_ref(*out, TICKET_MAILBOX, row_i64(t, TICKET_MAILBOX));
    TRY(record_save(cx, *out));
    TRY(house_says(cx, *out, arena_printf(cx->arena, "Split off from %s.", row_title(cx, t))));
    TRY(house_says(cx, t,
                   arena_printf(cx->arena, "A message became %s.", row_text(*out, TICKET_CODE))));
    return tx_commit(&tx);
}

static const struct subscription subscriptions[] = {
    { "conversation.updated", on_talk_changed },
    { "conversation.answered", on_answered },
    { "ticket.updated", on_ticket_changed },
    { "ticket.solved", on_solved },
};
const struct feature feature_ticket_act = {
    .name = "ticket_act",
    SUBSCRIPTIONS(subscriptions),
};
