/* side_int.h -- the rows of a run that belong to somebody else than they lie under, because a link
 * was made or undone since the run was sorted: what a walk must fetch from elsewhere. Made by one
 * look through the run's directory, kept with the run until a link changes. Never changed, shared
 * by who asks. */
#pragma once
#include "journey/journey_int.h"

struct side_row {
    u32 root, owner, lo, len; /* under strays of `owner` others' rows are among them */
    u64 mask;
};
struct side {
    atomic_uint refs;
    u64 version; /* struct moved's */
    u32 erased; /* entries with rows of people who are erased: the run is to be sorted again */
    u32 count;
    struct side_row rows[]; /* ascending by root, then owner */
};
/* Owned: side_drop. NULL: f says why. Any thread. */
struct side *side_take(struct journey *j, struct run *r, const struct moved *m,
                       struct reader *reader, struct fault *f);
/* The rows whose root is at least `root`: index of the first. */
u32 side_seek(const struct side *s, u32 root);
