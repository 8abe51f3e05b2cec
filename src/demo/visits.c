/* visits.c -- people on the web site: how many come each day and through which way, what they read,
 * whether they come back, and whether they leave a form. Only events follow from it, no records. */
#include "bridge/measure.h"
#include "demo/demo_int.h"
#include <stdio.h>
#include <stdlib.h>

enum { RETURNS_MAX_VISITS = 80, VIEWS_MAX = 30, WEB_PERCENT = 93 };
enum intent { INTENT_BROWSE, INTENT_READ, INTENT_EVALUATE, INTENT_CUSTOMER };

/* ---- the calendar ---- */
static const u16 month_weights[12] = { 72, 106, 132, 124, 100, 92, 78, 100, 118, 90, 82, 62 };
static const u16 weekday_weights[7] = { 112, 118, 114, 110, 92, 48, 46 };
static const u16 hour_workday[24] = { 6,  4,  3,  2,  4,  14, 34, 66, 96, 108, 104, 92,
                                      78, 88, 98, 92, 80, 62, 48, 46, 50, 44,  28,  14 };
static const u16 hour_weekend[24] = { 12, 8,  5,  4,  5,  10, 22, 40, 58, 70, 74, 70,
                                      62, 60, 62, 64, 66, 66, 68, 74, 76, 64, 42, 24 };

static const u16 *hours_of(i64 day) { return date_weekday(day) < 5 ? hour_workday : hour_weekend; }

/* How busy a day is, beside others: the season between the middles of two months, the day of the
 * week, growth, Christmas, and a little of what nobody can explain. */
static i64 day_weight(struct sim *s, i64 day)
{
    int year, month, dom;
    i64 growth = 60 + 80 * (day - s->begin_day) / (s->end_day - s->begin_day + 1);

    date_to_ymd(day, &year, &month, &dom);
    int from = dom < 15 ? (month + 10) % 12 : month - 1, to = (from + 1) % 12;
    int past = dom < 15 ? dom + 15 : dom - 15;
    i64 season = month_weights[from] + (month_weights[to] - month_weights[from]) * past / 30;
    i64 weight = season * weekday_weights[date_weekday(day)] * growth / 100;
    if ((month == 12 && dom >= 20) || (month == 1 && dom <= 6))
        weight = weight * 55 / 100;
    if (rng_percent(&s->rng, 1)) /* somebody linked to us */
        weight = weight * 17 / 10;
    return weight * rng_between(&s->rng, 90, 110) / 100;
}

/* Of today's visits only those that can have happened. Permille of the day. */
static i64 part_of_today(const struct sim *s)
{
    const u16 *hours = hours_of(s->end_day);
    int now = zone_minute(s->zone, s->end_ms);
    i64 past = 0, sum = 0;

    for (int h = 0; h < 24; h++) {
        int minutes = now - h * 60;
        sum += hours[h] * 60;
        past += hours[h] * (minutes < 0 ? 0 : minutes > 60 ? 60 : minutes);
    }
    return past * 1000 / sum;
}

void days_plan(struct sim *s)
{
    size_t count = (size_t)(s->end_day - s->begin_day + 1);
    i64 sum = 0;

    s->day_goal = NEW_N(s->keep, i64, count);
    s->returns = arena_alloc(s->keep, count + 1, sizeof *s->returns);
    for (size_t i = 0; i < count; i++) {
        i64 weight = day_weight(s, s->begin_day + (i64)i);
        sum += i + 1 == count ? weight * part_of_today(s) / 1000 : weight;
        s->day_goal[i] = sum;
    }
    for (size_t i = 0; i < count; i++)
        s->day_goal[i] = s->o.events * (s->day_goal[i] / 64) / (sum / 64 ? sum / 64 : 1);
    for (i64 day = s->begin_day + 1; day <= s->end_day; day++)
        sim_at(s, zone_instant(s->zone, day, 0), STEP_DAY, (u32)(day - s->begin_day));
}

/* ---- visitors ---- */
static const struct {
    const char *browser, *system, *width;
    u8 device, desktop, mobile; /* weights where people sit, and where they stand */
} clients[] = {
    { "Chrome", "Windows", "large", 1, 40, 8 },
    { "Edge", "Windows", "large", 1, 16, 3 },
    { "Firefox", "Windows", "large", 1, 8, 1 },
    { "Safari", "macOS", "large", 1, 10, 3 },
    { "Chrome", "macOS", "large", 1, 6, 1 },
    { "Firefox", "Linux", "large", 1, 2, 0 },
    { "Safari", "iOS", "small", 2, 8, 36 },
    { "Chrome", "Android", "small", 2, 8, 34 },
    { "Samsung Internet", "Android", "small", 2, 1, 9 },
    { "Safari", "iPadOS", "medium", 3, 3, 5 },
};

static void visitor_client(struct sim *s, struct visitor *v, enum way way)
{
    bool mobile = way == WAY_SOCIAL || way == WAY_SOCIAL_AD || way == WAY_DISPLAY;
    u16 weights[countof(clients)];
    char text[80];
    size_t i;

    for (i = 0; i < countof(clients); i++)
        weights[i] = mobile ? clients[i].mobile : clients[i].desktop;
    i = rng_weighted(&s->rng, weights, countof(clients));
    snprintf(text, sizeof text, "%s|%s|%s|%s", clients[i].browser, clients[i].system,
             countries[v->country].language, clients[i].width);
    v->device = clients[i].device;
    v->client = journey_intern(s->cx.journey, DICT_CLIENT, str_from(text));
}

static u32 visitor_new(struct sim *s, enum way way)
{
    const struct way_traits *w = &way_traits[way];
    u16 weights[COUNTRIES], intents[3] = { w->intent[0], w->intent[1], w->intent[2] };
    struct visitor *v = LIST_ADD(&s->visitors);
    int luck = (int)rng_below(&s->rng, 45), fit = w->fit + luck + (int)rng_below(&s->rng, 45) - 44;

    for (int i = 0; i < COUNTRIES; i++)
        weights[i] = countries[i].weight;
    *v = (struct visitor){ .contact = -1, .way = (u8)way };
    v->country = (u8)rng_weighted(&s->rng, weights, COUNTRIES);
    v->country_code = (u16)(countries[v->country].code[0] << 8 | countries[v->country].code[1]);
    v->fit = (u8)(fit < 0 ? 0 : fit > 100 ? 100 : fit);
    v->intent = (u8)rng_weighted(&s->rng, intents, 3);
    v->consents = rng_percent(&s->rng, 64);
    v->person = journey_person(s->cx.journey, PERSON_VISITOR, rng_next(&s->rng) | 1);
    visitor_client(s, v, way);
    return (u32)(s->visitors.count - 1);
}

void visitor_returns(struct sim *s, u32 visitor, i64 days)
{
    i64 day = zone_day(s->zone, sim_now(s)) + (days < 1 ? 1 : days);

    if (day > s->end_day || !s->visitors.at[visitor].consents ||
        s->visitors.at[visitor].visits > RETURNS_MAX_VISITS)
        return;
    *LIST_ADD(&s->returns[day - s->begin_day]) = visitor;
}

/* ---- a day ---- */
struct plan {
    i64 at;
    u32 visitor;
    u16 origin;
    u8 form;
    i64 eager; /* ppm that a stranger leaves a form */
};

static enum way way_of_newcomer(struct sim *s)
{
    int part = sim_permille(s);
    u16 weights[WAYS];

    for (int w = 0; w < WAYS; w++)
        weights[w] =
            (u16)(way_traits[w].first + (way_traits[w].last - way_traits[w].first) * part / 1000);
    return (enum way)rng_weighted(&s->rng, weights, WAYS);
}

static i64 moment_of_day(struct sim *s, i64 day)
{
    const u16 *hours = hours_of(day);
    int minute, last = day == s->end_day ? zone_minute(s->zone, s->end_ms) : 24 * 60;

    do {
        minute = (int)rng_weighted(&s->rng, hours, 24) * 60;
        minute += (int)rng_below(&s->rng, 60);
    } while (minute >= last && last > 5);
    return zone_instant(s->zone, day, minute) + rng_below(&s->rng, 60 * MS_SECOND);
}

static void plan_return(struct sim *s, u32 visitor, i64 day, struct plan *p)
{
    const struct visitor *v = &s->visitors.at[visitor];
    enum way way = (enum way)v->way;

    if (v->intent == INTENT_CUSTOMER || rng_percent(&s->rng, 52))
        way = WAY_DIRECT;
    else if (rng_percent(&s->rng, 55))
        way = WAY_ORGANIC;
    *p = (struct plan){ .at = moment_of_day(s, day), .visitor = visitor };
    p->origin = origin_pick(s, &way);
}

static void plan_newcomer(struct sim *s, i64 day, struct plan *p)
{
    enum way way = way_of_newcomer(s);

    *p = (struct plan){ .at = moment_of_day(s, day) };
    p->origin = origin_pick(s, &way);
    p->visitor = visitor_new(s, way);
}

/* How readily the visitor of this plan leaves a form today. */
static i64 eagerness(const struct visitor *v)
{
    static const int by_intent[] = { 8, 24, 52, 0 };
    int visits = v->visits < 4 ? v->visits : 4;

    return (i64)by_intent[v->intent] * way_traits[v->way].form_percent * (60 + 60 * visits) *
           (40 + v->fit) / 100;
}

/* Strangers leave as many forms as the day should have, the eager ones first of all. */
static void plan_forms(struct sim *s, struct plan *plans, size_t count, i64 day)
{
    i64 goal = s->o.contacts * WEB_PERCENT / 100 * s->day_goal[day - s->begin_day] / s->o.events;
    i64 sum = 0, wanted = goal - s->leads_by_web;

    for (size_t i = 0; i < count; i++) {
        struct visitor *v = &s->visitors.at[plans[i].visitor];
        plans[i].eager = v->contact < 0 ? eagerness(v) : 0;
        sum += plans[i].eager;
    }
    for (size_t i = 0; i < count; i++) {
        struct visitor *v = &s->visitors.at[plans[i].visitor];
        i64 ppm = 26 * 1000; /* who is known already */
        if (v->contact < 0)
            ppm = sum && wanted > 0 ? money_muldiv(plans[i].eager, wanted * 1000000, sum) : 0;
        if (rng_ppm(&s->rng, ppm > 600 * 1000 ? 600 * 1000 : ppm))
            plans[i].form = (u8)(1 + rng_weighted(&s->rng, way_traits[v->way].forms, FORMS));
    }
}

void day_step(struct sim *s, i64 day)
{
    size_t at = (size_t)(day - s->begin_day), returns = s->returns[at].count, count = 0;
    i64 per_visit = s->visits_made > 200 ? s->visit_events * 100 / s->visits_made : 480;
    i64 missing = s->day_goal[at] - s->written - (i64)s->events.count;
    i64 fresh = missing * 100 / per_visit - (i64)returns;
    struct plan *plans;

    if (fresh < 0)
        fresh = 0;
    plans = malloc((returns + (size_t)fresh + 1) * sizeof *plans);
    if (!plans)
        abort();
    for (size_t i = 0; i < returns; i++)
        if (day < s->end_day || (i64)rng_below(&s->rng, 1000) < part_of_today(s))
            plan_return(s, s->returns[at].at[i], day, &plans[count++]);
    for (i64 i = 0; i < fresh; i++)
        plan_newcomer(s, day, &plans[count++]);
    plan_forms(s, plans, count, day);
    for (size_t i = 0; i < count; i++) {
        struct step *step = sim_at(s, plans[i].at, STEP_VISIT, plans[i].visitor);
        step->more = plans[i].origin;
        step->form = plans[i].form;
    }
    free(plans);
    free(s->returns[at].at);
    s->returns[at].at = NULL;
}

/* ---- a visit ---- */
static const u16 next_group[][PAGE_GROUPS] = {
    /* home product solution pricing customers blog guide docs company form */
    [INTENT_BROWSE] = { 20, 26, 18, 10, 6, 12, 6, 2, 14, 2 },
    [INTENT_READ] = { 6, 10, 8, 4, 8, 42, 18, 4, 2, 1 },
    [INTENT_EVALUATE] = { 10, 34, 20, 13, 11, 9, 8, 6, 4, 4 },
    [INTENT_CUSTOMER] = { 6, 6, 2, 2, 2, 10, 4, 60, 2, 1 },
};
static const u16 landing_group[][PAGE_GROUPS] = {
    [INTENT_BROWSE] = { 46, 18, 14, 2, 2, 14, 4, 0, 6, 0 },
    [INTENT_READ] = { 8, 4, 4, 0, 2, 62, 20, 2, 0, 0 },
    [INTENT_EVALUATE] = { 44, 24, 16, 10, 4, 4, 2, 0, 0, 0 },
    [INTENT_CUSTOMER] = { 14, 0, 0, 0, 0, 6, 2, 78, 0, 0 },
};
static const u16 dwell_seconds[PAGE_GROUPS] = { 18, 44, 40, 58, 66, 110, 75, 130, 28, 42 };

/* One page of a group, another than the last. */
static int page_of_group(struct sim *s, size_t group, int not_this)
{
    u16 weights[PAGES_MAX];
    u32 sum = 0;

    for (size_t i = 0; i < page_count; i++) {
        bool fits = pages[i].group == (enum page_group)group && (int)i != not_this;
        weights[i] = fits ? pages[i].weight : 0;
        sum += weights[i];
    }
    return sum ? (int)rng_weighted(&s->rng, weights, page_count) : 0;
}

static int next_page(struct sim *s, const struct visitor *v, int last)
{
    size_t group = rng_weighted(&s->rng, next_group[v->intent], PAGE_GROUPS);

    return page_of_group(s, group, last);
}

static int landing_page(struct sim *s, const struct visitor *v, const struct origin *o)
{
    if (o->landing >= 0 && !rng_percent(&s->rng, 12))
        return o->landing;
    return page_of_group(s, rng_weighted(&s->rng, landing_group[v->intent], PAGE_GROUPS), -1);
}

static struct event *event_add(struct sim *s, const struct visitor *v, u16 kind, i64 at, int page)
{
    struct event *e = LIST_ADD(&s->events);

    *e = (struct event){ .at_ms = at,
                         .person = v->person,
                         .kind = kind,
                         .device = v->device,
                         .country = v->country_code,
                         .flags = EVENT_INTERACTIVE,
                         .site = s->site,
                         .page = s->page_code[page],
                         .client = v->client };
    s->visit_events++;
    return e;
}

static const char *click_props(struct sim *s, int page, const char *click_id)
{
    u32 low = rng_below(&s->rng, UINT32_MAX);
    u64 high = rng_next(&s->rng);

    return arena_printf(s->event_texts, "{\"title\":\"%s\",\"%s\":\"%016llx%08x\"}",
                        pages[page].title, click_id, (unsigned long long)high, low);
}

static void tally_view(struct tally *t, int page, i64 at)
{
    const char *path = pages[page].path;
    i32 day = (i32)(at / MS_DAY);

    t->views += t->views < 200;
    t->pricing += t->pricing < 200 && strncmp(path, "/pricing", 8) == 0;
    t->demo += t->demo < 200 && strncmp(path, "/demo", 5) == 0;
    t->customers += t->customers < 200 && strncmp(path, "/customers", 10) == 0;
    t->careers += t->careers < 200 && strncmp(path, "/careers", 8) == 0;
    if (t->last_day != day)
        t->days += t->days < 200;
    t->last_day = day;
}

static int at_most(int n, int most) { return n < most ? n : most; }

/* The rules that a workspace begins with, see first_rules of score.c. */
int tally_score(const struct tally *t)
{
    int score = 50 * at_most(t->forms, 2) + 15 * at_most(t->pricing, 3) + 20 * at_most(t->demo, 1) +
                5 * at_most(t->days, 6) + at_most(t->views, 20) + 8 * at_most(t->customers, 3) -
                20 * at_most(t->careers, 1);

    return score < 0 ? 0 : score;
}

/* What a reader does on a page beside reading. */
const char *const page_actions[PAGE_GROUPS] = {
    [PAGE_PRODUCT] = "Video: Play",   [PAGE_PRICING] = "Pricing: Yearly",
    [PAGE_CUSTOMERS] = "Video: Play", [PAGE_GUIDE] = "Calculator: Used",
    [PAGE_DOCS] = "File Download",    [PAGE_COMPANY] = "Outbound Link: Click",
};

static void act_on_page(struct sim *s, const struct visitor *v, i64 at, i64 dwell, int page)
{
    enum page_group group = pages[page].group;
    struct event *e;
    i64 speed = page_speed(s, v, page);

    if (speed) {
        e = event_add(s, v, s->kind_performance, at + (dwell < 5000 ? dwell : 5000), page);
        e->value = speed;
        e->flags = 0;
    }
    if (page_actions[group] && rng_percent(&s->rng, 9)) {
        e = event_add(s, v, s->kind_action, at + dwell / 2, page);
        e->record = s->action_code[group];
        e->props = arena_printf(s->event_texts, "{\"name\":\"%s\"}", page_actions[group]);
    }
    if (rng_percent(&s->rng, 58)) {
        int depth = rng_between(&s->rng, 20, 100);
        e = event_add(s, v, s->kind_engagement, at + dwell, page);
        e->value = reading_pack((struct reading){ .engaged_ms = dwell, .depth = depth });
        e->props = arena_printf(s->event_texts, "{\"sd\":%d,\"e\":%lld}", depth, (long long)dwell);
    }
}

static i64 page_view(struct sim *s, struct visitor *v, i64 at, int page, const struct origin *o)
{
    struct tally *t = v->contact >= 0 ? &s->contacts.at[v->contact].tally : &v->tally;
    i64 dwell =
        1500 + rng_spread(&s->rng, SPREAD_USUAL, dwell_seconds[pages[page].group] * MS_SECOND);
    struct event *e = event_add(s, v, s->kind_view, at, page);

    e->props = s->page_props[page];
    if (o) {
        e->channel = o->channel;
        e->touch = o->touch;
        e->source = o->source;
        e->campaign = o->campaign;
        if (o->click_id[0])
            e->props = click_props(s, page, o->click_id);
    }
    if (dwell > 20 * MS_MINUTE)
        dwell = 20 * MS_MINUTE; /* or it would be another visit */
    tally_view(t, page, at);
    act_on_page(s, v, at, dwell, page);
    return at + dwell;
}

static int views_of(struct sim *s, const struct visitor *v)
{
    static const u8 stays[] = { 46, 54, 68, 60 }; /* percent who read one more */
    int n = 1;

    while (n < VIEWS_MAX && rng_percent(&s->rng, stays[v->intent]))
        n++;
    return n;
}

static void think_of_return(struct sim *s, u32 visitor)
{
    struct visitor *v = &s->visitors.at[visitor];
    static const u8 often[] = { 11, 24, 38, 64 };

    if (rng_percent(&s->rng, v->contact >= 0 ? often[v->intent] + 4 : often[v->intent]))
        visitor_returns(s, visitor, rng_spread(&s->rng, SPREAD_WIDE, 5));
    if (v->intent < INTENT_EVALUATE && rng_percent(&s->rng, 12 + v->fit / 8))
        v->intent = INTENT_EVALUATE; /* the interest grows */
}

void visit_step(struct sim *s, const struct step *step)
{
    struct visitor *v = &s->visitors.at[step->who];
    const struct origin *o = &s->origins[step->more];
    i64 at = step->at;
    int page = landing_page(s, v, o), views = views_of(s, v);

    if (!v->visits) {
        v->first_ms = at;
        v->first_origin = step->more;
        v->first_page = (u8)page;
    }
    s->visits_made++;
    v->visits++;
    for (int i = 0; i < views && at < s->end_ms; i++) {
        at = page_view(s, v, at, page, i ? NULL : o);
        page = next_page(s, v, page);
    }
    if (step->form && at < s->end_ms) {
        enum form_kind f = (enum form_kind)(step->form - 1);
        at = page_view(s, v, at, form_page(f), NULL);
        at += rng_between(&s->rng, 15, 120) * MS_SECOND;
        sim_at(s, at, STEP_FORM, step->who)->more = (u16)f;
    }
    v->last_ms = at;
    if (v->contact >= 0)
        lead_look(s, (u32)v->contact, at);
    think_of_return(s, step->who);
}

/* The monthly letter: readers click, most on the same day. */
void newsletter_step(struct sim *s)
{
    u16 origin = origin_of_newsletter(s);

    letter_goes(s);
    for (size_t i = 0; i < s->contacts.count; i++) {
        const struct contact *c = &s->contacts.at[i];
        if (!c->subscribed || c->visitor < 0 || !s->visitors.at[c->visitor].consents ||
            !rng_percent(&s->rng, 3 + c->fit / 14))
            continue;
        i64 at = sim_now(s) + rng_spread(&s->rng, SPREAD_WIDE, 5 * MS_HOUR);
        struct step *step = sim_at(s, at, STEP_VISIT, (u32)c->visitor);
        step->more = origin;
        letter_click(s, (u32)i, at);
        s->contacts.at[i].tally.letters += c->tally.letters < 200;
    }
    sim_at(s, sim_now(s) + 28 * (i64)MS_DAY, STEP_NEWSLETTER, 0);
}
