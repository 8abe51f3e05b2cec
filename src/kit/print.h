/* print.h -- a page of tiles on paper: the value tree that a dashboard's page is made from, drawn
 * with cairo and Pango as PDF (A4 landscape, several pages) or as one PNG. Letters are text with
 * their fonts embedded, shapes are vectors. It asks nothing: whoever has the tree can print it.
 *
 * The tree: title, description, period {text, against}, conditions [] {label, op_text, value_text},
 * made, tiles [] as the comment of dashboard/tile in dashboard.html says.
 *
 * Threads    any: each call has surfaces and a font map of its own thread. */
#pragma once
#include "base/ctx.h"
#include "base/str.h"

/* What the style sheet and the map of the browser are made from: lines "series-1 #2f6b3c", and of
 * countries "DE 512,203 513,204 ...;...", the first line their box "1000 430". Files of the web
 * build (web_asset_text). Empty: everything is drawn in grey, and a map as bars. */
struct print_look {
    struct str palette, world;
};
enum print_format { PRINT_PDF, PRINT_PNG };
/* *out is in cx's arena. E_LIMIT: too tall for one picture, or over LIMIT_PRINT_BYTES. */
MUST_CHECK enum status print_board(struct ctx *cx, const struct val *page,
                                   const struct print_look *look, enum print_format format,
                                   struct str *out);
