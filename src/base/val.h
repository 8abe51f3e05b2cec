/* val.h -- the value tree: what a handler builds, a template reads and JSON carries. Kinds: null,
 * bool, i64, decimal, text, html, list, map. All nodes live in one arena; texts are NUL-ended
 * valid UTF-8. A map keeps the order of insertion and holds each key once (a second set replaces).
 * Ownership: everything is in the arena; `_static` variants borrow the text for the arena's
 * life. */
#pragma once
#include "base/arena.h"
#include "base/str.h"

enum val_kind { VAL_NULL, VAL_BOOL, VAL_I64, VAL_DECIMAL, VAL_TEXT, VAL_HTML, VAL_LIST, VAL_MAP };

struct val; /* opaque; see val.c */

/* Making. */
struct val *val_null(struct arena *a);
struct val *val_bool(struct arena *a, bool b);
struct val *val_i64(struct arena *a, i64 n);
struct val *val_decimal(struct arena *a,
                        const char *digits);             /* JSON number grammar; kept as text */
struct val *val_double(struct arena *a, double d);       /* shortest decimal that reads back */
struct val *val_text(struct arena *a, const char *text); /* copies */
struct val *val_text_static(struct arena *a, const char *text);
struct val *val_str(struct arena *a, struct str s);
struct val *val_html(struct arena *a, const char *html); /* markup made by a trusted renderer */
struct val *val_list(struct arena *a);
struct val *val_map(struct arena *a);

/* Filling maps: the value is put at `key` (borrowed when a literal: keys are not copied; use
 * val_key to copy one that does not outlive the arena). Each returns what was put. */
const char *val_key(struct arena *a, struct str key);
struct val *val_put(struct val *map, const char *key, struct val *v);
struct val *val_put_text(struct val *map, const char *key, const char *text);
struct val *val_put_i64(struct val *map, const char *key, i64 n);
struct val *val_put_bool(struct val *map, const char *key, bool b);
struct val *val_put_null(struct val *map, const char *key);
struct val *val_put_html(struct val *map, const char *key, const char *html);
struct val *val_put_double(struct val *map, const char *key, double d);
struct val *val_put_map(struct val *map, const char *key);
struct val *val_put_list(struct val *map, const char *key);
struct val *val_put_printf(struct val *map, const char *key, const char *fmt, ...)
    PRINTF_LIKE(3, 4);

/* Filling lists. Each returns what was added. */
struct val *val_add(struct val *list, struct val *v);
struct val *val_add_text(struct val *list, const char *text);
struct val *val_add_i64(struct val *list, i64 n);
struct val *val_add_map(struct val *list);
struct val *val_add_list(struct val *list);

/* Reading. A NULL node reads as null, so look-ups chain. */
enum val_kind val_kind_of(const struct val *v);
bool val_is_null(const struct val *v);
const struct val *val_get(const struct val *map,
                          const char *key); /* NULL when absent or not a map */
const struct val *val_get_str(const struct val *map, struct str key);
const struct val *val_at(const struct val *list, size_t index);
size_t val_count(const struct val *list_or_map);
const char *val_key_at(const struct val *map, size_t index);
const struct val *val_value_at(const struct val *map, size_t index);
/* Conversions that never fail; `otherwise` when the node is of another kind. */
const char *val_as_text(const struct val *v, const char *otherwise); /* text and html only */
i64 val_as_i64(const struct val *v, i64 otherwise);
double val_as_double(const struct val *v, double otherwise); /* i64 and decimal */
bool val_as_bool(const struct val *v, bool otherwise);
const char *val_get_text(const struct val *map, const char *key); /* "" when absent */
i64 val_get_i64(const struct val *map, const char *key, i64 otherwise);
bool val_get_bool(const struct val *map, const char *key);
/* The printed form of a scalar (bool: true/false, numbers their digits); "" for null and trees. */
const char *val_print(struct arena *a, const struct val *v);
bool val_truthy(
    const struct val *v); /* Mustache: not null, false, "" or an empty list; 0 is true */
bool val_equal(const struct val *a, const struct val *b);   /* deep; map order does not matter */
struct val *val_copy(struct arena *a, const struct val *v); /* deep */
