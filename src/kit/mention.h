/* mention.h -- names of colleagues in what is written: "@Clara Novak, have a look". Pure.
 * Threads: any. */
#pragma once
#include "base/arena.h"

struct mention_name {
    i64 user_id;
    const char *fold; /* name or mail address as utf8_fold says it; "" is never meant */
};
/* Who is meant in `text`, each once, in its order; at most `max` into `out`. An @ counts at the
 * beginning of a word; of several names that fit the longest is meant, and it ends where a
 * word ends. */
size_t mention_find(struct arena *a, const char *text, const struct mention_name *names,
                    size_t count, i64 *out, size_t max);
