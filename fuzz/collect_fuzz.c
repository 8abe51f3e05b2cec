/* collect_fuzz.c -- what any site on the web can send to POST /api/event: the tracker's report, its
 * addresses and campaign parameters, and the User-Agent. It is refused with a word, dropped with a
 * reason, or on the journey once, readable and with names that are UTF-8.
 * Input: a line of User-Agent, a line of cookies, then the body. */
#include "fuzz_house.h"

static const char *const site[][2] = { { "name", "Example" },
                                       { "domain", "example.com" },
                                       { NULL, NULL } };

static void check_kept(struct ctx *cx, u64 before)
{
    struct event *e;
    size_t count;

    must(journey_since(cx, house->journey, before, 10, &e, &count) == OK && count == 1,
         "kept, and not once on the journey");
    must(journey_name(house->journey, DICT_PAGE, e->page)[0] == '/', "a page that is no path");
    check_hit(cx, e);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct str rest = { (const char *)data, size };
    char agent[LINE_BYTES], cookies[LINE_BYTES];
    struct web_response answer;
    struct ctx cx;

    if (house == NULL)
        house_begin("site", site);
    struct arena *a = arena_new(64 * 1024);
    const struct http_pair headers[] = { { "User-Agent", take_line(&rest, agent) },
                                         { "Cookie", take_line(&rest, cookies) },
                                         { "Content-Type", "text/plain" },
                                         { NULL, NULL } };
    struct web_request request = {
        .method = HTTP_POST, .target = "/api/event", .headers = headers, .body = rest
    };
    u64 before = journey_last_seq(house->journey);
    ctx_init(&cx, a, house->clock);
    web_perform(house->web, a, &request, &answer);
    u64 kept = journey_last_seq(house->journey) - before;
    bool dropped = web_response_header(&answer, "X-Furrow-Dropped") != NULL;
    must(answer.status == 202 || (answer.status >= 400 && answer.status < 500), "an odd answer");
    must(answer.body.len > 0, "no word");
    must(kept == (answer.status == 202 && !dropped), "kept though refused, or the other way round");
    if (kept > 0)
        check_kept(&cx, before);
    arena_free(a);
    return 0;
}
