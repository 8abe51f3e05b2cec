/* session_test.c -- signing in and out, set-up, invitations, passwords, tokens, revocation:
 * through the pages, as a browser does it. */
#include "admin/user.h"
#include "base/id.h"
#include "base/limits.h"
#include "kit/session.h"
#include "support/house.h"
#include <stdio.h>
#include <strings.h>

extern const struct feature feature_team, feature_role, feature_user, feature_session,
    feature_profile, feature_token, feature_settings;
static const struct feature *const used[] = { &feature_team,    &feature_role,    &feature_user,
                                              &feature_session, &feature_profile, &feature_token,
                                              &feature_settings };
static const struct house_options options = { .features = used, .feature_count = countof(used) };

#define GOOD "correct horse battery"

/* A browser: keeps the cookies it is given. */
struct browser {
    struct house *h;
    const char *session, *sign_in;
    const char *address;
};

static struct web_response ask(struct browser *b, enum http_method m, const char *target,
                               const char *body)
{
    struct arena *a = b->h->arena;
    const char *cookies =
        arena_printf(a, "furrow_session=%s; furrow_sign_in=%s",
                     b->session != NULL ? b->session : "", b->sign_in != NULL ? b->sign_in : "");
    const struct http_pair headers[] = { { "Cookie", cookies },
                                         { "Host", "furrow.test" },
                                         { "Content-Type", "application/x-www-form-urlencoded" },
                                         { NULL, NULL } };
    struct web_request in = { .method = m,
                              .target = target,
                              .headers = headers,
                              .body = str_from(body != NULL ? body : ""),
                              .address = b->address };
    struct web_response r;
    const char *set;

    web_perform(b->h->web, a, &in, &r);
    if ((set = house_cookie(b->h, &r, "furrow_session")) != NULL)
        b->session = set;
    if ((set = house_cookie(b->h, &r, "furrow_sign_in")) != NULL)
        b->sign_in = set;
    return r;
}

/* The token in the page's form. */
static const char *form_token(struct browser *b, const struct web_response *r)
{
    const char *at = memmem(r->body.p, r->body.len, "name=\"csrf\" value=\"", 19);

    return at == NULL ? "" : arena_dup(b->h->arena, at + 19, strcspn(at + 19, "\""));
}

static struct web_response sign_in(struct browser *b, const char *email, const char *password)
{
    struct web_response page = ask(b, HTTP_GET, "/sign-in?next=%2Fusers", NULL);
    struct arena *a = b->h->arena;

    return ask(b, HTTP_POST, "/sign-in",
               arena_printf(a, "csrf=%s&email=%s&password=%s&next=%%2Fusers", form_token(b, &page),
                            http_url_encode(a, email), http_url_encode(a, password)));
}

static i64 make_user(struct house *h, const char *email, const char *password)
{
    struct user_new nu = { .name = "Ada", .email = email };
    i64 id;

    if (password != NULL)
        assert_ok(h->cx, password_hash(h->cx, password, &nu.password_hash));
    assert_ok(h->cx, user_make(h->cx, &nu, &id));
    return id;
}

static bool is_signed_in(struct browser *b)
{
    return ask(b, HTTP_GET, "/settings", NULL).status == 200;
}

/* ---- signing in ---- */
static void who_knows_the_password_gets_in(void **state)
{
    struct house *h = *state;
    struct browser b = { .h = h };
    struct web_response r;

    make_user(h, "Ada@Example.com", GOOD);
    assert_false(is_signed_in(&b));
    r = sign_in(&b, " ada@example.COM ", GOOD);
    house_expect(h, &r, 303);
    assert_string_equal(web_response_header(&r, "Location"), "/users");
    assert_int_equal(strlen(b.session), SECRET_CHARS);
    assert_true(is_signed_in(&b));
    for (const struct http_pair *p = r.headers; p->name != NULL; p++)
        if (strcmp(p->name, "Set-Cookie") == 0 && strncmp(p->value, "furrow_session", 14) == 0) {
            assert_non_null(strstr(p->value, "; HttpOnly"));
            assert_non_null(strstr(p->value, "; SameSite=Lax"));
        }
    scoped(stmt_close) struct stmt q = db_query(
        h->cx, "session.list", I64("user_id", house_user(h, "x", "")->user_id), I64("now", 0));
    assert_true(stmt_next(&q)); /* the secret itself is nowhere in the database */
}

static void everybody_else_hears_the_same(void **state)
{
    static const struct {
        const char *email, *password;
    } cases[] = {
        { "ada@example.com", "wrong horse battery" },
        { "ada@example.com", "" },
        { "nobody@example.com", GOOD },
        { "", "" },
        { "off@example.com", GOOD },
        { "invited@example.com", "" },
        { "invited@example.com", GOOD },
    };
    struct house *h = *state;
    struct row *off;
    const char *first = NULL;

    make_user(h, "ada@example.com", GOOD);
    make_user(h, "invited@example.com", NULL);
    assert_ok(h->cx, record_get(h->cx, &user_type, make_user(h, "off@example.com", GOOD), &off));
    row_set_i64(off, USER_ACTIVE, 0);
    assert_ok(h->cx, record_save(h->cx, off));
    for (size_t i = 0; i < countof(cases); i++) {
        struct browser b = { .h = h, .address = arena_printf(h->arena, "203.0.113.%d", (int)i) };
        struct web_response r = sign_in(&b, cases[i].email, cases[i].password);
        const char *at;
        house_expect(h, &r, 422);
        at = memmem(r.body.p, r.body.len, "role=\"alert\"", 12);
        assert_non_null(at);
        if (first == NULL)
            first = arena_dup(h->arena, at, 80);
        assert_memory_equal(first, at, 80);
        assert_false(is_signed_in(&b));
    }
}

static void a_sign_in_page_of_another_site_does_nothing(void **state)
{
    struct house *h = *state;
    struct browser b = { .h = h };
    struct web_response r;

    make_user(h, "ada@example.com", GOOD);
    r = ask(&b, HTTP_POST, "/sign-in", "email=ada%40example.com&password=correct+horse+battery");
    house_expect(h, &r, 422);
    assert_false(is_signed_in(&b));
    (void)ask(&b, HTTP_GET, "/sign-in", NULL);
    r = ask(&b, HTTP_POST, "/sign-in",
            "csrf=AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA&email=ada%40example.com&"
            "password=correct+horse+battery");
    house_expect(h, &r, 422);
    assert_false(is_signed_in(&b));
}

static void guessing_is_slowed_down(void **state)
{
    struct house *h = *state;
    int refused = 0;

    make_user(h, "ada@example.com", GOOD);
    for (int i = 0; i < LIMIT_SIGN_IN_PER_MINUTE + 3; i++) { /* one mail, many addresses */
        struct browser b = { .h = h, .address = arena_printf(h->arena, "203.0.113.%d", i) };
        refused += sign_in(&b, "ADA@example.com", "wrong").status == 429;
    }
    assert_int_equal(refused, 3);
    refused = 0;
    for (int i = 0; i < LIMIT_SIGN_IN_PER_MINUTE + 3; i++) { /* one address, many mails */
        struct browser b = { .h = h, .address = "198.51.100.1" };
        const char *mail = arena_printf(h->arena, "u%d@example.com", i);
        refused += sign_in(&b, mail, "wrong").status == 429;
    }
    assert_int_equal(refused, 3);
    h->clock->fixed_ms += MS_MINUTE;
    struct browser b = { .h = h };
    struct web_response r = sign_in(&b, "ada@example.com", GOOD);
    house_expect(h, &r, 303);
}

static void next_stays_on_this_site(void **state)
{
    struct house *h = *state;
    struct browser b = { .h = h };
    struct web_response page, r;

    make_user(h, "ada@example.com", GOOD);
    page = ask(&b, HTTP_GET, "/sign-in?next=%2F%2Fevil.test%2F", NULL);
    assert_false(house_has(&page, "evil"));
    r = ask(&b, HTTP_POST, "/sign-in",
            arena_printf(h->arena,
                         "csrf=%s&email=ada%%40example.com&password=correct+horse+battery&"
                         "next=https%%3A%%2F%%2Fevil.test%%2F",
                         form_token(&b, &page)));
    house_expect(h, &r, 303);
    assert_string_equal(web_response_header(&r, "Location"), "/");
}

/* ---- ending ---- */
static void signing_out_ends_the_session(void **state)
{
    struct house *h = *state;
    struct browser b = { .h = h };
    struct web_response page, r;
    const char *secret;

    make_user(h, "ada@example.com", GOOD);
    (void)sign_in(&b, "ada@example.com", GOOD);
    page = ask(&b, HTTP_GET, "/settings", NULL);
    r = ask(&b, HTTP_POST, "/sign-out", "");
    house_expect(h, &r, 403); /* not without the token */
    assert_true(is_signed_in(&b));
    secret = b.session;
    r = ask(&b, HTTP_POST, "/sign-out", arena_printf(h->arena, "csrf=%s", form_token(&b, &page)));
    house_expect(h, &r, 303);
    assert_string_equal(b.session, "");
    b.session = secret; /* a kept cookie is of no use */
    assert_false(is_signed_in(&b));
}

static void sessions_run_out_and_users_who_are_switched_off_are_out(void **state)
{
    struct house *h = *state;
    struct browser b = { .h = h }, other = { .h = h };
    struct row *user;
    i64 id = make_user(h, "ada@example.com", GOOD);

    make_user(h, "admin@example.com", GOOD);
    (void)sign_in(&b, "ada@example.com", GOOD);
    h->clock->fixed_ms += LIMIT_SESSION_DAYS * (i64)MS_DAY - 1;
    assert_true(is_signed_in(&b));
    (void)sign_in(&other, "ada@example.com", GOOD);
    h->clock->fixed_ms += 1;
    assert_false(is_signed_in(&b));
    assert_true(is_signed_in(&other));
    assert_ok(h->cx, record_get(h->cx, &user_type, id, &user));
    row_set_i64(user, USER_ACTIVE, 0);
    assert_ok(h->cx, record_save(h->cx, user));
    assert_false(is_signed_in(&other));
    row_set_i64(user, USER_ACTIVE, 1);
    assert_ok(h->cx, record_save(h->cx, user));
    assert_false(is_signed_in(&other)); /* nor does coming back revive it */
}

static void a_new_password_ends_the_other_sessions(void **state)
{
    struct house *h = *state;
    struct browser here = { .h = h }, there = { .h = h };
    struct web_response page, r;
    const char *token;

    make_user(h, "ada@example.com", GOOD);
    (void)sign_in(&here, "ada@example.com", GOOD);
    (void)sign_in(&there, "ada@example.com", GOOD);
    page = ask(&here, HTTP_GET, "/settings/password", NULL);
    token = form_token(&here, &page);
    r = ask(&here, HTTP_POST, "/settings/password",
            arena_printf(h->arena, "csrf=%s&current=wrong&password=another+good+password", token));
    house_expect(h, &r, 422);
    assert_true(house_has(&r, "This is not your password."));
    r = ask(&here, HTTP_POST, "/settings/password",
            arena_printf(h->arena, "csrf=%s&current=correct+horse+battery&password=short", token));
    house_expect(h, &r, 422);
    assert_true(is_signed_in(&there));
    r = ask(&here, HTTP_POST, "/settings/password",
            arena_printf(h->arena,
                         "csrf=%s&current=correct+horse+battery&password=another+good+password",
                         token));
    house_expect(h, &r, 303);
    assert_true(is_signed_in(&here));
    assert_false(is_signed_in(&there));
    r = sign_in(&there, "ada@example.com", GOOD);
    house_expect(h, &r, 422);
    r = sign_in(&there, "ada@example.com", "another good password");
    house_expect(h, &r, 303);
}

static void i_end_my_other_sessions_and_nobody_elses(void **state)
{
    struct house *h = *state;
    struct browser here = { .h = h }, there = { .h = h }, eve = { .h = h };
    struct web_response page, r;
    const char *at, *path;

    make_user(h, "ada@example.com", GOOD);
    make_user(h, "eve@example.com", GOOD);
    (void)sign_in(&here, "ada@example.com", GOOD);
    (void)sign_in(&there, "ada@example.com", GOOD);
    (void)sign_in(&eve, "eve@example.com", GOOD);
    page = ask(&here, HTTP_GET, "/settings/sessions", NULL);
    house_expect(h, &page, 200);
    at = memmem(page.body.p, page.body.len, "/settings/sessions/", 19);
    assert_non_null(at);
    path = arena_dup(h->arena, at, strcspn(at, "\""));
    struct web_response own = ask(&eve, HTTP_GET, "/settings", NULL);
    r = ask(&eve, HTTP_POST, path, arena_printf(h->arena, "csrf=%s", form_token(&eve, &own)));
    house_expect(h, &r, 404);
    assert_true(is_signed_in(&there));
    r = ask(&here, HTTP_POST, path, arena_printf(h->arena, "csrf=%s", form_token(&here, &page)));
    house_expect(h, &r, 303);
    assert_false(is_signed_in(&there));
    assert_true(is_signed_in(&here));
}

/* ---- the first administrator ---- */
static void the_first_administrator_is_made_once(void **state)
{
    struct house *h = *state;
    struct browser b = { .h = h }, late = { .h = h };
    struct web_response page, r;
    const char *form = "csrf=%s&code=secret-code&name=Ada&email=ada%%40example.com&password=%s";

    r = ask(&b, HTTP_GET, "/setup?code=", NULL);
    house_expect(h, &r, 403); /* no code was set */
    web_set_setup_code(h->web, "secret-code");
    r = ask(&b, HTTP_GET, "/setup?code=wrong-codes", NULL);
    house_expect(h, &r, 403);
    page = ask(&b, HTTP_GET, "/setup?code=secret-code", NULL);
    house_expect(h, &page, 200);
    (void)ask(&late, HTTP_GET, "/setup?code=secret-code", NULL);
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wformat-nonliteral"
    r = ask(&b, HTTP_POST, "/setup", arena_printf(h->arena, form, form_token(&b, &page), "short"));
    house_expect(h, &r, 422);
    assert_true(house_has(&r, "value=\"Ada\"")); /* nothing typed is lost but the password */
    r = ask(&b, HTTP_POST, "/setup",
            arena_printf(h->arena, form, form_token(&b, &page), "correct+horse+battery"));
    house_expect(h, &r, 303);
    assert_true(is_signed_in(&b));
    r = ask(&b, HTTP_GET, "/settings/workspace", NULL);
    house_expect(h, &r, 200);
    web_set_setup_code(h->web, "secret-code"); /* even with a code: there is somebody */
    r = ask(&late, HTTP_POST, "/setup",
            arena_printf(h->arena, form, late.sign_in, "correct+horse+battery"));
#pragma GCC diagnostic pop
    house_expect(h, &r, 403);
}

/* ---- invitations ---- */
static void an_invitation_sets_a_password_once(void **state)
{
    struct house *h = *state;
    struct person *admin = house_user(h, "Root", ""), *sam = house_user(h, "Sam", "Sales");
    struct browser b = { .h = h };
    i64 id = make_user(h, "new@example.com", NULL);
    const char *invite = arena_printf(h->arena, "/users/%s/invite", id_text(h->arena, id)), *path;
    struct web_response r = house_post(h, sam, invite, ""), page;

    house_expect(h, &r, 403);
    r = house_json(h, admin, HTTP_POST, invite, "{}");
    house_expect(h, &r, 200);
    path = strstr(val_get_text(house_val(h, &r), "text"), "/welcome/");
    assert_non_null(path);
    page = ask(&b, HTTP_GET, path, NULL);
    house_expect(h, &page, 200);
    r = ask(&b, HTTP_POST, path, "csrf=wrong&password=correct+horse+battery");
    house_expect(h, &r, 422);
    r = ask(
        &b, HTTP_POST, path,
        arena_printf(h->arena, "csrf=%s&password=correct+horse+battery", form_token(&b, &page)));
    house_expect(h, &r, 303);
    assert_true(is_signed_in(&b));
    r = ask(&b, HTTP_GET, path, NULL);
    house_expect(h, &r, 404); /* used */
    r = house_json(h, admin, HTTP_POST, invite, "{}");
    path = strstr(val_get_text(house_val(h, &r), "text"), "/welcome/");
    h->clock->fixed_ms += INVITE_DAYS * (i64)MS_DAY;
    r = ask(&b, HTTP_GET, path, NULL);
    house_expect(h, &r, 404); /* too old */
}

/* ---- tokens ---- */
static void a_token_is_shown_once_and_revoked(void **state)
{
    struct house *h = *state;
    struct person *ada = house_user(h, "Ada", ""), *eve = house_user(h, "Eve", ""), by = { 0 };
    struct web_response r = house_json(h, ada, HTTP_POST, "/settings/tokens",
                                       "{\"label\":\"reports\",\"scopes\":\"read\"}");
    const char *secret, *at, *path;

    house_expect(h, &r, 201);
    secret = val_get_text(house_val(h, &r), "secret");
    assert_int_equal(strlen(secret), 4 + SECRET_CHARS);
    by.bearer = arena_printf(h->arena, "Bearer %s", secret);
    r = house_get(h, &by, "/settings/tokens");
    house_expect(h, &r, 200);
    assert_false(house_has(&r, secret));
    r = house_post(h, &by, "/settings/tokens", "label=more");
    house_expect(h, &r, 403); /* a token makes no tokens */
    r = house_json(h, ada, HTTP_POST, "/settings/tokens", "{\"label\":\"\"}");
    house_expect(h, &r, 422);
    r = house_json(h, ada, HTTP_POST, "/settings/tokens",
                   "{\"label\":\"x\",\"expires_at\":\"2020-01-01\"}");
    house_expect(h, &r, 422);
    r = house_json(h, ada, HTTP_POST, "/settings/tokens", "{\"label\":\"x\",\"scopes\":\"root\"}");
    house_expect(h, &r, 422);
    r = house_get(h, ada, "/settings/tokens");
    at = memmem(r.body.p, r.body.len, "/settings/tokens/", 17);
    assert_non_null(at);
    path = arena_dup(h->arena, at, strcspn(at, "\""));
    r = house_post(h, eve, path, "");
    house_expect(h, &r, 404);
    r = house_post(h, ada, path, "");
    house_expect(h, &r, 303);
    r = house_get(h, &by, "/settings/tokens");
    house_expect(h, &r, 401);
}

static void a_token_ends_when_it_says(void **state)
{
    struct house *h = *state;
    struct person *ada = house_user(h, "Ada", ""), by = { 0 };
    struct web_response r = house_json(h, ada, HTTP_POST, "/settings/tokens",
                                       "{\"label\":\"x\",\"expires_at\":\"2026-11-24\"}");

    house_expect(h, &r, 201);
    by.bearer = arena_printf(h->arena, "Bearer %s", val_get_text(house_val(h, &r), "secret"));
    h->clock->fixed_ms = HOUSE_NOW + MS_DAY;
    r = house_get(h, &by, "/settings");
    house_expect(h, &r, 200);
    h->clock->fixed_ms = HOUSE_NOW + 2 * MS_DAY;
    r = house_get(h, &by, "/settings");
    house_expect(h, &r, 401);
}

/* ---- roles ---- */
static void furrow_stays_in_somebodys_hands(void **state)
{
    struct house *h = *state;
    struct person *ada = house_user(h, "Ada", "");
    struct row *user;
    i64 other;

    assert_ok(h->cx, record_get(h->cx, &user_type, ada->user_id, &user));
    row_set_i64(user, USER_ACTIVE, 0);
    assert_status(h->cx, record_save(h->cx, user), E_INVALID);
    assert_ok(h->cx, record_get(h->cx, &user_type, ada->user_id, &user));
    assert_status(h->cx, record_delete(h->cx, user), E_INVALID);
    other = house_user(h, "Bob", "")->user_id;
    assert_ok(h->cx, record_get(h->cx, &user_type, ada->user_id, &user));
    assert_ok(h->cx, record_delete(h->cx, user));
    assert_ok(h->cx, record_get(h->cx, &user_type, other, &user));
    assert_status(h->cx, record_delete(h->cx, user), E_INVALID);
}

static void a_changed_role_counts_at_once(void **state)
{
    struct house *h = *state;
    struct person *sam = house_user(h, "Sam", "Sales");
    struct row *role;
    struct web_response r = house_get(h, sam, "/settings/workspace");

    house_expect(h, &r, 403);
    assert_ok(h->cx, record_find(h->cx, &role_type, "name", "Sales", &role));
    row_set_text(role, ROLE_RULES, "{\"admin\":{\"update\":\"all\"}}");
    assert_ok(h->cx, record_save(h->cx, role));
    r = house_get(h, sam, "/settings/workspace");
    house_expect(h, &r, 200);
    row_set_text(role, ROLE_RULES, "{}");
    assert_ok(h->cx, record_save(h->cx, role));
    r = house_get(h, sam, "/settings/workspace");
    house_expect(h, &r, 403);
}

static void settings_are_saved_or_say_what_is_wrong(void **state)
{
    struct house *h = *state;
    struct person *ada = house_user(h, "Ada", "");
    struct web_response r =
        house_post(h, ada, "/settings/workspace", "workspace.name=Acme&workspace.zone=Mars%2FBase");

    house_expect(h, &r, 422);
    assert_true(house_has(&r, "Mars/Base"));
    r = house_get(h, ada, "/settings");
    assert_false(house_has(&r, "Acme")); /* all or none */
    r = house_post(h, ada, "/settings/workspace", "workspace.name=Acme");
    house_expect(h, &r, 303);
    r = house_get(h, ada, "/settings");
    assert_true(house_has(&r, "Acme"));
}

static void the_look_is_mine(void **state)
{
    struct house *h = *state;
    struct person *ada = house_user(h, "Ada", "");
    struct web_response r = house_post(h, ada, "/me/theme", "theme=dark");

    house_expect(h, &r, 303);
    r = house_get(h, ada, "/settings");
    assert_true(house_has(&r, "data-theme=\"dark\""));
    r = house_post(h, ada, "/settings/profile", "name=Ada+L&title=Boss&phone=&theme=light");
    house_expect(h, &r, 303);
    r = house_get(h, ada, "/settings/profile");
    assert_true(house_has(&r, "value=\"Ada L\""));
    assert_true(house_has(&r, "data-theme=\"light\""));
    r = house_post(h, ada, "/settings/profile", "name=&theme=light");
    house_expect(h, &r, 422);
}

/* ---- parts ---- */
static void passwords_have_rules(void **state)
{
    static const struct {
        const char *password, *email;
        bool good;
    } cases[] = {
        { GOOD, "ada@example.com", true },
        { "123456789", "", false },
        { "1234567890", "", true },
        { "\xc3\xa4\xc3\xb6\xc3\xbc\xc3\xa4\xc3\xb6", "", false }, /* five letters in ten bytes */
        { "adalovelace99", "adalovelace@example.com", false },
        { "ada in wonderland", "ada@example.com", true }, /* a short name is in many words */
    };
    struct house *h = *state;
    char huge[LIMIT_PASSWORD_BYTES + 2];

    for (size_t i = 0; i < countof(cases); i++) {
        enum status s = password_check_rules(h->cx, "password", cases[i].password, cases[i].email);
        ctx_clear_error(h->cx);
        if ((s == OK) != cases[i].good)
            fail_msg("'%s'", cases[i].password);
    }
    memset(huge, 'x', sizeof huge - 1);
    huge[sizeof huge - 1] = '\0';
    assert_status(h->cx, password_check_rules(h->cx, "password", huge, ""), E_INVALID);
}

static void a_hash_matches_its_password_only(void **state)
{
    struct house *h = *state;
    const char *hash, *again;

    assert_ok(h->cx, password_hash(h->cx, GOOD, &hash));
    assert_ok(h->cx, password_hash(h->cx, GOOD, &again));
    assert_string_not_equal(hash, again);
    assert_true(password_matches(hash, GOOD));
    assert_true(password_matches(again, GOOD));
    assert_false(password_matches(hash, "correct horse batter"));
    assert_false(password_matches("", GOOD));
    assert_false(password_matches("", ""));
    assert_false(password_matches("plain", "plain"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        IN_BOTH_HOUSES(who_knows_the_password_gets_in, &options),
        IN_SQLITE_HOUSE(everybody_else_hears_the_same, &options),
        IN_SQLITE_HOUSE(a_sign_in_page_of_another_site_does_nothing, &options),
        IN_SQLITE_HOUSE(guessing_is_slowed_down, &options),
        IN_SQLITE_HOUSE(next_stays_on_this_site, &options),
        IN_BOTH_HOUSES(signing_out_ends_the_session, &options),
        IN_BOTH_HOUSES(sessions_run_out_and_users_who_are_switched_off_are_out, &options),
        IN_BOTH_HOUSES(a_new_password_ends_the_other_sessions, &options),
        IN_SQLITE_HOUSE(i_end_my_other_sessions_and_nobody_elses, &options),
        IN_BOTH_HOUSES(the_first_administrator_is_made_once, &options),
        IN_BOTH_HOUSES(an_invitation_sets_a_password_once, &options),
        IN_BOTH_HOUSES(a_token_is_shown_once_and_revoked, &options),
        IN_SQLITE_HOUSE(a_token_ends_when_it_says, &options),
        IN_BOTH_HOUSES(furrow_stays_in_somebodys_hands, &options),
        IN_BOTH_HOUSES(a_changed_role_counts_at_once, &options),
        IN_BOTH_HOUSES(settings_are_saved_or_say_what_is_wrong, &options),
        IN_BOTH_HOUSES(the_look_is_mine, &options),
        IN_SQLITE_HOUSE(passwords_have_rules, &options),
        IN_SQLITE_HOUSE(a_hash_matches_its_password_only, &options),
    };
    return cmocka_run_group_tests_name("kit/session", tests, NULL, NULL);
}
