/* csv_fuzz.c -- whatever bytes come: the reader refuses them, or the rows that it gave survive
 * being written and read again, but for the apostrophe before formulas. */
#include "base/csv.h"
#include "fuzz.h"

struct rows {
    struct arena *arena;
    const char **cells; /* a NULL ends a row */
    size_t count, cap;
    size_t last_line;
};

static void add(struct rows *r, const char *cell)
{
    if (r->count == r->cap) {
        size_t cap = r->cap == 0 ? 64 : r->cap * 2;
        const char **cells = NEW_N(r->arena, const char *, cap);
        if (r->count > 0)
            memcpy(cells, r->cells, r->count * sizeof *cells);
        r->cells = cells;
        r->cap = cap;
    }
    r->cells[r->count++] = cell;
}

static enum status collect(void *arg, const struct csv_row *row)
{
    struct rows *r = arg;

    must(row->line > r->last_line, "a row's line does not grow");
    must(row->count > 0, "a row without cells");
    r->last_line = row->line;
    for (size_t i = 0; i < row->count; i++)
        add(r, str_dup(r->arena, row->cells[i]));
    add(r, NULL);
    return OK;
}

static bool same(const char *cell, const char *back)
{
    if (cell == NULL || back == NULL)
        return cell == back;
    return text_is(cell, back) || (back[0] == '\'' && text_is(cell, back + 1));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct arena *a = arena_new(64 * 1024);
    struct rows rows = { .arena = a }, back = { .arena = a };
    struct buf b = buf_in(a, SIZE_MAX / 2);
    size_t line = 0;

    if (csv_read((struct str){ (const char *)data, size }, collect, &rows, &line) == OK) {
        for (size_t i = 0; i < rows.count; i++) {
            if (rows.cells[i] == NULL)
                csv_end_line(&b);
            else
                csv_cell(&b, rows.cells[i]);
        }
        must(csv_read((struct str){ b.p, b.len }, collect, &back, &line) == OK,
             "what was written does not read");
        must(back.count == rows.count, "other rows came back");
        for (size_t i = 0; i < rows.count; i++)
            must(same(rows.cells[i], back.cells[i]), "another cell came back");
    } else {
        must(line >= 1, "the error says no line");
    }
    arena_free(a);
    return 0;
}
