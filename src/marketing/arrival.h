/* arrival.h -- what a page's address and its referrer say of how somebody came: source, medium,
 * campaign, click id. Pure reading: no state, no database, any thread.
 * Ownership  slices borrow from what they were read from, or are in the arena. */
#pragma once
#include "bridge/channel.h"

/* An absolute http(s) address, cut up; the host in lower case, without user, port and www. */
struct address {
    struct str host, path, query, fragment; /* path: "/" at least; the others "" when absent */
};
/* False: no such address. */
bool address_read(struct arena *a, struct str url, struct address *out);
/* "WWW.Example.com:8080" -> "example.com": how hosts are compared. In arena. */
struct str host_name(struct arena *a, struct str host);

/* Everything that links carry: the channel's rules read `arrival`, reports the rest too. */
struct campaign_link {
    struct arrival arrival;
    struct str term, content;
    struct str click_value; /* of the click id: belongs to one click, so it is no part of a tuple */
};
/* `referrer_host`: of another site's page, "" when there is none or it is our own. */
void link_read(struct arena *a, struct str query, struct str referrer_host,
               struct campaign_link *out);
/* Source, medium, campaign, term, content and click id as JSON, the same for the same link; NULL
 * when it says nothing. In arena. */
const char *link_tuple(struct arena *a, const struct campaign_link *link);
