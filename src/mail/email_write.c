/* email_write.c -- mails that people write on a contact's page: a reply or a new one, through their
 * own mail server like any mail that leaves here (mail.h), with their signature, kept in their Sent
 * folder and on the timeline. */
#include "base/buf.h"
#include "base/id.h"
#include "base/json.h"
#include "base/limits.h"
#include "base/utf8.h"
#include "bridge/contact.h"
#include "io/mime.h"
#include "kit/notice.h"
#include "kit/pages.h"
#include "kit/show.h"
#include "mail/content.h"
#include "mail/email_int.h"
#include "mail/email_send.h"
#include "mail/message_int.h"
#include "mail/sender.h"
#include "mail/snippet.h"
#include "store/queue.h"

enum { MAILBOXES_MAX = 20, TEMPLATES_MAX = 50, COPY_BYTES = 20 * 1024 * 1024 };

/* ---- what is being written ---- */

struct draft {
    struct req *rq;
    struct row *contact, *mailbox, *answered; /* answered may be NULL */
    const char *to, *subject, *text;
    bool quote;
};

/* One's own mailboxes that can send; *count 0: none. */
static enum status my_mailboxes(struct ctx *cx, struct row **list, size_t *count)
{
    i64 ids[MAILBOXES_MAX];
    size_t n = 0;

    {
        scoped(stmt_close) struct stmt q = db_query(
            cx, "mailbox.of_user", I64("user", cx->access->user_id), I64("limit", MAILBOXES_MAX));
        while (stmt_next(&q) && n < MAILBOXES_MAX)
            ids[n++] = col_i64(&q, 0);
        TRY(stmt_status(&q));
    }
    *count = 0;
    for (size_t i = 0; i < n; i++)
        if (record_get(cx, &mailbox_type, ids[i], &list[*count]) == OK)
            ++*count;
        else
            ctx_clear_error(cx);
    return OK;
}

static enum status answered_mail(struct req *rq, struct row **out)
{
    const char *typed = req_form(rq, "reply");
    i64 id;

    *out = NULL;
    if (text_empty(typed))
        typed = req_query(rq, "reply");
    if (!id_parse(str_from(typed), &id))
        return OK;
    return record_get(rq->cx, &email_type, id, out);
}

/* A library text, filled in for this contact. */
static enum status from_template(struct req *rq, const struct row *contact, const char **subject,
                                 const char **text)
{
    struct content_for who = { .contact = contact, .owner_id = rq->cx->access->user_id };
    struct content_mail mail;
    struct content *c;
    struct row *r;
    i64 id;

    if (!id_parse(str_from(req_query(rq, "template")), &id))
        return OK;
    TRY(record_get(rq->cx, &mail_content_type, id, &r));
    TRY(content_compile(rq->cx, r, &c));
    TRY(content_render(rq->cx, c, &who, &mail));
    *subject = mail.subject;
    *text = str_dup(rq->cx->arena, str_trim(str_from(mail.text)));
    return OK;
}

static void put_choice(struct val *list, const char *value, const char *text, bool on)
{
    struct val *one = val_add_map(list);

    val_put_text(one, "value", value);
    val_put_text(one, "text", text);
    val_put_bool(one, "selected", on);
}

static enum status put_templates(struct req *rq, struct val *page)
{
    struct ctx *cx = rq->cx;
    struct val *list = val_put_list(page, "templates");
    struct list_query q = { .filter = "purpose = 'personal'",
                            .sort = "name",
                            .limit = TEMPLATES_MAX };
    struct list_page found;
    enum status s = list_run(cx, &mail_content_type, &q, &found);

    if (s == E_FORBIDDEN) {
        ctx_clear_error(cx);
        return OK;
    }
    TRY(s);
    for (size_t i = 0; i < found.count; i++) {
        const char *id = id_text(cx->arena, row_id(found.rows[i]));
        put_choice(list, id, row_title(cx, found.rows[i]), text_is(id, req_query(rq, "template")));
    }
    return OK;
}

static const char *error_of(struct ctx *cx, const char *field)
{
    for (const struct field_error *e = cx->field_errors; e; e = e->next)
        if (text_is(e->field, field))
            return e->message;
    return "";
}

/* The page with the composer. Typed values stay after an error; inserted: what was typed and a
 * snippet, or NULL; preview: what it would say, or "". */
static enum status write_page(struct req *rq, struct row *contact, const char *inserted,
                              const char *preview)
{
    struct ctx *cx = rq->cx;
    struct val *page = val_map(cx->arena), *boxes = val_put_list(page, "mailboxes");
    struct row *list[MAILBOXES_MAX], *answered;
    const char *subject = "", *text = "", *to = row_text(contact, CONTACT_EMAIL);
    bool typed = rq->method == HTTP_POST;
    size_t count;

    TRY(my_mailboxes(cx, list, &count));
    TRY(answered_mail(rq, &answered));
    if (answered)
        subject = email_reply_subject(cx, row_text(answered, EMAIL_SUBJECT));
    if (!typed)
        TRY(from_template(rq, contact, &subject, &text));
    page_composer_tabs(rq, contact, "mail", val_put_list(page, "tabs"));
    for (size_t i = 0; i < count; i++)
        put_choice(boxes, id_text(cx->arena, row_id(list[i])),
                   arena_printf(cx->arena, "%s <%s>", row_text(list[i], MAILBOX_NAME),
                                row_text(list[i], MAILBOX_ADDRESS)),
                   text_is(req_form(rq, "mailbox"), id_text(cx->arena, row_id(list[i]))));
    val_put_printf(page, "title", "Write to %s", row_title(cx, contact));
    val_put_text(page, "contact_path", row_path(cx, contact));
    val_put_bool(page, "has_mailbox", count > 0);
    val_put_bool(page, "one_mailbox", count == 1);
    val_put_text(page, "from",
                 count ? arena_printf(cx->arena, "%s <%s>", row_text(list[0], MAILBOX_NAME),
                                      row_text(list[0], MAILBOX_ADDRESS))
                       : "");
    val_put_text(page, "action", arena_printf(cx->arena, "%s/mail", row_path(cx, contact)));
    val_put_text(page, "to", typed ? req_form(rq, "to") : to);
    val_put_text(page, "to_error", error_of(cx, "to"));
    val_put_text(page, "subject", typed ? req_form(rq, "subject") : subject);
    val_put_text(page, "subject_error", error_of(cx, "subject"));
    val_put_text(page, "text", inserted ? inserted : typed ? req_form(rq, "text") : text);
    val_put_text(page, "preview", preview);
    val_put_bool(page, "inserted", inserted != NULL);
    TRY(snippets_put(cx, val_put_list(page, "snippets")));
    val_put_bool(page, "has_snippets", val_count(val_get(page, "snippets")) > 0);
    val_put_text(page, "text_error", error_of(cx, "text"));
    val_put_text(page, "files_error", error_of(cx, "files"));
    val_put_text(page, "reply", answered ? id_text(cx->arena, row_id(answered)) : "");
    val_put_text(page, "answered", answered ? row_text(answered, EMAIL_SUBJECT) : "");
    val_put_text(page, "signature", count ? row_text(list[0], MAILBOX_SIGNATURE) : "");
    TRY(put_templates(rq, page));
    val_put_bool(page, "has_templates", val_count(val_get(page, "templates")) > 0);
    return reply(rq, "email/write", page);
}

/* GET /contacts/:id/mail?reply=ID&template=ID */
static enum status write_get(struct req *rq)
{
    struct row *contact;
    i64 id;

    TRY(req_id(rq, "id", &id));
    TRY(record_get(rq->cx, &contact_type, id, &contact));
    return write_page(rq, contact, NULL, "");
}

/* ---- sending ---- */

static enum status send_draft(struct ctx *cx, void *arg)
{
    struct draft *d = arg;
    struct mail_file files[EMAIL_FILES_MAX];
    struct row *email;
    size_t n = 0;

    for (; n < d->rq->file_count && n < EMAIL_FILES_MAX; n++) {
        const struct http_file *f = &d->rq->files[n];
        files[n] = (struct mail_file){ f->filename, f->type, f->bytes };
    }
    return email_send(cx,
                      &(struct email_out){ .mailbox = d->mailbox,
                                           .contact = d->contact,
                                           .answered = d->answered,
                                           .to = d->to,
                                           .subject = d->subject,
                                           .text = d->text,
                                           .quote = d->quote,
                                           .files = files,
                                           .file_count = n,
                                           .source = "email" },
                      &email);
}

static enum status choose_mailbox(struct req *rq, struct row **out)
{
    struct row *list[MAILBOXES_MAX];
    size_t count;

    TRY(my_mailboxes(rq->cx, list, &count));
    *out = NULL;
    for (size_t i = 0; i < count; i++)
        if (*out == NULL ||
            text_is(req_form(rq, "mailbox"), id_text(rq->cx->arena, row_id(list[i]))))
            *out = list[i];
    return *out ? OK
                : ctx_fail_field(rq->cx, "text", "mailbox.none",
                                 "Connect your mailbox first, with its outgoing server.");
}

static enum status check_draft(struct ctx *cx, const struct draft *d)
{
    size_t bytes = 0;

    for (size_t i = 0; i < d->rq->file_count; i++)
        bytes += d->rq->files[i].bytes.len;
    if (!mail_address_is(d->to))
        (void)ctx_fail_field(cx, "to", "mail.address", "Write the address like anna@example.com.");
    if (text_empty(d->subject))
        (void)ctx_fail_field(cx, "subject", "required", "Give the mail a subject.");
    if (text_empty(d->text))
        (void)ctx_fail_field(cx, "text", "required", "Write something first.");
    if (strlen(d->text) > LIMIT_LONG_TEXT_BYTES / 2)
        (void)ctx_fail_field(cx, "text", "text.too_long", "The mail is too long.");
    if (d->rq->file_count > EMAIL_FILES_MAX || bytes > LIMIT_MAIL_FILES_BYTES)
        (void)ctx_fail_field(cx, "files", "mail.files", "At most %d files with %d MB together.",
                             EMAIL_FILES_MAX, LIMIT_MAIL_FILES_BYTES >> 20);
    return cx->field_errors ? E_INVALID : OK;
}

/* Personal words in what was typed; without any it is taken as it is. */
static enum status fill_words(struct ctx *cx, const struct row *contact, const char *field,
                              const char **text)
{
    struct ctx probe = *cx;

    if (strstr(*text, "{{") == NULL)
        return OK;
    if (snippet_fill(&probe, *text, &(struct snippet_for){ .contact = contact }, text) == OK)
        return OK;
    return ctx_fail_field(cx, field, "mail.words", "%s", probe.error_text);
}

static enum status insert_snippet(struct req *rq, struct row *contact)
{
    struct ctx *cx = rq->cx;
    const char *typed = req_form(rq, "text"), *text;
    enum status s = snippet_text(cx, req_form(rq, "snippet"),
                                 &(struct snippet_for){ .contact = contact }, &text);

    if (s == E_NOT_FOUND) {
        ctx_clear_error(cx);
        text = "";
    } else {
        TRY(s);
    }
    return write_page(
        rq, contact,
        arena_printf(cx->arena, "%s%s%s", typed, text_empty(typed) ? "" : "\n\n", text), "");
}

/* POST /contacts/:id/mail {mailbox, to, subject, text, reply, quote, files}; do: preview, insert
 * {snippet} */
static enum status write_post(struct req *rq)
{
    struct ctx *cx = rq->cx;
    struct draft d = { .rq = rq };
    enum status s;
    i64 id;

    TRY(req_id(rq, "id", &id));
    TRY(record_get(cx, &contact_type, id, &d.contact));
    TRY(answered_mail(rq, &d.answered));
    d.to = str_dup(cx->arena, str_trim(str_from(req_form(rq, "to"))));
    d.subject = str_dup(cx->arena, str_trim(str_from(req_form(rq, "subject"))));
    d.text = req_form(rq, "text");
    d.quote = !text_empty(req_form(rq, "quote"));
    if (text_is(req_form(rq, "do"), "insert"))
        return insert_snippet(rq, d.contact);
    s = fill_words(cx, d.contact, "subject", &d.subject);
    if (s == OK)
        s = fill_words(cx, d.contact, "text", &d.text);
    if (s == OK && text_is(req_form(rq, "do"), "preview"))
        return write_page(rq, d.contact, NULL,
                          arena_printf(cx->arena, "%s\n\n%s", d.subject, d.text));
    if (s == OK)
        s = choose_mailbox(rq, &d.mailbox);
    if (s == OK)
        s = check_draft(cx, &d);
    if (s == OK)
        s = kit_write(cx, send_draft, &d);
    if (s == E_INVALID && !rq->wants_json && cx->field_errors) {
        reply_status(rq, 422);
        return write_page(rq, d.contact, NULL, "");
    }
    TRY(s);
    return reply_done(rq, row_path(cx, d.contact), "Your mail to %s is on its way.", d.to);
}

/* ---- what became of it ---- */

static enum status email_of(struct ctx *cx, const struct happening *h, struct row **out)
{
    enum status s;
    i64 id;

    *out = NULL;
    const char *source = val_get_text(h->props, "source");

    if ((!text_is(source, "email") && !text_is(source, "sequence")) ||
        !id_parse(str_from(val_get_text(h->props, "source_id")), &id))
        return OK;
    s = record_get(cx, &email_type, id, out);
    if (s == E_NOT_FOUND)
        ctx_clear_error(cx);
    return s == E_NOT_FOUND ? OK : s;
}

static enum status on_sent(struct ctx *cx, const struct happening *h)
{
    scoped(access_leave) struct access_guard guard = access_enter_system(cx);
    struct val *payload = val_map(cx->arena);
    struct row *r;

    TRY(email_of(cx, h, &r));
    if (r == NULL)
        return OK;
    row_set_text(r, EMAIL_STATE, "sent");
    TRY(record_save(cx, r));
    val_put_text(payload, "email", id_text(cx->arena, row_id(r)));
    return queue_add(cx, "mailbox.copy", id_text(cx->arena, row_id(r)),
                     json_text(cx->arena, payload), ctx_now(cx), NULL);
}

static enum status on_bounced(struct ctx *cx, const struct happening *h)
{
    scoped(access_leave) struct access_guard guard = access_enter_system(cx);
    struct row *r;

    TRY(email_of(cx, h, &r));
    if (r == NULL)
        return OK;
    row_set_text(r, EMAIL_STATE, "failed");
    TRY(record_save(cx, r));
    if (!row_has(r, EMAIL_OWNER))
        return OK;
    return notify_as(cx, NOTICE_TROUBLE, row_i64(r, EMAIL_OWNER), "mail-x",
                     arena_printf(cx->arena, "Not delivered: %s",
                                  utf8_cut(cx->arena, row_text(r, EMAIL_SUBJECT), 100)),
                     row_path(cx, r));
}

/* ---- the copy in Sent ---- */

static enum status copy_files(struct ctx *cx, i64 email, struct mime_file *files, size_t *count)
{
    scoped(stmt_close) struct stmt q =
        db_query(cx, "email.files", I64("email", email), I64("limit", EMAIL_FILES_MAX));

    *count = 0;
    while (stmt_next(&q) && *count < EMAIL_FILES_MAX) {
        struct str bytes = col_blob(&q, 2);
        files[(*count)++] = (struct mime_file){
            .name = arena_text(cx->arena, col_text(&q, 0)),
            .type = arena_text(cx->arena, col_text(&q, 1)),
            .bytes = { arena_dup(cx->arena, bytes.p, bytes.len), bytes.len },
        };
    }
    return stmt_status(&q);
}

static enum status write_copy(struct ctx *cx, const struct row *r, const struct row *mailbox,
                              struct buf *out)
{
    struct mime_file files[EMAIL_FILES_MAX];
    size_t count;
    const char *refs = row_text(r, EMAIL_REFERENCES), *last = strrchr(refs, ' ');

    TRY(copy_files(cx, row_id(r), files, &count));
    struct mime_mail m = {
        .from_name = row_text(mailbox, MAILBOX_NAME),
        .from = row_text(mailbox, MAILBOX_ADDRESS),
        .to = row_text(r, EMAIL_TO),
        .subject = row_text(r, EMAIL_SUBJECT),
        .message_id = email_bracketed(cx, row_text(r, EMAIL_MESSAGE_ID), ""),
        .in_reply_to = text_empty(refs) ? NULL : email_bracketed(cx, last ? last + 1 : refs, ""),
        .references = text_empty(refs) ? NULL : email_bracketed(cx, refs, ""),
        .date_ms = row_i64(r, EMAIL_AT),
        .text = row_text(r, EMAIL_TEXT),
        .files = files,
        .file_count = count,
        .seed = (u64)row_id(r),
    };
    mime_write(out, &m);
    return buf_status(out);
}

/* Once: a copy that is there already is found by its Message-ID. */
static enum status copy_job(struct job_run *job)
{
    struct ctx *cx = job->cx;
    struct buf b = buf_in(cx->arena, COPY_BYTES);
    struct mail_server server;
    struct row *r, *mailbox;
    struct imap *im;
    const char *folder;
    bool there;
    enum status s;
    i64 id;

    if (!id_parse(str_from(val_get_text(job->payload, "email")), &id))
        return OK;
    s = record_get(cx, &email_type, id, &r);
    if (s == OK)
        s = record_get(cx, &mailbox_type, row_i64(r, EMAIL_MAILBOX), &mailbox);
    if (s == OK && row_bool(mailbox, MAILBOX_SENT_COPY))
        s = db_get_text(cx, &folder, "mailbox.sent_folder", I64("id", row_id(mailbox)));
    else if (s == OK)
        return OK;
    if (s == E_NOT_FOUND) { /* disconnected meanwhile, or a server without such a folder */
        ctx_clear_error(cx);
        return OK;
    }
    TRY(s);
    TRY(write_copy(cx, r, mailbox, &b));
    TRY(mailbox_server(cx, mailbox, &server));
    TRY(imap_open(cx, &server, &im));
    s = imap_holds(cx, im, folder, row_text(r, EMAIL_MESSAGE_ID), &there);
    if (s == OK && !there)
        s = imap_append(cx, im, folder, (struct str){ b.p, b.len });
    imap_close(im);
    return s;
}

static const struct composer_tab tab = { "contact", "mail", "Mail", "mail", "/mail", "email" };

static enum status email_write_start(struct ctx *cx)
{
    pages_set_composer_tab(cx->kit, &tab);
    return OK;
}

static const struct route routes[] = {
    { HTTP_GET, "/contacts/:id/mail", write_get, NEEDS("email", VERB_READ) },
    { HTTP_POST, "/contacts/:id/mail", write_post, NEEDS("email", VERB_CREATE),
      .flags = ROUTE_UPLOAD | ROUTE_SLOW },
};
static const struct job_type jobs[] = {
    { "mailbox.copy", "Keep a copy of a mail in Sent", copy_job },
};
static const struct subscription subscriptions[] = {
    { "mail.sent", on_sent },
    { "mail.bounced", on_bounced },
    { "mail.failed", on_bounced },
};
const struct feature feature_email_write = {
    .name = "email_write",
    ROUTES(routes),
    JOBS(jobs),
    SUBSCRIPTIONS(subscriptions),
    .start = email_write_start,
};
