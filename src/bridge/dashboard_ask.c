/* dashboard_ask.c -- what a dashboard is asked for, and asking it: its conditions go to the tiles
 * they make sense for, then all tiles' numbers are asked at once, so that journeys are walked once
 * for the whole page. */
#include "base/id.h"
#include "base/utf8.h"
#include "bridge/channel.h"
#include "bridge/dashboard_int.h"
#include "kit/kit.h"
#include "kit/question_show.h"
#include "kit/show.h"

enum { SHOWN_BYTES = 60 };

/* ---- what is asked ---- */
/* The conditions of the address, or, where it has none of its own, those that are kept. An address
 * says so with `all`: then nothing but what it says. */
static enum status conditions_of(struct ctx *cx, const struct row *row, const struct val *from,
                                 const struct val **out, bool *kept_ones)
{
    const char *kept = row ? row_text(row, DASHBOARD_FILTERS) : "";
    struct val *pairs;

    *out = from;
    for (size_t i = 0; i < val_count(from); i++) {
        const char *name = val_key_at(from, i);
        if (text_is(name, "all") || text_is(name, "owner") || text_is(name, "team") ||
            dimension_find(cx, name))
            return OK;
    }
    *kept_ones = true;
    TRY(http_form_parse(cx, str_from(kept), &pairs));
    *out = pairs;
    return OK;
}

/* A person or team by id. E_INVALID: there is none. */
static enum status read_who(struct ctx *cx, const struct val *from, const char *name,
                            const char *type, const char **id, const char **title)
{
    const char *text = val_print(cx->arena, val_get(from, name));
    const struct record_type *t = type_find(cx, type);
    i64 number;

    *id = *title = "";
    if (text[0] == '\0')
        return OK;
    if (t && id_parse(str_from(text), &number))
        TRY(record_titles(cx, t, &number, 1, title));
    if ((*title)[0] == '\0')
        return ctx_fail_code(cx, E_INVALID, "dashboard.who",
                             "There is no %s '%s': take the filter away.", name,
                             utf8_cut(cx->arena, text, SHOWN_BYTES));
    *id = text;
    return OK;
}

static const char *asked_text(struct ctx *cx, const struct val *from, const char *name,
                              const char *otherwise)
{
    const char *text = val_print(cx->arena, val_get(from, name));

    return text[0] ? text : otherwise;
}

static const char *asked_period(struct ctx *cx, const struct row *row, const struct val *from)
{
    const char *first = asked_text(cx, from, "from", ""), *last = asked_text(cx, from, "to", "");
    const char *kept = row ? row_text(row, DASHBOARD_PERIOD) : "";

    if (first[0] && last[0])
        return arena_printf(cx->arena, "%s..%s", utf8_cut(cx->arena, first, 20),
                            utf8_cut(cx->arena, last, 20));
    return asked_text(cx, from, "period", kept[0] ? kept : "last_30_days");
}

enum status board_read(struct ctx *cx, const struct row *row, const struct val *from,
                       struct board *b)
{
    const struct val *conditions = from;
    const char *kept = row ? row_text(row, DASHBOARD_COMPARE) : "";
    enum status s, next;

    *b = (struct board){ .cx = cx,
                         .row = row,
                         .period = asked_period(cx, row, from),
                         .compare = asked_text(cx, from, "compare", kept[0] ? kept : "previous"),
                         .owner = "",
                         .team = "",
                         .owner_name = "",
                         .team_name = "" };
    s = question_read_period(cx, b->period, b->compare, &b->q);
    if (s != OK) { /* the rest of the page is shown with what does make sense */
        b->period = "last_30_days";
        b->compare = "previous";
        next = question_read_period(cx, b->period, b->compare, &b->q);
        assert(next == OK);
    }
    next = conditions_of(cx, row, from, &conditions, &b->kept);
    s = s == OK ? next : s;
    next = question_read_where(cx, conditions, &b->q);
    if (next != OK)
        b->q.where_count = 0;
    s = s == OK ? next : s;
    next = read_who(cx, conditions, "owner", "user", &b->owner, &b->owner_name);
    s = s == OK ? next : s;
    next = read_who(cx, conditions, "team", "team", &b->team, &b->team_name);
    return s == OK ? next : s;
}

enum status board_tiles(const struct board *b, struct row ***tiles, size_t *count)
{
    struct list_query lq = { .filter = arena_printf(b->cx->arena, "dashboard_id = '%s'",
                                                    id_text(b->cx->arena, row_id(b->row))),
                             .sort = "position",
                             .limit = BOARD_TILES_MAX };
    struct list_page page;

    *count = 0;
    if (access_scope(b->cx->access, tile_type.name, VERB_READ) == SCOPE_NONE)
        return OK;
    TRY(list_run(b->cx, &tile_type, &lq, &page));
    *tiles = page.rows;
    *count = page.count;
    return OK;
}

/* ---- conditions for one number ---- */
static void note(struct tile *t, const char *text)
{
    for (size_t i = 0; i < val_count(t->notes); i++)
        if (text_is(val_as_text(val_at(t->notes, i), ""), text))
            return;
    val_add_text(t->notes, text);
}

/* The dashboard's conditions on journeys, those that this number can be held against; its own come
 * first. */
static void narrow_by_dimensions(const struct board *b, struct tile *t, struct question *q)
{
    struct ctx *cx = b->cx;
    struct question_where *all =
        NEW_N(cx->arena, struct question_where, q->where_count + b->q.where_count + 1);
    size_t count = q->where_count;

    if (count)
        memcpy(all, q->where, count * sizeof *all);
    for (size_t i = 0; i < b->q.where_count; i++) {
        const struct question_where *w = &b->q.where[i];
        const struct dimension *d = dimension_find(cx, w->dimension);
        struct question probe = *q;
        bool own = false;
        for (size_t k = 0; k < count; k++)
            own |= text_is(all[k].dimension, w->dimension);
        all[count] = *w;
        probe.where = all;
        probe.where_count = count + 1;
        if (!own && question_allowed(cx, &probe))
            count++;
        else if (!own || !text_is(q->where[0].value, w->value))
            note(t, text_in_sentence(cx->arena, d->label));
    }
    q->where = all;
    q->where_count = count;
}

/* The path to who owns what is counted; NULL: nobody does, or two different ones. */
static const char *owner_path(struct ctx *cx, const struct metric *m)
{
    const struct metric *a, *b;

    if (m->source == METRIC_RECORDS)
        return m->owner_path;
    if (m->source != METRIC_DIVIDED)
        return NULL;
    a = metric_find(cx, m->numerator);
    b = metric_find(cx, m->denominator);
    if (!a || !b || !a->owner_path || !b->owner_path || !text_is(a->owner_path, b->owner_path) ||
        !text_is(a->type, b->type))
        return NULL;
    return a->owner_path;
}

static const char *who_filter(const struct board *b, const char *path, const char *filter)
{
    if (b->owner[0])
        filter = filter_and(b->cx, filter, arena_printf(b->cx->arena, "%s = '%s'", path, b->owner));
    if (b->team[0])
        filter = filter_and(b->cx, filter,
                            arena_printf(b->cx->arena, "%s.team_id = '%s'", path, b->team));
    return filter;
}

static void narrow(const struct board *b, struct tile *t, const struct metric *m,
                   struct question *q)
{
    const char *path = owner_path(b->cx, m);

    narrow_by_dimensions(b, t, q);
    if (path)
        q->filter = who_filter(b, path, q->filter);
    else if (b->owner[0])
        note(t, "owner");
    if (!path && b->team[0])
        note(t, "team");
}

/* ---- preparing ---- */
static void fail_tile(struct ctx *cx, struct tile *t)
{
    t->error = cx->error_text && cx->error_text[0] ? cx->error_text : "This cannot be answered.";
    ctx_clear_error(cx);
}

/* Period and comparison are the dashboard's, unless the tile has its own. */
static enum status set_period(const struct board *b, const struct tile *t, struct question *q)
{
    const char *period = val_get_text(t->asked, "period");
    const char *compare = val_get_text(t->asked, "compare");

    if (period[0] || compare[0])
        return question_read_period(b->cx, period[0] ? period : b->period,
                                    compare[0] ? compare : b->compare, q);
    q->from_ms = b->q.from_ms;
    q->to_ms = b->q.to_ms;
    q->compare_from_ms = b->q.compare_from_ms;
    q->compare_to_ms = b->q.compare_to_ms;
    return OK;
}

/* A number stands with its trend, where it has one. That of a state would be read back from the
 * change log, day by day: who wants to see it makes it a line. */
static void add_trend(struct ctx *cx, struct tile *t)
{
    struct question probe = t->qs[0];
    const struct metric *m = t->metrics[0];

    probe.dimension = show_period_unit(&probe);
    if (m->source == METRIC_FORMULA || (m->source == METRIC_RECORDS && m->time != AT_PERIOD))
        return;
    if ((t->chart == CHART_NUMBER || t->chart == CHART_GAUGE) && question_allowed(cx, &probe))
        t->qs[0].dimension = probe.dimension;
}

static enum status prepare(const struct board *b, struct tile *t)
{
    struct ctx *cx = b->cx;

    for (size_t i = 0; i < t->count; i++) {
        struct question *q = &t->qs[i];
        TRY(set_period(b, t, q));
        if (t->by_time)
            q->dimension = show_period_unit(q);
        narrow(b, t, t->metrics[i], q);
        if (!question_allowed(cx, q))
            return ctx_fail(cx, E_FORBIDDEN, "You may not see what %s is counted from.",
                            t->metrics[i]->label);
    }
    if (t->count)
        add_trend(cx, t);
    if (t->series[0]) { /* first: which values there are */
        t->qs[0].dimension = t->series;
        t->qs[0].limit = TILE_SERIES_MAX;
        t->qs[0].compare_from_ms = t->qs[0].compare_to_ms = 0;
    }
    return OK;
}

/* ---- asking ---- */
struct batch {
    struct question qs[QUESTIONS_MAX];
    struct val *answers[QUESTIONS_MAX];
    struct tile *tiles[QUESTIONS_MAX];
    size_t at[QUESTIONS_MAX], count;
};

/* Where one question of many cannot be answered, the others can. */
static enum status ask_batch(struct ctx *cx, struct batch *batch)
{
    enum status s = question_ask_many(cx, batch->qs, batch->count, batch->answers);
    bool one = s == E_INVALID || s == E_FORBIDDEN || s == E_LIMIT;

    if (s != OK && !one)
        return s;
    ctx_clear_error(cx);
    for (size_t i = 0; i < batch->count; i++) {
        struct tile *t = batch->tiles[i];
        if (one && question_ask(cx, &batch->qs[i], &batch->answers[i]) != OK)
            fail_tile(cx, t);
        else
            t->answers[batch->at[i]] = batch->answers[i];
    }
    batch->count = 0;
    return OK;
}

static enum status ask_questions(struct ctx *cx, struct tile *tiles, size_t count, bool series)
{
    struct batch *batch = NEW(cx->arena, struct batch);

    for (size_t i = 0; i < count; i++) {
        struct tile *t = &tiles[i];
        if (t->error[0] || (series && t->series[0] == '\0'))
            continue;
        if (batch->count + t->question_count > QUESTIONS_MAX)
            TRY(ask_batch(cx, batch));
        for (size_t k = 0; k < t->question_count; k++) {
            batch->qs[batch->count] = t->qs[k];
            batch->tiles[batch->count] = t;
            batch->at[batch->count++] = k;
        }
    }
    return batch->count ? ask_batch(cx, batch) : OK;
}

/* Each value that there is becomes a question of its own, over time. */
static void plan_series(struct ctx *cx, struct tile *t)
{
    const struct val *groups = val_get(t->answers[0], "groups");
    struct question first = t->qs[0];
    struct ctx probe = *cx;

    ctx_clear_error(&probe);
    t->question_count = 0;
    first.dimension = show_period_unit(&first);
    first.limit = 0;
    for (size_t i = 0; i < val_count(groups) && t->series_count < TILE_SERIES_MAX; i++) {
        const char *key = val_as_text(val_get(val_at(groups, i), "key"), "");
        struct question_where *where =
            NEW_N(cx->arena, struct question_where, first.where_count + 1);
        struct question q = first;
        if (key[0] == '\0' || text_is(key, "(other)"))
            continue;
        if (first.where_count)
            memcpy(where, first.where, first.where_count * sizeof *where);
        where[q.where_count++] = (struct question_where){ t->series, key };
        q.where = where;
        if (question_check_where(&probe, &q) != OK || !question_allowed(cx, &q)) {
            ctx_clear_error(&probe); /* "import": how a record came that no journey knows */
            t->remark = "Only the largest; those that no visit tells of are left out.";
            continue;
        }
        t->series_keys[t->series_count] = key;
        t->series_labels[t->series_count++] = val_get_text(val_at(groups, i), "label");
        t->qs[t->question_count++] = q;
    }
}

/* ---- reports ---- */
/* Reports know contacts: of those, the ones that a condition fits. */
static const char *contact_filter(const struct board *b, struct tile *t, const char *filter)
{
    struct ctx *cx = b->cx;

    for (size_t i = 0; i < b->q.where_count; i++) {
        const struct question_where *w = &b->q.where[i];
        const struct dimension *d = dimension_find(cx, w->dimension);
        bool channel = text_is(w->dimension, "channel"),
             campaign = text_is(w->dimension, "campaign");
        if ((!channel && !campaign) || w->value[0] == '!' || strpbrk(w->value, "*'")) {
            note(t, text_in_sentence(cx->arena, d->label));
            continue;
        }
        filter = filter_and(cx, filter,
                            arena_printf(cx->arena, "%s = '%s'",
                                         channel ? "first_channel" : "first_campaign", w->value));
    }
    return who_filter(b, "owner_id", filter);
}

static enum status ask_report(const struct board *b, struct tile *t)
{
    struct ctx *cx = b->cx;
    struct val *asked = val_map(cx->arena);
    const char *own = val_get_text(t->asked, "period");
    const char *filter = report_text(cx, t->report_asked, "filter", "");

    for (size_t i = 0; i < val_count(t->report_asked); i++)
        val_put(asked, val_key_at(t->report_asked, i),
                val_copy(cx->arena, val_value_at(t->report_asked, i)));
    val_put_text(asked, "period", own[0] ? own : b->period);
    val_put_text(asked, "filter", contact_filter(b, t, filter));
    t->report_asked = asked;
    TRY(access_check(cx, "journey", VERB_READ));
    t->page = val_map(cx->arena);
    val_put_null(t->page, "empty");
    val_put_null(t->page, "table");
    val_put_null(t->page, "people");
    return report_ask(cx, t->report, asked, t->page);
}

/* ---- all of it ---- */
static bool is_its_own(enum status s)
{
    return s == E_INVALID || s == E_FORBIDDEN || s == E_LIMIT || s == E_NOT_FOUND;
}

enum status tiles_ask(const struct board *b, struct tile *tiles, size_t count)
{
    struct ctx *cx = b->cx;
    bool series = false;

    for (size_t i = 0; i < count; i++) {
        struct tile *t = &tiles[i];
        enum status s = t->error[0] || t->report ? OK : prepare(b, t);
        if (s != OK && !is_its_own(s))
            return s;
        if (s != OK)
            fail_tile(cx, t);
        series |= t->series[0] != '\0';
    }
    TRY(ask_questions(cx, tiles, count, false));
    for (size_t i = 0; series && i < count; i++)
        if (tiles[i].series[0] && tiles[i].error[0] == '\0')
            plan_series(cx, &tiles[i]);
    if (series)
        TRY(ask_questions(cx, tiles, count, true));
    for (size_t i = 0; i < count; i++) {
        enum status s =
            tiles[i].report && tiles[i].error[0] == '\0' ? ask_report(b, &tiles[i]) : OK;
        if (s != OK && !is_its_own(s))
            return s;
        if (s != OK)
            fail_tile(cx, &tiles[i]);
    }
    return OK;
}

enum status board_answer(const struct board *b, struct row *const *rows, size_t count,
                         struct val *list)
{
    struct ctx *cx = b->cx;
    struct tile *tiles = NEW_N(cx->arena, struct tile, count + 1);

    for (size_t i = 0; i < count; i++) {
        enum status s = tile_read(cx, rows[i], &tiles[i]);
        if (s != OK && !is_its_own(s))
            return s;
        if (s != OK)
            fail_tile(cx, &tiles[i]);
    }
    TRY(tiles_ask(b, tiles, count));
    for (size_t i = 0; i < count; i++)
        tile_put(b, &tiles[i], val_add_map(list));
    return OK;
}

/* ---- the whole tree ---- */
static void put_condition(const struct board *b, const char *name, const char *label,
                          const char *op, const char *value, struct val *list)
{
    struct val *one = val_add_map(list);

    val_put_text(one, "name", name);
    val_put_text(one, "label", label);
    val_put_text(one, "op_text", op);
    val_put_text(one, "value_text", value);
    (void)b;
}

static void put_conditions(const struct board *b, struct val *page)
{
    struct val *list = val_put_list(page, "conditions");

    for (size_t i = 0; i < b->q.where_count; i++) {
        const struct question_where *w = &b->q.where[i];
        const struct dimension *d = dimension_find(b->cx, w->dimension);
        bool opposite = w->value[0] == '!';
        const char *value = w->value + opposite;
        bool known = text_is(value, "*"), like = !known && strchr(value, '*');
        put_condition(b, w->dimension, d->label,
                      like       ? opposite ? "is not like" : "is like"
                      : opposite ? "is not"
                                 : "is",
                      known  ? "known"
                      : like ? value
                             : d->text(b->cx, value),
                      list);
    }
    if (b->owner[0])
        put_condition(b, "owner", "Owner", "is", b->owner_name, list);
    if (b->team[0])
        put_condition(b, "team", "Team", "is", b->team_name, list);
}

static const char *against(const struct board *b)
{
    return text_is(b->compare, "none")   ? ""
           : text_is(b->compare, "year") ? "compared with the same time last year"
                                         : "compared with the same time before";
}

enum status board_put(const struct board *b, struct row *const *tiles, size_t count,
                      struct val *page)
{
    struct ctx *cx = b->cx;
    struct val *period = val_put_map(page, "period");
    const struct zone *zone = kit_zone(cx);

    val_put_text(page, "id", b->row ? id_text(cx->arena, row_id(b->row)) : "");
    val_put_text(page, "title", b->row ? row_text(b->row, DASHBOARD_NAME) : "");
    val_put_text(page, "description", b->row ? row_text(b->row, DASHBOARD_DESCRIPTION) : "");
    val_put_text(period, "name", b->period);
    val_put_printf(period, "text", "%s – %s", zone_format(cx->arena, zone, b->q.from_ms, "d MMM y"),
                   zone_format(cx->arena, zone, b->q.to_ms - 1, "d MMM y"));
    val_put_text(period, "against", against(b));
    put_conditions(b, page);
    val_put_text(page, "made", show_time_full(cx, ctx_now(cx)));
    return board_answer(b, tiles, count, val_put_list(page, "tiles"));
}
