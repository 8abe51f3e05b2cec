/* browse.h -- a visitor's browser for tests: reports to POST /api/event and the other trackers'
 * addresses, and what is on the journey afterwards. */
#pragma once
#include "journey/journey.h"
#include "kit/follow.h"
#include "support/house.h"

#define CHROME                                                                          \
    "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) " \
    "Chrome/130.0.0.0 Safari/537.36"
#define FIREFOX "Mozilla/5.0 (X11; Linux x86_64; rv:128.0) Gecko/20100101 Firefox/128.0"

/* A record of `type` from pairs of field name and text, as the system. */
static inline i64 make_record(struct house *h, const char *type, const char *const *pairs)
{
    const struct record_type *t = type_find(h->cx, type);
    struct row *r = row_new(h->cx, t);

    for (; *pairs != NULL; pairs += 2) {
        assert_true(type_field(t, pairs[0]) >= 0);
        assert_ok(h->cx, row_parse(h->cx, r, type_field(t, pairs[0]), pairs[1]));
    }
    assert_ok(h->cx, record_save(h->cx, r));
    return row_id(r);
}
#define RECORD(h, type, ...) make_record((h), (type), (const char *const[]){ __VA_ARGS__, NULL })

/* What the background does: records' events reach the journey, whose followers have their turn. */
static inline void settle(struct house *h)
{
    for (int round = 0; round < 3; round++) {
        assert_ok(h->cx, outbox_drain(h->cx));
        assert_ok(h->cx, follow_all(h->cx));
    }
}

struct browser {
    const char *agent, *address, *type, *cookie, *language; /* NULL: usual ones */
    const char *referer, *forwarded, *ip_type;              /* NULL: none */
};

static inline struct web_response browse(struct house *h, const struct browser *b,
                                         enum http_method method, const char *target,
                                         const char *body)
{
    const struct http_pair headers[] = { { "Host", "furrow.test" },
                                         { "User-Agent", b && b->agent ? b->agent : CHROME },
                                         { "Content-Type", b && b->type ? b->type : "text/plain" },
                                         { "Accept-Language",
                                           b && b->language ? b->language : "en-GB,en;q=0.9" },
                                         { "Cookie", b && b->cookie ? b->cookie : "none=1" },
                                         { b && b->referer ? "Referer" : "X-None-1",
                                           b && b->referer ? b->referer : "" },
                                         { b && b->forwarded ? "X-Forwarded-For" : "X-None-2",
                                           b && b->forwarded ? b->forwarded : "" },
                                         { b && b->ip_type ? "X-Plausible-IP-Type" : "X-None-3",
                                           b && b->ip_type ? b->ip_type : "" },
                                         { NULL, NULL } };
    struct web_request in = { .method = method,
                              .target = target,
                              .headers = headers,
                              .body = str_from(body),
                              .address = b ? b->address : NULL };
    struct web_response out;

    web_perform(h->web, h->arena, &in, &out);
    return out;
}

static inline struct web_response report(struct house *h, const struct browser *b, const char *body)
{
    return browse(h, b, HTTP_POST, "/api/event", body);
}

/* The last event on the journey. */
static inline struct event last_event(struct house *h)
{
    u64 last = journey_last_seq(h->journey);
    struct event *e;
    size_t count;

    assert_ok(h->cx, journey_since(h->cx, h->journey, last - 1, 1, &e, &count));
    assert_int_equal(count, 1);
    return e[0];
}

/* The event that a report makes; fails when it was not taken, or not once. */
static inline struct event seen(struct house *h, const struct browser *b, const char *body)
{
    u64 before = journey_last_seq(h->journey);
    struct web_response r = report(h, b, body);
    struct event *e;
    size_t count;

    house_expect(h, &r, 202);
    if (web_response_header(&r, "X-Furrow-Dropped"))
        fail_msg("dropped (%s): %s", web_response_header(&r, "X-Furrow-Dropped"), body);
    assert_ok(h->cx, journey_since(h->cx, h->journey, before, 10, &e, &count));
    if (count != 1)
        fail_msg("%zu events of %s", count, body);
    return e[0];
}
