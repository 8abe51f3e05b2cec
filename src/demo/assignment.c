/* assignment.c -- how the demo company's leads find their salesperson since some weeks. Before that
 * they took turns. */
#include "bridge/assignment.h"
#include "demo/demo_int.h"

static const struct {
    const char *name, *filter, *method;
    struct {
        int who; /* of the colleagues; 0: the end */
        int weight, capacity;
    } members[5];
} rules[] = {
    { "Large estates", "company_id.employees >= 100", "capacity", { { 4, 1, 60 }, { 6, 1, 40 } } },
    { "Italy and France",
      "country in ('Italy', 'France')",
      "round_robin",
      { { 5, 1, 0 }, { 8, 1, 0 } } },
    { "All others", "", "weighted", { { 4, 8, 0 }, { 5, 2, 0 }, { 6, 3, 0 }, { 7, 3, 0 } } },
};

static enum status make_member(struct sim *s, i64 rule, int who, int weight, int capacity)
{
    struct row *r = row_new(&s->cx, &assignment_member_type);

    row_set_i64(r, MEMBER_RULE, rule);
    row_set_i64(r, MEMBER_USER, s->user_ids[who]);
    row_set_i64(r, MEMBER_WEIGHT, weight);
    if (capacity)
        row_set_i64(r, MEMBER_CAPACITY, capacity);
    return record_save(&s->cx, r);
}

static enum status make_rule(struct sim *s, size_t n)
{
    struct row *r = row_new(&s->cx, &assignment_rule_type);

    row_set_text(r, ASSIGN_NAME, rules[n].name);
    row_set_i64(r, ASSIGN_POSITION, ((i64)n + 1) * 10);
    row_set_text(r, ASSIGN_FILTER, rules[n].filter);
    row_set_text(r, ASSIGN_METHOD, rules[n].method);
    TRY(record_save(&s->cx, r));
    for (size_t i = 0; i < countof(rules[n].members) && rules[n].members[i].who; i++)
        TRY(make_member(s, row_id(r), rules[n].members[i].who, rules[n].members[i].weight,
                        rules[n].members[i].capacity));
    return OK;
}

enum status assignment_step(struct sim *s)
{
    sim_as(s, -1);
    for (size_t i = 0; i < countof(rules); i++)
        TRY(make_rule(s, i));
    s->ruled = true;
    return OK;
}

enum status absence_make(struct sim *s)
{
    i64 today = zone_day(s->zone, s->end_ms);
    struct row *away = row_new(&s->cx, &absence_type);

    s->clock.fixed_ms = s->end_ms;
    sim_as(s, -1);
    row_set_i64(away, ABSENCE_USER, s->user_ids[7]);
    row_set_i64(away, ABSENCE_FROM, today - 1);
    row_set_i64(away, ABSENCE_UNTIL, today + 6);
    row_set_text(away, ABSENCE_NOTE, "On leave");
    return record_save(&s->cx, away);
}
