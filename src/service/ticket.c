/* ticket.c -- the records of service: tickets, their queues, macros; what a status means, and the
 * numbers that are asked of tickets. */
#include "service/ticket.h"
#include "base/buf.h"
#include "base/id.h"
#include "base/utf8.h"
#include "bridge/contact.h"
#include "kit/question.h"
#include "mail/snippet.h"
#include "service/ticket_int.h"

static const struct choice statuses[] = {
    { "new", "New", "violet" },
    { "open", "Open", "red" },
    { "pending", "Pending", "blue" },
    { "on_hold", "On hold", "gray" },
    { "solved", "Solved", "green" },
    { "closed", "Closed", "gray" },
    { NULL, NULL, NULL },
};
static const struct choice priorities[] = {
    { "low", "Low", "gray" },      { "normal", "Normal", "blue" }, { "high", "High", "orange" },
    { "urgent", "Urgent", "red" }, { NULL, NULL, NULL },
};

static const struct field fields[] = {
    [TICKET_CODE] = { "code", FIELD_TEXT, "Number", COMPUTED | SEARCHED | UNIQUE, .max_len = 20 },
    [TICKET_SUBJECT] = { "subject", FIELD_TEXT, "Subject", REQUIRED | SEARCHED, .max_len = 200 },
    [TICKET_STATUS] = { "status", FIELD_CHOICE, "Status", REQUIRED | LISTED | TRACKED | INDEXED,
                        .otherwise = "new", .choices = statuses },
    [TICKET_PRIORITY] = { "priority", FIELD_CHOICE, "Priority", REQUIRED | LISTED | TRACKED,
                          .otherwise = "normal", .choices = priorities },
    [TICKET_CONTACT] = { "contact_id", FIELD_REF, "Contact", LISTED, .ref = "contact" },
    [TICKET_COMPANY] = { "company_id", FIELD_REF, "Company", 0, .ref = "company" },
    [TICKET_QUEUE] = { "queue_id", FIELD_REF, "Queue", LISTED | TRACKED, .ref = "ticket_queue" },
    [TICKET_ASSIGNEE] = { "assignee_id", FIELD_REF, "Assignee", LISTED | OWNER | TRACKED,
                          .ref = "user" },
    [TICKET_CHANNEL] = { "channel", FIELD_CHOICE, "Channel", COMPUTED, .otherwise = "mail",
                         .choices = CHOICES({ "mail", "Mail", "amber" }, { "chat", "Chat", "teal" },
                                            { "form", "Form", "blue" }, { "api", "API", "violet" },
                                            { "phone", "Phone", "green" },
                                            { "handover", "Won deal", "green" }) },
    [TICKET_TAGS] = { "tags", FIELD_TAGS, "Tags", 0 },
    [TICKET_ACTIVE] = { "active", FIELD_BOOL, "To be solved", COMPUTED | INDEXED },
    [TICKET_DUE_AT] = { "due_at", FIELD_TIME, "Due", COMPUTED | LISTED | INDEXED,
                        .group = "Promises" },
    [TICKET_POLICY] = { "policy_id", FIELD_REF, "Promise", COMPUTED, .ref = "sla_policy" },
    [TICKET_FIRST_DUE] = { "first_response_due", FIELD_TIME, "First answer due", COMPUTED },
    [TICKET_FIRST_AT] = { "first_response_at", FIELD_TIME, "First answer", COMPUTED | INDEXED },
    [TICKET_FIRST_HOURS] = { "first_response_hours", FIELD_DECIMAL,
                             "Working hours to the first answer", COMPUTED },
    [TICKET_FIRST_BREACHED] = { "first_response_breached", FIELD_BOOL, "First answer was late",
                                COMPUTED },
    [TICKET_RESOLVE_DUE] = { "resolve_due", FIELD_TIME, "Solution due", COMPUTED },
    [TICKET_SOLVED_AT] = { "solved_at", FIELD_TIME, "Solved", COMPUTED | INDEXED },
    [TICKET_RESOLVE_HOURS] = { "resolution_hours", FIELD_DECIMAL, "Working hours to the solution",
                               COMPUTED },
    [TICKET_RESOLVE_BREACHED] = { "resolution_breached", FIELD_BOOL, "Solution was late",
                                  COMPUTED },
    [TICKET_PAUSED_SINCE] = { "paused_since", FIELD_TIME, "Paused since", COMPUTED },
    [TICKET_PAUSED_MINUTES] = { "paused_minutes", FIELD_INT, "Minutes paused", COMPUTED,
                                .otherwise = "0" },
    [TICKET_CLOSED_AT] = { "closed_at", FIELD_TIME, "Closed", COMPUTED },
    [TICKET_REOPENED] = { "reopened", FIELD_INT, "Times reopened", COMPUTED, .otherwise = "0" },
    [TICKET_CSAT] = { "csat", FIELD_INT, "Rating", COMPUTED, .min = 1, .max = 5,
                      .group = "Rating" },
    [TICKET_CSAT_COMMENT] = { "csat_comment", FIELD_LONG, "Comment", COMPUTED, .max_len = 2000 },
    [TICKET_CSAT_AT] = { "csat_at", FIELD_TIME, "Rated", COMPUTED | INDEXED },
    [TICKET_MERGED_INTO] = { "merged_into_id", FIELD_REF, "Merged into", COMPUTED, .ref = "ticket",
                             .group = "Belongs to" },
    [TICKET_FOLLOWS] = { "follows_id", FIELD_REF, "Follows", COMPUTED, .ref = "ticket" },
    [TICKET_CONVERSATION] = { "conversation_id", FIELD_REF, "Conversation", COMPUTED,
                              .ref = "conversation" },
    [TICKET_EMAIL] = { "email", FIELD_EMAIL, "Answers go to", SEARCHED },
    [TICKET_MAILBOX] = { "mailbox_id", FIELD_REF, "Came into", COMPUTED, .ref = "mailbox" },
    [TICKET_NEXT_AT] = { "next_at", FIELD_TIME, "Looked at next", INTERNAL | INDEXED },
    [TICKET_ESCALATED] = { "escalated", FIELD_TEXT, "Escalations done", INTERNAL, .max_len = 900 },
    [TICKET_DEAL] = { "deal_id", FIELD_REF, "Deal", COMPUTED, .ref = "deal" },
    [TICKET_CC] = { "cc", FIELD_LONG, "Copy to", 0, .max_len = 6000,
                    .help = "Mail addresses, parted by commas: they get the answers, too." },
};
_Static_assert(countof(fields) == TICKET_FIELDS, "enum and table differ");

static const struct field queue_fields[] = {
    [QUEUE_NAME] = { "name", FIELD_TEXT, "Name", REQUIRED | LISTED | SEARCHED, .max_len = 80 },
    [QUEUE_TAG] = { "mail_tag", FIELD_TEXT, "Mail address tag", LISTED, .max_len = 40,
                    .help = "\"billing\": what comes to support+billing@ goes here." },
    [QUEUE_PRIORITY] = { "priority", FIELD_CHOICE, "Priority", LISTED, .choices = priorities,
                         .help = "Of tickets that come in here." },
    [QUEUE_ASSIGN] = { "assign", FIELD_CHOICE, "Assigned to", LISTED | REQUIRED,
                       .otherwise = "nobody",
                       .choices =
                           CHOICES({ "nobody", "Nobody: who likes takes one", "gray" },
                                   { "user", "One colleague", "blue" },
                                   { "team", "Whoever of a team has the fewest", "green" }) },
    [QUEUE_USER] = { "user_id", FIELD_REF, "Colleague", 0, .ref = "user" },
    [QUEUE_TEAM] = { "team_id", FIELD_REF, "Team", 0, .ref = "team" },
    [QUEUE_PROMISES] = { "promises", FIELD_BOOL, "Promises hold here", 0, .otherwise = "true",
                         .group = "What it is for",
                         .help = "Without, SLA policies pass its tickets by: for work that takes "
                                 "weeks by its nature." },
    [QUEUE_HANDOVER] = { "takes_handovers", FIELD_BOOL, "Won deals come here", LISTED,
                         .help = "Their hand-over to service, with what was bought and promised. "
                                 "Without such a queue one is made." },
};
_Static_assert(countof(queue_fields) == QUEUE_FIELDS, "enum and table differ");

static const struct field macro_fields[] = {
    [MACRO_NAME] = { "name", FIELD_TEXT, "Name", REQUIRED | LISTED | SEARCHED, .max_len = 80 },
    [MACRO_TEXT] = { "text", FIELD_LONG, "Answer", LISTED, .max_len = MESSAGE_BYTES_MOST,
                     .help = "Stands ready in the answer; it can be changed before it is sent. "
                             "Filled in: "
                             "{{contact.first_name|there}}, {{company.name}}, {{ticket.code}}, "
                             "{{sender.name}} for who sends it, and their like." },
    [MACRO_STATUS] = { "status", FIELD_CHOICE, "Status", LISTED, .choices = statuses,
                       .group = "What it sets" },
    [MACRO_PRIORITY] = { "priority", FIELD_CHOICE, "Priority", LISTED, .choices = priorities },
    [MACRO_QUEUE] = { "queue_id", FIELD_REF, "Queue", 0, .ref = "ticket_queue" },
    [MACRO_ASSIGN] = { "assign_me", FIELD_BOOL, "Assign it to whoever uses it", 0 },
    [MACRO_TAGS] = { "tags", FIELD_TAGS, "Tags that are added", 0 },
};
_Static_assert(countof(macro_fields) == MACRO_FIELDS, "enum and table differ");

bool status_is_over(const char *status)
{
    return text_is(status, "solved") || text_is(status, "closed");
}

bool ticket_is_active(const struct row *r) { return !status_is_over(row_text(r, TICKET_STATUS)); }

enum status ticket_contact(struct ctx *cx, const struct row *t, struct row **contact)
{
    enum status s = E_NOT_FOUND;

    *contact = NULL;
    if (row_has(t, TICKET_CONTACT))
        s = record_get(cx, &contact_type, row_i64(t, TICKET_CONTACT), contact);
    if (s != E_NOT_FOUND)
        return s;
    ctx_clear_error(cx);
    *contact = NULL;
    return OK;
}

/* ---- saving ---- */

static enum status give_number(struct ctx *cx, struct row *r)
{
    i64 number;

    if (row_has(r, TICKET_CODE))
        return OK;
    TRY(db_get_i64(cx, &number, "ticket.number"));
    row_set_text(r, TICKET_CODE, arena_printf(cx->arena, "T-%lld", (long long)number));
    return OK;
}

static enum status take_company(struct ctx *cx, struct row *r)
{
    scoped(access_leave) struct access_guard guard = access_enter_system(cx);
    struct row *contact;
    enum status s;
    int company;

    if (row_has(r, TICKET_COMPANY) || !row_has(r, TICKET_CONTACT))
        return OK;
    s = record_get_named(cx, "contact", row_i64(r, TICKET_CONTACT), &contact);
    if (s == E_NOT_FOUND) {
        ctx_clear_error(cx);
        return OK;
    }
    TRY(s);
    company = type_field(row_type(contact), "company_id");
    if (row_has(contact, company))
        row_set_i64(r, TICKET_COMPANY, row_i64(contact, company));
    return OK;
}

/* When it was solved and closed, and how often it came back. */
static void stamp_status(struct ctx *cx, struct row *r)
{
    const struct row *before = row_before(r);
    const char *now = row_text(r, TICKET_STATUS),
               *was = before ? row_text(before, TICKET_STATUS) : "";

    if (status_is_over(now)) {
        if (!row_has(r, TICKET_SOLVED_AT))
            row_set_i64(r, TICKET_SOLVED_AT, ctx_now(cx));
    } else {
        row_clear(r, TICKET_SOLVED_AT);
        row_clear(r, TICKET_RESOLVE_HOURS);
        if (status_is_over(was))
            row_set_i64(r, TICKET_REOPENED, row_i64(r, TICKET_REOPENED) + 1);
    }
    if (!text_is(now, "closed"))
        row_clear(r, TICKET_CLOSED_AT);
    else if (!row_has(r, TICKET_CLOSED_AT))
        row_set_i64(r, TICKET_CLOSED_AT, ctx_now(cx));
    row_set_i64(r, TICKET_ACTIVE, !status_is_over(now));
}

static enum status ticket_validate(struct ctx *cx, struct row *r)
{
    TRY(take_company(cx, r));
    TRY(ticket_cc_settle(cx, r));
    if (row_is_new(r) || row_changed(r, TICKET_STATUS))
        stamp_status(cx, r);
    TRY(sla_settle(cx, r));
    return give_number(cx, r);
}

static enum status tell(struct ctx *cx, struct row *r, const char *kind, const char *happening)
{
    struct val *props = val_map(cx->arena);

    val_put_text(props, "name", row_title(cx, r));
    val_put_text(props, "by", cx->access->user_id ? cx->access->name : "");
    TRY(journey_note(cx, &(struct journey_note){ .kind = kind,
                                                 .contact_id = row_i64(r, TICKET_CONTACT),
                                                 .record_id = row_id(r),
                                                 .props = props }));
    return happen(cx, &(struct happening){ .name = happening,
                                           .row = r,
                                           .contact_id = row_i64(r, TICKET_CONTACT),
                                           .props = props });
}

static enum status tell_assignee(struct ctx *cx, const struct row *r)
{
    i64 who = row_i64(r, TICKET_ASSIGNEE);

    if (who == 0 || who == cx->access->user_id || !ticket_is_active(r) ||
        !row_changed(r, TICKET_ASSIGNEE))
        return OK;
    return notify(cx, who, "ticket", arena_printf(cx->arena, "%s is yours", row_title(cx, r)),
                  row_path(cx, r));
}

static enum status ticket_saved(struct ctx *cx, struct row *r)
{
    const struct row *before = row_before(r);
    bool over = !ticket_is_active(r), was_over = before && !ticket_is_active(before);

    TRY(sla_wake(cx, r));
    TRY(tell_assignee(cx, r));
    if (!before)
        return tell(cx, r, "ticket_opened", "ticket.opened");
    if (over && !was_over)
        return tell(cx, r, "ticket_solved", "ticket.solved");
    if (!over && was_over)
        return tell(cx, r, "ticket_reopened", "ticket.reopened");
    return OK;
}

static const char *title_of(struct ctx *cx, const struct row *r)
{
    return arena_printf(cx->arena, "%s %s", row_text(r, TICKET_CODE), row_text(r, TICKET_SUBJECT));
}

static enum status queue_validate(struct ctx *cx, struct row *r)
{
    const char *how = row_text(r, QUEUE_ASSIGN);
    const char *tag = text_lower_ascii(cx->arena, row_text(r, QUEUE_TAG));

    if (text_is(how, "user") && !row_has(r, QUEUE_USER))
        return ctx_fail_field(cx, "user_id", "required", "Say which colleague gets the tickets.");
    if (text_is(how, "team") && !row_has(r, QUEUE_TEAM))
        return ctx_fail_field(cx, "team_id", "required", "Say whose team gets the tickets.");
    if (tag[strspn(tag, "abcdefghijklmnopqrstuvwxyz0123456789-_.")] != '\0')
        return ctx_fail_field(cx, "mail_tag", "queue.tag",
                              "A tag has letters, digits, - and _ only.");
    row_set_text(r, QUEUE_TAG, tag);
    return OK;
}

/* What macros said before they knew the words of mails. */
const char *macro_words(struct ctx *cx, const char *text, const char *name)
{
    const struct {
        const char *old, *now;
    } words[] = { { "{{name}}", text_empty(name) || strpbrk(name, "{}|")
                                    ? "{{contact.name}}"
                                    : arena_printf(cx->arena, "{{contact.name|%s}}", name) },
                  { "{{ticket}}", "{{ticket.code}}" },
                  { "{{me}}", "{{sender.name}}" } };
    struct buf b = buf_in(cx->arena, MESSAGE_BYTES_MOST * 8);

    while (*text != '\0') {
        size_t i = 0;
        while (i < countof(words) && strncmp(text, words[i].old, strlen(words[i].old)) != 0)
            i++;
        if (i < countof(words)) {
            buf_text(&b, words[i].now);
            text += strlen(words[i].old);
        } else {
            buf_char(&b, *text++);
        }
    }
    return buf_end(&b);
}

static enum status macro_validate(struct ctx *cx, struct row *r)
{
    if (!row_is_new(r) && !row_changed(r, MACRO_TEXT))
        return OK;
    row_set_text(r, MACRO_TEXT, macro_words(cx, row_text(r, MACRO_TEXT), ""));
    return snippet_check(cx, row_text(r, MACRO_TEXT));
}

const struct record_type ticket_type = {
    .name = "ticket",
    .label = "Ticket",
    .plural = "Tickets",
    .path = "tickets",
    .icon = "ticket",
    .section = "service",
    .menu_order = 2,
    .sort = "-created_at",
    .title = TICKET_SUBJECT,
    .title_of = title_of,
    .fields = fields,
    .field_count = TICKET_FIELDS,
    .flags = TYPE_NO_CREATE | TYPE_OWN_DETAIL,
    .empty = "A ticket is somebody who needs something. They come from mail, chat, forms and the "
             "API; each has a number, somebody who cares, and a time by which it is answered.",
    INDEXES({ "ticket_desk", "active, assignee_id, due_at, id, deleted_at" },
            { "ticket_due", "active, due_at, id, deleted_at" },
            { "ticket_nobodys", "due_at, id",
              "active = 1 AND assignee_id IS NULL AND deleted_at IS NULL" }),
    .validate = ticket_validate,
    .saved = ticket_saved,
};
const struct record_type ticket_queue_type = {
    .name = "ticket_queue",
    .label = "Queue",
    .plural = "Queues",
    .path = "ticket-queues",
    .icon = "stack-2",
    .section = "service",
    .menu_order = MENU_SELDOM + 9,
    .sort = "name",
    .title = QUEUE_NAME,
    .fields = queue_fields,
    .field_count = QUEUE_FIELDS,
    .empty = "Queues part tickets by what they are about: billing, returns, installation.",
    RELATED({ "ticket", "queue_id", "Tickets" }),
    .validate = queue_validate,
};
const struct record_type macro_type = {
    .name = "macro",
    .label = "Macro",
    .plural = "Macros",
    .path = "macros",
    .icon = "bolt",
    .section = "service",
    .menu_order = MENU_SELDOM + 10,
    .sort = "name",
    .title = MACRO_NAME,
    .fields = macro_fields,
    .field_count = MACRO_FIELDS,
    .empty = "A macro does in one go what you do often: an answer, a status, a queue, tags.",
    .validate = macro_validate,
};

static const struct event_kind kinds[] = {
    { "ticket_opened", "Ticket opened", "ticket", KIND_SALES, "ticket" },
    { "ticket_answered", "Ticket answered", "ticket", KIND_SALES, "ticket" },
    { "ticket_solved", "Ticket solved", "check", KIND_SALES, "ticket" },
    { "ticket_reopened", "Ticket reopened", "refresh", KIND_SALES, "ticket" },
    { "ticket_rated", "Rated us", "star", KIND_SALES, "ticket" },
};

#define BY_ORIGIN                                                                             \
    .channel_path = "contact_id.first_channel", .campaign_path = "contact_id.first_campaign", \
    .owner_path = "assignee_id"
/* What customers asked for; a won deal's hand-over is our own work. */
#define ASKED "channel != 'handover'"
#define OF_TICKETS .team = "service", .source = METRIC_RECORDS, .type = "ticket"
#define SHARE_OF(a, b) .source = METRIC_DIVIDED, .numerator = a, .denominator = b
static const struct metric metrics[] = {
    { .name = "tickets_created",
      .label = "Tickets created",
      .unit = UNIT_COUNT,
      OF_TICKETS,
      .definition = "Tickets that customers opened in the period, or we for them, through whatever "
                    "channel; hand-overs of won deals do not count.",
      .filter = ASKED,
      .aggregate = AGG_COUNT,
      .date = "created_at",
      BY_ORIGIN },
    { .name = "tickets_solved",
      .label = "Tickets solved",
      .unit = UNIT_COUNT,
      OF_TICKETS,
      .definition =
          "Tickets solved in the period that have not been reopened since; merged ones and "
          "hand-overs of won deals do not count.",
      .filter = "solved_at is not empty and merged_into_id is empty and " ASKED,
      .aggregate = AGG_COUNT,
      .date = "solved_at",
      BY_ORIGIN },
    { .name = "ticket_backlog",
      .label = "Ticket backlog",
      .unit = UNIT_COUNT,
      OF_TICKETS,
      .less_is_better = true,
      .definition = "Tickets that are neither solved nor closed.",
      .filter = "status != 'solved' and status != 'closed'",
      .aggregate = AGG_COUNT,
      .time = AT_NOW,
      BY_ORIGIN },
    { .name = "first_response_time",
      .label = "First response time",
      .unit = UNIT_HOURS,
      OF_TICKETS,
      .less_is_better = true,
      .definition = "Median of the working hours from opening a ticket to our first answer, of "
                    "first answers given in the period, hand-overs of won deals aside. Where a "
                    "promise counts day and night, so do these.",
      .filter = "first_response_at is not empty and " ASKED,
      .aggregate = AGG_MEDIAN,
      .field = "first_response_hours",
      .date = "first_response_at",
      BY_ORIGIN },
    { .name = "resolution_time",
      .label = "Resolution time",
      .unit = UNIT_HOURS,
      OF_TICKETS,
      .less_is_better = true,
      .definition = "Median of the working hours from opening a ticket to its solution, without "
                    "the time in which its promise was paused, of tickets solved in the period "
                    "that were not merged and are no hand-overs of won deals.",
      .filter = "solved_at is not empty and merged_into_id is empty and " ASKED,
      .aggregate = AGG_MEDIAN,
      .field = "resolution_hours",
      .date = "solved_at",
      BY_ORIGIN },
    { .name = "tickets_solved_reopened",
      .label = "Solved after a reopening",
      .unit = UNIT_COUNT,
      OF_TICKETS,
      .less_is_better = true,
      .definition = "Tickets solved in the period that had been reopened at least once.",
      .filter = "solved_at is not empty and merged_into_id is empty and reopened > 0 and " ASKED,
      .aggregate = AGG_COUNT,
      .date = "solved_at",
      BY_ORIGIN },
    { .name = "reopened_rate",
      .label = "Reopened rate",
      .unit = UNIT_RATIO,
      .team = "service",
      .less_is_better = true,
      .definition = "Of the tickets solved in the period, the share that had been reopened.",
      SHARE_OF("tickets_solved_reopened", "tickets_solved") },
    { .name = "first_responses_due",
      .label = "First answers promised",
      .unit = UNIT_COUNT,
      OF_TICKETS,
      .definition = "Tickets whose first answer fell due in the period, and that were answered or "
                    "are late.",
      .filter = "first_response_due is not empty and (first_response_at is not empty or "
                "first_response_breached is true)",
      .aggregate = AGG_COUNT,
      .date = "first_response_due",
      BY_ORIGIN },
    { .name = "first_responses_kept",
      .label = "First answers in time",
      .unit = UNIT_COUNT,
      OF_TICKETS,
      .definition = "Of the first answers that fell due in the period, those given in time.",
      .filter = "first_response_due is not empty and first_response_at is not empty and "
                "first_response_breached is false",
      .aggregate = AGG_COUNT,
      .date = "first_response_due",
      BY_ORIGIN },
    { .name = "sla_first_response",
      .label = "First response SLA",
      .unit = UNIT_RATIO,
      .team = "service",
      .definition = "Share of the first answers due in the period that were given in time.",
      SHARE_OF("first_responses_kept", "first_responses_due") },
    { .name = "resolutions_due",
      .label = "Solutions promised",
      .unit = UNIT_COUNT,
      OF_TICKETS,
      .definition = "Tickets whose solution fell due in the period, and that were solved or are "
                    "late.",
      .filter = "resolve_due is not empty and (solved_at is not empty or resolution_breached is "
                "true)",
      .aggregate = AGG_COUNT,
      .date = "resolve_due",
      BY_ORIGIN },
    { .name = "resolutions_kept",
      .label = "Solutions in time",
      .unit = UNIT_COUNT,
      OF_TICKETS,
      .definition = "Of the solutions that fell due in the period, those found in time.",
      .filter = "resolve_due is not empty and solved_at is not empty and resolution_breached is "
                "false",
      .aggregate = AGG_COUNT,
      .date = "resolve_due",
      BY_ORIGIN },
    { .name = "sla_resolution",
      .label = "Resolution SLA",
      .unit = UNIT_RATIO,
      .team = "service",
      .definition = "Share of the solutions due in the period that were found in time.",
      SHARE_OF("resolutions_kept", "resolutions_due") },
    { .name = "tickets_rated",
      .label = "Tickets rated",
      .unit = UNIT_COUNT,
      OF_TICKETS,
      .definition = "Tickets that customers rated in the period.",
      .filter = "csat is not empty",
      .aggregate = AGG_COUNT,
      .date = "csat_at",
      BY_ORIGIN },
    { .name = "tickets_rated_good",
      .label = "Tickets rated good",
      .unit = UNIT_COUNT,
      OF_TICKETS,
      .definition = "Tickets rated with 4 or 5 of 5 in the period.",
      .filter = "csat >= 4",
      .aggregate = AGG_COUNT,
      .date = "csat_at",
      BY_ORIGIN },
    { .name = "csat",
      .label = "Customer satisfaction",
      .unit = UNIT_RATIO,
      .team = "service",
      .definition = "CSAT: of the tickets rated in the period, the share rated with 4 or 5 of 5.",
      SHARE_OF("tickets_rated_good", "tickets_rated") },
};

const struct feature feature_ticket = {
    .name = "ticket",
    TYPES(&ticket_type, &ticket_queue_type, &macro_type),
    METRICS(metrics),
    EVENT_KINDS(kinds),
};
