/* question_int.h -- what the files of the question engine share.
 *
 * A question becomes one or more leaves: a metric that is not worked out of others, in one period.
 * Record leaves are asked in SQL one by one (question_record.c), journey leaves all in one walk
 * (question_journey.c), targets are looked up (question_target.c); question.c puts the answers
 * together. */
#pragma once
#include "kit/filter_int.h"
#include "kit/question.h"

enum { BUCKETS_MAX = 1000, GROUPS_MAX = 20 * 1000, GROUPS_DEFAULT = 50 };

/* Hours, days, weeks or months of a period. */
struct buckets {
    enum period_unit unit;
    i64 *starts; /* ascending; the first is the period's own beginning */
    size_t count;
};

/* One number, as far as it is known. */
struct cell {
    const char
        *key; /* as the API says it; NULL: not known. With buckets: the day (and hour) it begins */
    const char *label; /* NULL: to be found */
    i64 count;         /* rows, people, visits */
    i64 sum;           /* of the field over the rows where it is set */
    double value;
    bool defined;
};

struct leaf {
    const struct metric *metric;
    const struct question *q;
    const char *filter; /* of records: the question's, and its conditions */
    i64 from_ms, to_ms;
    i64 as_of_ms; /* records as they were just before; 0: as they are. Of a state: at most */
    const struct buckets *buckets; /* NULL: not by time, or one bucket of a state */
    bool by_time;                  /* its dimension is time and needs no column */
    double unit;                   /* sums are divided by it: the scale of a decimal field */
    bool overlaps; /* what is counted may be in several groups: they do not add up */
    struct cell total;
    struct cell *cells; /* one a bucket, or one a group in any order */
    size_t count;
};

/* ---- question.c ---- */
const char *metric_unit_word(const struct metric *m); /* static: "money" */
/* The leaf of a metric that is no ratio, checked as question_ask does. q is borrowed by it. */
MUST_CHECK enum status leaf_make(struct ctx *cx, const struct question *q, struct leaf *out);
bool metric_is_state(const struct metric *m);         /* of records, at one instant */
bool metric_is_total(const struct metric *m); /* a state that is added up from its rows' dates */
/* Which dates count for a running total of this period; they end with `limit` (0: now) at most. */
void total_range(struct ctx *cx, const struct metric *m, i64 limit, i64 *from_ms, i64 *to_ms);
bool metric_is_mean(const struct metric *m);          /* an average, a median, a quartile */
/* The instant at which a state of this period is read: its end, or its beginning; of a running
 * total that is `limit`, since the dates tell the rest. At most `limit` (0: now); 0 where that is
 * now or still to come. */
i64 state_instant(struct ctx *cx, const struct metric *m, i64 from_ms, i64 to_ms, i64 limit);
/* While it lives, cx's clock stands at the last moment before an instant; 0: it goes on. */
struct then {
    struct ctx *cx;
    struct clock *before;
};
struct then then_enter(struct ctx *cx, i64 as_of_ms);
void then_leave(struct then *t); /* for scoped(then_leave) */

/* ---- question_formula.c ---- */
enum { FORMULA_PARTS = 12, FORMULA_STEPS = 40, FORMULA_DEPTH = 4 };
enum formula_what {
    STEP_PART,   /* the next number: of a part */
    STEP_NUMBER, /* the next number */
    STEP_PLUS,   /* of the last two, here and below */
    STEP_MINUS,
    STEP_TIMES,
    STEP_DIVIDE,
    STEP_ABS, /* of the last */
};
struct formula_step {
    enum formula_what what;
    int part;
    double number;
};
struct formula {
    const struct metric *parts[FORMULA_PARTS]; /* what must be asked: none is worked out itself */
    int part_count;
    struct formula_step steps[FORMULA_STEPS];
    int step_count;
};
bool metric_is_derived(const struct metric *m); /* worked out of others */
/* Of a metric that is not worked out: itself alone. E_INVALID "metric.formula": it names none, or
 * cannot be read. */
MUST_CHECK enum status formula_of(struct ctx *cx, const struct metric *m, struct formula *out);
/* From one cell a part. false: not defined. */
bool formula_value(const struct formula *f, const struct cell *parts, double *value);

/* ---- question_target.c ---- */
/* The target records, read once for all questions that are asked together. In arena. */
struct targets;
MUST_CHECK enum status targets_read(struct ctx *cx, const struct targets **out);
/* What is aimed at for the metric in [from, to), of the group `key` of `dimension` ("": the whole),
 * in the unit of the metric's value. false: nothing. */
bool target_value(struct ctx *cx, const struct targets *all, const struct metric *m,
                  const char *dimension, const char *key, i64 from_ms, i64 to_ms, double *value);
/* Of what a question asks: the whole under its conditions, or the group `key` of its dimension (key
 * NULL: the whole). A question with a filter has no target. */
bool target_asked(struct ctx *cx, const struct targets *all, const struct question *q,
                  const struct metric *m, const char *key, i64 from_ms, i64 to_ms, double *value);
/* Path of the list of the targets that are looked at for that; "": none can be. In arena. */
const char *targets_path(struct ctx *cx, const struct question *q, const struct metric *m,
                         const char *key, i64 from_ms, i64 to_ms);
/* A metric that is a target itself. */
void leaf_ask_targets(struct ctx *cx, const struct targets *all, struct leaf *leaf);

/* ---- question_record.c ---- */
MUST_CHECK enum status leaf_ask_records(struct ctx *cx, struct leaf *leaf);
/* The field behind a record metric's dimension. E_INVALID: it has none of that name. */
MUST_CHECK enum status dimension_path(struct ctx *cx, const struct metric *m, const char *dimension,
                                      struct filter_path *out);
/* The condition that a row's date lies in [from, to), as text of the filter language; "" where the
 * metric has no date. From TIME_NONE: whatever came before. */
const char *period_filter(struct ctx *cx, const struct metric *m, i64 from_ms, i64 to_ms);

/* ---- question_keep.c ---- */
const char *question_text(struct ctx *cx, const struct question *q); /* in arena */
/* Whether its answer may be kept, and until when at most; 0: no bound. */
bool question_keeps(struct ctx *cx, const struct question *q, const struct formula *f,
                    i64 *until_ms);

/* ---- question_rows.c ---- */
/* The groups that an answer names; "": that which is not known. */
struct group_keys {
    const char **keys;
    size_t count;
};
/* listed: of ROWS_OTHER. */
const char *rows_path_of(struct ctx *cx, const struct question_rows *r,
                         const struct group_keys *listed);
/* "contact_id.first_channel = 'email'"; where nothing is known, with key "": "... is empty". NULL:
 * cannot be said. */
const char *group_filter(struct ctx *cx, const struct metric *m, const char *dimension,
                         const char *key);

/* What a walk lists beside counting it. */
struct wanted {
    const struct question_rows *rows;
    struct group_keys listed;
    struct question_row before; /* at_ms 0: from the newest */
    size_t limit;
};
/* "": not known. Any thread, with a cx of its own. */
bool wanted_value(struct ctx *cx, const struct wanted *w, const char *value);

/* The newest of what was listed, and how much it was. A row may grow until the next one begins. */
struct picks {
    struct arena *arena;
    struct question_row *list, open, before;
    size_t count, most; /* most: one more than asked for */
    bool is_open, by_last;
    i64 total, amount, weight;
};
void picks_begin_row(struct picks *p, const struct question_row *row);
void picks_end_row(struct picks *p);
void picks_add(struct picks *p, const struct question_row *row); /* without counting it */
void picks_answer(struct ctx *cx, struct picks *p, struct question_list *out);

/* Of a leaf that is not split, the newest records first; sets the leaf's as_of_ms. */
MUST_CHECK enum status leaf_list_records(struct ctx *cx, struct leaf *leaf, const struct wanted *w,
                                         struct question_list *out);

/* ---- question_journey.c ---- */
MUST_CHECK enum status leaves_ask_journey(struct ctx *cx, struct leaf **leaves, size_t count);
MUST_CHECK enum status leaf_list_journey(struct ctx *cx, struct leaf *leaf, const struct wanted *w,
                                         struct question_list *out);

/* ---- question_where.c ---- */
bool where_same(const struct question *a, const struct question *b);
/* The question's filter and its conditions as a filter of records. E_INVALID: this metric cannot be
 * narrowed so. */
MUST_CHECK enum status where_filter(struct ctx *cx, const struct metric *m,
                                    const struct question *q, const char **filter);

/* What the keys of a dimension are called, asked when first met. One thread's. */
struct names {
    const struct dimension *dimension;
    u32 *by_key, key_cap; /* 1 + the value's number; 0: not met yet */
    const char **values;  /* by number; 0 is "": not known */
    u32 count, cap;
    u32 *places, place_cap; /* by hash of the text: the number, 0 free */
};
u32 names_number(struct ctx *cx, struct names *n, u32 key);
u32 names_add(struct arena *a, struct names *n, const char *value);

/* A condition during the walk. */
struct test {
    const struct dimension *dimension;
    const char *pattern;
    bool opposite;
};
struct verdicts { /* of a test, by key. One thread's */
    u8 *by_key;   /* 0: not met yet */
    u32 key_cap;
};
u8 *verdict_at(struct arena *a, struct verdicts *v, u32 key);
void test_make(struct ctx *cx, const struct question_where *w, struct test *out);
bool test_holds(struct ctx *cx, const struct test *t, struct verdicts *v, u32 key);

/* ---- question_time.c ---- */
/* PERIOD_HOUR, DAY, WEEK or MONTH for the names of these dimensions. */
bool dimension_is_time(const char *dimension, enum period_unit *unit);
MUST_CHECK enum status buckets_make(struct ctx *cx, enum period_unit unit, i64 from_ms, i64 to_ms,
                                    struct buckets *out);
size_t bucket_of(const struct buckets *b, i64 ms); /* ms must lie in the period */
struct cell *bucket_cells(struct ctx *cx,
                          const struct buckets *b); /* empty ones, with key and label */
/* The instant that a bucket's key says: "2026-11-23", "2026-11-23T09:00". */
bool bucket_begins(struct ctx *cx, const char *key, i64 *at_ms);
/* The part of the question's period that the bucket of this key covers; false when there is
 * none. */
bool bucket_range(struct ctx *cx, const struct question *q, const char *key, i64 *from_ms,
                  i64 *to_ms);

/* ---- question_read.c ---- */
bool question_takes(const char *name); /* "metric", "period": what is no dimension's name */

/* ---- question_openapi.c: `describe` of the routes ---- */
void question_describe_get(struct ctx *cx, struct val *operation, struct val *schemas);
void question_describe_csv(struct ctx *cx, struct val *operation, struct val *schemas);
void question_describe_post(struct ctx *cx, struct val *operation, struct val *schemas);

/* ---- question_period.c ---- */
enum period_compare { COMPARE_NONE, COMPARE_PREVIOUS, COMPARE_YEAR };
const char *period_label(struct ctx *cx, const char *name); /* "Last 30 days" */
/* Fills in what q's period, known by `name`, is held against. */
void period_before(struct ctx *cx, const char *name, enum period_compare how, struct question *q);
