/* booking_page.h -- what the public pages of bookings and meetings share. */
#pragma once
#include "kit/web.h"
#include "sales/booking.h"

/* The choice of a day and a time, put at `page` (booking/pick): of a booking page, or for a meeting
 * that is being moved to another slot. */
struct booking_pick {
    const struct row *page;
    const char *path; /* of this page: "/book/first-talk" */
    const char *next; /* of the page behind a time: "/book/first-talk/details" */
    int minutes;      /* 0: as asked, or the first length */
    i64 except, host; /* of a meeting that is being moved */
};
MUST_CHECK enum status booking_put_pick(struct req *rq, const struct booking_pick *p,
                                        struct val *page);
/* The zone that the visitor asked for (?tz=), or the page's own; *name as it is called. */
const struct zone *booking_zone(struct req *rq, const char *otherwise, const char **name);
/* Language, brand and what a page of strangers must say; then it is answered. */
MUST_CHECK enum status booking_reply(struct req *rq, i64 brand_id, const char *template,
                                     struct val *page);
