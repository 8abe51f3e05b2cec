/* suppression.c -- addresses that get nothing: what bounced for good, who complained, who wants
 * nothing any more, what a colleague put here. One row an address; lifting it needs a reason and
 * keeps the row, so that its history stands in one place. */
#include "base/utf8.h"
#include "bridge/consent.h"
#include "kit/kinds.h"
#include "kit/web.h"

/* The weightier first: it stays when another reason comes. */
static const struct choice reasons[] = {
    { "complaint", "Marked a mail as spam", "red" },
    { "unsubscribed", "Unsubscribed from everything", "amber" },
    { "hard_bounce", "Address does not exist", "red" },
    { "invalid", "Not a usable address", "red" },
    { "manual", "Put here by hand", "gray" },
    { NULL, NULL, NULL },
};

static const struct field fields[] = {
    [SUPPRESSION_ADDRESS] = { "address", FIELD_EMAIL, "Mail address",
                              REQUIRED | LISTED | SEARCHED | UNIQUE },
    [SUPPRESSION_REASON] = { "reason", FIELD_CHOICE, "Reason",
                             REQUIRED | LISTED | TRACKED | INDEXED, .otherwise = "manual",
                             .choices = reasons },
    [SUPPRESSION_UNTIL] = { "until_at", FIELD_TIME, "Until", LISTED | TRACKED,
                            .help = "Empty: for good." },
    [SUPPRESSION_EVIDENCE] = { "evidence", FIELD_LONG, "What happened", LISTED, .max_len = 4000,
                               .help = "For whoever asks later why this address gets nothing." },
    [SUPPRESSION_ACTIVE] = { "active", FIELD_BOOL, "In force", COMPUTED | LISTED | TRACKED,
                             .otherwise = "true" },
    [SUPPRESSION_SINCE] = { "since", FIELD_TIME, "Since", COMPUTED | LISTED, .otherwise = "now" },
    [SUPPRESSION_LIFTED_AT] = { "lifted_at", FIELD_TIME, "Lifted", COMPUTED },
    [SUPPRESSION_LIFTED_WHY] = { "lifted_why", FIELD_LONG, "Lifted because", COMPUTED | TRACKED,
                                 .max_len = 1000 },
};
_Static_assert(countof(fields) == SUPPRESSION_FIELDS, "enum and table differ");

static int weight(const char *reason)
{
    for (int i = 0; reasons[i].value; i++)
        if (text_is(reasons[i].value, reason))
            return i;
    return -1;
}

static bool may_be_lifted(struct ctx *cx, const struct row *r)
{
    (void)cx;
    return row_bool(r, SUPPRESSION_ACTIVE);
}

static bool is_over(struct ctx *cx, const struct row *r)
{
    return row_has(r, SUPPRESSION_UNTIL) && row_i64(r, SUPPRESSION_UNTIL) <= ctx_now(cx);
}

/* A row stays that of its address, and what a person said is not overwritten by a list. */
static enum status suppression_validate(struct ctx *cx, struct row *r)
{
    const struct row *was = row_before(r);

    if (was == NULL)
        return OK;
    if (row_changed(r, SUPPRESSION_ADDRESS)) {
        if (!text_is(kind_email.fold(cx->arena, row_text(r, SUPPRESSION_ADDRESS)),
                     kind_email.fold(cx->arena, row_text(was, SUPPRESSION_ADDRESS))))
            return ctx_fail_field(cx, "address", "suppression.address",
                                  "The address cannot become another one: add that one instead.");
        row_set_text(r, SUPPRESSION_ADDRESS, row_text(was, SUPPRESSION_ADDRESS));
    }
    if (row_changed(r, SUPPRESSION_REASON) && row_bool(was, SUPPRESSION_ACTIVE) &&
        !is_over(cx, was) &&
        weight(row_text(r, SUPPRESSION_REASON)) > weight(row_text(was, SUPPRESSION_REASON)))
        return ctx_fail_field(cx, "reason", "suppression.lighter",
                              "\"%s\" weighs more and stays. Lift the suppression first.",
                              row_show(cx, was, SUPPRESSION_REASON));
    return OK;
}

const struct record_type suppression_type = {
    .name = "suppression",
    .label = "Suppression",
    .plural = "Suppressions",
    .path = "suppressions",
    .icon = "ban",
    .section = "marketing",
    .menu_order = MENU_SELDOM + 61,
    .sort = "-created_at",
    .title = SUPPRESSION_ADDRESS,
    .fields = fields,
    .field_count = SUPPRESSION_FIELDS,
    .flags = TYPE_NO_DELETE,
    .empty = "Addresses that get nothing: what does not exist, who complained, who unsubscribed "
             "from everything. They come here by themselves; you can add and import others.",
    .validate = suppression_validate,
    ACTIONS({ "lift", "Lift", "/suppressions/:id/lift", .shown = may_be_lifted }),
};

/* ---- asking ---- */
static const char *fold_address(struct ctx *cx, const char *address)
{
    return kind_email.fold(cx->arena, str_dup(cx->arena, str_trim(str_from(address))));
}

enum status suppression_find(struct ctx *cx, const char *address, const char **reason)
{
    *reason = NULL;
    if (text_empty(address))
        return OK;
    scoped(stmt_close) struct stmt q =
        db_query(cx, "suppression.find", TEXT("address", fold_address(cx, address)),
                 I64("now", ctx_now(cx)));
    if (stmt_next(&q)) {
        int w = weight(col_text(&q, 0));
        *reason = reasons[w < 0 ? 4 : w].value;
    }
    return stmt_status(&q);
}

bool suppression_blocks(const char *reason, i64 topic_id)
{
    return reason != NULL && !(text_is(reason, "unsubscribed") && topic_id == 0);
}

/* ---- changing ---- */
enum status suppression_add(struct ctx *cx, const char *address, const char *reason,
                            const char *evidence, i64 until_ms)
{
    scoped(access_leave) struct access_guard guard = access_enter_system(cx);
    struct row *r;
    enum status s;

    if (weight(reason) < 0)
        return ctx_fail_code(cx, E_INVALID, "suppression.reason", "\"%s\" is no reason.", reason);
    s = record_find(cx, &suppression_type, "address", address, &r);
    if (s == E_NOT_FOUND) {
        r = row_new(cx, &suppression_type);
        TRY(row_parse(cx, r, SUPPRESSION_ADDRESS, address));
    } else {
        TRY(s);
        bool holds = row_bool(r, SUPPRESSION_ACTIVE) && !is_over(cx, r);
        if (holds && weight(row_text(r, SUPPRESSION_REASON)) < weight(reason))
            return OK;
        if (holds && text_is(row_text(r, SUPPRESSION_REASON), reason) &&
            (!row_has(r, SUPPRESSION_UNTIL) ||
             (until_ms && until_ms <= row_i64(r, SUPPRESSION_UNTIL))))
            return OK;
        if (!holds)
            row_set_i64(r, SUPPRESSION_SINCE, ctx_now(cx));
    }
    row_set_text(r, SUPPRESSION_REASON, reason);
    row_set_text(r, SUPPRESSION_EVIDENCE, utf8_cut(cx->arena, evidence ? evidence : "", 4000));
    row_set_i64(r, SUPPRESSION_ACTIVE, 1);
    row_clear(r, SUPPRESSION_LIFTED_AT);
    row_clear(r, SUPPRESSION_LIFTED_WHY);
    row_clear(r, SUPPRESSION_UNTIL);
    if (until_ms)
        row_set_i64(r, SUPPRESSION_UNTIL, until_ms);
    return record_save(cx, r);
}

static enum status lift(struct ctx *cx, struct row *r, const char *why)
{
    if (!row_bool(r, SUPPRESSION_ACTIVE))
        return OK;
    row_set_i64(r, SUPPRESSION_ACTIVE, 0);
    row_set_i64(r, SUPPRESSION_LIFTED_AT, ctx_now(cx));
    row_set_text(r, SUPPRESSION_LIFTED_WHY, utf8_cut(cx->arena, why, 1000));
    return record_save(cx, r);
}

enum status suppression_lift(struct ctx *cx, const char *address, const char *why)
{
    scoped(access_leave) struct access_guard guard = access_enter_system(cx);
    struct row *r;
    enum status s = record_find(cx, &suppression_type, "address", address, &r);

    if (s == E_NOT_FOUND)
        return OK;
    TRY(s);
    return lift(cx, r, why);
}

/* ---- the page that asks why ---- */
static enum status show_lift(struct req *rq, struct row *r, const char *error)
{
    struct val *page = val_map(rq->cx->arena);

    val_put_printf(page, "title", "Lift %s", row_text(r, SUPPRESSION_ADDRESS));
    val_put_text(page, "address", row_text(r, SUPPRESSION_ADDRESS));
    val_put_text(page, "url", row_path(rq->cx, r));
    val_put_text(page, "reason", row_show(rq->cx, r, SUPPRESSION_REASON));
    val_put_text(page, "evidence", row_text(r, SUPPRESSION_EVIDENCE));
    val_put_text(page, "since", row_show(rq->cx, r, SUPPRESSION_SINCE));
    val_put_bool(page, "by_person",
                 weight(row_text(r, SUPPRESSION_REASON)) <= weight("unsubscribed"));
    val_put_text(page, "error", error);
    if (error[0])
        reply_status(rq, 422);
    return reply(rq, "suppression/lift", page);
}

static enum status lift_ask(struct req *rq)
{
    struct row *r;
    i64 id;

    TRY(req_id(rq, "id", &id));
    TRY(record_get(rq->cx, &suppression_type, id, &r));
    return show_lift(rq, r, "");
}

static enum status lift_post(struct req *rq)
{
    const char *why = str_dup(rq->cx->arena, str_trim(str_from(req_form(rq, "why"))));
    struct row *r;
    i64 id;

    TRY(req_id(rq, "id", &id));
    TRY(record_get(rq->cx, &suppression_type, id, &r));
    if (text_empty(why) && rq->wants_json)
        return ctx_fail_field(rq->cx, "why", "required", "Say why mails may go there again.");
    if (text_empty(why))
        return show_lift(rq, r, "Say why mails may go there again.");
    TRY(lift(rq->cx, r, why));
    return reply_done(rq, row_path(rq->cx, r), "Mails may go to %s again.",
                      row_text(r, SUPPRESSION_ADDRESS));
}

static const struct route routes[] = {
    { HTTP_GET, "/suppressions/:id/lift", lift_ask, NEEDS("suppression", VERB_UPDATE) },
    { HTTP_POST, "/suppressions/:id/lift", lift_post, NEEDS("suppression", VERB_UPDATE),
      .summary = "Lets mails go to an address again, with a reason" },
};
const struct feature feature_suppression = { .name = "suppression",
                                             TYPES(&suppression_type),
                                             ROUTES(routes) };
