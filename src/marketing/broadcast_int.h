/* broadcast_int.h -- what the files of broadcasts share.
 *
 *   broadcast_plan.c    times, lots, shares: arithmetic
 *   broadcast.c         the record and its verbs, on pages and in the API
 *   broadcast_who.c     who is in the segments, and who of them may not be written to
 *   broadcast_run.c     sending: recipients are settled, drawn, handed over; the winner; the end
 *   broadcast_result.c  what came of it
 *   broadcast_page.c    pages: steps of a draft, the check before sending, progress and results
 *   broadcast_public.c  archive and "view in browser"
 *
 * Two tables beside the record (broadcast.sql): broadcast_run, one row a broadcast, is where its
 * sending stands, and broadcast_recipient who gets it. Each step of sending is one transaction that
 * moves both, so that it goes on after a crash where it stopped. */
#pragma once
#include "kit/web.h"
#include "marketing/broadcast_plan.h"

enum broadcast_field {
    BROADCAST_NAME, BROADCAST_STATUS, BROADCAST_CONTENT, BROADCAST_SUBJECT, BROADCAST_TOPIC,
    BROADCAST_SENDER, BROADCAST_CAMPAIGN, BROADCAST_OWNER,
    BROADCAST_SEGMENTS, BROADCAST_EXCEPT,
    BROADCAST_WHEN, BROADCAST_SEND_AT, BROADCAST_PER_HOUR,
    BROADCAST_AB, BROADCAST_SUBJECT_B, BROADCAST_SUBJECT_C, BROADCAST_SUBJECT_D,
    BROADCAST_SENDER_B, BROADCAST_SENDER_C, BROADCAST_SENDER_D,
    BROADCAST_CONTENT_B, BROADCAST_CONTENT_C, BROADCAST_CONTENT_D,
    BROADCAST_SHARE, BROADCAST_WINNER_BY, BROADCAST_WINNER_HOURS,
    BROADCAST_ARCHIVE, BROADCAST_SLUG,
    BROADCAST_RESEND_OF, BROADCAST_STARTED, BROADCAST_ENDED, BROADCAST_RECIPIENTS,
    BROADCAST_SKIPPED, BROADCAST_DELIVERED, BROADCAST_OPENED, BROADCAST_CLICKED, BROADCAST_BOUNCED,
    BROADCAST_LEFT, BROADCAST_OPEN_RATE, BROADCAST_CLICK_RATE, BROADCAST_WINNER, BROADCAST_WHY,
    BROADCAST_FIELDS
};
extern const struct record_type broadcast_type;

/* What one variant says and who says it. */
struct variant {
    char letter;         /* 'A' */
    const char *subject; /* "": that of the content */
    i64 sender_id, content_id;
};
/* Those of a broadcast: one when nothing is tested. */
int broadcast_variants(const struct row *r, struct variant out[VARIANTS_MAX]);
/* Changes the state by a verb, or says why not (E_CONFLICT "broadcast.state"). Not saved. */
MUST_CHECK enum status broadcast_move(struct ctx *cx, struct row *r, enum broadcast_verb v);
enum broadcast_state broadcast_state_of(const struct row *r);
/* What keeps it from being sent: list of {text, field}; empty: nothing. And what should be looked
 * at: of the same shape. */
MUST_CHECK enum status broadcast_problems(struct ctx *cx, const struct row *r,
                                          struct val *problems, struct val *warnings);
/* utm_campaign of its links. */
MUST_CHECK enum status broadcast_code(struct ctx *cx, const struct row *r, const char **code);
/* Words of a reason for which somebody got nothing. Static or in arena. */
const char *broadcast_reason_text(struct ctx *cx, const char *reason);

/* ---- broadcast_who.c ---- */
enum { WHO_BATCH = 1000, SEGMENTS_MAX = 20 };
struct audience; /* in arena */
struct candidate {
    i64 contact_id, due_at;
    const char *reason; /* why they get nothing; NULL: they do */
};
/* How far the audience was read: starts as zeros. */
struct who_cursor {
    i64 source; /* which segment */
    i64 after;  /* contact */
};
/* E_NOT_FOUND: a segment is gone. */
MUST_CHECK enum status audience_open(struct ctx *cx, const struct row *r, struct audience **out);
/* The next people, each once, at most WHO_BATCH; who is in several segments comes with the first.
 * *end: these were the last. Their texts are in cx's arena. */
MUST_CHECK enum status audience_next(struct ctx *cx, struct audience *a, struct who_cursor *at,
                                     struct candidate *out, size_t *count, bool *end);
/* Counts them: {people, recipients, skipped: [{reason, text, count}], first_at, last_at, version,
 * at}. */
MUST_CHECK enum status audience_count(struct ctx *cx, const struct row *r, struct val **out);
/* The last count that is of this version of the record; NULL: there is none. */
MUST_CHECK enum status audience_counted(struct ctx *cx, const struct row *r,
                                        const struct val **out);
/* An upper bound, at once: the sizes of its segments added up. */
MUST_CHECK enum status audience_bound(struct ctx *cx, const struct row *r, i64 *out);

/* ---- broadcast_run.c ---- */
enum sending_phase { RUN_SETTLE, RUN_DRAW, RUN_SEND };
enum recipient_state { /* as stored */
    RECIPIENT_WAITS = 0,
    RECIPIENT_HANDED = 1, /* mail_message tells the rest */
    RECIPIENT_SKIPPED = 2,
    RECIPIENT_CANCELLED = 3,
    RECIPIENT_UNDECIDED = 4, /* waits for the winner */
};
struct sending {
    i64 broadcast_id;
    enum sending_phase phase;
    struct who_cursor who;
    i64 lot_at, lot_id, place, test_size; /* of the draw */
    int winner;                           /* -1: none yet */
    i64 decide_at;                        /* 0: no test, or by hand */
    i64 free_at;                          /* plan_allowance */
    i64 next_at;                          /* when it is looked at again */
    i64 recipients, skipped;
    bool dirty;     /* something has happened since its numbers were written */
    i64 results_at; /* when they were */
};
/* E_NOT_FOUND without text: it has not begun. */
MUST_CHECK enum status sending_read(struct ctx *cx, i64 broadcast_id, struct sending *out);
/* Has it worked on at this time. */
MUST_CHECK enum status sending_wake(struct ctx *cx, i64 broadcast_id, i64 at_ms);
/* When it begins: the first of its recipients is due then. */
i64 sending_begins_at(struct ctx *cx, const struct row *r);
/* The rest gets this variant. E_CONFLICT: there is one, or nothing is tested. */
MUST_CHECK enum status sending_choose(struct ctx *cx, struct row *r, int variant, const char *why);
/* After pause, resume, cancel: what is with delivery already is held, let go, taken off. */
MUST_CHECK enum status sending_moved(struct ctx *cx, struct row *r, enum broadcast_verb v);

/* ---- broadcast_result.c ---- */
struct counts { /* of one variant, or of all */
    i64 recipients, waiting, skipped, cancelled;                          /* people */
    i64 delivered, bounced, failed, deferred, underway, unsure;           /* their mails */
    i64 opened, auto_opened, clicked, clicks, left, complained, replied;  /* what they did */
    i64 leads, deals, won, converted, revenue_minor;
};
/* Read from the rows, exactly. */
MUST_CHECK enum status result_counts(struct ctx *cx, i64 broadcast_id,
                                     struct counts by_variant[VARIANTS_MAX], struct counts *all);
/* By variant, as the winner is chosen. */
MUST_CHECK enum status result_test(struct ctx *cx, const struct row *r,
                                   struct plan_count out[VARIANTS_MAX], int *variants);
/* Writes the record's numbers anew. */
MUST_CHECK enum status result_refresh(struct ctx *cx, struct row *r);
/* The page's "results". */
MUST_CHECK enum status result_put(struct ctx *cx, const struct row *r, struct val *page);

/* ---- broadcast_page.c ---- */
struct money broadcast_money(struct ctx *cx, i64 minor); /* in base currency */
MUST_CHECK enum status broadcast_detail(struct ctx *cx, const struct row *r, struct val *page);
/* The page that a verb is said on, once more, with what was wrong. */
MUST_CHECK enum status broadcast_page_error(struct req *rq, const struct row *r,
                                            enum broadcast_verb v, const char *why);
/* What was counted last; NULL: nothing yet. */
MUST_CHECK enum status result_read(struct ctx *cx, const struct row *r, const struct val **out);
