/* house.h -- the whole program without a socket: database, journey, templates, kit and web, on
 * either engine, with a clock that stands on Monday 23 November 2026, 10:00 UTC. Requests go
 * through web_perform, as themselves they go through the network.
 *
 * static void a_stranger_is_sent_to_sign_in(void **state) { struct house *h = *state; struct
 * web_response r = house_get(h, NULL, "/settings"); assert_int_equal(r.status, 303); } const
 * struct CMUnitTest tests[] = { IN_BOTH_HOUSES(a_stranger_is_sent_to_sign_in, NULL) };
 * */
#pragma once
#include "kit/web.h"
#include "support/store.h"

#define HOUSE_NOW INT64_C(1795428000000) /* 2026-11-23T10:00:00Z, a Monday */

struct house_options {
    const struct feature *const *features; /* NULL: all of the program */
    size_t feature_count;
    const char *public_url, *trusted_proxy;
    unsigned readers; /* threads; 0: only house_* ask */
};

/* Somebody who asks. NULL is a stranger. */
struct person {
    i64 user_id;
    const char *cookie; /* "furrow_session=..."; NULL: comes with a token */
    const char *csrf, *bearer;
};

struct house {
    struct test_db *t;
    enum db_engine engine;
    struct clock *clock;
    struct ctx *cx;     /* as the system; cx->db writes */
    struct writer *writer;
    struct journey *journey;
    struct templates *templates;
    struct kit *kit;
    struct web *web;
    struct arena *arena; /* answers live here, until the house is closed */
    char journey_path[128];
    int people;
};

struct house *house_open(enum db_engine engine, const struct house_options *o);
void house_close(struct house *h);

/* A user of this role ("" administrator) and of the team called like it, signed in. In arena. */
struct person *house_user(struct house *h, const char *name, const char *role);
/* The same user, by an API token. */
struct person *house_token(struct house *h, const struct person *p, const char *scopes);

/* Asks. `body` that begins with { or [ is JSON, else a form; a person's CSRF token is sent along.
 * `headers` may be NULL. */
struct web_response house_ask(struct house *h, const struct person *who, enum http_method m,
                              const char *target, const char *body,
                              const struct http_pair *headers);
struct web_response house_get(struct house *h, const struct person *who, const char *target);
struct web_response house_post(struct house *h, const struct person *who, const char *target,
                               const char *body);
/* As a program does: Accept: application/json. */
struct web_response house_json(struct house *h, const struct person *who, enum http_method m,
                               const char *target, const char *body);
/* The answer's JSON; fails the test when it is none. */
const struct val *house_val(struct house *h, const struct web_response *r);
bool house_has(const struct web_response *r, const char *text);
/* Value of a cookie that an answer sets; NULL: none. */
const char *house_cookie(struct house *h, const struct web_response *r, const char *name);
void house_expect_(struct house *h, const struct web_response *r, int status, const char *file,
                   int line);
#define house_expect(h, r, status) house_expect_((h), (r), (status), __FILE__, __LINE__)

int house_sqlite(void **state); /* set-ups: *state is a struct house_options or NULL */
int house_postgres(void **state);
int house_teardown(void **state);
#define IN_SQLITE_HOUSE(test, options)                                                             \
    { #test " (sqlite)", test, house_sqlite, house_teardown, (void *)(options) }
#define IN_POSTGRES_HOUSE(test, options)                                                           \
    { #test " (postgres)", test, house_postgres, house_teardown, (void *)(options) }
#define IN_BOTH_HOUSES(test, options)                                                              \
    IN_SQLITE_HOUSE(test, options), IN_POSTGRES_HOUSE(test, options)
