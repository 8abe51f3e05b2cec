/* campaign.c -- a campaign: one effort with a goal, dates and a budget. Visits, leads and revenue
 * find it by its code, the utm_campaign of its links. */
#include "base/limits.h"
#include "base/utf8.h"
#include "kit/filter.h"
#include "kit/pages.h"
#include "kit/question.h"

enum {
    CAMPAIGN_NAME,
    CAMPAIGN_CODE,
    CAMPAIGN_STATUS,
    CAMPAIGN_CHANNEL,
    CAMPAIGN_GOAL,
    CAMPAIGN_START,
    CAMPAIGN_END,
    CAMPAIGN_BUDGET,
    CAMPAIGN_SPENT,
    CAMPAIGN_OWNER,
    CAMPAIGN_LANDING,
    CAMPAIGN_NOTES,
    CAMPAIGN_FIELDS
};

static const struct field fields[] = {
    [CAMPAIGN_NAME] = { "name", FIELD_TEXT, "Name", REQUIRED | LISTED | SEARCHED, .max_len = 200 },
    [CAMPAIGN_CODE] = { "code", FIELD_TEXT, "Code", LISTED | UNIQUE | SEARCHED, .max_len = 100,
                        .help = "The utm_campaign of its links. Left empty, it is made from the "
                                "name." },
    [CAMPAIGN_STATUS] = { "status", FIELD_CHOICE, "Status", REQUIRED | LISTED | TRACKED | INDEXED,
                          .otherwise = "planned",
                          .choices = CHOICES(
                              { "planned", "Planned", "gray" }, { "active", "Active", "green" },
                              { "paused", "Paused", "amber" }, { "done", "Done", "blue" }) },
    [CAMPAIGN_CHANNEL] = { "medium", FIELD_CHOICE, "Main medium", LISTED,
                           .choices = CHOICES(
                               { "cpc", "Paid search", "blue" },
                               { "paid_social", "Paid social", "violet" },
                               { "email", "Email", "amber" }, { "social", "Social", "violet" },
                               { "referral", "Partners and press", "teal" },
                               { "event", "Event", "orange" }, { "display", "Display", "orange" },
                               { "content", "Content", "green" }) },
    [CAMPAIGN_GOAL] = { "goal", FIELD_TEXT, "Goal", 0, .max_len = 300,
                        .help = "For example: 120 leads from fruit growers by June." },
    [CAMPAIGN_START] = { "start_date", FIELD_DATE, "Starts", LISTED, .group = "When and how much" },
    [CAMPAIGN_END] = { "end_date", FIELD_DATE, "Ends", LISTED },
    [CAMPAIGN_BUDGET] = { "budget", FIELD_MONEY, "Budget", LISTED, .max = LIMIT_AMOUNT_MINOR },
    [CAMPAIGN_SPENT] = { "spent", FIELD_MONEY, "Spent", 0, .max = LIMIT_AMOUNT_MINOR },
    [CAMPAIGN_OWNER] = { "owner_id", FIELD_REF, "Owner", LISTED | OWNER, .ref = "user",
                         .otherwise = "me", .group = "More" },
    [CAMPAIGN_LANDING] = { "landing_url", FIELD_URL, "Landing page", 0,
                           .help = "With it the page shows ready-made links for each medium." },
    [CAMPAIGN_NOTES] = { "notes", FIELD_LONG, "Notes", 0 },
};
_Static_assert(countof(fields) == CAMPAIGN_FIELDS, "enum and table differ");

/* "Spring fair 2026!" -> "spring-fair-2026": links are typed, read aloud and printed. */
static const char *code_of(struct ctx *cx, const char *name)
{
    struct str words = str_from(utf8_search_words(cx->arena, name)), word;
    struct buf b = buf_in(cx->arena, 200);

    while (str_split(&words, ' ', &word)) {
        if (b.len)
            buf_char(&b, '-');
        buf_str(&b, word);
    }
    return buf_end(&b);
}

static enum status campaign_validate(struct ctx *cx, struct row *r)
{
    const char *code = text_empty(row_text(r, CAMPAIGN_CODE)) ? row_text(r, CAMPAIGN_NAME)
                                                              : row_text(r, CAMPAIGN_CODE);

    row_set_text(r, CAMPAIGN_CODE, code_of(cx, code));
    if (row_has(r, CAMPAIGN_START) && row_has(r, CAMPAIGN_END) &&
        row_i64(r, CAMPAIGN_END) < row_i64(r, CAMPAIGN_START))
        return ctx_fail_field(cx, "end_date", "campaign.ends_before_start",
                              "It ends on %s, before it starts on %s.",
                              row_plain(cx, r, CAMPAIGN_END), row_plain(cx, r, CAMPAIGN_START));
    return OK;
}

/* The links of a campaign, one for each place where it is put: nobody types UTM parameters by hand
 * twice alike. */
static void put_links(const struct row *r, struct val *page)
{
    static const struct {
        const char *text, *source, *medium;
    } places[] = {
        { "Google Ads", "google", "cpc" },         { "LinkedIn Ads", "linkedin", "paid_social" },
        { "LinkedIn post", "linkedin", "social" }, { "Newsletter", "newsletter", "email" },
        { "Partner", "partner", "referral" },
    };
    struct val *links = val_put_list(page, "links");
    const char *url = row_text(r, CAMPAIGN_LANDING);

    for (size_t i = 0; i < countof(places) && !text_empty(url); i++) {
        struct val *link = val_add_map(links);
        val_put_text(link, "text", places[i].text);
        val_put_printf(link, "url", "%s%sutm_source=%s&utm_medium=%s&utm_campaign=%s", url,
                       strchr(url, '?') ? "&" : "?", places[i].source, places[i].medium,
                       row_text(r, CAMPAIGN_CODE));
    }
}

/* What came of it: the numbers of both teams under this campaign's code. */
static enum status put_results(struct ctx *cx, const struct row *r, struct val *page)
{
    static const char *const names[] = { "visitors", "new_leads", "mqls", "deals_won", "revenue" };
    struct val *results = val_put_list(page, "results"), *answer;

    for (size_t i = 0; i < countof(names); i++) {
        const struct metric *m = metric_find(cx, names[i]);
        struct question q = { .metric = names[i],
                              .dimension = "campaign",
                              .from_ms = row_created_at(r) - 730 * (i64)MS_DAY,
                              .to_ms = ctx_now(cx) + MS_DAY,
                              .limit = 200 };
        double value = 0;
        struct val *one;
        if (!m)
            continue;
        TRY(question_ask(cx, &q, &answer));
        const struct val *groups = val_get(answer, "groups");
        for (size_t g = 0; g < val_count(groups); g++)
            if (text_is(val_get_text(val_at(groups, g), "key"), row_text(r, CAMPAIGN_CODE)))
                value = val_as_double(val_get(val_at(groups, g), "value"), 0);
        one = val_add_map(results);
        val_put_text(one, "name", m->name);
        val_put_text(one, "text", m->label);
        val_put_text(one, "definition", m->definition);
        val_put_text(one, "value", metric_show(cx, m, value));
        val_put_text(one, "url", question_rows_path(cx, &q, row_text(r, CAMPAIGN_CODE)));
    }
    return OK;
}

static enum status campaign_detail(struct ctx *cx, const struct row *r, struct val *page)
{
    put_links(r, page);
    return put_results(cx, r, page);
}

static const struct record_type campaign_type = {
    .name = "campaign",
    .label = "Campaign",
    .plural = "Campaigns",
    .path = "campaigns",
    .icon = "speakerphone",
    .section = "marketing",
    .menu_order = 10,
    .sort = "-start_date",
    .title = CAMPAIGN_NAME,
    .board = "status",
    .fields = fields,
    .field_count = CAMPAIGN_FIELDS,
    .flags = TYPE_COMMENTS,
    .detail_template = "campaign/detail",
    .empty =
        "A campaign gathers the visits, leads and revenue that its links bring, beside its budget.",
    .validate = campaign_validate,
    .detail = campaign_detail,
};

#define OF_CAMPAIGNS                                                                        \
    .source = METRIC_RECORDS, .type = "campaign", .aggregate = AGG_SUM, .unit = UNIT_MONEY, \
    .team = "marketing", .campaign_path = "code", .owner_path = "owner_id"
#define SPEND_PER(what)                                                   \
    .unit = UNIT_MONEY, .less_is_better = true, .source = METRIC_DIVIDED, \
    .numerator = "marketing_spend", .denominator = what
static const struct metric metrics[] = {
    { .name = "campaign_budget",
      .label = "Campaign budgets",
      .definition = "Sum of the budgets of all campaigns, in base currency.",
      .field = "budget",
      .time = AT_NOW,
      OF_CAMPAIGNS },
    { .name = "campaign_spent",
      .label = "Spent so far",
      .definition = "Sum of what all campaigns have spent so far, in base currency.",
      .field = "spent",
      .time = AT_NOW,
      OF_CAMPAIGNS },
    { .name = "campaign_spent_before",
      .label = "Spent before",
      .definition = "What all campaigns had spent when the period began, in base currency. Read "
                    "from the change log.",
      .field = "spent",
      .time = AT_START,
      OF_CAMPAIGNS },
    { .name = "marketing_spend",
      .label = "Marketing spend",
      .team = "marketing",
      .unit = UNIT_MONEY,
      .definition = "By how much the spending of all campaigns rose in the period, on the day on "
                    "which it was entered, in base currency.",
      .source = METRIC_FORMULA,
      .formula = "campaign_spent - campaign_spent_before" },
    { .name = "budget_used",
      .label = "Budget used",
      .team = "marketing",
      .unit = UNIT_RATIO,
      .definition = "Spent so far divided by the budgets of all campaigns.",
      .source = METRIC_DIVIDED,
      .numerator = "campaign_spent",
      .denominator = "campaign_budget" },
    { .name = "cost_per_visitor",
      .label = "Cost per visitor",
      .team = "marketing",
      .definition = "Marketing spend divided by the visitors of the period, paid for or not. By "
                    "campaign it is what a visitor through its links cost.",
      SPEND_PER("visitors") },
    { .name = "cost_per_lead",
      .label = "Cost per lead",
      .team = "marketing",
      .definition = "CPL: marketing spend divided by the new leads of the period, paid for or not. "
                    "By campaign: leads whose first touch it was.",
      SPEND_PER("new_leads") },
    { .name = "cost_per_mql",
      .label = "Cost per MQL",
      .team = "marketing",
      .definition = "Marketing spend divided by the MQLs of the period.",
      SPEND_PER("mqls") },
    { .name = "acquisition_cost",
      .label = "Customer acquisition cost",
      .team = "both",
      .definition = "CAC: marketing spend divided by the new customers of the same period, without "
                    "a lag. Salaries and the cost of sales are not known and not in it.",
      SPEND_PER("new_customers") },
    { .name = "return_on_spend",
      .label = "Return on ad spend",
      .team = "both",
      .unit = UNIT_NUMBER,
      .definition = "ROAS: revenue from campaigns, by first touch, divided by marketing spend of "
                    "the same period. 4 is four back for each one spent.",
      .source = METRIC_DIVIDED,
      .numerator = "campaign_revenue",
      .denominator = "marketing_spend" },
};
const struct feature feature_campaign = {
    .name = "campaign",
    TYPES(&campaign_type),
    METRICS(metrics),
};
