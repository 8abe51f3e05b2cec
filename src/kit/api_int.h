/* api_int.h -- what api.c and openapi.c share. */
#pragma once
#include "kit/pages_int.h"

/* The OpenAPI 3.1 document of these routes, as JSON. Those without a summary are pages and left
 * out; `data` of the others is their record type, or NULL. In arena. */
const char *openapi_text(struct ctx *cx, const struct route *const *routes, size_t count);
