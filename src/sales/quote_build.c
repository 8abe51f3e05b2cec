/* quote_build.c -- the builder: one form with all lines of a draft. Every button posts the whole
 * form; what was typed comes back, with the totals that the server counts, until "Save" writes it.
 * Scripts only press the button that counts. */
#include "base/id.h"
#include "base/money.h"
#include "kit/filter.h"
#include "kit/pages.h"
#include "sales/discount.h"
#include "sales/product.h"
#include "sales/quote_int.h"
#include "sales/tax.h"

enum { TAXES_MOST = 50 };

/* What the form has of each line, as text. */
enum {
    T_ID,
    T_KIND,
    T_PRODUCT,
    T_NAME,
    T_DETAIL,
    T_QUANTITY,
    T_UNIT,
    T_PRICE,
    T_LISTED,
    T_COST,
    T_DISCOUNT,
    T_TAX,
    T_MONTHS,
    T_OPTIONAL,
    TEXTS
};
static const char *const names[TEXTS] = { "id",       "kind", "product", "name",    "detail",
                                          "quantity", "unit", "price",   "listed",  "cost",
                                          "discount", "tax",  "months",  "optional" };

struct line {
    const char *t[TEXTS]; /* never NULL */
    struct row *row;
    struct val *errors; /* list of texts */
    const char *bad;    /* names of the inputs that are wrong, with blanks around */
};
struct build {
    struct req *rq;
    struct ctx *cx;
    struct row *quote;
    struct quote_lines stored;
    struct line lines[BUILD_LINES + 1];
    size_t count;
    const char *texts[6]; /* as `heads` */
    struct val *errors;   /* of the whole */
    bool final;           /* what is missing is an error, too */
    bool wrong;
};
enum { H_TITLE, H_VALID, H_DISCOUNT, H_INTRO, H_TERMS, H_TAX, HEADS };
static const char *const heads[HEADS] = { "title", "valid_until", "discount",
                                          "intro", "terms",       "tax_chosen" };

/* ---- texts of what is stored ---- */
static const char *discount_of(struct ctx *cx, const struct row *r, int percent, int amount)
{
    const char *share = "", *money = "";

    if (row_has(r, percent) && row_i64(r, percent) != 0)
        share = arena_printf(cx->arena, "%s%%",
                             show_trimmed(cx->arena, row_i64(r, percent), QUOTE_DECIMALS));
    if (row_has(r, amount) && row_money(r, amount).minor != 0)
        money = money_plain(cx->arena, row_money(r, amount));
    return arena_printf(cx->arena, "%s%s%s", share,
                        text_empty(share) || text_empty(money) ? "" : " + ", money);
}

static const char *money_text(struct ctx *cx, const struct row *r, int field)
{
    return row_has(r, field) ? money_plain(cx->arena, row_money(r, field)) : "";
}

/* The price that the book has for this line; "" for none. */
static enum status listed_price(struct build *b, const struct row *line, const char **out)
{
    struct row *product;
    struct money m;
    enum status s;

    *out = "";
    if (!row_has(line, LINE_PRODUCT))
        return OK;
    s = record_get(b->cx, &product_type, row_i64(line, LINE_PRODUCT), &product);
    if (s == OK)
        s = product_price(b->cx, product, row_i64(b->quote, QUOTE_BOOK),
                          row_text(b->quote, QUOTE_CURRENCY), row_i64(line, LINE_QUANTITY), &m);
    if (s == OK)
        *out = money_plain(b->cx->arena, m);
    if (s == E_NOT_FOUND)
        ctx_clear_error(b->cx);
    return s == E_NOT_FOUND ? OK : s;
}

/* Fills the texts from the row; those of a form stay as they were typed. */
static enum status texts_of(struct build *b, struct line *l)
{
    struct ctx *cx = b->cx;
    const struct row *r = l->row;

    l->t[T_ID] = row_id(r) ? id_text(cx->arena, row_id(r)) : "";
    l->t[T_KIND] = row_text(r, LINE_KIND);
    l->t[T_PRODUCT] = row_has(r, LINE_PRODUCT) ? id_text(cx->arena, row_i64(r, LINE_PRODUCT)) : "";
    l->t[T_NAME] = row_text(r, LINE_NAME);
    l->t[T_DETAIL] = row_text(r, LINE_DETAIL);
    l->t[T_QUANTITY] = row_has(r, LINE_QUANTITY)
                           ? show_trimmed(cx->arena, row_i64(r, LINE_QUANTITY), QUOTE_DECIMALS)
                           : "";
    l->t[T_UNIT] = row_text(r, LINE_UNIT);
    l->t[T_PRICE] = money_text(cx, r, LINE_PRICE);
    l->t[T_COST] = money_text(cx, r, LINE_COST);
    l->t[T_DISCOUNT] = discount_of(cx, r, LINE_DISCOUNT_PERCENT, LINE_DISCOUNT_AMOUNT);
    l->t[T_TAX] = row_has(r, LINE_TAX) ? id_text(cx->arena, row_i64(r, LINE_TAX)) : "";
    l->t[T_MONTHS] = row_has(r, LINE_MONTHS)
                         ? arena_printf(cx->arena, "%lld", (long long)row_i64(r, LINE_MONTHS))
                         : "";
    l->t[T_OPTIONAL] = !row_bool(r, LINE_OPTIONAL) ? "" : row_bool(r, LINE_CHOSEN) ? "on" : "off";
    TRY(listed_price(b, r, &l->t[T_LISTED]));
    if (!text_is(l->t[T_LISTED], l->t[T_PRICE]))
        l->t[T_LISTED] = "";
    return OK;
}

/* ---- reading what was typed ---- */
static void say(struct build *b, struct line *l, int at, const char *message)
{
    val_add_text(l->errors, message);
    l->bad = arena_printf(b->cx->arena, "%s %s ", l->bad, names[at]);
    b->wrong = true;
}

/* The first of the errors that cx has, which it forgets. */
static const char *take_error(struct ctx *cx)
{
    const char *text = cx->field_errors ? cx->field_errors->message : cx->error_text;

    text = arena_text(cx->arena, text);
    ctx_clear_error(cx);
    return text;
}

static void parse_field(struct build *b, struct line *l, int at, int field, const char *text)
{
    if (row_parse(b->cx, l->row, field, text) != OK)
        say(b, l, at, take_error(b->cx));
}

static const char *with_currency(struct build *b, const char *text)
{
    return text_empty(text)
               ? ""
               : arena_printf(b->cx->arena, "%s %s", text, row_text(b->quote, QUOTE_CURRENCY));
}

/* "10%", "50", "10% + 50": a share, an amount, or one after the other. False: with the error. */
static bool parse_discount(struct build *b, struct row *r, int percent, int amount,
                           const char *text, const char **why)
{
    struct str rest = str_from(text), part;

    row_clear(r, percent);
    row_clear(r, amount);
    while (str_split(&rest, '+', &part)) {
        const char *one = str_dup(b->cx->arena, str_trim(part)), *mark = strchr(one, '%');
        enum status s;
        if (text_empty(one))
            continue;
        s = mark ? row_parse(
                       b->cx, r, percent,
                       str_dup(b->cx->arena, str_trim((struct str){ one, (size_t)(mark - one) })))
                 : row_parse(b->cx, r, amount, with_currency(b, one));
        if (s != OK) {
            *why = take_error(b->cx);
            return false;
        }
    }
    return true;
}

static struct row *stored_row(struct build *b, const char *id)
{
    i64 n;

    for (size_t i = 0; id_parse(str_from(id), &n) && i < b->stored.count; i++)
        if (row_id(b->stored.rows[i]) == n)
            return b->stored.rows[i];
    return NULL;
}

/* A price that the book gave follows the quantity; one that was typed stays. */
static enum status parse_price(struct build *b, struct line *l)
{
    bool from_book = !text_empty(l->t[T_PRODUCT]) &&
                     (text_empty(l->t[T_PRICE]) || text_is(l->t[T_PRICE], l->t[T_LISTED]));
    const char *listed;

    TRY(listed_price(b, l->row, &listed));
    if (from_book && !text_empty(listed))
        l->t[T_PRICE] = l->t[T_LISTED] = listed;
    parse_field(b, l, T_PRICE, LINE_PRICE, with_currency(b, l->t[T_PRICE]));
    if (text_empty(l->t[T_PRICE]) && b->final)
        say(b, l, T_PRICE, "Type a price, or 0.");
    return OK;
}

static enum status parse_item(struct build *b, struct line *l)
{
    const char *optional = l->t[T_OPTIONAL], *why;

    if (text_empty(l->t[T_QUANTITY]))
        l->t[T_QUANTITY] = "1";
    parse_field(b, l, T_PRODUCT, LINE_PRODUCT, l->t[T_PRODUCT]);
    parse_field(b, l, T_QUANTITY, LINE_QUANTITY, l->t[T_QUANTITY]);
    parse_field(b, l, T_UNIT, LINE_UNIT, l->t[T_UNIT]);
    TRY(parse_price(b, l));
    parse_field(b, l, T_COST, LINE_COST, with_currency(b, l->t[T_COST]));
    if (!parse_discount(b, l->row, LINE_DISCOUNT_PERCENT, LINE_DISCOUNT_AMOUNT, l->t[T_DISCOUNT],
                        &why))
        say(b, l, T_DISCOUNT, why);
    parse_field(b, l, T_TAX, LINE_TAX, l->t[T_TAX]);
    if (text_empty(l->t[T_TAX]))
        row_set_i64(l->row, LINE_TAX_PERCENT, 0);
    parse_field(b, l, T_MONTHS, LINE_MONTHS, l->t[T_MONTHS]);
    row_set_i64(l->row, LINE_OPTIONAL, !text_empty(optional));
    row_set_i64(l->row, LINE_CHOSEN, text_is(optional, "on"));
    return OK;
}

static int input_of(const char *field)
{
    static const struct {
        const char *field;
        int at;
    } of[] = { { "name", T_NAME },         { "quantity", T_QUANTITY },
               { "unit_price", T_PRICE },  { "discount_percent", T_DISCOUNT },
               { "tax_rate_id", T_TAX },   { "discount_amount", T_DISCOUNT },
               { "unit_cost", T_COST },    { "months", T_MONTHS },
               { "product_id", T_PRODUCT } };

    for (size_t i = 0; i < countof(of); i++)
        if (text_is(of[i].field, field))
            return of[i].at;
    return T_NAME;
}

/* The row of what was typed; what is wrong stands in its errors. */
static enum status parse_line(struct build *b, struct line *l)
{
    struct ctx *cx = b->cx;
    enum status s;

    l->errors = val_list(cx->arena);
    l->bad = "";
    l->row = stored_row(b, l->t[T_ID]);
    if (l->row == NULL) {
        l->row = row_new(cx, &quote_line_type);
        row_set_i64(l->row, LINE_QUOTE, row_id(b->quote));
        l->t[T_ID] = "";
    }
    row_set_text(l->row, LINE_KIND, text_is(l->t[T_KIND], "section") ? "section" : "item");
    parse_field(b, l, T_NAME, LINE_NAME, l->t[T_NAME]);
    parse_field(b, l, T_DETAIL, LINE_DETAIL, l->t[T_DETAIL]);
    if (!text_is(l->t[T_KIND], "section"))
        TRY(parse_item(b, l));
    if (val_count(l->errors) > 0 || (!b->final && !row_has(l->row, LINE_PRICE)))
        return OK;
    s = record_check(cx, l->row);
    if (s != E_INVALID && s != OK)
        return s;
    for (const struct field_error *e = cx->field_errors; e; e = e->next)
        if (b->final || !text_is(e->code, "required"))
            say(b, l, input_of(e->field), arena_text(cx->arena, e->message));
    ctx_clear_error(cx);
    return OK;
}

static void whole_error(struct build *b, const char *text)
{
    val_add_text(b->errors, text);
    b->wrong = true;
}

static void parse_head(struct build *b)
{
    static const int fields[HEADS] = { QUOTE_TITLE, QUOTE_VALID, -1,
                                       QUOTE_INTRO, QUOTE_TERMS, QUOTE_TAX_CHOSEN };
    const char *why;

    for (int i = 0; i < HEADS; i++)
        if (fields[i] >= 0 && row_parse(b->cx, b->quote, fields[i], b->texts[i]) != OK)
            whole_error(b, take_error(b->cx));
    if (!parse_discount(b, b->quote, QUOTE_DISCOUNT_PERCENT, QUOTE_DISCOUNT_AMOUNT,
                        b->texts[H_DISCOUNT], &why))
        whole_error(b, why);
}

static void read_form(struct build *b)
{
    struct req *rq = b->rq;
    for (int i = 0; i < HEADS; i++)
        b->texts[i] = req_form(rq, heads[i]);
    if (val_get(rq->form, heads[H_TAX]) == NULL) /* where nothing is decided, nothing is asked */
        b->texts[H_TAX] = row_text(b->quote, QUOTE_TAX_CHOSEN);
    for (int n = 0; n < BUILD_LINES; n++) {
        struct line *l = &b->lines[b->count];
        if (val_get(rq->form, arena_printf(b->cx->arena, "kind.%d", n)) == NULL)
            continue;
        for (int i = 0; i < TEXTS; i++)
            l->t[i] = req_form(rq, arena_printf(b->cx->arena, "%s.%d", names[i], n));
        b->count++;
    }
}

static enum status read_stored(struct build *b)
{
    const struct row *q = b->quote;

    b->texts[H_TITLE] = row_text(q, QUOTE_TITLE);
    b->texts[H_VALID] = row_plain(b->cx, q, QUOTE_VALID);
    b->texts[H_DISCOUNT] = discount_of(b->cx, q, QUOTE_DISCOUNT_PERCENT, QUOTE_DISCOUNT_AMOUNT);
    b->texts[H_INTRO] = row_text(q, QUOTE_INTRO);
    b->texts[H_TERMS] = row_text(q, QUOTE_TERMS);
    b->texts[H_TAX] = row_text(q, QUOTE_TAX_CHOSEN);
    for (size_t i = 0; i < b->stored.count && i < BUILD_LINES; i++) {
        struct line *l = &b->lines[b->count++];
        l->row = b->stored.rows[i];
        l->errors = val_list(b->cx->arena);
        l->bad = "";
        TRY(texts_of(b, l));
    }
    return OK;
}

/* ---- what the buttons do ---- */
static struct line *new_line(struct build *b, const char *kind)
{
    struct line *l = &b->lines[b->count];

    if (b->count >= BUILD_LINES) {
        whole_error(b, "There is no room for more lines here. A quote can have more over the API.");
        return NULL;
    }
    for (int i = 0; i < TEXTS; i++)
        l->t[i] = "";
    l->t[T_KIND] = kind;
    b->count++;
    return l;
}

static enum status add_item(struct build *b)
{
    struct line *l = new_line(b, "item");
    i64 tax;

    if (l == NULL)
        return OK;
    l->t[T_QUANTITY] = "1";
    TRY(tax_default(b->cx, tax_home(b->cx), &tax));
    l->t[T_TAX] = tax ? id_text(b->cx->arena, tax) : "";
    return OK;
}

static enum status add_product(struct build *b)
{
    const char *id = req_form(b->rq, "add_product"), *quantity = req_form(b->rq, "add_quantity");
    struct line *l;
    enum status s;
    i64 tax;

    if (text_empty(id)) {
        whole_error(b, "Choose the product that is to be added.");
        return OK;
    }
    l = new_line(b, "item");
    if (l == NULL)
        return OK;
    l->row = row_new(b->cx, &quote_line_type);
    row_set_i64(l->row, LINE_QUOTE, row_id(b->quote));
    row_set_i64(l->row, LINE_QUANTITY, PRICE_SCALE);
    s = row_parse(b->cx, l->row, LINE_PRODUCT, id);
    if (s == OK && !text_empty(quantity))
        s = row_parse(b->cx, l->row, LINE_QUANTITY, quantity);
    if (s == OK)
        s = quote_line_from_product(b->cx, b->quote, l->row);
    if (s == E_INVALID || s == E_NOT_FOUND) {
        b->count--;
        whole_error(b, s == E_INVALID ? take_error(b->cx) : "There is no such product any more.");
        ctx_clear_error(b->cx);
        return OK;
    }
    TRY(s);
    TRY(texts_of(b, l));
    if (!row_has(l->row, LINE_TAX)) {
        TRY(tax_default(b->cx, tax_home(b->cx), &tax));
        l->t[T_TAX] = tax ? id_text(b->cx->arena, tax) : "";
    }
    return OK;
}

static void move_line(struct build *b, size_t at, int by)
{
    struct line kept;

    if (at >= b->count || (by < 0 && at == 0) || (by > 0 && at + 1 == b->count))
        return;
    kept = b->lines[at];
    b->lines[at] = b->lines[at + (size_t)by];
    b->lines[at + (size_t)by] = kept;
}

static void remove_line(struct build *b, size_t at)
{
    if (at >= b->count)
        return;
    for (size_t i = at; i + 1 < b->count; i++)
        b->lines[i] = b->lines[i + 1];
    b->count--;
}

static enum status press(struct build *b, const char *button)
{
    const char *dot = strchr(button, '.');
    i64 at = 0;

    if (text_is(button, "add"))
        return add_item(b);
    if (text_is(button, "section")) {
        (void)new_line(b, "section");
        return OK;
    }
    if (text_is(button, "product"))
        return add_product(b);
    if (dot == NULL || !str_i64(str_from(dot + 1), &at) || at < 0)
        return OK;
    if (strncmp(button, "up.", 3) == 0)
        move_line(b, (size_t)at, -1);
    else if (strncmp(button, "down.", 5) == 0)
        move_line(b, (size_t)at, 1);
    else if (strncmp(button, "remove.", 7) == 0)
        remove_line(b, (size_t)at);
    return OK;
}

/* ---- showing ---- */
static enum status put_taxes(struct ctx *cx, const char *picked, const struct list_page *rates,
                             struct val *list)
{
    struct val *none = val_add_map(list);

    val_put_text(none, "value", "");
    val_put_text(none, "text", "No tax");
    val_put_bool(none, "selected", text_empty(picked));
    for (size_t i = 0; i < rates->count; i++) {
        struct val *one = val_add_map(list);
        const char *id = id_text(cx->arena, row_id(rates->rows[i]));
        val_put_text(one, "value", id);
        val_put_text(one, "text", row_title(cx, rates->rows[i]));
        val_put_bool(one, "selected", text_is(id, picked));
    }
    return OK;
}

static enum status put_line(struct build *b, size_t n, const struct list_page *rates,
                            struct val *list)
{
    struct line *l = &b->lines[n];
    struct val *one = val_add_map(list), *bad = val_put_map(one, "bad");
    struct ctx *cx = b->cx;
    bool optional = !text_empty(l->t[T_OPTIONAL]);

    for (int i = 0; i < TEXTS; i++) {
        val_put_text(one, names[i], l->t[i]);
        val_put_bool(bad, names[i],
                     strstr(l->bad, arena_printf(cx->arena, " %s ", names[i])) != NULL);
    }
    val_put_i64(one, "n", (i64)n);
    val_put_i64(one, "shown", (i64)n + 1);
    val_put_bool(one, "section", text_is(l->t[T_KIND], "section"));
    val_put_bool(one, "is_optional", optional);
    val_put_bool(one, "is_off", text_is(l->t[T_OPTIONAL], "off"));
    val_put_bool(one, "is_on", text_is(l->t[T_OPTIONAL], "on"));
    val_put_bool(one, "more",
                 strstr(l->bad, " cost ") != NULL || strstr(l->bad, " months ") != NULL);
    val_put_text(one, "amount",
                 l->row && row_has(l->row, LINE_AMOUNT) && val_count(l->errors) == 0
                     ? row_show(cx, l->row, LINE_AMOUNT)
                     : "");
    val_put_text(one, "period",
                 l->row && row_has(l->row, LINE_MONTHS)
                     ? quote_period_text(cx->arena, row_i64(l->row, LINE_MONTHS))
                     : "");
    val_put(one, "errors", l->errors);
    val_put_bool(one, "first", n == 0);
    val_put_bool(one, "last", n + 1 == b->count);
    return put_taxes(cx, l->t[T_TAX], rates, val_put_list(one, "taxes"));
}

/* The treatments that can be chosen, the first none: there are any where our country is known. */
static void put_treatments(struct build *b, struct val *page)
{
    struct val *list = val_put_list(page, "treatments"), *one = val_add_map(list);

    val_put_text(one, "value", "");
    val_put_text(one, "text", "By the buyer's country");
    val_put_bool(one, "selected", text_empty(b->texts[H_TAX]));
    for (const struct choice *c = tax_treatments; c->value; c++) {
        one = val_add_map(list);
        val_put_text(one, "value", c->value);
        val_put_text(one, "text", c->label);
        val_put_bool(one, "selected", text_is(c->value, b->texts[H_TAX]));
    }
    val_put_bool(page, "has_treatments",
                 !text_empty(tax_home(b->cx)) || !text_empty(b->texts[H_TAX]));
}

/* What the lines come to as they stand, if they can be counted at all. */
static enum status put_totals(struct build *b, struct val *page)
{
    struct ctx *cx = b->cx;
    struct val *paper = val_map(cx->arena);
    struct quote_lines lines = { .rows = NEW_N(cx->arena, struct row *, b->count + 1) };
    struct quote_sum sum;
    const char *hint;
    enum status s;

    val_put_list(page, "totals");
    val_put_text(page, "margin", "");
    val_put_text(page, "hint", "");
    for (size_t i = 0; i < b->count; i++)
        if (b->lines[i].row && val_count(b->lines[i].errors) == 0)
            lines.rows[lines.count++] = b->lines[i].row;
    TRY(quote_decide_tax(cx, b->quote));
    val_put_text(page, "tax_label", tax_label(row_text(b->quote, QUOTE_TREATMENT)));
    val_put_text(page, "tax_why", row_text(b->quote, QUOTE_TAX_WHY));
    s = quote_count(cx, b->quote, &lines, &sum);
    if (s == E_INVALID || s == E_LIMIT) {
        whole_error(b, take_error(cx));
        return OK;
    }
    TRY(s);
    quote_put_totals(b->quote, &sum);
    TRY(quote_paper(cx, b->quote, &lines, &sum, paper));
    val_put(page, "totals", val_copy(cx->arena, val_get(paper, "totals")));
    if (row_has(b->quote, QUOTE_MARGIN))
        val_put_printf(page, "margin", "%s%% margin",
                       show_trimmed(cx->arena, row_i64(b->quote, QUOTE_MARGIN), 2));
    if (row_i64(b->quote, QUOTE_GIVEN) != 0)
        val_put_printf(page, "margin", "%s%s%s%% discount given", val_get_text(page, "margin"),
                       text_empty(val_get_text(page, "margin")) ? "" : ", ",
                       show_trimmed(cx->arena, row_i64(b->quote, QUOTE_GIVEN), 2));
    TRY(discount_hint(cx, b->quote, &hint));
    val_put_text(page, "hint", hint);
    return OK;
}

static enum status show(struct build *b)
{
    struct ctx *cx = b->cx;
    struct val *page = val_map(cx->arena), *list = val_put_list(page, "lines");
    struct list_page rates = { 0 };

    if (access_scope(cx->access, "tax_rate", VERB_READ) != SCOPE_NONE)
        TRY(list_run(cx, &tax_rate_type,
                     &(struct list_query){ .sort = "name", .limit = TAXES_MOST }, &rates));
    val_put_printf(page, "title", "Lines of %s", row_title(cx, b->quote));
    val_put_text(page, "url", row_path(cx, b->quote));
    val_put_i64(page, "version", row_version(b->quote));
    val_put_text(page, "currency", row_text(b->quote, QUOTE_CURRENCY));
    for (int i = 0; i < HEADS; i++)
        val_put_text(page, i == H_TITLE ? "shown_title" : heads[i], b->texts[i]);
    TRY(put_totals(b, page));
    put_treatments(b, page);
    for (size_t i = 0; i < b->count; i++)
        TRY(put_line(b, i, &rates, list));
    val_put_bool(page, "any", b->count > 0);
    val_put_bool(page, "too_many", b->stored.count > BUILD_LINES);
    val_put_bool(page, "pending",
                 quote_status_is(b->quote, "needs_approval") ||
                     quote_status_is(b->quote, "approved"));
    TRY(page_ref_choices(cx, "product", "", val_put_map(page, "product")));
    val_put(page, "errors", b->errors);
    val_put_bool(page, "has_errors", b->wrong);
    ctx_clear_error(cx);
    return reply(b->rq, "quote/build", page);
}

/* ---- writing ---- */
static bool is_kept(const struct build *b, const struct row *stored)
{
    for (size_t i = 0; i < b->count; i++)
        if (b->lines[i].row == stored)
            return true;
    return false;
}

/* Who may change the quote may take lines out of it, whoever wrote them. */
static enum status remove_lines(struct build *b)
{
    struct access own;
    scoped(access_leave) struct access_guard guard = quote_enter_trusted(b->cx, &own);

    for (size_t i = 0; i < b->stored.count; i++)
        if (!is_kept(b, b->stored.rows[i]))
            TRY(record_delete(b->cx, b->stored.rows[i]));
    return OK;
}

static enum status save(struct build *b)
{
    struct ctx *cx = b->cx;
    i64 version = 0;

    if (str_i64(str_from(req_form(b->rq, "version")), &version) && version > 0)
        row_expect_version(b->quote, version);
    row_set_i64(b->quote, QUOTE_BUILDING, 1);
    if (!quote_status_is(b->quote, "draft"))
        row_set_text(b->quote, QUOTE_STATUS, "draft");
    TRY(record_save(cx, b->quote));
    for (size_t i = 0; i < b->count; i++) {
        row_set_i64(b->lines[i].row, LINE_POSITION, ((i64)i + 1) * 10);
        TRY(record_save(cx, b->lines[i].row));
    }
    TRY(remove_lines(b));
    row_set_i64(b->quote, QUOTE_BUILDING, 0);
    return record_save(cx, b->quote);
}

static enum status open_build(struct req *rq, struct build **out)
{
    struct build *b = NEW(rq->cx->arena, struct build);
    i64 id;

    b->rq = rq;
    b->cx = rq->cx;
    b->errors = val_list(rq->cx->arena);
    TRY(req_id(rq, "id", &id));
    TRY(record_get(b->cx, &quote_type, id, &b->quote));
    if (quote_is_frozen(b->quote))
        return ctx_fail_code(b->cx, E_CONFLICT, "quote.frozen",
                             "This version was sent and stays as it is. Make a new version to "
                             "change something.");
    *out = b;
    return quote_lines_read(b->cx, id, &b->stored);
}

/* GET /quotes/:id/build */
static enum status build_get(struct req *rq)
{
    struct build *b;

    TRY(open_build(rq, &b));
    TRY(read_stored(b));
    return show(b);
}

/* POST /quotes/:id/build {do: save | count | add | section | product | up.N | down.N | remove.N} */
static enum status build_post(struct req *rq)
{
    const char *button = req_form(rq, "do");
    enum status s = E_INVALID;
    struct build *b;

    TRY(open_build(rq, &b));
    if (!page_may(b->cx, b->quote, VERB_UPDATE))
        return ctx_fail(b->cx, E_FORBIDDEN, "You may not change this quote.");
    if (b->stored.count > BUILD_LINES)
        return ctx_fail_code(b->cx, E_LIMIT, "quote.too_long",
                             "This form has room for %d lines. Change longer quotes over the API.",
                             BUILD_LINES);
    read_form(b);
    b->final = text_is(button, "save");
    TRY(press(b, button));
    parse_head(b);
    for (size_t i = 0; i < b->count; i++)
        TRY(parse_line(b, &b->lines[i]));
    if (!b->final)
        return show(b);
    if (!b->wrong)
        s = save(b);
    if (s == OK)
        return reply_done(rq, row_path(b->cx, b->quote), "Saved: %s.",
                          row_show(b->cx, b->quote, QUOTE_TOTAL));
    if ((s != E_INVALID && s != E_CONFLICT) || rq->wants_json)
        return s;
    if (b->cx->error || b->cx->field_errors)
        whole_error(b, take_error(b->cx));
    reply_status(rq, s == E_CONFLICT ? 409 : 422);
    return show(b);
}

static const struct route routes[] = {
    { HTTP_GET, "/quotes/:id/build", build_get, NEEDS("quote", VERB_UPDATE) },
    { HTTP_POST, "/quotes/:id/build", build_post, NEEDS("quote", VERB_UPDATE) },
};
const struct feature feature_quote_build = { .name = "quote_build", ROUTES(routes) };
