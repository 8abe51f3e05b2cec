/* calendar_read.c -- see calendar.h. */
#include "base/id.h"
#include "base/utf8.h"
#include "sales/activity.h"
#include "sales/calendar.h"
#include <stdlib.h>

enum { TASK_MINUTES = 30 };

static struct entry *add(struct entry *list, size_t *count)
{
    return *count < ENTRIES_MOST ? &list[(*count)++] : NULL;
}

/* Whether the asking user may read somebody's activities: else only that they are busy. */
static bool sees(struct ctx *cx, i64 user_id, i64 team_id)
{
    enum scope s = access_scope(cx->access, "activity", VERB_READ);

    return cx->access->system || user_id == cx->access->user_id || s == SCOPE_ALL ||
           (s == SCOPE_TEAM && team_id != 0 && team_id == cx->access->team_id);
}

static enum status read_activities(struct ctx *cx, i64 user, i64 from, i64 until, bool seen,
                                   struct entry *list, size_t *count)
{
    scoped(stmt_close) struct stmt q =
        db_query(cx, "calendar.activities", I64("user", user), I64("from", from - MS_DAY),
                 I64("until", until + MS_DAY));
    struct entry *e;

    while (stmt_next(&q)) {
        const char *kind = col_text(&q, 1), *subject = col_text(&q, 2);
        bool meeting = text_is(kind, "meeting");
        i64 minutes = col_i64(&q, 4) > 0 ? col_i64(&q, 4) : TASK_MINUTES;
        i64 at = col_i64(&q, 3), begin = meeting ? at : at - TASK_MINUTES * MS_MINUTE;
        i64 end = meeting ? at + minutes * MS_MINUTE : at;
        if (begin >= until || end <= from || (!seen && !meeting) || (e = add(list, count)) == NULL)
            continue;
        *e = (struct entry){ .from_ms = begin,
                             .until_ms = end,
                             .task = !meeting,
                             .done = col_i64(&q, 5) != 0,
                             .busy_only = !seen,
                             .id = col_i64(&q, 0),
                             .contact_id = col_i64(&q, 6),
                             .user_id = user,
                             .changed_ms = col_i64(&q, 8),
                             .title = "Busy",
                             .path = "",
                             .place = "" };
        if (!seen)
            continue;
        e->title = subject[0] ? arena_text(cx->arena, subject) : "No subject";
        e->place = arena_text(cx->arena, col_text(&q, 7));
        e->path = arena_printf(cx->arena, "/activities/%s", id_text(cx->arena, e->id));
    }
    return stmt_status(&q);
}

/* Other calendars are private: colleagues learn when, not what. */
static enum status read_others(struct ctx *cx, i64 user, i64 from, i64 until, struct entry *list,
                               size_t *count)
{
    bool own = user == cx->access->user_id;
    scoped(stmt_close) struct stmt q = db_query(cx, "calendar.instances", I64("user", user),
                                                I64("from", from), I64("until", until));
    struct entry *e;

    while (stmt_next(&q)) {
        bool busy = col_i64(&q, 3) != 0;
        if ((!own && !busy) || (e = add(list, count)) == NULL)
            continue;
        *e = (struct entry){ .from_ms = col_i64(&q, 0),
                             .until_ms = col_i64(&q, 1),
                             .all_day = col_i64(&q, 2) != 0,
                             .busy_only = !own,
                             .user_id = user,
                             .title = "Busy",
                             .path = "",
                             .place = "" };
        if (own) {
            const char *title = col_text(&q, 4);
            e->title = title[0] ? arena_text(cx->arena, title) : "No title";
            e->place = arena_text(cx->arena, col_text(&q, 5));
        }
    }
    return stmt_status(&q);
}

static int by_begin(const void *a, const void *b)
{
    const struct entry *x = a, *y = b;

    if (x->from_ms != y->from_ms)
        return x->from_ms < y->from_ms ? -1 : 1;
    if (x->until_ms != y->until_ms) /* the longer first */
        return x->until_ms > y->until_ms ? -1 : 1;
    return x->id < y->id ? -1 : x->id > y->id;
}

enum status entries_read(struct ctx *cx, i64 user_id, i64 from_ms, i64 until_ms, struct entry **out,
                         size_t *count)
{
    struct entry *list = NEW_N(cx->arena, struct entry, ENTRIES_MOST);
    i64 team = 0;
    enum status s = db_get_i64(cx, &team, "calendar.team_of", I64("user", user_id));

    if (s != OK && s != E_NOT_FOUND)
        return s;
    *count = 0;
    TRY(read_activities(cx, user_id, from_ms, until_ms, sees(cx, user_id, team), list, count));
    TRY(read_others(cx, user_id, from_ms, until_ms, list, count));
    qsort(list, *count, sizeof *list, by_begin);
    *out = list;
    return OK;
}

/* ---- beside each other ---- */
static i64 end_of(const struct entry *e, i64 least_ms)
{
    return e->until_ms - e->from_ms < least_ms ? e->from_ms + least_ms : e->until_ms;
}

/* The first lane in which nothing of this cluster still goes on. */
static int free_lane(const struct entry *e, size_t first, size_t at, i64 least_ms)
{
    for (int lane = 0;; lane++) {
        bool taken = false;
        for (size_t k = first; k < at && !taken; k++)
            taken = e[k].lane == lane && !e[k].all_day && end_of(&e[k], least_ms) > e[at].from_ms;
        if (!taken)
            return lane;
    }
}

void entry_lay(struct entry *e, size_t count, i64 least_ms)
{
    for (size_t first = 0, next; first < count; first = next) {
        i64 end = end_of(&e[first], least_ms);
        int lanes = 1;
        e[first].lane = 0;
        for (next = first + 1; next < count && e[next].from_ms < end; next++) {
            e[next].lane = free_lane(e, first, next, least_ms);
            if (e[next].lane + 1 > lanes)
                lanes = e[next].lane + 1;
            if (end_of(&e[next], least_ms) > end)
                end = end_of(&e[next], least_ms);
        }
        for (size_t k = first; k < next; k++)
            e[k].lanes = lanes;
    }
}
