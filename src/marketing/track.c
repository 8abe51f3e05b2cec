/* track.c -- the door for trackers: POST /api/event in Plausible's protocol, which our own tracker
 * speaks too, so that changing one script URL is enough. Answered 202 once the event is on disk.
 * Field names and limits: plausible.io/docs/events-api. */
#include "base/json.h"
#include "base/limits.h"
#include "base/utf8.h"
#include "journey/journey.h"
#include "marketing/collect.h"
#include <arpa/inet.h>

enum { SITES_OF_ONE_HIT = 10, ENGAGED_MS_MOST = MS_DAY };

/* Networks whose addresses tell nothing: many visitors have the same one. */
static const struct {
    u32 network, mask;
} private_networks[] = {
    { 0x0a000000, 0xff000000 }, { 0xac100000, 0xfff00000 }, { 0xc0a80000, 0xffff0000 },
    { 0x7f000000, 0xff000000 }, { 0xa9fe0000, 0xffff0000 }, { 0x64400000, 0xffc00000 },
};
/* What a proxy in front says of an address (X-Plausible-IP-Type) and we take for a program. */
static const char *const machine_types[] = { "dc_ip", "threat_ip" };

/* What a report may say, and how it is spelled: short by trackers, long by people. */
enum part {
    NAME,
    URL,
    DOMAIN,
    REFERRER,
    PROPS,
    INTERACTIVE,
    HASH_MODE,
    SCROLL_DEPTH,
    ENGAGED_MS,
    REVENUE,
    VITALS_TOLD,
    FIRST_PARTY_ID,
    TITLE,
    WIDTH,
    PARTS
};
static const struct {
    const char *name;
    enum part part;
} spellings[] = {
    { "n", NAME },
    { "name", NAME },
    { "u", URL },
    { "url", URL },
    { "d", DOMAIN },
    { "domain", DOMAIN },
    { "r", REFERRER },
    { "referrer", REFERRER },
    { "p", PROPS },
    { "props", PROPS },
    { "m", PROPS },
    { "meta", PROPS },
    { "i", INTERACTIVE },
    { "interactive", INTERACTIVE },
    { "h", HASH_MODE },
    { "hashMode", HASH_MODE },
    { "sd", SCROLL_DEPTH },
    { "e", ENGAGED_MS },
    { "$", REVENUE },
    { "revenue", REVENUE },
    { "vitals", VITALS_TOLD }, /* of our tracker: how fast the page was */
    { "fid", FIRST_PARTY_ID },
    { "t", TITLE },
    { "w", WIDTH },
    { "screen_width", WIDTH },
};
struct report {
    const struct val *parts[PARTS]; /* NULL: not said */
};

/* Each key is looked for once: this runs for every page view of every site. */
static struct report report_of(const struct val *body)
{
    struct report r = { 0 };

    for (size_t i = 0; i < val_count(body); i++) {
        const char *key = val_key_at(body, i);
        for (size_t s = 0; s < countof(spellings); s++)
            if (key[0] == spellings[s].name[0] && text_is(key, spellings[s].name) &&
                r.parts[spellings[s].part] == NULL)
                r.parts[spellings[s].part] = val_value_at(body, i);
    }
    return r;
}

static const char *text_of(struct ctx *cx, const struct val *v) { return val_print(cx->arena, v); }

/* Scroll depth and engaged time are properties of an engagement report like others. */
static enum status read_engagement(struct ctx *cx, const struct report *r, struct val *props)
{
    i64 depth = val_as_i64(r->parts[SCROLL_DEPTH], -1), ms = val_as_i64(r->parts[ENGAGED_MS], -1);

    if (depth < 0 && ms < 0)
        return ctx_fail_field(cx, "e", "required",
                              "An engagement event needs e (milliseconds) or sd (scroll depth).");
    if (depth >= 0)
        val_put_i64(props, "sd", depth > 100 ? 100 : depth);
    if (ms >= 0)
        val_put_i64(props, "e", ms > ENGAGED_MS_MOST ? ENGAGED_MS_MOST : ms);
    return OK;
}

static enum status read_body(struct req *rq, struct val **body)
{
    struct json_error err = { 0, "it is something else" };

    /* Trackers send JSON as text/plain too, since that needs no preflight: the type does not
     * matter. */
    if (json_read(rq->cx->arena, rq->body, body, &err) == OK && val_kind_of(*body) == VAL_MAP)
        return OK;
    return ctx_fail_code(rq->cx, E_INVALID, "json",
                         "The body is no JSON object (character %zu: %s). Send name (n), url (u) "
                         "and domain (d).",
                         err.offset, err.message);
}

static bool is_public_address(const char *text)
{
    struct in6_addr v6;
    struct in_addr v4;

    if (inet_pton(AF_INET6, text, &v6) == 1)
        return (v6.s6_addr[0] & 0xfe) != 0xfc && v6.s6_addr[0] != 0xfe && v6.s6_addr[0] != 0;
    if (inet_pton(AF_INET, text, &v4) != 1)
        return false;
    for (size_t i = 0; i < countof(private_networks); i++)
        if ((ntohl(v4.s_addr) & private_networks[i].mask) == private_networks[i].network)
            return false;
    return true;
}

/* Servers that report for their visitors say whose address it was, first in X-Forwarded-For.
 * Anybody may: it only tells visitors apart. */
static const char *told_address(struct req *rq)
{
    const char *header = rq->header(rq, "x-forwarded-for"), *address;
    struct str rest = str_from(header ? header : ""), part;

    while (str_split(&rest, ',', &part)) {
        address = str_dup(rq->cx->arena, str_trim(part));
        if (is_public_address(address))
            return address;
    }
    return "";
}

static bool is_machine(const struct req *rq)
{
    const char *type = rq->header(rq, "x-plausible-ip-type");

    for (size_t i = 0; type != NULL && i < countof(machine_types); i++)
        if (text_is(type, machine_types[i]))
            return true;
    return false;
}

/* A name is a text or a whole number. */
static const char *name_of(struct ctx *cx, const struct val *v)
{
    enum val_kind kind = val_kind_of(v);

    return kind == VAL_TEXT || kind == VAL_I64 ? text_of(cx, v) : "";
}

/* An object, or the JSON of one. */
static const struct val *object_of(struct ctx *cx, const struct val *v)
{
    struct val *parsed;

    return val_kind_of(v) == VAL_TEXT &&
                   json_read(cx->arena, str_from(val_as_text(v, "")), &parsed, NULL) == OK
               ? parsed
               : v;
}

static enum status check_hit(struct ctx *cx, const struct hit *h)
{
    if (text_empty(h->name) || utf8_length(h->name) > HIT_NAME_CHARS)
        return ctx_fail_field(cx, "name", "event.name",
                              "An event needs a name (n) of at most %d characters.",
                              HIT_NAME_CHARS);
    if (text_empty(h->url) || strlen(h->url) > HIT_URL_BYTES ||
        str_starts(str_from(h->url), "data:"))
        return ctx_fail_field(cx, "url", "event.url",
                              "An event needs the page's address (u), at most %d bytes.",
                              HIT_URL_BYTES);
    return OK;
}

static enum status read_hit(struct req *rq, struct hit *h)
{
    struct ctx *cx = rq->cx;
    const char *cookie = rq->cookie(rq, "fw_id");
    const struct val *revenue;
    struct val *body, *props;

    TRY(read_body(rq, &body));
    struct report r = report_of(body);
    revenue = object_of(cx, r.parts[REVENUE]);
    props = hit_props(cx, r.parts[r.parts[VITALS_TOLD] ? VITALS_TOLD : PROPS], false);
    *h = (struct hit){
        .name = name_of(cx, r.parts[NAME]),
        .url = text_of(cx, r.parts[URL]),
        .domain = text_of(cx, r.parts[DOMAIN]),
        .referrer = utf8_cut(cx->arena, text_of(cx, r.parts[REFERRER]), HIT_URL_BYTES),
        .first_party_id = text_of(cx, r.parts[FIRST_PARTY_ID]),
        .title = text_of(cx, r.parts[TITLE]),
        .screen_width = (int)val_as_i64(r.parts[WIDTH], 0),
        .interactive = val_as_bool(r.parts[INTERACTIVE], true),
        .hash_mode = val_as_bool(r.parts[HASH_MODE], val_as_i64(r.parts[HASH_MODE], 0) == 1),
        .revenue = text_of(cx, val_get(revenue, "amount")),
        .currency = val_get_text(revenue, "currency"),
        .address = told_address(rq),
        .vitals = r.parts[VITALS_TOLD] != NULL,
        .props = props,
    };
    if (text_empty(h->first_party_id) && cookie != NULL)
        h->first_party_id = cookie;
    TRY(check_hit(cx, h));
    return text_is(h->name, "engagement") ? read_engagement(cx, &r, props) : OK;
}

/* `domain` may name several sites with commas between: the hit is each one's. */
static size_t read_events(struct req *rq, struct hit *h, struct event *events, enum hit_fate *fate)
{
    struct str rest = str_from(h->domain), domain = STR("");
    size_t count = 0;

    *fate = HIT_KEPT;
    do {
        (void)str_split(&rest, ',', &domain);
        h->domain = str_dup(rq->cx->arena, str_trim(domain));
        *fate = collect_event(rq, h, &events[count], NULL);
        count += *fate == HIT_KEPT;
    } while (rest.len > 0 && count < SITES_OF_ONE_HIT);
    return count;
}

/* POST /api/event */
static enum status track_event(struct req *rq)
{
    struct event events[SITES_OF_ONE_HIT];
    enum hit_fate fate;
    struct hit hit;
    size_t count;

    TRY(read_hit(rq, &hit));
    hit.machine = is_machine(rq);
    count = read_events(rq, &hit, events, &fate);
    if (count == 0) {
        reply_header(rq, "X-Furrow-Dropped", hit_fate_word(fate));
        reply_header(rq, "X-Plausible-Dropped", "1");
        return reply_text(rq, 202, "text/plain", STR("ok"));
    }
    TRY(reply_fixed(rq, kit_state(rq->cx->kit, "track")));
    return collect_store(rq, events, count);
}

/* GET /js/script.js -- our tracker where a page has Plausible's: window.plausible is the same. */
static enum status track_script(struct req *rq) { return reply_asset(rq, "furrow_js"); }

static const struct route routes[] = {
    { HTTP_GET, "/js/script.js", track_script, .flags = ROUTE_PUBLIC | ROUTE_INLINE | ROUTE_CORS,
      .summary = "The tracker, at the address that Plausible's has" },
    { HTTP_POST, "/api/event", track_event,
      .flags = ROUTE_PUBLIC | ROUTE_INLINE | ROUTE_CORS | ROUTE_API,
      .summary = "Collects a page view or event from a tracker (Plausible's protocol)" },
};

static enum status track_start(struct ctx *cx)
{
    static const struct http_pair headers[] = { { "Access-Control-Allow-Origin", "*" },
                                                { "Cache-Control", "no-store" },
                                                { "X-Content-Type-Options", "nosniff" },
                                                { NULL, NULL } };

    kit_set_state(cx->kit, "track", fixed_reply_new(202, "text/plain", "ok", headers),
                  fixed_reply_free);
    return OK;
}

const struct feature feature_track = { .name = "track", ROUTES(routes), .start = track_start };
