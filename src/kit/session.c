/* session.c -- who asks: passwords, sessions, API tokens. Secrets are random, 256 bits, and kept as
 * hashes only, so a stolen database signs nobody in. */
#include "kit/session.h"
#include "base/log.h"
#include "base/utf8.h"
#include "kit/live.h"
#include "kit/web_int.h"
#include <sodium.h>
#include <stdlib.h>
#include <strings.h>

#define TOKEN_PREFIX "fur_"
enum { PASSWORD_OPS = 2, PASSWORD_MEMORY = 32 * 1024 * 1024, ROLES_MAX = 10000 };

/* ---- passwords ---- */
enum status password_hash(struct ctx *cx, const char *password, const char **hash)
{
    char out[crypto_pwhash_STRBYTES];

    if (crypto_pwhash_str_alg(out, password, strlen(password), PASSWORD_OPS, PASSWORD_MEMORY,
                              crypto_pwhash_ALG_ARGON2ID13) != 0)
        return ctx_fail(cx, E_IO, "no memory to hash a password");
    *hash = arena_text(cx->arena, out);
    return OK;
}

bool password_matches(const char *hash, const char *password)
{
    /* Nobody's: made like a real one, so that a mail without a user takes as long as one with. */
    static const char nobody[crypto_pwhash_STRBYTES] =
        "$argon2id$v=19$m=32768,t=2,p=1$c2FsdHNhbHRzYWx0c2FsdA$"
        "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefg";
    bool known = hash[0] == '$' && strlen(hash) < crypto_pwhash_STRBYTES;

    return crypto_pwhash_str_verify(known ? hash : nobody, password, strlen(password)) == 0 &&
           known;
}

enum status password_check_rules(struct ctx *cx, const char *field, const char *password,
                                 const char *email)
{
    size_t bytes = strlen(password), local = strcspn(email, "@");

    if (utf8_length(password) < LIMIT_PASSWORD_BYTES_MIN)
        return ctx_fail_field(cx, field, "password.short",
                              "A password has at least %d characters. Four words that do not "
                              "belong together are easy to keep in mind.",
                              LIMIT_PASSWORD_BYTES_MIN);
    if (bytes > LIMIT_PASSWORD_BYTES)
        return ctx_fail_field(cx, field, "password.long", "A password has at most %d characters.",
                              LIMIT_PASSWORD_BYTES);
    if (email[0] != '\0' &&
        (strcasestr(password, email) != NULL ||
         (local >= 4 &&
          strcasestr(password, str_dup(cx->arena, (struct str){ email, local })) != NULL)))
        return ctx_fail_field(cx, field, "password.own_name",
                              "A password must not hold the mail address. Take something else.");
    return OK;
}

/* ---- secrets ---- */
const char *secret_new(struct ctx *cx)
{
    unsigned char bytes[SECRET_BYTES];
    char text[SECRET_CHARS + 1];

    randombytes_buf(bytes, sizeof bytes);
    sodium_bin2base64(text, sizeof text, bytes, sizeof bytes,
                      sodium_base64_VARIANT_URLSAFE_NO_PADDING);
    sodium_memzero(bytes, sizeof bytes);
    return arena_text(cx->arena, text);
}

const char *secret_hash(struct ctx *cx, const char *secret)
{
    unsigned char hash[SECRET_HASH_CHARS / 2];
    char text[SECRET_HASH_CHARS + 1];

    crypto_generichash(hash, sizeof hash, (const unsigned char *)secret, strlen(secret), NULL, 0);
    sodium_bin2hex(text, sizeof text, hash, sizeof hash);
    return arena_text(cx->arena, text);
}

/* ---- roles, compiled once for each version of their row ---- */
struct compiled {
    i64 id, version;
    struct arena *arena;
    const struct access_rules *rules;
    struct compiled *next;
};

struct roles {
    pthread_mutex_t lock;
    struct compiled *list; /* also older versions: a request may still be reading them */
    unsigned count;
};

struct roles *roles_new(void)
{
    struct roles *r = calloc(1, sizeof *r);

    assert(r != NULL);
    pthread_mutex_init(&r->lock, NULL);
    return r;
}

void roles_free(struct roles *r)
{
    struct compiled *next;

    if (r == NULL)
        return;
    for (struct compiled *c = r->list; c != NULL; c = next) {
        next = c->next;
        arena_free(c->arena);
        free(c);
    }
    pthread_mutex_destroy(&r->lock);
    free(r);
}

static struct compiled *compile(struct ctx *cx, i64 id, i64 version, const char *json)
{
    struct compiled *c = calloc(1, sizeof *c);

    assert(c != NULL);
    c->id = id;
    c->version = version;
    c->arena = arena_new(1024);
    if (access_rules_parse(cx, c->arena, json[0] != '\0' ? json : "{}", &c->rules) != OK) {
        log_line(LOG_ERROR, "session.bad_role", "role=%lld", (long long)id);
        ctx_clear_error(cx); /* a role that cannot be read allows nothing */
        c->rules = NULL;
    }
    return c;
}

static const struct access_rules *rules_of(struct ctx *cx, struct roles *r, i64 id, i64 version,
                                           const char *json)
{
    const struct access_rules *rules = NULL;
    struct compiled *c = NULL;

    if (id == 0)
        return NULL;
    if (r != NULL) {
        pthread_mutex_lock(&r->lock);
        for (c = r->list; c != NULL && (c->id != id || c->version != version); c = c->next)
            ;
        if (c == NULL && r->count < ROLES_MAX) {
            c = compile(cx, id, version, json);
            c->next = r->list;
            r->list = c;
            r->count++;
        }
        pthread_mutex_unlock(&r->lock);
        if (c != NULL)
            return c->rules;
    } /* otherwise for the life of this work only */
    if (access_rules_parse(cx, cx->arena, json[0] != '\0' ? json : "{}", &rules) != OK)
        ctx_clear_error(cx);
    return rules;
}

/* ---- who asks ---- */
/* The columns of session.find, find_token and find_user, in their order. */
enum {
    COL_ID,
    COL_CSRF,
    COL_SEEN,
    COL_USER,
    COL_NAME,
    COL_EMAIL,
    COL_TEAM,
    COL_KIND,
    COL_ROLE_ID,
    COL_VERSION,
    COL_ROLE,
    COL_RULES,
    COL_ADMIN,
    COL_THEME
};

static struct access *read_access(struct ctx *cx, struct stmt *q, struct roles *roles)
{
    struct access *who = NEW(cx->arena, struct access);

    who->user_id = col_i64(q, COL_USER);
    who->team_id = col_i64(q, COL_TEAM);
    who->name = arena_text(cx->arena, col_text(q, COL_NAME));
    who->email = arena_text(cx->arena, col_text(q, COL_EMAIL));
    who->role = arena_text(cx->arena, col_text(q, COL_ROLE));
    who->team = arena_text(cx->arena, col_text(q, COL_KIND));
    who->theme = arena_text(cx->arena, col_text(q, COL_THEME));
    who->csrf = "";
    who->admin = col_i64(q, COL_ADMIN) != 0;
    who->rules = rules_of(cx, roles, col_i64(q, COL_ROLE_ID), col_i64(q, COL_VERSION),
                          col_text(q, COL_RULES));
    return who;
}

/* "Last seen" is written beside the request, not by it: it may wait and may get lost. */
struct seen {
    struct writer_item item;
    struct arena *arena;
    struct clock *clock;
    i64 id, user_id;
    bool token;
};

static enum status seen_work(void *arg, struct db *db)
{
    struct seen *s = arg;
    struct ctx cx;

    arena_reset(s->arena);
    ctx_init(&cx, s->arena, s->clock);
    cx.db = db;
    TRY(s->token ? db_run(&cx, "session.token_used", I64("id", s->id), I64("now", ctx_now(&cx)))
                 : db_run(&cx, "session.seen", I64("id", s->id), I64("now", ctx_now(&cx))));
    return db_run(&cx, "session.user_seen", I64("id", s->user_id), I64("now", ctx_now(&cx)));
}

static void seen_done(void *arg, enum status status)
{
    struct seen *s = arg;

    (void)status;
    arena_free(s->arena);
    free(s);
}

static void note_seen(struct req *rq, i64 id, i64 user_id, i64 seen_at, bool token)
{
    struct seen *s;

    if (ctx_now(rq->cx) - seen_at < SESSION_SEEN_MS || rq->web->o.writer == NULL)
        return;
    s = calloc(1, sizeof *s);
    assert(s != NULL);
    *s = (struct seen){ .arena = arena_new(1024),
                        .clock = rq->web->o.clock,
                        .id = id,
                        .user_id = user_id,
                        .token = token };
    s->item = (struct writer_item){ .work = seen_work, .done = seen_done, .arg = s };
    if (writer_submit(rq->web->o.writer, &s->item) != OK)
        seen_done(s, E_BUSY);
}

static const u8 *scopes_of(struct ctx *cx, const char *words)
{
    u8 *scopes = NEW_N(cx->arena, u8, VERB_COUNT);
    struct str rest = str_from(words), word;

    while (str_split(&rest, ' ', &word)) {
        if (str_is(word, "read"))
            scopes[VERB_READ] = scopes[VERB_EXPORT] = 1;
        else if (str_is(word, "write"))
            memset(scopes, 1, VERB_COUNT);
    }
    return scopes;
}

static enum status identify_token(struct req *rq, const char *secret)
{
    struct ctx *cx = rq->cx;
    scoped(stmt_close) struct stmt q = db_query(
        cx, "session.find_token", TEXT("hash", secret_hash(cx, secret)), I64("now", ctx_now(cx)));
    struct access *who;

    if (!stmt_next(&q)) {
        TRY(stmt_status(&q));
        return ctx_fail_code(cx, E_UNAUTHORIZED, "token.unknown",
                             "This API token is unknown, expired or revoked. Make a new one under "
                             "Settings, API tokens.");
    }
    who = read_access(cx, &q, rq->web->roles);
    who->token_id = col_i64(&q, COL_ID);
    who->token_scopes = scopes_of(cx, col_text(&q, COL_CSRF));
    cx->access = who;
    note_seen(rq, who->token_id, who->user_id, col_i64(&q, COL_SEEN), true);
    return OK;
}

static enum status identify_session(struct req *rq, const char *secret)
{
    struct ctx *cx = rq->cx;
    scoped(stmt_close) struct stmt q = db_query(
        cx, "session.find", TEXT("hash", secret_hash(cx, secret)), I64("now", ctx_now(cx)));
    struct access *who;

    if (!stmt_next(&q))
        return stmt_status(&q);
    who = read_access(cx, &q, rq->web->roles);
    who->session_id = col_i64(&q, COL_ID);
    who->csrf = arena_text(cx->arena, col_text(&q, COL_CSRF));
    cx->access = who;
    note_seen(rq, who->session_id, who->user_id, col_i64(&q, COL_SEEN), false);
    return OK;
}

enum status session_identify(struct req *rq)
{
    const char *header = rq->header(rq, "Authorization");
    const char *secret = rq->cookie(rq, SESSION_COOKIE);

    rq->cx->access = access_public();
    if (header != NULL && strncasecmp(header, "Bearer ", 7) == 0)
        return identify_token(rq, header + 7);
    if (secret == NULL || strlen(secret) != SECRET_CHARS)
        return OK;
    return identify_session(rq, secret);
}

enum status access_of_user(struct ctx *cx, i64 user_id, const struct access **out)
{
    scoped(stmt_close) struct stmt q = db_query(cx, "session.find_user", I64("id", user_id));

    if (!stmt_next(&q)) {
        TRY(stmt_status(&q));
        return ctx_fail(cx, E_NOT_FOUND, "There is no such user, or not an active one.");
    }
    *out = read_access(cx, &q, NULL);
    return OK;
}

/* ---- sessions ---- */
/* Signing in and out stands in the change log, as every change of access does. */
static enum status log_session(struct ctx *cx, const char *verb, i64 session_id, i64 user_id)
{
    return db_run(cx, "change.add", I64("id", kit_new_id(cx)), I64("at", ctx_now(cx)),
                  MAYBE("user", user_id), MAYBE("request", cx->request_id), NONE("batch"),
                  TEXT("type", "session"), I64("record", session_id), TEXT("verb", verb),
                  I64("version", 0), TEXT("fields", "{}"));
}

enum status session_create(struct ctx *cx, i64 user_id, const char *address, const char *client,
                           const char **secret)
{
    const char *fresh = secret_new(cx);
    i64 now = ctx_now(cx), id = kit_new_id(cx);

    if (client == NULL || !utf8_valid(str_from(client)))
        client = "";
    TRY(db_run(cx, "session.add", I64("id", id), I64("user_id", user_id),
               TEXT("hash", secret_hash(cx, fresh)), TEXT("csrf", secret_new(cx)), I64("now", now),
               I64("expires_at", now + LIMIT_SESSION_DAYS * (i64)MS_DAY), TEXT("address", address),
               TEXT("client", utf8_cut(cx->arena, client, 300))));
    TRY(db_run(cx, "session.user_seen", I64("id", user_id), I64("now", now)));
    TRY(log_session(cx, "sign_in", id, user_id));
    *secret = fresh;
    return OK;
}

enum status session_start(struct req *rq, i64 user_id)
{
    const char *secret;

    TRY(session_create(rq->cx, user_id, rq->address, rq->header(rq, "User-Agent"), &secret));
    session_cookie(rq, secret);
    return OK;
}

void session_cookie(struct req *rq, const char *secret)
{
    reply_cookie(rq, SESSION_COOKIE, secret,
                 secret[0] == '\0' ? 0 : LIMIT_SESSION_DAYS * (MS_DAY / 1000), true);
}

enum status session_end(struct req *rq)
{
    i64 id = rq->cx->access->session_id;

    session_cookie(rq, "");
    if (id == 0)
        return OK;
    TRY(log_session(rq->cx, "sign_out", id, rq->cx->access->user_id));
    return db_run(rq->cx, "session.end", I64("id", id));
}

enum status session_end_all(struct ctx *cx, i64 user_id, i64 except_session_id)
{
    TRY(db_run(cx, "session.end_all", I64("user_id", user_id), I64("except", except_session_id)));
    if (except_session_id == 0 && kit_live(cx->kit) != NULL)
        live_drop(kit_live(cx->kit), user_id);
    return OK;
}

/* ---- tokens ---- */
enum status token_make(struct ctx *cx, i64 user_id, const char *label, const char *scopes,
                       i64 expires_at_ms, const char **secret)
{
    const char *fresh = arena_printf(cx->arena, TOKEN_PREFIX "%s", secret_new(cx));
    struct str name = str_trim(str_from(label));
    i64 id = kit_new_id(cx);

    if (name.len == 0)
        return ctx_fail_field(cx, "label", "required", "Say what the token is for.");
    if (name.len > LIMIT_TAG_BYTES)
        return ctx_fail_field(cx, "label", "too_long", "At most %d characters.", LIMIT_TAG_BYTES);
    if (!text_is(scopes, "read") && !text_is(scopes, "read write"))
        return ctx_fail_field(cx, "scopes", "token.scopes", "'%s' is none of: read, read write.",
                              scopes);
    if (expires_at_ms != 0 && expires_at_ms <= ctx_now(cx))
        return ctx_fail_field(cx, "expires_at", "token.expires", "This day has passed.");
    TRY(db_run(cx, "session.token_add", I64("id", id), I64("user_id", user_id),
               TEXT("label", str_dup(cx->arena, name)), TEXT("hash", secret_hash(cx, fresh)),
               TEXT("scopes", scopes), I64("now", ctx_now(cx)),
               MAYBE("expires_at", expires_at_ms)));
    TRY(db_run(cx, "change.add", I64("id", kit_new_id(cx)), I64("at", ctx_now(cx)),
               MAYBE("user", user_id), MAYBE("request", cx->request_id), NONE("batch"),
               TEXT("type", "token"), I64("record", id), TEXT("verb", "create"), I64("version", 0),
               TEXT("fields", "{}")));
    *secret = fresh;
    return OK;
}

/* ---- users ---- */
enum status user_count(struct ctx *cx, i64 *count)
{
    return db_get_i64(cx, count, "session.user_count");
}

struct new_password {
    i64 user_id;
    const char *hash;
};

static enum status store_password(struct ctx *cx, void *arg)
{
    const struct new_password *np = arg;
    const struct record_type *t = type_find(cx, "user");
    scoped(access_leave) struct access_guard g = access_enter_system(cx);
    i64 keep = g.before != NULL && g.before->user_id == np->user_id ? g.before->session_id : 0;
    struct row *user;

    assert(t != NULL);
    TRY(record_get(cx, t, np->user_id, &user));
    row_set_text(user, type_field(t, "password_hash"), np->hash);
    row_clear(user, type_field(t, "invite_hash"));
    row_clear(user, type_field(t, "invite_expires_at"));
    TRY(record_save(cx, user));
    return session_end_all(cx, np->user_id, keep);
}

enum status user_set_password(struct ctx *cx, i64 user_id, const char *password)
{
    struct new_password np = { .user_id = user_id };
    const char *email;

    TRY(db_get_text(cx, &email, "session.email_of", I64("id", user_id)));
    TRY(password_check_rules(cx, "password", password, email));
    TRY(password_hash(cx, password, &np.hash));
    return kit_write(cx, store_password, &np);
}

enum status user_invite(struct ctx *cx, i64 user_id, const char **path)
{
    const struct record_type *t = type_find(cx, "user");
    scoped(access_leave) struct access_guard g = access_enter_system(cx);
    const char *secret = secret_new(cx);
    struct row *user;

    assert(t != NULL);
    TRY(record_get(cx, t, user_id, &user));
    row_set_text(user, type_field(t, "invite_hash"), secret_hash(cx, secret));
    row_set_i64(user, type_field(t, "invite_expires_at"), ctx_now(cx) + INVITE_DAYS * (i64)MS_DAY);
    TRY(record_save(cx, user));
    *path = arena_printf(cx->arena, "/welcome/%s", secret);
    return OK;
}
