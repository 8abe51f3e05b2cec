/* activity.c -- what people of the company do with a customer or mean to: calls, meetings, notes
 * and tasks. What is done goes on the journey; what is due stands in the owner's queue. */
#include "sales/activity.h"
#include "base/utf8.h"
#include "kit/pages.h"
#include "kit/question.h"
#include "kit/zones.h"
#include "sales/meeting.h"

static const struct field fields[] = {
    [ACTIVITY_KIND] = { "kind", FIELD_CHOICE, "Kind", REQUIRED | LISTED | INDEXED,
                        .otherwise = "task",
                        .choices =
                            CHOICES({ "call", "Call", "blue" }, { "meeting", "Meeting", "violet" },
                                    { "note", "Note", "gray" }, { "task", "Task", "amber" },
                                    { "mail", "Email", "teal" }) },
    [ACTIVITY_SUBJECT] = { "subject", FIELD_TEXT, "Subject", SEARCHED, .max_len = 200 },
    [ACTIVITY_BODY] = { "body", FIELD_LONG, "Text", SEARCHED },
    [ACTIVITY_CONTACT] = { "contact_id", FIELD_REF, "Contact", LISTED, .ref = "contact",
                           .group = "About" },
    [ACTIVITY_COMPANY] = { "company_id", FIELD_REF, "Company", LISTED, .ref = "company" },
    [ACTIVITY_DEAL] = { "deal_id", FIELD_REF, "Deal", 0, .ref = "deal" },
    [ACTIVITY_OWNER] = { "owner_id", FIELD_REF, "Owner", LISTED | OWNER, .ref = "user",
                         .otherwise = "me", .group = "When and who" },
    [ACTIVITY_DUE] = { "due_at", FIELD_TIME, "Due", LISTED | INDEXED },
    [ACTIVITY_DONE] = { "done", FIELD_BOOL, "Done", LISTED },
    [ACTIVITY_DONE_AT] = { "done_at", FIELD_TIME, "Done at", COMPUTED | INDEXED },
    [ACTIVITY_OUTCOME] = { "outcome", FIELD_CHOICE, "Outcome", 0,
                           .choices = CHOICES({ "reached", "Reached", "green" },
                                              { "no_answer", "No answer", "gray" },
                                              { "left_message", "Left a message", "amber" },
                                              { "wrong_number", "Wrong number", "red" },
                                              { "held", "Held", "green" },
                                              { "no_show", "No show", "red" }) },
    [ACTIVITY_MINUTES] = { "minutes", FIELD_INT, "Minutes", 0, .max = 24 * 60 },
    [ACTIVITY_PLACE] = { "location", FIELD_TEXT, "Place", 0, .max_len = 300,
                         .group = "Of a meeting" },
    [ACTIVITY_LINK] = { "link", FIELD_URL, "Link", 0,
                        .help = "Where to meet online: guests find it in the invitation." },
    [ACTIVITY_ZONE] = { "timezone", FIELD_TEXT, "Time zone of the invitation", 0, .max_len = 60,
                        .help = "A name like Europe/Berlin. Left empty: the workspace's." },
    [ACTIVITY_INVITE] = { "invite", FIELD_BOOL, "Invite the contact by mail", 0,
                          .help = "The invitation fits every calendar. More guests can be added on "
                                  "the meeting's page." },
    [ACTIVITY_BOOKING] = { "booking_page_id", FIELD_REF, "Booked on", COMPUTED,
                           .ref = "booking_page" },
    [ACTIVITY_CANCELLED] = { "cancelled_at", FIELD_TIME, "Cancelled", COMPUTED },
    [ACTIVITY_SEQUENCE] = { "sequence", FIELD_INT, "Version of the invitation", INTERNAL },
    [ACTIVITY_REMIND] = { "remind_minutes", FIELD_INT, "Remind me, minutes before", 0,
                          .max = 60 * 24 * 60, .group = "Reminder" },
};
_Static_assert(countof(fields) == ACTIVITY_FIELDS, "enum and table differ");

/* A call, a meeting that was held and a note have happened when they are written down; a task
 * waits. */
static bool happened_when_logged(const struct row *r)
{
    return text_is(row_text(r, ACTIVITY_KIND), "note") ||
           (!text_is(row_text(r, ACTIVITY_KIND), "task") && !row_has(r, ACTIVITY_DUE));
}

/* What is done about a deal is done with its people. */
static enum status take_from_deal(struct ctx *cx, struct row *r)
{
    static const struct {
        int own;
        const char *deals;
    } taken[] = { { ACTIVITY_CONTACT, "contact_id" }, { ACTIVITY_COMPANY, "company_id" } };
    struct row *deal;
    enum status s;

    if (!row_has(r, ACTIVITY_DEAL))
        return OK;
    s = record_get_named(cx, "deal", row_i64(r, ACTIVITY_DEAL), &deal);
    if (s == E_NOT_FOUND) { /* the check of the reference says so */
        ctx_clear_error(cx);
        return OK;
    }
    TRY(s);
    for (size_t i = 0; i < countof(taken); i++) {
        int field = type_field(row_type(deal), taken[i].deals);
        if (!row_has(r, taken[i].own) && row_has(deal, field))
            row_set_i64(r, taken[i].own, row_i64(deal, field));
    }
    return OK;
}

static enum status activity_defaults(struct ctx *cx, struct row *r)
{
    TRY(take_from_deal(cx, r));
    if (happened_when_logged(r))
        row_set_i64(r, ACTIVITY_DONE, 1);
    return OK;
}

static enum status activity_validate(struct ctx *cx, struct row *r)
{
    bool closed = row_bool(r, ACTIVITY_DONE) && !row_has(r, ACTIVITY_DONE_AT);

    if (!row_has(r, ACTIVITY_SUBJECT) && !row_has(r, ACTIVITY_BODY))
        return ctx_fail_field(cx, "subject", "required", "Write a subject or a text.");
    if (closed)
        row_set_i64(r, ACTIVITY_DONE_AT, ctx_now(cx));
    else if (!row_bool(r, ACTIVITY_DONE))
        row_clear(r, ACTIVITY_DONE_AT);
    if (row_has(r, ACTIVITY_ZONE) && zone_named(cx, row_text(r, ACTIVITY_ZONE)) == NULL)
        return ctx_fail_field(cx, "timezone", "zone.unknown",
                              "There is no time zone '%s'; write a name like Europe/Berlin.",
                              row_text(r, ACTIVITY_ZONE));
    meeting_count_version(r);
    return OK;
}

/* A call that was logged without a subject is known by how its text begins. */
static const char *activity_title(struct ctx *cx, const struct row *r)
{
    const char *text = row_text(r, ACTIVITY_BODY);
    struct str line = str_from(text);

    if (row_has(r, ACTIVITY_SUBJECT))
        return row_text(r, ACTIVITY_SUBJECT);
    if (text_empty(text))
        return "";
    line.len = strcspn(text, "\r\n");
    text = utf8_cut(cx->arena, str_dup(cx->arena, line), 60);
    return arena_printf(cx->arena, "%s: %s%s", row_show(cx, r, ACTIVITY_KIND), text,
                        strlen(text) < line.len ? "…" : "");
}

static enum status activity_saved(struct ctx *cx, struct row *r)
{
    static const struct {
        const char *kind, *event;
        bool touch;
    } events[] = {
        { "call", "call", true },  { "meeting", "meeting", true }, { "mail", "mail", true },
        { "note", "note", false }, { "task", "task_done", false },
    };
    struct val *props;

    TRY(meeting_saved(cx, r));
    TRY(task_saved(cx, r));
    if (row_has(r, ACTIVITY_CANCELLED)) /* meeting_saved tells it */
        return OK;
    if (!row_bool(r, ACTIVITY_DONE) || (row_before(r) && !row_changed(r, ACTIVITY_DONE)))
        return OK;
    props = val_map(cx->arena);
    val_put_text(props, "by", cx->access->user_id ? cx->access->name : "");
    val_put_text(props, "subject", row_text(r, ACTIVITY_SUBJECT));
    val_put_text(props, "text", utf8_cut(cx->arena, row_text(r, ACTIVITY_BODY), 500));
    if (row_has(r, ACTIVITY_OUTCOME))
        val_put_text(props, "outcome", row_show(cx, r, ACTIVITY_OUTCOME));
    for (size_t i = 0; i < countof(events); i++) {
        if (!text_is(events[i].kind, row_text(r, ACTIVITY_KIND)))
            continue;
        TRY(journey_note(cx, &(struct journey_note){ .kind = events[i].event,
                                                     .contact_id = row_i64(r, ACTIVITY_CONTACT),
                                                     .record_id = row_id(r),
                                                     .props = props }));
        if (events[i].touch)
            TRY(happen(cx, &(struct happening){ .name = "activity.touch",
                                                .row = r,
                                                .contact_id = row_i64(r, ACTIVITY_CONTACT) }));
    }
    return OK;
}

/* POST /activities/:id/done -- ticks a task off, from the queue or its page. */
static enum status activity_done_post(struct req *rq)
{
    struct row *r;
    i64 id;

    TRY(req_id(rq, "id", &id));
    TRY(record_get_named(rq->cx, "activity", id, &r));
    row_set_i64(r, ACTIVITY_DONE, 1);
    TRY(record_save(rq->cx, r));
    return reply_done(rq, text_empty(req_form(rq, "next")) ? "/" : req_form(rq, "next"),
                      "Done: %s.", row_title(rq->cx, r));
}

static bool activity_waits(struct ctx *cx, const struct row *r)
{
    (void)cx;
    return !row_bool(r, ACTIVITY_DONE) && !meeting_is(r);
}

static bool meeting_waits(struct ctx *cx, const struct row *r)
{
    (void)cx;
    return !row_bool(r, ACTIVITY_DONE) && meeting_is(r);
}

/* POST /activities/:id/held, /missed, /cancel -- what became of a meeting. */
static enum status meeting_post(struct req *rq)
{
    const char *what = strrchr(rq->path, '/') + 1;
    struct row *r;
    i64 id;

    TRY(req_id(rq, "id", &id));
    TRY(record_get_named(rq->cx, "activity", id, &r));
    if (!meeting_is(r))
        return ctx_fail_code(rq->cx, E_CONFLICT, "activity.no_meeting", "This is no meeting.");
    if (text_is(what, "cancel")) {
        TRY(meeting_cancel(rq->cx, r));
        return reply_done(rq, row_path(rq->cx, r), "Cancelled: its guests are told.");
    }
    row_set_i64(r, ACTIVITY_DONE, 1);
    row_set_text(r, ACTIVITY_OUTCOME, text_is(what, "held") ? "held" : "no_show");
    TRY(record_save(rq->cx, r));
    return reply_done(rq, row_path(rq->cx, r),
                      text_is(what, "held") ? "Noted: it took place." : "Noted: nobody came.");
}

const struct record_type activity_type = {
    .name = "activity",
    .label = "Activity",
    .plural = "Activities",
    .path = "activities",
    .icon = "checklist",
    .section = "sales",
    .menu_order = 3,
    .sort = "-created_at",
    .title = ACTIVITY_SUBJECT,
    .title_of = activity_title,
    .board = "kind",
    .fields = fields,
    .field_count = ACTIVITY_FIELDS,
    .flags = TYPE_COMMENTS,
    .empty = "Calls, meetings, notes and tasks of everybody, on the customer they are about.",
    ACTIONS({ "done", "Mark as done", NULL, true, activity_waits },
            { "held", "It took place", NULL, true, meeting_waits },
            { "missed", "Nobody came", NULL, false, meeting_waits },
            { "cancel", "Cancel the meeting", NULL, false, meeting_waits,
              "Cancel this meeting? Its guests get a mail." }),
    RELATED({ "meeting_guest", "activity_id", "Guests" }),
    .defaults = activity_defaults,
    .validate = activity_validate,
    .saved = activity_saved,
    .removed = meeting_removed,
};

static const struct route routes[] = {
    { HTTP_POST, "/activities/:id/done", activity_done_post, NEEDS("activity", VERB_UPDATE) },
    { HTTP_POST, "/activities/:id/held", meeting_post, NEEDS("activity", VERB_UPDATE) },
    { HTTP_POST, "/activities/:id/missed", meeting_post, NEEDS("activity", VERB_UPDATE) },
    { HTTP_POST, "/activities/:id/cancel", meeting_post, NEEDS("activity", VERB_UPDATE) },
};
static const struct event_kind kinds[] = {
    { "call", "Call", "phone", KIND_SALES, "activity" },
    { "meeting", "Meeting", "calendar", KIND_SALES, "activity" },
    { "mail", "Email", "mail", KIND_SALES, "activity" },
    { "note", "Note", "note", KIND_SALES, "activity" },
    { "task_done", "Task done", "check", KIND_SALES, "activity" },
};
#define MEETINGS(day)                                                                         \
    .source = METRIC_RECORDS, .type = "activity", .aggregate = AGG_COUNT, .date = (day),      \
    .channel_path = "contact_id.first_channel", .campaign_path = "contact_id.first_campaign", \
    .owner_path = "owner_id"
static const struct metric metrics[] = {
    { .name = "calls",
      .label = "Calls",
      .unit = UNIT_COUNT,
      .team = "sales",
      .definition = "Calls logged as done in the period.",
      .source = METRIC_RECORDS,
      .type = "activity",
      .filter = "kind = 'call' and done is true",
      .aggregate = AGG_COUNT,
      .date = "done_at",
      .channel_path = "contact_id.first_channel",
      .owner_path = "owner_id" },
    { .name = "meetings",
      .label = "Meetings",
      .unit = UNIT_COUNT,
      .team = "sales",
      .definition = "Meetings that took place, by the day they were ended.",
      .filter = "kind = 'meeting' and done is true and cancelled_at is empty and not (outcome = "
                "'no_show')",
      MEETINGS("done_at") },
    { .name = "meetings_booked",
      .label = "Meetings booked",
      .unit = UNIT_COUNT,
      .team = "both",
      .definition = "Meetings that people booked themselves on a booking page, by the day they "
                    "booked; those cancelled since count too.",
      .filter = "kind = 'meeting' and booking_page_id is not empty",
      MEETINGS("created_at") },
    { .name = "meetings_missed",
      .label = "Meetings missed",
      .unit = UNIT_COUNT,
      .team = "sales",
      .less_is_better = true,
      .definition = "Meetings to which nobody came.",
      .filter = "kind = 'meeting' and outcome = 'no_show' and done is true",
      MEETINGS("done_at") },
    { .name = "meetings_over",
      .label = "Meetings held or missed",
      .unit = UNIT_COUNT,
      .team = "sales",
      .definition = "Meetings that took place and those to which nobody came; none that were "
                    "cancelled.",
      .filter = "kind = 'meeting' and done is true and cancelled_at is empty",
      MEETINGS("done_at") },
    { .name = "no_show_rate",
      .label = "No-show rate",
      .unit = UNIT_RATIO,
      .team = "both",
      .less_is_better = true,
      .definition = "Meetings missed divided by meetings held or missed in the period.",
      .source = METRIC_DIVIDED,
      .numerator = "meetings_missed",
      .denominator = "meetings_over" },
};
const struct feature feature_activity = {
    .name = "activity",
    TYPES(&activity_type),
    ROUTES(routes),
    METRICS(metrics),
    EVENT_KINDS(kinds),
};
