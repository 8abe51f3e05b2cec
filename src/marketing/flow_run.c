/* flow_run.c -- people in flows: how they enter, and the taker that moves who is due. A step, what
 * it does and that it is done are one transaction, so that whatever stops the program repeats
 * nothing; many people share one commit. A step that fails keeps its person there, with the
 * reason. */
#include "base/id.h"
#include "base/utf8.h"
#include "bridge/segment.h"
#include "marketing/flow_run_int.h"
#include "store/queue.h"

enum {
    TAKE_ROWS = 400, /* read for one batch */
    TAKE_MS = 40,    /* of work in one batch: nobody waits much longer for the writer */
    JOB_ROUNDS = 50, /* batches in one job; then others have their turn */
    BUSY_MS = 200,   /* when another taker is at work */
    PAST_RUNS = 200, /* looked at for the rules of entry */
    ERROR_BYTES = 500,
};

/* ---- waking ---- */
enum status flow_wake(struct ctx *cx, i64 at_ms)
{
    return queue_add_by(cx, "flow.take", "take", "{}", at_ms);
}

/* ---- entering ---- */
/* What is known of earlier times in this flow. */
struct before {
    i64 times, last_entered_at;
    bool inside, same_key;
};

static enum status look_back(struct ctx *cx, const struct flow_entry *e, struct before *b)
{
    scoped(stmt_close) struct stmt q =
        db_query(cx, "flow.runs_before", I64("contact", e->contact_id),
                 I64("flow", e->plan->flow_id), I64("limit", PAST_RUNS));

    *b = (struct before){ .last_entered_at = TIME_NONE };
    while (stmt_next(&q)) {
        b->inside |= col_i64(&q, 0) < RUN_DONE;
        if (b->times++ == 0)
            b->last_entered_at = col_i64(&q, 1);
        b->same_key |= !text_empty(e->key) && text_is(col_text(&q, 2), e->key);
    }
    return stmt_status(&q);
}

/* Why the rules keep somebody out; "" they do not. */
static const char *kept_out(struct ctx *cx, const struct flow_entry *e, const struct before *b)
{
    const struct val *rules = e->plan->entry;
    const char *again = flow_answer(&flow_entry_kind, rules, "again");
    i64 days = flow_answer_i64(&flow_entry_kind, rules, "days"),
        times = flow_answer_i64(&flow_entry_kind, rules, "times");

    if (b->same_key)
        return "entered by this already";
    if (b->inside)
        return "is in it already";
    if (e->by_hand)
        return "";
    if (b->times > 0 && (text_is(again, "never") || text_empty(again)))
        return "went through it before";
    if (times > 0 && b->times >= times)
        return "went through it as often as it may be";
    if (text_is(again, "after") && b->times > 0 && ctx_now(cx) - b->last_entered_at < days * MS_DAY)
        return "entered it too short a time ago";
    return "";
}

static enum status filter_lets(struct ctx *cx, const struct flow_entry *e, const char **why)
{
    const char *filter = flow_answer(&flow_entry_kind, e->plan->entry, "filter");
    struct flow_doing d = { .cx = cx, .plan = e->plan, .contact = e->contact };
    bool in = true;
    i64 segment;

    *why = "";
    if (!text_empty(filter)) {
        if (d.contact == NULL)
            TRY(record_get_named(cx, "contact", e->contact_id, &d.contact));
        TRY(flow_matches(&d, filter, &in));
    }
    if (!in) {
        *why = "does not match who may enter";
        return OK;
    }
    if (id_parse(str_from(val_get_text(e->plan->entry, "suppress")), &segment)) {
        TRY(segment_has(cx, segment, e->contact_id, &in));
        if (in)
            *why = "is in the segment that is kept out";
    }
    return OK;
}

static enum status note_event(struct ctx *cx, const struct flow_plan *p, i64 contact,
                              const char *kind, const char *text, i64 at_ms)
{
    struct val *props = val_map(cx->arena);
    const char *name;

    TRY(flow_name_of(cx, p->flow_id, &name));
    val_put_text(props, "name", name);
    if (!text_empty(text))
        val_put_text(props, "text", text);
    return journey_note(cx, &(struct journey_note){ .kind = kind,
                                                    .contact_id = contact,
                                                    .at_ms = at_ms,
                                                    .record_id = p->flow_id,
                                                    .props = props });
}

static enum status insert_run(struct ctx *cx, const struct flow_entry *e, i64 *id)
{
    const struct flow_plan *p = e->plan;
    const char *first = e->at ? e->at : p->first >= 0 ? p->steps[p->first].id : "";
    i64 now = e->entered_at ? e->entered_at : ctx_now(cx), changed;

    *id = e->entered_at ? id_at(e->entered_at, 0, 0) + (kit_new_id(cx) & 0xfff) : kit_new_id(cx);
    TRY(db_run_count(cx, &changed, "flow.enter", I64("id", *id), I64("flow", p->flow_id),
                     I64("version", p->version_id), I64("contact", e->contact_id),
                     TEXT("node", first), I64("due", e->due_at ? e->due_at : now), I64("now", now),
                     TEXT("via", e->via), TEXT("key", e->key ? e->key : "")));
    if (changed == 0)
        *id = 0;
    return OK;
}

enum status flow_enter(struct ctx *cx, const struct flow_entry *e, i64 *id, const char **why)
{
    const char *kept = "", *ignored;
    struct before b;
    i64 run, unused;

    why = why ? why : &ignored;
    id = id ? id : &unused;
    *id = 0;
    TRY(look_back(cx, e, &b));
    kept = kept_out(cx, e, &b);
    if (text_empty(kept))
        TRY(filter_lets(cx, e, &kept));
    *why = kept;
    if (!text_empty(kept))
        return OK;
    TRY(insert_run(cx, e, &run));
    if (run == 0) {
        *why = "is in it already";
        return OK;
    }
    *id = run;
    TRY(note_event(cx, e->plan, e->contact_id, "flow_entered", "", e->entered_at));
    return flow_wake(cx, e->due_at ? e->due_at : ctx_now(cx));
}

enum status flow_signal(struct ctx *cx, i64 run_id, i64 visit, const char *signal)
{
    i64 changed;

    TRY(db_run_count(cx, &changed, "flow.signal", I64("id", run_id), I64("visit", visit),
                     TEXT("signal", signal), I64("now", ctx_now(cx))));
    return changed ? flow_wake(cx, ctx_now(cx)) : OK;
}

/* ---- counting ---- */
struct tally {
    i64 flow, version, n;
    const char *node, *what;
    struct tally *next;
};
enum { TALLY_SLOTS = 256 };
struct batch {
    struct ctx *cx;
    struct tally *tallies[TALLY_SLOTS];
    struct flow_filters *filters;
    struct flow_run *runs;
    size_t count, done;
    i64 began_ns;
    struct {
        i64 flow;
        const char *status;
    } flows[16];
    size_t flow_count;
};

static void tally(struct batch *b, const struct flow_run *r, const char *node, const char *what)
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

static enum status write_tallies(struct ctx *cx, const struct batch *b)
{
    for (size_t i = 0; i < TALLY_SLOTS; i++)
        for (const struct tally *t = b->tallies[i]; t; t = t->next)
            TRY(db_run(cx, "flow.count", I64("flow", t->flow), I64("version", t->version),
                       TEXT("node", t->node), TEXT("what", t->what), I64("n", t->n)));
    return OK;
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

/* ---- one step ---- */
static enum status store_run(struct ctx *cx, struct flow_run *r, const char *outcome)
{
    i64 changed;

    TRY(db_run_count(cx, &changed, "flow.move", I64("id", r->id), I64("visit", r->visit),
                     TEXT("node", r->node), I64("state", r->state),
                     r->due_at == TIME_NONE ? NONE("due") : I64("due", r->due_at),
                     I64("node_at", r->node_at), I64("day", r->day), I64("day_steps", r->day_steps),
                     TEXT("signal", r->signal), TEXT("outcome", outcome),
                     r->state == RUN_DONE ? I64("ended", ctx_now(cx)) : NONE("ended")));
    r->visit++;
    return changed ? OK : ctx_fail(cx, E_RETRY, "somebody else moved this run");
}

static enum status log_step(struct ctx *cx, const struct flow_run *r, const char *kind,
                            const char *way, const char *note)
{
    return db_run(cx, "flow.log", I64("id", kit_new_id(cx)), I64("run", r->id),
                  TEXT("node", r->node), TEXT("kind", kind), I64("at", ctx_now(cx)),
                  I64("took", ctx_now(cx) - r->node_at), TEXT("way", way),
                  TEXT("note", utf8_cut(cx->arena, note ? note : "", ERROR_BYTES)));
}

/* Ends a run; the event that tells it is part of it. */
static enum status end_run(struct ctx *cx, struct flow_run *r, const struct flow_plan *p,
                           const char *outcome, const char *text)
{
    bool goal = text_is(outcome, "goal");

    r->state = RUN_DONE;
    r->due_at = TIME_NONE;
    r->signal = "";
    TRY(store_run(cx, r, outcome));
    if (p == NULL)
        return OK;
    return note_event(cx, p, r->contact_id, goal ? "flow_goal" : "flow_left", text, 0);
}

static enum status reach_goal(struct batch *b, struct flow_doing *d, const char *goal)
{
    struct ctx *cx = d->cx;
    struct flow_run *r = d->run;
    const char *node = r->node, *text = "";
    scoped(tx_end) struct tx tx = tx_begin(cx);

    TRY(tx.status);
    for (size_t i = 0; i < d->plan->goal_count; i++)
        if (text_is(d->plan->goals[i].id, goal))
            text = flow_words(cx, &flow_goal_kind, d->plan->goals[i].v);
    TRY(log_step(cx, r, "goal", goal, text));
    TRY(end_run(cx, r, d->plan, "goal", text));
    TRY(tx_commit(&tx));
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

static void count_left(struct batch *b, const struct flow_run *r, const char *node, i64 took,
                       const char *way)
{
    tally(b, r, node, "out");
    tally(b, r, node, arena_printf(b->cx->arena, "t%d", flow_time_slot(took)));
    if (!text_empty(way))
        tally(b, r, node, arena_printf(b->cx->arena, "way:%s", way));
}

static void go_to(struct flow_run *r, const struct flow_plan *p, int index, i64 now)
{
    r->node = index >= 0 ? p->steps[index].id : "";
    r->node_at = now;
    r->due_at = now;
    r->signal = "";
    r->attempts = 0;
}

/* Does the step somebody is at, and moves them; *stay: they wait, or it is over. */
static enum status one_step(struct batch *b, struct flow_doing *d, const struct flow_step *s,
                            bool *stay)
{
    struct ctx *cx = d->cx;
    struct flow_run *r = d->run, was = *d->run;
    struct flow_ways ways = { .move = MOVE_NEXT, .until = TIME_NONE, .note = "" };
    const struct flow_path *path;
    i64 now = ctx_now(cx);
    scoped(tx_end) struct tx tx = tx_begin(cx);

    TRY(tx.status);
    if (text_is(r->signal, "skip"))
        ways.note = "skipped by hand";
    else
        TRY(flow_do_step(d, s, &ways));
    r->day_steps++;
    if (ways.move == MOVE_WAIT) {
        *stay = true;
        r->due_at = ways.until;
        r->signal = "wait";
        r->day_steps--;
        TRY(store_run(cx, r, ""));
        return tx_commit(&tx);
    }
    path = ways.move == MOVE_PATH ? &s->paths[ways.path] : NULL;
    TRY(log_step(cx, r, s->kind->name, path ? path->id : "", ways.note));
    if (ways.move == MOVE_END) {
        *stay = true;
        TRY(end_run(cx, r, d->plan, ways.outcome, ""));
    } else {
        go_to(r, d->plan, path ? path->first : ways.move == MOVE_JUMP ? s->jump : s->next, now);
        TRY(store_run(cx, r, ""));
    }
    TRY(tx_commit(&tx));
    count_left(b, r, s->id, now - was.node_at, path ? path->id : "");
    if (ways.move == MOVE_END)
        tally(b, r, "", "out");
    else if (!text_empty(r->node))
        tally(b, r, r->node, "in");
    return OK;
}

/* Behind the last step. */
static enum status come_to_the_end(struct batch *b, struct flow_doing *d)
{
    scoped(tx_end) struct tx tx = tx_begin(d->cx);

    TRY(tx.status);
    TRY(end_run(d->cx, d->run, d->plan, "end", ""));
    tally(b, d->run, "", "out");
    return tx_commit(&tx);
}

/* ---- one person ---- */
static enum status too_many_steps(struct flow_doing *d)
{
    scoped(tx_end) struct tx tx = tx_begin(d->cx);

    TRY(tx.status);
    TRY(db_run(d->cx, "flow.fail", I64("id", d->run->id), I64("state", RUN_STUCK),
               TEXT("error", arena_printf(d->cx->arena,
                                          "Went %d steps in one day: a loop in which nobody waits. "
                                          "Goes on when you say so.",
                                          LIMIT_FLOW_STEPS_A_DAY))));
    return tx_commit(&tx);
}

static enum status load_contact(struct flow_doing *d, bool *gone)
{
    enum status s = OK;

    *gone = false;
    if (d->contact == NULL)
        s = record_get_named(d->cx, "contact", d->run->contact_id, &d->contact);
    if (s == E_NOT_FOUND) {
        ctx_clear_error(d->cx);
        *gone = true;
        return OK;
    }
    return s;
}

static bool is_way(const struct flow_step *s)
{
    return text_is(s->kind->group, "Ways") || text_is(s->kind->group, "Time");
}

/* Moves one person as far as they go now. */
static enum status go_on(struct batch *b, struct flow_doing *d)
{
    struct flow_run *r = d->run;
    i64 today = zone_day(kit_zone(d->cx), ctx_now(d->cx));
    const char *goal = "";
    bool stay = false, gone;

    if (r->day != today) {
        r->day = today;
        r->day_steps = 0;
    }
    for (bool fresh = true; !stay; fresh = false) {
        const struct flow_step *s = flow_plan_step(d->plan, r->node);
        TRY(load_contact(d, &gone));
        if (gone) {
            tally(b, r, "", "out");
            return end_run(d->cx, r, NULL, "gone", "");
        }
        if (fresh && strncmp(r->signal, "goal:", 5) == 0)
            return reach_goal(b, d, r->signal + 5);
        TRY(filter_goal(d, &goal));
        if (!text_empty(goal))
            return reach_goal(b, d, goal);
        if (text_empty(r->node))
            return come_to_the_end(b, d);
        if (s == NULL)
            return ctx_fail(d->cx, E_NOT_FOUND, "this step is not in the version any more");
        if (r->day_steps >= LIMIT_FLOW_STEPS_A_DAY)
            return too_many_steps(d);
        TRY(one_step(b, d, s, &stay));
        if (!is_way(s)) /* what it did may have changed them by another hand */
            d->contact = NULL;
    }
    return OK;
}

/* Errors that are the machine's and not the step's: the whole batch is done again. */
static bool is_ours(enum status s)
{
    return s == E_RETRY || s == E_IO || s == E_FULL || s == E_BUSY || s == E_CORRUPT;
}

static enum status status_in_batch(struct batch *b, i64 flow, const char **status)
{
    for (size_t i = 0; i < b->flow_count; i++)
        if (b->flows[i].flow == flow) {
            *status = b->flows[i].status;
            return OK;
        }
    TRY(flow_status_of(b->cx, flow, status));
    if (b->flow_count < countof(b->flows)) {
        b->flows[b->flow_count].flow = flow;
        b->flows[b->flow_count++].status = *status;
    }
    return OK;
}

static enum status one_person(struct batch *b, struct flow_run *r)
{
    struct ctx *cx = b->cx;
    struct flow_doing d = { .cx = cx, .run = r, .filters = b->filters };
    bool goal = strncmp(r->signal, "goal:", 5) == 0;
    const char *status;
    enum status s;

    TRY(status_in_batch(b, r->flow_id, &status));
    s = flow_version_plan(cx, r->version_id, &d.plan);
    if (text_is(status, "paused") && !goal)
        return db_run(cx, "flow.hold", I64("id", r->id));
    if (s == OK && !text_is(status, "live") && !text_is(status, "paused"))
        return end_run(cx, r, NULL, "archived", "");
    if (s == OK && r->visit == 0) {
        tally(b, r, "", "in");
        tally(b, r, r->node, "in");
    }
    if (s == OK)
        s = go_on(b, &d);
    if (s == OK || is_ours(s))
        return s;
    const char *why = arena_text(cx->arena, cx->error_text ? cx->error_text : "");
    for (const struct field_error *f = cx->field_errors; f && text_empty(why); f = f->next)
        why = f->message;
    ctx_clear_error(cx);
    tally(b, r, r->node, "fail");
    return db_run(
        cx, "flow.fail", I64("id", r->id), I64("state", RUN_FAILED),
        TEXT("error", utf8_cut(cx->arena, text_empty(why) ? status_title(s) : why, ERROR_BYTES)));
}

/* ---- the taker ---- */
static enum status read_due(struct batch *b)
{
    struct ctx *cx = b->cx;
    scoped(stmt_close) struct stmt q =
        db_query(cx, "flow.due", I64("now", ctx_now(cx)), I64("limit", TAKE_ROWS));

    b->runs = NEW_N(cx->arena, struct flow_run, TAKE_ROWS);
    while (stmt_next(&q))
        b->runs[b->count++] = flow_run_from(&q);
    return stmt_status(&q);
}

static enum status take_batch(struct ctx *cx, void *arg)
{
    struct batch *b = arg;
    scoped(access_leave) struct access_guard guard = access_enter_system(cx);
    i64 mine = 1;

    *b = (struct batch){ .cx = cx, .began_ns = (i64)clock_mono_ns() };
    b->filters = flow_filters_new(cx->arena);
    if (db_engine(cx->db) == DB_POSTGRES)
        TRY(db_get_i64(cx, &mine, "flow.alone"));
    if (!mine)
        return OK;
    TRY(read_due(b));
    while (b->done < b->count && (i64)clock_mono_ns() - b->began_ns < (i64)TAKE_MS * 1000000) {
        TRY(one_person(b, &b->runs[b->done]));
        b->done++;
    }
    return write_tallies(cx, b);
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
        struct batch b;
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

/* ---- by hand ---- */
enum status flow_run_get(struct ctx *cx, i64 run_id, struct flow_run *out)
{
    scoped(stmt_close) struct stmt q = db_query(cx, "flow.run", I64("id", run_id));

    if (!stmt_next(&q))
        return q.status == OK ? ctx_fail(cx, E_NOT_FOUND, "There is no such run.") : q.status;
    *out = flow_run_from(&q);
    return OK;
}

struct flow_run flow_run_from(struct stmt *q)
{
    struct arena *a = q->cx->arena;

    return (struct flow_run){ .id = col_i64(q, 0),
                              .flow_id = col_i64(q, 1),
                              .version_id = col_i64(q, 2),
                              .contact_id = col_i64(q, 3),
                              .node = arena_text(a, col_text(q, 4)),
                              .state = (enum flow_state)col_i64(q, 5),
                              .visit = col_i64(q, 6),
                              .due_at = col_null(q, 7) ? TIME_NONE : col_i64(q, 7),
                              .entered_at = col_i64(q, 8),
                              .node_at = col_i64(q, 9),
                              .day = col_i64(q, 10),
                              .day_steps = col_i64(q, 11),
                              .attempts = col_i64(q, 12),
                              .signal = arena_text(a, col_text(q, 13)),
                              .via = arena_text(a, col_text(q, 14)) };
}

enum status flow_retry(struct ctx *cx, const struct flow_run *r)
{
    TRY(db_run(cx, "flow.retry", I64("id", r->id), I64("now", ctx_now(cx))));
    return flow_wake(cx, ctx_now(cx));
}

enum status flow_leave(struct ctx *cx, i64 run_id, const char *outcome)
{
    scoped(access_leave) struct access_guard guard = access_enter_system(cx);
    const struct flow_plan *p = NULL;
    struct flow_run r;
    struct batch b = { .cx = cx };

    TRY(flow_run_get(cx, run_id, &r));
    if (r.state == RUN_DONE)
        return ctx_fail(cx, E_NOT_FOUND, "This person has left the flow already.");
    TRY(flow_version_plan(cx, r.version_id, &p));
    TRY(log_step(cx, &r, "left", "", outcome));
    TRY(end_run(cx, &r, p, outcome, ""));
    if (r.visit > 1) {
        tally(&b, &r, r.node, "out");
        tally(&b, &r, "", "out");
    }
    return write_tallies(cx, &b);
}
