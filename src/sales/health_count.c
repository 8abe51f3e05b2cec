/* health_count.c -- what the rules give a company, and bringing that into the records. Each rule is
 * asked once for all companies that are counted, by the SQL that lists and segments ask too. */
#include "base/sort.h"
#include "bridge/company.h"
#include "kit/filter.h"
#include "sales/health.h"
#include "sales/subscription.h"
#include <stdlib.h>

enum { BEFORE_DAYS = 30, WHY_MOST = 4 };

enum status health_rules_read(struct ctx *cx, struct health_rules *out)
{
    scoped(stmt_close) struct stmt q = db_query(cx, "health.rules");

    *out = (struct health_rules){ .list = NEW_N(cx->arena, struct health_rule, HEALTH_RULES),
                                  .start = setting_i64(cx, "health.start") };
    while (out->count < HEALTH_RULES && stmt_next(&q))
        out->list[out->count++] =
            (struct health_rule){ .id = col_i64(&q, 0),
                                  .name = arena_text(cx->arena, col_text(&q, 1)),
                                  .area = arena_text(cx->arena, col_text(&q, 2)),
                                  .filter = arena_text(cx->arena, col_text(&q, 3)),
                                  .points = col_i64(&q, 4) * col_i64(&q, 5) };
    return stmt_status(&q);
}

struct answer { /* the id first: sort_by_id */
    i64 id;
};

/* Which of these the filter lets through; ascending. */
static enum status passing(struct ctx *cx, const char *text, const i64 *ids, size_t count,
                           struct answer *out, size_t *found)
{
    struct sql q = sql_new(cx);
    struct filter *f;
    bool timed;

    *found = 0;
    if (count == 0)
        return OK;
    TRY(filter_parse(cx, &company_type, text, &f));
    filter_narrow(f, ids, count);
    TRY(filter_verdicts_sql(cx, f, ids, count, &q, &timed));
    scoped(stmt_close) struct stmt s = db_query_sql(cx, &q);
    while (stmt_next(&s))
        if (col_i64(&s, 1) != 0 && *found < count)
            out[(*found)++].id = col_i64(&s, 0);
    TRY(stmt_status(&s));
    sort_by_id(cx->arena, out, *found, sizeof *out);
    return OK;
}

enum status health_ask(struct ctx *cx, const struct health_rules *rules, const i64 *ids,
                       size_t count, bool *holds)
{
    scoped(access_leave) struct access_guard guard = access_enter_system(cx);
    struct answer *got = NEW_N(cx->arena, struct answer, count + 1);

    (void)guard;
    for (size_t r = 0; r < rules->count; r++) {
        size_t found, at = 0;
        if (passing(cx, rules->list[r].filter, ids, count, got, &found) != OK) {
            const char *why = arena_text(cx->arena, cx->error_text ? cx->error_text : "");
            ctx_clear_error(cx);
            return ctx_fail_code(cx, E_INVALID, "health.rule", "The health rule \"%s\": %s",
                                 rules->list[r].name, why);
        }
        for (size_t i = 0; i < count; i++) {
            while (at < found && got[at].id < ids[i])
                at++;
            holds[i * rules->count + r] = at < found && got[at].id == ids[i];
        }
    }
    return OK;
}

i64 health_sum(const struct health_rules *rules, const bool *holds)
{
    i64 sum = rules->start;

    for (size_t r = 0; r < rules->count; r++)
        sum += holds[r] ? rules->list[r].points : 0;
    return sum < 0 ? 0 : sum > 100 ? 100 : sum;
}

const char *health_band(struct ctx *cx, i64 score)
{
    return score >= setting_i64(cx, "health.healthy_from")   ? "healthy"
           : score >= setting_i64(cx, "health.at_risk_from") ? "at_risk"
                                                             : "critical";
}

int health_rank(const char *band)
{
    return text_is(band, "healthy")    ? 2
           : text_is(band, "at_risk")  ? 1
           : text_is(band, "critical") ? 0
                                       : -1;
}

/* ---- into the records ---- */
/* What costs most, in words: the names of the rules, the heaviest first. Of a healthy one what
 * helps most. */
static const char *why_of(struct ctx *cx, const struct health_rules *rules, const bool *holds,
                          bool helps)
{
    bool said[HEALTH_RULES] = { false };
    const char *words = "";

    for (int n = 0; n < WHY_MOST; n++) {
        size_t best = HEALTH_RULES;
        for (size_t r = 0; r < rules->count; r++) {
            i64 points = helps ? rules->list[r].points : -rules->list[r].points;
            i64 most = best == HEALTH_RULES ? 0
                       : helps              ? rules->list[best].points
                                            : -rules->list[best].points;
            if (holds[r] && !said[r] && points > most)
                best = r;
        }
        if (best == HEALTH_RULES)
            break;
        said[best] = true;
        words =
            arena_printf(cx->arena, "%s%s%s", words, words[0] ? "; " : "", rules->list[best].name);
    }
    return words;
}

/* The record of a company, or a new one. Others of it, left by a merge, go. */
static enum status health_of(struct ctx *cx, i64 company, struct row **out)
{
    i64 ids[8];
    size_t count = 0;
    struct row *extra;

    {
        scoped(stmt_close) struct stmt q = db_query(cx, "health.of", I64("company", company));
        while (count < countof(ids) && stmt_next(&q))
            ids[count++] = col_i64(&q, 0);
        TRY(stmt_status(&q));
    }
    for (size_t i = 1; i < count; i++) {
        TRY(record_get(cx, &health_type, ids[i], &extra));
        TRY(record_delete(cx, extra));
    }
    if (count > 0)
        return record_get(cx, &health_type, ids[0], out);
    *out = row_new(cx, &health_type);
    row_set_i64(*out, HEALTH_COMPANY, company);
    return OK;
}

/* What it was 30 days ago; of a younger one what it began with. */
static enum status put_change(struct ctx *cx, struct row *r, i64 score)
{
    struct row *then;
    i64 was = score;

    if (!row_is_new(r)) {
        TRY(record_get(cx, &health_type, row_id(r), &then));
        TRY(row_as_of(cx, then, ctx_now(cx) - (i64)BEFORE_DAYS * MS_DAY));
        if (row_has(then, HEALTH_SCORE))
            was = row_i64(then, HEALTH_SCORE);
    }
    row_set_i64(r, HEALTH_CHANGE, score - was);
    return OK;
}

/* What it pays a year, in base currency, and when that is next to be renewed. */
static enum status put_worth(struct ctx *cx, struct row *r, i64 company)
{
    struct money arr = { 0 };
    scoped(stmt_close) struct stmt q = db_query(cx, "health.worth", I64("company", company));

    memcpy(arr.currency, base_currency(cx), sizeof arr.currency);
    if (stmt_next(&q)) {
        arr.minor = money_muldiv(col_i64(&q, 0), 12, 1);
        if (col_null(&q, 1))
            row_clear(r, HEALTH_RENEWS);
        else
            row_set_i64(r, HEALTH_RENEWS, col_i64(&q, 1));
    }
    row_set_money(r, HEALTH_ARR, arr);
    return stmt_status(&q);
}

/* Lists and segments ask the company itself. */
static enum status put_company(struct ctx *cx, i64 id, const char *band, i64 score)
{
    struct row *company;

    TRY(record_get_any(cx, &company_type, id, &company));
    if (row_is_deleted(company))
        return OK;
    row_set_text(company, COMPANY_HEALTH, band);
    if (band[0])
        row_set_i64(company, COMPANY_HEALTH_SCORE, score);
    else
        row_clear(company, COMPANY_HEALTH_SCORE);
    return record_save(cx, company);
}

static enum status keep(struct ctx *cx, i64 id, const struct health_rules *rules, const bool *holds)
{
    i64 score = health_sum(rules, holds);
    const char *band = health_band(cx, score), *before;
    struct row *r, *company;

    TRY(health_of(cx, id, &r));
    before = arena_text(cx->arena, row_text(r, HEALTH_BAND));
    TRY(record_get(cx, &company_type, id, &company));
    TRY(put_change(cx, r, score));
    TRY(put_worth(cx, r, id));
    if (!text_is(before, band))
        row_set_i64(r, HEALTH_SINCE, subscription_today(cx));
    row_set_i64(r, HEALTH_SCORE, score);
    row_set_text(r, HEALTH_BAND, band);
    row_set_text(r, HEALTH_WHY, why_of(cx, rules, holds, text_is(band, "healthy")));
    if (row_has(company, COMPANY_OWNER))
        row_set_i64(r, HEALTH_OWNER, row_i64(company, COMPANY_OWNER));
    else
        row_clear(r, HEALTH_OWNER);
    TRY(record_save(cx, r));
    TRY(put_company(cx, id, band, score));
    if (health_rank(before) > health_rank(band))
        return plays_begin(cx, r, before);
    if (text_is(band, "healthy") && before[0] && !text_is(before, "healthy"))
        return plays_end(cx, id, "saved", "Healthy again.");
    return OK;
}

/* Who is no customer any more has no health. */
static enum status forget(struct ctx *cx, i64 id)
{
    struct row *r;

    TRY(health_of(cx, id, &r));
    if (row_is_new(r))
        return OK;
    TRY(record_delete(cx, r));
    TRY(put_company(cx, id, "", 0));
    return plays_end(cx, id, "lost", "No customer any more.");
}

enum status health_count(struct ctx *cx, const i64 *ids, size_t count)
{
    scoped(access_leave) struct access_guard guard = access_enter_system(cx);
    struct answer *customers = NEW_N(cx->arena, struct answer, count + 1);
    i64 *these = NEW_N(cx->arena, i64, count + 1);
    struct health_rules rules;
    size_t found, at = 0;
    bool *holds;

    (void)guard;
    assert(count <= HEALTH_COMPANIES);
    TRY(health_rules_read(cx, &rules));
    TRY(passing(cx, setting_text(cx, "health.customers"), ids, count, customers, &found));
    for (size_t i = 0; i < found; i++)
        these[i] = customers[i].id;
    holds = NEW_N(cx->arena, bool, found *rules.count + 1);
    TRY(health_ask(cx, &rules, these, found, holds));
    for (size_t i = 0; i < count; i++) {
        if (at < found && these[at] == ids[i]) {
            TRY(keep(cx, ids[i], &rules, holds + at * rules.count));
            at++;
        } else {
            TRY(forget(cx, ids[i]));
        }
    }
    return OK;
}
