/* seen_int.h -- event ids that were stored, so that a sender may send again. Two generations: when
 * the younger is seven days old or full, the older is forgotten. One thread: the one that commits.
 * */
#pragma once
#include "base/base.h"

enum { SEEN_DAYS = 7, SEEN_IDS = 4 * 1000 * 1000 };
struct seen_set {
    u64 *slots; /* 0: free */
    u32 slot_count, count;
    i64 begun_ms;
};
struct seen {
    struct seen_set now, before;
};
void seen_close(struct seen *s);
/* True: the id is new, and known from now on. at_ms: when it arrived. */
bool seen_add(struct seen *s, u64 id, i64 at_ms);
void seen_forget(struct seen *s, u64 id); /* its batch was not stored after all */
