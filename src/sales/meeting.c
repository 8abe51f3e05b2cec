/* meeting.c -- guests of meetings, and the mails that they get. See meeting.h. */
#include "sales/meeting.h"
#include "base/buf.h"
#include "base/id.h"
#include "base/json.h"
#include "base/limits.h"
#include "base/log.h"
#include "base/utf8.h"
#include "bridge/contact.h"
#include "io/ical.h"
#include "kit/filter.h"
#include "kit/notice.h"
#include "kit/show.h"
#include "kit/template.h"
#include "kit/zones.h"
#include "mail/mail.h"
#include "mail/token.h"
#include "sales/activity.h"
#include "store/queue.h"

enum { REMINDERS = 5, REMIND_HOURS_MOST = 24 * 14, MAIL_BYTES = 64 * 1024 };

static const struct field fields[] = {
    [GUEST_MEETING] = { "activity_id", FIELD_REF, "Meeting", REQUIRED | CREATE_ONLY | INDEXED,
                        .ref = "activity" },
    [GUEST_CONTACT] = { "contact_id", FIELD_REF, "Contact", CREATE_ONLY, .ref = "contact",
                        .help = "A contact, a colleague, or just a mail address." },
    [GUEST_USER] = { "user_id", FIELD_REF, "Colleague", CREATE_ONLY | INDEXED, .ref = "user" },
    [GUEST_NAME] = { "name", FIELD_TEXT, "Name", LISTED, .max_len = 200 },
    [GUEST_EMAIL] = { "email", FIELD_EMAIL, "Email", LISTED | CREATE_ONLY },
    [GUEST_NEED] = { "need", FIELD_CHOICE, "Takes part", LISTED, .otherwise = "required",
                     .choices = CHOICES({ "required", "Required", "gray" },
                                        { "optional", "Optional", "gray" }) },
    [GUEST_ANSWER] = { "answer", FIELD_CHOICE, "Answer", LISTED, .otherwise = "needs_action",
                       .choices = CHOICES({ "needs_action", "No answer yet", "gray" },
                                          { "accepted", "Comes", "green" },
                                          { "declined", "Does not come", "red" },
                                          { "tentative", "Perhaps", "amber" }) },
    [GUEST_COMMENT] = { "comment", FIELD_LONG, "Said", COMPUTED },
    [GUEST_ANSWERED_AT] = { "answered_at", FIELD_TIME, "Answered", COMPUTED },
    [GUEST_BOOKER] = { "is_booker", FIELD_BOOL, "Booked it", COMPUTED },
};
_Static_assert(countof(fields) == GUEST_FIELDS, "enum and table differ");

bool meeting_is(const struct row *activity)
{
    return text_is(row_text(activity, ACTIVITY_KIND), "meeting");
}

static i64 minutes_of(const struct row *activity)
{
    i64 minutes = row_i64(activity, ACTIVITY_MINUTES);

    return minutes > 0 ? minutes : MEETING_MINUTES;
}

i64 meeting_end(const struct row *activity)
{
    return row_has(activity, ACTIVITY_DUE)
               ? row_i64(activity, ACTIVITY_DUE) + minutes_of(activity) * MS_MINUTE
               : TIME_NONE;
}

const struct zone *meeting_zone(struct ctx *cx, const struct row *activity)
{
    return zone_or_own(cx, row_text(activity, ACTIVITY_ZONE));
}

const char *meeting_url(struct ctx *cx, i64 guest_id)
{
    const char *base = kit_public_url(cx),
               *token = token_write(cx, TOKEN_MEETING, &guest_id, 1, "");

    return base[0] && token[0] ? arena_printf(cx->arena, "%s/meet/%s", base, token) : "";
}

enum status meeting_user(struct ctx *cx, i64 user_id, const char **name, const char **mail)
{
    scoped(access_leave) struct access_guard guard = access_enter_system(cx);
    struct row *user;
    enum status s;

    *name = *mail = "";
    if (user_id == 0)
        return OK;
    s = record_get_named(cx, "user", user_id, &user);
    if (s == E_NOT_FOUND) {
        ctx_clear_error(cx);
        return OK;
    }
    TRY(s);
    *name = row_text(user, type_field(row_type(user), "name"));
    *mail = row_text(user, type_field(row_type(user), "email"));
    return OK;
}

enum status meeting_guests(struct ctx *cx, i64 meeting_id, struct row ***guests, size_t *count)
{
    scoped(access_leave) struct access_guard guard = access_enter_system(cx);
    struct list_page page;

    TRY(list_run(cx, &meeting_guest_type,
                 &(struct list_query){ .filter = arena_printf(cx->arena, "activity_id = '%s'",
                                                              id_text(cx->arena, meeting_id)),
                                       .sort = "created_at",
                                       .limit = LIMIT_LIST_ROWS },
                 &page));
    *guests = page.rows;
    *count = page.count;
    return OK;
}

const char *meeting_when(struct ctx *cx, const struct row *activity, const struct zone *z)
{
    i64 from = row_i64(activity, ACTIVITY_DUE), until = meeting_end(activity);
    bool same = zone_day(z, from) == zone_day(z, until);

    return arena_printf(cx->arena, "%s to %s (%s)",
                        zone_format(cx->arena, z, from, "EEEE d MMMM yyyy, HH:mm"),
                        zone_format(cx->arena, z, until, same ? "HH:mm" : "EEEE d MMMM, HH:mm"),
                        zone_name(cx->arena, z));
}

/* ---- as a calendar ---- */
static enum ical_answer answer_of(const struct row *guest)
{
    const char *answer = row_text(guest, GUEST_ANSWER);

    return text_is(answer, "accepted")    ? ICAL_ACCEPTED
           : text_is(answer, "declined")  ? ICAL_DECLINED
           : text_is(answer, "tentative") ? ICAL_TENTATIVE
                                          : ICAL_NEEDS_ACTION;
}

static enum status put_people(struct ctx *cx, const struct row *activity, struct ical_event *e)
{
    struct row **guests;
    size_t count;

    TRY(meeting_user(cx, row_i64(activity, ACTIVITY_OWNER), &e->organizer.name,
                     &e->organizer.mail));
    TRY(meeting_guests(cx, row_id(activity), &guests, &count));
    e->people = NEW_N(cx->arena, struct ical_person, count + 1);
    for (size_t i = 0; i < count; i++)
        if (row_has(guests[i], GUEST_EMAIL))
            e->people[e->people_count++] = (struct ical_person){
                .name = row_text(guests[i], GUEST_NAME),
                .mail = row_text(guests[i], GUEST_EMAIL),
                .answer = answer_of(guests[i]),
                .optional = text_is(row_text(guests[i], GUEST_NEED), "optional"),
            };
    return OK;
}

enum status meeting_calendar(struct ctx *cx, const struct row *activity, enum meeting_word word,
                             struct str *out)
{
    struct buf b = buf_in(cx->arena, LIMIT_PAGE_BYTES);
    bool cancelled = word == MEETING_CANCELLED || row_has(activity, ACTIVITY_CANCELLED);
    const char *link = row_text(activity, ACTIVITY_LINK),
               *place = row_text(activity, ACTIVITY_PLACE);
    struct ical_event e = {
        .uid = arena_printf(cx->arena, "%s@meeting.furrow", id_text(cx->arena, row_id(activity))),
        .sequence = row_i64(activity, ACTIVITY_SEQUENCE),
        .title = row_title(cx, activity),
        .text = link[0] ? arena_printf(cx->arena, "Join: %s", link) : "",
        .place = place[0] ? place : link,
        .url = link,
        .start_ms = row_i64(activity, ACTIVITY_DUE),
        .end_ms = meeting_end(activity),
        .zone = meeting_zone(cx, activity),
        .stamp_ms = ctx_now(cx),
        .cancelled = cancelled,
        .remind_minutes = 15,
    };

    TRY(put_people(cx, activity, &e));
    ical_write(cx->arena, &b,
               &(struct ical_calendar){ .method = word == MEETING_REMINDED ? ICAL_PUBLISH
                                                  : cancelled              ? ICAL_CANCEL
                                                                           : ICAL_REQUEST,
                                        .events = &e,
                                        .event_count = 1 });
    TRY(buf_status(&b));
    *out = (struct str){ b.p, b.len };
    return OK;
}

/* ---- mails ---- */
static const char *const headings[][2] = {
    /* for guests, for who booked it */
    [MEETING_ASKED] = { "Invitation", "Confirmed" },
    [MEETING_CHANGED] = { "Changed", "Changed" },
    [MEETING_CANCELLED] = { "Cancelled", "Cancelled" },
    [MEETING_REMINDED] = { "Reminder", "Reminder" },
};

/* A guest reads times in their own zone, where we know it. */
static enum status zone_of_guest(struct ctx *cx, const struct row *activity,
                                 const struct row *guest, const struct zone **out)
{
    scoped(access_leave) struct access_guard guard = access_enter_system(cx);
    const struct zone *own = NULL;
    struct row *contact;
    enum status s;

    if (row_has(guest, GUEST_CONTACT)) {
        s = record_get(cx, &contact_type, row_i64(guest, GUEST_CONTACT), &contact);
        if (s == OK)
            own = zone_named(cx, row_text(contact, CONTACT_TIMEZONE));
        else if (s == E_NOT_FOUND)
            ctx_clear_error(cx);
        else
            return s;
    }
    *out = own != NULL ? own : meeting_zone(cx, activity);
    return OK;
}

static void put_line(struct buf *b, const char *label, const char *text)
{
    if (text[0] != '\0')
        buf_printf(b, "%s: %s\n", label, text);
}

static enum status write_mail(struct ctx *cx, const struct row *activity, const struct row *guest,
                              const char *heading, struct mail *m)
{
    struct buf text = buf_in(cx->arena, MAIL_BYTES), html = buf_in(cx->arena, MAIL_BYTES);
    struct val *v = val_map(cx->arena);
    const struct zone *z;
    const char *host, *host_mail, *url = meeting_url(cx, row_id(guest));

    TRY(zone_of_guest(cx, activity, guest, &z));
    TRY(meeting_user(cx, row_i64(activity, ACTIVITY_OWNER), &host, &host_mail));
    val_put_text(v, "heading", heading);
    val_put_text(v, "title", row_title(cx, activity));
    val_put_text(v, "when", meeting_when(cx, activity, z));
    val_put_text(v, "host", host);
    val_put_text(v, "place", row_text(activity, ACTIVITY_PLACE));
    val_put_text(v, "link", row_text(activity, ACTIVITY_LINK));
    val_put_text(v, "url", url);
    val_put_text(v, "what", row_bool(guest, GUEST_BOOKER) ? "Move or cancel it" : "Answer");
    buf_printf(&text, "%s: %s\n\n", heading, row_title(cx, activity));
    put_line(&text, "When", val_get_text(v, "when"));
    put_line(&text, "With", host);
    put_line(&text, "Where", row_text(activity, ACTIVITY_PLACE));
    put_line(&text, "Link", row_text(activity, ACTIVITY_LINK));
    if (url[0] != '\0')
        buf_printf(&text, "\n%s: %s\n", val_get_text(v, "what"), url);
    m->text = buf_end(&text);
    if (kit_templates(cx->kit) == NULL)
        return OK;
    TRY(template_render(cx, kit_templates(cx->kit), "meeting/mail", v, &html));
    m->html = buf_end(&html);
    return OK;
}

static enum status send(struct ctx *cx, const struct row *activity, const struct row *guest,
                        enum meeting_word word)
{
    const char *heading = headings[word][row_bool(guest, GUEST_BOOKER)];
    scoped(tx_end) struct tx tx = tx_begin(cx);
    struct str calendar;

    TRY(tx.status);
    TRY(meeting_calendar(cx, activity, word, &calendar));
    struct mail_file files[] = {
        { "",
          arena_printf(cx->arena, "text/calendar; charset=utf-8; method=%s",
                       word == MEETING_CANCELLED ? "CANCEL" : "REQUEST"),
          calendar },
        { "invite.ics", "text/calendar", calendar },
    };
    struct mail m = {
        .lane = MAIL_LANE_NOW,
        .contact_id = row_i64(guest, GUEST_CONTACT),
        .to = row_text(guest, GUEST_EMAIL),
        .to_name = row_text(guest, GUEST_NAME),
        .subject = utf8_cut(
            cx->arena, arena_printf(cx->arena, "%s: %s", heading, row_title(cx, activity)), 200),
        .source = "meeting",
        .source_id = row_id(activity),
        .user_id = row_i64(activity, ACTIVITY_OWNER),
        .key = arena_printf(cx->arena, "meeting/%s/%lld/%d/%lld", id_text(cx->arena, row_id(guest)),
                            (long long)row_i64(activity, ACTIVITY_SEQUENCE), (int)word,
                            word == MEETING_REMINDED ? (long long)ctx_now(cx) / MS_HOUR : 0),
        .files = files,
        .file_count = word == MEETING_REMINDED ? 0 : countof(files),
    };
    TRY(write_mail(cx, activity, guest, heading, &m));
    TRY(mail_send(cx, &m, NULL));
    return tx_commit(&tx);
}

/* A workspace that cannot send mail yet keeps its meetings all the same: the log says why. */
enum status meeting_tell(struct ctx *cx, const struct row *activity, const struct row *guest,
                         enum meeting_word word)
{
    scoped(access_leave) struct access_guard guard = access_enter_system(cx);
    enum status s;

    if (!row_has(guest, GUEST_EMAIL))
        return OK;
    s = send(cx, activity, guest, word);
    if (s != E_INVALID)
        return s;
    log_line(LOG_WARN, "meeting.no_mail", "guest=%lld error=\"%s\"", (long long)row_id(guest),
             cx->error_text);
    ctx_clear_error(cx);
    return OK;
}

static bool is_ahead(struct ctx *cx, const struct row *activity)
{
    return row_has(activity, ACTIVITY_DUE) && meeting_end(activity) > ctx_now(cx);
}

static enum status tell_all(struct ctx *cx, const struct row *activity, enum meeting_word word,
                            bool anew)
{
    bool by_guest = cx->access == NULL || cx->access->user_id == 0;
    scoped(access_leave) struct access_guard guard = access_enter_system(cx);
    struct row **guests;
    size_t count;

    TRY(meeting_guests(cx, row_id(activity), &guests, &count));
    for (size_t i = 0; i < count && anew; i++) { /* another time: who came may not come now */
        if (by_guest && row_bool(guests[i], GUEST_BOOKER))
            continue; /* but who chose it does */
        row_set_text(guests[i], GUEST_ANSWER, "needs_action");
        row_clear(guests[i], GUEST_ANSWERED_AT);
        TRY(record_save(cx, guests[i]));
    }
    for (size_t i = 0; i < count; i++)
        TRY(meeting_tell(cx, activity, guests[i], word));
    return OK;
}

/* ---- reminders ---- */
enum status meeting_remind(struct ctx *cx, const struct row *activity, const char *hours)
{
    struct str rest = str_from(hours), part;
    i64 due = row_i64(activity, ACTIVITY_DUE), n;

    for (int i = 0; i < REMINDERS && str_split(&rest, ',', &part); i++) {
        struct val *v = val_map(cx->arena);
        if (!str_i64(str_trim(part), &n) || n < 1 || n > REMIND_HOURS_MOST ||
            due - n * MS_HOUR <= ctx_now(cx))
            continue;
        val_put_text(v, "meeting", id_text(cx->arena, row_id(activity)));
        val_put_i64(v, "due", due);
        TRY(queue_add(cx, "meeting.remind",
                      arena_printf(cx->arena, "%s/%lld/%lld", id_text(cx->arena, row_id(activity)),
                                   (long long)due, (long long)n),
                      json_text(cx->arena, v), due - n * MS_HOUR, NULL));
    }
    return OK;
}

/* One that was moved has reminders of its own. */
static enum status remind_job(struct job_run *job)
{
    struct ctx *cx = job->cx;
    struct row *activity, **guests;
    size_t count;
    enum status s;
    i64 id;

    if (!id_parse(str_from(val_get_text(job->payload, "meeting")), &id))
        return OK;
    s = record_get(cx, &activity_type, id, &activity);
    if (s == E_NOT_FOUND) {
        ctx_clear_error(cx);
        return OK;
    }
    TRY(s);
    if (row_has(activity, ACTIVITY_CANCELLED) || row_bool(activity, ACTIVITY_DONE) ||
        row_i64(activity, ACTIVITY_DUE) != val_get_i64(job->payload, "due", 0) ||
        row_i64(activity, ACTIVITY_DUE) <= ctx_now(cx))
        return OK;
    TRY(meeting_guests(cx, id, &guests, &count));
    for (size_t i = 0; i < count; i++)
        if (!text_is(row_text(guests[i], GUEST_ANSWER), "declined"))
            TRY(meeting_tell(cx, activity, guests[i], MEETING_REMINDED));
    return OK;
}

/* ---- what the hooks of activities leave to us ---- */
void meeting_count_version(struct row *r)
{
    static const int heard[] = { ACTIVITY_DUE,      ACTIVITY_MINUTES, ACTIVITY_PLACE,
                                 ACTIVITY_LINK,     ACTIVITY_SUBJECT, ACTIVITY_ZONE,
                                 ACTIVITY_CANCELLED };
    bool changed = false;

    if (!meeting_is(r) || row_before(r) == NULL)
        return;
    for (size_t i = 0; i < countof(heard); i++)
        changed |= row_changed(r, heard[i]);
    if (changed)
        row_set_i64(r, ACTIVITY_SEQUENCE, row_i64(row_before(r), ACTIVITY_SEQUENCE) + 1);
}

static enum status note(struct ctx *cx, const struct row *r, const char *kind)
{
    struct val *props = val_map(cx->arena);

    val_put_text(props, "by", cx->access->user_id ? cx->access->name : "");
    val_put_text(props, "subject", row_title(cx, r));
    if (row_has(r, ACTIVITY_DUE))
        val_put_text(props, "text", meeting_when(cx, r, meeting_zone(cx, r)));
    return journey_note(cx, &(struct journey_note){ .kind = kind,
                                                    .contact_id = row_i64(r, ACTIVITY_CONTACT),
                                                    .record_id = row_id(r),
                                                    .props = props });
}

static enum status invite_contact(struct ctx *cx, const struct row *r)
{
    scoped(access_leave) struct access_guard guard = access_enter_system(cx);
    struct row *guest = row_new(cx, &meeting_guest_type);

    row_set_i64(guest, GUEST_MEETING, row_id(r));
    row_set_i64(guest, GUEST_CONTACT, row_i64(r, ACTIVITY_CONTACT));
    return record_save(cx, guest);
}

enum status meeting_saved(struct ctx *cx, struct row *r)
{
    const struct row *before = row_before(r);
    bool moved = before && row_changed(r, ACTIVITY_DUE);

    if (!meeting_is(r))
        return OK;
    if (before == NULL)
        return row_bool(r, ACTIVITY_INVITE) && row_has(r, ACTIVITY_CONTACT) && is_ahead(cx, r)
                   ? invite_contact(cx, r)
                   : OK;
    if (row_changed(r, ACTIVITY_CANCELLED) && row_has(r, ACTIVITY_CANCELLED)) {
        TRY(note(cx, r, "meeting_cancelled"));
        TRY(tell_all(cx, r, MEETING_CANCELLED, false));
        return happen(cx, &(struct happening){ .name = "meeting.cancelled",
                                               .row = r,
                                               .contact_id = row_i64(r, ACTIVITY_CONTACT) });
    }
    if (row_i64(r, ACTIVITY_SEQUENCE) == row_i64(before, ACTIVITY_SEQUENCE) || !is_ahead(cx, r) ||
        row_has(r, ACTIVITY_CANCELLED) || row_bool(r, ACTIVITY_DONE))
        return OK;
    if (moved)
        TRY(note(cx, r, "meeting_moved"));
    return tell_all(cx, r, MEETING_CHANGED, moved);
}

enum status meeting_removed(struct ctx *cx, struct row *r)
{
    if (!meeting_is(r) || !is_ahead(cx, r) || row_has(r, ACTIVITY_CANCELLED))
        return OK;
    return tell_all(cx, r, MEETING_CANCELLED, false);
}

enum status meeting_cancel(struct ctx *cx, struct row *r)
{
    if (row_has(r, ACTIVITY_CANCELLED))
        return ctx_fail_code(cx, E_CONFLICT, "meeting.cancelled", "It is cancelled already.");
    if (row_bool(r, ACTIVITY_DONE))
        return ctx_fail_code(cx, E_CONFLICT, "meeting.done", "It is over: nothing to cancel.");
    row_set_i64(r, ACTIVITY_CANCELLED, ctx_now(cx));
    row_set_i64(r, ACTIVITY_DONE, 1);
    return record_save(cx, r);
}

/* ---- guests ---- */
/* Name and mail are those of the contact or colleague. */
static enum status guest_defaults(struct ctx *cx, struct row *r)
{
    scoped(access_leave) struct access_guard guard = access_enter_system(cx);
    const char *name, *mail;
    struct row *contact;

    if (row_has(r, GUEST_CONTACT)) {
        enum status s = record_get(cx, &contact_type, row_i64(r, GUEST_CONTACT), &contact);
        if (s == E_NOT_FOUND) { /* the check of the reference says so */
            ctx_clear_error(cx);
            return OK;
        }
        TRY(s);
        name = row_title(cx, contact);
        mail = row_text(contact, CONTACT_EMAIL);
    } else {
        TRY(meeting_user(cx, row_i64(r, GUEST_USER), &name, &mail));
    }
    if (!row_has(r, GUEST_NAME))
        row_set_text(r, GUEST_NAME, utf8_cut(cx->arena, name, 200));
    if (!row_has(r, GUEST_EMAIL))
        row_set_text(r, GUEST_EMAIL, mail);
    return OK;
}

static enum status guest_validate(struct ctx *cx, struct row *r)
{
    struct row *activity;

    if (!row_has(r, GUEST_EMAIL) && !row_has(r, GUEST_USER))
        return ctx_fail_field(cx, "email", "required",
                              "Choose somebody who has a mail address, or enter one.");
    if (!row_is_new(r))
        return OK;
    TRY(record_get(cx, &activity_type, row_i64(r, GUEST_MEETING), &activity));
    if (!meeting_is(activity))
        return ctx_fail_field(cx, "activity_id", "meeting_guest.no_meeting",
                              "Only meetings have guests.");
    return OK;
}

static const char *guest_title(struct ctx *cx, const struct row *r)
{
    (void)cx;
    return row_has(r, GUEST_NAME) ? row_text(r, GUEST_NAME) : row_text(r, GUEST_EMAIL);
}

static enum status meeting_of(struct ctx *cx, const struct row *guest, struct row **out)
{
    scoped(access_leave) struct access_guard guard = access_enter_system(cx);
    enum status s = record_get(cx, &activity_type, row_i64(guest, GUEST_MEETING), out);

    if (s == E_NOT_FOUND) {
        ctx_clear_error(cx);
        *out = NULL;
        return OK;
    }
    return s;
}

static enum status guest_saved(struct ctx *cx, struct row *r)
{
    struct row *activity;

    TRY(meeting_of(cx, r, &activity));
    if (activity == NULL || !row_is_new(r) || !is_ahead(cx, activity) ||
        row_has(activity, ACTIVITY_CANCELLED))
        return OK;
    if (row_has(r, GUEST_ANSWERED_AT) && !row_bool(r, GUEST_BOOKER))
        return OK; /* whoever brought the answer along has asked already */
    return meeting_tell(cx, activity, r, MEETING_ASKED);
}

static enum status guest_removed(struct ctx *cx, struct row *r)
{
    struct row *activity;

    TRY(meeting_of(cx, r, &activity));
    if (activity == NULL || !is_ahead(cx, activity) || row_has(activity, ACTIVITY_CANCELLED))
        return OK;
    return meeting_tell(cx, activity, r, MEETING_CANCELLED);
}

enum status meeting_answer(struct ctx *cx, struct row *guest, const char *answer,
                           const char *comment)
{
    scoped(access_leave) struct access_guard guard = access_enter_system(cx);
    struct row *activity;

    row_set_text(guest, GUEST_ANSWER, answer);
    row_set_i64(guest, GUEST_ANSWERED_AT, ctx_now(cx));
    if (comment[0] != '\0')
        row_set_text(guest, GUEST_COMMENT, utf8_cut(cx->arena, comment, 2000));
    TRY(record_save(cx, guest));
    TRY(meeting_of(cx, guest, &activity));
    if (activity == NULL || !row_has(activity, ACTIVITY_OWNER))
        return OK;
    return notify_as(cx, NOTICE_CUSTOMER, row_i64(activity, ACTIVITY_OWNER), "calendar",
                     arena_printf(cx->arena, "%s: %s, %s", row_title(cx, guest),
                                  row_show(cx, guest, GUEST_ANSWER), row_title(cx, activity)),
                     row_path(cx, activity));
}

/* An answer that came by mail (RFC 5546 REPLY): it counts for the guest from whose address it came,
 * and whom it is about. */
static enum status on_calendar(struct ctx *cx, const struct happening *h)
{
    static const char *const words[] = { "needs_action", "accepted", "declined", "tentative" };
    const char *text = val_get_text(h->props, "text"), *from = val_get_text(h->props, "from");
    struct ical_window w = { 0, 0, NULL };
    struct row **guests;
    struct ical *c;
    size_t count;
    i64 id;

    if (ical_read(cx, str_from(text), &w, &c) != OK) { /* it stays an attachment */
        ctx_clear_error(cx);
        return OK;
    }
    for (size_t i = 0; c->method == ICAL_REPLY && i < c->event_count; i++) {
        const struct ical_event *e = &c->events[i];
        struct str uid = { e->uid, strcspn(e->uid, "@") };
        if (!text_is(e->uid + uid.len, "@meeting.furrow") || !id_parse(uid, &id) ||
            e->people_count != 1 || !text_is(e->people[0].mail, from) ||
            e->people[0].answer == ICAL_NEEDS_ACTION)
            continue;
        TRY(meeting_guests(cx, id, &guests, &count));
        for (size_t k = 0; k < count; k++)
            if (text_is(text_lower_ascii(cx->arena, row_text(guests[k], GUEST_EMAIL)), from) &&
                !(row_has(guests[k], GUEST_ANSWERED_AT) && e->stamp_ms > 0 &&
                  e->stamp_ms < row_i64(guests[k], GUEST_ANSWERED_AT) / MS_SECOND * MS_SECOND))
                TRY(meeting_answer(cx, guests[k], words[e->people[0].answer], e->comment));
    }
    return OK;
}

const struct record_type meeting_guest_type = {
    .name = "meeting_guest",
    .label = "Guest",
    .plural = "Guests of meetings",
    .path = "meeting-guests",
    .icon = "users",
    .sort = "-created_at",
    .title = GUEST_NAME,
    .title_of = guest_title,
    .fields = fields,
    .field_count = GUEST_FIELDS,
    .flags = TYPE_SYSTEM,
    .empty = "Who is invited to a meeting, and what they answered.",
    .defaults = guest_defaults,
    .validate = guest_validate,
    .saved = guest_saved,
    .removed = guest_removed,
};

static const struct event_kind kinds[] = {
    { "meeting_booked", "Meeting booked", "calendar", KIND_CHAPTER, "activity" },
    { "meeting_moved", "Meeting moved", "calendar", KIND_SALES, "activity" },
    { "meeting_cancelled", "Meeting cancelled", "calendar", KIND_SALES, "activity" },
};
static const struct job_type jobs[] = {
    { "meeting.remind", "Reminder of a meeting", remind_job, 0, true, false },
};
static const struct subscription subscriptions[] = { { "mail.calendar", on_calendar } };
const struct feature feature_meeting = {
    .name = "meeting",
    SUBSCRIPTIONS(subscriptions),
    TYPES(&meeting_guest_type),
    EVENT_KINDS(kinds),
    JOBS(jobs),
};
