/* company.h -- an organisation: fields by number, for those who read or write its rows. */
#pragma once
#include "kit/kit.h"

enum company_field {
    COMPANY_NAME, COMPANY_DOMAIN, COMPANY_OWNER, COMPANY_INDUSTRY, COMPANY_EMPLOYEES,
    COMPANY_REVENUE, COMPANY_COUNTRY, COMPANY_CITY, COMPANY_VAT, COMPANY_PHONE,
    COMPANY_WEBSITE, COMPANY_TAGS, COMPANY_NOTES,
    COMPANY_CUSTOMER_AT, COMPANY_HEALTH, COMPANY_HEALTH_SCORE, COMPANY_FIELDS
};
extern const struct record_type company_type;

/* The domain of a mail address in lower case, as companies keep theirs; "" for none, and for
 * providers where everybody has an address. In arena. */
const char *company_domain_of(struct ctx *cx, const char *email);
