/* forecast.c -- the records of forecasting and its metrics: how sure salespeople are of what is
 * expected in a period (names of Salesforce and HubSpot), what they and their managers say it comes
 * to, what was learned, and how all that stood each week. */
#include "sales/forecast.h"
#include "base/id.h"
#include "base/limits.h"
#include "kit/filter.h"
#include "kit/question.h"
#include "sales/forecast_int.h"

#define PERIODS CHOICES({ "month", "Month", NULL }, { "quarter", "Quarter", NULL })

/* ---- what was learned ---- */
static const struct field model_fields[] = {
    [FMODEL_MADE_AT] = { "made_at", FIELD_TIME, "Learned", LISTED | INDEXED },
    [FMODEL_STATUS] = { "status", FIELD_CHOICE, "Status", LISTED,
                        .choices = CHOICES({ "serving", "Serving", "green" },
                                           { "refused", "Refused", "amber" }) },
    [FMODEL_REASON] = { "reason", FIELD_TEXT, "Why", LISTED, .max_len = 300 },
    [FMODEL_DEALS] = { "deals", FIELD_INT, "Deals", LISTED },
    [FMODEL_WON] = { "won", FIELD_INT, "Of them won", LISTED },
    [FMODEL_LOST] = { "lost", FIELD_INT, "Of them lost", LISTED },
    [FMODEL_TRIALS] = { "trials", FIELD_INT, "Past forecasts tried", LISTED },
    [FMODEL_INSIDE] = { "inside", FIELD_INT, "Inside the 80% interval", LISTED },
    [FMODEL_WAPE] = { "wape", FIELD_DECIMAL, "Error (WAPE), percent", LISTED, .scale = 1 },
    [FMODEL_WAPE_WEIGHTED] = { "wape_weighted", FIELD_DECIMAL, "Error of the weighted pipeline",
                               LISTED, .scale = 1 },
    [FMODEL_BODY] = { "body", FIELD_JSON, "Model", INTERNAL },
};
_Static_assert(countof(model_fields) == FMODEL_FIELDS, "enum and table differ");

const struct record_type forecast_model_type = {
    .name = "forecast_model",
    .label = "Learned forecast",
    .plural = "Learned forecasts",
    .path = "forecast-models",
    .icon = "chart-dots",
    .sort = "-made_at",
    .title = FMODEL_REASON,
    .fields = model_fields,
    .field_count = FMODEL_FIELDS,
    .flags = TYPE_NO_CREATE | TYPE_NO_UPDATE | TYPE_NO_DELETE | TYPE_SYSTEM,
    .empty = "Once enough deals were won and lost, what a period may bring is learned from them.",
};

/* ---- what people say ---- */
static const struct field override_fields[] = {
    [OVERRIDE_PERIOD] = { "period", FIELD_CHOICE, "Period", REQUIRED | LISTED | CREATE_ONLY,
                          .otherwise = "month", .choices = PERIODS },
    [OVERRIDE_FROM] = { "from_date", FIELD_DATE, "Which begins on",
                        REQUIRED | LISTED | INDEXED | CREATE_ONLY, .otherwise = "today",
                        .help = "Any day of it will do." },
    [OVERRIDE_PERSON] = { "person_id", FIELD_REF, "Of whom", LISTED | CREATE_ONLY, .ref = "user",
                          .help = "Whose deals it is about. Left empty, a team's or all." },
    [OVERRIDE_TEAM] = { "team_id", FIELD_REF, "Of which team", LISTED | CREATE_ONLY,
                        .ref = "team" },
    [OVERRIDE_AMOUNT] = { "amount", FIELD_MONEY, "It will come to", REQUIRED | LISTED | TRACKED,
                          .max = LIMIT_AMOUNT_MINOR,
                          .help = "All of the period, what is closed already included." },
    [OVERRIDE_NOTE] = { "note", FIELD_LONG, "Why", LISTED | TRACKED },
    [OVERRIDE_LEVEL] = { "level", FIELD_CHOICE, "Whose judgement", LISTED | COMPUTED,
                         .choices = CHOICES({ "own", "Own", "blue" },
                                            { "manager", "Manager's", "violet" }) },
    [OVERRIDE_OWNER] = { "owner_id", FIELD_REF, "Said by", LISTED | OWNER | COMPUTED,
                         .ref = "user" },
};
_Static_assert(countof(override_fields) == OVERRIDE_FIELDS, "enum and table differ");

static enum status override_defaults(struct ctx *cx, struct row *r)
{
    if (cx->access->user_id)
        row_set_i64(r, OVERRIDE_OWNER, cx->access->user_id);
    return OK;
}

static const char *maybe_id(struct ctx *cx, const struct row *r, int field, const char *name)
{
    return row_has(r, field)
               ? arena_printf(cx->arena, "%s = '%s'", name, id_text(cx->arena, row_i64(r, field)))
               : arena_printf(cx->arena, "%s is empty", name);
}

/* A judge says one thing of a period: what they say later replaces it. */
static enum status refuse_second(struct ctx *cx, const struct row *r)
{
    scoped(access_leave) struct access_guard guard = access_enter_system(cx);
    const char *filter = arena_printf(
        cx->arena, "period = '%s' and from_date = %s and %s and %s and %s",
        row_text(r, OVERRIDE_PERIOD), date_iso(cx->arena, row_i64(r, OVERRIDE_FROM)),
        maybe_id(cx, r, OVERRIDE_PERSON, "person_id"), maybe_id(cx, r, OVERRIDE_TEAM, "team_id"),
        maybe_id(cx, r, OVERRIDE_OWNER, "owner_id"));
    struct list_query lq = { .filter = filter, .limit = 1 };
    struct list_page page;

    TRY(list_run(cx, row_type(r), &lq, &page));
    if (page.count == 0)
        return OK;
    return ctx_fail_field(cx, "amount", "forecast_override.said_already",
                          "You have said %s for this already. Change that instead: its history "
                          "keeps what it was.",
                          row_show(cx, page.rows[0], OVERRIDE_AMOUNT));
}

static enum status override_validate(struct ctx *cx, struct row *r)
{
    struct forecast_when w =
        forecast_when(cx, row_text(r, OVERRIDE_PERIOD), row_i64(r, OVERRIDE_FROM));
    bool own =
        row_has(r, OVERRIDE_PERSON) && row_i64(r, OVERRIDE_PERSON) == row_i64(r, OVERRIDE_OWNER);

    if (row_has(r, OVERRIDE_PERSON) && row_has(r, OVERRIDE_TEAM))
        return ctx_fail_field(cx, "team_id", "forecast_override.several",
                              "It is about a person or a team, not both.");
    row_set_i64(r, OVERRIDE_FROM, w.p.from_day);
    row_set_text(r, OVERRIDE_LEVEL, own ? "own" : "manager");
    return row_is_new(r) ? refuse_second(cx, r) : OK;
}

/* "Miriam Vogt, November 2026: €120,000.00" */
static const char *override_title(struct ctx *cx, const struct row *r)
{
    struct forecast_when w =
        forecast_when(cx, row_text(r, OVERRIDE_PERIOD), row_i64(r, OVERRIDE_FROM));
    const char *who = row_has(r, OVERRIDE_PERSON) ? row_show(cx, r, OVERRIDE_PERSON)
                      : row_has(r, OVERRIDE_TEAM) ? row_show(cx, r, OVERRIDE_TEAM)
                                                  : "Everybody";

    return arena_printf(cx->arena, "%s, %s: %s", who, w.name, row_show(cx, r, OVERRIDE_AMOUNT));
}

const struct record_type forecast_override_type = {
    .name = "forecast_override",
    .label = "Forecast override",
    .plural = "Forecast overrides",
    .path = "forecast-overrides",
    .icon = "pencil",
    .sort = "-from_date",
    .title = OVERRIDE_AMOUNT,
    .title_of = override_title,
    .fields = override_fields,
    .field_count = OVERRIDE_FIELDS,
    .flags = TYPE_COMMENTS,
    ACTIONS({ "forecast", "Show the forecast", "/forecast", true, NULL }),
    .empty = "What a salesperson or their manager says a period will come to, where they know more "
             "than the numbers do.",
    .defaults = override_defaults,
    .validate = override_validate,
};

/* ---- how it stood ---- */
static const struct field snapshot_fields[] = {
    [SNAP_TAKEN_AT] = { "taken_at", FIELD_TIME, "Taken", 0 },
    [SNAP_WEEK] = { "week", FIELD_DATE, "As of", LISTED | INDEXED },
    [SNAP_PERIOD] = { "period", FIELD_CHOICE, "Period", LISTED, .choices = PERIODS },
    [SNAP_FROM] = { "from_date", FIELD_DATE, "Which begins on", LISTED | INDEXED },
    [SNAP_PERSON] = { "person_id", FIELD_REF, "Of whom", LISTED | OWNER, .ref = "user" },
    [SNAP_TEAM] = { "team_id", FIELD_REF, "Of which team", LISTED, .ref = "team" },
    [SNAP_QUOTA] = { "quota", FIELD_MONEY, "Quota", 0 },
    [SNAP_CLOSED] = { "closed", FIELD_MONEY, "Closed", LISTED },
    [SNAP_COMMIT] = { "commit_amount", FIELD_MONEY, "Commit", LISTED },
    [SNAP_BEST] = { "best_case", FIELD_MONEY, "Best case", LISTED },
    [SNAP_PIPELINE] = { "pipeline", FIELD_MONEY, "Pipeline", LISTED },
    [SNAP_WEIGHTED] = { "weighted", FIELD_MONEY, "Weighted", LISTED },
    [SNAP_LOW] = { "learned_low", FIELD_MONEY, "Learned, 1 in 10 is below", 0 },
    [SNAP_MEDIAN] = { "learned_median", FIELD_MONEY, "Learned", LISTED },
    [SNAP_HIGH] = { "learned_high", FIELD_MONEY, "Learned, 1 in 10 is above", 0 },
    [SNAP_OVERRIDE] = { "override", FIELD_MONEY, "Said", LISTED },
};
_Static_assert(countof(snapshot_fields) == SNAP_FIELDS, "enum and table differ");

const struct record_type forecast_snapshot_type = {
    .name = "forecast_snapshot",
    .label = "Forecast snapshot",
    .plural = "Forecast snapshots",
    .path = "forecast-snapshots",
    .icon = "clock",
    .sort = "-week",
    .title = SNAP_WEEK,
    .fields = snapshot_fields,
    .field_count = SNAP_FIELDS,
    .flags = TYPE_NO_CREATE | TYPE_NO_UPDATE | TYPE_NO_DELETE | TYPE_SYSTEM,
    .empty = "How the forecast stood at the beginning of each week.",
};

/* ---- periods ---- */
struct forecast_when forecast_when(struct ctx *cx, const char *unit, i64 day)
{
    const struct zone *z = kit_zone(cx);
    bool quarter = text_is(unit, "quarter");
    struct forecast_when w = { .unit = quarter ? PERIOD_QUARTER : PERIOD_MONTH,
                               .word = quarter ? "quarter" : "month" };
    i64 at = day == TIME_NONE ? ctx_now(cx) : zone_instant(z, day, 12 * 60);

    w.p.from_ms = zone_start(z, w.unit, at, 0);
    return forecast_when_next(cx, &w, 0);
}

struct forecast_when forecast_when_next(struct ctx *cx, const struct forecast_when *w, int steps)
{
    const struct zone *z = kit_zone(cx);
    struct forecast_when next = *w;

    next.p.from_ms = zone_start(z, w->unit, w->p.from_ms, steps);
    next.p.to_ms = zone_start(z, w->unit, next.p.from_ms, 1);
    next.p.from_day = zone_day(z, next.p.from_ms);
    next.p.to_day = zone_day(z, next.p.to_ms);
    next.name = zone_format(cx->arena, z, next.p.from_ms,
                            w->unit == PERIOD_QUARTER ? "'Q'Q yyyy" : "MMMM yyyy");
    return next;
}

/* ---- metrics ---- */
#define DUE(name_, label_, definition_, filter_)                                                  \
    {                                                                                             \
        .name = name_, .label = label_, .unit = UNIT_MONEY, .team = "sales",                      \
        .definition = definition_, .source = METRIC_RECORDS, .type = "deal", .filter = filter_,   \
        .aggregate = AGG_SUM, .field = "amount", .date = "close_date",                            \
        .channel_path = "contact_id.first_channel", .campaign_path = "contact_id.first_campaign", \
        .owner_path = "owner_id"                                                                  \
    }
static const struct metric metrics[] = {
    DUE("forecast_commit", "Commit",
        "Sum of the amounts of open deals in the category commit that are expected to close in the "
        "period, in base currency.",
        "status = 'open' and forecast_category = 'commit'"),
    DUE("forecast_best_case", "Best case",
        "Sum of the amounts of open deals in the category best case that are expected to close in "
        "the period, in base currency.",
        "status = 'open' and forecast_category = 'best_case'"),
    DUE("forecast_pipeline", "Pipeline in the forecast",
        "Sum of the amounts of open deals in the category pipeline that are expected to close in "
        "the period, in base currency.",
        "status = 'open' and forecast_category = 'pipeline'"),
    { .name = "forecast_weighted",
      .label = "Weighted pipeline due",
      .unit = UNIT_MONEY,
      .team = "sales",
      .definition = "Sum over the open deals expected to close in the period, those omitted left "
                    "out, of the amount times the chance of winning that the stage has, in base "
                    "currency.",
      .source = METRIC_RECORDS,
      .type = "deal",
      .filter = "status = 'open' and forecast_category != 'omitted'",
      .aggregate = AGG_SUM,
      .field = "amount",
      .weight = "stage_id.probability",
      .date = "close_date",
      .channel_path = "contact_id.first_channel",
      .campaign_path = "contact_id.first_campaign",
      .owner_path = "owner_id" },
};

static const struct job_type jobs[] = {
    { "forecast.learn", "Learn what periods may bring", forecast_learn_job, .every_ms = MS_DAY },
    { "forecast.week", "Keep how the forecast stands", forecast_week_job,
      .every_ms = 6 * (i64)MS_HOUR, .at_start = true },
};
static const struct route routes[] = {
    { HTTP_GET, "/forecast", forecast_get, NEEDS("deal", VERB_READ) },
    { HTTP_GET, "/forecast/model", forecast_model_get, NEEDS("forecast_model", VERB_READ) },
    { HTTP_POST, "/forecast/learn", forecast_learn_post, NEEDS("deal", VERB_UPDATE),
      .flags = ROUTE_SLOW },
    { HTTP_GET, "/forecast/moved", forecast_moved_get, NEEDS("deal", VERB_READ) },
};
static const struct menu_item menu[] = {
    { "sales", "Forecast", "/forecast", "chart-line", "deal", 2, NULL },
};
const struct feature feature_forecast = {
    .name = "forecast",
    TYPES(&forecast_model_type, &forecast_override_type, &forecast_snapshot_type),
    ROUTES(routes),
    METRICS(metrics),
    JOBS(jobs),
    MENU(menu),
};
