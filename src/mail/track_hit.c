/* track_hit.c -- the addresses that mails lead through. A hit is written down and answered at once;
 * judging comes later (track_judge.c). Nobody is led anywhere that was not signed. */
#include "base/id.h"
#include "base/utf8.h"
#include "bridge/brand_look.h"
#include "kit/seal.h"
#include "kit/web.h"
#include "mail/token.h"
#include "mail/track_int.h"
#include "store/queue.h"

enum {
    BAD_TOKENS_PER_MINUTE = 60, /* of one address */
    HITS_PER_MINUTE = 30,       /* of one token: more are answered, but not counted */
    CLIENT_BYTES = 300,
};

/* A picture of one transparent point. */
static const char pixel[] = "GIF89a\x01\x00\x01\x00\x80\x00\x00\xff\xff\xff\x00\x00\x00\x21\xf9\x04"
                            "\x01\x00\x00\x00\x00\x2c\x00\x00\x00\x00\x01\x00\x01\x00\x00\x02\x02"
                            "\x44\x01\x00\x3b";

static enum status add_hit(struct ctx *cx, void *arg)
{
    const struct hit *h = arg;

    TRY(db_run(cx, "track.add_hit", I64("id", h->id), I64("at", h->at_ms),
               I64("message", h->message_id), I64("kind", h->kind), I64("link", h->link),
               TEXT("url", h->url), I64("marks", h->marks), TEXT("client", h->client),
               TEXT("network", h->network)));
    return queue_add(cx, "mail.judge", "judge", "{}", h->at_ms + HIT_WAIT_MS, NULL);
}

static const char *purpose_of(struct req *rq)
{
    static const char *const names[] = { "Sec-Purpose", "Purpose", "X-Purpose", "X-Moz" };

    for (size_t i = 0; i < countof(names); i++)
        if (rq->header(rq, names[i]) != NULL)
            return rq->header(rq, names[i]);
    return "";
}

/* The address itself is not kept: only whether two hits had the same one. */
static const char *network_of(struct req *rq)
{
    return seal_proof(rq->cx, "hit", rq->address ? rq->address : "");
}

static enum status keep(struct req *rq, enum hit_kind kind, const i64 *numbers, const char *url,
                        i64 *hit_id)
{
    struct ctx *cx = rq->cx;
    const char *client = rq->header(rq, "User-Agent");
    struct hit h = { .id = kit_new_id(cx),
                     .at_ms = ctx_now(cx),
                     .message_id = numbers[0],
                     .kind = kind,
                     .link = kind == HIT_CLICK ? (int)numbers[1] : 0,
                     .url = url,
                     .network = network_of(rq) };

    *hit_id = h.id;
    if (web_rate_limited(rq->web, "mail_hit", req_param(rq, "token"), HITS_PER_MINUTE))
        return OK;
    h.marks = hit_marks(rq->method == HTTP_HEAD, client, purpose_of(rq), kind);
    h.client =
        client && utf8_valid(str_from(client)) ? utf8_cut(cx->arena, client, CLIENT_BYTES) : "";
    return kit_write(cx, add_hit, &h);
}

/* Something that is no token of ours: said without a hint of what would be one. */
static enum status refuse(struct req *rq)
{
    struct val *page = val_map(rq->cx->arena);

    if (web_rate_limited(rq->web, "mail_token", rq->address, BAD_TOKENS_PER_MINUTE))
        return ctx_fail(rq->cx, E_RATE,
                        "Too many wrong addresses were asked for. Please wait a "
                        "minute.");
    TRY(brand_put_page(rq, 0, page));
    val_put_text(page, "title", "This link does not work");
    val_put_text(page, "text",
                 "It is not whole, or was changed on the way. Please copy the whole "
                 "address from the mail, or click the link there again.");
    reply_status(rq, 404);
    return reply_fragment(rq, "mail/message", page);
}

static void keep_nothing(struct req *rq)
{
    reply_header(rq, "Cache-Control", "no-store, private");
    reply_header(rq, "X-Robots-Tag", "noindex");
}

/* The landing page's own tracker tells who arrived: only on our sites, and before the fragment. */
static const char *landing(struct ctx *cx, const char *url, i64 hit_id)
{
    size_t end = strcspn(url, "#");
    const char *token = token_write(cx, TOKEN_VISIT, &hit_id, 1, "");

    if (!track_is_own_site(cx, url) || token[0] == '\0')
        return url;
    return arena_printf(cx->arena, "%.*s%cfw_m=%s%s", (int)end, url,
                        memchr(url, '?', end) ? '&' : '?', token, url + end);
}

/* GET /m/c/:token?u= -- a link of a mail. */
static enum status click(struct req *rq)
{
    const char *url = req_query(rq, "u");
    i64 numbers[2], hit_id;

    if (!token_read(rq->cx, TOKEN_CLICK, req_param(rq, "token"), url, numbers, 2))
        return refuse(rq);
    TRY(keep(rq, HIT_CLICK, numbers, url, &hit_id));
    keep_nothing(rq);
    return reply_redirect_out(rq, landing(rq->cx, url, hit_id));
}

static enum status reply_pixel(struct req *rq)
{
    keep_nothing(rq);
    return reply_text(rq, 200, "image/gif", (struct str){ pixel, sizeof pixel - 1 });
}

/* GET /m/o/:token -- the picture of a mail. Something wrong gets the same picture: a broken image
 * helps nobody. */
static enum status open_(struct req *rq)
{
    struct str token = str_from(req_param(rq, "token"));
    i64 numbers[1], hit_id;

    if (str_ends(token, ".gif"))
        token.len -= 4;
    if (token_read(rq->cx, TOKEN_OPEN, str_dup(rq->cx->arena, token), "", numbers, 1))
        TRY(keep(rq, HIT_OPEN, numbers, "", &hit_id));
    return reply_pixel(rq);
}

/* GET /m/t/:token -- a link that people do not see. */
static enum status trap(struct req *rq)
{
    struct val *page = val_map(rq->cx->arena);
    i64 numbers[1], hit_id;

    if (!token_read(rq->cx, TOKEN_TRAP, req_param(rq, "token"), "", numbers, 1))
        return refuse(rq);
    TRY(keep(rq, HIT_TRAP, numbers, "", &hit_id));
    keep_nothing(rq);
    TRY(brand_put_page(rq, 0, page));
    val_put_text(page, "title", "Nothing to see here");
    val_put_text(page, "text",
                 "This address is only there to notice programs that open every "
                 "link of a mail.");
    return reply_fragment(rq, "mail/message", page);
}

static const struct route routes[] = {
    { HTTP_GET, "/m/c/:token", click, .flags = ROUTE_PUBLIC },
    { HTTP_GET, "/m/o/:token", open_, .flags = ROUTE_PUBLIC },
    { HTTP_GET, "/m/t/:token", trap, .flags = ROUTE_PUBLIC },
};
const struct feature feature_track_hit = { .name = "track_hit", ROUTES(routes) };
