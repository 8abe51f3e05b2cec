/* dimension_test.c -- numbers of web sites, asked from outside: what every dimension means, what
 * conditions choose, when a visit bounced and how long it was, against events made by hand. */
#include "bridge/visits.h"

/* "5: email 2, direct 2"; not known is "-". */
static const char *said(struct house *h, const struct val *answer)
{
    const struct val *groups = val_get(answer, "groups");
    struct buf b = buf_in(h->arena, 4000);

    buf_text(&b, val_print(h->arena, val_get(answer, "value")));
    for (size_t i = 0; i < val_count(groups); i++) {
        const struct val *g = val_at(groups, i);
        const char *key = val_is_null(val_get(g, "key")) ? "-" : val_get_text(g, "key");
        if (val_as_double(val_get(g, "value"), 0) != 0)
            buf_printf(&b, "%s %s %s", i ? "," : ":", key,
                       val_print(h->arena, val_get(g, "value")));
    }
    return buf_end(&b);
}

static const struct {
    const char *query, *says;
} cases[] = {
    /* what is counted */
    { "metric=visitors", "3" },
    { "metric=visits", "5" },
    { "metric=pageviews", "6" },
    { "metric=pages_per_visit", "1.2" },
    { "metric=visits_bounced", "3" },
    { "metric=visit_bounce_rate", "0.6" },
    { "metric=visit_time", "1050" },
    { "metric=visit_duration", "210" },
    { "metric=engaged_visits", "1" },
    { "metric=engaged_visits_ga4&dimension=entry_page", "4: /blog 2, / 1, /pricing 1" },
    { "metric=engagement_rate_ga4", "0.8" },
    { "metric=bounce_rate_ga4", "0.2" },
    { "metric=visits_single&dimension=exit_page", "2: /blog 2" },
    { "metric=bounce_rate_umami", "0.4" },
    /* how a visit came: its first event tells for all of it */
    { "metric=visits&dimension=channel", "5: direct 2, email 2, paid-search 1" },
    { "metric=pageviews&dimension=channel", "6: email 3, direct 2, paid-search 1" },
    { "metric=visitors&dimension=channel", "3: direct 2, email 2, paid-search 1" },
    { "metric=visits&dimension=source", "5: newsletter 2, - 2, google 1" },
    { "metric=visits&dimension=medium", "5: email 2, - 2, cpc 1" },
    { "metric=visits&dimension=campaign", "5: spring 2, - 2, brand 1" },
    { "metric=visits&dimension=term", "5: - 4, crm software 1" },
    { "metric=visits&dimension=content", "5: - 3, end 1, top 1" },
    /* what it saw: a visit is in every page that it touched, and has one entry and one exit */
    { "metric=pageviews&dimension=page", "6: /blog 3, /pricing 2, / 1" },
    { "metric=visitors&dimension=page", "3: /blog 2, /pricing 2, / 1" },
    { "metric=visits&dimension=page", "5: /blog 3, /pricing 2, / 1" },
    { "metric=visits&dimension=entry_page", "5: /blog 3, / 1, /pricing 1" },
    { "metric=visits&dimension=exit_page", "5: /blog 3, /pricing 2" },
    { "metric=visitors&dimension=exit_page", "3: /blog 2, /pricing 2" },
    { "metric=visit_bounce_rate&dimension=entry_page", "0.6: /blog 1" },
    { "metric=visit_duration&dimension=entry_page", "210: / 360, /blog 210, /pricing 60" },
    { "metric=visits&dimension=site", "5: b.example 3, a.example 2" },
    { "metric=visitors&dimension=site", "3: a.example 2, b.example 2" },
    /* from where, with what: several clients have one browser, and a person counts once */
    { "metric=visitors&dimension=country", "3: DE 2, GB 1" },
    { "metric=visitors&dimension=language", "3: de 2, en 1" },
    { "metric=visitors&dimension=device", "3: desktop 2, mobile 1" },
    { "metric=visitors&dimension=browser", "3: Chrome 2, Safari 1" },
    { "metric=visitors&dimension=system", "3: Linux 1, Windows 1, iOS 1" },
    { "metric=visitors&dimension=screen", "3: large 2, small 1" },
    /* by time: a visit is in the hour in which it begins */
    { "metric=visits&dimension=day", "5: 2026-11-20 3, 2026-11-21 2" },
    { "metric=visit_time&dimension=day", "1050: 2026-11-20 1020, 2026-11-21 30" },
    { "metric=pageviews&dimension=hour&period=2026-11-20..2026-11-20",
      "4, 2026-11-20T10:00 2, 2026-11-20T11:00 1, 2026-11-20T15:00 1" },
    /* conditions on visits choose whole visits */
    { "metric=pageviews&channel=email", "3" },
    { "metric=pageviews&channel=email&dimension=page", "3: / 1, /blog 1, /pricing 1" },
    { "metric=visits&source=newsletter&content=top", "1" },
    { "metric=visits&medium=cpc&dimension=term", "1: crm software 1" },
    { "metric=visits&entry_page=/", "1" },
    { "metric=pageviews&entry_page=/&dimension=page", "2: / 1, /pricing 1" },
    { "metric=visitors&exit_page=/pricing", "2" },
    { "metric=visit_bounce_rate&exit_page=/pricing", "0" },
    { "metric=visitors&country=DE&dimension=system", "2: Linux 1, Windows 1" },
    { "metric=visits&browser=Chrome&system=Linux", "2" },
    { "metric=visits&device=mobile&screen=small&language=en", "1" },
    /* those on events choose events: views of that page, and the visits that have one */
    { "metric=pageviews&page=/pricing", "2" },
    { "metric=visitors&page=/pricing", "2" },
    { "metric=visits&page=/pricing", "2" },
    { "metric=visits&page=/pricing&dimension=entry_page", "2: / 1, /pricing 1" },
    { "metric=pageviews&page=/pricing&dimension=page", "2: /pricing 2" },
    { "metric=visits&page=/pricing&dimension=page", "2: /pricing 2" },
    { "metric=visit_duration&page=/pricing", "210" }, /* measured whole: 6 and 1 minutes */
    { "metric=visit_bounce_rate&page=/blog", "1" },
    { "metric=visitors&page=/blog&dimension=day", "2: 2026-11-20 1, 2026-11-21 1" },
    { "metric=pageviews&site=b.example", "3" },
    { "metric=visits&site=a.example&page=/blog", "0" }, /* on the same event */
    /* both together */
    { "metric=visitors&channel=email&page=/pricing", "1" },
    { "metric=pageviews&channel=email&page=/pricing", "1" },
    { "metric=visits&channel=paid-search&page=/", "0" },
    /* how a page was read: 20 s of /, 40 s of /pricing in two parts, 60 s of /blog */
    { "metric=engaged_time", "120" },
    { "metric=time_on_page", "40" },
    { "metric=time_on_page&dimension=page", "40: /blog 60, /pricing 40, / 20" },
    { "metric=scroll_depth&dimension=page", "0.7666666666666667: /blog 1, /pricing 0.9, / 0.4" },
    { "metric=time_on_page&page=/pricing", "40" },
    { "metric=scroll_depth&channel=email", "0.65" },
    { "metric=time_on_page&dimension=day", "40: 2026-11-20 40" },
    { "metric=time_on_page&device=mobile", "" }, /* nobody said */
    { "metric=time_on_page&dimension=page&limit=1", "40: /blog 60, (other) 30" },
    /* how fast pages were: 1, 2, 3 and 5 seconds; three of four are not above the third */
    { "metric=lcp", "3000" },
    { "metric=lcp&dimension=page", "3000: /pricing 5000, /blog 1000" },
    { "metric=lcp_good&dimension=page", "0.5: /blog 1, /pricing 0.3333333333333333" },
    { "metric=lcp_poor", "0.25" },
    { "metric=lcp&device=mobile", "5000" },
    { "metric=cls", "0.12" },
    { "metric=inp", "" },
    { "metric=lcp&dimension=page&limit=1", "3000: /pricing 5000" },
    /* what a site calls its events; a condition on them chooses whole visits */
    { "metric=site_events&dimension=action", "2: Signup 1, Video: Play 1" },
    { "metric=site_event_people&dimension=action", "2: Signup 1, Video: Play 1" },
    { "metric=visits&dimension=action", "5: Signup 1, Video: Play 1" },
    { "metric=pageviews&action=Signup", "1" },
    { "metric=pageviews&action=!Signup", "5" },
    { "metric=visits&action=*", "2" },
    { "metric=visits&action=!*", "3" },
    { "metric=visits&action=Video*&page=/blog", "1" },
    { "metric=visits&action=Signup&page=/blog", "0" },
    /* patterns, and the other way round */
    { "metric=pageviews&page=/p*", "2" },
    { "metric=pageviews&page=!/p*&dimension=page", "4: /blog 3, / 1" },
    { "metric=visits&channel=!direct", "3" },
    { "metric=visits&source=!*", "2" },
    { "metric=visits&source=*", "3" },
    { "metric=visits&page=/nowhere", "0" },
    { "metric=visit_bounce_rate&page=/nowhere", "" },
    /* groups in the order of another number */
    { "metric=visits_bounced&dimension=page&order=pageviews", "3: /blog 3" },
    { "metric=visit_time&dimension=entry_page&order=visits",
      "1050: /blog 630, / 360, /pricing 60" },
    /* what does not add up is not added up */
    { "metric=pageviews&dimension=page&limit=1", "6: /blog 3, (other) 3" },
    { "metric=visits&dimension=page&limit=1", "5: /blog 3" },
};

static void numbers_mean_what_they_say(void **state)
{
    struct house *h = *state;
    struct person *anna = house_token(h, house_user(h, "Anna", ""), "read");
    bool wrong = false;

    make_events(h);
    for (size_t i = 0; i < countof(cases); i++) {
        bool own = strstr(cases[i].query, "period=");
        const char *target = arena_printf(h->arena, "/api/v1/question?%s%s", cases[i].query,
                                          own ? "" : "&period=2026-11-20..2026-11-21");
        struct web_response r = house_json(h, anna, HTTP_GET, target, NULL);
        house_expect(h, &r, 200);
        const char *says = said(h, house_val(h, &r));
        if (!text_is(says, cases[i].says)) {
            print_error("%s says %s, not %s\n", cases[i].query, says, cases[i].says);
            wrong = true;
        }
    }
    assert_false(wrong);
}

static void comparisons_are_narrowed_too(void **state)
{
    struct house *h = *state;
    struct person *anna = house_token(h, house_user(h, "Anna", ""), "read");
    struct web_response r;

    make_events(h);
    r = house_json(h, anna, HTTP_POST, "/api/v1/question",
                   "{\"questions\":[{\"metric\":\"visits\",\"period\":\"this_month\"},"
                   "{\"metric\":\"visits\",\"period\":\"this_month\",\"channel\":\"direct\"},"
                   "{\"metric\":\"visits\",\"period\":\"this_month\",\"channel\":\"email\"}]}");
    house_expect(h, &r, 200);
    const struct val *answers = val_get(house_val(h, &r), "answers");
    static const i64 want[][2] = { { 5, 1 }, { 2, 1 }, { 2, 0 } };
    for (size_t i = 0; i < countof(want); i++) {
        assert_int_equal(val_get_i64(val_at(answers, i), "value", -1), want[i][0]);
        assert_int_equal(val_get_i64(val_at(answers, i), "before", -1), want[i][1]);
    }
}

/* Numbers over records are narrowed by what they keep of the journey. */
static void records_are_narrowed_by_what_they_keep(void **state)
{
    static const struct {
        const char *query;
        int status;
        i64 value;
    } leads[] = {
        { "metric=new_leads", 200, 2 },
        { "metric=new_leads&channel=email", 200, 1 },
        { "metric=new_leads&channel=email&campaign=spring", 200, 1 },
        { "metric=new_leads&channel=direct", 200, 0 },
        { "metric=new_leads&page=/pricing", 422, 0 },
        { "metric=new_leads&country=IT", 422, 0 }, /* the contact's is another one */
        { "metric=new_leads&channel=!email", 422, 0 },
        { "metric=visitor_to_lead&browser=Chrome", 422, 0 },
    };
    struct house *h = *state;
    struct person *anna = house_user(h, "Anna", ""), *token = house_token(h, anna, "read");
    const struct record_type *t = type_find(h->cx, "contact");

    for (int i = 0; i < 2; i++) {
        struct row *r = row_new(h->cx, t);
        row_set_text(r, type_field(t, "first_name"), i ? "Ruben" : "Helena");
        row_set_text(r, type_field(t, "first_channel"), i ? "referral" : "email");
        row_set_text(r, type_field(t, "first_campaign"), i ? "" : "spring");
        row_set_text(r, type_field(t, "lifecycle"), "lead");
        assert_ok(h->cx, record_save(h->cx, r));
    }
    for (size_t i = 0; i < countof(leads); i++) {
        struct web_response r =
            house_json(h, token, HTTP_GET,
                       arena_printf(h->arena, "/api/v1/question?%s", leads[i].query), NULL);
        house_expect(h, &r, leads[i].status);
        if (leads[i].status != 200) {
            assert_true(house_has(&r, "question.where"));
            continue;
        }
        const struct val *answer = house_val(h, &r);
        assert_int_equal(val_get_i64(answer, "value", -1), leads[i].value);
        r = house_json(h, anna, HTTP_GET, val_get_text(answer, "rows_path"), NULL);
        house_expect(h, &r, 200);
        assert_int_equal(house_has(&r, "Helena"), leads[i].value > 0);
        assert_int_equal(house_has(&r, "Ruben"), leads[i].value > 1);
    }
}

static void what_cannot_be_is_refused(void **state)
{
    static const struct {
        const char *query, *code, *says;
    } bad[] = {
        { "channel=carrier-pigeon", "question.value", "carrier-pigeon" },
        { "channel=!carrier-pigeon", "question.value", "is no channel" },
        { "country=Germany", "question.value", "is no country" },
        { "device=fridge", "question.value", "Split a number by device" },
        { "screen=huge", "question.value", "is no screen" },
        { "page=!", "question.value", "A value of page" },
        { "page=/a&page=/b", "question.value", "one value of page" },
        { "chanel=email", "query.unknown", "chanel" },
        { "order=visit_bounce_rate", "invalid", "no number of its own" },
    };
    struct house *h = *state;
    struct person *anna = house_token(h, house_user(h, "Anna", ""), "read");

    for (size_t i = 0; i < countof(bad); i++) {
        struct web_response r = house_json(
            h, anna, HTTP_GET,
            arena_printf(h->arena, "/api/v1/question?metric=visits&%s", bad[i].query), NULL);
        house_expect(h, &r, 422);
        if (!house_has(&r, bad[i].code) || !house_has(&r, bad[i].says))
            fail_msg("%s: %.*s", bad[i].query, (int)r.body.len, r.body.p);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        IN_BOTH_HOUSES(numbers_mean_what_they_say, NULL),
        IN_BOTH_HOUSES(comparisons_are_narrowed_too, NULL),
        IN_BOTH_HOUSES(records_are_narrowed_by_what_they_keep, NULL),
        IN_BOTH_HOUSES(what_cannot_be_is_refused, NULL),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
