/* calendar_out.c -- somebody's meetings and tasks for other programs, at an address with a secret
 * in it. Only the secret's hash is kept: who has lost the address makes a new one, and the old one
 * ends. Who asks needs no sign-in, since calendar programs have none. */
#include "base/buf.h"
#include "base/id.h"
#include "base/limits.h"
#include "io/ical.h"
#include "kit/session.h"
#include "kit/web.h"
#include "kit/zones.h"
#include "sales/calendar.h"

enum {
    DAYS_BACK = 90,
    DAYS_AHEAD = 365,
    REFRESH_MINUTES = 30,
    BAD_PER_MINUTE = 60,
};

/* ---- the address ---- */
static enum status connect_page(struct req *rq, const char *url)
{
    struct ctx *cx = rq->cx;
    struct val *page = val_map(cx->arena);
    i64 made = 0;
    enum status s = db_get_i64(cx, &made, "calendar.token_made", I64("user", cx->access->user_id));

    if (s != OK && s != E_NOT_FOUND)
        return s;
    val_put_text(page, "title", "Connect calendars");
    val_put_text(page, "url", url);
    val_put_bool(page, "has_address", made != 0);
    val_put_text(page, "made",
                 made ? zone_format(cx->arena, kit_zone(cx), made, "d MMMM yyyy") : "");
    reply_header(rq, "Cache-Control", "no-store");
    return reply(rq, "calendar/connect", page);
}

/* GET /calendar/connect */
static enum status connect_get(struct req *rq) { return connect_page(rq, ""); }

/* POST /calendar/connect -- a new address, shown this once; the one before ends. */
static enum status connect_post(struct req *rq)
{
    struct ctx *cx = rq->cx;
    const char *secret = secret_new(cx);

    TRY(db_run(cx, "calendar.token_set", I64("user", cx->access->user_id),
               TEXT("hash", secret_hash(cx, secret)), I64("now", ctx_now(cx))));
    return connect_page(rq,
                        arena_printf(cx->arena, "%s/calendar/%s.ics", web_public_url(rq), secret));
}

/* POST /calendar/disconnect */
static enum status disconnect_post(struct req *rq)
{
    TRY(db_run(rq->cx, "calendar.token_drop", I64("user", rq->cx->access->user_id)));
    return reply_done(rq, "/calendar/connect", "The address no longer works.");
}

/* ---- what is there ---- */
static enum status write_feed(struct ctx *cx, i64 user, struct str *out)
{
    i64 now = ctx_now(cx), day = zone_day(NULL, now) * MS_DAY;
    struct buf b = buf_in(cx->arena, LIMIT_PAGE_BYTES);
    struct ical_event *events;
    struct entry *e;
    size_t count, n = 0;
    const char *base = kit_public_url(cx);

    TRY(entries_read(cx, user, day - DAYS_BACK * (i64)MS_DAY, day + DAYS_AHEAD * (i64)MS_DAY, &e,
                     &count));
    events = NEW_N(cx->arena, struct ical_event, count + 1);
    for (size_t i = 0; i < count; i++) {
        if (e[i].id == 0) /* another calendar's: it stands there already */
            continue;
        events[n++] = (struct ical_event){
            .uid = arena_printf(cx->arena, "%s@meeting.furrow", id_text(cx->arena, e[i].id)),
            .title = e[i].title,
            .place = e[i].place,
            .url = base[0] ? arena_printf(cx->arena, "%s%s", base, e[i].path) : "",
            .start_ms = e[i].from_ms,
            .end_ms = e[i].until_ms,
            .stamp_ms = e[i].changed_ms,
            .free = e[i].task,
        };
    }
    ical_write(cx->arena, &b,
               &(struct ical_calendar){ .method = ICAL_PUBLISH,
                                        .name = setting_text(cx, "workspace.name"),
                                        .refresh_minutes = REFRESH_MINUTES,
                                        .events = events,
                                        .event_count = n });
    *out = (struct str){ b.p, b.len };
    return buf_status(&b);
}

/* GET /calendar/:token -- SECRET.ics. Not changed since: 304. */
static enum status feed_get(struct req *rq)
{
    struct ctx *cx = rq->cx;
    scoped(access_leave) struct access_guard guard = access_enter_system(cx);
    struct str token = str_from(req_param(rq, "token")), body;
    const char *tag, *given = rq->header(rq, "If-None-Match");
    enum status s = E_NOT_FOUND;
    i64 user;

    if (str_ends(token, ".ics") && token.len > 4 && token.len < 100)
        s = db_get_i64(
            cx, &user, "calendar.token_user",
            TEXT("hash",
                 secret_hash(cx, str_dup(cx->arena, (struct str){ token.p, token.len - 4 }))));
    if (s == E_NOT_FOUND && web_rate_limited(rq->web, "calendar", rq->address, BAD_PER_MINUTE))
        return ctx_fail(cx, E_RATE, "Too many wrong addresses were asked for.");
    TRY(s);
    TRY(write_feed(cx, user, &body));
    tag = arena_printf(cx->arena, "\"%016llx\"", (unsigned long long)str_hash(body));
    reply_header(rq, "ETag", tag);
    reply_header(rq, "Cache-Control", "private, max-age=0, must-revalidate");
    if (given != NULL && strstr(given, tag) != NULL)
        return reply_text(rq, 304, "text/calendar; charset=utf-8", (struct str){ "", 0 });
    return reply_text(rq, 200, "text/calendar; charset=utf-8", body);
}

static const struct route routes[] = {
    { HTTP_GET, "/calendar/connect", connect_get, NEEDS("activity", VERB_READ) },
    { HTTP_POST, "/calendar/connect", connect_post, NEEDS("activity", VERB_READ) },
    { HTTP_POST, "/calendar/disconnect", disconnect_post, NEEDS("activity", VERB_READ) },
    { HTTP_GET, "/calendar/:token", feed_get, .flags = ROUTE_PUBLIC },
};
const struct feature feature_calendar_out = { .name = "calendar_out", ROUTES(routes) };
