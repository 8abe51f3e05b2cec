/* flow_take.c -- the taker: moves who is due, many people in one transaction. What steps change
 * they change at once, each in a savepoint of its own; where people are then, the log of their
 * steps, the numbers and what their journeys tell is kept in memory and written at the end, all
 * people in one statement each. Both are the same transaction, so that whatever stops the program
 * repeats nothing. A step that fails keeps its person there, with the reason. */
#include "base/json.h"
#include "base/utf8.h"
#include "bridge/contact.h"
#include "marketing/flow_run_int.h"

enum {
    TAKE_ROWS = 400, /* read for one batch */
    TAKE_MS = 40,    /* of work in one batch: nobody waits much longer for the writer */
    JOB_ROUNDS = 50, /* batches in one job; then others have their turn */
    BUSY_MS = 200,   /* when another taker is at work */
    ERROR_BYTES = 500,
    TALLY_SLOTS = 256,
    FLOWS = 16, /* whose status and name a batch remembers */
};

/* ---- a batch ---- */
struct tally {
    i64 flow, version, n;
    const char *node, *what;
    struct tally *next;
};
struct taken { /* somebody at work */
    struct flow_run run;
    struct row *contact; /* as read with the batch, until a step changes them; NULL: read anew */
    i64 was;             /* the visit that is in the table */
    bool moved;          /* the table does not know yet what became of them */
    const char *outcome, *error;
};
struct flow_batch {
    struct ctx *cx;
    struct taken *people;
    size_t count, done;
    struct tally *tallies[TALLY_SLOTS];
    struct flow_filters *filters;
    struct val *log; /* rows of flow.log */
    struct journey_note *notes;
    size_t note_count, note_cap;
    struct {
        i64 flow;
        const char *status, *name;
    } flows[FLOWS];
    size_t flow_count;
};

static void tally(struct flow_batch *b, const struct flow_run *r, const char *node,
                  const char *what)
{
    u64 slot = ((u64)r->version_id * 31 + str_hash(str_from(node)) + str_hash(str_from(what)) * 7) %
               TALLY_SLOTS;
    struct tally *t;

    for (t = b->tallies[slot]; t; t = t->next)
        if (t->version == r->version_id && text_is(t->node, node) && text_is(t->what, what)) {
            t->n++;
            return;
        }
    t = NEW(b->cx->arena, struct tally);
    *t = (struct tally){ r->flow_id, r->version_id, 1, node, what, b->tallies[slot] };
    b->tallies[slot] = t;
}

static void note(struct flow_batch *b, const struct journey_note *n)
{
    if (b->note_count == b->note_cap) {
        struct journey_note *more = NEW_N(b->cx->arena, struct journey_note, b->note_cap * 2 + 64);
        if (b->note_count)
            memcpy(more, b->notes, b->note_count * sizeof *more);
        b->notes = more;
        b->note_cap = b->note_cap * 2 + 64;
    }
    b->notes[b->note_count++] = *n;
}

enum status flow_tell(struct flow_doing *d, const struct journey_note *n)
{
    if (d->batch == NULL)
        return journey_note(d->cx, n);
    note(d->batch, n);
    return OK;
}

static void log_step(struct flow_batch *b, const struct flow_run *r, const char *kind,
                     const char *way, const char *why)
{
    struct ctx *cx = b->cx;
    struct val *row = val_add_map(b->log);

    val_put_i64(row, "id", kit_new_id(cx));
    val_put_i64(row, "run", r->id);
    val_put_text(row, "node", r->node);
    val_put_text(row, "kind", kind);
    val_put_i64(row, "at", ctx_now(cx));
    val_put_i64(row, "took", ctx_now(cx) - r->node_at);
    val_put_text(row, "way", way);
    val_put_text(row, "note", utf8_cut(cx->arena, why ? why : "", ERROR_BYTES));
}

static void moved(struct taken *t, const char *outcome, const char *error)
{
    t->run.visit++;
    t->moved = true;
    t->outcome = outcome;
    t->error = error;
}

/* ---- writing ---- */
static void put_move(const struct taken *t, i64 now, struct val *row)
{
    const struct flow_run *r = &t->run;

    val_put_i64(row, "id", r->id);
    val_put_i64(row, "was", t->was);
    val_put_text(row, "node", r->node);
    val_put_i64(row, "state", r->state);
    val_put_i64(row, "visit", r->visit);
    if (r->due_at != TIME_NONE)
        val_put_i64(row, "due_at", r->due_at);
    val_put_i64(row, "node_at", r->node_at);
    val_put_i64(row, "day", r->day);
    val_put_i64(row, "day_steps", r->day_steps);
    val_put_text(row, "signal", r->signal);
    val_put_text(row, "outcome", t->outcome);
    if (r->state == RUN_DONE)
        val_put_i64(row, "ended_at", now);
    val_put_text(row, "error", t->error);
}

/* Writes where people are: of one contact, or everybody (0). */
static enum status write_moves(struct flow_batch *b, i64 contact)
{
    struct ctx *cx = b->cx;
    struct val *rows = val_list(cx->arena);
    i64 changed;

    for (size_t i = 0; i < b->count; i++) {
        struct taken *t = &b->people[i];
        if (!t->moved || (contact && t->run.contact_id != contact))
            continue;
        put_move(t, ctx_now(cx), val_add_map(rows));
        t->was = t->run.visit;
        t->moved = false;
    }
    if (val_count(rows) == 0)
        return OK;
    TRY(db_run_count(cx, &changed, "flow.move", TEXT("rows", json_text(cx->arena, rows)),
                     I64("now", ctx_now(cx))));
    return (size_t)changed == val_count(rows) ? OK
                                              : ctx_fail(cx, E_RETRY, "somebody else moved them");
}

static enum status write_tallies(struct flow_batch *b)
{
    struct val *rows = val_list(b->cx->arena);

    for (size_t i = 0; i < TALLY_SLOTS; i++)
        for (const struct tally *t = b->tallies[i]; t; t = t->next) {
            struct val *row = val_add_map(rows);
            val_put_i64(row, "flow", t->flow);
            val_put_i64(row, "version", t->version);
            val_put_text(row, "node", t->node);
            val_put_text(row, "what", t->what);
            val_put_i64(row, "n", t->n);
        }
    return val_count(rows)
               ? db_run(b->cx, "flow.count", TEXT("rows", json_text(b->cx->arena, rows)))
               : OK;
}

static enum status write_batch(struct flow_batch *b)
{
    TRY(write_moves(b, 0));
    if (val_count(b->log) > 0)
        TRY(db_run(b->cx, "flow.log", TEXT("rows", json_text(b->cx->arena, b->log))));
    TRY(write_tallies(b));
    return journey_note_many(b->cx, b->notes, b->note_count);
}

static void begin_batch(struct ctx *cx, struct flow_batch *b)
{
    *b = (struct flow_batch){ .cx = cx };
    b->log = val_list(cx->arena);
}

/* How long somebody was at a step, as the number of a slot: eight to a doubling, so that a median
 * is known to a twelfth. */
int flow_time_slot(i64 ms)
{
    int slot = 0;

    for (ms = ms < 0 ? 0 : ms; ms >= 16; ms /= 2)
        slot += 8;
    return slot + (int)(ms >= 8 ? ms - 8 : 0);
}
i64 flow_time_of_slot(int slot)
{
    i64 base = 8 + slot % 8;

    for (int i = slot / 8; i > 0; i--)
        base *= 2;
    return slot < 8 && slot == 0 ? 0 : base;
}

/* ---- what a batch knows of flows ---- */
static enum status flow_in_batch(struct flow_batch *b, i64 flow, const char **status,
                                 const char **name)
{
    for (size_t i = 0; i < b->flow_count; i++)
        if (b->flows[i].flow == flow) {
            *status = b->flows[i].status;
            *name = b->flows[i].name;
            return OK;
        }
    TRY(flow_status_of(b->cx, flow, status));
    TRY(flow_name_of(b->cx, flow, name));
    if (b->flow_count < countof(b->flows)) {
        b->flows[b->flow_count].flow = flow;
        b->flows[b->flow_count].status = *status;
        b->flows[b->flow_count++].name = *name;
    }
    return OK;
}

/* ---- one step ---- */
/* Ends a run; the event that tells it is part of it. */
static enum status end_run(struct flow_batch *b, struct taken *t, const struct flow_plan *p,
                           const char *outcome, const char *text)
{
    bool goal = text_is(outcome, "goal");
    const char *status, *name;
    struct journey_note told;

    t->run.state = RUN_DONE;
    t->run.due_at = TIME_NONE;
    t->run.signal = "";
    moved(t, outcome, "");
    if (p == NULL)
        return OK;
    TRY(flow_in_batch(b, p->flow_id, &status, &name));
    told = flow_event(b->cx, p->flow_id, name, t->run.contact_id, goal ? "flow_goal" : "flow_left",
                      text);
    note(b, &told);
    return OK;
}

static bool is_goal(const struct flow_run *r) { return strncmp(r->signal, "goal:", 5) == 0; }

static enum status reach_goal(struct flow_batch *b, struct taken *t, const struct flow_plan *p,
                              const char *goal)
{
    struct flow_run *r = &t->run;
    const char *node = r->node, *text = "";

    for (size_t i = 0; i < p->goal_count; i++)
        if (text_is(p->goals[i].id, goal))
            text = flow_words(b->cx, &flow_goal_kind, p->goals[i].v);
    log_step(b, r, "goal", goal, text);
    TRY(end_run(b, t, p, "goal", text));
    tally(b, r, node, "out");
    tally(b, r, arena_text(b->cx->arena, goal), "goal");
    tally(b, r, "", "goal");
    tally(b, r, "", "out");
    return OK;
}

/* The first goal by a filter that the person matches; "" none. */
static enum status filter_goal(struct flow_doing *d, const char **goal)
{
    const struct flow_plan *p = d->plan;

    *goal = "";
    for (size_t i = 0; p->filter_goals && i < p->goal_count; i++) {
        bool match = false;
        if (flow_spec_hears(p->goals[i].v) == HEARS_FILTER)
            TRY(flow_matches(d, val_get_text(p->goals[i].v, "filter"), &match));
        if (match) {
            *goal = p->goals[i].id;
            return OK;
        }
    }
    return OK;
}

static void count_left(struct flow_batch *b, const struct flow_run *r, const char *node, i64 took,
                       const char *way)
{
    tally(b, r, node, "out");
    tally(b, r, node, arena_printf(b->cx->arena, "t%d", flow_time_slot(took)));
    if (!text_empty(way))
        tally(b, r, node, arena_printf(b->cx->arena, "way:%s", way));
}

static void go_to(struct taken *t, const struct flow_plan *p, int index, i64 now)
{
    struct flow_run *r = &t->run;

    r->node = index >= 0 ? p->steps[index].id : "";
    r->node_at = now;
    r->due_at = now;
    r->signal = "";
    r->attempts = 0;
    moved(t, "", "");
}

/* Steps that only say where to go, or what the journey shall be told, write nothing by themselves.
 */
static bool changes_something(const struct flow_step *s)
{
    return !text_is(s->kind->group, "Ways") && !text_is(s->kind->group, "Time") &&
           !text_is(s->kind->name, "score");
}

static enum status load_contact(struct flow_doing *d, bool *gone)
{
    enum status s = OK;

    *gone = false;
    if (d->contact == NULL)
        s = record_get(d->cx, &contact_type, d->run->contact_id, &d->contact);
    if (s == E_NOT_FOUND) {
        ctx_clear_error(d->cx);
        *gone = true;
        return OK;
    }
    return s;
}

static enum status try_step(struct flow_doing *d, const struct flow_step *s, struct flow_ways *ways)
{
    size_t notes = d->batch->note_count;
    scoped(tx_end) struct tx tx = tx_begin(d->cx);
    enum status st = tx.status;

    if (st == OK)
        st = flow_do_step(d, s, ways);
    if (st == OK)
        st = tx_commit(&tx);
    if (st != OK)
        d->batch->note_count = notes;
    return st;
}

/* A step that changes something. Whoever else is in the batch as this contact is written first, so
 * that what happens now finds them where they are. */
static enum status act(struct flow_doing *d, const struct flow_step *s, struct flow_ways *ways)
{
    struct flow_batch *b = d->batch;
    enum status st;
    bool gone;

    for (size_t i = 0; i < b->count; i++)
        if (b->people[i].run.contact_id == d->run->contact_id && &b->people[i].run != d->run &&
            b->people[i].moved)
            TRY(write_moves(b, d->run->contact_id));
    st = try_step(d, s, ways);
    if (st == E_CONFLICT) { /* somebody else's step changed them since the batch read them */
        ctx_clear_error(d->cx);
        d->contact = NULL;
        TRY(load_contact(d, &gone));
        st = gone ? E_CONFLICT : try_step(d, s, ways);
    }
    for (size_t i = 0; i < b->count; i++)
        if (b->people[i].run.contact_id == d->run->contact_id)
            b->people[i].contact = NULL;
    return st;
}

/* The goal that was heard of while this person's step was done; "" none. */
static enum status goal_heard(struct flow_doing *d, const char **signal)
{
    const char *now = "";

    *signal = "";
    if (d->plan->goal_count == 0)
        return OK;
    TRY(db_get_text(d->cx, &now, "flow.signal_of", I64("id", d->run->id)));
    if (strncmp(now, "goal:", 5) == 0)
        *signal = now;
    return OK;
}

/* Does the step somebody is at, and moves them; *stay: they wait, or it is over. */
static enum status one_step(struct flow_batch *b, struct flow_doing *d, struct taken *t,
                            const struct flow_step *s, bool *stay)
{
    struct flow_run *r = &t->run;
    struct flow_ways ways = { .move = MOVE_NEXT, .until = TIME_NONE, .note = "" };
    const char *heard = "";
    i64 now = ctx_now(b->cx), since = r->node_at;

    if (text_is(r->signal, "skip")) {
        ways.note = "skipped by hand";
    } else if (!changes_something(s)) {
        TRY(flow_do_step(d, s, &ways));
    } else {
        TRY(act(d, s, &ways));
        TRY(goal_heard(d, &heard));
    }
    if (ways.move == MOVE_WAIT) {
        *stay = true;
        r->due_at = ways.until;
        r->signal = "wait";
        moved(t, "", "");
        return OK;
    }
    r->day_steps++;
    const struct flow_path *path = ways.move == MOVE_PATH ? &s->paths[ways.path] : NULL;
    log_step(b, r, s->kind->name, path ? path->id : "", ways.note);
    count_left(b, r, s->id, now - since, path ? path->id : "");
    if (ways.move == MOVE_END) {
        *stay = true;
        tally(b, r, "", "out");
        return end_run(b, t, d->plan, ways.outcome, "");
    }
    go_to(t, d->plan, path ? path->first : ways.move == MOVE_JUMP ? s->jump : s->next, now);
    if (!text_empty(r->node))
        tally(b, r, r->node, "in");
    r->signal = heard;
    return OK;
}

/* ---- one person ---- */
static void stop(struct taken *t, enum flow_state state, const char *why)
{
    t->run.state = state;
    t->run.due_at = TIME_NONE;
    moved(t, "", why);
}

/* Moves one person as far as they go now. */
static enum status go_on(struct flow_batch *b, struct flow_doing *d, struct taken *t)
{
    struct flow_run *r = &t->run;
    i64 today = zone_day(kit_zone(d->cx), ctx_now(d->cx));
    const char *goal = "";
    bool stay = false, gone;

    if (r->day != today) {
        r->day = today;
        r->day_steps = 0;
    }
    while (!stay) {
        const struct flow_step *s = flow_plan_step(d->plan, r->node);
        TRY(load_contact(d, &gone));
        if (gone) {
            tally(b, r, "", "out");
            return end_run(b, t, NULL, "gone", "");
        }
        if (is_goal(r))
            return reach_goal(b, t, d->plan, r->signal + 5);
        TRY(filter_goal(d, &goal));
        if (!text_empty(goal))
            return reach_goal(b, t, d->plan, goal);
        if (text_empty(r->node)) {
            tally(b, r, "", "out");
            return end_run(b, t, d->plan, "end", "");
        }
        if (s == NULL)
            return ctx_fail(d->cx, E_NOT_FOUND, "this step is not in the version any more");
        if (r->day_steps >= LIMIT_FLOW_STEPS_A_DAY) {
            stop(t, RUN_STUCK,
                 arena_printf(d->cx->arena,
                              "Went %d steps in one day: a loop in which nobody waits. Goes on "
                              "when you say so.",
                              LIMIT_FLOW_STEPS_A_DAY));
            return OK;
        }
        TRY(one_step(b, d, t, s, &stay));
        if (changes_something(s)) /* it may have changed them by another hand */
            d->contact = NULL;
    }
    return OK;
}

/* Errors that are the machine's and not the step's: the whole batch is done again. */
static bool is_ours(enum status s)
{
    return s == E_RETRY || s == E_IO || s == E_FULL || s == E_BUSY || s == E_CORRUPT;
}

static void failed(struct flow_batch *b, struct taken *t, enum status s)
{
    struct ctx *cx = b->cx;
    const char *why = arena_text(cx->arena, cx->error_text ? cx->error_text : "");

    for (const struct field_error *f = cx->field_errors; f && text_empty(why); f = f->next)
        why = f->message;
    ctx_clear_error(cx);
    tally(b, &t->run, t->run.node, "fail");
    stop(t, RUN_FAILED, utf8_cut(cx->arena, text_empty(why) ? status_title(s) : why, ERROR_BYTES));
}

static enum status one_person(struct flow_batch *b, struct taken *t)
{
    struct ctx *cx = b->cx;
    struct flow_run *r = &t->run;
    struct flow_doing d = {
        .cx = cx, .run = r, .filters = b->filters, .contact = t->contact, .batch = b
    };
    const char *status, *name;
    enum status s;

    TRY(flow_in_batch(b, r->flow_id, &status, &name));
    s = flow_version_plan(cx, r->version_id, &d.plan);
    if (text_is(status, "paused") && !is_goal(r))
        return db_run(cx, "flow.hold", I64("id", r->id));
    if (s == OK && !text_is(status, "live") && !text_is(status, "paused"))
        return end_run(b, t, NULL, "archived", "");
    if (s == OK && r->visit == 0) {
        tally(b, r, "", "in");
        tally(b, r, r->node, "in");
    }
    if (s == OK)
        s = go_on(b, &d, t);
    if (s != OK && !is_ours(s)) {
        failed(b, t, s);
        s = OK;
    }
    return s;
}

/* ---- the taker ---- */
static enum status read_due(struct flow_batch *b)
{
    struct ctx *cx = b->cx;
    i64 *ids = NEW_N(cx->arena, i64, TAKE_ROWS);
    struct row **contacts = NEW_N(cx->arena, struct row *, TAKE_ROWS);
    scoped(stmt_close) struct stmt q =
        db_query(cx, "flow.due", I64("now", ctx_now(cx)), I64("limit", TAKE_ROWS));

    b->people = NEW_N(cx->arena, struct taken, TAKE_ROWS);
    for (; stmt_next(&q); b->count++) {
        struct taken *t = &b->people[b->count];
        *t = (struct taken){ .run = flow_run_from(&q), .outcome = "", .error = "" };
        t->was = t->run.visit;
        ids[b->count] = t->run.contact_id;
    }
    TRY(stmt_status(&q));
    TRY(rows_by_id(cx, &contact_type, ids, b->count, contacts));
    for (size_t i = 0; i < b->count; i++)
        b->people[i].contact = contacts[i];
    return OK;
}

static enum status take_batch(struct ctx *cx, void *arg)
{
    struct flow_batch *b = arg;
    scoped(access_leave) struct access_guard guard = access_enter_system(cx);
    i64 mine = 1;

    begin_batch(cx, b);
    b->filters = flow_filters_new(cx->arena);
    if (db_engine(cx->db) == DB_POSTGRES)
        TRY(db_get_i64(cx, &mine, "flow.alone"));
    if (!mine)
        return OK;
    TRY(read_due(b));
    /* However slow the reading was, somebody goes on: a batch of nobody would be read for ever. */
    i64 until_ns = (i64)clock_mono_ns() + (i64)TAKE_MS * 1000000;
    while (b->done < b->count && (b->done == 0 || (i64)clock_mono_ns() < until_ns)) {
        TRY(one_person(b, &b->people[b->done]));
        b->done++;
    }
    return write_batch(b);
}

static enum status wake_for_next(struct ctx *cx, void *arg)
{
    i64 next;
    enum status s = db_get_i64(cx, &next, "flow.next_due");

    (void)arg;
    if (s == E_NOT_FOUND)
        return OK;
    TRY(s);
    return flow_wake(cx, next < ctx_now(cx) ? ctx_now(cx) : next);
}

enum status flow_work(struct ctx *cx, int rounds, bool *more)
{
    *more = true;
    for (int i = 0; *more && (rounds == 0 || i < rounds); i++) {
        scoped(arena_close) struct arena *a = arena_new(256 * 1024);
        struct ctx part = *cx;
        struct flow_batch b;
        part.arena = a;
        enum status s = kit_write(&part, take_batch, &b);
        if (s != OK)
            return ctx_fail(cx, s, "%s", part.error_text ? part.error_text : "");
        *more = b.count == TAKE_ROWS || b.done < b.count;
    }
    return OK;
}

enum status flow_take_job(struct job_run *job)
{
    struct ctx *cx = job->cx;
    bool more;
    enum status s;

    if (!flow_begin_taking(cx))
        return kit_write(cx, flow_wake_soon, NULL);
    s = flow_work(cx, JOB_ROUNDS, &more);
    flow_end_taking(cx);
    TRY(s);
    return kit_write(cx, wake_for_next, NULL);
}

enum status flow_wake_soon(struct ctx *cx, void *arg)
{
    (void)arg;
    return flow_wake(cx, ctx_now(cx) + BUSY_MS);
}

/* ---- by hand: a batch of one ---- */
static enum status batch_of_one(struct ctx *cx, i64 run_id, struct flow_batch *b, struct taken *t)
{
    begin_batch(cx, b);
    *t = (struct taken){ .outcome = "", .error = "" };
    TRY(flow_run_get(cx, run_id, &t->run));
    t->was = t->run.visit;
    b->people = t;
    b->count = 1;
    return OK;
}

enum status flow_leave(struct ctx *cx, i64 run_id, const char *outcome)
{
    scoped(access_leave) struct access_guard guard = access_enter_system(cx);
    const struct flow_plan *p = NULL;
    struct flow_batch b;
    struct taken t;

    TRY(batch_of_one(cx, run_id, &b, &t));
    if (t.run.state == RUN_DONE)
        return ctx_fail(cx, E_NOT_FOUND, "This person has left the flow already.");
    TRY(flow_version_plan(cx, t.run.version_id, &p));
    log_step(&b, &t.run, "left", "", outcome);
    if (t.run.visit > 0) { /* they were counted as having come */
        tally(&b, &t.run, t.run.node, "out");
        tally(&b, &t.run, "", "out");
    }
    TRY(end_run(&b, &t, p, outcome, ""));
    return write_batch(&b);
}

enum status flow_fail(struct ctx *cx, const struct flow_run *r, const char *why)
{
    struct flow_batch b;
    struct taken t;

    TRY(batch_of_one(cx, r->id, &b, &t));
    if (t.run.visit != r->visit || t.run.state == RUN_DONE)
        return OK;
    tally(&b, &t.run, t.run.node, "fail");
    stop(&t, RUN_FAILED, why);
    return write_batch(&b);
}
