/* forecast.c -- `furrow forecast backtest`: each past month forecast again, at its first day and at
 * its middle, with nothing but what was known then, beside what came of it. */
#include "app/commands.h"
#include "app/program.h"
#include "sales/forecast_history.h"
#include <math.h>

static const char *const ways[FORECAST_WAYS] = { "learned (median)", "weighted by stage",
                                                 "last year's same month", "mean of past months" };

/* Whole units of the base currency. */
static double units(double minor) { return minor / 100; }

static void print_amount(FILE *out, double minor)
{
    if (isnan(minor))
        fprintf(out, " %10s", "-");
    else
        fprintf(out, " %10.0f", units(minor));
}

static void print_trial(FILE *out, const struct zone *z, const struct forecast_trial *t)
{
    scoped(arena_close) struct arena *a = arena_new(1024);

    fprintf(out, "%s", zone_format(a, z, t->at_ms, "yyyy-MM-dd"));
    print_amount(out, t->actual);
    print_amount(out, t->served ? t->range.low : NAN);
    print_amount(out, t->served ? t->range.median : NAN);
    print_amount(out, t->served ? t->range.high : NAN);
    fprintf(out, "  %-6s",
            !t->served                  ? "-"
            : t->actual < t->range.low  ? "below"
            : t->actual > t->range.high ? "above"
                                        : "inside");
    print_amount(out, t->weighted);
    print_amount(out, t->last_year);
    print_amount(out, t->mean);
    fputc('\n', out);
}

static void print_scores(FILE *out, const struct forecast_trial *trials, size_t count)
{
    struct forecast_score scores[FORECAST_WAYS];
    const struct forecast_score *learned = &scores[WAY_LEARNED];

    forecast_scores(trials, count, scores);
    if (learned->trials == 0)
        fputs("\nNo month had enough history behind it.\n", out);
    else
        fprintf(out, "\nInside the 80 percent interval: %d of %d (%.0f percent).\n",
                learned->inside, learned->trials, 100.0 * learned->inside / learned->trials);
    if (learned->compared == 0)
        return;
    fprintf(out, "\nOver the %d that have a year before them:\n%-24s %6s %6s %12s\n",
            learned->compared, "", "WAPE", "MAPE", "pinball loss");
    for (int w = 0; w < FORECAST_WAYS; w++)
        fprintf(out, "%-24s %5.0f%% %5.0f%% %12.0f\n", ways[w], 100 * scores[w].wape,
                100 * scores[w].mape, units(scores[w].pinball));
}

static enum status backtest(struct program *p, const struct cli *cli)
{
    struct forecast_history *h;
    struct forecast_period *months;
    struct forecast_trial *trials;
    size_t count;

    TRY(db_time_limit(&p->cx, p->db, 0));
    TRY(history_read(&p->cx, TIME_NONE, &h));
    int n = history_months(&p->cx, h, &months);
    count = forecast_backtest(p->arena, h, months, n, cli_int(cli, "runs"),
                              (u64)cli_int(cli, "seed"), &trials);
    fprintf(cli->out, "%s\n%-10s %10s %10s %10s %10s  %-6s %10s %10s %10s\n",
            "Revenue of the month, in whole units of the base currency.", "as of", "actual", "10 %",
            "median", "90 %", "", "weighted", "last year", "mean");
    for (size_t i = 0; i < count; i++)
        print_trial(cli->out, kit_zone(&p->cx), &trials[i]);
    print_scores(cli->out, trials, count);
    return OK;
}

int cmd_forecast_backtest(struct cli *cli)
{
    struct program p;
    enum status s;

    if (cli_int(cli, "runs") < 100 || cli_int(cli, "runs") > 1000 * 1000)
        return cli_error("--runs must be 100 to 1,000,000");
    s = program_open(&p, cli, PROGRAM_NO_START, NULL);
    if (s == OK)
        s = backtest(&p, cli);
    return program_end(&p, s);
}
