/* forecast_lines.c -- a period in numbers, for all, each team and each person: what was counted by
 * the metrics, with the way to its rows, beside what people said and what was learned. */
#include "base/id.h"
#include "kit/pages.h"
#include "kit/question.h"
#include "sales/forecast_int.h"
#include <math.h>

enum { GROUPS_MAX = 1000, OVERRIDES_MAX = 200 };

static const char *const metric_of[FORECAST_NUMBERS] = {
    [NUM_QUOTA] = "revenue_target",       [NUM_CLOSED] = "revenue",
    [NUM_COMMIT] = "forecast_commit",     [NUM_BEST] = "forecast_best_case",
    [NUM_PIPELINE] = "forecast_pipeline", [NUM_WEIGHTED] = "forecast_weighted",
};

const char *forecast_money(struct ctx *cx, double minor)
{
    struct money m = { .minor = isnan(minor) ? 0 : llround(minor) };

    memcpy(m.currency, base_currency(cx), sizeof m.currency);
    if (isnan(minor))
        return "";
    return m.minor == 0 ? "0" : money_short(cx->arena, m);
}

/* ---- what was counted ---- */
struct counted {
    struct val *by_owner[FORECAST_NUMBERS], *by_team[FORECAST_NUMBERS];
};

static enum status count(struct ctx *cx, const struct forecast_when *w, i64 as_of_ms,
                         struct counted *out)
{
    struct question qs[FORECAST_NUMBERS * 2];
    struct val *answers[FORECAST_NUMBERS * 2];

    for (int i = 0; i < FORECAST_NUMBERS; i++) {
        qs[i] = (struct question){ .metric = metric_of[i],
                                   .dimension = "owner",
                                   .from_ms = w->p.from_ms,
                                   .to_ms = w->p.to_ms,
                                   .limit = GROUPS_MAX,
                                   .as_of_ms = as_of_ms };
        qs[FORECAST_NUMBERS + i] = qs[i];
        qs[FORECAST_NUMBERS + i].dimension = i == NUM_QUOTA ? "owner" : "owner_id.team_id";
    }
    TRY(question_ask_many(cx, qs, countof(qs), answers));
    for (int i = 0; i < FORECAST_NUMBERS; i++) {
        out->by_owner[i] = answers[i];
        out->by_team[i] = answers[FORECAST_NUMBERS + i];
    }
    return OK;
}

static const struct val *group_of(const struct val *answer, const char *key)
{
    const struct val *groups = val_get(answer, "groups");

    for (size_t i = 0; i < val_count(groups); i++) {
        const struct val *g = val_at(groups, i);
        if (!val_get_bool(g, "other") && text_is(val_get_text(g, "key"), key))
            return g;
    }
    return NULL;
}

/* key NULL: the whole; "": of nobody. */
static void take_numbers(struct ctx *cx, struct val *const *answers, const char *key,
                         struct forecast_line *l)
{
    for (int i = 0; i < FORECAST_NUMBERS; i++) {
        const struct val *from = key ? group_of(answers[i], key) : answers[i];
        double none = i == NUM_QUOTA ? NAN : 0;
        l->numbers[i] = val_as_double(val_get(from, "value"), none);
        l->paths[i] = from && l->numbers[i] != 0
                          ? val_get_text(from, i == NUM_QUOTA ? "target_rows_path" : "rows_path")
                          : "";
        if (i == NUM_QUOTA && from && text_empty(l->paths[i]))
            l->paths[i] = val_get_text(from, "rows_path");
    }
    (void)cx;
}

static bool has_numbers(const struct forecast_line *l)
{
    for (int i = 0; i < FORECAST_NUMBERS; i++)
        if (!isnan(l->numbers[i]) && l->numbers[i] != 0)
            return true;
    return false;
}

/* ---- what was said ---- */
struct spoken {
    struct row **rows;
    size_t count;
};

static enum status overrides_read(struct ctx *cx, const struct forecast_when *w, i64 as_of_ms,
                                  struct spoken *out)
{
    const char *filter = arena_printf(cx->arena, "period = '%s' and from_date = %s", w->word,
                                      date_iso(cx->arena, w->p.from_day));
    struct list_query lq = { .filter = filter, .sort = "-updated_at", .limit = OVERRIDES_MAX };
    struct list_page page;

    *out = (struct spoken){ 0 };
    if (access_scope(cx->access, "forecast_override", VERB_READ) == SCOPE_NONE)
        return OK;
    TRY(list_run(cx, &forecast_override_type, &lq, &page));
    TRY(rows_load_titles(cx, page.rows, page.count));
    out->rows = NEW_N(cx->arena, struct row *, page.count + 1);
    for (size_t i = 0; i < page.count; i++) {
        if (as_of_ms && row_created_at(page.rows[i]) >= as_of_ms)
            continue;
        if (as_of_ms)
            TRY(row_as_of(cx, page.rows[i], as_of_ms - 1));
        out->rows[out->count++] = page.rows[i];
    }
    return OK;
}

static void take_said(struct ctx *cx, const struct spoken *all, struct forecast_line *l)
{
    for (size_t i = 0; i < all->count; i++) {
        struct row *r = all->rows[i];
        bool own = text_is(row_text(r, OVERRIDE_LEVEL), "own");
        if (row_i64(r, OVERRIDE_PERSON) != l->who.person_id ||
            row_i64(r, OVERRIDE_TEAM) != l->who.team_id || (own ? l->has_own : l->has_judged))
            continue; /* of several managers the one who spoke last */
        double amount = (double)row_base_minor(r, OVERRIDE_AMOUNT);
        if (own) {
            l->has_own = true;
            l->own = amount;
            l->own_note = row_text(r, OVERRIDE_NOTE);
            l->own_path = row_path(cx, r);
        } else {
            l->has_judged = true;
            l->judged = amount;
            l->judged_note = row_text(r, OVERRIDE_NOTE);
            l->judged_by = row_show(cx, r, OVERRIDE_OWNER);
            l->judged_by_id = row_i64(r, OVERRIDE_OWNER);
            l->judged_path = row_path(cx, r);
        }
    }
}

/* What one comes to as was said: by the manager, by the person, else what is closed or as good as.
 */
static double comes_to(const struct forecast_line *l)
{
    return l->has_judged ? l->judged
           : l->has_own  ? l->own
                         : l->numbers[NUM_CLOSED] + l->numbers[NUM_COMMIT];
}

/* ---- lines ---- */
static struct forecast_line *add(struct forecast_lines *out, struct forecast_who who,
                                 const char *name)
{
    struct forecast_line *l = &out->list[out->count++];

    *l = (struct forecast_line){ .who = who,
                                 .name = name,
                                 .own_note = "",
                                 .judged_note = "",
                                 .judged_by = "",
                                 .own_path = "",
                                 .judged_path = "",
                                 .below = NAN };
    return l;
}

struct making {
    struct ctx *cx;
    const struct forecast_when *w;
    const struct forecast_served *m;
    struct counted counted;
    struct spoken spoken;
    struct forecast_lines *out;
    bool sees_all;
};

static struct forecast_line *add_line(struct making *k, struct forecast_who who, const char *name,
                                      const char *key, bool team)
{
    struct forecast_line *l = add(k->out, who, name);

    take_numbers(k->cx, team ? k->counted.by_team : k->counted.by_owner, key, l);
    take_said(k->cx, &k->spoken, l);
    if (k->sees_all || who.person_id == k->cx->access->user_id)
        l->said = forecast_says(k->m, k->w, who, &l->learned);
    return l;
}

/* A team and those of its members who sell or have something to show. Its quota is theirs. */
static void add_team(struct making *k, const struct sellers *all, size_t first, double *below)
{
    struct ctx *cx = k->cx;
    i64 team = all->list[first].team_id;
    size_t at = k->out->count, members = 0;
    struct forecast_line *l = add_line(k, (struct forecast_who){ .team_id = team },
                                       team ? all->list[first].team : "Without a team",
                                       team ? id_text(cx->arena, team) : "-", true);
    double sum = 0, quota = 0;
    bool has_quota = false;

    for (size_t i = first; i < all->count && all->list[i].team_id == team; i++) {
        const struct seller *s = &all->list[i];
        struct forecast_line *one = add_line(k, (struct forecast_who){ .person_id = s->id },
                                             s->name, id_text(cx->arena, s->id), false);
        if (!s->sells && !has_numbers(one) && !one->has_own && !one->has_judged) {
            k->out->count--;
            continue;
        }
        members++;
        sum += comes_to(one);
        has_quota |= !isnan(one->numbers[NUM_QUOTA]);
        quota += isnan(one->numbers[NUM_QUOTA]) ? 0 : one->numbers[NUM_QUOTA];
    }
    if (members == 0) {
        k->out->count = at;
        return;
    }
    l->below = sum;
    l->numbers[NUM_QUOTA] = has_quota ? quota : NAN;
    l->paths[NUM_QUOTA] = "";
    *below += l->has_judged ? l->judged : sum;
}

enum status forecast_lines(struct ctx *cx, const struct forecast_when *w, i64 as_of_ms,
                           const struct forecast_served *m, struct forecast_lines *out)
{
    struct making k = { .cx = cx, .w = w, .m = m, .out = out };
    struct forecast_line *whole, *nobody;
    struct sellers sellers;
    double below = 0;

    k.sees_all = access_scope(cx->access, "deal", VERB_READ) == SCOPE_ALL || cx->access->system;
    TRY(count(cx, w, as_of_ms, &k.counted));
    TRY(overrides_read(cx, w, as_of_ms, &k.spoken));
    TRY(sellers_read(cx, &sellers));
    out->list = NEW_N(cx->arena, struct forecast_line, sellers.count * 2 + 4);
    out->count = 0;
    whole = add_line(&k, (struct forecast_who){ 0 }, "Everybody", NULL, false);
    for (size_t i = 0; i < sellers.count; i++)
        if (i == 0 || sellers.list[i - 1].team_id != sellers.list[i].team_id)
            add_team(&k, &sellers, i, &below);
    nobody = add_line(&k, (struct forecast_who){ .person_id = -1 }, "Without an owner", "", false);
    nobody->has_own = nobody->has_judged = false;
    nobody->numbers[NUM_QUOTA] = NAN;
    if (!has_numbers(nobody))
        out->count--;
    else
        below += comes_to(nobody);
    whole->below = below;
    return OK;
}
