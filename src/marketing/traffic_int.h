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
    const char *base;      /* "/traffic"; of a shared link "/share/TOKEN" */
    const char *path, *by; /* base, or base/list by a dimension, or base/vitals */
    const char *site;      /* of a shared link: the only one that is shown; else NULL */
    const char *tabs; /* "campaign,exit_page": the tables that are open; of a group the last */
};

/* ---- traffic_ask.c ---- */
/* p->base, path and site are set. E_INVALID: no such period, comparison, dimension or value; *p is
 * what could be read, even so. */
MUST_CHECK enum status traffic_read(struct req *rq, struct page *p);
/* "/list" under the page's base. In arena. */
const char *traffic_path(const struct page *p, const char *under);
/* `path` with all that was asked, one parameter changed; value "": without it; name "": as is. */
const char *traffic_url(const struct page *p, const char *path, const char *name,
                        const char *value);
/* "action", "periods", "compares", "sites", "range", "chips" and so on. */
MUST_CHECK enum status traffic_put_asked(const struct page *p, struct val *page);

/* What cannot be answered is said above the page, which keeps the rest of what was asked: OK then.
 */
MUST_CHECK enum status traffic_said(struct req *rq, enum status s, struct val *page);
/* The forms of the page add to its address: what they lead to says the same without them. */
bool traffic_is_form(const struct req *rq);
/* The site that the page is narrowed to, or "". */
const char *traffic_site(const struct page *p);

/* ---- traffic.c ---- */
/* Which number is drawn. E_INVALID: the page has none of that name. */
MUST_CHECK enum status traffic_read_metric(struct page *p);
/* The page and its whole lists, for who asks with the rights of cx; s: how *p was read. */
MUST_CHECK enum status traffic_put_page(struct page *p, enum status s, struct val *page);
MUST_CHECK enum status traffic_put_list(struct page *p, enum status s, struct val *page);

/* ---- traffic_vitals.c ---- */
MUST_CHECK enum status traffic_vitals(struct req *rq); /* GET /traffic/vitals */
MUST_CHECK enum status traffic_put_vitals(struct page *p, enum status s, struct val *page);

/* ---- share.c ---- */
extern const struct record_type traffic_share_type;

/* ---- traffic_now.c ---- */
/* "now": who is here, what was read last. */
MUST_CHECK enum status traffic_put_now(struct ctx *cx, struct val *page);
MUST_CHECK enum status traffic_now(struct req *rq); /* GET /traffic/now */
MUST_CHECK enum status traffic_start(struct ctx *cx);
