/* booking_free.c -- who of a page's hosts is free when. See booking.h. */
#include "kit/zones.h"
#include "sales/booking.h"
#include <stdlib.h>

enum { BUSY_MOST = 5000 };

static enum status read_busy(struct ctx *cx, i64 user, i64 from, i64 until, i64 except,
                             struct slot_rule *r)
{
    scoped(stmt_close) struct stmt q =
        db_query(cx, "booking.busy", I64("user", user), I64("from", from), I64("until", until),
                 I64("except", except));
    struct slot_busy *list = NULL;
    size_t cap = 0, n = 0;

    while (n < BUSY_MOST && stmt_next(&q)) {
        if (n == cap) {
            struct slot_busy *more = NEW_N(cx->arena, struct slot_busy, cap ? cap * 2 : 64);
            if (n > 0)
                memcpy(more, list, n * sizeof *more);
            list = more;
            cap = cap ? cap * 2 : 64;
        }
        list[n++] = (struct slot_busy){ col_i64(&q, 0), col_i64(&q, 1) };
    }
    r->busy = list;
    r->busy_count = n;
    return stmt_status(&q);
}

static enum status read_booked(struct ctx *cx, i64 page, i64 user, i64 from, i64 until, i64 except,
                               struct slot_rule *r)
{
    scoped(stmt_close) struct stmt q =
        db_query(cx, "booking.booked", I64("page", page), I64("user", user),
                 I64("from", from - MS_DAY), I64("until", until + MS_DAY), I64("except", except));
    i64 *list;
    size_t n = 0;

    if (r->most_a_day == 0)
        return OK;
    list = NEW_N(cx->arena, i64, BUSY_MOST);
    while (n < BUSY_MOST && stmt_next(&q))
        list[n++] = col_i64(&q, 0);
    r->booked = list;
    r->booked_count = n;
    return stmt_status(&q);
}

static enum status read_hosts(struct ctx *cx, const struct row *page, i64 host,
                              struct booking_free *f)
{
    scoped(stmt_close) struct stmt q = db_query(cx, "booking.hosts", I64("page", row_id(page)),
                                                I64("owner", row_i64(page, BOOKING_OWNER)));

    while (f->hosts < BOOKING_HOSTS_MOST && stmt_next(&q))
        if (host == 0 || col_i64(&q, 0) == host)
            f->users[f->hosts++] = col_i64(&q, 0);
    return stmt_status(&q);
}

/* What holds for all hosts of the page. */
static enum status rule_of(struct ctx *cx, const struct row *page, int minutes,
                           struct slot_rule *out)
{
    i64 now = ctx_now(cx);
    struct hours *own = NULL, *workspace = hours_of_workspace(cx);

    if (row_has(page, BOOKING_HOURS))
        TRY(hours_read(cx, "hours", row_text(page, BOOKING_HOURS), &own));
    *out = (struct slot_rule){
        .zone = zone_or_own(cx, row_text(page, BOOKING_ZONE)),
        .hours = own != NULL ? own : workspace,
        .off = workspace,
        .minutes = minutes,
        .step_minutes = (int)row_i64(page, BOOKING_STEP),
        .before_minutes = (int)row_i64(page, BOOKING_BEFORE),
        .after_minutes = (int)row_i64(page, BOOKING_AFTER),
        .most_a_day = (int)row_i64(page, BOOKING_MOST),
        .earliest_ms = now + row_i64(page, BOOKING_NOTICE) * MS_HOUR,
        .until_ms = now + row_i64(page, BOOKING_AHEAD) * MS_DAY,
    };
    return OK;
}

enum status booking_free_read(struct ctx *cx, const struct row *page, int minutes, i64 from_ms,
                              i64 until_ms, i64 except, i64 host, struct booking_free **out)
{
    struct booking_free *f = NEW(cx->arena, struct booking_free);
    struct slot_rule rule;

    f->all = text_is(row_text(page, BOOKING_MODE), "all");
    TRY(rule_of(cx, page, minutes, &rule));
    TRY(read_hosts(cx, page, f->all ? 0 : host, f));
    for (size_t i = 0; i < f->hosts; i++) {
        f->rules[i] = rule;
        TRY(read_busy(cx, f->users[i], from_ms - MS_DAY, until_ms + MS_DAY, except, &f->rules[i]));
        TRY(read_booked(cx, row_id(page), f->users[i], from_ms, until_ms, except, &f->rules[i]));
        TRY(db_get_i64(cx, &f->upcoming[i], "booking.upcoming", I64("user", f->users[i]),
                       I64("now", ctx_now(cx)), I64("except", except)));
    }
    *out = f;
    return OK;
}

static int by_time(const void *a, const void *b)
{
    i64 x = *(const i64 *)a, y = *(const i64 *)b;

    return x < y ? -1 : x > y;
}

/* How many hosts must have it: all of them, or any. */
static size_t those_that_enough_have(const struct booking_free *f, i64 *all, size_t count,
                                     i64 out[SLOTS_OF_DAY])
{
    size_t need = f->all ? f->hosts : 1, n = 0;

    if (count > 1)
        qsort(all, count, sizeof *all, by_time);
    for (size_t i = 0, k; i < count && n < SLOTS_OF_DAY; i = k) {
        for (k = i; k < count && all[k] == all[i];)
            k++;
        if (k - i >= need)
            out[n++] = all[i];
    }
    return n;
}

size_t booking_slots(struct ctx *cx, const struct booking_free *f, const struct zone *z, i64 day,
                     i64 out[SLOTS_OF_DAY])
{
    i64 from = zone_instant(z, day, 0), until = zone_instant(z, day + 1, 0);
    i64 *all = NEW_N(cx->arena, i64, f->hosts * SLOTS_OF_DAY * 3 + 1), slots[SLOTS_OF_DAY];
    size_t count = 0;

    for (size_t h = 0; h < f->hosts; h++) {
        i64 first = zone_day(f->rules[h].zone, from), last = zone_day(f->rules[h].zone, until - 1);
        for (i64 d = first; d <= last; d++) {
            size_t n = slots_of_day(cx, &f->rules[h], d, slots);
            for (size_t i = 0; i < n; i++)
                if (slots[i] >= from && slots[i] < until)
                    all[count++] = slots[i];
        }
    }
    return f->hosts == 0 ? 0 : those_that_enough_have(f, all, count, out);
}

i64 booking_host_for(struct ctx *cx, const struct booking_free *f, i64 at_ms)
{
    i64 best = 0, fewest = 0;

    for (size_t h = 0; h < f->hosts; h++) {
        bool is_free = slot_is(cx, &f->rules[h], at_ms);
        if (f->all && !is_free)
            return 0;
        if (!is_free || (best != 0 && (f->all || f->upcoming[h] >= fewest)))
            continue;
        best = f->users[h];
        fewest = f->upcoming[h];
    }
    return best;
}
