/* user.c -- the people who work with Furrow. A user is a record; how they sign in is kept in fields
 * that nobody sees. */
#include "admin/user.h"
#include "kit/session.h"
#include "kit/zones.h"

enum { MANAGERS_MOST = 50 };

static const struct field fields[] = {
    [USER_NAME] = { "name", FIELD_TEXT, "Name", REQUIRED | LISTED | SEARCHED, .max_len = 120 },
    [USER_EMAIL] = { "email", FIELD_EMAIL, "Email", REQUIRED | LISTED | UNIQUE | SEARCHED,
                     .help = "Used to sign in." },
    [USER_TEAM] = { "team_id", FIELD_REF, "Team", LISTED | INDEXED, .ref = "team" },
    [USER_MANAGER] = { "manager_id", FIELD_REF, "Reports to", INDEXED, .ref = "user",
                       .help = "Their manager: sees and approves what they earn." },
    [USER_ROLE] = { "role_id", FIELD_REF, "Role", REQUIRED | LISTED | INDEXED | TRACKED,
                    .ref = "role" },
    [USER_TITLE] = { "title", FIELD_TEXT, "Job title", 0, .max_len = 120 },
    [USER_PHONE] = { "phone", FIELD_PHONE, "Phone", 0 },
    [USER_ACTIVE] = { "active", FIELD_BOOL, "May sign in", LISTED | TRACKED, .otherwise = "true",
                      .help =
                          "A user who leaves is switched off and not deleted, so that their work "
                          "keeps its name." },
    [USER_COLOR] = { "avatar_color", FIELD_INT, "Colour", COMPUTED, .min = 0, .max = 7 },
    [USER_THEME] = { "theme", FIELD_CHOICE, "Look", 0, .otherwise = "auto",
                     .choices =
                         CHOICES({ "auto", "As the system", "gray" }, { "light", "Light", "amber" },
                                 { "dark", "Dark", "blue" }) },
    [USER_LAST_SEEN] = { "last_seen_at", FIELD_TIME, "Last seen", LISTED | COMPUTED },
    [USER_PASSWORD] = { "password_hash", FIELD_LONG, "Password", INTERNAL, .max_len = 200 },
    [USER_INVITE] = { "invite_hash", FIELD_LONG, "Invitation", INTERNAL, .max_len = 100 },
    [USER_INVITE_EXPIRES] = { "invite_expires_at", FIELD_TIME, "Invitation ends", INTERNAL },
    [USER_TIMEZONE] = { "timezone", FIELD_TEXT, "Time zone", 0, .max_len = 60,
                        .help = "A name like Europe/Lisbon; empty: the workspace's." },
    [USER_DIGEST_HOUR] = { "digest_hour", FIELD_INT, "Hour of the digest", 0, .min = 0, .max = 23,
                           .help = "When the day's news are mailed, by that clock; empty: 8." },
    [USER_NOTICES] = { "notices", FIELD_LONG, "What they are told", INTERNAL, .max_len = 1000 },
};
_Static_assert(countof(fields) == USER_FIELDS, "enum and table differ");

static enum status is_admin_role(struct ctx *cx, i64 role_id, bool *is)
{
    i64 admin = 0;
    enum status s = role_id == 0 ? E_NOT_FOUND
                                 : db_get_i64(cx, &admin, "user.is_admin_role", I64("id", role_id));

    *is = s == OK && admin != 0;
    return s == E_NOT_FOUND ? OK : s;
}

/* Furrow must stay in somebody's hands. */
static enum status check_last_admin(struct ctx *cx, const struct row *before,
                                    const struct row *after)
{
    bool was, is = false;
    i64 others;

    TRY(is_admin_role(cx, row_i64(before, USER_ROLE), &was));
    if (after != NULL && row_bool(after, USER_ACTIVE))
        TRY(is_admin_role(cx, row_i64(after, USER_ROLE), &is));
    if (!was || !row_bool(before, USER_ACTIVE) || is)
        return OK;
    TRY(db_get_i64(cx, &others, "user.other_admins", I64("id", row_id(before))));
    if (others == 0)
        return ctx_fail_field(
            cx, after != NULL && row_changed(after, USER_ACTIVE) ? "active" : "role_id",
            "user.last_admin", "%s is the only administrator. Make another one first.",
            row_text(before, USER_NAME));
    return OK;
}

/* Nobody reports to themselves, not even by detours. */
static enum status check_manager(struct ctx *cx, const struct row *r)
{
    i64 at = row_i64(r, USER_MANAGER);

    for (int i = 0; at != 0 && i < MANAGERS_MOST; i++) {
        enum status s;
        if (at == row_id(r))
            return ctx_fail_field(cx, "manager_id", "user.circle",
                                  "%s would report to themselves, by way of others.",
                                  row_text(r, USER_NAME));
        s = db_get_i64(cx, &at, "user.manager", I64("id", at));
        if (s == E_NOT_FOUND)
            at = 0;
        else
            TRY(s);
    }
    return OK;
}

static enum status user_validate(struct ctx *cx, struct row *r)
{
    const struct row *before = row_before(r);

    if (row_has(r, USER_TIMEZONE) && zone_named(cx, row_text(r, USER_TIMEZONE)) == NULL)
        return ctx_fail_field(cx, "timezone", "zone.unknown",
                              "There is no time zone '%s'; write a name like Europe/Berlin.",
                              row_text(r, USER_TIMEZONE));
    /* Who may edit users may not thereby make themselves more than they are. */
    if ((before == NULL || row_changed(r, USER_ROLE)) && !cx->access->admin && !cx->access->system)
        return ctx_fail_field(cx, "role_id", "user.role", "Only administrators give roles.");
    if (!row_is_new(r) && row_has(r, USER_MANAGER))
        TRY(check_manager(cx, r));
    return before != NULL ? check_last_admin(cx, before, r) : OK;
}

static enum status user_saved(struct ctx *cx, struct row *r)
{
    if (!row_is_new(r) && row_changed(r, USER_ACTIVE) && !row_bool(r, USER_ACTIVE))
        return session_end_all(cx, row_id(r), 0);
    return OK;
}

static enum status user_removed(struct ctx *cx, struct row *r)
{
    TRY(check_last_admin(cx, r, NULL));
    return session_end_all(cx, row_id(r), 0);
}

static bool may_be_invited(struct ctx *cx, const struct row *r)
{
    return cx->access->admin && row_bool(r, USER_ACTIVE);
}

static bool may_leave(struct ctx *cx, const struct row *r)
{
    return cx->access->admin && row_bool(r, USER_ACTIVE) && row_id(r) != cx->access->user_id;
}

static bool may_return(struct ctx *cx, const struct row *r)
{
    return cx->access->admin && !row_bool(r, USER_ACTIVE);
}

const struct record_type user_type = {
    .name = "user",
    .label = "User",
    .plural = "Users",
    .path = "users",
    .icon = "users",
    .section = "settings",
    .menu_order = 1,
    .sort = "name",
    .title = USER_NAME,
    .fields = fields,
    .field_count = USER_FIELDS,
    .flags = TYPE_SYSTEM,
    .empty = "The people who work with Furrow.",
    ACTIONS({ "invite", "Make a password link", .shown = may_be_invited },
            { "deactivate", "Switch off", .shown = may_leave,
              .confirm = "They are signed out everywhere and cannot sign in any more. Their work "
                         "stays. Switch off?" },
            { "activate", "Switch on again", .shown = may_return }),
    .validate = user_validate,
    .saved = user_saved,
    .removed = user_removed,
};

/* ---- pages ---- */
/* POST /users/:id/invite -- a link with which the user sets a password, shown this once. */
static enum status post_invite(struct req *rq)
{
    struct ctx *cx = rq->cx;
    struct val *page = val_map(cx->arena);
    struct row *user;
    const char *path;
    i64 id;

    TRY(req_id(rq, "id", &id));
    TRY(record_get(cx, &user_type, id, &user));
    if (!row_bool(user, USER_ACTIVE))
        return ctx_fail(cx, E_CONFLICT, "%s is switched off. Switch them on first.",
                        row_text(user, USER_NAME));
    TRY(user_invite(cx, id, &path));
    val_put_printf(page, "title", "Password link for %s", row_text(user, USER_NAME));
    val_put_printf(page, "note",
                   "Send this link to %s. It sets a password once, within %d days. It is shown "
                   "only here.",
                   row_text(user, USER_NAME), INVITE_DAYS);
    val_put_printf(page, "text", "%s%s", web_public_url(rq), path);
    val_put_text(page, "back_url", row_path(cx, user));
    reply_header(rq, "Cache-Control", "no-store");
    return reply(rq, "admin/secret", page);
}

static enum status switch_user(struct req *rq, bool on, const char *fmt_done)
{
    struct ctx *cx = rq->cx;
    struct row *user;
    i64 id;

    TRY(req_id(rq, "id", &id));
    TRY(record_get(cx, &user_type, id, &user));
    row_set_i64(user, USER_ACTIVE, on);
    TRY(record_save(cx, user));
    return reply_done(rq, row_path(cx, user), "%s %s", row_text(user, USER_NAME), fmt_done);
}

static enum status post_deactivate(struct req *rq)
{
    return switch_user(rq, false, "is switched off.");
}

static enum status post_activate(struct req *rq) { return switch_user(rq, true, "may sign in."); }

/* ---- made by code ---- */
static enum status find_named(struct ctx *cx, const struct record_type *t, const char *name,
                              i64 *id)
{
    struct row *found;
    enum status s = record_find(cx, t, "name", name, &found);

    if (s == E_NOT_FOUND)
        return ctx_fail(cx, E_INVALID, "there is no %s called '%s'", t->name, name);
    TRY(s);
    *id = row_id(found);
    return OK;
}

enum status user_make(struct ctx *cx, const struct user_new *nu, i64 *id)
{
    scoped(access_leave) struct access_guard g = access_enter_system(cx);
    struct row *user = row_new(cx, &user_type);
    i64 role, team = 0;

    if (text_empty(nu->role))
        TRY(db_get_i64(cx, &role, "role.admin"));
    else
        TRY(find_named(cx, &role_type, nu->role, &role));
    if (!text_empty(nu->team))
        TRY(find_named(cx, &team_type, nu->team, &team));
    TRY(row_parse(cx, user, USER_NAME, nu->name));
    TRY(row_parse(cx, user, USER_EMAIL, nu->email));
    row_set_i64(user, USER_ROLE, role);
    if (team != 0)
        row_set_i64(user, USER_TEAM, team);
    row_set_i64(user, USER_ACTIVE, 1);
    if (nu->password_hash != NULL)
        row_set_text(user, USER_PASSWORD, nu->password_hash);
    TRY(record_save(cx, user));
    *id = row_id(user);
    return OK;
}

static const struct route routes[] = {
    { HTTP_POST, "/users/:id/invite", post_invite, NEEDS("admin", VERB_UPDATE) },
    { HTTP_POST, "/users/:id/deactivate", post_deactivate, NEEDS("admin", VERB_UPDATE) },
    { HTTP_POST, "/users/:id/activate", post_activate, NEEDS("admin", VERB_UPDATE) },
};

const struct feature feature_user = { .name = "user", TYPES(&user_type), ROUTES(routes) };
