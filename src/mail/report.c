/* report.c -- reports are believed here: each once, with what follows for the mail, the address and
 * the person. See bounce.h. */
#include "base/buf.h"
#include "base/id.h"
#include "base/utf8.h"
#include "bridge/consent.h"
#include "bridge/contact.h"
#include "kit/notice.h"
#include "kit/show.h"
#include "kit/web.h"
#include "mail/bounce.h"
#include "mail/mailbox.h"
#include "mail/message_int.h"

enum { LIST_MAX = 100, REPLY_TEXT_BYTES = 500, UNPROVEN_DAYS = 5, PURGED = 10 * 1000 };

/* ---- which mail ---- */

/* By what the report shows, else the newest one to that address. *proven: by the former. */
static enum status find_mail(struct ctx *cx, const char *proofs, const char *address,
                             struct mail_message *m, bool *proven)
{
    struct str rest = str_from(proofs), one;
    enum status s = E_NOT_FOUND;
    i64 id;

    *proven = false;
    while (str_split(&rest, ' ', &one)) {
        if (one.len < 10)
            continue;
        s = mail_by_message_id(cx, str_dup(cx->arena, one), m);
        if (s != E_NOT_FOUND) {
            *proven = s == OK;
            return s;
        }
    }
    if (text_empty(address))
        return E_NOT_FOUND;
    s = db_get_i64(cx, &id, "report.newest_to", TEXT("address", address),
                   I64("since", ctx_now(cx) - UNPROVEN_DAYS * (i64)MS_DAY));
    return s == OK ? mail_get(cx, id, m) : s;
}

/* False: this event was taken before. */
static enum status keep(struct ctx *cx, const struct report *r, const char *source, const char *key,
                        const struct mail_message *m, i64 contact, bool *fresh)
{
    i64 added, at = r->at_ms == TIME_NONE || r->at_ms > ctx_now(cx) ? ctx_now(cx) : r->at_ms;

    TRY(db_run_count(cx, &added, "report.add", I64("id", kit_new_id(cx)), I64("at", at),
                     I64("kind", r->kind), TEXT("source", source),
                     TEXT("key", arena_printf(cx->arena, "%s:%s", source, key)),
                     MAYBE("message", m ? m->id : 0), MAYBE("contact", contact),
                     TEXT("address", r->address), TEXT("status", r->status),
                     TEXT("reason", r->reason), TEXT("words", utf8_cut(cx->arena, r->text, 500))));
    *fresh = added > 0;
    return OK;
}

/* ---- what follows ---- */

/* Full or refused again and again: after so many the address gets nothing for a while. */
static enum status count_soft(struct ctx *cx, const char *address)
{
    i64 limit = setting_i64(cx, "mail.soft_limit"), days = setting_i64(cx, "mail.soft_days"), count;

    if (limit <= 0 || text_empty(address))
        return OK;
    TRY(db_get_i64(cx, &count, "report.soft_count", TEXT("address", address),
                   I64("since", ctx_now(cx) - days * MS_DAY)));
    if (count < limit)
        return OK;
    return suppression_add(cx, address, "hard_bounce",
                           arena_printf(cx->arena, "refused %lld times in %lld days",
                                        (long long)count, (long long)days),
                           ctx_now(cx) + days * MS_DAY);
}

static enum status believe_bounce(struct ctx *cx, const struct report *r,
                                  const struct mail_message *m, bool proven)
{
    const char *address = m ? m->to : r->address;

    if (m)
        TRY(mail_bounced(cx, m->id, r->reason, r->status, r->text));
    if (r->kind == REPORT_HARD && proven)
        return suppression_add(cx, address, "hard_bounce",
                               arena_printf(cx->arena, "%s %s", r->status, r->text), 0);
    return count_soft(cx, address);
}

static enum status believe_complaint(struct ctx *cx, const struct report *r,
                                     const struct mail_message *m, i64 contact, bool proven)
{
    const char *address = m ? m->to : r->address;

    if (!proven || text_empty(address))
        return OK; /* on the page of reports, for a person to judge */
    TRY(suppression_add(cx, address, "complaint", r->text, 0));
    if (contact)
        TRY(consent_withdraw(cx, &(struct consent_evidence){ .contact_id = contact,
                                                             .topic = "",
                                                             .source = "complaint",
                                                             .wording = r->text }));
    if (m == NULL)
        return OK;
    struct mail_message told = *m;
    told.contact_id = contact;
    told.reason = "";
    return mail_told(cx, "mail.complained", "mail_complaint", &told);
}

static enum status contact_of_address(struct ctx *cx, const char *address, i64 *contact)
{
    struct row *r;
    enum status s =
        text_empty(address) ? E_NOT_FOUND : record_find(cx, &contact_type, "email", address, &r);

    *contact = s == OK ? row_id(r) : 0;
    return s == E_NOT_FOUND ? OK : s;
}

enum status report_take(struct ctx *cx, const struct report *given, const char *source,
                        const char *key)
{
    scoped(access_leave) struct access_guard guard = access_enter_system(cx);
    struct report r = *given;
    struct mail_message m;
    bool proven, fresh;
    i64 contact;
    enum status s = find_mail(cx, r.proofs, r.address, &m, &proven);

    if (s != OK && s != E_NOT_FOUND)
        return s;
    bool found = s == OK;
    proven |= r.trusted;
    if (found && ((proven && !r.trusted) || text_empty(r.address)))
        r.address = m.to;
    r.address = text_lower_ascii(cx->arena, r.address);
    contact = found ? m.contact_id : 0;
    if (contact == 0)
        TRY(contact_of_address(cx, r.address, &contact));
    if (r.kind == REPORT_HARD && !proven) {
        r.kind = REPORT_SOFT;
        r.reason = "other";
    }
    TRY(keep(cx, &r, source, key, found ? &m : NULL, contact, &fresh));
    if (!fresh)
        return OK;
    if (r.kind == REPORT_HARD || r.kind == REPORT_SOFT)
        return believe_bounce(cx, &r, found ? &m : NULL, proven);
    if (r.kind == REPORT_COMPLAINT)
        return believe_complaint(cx, &r, found ? &m : NULL, contact, proven);
    return OK;
}

/* ---- replies ---- */

static enum status tell_reply(struct ctx *cx, const struct letter *mail,
                              const struct mail_message *m, i64 contact, const struct row *email)
{
    bool open = email == NULL || text_is(row_text(email, EMAIL_SHARED), "everyone");
    struct val *props = val_map(cx->arena);
    i64 user = m->user_id;

    val_put_text(props, "message_id", id_text(cx->arena, m->id));
    val_put_text(props, "source", m->source);
    if (m->source_id)
        val_put_text(props, "source_id", id_text(cx->arena, m->source_id));
    if (open) {
        val_put_text(props, "subject", utf8_cut(cx->arena, mail->subject, 200));
        val_put_text(props, "text",
                     utf8_cut(cx->arena, mime_reply_text(cx->arena, mail->text), REPLY_TEXT_BYTES));
    }
    TRY(journey_note(cx, &(struct journey_note){ .kind = "mail_reply",
                                                 .contact_id = contact,
                                                 .at_ms = email ? row_i64(email, EMAIL_AT) : 0,
                                                 .record_id = email ? row_id(email) : 0,
                                                 .props = props }));
    TRY(happen(
        cx, &(struct happening){ .name = "mail.replied", .contact_id = contact, .props = props }));
    if (user == 0 || contact == 0)
        return OK;
    const char *who = mail->from.count && !text_empty(mail->from.list[0].name)
                          ? mail->from.list[0].name
                      : mail->from.count ? mail->from.list[0].address
                                         : "Somebody";
    return notify_as(
        cx, NOTICE_CUSTOMER, user, "mail",
        arena_printf(cx->arena, "%s replied: %s", who, utf8_cut(cx->arena, mail->subject, 100)),
        arena_printf(cx->arena, "/contacts/%s", id_text(cx->arena, contact)));
}

enum status reply_take(struct ctx *cx, const struct letter *mail, const char *source,
                       const char *key, const struct row *email, bool *was)
{
    scoped(access_leave) struct access_guard guard = access_enter_system(cx);
    const char *from = mail->from.count ? mail->from.list[0].address : "";
    struct report r = { .kind = REPORT_REPLY,
                        .address = from,
                        .status = "",
                        .reason = "",
                        .text = utf8_cut(cx->arena, mail->subject, 300),
                        .at_ms = mail->date_ms };
    struct buf proofs = buf_in(cx->arena, 32 * 1024);
    struct mail_message m;
    bool proven, fresh;
    i64 contact;

    if (was)
        *was = false;
    buf_printf(&proofs, "%s", mail->in_reply_to);
    for (size_t len = strlen(mail->references); len > 0;) { /* the newest first */
        size_t at = len;
        while (at > 0 && mail->references[at - 1] != ' ')
            at--;
        buf_printf(&proofs, " %.*s", (int)(len - at), mail->references + at);
        len = at > 0 ? at - 1 : 0;
    }
    for (size_t i = 0; i < mail->to.count; i++) { /* replies to reply+ID.PROOF@ */
        const char *plus = strchr(mail->to.list[i].address, '+'),
                   *at = strrchr(mail->to.list[i].address, '@');
        if (plus && at && at > plus)
            buf_printf(&proofs, " %.*s", (int)(at - plus) - 1, plus + 1);
    }
    enum status s = find_mail(cx, buf_end(&proofs), "", &m, &proven);
    if (s == E_NOT_FOUND)
        return OK;
    TRY(s);
    if (was)
        *was = true;
    contact = m.contact_id;
    if (contact == 0)
        TRY(contact_of_address(cx, from, &contact));
    TRY(keep(cx, &r, source, key, &m, contact, &fresh));
    return fresh ? tell_reply(cx, mail, &m, contact, email) : OK;
}

/* ---- a mail that came into a mailbox for bounces ---- */

enum status inbound_take(struct ctx *cx, struct str bytes, const char *source, const char *key,
                         enum report_kind *kind)
{
    struct report reports[REPORTS_IN_MAIL];
    struct letter *m;
    size_t count;
    bool reply;
    enum status s = mime_read(cx, bytes, &m);

    if (kind)
        *kind = REPORT_NONE;
    if (s == E_INVALID || s == E_LIMIT) { /* nothing that could be read */
        ctx_clear_error(cx);
        return OK;
    }
    TRY(s);
    TRY(bounce_read(cx, m, reports, &count));
    for (size_t i = 0; i < count; i++)
        TRY(report_take(cx, &reports[i], source,
                        i == 0 ? key : arena_printf(cx->arena, "%s.%zu", key, i)));
    if (count > 0) {
        if (kind)
            *kind = reports[0].kind;
        return OK;
    }
    TRY(reply_take(cx, m, source,
                   text_empty(m->message_id) ? key : arena_printf(cx->arena, "<%s>", m->message_id),
                   NULL, &reply));
    if (kind && reply)
        *kind = REPORT_REPLY;
    return OK;
}

/* ---- the page ---- */

/* GET /mail-reports?kind=1 -- what came back, newest first. */
static enum status reports_page(struct req *rq)
{
    struct ctx *cx = rq->cx;
    struct val *page = val_map(cx->arena), *list = val_put_list(page, "reports"),
               *kinds = val_put_list(page, "kinds");
    i64 asked = req_query_i64(rq, "kind", 0), before = req_query_i64(rq, "before", 0), last = 0;
    size_t count = 0;

    val_put_text(page, "title", "Bounces and replies");
    for (int k = 0; k < REPORT_KINDS; k++) {
        struct val *one = val_add_map(kinds);
        val_put_text(one, "text", k ? report_kind_word(k) : "All");
        val_put_text(one, "url",
                     k ? arena_printf(cx->arena, "/mail-reports?kind=%d", k) : "/mail-reports");
        val_put_bool(one, "on", k == asked);
    }
    scoped(stmt_close) struct stmt q =
        db_query(cx, "report.list", I64("kind", asked), I64("any", asked == 0),
                 I64("before", before > 0 ? before : INT64_MAX), I64("limit", LIST_MAX));
    for (; stmt_next(&q); count++) {
        struct val *one = val_add_map(list);
        i64 contact = col_i64(&q, 7);
        last = col_i64(&q, 0);
        val_put_text(one, "when", show_time(cx, col_i64(&q, 1)));
        val_put_text(one, "iso", time_iso(cx->arena, col_i64(&q, 1)));
        val_put_text(one, "full", show_time_full(cx, col_i64(&q, 1)));
        val_put_text(one, "kind", report_kind_word((int)col_i64(&q, 2)));
        val_put_text(one, "tone",
                     col_i64(&q, 2) == REPORT_HARD || col_i64(&q, 2) == REPORT_COMPLAINT ? "red"
                     : col_i64(&q, 2) == REPORT_SOFT                                     ? "amber"
                     : col_i64(&q, 2) == REPORT_REPLY                                    ? "green"
                                                                                         : "gray");
        val_put_text(one, "address", col_text(&q, 3));
        val_put_text(one, "status", col_text(&q, 4));
        val_put_text(one, "words", col_text(&q, 5));
        val_put_text(one, "source", col_text(&q, 6));
        val_put_text(one, "url",
                     contact ? arena_printf(cx->arena, "/contacts/%s", id_text(cx->arena, contact))
                             : "");
    }
    TRY(stmt_status(&q));
    val_put_bool(page, "none", count == 0);
    val_put_text(page, "older_url",
                 count == LIST_MAX ? arena_printf(cx->arena, "/mail-reports?kind=%lld&before=%lld",
                                                  (long long)asked, (long long)last)
                                   : "");
    return reply(rq, "report/list", page);
}

/* Not before they have done their work: soft bounces are counted over days. */
static enum status purge_job(struct job_run *job)
{
    struct ctx *cx = job->cx;
    i64 days = setting_i64(cx, "mail.report_days"), counted = setting_i64(cx, "mail.soft_days");

    if (days <= 0)
        return OK;
    days = days > counted ? days : counted;
    i64 before = ctx_now(cx) - days * MS_DAY;
    return before <= 0 ? OK
                       : db_run(cx, "report.purge", I64("before", id_at(before, 0, 0)),
                                I64("limit", PURGED));
}

static const struct route routes[] = {
    { HTTP_GET, "/mail-reports", reports_page, NEEDS("mail_report", VERB_READ) },
};
static const struct setting settings[] = {
    { "mail.soft_limit", FIELD_INT, "Soft bounces before an address rests",
      "A full mailbox or a refusal for policy: after so many, nothing is sent there for a while. "
      "0: never.",
      "5", .group = "Mail" },
    { "mail.soft_days", FIELD_INT, "Within days, and for days",
      "Over which time they are counted, and how long the address then rests.", "30",
      .group = "Mail" },
    { "mail.report_days", FIELD_INT, "Keep bounces and replies for days",
      "What mail servers and people answered is listed for so long; what followed from it stays. "
      "0: for ever.",
      "400", .group = "Mail" },
};
static const struct event_kind kinds[] = {
    { "mail_complaint", "Reported as spam", "alert-triangle", 0, NULL },
    { "mail_reply", "Replied to a mail", "mail-opened", KIND_CHAPTER, "email" },
    { "mail_received", "Mail received", "mail", 0, "email" },
    { "mail_written", "Mail written", "send", KIND_SALES, "email" },
};
static const struct menu_item menu[] = {
    { "settings", "Bounces and replies", "/mail-reports", "mail-x", "mail_report", 22,
      "What mail servers and people answered to mails of ours" },
};
static const struct job_type jobs[] = {
    { "mail.reports", "Forget old bounces and replies", purge_job, .every_ms = MS_HOUR,
      .writes = true },
};
const struct feature feature_report = {
    .name = "report",
    JOBS(jobs),
    ROUTES(routes),
    SETTINGS(settings),
    EVENT_KINDS(kinds),
    MENU(menu),
};
