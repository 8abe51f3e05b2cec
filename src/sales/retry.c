/* retry.c -- see retry.h. */
#include "sales/retry.h"
#include "kit/pages.h"
#include "kit/show.h"
#include "sales/activity.h"
#include "sales/deal.h"
#include "sales/subscription.h"

enum { BEGINS_MINUTE = 9 * 60, MONTHS_MOST = 120 };

static bool is_lost(const struct row *deal) { return text_is(row_text(deal, DEAL_STATUS), "lost"); }

/* A reason's own setting: "deal.retry.price". 0: never. */
static i64 months_of(struct ctx *cx, const char *reason)
{
    static const char *const names[] = {
        "deal.retry.price",  "deal.retry.competitor", "deal.retry.no_budget",
        "deal.retry.timing", "deal.retry.no_answer",  "deal.retry.missing_feature",
        "deal.retry.no_fit",
    };

    for (size_t i = 0; i < countof(names); i++)
        if (text_is(strrchr(names[i], '.') + 1, reason)) {
            i64 months = setting_i64(cx, names[i]);
            return months > 0 && months <= MONTHS_MOST ? months : 0;
        }
    return 0;
}

enum status retry_settle(struct ctx *cx, struct row *deal, bool lost)
{
    i64 today = subscription_today(cx), months;
    bool begins = lost && !row_is_new(deal) &&
                  (!text_is(row_text(row_before(deal), DEAL_STATUS), "lost") ||
                   row_changed(deal, DEAL_LOST_REASON));

    if (!lost) {
        row_clear(deal, DEAL_RETRY_ON);
        return OK;
    }
    if (text_is(row_text(deal, DEAL_RETRY), "never")) {
        row_clear(deal, DEAL_RETRY_ON);
        return OK;
    }
    if (row_has(deal, DEAL_RETRY_ON) && row_changed(deal, DEAL_RETRY_ON)) {
        if (row_i64(deal, DEAL_RETRY_ON) >= today)
            return OK;
        return ctx_fail_field(cx, "retry_on", "deal.retry_over",
                              "That day is over. Choose one to come, or none.");
    }
    months = begins ? months_of(cx, row_text(deal, DEAL_LOST_REASON)) : 0;
    if (begins && months > 0)
        row_set_i64(deal, DEAL_RETRY_ON, date_add_months(today, (int)months));
    else if (begins)
        row_clear(deal, DEAL_RETRY_ON);
    return OK;
}

/* ---- the task ---- */
/* NULL: there is none, or it is done or in the trash. */
static enum status open_task(struct ctx *cx, const struct row *deal, struct row **out)
{
    struct row *task;
    enum status s;

    *out = NULL;
    if (!row_has(deal, DEAL_RETRY_TASK))
        return OK;
    s = record_get_any(cx, &activity_type, row_i64(deal, DEAL_RETRY_TASK), &task);
    if (s == E_NOT_FOUND)
        return ctx_clear_error(cx), OK;
    TRY(s);
    if (!row_is_deleted(task) && !row_bool(task, ACTIVITY_DONE))
        *out = task;
    return OK;
}

static const char *story_of(struct ctx *cx, const struct row *deal)
{
    const char *to = row_text(deal, DEAL_COMPETITOR), *note = row_text(deal, DEAL_LOST_NOTE);

    return arena_printf(cx->arena, "Lost on %s: %s%s%s.%s%s",
                        show_date_full(cx, zone_day(kit_zone(cx), row_i64(deal, DEAL_CLOSED_AT))),
                        row_show(cx, deal, DEAL_LOST_REASON), to[0] ? ", to " : "", to,
                        note[0] ? "\n\n" : "", note);
}

static i64 due_of(struct ctx *cx, const struct row *deal)
{
    return zone_instant(kit_zone(cx), row_i64(deal, DEAL_RETRY_ON), BEGINS_MINUTE);
}

static enum status make_task(struct ctx *cx, struct row *deal)
{
    struct row *task = row_new(cx, &activity_type);

    row_set_text(task, ACTIVITY_KIND, "task");
    TRY(row_parse(cx, task, ACTIVITY_SUBJECT,
                  arena_printf(cx->arena, "Second try: %.180s", row_text(deal, DEAL_NAME))));
    row_set_text(task, ACTIVITY_BODY, story_of(cx, deal));
    row_set_i64(task, ACTIVITY_DEAL, row_id(deal));
    row_set_i64(task, ACTIVITY_OWNER, row_i64(deal, DEAL_OWNER));
    row_set_i64(task, ACTIVITY_DUE, due_of(cx, deal));
    TRY(record_save(cx, task));
    row_set_i64(deal, DEAL_RETRY_TASK, row_id(task));
    return record_save(cx, deal);
}

enum status retry_follow(struct ctx *cx, struct row *deal)
{
    scoped(access_leave) struct access_guard guard = access_enter_system(cx);
    bool wanted = is_lost(deal) && row_has(deal, DEAL_RETRY_ON);
    struct row *task;

    if (row_is_new(deal) || !(row_changed(deal, DEAL_RETRY_ON) || row_changed(deal, DEAL_OWNER)))
        return OK;
    TRY(open_task(cx, deal, &task));
    if (task == NULL)
        return wanted && row_changed(deal, DEAL_RETRY_ON) ? make_task(cx, deal) : OK;
    if (!wanted)
        return record_delete(cx, task);
    row_set_i64(task, ACTIVITY_DUE, due_of(cx, deal));
    row_set_i64(task, ACTIVITY_OWNER, row_i64(deal, DEAL_OWNER));
    return record_save(cx, task);
}

/* ---- beginning again ---- */
static enum status finish_task(struct ctx *cx, const struct row *lost)
{
    scoped(access_leave) struct access_guard guard = access_enter_system(cx);
    struct row *task;

    TRY(open_task(cx, lost, &task));
    if (task == NULL)
        return OK;
    row_set_i64(task, ACTIVITY_DONE, 1);
    return record_save(cx, task);
}

/* POST /deals/:id/again -- a new deal with the same customer; the lost one stays in the numbers. */
static enum status again_post(struct req *rq)
{
    static const int kept[] = { DEAL_COMPANY, DEAL_CONTACT, DEAL_PIPELINE, DEAL_OWNER };
    struct ctx *cx = rq->cx;
    struct row *lost, *deal = row_new(cx, &deal_type);

    TRY(page_record(rq, &deal_type, &lost));
    if (!is_lost(lost))
        return ctx_fail_code(cx, E_CONFLICT, "deal.not_lost",
                             "This deal is not lost: go on with it as it is.");
    row_set_text(deal, DEAL_NAME, row_text(lost, DEAL_NAME));
    for (size_t i = 0; i < countof(kept); i++)
        if (row_has(lost, kept[i]))
            row_set_i64(deal, kept[i], row_i64(lost, kept[i]));
    if (row_has(lost, DEAL_AMOUNT))
        row_set_money(deal, DEAL_AMOUNT, row_money(lost, DEAL_AMOUNT));
    row_set_i64(deal, DEAL_AFTER, row_id(lost));
    TRY(record_save(cx, deal));
    TRY(finish_task(cx, lost));
    return reply_done(rq, row_path(cx, deal), "A second try: %s.", row_text(deal, DEAL_NAME));
}

#define MONTHS "After so many months a task of its owner comes due. 0: never."
static const struct setting settings[] = {
    { "deal.retry.price", FIELD_INT, "Second try after: Price, months", MONTHS, "6",
      .group = "Sales" },
    { "deal.retry.competitor", FIELD_INT, "Second try after: Competitor, months", MONTHS, "10",
      .group = "Sales" },
    { "deal.retry.no_budget", FIELD_INT, "Second try after: No budget, months", MONTHS, "6",
      .group = "Sales" },
    { "deal.retry.missing_feature", FIELD_INT, "Second try after: Missing feature, months", MONTHS,
      "6", .group = "Sales" },
    { "deal.retry.timing", FIELD_INT, "Second try after: Timing, months", MONTHS, "3",
      .group = "Sales" },
    { "deal.retry.no_answer", FIELD_INT, "Second try after: No answer, months", MONTHS, "3",
      .group = "Sales" },
    { "deal.retry.no_fit", FIELD_INT, "Second try after: No fit, months", MONTHS, "0",
      .group = "Sales" },
};
static const struct route routes[] = {
    { HTTP_POST, "/deals/:id/again", again_post, NEEDS("deal", VERB_CREATE) },
};
const struct feature feature_retry = {
    .name = "retry",
    ROUTES(routes),
    SETTINGS(settings),
};
