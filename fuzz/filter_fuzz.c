/* filter_fuzz.c -- whatever stands in ?filter=: it is refused with a word, or it is one question
 * with one answer. The text it gives out asks the same, its words are text, and SQL and the look at
 * rows in memory find the same records. */
#include "base/limits.h"
#include "base/utf8.h"
#include "fuzz.h"
#include "kit/filter.h"
#include "support/house.h"

enum { ROWS = 24, TEXT_BYTES = 2000 };

static struct house *house;
static const struct record_type *deal;
static struct row *rows[ROWS];

static void close_house(void) { house_close(house); }

static void set(struct row *r, const char *field, const char *text)
{
    must(row_parse(house->cx, r, type_field(row_type(r), field), text) == OK, field);
}

/* Deals that differ in every kind of field, some of them empty. */
static void open_house(void)
{
    static const char *const names[] = { "Renewal", "Äpfel & Öl", "50% off_all", "o'Brien", "" };
    static const char *const amounts[] = { "", "0", "12.34 EUR", "999999999 EUR", "7 EUR" };
    static const char *const days[] = { "", "2026-11-23", "2026-11-30", "2026-10-01",
                                        "2027-01-01" };
    struct ctx *cx;
    struct row *company;

    house = house_open(DB_SQLITE, NULL);
    atexit(close_house);
    cx = house->cx;
    cx->access = access_system();
    deal = type_find(cx, "deal");
    company = row_new(cx, type_find(cx, "company"));
    set(company, "name", "Acme");
    set(company, "city", "Lübeck");
    must(record_save(cx, company) == OK, "no company");
    for (int i = 0; i < ROWS; i++) {
        struct row *r = rows[i] = row_new(cx, deal);
        set(r, "name", i % 5 == 4 ? "x" : names[i % 5]);
        set(r, "amount", amounts[i / 5]);
        set(r, "close_date", days[i % 3 + i / 12]);
        if (i % 4 == 0)
            row_set_i64(r, type_field(deal, "company_id"), row_id(company));
        if (i % 3 == 0)
            set(r, "tags", "fair, key account");
        must(record_save(cx, r) == OK, "no deal");
        must(record_get(cx, deal, row_id(r), &rows[i]) == OK, "the deal is gone");
    }
}

static bool found(const struct list_page *page, const struct row *r)
{
    for (size_t i = 0; i < page->count; i++)
        if (row_id(page->rows[i]) == row_id(r))
            return true;
    return false;
}

static void check_same(struct ctx *cx, const char *text, const struct filter *f)
{
    struct list_query query = { .filter = text, .limit = LIMIT_LIST_ROWS };
    struct list_page page;

    must(list_run(cx, deal, &query, &page) == OK, "what can be read cannot be asked");
    for (int i = 0; i < ROWS; i++) {
        bool matches;
        must(filter_match(cx, f, rows[i], &matches) == OK, "a row that cannot be judged");
        must(matches == found(&page, rows[i]), "SQL and memory differ");
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct filter *f, *again;
    struct ctx cx;

    if (house == NULL)
        open_house();
    if (size > TEXT_BYTES || memchr(data, 0, size) != NULL ||
        !utf8_valid((struct str){ (const char *)data, size }))
        return 0;
    struct arena *a = arena_new(256 * 1024);
    cx = *house->cx;
    cx.arena = a;
    const char *text = arena_dup(a, (const char *)data, size);
    if (filter_parse(&cx, deal, text, &f) == OK) {
        const char *canonical = filter_text(&cx, f);
        must(filter_parse(&cx, deal, canonical, &again) == OK, "its own text is refused");
        must(text_is(filter_text(&cx, again), canonical), "its own text changes");
        must(utf8_valid(str_from(filter_words(&cx, f))), "words that are no UTF-8");
        check_same(&cx, text, f);
        check_same(&cx, canonical, again);
    } else {
        must(cx.error == E_INVALID || cx.error == E_LIMIT, "refused as something else");
        must(cx.error_text != NULL && cx.error_text[0] != '\0', "refused without a word");
    }
    arena_free(a);
    return 0;
}
