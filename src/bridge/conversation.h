/* conversation.h -- a conversation with somebody outside, whatever it came through: a chat on the
 * web site today, mails and forms as well. Its messages are rows of their own, in order; what it is
 * about and whose turn it is stands in the conversation.
 *
 * open     they wrote last: somebody of ours is to answer
 * waiting  we answered: it is their turn
 * closed   nothing is to be done; a new message of theirs opens it again
 *
 * Happenings "conversation.started", "conversation.received" (they wrote), "conversation.answered"
 * (we did), "conversation.closed": row is the conversation, props.message the message. With a
 * known contact its start and its messages stand on their timeline;
 * those before the contact became known are put there when it does.
 * Needs      a writing connection; runs as who asks. */
#pragma once
#include "kit/kit.h"

enum conversation_field {
    CONVERSATION_SUBJECT, CONVERSATION_CONTACT, CONVERSATION_CHANNEL, CONVERSATION_STATE,
    CONVERSATION_ASSIGNEE, CONVERSATION_UNREAD, CONVERSATION_LAST_AT, CONVERSATION_LAST_TEXT,
    CONVERSATION_NAME, CONVERSATION_EMAIL, CONVERSATION_PAGE, CONVERSATION_SITE,
    CONVERSATION_LANGUAGE, CONVERSATION_ADDRESS, CONVERSATION_SEEN_AT, CONVERSATION_CLOSED_AT,
    CONVERSATION_VISITOR, CONVERSATION_KEY,
    CONVERSATION_FIELDS
};
enum message_field {
    MESSAGE_CONVERSATION, MESSAGE_AUTHOR, MESSAGE_USER, MESSAGE_TEXT,
    MESSAGE_SUBJECT, MESSAGE_FROM, MESSAGE_MAIL_ID, MESSAGE_FILES, MESSAGE_SENT, MESSAGE_RAW,
    MESSAGE_CC,
    MESSAGE_FIELDS
};
enum snippet_field {
    SNIPPET_NAME, SNIPPET_SHORTCUT, SNIPPET_TEXT, SNIPPET_SHARED, SNIPPET_OWNER,
    SNIPPET_FIELDS
};
extern const struct record_type conversation_type, conversation_message_type, snippet_type;

/* What is typed, and what a mail says. */
enum { MESSAGE_BYTES_MOST = 4000, MESSAGE_MAIL_BYTES_MOST = 60 * 1000 };
/* Who writes. A note is for colleagues alone; the house says what happened. */
enum author { AUTHOR_VISITOR, AUTHOR_TEAM, AUTHOR_NOTE, AUTHOR_HOUSE };

/* Begins one with a row of the conversation's facts (channel, contact or name and email, page ...)
 * and their first message; colleagues are told. */
MUST_CHECK enum status conversation_start(struct ctx *cx, struct row *conversation,
                                          const char *text, i64 *message_id);
/* Adds a message and moves the conversation on: of theirs it opens, of ours it waits and, where it
 * is nobody's yet, becomes the writer's. E_INVALID: nothing is written, or too much. */
MUST_CHECK enum status conversation_say(struct ctx *cx, struct row *conversation, enum author who,
                                        const char *text, i64 *message_id);
/* The same with what a mail has beside its text; texts may be NULL. */
struct said {
    const char *text;
    const char *subject, *from;      /* "anna@example.com" */
    const char *message_id;          /* without <> */
    const char *files;               /* JSON: [{id, name, type, size}] */
    const char *cc;                  /* who else got it: "a@b.example, c@d.example" */
    i64 raw_id;                      /* where its bytes are kept; 0: nowhere */
    bool quiet;                      /* the caller tells the team */
};
MUST_CHECK enum status conversation_start_with(struct ctx *cx, struct row *conversation,
                                               const struct said *said, i64 *message_id);
MUST_CHECK enum status conversation_say_with(struct ctx *cx, struct row *conversation,
                                             enum author who, const struct said *said,
                                             i64 *message_id);
/* From now on it is this contact's: messages so far go onto their timeline. Saves the row. */
MUST_CHECK enum status conversation_join(struct ctx *cx, struct row *conversation,
                                         i64 contact_id);
/* state: "open" "waiting" "closed". */
MUST_CHECK enum status conversation_move(struct ctx *cx, struct row *conversation,
                                         const char *state);
/* user_id 0: nobody's. They are told. */
MUST_CHECK enum status conversation_assign(struct ctx *cx, struct row *conversation, i64 user_id);
/* The messages after one (0: from the first), oldest first, at most `limit`: maps {id, author,
 * user, text, at, iso, time, full, subject, from, message_id, files, sent, raw,
 * cc}. Notes only with
 * `notes`. */
MUST_CHECK enum status conversation_messages(struct ctx *cx, i64 conversation_id, i64 after,
                                             bool notes, int limit, struct val *list);
/* How the other side is called: the contact's name, what they said, or "Visitor". */
const char *conversation_with(struct ctx *cx, const struct row *conversation);
/* Whether somebody is there to answer: within working hours, and a colleague was here in the last
 * minutes. */
MUST_CHECK enum status conversation_is_staffed(struct ctx *cx, bool *out);
/* How words like {{contact.first_name|there}} in a snippet are said to this contact (or NULL):
 * given once, at start, by who knows them (mail/snippet.c). snippet_said: as it is where nobody
 * does. */
typedef const char *snippet_filling(struct ctx *cx, const char *text, const struct row *contact);
void snippet_set_filling(struct kit *k, snippet_filling *how);
const char *snippet_said(struct ctx *cx, const char *text, const struct row *contact);
