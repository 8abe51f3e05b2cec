/* hook_read.c -- what each provider posts, as reports. The names are those of their public
 * documentation; what is not a bounce, a complaint or an unsubscribe is left out. */
#include "base/json.h"
#include "base/utf8.h"
#include "mail/hook.h"

struct taker {
    struct ctx *cx;
    struct hook_event *list;
    size_t count;
};

/* A new event with what all have. NULL: there are enough. */
static struct hook_event *add(struct taker *t, enum report_kind kind, const char *address,
                              const char *key)
{
    struct hook_event *e;

    if (t->count == HOOK_EVENTS_MAX || text_empty(key) || strlen(key) > 300)
        return NULL;
    e = &t->list[t->count++];
    e->key = key;
    e->report = (struct report){ .kind = kind,
                                 .address = text_lower_ascii(t->cx->arena, address),
                                 .status = "",
                                 .reason = "other",
                                 .text = "",
                                 .proofs = "",
                                 .at_ms = TIME_NONE };
    return e;
}

static i64 when_iso(const char *text)
{
    i64 ms;

    return time_parse(str_from(text), &ms) ? ms : TIME_NONE;
}

/* Seconds, whole or with a fraction. */
static i64 when_seconds(const struct val *v)
{
    double d = val_as_double(v, 0);

    return d > 0 && d < 1e11 ? (i64)(d * 1000) : TIME_NONE;
}

/* Dead address or not: by the status, where the provider says "permanent" only. */
static void judge(struct taker *t, struct hook_event *e, bool permanent, const char *status,
                  const char *words)
{
    struct str three = { words, strnlen(words, 3) };
    i64 code = 0;
    const char *reason = "other";

    if (!str_i64(three, &code))
        code = 0;
    if (permanent)
        reason = mail_bounce_reason((int)code, status);

    if (permanent && text_empty(status) && text_is(reason, "other"))
        reason = "hard";
    e->report.kind = text_is(reason, "hard") ? REPORT_HARD : REPORT_SOFT;
    e->report.reason = reason;
    e->report.status = utf8_cut(t->cx->arena, status, 20);
    e->report.text = utf8_cut(t->cx->arena, words, 500);
}

/* ---- Amazon SES, in the Message of an SNS notification ---- */

static const char *ses_ids(struct ctx *cx, const struct val *mail)
{
    const struct val *headers = val_get(mail, "headers");

    for (size_t i = 0; i < val_count(headers); i++)
        if (str_equal_fold(str_from(val_get_text(val_at(headers, i), "name")), STR("Message-ID")))
            return mime_ids(cx->arena, val_get_text(val_at(headers, i), "value"));
    return mime_ids(cx->arena, val_get_text(val_get(mail, "commonHeaders"), "messageId"));
}

static enum status read_ses(struct taker *t, const struct val *body)
{
    const char *kind = val_get_text(body, "notificationType");
    const struct val *mail = val_get(body, "mail"), *what, *people;
    bool bounce, complaint;

    if (text_empty(kind))
        kind = val_get_text(body, "eventType"); /* of a configuration set */
    bounce = text_is(kind, "Bounce");
    complaint = text_is(kind, "Complaint");
    if (!bounce && !complaint)
        return OK;
    what = val_get(body, bounce ? "bounce" : "complaint");
    people = val_get(what, bounce ? "bouncedRecipients" : "complainedRecipients");
    for (size_t i = 0; i < val_count(people); i++) {
        const struct val *one = val_at(people, i);
        const char *address = val_get_text(one, "emailAddress");
        struct hook_event *e =
            add(t, REPORT_COMPLAINT, address,
                arena_printf(t->cx->arena, "%s/%s", val_get_text(what, "feedbackId"), address));
        if (e == NULL)
            return OK;
        e->report.at_ms = when_iso(val_get_text(what, "timestamp"));
        e->report.proofs = ses_ids(t->cx, mail);
        if (bounce)
            judge(t, e, text_is(val_get_text(what, "bounceType"), "Permanent"),
                  val_get_text(one, "status"), val_get_text(one, "diagnosticCode"));
        else
            e->report.text = arena_printf(t->cx->arena, "%s, reported by Amazon SES",
                                          val_get_text(what, "complaintFeedbackType"));
    }
    return OK;
}

/* ---- SendGrid: a list of events ---- */

static enum status read_sendgrid(struct taker *t, const struct val *body)
{
    if (val_kind_of(body) != VAL_LIST)
        return ctx_fail_code(t->cx, E_INVALID, "hook.shape", "SendGrid posts a list of events.");
    for (size_t i = 0; i < val_count(body); i++) {
        const struct val *one = val_at(body, i);
        const char *event = val_get_text(one, "event");
        bool bounce = text_is(event, "bounce"), spam = text_is(event, "spamreport"),
             off = text_is(event, "unsubscribe") || text_is(event, "group_unsubscribe");
        if (!bounce && !spam && !off)
            continue;
        struct hook_event *e =
            add(t, REPORT_COMPLAINT, val_get_text(one, "email"), val_get_text(one, "sg_event_id"));
        if (e == NULL)
            continue;
        e->report.at_ms = when_seconds(val_get(one, "timestamp"));
        e->report.proofs = mime_ids(t->cx->arena, val_get_text(one, "smtp-id"));
        e->report.text = "reported as spam to SendGrid";
        e->unsubscribed = off;
        if (bounce) /* "blocked" is for now only */
            judge(t, e, !text_is(val_get_text(one, "type"), "blocked"), val_get_text(one, "status"),
                  val_get_text(one, "reason"));
    }
    return OK;
}

/* ---- Postmark ---- */

static enum status read_postmark(struct taker *t, const struct val *body)
{
    const char *record = val_get_text(body, "RecordType"), *type = val_get_text(body, "Type");
    bool bounce = text_is(record, "Bounce"), spam = text_is(record, "SpamComplaint"),
         off = text_is(record, "SubscriptionChange") && val_get_bool(body, "SuppressSending");
    struct hook_event *e;

    if (text_empty(record))
        return ctx_fail_code(t->cx, E_INVALID, "hook.shape", "Postmark posts a RecordType.");
    if ((!bounce && !spam && !off) || text_is(type, "AutoResponder") ||
        text_is(type, "Subscribe") || text_is(type, "OpenRelayTest"))
        return OK;
    e = add(t, REPORT_COMPLAINT, val_get_text(body, off ? "Recipient" : "Email"),
            off ? arena_printf(t->cx->arena, "%s/%s", val_get_text(body, "MessageID"),
                               val_get_text(body, "ChangedAt"))
                : val_print(t->cx->arena, val_get(body, "ID")));
    if (e == NULL)
        return OK;
    e->report.at_ms = when_iso(val_get_text(body, off ? "ChangedAt" : "BouncedAt"));
    e->report.proofs = mime_ids(t->cx->arena, val_get_text(body, "Content"));
    e->report.text = "reported as spam to Postmark";
    e->unsubscribed = off;
    if (bounce && !text_is(type, "SpamComplaint"))
        judge(t, e, text_is(type, "HardBounce") || text_is(type, "BadEmailAddress"), "",
              text_empty(val_get_text(body, "Details")) ? val_get_text(body, "Description")
                                                        : val_get_text(body, "Details"));
    return OK;
}

/* ---- Mailgun ---- */

static enum status read_mailgun(struct taker *t, const struct val *body)
{
    const struct val *data = val_get(body, "event-data"), *status;
    const char *event = val_get_text(data, "event");
    bool failed = text_is(event, "failed"), spam = text_is(event, "complained"),
         off = text_is(event, "unsubscribed");
    struct hook_event *e;

    if (data == NULL)
        return ctx_fail_code(t->cx, E_INVALID, "hook.shape", "Mailgun posts event-data.");
    if (!failed && !spam && !off)
        return OK;
    e = add(t, REPORT_COMPLAINT, val_get_text(data, "recipient"), val_get_text(data, "id"));
    if (e == NULL)
        return OK;
    status = val_get(data, "delivery-status");
    const char *id = val_get_text(val_get(val_get(data, "message"), "headers"), "message-id");
    e->report.proofs = strchr(id, '<') ? mime_ids(t->cx->arena, id) : id;
    e->report.at_ms = when_seconds(val_get(data, "timestamp"));
    e->report.text = "reported as spam to Mailgun";
    e->unsubscribed = off;
    if (failed)
        judge(t, e, text_is(val_get_text(data, "severity"), "permanent"),
              val_get_text(status, "enhanced-code"),
              arena_printf(t->cx->arena, "%s %s", val_print(t->cx->arena, val_get(status, "code")),
                           text_empty(val_get_text(status, "message"))
                               ? val_get_text(status, "description")
                               : val_get_text(status, "message")));
    return OK;
}

/* ---- Brevo ---- */

static enum status read_brevo(struct taker *t, const struct val *body)
{
    static const struct {
        const char *event;
        enum report_kind kind;
        const char *reason;
    } events[] = {
        { "hard_bounce", REPORT_HARD, "hard" },      { "invalid_email", REPORT_HARD, "hard" },
        { "soft_bounce", REPORT_SOFT, "other" },     { "blocked", REPORT_SOFT, "policy" },
        { "spam", REPORT_COMPLAINT, "complaint" },   { "complaint", REPORT_COMPLAINT, "complaint" },
        { "unsubscribed", REPORT_COMPLAINT, "off" },
    };
    const char *event = val_get_text(body, "event");

    if (text_empty(event))
        return ctx_fail_code(t->cx, E_INVALID, "hook.shape", "Brevo posts an event.");
    for (size_t i = 0; i < countof(events); i++) {
        const char *id = val_get_text(body, "message-id");
        if (!text_is(events[i].event, event))
            continue;
        struct hook_event *e =
            add(t, events[i].kind, val_get_text(body, "email"),
                arena_printf(t->cx->arena, "%s/%s/%s", event, id,
                             val_print(t->cx->arena, val_get(body, "ts_event"))));
        if (e == NULL)
            return OK;
        e->report.reason = events[i].reason;
        e->report.text = utf8_cut(t->cx->arena, val_get_text(body, "reason"), 500);
        e->report.at_ms = when_seconds(val_get(body, "ts_event"));
        e->report.proofs = mime_ids(t->cx->arena, id);
        e->unsubscribed = text_is(events[i].reason, "off");
    }
    return OK;
}

enum status hook_events(struct ctx *cx, const char *provider, const struct val *body,
                        struct hook_event **out, size_t *count)
{
    static const struct {
        const char *provider;
        enum status (*read)(struct taker *t, const struct val *body);
    } readers[] = {
        { "ses", read_ses },         { "sendgrid", read_sendgrid }, { "postmark", read_postmark },
        { "mailgun", read_mailgun }, { "brevo", read_brevo },
    };
    struct taker t = { cx, NEW_N(cx->arena, struct hook_event, HOOK_EVENTS_MAX), 0 };

    *out = t.list;
    *count = 0;
    for (size_t i = 0; i < countof(readers); i++)
        if (text_is(readers[i].provider, provider))
            TRY(readers[i].read(&t, body));
    *count = t.count;
    return OK;
}
