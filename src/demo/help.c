/* help.c -- the demo company's help centre: its articles, who read them, what they said of them and
 * looked for, and which tickets an article solved. */
#include "base/utf8.h"
#include "demo/help_int.h"
#include "service/article.h"

enum {
    KNOWN = 32, /* sections, articles */
    DAYS = 150,
    USUAL = 1500, /* contacts: fewer of all of it, and fewer still, in smaller companies */
    VOTES = 160,
    SEARCHES = 180,
    READINGS = 700,
    WRITERS = 2,
    MENTIONED = 40, /* of tickets on one subject those that got the article */
};
static const int writers[WRITERS] = { 10, 1 }; /* service, marketing */

struct shelf {
    struct sim *s;
    struct rng rng; /* of its own: nothing else depends on it */
    i64 begin_ms;
    i64 section_ids[KNOWN], article_ids[KNOWN];
    size_t open_count;
    size_t open[KNOWN]; /* places of articles that customers read */
};

static size_t part_of(const struct shelf *t, size_t all)
{
    i64 contacts = t->s->o.contacts;

    return contacts >= USUAL ? all : (size_t)((i64)all * contacts * contacts / USUAL / USUAL);
}

static i64 some_time(struct shelf *t, i64 least_back_ms)
{
    i64 minutes = (t->s->end_ms - least_back_ms - t->begin_ms) / MS_MINUTE;

    return t->begin_ms + (i64)rng_below(&t->rng, (u32)minutes) * MS_MINUTE;
}

/* Early articles stand before later ones, and are read more. */
static size_t some_article(struct shelf *t)
{
    size_t a = rng_below(&t->rng, (u32)t->open_count), b = rng_below(&t->rng, (u32)t->open_count);

    return t->open[a < b ? a : b];
}

/* ---- what there is to read ---- */
static enum status make_sections(struct shelf *t)
{
    for (size_t i = 0; help_sections[i].name; i++) {
        const struct help_section_text *d = &help_sections[i];
        struct row *r = row_new(&t->s->cx, &article_section_type);
        row_set_text(r, SECTION_NAME, d->name);
        row_set_text(r, SECTION_SLUG, d->slug);
        row_set_text(r, SECTION_SUMMARY, d->summary);
        row_set_i64(r, SECTION_POSITION, (i64)(i + 1) * 10);
        for (size_t k = 0; k < i; k++)
            if (text_is(help_sections[k].slug, d->within))
                row_set_i64(r, SECTION_PARENT, t->section_ids[k]);
        TRY(record_save(&t->s->cx, r));
        t->section_ids[i] = row_id(r);
    }
    return OK;
}

static enum status make_article(struct shelf *t, size_t i)
{
    const struct help_article_text *d = &help_articles[i];
    struct sim *s = t->s;
    struct row *r = row_new(&s->cx, &article_type);

    sim_as(s, writers[i % WRITERS]);
    s->clock.fixed_ms = t->begin_ms - (i64)(KNOWN - i) * 3 * MS_DAY;
    row_set_text(r, ARTICLE_TITLE, d->title);
    row_set_text(r, ARTICLE_SLUG, d->slug);
    row_set_text(r, ARTICLE_LANGUAGE, d->language);
    row_set_text(r, ARTICLE_STATUS, d->status);
    row_set_text(r, ARTICLE_VISIBILITY, d->visibility);
    row_set_text(r, ARTICLE_SUMMARY, d->summary);
    row_set_text(r, ARTICLE_KEYWORDS, d->keywords);
    row_set_text(r, ARTICLE_TEXT, d->text);
    row_set_i64(r, ARTICLE_POSITION, (i64)(i + 1) * 10);
    row_set_i64(r, ARTICLE_REVIEW, s->end_day - 12 + (i64)(i * 37 % 150));
    for (size_t k = 0; help_sections[k].name; k++)
        if (text_is(help_sections[k].slug, d->section))
            row_set_i64(r, ARTICLE_SECTION, t->section_ids[k]);
    for (size_t k = 0; d->translates && k < i; k++)
        if (text_is(help_articles[k].slug, d->translates))
            row_set_i64(r, ARTICLE_TRANSLATES, t->article_ids[k]);
    TRY(record_save(&s->cx, r));
    t->article_ids[i] = row_id(r);
    if (text_is(d->status, "published") && text_is(d->visibility, "public"))
        t->open[t->open_count++] = i;
    return OK;
}

/* ---- who read it ---- */
static void reading(struct shelf *t, size_t article, u32 person, i64 at)
{
    struct sim *s = t->s;
    struct event *e = LIST_ADD(&s->events);
    const char *slug = help_articles[article].slug;

    *e = (struct event){
        .at_ms = at,
        .person = person,
        .kind = kit_event_code(s->cx.kit, "article_read"),
        .device = 1,
        .flags = EVENT_INTERACTIVE,
        .page = journey_intern(s->cx.journey, DICT_PAGE,
                               str_from(arena_printf(s->work, "/help/%s", slug))),
        .record = t->article_ids[article],
        .props = arena_printf(s->event_texts, "{\"name\":\"%s\"}", help_articles[article].title),
    };
}

/* Customers, and now and then somebody who is about to become one. */
static enum status readings(struct shelf *t)
{
    struct sim *s = t->s;
    size_t count = part_of(t, READINGS), tries = count * 20;

    while (count > 0 && tries-- > 0 && s->contacts.count > 0) {
        const struct contact *c = &s->contacts.at[rng_below(&t->rng, (u32)s->contacts.count)];
        i64 at = some_time(t, MS_HOUR);
        size_t article = some_article(t);
        if (c->id == 0 || (c->state != LEAD_CUSTOMER && !rng_percent(&t->rng, 10)))
            continue;
        reading(t, article, journey_person(s->cx.journey, PERSON_CONTACT, (u64)c->id), at);
        TRY(db_run(&s->cx, "article.add_reads", I64("article", t->article_ids[article]),
                   I64("day", zone_day(s->zone, at)), I64("reads", 1)));
        TRY(db_run(&s->cx, "demo.seen", I64("contact", c->id), I64("at", at)));
        count--;
    }
    return OK;
}

/* Those that nobody knows: by day and article, without events. */
static enum status strangers(struct shelf *t)
{
    size_t per_day = part_of(t, 24);

    for (i64 day = zone_day(t->s->zone, t->begin_ms); day < t->s->end_day; day++) {
        i64 reads[KNOWN] = { 0 };
        for (size_t i = 0; i < per_day; i++)
            reads[some_article(t)]++;
        for (size_t i = 0; i < KNOWN; i++)
            if (reads[i] > 0)
                TRY(db_run(&t->s->cx, "article.add_reads", I64("article", t->article_ids[i]),
                           I64("day", day), I64("reads", reads[i])));
    }
    return OK;
}

/* ---- what they said and looked for ---- */
static i64 some_customer(struct shelf *t)
{
    struct sim *s = t->s;

    for (int tries = 0; tries < 30 && s->contacts.count > 0; tries++) {
        const struct contact *c = &s->contacts.at[rng_below(&t->rng, (u32)s->contacts.count)];
        if (c->id != 0 && c->state == LEAD_CUSTOMER)
            return c->id;
    }
    return 0;
}

static enum status vote(struct shelf *t, size_t n)
{
    struct sim *s = t->s;
    size_t article = some_article(t);
    bool helpful = rng_percent(&t->rng, article % 5 == 4 ? 55 : 84);
    i64 who = rng_percent(&t->rng, 30) ? some_customer(t) : 0;
    struct row *r = row_new(&s->cx, &article_vote_type);

    s->clock.fixed_ms = some_time(t, MS_HOUR);
    row_set_i64(r, VOTE_ARTICLE, t->article_ids[article]);
    row_set_i64(r, VOTE_HELPFUL, helpful);
    row_set_text(r, VOTE_VISITOR, arena_printf(s->work, "demo-%zu", n));
    row_set_text(r, VOTE_COMMENT,
                 helpful ? help_praise[rng_below(&t->rng, (u32)help_praise_count)]
                         : help_blame[rng_below(&t->rng, (u32)help_blame_count)]);
    if (who != 0)
        row_set_i64(r, VOTE_CONTACT, who);
    return record_save(&s->cx, r);
}

static enum status search(struct shelf *t)
{
    struct sim *s = t->s;
    u16 weights[KNOWN];
    size_t count = 0, one;
    struct row *r = row_new(&s->cx, &help_search_type);

    for (; help_words[count].words; count++)
        weights[count] = (u16)help_words[count].weight;
    one = rng_weighted(&t->rng, weights, count);
    s->clock.fixed_ms = some_time(t, MS_HOUR);
    row_set_text(r, FIND_TEXT, help_words[one].words);
    row_set_i64(r, FIND_FOUND, help_words[one].found);
    row_set_i64(r, FIND_TIMES, 1);
    row_set_text(r, FIND_PLACE, rng_percent(&t->rng, 85) ? "help" : "contact");
    row_set_text(r, FIND_LANGUAGE, "en");
    return record_save(&s->cx, r);
}

/* ---- which tickets it solved ---- */
static enum status solved_by(struct shelf *t, const struct help_solved_text *d)
{
    struct sim *s = t->s;
    struct {
        i64 id, at;
    } tickets[MENTIONED];
    size_t count = 0;
    i64 article = 0;

    for (size_t i = 0; help_articles[i].slug; i++)
        if (text_is(help_articles[i].slug, d->slug))
            article = t->article_ids[i];
    {
        scoped(stmt_close) struct stmt q =
            db_query(&s->cx, "demo.tickets_about", TEXT("subject", utf8_fold(s->work, d->subject)),
                     I64("limit", MENTIONED));
        while (stmt_next(&q)) {
            tickets[count].id = col_i64(&q, 0);
            tickets[count++].at = col_i64(&q, 1);
        }
        TRY(stmt_status(&q));
    }
    for (size_t i = 0; i < count; i++) {
        struct row *r;
        if (!rng_percent(&t->rng, 45))
            continue;
        r = row_new(&s->cx, &ticket_article_type);
        s->clock.fixed_ms = tickets[i].at;
        row_set_i64(r, SENT_TICKET, tickets[i].id);
        row_set_i64(r, SENT_ARTICLE, article);
        row_set_i64(r, SENT_USER, s->user_ids[writers[0]]);
        row_set_i64(r, SENT_SOLVED_AT, tickets[i].at);
        TRY(record_save(&s->cx, r));
    }
    return OK;
}

enum status help_story(struct ctx *cx, void *arg)
{
    struct sim *s = arg;
    struct shelf *t = NEW(s->work, struct shelf);

    (void)cx;
    t->s = s;
    rng_seed(&t->rng, s->o.seed + 8087);
    t->begin_ms = s->end_ms - DAYS * (i64)MS_DAY;
    sim_as(s, writers[0]);
    s->clock.fixed_ms = t->begin_ms - KNOWN * 4 * (i64)MS_DAY;
    TRY(make_sections(t));
    for (size_t i = 0; help_articles[i].slug; i++)
        TRY(make_article(t, i));
    sim_as(s, -1);
    TRY(readings(t));
    TRY(strangers(t));
    for (size_t i = 0; i < part_of(t, VOTES); i++)
        TRY(vote(t, i));
    for (size_t i = 0; i < part_of(t, SEARCHES); i++)
        TRY(search(t));
    for (size_t i = 0; help_solved[i].subject; i++)
        TRY(solved_by(t, &help_solved[i]));
    s->clock.fixed_ms = s->end_ms + 2 * MS_SECOND;
    return OK;
}
