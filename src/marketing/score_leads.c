/* score_leads.c -- leads whose end is known, as they were when they reached sales: nothing that
 * came later is looked at. Who reached sales lately and has ended already ended fast, and most that
 * end fast are lost: so leads are passed over that are younger than winning one usually takes. */
#include "base/limits.h"
#include "bridge/company.h"
#include "bridge/contact.h"
#include "bridge/handoff.h"
#include "kit/filter.h"
#include "marketing/score_learn_int.h"
#include <stdlib.h>

enum {
    LEADS_MAX = 50 * 1000,  /* the newest */
    HELD_BACK_PERCENT = 25, /* the newest of them */
    WON_BY_PERCENT = 90,    /* of those that were won were won within the time that is waited */
    YOUNG_MOST_PERCENT = 33,
};

/* ---- who was won and who was lost ---- */

static struct lead *lead_of(struct leads *all, i64 contact)
{
    if (all->count == all->room) {
        size_t room = all->room ? all->room * 2 : 1024;
        struct lead *more = NEW_N(all->cx->arena, struct lead, room);
        if (all->count)
            memcpy(more, all->list, all->count * sizeof *more);
        all->list = more;
        all->room = room;
    }
    struct lead *l = &all->list[all->count++];
    *l = (struct lead){ .contact = contact, .at_ms = INT64_MAX };
    return l;
}

/* One entry a deal, a hand-off or a customer; those of one contact become one afterwards. */
static enum status take_deal(struct ctx *cx, struct row *r, void *arg)
{
    struct leads *all = arg;
    const struct record_type *t = row_type(r);
    const char *status = row_text(r, type_field(t, "status"));
    i64 contact = row_i64(r, type_field(t, "contact_id"));

    (void)cx;
    if (contact == 0)
        return OK;
    struct lead *l = lead_of(all, contact);
    l->at_ms = row_created_at(r);
    if (text_is(status, "won"))
        l->won_ms = row_i64(r, type_field(t, "closed_at"));
    l->lost = text_is(status, "lost");
    l->open = !l->won_ms && !l->lost;
    return OK;
}

static enum status take_handoff(struct ctx *cx, struct row *r, void *arg)
{
    struct lead *l = lead_of(arg, row_i64(r, HANDOFF_CONTACT));
    const char *status = row_text(r, HANDOFF_STATUS);

    (void)cx;
    l->at_ms = row_created_at(r);
    l->lost = text_is(status, "rejected");
    return OK;
}

static enum status take_customer(struct ctx *cx, struct row *r, void *arg)
{
    struct lead *l = lead_of(arg, row_id(r));

    (void)cx;
    l->at_ms = l->won_ms = row_i64(r, CONTACT_CUSTOMER_AT);
    return OK;
}

/* Whom sales took on and gave up; when it reached sales the others say. */
static enum status take_disqualified(struct ctx *cx, struct row *r, void *arg)
{
    (void)cx;
    lead_of(arg, row_id(r))->lost = true;
    return OK;
}

static int by_contact(const void *pa, const void *pb)
{
    const struct lead *a = pa, *b = pb;

    return (a->contact > b->contact) - (a->contact < b->contact);
}

static int by_time(const void *pa, const void *pb)
{
    const struct lead *a = pa, *b = pb;

    return a->at_ms != b->at_ms ? (a->at_ms > b->at_ms) - (a->at_ms < b->at_ms)
                                : (a->contact > b->contact) - (a->contact < b->contact);
}

static int by_length(const void *pa, const void *pb)
{
    i64 a = *(const i64 *)pa, b = *(const i64 *)pb;

    return (a > b) - (a < b);
}

/* Each contact once, as it first reached sales; only those of which is known how it ended. */
static void settle(struct leads *all)
{
    size_t kept = 0;

    if (all->count == 0)
        return;
    qsort(all->list, all->count, sizeof *all->list, by_contact);
    for (size_t i = 0; i < all->count;) {
        struct lead one = all->list[i];
        for (; i < all->count && all->list[i].contact == one.contact; i++) {
            const struct lead *same = &all->list[i];
            one.lost |= same->lost;
            one.open |= same->open;
            if (same->at_ms < one.at_ms)
                one.at_ms = same->at_ms;
            if (same->won_ms && (!one.won_ms || same->won_ms < one.won_ms))
                one.won_ms = same->won_ms;
        }
        if (one.at_ms < INT64_MAX && (one.won_ms || (one.lost && !one.open)))
            all->list[kept++] = one;
    }
    all->count = kept;
    qsort(all->list, all->count, sizeof *all->list, by_time);
}

/* How long it takes until nine of ten that are won are won. */
static i64 usual_time(struct leads *all)
{
    i64 *took = NEW_N(all->cx->arena, i64, all->count + 1);
    size_t won = 0;

    for (size_t i = 0; i < all->count; i++)
        if (all->list[i].won_ms)
            took[won++] = all->list[i].won_ms - all->list[i].at_ms;
    qsort(took, won, sizeof *took, by_length);
    return won ? took[(won - 1) * WON_BY_PERCENT / 100] : 0;
}

static void leave_out_young(struct leads *all, i64 now_ms)
{
    i64 since = now_ms - usual_time(all);
    size_t most = all->count * YOUNG_MOST_PERCENT / 100;

    while (all->young < most && all->list[all->count - 1].at_ms > since) {
        all->count--;
        all->young++;
    }
    if (all->count > LEADS_MAX) {
        all->list += all->count - LEADS_MAX;
        all->count = LEADS_MAX;
    }
    for (size_t i = all->count - all->count * HELD_BACK_PERCENT / 100; i < all->count; i++)
        all->list[i].held_back = true;
}

enum status leads_read(struct ctx *cx, struct leads *all)
{
    *all = (struct leads){ .cx = NEW(cx->arena, struct ctx) };
    *all->cx = *cx; /* list_each has an arena of its own while it calls */
    const struct record_type *deal = type_find(cx, "deal");
    if (deal)
        TRY(list_each(cx, deal, "", take_deal, all));
    TRY(list_each(cx, &handoff_type, "", take_handoff, all));
    TRY(list_each(cx, &contact_type, "customer_at is not empty", take_customer, all));
    TRY(list_each(cx, &contact_type, "lead_status = 'disqualified'", take_disqualified, all));
    settle(all);
    leave_out_young(all, ctx_now(cx));
    for (size_t i = 0; i < all->count; i++)
        all->list[i].number = cx->journey ? journey_person_find(cx->journey, PERSON_CONTACT,
                                                                (u64)all->list[i].contact)
                                          : 0;
    return OK;
}

/* ---- as they were ---- */

enum status company_of(struct ctx *cx, const struct row *contact, struct row **out)
{
    enum status s;

    *out = NULL;
    if (!row_has(contact, CONTACT_COMPANY))
        return OK;
    s = record_get(cx, &company_type, row_i64(contact, CONTACT_COMPANY), out);
    if (s == E_NOT_FOUND) { /* in the trash */
        ctx_clear_error(cx);
        *out = NULL;
        return OK;
    }
    return s;
}

enum status lead_profile(struct ctx *cx, const struct lead *l, struct row **contact,
                         struct row **company)
{
    enum status s = record_get(cx, &contact_type, l->contact, contact);

    *company = NULL;
    if (s == E_NOT_FOUND) {
        ctx_clear_error(cx);
        *contact = NULL;
        return OK;
    }
    TRY(s);
    TRY(row_as_of(cx, *contact, l->at_ms));
    TRY(company_of(cx, *contact, company));
    return *company ? row_as_of(cx, *company, l->at_ms) : OK;
}

static int by_number(const void *pa, const void *pb)
{
    const struct lead *a = pa, *b = pb;

    return (a->number > b->number) - (a->number < b->number);
}

struct lead *lead_at(struct leads *all, u32 number)
{
    struct lead key = { .number = number };

    return bsearch(&key, all->list, all->count, sizeof key, by_number);
}

enum status leads_walk(struct ctx *cx, struct leads *all, u32 columns, bool props,
                       void (*visit)(void *, const struct journey_view *), void *acc)
{
    u32 *numbers = NEW_N(cx->arena, u32, all->count + 1);
    struct journey_plan plan = {
        .people = numbers, .columns = columns, .props = props, .visit = visit
    };

    qsort(all->list, all->count, sizeof *all->list, by_number);
    for (size_t i = 0; i < all->count; i++)
        if (all->list[i].number)
            numbers[plan.people_count++] = all->list[i].number;
    if (plan.people_count)
        TRY(journey_walk(cx, cx->journey, &plan, &acc, 1));
    qsort(all->list, all->count, sizeof *all->list, by_time);
    return OK;
}
