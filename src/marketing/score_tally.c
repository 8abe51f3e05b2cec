/* score_tally.c -- what a person's events and profile give by the rules, as of any instant. A score
 * is always computed whole, so every point can be traced and a changed rule means a new sum, never
 * a correction of an old one. */
#include "base/json.h"
#include "bridge/contact.h"
#include "marketing/score_int.h"
#include <math.h>

enum { RULES_MAX = 200, BOT_BIT = 0x80 };

/* The share of all points for the fit from which on a grade is given. */
static const struct {
    const char *grade;
    i64 percent;
} grades[] = { { "A", 80 }, { "B", 60 }, { "C", 40 }, { "D", 20 }, { "F", INT64_MIN } };

/* ---- the rules ---- */

/* Which events count; of a kind that is in the trash those that were. */
static u16 kind_of(struct ctx *cx, const struct row *r)
{
    const char *event = row_text(r, RULE_EVENT), *name = event;

    if (text_is(event, "profile") || text_is(event, "fit"))
        return 0; /* none */
    if (text_is(event, "visit"))
        name = "pageview";
    if (text_is(event, "own") &&
        db_get_text(cx, &name, "score.own_kind", I64("id", row_i64(r, RULE_KIND))) != OK)
        name = "";
    return kit_event_kind(cx->kit, name) ? kit_event_code(cx->kit, name) : 0;
}

/* Of a field that is no more it gives nothing. */
static struct filter *filter_of(struct ctx *cx, const char *text)
{
    struct filter *f;

    if (filter_parse(cx, &contact_type, text, &f) == OK)
        return f;
    ctx_clear_error(cx);
    return NULL;
}

struct score_rule score_rule_of(struct ctx *cx, const struct row *r)
{
    const char *event = row_text(r, RULE_EVENT);
    bool fit = text_is(event, "fit"), profile = fit || text_is(event, "profile");

    return (struct score_rule){
        .id = row_id(r),
        .name = row_text(r, RULE_NAME),
        .page = row_text(r, RULE_PAGE),
        .action = row_text(r, RULE_ACTION),
        .filter_text = profile ? row_text(r, RULE_FILTER) : "",
        .filter = profile ? filter_of(cx, row_text(r, RULE_FILTER)) : NULL,
        .kind = kind_of(cx, r),
        .by_day = text_is(event, "visit"),
        .fit = fit,
        .points = row_i64(r, RULE_POINTS),
        .max = row_has(r, RULE_MAX) ? row_i64(r, RULE_MAX) : INT64_MAX,
        .days = row_has(r, RULE_DAYS) ? row_i64(r, RULE_DAYS) : 0,
        .half_life_days = row_has(r, RULE_HALF_LIFE) ? (double)row_i64(r, RULE_HALF_LIFE) : 0,
        .product = fit ? 0 : row_i64(r, RULE_PRODUCT),
    };
}

enum status score_rules_read(struct ctx *cx, struct score_rules *out)
{
    scoped(stmt_close) struct stmt q = db_query(cx, "score.rules");

    *out = (struct score_rules){ .list = NEW_N(cx->arena, struct score_rule, RULES_MAX + 1),
                                 .zone = kit_zone(cx),
                                 .cap = setting_i64(cx, "score.cap") };
    while (stmt_next(&q) && out->count < RULES_MAX) {
        struct row *r;
        TRY(record_get(cx, &score_rule_type, col_i64(&q, 0), &r));
        out->list[out->count++] = score_rule_of(cx, r);
    }
    if (kit_event_kind(cx->kit, "points"))
        out->list[out->count++] = (struct score_rule){ .name = "Points by flows",
                                                       .page = "",
                                                       .action = "",
                                                       .filter_text = "",
                                                       .kind = kit_event_code(cx->kit, "points"),
                                                       .said = true,
                                                       .max = INT64_MAX };
    return stmt_status(&q);
}

static struct str without_slash(struct str s)
{
    if (s.len > 1 && s.p[s.len - 1] == '/')
        s.len--;
    return s;
}

/* Whether a page is meant: * stands for anything, a slash at the end does not matter, no pattern
 * means every page. */
static bool page_matches(const char *pattern, const char *path)
{
    struct str p = without_slash(str_from(pattern)), s = without_slash(str_from(path));
    size_t i = 0, k = 0, star = SIZE_MAX, mark = 0;

    if (p.len == 0)
        return true;
    while (i < s.len) {
        if (k < p.len && p.p[k] == '*') {
            star = k++;
            mark = i;
        } else if (k < p.len && p.p[k] == s.p[i]) {
            k++;
            i++;
        } else if (star != SIZE_MAX) { /* the star takes one more */
            k = star + 1;
            i = ++mark;
        } else {
            return false;
        }
    }
    while (k < p.len && p.p[k] == '*')
        k++;
    return k == p.len;
}

/* ---- events ---- */

/* Half of the points are left after a half-life, a quarter after two. */
static double faded(const struct score_rule *rule, i64 age_ms)
{
    if (rule->half_life_days <= 0 || age_ms <= 0)
        return 1;
    return exp2(-(double)age_ms / ((double)MS_DAY * rule->half_life_days));
}

/* Counts one event, the newest ones first. */
static bool tally_event(struct ctx *cx, const struct score_rules *rules,
                        const struct score_rule *rule, struct score_tally *t, const struct event *e,
                        i64 at_ms, double *points)
{
    struct journey *j = cx->journey;
    i64 day = rule->by_day ? zone_day(rules->zone, e->at_ms) : 0;
    struct val *props = NULL;
    const char *name;

    if (e->kind != rule->kind || (e->device & BOT_BIT) ||
        (rule->days && e->at_ms < at_ms - rule->days * MS_DAY) || t->times >= rule->max ||
        !page_matches(rule->page, journey_name(j, DICT_PAGE, e->page)) ||
        (rule->by_day && t->times > 0 && t->last_day == day))
        return false;
    if (e->props && (t->times == 0 || rule->action[0] || rule->said) &&
        json_read(cx->arena, str_from(e->props), &props, NULL) != OK)
        props = NULL;
    name = val_get_text(props, "name");
    if (rule->action[0] && !text_is(name, rule->action))
        return false;
    if (t->times == 0) {
        t->last_at = e->at_ms;
        t->text = text_empty(name) ? journey_name(j, DICT_PAGE, e->page) : name;
    }
    t->last_day = day;
    t->times++;
    *points = (double)(rule->said ? val_get_i64(props, "points", 0) : rule->points) *
              faded(rule, at_ms - e->at_ms);
    t->points += *points;
    return true;
}

void score_events(struct ctx *cx, const struct score_rules *rules, const struct event *events,
                  size_t count, i64 at_ms, struct score_tally *tallies, score_hears *hears,
                  void *arg)
{
    double points;

    while (count > 0 && events[count - 1].at_ms > at_ms)
        count--;
    for (size_t r = 0; r < rules->count; r++)
        for (size_t i = count; rules->list[r].kind && i-- > 0;)
            if (tally_event(cx, rules, &rules->list[r], &tallies[r], &events[i], at_ms, &points) &&
                hears)
                hears(arg, &rules->list[r], &events[i], points);
}

/* ---- the profile ---- */

enum status score_profile(struct ctx *cx, const struct score_rules *rules,
                          const struct row *contact, struct score_tally *tallies)
{
    bool match;

    for (size_t r = 0; r < rules->count; r++) {
        const struct score_rule *rule = &rules->list[r];
        if (rule->filter == NULL)
            continue;
        TRY(filter_match(cx, rule->filter, contact, &match));
        if (match)
            tallies[r] = (struct score_tally){ .times = 1,
                                               .points = (double)rule->points,
                                               .last_at = row_updated_at(contact),
                                               .text = filter_words(cx, rule->filter) };
    }
    return OK;
}

/* ---- sums ---- */

i64 score_points(const struct score_tally *t) { return llround(t->points); }

i64 score_sum(const struct score_rules *rules, const struct score_tally *tallies, i64 product)
{
    i64 sum = 0;

    for (size_t i = 0; i < rules->count; i++)
        if (!rules->list[i].fit && rules->list[i].product == product)
            sum += score_points(&tallies[i]);
    if (product == 0 && rules->cap > 0 && sum > rules->cap)
        return rules->cap;
    return sum < 0 ? 0 : sum;
}

const char *score_grade(const struct score_rules *rules, const struct score_tally *tallies)
{
    i64 got = 0, most = 0, percent;

    for (size_t i = 0; i < rules->count; i++) {
        if (!rules->list[i].fit)
            continue;
        most += rules->list[i].points > 0 ? rules->list[i].points : 0;
        got += score_points(&tallies[i]);
    }
    if (most == 0)
        return "";
    percent = got * 100 / most;
    for (size_t i = 0; i < countof(grades); i++)
        if (percent >= grades[i].percent)
            return grades[i].grade;
    return "F";
}
