/* paper_look.h -- how our printed documents look: quotes, invoices, commissions wear the brand. */
#pragma once
#include "bridge/brand.h"
#include "io/paper.h"

/* Colours, logo and time of a document of that kind. A logo is used where it is a picture that we
 * keep, as PNG or JPEG; of any other the name is written instead. */
MUST_CHECK enum status paper_look_read(struct ctx *cx, const struct brand *brand, const char *kind,
                                       struct paper_look *out);
