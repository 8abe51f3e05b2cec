/* kinds.h -- what a field kind must say. One file per kind in kinds/; to add one: a word in enum
 * field_kind, a file kinds/NAME.c, a row in kinds.c, a word in src/meson.build. Every record type
 * may then use it. */
#pragma once
#include "base/limits.h"
#include "kit/record_int.h"

struct kind {
    const char *word; /* "text": in templates, OpenAPI and CSV headers */
    enum storage storage;
    /* Reads what a person wrote: trimmed, never empty. v comes in as the row has it (money keeps
     * its currency) and goes out set or not. Errors by kind_bad. */
    enum status (*parse)(struct ctx *cx, const struct field *f, const char *text, struct value *v);
    /* Reads a JSON value that is not null. NULL: a text or number goes through parse. */
    enum status (*parse_val)(struct ctx *cx, const struct field *f, const struct val *in,
                             struct value *v);
    /* Before a set value is written: limits, and one spelling for what means the same. */
    enum status (*check)(struct ctx *cx, const struct field *f, struct value *v);
    /* The compared form of a text; STORED_FOLDED only. In arena. */
    const char *(*fold)(struct arena *a, const char *text);
    /* A set value as text that parse reads back, for CSV and inputs. */
    const char *(*plain)(struct ctx *cx, const struct field *f, const struct value *v);
    /* As JSON; NULL: plain as a text. */
    struct val *(*json)(struct ctx *cx, const struct field *f, const struct value *v);
    /* In words for people; NULL: plain. */
    const char *(*show)(struct ctx *cx, const struct field *f, const struct value *v);
    /* Adds to a cell that has "text" already; returns the cell's kind. NULL: cell_word, or else the
     * kind's word. */
    const char *(*cell)(struct ctx *cx, const struct field *f, const struct value *v,
                        struct val *cell);
    const char *cell_word;
    /* Search words of a set value; NULL: the words of plain. In arena. */
    const char *(*words)(struct arena *a, const struct value *v);
};
const struct kind *kind_of(const struct field *f);

extern const struct kind kind_text, kind_long, kind_int, kind_decimal, kind_money, kind_date,
    kind_time, kind_bool, kind_choice, kind_tags, kind_email, kind_phone, kind_url, kind_ref,
    kind_json, kind_secret;

/* ---- for the kinds ---- */
/* A field error, with the code KIND.WHAT. */
#define kind_bad(cx, f, code, ...) ctx_fail_field((cx), (f)->name, (code), __VA_ARGS__)
/* Refuses bad UTF-8 and what is longer than the field's max_len, or `limit` when that is 0. */
MUST_CHECK enum status kind_check_length(struct ctx *cx, const struct field *f, const char *text,
                                         int limit);
/* Refuses numbers outside min and max, which are shown by `plain`. */
MUST_CHECK enum status kind_check_range(struct ctx *cx, const struct field *f,
                                        const struct value *v);
/* One line: white space and control characters become single spaces, none at the ends. In arena, or
 * `text` itself when it is that already. */
const char *kind_one_line(struct arena *a, const char *text);
const char *kind_text_plain(struct ctx *cx, const struct field *f, const struct value *v);
MUST_CHECK enum status kind_text_parse(struct ctx *cx, const struct field *f, const char *text,
                                       struct value *v);
