/* demo.h -- the demo company: from a seed, two believable years of a maker of orchard and vineyard
 * sensors, ending now. Visitors arrive, become leads, are handed over, called, sold to or lost, all
 * through the same doors as in real life, with the clock set to the moment.
 * Threads    one thread; the folder must be this process's alone. */
#pragma once
#include "base/ctx.h"

struct demo_options {
    u64 seed;
    i64 contacts, companies, events, deals; /* about; the story decides the last few */
};
extern const struct demo_options demo_usual; /* seed 1, 20,000 contacts, 1.5 million events */

enum demo_state {
    DEMO_EMPTY,  /* nobody and nothing is there yet */
    DEMO_DONE,   /* the demo company is there, whole */
    DEMO_BROKEN, /* its making was interrupted */
    DEMO_OTHER,  /* somebody else's data */
};
MUST_CHECK enum status demo_look(struct ctx *cx, enum demo_state *state);

/* The instant with which the story begins that ends at `now_ms`: what a new workspace begins with
 * (kit_start) belongs there too. */
i64 demo_begins_ms(i64 now_ms);

/* What was made. */
struct demo_numbers {
    i64 users, companies, contacts, submissions, handoffs, accepted, activities, deals, won, events;
};
/* Makes it all; the story ends at cx's now. Features have started. E_INVALID: a number that cannot
 * be; errors of the store as they come. */
MUST_CHECK enum status demo_fill(struct ctx *cx, const struct demo_options *o,
                                 struct demo_numbers *out);

/* How to sign in: of each team one, ended by who == NULL. They share the password. */
struct demo_sign_in {
    const char *who, *email;
};
extern const struct demo_sign_in demo_sign_ins[];
extern const char demo_password[];
