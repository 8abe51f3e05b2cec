/* sequence.c -- the records of sales sequences, and what must hold of them. See sequence.h. */
#include "sales/sequence.h"
#include "base/id.h"
#include "bridge/consent.h"
#include "bridge/contact.h"
#include "kit/filter.h"
#include "kit/pages.h"
#include "kit/question.h"
#include "mail/content.h"
#include "mail/email_send.h"
#include "sales/sequence_int.h"

static const struct choice kinds[] = {
    { "mail", "Mail", "teal" },
    { "call", "Call", "blue" },
    { "task", "Task", "amber" },
    { NULL, NULL, NULL },
};
static const struct choice reasons[] = {
    { "reply", "Answered", "green" },
    { "meeting", "Booked a meeting", "green" },
    { "stage", "Their deal moved on", "blue" },
    { "opt_out", "Took consent back", "red" },
    { "bounce", "Mail did not arrive", "red" },
    { "suppressed", "Address gets no mail", "red" },
    { "no_address", "No mail address", "gray" },
    { "gone", "Contact was deleted", "gray" },
    { "twice", "Was in it twice", "gray" },
    { "manual", "Stopped by hand", "gray" },
    { NULL, NULL, NULL },
};

static const struct field fields[] = {
    [SEQUENCE_NAME] = { "name", FIELD_TEXT, "Name", REQUIRED | LISTED | SEARCHED, .max_len = 120 },
    [SEQUENCE_ACTIVE] = { "active", FIELD_BOOL, "Active", LISTED, .otherwise = "true",
                          .help = "Switched off, nobody is enrolled and everybody stays where "
                                  "they are." },
    [SEQUENCE_NOTE] = { "note", FIELD_LONG, "What it is for", 0, .max_len = 1000 },
    [SEQUENCE_OWNER] = { "owner_id", FIELD_REF, "Owner", LISTED | OWNER, .ref = "user",
                         .otherwise = "me" },
    [SEQUENCE_SHARED] = { "shared", FIELD_CHOICE, "Who uses it", REQUIRED | LISTED,
                          .otherwise = "everyone",
                          .choices = CHOICES({ "everyone", "Everybody in sales", "green" },
                                             { "me", "Only its owner", "gray" }) },
    [SEQUENCE_HOURS] = { "working_hours", FIELD_BOOL, "Only in working hours", 0,
                         .otherwise = "true", .group = "When",
                         .help = "Waits count working days; holidays are left out." },
    [SEQUENCE_ZONE] = { "clock", FIELD_CHOICE, "By whose clock", REQUIRED, .otherwise = "contact",
                        .choices = CHOICES({ "contact", "The contact's, where it is known", NULL },
                                           { "workspace", "Ours", NULL }) },
    [SEQUENCE_DAILY] = { "daily_limit", FIELD_INT, "Mails a day for each sender", 0, .min = 1,
                         .max = 1000, .otherwise = "50",
                         .help = "Mails of all their sequences together. What is over waits for "
                                 "the next working day." },
    [SEQUENCE_OPENS] = { "opens", FIELD_BOOL, "Tell when a mail was opened", 0, .otherwise = "true",
                         .help = "By a picture of one point. Without it mails are plain text." },
    [SEQUENCE_ON_MEETING] = { "stops_on_meeting", FIELD_BOOL, "A meeting is booked", 0,
                              .otherwise = "true", .group = "It also ends when",
                              .help = "An answer, a bounce and consent that was taken back end it "
                                      "always." },
    [SEQUENCE_ON_STAGE] = { "stops_on_stage", FIELD_BOOL, "Their deal changes its stage", 0,
                            .otherwise = "true" },
};
_Static_assert(countof(fields) == SEQUENCE_FIELDS, "enum and table differ");

static const struct field step_fields[] = {
    [STEP_SEQUENCE] = { "sequence_id", FIELD_REF, "Sequence", REQUIRED | CREATE_ONLY | INDEXED,
                        .ref = "sequence" },
    [STEP_POSITION] = { "position", FIELD_INT, "Place", LISTED | INDEXED, .min = 1, .max = 1000,
                        .help = "Left empty: at the end." },
    [STEP_KIND] = { "kind", FIELD_CHOICE, "What", REQUIRED | LISTED | CREATE_ONLY,
                    .otherwise = "mail", .choices = kinds },
    [STEP_DAYS] = { "wait_days", FIELD_INT, "Working days after the step before", LISTED,
                    .max = 365, .otherwise = "0" },
    [STEP_HOURS] = { "wait_hours", FIELD_INT, "And hours", 0, .max = 1000, .otherwise = "0" },
    [STEP_SUBJECT] = { "subject", FIELD_TEXT, "Subject", LISTED | SEARCHED, .max_len = 200,
                       .group = "What it says",
                       .help = "Of a mail in answer to the first: left empty. "
                               "{{contact.first_name|there}} becomes their name." },
    [STEP_TEXT] = { "text", FIELD_LONG, "Text", 0, .max_len = 20000,
                    .help = "Words like {{company.name}} are filled in for each contact. Your "
                            "signature follows by itself." },
    [STEP_SUBJECT_B] = { "subject_b", FIELD_TEXT, "Second subject", 0, .max_len = 200,
                         .help = "Every other contact gets this one, to see which does better." },
    [STEP_THREAD] = { "in_thread", FIELD_BOOL, "Answers the first mail", 0, .otherwise = "true",
                      .group = "How it goes" },
    [STEP_REVIEW] = { "review", FIELD_BOOL, "I read and edit each mail before it goes", LISTED,
                      .help = "A task stands in the queue until it is sent." },
    [STEP_WAITS] = { "waits", FIELD_BOOL, "The next step waits until a call or task is done", 0,
                     .otherwise = "true" },
};
_Static_assert(countof(step_fields) == STEP_FIELDS, "enum and table differ");

static const struct field enrolment_fields[] = {
    [ENROLMENT_SEQUENCE] = { "sequence_id", FIELD_REF, "Sequence",
                             REQUIRED | LISTED | CREATE_ONLY | INDEXED, .ref = "sequence" },
    [ENROLMENT_CONTACT] = { "contact_id", FIELD_REF, "Contact", REQUIRED | LISTED | CREATE_ONLY,
                            .ref = "contact" },
    [ENROLMENT_DEAL] = { "deal_id", FIELD_REF, "Deal", CREATE_ONLY, .ref = "deal",
                         .help = "Left empty: a stage change of any deal of theirs ends it." },
    [ENROLMENT_OWNER] = { "owner_id", FIELD_REF, "Sender", LISTED | OWNER, .ref = "user",
                          .otherwise = "me",
                          .help = "Whose mailbox it goes from, whose tasks it makes." },
    [ENROLMENT_STATUS] = { "status", FIELD_CHOICE, "Status", COMPUTED | LISTED | INDEXED,
                           .otherwise = "active",
                           .choices = CHOICES({ "active", "Going on", "blue" },
                                              { "paused", "Paused", "gray" },
                                              { "finished", "Went through", "green" },
                                              { "stopped", "Ended early", "amber" }) },
    [ENROLMENT_BECAUSE] = { "because", FIELD_CHOICE, "Ended because", COMPUTED | LISTED,
                            .choices = reasons },
    [ENROLMENT_STEP] = { "step_id", FIELD_REF, "Next step", COMPUTED | LISTED,
                         .ref = "sequence_step" },
    [ENROLMENT_DUE] = { "due_at", FIELD_TIME, "Due", COMPUTED | LISTED | INDEXED },
    [ENROLMENT_PROBLEM] = { "problem", FIELD_TEXT, "What it waits for", COMPUTED, .max_len = 300 },
    [ENROLMENT_ENDED] = { "ended_at", FIELD_TIME, "Ended", COMPUTED },
    [ENROLMENT_FIRST] = { "first_email_id", FIELD_REF, "First mail", COMPUTED, .ref = "email" },
};
_Static_assert(countof(enrolment_fields) == ENROLMENT_FIELDS, "enum and table differ");

static const struct field taken_fields[] = {
    [TAKEN_ENROLMENT] = { "enrolment_id", FIELD_REF, "Enrolment", REQUIRED | INDEXED,
                          .ref = "enrolment" },
    [TAKEN_STEP] = { "step_id", FIELD_REF, "Step", REQUIRED | LISTED, .ref = "sequence_step" },
    [TAKEN_SEQUENCE] = { "sequence_id", FIELD_REF, "Sequence", REQUIRED | INDEXED,
                         .ref = "sequence" },
    [TAKEN_CONTACT] = { "contact_id", FIELD_REF, "Contact", REQUIRED | LISTED, .ref = "contact" },
    [TAKEN_OWNER] = { "owner_id", FIELD_REF, "Sender", LISTED | OWNER, .ref = "user" },
    [TAKEN_KIND] = { "kind", FIELD_CHOICE, "What", LISTED, .choices = kinds },
    [TAKEN_STATUS] = { "status", FIELD_CHOICE, "Status", LISTED | INDEXED, .otherwise = "planned",
                       .choices = CHOICES({ "planned", "Written ahead", "gray" },
                                          { "draft", "To be read and sent", "amber" },
                                          { "open", "To be done", "amber" },
                                          { "sent", "Sent", "green" }, { "done", "Done", "green" },
                                          { "skipped", "Left out", "gray" }) },
    [TAKEN_VARIANT] = { "variant", FIELD_CHOICE, "Subject line", 0,
                        .choices = CHOICES({ "a", "First", "blue" }, { "b", "Second", "violet" }) },
    [TAKEN_SUBJECT] = { "subject", FIELD_TEXT, "Subject", LISTED, .max_len = 300 },
    [TAKEN_TEXT] = { "text", FIELD_LONG, "Text", 0 },
    [TAKEN_AT] = { "at", FIELD_TIME, "When", LISTED | INDEXED },
    [TAKEN_EMAIL] = { "email_id", FIELD_REF, "Mail", INDEXED, .ref = "email" },
    [TAKEN_ACTIVITY] = { "activity_id", FIELD_REF, "Task", INDEXED, .ref = "activity" },
    [TAKEN_OPENED] = { "opened_at", FIELD_TIME, "Opened", LISTED | INDEXED },
    [TAKEN_REPLIED] = { "replied_at", FIELD_TIME, "Answered", LISTED | INDEXED },
    [TAKEN_BOOKED] = { "booked_at", FIELD_TIME, "Booked a meeting", INDEXED },
    [TAKEN_OUT] = { "opted_out_at", FIELD_TIME, "Took consent back", INDEXED },
    [TAKEN_BOUNCED] = { "bounced_at", FIELD_TIME, "Did not arrive", INDEXED },
    [TAKEN_KEY] = { "step_key", FIELD_TEXT, "Key", INTERNAL | UNIQUE, .max_len = 80 },
};
_Static_assert(countof(taken_fields) == TAKEN_FIELDS, "enum and table differ");

/* ---- steps ---- */
bool step_is_mail(const struct row *step) { return text_is(row_text(step, STEP_KIND), "mail"); }

enum status sequence_steps(struct ctx *cx, i64 sequence_id, struct row *out[SEQUENCE_STEPS_MAX],
                           size_t *count)
{
    scoped(access_leave) struct access_guard guard = access_enter_system(cx);
    struct list_query q = { .filter = arena_printf(cx->arena, "sequence_id = '%s'",
                                                   id_text(cx->arena, sequence_id)),
                            .sort = "position",
                            .limit = SEQUENCE_STEPS_MAX };
    struct list_page page;

    TRY(list_run(cx, &sequence_step_type, &q, &page));
    for (*count = 0; *count < page.count; ++*count)
        out[*count] = page.rows[*count];
    return OK;
}

enum status sequence_next(struct ctx *cx, i64 sequence_id, const struct row *after,
                          struct row **out)
{
    struct row *steps[SEQUENCE_STEPS_MAX];
    size_t count;

    *out = NULL;
    TRY(sequence_steps(cx, sequence_id, steps, &count));
    for (size_t i = 0; i < count && *out == NULL; i++) {
        i64 mine = row_i64(steps[i], STEP_POSITION);
        if (after == NULL || mine > row_i64(after, STEP_POSITION) ||
            (mine == row_i64(after, STEP_POSITION) && row_id(steps[i]) > row_id(after)))
            *out = steps[i];
    }
    return OK;
}

/* "Mail: A question about Acme". */
static const char *step_title(struct ctx *cx, const struct row *r)
{
    const char *what = row_show(cx, r, STEP_KIND), *subject = row_text(r, STEP_SUBJECT);

    return text_empty(subject)
               ? arena_printf(cx->arena, "%s %lld", what, (long long)row_i64(r, STEP_POSITION))
               : arena_printf(cx->arena, "%s: %s", what, subject);
}

static enum status check_words(struct ctx *cx, const struct row *r, int field)
{
    struct ctx probe = *cx;

    if (!row_has(r, field) || content_fill_check(&probe, row_text(r, field)) == OK)
        return OK;
    return ctx_fail_field(cx, step_fields[field].name, "sequence_step.words", "%s",
                          probe.error_text);
}

static enum status step_defaults(struct ctx *cx, struct row *r)
{
    i64 last = 0;

    if (!row_has(r, STEP_POSITION) && row_has(r, STEP_SEQUENCE))
        TRY(db_get_i64(cx, &last, "sequence.last_position",
                       I64("sequence", row_i64(r, STEP_SEQUENCE))));
    if (!row_has(r, STEP_POSITION))
        row_set_i64(r, STEP_POSITION, last + 1);
    return OK;
}

static enum status step_validate(struct ctx *cx, struct row *r)
{
    struct row *steps[SEQUENCE_STEPS_MAX], *first;
    size_t count;

    if (!row_has(r, STEP_POSITION))
        TRY(step_defaults(cx, r));
    TRY(sequence_steps(cx, row_i64(r, STEP_SEQUENCE), steps, &count));
    if (row_is_new(r) && count >= SEQUENCE_STEPS_MAX)
        return ctx_fail_field(cx, "sequence_id", "sequence.steps",
                              "A sequence has at most %d steps.", SEQUENCE_STEPS_MAX);
    TRY(check_words(cx, r, STEP_SUBJECT));
    TRY(check_words(cx, r, STEP_SUBJECT_B));
    TRY(check_words(cx, r, STEP_TEXT));
    if (!step_is_mail(r))
        return row_has(r, STEP_SUBJECT)
                   ? OK
                   : ctx_fail_field(cx, "subject", "required", "Say what is to be done.");
    if (!row_has(r, STEP_TEXT))
        return ctx_fail_field(cx, "text", "required", "Write what the mail says.");
    first = NULL;
    for (size_t i = 0; i < count && first == NULL; i++)
        if (step_is_mail(steps[i]) && row_id(steps[i]) != row_id(r) &&
            row_i64(steps[i], STEP_POSITION) < row_i64(r, STEP_POSITION))
            first = steps[i];
    if (!row_has(r, STEP_SUBJECT) && (first == NULL || !row_bool(r, STEP_THREAD)))
        return ctx_fail_field(cx, "subject", "required",
                              "Give the mail a subject: it answers no earlier one.");
    return OK;
}

/* ---- enrolling ---- */
enum status sequence_refuses(struct ctx *cx, const struct row *contact, const char **why)
{
    scoped(access_leave) struct access_guard guard = access_enter_system(cx);

    *why = NULL;
    if (!row_has(contact, CONTACT_EMAIL))
        return OK;
    return suppression_find(cx, row_text(contact, CONTACT_EMAIL), why);
}

static enum status check_contact(struct ctx *cx, const struct row *r, const struct row *contact,
                                 bool mails)
{
    const char *why;
    i64 others;

    if (mails && !row_has(contact, CONTACT_EMAIL))
        return ctx_fail_field(cx, "contact_id", "enrolment.no_address", "%s has no mail address.",
                              row_title(cx, contact));
    TRY(sequence_refuses(cx, contact, &why));
    if (mails && why != NULL)
        return ctx_fail_field(cx, "contact_id", "enrolment.suppressed",
                              "The address of %s gets no mail: %s.", row_title(cx, contact),
                              text_is(why, "unsubscribed") ? "they left all lists" : why);
    TRY(db_get_i64(cx, &others, "sequence.others", I64("sequence", row_i64(r, ENROLMENT_SEQUENCE)),
                   I64("contact", row_id(contact)), I64("self", row_id(r))));
    return others == 0 ? OK
                       : ctx_fail_field(cx, "contact_id", "enrolment.twice",
                                        "%s is in this sequence already.", row_title(cx, contact));
}

static enum status check_sender(struct ctx *cx, const struct row *r)
{
    struct row *mailbox;
    enum status s = email_mailbox_of(cx, row_i64(r, ENROLMENT_OWNER), &mailbox);

    if (s != E_NOT_FOUND)
        return s;
    ctx_clear_error(cx);
    return ctx_fail_field(cx, "owner_id", "enrolment.no_mailbox",
                          "The sender has no mailbox that can send. Connect one under Settings, "
                          "Mailboxes, with its outgoing server.");
}

static enum status enrolment_validate(struct ctx *cx, struct row *r)
{
    struct row *sequence, *contact, *steps[SEQUENCE_STEPS_MAX];
    bool mails = false;
    size_t count;

    if (row_is_new(r) && row_has(r, ENROLMENT_ENDED)) /* of earlier times: nothing will go */
        return OK;
    if (!row_is_new(r)) /* whose it is may change: colleagues leave */
        return row_changed(r, ENROLMENT_OWNER) ? check_sender(cx, r) : OK;
    TRY(record_get(cx, &sequence_type, row_i64(r, ENROLMENT_SEQUENCE), &sequence));
    TRY(record_get(cx, &contact_type, row_i64(r, ENROLMENT_CONTACT), &contact));
    if (!row_has(r, ENROLMENT_OWNER))
        return ctx_fail_field(cx, "owner_id", "required", "Say whose mails and tasks it is.");
    if (!row_bool(sequence, SEQUENCE_ACTIVE))
        return ctx_fail_field(cx, "sequence_id", "enrolment.inactive", "%s is switched off.",
                              row_title(cx, sequence));
    TRY(sequence_steps(cx, row_id(sequence), steps, &count));
    if (count == 0)
        return ctx_fail_field(cx, "sequence_id", "enrolment.empty", "%s has no steps yet.",
                              row_title(cx, sequence));
    for (size_t i = 0; i < count; i++)
        mails |= step_is_mail(steps[i]);
    TRY(check_contact(cx, r, contact, mails));
    if (mails)
        TRY(check_sender(cx, r));
    row_set_i64(r, ENROLMENT_STEP, row_id(steps[0]));
    row_set_i64(r, ENROLMENT_DUE,
                sequence_due(cx, sequence, contact, ctx_now(cx), row_i64(steps[0], STEP_DAYS),
                             row_i64(steps[0], STEP_HOURS)));
    return OK;
}

static enum status tell(struct ctx *cx, const struct row *r, const char *kind)
{
    struct val *props = val_map(cx->arena);

    val_put_text(props, "name", row_show(cx, r, ENROLMENT_SEQUENCE));
    val_put_text(props, "by", cx->access->user_id ? cx->access->name : "");
    if (row_has(r, ENROLMENT_BECAUSE))
        val_put_text(props, "reason", row_show(cx, r, ENROLMENT_BECAUSE));
    return journey_note(cx, &(struct journey_note){ .kind = kind,
                                                    .contact_id = row_i64(r, ENROLMENT_CONTACT),
                                                    .record_id = row_id(r),
                                                    .props = props });
}

static enum status enrolment_saved(struct ctx *cx, struct row *r)
{
    const char *status = row_text(r, ENROLMENT_STATUS);

    if (row_before(r) == NULL) {
        TRY(tell(cx, r, "sequence_begun"));
        return !row_has(r, ENROLMENT_DUE) ? OK : sequence_wake(cx, row_i64(r, ENROLMENT_DUE));
    }
    if (row_changed(r, ENROLMENT_STATUS) &&
        (text_is(status, "finished") || text_is(status, "stopped")))
        return tell(cx, r, "sequence_ended");
    return OK;
}

static const char *enrolment_title(struct ctx *cx, const struct row *r)
{
    return arena_printf(cx->arena, "%s in %s", row_show(cx, r, ENROLMENT_CONTACT),
                        row_show(cx, r, ENROLMENT_SEQUENCE));
}

static const char *taken_title(struct ctx *cx, const struct row *r)
{
    return row_has(r, TAKEN_SUBJECT) ? row_text(r, TAKEN_SUBJECT) : row_show(cx, r, TAKEN_STEP);
}

static bool goes_on(struct ctx *cx, const struct row *r)
{
    (void)cx;
    return text_is(row_text(r, ENROLMENT_STATUS), "active");
}
static bool is_paused(struct ctx *cx, const struct row *r)
{
    (void)cx;
    return text_is(row_text(r, ENROLMENT_STATUS), "paused");
}
static bool is_not_over(struct ctx *cx, const struct row *r)
{
    return goes_on(cx, r) || is_paused(cx, r);
}

const struct record_type sequence_type = {
    .name = "sequence",
    .label = "Sequence",
    .plural = "Sequences",
    .path = "sequences",
    .icon = "route",
    .section = "sales",
    .menu_order = 5,
    .sort = "name",
    .title = SEQUENCE_NAME,
    .fields = fields,
    .field_count = SEQUENCE_FIELDS,
    .seen_if = "shared = 'everyone'",
    .empty = "Mails, calls and tasks one after the other, from your own mailbox, that stop by "
             "themselves when somebody answers or books a meeting.",
    RELATED({ "enrolment", "sequence_id", "Who is in it" }),
    .detail = sequence_detail,
    .detail_template = "sequence/detail",
};
const struct record_type sequence_step_type = {
    .name = "sequence_step",
    .label = "Step",
    .plural = "Steps of sequences",
    .path = "sequence-steps",
    .icon = "list-check",
    .sort = "position",
    .title = STEP_SUBJECT,
    .title_of = step_title,
    .fields = step_fields,
    .field_count = STEP_FIELDS,
    .flags = TYPE_SYSTEM,
    .seen_if = "sequence_id.shared = 'everyone' or sequence_id.owner_id = me",
    .empty = "What a sequence does, one after the other.",
    .defaults = step_defaults,
    .validate = step_validate,
};
const struct record_type enrolment_type = {
    .name = "enrolment",
    .label = "Enrolment",
    .plural = "Enrolments",
    .path = "enrolments",
    .icon = "route",
    .sort = "-created_at",
    .title = ENROLMENT_CONTACT,
    .title_of = enrolment_title,
    .fields = enrolment_fields,
    .field_count = ENROLMENT_FIELDS,
    .flags = TYPE_SYSTEM,
    INDEXES({ "enrolment_due", "status, due_at", "deleted_at IS NULL" },
            { "enrolment_of_contact", "contact_id, status", "deleted_at IS NULL" }),
    .empty = "Who goes through a sequence, and where they stand. Enrol people from their page, "
             "from a list of contacts or from the lead inbox.",
    RELATED({ "enrolment_step", "enrolment_id", "Steps taken" }),
    ACTIONS(
        { "stop", "Stop", NULL, true, is_not_over, "Stop this sequence? What waits is taken off." },
        { "pause", "Pause", NULL, false, goes_on }, { "resume", "Go on", NULL, true, is_paused }),
    .validate = enrolment_validate,
    .saved = enrolment_saved,
    .detail = enrolment_detail,
    .detail_template = "sequence/enrolment",
};
const struct record_type taken_type = {
    .name = "enrolment_step",
    .label = "Step taken",
    .plural = "Steps taken",
    .path = "enrolment-steps",
    .icon = "route",
    .sort = "-created_at",
    .title = TAKEN_SUBJECT,
    .title_of = taken_title,
    .fields = taken_fields,
    .field_count = TAKEN_FIELDS,
    .flags = TYPE_SYSTEM | TYPE_NO_CREATE | TYPE_NO_UPDATE | TYPE_NO_DELETE,
    INDEXES({ "enrolment_step_sent", "owner_id, at", "status = 'sent' AND deleted_at IS NULL" }),
    .empty = "What sequences did with people, and what came of it.",
};

static const struct event_kind kinds_of_events[] = {
    { "sequence_begun", "Sequence begun", "route", KIND_SALES | KIND_OURS, "enrolment" },
    { "sequence_ended", "Sequence ended", "route", KIND_SALES | KIND_OURS, "enrolment" },
};

#define TAKEN(condition)                                                                     \
    .unit = UNIT_COUNT, .team = "sales", .source = METRIC_RECORDS, .type = "enrolment_step", \
    .filter = (condition), .aggregate = AGG_COUNT, .owner_path = "owner_id"
static const struct metric metrics[] = {
    { .name = "sequence_mails",
      .label = "Sequence mails",
      .definition = "Mails that sales sequences sent in the period.",
      TAKEN("kind = 'mail' and status = 'sent'"),
      .date = "at" },
    { .name = "sequence_opens",
      .label = "Sequence mails opened",
      .definition = "Mails of sequences that a person opened, by the day they did first.",
      TAKEN("opened_at is not empty"),
      .date = "opened_at" },
    { .name = "sequence_replies",
      .label = "Answers to sequences",
      .definition = "People who answered while a sequence went on, by the day they did; the newest "
                    "mail before counts.",
      TAKEN("replied_at is not empty"),
      .date = "replied_at" },
    { .name = "sequence_meetings",
      .label = "Meetings from sequences",
      .definition = "Meetings that were booked while a sequence went on.",
      TAKEN("booked_at is not empty"),
      .date = "booked_at" },
    { .name = "sequence_opt_outs",
      .label = "Opt-outs from sequences",
      .definition = "People who took consent back while a sequence went on.",
      TAKEN("opted_out_at is not empty"),
      .date = "opted_out_at",
      .less_is_better = true },
};

const struct feature feature_sequence = {
    .name = "sequence",
    TYPES(&sequence_type, &sequence_step_type, &enrolment_type, &taken_type),
    EVENT_KINDS(kinds_of_events),
    METRICS(metrics),
};
