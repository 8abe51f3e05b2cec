/* delivery.c -- the planner: which senders have something due, how much of it may go now, and
 * threads for it. What the threads do is in delivery_work.c. */
#include "base/id.h"
#include "base/log.h"
#include "mail/delivery_int.h"
#include "store/writer.h"
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum {
    PLANNER_ARENA_BYTES = 64 * 1024,
    LOOK_MS = 25,               /* how soon after a commit its mails are seen */
    IDLE_LOOK_MS = 5000,        /* other nodes and commands write too */
    COUNT_MS = 30 * 1000,       /* how often the numbers of the hour and day are counted again */
    ABANDONED_MS = 6 * MS_HOUR, /* longer than any batch takes: its node is gone */
    TROUBLE_MS = 1000,          /* first pause after trouble with a server; doubles */
    TROUBLE_MOST_MS = 5 * MS_MINUTE,
    NS_PER_MS = 1000000
};

static i64 mono_ms(void) { return (i64)(clock_mono_ns() / NS_PER_MS); }

void delivery_ctx(struct delivery *d, struct ctx *cx, struct arena *a, struct db *db)
{
    ctx_init(cx, a, d->o.clock);
    cx->db = db;
    cx->journey = d->o.journey;
    cx->kit = d->o.kit;
    cx->access = access_system();
}

bool delivery_is_stopping(struct delivery *d)
{
    bool is;

    pthread_mutex_lock(&d->lock);
    is = d->stopping;
    pthread_mutex_unlock(&d->lock);
    return is;
}

/* ---- what a former run left ---- */
struct left {
    i64 id;
    int attempts;
};

static enum status settle(struct ctx *cx, struct delivery *d, i64 id)
{
    enum inflight_phase phase =
        inflight_is_known(d->inflight) ? inflight_left(d->inflight, id) : INFLIGHT_ENDING;
    struct mail_message m;

    if (phase == INFLIGHT_SENT) {
        TRY(mail_get(cx, id, &m));
        TRY(db_run(cx, "mail.set_sent", I64("id", id), I64("now", ctx_now(cx)),
                   TEXT("subject", m.subject), TEXT("code", "250"), TEXT("reply", "")));
        return mail_told(cx, "mail.sent", "mail_sent", &m);
    }
    if (phase != INFLIGHT_ENDING)
        return db_run(cx, "mail.give_back", I64("id", id), I64("due", ctx_now(cx)));
    TRY(db_run(cx, "mail.set_unsure", I64("id", id), I64("now", ctx_now(cx)),
               TEXT("reason", "stopped"), TEXT("reply", "")));
    return db_run(cx, "mail.add_try", I64("id", kit_new_id(cx)), I64("message", id),
                  I64("at", ctx_now(cx)), I64("state", MAIL_UNSURE), TEXT("code", ""),
                  TEXT("reply", "Furrow stopped between the mail's end and the server's answer."),
                  TEXT("host", ""));
}

static enum status recover(struct ctx *cx, void *arg)
{
    struct delivery *d = arg;
    i64 ids[4 * WORKERS * BATCH];
    size_t count = 0;
    {
        scoped(stmt_close) struct stmt q =
            db_query(cx, "mail.left_sending", I64("node", d->o.node));
        while (count < countof(ids) && stmt_next(&q))
            ids[count++] = col_i64(&q, 0);
        TRY(stmt_status(&q));
    }
    for (size_t i = 0; i < count; i++)
        TRY(settle(cx, d, ids[i]));
    if (count > 0)
        log_line(LOG_WARN, "mail.recovered", "mails=%zu known=%d", count,
                 inflight_is_known(d->inflight));
    return OK;
}

/* Mails that a node took on which never came back. */
static enum status give_up_abandoned(struct ctx *cx, void *arg)
{
    i64 ids[1000];
    size_t count = 0;

    (void)arg;
    {
        scoped(stmt_close) struct stmt q =
            db_query(cx, "mail.abandoned", I64("before", ctx_now(cx) - ABANDONED_MS));
        while (count < countof(ids) && stmt_next(&q))
            ids[count++] = col_i64(&q, 0);
        TRY(stmt_status(&q));
    }
    for (size_t i = 0; i < count; i++)
        TRY(db_run(cx, "mail.set_unsure", I64("id", ids[i]), I64("now", ctx_now(cx)),
                   TEXT("reason", "node_gone"), TEXT("reply", "")));
    return OK;
}

/* ---- reading what there is ---- */
static struct sender_state *sender_of(struct delivery *d, i64 id)
{
    for (size_t i = 0; i < d->sender_count; i++)
        if (d->senders[i].id == id)
            return &d->senders[i];
    return NULL;
}

static struct pace_state *pace_of(struct delivery *d, const char *domain)
{
    for (size_t i = 0; i < d->pace_count; i++)
        if (d->paces[i].seen && text_is(d->paces[i].domain, domain))
            return &d->paces[i];
    return NULL;
}

/* How many more may go by a sender: the least of its hour's and its day's number. */
static enum status count_left(struct ctx *cx, struct stmt *q, i64 id, bool *limited, i64 *left)
{
    i64 hour = col_i64(q, 5), day = col_i64(q, 6), from = col_i64(q, 7), sent;
    i64 now = ctx_now(cx), most;

    *limited = hour > 0 || day > 0 || from >= 0;
    *left = INT64_MAX;
    if (hour > 0) {
        TRY(db_get_i64(cx, &sent, "mail.sent_since", I64("sender", id),
                       I64("since", now - MS_HOUR)));
        *left = hour - sent;
    }
    if (day > 0 || from >= 0) {
        i64 today = zone_day(kit_zone(cx), now);
        most = day > 0 ? day : INT64_MAX;
        if (from >= 0) {
            i64 warm = plan_warm_up(col_i64(q, 8), col_i64(q, 9), today > from ? today - from : 0);
            most = warm < most ? warm : most;
        }
        TRY(db_get_i64(cx, &sent, "mail.sent_since", I64("sender", id),
                       I64("since", zone_start(kit_zone(cx), PERIOD_DAY, now, 0) - 1)));
        *left = most - sent < *left ? most - sent : *left;
    }
    *left = *left > 0 ? *left : 0;
    return OK;
}

static struct sender_state *new_sender(struct delivery *d, i64 id)
{
    struct sender_state *s = sender_of(d, id);

    if (s == NULL && d->sender_count < SENDERS) {
        s = &d->senders[d->sender_count++];
        *s = (struct sender_state){ .id = id, .ms_a_mail = 50, .next_due_ms = TIME_NONE };
    }
    return s;
}

static enum status read_senders(struct ctx *cx, struct delivery *d)
{
    scoped(stmt_close) struct stmt q = db_query(cx, "mail.senders");

    for (size_t i = 0; i < d->sender_count; i++)
        d->senders[i].seen = false;
    while (stmt_next(&q)) {
        i64 id = col_i64(&q, 0), left = 0, now = mono_ms();
        bool limited = false;
        pthread_mutex_lock(&d->lock);
        struct sender_state *s = new_sender(d, id);
        bool fresh = s == NULL || s->version == col_i64(&q, 1);
        bool counts = s != NULL && (!fresh || now - s->counted_ms >= COUNT_MS);
        pthread_mutex_unlock(&d->lock);
        if (s == NULL)
            continue;
        if (counts)
            TRY(count_left(cx, &q, id, &limited, &left));
        pthread_mutex_lock(&d->lock);
        s->seen = true;
        if (!fresh) { /* somebody has changed it: another try at once */
            s->closed_until_ms = 0;
            s->troubles = 0;
            s->error[0] = '\0';
        }
        s->version = col_i64(&q, 1);
        s->can_send = col_i64(&q, 2) != 0 && col_text(&q, 3)[0] != '\0';
        s->connections = (int)col_i64(&q, 4);
        if (counts) {
            s->limited = limited;
            s->left = left;
            s->counted_ms = now;
        }
        pthread_mutex_unlock(&d->lock);
    }
    for (size_t i = 0; i < d->sender_count; i++)
        if (!d->senders[i].seen)
            d->senders[i].can_send = false;
    return stmt_status(&q);
}

static enum status read_paces(struct ctx *cx, struct delivery *d)
{
    scoped(stmt_close) struct stmt q = db_query(cx, "mail.paces");

    pthread_mutex_lock(&d->lock);
    for (size_t i = 0; i < d->pace_count; i++)
        d->paces[i].seen = false;
    pthread_mutex_unlock(&d->lock);
    while (stmt_next(&q)) {
        const char *domain = col_text(&q, 0);
        struct pace_state *p = NULL;
        pthread_mutex_lock(&d->lock);
        for (size_t i = 0; i < d->pace_count && p == NULL; i++)
            if (strncmp(d->paces[i].domain, domain, sizeof p->domain - 1) == 0)
                p = &d->paces[i];
        if (p == NULL && d->pace_count < PACES) {
            p = &d->paces[d->pace_count++];
            *p = (struct pace_state){ .busy = 0 };
            snprintf(p->domain, sizeof p->domain, "%s", domain);
        }
        if (p != NULL) {
            p->seen = true;
            p->pace.per_minute = col_i64(&q, 1) > 0 ? col_i64(&q, 1) : 1;
            p->at_once = (int)col_i64(&q, 2);
        }
        pthread_mutex_unlock(&d->lock);
    }
    return stmt_status(&q);
}

/* The next mails of a lane, unless some that were read wait still. */
static enum status read_lane(struct ctx *cx, struct delivery *d, struct sender_state *s, int lane,
                             i64 *next_due)
{
    struct ready *list;
    size_t count = 0;
    enum status st;
    i64 due;

    pthread_mutex_lock(&d->lock);
    bool full = s->ready_count[lane] > 0;
    pthread_mutex_unlock(&d->lock);
    if (full)
        return OK;
    list = NEW_N(cx->arena, struct ready, READY);
    {
        scoped(stmt_close) struct stmt q =
            db_query(cx, "mail.due", I64("sender", s->id), I64("lane", lane),
                     I64("now", ctx_now(cx)), I64("limit", READY));
        while (count < READY && stmt_next(&q)) {
            list[count].id = col_i64(&q, 0);
            snprintf(list[count].domain, sizeof list->domain, "%s", col_text(&q, 2));
            count++;
        }
        TRY(stmt_status(&q));
    }
    if (count == 0) {
        st = db_get_i64(cx, &due, "mail.next_due", I64("sender", s->id), I64("lane", lane));
        if (st == OK && (*next_due == TIME_NONE || due < *next_due))
            *next_due = due;
        return st == E_NOT_FOUND ? OK : st;
    }
    pthread_mutex_lock(&d->lock);
    memcpy(s->ready[lane], list, count * sizeof *list);
    s->ready_count[lane] = count;
    pthread_mutex_unlock(&d->lock);
    return OK;
}

struct postponing {
    struct postponed list[READY];
    size_t count;
};

static enum status write_postponed(struct ctx *cx, void *arg)
{
    const struct postponing *p = arg;

    for (size_t i = 0; i < p->count; i++)
        TRY(db_run(cx, "mail.postpone", I64("id", p->list[i].id), I64("due", p->list[i].due_ms)));
    return OK;
}

/* What workers have put off until now; they go on putting off meanwhile. Not written, a mail is due
 * as before and comes again. */
static enum status postpone(struct ctx *cx, struct delivery *d)
{
    struct postponing *p = NEW(cx->arena, struct postponing);
    enum status s;

    pthread_mutex_lock(&d->lock);
    p->count = d->postponed_count;
    memcpy(p->list, d->postponed, p->count * sizeof *p->list);
    d->postponed_count = 0;
    pthread_mutex_unlock(&d->lock);
    if (p->count == 0)
        return OK;
    s = writer_run_relaxed(d->o.writer, cx, write_postponed, p);
    cx->db = d->db;
    return s;
}

/* ---- threads ---- */
static void reap(struct delivery *d)
{
    for (size_t i = 0; i < WORKERS; i++) {
        struct worker *w = &d->workers[i];
        pthread_mutex_lock(&d->lock);
        bool over = w->started && w->over;
        pthread_mutex_unlock(&d->lock);
        if (over) {
            pthread_join(w->thread, NULL);
            pthread_mutex_lock(&d->lock);
            w->started = w->over = false;
            pthread_mutex_unlock(&d->lock);
        }
    }
}

/* A thread more for a sender that has something to send and may open another connection. Under the
 * lock. */
static void hire(struct delivery *d, struct sender_state *s)
{
    for (unsigned i = 0; i < WORKERS; i++) {
        struct worker *w = &d->workers[i];
        if (w->started)
            continue;
        *w = (struct worker){ .d = d, .number = i, .sender_id = s->id };
        if (pthread_create(&w->thread, NULL, delivery_work, w) != 0) {
            log_line(LOG_WARN, "mail.thread", "cause=none");
            return;
        }
        w->started = true;
        s->workers++;
        return;
    }
}

static bool may_send(const struct sender_state *s)
{
    return s->can_send && mono_ms() >= s->closed_until_ms && (!s->limited || s->left > 0);
}

static size_t ready_of(const struct sender_state *s)
{
    return s->ready_count[0] + s->ready_count[1] + s->ready_count[2];
}

/* One look at everything. *next_due: when the next mail is due that is not yet. */
static enum status look(struct ctx *cx, struct delivery *d, i64 *next_due)
{
    *next_due = TIME_NONE;
    TRY(postpone(cx, d)); /* first, or the lanes would read them again */
    TRY(read_senders(cx, d));
    TRY(read_paces(cx, d));
    for (size_t i = 0; i < d->sender_count; i++) {
        struct sender_state *s = &d->senders[i];
        pthread_mutex_lock(&d->lock);
        bool may = may_send(s);
        pthread_mutex_unlock(&d->lock);
        for (int lane = 0; lane < LANES && may; lane++)
            TRY(read_lane(cx, d, s, lane, next_due));
        pthread_mutex_lock(&d->lock);
        size_t ready = ready_of(s), wanted = (ready + 7) / 8;
        while (may && !d->stopping && s->workers < s->connections && (size_t)s->workers < wanted) {
            int before = s->workers;
            hire(d, s);
            if (s->workers == before)
                break;
        }
        pthread_mutex_unlock(&d->lock);
    }
    return OK;
}

static void wait_ms(struct delivery *d, pthread_cond_t *cond, i64 ms)
{
    i64 until = (i64)clock_mono_ns() + ms * NS_PER_MS;
    struct timespec t = { until / 1000000000, until % 1000000000 };

    (void)pthread_cond_timedwait(cond, &d->lock, &t);
}

static void *planner_main(void *arg)
{
    struct delivery *d = arg;
    u64 seen = UINT64_MAX;
    i64 look_at = 0, tidy_at = 0;
    bool rests = false;

    for (;;) {
        u64 commits = writer_commits(d->o.writer);
        i64 next_due = TIME_NONE, now = mono_ms();
        pthread_mutex_lock(&d->lock);
        bool woken = d->woken, stopping = d->stopping;
        d->woken = false;
        pthread_mutex_unlock(&d->lock);
        if (stopping)
            break;
        if (woken || commits != seen || now >= look_at) {
            struct ctx cx;
            arena_reset(d->arena);
            delivery_ctx(d, &cx, d->arena, d->db);
            seen = commits;
            look_at = now + IDLE_LOOK_MS;
            if (look(&cx, d, &next_due) != OK)
                log_line(LOG_WARN, "mail.look", "cause=%s", cx.error_text);
            else if (next_due != TIME_NONE && next_due - ctx_now(&cx) < IDLE_LOOK_MS)
                look_at = now + (next_due > ctx_now(&cx) ? next_due - ctx_now(&cx) : LOOK_MS);
            if (now >= tidy_at) {
                tidy_at = now + MS_HOUR;
                ctx_clear_error(&cx);
                if (writer_run(d->o.writer, &cx, give_up_abandoned, NULL) != OK)
                    log_line(LOG_WARN, "mail.abandoned", "cause=%s", cx.error_text);
            }
            reap(d);
            rests = false;
        } else if (!rests) {
            arena_reset(d->arena);
            db_rest(d->db);
            rests = true;
        }
        pthread_mutex_lock(&d->lock);
        for (size_t i = 0; i < d->sender_count; i++) { /* a pause that ends */
            i64 until = d->senders[i].closed_until_ms;
            if (until > mono_ms() && until < look_at)
                look_at = until;
        }
        pthread_cond_broadcast(&d->work);
        if (!d->stopping && !d->woken)
            wait_ms(d, &d->wake, LOOK_MS);
        pthread_mutex_unlock(&d->lock);
    }
    return NULL;
}

/* ---- what workers ask ---- */
/* Takes mails of one lane into the batch. Those that must wait for their domain's turn are put off;
 * those whose domain is busy stay. Under the lock. */
static void choose_from(struct delivery *d, struct sender_state *s, int lane, size_t most,
                        struct batch *b)
{
    struct ready *list = s->ready[lane];
    size_t kept = 0, i = 0;
    i64 now = clock_ms(d->o.clock), later;

    for (; i < s->ready_count[lane] && b->id_count < most && (!s->limited || s->left > 0); i++) {
        struct pace_state *p = d->pace_count > 0 ? pace_of(d, list[i].domain) : NULL;
        bool has = false;
        for (size_t k = 0; k < b->pace_count; k++)
            has |= b->paces[k] == p;
        if (p != NULL && !has && p->at_once > 0 && p->busy >= p->at_once) {
            list[kept++] = list[i];
            continue;
        }
        if (p != NULL && d->postponed_count == READY) {
            list[kept++] = list[i];
            continue;
        }
        if (p != NULL && !plan_take(&p->pace, now, &later)) {
            d->postponed[d->postponed_count++] = (struct postponed){ list[i].id, later };
            continue;
        }
        if (p != NULL && !has) {
            b->paces[b->pace_count++] = p;
            p->busy++;
        }
        b->ids[b->id_count++] = list[i].id;
        if (s->limited)
            s->left--;
    }
    memmove(list + kept, list + i, (s->ready_count[lane] - i) * sizeof *list);
    s->ready_count[lane] -= i - kept;
}

bool delivery_choose(struct delivery *d, struct worker *w, struct batch *b, bool waits)
{
    i64 until = mono_ms() + IDLE_CONNECTION_MS;

    b->id_count = b->count = b->pace_count = 0;
    pthread_mutex_lock(&d->lock);
    for (;;) {
        struct sender_state *s = sender_of(d, w->sender_id);
        if (d->stopping || s == NULL || !s->can_send || s->workers > s->connections)
            break;
        size_t fits = (size_t)(BATCH_MS / (s->ms_a_mail > 1 ? s->ms_a_mail : 1)) + 1;
        size_t share = ready_of(s) / (size_t)(s->connections > 0 ? s->connections : 1) + 1;
        fits = fits < BATCH ? fits : BATCH;
        fits = fits < share ? fits : share;
        for (int lane = 0; lane < LANES && may_send(s) && b->id_count == 0; lane++)
            choose_from(d, s, lane, lane == MAIL_LANE_NOW && fits > 8 ? 8 : fits, b);
        if (ready_of(s) == 0 || d->postponed_count > 0) { /* more, please */
            d->woken = true;
            pthread_cond_signal(&d->wake);
        }
        if (b->id_count > 0 || !waits || mono_ms() >= until)
            break;
        wait_ms(d, &d->work, LOOK_MS * 4);
    }
    pthread_mutex_unlock(&d->lock);
    return b->id_count > 0;
}

void delivery_release(struct delivery *d, struct batch *b)
{
    pthread_mutex_lock(&d->lock);
    for (size_t i = 0; i < b->pace_count; i++)
        b->paces[i]->busy--;
    b->pace_count = 0;
    pthread_mutex_unlock(&d->lock);
}

void delivery_trouble(struct delivery *d, i64 sender_id, const char *why)
{
    pthread_mutex_lock(&d->lock);
    struct sender_state *s = sender_of(d, sender_id);
    if (s != NULL && mono_ms() >= s->closed_until_ms) {
        i64 pause = (i64)TROUBLE_MS << (s->troubles < 9 ? s->troubles : 9);
        s->troubles++;
        s->closed_until_ms = mono_ms() + (pause < TROUBLE_MOST_MS ? pause : TROUBLE_MOST_MS);
        snprintf(s->error, sizeof s->error, "%s", why);
        log_line(LOG_WARN, "mail.trouble", "sender=%lld pause_ms=%lld", (long long)sender_id,
                 (long long)pause);
    }
    pthread_mutex_unlock(&d->lock);
}

void delivery_went_well(struct delivery *d, i64 sender_id, u64 sent, double ms_a_mail)
{
    pthread_mutex_lock(&d->lock);
    struct sender_state *s = sender_of(d, sender_id);
    if (s != NULL && sent > 0) {
        s->troubles = 0;
        s->error[0] = '\0';
        s->sent += sent;
        s->ms_a_mail = s->ms_a_mail * 0.7 + ms_a_mail * 0.3;
    }
    pthread_mutex_unlock(&d->lock);
}

void delivery_wake(struct delivery *d)
{
    pthread_mutex_lock(&d->lock);
    d->woken = true;
    pthread_cond_signal(&d->wake);
    pthread_mutex_unlock(&d->lock);
}

/* ---- how it goes ---- */
struct delivery_state {
    struct delivery *_Atomic running;
};

void delivery_report(struct ctx *cx, struct val *list)
{
    struct delivery_state *state = kit_state(cx->kit, "delivery");
    struct delivery *d = state != NULL ? atomic_load(&state->running) : NULL;

    if (d == NULL)
        return;
    pthread_mutex_lock(&d->lock);
    for (size_t i = 0; i < d->sender_count; i++) {
        struct sender_state *s = &d->senders[i];
        struct val *v = val_add_map(list);
        i64 pause = s->closed_until_ms - mono_ms();
        val_put_text(v, "id", id_text(cx->arena, s->id));
        val_put_i64(v, "connections", s->workers);
        val_put_i64(v, "pause_ms", pause > 0 ? pause : 0);
        val_put_text(v, "error", s->error);
        val_put_bool(v, "limit_reached", s->limited && s->left <= 0);
        val_put_i64(v, "sent", (i64)s->sent);
    }
    pthread_mutex_unlock(&d->lock);
}

/* ---- beginning and end ---- */
enum status delivery_start(struct ctx *cx, const struct delivery_options *o, struct delivery **out)
{
    struct delivery_state *state = kit_state(o->kit, "delivery");
    struct delivery *d = calloc(1, sizeof *d);
    pthread_condattr_t attr;
    enum status s;

    assert(d != NULL);
    d->o = *o;
    d->senders = calloc(SENDERS, sizeof *d->senders);
    d->paces = calloc(PACES, sizeof *d->paces);
    assert(d->senders != NULL && d->paces != NULL);
    d->arena = arena_new(PLANNER_ARENA_BYTES);
    pthread_mutex_init(&d->lock, NULL);
    pthread_condattr_init(&attr);
    pthread_condattr_setclock(&attr, CLOCK_MONOTONIC);
    pthread_cond_init(&d->wake, &attr);
    pthread_cond_init(&d->work, &attr);
    pthread_condattr_destroy(&attr);
    struct db *before = cx->db;
    s = inflight_open(cx, o->inflight_path, &d->inflight);
    if (s == OK)
        s = writer_run(o->writer, cx, recover, d);
    cx->db = before;
    if (s == OK) {
        inflight_begin(d->inflight);
        s = db_open(cx, o->store, DB_READ, &d->db);
    }
    if (s == OK && pthread_create(&d->planner, NULL, planner_main, d) != 0)
        s = ctx_fail(cx, E_IO, "no thread to send mails");
    d->planning = s == OK;
    if (s != OK) {
        (void)delivery_stop(d, 0);
        return s;
    }
    if (state != NULL)
        atomic_store(&state->running, d);
    *out = d;
    return OK;
}

static bool join_until(pthread_t thread, i64 until)
{
    i64 left = until - mono_ms();
    struct timespec t;

    clock_gettime(CLOCK_REALTIME, &t);
    left = left > 0 ? left : 0;
    t.tv_sec += left / 1000;
    t.tv_nsec += left % 1000 * NS_PER_MS;
    if (t.tv_nsec >= 1000000000) {
        t.tv_sec++;
        t.tv_nsec -= 1000000000;
    }
    return pthread_timedjoin_np(thread, NULL, &t) == 0;
}

bool delivery_stop(struct delivery *d, int grace_ms)
{
    i64 until = mono_ms() + grace_ms;
    bool done = true;

    if (d == NULL)
        return true;
    struct delivery_state *state = kit_state(d->o.kit, "delivery");
    if (state != NULL)
        atomic_store(&state->running, NULL);
    pthread_mutex_lock(&d->lock);
    d->stopping = true;
    pthread_cond_broadcast(&d->wake);
    pthread_cond_broadcast(&d->work);
    pthread_mutex_unlock(&d->lock);
    if (d->planning)
        pthread_join(d->planner, NULL);
    d->planning = false;
    for (size_t i = 0; i < WORKERS; i++)
        if (d->workers[i].started) {
            d->workers[i].started = !join_until(d->workers[i].thread, until);
            done = done && !d->workers[i].started;
        }
    if (!done)
        return false; /* its memory is in use */
    db_close(d->db);
    inflight_close(d->inflight);
    arena_free(d->arena);
    free(d->senders);
    free(d->paces);
    pthread_cond_destroy(&d->wake);
    pthread_cond_destroy(&d->work);
    pthread_mutex_destroy(&d->lock);
    free(d);
    return true;
}

static enum status delivery_feature_start(struct ctx *cx)
{
    struct delivery_state *state = calloc(1, sizeof *state);

    assert(state != NULL);
    kit_set_state(cx->kit, "delivery", state, free);
    return OK;
}

static const struct setting settings[] = {
    { "mail.retry_seconds", FIELD_INT, "First retry after seconds",
      "A mail that a server refuses for now goes again after this time; then after 5, 15, 60, 120 "
      "and 240 times as long.",
      "60", .group = "Mail", .resource = "sender" },
    { "mail.retry_days", FIELD_INT, "Retry for days",
      "A mail that was refused for so long is given up.", "4", .group = "Mail",
      .resource = "sender" },
};

const struct feature feature_delivery = { .name = "delivery",
                                          SETTINGS(settings),
                                          .start = delivery_feature_start };
