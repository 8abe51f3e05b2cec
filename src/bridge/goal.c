/* goal.c -- goals of the web sites, and what reaches them. Names are matched before a walk, once
 * each, so that an event is held against numbers. */
#include "bridge/goal.h"
#include "base/id.h"
#include "base/limits.h"
#include "bridge/measure.h"
#include "bridge/report.h"

enum {
    GOAL_NAME,
    GOAL_KIND,
    GOAL_EVENT,
    GOAL_PAGE,
    GOAL_DEPTH,
    GOAL_SECONDS,
    GOAL_WORTH,
    GOAL_OWNER,
    GOAL_FIELDS
};

static const struct field fields[] = {
    [GOAL_NAME] = { "name", FIELD_TEXT, "Name", REQUIRED | LISTED | SEARCHED, .max_len = 100,
                    .help = "What it means to you: Trial started, Prices read." },
    [GOAL_KIND] = { "kind", FIELD_CHOICE, "Reached by", REQUIRED | LISTED, .otherwise = "page",
                    .choices = CHOICES({ "page", "Opening a page", "blue" },
                                       { "event", "An event of the site", "green" },
                                       { "scroll", "Reading a page so far down", "violet" },
                                       { "time", "Reading a page so long", "amber" }) },
    [GOAL_PAGE] = { "page", FIELD_TEXT, "Page", LISTED, .max_len = 500,
                    .help = "Its path, like /pricing; * stands for anything: /blog/*. Left empty: "
                            "any page." },
    [GOAL_EVENT] = { "event_name", FIELD_TEXT, "Event", LISTED, .max_len = 120,
                     .help = "As the site calls it, like Signup or File Download; * stands for "
                             "anything." },
    [GOAL_DEPTH] = { "depth", FIELD_INT, "So far down, percent", 0, .min = 1, .max = 100 },
    [GOAL_SECONDS] = { "seconds", FIELD_INT, "So long, seconds", 0, .min = 1, .max = 86400,
                       .help = "With the page in the foreground, in one go." },
    [GOAL_WORTH] = { "worth", FIELD_MONEY, "Worth of one", LISTED, .max = LIMIT_AMOUNT_MINOR,
                     .help = "Counts where the event does not say its own." },
    [GOAL_OWNER] = { "owner_id", FIELD_REF, "Owner", OWNER, .ref = "user", .otherwise = "me" },
};
_Static_assert(countof(fields) == GOAL_FIELDS, "enum and table differ");

enum goal_kind { REACHED_BY_PAGE, REACHED_BY_EVENT, REACHED_BY_DEPTH, REACHED_BY_TIME };
struct goal {
    i64 id;
    const char *id_text, *name;
    enum goal_kind kind;
    u16 event;       /* code of the event kind that can reach it */
    const u8 *pages; /* bits by code; NULL: any page */
    u32 page_count;
    const u8 *actions;
    u32 action_count;
    i64 least, value_minor;
};
enum { EVENTS_OF_GOALS = 3 };
struct goals {
    struct goal list[GOALS_MAX];
    size_t count;
    /* Which goals a kind of event can reach: a walk asks this of each event. */
    struct {
        u16 event;
        u64 goals;
    } by_event[EVENTS_OF_GOALS];
};

/* ---- reading ---- */
static enum goal_kind kind_of(const char *word)
{
    return text_is(word, "event")    ? REACHED_BY_EVENT
           : text_is(word, "scroll") ? REACHED_BY_DEPTH
           : text_is(word, "time")   ? REACHED_BY_TIME
                                     : REACHED_BY_PAGE;
}

static void read_goal(struct ctx *cx, struct stmt *q, struct goal *g)
{
    static const char *const events[] = { "pageview", "action", "engagement", "engagement" };
    const char *event = arena_text(cx->arena, col_text(q, 3));
    const char *page = arena_text(cx->arena, col_text(q, 4));

    *g = (struct goal){ .id = col_i64(q, 0),
                        .id_text = id_text(cx->arena, col_i64(q, 0)),
                        .name = arena_text(cx->arena, col_text(q, 1)),
                        .kind = kind_of(col_text(q, 2)),
                        .value_minor = col_i64(q, 7) };
    g->event = kit_event_code(cx->kit, events[g->kind]);
    g->least = g->kind == REACHED_BY_DEPTH ? col_i64(q, 5) : col_i64(q, 6) * MS_SECOND;
    if (page[0])
        g->pages = report_names_like(cx, DICT_PAGE, page, &g->page_count);
    if (g->kind == REACHED_BY_EVENT)
        g->actions = report_names_like(cx, DICT_ACTION, event, &g->action_count);
}

enum status goals_read(struct ctx *cx, const struct goals **out)
{
    scoped(stmt_close) struct stmt q = db_query(cx, "goal.all");
    struct goals *g = NEW(cx->arena, struct goals);

    while (cx->journey && stmt_next(&q) && g->count < GOALS_MAX) {
        size_t k = 0;
        read_goal(cx, &q, &g->list[g->count]);
        while (g->by_event[k].event && g->by_event[k].event != g->list[g->count].event)
            k++;
        g->by_event[k].event = g->list[g->count].event;
        g->by_event[k].goals |= 1ull << g->count++;
    }
    *out = g;
    return stmt_status(&q);
}

size_t goals_count(const struct goals *g) { return g->count; }
const char *goal_id(const struct goals *g, size_t i) { return g->list[i].id_text; }
const char *goal_name(const struct goals *g, size_t i) { return g->list[i].name; }
i64 goal_value_minor(const struct goals *g, size_t i) { return g->list[i].value_minor; }

int goal_index(const struct goals *g, const char *id)
{
    for (size_t i = 0; i < g->count; i++)
        if (text_is(g->list[i].id_text, id))
            return (int)i;
    return -1;
}

/* ---- what reaches a goal ---- */
static bool has_name(const u8 *bits, u32 count, u64 code)
{
    return code < count && (bits[code / 8] >> code % 8 & 1);
}

static bool reaches(const struct goal *g, const struct event *e)
{
    if (g->event != e->kind || (g->pages && !has_name(g->pages, g->page_count, e->page)))
        return false;
    switch (g->kind) {
    case REACHED_BY_EVENT:
        return has_name(g->actions, g->action_count, (u64)e->record);
    case REACHED_BY_DEPTH:
        return reading_depth(e) >= g->least;
    case REACHED_BY_TIME:
        return reading_engaged_ms(e) >= g->least;
    case REACHED_BY_PAGE:
    default:
        return true;
    }
}

bool goal_reached(const struct goals *g, size_t i, const struct event *e)
{
    return reaches(&g->list[i], e);
}

u16 goal_event(const struct goals *g, size_t i) { return g->list[i].event; }

u64 goals_of(const struct goals *g, const struct event *e)
{
    u64 reached = 0;

    for (size_t k = 0; k < EVENTS_OF_GOALS && g->by_event[k].event; k++) {
        if (g->by_event[k].event != e->kind)
            continue;
        for (u64 left = g->by_event[k].goals; left; left &= left - 1) {
            int i = __builtin_ctzll(left);
            reached |= (u64)reaches(&g->list[i], e) << i;
        }
    }
    return reached;
}

/* ---- as a dimension ---- */
static enum status goals_ready(struct ctx *cx, const void **out)
{
    const struct goals *g;

    TRY(goals_read(cx, &g));
    *out = g;
    return OK;
}
static u64 goals_some(const void *ready, const struct event *e) { return goals_of(ready, e); }
static const char *goal_value(const void *ready, u32 key)
{
    const struct goals *g = ready;
    return key >= 1 && key <= g->count ? g->list[key - 1].id_text : "";
}
static const char *goal_text(struct ctx *cx, const char *value)
{
    const struct goals *g;
    int i;

    if (goals_read(cx, &g) == OK && (i = goal_index(g, value)) >= 0)
        return g->list[i].name;
    ctx_clear_error(cx);
    return value;
}
static const struct dimension dimensions[] = {
    { "goal", "Goal", GOAL_COLUMNS, OF_SOME, .ready = goals_ready, .some = goals_some,
      .some_value = goal_value, .text = goal_text },
};

static i64 worth_of(const struct event *e) { return e->value; }
static const struct metric metrics[] = {
    { .name = "conversions",
      .label = "Conversions",
      .team = "marketing",
      .source = METRIC_JOURNEY,
      .definition = "How often a goal was reached in the period, each time.",
      .about = "goal",
      .counts = COUNT_EVENTS },
    { .name = "converted_visitors",
      .label = "Converted visitors",
      .team = "marketing",
      .source = METRIC_JOURNEY,
      .definition = "Visitors who reached a goal in the period.",
      .about = "goal",
      .counts = COUNT_PEOPLE },
    { .name = "conversion_rate",
      .label = "Conversion rate",
      .team = "marketing",
      .unit = UNIT_RATIO,
      .source = METRIC_DIVIDED,
      .definition = "Converted visitors divided by visitors.",
      .numerator = "converted_visitors",
      .denominator = "visitors" },
    { .name = "conversion_revenue",
      .label = "Revenue of conversions",
      .team = "marketing",
      .unit = UNIT_MONEY,
      .source = METRIC_JOURNEY,
      .definition = "What the events that reached a goal in the period said they were worth, in "
                    "your currency.",
      .about = "goal",
      .event_kind = "action",
      .counts = SUM_OF_EVENTS,
      .measure = worth_of,
      .measured = READ_VALUE },
};

/* ---- the record ---- */
static enum status goal_validate(struct ctx *cx, struct row *r)
{
    static const struct {
        enum goal_kind kind;
        int field;
        const char *name, *code, *text;
    } needed[] = {
        { REACHED_BY_PAGE, GOAL_PAGE, "page", "goal.page", "Say which page, like /thanks." },
        { REACHED_BY_EVENT, GOAL_EVENT, "event_name", "goal.event",
          "Say what the site calls the event, like Signup." },
        { REACHED_BY_DEPTH, GOAL_DEPTH, "depth", "goal.depth",
          "Say how far down, like 90 percent." },
        { REACHED_BY_TIME, GOAL_SECONDS, "seconds", "goal.seconds",
          "Say how many seconds, like 60." },
    };
    enum goal_kind kind = kind_of(row_text(r, GOAL_KIND));
    const char *page = row_text(r, GOAL_PAGE);

    for (size_t i = 0; i < countof(needed); i++)
        if (needed[i].kind == kind && !row_has(r, needed[i].field))
            return ctx_fail_field(cx, needed[i].name, needed[i].code, "%s", needed[i].text);
    if (page[0] && page[0] != '/' && page[0] != '*')
        return ctx_fail_field(cx, "page", "goal.page",
                              "'%s' is no path; write it like /pricing or /blog/*.", page);
    return OK;
}

const struct record_type goal_type = {
    .name = "goal",
    .label = "Goal",
    .plural = "Goals",
    .path = "goals",
    .icon = "target",
    .section = "marketing",
    .menu_order = MENU_SELDOM + 31,
    .sort = "name",
    .title = GOAL_NAME,
    .fields = fields,
    .field_count = GOAL_FIELDS,
    .empty = "Say what counts as success on your web sites: a page that thanks, a sign-up, an "
             "article read to its end. How many reach it, and through which channel, stands on "
             "Traffic from then on, for the past as well.",
    .validate = goal_validate,
};
const struct feature feature_goal = {
    .name = "goal", TYPES(&goal_type), DIMENSIONS(dimensions), METRICS(metrics)
};
