/* nps.c -- how likely people recommend us, from 0 to 10 (Net Promoter Score). An answer is typed,
 * imported, sent by the API, or comes with a form that has a field called "nps"; the form's answer
 * "nps_comment" is its reason. */
#include "kit/pages.h"
#include "kit/question.h"
#include "service/ticket_int.h"

enum { NPS_CONTACT, NPS_COMPANY, NPS_SCORE, NPS_KIND, NPS_ON, NPS_COMMENT, NPS_OWNER, NPS_FIELDS };
enum { MOST = 10, PROMOTER_FROM = 9, PASSIVE_FROM = 7 };

static const struct field fields[] = {
    [NPS_CONTACT] = { "contact_id", FIELD_REF, "Contact", LISTED, .ref = "contact" },
    [NPS_COMPANY] = { "company_id", FIELD_REF, "Company", LISTED, .ref = "company",
                      .help = "Left empty, the contact's." },
    [NPS_SCORE] = { "score", FIELD_INT, "Answer", REQUIRED | LISTED | INDEXED, .min = 0,
                    .max = MOST, .help = "How likely they recommend us, from 0 to 10." },
    [NPS_KIND] = { "kind", FIELD_CHOICE, "Is a", COMPUTED | LISTED | INDEXED,
                   .choices = CHOICES({ "promoter", "Promoter", "green" },
                                      { "passive", "Passive", "gray" },
                                      { "detractor", "Detractor", "red" }) },
    [NPS_ON] = { "answered_on", FIELD_DATE, "On", REQUIRED | LISTED | INDEXED,
                 .otherwise = "today" },
    [NPS_COMMENT] = { "comment", FIELD_LONG, "Why", SEARCHED, .max_len = 2000 },
    [NPS_OWNER] = { "owner_id", FIELD_REF, "Owner", OWNER, .ref = "user" },
};
_Static_assert(countof(fields) == NPS_FIELDS, "enum and table differ");

static const struct record_type nps_type;

static enum status nps_defaults(struct ctx *cx, struct row *r)
{
    struct row *contact;
    enum status s;
    int company;

    if (row_has(r, NPS_COMPANY) || !row_has(r, NPS_CONTACT))
        return OK;
    s = record_get_named(cx, "contact", row_i64(r, NPS_CONTACT), &contact);
    if (s == E_NOT_FOUND) { /* the check of the reference says so */
        ctx_clear_error(cx);
        return OK;
    }
    TRY(s);
    company = type_field(row_type(contact), "company_id");
    if (row_has(contact, company))
        row_set_i64(r, NPS_COMPANY, row_i64(contact, company));
    return OK;
}

static enum status nps_validate(struct ctx *cx, struct row *r)
{
    i64 score = row_i64(r, NPS_SCORE);

    if (!row_has(r, NPS_CONTACT) && !row_has(r, NPS_COMPANY))
        return ctx_fail_field(cx, "contact_id", "required",
                              "Say whose answer it is: a contact, or a company.");
    row_set_text(r, NPS_KIND,
                 score >= PROMOTER_FROM  ? "promoter"
                 : score >= PASSIVE_FROM ? "passive"
                                         : "detractor");
    return OK;
}

static enum status nps_saved(struct ctx *cx, struct row *r)
{
    struct val *props = val_map(cx->arena);

    if (row_before(r))
        return OK;
    val_put_printf(props, "name", "%lld of 10", (long long)row_i64(r, NPS_SCORE));
    if (row_has(r, NPS_COMMENT))
        val_put_text(props, "text", row_text(r, NPS_COMMENT));
    return journey_note(cx, &(struct journey_note){ .kind = "nps",
                                                    .contact_id = row_i64(r, NPS_CONTACT),
                                                    .record_id = row_id(r),
                                                    .props = props });
}

/* A form with a field "nps". What is no whole number from 0 to 10 is no answer. */
static enum status on_submitted(struct ctx *cx, const struct happening *h)
{
    scoped(access_leave) struct access_guard guard = access_enter_system(cx);
    const struct val *answers = val_get(h->props, "answers");
    struct row *r;
    i64 score;

    (void)guard;
    if (!h->contact_id || !str_i64(str_from(val_get_text(answers, "nps")), &score) || score < 0 ||
        score > MOST)
        return OK;
    r = row_new(cx, &nps_type);
    row_set_i64(r, NPS_CONTACT, h->contact_id);
    row_set_i64(r, NPS_SCORE, score);
    row_set_text(r, NPS_COMMENT, val_get_text(answers, "nps_comment"));
    return record_save(cx, r);
}

static const char *nps_title(struct ctx *cx, const struct row *r)
{
    return arena_printf(cx->arena, "%lld of 10%s%s", (long long)row_i64(r, NPS_SCORE),
                        row_has(r, NPS_CONTACT) ? ", " : "", row_show(cx, r, NPS_CONTACT));
}

static const struct record_type nps_type = {
    .name = "nps_answer",
    .label = "NPS answer",
    .plural = "NPS answers",
    .path = "nps-answers",
    .icon = "star",
    .section = "service",
    .menu_order = 30,
    .sort = "-answered_on",
    .title = NPS_SCORE,
    .title_of = nps_title,
    .fields = fields,
    .field_count = NPS_FIELDS,
    .flags = TYPE_COMMENTS,
    .empty = "How likely customers recommend you, from 0 to 10. Answers are typed, imported, or "
             "come with a form that has a field called nps.",
    .defaults = nps_defaults,
    .validate = nps_validate,
    .saved = nps_saved,
};

#define ANSWERS(word, text, says, condition)                                                       \
    {                                                                                              \
        .name = (word), .label = (text), .unit = UNIT_COUNT, .team = "service",                    \
        .definition = (says), .source = METRIC_RECORDS, .type = "nps_answer", .filter = condition, \
        .aggregate = AGG_COUNT, .date = "answered_on", .channel_path = "contact_id.first_channel", \
        .campaign_path = "contact_id.first_campaign", .owner_path = "owner_id"                     \
    }
static const struct metric metrics[] = {
    ANSWERS("nps_answers", "NPS answers", "Answers of the period.", NULL),
    ANSWERS("nps_promoters", "Promoters", "Answers of the period of 9 or 10.", "kind = 'promoter'"),
    ANSWERS("nps_detractors", "Detractors", "Answers of the period from 0 to 6.",
            "kind = 'detractor'"),
    { .name = "nps",
      .label = "NPS",
      .unit = UNIT_NUMBER,
      .team = "service",
      .definition = "Net Promoter Score: the percentage of promoters less that of detractors, from "
                    "-100 to 100.",
      .source = METRIC_FORMULA,
      .formula = "(nps_promoters - nps_detractors) / nps_answers * 100" },
};
static const struct event_kind kinds[] = {
    { "nps", "NPS answer", "star", KIND_SALES, "nps_answer" },
};
static const struct subscription subscriptions[] = { { "form.submitted", on_submitted } };
const struct feature feature_nps = {
    .name = "nps",
    TYPES(&nps_type),
    EVENT_KINDS(kinds),
    METRICS(metrics),
    SUBSCRIPTIONS(subscriptions),
};
