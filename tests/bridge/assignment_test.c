/* assignment_test.c -- whose lead it is: territories, turns, weights, capacities, absences; and
 * that each decision says why. */
#include "base/testing.h"
#include "bridge/assignment.h"
#include "bridge/contact.h"
#include "bridge/handoff.h"
#include "support/house.h"

static i64 rule(struct house *h, const char *name, i64 position, const char *filter,
                const char *method)
{
    struct row *r = row_new(h->cx, &assignment_rule_type);

    row_set_text(r, ASSIGN_NAME, name);
    row_set_i64(r, ASSIGN_POSITION, position);
    row_set_text(r, ASSIGN_FILTER, filter);
    row_set_text(r, ASSIGN_METHOD, method);
    assert_ok(h->cx, record_save(h->cx, r));
    return row_id(r);
}

static void member(struct house *h, i64 of, const struct person *who, i64 weight, i64 capacity)
{
    struct row *r = row_new(h->cx, &assignment_member_type);

    row_set_i64(r, MEMBER_RULE, of);
    row_set_i64(r, MEMBER_USER, who->user_id);
    row_set_i64(r, MEMBER_WEIGHT, weight);
    if (capacity)
        row_set_i64(r, MEMBER_CAPACITY, capacity);
    assert_ok(h->cx, record_save(h->cx, r));
}

static struct row *lead(struct house *h, const char *country)
{
    struct row *contact = row_new(h->cx, &contact_type), *r;
    struct handoff_order o = { .reason = "Hot" };
    i64 id;

    h->clock->fixed_ms += MS_MINUTE;
    row_set_text(contact, CONTACT_FIRST, "Lea");
    row_set_text(contact, CONTACT_COUNTRY, country);
    row_set_text(contact, CONTACT_LIFECYCLE, "lead");
    assert_ok(h->cx, record_save(h->cx, contact));
    o.contact_id = row_id(contact);
    assert_ok(h->cx, handoff_make(h->cx, &o, &id));
    assert_ok(h->cx, record_get(h->cx, &handoff_type, id, &r));
    return r;
}

static struct row *goes_to(struct house *h, const char *country, const struct person *who,
                           const char *because)
{
    struct row *r = lead(h, country);

    if (row_i64(r, HANDOFF_OWNER) != who->user_id)
        fail_msg("it went to %s: %s", row_show(h->cx, r, HANDOFF_OWNER),
                 row_text(r, HANDOFF_BECAUSE));
    if (strstr(row_text(r, HANDOFF_BECAUSE), because) == NULL)
        fail_msg("'%s' does not say '%s'", row_text(r, HANDOFF_BECAUSE), because);
    return r;
}

static void the_first_rule_that_fits_decides(void **state)
{
    struct house *h = *state;
    struct person *luca = house_user(h, "Luca", "Sales"), *mia = house_user(h, "Mia", "Sales"),
                  *ben = house_user(h, "Ben", "Sales"), *eve = house_user(h, "Eve", "Sales");
    i64 south = rule(h, "South", 10, "country in ('Italy', 'Spain')", "round_robin");
    i64 rest = rule(h, "Rest", 20, "country != 'Iceland'", "round_robin");
    struct row *off;

    member(h, south, luca, 1, 0);
    member(h, rest, mia, 1, 0);
    member(h, rest, ben, 1, 0);
    goes_to(h, "Italy", luca, "South: it was the turn of Luca.");
    goes_to(h, "Germany", mia, "Rest: it was the turn of Mia.");
    goes_to(h, "Germany", ben, "Rest");
    goes_to(h, "Spain", luca, "South");
    assert_int_equal(row_i64(goes_to(h, "France", mia, "Rest"), HANDOFF_RULE), rest);
    off = goes_to(h, "Iceland", eve, "No rule decided: Eve has waited longest");
    assert_false(row_has(off, HANDOFF_RULE));
    assert_ok(h->cx, record_get(h->cx, &assignment_rule_type, south, &off));
    row_set_i64(off, ASSIGN_ACTIVE, 0);
    assert_ok(h->cx, record_save(h->cx, off));
    goes_to(h, "Italy", ben, "Rest");
}

static void weights_are_kept(void **state)
{
    struct house *h = *state;
    struct person *ada = house_user(h, "Ada", "Sales"), *ben = house_user(h, "Ben", "Sales"), *eve;
    i64 all = rule(h, "All", 10, "", "weighted");
    int to_ada = 0;

    member(h, all, ada, 3, 0);
    member(h, all, ben, 1, 0);
    for (int i = 0; i < 40; i++) {
        to_ada += row_i64(lead(h, ""), HANDOFF_OWNER) == ada->user_id;
        assert_in_range(to_ada * 4 + 4, (i + 1) * 3, (i + 1) * 3 + 8); /* at any moment */
    }
    assert_int_equal(to_ada, 30);
    eve = house_user(h, "Eve", "Sales");
    member(h, all, eve, 1, 0); /* gets her share from now on, not all at once */
    to_ada = 0;
    int to_eve = 0;
    for (int i = 0; i < 10; i++) {
        i64 owner = row_i64(lead(h, ""), HANDOFF_OWNER);
        to_ada += owner == ada->user_id;
        to_eve += owner == eve->user_id;
    }
    assert_int_equal(to_ada, 6);
    assert_int_equal(to_eve, 2);
}

static void nobody_gets_more_than_they_can_take(void **state)
{
    struct house *h = *state;
    struct person *ada = house_user(h, "Ada", "Sales"), *ben = house_user(h, "Ben", "Sales");
    i64 all = rule(h, "All", 10, "", "capacity");
    int to_ada = 0;
    struct row *first = NULL, *r;

    member(h, all, ada, 1, 2);
    member(h, all, ben, 1, 4);
    for (int i = 0; i < 6; i++) {
        r = lead(h, "");
        to_ada += row_i64(r, HANDOFF_OWNER) == ada->user_id;
        first = first || row_i64(r, HANDOFF_OWNER) != ada->user_id ? first : r;
    }
    assert_int_equal(to_ada, 2);
    r = lead(h, "");
    assert_non_null(strstr(row_text(r, HANDOFF_BECAUSE), "Ada has 2 of 2 in hand."));
    assert_non_null(strstr(row_text(r, HANDOFF_BECAUSE), "Ben has 4 of 4 in hand."));
    assert_non_null(strstr(row_text(r, HANDOFF_BECAUSE), "Nobody of 'All' is free."));
    assert_false(row_has(r, HANDOFF_RULE));
    assert_ok(h->cx, record_get(h->cx, &handoff_type, row_id(first), &first));
    assert_ok(h->cx, handoff_decide(h->cx, first, "accept", "", ""));
    assert_non_null(strstr(row_text(lead(h, ""), HANDOFF_BECAUSE), "Nobody of 'All' is free."));
    assert_ok(h->cx, contact_advance(h->cx, row_i64(first, HANDOFF_CONTACT), "opportunity", NULL));
    /* the one that came by no rule is in somebody's hands too */
    r = lead(h, "");
    if (row_i64(r, HANDOFF_OWNER) != ada->user_id)
        assert_non_null(strstr(row_text(r, HANDOFF_BECAUSE), "Nobody of 'All' is free."));
}

static void who_is_away_is_passed_over(void **state)
{
    struct house *h = *state;
    struct person *ada = house_user(h, "Ada", "Sales"), *ben = house_user(h, "Ben", "Sales");
    i64 all = rule(h, "All", 10, "", "round_robin");
    i64 today = zone_day(kit_zone(h->cx), ctx_now(h->cx));
    struct row *r = row_new(h->cx, &absence_type);

    member(h, all, ada, 1, 0);
    member(h, all, ben, 1, 0);
    row_set_i64(r, ABSENCE_USER, ada->user_id);
    row_set_i64(r, ABSENCE_FROM, today);
    row_set_i64(r, ABSENCE_UNTIL, today + 2);
    assert_ok(h->cx, record_save(h->cx, r));
    goes_to(h, "", ben, "Ada is away until");
    goes_to(h, "", ben, "Ada is away until");
    h->clock->fixed_ms += 3 * (i64)MS_DAY;
    goes_to(h, "", ada, "it was the turn of Ada");
    row_set_i64(r, ABSENCE_UNTIL, today - 1);
    assert_status(h->cx, record_save(h->cx, r), E_INVALID);
}

static void what_makes_no_sense_is_refused(void **state)
{
    struct house *h = *state;
    struct person *rita = house_user(h, "Rita", "Read only"), *ada = house_user(h, "Ada", "Sales");
    i64 all = rule(h, "All", 10, "", "round_robin");
    struct row *r = row_new(h->cx, &assignment_rule_type);

    row_set_text(r, ASSIGN_NAME, "Odd");
    row_set_text(r, ASSIGN_FILTER, "moon = 1");
    assert_status(h->cx, record_save(h->cx, r), E_INVALID);
    ctx_clear_error(h->cx);
    row_set_text(r, ASSIGN_FILTER, "owner_id = me");
    assert_status(h->cx, record_save(h->cx, r), E_INVALID);
    ctx_clear_error(h->cx);
    r = row_new(h->cx, &assignment_member_type);
    row_set_i64(r, MEMBER_RULE, all);
    row_set_i64(r, MEMBER_USER, rita->user_id);
    assert_status(h->cx, record_save(h->cx, r), E_INVALID); /* she may not answer leads */
    ctx_clear_error(h->cx);
    member(h, all, ada, 1, 0);
    row_set_i64(r, MEMBER_USER, ada->user_id);
    assert_status(h->cx, record_save(h->cx, r), E_INVALID); /* twice */
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        IN_BOTH_HOUSES(the_first_rule_that_fits_decides, NULL),
        IN_BOTH_HOUSES(weights_are_kept, NULL),
        IN_BOTH_HOUSES(nobody_gets_more_than_they_can_take, NULL),
        IN_BOTH_HOUSES(who_is_away_is_passed_over, NULL),
        IN_SQLITE_HOUSE(what_makes_no_sense_is_refused, NULL),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
