/* broadcast.c -- the monthly letter as broadcasts: who got each issue, opened it, followed a link,
 * left or came back as undeliverable; as rows of recipients, as events of their journeys, and for
 * the latest issues as mails. The clicks are those visits that the story made of the letter. Beside
 * them one that is scheduled and a draft. Of a story with very many readers only the latest issues
 * are told. */
#include "marketing/broadcast.h"
#include "base/id.h"
#include "base/json.h"
#include "bridge/consent.h"
#include "bridge/segment.h"
#include "demo/demo_int.h"
#include "kit/record.h"
#include <stdlib.h>

enum {
    AYLIN = 2,
    EVENT_PERCENT = 8, /* of the story's events that may be of mails */
    WITH_MAILS = 2,    /* latest issues that are also messages */
    PER_READER = 16,   /* events of ten recipients */
};

static const char *const subjects[] = {
    "What a dry March costs",
    "Frost nights: when to switch on",
    "Water for less",
    "Apples, prices, patience",
    "The first hot week",
    "What we got wrong last year",
    "Harvest by numbers",
    "Three growers, one valley",
    "Pruning with data",
    "Snow on the sensors",
    "New: leaf wetness in the app",
    "Your season in one picture",
    "Why the night of 12 April hurt",
    "Cherries before rain",
    "A quieter way to spray",
    "Bees, blossom and batteries",
    "Irrigation at 4 in the morning",
    "What the vines say in July",
    "Picking crews and forecasts",
    "Cold stores, warm autumn",
    "Ten years of frost, mapped",
    "The cheapest litre",
    "A sensor for the steep rows",
    "Blossom two weeks early",
    "Hail nets and what they hide",
    "Budget season for orchards",
    "What moved in the market",
    "A letter from the Altes Land",
    "Ask us about sandy soils",
    "The year behind us",
};
static const char *const links[] = { "https://alderfield.example/blog",
                                     "https://alderfield.example/docs/alarms",
                                     "https://alderfield.example/demo",
                                     "https://alderfield.example/contact" };
/* ---- while the story runs: who reads it by then ---- */

void letter_goes(struct sim *s)
{
    struct letter_issue *l = LIST_ADD(&s->letters);

    *l = (struct letter_issue){ .at = sim_now(s),
                                .first = s->letter_readers.count,
                                .first_click = s->letter_clicks.count };
    for (size_t i = 0; i < s->contacts.count; i++)
        if (s->contacts.at[i].subscribed)
            *LIST_ADD(&s->letter_readers) = (u32)i;
    l->readers = s->letter_readers.count - l->first;
}

void letter_click(struct sim *s, u32 contact, i64 at)
{
    *LIST_ADD(&s->letter_clicks) = (struct letter_click){ contact, at };
    s->letters.at[s->letters.count - 1].clicks++;
}

void letters_free(struct sim *s)
{
    free(s->letters.at);
    free(s->letter_readers.at);
    free(s->letter_clicks.at);
    free(s->letter_left);
}

/* ---- afterwards: one issue ---- */

struct issue {
    const struct letter_issue *letter;
    size_t number;
    i64 broadcast_id;
    u32 touch;
    bool tested, with_mails;
    const char *props; /* JSON that each of its events has */
};

static i64 click_of(const struct sim *s, const struct letter_issue *l, u32 contact)
{
    for (size_t i = l->first_click; i < l->first_click + l->clicks; i++) /* in order of contact */
        if (s->letter_clicks.at[i].contact == contact)
            return s->letter_clicks.at[i].at;
    return 0;
}

static void mail_event(struct sim *s, const struct issue *is, const struct contact *c,
                       const char *kind, i64 at, bool machine, const char *props)
{
    struct event *e;

    if (at >= s->end_ms || !kit_event_kind(s->cx.kit, kind))
        return;
    e = LIST_ADD(&s->events);
    *e = (struct event){ .at_ms = at,
                         .person = journey_person(s->cx.journey, PERSON_CONTACT, (u64)c->id),
                         .kind = kit_event_code(s->cx.kit, kind),
                         .flags = machine || text_is(kind, "mail_sent") ? 0 : EVENT_INTERACTIVE,
                         .device = machine ? 0x80 : 0,
                         .touch = is->touch,
                         .record = is->broadcast_id,
                         .props = props };
}

struct reader {
    i64 sent, opened, by_program, clicked, left;
    bool bounced;
    const char *device, *client;
};

static struct reader reads(struct sim *s, const struct issue *is, u32 contact)
{
    static const char *const clients[] = { "Apple Mail", "Gmail", "Outlook", "Thunderbird", "GMX" };
    static const u16 weights[] = { 34, 30, 24, 6, 6 };
    struct rng *r = &s->side_rng;
    const struct contact *c = &s->contacts.at[contact];
    struct reader d = { .sent = is->letter->at + rng_below(r, 20 * 60) * (i64)MS_SECOND,
                        .device = "",
                        .client = "" };

    d.bounced = rng_below(r, 1000) < 6;
    if (d.bounced)
        return d;
    d.client = clients[rng_weighted(r, weights, countof(weights))];
    if (text_is(d.client, "Apple Mail") && rng_percent(r, 80))
        d.by_program = d.sent + rng_below(r, 3600) * (i64)MS_SECOND;
    d.clicked = click_of(s, is->letter, contact);
    if (d.clicked)
        d.opened = d.clicked - 20 * (i64)MS_SECOND;
    else if (rng_percent(r, 21 + c->fit / 4))
        d.opened = d.sent + rng_spread(r, SPREAD_WIDE, 4 * (i64)MS_HOUR);
    if (d.opened && d.opened < d.sent)
        d.opened = d.sent + MS_MINUTE;
    if (d.opened)
        d.device = rng_percent(r, 58) ? "Phone" : "Computer";
    if (d.opened && rng_below(r, 1000) < 6)
        d.left = d.opened + MS_MINUTE;
    if (d.opened >= s->end_ms)
        d.opened = 0;
    if (d.clicked >= s->end_ms)
        d.clicked = 0;
    if (d.left >= s->end_ms)
        d.left = 0;
    if (d.by_program >= s->end_ms)
        d.by_program = 0;
    return d;
}

static const char *with_url(struct sim *s, const struct issue *is, const char *url)
{
    return arena_printf(s->event_texts, "%.*s,\"url\":\"%s\"}", (int)strlen(is->props) - 1,
                        is->props, url);
}

static enum status put_reader(struct sim *s, const struct issue *is, u32 contact, u32 place)
{
    struct ctx *cx = &s->cx;
    const struct contact *c = &s->contacts.at[contact];
    struct reader d = reads(s, is, contact);
    i64 id = kit_new_id(cx), message = is->with_mails ? kit_new_id(cx) : 0;
    const char *url = links[c->fit % countof(links)];

    TRY(db_run(cx, "demo.recipient", I64("id", id), I64("broadcast", is->broadcast_id),
               I64("contact", c->id), I64("variant", is->tested ? place % 2 : 0),
               I64("due", is->letter->at), MAYBE("message", message),
               I64("mail", d.bounced ? 4 : 2), MAYBE("opened", d.opened),
               MAYBE("program", d.by_program), MAYBE("clicked", d.clicked),
               I64("clicks", d.clicked ? 1 : 0), MAYBE("left_at", d.left), TEXT("device", d.device),
               TEXT("client", d.opened ? d.client : "")));
    if (d.clicked)
        TRY(db_run(cx, "broadcast.link_click", I64("broadcast", is->broadcast_id),
                   I64("link", (i64)(str_hash(str_from(url)) >> 1)), I64("contact", c->id),
                   I64("variant", is->tested ? place % 2 : 0), I64("at", d.clicked),
                   TEXT("url", url)));
    if (message)
        TRY(db_run(cx, "demo.message", I64("id", message), I64("at", d.sent),
                   I64("state", d.bounced ? 4 : 2), I64("contact", c->id),
                   I64("broadcast", is->broadcast_id), I64("variant", is->tested ? place % 2 : 0),
                   TEXT("subject", subjects[is->number % countof(subjects)]),
                   TEXT("reason", d.bounced ? "hard" : "")));
    mail_event(s, is, c, "mail_sent", d.sent, false, is->props);
    if (d.bounced)
        mail_event(s, is, c, "mail_bounce", d.sent + 4 * MS_SECOND, false, is->props);
    if (d.by_program)
        mail_event(s, is, c, "mail_open", d.by_program, true, is->props);
    if (d.opened)
        mail_event(s, is, c, "mail_open", d.opened, false, is->props);
    if (d.clicked)
        mail_event(s, is, c, "mail_click", d.clicked, false, with_url(s, is, url));
    if (d.left) {
        mail_event(s, is, c, "mail_unsubscribe", d.left, false, is->props);
        s->letter_left[contact] = d.left;
    }
    return OK;
}

static void put_ref(struct sim *s, struct row *r, const char *field, const char *type,
                    const char *by, const char *value)
{
    const struct record_type *t = type_find(&s->cx, type);
    struct ctx probe = s->cx;
    struct row *other;

    if (t && record_find(&probe, t, by, value, &other) == OK)
        put_i64(r, field, row_id(other));
}

static struct row *issue_row(struct sim *s, const char *name, const char *subject)
{
    struct row *r = row_new(&s->cx, type_find(&s->cx, "broadcast"));

    put_text(r, "name", name);
    put_text(r, "subject", subject);
    put_text(r, "segments", "letter-readers");
    put_text(r, "schedule", "now");
    put_text(r, "ab_test", "none");
    put_text(r, "winner_by", "clicks");
    put_ref(s, r, "topic_id", "topic", "slug", "newsletter");
    put_ref(s, r, "content_id", "mail_content", "name", "The monthly letter, November");
    put_ref(s, r, "sender_id", "sender", "name", "Alderfield letter");
    put_ref(s, r, "campaign_id", "campaign", "name", "Monthly letter");
    put_i64(r, "owner_id", s->user_ids[AYLIN]);
    return r;
}

static const char *month_of(struct sim *s, i64 at)
{
    return zone_format(s->cx.arena, s->zone, at, "MMMM yyyy");
}

static enum status make_issue(struct sim *s, struct issue *is)
{
    struct ctx *cx = &s->cx;
    const struct letter_issue *l = is->letter;
    const char *subject = subjects[is->number % countof(subjects)];
    struct row *r;

    s->clock.fixed_ms = l->at - 26 * (i64)MS_HOUR;
    r = issue_row(s, arena_printf(cx->arena, "The monthly letter, %s", month_of(s, l->at)),
                  subject);
    is->tested = is->number % 6 == 5;
    if (is->tested) {
        put_text(r, "ab_test", "subject");
        put_text(r, "subject_b", subjects[(is->number + 7) % countof(subjects)]);
        put_i64(r, "test_percent", 100);
    }
    put_i64(r, "in_archive", 1);
    TRY(record_save(cx, r));
    is->broadcast_id = row_id(r);
    s->clock.fixed_ms = l->at;
    TRY(broadcast_told(cx, r, "sending", l->at, 0));
    is->touch = journey_intern(cx->journey, DICT_TOUCH, str_from(broadcast_touch(cx, r)));
    struct val *props = val_map(s->event_texts);
    val_put_text(props, "source", "broadcast");
    val_put_text(props, "source_id", id_text(s->event_texts, is->broadcast_id));
    val_put_text(props, "subject", subject);
    is->props = json_text(s->event_texts, props);
    for (size_t i = 0; i < l->readers; i++)
        if (!s->letter_left[s->letter_readers.at[l->first + i]])
            TRY(put_reader(s, is, s->letter_readers.at[l->first + i], (u32)i));
    s->clock.fixed_ms = l->at + 50 * (i64)MS_MINUTE;
    if (s->clock.fixed_ms > s->end_ms)
        s->clock.fixed_ms = s->end_ms;
    return broadcast_told(cx, r, "finished", l->at, s->clock.fixed_ms);
}

/* ---- all of them ---- */

static enum status make_segment(struct sim *s)
{
    struct row *r = row_new(&s->cx, type_find(&s->cx, "segment"));

    put_text(r, "name", "Letter readers");
    put_text(r, "slug", "letter-readers");
    put_text(r, "kind", "live");
    put_text(r, "filter", "consent has 'newsletter'");
    put_text(r, "about", "Everybody who agreed to the monthly letter.");
    return record_save(&s->cx, r);
}

static enum status make_sender(struct sim *s)
{
    struct row *r = row_new(&s->cx, type_find(&s->cx, "sender"));

    put_text(r, "name", "Alderfield letter");
    put_text(r, "from_name", "Aylin of Alderfield");
    put_text(r, "from_address", "letter@alderfield.example");
    put_i64(r, "per_hour", 20000);
    return record_save(&s->cx, r);
}

static enum status make_next(struct sim *s)
{
    i64 day = zone_day(s->zone, s->end_ms) + 4, at = zone_instant(s->zone, day, 9 * 60);
    struct row *r;

    s->clock.fixed_ms = s->end_ms - 20 * (i64)MS_HOUR;
    r = issue_row(s, arena_printf(s->cx.arena, "The monthly letter, %s", month_of(s, at)),
                  "What the winter is for");
    put_ref(s, r, "content_id", "mail_content", "name", "The monthly letter, winter");
    put_text(r, "schedule", "local");
    put_i64(r, "send_at", at);
    put_text(r, "ab_test", "subject");
    put_text(r, "subject_b", "Five jobs for the cold weeks");
    put_i64(r, "in_archive", 1);
    TRY(record_save(&s->cx, r));
    TRY(broadcast_told(&s->cx, r, "scheduled", 0, 0));
    r = issue_row(s, "Open day: invitation", "Come and see the new station");
    put_ref(s, r, "topic_id", "topic", "slug", "offers");
    put_ref(s, r, "content_id", "mail_content", "name", "Open day in the orchard");
    put_text(r, "segments", "");
    return record_save(&s->cx, r);
}

enum status letters_begin(struct sim *s)
{
    sim_as(s, -1);
    s->clock.fixed_ms = s->begin_ms;
    TRY(make_sender(s));
    s->letter_left = calloc(s->contacts.count + 1, sizeof *s->letter_left);
    assert(s->letter_left != NULL);
    sim_as(s, AYLIN);
    TRY(make_segment(s));
    i64 most = s->o.events * EVENT_PERCENT / 100, so_far = 0;
    s->letter_at = s->letters.count; /* the latest that fit */
    while (s->letter_at > 0) {
        so_far += (i64)s->letters.at[s->letter_at - 1].readers * PER_READER / 10;
        if (so_far > most)
            break;
        s->letter_at--;
    }
    return OK;
}

/* The next issue; false in *more: that was the last. */
enum status letters_next(struct sim *s, bool *more)
{
    sim_as(s, AYLIN);
    *more = s->letter_at < s->letters.count;
    if (!*more)
        return make_next(s);
    struct issue is = { .letter = &s->letters.at[s->letter_at],
                        .number = s->letter_at,
                        .with_mails = s->letters.count - s->letter_at <= WITH_MAILS };
    s->letter_at++;
    return make_issue(s, &is);
}

/* What people bought in the month after a click, and the numbers that follow. */
enum status letters_end(struct sim *s)
{
    sim_as(s, -1);
    TRY(db_run(&s->cx, "demo.letter_leads"));
    TRY(db_run(&s->cx, "demo.letter_deals"));
    for (size_t i = 0; i < s->contacts.count; i++)
        if (s->letter_left[i])
            TRY(consent_withdraw(&s->cx,
                                 &(struct consent_evidence){ .contact_id = s->contacts.at[i].id,
                                                             .topic = "newsletter",
                                                             .source = "one_click",
                                                             .at_ms = s->letter_left[i] }));
    TRY(segment_refill(&s->cx));
    return broadcast_refresh_all(&s->cx);
}
