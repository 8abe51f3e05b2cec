/* form_guard.h -- what stands between programs and the contacts. Nothing that a person could have
 * meant is thrown away: what a rule refuses is kept as spam or held for a look, with the reason.
 *
 * A page that can run scripts asks for a challenge: a signed text that is good for one post. It
 * looks for a number so that SHA-256 of "TEXT:NUMBER" begins with `bits` zero bits. How many rises
 * with the posts that come. While few come a post needs no proof; when many come without one, of
 * all or of one address, those wait for a person's look until it is calm again. Who shares an
 * address with a program, and has a browser with scripts, gets through.
 * Threads    any: the state guards itself. */
#pragma once
#include "kit/web.h"
#include "marketing/form_def.h"

enum {
    GUARD_FREE_POSTS = 10,                  /* without proof, a minute, for one form */
    GUARD_ALERT_MS = 10 * MS_MINUTE,        /* after the last that was too many */
    GUARD_LEAST_MS = 1000,                  /* nobody fills a form in faster */
    GUARD_MOST_MS = 6 * MS_HOUR,            /* a challenge's life */
    GUARD_ADDRESS_POSTS = 20,               /* of one address a minute, without proof */
    GUARD_ADDRESS_PROVEN = 60,              /* with proof: an office that hears of a webinar */
    GUARD_ADDRESS_KEPT = 60,                /* held and spam of one address a minute, unproven */
    GUARD_KEPT_MOST = 20 * 1000,            /* held and spam that wait at once, for one form */
    GUARD_KEPT_BYTES = 32 * 1024 * 1024,    /* and their answers */
    GUARD_BITS_CALM = 14, GUARD_BITS_MOST = 18,
};
enum guard_verdict { GUARD_TAKE, GUARD_HOLD, GUARD_SPAM };
struct guard {
    enum guard_verdict verdict;
    const char *reason; /* for the team; "" when taken */
    const char *token;  /* proven, to be used up with the post: guard_use; "" none */
    bool alarm;         /* with this post a flood begins: once */
};

/* {token, bits} for a form. E_RATE: this address asked for too many. */
MUST_CHECK enum status guard_challenge(struct req *rq, i64 form_id, struct val *out);
/* Judges a post by everything but its answers' form. trusted: it came with an API token. */
struct guard guard_judge(struct req *rq, i64 form_id, const struct form_def *d,
                         const struct val *data, bool trusted);
/* In the post's transaction: false when that token was used before. */
MUST_CHECK enum status guard_use(struct ctx *cx, const char *token, bool *fresh);
/* Whether there is room for one more held or spam post of this form, with answers of so many
 * bytes; then it is counted. Proven ones find room where a flood has taken the rest. */
MUST_CHECK enum status guard_keeps(struct req *rq, i64 form_id, const struct guard *g,
                                   size_t bytes, bool *out);
/* An address at a domain for mails of ten minutes. */
bool guard_is_disposable(const char *email);
/* Whether many posts without proof come to this form now. */
bool guard_is_alert(struct ctx *cx, i64 form_id);

/* For tests and the one who solves: a number that proves `token` with so many bits. */
u64 guard_solve(const char *token, int bits);
