/* pipeline.c -- pipelines and stages are records like all others, so that a company can shape its
 * own way of selling. */
#include "sales/pipeline.h"
#include "kit/filter.h"
#include "sales/deal.h"

enum { DAYS_MOST = 3650 };

static const struct field pipeline_fields[] = {
    [PIPELINE_NAME] = { "name", FIELD_TEXT, "Name", REQUIRED | LISTED | UNIQUE, .max_len = 100 },
    [PIPELINE_DEFAULT] = { "is_default", FIELD_BOOL, "Used for new deals", LISTED },
    [PIPELINE_RENEWAL] = { "is_renewal", FIELD_BOOL, "For renewals of subscriptions", LISTED },
};
_Static_assert(countof(pipeline_fields) == PIPELINE_FIELDS, "enum and table differ");

static const struct field stage_fields[] = {
    [STAGE_NAME] = { "name", FIELD_TEXT, "Name", REQUIRED | LISTED, .max_len = 60 },
    [STAGE_PIPELINE] = { "pipeline_id", FIELD_REF, "Pipeline", REQUIRED | LISTED | CREATE_ONLY,
                         .ref = "pipeline" },
    [STAGE_POSITION] = { "position", FIELD_INT, "Position", LISTED | INDEXED, .min = 0, .max = 1000,
                         .otherwise = "50", .help = "Stages stand on the board in this order." },
    [STAGE_PROBABILITY] = { "probability", FIELD_INT, "Chance of winning, percent", LISTED,
                            .min = 0, .max = 100, .otherwise = "0" },
    [STAGE_KIND] = { "kind", FIELD_CHOICE, "Means", REQUIRED | LISTED, .otherwise = "open",
                     .choices = CHOICES({ "open", "Open", "blue" }, { "won", "Won", "green" },
                                        { "lost", "Lost", "red" }) },
    [STAGE_CATEGORY] = { "forecast_category", FIELD_CHOICE, "Forecast as", 0,
                         .choices = CHOICES({ "pipeline", "Pipeline", "gray" },
                                            { "best_case", "Best case", "blue" },
                                            { "commit", "Commit", "green" },
                                            { "omitted", "Omitted", "gray" }),
                         .group = "Forecast",
                         .help = "What deals here count as until their owner says otherwise. Left "
                                 "empty, from 70 percent on commit, from 40 on best case." },
    [STAGE_QUIET_DAYS] = { "quiet_days", FIELD_INT, "Days without activity", 0, .max = DAYS_MOST,
                           .otherwise = "14", .group = "When a deal counts as neglected",
                           .help = "After so many a deal here is warned of. 0: never." },
    [STAGE_DAYS] = { "most_days", FIELD_INT, "Days in this stage", 0, .max = DAYS_MOST,
                     .help = "More than these are warned of. Left empty, more than nine in ten "
                             "deals took so far." },
    [STAGE_USUAL_DAYS] = { "usual_days", FIELD_INT, "Nine in ten leave within, days", COMPUTED },
    [STAGE_PEOPLE] = { "people_least", FIELD_INT, "People to know", 0, .max = 20, .otherwise = "0",
                       .help = "With how many of the customer somebody should have spoken by now. "
                               "0: it does not matter." },
    [STAGE_EXIT] = { "exit_filter", FIELD_LONG, "What must hold before a deal moves on", 0,
                     .group = "Leaving this stage",
                     .help = "Conditions on the deal, as in lists: next_step is not empty and "
                             "amount > 0. Losing it is always possible, going back too." },
    [STAGE_EXIT_WHY] = { "exit_message", FIELD_TEXT, "What to do then", 0, .max_len = 300,
                         .help = "Said to whoever tries to move a deal too early." },
};
_Static_assert(countof(stage_fields) == STAGE_FIELDS, "enum and table differ");

/* One pipeline is the default: choosing another takes it from the one before. */
static enum status pipeline_saved(struct ctx *cx, struct row *r)
{
    scoped(stmt_close) struct stmt q = { 0 };
    struct row *other;

    if (!row_bool(r, PIPELINE_DEFAULT) || !row_changed(r, PIPELINE_DEFAULT))
        return OK;
    q = db_query(cx, "pipeline.undefault", I64("keep", row_id(r)));
    while (stmt_next(&q)) {
        TRY(record_get(cx, &pipeline_type, col_i64(&q, 0), &other));
        row_set_i64(other, PIPELINE_DEFAULT, 0);
        TRY(record_save(cx, other));
    }
    return stmt_status(&q);
}

/* Deals whose stage is gone, or suddenly means won, would be wrong in every number. */
static enum status refuse_with_deals(struct ctx *cx, i64 deals, const char *what)
{
    if (deals == 0)
        return OK;
    return ctx_fail_code(cx, E_CONFLICT, "stage.has_deals",
                         "%lld deal%s here: move %s first, then %s.", (long long)deals,
                         deals == 1 ? " stands" : "s stand", deals == 1 ? "it" : "them", what);
}

static enum status stage_validate(struct ctx *cx, struct row *r)
{
    struct filter *exit;
    i64 deals;

    if (filter_parse(cx, &deal_type, row_text(r, STAGE_EXIT), &exit) != OK) {
        const char *why = cx->error_text;
        ctx_clear_error(cx);
        return ctx_fail_field(cx, "exit_filter", "stage.exit_filter", "%s", why);
    }
    if (row_is_new(r) || !row_changed(r, STAGE_KIND))
        return OK;
    TRY(db_get_i64(cx, &deals, "stage.deals", I64("stage", row_id(r))));
    return refuse_with_deals(cx, deals, "change what the stage means");
}

static enum status stage_removed(struct ctx *cx, struct row *r)
{
    i64 deals;

    TRY(db_get_i64(cx, &deals, "stage.deals", I64("stage", row_id(r))));
    return refuse_with_deals(cx, deals, "remove the stage");
}

static enum status pipeline_removed(struct ctx *cx, struct row *r)
{
    i64 deals;

    TRY(db_get_i64(cx, &deals, "pipeline.deals", I64("pipeline", row_id(r))));
    return refuse_with_deals(cx, deals, "remove the pipeline");
}

const struct record_type pipeline_type = {
    .name = "pipeline",
    .label = "Pipeline",
    .plural = "Pipelines",
    .path = "pipelines",
    .icon = "columns",
    .section = "settings",
    .menu_order = 20,
    .sort = "name",
    .title = PIPELINE_NAME,
    .fields = pipeline_fields,
    .field_count = PIPELINE_FIELDS,
    .empty = "A pipeline is the way a deal takes from first talk to signature.",
    RELATED({ "stage", "pipeline_id", "Stages" }),
    .saved = pipeline_saved,
    .removed = pipeline_removed,
};
const struct record_type stage_type = {
    .name = "stage",
    .label = "Stage",
    .plural = "Stages",
    .path = "stages",
    .icon = "list-numbers",
    .section = "settings",
    .menu_order = 21,
    .sort = "position",
    .title = STAGE_NAME,
    .fields = stage_fields,
    .field_count = STAGE_FIELDS,
    .empty = "The steps of a pipeline, each with the chance that a deal there is won.",
    .validate = stage_validate,
    .removed = stage_removed,
};

enum status pipeline_make(struct ctx *cx, struct row *pipeline, const struct stage_plan *stages,
                          size_t count)
{
    TRY(record_save(cx, pipeline));
    for (size_t i = 0; i < count; i++) {
        struct row *stage = row_new(cx, &stage_type);
        row_set_text(stage, STAGE_NAME, stages[i].name);
        row_set_i64(stage, STAGE_PIPELINE, row_id(pipeline));
        row_set_i64(stage, STAGE_POSITION, (i64)(i + 1) * 10);
        row_set_i64(stage, STAGE_PROBABILITY, stages[i].probability);
        row_set_text(stage, STAGE_KIND, stages[i].kind);
        if (stages[i].waits) {
            row_set_i64(stage, STAGE_QUIET_DAYS, 0);
            row_set_i64(stage, STAGE_DAYS, DAYS_MOST);
        }
        TRY(record_save(cx, stage));
    }
    return OK;
}

/* The pipeline that a new workspace begins with. */
static const struct stage_plan first_stages[] = {
    { "New", 10, "open" },      { "Qualified", 20, "open" },   { "Needs analysis", 35, "open" },
    { "Proposal", 50, "open" }, { "Negotiation", 75, "open" }, { "Won", 100, "won" },
    { "Lost", 0, "lost" },
};

static enum status pipeline_start(struct ctx *cx)
{
    struct row *pipeline;
    i64 count;

    TRY(db_get_i64(cx, &count, "pipeline.count"));
    if (count > 0)
        return OK;
    pipeline = row_new(cx, &pipeline_type);
    row_set_text(pipeline, PIPELINE_NAME, "Sales");
    row_set_i64(pipeline, PIPELINE_DEFAULT, 1);
    return pipeline_make(cx, pipeline, first_stages, countof(first_stages));
}

const struct feature feature_pipeline = {
    .name = "pipeline",
    TYPES(&pipeline_type, &stage_type),
    .start = pipeline_start,
};
