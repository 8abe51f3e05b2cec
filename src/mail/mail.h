/* mail.h -- the one hand-over of mail: broadcasts, flows, people and programs give a mail here, in
 * their own transaction, and delivery.c sends it. A mail is a row of mail_message; it is rendered
 * when it goes, so that consent, suppression and what is known of the person count as they are
 * then: what may not go is `skipped`, with the reason.
 *
 * Ownership  texts are copied into the row.
 * Threads    as the ctx; needs a writing connection. */
#pragma once
#include "kit/kit.h"

enum mail_lane {
    MAIL_LANE_NOW,    /* somebody waits for it: a password, a confirmation, an order */
    MAIL_LANE_PERSON, /* one person wrote it, or a flow's step is due */
    MAIL_LANE_BULK,
};
enum mail_state { /* as stored */
    MAIL_WAITING = 0,
    MAIL_SENDING = 1,  /* a server is at it */
    MAIL_SENT = 2,     /* the relay took it */
    MAIL_DEFERRED = 3, /* refused for now, goes again by itself; no bounce */
    MAIL_BOUNCED = 4,  /* refused for good, by the relay or later by a report */
    MAIL_FAILED = 5,   /* could not be sent: expired, not renderable, refused because of us */
    MAIL_SKIPPED = 6,  /* was not to go: no consent, suppressed, capped, cancelled */
    MAIL_UNSURE = 7,   /* the server died within its transaction: a person decides */
    MAIL_HELD = 8,     /* paused */
    MAIL_STATES
};
const char *mail_state_word(int state); /* static: "waiting" */
const char *mail_lane_word(int lane);   /* static: "now" "person" "bulk" */

struct mail_file { /* an attachment */
    /* "offer.pdf", "application/pdf"; name "": one more form of what the mail says, such as
     * text/calendar; method=REQUEST; charset=utf-8 (RFC 6047) */
    const char *name, *type;
    struct str bytes;
};
struct mail {
    enum mail_lane lane;
    i64 sender_id; /* 0: the default one */
    i64 contact_id;
    const char *to, *to_name; /* address; the name may be NULL */
    /* Given as text (text or html or both) ... */
    const char *subject, *html, *text;
    /* ... or as content, filled with the contact and with data. */
    i64 content_id;
    const struct val *data;
    i64 topic_id;       /* 0: transactional, needs no consent */
    const char *source; /* what it counts under: "broadcast" "flow" "contact" "api"; not NULL */
    i64 source_id, variant;
    const char *key; /* one mail a key, forever; NULL: none */
    i64 not_before_ms;
    const char *in_reply_to, *references; /* message ids with <>, or NULL */
    i64 user_id;                          /* who wrote it, or 0 */
    const struct mail_file *files;
    size_t file_count;
    /* Of a mail given as text: where answers go and who it is from, if not as the sender says
     * (NULL); whether nobody wrote it, so that no program answers it (RFC 3834). */
    const char *reply_to, *from_name;
    /* One of several copies that each go on their own: the address that stands in To where that is
     * not `to` (its name is to_name), and those in Cc, "a@b.example, c@d.example"; or NULL. */
    const char *shown_to, *cc;
    bool automatic;
};
/* Puts a mail in its lane, in the caller's transaction. With a key that was there before: OK, and
 * *message_id (may be NULL) is that one's. E_INVALID: no address, nothing to send, no sender. */
MUST_CHECK enum status mail_send(struct ctx *cx, const struct mail *m, i64 *message_id);
/* The same for many; ids may be NULL. */
MUST_CHECK enum status mail_send_many(struct ctx *cx, const struct mail *mails, size_t count,
                                      i64 *ids);

/* What waits of one source (a broadcast, a flow): held back, let go again, or taken off for good.
 * What is being sent at the moment goes on. *count (may be NULL): how many. */
MUST_CHECK enum status mail_hold(struct ctx *cx, const char *source, i64 source_id, i64 *count);
MUST_CHECK enum status mail_release(struct ctx *cx, const char *source, i64 source_id, i64 *count);
MUST_CHECK enum status mail_cancel(struct ctx *cx, const char *source, i64 source_id,
                                   const char *reason, i64 *count);
/* How many mails of a source are in each state; variant -1: all. For progress: nothing is finished
 * before waiting, sending, deferred and held are 0. */
MUST_CHECK enum status mail_counts(struct ctx *cx, const char *source, i64 source_id, i64 variant,
                                   i64 counts[MAIL_STATES]);
/* How many of a source wait or are being sent, `most` at most: costs that much, however many there
 * were. */
MUST_CHECK enum status mail_underway(struct ctx *cx, const char *source, i64 source_id, i64 most,
                                     i64 *count);

/* What is known of one mail. In arena. */
struct mail_message {
    i64 id, created_at, sender_id, contact_id, user_id, topic_id, content_id, source_id, variant;
    int state, lane, attempts;
    i64 due_at, sent_at, finished_at; /* 0: not yet */
    const char *to, *to_name, *subject, *source, *reason, *code, *reply, *in_reply_to, *references;
};
MUST_CHECK enum status mail_get(struct ctx *cx, i64 id, struct mail_message *out);
/* The mail that this Message-ID (with <>) is of. E_NOT_FOUND without text. */
MUST_CHECK enum status mail_by_message_id(struct ctx *cx, const char *message_id,
                                          struct mail_message *out);
/* A report says that a mail that was sent did not arrive (bounce.c, webhooks): state, journey event
 * mail_bounce, happening mail.bounced. (One that was given up is told as mail_failed, mail.failed.)
 * reason: "hard" "mailbox_full" "policy" "content" "other". A mail that is called bounced already
 * stays as it is. */
MUST_CHECK enum status mail_bounced(struct ctx *cx, i64 id, const char *reason, const char *code,
                                    const char *text);
/* What a reply code and an enhanced status ("5.1.1", or "") say of the address. Static. */
const char *mail_bounce_reason(int code, const char *enhanced);
