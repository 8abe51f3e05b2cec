/* score_page.c -- scoring, to be looked at: where each point of a person came from, what another
 * value of a rule would do before it is saved, and how well the learned score does. */
#include "base/id.h"
#include "base/json.h"
#include "base/limits.h"
#include "bridge/contact.h"
#include "bridge/report.h"
#include "kit/question_show.h"
#include "kit/show.h"
#include "kit/web.h"
#include "marketing/score_int.h"
#include "marketing/score_learn.h"
#include "store/queue.h"
#include <math.h>
#include <stdlib.h>

enum {
    POINTS_SHOWN = 300, /* events of one person */
    EFFECTS_SHOWN = 12,
    WEIGHTS_SHOWN = 24,
    MOVERS_SHOWN = 15,
    SCORE_STEP = 20, /* a bar of the distribution */
    SCORE_BARS = 10,
};

/* ---- where each point came from ---- */

struct heard {
    struct ctx *cx;
    struct val *table;
    size_t shown, all;
};

static const char *points_text(struct ctx *cx, double points)
{
    bool whole = fabs(points - (double)llround(points)) < 0.005;

    return arena_printf(cx->arena, whole ? "%+.0f" : "%+.2f", points);
}

static void hear(void *arg, const struct score_rule *rule, const struct event *e, double points)
{
    struct heard *h = arg;
    struct ctx *cx = h->cx;
    const struct event_kind *kind = kit_event_kind_by_code(cx->kit, e->kind);
    const char *page = journey_name(cx->journey, DICT_PAGE, e->page);
    struct val *row;

    if (++h->all > POINTS_SHOWN)
        return;
    h->shown++;
    row = report_row(h->table, rule->name, "");
    report_cell(row, "text", points_text(cx, points), arena_printf(cx->arena, "%.4f", points));
    report_cell(row, "text", kind ? kind->label : "", kind ? kind->name : "");
    report_cell(row, "text", page, page);
    report_cell(row, "text", show_time_full(cx, e->at_ms), time_iso(cx->arena, e->at_ms));
}

struct person_walk {
    struct heard heard;
    const struct score_rules *rules;
    struct score_tally *tallies;
    const struct learned *learned;
    float *seen;
};

static void walk_person(void *acc, const struct journey_view *v)
{
    struct person_walk *w = acc;
    struct ctx *cx = w->heard.cx;

    score_events(cx, w->rules, v->events, v->count, ctx_now(cx), w->tallies, hear, &w->heard);
    if (w->learned)
        w->seen = learned_see(cx, w->learned, v->events, v->count, ctx_now(cx));
}

static enum status walk_one(struct ctx *cx, i64 contact, struct person_walk *w)
{
    u32 number = cx->journey ? journey_person_find(cx->journey, PERSON_CONTACT, (u64)contact) : 0;
    void *acc = w;
    struct journey_plan plan = { .people = &number,
                                 .people_count = 1,
                                 .columns = SCORE_COLUMNS | LEARNED_COLUMNS,
                                 .props = true,
                                 .visit = walk_person };

    return number ? journey_walk(cx, cx->journey, &plan, &acc, 1) : OK;
}

/* Rules over the profile: those that hold. */
static void put_profile(struct ctx *cx, const struct person_walk *w, struct val *page)
{
    struct val *list = val_put_list(page, "profile");

    for (size_t i = 0; i < w->rules->count; i++) {
        const struct score_rule *rule = &w->rules->list[i];
        struct val *one;
        if (rule->filter == NULL)
            continue;
        one = val_add_map(list);
        val_put_text(one, "text", rule->name);
        val_put_text(one, "words", filter_words(cx, rule->filter));
        val_put_bool(one, "holds", w->tallies[i].times > 0);
        val_put_text(one, "points", arena_printf(cx->arena, "%+lld", (long long)rule->points));
        val_put_text(one, "counts",
                     rule->fit       ? "for the fit"
                     : rule->product ? "for a product"
                                     : "for the score");
    }
    val_put_bool(page, "has_profile", val_count(list) > 0);
}

static enum status put_chance(struct ctx *cx, const struct person_walk *w, const struct row *r,
                              struct val *page)
{
    struct val *all = val_list(cx->arena), *list, *chance;
    double most = 0, value;

    if (w->learned == NULL || !row_has(r, CONTACT_CHANCE)) {
        val_put_null(page, "chance");
        return OK;
    }
    TRY(learned_explain(cx, w->learned, w->seen, r, all, &value));
    chance = val_put_map(page, "chance");
    val_put_printf(chance, "text", "%.0f%%", value * 100);
    list = val_put_list(chance, "effects");
    for (size_t i = 0; i < val_count(all) && i < EFFECTS_SHOWN; i++) {
        double effect = val_as_double(val_get(val_at(all, i), "effect"), 0);
        struct val *one;
        most = fmax(most, fabs(effect));
        if (most <= 0 || fabs(effect) < most / 50)
            break;
        one = val_add_map(list);
        val_put_text(one, "text", val_get_text(val_at(all, i), "text"));
        val_put_bool(one, "for", effect > 0);
        val_put_i64(one, "percent", llround(fabs(effect) / most * 100));
    }
    return OK;
}

static void begin_points(struct val *page, struct person_walk *w)
{
    w->heard.table = report_table(page, "table");
    report_column(w->heard.table, "Rule", "text");
    report_column(w->heard.table, "Points", "text");
    report_column(w->heard.table, "Event", "text");
    report_column(w->heard.table, "Page", "text");
    report_column(w->heard.table, "When", "text");
}

/* GET /contacts/:id/score */
static enum status explain(struct req *rq)
{
    struct ctx *cx = rq->cx;
    struct val *page = val_map(cx->arena);
    struct person_walk w = { .heard = { .cx = cx } };
    struct score_rules rules;
    struct row *contact;
    i64 id;

    TRY(req_id(rq, "id", &id));
    TRY(record_get(cx, &contact_type, id, &contact));
    {
        scoped(access_leave) struct access_guard guard = access_enter_system(cx);
        TRY(score_rules_read(cx, &rules));
        TRY(learned_read(cx, &w.learned));
        w.rules = &rules;
        w.tallies = NEW_N(cx->arena, struct score_tally, rules.count + 1);
        begin_points(page, &w);
        TRY(walk_one(cx, id, &w));
        TRY(score_profile(cx, &rules, contact, w.tallies));
        put_profile(cx, &w, page);
        TRY(put_chance(cx, &w, contact, page));
    }
    val_put_text(page, "title", arena_printf(cx->arena, "Score of %s", row_title(cx, contact)));
    val_put_text(page, "contact", row_title(cx, contact));
    val_put_text(page, "contact_url", row_path(cx, contact));
    val_put_text(page, "score", show_number(cx->arena, score_sum(&rules, w.tallies, 0)));
    val_put_text(page, "grade", score_grade(&rules, w.tallies));
    val_put_bool(page, "has_points", w.heard.shown > 0);
    val_put_text(
        page, "more",
        w.heard.all > w.heard.shown
            ? arena_printf(cx->arena, "%zu more events gave points.", w.heard.all - w.heard.shown)
            : "");
    return reply(rq, "score/explain", page);
}

/* ---- what another rule would do ---- */

struct tried { /* a contact, as it is and as it would be */
    i64 contact, now, then;
    u32 number;
    struct score_tally *tallies, *others;
};
struct trying {
    struct ctx *cx;
    struct score_rules now, then;
    struct tried *list;
    size_t count;
    i64 line, line_then;
};

static int by_number(const void *pa, const void *pb)
{
    const struct tried *a = pa, *b = pb;

    return (a->number > b->number) - (a->number < b->number);
}

static void try_person(void *acc, const struct journey_view *v)
{
    struct trying *t = acc;
    struct tried key = { .number = v->person },
                 *p = bsearch(&key, t->list, t->count, sizeof key, by_number);

    if (p == NULL)
        return;
    score_events(t->cx, &t->now, v->events, v->count, ctx_now(t->cx), p->tallies, NULL, NULL);
    score_events(t->cx, &t->then, v->events, v->count, ctx_now(t->cx), p->others, NULL, NULL);
}

static enum status take_contact(struct ctx *cx, struct row *r, void *arg)
{
    struct trying *t = arg;
    struct tried *p;

    if (t->count == SCORE_PEOPLE_MAX)
        return OK;
    p = &t->list[t->count++];
    *p = (struct tried){ .contact = row_id(r),
                         .tallies = NEW_N(t->cx->arena, struct score_tally, t->now.count + 1),
                         .others = NEW_N(t->cx->arena, struct score_tally, t->then.count + 1) };
    TRY(score_profile(cx, &t->now, r, p->tallies));
    return score_profile(cx, &t->then, r, p->others);
}

static enum status try_all(struct trying *t)
{
    struct ctx *cx = t->cx;
    u32 *numbers = NEW_N(cx->arena, u32, SCORE_PEOPLE_MAX);
    struct ctx own = *cx; /* list_each has an arena of its own while it calls */
    void *acc = t;
    struct journey_plan plan = {
        .people = numbers, .columns = SCORE_COLUMNS, .props = true, .visit = try_person
    };

    t->list = NEW_N(cx->arena, struct tried, SCORE_PEOPLE_MAX);
    t->cx = &own;
    TRY(list_each(cx, &contact_type, "", take_contact, t));
    t->cx = cx;
    for (size_t i = 0; i < t->count; i++)
        t->list[i].number =
            cx->journey ? journey_person_find(cx->journey, PERSON_CONTACT, (u64)t->list[i].contact)
                        : 0;
    qsort(t->list, t->count, sizeof *t->list, by_number);
    for (size_t i = 0; i < t->count; i++)
        if (t->list[i].number)
            numbers[plan.people_count++] = t->list[i].number;
    if (plan.people_count)
        TRY(journey_walk(cx, cx->journey, &plan, &acc, 1));
    for (size_t i = 0; i < t->count; i++) {
        t->list[i].now = score_sum(&t->now, t->list[i].tallies, 0);
        t->list[i].then = score_sum(&t->then, t->list[i].others, 0);
    }
    return OK;
}

/* One number of the form: as typed, or as the rule has it. */
static enum status typed(struct req *rq, const char *name, struct row *rule, int field)
{
    const char *text = req_query(rq, name);

    if (!val_is_null(val_get(rq->query, name)))
        TRY(row_parse(rq->cx, rule, field, text));
    return OK;
}

/* The rules as they would be: the one that is tried in place of the stored one. */
static enum status read_then(struct req *rq, struct trying *t, struct row **rule)
{
    struct ctx *cx = rq->cx;
    i64 id;

    TRY(score_rules_read(cx, &t->then));
    t->line = t->line_then = setting_i64(cx, "score.mql_line");
    if (req_query(rq, "line")[0] && (!str_i64(str_from(req_query(rq, "line")), &t->line_then) ||
                                     t->line_then < 1 || t->line_then > 1000000))
        return ctx_fail_field(cx, "line", "score.line", "'%s' is no line: type a number over 0.",
                              req_query(rq, "line"));
    *rule = NULL;
    if (req_query(rq, "rule")[0] == '\0')
        return OK;
    if (!id_parse(str_from(req_query(rq, "rule")), &id))
        return ctx_fail(cx, E_NOT_FOUND, "There is no such rule.");
    TRY(record_get(cx, &score_rule_type, id, rule));
    TRY(typed(rq, "points", *rule, RULE_POINTS));
    TRY(typed(rq, "max_times", *rule, RULE_MAX));
    TRY(typed(rq, "days", *rule, RULE_DAYS));
    TRY(typed(rq, "half_life_days", *rule, RULE_HALF_LIFE));
    for (size_t i = 0; i < t->then.count; i++)
        if (t->then.list[i].id == id)
            t->then.list[i] = score_rule_of(cx, *rule);
    return OK;
}

static int most_moved(const void *pa, const void *pb)
{
    const struct tried *a = pa, *b = pb;
    i64 x = llabs(a->then - a->now), y = llabs(b->then - b->now);

    return x != y ? (x < y ? 1 : -1) : (a->contact > b->contact) - (a->contact < b->contact);
}

static enum status put_movers(struct trying *t, struct val *page)
{
    struct ctx *cx = t->cx;
    struct val *table = report_table(page, "movers");
    i64 ids[MOVERS_SHOWN];
    const char *titles[MOVERS_SHOWN];
    size_t n = 0;

    report_column(table, "Who", "text");
    report_column(table, "Now", "integer");
    report_column(table, "Then", "integer");
    qsort(t->list, t->count, sizeof *t->list, most_moved);
    while (n < MOVERS_SHOWN && n < t->count && t->list[n].now != t->list[n].then) {
        ids[n] = t->list[n].contact;
        n++;
    }
    TRY(record_titles(cx, &contact_type, ids, n, titles));
    for (size_t i = 0; i < n; i++) {
        struct val *row = report_row(table, titles[i][0] ? titles[i] : "Not yours to see", "");
        val_put_text(row, "url",
                     titles[i][0]
                         ? arena_printf(cx->arena, "/contacts/%s/score", id_text(cx->arena, ids[i]))
                         : "");
        report_count_cell(cx, row, t->list[i].now);
        report_count_cell(cx, row, t->list[i].then);
    }
    val_put_bool(page, "has_movers", n > 0);
    return OK;
}

/* How many contacts have how many points, and would have. */
static void put_distribution(const struct trying *t, bool differs, struct val *page)
{
    struct ctx *cx = t->cx;
    struct val *chart = val_put_map(page, "chart"), *columns, *rows, *one;
    i64 bars[2][SCORE_BARS + 1] = { { 0 } };

    for (size_t i = 0; i < t->count; i++) {
        i64 a = t->list[i].now / SCORE_STEP, b = t->list[i].then / SCORE_STEP;
        bars[0][a < SCORE_BARS ? a : SCORE_BARS]++;
        bars[1][b < SCORE_BARS ? b : SCORE_BARS]++;
    }
    val_put_text(chart, "kind", "bar");
    val_put_text(chart, "text",
                 differs ? "Contacts by score: now (left) and then (right)" : "Contacts by score");
    val_put_text(chart, "unit", "");
    columns = val_put_list(chart, "columns");
    one = val_add_map(columns);
    val_put_text(one, "text", "Now");
    val_put_text(one, "color", "series-1");
    if (differs) {
        one = val_add_map(columns);
        val_put_text(one, "text", "Then");
        val_put_text(one, "color", "series-2");
    }
    rows = val_put_list(chart, "rows");
    for (int i = 0; i <= SCORE_BARS; i++) {
        struct val *row = val_add_map(rows), *values;
        val_put_printf(row, "text", i < SCORE_BARS ? "%d to %d" : "%d and more", i * SCORE_STEP,
                       i * SCORE_STEP + SCORE_STEP - 1);
        values = val_put_list(row, "values");
        for (int k = 0; k <= differs; k++) {
            one = val_add_map(values);
            val_put_text(one, "text", show_number(cx->arena, bars[k][i]));
            val_put_i64(one, "number", bars[k][i]);
        }
    }
}

struct effect {
    i64 over_now, over_then, up, down;
};

static struct effect effect_of(const struct trying *t)
{
    struct effect e = { 0 };

    for (size_t i = 0; i < t->count; i++) {
        e.over_now += t->list[i].now >= t->line;
        e.over_then += t->list[i].then >= t->line_then;
        e.up += t->list[i].then > t->list[i].now;
        e.down += t->list[i].then < t->list[i].now;
    }
    return e;
}

static enum status put_form(struct req *rq, const struct row *rule, const struct trying *t,
                            struct val *page)
{
    static const struct {
        const char *name, *label;
        int field;
    } inputs[] = { { "points", "Points", RULE_POINTS },
                   { "max_times", "At most so often", RULE_MAX },
                   { "days", "Within days", RULE_DAYS },
                   { "half_life_days", "Half-life in days", RULE_HALF_LIFE } };
    struct ctx *cx = rq->cx;
    struct val *form = val_put_map(page, "form"), *list = val_put_list(form, "rules"), *fields;
    struct list_query lq = { .limit = LIMIT_LIST_ROWS, .sort = "name", .filter = "active is true" };
    struct list_page rules;

    TRY(list_run(cx, &score_rule_type, &lq, &rules));
    for (size_t i = 0; i < rules.count; i++) {
        struct val *one = val_add_map(list);
        val_put_text(one, "value", id_text(cx->arena, row_id(rules.rows[i])));
        val_put_text(one, "text", row_text(rules.rows[i], RULE_NAME));
        val_put_bool(one, "selected", rule && row_id(rule) == row_id(rules.rows[i]));
    }
    val_put_printf(form, "line", "%lld", (long long)t->line_then);
    fields = val_put_list(form, "inputs");
    for (size_t i = 0; rule && i < countof(inputs); i++) {
        struct val *one = val_add_map(fields);
        val_put_text(one, "name", inputs[i].name);
        val_put_text(one, "label", inputs[i].label);
        val_put_text(one, "value", row_plain(cx, rule, inputs[i].field));
    }
    val_put_text(form, "edit_url",
                 rule ? arena_printf(cx->arena, "%s/edit", row_path(cx, rule)) : "");
    return OK;
}

static void put_effect(struct ctx *cx, const struct trying *t, struct val *page)
{
    struct effect e = effect_of(t);

    val_put_text(page, "contacts", show_number(cx->arena, (i64)t->count));
    val_put_text(page, "over_now", show_number(cx->arena, e.over_now));
    val_put_text(page, "over_then", show_number(cx->arena, e.over_then));
    val_put_text(page, "up", show_number(cx->arena, e.up));
    val_put_text(page, "down", show_number(cx->arena, e.down));
    val_put_printf(page, "line_now", "%lld", (long long)t->line);
    val_put_printf(page, "line_then", "%lld", (long long)t->line_then);
    val_put_text(page, "note",
                 t->count == SCORE_PEOPLE_MAX
                     ? arena_printf(cx->arena, "The first %s contacts were looked at.",
                                    show_number(cx->arena, (i64)t->count))
                     : "");
}

/* GET /scoring: how scores lie, and what would come of another value. Nothing is changed by it. */
static enum status scoring_page(struct req *rq)
{
    struct ctx *cx = rq->cx;
    struct val *page = val_map(cx->arena);
    struct trying t = { .cx = cx };
    struct row *rule = NULL;
    enum status s;
    bool differs;

    TRY(score_rules_read(cx, &t.now));
    s = read_then(rq, &t, &rule);
    val_put_text(page, "error", s == OK ? "" : cx->error_text);
    if (s != OK && s != E_INVALID)
        return s;
    if (s == E_INVALID) {
        ctx_clear_error(cx);
        TRY(score_rules_read(cx, &t.then));
    }
    {
        scoped(access_leave) struct access_guard guard = access_enter_system(cx);
        TRY(try_all(&t));
    }
    differs = rule != NULL || t.line != t.line_then;
    val_put_text(page, "title", "Scoring");
    val_put_bool(page, "tries", differs && s == OK);
    TRY(put_form(rq, rule, &t, page));
    put_effect(cx, &t, page);
    put_distribution(&t, differs && s == OK, page);
    TRY(put_movers(&t, page));
    return reply(rq, "score/page", page);
}

/* ---- the learned score ---- */

static const char *thousandths(struct ctx *cx, const struct row *r, int field)
{
    return row_has(r, field) ? arena_printf(cx->arena, "%.3f", (double)row_i64(r, field) / 1000)
                             : "–";
}

static void put_bands(const struct val *bands, struct val *page)
{
    struct val *chart = val_put_map(page, "chart"), *columns = val_put_list(chart, "columns");
    struct val *rows = val_put_list(chart, "rows"), *one;
    static const char *const texts[][2] = { { "Predicted", "series-1" }, { "Won", "series-2" } };

    val_put_text(chart, "kind", "bar");
    val_put_text(chart, "text",
                 "Calibration: predicted (left) and won (right), in bands of equal number of the "
                 "leads held back");
    val_put_text(chart, "unit", "%");
    for (size_t i = 0; i < countof(texts); i++) {
        one = val_add_map(columns);
        val_put_text(one, "text", texts[i][0]);
        val_put_text(one, "color", texts[i][1]);
    }
    for (size_t i = 0; i < val_count(bands); i++) {
        const struct val *b = val_at(bands, i);
        struct val *row = val_add_map(rows), *values = val_put_list(row, "values");
        static const char *const names[] = { "predicted", "actual" };
        val_put_printf(
            row, "text", "%.0f to %.0f%% (%lld leads)", val_as_double(val_get(b, "from"), 0) * 100,
            val_as_double(val_get(b, "to"), 0) * 100, (long long)val_get_i64(b, "count", 0));
        for (size_t k = 0; k < countof(names); k++) {
            double share = val_as_double(val_get(b, names[k]), 0);
            one = val_add_map(values);
            val_put_printf(one, "text", "%.1f%%", share * 100);
            val_put_double(one, "number", round(share * 1000) / 10);
        }
    }
    if (val_count(bands) == 0)
        val_put_null(page, "chart");
}

struct weighed {
    const struct val *feature;
    double weight;
};

static int heaviest(const void *pa, const void *pb)
{
    double a = fabs(((const struct weighed *)pa)->weight),
           b = fabs(((const struct weighed *)pb)->weight);

    return (a < b) - (a > b);
}

static void put_weights(struct ctx *cx, const struct val *features, struct val *page)
{
    struct val *list = val_put_list(page, "weights");
    size_t n = val_count(features);
    struct weighed *all = NEW_N(cx->arena, struct weighed, n + 1);

    for (size_t i = 0; i < n; i++)
        all[i] = (struct weighed){ val_at(features, i),
                                   val_as_double(val_get(val_at(features, i), "weight"), 0) };
    qsort(all, n, sizeof *all, heaviest);
    for (size_t i = 0; i < n && i < WEIGHTS_SHOWN; i++) {
        struct feature_of f;
        struct val *one;
        if (!feature_read(cx, val_get_text(all[i].feature, "name"), &f))
            continue;
        one = val_add_map(list);
        val_put_text(one, "text", feature_words(cx, &f));
        val_put_bool(one, "for", all[i].weight > 0);
        val_put_i64(one, "percent",
                    all[0].weight != 0 ? llround(fabs(all[i].weight / all[0].weight) * 100) : 0);
    }
}

static enum status put_model(struct ctx *cx, const struct row *r, struct val *page)
{
    struct val *body;

    TRY(json_read(cx->arena, str_from(row_text(r, MODEL_BODY)), &body, NULL));
    val_put_text(page, "status", row_show(cx, r, MODEL_STATUS));
    val_put_bool(page, "serves", text_is(row_text(r, MODEL_STATUS), "serving"));
    val_put_text(page, "reason", row_text(r, MODEL_REASON));
    val_put_text(page, "when", show_time_full(cx, row_i64(r, MODEL_MADE_AT)));
    val_put_text(page, "leads", show_number(cx->arena, row_i64(r, MODEL_LEADS)));
    val_put_text(page, "won", show_number(cx->arena, row_i64(r, MODEL_WON)));
    val_put_text(page, "held_back", show_number(cx->arena, val_get_i64(body, "held_back", 0)));
    val_put_text(page, "young", show_number(cx->arena, val_get_i64(body, "young", 0)));
    val_put_bool(page, "has_young", val_get_i64(body, "young", 0) > 0);
    val_put_text(page, "auc", thousandths(cx, r, MODEL_AUC));
    val_put_text(page, "rules_auc", thousandths(cx, r, MODEL_RULES_AUC));
    val_put_text(page, "brier", thousandths(cx, r, MODEL_BRIER));
    val_put_text(page, "ece", thousandths(cx, r, MODEL_ECE));
    put_bands(val_get(body, "bands"), page);
    put_weights(cx, val_get(body, "features"), page);
    return OK;
}

/* GET /scoring/learned: the newest one, serving or refused. */
static enum status learned_page(struct req *rq)
{
    struct ctx *cx = rq->cx;
    struct val *page = val_map(cx->arena);
    struct list_query lq = { .limit = 20, .sort = "-made_at" };
    struct list_page models;
    const struct row *shown = NULL;

    TRY(list_run(cx, &score_model_type, &lq, &models));
    for (size_t i = 0; i < models.count && shown == NULL; i++)
        if (text_is(row_text(models.rows[i], MODEL_STATUS), "serving"))
            shown = models.rows[i];
    if (shown == NULL && models.count)
        shown = models.rows[0];
    val_put_text(page, "title", "Learned score");
    val_put_bool(page, "has_model", shown != NULL);
    val_put_bool(page, "may_learn",
                 access_scope(cx->access, "score_rule", VERB_UPDATE) != SCOPE_NONE);
    val_put_text(page, "newest", "");
    if (shown == NULL) {
        report_empty(page, "Nothing is learned yet",
                     "Once at least a hundred leads were won and a hundred lost, the chance of the "
                     "others is learned from them, every week or when you say so.");
        return reply(rq, "score/learned", page);
    }
    if (shown != models.rows[0])
        val_put_printf(page, "newest", "Learned again on %s and not taken: %s",
                       show_time_full(cx, row_i64(models.rows[0], MODEL_MADE_AT)),
                       row_text(models.rows[0], MODEL_REASON));
    TRY(put_model(cx, shown, page));
    return reply(rq, "score/learned", page);
}

static enum status add_learn(struct ctx *cx, void *arg)
{
    (void)arg;
    return queue_add(cx, "score.learn", "learn", "{}", ctx_now(cx), NULL);
}

/* POST /scoring/learned: now, as a job. */
static enum status learn_now(struct req *rq)
{
    TRY(kit_write(rq->cx, add_learn, NULL));
    return reply_redirect(rq, "/scoring/learned");
}

static const struct route routes[] = {
    { HTTP_GET, "/contacts/:id/score", explain, NEEDS("contact", VERB_READ) },
    { HTTP_GET, "/scoring", scoring_page, NEEDS("score_rule", VERB_READ) },
    { HTTP_GET, "/scoring/learned", learned_page, NEEDS("score_rule", VERB_READ) },
    { HTTP_POST, "/scoring/learned", learn_now, NEEDS("score_rule", VERB_UPDATE) },
};
static const struct menu_item menu[] = { { "marketing", "Scoring", "/scoring", "chart-dots",
                                           "score_rule", 39 } };
const struct feature feature_score_page = { .name = "score_page", ROUTES(routes), MENU(menu) };
