/* measure.h -- what a reader's browser measured: how long and how far a page was read, and how fast
 * it was. Both are packed into an event's `value`, so that a walk over millions of page views reads
 * one column and no properties; the properties keep what was said exactly.
 * Threads    no state. */
#pragma once
#include "base/val.h"

struct event;

/* ---- of an "engagement" event ---- */
struct reading {
    i64 engaged_ms; /* in the foreground, since the report before; below 0: not told */
    int depth;      /* percent of the page that was in sight so far, 0 to 100; below 0: not told */
};
i64 reading_pack(struct reading r); /* 0 when it tells nothing */
i64 reading_engaged_ms(const struct event *e);
i64 reading_depth(const struct event *e);

/* ---- of a "performance" event: web vitals, see web.dev/articles/vitals ---- */
enum vital { VITAL_LCP, VITAL_INP, VITAL_CLS, VITAL_FCP, VITAL_TTFB, VITALS };
struct vital_kind {
    const char *name;  /* "lcp": as trackers say it, and the metric's name */
    const char *short_name; /* "LCP" */
    const char *label; /* "Largest contentful paint" */
    const char *about; /* what it says to whoever is no engineer */
    double most;       /* what is above is no measurement */
    int step;          /* what it is kept in: so many of its units (ms; thousandths of CLS) */
    int good, poor;    /* in these units: good up to the one, poor above the other */
};
extern const struct vital_kind vital_kinds[VITALS];
/* numbers[]: milliseconds, of CLS its score; below 0: not told. 0 when none is. */
i64 vitals_pack(const double numbers[VITALS]);
i64 vital_of(const struct event *e, enum vital v); /* in its units; below 0: not told */
enum vital_rating { VITAL_GOOD, VITAL_FAIR, VITAL_POOR };
enum vital_rating vital_rating(enum vital v, double in_units);

/* The same from properties as trackers name them: e and sd, or lcp, inp, cls, fcp, ttfb. */
i64 reading_pack_props(const struct val *props);
i64 vitals_pack_props(const struct val *props);
