/* filter.h -- the one filter language: conditions over the fields of a record and of the records it
 * refers to. Lists, boards, saved views, metrics, scoring and assignment all use it. One text
 * becomes one typed tree, which has three readings that must agree: SQL, a predicate on a row in
 * memory, and a sentence for people.
 *
 *   filter   = or ; or = and { "or" and } ; and = not { "and" not }
 *   not      = [ "not" ] ( "(" or ")" | test )
 *   test     = path op value | path "in" "(" value { "," value } ")"
 *            | path "is" ["not"] ( "empty" | "true" | "false" )
 *   path     = { field "." } ( field | call | set )
 *                                        stage_id.kind, company_id.industry; every type also has
 *                                        id, created_at, updated_at, created_by, updated_by
 *   call     = ( "count" | "first" | "last" ) "(" what [ "where" or ] [ "," window ] ")"
 *   what     = event kind                of a contact: pageview, mail_open, one's own
 *            | type [ "." field ]        records that point here: deal, deal.contact_id
 *   window   = -30d | -12h | -2w | a period: this_month
 *   set      = "segments"                in which sets it is (kit.h), asked with "has"
 *   op       = "=" "!=" "<" "<=" ">" ">=" "contains" "starts" "has"          (has: a tag)
 *   value    = 'text' | "text" (a quote inside is written twice) | number | true | false
 *            | 2026-11-23 | 2026-11-23T10:00:00Z | now | me | my_team
 *            | today, this_week, last_month ... (periods: question.h) | -30d +2w -1h (from now)
 *
 * Logic      has two values. A comparison with something unset is false, so `not (amount > 5)` is
 *            true where there is no amount, and so is `a.b is empty` where there is no a, or none
 *            that the user may see, or it is in the trash. `!=` asks for something set that is
 *            different.
 * Text       compares folded (case, accents, white space), bytewise. Choices compare by their
 *            value.
 * Dates      a date or a period is the whole of it: `=` is "within", `<` before its beginning, `<=`
 *            before its end, `>` after its end, `>=` from its beginning on.
 * Money      compares in base currency. A number is in it; '100 USD' is converted at today's rate.
 * People     me is the asking user; my_team, of a user, means that their team is mine.
 * Counting   count compares as a number, first and last as the time of the event, or of the making
 *            of the record; of none they are empty. `where` names the fields of the records that
 *            count (only those that the user may see do), or what an event tells: at, value, record
 *            and the dimensions of question.h: page, channel, source, campaign, action, device ...
 *            A window counts events by their time, records by when they were made. Events of
 *            machines never count.
 * Now        is settled when the text is parsed: parse again instead of keeping a filter for long.
 * Limits     LIMIT_FILTER_NODES tests, LIMIT_FILTER_DEPTH parentheses: E_LIMIT.
 * Fields that the user may not see cannot be named: E_INVALID "filter.unknown_field". */
#pragma once
#include "kit/record.h"

struct filter; /* in arena */

/* OK: typed and checked against the type and the asking user. E_INVALID: text says what stands
 * where, and what would do instead. An empty text is the filter that everything passes. */
MUST_CHECK enum status filter_parse(struct ctx *cx, const struct record_type *t, const char *text,
                                    struct filter **out);
/* Appends a boolean SQL expression over the alias ("t") of the type's table: never NULL, "1=1" for
 * the empty filter. Aliases h1, h2 ... and su are its own. */
MUST_CHECK enum status filter_sql(struct ctx *cx, const struct filter *f, const char *alias,
                                  struct sql *q);
/* The same question asked of one row. Related records are read through cx and remembered by the
 * filter: parse again after one of them has changed. */
MUST_CHECK enum status filter_match(struct ctx *cx, const struct filter *f, const struct row *r,
                                    bool *out);
/* For people: "Stage is Won and Amount is over €10,000.00". In arena. */
const char *filter_words(struct ctx *cx, const struct filter *f);
/* The top-level conditions, for chips: maps {words, text, label, op_text, value_text, without},
 * where `without` is the filter text lacking this one. Of a condition in parentheses only
 * value_text tells. */
struct val *filter_chips(struct ctx *cx, const struct filter *f);
/* Canonical text: parses to the same tree. In arena. */
const char *filter_text(struct ctx *cx, const struct filter *f);
/* Text of "a and b". One that is broken stays alone, so that it fails to parse instead of changing
 * the other's meaning. */
const char *filter_and(struct ctx *cx, const char *a, const char *b);
/* One condition from a form's selects: field (a path), operator word of filter_field, value as
 * people write it (dates and numbers of the workspace, a choice's label) -> text. E_INVALID with
 * an error of the field "value". */
MUST_CHECK enum status filter_from_form(struct ctx *cx, const struct record_type *t,
                                        const char *field, const char *op, const char *value,
                                        const char **text);
/* What the "add filter" form offers: list of {name, label, group}, with one hop of references
 * (group: the reference's label, else ""). */
struct val *filter_fields(struct ctx *cx, const struct record_type *t);
/* One of them whole: puts kind, ref, ops: [{value, label}] and choices: [{value, label}] into a
 * map. E_INVALID: no such field. */
MUST_CHECK enum status filter_field(struct ctx *cx, const struct record_type *t, const char *name,
                                    struct val *into);
/* True when the filter reads this field (root type): what must be evaluated again after a
 * change. */
bool filter_mentions(const struct filter *f, int field);

/* ---- keeping answers true ---- */
/* From now on only these ids are asked for, ascending, and borrowed for the filter's life: events
 * are walked for them alone. The SQL must be asked of no others. */
void filter_narrow(struct filter *f, const i64 *ids, size_t count);
/* Walks the journeys that several narrowed filters ask about once for all of them, instead of once
 * for each when it is asked. Those without conditions on events may be among them. */
MUST_CHECK enum status filter_walk_together(struct ctx *cx, struct filter *const *list,
                                            size_t count);
/* When an answer may change because time goes on, at the earliest, of those for whom it may. */
struct filter_due {
    i64 id, at_ms;
};
/* As far as events say it: ascending by id. */
MUST_CHECK enum status filter_dues(struct ctx *cx, struct filter *f, const struct filter_due **list,
                                   size_t *count);

/* What an answer hangs on, and how one comes from there to the filter's own rows. */
enum { FILTER_STEPS = 8, NEED_IS_THERE = -1, NEED_ANY_FIELD = -2 };
/* Records of `of` point at the next ones by this field; back: the next ones are those of `of`,
 * which point here. */
struct filter_step {
    const struct record_type *of;
    int field;
    bool back;
};
struct filter_need {
    enum { NEED_FIELD, NEED_EVENTS, NEED_SET } what;
    struct filter_step steps[FILTER_STEPS]; /* from the filter's rows to what is looked at */
    int step_count;
    const struct record_type *type; /* NEED_FIELD: whose; NULL of events */
    int field;  /* of type; NEED_IS_THERE: made, in the trash, back; NEED_ANY_FIELD: all of them */
    u16 event;  /* code of the kind */
    i64 set_id; /* 0: any set */
};
/* E_INVALID "filter.cannot_follow": it reaches too far. In arena. */
MUST_CHECK enum status filter_needs(struct ctx *cx, const struct filter *f,
                                    const struct filter_need **list, size_t *count);
/* Those rows of the filter from which the first `steps` steps of a need lead to these ids, as
 * things stand; those in the trash too, some twice. In arena. */
MUST_CHECK enum status filter_reach(struct ctx *cx, const struct filter_need *n, int steps,
                                    const i64 *ids, size_t count, i64 **out, size_t *out_count);
/* When the answers of all may change at once, because a day begins; TIME_NONE: never. */
i64 filter_due_all(struct ctx *cx, const struct filter *f);
/* Appends the moment at which the answer of the row `alias` may change by itself, as far as records
 * say it; INT64_MAX where it will not. false: of no row it will. */
bool filter_due_sql(struct ctx *cx, const struct filter *f, const char *alias, struct sql *q);

/* A query for (id, whether it passes: 0 or 1, when that may change by itself: INT64_MAX never), in
 * no order: of these rows, or (ids NULL) of all that pass or may come to pass. Rows in the trash
 * are left out. *timed: some may change by themselves. */
MUST_CHECK enum status filter_verdicts_sql(struct ctx *cx, const struct filter *f, const i64 *ids,
                                           size_t count, struct sql *q, bool *timed);
/* Whether it says "me" or "my_team". */
bool filter_is_personal(const struct filter *f);

/* ---- lists: rows of one type through filter, scope, order and keyset cursor ---- */
struct list_query {
    const char *filter; /* text; "" or NULL all */
    const char *sort;   /* "-amount", "close_date"; "" the type's own. Ties go by id in the same
                         * direction; what is unset stands last in both */
    const char *cursor; /* from an earlier page; "" the first */
    const char *search; /* words; "" none */
    int limit;          /* 0: LIMIT_LIST_ROWS_DEFAULT; at most LIMIT_LIST_ROWS */
    bool trash;         /* those in the trash instead */
};
struct list_page {
    struct row **rows;
    size_t count;
    const char *next, *prev; /* cursors, "" when there is none */
    struct filter *filter;
};
/* Whether a list of t can be sorted by this field. */
bool list_sortable(struct ctx *cx, const struct record_type *t, const char *field);
/* E_INVALID: bad filter, sort or cursor (a cursor belongs to one filter, search and order:
 * "list.cursor_stale"). E_FORBIDDEN: the type may not be read. */
MUST_CHECK enum status list_run(struct ctx *cx, const struct record_type *t,
                                const struct list_query *lq, struct list_page *out);
/* How many, up to `cap` (then cap + 1 is answered quickly): exact counts of millions cost more than
 * they are worth. cap 0: exactly. */
MUST_CHECK enum status list_count(struct ctx *cx, const struct record_type *t, const char *filter,
                                  const char *search, i64 cap, i64 *count);
/* The same of several lists, asked at once: what a page says of all that belongs to a record. */
struct list_counted {
    const struct record_type *type;
    const char *filter;
    i64 count; /* out; up to cap, which is not 0 */
};
MUST_CHECK enum status list_count_each(struct ctx *cx, struct list_counted *lists, size_t n,
                                       i64 cap);
/* Count and sum (base currency for money) by the values of a field: boards and break-downs. Maps
 * {key, count, sum}; key is "" where the field is unset. sum_field -1: none. */
MUST_CHECK enum status list_group(struct ctx *cx, const struct record_type *t, const char *filter,
                                  int by_field, int sum_field, struct val *list);
/* Calls fn for every row, in id order, in memory that is reset every few hundred rows: exports,
 * jobs. During fn cx's arena is that memory. Stops at the first error, which it returns. */
MUST_CHECK enum status list_each(struct ctx *cx, const struct record_type *t, const char *filter,
                                 enum status (*fn)(struct ctx *cx, struct row *r, void *arg),
                                 void *arg);
/* The scope of cx's access as SQL over `alias`: "1=1" when all. For metrics and search. */
MUST_CHECK enum status scope_sql(struct ctx *cx, const struct record_type *t, const char *alias,
                                 struct sql *q);
