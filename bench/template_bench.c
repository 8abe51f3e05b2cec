/* template_bench.c -- how long a list page takes: kit/list with 50 rows of 8 columns, as it is on
 * disk, rendered from a tree that is already built. Argument: the source folder.
 * Prints the median of rounds, and beside it memcpy of the same page as the floor. */
#include "base/log.h"
#include "kit/template.h"
#include <stdio.h>
#include <stdlib.h>

enum { ROWS = 50, ROUNDS = 2000, FILE_BYTES_MAX = 1 << 20 };

static const char *const names[] = { "board",  "detail", "form",  "home",
                                     "import", "list",   "shell", "value" };

static const char *read_whole(struct arena *a, const char *path)
{
    struct buf b = buf_in(a, FILE_BYTES_MAX);
    char chunk[4096];
    size_t n;
    FILE *f = fopen(path, "re");

    if (f == NULL)
        log_fatal("bench.no_file", "path=\"%s\"", path);
    while ((n = fread(chunk, 1, sizeof chunk, f)) > 0)
        buf_add(&b, chunk, n);
    (void)fclose(f);
    return buf_end(&b);
}

static struct val *add_cell(struct val *cells, const char *kind, const char *text)
{
    struct val *cell = val_add_map(cells);

    val_put_text(cell, "kind", kind);
    val_put_bool(val_put_map(cell, "is"), kind, true);
    val_put_text(cell, "text", text);
    return cell;
}

static void add_row(struct val *rows, int i)
{
    struct val *row = val_add_map(rows), *cells, *cell;

    val_put_printf(row, "id", "01J%010d", i);
    val_put_printf(row, "url", "/deals/01J%010d", i);
    cells = val_put_list(row, "cells");
    cell = add_cell(cells, "title", "Acme & Sons: renewal of the yearly plan");
    val_put_printf(cell, "url", "/deals/01J%010d", i);
    val_put_text(cell, "initials", "AS");
    val_put_i64(cell, "hue", i % 8);
    cell = add_cell(cells, "ref", "Acme & Sons");
    val_put_printf(cell, "url", "/companies/01J%010d", i);
    val_put_text(add_cell(cells, "choice", "Proposal"), "tone", "blue");
    add_cell(cells, "money", "€12,400");
    cell = add_cell(cells, "date", "3 days ago");
    val_put_text(cell, "iso", "2026-03-02T10:00:00Z");
    val_put_text(cell, "full", "Monday 2 March 2026, 10:00");
    cell = add_cell(cells, "person", "Ada Lovelace");
    val_put_text(cell, "initials", "AL");
    val_put_i64(cell, "hue", 3);
    add_cell(cells, "email", "ada.lovelace@example.com");
    add_cell(cells, "empty", "");
}

static struct val *make_page(struct arena *a)
{
    static const char *const columns[] = { "title", "ref",    "choice", "money",
                                           "date",  "person", "email",  "text" };
    struct val *page = val_map(a), *v;

    val_put_text(page, "title", "Deals");
    v = val_put_map(page, "type");
    val_put_text(v, "name", "deal");
    val_put_text(v, "label", "Deal");
    val_put_text(v, "plural", "Deals");
    val_put_text(v, "url", "/deals");
    val_put_bool(page, "can_create", true);
    val_put_text(page, "count", "2,431 deals");
    val_put_bool(page, "has_bulk", true);
    v = val_put_map(page, "assets");
    val_put_text(v, "icons", "/assets/icons.0123456789.svg");
    val_put_text(v, "app_css", "/assets/app.0123456789.css");
    val_put_text(v, "app_js", "/assets/app.0123456789.js");
    v = val_put_map(page, "shell");
    val_put_text(v, "csrf", "0123456789abcdef0123456789abcdef");
    v = val_put_list(v, "nav");
    for (int i = 0; i < 6; i++) {
        struct val *section = val_add_map(v), *items;
        val_put_text(section, "text", "Marketing");
        val_put_text(section, "icon", "home");
        val_put_text(section, "url", "/marketing");
        val_put_bool(section, "on", i == 2);
        items = val_put_list(section, "items");
        for (int n = 0; n < 5; n++) {
            struct val *item = val_add_map(items);
            val_put_text(item, "text", "Campaigns");
            val_put_text(item, "url", "/campaigns");
            val_put_bool(item, "on", false);
        }
    }
    v = val_put_list(page, "columns");
    for (size_t i = 0; i < countof(columns); i++) {
        struct val *column = val_add_map(v);
        val_put_text(column, "kind", columns[i]);
        val_put_text(column, "label", "Expected close");
        val_put_text(column, "sort_url", "/deals?sort=close&filter=stage");
    }
    v = val_put_list(page, "rows");
    for (int i = 0; i < ROWS; i++)
        add_row(v, i);
    return page;
}

static int by_time(const void *a, const void *b)
{
    u64 x = *(const u64 *)a, y = *(const u64 *)b;
    return (x > y) - (x < y);
}

int main(int argc, char **argv)
{
    struct arena *a = arena_new(1 << 20);
    struct clock clock = { .fixed_ms = 1 };
    struct template_file files[countof(names)];
    struct templates *ts;
    struct ctx cx;
    static u64 took[ROUNDS], copied[ROUNDS];

    ctx_init(&cx, a, &clock);
    for (size_t i = 0; i < countof(names); i++) {
        files[i].path = arena_printf(a, "kit/html/%s.html", names[i]);
        files[i].text =
            read_whole(a, arena_printf(a, "%s/src/%s", argc > 1 ? argv[1] : ".", files[i].path));
    }
    u64 begun = clock_mono_ns();
    if (templates_open(&cx, files, countof(files), NULL, &ts) != OK)
        log_fatal("bench.templates", "error=\"%s\"", cx.error_text);
    u64 compiled = clock_mono_ns() - begun;
    struct val *page = make_page(a);
    struct buf out = buf_new(1 << 24), copy = buf_new(1 << 24);
    for (size_t i = 0; i < ROUNDS; i++) {
        buf_clear(&out);
        begun = clock_mono_ns();
        if (template_render(&cx, ts, "kit/list", page, &out) != OK)
            log_fatal("bench.render", "error=\"%s\"", cx.error_text);
        took[i] = clock_mono_ns() - begun;
        buf_clear(&copy);
        begun = clock_mono_ns();
        buf_add(&copy, out.p, out.len);
        copied[i] = clock_mono_ns() - begun;
    }
    qsort(took, ROUNDS, sizeof took[0], by_time);
    qsort(copied, ROUNDS, sizeof copied[0], by_time);
    printf("compile %zu templates: %.1f ms\n", templates_count(ts), (double)compiled / 1e6);
    printf("list page of %d rows, %zu bytes: %.1f us (fastest %.1f), memcpy %.1f us\n", ROWS,
           out.len, (double)took[ROUNDS / 2] / 1e3, (double)took[0] / 1e3,
           (double)copied[ROUNDS / 2] / 1e3);
    if (argc > 2)
        (void)fwrite(out.p, 1, out.len, stdout);
    buf_free(&out);
    buf_free(&copy);
    templates_close(ts);
    arena_free(a);
    return 0;
}
