/* money.h -- amounts: integer minor units and an ISO 4217 currency. No floating point.
 * Digits per currency come from ICU (EUR 2, JPY 0, KWD 3). */
#pragma once
#include "base/arena.h"
#include "base/str.h"

struct money {
    i64 minor;
    char currency[4];
};
bool currency_known(const char *code); /* an ISO 4217 code in use, upper case */
int currency_digits(const char *code);
/* "1234.5", "1,234.50", "1 234,50", "-3", "€ 12", "12 EUR": one reading or none. A currency in the
 * text must be `currency` (when not empty). E_INVALID with *why (static) otherwise. */
MUST_CHECK enum status money_parse(struct str text, const char *currency, struct money *out,
                                   const char **why);
char *money_plain(struct arena *a, struct money m); /* "1234.50": for JSON, CSV and inputs */
char *money_show(struct arena *a,
                 struct money m); /* "1,234.50 EUR" style of the interface: "€1,234.50" */
char *money_short(struct arena *a, struct money m); /* "€1.2M", for tiles */
/* a * b / c rounded half away from zero, exact in 128 bits; past an i64 it stays at
 * the largest. Aborts when c is 0. */
i64 money_muldiv(i64 a, i64 b, i64 c);
