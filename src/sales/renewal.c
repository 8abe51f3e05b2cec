/* renewal.c -- the deals by which subscriptions renew. */
#include "sales/renewal.h"
#include "kit/question.h"
#include "sales/deal.h"
#include "sales/pipeline.h"
#include "sales/subscription.h"

/* The pipeline for renewals is made when the first one comes. A renewal waits for its day: nobody
 * neglects it. */
static const struct stage_plan stages[] = {
    { "Upcoming", 80, "open", true },   { "In talks", 80, "open", true },
    { "At risk", 40, "open", true },    { "Renewed", 100, "won", true },
    { "Not renewed", 0, "lost", true },
};

static enum status pipeline_for_renewals(struct ctx *cx, i64 *id)
{
    struct row *pipeline;
    enum status s = db_get_i64(cx, id, "renewal.pipeline");

    if (s != E_NOT_FOUND)
        return s;
    pipeline = row_new(cx, &pipeline_type);
    row_set_text(pipeline, PIPELINE_NAME, "Renewals");
    row_set_i64(pipeline, PIPELINE_RENEWAL, 1);
    TRY(pipeline_make(cx, pipeline, stages, countof(stages)));
    *id = row_id(pipeline);
    return OK;
}

/* What the next term comes to. */
static struct money term_amount(const struct row *s)
{
    struct money m = row_money(s, SUBSCRIPTION_AMOUNT);

    m.minor = money_muldiv(m.minor, row_i64(s, SUBSCRIPTION_TERM), row_i64(s, SUBSCRIPTION_MONTHS));
    return m;
}

static void set_deal(struct ctx *cx, struct row *deal, const struct row *s, bool price)
{
    static const struct {
        int from, to;
    } refs[] = { { SUBSCRIPTION_COMPANY, DEAL_COMPANY },
                 { SUBSCRIPTION_CONTACT, DEAL_CONTACT },
                 { SUBSCRIPTION_OWNER, DEAL_OWNER } };
    int year, month, day;

    date_to_ymd(row_i64(s, SUBSCRIPTION_RENEWS), &year, &month, &day);
    row_set_text(deal, DEAL_NAME,
                 arena_printf(cx->arena, "Renewal %d: %s", year, row_text(s, SUBSCRIPTION_NAME)));
    for (size_t i = 0; i < countof(refs); i++)
        if (row_has(s, refs[i].from))
            row_set_i64(deal, refs[i].to, row_i64(s, refs[i].from));
    row_set_i64(deal, DEAL_CLOSE, row_i64(s, SUBSCRIPTION_RENEWS));
    if (price)
        row_set_money(deal, DEAL_AMOUNT, term_amount(s));
}

static enum status make_deal(struct ctx *cx, struct row *s)
{
    struct row *deal = row_new(cx, &deal_type);
    i64 pipeline;

    TRY(pipeline_for_renewals(cx, &pipeline));
    row_set_i64(deal, DEAL_PIPELINE, pipeline);
    set_deal(cx, deal, s, true);
    TRY(record_save(cx, deal));
    row_set_i64(s, SUBSCRIPTION_RENEWAL, row_id(deal));
    return record_save(cx, s);
}

/* The customer has decided before the day. */
static enum status close_deal(struct ctx *cx, struct row *deal, const struct row *s)
{
    const char *why = row_text(s, SUBSCRIPTION_REASON);
    i64 stage;

    TRY(db_get_i64(cx, &stage, "stage.closing", I64("pipeline", row_i64(deal, DEAL_PIPELINE)),
                   TEXT("kind", "lost")));
    row_set_i64(deal, DEAL_STAGE, stage);
    row_set_text(deal, DEAL_LOST_REASON,
                 text_is(why, "price") || text_is(why, "competitor") ||
                         text_is(why, "missing_feature")
                     ? why
                     : "no_fit");
    return record_save(cx, deal);
}

static bool is_open(const struct row *deal)
{
    return !row_is_deleted(deal) && text_is(row_text(deal, DEAL_STATUS), "open");
}

/* It was entered by mistake: taken back as if it had never been. */
static bool never_was(const struct row *s)
{
    return row_is_deleted(s) || (row_has(s, SUBSCRIPTION_ENDS) &&
                                 row_i64(s, SUBSCRIPTION_ENDS) <= row_i64(s, SUBSCRIPTION_STARTED));
}

enum status renewal_follow(struct ctx *cx, struct row *s, bool price)
{
    bool ends = row_is_deleted(s) || row_has(s, SUBSCRIPTION_ENDS);
    struct row *deal;

    if (!row_has(s, SUBSCRIPTION_RENEWAL))
        return ends || !row_has(s, SUBSCRIPTION_RENEWS) || !setting_bool(cx, "renewal.deals")
                   ? OK
                   : make_deal(cx, s);
    TRY(record_get_any(cx, &deal_type, row_i64(s, SUBSCRIPTION_RENEWAL), &deal));
    if (!is_open(deal))
        return OK;
    if (ends)
        return never_was(s) ? record_delete(cx, deal) : close_deal(cx, deal, s);
    set_deal(cx, deal, s, price);
    return record_save(cx, deal);
}

enum status renewal_win(struct ctx *cx, const struct row *s, bool *done)
{
    struct row *deal;
    i64 stage;

    *done = false;
    if (!row_has(s, SUBSCRIPTION_RENEWAL))
        return OK;
    TRY(record_get_any(cx, &deal_type, row_i64(s, SUBSCRIPTION_RENEWAL), &deal));
    if (!is_open(deal))
        return OK;
    TRY(db_get_i64(cx, &stage, "stage.closing", I64("pipeline", row_i64(deal, DEAL_PIPELINE)),
                   TEXT("kind", "won")));
    row_set_i64(deal, DEAL_STAGE, stage);
    *done = true;
    return record_save(cx, deal);
}

enum status renewal_won(struct ctx *cx, const struct row *deal, bool *renewed)
{
    struct money amount = row_money(deal, DEAL_AMOUNT);
    struct row *s;
    i64 id;
    enum status st = db_get_i64(cx, &id, "renewal.of_deal", I64("deal", row_id(deal)));

    *renewed = st == OK;
    if (st == E_NOT_FOUND)
        return OK;
    TRY(st);
    TRY(record_get(cx, &subscription_type, id, &s));
    if (text_is(row_text(s, SUBSCRIPTION_STATUS), "ended"))
        return OK;
    if (amount.minor == term_amount(s).minor) /* as before, whatever rounding would make of it */
        amount = (struct money){ 0 };
    else if (amount.currency[0])
        amount.minor = money_muldiv(amount.minor, row_i64(s, SUBSCRIPTION_MONTHS),
                                    row_i64(s, SUBSCRIPTION_TERM));
    return subscription_renew(cx, s, amount);
}

/* Lost: it runs out on its day. */
static enum status on_lost(struct ctx *cx, const struct happening *h)
{
    scoped(access_leave) struct access_guard guard = access_enter_system(cx);
    struct row *s;
    i64 id;
    enum status st = db_get_i64(cx, &id, "renewal.of_deal", I64("deal", row_id(h->row)));

    (void)guard;
    if (st == E_NOT_FOUND)
        return OK;
    TRY(st);
    TRY(record_get(cx, &subscription_type, id, &s));
    if (row_has(s, SUBSCRIPTION_ENDS))
        return OK;
    const char *why = row_text(h->row, DEAL_LOST_REASON);
    row_set_i64(s, SUBSCRIPTION_ENDS, row_i64(s, SUBSCRIPTION_RENEWS));
    row_set_text(s, SUBSCRIPTION_REASON,
                 text_is(why, "price") || text_is(why, "competitor") ||
                         text_is(why, "missing_feature")
                     ? why
                     : "other");
    return record_save(cx, s);
}

static const struct setting settings[] = {
    { "renewal.deals", FIELD_BOOL, "Renewals stand in the pipeline",
      "Each subscription that will renew has a deal in the pipeline for renewals, due on its day.",
      "true", .group = "Sales" },
};
static const struct subscription subscriptions[] = { { "deal.lost", on_lost } };
const struct feature feature_renewal = { .name = "renewal",
                                         SETTINGS(settings),
                                         SUBSCRIPTIONS(subscriptions) };
