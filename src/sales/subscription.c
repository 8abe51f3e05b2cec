/* subscription.c -- subscriptions and their phases: what is typed, what follows from the day, and
 * how they renew. What it means for the MRR is mrr.c's. */
#include "sales/subscription.h"
#include "base/limits.h"
#include "bridge/contact.h"
#include "kit/pages.h"
#include "kit/question.h"
#include "sales/renewal.h"

enum { MONTHS_MOST = 120, DUE_DAYS = 31 };

static const struct choice reasons[] = {
    { "price", "Price", "amber" },
    { "competitor", "Went to a competitor", "red" },
    { "missing_feature", "Missing feature", "orange" },
    { "not_used", "Not used", "gray" },
    { "unsatisfied", "Not satisfied", "red" },
    { "out_of_business", "Out of business", "gray" },
    { "not_paid", "Did not pay", "violet" },
    { "other", "Other", "gray" },
    { NULL, NULL, NULL },
};

static const struct field fields[] = {
    [SUBSCRIPTION_NAME] = { "name", FIELD_TEXT, "Name", REQUIRED | LISTED | SEARCHED,
                            .max_len = 200, .help = "What they pay for: \"Team plan, 25 seats\"." },
    [SUBSCRIPTION_COMPANY] = { "company_id", FIELD_REF, "Company", LISTED, .ref = "company" },
    [SUBSCRIPTION_CONTACT] = { "contact_id", FIELD_REF, "Contact", 0, .ref = "contact" },
    [SUBSCRIPTION_AMOUNT] = { "amount", FIELD_MONEY, "Amount each period",
                              REQUIRED | TRACKED | LISTED, .max = LIMIT_AMOUNT_MINOR,
                              .help = "Without tax. A change holds from today on; to change it "
                                      "from another day, add a phase." },
    [SUBSCRIPTION_MONTHS] = { "months", FIELD_INT, "Months in a period", REQUIRED | TRACKED,
                              .min = 1, .max = MONTHS_MOST, .otherwise = "12",
                              .help = "1 is paid monthly, 12 yearly." },
    [SUBSCRIPTION_STARTED] = { "started_on", FIELD_DATE, "Starts on", REQUIRED | INDEXED,
                               .otherwise = "today", .group = "How long" },
    [SUBSCRIPTION_TERM] = { "term_months", FIELD_INT, "Term in months", REQUIRED, .min = 1,
                            .max = MONTHS_MOST, .otherwise = "12" },
    [SUBSCRIPTION_RENEWS] = { "renews_on", FIELD_DATE, "Renews on", LISTED | TRACKED | INDEXED,
                              .help = "The first day of the next term." },
    [SUBSCRIPTION_AUTO_RENEW] = { "auto_renew", FIELD_BOOL, "Renews by itself", 0,
                                  .otherwise = "true",
                                  .help = "Otherwise it ends on that day, unless it was renewed." },
    [SUBSCRIPTION_ENDS] = { "ends_on", FIELD_DATE, "Ends on", TRACKED | INDEXED,
                            .group = "When it ends",
                            .help = "The first day without it. Left empty, it goes on." },
    [SUBSCRIPTION_REASON] = { "cancel_reason", FIELD_CHOICE, "Ends because", TRACKED,
                              .choices = reasons },
    [SUBSCRIPTION_NOTE] = { "note", FIELD_LONG, "Note", 0, .group = "More" },
    [SUBSCRIPTION_OWNER] = { "owner_id", FIELD_REF, "Owner", LISTED | OWNER | TRACKED,
                             .ref = "user", .otherwise = "me" },
    [SUBSCRIPTION_STATUS] = { "status", FIELD_CHOICE, "Status", LISTED | COMPUTED | INDEXED,
                              .otherwise = "active",
                              .choices = CHOICES({ "upcoming", "Upcoming", "blue" },
                                                 { "active", "Active", "green" },
                                                 { "cancelled", "Cancelled, runs out", "amber" },
                                                 { "ended", "Ended", "gray" }) },
    [SUBSCRIPTION_MRR] = { "mrr", FIELD_MONEY, "MRR", LISTED | COMPUTED | SUMMED },
    [SUBSCRIPTION_DEAL] = { "deal_id", FIELD_REF, "Sold with", 0, .ref = "deal" },
    [SUBSCRIPTION_RENEWAL] = { "renewal_id", FIELD_REF, "Renewal", COMPUTED, .ref = "deal" },
    [SUBSCRIPTION_PRICED] = { "priced_on", FIELD_DATE, "At this price since", COMPUTED },
};
_Static_assert(countof(fields) == SUBSCRIPTION_FIELDS, "enum and table differ");

static const struct field phase_fields[] = {
    [PHASE_SUBSCRIPTION] = { "subscription_id", FIELD_REF, "Subscription",
                             REQUIRED | LISTED | CREATE_ONLY, .ref = "subscription" },
    [PHASE_FROM] = { "from_date", FIELD_DATE, "From", REQUIRED | LISTED, .otherwise = "today" },
    [PHASE_AMOUNT] = { "amount", FIELD_MONEY, "Amount each period", REQUIRED | LISTED | TRACKED,
                       .max = LIMIT_AMOUNT_MINOR },
    [PHASE_MONTHS] = { "months", FIELD_INT, "Months in a period", REQUIRED | LISTED | TRACKED,
                       .min = 1, .max = MONTHS_MOST, .otherwise = "12" },
    [PHASE_NOTE] = { "note", FIELD_TEXT, "Why", LISTED, .max_len = 200 },
    [PHASE_MRR] = { "mrr", FIELD_MONEY, "MRR", LISTED | COMPUTED },
};
_Static_assert(countof(phase_fields) == PHASE_FIELDS, "enum and table differ");

/* ---- days ---- */
i64 subscription_today(struct ctx *cx) { return zone_day(kit_zone(cx), ctx_now(cx)); }

i64 date_add_months(i64 day, int months)
{
    int year, month, dom, y, m, d;

    date_to_ymd(day, &year, &month, &dom);
    month += months - 1;
    year += month / 12 - (month % 12 < 0);
    month = (month % 12 + 12) % 12 + 1;
    i64 first = date_from_ymd(year, month, 1);
    do { /* back from what would lie in the month after */
        date_to_ymd(first + --dom, &y, &m, &d);
    } while (m != month);
    return first + dom;
}

static struct money monthly(struct money amount, i64 months)
{
    amount.minor = money_muldiv(amount.minor, 1, months);
    return amount;
}

/* ---- what follows from what was typed, and from the day ---- */
static const char *status_of(const struct row *r, i64 today)
{
    bool ends = row_has(r, SUBSCRIPTION_ENDS);

    if (ends && row_i64(r, SUBSCRIPTION_ENDS) <= today)
        return "ended";
    if (row_i64(r, SUBSCRIPTION_STARTED) > today)
        return "upcoming";
    return ends ? "cancelled" : "active";
}

static enum status subscription_defaults(struct ctx *cx, struct row *r)
{
    (void)cx;
    if (!row_has(r, SUBSCRIPTION_RENEWS) && row_has(r, SUBSCRIPTION_STARTED) &&
        row_i64(r, SUBSCRIPTION_TERM) > 0 && row_i64(r, SUBSCRIPTION_TERM) <= MONTHS_MOST)
        row_set_i64(
            r, SUBSCRIPTION_RENEWS,
            date_add_months(row_i64(r, SUBSCRIPTION_STARTED), (int)row_i64(r, SUBSCRIPTION_TERM)));
    return OK;
}

/* Since when it costs what it does: its rate of exchange is of that day. */
static void set_priced(struct row *r, i64 today)
{
    const struct row *before = row_before(r);
    i64 started = row_i64(r, SUBSCRIPTION_STARTED);

    if (before == NULL || !row_has(r, SUBSCRIPTION_PRICED))
        row_set_i64(r, SUBSCRIPTION_PRICED, started);
    else if (row_changed(r, SUBSCRIPTION_AMOUNT) || row_changed(r, SUBSCRIPTION_MONTHS))
        row_set_i64(r, SUBSCRIPTION_PRICED, today > started ? today : started);
    else if (row_changed(r, SUBSCRIPTION_STARTED) &&
             row_i64(r, SUBSCRIPTION_PRICED) == row_i64(before, SUBSCRIPTION_STARTED))
        row_set_i64(r, SUBSCRIPTION_PRICED, started);
}

static enum status subscription_validate(struct ctx *cx, struct row *r)
{
    i64 today = subscription_today(cx);

    if (!row_has(r, SUBSCRIPTION_COMPANY) && !row_has(r, SUBSCRIPTION_CONTACT))
        return ctx_fail_field(cx, "company_id", "required",
                              "Say who pays: a company, or a contact.");
    if (row_money(r, SUBSCRIPTION_AMOUNT).minor < 0)
        return ctx_fail_field(cx, "amount", "subscription.negative",
                              "A subscription costs nothing or something, not less.");
    if (row_has(r, SUBSCRIPTION_ENDS) &&
        row_i64(r, SUBSCRIPTION_ENDS) < row_i64(r, SUBSCRIPTION_STARTED))
        return ctx_fail_field(cx, "ends_on", "subscription.ends_early",
                              "It cannot end before it starts. To take it back, give both the same "
                              "day.");
    if (!row_has(r, SUBSCRIPTION_ENDS))
        row_clear(r, SUBSCRIPTION_REASON);
    row_set_text(r, SUBSCRIPTION_STATUS, status_of(r, today));
    set_priced(r, today);
    struct money mrr = monthly(row_money(r, SUBSCRIPTION_AMOUNT), row_i64(r, SUBSCRIPTION_MONTHS));
    if (text_is(row_text(r, SUBSCRIPTION_STATUS), "upcoming") ||
        text_is(row_text(r, SUBSCRIPTION_STATUS), "ended"))
        mrr.minor = 0;
    row_set_money(r, SUBSCRIPTION_MRR, mrr);
    return OK;
}

/* ---- phases ---- */
/* The phase that holds on that day; before the first one, the first. E_NOT_FOUND without text. */
static enum status phase_at(struct ctx *cx, i64 subscription, i64 day, struct row **out)
{
    i64 id;
    enum status s = db_get_i64(cx, &id, "subscription.phase_at", I64("subscription", subscription),
                               I64("day", day));

    if (s == E_NOT_FOUND)
        s = db_get_i64(cx, &id, "subscription.phase_first", I64("subscription", subscription));
    TRY(s);
    return record_get(cx, &subscription_phase_type, id, out);
}

static bool same_price(const struct row *phase, const struct row *r)
{
    struct money a = row_money(phase, PHASE_AMOUNT), b = row_money(r, SUBSCRIPTION_AMOUNT);

    return a.minor == b.minor && text_is(a.currency, b.currency) &&
           row_i64(phase, PHASE_MONTHS) == row_i64(r, SUBSCRIPTION_MONTHS);
}

/* What it costs from a day on; a phase that begins on that very day is changed. */
static enum status set_phase(struct ctx *cx, const struct row *r, i64 day, const char *note)
{
    struct row *phase;
    enum status s = phase_at(cx, row_id(r), day, &phase);

    if (s != OK && s != E_NOT_FOUND)
        return s;
    if (s == OK && same_price(phase, r))
        return OK;
    if (s == E_NOT_FOUND || row_i64(phase, PHASE_FROM) != day) {
        phase = row_new(cx, &subscription_phase_type);
        row_set_i64(phase, PHASE_SUBSCRIPTION, row_id(r));
        row_set_i64(phase, PHASE_FROM, day);
    }
    row_set_money(phase, PHASE_AMOUNT, row_money(r, SUBSCRIPTION_AMOUNT));
    row_set_i64(phase, PHASE_MONTHS, row_i64(r, SUBSCRIPTION_MONTHS));
    row_set_text(phase, PHASE_NOTE, note);
    return record_save(cx, phase);
}

/* The first phase begins with the subscription, also when that is moved. */
static enum status move_first_phase(struct ctx *cx, const struct row *r)
{
    struct row *phase;

    TRY(phase_at(cx, row_id(r), TIME_NONE + 1, &phase));
    row_set_i64(phase, PHASE_FROM, row_i64(r, SUBSCRIPTION_STARTED));
    return record_save(cx, phase);
}

static enum status count_customer(struct ctx *cx, const struct row *r)
{
    return mrr_count(cx, row_i64(r, SUBSCRIPTION_COMPANY), row_i64(r, SUBSCRIPTION_CONTACT));
}

static enum status subscription_event(struct ctx *cx, const struct row *r, const char *kind)
{
    struct val *props = val_map(cx->arena);

    val_put_text(props, "by", cx->access->user_id ? cx->access->name : "");
    val_put_text(props, "name", row_text(r, SUBSCRIPTION_NAME));
    val_put_text(props, "mrr", row_show(cx, r, SUBSCRIPTION_MRR));
    if (row_has(r, SUBSCRIPTION_REASON))
        val_put_text(props, "reason", row_show(cx, r, SUBSCRIPTION_REASON));
    return journey_note(cx,
                        &(struct journey_note){ .kind = kind,
                                                .contact_id = row_i64(r, SUBSCRIPTION_CONTACT),
                                                .record_id = row_id(r),
                                                .value_minor = row_base_minor(r, SUBSCRIPTION_MRR),
                                                .props = props });
}

static enum status tell_journey(struct ctx *cx, const struct row *r)
{
    bool ends = row_has(r, SUBSCRIPTION_ENDS);

    if (row_is_new(r))
        return subscription_event(cx, r, "subscription_started");
    if (row_changed(r, SUBSCRIPTION_ENDS) && ends)
        return subscription_event(cx, r, "subscription_cancelled");
    if (row_changed(r, SUBSCRIPTION_AMOUNT) || row_changed(r, SUBSCRIPTION_MONTHS))
        return subscription_event(cx, r, "subscription_changed");
    return OK;
}

static bool price_changed(const struct row *r)
{
    return row_changed(r, SUBSCRIPTION_AMOUNT) || row_changed(r, SUBSCRIPTION_MONTHS) ||
           row_changed(r, SUBSCRIPTION_TERM);
}

/* Whether the deal of its renewal says something else now. */
static bool renewal_matters(const struct row *r)
{
    static const int told[] = { SUBSCRIPTION_NAME,  SUBSCRIPTION_COMPANY, SUBSCRIPTION_CONTACT,
                                SUBSCRIPTION_OWNER, SUBSCRIPTION_STARTED, SUBSCRIPTION_RENEWS,
                                SUBSCRIPTION_ENDS };

    for (size_t i = 0; i < countof(told); i++)
        if (row_changed(r, told[i]))
            return true;
    return row_is_new(r) || price_changed(r);
}

static enum status subscription_saved(struct ctx *cx, struct row *r)
{
    scoped(access_leave) struct access_guard guard = access_enter_system(cx);
    const struct row *before = row_before(r);
    i64 today = subscription_today(cx), started = row_i64(r, SUBSCRIPTION_STARTED);

    (void)guard;
    if (before && row_changed(r, SUBSCRIPTION_STARTED))
        TRY(move_first_phase(cx, r));
    if (!before)
        TRY(set_phase(cx, r, started, ""));
    else if (row_changed(r, SUBSCRIPTION_AMOUNT) || row_changed(r, SUBSCRIPTION_MONTHS))
        TRY(set_phase(cx, r, today > started ? today : started, ""));
    TRY(tell_journey(cx, r));
    if (!before && row_has(r, SUBSCRIPTION_CONTACT) &&
        text_is(row_text(r, SUBSCRIPTION_STATUS), "active")) /* who pays is a customer */
        TRY(contact_advance(cx, row_i64(r, SUBSCRIPTION_CONTACT), "customer", NULL));
    if (before && (row_changed(r, SUBSCRIPTION_COMPANY) || row_changed(r, SUBSCRIPTION_CONTACT)))
        TRY(count_customer(cx, before));
    TRY(count_customer(cx, r));
    return renewal_matters(r) ? renewal_follow(cx, r, price_changed(r)) : OK;
}

static enum status subscription_removed(struct ctx *cx, struct row *r)
{
    scoped(access_leave) struct access_guard guard = access_enter_system(cx);

    (void)guard;
    TRY(count_customer(cx, r));
    return renewal_follow(cx, r, false);
}

static enum status phase_validate(struct ctx *cx, struct row *r)
{
    if (row_money(r, PHASE_AMOUNT).minor < 0)
        return ctx_fail_field(cx, "amount", "subscription.negative",
                              "A subscription costs nothing or something, not less.");
    row_set_money(r, PHASE_MRR, monthly(row_money(r, PHASE_AMOUNT), row_i64(r, PHASE_MONTHS)));
    return OK;
}

/* The subscription shows what it costs today. */
static enum status settle(struct ctx *cx, i64 subscription)
{
    struct row *r, *phase;
    enum status s;

    TRY(record_get_any(cx, &subscription_type, subscription, &r));
    if (row_is_deleted(r))
        return OK;
    s = phase_at(cx, subscription, subscription_today(cx), &phase);
    if (s == E_NOT_FOUND)
        return ctx_fail_code(cx, E_CONFLICT, "subscription.last_phase",
                             "A subscription needs one phase at least. To end it, set the day on "
                             "which it ends.");
    TRY(s);
    row_set_money(r, SUBSCRIPTION_AMOUNT, row_money(phase, PHASE_AMOUNT));
    row_set_i64(r, SUBSCRIPTION_MONTHS, row_i64(phase, PHASE_MONTHS));
    TRY(record_save(cx, r));
    return count_customer(cx, r);
}

static enum status phase_saved(struct ctx *cx, struct row *r)
{
    scoped(access_leave) struct access_guard guard = access_enter_system(cx);

    (void)guard;
    return settle(cx, row_i64(r, PHASE_SUBSCRIPTION));
}

static const char *phase_title(struct ctx *cx, const struct row *r)
{
    return arena_printf(cx->arena, "%s from %s", row_show(cx, r, PHASE_AMOUNT),
                        row_show(cx, r, PHASE_FROM));
}

/* ---- renewing and running out ---- */
enum status subscription_renew(struct ctx *cx, struct row *r, struct money amount)
{
    i64 day = row_i64(r, SUBSCRIPTION_RENEWS);
    struct money now = row_money(r, SUBSCRIPTION_AMOUNT);
    struct row *phase;

    if (!row_has(r, SUBSCRIPTION_RENEWS) || text_is(row_text(r, SUBSCRIPTION_STATUS), "ended"))
        return ctx_fail_code(cx, E_CONFLICT, "subscription.over",
                             "%s has ended, or has no day on which it renews. Make a new one, or "
                             "change its days first.",
                             row_title(cx, r));
    row_set_i64(r, SUBSCRIPTION_RENEWS, date_add_months(day, (int)row_i64(r, SUBSCRIPTION_TERM)));
    row_clear(r, SUBSCRIPTION_RENEWAL);
    row_clear(r, SUBSCRIPTION_ENDS);
    TRY(record_save(cx, r));
    TRY(subscription_event(cx, r, "subscription_renewed"));
    if (!amount.currency[0] ||
        (amount.minor == now.minor && text_is(amount.currency, now.currency)))
        return OK;
    phase = row_new(cx, &subscription_phase_type);
    row_set_i64(phase, PHASE_SUBSCRIPTION, row_id(r));
    row_set_i64(phase, PHASE_FROM, day);
    row_set_money(phase, PHASE_AMOUNT, amount);
    row_set_i64(phase, PHASE_MONTHS, row_i64(r, SUBSCRIPTION_MONTHS));
    row_set_text(phase, PHASE_NOTE, "Renewal");
    return record_save(cx, phase);
}

/* One whose day has come. A term that is over by far is caught up with. */
static enum status day_comes(struct ctx *cx, i64 id, i64 today)
{
    bool by_deal = true;
    struct row *r;

    TRY(record_get(cx, &subscription_type, id, &r));
    while (text_is(row_text(r, SUBSCRIPTION_STATUS), "active") && row_has(r, SUBSCRIPTION_RENEWS) &&
           row_i64(r, SUBSCRIPTION_RENEWS) <= today) {
        if (row_bool(r, SUBSCRIPTION_AUTO_RENEW)) {
            TRY(renewal_win(cx, r, &by_deal));
            if (!by_deal)
                TRY(subscription_renew(cx, r, (struct money){ 0 }));
            TRY(record_get(cx, &subscription_type, id, &r));
            continue;
        }
        row_set_i64(r, SUBSCRIPTION_ENDS, row_i64(r, SUBSCRIPTION_RENEWS));
        break;
    }
    TRY(record_save(cx, r));
    return settle(cx, id);
}

static enum status read_due(struct ctx *cx, i64 today, i64 after, i64 *ids, size_t *count)
{
    scoped(stmt_close) struct stmt q =
        db_query(cx, "subscription.due", I64("day", today), I64("since", today - DUE_DAYS),
                 I64("after", after));

    for (*count = 0; stmt_next(&q); (*count)++)
        ids[*count] = col_i64(&q, 0);
    return stmt_status(&q);
}

struct due {
    const i64 *ids;
    size_t count;
    i64 today;
};

static enum status days_come(struct ctx *cx, void *arg)
{
    struct due *due = arg;

    for (size_t i = 0; i < due->count; i++)
        TRY(day_comes(cx, due->ids[i], due->today));
    return OK;
}

/* What a day brings: subscriptions begin, end, renew and change their price. Those of which nothing
 * comes to change are written no row. */
static enum status day_job(struct job_run *job)
{
    struct ctx *cx = job->cx;
    i64 ids[200], today = subscription_today(cx);
    struct due due = { .ids = ids, .today = today };

    for (i64 after = 0;; after = ids[due.count - 1]) {
        TRY(read_due(cx, today, after, ids, &due.count));
        if (due.count == 0)
            return OK;
        TRY(kit_write(cx, days_come, &due));
    }
}

/* ---- pages ---- */
/* GET /subscriptions/:id/cancel: the part of the form that says when and why. */
static enum status show_cancel(struct req *rq, const struct row *r)
{
    struct val *page = val_map(rq->cx->arena);
    const struct form_part part = {
        .title = arena_printf(rq->cx->arena, "Cancel %s", row_title(rq->cx, r)),
        .group = fields[SUBSCRIPTION_ENDS].group,
        .verb = "cancel",
        .submit = "Cancel the subscription",
        .leave = "Keep it",
        .note = "It runs until that day; its MRR leaves on it.",
    };

    TRY(page_form_part(rq, r, &part, page));
    return reply(rq, "kit/form", page);
}

static enum status read_subscription(struct req *rq, struct row **out)
{
    i64 id;

    TRY(req_id(rq, "id", &id));
    return record_get(rq->cx, &subscription_type, id, out);
}

static enum status cancel_form(struct req *rq)
{
    struct row *r;

    TRY(read_subscription(rq, &r));
    if (!row_has(r, SUBSCRIPTION_ENDS) && row_has(r, SUBSCRIPTION_RENEWS))
        row_set_i64(r, SUBSCRIPTION_ENDS, row_i64(r, SUBSCRIPTION_RENEWS));
    return show_cancel(rq, r);
}

static enum status check_cancel(struct ctx *cx, const struct row *r)
{
    if (!row_has(r, SUBSCRIPTION_ENDS))
        return ctx_fail_field(cx, "ends_on", "required", "Say on which day it ends.");
    if (!row_has(r, SUBSCRIPTION_REASON))
        return ctx_fail_field(cx, "cancel_reason", "required",
                              "Say why it ends, so that both teams can learn from it.");
    return OK;
}

/* POST /subscriptions/:id/cancel {ends_on, cancel_reason} */
static enum status cancel_post(struct req *rq)
{
    static const int asked[] = { SUBSCRIPTION_ENDS, SUBSCRIPTION_REASON };
    struct ctx *cx = rq->cx;
    enum status s = OK;
    struct row *r;

    TRY(read_subscription(rq, &r));
    for (size_t i = 0; i < countof(asked) && s == OK; i++)
        s = row_parse(cx, r, asked[i], req_form(rq, fields[asked[i]].name));
    if (s == OK)
        s = check_cancel(cx, r);
    if (s == OK)
        s = record_save(cx, r);
    if (s == E_INVALID && !rq->wants_json) {
        reply_status(rq, 422);
        return show_cancel(rq, r);
    }
    TRY(s);
    return reply_done(rq, row_path(cx, r), "Cancelled: %s.", row_title(cx, r));
}

/* POST /subscriptions/:id/renew: for another term, at the same price. */
static enum status renew_post(struct req *rq)
{
    bool by_deal;
    struct row *r;

    TRY(read_subscription(rq, &r));
    TRY(renewal_win(rq->cx, r, &by_deal));
    if (!by_deal)
        TRY(subscription_renew(rq->cx, r, (struct money){ 0 }));
    TRY(read_subscription(rq, &r));
    return reply_done(rq, row_path(rq->cx, r), "Renewed: %s, until %s.", row_title(rq->cx, r),
                      row_show(rq->cx, r, SUBSCRIPTION_RENEWS));
}

static bool goes_on(struct ctx *cx, const struct row *r)
{
    (void)cx;
    return !row_has(r, SUBSCRIPTION_ENDS);
}

static bool may_renew(struct ctx *cx, const struct row *r)
{
    (void)cx;
    return row_has(r, SUBSCRIPTION_RENEWS) && !text_is(row_text(r, SUBSCRIPTION_STATUS), "ended");
}

const struct record_type subscription_type = {
    .name = "subscription",
    .label = "Subscription",
    .plural = "Subscriptions",
    .path = "subscriptions",
    .icon = "repeat",
    .section = "sales",
    .menu_order = 31,
    .sort = "-started_on",
    .rate_day = "priced_on",
    .title = SUBSCRIPTION_NAME,
    .fields = fields,
    .field_count = SUBSCRIPTION_FIELDS,
    .flags = TYPE_COMMENTS,
    .empty = "What customers pay for again and again. From subscriptions come MRR, retention and "
             "the renewals of the next months.",
    RELATED({ "subscription_phase", "subscription_id", "Price from day to day" },
            { "mrr_movement", "subscription_id", "MRR movements" },
            { "invoice_line", "subscription_id", "Invoiced" }),
    ACTIONS(
        { "renew", "Renew", NULL, false, may_renew, "Go on for another term at the same price?" },
        { "cancel", "Cancel", "/subscriptions/:id/cancel", false, goes_on }),
    .defaults = subscription_defaults,
    .validate = subscription_validate,
    .saved = subscription_saved,
    .removed = subscription_removed,
};

const struct record_type subscription_phase_type = {
    .name = "subscription_phase",
    .label = "Phase",
    .plural = "Phases of subscriptions",
    .path = "subscription-phases",
    .icon = "timeline",
    .sort = "-from_date",
    .rate_day = "from_date",
    .title = PHASE_AMOUNT,
    .title_of = phase_title,
    .fields = phase_fields,
    .field_count = PHASE_FIELDS,
    .empty = "What a subscription costs from which day on.",
    .validate = phase_validate,
    .saved = phase_saved,
    .removed = phase_saved,
};

static const struct route routes[] = {
    { HTTP_GET, "/subscriptions/:id/cancel", cancel_form, NEEDS("subscription", VERB_UPDATE) },
    { HTTP_POST, "/subscriptions/:id/cancel", cancel_post, NEEDS("subscription", VERB_UPDATE) },
    { HTTP_POST, "/subscriptions/:id/renew", renew_post, NEEDS("subscription", VERB_UPDATE) },
};
static const struct event_kind kinds[] = {
    { "subscription_started", "Subscription started", "repeat",
      KIND_SALES | KIND_MONEY | KIND_CHAPTER, "subscription" },
    { "subscription_changed", "Subscription changed", "repeat", KIND_SALES | KIND_MONEY,
      "subscription" },
    { "subscription_renewed", "Subscription renewed", "repeat", KIND_SALES | KIND_MONEY,
      "subscription" },
    { "subscription_cancelled", "Subscription cancelled", "x", KIND_SALES | KIND_CHAPTER,
      "subscription" },
};
static const struct job_type jobs[] = {
    { "subscription.day", "Begin, renew and end subscriptions", day_job, .every_ms = MS_HOUR,
      .at_start = true },
};
static const struct metric metrics[] = {
    { .name = "renewals_due",
      .label = "Renewals due",
      .unit = UNIT_MONEY,
      .team = "sales",
      .definition = "MRR of the subscriptions that run and renew in the period.",
      .source = METRIC_RECORDS,
      .type = "subscription",
      .filter = "status = 'active'",
      .aggregate = AGG_SUM,
      .field = "mrr",
      .date = "renews_on",
      .owner_path = "owner_id" },
};
const struct feature feature_subscription = {
    .name = "subscription",
    TYPES(&subscription_type, &subscription_phase_type),
    ROUTES(routes),
    METRICS(metrics),
    EVENT_KINDS(kinds),
    JOBS(jobs),
};
