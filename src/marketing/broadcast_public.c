/* broadcast_public.c -- broadcasts as strangers read them: the archive of a topic, and each mail
 * in it without a personal word; and as colleagues look at them, with how much each link was
 * clicked. */
#include "base/buf.h"
#include "base/id.h"
#include "bridge/brand_look.h"
#include "bridge/consent.h"
#include "kit/show.h"
#include "kit/template.h"
#include "mail/content.h"
#include "mail/view.h"
#include "marketing/broadcast_int.h"

enum { ARCHIVE_MOST = 200, CACHE_SECONDS = 300, HTML_BYTES = 4 * 1024 * 1024, STRONG_PERCENT = 5 };

/* ---- the archive ---- */

static enum status the_topic(struct req *rq, struct row **out)
{
    i64 id;

    TRY(topic_by_slug(rq->cx, req_param(rq, "topic"), &id));
    return record_get(rq->cx, &topic_type, id, out);
}

static void may_be_kept(struct req *rq)
{
    reply_header(rq, "Cache-Control",
                 arena_printf(rq->cx->arena, "public, max-age=%d", CACHE_SECONDS));
}

/* GET /m/:topic */
static enum status archive_get(struct req *rq)
{
    scoped(access_leave) struct access_guard guard = access_enter_system(rq->cx);
    struct ctx *cx = rq->cx;
    struct val *page = val_map(cx->arena), *list = val_put_list(page, "mails");
    struct row *topic;

    TRY(the_topic(rq, &topic));
    TRY(brand_put_page(rq, 0, page));
    val_put_text(page, "title", row_text(topic, TOPIC_NAME));
    val_put_text(page, "intro", row_text(topic, TOPIC_DESCRIPTION));
    {
        scoped(stmt_close) struct stmt q = db_query(
            cx, "broadcast.archive", I64("topic", row_id(topic)), I64("limit", ARCHIVE_MOST));
        while (stmt_next(&q)) {
            struct val *one = val_add_map(list);
            const char *subject = col_text(&q, 3);
            val_put_text(one, "text", text_empty(subject) ? col_text(&q, 1) : subject);
            val_put_printf(one, "url", "/m/%s/%s", row_text(topic, TOPIC_SLUG), col_text(&q, 2));
            val_put_text(one, "date", show_date_full(cx, zone_day(kit_zone(cx), col_i64(&q, 4))));
        }
        TRY(stmt_status(&q));
    }
    val_put_bool(page, "any", val_count(list) > 0);
    may_be_kept(rq);
    return reply_fragment(rq, "broadcast/archive", page);
}

static enum status render(struct ctx *cx, i64 content_id, const struct content_for *who,
                          struct content_mail *out)
{
    struct content *c;
    struct row *content;

    TRY(record_get(cx, &mail_content_type, content_id, &content));
    TRY(content_compile(cx, content, &c));
    return content_render(cx, c, who, out);
}

/* GET /m/:topic/:slug */
static enum status archived_get(struct req *rq)
{
    scoped(access_leave) struct access_guard guard = access_enter_system(rq->cx);
    struct ctx *cx = rq->cx;
    struct variant v[VARIANTS_MAX];
    struct row *topic, *r;
    struct content_mail mail;
    int winner = 0;

    TRY(the_topic(rq, &topic));
    TRY(record_find(cx, &broadcast_type, "slug", req_param(rq, "slug"), &r));
    if (!row_bool(r, BROADCAST_ARCHIVE) || row_i64(r, BROADCAST_TOPIC) != row_id(topic) ||
        (broadcast_state_of(r) != BROADCAST_SENDING && broadcast_state_of(r) != BROADCAST_FINISHED))
        return E_NOT_FOUND;
    if (row_has(r, BROADCAST_WINNER))
        winner = row_text(r, BROADCAST_WINNER)[0] - 'A';
    if (winner < 0 || winner >= broadcast_variants(r, v))
        winner = 0;
    (void)broadcast_variants(r, v);
    TRY(render(cx, v[winner].content_id, &(struct content_for){ 0 }, &mail));
    may_be_kept(rq);
    return mail_view_reply(rq, mail.html);
}

/* ---- with heat ---- */

static double share_of(const struct val *links, const char *url, i64 delivered)
{
    for (size_t i = 0; i < val_count(links); i++)
        if (text_is(val_get_text(val_at(links, i), "url"), url) && delivered > 0)
            return (double)val_get_i64(val_at(links, i), "people", 0) * 100 / (double)delivered;
    return -1;
}

/* An attribute's value up to its closing quote, with its &amp; read. In arena. */
static const char *attribute(struct arena *a, const char *from)
{
    size_t len = strcspn(from, "\"");
    char *text = arena_dup(a, from, len), *to = text;

    for (const char *p = text; *p; p++) {
        *to++ = *p;
        if (strncmp(p, "&amp;", 5) == 0)
            p += 4;
    }
    *to = '\0';
    return text;
}

/* The mark behind one link. */
static enum status add_badge(struct ctx *cx, double share, struct buf *out)
{
    struct val *v = val_map(cx->arena);

    val_put_printf(v, "text", "%.1f%%", share);
    val_put_bool(v, "strong", share >= STRONG_PERCENT);
    return template_render(cx, kit_templates(cx->kit), "broadcast/heat", v, out);
}

static bool begins(const char *at, char tag, char after)
{
    return at[0] == '<' && at[1] == tag && at[2] == after;
}

/* Behind each link the share of those who got it and followed it. */
static enum status with_heat(struct ctx *cx, const char *html, const struct val *links,
                             i64 delivered, const char **with)
{
    struct buf out = buf_in(cx->arena, HTML_BYTES);
    double share = -1;

    while (*html) {
        if (begins(html, 'a', ' ')) {
            const char *end = strchr(html, '>'), *href = strstr(html, "href=\"");
            share = end && href && href < end
                        ? share_of(links, attribute(cx->arena, href + strlen("href=\"")), delivered)
                        : -1;
        }
        if (share >= 0 && html[0] == '<' && html[1] == '/' && html[2] == 'a' && html[3] == '>') {
            TRY(add_badge(cx, share, &out));
            share = -1;
        }
        buf_char(&out, *html++);
    }
    *with = buf_end(&out);
    return buf_status(&out);
}

/* GET /broadcasts/:id/view?variant=A&heat=1 */
static enum status view_get(struct req *rq)
{
    struct ctx *cx = rq->cx;
    const char *letter = req_query(rq, "variant");
    struct variant v[VARIANTS_MAX];
    const struct val *stored;
    struct content_mail mail;
    struct row *r;
    int which = 0;
    i64 id;

    TRY(req_id(rq, "id", &id));
    TRY(record_get(cx, &broadcast_type, id, &r));
    int count = broadcast_variants(r, v);
    for (int i = 0; i < count; i++)
        which = letter[0] == v[i].letter ? i : which;
    TRY(render(cx, v[which].content_id,
               &(struct content_for){ .unsubscribe_url = "https://example.com/",
                                      .preferences_url = "https://example.com/" },
               &mail));
    TRY(result_read(cx, r, &stored));
    if (text_empty(req_query(rq, "heat")) || !stored)
        return mail_view_reply(rq, mail.html);
    const char *html;
    TRY(with_heat(cx, mail.html, val_get(stored, "links"),
                  val_get_i64(val_get(stored, "all"), "delivered", 0), &html));
    return mail_view_reply(rq, html);
}

static const struct route routes[] = {
    { HTTP_GET, "/m/:topic", archive_get, .flags = ROUTE_PUBLIC },
    { HTTP_GET, "/m/:topic/:slug", archived_get, .flags = ROUTE_PUBLIC },
    { HTTP_GET, "/broadcasts/:id/view", view_get, NEEDS("broadcast", VERB_READ) },
};
const struct feature feature_broadcast_public = {
    .name = "broadcast_public",
    ROUTES(routes),
};
