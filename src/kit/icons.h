/* icons.h -- icons drawn where they stand in a page, from the one file that has all of them. */
#pragma once
#include "base/buf.h"
#include "base/ctx.h"

struct icons;
/* `file`: icons.svg, borrowed for good; `path`: its address. In arena. */
struct icons *icons_open(struct arena *a, struct str file, const char *path);
/* Every <svg ...><use href="PATH#NAME"></use></svg> of a page becomes the icon's own shapes; a name
 * that is none stays as it is. *page is another buffer then, in cx's arena. E_LIMIT: over
 * LIMIT_PAGE_BYTES. Any thread. */
MUST_CHECK enum status icons_draw(struct ctx *cx, const struct icons *all, struct buf *page);
