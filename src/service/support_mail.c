/* support_mail.c -- mail that came to support: which ticket it belongs to, or why to none. */
#include "service/support_mail.h"
#include "base/id.h"
#include "base/json.h"
#include "base/utf8.h"
#include "bridge/contact.h"
#include "kit/notice.h"
#include "kit/pages.h"
#include "mail/arrival.h"
#include "mail/bounce.h"
#include "service/inbound.h"
#include "service/ticket_int.h"
#include <sodium.h>
#include <strings.h>

enum {
    FILES_MOST = 20,
    FILE_BYTES_MOST = 10 * 1024 * 1024,  /* a larger one is in the source alone */
    FILES_BYTES_MOST = 20 * 1024 * 1024, /* of one mail */
    MERGES_MOST = 10,
    SUBJECT_BYTES = 300,
};

static const struct field fields[] = {
    [SUPPORT_SUBJECT] = { "subject", FIELD_TEXT, "Subject", COMPUTED | LISTED | SEARCHED,
                          .max_len = 300 },
    [SUPPORT_FROM] = { "from_address", FIELD_TEXT, "From", COMPUTED | LISTED | SEARCHED | INDEXED,
                       .max_len = 320 },
    [SUPPORT_OUTCOME] = { "outcome", FIELD_CHOICE, "What became of it", COMPUTED | LISTED | INDEXED,
                          .otherwise = "ticket",
                          .choices = CHOICES({ "ticket", "A new ticket", "green" },
                                             { "reply", "A message on a ticket", "green" },
                                             { "follow_up", "A follow-up ticket", "green" },
                                             { "duplicate", "Came twice", "gray" },
                                             { "automatic", "Automatic mail", "gray" },
                                             { "bounce", "Delivery report", "amber" },
                                             { "list", "Mailing list", "gray" },
                                             { "own", "From ourselves", "gray" },
                                             { "rate", "Too many at once", "red" },
                                             { "unreadable", "Cannot be read", "red" },
                                             { "failed", "Could not be taken", "red" }) },
    [SUPPORT_REASON] = { "reason", FIELD_TEXT, "Because", COMPUTED | LISTED, .max_len = 500 },
    [SUPPORT_TICKET] = { "ticket_id", FIELD_REF, "Ticket", COMPUTED | LISTED, .ref = "ticket" },
    [SUPPORT_MAILBOX] = { "mailbox_id", FIELD_REF, "Mailbox", COMPUTED, .ref = "mailbox" },
    [SUPPORT_MESSAGE_ID] = { "message_id", FIELD_TEXT, "Message-ID", COMPUTED | INDEXED,
                             .max_len = 250 },
    [SUPPORT_DIGEST] = { "digest", FIELD_TEXT, "Digest", INTERNAL, .max_len = 64 },
    [SUPPORT_ARRIVAL] = { "arrival_id", FIELD_INT, "Where its bytes are", INTERNAL },
    [SUPPORT_MESSAGE] = { "message_record_id", FIELD_REF, "Message", COMPUTED,
                          .ref = "conversation_message" },
    [SUPPORT_NOTE] = { "note", FIELD_TEXT, "Note", 0, .max_len = 500,
                       .help = "What was done about it." },
};
_Static_assert(countof(fields) == SUPPORT_FIELDS, "enum and table differ");

/* One mail on its way in. */
struct coming {
    struct arrival arrival;
    struct inbound in;
    struct row *row;
    const char *outcome, *reason;
    i64 ticket, message;
};

/* ---- threading ---- */
static enum status get_ticket(struct ctx *cx, i64 id, struct row **t)
{
    enum status s = record_get(cx, &ticket_type, id, t);

    if (s == E_NOT_FOUND)
        ctx_clear_error(cx);
    return s;
}

/* The ticket that this message is on: ours by its number, theirs as it was kept. */
static enum status by_message(struct ctx *cx, const char *message_id, struct row **t)
{
    struct mail_message mail;
    enum status s = mail_by_message_id(cx, arena_printf(cx->arena, "<%s>", message_id), &mail);
    i64 id;

    if (s == OK && strncmp(mail.source, "ticket", 6) == 0)
        return get_ticket(cx, mail.source_id, t);
    if (s != OK && s != E_NOT_FOUND)
        return s;
    ctx_clear_error(cx);
    TRY(db_get_i64(cx, &id, "ticket.by_message_id",
                   TEXT("message_id", utf8_fold(cx->arena, message_id))));
    return get_ticket(cx, id, t);
}

/* Whether they have been part of it: a subject's number alone is no proof of anything. */
static enum status is_participant(struct ctx *cx, const struct row *t, const char *from, bool *out)
{
    struct row *contact;
    enum status s;
    i64 one;

    *out = strcasecmp(row_text(t, TICKET_EMAIL), from) == 0;
    if (*out || text_empty(from))
        return OK;
    if (row_has(t, TICKET_CONTACT)) {
        s = record_get(cx, &contact_type, row_i64(t, TICKET_CONTACT), &contact);
        if (s == OK)
            *out = strcasecmp(row_text(contact, CONTACT_EMAIL), from) == 0;
        else if (s != E_NOT_FOUND)
            return s;
        ctx_clear_error(cx);
    }
    if (*out)
        return OK;
    s = db_get_i64(cx, &one, "ticket.is_participant",
                   I64("conversation", row_i64(t, TICKET_CONVERSATION)), TEXT("address", from));
    *out = s == OK;
    return s == E_NOT_FOUND ? OK : s;
}

static enum status by_tags(struct ctx *cx, const struct inbound *in, struct row **t)
{
    const char *code;

    for (size_t i = 0; i < in->tag_count; i++)
        if (ticket_tag_read(cx, in->tags[i], &code))
            return ticket_by_code(cx, code, t);
    return E_NOT_FOUND;
}

static enum status by_subject(struct ctx *cx, const struct inbound *in, struct row **t)
{
    bool theirs;

    if (text_empty(in->code))
        return E_NOT_FOUND;
    TRY(ticket_by_code(cx, in->code, t));
    TRY(is_participant(cx, *t, in->from, &theirs));
    return theirs ? OK : E_NOT_FOUND;
}

/* E_NOT_FOUND without text: it belongs to none. */
static enum status find_ticket(struct ctx *cx, const struct inbound *in, struct row **t)
{
    enum status s = E_NOT_FOUND;

    for (size_t i = 0; i < in->id_count && s == E_NOT_FOUND; i++)
        s = by_message(cx, in->ids[i], t);
    if (s == E_NOT_FOUND)
        s = by_tags(cx, in, t);
    if (s == E_NOT_FOUND)
        s = by_subject(cx, in, t);
    for (int i = 0; s == OK && i < MERGES_MOST && row_has(*t, TICKET_MERGED_INTO); i++)
        s = get_ticket(cx, row_i64(*t, TICKET_MERGED_INTO), t);
    return s;
}

/* ---- files ---- */
static enum status keep_files(struct ctx *cx, struct coming *c, const char **json)
{
    const struct letter *m = c->in.letter;
    struct val *list = val_list(cx->arena);
    size_t bytes = 0;

    *json = NULL;
    for (size_t i = 0; i < m->file_count; i++) {
        const struct letter_file *f = &m->files[i];
        struct val *one = val_add_map(list);
        bool kept = i < FILES_MOST && f->bytes.len <= FILE_BYTES_MOST &&
                    bytes + f->bytes.len <= FILES_BYTES_MOST;
        i64 id = kit_new_id(cx);
        val_put_text(one, "id", kept ? id_text(cx->arena, id) : "");
        val_put_text(one, "name", text_empty(f->name) ? "file" : f->name);
        val_put_text(one, "type", f->type);
        val_put_i64(one, "size", (i64)f->bytes.len);
        if (!kept)
            continue;
        bytes += f->bytes.len;
        TRY(db_run(cx, "support.add_file", I64("id", id), I64("mail", row_id(c->row)),
                   TEXT("name", text_empty(f->name) ? "file" : f->name), TEXT("type", f->type),
                   BLOB("bytes", f->bytes.p, f->bytes.len)));
    }
    if (m->file_count > 0)
        *json = json_text(cx->arena, list);
    return OK;
}

/* ---- taking ---- */
static enum status said_of(struct ctx *cx, struct coming *c, struct said *said)
{
    const struct inbound *in = &c->in;

    *said = (struct said){
        .text = in->text,
        .subject = utf8_cut(cx->arena, in->subject, SUBJECT_BYTES),
        .from = in->from,
        .message_id = in->letter ? in->letter->message_id : "",
        .raw_id = c->arrival.id,
    };
    TRY(ticket_cc_join(cx, "", in->cc, &said->cc));
    return in->letter ? keep_files(cx, c, &said->files) : OK;
}

static enum status queue_of(struct ctx *cx, const struct inbound *in, i64 *queue)
{
    *queue = 0;
    for (size_t i = 0; i < in->tag_count; i++) {
        enum status s = db_get_i64(cx, queue, "ticket.queue_by_tag",
                                   TEXT("tag", text_lower_ascii(cx->arena, in->tags[i])));
        if (s != E_NOT_FOUND)
            return s;
    }
    *queue = 0;
    return OK;
}

static enum status make_ticket(struct ctx *cx, struct coming *c, i64 follows)
{
    struct ticket_new n = { .channel = "mail",
                            .subject = text_empty(c->in.subject) ? "(no subject)" : c->in.subject,
                            .email = c->in.from,
                            .name = c->in.name,
                            .mailbox_id = c->arrival.mailbox_id,
                            .follows = follows };
    struct said said;
    struct row *t;

    TRY(said_of(cx, c, &said));
    n.said = &said;
    n.cc = said.cc;
    TRY(queue_of(cx, &c->in, &n.queue_id));
    TRY(ticket_make(cx, &n, &t, &c->message));
    c->ticket = row_id(t);
    return OK;
}

static enum status too_many(struct ctx *cx, struct coming *c, bool *out)
{
    i64 most = setting_i64(cx, "service.tickets_an_hour"), count = 0;

    *out = false;
    if (most <= 0 || text_empty(c->in.from))
        return OK;
    TRY(db_get_i64(cx, &count, "support.made_lately",
                   TEXT("address", utf8_fold(cx->arena, c->in.from)),
                   I64("since", ctx_now(cx) - MS_HOUR)));
    *out = count >= most;
    return OK;
}

/* Whom they wrote to beside us hears the answers from now on. */
static enum status take_copies(struct ctx *cx, struct row *t, const struct inbound *in)
{
    const char *all;

    if (text_empty(in->cc))
        return OK;
    TRY(ticket_cc_join(cx, row_text(t, TICKET_CC), in->cc, &all));
    row_set_text(t, TICKET_CC, all);
    return record_save(cx, t);
}

static enum status take_person(struct ctx *cx, struct coming *c)
{
    struct row *t;
    struct said said;
    enum status s = find_ticket(cx, &c->in, &t);
    bool many = false;

    if (s == OK && !text_is(row_text(t, TICKET_STATUS), "closed")) {
        TRY(said_of(cx, c, &said));
        c->outcome = "reply";
        c->ticket = row_id(t);
        TRY(take_copies(cx, t, &c->in));
        return ticket_receive(cx, t, &said, &c->message);
    }
    if (s != OK && s != E_NOT_FOUND)
        return s;
    TRY(too_many(cx, c, &many));
    if (many) {
        c->outcome = "rate";
        c->reason = "this sender opened too many tickets within an hour";
        return OK;
    }
    c->outcome = s == OK ? "follow_up" : "ticket";
    if (s != OK && c->in.letter) { /* an answer to another mail of ours is heard as one, too */
        bool was;
        TRY(reply_take(cx, c->in.letter, "mailbox", c->arrival.key, NULL, &was));
    }
    return make_ticket(cx, c, s == OK ? row_id(t) : 0);
}

static enum status take_machine(struct ctx *cx, struct coming *c)
{
    static const char *const outcomes[] = {
        [INBOUND_BOUNCE] = "bounce", [INBOUND_AUTOMATIC] = "automatic",   [INBOUND_LIST] = "list",
        [INBOUND_OWN] = "own",       [INBOUND_UNREADABLE] = "unreadable",
    };
    struct row *t;
    enum status s;

    c->outcome = outcomes[c->in.kind];
    c->reason = c->in.why;
    s = find_ticket(cx, &c->in, &t);
    if (s == OK)
        c->ticket = row_id(t);
    else if (s != E_NOT_FOUND)
        return s;
    if (c->in.kind == INBOUND_BOUNCE || c->in.kind == INBOUND_AUTOMATIC)
        return inbound_take(cx, c->arrival.bytes, "mailbox", c->arrival.key, NULL);
    return OK;
}

static const char *digest_of(struct ctx *cx, const struct inbound *in)
{
    unsigned char hash[16];
    char *hex = arena_alloc(cx->arena, sizeof hash * 2 + 1, 1);
    const char *all = arena_printf(cx->arena, "%s\n%s\n%s", in->from, in->subject, in->text);

    crypto_generichash(hash, sizeof hash, (const unsigned char *)all, strlen(all), NULL, 0);
    return sodium_bin2hex(hex, sizeof hash * 2 + 1, hash, sizeof hash);
}

/* The same Message-ID and the same words: it came another time. Programs that give all their mails
 * one Message-ID are told from that by what they say. */
static enum status came_before(struct ctx *cx, struct coming *c, bool *out)
{
    const char *id = c->in.letter ? c->in.letter->message_id : "";
    enum status s = E_NOT_FOUND;
    i64 ticket = 0;

    if (!text_empty(id))
        s = db_get_i64(cx, &ticket, "support.twin", TEXT("message_id", utf8_fold(cx->arena, id)),
                       TEXT("digest", digest_of(cx, &c->in)));
    *out = s == OK;
    if (s == OK) {
        c->outcome = "duplicate";
        c->reason = "the same mail was here before";
        c->ticket = ticket;
    }
    return s == E_NOT_FOUND ? OK : s;
}

static enum status decide(struct ctx *cx, struct coming *c)
{
    scoped(tx_end) struct tx tx = tx_begin(cx);
    bool before;

    TRY(tx.status);
    TRY(came_before(cx, c, &before));
    if (!before && c->in.kind == INBOUND_PERSON)
        TRY(take_person(cx, c));
    else if (!before)
        TRY(take_machine(cx, c));
    return tx_commit(&tx);
}

static enum status save_row(struct ctx *cx, struct coming *c)
{
    struct row *r = c->row;

    row_set_text(r, SUPPORT_SUBJECT, utf8_cut(cx->arena, c->in.subject, SUBJECT_BYTES));
    row_set_text(r, SUPPORT_FROM, c->in.from);
    row_set_text(r, SUPPORT_OUTCOME, c->outcome);
    row_set_text(r, SUPPORT_REASON, utf8_cut(cx->arena, c->reason, 500));
    row_set_text(r, SUPPORT_MESSAGE_ID, c->in.letter ? c->in.letter->message_id : "");
    row_set_text(r, SUPPORT_DIGEST, digest_of(cx, &c->in));
    row_set_i64(r, SUPPORT_ARRIVAL, c->arrival.id);
    if (c->arrival.mailbox_id)
        row_set_i64(r, SUPPORT_MAILBOX, c->arrival.mailbox_id);
    if (c->ticket)
        row_set_i64(r, SUPPORT_TICKET, c->ticket);
    if (c->message)
        row_set_i64(r, SUPPORT_MESSAGE, c->message);
    return record_save(cx, r);
}

static enum status read_coming(struct ctx *cx, i64 arrival, struct coming *c)
{
    const char *const *own;
    size_t count;

    *c = (struct coming){ .outcome = "", .reason = "" };
    TRY(arrival_get(cx, arrival, &c->arrival));
    TRY(support_own(cx, &own, &count));
    inbound_read(cx, c->arrival.bytes, own, count, &c->in);
    return OK;
}

/* A mail came: a message on a ticket, or a line that says why not. Never neither. */
static enum status on_arrived(struct ctx *cx, const struct happening *h)
{
    scoped(access_leave) struct access_guard guard = access_enter_system(cx);
    struct coming c;
    enum status s;
    i64 id;

    if (!id_parse(str_from(val_get_text(h->props, "arrival")), &id))
        return OK;
    TRY(read_coming(cx, id, &c));
    c.row = row_new(cx, &support_mail_type);
    row_set_id(c.row, kit_new_id(cx));
    s = decide(cx, &c);
    if (s == E_INVALID || s == E_LIMIT || s == E_CONFLICT || s == E_NOT_FOUND) {
        c.outcome = "failed";
        c.reason = arena_text(cx->arena, cx->error_text);
        c.ticket = c.message = 0;
        ctx_clear_error(cx);
    } else {
        TRY(s);
    }
    return save_row(cx, &c);
}

/* ---- what did not arrive ---- */

/* An answer came back: who cares for the ticket hears it, and it is to be answered another way. */
static enum status on_bounced(struct ctx *cx, const struct happening *h)
{
    scoped(access_leave) struct access_guard guard = access_enter_system(cx);
    struct row *t;
    enum status s;
    i64 id;

    if (!text_is(val_get_text(h->props, "source"), "ticket") ||
        !id_parse(str_from(val_get_text(h->props, "source_id")), &id))
        return OK;
    s = get_ticket(cx, id, &t);
    if (s == E_NOT_FOUND)
        return OK;
    TRY(s);
    if (row_has(t, TICKET_ASSIGNEE))
        TRY(notify_as(cx, NOTICE_TROUBLE, row_i64(t, TICKET_ASSIGNEE), "mail-x",
                      arena_printf(cx->arena, "An answer did not arrive: %s", row_title(cx, t)),
                      row_path(cx, t)));
    if (!text_is(row_text(t, TICKET_STATUS), "pending"))
        return OK;
    row_set_text(t, TICKET_STATUS, "open");
    return record_save(cx, t);
}

/* ---- pages ---- */
static enum status reply_bytes(struct req *rq, const char *name, struct str bytes)
{
    reply_header(rq, "Content-Disposition",
                 arena_printf(rq->cx->arena, "attachment; filename*=UTF-8''%s",
                              http_url_encode(rq->cx->arena, name)));
    reply_header(rq, "Content-Security-Policy", "sandbox; default-src 'none'");
    reply_header(rq, "Cache-Control", "private, no-store");
    return reply_text(rq, 200, "application/octet-stream", bytes);
}

static enum status source_of(struct req *rq, i64 arrival, const char *name)
{
    struct arrival a;
    enum status s = arrival_get(rq->cx, arrival, &a);

    if (s == E_NOT_FOUND)
        return ctx_fail(rq->cx, E_NOT_FOUND, "The source of this mail is no longer there.");
    TRY(s);
    return reply_bytes(rq, arena_printf(rq->cx->arena, "%s.eml", name), a.bytes);
}

/* GET /tickets/:id/source/:message -- a mail as it came. */
static enum status message_source_get(struct req *rq)
{
    struct row *t, *m;
    i64 id;

    TRY(page_record(rq, &ticket_type, &t));
    TRY(req_id(rq, "message", &id));
    scoped(access_leave) struct access_guard guard = access_enter_system(rq->cx);
    TRY(record_get(rq->cx, &conversation_message_type, id, &m));
    if (row_i64(m, MESSAGE_CONVERSATION) != row_i64(t, TICKET_CONVERSATION))
        return ctx_fail(rq->cx, E_NOT_FOUND, "There is no such message on this ticket.");
    return source_of(rq, row_i64(m, MESSAGE_RAW), row_text(t, TICKET_CODE));
}

/* GET /tickets/:id/files/:file -- of one of its messages. */
static enum status file_get(struct req *rq)
{
    struct ctx *cx = rq->cx;
    struct row *t;
    i64 file;

    TRY(page_record(rq, &ticket_type, &t));
    TRY(req_id(rq, "file", &file));
    scoped(stmt_close) struct stmt q =
        db_query(cx, "support.file", I64("id", file),
                 TEXT("like", arena_printf(cx->arena, "%%%s%%", id_text(cx->arena, file))),
                 I64("conversation", row_i64(t, TICKET_CONVERSATION)));
    if (!stmt_next(&q)) {
        TRY(stmt_status(&q));
        return ctx_fail(cx, E_NOT_FOUND, "There is no such file.");
    }
    struct str bytes = col_blob(&q, 1);
    bytes.p = arena_dup(cx->arena, bytes.p, bytes.len);
    return reply_bytes(rq, arena_text(cx->arena, col_text(&q, 0)), bytes);
}

/* GET /support-mails/:id/source */
static enum status source_get(struct req *rq)
{
    struct row *r;

    TRY(page_record(rq, &support_mail_type, &r));
    return source_of(rq, row_i64(r, SUPPORT_ARRIVAL), "mail");
}

/* POST /support-mails/:id/ticket -- what was passed over becomes a ticket, because somebody says
 * so. */
static enum status make_post(struct req *rq)
{
    struct ctx *cx = rq->cx;
    struct row *r, *t;
    struct coming c;

    TRY(page_record(rq, &support_mail_type, &r));
    if (row_has(r, SUPPORT_MESSAGE)) {
        TRY(record_get(cx, &ticket_type, row_i64(r, SUPPORT_TICKET), &t));
        return reply_redirect(rq, row_path(cx, t));
    }
    scoped(access_leave) struct access_guard guard = access_enter_system(cx);
    TRY(read_coming(cx, row_i64(r, SUPPORT_ARRIVAL), &c));
    c.row = r;
    TRY(make_ticket(cx, &c, 0));
    c.outcome = "ticket";
    c.reason = arena_printf(cx->arena, "%s made it one", cx->access->name);
    TRY(save_row(cx, &c));
    TRY(record_get(cx, &ticket_type, c.ticket, &t));
    return reply_done(rq, row_path(cx, t), "It is %s.", row_text(t, TICKET_CODE));
}

static bool is_none(struct ctx *cx, const struct row *r)
{
    (void)cx;
    return !row_has(r, SUPPORT_MESSAGE);
}

const struct record_type support_mail_type = {
    .name = "support_mail",
    .label = "Support mail",
    .plural = "Support mails",
    .path = "support-mails",
    .icon = "inbox",
    .section = "service",
    .menu_order = MENU_SELDOM + 8,
    .sort = "-created_at",
    .title = SUPPORT_SUBJECT,
    .fields = fields,
    .field_count = SUPPORT_FIELDS,
    .flags = TYPE_NO_CREATE | TYPE_SYSTEM,
    .empty = "Every mail that came to support, and what became of it. What made no ticket stands "
             "here with the reason, and can be made one.",
    ACTIONS({ "ticket", "Make it a ticket", NULL, true, is_none },
            { "source", "Source", "/support-mails/:id/source" }),
};

static const struct route routes[] = {
    { HTTP_GET, "/tickets/:id/source/:message", message_source_get, NEEDS("ticket", VERB_READ) },
    { HTTP_GET, "/tickets/:id/files/:file", file_get, NEEDS("ticket", VERB_READ) },
    { HTTP_GET, "/support-mails/:id/source", source_get, NEEDS("support_mail", VERB_READ) },
    { HTTP_POST, "/support-mails/:id/ticket", make_post, NEEDS("ticket", VERB_CREATE) },
};
static const struct subscription subscriptions[] = {
    { "mail.arrived", on_arrived },
    { "mail.bounced", on_bounced },
};
static const struct setting settings[] = {
    { "service.tickets_an_hour", FIELD_INT, "Tickets from one mail address within an hour",
      "More are kept in the list of support mails: two machines may be writing to each other. 0: "
      "any "
      "number.",
      "10", .group = "Service" },
};
const struct feature feature_support_mail = {
    .name = "support_mail",
    TYPES(&support_mail_type),
    ROUTES(routes),
    SUBSCRIPTIONS(subscriptions),
    SETTINGS(settings),
};
