/* funnel.c -- how many people went all the way: of those who did the first step, who did the second
 * within the window, and so on; how long it took them, and who they are.
 *
 * In any order of other events, any chain counts: the latest first step that reached the step
 * before is carried forward, so that somebody who comes again gets the whole window again. Going
 * through the steps from the last to the first makes an event one step of a chain only. */
#include "base/limits.h"
#include "bridge/report.h"
#include "kit/show.h"

enum { STEPS = LIMIT_FUNNEL_STEPS, WINDOW_DAYS = 90 };

static const struct report_word orders[] = {
    { "any", "Others between" },
    { "strict", "None between" },
    { NULL, NULL },
};
enum { ORDER_ANY, ORDER_STRICT };

static const char *const usual[] = { "pageview", "form_submit", "handoff_accepted", "deal_created",
                                     "deal_won" };

struct funnel {
    struct report_scope scope;
    struct report_event steps[STEPS];
    size_t count;
    i64 window_days, window_ms;
    size_t order;
    const struct dimension *by; /* NULL: not split */
    i64 reached, lost;          /* whose people are asked for: who reached this step, or reached it
                                   and went no further; 0: nobody's */
    struct report_part part;    /* of this group only */
    u8 kinds[REPORT_KINDS / 8]; /* of all steps */
};

struct acc {
    struct report_acc base;
    i64 reached[STEPS];
    struct report_numbers gaps[STEPS]; /* seconds from the step before */
    struct report_tally groups;
    struct report_numbers people, keys;
};

/* ---- one journey ---- */
struct chain {
    i64 at[STEPS]; /* when each of its steps was done */
    bool is;
};
struct run {
    size_t best;  /* steps done */
    size_t level; /* strict: those of the chain that is not broken yet */
    u32 key;
    i64 gap[STEPS];
    struct chain chains[STEPS]; /* the one that reached this step last */
};

static void reach(struct run *r, size_t step, const struct chain *before, i64 at_ms)
{
    struct chain next = *before;

    next.at[step] = at_ms;
    next.is = true;
    r->chains[step] = next;
    if (step < r->best)
        return;
    r->best = step + 1;
    r->gap[step] = step ? at_ms - before->at[step - 1] : 0;
}

static void step_any(const struct funnel *f, struct run *r, const struct event *e)
{
    static const struct chain none;

    for (size_t k = f->count; k-- > 0;) {
        const struct chain *before = k ? &r->chains[k - 1] : &none;
        if (k && (!before->is || e->at_ms - before->at[0] > f->window_ms))
            continue;
        if (report_event_is(&f->steps[k], e))
            reach(r, k, before, e->at_ms);
    }
}

static void step_strict(const struct funnel *f, struct run *r, const struct event *e)
{
    static const struct chain none;
    const struct chain *now = r->level ? &r->chains[r->level - 1] : &none;
    bool other = false;

    if (r->level && r->level < f->count && e->at_ms - now->at[0] <= f->window_ms &&
        report_event_is(&f->steps[r->level], e)) {
        reach(r, r->level, now, e->at_ms);
        r->level++;
        return;
    }
    if (report_event_is(&f->steps[0], e)) {
        reach(r, 0, &none, e->at_ms);
        r->level = 1;
        return;
    }
    if (r->level && report_event_is(&f->steps[r->level - 1], e))
        return; /* the same step once more */
    for (size_t k = 1; k < f->count && !other; k++)
        other = report_event_is(&f->steps[k], e);
    if (other)
        r->level = 0;
}

/* That of the first event that tells it. */
static u32 key_of(const struct funnel *f, struct report_rows rows)
{
    const struct event *e;
    u32 key = 0;

    while (f->by && key == 0 && (e = report_next(&rows, NULL)))
        if (!report_is_bot(e))
            key = f->by->key(e);
    return key;
}

static void fold(void *arg, void *state, struct report_rows *rows)
{
    const struct acc *acc = arg;
    const struct funnel *f = acc->base.report;
    struct run *r = state;
    const struct event *e;

    if (f->by && r->key == 0)
        r->key = key_of(f, *rows);
    while (r->best < f->count && (e = report_next(rows, f->kinds))) {
        if (f->order == ORDER_STRICT)
            step_strict(f, r, e);
        else
            step_any(f, r, e);
    }
}

static void done(void *arg, void *state, u32 person)
{
    struct acc *acc = arg;
    const struct funnel *f = acc->base.report;
    const struct run *r = state;

    for (size_t k = 0; k < r->best; k++) {
        acc->reached[k]++;
        if (k)
            report_numbers_add(&acc->gaps[k], acc->base.arena, (u32)(r->gap[k] / MS_SECOND));
        if (f->by)
            report_tally_at(&acc->groups, acc->base.arena, r->key)[k]++;
    }
    if (f->lost ? r->best == (size_t)f->lost : f->reached && r->best >= (size_t)f->reached) {
        report_numbers_add(&acc->people, acc->base.arena, person);
        report_numbers_add(&acc->keys, acc->base.arena, r->key);
    }
}
static const struct report_fold funnel_fold = { sizeof(struct run), fold, done };

/* ---- what is asked ---- */
static const char *step_name(struct ctx *cx, size_t i)
{
    return arena_printf(cx->arena, "step%zu", i + 1);
}

/* "steps" of JSON becomes step1, step2 ... as a query string has them. */
static const struct val *steps_from(struct ctx *cx, const struct val *from)
{
    const struct val *list = val_get(from, "steps");
    struct val *map = val_map(cx->arena);

    if (val_kind_of(list) != VAL_LIST)
        return from;
    for (size_t i = 0; i < val_count(list) && i < STEPS + 1; i++)
        val_put(map, step_name(cx, i), val_copy(cx->arena, val_at(list, i)));
    return map;
}

static enum status read_steps(struct ctx *cx, const struct val *from, struct funnel *f)
{
    from = steps_from(cx, from);
    if (report_event_given(cx, from, step_name(cx, STEPS)))
        return ctx_fail_code(cx, E_LIMIT, "funnel.steps", "A funnel has at most %d steps.", STEPS);
    for (size_t i = 0; i < STEPS; i++)
        if (report_event_given(cx, from, step_name(cx, i)))
            TRY(report_event_read(cx, from, step_name(cx, i), "", &f->steps[f->count++]));
    for (size_t i = 0; f->count == 0 && i < countof(usual); i++)
        TRY(report_event_read(cx, NULL, "step", usual[i], &f->steps[i]));
    if (f->count == 0)
        f->count = countof(usual);
    if (f->count < 2)
        return ctx_fail_code(cx, E_INVALID, "funnel.steps",
                             "A funnel needs two steps or more: choose what comes next.");
    for (size_t i = 0; i < f->count; i++)
        for (size_t k = 0; k < sizeof f->kinds; k++)
            f->kinds[k] |= f->steps[i].kinds[k];
    return OK;
}

static enum status read_funnel(struct ctx *cx, const struct val *from, struct funnel *f)
{
    *f = (struct funnel){ 0 };
    TRY(report_part_read(cx, from, &f->part));
    TRY(report_number(cx, from, "window", WINDOW_DAYS, 1, LIMIT_REPORT_DAYS, &f->window_days));
    f->window_ms = f->window_days * MS_DAY;
    TRY(report_word(cx, from, "order", orders, &f->order));
    TRY(report_dimension(cx, report_text(cx, from, "by", ""), &f->by));
    TRY(read_steps(cx, from, f));
    TRY(report_number(cx, from, "reached", 0, 1, (i64)f->count, &f->reached));
    TRY(report_number(cx, from, "lost", 0, 1, (i64)f->count, &f->lost));
    return report_scope_read(cx, from, "last_12_months", &f->scope);
}

static void funnel_form(struct ctx *cx, const struct val *from, struct val *form)
{
    struct val *steps = val_put_list(form, "steps");
    size_t given = 0, count = 0;

    from = from ? from : val_map(cx->arena);
    for (size_t i = 0; i < STEPS; i++)
        if (report_event_given(cx, from, step_name(cx, i)))
            given = i + 1;
    count = given ? given : countof(usual);
    for (size_t i = 0; i < count + 1 && i < STEPS; i++) {
        const char *otherwise = !given && i < countof(usual) ? usual[i] : "";
        report_event_put(cx, from, step_name(cx, i), arena_printf(cx->arena, "Step %zu", i + 1),
                         otherwise, i < 2 ? NULL : "No further step", val_add_map(steps));
    }
    val_put_text(form, "window",
                 report_text(cx, from, "window", arena_printf(cx->arena, "%d", WINDOW_DAYS)));
    report_put_words(cx, from, "order", orders, form);
    report_put_dimensions(cx, from, "by", "", "Nothing", form);
}

/* ---- the answer ---- */
extern const struct report funnel_report;

static i64 median_ms(struct ctx *cx, const struct acc *accs, size_t step)
{
    const struct report_numbers *all[REPORT_THREADS];
    struct report_numbers gaps;

    for (size_t t = 0; t < REPORT_THREADS; t++)
        all[t] = &accs[t].gaps[step];
    report_numbers_join(cx, all, &gaps);
    if (gaps.count == 0)
        return -1;
    u64 two = (u64)gaps.list[(gaps.count - 1) / 2] + gaps.list[gaps.count / 2];
    return (i64)(two * MS_SECOND / 2);
}

static const char *step_number(struct ctx *cx, size_t step)
{
    return arena_printf(cx->arena, "%zu", step + 1);
}

/* Those behind a number. */
static const char *people_url(struct ctx *cx, const struct val *from, bool lost, size_t step)
{
    return report_behind_url(cx, &funnel_report, from,
                             WORDS({ lost ? "lost" : "reached", step_number(cx, step) }));
}

static void put_steps(struct ctx *cx, const struct funnel *f, const struct acc *accs,
                      const struct val *from, const i64 *reached, struct val *page)
{
    struct val *steps = val_put_list(page, "steps");
    struct val *table = f->by ? NULL : report_table(page, "table"), *row;

    if (table) {
        report_column(table, "Step", "text");
        report_column(table, "People", "integer");
        report_column(table, "Of the first step", "percent");
        report_column(table, "Of the step before", "percent");
        report_column(table, "Median time from the step before, seconds", "integer");
    }
    for (size_t i = 0; i < f->count; i++) {
        struct val *one = val_add_map(steps);
        i64 before = i ? reached[i - 1] : 0, median = i ? median_ms(cx, accs, i) : -1;
        i64 next = i + 1 < f->count ? reached[i + 1] : reached[i];
        val_put_i64(one, "number", (i64)i + 1);
        val_put_text(one, "text", f->steps[i].text);
        val_put_i64(one, "people", reached[i]);
        val_put_text(one, "people_text", show_number(cx->arena, reached[i]));
        val_put_text(one, "of_first", i ? report_share(cx, reached[i], reached[0]) : "");
        val_put_text(one, "of_before", report_share(cx, reached[i], before));
        val_put_text(one, "time", median < 0 ? "" : report_duration(cx, median));
        val_put_i64(one, "percent", reached[0] ? reached[i] * 100 / reached[0] : 0);
        val_put_text(one, "url", reached[i] ? people_url(cx, from, false, i) : "");
        val_put_text(one, "lost",
                     reached[i] > next ? show_number(cx->arena, reached[i] - next) : "");
        val_put_text(one, "lost_url", reached[i] > next ? people_url(cx, from, true, i) : "");
        if (median < 0)
            val_put_null(one, "median_ms");
        else
            val_put_i64(one, "median_ms", median);
        if (!table)
            continue;
        row = report_row(table, f->steps[i].text, "");
        report_count_cell(cx, row, reached[i]);
        report_cell_url(row, 0, val_get_text(one, "url"));
        report_share_cell(cx, row, reached[i], reached[0]);
        report_share_cell(cx, row, reached[i], before);
        report_cell(row, "integer", val_get_text(one, "time"),
                    median < 0 ? "" : arena_printf(cx->arena, "%lld", (long long)median / 1000));
    }
}

static void put_groups(struct ctx *cx, struct funnel *f, const struct acc *accs,
                       const struct val *from, struct val *page)
{
    struct report_tally tallies[REPORT_THREADS];
    struct val *table = report_table(page, "table"), *row;
    struct report_group *groups;
    bool channel = text_is(f->by->name, "channel");
    size_t count;

    for (size_t t = 0; t < REPORT_THREADS; t++)
        tallies[t] = accs[t].groups;
    report_groups(cx, f->by, tallies, 0, &groups, &count);
    report_part_name(&f->part, groups, count);
    report_fold(cx, groups, &count, f->count, val_get_bool(page, "whole"));
    report_column(table, f->by->label, "text");
    for (size_t k = 0; k < f->count; k++)
        report_column(table, f->steps[k].text, "integer");
    report_column(table, "Conversion", "percent");
    for (size_t i = 0; i < count; i++) {
        const struct report_group *g = &groups[i];
        row = report_row(table, g->label, channel && g->value ? g->value : "");
        for (size_t k = 0; k < f->count; k++) {
            report_count_cell(cx, row, g->values[k]);
            if (g->values[k])
                report_cell_url(row, k,
                                report_group_url(cx, &funnel_report, from, g,
                                                 WORDS({ "reached", step_number(cx, k) })));
        }
        report_share_cell(cx, row, g->values[f->count - 1], g->values[0]);
    }
}

/* Those of the group that was asked for, by what people call its key. */
static enum status put_people(struct ctx *cx, const struct funnel *f, const struct acc *accs,
                              const struct val *from, struct val *page)
{
    i64 step = f->lost ? f->lost : f->reached;
    struct report_numbers people = { 0 };
    const char *title = arena_printf(
        cx->arena, f->lost ? "Went no further than “%s”" : "Reached “%s”", f->steps[step - 1].text);

    for (size_t t = 0; t < REPORT_THREADS; t++) {
        for (size_t i = 0; i < accs[t].people.count; i++) {
            if (f->by && !report_part_has(cx, f->by, &f->part, accs[t].keys.list[i]))
                continue;
            report_numbers_add(&people, cx->arena, accs[t].people.list[i]);
        }
    }
    if (f->by && f->part.of != PART_ALL)
        title = arena_printf(cx->arena, "%s, %s", title, report_part_text(cx, f->by, &f->part));
    return report_people_put(cx, &funnel_report, from, people.list, people.count, title, page);
}

static const char *definition(struct ctx *cx, const struct funnel *f)
{
    return arena_printf(
        cx->arena,
        "People who did the first step in the period, and how many of them did each next one after "
        "it, within %lld %s of the first. %s Whoever does the first step again gets the whole time "
        "again. Only what happened within the period counts; bots do not.%s",
        (long long)f->window_days, f->window_days == 1 ? "day" : "days",
        f->order == ORDER_STRICT ? "Another step in between breaks the chain."
                                 : "Other steps may come in between.",
        f->by ? " Each person is in one group: that of their first event of the period that "
                "tells one."
              : "");
}

static enum status funnel_answer(struct ctx *cx, const struct val *from, struct val *page)
{
    struct funnel *f = NEW(cx->arena, struct funnel);
    struct acc *accs = NEW_N(cx->arena, struct acc, REPORT_THREADS);
    void *pointers[REPORT_THREADS];
    struct journey_plan jp = { .columns = READ_DEVICE };
    i64 reached[STEPS] = { 0 };

    TRY(read_funnel(cx, from, f));
    jp.from_ms = f->scope.from_ms;
    jp.to_ms = f->scope.to_ms;
    jp.kinds = f->steps[0].kind ? &f->steps[0].kind : NULL;
    jp.kind_count = f->steps[0].kind ? 1 : 0;
    jp.columns |= f->by ? f->by->columns : 0;
    for (size_t i = 0; i < f->count; i++)
        report_event_plan(&f->steps[i], &jp);
    for (size_t t = 0; t < REPORT_THREADS; t++)
        pointers[t] = &accs[t];
    for (size_t t = 0; t < REPORT_THREADS; t++)
        accs[t].groups.width = f->count;
    TRY(report_walk(cx, &f->scope, &jp, pointers, f, &funnel_fold));
    for (size_t t = 0; t < REPORT_THREADS; t++)
        for (size_t i = 0; i < f->count; i++)
            reached[i] += accs[t].reached[i];
    val_put_text(page, "definition", definition(cx, f));
    put_steps(cx, f, accs, from, reached, page);
    val_put_text(page, "conversion", report_share(cx, reached[f->count - 1], reached[0]));
    if (f->by)
        put_groups(cx, f, accs, from, page);
    val_put_text(page, "split",
                 f->by ? arena_printf(cx->arena, "By %s", text_in_sentence(cx->arena, f->by->label))
                       : "");
    if (reached[0] == 0)
        report_empty(page, "Nobody did the first step",
                     "Choose a longer period, a first step that happens more often, or take the "
                     "filter away.");
    return f->reached || f->lost ? put_people(cx, f, accs, from, page) : OK;
}

static const char *const params[] = { "steps", "window", "order", "by", NULL };
static const char *const behind[] = { "reached", "lost", "group", "group_is", NULL };
static const char *const events[] = { "step1",  "step2",  "step3", "step4", "step5",
                                      "step6",  "step7",  "step8", "step9", "step10",
                                      "step11", "step12", NULL };
const struct report funnel_report = { .name = "funnel",
                                      .title = "Funnel",
                                      .template = "funnel/page",
                                      .period = "last_12_months",
                                      .params = params,
                                      .events = events,
                                      .behind = behind,
                                      .form = funnel_form,
                                      .answer = funnel_answer };
static const struct route routes[] = { REPORT_ROUTES(
    "funnel", &funnel_report,
    "Funnel: step1 ... step12 (or steps), order any or strict, window in days, by, period, "
    "filter, reached or lost for the people") };
static const struct menu_item menu[] = { { "insight", "Funnel", "/insight/funnel", "chart-funnel",
                                           "journey", 2 } };
const struct feature feature_funnel = { .name = "funnel", ROUTES(routes), MENU(menu) };
