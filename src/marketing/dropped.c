/* dropped.c -- counting what is not counted. A site of which more is dropped than there are places
 * loses nothing but the difference between days and reasons: there are more places than either. */
#include "marketing/dropped.h"
#include "journey/journey.h"
#include "kit/show.h"
#include <pthread.h>
#include <stdlib.h>

enum { PLACES = 4096 }; /* of day, site and reason between two writes */

struct drop {
    i64 day, count;
    u32 site;
    u8 fate;
};
struct dropped {
    pthread_mutex_t lock;
    size_t count;
    struct drop list[PLACES];
};

struct dropped *dropped_new(void)
{
    struct dropped *d = calloc(1, sizeof *d);

    assert(d != NULL);
    pthread_mutex_init(&d->lock, NULL);
    return d;
}

void dropped_free(struct dropped *d)
{
    pthread_mutex_destroy(&d->lock);
    free(d);
}

/* With the lock. */
static void add(struct dropped *d, const struct drop *more)
{
    for (size_t i = d->count; i-- > 0;) {
        struct drop *one = &d->list[i];
        if (one->day == more->day && one->site == more->site && one->fate == more->fate) {
            one->count += more->count;
            return;
        }
    }
    if (d->count < PLACES)
        d->list[d->count++] = *more;
}

void dropped_count(struct dropped *d, i64 day, u32 site, enum hit_fate fate)
{
    pthread_mutex_lock(&d->lock);
    add(d, &(struct drop){ .day = day, .count = 1, .site = site, .fate = (u8)fate });
    pthread_mutex_unlock(&d->lock);
}

/* What was taken out, until it is durable. */
struct taken {
    struct dropped *from;
    size_t count;
    struct drop list[];
};
static void forget(void *taken) { free(taken); }
static void give_back(void *arg)
{
    struct taken *t = arg;

    pthread_mutex_lock(&t->from->lock);
    for (size_t i = 0; i < t->count; i++)
        add(t->from, &t->list[i]);
    pthread_mutex_unlock(&t->from->lock);
    free(t);
}

enum status dropped_write(struct ctx *cx, struct dropped *d)
{
    struct taken *t;
    enum status s = OK;

    pthread_mutex_lock(&d->lock);
    t = malloc(sizeof *t + d->count * sizeof *t->list);
    assert(t != NULL);
    t->from = d;
    t->count = d->count;
    memcpy(t->list, d->list, d->count * sizeof *t->list);
    d->count = 0;
    pthread_mutex_unlock(&d->lock);
    for (size_t i = 0; i < t->count && s == OK; i++)
        s = db_run(cx, "dropped.add", I64("day", t->list[i].day),
                   TEXT("site", journey_name(cx->journey, DICT_SITE, t->list[i].site)),
                   TEXT("reason", hit_fate_word((enum hit_fate)t->list[i].fate)),
                   I64("count", t->list[i].count));
    if (s == OK)
        db_after_commit(cx, forget, give_back, t);
    else
        give_back(t);
    return s;
}

static const struct {
    enum hit_fate fate;
    const char *text;
} reasons[] = {
    { HIT_BOT, "known programs" },
    { HIT_MACHINE, "data centres and threats, as the proxy says" },
    { HIT_EXCLUDED, "addresses left out" },
    { HIT_AGENT, "programs left out by a rule" },
    { HIT_PAGE, "pages left out" },
    { HIT_UNKNOWN_SITE, "from unknown sites" },
    { HIT_BAD_URL, "without a page's address" },
};

static const char *reason_text(const char *word)
{
    for (size_t i = 0; i < countof(reasons); i++)
        if (text_is(hit_fate_word(reasons[i].fate), word))
            return reasons[i].text;
    return word;
}

enum status dropped_put(struct ctx *cx, i64 from_day, i64 to_day, const char *site,
                        struct val *page)
{
    scoped(stmt_close) struct stmt q = db_query(cx, "dropped.between", I64("from_day", from_day),
                                                I64("to_day", to_day), TEXT("site", site));
    struct val *out = val_put_map(page, "left_out"), *list = val_put_list(out, "reasons");
    i64 total = 0;

    while (stmt_next(&q)) {
        struct val *one = val_add_map(list);
        const char *word = arena_text(cx->arena, col_text(&q, 0));
        total += col_i64(&q, 1);
        val_put_text(one, "reason", word);
        val_put_text(one, "text", reason_text(word));
        val_put_text(one, "count", show_number(cx->arena, col_i64(&q, 1)));
        val_put_i64(one, "number", col_i64(&q, 1));
    }
    val_put_text(out, "total", show_number(cx->arena, total));
    val_put_bool(out, "any", total > 0);
    return stmt_status(&q);
}
