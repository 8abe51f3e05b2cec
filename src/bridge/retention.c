/* retention.c -- who comes back. A cohort is those who did the start event in the same day, week or
 * month for the first time in the period; each next column tells how many of them did the return
 * event so much later. What happens within the visit of the start is no return. Days, weeks and
 * months are the workspace's: a week in which the clocks change is a week. */
#include "base/limits.h"
#include "bridge/report.h"
#include "kit/show.h"
#include <math.h>

enum { COHORTS = LIMIT_RETENTION_COHORTS, HEATS = 10, VISIT_GAP_MS = 30 * MS_MINUTE };

static const struct unit {
    enum period_unit unit;
    const char *one, *many, *pattern;
} units[] = {
    { PERIOD_DAY, "day", "days", "EEE d MMM" },
    { PERIOD_WEEK, "week", "weeks", "d MMM y" },
    { PERIOD_MONTH, "month", "months", "MMM y" },
};
static const struct report_word unit_words[] = {
    { "week", "Weeks" },
    { "day", "Days" },
    { "month", "Months" },
    { NULL, NULL },
};

struct retention {
    struct report_scope scope;
    struct report_event start, back;
    u8 visits[REPORT_KINDS / 8]; /* kinds that make visits */
    u8 kinds[REPORT_KINDS / 8];  /* those, and of what is asked for */
    const struct unit *unit;
    i64 starts[COHORTS + 1]; /* ascending; the last is the end */
    size_t count;
    size_t over; /* so many of them */
    double most;
    /* Who is asked for: those of this cohort, or of all; NOBODY: nobody. Of them those who came
     * back so much later; EVER: all. */
    size_t cohort, later;
};
enum { NOBODY = COHORTS + 1, EVERYBODY, EVER };

struct acc {
    struct report_acc base;
    i64 size[COHORTS];
    i64 back[COHORTS][COHORTS]; /* by cohort and how many units later */
    struct report_numbers people;
};

/* ---- one journey ---- */
/* Events come in order of time: the search goes on from the last place. */
static size_t part_at(const struct retention *r, i64 at_ms, size_t from)
{
    while (from + 1 < r->count && at_ms >= r->starts[from + 1])
        from++;
    return from;
}

struct seen {
    u64 parts; /* in which they came back, by how many units later */
    i64 last_ms;
    u32 cohort, part; /* cohort: its number + 1; 0: they have not started */
    bool again;       /* the visit of the start is over */
};

/* Coming back twice in one part counts once: what is left of it tells nothing. */
static void came_back(struct acc *acc, const struct retention *r, struct seen *s, i64 at_ms,
                      struct report_rows *rows)
{
    s->part = (u32)part_at(r, at_ms, s->part);
    u32 later = s->part - (s->cohort - 1);
    if (!(s->parts >> later & 1))
        acc->back[s->cohort - 1][later]++;
    s->parts |= UINT64_C(1) << later;
    if (s->again)
        report_skip_to(rows, r->starts[s->part + 1]);
}

/* Whether somebody of this cohort, who came back in these parts, stands behind the cell. */
static bool is_asked_for(const struct retention *r, size_t cohort, u64 seen)
{
    if (r->cohort == NOBODY || (r->cohort != EVERYBODY && r->cohort != cohort))
        return false;
    if (r->later == EVER)
        return true;
    return (seen >> r->later & 1) && (r->cohort != EVERYBODY || cohort + r->later < r->over);
}

static void fold(void *arg, void *state, struct report_rows *rows)
{
    struct acc *acc = arg;
    const struct retention *r = acc->base.report;
    struct seen *s = state;
    const struct event *e;

    while ((e = report_next(rows, r->kinds))) {
        bool web = report_has_kind(r->visits, e->kind);
        s->again |= s->cohort != 0 && web && e->at_ms - s->last_ms > VISIT_GAP_MS;
        s->last_ms = web || s->cohort == 0 ? e->at_ms : s->last_ms;
        if (s->cohort != 0 && (s->again || !web) && report_event_is(&r->back, e)) {
            came_back(acc, r, s, e->at_ms, rows);
        } else if (s->cohort == 0 && report_event_is(&r->start, e)) {
            s->part = (u32)part_at(r, e->at_ms, 0);
            s->cohort = s->part + 1;
            acc->size[s->part]++;
        }
    }
}

static void keep(void *arg, void *state, u32 person)
{
    struct acc *acc = arg;
    const struct seen *s = state;

    if (s->cohort != 0 && is_asked_for(acc->base.report, s->cohort - 1, s->parts))
        report_numbers_add(&acc->people, acc->base.arena, person);
}

static const struct report_fold retention_fold = { sizeof(struct seen), fold, NULL };
static const struct report_fold people_fold = { sizeof(struct seen), fold, keep };
_Static_assert(COHORTS <= 64, "a journey's parts are bits of one number");

/* ---- what is asked ---- */
static enum status read_parts(struct ctx *cx, struct retention *r)
{
    i64 at_ms = zone_start(kit_zone(cx), r->unit->unit, r->scope.from_ms, 0);

    while (at_ms < r->scope.to_ms) {
        if (r->count == COHORTS)
            return ctx_fail_code(cx, E_LIMIT, "retention.cohorts",
                                 "The period has more than %d %s. Choose a shorter one, or longer "
                                 "parts of it.",
                                 COHORTS, r->unit->many);
        r->starts[r->count++] = at_ms;
        at_ms = zone_start(kit_zone(cx), r->unit->unit, at_ms, 1);
    }
    r->starts[r->count] = at_ms;
    return OK;
}

static const char *cohort_key(struct ctx *cx, const struct retention *r, size_t cohort)
{
    return date_iso(cx->arena, zone_day(kit_zone(cx), r->starts[cohort]));
}

/* "cohort": the day it begins with, or "all"; "later". */
static enum status read_cell(struct ctx *cx, const struct val *from, struct retention *r)
{
    const char *cohort = report_text(cx, from, "cohort", "");
    i64 later;

    r->cohort = NOBODY;
    r->later = EVER;
    TRY(report_number(cx, from, "later", -1, 0, (i64)r->count - 1, &later));
    if (later >= 0)
        r->later = (size_t)later;
    if (cohort[0] == '\0')
        return OK;
    if (text_is(cohort, "all"))
        r->cohort = EVERYBODY;
    for (size_t c = 0; c < r->count && r->cohort == NOBODY; c++)
        if (text_is(cohort_key(cx, r, c), cohort))
            r->cohort = c;
    return r->cohort != NOBODY
               ? OK
               : ctx_fail_code(cx, E_INVALID, "retention.cohort",
                               "The period has no %s that begins on '%s'.", r->unit->one, cohort);
}

static enum status read_retention(struct ctx *cx, const struct val *from, struct retention *r)
{
    size_t unit;

    TRY(report_word(cx, from, "unit", unit_words, &unit));
    for (size_t i = 0; i < countof(units); i++)
        if (text_is(units[i].one, unit_words[unit].value))
            r->unit = &units[i];
    TRY(report_event_read(cx, from, "start", "visit", &r->start));
    TRY(report_event_read(cx, from, "return", "visit", &r->back));
    report_add_kinds(cx, r->visits, KIND_VISIT);
    for (size_t i = 0; i < sizeof r->kinds; i++)
        r->kinds[i] = r->visits[i] | r->start.kinds[i] | r->back.kinds[i];
    TRY(report_scope_read(cx, from, "last_90_days", &r->scope));
    TRY(read_parts(cx, r));
    while (r->over < r->count && r->starts[r->over + 1] <= ctx_now(cx))
        r->over++;
    return read_cell(cx, from, r);
}

static void retention_form(struct ctx *cx, const struct val *from, struct val *form)
{
    struct val *events = val_put_list(form, "conditions");

    report_event_put(cx, from, "start", "First they do", "visit", NULL, val_add_map(events));
    report_event_put(cx, from, "return", "Then they come back for", "visit", NULL,
                     val_add_map(events));
    report_put_words(cx, from, "unit", unit_words, form);
}

/* ---- the answer ---- */
/* The greatest share among all people of those of one part: what is shaded most. */
static double most_of(const struct retention *r, const struct acc *sum)
{
    double most = 0;

    for (size_t k = 0; k < r->count; k++) {
        i64 part = 0, of = 0;
        for (size_t c = 0; c + k < r->count; c++) {
            part += sum->back[c][k];
            of += sum->size[c];
        }
        if (of)
            most = fmax(most, (double)part / (double)of);
    }
    return most;
}

/* Shade by share: 0 for nobody, 10 for the most. */
static int heat_of(const struct retention *r, i64 part, i64 of)
{
    double share = part && of ? (double)part / (double)of : 0;

    return share > 0 ? (int)ceil(HEATS * fmin(share / r->most, 1)) : 0;
}

/* What has not happened yet is no zero. */
static bool is_over(const struct retention *r, size_t part) { return part < r->over; }

extern const struct report retention_report;

/* Makes the row's last cell lead to those whom it counts; later EVER: to the cohort. */
static void lead_on(struct ctx *cx, const struct val *from, const char *cohort, size_t later,
                    i64 count, const struct val *row)
{
    size_t index = val_count(val_get(row, "cells")) - 1;
    const char *number = later == EVER ? "" : arena_printf(cx->arena, "%zu", later);

    if (count)
        report_cell_url(row, index,
                        report_behind_url(cx, &retention_report, from,
                                          WORDS({ "cohort", cohort }, { "later", number })));
}

static void put_cell(struct ctx *cx, const struct retention *r, i64 part, i64 of, bool over,
                     struct val *row)
{
    struct val *cell =
        report_cell(row, "heat", report_share(cx, part, of),
                    of ? arena_printf(cx->arena, "%.4f", (double)part / (double)of) : "");

    val_put_i64(cell, "people", part);
    val_put_printf(cell, "note", "%s of %s people%s", show_number(cx->arena, part),
                   show_number(cx->arena, of), over ? "" : ", and it is not over yet");
    if (of)
        val_put_printf(cell, "heat", "%d", heat_of(r, part, of));
    val_put_bool(cell, "open", !over);
}

static void put_head(struct ctx *cx, const struct retention *r, struct val *table)
{
    report_column(table, r->unit->unit == PERIOD_WEEK ? "Week of" : "Started in", "text");
    report_column(table, "People", "integer");
    for (size_t k = 0; k < r->count; k++)
        report_column(table,
                      k ? arena_printf(cx->arena, "+%zu", k)
                        : arena_printf(cx->arena, "Same %s", r->unit->one),
                      "heat");
}

/* Of all cohorts for which this part is over. */
static void put_all(struct ctx *cx, const struct retention *r, const struct acc *sum, i64 people,
                    const struct val *from, struct val *table)
{
    struct val *row = report_row(table, "All", "");

    val_put_text(row, "tone", "total");
    report_count_cell(cx, row, people);
    lead_on(cx, from, "all", EVER, people, row);
    for (size_t k = 0; k < r->count; k++) {
        i64 part = 0, of = 0;
        for (size_t c = 0; c + k < r->count; c++) {
            if (!is_over(r, c + k))
                break;
            part += sum->back[c][k];
            of += sum->size[c];
        }
        put_cell(cx, r, part, of, true, row);
        lead_on(cx, from, "all", k, part, row);
    }
}

static void put_table(struct ctx *cx, const struct retention *r, const struct acc *sum,
                      const struct val *from, struct val *page)
{
    struct val *table = report_table(page, "table"), *row;
    i64 people = 0;

    for (size_t c = 0; c < r->count; c++)
        people += sum->size[c];
    put_head(cx, r, table);
    put_all(cx, r, sum, people, from, table);
    for (size_t c = 0; c < r->count; c++) {
        if (r->starts[c] > ctx_now(cx))
            break;
        row = report_row(table,
                         zone_format(cx->arena, kit_zone(cx), r->starts[c], r->unit->pattern), "");
        const char *key = cohort_key(cx, r, c);
        val_put_text(row, "key", key);
        report_count_cell(cx, row, sum->size[c]);
        lead_on(cx, from, key, EVER, sum->size[c], row);
        for (size_t k = 0; c + k < r->count && r->starts[c + k] <= ctx_now(cx); k++) {
            put_cell(cx, r, sum->back[c][k], sum->size[c], is_over(r, c + k), row);
            lead_on(cx, from, key, k, sum->back[c][k], row);
        }
    }
    val_put_i64(page, "people_count", people);
    if (people == 0)
        report_empty(page, "Nobody started in this period",
                     "Choose a longer period, or a start event that happens more often.");
}

static void put_words(const struct retention *r, struct val *page)
{
    val_put_printf(
        page, "definition",
        "People by the %s in which they first did this in the period, taken in whole %s: "
        "%s. Each cell is the share of them for whom this happened after it, in the "
        "same %s or so many %s later: %s. On the web site, coming back is another "
        "visit, more than 30 minutes after the last sign of life. Cells with … are not "
        "over yet; All counts only what is over. Bots do not count.",
        r->unit->one, r->unit->many, r->start.text, r->unit->one, r->unit->many, r->back.text);
}

/* Those of the cell that is asked for. */
static enum status put_people(struct ctx *cx, const struct retention *r, const struct acc *accs,
                              const struct val *from, struct val *page)
{
    const struct report_numbers *all[REPORT_THREADS];
    struct report_numbers people;
    const char *title =
        r->cohort == EVERYBODY
            ? "All who started"
            : arena_printf(cx->arena, "Those who started in the %s of %s", r->unit->one,
                           zone_format(cx->arena, kit_zone(cx), r->starts[r->cohort], "d MMMM y"));

    if (r->later == 0)
        title = arena_printf(cx->arena, "%s and came back in the same %s", title, r->unit->one);
    else if (r->later != EVER)
        title = arena_printf(cx->arena, "%s and came back %zu %s later", title, r->later,
                             r->later == 1 ? r->unit->one : r->unit->many);
    for (size_t t = 0; t < REPORT_THREADS; t++)
        all[t] = &accs[t].people;
    report_numbers_join(cx, all, &people);
    return report_people_put(cx, &retention_report, from, people.list, people.count, title, page);
}

static enum status retention_answer(struct ctx *cx, const struct val *from, struct val *page)
{
    struct retention *r = NEW(cx->arena, struct retention);
    struct acc *accs = NEW_N(cx->arena, struct acc, REPORT_THREADS);
    void *pointers[REPORT_THREADS];
    struct journey_plan jp = { .columns = READ_DEVICE };

    TRY(read_retention(cx, from, r));
    jp.from_ms = r->starts[0]; /* whole parts: half a week would be a cohort that cannot be held */
    jp.to_ms = r->starts[r->count]; /* against others */
    report_event_plan(&r->start, &jp);
    report_event_plan(&r->back, &jp);
    jp.kinds = r->start.kind ? &r->start.kind : NULL;
    jp.kind_count = r->start.kind ? 1 : 0;
    for (size_t t = 0; t < REPORT_THREADS; t++)
        pointers[t] = &accs[t];
    TRY(report_walk(cx, &r->scope, &jp, pointers, r,
                    r->cohort == NOBODY ? &retention_fold : &people_fold));
    for (size_t t = 1; t < REPORT_THREADS; t++) {
        for (size_t c = 0; c < r->count; c++) {
            accs[0].size[c] += accs[t].size[c];
            for (size_t k = 0; k < r->count; k++)
                accs[0].back[c][k] += accs[t].back[c][k];
        }
    }
    r->most = most_of(r, &accs[0]);
    put_words(r, page);
    put_table(cx, r, &accs[0], from, page);
    return r->cohort == NOBODY ? OK : put_people(cx, r, accs, from, page);
}

static const char *const params[] = { "unit", NULL };
static const char *const events[] = { "start", "return", NULL };
static const char *const behind[] = { "cohort", "later", NULL };
const struct report retention_report = { .name = "retention",
                                         .title = "Retention",
                                         .template = "retention/page",
                                         .period = "last_90_days",
                                         .params = params,
                                         .events = events,
                                         .behind = behind,
                                         .form = retention_form,
                                         .answer = retention_answer };
static const struct route routes[] = { REPORT_ROUTES(
    "retention", &retention_report,
    "Retention: cohorts by start event, and how many of them do the return event so many days, "
    "weeks or months (unit) later; period, filter") };
static const struct menu_item menu[] = { { "insight", "Retention", "/insight/retention", "refresh",
                                           "journey", 4 } };
const struct feature feature_retention = { .name = "retention", ROUTES(routes), MENU(menu) };
