/* live.h -- pages that change under one's eyes: server-sent events. Saving a record announces
 * {type, id, version, user, refs} after the commit (refs: ids of what it points at); a page
 * subscribes with GET /live?topics=deal,notify,toast and gets an event named by its topic with a
 * small text. Nothing secret is in it: the page asks again for what it may see.
 * Threads    live_say from any thread, without waiting for anybody: a thread of the hub delivers.
 */
#pragma once
#include "base/ctx.h"
#include "base/val.h"
#include "io/http.h"

enum {
    LIVE_HEARTBEAT_MS = 15 * 1000,
    LIVE_QUEUE = 4096,      /* messages on their way; more are dropped */
    LIVE_TOPIC_BYTES = 200, /* of one page's list of topics */
};

struct live;
struct live *live_open(void);      /* owned: live_close */
void live_close(struct live *l);   /* ends every stream; NULL is fine */
/* user_id 0: to all subscribers of the topic; else only that user's. `data`: JSON or a plain text.
 */
void live_say(struct live *l, const char *topic, i64 user_id, const char *data);
/* Says it once the running transaction is durable, to the pages of the other nodes too. */
void live_tell(struct ctx *cx, const char *topic, i64 user_id, const char *data);
/* What another node told (store/notify.h): says it here. The topic, borrowed from `text`'s copy in
 * `a`; NULL: not understood. */
const char *live_hear(struct live *l, struct arena *a, const char *text);
/* Takes the exchange and streams to it. `topics` with commas between; user_id 0: to a stranger on
 * a page of another site, who may listen to no topic but one made for them. E_LIMIT:
 * LIMIT_LIVE_STREAMS are open, or the server stops; the exchange is then not taken. */
MUST_CHECK enum status live_join(struct live *l, struct http_exchange *ex, i64 user_id,
                                 const char *topics);
/* Ends the streams of a user who may no longer listen. */
void live_drop(struct live *l, i64 user_id);
unsigned live_count(const struct live *l);
