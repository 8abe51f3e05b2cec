/* token.c -- API tokens: made for one purpose, shown once, revoked when no longer needed. */
#include "admin/form.h"
#include "admin/user.h"
#include "base/id.h"
#include "kit/session.h"

static const struct choice scopes[] = {
    { "read", "Read only", NULL },
    { "read write", "Read and write", NULL },
    { NULL, NULL, NULL },
};

static const char *scope_words(const char *value)
{
    for (size_t i = 0; scopes[i].value != NULL; i++)
        if (text_is(scopes[i].value, value))
            return scopes[i].label;
    return value;
}

/* The tokens I have, and the form of a new one; `secret` NULL: none was just made. */
static enum status tokens_page(struct req *rq, const char *secret)
{
    struct ctx *cx = rq->cx;
    struct val *page = form_new(cx, "API tokens", "/settings/tokens", "Make a token", "/settings");
    struct val *fields = form_group(page, "New token"), *columns, *rows, *f;
    scoped(stmt_close) struct stmt q =
        db_query(cx, "session.token_list", I64("user_id", cx->access->user_id));

    f = form_line(fields, "label", "What it is for", "text",
                  secret == NULL ? req_form(rq, "label") : "");
    val_put_text(f, "help", "The name of the program that will use it.");
    form_choice(fields, "scopes", "May", scopes, req_form(rq, "scopes"));
    f = form_line(fields, "expires_at", "Ends on", "date",
                  secret == NULL ? req_form(rq, "expires_at") : "");
    val_put_bool(f, "optional", true);
    val_put_text(page, "description",
                 "A token lets a program do what you may do. It is shown only when it is made.");
    if (secret != NULL)
        val_put_text(page, "secret", secret);
    columns = val_put_list(page, "columns");
    table_column(columns, "Name", "text");
    table_column(columns, "May", "text");
    table_column(columns, "Made", "date");
    table_column(columns, "Last used", "date");
    table_column(columns, "Ends", "date");
    val_put_bool(page, "has_actions", true);
    rows = val_put_list(page, "rows");
    while (stmt_next(&q)) {
        struct val *row = val_add_map(rows), *cells = val_put_list(row, "cells");
        table_cell(cells, "text", col_text(&q, 1));
        table_cell(cells, "text", scope_words(col_text(&q, 2)));
        for (int col = 3; col <= 5; col++)
            table_date(cx, cells, col_i64(&q, col));
        table_action(val_put_list(row, "actions"), "Revoke",
                     arena_printf(cx->arena, "/settings/tokens/%s/revoke",
                                  id_text(cx->arena, col_i64(&q, 0))));
    }
    TRY(stmt_status(&q));
    val_put_bool(page, "has_rows", val_count(rows) > 0);
    if (cx->error != OK)
        reply_status(rq, 422);
    form_errors(cx, page);
    reply_header(rq, "Cache-Control", "no-store");
    return reply(rq, "admin/tokens", page);
}

static enum status get_tokens(struct req *rq) { return tokens_page(rq, NULL); }

static enum status post_token(struct req *rq)
{
    struct ctx *cx = rq->cx;
    const char *secret = NULL, *expires = req_form(rq, "expires_at");
    const char *asked = req_form(rq, "scopes");
    i64 day = 0, mine;
    enum status s = OK;

    /* A token makes no others: else a leaked one could outlive its revocation. */
    if (cx->access->token_id != 0)
        return ctx_fail(cx, E_FORBIDDEN, "Tokens are made by people who are signed in.");
    TRY(db_get_i64(cx, &mine, "session.token_count", I64("user_id", cx->access->user_id)));
    if (mine >= 100)
        s = ctx_fail_field(cx, "label", "token.many", "You have 100 tokens. Revoke some first.");
    else if (expires[0] != '\0' && !date_parse(str_from(expires), &day))
        s = ctx_fail_field(cx, "expires_at", "date.invalid", "'%s' is no date like 2026-11-23.",
                           expires);
    else
        s = token_make(cx, cx->access->user_id, req_form(rq, "label"),
                       asked[0] == '\0' ? "read" : asked,
                       expires[0] == '\0' ? 0 : (day + 1) * (i64)MS_DAY, &secret);
    if (s != OK && s != E_INVALID)
        return s;
    if (s == OK)
        reply_status(rq, 201);
    return tokens_page(rq, secret);
}

static enum status post_revoke(struct req *rq)
{
    struct ctx *cx = rq->cx;
    i64 id, changed;

    TRY(req_id(rq, "id", &id));
    TRY(db_run_count(cx, &changed, "session.token_revoke", I64("id", id),
                     I64("user_id", cx->access->user_id), I64("now", ctx_now(cx))));
    if (changed == 0)
        return ctx_fail(cx, E_NOT_FOUND, "This token is revoked already.");
    return reply_done(rq, "/settings/tokens", "The token is revoked.");
}

static const struct route routes[] = {
    { HTTP_GET, "/settings/tokens", get_tokens, .flags = ROUTE_SIGNED_IN },
    { HTTP_POST, "/settings/tokens", post_token, .flags = ROUTE_SIGNED_IN },
    { HTTP_POST, "/settings/tokens/:id/revoke", post_revoke, .flags = ROUTE_SIGNED_IN },
};

const struct feature feature_token = { .name = "token", ROUTES(routes) };
