/* notices.c -- what I am told and where: each kind of news behind the bell or not, by mail soon,
 * with the day's digest or never, and when and by which clock the digest comes. */
#include "admin/form.h"
#include "admin/user.h"
#include "kit/notice.h"
#include "kit/zones.h"

static const struct choice mails[] = { { "soon", "Soon, within minutes", NULL },
                                       { "daily", "With the day's digest", NULL },
                                       { "never", "Never", NULL },
                                       { NULL, NULL, NULL } };

static const struct choice *hours(struct ctx *cx)
{
    struct choice *list = NEW_N(cx->arena, struct choice, 25);

    for (int h = 0; h < 24; h++)
        list[h] = (struct choice){ arena_printf(cx->arena, "%d", h),
                                   arena_printf(cx->arena, "%02d:00", h), NULL };
    return list;
}

static const char *app_name(struct ctx *cx, int kind)
{
    return arena_printf(cx->arena, "app_%s", notice_kinds[kind].name);
}

/* A box that was on the form and is not posted was unticked; without the form all stays. */
static bool is_in_app(struct req *rq, const char *choices, int kind)
{
    const char *name = app_name(rq->cx, kind);

    if (notice_kinds[kind].always || text_is(req_form(rq, name), "true"))
        return true;
    return req_form(rq, arena_printf(rq->cx->arena, "%s_shown", name))[0] == '\0' &&
           notice_in_app(choices, (enum notice_kind)kind);
}

static void put_in_app(struct req *rq, const char *choices, struct val *page)
{
    struct val *fields = form_group(page, "In the app, behind the bell"), *f;

    for (int k = 0; k < NOTICE_KINDS; k++) {
        const char *name = app_name(rq->cx, k);
        if (notice_kinds[k].always)
            f = form_fixed(fields, name, notice_kinds[k].label, "Always: somebody waits for it");
        else
            f = form_bool(fields, name, notice_kinds[k].label, is_in_app(rq, choices, k));
        val_put_text(f, "help", notice_kinds[k].help);
    }
}

static enum status notices_page(struct req *rq, const struct row *user, bool failed)
{
    struct ctx *cx = rq->cx;
    struct val *page =
                   form_new(cx, "Notifications", "/settings/notifications", "Save", "/settings"),
               *fields, *f;
    i64 hour = row_has(user, USER_DIGEST_HOUR) ? row_i64(user, USER_DIGEST_HOUR) : 8;

    put_in_app(rq, row_text(user, USER_NOTICES), page);
    fields = form_group(page, "By mail");
    for (int k = 0; k < NOTICE_KINDS; k++) {
        enum notice_mail now = notice_choice(row_text(user, USER_NOTICES), (enum notice_kind)k);
        f = form_choice(fields, notice_kinds[k].name, notice_kinds[k].label, mails,
                        failed ? req_form(rq, notice_kinds[k].name) : notice_mail_word(now));
        val_put_text(f, "help", notice_kinds[k].help);
    }
    fields = form_group(page, "The day's digest");
    f = form_choice(fields, "digest_hour", "At", hours(cx),
                    failed ? req_form(rq, "digest_hour")
                           : arena_printf(cx->arena, "%lld", (long long)hour));
    val_put_text(f, "help", "On days when there is something. Nothing is sent while you are away.");
    f = form_line(fields, "timezone", "Time zone", "text",
                  failed ? req_form(rq, "timezone") : row_text(user, USER_TIMEZONE));
    val_put_bool(f, "optional", true);
    val_put_printf(f, "help", "A name like Europe/Lisbon. Empty: %s, as in the workspace.",
                   setting_text(cx, "workspace.zone"));
    if (failed)
        reply_status(rq, 422);
    form_errors(cx, page);
    return reply(rq, "kit/form", page);
}

static enum status get_notices(struct req *rq)
{
    struct row *user;
    i64 me = rq->cx->access->user_id;
    scoped(access_leave) struct access_guard g = access_enter_system(rq->cx);

    TRY(record_get(rq->cx, &user_type, me, &user));
    access_leave(&g);
    return notices_page(rq, user, false);
}

/* "mention=soon change=never app.change=off": what is as everybody has it is not kept, so that it
 * may change. */
static enum status read_choices(struct req *rq, const char *before, const char **out)
{
    struct ctx *cx = rq->cx;
    struct buf b = buf_in(cx->arena, 1000);

    for (int k = 0; k < NOTICE_KINDS; k++) {
        const char *word = req_form(rq, notice_kinds[k].name);
        bool known = text_is(word, "soon") || text_is(word, "daily") || text_is(word, "never");
        if (word[0] != '\0' && !known)
            return ctx_fail_field(cx, notice_kinds[k].name, "choice.unknown",
                                  "'%s' is none of the choices.", word);
        if (known && !text_is(word, notice_mail_word(notice_kinds[k].mail)))
            buf_printf(&b, "%s%s=%s", b.len ? " " : "", notice_kinds[k].name, word);
        if (!is_in_app(rq, before, k))
            buf_printf(&b, "%sapp.%s=off", b.len ? " " : "", notice_kinds[k].name);
    }
    *out = buf_end(&b);
    return OK;
}

static enum status post_notices(struct req *rq)
{
    struct ctx *cx = rq->cx;
    struct row *user;
    const char *choices = "";
    i64 me = cx->access->user_id;
    enum status s;
    scoped(access_leave) struct access_guard g = access_enter_system(cx);

    TRY(record_get(cx, &user_type, me, &user));
    s = read_choices(rq, row_text(user, USER_NOTICES), &choices);
    if (s == OK)
        row_set_text(user, USER_NOTICES, choices);
    if (row_parse(cx, user, USER_DIGEST_HOUR, req_form(rq, "digest_hour")) != OK ||
        row_parse(cx, user, USER_TIMEZONE, req_form(rq, "timezone")) != OK)
        s = E_INVALID;
    if (s == OK)
        s = record_save(cx, user);
    access_leave(&g);
    if (s == E_INVALID)
        return notices_page(rq, user, true);
    TRY(s);
    return reply_done(rq, "/settings/notifications", "Saved.");
}

static const struct route routes[] = {
    { HTTP_GET, "/settings/notifications", get_notices, .flags = ROUTE_SIGNED_IN },
    { HTTP_POST, "/settings/notifications", post_notices, .flags = ROUTE_SIGNED_IN },
};
const struct feature feature_notices = { .name = "notices", ROUTES(routes) };
