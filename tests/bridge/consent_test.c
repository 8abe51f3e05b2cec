/* consent_test.c -- what a person's acts make of their consent, whom a mail may reach, and which
 * addresses get nothing. */
#include "bridge/consent.h"
#include "bridge/contact.h"
#include "support/house.h"

extern const struct feature feature_consent;

static i64 contact(struct house *h, const char *email)
{
    struct row *r = row_new(h->cx, &contact_type);

    row_set_text(r, CONTACT_EMAIL, email);
    assert_ok(h->cx, record_save(h->cx, r));
    return row_id(r);
}

static i64 topic(struct house *h, const char *slug)
{
    i64 id;

    assert_ok(h->cx, topic_by_slug(h->cx, slug, &id));
    return id;
}

static i64 topic_new(struct house *h, const char *slug, const char *basis, bool confirm)
{
    struct row *r = row_new(h->cx, &topic_type);

    row_set_text(r, TOPIC_NAME, slug);
    row_set_text(r, TOPIC_BASIS, basis);
    row_set_i64(r, TOPIC_DOUBLE, confirm);
    assert_ok(h->cx, record_save(h->cx, r));
    return row_id(r);
}

static const char *tags(struct house *h, i64 contact_id)
{
    struct row *r;

    assert_ok(h->cx, record_get(h->cx, &contact_type, contact_id, &r));
    return row_text(r, CONTACT_CONSENT);
}

static const char *reason(struct house *h, const char *address)
{
    const char *out;

    assert_ok(h->cx, suppression_find(h->cx, address, &out));
    return out ? out : "free";
}

/* Letters: g gives, G gives by a confirmed way, c confirms what waits, w takes the topic back, W
 * everything. */
static const struct {
    const char *note, *basis, *acts;
    bool confirm;
    const char *state, *suppressed; /* state: "yes" or why not */
} lives[] = {
    { "nothing was said", "consent", "", false, "never agreed to t", "free" },
    { "nothing was said, and nothing need be", "interest", "", false, "yes", "free" },
    { "agreed", "consent", "g", false, "yes", "free" },
    { "agreed twice", "consent", "gg", false, "yes", "free" },
    { "agreed, to be confirmed", "consent", "g", true, "has not confirmed t yet", "free" },
    { "confirmed", "consent", "gc", true, "yes", "free" },
    { "confirmed twice", "consent", "gcc", true, "yes", "free" },
    { "agreed in a way that is certain", "consent", "G", true, "yes", "free" },
    { "confirmed ones need no second confirmation", "consent", "gcg", true, "yes", "free" },
    { "took it back", "consent", "gw", false, "took back t", "free" },
    { "took it back twice", "consent", "gww", false, "took back t", "free" },
    { "took back what was never given", "consent", "w", false, "took back t", "free" },
    { "objected", "interest", "w", false, "took back t", "free" },
    { "agreed again", "consent", "gwg", false, "yes", "free" },
    { "took everything back", "consent", "gW", false, "took back t", "unsubscribed" },
    { "objected to everything", "interest", "W", false, "took back t", "unsubscribed" },
    { "everything, then a form: anybody could have typed the address", "consent", "gWg", false,
      "has not confirmed t yet", "unsubscribed" },
    { "everything, a form, and confirmed", "consent", "gWgc", false, "yes", "free" },
    { "everything, then the preference page", "consent", "gWG", false, "yes", "free" },
};

static void act(struct house *h, i64 contact_id, i64 topic_id, char what, i64 *pending)
{
    struct consent_evidence e = { .contact_id = contact_id,
                                  .topic_id = what == 'W' ? 0 : topic_id,
                                  .source = "form",
                                  .wording = "Yes please",
                                  .address = "192.0.2.7",
                                  .confirmed = what == 'G' };

    h->clock->fixed_ms += MS_MINUTE;
    if (what == 'g' || what == 'G')
        assert_ok(h->cx, consent_give(h->cx, &e, pending));
    else if (what == 'c')
        assert_ok(h->cx, consent_confirm(h->cx, *pending, &e));
    else
        assert_ok(h->cx, consent_withdraw(h->cx, &e));
}

static void acts_add_up_to_what_may_be_sent(void **state)
{
    struct house *h = *state;

    for (size_t i = 0; i < countof(lives); i++) {
        struct row *r = row_new(h->cx, &topic_type);
        const char *email = arena_printf(h->arena, "p%zu@x.example", i), *why;
        i64 person = contact(h, email), id, pending = 0;
        bool may;
        row_set_text(r, TOPIC_NAME, "t");
        row_set_text(r, TOPIC_SLUG, arena_printf(h->arena, "t%zu", i));
        row_set_text(r, TOPIC_BASIS, lives[i].basis);
        row_set_i64(r, TOPIC_DOUBLE, lives[i].confirm);
        assert_ok(h->cx, record_save(h->cx, r));
        id = row_id(r);
        for (const char *a = lives[i].acts; *a; a++)
            act(h, person, id, *a, &pending);
        assert_ok(h->cx, consent_allows(h->cx, person, id, &may, &why));
        if (strcmp(may ? "yes" : why, lives[i].state) != 0 ||
            strcmp(reason(h, email), lives[i].suppressed) != 0)
            fail_msg("%s: %s, %s", lives[i].note, may ? "yes" : why, reason(h, email));
        if (strcmp(lives[i].basis, "consent") == 0 &&
            may != (strstr(tags(h, person), row_text(r, TOPIC_SLUG)) != NULL))
            fail_msg("%s: the contact says \"%s\"", lives[i].note, tags(h, person));
    }
}

static void evidence_stays_as_it_was(void **state)
{
    struct house *h = *state;
    i64 person = contact(h, "eve@x.example"), id = 0;
    struct person *admin = house_user(h, "Admin", "");
    struct web_response r;
    struct row *first;

    act(h, person, topic(h, "newsletter"), 'g', &id);
    act(h, person, topic(h, "offers"), 'g', NULL);
    assert_string_equal(tags(h, person), "|newsletter|offers|");
    act(h, person, topic(h, "newsletter"), 'w', NULL);
    assert_string_equal(tags(h, person), "|offers|");
    assert_ok(h->cx, record_get(h->cx, &consent_type, id, &first));
    assert_string_equal(row_text(first, CONSENT_WORDING), "Yes please");
    assert_string_equal(row_text(first, CONSENT_ADDRESS), "192.0.2.7");
    assert_string_equal(row_text(first, CONSENT_EMAIL), "eve@x.example");
    assert_string_equal(row_text(first, CONSENT_STATE), "given");
    assert_false(row_bool(first, CONSENT_LATEST));
    /* nobody writes or removes evidence by hand */
    r = house_json(h, admin, HTTP_POST, "/api/v1/consents", "{\"state\":\"given\"}");
    assert_true(r.status == 404 || r.status == 405 || r.status == 403);
    r = house_json(h, admin, HTTP_DELETE,
                   arena_printf(h->arena, "/api/v1/consents/%lld", (long long)id), NULL);
    assert_true(r.status >= 400);
}

static void consent_that_was_refused_for_an_old_link_stays_refused(void **state)
{
    struct house *h = *state;
    i64 person = contact(h, "old@x.example"), pending = 0;
    i64 id = topic_new(h, "careful", "consent", true);
    struct consent_evidence e = { .address = "192.0.2.8" };

    act(h, person, id, 'g', &pending);
    act(h, person, id, 'w', NULL);
    assert_int_equal(consent_confirm(h->cx, pending, &e), E_CONFLICT);
    ctx_clear_error(h->cx);
    assert_string_equal(tags(h, person), "");
}

/* What stands on the list, what comes, and what holds then. */
static const struct {
    const char *note, *has, *comes, *holds;
} reasons[] = {
    { "a first one", "", "manual", "manual" },
    { "a weightier one", "manual", "complaint", "complaint" },
    { "a lighter one", "complaint", "hard_bounce", "complaint" },
    { "the same", "unsubscribed", "unsubscribed", "unsubscribed" },
    { "an address that was lifted", "lifted", "invalid", "invalid" },
};

static void the_weightiest_reason_holds(void **state)
{
    struct house *h = *state;

    for (size_t i = 0; i < countof(reasons); i++) {
        const char *address = arena_printf(h->arena, "S%zu@X.example", i);
        const char *has = reasons[i].has;
        if (strcmp(has, "lifted") == 0) {
            assert_ok(h->cx, suppression_add(h->cx, address, "complaint", NULL, 0));
            assert_ok(h->cx, suppression_lift(h->cx, address, "It was a mistake."));
            assert_string_equal(reason(h, address), "free");
        } else if (has[0]) {
            assert_ok(h->cx, suppression_add(h->cx, address, has, NULL, 0));
        }
        assert_ok(h->cx, suppression_add(h->cx, address, reasons[i].comes, "550 5.1.1", 0));
        if (strcmp(reason(h, text_lower_ascii(h->arena, address)), reasons[i].holds) != 0)
            fail_msg("%s: %s", reasons[i].note, reason(h, address));
    }
    assert_status(h->cx, suppression_add(h->cx, "a@x.example", "whim", NULL, 0), E_INVALID);
    assert_status(h->cx, suppression_add(h->cx, "no address", "manual", NULL, 0), E_INVALID);
    assert_true(suppression_blocks("unsubscribed", 7));
    assert_false(suppression_blocks("unsubscribed", 0));
    assert_true(suppression_blocks("hard_bounce", 0));
    assert_false(suppression_blocks(NULL, 7));
}

static void a_suppression_may_end_by_itself(void **state)
{
    struct house *h = *state;
    i64 until = h->clock->fixed_ms + MS_DAY;

    assert_ok(h->cx,
              suppression_add(h->cx, "full@x.example", "hard_bounce", "mailbox full", until));
    assert_string_equal(reason(h, "full@x.example"), "hard_bounce");
    h->clock->fixed_ms = until;
    assert_string_equal(reason(h, "full@x.example"), "free");
    assert_ok(h->cx, suppression_add(h->cx, "full@x.example", "manual", "again", 0));
    assert_string_equal(reason(h, "full@x.example"), "manual");
}

/* A database of the release before: words on contacts, a post with its wording, no topics. */
static void what_was_agreed_to_before_becomes_evidence(void **state)
{
    struct house *h = *state;
    i64 person = contact(h, "early@x.example"), other = contact(h, "word@x.example"), at;
    struct row *r;
    const char *why;
    bool may;

    test_db_script(h->t, "DELETE FROM topic; DELETE FROM consent;");
    test_db_script(h->t,
                   arena_printf(h->arena,
                                "UPDATE contact SET consent = '|newsletter|', consent_at = 5 "
                                "WHERE id = %lld; UPDATE contact SET consent = '|Fair visits|', "
                                "consent_at = 9 WHERE id = %lld;"
                                "INSERT INTO form (id, consent_purpose) VALUES (1, 'newsletter');"
                                "INSERT INTO submission (id, created_at, form_id, contact_id, "
                                "consent, consent_text, address) VALUES (2, 4, 1, %lld, 1, "
                                "'Send it', '192.0.2.9');",
                                (long long)person, (long long)other, (long long)person));
    assert_ok(h->cx, feature_consent.start(h->cx));
    assert_ok(h->cx, consent_allows(h->cx, person, topic(h, "newsletter"), &may, &why));
    assert_true(may);
    assert_ok(h->cx, consent_allows(h->cx, other, topic(h, "fair-visits"), &may, &why));
    assert_true(may);
    assert_ok(h->cx, record_find(h->cx, &consent_type, "email", "early@x.example", &r));
    assert_string_equal(row_text(r, CONSENT_WORDING), "Send it");
    assert_string_equal(row_text(r, CONSENT_SOURCE), "form");
    at = row_i64(r, CONSENT_AT);
    assert_int_equal(at, 4);
    assert_ok(h->cx, feature_consent.start(h->cx)); /* once only */
    assert_string_equal(tags(h, person), "|newsletter|");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        IN_BOTH_HOUSES(acts_add_up_to_what_may_be_sent, NULL),
        IN_BOTH_HOUSES(evidence_stays_as_it_was, NULL),
        IN_SQLITE_HOUSE(consent_that_was_refused_for_an_old_link_stays_refused, NULL),
        IN_BOTH_HOUSES(the_weightiest_reason_holds, NULL),
        IN_SQLITE_HOUSE(a_suppression_may_end_by_itself, NULL),
        IN_BOTH_HOUSES(what_was_agreed_to_before_becomes_evidence, NULL),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
