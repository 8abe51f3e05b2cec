/* promise.c -- what both teams promised each other: marketing so many leads and such that sales
 * takes, sales to answer and to call in time. Targets are records (target.c), numbers come from the
 * question engine, each with the rows behind it; both teams see the same page. */
#include "bridge/handoff.h"
#include "kit/filter.h"
#include "kit/pages.h"
#include "kit/question.h"
#include "kit/question_show.h"
#include "kit/show.h"

enum { PEOPLE_MAX = 50 };

static const struct promise {
    const char *metric, *team;
} promises[] = {
    { "leads_handed_over", "marketing" }, { "acceptance_rate", "marketing" },
    { "time_to_accept", "sales" },        { "time_to_first_touch", "sales" },
    { "follow_up_rate", "sales" },
};
enum { PROMISES = countof(promises) };

struct asked {
    const struct val *whole[PROMISES], *people[PROMISES]; /* NULL: the user may not ask it */
};

static enum status ask(struct ctx *cx, const struct question *period, struct asked *a)
{
    struct question qs[2 * PROMISES];
    struct val *got[2 * PROMISES];
    const struct val **into[2 * PROMISES];
    size_t count = 0;

    *a = (struct asked){ 0 };
    for (size_t i = 0; i < 2 * PROMISES; i++) {
        bool people = i >= PROMISES;
        struct question q = *period;
        q.metric = promises[i % PROMISES].metric;
        q.dimension = people ? "owner" : show_period_unit(period);
        q.limit = people ? PEOPLE_MAX : 0;
        if (people)
            q.compare_from_ms = q.compare_to_ms = 0;
        if (!question_allowed(cx, &q))
            continue;
        into[count] = people ? &a->people[i % PROMISES] : &a->whole[i];
        qs[count++] = q;
    }
    TRY(question_ask_many(cx, qs, count, got));
    for (size_t i = 0; i < count; i++)
        *into[i] = got[i];
    return OK;
}

/* ---- kept or not ---- */
static void put_kept(const struct val *answer, struct val *into)
{
    const struct val *value = val_get(answer, "value"), *target = val_get(answer, "target");
    bool less = val_get_bool(answer, "less_is_better"), known = value && !val_is_null(value),
         aims = target && !val_is_null(target);
    double is = val_as_double(value, 0), wants = val_as_double(target, 0);
    bool kept = less ? is <= wants : is >= wants;

    val_put_bool(into, "aims", aims);
    val_put_text(into, "target", aims ? val_get_text(answer, "target_text") : "");
    val_put_text(into, "target_url", val_get_text(answer, "target_rows_path"));
    val_put_text(into, "wants", less ? "at most" : "at least");
    val_put_text(into, "kept",
                 !aims    ? ""
                 : !known ? "nothing to measure yet"
                 : kept   ? "kept"
                          : "not kept");
    val_put_text(into, "tone", !aims || !known ? "grey" : kept ? "green" : "red");
}

static void put_promises(struct ctx *cx, const struct asked *a, const char *team, struct val *list)
{
    bool may = access_scope(cx->access, "target", VERB_CREATE) != SCOPE_NONE;

    for (size_t i = 0; i < PROMISES; i++) {
        struct val *one;
        if (!text_is(promises[i].team, team) || a->whole[i] == NULL)
            continue;
        show_tile(cx, a->whole[i], list);
        one = (struct val *)val_at(list, val_count(list) - 1);
        put_kept(a->whole[i], one);
        val_put_text(one, "set_url",
                     may ? arena_printf(cx->arena, "/targets/new?metric=%s", promises[i].metric)
                         : "");
    }
}

/* ---- by salesperson ---- */
static const struct val *group_of(const struct val *answer, const char *key)
{
    const struct val *groups = val_get(answer, "groups");

    for (size_t i = 0; i < val_count(groups); i++)
        if (text_is(val_as_text(val_get(val_at(groups, i), "key"), ""), key))
            return val_at(groups, i);
    return NULL;
}

static void put_person(const struct asked *a, const char *key, const char *name, struct val *rows)
{
    struct val *row = val_add_map(rows), *cells = val_put_list(row, "cells");

    val_put_text(row, "text", name);
    for (size_t i = 0; i < PROMISES; i++) {
        const struct val *g = a->people[i] ? group_of(a->people[i], key) : NULL;
        struct val *cell;
        if (a->people[i] == NULL)
            continue;
        cell = val_add_map(cells);
        val_put_text(cell, "text", g ? val_get_text(g, "text") : "–");
        val_put_text(cell, "url", g ? val_get_text(g, "rows_path") : "");
    }
}

/* Whoever got a lead in the period, and whoever answered one. */
static void put_people(struct ctx *cx, const struct asked *a, struct val *page)
{
    struct val *heads = val_put_list(page, "heads"), *rows = val_put_list(page, "people");
    struct val *seen = val_list(cx->arena);

    for (size_t i = 0; i < PROMISES; i++) {
        const struct val *groups = a->people[i] ? val_get(a->people[i], "groups") : NULL;
        if (a->people[i])
            val_put_text(val_add_map(heads), "text", val_get_text(a->people[i], "label"));
        for (size_t k = 0; k < val_count(groups); k++) {
            const struct val *g = val_at(groups, k);
            const char *key = val_as_text(val_get(g, "key"), "");
            bool known = key[0] == '\0' || val_get_bool(g, "other");
            for (size_t n = 0; n < val_count(seen) && !known; n++)
                known = text_is(val_as_text(val_at(seen, n), ""), key);
            if (known)
                continue;
            val_add(seen, val_text(cx->arena, key));
            put_person(a, key, val_get_text(g, "label"), rows);
        }
    }
    val_put_bool(page, "has_people", val_count(rows) > 0);
}

/* ---- what waits just now ---- */
static enum status put_waiting(struct ctx *cx, struct val *page)
{
    i64 waiting, late;

    TRY(list_count(cx, &handoff_type, "status = 'pending'", "", 0, &waiting));
    TRY(list_count(cx, &handoff_type, "status = 'pending' and due_at < now", "", 0, &late));
    val_put_text(page, "waiting", show_number(cx->arena, waiting));
    val_put_text(page, "late", show_number(cx->arena, late));
    val_put_bool(page, "any_late", late > 0);
    val_put_printf(page, "late_url", "/handoffs?filter=%s",
                   http_url_encode(cx->arena, "status = 'pending' and due_at < now"));
    return OK;
}

/* GET /promises?period=this_month */
static enum status promises_page(struct req *rq)
{
    struct ctx *cx = rq->cx;
    struct val *page = val_map(cx->arena);
    struct question period = { 0 };
    struct asked a;
    const char *name;

    TRY(show_period_read(rq, &name, &period));
    TRY(ask(cx, &period, &a));
    val_put_text(page, "title", "Promises");
    show_period_put(cx, name, "/promises", page);
    put_promises(cx, &a, "marketing", val_put_list(page, "marketing"));
    put_promises(cx, &a, "sales", val_put_list(page, "sales"));
    put_people(cx, &a, page);
    TRY(put_waiting(cx, page));
    return reply(rq, "promise/page", page);
}

static const struct route routes[] = {
    { HTTP_GET, "/promises", promises_page, NEEDS("handoff", VERB_READ) },
};
static const struct menu_item menu[] = {
    { "insight", "Promises", "/promises", "hand-stop", "handoff", 25,
      "What marketing and sales promised each other, and how well it is kept" },
};
const struct feature feature_promise = { .name = "promise", ROUTES(routes), MENU(menu) };
