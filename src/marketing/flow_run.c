/* flow_run.c -- people in flows: how they enter, what reaches them there, and what a person with
 * rights does with them by hand. flow_take.c moves them. */
#include "base/id.h"
#include "base/json.h"
#include "bridge/contact.h"
#include "bridge/segment.h"
#include "marketing/flow_run_int.h"
#include "store/queue.h"

/* ---- waking ---- */
enum status flow_wake(struct ctx *cx, i64 at_ms)
{
    return queue_add_by(cx, "flow.take", "take", "{}", at_ms);
}

/* ---- entering ---- */
/* What is known of somebody's earlier times in this flow. */
struct before {
    i64 contact, times, last_entered_at;
    bool inside, same_key;
};

static const char *ids_json(struct ctx *cx, const i64 *ids, size_t count)
{
    struct val *list = val_list(cx->arena);

    for (size_t i = 0; i < count; i++)
        val_add_i64(list, ids[i]);
    return json_text(cx->arena, list);
}

static struct before *before_of(struct before *b, size_t count, i64 contact)
{
    for (size_t i = 0; i < count; i++)
        if (b[i].contact == contact)
            return &b[i];
    return NULL;
}

static enum status look_back(struct ctx *cx, const struct flow_entry *e, const i64 *contacts,
                             size_t count, struct before *all)
{
    struct before *b = NULL;

    for (size_t i = 0; i < count; i++)
        all[i] = (struct before){ .contact = contacts[i], .last_entered_at = TIME_NONE };
    scoped(stmt_close) struct stmt q =
        db_query(cx, "flow.runs_before", I64("flow", e->plan->flow_id),
                 TEXT("ids", ids_json(cx, contacts, count)));
    while (stmt_next(&q)) {
        if (b == NULL || b->contact != col_i64(&q, 0))
            b = before_of(all, count, col_i64(&q, 0));
        if (b == NULL)
            continue;
        b->inside |= col_i64(&q, 1) < RUN_DONE;
        if (b->times++ == 0)
            b->last_entered_at = col_i64(&q, 2);
        b->same_key |= !text_empty(e->key) && text_is(col_text(&q, 3), e->key);
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

static enum status filter_lets(struct ctx *cx, const struct flow_entry *e, i64 contact_id,
                               struct row *contact, const char **why)
{
    const char *filter = flow_answer(&flow_entry_kind, e->plan->entry, "filter");
    struct flow_doing d = { .cx = cx, .plan = e->plan, .contact = contact };
    bool in = true;
    i64 segment;

    *why = "";
    if (!text_empty(filter) && contact == NULL) {
        *why = "is no longer there";
        return OK;
    }
    TRY(flow_matches(&d, filter, &in));
    if (!in) {
        *why = "does not match who may enter";
        return OK;
    }
    if (id_parse(str_from(val_get_text(e->plan->entry, "suppress")), &segment)) {
        TRY(segment_has(cx, segment, contact_id, &in));
        if (in)
            *why = "is in the segment that is kept out";
    }
    return OK;
}

/* The contacts, where the rules ask anything of them. */
static enum status read_contacts(struct ctx *cx, const struct flow_entry *e, const i64 *ids,
                                 size_t count, struct row **rows)
{
    memset(rows, 0, count * sizeof *rows);
    if (text_empty(flow_answer(&flow_entry_kind, e->plan->entry, "filter")))
        return OK;
    if (e->contact) {
        rows[0] = e->contact;
        return OK;
    }
    return rows_by_id(cx, &contact_type, ids, count, rows);
}

/* Writes the runs of those who enter, and tells it on their journeys. */
static enum status insert_runs(struct ctx *cx, const struct flow_entry *e, struct val *pairs)
{
    const struct flow_plan *p = e->plan;
    const char *first = p->first >= 0 ? p->steps[p->first].id : "", *name;
    i64 now = ctx_now(cx), changed;
    size_t count = val_count(pairs);
    struct journey_note *notes = NEW_N(cx->arena, struct journey_note, count);

    if (count == 0)
        return OK;
    TRY(db_run_count(cx, &changed, "flow.enter", TEXT("ids", json_text(cx->arena, pairs)),
                     I64("flow", p->flow_id), I64("version", p->version_id), TEXT("node", first),
                     I64("due", now), I64("now", now), TEXT("via", e->via),
                     TEXT("key", e->key ? e->key : "")));
    if ((size_t)changed != count)
        return ctx_fail(cx, E_RETRY, "somebody else let the same person in");
    TRY(flow_name_of(cx, p->flow_id, &name));
    for (size_t i = 0; i < count; i++)
        notes[i] = flow_event(cx, p->flow_id, name, val_as_i64(val_at(val_at(pairs, i), 1), 0),
                              "flow_entered", "");
    TRY(journey_note_many(cx, notes, count));
    return flow_wake(cx, now);
}

enum status flow_enter_many(struct ctx *cx, const struct flow_entry *e, const i64 *contacts,
                            size_t count, i64 *runs, const char **why)
{
    struct before *all = NEW_N(cx->arena, struct before, count);
    struct row **rows = NEW_N(cx->arena, struct row *, count);
    struct val *pairs = val_list(cx->arena);

    TRY(look_back(cx, e, contacts, count, all));
    TRY(read_contacts(cx, e, contacts, count, rows));
    for (size_t i = 0; i < count; i++) {
        const char *kept = kept_out(cx, e, &all[i]);
        runs[i] = 0;
        if (text_empty(kept))
            TRY(filter_lets(cx, e, contacts[i], rows[i], &kept));
        if (why)
            *why = kept;
        if (!text_empty(kept))
            continue;
        runs[i] = kit_new_id(cx);
        struct val *pair = val_add_list(pairs);
        val_add_i64(pair, runs[i]);
        val_add_i64(pair, contacts[i]);
    }
    return insert_runs(cx, e, pairs);
}

enum status flow_enter(struct ctx *cx, const struct flow_entry *e, i64 *id, const char **why)
{
    i64 unused;

    return flow_enter_many(cx, e, &e->contact_id, 1, id ? id : &unused, why);
}

struct journey_note flow_event(struct ctx *cx, i64 flow, const char *name, i64 contact,
                               const char *kind, const char *text)
{
    struct val *props = val_map(cx->arena);

    val_put_text(props, "name", name);
    if (!text_empty(text))
        val_put_text(props, "text", text);
    return (struct journey_note){
        .kind = kind, .contact_id = contact, .at_ms = ctx_now(cx), .record_id = flow, .props = props
    };
}

enum status flow_signal(struct ctx *cx, i64 run_id, i64 visit, const char *signal)
{
    i64 changed;

    TRY(db_run_count(cx, &changed, "flow.signal", I64("id", run_id), I64("visit", visit),
                     TEXT("signal", signal), I64("now", ctx_now(cx))));
    return changed ? flow_wake(cx, ctx_now(cx)) : OK;
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
