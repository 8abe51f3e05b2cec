/* alert.c -- somebody wants to hear when a number leaves its bounds. A job looks every hour, as the
 * one who will be told, so that nobody hears of what they may not see; each alert speaks once a
 * period at most. */
#include "bridge/contact.h"
#include "kit/notice.h"
#include "kit/question.h"
#include "kit/session.h"
#include <math.h>

enum {
    ALERT_METRIC,
    ALERT_WHEN,
    ALERT_AMOUNT,
    ALERT_PERIOD,
    ALERT_CHANNEL,
    ALERT_OWNER,
    ALERT_ACTIVE,
    ALERT_NOTE,
    ALERT_TOLD_FOR,
    ALERT_TOLD_AT,
    ALERT_TOLD,
    ALERT_FIELDS
};

static const struct choice *channels(struct ctx *cx)
{
    (void)cx;
    return contact_type.fields[CONTACT_CHANNEL].choices;
}

static const struct field fields[] = {
    [ALERT_METRIC] = { "metric", FIELD_CHOICE, "Metric", REQUIRED | INDEXED,
                       .choices_of = metric_choices },
    [ALERT_WHEN] = { "condition", FIELD_CHOICE, "Tell when it", REQUIRED | LISTED,
                     .otherwise = "below",
                     .choices =
                         CHOICES({ "above", "Is above", "blue" }, { "below", "Is below", "amber" },
                                 { "rises", "Rises by so many percent", "green" },
                                 { "falls", "Falls by so many percent", "red" },
                                 { "behind", "Reaches fewer percent of its target", "red" }) },
    [ALERT_AMOUNT] = { "amount", FIELD_DECIMAL, "Amount", REQUIRED | LISTED | TRACKED,
                       .help = "Money in the base currency, shares and changes in percent." },
    [ALERT_PERIOD] = { "period", FIELD_CHOICE, "Look at each", REQUIRED | LISTED,
                       .otherwise = "week",
                       .choices =
                           CHOICES({ "day", "Day", NULL }, { "week", "Week", NULL },
                                   { "month", "Month", NULL }, { "quarter", "Quarter", NULL }),
                       .help = "What is over is judged as a whole; \"is above\" also while the "
                               "period runs." },
    [ALERT_CHANNEL] = { "channel", FIELD_CHOICE, "Only channel", 0, .choices_of = channels },
    [ALERT_OWNER] = { "owner_id", FIELD_REF, "Who is told", REQUIRED | LISTED | OWNER,
                      .ref = "user", .otherwise = "me" },
    [ALERT_ACTIVE] = { "active", FIELD_BOOL, "Active", LISTED, .otherwise = "true" },
    [ALERT_NOTE] = { "note", FIELD_LONG, "Note", 0,
                     .help = "What to do then. It stands in the notification." },
    [ALERT_TOLD_FOR] = { "told_for", FIELD_DATE, "Told for the period from", COMPUTED },
    [ALERT_TOLD_AT] = { "told_at", FIELD_TIME, "Last told", COMPUTED | LISTED },
    [ALERT_TOLD] = { "told", FIELD_TEXT, "What was told", COMPUTED, .max_len = 300 },
};
_Static_assert(countof(fields) == ALERT_FIELDS, "enum and table differ");

static enum status alert_validate(struct ctx *cx, struct row *r)
{
    struct question_where where = { "channel", row_text(r, ALERT_CHANNEL) };
    struct question q = { .metric = row_text(r, ALERT_METRIC),
                          .where = &where,
                          .where_count = row_has(r, ALERT_CHANNEL) };

    if (metric_find(cx, q.metric) && !question_allowed(cx, &q))
        return ctx_fail_field(cx, row_has(r, ALERT_CHANNEL) ? "channel" : "metric",
                              "alert.not_allowed", "%s cannot be asked%s.",
                              row_show(cx, r, ALERT_METRIC),
                              row_has(r, ALERT_CHANNEL) ? " for one channel" : "");
    /* What the alert looks for is another thing now: what was told says nothing of it. */
    if (row_before(r) == NULL && row_has(r, ALERT_TOLD_FOR))
        return OK;
    if (row_changed(r, ALERT_METRIC) || row_changed(r, ALERT_WHEN) ||
        row_changed(r, ALERT_AMOUNT) || row_changed(r, ALERT_PERIOD) ||
        row_changed(r, ALERT_CHANNEL))
        row_clear(r, ALERT_TOLD_FOR);
    return OK;
}

/* "Win rate is below 30.0 %", "Revenue reaches less than 80% of its target" */
static const char *alert_title(struct ctx *cx, const struct row *r)
{
    static const struct {
        const char *condition, *before, *after;
    } words[] = { { "above", "is above", "" },
                  { "below", "is below", "" },
                  { "rises", "rises by", " or more" },
                  { "falls", "falls by", " or more" },
                  { "behind", "reaches less than", " of its target" } };
    const struct metric *m = metric_find(cx, row_text(r, ALERT_METRIC));
    const char *metric = row_show(cx, r, ALERT_METRIC);
    double percent = (double)row_i64(r, ALERT_AMOUNT) / 100;

    for (size_t i = 0; m && row_has(r, ALERT_AMOUNT) && i < countof(words); i++) {
        const char *amount;
        if (!text_is(words[i].condition, row_text(r, ALERT_WHEN)))
            continue;
        amount = i < 2 ? metric_show(cx, m, metric_amount(cx, m, row_i64(r, ALERT_AMOUNT)))
                       : arena_printf(cx->arena, "%g%%", percent);
        return arena_printf(cx->arena, "%s %s %s%s", metric, words[i].before, amount,
                            words[i].after);
    }
    return text_empty(metric) ? "Alert" : metric;
}

static const struct record_type alert_type = {
    .name = "alert",
    .label = "Alert",
    .plural = "Alerts",
    .path = "alerts",
    .icon = "bell",
    .section = "insight",
    .menu_order = 31,
    .sort = "-created_at",
    .title = ALERT_METRIC,
    .title_of = alert_title,
    .fields = fields,
    .field_count = ALERT_FIELDS,
    .flags = TYPE_COMMENTS,
    .empty = "Be told when a number leaves its bounds: fewer leads than usual, a win rate that "
             "falls, a target that will not be reached.",
    .validate = alert_validate,
};

/* ---- looking ---- */
static enum period_unit unit_of(const struct row *r)
{
    static const struct {
        const char *word;
        enum period_unit unit;
    } units[] = { { "day", PERIOD_DAY },
                  { "week", PERIOD_WEEK },
                  { "month", PERIOD_MONTH },
                  { "quarter", PERIOD_QUARTER } };

    for (size_t i = 0; i < countof(units); i++)
        if (text_is(units[i].word, row_text(r, ALERT_PERIOD)))
            return units[i].unit;
    return PERIOD_WEEK;
}

/* What is to be told; NULL: nothing. */
static const char *judge(struct ctx *cx, const struct row *r, const struct metric *m,
                         const struct val *answer)
{
    const struct val *value = val_get(answer, "value"), *before = val_get(answer, "before");
    double v = val_as_double(value, 0), was = val_as_double(before, 0);
    double percent = (double)row_i64(r, ALERT_AMOUNT) / 100;
    const char *when = row_text(r, ALERT_WHEN), *text = val_get_text(answer, "text");

    if (val_is_null(value))
        return NULL;
    if (text_is(when, "above") && v > metric_amount(cx, m, row_i64(r, ALERT_AMOUNT)))
        return arena_printf(cx->arena, "%s: %s, above %s", m->label, text,
                            metric_show(cx, m, metric_amount(cx, m, row_i64(r, ALERT_AMOUNT))));
    if (text_is(when, "below") && v < metric_amount(cx, m, row_i64(r, ALERT_AMOUNT)))
        return arena_printf(cx->arena, "%s: %s, below %s", m->label, text,
                            metric_show(cx, m, metric_amount(cx, m, row_i64(r, ALERT_AMOUNT))));
    if (text_is(when, "behind")) {
        double reached = val_as_double(val_get(answer, "attainment"), NAN) * 100;
        if (isnan(reached) || reached >= percent)
            return NULL;
        return arena_printf(cx->arena, "%s: %s, %.0f%% of the target of %s", m->label, text,
                            reached, val_get_text(answer, "target_text"));
    }
    if ((text_is(when, "rises") || text_is(when, "falls")) && !val_is_null(before) && was != 0) {
        double change = (v - was) / fabs(was) * 100;
        if (text_is(when, "rises") ? change >= percent : -change >= percent)
            return arena_printf(cx->arena, "%s: %s, %.0f%% %s than before (%s)", m->label, text,
                                fabs(change), change > 0 ? "more" : "less",
                                metric_show(cx, m, was));
    }
    return NULL;
}

/* The period that can be judged: what runs, where it can only go further beyond the bound; else the
 * last that is over, and for a change the one before it. */
static void set_period(struct ctx *cx, const struct row *r, const struct metric *m,
                       struct question *q)
{
    enum period_unit unit = unit_of(r);
    bool runs = text_is(row_text(r, ALERT_WHEN), "above") || m->time == AT_NOW;
    int back = runs ? 0 : -1;

    q->from_ms = zone_start(kit_zone(cx), unit, ctx_now(cx), back);
    q->to_ms = zone_start(kit_zone(cx), unit, ctx_now(cx), back + 1);
    q->compare_from_ms = zone_start(kit_zone(cx), unit, ctx_now(cx), back - 1);
    q->compare_to_ms = q->from_ms;
}

struct telling {
    i64 alert_id, period_day;
    const char *text, *path;
};

static enum status tell(struct ctx *cx, void *arg)
{
    struct telling *t = arg;
    struct row *r;

    TRY(record_get(cx, &alert_type, t->alert_id, &r));
    if (row_i64(r, ALERT_TOLD_FOR) == t->period_day) /* another node was faster */
        return OK;
    row_set_i64(r, ALERT_TOLD_FOR, t->period_day);
    row_set_i64(r, ALERT_TOLD_AT, ctx_now(cx));
    row_set_text(r, ALERT_TOLD, t->text);
    TRY(record_save(cx, r));
    return notify_as(cx, NOTICE_ALERT, row_i64(r, ALERT_OWNER), "bell",
                     row_has(r, ALERT_NOTE)
                         ? arena_printf(cx->arena, "%s. %s", t->text, row_text(r, ALERT_NOTE))
                         : t->text,
                     t->path);
}

/* As the owner: what they may not ask they are not told. */
static enum status ask_as_owner(struct ctx *cx, const struct row *r, const struct question *q,
                                struct val **answer)
{
    struct access_guard guard = { cx, cx->access };
    enum status s = access_of_user(cx, row_i64(r, ALERT_OWNER), &cx->access);

    if (s == OK)
        s = question_allowed(cx, q) ? question_ask(cx, q, answer) : E_FORBIDDEN;
    access_leave(&guard);
    return s;
}

static enum status look(struct ctx *cx, struct row *r, void *arg)
{
    const struct metric *m = metric_find(cx, row_text(r, ALERT_METRIC));
    struct question_where where = { "channel", row_text(r, ALERT_CHANNEL) };
    struct question q = { .metric = row_text(r, ALERT_METRIC),
                          .where = &where,
                          .where_count = row_has(r, ALERT_CHANNEL) };
    struct telling t = { .alert_id = row_id(r) };
    struct val *answer;
    enum status s;

    (void)arg;
    if (m == NULL) /* of a feature that is no more */
        return OK;
    set_period(cx, r, m, &q);
    t.period_day = zone_day(kit_zone(cx), q.from_ms);
    if (row_has(r, ALERT_TOLD_FOR) && row_i64(r, ALERT_TOLD_FOR) == t.period_day)
        return OK;
    s = ask_as_owner(cx, r, &q, &answer);
    if (s == E_NOT_FOUND || s == E_FORBIDDEN || s == E_INVALID || s == E_LIMIT) {
        ctx_clear_error(cx); /* the owner has left, or may not see it: the others are looked at */
        return OK;
    }
    TRY(s);
    t.text = judge(cx, r, m, answer);
    if (t.text == NULL)
        return OK;
    t.path = arena_printf(cx->arena, "/insight/metrics/%s", m->name);
    return kit_write(cx, tell, &t);
}

static enum status alert_check(struct job_run *job)
{
    return list_each(job->cx, &alert_type, "active is true", look, NULL);
}

static const struct job_type jobs[] = {
    { "alert.check", "Look at alerts", alert_check, .every_ms = MS_HOUR },
};
const struct feature feature_alert = { .name = "alert", TYPES(&alert_type), JOBS(jobs) };
