/* quote_ledger.c -- the story of a negotiation, read from the versions and what was said about
 * them: what was offered, asked and conceded, when and by whom. Nothing is written down twice. And
 * two versions side by side. */
#include "base/id.h"
#include "kit/pages.h"
#include "kit/show.h"
#include "sales/deal.h"
#include "sales/product.h"
#include "sales/quote_int.h"
#include <stdlib.h>

enum { ENTRIES_MOST = 500, COMMENTS_MOST = 200 };

/* ---- the ledger ---- */
struct entry {
    i64 at;
    size_t order;
    struct val *v;
};

static struct val *add(struct ctx *cx, struct entry *list, size_t *count, i64 at, const char *what,
                       const char *tone, const struct row *quote)
{
    struct val *v = val_map(cx->arena), *when = val_put_map(v, "when");

    val_put_text(when, "text", show_time(cx, at));
    val_put_text(when, "iso", time_iso(cx->arena, at));
    val_put_text(when, "full", show_time_full(cx, at));
    val_put_text(v, "what", what);
    val_put_text(v, "tone", tone);
    val_put_text(v, "quote", row_title(cx, quote));
    val_put_text(v, "url", row_path(cx, quote));
    val_put_text(v, "who", "");
    val_put_text(v, "text", "");
    val_put_text(v, "amount", "");
    val_put_text(v, "change", "");
    if (*count < ENTRIES_MOST) {
        list[*count] = (struct entry){ at, *count, v };
        (*count)++;
    }
    return v;
}

/* The version of the same number that was sent before this one, or NULL. */
static const struct row *sent_before(const struct quote_lines *quotes, size_t at)
{
    const struct row *q = quotes->rows[at], *best = NULL;

    for (size_t i = 0; i < quotes->count; i++) {
        const struct row *o = quotes->rows[i];
        if (row_has(o, QUOTE_SENT_AT) &&
            text_is(row_text(o, QUOTE_NUMBER), row_text(q, QUOTE_NUMBER)) &&
            row_i64(o, QUOTE_REVISION) < row_i64(q, QUOTE_REVISION) &&
            (!best || row_i64(o, QUOTE_REVISION) > row_i64(best, QUOTE_REVISION)))
            best = o;
    }
    return best;
}

static void put_offer(struct ctx *cx, const struct quote_lines *quotes, size_t at,
                      struct entry *list, size_t *count)
{
    const struct row *q = quotes->rows[at], *before = sent_before(quotes, at);
    struct val *v = add(cx, list, count, row_i64(q, QUOTE_SENT_AT), "Offered", "blue", q);
    i64 change;

    val_put_text(v, "who", row_show(cx, q, QUOTE_OWNER));
    val_put_text(v, "amount", row_show(cx, q, QUOTE_TOTAL));
    if (before == NULL)
        return;
    change = row_money(q, QUOTE_TOTAL).minor - row_money(before, QUOTE_TOTAL).minor;
    if (change < 0)
        val_put_text(v, "what", "Conceded");
    if (change < 0)
        val_put_text(v, "tone", "amber");
    val_put_printf(v, "change", "%s%s against %s", change > 0 ? "+" : "",
                   money_show(cx->arena, quote_money(q, change)), row_title(cx, before));
}

static enum status put_comments(struct ctx *cx, const struct row *q, struct entry *list,
                                size_t *count)
{
    scoped(access_leave) struct access_guard guard = access_enter_system(cx);
    struct row *rows[COMMENTS_MOST];
    i64 ids[COMMENTS_MOST];
    size_t n = 0;

    {
        scoped(stmt_close) struct stmt s =
            db_query(cx, "quote.comment_ids", I64("quote", row_id(q)), I64("limit", COMMENTS_MOST));
        while (stmt_next(&s))
            ids[n++] = col_i64(&s, 0);
        TRY(stmt_status(&s));
    }
    if (n == 0)
        return OK;
    TRY(rows_by_id(cx, &quote_comment_type, ids, n, rows));
    for (size_t i = 0; i < n; i++) {
        if (rows[i] == NULL)
            continue;
        bool customer = text_is(row_text(rows[i], COMMENT_KIND), "customer");
        struct val *v = add(cx, list, count, row_created_at(rows[i]),
                            customer ? "Asked" : "Answered", customer ? "violet" : "grey", q);
        val_put_text(v, "who", row_text(rows[i], COMMENT_NAME));
        val_put_text(v, "text", row_text(rows[i], COMMENT_TEXT));
    }
    return OK;
}

static void put_end(struct ctx *cx, const struct row *q, struct entry *list, size_t *count)
{
    bool accepted = quote_status_is(q, "accepted"), declined = quote_status_is(q, "declined");
    struct val *v;

    if (!accepted && !declined)
        return;
    v = add(cx, list, count, row_i64(q, QUOTE_DECIDED_AT), accepted ? "Accepted" : "Declined",
            accepted ? "green" : "red", q);
    val_put_text(v, "who", row_text(q, QUOTE_SIGNED_BY));
    val_put_text(v, "text", accepted ? "" : row_text(q, QUOTE_DECLINED));
    val_put_text(v, "amount", row_show(cx, q, QUOTE_TOTAL));
}

static int newest_first(const void *a, const void *b)
{
    const struct entry *x = a, *y = b;

    if (x->at != y->at)
        return x->at > y->at ? -1 : 1;
    return x->order > y->order ? -1 : 1;
}

enum status quote_put_ledger(struct ctx *cx, const struct quote_lines *quotes, struct val *page)
{
    struct entry *list = NEW_N(cx->arena, struct entry, ENTRIES_MOST);
    struct val *out = val_put_list(page, "ledger");
    size_t count = 0;

    TRY(rows_load_titles(cx, quotes->rows, quotes->count));
    for (size_t i = 0; i < quotes->count; i++) {
        const struct row *q = quotes->rows[i];
        if (row_has(q, QUOTE_SENT_AT))
            put_offer(cx, quotes, i, list, &count);
        TRY(put_comments(cx, q, list, &count));
        put_end(cx, q, list, &count);
    }
    if (count > 0)
        qsort(list, count, sizeof *list, newest_first);
    for (size_t i = 0; i < count; i++)
        val_add(out, list[i].v);
    val_put_bool(page, "has_ledger", count > 0);
    return OK;
}

/* ---- two versions side by side ---- */
struct side {
    const struct row *quote;
    struct quote_lines lines;
    bool *matched;
};

static bool is_alike(const struct row *a, const struct row *b, bool by_product)
{
    if (!text_is(row_text(a, LINE_KIND), row_text(b, LINE_KIND)))
        return false;
    if (by_product)
        return row_has(a, LINE_PRODUCT) && row_has(b, LINE_PRODUCT) &&
               row_i64(a, LINE_PRODUCT) == row_i64(b, LINE_PRODUCT);
    return text_is(row_text(a, LINE_NAME), row_text(b, LINE_NAME));
}

/* The line that it was, or NULL: that of the same product, else of the same text. */
static const struct row *find_match(struct side *old, const struct row *line)
{
    for (int by_product = 1; by_product >= 0; by_product--)
        for (size_t i = 0; i < old->lines.count; i++)
            if (!old->matched[i] && is_alike(old->lines.rows[i], line, by_product)) {
                old->matched[i] = true;
                return old->lines.rows[i];
            }
    return NULL;
}

static const char *line_words(struct ctx *cx, const struct row *r)
{
    const char *discount = "", *option = "";

    if (r == NULL)
        return "";
    if (text_is(row_text(r, LINE_KIND), "section"))
        return "Heading";
    if (row_has(r, LINE_DISCOUNT_PERCENT) && row_i64(r, LINE_DISCOUNT_PERCENT))
        discount = arena_printf(
            cx->arena, " − %s%%",
            show_trimmed(cx->arena, row_i64(r, LINE_DISCOUNT_PERCENT), QUOTE_DECIMALS));
    if (row_has(r, LINE_DISCOUNT_AMOUNT))
        discount =
            arena_printf(cx->arena, "%s − %s", discount, row_show(cx, r, LINE_DISCOUNT_AMOUNT));
    if (row_bool(r, LINE_OPTIONAL))
        option = row_bool(r, LINE_CHOSEN) ? ", optional, chosen" : ", optional";
    return arena_printf(cx->arena, "%s × %s%s%s",
                        show_trimmed(cx->arena, row_i64(r, LINE_QUANTITY), QUOTE_DECIMALS),
                        row_show(cx, r, LINE_PRICE), discount, option);
}

static void put_pair(struct ctx *cx, const struct row *a, const struct row *b, struct val *list)
{
    struct val *v = val_add_map(list);
    const char *left = line_words(cx, a), *right = line_words(cx, b), *tone = "", *what = "";

    if (a == NULL) {
        what = "Added";
        tone = "green";
    } else if (b == NULL) {
        what = "Removed";
        tone = "red";
    } else if (!text_is(left, right) || !text_is(row_text(a, LINE_NAME), row_text(b, LINE_NAME)) ||
               !text_is(row_text(a, LINE_DETAIL), row_text(b, LINE_DETAIL))) {
        what = "Changed";
        tone = "amber";
    }
    val_put_text(v, "text", row_text(b ? b : a, LINE_NAME));
    val_put_text(v, "left", left);
    val_put_text(v, "left_amount",
                 a && row_has(a, LINE_AMOUNT) ? row_show(cx, a, LINE_AMOUNT) : "");
    val_put_text(v, "right", right);
    val_put_text(v, "right_amount",
                 b && row_has(b, LINE_AMOUNT) ? row_show(cx, b, LINE_AMOUNT) : "");
    val_put_text(v, "what", what);
    val_put_text(v, "tone", tone);
}

static void put_sums(struct ctx *cx, const struct row *a, const struct row *b, struct val *page)
{
    static const int shown[] = { QUOTE_SUBTOTAL, QUOTE_DISCOUNT, QUOTE_NET,   QUOTE_TAX,
                                 QUOTE_TOTAL,    QUOTE_MONTHLY,  QUOTE_VALUE, QUOTE_GIVEN,
                                 QUOTE_MARGIN,   QUOTE_VALID };
    struct val *list = val_put_list(page, "sums");

    for (size_t i = 0; i < countof(shown); i++) {
        struct val *v = val_add_map(list);
        const char *left = row_show(cx, a, shown[i]), *right = row_show(cx, b, shown[i]);
        val_put_text(v, "text", quote_type.fields[shown[i]].label);
        val_put_text(v, "left", left);
        val_put_text(v, "right", right);
        val_put_bool(v, "differs", !text_is(left, right));
    }
}

static enum status open_side(struct ctx *cx, const struct row *quote, struct side *s)
{
    s->quote = quote;
    TRY(quote_lines_read(cx, row_id(quote), &s->lines));
    s->matched = NEW_N(cx->arena, bool, s->lines.count + 1);
    return OK;
}

static void put_version(struct ctx *cx, const struct row *q, struct val *v)
{
    val_put_text(v, "text", row_title(cx, q));
    val_put_text(v, "url", row_path(cx, q));
    val_put(v, "status", row_cell(cx, q, QUOTE_STATUS));
}

static const struct row *other_of(const struct row *q, const struct quote_lines *all, i64 wanted)
{
    const struct row *best = NULL;

    for (size_t i = 0; i < all->count; i++) {
        const struct row *o = all->rows[i];
        if (wanted != 0 && row_id(o) == wanted)
            return o;
        if (row_i64(o, QUOTE_REVISION) < row_i64(q, QUOTE_REVISION))
            best = o;
        else if (best == NULL && row_id(o) != row_id(q))
            best = o;
    }
    return best;
}

/* GET /quotes/:id/compare?with= -- beside the version before it, or the one that is asked for. */
static enum status compare_get(struct req *rq)
{
    struct ctx *cx = rq->cx;
    struct val *page = val_map(cx->arena), *pairs = val_put_list(page, "lines"),
               *choices = val_put_list(page, "versions");
    struct side a = { 0 }, b = { 0 };
    struct quote_lines all;
    const struct row *other;
    struct row *q;
    i64 id, wanted = 0;

    TRY(req_id(rq, "id", &id));
    TRY(record_get(cx, &quote_type, id, &q));
    (void)id_parse(str_from(req_query(rq, "with")), &wanted);
    TRY(quote_versions(cx, q, &all));
    other = other_of(q, &all, wanted);
    val_put_printf(page, "title", "Versions of %s", row_text(q, QUOTE_NUMBER));
    val_put_text(page, "url", row_path(cx, q));
    val_put_bool(page, "has_other", other != NULL);
    for (size_t i = 0; i < all.count; i++) {
        struct val *v;
        if (row_id(all.rows[i]) == row_id(q))
            continue;
        v = val_add_map(choices);
        put_version(cx, all.rows[i], v);
        val_put_printf(v, "compare_url", "%s/compare?with=%s", row_path(cx, q),
                       id_text(cx->arena, row_id(all.rows[i])));
        val_put_bool(v, "on", other && row_id(all.rows[i]) == row_id(other));
    }
    val_put_bool(page, "has_others", val_count(choices) > 1);
    if (other == NULL)
        return reply(rq, "quote/compare", page);
    TRY(open_side(cx, other, &a));
    TRY(open_side(cx, q, &b));
    for (size_t i = 0; i < b.lines.count; i++)
        put_pair(cx, find_match(&a, b.lines.rows[i]), b.lines.rows[i], pairs);
    for (size_t i = 0; i < a.lines.count; i++)
        if (!a.matched[i])
            put_pair(cx, a.lines.rows[i], NULL, pairs);
    put_version(cx, other, val_put_map(page, "left"));
    put_version(cx, q, val_put_map(page, "right"));
    put_sums(cx, other, q, page);
    return reply(rq, "quote/compare", page);
}

static const struct route routes[] = {
    { HTTP_GET, "/quotes/:id/compare", compare_get, NEEDS("quote", VERB_READ) },
};
const struct feature feature_quote_ledger = { .name = "quote_ledger", ROUTES(routes) };
