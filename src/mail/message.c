/* message.c -- mails handed over: the rows of mail_message, from mail_send to what is known of one
 * afterwards. delivery.c moves them on. */
#include "base/id.h"
#include "base/json.h"
#include "base/limits.h"
#include "base/utf8.h"
#include "kit/seal.h"
#include "mail/mail.h"
#include "mail/message_int.h"
#include "mail/sender.h"
#include "mail/track.h"
#include <string.h>

const char *mail_state_word(int state)
{
    static const char *const words[MAIL_STATES] = {
        [MAIL_WAITING] = "waiting",   [MAIL_SENDING] = "sending", [MAIL_SENT] = "sent",
        [MAIL_DEFERRED] = "deferred", [MAIL_BOUNCED] = "bounced", [MAIL_FAILED] = "failed",
        [MAIL_SKIPPED] = "skipped",   [MAIL_UNSURE] = "unsure",   [MAIL_HELD] = "held",
    };
    return state >= 0 && state < MAIL_STATES ? words[state] : "";
}

const char *mail_lane_word(int lane)
{
    static const char *const words[] = { "now", "person", "bulk" };
    return lane >= 0 && lane < (int)countof(words) ? words[lane] : "";
}

/* ---- handing over ---- */
bool mail_address_is(const char *address)
{
    const char *at = strrchr(address, '@');
    size_t len = strlen(address);

    if (at == NULL || at == address || at[1] == '\0' || at - address > 64 || len > 254 ||
        !utf8_valid(str_from(address)))
        return false;
    for (const unsigned char *p = (const unsigned char *)address; *p != '\0'; p++)
        if (*p <= ' ' || *p == 127 || strchr("<>()[],;:\\\"", *p) != NULL ||
            (*p == '@' && (const char *)p != at))
            return false;
    return at[1] != '.' && at[1] != '-' && strstr(at, "..") == NULL;
}

static enum status check(struct ctx *cx, const struct mail *m)
{
    if (m->to == NULL || !mail_address_is(m->to))
        return ctx_fail_code(cx, E_INVALID, "mail.address",
                             "'%s' is no mail address; write it like anna@example.com",
                             m->to != NULL ? utf8_cut(cx->arena, m->to, 80) : "");
    if (m->content_id == 0 && text_empty(m->html) && text_empty(m->text))
        return ctx_fail_code(cx, E_INVALID, "mail.empty",
                             "the mail says nothing: give content_id, html or text");
    if (m->content_id == 0 && text_empty(m->subject))
        return ctx_fail_code(cx, E_INVALID, "mail.subject", "the mail needs a subject");
    if ((m->subject != NULL && strlen(m->subject) > LIMIT_MAIL_SUBJECT_BYTES) ||
        (m->html != NULL && strlen(m->html) > LIMIT_MAIL_BODY_BYTES) ||
        (m->text != NULL && strlen(m->text) > LIMIT_MAIL_BODY_BYTES))
        return ctx_fail_code(cx, E_LIMIT, "mail.too_long",
                             "the mail is too long: at most %d bytes of subject and %d of text",
                             LIMIT_MAIL_SUBJECT_BYTES, LIMIT_MAIL_BODY_BYTES);
    if (m->file_count > LIMIT_MAIL_FILES)
        return ctx_fail_code(cx, E_LIMIT, "mail.files", "a mail has at most %d attachments",
                             LIMIT_MAIL_FILES);
    size_t bytes = 0;
    for (size_t i = 0; i < m->file_count; i++)
        bytes += m->files[i].bytes.len;
    if (bytes > LIMIT_MAIL_FILES_BYTES)
        return ctx_fail_code(cx, E_LIMIT, "mail.files",
                             "the attachments are %zu bytes together: at most %d are sent", bytes,
                             LIMIT_MAIL_FILES_BYTES);
    return OK;
}

static const char *or_empty(const char *text) { return text != NULL ? text : ""; }

static enum status add_parts(struct ctx *cx, const struct mail *m, i64 id)
{
    if (m->content_id == 0 || m->data != NULL)
        TRY(db_run(cx, "mail.add_body", I64("id", id), TEXT("subject", or_empty(m->subject)),
                   TEXT("html", or_empty(m->html)), TEXT("plain", or_empty(m->text)),
                   TEXT("data", m->data != NULL ? json_text(cx->arena, m->data) : ""),
                   TEXT("reply_to", or_empty(m->reply_to)),
                   TEXT("from_name", or_empty(m->from_name)),
                   TEXT("shown_to", or_empty(m->shown_to)), TEXT("cc", or_empty(m->cc)),
                   I64("automatic", m->automatic)));
    for (size_t i = 0; i < m->file_count; i++)
        TRY(db_run(cx, "mail.add_file", I64("id", kit_new_id(cx)), I64("message", id),
                   TEXT("name", m->files[i].name), TEXT("type", m->files[i].type),
                   BLOB("bytes", m->files[i].bytes.p, m->files[i].bytes.len)));
    return OK;
}

static enum status add_one(struct ctx *cx, const struct mail *m, i64 sender, i64 *message_id)
{
    i64 id = kit_new_id(cx), added;
    const char *domain = text_lower_ascii(cx->arena, strrchr(m->to, '@') + 1);
    i64 due = m->not_before_ms > 0 ? m->not_before_ms : ctx_now(cx);

    TRY(db_run_count(
        cx, &added, "mail.add", I64("id", id), I64("now", ctx_now(cx)), I64("lane", m->lane),
        I64("due", due), I64("sender", sender), MAYBE("contact", m->contact_id),
        MAYBE("user", m->user_id), TEXT("address", m->to), TEXT("to_name", or_empty(m->to_name)),
        TEXT("domain", domain), MAYBE("topic", m->topic_id), MAYBE("content", m->content_id),
        TEXT("source", m->source), I64("source_id", m->source_id), I64("variant", m->variant),
        TEXT("key", or_empty(m->key)), TEXT("in_reply_to", or_empty(m->in_reply_to)),
        TEXT("thread_refs", or_empty(m->references)), TEXT("subject", or_empty(m->subject))));
    if (added == 0)
        return db_get_i64(cx, message_id, "mail.by_key", TEXT("key", or_empty(m->key)));
    *message_id = id;
    return add_parts(cx, m, id);
}

static enum status sender_of(struct ctx *cx, const struct mail *m, i64 *sender)
{
    enum status s = OK;

    *sender = m->sender_id;
    if (*sender == 0)
        s = sender_default(cx, sender);
    if (s == E_NOT_FOUND)
        return ctx_fail_code(cx, E_INVALID, "mail.no_sender",
                             "There is no sender yet: make one under Settings, Senders.");
    return s;
}

enum status mail_send(struct ctx *cx, const struct mail *m, i64 *message_id)
{
    i64 sender, id;

    assert(m->source != NULL);
    TRY(check(cx, m));
    TRY(sender_of(cx, m, &sender));
    TRY(add_one(cx, m, sender, &id));
    if (message_id != NULL)
        *message_id = id;
    return OK;
}

enum status mail_send_many(struct ctx *cx, const struct mail *mails, size_t count, i64 *ids)
{
    i64 id;

    for (size_t i = 0; i < count; i++)
        TRY(mail_send(cx, &mails[i], ids != NULL ? &ids[i] : &id));
    return OK;
}

/* ---- all of a source ---- */
enum status mail_hold(struct ctx *cx, const char *source, i64 source_id, i64 *count)
{
    i64 n;

    TRY(db_run_count(cx, &n, "mail.hold", TEXT("source", source), I64("source_id", source_id)));
    if (count != NULL)
        *count = n;
    return OK;
}

enum status mail_release(struct ctx *cx, const char *source, i64 source_id, i64 *count)
{
    i64 n;

    TRY(db_run_count(cx, &n, "mail.release", TEXT("source", source), I64("source_id", source_id)));
    if (count != NULL)
        *count = n;
    return OK;
}

enum status mail_cancel(struct ctx *cx, const char *source, i64 source_id, const char *reason,
                        i64 *count)
{
    i64 n;

    TRY(db_run_count(cx, &n, "mail.cancel", TEXT("source", source), I64("source_id", source_id),
                     TEXT("reason", reason), I64("now", ctx_now(cx))));
    if (count != NULL)
        *count = n;
    return OK;
}

enum status mail_counts(struct ctx *cx, const char *source, i64 source_id, i64 variant,
                        i64 counts[MAIL_STATES])
{
    scoped(stmt_close) struct stmt q =
        variant < 0
            ? db_query(cx, "mail.counts", TEXT("source", source), I64("source_id", source_id))
            : db_query(cx, "mail.counts_of_variant", TEXT("source", source),
                       I64("source_id", source_id), I64("variant", variant));

    memset(counts, 0, MAIL_STATES * sizeof *counts);
    while (stmt_next(&q))
        if (col_i64(&q, 0) >= 0 && col_i64(&q, 0) < MAIL_STATES)
            counts[col_i64(&q, 0)] = col_i64(&q, 1);
    return stmt_status(&q);
}

enum status mail_underway(struct ctx *cx, const char *source, i64 source_id, i64 most, i64 *count)
{
    return db_get_i64(cx, count, "mail.underway", TEXT("source", source),
                      I64("source_id", source_id), I64("limit", most));
}

/* ---- one ---- */
/* The number of a mail and a proof that it is of ours: nobody can make up a report about a mail
 * whose Message-ID they have not seen. */
const char *mail_message_id(struct ctx *cx, i64 id, const char *domain)
{
    return arena_printf(cx->arena, "<%s.%s@%s>", id_text(cx->arena, id),
                        seal_proof(cx, "mail", id_text(cx->arena, id)), domain);
}

void mail_message_read(struct arena *a, struct stmt *q, struct mail_message *out)
{
    *out = (struct mail_message){
        .id = col_i64(q, 0),
        .created_at = col_i64(q, 1),
        .sender_id = col_i64(q, 2),
        .contact_id = col_i64(q, 3),
        .user_id = col_i64(q, 4),
        .topic_id = col_i64(q, 5),
        .content_id = col_i64(q, 6),
        .source_id = col_i64(q, 7),
        .variant = col_i64(q, 8),
        .state = (int)col_i64(q, 9),
        .lane = (int)col_i64(q, 10),
        .attempts = (int)col_i64(q, 11),
        .due_at = col_i64(q, 12),
        .sent_at = col_i64(q, 13),
        .finished_at = col_i64(q, 14),
        .to = arena_text(a, col_text(q, 15)),
        .to_name = arena_text(a, col_text(q, 16)),
        .source = arena_text(a, col_text(q, 17)),
        .reason = arena_text(a, col_text(q, 18)),
        .code = arena_text(a, col_text(q, 19)),
        .reply = arena_text(a, col_text(q, 20)),
        .in_reply_to = arena_text(a, col_text(q, 21)),
        .references = arena_text(a, col_text(q, 22)),
        .subject = arena_text(a, col_text(q, 23)),
    };
}

enum status mail_get(struct ctx *cx, i64 id, struct mail_message *out)
{
    scoped(stmt_close) struct stmt q = db_query(cx, "mail.get", I64("id", id));

    if (!stmt_next(&q)) {
        TRY(stmt_status(&q));
        return ctx_fail_code(cx, E_NOT_FOUND, "mail.unknown", "there is no such mail");
    }
    mail_message_read(cx->arena, &q, out);
    return OK;
}

enum status mail_by_message_id(struct ctx *cx, const char *message_id, struct mail_message *out)
{
    const char *p = message_id + strspn(message_id, "< \t");
    struct str name = { p, strcspn(p, ".@>") };
    enum status s;
    i64 id;

    if (!id_parse(name, &id) || p[name.len] != '.')
        return E_NOT_FOUND;
    const char *proof = seal_proof(cx, "mail", id_text(cx->arena, id));
    if (strncmp(p + name.len + 1, proof, strlen(proof)) != 0)
        return E_NOT_FOUND;
    s = mail_get(cx, id, out);
    if (s == E_NOT_FOUND)
        ctx_clear_error(cx);
    return s;
}

const char *mail_bounce_reason(int code, const char *enhanced)
{
    static const struct {
        const char *prefix, *reason;
    } by_status[] = {
        { "5.1.8", "policy" }, { "5.1.7", "policy" },       { "5.1.", "hard" },
        { "5.2.1", "hard" },   { "5.2.2", "mailbox_full" }, { "5.2.3", "content" },
        { "5.2.", "hard" },    { "5.3.4", "content" },      { "5.4.4", "hard" },
        { "5.6.", "content" }, { "5.7.", "policy" },
    };

    for (size_t i = 0; i < countof(by_status); i++)
        if (strncmp(enhanced, by_status[i].prefix, strlen(by_status[i].prefix)) == 0)
            return by_status[i].reason;
    if (enhanced[0] != '\0')
        return "other";
    return code == 550 || code == 551 || code == 553 ? "hard"
           : code == 552                             ? "mailbox_full"
           : code == 554 || code == 571              ? "policy"
                                                     : "other";
}

enum status mail_told(struct ctx *cx, const char *happening, const char *kind,
                      const struct mail_message *m)
{
    struct val *props = val_map(cx->arena);

    val_put_text(props, "message_id", id_text(cx->arena, m->id));
    val_put_text(props, "source", m->source);
    if (m->source_id != 0)
        val_put_text(props, "source_id", id_text(cx->arena, m->source_id));
    if (m->variant != 0)
        val_put_i64(props, "variant", m->variant);
    if (!text_empty(m->subject))
        val_put_text(props, "subject", utf8_cut(cx->arena, m->subject, 200));
    if (!text_empty(m->reason))
        val_put_text(props, "reason", m->reason);
    /* what a person wrote on the contact's page stands there already (email_write.c) */
    bool letter = text_is(m->source, "email") || text_is(m->source, "sequence");
    bool told = letter && text_is(kind, "mail_sent");
    if (m->contact_id != 0 && !told)
        TRY(journey_note(cx, &(struct journey_note){ .kind = kind,
                                                     .contact_id = m->contact_id,
                                                     .record_id = m->source_id,
                                                     .touch = track_touch(cx, m),
                                                     .props = props }));
    return happen(
        cx, &(struct happening){ .name = happening, .contact_id = m->contact_id, .props = props });
}

enum status mail_bounced(struct ctx *cx, i64 id, const char *reason, const char *code,
                         const char *text)
{
    struct mail_message m;
    i64 changed;

    TRY(db_run_count(cx, &changed, "mail.set_bounced", I64("id", id), TEXT("reason", reason),
                     TEXT("code", code), TEXT("reply", utf8_cut(cx->arena, text, 500)),
                     I64("now", ctx_now(cx))));
    if (changed == 0)
        return OK;
    TRY(db_run(cx, "mail.add_try", I64("id", kit_new_id(cx)), I64("message", id),
               I64("at", ctx_now(cx)), I64("state", MAIL_BOUNCED), TEXT("code", code),
               TEXT("reply", utf8_cut(cx->arena, text, 500)), TEXT("host", "")));
    TRY(mail_get(cx, id, &m));
    return mail_told(cx, "mail.bounced", "mail_bounce", &m);
}

static const struct event_kind kinds[] = {
    { "mail_sent", "Mail sent", "mail", KIND_OURS, NULL },
    { "mail_bounce", "Mail bounced", "mail-x", 0, NULL },
    { "mail_failed", "Mail could not be sent", "mail-x", 0, NULL },
};

static const struct merge_table merge_tables[] = {
    { "contact", "mail_message", "contact_id", "id" },
    { "contact", "mail_seen", "contact_id", "message_id" },
    { "contact", "mail_report", "contact_id", "id" },
};
const struct feature feature_message = { .name = "message",
                                         EVENT_KINDS(kinds),
                                         MERGE_TABLES(merge_tables) };
