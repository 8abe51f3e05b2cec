/* markdown.h -- texts that people write with a few marks, made into markup: headings, lists,
 * quotes, code, tables, emphasis, links, pictures. What is read is CommonMark 0.30 as md4c reads it
 * (https://spec.commonmark.org/0.30/), without HTML, entities and indented code; tables and bare
 * addresses as GitHub reads them. A < in the text is a < on the page, so there is no place in which
 * a script could stand.
 *
 * Ownership  results are in the arena; the text is borrowed for the call.
 * Threads    no state. */
#pragma once
#include "base/buf.h"

enum {
    MARKDOWN_BYTES = 200 * 1000,    /* of a text */
    MARKDOWN_OUT_BYTES = 2000 * 1000,
    MARKDOWN_DEPTH = 24,            /* blocks in each other; what is deeper is words */
    MARKDOWN_HEADINGS = 100,        /* that have an id and are named in the table of contents */
};
struct markdown_heading {
    const char *id, *text; /* "h-reset-a-probe" */
    int level;             /* 2 to 4: the title of a page is its h1 */
};
struct markdown {
    const char *html;
    const char *text; /* the words alone, a line for each block */
    struct markdown_heading *headings;
    size_t heading_count;
    const char *image; /* address of the first picture on another site; "" */
};

/* Addresses of links may begin with http:, https:, mailto:, tel:, / or #, those of pictures with
 * https: or /; other links are their text, other pictures their description. E_LIMIT: the text, or
 * what it becomes, is too long. */
MUST_CHECK enum status markdown_read(struct arena *a, const char *text, struct markdown *out);
