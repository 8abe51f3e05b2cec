/* pages_int.h -- what the files behind the generated pages share. One file a kind of page; each
 * exports its handlers here, and pages.c makes the routes of every record type from them. The
 * record type of a request is its route's `data`. */
#pragma once
#include "kit/pages.h"
#include "kit/record_int.h"
#include "kit/show.h"

/* Routes of the pages (pages.c) and of REST (api.c) of every record type of `k`. The arrays and
 * texts are in arena `a`, which lives as long as the web. `data` of each is its record type. */
void pages_routes(struct kit *k, struct arena *a, const struct route **out, size_t *count);
void api_routes(struct kit *k, struct arena *a, const struct route **out, size_t *count);

static inline const struct record_type *req_type(const struct req *rq) { return rq->route->data; }
/* The record that the path names, of the route's type. E_NOT_FOUND. */
MUST_CHECK enum status req_row(struct req *rq, struct row **out);
/* Whether cx may do this to some record of the type, or to this one. */
bool may(struct ctx *cx, const struct record_type *t, enum verb v);
bool may_row(struct ctx *cx, const struct row *r, enum verb v);

/* "type" of a page's tree: name, label, plural, url. */
void put_type(struct ctx *cx, const struct record_type *t, struct val *page);
/* "record" of a page's tree: id, url, version. */
void put_record(struct ctx *cx, const struct row *r, struct val *page);
/* when: text, iso, full. */
void put_when(struct ctx *cx, struct val *map, const char *key, i64 ms);
/* An action of kit/action. `post` or a link. */
struct val *put_action(struct val *list, const char *text, const char *url, bool post);
/* {value, text, selected} */
struct val *put_option(struct val *list, const char *value, const char *text, bool selected);
/* Fields that a person may see, and those that a person may type. */
bool field_shown(const struct field *f);
bool field_typed(const struct field *f, bool is_new);
/* "errors" and "has_errors" from cx's field errors, which are cleared. */
void put_errors(struct ctx *cx, struct val *page);
/* One input (kit/field): value from the row, or as typed in `typed` (NULL: not typed), with its
 * error. */
MUST_CHECK enum status put_input(struct ctx *cx, const struct row *r, int field,
                                 const struct val *typed, struct val *input);
/* One field of a form, posted under its own name, into the row. A form without it: as it was. */
MUST_CHECK enum status read_input(struct req *rq, struct row *r, int field);
/* The value of a form field as it stands in its control. */
const char *input_value(struct ctx *cx, const struct row *r, int field);
/* Choices and search address of a reference's control: the first records of type `ref`, and the
 * present one. For a filter also "me". */
MUST_CHECK enum status put_ref_choices(struct ctx *cx, const char *ref, const char *value,
                                       bool for_filter, struct val *input);
/* What can be done to ticked rows: "bulk" and "has_bulk" of kit/list. */
void put_bulk(struct ctx *cx, const struct record_type *t, struct val *page);
/* "composer" of kit/detail, with what was typed when rq is its post; null where one may not
 * write. */
MUST_CHECK enum status put_composer(struct req *rq, const struct row *r, struct val *page);
/* "journey" of a type that has comments and no timeline. */
MUST_CHECK enum status put_comments(struct ctx *cx, const struct row *r, struct val *page);
/* A record's page as the answer. */
enum status detail_reply(struct req *rq, const struct row *r);
/* A problem as a page with ways to go on (a list of kit/action). Undoes what was written. */
enum status reply_problem(struct req *rq, int status, const char *code, const char *title,
                          const char *detail, struct val *actions);
/* Layout links Table and Board. */
void put_layouts(struct ctx *cx, const struct record_type *t, const char *on, struct val *page);
/* The first rows of `t` under a filter, in its own order: columns of boards, choices of refs. */
MUST_CHECK enum status all_of(struct ctx *cx, const struct record_type *t, const char *filter,
                              struct row ***rows, size_t *count);

/* "merged_from" of a record's page: text, when, undo_url of what was merged into it. */
MUST_CHECK enum status put_merges(struct ctx *cx, const struct row *r, struct val *page);
/* Answers who asks for a record that was merged away: with the kept one's address. E_NOT_FOUND,
 * without text: it was not. */
enum status lead_to_kept(struct req *rq, i64 id, bool api);

/* Handlers. */
enum status merge_get_page(struct req *rq), merge_post(struct req *rq),
    unmerge_get_page(struct req *rq), unmerge_post(struct req *rq), api_merge(struct req *rq),
    api_unmerge(struct req *rq);
enum status list_get(struct req *rq), list_csv(struct req *rq), list_filter_value(struct req *rq),
    list_count_get(struct req *rq), list_bulk(struct req *rq), list_bulk_value(struct req *rq),
    list_bulk_undo(struct req *rq), view_save(struct req *rq), view_delete(struct req *rq),
    view_rename(struct req *rq), view_first(struct req *rq);
enum status form_new_get(struct req *rq), form_create_post(struct req *rq),
    form_edit_get(struct req *rq), form_update_post(struct req *rq), field_edit_get(struct req *rq),
    field_edit_post(struct req *rq), fact_get(struct req *rq);
enum status feed_get(struct req *rq);
enum status detail_get(struct req *rq), history_get(struct req *rq), comment_post(struct req *rq),
    comment_delete(struct req *rq), compose_post(struct req *rq);
enum status board_get(struct req *rq), board_move(struct req *rq);
enum status trash_get(struct req *rq), record_delete_post(struct req *rq),
    record_restore_post(struct req *rq), delete_confirm(struct req *rq);
enum status search_get(struct req *rq), search_ref(struct req *rq),
    notifications_get(struct req *rq), notifications_read(struct req *rq),
    notification_read(struct req *rq);
/* What a foreign amount is counted as, and by which rate where that is known still; "" of anything
 * else. In arena. */
const char *page_worth(struct ctx *cx, const struct row *r, int field);
