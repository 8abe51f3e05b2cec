/* markdown.h -- texts that people write with a few marks, made into markup: headings, lists,
 * quotes, code, emphasis, links, pictures. What is read is a part of CommonMark 0.31.2
 * (https://spec.commonmark.org/0.31.2/): paragraphs, ATX headings, lists, block quotes, fenced and
 * inline code, thematic breaks, emphasis, inline links and images, autolinks, hard breaks,
 * backslash escapes. No HTML is read: a < in the text is a < on the page, so there is no place in
 * which a script could stand.
 *
 * Ownership  results are in the arena; the text is borrowed for the call.
 * Threads    no state. */
#pragma once
#include "base/buf.h"

enum {
    MARKDOWN_BYTES = 200 * 1000,    /* of a text */
    MARKDOWN_OUT_BYTES = 2000 * 1000,
    MARKDOWN_DEPTH = 8,             /* quotes and lists in each other; emphasis likewise */
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
