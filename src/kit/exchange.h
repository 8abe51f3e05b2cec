/* exchange.h -- what a foreign amount is worth in the base currency on a day.
 *
 * Rates      of days, in the table `exchange_rate` (admin/exchange_rate.c): one unit of `one_of` is
 *            `rate` units of `currency`, as the European Central Bank quotes them. Taken straight,
 *            the other way round, or across a third currency that has both on the same day. A rate
 *            holds until the next one, at most setting "currency.rate_days" days. Where no day has
 *            one, the setting "currency.rates" counts, which has no days. Else there is none:
 *            nothing is ever taken as one to one.
 * Which day  record_type.rate_day says for the amounts of a type: the day of winning of a deal that
 *            is closed; today where that field is not set. Amounts of today's rate follow it
 *            (exchange_follow), others stay. A day to come counts as today.
 * Where      the door keeps the base amount beside the amount (record_check.c), so that sums,
 *            boards, filters, forecasts and reports need to know nothing of rates. */
#pragma once
#include "base/money.h"
#include "kit/record.h"

enum { EXCHANGE_SCALE = 8, EXCHANGE_UNIT = 100000000 }; /* decimals of a rate as it is kept */

struct exchange {
    i64 up, down;       /* one whole unit is worth up / down whole units of the base currency */
    i64 day;            /* of the rate; TIME_NONE: it has none */
    const char *source; /* who said so; "" for the setting's. In arena */
};
/* E_NOT_FOUND, without text: there is none. The base currency itself: 1 / 1. */
MUST_CHECK enum status exchange_find(struct ctx *cx, const char *currency, i64 day,
                                     struct exchange *out);
/* m in the base currency by it, rounded half away from zero. E_INVALID, without text: too large. */
MUST_CHECK enum status exchange_apply(struct ctx *cx, const struct exchange *x, struct money m,
                                      i64 *base_minor);
/* Both. E_INVALID, without text: there is no rate. money_to_base (record.h) is that of today. */
MUST_CHECK enum status money_to_base_on(struct ctx *cx, struct money m, i64 day, i64 *base_minor);
/* "1 USD = 0.92456 EUR, of 27 Nov 2026 (ECB)". In arena. */
const char *exchange_say(struct ctx *cx, const char *currency, const struct exchange *x);

/* "27 Nov 2026". In arena. */
const char *exchange_on(struct ctx *cx, i64 day);

/* The day whose rate counts for the row's amounts now. */
i64 exchange_day(struct ctx *cx, const struct row *r);

/* Counts anew what follows today's rate, of all types with a rate_day; `closed`: also what has its
 * day. Rows keep their stamps; the log has what changed. As the system, in portions of its own
 * transactions. *changed and *left (rows for which there is no rate; they stay as they are). */
MUST_CHECK enum status exchange_follow(struct ctx *cx, bool closed, i64 *changed, i64 *left);
