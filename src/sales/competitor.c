/* competitor.c -- whom we meet: competitors as records, with what they do well and badly, how we
 * answer, and how often we win against them. */
#include "base/id.h"
#include "base/limits.h"
#include "bridge/report.h"
#include "io/http.h"
#include "kit/filter.h"
#include "kit/pages.h"
#include "sales/card.h"
#include "sales/curve.h"
#include "sales/deal.h"
#include <math.h>

enum { ROWS_MOST = 100 };

static const struct field fields[] = {
    [COMPETITOR_NAME] = { "name", FIELD_TEXT, "Name", REQUIRED | LISTED | SEARCHED | UNIQUE,
                          .max_len = 120 },
    [COMPETITOR_WEBSITE] = { "website", FIELD_URL, "Web site", LISTED },
    [COMPETITOR_STRENGTHS] = { "strengths", FIELD_LONG, "What they do well", 0, .max_len = 4000,
                               .help = "A line each." },
    [COMPETITOR_WEAKNESSES] = { "weaknesses", FIELD_LONG, "What they do badly", 0, .max_len = 4000,
                                .help = "A line each." },
    [COMPETITOR_ANSWER] = { "answer", FIELD_LONG, "How we win against them", 0, .max_len = 4000 },
};
_Static_assert(countof(fields) == COMPETITOR_FIELDS, "enum and table differ");

static const struct field rival_fields[] = {
    [RIVAL_DEAL] = { "deal_id", FIELD_REF, "Deal", REQUIRED | LISTED | CREATE_ONLY, .ref = "deal" },
    [RIVAL_COMPETITOR] = { "competitor_id", FIELD_REF, "Competitor", REQUIRED | LISTED,
                           .ref = "competitor" },
    [RIVAL_NOTE] = { "note", FIELD_TEXT, "Note", LISTED, .max_len = 300,
                     .help = "What they offer, who is for them." },
};
_Static_assert(countof(rival_fields) == RIVAL_FIELDS, "enum and table differ");

const char *deals_with_rival(struct ctx *cx, i64 competitor)
{
    return arena_printf(cx->arena, "count(deal_competitor where competitor_id = '%s') > 0",
                        id_text(cx->arena, competitor));
}

enum status deals_won_share(struct ctx *cx, const char *filter, i64 *won, i64 *closed,
                            const char **text)
{
    const char *in = filter_and(cx, "status != 'open'", filter);
    struct curve_point p = { 0 };

    TRY(list_count(cx, &deal_type, in, "", 0, closed));
    TRY(list_count(cx, &deal_type, filter_and(cx, in, "status = 'won'"), "", 0, won));
    p.won = *won;
    p.count = *closed;
    curve_count(&p, 1);
    *text = *closed == 0
                ? ""
                : arena_printf(cx->arena, "%.0f %% (%lld of %lld; 95 %% interval %.0f to %.0f %%)",
                               p.share * 100, (long long)*won, (long long)*closed, p.low * 100,
                               p.high * 100);
    return OK;
}

/* ---- a deal has one only once ---- */
static enum status rival_of(struct ctx *cx, i64 deal, i64 competitor, i64 *count)
{
    return list_count(cx, &deal_competitor_type,
                      arena_printf(cx->arena, "deal_id = '%s' and competitor_id = '%s'",
                                   id_text(cx->arena, deal), id_text(cx->arena, competitor)),
                      "", 1, count);
}

static enum status rival_validate(struct ctx *cx, struct row *r)
{
    i64 count;

    if (!row_is_new(r) && !row_changed(r, RIVAL_COMPETITOR))
        return OK;
    TRY(rival_of(cx, row_i64(r, RIVAL_DEAL), row_i64(r, RIVAL_COMPETITOR), &count));
    return count == 0 ? OK
                      : ctx_fail_field(cx, "competitor_id", "deal_competitor.twice",
                                       "The deal has this competitor already.");
}

static const char *rival_title(struct ctx *cx, const struct row *r)
{
    return arena_printf(cx->arena, "%s in %s", row_show(cx, r, RIVAL_COMPETITOR),
                        row_show(cx, r, RIVAL_DEAL));
}

/* Lost to somebody: they are a competitor from now on, and the deal had them. */
static enum status on_lost(struct ctx *cx, const struct happening *h)
{
    scoped(access_leave) struct access_guard guard = access_enter_system(cx);
    const char *name = row_text(h->row, DEAL_COMPETITOR);
    struct row *r;
    i64 count;

    if (text_empty(name))
        return OK;
    enum status s = record_find(cx, &competitor_type, "name", name, &r);
    if (s == E_NOT_FOUND) {
        r = row_new(cx, &competitor_type);
        row_set_text(r, COMPETITOR_NAME, name);
        s = record_save(cx, r);
    }
    TRY(s);
    i64 competitor = row_id(r);
    TRY(rival_of(cx, row_id(h->row), competitor, &count));
    if (count > 0)
        return OK;
    r = row_new(cx, &deal_competitor_type);
    row_set_i64(r, RIVAL_DEAL, row_id(h->row));
    row_set_i64(r, RIVAL_COMPETITOR, competitor);
    return record_save(cx, r);
}

static enum status competitor_detail(struct ctx *cx, const struct row *r, struct val *page)
{
    const char *filter = deals_with_rival(cx, row_id(r)), *text = "";
    i64 won, closed;

    if (access_scope(cx->access, "deal", VERB_READ) != SCOPE_NONE)
        TRY(deals_won_share(cx, filter, &won, &closed, &text));
    val_put_text(page, "win_rate", text);
    val_put_printf(page, "deals_url", "/deals?filter=%s", http_url_encode(cx->arena, filter));
    return OK;
}

const struct record_type competitor_type = {
    .name = "competitor",
    .label = "Competitor",
    .plural = "Competitors",
    .path = "competitors",
    .icon = "flag",
    .section = "sales",
    .menu_order = MENU_SELDOM + 40,
    .sort = "name",
    .title = COMPETITOR_NAME,
    .fields = fields,
    .field_count = COMPETITOR_FIELDS,
    .empty = "Whom you meet in deals: what they do well and badly, and how you win against them. "
             "Closing a deal as lost to somebody adds them here.",
    RELATED({ "sales_card", "competitor_id", "Battlecards" },
            { "deal_competitor", "competitor_id", "Met in deals" }),
    .detail = competitor_detail,
    .detail_template = "competitor/detail",
};
const struct record_type deal_competitor_type = {
    .name = "deal_competitor",
    .label = "Competitor of a deal",
    .plural = "Competitors of deals",
    .path = "deal-competitors",
    .icon = "flag",
    .sort = "created_at",
    .title = RIVAL_COMPETITOR,
    .title_of = rival_title,
    .fields = rival_fields,
    .field_count = RIVAL_FIELDS,
    .empty = "Who else the customer talks to.",
    .validate = rival_validate,
};

/* ---- the report ---- */
enum { BY_COMPETITOR, BY_REASON, BY_CARD };
static const struct report_word by_words[] = { { "competitor", "Competitors" },
                                               { "reason", "Reasons for losing" },
                                               { "card", "Cards that were used" },
                                               { NULL, NULL } };

static void link_cell(struct ctx *cx, struct val *row, size_t cell, i64 n, const char *filter)
{
    report_count_cell(cx, row, n);
    report_cell_url(
        row, cell, arena_printf(cx->arena, "/deals?filter=%s", http_url_encode(cx->arena, filter)));
}

/* How deals that pass went: met, won, lost, share, interval. */
static enum status put_share(struct ctx *cx, struct val *table, const char *text,
                             const char *filter)
{
    const char *in = filter_and(cx, filter, "status != 'open'"), *words;
    struct curve_point p = { 0 };

    TRY(deals_won_share(cx, filter, &p.won, &p.count, &words));
    if (p.count == 0)
        return OK;
    curve_count(&p, 1);
    struct val *row = report_row(table, text, "");
    link_cell(cx, row, 0, p.count, in);
    link_cell(cx, row, 1, p.won, filter_and(cx, filter, "status = 'won'"));
    link_cell(cx, row, 2, p.count - p.won, filter_and(cx, filter, "status = 'lost'"));
    report_share_cell(cx, row, p.won, p.count);
    report_cell(row, "text", arena_printf(cx->arena, "%.0f to %.0f %%", p.low * 100, p.high * 100),
                arena_printf(cx->arena, "%.4f-%.4f", p.low, p.high));
    return OK;
}

static enum status put_records(struct ctx *cx, const struct record_type *t, const char *test,
                               const char *when, struct val *table)
{
    struct list_query q = { .limit = ROWS_MOST };
    struct list_page list;

    TRY(list_run(cx, t, &q, &list));
    for (size_t i = 0; i < list.count; i++) {
        const char *one = arena_printf(cx->arena, test, id_text(cx->arena, row_id(list.rows[i])));
        TRY(put_share(cx, table, row_title(cx, list.rows[i]), filter_and(cx, when, one)));
    }
    return OK;
}

static enum status put_reasons(struct ctx *cx, const char *when, struct val *table)
{
    const struct choice *c = deal_type.fields[DEAL_LOST_REASON].choices;
    const char *lost = filter_and(cx, when, "status = 'lost'");
    i64 all, n;

    TRY(list_count(cx, &deal_type, lost, "", 0, &all));
    for (; c->value && all > 0; c++) {
        const char *in =
            filter_and(cx, lost, arena_printf(cx->arena, "lost_reason = '%s'", c->value));
        TRY(list_count(cx, &deal_type, in, "", 0, &n));
        struct val *row = report_row(table, c->label, "");
        link_cell(cx, row, 0, n, in);
        report_share_cell(cx, row, n, all);
    }
    return OK;
}

static enum status competition_answer(struct ctx *cx, const struct val *from, struct val *page)
{
    struct val *table = report_table(page, "table");
    struct question q = { 0 };
    size_t by;

    TRY(report_word(cx, from, "by", by_words, &by));
    TRY(question_read_period(cx, report_text(cx, from, "period", "last_12_months"), "none", &q));
    const char *when =
        filter_and(cx,
                   arena_printf(cx->arena, "closed_at >= %s and closed_at < %s",
                                time_iso(cx->arena, q.from_ms), time_iso(cx->arena, q.to_ms)),
                   report_text(cx, from, "filter", ""));
    report_column(table, by_words[by].text, "text");
    if (by == BY_REASON) {
        report_column(table, "Lost", "integer");
        report_column(table, "Of all lost", "percent");
        TRY(put_reasons(cx, when, table));
    } else {
        report_column(table, "Closed", "integer");
        report_column(table, "Won", "integer");
        report_column(table, "Lost", "integer");
        report_column(table, "Won of closed", "percent");
        report_column(table, "95 % interval", "text");
        TRY(put_share(cx, table, "All deals", when));
        if (by == BY_COMPETITOR)
            TRY(put_share(cx, table, "No competitor known",
                          filter_and(cx, when, "count(deal_competitor) = 0")));
        TRY(put_records(cx, by == BY_CARD ? &sales_card_type : &competitor_type,
                        by == BY_CARD ? "count(card_step where card_id = '%s') > 0"
                                      : "count(deal_competitor where competitor_id = '%s') > 0",
                        when, table));
    }
    if (val_count(val_get(table, "rows")) == 0)
        report_empty(page, "No deal was closed in this period",
                     "Choose a longer period. Deals are here once they were won or lost.");
    val_put_text(
        page, "definition",
        "Deals that were won or lost in the period. A deal with several competitors counts "
        "for each; a card counts where a step of it was ticked off. The interval is "
        "Wilson's: with few deals it is wide. It shows what went together, not what caused "
        "it.");
    return OK;
}

static void competition_form(struct ctx *cx, const struct val *from, struct val *form)
{
    report_put_words(cx, from, "by", by_words, form);
}

static const char *const params[] = { "by", NULL };
static const struct report competition_report = { .name = "competition",
                                                  .title = "Won, lost and to whom",
                                                  .template = "competitor/page",
                                                  .period = "last_12_months",
                                                  .params = params,
                                                  .form = competition_form,
                                                  .answer = competition_answer };
static const struct route routes[] = { REPORT_ROUTES(
    "competition", &competition_report,
    "Deals won and lost against each competitor, by reason for losing, or by the cards that were "
    "used, with intervals; by: competitor, reason, card; period, filter on deals") };
static const struct menu_item menu[] = { { "insight", "Won, lost and to whom",
                                           "/insight/competition", "flag", "competitor", 6 } };
static const struct subscription subscriptions[] = { { "deal.lost", on_lost } };
const struct feature feature_competitor = { .name = "competitor",
                                            TYPES(&competitor_type, &deal_competitor_type),
                                            ROUTES(routes),
                                            SUBSCRIPTIONS(subscriptions),
                                            MENU(menu) };
