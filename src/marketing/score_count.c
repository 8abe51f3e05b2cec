/* score_count.c -- counting points. A contact's score is always computed whole from its journey and
 * its profile, so every point can be traced and a changed rule means a new sum, never a correction
 * of an old one. */
#include "base/json.h"
#include "bridge/contact.h"
#include "bridge/handoff.h"
#include "journey/journey.h"
#include "kit/filter.h"
#include "marketing/score_int.h"
#include <stdlib.h>

enum { BOT_BIT = 0x80 };
enum {
    RULES_MAX = 200,
    PART_CONTACTS = 100, /* saved in one transaction */
    OURS = 5,
};

/* A rule made ready to be asked a million times. */
struct rule {
    const char *name, *page, *action, *filter; /* filter: of profile rules, else "" */
    u16 kind;                                  /* of events; 0: a profile rule */
    bool by_day;                               /* a day counts once */
    i64 points, max, oldest_ms;
};
/* What a rule has given to somebody so far. */
struct tally {
    i64 times, last_at, last_day;
    const char *text; /* what the last one was: the page, the form */
};
struct person {
    i64 contact, last_at;  /* last_at: of the newest event, TIME_NONE without one */
    u32 number;            /* of the journey; 0: none */
    struct tally *tallies; /* one a rule; NULL: no events */
};
struct scoring {
    struct ctx *cx; /* outside transactions */
    struct rule *rules;
    size_t rule_count;
    struct person *people;
    size_t count, written;
    const struct zone *zone;
    bool cross;
    /* Points that flows gave or took; events of ours that are no sign of life. */
    u16 kind_points, ours[OURS];
};

/* ---- the rules ---- */

/* Which events count; of a kind that is in the trash those that were. */
static u16 kind_of(struct ctx *cx, const struct row *r)
{
    const char *event = row_text(r, RULE_EVENT), *name = event;

    if (text_is(event, "profile"))
        return 0; /* none */
    if (text_is(event, "visit"))
        name = "pageview";
    if (text_is(event, "own") &&
        db_get_text(cx, &name, "score.own_kind", I64("id", row_i64(r, RULE_KIND))) != OK)
        name = "";
    return kit_event_kind(cx->kit, name) ? kit_event_code(cx->kit, name) : 0;
}

static struct rule rule_of(struct ctx *cx, const struct row *r)
{
    const char *event = row_text(r, RULE_EVENT);
    bool visit = text_is(event, "visit"), profile = text_is(event, "profile");

    return (struct rule){
        .name = row_text(r, RULE_NAME),
        .page = row_text(r, RULE_PAGE),
        .action = row_text(r, RULE_ACTION),
        .filter = profile ? row_text(r, RULE_FILTER) : "",
        .kind = kind_of(cx, r),
        .by_day = visit,
        .points = row_i64(r, RULE_POINTS),
        .max = row_has(r, RULE_MAX) ? row_i64(r, RULE_MAX) : INT64_MAX,
        .oldest_ms =
            row_has(r, RULE_DAYS) ? ctx_now(cx) - row_i64(r, RULE_DAYS) * MS_DAY : INT64_MIN,
    };
}

static u16 known_code(struct ctx *cx, const char *name)
{
    return kit_event_kind(cx->kit, name) ? kit_event_code(cx->kit, name) : 0;
}

/* What flows give counts like a rule: one event, so many points. */
static void read_ours(struct ctx *cx, struct scoring *s)
{
    static const char *const names[OURS] = { "flow_entered", "flow_left", "flow_goal", "points",
                                             "mail_sent" };

    for (size_t i = 0; i < OURS; i++)
        s->ours[i] = known_code(cx, names[i]);
    s->kind_points = known_code(cx, "points");
    if (s->kind_points != 0 && s->rule_count < RULES_MAX)
        s->rules[s->rule_count++] = (struct rule){ .name = "Points by flows",
                                                   .page = "",
                                                   .action = "",
                                                   .filter = "",
                                                   .kind = s->kind_points,
                                                   .points = 1,
                                                   .max = INT64_MAX,
                                                   .oldest_ms = INT64_MIN };
}

static enum status read_rules(struct ctx *cx, struct scoring *s)
{
    scoped(stmt_close) struct stmt q = db_query(cx, "score.rules");

    s->rules = NEW_N(cx->arena, struct rule, RULES_MAX);
    while (stmt_next(&q) && s->rule_count < RULES_MAX) {
        struct row *r;
        TRY(record_get(cx, &score_rule_type, col_i64(&q, 0), &r));
        s->rules[s->rule_count++] = rule_of(cx, r);
    }
    TRY(stmt_status(&q));
    read_ours(cx, s);
    return OK;
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

/* ---- counting ---- */

/* Counts one event, the newest ones first. */
static const struct val *points_of(const struct scoring *s, const struct event *e)
{
    struct val *props = NULL;

    return e->props && json_read(s->cx->arena, str_from(e->props), &props, NULL) == OK ? props
                                                                                       : NULL;
}

static void tally_event(struct scoring *s, const struct rule *rule, struct tally *t,
                        const struct event *e)
{
    struct journey *j = s->cx->journey;
    i64 day = rule->by_day ? zone_day(s->zone, e->at_ms) : 0;
    struct val *props = NULL;
    const char *name;

    if (e->kind != rule->kind || e->at_ms < rule->oldest_ms || t->times >= rule->max ||
        !page_matches(rule->page, journey_name(j, DICT_PAGE, e->page)) ||
        (rule->by_day && t->times > 0 && t->last_day == day))
        return;
    if (e->props && (t->times == 0 || rule->action[0]) &&
        json_read(s->cx->arena, str_from(e->props), &props, NULL) != OK)
        props = NULL;
    name = val_get_text(props, "name");
    if (rule->action[0] && !text_is(name, rule->action))
        return;
    if (t->times == 0) {
        t->last_at = e->at_ms;
        t->text = text_empty(name) ? journey_name(j, DICT_PAGE, e->page) : name;
    }
    t->last_day = day;
    t->times += rule->kind == s->kind_points ? val_get_i64(points_of(s, e), "points", 0) : 1;
}

static int by_number(const void *a, const void *b)
{
    u32 x = ((const struct person *)a)->number, y = ((const struct person *)b)->number;

    return x < y ? -1 : x > y;
}

static bool is_ours(const struct scoring *s, u16 kind)
{
    for (size_t i = 0; i < OURS; i++)
        if (s->ours[i] != 0 && s->ours[i] == kind)
            return true;
    return false;
}

static void count_person(void *acc, const struct journey_view *v)
{
    struct scoring *s = acc;
    struct person key = { .number = v->person },
                  *p = bsearch(&key, s->people, s->count, sizeof *p, by_number);

    if (p == NULL)
        return;
    p->tallies = NEW_N(s->cx->arena, struct tally, s->rule_count);
    for (size_t i = v->count; i-- > 0 && p->last_at == TIME_NONE;)
        if (!is_ours(s, v->events[i].kind))
            p->last_at = v->events[i].at_ms;
    for (size_t r = 0; r < s->rule_count; r++)
        for (size_t i = v->count; s->rules[r].kind && i-- > 0;)
            if (!(v->events[i].device & BOT_BIT))
                tally_event(s, &s->rules[r], &p->tallies[r], &v->events[i]);
}

static enum status walk(struct scoring *s)
{
    struct ctx *cx = s->cx;
    u32 *numbers = NEW_N(cx->arena, u32, s->count);
    struct journey_plan plan = {
        .people = numbers, .columns = READ_PAGE | READ_DEVICE, .props = true, .visit = count_person
    };
    void *acc = s;

    for (size_t i = 0; i < s->count; i++)
        s->people[i].number = cx->journey ? journey_person_find(cx->journey, PERSON_CONTACT,
                                                                (u64)s->people[i].contact)
                                          : 0;
    qsort(s->people, s->count, sizeof *s->people, by_number);
    for (size_t i = 0; i < s->count; i++)
        if (s->people[i].number != 0)
            numbers[plan.people_count++] = s->people[i].number;
    return plan.people_count > 0 ? journey_walk(cx, cx->journey, &plan, &acc, 1) : OK;
}

static enum status tally_profile(struct ctx *cx, const struct rule *rule, const struct row *contact,
                                 struct tally *t)
{
    struct filter *f;
    bool match;

    *t = (struct tally){ 0 };
    if (filter_parse(cx, &contact_type, rule->filter, &f) != OK) {
        ctx_clear_error(cx); /* of a field that is no more: gives nothing */
        return OK;
    }
    TRY(filter_match(cx, f, contact, &match));
    if (match)
        *t = (struct tally){ .times = 1,
                             .last_at = row_updated_at(contact),
                             .text = filter_words(cx, f) };
    return OK;
}

/* ---- the sum ---- */

static i64 put_reasons(const struct scoring *s, const struct tally *tallies, struct val *list)
{
    i64 sum = 0;

    for (size_t i = 0; i < s->rule_count; i++) {
        const struct tally *t = &tallies[i];
        i64 points = t->times * s->rules[i].points;
        if (t->times == 0)
            continue;
        struct val *reason = val_add_map(list);
        val_put_text(reason, "rule", s->rules[i].name);
        val_put_i64(reason, "points", points);
        val_put_i64(reason, "count", s->rules[i].kind == s->kind_points ? 1 : t->times);
        val_put_i64(reason, "at", t->last_at);
        val_put_text(reason, "text", t->text ? t->text : "");
        sum += points;
    }
    return sum < 0 ? 0 : sum;
}

/* The strongest reason in a sentence, for the salesperson who gets the lead. */
static const char *reasons_words(struct ctx *cx, const struct val *list, i64 score)
{
    const struct val *best = NULL;

    for (size_t i = 0; i < val_count(list); i++)
        if (!best || val_get_i64(val_at(list, i), "points", 0) > val_get_i64(best, "points", 0))
            best = val_at(list, i);
    if (best == NULL)
        return arena_printf(cx->arena, "Score reached %lld", (long long)score);
    return arena_printf(cx->arena, "Score reached %lld: most for %s (%lld points)",
                        (long long)score, val_get_text(best, "rule"),
                        (long long)val_get_i64(best, "points", 0));
}

/* Whether sales has not seen this yet: a lead that was sent back rests, and then needs to do
 * something that gives points, or it would come again within the second. */
static enum status is_news(struct ctx *cx, const struct scoring *s, const struct tally *tallies,
                           i64 contact, bool *news)
{
    i64 rests;

    TRY(handoff_rests_until(cx, contact, &rests));
    *news = rests == TIME_NONE;
    for (size_t i = 0; i < s->rule_count && !*news; i++)
        *news = s->rules[i].kind != 0 && s->rules[i].points > 0 && tallies[i].times > 0 &&
                tallies[i].last_at > rests;
    return OK;
}

/* Over the line: the contact is an MQL, and unless a person does that by hand, sales gets it at
 * once. */
static enum status cross_line(struct ctx *cx, const struct scoring *s, struct row *contact,
                              const struct tally *tallies, const struct val *reasons)
{
    i64 score = row_i64(contact, CONTACT_SCORE), id;
    int rank = lifecycle_rank(row_text(contact, CONTACT_LIFECYCLE));
    bool news;
    struct handoff_order order = { .contact_id = row_id(contact),
                                   .reason = reasons_words(cx, reasons, score) };
    enum status st;

    if (score < setting_i64(cx, "score.mql_line") || rank < 0 || rank >= lifecycle_rank("mql"))
        return OK;
    TRY(is_news(cx, s, tallies, row_id(contact), &news));
    if (!news)
        return OK;
    if (!setting_bool(cx, "score.hand_over"))
        return contact_advance(cx, row_id(contact), "mql", order.reason);
    st = handoff_make(cx, &order, &id);
    if (st == E_CONFLICT || st == E_INVALID) {
        /* waits already, or nobody sells: it stays an MQL that a marketer sees */
        ctx_clear_error(cx);
        return contact_advance(cx, row_id(contact), "mql", order.reason);
    }
    return st;
}

/* What scoring left last time; "" nothing. */
static enum status old_reasons(struct ctx *cx, i64 contact, const char **json)
{
    enum status s = db_get_text(cx, json, "contact.score_reasons", I64("contact", contact));

    if (s == E_NOT_FOUND)
        *json = "";
    return s == E_NOT_FOUND ? OK : s;
}

static enum status save_score(struct ctx *cx, const struct scoring *s, const struct person *p,
                              struct row *contact, const struct tally *tallies)
{
    struct val *list = val_list(cx->arena);
    i64 score = put_reasons(s, tallies, list);
    const char *json = json_text(cx->arena, list), *before;

    TRY(old_reasons(cx, p->contact, &before));
    if (!text_is(json, before))
        TRY(db_run(cx, "score.put", I64("contact", p->contact), TEXT("reasons", json),
                   I64("at", ctx_now(cx))));
    if (p->last_at != TIME_NONE &&
        (!row_has(contact, CONTACT_LAST_SEEN) || row_i64(contact, CONTACT_LAST_SEEN) < p->last_at))
        row_set_i64(contact, CONTACT_LAST_SEEN, p->last_at);
    row_set_i64(contact, CONTACT_SCORE, score);
    TRY(record_save(cx, contact));
    return s->cross ? cross_line(cx, s, contact, tallies, list) : OK;
}

static enum status write_person(struct ctx *cx, const struct scoring *s, const struct person *p)
{
    struct tally *tallies = NEW_N(cx->arena, struct tally, s->rule_count);
    struct row *contact;
    enum status st = record_get(cx, &contact_type, p->contact, &contact);

    if (st == E_NOT_FOUND) { /* gone meanwhile */
        ctx_clear_error(cx);
        return OK;
    }
    TRY(st);
    if (p->tallies != NULL)
        memcpy(tallies, p->tallies, s->rule_count * sizeof *tallies);
    for (size_t r = 0; r < s->rule_count; r++)
        if (s->rules[r].kind == 0)
            TRY(tally_profile(cx, &s->rules[r], contact, &tallies[r]));
    return save_score(cx, s, p, contact, tallies);
}

static enum status write_part(struct ctx *cx, void *arg)
{
    const struct scoring *s = arg;

    for (size_t i = s->written; i < s->written + PART_CONTACTS && i < s->count; i++)
        TRY(write_person(cx, s, &s->people[i]));
    return OK;
}

enum status score_people(struct ctx *cx, const i64 *contacts, size_t count, bool cross)
{
    struct scoring s = { .cx = cx, .count = count, .zone = kit_zone(cx), .cross = cross };

    assert(count <= SCORE_PEOPLE_MAX);
    if (count == 0)
        return OK;
    s.people = NEW_N(cx->arena, struct person, count);
    for (size_t i = 0; i < count; i++)
        s.people[i] = (struct person){ .contact = contacts[i], .last_at = TIME_NONE };
    TRY(read_rules(cx, &s));
    TRY(walk(&s));
    for (; s.written < s.count; s.written += PART_CONTACTS) {
        scoped(arena_close) struct arena *a = arena_new(256 * 1024);
        struct ctx part = *cx;
        part.arena = a;
        enum status st = kit_write(&part, write_part, &s);
        if (st != OK)
            return ctx_fail(cx, st, "%s", part.error_text ? part.error_text : "");
    }
    return OK;
}
