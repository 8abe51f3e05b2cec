/* handover.c -- what was bought, promised and said until a deal was won, collected for service. It
 * is read from order, negotiation and activities: nothing is written down a second time. */
#include "sales/handover.h"
#include "base/id.h"
#include "base/utf8.h"
#include "bridge/contact.h"
#include "kit/filter.h"
#include "sales/action_plan.h"
#include "sales/activity.h"
#include "sales/deal.h"
#include "sales/order.h"
#include "sales/product.h"
#include "sales/quote_int.h"

enum { LINES_MOST = 100, PEOPLE_MOST = 10, NOTES_MOST = 10, NOTE_BYTES = 400, PROMISE_BYTES = 280 };

static enum status put_bought(struct ctx *cx, const struct row *order, struct val *list)
{
    struct list_page page;

    TRY(list_run(cx, &order_line_type,
                 &(struct list_query){ .filter = arena_printf(cx->arena, "order_id = '%s'",
                                                              id_text(cx->arena, row_id(order))),
                                       .sort = "position",
                                       .limit = LINES_MOST },
                 &page));
    for (size_t i = 0; i < page.count; i++) {
        const struct row *line = page.rows[i];
        i64 months = row_i64(line, ORDER_LINE_MONTHS);
        const char *name = row_text(line, ORDER_LINE_NAME);
        if (row_has(line, ORDER_LINE_QUANTITY) && row_i64(line, ORDER_LINE_QUANTITY) != PRICE_SCALE)
            name = arena_printf(
                cx->arena, "%s × %s",
                show_trimmed(cx->arena, row_i64(line, ORDER_LINE_QUANTITY), QUOTE_DECIMALS), name);
        if (months > 0)
            name = arena_printf(cx->arena, "%s, %s", name, quote_period_text(cx->arena, months));
        val_add_text(list, name);
    }
    return OK;
}

/* The oldest first: what the customer was answered is a promise, what became cheaper is known. */
static enum status put_negotiation(struct ctx *cx, const struct row *deal, struct val *props)
{
    struct val *promised = val_put_list(props, "promised"),
               *conceded = val_put_list(props, "conceded"), *page = val_map(cx->arena);
    const struct val *ledger;
    struct quote_lines quotes;

    TRY(quotes_of_deal(cx, row_id(deal), &quotes));
    TRY(quote_put_ledger(cx, &quotes, page));
    ledger = val_get(page, "ledger");
    for (size_t i = val_count(ledger); i-- > 0;) {
        const struct val *one = val_at(ledger, i);
        const char *what = val_get_text(one, "what");
        if (text_is(what, "Answered"))
            val_add_text(promised,
                         utf8_cut(cx->arena,
                                  arena_printf(cx->arena, "%s (%s)", val_get_text(one, "text"),
                                               val_get_text(one, "who")),
                                  PROMISE_BYTES));
        else if (text_is(what, "Conceded"))
            val_add_text(conceded, val_get_text(one, "change"));
    }
    return plan_put_open(cx, row_id(deal), promised); /* what is ours to do was promised, too */
}

static void put_person(struct ctx *cx, const struct row *contact, struct val *list)
{
    static const int shown[] = { CONTACT_JOB, CONTACT_EMAIL, CONTACT_PHONE };
    const char *text = row_title(cx, contact);

    for (size_t i = 0; i < countof(shown); i++)
        if (row_has(contact, shown[i]) && !text_is(row_text(contact, shown[i]), text))
            text = arena_printf(cx->arena, "%s, %s", text, row_text(contact, shown[i]));
    val_add_text(list, text);
}

static enum status put_people(struct ctx *cx, const struct row *deal, struct val *list)
{
    struct row *rows[PEOPLE_MOST + 1];
    i64 ids[PEOPLE_MOST + 1];
    size_t count = 0;

    if (row_has(deal, DEAL_CONTACT))
        ids[count++] = row_i64(deal, DEAL_CONTACT);
    {
        scoped(stmt_close) struct stmt q =
            db_query(cx, "handover.people", I64("deal", row_id(deal)),
                     I64("contact", row_i64(deal, DEAL_CONTACT)), I64("limit", PEOPLE_MOST));
        while (count <= PEOPLE_MOST && stmt_next(&q))
            ids[count++] = col_i64(&q, 0);
        TRY(stmt_status(&q));
    }
    if (count == 0)
        return OK;
    TRY(rows_by_id(cx, &contact_type, ids, count, rows));
    for (size_t i = 0; i < count; i++)
        if (rows[i])
            put_person(cx, rows[i], list);
    return OK;
}

static enum status put_notes(struct ctx *cx, const struct row *deal, struct val *list)
{
    struct list_page page;

    TRY(list_run(cx, &activity_type,
                 &(struct list_query){
                     .filter = arena_printf(cx->arena, "deal_id = '%s' and body is not empty",
                                            id_text(cx->arena, row_id(deal))),
                     .sort = "-created_at",
                     .limit = NOTES_MOST },
                 &page));
    for (size_t i = page.count; i-- > 0;)
        val_add_text(list, utf8_cut(cx->arena, row_text(page.rows[i], ACTIVITY_BODY), NOTE_BYTES));
    return OK;
}

static enum status tell(struct ctx *cx, struct row *deal, const char *what, struct val *props)
{
    return happen(cx, &(struct happening){ .name = what,
                                           .row = deal,
                                           .contact_id = row_i64(deal, DEAL_CONTACT),
                                           .value_minor = row_base_minor(deal, DEAL_AMOUNT),
                                           .props = props });
}

enum status handover_tell(struct ctx *cx, struct row *deal, const struct row *order)
{
    scoped(access_leave) struct access_guard guard = access_enter_system(cx);
    struct val *props = val_map(cx->arena);

    if (!setting_bool(cx, "deal.handover"))
        return OK;
    val_put_text(props, "owner", row_show(cx, deal, DEAL_OWNER));
    val_put_text(props, "amount", row_show(cx, deal, DEAL_AMOUNT));
    val_put_text(props, "order", row_text(order, ORDER_NUMBER));
    TRY(put_bought(cx, order, val_put_list(props, "bought")));
    TRY(put_negotiation(cx, deal, props));
    TRY(put_people(cx, deal, val_put_list(props, "people")));
    TRY(put_notes(cx, deal, val_put_list(props, "notes")));
    return tell(cx, deal, "deal.handover", props);
}

enum status handover_take_back(struct ctx *cx, struct row *deal)
{
    scoped(access_leave) struct access_guard guard = access_enter_system(cx);

    return tell(cx, deal, "deal.handover_back", NULL);
}

static const struct setting settings[] = {
    { "deal.handover", FIELD_BOOL, "Won deals are handed over to service",
      "In the moment of winning, a ticket is opened with what was bought, what was promised, and "
      "who the people are. Renewals are not handed over.",
      "true", .group = "Sales" },
};
const struct feature feature_handover = { .name = "handover", SETTINGS(settings) };
