/* list_bench.c -- a page of 50 out of many contacts, as list_run brings it: filtered and sorted by
 * indexed fields, by narrow and by wide conditions, first page and second.
 *     list_bench [ROWS]              SQLite; 1,000,000 rows take some minutes to make */
#include "base/id.h"
#include "kit/filter.h"
#include "support/house.h"
#include <stdio.h>
#include <stdlib.h>

enum { BATCH = 500, ROUNDS = 31 };

static u32 dice(u64 *seed, u32 sides)
{
    *seed = *seed * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
    return (u32)(*seed >> 33) % sides;
}

static void set(struct row *r, const char *field, const char *text)
{
    row_set_text(r, type_field(row_type(r), field), text);
}

static void make_contacts(struct house *h, int rows)
{
    static const char *const stages[] = { "lead",     "lead", "lead", "lead", "lead",
                                          "customer", "mql",  "lead", "sal",  "subscriber" };
    static const char *const channels[] = { "direct", "email", "paid-search", "organic-search" };
    const struct record_type *t = type_find(h->cx, "contact");
    struct arena *a = arena_new(1 << 20), *outer = h->cx->arena;
    struct row *batch[BATCH];
    u64 seed = 1;

    for (int i = 0; i < rows; i += BATCH) {
        arena_reset(a);
        h->cx->arena = a;
        for (int j = 0; j < BATCH; j++) {
            struct row *r = batch[j] = row_new(h->cx, t);
            set(r, "first_name", arena_printf(a, "First %d", i + j));
            set(r, "last_name", arena_printf(a, "Last %u", dice(&seed, 500000)));
            set(r, "email", arena_printf(a, "p%d@example.com", i + j));
            set(r, "lifecycle", stages[dice(&seed, countof(stages))]);
            set(r, "first_channel", channels[dice(&seed, countof(channels))]);
            set(r, "city", arena_printf(a, "City %u", dice(&seed, 5000)));
            row_set_i64(r, type_field(t, "score"), dice(&seed, 200));
            row_set_i64(r, type_field(t, "lead_at"),
                        HOUSE_NOW - (i64)dice(&seed, 730) * (i64)MS_DAY);
        }
        if (record_save_many(h->cx, batch, BATCH) != OK) {
            fprintf(stderr, "list_bench: %s\n", h->cx->error_text);
            exit(1);
        }
    }
    h->cx->arena = outer;
    arena_free(a);
}

static int by_size(const void *a, const void *b)
{
    u64 x = *(const u64 *)a, y = *(const u64 *)b;

    return (x > y) - (x < y);
}

/* Median of some rounds, in ns; *next is the cursor of the second page. */
static u64 time_page(struct house *h, struct list_query *q, const char **next, size_t *rows)
{
    u64 ns[ROUNDS];

    for (int i = 0; i < ROUNDS; i++) {
        struct arena *a = arena_new(1 << 18);
        struct ctx cx = *h->cx;
        struct list_page page;
        u64 began = clock_mono_ns();
        cx.arena = a;
        assert_ok(&cx, list_run(&cx, type_find(&cx, "contact"), q, &page));
        ns[i] = clock_mono_ns() - began;
        *rows = page.count;
        *next = arena_text(h->arena, page.next);
        arena_free(a);
    }
    qsort(ns, ROUNDS, sizeof *ns, by_size);
    return ns[ROUNDS / 2];
}

int main(int argc, char **argv)
{
    static const char *const asked[][2] = {
        { "", "-created_at" },
        { "", "last_name" },
        { "score > 150", "-score" },
        { "lifecycle = 'customer'", "-score" },
        { "lifecycle = 'customer' and score > 150", "-score" },
        { "lifecycle = 'mql' and first_channel = 'email'", "-lead_at" },
        { "lead_at = last_30_days", "-lead_at" },
        { "email = 'p777@example.com'", "" },
        { "last_name starts 'Last 99'", "last_name" },
        { "last_name starts 'Last 99'", "-score" },
        { "lifecycle = 'disqualified'", "-score" },
        { "city = 'City 77'", "last_name" },
    };
    int rows = argc > 1 ? atoi(argv[1]) : 100 * 1000;
    struct house *h = house_open(DB_SQLITE, NULL);

    make_contacts(h, rows);
    printf("%d contacts; median of %d in ms\n%-52s %-12s %5s %9s %9s\n", rows, ROUNDS, "filter",
           "sort", "rows", "first", "second");
    for (size_t i = 0; i < countof(asked); i++) {
        struct list_query q = { .filter = asked[i][0], .sort = asked[i][1], .limit = 50 };
        const char *next, *last;
        size_t count, more;
        u64 first = time_page(h, &q, &next, &count), second;
        q.cursor = next;
        second = next[0] ? time_page(h, &q, &last, &more) : 0;
        printf("%-52s %-12s %5zu %9.3f %9.3f\n", asked[i][0], asked[i][1], count,
               (double)first / 1e6, (double)second / 1e6);
    }
    house_close(h);
    return 0;
}
