/* number.h -- numbers of documents: by kind and year, from 1 on, without gaps. */
#pragma once
#include "kit/kit.h"

/* The next number of a series ("quote") in this year, as "PREFIX-2026-0001". It is taken back with
 * the transaction, so that none is missing: whoever draws one waits for those who drew before. In
 * arena. */
MUST_CHECK enum status document_number(struct ctx *cx, const char *series, const char *prefix,
                                       const char **out);
