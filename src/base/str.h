/* str.h -- slices of text for parsers: a pointer and a length, never owned, not NUL-ended.
 * From floor 2 up text is a NUL-ended, valid UTF-8 `const char *` in an arena instead. */
#pragma once
#include "base/arena.h"
#include <string.h>

struct str {
    const char *p;
    size_t len;
};

#define STR(literal) ((struct str){ "" literal, sizeof(literal) - 1 })
static inline struct str str_from(const char *text) { return (struct str){ text, strlen(text) }; }
static inline bool str_is(struct str s, const char *text)
{
    size_t len = strlen(text);
    return s.len == len && memcmp(s.p, text, len) == 0;
}
bool str_equal(struct str a, struct str b);
bool str_equal_fold(struct str a, struct str b); /* ASCII case ignored */
bool str_starts(struct str s, const char *prefix);
bool str_ends(struct str s, const char *suffix);
bool str_contains_fold(struct str s, const char *needle); /* ASCII case ignored */
struct str str_trim(struct str s);                        /* ASCII white space at both ends */
/* Takes what stands before the first `sep` off `*rest`; false when nothing is left. "a,,b" has
 * three parts, "a," one. */
bool str_split(struct str *rest, char sep, struct str *part);
bool str_i64(struct str s, i64 *out);         /* decimal, whole slice, no overflow */
char *str_dup(struct arena *a, struct str s); /* in arena, NUL added */
u64 str_hash(struct str s);                   /* xxh3, seedless, stable across runs */

bool text_is(const char *a, const char *b);            /* strcmp == 0 */
bool text_like(const char *pattern, const char *text); /* '*' stands for anything, "" too */
bool text_empty(const char *s);
char *text_lower_ascii(struct arena *a, const char *s);
/* A label inside a sentence: "Deal" -> "deal", "SLA policy" as it is: words in capitals stay. */
char *text_in_sentence(struct arena *a, const char *label);
