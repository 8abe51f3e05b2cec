/* email_send.c -- see email_send.h. */
#include "mail/email_send.h"
#include "base/buf.h"
#include "base/id.h"
#include "base/json.h"
#include "base/limits.h"
#include "base/utf8.h"
#include "bridge/contact.h"
#include "kit/show.h"
#include "kit/template.h"
#include "mail/email_int.h"
#include "mail/message_int.h"
#include <strings.h>

enum { QUOTE_BYTES = 20000 };

const char *email_reply_subject(struct ctx *cx, const char *subject)
{
    return strncasecmp(subject, "re:", 3) == 0 || strncasecmp(subject, "aw:", 3) == 0
               ? subject
               : arena_printf(cx->arena, "Re: %s", subject);
}

static void add_quote(struct ctx *cx, struct buf *b, const struct row *answered)
{
    struct str rest = str_from(utf8_cut(cx->arena, row_text(answered, EMAIL_TEXT), QUOTE_BYTES)),
               line;

    buf_printf(b, "\n\nOn %s, %s wrote:\n", show_time_full(cx, row_i64(answered, EMAIL_AT)),
               row_text(answered, EMAIL_FROM));
    while (str_split(&rest, '\n', &line)) {
        buf_text(b, line.len && *line.p == '>' ? ">" : "> ");
        buf_str(b, line);
        buf_char(b, '\n');
    }
}

static const char *whole_text(struct ctx *cx, const struct email_out *d)
{
    struct buf b = buf_in(cx->arena, LIMIT_LONG_TEXT_BYTES);

    buf_str(&b, str_trim(str_from(d->text)));
    if (row_has(d->mailbox, MAILBOX_SIGNATURE))
        buf_printf(&b, "\n\n-- \n%s", row_text(d->mailbox, MAILBOX_SIGNATURE));
    if (d->answered && d->quote)
        add_quote(cx, &b, d->answered);
    return utf8_cut(cx->arena, buf_end(&b), LIMIT_LONG_TEXT_BYTES - 1);
}

static enum status keep_files(struct ctx *cx, const struct email_out *d, struct row *r)
{
    struct val *list = val_list(cx->arena);

    for (size_t i = 0; i < d->file_count && i < EMAIL_FILES_MAX; i++) {
        const struct mail_file *f = &d->files[i];
        i64 id = kit_new_id(cx);
        struct val *one = val_add_map(list);
        val_put_text(one, "id", id_text(cx->arena, id));
        val_put_text(one, "name", f->name);
        val_put_text(one, "type", f->type);
        val_put_i64(one, "size", (i64)f->bytes.len);
        TRY(db_run(cx, "email.add_file", I64("id", id), I64("email", row_id(r)),
                   TEXT("name", f->name), TEXT("type", f->type),
                   BLOB("bytes", f->bytes.p, f->bytes.len)));
    }
    if (d->file_count > 0)
        row_set_text(r, EMAIL_FILES, json_text(cx->arena, list));
    return OK;
}

/* The same words as HTML, so that a picture can tell that they were seen. NULL: there are no
 * templates. */
static enum status as_html(struct ctx *cx, const char *text, const char **out)
{
    struct buf b = buf_in(cx->arena, LIMIT_LONG_TEXT_BYTES * 6);
    struct val *v = val_map(cx->arena), *lines = val_put_list(v, "lines");
    struct str rest = str_from(text), line;

    *out = NULL;
    if (kit_templates(cx->kit) == NULL)
        return OK;
    while (str_split(&rest, '\n', &line))
        val_put_text(val_add_map(lines), "text", str_dup(cx->arena, line));
    TRY(template_render(cx, kit_templates(cx->kit), "email/letter", v, &b));
    *out = buf_end(&b);
    return OK;
}

/* "<a@x> <b@x>" of "a@x b@x" and one more. */
const char *email_bracketed(struct ctx *cx, const char *ids, const char *last)
{
    struct buf b = buf_in(cx->arena, 20000);
    struct str rest = str_from(arena_printf(cx->arena, "%s %s", ids, last)), one,
               before = { "", 0 };

    while (str_split(&rest, ' ', &one))
        if (one.len > 0 && !str_equal(one, before)) {
            buf_printf(&b, "%s<%.*s>", b.len ? " " : "", (int)one.len, one.p);
            before = one;
        }
    return buf_end(&b);
}

static enum status fill_row(struct ctx *cx, struct row *r, const struct email_out *d, i64 mail_id)
{
    const char *from = row_text(d->mailbox, MAILBOX_ADDRESS), *thread, *answered = "", *refs = "";
    const char *id = mail_message_id(cx, mail_id, strrchr(from, '@') + 1);

    id = arena_dup(cx->arena, id + 1, strlen(id) - 2);
    if (d->answered) {
        answered = row_text(d->answered, EMAIL_MESSAGE_ID);
        refs = arena_printf(cx->arena, "%s %s", row_text(d->answered, EMAIL_REFERENCES), answered);
    }
    TRY(email_thread(cx, id, answered, refs, &thread));
    row_set_i64(r, EMAIL_MAIL, mail_id);
    row_set_text(r, EMAIL_MESSAGE_ID, id);
    row_set_text(r, EMAIL_KEY, arena_printf(cx->arena, "%s %s", id, from));
    row_set_text(r, EMAIL_THREAD, thread);
    row_set_text(r, EMAIL_REFERENCES, str_dup(cx->arena, str_trim(str_from(refs))));
    return OK;
}

static void fill_email(struct ctx *cx, struct row *r, const struct email_out *d, const char *text)
{
    row_set_text(r, EMAIL_SUBJECT, d->subject);
    row_set_text(r, EMAIL_DIRECTION, "out");
    row_set_text(r, EMAIL_STATE, "sending");
    row_set_i64(r, EMAIL_AT, ctx_now(cx));
    row_set_i64(r, EMAIL_CONTACT, row_id(d->contact));
    if (row_has(d->contact, CONTACT_COMPANY))
        row_set_i64(r, EMAIL_COMPANY, row_i64(d->contact, CONTACT_COMPANY));
    row_set_i64(r, EMAIL_OWNER, row_i64(d->mailbox, MAILBOX_OWNER));
    row_set_i64(r, EMAIL_MAILBOX, row_id(d->mailbox));
    row_set_text(r, EMAIL_FROM,
                 arena_printf(cx->arena, "%s <%s>", row_text(d->mailbox, MAILBOX_NAME),
                              row_text(d->mailbox, MAILBOX_ADDRESS)));
    row_set_text(r, EMAIL_TO, d->to);
    row_set_text(r, EMAIL_TEXT, text);
    row_set_text(r, EMAIL_SHARED, row_text(d->mailbox, MAILBOX_SHARED));
}

static enum status hand_over(struct ctx *cx, const struct email_out *d, const struct row *r,
                             const char *text, i64 *mail_id)
{
    const char *answered = d->answered ? row_text(d->answered, EMAIL_MESSAGE_ID) : "";
    struct mail m = {
        .lane = MAIL_LANE_PERSON,
        .sender_id = row_i64(d->mailbox, MAILBOX_SENDER),
        .contact_id = row_id(d->contact),
        .to = d->to,
        .to_name = row_title(cx, d->contact),
        .subject = d->subject,
        .text = text,
        .source = d->source,
        .source_id = row_id(r),
        .key = d->key,
        .user_id = row_i64(d->mailbox, MAILBOX_OWNER),
        .files = d->files,
        .file_count = d->file_count,
    };

    if (d->opens)
        TRY(as_html(cx, text, &m.html));
    if (d->answered) {
        m.references = email_bracketed(cx, row_text(d->answered, EMAIL_REFERENCES), answered);
        m.in_reply_to = text_empty(answered) ? NULL : email_bracketed(cx, answered, "");
    }
    return mail_send(cx, &m, mail_id);
}

static enum status tell(struct ctx *cx, const struct email_out *d, const struct row *r)
{
    struct val *props = val_map(cx->arena);

    val_put_text(props, "by", row_text(d->mailbox, MAILBOX_NAME));
    if (text_is(row_text(r, EMAIL_SHARED), "everyone")) {
        val_put_text(props, "subject", utf8_cut(cx->arena, d->subject, 200));
        val_put_text(props, "text", utf8_cut(cx->arena, d->text, 500));
    }
    return journey_note(cx, &(struct journey_note){ .kind = "mail_written",
                                                    .contact_id = row_id(d->contact),
                                                    .record_id = row_id(r),
                                                    .props = props });
}

enum status email_send(struct ctx *cx, const struct email_out *d, struct row **email)
{
    scoped(access_leave) struct access_guard guard = access_enter_system(cx);
    struct row *r = row_new(cx, &email_type);
    const char *text = whole_text(cx, d);
    i64 mail_id;

    row_set_id(r, kit_new_id(cx));
    TRY(keep_files(cx, d, r));
    TRY(hand_over(cx, d, r, text, &mail_id));
    fill_email(cx, r, d, text);
    TRY(fill_row(cx, r, d, mail_id));
    TRY(record_save(cx, r));
    TRY(db_run(cx, "email.add_person", I64("email", row_id(r)),
               I64("contact", row_id(d->contact))));
    *email = r;
    return tell(cx, d, r);
}

enum status email_mailbox_of(struct ctx *cx, i64 user_id, struct row **out)
{
    scoped(access_leave) struct access_guard guard = access_enter_system(cx);
    i64 id;

    TRY(db_get_i64(cx, &id, "mailbox.of_user", I64("user", user_id), I64("limit", 1)));
    return record_get(cx, &mailbox_type, id, out);
}

enum status email_take_off(struct ctx *cx, struct row *email, const char *source,
                           const char *reason, bool *off)
{
    scoped(access_leave) struct access_guard guard = access_enter_system(cx);
    i64 count = 0;

    *off = false;
    if (!text_is(row_text(email, EMAIL_STATE), "sending"))
        return OK;
    TRY(mail_cancel(cx, source, row_id(email), reason, &count));
    *off = count > 0;
    if (!*off)
        return OK;
    row_set_text(email, EMAIL_STATE, "failed");
    return record_save(cx, email);
}
