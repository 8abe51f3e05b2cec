/* csv.h -- RFC 4180 both ways. Reading is libcsv underneath: quoted fields, either line end, a
 * last line without one. Delimiter , ; or tab is found from the first line. */
#pragma once
#include "base/buf.h"

struct csv_row {
    size_t line; /* 1-based line on which the row starts */
    size_t count;
    const struct str *cells; /* borrowed until the next row; NUL bytes refused */
};
/* Calls `row` for each row until it returns something but OK, which is passed on.
 * E_INVALID: a quote that never closes, or a row over LIMIT_FIELDS cells; *line says where. */
MUST_CHECK enum status csv_read(struct str text,
                                enum status (*row)(void *arg, const struct csv_row *r), void *arg,
                                size_t *line);
/* Writing: a comma goes before every cell but a line's first. Cells that a spreadsheet would run
 * as a formula (= + - @ tab CR first) get a leading apostrophe unless they are numbers. */
void csv_cell(struct buf *b, const char *text);
void csv_end_line(struct buf *b);
