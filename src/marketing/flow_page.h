/* flow_page.h -- what the pages of flows share: flow_page.c shows, flow_tree.c draws steps and
 * flow_panel.c the form of one, flow_edit.c changes, flow_people.c has who is in it, flow_try.c
 * runs dry. */
#pragma once
#include "marketing/flow_run_int.h"

/* The flow of the request's path. */
MUST_CHECK enum status flow_req(struct req *rq, struct row **flow);
/* Its draft as a tree of ours to change. */
MUST_CHECK enum status flow_definition(struct ctx *cx, const struct row *flow, struct val **out);
const struct val *flow_find_step(const struct val *definition, const char *id); /* NULL: none */
/* Head and tabs that all pages of a flow have. `tab`: "steps" "people" "try" "versions". */
MUST_CHECK enum status flow_put_head(struct req *rq, const struct row *flow, const char *tab,
                                     struct val *page);
/* Numbers by step: what flow_count and flow_run say. */
struct flow_numbers;
MUST_CHECK enum status flow_numbers_read(struct ctx *cx, i64 flow_id, struct flow_numbers **out);
i64 flow_number(const struct flow_numbers *n, const char *node, const char *what);
i64 flow_all_inside(const struct flow_numbers *n), flow_in_trouble(const struct flow_numbers *n);
const char *flow_span_words(struct ctx *cx, i64 ms); /* "3 days" */
/* The tree of steps for flow/list; `n`, `problems`, `dry` may be NULL. */
struct flow_drawing {
    struct ctx *cx;
    const char *path; /* of the flow's page */
    const struct flow_plan *plan;
    const struct flow_numbers *numbers;
    const struct val *problems;
    const char *selected;
    bool edits;
    i64 (*count)(void *arg, const char *node, const char *what); /* instead of numbers */
    void *arg;
};
void flow_draw(struct flow_drawing *d, const struct val *steps, const char *place,
               struct val *into);
/* "problems" and "has_problems" of what has this id. */
void flow_put_problems(const struct flow_drawing *d, const char *id, struct val *into);
/* Triggers or goals (`key`), as page[key]. */
void flow_put_specs(struct flow_drawing *d, const struct val *definition, const char *key,
                    const struct flow_kind *kind, struct val *page);
/* "panel": the form of what has this id, or the menu of steps where the request says at=PLACE. */
MUST_CHECK enum status flow_put_panel(struct req *rq, const char *path, const struct flow_plan *p,
                                      const struct val *problems, const char *id,
                                      struct val *page);
void flow_put_tab(struct val *list, const char *text, const char *url, bool on);

enum status flow_add_post(struct req *rq), flow_move_post(struct req *rq),
    flow_remove_post(struct req *rq), flow_step_post(struct req *rq),
    flow_part_post(struct req *rq), flow_undo_post(struct req *rq),
    flow_definition_post(struct req *rq), flow_try_get(struct req *rq),
    flow_versions_get(struct req *rq), flow_ready_get(struct req *rq),
    flow_ready_post(struct req *rq);
/* "changes" of the draft against what is published, in words. */
MUST_CHECK enum status flow_put_diff(struct ctx *cx, const struct row *flow, struct val *page);
