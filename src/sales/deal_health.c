/* deal_health.c -- how a deal does: what its stage's rules warn of, as points and in words; what
 * must hold before it leaves a stage. The words that are kept change only when a warning comes or
 * goes, not with each day: the change log tells when a deal went stale. */
#include "kit/pages.h"
#include "kit/question.h"
#include "sales/deal.h"
#include "sales/pipeline.h"

enum { COMMIT_PERCENT = 70, BEST_CASE_PERCENT = 40, AT_RISK_BELOW = 75, STALE_BELOW = 50 };

static const struct {
    int points;
    const char *words;
} warnings[DEAL_WARNINGS] = {
    [WARN_QUIET] = { 30, "no activity" },       [WARN_LONG] = { 25, "long in this stage" },
    [WARN_OVERDUE] = { 20, "close date past" }, [WARN_NO_STEP] = { 15, "no next step" },
    [WARN_ONE_PERSON] = { 10, "few people" },
};

const char *stage_category(const struct row *stage)
{
    i64 percent = row_i64(stage, STAGE_PROBABILITY);

    if (text_is(row_text(stage, STAGE_KIND), "won"))
        return "closed";
    if (text_is(row_text(stage, STAGE_KIND), "lost"))
        return "omitted";
    for (const struct choice *c = stage_type.fields[STAGE_CATEGORY].choices; c->value; c++)
        if (text_is(c->value, row_text(stage, STAGE_CATEGORY)))
            return c->value;
    return percent >= COMMIT_PERCENT      ? "commit"
           : percent >= BEST_CASE_PERCENT ? "best_case"
                                          : "pipeline";
}

/* ---- leaving a stage ---- */
/* The words of those top-level conditions that do not hold. */
static enum status missing(struct ctx *cx, const struct row *deal, struct filter *f,
                           const char **out)
{
    const struct val *chips = filter_chips(cx, f);
    const char *words = "";

    for (size_t i = 0; i < val_count(chips); i++) {
        const struct val *chip = val_at(chips, i);
        struct filter *one;
        bool holds;
        TRY(filter_parse(cx, &deal_type, val_get_text(chip, "text"), &one));
        TRY(filter_match(cx, one, deal, &holds));
        if (!holds)
            words = arena_printf(cx->arena, "%s%s%s", words, words[0] ? "; " : "",
                                 filter_words(cx, one));
    }
    *out = words[0] ? words : filter_words(cx, f);
    return OK;
}

enum status deal_may_leave(struct ctx *cx, const struct row *deal, const struct row *to_stage)
{
    scoped(access_leave) struct access_guard guard = access_enter_system(cx);
    struct row *stage;
    struct filter *f;
    const char *lacks;
    bool holds;
    enum status s = record_get(cx, &stage_type, row_i64(row_before(deal), DEAL_STAGE), &stage);

    if (s == E_NOT_FOUND) {
        ctx_clear_error(cx);
        return OK;
    }
    TRY(s);
    if (!row_has(stage, STAGE_EXIT) || text_is(row_text(to_stage, STAGE_KIND), "lost") ||
        row_i64(to_stage, STAGE_PIPELINE) != row_i64(stage, STAGE_PIPELINE) ||
        row_i64(to_stage, STAGE_POSITION) <= row_i64(stage, STAGE_POSITION))
        return OK;
    TRY(filter_parse(cx, &deal_type, row_text(stage, STAGE_EXIT), &f));
    TRY(filter_match(cx, f, deal, &holds));
    if (holds)
        return OK;
    TRY(missing(cx, deal, f, &lacks));
    return ctx_fail_field(cx, "stage_id", "deal.may_not_leave_stage",
                          "Before a deal leaves %s this must hold: %s.%s%s", row_title(cx, stage),
                          lacks, row_has(stage, STAGE_EXIT_WHY) ? " " : "",
                          row_text(stage, STAGE_EXIT_WHY));
}

/* ---- warnings ---- */
static enum status look_at_activities(struct ctx *cx, const struct row *deal, struct deal_health *h)
{
    i64 last = 0, planned = 0, begun = row_is_new(deal) ? ctx_now(cx) : row_created_at(deal);

    if (!row_is_new(deal)) {
        TRY(db_get_i64(cx, &last, "deal.last_activity", I64("deal", row_id(deal)),
                       I64("now", ctx_now(cx))));
        if (!row_has(deal, DEAL_NEXT_STEP))
            TRY(db_get_i64(cx, &planned, "deal.planned", I64("deal", row_id(deal))));
        if (h->people_least > 1)
            TRY(db_get_i64(cx, &h->people, "deal.people", I64("deal", row_id(deal)),
                           I64("contact", row_i64(deal, DEAL_CONTACT))));
    }
    h->people += row_has(deal, DEAL_CONTACT);
    h->quiet_days = (ctx_now(cx) - (last > begun ? last : begun)) / MS_DAY;
    h->warns[WARN_QUIET] = h->quiet_most > 0 && h->quiet_days > h->quiet_most;
    h->warns[WARN_NO_STEP] = !row_has(deal, DEAL_NEXT_STEP) && planned == 0;
    h->warns[WARN_ONE_PERSON] = h->people < h->people_least;
    return OK;
}

enum status deal_health(struct ctx *cx, const struct row *deal, const struct row *stage,
                        struct deal_health *h)
{
    *h = (struct deal_health){ .score = 100,
                               .quiet_most = row_i64(stage, STAGE_QUIET_DAYS),
                               .people_least = row_i64(stage, STAGE_PEOPLE) };
    h->stage_most = row_i64(stage, row_has(stage, STAGE_DAYS) && row_i64(stage, STAGE_DAYS) > 0
                                       ? STAGE_DAYS
                                       : STAGE_USUAL_DAYS);
    h->stage_days = (ctx_now(cx) - row_i64(deal, DEAL_STAGE_SINCE)) / MS_DAY;
    h->warns[WARN_LONG] = h->stage_most > 0 && h->stage_days > h->stage_most;
    if (row_has(deal, DEAL_CLOSE))
        h->overdue_days = zone_day(kit_zone(cx), ctx_now(cx)) - row_i64(deal, DEAL_CLOSE);
    h->warns[WARN_OVERDUE] = h->overdue_days > 0;
    TRY(look_at_activities(cx, deal, h));
    for (int i = 0; i < DEAL_WARNINGS; i++)
        h->score -= h->warns[i] ? warnings[i].points : 0;
    return OK;
}

enum status deal_set_health(struct ctx *cx, struct row *deal, const struct row *stage)
{
    struct deal_health h;
    const char *words = "";

    if (!text_is(row_text(stage, STAGE_KIND), "open")) {
        row_clear(deal, DEAL_HEALTH);
        row_clear(deal, DEAL_HEALTH_SCORE);
        row_clear(deal, DEAL_HEALTH_WHY);
        return OK;
    }
    TRY(deal_health(cx, deal, stage, &h));
    for (int i = 0; i < DEAL_WARNINGS; i++)
        if (h.warns[i])
            words =
                arena_printf(cx->arena, "%s%s%s", words, words[0] ? ", " : "", warnings[i].words);
    if (words[0]) { /* a sentence's beginning */
        char *text = arena_text(cx->arena, words);
        text[0] = (char)(text[0] - 'a' + 'A');
        words = text;
    }
    row_set_i64(deal, DEAL_HEALTH_SCORE, h.score);
    row_set_text(deal, DEAL_HEALTH_WHY, words);
    row_set_text(deal, DEAL_HEALTH,
                 h.score < STALE_BELOW     ? "stale"
                 : h.score < AT_RISK_BELOW ? "at_risk"
                                           : "healthy");
    return OK;
}

/* ---- the deal's page ---- */
static const char *days(struct ctx *cx, i64 n)
{
    return arena_printf(cx->arena, "%lld day%s", (long long)n, n == 1 ? "" : "s");
}

/* A warning with its numbers of today. */
static const char *warning_words(struct ctx *cx, const struct deal_health *h, int warning)
{
    switch ((enum deal_warning)warning) {
    case WARN_QUIET:
        return arena_printf(cx->arena, "No activity for %s; more than %lld are too many here",
                            days(cx, h->quiet_days), (long long)h->quiet_most);
    case WARN_LONG:
        return arena_printf(cx->arena, "%s in this stage; most leave within %lld",
                            days(cx, h->stage_days), (long long)h->stage_most);
    case WARN_OVERDUE:
        return arena_printf(cx->arena, "Expected to close %s ago", days(cx, h->overdue_days));
    case WARN_NO_STEP:
        return "No next step is written down, and no task is planned";
    case WARN_ONE_PERSON:
    case DEAL_WARNINGS:
        break;
    }
    return arena_printf(cx->arena, "%lld of %lld people spoken to", (long long)h->people,
                        (long long)h->people_least);
}

static enum status put_health(struct ctx *cx, const struct row *r, const struct row *stage,
                              struct val *page)
{
    struct val *v = val_put_map(page, "health"), *list = val_put_list(v, "warnings");
    bool any = text_is(row_text(r, DEAL_STATUS), "open");
    struct deal_health h;

    val_put_bool(v, "any", any);
    if (!any)
        return OK;
    TRY(deal_health(cx, r, stage, &h));
    val_put_i64(v, "score", h.score);
    val_put_text(v, "text",
                 h.score < STALE_BELOW     ? "Stale"
                 : h.score < AT_RISK_BELOW ? "At risk"
                                           : "Healthy");
    val_put_text(v, "tone",
                 h.score < STALE_BELOW     ? "red"
                 : h.score < AT_RISK_BELOW ? "amber"
                                           : "green");
    for (int i = 0; i < DEAL_WARNINGS; i++) {
        if (!h.warns[i])
            continue;
        struct val *one = val_add_map(list);
        val_put_text(one, "text", warning_words(cx, &h, i));
        val_put_printf(one, "points", "−%d", warnings[i].points);
    }
    val_put_bool(v, "has_warnings", val_count(list) > 0);
    return OK;
}

/* Each condition of leaving, and whether it holds. */
static enum status put_leaving(struct ctx *cx, const struct row *r, const struct row *stage,
                               struct val *page)
{
    struct val *v = val_put_map(page, "leaving"), *list = val_put_list(v, "conditions");
    struct filter *f;

    val_put_bool(v, "any", false);
    if (!text_is(row_text(r, DEAL_STATUS), "open") || !row_has(stage, STAGE_EXIT))
        return OK;
    if (filter_parse(cx, &deal_type, row_text(stage, STAGE_EXIT), &f) != OK) {
        ctx_clear_error(cx); /* it names a field that is no more: the settings say so */
        return OK;
    }
    const struct val *chips = filter_chips(cx, f);
    for (size_t i = 0; i < val_count(chips); i++) {
        struct val *one = val_add_map(list);
        bool holds;
        TRY(filter_parse(cx, &deal_type, val_get_text(val_at(chips, i), "text"), &f));
        TRY(filter_match(cx, f, r, &holds));
        val_put_text(one, "text", filter_words(cx, f));
        val_put_text(one, "holds", holds ? "done" : "missing");
        val_put_text(one, "tone", holds ? "green" : "grey");
    }
    val_put_bool(v, "any", true);
    val_put_text(v, "stage", row_title(cx, stage));
    val_put_text(v, "message", row_text(stage, STAGE_EXIT_WHY));
    return OK;
}

enum status deal_put_health(struct ctx *cx, const struct row *r, struct val *page)
{
    scoped(access_leave) struct access_guard guard = access_enter_system(cx);
    struct row *stage;

    TRY(record_get_any(cx, &stage_type, row_i64(r, DEAL_STAGE), &stage));
    TRY(put_health(cx, r, stage, page));
    return put_leaving(cx, r, stage, page);
}

/* ---- kept up ---- */
struct keeping {
    i64 id;
};

/* Whose deal went stale hears of it, once. */
static enum status keep(struct ctx *cx, void *arg)
{
    scoped(access_leave) struct access_guard guard = access_enter_system(cx);
    struct keeping *k = arg;
    struct row *r;
    bool was_stale;
    enum status s = record_get(cx, &deal_type, k->id, &r);

    if (s == E_NOT_FOUND) {
        ctx_clear_error(cx);
        return OK;
    }
    TRY(s);
    was_stale = text_is(row_text(r, DEAL_HEALTH), "stale");
    TRY(record_save(cx, r)); /* the check of a deal looks at its health */
    if (was_stale || !text_is(row_text(r, DEAL_HEALTH), "stale") || !row_has(r, DEAL_OWNER))
        return OK;
    return notify(cx, row_i64(r, DEAL_OWNER), "clock",
                  arena_printf(cx->arena, "%s has gone stale: %s", row_text(r, DEAL_NAME),
                               row_text(r, DEAL_HEALTH_WHY)),
                  row_path(cx, r));
}

static enum status look(struct ctx *cx, struct row *r, void *arg)
{
    struct row *stage;
    struct keeping k = { row_id(r) };
    const char *before = arena_text(cx->arena, row_text(r, DEAL_HEALTH_WHY));
    enum status s = record_get(cx, &stage_type, row_i64(r, DEAL_STAGE), &stage);

    (void)arg;
    if (s == E_NOT_FOUND) {
        ctx_clear_error(cx);
        return OK;
    }
    TRY(s);
    bool had = row_has(r, DEAL_HEALTH);
    TRY(deal_set_health(cx, r, stage));
    return had && text_is(before, row_text(r, DEAL_HEALTH_WHY)) ? OK : kit_write(cx, keep, &k);
}

static enum status health_job(struct job_run *job)
{
    return list_each(job->cx, &deal_type, "status = 'open'", look, NULL);
}

/* What was done or planned about a deal mends it at once. */
static enum status activity_told(struct ctx *cx, const struct happening *h)
{
    scoped(access_leave) struct access_guard guard = access_enter_system(cx);
    int field = type_field(row_type(h->row), "deal_id");
    struct row *r;
    enum status s;

    if (field < 0 || !row_has(h->row, field))
        return OK;
    s = record_get(cx, &deal_type, row_i64(h->row, field), &r);
    if (s == E_NOT_FOUND) {
        ctx_clear_error(cx);
        return OK;
    }
    TRY(s);
    if (!text_is(row_text(r, DEAL_STATUS), "open") || text_empty(row_text(r, DEAL_HEALTH_WHY)))
        return OK;
    return record_save(cx, r);
}

static const struct subscription subscriptions[] = {
    { "activity.created", activity_told },
    { "activity.updated", activity_told },
};
static const struct job_type jobs[] = {
    { "deal.health", "Look at how deals do", health_job, .every_ms = MS_DAY, .at_start = true },
};
static const struct metric metrics[] = {
    { .name = "stale_deals",
      .label = "Stale deals",
      .unit = UNIT_COUNT,
      .team = "sales",
      .less_is_better = true,
      .definition = "Open deals of which several warnings hold at once: no activity, long in the "
                    "stage, close date past, no next step, too few people.",
      .source = METRIC_RECORDS,
      .type = "deal",
      .filter = "status = 'open' and health = 'stale'",
      .aggregate = AGG_COUNT,
      .time = AT_NOW,
      .channel_path = "contact_id.first_channel",
      .campaign_path = "contact_id.first_campaign",
      .owner_path = "owner_id" },
    { .name = "pipeline_at_risk",
      .label = "Pipeline at risk",
      .unit = UNIT_MONEY,
      .team = "sales",
      .less_is_better = true,
      .definition = "Sum of the amounts of open deals whose health is at risk or stale, in base "
                    "currency.",
      .source = METRIC_RECORDS,
      .type = "deal",
      .filter = "status = 'open' and health in ('at_risk', 'stale')",
      .aggregate = AGG_SUM,
      .field = "amount",
      .time = AT_NOW,
      .channel_path = "contact_id.first_channel",
      .campaign_path = "contact_id.first_campaign",
      .owner_path = "owner_id" },
};
const struct feature feature_deal_health = {
    .name = "deal_health",
    METRICS(metrics),
    JOBS(jobs),
    SUBSCRIPTIONS(subscriptions),
};
