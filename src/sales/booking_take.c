/* booking_take.c -- from a choice on a booking page to a meeting, with everything that follows. See
 * booking.h. That nobody is booked twice is checked in the transaction that books: of two at once
 * the second sees the first, or runs again and then does. */
#include "base/buf.h"
#include "base/id.h"
#include "base/utf8.h"
#include "bridge/contact.h"
#include "bridge/identity.h"
#include "kit/notice.h"
#include "kit/zones.h"
#include "sales/activity.h"
#include "sales/booking.h"
#include "sales/meeting.h"

enum { ANSWER_BYTES = 2000 };

static enum status is_gone(struct ctx *cx)
{
    return ctx_fail_code(cx, E_CONFLICT, "booking.taken",
                         "Somebody was faster: that time is taken. Please choose another.");
}

/* "Ada" and "Lovelace"; what is known of somebody stays. */
static void set_name(struct ctx *cx, struct row *contact, const char *name)
{
    const char *space = strrchr(name, ' ');

    if (row_has(contact, CONTACT_FIRST) || row_has(contact, CONTACT_LAST))
        return;
    if (space == NULL) {
        row_set_text(contact, CONTACT_FIRST, utf8_cut(cx->arena, name, 80));
        return;
    }
    row_set_text(
        contact, CONTACT_FIRST,
        utf8_cut(cx->arena, str_dup(cx->arena, (struct str){ name, (size_t)(space - name) }), 80));
    row_set_text(contact, CONTACT_LAST, utf8_cut(cx->arena, space + 1, 80));
}

static enum status contact_of(struct ctx *cx, const struct booking_wish *w, i64 host,
                              struct row **out)
{
    bool made;

    TRY(contact_by_email(cx, w->email, out, &made));
    set_name(cx, *out, w->name);
    if (made || text_is(row_text(*out, CONTACT_LIFECYCLE), "subscriber"))
        row_set_text(*out, CONTACT_LIFECYCLE, "lead");
    if (!row_has(*out, CONTACT_OWNER))
        row_set_i64(*out, CONTACT_OWNER, host);
    if (!row_has(*out, CONTACT_TIMEZONE) && zone_named(cx, w->zone) != NULL)
        row_set_text(*out, CONTACT_TIMEZONE, w->zone);
    TRY(identity_join(cx, *out, w->visitor));
    return record_save(cx, *out);
}

static const char *body_of(struct ctx *cx, const struct booking_wish *w)
{
    struct booking_question asked[BOOKING_QUESTIONS_MOST];
    size_t n = booking_questions(cx, w->page, asked);
    struct buf b = buf_in(cx->arena, 100 * 1000);

    for (size_t i = 0; i < n; i++)
        if (w->answers[i] != NULL && w->answers[i][0] != '\0')
            buf_printf(&b, "%s%s\n%s\n", b.len ? "\n" : "", asked[i].text,
                       utf8_cut(cx->arena, w->answers[i], ANSWER_BYTES));
    return buf_end(&b);
}

static enum status make_meeting(struct ctx *cx, const struct booking_wish *w, i64 host,
                                const struct row *contact, struct row **out)
{
    struct row *a = row_new(cx, &activity_type);

    row_set_text(a, ACTIVITY_KIND, "meeting");
    row_set_text(a, ACTIVITY_SUBJECT,
                 utf8_cut(cx->arena,
                          arena_printf(cx->arena, "%s: %s", row_text(w->page, BOOKING_TITLE),
                                       row_title(cx, contact)),
                          200));
    row_set_text(a, ACTIVITY_BODY, body_of(cx, w));
    row_set_i64(a, ACTIVITY_CONTACT, row_id(contact));
    if (row_has(contact, CONTACT_COMPANY))
        row_set_i64(a, ACTIVITY_COMPANY, row_i64(contact, CONTACT_COMPANY));
    row_set_i64(a, ACTIVITY_OWNER, host);
    row_set_i64(a, ACTIVITY_DUE, w->at_ms);
    row_set_i64(a, ACTIVITY_MINUTES, w->minutes);
    row_set_text(a, ACTIVITY_PLACE, row_text(w->page, BOOKING_PLACE));
    row_set_text(a, ACTIVITY_LINK, row_text(w->page, BOOKING_LINK));
    row_set_text(a, ACTIVITY_ZONE, row_text(w->page, BOOKING_ZONE));
    row_set_i64(a, ACTIVITY_BOOKING, row_id(w->page));
    TRY(record_save(cx, a));
    *out = a;
    return OK;
}

/* Who booked comes; so do all hosts of a page that needs all of them. */
static enum status add_guests(struct ctx *cx, const struct booking_wish *w,
                              const struct booking_free *f, const struct row *meeting,
                              const struct row *contact, i64 *guest_id)
{
    struct row *guest;

    for (size_t i = 0; f->all && i < f->hosts; i++) {
        if (f->users[i] == row_i64(meeting, ACTIVITY_OWNER))
            continue;
        guest = row_new(cx, &meeting_guest_type);
        row_set_i64(guest, GUEST_MEETING, row_id(meeting));
        row_set_i64(guest, GUEST_USER, f->users[i]);
        TRY(record_save(cx, guest));
    }
    guest = row_new(cx, &meeting_guest_type);
    row_set_i64(guest, GUEST_MEETING, row_id(meeting));
    row_set_i64(guest, GUEST_CONTACT, row_id(contact));
    row_set_text(guest, GUEST_NAME, utf8_cut(cx->arena, w->name, 200));
    row_set_text(guest, GUEST_EMAIL, w->email);
    row_set_text(guest, GUEST_ANSWER, "accepted");
    row_set_i64(guest, GUEST_ANSWERED_AT, ctx_now(cx));
    row_set_i64(guest, GUEST_BOOKER, 1);
    TRY(record_save(cx, guest));
    *guest_id = row_id(guest);
    return OK;
}

/* A lead who has an appointment is in touch with sales: that is what speed to lead counts. */
static enum status tell(struct ctx *cx, const struct row *page, struct row *meeting,
                        const struct row *contact)
{
    struct val *props = val_map(cx->arena), *more = val_map(cx->arena);
    const char *when = meeting_when(cx, meeting, zone_or_own(cx, row_text(page, BOOKING_ZONE)));

    val_put_text(props, "name", row_text(page, BOOKING_NAME));
    val_put_text(props, "subject", row_text(meeting, ACTIVITY_SUBJECT));
    val_put_text(props, "text", when);
    TRY(journey_note(cx, &(struct journey_note){ .kind = "meeting_booked",
                                                 .contact_id = row_id(contact),
                                                 .record_id = row_id(meeting),
                                                 .props = props }));
    val_put_text(more, "page", row_text(page, BOOKING_SLUG));
    val_put_text(more, "meeting_id", id_text(cx->arena, row_id(meeting)));
    TRY(happen(cx, &(struct happening){ .name = "meeting.booked",
                                        .row = meeting,
                                        .contact_id = row_id(contact),
                                        .props = more }));
    TRY(happen(cx, &(struct happening){
                       .name = "activity.touch", .row = meeting, .contact_id = row_id(contact) }));
    return notify_as(cx, NOTICE_CUSTOMER, row_i64(meeting, ACTIVITY_OWNER), "calendar",
                     arena_printf(cx->arena, "%s booked %s", row_title(cx, contact), when),
                     row_path(cx, meeting));
}

enum status booking_take(struct ctx *cx, const struct booking_wish *w, i64 *guest_id)
{
    struct booking_free *f;
    struct row *contact, *meeting;
    i64 host;

    TRY(booking_free_read(cx, w->page, w->minutes, w->at_ms, w->at_ms + MS_DAY, 0, 0, &f));
    host = booking_host_for(cx, f, w->at_ms);
    if (host == 0)
        return is_gone(cx);
    TRY(contact_of(cx, w, host, &contact));
    TRY(make_meeting(cx, w, host, contact, &meeting));
    TRY(add_guests(cx, w, f, meeting, contact, guest_id));
    TRY(meeting_remind(cx, meeting, row_text(w->page, BOOKING_REMIND)));
    return tell(cx, w->page, meeting, contact);
}

enum status booking_move(struct ctx *cx, struct row *meeting, const struct row *guest, i64 at_ms)
{
    i64 minutes = (meeting_end(meeting) - row_i64(meeting, ACTIVITY_DUE)) / MS_MINUTE;
    struct booking_free *f;
    struct row *page;

    TRY(record_get(cx, &booking_page_type, row_i64(meeting, ACTIVITY_BOOKING), &page));
    TRY(booking_free_read(cx, page, (int)minutes, at_ms, at_ms + MS_DAY, row_id(meeting),
                          row_i64(meeting, ACTIVITY_OWNER), &f));
    if (booking_host_for(cx, f, at_ms) == 0)
        return is_gone(cx);
    row_set_i64(meeting, ACTIVITY_DUE, at_ms);
    TRY(record_save(cx, meeting));
    TRY(meeting_remind(cx, meeting, row_text(page, BOOKING_REMIND)));
    return notify_as(cx, NOTICE_CUSTOMER, row_i64(meeting, ACTIVITY_OWNER), "calendar",
                     arena_printf(cx->arena, "%s moved it to %s", row_title(cx, guest),
                                  meeting_when(cx, meeting, meeting_zone(cx, meeting))),
                     row_path(cx, meeting));
}
