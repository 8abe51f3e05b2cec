/* commission_plan.c -- what commissions are worked out from: plans, their rates, who is on them,
 * and who shares a deal. */
#include "sales/commission_plan.h"
#include "base/limits.h"
#include "sales/commission.h"

enum { DECIMALS = 4 };

static const struct field fields[] = {
    [CPLAN_NAME] = { "name", FIELD_TEXT, "Name", REQUIRED | LISTED | SEARCHED, .max_len = 100 },
    [CPLAN_BASIS] = { "basis", FIELD_CHOICE, "Paid for", REQUIRED | LISTED, .otherwise = "won",
                      .choices = CHOICES({ "won", "What is won", "green" },
                                         { "paid", "What customers have paid", "blue" }),
                      .help = "Won: the amount of each deal, in the period in which it is won. "
                              "Paid: what of its invoices was paid, before tax, as it comes in." },
    [CPLAN_UNIT] = { "unit", FIELD_CHOICE, "Worked out for each", REQUIRED | LISTED,
                     .otherwise = "month",
                     .choices =
                         CHOICES({ "month", "Month", "gray" }, { "quarter", "Quarter", "gray" },
                                 { "year", "Year", "gray" }) },
    [CPLAN_FROM] = { "from_date", FIELD_DATE, "From", REQUIRED | LISTED },
    [CPLAN_UNTIL] = { "until_date", FIELD_DATE, "Until", LISTED,
                      .help = "The last day. Left empty, it goes on." },
    [CPLAN_WHOLE] = { "whole", FIELD_BOOL, "The rate reached holds for everything", 0,
                      .help = "Otherwise each part earns the rate of the tier in which it lies." },
    [CPLAN_CAP] = { "cap", FIELD_MONEY, "At most, a period", 0, .min = 0, .max = LIMIT_AMOUNT_MINOR,
                    .help = "In base currency. Left empty, there is no cap." },
    [CPLAN_ACTIVE] = { "active", FIELD_BOOL, "Active", LISTED, .otherwise = "true" },
    [CPLAN_NOTE] = { "note", FIELD_LONG, "Terms in words", 0, .group = "More" },
};
_Static_assert(countof(fields) == CPLAN_FIELDS, "enum and table differ");

static const struct field tier_fields[] = {
    [CTIER_PLAN] = { "plan_id", FIELD_REF, "Plan", REQUIRED | LISTED | CREATE_ONLY,
                     .ref = "commission_plan" },
    [CTIER_FROM] = { "from_percent", FIELD_DECIMAL, "From, percent of the quota",
                     REQUIRED | LISTED | TRACKED, .scale = DECIMALS, .otherwise = "0", .min = 0,
                     .max = 100 * (i64)COMMISSION_WHOLE,
                     .help = "0 from the first sale on; 100 from the quota on (an accelerator)." },
    [CTIER_RATE] = { "rate_percent", FIELD_DECIMAL, "Rate, percent", REQUIRED | LISTED | TRACKED,
                     .scale = DECIMALS, .min = 0, .max = COMMISSION_WHOLE },
    [CTIER_PRODUCT] = { "product_id", FIELD_REF, "Only for", LISTED, .ref = "product",
                        .help = "This product earns this rate whatever is reached, and counts for "
                                "the quota alike. Of deals with an order that names it." },
};
_Static_assert(countof(tier_fields) == CTIER_FIELDS, "enum and table differ");

static const struct field member_fields[] = {
    [CMEMBER_PLAN] = { "plan_id", FIELD_REF, "Plan", REQUIRED | LISTED | CREATE_ONLY,
                       .ref = "commission_plan" },
    [CMEMBER_USER] = { "user_id", FIELD_REF, "Who", REQUIRED | LISTED, .ref = "user" },
    [CMEMBER_FROM] = { "from_date", FIELD_DATE, "From", LISTED,
                       .help = "Left empty, as long as the plan." },
    [CMEMBER_UNTIL] = { "until_date", FIELD_DATE, "Until", LISTED },
};
_Static_assert(countof(member_fields) == CMEMBER_FIELDS, "enum and table differ");

static const struct field split_fields[] = {
    [CSPLIT_DEAL] = { "deal_id", FIELD_REF, "Deal", REQUIRED | LISTED | CREATE_ONLY,
                      .ref = "deal" },
    [CSPLIT_USER] = { "user_id", FIELD_REF, "Who", REQUIRED | LISTED, .ref = "user" },
    [CSPLIT_PERCENT] = { "percent", FIELD_DECIMAL, "Percent of the deal",
                         REQUIRED | LISTED | TRACKED, .scale = DECIMALS, .min = 1,
                         .max = COMMISSION_WHOLE },
    [CSPLIT_NOTE] = { "note", FIELD_TEXT, "Why", LISTED, .max_len = 200 },
};
_Static_assert(countof(split_fields) == CSPLIT_FIELDS, "enum and table differ");

static enum status ends_after(struct ctx *cx, const struct row *r, int from, int until)
{
    if (!row_has(r, from) || !row_has(r, until) || row_i64(r, until) >= row_i64(r, from))
        return OK;
    return ctx_fail_field(cx, "until_date", "commission.ends_early",
                          "It ends on %s, before it begins on %s.", row_plain(cx, r, until),
                          row_plain(cx, r, from));
}

static enum status plan_validate(struct ctx *cx, struct row *r)
{
    if (row_has(r, CPLAN_CAP) && !text_is(row_money(r, CPLAN_CAP).currency, base_currency(cx)))
        return ctx_fail_field(cx, "cap", "commission.currency",
                              "Commissions are in %s: so is their cap.", base_currency(cx));
    return ends_after(cx, r, CPLAN_FROM, CPLAN_UNTIL);
}

static enum status tier_validate(struct ctx *cx, struct row *r)
{
    struct row *plan;
    i64 same;

    TRY(record_get(cx, &commission_plan_type, row_i64(r, CTIER_PLAN), &plan));
    if (row_has(r, CTIER_PRODUCT) && row_i64(r, CTIER_FROM) != 0)
        return ctx_fail_field(cx, "from_percent", "commission.product_tier",
                              "A product earns one rate, whatever is reached: from 0 percent on.");
    if (row_has(r, CTIER_PRODUCT) && text_is(row_text(plan, CPLAN_BASIS), "paid"))
        return ctx_fail_field(cx, "product_id", "commission.product_paid",
                              "Payments do not say for which product they are: rates by product "
                              "are for plans on what is won.");
    TRY(db_get_i64(cx, &same, "commission.same_tier", I64("plan", row_i64(r, CTIER_PLAN)),
                   I64("from", row_i64(r, CTIER_FROM)), I64("product", row_i64(r, CTIER_PRODUCT)),
                   I64("id", row_id(r))));
    if (same)
        return ctx_fail_field(cx, "from_percent", "commission.same_tier",
                              "This plan has a rate from there on already. Change that one.");
    return OK;
}

static enum status member_validate(struct ctx *cx, struct row *r)
{
    return ends_after(cx, r, CMEMBER_FROM, CMEMBER_UNTIL);
}

/* Whoever has the deal, their manager, or an administrator says who shares it. */
static enum status may_split(struct ctx *cx, const struct row *deal)
{
    i64 manager = 0;
    enum status s;
    int owner = type_field(row_type(deal), "owner_id");

    if (cx->access->admin || cx->access->system || row_i64(deal, owner) == cx->access->user_id)
        return OK;
    s = db_get_i64(cx, &manager, "commission.manager", I64("user", row_i64(deal, owner)));
    if (s != OK && s != E_NOT_FOUND)
        return s;
    ctx_clear_error(cx);
    if (s == OK && manager == cx->access->user_id)
        return OK;
    return ctx_fail_code(cx, E_FORBIDDEN, "commission.not_yours",
                         "Only who has the deal, and their manager, say who shares it.");
}

static enum status split_validate(struct ctx *cx, struct row *r)
{
    struct row *deal;
    i64 others;

    TRY(record_get_named(cx, "deal", row_i64(r, CSPLIT_DEAL), &deal));
    TRY(may_split(cx, deal));
    TRY(db_get_i64(cx, &others, "commission.split_sum", I64("deal", row_i64(r, CSPLIT_DEAL)),
                   I64("id", row_id(r))));
    if (others + row_i64(r, CSPLIT_PERCENT) > COMMISSION_WHOLE)
        return ctx_fail_field(cx, "percent", "commission.split",
                              "Others have %.4g percent of this deal: together that is more than "
                              "all of it.",
                              (double)others / (COMMISSION_WHOLE / 100));
    return OK;
}

/* "4", "7.5": without the noughts that a field of four decimals has. */
static const char *short_percent(struct ctx *cx, const struct row *r, int field)
{
    char *text = arena_text(cx->arena, row_plain(cx, r, field));
    size_t len = strlen(text);

    while (len > 0 && strchr(text, '.') && (text[len - 1] == '0' || text[len - 1] == '.'))
        text[--len] = '\0';
    return text;
}

static const char *tier_title(struct ctx *cx, const struct row *r)
{
    return arena_printf(cx->arena, "%s %% from %s %% on", short_percent(cx, r, CTIER_RATE),
                        short_percent(cx, r, CTIER_FROM));
}

const struct record_type commission_plan_type = {
    .name = "commission_plan",
    .label = "Commission plan",
    .plural = "Commission plans",
    .path = "commission-plans",
    .icon = "percentage",
    .section = "settings",
    .menu_order = 28,
    .sort = "name",
    .title = CPLAN_NAME,
    .fields = fields,
    .field_count = CPLAN_FIELDS,
    .empty = "What salespeople earn on what they sell: rates that grow with the quota that is "
             "reached, by period, with a statement for each person.",
    RELATED({ "commission_tier", "plan_id", "Rates" }, { "commission_member", "plan_id", "People" },
            { "commission_statement", "plan_id", "Statements" }),
    .validate = plan_validate,
};
const struct record_type commission_tier_type = {
    .name = "commission_tier",
    .label = "Rate",
    .plural = "Commission rates",
    .path = "commission-rates",
    .icon = "percentage",
    .sort = "from_percent",
    .title = CTIER_RATE,
    .title_of = tier_title,
    .fields = tier_fields,
    .field_count = CTIER_FIELDS,
    .empty = "From how much of the quota on which rate is paid.",
    .validate = tier_validate,
};
const struct record_type commission_member_type = {
    .name = "commission_member",
    .label = "Person on the plan",
    .plural = "People on commission plans",
    .path = "commission-people",
    .icon = "users",
    .sort = "-created_at",
    .title = CMEMBER_USER,
    .fields = member_fields,
    .field_count = CMEMBER_FIELDS,
    .empty = "Who is paid by which plan.",
    .validate = member_validate,
};
const struct record_type commission_split_type = {
    .name = "commission_split",
    .label = "Share of a deal",
    .plural = "Shares of deals",
    .path = "commission-splits",
    .icon = "arrows-split",
    .sort = "created_at",
    .title = CSPLIT_USER,
    .fields = split_fields,
    .field_count = CSPLIT_FIELDS,
    .empty = "Who shares the commission of a deal. Of a deal without shares its owner has all.",
    .validate = split_validate,
};
const struct feature feature_commission_plan = {
    .name = "commission_plan",
    TYPES(&commission_plan_type, &commission_tier_type, &commission_member_type,
          &commission_split_type),
};
