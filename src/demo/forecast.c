/* forecast.c -- how the sales team forecasts: what people say of the last months and of the
 * quarter, each in its first days, and what must hold before a deal leaves a stage. The
 * snapshots and the learned forecast come from the jobs that make them in a real company. */
#include "sales/forecast.h"
#include "demo/demo_int.h"
#include "sales/pipeline.h"
#include <math.h>

enum { MIRIAM = 4, MONTHS_BACK = 2, NEEDS_ANALYSIS = 2, PROPOSAL = 3, WHOLE = -1, TEAM = -2 };

/* How each sees what is commit and best case: percent of them, and of what is closed nothing. */
static const struct judge {
    int of, by; /* colleagues; of: WHOLE, TEAM */
    int commit, best;
    const char *note;
} judges[] = {
    { 4, 4, 95, 40, "" },
    { 5, 5, 110, 70, "Two growers have promised their answer this month." },
    { 6, 6, 85, 25, "I count only what procurement has confirmed." },
    { 7, 7, 120, 80, "" },
    { 8, 8, 90, 45, "" },
    { 5, MIRIAM, 85, 35, "Luca's dates slip; I take a month off half of them." },
    { 7, MIRIAM, 80, 30, "Ben counts a cooperative whose board has not met." },
    { TEAM, MIRIAM, 90, 40, "" },
    { WHOLE, MIRIAM, 90, 35, "Said to the board." },
};

static const struct forecast_line *line_of(const struct forecast_lines *lines,
                                           struct forecast_who who)
{
    for (size_t i = 0; i < lines->count; i++)
        if (lines->list[i].who.person_id == who.person_id &&
            lines->list[i].who.team_id == who.team_id)
            return &lines->list[i];
    return NULL;
}

static enum status say(struct sim *s, const struct judge *j, const struct forecast_when *w,
                       const struct forecast_lines *lines)
{
    i64 team = s->access[MIRIAM]->team_id;
    struct forecast_who who = { .person_id = j->of >= 0 ? s->user_ids[j->of] : 0,
                                .team_id = j->of == TEAM ? team : 0 };
    const struct forecast_line *l = line_of(lines, who);
    struct row *r = row_new(&s->cx, &forecast_override_type);
    double amount;

    if (l == NULL)
        return OK;
    amount = l->numbers[NUM_CLOSED] + l->numbers[NUM_COMMIT] * j->commit / 100 +
             l->numbers[NUM_BEST] * j->best / 100 + l->numbers[NUM_PIPELINE] / 10;
    if (amount < 100000)
        return OK; /* nothing to speak of */
    sim_as(s, j->by);
    row_set_text(r, OVERRIDE_PERIOD, w->word);
    row_set_i64(r, OVERRIDE_FROM, w->p.from_day);
    if (who.person_id)
        row_set_i64(r, OVERRIDE_PERSON, who.person_id);
    if (who.team_id)
        row_set_i64(r, OVERRIDE_TEAM, who.team_id);
    put_money(r, "amount", (i64)(amount / 50000) * 50000, base_currency(&s->cx));
    row_set_text(r, OVERRIDE_NOTE, j->note);
    return record_save(&s->cx, r);
}

/* On the third day of a period, or now where that is still to come. */
static enum status say_all(struct sim *s, const struct forecast_when *w)
{
    i64 end = s->end_ms + 2 * MS_SECOND, at = w->p.from_ms + 2 * (i64)MS_DAY + 10 * MS_HOUR;
    struct forecast_lines lines;

    s->clock.fixed_ms = at < end ? at : end;
    sim_as(s, -1);
    TRY(forecast_lines(&s->cx, w, s->clock.fixed_ms - MS_MINUTE, NULL, &lines));
    for (size_t i = 0; i < countof(judges); i++)
        TRY(say(s, &judges[i], w, &lines));
    s->clock.fixed_ms = end;
    return OK;
}

static enum status demand(struct sim *s, int stage, const char *filter, const char *why)
{
    struct row *r;

    sim_as(s, -1);
    TRY(record_get(&s->cx, &stage_type, s->stage_ids[stage], &r));
    row_set_text(r, STAGE_EXIT, filter);
    row_set_text(r, STAGE_EXIT_WHY, why);
    return record_save(&s->cx, r);
}

enum status forecast_story(struct ctx *cx, void *arg)
{
    struct sim *s = arg;
    struct forecast_when now = forecast_when(&s->cx, "month", TIME_NONE);
    struct forecast_when quarter = forecast_when(&s->cx, "quarter", TIME_NONE);

    (void)cx;
    TRY(demand(s, NEEDS_ANALYSIS, "next_step is not empty and amount > 0",
               "Agree with the customer on what happens next, and write down what it is worth."));
    TRY(demand(s, PROPOSAL, "contact_id is not empty and close_date >= today",
               "Ask when they decide, and who signs."));
    for (int back = MONTHS_BACK; back >= 0; back--) {
        struct forecast_when w = forecast_when_next(&s->cx, &now, -back);
        TRY(say_all(s, &w));
    }
    return say_all(s, &quarter);
}
