/* reports.h -- five reports as another engine can be asked for them too, to the last digit: a
 * funnel, attribution, retention, traffic and paths. They read the journey as the product's reports
 * do, by one walk, with the columns where they lie.
 *
 * q1 funnel       page view, form, MQL, deal, won in this order within 90 days of the first; any
 *                 chain counts; by the channel of the first page view in range
 * q2 attribution  the touches (page views with a channel, mail clicks) of the 90 days before each
 *                 won deal share its value: first, last, linear, U, decay of 7 days; in thousandths
 *                 of a cent, rounded down at each step; by channel and campaign
 * q3 retention    people by the first week that they were seen in, and the weeks since
 * q4 traffic      page views of channel 3 in country 3: views, people and visits (30 minutes) a
 *                 day; the ten pages seen most
 * q5 paths        the last three channels of touches, repeats left out, before each form; the 20
 *                 most frequent
 * y: of the year, m: of June. */
#pragma once
#include "journey/journey.h"
#include <stdio.h>

enum {
    DATA_BEGIN_S = 1735689600, /* 2025-01-01 */
    DATA_DAY_S = 86400,
    DATA_DAYS = 365,
    DATA_YEAR_S = DATA_DAYS * DATA_DAY_S,
    DATA_CHANNELS = 12,
    DATA_CAMPAIGNS = 500,
    DATA_PAGES = 20000,
};
enum data_kind {
    DATA_PAGEVIEW = 0, DATA_FORM_SUBMIT = 2, DATA_EMAIL_CLICK = 4, DATA_MQL = 8,
    DATA_DEAL_CREATED = 10, DATA_DEAL_WON = 12,
};
/* In the journey, where 0 is no kind. */
static inline u16 kind_of(enum data_kind k) { return (u16)(k + 1); }

struct bench_report {
    const char *name; /* "q1y" */
    i64 from_ms, to_ms;
    u32 columns;
    u16 kinds[1];
    size_t kind_count;
    const struct journey_row *row; /* only people with such a row; NULL */
    size_t bytes; /* of an accumulator, which is zeroed numbers of 64 bits */
    struct journey_fold fold;
    void (*print)(const void *acc, FILE *out);
};
extern const struct bench_report bench_reports[];
extern const size_t bench_report_count;
