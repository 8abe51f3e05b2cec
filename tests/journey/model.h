/* model.h -- the journey as a child would write it: one list of events, one table of who belongs to
 * whom, every question a loop over all of it. Tests hold the store to its answers. */
#pragma once
/* cmocka wants these four before its own. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/limits.h"
#include "journey/journey.h"

struct model {
    struct event *events; /* props owned, seq set */
    u32 count, room;
    u32 *owner;           /* of each person, or 0 */
    i64 *owned_ms;
    bool *gone;           /* erased */
    u32 people, gone_count;
    u64 ids[64];          /* those in use */
    bool id_known[64];
};
void model_init(struct model *m);
void model_free(struct model *m);
void model_person(struct model *m, u32 person); /* a number the store gave */
void model_append(struct model *m, const struct event *events, u32 count);
enum status model_alias(struct model *m, u32 visitor, u32 contact, i64 at_ms);
enum status model_unalias(struct model *m, u32 visitor);
u32 model_root(const struct model *m, u32 person); /* 0: erased */
void model_erase(struct model *m, u32 person);

/* What a walk showed: whole journeys, by person. Lists grow by malloc; seen_free. */
struct seen_person {
    u32 person;
    struct event *events;
    u32 count;
};
struct seen_people {
    struct seen_person *list;
    u32 count, room;
};
void seen_visit(void *acc, const struct journey_view *v);
/* The same by folding; parts tell neither whose number an event came under nor when it arrived. */
extern const struct journey_fold seen_fold;
void seen_free(struct seen_people *s);
/* Moves b's people into a and sorts them. */
void seen_add_up(struct seen_people *a, struct seen_people *b);
/* What the model says this plan must show. */
void model_walk(const struct model *m, const struct journey_plan *p, struct seen_people *out);
/* Fails the test unless two events have the same fields; `columns` as in a plan, 0 all. */
void assert_event(const struct event *got, const struct event *want, u32 columns, bool props);
void assert_people(const struct seen_people *got, const struct seen_people *want, u32 columns,
                   bool props);

/* A small generator of our own: the same on every machine. */
u64 random_next(u64 *state);
u32 random_below(u64 *state, u32 n);
