/* traffic.c -- what the company's marketing says of its web site: goals, notes on days, what is not
 * counted, a link for the agency; and how fast the pages were for those who read them. */
#include "bridge/measure.h"
#include "demo/demo_int.h"

enum { DROPPED_DAYS = 400, MEASURED_PERCENT = 12 };

static enum status make_goals(struct sim *s)
{
    static const struct {
        const char *name, *kind, *event, *page;
        i64 depth, seconds, worth_minor;
    } goals[] = {
        { "Prices read", "page", "", "/pricing*", 0, 0, 0 },
        { "Demo asked for", "page", "", "/demo", 0, 0, 12000 },
        { "Calculator used", "event", "Calculator: Used", "", 0, 0, 1500 },
        { "Video watched", "event", "Video: Play", "", 0, 0, 0 },
        { "Document downloaded", "event", "File Download", "", 0, 0, 0 },
        { "Article read to the end", "scroll", "", "/blog*", 90, 0, 0 },
        { "Guide read for two minutes", "time", "", "/guides*", 0, 120, 0 },
    };

    for (size_t i = 0; i < countof(goals); i++) {
        struct row *r = row_new(&s->cx, type_find(&s->cx, "goal"));
        put_text(r, "name", goals[i].name);
        put_text(r, "kind", goals[i].kind);
        put_text(r, "event_name", goals[i].event);
        put_text(r, "page", goals[i].page);
        if (goals[i].depth)
            put_i64(r, "depth", goals[i].depth);
        if (goals[i].seconds)
            put_i64(r, "seconds", goals[i].seconds);
        if (goals[i].worth_minor)
            put_money(r, "worth", goals[i].worth_minor, "EUR");
        TRY(record_save(&s->cx, r));
    }
    return OK;
}

static enum status make_notes(struct sim *s)
{
    static const struct {
        int days_ago;
        const char *text, *team;
    } notes[] = {
        { 4, "Newspaper wrote about the frost alarm", "both" },
        { 12, "New price list", "sales" },
        { 19, "Home page with the customers' film", "marketing" },
        { 47, "Tracker was missing on the blog until noon", "marketing" },
        { 75, "Catalogue of spare parts online", "service" },
        { 160, "Site moved to faster servers", "marketing" },
        { 290, "Cookie notice made smaller", "marketing" },
    };

    for (size_t i = 0; i < countof(notes); i++) {
        struct row *r = row_new(&s->cx, type_find(&s->cx, "annotation"));
        if (s->end_day - notes[i].days_ago < s->begin_day)
            continue;
        put_i64(r, "day", s->end_day - notes[i].days_ago);
        put_text(r, "text", notes[i].text);
        put_text(r, "team", notes[i].team);
        TRY(record_save(&s->cx, r));
    }
    return OK;
}

/* A rule a kind, and what it and the public list kept out. */
static enum status make_exclusions(struct sim *s)
{
    static const struct {
        const char *kind, *value, *note;
    } rules[] = {
        { "address", "198.51.100.0/24", "The office in Alderfield" },
        { "address", "2001:db8:a1de::/48", "The office, by IPv6" },
        { "agent", "AlderfieldCheck", "Our own monitor" },
        { "page", "/preview/*", "Drafts of the editors" },
    };
    static const struct {
        const char *reason;
        int usual;
    } dropped[] = {
        { "bot", 60 }, { "excluded", 9 }, { "data centre", 14 }, { "excluded program", 24 }
    };

    for (size_t i = 0; i < countof(rules); i++) {
        struct row *r = row_new(&s->cx, type_find(&s->cx, "exclusion"));
        put_text(r, "kind", rules[i].kind);
        put_text(r, "value", rules[i].value);
        put_text(r, "note", rules[i].note);
        TRY(record_save(&s->cx, r));
    }
    for (i64 day = s->end_day; day > s->end_day - DROPPED_DAYS && day >= s->begin_day; day--)
        for (size_t i = 0; i < countof(dropped); i++)
            TRY(db_run(&s->cx, "dropped.add", I64("day", day), TEXT("site", "alderfield.example"),
                       TEXT("reason", dropped[i].reason),
                       I64("count", rng_between(&s->side_rng, dropped[i].usual / 2,
                                                dropped[i].usual * 3 / 2))));
    return OK;
}

enum status traffic_setup(struct sim *s, i64 site_id)
{
    struct row *share = row_new(&s->cx, type_find(&s->cx, "traffic_share"));

    TRY(make_goals(s));
    TRY(make_notes(s));
    TRY(make_exclusions(s));
    put_text(share, "name", "The agency for search ads");
    put_i64(share, "site_id", site_id);
    return record_save(&s->cx, share);
}

/* ---- how fast a page was ---- */
/* Milliseconds of the largest paint where people sit at a desk. */
static const u16 paint_ms[PAGE_GROUPS] = { 2100, 1700, 1650, 1300, 1800,
                                           1400, 1750, 1150, 1200, 1350 };

/* What the browser told, or 0: most did not. */
i64 page_speed(struct sim *s, const struct visitor *v, int page)
{
    double numbers[VITALS];
    i64 slow = v->device == 2 ? 150 : v->device == 3 ? 120 : 100, paint;

    if (!rng_percent(&s->side_rng, MEASURED_PERCENT))
        return 0;
    paint = rng_spread(&s->side_rng, SPREAD_NARROW, paint_ms[pages[page].group] * slow / 100);
    numbers[VITAL_LCP] = (double)paint;
    numbers[VITAL_FCP] = (double)(paint * rng_between(&s->side_rng, 45, 80) / 100);
    numbers[VITAL_TTFB] = (double)(paint * rng_between(&s->side_rng, 12, 34) / 100);
    numbers[VITAL_CLS] =
        rng_percent(&s->side_rng, 30) ? rng_between(&s->side_rng, 1, 240) / 1000.0 : 0;
    numbers[VITAL_INP] =
        rng_percent(&s->side_rng, 70)
            ? (double)(rng_spread(&s->side_rng, SPREAD_USUAL, 90 * slow / 100) / 8 * 8)
            : -1;
    return vitals_pack(numbers);
}
