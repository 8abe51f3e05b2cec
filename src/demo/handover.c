/* handover.c -- of the demo company's last weeks: what was won is handed over to service, and the
 * older of it is half done. What was won long ago was handed over before there was a desk. */
#include "sales/handover.h"
#include "demo/demo_int.h"
#include "kit/filter.h"
#include "sales/deal.h"
#include "sales/order.h"
#include "service/ticket.h"
#include "service/ticket_step.h"

enum { DAYS_BACK = 35, HANDOVERS = 8, KATRIN = 8 };

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
