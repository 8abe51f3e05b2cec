/* json.h -- strict JSON (RFC 8259) to and from the value tree.
 * Reading: UTF-8 only, no duplicate keys, no trailing bytes, depth LIMIT_JSON_DEPTH, no NUL in
 * texts; integers that fit are i64, every other number keeps its digits as a decimal.
 * Threads: no state; any thread. */
#pragma once
#include "base/buf.h"
#include "base/val.h"

struct json_error {
    size_t offset;       /* byte where reading stopped */
    const char *message; /* static: "expected ',' or '}'" */
};

/* Reads one document. OK: *out is in the arena. E_INVALID: *err (may be NULL) says where and
 * why. */
MUST_CHECK enum status json_read(struct arena *a, struct str text, struct val **out,
                                 struct json_error *err);
/* Appends compact JSON. html values are written as strings. U+2028, U+2029 and '<' are escaped,
 * so that the result may stand inside a script element. */
void json_write(struct buf *b, const struct val *v);
void json_write_text(struct buf *b, const char *text); /* one quoted string */
char *json_text(struct arena *a, const struct val *v); /* in arena */
