/* collect.h -- what stands between a visitor's browser and the journey: known sites, bots, the
 * salts of days, visits under way.
 * Threads    everything here from any thread: the state guards itself. */
#pragma once
#include "kit/web.h"

/* Reads the sites and the salts again: after a site was saved, and when a day's salt was drawn. */
MUST_CHECK enum status collect_reload(struct ctx *cx);
/* Who stands behind a request: both, since a visitor who consented was the hash of that day until
 * then. by_id 0: no first-party id, or none of a tracker's shape. */
struct visitors {
    u64 by_id, of_day;
};
bool first_party_id_is(const char *text); /* 8 to 64 letters, digits, - and _ */
struct visitors collect_visitors(const struct req *rq, const char *first_party_id);

/* A page view or action as a tracker reports it; texts are borrowed, "" or NULL when absent. */
struct hit {
    const char *name; /* "pageview", "engagement", or an action's name */
    const char *url, *referrer;
    const char *domain;     /* of the site, "" the host of url */
    const char *tracker_id; /* of the site: goes before the domain when a site has it */
    const char *first_party_id, *title;
    const char *address, *agent, *language; /* told by a server for its visitor; else the
                                             * request's own */
    const struct val *props; /* texts and numbers; may be NULL */
    const char *revenue, *currency;
    i64 at_ms;        /* 0: now */
    int screen_width; /* 0: not told */
    bool interactive;
    bool vitals;    /* how fast the page was: an event kind of its own */
    bool no_page;   /* of a server: the url says only which host */
    bool machine, program; /* as the report says: a machine's address; a program */
    bool hash_mode; /* the fragment belongs to the page's path */
};
/* What became of a hit. */
enum hit_fate {
    HIT_KEPT,
    HIT_UNKNOWN_SITE,
    HIT_BOT,      /* a program, as it says itself */
    HIT_EXCLUDED, /* an address that the site or a rule leaves out */
    HIT_BAD_URL,
    HIT_MACHINE, /* a data centre's or a threat's address, as a proxy in front says */
    HIT_AGENT,   /* a program that a rule leaves out */
    HIT_PAGE,    /* a page that a rule leaves out */
    HIT_FATES
};
struct event;
/* Whose a hit was and in which visit, for protocols that answer with it. */
struct hit_visit {
    u64 visitor;
    i64 began_ms;
};
/* Turns a hit into an event (interning its names). Does not block. `visit` may be NULL. */
enum hit_fate collect_event(const struct req *rq, const struct hit *h, struct event *out,
                            struct hit_visit *visit);
/* Whether the rules leave out a view of this site's page (its path) that was made then: for logs of
 * the past. HIT_KEPT, or why not. What is left out is counted under that day. */
enum hit_fate collect_past(struct ctx *cx, struct str domain, const char *address,
                           const char *agent, const char *path, i64 at_ms);
/* Writes what was left out since, in the transaction at hand: a job does it each minute. */
MUST_CHECK enum status collect_write_dropped(struct ctx *cx);
const char *hit_fate_word(enum hit_fate f); /* static: "unknown site" */
/* Sends the answer that stands in `rq` by now once the events are on disk; or the error. */
MUST_CHECK enum status collect_store(struct req *rq, const struct event *events, size_t count);

enum { HIT_URL_BYTES = 2000, HIT_NAME_CHARS = 120 };
/* Properties from a map or the JSON of one: at most LIMIT_EVENT_PROPS texts; blank ones and those
 * over their length are dropped, nested ones too, unless `nested`: then {"a":{"b":1}} is "a.b" and
 * a list its JSON. */
struct val *hit_props(struct ctx *cx, const struct val *given, bool nested);
