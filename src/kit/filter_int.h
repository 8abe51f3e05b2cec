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

/* a.b.c: hops a and b, each a reference, then the column c of the last type; or what is asked of
 * the last type's record instead of a column: a count, or in which sets it is. */
struct filter_call;
struct filter_set;
struct filter_path {
    struct filter_column hops[FILTER_HOPS];
    int hop_count;
    struct filter_column last; /* of call and set: type, and a field made for them */
    struct filter_call *call;
    const struct filter_set *set;
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
struct filter_settled;
struct filter_verdicts;
struct filter_node {
    enum filter_kind kind;
    struct filter_node *
        *children; /* AND, OR: two and more, none of the same kind; NOT: one, not a NOT */
    size_t count;
    struct filter_path path; /* FILTER_TEST from here */
    enum filter_op op;
    struct filter_value *values;
    size_t value_count;
    struct filter_settled *settled;   /* of events, once they were walked */
    struct filter_verdicts *verdicts; /* inside "where" of events: by key, while they are walked */
};

/* count(what where ..., window), first(), last(): of events on a person's journey, or of records
 * that point at the row. */
struct filter_call {
    enum { CALL_COUNT, CALL_FIRST, CALL_LAST } fn;
    const struct record_type *of; /* records; NULL: events */
    int by;                       /* the field of theirs that points here */
    const struct event_kind *kind;
    u16 code;
    const struct record_type *inner; /* whose fields `where` names: `of`, or one made for events */
    struct filter_node *where;       /* NULL: all */
    struct filter_value window;      /* of created_at, or of the event's time */
    bool windowed;
    struct filter_events *events; /* all tests of events in one text: walked together */
};
extern const struct field filter_count_field; /* what a count is compared as */

struct filter_seen; /* related records that were read: filter_match.c */
struct filter {
    const struct record_type *type;
    struct filter_node *root; /* NULL: everything passes */
    struct arena *arena;
    struct filter_seen **seen;
    struct filter_events *events; /* NULL: asks for none */
    i64 now_ms;                   /* what "now" was when it was parsed */
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

/* The references of a path, and the type at its end. */
MUST_CHECK enum status filter_type_hops(struct ctx *cx, const struct record_type *t,
                                        const struct filter_token *names, size_t count,
                                        struct filter_path *out, const struct record_type **end);
/* now, a period, -30d, as a window: E_INVALID of anything else, and of what is still to come. */
MUST_CHECK enum status filter_type_window(struct ctx *cx, const struct filter_token *t,
                                          struct filter_value *out);

/* ---- filter_call.c ---- */
/* What `fn(what.by` means, asked of a record of type t: out->last and call are set, without where
 * and window. `by` may be NULL. */
MUST_CHECK enum status filter_call_make(struct ctx *cx, const struct record_type *t, const char *fn,
                                        const char *what, const char *by, struct filter_path *out);
bool filter_is_call(const char *word); /* count, first, last */
/* "count(pageview where page starts '/pricing', -7d)" */
void filter_call_text(struct ctx *cx, const struct filter_call *c, struct buf *b);
/* "Times Page view where Page starts with /pricing in the last 7 days" */
const char *filter_call_words(struct ctx *cx, const struct filter_call *c);
/* What it may be asked of a record of type t: names of event kinds and types, for forms. */
struct filter_callable {
    const char *name, *label; /* "pageview", "deal" */
    bool records;
};
size_t filter_callables(struct ctx *cx, const struct record_type *t, struct filter_callable *list,
                        size_t max);
/* The set of this name that records of type t can be in; NULL: none. */
const struct filter_set *filter_set_find(struct ctx *cx, const struct record_type *t,
                                         const char *name);
/* Boolean SQL, never NULL: the test of a call or a set, of the record `alias`. */
MUST_CHECK enum status filter_call_sql(struct ctx *cx, struct sql *q, const struct filter_node *n,
                                       enum filter_op op, const char *alias);
MUST_CHECK enum status filter_set_in_sql(struct ctx *cx, struct sql *q,
                                         const struct filter_node *n, enum filter_op op,
                                         const char *alias);
/* The same asked of one id: through SQL, or of events by a look at one journey. */
MUST_CHECK enum status filter_call_match(struct ctx *cx, const struct filter_node *n,
                                         enum filter_op op, i64 id, bool *out);
/* alias.column is one of these. */
void filter_ids_sql(struct sql *q, const char *alias, const char *column, const i64 *ids,
                    size_t count);

/* ---- filter_event.c ---- */
/* The made-up type whose fields are what an event tells; `kind` says which records it points to. */
const struct record_type *filter_event_type(struct ctx *cx, const struct event_kind *kind);
bool filter_is_event_type(const struct record_type *t);
struct filter_events *filter_events_new(struct arena *a);
/* Takes a finished test of events in; deep: it is not asked of the filter's own rows. */
void filter_events_add(struct filter_events *all, struct filter_node *n, bool deep);
/* The moments at which a comparison of `at` with something that moves with the time turns over. */
void filter_moving_due(const struct filter_value *v, i64 at, i64 now, i64 *due);
/* Whom a test of events is true of, after one walk for all of them: those in ids, or, when `rest`,
 * everybody else. */
struct filter_settled {
    i64 *ids; /* ascending */
    size_t count, cap;
    bool rest;
};
MUST_CHECK enum status filter_settle(struct ctx *cx, struct filter_events *all, i64 until_ms);
MUST_CHECK enum status filter_event_match(struct ctx *cx, const struct filter_node *n, i64 id,
                                          bool *out);

/* ---- filter_match.c ---- */
/* What stands in a column, read the way the compare column is. */
struct filter_found {
    bool set;
    i64 i;
    const char *text; /* folded */
};
/* The positive form of n's test. */
MUST_CHECK enum status filter_found_matches(struct ctx *cx, const struct filter_node *n,
                                            const struct filter_found *at, bool *out);
/* Those that ask for what is not there are the opposite of one that asks for what is. */
bool filter_is_negative(enum filter_op op, enum filter_op *positive);

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
/* Boolean: it is not. An index serves it. */
void filter_unset_sql(struct sql *q, const struct filter_column *c, const char *alias);
/* A test of a column of the row itself: through no reference, of no call and no set. */
bool filter_is_plain(const struct filter_node *n);
/* FROM type AS t, and the WHERE of all that a list of it holds: trash, scope, search, filter. */
MUST_CHECK enum status filter_base_sql(struct ctx *cx, const struct record_type *t, bool trash,
                                       const char *alias, struct sql *q);

/* ---- filter_words.c ---- */
void filter_node_words(struct ctx *cx, const struct filter_node *n, struct buf *b);
void filter_node_text(struct ctx *cx, const struct filter_node *n, struct buf *b);
const char *filter_path_words(struct ctx *cx, const struct filter_path *p); /* "Company › Name" */
const char *filter_op_words(const struct field *f, enum filter_op op);      /* "is over" */
const char *filter_quote(struct arena *a, const char *text);                /* 'it''s' */
