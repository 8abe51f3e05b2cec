/* view.c -- the page that shows one mail as its reader has it. */
#include "mail/view.h"
#include "base/id.h"
#include "kit/seal.h"
#include "mail/content.h"
#include "mail/mail.h"
#include "mail/page_int.h"
#include "mail/preference.h"

#define MAIL_POLICY                                                               \
    "default-src 'none'; style-src 'unsafe-inline'; img-src https: http: data:; " \
    "base-uri 'none'; form-action 'none'; frame-ancestors 'self'"

const char *mail_view_url(struct ctx *cx, i64 message_id)
{
    const char *base = kit_public_url(cx), *id = id_text(cx->arena, message_id),
               *proof = seal_proof(cx, "view", id);

    if (text_empty(base) || text_empty(proof))
        return "";
    return arena_printf(cx->arena, "%s/m/v/%s%s", base, id, proof);
}

static bool read_token(struct ctx *cx, const char *token, i64 *id)
{
    const char *proof;

    if (strlen(token) <= ID_CHARS || !id_parse((struct str){ token, ID_CHARS }, id))
        return false;
    proof = seal_proof(cx, "view", id_text(cx->arena, *id));
    return !text_empty(proof) && text_is(token + ID_CHARS, proof);
}

enum status mail_view_reply(struct req *rq, const char *html)
{
    reply_header(rq, "Content-Security-Policy", MAIL_POLICY);
    reply_header(rq, "X-Robots-Tag", "noindex");
    return reply_text(rq, 200, "text/html; charset=utf-8", str_from(html));
}

static enum status view_find(struct ctx *cx, const char *token, struct mail_message *m,
                             struct row **content)
{
    i64 id;

    if (!read_token(cx, token, &id))
        return E_NOT_FOUND;
    TRY(mail_get(cx, id, m));
    return m->content_id ? record_get(cx, &mail_content_type, m->content_id, content) : E_NOT_FOUND;
}

/* GET /m/v/:token -- personal words and all: the token is for its reader alone. */
static enum status view_get(struct req *rq)
{
    scoped(access_leave) struct access_guard guard = access_enter_system(rq->cx);
    struct ctx *cx = rq->cx;
    struct content_for who = { 0 };
    struct content_mail mail;
    struct mail_message m;
    struct content *c;
    struct row *content;
    enum status s = view_find(cx, req_param(rq, "token"), &m, &content);

    if (s == E_NOT_FOUND) {
        ctx_clear_error(cx);
        return mail_say(rq, 404, "This mail cannot be shown",
                        "The link is not whole, or the mail is no more. Please open it in your "
                        "mail program instead.");
    }
    TRY(s);
    who.contact_id = m.contact_id;
    if (m.topic_id)
        who.unsubscribe_url = who.preferences_url =
            preference_url(cx, &(struct preference_of){ m.contact_id, m.topic_id, m.id });
    TRY(content_compile(cx, content, &c));
    TRY(content_render(cx, c, &who, &mail));
    return mail_view_reply(rq, mail.html);
}

static const struct route routes[] = {
    { HTTP_GET, "/m/v/:token", view_get, .flags = ROUTE_PUBLIC },
};
const struct feature feature_view = { .name = "view", ROUTES(routes) };
