/* brand_look.h -- the brand kit on what strangers see of us: hosted pages, and parts of their own
 * pages (forms, the chat). Pages load it as a style sheet of its own, cached under its content. */
#pragma once
#include "kit/web.h"

/* The page's "brand" (kit/public) of this brand, 0 or one that is gone: the default one; and
 * "embedded". The page may show its logo from wherever it lies. */
MUST_CHECK enum status brand_put_page(struct req *rq, i64 brand_id, struct val *page);
/* The style sheet `asset` ("form_css") in the brand's colours and letters, for a shadow root whose
 * outermost box is `selector`. What the page itself chose (--furrow-brand and its like) goes
 * before. *css in arena. */
MUST_CHECK enum status brand_dress(struct req *rq, i64 brand_id, const char *asset,
                                   const char *selector, const char **css);
