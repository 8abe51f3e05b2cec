/* ticket.h -- a ticket: somebody needs something, and we have promised by when. What is said stands
 * in its conversation (bridge/conversation.h), so that chat, mail, form and API are one kind of
 * thing; here is what service adds: number, status, priority, queue, whose, promises (sla.h).
 *
 * Status and the conversation's state go together by one rule: new and open are to be answered,
 * pending and on hold wait, solved and closed are closed. Whatever changes one of them, the other
 * follows (ticket_act.c). What a customer writes opens a ticket again; once it is closed, a mail
 * begins a follow-up that is linked.
 *
 * Happenings "ticket.opened", "ticket.answered" (the first time), "ticket.solved",
 * "ticket.reopened", "ticket.breached": row is the ticket.
 * Needs      a writing connection. */
#pragma once
#include "bridge/conversation.h"
#include "kit/kit.h"

enum ticket_field {
    TICKET_CODE, TICKET_SUBJECT, TICKET_STATUS, TICKET_PRIORITY, TICKET_CONTACT, TICKET_COMPANY,
    TICKET_QUEUE, TICKET_ASSIGNEE, TICKET_CHANNEL, TICKET_TAGS, TICKET_ACTIVE, TICKET_DUE_AT,
    TICKET_POLICY, TICKET_FIRST_DUE, TICKET_FIRST_AT, TICKET_FIRST_HOURS, TICKET_FIRST_BREACHED,
    TICKET_RESOLVE_DUE, TICKET_SOLVED_AT, TICKET_RESOLVE_HOURS, TICKET_RESOLVE_BREACHED,
    TICKET_PAUSED_SINCE, TICKET_PAUSED_MINUTES, TICKET_CLOSED_AT, TICKET_REOPENED,
    TICKET_CSAT, TICKET_CSAT_COMMENT, TICKET_CSAT_AT,
    TICKET_MERGED_INTO, TICKET_FOLLOWS, TICKET_CONVERSATION,
    TICKET_EMAIL, TICKET_MAILBOX, TICKET_NEXT_AT, TICKET_ESCALATED,
    TICKET_DEAL, TICKET_CC,
    TICKET_FIELDS
};
enum queue_field {
    QUEUE_NAME, QUEUE_TAG, QUEUE_PRIORITY, QUEUE_ASSIGN, QUEUE_USER, QUEUE_TEAM, QUEUE_PROMISES,
    QUEUE_HANDOVER, QUEUE_FIELDS
};
enum macro_field {
    MACRO_NAME, MACRO_TEXT, MACRO_STATUS, MACRO_PRIORITY, MACRO_QUEUE, MACRO_ASSIGN, MACRO_TAGS,
    MACRO_FIELDS
};
extern const struct record_type ticket_type, ticket_queue_type, macro_type;

/* What a ticket begins with. */
struct ticket_new {
    const struct said *said; /* their first message */
    const char *subject, *channel, *email, *name; /* "" or NULL unknown */
    i64 contact_id, queue_id, mailbox_id, follows;
    const char *priority, *tags; /* NULL: the queue's, or normal */
    const char *cc;              /* who else hears the answers: "a@b.example, c@d.example"; NULL */
};
/* E_INVALID: nothing is said, or it is no mail address. *message_id may be NULL. */
MUST_CHECK enum status ticket_make(struct ctx *cx, const struct ticket_new *n, struct row **ticket,
                                   i64 *message_id);
/* A ticket for a conversation that is there (a chat). One that has a ticket: that one. */
MUST_CHECK enum status ticket_of_talk(struct ctx *cx, struct row *conversation,
                                      struct row **ticket);
/* The ticket of a conversation. E_NOT_FOUND without text: it has none. */
MUST_CHECK enum status ticket_by_talk(struct ctx *cx, i64 conversation_id, struct row **out);
/* By "T-1001", whatever its case. E_NOT_FOUND without text. */
MUST_CHECK enum status ticket_by_code(struct ctx *cx, const char *code, struct row **out);
/* The customer wrote: the message, and the ticket is open. */
MUST_CHECK enum status ticket_receive(struct ctx *cx, struct row *ticket, const struct said *said,
                                      i64 *message_id);
/* What we say, or note; with an answer it becomes `status` ("" pending). */
MUST_CHECK enum status ticket_say(struct ctx *cx, struct row *ticket, enum author who,
                                  const char *text, const char *status);
/* All messages of one go into the other, which is told; it is closed and leads there. */
MUST_CHECK enum status ticket_merge(struct ctx *cx, struct row *from, struct row *into);
/* A message of theirs becomes a ticket of its own. */
MUST_CHECK enum status ticket_split(struct ctx *cx, struct row *ticket, i64 message_id,
                                    struct row **out);
/* What a macro sets beside its text. Saves nothing. */
void ticket_apply_macro(struct ctx *cx, struct row *ticket, const struct row *macro);
/* Whom a queue gives it to: a colleague, or (in turn) whoever of its team has the fewest open. */
MUST_CHECK enum status ticket_assign_by_queue(struct ctx *cx, struct row *ticket);
bool ticket_is_active(const struct row *ticket); /* neither solved nor closed */
bool status_is_over(const char *status);
