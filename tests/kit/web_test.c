/* web_test.c -- routes, permissions, bodies, CSRF, errors, headers, assets: what the edge does
 * whatever the handler is. A feature of the test's own stands for all features. */
#include "admin/user.h"
#include "base/json.h"
#include "kit/icons.h"
#include "support/house.h"
#include <stdio.h>

/* ---- a feature that shows what it was given ---- */
static enum status echo(struct req *rq)
{
    struct val *v = val_map(rq->cx->arena);

    val_put_text(v, "route", rq->route->path);
    val_put_text(v, "id", req_param(rq, "id"));
    val_put_text(v, "name", req_param(rq, "name"));
    val_put_text(v, "q", req_query(rq, "q"));
    val_put_text(v, "a", req_form(rq, "a"));
    val_put_i64(v, "files", (i64)rq->file_count);
    val_put_i64(v, "raw", (i64)rq->body.len);
    val_put_text(v, "address", rq->address);
    val_put_i64(v, "user", rq->cx->access->user_id);
    return reply_json(rq, 0, v);
}

static enum status fails(struct req *rq)
{
    const char *how = req_query(rq, "how");

    if (text_is(how, "fields")) {
        (void)ctx_fail_field(rq->cx, "amount", "money.invalid", "'%s' is no amount.", "x");
        return ctx_fail_field(rq->cx, "close_date", "required", "A date is missing.");
    }
    if (text_is(how, "code"))
        return ctx_fail_code(rq->cx, E_CONFLICT, "deal.closed", "The deal is closed <b>.");
    if (text_is(how, "io"))
        return ctx_fail(rq->cx, E_IO, "disk /dev/secret says no");
    if (text_is(how, "silent"))
        return OK;
    return ctx_fail(rq->cx, E_NOT_FOUND, "gone");
}

/* Writes a team, then does as asked. */
static enum status writes(struct req *rq)
{
    struct row *team = row_new(rq->cx, &team_type);
    const char *how = req_form(rq, "how");

    row_set_text(team, TEAM_NAME, "Night shift");
    row_set_text(team, TEAM_KIND, "sales");
    TRY(record_save(rq->cx, team));
    if (text_is(how, "refuse")) {
        reply_status(rq, 422);
        return reply_json(rq, 0, val_map(rq->cx->arena));
    }
    if (text_is(how, "fail"))
        return ctx_fail(rq->cx, E_CONFLICT, "no");
    return reply_done(rq, "/teams", "Made.");
}

static enum status later(struct req *rq)
{
    req_take(rq);
    reply_status(rq, 202);
    req_finish(rq, reply_text(rq, 202, "text/plain", STR("later")));
    return OK;
}

static enum status outside(struct req *rq) { return reply_redirect_out(rq, req_query(rq, "to")); }

static enum status inside(struct req *rq) { return reply_redirect(rq, req_query(rq, "to")); }

static const struct route routes[] = {
    { HTTP_GET, "/t", echo, .flags = ROUTE_SIGNED_IN },
    { HTTP_GET, "/t/new", echo, .flags = ROUTE_SIGNED_IN },
    { HTTP_GET, "/t/:id", echo, .flags = ROUTE_SIGNED_IN },
    { HTTP_POST, "/t/:id", echo, .flags = ROUTE_SIGNED_IN },
    { HTTP_GET, "/t/:id/part/:name", echo, .flags = ROUTE_SIGNED_IN },
    { HTTP_POST, "/t/bulk", echo, .flags = ROUTE_SIGNED_IN },
    { HTTP_POST, "/t-write", writes, .flags = ROUTE_SIGNED_IN },
    { HTTP_POST, "/t-slow", echo, .flags = ROUTE_SIGNED_IN | ROUTE_SLOW },
    { HTTP_POST, "/t-raw", echo, .flags = ROUTE_SIGNED_IN | ROUTE_RAW },
    { HTTP_GET, "/t-fail", fails, .flags = ROUTE_SIGNED_IN },
    { HTTP_GET, "/t-api-fail", fails, .flags = ROUTE_SIGNED_IN | ROUTE_API },
    { HTTP_GET, "/t-admin", echo, NEEDS("admin", VERB_READ) },
    { HTTP_POST, "/t-public", echo, .flags = ROUTE_PUBLIC | ROUTE_CORS },
    { HTTP_POST, "/t-inline", echo, .flags = ROUTE_PUBLIC | ROUTE_INLINE | ROUTE_CORS },
    { HTTP_GET, "/t-later", later, .flags = ROUTE_PUBLIC | ROUTE_INLINE },
    { HTTP_GET, "/t-later-read", later, .flags = ROUTE_PUBLIC },
    { HTTP_GET, "/t-out", outside, .flags = ROUTE_PUBLIC },
    { HTTP_GET, "/t-in", inside, .flags = ROUTE_PUBLIC },
};
static const struct feature feature_t = { .name = "t", ROUTES(routes) };

extern const struct feature feature_team, feature_role, feature_user, feature_session,
    feature_profile, feature_token, feature_settings;
static const struct feature *const used[] = { &feature_team,     &feature_role,    &feature_user,
                                              &feature_session,  &feature_profile, &feature_token,
                                              &feature_settings, &feature_t };
static const struct house_options options = { .features = used, .feature_count = countof(used) };
static const struct house_options proxied = { .features = used,
                                              .feature_count = countof(used),
                                              .public_url = "https://crm.example.com",
                                              .trusted_proxy = "10.0.0.1" };

static const char *text_of(struct house *h, const struct web_response *r, const char *key)
{
    return val_get_text(house_val(h, r), key);
}

/* ---- routes ---- */
static void a_literal_beats_a_parameter(void **state)
{
    static const struct {
        enum http_method method;
        const char *target, *route, *id, *name;
    } cases[] = {
        { HTTP_GET, "/t", "/t", "", "" },
        { HTTP_GET, "/t/new", "/t/new", "", "" },
        { HTTP_GET, "/t/newer", "/t/:id", "newer", "" },
        { HTTP_GET, "/t/new/part/x", "/t/:id/part/:name", "new", "x" }, /* goes back from "new" */
        { HTTP_GET, "/t/a%20b/part/%C3%A9", "/t/:id/part/:name", "a b", "\xc3\xa9" },
        { HTTP_POST, "/t/bulk", "/t/bulk", "", "" },
        { HTTP_POST, "/t/bulky", "/t/:id", "bulky", "" },
    };
    struct house *h = *state;
    struct person *p = house_user(h, "Ada", "");

    for (size_t i = 0; i < countof(cases); i++) {
        struct web_response r = house_json(h, p, cases[i].method, cases[i].target, NULL);
        house_expect(h, &r, 200);
        assert_string_equal(text_of(h, &r, "route"), cases[i].route);
        assert_string_equal(text_of(h, &r, "id"), cases[i].id);
        assert_string_equal(text_of(h, &r, "name"), cases[i].name);
    }
}

static void unknown_addresses_and_methods_are_told_apart(void **state)
{
    static const struct {
        enum http_method method;
        const char *target;
        int status;
        const char *allow;
    } cases[] = {
        { HTTP_GET, "/nowhere", 404, NULL },
        { HTTP_GET, "/t/1/part", 404, NULL },
        { HTTP_GET, "/t/1/part/2/3", 404, NULL },
        { HTTP_GET, "//t", 404, NULL },
        { HTTP_GET, "/t/bulk", 303, NULL }, /* a form's address, entered: the page above it */
        { HTTP_GET, "/t-write", 405, "POST, OPTIONS" },
        { HTTP_DELETE, "/t/x", 405, "GET, HEAD, POST, OPTIONS" },
        { HTTP_PUT, "/t-write", 405, "POST, OPTIONS" },
        { HTTP_OPTIONS, "/t/x", 204, "GET, HEAD, POST, OPTIONS" },
        { HTTP_OPTIONS, "/nowhere", 404, NULL },
        { HTTP_GET, "/t/", 308, NULL },
        { HTTP_GET, "/nowhere/", 404, NULL },
    };
    struct house *h = *state;

    for (size_t i = 0; i < countof(cases); i++) {
        struct web_response r = house_ask(h, NULL, cases[i].method, cases[i].target, NULL, NULL);
        const char *allow = web_response_header(&r, "Allow");
        if (r.status != cases[i].status)
            fail_msg("%s: %d", cases[i].target, r.status);
        if (cases[i].allow != NULL)
            assert_string_equal(allow, cases[i].allow);
        else
            assert_null(allow);
    }
}

static void head_is_get_without_a_body(void **state)
{
    struct house *h = *state;
    struct person *p = house_user(h, "Ada", "");
    struct web_response r = house_ask(h, p, HTTP_HEAD, "/t/7", NULL, NULL);

    house_expect(h, &r, 200);
    assert_int_equal(r.body.len, 0);
    assert_string_equal(r.type, "application/json");
}

static void a_contradictory_table_stops_the_start(void **state)
{
    static const struct route open[] = { { HTTP_GET, "/x", echo } };
    static const struct route twice[] = { { HTTP_GET, "/x/:a", echo, .flags = ROUTE_PUBLIC },
                                          { HTTP_GET, "/x/:b", echo, .flags = ROUTE_PUBLIC } };
    static const struct route both[] = { { HTTP_GET, "/x", echo,
                                           .flags = ROUTE_PUBLIC | ROUTE_SIGNED_IN } };
    static const struct route private_inline[] = { { HTTP_GET, "/x", echo,
                                                     .flags = ROUTE_SIGNED_IN | ROUTE_INLINE } };
    static const struct {
        const struct route *routes;
        size_t count;
        const char *says;
    } cases[] = {
        { open, 1, "ROUTE_PUBLIC" },
        { twice, 2, "declared twice" },
        { both, 1, "ROUTE_PUBLIC" },
        { private_inline, 1, "public" },
    };
    struct house *h = *state;

    for (size_t i = 0; i < countof(cases); i++) {
        const struct feature bad = { .name = "bad",
                                     .routes = cases[i].routes,
                                     .route_count = cases[i].count };
        const struct feature *const list[] = { &feature_team, &feature_role, &feature_user, &bad };
        struct kit_options ko = { .features = list,
                                  .feature_count = countof(list),
                                  .store = h->t->store,
                                  .clock = h->clock };
        struct kit *kit = NULL;
        struct web *web = NULL;
        struct ctx cx = *h->cx;
        enum status s = kit_open(&cx, &ko, &kit);
        if (s == OK) {
            cx.kit = kit;
            struct web_options wo = { .kit = kit, .store = h->t->store, .clock = h->clock };
            s = web_open(&cx, &wo, &web);
        }
        assert_int_equal(s, E_INVALID);
        assert_null(web);
        if (strstr(cx.error_text, cases[i].says) == NULL)
            fail_msg("%s", cx.error_text);
        if (kit != NULL)
            kit_close(kit);
    }
}

/* ---- permission ---- */
static void strangers_and_others_are_kept_out(void **state)
{
    struct house *h = *state;
    struct person *ada = house_user(h, "Ada", ""), *sam = house_user(h, "Sam", "Sales");
    struct web_response r;

    r = house_get(h, NULL, "/t?q=1");
    house_expect(h, &r, 303);
    assert_string_equal(web_response_header(&r, "Location"), "/sign-in?next=%2Ft%3Fq%3D1");
    r = house_json(h, NULL, HTTP_GET, "/t", NULL);
    house_expect(h, &r, 401);
    assert_string_equal(r.type, "application/problem+json");
    assert_string_equal(text_of(h, &r, "code"), "unauthorized");
    r = house_post(h, NULL, "/t/1", "a=1");
    house_expect(h, &r, 401);
    r = house_get(h, sam, "/t-admin");
    house_expect(h, &r, 403);
    assert_true(house_has(&r, "<h1>Not allowed</h1>"));
    r = house_get(h, ada, "/t-admin");
    house_expect(h, &r, 200);
}

static void a_token_needs_no_csrf_and_has_its_scope(void **state)
{
    struct house *h = *state;
    struct person *ada = house_user(h, "Ada", "");
    struct person *reader = house_token(h, ada, "read");
    struct person forged = { .bearer = "Bearer fur_AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA" };
    struct web_response r;

    r = house_get(h, reader, "/t-admin");
    house_expect(h, &r, 200);
    r = house_post(h, reader, "/t/1", "a=1");
    house_expect(h, &r, 200);
    r = house_post(h, reader, "/t-write", "");
    house_expect(h, &r, 403); /* record_save asks too */
    r = house_get(h, &forged, "/t");
    house_expect(h, &r, 401);
    assert_string_equal(text_of(h, &r, "code"), "token.unknown");
}

/* ---- CSRF ---- */
static void a_post_needs_the_token_of_its_session(void **state)
{
    static const struct {
        const char *note, *body;
        const struct http_pair headers[3];
        int status;
    } cases[] = {
        { "none", "a=1", { { NULL } }, 403 },
        { "wrong", "a=1&csrf=AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA", { { NULL } }, 403 },
        { "empty", "a=1&csrf=", { { NULL } }, 403 },
        { "field", "a=1&csrf=%s", { { NULL } }, 200 },
        { "json", "{\"a\":\"1\",\"csrf\":\"%s\"}", { { NULL } }, 200 },
        { "right, from our page", "a=1&csrf=%s", { { "Origin", "http://furrow.test" } }, 200 },
        { "right, from another site's", "a=1&csrf=%s", { { "Origin", "http://evil.test" } }, 403 },
        { "origin null", "a=1&csrf=%s", { { "Origin", "null" } }, 403 },
        { "cross-site", "a=1&csrf=%s", { { "Sec-Fetch-Site", "cross-site" } }, 403 },
        { "same-site", "a=1&csrf=%s", { { "Sec-Fetch-Site", "same-site" } }, 403 },
        { "same-origin", "a=1&csrf=%s", { { "Sec-Fetch-Site", "same-origin" } }, 200 },
    };
    struct house *h = *state;
    struct person *ada = house_user(h, "Ada", ""), bare = { .cookie = ada->cookie };

    for (size_t i = 0; i < countof(cases); i++) {
        const char *body = cases[i].body, *at = strstr(body, "%s");
        if (at != NULL)
            body = arena_printf(h->arena, "%.*s%s%s", (int)(at - body), body, ada->csrf, at + 2);
        struct web_response r = house_ask(h, &bare, HTTP_POST, "/t/1", body, cases[i].headers);
        if (r.status != cases[i].status)
            fail_msg("%s: %d", cases[i].note, r.status);
    }
}

/* ---- bodies ---- */
static void bodies_are_read_by_their_type(void **state)
{
    static const struct {
        const char *note, *type, *body, *a;
        int status;
    } cases[] = {
        { "form", "application/x-www-form-urlencoded", "a=1+2%26", "1 2&", 200 },
        { "form, charset", "application/x-www-form-urlencoded; charset=UTF-8", "a=x", "x", 200 },
        { "form, other charset", "application/x-www-form-urlencoded; charset=latin1", "a=x", "",
          415 },
        { "json", "application/json", "{\"a\":\"x\"}", "x", 200 },
        { "json number", "application/json", "{\"a\":12}", "12", 200 },
        { "json kind", "application/merge-patch+json", "{\"a\":\"x\"}", "x", 200 },
        { "json broken", "application/json", "{\"a\":", "", 400 },
        { "json twice", "application/json", "{\"a\":1,\"a\":2}", "", 400 },
        { "form, bad UTF-8", "application/x-www-form-urlencoded", "a=%ff", "", 400 },
        { "form, NUL", "application/x-www-form-urlencoded", "a=%00", "", 400 },
        { "multipart", "multipart/form-data; boundary=B",
          "--B\r\nContent-Disposition: form-data; name=\"a\"\r\n\r\nx\r\n--B--\r\n", "x", 200 },
        { "multipart, no boundary", "multipart/form-data", "x", "", 400 },
        { "text", "text/plain", "a=1", "", 415 },
        { "xml", "application/xml", "<a/>", "", 415 },
        { "none", "", "a=1", "", 415 },
    };
    struct house *h = *state;
    struct person *ada = house_user(h, "Ada", "");

    for (size_t i = 0; i < countof(cases); i++) {
        const struct http_pair headers[] = { { "Content-Type", cases[i].type }, { NULL, NULL } };
        struct web_response r = house_ask(h, ada, HTTP_POST, "/t/1", cases[i].body, headers);
        if (r.status != cases[i].status)
            fail_msg("%s: %d %.*s", cases[i].note, r.status, (int)r.body.len, r.body.p);
        if (r.status == 200)
            assert_string_equal(text_of(h, &r, "a"), cases[i].a);
    }
    const struct http_pair text[] = { { "Content-Type", "text/plain" }, { NULL, NULL } };
    struct web_response r = house_ask(h, ada, HTTP_POST, "/t-raw", "abc", text);
    house_expect(h, &r, 200);
    assert_int_equal(val_get_i64(house_val(h, &r), "raw", 0), 3);
    r = house_get(h, ada, "/t?q=%ff");
    house_expect(h, &r, 400);
}

/* ---- writing ---- */
static i64 night_shifts(struct house *h)
{
    struct row *found;
    enum status s = record_find(h->cx, &team_type, "name", "Night shift", &found);

    ctx_clear_error(h->cx);
    return s == OK;
}

static void what_is_refused_is_not_written(void **state)
{
    struct house *h = *state;
    struct person *ada = house_user(h, "Ada", "");
    struct web_response r;

    r = house_post(h, ada, "/t-write", "how=fail");
    house_expect(h, &r, 409);
    assert_int_equal(night_shifts(h), 0);
    r = house_post(h, ada, "/t-write", "how=refuse");
    house_expect(h, &r, 422);
    assert_string_equal(r.type, "application/json"); /* the handler's own answer */
    assert_int_equal(night_shifts(h), 0);
    r = house_post(h, ada, "/t-write", "");
    house_expect(h, &r, 303);
    assert_string_equal(web_response_header(&r, "Location"), "/teams");
    assert_int_equal(night_shifts(h), 1);
}

static void a_failed_commit_is_answered_503(void **state)
{
    struct house *h = *state;
    struct person *ada = house_user(h, "Ada", "");
    struct web_response r = { 0 };
    bool failed = true;

    for (u64 n = 1; failed && n < 200; n++) {
        db_store_fail_at(h->t->store, n);
        r = house_post(h, ada, "/t-write", "");
        failed = db_store_has_failed(h->t->store);
        db_store_fail_at(h->t->store, 0);
        if (failed && r.status < 500 && r.status != 303)
            fail_msg("step %d: %d", (int)n, r.status);
        assert_int_equal(night_shifts(h), r.status == 303); /* as answered */
        if (r.status == 303)
            break;
    }
    assert_int_equal(r.status, 303);
}

static void a_message_is_shown_once(void **state)
{
    struct house *h = *state;
    struct person *ada = house_user(h, "Ada", "");
    struct web_response r = house_post(h, ada, "/t-write", "");
    const char *flash = house_cookie(h, &r, "furrow_flash");
    struct http_pair headers[] = { { "Cookie", NULL }, { NULL, NULL } };

    assert_non_null(flash);
    headers[0].value = arena_printf(h->arena, "%s; furrow_flash=%s", ada->cookie, flash);
    r = house_ask(h, ada, HTTP_GET, "/settings", NULL, headers);
    house_expect(h, &r, 200);
    assert_true(house_has(&r, "Made."));
    assert_string_equal(house_cookie(h, &r, "furrow_flash"), "");
    r = house_get(h, ada, "/settings");
    assert_false(house_has(&r, "Made."));
}

/* ---- errors ---- */
static void errors_are_problems_for_programs_and_pages_for_people(void **state)
{
    struct house *h = *state;
    struct person *ada = house_user(h, "Ada", "");
    struct web_response r = house_json(h, ada, HTTP_GET, "/t-fail?how=fields", NULL);
    const struct val *v = house_val(h, &r), *errors = val_get(v, "errors");

    house_expect(h, &r, 422);
    assert_string_equal(r.type, "application/problem+json");
    assert_int_equal(val_count(errors), 2);
    assert_string_equal(val_get_text(val_at(errors, 0), "field"), "amount");
    assert_string_equal(val_get_text(val_at(errors, 1), "code"), "required");
    assert_int_equal(val_get_i64(v, "status", 0), 422);
    assert_string_equal(val_get_text(v, "request_id"), web_response_header(&r, "X-Request-Id"));

    r = house_get(h, ada, "/t-fail?how=code");
    house_expect(h, &r, 409);
    assert_true(house_has(&r, "The deal is closed &lt;b&gt;."));
    assert_true(house_has(&r, "deal.closed"));
    r = house_get(h, ada, "/t-api-fail?how=code");
    assert_string_equal(r.type, "application/problem+json");

    r = house_get(h, ada, "/t-fail?how=io");
    house_expect(h, &r, 500);
    assert_false(house_has(&r, "/dev/secret"));
    r = house_get(h, ada, "/t-fail?how=silent");
    house_expect(h, &r, 500);

    const struct http_pair htmx[] = { { "HX-Request", "true" }, { NULL, NULL } };
    r = house_ask(h, ada, HTTP_GET, "/t-fail?how=code", NULL, htmx);
    assert_string_equal(r.type, "application/problem+json");
    r = house_ask(h, NULL, HTTP_GET, "/t", NULL, htmx);
    assert_string_equal(web_response_header(&r, "HX-Redirect"), "/sign-in");
}

/* ---- redirects ---- */
static void redirects_stay_here_or_say_where(void **state)
{
    static const struct {
        const char *target;
        int status;
        const char *location;
    } cases[] = {
        { "/t-in?to=/deals?x=1", 303, "/deals?x=1" },
        { "/t-in?to=//evil.test/", 422, NULL },
        { "/t-in?to=/%5Cevil.test", 422, NULL },
        { "/t-in?to=https://evil.test/", 422, NULL },
        { "/t-in?to=/a%0d%0aSet-Cookie:x", 422, NULL },
        { "/t-in?to=/caf%C3%A9", 303, "/caf%C3%A9" },
        { "/t-out?to=https://example.com/a%20b", 303, "https://example.com/a%20b" },
        { "/t-out?to=javascript:alert(1)", 422, NULL },
        { "/t-out?to=/here", 422, NULL },
    };
    struct house *h = *state;

    for (size_t i = 0; i < countof(cases); i++) {
        struct web_response r = house_get(h, NULL, cases[i].target);
        if (r.status != cases[i].status)
            fail_msg("%s: %d", cases[i].target, r.status);
        if (cases[i].location != NULL)
            assert_string_equal(web_response_header(&r, "Location"), cases[i].location);
    }
}

/* ---- answers ---- */
static void every_answer_carries_the_security_headers(void **state)
{
    static const char *const targets[] = { "/sign-in", "/nowhere", "/healthz", "/t" };
    struct house *h = *state;

    for (size_t i = 0; i < countof(targets); i++) {
        struct web_response r = house_get(h, NULL, targets[i]);
        const char *policy = web_response_header(&r, "Content-Security-Policy");
        assert_non_null(policy);
        assert_non_null(strstr(policy, "default-src 'none'"));
        assert_non_null(strstr(policy, "frame-ancestors 'none'"));
        assert_null(strstr(policy, "unsafe"));
        assert_string_equal(web_response_header(&r, "X-Content-Type-Options"), "nosniff");
        assert_non_null(web_response_header(&r, "Referrer-Policy"));
        assert_null(web_response_header(&r, "Strict-Transport-Security"));
        assert_int_equal(strlen(web_response_header(&r, "X-Request-Id")), 13);
    }
}

static void behind_https_cookies_are_secure_and_addresses_the_proxys_word(void **state)
{
    static const struct {
        const char *socket, *forwarded, *address;
    } cases[] = {
        { "10.0.0.1", "203.0.113.7", "203.0.113.7" },
        { "10.0.0.1", "1.2.3.4, 203.0.113.7", "203.0.113.7" }, /* the rest anybody may write */
        { "10.0.0.1", NULL, "10.0.0.1" },
        { "198.51.100.9", "203.0.113.7", "198.51.100.9" },
        { "10.0.0.1", "", "10.0.0.1" },
    };
    struct house *h = *state;
    struct web_response r = house_get(h, NULL, "/sign-in");

    assert_non_null(web_response_header(&r, "Strict-Transport-Security"));
    assert_non_null(strstr(web_response_header(&r, "Set-Cookie"), "; Secure"));
    for (size_t i = 0; i < countof(cases); i++) {
        const struct http_pair headers[] = {
            { cases[i].forwarded != NULL ? "X-Forwarded-For" : "X-No",
              cases[i].forwarded != NULL ? cases[i].forwarded : "" },
            { NULL, NULL }
        };
        struct web_request in = { .method = HTTP_POST,
                                  .target = "/t-inline",
                                  .headers = headers,
                                  .address = cases[i].socket };
        web_perform(h->web, h->arena, &in, &r);
        house_expect(h, &r, 200);
        assert_string_equal(text_of(h, &r, "address"), cases[i].address);
    }
}

static void other_sites_may_call_what_says_so(void **state)
{
    struct house *h = *state;
    struct web_response r = house_ask(h, NULL, HTTP_OPTIONS, "/t-inline", NULL, NULL);

    house_expect(h, &r, 204);
    assert_string_equal(web_response_header(&r, "Access-Control-Allow-Origin"), "*");
    assert_string_equal(web_response_header(&r, "Access-Control-Allow-Methods"), "POST, OPTIONS");
    r = house_post(h, NULL, "/t-public", "a=1");
    house_expect(h, &r, 200);
    assert_string_equal(web_response_header(&r, "Access-Control-Allow-Origin"), "*");
    r = house_ask(h, NULL, HTTP_OPTIONS, "/t", NULL, NULL);
    assert_null(web_response_header(&r, "Access-Control-Allow-Origin"));
}

static void an_answer_may_come_later(void **state)
{
    struct house *h = *state;
    struct web_response r = house_get(h, NULL, "/t-later");

    house_expect(h, &r, 202);
    assert_true(house_has(&r, "later"));
    r = house_get(h, NULL, "/t-later-read");
    house_expect(h, &r, 202);
}

/* ---- assets ---- */
static void browser_files_are_cached_and_packed(void **state)
{
    struct house *h = *state;
    const char *css = web_asset(h->web, "app_css");
    const struct http_pair br[] = { { "Accept-Encoding", "gzip, br" }, { NULL, NULL } };
    const struct http_pair gz[] = { { "Accept-Encoding", "gzip, br;q=0" }, { NULL, NULL } };
    struct web_response plain = house_get(h, NULL, css), r;

    assert_true(strncmp(css, "/assets/app.", 12) == 0);
    house_expect(h, &plain, 200);
    assert_null(web_response_header(&plain, "Content-Encoding"));
    assert_string_equal(web_response_header(&plain, "Cache-Control"),
                        "public, max-age=31536000, immutable");
    r = house_ask(h, NULL, HTTP_GET, css, NULL, br);
    assert_string_equal(web_response_header(&r, "Content-Encoding"), "br");
    assert_true(r.body.len < plain.body.len / 2);
    r = house_ask(h, NULL, HTTP_GET, css, NULL, gz);
    assert_string_equal(web_response_header(&r, "Content-Encoding"), "gzip");
    const struct http_pair known[] = { { "If-None-Match", web_response_header(&plain, "ETag") },
                                       { NULL, NULL } };
    r = house_ask(h, NULL, HTTP_GET, css, NULL, known);
    house_expect(h, &r, 304);
    assert_int_equal(r.body.len, 0);
    r = house_get(h, NULL, "/js/furrow.js");
    house_expect(h, &r, 200);
    assert_string_equal(web_response_header(&r, "Cross-Origin-Resource-Policy"), "cross-origin");
    assert_string_equal(web_response_header(&r, "Cache-Control"), "public, max-age=3600");
    r = house_get(h, NULL, "/assets/nothing.css");
    house_expect(h, &r, 404);
    r = house_post(h, NULL, css, "a=1");
    house_expect(h, &r, 404);
}

/* ---- icons ---- */
static const char sprite[] = "<svg><symbol id=\"a\" viewBox=\"0 0 24 24\"><path d=\"M1\"/></symbol>"
                             "<symbol id=\"b-2\" viewBox=\"0 0 9 9\"><path d=\"M2\"/><g/></symbol>"
                             "<symbol id=\"cut";
#define USE(name) "<use href=\"/assets/icons.1.svg#" name "\"></use>"
static const struct {
    const char *page, *drawn;
} icons[] = {
    { "", "" },
    { "no icon", "no icon" },
    { "<svg class=\"icon\">" USE("a") "</svg>",
      "<svg class=\"icon\" viewBox=\"0 0 24 24\"><path d=\"M1\"/></svg>" },
    { "x<svg>" USE("b-2") "</svg>y<svg>" USE("a") "</svg>",
      "x<svg viewBox=\"0 0 9 9\"><path d=\"M2\"/><g/></svg>y"
      "<svg viewBox=\"0 0 24 24\"><path d=\"M1\"/></svg>" },
    { "<svg>" USE("none") "</svg><svg>" USE("") "</svg>",
      "<svg>" USE("none") "</svg><svg>" USE("") "</svg>" },
    { USE("a"), USE("a") }, /* in no <svg> */
    { "<svg><use href=\"/assets/icons.1.svg#a", "<svg><use href=\"/assets/icons.1.svg#a" },
    { "<svg><use href=\"/other.svg#a\"></use></svg>",
      "<svg><use href=\"/other.svg#a\"></use></svg>" },
};

static void icons_are_drawn_where_they_stand(void **state)
{
    struct house *h = *state;
    struct icons *all = icons_open(h->arena, str_from(sprite), "/assets/icons.1.svg");
    struct web_response r = house_get(h, house_user(h, "Ada", ""), "/settings");

    for (size_t i = 0; i < countof(icons); i++) {
        struct buf page = buf_in(h->arena, 4096);
        buf_text(&page, icons[i].page);
        assert_ok(h->cx, icons_draw(h->cx, all, &page));
        assert_string_equal(buf_end(&page), icons[i].drawn);
    }
    house_expect(h, &r, 200);
    assert_true(
        house_has(&r, "<svg class=\"icon\" aria-hidden=\"true\" viewBox=\"0 0 24 24\"><path"));
    assert_false(house_has(&r, "<use"));
}

/* ---- own routes ---- */
static void health_readiness_and_numbers(void **state)
{
    struct house *h = *state;
    struct person *ada = house_user(h, "Ada", ""), *sam = house_user(h, "Sam", "Sales");
    struct web_request away = { .method = HTTP_GET,
                                .target = "/metrics",
                                .address = "203.0.113.7" };
    struct http_pair cookie[] = { { "Cookie", NULL }, { NULL, NULL } };
    struct web_response r = house_get(h, NULL, "/healthz");

    house_expect(h, &r, 200);
    r = house_get(h, NULL, "/readyz");
    house_expect(h, &r, 200);
    r = house_get(h, NULL, "/metrics"); /* from this machine */
    house_expect(h, &r, 200);
    assert_true(house_has(&r, "furrow_http_requests_total{class=\"2xx\"}"));
    assert_true(house_has(&r, "furrow_jobs{state=\"waiting\"}"));
    assert_true(house_has(&r, "furrow_journey_events 0"));
    assert_true(house_has(&r, "furrow_memory_bytes "));
    web_perform(h->web, h->arena, &away, &r);
    house_expect(h, &r, 401);
    away.headers = cookie;
    cookie[0].value = sam->cookie;
    web_perform(h->web, h->arena, &away, &r);
    house_expect(h, &r, 403);
    cookie[0].value = ada->cookie;
    web_perform(h->web, h->arena, &away, &r);
    house_expect(h, &r, 200);
    r = house_get(h, ada, "/live?topics=deal");
    house_expect(h, &r, 200);
    r = house_get(h, ada, "/live");
    house_expect(h, &r, 422);
}

static void a_rate_limit_lets_through_what_it_says(void **state)
{
    struct house *h = *state;
    int through = 0;

    for (int i = 0; i < 50; i++)
        through += !web_rate_limited(h->web, "x", "203.0.113.7", 10);
    assert_int_equal(through, 10);
    assert_false(web_rate_limited(h->web, "x", "203.0.113.8", 10)); /* another address */
    assert_false(web_rate_limited(h->web, "y", "203.0.113.7", 10)); /* another limit */
    h->clock->fixed_ms += 30 * 1000;
    for (int i = 0; i < 50; i++)
        through += !web_rate_limited(h->web, "x", "203.0.113.7", 10);
    assert_int_equal(through, 15);
    /* One household's IPv6 addresses count as one. */
    for (int i = 0; i < 10; i++)
        assert_false(web_rate_limited(h->web, "x", arena_printf(h->arena, "2001:db8::%d", i), 10));
    assert_true(web_rate_limited(h->web, "x", "2001:db8::ffff:1", 10));
    assert_false(web_rate_limited(h->web, "x", "2001:db8:0:1::1", 10));
}

static void local_paths_are_told_from_others(void **state)
{
    static const struct {
        const char *path;
        bool local;
    } cases[] = {
        { "/", true },      { "/deals?a=b#c", true }, { "", false },
        { "deals", false }, { "//x", false },         { "/\\x", false },
        { "/a\\b", false }, { "/a\nb", false },       { "http://x/", false },
    };

    (void)state;
    for (size_t i = 0; i < countof(cases); i++)
        if (path_is_local(cases[i].path) != cases[i].local)
            fail_msg("'%s'", cases[i].path);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        IN_BOTH_HOUSES(a_literal_beats_a_parameter, &options),
        IN_SQLITE_HOUSE(unknown_addresses_and_methods_are_told_apart, &options),
        IN_SQLITE_HOUSE(head_is_get_without_a_body, &options),
        IN_SQLITE_HOUSE(a_contradictory_table_stops_the_start, &options),
        IN_BOTH_HOUSES(strangers_and_others_are_kept_out, &options),
        IN_BOTH_HOUSES(a_token_needs_no_csrf_and_has_its_scope, &options),
        IN_SQLITE_HOUSE(a_post_needs_the_token_of_its_session, &options),
        IN_SQLITE_HOUSE(bodies_are_read_by_their_type, &options),
        IN_BOTH_HOUSES(what_is_refused_is_not_written, &options),
        IN_BOTH_HOUSES(a_failed_commit_is_answered_503, &options),
        IN_SQLITE_HOUSE(a_message_is_shown_once, &options),
        IN_SQLITE_HOUSE(errors_are_problems_for_programs_and_pages_for_people, &options),
        IN_SQLITE_HOUSE(redirects_stay_here_or_say_where, &options),
        IN_SQLITE_HOUSE(every_answer_carries_the_security_headers, &options),
        IN_SQLITE_HOUSE(behind_https_cookies_are_secure_and_addresses_the_proxys_word, &proxied),
        IN_SQLITE_HOUSE(other_sites_may_call_what_says_so, &options),
        IN_BOTH_HOUSES(an_answer_may_come_later, &options),
        IN_SQLITE_HOUSE(browser_files_are_cached_and_packed, &options),
        IN_SQLITE_HOUSE(icons_are_drawn_where_they_stand, &options),
        IN_BOTH_HOUSES(health_readiness_and_numbers, &options),
        IN_SQLITE_HOUSE(a_rate_limit_lets_through_what_it_says, &options),
        cmocka_unit_test(local_paths_are_told_from_others),
    };
    return cmocka_run_group_tests_name("kit/web", tests, NULL, NULL);
}
