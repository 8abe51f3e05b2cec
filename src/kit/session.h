/* session.h -- signing in: users' passwords (Argon2id), sessions and API tokens (random, stored
 * hashed), CSRF. The user, role, team, session and token tables are written here and in admin/
 * only.
 * Threads    as the ctx; hashing takes some 50 ms and 32 MB, so on readers only. */
#pragma once
#include "kit/web.h"

#define SESSION_COOKIE "furrow_session"
enum {
    SECRET_BYTES = 32,
    SECRET_CHARS = 43,          /* base64url without padding */
    SECRET_HASH_CHARS = 64,     /* BLAKE2b-256 in hex */
    SESSION_SEEN_MS = 5 * MS_MINUTE, /* how stale "last seen" may be: it costs a write */
    INVITE_DAYS = 7,
};

/* In arena. E_IO: no memory for hashing. */
MUST_CHECK enum status password_hash(struct ctx *cx, const char *password, const char **hash);
/* An empty hash takes the same time and never matches. */
bool password_matches(const char *hash, const char *password);
/* E_INVALID with a field error: too short, too long, or the user's own name or mail. */
MUST_CHECK enum status password_check_rules(struct ctx *cx, const char *field, const char *password,
                                            const char *email);
/* A random secret, in arena, and the form in which it is kept. */
const char *secret_new(struct ctx *cx);
const char *secret_hash(struct ctx *cx, const char *secret);

/* Makes a session row (writing transaction) and sets the cookie. */
MUST_CHECK enum status session_start(struct req *rq, i64 user_id);
/* The two halves, for a handler that writes with kit_write. */
MUST_CHECK enum status session_create(struct ctx *cx, i64 user_id, const char *address,
                                      const char *client, const char **secret);
void session_cookie(struct req *rq, const char *secret); /* "": takes it away */
/* Ends the session of the request and clears the cookie. Writing transaction. */
MUST_CHECK enum status session_end(struct req *rq);
MUST_CHECK enum status session_end_all(struct ctx *cx, i64 user_id, i64 except_session_id);
/* Who asks, by session cookie or bearer token: fills cx->access (in arena). OK with
 * access_public() when nobody. E_UNAUTHORIZED: a bearer token that is unknown, expired or revoked.
 */
MUST_CHECK enum status session_identify(struct req *rq);
/* A new API token: `*secret` is shown once ("fur_" + 43 characters), only its hash is kept. scopes:
 * "read", "write". expires_at_ms: 0 never. Writing transaction. */
MUST_CHECK enum status token_make(struct ctx *cx, i64 user_id, const char *label,
                                  const char *scopes, i64 expires_at_ms, const char **secret);
/* A cx acting as this user: for jobs on somebody's behalf and tests. E_NOT_FOUND: none, or
 * inactive. */
MUST_CHECK enum status access_of_user(struct ctx *cx, i64 user_id, const struct access **out);
/* Sets a user's password: checks the rules, hashes, ends the user's other sessions. Not on the
 * writer: it writes with kit_write. */
MUST_CHECK enum status user_set_password(struct ctx *cx, i64 user_id, const char *password);
/* A link with which the user sets a password, once, for INVITE_DAYS: the path "/welcome/..." in
 * arena. Writing transaction. */
MUST_CHECK enum status user_invite(struct ctx *cx, i64 user_id, const char **path);
/* How many users can sign in. */
MUST_CHECK enum status user_count(struct ctx *cx, i64 *count);
