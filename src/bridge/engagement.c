/* engagement.c -- one look at the journeys of a few people: twelve weeks as a line, the last thirty
 * days against the thirty before, the pages that were read most. Machines are left out, a mail
 * counts once. */
#include "bridge/engagement.h"
#include "base/id.h"
#include "bridge/contact.h"
#include "bridge/measure.h"
#include "journey/journey.h"
#include "kit/filter.h"
#include "kit/show.h"
#include <stdlib.h>

enum { WEEKS = 12, DAYS = 30, PEOPLE_MAX = 200, PAGES_MAX = 256, SHOWN = 5, BOT_BIT = 0x80 };
enum what { OPENED, CLICKED, ANSWERED, READ, FILLED_IN, DID, WHATS };

static const struct {
    const char *kind, *one, *many;
} whats[WHATS] = {
    [OPENED] = { "mail_open", "mail opened", "mails opened" },
    [CLICKED] = { "mail_click", "mail clicked", "mails clicked" },
    [ANSWERED] = { "mail_reply", "mail answered", "mails answered" },
    [READ] = { "pageview", "page read", "pages read" },
    [FILLED_IN] = { "form_submit", "form filled in", "forms filled in" },
    [DID] = { "action", "other thing done on the site", "other things done on the site" },
};

struct look {
    i64 now_ms;
    u16 codes[WHATS], engagement;
    i64 now[WHATS], before[WHATS], weeks[WEEKS], read_ms;
    struct {
        u32 page;
        i64 count;
    } pages[PAGES_MAX];
    size_t page_count;
    struct {
        u32 person;
        i64 count;
    } people[PEOPLE_MAX];
    size_t people_count;
};

static void count_page(struct look *l, u32 page)
{
    size_t i = 0;

    while (i < l->page_count && l->pages[i].page != page)
        i++;
    if (page == 0 || i == PAGES_MAX)
        return;
    l->pages[i].page = page;
    l->pages[i].count++;
    l->page_count = i == l->page_count ? i + 1 : l->page_count;
}

static int what_of(const struct look *l, u16 kind)
{
    for (int w = 0; w < WHATS; w++)
        if (l->codes[w] && l->codes[w] == kind)
            return w;
    return -1;
}

static void visit(void *acc, const struct journey_view *v)
{
    struct look *l = acc;
    i64 days_ms = DAYS * (i64)MS_DAY, mine = 0;

    for (size_t i = 0; i < v->count; i++) {
        const struct event *e = &v->events[i];
        i64 ago = l->now_ms - e->at_ms;
        int w = what_of(l, e->kind);
        if (ago < 0 || (e->device & BOT_BIT) || (e->flags & EVENT_REPEAT))
            continue;
        if (e->kind == l->engagement && ago < days_ms && reading_engaged_ms(e) > 0)
            l->read_ms += reading_engaged_ms(e);
        if (w < 0)
            continue;
        if (ago / (7 * (i64)MS_DAY) < WEEKS)
            l->weeks[WEEKS - 1 - ago / (7 * (i64)MS_DAY)]++;
        if (ago < days_ms) {
            l->now[w]++;
            mine++;
            if (w == READ)
                count_page(l, e->page);
        } else if (ago < 2 * days_ms) {
            l->before[w]++;
        }
    }
    if (mine > 0 && l->people_count < PEOPLE_MAX) {
        l->people[l->people_count].person = v->person;
        l->people[l->people_count++].count = mine;
    }
}

static int by_number(const void *a, const void *b)
{
    u32 x = *(const u32 *)a, y = *(const u32 *)b;

    return x < y ? -1 : x > y;
}

static int most_first(const void *a, const void *b)
{
    const struct {
        u32 what;
        i64 count;
    } *x = a, *y = b;

    return x->count > y->count ? -1 : x->count < y->count;
}

/* ---- showing ---- */
static i64 sum_of(const i64 *counts)
{
    i64 sum = 0;

    for (int w = 0; w < WHATS; w++)
        sum += counts[w];
    return sum;
}

static const char *points_of(struct ctx *cx, const struct look *l)
{
    struct buf b = buf_in(cx->arena, 400);
    i64 most = 1;

    for (int i = 0; i < WEEKS; i++)
        most = l->weeks[i] > most ? l->weeks[i] : most;
    for (int i = 0; i < WEEKS; i++)
        buf_printf(&b, "%s%d,%d", i ? " " : "", i * 100 / (WEEKS - 1),
                   (int)(23 - l->weeks[i] * 22 / most));
    return buf_end(&b);
}

static void put_trend(struct ctx *cx, const struct look *l, struct val *v)
{
    i64 now = sum_of(l->now), before = sum_of(l->before);

    val_put_text(v, "text", show_number(cx->arena, now));
    if (now == before)
        val_put_text(v, "trend", now == 0 ? "Quiet for two months" : "As much as before");
    else if (before == 0)
        val_put_text(v, "trend", "New: nothing in the 30 days before");
    else
        val_put_printf(v, "trend", "%s: %s in the 30 days before", now > before ? "More" : "Less",
                       show_number(cx->arena, before));
    val_put_text(v, "tone", now > before ? "green" : now < before ? "amber" : "grey");
    val_put_text(v, "points", points_of(cx, l));
}

static void put_counts(struct ctx *cx, const struct look *l, struct val *v)
{
    struct val *list = val_put_list(v, "counts");

    for (int w = 0; w < WHATS; w++) {
        struct val *one;
        if (l->now[w] == 0 && l->before[w] == 0)
            continue;
        one = val_add_map(list);
        val_put_text(one, "value", show_number(cx->arena, l->now[w]));
        val_put_text(one, "text", l->now[w] == 1 ? whats[w].one : whats[w].many);
        val_put_printf(one, "before", "%s before", show_number(cx->arena, l->before[w]));
    }
    if (l->read_ms >= MS_MINUTE)
        val_put_printf(v, "reading", "%lld min of reading", (long long)(l->read_ms / MS_MINUTE));
}

static void put_pages(struct ctx *cx, struct look *l, struct val *v)
{
    struct val *list = val_put_list(v, "pages");

    qsort(l->pages, l->page_count, sizeof l->pages[0], most_first);
    for (size_t i = 0; i < l->page_count && i < SHOWN; i++) {
        struct val *one = val_add_map(list);
        val_put_text(one, "text", journey_name(cx->journey, DICT_PAGE, l->pages[i].page));
        val_put_text(one, "count", show_number(cx->arena, l->pages[i].count));
    }
    val_put_bool(v, "has_pages", l->page_count > 0);
}

static enum status put_people(struct ctx *cx, struct look *l, struct val *v)
{
    struct val *list = val_put_list(v, "people");
    const char *titles[SHOWN];
    i64 ids[SHOWN];
    size_t count = 0;

    qsort(l->people, l->people_count, sizeof l->people[0], most_first);
    for (size_t i = 0; i < l->people_count && count < SHOWN; i++) {
        enum person_kind kind;
        u64 key;
        if (!journey_person_key(cx->journey, l->people[i].person, &kind, &key) ||
            kind != PERSON_CONTACT)
            continue;
        ids[count] = (i64)key;
        struct val *one = val_add_map(list);
        val_put_text(one, "count", show_number(cx->arena, l->people[i].count));
        val_put_printf(one, "url", "/contacts/%s", id_text(cx->arena, (i64)key));
        count++;
    }
    TRY(record_titles(cx, &contact_type, ids, count, titles));
    for (size_t i = 0; i < count; i++)
        val_put_text((struct val *)val_at(list, i), "text", titles[i]);
    val_put_bool(v, "has_people", count > 0);
    return OK;
}

static enum status look_at(struct ctx *cx, const i64 *contacts, size_t count, bool company,
                           struct val *page)
{
    struct look *l = NEW(cx->arena, struct look);
    u32 *people = NEW_N(cx->arena, u32, count + 1);
    size_t known = 0;
    void *accs[] = { l };

    l->now_ms = ctx_now(cx);
    for (int w = 0; w < WHATS; w++)
        if (kit_event_kind(cx->kit, whats[w].kind))
            l->codes[w] = kit_event_code(cx->kit, whats[w].kind);
    if (kit_event_kind(cx->kit, "engagement"))
        l->engagement = kit_event_code(cx->kit, "engagement");
    for (size_t i = 0; i < count; i++) {
        u32 person = journey_person_find(cx->journey, PERSON_CONTACT, (u64)contacts[i]);
        if (person)
            people[known++] = person;
    }
    qsort(people, known, sizeof *people, by_number);
    struct journey_plan plan = { .from_ms = l->now_ms - WEEKS * 7 * (i64)MS_DAY,
                                 .to_ms = l->now_ms + 1,
                                 .people = people,
                                 .people_count = known,
                                 .columns = READ_PAGE | READ_FLAGS | READ_DEVICE | READ_VALUE,
                                 .visit = visit };
    if (known > 0)
        TRY(journey_walk(cx, cx->journey, &plan, accs, 1));
    struct val *v = val_put_map(page, "engagement");
    val_put_bool(v, "of_company", company);
    put_trend(cx, l, v);
    put_counts(cx, l, v);
    put_pages(cx, l, v);
    if (company)
        TRY(put_people(cx, l, v));
    return OK;
}

enum status engagement_of_contact(struct ctx *cx, i64 contact_id, struct val *page)
{
    return cx->journey ? look_at(cx, &contact_id, 1, false, page) : OK;
}

enum status engagement_of_company(struct ctx *cx, i64 company_id, struct val *page)
{
    struct list_query lq = { .filter = arena_printf(cx->arena, "company_id = '%s'",
                                                    id_text(cx->arena, company_id)),
                             .sort = "-last_seen_at",
                             .limit = PEOPLE_MAX };
    i64 *contacts = NEW_N(cx->arena, i64, PEOPLE_MAX);
    struct list_page people;
    enum status s;

    if (cx->journey == NULL)
        return OK;
    s = list_run(cx, &contact_type, &lq, &people);
    if (s == E_FORBIDDEN)
        return ctx_clear_error(cx), OK;
    TRY(s);
    for (size_t i = 0; i < people.count; i++)
        contacts[i] = row_id(people.rows[i]);
    return look_at(cx, contacts, people.count, true, page);
}
