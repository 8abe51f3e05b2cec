/* trackers_fuzz.c -- what any site on the web can send in the protocols of other trackers: Umami's
 * reports and batches, GoatCounter's pixel. Each is answered with a word, and on the journey there
 * is as much as the answer says, readable and with names that are UTF-8.
 * Input: a line that says which address, a line of User-Agent, then the body. */
#include "fuzz_house.h"

static const struct address {
    const char *word, *target;
    enum http_method method;
} addresses[] = {
    { "send", "/api/send", HTTP_POST },
    { "batch", "/api/batch", HTTP_POST },
    { "count", "/count?", HTTP_GET }, /* the body is the query */
};
static const char *const site[][2] = { { "name", "Example" },
                                       { "domain", "example.com" },
                                       { "tracker_id", "0191f3c0-5b7e-7d3a-9f10-2f6f3d9a1c55" },
                                       { NULL, NULL } };

static void check_kept(struct ctx *cx, u64 before, u64 kept)
{
    struct event *events;
    size_t count;

    must(journey_since(cx, house->journey, before, LIMIT_TRACKER_BATCH, &events, &count) == OK &&
             count == kept,
         "kept, and not to be read");
    for (size_t i = 0; i < count; i++)
        check_hit(cx, &events[i]);
}

/* How many events the answer says there are by now. */
static u64 told(struct ctx *cx, const struct address *at, const struct web_response *answer)
{
    struct val *v;

    if (text_is(at->word, "count")) {
        must(text_is(answer->type, "image/gif"), "no pixel");
        return web_response_header(answer, "X-Furrow-Dropped") == NULL;
    }
    must(json_read(cx->arena, answer->body, &v, NULL) == OK, "an answer that is no JSON");
    if (text_is(at->word, "send"))
        return val_get(v, "sessionId") != NULL;
    must(val_get_i64(v, "processed", 0) + val_get_i64(v, "errors", 0) == val_get_i64(v, "size", 0),
         "a batch that does not add up");
    return (u64)val_get_i64(v, "processed", 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct str rest = { (const char *)data, size };
    char word[LINE_BYTES], agent[LINE_BYTES], query[LINE_BYTES];
    const struct address *at = &addresses[0];
    struct web_response answer;
    struct ctx cx;

    if (house == NULL)
        house_begin("site", site);
    struct arena *a = arena_new(64 * 1024);
    (void)take_line(&rest, word);
    for (size_t i = 0; i < countof(addresses); i++)
        at = text_is(addresses[i].word, word) ? &addresses[i] : at;
    const struct http_pair headers[] = { { "User-Agent", take_line(&rest, agent) },
                                         { NULL, NULL } };
    struct web_request request = {
        .method = at->method, .target = at->target, .headers = headers, .body = rest
    };
    if (at->method == HTTP_GET) {
        request.target = arena_printf(a, "%s%s", at->target, take_line(&rest, query));
        request.body = STR("");
    }
    u64 before = journey_last_seq(house->journey), kept;
    ctx_init(&cx, a, house->clock);
    web_perform(house->web, a, &request, &answer);
    kept = journey_last_seq(house->journey) - before;
    must(answer.status == 200 || (answer.status >= 400 && answer.status < 500), "an odd answer");
    must(answer.status == 200 || kept == 0, "kept though refused");
    u64 said = told(&cx, at, &answer); /* a batch counts what bots sent as processed */
    must(kept == said || (kept < said && text_is(at->word, "batch")), "not what was told");
    check_kept(&cx, before, kept);
    arena_free(a);
    return 0;
}
