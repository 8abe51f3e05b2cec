/* channel_test.c -- arrivals and the channel they count for: one row a rule of GA4, and the traps
 * between them. */
#include "bridge/channel.h"
#include "testing.h"

static const struct {
    const char *note, *source, *medium, *campaign, *referrer, *click_id;
    enum channel want;
} cases[] = {
    { "nothing at all", "", "", "", "", "", CHANNEL_DIRECT },
    { "a campaign across networks", "google", "cpc", "eu-cross-network-1", "", "",
      CHANNEL_CROSS_NETWORK },
    { "shopping source, paid", "ebay", "cpc", "", "", "", CHANNEL_PAID_SHOPPING },
    { "shop campaign, paid", "google", "cpc", "spring shop", "", "", CHANNEL_PAID_SHOPPING },
    { "eshop counts as shop", "google", "cpc", "my-eshop", "", "", CHANNEL_PAID_SHOPPING },
    { "workshop does not", "google", "cpc", "workshop", "", "", CHANNEL_PAID_SEARCH },
    { "search ad", "google", "cpc", "", "", "", CHANNEL_PAID_SEARCH },
    { "search ad, ppc", "bing", "ppc", "", "", "", CHANNEL_PAID_SEARCH },
    { "search ad by cost a thousand", "google", "cpm", "", "", "", CHANNEL_PAID_SEARCH },
    { "click id alone makes it paid", "google", "", "", "google.com", "gclid",
      CHANNEL_PAID_SEARCH },
    { "display click id", "google", "", "", "", "dclid", CHANNEL_DISPLAY },
    { "facebook's click id is on every link", "facebook", "", "", "l.facebook.com", "fbclid",
      CHANNEL_ORGANIC_SOCIAL },
    { "social ad", "linkedin", "paid_social", "", "", "", CHANNEL_PAID_SOCIAL },
    { "social ad by cost a thousand", "facebook", "cpm", "", "", "", CHANNEL_PAID_SOCIAL },
    { "video ad", "youtube", "cpv-paid cpc", "", "", "", CHANNEL_PAID_VIDEO },
    { "banner", "partnernet", "banner", "", "", "", CHANNEL_DISPLAY },
    { "cpm elsewhere is display", "partnernet", "cpm", "", "", "", CHANNEL_DISPLAY },
    { "paid elsewhere", "somewhere", "paid", "", "", "", CHANNEL_PAID_OTHER },
    { "retargeting", "adroll", "retargeting", "", "", "", CHANNEL_PAID_OTHER },
    { "shop without pay", "", "", "shopping-week", "", "", CHANNEL_ORGANIC_SHOPPING },
    { "social by referrer", "t.co", "", "", "t.co", "", CHANNEL_ORGANIC_SOCIAL },
    { "social by medium", "our-page", "social-media", "", "", "", CHANNEL_ORGANIC_SOCIAL },
    { "video by medium", "newsroom", "video-embed", "", "", "", CHANNEL_ORGANIC_VIDEO },
    { "search by referrer", "google", "", "", "google.de", "", CHANNEL_ORGANIC_SEARCH },
    { "search by medium", "unknown-engine", "organic", "", "", "", CHANNEL_ORGANIC_SEARCH },
    { "an assistant", "chatgpt.com", "", "", "chatgpt.com", "", CHANNEL_AI },
    { "another assistant", "perplexity", "", "", "perplexity.ai", "", CHANNEL_AI },
    { "email by medium", "spring", "email", "", "", "", CHANNEL_EMAIL },
    { "email by source", "newsletter", "", "", "", "", CHANNEL_EMAIL },
    { "web mail", "mail.google.com", "", "", "mail.google.com", "", CHANNEL_EMAIL },
    { "affiliate", "partner", "affiliate", "", "", "", CHANNEL_AFFILIATES },
    { "audio", "podcast", "audio", "", "", "", CHANNEL_AUDIO },
    { "sms by source", "sms", "", "", "", "", CHANNEL_SMS },
    { "push", "app", "web-push", "", "", "", CHANNEL_PUSH },
    { "another site", "blog.example", "", "", "blog.example", "", CHANNEL_REFERRAL },
    { "referral by medium", "partner", "referral", "", "", "", CHANNEL_REFERRAL },
    { "tagged, but by no rule", "thing", "other", "", "", "", CHANNEL_UNASSIGNED },
};

static void each_arrival_has_the_channel_of_its_first_rule(void **state)
{
    (void)state;
    for (size_t i = 0; i < countof(cases); i++) {
        struct arrival a = { str_from(cases[i].source), str_from(cases[i].medium),
                             str_from(cases[i].campaign), str_from(cases[i].referrer),
                             str_from(cases[i].click_id) };
        enum channel got = channel_of(&a);
        if (got != cases[i].want)
            fail_msg("%s: got %s, want %s", cases[i].note, channel_label(got),
                     channel_label(cases[i].want));
    }
}

static const struct {
    const char *host, *want;
} hosts[] = {
    { "www.google.de", "google" },
    { "google.co.uk", "google" },
    { "l.facebook.com", "facebook" },
    { "www.example.com", "example.com" },
    { "blog.example.com", "blog.example.com" },
    { "news.ycombinator.com", "hacker news" },
    { "gemini.google.com", "gemini" },
    { "duckduckgo.com", "duckduckgo" },
    { "google.evil.blog.example.com", "google.evil.blog.example.com" }, /* not Google's */
    { "localhost", "localhost" },
};

static void a_referrer_is_counted_under_the_name_people_know(void **state)
{
    (void)state;
    for (size_t i = 0; i < countof(hosts); i++) {
        struct str got = source_of_host(str_from(hosts[i].host));
        if (!str_is(got, hosts[i].want))
            fail_msg("%s: got %.*s, want %s", hosts[i].host, (int)got.len, got.p, hosts[i].want);
    }
}

static void every_channel_has_a_word_that_leads_back(void **state)
{
    (void)state;
    for (int c = CHANNEL_DIRECT; c < CHANNEL_COUNT; c++) {
        assert_true(channel_label((enum channel)c)[0] != '\0');
        assert_int_equal(channel_by_value(channel_value((enum channel)c)), c);
    }
    assert_int_equal(channel_by_value("no such"), CHANNEL_NONE);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_arrival_has_the_channel_of_its_first_rule),
        cmocka_unit_test(a_referrer_is_counted_under_the_name_people_know),
        cmocka_unit_test(every_channel_has_a_word_that_leads_back),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
