/* watch.h -- who follows a record, and what they hear: its owner, its maker, who was mentioned or
 * wrote on it, and whoever pressed Follow; but nobody who said that they do not want to. They
 * hear of what colleagues change and write, not of what Furrow itself computes, and only while they
 * may see the record.
 * Threads    as the ctx; telling needs a writing connection. */
#pragma once
#include "kit/kit.h"
#include "kit/notice.h"

struct req;
/* After a save by a person: its followers hear what was changed, a new owner that it is theirs. */
MUST_CHECK enum status watch_saved(struct ctx *cx, const struct row *r);
/* Somebody wrote `text` for colleagues (a comment, a note) on this record: those whom it mentions
 * are told, then its followers. *unseen (may be NULL): names of the mentioned who may not see the
 * record and were therefore not told, "" for none; in arena. */
MUST_CHECK enum status watch_wrote(struct ctx *cx, const struct row *r, const char *text,
                                   const char **unseen);
/* Something else happened on this record that its followers hear, whoever did it, but not `told`
 * (0: nobody) who heard already: an answer to its customer, what the customer wrote. A colleague
 * who did it follows from then on. */
MUST_CHECK enum status watch_tell(struct ctx *cx, const struct row *r, enum notice_kind kind,
                                  const char *text, i64 told);
/* "follow" of a record's page (kit/follow); null for who cannot follow. */
MUST_CHECK enum status put_follow(struct ctx *cx, const struct row *r, struct val *page);
/* POST /{path}/:id/follow and /unfollow; GET /mentions?q= */
enum status follow_post(struct req *rq), unfollow_post(struct req *rq),
    mentions_get(struct req *rq);
