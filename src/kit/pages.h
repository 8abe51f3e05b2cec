/* pages.h -- the few handlers behind every record type's pages and REST endpoints. kit makes their
 * routes from the type table:
 *
 *   GET  /{path}              list (also .csv)        GET  /{path}/new        POST /{path}
 *   GET  /{path}/:id          detail                  GET  /{path}/:id/edit   POST /{path}/:id
 *   GET|POST /{path}/:id/edit/:field, GET /{path}/:id/fact/:field      one field in place
 *   GET|POST /{path}/:id/merge /:id/unmerge, and POST in the API, of types with TYPE_MERGE
 *   GET|POST /{path}/:id/delete                       POST /{path}/:id/restore
 *   GET  /{path}/trash        GET  /{path}/:id/history
 *   GET  /{path}/board        POST /{path}/:id/move {value, version}
 *   POST /{path}/bulk {id, id, action} or {all, filter, q, action}; GET /{path}/bulk/value?action=
 *   POST /{path}/bulk/undo?batch=
 *   GET  /{path}/filter       POST /{path}/views      POST /{path}/views/:view, /first, /delete
 *   POST /{path}/:id/comments {text}                  POST /{path}/:id/compose?kind=call
 *   GET|POST /api/v1/{path}   GET|PATCH|DELETE /api/v1/{path}/:id, /:id/restore, /:id/history
 *   GET  /search  /search/ref?type=  /notifications  /openapi.json
 *
 * The trees they build are documented at the top of each template in kit/html. Features use these
 * to show records on pages of their own. */
#pragma once
#include "kit/filter.h"
#include "kit/web.h"

/* The record that the path's :id names (or the query's, or the form's: req_id), if who asks may
 * read it. */
MUST_CHECK enum status page_record(struct req *rq, const struct record_type *t, struct row **out);
/* The tree of kit/list for one type and query string, put at `page`: filter, sort, cursor, columns
 * come from rq's query. `base` is an extra filter that always holds ("" none); `path` where its
 * links lead. */
MUST_CHECK enum status page_list(struct req *rq, const struct record_type *t, const char *base,
                                 const char *path, struct val *page);
/* The tree of kit/form: values from the row, or what was typed (rq->form) with its errors after a
 * failed save. */
MUST_CHECK enum status page_form(struct req *rq, const struct record_type *t, const struct row *r,
                                 struct val *page);
/* Of that tree the fields of one group (struct field's .group) as a form of its own: what is asked
 * when something is done to a record, such as why a deal was lost. It posts to the record's page
 * and `verb`. */
struct form_part {
    const char *title, *group, *verb, *submit, *note;
    const char *leave; /* what goes away without doing it; NULL: "Cancel" */
};
MUST_CHECK enum status page_form_part(struct req *rq, const struct row *r,
                                      const struct form_part *part, struct val *page);
/* Reads rq->form into the row: every field present, unless COMPUTED; all field errors collected. */
MUST_CHECK enum status page_read_form(struct req *rq, struct row *r);
/* The tree of kit/detail. */
MUST_CHECK enum status page_detail(struct req *rq, const struct row *r, struct val *page);
/* The tree of kit/merge_pair: two records of a type side by side, the first of which would be kept,
 * with what differs to choose; posted to {keep}/merge, from there to `next`. */
MUST_CHECK enum status page_merge_pair(struct req *rq, struct row *keep, struct row *lose,
                                       const char *next, struct val *page);
/* What the form "add a condition" asks, for pages of a feature that have filters in them: puts
 * fields, operators and input (kit/filter_value) for this field, or the first. */
MUST_CHECK enum status page_filter_value(struct ctx *cx, const struct record_type *t,
                                         const char *field, struct val *into);
/* "choices" and "search_url" of a reference's control (kit/field). */
MUST_CHECK enum status page_ref_choices(struct ctx *cx, const char *ref, const char *value,
                                        struct val *input);
/* Whether cx may do this to this record: for what a page offers. */
bool page_may(struct ctx *cx, const struct row *r, enum verb v);
/* A small table for cards and home: rows of `t` under a filter, at most `limit`, columns by field
 * name. */
MUST_CHECK enum status page_table(struct ctx *cx, const struct record_type *t, const char *filter,
                                  const char *sort, int limit, const char *const *fields,
                                  struct val *into);
/* A story of kit/journey: the items of the day that `at_ms` is in, begun anew where that is another
 * day than the last (put in *day, TIME_NONE at first); a line of it, with every key of an item, so
 * that a template's look-up never falls through to the page's. is: visit, chapter, money, event. */
struct val *story_day(struct ctx *cx, struct val *days, i64 at_ms, i64 *day);
struct val *story_line(struct ctx *cx, struct val *items, const char *is, i64 at_ms);
/* Adds a "journey" to a detail page's tree. bridge/timeline.c sets it at start; kit knows no
 * journeys' meaning. */
typedef enum status page_timeline_fn(struct req *rq, const struct row *r, struct val *page);
void pages_set_timeline(struct kit *k, page_timeline_fn *fn);
/* Calls what was set; nothing when nothing was. */
MUST_CHECK enum status page_timeline(struct req *rq, const struct row *r, struct val *page);
/* One more tab of the composer on the pages of a record type, whose page, behind the record's path,
 * has a kit/composer of its own with the same tabs. Static; set once at start. */
struct composer_tab {
    const char *type, *value, *text, *icon, *suffix; /* "contact" "mail" "Mail" "mail" "/mail" */
    const char *resource;                            /* shown to who may read it */
};
void pages_set_composer_tab(struct kit *k, const struct composer_tab *tab);
/* The tabs of the composer of a record, `on` being the one that is open. */
void page_composer_tabs(struct req *rq, const struct row *r, const char *on, struct val *tabs);
/* "empty" of a page's tree (kit/empty): what will be here, why it is worth having, the one next
 * step. action NULL: none. */
void put_empty(struct val *page, const char *title, const char *text, const char *action,
               const char *url);
