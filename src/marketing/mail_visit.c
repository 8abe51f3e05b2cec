/* mail_visit.c -- the tracker on a landing page tells which click of a mail brought its visitor
 * (the parameter fw_m): from then on the visit is the contact's, when a person clicked. */
#include "kit/web.h"
#include "mail/track.h"
#include "marketing/collect.h"

enum { ARRIVALS_PER_MINUTE = 60 }; /* of one address */

/* POST /m/v {"m": token, "fid": the consented id or nothing} */
static enum status arrive(struct req *rq)
{
    struct visitors who = collect_visitors(rq, req_form(rq, "fid"));

    if (web_rate_limited(rq->web, "mail_visit", rq->address, ARRIVALS_PER_MINUTE))
        return ctx_fail(rq->cx, E_RATE, "Too many arrivals from one address. Wait a minute.");
    TRY(track_arrived(rq->cx, req_form(rq, "m"), who.by_id, who.of_day));
    return reply_empty(rq);
}

static const struct route routes[] = {
    { HTTP_POST, "/m/v", arrive, .flags = ROUTE_PUBLIC | ROUTE_CORS,
      .summary = "Tells that the visitor of a mail's click is here" },
};
const struct feature feature_mail_visit = { .name = "mail_visit", ROUTES(routes) };
