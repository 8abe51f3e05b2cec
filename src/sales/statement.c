/* statement.c -- what a person earned in a period: gathered from deals or payments, worked out by
 * commission.h, kept as a statement with its entries until it is approved. */
#include "base/id.h"
#include "kit/pages.h"
#include "kit/question.h"
#include "kit/show.h"
#include "sales/commission.h"
#include "sales/commission_plan.h"
#include "sales/forecast_history.h"
#include "sales/paper_look.h"
#include "sales/subscription.h"
#include <math.h>

enum { CREDITS_MOST = 10000, PEOPLE_MOST = 2000, SHARE = 10000 /* 100.00 percent */ };

static const struct field fields[] = {
    [STATEMENT_PLAN] = { "plan_id", FIELD_REF, "Plan", LISTED | COMPUTED,
                         .ref = "commission_plan" },
    [STATEMENT_OWNER] = { "owner_id", FIELD_REF, "Who", OWNER | COMPUTED, .ref = "user" },
    [STATEMENT_FROM] = { "from_date", FIELD_DATE, "From", LISTED | COMPUTED | INDEXED },
    [STATEMENT_TO] = { "to_date", FIELD_DATE, "To", COMPUTED | INDEXED },
    [STATEMENT_STATUS] = { "status", FIELD_CHOICE, "Status", LISTED | COMPUTED | INDEXED | TRACKED,
                           .otherwise = "draft",
                           .choices = CHOICES({ "draft", "Draft", "amber" },
                                              { "approved", "Approved", "blue" },
                                              { "paid", "Paid", "green" }) },
    [STATEMENT_QUOTA] = { "quota", FIELD_MONEY, "Quota", COMPUTED },
    [STATEMENT_CREDITED] = { "credited", FIELD_MONEY, "Credited", LISTED | COMPUTED },
    [STATEMENT_ATTAINMENT] = { "attainment", FIELD_DECIMAL, "Of the quota, percent",
                               LISTED | COMPUTED },
    [STATEMENT_EARNED] = { "earned", FIELD_MONEY, "Earned", COMPUTED },
    [STATEMENT_CLAWED] = { "clawed_back", FIELD_MONEY, "Taken back", COMPUTED },
    [STATEMENT_TOTAL] = { "total", FIELD_MONEY, "Commission", LISTED | COMPUTED | SUMMED },
    [STATEMENT_APPROVED_BY] = { "approved_by_id", FIELD_REF, "Approved by", COMPUTED,
                                .ref = "user" },
    [STATEMENT_APPROVED_AT] = { "approved_at", FIELD_TIME, "Approved", COMPUTED },
};
_Static_assert(countof(fields) == STATEMENT_FIELDS, "enum and table differ");

static const struct field entry_fields[] = {
    [CENTRY_STATEMENT] = { "statement_id", FIELD_REF, "Statement", COMPUTED,
                           .ref = "commission_statement" },
    [CENTRY_POSITION] = { "position", FIELD_INT, "Position", COMPUTED | INDEXED },
    [CENTRY_ON] = { "on_date", FIELD_DATE, "On", LISTED | COMPUTED },
    [CENTRY_KIND] = { "kind", FIELD_CHOICE, "Kind", LISTED | COMPUTED,
                      .choices = CHOICES({ "earned", "Earned", "green" },
                                         { "clawback", "Taken back", "red" }) },
    [CENTRY_TEXT] = { "text", FIELD_TEXT, "For", COMPUTED, .max_len = 300 },
    [CENTRY_DEAL] = { "deal_id", FIELD_REF, "Deal", LISTED | COMPUTED, .ref = "deal" },
    [CENTRY_PRODUCT] = { "product_id", FIELD_REF, "Product", COMPUTED, .ref = "product" },
    [CENTRY_CREDITED] = { "credited", FIELD_MONEY, "Credited", LISTED | COMPUTED | SUMMED },
    [CENTRY_AMOUNT] = { "amount", FIELD_MONEY, "Commission", LISTED | COMPUTED | SUMMED },
    [CENTRY_CLAWS] = { "claws_id", FIELD_REF, "Takes back", COMPUTED, .ref = "commission_entry" },
    [CENTRY_OWNER] = { "owner_id", FIELD_REF, "Who", OWNER | COMPUTED, .ref = "user" },
};
_Static_assert(countof(entry_fields) == CENTRY_FIELDS, "enum and table differ");

/* ---- gathering ---- */
struct credit {
    i64 on, deal, product, claws;
    const char *text;
};
struct work {
    struct ctx *cx;
    const struct row *plan;
    i64 user, statement;
    struct forecast_period when;
    struct commission_credit *counts; /* of what is earned, in order */
    struct credit *about;
    size_t count;
    struct commission_terms terms;
};

static enum status add_credit(struct work *w, struct credit c, i64 minor, i64 own_rate)
{
    if (minor == 0)
        return OK;
    if (w->count == CREDITS_MOST)
        return ctx_fail(w->cx, E_LIMIT, "A statement has at most %d entries.", CREDITS_MOST);
    w->counts[w->count] = (struct commission_credit){ .minor = minor, .own_rate = own_rate };
    w->about[w->count++] = c;
    return OK;
}

/* What of this amount is the person's: all where nobody shares the deal and it is theirs. */
static enum status share_of(struct work *w, i64 deal, i64 owner, i64 minor, i64 *out)
{
    i64 before = 0;
    bool any = false;
    scoped(stmt_close) struct stmt q = db_query(w->cx, "commission.splits", I64("deal", deal));

    *out = 0;
    for (; stmt_next(&q); before += col_i64(&q, 1)) {
        any = true;
        if (col_i64(&q, 0) == w->user)
            *out += commission_share(minor, before, col_i64(&q, 1));
    }
    if (!any && owner == w->user)
        *out = minor;
    return stmt_status(&q);
}

struct sold {
    i64 deal, at, minor, owner, net, total;
    const char *name;
};

/* Parts with a rate of their own, then the rest of the deal. */
static enum status credit_deal(struct work *w, const struct sold *s)
{
    struct credit c = { .on = s->at, .deal = s->deal, .text = s->name };
    i64 products[100], amounts[100], rest = s->minor, mine;
    size_t count = 0;

    {
        scoped(stmt_close) struct stmt q = db_query(
            w->cx, "commission.products", I64("deal", s->deal), I64("plan", row_id(w->plan)));
        for (; count < countof(products) && stmt_next(&q); count++) {
            products[count] = col_i64(&q, 0);
            amounts[count] = col_i64(&q, 1);
        }
        TRY(stmt_status(&q));
    }
    for (size_t i = 0; i < count; i++) {
        i64 rate, part = amounts[i] < rest ? amounts[i] : rest;
        TRY(db_get_i64(w->cx, &rate, "commission.product_rate", I64("plan", row_id(w->plan)),
                       I64("product", products[i])));
        rest -= part;
        TRY(share_of(w, s->deal, s->owner, part, &mine));
        c.product = products[i];
        TRY(add_credit(w, c, mine, rate));
    }
    c.product = 0;
    TRY(share_of(w, s->deal, s->owner, rest, &mine));
    return add_credit(w, c, mine, -1);
}

static enum status read_sold(struct work *w, bool paid, struct sold *list, size_t *count)
{
    struct ctx *cx = w->cx;
    const struct forecast_period *p = &w->when;
    scoped(stmt_close) struct stmt q =
        paid ? db_query(cx, "commission.paid", I64("user", w->user), I64("from", p->from_day),
                        I64("to", p->to_day))
             : db_query(cx, "commission.won", I64("user", w->user), I64("from", p->from_ms),
                        I64("to", p->to_ms));

    for (*count = 0; *count < CREDITS_MOST && stmt_next(&q); (*count)++)
        list[*count] =
            (struct sold){ .deal = col_i64(&q, 0),
                           .at = paid ? col_i64(&q, 1) : zone_day(kit_zone(cx), col_i64(&q, 1)),
                           .minor = col_i64(&q, 2),
                           .owner = col_i64(&q, 3),
                           .name = arena_text(cx->arena, col_text(&q, 4)),
                           .net = paid ? col_i64(&q, 5) : 0,
                           .total = paid ? col_i64(&q, 6) : 0 };
    return stmt_status(&q);
}

static enum status gather(struct work *w)
{
    struct sold *list = NEW_N(w->cx->arena, struct sold, CREDITS_MOST);
    bool paid = text_is(row_text(w->plan, CPLAN_BASIS), "paid");
    size_t count;

    TRY(read_sold(w, paid, list, &count));
    for (size_t i = 0; i < count; i++) {
        const struct sold *s = &list[i];
        i64 mine;
        if (!paid) {
            TRY(credit_deal(w, s));
            continue;
        }
        if (s->total == 0)
            continue;
        TRY(share_of(w, s->deal, s->owner, money_muldiv(s->minor, s->net, s->total), &mine));
        TRY(add_credit(w, (struct credit){ .on = s->at, .deal = s->deal, .text = s->name }, mine,
                       -1));
    }
    return OK;
}

/* ---- terms ---- */
/* The quota is the target for revenue of the person in the period. */
static enum status read_quota(struct work *w, i64 *out)
{
    struct question q = { .metric = "revenue_target",
                          .dimension = "owner",
                          .filter = "",
                          .from_ms = w->when.from_ms,
                          .to_ms = w->when.to_ms };
    const char *key = arena_printf(w->cx->arena, "%lld", (long long)w->user);
    struct val *answer;
    const struct val *groups;

    *out = 0;
    TRY(question_ask(w->cx, &q, &answer));
    groups = val_get(answer, "groups");
    for (size_t i = 0; i < val_count(groups); i++) {
        const struct val *g = val_at(groups, i);
        i64 id;
        const char *said = val_get_text(g, "key");
        if (text_is(said, key) || (id_parse(str_from(said), &id) && id == w->user))
            *out = llround(val_as_double(val_get(g, "value"), 0));
    }
    return OK;
}

static enum status read_terms(struct work *w)
{
    struct commission_terms *t = &w->terms;
    scoped(stmt_close) struct stmt q =
        db_query(w->cx, "commission.tiers", I64("plan", row_id(w->plan)));

    *t = (struct commission_terms){ .whole = row_bool(w->plan, CPLAN_WHOLE),
                                    .cap = row_money(w->plan, CPLAN_CAP).minor };
    while (t->tier_count < COMMISSION_TIERS && stmt_next(&q)) {
        if (t->tier_count == 0 && col_i64(&q, 0) > 0) /* nothing is earned below the first */
            t->tiers[t->tier_count++] = (struct commission_tier){ 0, 0 };
        if (t->tier_count < COMMISSION_TIERS)
            t->tiers[t->tier_count++] = (struct commission_tier){ col_i64(&q, 0), col_i64(&q, 1) };
    }
    return stmt_status(&q);
}

/* ---- keeping ---- */
static struct money base_money(struct ctx *cx, i64 minor)
{
    struct money m = { .minor = minor };

    memcpy(m.currency, base_currency(cx), sizeof m.currency);
    return m;
}

static void set_ref(struct row *r, int field, i64 id)
{
    if (id)
        row_set_i64(r, field, id);
    else
        row_clear(r, field);
}

struct entry {
    const char *kind;
    struct credit about;
    i64 credited, amount;
};

static void fill_entry(struct work *w, struct row *r, const struct entry *e, int position)
{
    row_set_i64(r, CENTRY_STATEMENT, w->statement);
    row_set_i64(r, CENTRY_POSITION, position);
    row_set_i64(r, CENTRY_ON, e->about.on);
    row_set_text(r, CENTRY_KIND, e->kind);
    row_set_text(r, CENTRY_TEXT, e->about.text);
    set_ref(r, CENTRY_DEAL, e->about.deal);
    set_ref(r, CENTRY_PRODUCT, e->about.product);
    set_ref(r, CENTRY_CLAWS, e->about.claws);
    row_set_money(r, CENTRY_CREDITED, base_money(w->cx, e->credited));
    row_set_money(r, CENTRY_AMOUNT, base_money(w->cx, e->amount));
    row_set_i64(r, CENTRY_OWNER, w->user);
}

static enum status entry_ids(struct ctx *cx, i64 statement, i64 *ids, size_t *count)
{
    scoped(stmt_close) struct stmt q =
        db_query(cx, "commission.entries", I64("statement", statement));

    for (*count = 0; *count < CREDITS_MOST && stmt_next(&q); (*count)++)
        ids[*count] = col_i64(&q, 0);
    return stmt_status(&q);
}

/* The rows that there are become those that there should be; one that is right is not written. */
static enum status write_entries(struct work *w, const struct entry *list, size_t count)
{
    i64 *ids = NEW_N(w->cx->arena, i64, CREDITS_MOST);
    struct row *r;
    size_t old;

    TRY(entry_ids(w->cx, w->statement, ids, &old));
    for (size_t i = 0; i < count || i < old; i++) {
        if (i < old)
            TRY(record_get(w->cx, &commission_entry_type, ids[i], &r));
        else
            r = row_new(w->cx, &commission_entry_type);
        if (i >= count) {
            TRY(record_delete(w->cx, r));
            continue;
        }
        fill_entry(w, r, &list[i], (int)i + 1);
        TRY(record_save(w->cx, r));
    }
    return OK;
}

/* What approved statements paid for deals that are won no more. */
static enum status take_back(struct work *w, struct entry *list, size_t *count, i64 *sum)
{
    scoped(stmt_close) struct stmt q =
        db_query(w->cx, "commission.claws", I64("plan", row_id(w->plan)), I64("user", w->user),
                 I64("from", w->when.from_day), I64("statement", w->statement));

    for (*sum = 0; *count < 2 * CREDITS_MOST && stmt_next(&q); (*count)++) {
        i64 amount = -col_i64(&q, 2);
        list[*count] =
            (struct entry){ .kind = "clawback",
                            .about = { .on = w->when.from_day,
                                       .deal = col_i64(&q, 1),
                                       .claws = col_i64(&q, 0),
                                       .text = arena_text(w->cx->arena, col_text(&q, 3)) },
                            .amount = amount };
        *sum += amount;
    }
    return stmt_status(&q);
}

static enum status find_statement(struct work *w, struct row **out)
{
    i64 id;
    enum status s = db_get_i64(w->cx, &id, "commission.statement", I64("plan", row_id(w->plan)),
                               I64("user", w->user), I64("from", w->when.from_day));

    if (s == OK)
        return record_get(w->cx, &statement_type, id, out);
    if (s != E_NOT_FOUND)
        return s;
    *out = row_new(w->cx, &statement_type);
    row_set_i64(*out, STATEMENT_PLAN, row_id(w->plan));
    row_set_i64(*out, STATEMENT_OWNER, w->user);
    row_set_i64(*out, STATEMENT_FROM, w->when.from_day);
    row_set_i64(*out, STATEMENT_TO, w->when.to_day - 1);
    return record_save(w->cx, *out);
}

static bool is_draft(struct ctx *cx, const struct row *r)
{
    (void)cx;
    return text_is(row_text(r, STATEMENT_STATUS), "draft");
}

static void put_sums(struct work *w, struct row *r, i64 earned, i64 back)
{
    i64 credited = 0;

    for (size_t i = 0; i < w->count; i++)
        credited += w->counts[i].minor;
    row_set_money(r, STATEMENT_QUOTA, base_money(w->cx, w->terms.quota));
    row_set_money(r, STATEMENT_CREDITED, base_money(w->cx, credited));
    if (w->terms.quota > 0)
        row_set_i64(r, STATEMENT_ATTAINMENT, money_muldiv(credited, SHARE, w->terms.quota));
    else
        row_clear(r, STATEMENT_ATTAINMENT);
    row_set_money(r, STATEMENT_EARNED, base_money(w->cx, earned));
    row_set_money(r, STATEMENT_CLAWED, base_money(w->cx, back));
    row_set_money(r, STATEMENT_TOTAL, base_money(w->cx, earned + back));
}

static enum period_unit unit_of(const struct row *plan)
{
    const char *word = row_text(plan, CPLAN_UNIT);

    return text_is(word, "year")      ? PERIOD_YEAR
           : text_is(word, "quarter") ? PERIOD_QUARTER
                                      : PERIOD_MONTH;
}

enum status statement_count(struct ctx *cx, const struct row *plan, i64 user_id, i64 day,
                            struct row **out)
{
    scoped(access_leave) struct access_guard guard = access_enter_system(cx);
    struct work w = { .cx = cx, .plan = plan, .user = user_id };
    struct entry *list = NEW_N(cx->arena, struct entry, 2 * CREDITS_MOST);
    i64 earned, back = 0;
    size_t count;

    (void)guard;
    w.when = period_at(cx, unit_of(plan), zone_instant(kit_zone(cx), day, 0), 0);
    TRY(find_statement(&w, out));
    if (!is_draft(cx, *out))
        return OK;
    w.statement = row_id(*out);
    w.counts = NEW_N(cx->arena, struct commission_credit, CREDITS_MOST);
    w.about = NEW_N(cx->arena, struct credit, CREDITS_MOST);
    TRY(read_terms(&w));
    TRY(read_quota(&w, &w.terms.quota));
    TRY(gather(&w));
    earned = commission_count(&w.terms, w.counts, w.count);
    for (size_t i = 0; i < w.count; i++)
        list[i] = (struct entry){ "earned", w.about[i], w.counts[i].minor, w.counts[i].earns };
    count = w.count;
    if (text_is(row_text(plan, CPLAN_BASIS), "won"))
        TRY(take_back(&w, list, &count, &back));
    TRY(write_entries(&w, list, count));
    put_sums(&w, *out, earned, back);
    return record_save(cx, *out);
}

enum status statements_count(struct ctx *cx, i64 day)
{
    scoped(access_leave) struct access_guard guard = access_enter_system(cx);
    struct {
        i64 plan, user;
    } *list = NEW_N(cx->arena, __typeof__(*list), PEOPLE_MOST);
    size_t count = 0;
    struct row *plan, *statement;

    (void)guard;
    {
        scoped(stmt_close) struct stmt q = db_query(cx, "commission.people", I64("day", day));
        for (; count < PEOPLE_MOST && stmt_next(&q); count++) {
            list[count].plan = col_i64(&q, 0);
            list[count].user = col_i64(&q, 1);
        }
        TRY(stmt_status(&q));
    }
    for (size_t i = 0; i < count; i++) {
        TRY(record_get(cx, &commission_plan_type, list[i].plan, &plan));
        TRY(statement_count(cx, plan, list[i].user, day, &statement));
    }
    return OK;
}

/* The month that runs, and the one before until somebody has approved it. */
static enum status count_now(struct ctx *cx, void *arg)
{
    i64 today = subscription_today(cx);

    (void)arg;
    TRY(statements_count(cx, date_add_months(today, -1)));
    return statements_count(cx, today);
}

static enum status count_job(struct job_run *job) { return kit_write(job->cx, count_now, NULL); }

/* ---- what is done ---- */
/* Administrators and the person's manager. */
static enum status approves(struct ctx *cx, const struct row *r, bool *yes)
{
    i64 manager = 0;
    enum status s =
        db_get_i64(cx, &manager, "commission.manager", I64("user", row_i64(r, STATEMENT_OWNER)));

    if (s == E_NOT_FOUND)
        s = OK;
    *yes = cx->access->admin || cx->access->system || (manager && manager == cx->access->user_id);
    return s;
}

static enum status read_statement(struct req *rq, bool to_approve, struct row **out)
{
    bool yes;
    i64 id;

    TRY(req_id(rq, "id", &id));
    TRY(record_get(rq->cx, &statement_type, id, out));
    TRY(approves(rq->cx, *out, &yes));
    if (to_approve && !yes)
        return ctx_fail_code(rq->cx, E_FORBIDDEN, "statement.not_yours",
                             "Only the person's manager and administrators approve a statement.");
    return OK;
}

static enum status move(struct req *rq, const char *from, const char *to, const char *done)
{
    struct ctx *cx = rq->cx;
    struct row *r;

    TRY(read_statement(rq, true, &r));
    if (!text_is(row_text(r, STATEMENT_STATUS), from))
        return ctx_fail_code(cx, E_CONFLICT, "statement.status", "This statement is %s.",
                             text_lower_ascii(cx->arena, row_show(cx, r, STATEMENT_STATUS)));
    scoped(access_leave) struct access_guard guard = access_enter_system(cx);
    (void)guard;
    if (text_is(to, "approved")) {
        row_set_i64(r, STATEMENT_APPROVED_BY, cx->access->user_id);
        row_set_i64(r, STATEMENT_APPROVED_AT, ctx_now(cx));
    }
    row_set_text(r, STATEMENT_STATUS, to);
    TRY(record_save(cx, r));
    return reply_done(rq, row_path(cx, r), "%s", done);
}

/* POST /commission-statements/:id/approve, /pay, /count */
static enum status approve_post(struct req *rq)
{
    return move(rq, "draft", "approved", "Approved. It will not change any more.");
}

static enum status pay_post(struct req *rq)
{
    return move(rq, "approved", "paid", "Marked as paid.");
}

static enum status count_post(struct req *rq)
{
    struct ctx *cx = rq->cx;
    struct row *r, *plan;

    TRY(read_statement(rq, false, &r));
    if (!is_draft(cx, r))
        return ctx_fail_code(cx, E_CONFLICT, "statement.status",
                             "This statement is approved: it does not change any more.");
    TRY(record_get(cx, &commission_plan_type, row_i64(r, STATEMENT_PLAN), &plan));
    TRY(statement_count(cx, plan, row_i64(r, STATEMENT_OWNER), row_i64(r, STATEMENT_FROM), &r));
    return reply_done(rq, row_path(cx, r), "Worked out anew.");
}

/* ---- the page, and the paper ---- */
static enum status read_entries(struct ctx *cx, const struct row *r, struct row ***rows,
                                size_t *count)
{
    i64 *ids = NEW_N(cx->arena, i64, CREDITS_MOST);
    size_t found;

    TRY(entry_ids(cx, row_id(r), ids, &found));
    *rows = NEW_N(cx->arena, struct row *, found + 1);
    *count = 0;
    if (found == 0)
        return OK;
    TRY(rows_by_id(cx, &commission_entry_type, ids, found, *rows));
    for (size_t i = 0; i < found; i++)
        if ((*rows)[i])
            (*rows)[(*count)++] = (*rows)[i];
    return rows_load_titles(cx, *rows, *count);
}

static const char *rate_text(struct ctx *cx, const struct row *e)
{
    double credited = (double)row_money(e, CENTRY_CREDITED).minor;

    return credited == 0 ? ""
                         : arena_printf(cx->arena, "%.2f\u00a0%%",
                                        (double)row_money(e, CENTRY_AMOUNT).minor / credited * 100);
}

static enum status statement_detail(struct ctx *cx, const struct row *r, struct val *page)
{
    struct val *list = val_put_list(page, "entries");
    struct row **rows;
    size_t count;

    TRY(read_entries(cx, r, &rows, &count));
    for (size_t i = 0; i < count; i++) {
        struct val *v = val_add_map(list);
        val_put_text(v, "text", row_text(rows[i], CENTRY_TEXT));
        val_put_text(v, "url",
                     row_has(rows[i], CENTRY_DEAL)
                         ? arena_printf(cx->arena, "/deals/%s",
                                        id_text(cx->arena, row_i64(rows[i], CENTRY_DEAL)))
                         : "");
        val_put_text(v, "on", row_show(cx, rows[i], CENTRY_ON));
        val_put_text(v, "product", row_show(cx, rows[i], CENTRY_PRODUCT));
        val_put_bool(v, "back", text_is(row_text(rows[i], CENTRY_KIND), "clawback"));
        val_put_text(v, "credited", row_show(cx, rows[i], CENTRY_CREDITED));
        val_put_text(v, "rate", rate_text(cx, rows[i]));
        val_put_text(v, "amount", row_show(cx, rows[i], CENTRY_AMOUNT));
    }
    val_put_bool(page, "any_entries", count > 0);
    val_put_text(page, "sum", row_show(cx, r, STATEMENT_TOTAL));
    val_put_printf(page, "csv_url", "/commission-entries.csv?filter=%s",
                   http_url_encode(cx->arena, arena_printf(cx->arena, "statement_id = '%s'",
                                                           id_text(cx->arena, row_id(r)))));
    val_put_printf(page, "pdf_url", "%s/pdf", row_path(cx, r));
    return OK;
}

static const char *statement_title(struct ctx *cx, const struct row *r)
{
    const struct zone *zone = kit_zone(cx);

    if (!row_has(r, STATEMENT_FROM))
        return "Statement";
    return arena_printf(
        cx->arena, "%s, %s to %s", row_show(cx, r, STATEMENT_OWNER),
        zone_format(cx->arena, zone, zone_instant(zone, row_i64(r, STATEMENT_FROM), 0), "d MMM"),
        zone_format(cx->arena, zone, zone_instant(zone, row_i64(r, STATEMENT_TO), 0),
                    "d MMM yyyy"));
}

static void add_total(struct ctx *cx, const struct row *r, int field, const char *label,
                      bool strong, struct val *list)
{
    struct val *v = val_add_map(list);

    val_put_text(v, "label", label);
    val_put_text(v, "amount", row_show(cx, r, field));
    val_put_bool(v, "strong", strong);
}

static enum status put_paper(struct ctx *cx, const struct row *r, const struct brand *brand,
                             struct val *paper)
{
    struct val *from = val_put_map(paper, "from"), *to = val_put_map(paper, "to"),
               *lines = val_put_list(paper, "lines"), *totals = val_put_list(paper, "totals");
    struct row **rows;
    size_t count;

    val_put_text(paper, "number", statement_title(cx, r));
    val_put_text(paper, "version", "");
    val_put_printf(paper, "title", "%s, %s", row_show(cx, r, STATEMENT_PLAN),
                   text_lower_ascii(cx->arena, row_show(cx, r, STATEMENT_STATUS)));
    val_put_text(paper, "date", show_date_full(cx, subscription_today(cx)));
    val_put_text(paper, "valid", "");
    val_put_text(from, "name", brand->name);
    val_put_text(from, "address", brand->address);
    val_put_text(from, "website", "");
    val_put_text(from, "vat_id", "");
    val_put_text(to, "company", row_show(cx, r, STATEMENT_OWNER));
    val_put_text(to, "contact", "");
    val_put_text(to, "place", "");
    val_put_text(to, "vat_id", "");
    val_put_text(paper, "intro", "");
    val_put_text(paper, "tax_note", "");
    val_put_text(paper, "terms", "");
    val_put_bool(paper, "has_discounts", false);
    val_put_bool(paper, "has_taxes", false);
    val_put_null(paper, "signed");
    TRY(read_entries(cx, r, &rows, &count));
    for (size_t i = 0; i < count; i++) {
        struct val *v = val_add_map(lines), *is = val_put_map(v, "is");
        bool back = text_is(row_text(rows[i], CENTRY_KIND), "clawback");
        val_put_bool(is, "section", false);
        val_put_bool(is, "item", true);
        val_put_text(v, "text", row_text(rows[i], CENTRY_TEXT));
        val_put_printf(
            v, "detail", "%s%s%s%s", show_date_full(cx, row_i64(rows[i], CENTRY_ON)),
            back ? ", taken back" : ": ", back ? "" : rate_text(cx, rows[i]),
            back ? "" : arena_printf(cx->arena, " of %s", row_show(cx, rows[i], CENTRY_CREDITED)));
        val_put_i64(v, "number", (i64)i + 1);
        val_put_text(v, "quantity", "");
        val_put_text(v, "price", "");
        val_put_text(v, "discount", "");
        val_put_text(v, "tax", "");
        val_put_text(v, "amount", row_show(cx, rows[i], CENTRY_AMOUNT));
        val_put_text(v, "period", "");
        val_put_bool(v, "optional", false);
        val_put_bool(v, "left_out", false);
    }
    add_total(cx, r, STATEMENT_QUOTA, "Quota", false, totals);
    add_total(cx, r, STATEMENT_CREDITED, "Credited", false, totals);
    add_total(cx, r, STATEMENT_EARNED, "Earned", false, totals);
    add_total(cx, r, STATEMENT_CLAWED, "Taken back", false, totals);
    add_total(cx, r, STATEMENT_TOTAL, "Commission", true, totals);
    return OK;
}

/* GET /commission-statements/:id/pdf */
static enum status pdf_get(struct req *rq)
{
    struct ctx *cx = rq->cx;
    struct paper_look look;
    struct val *paper = val_map(cx->arena);
    struct brand brand;
    struct row *r;
    struct str pdf;

    TRY(read_statement(rq, false, &r));
    TRY(brand_read(cx, 0, &brand));
    TRY(paper_look_read(cx, &brand, "Commission", &look));
    TRY(put_paper(cx, r, &brand, paper));
    TRY(paper_pdf(cx, paper, &look, &pdf));
    reply_header(rq, "Content-Disposition", "inline; filename=\"commission.pdf\"");
    reply_header(rq, "Cache-Control", "no-store, private");
    return reply_text(rq, 200, "application/pdf", pdf);
}

/* ---- the types ---- */
static bool is_approved(struct ctx *cx, const struct row *r)
{
    (void)cx;
    return text_is(row_text(r, STATEMENT_STATUS), "approved");
}

static bool may_approve(struct ctx *cx, const struct row *r)
{
    bool yes;

    if (!is_draft(cx, r) || approves(cx, r, &yes) != OK) {
        ctx_clear_error(cx);
        return false;
    }
    return yes;
}

static bool may_pay(struct ctx *cx, const struct row *r)
{
    bool yes;

    if (!is_approved(cx, r) || approves(cx, r, &yes) != OK) {
        ctx_clear_error(cx);
        return false;
    }
    return yes;
}

/* A person's own, and of those who report to one. */
#define SEEN_IF "owner_id = me or owner_id.manager_id = me"

const struct record_type statement_type = {
    .name = "commission_statement",
    .label = "Commission statement",
    .plural = "Commissions",
    .path = "commission-statements",
    .icon = "cash",
    .section = "sales",
    .menu_order = MENU_SELDOM + 42,
    .sort = "-from_date",
    .title = STATEMENT_OWNER,
    .title_of = statement_title,
    .fields = fields,
    .field_count = STATEMENT_FIELDS,
    .flags = TYPE_NO_CREATE | TYPE_NO_UPDATE | TYPE_NO_DELETE | TYPE_SYSTEM,
    .seen_if = SEEN_IF,
    .empty = "What you earned, by period, with each deal. A statement is made for everybody who is "
             "on a commission plan; each night it is worked out anew until it is approved.",
    ACTIONS({ "approve", "Approve", NULL, true, may_approve,
              "Once approved it does not change any more. Approve it?" },
            { "pay", "Mark as paid", NULL, true, may_pay },
            { "count", "Work out anew", NULL, false, is_draft }),
    .detail = statement_detail,
    .detail_template = "statement/detail",
};

const struct record_type commission_entry_type = {
    .name = "commission_entry",
    .label = "Commission entry",
    .plural = "Commission entries",
    .path = "commission-entries",
    .icon = "list",
    .sort = "position",
    .title = CENTRY_TEXT,
    .fields = entry_fields,
    .field_count = CENTRY_FIELDS,
    .flags = TYPE_NO_CREATE | TYPE_NO_UPDATE | TYPE_NO_DELETE | TYPE_SYSTEM,
    .seen_if = SEEN_IF,
    .empty = "What each deal earned whom.",
};

static const struct route routes[] = {
    { HTTP_POST, "/commission-statements/:id/approve", approve_post,
      NEEDS("commission_statement", VERB_READ) },
    { HTTP_POST, "/commission-statements/:id/pay", pay_post,
      NEEDS("commission_statement", VERB_READ) },
    { HTTP_POST, "/commission-statements/:id/count", count_post,
      NEEDS("commission_statement", VERB_READ) },
    { HTTP_GET, "/commission-statements/:id/pdf", pdf_get,
      NEEDS("commission_statement", VERB_READ) },
};
static const struct job_type jobs[] = {
    { "commission.count", "Work out commissions", count_job, .every_ms = MS_DAY, .at_start = true },
};
static const struct metric metrics[] = {
    { .name = "commissions",
      .label = "Commissions",
      .unit = UNIT_MONEY,
      .team = "sales",
      .definition = "Commission of all statements of periods that begin in the period, drafts "
                    "included, in base currency.",
      .source = METRIC_RECORDS,
      .type = "commission_statement",
      .aggregate = AGG_SUM,
      .field = "total",
      .date = "from_date",
      .owner_path = "owner_id" },
};
const struct feature feature_statement = {
    .name = "statement",
    TYPES(&statement_type, &commission_entry_type),
    ROUTES(routes),
    JOBS(jobs),
    METRICS(metrics),
};
