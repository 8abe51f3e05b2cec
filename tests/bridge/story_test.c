/* story_test.c -- the main job through requests, on both engines: a stranger comes through a
 * campaign's link, reads, leaves a form, becomes an MQL, is handed over, accepted, and won; both
 * teams see one journey and the same numbers. */
#include "kit/follow.h"
#include "support/house.h"

#define CHROME                                                                          \
    "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) " \
    "Chrome/130.0.0.0 Safari/537.36"

static const struct http_pair browser[] = { { "User-Agent", CHROME },
                                            { "Referer", "https://shop.example/demo" },
                                            { NULL, NULL } };

/* A page view as the Plausible script reports it; time goes on by a minute. */
static void view(struct house *h, const char *path, const char *referrer)
{
    struct arena *a = h->arena;
    struct web_response r =
        house_ask(h, NULL, HTTP_POST, "/api/event",
                  arena_printf(a,
                               "{\"n\":\"pageview\",\"u\":\"https://"
                               "shop.example%s\",\"d\":\"shop.example\",\"r\":\"%s\"}",
                               path, referrer),
                  browser);

    house_expect(h, &r, 202);
    if (web_response_header(&r, "X-Furrow-Dropped"))
        fail_msg("%s was dropped: %s", path, web_response_header(&r, "X-Furrow-Dropped"));
    h->clock->fixed_ms += MS_MINUTE;
}

/* What the background does: records' events reach the journey, whose followers have their turn. */
static void settle(struct house *h)
{
    for (int round = 0; round < 3; round++) {
        assert_int_equal(outbox_drain(h->cx), OK);
        if (follow_all(h->cx) != OK)
            fail_msg("scoring failed: %s", h->cx->error_text);
    }
}

static const char *made_id(struct house *h, const struct web_response *r)
{
    const char *where = web_response_header(r, "Location");

    assert_non_null(where);
    return arena_text(h->arena, strrchr(where, '/') + 1);
}

static void set_up(struct house *h, const struct person *marketer)
{
    struct web_response r =
        house_post(h, marketer, "/sites", "name=Shop&domain=www.Shop.example&mode=consent");

    house_expect(h, &r, 303);
    r = house_post(h, marketer, "/campaigns", "name=Spring+fair&code=Spring+Fair&status=active");
    house_expect(h, &r, 303);
    r = house_post(h, marketer, "/forms",
                   "name=Demo&slug=demo&status=draft&title=Ask+for+a+demo&makes=lead&consent_text="
                   "Yes,+write+to+me&consent_purpose=newsletter");
    house_expect(h, &r, 303);
    r = house_get(h, NULL, "/f/demo");
    house_expect(h, &r, 404); /* a draft is nobody's */
    r = house_json(h, marketer, HTTP_GET, "/api/v1/forms", NULL);
    r = house_post(h, marketer,
                   arena_printf(h->arena, "/forms/%s/publish",
                                val_get_text(val_at(val_get(house_val(h, &r), "data"), 0), "id")),
                   "");
    house_expect(h, &r, 303);
    r = house_get(h, NULL, "/f/demo");
    house_expect(h, &r, 200);
}

/* The one contact there is, as the API tells it. */
static const struct val *the_contact(struct house *h, const struct person *who)
{
    struct web_response r = house_json(h, who, HTTP_GET, "/api/v1/contacts", NULL);
    const struct val *list = val_get(house_val(h, &r), "data");

    house_expect(h, &r, 200);
    assert_int_equal(val_count(list), 1);
    return val_at(list, 0);
}

static void leave_form(struct house *h)
{
    struct web_response r = house_ask(h, NULL, HTTP_POST, "/f/demo",
                                      "first_name=Jos%C3%A9&last_name=Garc%C3%ADa&email=Jose%"
                                      "40Finca.example&company=Finca+Sol&consent=yes",
                                      browser);

    house_expect(h, &r, 303);
    assert_true(str_ends(str_from(web_response_header(&r, "Location")), "/f/demo/thanks"));
}

static void a_stranger_becomes_a_customer_and_both_teams_see_it(void **state)
{
    struct house *h = *state;
    struct person *marketer = house_user(h, "Mia Market", "Marketing"),
                  *seller = house_user(h, "Sam Sales", "Sales");
    const struct val *contact;
    const char *id, *deal;
    struct web_response r;

    set_up(h, marketer);
    view(h, "/?utm_source=google&utm_medium=cpc&utm_campaign=Spring-Fair&gclid=abc",
         "https://www.google.com/");
    view(h, "/pricing", "https://shop.example/");
    view(h, "/pricing/teams", "https://shop.example/pricing");
    view(h, "/demo", "https://shop.example/pricing");
    view(h, "/pricing", "https://shop.example/demo");
    leave_form(h);
    settle(h);

    contact = the_contact(h, marketer);
    id = val_get_text(contact, "id");
    assert_string_equal(val_get_text(contact, "first_channel"), "paid-search");
    assert_string_equal(val_get_text(contact, "first_campaign"), "spring-fair");
    assert_string_equal(val_get_text(contact, "lifecycle"), "mql");
    assert_int_equal(val_count(val_get(contact, "consent")), 1);
    assert_string_equal(val_as_text(val_at(val_get(contact, "consent"), 0), ""), "newsletter");
    assert_true(val_get_i64(contact, "score", 0) >= 100);
    r = house_get(h, marketer, arena_printf(h->arena, "/contacts/%s", id));
    house_expect(h, &r, 200);
    assert_true(house_has(&r, "Visited 5 pages"));
    assert_true(house_has(&r, "Paid search"));
    assert_true(house_has(&r, "Form submitted: Demo"));
    assert_true(house_has(&r, "Looked at pricing, 3 times"));
    assert_true(house_has(&r, "Handed over to sales"));

    r = house_get(h, seller, "/leads");
    house_expect(h, &r, 200);
    assert_true(house_has(&r, "José García"));
    r = house_json(h, seller, HTTP_GET, "/api/v1/handoffs?filter=status%20%3D%20'pending'", NULL);
    r = house_post(h, seller,
                   arena_printf(h->arena, "/handoffs/%s/accept",
                                val_get_text(val_at(val_get(house_val(h, &r), "data"), 0), "id")),
                   "");
    house_expect(h, &r, 303);
    r = house_post(h, seller, "/deals",
                   arena_printf(h->arena,
                                "name=Finca+Sol+sensors&contact_id=%s&amount=12.400&amount_"
                                "currency=EUR&close_date=2026-12-31",
                                id));
    house_expect(h, &r, 422); /* which point is it? */
    r = house_post(h, seller, "/deals",
                   arena_printf(h->arena,
                                "name=Finca+Sol+sensors&contact_id=%s&amount=12400.50&amount_"
                                "currency=EUR&close_date=2026-12-31",
                                id));
    house_expect(h, &r, 303);
    deal = made_id(h, &r);
    r = house_post(h, seller, arena_printf(h->arena, "/deals/%s/won", deal), "");
    house_expect(h, &r, 303);
    settle(h);

    contact = the_contact(h, marketer);
    assert_string_equal(val_get_text(contact, "lifecycle"), "customer");
    r = house_get(h, marketer, arena_printf(h->arena, "/contacts/%s", id));
    assert_true(house_has(&r, "Deal won: Finca Sol sensors"));
    assert_true(house_has(&r, "12,400.50"));
    assert_true(house_has(&r, "Lead accepted"));
}

/* POST body to the open form, and what must come. */
static const struct {
    const char *note, *body;
    int status;
    i64 contacts; /* that stand there afterwards */
} posts[] = {
    { "no mail address", "first_name=A", 422, 0 },
    { "a mail address that is none", "email=nonsense", 422, 0 },
    { "the trap was filled in: thanked, kept as spam, no contact",
      "email=bot%40x.example&website_url=http://x", 303, 0 },
    { "a link for a name", "email=bot%40x.example&first_name=http://x", 303, 0 },
    { "a good one", "email=a%40x.example&first_name=A", 303, 1 },
    { "the same person again, written otherwise", "email=A%40X.example&first_name=B", 303, 1 },
    { "a bad byte", "email=a%40x.example&first_name=%ff", 400, 1 },
};

static void posts_of_strangers_are_checked_and_none_is_lost(void **state)
{
    struct house *h = *state;
    struct person *marketer = house_user(h, "Mia Market", "Marketing");
    struct web_response r;

    set_up(h, marketer);
    for (size_t i = 0; i < countof(posts); i++) {
        const struct val *list;
        r = house_ask(h, NULL, HTTP_POST, "/f/demo", posts[i].body, browser);
        if (r.status != posts[i].status)
            fail_msg("%s: got %d, want %d: %.*s", posts[i].note, r.status, posts[i].status,
                     (int)r.body.len, r.body.p);
        r = house_json(h, marketer, HTTP_GET, "/api/v1/contacts", NULL);
        list = val_get(house_val(h, &r), "data");
        if ((i64)val_count(list) != posts[i].contacts)
            fail_msg("%s: %zu contacts, want %lld", posts[i].note, val_count(list),
                     (long long)posts[i].contacts);
    }
    r = house_json(h, marketer, HTTP_GET, "/api/v1/submissions", NULL);
    assert_int_equal(val_count(val_get(house_val(h, &r), "data")), 4); /* two spam, two good */
    r = house_json(h, marketer, HTTP_GET, "/api/v1/contacts", NULL);
    /* never overwritten */
    assert_string_equal(val_get_text(val_at(val_get(house_val(h, &r), "data"), 0), "first_name"),
                        "A");
}

static void a_lead_that_is_sent_back_says_why(void **state)
{
    struct house *h = *state;
    struct person *marketer = house_user(h, "Mia Market", "Marketing"),
                  *seller = house_user(h, "Sam Sales", "Sales");
    struct web_response r =
        house_post(h, marketer, "/contacts", "first_name=Lea&email=lea%40x.example&lifecycle=lead");
    const char *contact = made_id(h, &r), *handoff;

    r = house_post(h, marketer, "/handoffs",
                   arena_printf(h->arena, "contact_id=%s&reason=Asked+at+the+fair", contact));
    house_expect(h, &r, 303);
    handoff = made_id(h, &r);
    r = house_post(h, marketer, "/handoffs",
                   arena_printf(h->arena, "contact_id=%s&reason=Again", contact));
    assert_true(r.status == 409 || r.status == 422); /* one is waiting */
    r = house_ask(h, seller, HTTP_POST, arena_printf(h->arena, "/handoffs/%s/recycle", handoff),
                  "outcome=", NULL);
    house_expect(h, &r, 422);
    r = house_post(h, seller, arena_printf(h->arena, "/handoffs/%s/recycle", handoff),
                   "outcome=too_early&answer=Call+in+May");
    house_expect(h, &r, 303);
    r = house_ask(h, seller, HTTP_POST, arena_printf(h->arena, "/handoffs/%s/accept", handoff), "",
                  NULL);
    house_expect(h, &r, 409); /* answered already */
    r = house_json(h, marketer, HTTP_GET, arena_printf(h->arena, "/api/v1/contacts/%s", contact),
                   NULL);
    assert_string_equal(val_get_text(house_val(h, &r), "lifecycle"), "lead");
    assert_string_equal(val_get_text(house_val(h, &r), "lead_status"), "nurturing");
    r = house_get(h, marketer, "/notifications");
    assert_true(house_has(&r, "Too early"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        IN_BOTH_HOUSES(a_stranger_becomes_a_customer_and_both_teams_see_it, NULL),
        IN_BOTH_HOUSES(posts_of_strangers_are_checked_and_none_is_lost, NULL),
        IN_BOTH_HOUSES(a_lead_that_is_sent_back_says_why, NULL),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
