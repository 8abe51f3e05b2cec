/* buying.c -- who decides at a customer: the roles of people in a buying group, of one deal or of
 * the company altogether, and how they stand to us. */
#include "bridge/contact.h"
#include "kit/pages.h"
#include "kit/question.h"
#include "sales/deal.h"
#include "sales/relation.h"

static const struct field fields[] = {
    [ROLE_OF_CONTACT] = { "contact_id", FIELD_REF, "Contact", REQUIRED | LISTED | CREATE_ONLY,
                          .ref = "contact" },
    [ROLE_OF_KIND] = { "role", FIELD_CHOICE, "Role", REQUIRED | LISTED | INDEXED,
                       .choices = CHOICES({ "decision_maker", "Decision maker", "violet" },
                                          { "economic_buyer", "Economic buyer", "amber" },
                                          { "champion", "Champion", "green" },
                                          { "influencer", "Influencer", "blue" },
                                          { "technical", "Technical evaluator", "teal" },
                                          { "user", "User", "gray" },
                                          { "gatekeeper", "Gatekeeper", "gray" },
                                          { "blocker", "Blocker", "red" }) },
    [ROLE_OF_STANCE] = { "stance", FIELD_CHOICE, "Stands", LISTED | TRACKED,
                         .choices =
                             CHOICES({ "for", "For us", "green" }, { "neutral", "Open", "gray" },
                                     { "against", "Against us", "red" }) },
    [ROLE_OF_DEAL] = { "deal_id", FIELD_REF, "Deal", LISTED | CREATE_ONLY, .ref = "deal",
                       .help = "Left empty: in everything that the company buys." },
    [ROLE_OF_COMPANY] = { "company_id", FIELD_REF, "Company", CREATE_ONLY, .ref = "company",
                          .help = "Left empty: that of the deal or the contact." },
    [ROLE_OF_NOTE] = { "note", FIELD_LONG, "What matters to them", 0, .max_len = 2000 },
};
_Static_assert(countof(fields) == ROLE_OF_FIELDS, "enum and table differ");

static enum status take_company(struct ctx *cx, struct row *r, const char *type, int field)
{
    struct row *other;
    enum status s;
    int company;

    if (row_has(r, ROLE_OF_COMPANY) || !row_has(r, field))
        return OK;
    s = record_get_named(cx, type, row_i64(r, field), &other);
    if (s == E_NOT_FOUND) { /* the check of the reference says so */
        ctx_clear_error(cx);
        return OK;
    }
    TRY(s);
    company = type_field(row_type(other), "company_id");
    if (row_has(other, company))
        row_set_i64(r, ROLE_OF_COMPANY, row_i64(other, company));
    return OK;
}

static enum status role_defaults(struct ctx *cx, struct row *r)
{
    TRY(take_company(cx, r, "deal", ROLE_OF_DEAL));
    return take_company(cx, r, "contact", ROLE_OF_CONTACT);
}

static enum status role_validate(struct ctx *cx, struct row *r)
{
    i64 others;

    TRY(db_get_i64(cx, &others, "relation.same_role", I64("contact", row_i64(r, ROLE_OF_CONTACT)),
                   TEXT("role", row_text(r, ROLE_OF_KIND)), I64("deal", row_i64(r, ROLE_OF_DEAL)),
                   I64("company", row_i64(r, ROLE_OF_COMPANY)), I64("self", row_id(r))));
    return others == 0
               ? OK
               : ctx_fail_field(cx, "role", "buying_role.twice", "They have this role already.");
}

static const char *role_title(struct ctx *cx, const struct row *r)
{
    return arena_printf(cx->arena, "%s: %s", row_show(cx, r, ROLE_OF_KIND),
                        row_show(cx, r, ROLE_OF_CONTACT));
}

const struct record_type buying_role_type = {
    .name = "buying_role",
    .label = "Role",
    .plural = "Roles in buying groups",
    .path = "buying-roles",
    .icon = "users-group",
    .sort = "-created_at",
    .title = ROLE_OF_CONTACT,
    .title_of = role_title,
    .fields = fields,
    .field_count = ROLE_OF_FIELDS,
    .empty = "Who decides, who pays, who is for us: the people behind a deal.",
    .defaults = role_defaults,
    .validate = role_validate,
};
const struct feature feature_buying = { .name = "buying", TYPES(&buying_role_type) };
