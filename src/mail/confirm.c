/* confirm.c -- double opt-in: who signed up gets a mail with a link; the page behind it has a
 * button, and pressing it is what confirms, since scanners follow links. */
#include "base/id.h"
#include "base/log.h"
#include "bridge/brand_look.h"
#include "bridge/consent.h"
#include "bridge/contact.h"
#include "kit/template.h"
#include "mail/mail.h"
#include "mail/page_int.h"
#include "mail/token.h"

enum { CONFIRM_DAYS = 30, BAD_TOKENS_PER_MINUTE = 60, MAIL_BYTES = 64 * 1024 };

enum status mail_say(struct req *rq, int status, const char *title, const char *text)
{
    struct val *page = val_map(rq->cx->arena);

    TRY(brand_put_page(rq, 0, page));
    val_put_text(page, "title", title);
    val_put_text(page, "text", text);
    reply_status(rq, status);
    reply_header(rq, "Cache-Control", "no-store, private");
    reply_header(rq, "X-Robots-Tag", "noindex");
    return reply_fragment(rq, "mail/message", page);
}

/* ---- the mail ---- */
static const struct setting settings[] = {
    { "mail.confirm_text", FIELD_LONG, "Text of the confirmation mail",
      "Who signs up for a topic that asks for it gets this, with the link below it.",
      "Please confirm with one click that you want to hear from us. If it was not you, do nothing: "
      "nothing more is sent.",
      .group = "Mail", .resource = "topic" },
};

static enum status html_of(struct ctx *cx, const char *text, const char *topic, const char *url,
                           const char **out)
{
    struct buf b = buf_in(cx->arena, MAIL_BYTES);
    struct val *v = val_map(cx->arena);

    val_put_text(v, "topic", topic);
    val_put_text(v, "text", text);
    val_put_text(v, "url", url);
    TRY(template_render(cx, kit_templates(cx->kit), "mail/confirm_mail", v, &b));
    *out = buf_end(&b);
    return OK;
}

static enum status ask_by_mail(struct ctx *cx, struct row *consent, const struct row *contact,
                               const struct row *topic)
{
    i64 id = row_id(consent);
    const char *base = kit_public_url(cx), *token = token_write(cx, TOKEN_CONFIRM, &id, 1, ""),
               *name = row_text(topic, TOPIC_NAME), *text = setting_text(cx, "mail.confirm_text");
    const char *url = arena_printf(cx->arena, "%s/u/confirm/%s", base, token);

    if (base[0] == '\0' || token[0] == '\0')
        return ctx_fail(cx, E_INVALID, "no public address is set");
    const char *html = "";
    if (kit_templates(cx->kit))
        TRY(html_of(cx, text, name, url, &html));
    struct mail m = {
        .lane = MAIL_LANE_NOW,
        .contact_id = row_id(contact),
        .to = row_text(contact, CONTACT_EMAIL),
        .to_name = row_title(cx, contact),
        .subject = arena_printf(cx->arena, "Please confirm: %s", name),
        .html = html,
        .text = arena_printf(cx->arena, "%s\n\n%s\n\n%s\n", name, text, url),
        .source = "confirmation",
        .source_id = id,
        .key = arena_printf(cx->arena, "confirm/%s", id_text(cx->arena, id)),
    };
    return mail_send(cx, &m, NULL);
}

/* A workspace that cannot send mail yet keeps the sign-up: it waits, and the log says why. */
static enum status on_pending(struct ctx *cx, const struct happening *h)
{
    struct row *contact, *topic;
    enum status s;

    TRY(record_get(cx, &contact_type, h->contact_id, &contact));
    TRY(record_get(cx, &topic_type, row_i64(h->row, CONSENT_TOPIC), &topic));
    s = ask_by_mail(cx, h->row, contact, topic);
    if (s != E_INVALID)
        return s;
    log_line(LOG_WARN, "consent.no_confirmation", "consent=%lld error=\"%s\"",
             (long long)row_id(h->row), cx->error_text);
    ctx_clear_error(cx);
    return OK;
}

/* ---- the page ---- */
static enum status read_asked(struct req *rq, struct row **consent, struct row **topic)
{
    struct ctx *cx = rq->cx;
    enum status s = E_NOT_FOUND;
    i64 id;

    if (token_read(cx, TOKEN_CONFIRM, req_param(rq, "token"), "", &id, 1))
        s = record_get(cx, &consent_type, id, consent);
    if (s == OK)
        s = record_get(cx, &topic_type, row_i64(*consent, CONSENT_TOPIC), topic);
    if (s == E_NOT_FOUND)
        ctx_clear_error(cx);
    return s;
}

static enum status refuse(struct req *rq)
{
    if (web_rate_limited(rq->web, "mail_token", rq->address, BAD_TOKENS_PER_MINUTE))
        return ctx_fail(rq->cx, E_RATE,
                        "Too many wrong addresses were asked for. Please wait a minute.");
    return mail_say(rq, 404, "This link does not work",
                    "It is not whole, or was changed on the way. Please use the link in the mail "
                    "again, or sign up once more.");
}

static bool is_too_old(struct ctx *cx, const struct row *consent)
{
    return row_i64(consent, CONSENT_AT) + (i64)CONFIRM_DAYS * MS_DAY < ctx_now(cx);
}

static enum status say_too_old(struct req *rq)
{
    return mail_say(rq, 410, "This link is too old",
                    "You signed up more than a month ago. Please sign up once more, then we send "
                    "you a new one.");
}

/* GET /u/confirm/:token */
static enum status confirm_show(struct req *rq)
{
    scoped(access_leave) struct access_guard guard = access_enter_system(rq->cx);
    struct val *page = val_map(rq->cx->arena);
    struct row *consent, *topic;
    enum status s = read_asked(rq, &consent, &topic);

    if (s == E_NOT_FOUND)
        return refuse(rq);
    TRY(s);
    if (is_too_old(rq->cx, consent))
        return say_too_old(rq);
    TRY(brand_put_page(rq, 0, page));
    val_put_printf(page, "title", "%s: one click to go", row_text(topic, TOPIC_NAME));
    val_put_printf(page, "action", "/u/confirm/%s", req_param(rq, "token"));
    val_put_text(page, "topic", row_text(topic, TOPIC_NAME));
    val_put_text(page, "wording", row_text(consent, CONSENT_WORDING));
    reply_header(rq, "Cache-Control", "no-store, private");
    reply_header(rq, "X-Robots-Tag", "noindex");
    return reply_fragment(rq, "mail/confirm", page);
}

/* POST /u/confirm/:token */
static enum status confirm_post(struct req *rq)
{
    scoped(access_leave) struct access_guard guard = access_enter_system(rq->cx);
    struct consent_evidence e = { .address = rq->address };
    struct row *consent, *topic;
    enum status s = read_asked(rq, &consent, &topic);

    if (s == E_NOT_FOUND)
        return refuse(rq);
    TRY(s);
    if (is_too_old(rq->cx, consent))
        return say_too_old(rq);
    s = consent_confirm(rq->cx, row_id(consent), &e);
    if (s == E_CONFLICT)
        return mail_say(rq, 200, "You unsubscribed since",
                        "This link is from before that, so nothing was changed. Sign up once more "
                        "if you want to hear from us.");
    TRY(s);
    return mail_say(rq, 200, "Thank you, that is confirmed",
                    arena_printf(rq->cx->arena,
                                 "You get %s from now on. Every mail has a link to "
                                 "unsubscribe.",
                                 row_text(topic, TOPIC_NAME)));
}

static const struct route routes[] = {
    { HTTP_GET, "/u/confirm/:token", confirm_show, .flags = ROUTE_PUBLIC },
    { HTTP_POST, "/u/confirm/:token", confirm_post, .flags = ROUTE_PUBLIC | ROUTE_RAW },
};
static const struct subscription subscriptions[] = { { "consent.pending", on_pending } };
const struct feature feature_confirm = {
    .name = "confirm", ROUTES(routes), SETTINGS(settings), SUBSCRIPTIONS(subscriptions)
};
