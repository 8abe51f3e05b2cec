/* template.h -- pages and mails: Mustache (core and inheritance), compiled once into programs and
 * rendered over a value tree. A `{{x}}` is escaped for the place where it stands, which the
 * compiler finds by reading the HTML around it; there is no raw form: markup needs a value of kind
 * html.
 *
 * Files      one file holds one template, named by its path without extension, or several, each
 *            after a line `{{! template: kit/list }}`. The extension says the mode: below.
 * Places     text             & < > " are escaped; a value of kind html is printed as it is
 *            attribute="..."  escaped, html too. Other quoting with a tag inside is refused
 *            address="..."    (href, src, action, formaction, poster, data, cite, background,
 *                             hx-get, hx-post, hx-put, hx-patch, hx-delete, sse-connect, and names
 *                             that end in -url, -href or -src) a tag at the very start is a whole
 *                             address: relative, http, https, mailto or tel, anything else becomes
 *                             "#blocked"; a later tag is a part of one and is percent-encoded, a
 *                             slash included. The source of a script must be a path of this site
 *            hx-trigger       letters, digits and -_.: only; anything else becomes "blocked"
 *            <script type="application/json"> or ld+json: the value as JSON, trees included
 *            <textarea>, <title>: escaped, html too
 *            everywhere else  (names, style, on..., comments, scripts) the compiler refuses the tag
 * Sections   `{{#on}} checked{{/on}}` inside a tag is fine; a section must end in the kind of place
 *            it began in. Partials and blocks are compiled for the place where they are used.
 * White      in HTML, runs of white space between tags shrink to one (not in pre and textarea) and
 *            the indentation of partials is not copied; the other modes keep every byte.
 * Scope      a block's text sees the blocks of the template it is written in. A partial or parent
 *            sees the blocks given to the template that names it.
 * Threads    rendering from any number at once; templates_open and templates_close from one.
 * Errors     E_INVALID at compile time, cx's error text has a line "file:line: reason" for each
 *            template that is wrong; E_LIMIT while rendering: too deep, too long or too large. */
#pragma once
#include "base/buf.h"
#include "base/ctx.h"

enum {
    TEMPLATE_NEST_MAX = 64,                /* sections in sections, and programs being compiled */
    TEMPLATE_DEPTH_MAX = 100,              /* partials within partials while rendering */
    TEMPLATE_WORK_MAX = 1000 * 1000,       /* instructions made, and tags read for them */
    TEMPLATE_STEPS_MAX = 10 * 1000 * 1000, /* section rounds and partials in one rendering */
};

enum template_mode {
    TEMPLATE_HTML,    /* .html: escaping by place */
    TEMPLATE_TEXT,    /* .txt: nothing is escaped (mails, SMS) */
    TEMPLATE_ESCAPED, /* .mustache: & < > " everywhere; what the Mustache specification describes */
};

struct template_file {
    const char *path, *text; /* "kit/html/list.html"; NUL-ended */
};

struct templates; /* all templates of the program */
struct template;  /* one, made at run time (a mail that a marketer wrote) */

/* Compiles every template of `files` (borrowed for the life of *out). `dev_dir`: NULL, or the
 * folder their paths are relative to; the files are then read from there and templates_refresh
 * picks up changes. OK: *out is owned, templates_close. E_INVALID: all mistakes, one a line. */
MUST_CHECK enum status templates_open(struct ctx *cx, const struct template_file *files,
                                      size_t count, const char *dev_dir, struct templates **out);
void templates_close(struct templates *ts); /* NULL is fine; nobody may be rendering */

/* With a dev_dir: compiles anew when a file's time or size changed, else does nothing (also
 * without one). E_INVALID: the old programs stay in use and every call says what is wrong until
 * the file is mended. Any thread. */
MUST_CHECK enum status templates_refresh(struct ctx *cx, struct templates *ts);

/* Appends the page to `out`. The names in `page` are looked up from the inside out; what is not
 * there is empty. E_NOT_FOUND: no template of that name. E_LIMIT: see above, or over
 * LIMIT_PAGE_BYTES or the ceiling of `out`; what was appended is then to be thrown away. */
MUST_CHECK enum status template_render(struct ctx *cx, struct templates *ts, const char *name,
                                       const struct val *page, struct buf *out);

/* The templates by number, in order of name; for the check that tests rendered each of them. */
size_t templates_count(struct templates *ts);
const char *templates_name(struct templates *ts, size_t i);  /* borrowed until the next refresh */
bool templates_rendered(struct templates *ts, size_t i);     /* as a page, partial or parent */
bool templates_have(struct templates *ts, const char *name);

/* Compiles one text without partials. `name` stands in the errors. OK: *out is in cx's arena. */
MUST_CHECK enum status template_compile(struct ctx *cx, enum template_mode mode, const char *name,
                                        const char *text, struct template **out);
/* Like template_render. */
MUST_CHECK enum status template_run(struct ctx *cx, const struct template *t,
                                    const struct val *page, struct buf *out);
/* The names a template asks for, dotted as written, each once: for checking a mail's fields before
 * it is sent. In cx's arena, NULL-ended. */
const char *const *template_asks(struct ctx *cx, const struct template *t);
