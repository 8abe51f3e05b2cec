/* collect.c -- from a tracker's report to an event: known site, no bot, visitor, channel, names
 * interned. Runs on the network loop for every page view of every site, so it reads memory only:
 * sites and salts are a snapshot that is replaced when they change, and what most hits have in
 * common (browsers, ways of arriving) is read once and remembered. */
#include "marketing/collect.h"
#include "base/id.h"
#include "base/json.h"
#include "base/limits.h"
#include "base/money.h"
#include "base/utf8.h"
#include "bridge/identity.h"
#include "bridge/measure.h"
#include "bridge/visitor.h"
#include "journey/journey.h"
#include "marketing/arrival.h"
#include "marketing/client.h"
#include "marketing/dropped.h"
#include "marketing/geo.h"
#include "marketing/network.h"
#include "marketing/site.h"
#include <pthread.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>

enum {
    VISIT_MS = 30 * MS_MINUTE,
    TITLE_BYTES = 300,
    OWN_PROPS_BYTES = 4096, /* of an event's props: title, name and click id, escaped */
    SALT_BYTES = 16,
    RULES_MAX = 1000,
    MILLION = 1000 * 1000,
    SALTS = 2, /* today's, and tomorrow's before the day begins */
    /* Places by hash, powers of two. Who loses a place is only read, or begins a visit, again. */
    VISITS_REMEMBERED = 1 << 16,
    AGENTS_REMEMBERED = 1 << 10,
    ARRIVALS_REMEMBERED = 1 << 10,
};

struct known_site {
    struct str domain;
    const char *aliases; /* hosts with | between */
    struct network *excluded;
    size_t excluded_count;
    char tracker_id[UUID_CHARS + 1];
    u32 code; /* DICT_SITE */
    bool day_only;
};
/* What is left out, of one site or of all. */
struct rule {
    u32 site; /* 0: all */
    enum hit_fate fate;
    struct network network;
    const char *text; /* a word of the user agent, or a pattern of paths */
};
struct salt {
    i64 day, from_ms;
    char text[SALT_BYTES * 2 + 1];
};
/* What a million of a currency's minor units are in the base currency's. */
struct rate {
    char currency[4];
    i64 base_of_million;
};
/* What the loop reads. In an arena of its own: replaced whole. */
struct snapshot {
    struct arena *arena;
    struct known_site *sites;
    struct rule *rules;
    size_t site_count, salt_count, rule_count;
    struct salt salts[SALTS]; /* ascending */
    char currency[4];         /* the base currency */
    struct rate *rates;       /* of the others that have one */
    size_t rate_count;
};
/* The last that was seen of a visitor. */
struct visit {
    u64 visitor;
    i64 at_ms, began_ms;
    u32 touch; /* how they came: the same link again says nothing new */
};
struct known_agent {
    u64 hash; /* of agent, language and width; 0: free */
    struct client client;
    u32 code; /* DICT_CLIENT */
};
struct known_arrival {
    u64 hash; /* of query and foreign referrer; 0: free */
    u32 touch, source, campaign;
    u8 channel;
};
struct collect {
    pthread_mutex_t lock; /* held for a look, never for work */
    struct snapshot *now;
    struct visit *visits;
    struct known_agent *agents;
    struct known_arrival *arrivals;
    u16 pageview, engagement, action, performance; /* event codes */
    struct dropped *dropped;
};

static void snapshot_free(struct snapshot *s)
{
    if (s != NULL)
        arena_free(s->arena);
}

static void collect_free(void *state)
{
    struct collect *c = state;

    snapshot_free(c->now);
    free(c->visits);
    free(c->agents);
    free(c->arrivals);
    dropped_free(c->dropped);
    pthread_mutex_destroy(&c->lock);
    free(c);
}

static struct collect *collect_of(struct kit *k) { return kit_state(k, "collect"); }

/* ---- the snapshot ---- */

/* "|a|b|" of tags, each as hosts are compared. */
static const char *alias_hosts(struct arena *a, const char *tags)
{
    struct str rest = str_from(tags), tag;
    struct buf b = buf_in(a, LIMIT_TAGS * (LIMIT_TAG_BYTES + 1) * 4);

    while (str_split(&rest, '|', &tag)) {
        buf_str(&b, host_name(a, tag));
        buf_char(&b, '|');
    }
    return buf_end(&b);
}

static enum status read_sites(struct ctx *cx, struct snapshot *s)
{
    scoped(stmt_close) struct stmt q = db_query(cx, "site.all");

    s->sites = NEW_N(s->arena, struct known_site, SITES_MAX);
    while (stmt_next(&q) && s->site_count < SITES_MAX) {
        struct str domain = host_name(s->arena, str_from(col_text(&q, 0)));
        s->sites[s->site_count++] = (struct known_site){
            .domain = domain,
            .code = cx->journey ? journey_intern(cx->journey, DICT_SITE, domain) : 0,
            .day_only = text_is(col_text(&q, 1), "day"),
            .aliases = alias_hosts(s->arena, col_text(&q, 2)),
        };
        struct known_site *site = &s->sites[s->site_count - 1];
        site->excluded =
            networks_read(s->arena, col_text(&q, 3), &site->excluded_count, &(struct str){ 0 });
        snprintf(site->tracker_id, UUID_CHARS + 1, "%s", col_text(&q, 4));
    }
    return stmt_status(&q);
}

static enum status read_rules(struct ctx *cx, struct snapshot *s)
{
    scoped(stmt_close) struct stmt q = db_query(cx, "exclusion.all");

    s->rules = NEW_N(s->arena, struct rule, RULES_MAX);
    while (stmt_next(&q) && s->rule_count < RULES_MAX) {
        struct rule *r = &s->rules[s->rule_count];
        struct str domain = host_name(s->arena, str_from(col_text(&q, 2)));
        const char *kind = col_text(&q, 0);
        *r = (struct rule){ .fate = text_is(kind, "agent")  ? HIT_AGENT
                                    : text_is(kind, "page") ? HIT_PAGE
                                                            : HIT_EXCLUDED,
                            .text = arena_text(s->arena, col_text(&q, 1)) };
        if (domain.len > 0 && cx->journey)
            r->site = journey_intern(cx->journey, DICT_SITE, domain);
        s->rule_count += r->fate != HIT_EXCLUDED || network_read(str_from(r->text), &r->network);
    }
    return stmt_status(&q);
}

static void read_rates(struct ctx *cx, struct snapshot *s)
{
    struct val *rates;

    snprintf(s->currency, sizeof s->currency, "%s", base_currency(cx));
    if (json_read(cx->arena, str_from(setting_text(cx, "currency.rates")), &rates, NULL) != OK)
        return;
    s->rates = NEW_N(s->arena, struct rate, val_count(rates) + 1);
    for (size_t i = 0; i < val_count(rates); i++) {
        struct rate *r = &s->rates[s->rate_count];
        struct money m = { .minor = MILLION };
        snprintf(m.currency, sizeof m.currency, "%.3s", val_key_at(rates, i));
        memcpy(r->currency, m.currency, sizeof r->currency);
        s->rate_count += money_to_base(cx, m, &r->base_of_million) == OK;
    }
}

static i64 rate_of(const struct snapshot *s, const char *currency)
{
    if (text_is(s->currency, currency))
        return MILLION;
    for (size_t i = 0; i < s->rate_count; i++)
        if (text_is(s->rates[i].currency, currency))
            return s->rates[i].base_of_million;
    return 0;
}

static enum status read_salts(struct ctx *cx, struct snapshot *s)
{
    const struct zone *z = kit_zone(cx);
    scoped(stmt_close) struct stmt q =
        db_query(cx, "collect.salts", I64("day", zone_day(z, ctx_now(cx))));

    while (stmt_next(&q) && s->salt_count < SALTS) {
        struct salt *salt = &s->salts[s->salt_count++];
        salt->day = col_i64(&q, 0);
        salt->from_ms = zone_instant(z, salt->day, 0);
        snprintf(salt->text, sizeof salt->text, "%s", col_text(&q, 1));
    }
    return stmt_status(&q);
}

/* Puts the new snapshot in place once what it was read from is durable. */
struct swap {
    struct collect *c;
    struct snapshot *s;
};
static void swap_in(void *arg)
{
    struct swap *w = arg;
    struct snapshot *old;

    pthread_mutex_lock(&w->c->lock);
    old = w->c->now;
    w->c->now = w->s;
    pthread_mutex_unlock(&w->c->lock);
    snapshot_free(old);
    free(w);
}
static void swap_drop(void *arg)
{
    struct swap *w = arg;

    snapshot_free(w->s);
    free(w);
}

enum status collect_reload(struct ctx *cx)
{
    struct collect *c = collect_of(cx->kit);
    struct arena *a;
    struct snapshot *s;
    struct swap *w;
    enum status st;

    if (c == NULL)
        return OK; /* before the feature's start, which reads everything itself */
    a = arena_new(4096);
    s = NEW(a, struct snapshot);
    s->arena = a;
    read_rates(cx, s);
    st = read_sites(cx, s);
    if (st == OK)
        st = read_rules(cx, s);
    if (st == OK)
        st = read_salts(cx, s);
    if (st != OK) {
        snapshot_free(s);
        return st;
    }
    w = malloc(sizeof *w);
    assert(w != NULL);
    *w = (struct swap){ c, s };
    db_after_commit(cx, swap_in, swap_drop, w);
    return OK;
}

/* Salts of today and, so that midnight waits for nobody, of tomorrow; those of days gone by are
 * deleted, which is what makes the hash forgetful. */
static enum status draw_salts(struct ctx *cx)
{
    unsigned char bytes[SALT_BYTES];
    char hex[SALT_BYTES * 2 + 1];
    i64 today = zone_day(kit_zone(cx), ctx_now(cx));

    for (i64 day = today; day < today + SALTS; day++) {
        randombytes_buf(bytes, sizeof bytes);
        sodium_bin2hex(hex, sizeof hex, bytes, sizeof bytes);
        TRY(db_run(cx, "collect.salt_put", I64("day", day), TEXT("salt", hex)));
    }
    TRY(db_run(cx, "collect.salt_forget", I64("day", today)));
    return collect_reload(cx);
}

static enum status salt_job(struct job_run *job) { return draw_salts(job->cx); }

static enum status dropped_job(struct job_run *job) { return collect_write_dropped(job->cx); }

static visitor_reader see_visitor;

static enum status collect_start(struct ctx *cx)
{
    struct collect *c = calloc(1, sizeof *c);

    assert(c != NULL);
    pthread_mutex_init(&c->lock, NULL);
    c->visits = calloc(VISITS_REMEMBERED, sizeof *c->visits);
    c->agents = calloc(AGENTS_REMEMBERED, sizeof *c->agents);
    c->arrivals = calloc(ARRIVALS_REMEMBERED, sizeof *c->arrivals);
    c->dropped = dropped_new();
    assert(c->visits != NULL && c->agents != NULL && c->arrivals != NULL);
    if (cx->journey != NULL) {
        c->pageview = kit_event_code(cx->kit, "pageview");
        c->engagement = kit_event_code(cx->kit, "engagement");
        c->action = kit_event_code(cx->kit, "action");
        c->performance = kit_event_code(cx->kit, "performance");
    }
    kit_set_state(cx->kit, "collect", c, collect_free);
    visitor_set_reader(cx->kit, see_visitor);
    return draw_salts(cx);
}

/* ---- which site, and who ---- */

const char *hit_fate_word(enum hit_fate f)
{
    static const char *const words[HIT_FATES] = {
        [HIT_KEPT] = "kept",
        [HIT_UNKNOWN_SITE] = "unknown site",
        [HIT_BOT] = "bot",
        [HIT_EXCLUDED] = "excluded",
        [HIT_BAD_URL] = "bad url",
        [HIT_MACHINE] = "data centre",
        [HIT_AGENT] = "excluded program",
        [HIT_PAGE] = "excluded page",
    };
    return words[f];
}

static bool site_has(const struct known_site *s, struct str host)
{
    struct str rest = str_from(s->aliases), alias;

    if (str_equal(host, s->domain))
        return true;
    while (str_split(&rest, '|', &alias))
        if (alias.len > 0 && str_equal(alias, host))
            return true;
    return false;
}

static const struct known_site *site_of(const struct snapshot *s, struct str host)
{
    for (size_t i = 0; i < s->site_count; i++)
        if (site_has(&s->sites[i], host))
            return &s->sites[i];
    return NULL;
}

static const struct known_site *site_of_tracker(const struct snapshot *s, const char *id)
{
    for (size_t i = 0; !text_empty(id) && i < s->site_count; i++)
        if (text_is(s->sites[i].tracker_id, id))
            return &s->sites[i];
    return NULL;
}

static bool is_excluded(const struct known_site *s, const struct network *addresses, size_t count)
{
    for (size_t i = 0; i < s->excluded_count; i++)
        for (size_t k = 0; k < count; k++)
            if (network_has(&s->excluded[i], &addresses[k]))
                return true;
    return false;
}

/* Which rule leaves a hit out; HIT_KEPT: none. */
static enum hit_fate fate_by_rules(const struct snapshot *s, const struct known_site *site,
                                   const struct network *addresses, size_t address_count,
                                   const char *agent, const char *path)
{
    for (size_t i = 0; i < s->rule_count; i++) {
        const struct rule *r = &s->rules[i];
        bool fits = false;
        if (r->site != 0 && r->site != site->code)
            continue;
        if (r->fate == HIT_AGENT)
            fits = str_contains_fold(str_from(agent), r->text);
        else if (r->fate == HIT_PAGE)
            fits = text_like(r->text, path);
        for (size_t k = 0; r->fate == HIT_EXCLUDED && k < address_count; k++)
            fits |= network_has(&r->network, &addresses[k]);
        if (fits)
            return r->fate;
    }
    return HIT_KEPT;
}

/* The salt of the day that has begun last. */
static struct salt salt_at(const struct snapshot *s, i64 now_ms)
{
    struct salt found = { 0 };

    for (size_t i = 0; s != NULL && i < s->salt_count; i++)
        if (i == 0 || s->salts[i].from_ms <= now_ms)
            found = s->salts[i];
    return found;
}

static const char *hit_address(const struct req *rq, const struct hit *h)
{
    return text_empty(h->address) ? rq->address : h->address;
}

static const char *hit_agent(const struct req *rq, const struct hit *h)
{
    const char *agent = text_empty(h->agent) ? rq->header(rq, "user-agent") : h->agent;

    return agent ? agent : "";
}

/* What one look at the snapshot tells of a hit. */
struct place {
    u32 site;
    bool day_only, foreign; /* foreign: the referrer is nobody of ours */
    struct salt salt;
    i64 base_of_million; /* of the revenue's currency; 0: no rate is known */
};
static enum hit_fate look_up(struct collect *c, const struct req *rq, const struct hit *h,
                             struct str host, const char *path, struct str referrer,
                             struct place *out)
{
    enum hit_fate fate = HIT_UNKNOWN_SITE;
    const struct known_site *site;
    struct network addresses[2]; /* who asks, and for whom */
    size_t count = network_read(str_from(rq->address), &addresses[0]);

    count += !text_empty(h->address) && network_read(str_from(h->address), &addresses[count]);
    *out = (struct place){ 0 };

    pthread_mutex_lock(&c->lock);
    site = c->now != NULL ? site_of_tracker(c->now, h->tracker_id) : NULL;
    if (site == NULL && c->now != NULL)
        site = site_of(c->now, host);
    if (site != NULL) {
        fate = is_excluded(site, addresses, count)
                   ? HIT_EXCLUDED
                   : fate_by_rules(c->now, site, addresses, count, hit_agent(rq, h), path);
        *out = (struct place){ site->code, site->day_only,
                               referrer.len > 0 && site_of(c->now, referrer) == NULL,
                               salt_at(c->now, ctx_now(rq->cx)), 0 };
        out->base_of_million = text_empty(h->currency) ? 0 : rate_of(c->now, h->currency);
    } else
        out->salt = salt_at(c->now, ctx_now(rq->cx));
    pthread_mutex_unlock(&c->lock);
    return fate;
}

/* What our tracker makes: 32 hex digits. Others may make theirs longer or shorter, but no word. */
bool first_party_id_is(const char *text)
{
    size_t len = 0;

    for (const char *p = text; *p; p++, len++)
        if (!((*p >= 'a' && *p <= 'z') || (*p >= 'A' && *p <= 'Z') || (*p >= '0' && *p <= '9') ||
              *p == '-' || *p == '_'))
            return false;
    return len >= 8 && len <= 64;
}

static u64 day_visitor(const struct req *rq, const struct hit *h, const struct salt *salt)
{
    return visitor_of_day(salt->text, salt->day, hit_address(rq, h), hit_agent(rq, h));
}

struct visitors collect_visitors(const struct req *rq, const char *first_party_id)
{
    struct collect *c = collect_of(rq->cx->kit);
    struct salt salt;

    pthread_mutex_lock(&c->lock);
    salt = salt_at(c->now, ctx_now(rq->cx));
    pthread_mutex_unlock(&c->lock);
    return (struct visitors){
        .by_id = first_party_id_is(first_party_id) ? visitor_of_id(first_party_id) : 0,
        .of_day = day_visitor(rq, &(struct hit){ .name = "" }, &salt),
    };
}

/* ---- what is remembered ---- */

static const char *width_class(int width)
{
    return width <= 0 ? "" : width < 600 ? "small" : width < 1100 ? "medium" : "large";
}

/* The first two letters of a language: "de" of "de-AT,de;q=0.9". */
static void read_language(const struct req *rq, const struct hit *h, char out[3])
{
    const char *header = text_empty(h->language) ? rq->header(rq, "accept-language") : h->language;

    memset(out, 0, 3);
    for (int i = 0; header != NULL && i < 2; i++) {
        char c = header[i] >= 'A' && header[i] <= 'Z' ? (char)(header[i] + 32) : header[i];
        if (c < 'a' || c > 'z') {
            out[0] = '\0'; /* "*", or nothing that names a language */
            return;
        }
        out[i] = c;
    }
}

/* client_of reads a text against a hundred words: as much work as all the rest of a hit. */
static struct known_agent know_agent(struct collect *c, const struct req *rq, const struct hit *h)
{
    const char *agent = hit_agent(rq, h), *class = width_class(h->screen_width);
    char language[3];
    u64 hash = str_hash(str_from(agent));
    struct known_agent found, *place;

    read_language(rq, h, language);
    hash = (hash ^ (u64)language[0] << 8 ^ (u64)language[1] << 16 ^ (u64) class[0] << 24) | 1;
    place = &c->agents[(hash >> 1 ^ hash >> 24) & (AGENTS_REMEMBERED - 1)];
    pthread_mutex_lock(&c->lock);
    found = *place;
    pthread_mutex_unlock(&c->lock);
    if (found.hash == hash)
        return found;
    found = (struct known_agent){ hash, client_of(agent), 0 };
    found.code =
        journey_intern(rq->cx->journey, DICT_CLIENT,
                       str_from(arena_printf(rq->cx->arena, "%s|%s|%s|%s", found.client.browser,
                                             found.client.system, language, class)));
    pthread_mutex_lock(&c->lock);
    *place = found;
    pthread_mutex_unlock(&c->lock);
    return found;
}

static struct known_arrival read_arrival(struct ctx *cx, const struct campaign_link *link)
{
    struct journey *j = cx->journey;
    const char *tuple = link_tuple(cx->arena, link);

    return (struct known_arrival){
        .channel = (u8)channel_of(&link->arrival),
        .touch = tuple ? journey_intern(j, DICT_TOUCH, str_from(tuple)) : 0,
        .source = journey_intern(j, DICT_SOURCE, link->arrival.source),
        .campaign = journey_intern(j, DICT_CAMPAIGN, link->arrival.campaign),
    };
}

/* How a hit came; *click is the click id's own name and value, "" when there is none. */
static struct known_arrival know_arrival(struct collect *c, struct ctx *cx, struct str query,
                                         struct str referrer, struct campaign_link *click)
{
    u64 hash = (str_hash(query) * 31 ^ str_hash(referrer)) | 1;
    struct known_arrival found, *place = &c->arrivals[hash >> 1 & (ARRIVALS_REMEMBERED - 1)];

    *click = (struct campaign_link){ .click_value = STR("") };
    if (query.len == 0 && referrer.len == 0)
        return (struct known_arrival){ .channel = CHANNEL_DIRECT };
    pthread_mutex_lock(&c->lock);
    found = *place;
    pthread_mutex_unlock(&c->lock);
    if (found.hash == hash)
        return found;
    link_read(cx->arena, query, referrer, click);
    found = read_arrival(cx, click);
    found.hash = hash;
    if (click->click_value.len > 0)
        return found; /* every click has an address of its own: nothing to remember */
    pthread_mutex_lock(&c->lock);
    *place = found;
    pthread_mutex_unlock(&c->lock);
    return found;
}

/* Notes the hit and says whether it tells how somebody came: the first of a visit does, and later a
 * link that is another than the one before; browsers repeat the same referrer on every page that is
 * drawn without loading. */
static bool is_arrival(struct collect *c, u64 visitor, i64 at_ms, u32 touch, i64 *began_ms)
{
    struct visit *v = &c->visits[visitor & (VISITS_REMEMBERED - 1)];
    bool goes_on, news;

    pthread_mutex_lock(&c->lock);
    goes_on = v->visitor == visitor && at_ms >= v->at_ms && at_ms - v->at_ms < VISIT_MS;
    news = touch != 0 && (!goes_on || touch != v->touch);
    *began_ms = goes_on ? v->began_ms : at_ms;
    *v = (struct visit){ visitor, at_ms, *began_ms, news || !goes_on ? touch : v->touch };
    pthread_mutex_unlock(&c->lock);
    return news || !goes_on;
}

/* ---- the event ---- */

static i64 put_revenue(const struct hit *h, i64 base_of_million, struct val *props)
{
    struct money m;
    const char *why;

    if (text_empty(h->revenue) || !currency_known(h->currency) ||
        money_parse(str_from(h->revenue), h->currency, &m, &why) != OK)
        return 0;
    val_put_text(props, "revenue", h->revenue);
    val_put_text(props, "currency", h->currency);
    return m.minor > INT64_MAX / MILLION || m.minor < -INT64_MAX / MILLION
               ? 0
               : money_muldiv(m.minor, base_of_million, MILLION);
}

/* The click id's value belongs to this one event: conversions are sent back with it. What a site
 * says itself comes last and stays as long as there is room. */
static const char *event_props(struct ctx *cx, const struct collect *c, const struct hit *h,
                               const struct campaign_link *click, struct event *e,
                               i64 base_of_million)
{
    struct val *props = val_map(cx->arena);
    struct buf room = buf_in(cx->arena, LIMIT_EVENT_PROPS_BYTES - OWN_PROPS_BYTES);

    if (!text_empty(h->title))
        val_put_text(props, "title", utf8_cut(cx->arena, h->title, TITLE_BYTES));
    if (e->kind == c->action) {
        val_put_text(props, "name", h->name);
        e->record = journey_intern(cx->journey, DICT_ACTION, str_from(h->name));
    }
    if (click->click_value.len > 0)
        val_put(props, val_key(cx->arena, click->arrival.click_id),
                val_str(cx->arena, click->click_value));
    e->value = put_revenue(h, base_of_million, props);
    for (size_t i = 0; i < val_count(h->props); i++) {
        const char *key = val_key_at(h->props, i);
        if (val_get(props, key) != NULL)
            continue;
        json_write_text(&room, key);
        json_write_text(&room, val_print(cx->arena, val_value_at(h->props, i)));
        if (buf_status(&room) != OK)
            break;
        val_put(props, key, val_copy(cx->arena, val_value_at(h->props, i)));
    }
    if (e->kind == c->engagement)
        e->value = reading_pack_props(h->props);
    else if (e->kind == c->performance)
        e->value = vitals_pack_props(h->props);
    return val_count(props) > 0 ? json_text(cx->arena, props) : NULL;
}

static u32 intern_page(struct ctx *cx, const struct address *url, bool hash_mode)
{
    struct str path = url->path;

    if (hash_mode && url->fragment.len > 0)
        path = str_from(arena_printf(cx->arena, "%.*s#%.*s", (int)path.len, path.p,
                                     (int)url->fragment.len, url->fragment.p));
    return journey_intern(cx->journey, DICT_PAGE, path);
}

static u16 kind_of(const struct collect *c, const struct hit *h)
{
    if (h->vitals)
        return c->performance;
    return text_is(h->name, "pageview")     ? c->pageview
           : text_is(h->name, "engagement") ? c->engagement
                                            : c->action;
}

static u64 hit_visitor(const struct req *rq, const struct hit *h, const struct place *place)
{
    return !place->day_only && first_party_id_is(h->first_party_id)
               ? visitor_of_id(h->first_party_id)
               : day_visitor(rq, h, &place->salt);
}

static enum hit_fate make_event(struct collect *c, const struct req *rq, const struct hit *h,
                                struct event *out, struct hit_visit *visit, struct place *at)
{
    struct ctx *cx = rq->cx;
    struct known_agent agent = know_agent(c, rq, h);
    struct address url, from = { STR("") };
    struct campaign_link click;
    struct known_arrival came;
    struct hit_visit of;
    struct place place;

    *at = (struct place){ 0 };
    if (strlen(h->url) > HIT_URL_BYTES || !address_read(cx->arena, str_from(h->url), &url))
        return HIT_BAD_URL;
    if (!address_read(cx->arena, str_from(h->referrer), &from))
        from.host = STR("");
    struct str host = text_empty(h->domain) ? url.host : host_name(cx->arena, str_from(h->domain));
    enum hit_fate fate = look_up(c, rq, h, host, str_dup(cx->arena, url.path), from.host, &place);
    *at = place;
    if (fate != HIT_UNKNOWN_SITE && (agent.client.bot || h->program))
        return HIT_BOT;
    if (fate == HIT_KEPT && h->machine)
        return HIT_MACHINE;
    if (fate != HIT_KEPT)
        return fate;
    if (!place.foreign || str_equal(from.host, url.host))
        from.host = STR("");
    of.visitor = hit_visitor(rq, h, &place);
    came = know_arrival(c, cx, url.query, from.host, &click);
    *out = (struct event){
        .at_ms = h->at_ms ? h->at_ms : ctx_now(cx),
        .person = journey_person(cx->journey, PERSON_VISITOR, of.visitor),
        .kind = kind_of(c, h),
        .device = (u8)agent.client.device,
        .flags = h->interactive ? EVENT_INTERACTIVE : 0,
        .site = place.site,
        .page = h->no_page ? 0 : intern_page(cx, &url, h->hash_mode),
        .client = agent.code,
        .country = geo_country(cx->kit, hit_address(rq, h)),
    };
    if (is_arrival(c, of.visitor, out->at_ms, came.touch, &of.began_ms)) {
        out->channel = came.channel;
        out->touch = came.touch;
        out->source = came.source;
        out->campaign = came.campaign;
    }
    out->props = event_props(cx, c, h, &click, out, place.base_of_million);
    if (visit != NULL)
        *visit = of;
    return HIT_KEPT;
}

enum hit_fate collect_event(const struct req *rq, const struct hit *h, struct event *out,
                            struct hit_visit *visit)
{
    struct collect *c = collect_of(rq->cx->kit);
    struct place at;
    enum hit_fate fate = make_event(c, rq, h, out, visit, &at);

    if (fate != HIT_KEPT)
        dropped_count(c->dropped, at.salt.day, at.site, fate);
    return fate;
}

enum hit_fate collect_past(struct ctx *cx, struct str domain, const char *address,
                           const char *agent, const char *path, i64 at_ms)
{
    struct collect *c = collect_of(cx->kit);
    enum hit_fate fate = HIT_UNKNOWN_SITE;
    const struct known_site *site;
    struct network n;
    u32 code = 0;
    size_t count = network_read(str_from(address), &n);

    pthread_mutex_lock(&c->lock);
    site = c->now != NULL ? site_of(c->now, domain) : NULL;
    if (site != NULL) {
        code = site->code;
        fate = client_of(agent).bot           ? HIT_BOT
               : is_excluded(site, &n, count) ? HIT_EXCLUDED
                                              : fate_by_rules(c->now, site, &n, count, agent, path);
    }
    pthread_mutex_unlock(&c->lock);
    if (fate != HIT_KEPT)
        dropped_count(c->dropped, zone_day(kit_zone(cx), at_ms), code, fate);
    return fate;
}

enum status collect_write_dropped(struct ctx *cx)
{
    struct collect *c = collect_of(cx->kit);

    return cx->journey ? dropped_write(cx, c->dropped) : OK;
}

/* On the store's thread, after the commit. */
static void stored(void *arg, enum status s) { req_finish(arg, s); }

enum status collect_store(struct req *rq, const struct event *events, size_t count)
{
    enum status s;

    req_take(rq);
    s = journey_append(rq->cx->journey, events, count, stored, rq);
    if (s != OK)
        req_finish(rq, s);
    return OK;
}

/* For pages of other teams (bridge/visitor.h). */
static void see_visitor(const struct req *rq, const char *first_party_id, struct visitor_seen *out)
{
    const struct hit none = { .name = "" };
    struct collect *c = collect_of(rq->cx->kit);
    struct visitors who = collect_visitors(rq, first_party_id);
    struct known_agent agent = know_agent(c, rq, &none);

    out->by_id = who.by_id != 0;
    out->visitor = out->by_id ? who.by_id : who.of_day;
    out->program = agent.client.bot;
    if (out->program) /* nobody is made of it */
        return;
    out->event = (struct event){
        .at_ms = ctx_now(rq->cx),
        .person = journey_person(rq->cx->journey, PERSON_VISITOR, out->visitor),
        .device = (u8)agent.client.device,
        .client = agent.code,
        .country = geo_country(rq->cx->kit, hit_address(rq, &none)),
    };
}

static const struct event_kind kinds[] = {
    { "pageview", "Page view", "world", KIND_VISIT | KIND_TOUCH, NULL },
    { "engagement", "Read on", "clock", KIND_VISIT | KIND_PASSIVE, NULL },
    { "action", "Action on the site", "pointer", KIND_VISIT, NULL },
    { "performance", "How fast a page was", "clock", KIND_VISIT | KIND_PASSIVE, NULL },
};
static const struct job_type jobs[] = {
    { "collect.salt", "Forget yesterday's visitors", salt_job, .every_ms = MS_HOUR,
      .writes = true },
    { "collect.dropped", "Write down what was not counted", dropped_job, .every_ms = MS_MINUTE,
      .writes = true },
};
const struct feature feature_collect = {
    .name = "collect", EVENT_KINDS(kinds), JOBS(jobs), .start = collect_start
};
