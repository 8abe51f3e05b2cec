/* session.c -- the pages of signing in and out, and of setting a password: the first administrator,
 * invitations. Passwords are hashed on readers (ROUTE_SLOW): it takes some 50 ms, which the writer
 * does not have. */
#include "kit/session.h"
#include "admin/form.h"
#include "admin/user.h"
#include "base/limits.h"
#include "base/utf8.h"
#include <sodium.h>

#define SIGN_IN_COOKIE "furrow_sign_in"
enum { SIGN_IN_PAGE_SECONDS = 3600 };

/* ---- public pages that change something: a token of their own, in a cookie ---- */
static const char *page_token(struct req *rq)
{
    const char *token = rq->cookie(rq, SIGN_IN_COOKIE);

    if (token != NULL && strlen(token) == SECRET_CHARS)
        return token;
    token = secret_new(rq->cx);
    reply_cookie(rq, SIGN_IN_COOKIE, token, SIGN_IN_PAGE_SECONDS, true);
    return token;
}

static bool token_fits(struct req *rq)
{
    const char *cookie = rq->cookie(rq, SIGN_IN_COOKIE), *sent = req_form(rq, "csrf");

    return web_same_site(rq) && cookie != NULL && strlen(cookie) == SECRET_CHARS &&
           strlen(sent) == SECRET_CHARS && sodium_memcmp(cookie, sent, SECRET_CHARS) == 0;
}

static enum status plain_page(struct req *rq, const char *template, struct val *page)
{
    val_put(page, "shell", web_plain_shell(rq, page_token(rq)));
    return reply_fragment(rq, template, page);
}

/* ---- signing in ---- */
static const char *next_of(const struct req *rq)
{
    const char *next = req_form(rq, "next");

    if (next[0] == '\0')
        next = req_query(rq, "next");
    return path_is_local(next) ? next : "/";
}

static enum status sign_in_page(struct req *rq, const char *error)
{
    struct val *page = val_map(rq->cx->arena);

    val_put_text(page, "title", "Sign in");
    if (error != NULL)
        val_put_text(page, "error", error);
    val_put_text(page, "email", req_form(rq, "email"));
    val_put_text(page, "next", next_of(rq));
    if (error != NULL)
        reply_status(rq, 422);
    return plain_page(rq, "kit/signin", page);
}

static enum status get_sign_in(struct req *rq)
{
    if (rq->cx->access->user_id != 0 && !rq->wants_json)
        return reply_redirect(rq, next_of(rq));
    return sign_in_page(rq, NULL);
}

struct entry {
    i64 user_id;
    const char *address, *client, *secret;
};

static enum status write_session(struct ctx *cx, void *arg)
{
    struct entry *e = arg;
    return session_create(cx, e->user_id, e->address, e->client, &e->secret);
}

/* From here on the browser is this user's. */
static enum status enter(struct req *rq, i64 user_id)
{
    struct entry e = { user_id, rq->address, rq->header(rq, "User-Agent"), NULL };

    TRY(kit_write(rq->cx, write_session, &e));
    session_cookie(rq, e.secret);
    reply_cookie(rq, SIGN_IN_COOKIE, "", 0, true);
    return OK;
}

enum status user_with_password(struct ctx *cx, const char *email, const char *password,
                               i64 *user_id)
{
    struct row *user = NULL;
    const char *hash = "";
    enum status s =
        email[0] == '\0' ? E_NOT_FOUND : record_find(cx, &user_type, "email", email, &user);

    if (s != OK && s != E_NOT_FOUND)
        return s;
    if (user != NULL && row_bool(user, USER_ACTIVE))
        hash = row_text(user, USER_PASSWORD);
    *user_id = password_matches(hash, password) ? row_id(user) : 0;
    return OK;
}

static enum status post_sign_in(struct req *rq)
{
    struct ctx *cx = rq->cx;
    const char *email = str_dup(cx->arena, str_trim(str_from(req_form(rq, "email"))));
    const char *password = req_form(rq, "password"), *next = next_of(rq);
    const char *folded = utf8_fold(cx->arena, email);
    i64 user_id;

    if (!token_fits(rq))
        return sign_in_page(rq, "This page was open for too long. Please sign in again.");
    if (web_rate_limited(rq->web, "sign-in", rq->address, LIMIT_SIGN_IN_PER_MINUTE) ||
        web_rate_limited(rq->web, "sign-in mail", folded, LIMIT_SIGN_IN_PER_MINUTE))
        return ctx_fail_code(cx, E_RATE, "sign_in.rate",
                             "Too many tries to sign in. Wait a minute, then try again.");
    if (strlen(password) > LIMIT_PASSWORD_BYTES)
        return sign_in_page(rq, "That mail address and password do not go together.");
    TRY(user_with_password(cx, email, password, &user_id));
    if (user_id == 0)
        return sign_in_page(rq, "That mail address and password do not go together. Try again.");
    TRY(enter(rq, user_id));
    if (rq->wants_json)
        return reply_done(rq, next, "Signed in.");
    return reply_redirect(rq, next);
}

static enum status post_sign_out(struct req *rq)
{
    TRY(session_end(rq));
    reply_header(rq, "Clear-Site-Data", "\"cache\"");
    return reply_redirect(rq, "/sign-in");
}

/* ---- setting a password: the first administrator, and invitations ---- */
/* What admin/password shows; `name` and `email` are asked for where `ask` is true. */
static enum status password_page(struct req *rq, const char *title, const char *note, bool ask,
                                 const char *code)
{
    struct val *page = form_new(rq->cx, title, rq->path, "Set the password", "/sign-in"), *f;
    struct val *fields = form_group(page, NULL);

    val_put_text((struct val *)(uintptr_t)val_get(page, "form"), "note", note);
    if (code[0] != '\0')
        form_hidden(fields, "code", code);
    if (ask) {
        form_line(fields, "name", "Your name", "text", req_form(rq, "name"));
        form_line(fields, "email", "Mail address", "email", req_form(rq, "email"));
    }
    f = form_line(fields, "password", "Password", "password", "");
    val_put_text(f, "autocomplete", "new-password");
    val_put_printf(f, "help",
                   "At least %d characters. Four words that do not belong together are "
                   "easy to keep in mind.",
                   LIMIT_PASSWORD_BYTES_MIN);
    if (rq->cx->error != OK)
        reply_status(rq, 422);
    form_errors(rq->cx, page);
    return plain_page(rq, "admin/password", page);
}

#define SETUP_TITLE "The first administrator"
#define SETUP_NOTE "Nobody can sign in yet. Who looks after Furrow here?"

static const char *setup_code(struct req *rq)
{
    const char *code = req_form(rq, "code");
    return code[0] != '\0' ? code : req_query(rq, "code");
}

/* The code is right, and there really is nobody yet. */
static enum status check_setup(struct req *rq)
{
    i64 users;

    if (web_rate_limited(rq->web, "setup", rq->address, LIMIT_SIGN_IN_PER_MINUTE))
        return ctx_fail(rq->cx, E_RATE, "Too many tries. Wait a minute, then try again.");
    if (!web_setup_code_is(rq->web, setup_code(rq)))
        return ctx_fail_code(rq->cx, E_FORBIDDEN, "setup.code",
                             "This set-up address is not right any more. The right one is in the "
                             "output of the last start of Furrow.");
    TRY(user_count(rq->cx, &users));
    if (users > 0)
        return ctx_fail_code(rq->cx, E_FORBIDDEN, "setup.done",
                             "Furrow is set up already. Sign in instead.");
    return OK;
}

static enum status get_setup(struct req *rq)
{
    TRY(check_setup(rq));
    return password_page(rq, SETUP_TITLE, SETUP_NOTE, true, setup_code(rq));
}

struct first_user {
    struct user_new nu;
    i64 id;
};

static enum status write_first_user(struct ctx *cx, void *arg)
{
    struct first_user *fu = arg;
    i64 users;

    TRY(user_count(cx, &users)); /* asked again where nobody else writes */
    if (users > 0)
        return ctx_fail(cx, E_CONFLICT, "Furrow is set up already. Sign in instead.");
    return user_make(cx, &fu->nu, &fu->id);
}

static enum status make_first_user(struct req *rq)
{
    struct ctx *cx = rq->cx;
    const char *password = req_form(rq, "password");
    struct first_user fu = { .nu = { .name = req_form(rq, "name"),
                                     .email = req_form(rq, "email") } };

    fu.nu.team = "Administration";
    TRY(password_check_rules(cx, "password", password, fu.nu.email));
    TRY(password_hash(cx, password, &fu.nu.password_hash));
    TRY(kit_write(cx, write_first_user, &fu));
    web_set_setup_code(rq->web, "");
    return enter(rq, fu.id);
}

static enum status post_setup(struct req *rq)
{
    enum status s;

    TRY(check_setup(rq));
    s = token_fits(rq) ? make_first_user(rq)
                       : ctx_fail(rq->cx, E_INVALID, "This page was open for too long. Try again.");
    if (s == E_INVALID)
        return password_page(rq, SETUP_TITLE, SETUP_NOTE, true, setup_code(rq));
    TRY(s);
    return reply_done(rq, "/", "Welcome to Furrow.");
}

/* Whom the link of an invitation means. */
static enum status invited(struct req *rq, i64 *id, const char **name)
{
    struct ctx *cx = rq->cx;
    const char *code = req_param(rq, "code");
    scoped(stmt_close) struct stmt q = { 0 };

    if (web_rate_limited(rq->web, "welcome", rq->address, 3 * LIMIT_SIGN_IN_PER_MINUTE))
        return ctx_fail(cx, E_RATE, "Too many tries. Wait a minute, then try again.");
    q = db_query(cx, "session.invited", TEXT("hash", secret_hash(cx, code)),
                 I64("now", ctx_now(cx)));
    if (!stmt_next(&q)) {
        TRY(stmt_status(&q));
        return ctx_fail_code(cx, E_NOT_FOUND, "welcome.code",
                             "This link was used already or is too old. Ask your administrator for "
                             "a new one.");
    }
    *id = col_i64(&q, 0);
    *name = arena_text(cx->arena, col_text(&q, 1));
    return OK;
}

static enum status welcome_page(struct req *rq, const char *name)
{
    return password_page(rq, arena_printf(rq->cx->arena, "Welcome, %s", name),
                         "Set the password with which you sign in from now on.", false, "");
}

static enum status get_welcome(struct req *rq)
{
    const char *name;
    i64 id;

    TRY(invited(rq, &id, &name));
    return welcome_page(rq, name);
}

static enum status post_welcome(struct req *rq)
{
    const char *name;
    enum status s;
    i64 id;

    TRY(invited(rq, &id, &name));
    s = token_fits(rq) ? user_set_password(rq->cx, id, req_form(rq, "password"))
                       : ctx_fail(rq->cx, E_INVALID, "This page was open for too long. Try again.");
    if (s == E_INVALID)
        return welcome_page(rq, name);
    TRY(s);
    TRY(enter(rq, id));
    return reply_done(rq, "/", "Welcome to Furrow.");
}

/* ---- tidying ---- */
static enum status tidy_sessions(struct job_run *job)
{
    return db_run(job->cx, "session.end_expired", I64("now", ctx_now(job->cx)));
}

static const struct job_type jobs[] = {
    { "session.tidy", "Forget sessions that ended", tidy_sessions, .every_ms = MS_DAY,
      .writes = true },
};

static const struct route routes[] = {
    { HTTP_GET, "/sign-in", get_sign_in, .flags = ROUTE_PUBLIC },
    { HTTP_POST, "/sign-in", post_sign_in, .flags = ROUTE_PUBLIC | ROUTE_SLOW },
    { HTTP_POST, "/sign-out", post_sign_out, .flags = ROUTE_SIGNED_IN },
    { HTTP_GET, "/setup", get_setup, .flags = ROUTE_PUBLIC },
    { HTTP_POST, "/setup", post_setup, .flags = ROUTE_PUBLIC | ROUTE_SLOW },
    { HTTP_GET, "/welcome/:code", get_welcome, .flags = ROUTE_PUBLIC },
    { HTTP_POST, "/welcome/:code", post_welcome, .flags = ROUTE_PUBLIC | ROUTE_SLOW },
};

const struct feature feature_session = { .name = "session", ROUTES(routes), JOBS(jobs) };
