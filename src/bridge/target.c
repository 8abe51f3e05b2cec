/* target.c -- what a number shall come to: a quota for a salesperson, leads a month, a share that
 * must hold. Any metric can have one, of the whole, of a person, a channel or a campaign. Answers
 * to questions carry it beside the value (kit/question_target.c says how much of it a period
 * has). */
#include "bridge/contact.h"
#include "kit/question.h"

enum {
    TARGET_METRIC,
    TARGET_AMOUNT,
    TARGET_PERIOD,
    TARGET_FROM,
    TARGET_UNTIL,
    TARGET_PERSON,
    TARGET_TEAM,
    TARGET_PRODUCT,
    TARGET_CHANNEL,
    TARGET_CAMPAIGN,
    TARGET_OWNER,
    TARGET_NOTE,
    TARGET_DIMENSION,
    TARGET_VALUE,
    TARGET_FIELDS
};

static const struct choice *channels(struct ctx *cx)
{
    (void)cx;
    return contact_type.fields[CONTACT_CHANNEL].choices;
}

static const struct field fields[] = {
    [TARGET_METRIC] = { "metric", FIELD_CHOICE, "Metric", REQUIRED | INDEXED,
                        .choices_of = metric_choices },
    [TARGET_AMOUNT] = { "amount", FIELD_DECIMAL, "Amount", REQUIRED | LISTED | TRACKED,
                        .help = "Money in the base currency, shares in percent: 25 is 25 %." },
    [TARGET_PERIOD] = { "period", FIELD_CHOICE, "For each", REQUIRED | LISTED | TRACKED,
                        .otherwise = "month",
                        .choices =
                            CHOICES({ "month", "Month", NULL }, { "quarter", "Quarter", NULL },
                                    { "year", "Year", NULL }) },
    [TARGET_FROM] = { "from_date", FIELD_DATE, "From", REQUIRED | LISTED | INDEXED,
                      .help = "It holds from this day on, until the next target for the same "
                              "begins." },
    [TARGET_UNTIL] = { "until_date", FIELD_DATE, "Until", LISTED,
                       .help = "The last day. Left empty, it goes on." },
    [TARGET_PERSON] = { "person_id", FIELD_REF, "Of whom", LISTED, .ref = "user",
                        .group = "Only for a part of it",
                        .help = "A quota: what this person's records shall come to." },
    [TARGET_TEAM] = { "team_id", FIELD_REF, "Of which team", 0, .ref = "team" },
    [TARGET_PRODUCT] = { "product_id", FIELD_REF, "Of which product", 0, .ref = "product",
                         .help = "Of numbers that know products, like product revenue." },
    [TARGET_CHANNEL] = { "channel", FIELD_CHOICE, "Channel", LISTED, .choices_of = channels },
    [TARGET_CAMPAIGN] = { "campaign", FIELD_TEXT, "Campaign", 0, .max_len = 200,
                          .help = "Its code, the utm_campaign of its links." },
    [TARGET_OWNER] = { "owner_id", FIELD_REF, "Owner", LISTED | OWNER, .ref = "user",
                       .otherwise = "me", .group = "More" },
    [TARGET_NOTE] = { "note", FIELD_LONG, "Note", 0 },
    [TARGET_DIMENSION] = { "dimension", FIELD_TEXT, "Dimension", COMPUTED },
    [TARGET_VALUE] = { "value", FIELD_TEXT, "Value", COMPUTED },
};
_Static_assert(countof(fields) == TARGET_FIELDS, "enum and table differ");

/* Which of these narrows it, as questions are narrowed. */
static const struct {
    int field;
    const char *dimension;
} parts[] = { { TARGET_PERSON, "owner" },
              { TARGET_TEAM, "owner_id.team_id" },
              { TARGET_PRODUCT, "product_id" },
              { TARGET_CHANNEL, "channel" },
              { TARGET_CAMPAIGN, "campaign" } };

static enum status target_validate(struct ctx *cx, struct row *r)
{
    const char *dimension = "", *value = "";
    const struct metric *m = metric_find(cx, row_text(r, TARGET_METRIC));

    for (size_t i = 0; i < countof(parts); i++) {
        const char *name = fields[parts[i].field].name;
        if (!row_has(r, parts[i].field))
            continue;
        if (dimension[0])
            return ctx_fail_field(cx, name, "target.several",
                                  "A target is for a person, a team, a product, a channel or a "
                                  "campaign, not for several of them.");
        dimension = parts[i].dimension;
        value = row_plain(cx, r, parts[i].field);
        if (m &&
            !question_allowed(cx, &(struct question){ .metric = m->name, .dimension = dimension }))
            return ctx_fail_field(cx, name, "target.dimension", "%s is not known by %s.", m->label,
                                  dimension);
    }
    if (m && m->source == METRIC_TARGET)
        return ctx_fail_field(cx, "metric", "target.of_target",
                              "%s is a target itself: set one for what it aims at.", m->label);
    if (row_has(r, TARGET_UNTIL) && row_i64(r, TARGET_UNTIL) < row_i64(r, TARGET_FROM))
        return ctx_fail_field(cx, "until_date", "target.ends_before_start",
                              "It ends on %s, before it begins on %s.",
                              row_plain(cx, r, TARGET_UNTIL), row_plain(cx, r, TARGET_FROM));
    row_set_text(r, TARGET_DIMENSION, dimension);
    row_set_text(r, TARGET_VALUE, value);
    return OK;
}

/* "Revenue of Miriam Vogt: €180K a month" */
static const char *target_title(struct ctx *cx, const struct row *r)
{
    const struct metric *m = metric_find(cx, row_text(r, TARGET_METRIC));
    const char *metric = row_show(cx, r, TARGET_METRIC), *of = "";

    if (m == NULL || !row_has(r, TARGET_AMOUNT))
        return text_empty(metric) ? "Target" : metric;
    for (size_t i = 0; i < countof(parts); i++)
        if (row_has(r, parts[i].field))
            of = arena_printf(cx->arena, " of %s", row_show(cx, r, parts[i].field));
    return arena_printf(cx->arena, "%s%s: %s a %s", metric, of,
                        metric_show(cx, m, metric_amount(cx, m, row_i64(r, TARGET_AMOUNT))),
                        text_lower_ascii(cx->arena, row_show(cx, r, TARGET_PERIOD)));
}

static const struct record_type target_type = {
    .name = "target",
    .label = "Target",
    .plural = "Targets",
    .path = "targets",
    .icon = "target",
    .section = "insight",
    .menu_order = MENU_SELDOM + 30,
    .sort = "-from_date",
    .title = TARGET_METRIC,
    .title_of = target_title,
    .fields = fields,
    .field_count = TARGET_FIELDS,
    .flags = TYPE_COMMENTS,
    .empty = "What your numbers shall come to: revenue a month, leads a quarter, a salesperson's "
             "quota. Pages and dashboards show how far each is reached.",
    .validate = target_validate,
};

/* ---- who answers for a metric ---- */
enum { CARE_METRIC, CARE_OWNER, CARE_NOTE, CARE_FIELDS };
static const struct field care_fields[] = {
    [CARE_METRIC] = { "metric", FIELD_CHOICE, "Metric", REQUIRED | LISTED | INDEXED,
                      .choices_of = metric_choices },
    [CARE_OWNER] = { "owner_id", FIELD_REF, "Owner", REQUIRED | LISTED | OWNER, .ref = "user",
                     .otherwise = "me",
                     .help = "Who answers for this number: is asked what it means, and looks at it "
                             "first." },
    [CARE_NOTE] = { "note", FIELD_LONG, "Note", 0,
                    .help = "What one should know before one reads this number." },
};
_Static_assert(countof(care_fields) == CARE_FIELDS, "enum and table differ");

/* Nobody else answers for it. */
static enum status care_validate(struct ctx *cx, struct row *r)
{
    scoped(access_leave) struct access_guard guard = access_enter_system(cx);
    const char *filter = arena_printf(cx->arena, "metric = '%s'", row_text(r, CARE_METRIC));
    struct list_query lq = { .filter = filter, .limit = 2 };
    struct list_page page;

    TRY(list_run(cx, row_type(r), &lq, &page));
    for (size_t i = 0; i < page.count; i++)
        if (row_id(page.rows[i]) != row_id(r))
            return ctx_fail_field(cx, "metric", "metric_owner.taken",
                                  "%s has an owner already: %s. Change that entry.",
                                  row_show(cx, r, CARE_METRIC),
                                  row_show(cx, page.rows[i], CARE_OWNER));
    return OK;
}

static const struct record_type care_type = {
    .name = "metric_owner",
    .label = "Metric owner",
    .plural = "Metric owners",
    .path = "metric-owners",
    .icon = "user-check",
    .section = "settings",
    .menu_order = 23,
    .sort = "metric",
    .title = CARE_METRIC,
    .fields = care_fields,
    .field_count = CARE_FIELDS,
    .empty = "Who answers for which number. The page of each metric names its owner.",
    .validate = care_validate,
};
const struct feature feature_target = { .name = "target", TYPES(&target_type, &care_type) };
