/* filter_int.h -- the typed tree of a filter, for filter_*.c, list*.c and question*.c.
 *
 * A text is read by filter_parse.c; each test goes through filter_type.c, which resolves its path
 * and its values against the record type and the asking user; what comes out is a tree that SQL
 * (filter_sql.c), memory (filter_match.c) and words (filter_words.c) read without asking again. */
#pragma once
#include "kit/filter.h"
#include "kit/record_int.h"

enum { FILTER_BYTES = 16 * 1024, FILTER_HOPS = 4, FILTER_VALUES = 200 };

/* Where a value is: a field of a type, or a column that every type has. */
struct filter_column {
    const struct record_type *type;
    const struct field *f; /* never NULL: system columns have one made for them */
    int field;             /* index, or -1 for a system column */
    enum system_field system;
};

/* a.b.c: hops a and b, each a reference, then the column c of the last type. */
struct filter_path {
    struct filter_column hops[FILTER_HOPS];
    int hop_count;
    struct filter_column last;
};

enum filter_op {
    OP_EQ,
    OP_NE,
    OP_LT,
    OP_LE,
    OP_GT,
    OP_GE,
    OP_CONTAINS,
    OP_STARTS,
    OP_HAS,
    OP_IN,
    OP_EMPTY,
    OP_NOT_EMPTY,
    OP_TRUE,
    OP_NOT_TRUE,
    OP_FALSE,
    OP_NOT_FALSE,
    OP_COUNT
};

enum filter_how {
    HOW_PLAIN, /* a value as the field's kind reads it */
    HOW_DATE,  /* a day, also where instants are compared */
    HOW_INSTANT,
    HOW_ME,
    HOW_MY_TEAM,
    HOW_NOW,
    HOW_PERIOD,   /* "this_month" */
    HOW_RELATIVE, /* -30d */
};

struct filter_value {
    enum filter_how how;
    struct value plain;  /* HOW_PLAIN: as it stands in a row, money with currency "" for base */
    const char *word;    /* the period's name */
    i64 amount;          /* relative */
    char unit;           /* 'h', 'd' or 'w' */
    const char *compare; /* texts: in the form of the compare column, never "" */
    i64 low, high;       /* numbers, ids: low. Dates and times: the half-open range that is meant */
};

enum filter_kind { FILTER_AND, FILTER_OR, FILTER_NOT, FILTER_TEST };
struct filter_node {
    enum filter_kind kind;
    struct filter_node *
        *children; /* AND, OR: two and more, none of the same kind; NOT: one, not a NOT */
    size_t count;
    struct filter_path path; /* FILTER_TEST from here */
    enum filter_op op;
    struct filter_value *values;
    size_t value_count;
};

struct filter_seen; /* related records that were read: filter_match.c */
struct filter {
    const struct record_type *type;
    struct filter_node *root; /* NULL: everything passes */
    struct arena *arena;
    struct filter_seen **seen;
};

/* ---- filter_type.c ---- */
/* A value as it stands in the text. */
struct filter_token {
    enum {
        TOKEN_END,
        TOKEN_WORD,
        TOKEN_TEXT,
        TOKEN_NUMBER,
        TOKEN_OP,
        TOKEN_OPEN,
        TOKEN_CLOSE,
        TOKEN_COMMA,
        TOKEN_DOT,
        TOKEN_BAD
    } kind;
    const char *text; /* in arena; texts without their quotes */
    size_t at;        /* byte where it begins */
};
/* Resolves the names of a path. E_INVALID "filter.unknown_field". */
MUST_CHECK enum status filter_type_path(struct ctx *cx, const struct record_type *t,
                                        const struct filter_token *names, size_t count,
                                        struct filter_path *out);
/* Checks operator and values against the path's kind and resolves them: node->path and op are set.
 * `typed`: values as people write them in a form, where quotes make no difference. */
MUST_CHECK enum status filter_type_test(struct ctx *cx, struct filter_node *node,
                                        const struct filter_token *values, size_t count,
                                        bool typed);
const char *filter_path_text(struct arena *a, const struct filter_path *p); /* "company_id.name" */
const char *filter_op_text(enum filter_op op); /* as in the language: "is not empty" */
bool filter_op_fits(const struct filter_column *c, enum filter_op op);
bool filter_kind_is_time(const struct field *f); /* date or time */
/* The period of this name; false when there is none. Also those of question.h. */
bool filter_period(struct ctx *cx, struct str name, i64 *from_ms, i64 *to_ms);
/* The names one by one, with what they are called on pages; NULL past the last. */
const char *filter_period_name(size_t index, const char **label);

/* ---- filter_parse.c ---- */
struct filter *filter_new(struct ctx *cx, const struct record_type *t, struct filter_node *root);
/* Both hold. NULL stands for everything. */
struct filter_node *filter_node_and(struct arena *a, struct filter_node *x, struct filter_node *y);
/* The conditions that all must hold: the AND's children, or the root alone. */
size_t filter_conjuncts(struct arena *a, const struct filter *f, struct filter_node ***out);

/* ---- filter_sql.c ---- */
/* One node as a boolean expression, never NULL. */
MUST_CHECK enum status filter_node_sql(struct ctx *cx, const struct filter_node *n,
                                       const char *alias, struct sql *q);
/* "alias"."column" that the column is compared by. */
void filter_column_sql(struct sql *q, const struct filter_column *c, const char *alias);
/* Boolean: the column is set. */
void filter_set_sql(struct sql *q, const struct filter_column *c, const char *alias);
/* FROM type AS t, and the WHERE of all that a list of it holds: trash, scope, search, filter. */
MUST_CHECK enum status filter_base_sql(struct ctx *cx, const struct record_type *t, bool trash,
                                       const char *alias, struct sql *q);

/* ---- filter_words.c ---- */
void filter_node_text(struct ctx *cx, const struct filter_node *n, struct buf *b);
const char *filter_path_words(struct ctx *cx, const struct filter_path *p); /* "Company › Name" */
const char *filter_op_words(const struct field *f, enum filter_op op);      /* "is over" */
const char *filter_quote(struct arena *a, const char *text);                /* 'it''s' */
