/* question.h -- numbers. A metric is a row: where it comes from, how it is added up, its unit, its
 * formula in words. A question is data: metric, dimension, filter, period, comparison. One engine
 * answers for pages, API, CSV and alerts alike; every number can list the rows behind it.
 *
 * Record metrics become SQL over one type (with the asking user's scope); journey metrics become a
 * walk; others are worked out of these (a quotient, a formula), or say what was aimed at. Periods
 * are half-open [from, to) instants made from the workspace's time zone, so no database knows time
 * zones.
 *
 * Units      money: minor units of the base currency. ratios: decimals (0.25); days and
 *            seconds: decimals. */
#pragma once
#include "kit/filter.h"
#include "kit/web.h"

/* UNIT_NUMBER: with a decimal, like pages a visit. UNIT_MILLISECONDS: "180 ms", "2.46 s".
 * UNIT_SCORE: with two decimals, like how much a page's layout shifts. */
enum metric_unit {
    UNIT_COUNT,
    UNIT_MONEY,
    UNIT_RATIO,
    UNIT_DAYS,
    UNIT_HOURS,
    UNIT_POINTS,
    UNIT_NUMBER,
    UNIT_SECONDS,
    UNIT_MILLISECONDS,
    UNIT_SCORE
};
enum metric_source {
    METRIC_RECORDS,
    METRIC_JOURNEY,
    METRIC_DIVIDED, /* numerator / denominator */
    METRIC_FORMULA, /* worked out of other metrics */
    METRIC_TARGET,  /* what is aimed at for another metric in the period */
};
enum metric_aggregate { AGG_COUNT, AGG_SUM, AGG_AVG, AGG_MEDIAN, AGG_COUNT_DISTINCT };
enum metric_time {
    AT_PERIOD, /* rows whose `date` lies in the period */
    AT_NOW,    /* a state (open pipeline): as it is now; where the period or the group ends before
                * now, as it was at that end, read from the change log */
    AT_START,  /* the state in which the period began, read from the change log. With a `date`: of
                * the rows whose date lies in the period (what was forecast for it) */
    TO_END,   /* a running total: all rows whose `date` lies before the end of the period or of the
               * group, or before now where that is still to come. Added up from the dates, so that
               * what is entered late counts from its day on */
    TO_START, /* the same before the period begins */
};

/* By what journeys can be split and narrowed: "channel", "page". A row in a feature's `dimensions`.
 */
struct event;
struct dimension {
    const char *name, *label; /* "channel", "Channel" */
    u32 columns;              /* READ_* bits of journey.h that key looks at */
    enum {
        OF_VISIT, /* the event that began the visit tells it: the channel */
        OF_EVENT, /* each event has its own: the page */
        OF_FIRST, /* the visit's first event of event_kind: the page of entry */
        OF_LAST,  /* and its last: the page of exit */
        OF_SOME,  /* an event may have several of a short list: the goals that it reaches */
    } of;
    u32 (*key)(const struct event *e); /* 0: none. Called on the walk's threads */
    /* What the API says: "paid-search"; "": not known. In cx's arena or static. Reads names only:
     * where it is shared it is called on the walk's threads, with a cx of theirs. */
    const char *(*value)(struct ctx *cx, u32 key);
    const char *(*text)(struct ctx *cx, const char *value); /* for people: "Paid search" */
    bool shared;                      /* several keys have one value: they are counted as one */
    bool (*known)(const char *value); /* of a closed set; NULL: any text may be a value */
    /* Of OF_FIRST and OF_LAST: "pageview". Of OF_EVENT: only these events tell it ("action"), and a
     * condition on it chooses the visits in which one was. */
    const char *event_kind;
    /* OF_SOME has these instead of key and value. Read before the walk: *out is what the others are
     * given, in cx's arena, read-only. */
    enum status (*ready)(struct ctx *cx, const void **out);
    u64 (*some)(const void *ready, const struct event *e); /* bit k - 1: it has key k */
    const char *(*some_value)(const void *ready, u32 key); /* ""; there is none so high */
};

const struct dimension *dimension_find(struct ctx *cx, const char *name); /* NULL: none */

struct metric {
    const char *name;  /* "win_rate" */
    const char *label; /* "Win rate" */
    enum metric_unit unit;
    const char *definition; /* "Deals won divided by deals closed in the period, by count." */
    const char *team;       /* who owns the definition: "marketing", "sales", "service", "both" */
    enum metric_source source;
    bool less_is_better;
    /* METRIC_RECORDS */
    const char *type, *filter; /* record type and filter text */
    enum metric_aggregate aggregate;
    const char *field; /* what is summed, averaged; SUM of money is in base currency */
    enum metric_time time;
    const char *date; /* field whose instant or date must lie in the period: "closed_at" */
    /* AGG_SUM: each value times the percent behind this path: "stage_id.probability". */
    const char *weight;
    /* AGG_AVG, AGG_MEDIAN: not the instant `field` itself but the time that passed since this one,
     * in the metric's unit: first_touch_at since created_at. */
    const char *since;
    int at_least; /* AGG_COUNT_DISTINCT: values that so many rows have; 0: one */
    /* Paths behind the dimensions "channel", "campaign" and "owner": "contact_id.first_channel". */
    const char *channel_path, *campaign_path, *owner_path;
    /* METRIC_JOURNEY: counts events, people, or visits. A visit begins with the first event of a
     * kind with KIND_VISIT, and with each that comes more than 30 minutes after the one before; it
     * is in the period and the day in which it begins. One of KIND_PASSIVE carries a visit on, but
     * none begins with it. */
    const char *event_kind; /* "pageview"; NULL: any kind with KIND_VISIT that is not passive */
    enum {
        COUNT_EVENTS,
        COUNT_PEOPLE,
        COUNT_VISITS,
        COUNT_LONGER_VISITS,  /* those in which event_kind happened twice and more */
        COUNT_BOUNCED_VISITS, /* event_kind once at most, and nothing else that counts as an
                               * interaction (EVENT_INTERACTIVE, not passive) */
        COUNT_ENGAGED_VISITS, /* event_kind twice, another interaction, or ENGAGED_MS long */
        COUNT_SINGLE_VISITS,  /* one event that is not passive, of whatever kind */
        SUM_VISIT_TIME,       /* from a visit's first event to its last. In seconds */
        /* What `measure` says of the events of event_kind; of those that it says nothing of,
         * nothing. A page of a visit: all its events of that page. */
        SUM_OF_EVENTS,
        MEAN_OF_EVENTS,
        MEAN_OF_PAGES,   /* of the sums of pages of visits */
        MEAN_OF_DEEPEST, /* of the greatest of each page of a visit */
        P75_OF_EVENTS,   /* the least that three quarters of the events are not above */
    } counts;
    i64 (*measure)(const struct event *e); /* below 0: it says nothing. On the walk's threads */
    u32 measured;                          /* READ_* bits that measure looks at */
    int measure_unit;                      /* what is shown is measure / measure_unit; 0: 1 */
    const char *about; /* only events that have one of this dimension, OF_SOME; of any kind, also
                        * passive ones, unless event_kind is said */
    bool bots; /* include events marked as bots; default no */
    /* METRIC_DIVIDED */
    const char *numerator, *denominator; /* names of metrics */
    /* METRIC_FORMULA: names of metrics, also of such that are worked out themselves, and numbers,
     * with + - * / ( ) and abs(...): "open_deals * win_rate / sales_cycle". Not defined where one
     * of them is not, or where it divides by 0. */
    const char *formula;
    /* METRIC_TARGET: the metric whose targets count (see question_target.c). */
    const char *target_of;
};

/* One condition on journeys: "channel is email". value: `*` stands for anything known, a `!`
 * before it turns it round ("!/jobs*"; "!*" where nothing is known).
 *
 * All conditions of a question must hold. Those on what a visit has one of (all dimensions but
 * OF_EVENT) choose visits: whatever happened in such a visit counts. Those on what each event has
 * (the page) choose events: page views and people are counted by the events that fit, all
 * conditions on the same one; visits, and what is measured of them, by having such an event, and
 * are measured whole. Of OF_SOME, and of OF_EVENT with an event_kind, visits are chosen too: those
 * with such an event. So "channel is email" and "page is /pricing" counts who read the prices in a
 * visit that began with a mail, and whether those visits bounced. That is how Plausible counts.
 *
 * Numbers over records are narrowed by what records keep of the journey (metric_keeps), one value
 * exactly. */
struct question_where {
    const char *dimension, *value;
};

struct question {
    const char *metric;
    /* "", "hour", "day", "week", "month"; for record metrics "channel", "campaign", "owner" or a
     * field of the type, also behind references ("company_id.industry"); for journeys a
     * dimension. Visits split by what each event has count in every group they touch. */
    const char *dimension;
    const char *filter;                 /* on the record type; "" none */
    const struct question_where *where; /* on journeys */
    size_t where_count;
    i64 from_ms, to_ms;                 /* the period */
    i64 compare_from_ms, compare_to_ms; /* 0, 0: no comparison */
    int limit; /* groups; the rest becomes "(other)"; 0: 50. Hours, days, weeks are all there */
    /* The metric by which groups are put in order and cut off, so that answers to several questions
     * have the same ones in the same order; it is not worked out of others. NULL: its own. */
    const char *order;
    /* 0: as things are now. Otherwise as they were just before this instant, all that is asked of
     * records: fields, references and what lies behind them, what was there, read back from the
     * change log. Words of filters that count from now ("today", "-30d") count from then. Events
     * only accumulate: of journeys those before this instant are counted. What the asking user may
     * see is what today's rights say, over the owners of then; groups have the names of today. */
    i64 as_of_ms;
};
enum { ENGAGED_MS = 10 * 1000 }; /* as GA4 has it */
enum { QUESTIONS_MAX = 64 }; /* of one question_ask_many */

/* E_INVALID: unknown metric or dimension, bad filter. E_FORBIDDEN: the type or the journey may not
 * be read. E_LIMIT: too many groups.
 * Answer: {metric, label, unit, currency?, definition, less_is_better, dimension, compared, from,
 * to, as_of, value, text, before, change, target, target_text, attainment, rows_path,
 * before_rows_path, target_rows_path, parts?, groups: [{key, label, value, text, before, change,
 * target, target_text, attainment, rows_path, before_rows_path, target_rows_path, parts?,
 * other?}]}.
 * null where undefined (0 / 0); change is relative (0.1: a tenth more). as_of is an instant, null
 * for now. target is what the target records aim at, in the unit of value and for as much time as
 * the period or group has; attainment is value / target; both are null where nothing is aimed at.
 * The key of the group whose dimension is not known is null; other: true marks what the groups
 * beyond the limit have in all. rows_path leads to what was counted: the list of the records, or
 * the page of question_rows; it is "" where there is no number. before_rows_path does the same for
 * what was before, target_rows_path leads to the targets that are added up.
 * parts, of what is worked out of other numbers: [{metric, label, unit, value, text, rows_path}],
 * where it is compared before, before_text and before_rows_path too; and rows_path leads to the
 * page that shows them. */
MUST_CHECK enum status question_ask(struct ctx *cx, const struct question *q, struct val **answer);
/* Many at once: the same answers, with one walk over the journeys for all of them. */
MUST_CHECK enum status question_ask_many(struct ctx *cx, const struct question *qs, size_t count,
                                         struct val **answers);
/* Reads a question from a query string or a JSON body: metric, dimension, filter, period
 * ("last_30_days", "this_month", "2026-01-01..2026-01-31"), limit, compare ("previous", "year",
 * "none"), order, as_of, and the conditions by the names of their dimensions (channel=email). A
 * period that is not over is held against as much of the one before; with as_of, named periods
 * count from that day. E_INVALID "query.unknown": another parameter, since a misspelt condition
 * must not answer with everything. */
MUST_CHECK enum status question_read(struct ctx *cx, const struct val *from, struct question *q);
/* "2026-05-01": the end of that day in the workspace's zone; or an instant
 * ("2026-05-01T12:00:00Z"). "" and today: 0, now. E_INVALID "question.as_of": no day, or one that
 * is still to come. */
MUST_CHECK enum status question_read_as_of(struct ctx *cx, const char *text, i64 *as_of_ms);
/* The parts of it that pages have in common: period and comparison, from q->as_of_ms ... */
MUST_CHECK enum status question_read_period(struct ctx *cx, const char *period, const char *compare,
                                            struct question *q);
/* ... and the conditions. E_INVALID: a value that there cannot be ("question.value"), or several
 * for one dimension. */
MUST_CHECK enum status question_read_where(struct ctx *cx, const struct val *from,
                                           struct question *q);
/* E_INVALID: a condition on a dimension that is none, or with a value that there cannot be. */
MUST_CHECK enum status question_check_where(struct ctx *cx, const struct question *q);
/* Path of the page that lists the rows behind a number; group_key NULL: behind the whole, "" those
 * of no group. "" when there is none. In arena. The page asks again: what it shows is of now. */
const char *question_rows_path(struct ctx *cx, const struct question *q, const char *group_key);

/* ---- the rows behind numbers ---- */
/* Which of a question's rows. */
struct question_rows {
    struct question q;
    enum {
        ROWS_ALL,
        ROWS_GROUP,   /* of the group `key` */
        ROWS_UNKNOWN, /* of that whose dimension is not known */
        ROWS_OTHER,   /* of those beyond the limit */
    } of;
    const char *key;
    bool folded;       /* keys are the same whatever their case: where the number stands in one
                        * answer with numbers over records */
    const char *among; /* the metric whose answer had the groups: a ratio of which q.metric is a
                        * part; "": its own */
    /* ROWS_OTHER of an answer that was compared: the groups were named over this period, held
     * against that one; 0, 0: over the question's own, not compared. */
    i64 named_from_ms, named_to_ms, against_from_ms, against_to_ms;
    const char *cursor; /* of the page before; "": the first */
    int limit;          /* 0: LIMIT_LIST_ROWS_DEFAULT; at most LIMIT_QUESTION_ROWS */
    const char *view_kind; /* the event kind of which visits tell how many they had: "pageview" */
};
/* One of them: an event, a visit, or what one person did of what is counted; a record. */
struct question_row {
    i64 record; /* id, of records: what follows beside at_ms (0: it has no date), amount and weight
                 * is of journeys */
    i64 at_ms, last_ms; /* an event's instant; a visit's first and last sign of life; the first and
                         * the last of what a person did */
    u64 seq;            /* of the event by which it is in order */
    u32 person;
    u16 kind;                   /* of an event */
    u8 channel;                 /* of the visit; 0 outside of any */
    u32 page;                   /* of an event */
    u32 entry_page, exit_page;  /* of a visit: the first and the last page that is known */
    i64 views;                  /* of a visit: its events of view_kind */
    bool bounced;               /* of a visit: as COUNT_BOUNCED_VISITS says */
    i64 amount; /* what it adds to the number: 1, milliseconds (SUM_VISIT_TIME), or what was
                 * measured. Of records the field, as it is stored; weighted: times the percent */
    i64 weight; /* 1; of a mean of pages 0 where the visit's page has a row already */
    u32 key;    /* the engine's own */
};
struct question_list {
    const struct question_row *rows; /* the newest first */
    size_t count;
    i64 total;        /* how many there are in all */
    i64 amount, weight; /* what all of them add up to */
    double value;       /* the number itself, in the metric's unit */
    bool defined;
    double unit;        /* by which amounts are divided to be in the metric's unit */
    i64 as_of_ms;       /* records as they were just before; 0: as they are */
    const char *next; /* cursor of the page behind; "": this was the last */
};
/* Lists what question_ask counts, by the same walk or the same SQL. E_INVALID "question.rows": the
 * metric is worked out of others, or there is no such group; "list.cursor": a cursor that is
 * none. */
MUST_CHECK enum status question_list_rows(struct ctx *cx, const struct question_rows *r,
                                          struct question_list *out);
/* The path of the list that shows these records; "" where none does: they are of a past day. */
MUST_CHECK enum status question_list_path(struct ctx *cx, const struct question_rows *r,
                                          const char **path);
/* Reads it from a query string or JSON: a question, and group, group_is ("unknown", "other"),
 * folded, among, cursor, rows (how many). */
MUST_CHECK enum status question_read_rows(struct ctx *cx, const struct val *from,
                                          struct question_rows *out);
/* The query string that question_read_rows reads back, without cursor and rows. In arena. */
const char *question_rows_query(struct ctx *cx, const struct question_rows *r);
/* A period as period_read reads it: days where it is whole days, else instants. In arena. */
const char *period_text(struct ctx *cx, i64 from_ms, i64 to_ms);
/* Whether this user may ask it: the metric and dimension exist, what they read may be read, and the
 * conditions can be held against what is counted. */
bool question_allowed(struct ctx *cx, const struct question *q);
const struct metric *metric_find(struct ctx *cx, const char *name); /* NULL: none */
/* Whether this dimension of journeys means the same for what the metric counts: events do, records
 * only where they have a path for it. A contact's country is not that of its visits. */
bool metric_keeps(const struct metric *m, const char *dimension);
/* "Deals won / Deals closed", with the labels of the metrics it is worked out of; "" where it is
 * not. In arena. */
const char *metric_formula(struct ctx *cx, const struct metric *m);
/* All metrics, in the order of their declaration. In arena. */
const struct metric *const *metric_all(struct ctx *cx, size_t *count);
/* The same for a field that names one (choices_of). */
const struct choice *metric_choices(struct ctx *cx);
/* An amount as people say it, in hundredths (money in major units of the base currency, shares in
 * percent), in the unit of the metric's value. */
double metric_amount(struct ctx *cx, const struct metric *m, i64 hundredths);
/* "12,345", "€1.2M", "23.4 %", "12.3 days". In arena. */
const char *metric_show(struct ctx *cx, const struct metric *m, double value);
/* Period names in the workspace's zone: today, yesterday, last_7_days, last_30_days, last_90_days,
 * this_week, last_week, this_month, last_month, this_quarter, last_quarter, this_year, last_year,
 * last_12_months, next_week and so on, "2026-01-01..2026-01-31" (both days included), or from one
 * instant until before another ("2026-11-20T09:00:00Z..2026-11-20T10:00:00Z"). E_INVALID names what
 * it knows. */
MUST_CHECK enum status period_read(struct ctx *cx, const char *name, i64 *from_ms, i64 *to_ms);
