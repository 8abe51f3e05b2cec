/* visitor.h -- who stands behind a request, for pages that are not marketing's: what is read in the
 * help centre stands on the journey of whoever read it. How visitors are told apart is marketing's
 * (collect.c), which says it here. */
#pragma once
#include "journey/journey.h"
#include "kit/web.h"

struct visitor_seen {
    u64 visitor;        /* key of identity.h: of the consented first-party id, else of the day */
    bool by_id;         /* of a first-party id */
    bool program;       /* no person, by what it says of itself */
    struct event event; /* with time, person, device, country and client: what happened is added */
};
/* First-party id: of the tracker's cookie, or of the parameter "fw" by which links of an own site
 * bring it along. False: journeys are not kept, or nobody tells visitors apart. On a reader. */
bool visitor_see(const struct req *rq, struct visitor_seen *out);
/* The contact that this visitor is known to be, by a first-party id; 0: none. */
i64 visitor_contact(struct ctx *cx, const struct visitor_seen *who);

typedef void visitor_reader(const struct req *rq, const char *first_party_id,
                            struct visitor_seen *out);
/* Once, at start. */
void visitor_set_reader(struct kit *k, visitor_reader *fn);
