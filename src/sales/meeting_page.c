/* meeting_page.c -- a meeting as its guests see it, behind the link in their mail: answer, and for
 * who booked it: move, cancel. The link is signed and names one guest; it does not expire, since
 * calendars keep it. Looking changes nothing: programs follow links. */
#include "base/buf.h"
#include "base/id.h"
#include "base/utf8.h"
#include "bridge/contact.h"
#include "kit/notice.h"
#include "kit/show.h"
#include "kit/zones.h"
#include "mail/token.h"
#include "sales/activity.h"
#include "sales/booking_page.h"
#include "sales/meeting.h"

enum { BAD_TOKENS_PER_MINUTE = 60, POSTS_PER_MINUTE = 20 };

static enum status refuse(struct req *rq)
{
    struct val *page = val_map(rq->cx->arena);

    ctx_clear_error(rq->cx);
    if (web_rate_limited(rq->web, "meeting_token", rq->address, BAD_TOKENS_PER_MINUTE))
        return ctx_fail(rq->cx, E_RATE,
                        "Too many wrong addresses were asked for. Please wait a minute.");
    val_put_text(page, "title", "This link does not work");
    val_put_text(page, "text",
                 "It is not whole, or the meeting is no longer there. Please use the link in the "
                 "newest mail.");
    reply_status(rq, 404);
    return booking_reply(rq, 0, "meeting/message", page);
}

/* E_NOT_FOUND: no such guest, or no such meeting any more. */
static enum status read_guest(struct req *rq, struct row **guest, struct row **meeting)
{
    struct ctx *cx = rq->cx;
    i64 id;

    if (!token_read(cx, TOKEN_MEETING, req_param(rq, "token"), "", &id, 1))
        return E_NOT_FOUND;
    TRY(record_get(cx, &meeting_guest_type, id, guest));
    return record_get(cx, &activity_type, row_i64(*guest, GUEST_MEETING), meeting);
}

static const char *zone_of(struct ctx *cx, const struct row *guest, const struct row *meeting)
{
    struct row *contact;

    if (row_has(guest, GUEST_CONTACT) &&
        record_get(cx, &contact_type, row_i64(guest, GUEST_CONTACT), &contact) == OK &&
        row_has(contact, CONTACT_TIMEZONE))
        return row_text(contact, CONTACT_TIMEZONE);
    ctx_clear_error(cx);
    return row_text(meeting, ACTIVITY_ZONE);
}

/* The page that it was booked on, for its brand and its times; NULL: none, or gone. */
static enum status page_of(struct ctx *cx, const struct row *meeting, struct row **out)
{
    enum status s = E_NOT_FOUND;

    if (row_has(meeting, ACTIVITY_BOOKING))
        s = record_get(cx, &booking_page_type, row_i64(meeting, ACTIVITY_BOOKING), out);
    if (s != E_NOT_FOUND)
        return s;
    ctx_clear_error(cx);
    *out = NULL;
    return OK;
}

static bool can_change(struct ctx *cx, const struct row *meeting, const struct row *guest)
{
    return row_bool(guest, GUEST_BOOKER) && !row_has(meeting, ACTIVITY_CANCELLED) &&
           !row_bool(meeting, ACTIVITY_DONE) && row_has(meeting, ACTIVITY_DUE) &&
           row_i64(meeting, ACTIVITY_DUE) > ctx_now(cx);
}

static void put_answers(const struct row *guest, struct val *page)
{
    static const char *const answers[][2] = { { "accepted", "I come" },
                                              { "tentative", "Perhaps" },
                                              { "declined", "I do not come" } };
    struct val *list = val_put_list(page, "answers");

    for (size_t i = 0; i < countof(answers); i++) {
        struct val *one = val_add_map(list);
        val_put_text(one, "value", answers[i][0]);
        val_put_text(one, "text", answers[i][1]);
        val_put_bool(one, "on", text_is(row_text(guest, GUEST_ANSWER), answers[i][0]));
    }
}

static enum status show(struct req *rq, const struct row *guest, const struct row *meeting,
                        const char *said)
{
    struct ctx *cx = rq->cx;
    struct val *page = val_map(cx->arena);
    const char *tz, *host, *host_mail,
        *path = arena_printf(cx->arena, "/meet/%s", req_param(rq, "token"));
    const struct zone *z = booking_zone(rq, zone_of(cx, guest, meeting), &tz);
    bool cancelled = row_has(meeting, ACTIVITY_CANCELLED);
    bool over =
        !cancelled && (row_bool(meeting, ACTIVITY_DONE) ||
                       (row_has(meeting, ACTIVITY_DUE) && meeting_end(meeting) <= ctx_now(cx)));
    struct row *booking;

    TRY(page_of(cx, meeting, &booking));
    TRY(meeting_user(cx, row_i64(meeting, ACTIVITY_OWNER), &host, &host_mail));
    val_put_text(page, "title",
                 booking ? row_text(booking, BOOKING_TITLE) : row_title(cx, meeting));
    val_put_text(page, "when", row_has(meeting, ACTIVITY_DUE) ? meeting_when(cx, meeting, z) : "");
    val_put_text(page, "host", host);
    val_put_text(page, "place", row_text(meeting, ACTIVITY_PLACE));
    val_put_text(page, "link", row_text(meeting, ACTIVITY_LINK));
    val_put_text(page, "path", path);
    val_put_printf(page, "ics_url", "%s/invite.ics", path);
    val_put_text(page, "move_url",
                 booking && can_change(cx, meeting, guest) && row_bool(booking, BOOKING_ACTIVE)
                     ? arena_printf(cx->arena, "%s/move", path)
                     : "");
    val_put_bool(page, "can_cancel", can_change(cx, meeting, guest));
    val_put_bool(page, "cancelled", cancelled);
    val_put_bool(page, "over", over);
    val_put_bool(page, "can_answer", !cancelled && !over && !row_bool(guest, GUEST_BOOKER));
    val_put_bool(page, "is_ahead", !cancelled && !over);
    val_put_text(page, "said", said);
    val_put_text(page, "comment", row_text(guest, GUEST_COMMENT));
    put_answers(guest, page);
    reply_header(rq, "X-Robots-Tag", "noindex");
    return booking_reply(rq, booking ? row_i64(booking, BOOKING_BRAND) : 0, "meeting/guest", page);
}

/* GET /meet/:token */
static enum status meet_get(struct req *rq)
{
    scoped(access_leave) struct access_guard guard = access_enter_system(rq->cx);
    struct row *guest, *meeting;
    const char *said = "";
    enum status s = read_guest(rq, &guest, &meeting);

    if (s == E_NOT_FOUND)
        return refuse(rq);
    TRY(s);
    if (text_is(req_query(rq, "new"), "1"))
        said = "It is booked. The invitation is on its way to you by mail.";
    else if (text_is(req_query(rq, "said"), "1"))
        said = "Thank you: your answer is noted.";
    else if (text_is(req_query(rq, "moved"), "1"))
        said = "It is moved. The new invitation is on its way.";
    return show(rq, guest, meeting, said);
}

/* GET /meet/:token/invite.ics */
static enum status meet_ics(struct req *rq)
{
    scoped(access_leave) struct access_guard guard = access_enter_system(rq->cx);
    struct row *guest, *meeting;
    struct str bytes;
    enum status s = read_guest(rq, &guest, &meeting);

    if (s == E_NOT_FOUND || (s == OK && !row_has(meeting, ACTIVITY_DUE)))
        return refuse(rq);
    TRY(s);
    TRY(meeting_calendar(rq->cx, meeting, MEETING_REMINDED, &bytes));
    reply_header(rq, "Content-Disposition", "attachment; filename=\"invite.ics\"");
    reply_header(rq, "Cache-Control", "no-store");
    return reply_text(rq, 200, "text/calendar; charset=utf-8", bytes);
}

static enum status limit(struct req *rq)
{
    if (web_rate_limited(rq->web, "meet", rq->address, POSTS_PER_MINUTE))
        return ctx_fail(rq->cx, E_RATE, "Many answers came from your network. Wait a minute.");
    return OK;
}

static enum status back(struct req *rq, const char *what)
{
    return reply_redirect(
        rq, arena_printf(rq->cx->arena, "/meet/%s?%s=1", req_param(rq, "token"), what));
}

/* POST /meet/:token/answer {answer, comment} */
static enum status meet_answer(struct req *rq)
{
    scoped(access_leave) struct access_guard guard = access_enter_system(rq->cx);
    const char *answer = req_form(rq, "answer");
    struct row *guest, *meeting;
    enum status s = read_guest(rq, &guest, &meeting);

    if (s == E_NOT_FOUND)
        return refuse(rq);
    TRY(s);
    TRY(limit(rq));
    if (row_has(meeting, ACTIVITY_CANCELLED) || meeting_end(meeting) <= ctx_now(rq->cx) ||
        (!text_is(answer, "accepted") && !text_is(answer, "declined") &&
         !text_is(answer, "tentative")))
        return back(rq, "old");
    TRY(meeting_answer(rq->cx, guest, answer, req_form(rq, "comment")));
    return back(rq, "said");
}

/* POST /meet/:token/cancel -- by who booked it. */
static enum status meet_cancel(struct req *rq)
{
    scoped(access_leave) struct access_guard guard = access_enter_system(rq->cx);
    struct row *guest, *meeting;
    enum status s = read_guest(rq, &guest, &meeting);

    if (s == E_NOT_FOUND)
        return refuse(rq);
    TRY(s);
    TRY(limit(rq));
    if (!can_change(rq->cx, meeting, guest))
        return back(rq, "old");
    TRY(meeting_cancel(rq->cx, meeting));
    TRY(notify_as(rq->cx, NOTICE_CUSTOMER, row_i64(meeting, ACTIVITY_OWNER), "calendar",
                  arena_printf(rq->cx->arena, "%s cancelled %s", row_title(rq->cx, guest),
                               meeting_when(rq->cx, meeting, meeting_zone(rq->cx, meeting))),
                  row_path(rq->cx, meeting)));
    return back(rq, "cancelled");
}

/* ---- another time ---- */
static enum status pick_another(struct req *rq, const struct row *guest, const struct row *meeting,
                                const char *notice)
{
    struct ctx *cx = rq->cx;
    struct val *page = val_map(cx->arena);
    const char *path = arena_printf(cx->arena, "/meet/%s/move", req_param(rq, "token"));
    struct row *booking;

    TRY(page_of(cx, meeting, &booking));
    if (booking == NULL || !can_change(cx, meeting, guest))
        return show(rq, guest, meeting, "");
    struct booking_pick p = {
        .page = booking,
        .path = path,
        .next = path,
        .minutes = (int)((meeting_end(meeting) - row_i64(meeting, ACTIVITY_DUE)) / MS_MINUTE),
        .except = row_id(meeting),
        .host = row_i64(meeting, ACTIVITY_OWNER)
    };
    TRY(booking_put_pick(rq, &p, page));
    val_put_text(page, "title", "Choose another time");
    val_put_printf(page, "intro", "Until now it is %s.",
                   meeting_when(cx, meeting, zone_or_own(cx, val_get_text(page, "zone"))));
    val_put_text(page, "place", "");
    val_put_text(page, "notice", notice);
    return booking_reply(rq, row_i64(booking, BOOKING_BRAND), "booking/pick", page);
}

/* GET /meet/:token/move?day= -- times; with &at= the question whether that one. */
static enum status move_get(struct req *rq)
{
    scoped(access_leave) struct access_guard guard = access_enter_system(rq->cx);
    struct ctx *cx = rq->cx;
    struct row *guest, *meeting, *booking;
    struct val *page = val_map(cx->arena);
    enum status s = read_guest(rq, &guest, &meeting);
    const struct zone *z;
    const char *tz;
    i64 at;

    if (s == E_NOT_FOUND)
        return refuse(rq);
    TRY(s);
    if (!str_i64(str_from(req_query(rq, "at")), &at) || at <= 0)
        return pick_another(rq, guest, meeting, "");
    TRY(page_of(cx, meeting, &booking));
    z = booking_zone(rq, zone_of(cx, guest, meeting), &tz);
    val_put_text(page, "title", "Move it to this time?");
    val_put_text(page, "when", zone_format(cx->arena, z, at, "EEEE d MMMM yyyy, HH:mm"));
    val_put_text(page, "zone", tz);
    val_put_printf(page, "at", "%lld", (long long)at);
    val_put_printf(page, "path", "/meet/%s", req_param(rq, "token"));
    return booking_reply(rq, booking ? row_i64(booking, BOOKING_BRAND) : 0, "meeting/move", page);
}

/* POST /meet/:token/move {at} */
static enum status move_post(struct req *rq)
{
    scoped(access_leave) struct access_guard guard = access_enter_system(rq->cx);
    struct ctx *cx = rq->cx;
    struct row *guest, *meeting;
    enum status s = read_guest(rq, &guest, &meeting);
    i64 at;

    if (s == E_NOT_FOUND)
        return refuse(rq);
    TRY(s);
    TRY(limit(rq));
    if (!can_change(cx, meeting, guest) || !row_has(meeting, ACTIVITY_BOOKING) ||
        !str_i64(str_from(req_form(rq, "at")), &at))
        return back(rq, "old");
    if (at == row_i64(meeting, ACTIVITY_DUE))
        return back(rq, "moved");
    s = booking_move(cx, meeting, guest, at);
    if (s == E_CONFLICT && text_is(cx->error_code, "booking.taken")) {
        const char *why = cx->error_text;
        ctx_clear_error(cx);
        reply_status(rq, 409);
        return pick_another(rq, guest, meeting, why);
    }
    TRY(s);
    return back(rq, "moved");
}

static const struct route routes[] = {
    { HTTP_GET, "/meet/:token", meet_get, .flags = ROUTE_PUBLIC },
    { HTTP_GET, "/meet/:token/invite.ics", meet_ics, .flags = ROUTE_PUBLIC },
    { HTTP_POST, "/meet/:token/answer", meet_answer, .flags = ROUTE_PUBLIC },
    { HTTP_POST, "/meet/:token/cancel", meet_cancel, .flags = ROUTE_PUBLIC },
    { HTTP_GET, "/meet/:token/move", move_get, .flags = ROUTE_PUBLIC },
    { HTTP_POST, "/meet/:token/move", move_post, .flags = ROUTE_PUBLIC },
};
const struct feature feature_meeting_page = { .name = "meeting_page", ROUTES(routes) };
