/* mailing.c -- what mails of one broadcast or flow share, and the page that shows one of them. */
#include "mail/mailing.h"
#include "base/id.h"
#include "kit/seal.h"
#include "kit/web.h"
#include "mail/content.h"

#define MAIL_POLICY                                                               \
    "default-src 'none'; style-src 'unsafe-inline'; img-src https: http: data:; " \
    "base-uri 'none'; form-action 'none'; frame-ancestors 'self'"

enum status mailing_put(struct ctx *cx, const char *source, i64 source_id, i64 variant,
                        const struct mailing *m)
{
    return db_run(cx, "mailing.put", I64("id", kit_new_id(cx)), TEXT("source", source),
                  I64("source_id", source_id), I64("variant", variant), I64("links", m->links),
                  TEXT("utm_source", m->utm_source), TEXT("utm_medium", m->utm_medium),
                  TEXT("utm_campaign", m->utm_campaign), TEXT("utm_content", m->utm_content));
}

enum status mailing_of(struct ctx *cx, const char *source, i64 source_id, i64 variant,
                       struct mailing *out)
{
    scoped(stmt_close) struct stmt q =
        db_query(cx, "mailing.of", TEXT("source", source), I64("source_id", source_id),
                 I64("variant", variant));

    *out = (struct mailing){ MAILING_PLAIN, "", "", "", "" };
    if (stmt_next(&q))
        *out = (struct mailing){
            .links = (enum mailing_links)col_i64(&q, 0),
            .utm_source = arena_text(cx->arena, col_text(&q, 1)),
            .utm_medium = arena_text(cx->arena, col_text(&q, 2)),
            .utm_campaign = arena_text(cx->arena, col_text(&q, 3)),
            .utm_content = arena_text(cx->arena, col_text(&q, 4)),
        };
    return stmt_status(&q);
}

/* ---- in a browser ---- */

const char *mailing_view_url(struct ctx *cx, i64 message_id)
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

enum status mailing_reply(struct req *rq, const char *html)
{
    reply_header(rq, "Content-Security-Policy", MAIL_POLICY);
    reply_header(rq, "X-Robots-Tag", "noindex");
    return reply_text(rq, 200, "text/html; charset=utf-8", str_from(html));
}

/* GET /m/v/:token -- personal words and all: the token is for its reader alone. */
static enum status view_get(struct req *rq)
{
    scoped(access_leave) struct access_guard guard = access_enter_system(rq->cx);
    struct ctx *cx = rq->cx;
    struct content_mail mail;
    struct mail_message m;
    struct content *c;
    struct row *content;
    i64 id;

    if (!read_token(cx, req_param(rq, "token"), &id))
        return E_NOT_FOUND;
    TRY(mail_get(cx, id, &m));
    if (m.content_id == 0)
        return E_NOT_FOUND;
    TRY(record_get(cx, &mail_content_type, m.content_id, &content));
    TRY(content_compile(cx, content, &c));
    TRY(content_render(cx, c, &(struct content_for){ .contact_id = m.contact_id }, &mail));
    return mailing_reply(rq, mail.html);
}

static const struct route routes[] = {
    { HTTP_GET, "/m/v/:token", view_get, .flags = ROUTE_PUBLIC },
};
const struct feature feature_mailing = { .name = "mailing", ROUTES(routes) };
