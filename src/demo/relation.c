/* relation.c -- the demo company's sales sequences with what came of them, who decides at its
 * customers, who reports to whom there, days that matter. Fields are named: demo knows no team. */
#include "bridge/contact.h"
#include "demo/demo_int.h"

enum { REP = 4, FOLLOWED = 24, CALLED = 8, FIRMS = 30, PEOPLE = 12 };

static void put(struct row *r, const char *field, const char *text)
{
    row_set_text(r, type_field(row_type(r), field), text);
}

static void put_number(struct row *r, const char *field, i64 n)
{
    row_set_i64(r, type_field(row_type(r), field), n);
}

static const struct plan {
    const char *kind, *subject, *text;
    int days;
} after_fair[] = {
    { "mail", "Your question about {{company.name|your fields}}",
      "Hello {{contact.first_name|there}},\n\nthank you for your interest in our sensors. "
      "May I ask two questions: what do you grow, and how do you irrigate today?",
      0 },
    { "mail", "",
      "Hello {{contact.first_name|there}},\n\nneighbours of yours saved a third of their water in "
      "the first season. Shall I send their numbers?",
      3 },
    { "call", "Ask what they grow", "Have the price list at hand.", 2 },
    { "mail", "", "I do not want to be a burden: shall I write again before the season?", 5 },
}, by_phone[] = {
    { "call", "Ask how the last season was", "Former customers: listen first.", 1 },
    { "task", "Send the new sensor sheet", "", 2 },
    { "call", "Ask whether the sheet arrived", "", 4 },
};

static enum status make_sequence(struct sim *s, const char *name, const char *note,
                                 const struct plan *plans, size_t n, i64 *id, i64 *steps)
{
    struct row *r = row_new(&s->cx, type_find(&s->cx, "sequence"));

    put(r, "name", name);
    put(r, "note", note);
    put_number(r, "owner_id", s->user_ids[REP]);
    TRY(record_save(&s->cx, r));
    *id = row_id(r);
    for (size_t i = 0; i < n; i++) {
        struct row *step = row_new(&s->cx, type_find(&s->cx, "sequence_step"));
        put_number(step, "sequence_id", *id);
        put(step, "kind", plans[i].kind);
        put(step, "subject", plans[i].subject);
        put(step, "text", plans[i].text);
        put_number(step, "wait_days", plans[i].days);
        TRY(record_save(&s->cx, step));
        steps[i] = row_id(step);
    }
    return OK;
}

/* What was done with somebody, and what came of it with the last mail. */
static enum status make_taken(struct sim *s, const struct row *enrolment, const i64 *steps,
                              size_t done, i64 began, size_t n, const char *marked)
{
    i64 at = began;

    for (size_t i = 0; i < done; i++) {
        struct row *r = row_new(&s->cx, type_find(&s->cx, "enrolment_step"));
        bool mail = text_is(after_fair[i].kind, "mail");
        at += after_fair[i].days * (i64)MS_DAY;
        put_number(r, "enrolment_id", row_id(enrolment));
        put_number(r, "step_id", steps[i]);
        put_number(r, "sequence_id", row_i64(enrolment, 0));
        put_number(r, "contact_id", row_i64(enrolment, 1));
        put_number(r, "owner_id", s->user_ids[REP]);
        put(r, "kind", after_fair[i].kind);
        put(r, "status", mail ? "sent" : "done");
        put(r, "subject", mail ? "Your question about your fields" : after_fair[i].subject);
        put_number(r, "at", at);
        if (mail && (i + n) % 3 != 0)
            put_number(r, "opened_at", at + 3 * (i64)MS_HOUR);
        if (mail && i + 1 == done && marked[0])
            put_number(r, marked, at + 20 * (i64)MS_HOUR);
        TRY(record_save(&s->cx, r));
    }
    return OK;
}

static enum status follow_somebody(struct sim *s, size_t n, i64 sequence, const i64 *steps,
                                   i64 contact)
{
    static const struct {
        const char *status, *because, *marked;
        size_t done;
    } ends[] = {
        { "stopped", "reply", "replied_at", 1 },  { "finished", "", "", 4 },
        { "stopped", "meeting", "booked_at", 2 }, { "finished", "", "", 4 },
        { "stopped", "reply", "replied_at", 2 },  { "stopped", "opt_out", "opted_out_at", 1 },
    };
    i64 began = s->end_ms - (i64)(20 + n) * MS_DAY;
    struct row *r = row_new(&s->cx, type_find(&s->cx, "enrolment"));
    size_t end = n % countof(ends);

    s->clock.fixed_ms = began;
    put_number(r, "sequence_id", sequence);
    put_number(r, "contact_id", contact);
    put_number(r, "owner_id", s->user_ids[REP]);
    put(r, "status", ends[end].status);
    put(r, "because", ends[end].because);
    put_number(r, "ended_at", began + 5 * (i64)MS_DAY);
    TRY(record_save(&s->cx, r));
    return make_taken(s, r, steps, ends[end].done, began, n, ends[end].marked);
}

static enum status call_somebody(struct sim *s, i64 sequence, i64 contact)
{
    struct row *r = row_new(&s->cx, type_find(&s->cx, "enrolment"));

    put_number(r, "sequence_id", sequence);
    put_number(r, "contact_id", contact);
    put_number(r, "owner_id", s->user_ids[REP]);
    return record_save(&s->cx, r);
}

/* ---- who is who ---- */
static enum status give_role(struct sim *s, i64 contact, const char *role, const char *stance)
{
    struct row *r = row_new(&s->cx, type_find(&s->cx, "buying_role"));

    put_number(r, "contact_id", contact);
    put(r, "role", role);
    put(r, "stance", stance);
    return record_save(&s->cx, r);
}

static enum status give_birthday(struct sim *s, i64 contact, size_t n)
{
    struct row *r = row_new(&s->cx, type_find(&s->cx, "key_date"));

    put(r, "kind", "birthday");
    put_number(r, "contact_id", contact);
    put_number(r, "on_date",
               date_from_ymd(1960 + (int)(n % 40), 1 + (int)(n % 12), 1 + (int)(n % 28)));
    put_number(r, "owner_id", s->user_ids[REP]);
    put_number(r, "remind_days", 3);
    return record_save(&s->cx, r);
}

static enum status draw_firm(struct sim *s, const i64 *people, size_t count, size_t number)
{
    static const char *const roles[][2] = { { "decision_maker", "neutral" },
                                            { "champion", "for" },
                                            { "user", "for" },
                                            { "influencer", "neutral" } };

    for (size_t i = 0; i < count && i < countof(roles); i++)
        TRY(give_role(s, people[i], roles[i][0], roles[i][1]));
    for (size_t i = 1; i < count; i++) {
        struct row *r;
        TRY(record_get(&s->cx, &contact_type, people[i], &r));
        row_set_i64(r, CONTACT_REPORTS, people[i < 3 ? 0 : i / 2]);
        TRY(record_save(&s->cx, r));
    }
    return count ? give_birthday(s, people[0], number * 7) : OK;
}

/* The companies of whom most people are known. */
static enum status draw_firms(struct sim *s)
{
    size_t drawn = 0;

    for (size_t f = 0; f < s->firms.count && drawn < FIRMS; f++) {
        i64 people[PEOPLE];
        size_t n = 0;
        if (s->firms.at[f].id == 0 || s->firms.at[f].contacts < 3)
            continue;
        for (size_t c = 0; c < s->contacts.count && n < PEOPLE; c++)
            if (s->contacts.at[c].company == (i32)f && s->contacts.at[c].id)
                people[n++] = s->contacts.at[c].id;
        TRY(draw_firm(s, people, n, drawn));
        drawn++;
    }
    return OK;
}

static bool may_be_written_to(struct sim *s, i64 id)
{
    struct row *r;
    bool may = record_get(&s->cx, &contact_type, id, &r) == OK && row_has(r, CONTACT_EMAIL);

    ctx_clear_error(&s->cx);
    return may;
}

enum status relations_make(struct sim *s)
{
    i64 fair, phone, steps[countof(after_fair)], calls[countof(by_phone)];
    size_t followed = 0, called = 0;

    if (type_find(&s->cx, "sequence") == NULL)
        return OK;
    s->clock.fixed_ms = s->end_ms;
    sim_as(s, -1);
    TRY(make_sequence(s, "Follow up a question",
                      "For leads who asked something and then fell silent: four touches in two "
                      "weeks.",
                      after_fair, countof(after_fair), &fair, steps));
    TRY(make_sequence(s, "Win back by phone", "For customers who left: no mails, two calls.",
                      by_phone, countof(by_phone), &phone, calls));
    for (size_t i = s->contacts.count / 8 + 3;
         i < s->contacts.count && followed + called < FOLLOWED + CALLED; i += 5) {
        const struct contact *c = &s->contacts.at[s->contacts.count - i];
        if (!c->id || !may_be_written_to(s, c->id))
            continue;
        if (followed < FOLLOWED)
            TRY(follow_somebody(s, followed++, fair, steps, c->id));
        else {
            s->clock.fixed_ms = s->end_ms;
            TRY(call_somebody(s, phone, c->id));
            called++;
        }
    }
    s->clock.fixed_ms = s->end_ms;
    return draw_firms(s);
}
