/* form_guard.c -- challenges with proof of work, and the rules by which a post is judged. */
#include "marketing/form_guard.h"
#include "base/id.h"
#include "base/utf8.h"
#include "marketing/client.h"
#include "marketing/disposable_int.h"
#include <pthread.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>

enum {
    KEY_BYTES = crypto_auth_hmacsha256_KEYBYTES,
    NONCE_BYTES = 12,
    MAC_CHARS = 32, /* half of the HMAC, in hex */
    TOKEN_BYTES = 160,
    FORMS_WATCHED = 1024,        /* a power of two; who loses a place is watched anew */
    CHALLENGES_PER_MINUTE = 600, /* of one address, which may be an office's */
    KEPT_READ_MS = 5 * MS_MINUTE,
    LINKS_MOST = 3, /* in one answer */
};

/* What came to one form in this minute. */
struct watch {
    i64 form_id, minute_ms, alert_until_ms;
    u32 posts, free_posts, last_posts;  /* last: of the minute before */
    i64 kept_read_ms, kept, kept_bytes; /* what waits; read: when the rows were counted */
};
struct guard_state {
    pthread_mutex_t lock;
    unsigned char key[KEY_BYTES];
    struct watch forms[FORMS_WATCHED];
};

static struct guard_state *state_of(struct ctx *cx) { return kit_state(cx->kit, "form_guard"); }

static void guard_free(void *state)
{
    struct guard_state *g = state;

    pthread_mutex_destroy(&g->lock);
    sodium_memzero(g->key, sizeof g->key);
    free(g);
}

/* ---- how much comes ---- */

/* With the lock. */
static struct watch *watch_of(struct guard_state *g, i64 form_id, i64 now_ms)
{
    struct watch *w = &g->forms[(u64)form_id * 0x9E3779B97F4A7C15u >> 54];

    if (w->form_id != form_id)
        *w = (struct watch){ .form_id = form_id, .minute_ms = now_ms };
    if (now_ms >= w->minute_ms + 2 * MS_MINUTE || now_ms < w->minute_ms) {
        w->posts = w->free_posts = w->last_posts = 0;
        w->minute_ms = now_ms;
    } else if (now_ms >= w->minute_ms + MS_MINUTE) {
        w->last_posts = w->posts;
        w->posts = w->free_posts = 0;
        w->minute_ms += MS_MINUTE;
    }
    return w;
}

static int bits_at(const struct watch *w, i64 now_ms)
{
    u32 most = w->posts > w->last_posts ? w->posts : w->last_posts;
    int bits = GUARD_BITS_CALM;

    for (u32 n = most / 16; n > 0 && bits < GUARD_BITS_MOST; n /= 2)
        bits++;
    if (w->alert_until_ms > now_ms && bits < GUARD_BITS_CALM + 2)
        bits = GUARD_BITS_CALM + 2;
    return bits;
}

/* Notes a post; whether it is one too many without proof. *began: with it the flood begins. */
static bool too_many(struct ctx *cx, i64 form_id, bool proven, bool *began)
{
    struct guard_state *g = state_of(cx);
    i64 now = ctx_now(cx);
    struct watch *w;
    bool alert;

    pthread_mutex_lock(&g->lock);
    w = watch_of(g, form_id, now);
    w->posts++;
    w->free_posts += !proven;
    alert = w->alert_until_ms > now;
    *began = !proven && !alert && w->free_posts > GUARD_FREE_POSTS;
    if (!proven && (alert || *began)) {
        w->alert_until_ms = now + GUARD_ALERT_MS;
        alert = true;
    }
    pthread_mutex_unlock(&g->lock);
    return alert && !proven;
}

bool guard_is_alert(struct ctx *cx, i64 form_id)
{
    struct guard_state *g = state_of(cx);
    i64 now = ctx_now(cx);
    bool alert;

    pthread_mutex_lock(&g->lock);
    alert = watch_of(g, form_id, now)->alert_until_ms > now;
    pthread_mutex_unlock(&g->lock);
    return alert;
}

/* Counts the rows, so that what was looked at since makes room. */
static enum status read_kept(struct ctx *cx, i64 form_id)
{
    struct guard_state *g = state_of(cx);
    i64 now = ctx_now(cx), count = 0, bytes = 0;
    scoped(stmt_close) struct stmt q =
        db_query(cx, "form_guard.kept", I64("form", form_id), I64("most", 2 * GUARD_KEPT_MOST));
    struct watch *w;

    if (stmt_next(&q)) {
        count = col_i64(&q, 0);
        bytes = col_i64(&q, 1);
    }
    TRY(stmt_status(&q));
    pthread_mutex_lock(&g->lock);
    w = watch_of(g, form_id, now);
    w->kept_read_ms = now;
    w->kept = count;
    w->kept_bytes = bytes;
    pthread_mutex_unlock(&g->lock);
    return OK;
}

enum status guard_keeps(struct req *rq, i64 form_id, const struct guard *how, size_t bytes,
                        bool *out)
{
    struct ctx *cx = rq->cx;
    struct guard_state *g = state_of(cx);
    i64 now = ctx_now(cx), share = text_empty(how->token) ? 1 : 2;
    struct watch *w;
    bool stale;

    *out = false;
    if (share == 1 && web_rate_limited(rq->web, "form.kept", rq->address, GUARD_ADDRESS_KEPT))
        return OK;
    pthread_mutex_lock(&g->lock);
    w = watch_of(g, form_id, now);
    stale = w->kept_read_ms == 0 || now >= w->kept_read_ms + KEPT_READ_MS || now < w->kept_read_ms;
    pthread_mutex_unlock(&g->lock);
    if (stale)
        TRY(read_kept(cx, form_id));
    pthread_mutex_lock(&g->lock);
    w = watch_of(g, form_id, now);
    *out =
        w->kept < share * GUARD_KEPT_MOST && w->kept_bytes + (i64)bytes <= share * GUARD_KEPT_BYTES;
    if (*out) {
        w->kept++;
        w->kept_bytes += (i64)bytes;
    }
    pthread_mutex_unlock(&g->lock);
    return OK;
}

/* ---- challenges ---- */

/* "FORM.ISSUED.BITS.NONCE.MAC" */
static void sign(const struct guard_state *g, const char *text, char mac[MAC_CHARS + 1])
{
    unsigned char whole[crypto_auth_hmacsha256_BYTES];

    crypto_auth_hmacsha256(whole, (const unsigned char *)text, strlen(text), g->key);
    sodium_bin2hex(mac, MAC_CHARS + 1, whole, MAC_CHARS / 2);
}

enum status guard_challenge(struct req *rq, i64 form_id, struct val *out)
{
    struct ctx *cx = rq->cx;
    struct guard_state *g = state_of(cx);
    unsigned char nonce[NONCE_BYTES];
    char hex[NONCE_BYTES * 2 + 1], mac[MAC_CHARS + 1];
    const char *text;
    i64 now = ctx_now(cx);
    int bits;

    if (web_rate_limited(rq->web, "form.challenge", rq->address, CHALLENGES_PER_MINUTE))
        return ctx_fail(cx, E_RATE, "Your network asks for very many forms. Wait a minute.");
    pthread_mutex_lock(&g->lock);
    bits = bits_at(watch_of(g, form_id, now), now);
    pthread_mutex_unlock(&g->lock);
    randombytes_buf(nonce, sizeof nonce);
    sodium_bin2hex(hex, sizeof hex, nonce, sizeof nonce);
    text = arena_printf(cx->arena, "%s.%lld.%d.%s", id_text(cx->arena, form_id), (long long)now,
                        bits, hex);
    sign(g, text, mac);
    val_put_printf(out, "token", "%s.%s", text, mac);
    val_put_i64(out, "bits", bits);
    return OK;
}

struct challenge {
    i64 form_id, issued_ms, bits;
};

/* False: not of our making. */
static bool challenge_read(struct ctx *cx, const char *token, struct challenge *out)
{
    struct str rest = str_from(token), form, issued, bits;
    const char *dot = strrchr(token, '.');
    char mac[MAC_CHARS + 1];

    if (dot == NULL || strlen(token) > TOKEN_BYTES || strlen(dot + 1) != MAC_CHARS)
        return false;
    sign(state_of(cx), arena_dup(cx->arena, token, (size_t)(dot - token)), mac);
    return sodium_memcmp(mac, dot + 1, MAC_CHARS) == 0 && str_split(&rest, '.', &form) &&
           str_split(&rest, '.', &issued) && str_split(&rest, '.', &bits) &&
           id_parse(form, &out->form_id) && str_i64(issued, &out->issued_ms) &&
           str_i64(bits, &out->bits);
}

static int zero_bits(const unsigned char *hash, int len)
{
    int n = 0;

    for (int i = 0; i < len; i++) {
        if (hash[i] != 0)
            return n + __builtin_clz(hash[i]) - 24;
        n += 8;
    }
    return n;
}

static bool proves(const char *token, const char *number, int bits)
{
    unsigned char hash[crypto_hash_sha256_BYTES];
    char text[TOKEN_BYTES + 32];
    i64 n;

    if (!str_i64(str_from(number), &n) || n < 0)
        return false;
    int len = snprintf(text, sizeof text, "%s:%lld", token, (long long)n);
    if (len < 0 || len >= (int)sizeof text)
        return false;
    crypto_hash_sha256(hash, (const unsigned char *)text, (unsigned long long)len);
    return zero_bits(hash, sizeof hash) >= bits;
}

u64 guard_solve(const char *token, int bits)
{
    char number[24];

    for (u64 n = 0;; n++) {
        snprintf(number, sizeof number, "%llu", (unsigned long long)n);
        if (proves(token, number, bits))
            return n;
    }
}

enum status guard_use(struct ctx *cx, const char *token, bool *fresh)
{
    i64 changed = 1;

    if (!text_empty(token))
        TRY(db_run_count(cx, &changed, "form_guard.use", TEXT("token", token),
                         I64("until", ctx_now(cx) + GUARD_MOST_MS)));
    *fresh = changed > 0;
    return OK;
}

/* ---- the rules ---- */

static u64 fnv(const char *text)
{
    u64 h = 0xcbf29ce484222325u;

    for (const unsigned char *p = (const unsigned char *)text; *p; p++)
        h = (h ^ *p) * 0x100000001b3u;
    return h;
}

static bool is_listed(const char *host)
{
    u64 want = fnv(host);
    size_t low = 0, high = disposable_count;

    while (low < high) {
        size_t mid = (low + high) / 2;
        if (disposable_hashes[mid] < want)
            low = mid + 1;
        else
            high = mid;
    }
    return low < disposable_count && disposable_hashes[low] == want;
}

bool guard_is_disposable(const char *email)
{
    const char *at = strrchr(email, '@');
    char host[256];
    size_t len = at ? strlen(at + 1) : 0;

    if (len == 0 || len >= sizeof host)
        return false;
    for (size_t i = 0; i <= len; i++)
        host[i] = (char)(at[1 + i] >= 'A' && at[1 + i] <= 'Z' ? at[1 + i] | 32 : at[1 + i]);
    for (const char *p = host; strchr(p, '.') != NULL; p = strchr(p, '.') + 1)
        if (is_listed(p)) /* or what it lies under */
            return true;
    return false;
}

static bool has_link(const char *text)
{
    return str_contains_fold(str_from(text), "http:") ||
           str_contains_fold(str_from(text), "https:") || str_contains_fold(str_from(text), "www.");
}

static int links_in(const char *text)
{
    int n = 0;

    for (const char *p = text; (p = strstr(p, "http")) != NULL; p += 4)
        n++;
    return n;
}

/* What no person writes: "" when all is well. */
static const char *content_reason(const struct form_def *d, const struct val *data)
{
    for (size_t i = 0; i < d->count; i++) {
        const struct ask *a = &d->asks[i];
        const char *answer = val_get_text(data, a->name);
        if ((text_is(a->maps, "first_name") || text_is(a->maps, "last_name") ||
             text_is(a->name, "name") || text_is(a->maps, "city") ||
             text_is(a->maps, "job_title")) &&
            has_link(answer))
            return "a link stands in the name";
        if ((a->kind == ASK_TEXT || a->kind == ASK_LONG) && links_in(answer) > LINKS_MOST)
            return "one answer is full of links";
    }
    return "";
}

static struct guard hold(const char *reason)
{
    return (struct guard){ GUARD_HOLD, reason, "", false };
}
static struct guard spam(const char *reason)
{
    return (struct guard){ GUARD_SPAM, reason, "", false };
}

/* A token that was told, with its proof. */
static struct guard judge_token(struct req *rq, i64 form_id, const char *token)
{
    struct ctx *cx = rq->cx;
    struct challenge c;
    i64 age;

    if (!challenge_read(cx, token, &c) || c.form_id != form_id)
        return hold("the challenge was not of this form");
    age = ctx_now(cx) - c.issued_ms;
    if (age < GUARD_LEAST_MS)
        return hold("it was filled in within a second");
    if (age > GUARD_MOST_MS)
        return hold("the page was open for too long to tell");
    if (!proves(token, req_form(rq, "fw_proof"), (int)c.bits))
        return hold("the proof of work is wrong");
    return (struct guard){ GUARD_TAKE, "", token, false };
}

/* Whether more come of one address than people send; by what it is proven, since a program and an
 * office may share one. */
static bool crowds(struct req *rq, bool proven)
{
    return proven ? web_rate_limited(rq->web, "form.proven", rq->address, GUARD_ADDRESS_PROVEN)
                  : web_rate_limited(rq->web, "form", rq->address, GUARD_ADDRESS_POSTS);
}

static bool is_program(struct req *rq)
{
    const char *agent = rq->header(rq, "User-Agent");

    return agent != NULL && agent[0] != '\0' && client_of(agent).bot;
}

struct guard guard_judge(struct req *rq, i64 form_id, const struct form_def *d,
                         const struct val *data, bool trusted)
{
    const char *token = req_form(rq, "fw_token"), *content = content_reason(d, data), *why = NULL;
    struct guard g = { GUARD_TAKE, "", "", false };
    bool off = text_is(d->guard, "off"), proven;

    if (!text_empty(req_form(rq, "website_url")))
        return spam("the hidden field was filled in");
    if (!text_empty(content))
        return spam(content);
    if (trusted)
        return g;
    if (!text_empty(token))
        g = judge_token(rq, form_id, token);
    if (off && g.verdict == GUARD_HOLD)
        g = (struct guard){ GUARD_TAKE, "", "", false };
    proven = !text_empty(g.token);
    if (!off && too_many(rq->cx, form_id, proven, &g.alarm))
        why = "many posts came without proof of work";
    if (crowds(rq, proven))
        why = "many posts came from its address in a minute";
    else if (why == NULL && text_empty(token) && text_is(d->guard, "always"))
        why = "it came without proof of work";
    else if (why == NULL && !off && !proven && is_program(rq))
        why = "its agent is a program";
    else if (why == NULL && !off && text_is(d->disposable, "hold") &&
             guard_is_disposable(form_mapped(d, data, "email")))
        why = "the address is one for ten minutes";
    if (why != NULL && g.verdict == GUARD_TAKE) {
        g.verdict = GUARD_HOLD;
        g.reason = why;
    }
    return g;
}

/* ---- the key, and tokens that are used up ---- */

static enum status guard_start(struct ctx *cx)
{
    struct guard_state *g = calloc(1, sizeof *g);
    char hex[KEY_BYTES * 2 + 1];
    const char *kept = "";
    enum status s;

    assert(g != NULL);
    pthread_mutex_init(&g->lock, NULL);
    randombytes_buf(g->key, sizeof g->key);
    sodium_bin2hex(hex, sizeof hex, g->key, sizeof g->key);
    s = db_run(cx, "form_guard.key_put", TEXT("key", hex), I64("at", ctx_now(cx)));
    if (s == OK)
        s = db_get_text(cx, &kept, "form_guard.key"); /* another node may have been first */
    if (s == OK && sodium_hex2bin(g->key, sizeof g->key, kept, strlen(kept), NULL, NULL, NULL))
        s = ctx_fail(cx, E_CORRUPT, "the key of forms cannot be read");
    if (s != OK) {
        guard_free(g);
        return s;
    }
    kit_set_state(cx->kit, "form_guard", g, guard_free);
    return OK;
}

static enum status forget_job(struct job_run *job)
{
    return db_run(job->cx, "form_guard.forget", I64("now", ctx_now(job->cx)));
}

static const struct job_type jobs[] = {
    { "form_guard.forget", "Forget proofs of work that are over", forget_job, .every_ms = MS_HOUR,
      .writes = true },
};
const struct feature feature_form_guard = { .name = "form_guard",
                                            JOBS(jobs),
                                            .start = guard_start };
