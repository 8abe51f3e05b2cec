/* visits.h -- events made by hand, small enough to count with one's fingers: what every dimension
 * and every metric of the web sites says of them is known. */
#pragma once
#include "bridge/measure.h"
#include "journey/journey.h"
#include "support/house.h"

/* Five visits of three people, and what is none. */
static const struct came {
    u8 channel;
    const char *source, *campaign, *touch;
} ways[] = {
    { 0, "", "", "" },
    { 1, "", "", "" }, /* direct */
    { 13, "newsletter", "spring",
      "{\"source\":\"newsletter\",\"medium\":\"email\",\"campaign\":\"spring\",\"term\":\"\","
      "\"content\":\"top\",\"click_id\":\"\"}" },
    { 13, "newsletter", "spring",
      "{\"source\":\"newsletter\",\"medium\":\"email\",\"campaign\":\"spring\",\"term\":\"\","
      "\"content\":\"end\",\"click_id\":\"\"}" },
    { 4, "google", "brand",
      "{\"source\":\"google\",\"medium\":\"cpc\",\"campaign\":\"brand\",\"term\":\"crm software\","
      "\"content\":\"\",\"click_id\":\"gclid\"}" },
};
static const struct who {
    const char *country, *client;
    u8 device;
} whom[] = {
    { "DE", "Chrome|Windows|de|large", 1 },
    { "GB", "Safari|iOS|en|small", 2 },
    { "DE", "Chrome|Linux|de|large", 1 },
    { "US", "Chrome|Linux|en|large", 0x81 }, /* a bot */
    { "", "|||", 0 },
};
enum { ACT = EVENT_INTERACTIVE };
static const struct {
    u64 person;
    const char *at, *kind, *site, *page;
    u16 flags;
    u8 way, who;
    int ms, depth;    /* of an engagement; 0: not told */
    const char *name; /* of an action */
    double lcp, cls;  /* of a performance */
} events[] = {
    { 1, "2026-11-20T09:00:00Z", "pageview", "a.example", "/", ACT, 2, 0 },
    { 1, "2026-11-20T09:02:00Z", "engagement", "a.example", "/", ACT, 0, 0, 20000, 40 },
    { 1, "2026-11-20T09:05:00Z", "pageview", "a.example", "/pricing", ACT, 0, 0 },
    { 1, "2026-11-20T09:05:30Z", "engagement", "a.example", "/pricing", ACT, 0, 0, 10000, 50 },
    { 1, "2026-11-20T09:06:00Z", "engagement", "a.example", "/pricing", ACT, 0, 0, 30000, 90 },
    { 1, "2026-11-20T09:05:30Z", "performance", "a.example", "/pricing", 0, 0, 0, .lcp = 2000,
      .cls = 0.12 },
    { 1, "2026-11-20T09:06:00Z", "performance", "a.example", "/pricing", 0, 0, 0, .lcp = 3000 },
    { 1, "2026-11-20T14:00:00Z", "pageview", "b.example", "/blog", ACT, 1, 0 },
    { 1, "2026-11-20T14:10:00Z", "engagement", "b.example", "/blog", ACT, 0, 0, 60000, 100 },
    { 2, "2026-11-20T10:00:00Z", "pageview", "a.example", "/pricing", ACT, 4, 1 },
    { 2, "2026-11-20T10:01:00Z", "action", "a.example", "/pricing", ACT, 0, 1, .name = "Signup" },
    { 3, "2026-11-21T10:00:00Z", "pageview", "b.example", "/blog", ACT, 3, 2 },
    { 2, "2026-11-20T10:01:00Z", "performance", "a.example", "/pricing", 0, 0, 1, .lcp = 5000 },
    { 3, "2026-11-21T10:00:00Z", "performance", "b.example", "/blog", 0, 0, 2, .lcp = 1000 },
    { 3, "2026-11-21T12:00:00Z", "pageview", "b.example", "/blog", ACT, 1, 2 },
    { 3, "2026-11-21T12:00:30Z", "action", "b.example", "/blog", 0, 0, 2,
      .name = "Video: Play" }, /* is no interaction */
    { 1, "2026-11-21T15:00:00Z", "engagement", "b.example", "/blog", ACT, 0, 0 }, /* no visit */
    { 9, "2026-11-21T15:00:00Z", "pageview", "b.example", "/blog", ACT, 1, 3 },
    { 3, "2026-10-20T12:00:00Z", "pageview", "b.example", "/blog", ACT, 1, 2 }, /* before */
};

static inline void make_events(struct house *h)
{
    for (size_t i = 0; i < countof(events); i++) {
        const struct came *w = &ways[events[i].way];
        const struct who *p = &whom[events[i].who];
        struct journey *j = h->journey;
        struct event e = { .kind = kit_event_code(h->kit, events[i].kind),
                           .channel = w->channel,
                           .device = p->device,
                           .flags = events[i].flags };

        assert_true(time_parse(str_from(events[i].at), &e.at_ms));
        e.country = p->country[0] ? (u16)(p->country[0] << 8 | p->country[1]) : 0;
        e.person = journey_person(j, PERSON_VISITOR, events[i].person);
        e.site = journey_intern(j, DICT_SITE, str_from(events[i].site));
        e.page = journey_intern(j, DICT_PAGE, str_from(events[i].page));
        e.source = journey_intern(j, DICT_SOURCE, str_from(w->source));
        e.campaign = journey_intern(j, DICT_CAMPAIGN, str_from(w->campaign));
        e.touch = journey_intern(j, DICT_TOUCH, str_from(w->touch));
        if (events[i].ms)
            e.value = reading_pack((struct reading){ events[i].ms, events[i].depth });
        if (events[i].lcp > 0)
            e.value = vitals_pack((const double[VITALS]){
                [VITAL_LCP] = events[i].lcp, [VITAL_INP] = -1, [VITAL_FCP] = -1, [VITAL_TTFB] = -1,
                [VITAL_CLS] = events[i].cls > 0 ? events[i].cls : -1 });
        if (events[i].name)
            e.record = journey_intern(j, DICT_ACTION, str_from(events[i].name));
        e.client = journey_intern(j, DICT_CLIENT, str_from(p->client));
        assert_ok(h->cx, journey_append_wait(h->cx, j, &e, 1));
    }
}
