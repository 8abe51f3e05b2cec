/* channel.h -- through which channel a person came: the rules of the GA4 default channel group,
 * evaluated top down (support.google.com/analytics/answer/9756891), plus one channel of our own for
 * AI assistants. Codes are stored in journeys: they never change. Threads: no state. */
#pragma once
#include "base/base.h"
#include "base/str.h"

enum channel {
    CHANNEL_NONE, CHANNEL_DIRECT, CHANNEL_CROSS_NETWORK, CHANNEL_PAID_SHOPPING,
    CHANNEL_PAID_SEARCH, CHANNEL_PAID_SOCIAL,
    CHANNEL_PAID_VIDEO, CHANNEL_DISPLAY, CHANNEL_PAID_OTHER, CHANNEL_ORGANIC_SHOPPING,
    CHANNEL_ORGANIC_SOCIAL,
    CHANNEL_ORGANIC_VIDEO, CHANNEL_ORGANIC_SEARCH, CHANNEL_EMAIL, CHANNEL_AFFILIATES,
    CHANNEL_AUDIO, CHANNEL_SMS,
    CHANNEL_PUSH, CHANNEL_REFERRAL, CHANNEL_AI, CHANNEL_UNASSIGNED, CHANNEL_COUNT
};

/* How a visit began, all in lower case, "" when absent. */
struct arrival {
    struct str source;        /* utm_source (or ref, source), else the referrer's name: "google" */
    struct str medium, campaign;
    struct str referrer_host; /* "www.google.com"; "" when there is none or it is our own site */
    struct str click_id;      /* name of the click id that was present: "gclid" */
};
enum channel channel_of(const struct arrival *a);
const char *channel_value(enum channel c); /* static: "paid-search"; "" for none. What pages,
                          API and CSS use */
const char *channel_label(enum channel c); /* static: "Paid search" */
enum channel channel_by_value(const char *value);
/* The name under which a referrer is counted: "google" for www.google.de, "facebook" for
 * l.facebook.com, else the host without www. */
struct str source_of_host(struct str host);
/* Known click ids, in the order in which they are looked for; ended by NULL. */
extern const char *const click_ids[];
