/* follow.c -- the one mechanism by which features react to events: cursors over the journey, moved
 * by jobs. See follow.h. */
#include "kit/follow.h"
#include "base/json.h"
#include "base/limits.h"
#include "journey/journey.h"
#include "store/queue.h"
#include "store/writer.h"
#include <stdatomic.h>
#include <stdlib.h>

enum {
    BOT_BIT = 0x80,     /* of event.device */
    FOLLOW_ROUNDS = 20, /* batches in one job; then others have their turn */
    FOLLOWERS_MAX = 16,
    BUSY_WAIT_MS = 200, /* it runs already: look again whether it saw everything */
    FOLLOW_ARENA_BYTES = 1024 * 1024,
};

struct following {
    const struct follower *of;
    atomic_bool woken; /* a job is queued */
    atomic_bool running;
};
struct follow_state {
    struct kit *kit;
    struct clock *clock;
    struct following list[FOLLOWERS_MAX];
    size_t count;
};

static struct follow_state *state_of(struct ctx *cx) { return kit_state(cx->kit, "follow"); }

/* ---- cursors ---- */
/* -1: none yet. */
static enum status get_cursor(struct ctx *cx, const char *name, i64 *seq)
{
    enum status s = db_get_i64(cx, seq, "follow.cursor", TEXT("name", name));

    if (s == E_NOT_FOUND)
        *seq = -1;
    return s == E_NOT_FOUND ? OK : s;
}

static enum status put_cursor(struct ctx *cx, const char *name, i64 seq)
{
    return db_run(cx, "follow.put", TEXT("name", name), I64("seq", seq));
}

/* ---- one batch ---- */
static int by_id(const void *a, const void *b)
{
    i64 x = *(const i64 *)a, y = *(const i64 *)b;

    return x < y ? -1 : x > y;
}

/* Whose event it is; 0: a stranger's, or a machine's in somebody's mail. */
static i64 contact_of(struct journey *j, const struct event *e)
{
    enum person_kind kind;
    u64 key;

    if (e->device & BOT_BIT)
        return 0;
    return journey_person_key(j, journey_root(j, e->person), &kind, &key) && kind == PERSON_CONTACT
               ? (i64)key
               : 0;
}

static void find_people(struct ctx *cx, struct follow_batch *b)
{
    i64 *contacts = NEW_N(cx->arena, i64, b->count), *people = NEW_N(cx->arena, i64, b->count);
    size_t n = 0;

    for (size_t i = 0; i < b->count; i++)
        if ((contacts[i] = contact_of(cx->journey, &b->events[i])) != 0)
            people[n++] = contacts[i];
    qsort(people, n, sizeof *people, by_id);
    for (size_t i = 0; i < n; i++)
        if (i == 0 || people[i] != people[i - 1])
            people[b->people_count++] = people[i];
    b->contacts = contacts;
    b->people = people;
}

struct step {
    const struct follower *of;
    const struct follow_batch *batch;
    void *made;
    i64 after, last;
};

/* Effects and cursor together. Somebody else may have been here: then there is nothing to do. */
static enum status write_step(struct ctx *cx, void *arg)
{
    struct step *st = arg;
    i64 at;

    TRY(get_cursor(cx, st->of->name, &at));
    if (at != st->after)
        return OK;
    if (st->of->write && st->batch->people_count > 0)
        TRY(st->of->write(cx, st->batch, st->made));
    return put_cursor(cx, st->of->name, st->last);
}

/* The next events for one follower. *more: there may be others behind them. */
static enum status follow_some(struct ctx *cx, const struct follower *of, bool *more)
{
    struct follow_batch b = { 0 };
    struct step st = { .of = of, .batch = &b };
    struct event *events;

    *more = false;
    TRY(get_cursor(cx, of->name, &st.after));
    TRY(journey_since(cx, cx->journey, (u64)(st.after < 0 ? 0 : st.after),
                      of->batch ? of->batch : FOLLOW_EVENTS, &events, &b.count));
    if (b.count == 0)
        return OK;
    b.events = events;
    st.last = (i64)events[b.count - 1].seq;
    *more = (u64)st.last < journey_last_seq(cx->journey);
    find_people(cx, &b);
    if (of->read && b.people_count > 0)
        TRY(of->read(cx, &b, &st.made));
    return kit_write(cx, write_step, &st);
}

/* At most `rounds` batches, each in memory of its own. */
static enum status follow_rounds(struct ctx *cx, const struct follower *of, int rounds, bool *more)
{
    *more = true;
    for (int round = 0; *more && round < rounds; round++) {
        scoped(arena_close) struct arena *a = arena_new(FOLLOW_ARENA_BYTES);
        struct ctx part = *cx;
        part.arena = a;
        enum status s = follow_some(&part, of, more);
        if (s != OK)
            return ctx_fail(cx, s, "%s", part.error_text ? part.error_text : "");
    }
    return OK;
}

/* ---- jobs ---- */
struct order {
    const char *name;
    i64 at_ms;
};

static enum status add_job(struct ctx *cx, void *arg)
{
    const struct order *o = arg;
    struct val *payload = val_map(cx->arena);

    val_put_text(payload, "of", o->name);
    return queue_add(cx, "follow", o->name, json_text(cx->arena, payload), o->at_ms, NULL);
}

static enum status follow_one(struct ctx *cx, struct following *f)
{
    struct order again = { .name = f->of->name, .at_ms = ctx_now(cx) };
    bool more = false;
    enum status s = OK;

    atomic_store(&f->woken, false);
    if (atomic_exchange(&f->running, true)) {
        again.at_ms += BUSY_WAIT_MS;
        return kit_write(cx, add_job, &again);
    }
    s = follow_rounds(cx, f->of, FOLLOW_ROUNDS, &more);
    atomic_store(&f->running, false);
    return s == OK && more ? kit_write(cx, add_job, &again) : s;
}

/* Of one, or of all: one that fails does not keep the others. */
static enum status follow_job(struct job_run *job)
{
    struct ctx *cx = job->cx;
    struct follow_state *state = state_of(cx);
    const char *of = val_get_text(job->payload, "of");
    enum status first = OK;

    for (size_t i = 0; cx->journey && i < state->count; i++) {
        struct ctx one = *cx;
        enum status s;
        if (!text_empty(of) && !text_is(state->list[i].of->name, of))
            continue;
        s = follow_one(&one, &state->list[i]);
        if (s != OK && first == OK)
            first = ctx_fail(cx, s, "%s: %s", state->list[i].of->name,
                             one.error_text ? one.error_text : "");
    }
    return first;
}

enum status follow_all(struct ctx *cx)
{
    struct follow_state *state = state_of(cx);
    bool more = true, any = cx->journey != NULL;

    while (any) {
        any = false;
        for (size_t i = 0; i < state->count; i++) {
            TRY(follow_rounds(cx, state->list[i].of, FOLLOW_ROUNDS, &more));
            any |= more;
        }
    }
    return OK;
}

enum status follow_one_named(struct ctx *cx, const char *name)
{
    struct follow_state *state = state_of(cx);
    bool more = cx->journey != NULL;
    size_t i = 0;

    while (i < state->count && !text_is(state->list[i].of->name, name))
        i++;
    if (i == state->count)
        return ctx_fail(cx, E_NOT_FOUND, "there is no follower '%s'", name);
    while (more)
        TRY(follow_rounds(cx, state->list[i].of, FOLLOW_ROUNDS, &more));
    return OK;
}

struct skip {
    const char *name;
    i64 seq;
};

static enum status write_skip(struct ctx *cx, void *arg)
{
    const struct skip *s = arg;
    i64 at;

    TRY(get_cursor(cx, s->name, &at));
    return at < s->seq ? put_cursor(cx, s->name, s->seq) : OK;
}

enum status follow_skip(struct ctx *cx, const char *follower, u64 seq)
{
    struct skip s = { follower, (i64)seq };

    return kit_write(cx, write_skip, &s);
}

enum status follow_skip_all(struct ctx *cx)
{
    struct follow_state *state = state_of(cx);

    for (size_t i = 0; cx->journey && i < state->count; i++)
        TRY(follow_skip(cx, state->list[i].of->name, journey_last_seq(cx->journey)));
    return OK;
}

enum status follow_behind(struct ctx *cx, const char *follower, i64 *events)
{
    *events = 0;
    if (cx->journey == NULL)
        return OK;
    TRY(get_cursor(cx, follower, events));
    *events = (i64)journey_last_seq(cx->journey) - (*events < 0 ? 0 : *events);
    return OK;
}

/* ---- waking ---- */
struct wake {
    struct writer_item item;
    struct follow_state *state;
    bool for_one[FOLLOWERS_MAX];
};

/* On the writer's thread. */
static enum status wake_work(void *arg, struct db *db)
{
    struct wake *w = arg;
    struct ctx cx;
    scoped(arena_close) struct arena *a = arena_new(4096);

    ctx_init(&cx, a, w->state->clock);
    cx.db = db;
    cx.kit = w->state->kit;
    cx.access = access_system();
    for (size_t i = 0; i < w->state->count; i++)
        if (w->for_one[i])
            TRY(add_job(&cx, &(struct order){ w->state->list[i].of->name, ctx_now(&cx) }));
    return OK;
}

static void wake_done(void *arg, enum status s)
{
    struct wake *w = arg;

    /* the next event wakes again, and the recurring job follows in any case */
    for (size_t i = 0; s != OK && i < w->state->count; i++)
        if (w->for_one[i])
            atomic_store(&w->state->list[i].woken, false);
    free(w);
}

/* On the journey's thread. */
static void on_events(void *arg, const struct event *events, size_t count)
{
    struct follow_state *s = arg;
    struct journey *j = kit_journey(s->kit);
    bool known = false, any = false;
    struct wake *w;

    for (size_t i = 0; i < count && !known; i++)
        known = contact_of(j, &events[i]) != 0;
    if (!known || kit_writer(s->kit) == NULL)
        return;
    w = calloc(1, sizeof *w);
    assert(w != NULL);
    w->state = s;
    for (size_t i = 0; i < s->count; i++)
        any |= w->for_one[i] = !atomic_exchange(&s->list[i].woken, true);
    w->item = (struct writer_item){ .work = wake_work, .done = wake_done, .arg = w };
    if (!any)
        free(w);
    else if (writer_submit(kit_writer(s->kit), &w->item) != OK)
        wake_done(w, E_BUSY);
}

/* ---- beginning ---- */
static void gather(struct ctx *cx, struct follow_state *s)
{
    size_t features;
    const struct feature *const *list = kit_features(cx->kit, &features);

    for (size_t i = 0; i < features; i++) {
        for (size_t k = 0; k < list[i]->follower_count; k++) {
            const struct follower *of = &list[i]->followers[k];
            assert(s->count < FOLLOWERS_MAX && of->name && (of->read || of->write));
            s->list[s->count++].of = of;
        }
    }
}

static enum status follow_start(struct ctx *cx)
{
    struct follow_state *s = calloc(1, sizeof *s);

    assert(s != NULL);
    s->kit = cx->kit;
    s->clock = cx->clock;
    gather(cx, s);
    kit_set_state(cx->kit, "follow", s, free);
    if (cx->journey == NULL)
        return OK;
    for (size_t i = 0; i < s->count; i++) {
        const struct follower *of = s->list[i].of;
        i64 at;
        TRY(get_cursor(cx, of->name, &at));
        if (at < 0)
            TRY(put_cursor(cx, of->name, of->from_start ? 0 : (i64)journey_last_seq(cx->journey)));
    }
    journey_listen(cx->journey, on_events, s);
    return OK;
}

static const struct job_type jobs[] = {
    { "follow", "Follow new events", follow_job, .every_ms = 10 * MS_MINUTE },
};
const struct feature feature_follow = { .name = "follow", JOBS(jobs), .start = follow_start };
