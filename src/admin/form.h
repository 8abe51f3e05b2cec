/* form.h -- forms and tables of the settings pages that are no record's: builds the trees of
 * kit/form and kit/table by hand. Everything is in cx's arena. */
#pragma once
#include "kit/web.h"

struct val *form_new(struct ctx *cx, const char *title, const char *action, const char *submit,
                     const char *cancel_url);
/* A group of fields; text NULL: without a heading. Returns its list of fields. */
struct val *form_group(struct val *page, const char *text);
/* A line: type "text", "email", "password", "tel", "date" ... Returns the field for more keys. */
struct val *form_line(struct val *fields, const char *name, const char *label, const char *type,
                      const char *value);
struct val *form_area(struct val *fields, const char *name, const char *label, int rows,
                      const char *value);
struct val *form_bool(struct val *fields, const char *name, const char *label, bool on);
/* `choices` ends with a NULL value. */
struct val *form_choice(struct val *fields, const char *name, const char *label,
                        const struct choice *choices, const char *value);
struct val *form_fixed(struct val *fields, const char *name, const char *label, const char *value);
struct val *form_hidden(struct val *fields, const char *name, const char *value);
/* Puts cx's field errors beside the fields and on top, and forgets them: the page is the answer. */
void form_errors(struct ctx *cx, struct val *page);

/* ---- tables ---- */
struct val *table_new(struct ctx *cx, const char *title, const char *description);
struct val *table_columns(struct val *page);
struct val *table_rows(struct val *page);
void table_column(struct val *columns, const char *label, const char *kind);
void table_cell(struct val *cells, const char *kind, const char *text); /* kind: text, empty ... */
void table_date(struct ctx *cx, struct val *cells, i64 ms);             /* 0: never */
/* A button that posts; a row's or the page's. */
void table_action(struct val *actions, const char *text, const char *url);
