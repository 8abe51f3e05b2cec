/* goatcounter.c -- GoatCounter's protocol: /count?p=/path&t=title&r=referrer&e=event&s=width&b=bot
 * &q=query, answered with a pixel, so that a page can be counted without any script:
 *   <img src="https://crm.example.com/count?p=/prices&site=example.com" alt="">
 * count.js sends the same as a POST without a body. GoatCounter has a host for each site; here the
 * site is `site` (its domain or tracker id), or else the host of the page that the browser names as
 * Referer. Whatever comes, the answer is the pixel; X-Furrow-Dropped says why nothing was counted.
 */
#include "base/utf8.h"
#include "journey/journey.h"
#include "marketing/arrival.h"
#include "marketing/collect.h"
#include <stdlib.h>

enum { BOT_LEAST = 150 }; /* what count.js says of a program: 150 and more */

/* One white, transparent dot. */
static const char pixel[] = "GIF89a\x01\x00\x01\x00\x80\x00\x00\xff\xff\xff\x00\x00\x00\x21\xf9\x04"
                            "\x01\x00\x00\x00\x00\x2c\x00\x00\x00\x00\x01\x00\x01\x00\x00\x02\x02"
                            "\x44\x01\x00\x3b";

/* How browsers say that nobody looks at the page yet. */
static const struct {
    const char *header, *word;
} ahead[] = {
    { "Sec-Purpose", "prefetch" },
    { "Purpose", "prefetch" },
    { "X-Moz", "prefetch" },
    { "X-Purpose", "preview" },
};
static const int statuses[] = {
    [HIT_KEPT] = 200,    [HIT_UNKNOWN_SITE] = 400, [HIT_BOT] = 200,   [HIT_EXCLUDED] = 202,
    [HIT_BAD_URL] = 400, [HIT_MACHINE] = 200,      [HIT_AGENT] = 200, [HIT_PAGE] = 202
};

static enum status answer(struct req *rq, int status, const char *dropped)
{
    if (dropped != NULL)
        reply_header(rq, "X-Furrow-Dropped", dropped);
    reply_header(rq, "Cache-Control", "no-store");
    return reply_text(rq, status, "image/gif", (struct str){ pixel, sizeof pixel - 1 });
}

static bool is_ahead(const struct req *rq)
{
    for (size_t i = 0; i < countof(ahead); i++) {
        const char *said = rq->header(rq, ahead[i].header);
        if (said != NULL && str_contains_fold(str_from(said), ahead[i].word))
            return true;
    }
    return false;
}

/* Without `site`: whose page has the pixel. */
static const char *site_host(const struct req *rq)
{
    const char *site = req_query(rq, "site"), *referer = rq->header(rq, "referer");
    struct address page;

    if (!text_empty(site) || referer == NULL ||
        !address_read(rq->cx->arena, str_from(referer), &page))
        return site;
    return str_dup(rq->cx->arena, page.host);
}

/* `p` and `q` as the address of a page: count.js leaves the query in `p`, pixels say neither. */
static const char *page_url(const struct req *rq, const char *host, const char *path)
{
    const char *query = req_query(rq, "q");
    int len = (int)strcspn(path, "#");
    bool asks = memchr(path, '?', (size_t)len) != NULL || query[strspn(query, "?")] == '\0';

    return arena_printf(rq->cx->arena, "https://%s%s%.*s%s%s%s", host, path[0] == '/' ? "" : "/",
                        len, path, asks ? "" : "?", asks ? "" : query + strspn(query, "?"),
                        path + len);
}

static struct hit read_hit(struct req *rq)
{
    const char *site = site_host(rq), *path = req_query(rq, "p"), *event = req_query(rq, "e"),
               *cookie = rq->cookie(rq, "fw_id");
    bool is_event = !text_empty(event) && !text_is(event, "false") && !text_is(event, "0");

    return (struct hit){
        .name = is_event ? path : "pageview",
        .url = page_url(rq, text_empty(site) ? "localhost" : site, is_event ? "/" : path),
        .referrer = utf8_cut(rq->cx->arena, req_query(rq, "r"), HIT_URL_BYTES),
        .domain = site,
        .tracker_id = text_lower_ascii(rq->cx->arena, site),
        .first_party_id = cookie ? cookie : "",
        .title = req_query(rq, "t"),
        .screen_width = (int)strtol(req_query(rq, "s"), NULL, 10), /* "1920,1080,1" */
        .interactive = true,
        .no_page = is_event,
        .hash_mode = true,
    };
}

/* Why there is nothing to look at, or NULL. */
static const char *wrong_with(const struct req *rq)
{
    const char *path = req_query(rq, "p"), *bot = req_query(rq, "b");
    i64 n = 0;

    if (text_empty(path))
        return "no path (p)";
    if (utf8_length(path) > HIT_NAME_CHARS && !text_empty(req_query(rq, "e")))
        return "an event's name (p) is too long";
    if (!text_empty(bot) && (!str_i64(str_from(bot), &n) || n < 0 || (n > 0 && n < BOT_LEAST)))
        return "wrong bot number (b)";
    return NULL;
}

/* GET and POST /count */
static enum status count(struct req *rq)
{
    struct val *query;
    const char *wrong;
    enum hit_fate fate;
    struct event event;
    struct hit hit;

    if (http_form_parse(rq->cx, str_from(rq->query_string), &query) != OK) {
        ctx_clear_error(rq->cx);
        return answer(rq, 400, "bad query");
    }
    rq->query = query;
    if ((wrong = wrong_with(rq)) != NULL)
        return answer(rq, 400, wrong);
    if (rq->method == HTTP_HEAD || is_ahead(rq))
        return answer(rq, 200, "nobody looks at it");
    hit = read_hit(rq);
    hit.program = req_query_i64(rq, "b", 0) >= BOT_LEAST;
    fate = collect_event(rq, &hit, &event, NULL);
    if (fate != HIT_KEPT)
        return answer(rq, statuses[fate], hit_fate_word(fate));
    TRY(answer(rq, 200, NULL));
    return collect_store(rq, &event, 1);
}

/* GET /count.js -- the tracker for pages that carry GoatCounter's snippet. */
static enum status count_script(struct req *rq) { return reply_asset(rq, "count_js"); }

static const struct route routes[] = {
    { HTTP_GET, "/count.js", count_script, .flags = ROUTE_PUBLIC | ROUTE_INLINE | ROUTE_CORS,
      .summary = "The tracker for pages with GoatCounter's snippet" },
    { HTTP_GET, "/count", count, .flags = ROUTE_PUBLIC | ROUTE_INLINE | ROUTE_CORS | ROUTE_API,
      .summary = "Counts a page view without a script, by a pixel (GoatCounter's protocol)" },
    { HTTP_POST, "/count", count, .flags = ROUTE_PUBLIC | ROUTE_INLINE | ROUTE_CORS | ROUTE_API,
      .summary = "The same for count.js, which posts nothing" },
};
const struct feature feature_goatcounter = { .name = "goatcounter", ROUTES(routes) };
