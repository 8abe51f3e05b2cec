/* rates_read.h -- rates of exchange from a CSV file. Two forms, told apart by the first line:
 *
 *   of the European Central Bank (eurofxref.csv, eurofxref-hist.csv): Date, then a column for each
 *   currency; a cell is what one euro was worth, "N/A" where there was no rate. Days are written
 *   2026-11-27 or 27 November 2026.
 *   https://www.ecb.europa.eu/stats/policy_and_exchange_rates/euro_reference_exchange_rates
 *
 *   a rate a line: columns day (or date), currency, rate, and where wanted one_of (what one unit is
 *   of; the base currency) and source, in any order.
 *
 * Pure reading, any thread. */
#pragma once
#include "base/ctx.h"
#include "base/str.h"

struct rate_line {
    i64 day;
    i64 rate; /* of EXCHANGE_UNIT */
    char one_of[4], currency[4];
    const char *source; /* in arena */
};
struct rate_file {
    struct rate_line *lines; /* in arena; as they stand in the file */
    size_t count;
    i64 first_day, last_day; /* of those; TIME_NONE: none */
    size_t left_out; /* days before from_day */
};
/* `base` stands for a missing one_of. E_INVALID with a field error of "file" that names the line:
 * not one of the two forms, a day, currency or rate that is none; E_LIMIT: more than RATES_MOST. */
enum { RATES_MOST = 400000 };
MUST_CHECK enum status rates_read(struct ctx *cx, struct str text, const char *base, i64 from_day,
                                  struct rate_file *out);
/* "1.0823" as it is kept; false: no number above 0, more than 8 decimals, or out of range. */
bool rate_read(const char *text, i64 *rate);
/* "2026-11-27" or "27 November 2026". */
bool rate_day_read(const char *text, i64 *day);
