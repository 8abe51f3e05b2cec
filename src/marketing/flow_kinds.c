/* flow_kinds.c -- what steps there are, what each is asked, and how it reads. Forms, checks, the
 * comparison of versions and the API follow from these tables. */
#include "base/id.h"
#include "kit/filter.h"
#include "marketing/flow_run_int.h"

#define ASKS(t) .asks = (t), .ask_count = countof(t)

static const struct choice units[] = {
    { "minutes", "minutes", NULL }, { "hours", "hours", NULL }, { "days", "days", NULL },
    { "weeks", "weeks", NULL },     { NULL, NULL, NULL },
};
static const struct choice zones[] = {
    { "workspace", "The workspace's", NULL },
    { "person", "The person's", NULL },
    { NULL, NULL, NULL },
};
/* Everything that a flow may wait for. Triggers, goals and waits offer parts of it. */
#define ON_EVENT                                            \
    {                                                       \
        "event", "Something happens on their journey", NULL \
    }
#define ON_FORM                            \
    {                                      \
        "form", "They submit a form", NULL \
    }
#define ON_SEGMENT \
    { "segment_in", "They enter a segment", NULL }, { "segment_out", "They leave a segment", NULL }
#define ON_FIELD \
    { "field", "A field changes", NULL }, { "score", "Their score crosses a line", NULL }
#define ON_DEAL                                \
    {                                          \
        "deal", "A deal reaches a stage", NULL \
    }
#define ON_MAIL                              \
    {                                        \
        "mail", "They react to a mail", NULL \
    }
#define ON_FILTER                             \
    {                                         \
        "filter", "They match a filter", NULL \
    }
#define ON_DATE                      \
    {                                \
        "date", "A date comes", NULL \
    }
#define ON_HAND                                           \
    {                                                     \
        "hand", "Only by hand, API or another flow", NULL \
    }
static const struct choice trigger_on[] = { ON_FORM,  ON_EVENT, ON_SEGMENT,
                                            ON_FIELD, ON_DEAL,  ON_MAIL,
                                            ON_DATE,  ON_HAND,  { NULL, NULL, NULL } };
static const struct choice goal_on[] = { ON_FILTER, ON_EVENT, ON_FORM, ON_SEGMENT,
                                         ON_FIELD,  ON_DEAL,  ON_MAIL, { NULL, NULL, NULL } };
static const struct choice mail_whats[] = {
    { "opened", "opened", NULL },
    { "clicked", "clicked", NULL },
    { "replied", "replied", NULL },
    { "bounced", "bounced", NULL },
    { "unsubscribed", "unsubscribed", NULL },
    { NULL, NULL, NULL },
};
static const struct choice mail_from[] = {
    { "any", "any mail", NULL },
    { "flow", "a mail of this flow", NULL },
    { NULL, NULL, NULL },
};

#define SPEC_ASKS(choices_of, first)                                                          \
    { "on", "When", ASK_CHOICE, REQUIRED, .choices = (choices_of), .otherwise = (first) },    \
        { "event", "What happens", ASK_EVENT, REQUIRED, .only = "on", .only_is = "event" },   \
        { "page",                                                                             \
          "On the page",                                                                      \
          ASK_TEXT,                                                                           \
          0,                                                                                  \
          "Path of the page; * stands for anything: /pricing or /docs/*. Empty: every page.", \
          .only = "on",                                                                       \
          .only_is = "event" },                                                               \
        { "name",                                                                             \
          "Called",                                                                           \
          ASK_TEXT,                                                                           \
          0,                                                                                  \
          "The name that the event carries, for example of an action or a form. Empty: any.", \
          .only = "on",                                                                       \
          .only_is = "event" },                                                               \
        { "form",        "Form",       ASK_REF,          0, "Empty: every form.",             \
          .ref = "form", .only = "on", .only_is = "form" },                                   \
        { "segment",                                                                          \
          "Segment",                                                                          \
          ASK_REF,                                                                            \
          REQUIRED,                                                                           \
          .ref = "segment",                                                                   \
          .only = "on",                                                                       \
          .only_is = "segment_in,segment_out" },                                              \
        { "field", "Field", ASK_FIELD, REQUIRED, .only = "on", .only_is = "field" },          \
        { "to",         "To the value",    ASK_TEXT, 0, "Empty: whatever it changes to.",     \
          .only = "on", .only_is = "field" },                                                 \
        { "line",         "Line",        ASK_INT,      REQUIRED,                              \
          .min = -100000, .max = 100000, .only = "on", .only_is = "score" },                  \
        { "stage",                                                                            \
          "Stage",                                                                            \
          ASK_REF,                                                                            \
          0,                                                                                  \
          "Empty: a new deal, in whatever stage.",                                            \
          .ref = "stage",                                                                     \
          .only = "on",                                                                       \
          .only_is = "deal" },                                                                \
        { "what",       "They have",           ASK_CHOICE,                                    \
          REQUIRED,     .choices = mail_whats, .otherwise = "clicked",                        \
          .only = "on", .only_is = "mail" },                                                  \
    {                                                                                         \
        "from", "It is", ASK_CHOICE, REQUIRED, .choices = mail_from, .otherwise = "any",      \
                                               .only = "on", .only_is = "mail"                \
    }

/* ---- how people come in, and what ends it ---- */
static const struct choice agains[] = {
    { "never", "Once, ever", NULL },
    { "always", "Again, when they are through", NULL },
    { "after", "Again, some days after they entered", NULL },
    { NULL, NULL, NULL },
};
static const struct flow_ask entry_asks[] = {
    { "again", "A person goes through it", ASK_CHOICE, REQUIRED, .choices = agains,
      .otherwise = "never" },
    { "days", "Days after entering", ASK_INT, REQUIRED, .min = 1, .max = 3650, .otherwise = "90",
      .only = "again", .only_is = "after" },
    { "times", "At most so many times", ASK_INT, 0, "Empty: as often as it comes.", .min = 1,
      .max = 1000, .only = "again", .only_is = "always,after" },
    { "filter", "Only who matches", ASK_FILTER, 0, "Everybody else does not enter." },
    { "suppress", "Nobody of the segment", ASK_REF, 0, "Who is in it does not enter.",
      .ref = "segment" },
};
const struct flow_kind flow_entry_kind = {
    "entry", "Who enters", "users", "", "", ASKS(entry_asks)
};

static const struct flow_ask trigger_asks[] = {
    SPEC_ASKS(trigger_on, "form"),
    { "date", "The date", ASK_DATE_FIELD, REQUIRED, .only = "on", .only_is = "date" },
    { "days", "Days after it", ASK_INT, 0, "Below 0: before it. 0: on the day.", .min = -3650,
      .max = 3650, .otherwise = "0", .only = "on", .only_is = "date" },
    { "yearly", "Every year", ASK_BOOL, 0, "Birthdays, anniversaries.", .only = "on",
      .only_is = "date" },
    { "filter", "And they match", ASK_FILTER, 0, "Empty: everybody.", .only = "on",
      .only_is = "form,event,segment_in,segment_out,field,score,deal,mail,date" },
};
const struct flow_kind flow_trigger_kind = { "trigger", "Trigger", "bolt",
                                             "",        "",        ASKS(trigger_asks) };
static const struct flow_ask goal_asks[] = {
    { "title", "Called", ASK_TEXT, 0, "For numbers and the log. Empty: what it is." },
    SPEC_ASKS(goal_on, "filter"),
    { "filter", "They match", ASK_FILTER, 0, NULL },
};
const struct flow_kind flow_goal_kind = { "goal", "Goal", "target", "", "", ASKS(goal_asks) };

/* ---- steps ---- */
static const struct flow_ask wait_asks[] = {
    { "amount", "Wait", ASK_INT, REQUIRED, .min = 1, .max = 10000, .otherwise = "1" },
    { "unit", "Unit", ASK_CHOICE, REQUIRED, .choices = units, .otherwise = "days" },
};
static const struct flow_ask wait_date_asks[] = {
    { "field", "The date", ASK_DATE_FIELD, REQUIRED },
    { "days", "Days after it", ASK_INT, 0, "Below 0: before it.", .min = -3650, .max = 3650,
      .otherwise = "0" },
    { "time", "At", ASK_TIME, 0, "Who has no such date, or whose date is past, goes on at once.",
      .otherwise = "09:00" },
    { "zone", "Whose clock", ASK_CHOICE, REQUIRED, .choices = zones, .otherwise = "workspace" },
};
static const struct choice whens[] = {
    { "working", "The next working hour", NULL },
    { "own", "A time and days of one's own", NULL },
    { NULL, NULL, NULL },
};
static const struct flow_ask wait_time_asks[] = {
    { "when", "Until", ASK_CHOICE, REQUIRED, .choices = whens, .otherwise = "working" },
    { "days", "On", ASK_DAYS, 0, "Empty: any day.", .otherwise = "mon,tue,wed,thu,fri",
      .only = "when", .only_is = "own" },
    { "begin", "From", ASK_TIME, REQUIRED, .otherwise = "09:00", .only = "when", .only_is = "own" },
    { "end", "To", ASK_TIME, 0,
      "Who comes within these hours goes on at once. Empty: the end of "
      "the day.",
      .otherwise = "17:00", .only = "when", .only_is = "own" },
    { "zone", "Whose clock", ASK_CHOICE, REQUIRED,
      "A person's follows from their time zone or country.", .choices = zones,
      .otherwise = "workspace", .only = "when", .only_is = "own" },
};
static const struct flow_ask wait_event_asks[] = {
    SPEC_ASKS(goal_on, "mail"),
    { "filter", "And they match", ASK_FILTER, 0, NULL },
    { "amount", "For at most", ASK_INT, REQUIRED, .min = 1, .max = 10000, .otherwise = "3" },
    { "unit", "Unit", ASK_CHOICE, REQUIRED, .choices = units, .otherwise = "days" },
};
static const struct flow_ask if_asks[] = {
    { "filter", "They match", ASK_FILTER, REQUIRED },
};
static const struct choice bys[] = {
    { "filter", "A filter for each path", NULL },
    { "field", "The value of a field", NULL },
    { NULL, NULL, NULL },
};
static const struct flow_ask branch_asks[] = {
    { "by", "Paths are told by", ASK_CHOICE, REQUIRED, .choices = bys, .otherwise = "filter" },
    { "field", "Field", ASK_FIELD, REQUIRED, .only = "by", .only_is = "field" },
};
static const struct flow_ask mail_asks[] = {
    { "content", "Mail", ASK_REF, 0, "One of your mails; or write a subject and a text here.",
      .ref = "mail_content" },
    { "subject", "Subject", ASK_TEXT, 0, "When no mail is chosen." },
    { "text", "Text", ASK_LONG, 0, "When no mail is chosen." },
    { "sender", "From", ASK_REF, 0, "Empty: the usual sender.", .ref = "sender" },
    { "topic", "Topic", ASK_REF, 0,
      "Goes only to who agreed to it. Empty: a mail that needs no consent, about something they "
      "asked for.",
      .ref = "topic" },
};
static const struct choice owners[] = {
    { "owner", "The contact's owner", NULL },
    { "user", "Somebody chosen", NULL },
    { NULL, NULL, NULL },
};
static const struct choice task_kinds[] = {
    { "task", "Task", NULL },
    { "call", "Call", NULL },
    { NULL, NULL, NULL },
};
static const struct flow_ask task_asks[] = {
    { "subject", "Subject", ASK_TEXT, REQUIRED },
    { "text", "Text", ASK_LONG, 0, NULL },
    { "what", "Kind", ASK_CHOICE, REQUIRED, .choices = task_kinds, .otherwise = "task" },
    { "days", "Due in days", ASK_INT, REQUIRED, .min = 0, .max = 365, .otherwise = "1" },
    { "whose", "For", ASK_CHOICE, REQUIRED, .choices = owners, .otherwise = "owner" },
    { "user", "User", ASK_REF, REQUIRED, .ref = "user", .only = "whose", .only_is = "user" },
};
static const struct flow_ask set_asks[] = {
    { "field", "Field", ASK_FIELD, REQUIRED },
    { "value", "Value", ASK_TEXT, 0, "Empty clears it. Dates may say today." },
};
static const struct choice adds[] = {
    { "add", "Add", NULL },
    { "remove", "Remove", NULL },
    { NULL, NULL, NULL },
};
static const struct flow_ask tag_asks[] = {
    { "do", "Do", ASK_CHOICE, REQUIRED, .choices = adds, .otherwise = "add" },
    { "tag", "Tag", ASK_TEXT, REQUIRED },
};
static const struct flow_ask segment_asks[] = {
    { "do", "Do", ASK_CHOICE, REQUIRED, .choices = adds, .otherwise = "add" },
    { "segment", "Segment", ASK_REF, REQUIRED, "One that is kept by hand.", .ref = "segment" },
};
static const struct flow_ask score_asks[] = {
    { "points", "Points", ASK_INT, REQUIRED, "Below 0 takes them away.", .min = -1000, .max = 1000,
      .otherwise = "10" },
    { "reason", "For", ASK_TEXT, 0,
      "Stands among the reasons of the score. Empty: the flow's "
      "name." },
};
static const struct flow_ask handoff_asks[] = {
    { "reason", "Because", ASK_TEXT, REQUIRED, "What the salesperson reads first." },
    { "note", "Note", ASK_LONG, 0, NULL },
    { "user", "To", ASK_REF, 0, "Empty: whose turn it is.", .ref = "user" },
};
static const struct flow_ask webhook_asks[] = {
    { "url", "Address", ASK_URL, REQUIRED },
    { "secret", "Secret", ASK_SECRET, REQUIRED,
      "Signs what is sent (HMAC-SHA256 over id, time and body), so that the receiver knows it is "
      "yours. At least 16 characters." },
};
static const struct flow_ask notify_asks[] = {
    { "text", "Text", ASK_TEXT, REQUIRED, "The person's name stands before it." },
    { "whose", "To", ASK_CHOICE, REQUIRED, .choices = owners, .otherwise = "owner" },
    { "user", "User", ASK_REF, REQUIRED, .ref = "user", .only = "whose", .only_is = "user" },
};
static const struct flow_ask deal_asks[] = {
    { "name", "Name", ASK_TEXT, REQUIRED, "The person's name stands before it.",
      .otherwise = "New business" },
    { "amount", "Amount", ASK_TEXT, 0, "For example 5000 EUR." },
    { "stage", "Stage", ASK_REF, 0, "Empty: the first.", .ref = "stage" },
};
static const struct flow_ask start_asks[] = {
    { "flow", "Flow", ASK_REF, REQUIRED, .ref = "flow" },
};
static const struct flow_ask goto_asks[] = {
    { "to", "Step", ASK_STEP, REQUIRED, "A loop is fine as long as somebody waits in it." },
};

static const struct flow_kind kinds[] = {
    { "mail", "Send a mail", "mail", "Reach", "Sends a mail to the person.", ASKS(mail_asks) },
    { "notify", "Notify a user", "bell", "Reach", "Tells a colleague at once.", ASKS(notify_asks) },
    { "task", "Make a task", "checkbox", "Reach", "Puts a task or a call into somebody's queue.",
      ASKS(task_asks) },
    { "handoff", "Hand over to sales", "hand-stop", "Reach",
      "Hands the lead over, with the reason.", ASKS(handoff_asks) },
    { "wait", "Wait", "clock", "Time", "Waits for a while.", ASKS(wait_asks) },
    { "wait_event", "Wait until something happens", "hourglass", "Time",
      "Waits for it, but not for ever: one path for each.", ASKS(wait_event_asks), PATHS_EVENT },
    { "wait_date", "Wait until a date", "calendar", "Time", "Waits until a date of the person.",
      ASKS(wait_date_asks) },
    { "wait_time", "Wait until a time of day", "sun", "Time",
      "Waits until working hours, or days and a time.", ASKS(wait_time_asks) },
    { "if", "Yes or no", "git-branch", "Ways", "Two paths by a filter.", ASKS(if_asks),
      PATHS_YES_NO },
    { "branch", "Branch", "arrows-split", "Ways", "Several paths; the first that fits is taken.",
      ASKS(branch_asks), PATHS_FREE },
    { "split", "Split by percent", "percentage", "Ways",
      "Chance decides; the same person always goes the same way.", NULL, 0, PATHS_FREE },
    { "goto", "Go to a step", "arrow-back-up", "Ways", "Goes on at another step.",
      ASKS(goto_asks) },
    { "exit", "Leave the flow", "logout", "Ways", "Ends it here.", NULL, 0, PATHS_NONE },
    { "set", "Set a field", "pencil", "Data", "Changes a field of the contact.", ASKS(set_asks) },
    { "tag", "Add or remove a tag", "tag", "Data", "Changes the contact's tags.", ASKS(tag_asks) },
    { "segment", "Add to or remove from a segment", "users", "Data",
      "Changes a segment that is kept by hand.", ASKS(segment_asks) },
    { "score", "Change the score", "star", "Data", "Gives or takes points.", ASKS(score_asks) },
    { "deal", "Make a deal", "coin", "Data", "Opens a deal with the contact.", ASKS(deal_asks) },
    { "start", "Start another flow", "player-play", "Data", "Lets the person into another flow.",
      ASKS(start_asks) },
    { "webhook", "Call a webhook", "webhook", "Data",
      "Sends the person's data to an address, signed, and goes on when it was taken.",
      ASKS(webhook_asks) },
};

const struct flow_kind *flow_kind(const char *name)
{
    for (size_t i = 0; i < countof(kinds); i++)
        if (text_is(kinds[i].name, name))
            return &kinds[i];
    return NULL;
}

const struct flow_kind *flow_kind_at(size_t index)
{
    return index < countof(kinds) ? &kinds[index] : NULL;
}

static const struct flow_ask *ask_of(const struct flow_kind *kind, const char *name)
{
    for (size_t i = 0; i < kind->ask_count; i++)
        if (text_is(kind->asks[i].name, name))
            return &kind->asks[i];
    return NULL;
}

const char *flow_answer(const struct flow_kind *kind, const struct val *answers, const char *name)
{
    const struct flow_ask *ask = ask_of(kind, name);
    const char *text = val_get_text(answers, name);

    return text_empty(text) && ask && ask->otherwise && val_get(answers, name) == NULL
               ? ask->otherwise
               : text;
}

i64 flow_answer_i64(const struct flow_kind *kind, const struct val *answers, const char *name)
{
    const struct val *v = val_get(answers, name);
    i64 n;

    if (val_kind_of(v) == VAL_I64)
        return val_as_i64(v, 0);
    return str_i64(str_from(flow_answer(kind, answers, name)), &n) ? n : 0;
}

static bool in_list(const char *list, const char *word)
{
    struct str rest = str_from(list), part;

    while (str_split(&rest, ',', &part))
        if (str_is(part, word))
            return true;
    return false;
}

bool flow_asked(const struct flow_ask *ask, const struct val *answers)
{
    const char *is = ask->only ? val_get_text(answers, ask->only) : "";

    return ask->only == NULL || in_list(ask->only_is, is);
}

/* ---- words ---- */
static const char *choice_label(const struct choice *list, const char *value)
{
    for (; list && list->value; list++)
        if (text_is(list->value, value))
            return list->label;
    return value;
}

static const char *field_label(struct ctx *cx, const char *name)
{
    const struct record_type *t = type_find(cx, "contact");
    int field = t ? type_field(t, name) : -1;

    return field >= 0 ? t->fields[field].label : name;
}

static const char *ref_title(struct ctx *cx, const char *type, const char *text)
{
    const struct record_type *t = type_find(cx, type);
    const char *title;
    i64 id;

    if (t == NULL || !id_parse(str_from(text), &id))
        return "";
    if (record_titles(cx, t, &id, 1, &title) != OK) {
        ctx_clear_error(cx);
        return "";
    }
    return title;
}

static const char *filter_in_words(struct ctx *cx, const char *text)
{
    struct filter *f;

    if (text_empty(text))
        return "everybody";
    if (filter_parse(cx, type_find(cx, "contact"), text, &f) != OK) {
        ctx_clear_error(cx);
        return text;
    }
    return filter_words(cx, f);
}

const char *flow_filter_words(struct ctx *cx, const char *text)
{
    return filter_in_words(cx, text);
}

static const char *answer_words(struct ctx *cx, const struct flow_ask *ask, const char *text)
{
    const struct event_kind *kind;

    switch (ask->how) {
    case ASK_CHOICE:
        return choice_label(ask->choices, text);
    case ASK_FILTER:
        return filter_in_words(cx, text);
    case ASK_REF:
        return ref_title(cx, ask->ref, text);
    case ASK_FIELD:
    case ASK_DATE_FIELD:
        return field_label(cx, text);
    case ASK_EVENT:
        kind = kit_event_kind(cx->kit, text);
        return kind ? kind->label : text;
    case ASK_BOOL:
        return text_is(text, "true") ? "yes" : "no";
    case ASK_SECRET:
        return text_empty(text) ? "" : "set";
    default:
        return text;
    }
}

static const char *print_answer(struct ctx *cx, const struct flow_kind *kind,
                                const struct val *answers, const char *name)
{
    const struct val *v = val_get(answers, name);

    return v && val_kind_of(v) != VAL_TEXT ? val_print(cx->arena, v)
                                           : flow_answer(kind, answers, name);
}

enum status flow_answers_words(struct ctx *cx, const struct flow_kind *kind,
                               const struct val *answers, struct val *list)
{
    for (size_t i = 0; i < kind->ask_count; i++) {
        const struct flow_ask *ask = &kind->asks[i];
        const char *text = print_answer(cx, kind, answers, ask->name);
        if (text_empty(text) || !flow_asked(ask, answers))
            continue;
        struct val *one = val_add_map(list);
        val_put_text(one, "label", ask->label);
        val_put_text(one, "text", answer_words(cx, ask, text));
    }
    return OK;
}

#define SAY(...) arena_printf(cx->arena, __VA_ARGS__)
#define ANSWER(name) flow_answer(kind, v, name)
#define NUMBER(name) ((long long)flow_answer_i64(kind, v, name))

static const char *or_else(const char *text, const char *otherwise)
{
    return text_empty(text) ? otherwise : text;
}

static const char *days_words(struct ctx *cx, i64 days, const char *what)
{
    long long n = days < 0 ? -days : days;

    return days == 0 ? SAY("on %s", what)
                     : SAY("%lld %s %s %s", n, n == 1 ? "day" : "days",
                           days < 0 ? "before" : "after", what);
}

/* "They submit Demo request". */
static const char *spec_words(struct ctx *cx, const struct flow_kind *kind, const struct val *v)
{
    const char *on = ANSWER("on"), *event = ANSWER("event");
    const struct event_kind *known = kit_event_kind(cx->kit, event);

    if (text_is(on, "event"))
        return SAY("%s%s%s%s%s", known ? known->label : or_else(event, "Something happens"),
                   text_empty(ANSWER("name")) ? "" : ": ", ANSWER("name"),
                   text_empty(ANSWER("page")) ? "" : " on ", ANSWER("page"));
    if (text_is(on, "form"))
        return text_empty(ANSWER("form"))
                   ? "Submits any form"
                   : SAY("Submits %s", or_else(ref_title(cx, "form", ANSWER("form")), "a form"));
    if (text_is(on, "segment_in") || text_is(on, "segment_out"))
        return SAY("%s %s", text_is(on, "segment_in") ? "Enters" : "Leaves",
                   or_else(ref_title(cx, "segment", ANSWER("segment")), "a segment"));
    if (text_is(on, "field"))
        return SAY("%s changes%s%s", field_label(cx, or_else(ANSWER("field"), "A field")),
                   text_empty(ANSWER("to")) ? "" : " to ", ANSWER("to"));
    if (text_is(on, "score"))
        return SAY("Score crosses %lld", NUMBER("line"));
    if (text_is(on, "deal"))
        return text_empty(ANSWER("stage"))
                   ? "A deal is made"
                   : SAY("A deal reaches %s",
                         or_else(ref_title(cx, "stage", ANSWER("stage")), "a stage"));
    if (text_is(on, "mail"))
        return SAY("Has %s %s", ANSWER("what"), choice_label(mail_from, ANSWER("from")));
    if (text_is(on, "filter"))
        return filter_in_words(cx, ANSWER("filter"));
    if (text_is(on, "date"))
        return SAY(
            "%s%s",
            days_words(cx, NUMBER("days"), field_label(cx, or_else(ANSWER("date"), "a date"))),
            text_is(print_answer(cx, kind, v, "yearly"), "true") ? ", every year" : "");
    return "By hand, API or another flow";
}

static const char *time_words(struct ctx *cx, const struct flow_kind *kind, const struct val *v)
{
    if (text_is(ANSWER("when"), "working"))
        return "Wait until working hours";
    return SAY("Wait until %s%s%s, %s", ANSWER("begin"), text_empty(ANSWER("days")) ? "" : " on ",
               text_is(ANSWER("days"), "mon,tue,wed,thu,fri") ? "a weekday" : ANSWER("days"),
               text_is(ANSWER("zone"), "person") ? "the person's clock" : "our clock");
}

static const char *whose_words(struct ctx *cx, const struct flow_kind *kind, const struct val *v)
{
    return text_is(ANSWER("whose"), "user") ? ref_title(cx, "user", ANSWER("user"))
                                            : "the contact's owner";
}

static const char *unit_words(struct ctx *cx, const struct flow_kind *kind, const struct val *v)
{
    const char *unit = ANSWER("unit");
    i64 n = flow_answer_i64(kind, v, "amount");

    return n == 1 ? SAY("1 %.*s", (int)strlen(unit) - 1, unit) : SAY("%lld %s", (long long)n, unit);
}

const char *flow_words(struct ctx *cx, const struct flow_kind *kind, const struct val *v)
{
    const char *name = kind->name;

    if (kind == &flow_trigger_kind)
        return spec_words(cx, kind, v);
    if (kind == &flow_goal_kind)
        return text_empty(ANSWER("title")) ? spec_words(cx, kind, v) : ANSWER("title");
    if (text_is(name, "mail"))
        return SAY("%s", or_else(text_empty(ANSWER("content"))
                                     ? ANSWER("subject")
                                     : ref_title(cx, "mail_content", ANSWER("content")),
                                 "No mail yet"));
    if (text_is(name, "wait"))
        return SAY("Wait %s", unit_words(cx, kind, v));
    if (text_is(name, "wait_event"))
        return SAY("%s, for at most %s", spec_words(cx, kind, v), unit_words(cx, kind, v));
    if (text_is(name, "wait_date"))
        return SAY("Wait: %s", days_words(cx, flow_answer_i64(kind, v, "days"),
                                          field_label(cx, or_else(ANSWER("field"), "a date"))));
    if (text_is(name, "wait_time"))
        return time_words(cx, kind, v);
    if (text_is(name, "if"))
        return text_empty(ANSWER("filter")) ? "No filter yet"
                                            : filter_in_words(cx, ANSWER("filter"));
    if (text_is(name, "branch"))
        return text_is(ANSWER("by"), "field") ? SAY("By %s", field_label(cx, ANSWER("field")))
                                              : "By filters";
    if (text_is(name, "task"))
        return SAY("%s, for %s", or_else(ANSWER("subject"), "Task"), whose_words(cx, kind, v));
    if (text_is(name, "notify"))
        return SAY("Tell %s: %s", whose_words(cx, kind, v), ANSWER("text"));
    if (text_is(name, "handoff"))
        return SAY("Hand over: %s", ANSWER("reason"));
    if (text_is(name, "set"))
        return text_empty(ANSWER("value"))
                   ? SAY("Clear %s", field_label(cx, or_else(ANSWER("field"), "a field")))
                   : SAY("Set %s to %s", field_label(cx, or_else(ANSWER("field"), "a field")),
                         ANSWER("value"));
    if (text_is(name, "tag"))
        return SAY("%s tag %s", choice_label(adds, ANSWER("do")), ANSWER("tag"));
    if (text_is(name, "segment"))
        return SAY("%s %s", text_is(ANSWER("do"), "remove") ? "Remove from" : "Add to",
                   or_else(ref_title(cx, "segment", ANSWER("segment")), "a segment"));
    if (text_is(name, "score"))
        return SAY("%+lld points", NUMBER("points"));
    if (text_is(name, "deal"))
        return SAY("Make deal: %s", ANSWER("name"));
    if (text_is(name, "start"))
        return SAY("Start %s", or_else(ref_title(cx, "flow", ANSWER("flow")), "another flow"));
    if (text_is(name, "webhook"))
        return SAY("Call %s", or_else(ANSWER("url"), "a webhook"));
    return kind->label;
}
