/* form_count.c -- views, starts and posts of forms, gathered in memory. What is rolled back counts
 * again; what a full table cannot name is counted under "(other)". */
#include "marketing/form_count.h"
#include "base/utf8.h"
#include "kit/show.h"
#include "marketing/arrival.h"
#include <pthread.h>
#include <stdlib.h>

enum { PLACES = 4096, SOURCE_BYTES = 80, SOURCES_OF_ONE = 200, SHOWN_SOURCES = 12 };

struct tally {
    i64 form_id, day, counts[FORM_COUNTS];
    char source[SOURCE_BYTES];
};
struct counter {
    pthread_mutex_t lock;
    size_t count;
    struct tally list[PLACES];
};

static void counter_free(void *state)
{
    struct counter *c = state;

    pthread_mutex_destroy(&c->lock);
    free(c);
}

static struct counter *counter_of(struct ctx *cx) { return kit_state(cx->kit, "form_count"); }

static bool same(const struct tally *a, const struct tally *b)
{
    return a->form_id == b->form_id && a->day == b->day && text_is(a->source, b->source);
}

/* With the lock. */
static void add(struct counter *c, struct tally more)
{
    size_t of_form = 0;

    for (size_t i = c->count; i-- > 0;) {
        struct tally *one = &c->list[i];
        of_form += one->form_id == more.form_id && one->day == more.day;
        if (!same(one, &more))
            continue;
        for (int k = 0; k < FORM_COUNTS; k++)
            one->counts[k] += more.counts[k];
        return;
    }
    if (of_form >= SOURCES_OF_ONE && !text_is(more.source, "(other)")) {
        memcpy(more.source, "(other)", sizeof "(other)");
        add(c, more);
        return;
    }
    if (c->count < PLACES)
        c->list[c->count++] = more;
}

void form_count(struct ctx *cx, i64 form_id, const char *source, enum form_step what)
{
    struct counter *c = counter_of(cx);
    struct tally one = { .form_id = form_id, .day = zone_day(kit_zone(cx), ctx_now(cx)) };
    const char *cut = utf8_cut(cx->arena, source, SOURCE_BYTES - 1);

    memcpy(one.source, cut, strlen(cut) + 1);
    one.counts[what] = 1;
    pthread_mutex_lock(&c->lock);
    add(c, one);
    pthread_mutex_unlock(&c->lock);
}

const char *form_source(struct ctx *cx, const char *page_url, const char *referrer)
{
    struct address page, from;
    struct campaign_link link;
    struct str host = STR("");

    if (!address_read(cx->arena, str_from(page_url), &page))
        page = (struct address){ .host = STR("") };
    if (address_read(cx->arena, str_from(referrer), &from) && !str_equal(from.host, page.host))
        host = from.host;
    if (page.query.len == 0 && host.len == 0)
        return "";
    link_read(cx->arena, page.query, host, &link);
    return str_dup(cx->arena, link.arrival.source);
}

/* ---- writing ---- */
struct taken {
    struct counter *from;
    size_t count;
    struct tally list[];
};
static void forget(void *taken) { free(taken); }
static void give_back(void *arg)
{
    struct taken *t = arg;

    pthread_mutex_lock(&t->from->lock);
    for (size_t i = 0; i < t->count; i++)
        add(t->from, t->list[i]);
    pthread_mutex_unlock(&t->from->lock);
    free(t);
}

enum status form_count_write(struct ctx *cx)
{
    struct counter *c = counter_of(cx);
    struct taken *t;
    enum status s = OK;

    pthread_mutex_lock(&c->lock);
    t = malloc(sizeof *t + c->count * sizeof *t->list);
    assert(t != NULL);
    t->from = c;
    t->count = c->count;
    memcpy(t->list, c->list, c->count * sizeof *t->list);
    c->count = 0;
    pthread_mutex_unlock(&c->lock);
    for (size_t i = 0; i < t->count && s == OK; i++) {
        const struct tally *one = &t->list[i];
        s = db_run(cx, "form_count.add", I64("form", one->form_id), I64("day", one->day),
                   TEXT("source", one->source), I64("views", one->counts[FORM_VIEWED]),
                   I64("starts", one->counts[FORM_STARTED]), I64("submits", one->counts[FORM_SENT]),
                   I64("refused", one->counts[FORM_REFUSED]));
    }
    if (s == OK)
        db_after_commit(cx, forget, give_back, t);
    else
        give_back(t);
    return s;
}

/* ---- showing ---- */

static const char *rate_text(struct ctx *cx, i64 part, i64 whole)
{
    if (whole <= 0)
        return "–";
    return arena_printf(cx->arena, "%.1f%%", 100.0 * (double)part / (double)whole);
}

static void put_counts(struct ctx *cx, struct val *one, i64 views, i64 starts, i64 submits)
{
    val_put_text(one, "views", show_number(cx->arena, views));
    val_put_text(one, "starts", show_number(cx->arena, starts));
    val_put_text(one, "submits", show_number(cx->arena, submits));
    val_put_i64(one, "views_number", views);
    val_put_i64(one, "starts_number", starts);
    val_put_i64(one, "submits_number", submits);
    val_put_text(one, "start_rate", rate_text(cx, starts, views));
    val_put_text(one, "rate", rate_text(cx, submits, views));
}

enum status form_count_put(struct ctx *cx, i64 form_id, int days, struct val *page)
{
    i64 today = zone_day(kit_zone(cx), ctx_now(cx)), from = today - days + 1;
    struct val *out = val_put_map(page, "rate"), *by_day = val_put_list(out, "days"),
               *by_source = val_put_list(out, "sources");
    scoped(stmt_close) struct stmt q =
        db_query(cx, "form_count.days", I64("form", form_id), I64("from_day", from));
    i64 views = 0, starts = 0, submits = 0, refused = 0, next = from;

    while (stmt_next(&q)) {
        i64 day = col_i64(&q, 0);
        for (; next <= day; next++) { /* days without a visitor are days too */
            struct val *one = val_add_map(by_day);
            bool here = next == day;
            val_put_text(one, "day", date_iso(cx->arena, next));
            put_counts(cx, one, here ? col_i64(&q, 1) : 0, here ? col_i64(&q, 2) : 0,
                       here ? col_i64(&q, 3) : 0);
        }
        views += col_i64(&q, 1);
        starts += col_i64(&q, 2);
        submits += col_i64(&q, 3);
        refused += col_i64(&q, 4);
    }
    TRY(stmt_status(&q));
    for (; next <= today && val_count(by_day) > 0; next++) {
        struct val *one = val_add_map(by_day);
        val_put_text(one, "day", date_iso(cx->arena, next));
        put_counts(cx, one, 0, 0, 0);
    }
    stmt_close(&q);
    q = db_query(cx, "form_count.sources", I64("form", form_id), I64("from_day", from),
                 I64("limit", SHOWN_SOURCES));
    while (stmt_next(&q)) {
        struct val *one = val_add_map(by_source);
        const char *source = arena_text(cx->arena, col_text(&q, 0));
        val_put_text(one, "source", text_empty(source) ? "direct" : source);
        put_counts(cx, one, col_i64(&q, 1), col_i64(&q, 2), col_i64(&q, 3));
    }
    put_counts(cx, out, views, starts, submits);
    val_put_text(out, "refused", refused > 0 ? show_number(cx->arena, refused) : "");
    val_put_bool(out, "any", views + starts + submits > 0);
    return stmt_status(&q);
}

static enum status count_start(struct ctx *cx)
{
    struct counter *c = calloc(1, sizeof *c);

    assert(c != NULL);
    pthread_mutex_init(&c->lock, NULL);
    kit_set_state(cx->kit, "form_count", c, counter_free);
    return OK;
}

static enum status write_job(struct job_run *job) { return form_count_write(job->cx); }

static const struct job_type jobs[] = {
    { "form_count.write", "Write down how often forms were seen", write_job, .every_ms = MS_MINUTE,
      .writes = true },
};
const struct feature feature_form_count = { .name = "form_count",
                                            JOBS(jobs),
                                            .start = count_start };
