/* profile.c -- what everybody settles for themselves: name and look, password, where they are
 * signed in. */
#include "admin/form.h"
#include "admin/user.h"
#include "base/id.h"
#include "base/limits.h"
#include "kit/session.h"

/* ---- who I am ---- */
static const int profile_fields[] = { USER_NAME, USER_TITLE, USER_PHONE };

static enum status profile_page(struct req *rq, const struct row *user, bool failed)
{
    struct ctx *cx = rq->cx;
    struct val *page = form_new(cx, "My settings", "/settings/profile", "Save", "/settings");
    struct val *fields = form_group(page, NULL), *f;

    for (size_t i = 0; i < countof(profile_fields); i++) {
        const struct field *field = &user_type.fields[profile_fields[i]];
        f = form_line(fields, field->name, field->label,
                      field->kind == FIELD_PHONE ? "tel" : "text",
                      failed ? req_form(rq, field->name) : row_plain(cx, user, profile_fields[i]));
        val_put_bool(f, "optional", (field->flags & REQUIRED) == 0);
    }
    form_choice(fields, "theme", user_type.fields[USER_THEME].label,
                user_type.fields[USER_THEME].choices,
                failed ? req_form(rq, "theme") : row_text(user, USER_THEME));
    if (failed)
        reply_status(rq, 422);
    form_errors(cx, page);
    return reply(rq, "kit/form", page);
}

static enum status get_profile(struct req *rq)
{
    struct row *user;
    scoped(access_leave) struct access_guard g = access_enter_system(rq->cx);

    TRY(record_get(rq->cx, &user_type, rq->cx->access->user_id, &user));
    access_leave(&g);
    return profile_page(rq, user, false);
}

static enum status post_profile(struct req *rq)
{
    struct ctx *cx = rq->cx;
    struct row *user;
    enum status s = OK;
    scoped(access_leave) struct access_guard g = access_enter_system(cx);

    TRY(record_get(cx, &user_type, cx->access->user_id, &user));
    for (size_t i = 0; i < countof(profile_fields); i++)
        if (row_parse(cx, user, profile_fields[i],
                      req_form(rq, user_type.fields[profile_fields[i]].name)) != OK)
            s = cx->error;
    if (req_form(rq, "theme")[0] != '\0' &&
        row_parse(cx, user, USER_THEME, req_form(rq, "theme")) != OK)
        s = cx->error;
    if (s == OK)
        s = record_save(cx, user);
    access_leave(&g);
    if (s == E_INVALID)
        return profile_page(rq, user, true);
    TRY(s);
    return reply_done(rq, "/settings/profile", "Saved.");
}

/* POST /me/theme -- the look, from the menu on every page. */
static enum status post_theme(struct req *rq)
{
    struct ctx *cx = rq->cx;
    struct row *user;
    const char *back = rq->header(rq, "Referer");
    scoped(access_leave) struct access_guard g = access_enter_system(cx);

    TRY(record_get(cx, &user_type, cx->access->user_id, &user));
    TRY(row_parse(cx, user, USER_THEME, req_form(rq, "theme")));
    TRY(record_save(cx, user));
    access_leave(&g);
    reply_cookie(rq, "theme", row_text(user, USER_THEME), 365 * (MS_DAY / 1000), true);
    if (rq->is_htmx || rq->wants_json)
        return reply_empty(rq);
    back = back != NULL ? strstr(back, "://") : NULL;
    back = back != NULL ? strchr(back + 3, '/') : NULL;
    return reply_redirect(rq, back != NULL && path_is_local(back) ? back : "/");
}

static enum status password_form(struct req *rq)
{
    struct val *page =
        form_new(rq->cx, "My password", "/settings/password", "Change the password", "/settings");
    struct val *fields = form_group(page, NULL), *f;

    f = form_line(fields, "current", "Password until now", "password", "");
    val_put_text(f, "autocomplete", "current-password");
    f = form_line(fields, "password", "New password", "password", "");
    val_put_text(f, "autocomplete", "new-password");
    val_put_printf(f, "help", "At least %d characters. You are signed out everywhere else.",
                   LIMIT_PASSWORD_BYTES_MIN);
    if (rq->cx->error != OK)
        reply_status(rq, 422);
    form_errors(rq->cx, page);
    return reply(rq, "kit/form", page);
}

static enum status get_password(struct req *rq) { return password_form(rq); }

static enum status change_password(struct req *rq)
{
    struct ctx *cx = rq->cx;
    const char *email = cx->access->email, *current = req_form(rq, "current");
    i64 user_id;

    if (web_rate_limited(rq->web, "password", email, LIMIT_SIGN_IN_PER_MINUTE))
        return ctx_fail(cx, E_RATE, "Too many tries. Wait a minute, then try again.");
    TRY(user_with_password(cx, email, current, &user_id));
    if (user_id != cx->access->user_id)
        return ctx_fail_field(cx, "current", "password.wrong", "This is not your password.");
    return user_set_password(cx, user_id, req_form(rq, "password"));
}

static enum status post_password(struct req *rq)
{
    enum status s = change_password(rq);

    if (s == E_INVALID)
        return password_form(rq);
    TRY(s);
    return reply_done(rq, "/settings", "Your password is changed.");
}

/* ---- where I am signed in ---- */
/* "Mozilla/5.0 (X11; Linux x86_64) ..." in words that a person knows their devices by. */
static const char *client_words(struct arena *a, const char *client)
{
    static const char *const browsers[][2] = { { "Edg/", "Edge" },        { "OPR/", "Opera" },
                                               { "Firefox/", "Firefox" }, { "Chrome/", "Chrome" },
                                               { "Safari/", "Safari" },   { "curl/", "curl" } };
    static const char *const systems[][2] = { { "iPhone", "iPhone" },   { "iPad", "iPad" },
                                              { "Android", "Android" }, { "Windows", "Windows" },
                                              { "Mac OS", "macOS" },    { "Linux", "Linux" } };
    const char *browser = "Unknown program", *system = "";

    for (size_t i = countof(browsers); i-- > 0;)
        if (strstr(client, browsers[i][0]) != NULL)
            browser = browsers[i][1];
    for (size_t i = countof(systems); i-- > 0;)
        if (strstr(client, systems[i][0]) != NULL)
            system = systems[i][1];
    return system[0] == '\0' ? browser : arena_printf(a, "%s on %s", browser, system);
}

static enum status get_sessions(struct req *rq)
{
    struct ctx *cx = rq->cx;
    struct val *page = table_new(cx, "Where I am signed in",
                                 "End what you do not know, then change your password.");
    struct val *columns = table_columns(page), *rows = table_rows(page);
    scoped(stmt_close) struct stmt q =
        db_query(cx, "session.list", I64("user_id", cx->access->user_id), I64("now", ctx_now(cx)));

    table_column(columns, "Program", "text");
    table_column(columns, "Address", "text");
    table_column(columns, "Signed in", "date");
    table_column(columns, "Last seen", "date");
    val_put_bool(page, "has_actions", true);
    while (stmt_next(&q)) {
        struct val *row = val_add_map(rows), *cells = val_put_list(row, "cells"), *actions;
        bool here = col_i64(&q, 0) == cx->access->session_id;
        const char *client = client_words(cx->arena, col_text(&q, 4));
        table_cell(cells, "text", here ? arena_printf(cx->arena, "%s (this one)", client) : client);
        table_cell(cells, "text", col_text(&q, 3));
        table_date(cx, cells, col_i64(&q, 1));
        table_date(cx, cells, col_i64(&q, 2));
        actions = val_put_list(row, "actions");
        if (!here)
            table_action(actions, "End",
                         arena_printf(cx->arena, "/settings/sessions/%s/end",
                                      id_text(cx->arena, col_i64(&q, 0))));
    }
    TRY(stmt_status(&q));
    return reply(rq, "kit/table", page);
}

static enum status post_session_end(struct req *rq)
{
    struct ctx *cx = rq->cx;
    i64 id, changed;

    TRY(req_id(rq, "id", &id));
    TRY(db_run_count(cx, &changed, "session.end_own", I64("id", id),
                     I64("user_id", cx->access->user_id)));
    if (changed == 0)
        return ctx_fail(cx, E_NOT_FOUND, "This session has ended already.");
    return reply_done(rq, "/settings/sessions", "Signed out there.");
}

static const struct route routes[] = {
    { HTTP_GET, "/settings/profile", get_profile, .flags = ROUTE_SIGNED_IN },
    { HTTP_POST, "/settings/profile", post_profile, .flags = ROUTE_SIGNED_IN },
    { HTTP_POST, "/me/theme", post_theme, .flags = ROUTE_SIGNED_IN },
    { HTTP_GET, "/settings/password", get_password, .flags = ROUTE_SIGNED_IN },
    { HTTP_POST, "/settings/password", post_password, .flags = ROUTE_SIGNED_IN | ROUTE_SLOW },
    { HTTP_GET, "/settings/sessions", get_sessions, .flags = ROUTE_SIGNED_IN },
    { HTTP_POST, "/settings/sessions/:id/end", post_session_end, .flags = ROUTE_SIGNED_IN },
};

const struct feature feature_profile = { .name = "profile", ROUTES(routes) };
