/* score_learn_int.h -- what the files of learning share: score_leads.c knows who was won and lost,
 * as they were when they reached sales; score_choose.c what enough of them have to be looked at;
 * score_learn.c fits, judges and keeps; score_chance.c serves what was kept. */
#pragma once
#include "marketing/score_int.h"
#include "marketing/score_learn.h"

struct lead {
    i64 contact, at_ms; /* when it reached sales */
    i64 won_ms;         /* when it was won first; 0: it was not */
    bool lost, open;
    bool held_back; /* of the newest, on which the model is judged */
    u32 number;     /* of the journey; 0: none */
    struct score_tally *tallies; /* of the rules at that moment, one a rule */
    i64 points;                  /* and what they come to */
    float *x;
};
struct leads {
    struct ctx *cx;
    struct lead *list;
    size_t count, room;
    size_t young; /* left out: too young to say how they end */
};
/* Those whose end is known, each once, in the order in which they reached sales. */
MUST_CHECK enum status leads_read(struct ctx *cx, struct leads *out);
/* The contact as it was when it reached sales, and its company as it was then. *contact NULL: it is
 * gone; *company NULL: there was none. */
MUST_CHECK enum status lead_profile(struct ctx *cx, const struct lead *l, struct row **contact,
                                    struct row **company);
/* One walk over their journeys. */
MUST_CHECK enum status leads_walk(struct ctx *cx, struct leads *all, u32 columns, bool props,
                                  void (*visit)(void *, const struct journey_view *), void *acc);
/* Whose journey it is; NULL: of no lead. During leads_walk. */
struct lead *lead_at(struct leads *all, u32 number);

struct features {
    struct feature_of *list;
    size_t count;
};
/* What enough of those that are not held back have: kinds of events, pages, values of the profile.
 */
MUST_CHECK enum status features_choose(struct ctx *cx, struct leads *all, struct features *fs);
