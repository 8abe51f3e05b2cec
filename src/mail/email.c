/* email.c -- mails of people's mailboxes as records: what is taken and what is not, whose timeline
 * it joins, and the pages that show a thread. See mailbox.h. */
#include "base/buf.h"
#include "base/id.h"
#include "base/json.h"
#include "base/limits.h"
#include "base/utf8.h"
#include "bridge/company.h"
#include "bridge/contact.h"
#include "kit/pages.h"
#include "kit/show.h"
#include "mail/bounce.h"
#include "mail/content_int.h"
#include "mail/email_int.h"
#include <strings.h>

enum {
    FILE_BYTES = 10 * 1024 * 1024, /* of one mail, kept; larger ones are named only */
    HTML_BYTES = LIMIT_LONG_TEXT_BYTES,
    NOTE_BYTES = 500,
    THREAD_MAX = 100, /* mails on one page */
    PEOPLE_MAX = 20,  /* contacts of one mail */
    CALENDAR_BYTES = 256 * 1024,
};

static const struct field fields[] = {
    [EMAIL_SUBJECT] = { "subject", FIELD_TEXT, "Subject", LISTED | SEARCHED, .max_len = 998 },
    [EMAIL_DIRECTION] = { "direction", FIELD_CHOICE, "Direction", REQUIRED | LISTED,
                          .otherwise = "in",
                          .choices = CHOICES({ "in", "Received", "blue" },
                                             { "out", "Written", "green" }) },
    [EMAIL_STATE] = { "state", FIELD_CHOICE, "State", 0, .otherwise = "there",
                      .choices =
                          CHOICES({ "there", "In the mailbox", "gray" },
                                  { "sending", "Being sent", "amber" }, { "sent", "Sent", "green" },
                                  { "failed", "Not delivered", "red" }) },
    [EMAIL_AT] = { "at", FIELD_TIME, "When", LISTED | INDEXED, .otherwise = "now" },
    [EMAIL_CONTACT] = { "contact_id", FIELD_REF, "Contact", LISTED, .ref = "contact" },
    [EMAIL_COMPANY] = { "company_id", FIELD_REF, "Company", 0, .ref = "company" },
    [EMAIL_OWNER] = { "owner_id", FIELD_REF, "Colleague", LISTED | OWNER, .ref = "user" },
    [EMAIL_MAILBOX] = { "mailbox_id", FIELD_REF, "Mailbox", INTERNAL, .ref = "mailbox" },
    [EMAIL_FROM] = { "from", FIELD_TEXT, "From", SEARCHED, .max_len = 600 },
    [EMAIL_TO] = { "to", FIELD_LONG, "To", 0, .max_len = 8000 },
    [EMAIL_CC] = { "cc", FIELD_LONG, "Copy to", 0, .max_len = 8000 },
    [EMAIL_TEXT] = { "text", FIELD_LONG, "Text", SEARCHED },
    [EMAIL_FILES] = { "files", FIELD_JSON, "Files", 0 },
    [EMAIL_SHARED] = { "shared", FIELD_CHOICE, "Who sees it", REQUIRED, .otherwise = "everyone",
                       .choices = CHOICES({ "everyone", "Colleagues who see the contact", "green" },
                                          { "me", "Only its owner", "gray" }) },
    [EMAIL_KEY] = { "mail_key", FIELD_TEXT, "Key", INTERNAL | UNIQUE, .max_len = 700 },
    [EMAIL_MESSAGE_ID] = { "message_id", FIELD_TEXT, "Message-ID", INTERNAL | INDEXED,
                           .max_len = 300 },
    [EMAIL_THREAD] = { "thread", FIELD_TEXT, "Thread", INTERNAL | INDEXED, .max_len = 300 },
    [EMAIL_REFERENCES] = { "reply_refs", FIELD_LONG, "References", INTERNAL, .max_len = 16000 },
    [EMAIL_HTML] = { "html", FIELD_LONG, "HTML", INTERNAL },
    [EMAIL_MAIL] = { "mail_id", FIELD_INT, "Message", INTERNAL },
};
_Static_assert(countof(fields) == EMAIL_FIELDS, "enum and table differ");

/* ---- who takes part ---- */

struct part {
    const char *address, *name;
    bool internal;
    i64 contact, company;
};
struct parts {
    struct part list[3 * PEOPLE_MAX];
    size_t count;
    bool out; /* written by the mailbox's owner */
};

static void add_parts(struct parts *p, const struct letter_people *people)
{
    for (size_t i = 0; i < people->count && i < PEOPLE_MAX && p->count < countof(p->list); i++) {
        bool known = false;
        for (size_t j = 0; j < p->count; j++)
            known |= text_is(p->list[j].address, people->list[i].address);
        if (!known)
            p->list[p->count++] =
                (struct part){ .address = people->list[i].address, .name = people->list[i].name };
    }
}

/* A colleague: the domain of the mailbox or a user of ours. */
static enum status find_parts(struct ctx *cx, const struct row *mailbox, const struct letter *m,
                              struct parts *p)
{
    const char *domain = company_domain_of(cx, row_text(mailbox, MAILBOX_ADDRESS));
    i64 id;

    *p = (struct parts){ .out = m->from.count && mailbox_is_own(mailbox, m->from.list[0].address) };
    add_parts(p, &m->from);
    add_parts(p, &m->to);
    add_parts(p, &m->cc);
    add_parts(p, &m->bcc);
    for (size_t i = 0; i < p->count; i++) {
        struct part *one = &p->list[i];
        const char *at = strrchr(one->address, '@');
        one->internal = mailbox_is_own(mailbox, one->address) ||
                        (!text_empty(domain) && strcasecmp(at + 1, domain) == 0);
        if (one->internal)
            continue;
        enum status s = db_get_i64(cx, &id, "email.is_user", TEXT("address", one->address));
        one->internal = s == OK;
        if (s == E_NOT_FOUND)
            s = db_get_i64(cx, &one->contact, "email.contact", TEXT("address", one->address));
        if (s != OK && s != E_NOT_FOUND)
            return s;
    }
    return OK;
}

static bool is_marked_private(const struct letter *m)
{
    static const char *const words[] = { "private", "personal", "company-confidential" };
    const char *mark = mime_header(m, "Sensitivity");

    for (size_t i = 0; i < countof(words); i++)
        if (strcasecmp(mark, words[i]) == 0)
            return true;
    return strncasecmp(m->subject, "[private]", 9) == 0 ||
           strncasecmp(m->subject, "[privat]", 8) == 0;
}

static bool is_bulk(const struct letter *m)
{
    const char *precedence = mime_header(m, "Precedence");

    return !text_empty(mime_header(m, "List-Unsubscribe")) ||
           !text_empty(mime_header(m, "List-Id")) || strcasecmp(precedence, "bulk") == 0 ||
           strcasecmp(precedence, "junk") == 0 || strcasecmp(precedence, "list") == 0;
}

/* A report must be read whole to be told from others. */
static bool may_be_report(const struct letter *m)
{
    return str_is(str_trim(str_from(mime_header(m, "Return-Path"))), "<>") ||
           str_contains_fold(str_from(mime_header(m, "Content-Type")), "multipart/report") ||
           (m->from.count && strncmp(m->from.list[0].address, "mailer-daemon@", 14) == 0);
}

static const char *key_of(struct ctx *cx, const struct letter *m)
{
    const char *from = m->from.count ? m->from.list[0].address : "";

    if (!text_empty(m->message_id))
        return arena_printf(cx->arena, "%s %s", m->message_id, from);
    u64 hash = str_hash(str_from(arena_printf(cx->arena, "%s|%s|%lld|%.2000s", from, m->subject,
                                              (long long)m->date_ms, m->text)));
    return arena_printf(cx->arena, "no-id-%016llx %s", (unsigned long long)hash, from);
}

static enum status is_known(struct ctx *cx, const struct letter *m, bool *out)
{
    const char *key = utf8_cut(cx->arena, key_of(cx, m), 700);
    i64 id;
    enum status s = db_get_i64(cx, &id, "email.by_key", TEXT("key", utf8_fold(cx->arena, key)),
                               TEXT("id", utf8_fold(cx->arena, m->message_id)));

    *out = s == OK;
    return s == E_NOT_FOUND ? OK : s;
}

enum status email_judge(struct ctx *cx, const struct row *mailbox, const struct letter *m,
                        enum email_taken *out)
{
    bool everybody = text_is(row_text(mailbox, MAILBOX_IMPORT), "everybody"), known;
    struct parts p;

    *out = EMAIL_TAKEN;
    if (may_be_report(m))
        return OK;
    if (is_marked_private(m)) {
        *out = EMAIL_PRIVATE;
        return OK;
    }
    if (is_bulk(m)) {
        *out = EMAIL_BULK;
        return OK;
    }
    TRY(is_known(cx, m, &known));
    if (known) {
        *out = EMAIL_KNOWN_ALREADY;
        return OK;
    }
    TRY(find_parts(cx, mailbox, m, &p));
    *out = EMAIL_NOT_OURS;
    for (size_t i = 0; i < p.count; i++)
        if (!p.list[i].internal && (everybody || p.list[i].contact))
            *out = EMAIL_TAKEN;
    return OK;
}

/* ---- taking one ---- */

/* "everybody": who wrote it, or to whom it was written, becomes a contact. */
static enum status make_contacts(struct ctx *cx, struct parts *p, const struct letter *m)
{
    for (size_t i = 0; i < p->count; i++) {
        struct part *one = &p->list[i];
        struct row *r;
        bool made;
        if (one->internal || one->contact || (!p->out && i >= m->from.count))
            continue;
        struct ctx probe = *cx;
        if (contact_by_email(&probe, one->address, &r, &made) != OK)
            continue; /* no address that a contact may have */
        if (made) {
            struct str rest = str_from(one->name), first;
            if (str_split(&rest, ' ', &first) && rest.len > 0) {
                row_set_text(r, CONTACT_FIRST, utf8_cut(cx->arena, str_dup(cx->arena, first), 80));
                row_set_text(r, CONTACT_LAST, utf8_cut(cx->arena, str_dup(cx->arena, rest), 80));
            }
            row_set_text(r, CONTACT_CHANNEL, "email");
            TRY(record_save(cx, r));
        }
        one->contact = row_id(r);
    }
    return OK;
}

static const char *people_text(struct ctx *cx, const struct letter_people *people)
{
    struct buf b = buf_in(cx->arena, 8000);

    for (size_t i = 0; i < people->count && b.len < 7000; i++) {
        const struct letter_person *one = &people->list[i];
        buf_text(&b, i ? ", " : "");
        if (text_empty(one->name))
            buf_text(&b, one->address);
        else
            buf_printf(&b, "%s <%s>", one->name, one->address);
    }
    return buf_end(&b);
}

/* The thread of what it answers, else of the first mail that it names, else its own. */
enum status email_thread(struct ctx *cx, const char *message_id, const char *in_reply_to,
                         const char *references, const char **thread)
{
    struct str rest = str_from(references), one, root = { "", 0 };
    enum status s = E_NOT_FOUND;

    while (str_split(&rest, ' ', &one)) {
        if (one.len == 0)
            continue;
        if (root.len == 0)
            root = one;
        s = db_get_text(cx, thread, "email.thread_of",
                        TEXT("id", utf8_fold(cx->arena, str_dup(cx->arena, one))));
        if (s != E_NOT_FOUND)
            return s;
    }
    if (!text_empty(in_reply_to)) {
        s = db_get_text(cx, thread, "email.thread_of",
                        TEXT("id", utf8_fold(cx->arena, in_reply_to)));
        if (s != E_NOT_FOUND)
            return s;
    }
    *thread = root.len                   ? str_dup(cx->arena, root)
              : !text_empty(in_reply_to) ? in_reply_to
                                         : message_id;
    return OK;
}

static enum status keep_files(struct ctx *cx, struct row *r, const struct letter *m)
{
    struct val *list = val_list(cx->arena);
    size_t bytes = 0;

    for (size_t i = 0; i < m->file_count; i++) {
        const struct letter_file *f = &m->files[i];
        i64 id = kit_new_id(cx);
        bool kept = bytes + f->bytes.len <= FILE_BYTES;
        if (f->inside)
            continue; /* logos of signatures */
        struct val *one = val_add_map(list);
        val_put_text(one, "id", kept ? id_text(cx->arena, id) : "");
        val_put_text(one, "name", f->name);
        val_put_text(one, "type", f->type);
        val_put_i64(one, "size", (i64)f->bytes.len);
        if (!kept)
            continue;
        bytes += f->bytes.len;
        TRY(db_run(cx, "email.add_file", I64("id", id), I64("email", row_id(r)),
                   TEXT("name", f->name), TEXT("type", f->type),
                   BLOB("bytes", f->bytes.p, f->bytes.len)));
    }
    if (val_count(list))
        row_set_text(r, EMAIL_FILES, json_text(cx->arena, list));
    return OK;
}

/* On the journey of each contact that takes part. `text`: what is new in it. */
static enum status tell(struct ctx *cx, const struct row *r, const struct parts *p,
                        const char *text, bool replied)
{
    bool open = text_is(row_text(r, EMAIL_SHARED), "everyone");
    struct val *props = val_map(cx->arena);

    val_put_text(props, "subject",
                 open ? utf8_cut(cx->arena, row_text(r, EMAIL_SUBJECT), 200) : "");
    if (open)
        val_put_text(props, "text", utf8_cut(cx->arena, text, NOTE_BYTES));
    for (size_t i = 0; i < p->count; i++) {
        const struct part *one = &p->list[i];
        if (one->contact == 0)
            continue;
        TRY(db_run(cx, "email.add_person", I64("email", row_id(r)), I64("contact", one->contact)));
        if (replied && i == 0)
            continue; /* mail_reply says so */
        TRY(journey_note(cx,
                         &(struct journey_note){ .kind = p->out ? "mail_written" : "mail_received",
                                                 .contact_id = one->contact,
                                                 .at_ms = row_i64(r, EMAIL_AT),
                                                 .record_id = row_id(r),
                                                 .props = props }));
    }
    return OK;
}

/* "mail.received": a contact wrote, and no program in their name. props: email, at. */
static enum status tell_received(struct ctx *cx, struct row *r, const struct parts *p)
{
    struct val *props = val_map(cx->arena);

    if (p->count == 0 || p->list[0].contact == 0)
        return OK;
    val_put_text(props, "email", id_text(cx->arena, row_id(r)));
    val_put_i64(props, "at", row_i64(r, EMAIL_AT));
    return happen(cx, &(struct happening){ .name = "mail.received",
                                           .row = r,
                                           .contact_id = p->list[0].contact,
                                           .props = props });
}

static const struct part *first_contact(const struct parts *p)
{
    for (size_t i = 0; i < p->count; i++)
        if (p->list[i].contact)
            return &p->list[i];
    return NULL;
}

static i64 company_of(struct ctx *cx, i64 contact)
{
    struct row *r;

    return contact && record_get(cx, &contact_type, contact, &r) == OK ? row_i64(r, CONTACT_COMPANY)
                                                                       : 0;
}

static enum status fill(struct ctx *cx, struct row *r, const struct row *mailbox,
                        const struct letter *m, i64 arrived_ms, const struct parts *p)
{
    const struct part *about = first_contact(p);
    i64 at = m->date_ms != TIME_NONE && m->date_ms <= ctx_now(cx) ? m->date_ms
             : arrived_ms != TIME_NONE                            ? arrived_ms
                                                                  : ctx_now(cx);
    const char *thread;

    TRY(email_thread(cx, m->message_id, m->in_reply_to, m->references, &thread));
    row_set_text(r, EMAIL_SUBJECT, text_empty(m->subject) ? "(no subject)" : m->subject);
    row_set_text(r, EMAIL_DIRECTION, p->out ? "out" : "in");
    row_set_text(r, EMAIL_STATE, "there");
    row_set_i64(r, EMAIL_AT, at);
    if (about) {
        i64 company = company_of(cx, about->contact);
        row_set_i64(r, EMAIL_CONTACT, about->contact);
        if (company)
            row_set_i64(r, EMAIL_COMPANY, company);
    }
    row_set_i64(r, EMAIL_OWNER, row_i64(mailbox, MAILBOX_OWNER));
    row_set_i64(r, EMAIL_MAILBOX, row_id(mailbox));
    row_set_text(r, EMAIL_FROM, utf8_cut(cx->arena, people_text(cx, &m->from), 600));
    row_set_text(r, EMAIL_TO, people_text(cx, &m->to));
    row_set_text(r, EMAIL_CC, people_text(cx, &m->cc));
    row_set_text(r, EMAIL_TEXT, utf8_cut(cx->arena, m->text, LIMIT_LONG_TEXT_BYTES - 1));
    row_set_text(r, EMAIL_SHARED, row_text(mailbox, MAILBOX_SHARED));
    row_set_text(r, EMAIL_KEY, utf8_cut(cx->arena, key_of(cx, m), 700));
    row_set_text(r, EMAIL_MESSAGE_ID, m->message_id);
    row_set_text(r, EMAIL_THREAD, utf8_cut(cx->arena, thread, 300));
    row_set_text(r, EMAIL_REFERENCES, m->references);
    row_set_id(r, kit_new_id(cx));
    return keep_files(cx, r, m);
}

static enum status take_report(struct ctx *cx, const struct letter *m, bool *was)
{
    struct report reports[REPORTS_IN_MAIL];
    size_t count;

    *was = false;
    TRY(bounce_read(cx, m, reports, &count));
    if (count == 0 || reports[0].kind == REPORT_AUTO_REPLY)
        return OK;
    *was = true;
    for (size_t i = 0; i < count; i++)
        TRY(report_take(cx, &reports[i], "inbox",
                        arena_printf(cx->arena, "%s.%zu", key_of(cx, m), i)));
    return OK;
}

/* An answer to an invitation, or another calendar in a mail: who knows what it is about hears of it
 * ("mail.calendar": text, from). */
static enum status tell_of_calendars(struct ctx *cx, const struct letter *m)
{
    for (size_t i = 0; i < m->file_count && m->from.count > 0; i++) {
        const struct letter_file *f = &m->files[i];
        struct val *props;
        if (!text_is(f->type, "text/calendar") || f->bytes.len > CALENDAR_BYTES ||
            !utf8_valid(f->bytes))
            continue;
        props = val_map(cx->arena);
        val_put(props, "text", val_str(cx->arena, f->bytes));
        val_put_text(props, "from", m->from.list[0].address);
        return happen(cx, &(struct happening){ .name = "mail.calendar", .props = props });
    }
    return OK;
}

enum status email_take(struct ctx *cx, const struct row *mailbox, const struct letter *m,
                       i64 arrived_ms, enum email_taken *out)
{
    scoped(access_leave) struct access_guard guard = access_enter_system(cx);
    struct row *r;
    struct parts p;
    bool was, replied = false;

    if (may_be_report(m)) {
        TRY(take_report(cx, m, &was));
        if (was) {
            *out = EMAIL_REPORT;
            return OK;
        }
    }
    TRY(tell_of_calendars(cx, m));
    TRY(email_judge(cx, mailbox, m, out));
    if (*out != EMAIL_TAKEN)
        return OK;
    TRY(find_parts(cx, mailbox, m, &p));
    if (text_is(row_text(mailbox, MAILBOX_IMPORT), "everybody"))
        TRY(make_contacts(cx, &p, m));
    if (first_contact(&p) == NULL) {
        *out = EMAIL_NOT_OURS;
        return OK;
    }
    r = row_new(cx, &email_type);
    TRY(fill(cx, r, mailbox, m, arrived_ms, &p));
    TRY(email_clean_html(cx, r, m->html));
    TRY(record_save(cx, r));
    if (!p.out && !mail_is_automatic(m))
        TRY(reply_take(cx, m, "inbox", arena_printf(cx->arena, "<%s>", m->message_id), r,
                       &replied));
    TRY(tell(cx, r, &p, mime_reply_text(cx->arena, m->text), replied));
    return !p.out && !mail_is_automatic(m) ? tell_received(cx, r, &p) : OK;
}

enum status email_clean_html(struct ctx *cx, struct row *r, const char *html)
{
    const char *clean;
    struct ctx probe = *cx;

    if (text_empty(html) || content_clean(&probe, html, CLEAN_HTML, &clean, NULL) != OK ||
        strlen(clean) >= HTML_BYTES)
        return OK;
    row_set_text(r, EMAIL_HTML, clean);
    return OK;
}

/* ---- pages ---- */

/* How a mail that was written here does: as the record says, or, while it is on its way, as the
 * hand-over does. */
static const char *state_words(struct ctx *cx, const struct row *r)
{
    struct mail_message m;

    if (text_is(row_text(r, EMAIL_STATE), "there"))
        return "";
    if (!text_is(row_text(r, EMAIL_STATE), "sending") || !row_has(r, EMAIL_MAIL))
        return row_show(cx, r, EMAIL_STATE);
    if (mail_get(cx, row_i64(r, EMAIL_MAIL), &m) != OK) {
        ctx_clear_error(cx);
        return row_show(cx, r, EMAIL_STATE);
    }
    if (m.state == MAIL_SKIPPED || m.state == MAIL_FAILED || m.state == MAIL_BOUNCED)
        return arena_printf(cx->arena, "Not sent: %s", text_empty(m.reason) ? "refused" : m.reason);
    if (m.state == MAIL_DEFERRED)
        return "Put off by the server, tried again";
    if (m.state == MAIL_UNSURE)
        return "Not sure that it was sent";
    return row_show(cx, r, EMAIL_STATE);
}

/* A mail as email/mail shows it. */
static void put_mail(struct ctx *cx, const struct row *r, struct val *list)
{
    struct val *one = val_add_map(list), *files = val_put_list(one, "files"), *kept = NULL;
    const char *text = row_text(r, EMAIL_TEXT), *fresh = mime_reply_text(cx->arena, text);

    val_put_text(one, "url", row_path(cx, r));
    val_put_bool(one, "out", text_is(row_text(r, EMAIL_DIRECTION), "out"));
    val_put_text(one, "from", row_text(r, EMAIL_FROM));
    val_put_text(one, "to", row_text(r, EMAIL_TO));
    val_put_text(one, "cc", row_text(r, EMAIL_CC));
    val_put_text(one, "subject", row_text(r, EMAIL_SUBJECT));
    val_put_text(one, "when", show_time(cx, row_i64(r, EMAIL_AT)));
    val_put_text(one, "iso", time_iso(cx->arena, row_i64(r, EMAIL_AT)));
    val_put_text(one, "full", show_time_full(cx, row_i64(r, EMAIL_AT)));
    val_put_text(one, "state", state_words(cx, r));
    val_put_text(one, "text", text_empty(fresh) ? text : fresh);
    val_put_text(one, "whole", text_empty(fresh) || strlen(fresh) + 20 > strlen(text) ? "" : text);
    val_put_text(one, "html_url",
                 row_has(r, EMAIL_HTML) ? arena_printf(cx->arena, "%s/html", row_path(cx, r)) : "");
    if (!row_has(r, EMAIL_FILES) ||
        json_read(cx->arena, str_from(row_text(r, EMAIL_FILES)), &kept, NULL) != OK)
        return;
    for (size_t i = 0; i < val_count(kept); i++) {
        const struct val *from = val_at(kept, i);
        struct val *f = val_add_map(files);
        i64 size = val_get_i64(from, "size", 0);
        val_put_text(f, "name", val_get_text(from, "name"));
        val_put_text(f, "size",
                     size < 1024 * 1024
                         ? arena_printf(cx->arena, "%lld KB", (long long)((size + 1023) / 1024))
                         : arena_printf(cx->arena, "%lld MB", (long long)(size >> 20)));
        val_put_text(f, "url",
                     text_empty(val_get_text(from, "id"))
                         ? ""
                         : arena_printf(cx->arena, "%s/files/%s", row_path(cx, r),
                                        val_get_text(from, "id")));
    }
}

/* Mails of one thread, the oldest first, those that I may see. */
static enum status put_thread(struct ctx *cx, const char *thread, struct val *list)
{
    i64 ids[THREAD_MAX];
    size_t count = 0;

    {
        scoped(stmt_close) struct stmt q =
            db_query(cx, "email.of_thread", TEXT("thread", utf8_fold(cx->arena, thread)),
                     I64("limit", THREAD_MAX));
        while (stmt_next(&q) && count < THREAD_MAX)
            ids[count++] = col_i64(&q, 0);
        TRY(stmt_status(&q));
    }
    for (size_t i = 0; i < count; i++) {
        struct row *r;
        enum status s = record_get(cx, &email_type, ids[i], &r);
        if (s == E_NOT_FOUND || s == E_FORBIDDEN) {
            ctx_clear_error(cx);
            continue;
        }
        TRY(s);
        put_mail(cx, r, list);
    }
    return OK;
}

static enum status email_detail(struct ctx *cx, const struct row *r, struct val *page)
{
    bool mine = row_i64(r, EMAIL_OWNER) == cx->access->user_id;

    val_put_text(page, "reply_url",
                 row_has(r, EMAIL_CONTACT)
                     ? arena_printf(cx->arena, "/contacts/%s/mail?reply=%s",
                                    id_text(cx->arena, row_i64(r, EMAIL_CONTACT)),
                                    id_text(cx->arena, row_id(r)))
                     : "");
    val_put_bool(page, "mine", mine);
    val_put_text(page, "email_path", row_path(cx, r));
    val_put_bool(page, "only_me", text_is(row_text(r, EMAIL_SHARED), "me"));
    return put_thread(cx, row_text(r, EMAIL_THREAD), val_put_list(page, "mails"));
}

/* GET /contacts/:id/mails -- all threads with a person, the newest first. */
static enum status mails_page(struct req *rq)
{
    struct ctx *cx = rq->cx;
    struct val *page = val_map(cx->arena), *threads = val_put_list(page, "threads");
    const char *names[THREAD_MAX];
    struct row *contact;
    size_t count = 0;
    i64 id;

    TRY(req_id(rq, "id", &id));
    TRY(record_get(cx, &contact_type, id, &contact));
    val_put_printf(page, "title", "Mails with %s", row_title(cx, contact));
    val_put_text(page, "contact_path", row_path(cx, contact));
    {
        scoped(stmt_close) struct stmt q =
            db_query(cx, "email.threads_with", I64("contact", id), I64("limit", THREAD_MAX / 2));
        while (stmt_next(&q) && count < THREAD_MAX)
            names[count++] = arena_text(cx->arena, col_text(&q, 0));
        TRY(stmt_status(&q));
    }
    for (size_t i = 0; i < count; i++) {
        struct val *mails = val_list(cx->arena);
        TRY(put_thread(cx, names[i], mails));
        if (val_count(mails) == 0)
            continue;
        struct val *t = val_add_map(threads);
        const struct val *last = val_at(mails, val_count(mails) - 1);
        val_put_text(t, "subject", val_get_text(val_at(mails, 0), "subject"));
        val_put_text(t, "when", val_get_text(last, "when"));
        val_put_i64(t, "count", (i64)val_count(mails));
        val_put_text(t, "url", val_get_text(last, "url"));
        val_put_bool(t, "open", i == 0);
        val_put(t, "mails", mails);
    }
    val_put_bool(page, "none", val_count(threads) == 0);
    val_put_text(page, "write_url", arena_printf(cx->arena, "%s/mail", row_path(cx, contact)));
    return reply(rq, "email/threads", page);
}

static enum status get_email(struct req *rq, struct row **r)
{
    i64 id;

    TRY(req_id(rq, "id", &id));
    return record_get(rq->cx, &email_type, id, r);
}

/* GET /emails/:id/files/:file -- always a download: what strangers sent is shown nowhere. */
static enum status file_get(struct req *rq)
{
    struct ctx *cx = rq->cx;
    struct row *r;
    i64 id;

    TRY(get_email(rq, &r));
    TRY(req_id(rq, "file", &id));
    scoped(stmt_close) struct stmt q =
        db_query(cx, "email.file", I64("id", id), I64("email", row_id(r)));
    if (!stmt_next(&q)) {
        TRY(stmt_status(&q));
        return ctx_fail(cx, E_NOT_FOUND, "There is no such file.");
    }
    struct str bytes = col_blob(&q, 1);
    bytes.p = arena_dup(cx->arena, bytes.p, bytes.len);
    reply_header(rq, "Content-Disposition",
                 arena_printf(cx->arena, "attachment; filename*=UTF-8''%s",
                              http_url_encode(cx->arena, col_text(&q, 0))));
    reply_header(rq, "Content-Security-Policy", "sandbox; default-src 'none'");
    return reply_text(rq, 200, "application/octet-stream", bytes);
}

/* GET /emails/:id/html -- the mail as it was designed: cleaned, without scripts, nothing loaded
 * from anywhere. */
static enum status html_get(struct req *rq)
{
    struct row *r;

    TRY(get_email(rq, &r));
    if (!row_has(r, EMAIL_HTML))
        return ctx_fail(rq->cx, E_NOT_FOUND, "This mail is text only.");
    reply_header(rq, "Content-Security-Policy",
                 "sandbox allow-popups; default-src 'none'; style-src 'unsafe-inline'");
    return reply_text(rq, 200, "text/html; charset=utf-8", str_from(row_text(r, EMAIL_HTML)));
}

/* POST /emails/:id/share {to: everyone|me} */
static enum status share_post(struct req *rq)
{
    struct row *r;

    TRY(get_email(rq, &r));
    if (row_i64(r, EMAIL_OWNER) != rq->cx->access->user_id)
        return ctx_fail(rq->cx, E_FORBIDDEN, "Only whose mail it is says who sees it.");
    scoped(access_leave) struct access_guard guard = access_enter_system(rq->cx);
    row_set_text(r, EMAIL_SHARED, text_is(req_form(rq, "to"), "me") ? "me" : "everyone");
    TRY(record_save(rq->cx, r));
    return reply_done(rq, row_path(rq->cx, r), "Saved.");
}

const struct record_type email_type = {
    .name = "email",
    .label = "Mailbox mail",
    .plural = "Mailbox mails",
    .path = "emails",
    .icon = "mail",
    .section = "people",
    .menu_order = 8,
    .sort = "-at",
    .title = EMAIL_SUBJECT,
    .fields = fields,
    .field_count = EMAIL_FIELDS,
    .flags = TYPE_NO_CREATE | TYPE_NO_UPDATE,
    .seen_if = "shared = 'everyone'",
    .empty = "Mails of connected mailboxes with people who are contacts. Connect yours under "
             "Settings, Mailboxes.",
    .detail = email_detail,
    .detail_template = "email/detail",
};

static const struct route routes[] = {
    { HTTP_GET, "/contacts/:id/mails", mails_page, NEEDS("email", VERB_READ) },
    { HTTP_GET, "/emails/:id/files/:file", file_get, NEEDS("email", VERB_READ) },
    { HTTP_GET, "/emails/:id/html", html_get, NEEDS("email", VERB_READ) },
    { HTTP_POST, "/emails/:id/share", share_post, NEEDS("email", VERB_READ) },
};
static const struct merge_table merge_tables[] = {
    { "contact", "email_person", "contact_id", "email_id", "email_id" },
};
const struct feature feature_email = {
    .name = "email",
    TYPES(&email_type),
    MERGE_TABLES(merge_tables),
    ROUTES(routes),
};
