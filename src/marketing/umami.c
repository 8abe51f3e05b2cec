/* umami.c -- Umami's protocol, so that its trackers and libraries report to Furrow unchanged: POST
 * /api/send and /api/batch. The site is the one with that tracker id, or else that hostname. Fields
 * and limits: umami.is/docs/api/sending-stats.
 * Differs where strangers could harm: a timestamp is at most a day old (older events come with a
 * token, POST /api/v1/events), `vid`, an id kept without asking, is not used, and what a client
 * says of browser, os and device is left to its user agent. */
#include "base/id.h"
#include "base/json.h"
#include "base/limits.h"
#include "base/utf8.h"
#include "journey/journey.h"
#include "marketing/collect.h"
#include <arpa/inet.h>
#include <sodium.h>
#include <stdlib.h>

enum { AHEAD_MS = 5 * MS_MINUTE, TITLE_CHARS = 500, DISTINCT_CHARS = 50, AGENT_CHARS = 1000 };

/* What a report is of; `name` is that of the event when the payload has none. */
static const struct kind {
    const char *type, *name;
    bool vitals, quiet; /* quiet: nobody did anything */
} kinds[] = {
    { "event", "pageview", false, false },
    { "identify", "identify", false, true },
    { "performance", "performance", true, true },
};
/* Texts of a payload and how many characters each may have. */
static const struct {
    const char *name;
    size_t chars;
} texts[] = {
    { "hostname", 100 },
    { "language", 35 },
    { "screen", 11 },
    { "title", TITLE_CHARS },
    { "name", 50 },
    { "tag", 50 },
    { "id", DISTINCT_CHARS },
    { "url", HIT_URL_BYTES },
    { "referrer", HIT_URL_BYTES },
    { "ip", 45 },
    { "userAgent", AGENT_CHARS },
    { "browser", 50 },
    { "os", 50 },
    { "device", 50 },
};
static const struct {
    const char *name;
    double most;
} vitals[] = {
    { "lcp", 60000 }, { "inp", 60000 }, { "cls", 100 }, { "fcp", 60000 }, { "ttfb", 60000 },
};

static const struct {
    int status;
    const char *code, *message;
} fates[] = {
    [HIT_UNKNOWN_SITE] = { 400, "bad-request", "Website not found." },
    [HIT_BAD_URL] = { 400, "bad-request", "url is no address of a page." },
    [HIT_PAGE] = { 403, "forbidden", "Visits to this page are not counted." },
    [HIT_EXCLUDED] = { 403, "forbidden", "Visits from this address are not counted." },
};

/* What becomes of one report: an answer, and an event when it was kept. */
struct outcome {
    int status;
    struct val *answer;
    bool kept;
};

/* As Umami's clients read it, and a problem document for the rest. */
static struct outcome refuse(struct ctx *cx, int status, const char *code, const char *message)
{
    struct outcome o = { .status = status, .answer = val_map(cx->arena) };
    struct val *error;

    val_put_printf(o.answer, "type", "urn:furrow:problem:umami.%s", code);
    val_put_text(o.answer, "title", status_title(status == 403 ? E_FORBIDDEN : E_INVALID));
    val_put_i64(o.answer, "status", status);
    val_put_text(o.answer, "detail", message);
    val_put_printf(o.answer, "code", "umami.%s", code);
    error = val_put_map(o.answer, "error");
    val_put_text(error, "message", message);
    val_put_text(error, "code", code);
    val_put_i64(error, "status", status);
    return o;
}

/* ---- what is wrong with a payload: each says it, or NULL ---- */

static const char *check_texts(struct ctx *cx, const struct val *payload)
{
    for (size_t i = 0; i < countof(texts); i++) {
        const struct val *v = val_get(payload, texts[i].name);
        if (val_is_null(v))
            continue;
        if (val_kind_of(v) != VAL_TEXT || utf8_length(val_as_text(v, "")) > texts[i].chars)
            return arena_printf(cx->arena, "%s must be a text of at most %zu characters.",
                                texts[i].name, texts[i].chars);
    }
    return NULL;
}

static const char *check_numbers(struct ctx *cx, const struct val *payload)
{
    for (size_t i = 0; i < countof(vitals); i++) {
        const struct val *v = val_get(payload, vitals[i].name);
        double n = val_as_double(v, -1);
        if (!val_is_null(v) && !(n >= 0 && n <= vitals[i].most))
            return arena_printf(cx->arena, "%s must be a number from 0 to %.0f.", vitals[i].name,
                                vitals[i].most);
    }
    return NULL;
}

static const char *check_source(const struct val *payload)
{
    static const char *const sources[] = { "website", "link", "pixel" };
    size_t said = 0;

    for (size_t i = 0; i < countof(sources); i++)
        said += !text_empty(val_get_text(payload, sources[i]));
    return said == 1 ? NULL : "Exactly one of website, link or pixel must be given.";
}

static i64 timestamp_ms(const struct val *payload)
{
    const struct val *v = val_get(payload, "timestamp");
    i64 s = val_as_i64(v, -1);

    if (val_kind_of(v) == VAL_TEXT && !str_i64(str_from(val_as_text(v, "")), &s))
        s = -1;
    return val_is_null(v) ? 0 : s < 0 || s > INT64_MAX / MS_SECOND ? -1 : s * MS_SECOND;
}

static const char *check_time(struct ctx *cx, const struct val *payload)
{
    i64 at = timestamp_ms(payload), now = ctx_now(cx);

    if (at == 0 || (at >= now - MS_DAY && at <= now + AHEAD_MS))
        return NULL;
    return "timestamp must be seconds since 1970, at most a day ago; older events come with a "
           "token, POST /api/v1/events.";
}

static const char *check_payload(struct ctx *cx, const struct val *payload)
{
    const struct val *data = val_get(payload, "data");
    const char *ip = val_get_text(payload, "ip"), *wrong = check_source(payload);
    unsigned char address[sizeof(struct in6_addr)];

    if (wrong == NULL)
        wrong = check_texts(cx, payload);
    if (wrong == NULL)
        wrong = check_numbers(cx, payload);
    if (wrong == NULL)
        wrong = check_time(cx, payload);
    if (wrong == NULL && !val_is_null(data) && val_kind_of(data) != VAL_MAP)
        wrong = "data must be an object.";
    if (wrong == NULL && !text_empty(ip) && inet_pton(AF_INET, ip, address) != 1 &&
        inet_pton(AF_INET6, ip, address) != 1)
        wrong = "ip must be an address.";
    return wrong;
}

/* ---- from a payload to a hit ---- */

/* Trackers send whole addresses or paths; servers none. */
static const char *whole_url(struct ctx *cx, const char *url, const char *hostname)
{
    const char *host = text_empty(hostname) ? "localhost" : hostname;

    if (strstr(url, "://") != NULL && strncmp(url, "http", 4) == 0)
        return url;
    return arena_printf(cx->arena, "https://%s%s%s", host, url[0] == '/' ? "" : "/", url);
}

/* A distinct id may be any text. One of a first-party id's shape is that id, so that a form which
 * carries it joins the visits; another stands for itself as a digest. */
static const char *first_party_id(struct ctx *cx, const char *id)
{
    unsigned char digest[16];

    if (text_empty(id) || first_party_id_is(id))
        return id;
    crypto_generichash(digest, sizeof digest, (const unsigned char *)id, strlen(id), NULL, 0);
    return uuid_text(cx->arena, digest);
}

static struct val *props_of(struct ctx *cx, const struct val *payload, bool with_vitals)
{
    struct val *props = hit_props(cx, val_get(payload, "data"), true);
    const char *tag = val_get_text(payload, "tag");

    for (size_t i = 0; with_vitals && i < countof(vitals); i++) {
        const struct val *v = val_get(payload, vitals[i].name);
        if (!val_is_null(v))
            val_put(props, vitals[i].name, val_copy(cx->arena, v));
    }
    if (!text_empty(tag))
        val_put_text(props, "tag", tag);
    return props;
}

static struct hit read_hit(struct req *rq, const struct kind *kind, const struct val *payload)
{
    struct ctx *cx = rq->cx;
    const char *name = val_get_text(payload, "name"), *url = val_get_text(payload, "url"),
               *hostname = val_get_text(payload, "hostname"), *cookie = rq->cookie(rq, "fw_id"),
               *id = first_party_id(cx, val_get_text(payload, "id"));
    bool custom = text_is(kind->type, "event") && !text_empty(name);

    return (struct hit){
        .name = custom ? name : kind->name,
        .url = whole_url(cx, url, hostname),
        .referrer = val_get_text(payload, "referrer"),
        .domain = hostname,
        .tracker_id = text_lower_ascii(cx->arena, val_get_text(payload, "website")),
        .first_party_id = text_empty(id) && cookie != NULL ? cookie : id,
        .title = val_get_text(payload, "title"),
        .address = val_get_text(payload, "ip"),
        .agent = val_get_text(payload, "userAgent"),
        .language = val_get_text(payload, "language"),
        .props = props_of(cx, payload, kind->vitals),
        .at_ms = timestamp_ms(payload),
        .screen_width = (int)strtol(val_get_text(payload, "screen"), NULL, 10),
        .interactive = !kind->quiet,
        .vitals = kind->vitals,
        .no_page = text_empty(url),
        .hash_mode = true,
    };
}

/* ---- the answer ---- */

/* Ids that tell the client's visits apart and nobody else anything. */
static const char *digest_id(struct ctx *cx, const char *what, const struct hit_visit *v,
                             i64 began_ms)
{
    unsigned char digest[16];
    const char *text = arena_printf(cx->arena, "%s %llu %lld", what, (unsigned long long)v->visitor,
                                    (long long)began_ms);

    crypto_generichash(digest, sizeof digest, (const unsigned char *)text, strlen(text), NULL, 0);
    return uuid_text(cx->arena, digest);
}

/* The token saves Umami's server a look-up; we need none, and take any that comes back. */
static struct val *visit_answer(struct ctx *cx, const struct hit_visit *v)
{
    struct val *answer = val_map(cx->arena);
    const char *session = digest_id(cx, "session", v, 0),
               *visit = digest_id(cx, "visit", v, v->began_ms);

    val_put_printf(answer, "cache", "%s.%s", session, visit);
    val_put_text(answer, "sessionId", session);
    val_put_text(answer, "visitId", visit);
    return answer;
}

static struct val *bot_answer(struct ctx *cx)
{
    struct val *answer = val_map(cx->arena);

    val_put_text(answer, "beep", "boop");
    return answer;
}

static const struct kind *kind_of(const struct val *report)
{
    for (size_t i = 0; i < countof(kinds); i++)
        if (text_is(kinds[i].type, val_get_text(report, "type")))
            return &kinds[i];
    return NULL;
}

static struct outcome take(struct req *rq, const struct val *report, struct event *event)
{
    struct ctx *cx = rq->cx;
    const struct kind *kind = kind_of(report);
    const struct val *payload = val_get(report, "payload");
    const char *wrong;
    struct hit_visit visit;
    enum hit_fate fate;
    struct hit hit;

    if (kind == NULL)
        return refuse(cx, 400, "bad-request", "type must be event, identify or performance.");
    if (val_kind_of(payload) != VAL_MAP)
        return refuse(cx, 400, "bad-request", "payload must be an object.");
    if ((wrong = check_payload(cx, payload)) != NULL)
        return refuse(cx, 400, "bad-request", wrong);
    hit = read_hit(rq, kind, payload);
    fate = collect_event(rq, &hit, event, &visit);
    if (fate == HIT_KEPT)
        return (struct outcome){ 200, visit_answer(cx, &visit), true };
    if (fate == HIT_BOT || fate == HIT_MACHINE || fate == HIT_AGENT)
        return (struct outcome){ 200, bot_answer(cx), false };
    return refuse(cx, fates[fate].status, fates[fate].code, fates[fate].message);
}

static enum status answer(struct req *rq, int status, struct val *v, const struct event *events,
                          size_t kept)
{
    TRY(reply_json(rq, status, v));
    if (status >= 400)
        rq->type = "application/problem+json";
    reply_header(rq, "Cache-Control", "no-store");
    return kept > 0 ? collect_store(rq, events, kept) : OK;
}

/* The body, or false when it is something else; whatever Content-Type says. */
static bool read_body(struct req *rq, enum val_kind kind, struct val **body)
{
    return json_read(rq->cx->arena, rq->body, body, NULL) == OK && val_kind_of(*body) == kind;
}

/* POST /api/send */
static enum status umami_send(struct req *rq)
{
    struct outcome o;
    struct event event;
    struct val *body;

    o = read_body(rq, VAL_MAP, &body)
            ? take(rq, body, &event)
            : refuse(rq->cx, 400, "bad-request", "The body must be a JSON object.");
    return answer(rq, o.status, o.answer, &event, o.kept);
}

static void put_failure(struct val *details, size_t index, struct val *response)
{
    struct val *one = val_add_map(details);

    val_put_i64(one, "index", (i64)index);
    val_put(one, "response", response);
}

/* POST /api/batch: each report by itself; the good ones are stored together. */
static enum status umami_batch(struct req *rq)
{
    struct ctx *cx = rq->cx;
    struct val *body, *result = val_map(cx->arena), *details = val_list(cx->arena);
    const struct val *cache = NULL;
    struct event *events;
    struct outcome o;
    size_t kept = 0;

    if (!read_body(rq, VAL_LIST, &body) || val_count(body) > LIMIT_TRACKER_BATCH) {
        o = refuse(cx, 400, "bad-request",
                   arena_printf(cx->arena, "The body must be a JSON list of at most %d reports.",
                                LIMIT_TRACKER_BATCH));
        return answer(rq, o.status, o.answer, NULL, 0);
    }
    events = NEW_N(cx->arena, struct event, val_count(body) + 1);
    for (size_t i = 0; i < val_count(body); i++) {
        o = take(rq, val_at(body, i), &events[kept]);
        kept += o.kept;
        if (o.status >= 400)
            put_failure(details, i, o.answer);
        else if (cache == NULL)
            cache = val_get(o.answer, "cache");
    }
    val_put_i64(result, "size", (i64)val_count(body));
    val_put_i64(result, "processed", (i64)(val_count(body) - val_count(details)));
    val_put_i64(result, "errors", (i64)val_count(details));
    val_put(result, "details", details);
    val_put(result, "cache", val_copy(cx->arena, cache));
    return answer(rq, 200, result, events, kept);
}

/* GET /script.js -- the tracker for pages that carry Umami's snippet. */
static enum status umami_script(struct req *rq) { return reply_asset(rq, "umami_js"); }

static const struct route routes[] = {
    { HTTP_GET, "/script.js", umami_script, .flags = ROUTE_PUBLIC | ROUTE_INLINE | ROUTE_CORS,
      .summary = "The tracker for pages with Umami's snippet" },
    { HTTP_POST, "/api/send", umami_send,
      .flags = ROUTE_PUBLIC | ROUTE_INLINE | ROUTE_CORS | ROUTE_API,
      .summary = "Collects a page view, event, identity or web vitals (Umami's protocol)" },
    { HTTP_POST, "/api/batch", umami_batch,
      .flags = ROUTE_PUBLIC | ROUTE_INLINE | ROUTE_CORS | ROUTE_API,
      .summary = "Collects several such reports at once (Umami's protocol)" },
};
const struct feature feature_umami = { .name = "umami", ROUTES(routes) };
