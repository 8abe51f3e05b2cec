/* collect_test.c -- who a hit is of and how they came: sites and their hosts, bots, excluded
 * addresses, first-party ids and the hash of a day, channels, visits under way. */
#include "bridge/channel.h"
#include "browse.h"

#define HIT(url, referrer) "{\"n\":\"pageview\",\"u\":\"" url "\",\"r\":\"" referrer "\"}"
#define OURS "{\"n\":\"pageview\",\"u\":\"https://shop.example/a\"}"
#define WITH_ID(id) "{\"n\":\"pageview\",\"u\":\"https://shop.example/a\",\"fid\":\"" id "\"}"
#define ID_A "0123456789abcdef0123456789abcdef"
#define ID_B "fedcba9876543210fedcba9876543210"

static void set_up(struct house *h)
{
    RECORD(h, "site", "name", "Shop", "domain", "https://www.Shop.example/", "aliases",
           "www.docs.shop.example, Help.example", "excluded",
           "203.0.113.9\n 2001:db8::1 \n198.51.100.0/24 # the office");
    RECORD(h, "site", "name", "Day", "domain", "day.example", "mode", "day");
}

static const char *fate(struct house *h, const struct browser *b, const char *body)
{
    struct web_response r = report(h, b, body);
    const char *word = web_response_header(&r, "X-Furrow-Dropped");

    house_expect(h, &r, 202);
    return word ? word : "kept";
}

static const struct {
    const char *note;
    struct browser browser;
    const char *body, *fate;
} fates[] = {
    { "a person", { 0 }, OURS, "kept" },
    { "an alias", { 0 }, HIT("https://help.example/x", ""), "kept" },
    { "an alias with www", { 0 }, HIT("https://docs.shop.example/x", ""), "kept" },
    { "no alias", { 0 }, HIT("https://other.shop.example/x", ""), "unknown site" },
    { "a bot", { .agent = "Googlebot/2.1 (+http://www.google.com/bot.html)" }, OURS, "bot" },
    { "no agent", { .agent = "" }, OURS, "bot" },
    { "an address that is left out", { .address = "203.0.113.9" }, OURS, "excluded" },
    { "another one", { .address = "203.0.113.90" }, OURS, "kept" },
    { "a long one", { .address = "2001:db8::1" }, OURS, "excluded" },
    { "one of a network", { .address = "198.51.100.77" }, OURS, "excluded" },
    { "one beside it", { .address = "198.51.101.77" }, OURS, "kept" },
    { "left out at one site only",
      { .address = "203.0.113.9" },
      HIT("https://day.example/", ""),
      "kept" },
};

static void hits_are_kept_or_dropped_with_a_reason(void **state)
{
    struct house *h = *state;

    set_up(h);
    for (size_t i = 0; i < countof(fates); i++) {
        const char *word = fate(h, &fates[i].browser, fates[i].body);
        if (strcmp(word, fates[i].fate) != 0)
            fail_msg("%s: %s, not %s", fates[i].note, word, fates[i].fate);
    }
}

static void a_site_counts_from_the_moment_it_is_saved(void **state)
{
    struct house *h = *state;
    i64 id;
    struct row *r;

    assert_string_equal(fate(h, NULL, OURS), "unknown site");
    id = RECORD(h, "site", "name", "Shop", "domain", "shop.example");
    assert_string_equal(fate(h, NULL, OURS), "kept");
    assert_ok(h->cx, record_get_named(h->cx, "site", id, &r));
    assert_ok(h->cx, record_delete(h->cx, r));
    assert_string_equal(fate(h, NULL, OURS), "unknown site");
    assert_ok(h->cx, record_restore(h->cx, r));
    assert_string_equal(fate(h, NULL, OURS), "kept");
}

/* Two hits, and whether one person is behind both. */
static const struct {
    const char *note;
    struct browser first, second;
    const char *first_body, *second_body;
    i64 later_ms;
    bool same;
} pairs[] = {
    { "the same browser", { 0 }, { 0 }, OURS, OURS, MS_HOUR, true },
    { "another browser", { 0 }, { .agent = FIREFOX }, OURS, OURS, 0, false },
    { "another address", { 0 }, { .address = "192.0.2.1" }, OURS, OURS, 0, false },
    { "another of our sites", { 0 }, { 0 }, OURS, HIT("https://day.example/", ""), 0, true },
    { "the same browser after midnight", { 0 }, { 0 }, OURS, OURS, 14 * MS_HOUR, false },
    { "an id knows no midnight",
      { 0 },
      { .agent = FIREFOX, .address = "192.0.2.1" },
      WITH_ID(ID_A),
      WITH_ID(ID_A),
      40 * (i64)MS_DAY,
      true },
    { "another id in the same browser", { 0 }, { 0 }, WITH_ID(ID_A), WITH_ID(ID_B), 0, false },
    { "an id and none", { 0 }, { 0 }, WITH_ID(ID_A), OURS, 0, false },
    { "an id by cookie",
      { .cookie = "fw_id=" ID_A },
      { .agent = FIREFOX },
      OURS,
      WITH_ID(ID_A),
      0,
      true },
    { "what is no id does not count",
      { 0 },
      { .agent = FIREFOX },
      WITH_ID("x"),
      WITH_ID("x"),
      0,
      false },
    { "nor what cannot be one", { 0 }, { 0 }, WITH_ID("no id, but a text"), OURS, 0, true },
    { "a site by day keeps no id",
      { 0 },
      { .agent = FIREFOX },
      "{\"n\":\"pageview\",\"u\":\"https://day.example/\",\"fid\":\"" ID_A "\"}",
      "{\"n\":\"pageview\",\"u\":\"https://day.example/\",\"fid\":\"" ID_A "\"}",
      0,
      false },
};

static void visitors_are_told_apart(void **state)
{
    struct house *h = *state;

    set_up(h);
    for (size_t i = 0; i < countof(pairs); i++) {
        u32 first, second;
        h->clock->fixed_ms = HOUSE_NOW;
        first = seen(h, &pairs[i].first, pairs[i].first_body).person;
        h->clock->fixed_ms += pairs[i].later_ms;
        second = seen(h, &pairs[i].second, pairs[i].second_body).person;
        if ((first == second) != pairs[i].same)
            fail_msg("%s: %s", pairs[i].note, first == second ? "one person" : "two");
    }
}

/* At midnight the salt is another at once, whether the job that forgets the old one came or not. */
static void a_day_is_forgotten(void **state)
{
    struct house *h = *state;
    struct job_run run = { .cx = h->cx };
    const struct zone *z = kit_zone(h->cx);
    i64 midnight = zone_instant(z, zone_day(z, HOUSE_NOW) + 1, 0);
    u32 evening, night, morning, evening_again;

    set_up(h);
    h->clock->fixed_ms = midnight - 1;
    evening = seen(h, NULL, OURS).person;
    h->clock->fixed_ms = midnight;
    night = seen(h, NULL, OURS).person;
    assert_int_not_equal(evening, night);
    h->clock->fixed_ms = midnight + MS_HOUR;
    assert_ok(h->cx, kit_job(h->kit, "collect.salt")->run(&run));
    morning = seen(h, NULL, OURS).person;
    assert_int_equal(night, morning);
    h->clock->fixed_ms = midnight - 1; /* the salt of that day is gone for good */
    evening_again = seen(h, NULL, OURS).person;
    assert_int_not_equal(evening, evening_again);
}

/* How a hit is said to have come. Each is a new browser. */
static const struct {
    const char *note, *url, *referrer, *channel, *source, *campaign;
} arrivals[] = {
    { "nothing said", "https://shop.example/", "", "direct", "", "" },
    { "a search", "https://shop.example/", "https://www.google.co.uk/", "organic-search", "google",
      "" },
    { "an app", "https://shop.example/", "android-app://com.google.android.gm/", "direct", "", "" },
    { "a campaign",
      "https://shop.example/?utm_source=News&utm_medium=Email&utm_campaign=Spring%20Fair", "",
      "email", "news", "spring fair" },
    { "an ad without more than its click", "https://shop.example/?gclid=x", "", "paid-search",
      "google", "" },
    { "our own page", "https://shop.example/", "https://shop.example/a", "direct", "", "" },
    { "another of our sites", "https://shop.example/", "https://www.day.example/a", "direct", "",
      "" },
    { "an alias of ours", "https://shop.example/", "https://help.example/a", "direct", "", "" },
    { "somebody's page", "https://shop.example/", "https://Some.example:99/x", "referral",
      "some.example", "" },
    { "ref names a source", "https://shop.example/?ref=partner", "", "unassigned", "partner", "" },
    { "utm_source goes before ref", "https://shop.example/?ref=x&utm_source=y", "", "unassigned",
      "y", "" },
    { "the first of two counts", "https://shop.example/?utm_source=a&utm_source=b", "",
      "unassigned", "a", "" },
    { "utm_id stands in", "https://shop.example/?utm_source=a&utm_id=C7", "", "unassigned", "a",
      "c7" },
    { "a plus is a space", "https://shop.example/?utm_source=a+b%2Bc", "", "unassigned", "a b+c",
      "" },
    { "broken per cents stay", "https://shop.example/?utm_source=a%zz%2", "", "unassigned",
      "a%zz%2", "" },
    { "bytes that are no text are dropped", "https://shop.example/?utm_source=a%ff", "", "direct",
      "", "" },
    { "control characters are spaces", "https://shop.example/?utm_source=a%0ab%00", "",
      "unassigned", "a b", "" },
    { "the fragment says nothing", "https://shop.example/#?utm_source=a", "", "direct", "", "" },
};

static void channels_sources_and_campaigns_are_read(void **state)
{
    struct house *h = *state;

    set_up(h);
    for (size_t i = 0; i < countof(arrivals); i++) {
        struct browser b = { .address = arena_printf(h->arena, "192.0.2.%zu", i) };
        struct event e = seen(
            h, &b, arena_printf(h->arena, HIT("%s", "%s"), arrivals[i].url, arrivals[i].referrer));
        const char *channel = channel_value(e.channel),
                   *source = journey_name(h->journey, DICT_SOURCE, e.source),
                   *campaign = journey_name(h->journey, DICT_CAMPAIGN, e.campaign);
        if (strcmp(channel, arrivals[i].channel) != 0 || strcmp(source, arrivals[i].source) != 0 ||
            strcmp(campaign, arrivals[i].campaign) != 0)
            fail_msg("%s: %s, '%s', '%s'", arrivals[i].note, channel, source, campaign);
    }
}

/* Steps of one visitor; whether each tells how they came. */
static const struct {
    const char *note, *name, *url, *referrer;
    i64 after_ms;
    const char *channel; /* "" none */
} steps[] = {
    { "the first page", "pageview", "https://shop.example/?utm_source=a&utm_medium=cpc",
      "https://a.example/", 0, "paid-other" },
    { "a page drawn without loading says the same again", "pageview",
      "https://shop.example/?utm_source=a&utm_medium=cpc", "https://a.example/", MS_MINUTE, "" },
    { "and so does what is done there", "Signup",
      "https://shop.example/?utm_source=a&utm_medium=cpc", "https://a.example/", MS_MINUTE, "" },
    { "the next page", "pageview", "https://shop.example/b", "https://shop.example/", MS_MINUTE,
      "" },
    { "another link", "pageview", "https://shop.example/?utm_source=b&utm_medium=email", "",
      MS_MINUTE, "email" },
    { "read on for 29 minutes", "pageview", "https://shop.example/c", "https://shop.example/",
      29 * MS_MINUTE, "" },
    { "back after half an hour", "pageview", "https://shop.example/d", "https://shop.example/c",
      30 * MS_MINUTE, "direct" },
    { "the first link again, a new visit", "pageview",
      "https://shop.example/?utm_source=a&utm_medium=cpc", "", MS_HOUR, "paid-other" },
};

static void a_visit_tells_once_how_it_began(void **state)
{
    struct house *h = *state;

    set_up(h);
    for (size_t i = 0; i < countof(steps); i++) {
        h->clock->fixed_ms += steps[i].after_ms;
        struct event e = seen(h, NULL,
                              arena_printf(h->arena, "{\"n\":\"%s\",\"u\":\"%s\",\"r\":\"%s\"}",
                                           steps[i].name, steps[i].url, steps[i].referrer));
        if (strcmp(channel_value(e.channel), steps[i].channel) != 0)
            fail_msg("%s: %s", steps[i].note, channel_value(e.channel));
        if ((e.channel == CHANNEL_NONE) && (e.touch || e.source || e.campaign))
            fail_msg("%s: a touch without a channel", steps[i].note);
    }
}

static const struct {
    const char *note;
    struct browser browser;
    const char *body, *client;
    u8 device;
} clients[] = {
    { "as usual", { 0 }, OURS, "Chrome|Windows|en|", 1 },
    { "no language", { .language = "*" }, OURS, "Chrome|Windows||", 1 },
    { "capitals", { .language = "DE-at" }, OURS, "Chrome|Windows|de|", 1 },
    { "bytes", { .language = "\xc3\xa4" }, OURS, "Chrome|Windows||", 1 },
    { "a width",
      { 0 },
      "{\"n\":\"pageview\",\"u\":\"https://shop.example/a\",\"w\":360}",
      "Chrome|Windows|en|small",
      1 },
    { "another browser", { .agent = FIREFOX }, OURS, "Firefox|Linux|en|", 1 },
};

static void clients_are_read_once_and_kept_apart(void **state)
{
    struct house *h = *state;

    set_up(h);
    for (int round = 0; round < 2; round++)
        for (size_t i = 0; i < countof(clients); i++) {
            struct event e = seen(h, &clients[i].browser, clients[i].body);
            const char *name = journey_name(h->journey, DICT_CLIENT, e.client);
            if (strcmp(name, clients[i].client) != 0 || e.device != clients[i].device)
                fail_msg("%s: %s, device %d", clients[i].note, name, e.device);
        }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        IN_BOTH_HOUSES(hits_are_kept_or_dropped_with_a_reason, NULL),
        IN_BOTH_HOUSES(a_site_counts_from_the_moment_it_is_saved, NULL),
        IN_SQLITE_HOUSE(visitors_are_told_apart, NULL),
        IN_BOTH_HOUSES(a_day_is_forgotten, NULL),
        IN_SQLITE_HOUSE(channels_sources_and_campaigns_are_read, NULL),
        IN_SQLITE_HOUSE(a_visit_tells_once_how_it_began, NULL),
        IN_SQLITE_HOUSE(clients_are_read_once_and_kept_apart, NULL),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
