/* house.c -- opens and closes the whole program for a test, and asks it. */
#include "support/house.h"
#include "admin/user.h"
#include "app/registry.h"
#include "base/json.h"
#include "journey/journey.h"
#include "kit/session.h"
#include "support/events.h"
#include "support/seed.h"
#include <stdio.h>
#include <stdlib.h>
#include <strings.h>
#include <unistd.h>

enum { HOUSE_ARENA_BYTES = 256 * 1024, HEADERS_MAX = 16, HOUSE_FLUSH_EVENTS = 3 };

static void open_database(struct house *h)
{
    struct arena *a = arena_new(1024);
    struct test_sql sql = { 0 };
    void *state = &sql;

    sql.files = registry_sql(a, &sql.count);
    if (test_db_migrated(&state, h->engine, all_migrations, all_migration_count))
        fail_msg("no database");
    h->t = state;
    h->cx = &h->t->cx;
    h->clock = &h->t->clock;
    h->clock->fixed_ms = HOUSE_NOW;
    h->cx->access = access_system();
    assert_ok(h->cx, writer_open(h->cx, h->t->store, 2, &h->writer));
    arena_defer(h->arena, (void (*)(void *))arena_free, a); /* the store reads the texts */
}

/* What seals the secrets of tests. */
static const unsigned char seal_key[32] = "only tests are sealed with this.";

static void open_kit(struct house *h, const struct house_options *o)
{
    struct kit_options ko = { .features = o->features != NULL ? o->features : features,
                              .feature_count =
                                  o->features != NULL ? o->feature_count : feature_count,
                              .store = h->t->store,
                              .writer = h->writer,
                              .journey = h->journey,
                              .templates = h->templates,
                              .seal_key = seal_key,
                              .public_url = o->public_url,
                              .clock = h->clock };
    const struct schema_table *tables;
    size_t count;

    assert_ok(h->cx, kit_open(h->cx, &ko, &h->kit));
    h->cx->kit = h->kit;
    assert_ok(h->cx, kit_schema(h->cx, &tables, &count));
    assert_ok(h->cx, schema_apply(h->cx, tables, count));
    assert_ok(h->cx, kit_start(h->cx));
}

struct house *house_open(enum db_engine engine, const struct house_options *o)
{
    static const struct house_options usual = { 0 };
    struct house *h = calloc(1, sizeof *h);
    struct journey_options jo = { 0 };

    if (o == NULL)
        o = &usual;
    h->engine = engine;
    h->arena = arena_new(HOUSE_ARENA_BYTES);
    open_database(h);
    jo.clock = h->clock;
    jo.no_background = true;
    jo.events_url = test_events_url();
    if (jo.events_url != NULL) { /* what a test appends is mostly flushed when it asks */
        jo.no_background = false;
        jo.flush_events = HOUSE_FLUSH_EVENTS;
    }
    assert_ok(h->cx, journey_open(h->cx, &jo, &h->journey));
    h->cx->journey = h->journey;
    assert_ok(h->cx,
              templates_open(h->cx, template_files, template_file_count, NULL, &h->templates));
    open_kit(h, o);
    struct web_options wo = { .kit = h->kit,
                              .store = h->t->store,
                              .writer = h->writer,
                              .journey = h->journey,
                              .clock = h->clock,
                              .public_url = o->public_url,
                              .trusted_proxy = o->trusted_proxy,
                              .readers = o->readers };
    assert_ok(h->cx, web_open(h->cx, &wo, &h->web));
    return h;
}

void house_close(struct house *h)
{
    void *state = h->t;

    web_close(h->web);
    writer_close(h->writer);
    kit_close(h->kit);
    templates_close(h->templates);
    journey_close(h->journey);
    test_db_close(&state);
    arena_free(h->arena);
    free(h);
}

static int set_up(void **state, enum db_engine engine)
{
    *state = house_open(engine, *state);
    return 0;
}

int house_sqlite(void **state) { return set_up(state, DB_SQLITE); }
int house_postgres(void **state) { return set_up(state, DB_POSTGRES); }

int house_teardown(void **state)
{
    house_close(*state);
    return 0;
}

/* ---- people ---- */
struct person *house_user(struct house *h, const char *name, const char *role)
{
    struct person *p = NEW(h->arena, struct person);
    struct user_new nu = { .name = name, .role = role };
    const char *secret;
    struct ctx *cx = h->cx;

    nu.team = text_is(role, "Marketing") || text_is(role, "Sales") || text_is(role, "Service")
                  ? role
                  : "Administration";
    nu.email = arena_printf(h->arena, "user%d@example.com", ++h->people);
    assert_ok(cx, user_make(cx, &nu, &p->user_id));
    assert_ok(cx, session_create(cx, p->user_id, "127.0.0.1", "test", &secret));
    p->cookie = arena_printf(h->arena, "furrow_session=%s", secret);
    scoped(stmt_close) struct stmt q = db_query(
        cx, "session.find", TEXT("hash", secret_hash(cx, secret)), I64("now", ctx_now(cx)));
    assert_true(stmt_next(&q));
    p->csrf = arena_text(h->arena, col_text(&q, 1));
    return p;
}

struct person *house_token(struct house *h, const struct person *p, const char *scopes)
{
    struct person *by_token = NEW(h->arena, struct person);
    const char *secret;

    assert_ok(h->cx, token_make(h->cx, p->user_id, "test", scopes, 0, &secret));
    by_token->user_id = p->user_id;
    by_token->bearer = arena_printf(h->arena, "Bearer %s", secret);
    return by_token;
}

/* ---- asking ---- */
struct web_response house_ask(struct house *h, const struct person *who, enum http_method m,
                              const char *target, const char *body, const struct http_pair *headers)
{
    struct http_pair all[HEADERS_MAX] = { { "Host", "furrow.test" } };
    struct web_request in = { .method = m, .target = target, .headers = all };
    struct web_response out;
    bool typed = false, cookie = false;
    size_t n = 1;

    for (; headers != NULL && headers->name != NULL; headers++) {
        assert_true(n < HEADERS_MAX - 4);
        all[n++] = *headers;
        typed |= strcasecmp(headers->name, "Content-Type") == 0;
        cookie |= strcasecmp(headers->name, "Cookie") == 0;
    }
    if (who != NULL && who->cookie != NULL && !cookie)
        all[n++] = (struct http_pair){ "Cookie", who->cookie };
    if (who != NULL && who->bearer != NULL)
        all[n++] = (struct http_pair){ "Authorization", who->bearer };
    if (who != NULL && who->csrf != NULL && m != HTTP_GET && m != HTTP_HEAD)
        all[n++] = (struct http_pair){ "X-CSRF-Token", who->csrf };
    if (body != NULL) {
        in.body = str_from(body);
        if (!typed)
            all[n++] =
                (struct http_pair){ "Content-Type", body[0] == '{' || body[0] == '['
                                                        ? "application/json"
                                                        : "application/x-www-form-urlencoded" };
    }
    web_perform(h->web, h->arena, &in, &out);
    return out;
}

struct web_response house_get(struct house *h, const struct person *who, const char *target)
{
    return house_ask(h, who, HTTP_GET, target, NULL, NULL);
}

struct web_response house_post(struct house *h, const struct person *who, const char *target,
                               const char *body)
{
    return house_ask(h, who, HTTP_POST, target, body, NULL);
}

struct web_response house_json(struct house *h, const struct person *who, enum http_method m,
                               const char *target, const char *body)
{
    static const struct http_pair json[] = { { "Accept", "application/json" }, { NULL, NULL } };
    return house_ask(h, who, m, target, body, json);
}

const struct val *house_val(struct house *h, const struct web_response *r)
{
    struct val *v;

    if (json_read(h->arena, r->body, &v, NULL) != OK)
        fail_msg("no JSON: %.*s", (int)r->body.len, r->body.p);
    return v;
}

bool house_has(const struct web_response *r, const char *text)
{
    return r->body.len >= strlen(text) &&
           memmem(r->body.p, r->body.len, text, strlen(text)) != NULL;
}

const char *house_cookie(struct house *h, const struct web_response *r, const char *name)
{
    size_t len = strlen(name);

    for (const struct http_pair *p = r->headers; p->name != NULL; p++)
        if (strcmp(p->name, "Set-Cookie") == 0 && strncmp(p->value, name, len) == 0 &&
            p->value[len] == '=')
            return arena_dup(h->arena, p->value + len + 1, strcspn(p->value + len + 1, ";"));
    return NULL;
}

void house_expect_(struct house *h, const struct web_response *r, int status, const char *file,
                   int line)
{
    (void)h;
    if (r->status == status)
        return;
    print_error("answered %d, not %d: %.*s\n", r->status, status,
                r->body.len > 2000 ? 2000 : (int)r->body.len, r->body.p);
    _fail(file, line);
}
