/* timeline.c -- the journey on a record's page: visits, forms, calls, hand-offs, stages and money
 * of one person or company as one story, newest first, grouped by day and visit. The journeys of
 * all its people, what is still in the outbox, and the comments are merged; a page ends at a mark,
 * and the next one goes on behind it. The tree is that of kit/journey (kit/html/detail.html). */
#include "bridge/timeline.h"
#include "base/id.h"
#include "base/json.h"
#include "base/limits.h"
#include "bridge/channel.h"
#include "bridge/company.h"
#include "bridge/contact.h"
#include "journey/journey.h"
#include "kit/pages.h"
#include "kit/show.h"
#include <stdlib.h>

enum {
    VISIT_GAP_MS = 30 * MS_MINUTE,
    PEOPLE_MAX = 50,
    MOMENTS_FIRST = 40,   /* on the first page: what a window shows, and some */
    MOMENTS_MAX = 100,    /* on each further one */
    CHUNK_OF_MANY = 20,   /* read at a time of one of several people */
    READ_MAX = 20 * 1000, /* events looked through for it: few of them may be what is asked for */
    NONE = -1,
};

/* A place in the story: everything on the pages behind it is older. Within a millisecond what
 * arrived later is newer; comments come last. */
struct mark {
    i64 at;
    u64 order;
};

/* One thing that happened, wherever it was kept. */
struct moment {
    struct mark place;
    const struct event_kind *kind; /* NULL: a comment */
    const struct event *event;     /* from the journey; NULL: from outbox or comments */
    i64 contact, record, value;
    const struct val *props;
    const char *text, *who, *remove_url; /* comments */
    int later;   /* visits: the event of the same visit that came next; NONE: this was its last */
    bool folded; /* shown within a later moment */
};

/* The journey of one person, read bit by bit from the newest on. */
struct reader {
    i64 contact;
    u32 person;
    struct event *events;
    size_t count, at;
    struct mark before; /* what is read next lies behind it */
    bool more;
};

struct story {
    struct req *rq;
    struct ctx *cx;
    const struct row *about; /* NULL: a visitor, who is no record */
    const char *path;
    const char *show; /* which kinds: "", web, talk, money, changes */
    struct mark from; /* where this page begins; all 0: with the newest */
    struct mark to;   /* where the next one does */
    bool more;        /* that there is a next one */
    struct moment *list;
    size_t count, cap;
    size_t most; /* on this page */
    struct reader people[PEOPLE_MAX];
    const char *names[PEOPLE_MAX];
    size_t people_count;
};

static const struct {
    const char *value, *text;
    u32 any;
} shows[] = {
    { "", "All", ~0u },
    { "web", "Web", KIND_VISIT },
    { "talk", "Calls and meetings", KIND_SALES },
    { "money", "Money", KIND_MONEY },
    { "changes", "Milestones", KIND_CHAPTER },
};

static bool shown(const struct story *st, const struct event_kind *kind)
{
    for (size_t i = 0; i < countof(shows); i++)
        if (text_is(shows[i].value, st->show))
            return shows[i].any == ~0u || (kind && (kind->flags & shows[i].any));
    return true;
}

static bool is_newer(struct mark a, struct mark b)
{
    return a.at > b.at || (a.at == b.at && a.order > b.order);
}

static struct moment *story_add(struct story *st, struct mark place, const struct event_kind *kind)
{
    if (st->count == st->cap) {
        size_t cap = st->cap ? st->cap * 2 : 256;
        struct moment *list = NEW_N(st->cx->arena, struct moment, cap);
        if (st->count)
            memcpy(list, st->list, st->count * sizeof *list);
        st->list = list;
        st->cap = cap;
    }
    st->list[st->count] = (struct moment){ .place = place, .kind = kind, .later = NONE };
    return &st->list[st->count++];
}

/* ---- whose journeys ---- */

static void add_person(struct story *st, i64 contact, const char *name)
{
    struct journey *j = st->cx->journey;
    struct reader *p = &st->people[st->people_count];

    st->names[st->people_count++] = name;
    *p = (struct reader){ .contact = contact, .before = st->from };
    p->person = j ? journey_person_find(j, PERSON_CONTACT, (u64)contact) : 0;
    p->more = p->person != 0;
}

/* The people of a company whom I may see, the last seen first. */
static enum status people_of_company(struct story *st, i64 company)
{
    struct ctx *cx = st->cx;
    struct list_query lq = { .filter = arena_printf(cx->arena, "company_id = '%s'",
                                                    id_text(cx->arena, company)),
                             .sort = "-last_seen_at",
                             .limit = PEOPLE_MAX };
    struct list_page page;
    enum status s = list_run(cx, &contact_type, &lq, &page);

    if (s == E_FORBIDDEN) {
        ctx_clear_error(cx);
        return OK;
    }
    TRY(s);
    for (size_t i = 0; i < page.count; i++)
        add_person(st, row_id(page.rows[i]), row_title(cx, page.rows[i]));
    return OK;
}

/* The contact's own, the deal's contact's, everybody's of the company. */
static enum status story_people(struct story *st)
{
    const struct record_type *t = row_type(st->about);
    int contact = type_field(t, "contact_id"), company = type_field(t, "company_id");
    struct row *r;
    enum status s;

    if (t == &contact_type) {
        add_person(st, row_id(st->about), "");
        return OK;
    }
    if (t == &company_type)
        return people_of_company(st, row_id(st->about));
    if (contact >= 0 && row_has(st->about, contact)) {
        s = record_get(st->cx, &contact_type, row_i64(st->about, contact), &r);
        if (s == OK)
            add_person(st, row_id(r), "");
        else if (s == E_NOT_FOUND || s == E_FORBIDDEN)
            ctx_clear_error(st->cx);
        return s == E_NOT_FOUND || s == E_FORBIDDEN ? OK : s;
    }
    if (company >= 0 && row_has(st->about, company))
        return people_of_company(st, row_i64(st->about, company));
    return OK;
}

/* ---- what happened ---- */

static const struct val *props_of(struct ctx *cx, const char *json)
{
    struct val *v;

    return !text_empty(json) && json_read(cx->arena, str_from(json), &v, NULL) == OK ? v : NULL;
}

/* Reads on where a person's events are used up. */
static enum status refill(struct story *st, struct reader *p)
{
    size_t chunk = st->people_count > 1 ? CHUNK_OF_MANY : st->most;

    if (p->at < p->count || !p->more)
        return OK;
    TRY(journey_timeline(st->cx, st->cx->journey, p->person, p->before.at, p->before.order, chunk,
                         &p->events, &p->count));
    p->at = 0;
    p->more = p->count == chunk;
    if (p->count > 0)
        p->before = (struct mark){ p->events[p->count - 1].at_ms, p->events[p->count - 1].seq };
    return OK;
}

/* Whose next event is the newest; NULL: everything has been read. */
static enum status next_reader(struct story *st, struct reader **out)
{
    struct mark best = { 0 };

    *out = NULL;
    for (size_t i = 0; i < st->people_count; i++) {
        struct reader *p = &st->people[i];
        TRY(refill(st, p));
        if (p->at == p->count)
            continue;
        struct mark m = { p->events[p->at].at_ms, p->events[p->at].seq };
        if (*out == NULL || is_newer(m, best)) {
            *out = p;
            best = m;
        }
    }
    return OK;
}

/* What says nothing of the person: programs that look through mails; a mail opened once more. */
static bool is_noise(const struct event_kind *kind, const struct val *props)
{
    return !text_empty(val_get_text(props, "machine")) ||
           (text_is(kind->name, "mail_open") && val_get_bool(props, "repeat"));
}

static enum status story_journeys(struct story *st)
{
    size_t read = 0;

    while (st->count < st->most && read < READ_MAX) {
        struct reader *p;
        TRY(next_reader(st, &p));
        if (p == NULL)
            return OK;
        const struct event *e = &p->events[p->at++];
        const struct event_kind *kind = kit_event_kind_by_code(st->cx->kit, e->kind);
        st->to = (struct mark){ e->at_ms, e->seq };
        read++;
        const struct val *props = kind ? props_of(st->cx, e->props) : NULL;
        if (kind == NULL || !shown(st, kind) || is_noise(kind, props))
            continue;
        struct moment *m = story_add(st, st->to, kind);
        m->event = e;
        m->contact = p->contact;
        m->record = kind->record ? e->record : 0;
        m->value = kind->flags & KIND_PASSIVE ? 0 : e->value;
        m->props = props;
    }
    st->more = true;
    return OK;
}

static enum status story_outbox(struct story *st, i64 contact)
{
    struct ctx *cx = st->cx;
    i64 applied = cx->journey ? (i64)journey_outbox_seq(cx->journey) : 0;
    scoped(stmt_close) struct stmt q =
        db_query(cx, "timeline.outbox", I64("contact", contact), I64("applied", applied));

    while (stmt_next(&q)) {
        const struct event_kind *kind = kit_event_kind(cx->kit, col_text(&q, 1));
        /* has not arrived yet: above what has */
        struct mark place = { col_i64(&q, 2), INT64_MAX / 2 + (u64)col_i64(&q, 0) };
        const struct val *props =
            kind ? props_of(cx, arena_text(cx->arena, col_text(&q, 5))) : NULL;
        if (kind == NULL || !shown(st, kind) || is_noise(kind, props))
            continue;
        struct moment *m = story_add(st, place, kind);
        m->contact = contact;
        m->record = col_i64(&q, 3);
        m->value = col_i64(&q, 4);
        m->props = props;
    }
    return stmt_status(&q);
}

static enum status story_comments(struct story *st)
{
    struct ctx *cx = st->cx;
    const struct access *me = cx->access;
    i64 until = st->from.at == 0 ? INT64_MAX : st->from.order > 0 ? st->from.at + 1 : st->from.at;
    scoped(stmt_close) struct stmt q =
        db_query(cx, "timeline.comments", TEXT("type", row_type(st->about)->name),
                 I64("id", row_id(st->about)), I64("until", until), I64("limit", (i64)st->most));
    struct mark last = { 0 };
    size_t count = 0;

    for (; stmt_next(&q); count++) {
        last = (struct mark){ col_i64(&q, 0), 0 };
        struct moment *m = story_add(st, last, NULL);
        m->text = arena_text(cx->arena, col_text(&q, 1));
        m->who = arena_text(cx->arena, col_text(&q, 2));
        m->remove_url =
            me->admin || (me->user_id && me->user_id == col_i64(&q, 4))
                ? arena_printf(cx->arena, "%s/comments/%s/delete", row_path(cx, st->about),
                               id_text(cx->arena, col_i64(&q, 3)))
                : "";
    }
    if (count == st->most && (!st->more || is_newer(last, st->to))) {
        st->more = true;
        st->to = last;
    }
    return stmt_status(&q);
}

static int newest_first(const void *a, const void *b)
{
    const struct moment *x = a, *y = b;

    return is_newer(x->place, y->place) ? -1 : is_newer(y->place, x->place);
}

/* In order, and without what belongs to the pages behind. */
static void story_order(struct story *st)
{
    if (st->count > 0)
        qsort(st->list, st->count, sizeof *st->list, newest_first);
    while (st->more && st->count > 0 && is_newer(st->to, st->list[st->count - 1].place))
        st->count--;
}

/* ---- visits ---- */

static bool is_visit(const struct moment *m) { return m->event && (m->kind->flags & KIND_VISIT); }

/* Whether an event and the next one of the same person are of one visit: less than half an hour
 * apart, and the later one tells of no other arrival. */
static bool one_visit(const struct moment *earlier, const struct moment *later)
{
    return later->place.at - earlier->place.at < VISIT_GAP_MS &&
           (later->event->channel == CHANNEL_NONE || later->event->touch == earlier->event->touch);
}

/* Folds the events of each visit into its first one, whatever else happened in between; that one
 * stands where the visit began. */
static void fold_visits(struct story *st)
{
    int last[PEOPLE_MAX];

    for (size_t i = 0; i < PEOPLE_MAX; i++)
        last[i] = NONE;
    for (size_t i = 0; i < st->count; i++) {
        struct moment *m = &st->list[i];
        size_t p = 0;
        if (!is_visit(m))
            continue;
        while (st->people[p].contact != m->contact)
            p++;
        if (last[p] != NONE && one_visit(m, &st->list[last[p]])) {
            m->later = last[p];
            st->list[last[p]].folded = true;
        }
        last[p] = (int)i;
    }
}

/* A visit that the page's end cuts in two goes to the next page as a whole, if enough is left. */
static void keep_visits_whole(struct story *st)
{
    size_t i = st->count;

    while (st->more && i > 0 && !is_visit(&st->list[i - 1]))
        i--;
    if (!st->more || i == 0)
        return;
    for (i--; st->list[i].later != NONE;)
        i = (size_t)st->list[i].later;
    if (i < st->count / 2)
        return;
    st->count = i;
    st->to = st->list[i - 1].place;
}

/* ---- from moments to the tree ---- */

static void put_channel(struct val *item, u8 channel)
{
    if (channel == CHANNEL_NONE)
        return;
    struct val *c = val_put_map(item, "channel");
    val_put_text(c, "value", channel_value(channel));
    val_put_text(c, "text", channel_label(channel));
}

static const char *duration_words(struct arena *a, i64 ms)
{
    i64 s = ms / MS_SECOND;

    if (s < 60)
        return arena_printf(a, "%lld s", (long long)s);
    return s < 600 && s % 60
               ? arena_printf(a, "%lld min %lld s", (long long)(s / 60), (long long)(s % 60))
               : arena_printf(a, "%lld min", (long long)(s / 60));
}

static const char *name_of(const struct story *st, const struct moment *m)
{
    for (size_t i = 0; i < st->people_count; i++)
        if (st->people[i].contact == m->contact)
            return st->names[i];
    return "";
}

/* Where somebody came from; on a company's page also who it was. */
static const char *origin(struct story *st, const struct moment *m)
{
    struct journey *j = st->cx->journey;
    struct arena *a = st->cx->arena;
    const char *source = journey_name(j, DICT_SOURCE, m->event->source),
               *campaign = journey_name(j, DICT_CAMPAIGN, m->event->campaign),
               *name = name_of(st, m);

    if (!text_empty(source) && !text_empty(campaign))
        source = arena_printf(a, "from %s, campaign %s", source, campaign);
    else if (!text_empty(source) || !text_empty(campaign))
        source = arena_printf(a, "from %s", text_empty(source) ? campaign : source);
    if (text_empty(name) || text_empty(source))
        return text_empty(name) ? source : name;
    return arena_printf(a, "%s, %s", name, source);
}

static void put_page(struct story *st, struct val *pages, const struct moment *m)
{
    struct journey *j = st->cx->journey;
    struct arena *a = st->cx->arena;
    const char *path = journey_name(j, DICT_PAGE, m->event->page),
               *site = journey_name(j, DICT_SITE, m->event->site),
               *title = val_get_text(m->props, "title"), *name = val_get_text(m->props, "name");
    struct val *page = val_add_map(pages);

    val_put_text(page, "time", zone_format(a, kit_zone(st->cx), m->place.at, "HH:mm"));
    val_put_text(page, "text", !text_empty(name) ? name : text_empty(title) ? path : title);
    val_put_text(page, "path", path);
    val_put_text(page, "url", text_empty(site) ? "" : arena_printf(a, "https://%s%s", site, path));
    val_put_text(page, "seconds_text",
                 m->later == NONE ? ""
                                  : duration_words(a, st->list[m->later].place.at - m->place.at));
}

/* Tells more of a page that stands there already. */
static bool is_of_page(const struct event_kind *kind)
{
    return text_is(kind->name, "engagement") || text_is(kind->name, "performance");
}

/* A visit, from its first event on: what was read and done, in order. */
static void put_visit(struct story *st, struct val *items, const struct moment *first)
{
    struct arena *a = st->cx->arena;
    struct val *item = story_line(st->cx, items, "visit", first->place.at),
               *pages = val_put_list(item, "pages");
    const struct moment *m = first;
    i64 length;
    int views = 0;

    val_put_text(item, "icon", "world");
    put_channel(item, first->event->channel);
    val_put_text(item, "detail", origin(st, first));
    for (;; m = &st->list[m->later]) {
        views += text_is(m->kind->name, "pageview");
        if (!is_of_page(m->kind))
            put_page(st, pages, m);
        if (m->later == NONE)
            break;
    }
    length = m->place.at - first->place.at;
    const char *read = views == 0
                           ? "On the site"
                           : arena_printf(a, "Visited %d page%s", views, views == 1 ? "" : "s");
    if (length >= MS_SECOND)
        read = arena_printf(a, "%s, %s", read, duration_words(a, length));
    val_put_text(item, "text", read);
}

static const char *event_detail(struct story *st, const struct moment *m)
{
    const char *from = val_get_text(m->props, "from"), *to = val_get_text(m->props, "to");
    const char *reason = val_get_text(m->props, "reason"),
               *outcome = val_get_text(m->props, "outcome"), *url = val_get_text(m->props, "url");

    if (text_is(m->kind->name, "mail_click"))
        return arena_dup(st->cx->arena, url, strcspn(url, "?#"));
    if (!text_empty(to))
        return text_empty(from) ? to : arena_printf(st->cx->arena, "%s → %s", from, to);
    if (!text_empty(reason) && !text_empty(outcome))
        return arena_printf(st->cx->arena, "%s. %s", outcome, reason);
    return text_empty(reason) ? outcome : reason;
}

static void put_event(struct story *st, struct val *items, const struct moment *m)
{
    const struct record_type *t = m->kind->record ? type_find(st->cx, m->kind->record) : NULL;
    const char *is = m->kind->flags & KIND_MONEY     ? "money"
                     : m->kind->flags & KIND_CHAPTER ? "chapter"
                                                     : "event";
    struct val *item = story_line(st->cx, items, is, m->place.at);
    const char *name = val_get_text(m->props, "name"), *subject = val_get_text(m->props, "subject"),
               *detail = event_detail(st, m), *person = name_of(st, m);

    val_put_text(item, "icon", m->kind->icon);
    if (!text_empty(name) || !text_empty(subject))
        val_put_printf(item, "text", "%s: %s", m->kind->label, text_empty(name) ? subject : name);
    else
        val_put_text(item, "text", m->kind->label);
    if (!text_empty(person))
        detail =
            text_empty(detail) ? person : arena_printf(st->cx->arena, "%s, %s", person, detail);
    val_put_text(item, "detail", detail);
    val_put_text(item, "body", val_get_text(m->props, "text"));
    val_put_text(item, "who", val_get_text(m->props, "by"));
    if (t && m->record)
        val_put_printf(item, "url", "/%s/%s", t->path, id_text(st->cx->arena, m->record));
    if (m->kind->flags & (KIND_MONEY | KIND_CHAPTER))
        val_put_text(item, "tone",
                     text_is(m->kind->name, "deal_won")    ? "green"
                     : text_is(m->kind->name, "deal_lost") ? "red"
                                                           : "violet");
    if (m->value) {
        struct money money = { .minor = m->value };
        memcpy(money.currency, base_currency(st->cx), sizeof money.currency);
        val_put_text(item, "amount", money_show(st->cx->arena, money));
    }
    if (m->event)
        put_channel(item, m->event->channel);
}

static void put_comment(struct story *st, struct val *items, const struct moment *m)
{
    struct val *item = story_line(st->cx, items, "event", m->place.at);

    val_put_text(item, "icon", "message");
    val_put_text(item, "text", "Comment");
    val_put_text(item, "who", m->who);
    val_put_text(item, "body", m->text);
    val_put_text(item, "remove_url", m->remove_url);
}

/* Two visitors that are recognised at once are one piece of news. */
static bool is_told(const struct story *st, size_t i)
{
    const struct moment *m = &st->list[i], *next = i + 1 < st->count ? m + 1 : NULL;

    return next && m->kind && m->kind == next->kind && m->contact == next->contact &&
           m->place.at == next->place.at && text_is(m->kind->name, "identified");
}

static void story_days(struct story *st, struct val *journey)
{
    struct val *days = val_put_list(journey, "days"), *items;
    i64 day = TIME_NONE;

    for (size_t i = 0; i < st->count; i++) {
        const struct moment *m = &st->list[i];
        if (m->folded || is_told(st, i))
            continue;
        items = story_day(st->cx, days, m->place.at, &day);
        if (is_visit(m))
            put_visit(st, items, m);
        else if (m->kind)
            put_event(st, items, m);
        else
            put_comment(st, items, m);
    }
}

static void story_links(struct story *st, struct val *journey)
{
    const char *path = st->path;
    struct val *kinds = val_put_list(journey, "kinds");

    for (size_t i = 0; i < countof(shows); i++) {
        struct val *k = val_add_map(kinds);
        val_put_text(k, "text", shows[i].text);
        val_put_text(k, "url",
                     text_empty(shows[i].value)
                         ? path
                         : arena_printf(st->cx->arena, "%s?show=%s", path, shows[i].value));
        val_put_bool(k, "on", text_is(shows[i].value, st->show));
    }
    val_put_text(journey, "older_url",
                 st->more ? arena_printf(st->cx->arena, "%s?show=%s&before=%lld.%llu", path,
                                         http_url_encode(st->cx->arena, st->show),
                                         (long long)st->to.at, (unsigned long long)st->to.order)
                          : "");
    val_put_text(journey, "none",
                 st->count || st->more
                     ? ""
                     : "Nothing has happened here yet. Visits, calls, hand-offs and deals "
                       "will be told in order.");
    val_put_text(journey, "start", "");
    if (!st->more && st->about && row_type(st->about) == &contact_type &&
        row_has(st->about, CONTACT_FIRST_SEEN))
        val_put_printf(journey, "start", "First seen %s%s%s",
                       show_time(st->cx, row_i64(st->about, CONTACT_FIRST_SEEN)),
                       row_has(st->about, CONTACT_CHANNEL) ? " through " : "",
                       row_show(st->cx, st->about, CONTACT_CHANNEL));
}

/* "1795428000000.17" of the address; anything else is the newest. */
static struct mark mark_read(const char *text)
{
    struct str rest = str_from(text), at;
    struct mark m = { 0 };
    i64 ms, order;

    if (str_split(&rest, '.', &at) && str_i64(at, &ms) && str_i64(rest, &order) && ms > 0 &&
        order >= 0)
        m = (struct mark){ ms, (u64)order };
    return m;
}

static struct story story_of(struct req *rq, const struct row *about, const char *path)
{
    struct mark from = mark_read(req_query(rq, "before"));

    return (struct story){ .rq = rq,
                           .cx = rq->cx,
                           .about = about,
                           .path = path,
                           .show = req_query(rq, "show"),
                           .from = from,
                           .most = from.at == 0 ? MOMENTS_FIRST : MOMENTS_MAX };
}

static void story_put(struct story *st, struct val *page)
{
    struct val *journey = val_put_map(page, "journey");

    story_order(st);
    fold_visits(st);
    keep_visits_whole(st);
    story_days(st, journey);
    story_links(st, journey);
}

/* Puts "journey" on a record's page. */
static enum status timeline_put(struct req *rq, const struct row *r, struct val *page)
{
    struct story st = story_of(rq, r, row_path(rq->cx, r));

    TRY(story_people(&st));
    TRY(story_journeys(&st));
    for (size_t i = 0; st.from.at == 0 && i < st.people_count; i++)
        TRY(story_outbox(&st, st.people[i].contact));
    if (text_empty(st.show))
        TRY(story_comments(&st));
    story_put(&st, page);
    return OK;
}

enum status timeline_put_visitor(struct req *rq, u32 person, const char *path, struct val *page)
{
    struct story st = story_of(rq, NULL, path);

    st.names[st.people_count] = "";
    st.people[st.people_count++] =
        (struct reader){ .person = person, .before = st.from, .more = true };
    TRY(story_journeys(&st));
    story_put(&st, page);
    return OK;
}

static enum status timeline_start(struct ctx *cx)
{
    pages_set_timeline(cx->kit, timeline_put);
    return OK;
}

const struct feature feature_timeline = { .name = "timeline", .start = timeline_start };
