/* deal.c -- a deal: money that may be won, moving through the stages of one pipeline.
 * All that follows from a deal is said here, once: read this file first to see how a feature is
 * made. */
#include "sales/deal.h"
#include "base/id.h"
#include "base/limits.h"
#include "bridge/qualify.h"
#include "kit/pages.h"
#include "kit/question.h"
#include "sales/action_plan.h"
#include "sales/card.h"
#include "sales/pipeline.h"
#include "sales/quote_int.h"
#include "sales/retry.h"

static const struct choice lost_reasons[] = {
    { "price", "Price", "amber" },        { "competitor", "Competitor", "red" },
    { "no_budget", "No budget", "gray" }, { "missing_feature", "Missing feature", "orange" },
    { "timing", "Timing", "blue" },       { "no_answer", "No answer", "gray" },
    { "no_fit", "No fit", "gray" },       { NULL, NULL, NULL },
};

static const struct field fields[] = {
    [DEAL_NAME] = { "name", FIELD_TEXT, "Name", REQUIRED | LISTED | SEARCHED, .max_len = 200 },
    [DEAL_COMPANY] = { "company_id", FIELD_REF, "Company", LISTED | CARD, .ref = "company" },
    [DEAL_CONTACT] = { "contact_id", FIELD_REF, "Contact", 0, .ref = "contact",
                       .help = "Whose journey this deal belongs to: revenue is credited to where "
                               "this person came from." },
    [DEAL_PIPELINE] = { "pipeline_id", FIELD_REF, "Pipeline", REQUIRED | LISTED,
                        .ref = "pipeline" },
    [DEAL_STAGE] = { "stage_id", FIELD_REF, "Stage", REQUIRED | LISTED | TRACKED, .ref = "stage" },
    [DEAL_AMOUNT] = { "amount", FIELD_MONEY, "Amount", LISTED | TRACKED | CARD | SUMMED | INDEXED,
                      .max = LIMIT_AMOUNT_MINOR },
    [DEAL_CLOSE] = { "close_date", FIELD_DATE, "Expected close",
                     LISTED | TRACKED | CARD | INDEXED },
    [DEAL_CATEGORY] = { "forecast_category", FIELD_CHOICE, "Forecast", TRACKED | INDEXED,
                        .choices = CHOICES(
                            { "pipeline", "Pipeline", "gray" },
                            { "best_case", "Best case", "blue" }, { "commit", "Commit", "green" },
                            { "closed", "Closed", "green" }, { "omitted", "Omitted", "gray" }),
                        .help = "How sure you are of it. The stage decides until you do." },
    [DEAL_OWNER] = { "owner_id", FIELD_REF, "Owner", LISTED | OWNER | TRACKED, .ref = "user",
                     .otherwise = "me" },
    [DEAL_NEXT_STEP] = { "next_step", FIELD_TEXT, "Next step", 0, .max_len = 300 },
    [DEAL_STATUS] = { "status", FIELD_CHOICE, "Status", COMPUTED | INDEXED, .otherwise = "open",
                      .choices = CHOICES({ "open", "Open", "blue" }, { "won", "Won", "green" },
                                         { "lost", "Lost", "red" }) },
    [DEAL_CLOSED_AT] = { "closed_at", FIELD_TIME, "Closed", COMPUTED | INDEXED },
    [DEAL_STAGE_SINCE] = { "stage_since", FIELD_TIME, "In this stage since", COMPUTED },
    [DEAL_CYCLE_DAYS] = { "cycle_days", FIELD_INT, "Days from creation to close", COMPUTED },
    [DEAL_LOST_REASON] = { "lost_reason", FIELD_CHOICE, "Lost because", TRACKED | LATER,
                           .choices = lost_reasons, .group = "When lost" },
    [DEAL_COMPETITOR] = { "competitor", FIELD_TEXT, "Lost to", LATER, .max_len = 120 },
    [DEAL_LOST_NOTE] = { "lost_note", FIELD_LONG, "What happened", LATER },
    [DEAL_RETRY] = { "retry", FIELD_CHOICE, "Second try", LATER, .otherwise = "usual",
                     .choices = CHOICES({ "usual", "As usual for this reason", "blue" },
                                        { "never", "Never", "gray" }),
                     .help = "When its day comes, a task reminds the owner." },
    [DEAL_RETRY_ON] = { "retry_on", FIELD_DATE, "Second try on", INDEXED | LATER,
                        .help = "Left empty, as many months later as the settings say for this "
                                "reason." },
    [DEAL_RETRY_TASK] = { "retry_task_id", FIELD_REF, "Task of the second try", COMPUTED,
                          .ref = "activity" },
    [DEAL_AFTER] = { "after_deal_id", FIELD_REF, "Second try of", COMPUTED, .ref = "deal" },
    [DEAL_PLAN_SHARED] = { "plan_shared_at", FIELD_TIME, "Shared since", COMPUTED,
                           .group = "Action plan" },
    [DEAL_PLAN_OPENS] = { "plan_opens", FIELD_INT, "Opened, times", COMPUTED },
    [DEAL_PLAN_SEEN_AT] = { "plan_seen_at", FIELD_TIME, "Last opened", COMPUTED },
    [DEAL_TAGS] = { "tags", FIELD_TAGS, "Tags", 0, .group = "More" },
    [DEAL_HEALTH] = { "health", FIELD_CHOICE, "Health", COMPUTED | INDEXED,
                      .choices =
                          CHOICES({ "healthy", "Healthy", "green" },
                                  { "at_risk", "At risk", "amber" }, { "stale", "Stale", "red" }) },
    [DEAL_HEALTH_SCORE] = { "health_score", FIELD_INT, "Health, of 100", COMPUTED },
    [DEAL_HEALTH_WHY] = { "health_why", FIELD_TEXT, "Warnings", COMPUTED | CARD, .max_len = 300 },
};
_Static_assert(countof(fields) == DEAL_FIELDS, "enum and table differ");

/* The contact's company, unless another was said. */
static enum status deal_company(struct ctx *cx, struct row *r)
{
    struct row *contact;
    enum status s;
    int company;

    if (row_has(r, DEAL_COMPANY) || !row_has(r, DEAL_CONTACT))
        return OK;
    s = record_get_named(cx, "contact", row_i64(r, DEAL_CONTACT), &contact);
    if (s == E_NOT_FOUND) { /* the check of the reference says so */
        ctx_clear_error(cx);
        return OK;
    }
    TRY(s);
    company = type_field(row_type(contact), "company_id");
    if (row_has(contact, company))
        row_set_i64(r, DEAL_COMPANY, row_i64(contact, company));
    return OK;
}

/* A new deal needs no more than a name: it begins in the first open stage of the default pipeline.
 */
static enum status deal_defaults(struct ctx *cx, struct row *r)
{
    enum status s = OK;
    i64 id = 0;

    TRY(deal_company(cx, r));
    if (!row_has(r, DEAL_PIPELINE)) {
        s = row_has(r, DEAL_STAGE)
                ? db_get_i64(cx, &id, "stage.pipeline", I64("stage", row_i64(r, DEAL_STAGE)))
                : db_get_i64(cx, &id, "pipeline.default");
        row_set_i64(r, DEAL_PIPELINE, id);
    }
    if (s == OK && !row_has(r, DEAL_STAGE)) {
        s = db_get_i64(cx, &id, "stage.first", I64("pipeline", row_i64(r, DEAL_PIPELINE)));
        row_set_i64(r, DEAL_STAGE, id);
    }
    if (s == OK && !row_has(r, DEAL_CATEGORY)) {
        struct row *stage;
        s = record_get(cx, &stage_type, row_i64(r, DEAL_STAGE), &stage);
        if (s == OK && text_is(row_text(stage, STAGE_KIND), "open"))
            row_set_text(r, DEAL_CATEGORY, stage_category(stage));
        if (s == E_NOT_FOUND) { /* the check of the reference says so */
            ctx_clear_error(cx);
            return OK;
        }
    }
    if (s == E_NOT_FOUND)
        return ctx_fail_field(cx, "stage_id", "deal.no_stage",
                              "There is no open stage to begin in: add one to the pipeline, or "
                              "choose another.");
    return s;
}

/* The stage decides whether a deal is open, won or lost; when it closed and how long it took follow
 * from that. */
static void deal_close_or_open(struct ctx *cx, struct row *r, const char *kind)
{
    if (!text_is(kind, "lost")) /* the change log keeps what was said */
        row_clear(r, DEAL_LOST_REASON);
    if (text_is(kind, "open")) {
        row_clear(r, DEAL_CLOSED_AT);
        row_clear(r, DEAL_CYCLE_DAYS);
    } else if (!row_has(r, DEAL_CLOSED_AT) || !text_is(row_text(r, DEAL_STATUS), kind)) {
        i64 made = row_is_new(r) ? ctx_now(cx) : row_created_at(r);
        row_set_i64(r, DEAL_CLOSED_AT, ctx_now(cx));
        row_set_i64(r, DEAL_CYCLE_DAYS, (ctx_now(cx) - made) / MS_DAY);
    }
    row_set_text(r, DEAL_STATUS, kind);
}

/* What the stage says, until a person says otherwise; closing says it for everybody. */
static enum status deal_categorise(struct ctx *cx, struct row *r, const struct row *stage)
{
    const struct row *before = row_before(r);
    const char *said = row_text(r, DEAL_CATEGORY), *kind = row_text(stage, STAGE_KIND);
    struct row *left;
    enum status s;

    if (!text_is(kind, "open")) {
        row_set_text(r, DEAL_CATEGORY, text_is(kind, "won") ? "closed" : "omitted");
        return OK;
    }
    if (text_is(said, "closed") && row_changed(r, DEAL_CATEGORY))
        return ctx_fail_field(cx, "forecast_category", "deal.closed_by_winning",
                              "A deal is closed by winning it. Choose commit if you are sure.");
    if (row_has(r, DEAL_CATEGORY) && row_changed(r, DEAL_CATEGORY))
        return OK;
    if (before && row_has(r, DEAL_CATEGORY) && text_is(row_text(before, DEAL_STATUS), "open")) {
        if (!row_changed(r, DEAL_STAGE))
            return OK;
        s = record_get_any(cx, &stage_type, row_i64(before, DEAL_STAGE), &left);
        if (s != OK && s != E_NOT_FOUND)
            return s;
        if (s == OK && !text_is(said, stage_category(left)))
            return OK;
        ctx_clear_error(cx);
    }
    row_set_text(r, DEAL_CATEGORY, stage_category(stage));
    return OK;
}

static enum status deal_validate(struct ctx *cx, struct row *r)
{
    struct row *stage;

    TRY(record_get(cx, &stage_type, row_i64(r, DEAL_STAGE), &stage));
    if (row_i64(stage, STAGE_PIPELINE) != row_i64(r, DEAL_PIPELINE))
        return ctx_fail_field(
            cx, "stage_id", "deal.stage_not_in_pipeline",
            "'%s' is a stage of another pipeline. Choose one of this deal's pipeline.",
            row_title(cx, stage));
    if (text_is(row_text(stage, STAGE_KIND), "lost") && !row_has(r, DEAL_LOST_REASON))
        return ctx_fail_field(cx, "lost_reason", "required",
                              "Say why the deal was lost, so that both teams can learn from it.");
    if (!row_is_new(r) && row_changed(r, DEAL_STAGE))
        TRY(deal_may_leave(cx, r, stage));
    TRY(retry_settle(cx, r, text_is(row_text(stage, STAGE_KIND), "lost")));
    TRY(deal_categorise(cx, r, stage));
    deal_close_or_open(cx, r, row_text(stage, STAGE_KIND));
    if (row_is_new(r) || row_changed(r, DEAL_STAGE))
        row_set_i64(r, DEAL_STAGE_SINCE, ctx_now(cx));
    return deal_set_health(cx, r, stage);
}

static enum status deal_event(struct ctx *cx, const struct row *r, const char *kind,
                              struct val *props)
{
    return journey_note(cx, &(struct journey_note){ .kind = kind,
                                                    .contact_id = row_i64(r, DEAL_CONTACT),
                                                    .record_id = row_id(r),
                                                    .value_minor = row_base_minor(r, DEAL_AMOUNT),
                                                    .props = props });
}

static enum status deal_happens(struct ctx *cx, struct row *r, const char *what)
{
    struct val *props = val_map(cx->arena);

    val_put_i64(props, "company_id", row_i64(r, DEAL_COMPANY));
    return happen(cx, &(struct happening){ .name = what,
                                           .row = r,
                                           .contact_id = row_i64(r, DEAL_CONTACT),
                                           .value_minor = row_base_minor(r, DEAL_AMOUNT),
                                           .props = props });
}

static enum status tell_closed(struct ctx *cx, struct row *r, struct val *props)
{
    if (text_is(row_text(r, DEAL_STATUS), "lost")) {
        val_put_text(props, "reason", row_show(cx, r, DEAL_LOST_REASON));
        TRY(deal_event(cx, r, "deal_lost", props));
        return deal_happens(cx, r, "deal.lost");
    }
    TRY(deal_event(cx, r, "deal_won", props));
    return deal_happens(cx, r, "deal.won");
}

static enum status deal_saved(struct ctx *cx, struct row *r)
{
    const struct row *before = row_before(r);
    struct val *props = val_map(cx->arena);
    bool closes = row_changed(r, DEAL_STATUS) && !text_is(row_text(r, DEAL_STATUS), "open");

    val_put_text(props, "by", cx->access->user_id ? cx->access->name : "");
    val_put_text(props, "name", row_text(r, DEAL_NAME));
    val_put_text(props, "to", row_show(cx, r, DEAL_STAGE));
    if (!before)
        TRY(deal_event(cx, r, "deal_created", props));
    else if (row_changed(r, DEAL_STAGE)) {
        val_put_text(props, "from", row_show(cx, before, DEAL_STAGE));
        if (!closes) /* winning and losing tell the change of stage themselves */
            TRY(deal_event(cx, r, "stage_change", props));
    }
    if (closes)
        TRY(tell_closed(cx, r, props));
    return retry_follow(cx, r);
}

/* Moves a deal to the stage of its pipeline that means `kind`. All or nothing. */
static enum status deal_close(struct ctx *cx, struct row *deal, const char *kind)
{
    i64 stage_id;
    enum status s = db_get_i64(cx, &stage_id, "stage.closing",
                               I64("pipeline", row_i64(deal, DEAL_PIPELINE)), TEXT("kind", kind));

    if (s == E_NOT_FOUND)
        return ctx_fail_code(cx, E_CONFLICT, "deal.no_closing_stage",
                             "This pipeline has no stage that means %s. Add one in the settings.",
                             kind);
    TRY(s);
    row_set_i64(deal, DEAL_STAGE, stage_id);
    return record_save(cx, deal);
}

/* POST /deals/:id/won */
static enum status deal_won_post(struct req *rq)
{
    struct row *deal;
    i64 id;

    TRY(req_id(rq, "id", &id));
    TRY(record_get(rq->cx, &deal_type, id, &deal));
    TRY(deal_close(rq->cx, deal, "won"));
    return reply_done(rq, row_path(rq->cx, deal), "Won: %s.", row_text(deal, DEAL_NAME));
}

/* The part of a deal's form that says why it was lost, with what was typed and what is missing. */
static enum status show_lost_form(struct req *rq, const struct row *deal)
{
    struct val *page = val_map(rq->cx->arena);
    const struct form_part part = {
        .title = arena_printf(rq->cx->arena, "Close %s as lost", row_text(deal, DEAL_NAME)),
        .group = fields[DEAL_LOST_REASON].group,
        .verb = "lost",
        .submit = "Close as lost",
        .note = "Both teams learn from the reason.",
    };

    TRY(page_form_part(rq, deal, &part, page));
    return reply(rq, "kit/form", page);
}

/* GET /deals/:id/lost */
static enum status deal_lost_form(struct req *rq)
{
    struct row *deal;
    i64 id;

    TRY(req_id(rq, "id", &id));
    TRY(record_get(rq->cx, &deal_type, id, &deal));
    if (!row_has(deal, DEAL_RETRY))
        row_set_text(deal, DEAL_RETRY, fields[DEAL_RETRY].otherwise);
    return show_lost_form(rq, deal);
}

/* POST /deals/:id/lost {lost_reason, competitor, lost_note, retry, retry_on} */
static enum status deal_lost_post(struct req *rq)
{
    static const int asked[] = { DEAL_LOST_REASON, DEAL_COMPETITOR, DEAL_LOST_NOTE, DEAL_RETRY,
                                 DEAL_RETRY_ON };
    struct ctx *cx = rq->cx;
    enum status s = OK;
    struct row *deal;
    i64 id;

    TRY(req_id(rq, "id", &id));
    TRY(record_get(cx, &deal_type, id, &deal));
    for (size_t i = 0; i < countof(asked) && s == OK; i++)
        s = row_parse(cx, deal, asked[i], req_form(rq, fields[asked[i]].name));
    if (s == OK)
        s = deal_close(cx, deal, "lost");
    if (s == E_INVALID && !rq->wants_json) {
        reply_status(rq, 422);
        return show_lost_form(rq, deal);
    }
    TRY(s);
    return reply_done(rq, row_path(cx, deal), "Closed as lost: %s.", row_text(deal, DEAL_NAME));
}

/* How it does; and what was offered, asked and conceded on all its quotes. */
static enum status deal_detail(struct ctx *cx, const struct row *r, struct val *page)
{
    struct quote_lines quotes = { 0 };

    TRY(deal_put_health(cx, r, page));
    TRY(plan_put(cx, r, page));
    TRY(qualify_put(cx, r, page));
    TRY(cards_put(cx, r, page));
    if (access_scope(cx->access, "quote", VERB_READ) != SCOPE_NONE)
        TRY(quotes_of_deal(cx, row_id(r), &quotes));
    return quote_put_ledger(cx, &quotes, page);
}

static bool deal_is_open(struct ctx *cx, const struct row *r)
{
    (void)cx;
    return text_is(row_text(r, DEAL_STATUS), "open");
}

static bool deal_is_lost(struct ctx *cx, const struct row *r)
{
    (void)cx;
    return text_is(row_text(r, DEAL_STATUS), "lost");
}

const struct record_type deal_type = {
    .name = "deal",
    .label = "Deal",
    .plural = "Deals",
    .path = "deals",
    .icon = "coin",
    .section = "sales",
    .menu_order = 1,
    .sort = "-created_at",
    .rate_day = "closed_at",
    .title = DEAL_NAME,
    .board = "stage_id",
    .board_by = "pipeline_id",
    .fields = fields,
    .field_count = DEAL_FIELDS,
    .flags = TYPE_TIMELINE | TYPE_COMMENTS,
    .empty =
        "A deal is money that may be won. Open one when a lead has a need, a budget and a date.",
    RELATED({ "activity", "deal_id", "Activities" }, { "quote", "deal_id", "Quotes" },
            { "buying_role", "deal_id", "Buying group" },
            { "deal_competitor", "deal_id", "Competitors" },
            { "ticket", "deal_id", "Service tickets" }),
    ACTIONS({ "won", "Won", NULL, true, deal_is_open },
            { "lost", "Lost", "/deals/:id/lost", false, deal_is_open },
            { "quote", "New quote", NULL, false, deal_is_open },
            { "again", "Try again", NULL, true, deal_is_lost }),
    .defaults = deal_defaults,
    INDEXES(
        { "deal_board", "pipeline_id, stage_id, close_date, id, amount_base_minor, deleted_at" },
        { "deal_board_latest", "pipeline_id, stage_id, stage_since, id, deleted_at" }),
    .validate = deal_validate,
    .saved = deal_saved,
    .detail = deal_detail,
    .detail_template = "deal/detail",
};

static const struct route routes[] = {
    { HTTP_POST, "/deals/:id/won", deal_won_post, NEEDS("deal", VERB_UPDATE) },
    { HTTP_GET, "/deals/:id/lost", deal_lost_form, NEEDS("deal", VERB_UPDATE) },
    { HTTP_POST, "/deals/:id/lost", deal_lost_post, NEEDS("deal", VERB_UPDATE) },
};

static const struct event_kind kinds[] = {
    { "deal_created", "Deal created", "coin", KIND_SALES | KIND_MONEY, "deal" },
    { "stage_change", "Stage changed", "arrow-right", KIND_SALES | KIND_CHAPTER, "deal" },
    { "deal_won", "Deal won", "trophy", KIND_SALES | KIND_MONEY | KIND_CHAPTER, "deal" },
    { "deal_lost", "Deal lost", "x", KIND_SALES | KIND_CHAPTER, "deal" },
};

#define BY_ORIGIN                                                                             \
    .channel_path = "contact_id.first_channel", .campaign_path = "contact_id.first_campaign", \
    .owner_path = "owner_id"
static const struct metric metrics[] = {
    { .name = "pipeline_value",
      .label = "Pipeline value",
      .unit = UNIT_MONEY,
      .team = "sales",
      .definition = "Sum of the amounts of all open deals, in base currency.",
      .source = METRIC_RECORDS,
      .type = "deal",
      .filter = "status = 'open'",
      .aggregate = AGG_SUM,
      .field = "amount",
      .time = AT_NOW,
      BY_ORIGIN },
    { .name = "open_deals",
      .label = "Open deals",
      .unit = UNIT_COUNT,
      .team = "sales",
      .definition = "Deals that are neither won nor lost.",
      .source = METRIC_RECORDS,
      .type = "deal",
      .filter = "status = 'open'",
      .aggregate = AGG_COUNT,
      .time = AT_NOW,
      BY_ORIGIN },
    { .name = "deals_created",
      .label = "Deals created",
      .unit = UNIT_COUNT,
      .team = "sales",
      .definition = "Deals created in the period.",
      .source = METRIC_RECORDS,
      .type = "deal",
      .aggregate = AGG_COUNT,
      .date = "created_at",
      BY_ORIGIN },
    { .name = "deals_won",
      .label = "Deals won",
      .unit = UNIT_COUNT,
      .team = "sales",
      .definition = "Deals that were closed as won in the period.",
      .source = METRIC_RECORDS,
      .type = "deal",
      .filter = "status = 'won'",
      .aggregate = AGG_COUNT,
      .date = "closed_at",
      BY_ORIGIN },
    { .name = "deals_lost",
      .label = "Deals lost",
      .unit = UNIT_COUNT,
      .team = "sales",
      .less_is_better = true,
      .definition = "Deals that were closed as lost in the period.",
      .source = METRIC_RECORDS,
      .type = "deal",
      .filter = "status = 'lost'",
      .aggregate = AGG_COUNT,
      .date = "closed_at",
      BY_ORIGIN },
    { .name = "deals_closed",
      .label = "Deals closed",
      .unit = UNIT_COUNT,
      .team = "sales",
      .definition = "Deals that were closed in the period, won or lost.",
      .source = METRIC_RECORDS,
      .type = "deal",
      .filter = "status != 'open'",
      .aggregate = AGG_COUNT,
      .date = "closed_at",
      BY_ORIGIN },
    { .name = "revenue",
      .label = "Revenue",
      .unit = UNIT_MONEY,
      .team = "both",
      .definition = "Sum of the amounts of deals won in the period, in base currency.",
      .source = METRIC_RECORDS,
      .type = "deal",
      .filter = "status = 'won'",
      .aggregate = AGG_SUM,
      .field = "amount",
      .date = "closed_at",
      BY_ORIGIN },
    { .name = "win_rate",
      .label = "Win rate",
      .unit = UNIT_RATIO,
      .team = "sales",
      .definition = "Deals won divided by deals closed in the period, by count.",
      .source = METRIC_DIVIDED,
      .numerator = "deals_won",
      .denominator = "deals_closed" },
    { .name = "average_deal_size",
      .label = "Average deal size",
      .unit = UNIT_MONEY,
      .team = "sales",
      .definition = "Mean amount of the deals won in the period, in base currency.",
      .source = METRIC_RECORDS,
      .type = "deal",
      .filter = "status = 'won'",
      .aggregate = AGG_AVG,
      .field = "amount",
      .date = "closed_at",
      BY_ORIGIN },
    { .name = "sales_cycle",
      .label = "Sales cycle",
      .unit = UNIT_DAYS,
      .team = "sales",
      .less_is_better = true,
      .definition = "Mean number of days from creation to close of the deals won in the period.",
      .source = METRIC_RECORDS,
      .type = "deal",
      .filter = "status = 'won'",
      .aggregate = AGG_AVG,
      .field = "cycle_days",
      .date = "closed_at",
      BY_ORIGIN },
    { .name = "sales_cycle_median",
      .label = "Sales cycle, median",
      .unit = UNIT_DAYS,
      .team = "sales",
      .less_is_better = true,
      .definition = "Median number of days from creation to close of the deals won in the period: "
                    "half of them took no longer.",
      .source = METRIC_RECORDS,
      .type = "deal",
      .filter = "status = 'won'",
      .aggregate = AGG_MEDIAN,
      .field = "cycle_days",
      .date = "closed_at",
      BY_ORIGIN },
    { .name = "median_deal_size",
      .label = "Median deal size",
      .unit = UNIT_MONEY,
      .team = "sales",
      .definition = "Median amount of the deals won in the period, in base currency: one very big "
                    "deal does not move it.",
      .source = METRIC_RECORDS,
      .type = "deal",
      .filter = "status = 'won'",
      .aggregate = AGG_MEDIAN,
      .field = "amount",
      .date = "closed_at",
      BY_ORIGIN },
    { .name = "closed_value",
      .label = "Value of closed deals",
      .unit = UNIT_MONEY,
      .team = "sales",
      .definition = "Sum of the amounts of deals closed in the period, won or lost, in base "
                    "currency.",
      .source = METRIC_RECORDS,
      .type = "deal",
      .filter = "status != 'open'",
      .aggregate = AGG_SUM,
      .field = "amount",
      .date = "closed_at",
      BY_ORIGIN },
    { .name = "win_rate_value",
      .label = "Win rate by value",
      .unit = UNIT_RATIO,
      .team = "sales",
      .definition = "Amounts won divided by amounts won or lost in the period.",
      .source = METRIC_DIVIDED,
      .numerator = "revenue",
      .denominator = "closed_value" },
    { .name = "deals_created_won",
      .label = "New deals since won",
      .unit = UNIT_COUNT,
      .team = "sales",
      .definition = "Deals created in the period that have been won since.",
      .source = METRIC_RECORDS,
      .type = "deal",
      .filter = "status = 'won'",
      .aggregate = AGG_COUNT,
      .date = "created_at",
      BY_ORIGIN },
    { .name = "win_rate_cohort",
      .label = "Win rate of new deals",
      .unit = UNIT_RATIO,
      .team = "sales",
      .definition = "Cohort version: of the deals created in the period, the share that has been "
                    "won since. Young periods are low because their deals are still open.",
      .source = METRIC_DIVIDED,
      .numerator = "deals_created_won",
      .denominator = "deals_created" },
    { .name = "weighted_pipeline",
      .label = "Weighted pipeline",
      .unit = UNIT_MONEY,
      .team = "sales",
      .definition = "Sum over all open deals of the amount times the chance of winning that its "
                    "stage has, in base currency.",
      .source = METRIC_RECORDS,
      .type = "deal",
      .filter = "status = 'open'",
      .aggregate = AGG_SUM,
      .field = "amount",
      .weight = "stage_id.probability",
      .time = AT_NOW,
      BY_ORIGIN },
    { .name = "pipeline_due",
      .label = "Pipeline due",
      .unit = UNIT_MONEY,
      .team = "sales",
      .definition = "Sum of the amounts of open deals that are expected to close in the period, in "
                    "base currency.",
      .source = METRIC_RECORDS,
      .type = "deal",
      .filter = "status = 'open'",
      .aggregate = AGG_SUM,
      .field = "amount",
      .date = "close_date",
      BY_ORIGIN },
    { .name = "revenue_target",
      .label = "Revenue target",
      .unit = UNIT_MONEY,
      .team = "sales",
      .definition = "The quota: what the targets set for revenue come to in the period.",
      .source = METRIC_TARGET,
      .target_of = "revenue" },
    { .name = "quota_attainment",
      .label = "Quota attainment",
      .unit = UNIT_RATIO,
      .team = "sales",
      .definition = "Revenue divided by the revenue target of the period.",
      .source = METRIC_DIVIDED,
      .numerator = "revenue",
      .denominator = "revenue_target" },
    { .name = "pipeline_coverage",
      .label = "Pipeline coverage",
      .unit = UNIT_NUMBER,
      .team = "sales",
      .definition = "Pipeline due in the period divided by its revenue target. Three times as much "
                    "is usual.",
      .source = METRIC_DIVIDED,
      .numerator = "pipeline_due",
      .denominator = "revenue_target" },
    { .name = "sales_velocity",
      .label = "Sales velocity",
      .unit = UNIT_MONEY,
      .team = "sales",
      .definition = "Open deals times average deal size times win rate, divided by the sales cycle "
                    "in days: what the pipeline earns a day.",
      .source = METRIC_FORMULA,
      .formula = "open_deals * average_deal_size * win_rate / sales_cycle" },
    { .name = "forecast_at_start",
      .label = "Forecast at the start",
      .unit = UNIT_MONEY,
      .team = "sales",
      .definition = "As the period began: the deals then open and expected to close in it, each "
                    "amount times the chance of its stage of that day. Read from the change log.",
      .source = METRIC_RECORDS,
      .type = "deal",
      .filter = "status = 'open'",
      .aggregate = AGG_SUM,
      .field = "amount",
      .weight = "stage_id.probability",
      .time = AT_START,
      .date = "close_date",
      BY_ORIGIN },
    { .name = "forecast_accuracy",
      .label = "Forecast accuracy",
      .unit = UNIT_RATIO,
      .team = "sales",
      .definition = "One minus the distance between the forecast at the start of the period and "
                    "its revenue, divided by the revenue.",
      .source = METRIC_FORMULA,
      .formula = "1 - abs(forecast_at_start - revenue) / revenue" },
    { .name = "campaign_revenue",
      .label = "Revenue from campaigns",
      .unit = UNIT_MONEY,
      .team = "both",
      .definition = "Revenue of the period from contacts whose first touch was a campaign, in base "
                    "currency.",
      .source = METRIC_RECORDS,
      .type = "deal",
      .filter = "status = 'won' and contact_id.first_campaign is not empty",
      .aggregate = AGG_SUM,
      .field = "amount",
      .date = "closed_at",
      BY_ORIGIN },
    { .name = "buying_companies",
      .label = "Companies that bought",
      .unit = UNIT_COUNT,
      .team = "both",
      .definition = "Companies with at least one deal won in the period.",
      .source = METRIC_RECORDS,
      .type = "deal",
      .filter = "status = 'won'",
      .aggregate = AGG_COUNT_DISTINCT,
      .field = "company_id",
      .date = "closed_at",
      BY_ORIGIN },
    { .name = "revenue_per_company",
      .label = "Revenue per company",
      .unit = UNIT_MONEY,
      .team = "both",
      .definition = "Revenue divided by the companies that bought in the period (ARPA).",
      .source = METRIC_DIVIDED,
      .numerator = "revenue",
      .denominator = "buying_companies" },
    { .name = "customer_companies",
      .label = "Customer companies",
      .unit = UNIT_COUNT,
      .team = "both",
      .definition = "Companies that ever bought: at least one deal won.",
      .source = METRIC_RECORDS,
      .type = "deal",
      .filter = "status = 'won'",
      .aggregate = AGG_COUNT_DISTINCT,
      .field = "company_id",
      .time = AT_NOW,
      BY_ORIGIN },
    { .name = "repeat_customers",
      .label = "Repeat customers",
      .unit = UNIT_COUNT,
      .team = "both",
      .definition = "Companies that bought at least twice: two deals won or more.",
      .source = METRIC_RECORDS,
      .type = "deal",
      .filter = "status = 'won'",
      .aggregate = AGG_COUNT_DISTINCT,
      .field = "company_id",
      .at_least = 2,
      .time = AT_NOW,
      BY_ORIGIN },
    { .name = "repeat_rate",
      .label = "Repeat rate",
      .unit = UNIT_RATIO,
      .team = "both",
      .definition = "Repeat customers divided by customer companies.",
      .source = METRIC_DIVIDED,
      .numerator = "repeat_customers",
      .denominator = "customer_companies" },
    { .name = "revenue_to_date",
      .label = "Revenue to date",
      .unit = UNIT_MONEY,
      .team = "both",
      .definition = "Sum of the amounts of all deals ever won, in base currency.",
      .source = METRIC_RECORDS,
      .type = "deal",
      .filter = "status = 'won'",
      .aggregate = AGG_SUM,
      .field = "amount",
      .time = AT_NOW,
      BY_ORIGIN },
    { .name = "customer_value",
      .label = "Revenue per customer to date",
      .unit = UNIT_MONEY,
      .team = "both",
      .definition = "Revenue to date divided by customer companies: the historic lifetime value, "
                    "as revenue, since no margin is known.",
      .source = METRIC_DIVIDED,
      .numerator = "revenue_to_date",
      .denominator = "customer_companies" },
};

const struct feature feature_deal = {
    .name = "deal",
    TYPES(&deal_type),
    ROUTES(routes),
    METRICS(metrics),
    EVENT_KINDS(kinds),
};
