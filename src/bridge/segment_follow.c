/* segment_follow.c -- when live segments look: after saves, which are noted in their own
 * transaction and worked off by a job; after events, as a follower; at the moment when time alone
 * may have changed an answer; and all of one when its filter was changed. */
#include "base/id.h"
#include "base/json.h"
#include "bridge/contact.h"
#include "bridge/segment_int.h"
#include "journey/journey.h"
#include "kit/follow.h"
#include "store/queue.h"

enum {
    TOUCHES = 2000,     /* worked off in one transaction */
    ROUNDS_MAX = 50,    /* of them in one job; then others have their turn */
    DUE_STEP_MS = 1000, /* moments are looked at together */
};

/* ---- noting ---- */
static bool is_change(const char *name, const char **word)
{
    static const char *const words[] = { "created", "updated", "deleted", "restored",
                                         "moved",   "merged",  "unmerged" };
    const char *dot = strrchr(name, '.');

    for (size_t i = 0; dot && i < countof(words); i++)
        if (text_is(dot + 1, words[i])) {
            *word = words[i];
            return true;
        }
    return false;
}

/* Whether anybody looks at this field of the type, or at the type at all. */
static bool is_needed(const struct live_segments *all, const struct record_type *t,
                      const struct row *changed)
{
    for (size_t i = 0; i < all->count; i++)
        for (size_t n = 0; n < all->list[i].need_count; n++) {
            const struct filter_need *need = &all->list[i].needs[n];
            if (need->what == NEED_FIELD && need->type == t &&
                (changed == NULL || need->field == NEED_ANY_FIELD ||
                 (need->field >= 0 && row_changed(changed, need->field))))
                return true;
        }
    return false;
}

static const char *changed_fields(struct ctx *cx, const struct row *r)
{
    const struct record_type *t = row_type(r);
    struct buf b = buf_in(cx->arena, 16 * 1024);

    for (int i = 0; i < t->field_count; i++)
        if (row_changed(r, i))
            buf_printf(&b, "%s%s|", b.len ? "" : "|", t->fields[i].name);
    return buf_end(&b);
}

/* "|contact_id:123|": what it pointed at before. */
static const char *refs_before(struct ctx *cx, const struct row *r)
{
    const struct record_type *t = row_type(r);
    const struct row *before = row_before(r);
    struct buf b = buf_in(cx->arena, 4 * 1024);

    for (int i = 0; before && i < t->field_count; i++)
        if (t->fields[i].kind == FIELD_REF && row_changed(r, i) && row_has(before, i))
            buf_printf(&b, "%s%s:%lld|", b.len ? "" : "|", t->fields[i].name,
                       (long long)row_i64(before, i));
    return buf_end(&b);
}

enum status segment_on_any(struct ctx *cx, const struct happening *h)
{
    struct live_segments *all;
    const char *word;
    bool updated, needed;

    if (h->row == NULL || !is_change(h->name, &word) || kit_state(cx->kit, "segment") == NULL)
        return OK; /* features that start before this one save records, too */
    updated = row_before(h->row) != NULL && !text_is(word, "deleted") && !text_is(word, "restored");
    if (row_type(h->row) == &contact_type &&
        (text_is(word, "deleted") || text_is(word, "restored")))
        TRY(segment_trash(cx, row_id(h->row), text_is(word, "restored")));
    TRY(segments_get(cx, &all));
    needed = is_needed(all, row_type(h->row), updated ? h->row : NULL);
    segments_put(cx, all);
    if (!needed)
        return OK;
    return segment_touch(cx, row_type(h->row)->name, row_id(h->row),
                         updated ? changed_fields(cx, h->row) : "*",
                         updated ? refs_before(cx, h->row) : "");
}

/* ---- working off ---- */
/* Changes of the same fields of one type. */
struct group {
    const char *type, *fields;
    struct ids ids;
    struct group *next;
};
/* Records that pointed at `was` by this field of theirs. */
struct moved {
    const char *type, *field;
    struct ids was;
    struct moved *next;
};
struct touches {
    struct group *groups;
    struct moved *moves;
    struct ids rows; /* of segment_touch */
};

static void add_group(struct ctx *cx, struct touches *t, const char *type, const char *fields,
                      i64 id)
{
    struct group *g = t->groups;

    while (g && !(text_is(g->type, type) && text_is(g->fields, fields)))
        g = g->next;
    if (g == NULL) {
        g = NEW(cx->arena, struct group);
        *g = (struct group){ .type = arena_text(cx->arena, type),
                             .fields = arena_text(cx->arena, fields),
                             .next = t->groups };
        t->groups = g;
    }
    ids_add(cx->arena, &g->ids, &id, 1);
}

static void add_moves(struct ctx *cx, struct touches *t, const char *type, const char *before)
{
    struct str rest = str_from(before), one, field, id;
    struct moved *m;
    i64 was;

    while (str_split(&rest, '|', &one)) {
        if (!str_split(&one, ':', &field) || !str_split(&one, ':', &id) || !str_i64(id, &was))
            continue;
        for (m = t->moves; m; m = m->next)
            if (text_is(m->type, type) && str_is(field, m->field))
                break;
        if (m == NULL) {
            m = NEW(cx->arena, struct moved);
            *m = (struct moved){ .type = arena_text(cx->arena, type),
                                 .field = str_dup(cx->arena, field),
                                 .next = t->moves };
            t->moves = m;
        }
        ids_add(cx->arena, &m->was, &was, 1);
    }
}

static enum status read_touches(struct ctx *cx, struct touches *t)
{
    scoped(stmt_close) struct stmt q = db_query(cx, "segment.touches", I64("limit", TOUCHES));

    while (stmt_next(&q)) {
        i64 row = col_i64(&q, 0);
        ids_add(cx->arena, &t->rows, &row, 1);
        add_group(cx, t, col_text(&q, 1), col_text(&q, 3), col_i64(&q, 2));
        if (col_text(&q, 4)[0])
            add_moves(cx, t, arena_text(cx->arena, col_text(&q, 1)),
                      arena_text(cx->arena, col_text(&q, 4)));
    }
    return stmt_status(&q);
}

static bool concerns(struct ctx *cx, const struct filter_need *n, const struct group *g)
{
    if (n->what == NEED_SET)
        return text_is(g->type, "segment_member") &&
               (n->set_id == 0 ||
                text_is(g->fields, arena_printf(cx->arena, "%lld", (long long)n->set_id)));
    if (n->what != NEED_FIELD || !text_is(n->type->name, g->type))
        return false;
    if (g->fields[0] == '*' || n->field == NEED_ANY_FIELD)
        return true;
    return n->field >= 0 &&
           strstr(g->fields, arena_printf(cx->arena, "|%s|", n->type->fields[n->field].name));
}

/* A need whose last step is back over a field of records that moved: whom they pointed at then. */
static enum status reach_before(struct pass *p, size_t at, const struct filter_need *n,
                                const struct touches *t)
{
    const struct filter_step *last = n->step_count ? &n->steps[n->step_count - 1] : NULL;

    if (n->what != NEED_FIELD || !last || !last->back || n->type != last->of ||
        n->field != last->field)
        return OK;
    for (const struct moved *m = t->moves; m; m = m->next)
        if (text_is(m->type, last->of->name) &&
            text_is(m->field, last->of->fields[last->field].name))
            TRY(pass_reach(p, at, n, n->step_count - 1, m->was.at, m->was.count));
    return OK;
}

static enum status spread(struct pass *p, const struct touches *t)
{
    for (size_t i = 0; i < p->all->count; i++)
        for (size_t k = 0; k < p->all->list[i].need_count; k++) {
            const struct filter_need *n = &p->all->list[i].needs[k];
            for (const struct group *g = t->groups; g; g = g->next)
                if (concerns(p->cx, n, g))
                    TRY(pass_reach(p, i, n, n->step_count, g->ids.at, g->ids.count));
            TRY(reach_before(p, i, n, t));
        }
    return OK;
}

static enum status work_off(struct ctx *cx, void *arg)
{
    struct touches t = { 0 };
    struct live_segments *all;
    struct pass p;
    enum status s;

    TRY(read_touches(cx, &t));
    *(bool *)arg = t.rows.count == TOUCHES;
    if (t.rows.count == 0)
        return OK;
    TRY(db_run(cx, "segment.untouch", TEXT("ids", ids_text(cx, t.rows.at, t.rows.count))));
    TRY(segments_get(cx, &all));
    pass_begin(cx, all, &p);
    s = spread(&p, &t);
    if (s == OK)
        s = pass_run(&p);
    segments_put(cx, all);
    return s;
}

/* Runs `part` in transactions of its own, each in memory of its own, while there is more. */
static enum status in_parts(struct ctx *cx, enum status (*part)(struct ctx *cx, void *arg),
                            bool *more)
{
    *more = true;
    for (int round = 0; *more && round < ROUNDS_MAX; round++) {
        scoped(arena_close) struct arena *a = arena_new(1024 * 1024);
        struct ctx one = *cx;
        one.arena = a;
        enum status s = kit_write(&one, part, more);
        if (s != OK)
            return ctx_fail(cx, s, "%s", one.error_text ? one.error_text : "");
    }
    return OK;
}

static enum status add_follow(struct ctx *cx, void *arg)
{
    (void)arg;
    return queue_add(cx, "segment.follow", "all", "{}", ctx_now(cx), NULL);
}

enum status segment_touch_job(struct job_run *job)
{
    bool more;

    TRY(in_parts(job->cx, work_off, &more));
    return more ? kit_write(job->cx, add_follow, NULL) : OK;
}

/* ---- events ---- */
static bool is_needed_event(const struct filter_need *n, const struct event *e)
{
    return n->what == NEED_EVENTS && (n->event == e->kind || (e->flags & EVENT_JOINED));
}

enum status segment_on_events(struct ctx *cx, const struct follow_batch *b, void *made)
{
    struct live_segments *all;
    struct pass p;
    enum status s = OK;

    (void)made;
    TRY(segments_get(cx, &all));
    pass_begin(cx, all, &p);
    for (size_t i = 0; i < all->count; i++)
        for (size_t k = 0; k < all->list[i].need_count && s == OK; k++) {
            const struct filter_need *n = &all->list[i].needs[k];
            struct ids people = { 0 };
            for (size_t e = 0; e < b->count; e++)
                if (b->contacts[e] && is_needed_event(n, &b->events[e]))
                    ids_add(cx->arena, &people, &b->contacts[e], 1);
            ids_unite(&people);
            s = pass_reach(&p, i, n, n->step_count, people.at, people.count);
        }
    if (s == OK)
        s = pass_run(&p);
    segments_put(cx, all);
    return s;
}

/* ---- time ---- */
enum status segment_due_at(struct ctx *cx, i64 at_ms)
{
    i64 at = (at_ms + DUE_STEP_MS - 1) / DUE_STEP_MS * DUE_STEP_MS, next;
    enum status s = db_get_i64(cx, &next, "segment.due_next");

    if (s == OK && next < at_ms)
        return OK; /* the one that looks at it adds the next */
    if (s != OK && s != E_NOT_FOUND)
        return s;
    return queue_add(cx, "segment.due", arena_printf(cx->arena, "%lld", (long long)at), "{}", at,
                     NULL);
}

static enum status take_due(struct ctx *cx, struct pass *p, size_t *taken)
{
    struct ids segments = { 0 }, contacts = { 0 };

    {
        scoped(stmt_close) struct stmt q =
            db_query(cx, "segment.due_take", I64("now", ctx_now(cx)), I64("limit", TOUCHES));
        while (stmt_next(&q)) {
            ids_add(cx->arena, &segments, &(i64){ col_i64(&q, 0) }, 1);
            ids_add(cx->arena, &contacts, &(i64){ col_i64(&q, 1) }, 1);
        }
        TRY(stmt_status(&q));
    }
    *taken = segments.count;
    for (size_t i = 0; i < segments.count; i++) {
        size_t at = 0;
        TRY(db_run(cx, "segment.due_drop", I64("segment", segments.at[i]),
                   I64("contact", contacts.at[i])));
        while (at < p->all->count && p->all->list[at].id != segments.at[i])
            at++;
        if (contacts.at[i] == 0)
            TRY(segment_fill_later(cx, segments.at[i], false));
        else if (at < p->all->count)
            ids_add(cx->arena, &p->todo[at], &contacts.at[i], 1);
    }
    return OK;
}

static enum status work_off_due(struct ctx *cx, void *arg)
{
    struct live_segments *all;
    struct pass p;
    size_t taken = 0;
    i64 next;
    enum status s;

    TRY(segments_get(cx, &all));
    pass_begin(cx, all, &p);
    s = take_due(cx, &p, &taken);
    if (s == OK)
        s = pass_run(&p);
    segments_put(cx, all);
    TRY(s);
    *(bool *)arg = taken == TOUCHES;
    s = db_get_i64(cx, &next, "segment.due_next");
    if (s != OK)
        return s == E_NOT_FOUND ? OK : s;
    return segment_due_at(cx, next);
}

static enum status due_again(struct ctx *cx, void *arg)
{
    (void)arg;
    return segment_due_at(cx, ctx_now(cx));
}

enum status segment_due_job(struct job_run *job)
{
    bool more;

    TRY(in_parts(job->cx, work_off_due, &more));
    return more ? kit_write(job->cx, due_again, NULL) : OK;
}

/* ---- all of one ---- */
enum status segment_fill_later(struct ctx *cx, i64 segment_id, bool changed)
{
    struct val *payload = val_map(cx->arena);

    val_put_i64(payload, "segment", segment_id);
    val_put_bool(payload, "changed", changed);
    return queue_add(
        cx, "segment.fill",
        arena_printf(cx->arena, "%s%s", id_text(cx->arena, segment_id), changed ? " changed" : ""),
        json_text(cx->arena, payload), ctx_now(cx), NULL);
}

enum status segment_fill_job(struct job_run *job)
{
    return segment_fill(job->cx, val_get_i64(job->payload, "segment", 0),
                        val_get_bool(job->payload, "changed") ? WHY_FILTER : WHY_HAPPENED);
}

enum status segment_refill(struct ctx *cx)
{
    struct live_segments *all;
    enum status s = OK;

    TRY(segments_get(cx, &all));
    for (size_t i = 0; i < all->count && s == OK; i++)
        s = segment_fill_later(cx, all->list[i].id, false);
    segments_put(cx, all);
    return s;
}

enum status segment_fill_all(struct ctx *cx)
{
    struct live_segments *all;
    u64 last = cx->journey ? journey_last_seq(cx->journey) : 0;
    enum status s = OK;

    segments_forget(cx);
    TRY(segments_get(cx, &all));
    for (size_t i = 0; i < all->count && s == OK; i++)
        s = segment_fill(cx, all->list[i].id, WHY_HAPPENED);
    segments_put(cx, all);
    return s == OK ? follow_skip(cx, "segment", last) : s;
}
