/* job.c -- the queue, visible: what waits, runs and failed, why, and a button to run it again. */
#include "admin/form.h"
#include "base/id.h"
#include "store/queue.h"

enum { JOBS_SHOWN = 200 };

/* GET /settings/jobs?state=failed */
static enum status jobs_get(struct req *rq)
{
    struct ctx *cx = rq->cx;
    struct val
        *page = table_new(
            cx, "Jobs",
            "Work that is done in the background. A failed job says why and can be run again."),
        *columns = table_columns(page), *rows = table_rows(page), *list = val_list(cx->arena);
    const char *state = text_empty(req_query(rq, "state")) ? NULL : req_query(rq, "state");

    TRY(queue_list(cx, state, JOBS_SHOWN, list));
    table_column(columns, "Job", "text");
    table_column(columns, "State", "choice");
    table_column(columns, "Tried", "integer");
    table_column(columns, "Due", "date");
    table_column(columns, "What went wrong", "text");
    val_put_bool(page, "has_actions", val_count(list) > 0);
    for (size_t i = 0; i < val_count(list); i++) {
        const struct val *job = val_at(list, i);
        const struct job_type *type = kit_job(cx->kit, val_get_text(job, "name"));
        struct val *row = val_add_map(rows), *cells = val_put_list(row, "cells"),
                   *actions = val_put_list(row, "actions");
        const char *id = id_text(cx->arena, val_get_i64(job, "id", 0)),
                   *word = val_get_text(job, "state");
        val_put_text(row, "url", "");
        table_cell(cells, "text", type ? type->label : val_get_text(job, "name"));
        table_cell(cells, "text", word);
        table_cell(cells, "integer",
                   arena_printf(cx->arena, "%lld", (long long)val_get_i64(job, "attempts", 0)));
        table_date(cx, cells, val_get_i64(job, "run_at", 0));
        table_cell(cells, "text", val_get_text(job, "error"));
        if (text_is(word, "failed"))
            table_action(actions, "Run again",
                         arena_printf(cx->arena, "/settings/jobs/%s/retry", id));
        if (text_is(word, "failed") || text_is(word, "waiting"))
            table_action(actions, "Delete",
                         arena_printf(cx->arena, "/settings/jobs/%s/delete", id));
    }
    if (!val_count(list)) {
        struct val *empty = val_put_map(page, "empty");
        val_put_text(empty, "title", "No jobs");
        val_put_text(empty, "text",
                     "Scoring, imports and other background work appear here while they wait, run, "
                     "or have failed.");
        val_put_text(empty, "icon", "");
        val_put_null(empty, "action");
    }
    return reply(rq, "kit/table", page);
}

/* POST /settings/jobs/:id/retry */
static enum status job_retry(struct req *rq)
{
    i64 id;

    TRY(req_id(rq, "id", &id));
    TRY(queue_retry(rq->cx, id));
    return reply_done(rq, "/settings/jobs", "The job runs again.");
}

/* POST /settings/jobs/:id/delete */
static enum status job_delete(struct req *rq)
{
    i64 id;

    TRY(req_id(rq, "id", &id));
    TRY(queue_delete(rq->cx, id));
    return reply_done(rq, "/settings/jobs", "The job is deleted.");
}

static const struct route routes[] = {
    { HTTP_GET, "/settings/jobs", jobs_get, NEEDS("admin", VERB_READ) },
    { HTTP_POST, "/settings/jobs/:id/retry", job_retry, NEEDS("admin", VERB_UPDATE) },
    { HTTP_POST, "/settings/jobs/:id/delete", job_delete, NEEDS("admin", VERB_UPDATE) },
};
static const struct menu_item menu[] = { { "settings", "Jobs", "/settings/jobs", "checklist",
                                           "admin", 40,
                                           "Work in the background, and what failed." } };
const struct feature feature_job = { .name = "job", ROUTES(routes), MENU(menu) };
