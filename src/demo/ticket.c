/* ticket.c -- the demo company's service: what customers asked in the last half year, how it was
 * answered, what was promised, and what they said of it. Of the last days some wait still. */
#include "service/ticket.h"
#include "bridge/contact.h"
#include "demo/demo_int.h"
#include "kit/filter.h"
#include "mail/mailbox.h"
#include "service/sla.h"

enum {
    TICKETS = 300,
    USUAL = 1500, /* contacts */
    DAYS_BACK = 180,
    PEOPLE = 2000,
    NADIA = 10,
    KATRIN = 8,
    MIRIAM = 4
};
enum { QUEUE_INSTALL, QUEUE_BILLS, QUEUE_DEVICES, QUEUES };

/* What is asked, answered, asked again, answered again. */
static const struct script {
    int queue;
    const char *subject, *asks, *answer, *again, *last;
} scripts[] = {
    { QUEUE_DEVICES, "Probe is silent since the update",
      "Since last night's update the probe in the lower rows sends nothing. The lamp is red.",
      "Please hold its button for ten seconds; it fetches the update again. Does it turn green?",
      "It did, thank you. That was quick.", "Glad to hear it. I close this here." },
    { QUEUE_INSTALL, "How far may probes stand from the gateway?",
      "We want to put three more probes behind the barn, some 400 metres away. Will that reach?",
      "Behind a barn count on 250 metres. One relay on the roof brings you to 800.",
      "Then we take a relay. Which one?",
      "The small one does. I have put it into your next quote." },
    { QUEUE_BILLS, "Invoice shows the wrong address",
      "Our invoice still has the old address of the farm. The tax office does not like that.",
      "Sorry about that. The corrected invoice is attached; the old one is void.", "", "" },
    { QUEUE_DEVICES, "Battery empty after four months",
      "The batteries should last two years, and the second probe is empty again.",
      "That is not right. Which serial number does it have? It stands under the lid.", "4711-0832.",
      "That one is of a series we replace. A new probe leaves tomorrow." },
    { QUEUE_INSTALL, "Alarm goes to the wrong phone",
      "The frost alarm still calls my father, who has retired. Please call me instead.",
      "You can change it yourself: Settings, Alarm, Phones. Shall I do it for you?",
      "Found it. All well.", "" },
    { QUEUE_INSTALL, "Second user for our foreman",
      "Can our foreman see the map without being able to change anything?",
      "Yes: invite him with the role Reader. The invitation comes by mail.", "", "" },
    { QUEUE_DEVICES, "Temperature is two degrees too high",
      "Compared with our own thermometer probe 3 shows two degrees more, always.",
      "Is it in the sun at noon? The shield must face south.",
      "It did not. Turned it round, and now it fits.", "Perfect." },
    { QUEUE_BILLS, "Paid twice by mistake", "We paid invoice 2031 twice. How do we get it back?",
      "We have sent the second payment back today; it takes two days.", "It is here. Thanks.", "" },
    { QUEUE_INSTALL, "Export of last season's data",
      "Our adviser wants the temperatures of the whole season as a table.",
      "Under Reports, choose the season and press CSV. I have sent you this one.", "", "" },
    { QUEUE_DEVICES, "Gateway loses the network every night",
      "Each night around two the gateway is offline for an hour, just when it matters.",
      "I see it here. Your router restarts at two; the gateway then waits too long. We mend that "
      "in "
      "the next version; until then please let the router restart at noon.",
      "Done. Tell me when the version is there.", "It came out today: the wait is gone." },
    { QUEUE_BILLS, "Price for forty probes more",
      "What do forty more probes cost for members of our cooperative?",
      "From fifty on the price of cooperatives holds; you have twelve, so it does. Our sales "
      "colleague writes today.",
      "", "" },
    { QUEUE_INSTALL, "Nothing works before the frost night",
      "Frost is announced for tonight and no probe of ours answers. Please hurry.",
      "I am on it. Please plug the gateway out and in again, and tell me what the lamp does.",
      "Green again, all twelve are there!", "Good. I watch it tonight with you." },
};

static const char *const praise[] = {
    "Quick and friendly.", "Solved at once.", "", "Nadia knows what she talks about.", "", ""
};
static const char *const blame[] = { "It took too long.", "I had to explain it twice.", "" };

struct desk {
    struct sim *s;
    int count; /* of tickets: fewer in a small company */
    i64 queues[QUEUES], mailbox;
    i64 people[PEOPLE];
    size_t person_count;
};

/* ---- what is there before ---- */
static enum status make_queue(struct desk *d, int which, const char *name, const char *tag,
                              const char *priority, int colleague)
{
    struct row *r = row_new(&d->s->cx, &ticket_queue_type);

    row_set_text(r, QUEUE_NAME, name);
    row_set_text(r, QUEUE_TAG, tag);
    row_set_text(r, QUEUE_PRIORITY, priority);
    if (colleague >= 0) {
        row_set_text(r, QUEUE_ASSIGN, "user");
        row_set_i64(r, QUEUE_USER, d->s->user_ids[colleague]);
    }
    TRY(record_save(&d->s->cx, r));
    d->queues[which] = row_id(r);
    return OK;
}

static enum status make_policy(struct desk *d, const char *name, i64 order, const char *filter,
                               const char *hours, i64 first, i64 solve)
{
    struct row *r = row_new(&d->s->cx, &sla_policy_type);

    row_set_text(r, SLA_NAME, name);
    row_set_i64(r, SLA_ORDER, order);
    row_set_text(r, SLA_FILTER, filter);
    row_set_text(r, SLA_HOURS, hours);
    for (int i = 0; i < 4; i++) {
        row_set_i64(r, SLA_FIRST_URGENT + i, first << i);
        row_set_i64(r, SLA_SOLVE_URGENT + i, solve << i);
    }
    return record_save(&d->s->cx, r);
}

static enum status make_macro(struct desk *d, const char *name, const char *text,
                              const char *status, const char *tags)
{
    struct row *r = row_new(&d->s->cx, &macro_type);

    row_set_text(r, MACRO_NAME, name);
    row_set_text(r, MACRO_TEXT, text);
    row_set_text(r, MACRO_STATUS, status);
    row_set_i64(r, MACRO_ASSIGN, 1);
    TRY(row_parse(&d->s->cx, r, MACRO_TAGS, tags));
    return record_save(&d->s->cx, r);
}

static enum status make_escalation(struct desk *d, const char *name, const char *about, i64 minutes,
                                   const char *does)
{
    struct row *r = row_new(&d->s->cx, &sla_escalation_type);

    row_set_text(r, ESCALATION_NAME, name);
    row_set_text(r, ESCALATION_ABOUT, about);
    row_set_i64(r, ESCALATION_MINUTES, minutes);
    row_set_text(r, ESCALATION_DO, does);
    row_set_i64(r, ESCALATION_USER, d->s->user_ids[NADIA]);
    return record_save(&d->s->cx, r);
}

/* Connected by whoever tries the demo: paused, since there is no such server. */
static enum status make_mailbox(struct desk *d)
{
    struct row *r = row_new(&d->s->cx, &mailbox_type);

    row_set_text(r, MAILBOX_NAME, "Alderfield support");
    row_set_text(r, MAILBOX_ADDRESS, "support@alderfield.example");
    row_set_text(r, MAILBOX_PURPOSE, "support");
    row_set_text(r, MAILBOX_HOST, "imap.alderfield.example");
    row_set_text(r, MAILBOX_SIGNATURE, "Alderfield support\nWe answer on working days, 8 to 17.");
    row_set_i64(r, MAILBOX_ACTIVE, 0);
    TRY(record_save(&d->s->cx, r));
    d->mailbox = row_id(r);
    return OK;
}

static enum status make_desk(struct desk *d)
{
    TRY(make_queue(d, QUEUE_INSTALL, "Installation", "install", "", -1));
    TRY(make_queue(d, QUEUE_BILLS, "Bills", "billing", "low", KATRIN));
    TRY(make_queue(d, QUEUE_DEVICES, "Devices", "devices", "high", NADIA));
    TRY(make_policy(d, "Large farms", 1, "company_id.employees >= 200", "working", 60, 8 * 60));
    TRY(make_policy(d, "Everybody", 10, "", "working", 120, 16 * 60));
    TRY(make_macro(d, "Ask for the serial number",
                   "Hello {{name}}, which serial number does it have? It stands under the lid.",
                   "pending", "devices"));
    TRY(make_macro(d, "Restart the probe",
                   "Hello {{name}}, please hold the button for ten seconds; the probe fetches its "
                   "update again. Does the lamp turn green?\n\n{{me}}",
                   "pending", ""));
    TRY(make_macro(d, "Replacement is on its way",
                   "Hello {{name}}, a new device leaves tomorrow. Please keep the old one until it "
                   "is there.\n\n{{me}}",
                   "on_hold", "replacement"));
    TRY(make_macro(d, "Thank and close", "Glad that it works again. We close {{ticket}} here.",
                   "solved", ""));
    TRY(make_escalation(d, "First answer due in 15 minutes", "first_response", -15, "notify"));
    TRY(make_escalation(d, "Solution is late", "resolution", 0, "raise"));
    return make_mailbox(d);
}

/* ---- who asks ---- */
static enum status find_people(struct desk *d)
{
    struct sim *s = d->s;

    for (int customers = 1; customers >= 0 && d->person_count < 20; customers--)
        for (size_t i = 0; i < s->contacts.count && d->person_count < PEOPLE; i++)
            if (s->contacts.at[i].id && (!customers || s->contacts.at[i].state == LEAD_CUSTOMER))
                d->people[d->person_count++] = s->contacts.at[i].id;
    return OK;
}

/* ---- one ticket ---- */
static enum status say(struct desk *d, i64 ticket, int by, i64 at, const char *text,
                       const char *status)
{
    struct row *t;

    d->s->clock.fixed_ms = at;
    sim_as(d->s, -1);
    TRY(record_get(&d->s->cx, &ticket_type, ticket, &t));
    if (by < 0)
        return ticket_receive(&d->s->cx, t, &(struct said){ .text = text }, NULL);
    sim_as(d->s, by);
    return ticket_say(&d->s->cx, t, text_empty(status) ? AUTHOR_NOTE : AUTHOR_TEAM, text, status);
}

static enum status rate(struct desk *d, i64 ticket, bool late)
{
    struct rng *r = &d->s->side_rng;
    bool good = rng_percent(r, late ? 55 : 92);
    struct row *t;

    sim_as(d->s, -1);
    TRY(record_get(&d->s->cx, &ticket_type, ticket, &t));
    if (ticket_is_active(t))
        return OK;
    d->s->clock.fixed_ms += 5 * MS_HOUR;
    if (d->s->clock.fixed_ms > d->s->end_ms)
        return OK;
    row_set_i64(t, TICKET_CSAT, good ? 4 + rng_percent(r, 65) : 1 + (i64)rng_below(r, 3));
    row_set_text(t, TICKET_CSAT_COMMENT,
                 good ? praise[rng_below(r, countof(praise))]
                      : blame[rng_below(r, countof(blame))]);
    row_set_i64(t, TICKET_CSAT_AT, ctx_now(&d->s->cx));
    return record_save(&d->s->cx, t);
}

/* The talk, as far as it came until today. *over: it was solved. */
static enum status talk(struct desk *d, const struct script *c, i64 id, int by, i64 at, bool *over)
{
    struct sim *s = d->s;
    struct rng *r = &s->side_rng;

    *over = false;
    if (s->end_ms - at < 40 * (i64)MS_HOUR && rng_percent(r, 35))
        return OK; /* not yet */
    at = sim_work_after(s, at, rng_spread(r, SPREAD_USUAL, 40));
    if (at >= s->end_ms)
        return OK;
    if (rng_percent(r, 15))
        TRY(say(d, id, by, at - MS_MINUTE, "Asked the workshop; they know it.", ""));
    TRY(say(d, id, by, at, c->answer, text_empty(c->again) ? "solved" : "pending"));
    *over = text_empty(c->again);
    if (*over)
        return OK;
    at = sim_work_after(s, at, rng_spread(r, SPREAD_WIDE, 200));
    if (at >= s->end_ms)
        return OK;
    TRY(say(d, id, -1, at, c->again, ""));
    at = sim_work_after(s, at, rng_spread(r, SPREAD_WIDE, 90));
    if (at >= s->end_ms)
        return OK;
    *over = true;
    return say(d, id, by, at,
               text_empty(c->last) ? "Good. Write again whenever you need us." : c->last,
               rng_percent(r, 6) ? "on_hold" : "solved");
}

static enum status one_ticket(struct desk *d, i64 at, i64 person)
{
    static const char *const channels[] = { "mail", "mail", "mail", "form", "chat", "phone" };
    struct sim *s = d->s;
    struct rng *r = &s->side_rng;
    const struct script *c = &scripts[rng_below(r, countof(scripts))];
    int by = rng_percent(r, 70) ? NADIA : rng_percent(r, 60) ? KATRIN : MIRIAM;
    struct said said = { .text = c->asks };
    const char *channel = channels[rng_below(r, countof(channels))];
    const char *priority = rng_percent(r, 8) ? "urgent" : NULL;
    struct row *t;
    bool over;

    s->clock.fixed_ms = at;
    sim_as(s, -1);
    TRY(ticket_make(&s->cx,
                    &(struct ticket_new){
                        .said = &said,
                        .subject = c->subject,
                        .channel = channel,
                        .contact_id = person,
                        .queue_id = d->queues[c->queue],
                        .mailbox_id = d->mailbox,
                        .priority = priority,
                    },
                    &t, NULL));
    TRY(talk(d, c, row_id(t), by, at, &over));
    if (over && rng_percent(r, 5) && ctx_now(&s->cx) + MS_DAY < s->end_ms) {
        TRY(say(d, row_id(t), -1, ctx_now(&s->cx) + MS_DAY, "It has come back, sadly.", ""));
        return say(d, row_id(t), by, sim_work_after(s, ctx_now(&s->cx), 120),
                   "Then we send you a new one.", "solved");
    }
    return over && rng_percent(r, 45) ? rate(d, row_id(t), at % 5 == 0) : OK;
}

/* ---- the story ---- */

/* What of it would go out or be told by now has gone out and was read. */
static enum status come_to_rest(struct desk *d)
{
    struct ctx *cx = &d->s->cx;
    struct job_run run = { .cx = cx };
    i64 waiting = 1;

    d->s->clock.fixed_ms = d->s->end_ms + 2 * MS_SECOND;
    sim_as(d->s, -1);
    for (int i = 0; i <= d->count && waiting > 0; i++) {
        TRY(kit_job(cx->kit, "ticket.promises")->run(&run));
        TRY(db_get_i64(cx, &waiting, "demo.tickets_due", I64("now", ctx_now(cx))));
    }
    TRY(db_run(cx, "demo.tickets_sent"));
    return db_run(cx, "demo.tickets_read", I64("before", d->s->end_ms - 4 * (i64)MS_HOUR));
}

/* Evenly over the half year, and more of them in the last days: that is what the desk shows. */
static i64 opened_at(struct desk *d, i64 from, int i)
{
    struct sim *s = d->s;
    i64 last = s->end_ms - 44 * (i64)MS_HOUR, at;
    int lately = d->count / 10, before = d->count - lately;

    if (i < before)
        at = from + (last - from) / before * i;
    else
        at = last + (s->end_ms - last) / lately * (i - before);
    at += (i64)rng_below(&s->side_rng, 60) * MS_MINUTE;
    return at < s->end_ms ? at : s->end_ms - 5 * MS_MINUTE;
}

/* All from the usual size on; fewer, and fewer still, in smaller companies, whose story is told by
 * few events. */
static int tickets_of(i64 contacts)
{
    return contacts >= USUAL ? TICKETS : (int)(contacts * contacts * TICKETS / USUAL / USUAL);
}

enum status tickets_story(struct ctx *cx, void *arg)
{
    struct sim *s = arg;
    struct desk *d = NEW(s->work, struct desk);
    i64 at = s->end_ms - DAYS_BACK * (i64)MS_DAY;

    (void)cx;
    d->s = s;
    d->count = tickets_of(s->o.contacts);
    sim_as(s, -1);
    TRY(setting_save(&s->cx, "deal.handover", "true"));
    sim_as(s, NADIA);
    TRY(find_people(d));
    if (d->person_count == 0)
        return OK;
    s->clock.fixed_ms = at;
    TRY(make_desk(d));
    for (int i = 0; i < d->count; i++) {
        i64 person = d->people[rng_below(&s->side_rng, (u32)d->person_count)];
        TRY(one_ticket(d, opened_at(d, at, i), person));
    }
    s->clock.fixed_ms = s->end_ms;
    TRY(plans_make(s));
    TRY(handovers_make(s));
    return come_to_rest(d);
}
