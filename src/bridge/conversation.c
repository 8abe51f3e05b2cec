/* conversation.c -- conversations and their messages: the records, whose turn it is, who is told,
 * and what stands on the contact's timeline. */
#include "bridge/conversation.h"
#include "base/id.h"
#include "base/utf8.h"
#include "bridge/contact.h"
#include "kit/hours.h"
#include "kit/live.h"
#include "kit/notice.h"
#include "kit/session.h"
#include "kit/show.h"
#include <stdlib.h>

enum {
    SUBJECT_BYTES = 80,
    LAST_BYTES = 160,
    STORY_BYTES = 300, /* of a message on the timeline */
    STORY_MOST = 200,  /* messages put there at once */
    HERE_MS = 10 * MS_MINUTE,
    TOLD_MOST = 20,
};

static const struct field fields[] = {
    [CONVERSATION_SUBJECT] = { "subject", FIELD_TEXT, "About", SEARCHED, .max_len = 200 },
    [CONVERSATION_CONTACT] = { "contact_id", FIELD_REF, "Contact", LISTED, .ref = "contact" },
    [CONVERSATION_CHANNEL] = { "channel", FIELD_CHOICE, "Channel", LISTED | REQUIRED | CREATE_ONLY,
                               .otherwise = "chat",
                               .choices =
                                   CHOICES({ "chat", "Chat", "teal" }, { "form", "Form", "blue" },
                                           { "mail", "Mail", "amber" }, { "api", "API", "violet" },
                                           { "phone", "Phone", "green" },
                                           { "handover", "Won deal", "green" }) },
    [CONVERSATION_STATE] = { "state", FIELD_CHOICE, "State", LISTED | REQUIRED | TRACKED | INDEXED,
                             .otherwise = "open",
                             .choices = CHOICES({ "open", "Open", "green" },
                                                { "waiting", "Waiting for them", "amber" },
                                                { "closed", "Closed", "gray" }) },
    [CONVERSATION_ASSIGNEE] = { "assignee_id", FIELD_REF, "Whose", LISTED | OWNER | TRACKED,
                                .ref = "user" },
    [CONVERSATION_UNREAD] = { "unread", FIELD_INT, "Unread", COMPUTED, .otherwise = "0" },
    [CONVERSATION_LAST_AT] = { "last_at", FIELD_TIME, "Last message", COMPUTED | LISTED | INDEXED },
    [CONVERSATION_LAST_TEXT] = { "last_text", FIELD_TEXT, "It said", COMPUTED, .max_len = 200 },
    [CONVERSATION_NAME] = { "name", FIELD_TEXT, "Name given", 0, .max_len = 100 },
    [CONVERSATION_EMAIL] = { "email", FIELD_EMAIL, "Mail given", SEARCHED },
    [CONVERSATION_PAGE] = { "page", FIELD_TEXT, "Began on", COMPUTED, .max_len = 2000 },
    [CONVERSATION_SITE] = { "site", FIELD_TEXT, "Site", COMPUTED, .max_len = 200 },
    [CONVERSATION_LANGUAGE] = { "language", FIELD_TEXT, "Language", 0, .max_len = 35 },
    [CONVERSATION_ADDRESS] = { "address", FIELD_TEXT, "IP address", COMPUTED, .max_len = 60 },
    [CONVERSATION_SEEN_AT] = { "seen_at", FIELD_TIME, "Seen by them", COMPUTED },
    [CONVERSATION_CLOSED_AT] = { "closed_at", FIELD_TIME, "Closed", COMPUTED },
    [CONVERSATION_VISITOR] = { "visitor", FIELD_TEXT, "Visitor", INTERNAL, .max_len = 16 },
    [CONVERSATION_KEY] = { "key_hash", FIELD_TEXT, "Key", INTERNAL, .max_len = 100 },
};
_Static_assert(countof(fields) == CONVERSATION_FIELDS, "enum and table differ");

static const struct field message_fields[] = {
    [MESSAGE_CONVERSATION] = { "conversation_id", FIELD_REF, "Conversation", REQUIRED | LISTED,
                               .ref = "conversation" },
    [MESSAGE_AUTHOR] = { "author", FIELD_CHOICE, "By", LISTED | REQUIRED, .otherwise = "team",
                         .choices =
                             CHOICES({ "visitor", "Them", "teal" }, { "team", "Us", "green" },
                                     { "note", "Note", "amber" }, { "house", "Furrow", "gray" }) },
    [MESSAGE_USER] = { "user_id", FIELD_REF, "Who", LISTED, .ref = "user" },
    [MESSAGE_TEXT] = { "text", FIELD_LONG, "Text", REQUIRED | LISTED,
                       .max_len = MESSAGE_MAIL_BYTES_MOST },
    [MESSAGE_SUBJECT] = { "subject", FIELD_TEXT, "Subject", COMPUTED, .max_len = 300 },
    [MESSAGE_FROM] = { "from_address", FIELD_TEXT, "From", COMPUTED, .max_len = 320 },
    [MESSAGE_MAIL_ID] = { "message_id", FIELD_TEXT, "Message-ID", COMPUTED | INDEXED,
                          .max_len = 250 },
    [MESSAGE_FILES] = { "files", FIELD_JSON, "Files", COMPUTED },
    [MESSAGE_SENT] = { "sent_id", FIELD_INT, "Mail it went out as", INTERNAL },
    [MESSAGE_RAW] = { "raw_id", FIELD_INT, "Where its bytes are", INTERNAL },
    [MESSAGE_CC] = { "cc", FIELD_LONG, "Copy to", COMPUTED, .max_len = 6000 },
};
_Static_assert(countof(message_fields) == MESSAGE_FIELDS, "enum and table differ");

static const struct field snippet_fields[] = {
    [SNIPPET_NAME] = { "name", FIELD_TEXT, "Name", REQUIRED | LISTED | SEARCHED, .max_len = 80 },
    [SNIPPET_SHORTCUT] = { "shortcut", FIELD_TEXT, "Shortcut", LISTED, .max_len = 40,
                           .help = "In a mail to a contact, ; and this and a space become the "
                                   "text. Left empty: made from the name." },
    [SNIPPET_TEXT] = { "text", FIELD_LONG, "Text", REQUIRED | LISTED, .max_len = 10000,
                       .help = "What is put into an answer with one click. Filled in: "
                               "{{contact.first_name|there}}, {{company.name}}, {{ticket.code}}, "
                               "{{sender.name}} for who answers, and their like." },
    [SNIPPET_SHARED] = { "shared", FIELD_CHOICE, "Who uses it", REQUIRED | LISTED,
                         .otherwise = "everyone",
                         .choices = CHOICES({ "everyone", "Everybody", "green" },
                                            { "me", "Only me", "gray" }) },
    [SNIPPET_OWNER] = { "owner_id", FIELD_REF, "Owner", OWNER, .ref = "user", .otherwise = "me" },
};
_Static_assert(countof(snippet_fields) == SNIPPET_FIELDS, "enum and table differ");

static const char *const author_words[] = { "visitor", "team", "note", "house" };

const char *conversation_with(struct ctx *cx, const struct row *r)
{
    struct row *contact;

    if (row_has(r, CONVERSATION_CONTACT)) {
        scoped(access_leave) struct access_guard guard = access_enter_system(cx);
        if (record_get(cx, &contact_type, row_i64(r, CONVERSATION_CONTACT), &contact) == OK)
            return row_title(cx, contact);
        ctx_clear_error(cx);
    }
    return row_has(r, CONVERSATION_NAME)    ? row_text(r, CONVERSATION_NAME)
           : row_has(r, CONVERSATION_EMAIL) ? row_text(r, CONVERSATION_EMAIL)
                                            : "Visitor";
}

/* ---- the timeline ---- */

static enum status note_started(struct ctx *cx, const struct row *r, i64 at_ms)
{
    struct val *props = val_map(cx->arena);

    val_put_text(props, "name", row_text(r, CONVERSATION_SUBJECT));
    return journey_note(cx, &(struct journey_note){ .kind = "conversation_started",
                                                    .contact_id = row_i64(r, CONVERSATION_CONTACT),
                                                    .record_id = row_id(r),
                                                    .at_ms = at_ms,
                                                    .props = props });
}

static enum status note_message(struct ctx *cx, const struct row *r, const char *author,
                                const char *by, const char *text, i64 at_ms)
{
    struct val *props = val_map(cx->arena);

    if (text_is(author, "note") || text_is(author, "house"))
        return OK;
    val_put_text(props, "text", utf8_cut(cx->arena, text, STORY_BYTES));
    val_put_text(props, "by", text_is(author, "team") ? by : conversation_with(cx, r));
    bool chat = text_is(row_text(r, CONVERSATION_CHANNEL), "chat");
    return journey_note(cx,
                        &(struct journey_note){ .kind = chat ? "chat_message" : "support_message",
                                                .contact_id = row_i64(r, CONVERSATION_CONTACT),
                                                .record_id = row_id(r),
                                                .at_ms = at_ms,
                                                .props = props });
}

/* What was said before the contact was known. */
static enum status note_past(struct ctx *cx, const struct row *r)
{
    scoped(stmt_close) struct stmt q = { 0 };

    TRY(note_started(cx, r, row_created_at(r)));
    q = db_query(cx, "conversation.messages", I64("conversation", row_id(r)), I64("after", 0),
                 I64("notes", 0), I64("limit", STORY_MOST));
    while (stmt_next(&q))
        TRY(note_message(cx, r, arena_text(cx->arena, col_text(&q, 1)),
                         arena_text(cx->arena, col_text(&q, 5)),
                         arena_text(cx->arena, col_text(&q, 3)), col_i64(&q, 4)));
    return stmt_status(&q);
}

/* ---- who is told ---- */

static const char *inbox_path(struct ctx *cx, const struct row *r)
{
    return arena_printf(cx->arena, "/inbox?id=%s", id_text(cx->arena, row_id(r)));
}

static enum status tell(struct ctx *cx, const struct row *r, enum notice_kind kind, i64 user,
                        const char *text)
{
    return notice_add(cx, &(struct notice){ .user_id = user,
                                            .kind = kind,
                                            .icon = "message",
                                            .text = text,
                                            .path = inbox_path(cx, r),
                                            .type = row_type(r)->name,
                                            .record_id = row_id(r) });
}

/* Its own colleague, or all who may answer. */
static enum status tell_team(struct ctx *cx, const struct row *r, const char *text)
{
    scoped(stmt_close) struct stmt q = { 0 };
    i64 ids[TOLD_MOST];
    size_t count = 0;

    if (row_has(r, CONVERSATION_ASSIGNEE))
        return tell(cx, r, NOTICE_CUSTOMER, row_i64(r, CONVERSATION_ASSIGNEE), text);
    q = db_query(cx, "conversation.colleagues");
    while (stmt_next(&q) && count < TOLD_MOST) {
        const struct access *who;
        enum status s = access_of_user(cx, col_i64(&q, 0), &who);
        if (s == E_NOT_FOUND) {
            ctx_clear_error(cx);
            continue;
        }
        TRY(s);
        if (access_scope(who, "conversation", VERB_UPDATE) == SCOPE_ALL)
            ids[count++] = col_i64(&q, 0);
    }
    TRY(stmt_status(&q));
    stmt_close(&q);
    for (size_t i = 0; i < count; i++)
        TRY(tell(cx, r, NOTICE_CUSTOMER, ids[i], text));
    return OK;
}

/* ---- what happens to one ---- */

static void put_said(struct row *m, const struct said *said)
{
    const struct {
        int field;
        const char *text;
    } texts[] = { { MESSAGE_SUBJECT, said->subject },
                  { MESSAGE_FROM, said->from },
                  { MESSAGE_MAIL_ID, said->message_id },
                  { MESSAGE_FILES, said->files },
                  { MESSAGE_CC, said->cc } };

    for (size_t i = 0; i < countof(texts); i++)
        if (texts[i].text != NULL)
            row_set_text(m, texts[i].field, texts[i].text);
    if (said->raw_id != 0)
        row_set_i64(m, MESSAGE_RAW, said->raw_id);
}

static enum status add_message(struct ctx *cx, const struct row *r, enum author who,
                               const char *text, const struct said *said, i64 *message_id)
{
    struct row *m = row_new(cx, &conversation_message_type);

    row_set_i64(m, MESSAGE_CONVERSATION, row_id(r));
    row_set_text(m, MESSAGE_AUTHOR, author_words[who]);
    if (who == AUTHOR_TEAM || who == AUTHOR_NOTE)
        row_set_i64(m, MESSAGE_USER, cx->access->user_id);
    row_set_text(m, MESSAGE_TEXT, text);
    put_said(m, said);
    {
        scoped(access_leave) struct access_guard guard = access_enter_system(cx);
        TRY(record_save(cx, m));
    }
    *message_id = row_id(m);
    /* The other side's page hears that there is something, and asks for it. */
    if (who != AUTHOR_NOTE)
        live_tell(cx, arena_printf(cx->arena, "chat-%s", id_text(cx->arena, row_id(r))), 0,
                  id_text(cx->arena, row_id(m)));
    return note_message(cx, r, author_words[who], cx->access->name ? cx->access->name : "", text,
                        0);
}

static enum status check_text(struct ctx *cx, const struct said *said, const char **text)
{
    int most = said->message_id ? MESSAGE_MAIL_BYTES_MOST : MESSAGE_BYTES_MOST;

    *text = said->text;
    *text = str_dup(cx->arena, str_trim(str_from(*text)));
    if (text_empty(*text))
        return ctx_fail_field(cx, "text", "required", "Write something first.");
    if (strlen(*text) > (size_t)most)
        return ctx_fail_field(cx, "text", "too_long",
                              "That is too long for one message: at most %d characters.", most);
    return OK;
}

static void move_on(struct ctx *cx, struct row *r, enum author who, const char *text)
{
    if (who == AUTHOR_NOTE || who == AUTHOR_HOUSE)
        return;
    row_set_i64(r, CONVERSATION_LAST_AT, ctx_now(cx));
    row_set_text(r, CONVERSATION_LAST_TEXT, utf8_cut(cx->arena, text, LAST_BYTES));
    row_clear(r, CONVERSATION_CLOSED_AT);
    row_set_text(r, CONVERSATION_STATE, who == AUTHOR_VISITOR ? "open" : "waiting");
    row_set_i64(r, CONVERSATION_UNREAD,
                who == AUTHOR_VISITOR ? row_i64(r, CONVERSATION_UNREAD) + 1 : 0);
    if (who == AUTHOR_TEAM && !row_has(r, CONVERSATION_ASSIGNEE))
        row_set_i64(r, CONVERSATION_ASSIGNEE, cx->access->user_id);
}

static enum status say_happened(struct ctx *cx, const char *what, struct row *r, i64 message_id)
{
    struct val *props = val_map(cx->arena);

    val_put_text(props, "message", id_text(cx->arena, message_id));
    return happen(cx, &(struct happening){ .name = what,
                                           .row = r,
                                           .contact_id = row_i64(r, CONVERSATION_CONTACT),
                                           .props = props });
}

enum status conversation_start_with(struct ctx *cx, struct row *r, const struct said *said,
                                    i64 *message_id)
{
    scoped(tx_end) struct tx tx = tx_begin(cx);
    const char *text;
    i64 id;

    TRY(tx.status);
    TRY(check_text(cx, said, &text));
    if (!row_has(r, CONVERSATION_SUBJECT))
        row_set_text(r, CONVERSATION_SUBJECT, utf8_cut(cx->arena, text, SUBJECT_BYTES));
    move_on(cx, r, AUTHOR_VISITOR, text);
    TRY(record_save(cx, r));
    TRY(note_started(cx, r, 0));
    TRY(add_message(cx, r, AUTHOR_VISITOR, text, said, &id));
    if (message_id != NULL)
        *message_id = id;
    if (!said->quiet)
        TRY(tell_team(cx, r,
                      arena_printf(cx->arena, "%s writes: %s", conversation_with(cx, r),
                                   row_text(r, CONVERSATION_SUBJECT))));
    TRY(say_happened(cx, "conversation.started", r, id));
    return tx_commit(&tx);
}

enum status conversation_say_with(struct ctx *cx, struct row *r, enum author who,
                                  const struct said *said, i64 *message_id)
{
    scoped(tx_end) struct tx tx = tx_begin(cx);
    bool first_unread = row_i64(r, CONVERSATION_UNREAD) == 0;
    const char *text;
    i64 id;

    TRY(tx.status);
    TRY(check_text(cx, said, &text));
    move_on(cx, r, who, text);
    TRY(record_save(cx, r));
    TRY(add_message(cx, r, who, text, said, &id));
    if (message_id != NULL)
        *message_id = id;
    if (who == AUTHOR_VISITOR) {
        if (first_unread && !said->quiet) /* one notification until somebody looked */
            TRY(tell_team(cx, r,
                          arena_printf(cx->arena, "%s writes: %s", conversation_with(cx, r),
                                       row_text(r, CONVERSATION_LAST_TEXT))));
        TRY(say_happened(cx, "conversation.received", r, id));
    }
    if (who == AUTHOR_TEAM)
        TRY(say_happened(cx, "conversation.answered", r, id));
    return tx_commit(&tx);
}

enum status conversation_start(struct ctx *cx, struct row *r, const char *text, i64 *message_id)
{
    return conversation_start_with(cx, r, &(struct said){ .text = text }, message_id);
}

enum status conversation_say(struct ctx *cx, struct row *r, enum author who, const char *text,
                             i64 *message_id)
{
    return conversation_say_with(cx, r, who, &(struct said){ .text = text }, message_id);
}

enum status conversation_join(struct ctx *cx, struct row *r, i64 contact_id)
{
    scoped(tx_end) struct tx tx = tx_begin(cx);

    TRY(tx.status);
    if (row_i64(r, CONVERSATION_CONTACT) == contact_id)
        return OK;
    row_set_i64(r, CONVERSATION_CONTACT, contact_id);
    TRY(record_save(cx, r));
    TRY(note_past(cx, r));
    return tx_commit(&tx);
}

enum status conversation_move(struct ctx *cx, struct row *r, const char *state)
{
    bool closes = text_is(state, "closed") && !text_is(row_text(r, CONVERSATION_STATE), "closed");

    row_set_text(r, CONVERSATION_STATE, state);
    if (text_is(state, "closed")) {
        row_set_i64(r, CONVERSATION_CLOSED_AT, ctx_now(cx));
        row_set_i64(r, CONVERSATION_UNREAD, 0);
    } else
        row_clear(r, CONVERSATION_CLOSED_AT);
    TRY(record_save(cx, r));
    return closes
               ? happen(cx, &(struct happening){ .name = "conversation.closed",
                                                 .row = r,
                                                 .contact_id = row_i64(r, CONVERSATION_CONTACT) })
               : OK;
}

enum status conversation_assign(struct ctx *cx, struct row *r, i64 user_id)
{
    bool news = user_id != 0 && user_id != row_i64(r, CONVERSATION_ASSIGNEE) &&
                user_id != cx->access->user_id;

    if (user_id != 0)
        row_set_i64(r, CONVERSATION_ASSIGNEE, user_id);
    else
        row_clear(r, CONVERSATION_ASSIGNEE);
    TRY(record_save(cx, r));
    return news ? tell(cx, r, NOTICE_WORK, user_id,
                       arena_printf(cx->arena, "The conversation with %s is yours",
                                    conversation_with(cx, r)))
                : OK;
}

enum status conversation_messages(struct ctx *cx, i64 conversation_id, i64 after, bool notes,
                                  int limit, struct val *list)
{
    scoped(stmt_close) struct stmt q =
        db_query(cx, "conversation.messages", I64("conversation", conversation_id),
                 I64("after", after), I64("notes", notes), I64("limit", limit));

    while (stmt_next(&q)) {
        struct val *one = val_add_map(list);
        i64 at = col_i64(&q, 4);
        val_put_text(one, "id", id_text(cx->arena, col_i64(&q, 0)));
        val_put_text(one, "author", col_text(&q, 1));
        val_put_text(one, "user", col_text(&q, 5));
        val_put_text(one, "text", col_text(&q, 3));
        val_put_i64(one, "at", at);
        val_put_text(one, "iso", time_iso(cx->arena, at));
        val_put_text(one, "time", zone_format(cx->arena, kit_zone(cx), at, "HH:mm"));
        val_put_text(one, "full", show_time_full(cx, at));
        val_put_text(one, "subject", col_text(&q, 6));
        val_put_text(one, "from", col_text(&q, 7));
        val_put_text(one, "message_id", col_text(&q, 8));
        val_put_text(one, "files", col_text(&q, 9));
        val_put_i64(one, "sent", col_i64(&q, 10));
        val_put_i64(one, "raw", col_i64(&q, 11));
        val_put_text(one, "cc", col_text(&q, 12));
    }
    return stmt_status(&q);
}

enum status conversation_is_staffed(struct ctx *cx, bool *out)
{
    i64 now = ctx_now(cx), here;

    *out = false;
    if (hours_between(cx, now, now + MS_MINUTE) < 1)
        return OK;
    TRY(db_get_i64(cx, &here, "conversation.here", I64("since", now - HERE_MS), I64("now", now)));
    *out = here > 0;
    return OK;
}

static const char *title_of(struct ctx *cx, const struct row *r)
{
    return arena_printf(cx->arena, "%s: %s", conversation_with(cx, r),
                        row_text(r, CONVERSATION_SUBJECT));
}

const struct record_type conversation_type = {
    .name = "conversation",
    .label = "Conversation",
    .plural = "Conversations",
    .path = "conversations",
    .icon = "message",
    .section = "service",
    .menu_order = 5,
    .sort = "-last_at",
    .title = CONVERSATION_SUBJECT,
    .title_of = title_of,
    .fields = fields,
    .field_count = CONVERSATION_FIELDS,
    .flags = TYPE_NO_CREATE,
    .empty = "What people write in the chat of your web site stands here, with the page they wrote "
             "from and what is known of them.",
    RELATED({ "conversation_message", "conversation_id", "Messages" }),
    ACTIONS({ "inbox", "Open in the inbox", "/inbox?id=:id", true, NULL }),
};
const struct record_type conversation_message_type = {
    .name = "conversation_message",
    .label = "Message",
    .plural = "Messages",
    .path = "conversation-messages",
    .icon = "message",
    .sort = "-created_at",
    .title = MESSAGE_TEXT,
    .fields = message_fields,
    .field_count = MESSAGE_FIELDS,
    .flags = TYPE_NO_CREATE | TYPE_NO_UPDATE | TYPE_SYSTEM,
};
struct filling {
    snippet_filling *how;
};

void snippet_set_filling(struct kit *k, snippet_filling *how)
{
    struct filling *f = calloc(1, sizeof *f);

    assert(f != NULL);
    f->how = how;
    kit_set_state(k, "conversation", f, free);
}

const char *snippet_said(struct ctx *cx, const char *text, const struct row *contact)
{
    const struct filling *f = kit_state(cx->kit, "conversation");

    return f == NULL ? text : f->how(cx, text, contact);
}

/* "Way to us!" is typed ;way-to-us */
static enum status snippet_validate(struct ctx *cx, struct row *r)
{
    const char *word = row_text(r, row_has(r, SNIPPET_SHORTCUT) ? SNIPPET_SHORTCUT : SNIPPET_NAME);

    row_set_text(r, SNIPPET_SHORTCUT, utf8_slug(cx->arena, word, 40));
    return OK;
}

const struct record_type snippet_type = {
    .name = "snippet",
    .label = "Snippet",
    .plural = "Snippets",
    .path = "snippets",
    .icon = "copy",
    .section = "service",
    .menu_order = MENU_SELDOM + 8,
    .sort = "name",
    .title = SNIPPET_NAME,
    .fields = snippet_fields,
    .field_count = SNIPPET_FIELDS,
    .seen_if = "shared = 'everyone'",
    .empty = "Answers that you give often: one click, or ; and a word, puts them into a message.",
    .validate = snippet_validate,
};

static const struct event_kind kinds[] = {
    { "conversation_started", "Conversation started", "message", KIND_TOUCH, "conversation" },
    { "chat_message", "Chat message", "message", 0, "conversation" },
    { "support_message", "Message", "message", 0, "conversation" },
};
const struct feature feature_conversation = {
    .name = "conversation",
    TYPES(&conversation_type, &conversation_message_type, &snippet_type),
    EVENT_KINDS(kinds),
};
