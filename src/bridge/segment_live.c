/* segment_live.c -- the live segments in memory, with what each hangs on: a save or an event asks
 * here whether anybody has to look. Read anew once one of them was changed. */
#include "base/id.h"
#include "base/log.h"
#include "bridge/contact.h"
#include "bridge/segment_int.h"
#include "store/queue.h"
#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>

enum { SEGMENTS_MAX = 2000, NESTED_MAX = 16 };

struct segment_state {
    pthread_mutex_t lock;
    struct live_segments *now; /* NULL: to be read */
    atomic_bool changed;
};

static struct segment_state *state_of(struct ctx *cx) { return kit_state(cx->kit, "segment"); }

/* ---- lists of ids ---- */
void ids_add(struct arena *a, struct ids *list, const i64 *ids, size_t count)
{
    if (list->count + count > list->cap) {
        size_t cap = list->cap ? list->cap * 2 : 64;
        while (cap < list->count + count)
            cap *= 2;
        i64 *more = NEW_N(a, i64, cap);
        if (list->count)
            memcpy(more, list->at, list->count * sizeof *more);
        list->at = more;
        list->cap = cap;
    }
    if (count)
        memcpy(list->at + list->count, ids, count * sizeof *ids);
    list->count += count;
}

static int by_id(const void *a, const void *b)
{
    i64 x = *(const i64 *)a, y = *(const i64 *)b;

    return x < y ? -1 : x > y;
}

void ids_unite(struct ids *list)
{
    size_t n = 0;

    if (list->count > 1)
        qsort(list->at, list->count, sizeof *list->at, by_id);
    for (size_t i = 0; i < list->count; i++)
        if (n == 0 || list->at[n - 1] != list->at[i])
            list->at[n++] = list->at[i];
    list->count = n;
}

const char *ids_text(struct ctx *cx, const i64 *ids, size_t count)
{
    struct buf b = buf_in(cx->arena, count * 21 + 3);
    bool lite = db_engine(cx->db) == DB_SQLITE;

    buf_char(&b, lite ? '[' : '{');
    for (size_t i = 0; i < count; i++) {
        if (i)
            buf_char(&b, ',');
        buf_i64(&b, ids[i]);
    }
    buf_char(&b, lite ? ']' : '}');
    return buf_end(&b);
}

/* ---- reading ---- */
static enum status read_one(struct ctx *cx, i64 id, const char *text, struct live_segment *out)
{
    struct filter *f;

    *out = (struct live_segment){ .id = id, .filter = arena_text(cx->arena, text) };
    TRY(filter_parse(cx, &contact_type, out->filter, &f));
    TRY(filter_needs(cx, f, &out->needs, &out->need_count));
    for (size_t i = 0; i < out->need_count; i++)
        out->asks_events |= out->needs[i].what == NEED_EVENTS;
    return OK;
}

static bool names(const struct live_segment *s, i64 id)
{
    for (size_t i = 0; i < s->need_count; i++)
        if (s->needs[i].what == NEED_SET && s->needs[i].set_id == id)
            return true;
    return false;
}

/* Those that others name come first. Circles were refused. */
static void sort_segments(struct live_segments *s)
{
    for (size_t round = 0; round < NESTED_MAX; round++) {
        bool moved = false;
        for (size_t i = 0; i < s->count; i++)
            for (size_t k = i + 1; k < s->count; k++)
                if (names(&s->list[i], s->list[k].id)) {
                    struct live_segment one = s->list[k];
                    memmove(&s->list[i + 1], &s->list[i], (k - i) * sizeof one);
                    s->list[i] = one;
                    moved = true;
                }
        if (!moved)
            return;
    }
}

static enum status read_segments(struct ctx *cx, struct live_segments **out)
{
    scoped(access_leave) struct access_guard guard = access_enter_system(cx);
    scoped(stmt_close) struct stmt q = db_query(cx, "segment.live");
    struct arena *a = arena_new(64 * 1024);
    struct live_segments *s = NEW(a, struct live_segments);
    enum status st;

    *s = (struct live_segments){ .arena = a, .list = NEW_N(a, struct live_segment, SEGMENTS_MAX) };
    while (stmt_next(&q) && s->count < SEGMENTS_MAX) {
        struct ctx part = *cx;
        part.arena = a;
        ctx_clear_error(&part);
        if (read_one(&part, col_i64(&q, 0), col_text(&q, 1), &s->list[s->count]) == OK)
            s->count++;
        else /* of a field that is no more: it stays as it is */
            log_line(LOG_WARN, "segment.filter", "segment=%lld code=%s", (long long)col_i64(&q, 0),
                     part.error_code ? part.error_code : "");
    }
    st = stmt_status(&q);
    if (st != OK) {
        arena_free(a);
        return st;
    }
    sort_segments(s);
    *out = s;
    return OK;
}

static void drop(struct live_segments *s)
{
    if (s && s->users == 0)
        arena_free(s->arena);
    else if (s)
        s->old = true;
}

enum status segments_get(struct ctx *cx, struct live_segments **out)
{
    struct segment_state *state = state_of(cx);
    struct live_segments *fresh = NULL;
    enum status s = OK;

    pthread_mutex_lock(&state->lock);
    if (atomic_exchange(&state->changed, false) || state->now == NULL) {
        s = read_segments(cx, &fresh);
        if (s == OK) {
            drop(state->now);
            state->now = fresh;
        } else {
            atomic_store(&state->changed, true);
        }
    }
    if (s == OK) {
        *out = state->now;
        state->now->users++;
    }
    pthread_mutex_unlock(&state->lock);
    return s;
}

void segments_put(struct ctx *cx, struct live_segments *s)
{
    struct segment_state *state = state_of(cx);
    bool last;

    pthread_mutex_lock(&state->lock);
    last = --s->users == 0 && s->old;
    pthread_mutex_unlock(&state->lock);
    if (last)
        arena_free(s->arena);
}

/* ---- changes ---- */
void segments_forget(struct ctx *cx) { atomic_store(&state_of(cx)->changed, true); }

static void mark_changed(void *arg) { atomic_store(&((struct segment_state *)arg)->changed, true); }

void segments_changed(struct ctx *cx)
{
    db_after_commit(cx, mark_changed, mark_changed, state_of(cx));
}

static void free_state(void *arg)
{
    struct segment_state *state = arg;

    if (state->now)
        arena_free(state->now->arena);
    pthread_mutex_destroy(&state->lock);
    free(state);
}

enum status segments_open(struct ctx *cx)
{
    struct segment_state *state = calloc(1, sizeof *state);

    assert(state != NULL);
    pthread_mutex_init(&state->lock, NULL);
    kit_set_state(cx->kit, "segment", state, free_state);
    return OK;
}

enum status segment_touch(struct ctx *cx, const char *type, i64 record_id, const char *fields,
                          const char *before)
{
    TRY(db_run(cx, "segment.touch", I64("id", kit_new_id(cx)), TEXT("type", type),
               I64("record", record_id), TEXT("fields", fields), TEXT("before", before)));
    return queue_add(cx, "segment.follow", "all", "{}", ctx_now(cx), NULL);
}

enum status segment_touch_members(struct ctx *cx, i64 segment_id, i64 contact_id)
{
    struct live_segments *all;
    bool named = false;

    TRY(segments_get(cx, &all));
    for (size_t i = 0; i < all->count && !named; i++)
        named = names(&all->list[i], segment_id) || names(&all->list[i], 0);
    segments_put(cx, all);
    return named ? segment_touch(cx, "segment_member", contact_id,
                                 arena_printf(cx->arena, "%lld", (long long)segment_id), "")
                 : OK;
}

/* ---- rules of a filter ---- */
/* Whether going from this set through filters one comes to `id`. */
static bool leads_to(const struct live_segments *s, i64 from, i64 id, int depth)
{
    if (from == id || depth == NESTED_MAX)
        return true;
    for (size_t i = 0; i < s->count; i++)
        for (size_t k = 0; s->list[i].id == from && k < s->list[i].need_count; k++)
            if (s->list[i].needs[k].what == NEED_SET &&
                leads_to(s, s->list[i].needs[k].set_id, id, depth + 1))
                return true;
    return false;
}

static enum status check_nested(struct ctx *cx, i64 id, const struct filter_need *needs,
                                size_t count)
{
    struct live_segments *all;
    bool circle = false;

    TRY(segments_get(cx, &all));
    for (size_t i = 0; i < count && !circle; i++)
        circle = needs[i].what == NEED_SET &&
                 (needs[i].set_id == 0 || leads_to(all, needs[i].set_id, id, 0));
    segments_put(cx, all);
    if (!circle)
        return OK;
    return ctx_fail_field(cx, "filter", "segment.circle",
                          "A segment cannot depend on itself, not even through others or through "
                          "\"segments is empty\". Name other segments.");
}

enum status segment_check_filter(struct ctx *cx, struct row *segment)
{
    i64 id = row_id(segment);
    const char *filter = row_text(segment, SEGMENT_FILTER);
    const struct filter_need *needs;
    struct filter *f;
    size_t count;
    const char *why;

    if (text_empty(filter))
        return ctx_fail_field(cx, "filter", "required",
                              "Say who is in it, for example: country = 'Germany'");
    if (filter_parse(cx, &contact_type, filter, &f) != OK ||
        filter_needs(cx, f, &needs, &count) != OK) {
        why = cx->error_text;
        ctx_clear_error(cx);
        return ctx_fail_field(cx, "filter", "filter.invalid", "%s", why);
    }
    if (filter_is_personal(f))
        return ctx_fail_field(cx, "filter", "segment.personal",
                              "A segment is the same for everybody: \"me\" and \"my_team\" cannot "
                              "stand in its filter. Name the person.");
    row_set_text(segment, SEGMENT_FILTER, filter_text(cx, f));
    return check_nested(cx, id, needs, count);
}

/* By their texts, which are kept in their one form: with this segment in the trash they can no
 * longer be read. */
enum status segment_named_by(struct ctx *cx, const struct row *segment, const char **words)
{
    scoped(stmt_close) struct stmt q = db_query(cx, "segment.live");
    struct buf b = buf_in(cx->arena, 1000);
    const char *naming =
        arena_printf(cx->arena, "segments has '%s'", row_text(segment, SEGMENT_SLUG));

    while (stmt_next(&q))
        if (strstr(col_text(&q, 1), naming) && b.len < 300)
            buf_printf(&b, "%s\"%s\"", b.len ? ", " : "", col_text(&q, 2));
    *words = buf_end(&b);
    return stmt_status(&q);
}
