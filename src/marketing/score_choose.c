/* score_choose.c -- what the learned score looks at: kinds of events, pages and values of the
 * profile that enough leads have. What few have would be learned by heart. */
#include "base/utf8.h"
#include "bridge/company.h"
#include "bridge/contact.h"
#include "marketing/score_learn_int.h"
#include <stdlib.h>

enum {
    PAGES_MAX = 12,      /* that are looked at */
    PARTS_MAX = 64,      /* of the site: /customers and all below it */
    VALUES_MAX = 24,     /* of industries, countries, channels, titles each */
    SUPPORT_PERCENT = 3, /* of the leads must have something, or it says nothing */
};

struct counted {
    u32 code;
    u32 leads;
    u32 last; /* the lead that was counted last */
    u32 part; /* of the site, of a page */
};
struct part {
    struct str path;
    struct counted of;
    u32 pages;
};
struct support {
    struct journey *journey;
    struct leads *leads;
    struct counted *pages; /* open addressing by code */
    u32 room;
    struct part parts[PARTS_MAX + 1]; /* the last: what is over the limit */
    u32 part_count;
    u32 kinds[256];
    u32 seen;
};

static void count_lead(struct support *s, struct counted *c)
{
    c->leads += c->last != s->seen;
    c->last = s->seen;
}

/* A page that is met for the first time belongs to a part. */
static u32 part_of(struct support *s, u32 code)
{
    struct str path = page_part(journey_name(s->journey, DICT_PAGE, code));
    u32 i = 0;

    while (i < s->part_count && !str_equal(s->parts[i].path, path))
        i++;
    if (i == s->part_count && i < PARTS_MAX)
        s->parts[s->part_count++].path = path;
    s->parts[i].pages++;
    return i;
}

static void count_page(struct support *s, u32 code)
{
    u32 at = code * 2654435761u & (s->room - 1);

    for (u32 tries = 0; tries < 64; tries++, at = (at + 1) & (s->room - 1)) {
        struct counted *c = &s->pages[at];
        if (c->code != code && c->code != 0)
            continue;
        if (c->code == 0)
            c->part = part_of(s, code);
        c->code = code;
        count_lead(s, c);
        count_lead(s, &s->parts[c->part].of);
        return;
    }
}

static void count_support(void *acc, const struct journey_view *v)
{
    struct support *s = acc;
    const struct lead *l = lead_at(s->leads, v->person);
    bool kinds[256] = { false };

    if (l == NULL || l->held_back)
        return;
    s->seen++;
    for (size_t i = 0; i < v->count && v->events[i].at_ms <= l->at_ms; i++) {
        if (v->events[i].kind < countof(kinds))
            kinds[v->events[i].kind] = true;
        if (v->events[i].page)
            count_page(s, v->events[i].page);
    }
    for (size_t k = 0; k < countof(kinds); k++)
        s->kinds[k] += kinds[k];
}

static void add_feature(struct ctx *cx, struct features *fs, enum feature_kind kind,
                        const char *value, int days)
{
    struct feature_of *f = &fs->list[fs->count++];

    (void)feature_read(
        cx, feature_name(cx, &(struct feature_of){ .kind = kind, .value = value, .days = days }),
        f);
}

static int most_leads(const void *pa, const void *pb)
{
    const struct counted *a = pa, *b = pb;

    if (a->leads != b->leads)
        return a->leads < b->leads ? 1 : -1;
    return (a->code > b->code) - (a->code < b->code);
}

/* Texts of the profile that enough leads have. */
struct values {
    const char *text[VALUES_MAX];
    size_t count[VALUES_MAX], used;
};

static void count_value(struct ctx *cx, struct values *v, const char *text)
{
    size_t i = 0;

    if (text_empty(text))
        return;
    while (i < v->used && !text_is(v->text[i], text))
        i++;
    if (i == v->used && v->used < VALUES_MAX)
        v->text[v->used++] = arena_text(cx->arena, text);
    if (i < v->used)
        v->count[i]++;
}

static void count_words(struct ctx *cx, struct values *v, const char *text)
{
    struct str rest = str_from(utf8_search_words(cx->arena, text)), word;

    while (str_split(&rest, ' ', &word))
        if (word.len > 2)
            count_value(cx, v, str_dup(cx->arena, word));
}

static void add_values(struct ctx *cx, struct features *fs, enum feature_kind kind,
                       const struct values *v, size_t least)
{
    for (size_t i = 0; i < v->used; i++)
        if (v->count[i] >= least)
            add_feature(cx, fs, kind, v->text[i], 0);
}

static enum status profile_values(struct ctx *cx, struct leads *all, struct features *fs,
                                  size_t least)
{
    struct values channels = { 0 }, countries = { 0 }, industries = { 0 }, titles = { 0 };

    for (size_t i = 0; i < all->count; i++) {
        scoped(arena_close) struct arena *a = arena_new(16 * 1024);
        struct ctx part = *cx;
        struct row *contact, *company;
        part.arena = a;
        enum status s = lead_profile(&part, &all->list[i], &contact, &company);
        if (s != OK)
            return ctx_fail(cx, s, "%s", part.error_text ? part.error_text : "");
        if (contact == NULL || all->list[i].held_back)
            continue;
        count_value(cx, &channels, row_text(contact, CONTACT_CHANNEL));
        count_value(cx, &countries, row_text(contact, CONTACT_COUNTRY));
        count_words(cx, &titles, row_text(contact, CONTACT_JOB));
        if (company)
            count_value(cx, &industries, row_text(company, COMPANY_INDUSTRY));
    }
    add_values(cx, fs, FEATURE_CHANNEL, &channels, least);
    add_values(cx, fs, FEATURE_COUNTRY, &countries, least);
    add_values(cx, fs, FEATURE_INDUSTRY, &industries, least);
    add_values(cx, fs, FEATURE_TITLE, &titles, least);
    return OK;
}

enum status features_choose(struct ctx *cx, struct leads *all, struct features *fs)
{
    struct support *s = NEW(cx->arena, struct support);
    size_t least = all->count * SUPPORT_PERCENT / 100 + 1;

    s->leads = all;
    s->room = 1 << 16;
    s->journey = cx->journey;
    s->pages = NEW_N(cx->arena, struct counted, s->room);
    fs->list =
        NEW_N(cx->arena, struct feature_of,
              2 * countof(s->kinds) + PAGES_MAX + PARTS_MAX + 4 * VALUES_MAX + FEATURE_KINDS);
    if (cx->journey)
        TRY(leads_walk(cx, all, READ_PAGE, false, count_support, s));
    for (u16 k = 1; k < countof(s->kinds); k++) {
        const struct event_kind *kind = kit_event_kind_by_code(cx->kit, k);
        if (kind == NULL || s->kinds[k] < least || !kind_is_theirs(kind))
            continue;
        add_feature(cx, fs, FEATURE_EVENTS, kind->name, 30);
        add_feature(cx, fs, FEATURE_EVENTS, kind->name, 0);
    }
    for (u32 i = 0; i < s->part_count; i++)
        if (s->parts[i].of.leads >= least && s->parts[i].pages > 1)
            add_feature(cx, fs, FEATURE_PART, str_dup(cx->arena, s->parts[i].path), 0);
    qsort(s->pages, s->room, sizeof *s->pages, most_leads);
    for (size_t i = 0; i < PAGES_MAX && s->pages[i].leads >= least; i++)
        if (s->pages[i].leads <= all->count - least)
            add_feature(cx, fs, FEATURE_PAGE,
                        journey_name(cx->journey, DICT_PAGE, s->pages[i].code), 0);
    for (enum feature_kind k = FEATURE_DAYS; k <= FEATURE_CHANNELS; k++)
        add_feature(cx, fs, k, "", 0);
    add_feature(cx, fs, FEATURE_SIZE, "", 0);
    add_feature(cx, fs, FEATURE_DECIDER, "", 0);
    add_feature(cx, fs, FEATURE_FREE_MAIL, "", 0);
    return profile_values(cx, all, fs, least);
}
