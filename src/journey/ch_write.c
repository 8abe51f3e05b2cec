/* ch_write.c -- the ClickHouse backend writes: flushes, events that change their owner, erasing. */
#include "base/log.h"
#include "journey/ch_int.h"
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum {
    ARENA_BYTES = 16 * 1024,
    MOVED_BYTES = 4 * 1024 * 1024,
    ERASE_POLL_MS = 500,
    ERASE_WAIT_MS = 50,
    ERASE_MOST_MS = 120 * 1000
};

static void *need(void *p)
{
    if (p == NULL)
        log_fatal("journey.out_of_memory", "in=clickhouse");
    return p;
}

/* ---- locks ---- */

void ch_begin(struct ch *ch)
{
    pthread_mutex_lock(&ch->lock);
    while (ch->busy)
        pthread_cond_wait(&ch->not_busy, &ch->lock);
    ch->busy = true;
    pthread_mutex_unlock(&ch->lock);
}

/* Takes busy, if nobody has it. */
static bool begin_now(struct ch *ch)
{
    pthread_mutex_lock(&ch->lock);
    bool taken = !ch->busy;
    ch->busy = true;
    pthread_mutex_unlock(&ch->lock);
    return taken;
}

void ch_end(struct ch *ch)
{
    pthread_mutex_lock(&ch->lock);
    ch->busy = false;
    pthread_cond_signal(&ch->not_busy);
    pthread_mutex_unlock(&ch->lock);
}

struct moved *ch_moved(struct ch *ch)
{
    pthread_mutex_lock(&ch->j->link_lock);
    struct moved *m = people_moved(&ch->j->people);
    pthread_mutex_unlock(&ch->j->link_lock);
    return m;
}

/* ---- sending rows ---- */

/* Rows on their way, by shard; those in `first` are sent before those in `then`. */
struct sending {
    struct ctx *cx;
    struct ch *ch;
    struct http_client *client;
    struct buf first[CH_SHARDS_MAX], then[CH_SHARDS_MAX];
    size_t bytes, most;
};

static void sending_open(struct sending *s, struct ctx *cx, struct ch *ch, size_t most)
{
    *s = (struct sending){ .cx = cx, .ch = ch, .client = ch_client(ch), .most = most };
    for (u32 i = 0; i < ch->shard_count; i++)
        s->first[i] = s->then[i] = buf_new(CH_BUF_MAX);
}

static void sending_close(struct sending *s)
{
    ch_give(s->ch, s->client);
    for (u32 i = 0; i < s->ch->shard_count; i++) {
        buf_free(&s->first[i]);
        buf_free(&s->then[i]);
    }
}

/* A buffer begins with its statement. */
static enum status send_one(struct sending *s, u32 shard, struct buf *rows)
{
    if (rows->len == 0)
        return OK;
    TRY(buf_status(rows));
    TRY(ch_ask(s->cx, s->ch, s->client, shard, rows, NULL, NULL));
    buf_clear(rows);
    return OK;
}

static enum status send_all(struct sending *s)
{
    for (u32 i = 0; i < s->ch->shard_count; i++)
        TRY(send_one(s, i, &s->first[i]));
    for (u32 i = 0; i < s->ch->shard_count; i++)
        TRY(send_one(s, i, &s->then[i]));
    s->bytes = 0;
    return OK;
}

static enum status add(struct sending *s, struct buf *rows, const struct ch_row *r)
{
    size_t before = rows->len;

    if (rows->len == 0) {
        buf_printf(rows, "INSERT INTO %s.event (", s->ch->database);
        ch_columns(rows, COLS_NUMBERS, true);
        buf_text(rows, ") FORMAT RowBinary\n");
    }
    ch_encode(rows, r);
    s->bytes += rows->len - before;
    return s->bytes < s->most ? OK : send_all(s);
}

/* ---- placing ---- */

void ch_unsure(struct ch *ch, u32 person)
{
    ch->unsure = array_room(ch->unsure, &ch->unsure_room, ch->unsure_count + 1, sizeof *ch->unsure);
    ch->unsure[ch->unsure_count++] = person;
}

struct moving {
    struct sending sending;
    const struct moved *m;
    u64 ver, rows;
};

static bool move_row(void *arg, const struct ch_row *r)
{
    struct moving *v = arg;
    struct sending *s = &v->sending;
    u32 owner = moved_root(v->m, r->e.person);
    struct ch_row there = *r, here = { .owner = r->owner, .ver = v->ver };

    if (owner == 0 || owner == r->owner)
        return true;
    there.owner = owner;
    there.ver = v->ver;
    here.e.at_ms = r->e.at_ms;
    here.e.seq = r->e.seq;
    here.e.person = r->e.person;
    v->rows++;
    return add(s, &s->first[owner % s->ch->shard_count], &there) == OK &&
           add(s, &s->then[r->owner % s->ch->shard_count], &here) == OK;
}

static enum status move_some(struct moving *v, const u32 *list, u32 n)
{
    scoped(buf_free) struct buf where = buf_new(CH_BUF_MAX);
    struct sending *s = &v->sending;
    struct http_client *reads = ch_client(s->ch);
    u32 count, *places = people_places(&s->ch->j->people, list, n, &count);

    buf_text(&where, "owner IN ");
    ch_list(&where, places, count);
    buf_text(&where, " AND person IN ");
    ch_list(&where, list, n);
    free(places);
    enum status st = ch_scan(s->cx, s->ch, reads, COLS_NUMBERS, true, &where, move_row, v);
    ch_give(s->ch, reads);
    return st == OK ? send_all(s) : st;
}

static int ascending(const void *a, const void *b)
{
    u32 x = *(const u32 *)a, y = *(const u32 *)b;

    return x < y ? -1 : x > y;
}

u32 ch_differs(struct ch *ch, const struct moved *p, const struct moved *m, struct ch_step *at)
{
    u32 people = atomic_load(&ch->people);

    while (at->placed < p->count || at->moved < m->count) {
        u32 a = at->placed < p->count ? p->people[at->placed] : UINT32_MAX;
        u32 b = at->moved < m->count ? m->people[at->moved] : UINT32_MAX;
        u32 person = a < b ? a : b, before = a == person ? p->roots[at->placed] : person,
            now = b == person ? m->roots[at->moved] : person;
        at->placed += a == person;
        at->moved += b == person;
        if (before != now && now != 0 && person <= people) /* who is erased stays */
            return person;
    }
    return 0;
}

/* Adds to the unsure those whose owner is another by `m`. */
static void compare(struct ch *ch, const struct moved *m)
{
    struct ch_step at = { 0 };
    u32 kept = 0, person;

    while ((person = ch_differs(ch, ch->placed, m, &at)) != 0)
        ch_unsure(ch, person);
    if (ch->unsure_count > 1)
        qsort(ch->unsure, ch->unsure_count, sizeof *ch->unsure, ascending);
    for (u32 n = 0; n < ch->unsure_count; n++)
        if ((kept == 0 || ch->unsure[kept - 1] != ch->unsure[n]) &&
            moved_root(m, ch->unsure[n]) != 0)
            ch->unsure[kept++] = ch->unsure[n];
    ch->unsure_count = kept;
}

static enum status move_all(struct ctx *cx, struct ch *ch, const struct moved *m)
{
    struct moving *v = need(calloc(1, sizeof *v));
    u64 begun = clock_mono_ns();
    enum status s = OK;

    v->m = m;
    v->ver = ++ch->ver;
    sending_open(&v->sending, cx, ch, MOVED_BYTES);
    for (u32 at = 0; at < ch->unsure_count && s == OK; at += CH_LIST_MAX) {
        u32 n = ch->unsure_count - at;
        s = move_some(v, ch->unsure + at, n < CH_LIST_MAX ? n : CH_LIST_MAX);
    }
    sending_close(&v->sending);
    log_line(LOG_DEBUG, "journey.moved", "people=%u rows=%llu ms=%llu", ch->unsure_count,
             (unsigned long long)v->rows,
             (unsigned long long)((clock_mono_ns() - begun) / 1000000));
    free(v);
    return s;
}

enum status ch_place(struct ctx *cx, struct ch *ch, struct moved *m)
{
    enum status s = OK;

    if (ch->placed->version == m->version && ch->unsure_count == 0)
        return OK;
    compare(ch, m);
    pthread_rwlock_wrlock(&ch->rows);
    if (ch->unsure_count > 0) {
        pthread_mutex_lock(&ch->lock);
        ch->sure = false; /* until all of them are there */
        pthread_mutex_unlock(&ch->lock);
        s = move_all(cx, ch, m);
    }
    if (s == OK) { /* otherwise they stay unsure */
        struct moved *before = ch->placed;
        ch->unsure_count = 0;
        atomic_fetch_add_explicit(&m->refs, 1, memory_order_relaxed);
        pthread_mutex_lock(&ch->lock);
        ch->placed = m;
        ch->sure = true;
        pthread_mutex_unlock(&ch->lock);
        moved_drop(before);
    }
    pthread_rwlock_unlock(&ch->rows);
    return s;
}

/* With busy. */
static enum status place_now(struct ctx *cx, struct ch *ch)
{
    struct moved *m = ch_moved(ch);
    enum status s = ch_place(cx, ch, m);

    moved_drop(m);
    return s;
}

/* ---- flush ---- */

static enum status send_events(struct ctx *cx, struct ch *ch, const struct event *events, u32 n)
{
    struct sending *s = need(calloc(1, sizeof *s));
    struct ch_row r = { .ver = ++ch->ver, .alive = true };
    enum status st = OK;

    sending_open(s, cx, ch, CH_SEND_BYTES);
    for (u32 i = 0; i < n && st == OK; i++) {
        r.owner = moved_root(ch->placed, events[i].person);
        if (r.owner == 0)
            continue;
        r.e = events[i];
        r.text = events[i].props == NULL ? (struct str){ "", 0 } : str_from(events[i].props);
        st = add(s, &s->first[r.owner % ch->shard_count], &r);
        ch->fresh[ch->fresh_count++] = events[i].person;
        if (events[i].person > atomic_load(&ch->people))
            atomic_store(&ch->people, events[i].person);
    }
    if (st == OK)
        st = send_all(s);
    sending_close(s);
    free(s);
    return st;
}

static enum status send_tail(struct ctx *cx, struct ch *ch, struct flush *f)
{
    scoped(slab_free) struct slab slab = { 0 };
    struct fault fault;
    u32 n;

    TRY(place_now(cx, ch));
    if (f->tail_count == 0)
        return OK;
    struct event *events = runs_gather(f->tail, f->tail_count, UINT32_MAX, NULL, &slab, &n, &fault);
    if (events == NULL)
        log_fatal("journey.tail_damaged", "what=\"%s\"", fault.what);
    ch->fresh = need(calloc(n + 1ull, sizeof *ch->fresh));
    return send_events(cx, ch, events, n);
}

/* The committer's own work has no caller to tell. */
static void ctx_own(struct ctx *cx, struct arena *a, struct ch *ch)
{
    ctx_init(cx, a, ch->j->clock);
}

static void complain(const struct ctx *cx, const char *at, enum status s)
{
    log_line(LOG_ERROR, "journey.clickhouse", "at=%s status=%s cause=\"%s\"", at, status_word(s),
             cx->error_text);
}

void ch_prepare(struct journey *j, struct flush *f)
{
    scoped(arena_close) struct arena *a = arena_new(ARENA_BYTES);
    struct ch *ch = j->far;
    struct ctx cx;

    ctx_own(&cx, a, ch);
    ch_begin(ch); /* until it is placed */
    f->status = send_tail(&cx, ch, f);
    if (f->status != OK)
        complain(&cx, "flush", f->status);
}

/* How many events of the people erased since the last flush are counted. */
static enum status count_erased(struct ctx *cx, struct ch *ch, u64 *count)
{
    struct journey *j = ch->j;
    scoped(buf_free) struct buf sql = buf_new(CH_BUF_MAX);
    u32 *list = NEW_N(cx->arena, u32, j->new_erased_count);
    const char *line;
    i64 n;

    *count = 0;
    if (j->new_erased_count == 0)
        return OK;
    memcpy(list, j->new_erased, j->new_erased_count * sizeof *list);
    qsort(list, j->new_erased_count, sizeof *list, ascending);
    for (u32 at = 0; at < j->new_erased_count; at += CH_LIST_MAX) {
        u32 some = j->new_erased_count - at;
        buf_clear(&sql);
        buf_printf(&sql, "SELECT uniqExact(seq) FROM %s WHERE seq <= %llu AND person IN ", ch->all,
                   (unsigned long long)j->run_seq);
        ch_list(&sql, list + at, some < CH_LIST_MAX ? some : CH_LIST_MAX);
        TRY(ch_line(cx, ch, 0, buf_end(&sql), &line));
        if (!str_i64(str_from(line), &n))
            return ctx_fail(cx, E_IO, "ClickHouse counts '%s'", line);
        *count += (u64)n;
    }
    for (u32 i = 0; i < ch->fresh_count; i++) {
        u32 at = lower_bound(list, j->new_erased_count, ch->fresh[i]);
        *count += at < j->new_erased_count && list[at] == ch->fresh[i];
    }
    return OK;
}

enum status ch_put(struct journey *j, struct flush *f)
{
    scoped(arena_close) struct arena *a = arena_new(ARENA_BYTES);
    struct ch *ch = j->far;
    struct ctx cx;
    u64 erased;

    (void)f;
    ctx_own(&cx, a, ch);
    enum status s = place_now(&cx, ch); /* links made since it was sent */
    if (s == OK)
        s = count_erased(&cx, ch, &erased);
    if (s != OK) {
        complain(&cx, "commit", s);
        return s;
    }
    ch->count_next = ch->count + ch->fresh_count - (erased < ch->count ? erased : ch->count);
    for (u32 i = 0; i < j->new_erased_count; i++) {
        ch->gone = array_room(ch->gone, &ch->gone_room, ch->gone_count + 1, sizeof *ch->gone);
        ch->gone[ch->gone_count++] = j->new_erased[i];
    }
    return put_meta(j, "far_events", ch->count_next);
}

void ch_placed(struct journey *j, struct flush *f, enum status s)
{
    struct ch *ch = j->far;

    (void)f;
    free(ch->fresh);
    ch->fresh = NULL;
    ch->fresh_count = 0;
    if (s == OK) {
        pthread_mutex_lock(&ch->lock);
        ch->count = ch->count_next;
        ch->erased = people_erased(&j->people);
        pthread_mutex_unlock(&ch->lock);
    }
    ch_end(ch);
}

/* ---- erasing ---- */

static enum status ask_to_delete(struct ctx *cx, struct ch *ch)
{
    const char *line;
    u32 n = ch->gone_count < CH_LIST_MAX ? ch->gone_count : CH_LIST_MAX;
    struct buf sql = buf_in(ch->arena, CH_BUF_MAX);

    TRY(place_now(cx, ch)); /* nobody moves their rows from here on */
    for (u32 i = 0; i < ch->shard_count; i++) {
        buf_clear(&sql);
        buf_printf(&sql, "ALTER TABLE %s.event DELETE WHERE person IN ", ch->database);
        ch_list(&sql, ch->gone, n);
        TRY(ch_line(cx, ch, i, buf_end(&sql), &line));
        TRY(ch_line(cx, ch, i, "SELECT toString(now())", &line));
        ch->gone_since[i] = arena_text(ch->arena, line);
    }
    ch->gone_next = n;
    return OK;
}

/* Whether a count is zero on every shard. */
static enum status none_left(struct ctx *cx, struct ch *ch, bool parts, bool *none)
{
    const char *line;

    *none = true;
    for (u32 i = 0; i < ch->shard_count && *none; i++) {
        const char *sql =
            parts ? arena_printf(cx->arena,
                                 "SELECT count() FROM system.parts WHERE database = '%s' AND table"
                                 " = 'event' AND active = 0 AND modification_time <= "
                                 "toDateTime('%s')",
                                 ch->database, ch->gone_since[i])
                  : arena_printf(cx->arena,
                                 "SELECT count() FROM system.mutations WHERE database = '%s' AND"
                                 " table = 'event' AND is_done = 0",
                                 ch->database);
        TRY(ch_line(cx, ch, i, sql, &line));
        *none = text_is(line, "0");
    }
    return OK;
}

/* One step; *over: nothing is left of them on the servers. */
static enum status erase_step(struct ctx *cx, struct ch *ch, bool *over)
{
    enum { ASK, DELETED, PARTS };
    bool none;

    *over = ch->gone_count == 0;
    if (*over)
        return OK;
    if (ch->gone_stage == ASK) {
        /* A flush that is prepared is busy until the committer, which is us, places it. */
        if (!begin_now(ch))
            return OK;
        enum status s = ask_to_delete(cx, ch);
        ch_end(ch);
        ch->gone_stage = s == OK ? DELETED : ASK;
        return s;
    }
    TRY(none_left(cx, ch, ch->gone_stage == PARTS, &none));
    if (!none)
        return OK;
    if (ch->gone_stage == DELETED) {
        ch->gone_stage = PARTS;
        return OK;
    }
    ch->gone_stage = ASK;
    ch->gone_count -= ch->gone_next;
    memmove(ch->gone, ch->gone + ch->gone_next, ch->gone_count * sizeof *ch->gone);
    *over = ch->gone_count == 0;
    return OK;
}

static void pause_ms(long ms)
{
    nanosleep(&(struct timespec){ ms / 1000, ms % 1000 * 1000000 }, NULL);
}

enum status ch_erased(struct journey *j, bool wait)
{
    scoped(arena_close) struct arena *a = arena_new(ARENA_BYTES);
    struct ch *ch = j->far;
    u64 begun = clock_mono_ns();
    struct ctx cx;
    bool over = false;

    if (j->new_erased_count > 0)
        return OK;
    if (!wait && ch->gone_asked_ns != 0 && begun - ch->gone_asked_ns < ERASE_POLL_MS * 1000000ull)
        return OK;
    ch->gone_asked_ns = begun;
    ctx_own(&cx, a, ch);
    enum status s = erase_step(&cx, ch, &over);
    while (wait && s == OK && !over && clock_mono_ns() - begun < ERASE_MOST_MS * 1000000ull) {
        pause_ms(ERASE_WAIT_MS);
        s = erase_step(&cx, ch, &over);
    }
    if (s != OK)
        complain(&cx, "erase", s);
    if (wait && s == OK && !over)
        return E_BUSY;
    return s == OK && over ? merge_erased(j) : s;
}
