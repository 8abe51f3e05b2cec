/* company.c -- an organisation that contacts work for and deals are made with. */
#include "bridge/company.h"
#include "base/locale.h"
#include "base/vat.h"
#include "bridge/alike.h"
#include "bridge/engagement.h"

static const struct field fields[] = {
    [COMPANY_NAME] = { "name", FIELD_TEXT, "Name", REQUIRED | LISTED | SEARCHED | INDEXED,
                       .max_len = 200 },
    [COMPANY_DOMAIN] = { "domain", FIELD_TEXT, "Domain", LISTED | SEARCHED | UNIQUE, .max_len = 253,
                         .help = "For example example.com. New contacts with this mail domain join "
                                 "the company." },
    [COMPANY_OWNER] = { "owner_id", FIELD_REF, "Owner", LISTED | OWNER | TRACKED, .ref = "user" },
    [COMPANY_INDUSTRY] = { "industry", FIELD_CHOICE, "Industry", LISTED | INDEXED,
                           .choices = CHOICES(
                               { "software", "Software", "blue" },
                               { "manufacturing", "Manufacturing", "orange" },
                               { "retail", "Retail", "amber" }, { "finance", "Finance", "green" },
                               { "health", "Health", "red" },
                               { "education", "Education", "violet" },
                               { "logistics", "Logistics", "teal" },
                               { "energy", "Energy", "amber" },
                               { "agriculture", "Agriculture", "green" },
                               { "public", "Public sector", "gray" },
                               { "services", "Services", "blue" }, { "other", "Other", "gray" }) },
    [COMPANY_EMPLOYEES] = { "employees", FIELD_INT, "Employees", LISTED, .max = 10 * 1000 * 1000 },
    [COMPANY_REVENUE] = { "annual_revenue", FIELD_MONEY, "Annual revenue", 0 },
    [COMPANY_COUNTRY] = { "country", FIELD_TEXT, "Country", LISTED, .max_len = 60,
                          .group = "Where" },
    [COMPANY_CITY] = { "city", FIELD_TEXT, "City", 0, .max_len = 80 },
    [COMPANY_VAT] = { "vat_id", FIELD_TEXT, "VAT id", SEARCHED, .max_len = 30,
                      .help = "With the country's letters in front, like DE136695976. In the EU it "
                              "decides how quotes and invoices are taxed." },
    [COMPANY_PHONE] = { "phone", FIELD_PHONE, "Phone", SEARCHED },
    [COMPANY_WEBSITE] = { "website", FIELD_URL, "Website", 0 },
    [COMPANY_TAGS] = { "tags", FIELD_TAGS, "Tags", 0, .group = "More" },
    [COMPANY_NOTES] = { "notes", FIELD_LONG, "Notes", 0 },
    [COMPANY_CUSTOMER_AT] = { "customer_at", FIELD_TIME, "Customer since", COMPUTED | INDEXED },
    [COMPANY_HEALTH] = { "health", FIELD_CHOICE, "Health", COMPUTED | INDEXED,
                         .choices = CHOICES({ "healthy", "Healthy", "green" },
                                            { "at_risk", "At risk", "amber" },
                                            { "critical", "Critical", "red" }) },
    [COMPANY_HEALTH_SCORE] = { "health_score", FIELD_INT, "Health, of 100", COMPUTED | INDEXED },
};
_Static_assert(countof(fields) == COMPANY_FIELDS, "enum and table differ");

/* "https://www.Example.com/about" is stored as "example.com": what mail addresses are compared
 * with. */
static enum status check_domain(struct ctx *cx, struct row *r)
{
    struct str d = str_from(text_lower_ascii(cx->arena, row_text(r, COMPANY_DOMAIN)));
    struct str host;

    if (d.len == 0)
        return OK;
    if (str_starts(d, "https://") || str_starts(d, "http://")) {
        size_t skip = str_starts(d, "https://") ? 8 : 7;
        d = (struct str){ d.p + skip, d.len - skip };
    }
    if (str_starts(d, "www."))
        d = (struct str){ d.p + 4, d.len - 4 };
    if (!str_split(&d, '/', &host) || !memchr(host.p, '.', host.len) ||
        memchr(host.p, ' ', host.len) || memchr(host.p, '@', host.len))
        return ctx_fail_field(cx, "domain", "company.domain",
                              "'%s' is not a domain; write it like example.com.",
                              row_text(r, COMPANY_DOMAIN));
    row_set_text(r, COMPANY_DOMAIN, str_dup(cx->arena, host));
    return OK;
}

/* Kept as it is written together. One that was right stays so when the country changes. */
static enum status check_vat(struct ctx *cx, struct row *r)
{
    const char *why, *id;

    if (!row_has(r, COMPANY_VAT) || !row_changed(r, COMPANY_VAT))
        return OK;
    id = vat_read(cx->arena, row_text(r, COMPANY_VAT), country_named(row_text(r, COMPANY_COUNTRY)),
                  &why);
    if (id == NULL)
        return ctx_fail_field(cx, "vat_id", "company.vat_id", "%s", why);
    row_set_text(r, COMPANY_VAT, id);
    return OK;
}

static enum status company_validate(struct ctx *cx, struct row *r)
{
    TRY(check_domain(cx, r));
    return check_vat(cx, r);
}

const char *company_domain_of(struct ctx *cx, const char *email)
{
    static const char *const everybodys[] = {
        "aol.com",    "freenet.de",     "gmail.com",   "gmx.at",      "gmx.ch",      "gmx.de",
        "gmx.net",    "googlemail.com", "hotmail.com", "icloud.com",  "live.com",    "mail.com",
        "mail.ru",    "me.com",         "msn.com",     "orange.fr",   "outlook.com", "posteo.de",
        "proton.me",  "protonmail.com", "qq.com",      "t-online.de", "web.de",      "yahoo.com",
        "yandex.com", "ymail.com",      "163.com",
    };
    const char *at = strrchr(email, '@'), *domain = at ? text_lower_ascii(cx->arena, at + 1) : "";

    for (size_t i = 0; i < countof(everybodys); i++)
        if (text_is(domain, everybodys[i]))
            return "";
    return domain;
}

static enum status on_deal_won(struct ctx *cx, const struct happening *h)
{
    scoped(access_leave) struct access_guard guard = access_enter_system(cx);
    i64 company_id = val_get_i64(h->props, "company_id", 0);
    struct row *company;

    if (!company_id)
        return OK;
    TRY(record_get(cx, &company_type, company_id, &company));
    if (row_has(company, COMPANY_CUSTOMER_AT))
        return OK;
    row_set_i64(company, COMPANY_CUSTOMER_AT, ctx_now(cx));
    return record_save(cx, company);
}

static enum status company_detail(struct ctx *cx, const struct row *r, struct val *page)
{
    return engagement_of_company(cx, row_id(r), page);
}

/* A customer since the first of the two was one. */
static enum status company_merged(struct ctx *cx, struct row *keep, const struct row *lose,
                                  const bool *chose)
{
    (void)cx;
    (void)chose;
    if (row_has(lose, COMPANY_CUSTOMER_AT) &&
        row_i64(lose, COMPANY_CUSTOMER_AT) < row_i64(keep, COMPANY_CUSTOMER_AT))
        row_set_i64(keep, COMPANY_CUSTOMER_AT, row_i64(lose, COMPANY_CUSTOMER_AT));
    return OK;
}

const struct record_type company_type = {
    .name = "company",
    .label = "Company",
    .plural = "Companies",
    .path = "companies",
    .icon = "building",
    .section = "people",
    .menu_order = 2,
    .sort = "name",
    .title = COMPANY_NAME,
    .fields = fields,
    .field_count = COMPANY_FIELDS,
    .flags = TYPE_TIMELINE | TYPE_COMMENTS | TYPE_MERGE,
    .empty = "The organisations you sell to. Their page gathers everybody's visits, mails, calls "
             "and deals in one journey.",
    RELATED({ "customer_health", "company_id", "Health" }, { "contact", "company_id", "People" },
            { "deal", "company_id", "Deals" }, { "activity", "company_id", "Activities" },
            { "subscription", "company_id", "Subscriptions" },
            { "invoice", "company_id", "Invoices" }, { "payment", "company_id", "Payments" },
            { "buying_role", "company_id", "Buying group" },
            { "key_date", "company_id", "Key dates" }),
    ACTIONS({ "chart", "Org chart", "/companies/:id/chart", .shown = NULL }),
    .validate = company_validate,
    .merged = company_merged,
    .alike = company_alike,
    .detail = company_detail,
    .detail_template = "company/detail",
};
static const struct subscription subscriptions[] = { { "deal.won", on_deal_won } };
const struct feature feature_company = {
    .name = "company",
    TYPES(&company_type),
    SUBSCRIPTIONS(subscriptions),
};
