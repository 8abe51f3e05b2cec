/* question_openapi.c -- what a question takes and how it is answered, for /openapi.json. */
#include "kit/kit.h"
#include "kit/question_int.h"

/* ---- parts of a schema ---- */
static void put_type(struct val *schema, const char *type, bool null)
{
    struct val *both;

    if (!null) {
        val_put_text(schema, "type", type);
        return;
    }
    both = val_put_list(schema, "type");
    val_add_text(both, type);
    val_add_text(both, "null");
}

struct part {
    const char *name, *type, *text;
    bool null;
};
static const struct part head[] = {
    { "metric", "string", "Its name", false },
    { "label", "string", "What people read", false },
    { "unit", "string", "count, money, ratio, days, hours, points, number, seconds ...", false },
    { "currency", "string", "Of money: the base currency", false },
    { "definition", "string", "How it is counted, in words", false },
    { "less_is_better", "boolean", "", false },
    { "dimension", "string", "By what it is split; empty: not at all", false },
    { "compared", "boolean", "Whether `before` and `change` may be known", false },
    { "from", "string", "The period begins (RFC 3339)", false },
    { "to", "string", "It ends before this instant", false },
    { "as_of", "string", "Records as they were just before; null: as they are", true },
};
static const struct part number[] = {
    { "value", "number", "Money in minor units, shares as 0.25; null where it is not defined",
      true },
    { "text", "string", "The value in words; empty where it is null", false },
    { "before", "number", "The value of the time it is held against", true },
    { "change", "number", "Relative: 0.1 is a tenth more than before", true },
    { "target", "number", "What is aimed at, for as much time as the period or group has", true },
    { "target_text", "string", "The target in words", false },
    { "attainment", "number", "value / target", true },
    { "rows_path", "string", "Page of the rows behind it; empty: none", false },
    { "before_rows_path", "string", "The same of `before`", false },
    { "target_rows_path", "string", "List of the targets that `target` is made of", false },
    { "parts", "array",
      "Of what is worked out: metric, label, unit, value, text and rows_path of each number it is "
      "made of, and before, before_text, before_rows_path where it is compared",
      false },
};
static const struct part group[] = {
    { "key", "string", "A value of the dimension; null: not known", true },
    { "label", "string", "What people read", false },
    { "unit", "string", "As of the whole", false },
    { "less_is_better", "boolean", "", false },
    { "other", "boolean", "true: all groups beyond the limit, together", false },
};

static void put_parts(struct val *properties, const struct part *parts, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        struct val *one = val_put_map(properties, parts[i].name);
        put_type(one, parts[i].type, parts[i].null);
        if (parts[i].text[0])
            val_put_text(one, "description", parts[i].text);
    }
}

static void put_schemas(struct val *schemas)
{
    struct val *answer, *properties, *groups, *one;

    if (!val_is_null(val_get(schemas, "Answer")))
        return;
    one = val_put_map(schemas, "AnswerGroup");
    val_put_text(one, "type", "object");
    properties = val_put_map(one, "properties");
    put_parts(properties, group, countof(group));
    put_parts(properties, number, countof(number));
    answer = val_put_map(schemas, "Answer");
    val_put_text(answer, "type", "object");
    properties = val_put_map(answer, "properties");
    put_parts(properties, head, countof(head));
    put_parts(properties, number, countof(number));
    groups = val_put_map(properties, "groups");
    val_put_text(groups, "type", "array");
    val_put_text(val_put_map(groups, "items"), "$ref", "#/components/schemas/AnswerGroup");
}

/* ---- what is asked ---- */
static const struct part asked[] = {
    { "metric", "string", "Its name; /api/v1/metrics lists them", false },
    { "dimension", "string",
      "Split by hour, day, week, month, channel, campaign, owner, a field of the records that are "
      "counted (also behind references: company_id.industry), or a dimension of journeys",
      false },
    { "filter", "string", "Only records for which this holds: amount > 1000", false },
    { "period", "string",
      "last_30_days (also when absent), this_month, last_quarter, this_year ... or two days, both "
      "included: 2026-01-01..2026-01-31",
      false },
    { "compare", "string", "Held against: previous (also when absent), year, none", false },
    { "limit", "integer", "So many groups, the rest is one: 1 to 1000, else 50", false },
    { "order", "string", "The metric by which groups are put in order", false },
    { "as_of", "string",
      "The end of a past day (2026-05-01), or an instant: records as they were then, read from the "
      "change log; named periods and words like today count from then. Of journeys the events "
      "before it",
      false },
};

static void put_schema_of(struct ctx *cx, struct val *schema, const struct part *p)
{
    struct val *names;
    size_t count;
    const struct metric *const *all = metric_all(cx, &count);

    put_type(schema, p->type, false);
    if (!text_is(p->name, "metric"))
        return;
    names = val_put_list(schema, "enum");
    for (size_t i = 0; i < count; i++)
        val_add_text(names, all[i]->name);
}

static void put_parameter(struct val *list, const char *name, const char *text, bool required,
                          struct val **schema)
{
    struct val *one = val_add_map(list);

    val_put_text(one, "name", name);
    val_put_text(one, "in", "query");
    val_put_bool(one, "required", required);
    val_put_text(one, "description", text);
    *schema = val_put_map(one, "schema");
}

static void put_parameters(struct ctx *cx, struct val *operation)
{
    struct val *list = val_put_list(operation, "parameters"), *schema;
    size_t features;
    const struct feature *const *f = kit_features(cx->kit, &features);

    for (size_t i = 0; i < countof(asked); i++) {
        put_parameter(list, asked[i].name, asked[i].text, i == 0, &schema);
        put_schema_of(cx, schema, &asked[i]);
    }
    for (size_t i = 0; i < features; i++)
        for (size_t j = 0; j < f[i]->dimension_count; j++) {
            const struct dimension *d = &f[i]->dimensions[j];
            put_parameter(list, d->name,
                          arena_printf(cx->arena,
                                       "Only where %s is this; * stands for anything, a leading ! "
                                       "turns it round",
                                       text_in_sentence(cx->arena, d->label)),
                          false, &schema);
            put_type(schema, "string", false);
        }
}

static struct val *content_of(struct val *of, const char *type)
{
    return val_put_map(val_put_map(val_put_map(of, "content"), type), "schema");
}

static struct val *answer_200(struct val *operation)
{
    return (struct val *)val_get(val_get(operation, "responses"), "200");
}

/* ---- the routes ---- */
void question_describe_get(struct ctx *cx, struct val *operation, struct val *schemas)
{
    put_schemas(schemas);
    put_parameters(cx, operation);
    val_put_text(content_of(answer_200(operation), "application/json"), "$ref",
                 "#/components/schemas/Answer");
}

void question_describe_csv(struct ctx *cx, struct val *operation, struct val *schemas)
{
    (void)schemas;
    put_parameters(cx, operation);
    put_type(content_of(answer_200(operation), "text/csv"), "string", false);
}

/* One question, or several. */
void question_describe_post(struct ctx *cx, struct val *operation, struct val *schemas)
{
    struct val *body = val_put_map(operation, "requestBody"), *one, *many, *list, *choice;
    struct val *question = val_put_map(schemas, "Question"), *properties;

    put_schemas(schemas);
    val_put_text(question, "type", "object");
    val_put_text(question, "description",
                 "Conditions on journeys stand beside these, by the name of their dimension: "
                 "{\"channel\": \"email\"}");
    properties = val_put_map(question, "properties");
    for (size_t i = 0; i < countof(asked); i++) {
        one = val_put_map(properties, asked[i].name);
        put_schema_of(cx, one, &asked[i]);
        val_put_text(one, "description", asked[i].text);
    }
    val_add_text(val_put_list(question, "required"), "metric");
    val_put_bool(body, "required", true);
    choice = val_put_list(content_of(body, "application/json"), "oneOf");
    val_put_text(val_add_map(choice), "$ref", "#/components/schemas/Question");
    many = val_add_map(choice);
    val_put_text(many, "type", "object");
    list = val_put_map(val_put_map(many, "properties"), "questions");
    val_put_text(list, "type", "array");
    val_put_text(val_put_map(list, "items"), "$ref", "#/components/schemas/Question");
    choice = val_put_list(content_of(answer_200(operation), "application/json"), "oneOf");
    val_put_text(val_add_map(choice), "$ref", "#/components/schemas/Answer");
    many = val_add_map(choice);
    val_put_text(many, "type", "object");
    list = val_put_map(val_put_map(many, "properties"), "answers");
    val_put_text(list, "type", "array");
    val_put_text(val_put_map(list, "items"), "$ref", "#/components/schemas/Answer");
}
