/* seen_int.h -- event ids that were stored, so that a sender may send again, also years later. Two
 * generations: when the younger is full, the older is forgotten. What earlier flushes left in the
 * file is read when the first id comes: who sends none pays nothing. One thread: the one that
 * commits. */
#pragma once
#include "base/base.h"

enum { SEEN_IDS = 16 * 1000 * 1000 };
struct seen_set {
    u64 *slots; /* 0: free */
    u32 slot_count, count;
};
struct seen {
    struct seen_set now, before;
    bool read; /* the file's */
};
void seen_close(struct seen *s);
/* True: the id is new, and known from now on. */
bool seen_add(struct seen *s, u64 id);
/* An older one, out of the file, the newest first. False: there is no more room for older ones. */
bool seen_add_older(struct seen *s, u64 id);
void seen_forget(struct seen *s, u64 id); /* its batch was not stored after all */
