/* price_test.c -- what quotes come to: cases worked by hand, and thousands at random that Python's
 * decimal arithmetic (price_oracle.py) counts as well. */
#include "base/buf.h"
#include "base/testing.h"
#include "sales/price.h"
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

enum { RANDOM_QUOTES = 4000 };

struct test {
    struct ctx cx;
    struct arena *arena;
};

static const char *oracle; /* price_oracle.py */

static int set_up(void **state)
{
    static struct test t;

    t.arena = arena_new(1024 * 1024);
    ctx_init(&t.cx, t.arena, NULL);
    *state = &t;
    return 0;
}

static int tear_down(void **state)
{
    arena_free(((struct test *)*state)->arena);
    return 0;
}

#define TEST(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)

/* ---- by hand ---- */
struct hand {
    const char *what;
    struct price_line lines[4];
    struct price_discount line_discounts[2], discounts[2];
    bool included, by_line;
    i64 sum, discount, base, tax, due;
};
/* quantity in units, price in minor units: of PRICE_SCALE below. */
static const struct hand hands[] = {
    { "three at 19.99, 19 percent",
      { { .quantity = 3, .unit = 1999, .tax_rate = 190000 } },
      .sum = 5997,
      .base = 5997,
      .tax = 1139,
      .due = 7136 }, /* 1139.43 */
    { "half a cent goes up",
      { { .quantity = 1, .unit = 50, .tax_rate = 70000 } },
      .sum = 50,
      .base = 50,
      .tax = 4,
      .due = 54 }, /* 3.5 */
    { "and a negative one down",
      { { .quantity = -1, .unit = 50, .tax_rate = 70000 } },
      .sum = -50,
      .base = -50,
      .tax = -4,
      .due = -54 },
    { "rates are rounded as sums",
      { { .quantity = 1, .unit = 33, .tax_rate = 70000 },
        { .quantity = 1, .unit = 33, .tax_rate = 70000 },
        { .quantity = 1, .unit = 33, .tax_rate = 70000 } },
      .sum = 99,
      .base = 99,
      .tax = 7,
      .due = 106 }, /* 6.93; 2.31 each are 6 */
    { "or line by line",
      { { .quantity = 1, .unit = 33, .tax_rate = 70000 },
        { .quantity = 1, .unit = 33, .tax_rate = 70000 },
        { .quantity = 1, .unit = 33, .tax_rate = 70000 } },
      .by_line = true,
      .sum = 99,
      .base = 99,
      .tax = 6,
      .due = 105 },
    { "tax included",
      { { .quantity = 1, .unit = 11900, .tax_rate = 190000 } },
      .included = true,
      .sum = 11900,
      .base = 10000,
      .tax = 1900,
      .due = 11900 },
    { "tax included does not change what is due",
      { { .quantity = 1, .unit = 9999, .tax_rate = 190000 } },
      .included = true,
      .sum = 9999,
      .base = 8403,
      .tax = 1596,
      .due = 9999 }, /* 8402.52 */
    { "discounts of what is left",
      { { .quantity = 1, .unit = 10000, .discount_count = 2 } },
      .line_discounts = { { .value = 100000 }, { .value = 50000 } },
      .sum = 8550,
      .base = 8550,
      .due = 8550 },
    { "an amount, then a share",
      { { .quantity = 2, .unit = 10000, .discount_count = 2 } },
      .line_discounts = { { .is_amount = true, .value = 5000 }, { .value = 100000 } },
      .sum = 13500,
      .base = 13500,
      .due = 13500 },
    { "off the total, by what rates are worth",
      { { .quantity = 1, .unit = 10000, .tax_rate = 190000 },
        { .quantity = 1, .unit = 5000, .tax_rate = 70000 } },
      .discounts = { { .is_amount = true, .value = 1000 } },
      .sum = 15000,
      .discount = 1000,
      .base = 14000,
      .tax = 2100,
      .due = 16100 },
    /* 667 and 333 off: 9333 x 0.19 = 1773.27, 4667 x 0.07 = 326.69 */
    { "what was not chosen",
      { { .quantity = 1, .unit = 100, .tax_rate = 200000 },
        { .quantity = 1, .unit = 900, .left_out = true } },
      .sum = 100,
      .base = 100,
      .tax = 20,
      .due = 120 },
    { "free", { { .quantity = 0, .unit = 100, .tax_rate = 200000 } }, .sum = 0 },
    { "what cancels out",
      { { .quantity = 1, .unit = 100, .tax_rate = 200000 },
        { .quantity = -1, .unit = 100, .tax_rate = 200000 } },
      .discounts = { { .value = 100000 } },
      .sum = 0 },
    { "all of it off",
      { { .quantity = 1, .unit = 100, .tax_rate = 200000 } },
      .discounts = { { .value = PRICE_WHOLE } },
      .sum = 100,
      .discount = 100 },
    { "nothing at all", .sum = 0 },
};

static void take_hand(const struct hand *h, struct price_quote *q, struct price_line lines[4],
                      struct price_discount discounts[4])
{
    *q = (struct price_quote){ .lines = lines,
                               .discounts = discounts + 2,
                               .tax_included = h->included,
                               .tax_by_line = h->by_line };
    memcpy(discounts, h->line_discounts, sizeof h->line_discounts);
    memcpy(discounts + 2, h->discounts, sizeof h->discounts);
    for (size_t i = 0; i < 4; i++) {
        lines[i] = h->lines[i];
        lines[i].quantity *= PRICE_SCALE;
        lines[i].unit *= PRICE_SCALE;
        lines[i].discounts = discounts;
        if (lines[i].quantity || lines[i].unit)
            q->line_count = i + 1;
    }
    while (q->discount_count < 2 && h->discounts[q->discount_count].value)
        q->discount_count++;
}

static void comes_to_what_was_worked_by_hand(void **state)
{
    struct test *t = *state;

    for (size_t i = 0; i < countof(hands); i++) {
        const struct hand *h = &hands[i];
        struct price_quote q;
        struct price_line lines[4];
        struct price_discount discounts[4];
        take_hand(h, &q, lines, discounts);
        assert_int_equal(price_count(&t->cx, &q), OK);
        if (q.all.sum != h->sum || q.all.discount != h->discount || q.all.base != h->base ||
            q.all.tax != h->tax || q.all.due != h->due)
            fail_msg("%s: %lld - %lld = %lld + %lld = %lld", h->what, (long long)q.all.sum,
                     (long long)q.all.discount, (long long)q.all.base, (long long)q.all.tax,
                     (long long)q.all.due);
    }
}

static void recurring_payments_are_summed_apart(void **state)
{
    struct test *t = *state;
    struct price_line lines[] = {
        { .quantity = PRICE_SCALE, .unit = 100000 * (i64)PRICE_SCALE, .tax_rate = 190000 },
        { .quantity = 5 * PRICE_SCALE,
          .unit = 2000 * (i64)PRICE_SCALE,
          .tax_rate = 190000,
          .months = 1,
          .unit_cost = 500 * (i64)PRICE_SCALE },
        { .quantity = PRICE_SCALE, .unit = 60000 * (i64)PRICE_SCALE, .tax_rate = 0, .months = 12 },
    };
    struct price_discount off = { .value = 100000 };
    struct price_quote q = {
        .lines = lines, .line_count = 3, .discounts = &off, .discount_count = 1
    };

    assert_int_equal(price_count(&t->cx, &q), OK);
    assert_int_equal(q.total_count, 3);
    assert_int_equal(q.totals[0].months, 0);
    assert_int_equal(q.totals[0].due, 107100);
    assert_int_equal(q.totals[1].months, 1);
    assert_int_equal(q.totals[1].base, 9000);
    assert_int_equal(q.totals[1].due, 10710);
    assert_int_equal(price_margin(&q.totals[1]), 722222); /* (90 - 25) / 90 */
    assert_int_equal(q.totals[2].due, 54000);
    assert_int_equal(q.all.due, 107100 + 10710 + 54000);
    assert_int_equal(off.gives, 17000);
}

/* ---- refused ---- */
static void says_what_cannot_be(void **state)
{
    static const struct {
        struct price_line line;
        struct price_discount of_line, of_total;
        enum status status;
        const char *code;
    } cases[] = {
        { { .quantity = 1, .unit = 100 },
          { .is_amount = true, .value = 101 },
          { 0 },
          E_INVALID,
          "price.discount" },
        { { .quantity = 1, .unit = 100 },
          { .is_amount = true, .value = -1 },
          { 0 },
          E_INVALID,
          "price.discount" },
        { { .quantity = -1, .unit = 100 },
          { .is_amount = true, .value = 1 },
          { 0 },
          E_INVALID,
          "price.discount" },
        { { .quantity = 1, .unit = 100 },
          { .value = PRICE_WHOLE + 1 },
          { 0 },
          E_INVALID,
          "price.discount" },
        { { .quantity = 1, .unit = 100 }, { .value = -1 }, { 0 }, E_INVALID, "price.discount" },
        { { .quantity = 1, .unit = 100 },
          { 0 },
          { .is_amount = true, .value = 101 },
          E_INVALID,
          "price.discount" },
        { { .quantity = 1, .unit = 100, .tax_rate = -1 }, { 0 }, { 0 }, E_INVALID, "price.range" },
        { { .quantity = 1, .unit = 100, .tax_rate = PRICE_WHOLE + 1 },
          { 0 },
          { 0 },
          E_INVALID,
          "price.range" },
        { { .quantity = 1, .unit = 100, .months = PRICE_MONTHS + 1 },
          { 0 },
          { 0 },
          E_INVALID,
          "price.range" },
        { { .quantity = 1, .unit = 100, .months = -1 }, { 0 }, { 0 }, E_INVALID, "price.range" },
        { { .quantity = 900000000, .unit = 900000000000 }, { 0 }, { 0 }, E_INVALID, "price.range" },
        { { .quantity = 1, .unit = 1, .unit_cost = 90000000000000 }, { 0 }, { 0 }, OK, "" },
    };
    struct test *t = *state;

    for (size_t i = 0; i < countof(cases); i++) {
        struct price_line line = cases[i].line;
        struct price_discount one = cases[i].of_line, all = cases[i].of_total;
        struct price_quote q = {
            .lines = &line, .line_count = 1, .discounts = &all, .discount_count = 1
        };
        line.quantity *= PRICE_SCALE;
        line.unit *= PRICE_SCALE;
        line.discounts = &one;
        line.discount_count = 1;
        ctx_clear_error(&t->cx);
        assert_int_equal(price_count(&t->cx, &q), cases[i].status);
        if (cases[i].status != OK)
            assert_string_equal(t->cx.error_code, cases[i].code);
    }
}

static void too_many_are_refused(void **state)
{
    struct test *t = *state;
    struct price_line *lines = NEW_N(t->arena, struct price_line, PRICE_LINES + 1);
    struct price_discount discounts[PRICE_DISCOUNTS + 1] = { 0 };
    struct price_quote q = { .lines = lines, .line_count = PRICE_LINES + 1 };

    assert_int_equal(price_count(&t->cx, &q), E_LIMIT);
    q.line_count = PRICE_LINES;
    assert_int_equal(price_count(&t->cx, &q), OK);
    q.discounts = discounts;
    q.discount_count = countof(discounts);
    assert_int_equal(price_count(&t->cx, &q), E_LIMIT);
}

/* ---- at random, beside another library ---- */
static u64 random_state = 11;

static i64 draw(i64 below)
{
    random_state = random_state * 6364136223846793005u + 1442695040888963407u;
    return (i64)((random_state >> 33) % (u64)below);
}

static i64 draw_rate(void)
{
    static const i64 rates[] = { 0, 190000, 70000, 81000, 200000, 55000, 88750 };

    return rates[draw(countof(rates))];
}

static void draw_discounts(struct arena *a, struct price_discount **list, size_t *count, i64 most)
{
    *count = draw(3) ? 0 : (size_t)draw(4);
    *list = NEW_N(a, struct price_discount, *count + 1);
    for (size_t i = 0; i < *count; i++) {
        bool amount = draw(2) && most != 0;
        (*list)[i] = (struct price_discount){ .is_amount = amount,
                                              .value = amount ? draw(labs((long)most) / 8 + 1) *
                                                                    (most < 0 ? -1 : 1)
                                                       : draw(4) ? draw(400000)
                                                                 : draw(40) * 10000 };
    }
}

static void draw_quote(struct arena *a, struct price_quote *q)
{
    q->line_count = (size_t)draw(12) + 1;
    q->lines = NEW_N(a, struct price_line, q->line_count);
    q->tax_included = draw(2);
    q->tax_by_line = draw(3) == 0;
    for (size_t i = 0; i < q->line_count; i++) {
        struct price_line *l = &q->lines[i];
        *l = (struct price_line){ .quantity = draw(3) ? draw(20) * PRICE_SCALE : draw(500000),
                                  .unit = draw(3) ? draw(100000) * PRICE_SCALE : draw(90000000),
                                  .unit_cost = draw(60000000),
                                  .tax_rate = draw_rate(),
                                  .months = draw(3)   ? 0
                                            : draw(2) ? 1
                                                      : 12,
                                  .left_out = draw(8) == 0 };
        if (draw(9) == 0)
            l->quantity = -l->quantity;
        i64 worth = l->quantity / 100 * (l->unit / 100) / PRICE_SCALE;
        draw_discounts(a, &l->discounts, &l->discount_count, worth);
    }
    draw_discounts(a, &q->discounts, &q->discount_count, 0);
}

static void put_discounts(struct buf *b, const struct price_discount *list, size_t count)
{
    buf_char(b, '[');
    for (size_t i = 0; i < count; i++)
        buf_printf(b, "%s[%d,%lld]", i ? "," : "", list[i].is_amount, (long long)list[i].value);
    buf_char(b, ']');
}

static void put_quote(struct buf *b, const struct price_quote *q)
{
    buf_printf(b, "{\"included\":%d,\"by_line\":%d,\"discounts\":", q->tax_included,
               q->tax_by_line);
    put_discounts(b, q->discounts, q->discount_count);
    buf_text(b, ",\"lines\":[");
    for (size_t i = 0; i < q->line_count; i++) {
        const struct price_line *l = &q->lines[i];
        buf_printf(b, "%s[%lld,%lld,%lld,%lld,%d,%d,", i ? "," : "", (long long)l->quantity,
                   (long long)l->unit, (long long)l->unit_cost, (long long)l->tax_rate, l->months,
                   l->left_out);
        put_discounts(b, l->discounts, l->discount_count);
        buf_char(b, ']');
    }
    buf_text(b, "]}");
}

static void put_total(struct buf *b, const struct price_total *t)
{
    buf_printf(b, "%lld,%lld,%lld,%lld,%lld,%lld]", (long long)t->sum, (long long)t->discount,
               (long long)t->base, (long long)t->tax, (long long)t->due, (long long)t->cost);
}

static void put_answer(struct buf *b, const struct price_quote *q)
{
    buf_text(b, "{\"lines\":[");
    for (size_t i = 0; i < q->line_count; i++) {
        const struct price_line *l = &q->lines[i];
        buf_printf(b, "%s[%lld,%lld,%lld,%lld,%lld,%lld]", i ? "," : "", (long long)l->list,
                   (long long)l->sum, (long long)l->share, (long long)l->base, (long long)l->tax,
                   (long long)l->cost);
    }
    buf_text(b, "],\"all\":[");
    put_total(b, &q->all);
    buf_text(b, ",\"totals\":[");
    for (size_t i = 0; i < q->total_count; i++) {
        buf_printf(b, "%s[%d,", i ? "," : "", q->totals[i].months);
        put_total(b, &q->totals[i]);
    }
    buf_text(b, "],\"taxes\":[");
    for (size_t i = 0; i < q->tax_count; i++)
        buf_printf(b, "%s[%d,%lld,%lld,%lld]", i ? "," : "", q->taxes[i].months,
                   (long long)q->taxes[i].rate, (long long)q->taxes[i].base,
                   (long long)q->taxes[i].tax);
    buf_text(b, "]}");
}

/* Discounts that were drawn may take off too much: such a quote is refused, and drawn again. */
static void comes_to_what_decimal_says(void **state)
{
    struct test *t = *state;
    char in[] = "/tmp/furrow-price-XXXXXX";
    int fd = mkstemp(in);
    FILE *asked = fdopen(fd, "w"), *answers;
    const char **ours = NEW_N(t->arena, const char *, RANDOM_QUOTES);
    char *line = NULL;
    size_t cap = 0;

    assert_non_null(asked);
    for (size_t i = 0; i < RANDOM_QUOTES;) {
        struct price_quote q = { 0 };
        struct buf text = buf_in(t->arena, 64 * 1024), answer = buf_in(t->arena, 64 * 1024);
        draw_quote(t->arena, &q);
        if (price_count(&t->cx, &q) != OK) {
            ctx_clear_error(&t->cx);
            continue;
        }
        put_quote(&text, &q);
        put_answer(&answer, &q);
        fprintf(asked, "%s\n", buf_end(&text));
        ours[i++] = buf_end(&answer);
    }
    assert_int_equal(fclose(asked), 0);
    answers = popen(arena_printf(t->arena, "/usr/bin/python3 %s < %s", oracle, in), "r");
    assert_non_null(answers);
    for (size_t i = 0; i < RANDOM_QUOTES; i++) {
        ssize_t len = getline(&line, &cap, answers);
        assert_true(len > 0);
        line[len - 1] = '\0';
        assert_string_equal(ours[i], line);
    }
    free(line);
    assert_int_equal(pclose(answers), 0);
    unlink(in);
}

int main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = {
        TEST(comes_to_what_was_worked_by_hand),
        TEST(recurring_payments_are_summed_apart),
        TEST(says_what_cannot_be),
        TEST(too_many_are_refused),
        TEST(comes_to_what_decimal_says),
    };

    oracle = argc > 1 ? argv[1] : "tests/sales/price_oracle.py";
    return cmocka_run_group_tests(tests, NULL, NULL);
}
