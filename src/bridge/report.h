/* report.h -- what the reports over journeys (funnel, attribution, retention, paths) share: the
 * period, whose journeys, what may happen on one, the dimension they are split by, how an answer
 * is shown, and their routes.
 *
 * A report is asked by a flat map of texts (a query string, so that its form works without
 * JavaScript) or by JSON of the same names. It puts its form first and then its answer into one
 * tree, which page, API and CSV share:
 *
 *   title, definition, form {period, periods [], filter, ...}, error, has_error
 *   table {columns [] label, kind; rows [] text, channel_value, url, percent, cells [] text, plain,
 *         kind, heat, url}
 *   empty: title, text, ... as kit/empty wants it; null when there is something to see
 *
 * Ownership  all of it is in cx's arena.
 * Threads    reports run on one thread and walk on REPORT_THREADS; what is asked is read-only
 *            during the walk. */
#pragma once
#include "journey/journey.h"
#include "kit/question.h"

enum { REPORT_THREADS = 2, REPORT_KINDS = 1024 };

struct goals; /* goal.h */

struct report {
    const char *name;     /* "funnel": /insight/funnel, /api/v1/journeys/funnel */
    const char *title;
    const char *template; /* "funnel/page" */
    const char *period;   /* when none is said */
    const char *const *params, *const *events; /* names of what it takes beside period and filter,
                                                  ended by NULL; events as report_event_read */
    const char *const *behind; /* those that say behind which number one looks, ended by NULL */
    /* Puts what was asked back into `form`; never fails, whatever was asked. */
    void (*form)(struct ctx *cx, const struct val *from, struct val *form);
    /* E_INVALID with a text that says what to do: the page shows it above the form. */
    MUST_CHECK enum status (*answer)(struct ctx *cx, const struct val *from, struct val *page);
};
/* Puts the report's answer into the page, or a kept one that is still so (kit/answers.h). `whole`
 * of the page: all rows, for a file. */
MUST_CHECK enum status report_ask(struct ctx *cx, const struct report *r, const struct val *from,
                                  struct val *page);
/* Handlers of the four routes of a report: page, CSV, and the API's GET and POST. */
MUST_CHECK enum status report_page(struct req *rq);
MUST_CHECK enum status report_csv(struct req *rq);
MUST_CHECK enum status report_api(struct req *rq);
#define REPORT_ROUTES(word, report, says)                                                         \
    { HTTP_GET, "/insight/" word, report_page, NEEDS("journey", VERB_READ), .data = (report) },   \
    { HTTP_GET, "/insight/" word ".csv", report_csv, NEEDS("journey", VERB_EXPORT),               \
      .data = (report) },                                                                         \
    { HTTP_GET, "/api/v1/journeys/" word, report_api, NEEDS("journey", VERB_READ),                \
      .flags = ROUTE_API, .summary = says, .data = (report) },                                    \
    { HTTP_POST, "/api/v1/journeys/" word, report_api, NEEDS("journey", VERB_READ),               \
      .flags = ROUTE_API | ROUTE_SLOW, .summary = says, .data = (report) }

/* ---- what is asked ---- */
/* E_INVALID "query.unknown": a parameter that the report does not take. */
MUST_CHECK enum status report_check(struct ctx *cx, const struct report *r,
                                    const struct val *from);
/* A parameter as text, "" when absent; `otherwise` when absent or empty. */
const char *report_text(struct ctx *cx, const struct val *from, const char *name,
                        const char *otherwise);
/* A whole number from `min` to `max`. E_INVALID names the parameter. */
MUST_CHECK enum status report_number(struct ctx *cx, const struct val *from, const char *name,
                                     i64 otherwise, i64 min, i64 max, i64 *out);
/* One of a few words, as select and as parameter. */
struct report_word {
    const char *value, *text;
};
#define WORDS(...) ((const struct report_word[]){ __VA_ARGS__, { NULL, NULL } })
/* Index of the word asked for; the first when none is. E_INVALID lists them. */
MUST_CHECK enum status report_word(struct ctx *cx, const struct val *from, const char *name,
                                   const struct report_word *words, size_t *out);
/* A select of them in `form`: list of {value, text, selected}. */
void report_put_words(struct ctx *cx, const struct val *from, const char *name,
                      const struct report_word *words, struct val *form);

/* When, and whose journeys. */
struct report_scope {
    i64 from_ms, to_ms;
    const char *filter;        /* of contacts; "": everybody, visitors without a name too */
    const i64 *contacts;       /* with a filter: those that pass, ascending ... */
    size_t contact_count;
    const u32 *people;         /* ... and their journeys, ascending */
    size_t people_count;
};
/* Reads "period" and "filter". E_INVALID: no such period, a broken filter. E_LIMIT: the filter
 * passes more than LIMIT_REPORT_PEOPLE. */
MUST_CHECK enum status report_scope_read(struct ctx *cx, const struct val *from,
                                         const char *period, struct report_scope *out);
bool report_has_contact(const struct report_scope *s, i64 contact); /* true without a filter */

/* Something that may happen on a journey: an event kind and what else must hold of it. */
struct report_event {
    u8 kinds[REPORT_KINDS / 8];
    u16 kind;                  /* the only one of them; 0: there are several */
    const char *text;          /* "Page view of /pricing*" */
    const u8 *pages;           /* bits by code of the page; NULL: any */
    u32 page_count;
    u8 channel;                /* 0: any */
    u32 campaign;              /* 0: any */
    const char *name;          /* of an action or a form: the event's own "name"; "" any */
    const i64 *records;        /* ascending: events that point to one of these; NULL: any */
    size_t record_count;
    const struct goals *goals; /* NULL: none; else what reaches this one of them */
    size_t goal;
    u32 action;                /* DICT_ACTION: what the site calls it; 0: any */
    bool never;                /* a campaign or an event that nobody came through or did */
    u32 columns;               /* READ_* bits that must be read for it */
};
/* Bits by code of a dictionary's names that are like the pattern; *count: codes from there on are
 * of names that came later. In arena. */
const u8 *report_names_like(struct ctx *cx, enum journey_dict d, const char *pattern, u32 *count);
/* Reads "NAME" (an event kind, "visit", "any" or "goal:ID") and "NAME_page", "NAME_channel",
 * "NAME_campaign", "NAME_name", "NAME_where" (a filter over the kind's records); in JSON also a map
 * NAME of event, page, channel, campaign, name, where. `otherwise`: the kind when none is said. */
MUST_CHECK enum status report_event_read(struct ctx *cx, const struct val *from, const char *name,
                                         const char *otherwise, struct report_event *out);
/* Whether a step of this name is asked for at all. */
bool report_event_given(struct ctx *cx, const struct val *from, const char *name);
/* Adds what must be read to tell such events. */
void report_event_plan(const struct report_event *w, struct journey_plan *jp);
/* The same as a part of the form: {name, label, events [], page, channels [], campaign, action,
 * where, open}. none: the word for choosing nothing, or NULL. */
void report_event_put(struct ctx *cx, const struct val *from, const char *name, const char *label,
                      const char *otherwise, const char *none, struct val *into);
/* Whether `e` is one of these. Bots never are. Any thread. */
bool report_event_is(const struct report_event *w, const struct event *e);
bool report_has_kind(const u8 *kinds, u16 kind);
/* Adds all kinds with one of these KIND_* flags. */
void report_add_kinds(struct ctx *cx, u8 *kinds, u32 flags);
bool report_is_bot(const struct event *e);

/* ---- walking ---- */
/* Events of one journey in order of time, all of them or one part after the other. */
struct report_rows {
    const struct journey_view *view; /* or */
    const struct journey_columns *of;
    const struct journey_part *part;
    size_t at;
    struct event event;
};
/* The next event of one of these kinds (bits, as in report_event; NULL: any), with the fields that
 * the plan reads; NULL: there is none. Good until the next call. A copy of the rows goes its own
 * way. */
const struct event *report_next(struct report_rows *rows, const u8 *kinds);
/* Goes on with the first event at or after this time. */
void report_skip_to(struct report_rows *rows, i64 at_ms);

/* What a report does with journeys, see journey_fold: what it knows of one is in its state. */
struct report_fold {
    size_t state_bytes;
    void (*rows)(void *acc, void *state, struct report_rows *rows);
    void (*done)(void *acc, void *state, u32 person); /* NULL: nothing to do */
};

/* The first member of every accumulator. */
struct report_acc {
    struct arena *arena; /* the thread's own, until the request ends */
    const void *report;  /* what is asked */
    const struct report_fold *fold;
    void *state;         /* of the journey that is shown whole */
};
/* Walks the journeys of the scope in [from_ms, to_ms) of `jp`. accs[0..REPORT_THREADS) are zeroed
 * accumulators. fold: what is done with each of them; NULL: what the plan says. */
MUST_CHECK enum status report_walk(struct ctx *cx, const struct report_scope *s,
                                   struct journey_plan *jp, void **accs, const void *report,
                                   const struct report_fold *fold);

/* Sums by key: `width` numbers each. */
struct report_tally {
    size_t width, used, cap;
    u64 *keys;
    bool *taken;
    i64 *values;
};
/* Good until the next call. a: the thread's arena. */
i64 *report_tally_at(struct report_tally *t, struct arena *a, u64 key);

/* Times and journeys, as many as there are. */
struct report_numbers {
    u32 *list;
    size_t count, cap;
};
void report_numbers_add(struct report_numbers *n, struct arena *a, u32 number);
/* All threads' numbers, ascending. In arena. */
void report_numbers_join(struct ctx *cx, const struct report_numbers *const *all,
                         struct report_numbers *out);

/* ---- dimensions ---- */
/* Reports ask a dimension of single events: what only a whole visit tells is left out. */
bool report_splits_by(const struct dimension *d);
/* One by name. E_INVALID lists them. "": *out is NULL. */
MUST_CHECK enum status report_dimension(struct ctx *cx, const char *name,
                                        const struct dimension **out);
struct report_group {
    const char *value; /* as the API says it; NULL: not known */
    const char *label;
    i64 *values;
    bool other; /* the groups beyond the named ones in one */
};
/* The tallies of all threads added up by what people call the keys, the greatest of values[by]
 * first. */
void report_groups(struct ctx *cx, const struct dimension *d, const struct report_tally *tallies,
                   size_t by, struct report_group **out, size_t *count);

/* The groups beyond LIMIT_REPORT_ROWS become "(other)", unless `whole`. */
void report_fold(struct ctx *cx, struct report_group *groups, size_t *count, size_t width,
                 bool whole);
/* One group of an answer, as "group" (its value) and "group_is" ("unknown", "other") say. */
struct report_part {
    enum { PART_ALL, PART_GROUP, PART_UNKNOWN, PART_OTHER } of;
    const char *value;
    const struct report_group *named; /* of PART_OTHER: those that it is none of */
    size_t named_count;
};
/* E_INVALID: another word than these. */
MUST_CHECK enum status report_part_read(struct ctx *cx, const struct val *from,
                                        struct report_part *out);
/* Says which groups of an answer are named, before report_fold. */
void report_part_name(struct report_part *part, const struct report_group *groups, size_t count);
bool report_part_has(struct ctx *cx, const struct dimension *d, const struct report_part *part,
                     u32 key);
/* "channel is Email"; "" for all. */
const char *report_part_text(struct ctx *cx, const struct dimension *d,
                             const struct report_part *part);
/* A select of the dimensions in `form`; none: the word for no dimension, or NULL. */
void report_put_dimensions(struct ctx *cx, const struct val *from, const char *name,
                           const char *otherwise, const char *none, struct val *form);

/* ---- showing ---- */
struct val *report_table(struct val *page, const char *name);
void report_column(struct val *table, const char *label, const char *kind);
struct val *report_row(struct val *table, const char *text, const char *channel_value);
/* kind: "integer", "money", "percent", "text". plain: as CSV says it. */
struct val *report_cell(struct val *row, const char *kind, const char *text, const char *plain);
void report_write_csv(const struct val *table, struct buf *out); /* columns, then rows as plain */
/* Names of people leave the house in a file of that title: the change log keeps who took them. */
MUST_CHECK enum status report_note_export(struct ctx *cx, const char *title, size_t rows);
void report_count_cell(struct ctx *cx, struct val *row, i64 n);
/* "12.5%", "" where of is 0; plain 0.125. */
void report_share_cell(struct ctx *cx, struct val *row, i64 part, i64 of);
const char *report_share(struct ctx *cx, i64 part, i64 of);
const char *report_duration(struct ctx *cx, i64 ms); /* "3.2 days", "14 min" */
/* This report's page with one parameter more or another; value "": without it. */
const char *report_url(struct ctx *cx, const struct report *r, const struct val *from,
                       const char *name, const char *value);
void report_empty(struct val *page, const char *title, const char *text);

/* ---- who and what is behind a number ---- */
/* This report's page with what is behind one number. `choose` says which, as WORDS. Asked again,
 * it shows who they are then. */
const char *report_behind_url(struct ctx *cx, const struct report *r, const struct val *from,
                              const struct report_word *choose);
/* The same with the group of a row. */
const char *report_group_url(struct ctx *cx, const struct report *r, const struct val *from,
                             const struct report_group *g, const struct report_word *choose);
/* Makes the number in cell `index` of a row lead there. */
void report_cell_url(const struct val *row, size_t index, const char *url);
/* Puts "people" into the page: whose journeys these are, as far as the user may see them by name,
 * contacts first; a page of them from "after" on, all of them in a file. E_LIMIT: a file of more
 * than LIMIT_REPORT_LISTED. */
MUST_CHECK enum status report_people_put(struct ctx *cx, const struct report *r,
                                         const struct val *from, const u32 *people, size_t count,
                                         const char *title, struct val *page);
/* The table of a page with what is behind a number that is no people, filled by the caller: its
 * "text" and "pager" too. */
struct val *report_behind_table(struct val *page, const char *title);
