/* places.c -- the demo company's web site, the ways that lead there, and the campaigns that pay for
 * some of them. Arrivals are interned just as collect.c interns those of a real tracker. */
#include "base/json.h"
#include "demo/demo_int.h"
#include "marketing/arrival.h"

/* ---- pages ---- */
const struct page pages[] = {
    { "/", "Alderfield: know your orchard before it is too late", PAGE_HOME, 100 },
    { "/product", "How Alderfield works", PAGE_PRODUCT, 30 },
    { "/product/soil-sensors", "Soil sensors", PAGE_PRODUCT, 26 },
    { "/product/frost-alert", "Frost alert", PAGE_PRODUCT, 28 },
    { "/product/irrigation", "Irrigation control", PAGE_PRODUCT, 22 },
    { "/product/vine-vigour", "Vine vigour imaging", PAGE_PRODUCT, 12 },
    { "/product/gateway", "The gateway: radio for every slope", PAGE_PRODUCT, 10 },
    { "/product/app", "The Alderfield app", PAGE_PRODUCT, 14 },
    { "/solutions/orchards", "For orchards", PAGE_SOLUTION, 30 },
    { "/solutions/vineyards", "For vineyards", PAGE_SOLUTION, 28 },
    { "/solutions/berries", "For soft fruit", PAGE_SOLUTION, 12 },
    { "/solutions/cooperatives", "For cooperatives and advisers", PAGE_SOLUTION, 10 },
    { "/pricing", "Prices", PAGE_PRICING, 40 },
    { "/pricing/season-package", "The season package", PAGE_PRICING, 12 },
    { "/customers", "Growers who use Alderfield", PAGE_CUSTOMERS, 20 },
    { "/customers/hofgut-lindenau", "Hofgut Lindenau saved a crop in one night", PAGE_CUSTOMERS,
      14 },
    { "/customers/domaine-clairval", "Domaine Clairval waters by the root", PAGE_CUSTOMERS, 12 },
    { "/customers/cantina-valdoro", "Cantina Valdoro: 30 percent less water", PAGE_CUSTOMERS, 10 },
    { "/customers/larkfield-orchards", "Larkfield Orchards sleeps through April", PAGE_CUSTOMERS,
      8 },
    { "/blog", "The Alderfield journal", PAGE_BLOG, 14 },
    { "/blog/frost-nights-explained", "Frost nights explained", PAGE_BLOG, 30 },
    { "/blog/when-to-irrigate-apples", "When to irrigate apples", PAGE_BLOG, 24 },
    { "/blog/soil-moisture-sensors-compared", "Soil moisture sensors compared", PAGE_BLOG, 26 },
    { "/blog/radio-in-steep-vineyards", "Radio in steep vineyards", PAGE_BLOG, 10 },
    { "/blog/grants-for-digital-farming", "Grants for digital farming", PAGE_BLOG, 18 },
    { "/blog/harvest-date-forecast", "Can a model know the harvest date?", PAGE_BLOG, 14 },
    { "/blog/wet-bulb-temperature", "Wet bulb temperature, and why it matters", PAGE_BLOG, 20 },
    { "/blog/water-rights-in-dry-years", "Water rights in dry years", PAGE_BLOG, 10 },
    { "/guides/frost-handbook", "The frost handbook (free)", PAGE_GUIDE, 24 },
    { "/guides/irrigation-calculator", "Irrigation calculator", PAGE_GUIDE, 22 },
    { "/guides/sensor-placement", "Where to put sensors", PAGE_GUIDE, 12 },
    { "/docs", "Help", PAGE_DOCS, 20 },
    { "/docs/getting-started", "Getting started", PAGE_DOCS, 16 },
    { "/docs/install-the-gateway", "Install the gateway", PAGE_DOCS, 18 },
    { "/docs/alarms", "Alarms by call and message", PAGE_DOCS, 14 },
    { "/docs/export", "Export your data", PAGE_DOCS, 8 },
    { "/docs/api", "API", PAGE_DOCS, 6 },
    { "/about", "Who we are", PAGE_COMPANY, 14 },
    { "/careers", "Work with us", PAGE_COMPANY, 10 },
    { "/imprint", "Imprint and privacy", PAGE_COMPANY, 6 },
    { "/demo", "Book a demo", PAGE_FORM, 16 },
    { "/contact", "Contact", PAGE_FORM, 14 },
    { "/newsletter", "The monthly letter", PAGE_FORM, 8 },
};
const size_t page_count = countof(pages);

size_t page_named(const char *path)
{
    for (size_t i = 0; i < countof(pages); i++)
        if (text_is(pages[i].path, path))
            return i;
    assert(!"no such page");
    return 0;
}

int form_page(enum form_kind f)
{
    static const char *const paths[FORMS] = { [FORM_DEMO] = "/demo",
                                              [FORM_NEWSLETTER] = "/newsletter",
                                              [FORM_GUIDE] = "/guides/frost-handbook",
                                              [FORM_CONTACT] = "/contact" };
    return (int)page_named(paths[f]);
}

/* ---- ways ---- */
const struct way_traits way_traits[WAYS] = {
    [WAY_ORGANIC] = { 300, 330, 100, 52, { 3, 5, 2 }, { 9, 32, 46, 13 } },
    [WAY_DIRECT] = { 230, 200, 100, 57, { 4, 2, 4 }, { 18, 24, 24, 34 } },
    [WAY_SEARCH_AD] = { 150, 130, 115, 55, { 3, 1, 6 }, { 26, 10, 46, 18 } },
    [WAY_REFERRAL] = { 75, 70, 110, 62, { 3, 4, 3 }, { 14, 28, 40, 18 } },
    [WAY_NEWSLETTER] = { 14, 26, 90, 56, { 2, 5, 3 }, { 22, 0, 62, 16 } },
    [WAY_SOCIAL] = { 80, 85, 75, 48, { 4, 5, 1 }, { 5, 38, 50, 7 } },
    [WAY_SOCIAL_AD] = { 70, 80, 125, 41, { 4, 4, 2 }, { 7, 14, 74, 5 } },
    [WAY_AI] = { 4, 75, 140, 61, { 2, 3, 5 }, { 24, 14, 40, 22 } },
    [WAY_DISPLAY] = { 60, 55, 20, 26, { 8, 1, 1 }, { 8, 26, 60, 6 } },
    [WAY_PARTNER] = { 12, 34, 250, 75, { 1, 2, 7 }, { 40, 6, 20, 34 } },
    [WAY_EVENT] = { 6, 6, 200, 62, { 3, 2, 5 }, { 26, 22, 34, 18 } },
};

struct doors {
    enum way way;
    u16 weight;
    const char *source, *medium, *campaign, *referrer;
};
static const struct doors doors[] = {
    { WAY_ORGANIC, 800, "", "", "", "www.google.com" },
    { WAY_ORGANIC, 90, "", "", "", "www.bing.com" },
    { WAY_ORGANIC, 60, "", "", "", "duckduckgo.com" },
    { WAY_ORGANIC, 50, "", "", "", "www.ecosia.org" },
    { WAY_DIRECT, 100, "", "", "", "" },
    { WAY_REFERRAL, 26, "", "", "", "www.obstbau-fachblatt.example" },
    { WAY_REFERRAL, 20, "", "", "", "winzerforum.example" },
    { WAY_REFERRAL, 14, "", "", "", "www.fruitgrower-weekly.example" },
    { WAY_REFERRAL, 14, "", "", "", "viticoltura-oggi.example" },
    { WAY_REFERRAL, 10, "", "", "", "www.agriconseil.example" },
    { WAY_REFERRAL, 8, "", "", "", "fruitteelt-nieuws.example" },
    { WAY_REFERRAL, 8, "", "", "", "versuchsgut-lindau.example" },
    { WAY_SOCIAL, 60, "", "", "", "www.linkedin.com" },
    { WAY_SOCIAL, 20, "", "", "", "l.facebook.com" },
    { WAY_SOCIAL, 10, "linkedin", "social", "field-notes", "" },
    { WAY_SOCIAL, 6, "", "", "", "www.reddit.com" },
    { WAY_SOCIAL, 6, "", "", "", "www.youtube.com" },
    { WAY_AI, 60, "chatgpt.com", "", "", "" },
    { WAY_AI, 20, "", "", "", "www.perplexity.ai" },
    { WAY_AI, 12, "", "", "", "claude.ai" },
    { WAY_AI, 8, "", "", "", "gemini.google.com" },
};

/* ---- campaigns: by the calendar, so that each year has its own ---- */
struct campaign_plan {
    const char *name; /* %d: the year; without: always on */
    const char *medium, *source, *utm_medium, *landing, *goal;
    enum way way;
    i8 month, day;   /* begins; 0: at the story's start */
    i16 days;        /* 0: goes on */
    i32 budget_euro; /* always on: a year's */
    u16 weight;
    const char *click_id;
    const char *const *terms;
};
#define TERMS(...) \
    (const char *const[]) { __VA_ARGS__, NULL }
static const struct campaign_plan plans[] = {
    { "Brand search", "cpc", "google", "cpc", "/", "Nobody who looks for us lands elsewhere",
      WAY_SEARCH_AD, 0, 0, 0, 9600, 40, "gclid", TERMS("alderfield", "alderfield app") },
    { "Soil moisture search", "cpc", "google", "cpc", "/product/soil-sensors",
      "600 leads from growers a year", WAY_SEARCH_AD, 0, 0, 0, 42000, 70, "gclid",
      TERMS("soil moisture sensor", "bodenfeuchte sensor", "sonde humidité sol",
            "sensore umidità suolo", "bodemvochtsensor") },
    { "Microsoft search", "cpc", "bing", "cpc", "/product", "Cheap clicks from advisers' offices",
      WAY_SEARCH_AD, 6, 15, 0, 7200, 12, "msclkid",
      TERMS("orchard sensors", "weather station farm") },
    { "Frost watch %d", "cpc", "google", "cpc", "/product/frost-alert",
      "150 demos before the buds open", WAY_SEARCH_AD, 1, 20, 100, 28000, 120, "gclid",
      TERMS("frost alarm", "spätfrost schutz", "alerte gel vigne", "allarme gelo") },
    { "Frost handbook %d", "paid_social", "linkedin", "paid_social", "/guides/frost-handbook",
      "400 downloads of the handbook", WAY_SOCIAL_AD, 2, 1, 75, 18000, 100, "li_fat_id", NULL },
    { "Irrigation season %d", "paid_social", "facebook", "paid_social", "/product/irrigation",
      "Growers in dry regions know us", WAY_SOCIAL_AD, 5, 5, 65, 14000, 100, "fbclid", NULL },
    { "Case studies", "paid_social", "linkedin", "paid_social", "/customers",
      "Stay in mind of those who compare", WAY_SOCIAL_AD, 9, 1, 0, 12000, 45, "li_fat_id", NULL },
    { "Harvest planning %d", "display", "fieldads", "display", "/solutions/vineyards",
      "Be seen before the budgets are made", WAY_DISPLAY, 8, 1, 60, 16000, 100, "", NULL },
    { "Spring banners %d", "display", "fieldads", "display", "/solutions/orchards",
      "Be seen in March", WAY_DISPLAY, 3, 1, 40, 9000, 90, "", NULL },
    { "Fruit growers' fair %d", "event", "fair", "event", "/demo", "500 talks at the stand",
      WAY_EVENT, 11, 15, 10, 35000, 100, "", NULL },
    { "Vineyard days %d", "event", "fair", "event", "/solutions/vineyards",
      "300 talks at the stand", WAY_EVENT, 4, 10, 8, 24000, 100, "", NULL },
    { "Monthly letter", "email", "newsletter", "email", "/blog", "Readers who come back",
      WAY_NEWSLETTER, 0, 0, 0, 3600, 100, "", NULL },
    { "Partner programme", "referral", "agrarhandel-sued", "referral", "/demo",
      "A tenth of the revenue through dealers", WAY_PARTNER, 0, 0, 0, 20000, 100, "", NULL },
};

/* ---- origins ---- */
/* The link that such a visitor followed, read by the collector's own reader. */
static u16 origin_add(struct sim *s, const struct doors *d, const char *click_id, const char *term,
                      const char *content, int landing)
{
    struct journey *j = s->cx.journey;
    struct origin *o = &s->origins[s->origin_count];
    struct campaign_link link;
    const char *tuple,
        *query = arena_printf(s->keep,
                              "utm_source=%s&utm_medium=%s&utm_campaign=%s&utm_term=%s"
                              "&utm_content=%s&%s=1",
                              d->source, d->medium, d->campaign, term, content, click_id);

    assert(s->origin_count < ORIGINS_MAX);
    link_read(s->keep, str_from(query), host_name(s->keep, str_from(d->referrer)), &link);
    *o = (struct origin){ .channel = (u8)channel_of(&link.arrival),
                          .source_text = str_dup(s->keep, link.arrival.source),
                          .medium_text = str_dup(s->keep, link.arrival.medium),
                          .campaign_text = str_dup(s->keep, link.arrival.campaign),
                          .click_id = click_id,
                          .landing = landing };
    tuple = link_tuple(s->keep, &link);
    if (tuple)
        o->touch = journey_intern(j, DICT_TOUCH, str_from(tuple));
    if (o->source_text[0])
        o->source = journey_intern(j, DICT_SOURCE, link.arrival.source);
    if (o->campaign_text[0])
        o->campaign = journey_intern(j, DICT_CAMPAIGN, link.arrival.campaign);
    return (u16)s->origin_count++;
}

static void intern_pages(struct sim *s)
{
    for (size_t i = 0; i < page_count; i++) {
        struct val *props = val_map(s->keep);
        val_put_text(props, "title", pages[i].title);
        s->page_props[i] = json_text(s->keep, props);
        s->page_code[i] = journey_intern(s->cx.journey, DICT_PAGE, str_from(pages[i].path));
    }
}

void places_open(struct sim *s)
{
    s->site = journey_intern(s->cx.journey, DICT_SITE, STR("alderfield.example"));
    s->kind_view = kit_event_code(s->cx.kit, "pageview");
    s->kind_engagement = kit_event_code(s->cx.kit, "engagement");
    s->kind_action = kit_event_code(s->cx.kit, "action");
    s->kind_performance = kit_event_code(s->cx.kit, "performance");
    for (size_t i = 0; i < PAGE_GROUPS; i++)
        if (page_actions[i])
            s->action_code[i] =
                journey_intern(s->cx.journey, DICT_ACTION, str_from(page_actions[i]));
    intern_pages(s);
    for (size_t i = 0; i < countof(doors); i++) {
        enum way w = doors[i].way;
        u16 at = origin_add(s, &doors[i], "", "", "", -1);
        if (!s->plain[w].count)
            s->plain[w].first = at;
        s->plain[w].count++;
    }
}

/* ---- campaigns of the story ---- */
static void campaign_origins(struct sim *s, struct campaign *c)
{
    static const char *const contents[] = { "a", "b", "growers", "video" };
    const struct campaign_plan *p = c->plan;
    struct doors d = { p->way, 1, p->source, p->utm_medium, c->code, "" };
    int landing = (int)page_named(p->landing);

    c->first_origin = (u16)s->origin_count;
    if (p->way == WAY_NEWSLETTER) { /* an issue each month */
        for (i64 day = s->begin_day; day <= s->end_day + 31; day += 28) {
            int year, month, dom;
            date_to_ymd(day, &year, &month, &dom);
            origin_add(s, &d, "", "", arena_printf(s->keep, "%d-%02d", year, month), landing);
        }
    } else if (p->terms) {
        for (size_t t = 0; p->terms[t]; t++)
            for (size_t i = 0; i < 2; i++)
                origin_add(s, &d, p->click_id, p->terms[t], contents[i], landing);
    } else if (p->way == WAY_PARTNER) {
        static const char *const partners[] = { "agrarhandel-sued", "fruitsupply-kent",
                                                "agrofournitures-ouest", "consorzio-valle" };
        for (size_t i = 0; i < countof(partners); i++) {
            d.source = partners[i];
            origin_add(s, &d, "", "", "", landing);
        }
    } else {
        for (size_t i = 0; i < countof(contents); i++)
            origin_add(s, &d, p->click_id, "", contents[i], landing);
    }
    c->origin_count = (u16)(s->origin_count - c->first_origin);
}

static void campaign_add(struct sim *s, const struct campaign_plan *p, int year)
{
    struct campaign *c = &s->campaigns[s->campaign_count];
    i64 from = p->month ? date_from_ymd(year, p->month, p->day) : s->begin_day - 200;
    i64 to = p->days ? from + p->days : s->end_day + 400;

    if (to < s->begin_day || from > s->end_day + 45)
        return;
    assert(s->campaign_count < CAMPAIGNS_MAX);
    s->campaign_count++;
    *c = (struct campaign){ .plan = p,
                            .from_ms = zone_instant(s->zone, from, 0),
                            .to_ms = zone_instant(s->zone, to, 0),
                            .budget_minor = (i64)p->budget_euro * 100 };
    c->code = word_plain(s->keep, arena_printf(s->keep, p->name, year), true);
    campaign_origins(s, c);
}

/* Each plan once a year it falls in; what is always on, once. */
void campaigns_plan(struct sim *s)
{
    int first, last, month, dom;

    date_to_ymd(s->begin_day, &first, &month, &dom);
    date_to_ymd(s->end_day + 45, &last, &month, &dom);
    for (size_t i = 0; i < countof(plans); i++) {
        bool yearly = strchr(plans[i].name, '%') != NULL;
        for (int year = first; year <= last; year++)
            if (yearly || year == first)
                campaign_add(s, &plans[i], year);
    }
    for (size_t i = 0; i < s->campaign_count; i++) {
        struct campaign *c = &s->campaigns[i];
        i64 made = c->from_ms - 20 * (i64)MS_DAY;
        sim_at(s, made < s->begin_ms ? s->begin_ms + MS_HOUR : made, STEP_CAMPAIGN, (u32)i);
    }
}

/* ---- a campaign's record: made before it begins, then kept up to date ---- */
static enum status campaign_make(struct sim *s, struct campaign *c)
{
    const struct campaign_plan *p = c->plan;
    struct row *r = row_new(&s->cx, s->campaign);
    int year, month, dom,
        owner = p->way == WAY_SEARCH_AD || p->way == WAY_DISPLAY ? 1
                : p->way == WAY_EVENT || p->way == WAY_PARTNER   ? 3
                                                                 : 2;

    date_to_ymd(zone_day(s->zone, c->from_ms), &year, &month, &dom);
    sim_as(s, owner);
    put_text(r, "name", arena_printf(s->work, p->name, year));
    put_text(r, "code", c->code);
    put_text(r, "status", "planned");
    put_text(r, "medium", p->medium);
    put_text(r, "goal", p->goal);
    put_i64(r, "start_date", zone_day(s->zone, c->from_ms));
    if (p->days)
        put_i64(r, "end_date", zone_day(s->zone, c->to_ms) - 1);
    put_money(r, "budget", c->budget_minor, "EUR");
    put_text(r, "landing_url", arena_printf(s->work, "https://alderfield.example%s", p->landing));
    TRY(record_save(&s->cx, r));
    c->id = row_id(r);
    return OK;
}

static enum status campaign_update(struct sim *s, struct campaign *c, const char *status)
{
    i64 now = sim_now(s), whole = c->plan->days ? c->to_ms - c->from_ms : 365 * (i64)MS_DAY;
    i64 permille = (now - c->from_ms) / (whole / 1000);
    struct row *r;

    sim_as(s, 1);
    TRY(record_get(&s->cx, s->campaign, c->id, &r));
    put_text(r, "status", status);
    permille = permille < 0 ? 0 : c->plan->days && permille > 1000 ? 1000 : permille;
    if (!c->plan->days) { /* a year's budget is spent and given again */
        i64 year = permille / 1000 + 1;
        put_money(r, "budget", c->budget_minor * year, "EUR");
    }
    put_money(r, "spent",
              c->budget_minor / 1000 * permille * rng_between(&s->rng, 92, 104) / 100 / 100 * 100,
              "EUR");
    return record_save(&s->cx, r);
}

enum status campaign_step(struct sim *s, u32 which)
{
    struct campaign *c = &s->campaigns[which];
    i64 now = sim_now(s), next;

    if (!c->id) {
        TRY(campaign_make(s, c));
        next = c->from_ms > now ? c->from_ms + 9 * MS_HOUR : now + MS_HOUR;
    } else if (now >= c->to_ms) {
        return campaign_update(s, c, "done");
    } else {
        TRY(campaign_update(s, c, "active"));
        next = now + 14 * (i64)MS_DAY;
        if (c->plan->way == WAY_EVENT)
            sim_at(s, c->to_ms + 2 * (i64)MS_DAY + 15 * MS_HOUR, STEP_FAIR, which);
    }
    if (next > c->to_ms)
        next = c->to_ms + 10 * MS_HOUR;
    sim_at(s, next, STEP_CAMPAIGN, which);
    return OK;
}

/* ---- choosing ---- */
u16 campaign_origin(struct sim *s, u32 which)
{
    const struct campaign *c = &s->campaigns[which];

    return (u16)(c->first_origin + rng_below(&s->rng, c->origin_count));
}

static u16 plain_origin(struct sim *s, enum way w)
{
    u16 weights[16];

    for (size_t i = 0, n = 0; i < countof(doors); i++)
        if (doors[i].way == w)
            weights[n++] = doors[i].weight;
    return (u16)(s->plain[w].first + rng_weighted(&s->rng, weights, s->plain[w].count));
}

/* An origin of this way today; ads that nobody runs now become the organic kind of the same. */
u16 origin_pick(struct sim *s, enum way *way)
{
    i64 now = sim_now(s);
    u16 weights[CAMPAIGNS_MAX];
    u32 sum = 0;

    for (size_t i = 0; i < s->campaign_count; i++) {
        const struct campaign *c = &s->campaigns[i];
        bool runs = c->plan->way == *way && c->from_ms <= now && now < c->to_ms;
        weights[i] = runs ? c->plan->weight : 0;
        sum += weights[i];
    }
    if (sum)
        return campaign_origin(s, (u32)rng_weighted(&s->rng, weights, s->campaign_count));
    if (!s->plain[*way].count)
        *way = *way == WAY_SOCIAL_AD ? WAY_SOCIAL : *way == WAY_PARTNER ? WAY_REFERRAL : WAY_DIRECT;
    return plain_origin(s, *way);
}

u16 origin_of_newsletter(struct sim *s)
{
    for (size_t i = 0; i < s->campaign_count; i++)
        if (s->campaigns[i].plan->way == WAY_NEWSLETTER) {
            i64 issue = (zone_day(s->zone, sim_now(s)) - s->begin_day) / 28;
            return (u16)(s->campaigns[i].first_origin + issue);
        }
    return s->plain[WAY_DIRECT].first;
}
