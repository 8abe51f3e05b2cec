/* price.h -- what a quote or an order comes to: lines, discounts, taxes and totals, exact to the
 * minor unit. Pure arithmetic: no records, no database, any thread.
 *
 * Line       quantity x unit price, rounded once; then its discounts one after the other, each of
 *            what the one before left and rounded, so that every amount shown can be added up by
 *            hand. Quantities and prices may be negative (credit notes, returns).
 * Total      discounts over the total likewise; each is spread over the lines by what they are
 *            worth, to the minor unit (largest remainder; ties: the earlier line), so that every
 *            tax rate has its part of it.
 * Tax        of the sum of each rate, rounded once, as EN 16931-1 has it (BR-CO-10 to BR-CO-17;
 *            BR-S-8, BR-S-9), or line by line where that is the custom. Prices that include it:
 *            base = rounded(sum / (1 + rate)), tax = sum - base. Spread over the lines likewise.
 * Rounding   half away from zero.
 * Optional   lines that are not chosen have amounts of their own and count nowhere.
 * Recurring  what comes again is summed by its period beside what comes once; a discount over the
 *            total, and every total without "each", is of one payment of each. */
#pragma once
#include "base/arena.h"
#include "base/base.h"
#include "base/ctx.h"

enum {
    PRICE_SCALE = 10000,    /* quantities: 1/10,000; unit prices: 1/10,000 of a minor unit */
    PRICE_WHOLE = 1000000,  /* 100 percent */
    PRICE_LINES = 500,      /* at most */
    PRICE_DISCOUNTS = 8,    /* of a line, and of the total */
    PRICE_MONTHS = 120,     /* the longest period */
};

struct price_discount {
    bool is_amount; /* else a share */
    i64 value;      /* minor units, with the sign of what it lessens; or parts of PRICE_WHOLE */
    i64 gives;      /* out: what it takes off, minor units */
};

struct price_line {
    i64 quantity, unit, unit_cost; /* of PRICE_SCALE */
    i64 unit_list; /* likewise: what the price list says of one, 0 where it says nothing */
    struct price_discount *discounts;
    size_t discount_count;
    i64 tax_rate; /* of PRICE_WHOLE: 190000 is 19 percent */
    int months;   /* 0: once; else every so many */
    bool left_out; /* optional, and not chosen */
    /* out, minor units */
    i64 list;  /* quantity x unit, or x unit_list where that is more: a price below it concedes */
    i64 sum;   /* after its own discounts: what stands on the line */
    i64 share; /* of the discounts over the total */
    i64 base, tax;
    i64 cost;
};

struct price_tax { /* of one rate and one period */
    i64 rate;
    int months;
    i64 base, tax;
};

struct price_total { /* of one period; months 0: once */
    int months;
    i64 sum, discount, base, tax, due; /* due: base + tax */
    i64 cost;
};

struct price_quote {
    struct price_line *lines;
    size_t line_count;
    struct price_discount *discounts;
    size_t discount_count;
    bool tax_included; /* unit prices and amounts of discounts are with tax */
    bool tax_by_line;  /* rounded line by line instead of by rate */
    /* out; totals and taxes in arena, ascending by period, then by rate */
    struct price_total all; /* one payment of each period; months 0 */
    struct price_total *totals;
    size_t total_count;
    struct price_tax *taxes;
    size_t tax_count;
};

/* E_INVALID, with what is wrong and where: "price.discount" a discount that takes off more than
 * there is or has the wrong sign, "price.range" an amount too large, a rate outside of 0 to 100
 * percent, a period out of range; E_LIMIT: too many lines or discounts. */
MUST_CHECK enum status price_count(struct ctx *cx, struct price_quote *q);
/* Part of PRICE_WHOLE that is earned: (base - cost) / base, rounded; 0 of nothing. */
i64 price_margin(const struct price_total *t);
