/* journey_rows_fuzz.c -- what a server sends for rows, any bytes: however it is cut into pieces, it
 * is refused or shows the same rows, which are of people there are and in order, and which read as
 * they were written. The first byte chooses the columns, the second the length of a piece. */
#include "fuzz.h"
#include "journey/ch_int.h"
#include <string.h>

enum { PEOPLE = 1000 };

struct shown {
    struct buf rows; /* encoded again, with all columns */
    u32 count;
    struct ch_row last;
};

static bool show(void *arg, const struct ch_row *r)
{
    struct shown *s = arg;
    const struct ch_row *l = &s->last;

    must(r->alive, "only what lives is shown");
    must(r->owner > 0 && r->owner <= PEOPLE && r->e.person > 0 && r->e.person <= PEOPLE,
         "rows are of people there are");
    must(s->count == 0 || r->owner > l->owner ||
             (r->owner == l->owner &&
              (r->e.at_ms > l->e.at_ms || (r->e.at_ms == l->e.at_ms && r->e.seq > l->e.seq))),
         "rows come in order, none twice");
    ch_encode(&s->rows, r);
    s->last = *r;
    s->count++;
    return true;
}

static enum status feed(struct ctx *cx, u32 columns, bool props, const char *p, size_t len,
                        size_t piece, struct shown *out)
{
    struct ch_rows *rows = ch_rows_open(cx, PEOPLE, columns, props, show, out);
    enum status s = OK;

    *out = (struct shown){ .rows = buf_new(1 << 26) };
    ctx_clear_error(cx);
    for (size_t at = 0; at < len && s == OK; at += piece)
        s = ch_rows_piece(rows, 200, p + at, len - at < piece ? len - at : piece) ? OK : E_IO;
    if (s == OK)
        s = ch_rows_end(rows);
    must(s == OK || cx->error_text[0] != '\0', "a refusal says why");
    ch_rows_close(rows);
    return s;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (size < 2)
        return 0;
    scoped(arena_close) struct arena *a = arena_new(1 << 14);
    u32 columns = data[0] & 1 ? COLS_NUMBERS : COL_BIT(COL_KIND) | (u32)(data[0] & 0x7c) << 4;
    const char *bytes = (const char *)data + 2;
    struct shown whole, cut, again;
    struct ctx cx;

    ctx_init(&cx, a, NULL);
    enum status s = feed(&cx, columns, data[0] & 2, bytes, size - 2, size, &whole);
    enum status t = feed(&cx, columns, data[0] & 2, bytes, size - 2, 1u + data[1] % 64, &cut);
    must(s == t && whole.count == cut.count && whole.rows.len == cut.rows.len &&
             (whole.rows.len == 0 || memcmp(whole.rows.p, cut.rows.p, whole.rows.len) == 0),
         "pieces make no difference");
    must(feed(&cx, COLS_NUMBERS, true, whole.rows.p, whole.rows.len, 4096, &again) == OK,
         "what was written reads");
    must(again.count == whole.count && again.rows.len == whole.rows.len &&
             (again.rows.len == 0 || memcmp(again.rows.p, whole.rows.p, again.rows.len) == 0),
         "a row reads as it was written");
    buf_free(&whole.rows);
    buf_free(&cut.rows);
    buf_free(&again.rows);
    return 0;
}
