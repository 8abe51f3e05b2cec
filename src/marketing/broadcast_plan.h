/* broadcast_plan.h -- who of a broadcast gets what, and when: arithmetic alone, apart from rows and
 * mails, so that each rule can be held against cases worked out by hand.
 * Threads    no state. */
#pragma once
#include "base/clock.h"

/* ---- states and verbs ---- */
enum broadcast_state {
    BROADCAST_DRAFT,
    BROADCAST_SCHEDULED,
    BROADCAST_SENDING,
    BROADCAST_PAUSED,
    BROADCAST_FINISHED,
    BROADCAST_CANCELLED,
    BROADCAST_STATES
};
enum broadcast_verb {
    VERB_SCHEDULE,
    VERB_UNSCHEDULE,
    VERB_START, /* the clock's, not a person's */
    VERB_PAUSE,
    VERB_RESUME,
    VERB_CANCEL,
    VERB_FINISH, /* likewise */
    VERB_WINNER,
    VERB_RESEND,
    BROADCAST_VERBS
};
const char *broadcast_state_word(enum broadcast_state s);  /* static: "draft" */
enum broadcast_state broadcast_state_by(const char *word); /* an unknown word is a draft */
const char *broadcast_verb_word(enum broadcast_verb v);    /* static: "schedule" */
/* Whether the verb may be said in this state, and what comes of it. */
bool broadcast_may(enum broadcast_state s, enum broadcast_verb v, enum broadcast_state *to);

/* ---- when ---- */
/* The instant at which it is, in `theirs`, what it is in `ours` at send_at_ms. NULL: UTC. */
i64 plan_local(i64 send_at_ms, const struct zone *ours, const struct zone *theirs);
/* When that is the case for the first and for the last people on earth (UTC+14, UTC-12). */
i64 plan_first_local(i64 send_at_ms, const struct zone *ours);
i64 plan_last_local(i64 send_at_ms, const struct zone *ours);

/* How many of `want` may go now if at most per_hour may in an hour, and at most a minute's worth,
 * or two, at once. *free_at_ms is up to when the hour's allowance is used (0: not begun), and
 * moves on. */
i64 plan_allowance(i64 per_hour, i64 now_ms, i64 want, i64 *free_at_ms);
/* How long `count` mails take; per_hour 0: as fast as they go, `fastest` an hour. */
i64 plan_duration_ms(i64 count, i64 per_hour, i64 fastest);

/* ---- A/B ---- */
enum { VARIANTS_MAX = 4, VARIANT_REST = -1 };
/* A recipient's place in the draw: the same whenever it is asked, another in each broadcast. */
i64 plan_lot(i64 broadcast_id, i64 contact_id);
/* How many of the recipients are in the test: the share, rounded, so that each variant has at least
 * one; all of them when there are fewer than variants. */
i64 plan_test_size(i64 recipients, int share_percent, int variants);
/* Variant of the recipient at a place of the draw from 0 on: in turn, so that sizes differ by one
 * at most; VARIANT_REST: behind the test. */
int plan_variant(i64 place, i64 test_size, int variants);

/* What one variant brought: how many got it, and how many of them did what counts. */
struct plan_count {
    i64 got, did;
};
struct plan_verdict {
    int leader;       /* the best rate; of equals the first */
    int second;       /* the next best; -1: there is none */
    double p;         /* chance of such a difference if there were none: two proportions, pooled,
                       * two-sided, times the number of comparisons; 1 where it cannot be told */
    bool enough;      /* the normal approximation may be used: 5 expected in each cell */
    bool significant; /* p < 0.05, and enough */
};
struct plan_verdict plan_judge(const struct plan_count *counts, int variants);
/* Share as a fraction; 0 where nobody got it. */
double plan_rate(const struct plan_count *c);
/* The 95 percent interval of a share (Wilson), for showing how sure it is. */
void plan_interval(const struct plan_count *c, double *low, double *high);
