/* people.c -- those who become known: forms make contacts and companies, fairs bring lists, and
 * salespeople meet colleagues of those they know. */
#include "base/json.h"
#include "base/vat.h"
#include "bridge/company.h"
#include "bridge/contact.h"
#include "demo/demo_int.h"
#include <stdio.h>

enum { FIRM_CONTACTS_MAX = 60 };
static const char *const private_mails[] = { "postfach.example", "inbox.example",
                                             "courriel.example", "mijnmail.example", NULL };

struct told told_of(struct sim *s, u32 contact, int rep)
{
    const struct contact *c = &s->contacts.at[contact];
    const struct firm *f = c->company >= 0 ? &s->firms.at[c->company] : NULL;
    const char *by = rep >= 0 ? colleagues[rep].name : "";
    size_t first = strcspn(by, " ");

    return (struct told){ .first = c->first,
                          .last = c->last,
                          .company =
                              f ? f->name : arena_printf(s->work, "%s %s", c->first, c->last),
                          .town = f ? f->town : word_pick(&s->rng, countries[c->country].cities),
                          .by = arena_dup(s->work, by, first) };
}

/* ---- companies ---- */
static bool has_town(const char *name, const struct country *c)
{
    for (size_t i = 0; c->cities[i]; i++)
        if (strstr(name, c->cities[i]))
            return true;
    return false;
}

static i32 firm_new(struct sim *s, u8 country)
{
    const struct country *c = &countries[country];
    struct firm *f = LIST_ADD(&s->firms);
    i32 index = (i32)(s->firms.count - 1);

    *f = (struct firm){ .country = country, .rep = UINT8_MAX, .first_contact = -1 };
    for (int tries = 0;; tries++) {
        f->name = word_company(s->keep, &s->rng, c, &f->industry);
        f->town = word_pick(&s->rng, c->cities);
        if (tries > 3 && !has_town(f->name, c))
            f->name = arena_printf(s->keep, "%s, %s", f->name, f->town);
        if (tries > 12)
            f->name = arena_printf(s->keep, "%s %zu", f->name, s->firms.count);
        f->domain = arena_printf(s->keep, "%s.example", word_plain(s->keep, f->name, true));
        if (set_add(s, f->domain))
            break;
    }
    f->employees = (u16)(2 + rng_spread(&s->rng, SPREAD_WIDE, 13));
    f->suits = firm_suits(f);
    *LIST_ADD(&s->firms_of[country]) = (u32)index;
    return index;
}

/* A company for somebody new: while there are fewer than there should be by now often a new one,
 * else one of those known, the longer known the likelier. */
static i32 firm_pick(struct sim *s, u8 country)
{
    i64 goal = s->o.companies * (i64)(200 + sim_permille(s)) / 1200;
    size_t count = s->firms_of[country].count;

    if (!count || ((i64)s->firms.count < goal && rng_percent(&s->rng, 70)))
        return firm_new(s, country);
    for (int tries = 0; tries < 5; tries++) {
        u32 a = rng_below(&s->rng, (u32)count), b = rng_below(&s->rng, (u32)count);
        u32 index = s->firms_of[country].at[a < b ? a : b];
        const struct firm *f = &s->firms.at[index];
        if (f->contacts < FIRM_CONTACTS_MAX && f->contacts < 3 + f->employees / 2)
            return (i32)index;
    }
    if ((i64)s->firms.count < s->o.companies)
        return firm_new(s, country);
    return (i32)s->firms_of[country].at[rng_below(&s->rng, (u32)count)];
}

/* One that nobody need have been given: of the right form, the right check digits where those are
 * known. "": this one has none. Drawn from the domain: nothing else depends on it. */
static const char *vat_id_of(struct sim *s, const struct firm *f)
{
    static const struct {
        const char *code, *form; /* a # is a digit */
    } forms[] = { { "DE", "DE#########" },   { "AT", "ATU########" },   { "CH", "CHE#########" },
                  { "IT", "IT###########" }, { "FR", "FR###########" }, { "NL", "NL#########B##" },
                  { "BE", "BE0#########" },  { "GB", "GB#########" } };
    const char *code = countries[f->country].code, *why;
    struct rng rng;
    u64 seed = 11;

    for (const char *p = f->domain; *p; p++)
        seed = seed * 31 + (u8)*p;
    rng_seed(&rng, seed);
    if (rng_percent(&rng, 12))
        return "";
    for (size_t i = 0; i < countof(forms); i++)
        while (text_is(forms[i].code, code)) {
            char *id = arena_text(s->work, forms[i].form);
            for (char *p = id; *p; p++)
                if (*p == '#')
                    *p = (char)('0' + rng_below(&rng, 10));
            if (vat_read(s->work, id, code, &why))
                return id;
        }
    return "";
}

/* What is told in public about a company: looked up by somebody when its first lead came. */
static void firm_facts(struct sim *s, const struct firm *f, struct row *r)
{
    const struct country *c = &countries[f->country];
    struct told t = { .town = f->town, .company = f->name, .first = "", .last = "", .by = "" };

    row_set_text(r, COMPANY_INDUSTRY, f->industry);
    row_set_i64(r, COMPANY_EMPLOYEES, f->employees);
    row_set_text(r, COMPANY_COUNTRY, c->name);
    row_set_text(r, COMPANY_CITY, f->town);
    row_set_text(r, COMPANY_VAT, vat_id_of(s, f));
    row_set_text(r, COMPANY_WEBSITE, arena_printf(s->work, "https://www.%s/", f->domain));
    if (rng_percent(&s->rng, 70))
        row_set_text(r, COMPANY_PHONE,
                     arena_printf(s->work, "%s%03u", c->phone, rng_below(&s->rng, 1000)));
    if (rng_percent(&s->rng, 45))
        row_set_text(r, COMPANY_NOTES, text_about(s->work, &s->rng, TEXT_COMPANY, &t));
    if (rng_percent(&s->rng, 25)) {
        struct money m = { .minor = (i64)f->employees * rng_between(&s->rng, 60, 160) * 100000 };
        memcpy(m.currency, c->currency, 4);
        row_set_money(r, COMPANY_REVENUE, m);
    }
}

static enum status firm_save(struct sim *s, struct firm *f, bool whole)
{
    struct row *r = row_new(&s->cx, &company_type);

    row_set_text(r, COMPANY_NAME, f->name);
    row_set_text(r, COMPANY_DOMAIN, f->domain);
    if (whole)
        firm_facts(s, f, r);
    TRY(record_save(&s->cx, r));
    f->id = row_id(r);
    f->known_well = whole;
    s->numbers.companies++;
    return OK;
}

enum status firm_step(struct sim *s, u32 firm)
{
    struct firm *f = &s->firms.at[firm];
    struct row *r;

    if (f->known_well)
        return OK;
    sim_as(s, rng_percent(&s->rng, 60) ? 2 : 3);
    TRY(record_get(&s->cx, &company_type, f->id, &r));
    firm_facts(s, f, r);
    f->known_well = true;
    return record_save(&s->cx, r);
}

/* ---- contacts ---- */
static const char *mail_of(struct sim *s, const struct contact *c, const char *domain)
{
    const char *first = word_plain(s->work, c->first, false);
    const char *last = word_plain(s->work, c->last, false);
    const char *mail = arena_printf(s->work, "%s.%s@%s", first, last, domain);

    if (rng_percent(&s->rng, 20))
        mail = arena_printf(s->work, "%c.%s@%s", first[0], last, domain);
    for (int n = 2; !set_add(s, mail); n++)
        mail = arena_printf(s->work, "%s.%s%d@%s", first, last, n, domain);
    return mail;
}

/* Two of one name would puzzle who looks at the demo. */
static bool is_colleague(struct sim *s, const struct contact *c)
{
    const char *name = arena_printf(s->work, "%s %s", c->first, c->last);

    for (int i = 0; i < COLLEAGUES; i++)
        if (text_is(name, colleagues[i].name))
            return true;
    return false;
}

/* A person, not yet saved. Index in s->contacts; the row is filled as far as the person goes. */
static u32 contact_new(struct sim *s, u8 country, i32 company, struct row **out)
{
    const struct country *land = &countries[country];
    struct contact *c = LIST_ADD(&s->contacts);
    struct firm *f = company >= 0 ? &s->firms.at[company] : NULL;
    struct row *r = row_new(&s->cx, &contact_type);

    *c =
        (struct contact){ .company = company, .visitor = -1, .country = country, .rep = UINT8_MAX };
    do {
        c->first = word_first(&s->rng, land->culture);
        c->last = word_last(&s->rng, land->culture);
    } while (is_colleague(s, c));
    row_set_text(r, CONTACT_FIRST, c->first);
    row_set_text(r, CONTACT_LAST, c->last);
    row_set_text(r, CONTACT_EMAIL,
                 mail_of(s, c, f ? f->domain : word_pick(&s->rng, private_mails)));
    row_set_text(r, CONTACT_COUNTRY, land->name);
    row_set_text(r, CONTACT_LANGUAGE, land->language);
    if (f) {
        row_set_i64(r, CONTACT_COMPANY, f->id);
        f->contacts++;
        if (f->first_contact < 0)
            f->first_contact = (i32)(s->contacts.count - 1);
    }
    if (f)
        c->job = word_job(&s->rng, f->industry, &c->job_worth);
    row_set_i64(r, CONTACT_SCORE, 0);
    s->numbers.contacts++;
    *out = r;
    return (u32)(s->contacts.count - 1);
}

static void put_phone(struct sim *s, struct contact *c, struct row *r)
{
    row_set_text(
        r, CONTACT_PHONE,
        arena_printf(s->work, "%s%03u", countries[c->country].phone, rng_below(&s->rng, 1000)));
    c->has_phone = true;
}

static void put_job(const struct contact *c, struct row *r)
{
    if (c->job)
        row_set_text(r, CONTACT_JOB, c->job);
}

/* ---- forms ---- */
static void put_first_touch(struct sim *s, const struct visitor *v, struct row *r)
{
    const struct origin *o = &s->origins[v->first_origin];

    row_set_i64(r, CONTACT_FIRST_SEEN, v->first_ms);
    row_set_i64(r, CONTACT_LAST_SEEN, sim_now(s));
    row_set_text(r, CONTACT_CHANNEL, channel_value(o->channel));
    row_set_text(r, CONTACT_SOURCE, o->source_text);
    row_set_text(r, CONTACT_MEDIUM, o->medium_text);
    row_set_text(r, CONTACT_CAMPAIGN, o->campaign_text);
    row_set_text(r, CONTACT_LANDING, pages[v->first_page].path);
}

static void put_consent(struct sim *s, struct contact *c, struct row *r)
{
    row_set_text(r, CONTACT_CONSENT, "|newsletter|");
    row_set_i64(r, CONTACT_CONSENT_AT, sim_now(s));
    c->subscribed = true;
}

static void form_tally(struct tally *t, enum form_kind f)
{
    t->forms += t->forms < 200;
    t->asked += f == FORM_DEMO && t->asked < 200;
    t->wrote += f == FORM_CONTACT && t->wrote < 200;
}

static bool works_for_a_firm(struct sim *s, const struct visitor *v)
{
    return rng_percent(&s->rng, v->fit > 40 ? 90 : v->fit > 20 ? 66 : 30);
}

/* Who left the form for the first time: the contact, its company, and the visitor's past. */
static enum status contact_by_form(struct sim *s, u32 visitor, enum form_kind f, bool consent)
{
    struct visitor *v = &s->visitors.at[visitor];
    i32 firm = works_for_a_firm(s, v) ? firm_pick(s, v->country) : -1;
    struct contact *c;
    struct row *r;

    if (firm >= 0 && !s->firms.at[firm].id) {
        TRY(firm_save(s, &s->firms.at[firm], false));
        sim_at(s, sim_work_after(s, sim_now(s), rng_between(&s->rng, 60, 1900)), STEP_FIRM,
               (u32)firm);
    }
    v->contact = (i32)contact_new(s, v->country, firm, &r);
    form_tally(&v->tally, f);
    c = &s->contacts.at[v->contact];
    c->visitor = (i32)visitor;
    c->fit = v->fit = contact_fit(s, c, v->fit);
    c->way = v->way;
    c->tally = v->tally;
    put_first_touch(s, v, r);
    row_set_text(r, CONTACT_LIFECYCLE, f == FORM_NEWSLETTER ? "subscriber" : "lead");
    row_set_i64(r, CONTACT_SCORE, tally_score(&c->tally));
    if (f == FORM_DEMO || (f == FORM_CONTACT && rng_percent(&s->rng, 60)))
        put_phone(s, c, r);
    if (f == FORM_DEMO || f == FORM_GUIDE)
        put_job(c, r);
    if (consent)
        put_consent(s, c, r);
    row_set_id(r, kit_new_id(&s->cx));
    TRY(journey_note(&s->cx, &(struct journey_note){ .kind = "identified",
                                                     .contact_id = row_id(r),
                                                     .record_id = row_id(r) }));
    TRY(record_save(&s->cx, r));
    c->id = row_id(r);
    *LIST_ADD(&s->links) =
        (struct journey_link){ .visitor = v->person,
                               .contact = journey_person(s->cx.journey, PERSON_CONTACT, (u64)c->id),
                               .at_ms = sim_now(s) };
    s->leads_by_web++;
    return OK;
}

/* Who is known leaves another form: what was missing is filled in. */
static enum status contact_again(struct sim *s, struct contact *c, enum form_kind f, bool consent)
{
    struct row *r;

    form_tally(&c->tally, f);
    TRY(record_get(&s->cx, &contact_type, c->id, &r));
    if (text_is(row_text(r, CONTACT_LIFECYCLE), "subscriber") && f != FORM_NEWSLETTER)
        row_set_text(r, CONTACT_LIFECYCLE, "lead");
    if (!c->has_phone && f == FORM_DEMO)
        put_phone(s, c, r);
    if (!row_has(r, CONTACT_JOB) && f != FORM_NEWSLETTER)
        put_job(c, r);
    if (consent && !c->subscribed)
        put_consent(s, c, r);
    row_set_i64(r, CONTACT_LAST_SEEN, sim_now(s));
    row_set_i64(r, CONTACT_SCORE, tally_score(&c->tally));
    return record_save(&s->cx, r);
}

#define CONSENT_TEXT \
    "I would like to receive the monthly letter. I can take this back with one click at any time."

/* The answers, as the form's fields name them. */
static const char *answers_of(struct sim *s, u32 contact, enum form_kind f, const char *email)
{
    const struct contact *c = &s->contacts.at[contact];
    struct told t = told_of(s, contact, -1);
    struct val *data = val_map(s->work);

    val_put_text(data, "email", email);
    if (f != FORM_NEWSLETTER) {
        val_put_text(data, "first_name", c->first);
        val_put_text(data, "last_name", c->last);
        if (c->company >= 0)
            val_put_text(data, "company", t.company);
    }
    if (f == FORM_DEMO)
        val_put_text(data, "crop", word_pick(&s->rng, crops));
    if (f == FORM_DEMO || f == FORM_CONTACT)
        val_put_text(data, "message", text_about(s->work, &s->rng, TEXT_FORM_MESSAGE, &t));
    return json_text(s->work, data);
}

static const char *const form_names[FORMS] = { "Book a demo", "The monthly letter",
                                               "The frost handbook", "Contact" };

static enum status submission_save(struct sim *s, u32 contact, enum form_kind f, bool consent)
{
    const struct contact *c = &s->contacts.at[contact];
    struct row *r = row_new(&s->cx, s->submission), *person, *form;
    struct val *props = val_map(s->work);

    TRY(record_get(&s->cx, &contact_type, c->id, &person));
    put_i64(r, "form_id", s->form_ids[f]);
    put_i64(r, "contact_id", c->id);
    put_text(r, "status", "accepted");
    put_text(r, "email", row_text(person, CONTACT_EMAIL));
    put_text(r, "data", answers_of(s, contact, f, row_text(person, CONTACT_EMAIL)));
    put_text(r, "page",
             arena_printf(s->work, "https://alderfield.example%s", pages[form_page(f)].path));
    put_i64(r, "consent", consent);
    if (consent)
        put_text(r, "consent_text", CONSENT_TEXT);
    put_text(r, "address", arena_printf(s->work, "203.0.113.%u", 1 + rng_below(&s->rng, 254)));
    TRY(record_save(&s->cx, r));
    s->numbers.submissions++;
    val_put_text(props, "name", form_names[f]);
    TRY(journey_note(&s->cx, &(struct journey_note){ .kind = "form_submit",
                                                     .contact_id = c->id,
                                                     .record_id = row_id(r),
                                                     .props = props }));
    TRY(record_get(&s->cx, s->form, s->form_ids[f], &form));
    return happen(
        &s->cx, &(struct happening){ .name = "form.submitted", .row = form, .contact_id = c->id });
}

enum status form_step(struct sim *s, u32 visitor, enum form_kind f)
{
    bool consent = f == FORM_NEWSLETTER || rng_percent(&s->rng, f == FORM_GUIDE ? 62 : 34);
    i32 contact = s->visitors.at[visitor].contact;

    sim_as(s, -1);
    if (contact < 0)
        TRY(contact_by_form(s, visitor, f, consent));
    else
        TRY(contact_again(s, &s->contacts.at[contact], f, consent));
    contact = s->visitors.at[visitor].contact;
    TRY(submission_save(s, (u32)contact, f, consent));
    if (f == FORM_DEMO || f == FORM_CONTACT)
        s->visitors.at[visitor].intent = 2;
    lead_look(s, (u32)contact, sim_now(s));
    return OK;
}

/* A program that found the form. */
enum status spam_step(struct sim *s)
{
    static const char *const pitches[] = { "Boost your ranking in 7 days", "Cheap loans, no papers",
                                           "I looked at your site and found errors" };
    struct row *r = row_new(&s->cx, s->submission);
    struct val *data = val_map(s->work);
    const char *mail = arena_printf(s->work, "offer%u@bulk.example", rng_below(&s->rng, 9000));
    enum form_kind f = rng_percent(&s->rng, 70) ? FORM_CONTACT : FORM_DEMO;

    sim_as(s, -1);
    val_put_text(data, "email", mail);
    val_put_text(data, "first_name", "http://win.example");
    val_put_text(data, "message", pitches[rng_below(&s->rng, countof(pitches))]);
    put_i64(r, "form_id", s->form_ids[f]);
    put_text(r, "status", "spam");
    put_text(r, "reason",
             rng_percent(&s->rng, 70) ? "the hidden field was filled in"
                                      : "a link stands in the name");
    put_text(r, "email", mail);
    put_text(r, "data", json_text(s->work, data));
    put_text(r, "address", arena_printf(s->work, "198.51.100.%u", 1 + rng_below(&s->rng, 254)));
    TRY(record_save(&s->cx, r));
    sim_at(s,
           sim_now(s) +
               rng_spread(&s->rng, SPREAD_WIDE, 900 * (i64)MS_DAY / (1 + s->o.contacts / 50)),
           STEP_SPAM, 0);
    return OK;
}

/* ---- lists and meetings ---- */
static enum status contact_known(struct sim *s, const char *channel, const char *tag, i32 firm,
                                 u8 country, struct row **out, u32 *index)
{
    struct row *r;
    struct contact *c;

    if (firm >= 0 && !s->firms.at[firm].id)
        TRY(firm_save(s, &s->firms.at[firm], true));
    *index = contact_new(s, country, firm, &r);
    c = &s->contacts.at[*index];
    c->fit = contact_fit(s, c, rng_between(&s->rng, 35, 95));
    c->way = WAY_EVENT;
    row_set_text(r, CONTACT_CHANNEL, channel);
    row_set_text(r, CONTACT_LIFECYCLE, "lead");
    if (tag)
        row_set_text(r, CONTACT_TAGS, tag);
    put_job(c, r);
    if (rng_percent(&s->rng, 60))
        put_phone(s, c, r);
    *out = r;
    return OK;
}

enum status contact_met(struct sim *s, int rep, i32 firm, u32 *index)
{
    u8 country = firm >= 0 ? s->firms.at[firm].country : (u8)rng_below(&s->rng, COUNTRIES);
    struct row *r;

    if (firm < 0)
        firm = firm_pick(s, country);
    sim_as(s, rep);
    TRY(contact_known(s, "sales", NULL, firm, country, &r, index));
    row_set_i64(r, CONTACT_OWNER, s->user_ids[rep]);
    TRY(record_save(&s->cx, r));
    s->contacts.at[*index].id = row_id(r);
    s->contacts.at[*index].rep = (u8)rep;
    return OK;
}

/* The list from the stand, imported by the one who stood there. */
enum status fair_step(struct sim *s, u32 campaign)
{
    i64 day = zone_day(s->zone, sim_now(s)) - s->begin_day;
    i64 goal = s->o.contacts * s->day_goal[day] / s->o.events - s->numbers.contacts;
    i64 most = s->o.contacts / 50 + 1, least = s->o.contacts / 100 + 2;
    size_t count = (size_t)(goal < least ? least : goal > most ? most : goal);
    struct row **rows = NEW_N(s->work, struct row *, count);
    u32 index = 0, first = (u32)s->contacts.count;
    const char *tag = arena_printf(s->work, "|%s|", s->campaigns[campaign].code);

    sim_as(s, 3);
    s->cx.batch_id = kit_new_id(&s->cx);
    for (size_t i = 0; i < count; i++) {
        u8 country = (u8)(rng_percent(&s->rng, 50) ? 0 : rng_below(&s->rng, COUNTRIES));
        TRY(contact_known(s, "import", tag, firm_pick(s, country), country, &rows[i], &index));
        if (rng_percent(&s->rng, 40))
            put_consent(s, &s->contacts.at[index], rows[i]);
    }
    TRY(record_save_many(&s->cx, rows, count));
    s->cx.batch_id = 0;
    for (size_t i = 0; i < count; i++) {
        s->contacts.at[first + i].id = row_id(rows[i]);
        if (rng_percent(&s->rng, 25))
            sim_at(s, sim_work_after(s, sim_now(s), rng_between(&s->rng, 60, 3000)), STEP_MANUAL,
                   first + (u32)i);
    }
    return OK;
}
