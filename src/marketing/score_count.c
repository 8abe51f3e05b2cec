/* score_count.c -- bringing scores into the records: one walk over the journeys of those who are to
 * be scored, then each contact with its reasons, its grade, its products and its chance; and what
 * crossing the line does. */
#include "base/json.h"
#include "bridge/contact.h"
#include "bridge/handoff.h"
#include "marketing/score_int.h"
#include "marketing/score_learn.h"
#include <stdlib.h>

enum { PART_CONTACTS = 100, /* saved in one transaction */ OURS = 5 };

struct person {
    i64 contact, last_at;        /* last_at: of the newest event, TIME_NONE without one */
    u32 number;                  /* of the journey; 0: none */
    struct score_tally *tallies; /* one a rule; NULL: no events */
    float *seen;                 /* what the learned score looks at; NULL: no events or no model */
};
struct scoring {
    struct ctx *cx; /* outside transactions */
    struct score_rules rules;
    const struct learned *learned; /* NULL: nothing is, or not enough */
    struct person *people;
    size_t count, written;
    bool cross;
};

/* ---- the walk ---- */

static bool is_ours(const struct scoring *s, u16 code)
{
    const struct event_kind *kind = kit_event_kind_by_code(s->cx->kit, code);

    return kind && kind->flags & KIND_OURS;
}

static int by_number(const void *a, const void *b)
{
    u32 x = ((const struct person *)a)->number, y = ((const struct person *)b)->number;

    return x < y ? -1 : x > y;
}

static void count_person(void *acc, const struct journey_view *v)
{
    struct scoring *s = acc;
    struct person key = { .number = v->person },
                  *p = bsearch(&key, s->people, s->count, sizeof *p, by_number);

    if (p == NULL)
        return;
    p->tallies = NEW_N(s->cx->arena, struct score_tally, s->rules.count);
    for (size_t i = v->count; i-- > 0 && p->last_at == TIME_NONE;)
        if (!is_ours(s, v->events[i].kind))
            p->last_at = v->events[i].at_ms;
    score_events(s->cx, &s->rules, v->events, v->count, ctx_now(s->cx), p->tallies, NULL, NULL);
    if (s->learned)
        p->seen = learned_see(s->cx, s->learned, v->events, v->count, ctx_now(s->cx));
}

static enum status walk(struct scoring *s)
{
    struct ctx *cx = s->cx;
    u32 *numbers = NEW_N(cx->arena, u32, s->count);
    struct journey_plan plan = {
        .people = numbers,
        .columns = SCORE_COLUMNS | (s->learned ? LEARNED_COLUMNS : 0),
        .props = true,
        .visit = count_person,
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

/* ---- the sum ---- */

/* Why the score is what it is; reasons of the fit and of products say so. */
static void put_reasons(const struct scoring *s, const struct score_tally *tallies,
                        struct val *list)
{
    for (size_t i = 0; i < s->rules.count; i++) {
        const struct score_rule *rule = &s->rules.list[i];
        const struct score_tally *t = &tallies[i];
        if (t->times == 0)
            continue;
        struct val *reason = val_add_map(list);
        val_put_text(reason, "rule", rule->name);
        val_put_i64(reason, "points", score_points(t));
        val_put_i64(reason, "count", t->times);
        val_put_i64(reason, "at", t->last_at);
        val_put_text(reason, "text", t->text ? t->text : "");
        if (rule->fit)
            val_put_bool(reason, "fit", true);
        if (rule->product)
            val_put_i64(reason, "product", rule->product);
    }
}

/* The strongest reason in a sentence, for the salesperson who gets the lead. */
static const char *reasons_words(struct ctx *cx, const struct val *list, i64 score)
{
    const struct val *best = NULL;

    for (size_t i = 0; i < val_count(list); i++)
        if (val_get_bool(val_at(list, i), "fit") || val_get_i64(val_at(list, i), "product", 0))
            continue;
        else if (!best ||
                 val_get_i64(val_at(list, i), "points", 0) > val_get_i64(best, "points", 0))
            best = val_at(list, i);
    if (best == NULL)
        return arena_printf(cx->arena, "Score reached %lld", (long long)score);
    return arena_printf(cx->arena, "Score reached %lld: most for %s (%lld points)",
                        (long long)score, val_get_text(best, "rule"),
                        (long long)val_get_i64(best, "points", 0));
}

/* Whether sales has not seen this yet: a lead that was sent back rests, and then needs to do
 * something that gives points, or it would come again within the second. */
static enum status is_news(struct ctx *cx, const struct scoring *s,
                           const struct score_tally *tallies, i64 contact, bool *news)
{
    i64 rests;

    TRY(handoff_rests_until(cx, contact, &rests));
    *news = rests == TIME_NONE;
    for (size_t i = 0; i < s->rules.count && !*news; i++)
        *news = s->rules.list[i].kind != 0 && tallies[i].points > 0 && tallies[i].times > 0 &&
                tallies[i].last_at > rests;
    return OK;
}

/* Over the line: the contact is an MQL, and unless a person does that by hand, sales gets it at
 * once. */
static enum status cross_line(struct ctx *cx, const struct scoring *s, struct row *contact,
                              const struct score_tally *tallies, const struct val *reasons)
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

/* What the products' rules give, one record each that has any. */
static enum status save_products(struct ctx *cx, const struct scoring *s, i64 contact,
                                 const struct score_tally *tallies)
{
    for (size_t i = 0; i < s->rules.count; i++) {
        i64 product = s->rules.list[i].product;
        bool first = product != 0;
        for (size_t k = 0; k < i && first; k++)
            first = s->rules.list[k].product != product;
        if (first)
            TRY(product_score_put(cx, contact, product, score_sum(&s->rules, tallies, product)));
    }
    return OK;
}

static enum status save_score(struct ctx *cx, const struct scoring *s, const struct person *p,
                              struct row *contact, const struct score_tally *tallies)
{
    struct val *list = val_list(cx->arena);
    const char *json, *before;

    put_reasons(s, tallies, list);
    json = json_text(cx->arena, list);
    TRY(old_reasons(cx, p->contact, &before));
    if (!text_is(json, before))
        TRY(db_run(cx, "score.put", I64("contact", p->contact), TEXT("reasons", json),
                   I64("at", ctx_now(cx))));
    if (p->last_at != TIME_NONE &&
        (!row_has(contact, CONTACT_LAST_SEEN) || row_i64(contact, CONTACT_LAST_SEEN) < p->last_at))
        row_set_i64(contact, CONTACT_LAST_SEEN, p->last_at);
    row_set_i64(contact, CONTACT_SCORE, score_sum(&s->rules, tallies, 0));
    row_set_text(contact, CONTACT_FIT, score_grade(&s->rules, tallies));
    TRY(learned_put(cx, s->learned, p->seen, contact));
    TRY(record_save(cx, contact));
    TRY(save_products(cx, s, p->contact, tallies));
    return s->cross ? cross_line(cx, s, contact, tallies, list) : OK;
}

/* rules: with filters that have read nothing before this transaction. */
static enum status write_person(struct ctx *cx, const struct scoring *s, const struct person *p,
                                const struct score_rules *rules)
{
    struct score_tally *tallies = NEW_N(cx->arena, struct score_tally, s->rules.count);
    struct row *contact;
    enum status st = record_get(cx, &contact_type, p->contact, &contact);

    if (st == E_NOT_FOUND) { /* gone meanwhile */
        ctx_clear_error(cx);
        return OK;
    }
    TRY(st);
    if (p->tallies != NULL)
        memcpy(tallies, p->tallies, s->rules.count * sizeof *tallies);
    TRY(score_profile(cx, rules, contact, tallies));
    return save_score(cx, s, p, contact, tallies);
}

static enum status write_part(struct ctx *cx, void *arg)
{
    const struct scoring *s = arg;
    struct score_rules rules = s->rules;

    rules.list = NEW_N(cx->arena, struct score_rule, rules.count);
    for (size_t i = 0; i < rules.count; i++) {
        rules.list[i] = s->rules.list[i];
        if (rules.list[i].filter)
            TRY(filter_parse(cx, &contact_type, rules.list[i].filter_text, &rules.list[i].filter));
    }
    for (size_t i = s->written; i < s->written + PART_CONTACTS && i < s->count; i++)
        TRY(write_person(cx, s, &s->people[i], &rules));
    return OK;
}

enum status score_people(struct ctx *cx, const i64 *contacts, size_t count, bool cross)
{
    struct scoring s = { .cx = cx, .count = count, .cross = cross };

    assert(count <= SCORE_PEOPLE_MAX);
    if (count == 0)
        return OK;
    s.people = NEW_N(cx->arena, struct person, count);
    for (size_t i = 0; i < count; i++)
        s.people[i] = (struct person){ .contact = contacts[i], .last_at = TIME_NONE };
    TRY(score_rules_read(cx, &s.rules));
    TRY(learned_read(cx, &s.learned));
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
