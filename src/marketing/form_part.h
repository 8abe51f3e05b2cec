/* form_part.h -- what the pages that make a form share: each shows one part of it and saves the
 * whole definition. */
#pragma once
#include "kit/pages.h"
#include "marketing/form_take.h"

/* The form of the address, as far as one may see it. */
MUST_CHECK enum status form_part_row(struct req *rq, struct row **form);
/* Its definition as kept; of one that is before its rules, an empty one. In arena. */
struct val *form_part_definition(struct ctx *cx, const struct row *form);
/* The field of this name in a definition, or NULL. */
const struct val *form_part_field(const struct val *def, const char *name);
/* Crumbs, tabs (the one that is on), and what form/tabs reads. */
void form_part_tabs(struct ctx *cx, const struct row *form, const char *on, struct val *page);
/* What was posted under a name, trimmed and cut. */
const char *form_part_text(struct req *rq, const char *name);
/* Saves a definition, or shows the page again with why not. */
MUST_CHECK enum status form_part_save(struct req *rq, struct row *form, const struct val *def,
                                      enum status (*again)(struct req *rq, const struct row *form,
                                                           const struct val *def,
                                                           const char *error),
                                      const char *done);
