/* handover.c -- of the demo company's last weeks: plans that both sides follow on the largest open
 * deals; what was won is handed over to service, and the older of it is half done. What was won
 * long ago was handed over before there was a desk. */
#include "sales/handover.h"
#include "demo/demo_int.h"
#include "kit/filter.h"
#include "sales/action_plan.h"
#include "sales/deal.h"
#include "sales/order.h"
#include "service/ticket.h"
#include "service/ticket_step.h"

enum { DAYS_BACK = 60, HANDOVERS = 8, KATRIN = 8, PLANS = 6 };

static enum status hand_over(struct sim *s, struct row *deal)
{
    struct row *order;
    i64 id;
    enum status st = db_get_i64(&s->cx, &id, "order.of_deal", I64("deal", row_id(deal)));

    if (st == E_NOT_FOUND)
        return OK;
    TRY(st);
    TRY(record_get(&s->cx, &order_type, id, &order));
    s->clock.fixed_ms = row_i64(deal, DEAL_CLOSED_AT);
    for (int i = 0; i < COLLEAGUES; i++)
        if (s->user_ids[i] == row_i64(deal, DEAL_OWNER))
            sim_as(s, i);
    return handover_tell(&s->cx, deal, order);
}

/* A step every three working days. */
static enum status work_on(struct sim *s, const struct row *ticket)
{
    i64 at = row_created_at(ticket);
    struct row **steps;
    size_t count;

    TRY(ticket_steps(&s->cx, row_id(ticket), &steps, &count));
    for (size_t i = 0; i < count; i++) {
        at = sim_work_after(s, at, 480 * 3);
        if (at >= s->end_ms)
            return OK;
        s->clock.fixed_ms = at;
        row_set_i64(steps[i], STEP_DONE, 1);
        TRY(record_save(&s->cx, steps[i]));
    }
    return OK;
}

enum status handovers_make(struct sim *s)
{
    struct list_page won, tickets;

    TRY(list_run(&s->cx, &deal_type,
                 &(struct list_query){
                     .filter = arena_printf(s->work,
                                            "status = 'won' and pipeline_id.is_renewal is false "
                                            "and closed_at > -%dd",
                                            DAYS_BACK),
                     .sort = "-closed_at",
                     .limit = HANDOVERS },
                 &won));
    for (size_t i = won.count; i-- > 0;)
        TRY(hand_over(s, won.rows[i]));
    sim_as(s, KATRIN);
    TRY(list_run(&s->cx, &ticket_type,
                 &(struct list_query){
                     .filter = "channel = 'handover'", .sort = "created_at", .limit = HANDOVERS },
                 &tickets));
    for (size_t i = 0; i < tickets.count; i++)
        TRY(work_on(s, tickets.rows[i]));
    return OK;
}

/* ---- plans ---- */
static const struct {
    const char *side, *text;
    int days; /* from today */
} planned[] = {
    { "ours", "Send the summary of what was agreed", -24 },
    { "theirs", "Name who decides and who signs", -17 },
    { "ours", "Set up three probes in the lower rows", -9 },
    { "theirs", "Compare two weeks of readings with your own", -2 },
    { "ours", "Show the figures to the owners", 6 },
    { "theirs", "Look through contract and data protection", 13 },
    { "theirs", "Sign", 20 },
    { "ours", "Install before the buds open", 45 },
};

/* The further down the list of plans, the less of it is done; one step always waits too long. */
static enum status plan_deal(struct sim *s, struct row *deal, size_t at)
{
    i64 today = zone_day(s->zone, s->end_ms);

    for (size_t i = 0; i < countof(planned); i++) {
        struct row *r = row_new(&s->cx, &plan_step_type);
        row_set_i64(r, PLAN_DEAL, row_id(deal));
        row_set_text(r, PLAN_SIDE, planned[i].side);
        row_set_text(r, PLAN_TEXT, planned[i].text);
        row_set_i64(r, PLAN_DUE, today + planned[i].days + (i64)at);
        row_set_i64(r, PLAN_DONE, i < 3 - at % 2);
        if (row_bool(r, PLAN_DONE) && text_is(planned[i].side, "theirs"))
            row_set_text(r, PLAN_DONE_BY, row_show(&s->cx, deal, DEAL_CONTACT));
        TRY(record_save(&s->cx, r));
    }
    if (at % 3 == 2)
        return OK;
    row_set_i64(deal, DEAL_PLAN_SHARED, s->end_ms - 15 * (i64)MS_DAY);
    row_set_i64(deal, DEAL_PLAN_OPENS, 2 + (i64)at);
    row_set_i64(deal, DEAL_PLAN_SEEN_AT, s->end_ms - (i64)(at + 1) * 20 * MS_HOUR);
    return record_save(&s->cx, deal);
}

enum status plans_make(struct sim *s)
{
    struct list_page open;

    s->clock.fixed_ms = s->end_ms;
    sim_as(s, -1);
    TRY(list_run(
        &s->cx, &deal_type,
        &(struct list_query){ .filter = "status = 'open' and pipeline_id.is_renewal is false and "
                                        "stage_id.probability >= 50",
                              .sort = "-amount",
                              .limit = PLANS },
        &open));
    for (size_t i = 0; i < open.count; i++) {
        for (int who = 0; who < COLLEAGUES; who++)
            if (s->user_ids[who] == row_i64(open.rows[i], DEAL_OWNER))
                sim_as(s, who);
        TRY(plan_deal(s, open.rows[i], i));
    }
    return OK;
}
