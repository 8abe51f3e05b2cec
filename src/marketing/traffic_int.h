/* traffic_int.h -- what the files of the traffic page share: what was asked, and addresses of the
 * page that ask for one thing more or another. All of it is in cx's arena. */
#pragma once
#include "kit/pages.h"
#include "kit/question.h"

struct page {
    struct req *rq;
    struct ctx *cx;
    struct question q; /* period, comparison and conditions of every number */
    const char *period, *compare, *metric;
    const char *path, *by; /* "/traffic", or "/traffic/list" by a dimension */
    const char *tabs; /* "campaign,exit_page": the tables that are open; of a group the last */
};

/* ---- traffic_ask.c ---- */
/* E_INVALID: no such period, comparison, dimension or value; *p is what could be read, even so. */
MUST_CHECK enum status traffic_read(struct req *rq, struct page *p);
/* `path` with all that was asked, one parameter changed; value "": without it; name "": as is. */
const char *traffic_url(const struct page *p, const char *path, const char *name,
                        const char *value);
/* "action", "periods", "compares", "sites", "range", "chips" and so on. */
MUST_CHECK enum status traffic_put_asked(const struct page *p, struct val *page);

/* ---- traffic_now.c ---- */
/* "now": who is here, what was read last. */
MUST_CHECK enum status traffic_put_now(struct ctx *cx, struct val *page);
MUST_CHECK enum status traffic_now(struct req *rq); /* GET /traffic/now */
MUST_CHECK enum status traffic_start(struct ctx *cx);
