/* consent.c -- what the people of the company agreed to, with the evidence of their forms; some
 * took it back, and some addresses get nothing any more. */
#include "bridge/consent.h"
#include "base/id.h"
#include "bridge/contact.h"
#include "demo/demo_int.h"

enum { CLARA = 0 };

static const struct {
    const char *slug, *name, *description, *wording;
    bool confirm;
    int percent; /* of those who get the letter */
} topics[] = {
    { "field-notes", "Field notes", "What we measured in the orchards this week, every Friday.",
      "Send me the Field notes every Friday.", true, 12 },
    { "invitations", "Invitations", "Open days, fairs and webinars near you, four times a year.",
      "Invite me to open days and webinars.", false, 20 },
};

static const struct {
    const char *reason, *evidence;
    int percent; /* of those who took it back, or 0: some others */
} stops[] = {
    { "unsubscribed", "Unsubscribed from everything on the preference page", 25 },
    { "complaint", "Marked the monthly letter as spam (report by the provider)", 4 },
    { "hard_bounce", "550 5.1.1 The email account that you tried to reach does not exist", 0 },
    { "manual", "Asked on the phone never to be written to", 0 },
};

static enum status make_topics(struct sim *s, i64 ids[countof(topics)])
{
    sim_as(s, CLARA);
    for (size_t i = 0; i < countof(topics); i++) {
        struct row *r = row_new(&s->cx, &topic_type);
        row_set_text(r, TOPIC_NAME, topics[i].name);
        row_set_text(r, TOPIC_SLUG, topics[i].slug);
        row_set_text(r, TOPIC_DESCRIPTION, topics[i].description);
        row_set_i64(r, TOPIC_DOUBLE, topics[i].confirm);
        row_set_i64(r, TOPIC_POSITION, 15);
        TRY(record_save(&s->cx, r));
        ids[i] = row_id(r);
    }
    return OK;
}

/* An instant between the day they agreed and now. */
static i64 later(struct sim *s, i64 from_ms)
{
    i64 minutes = (s->end_ms - from_ms) / MS_MINUTE;

    return minutes < 2 ? s->end_ms : from_ms + (i64)rng_below(&s->rng, (u32)minutes) * MS_MINUTE;
}

static enum status more_topics(struct sim *s, struct row *r, const i64 *ids)
{
    for (size_t i = 0; i < countof(topics); i++) {
        const char *address = arena_printf(s->work, "203.0.113.%u", 1 + rng_below(&s->rng, 254));
        struct consent_evidence e = {
            .contact_id = row_id(r),
            .topic_id = ids[i],
            .source = "form",
            .wording = topics[i].wording,
            .address = address,
            .at_ms = later(s, row_i64(r, CONTACT_CONSENT_AT)),
            .confirmed = true,
        };
        if (rng_percent(&s->rng, topics[i].percent))
            TRY(consent_give(&s->cx, &e, NULL));
    }
    return OK;
}

static enum status take_back(struct sim *s, struct row *r)
{
    bool all = rng_percent(&s->rng, stops[0].percent), one_click = rng_percent(&s->rng, 70);
    struct consent_evidence e = { .contact_id = row_id(r),
                                  .topic = all ? "" : "newsletter",
                                  .source = one_click ? "one_click" : "preference",
                                  .note = all ? stops[0].evidence : "",
                                  .at_ms = later(s, row_i64(r, CONTACT_CONSENT_AT)) };

    TRY(consent_withdraw(&s->cx, &e));
    if (rng_percent(&s->rng, stops[1].percent))
        TRY(suppression_add(&s->cx, row_text(r, CONTACT_EMAIL), stops[1].reason, stops[1].evidence,
                            0));
    return OK;
}

enum status consent_story(struct ctx *cx, void *arg)
{
    struct sim *s = arg;
    i64 ids[countof(topics)];

    (void)cx;
    TRY(make_topics(s, ids));
    sim_as(s, -1);
    TRY(consent_take_over(&s->cx));
    for (size_t i = 0; i < s->contacts.count; i++) {
        struct contact *c = &s->contacts.at[i];
        struct row *r;
        bool gone = rng_ppm(&s->rng, 8000), asked = rng_ppm(&s->rng, 1500);
        if (!c->subscribed && !gone && !asked)
            continue;
        if (!rng_percent(&s->rng, c->subscribed ? 40 : 100))
            continue;
        TRY(record_get(&s->cx, &contact_type, c->id, &r));
        if (c->subscribed && row_has(r, CONTACT_CONSENT_AT))
            TRY(rng_percent(&s->rng, 22) ? take_back(s, r) : more_topics(s, r, ids));
        else if (gone || asked)
            TRY(suppression_add(&s->cx, row_text(r, CONTACT_EMAIL), stops[gone ? 2 : 3].reason,
                                stops[gone ? 2 : 3].evidence, 0));
    }
    return OK;
}
