/* answers.c -- the answers that are kept: a table by mark, oldest use out first. */
#include "kit/answers.h"
#include "base/limits.h"
#include "journey/journey.h"
#include "kit/kit_int.h"
#include <pthread.h>
#include <stdlib.h>

enum { QUARTER_MS = 15 * 60 * 1000 };

struct kept {
    struct arena *arena; /* its own: the mark and the answer. NULL: free */
    const char *mark;
    u64 hash;
    const struct val *answer;
    i64 from_ms, until_ms;
    u64 used; /* when it was last asked for, in askings */
};
struct answers {
    pthread_mutex_t lock;
    struct kept list[LIMIT_ANSWERS];
    u64 clock, found, missed;
};

/* ---- what an answer is made from ---- */
static const char *rights(struct ctx *cx)
{
    struct buf b = buf_in(cx->arena, 4000);
    size_t count;
    const struct record_type *const *types = type_all(cx, &count);
    bool all = true;

    for (size_t i = 0; i <= count; i++) {
        enum scope s = access_scope(cx->access, i < count ? types[i]->name : "journey", VERB_READ);
        buf_char(&b, (char)('0' + s));
        all &= s == SCOPE_ALL || s == SCOPE_NONE;
    }
    if (!all)
        buf_printf(&b, "/%lld/%lld", (long long)cx->access->user_id,
                   (long long)cx->access->team_id);
    return buf_end(&b);
}

/* The kinds of events as they stand in memory: one's own are read again after a change. */
static u64 kinds_hash(struct ctx *cx)
{
    const struct event_kind *kind;
    u64 hash = 0;

    for (size_t i = 0; (kind = kit_event_kind_at(cx->kit, i)) != NULL; i++)
        hash = hash * 31 + str_hash(str_from(kind->name)) + str_hash(str_from(kind->label)) * 7 +
               kind->flags;
    return hash;
}

/* Changes with what is read; NULL: cannot be told. */
static const char *version(struct ctx *cx)
{
    struct ctx probe = *cx;
    const char *records;
    u64 journey[2] = { 0 };

    ctx_clear_error(&probe);
    if (db_get_text(&probe, &records, "answers.version") != OK)
        return NULL;
    if (cx->journey)
        journey_version(cx->journey, journey);
    return arena_printf(cx->arena, "%s;%llu;%llu", records, (unsigned long long)journey[0],
                        (unsigned long long)journey[1]);
}

struct answers_from {
    const char *text;
};

const struct answers_from *answers_from(struct ctx *cx)
{
    bool reads = cx->db && db_mode_of(cx->db) == DB_READ;
    const char *made_from = reads ? version(cx) : NULL;
    struct answers_from *out;

    if (made_from == NULL)
        return NULL;
    out = NEW(cx->arena, struct answers_from);
    out->text =
        arena_printf(cx->arena, "%s\n%s\n%s %s %s %llx", made_from, rights(cx),
                     setting_text(cx, "workspace.zone"), base_currency(cx),
                     setting_text(cx, "currency.rates"), (unsigned long long)kinds_hash(cx));
    return out;
}

bool answers_hold(struct ctx *cx, const struct answers_from *from)
{
    const struct answers_from *now = from ? answers_from(cx) : NULL;

    return now && text_is(from->text, now->text);
}

/* ---- the table ---- */
static const char *mark_of(struct ctx *cx, const struct answers_from *from, const char *asked,
                           u64 *hash)
{
    const char *mark = arena_printf(cx->arena, "%s\n%s", from->text, asked);

    *hash = str_hash(str_from(mark));
    return mark;
}

static struct kept *find(struct answers *all, const char *mark, u64 hash)
{
    for (size_t i = 0; i < LIMIT_ANSWERS; i++)
        if (all->list[i].arena && all->list[i].hash == hash && text_is(all->list[i].mark, mark))
            return &all->list[i];
    return NULL;
}

struct val *answers_find(struct ctx *cx, const struct answers_from *from, const char *asked)
{
    struct answers *all = cx->kit->answers;
    i64 now = ctx_now(cx);
    struct val *out = NULL;
    struct kept *k;
    const char *mark;
    u64 hash;

    if (from == NULL)
        return NULL;
    mark = mark_of(cx, from, asked, &hash);
    pthread_mutex_lock(&all->lock);
    k = find(all, mark, hash);
    if (k && now >= k->from_ms && now < k->until_ms) {
        k->used = ++all->clock;
        out = val_copy(cx->arena, k->answer);
    }
    all->found += out != NULL;
    all->missed += out == NULL;
    pthread_mutex_unlock(&all->lock);
    return out;
}

static void forget(struct kept *k)
{
    arena_free(k->arena);
    *k = (struct kept){ 0 };
}

/* A free place, made where there is none. */
static struct kept *place(struct answers *all)
{
    struct kept *oldest = &all->list[0];

    for (size_t i = 0; i < LIMIT_ANSWERS; i++) {
        if (all->list[i].arena == NULL)
            return &all->list[i];
        if (all->list[i].used < oldest->used)
            oldest = &all->list[i];
    }
    forget(oldest);
    return oldest;
}

void answers_keep(struct ctx *cx, const struct answers_from *from, const char *asked, i64 until_ms,
                  const struct val *answer)
{
    struct answers *all = cx->kit->answers;
    i64 now = ctx_now(cx), end = now - now % QUARTER_MS + QUARTER_MS;
    struct kept made = { .from_ms = now };
    const char *mark;
    struct kept *k;

    if (from == NULL)
        return;
    mark = mark_of(cx, from, asked, &made.hash);
    made.arena = arena_new(4096);
    made.mark = arena_text(made.arena, mark);
    made.answer = val_copy(made.arena, answer);
    made.until_ms = until_ms > now && until_ms < end ? until_ms : end;
    if (arena_bytes(made.arena) > LIMIT_ANSWER_BYTES) {
        arena_free(made.arena);
        return;
    }
    pthread_mutex_lock(&all->lock);
    k = find(all, mark, made.hash);
    if (k)
        forget(k);
    else
        k = place(all);
    made.used = ++all->clock;
    *k = made;
    pthread_mutex_unlock(&all->lock);
}

struct answers_count answers_counted(struct kit *k)
{
    struct answers *all = k->answers;
    struct answers_count out;

    pthread_mutex_lock(&all->lock);
    out = (struct answers_count){ .found = all->found, .missed = all->missed };
    for (size_t i = 0; i < LIMIT_ANSWERS; i++)
        out.kept += all->list[i].arena != NULL;
    pthread_mutex_unlock(&all->lock);
    return out;
}

/* ---- with the kit ---- */
struct answers *answers_open(void)
{
    struct answers *all = calloc(1, sizeof *all);

    assert(all != NULL);
    pthread_mutex_init(&all->lock, NULL);
    return all;
}

void answers_close(struct answers *all)
{
    if (all == NULL)
        return;
    for (size_t i = 0; i < LIMIT_ANSWERS; i++)
        if (all->list[i].arena)
            forget(&all->list[i]);
    pthread_mutex_destroy(&all->lock);
    free(all);
}
