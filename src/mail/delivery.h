/* delivery.h -- sends what waits in mail_message, on threads of its own: one that plans and, while
 * there is work, one for each connection to a mail server.
 *
 * State is kept before and after each transaction with a mail server: a batch is taken on in the
 * database (`sending`), how far each mail of it came stands in a file (inflight.h), and the
 * outcomes are written together, with the journey events and the next batch, in one transaction. So
 * a program that is killed sends nothing twice and forgets nothing: what was under way at that
 * moment and cannot be known is `unsure`, and a person decides.
 *
 * Lanes: whatever is due in a lane goes before what is due in a later one. 4xx: later, with
 * back-off, until the retry window ends (`failed`, reason "expired"), never a bounce. 5xx about the
 * recipient or the mail: `bounced`, by RFC 3463. What the server refuses because of us (sign-in,
 * our address) is the sender's trouble: its mails wait, and its page says why.
 * Threads    start and stop on one thread; the rest from any. */
#pragma once
#include "kit/kit.h"

struct delivery;
struct delivery_options {
    struct kit *kit;
    struct db_store *store;
    struct writer *writer;
    struct journey *journey;
    struct clock *clock;
    u32 node;
    const char *inflight_path; /* NULL: in memory, for tests that do not kill */
    const char *public_url;    /* "" unknown */
};
/* OK: *out is owned, delivery_stop. */
MUST_CHECK enum status delivery_start(struct ctx *cx, const struct delivery_options *o,
                                      struct delivery **out);
/* Begins nothing more, finishes the mails whose transaction has begun, gives the others of each
 * batch back. False: a server keeps one waiting longer than grace_ms; may be called again. */
bool delivery_stop(struct delivery *d, int grace_ms);
void delivery_wake(struct delivery *d); /* something may be due that no commit of ours told */

/* How the senders do at the moment, on this node: a list of maps {id, connections, closed_until,
 * error, sent, per_second} into `list`. Nothing when none runs in this program. */
void delivery_report(struct ctx *cx, struct val *list);
