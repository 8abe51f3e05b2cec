/* segment_pass.c -- finds out who comes into live segments and who leaves them. Whoever is asked
 * for is held against the filter by the same SQL that finds everybody, so that following changes
 * and looking at all come to the same. */
#include "base/log.h"
#include "base/sort.h"
#include "bridge/contact.h"
#include "bridge/segment_int.h"
#include <stdlib.h>

enum { FILL_CHUNK = 4000 }; /* as many may hold up other writers */

/* ---- whom ---- */
void pass_begin(struct ctx *cx, struct live_segments *all, struct pass *p)
{
    *p = (struct pass){ .cx = cx,
                        .all = all,
                        .todo = NEW_N(cx->arena, struct ids, all->count + 1),
                        .moved = NEW_N(cx->arena, struct ids, all->count + 1),
                        .ready = NEW_N(cx->arena, struct filter *, all->count + 1),
                        .next_due = TIME_NONE };
}

enum status pass_reach(struct pass *p, size_t at, const struct filter_need *n, int steps,
                       const i64 *ids, size_t count)
{
    i64 *roots;
    size_t found;

    if (count == 0)
        return OK;
    TRY(filter_reach(p->cx, n, steps, ids, count, &roots, &found));
    ids_add(p->cx->arena, &p->todo[at], roots, found);
    return OK;
}

/* ---- some contacts and one segment ---- */
struct looking {
    struct pass *pass;
    const struct live_segment *of;
    struct row *row; /* read when somebody moves */
    enum segment_why why;
    struct ids enter, leave;
};

/* What the filter says of ids that are out of the trash, and when that may change. */
struct verdict { /* the id first: sort_by_id */
    i64 id, due;
    bool in;
};

struct verdicts {
    struct verdict *at;
    size_t count, cap;
};

static void add_verdict(struct arena *a, struct verdicts *list, struct verdict v)
{
    if (list->count == list->cap) {
        size_t cap = list->cap ? list->cap * 2 : 1024;
        struct verdict *more = NEW_N(a, struct verdict, cap);
        if (list->count)
            memcpy(more, list->at, list->count * sizeof *more);
        list->at = more;
        list->cap = cap;
    }
    list->at[list->count++] = v;
}

/* Of records and of events, whichever comes first. Somebody of whom only events say a moment is in
 * the list too, as not being in. */
static void add_dues(struct arena *a, struct verdicts *list, const struct filter_due *dues,
                     size_t due_count)
{
    size_t d = 0, before = list->count;

    for (size_t i = 0; i < before; i++) {
        while (d < due_count && dues[d].id < list->at[i].id) {
            add_verdict(a, list, (struct verdict){ dues[d].id, dues[d].at_ms, false });
            d++;
        }
        if (d < due_count && dues[d].id == list->at[i].id) {
            if (dues[d].at_ms < list->at[i].due)
                list->at[i].due = dues[d].at_ms;
            d++;
        }
    }
    for (; d < due_count; d++)
        add_verdict(a, list, (struct verdict){ dues[d].id, dues[d].at_ms, false });
    sort_by_id(a, list->at, list->count, sizeof *list->at);
}

/* ids NULL: of everybody who is in or may come in; else those that the filter was narrowed to. */
static enum status ask_filter(struct ctx *cx, struct filter *f, const i64 *ids, size_t count,
                              struct verdicts *out)
{
    const struct filter_due *dues;
    size_t due_count;
    struct sql q = sql_new(cx);
    bool timed;

    TRY(filter_verdicts_sql(cx, f, ids, count, &q, &timed));
    TRY(filter_dues(cx, f, &dues, &due_count));
    scoped(stmt_close) struct stmt s = db_query_sql(cx, &q);
    while (stmt_next(&s))
        add_verdict(cx->arena, out,
                    (struct verdict){ col_i64(&s, 0), col_i64(&s, 2), col_i64(&s, 1) != 0 });
    TRY(stmt_status(&s));
    sort_by_id(cx->arena, out->at, out->count, sizeof *out->at);
    if (!ids || out->count)
        add_dues(cx->arena, out, dues, ids ? 0 : due_count);
    if (ids) { /* of those in the trash nothing is due */
        for (size_t i = 0, d = 0; i < out->count; i++) {
            while (d < due_count && dues[d].id < out->at[i].id)
                d++;
            if (d < due_count && dues[d].id == out->at[i].id && dues[d].at_ms < out->at[i].due)
                out->at[i].due = dues[d].at_ms;
        }
    }
    return OK;
}

static enum status read_pairs(struct ctx *cx, const char *query, i64 segment, const char *ids,
                              struct verdict *out, size_t *count)
{
    scoped(stmt_close) struct stmt q =
        db_query_(cx, query, DB_ARGS(I64("segment", segment), TEXT("ids", ids)));

    for (*count = 0; stmt_next(&q); ++*count)
        out[*count] = (struct verdict){ .id = col_i64(&q, 0), .due = col_i64(&q, 1) };
    return stmt_status(&q);
}

/* The soonest moment of each whose answer may change by itself. */
static enum status keep_dues(struct looking *l, const char *ids, const struct verdict *now,
                             size_t count, struct verdict *old)
{
    struct ctx *cx = l->pass->cx;
    size_t old_count, o = 0;

    TRY(read_pairs(cx, "segment.dues", l->of->id, ids, old, &old_count));
    for (size_t i = 0; i < count || o < old_count;) {
        bool gone = i == count || (o < old_count && old[o].id < now[i].id);
        if (gone) { /* in the trash by now */
            TRY(db_run(cx, "segment.due_drop", I64("segment", l->of->id),
                       I64("contact", old[o++].id)));
            continue;
        }
        i64 before = o < old_count && old[o].id == now[i].id ? old[o++].due : INT64_MAX;
        i64 due = now[i].due;
        if (due == INT64_MAX && before != INT64_MAX)
            TRY(db_run(cx, "segment.due_drop", I64("segment", l->of->id),
                       I64("contact", now[i].id)));
        else if (due != before)
            TRY(db_run(cx, "segment.due_put", I64("segment", l->of->id), I64("contact", now[i].id),
                       I64("at", due)));
        if (due != INT64_MAX && (l->pass->next_due == TIME_NONE || due < l->pass->next_due))
            l->pass->next_due = due;
        i++;
    }
    return OK;
}

/* ids: ascending, each once, at most SEGMENT_CHUNK. */
static enum status look_at(struct looking *l, struct filter *filter, const i64 *ids, size_t count)
{
    struct ctx *cx = l->pass->cx;
    struct verdict *members = NEW_N(cx->arena, struct verdict, count + 1);
    struct verdicts now = { 0 };
    size_t member_count, m = 0, i = 0;
    const char *text = ids_text(cx, ids, count);

    TRY(ask_filter(cx, filter, ids, count, &now));
    TRY(read_pairs(cx, "segment.members", l->of->id, text, members, &member_count));
    while (i < now.count || m < member_count) {
        i64 a = i < now.count ? now.at[i].id : INT64_MAX,
            b = m < member_count ? members[m].id : INT64_MAX, id = a < b ? a : b;
        bool in = a <= b && now.at[i].in, was = b <= a;
        if (in && !was)
            ids_add(cx->arena, &l->enter, &id, 1);
        if (was && !in)
            ids_add(cx->arena, &l->leave, &id, 1);
        i += a <= b;
        m += b <= a;
    }
    return keep_dues(l, text, now.at, now.count, members);
}

static enum status move_them(struct looking *l)
{
    struct ctx *cx = l->pass->cx;

    if (l->enter.count + l->leave.count == 0)
        return OK;
    TRY(record_get(cx, &segment_type, l->of->id, &l->row));
    TRY(segment_move(cx, l->row, l->leave.at, l->leave.count, false, l->why));
    return segment_move(cx, l->row, l->enter.at, l->enter.count, true, l->why);
}

/* The filter of a segment, asked of some of those that it has to look at. */
static enum status narrowed(struct pass *p, size_t at, size_t from, size_t count,
                            struct filter **out)
{
    TRY(filter_parse(p->cx, &contact_type, p->all->list[at].filter, out));
    filter_narrow(*out, p->todo[at].at + from, count);
    return OK;
}

static enum status look_at_all(struct pass *p, size_t at, enum segment_why why)
{
    struct ids *todo = &p->todo[at];

    for (size_t from = 0; from < todo->count; from += SEGMENT_CHUNK) {
        struct looking l = { .pass = p, .of = &p->all->list[at], .why = why };
        size_t count = todo->count - from < SEGMENT_CHUNK ? todo->count - from : SEGMENT_CHUNK;
        struct filter *f = p->ready[at];
        if (f == NULL)
            TRY(narrowed(p, at, from, count, &f));
        TRY(look_at(&l, f, todo->at + from, count));
        TRY(move_them(&l));
        ids_add(p->cx->arena, &p->moved[at], l.enter.at, l.enter.count);
        ids_add(p->cx->arena, &p->moved[at], l.leave.at, l.leave.count);
    }
    return OK;
}

/* What is known from the beginning is asked of the journeys at once for all segments: reading
 * somebody's journey costs more than all that is asked of it. */
static enum status read_journeys(struct pass *p, size_t from)
{
    struct filter **list = NEW_N(p->cx->arena, struct filter *, p->all->count + 1);
    size_t count = 0;

    for (size_t i = from; i < p->all->count; i++) {
        ids_unite(&p->todo[i]);
        if (!p->all->list[i].asks_events || p->todo[i].count == 0 ||
            p->todo[i].count > SEGMENT_CHUNK)
            continue;
        TRY(narrowed(p, i, 0, p->todo[i].count, &p->ready[i]));
        list[count++] = p->ready[i];
    }
    return count > 1 ? filter_walk_together(p->cx, list, count) : OK;
}

/* Those who moved in a segment that this one names. */
static enum status follow_named(struct pass *p, size_t at)
{
    const struct live_segment *of = &p->all->list[at];
    size_t before = p->todo[at].count;

    for (size_t n = 0; n < of->need_count; n++)
        for (size_t k = 0; of->needs[n].what == NEED_SET && k < at; k++)
            if (p->all->list[k].id == of->needs[n].set_id)
                TRY(pass_reach(p, at, &of->needs[n], of->needs[n].step_count, p->moved[k].at,
                               p->moved[k].count));
    ids_unite(&p->todo[at]);
    if (p->todo[at].count != before)
        p->ready[at] = NULL; /* it was not asked of these */
    return OK;
}

static enum status run(struct pass *p, size_t from, enum segment_why why)
{
    TRY(read_journeys(p, from));
    for (size_t i = from; i < p->all->count; i++) {
        TRY(follow_named(p, i));
        if (p->todo[i].count)
            TRY(look_at_all(p, i, i == from ? why : WHY_HAPPENED));
    }
    return p->next_due == TIME_NONE ? OK : segment_due_at(p->cx, p->next_due);
}

enum status pass_run(struct pass *p)
{
    scoped(access_leave) struct access_guard guard = access_enter_system(p->cx);

    return run(p, 0, WHY_HAPPENED);
}

/* ---- everybody ---- */
struct filling {
    struct live_segments *all;
    size_t at;
    enum segment_why why;
    const i64 *ids;
    size_t count;
    i64 whole_due;
    i64 entered, left;
};

static enum status fill_part(struct ctx *cx, void *arg)
{
    scoped(access_leave) struct access_guard guard = access_enter_system(cx);
    struct filling *f = arg;
    struct pass p;

    pass_begin(cx, f->all, &p);
    ids_add(cx->arena, &p.todo[f->at], f->ids, f->count);
    return run(&p, f->at, f->why);
}

static enum status fill_end(struct ctx *cx, void *arg)
{
    struct filling *f = arg;
    i64 id = f->all->list[f->at].id;
    scoped(access_leave) struct access_guard guard = access_enter_system(cx);
    struct row *segment;

    TRY(record_get(cx, &segment_type, id, &segment));
    TRY(db_run(cx, "segment.filled", I64("segment", id), I64("at", ctx_now(cx))));
    if (f->whole_due == TIME_NONE) {
        TRY(db_run(cx, "segment.due_drop", I64("segment", id), I64("contact", 0)));
    } else {
        TRY(db_run(cx, "segment.due_put", I64("segment", id), I64("contact", 0),
                   I64("at", f->whole_due)));
        TRY(segment_due_at(cx, f->whole_due));
    }
    if (f->why == WHY_HAPPENED)
        return OK;
    return happen(cx, &(struct happening){ .name = "segment.filled", .row = segment });
}

/* Whose membership, or whose moment, is not as it should be: everybody's answer beside what is
 * kept, both in the order of ids. */
static enum status find_wrong(struct ctx *cx, const struct live_segment *of, struct ids *wrong,
                              i64 *whole_due)
{
    struct verdicts now = { 0 };
    struct filter *f;
    size_t i = 0;

    TRY(filter_parse(cx, &contact_type, of->filter, &f));
    *whole_due = filter_due_all(cx, f);
    TRY(ask_filter(cx, f, NULL, 0, &now));
    scoped(stmt_close) struct stmt m = db_query(cx, "segment.each", I64("segment", of->id),
                                                I64("after", 0), I64("limit", INT64_MAX));
    scoped(stmt_close) struct stmt t = db_query(cx, "segment.due_each", I64("segment", of->id));
    bool member = stmt_next(&m), due_row = stmt_next(&t);
    while (i < now.count || member || due_row) {
        i64 a = i < now.count ? now.at[i].id : INT64_MAX, b = member ? col_i64(&m, 0) : INT64_MAX,
            c = due_row ? col_i64(&t, 0) : INT64_MAX, id = a < b ? a : b;
        id = c < id ? c : id;
        i64 due = a == id ? now.at[i].due : INT64_MAX, kept = c == id ? col_i64(&t, 1) : INT64_MAX;
        if ((a == id && now.at[i].in) != (b == id) || due != kept)
            ids_add(cx->arena, wrong, &id, 1);
        i += a == id;
        if (b == id)
            member = stmt_next(&m);
        if (c == id)
            due_row = stmt_next(&t);
    }
    TRY(stmt_status(&m));
    return stmt_status(&t);
}

enum status segment_find(struct ctx *cx, const char *filter, struct ids *in)
{
    struct verdicts now = { 0 };
    struct filter *f;

    TRY(filter_parse(cx, &contact_type, filter, &f));
    TRY(ask_filter(cx, f, NULL, 0, &now));
    for (size_t i = 0; i < now.count; i++)
        if (now.at[i].in)
            ids_add(cx->arena, in, &now.at[i].id, 1);
    return OK;
}

enum status segment_fill(struct ctx *cx, i64 segment_id, enum segment_why why)
{
    scoped(access_leave) struct access_guard guard = access_enter_system(cx);
    struct filling f = { 0 };
    struct ids wrong = { 0 };
    struct row *segment;
    enum status s = record_get(cx, &segment_type, segment_id, &segment);

    if (s == E_NOT_FOUND) { /* gone meanwhile */
        ctx_clear_error(cx);
        return OK;
    }
    TRY(s);
    TRY(segments_get(cx, &f.all));
    while (f.at < f.all->count && f.all->list[f.at].id != segment_id)
        f.at++;
    f.why = row_has(segment, SEGMENT_FILLED_AT) ? why : WHY_FIRST;
    if (f.at < f.all->count)
        s = find_wrong(cx, &f.all->list[f.at], &wrong, &f.whole_due);
    for (size_t from = 0; s == OK && from < wrong.count; from += FILL_CHUNK) {
        scoped(arena_close) struct arena *a = arena_new(256 * 1024);
        struct ctx part = *cx;
        part.arena = a;
        f.ids = wrong.at + from;
        f.count = wrong.count - from < FILL_CHUNK ? wrong.count - from : FILL_CHUNK;
        s = kit_write(&part, fill_part, &f);
        if (s != OK)
            s = ctx_fail(cx, s, "%s", part.error_text ? part.error_text : "");
    }
    if (s == OK && f.at < f.all->count)
        s = kit_write(cx, fill_end, &f);
    segments_put(cx, f.all);
    return s;
}
