/* handoff.c -- where marketing's work becomes sales' work. The record keeps both promises
 * measurable: marketing says why the lead is worth a call, sales answers within working hours, and
 * a rejected or recycled lead carries a reason that marketing sees. */
#include "bridge/handoff.h"
#include "base/id.h"
#include "bridge/assignment.h"
#include "bridge/contact.h"
#include "kit/hours.h"
#include "kit/notice.h"
#include "kit/pages.h"
#include "kit/question.h"
#include "kit/session.h"
#include "kit/web.h"

static const struct choice outcomes[] = {
    { "no_budget", "No budget", "gray" },
    { "no_need", "No need", "gray" },
    { "wrong_person", "Wrong person", "gray" },
    { "not_reached", "Could not be reached", "amber" },
    { "too_early", "Too early", "amber" },
    { "competitor", "Bought from a competitor", "red" },
    { "bad_data", "Wrong or invented data", "red" },
    { "duplicate", "Duplicate", "gray" },
    { NULL, NULL, NULL },
};

static const struct field fields[] = {
    [HANDOFF_CONTACT] = { "contact_id", FIELD_REF, "Lead", REQUIRED | CREATE_ONLY,
                          .ref = "contact" },
    [HANDOFF_COMPANY] = { "company_id", FIELD_REF, "Company", COMPUTED | LISTED, .ref = "company" },
    [HANDOFF_STATUS] = { "status", FIELD_CHOICE, "Status", COMPUTED | LISTED | INDEXED | TRACKED,
                         .otherwise = "pending",
                         .choices = CHOICES({ "pending", "Waiting", "amber" },
                                            { "accepted", "Accepted", "green" },
                                            { "rejected", "Rejected", "red" },
                                            { "recycled", "Recycled", "violet" }) },
    [HANDOFF_FROM] = { "from_user_id", FIELD_REF, "Handed over by", COMPUTED, .ref = "user" },
    [HANDOFF_OWNER] = { "owner_id", FIELD_REF, "Salesperson", LISTED | OWNER | TRACKED,
                        .ref = "user",
                        .help = "Leave empty to take the salesperson who has waited longest for a "
                                "lead." },
    [HANDOFF_REASON] = { "reason", FIELD_TEXT, "Why now", REQUIRED | LISTED, .max_len = 300 },
    [HANDOFF_NOTE] = { "note", FIELD_LONG, "Context for sales", 0 },
    [HANDOFF_SCORE] = { "score", FIELD_INT, "Score then", COMPUTED },
    [HANDOFF_DUE] = { "due_at", FIELD_TIME, "Answer due", COMPUTED | LISTED | INDEXED },
    [HANDOFF_DECIDED_AT] = { "decided_at", FIELD_TIME, "Answered", COMPUTED | INDEXED },
    [HANDOFF_OUTCOME] = { "outcome", FIELD_CHOICE, "Reason given", COMPUTED, .choices = outcomes },
    [HANDOFF_ANSWER] = { "answer", FIELD_LONG, "Answer", COMPUTED },
    [HANDOFF_FIRST_TOUCH_AT] = { "first_touch_at", FIELD_TIME, "First touch by sales", COMPUTED },
    [HANDOFF_MINUTES] = { "response_minutes", FIELD_INT, "Working minutes to answer", COMPUTED },
    [HANDOFF_ON_TIME] = { "on_time", FIELD_BOOL, "Answered in time", COMPUTED },
    [HANDOFF_RULE] = { "rule_id", FIELD_REF, "Assigned by", COMPUTED, .ref = "assignment_rule" },
    [HANDOFF_BECAUSE] = { "assigned_because", FIELD_TEXT, "Why this salesperson", COMPUTED,
                          .max_len = 600 },
    [HANDOFF_FLOW] = { "flow_id", FIELD_REF, "Nurtured by", COMPUTED, .ref = "flow" },
    [HANDOFF_ANSWER_HOURS] = { "answer_hours", FIELD_DECIMAL, "Working hours to answer", COMPUTED },
    [HANDOFF_TOUCH_HOURS] = { "touch_hours", FIELD_DECIMAL, "Working hours to first touch",
                              COMPUTED },
    [HANDOFF_BEFORE] = { "contact_before", FIELD_TEXT, "The contact before the answer", INTERNAL,
                         .max_len = 80 },
};
_Static_assert(countof(fields) == HANDOFF_FIELDS, "enum and table differ");

static const char *handoff_title(struct ctx *cx, const struct row *r)
{
    struct row *contact;

    if (record_get(cx, &contact_type, row_i64(r, HANDOFF_CONTACT), &contact) == OK)
        return arena_printf(cx->arena, "Hand-off of %s", row_title(cx, contact));
    ctx_clear_error(cx);
    return "Hand-off";
}

/* Everything that the salesperson should not have to look up is settled when the record is made. */
static enum status handoff_defaults(struct ctx *cx, struct row *r)
{
    struct row *contact;
    struct assignment to;
    enum status s;
    i64 waiting;

    if (!row_has(r, HANDOFF_CONTACT))
        return OK; /* the required check says so */
    s = record_get(cx, &contact_type, row_i64(r, HANDOFF_CONTACT), &contact);
    if (s == E_NOT_FOUND) {
        ctx_clear_error(cx);
        return OK; /* the check of references says so */
    }
    TRY(s);
    s = db_get_i64(cx, &waiting, "handoff.waiting", I64("contact", row_id(contact)));
    if (s == OK)
        return ctx_fail_code(cx, E_CONFLICT, "handoff.waiting",
                             "%s is already waiting for an answer from sales.",
                             row_title(cx, contact));
    if (s != E_NOT_FOUND)
        return s;
    row_set_i64(r, HANDOFF_COMPANY, row_i64(contact, CONTACT_COMPANY));
    row_set_i64(r, HANDOFF_SCORE, row_i64(contact, CONTACT_SCORE));
    if (!row_has(r, HANDOFF_FROM))
        row_set_i64(r, HANDOFF_FROM, cx->access->user_id);
    row_set_i64(r, HANDOFF_DUE, hours_add(cx, ctx_now(cx), setting_i64(cx, "handoff.minutes")));
    if (row_has(r, HANDOFF_OWNER))
        return OK;
    TRY(assignment_choose(cx, contact, &to));
    if (to.owner_id == 0)
        return ctx_fail_field(
            cx, "owner_id", "handoff.no_salesperson",
            "Nobody in a sales team can take leads. Add a user to a sales team first.");
    row_set_i64(r, HANDOFF_OWNER, to.owner_id);
    if (to.rule_id)
        row_set_i64(r, HANDOFF_RULE, to.rule_id);
    row_set_text(r, HANDOFF_BECAUSE, to.because);
    return OK;
}

static enum status handoff_validate(struct ctx *cx, struct row *r)
{
    bool may;

    if (!row_changed(r, HANDOFF_OWNER))
        return OK;
    TRY(assignment_may_take(cx, row_i64(r, HANDOFF_OWNER), &may));
    if (!may)
        return ctx_fail_field(cx, "owner_id", "handoff.owner_may_not",
                              "%s may not answer leads: choose somebody in sales, or leave it "
                              "empty.",
                              row_show(cx, r, HANDOFF_OWNER));
    return OK;
}

static enum status handoff_event(struct ctx *cx, const struct row *r, const char *kind,
                                 const struct access *by)
{
    struct val *props = val_map(cx->arena);

    val_put_text(props, "by", by->user_id ? by->name : "");
    val_put_text(props, "reason", row_text(r, HANDOFF_REASON));
    if (row_has(r, HANDOFF_OUTCOME))
        val_put_text(props, "outcome", row_show(cx, r, HANDOFF_OUTCOME));
    return journey_note(cx, &(struct journey_note){ .kind = kind,
                                                    .contact_id = row_i64(r, HANDOFF_CONTACT),
                                                    .record_id = row_id(r),
                                                    .props = props });
}

/* The lead is this salesperson's now: the contact shows it, and they hear of it. */
static enum status give_to_owner(struct ctx *cx, const struct row *r, struct row *contact)
{
    const char *text = arena_printf(cx->arena, "New lead: %s. %s", row_title(cx, contact),
                                    row_text(r, HANDOFF_REASON));
    const char *path = arena_printf(cx->arena, "/leads?id=%s", id_text(cx->arena, row_id(r)));

    /* Before the contact is saved: that it became theirs is no second piece of news. */
    TRY(notice_add(cx, &(struct notice){ .user_id = row_i64(r, HANDOFF_OWNER),
                                         .kind = NOTICE_WORK,
                                         .icon = "user-check",
                                         .text = text,
                                         .path = path,
                                         .type = contact_type.name,
                                         .record_id = row_id(contact) }));
    row_set_i64(contact, CONTACT_OWNER, row_i64(r, HANDOFF_OWNER));
    return record_save(cx, contact);
}

static enum status handoff_saved(struct ctx *cx, struct row *r)
{
    scoped(access_leave) struct access_guard guard = access_enter_system(cx);
    bool waits = text_is(row_text(r, HANDOFF_STATUS), "pending");
    struct row *contact;

    if (!waits || !row_changed(r, HANDOFF_OWNER))
        return OK;
    TRY(record_get(cx, &contact_type, row_i64(r, HANDOFF_CONTACT), &contact));
    if (lifecycle_rank(row_text(contact, CONTACT_LIFECYCLE)) < lifecycle_rank("mql"))
        row_set_text(contact, CONTACT_LIFECYCLE, "mql");
    if (!row_before(r))
        TRY(handoff_event(cx, r, "handoff_made", guard.before));
    return give_to_owner(cx, r, contact);
}

enum status handoff_make(struct ctx *cx, const struct handoff_order *o, i64 *id)
{
    struct row *r = row_new(cx, &handoff_type);

    row_set_i64(r, HANDOFF_CONTACT, o->contact_id);
    if (o->from_user)
        row_set_i64(r, HANDOFF_FROM, o->from_user);
    if (o->owner_id)
        row_set_i64(r, HANDOFF_OWNER, o->owner_id);
    row_set_text(r, HANDOFF_REASON, o->reason);
    row_set_text(r, HANDOFF_NOTE, o->note ? o->note : "");
    TRY(record_save(cx, r));
    *id = row_id(r);
    return OK;
}

enum status handoff_rests_until(struct ctx *cx, i64 contact_id, i64 *until)
{
    enum status s = db_get_i64(cx, until, "handoff.answered_at", I64("contact", contact_id));

    if (s == E_NOT_FOUND)
        *until = TIME_NONE;
    else
        *until += setting_i64(cx, "handoff.rest_days") * MS_DAY;
    return s == E_NOT_FOUND ? OK : s;
}

/* The three answers. Each says what becomes of the contact and what is told to whom. */
static const struct answer {
    const char *verb, *status, *lifecycle, *lead_status, *event, *happening, *said;
    bool needs_reason;
} answers[] = {
    { "accept", "accepted", "sal", "open", "handoff_accepted", "handoff.accepted", "accepted",
      false },
    { "reject", "rejected", "disqualified", "disqualified", "handoff_rejected", "handoff.rejected",
      "rejected", true },
    { "recycle", "recycled", "lead", "nurturing", "handoff_recycled", "handoff.recycled",
      "sent back to nurture", true },
};

static const struct answer *answer_of(const char *verb)
{
    for (size_t i = 0; i < countof(answers); i++)
        if (text_is(answers[i].verb, verb))
            return &answers[i];
    return NULL;
}

const char *handoff_said(const char *verb)
{
    const struct answer *a = answer_of(verb);

    return a ? a->said : NULL;
}

/* Hundredths of an hour. */
static i64 as_hours(i64 minutes) { return (minutes * 100 + 30) / 60; }

/* What the contact is before sales answers, so that an answer can be taken back. */
static enum status remember_contact(struct ctx *cx, struct row *r)
{
    scoped(access_leave) struct access_guard guard = access_enter_system(cx);
    struct row *contact;

    (void)guard;
    TRY(record_get(cx, &contact_type, row_i64(r, HANDOFF_CONTACT), &contact));
    row_set_text(r, HANDOFF_BEFORE,
                 arena_printf(cx->arena, "%s %s", row_text(contact, CONTACT_LIFECYCLE),
                              row_text(contact, CONTACT_STATUS)));
    return OK;
}

static enum status move_contact(struct ctx *cx, const struct row *r, const struct answer *a)
{
    i64 contact = row_i64(r, HANDOFF_CONTACT);
    bool accepts = text_is(a->verb, "accept");

    if (accepts) /* somebody who is further already stays there */
        TRY(contact_advance(cx, contact, a->lifecycle, NULL));
    return contact_move(cx, contact, accepts ? NULL : a->lifecycle, a->lead_status, NULL);
}

static enum status tell_who_gave_it(struct ctx *cx, const struct row *r, const char *said)
{
    if (!row_has(r, HANDOFF_FROM) || row_i64(r, HANDOFF_FROM) == cx->access->user_id)
        return OK;
    return notify(cx, row_i64(r, HANDOFF_FROM), "user-check",
                  arena_printf(cx->arena, "%s %s: %s", row_title(cx, r), said,
                               row_has(r, HANDOFF_OUTCOME) ? row_show(cx, r, HANDOFF_OUTCOME)
                                                           : row_text(r, HANDOFF_REASON)),
                  row_path(cx, r));
}

static enum status tell_features(struct ctx *cx, struct row *r, const char *what)
{
    return happen(cx, &(struct happening){
                          .name = what, .row = r, .contact_id = row_i64(r, HANDOFF_CONTACT) });
}

enum status handoff_decide(struct ctx *cx, struct row *r, const char *verb, const char *reason,
                           const char *text)
{
    const struct answer *a = answer_of(verb);
    i64 now = ctx_now(cx);

    if (!a)
        return E_NOT_FOUND;
    if (!text_is(row_text(r, HANDOFF_STATUS), "pending"))
        return ctx_fail_code(cx, E_CONFLICT, "handoff.decided",
                             "This lead has been answered already: %s.",
                             row_show(cx, r, HANDOFF_STATUS));
    if (a->needs_reason && text_empty(reason))
        return ctx_fail_field(cx, "outcome", "required",
                              "Choose a reason, so that marketing can learn from it.");
    TRY(remember_contact(cx, r));
    row_set_text(r, HANDOFF_OUTCOME, reason);
    row_set_text(r, HANDOFF_ANSWER, text);
    row_set_text(r, HANDOFF_STATUS, a->status);
    row_set_i64(r, HANDOFF_DECIDED_AT, now);
    row_set_i64(r, HANDOFF_MINUTES, hours_between(cx, row_created_at(r), now));
    row_set_i64(r, HANDOFF_ANSWER_HOURS, as_hours(row_i64(r, HANDOFF_MINUTES)));
    row_set_i64(r, HANDOFF_ON_TIME, now <= row_i64(r, HANDOFF_DUE));
    TRY(record_save(cx, r));
    TRY(handoff_event(cx, r, a->event, cx->access));
    TRY(move_contact(cx, r, a));
    TRY(tell_features(cx, r, a->happening));
    return tell_who_gave_it(cx, r, a->said);
}

/* ---- an answer taken back ---- */
static enum status may_be_undone(struct ctx *cx, const struct row *r)
{
    i64 waiting;
    enum status s;

    if (text_is(row_text(r, HANDOFF_STATUS), "pending"))
        return ctx_fail_code(cx, E_CONFLICT, "handoff.waits",
                             "This lead waits for an answer: there is nothing to take back.");
    if (ctx_now(cx) - row_i64(r, HANDOFF_DECIDED_AT) > MS_DAY)
        return ctx_fail_code(cx, E_CONFLICT, "handoff.undo_late",
                             "It was answered longer than a day ago. Change the contact instead.");
    s = db_get_i64(cx, &waiting, "handoff.waiting", I64("contact", row_i64(r, HANDOFF_CONTACT)));
    if (s == OK)
        return ctx_fail_code(cx, E_CONFLICT, "handoff.waiting",
                             "The lead has been handed over again since: answer that one.");
    return s == E_NOT_FOUND ? OK : s;
}

/* Only what the answer made of it: somebody who was moved on since stays there. */
static enum status give_contact_back(struct ctx *cx, const struct row *r, const struct answer *a)
{
    scoped(access_leave) struct access_guard guard = access_enter_system(cx);
    struct str rest = str_from(row_text(r, HANDOFF_BEFORE)), lifecycle = { "", 0 };
    struct row *contact;

    (void)guard;
    (void)str_split(&rest, ' ', &lifecycle);
    TRY(record_get(cx, &contact_type, row_i64(r, HANDOFF_CONTACT), &contact));
    if (text_is(row_text(contact, CONTACT_LIFECYCLE), a->lifecycle) && lifecycle.len > 0)
        row_set_text(contact, CONTACT_LIFECYCLE, str_dup(cx->arena, lifecycle));
    if (text_is(row_text(contact, CONTACT_STATUS), a->lead_status))
        row_set_text(contact, CONTACT_STATUS, str_dup(cx->arena, rest));
    if (row_changed(contact, CONTACT_LIFECYCLE) && text_is(a->lifecycle, "sal") &&
        row_i64(contact, CONTACT_ACCEPTED_AT) >= row_i64(r, HANDOFF_DECIDED_AT))
        row_clear(contact, CONTACT_ACCEPTED_AT);
    return record_save(cx, contact);
}

enum status handoff_undo(struct ctx *cx, struct row *r)
{
    static const int of_answer[] = { HANDOFF_OUTCOME, HANDOFF_ANSWER,       HANDOFF_DECIDED_AT,
                                     HANDOFF_MINUTES, HANDOFF_ANSWER_HOURS, HANDOFF_ON_TIME,
                                     HANDOFF_FLOW,    HANDOFF_BEFORE };
    const struct answer *a = NULL;

    TRY(may_be_undone(cx, r));
    for (size_t i = 0; i < countof(answers); i++)
        if (text_is(answers[i].status, row_text(r, HANDOFF_STATUS)))
            a = &answers[i];
    assert(a != NULL);
    TRY(give_contact_back(cx, r, a));
    TRY(tell_features(cx, r, "handoff.undone")); /* while it says what is taken back */
    for (size_t i = 0; i < countof(of_answer); i++)
        row_clear(r, of_answer[i]);
    row_set_text(r, HANDOFF_STATUS, "pending");
    TRY(record_save(cx, r));
    TRY(handoff_event(cx, r, "handoff_undone", cx->access));
    return tell_who_gave_it(cx, r, "waits again");
}

/* GET /contacts/:id/handoff -- the form with which a marketer hands this contact over. */
static enum status handoff_form(struct req *rq)
{
    struct row *contact, *r = row_new(rq->cx, &handoff_type);
    struct val *page = val_map(rq->cx->arena);
    i64 id;

    TRY(req_id(rq, "id", &id));
    TRY(record_get(rq->cx, &contact_type, id, &contact));
    row_set_i64(r, HANDOFF_CONTACT, id);
    TRY(page_form(rq, &handoff_type, r, page));
    val_put_printf(page, "title", "Hand %s over to sales", row_title(rq->cx, contact));
    return reply(rq, "kit/form", page);
}

/* The first call, mail or meeting after the hand-off, answered yet or not, is the first touch that
 * both teams measure. */
static enum status on_activity(struct ctx *cx, const struct happening *h)
{
    scoped(access_leave) struct access_guard guard = access_enter_system(cx);
    struct row *r;
    i64 id;
    enum status s;

    if (!h->contact_id)
        return OK;
    s = db_get_i64(cx, &id, "handoff.untouched", I64("contact", h->contact_id));
    if (s == E_NOT_FOUND)
        return OK;
    TRY(s);
    TRY(record_get(cx, &handoff_type, id, &r));
    row_set_i64(r, HANDOFF_FIRST_TOUCH_AT, ctx_now(cx));
    row_set_i64(r, HANDOFF_TOUCH_HOURS,
                as_hours(hours_between(cx, row_created_at(r), ctx_now(cx))));
    return record_save(cx, r);
}

const struct record_type handoff_type = {
    .name = "handoff",
    .label = "Hand-off",
    .plural = "Hand-offs",
    .path = "handoffs",
    .icon = "user-check",
    .section = "sales",
    .menu_order = MENU_SELDOM + 2,
    .sort = "-created_at",
    .title = HANDOFF_REASON,
    .title_of = handoff_title,
    .fields = fields,
    .field_count = HANDOFF_FIELDS,
    .flags = TYPE_COMMENTS | TYPE_NO_DELETE | TYPE_TELLS,
    .empty = "When a lead's score crosses the line, or a marketer decides, it is handed over here "
             "with the reason and all that is known.",
    .defaults = handoff_defaults,
    .validate = handoff_validate,
    .saved = handoff_saved,
};

static const struct route routes[] = {
    { HTTP_GET, "/contacts/:id/handoff", handoff_form, NEEDS("handoff", VERB_CREATE) },
};
static const struct event_kind kinds[] = {
    { "handoff_made", "Handed over to sales", "user-check", KIND_CHAPTER, "handoff" },
    { "handoff_accepted", "Lead accepted", "check", KIND_CHAPTER | KIND_SALES, "handoff" },
    { "handoff_rejected", "Lead rejected", "x", KIND_CHAPTER | KIND_SALES, "handoff" },
    { "handoff_recycled", "Lead recycled", "refresh", KIND_CHAPTER | KIND_SALES, "handoff" },
    { "handoff_undone", "Answer taken back", "arrow-back-up", KIND_SALES, "handoff" },
};
static const struct setting settings[] = {
    { "handoff.minutes", FIELD_INT, "Answer a lead within",
      "Working minutes from the hand-off until sales must have answered.", "240",
      .group = "Hand-off" },
    { "handoff.rest_days", FIELD_INT, "Let a lead rest for",
      "Days after sales sent a lead back in which its score does not hand it over again. Then it "
      "takes something new.",
      "30", .group = "Hand-off" },
};
#define BY_ORIGIN                                                                             \
    .channel_path = "contact_id.first_channel", .campaign_path = "contact_id.first_campaign", \
    .owner_path = "owner_id"
static const struct metric metrics[] = {
    { .name = "leads_handed_over",
      .label = "Leads handed over",
      .unit = UNIT_COUNT,
      .team = "both",
      .definition = "Hand-offs from marketing to sales made in the period.",
      .source = METRIC_RECORDS,
      .type = "handoff",
      .aggregate = AGG_COUNT,
      .date = "created_at",
      .channel_path = "contact_id.first_channel",
      .campaign_path = "contact_id.first_campaign",
      .owner_path = "owner_id" },
    { .name = "leads_answered",
      .label = "Leads answered",
      .unit = UNIT_COUNT,
      .team = "sales",
      .definition = "Hand-offs accepted, rejected or recycled in the period.",
      .source = METRIC_RECORDS,
      .type = "handoff",
      .filter = "status != 'pending'",
      .aggregate = AGG_COUNT,
      .date = "decided_at",
      .channel_path = "contact_id.first_channel",
      .campaign_path = "contact_id.first_campaign",
      .owner_path = "owner_id" },
    { .name = "leads_accepted",
      .label = "Leads accepted",
      .unit = UNIT_COUNT,
      .team = "sales",
      .definition = "Hand-offs that sales accepted in the period.",
      .source = METRIC_RECORDS,
      .type = "handoff",
      .filter = "status = 'accepted'",
      .aggregate = AGG_COUNT,
      .date = "decided_at",
      .channel_path = "contact_id.first_channel",
      .campaign_path = "contact_id.first_campaign",
      .owner_path = "owner_id" },
    { .name = "leads_on_time",
      .label = "Leads answered in time",
      .unit = UNIT_COUNT,
      .team = "sales",
      .definition = "Hand-offs answered in the period before they were due, in working hours.",
      .source = METRIC_RECORDS,
      .type = "handoff",
      .filter = "on_time is true",
      .aggregate = AGG_COUNT,
      .date = "decided_at",
      .owner_path = "owner_id" },
    { .name = "acceptance_rate",
      .label = "Lead acceptance",
      .unit = UNIT_RATIO,
      .team = "both",
      .definition = "Leads accepted divided by leads answered in the period.",
      .source = METRIC_DIVIDED,
      .numerator = "leads_accepted",
      .denominator = "leads_answered" },
    { .name = "follow_up_rate",
      .label = "Answered in time",
      .unit = UNIT_RATIO,
      .team = "both",
      .definition = "Leads answered before they were due divided by leads answered in the period.",
      .source = METRIC_DIVIDED,
      .numerator = "leads_on_time",
      .denominator = "leads_answered" },
    { .name = "handoffs_accepted",
      .label = "Hand-offs since accepted",
      .unit = UNIT_COUNT,
      .team = "both",
      .definition = "Hand-offs made in the period that sales has accepted since.",
      .source = METRIC_RECORDS,
      .type = "handoff",
      .filter = "status = 'accepted'",
      .aggregate = AGG_COUNT,
      .date = "created_at",
      BY_ORIGIN },
    { .name = "mql_acceptance",
      .label = "MQL acceptance",
      .unit = UNIT_RATIO,
      .team = "both",
      .definition = "Cohort version: of the leads handed over in the period, the share that sales "
                    "has accepted since.",
      .source = METRIC_DIVIDED,
      .numerator = "handoffs_accepted",
      .denominator = "leads_handed_over" },
    { .name = "handoffs_in_time",
      .label = "Hand-offs answered in time",
      .unit = UNIT_COUNT,
      .team = "sales",
      .definition = "Hand-offs made in the period that were answered before they were due, in "
                    "working hours.",
      .source = METRIC_RECORDS,
      .type = "handoff",
      .filter = "on_time is true",
      .aggregate = AGG_COUNT,
      .date = "created_at",
      BY_ORIGIN },
    { .name = "follow_up_in_time",
      .label = "Follow-up in time",
      .unit = UNIT_RATIO,
      .team = "both",
      .definition = "Cohort version: of the leads handed over in the period, the share that was "
                    "answered before it was due.",
      .source = METRIC_DIVIDED,
      .numerator = "handoffs_in_time",
      .denominator = "leads_handed_over" },
    { .name = "time_to_accept",
      .label = "Time to accept",
      .unit = UNIT_HOURS,
      .team = "both",
      .less_is_better = true,
      .definition =
          "Median of the working hours from the hand-off to its acceptance, of leads that "
          "sales accepted in the period.",
      .source = METRIC_RECORDS,
      .type = "handoff",
      .filter = "status = 'accepted'",
      .aggregate = AGG_MEDIAN,
      .field = "answer_hours",
      .date = "decided_at",
      BY_ORIGIN },
    { .name = "time_to_first_touch",
      .label = "Time to first touch",
      .unit = UNIT_HOURS,
      .team = "both",
      .less_is_better = true,
      .definition = "Median of the working hours from the hand-off to the first call, mail or "
                    "meeting by sales, of leads touched for the first time in the period.",
      .source = METRIC_RECORDS,
      .type = "handoff",
      .filter = "first_touch_at is not empty",
      .aggregate = AGG_MEDIAN,
      .field = "touch_hours",
      .date = "first_touch_at",
      BY_ORIGIN },
    { .name = "speed_to_lead",
      .label = "Speed to lead",
      .unit = UNIT_HOURS,
      .team = "both",
      .less_is_better = true,
      .definition = "Median time from the hand-off to the first call, mail or meeting by sales, of "
                    "leads handed over in the period. Nights and weekends count.",
      .source = METRIC_RECORDS,
      .type = "handoff",
      .aggregate = AGG_MEDIAN,
      .field = "first_touch_at",
      .since = "created_at",
      .date = "created_at",
      BY_ORIGIN },
    { .name = "speed_to_lead_mean",
      .label = "Speed to lead, mean",
      .unit = UNIT_HOURS,
      .team = "both",
      .less_is_better = true,
      .definition = "Mean time from the hand-off to the first call, mail or meeting by sales, of "
                    "leads handed over in the period. Nights and weekends count.",
      .source = METRIC_RECORDS,
      .type = "handoff",
      .aggregate = AGG_AVG,
      .field = "first_touch_at",
      .since = "created_at",
      .date = "created_at",
      BY_ORIGIN },
};
static const struct subscription subscriptions[] = { { "activity.touch", on_activity } };
const struct feature feature_handoff = {
    .name = "handoff",
    TYPES(&handoff_type),
    ROUTES(routes),
    METRICS(metrics),
    EVENT_KINDS(kinds),
    SETTINGS(settings),
    SUBSCRIPTIONS(subscriptions),
};
