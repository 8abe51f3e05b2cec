/* timeline.h -- the story of somebody who is no record yet. That of records is on their pages. */
#pragma once
#include "kit/web.h"

/* Puts "journey" (kit/journey) of a person of journey.h into the page; `path` is where its links
 * lead. */
MUST_CHECK enum status timeline_put_visitor(struct req *rq, u32 person, const char *path,
                                            struct val *page);
