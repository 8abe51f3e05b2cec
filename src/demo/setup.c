/* setup.c -- the company before its story begins: people, settings, site and forms. */
#include "admin/user.h"
#include "base/json.h"
#include "demo/demo_int.h"
#include "kit/session.h"
#include "sales/pipeline.h"

const char demo_password[] = "sow-and-harvest";

const struct colleague colleagues[COLLEAGUES] = {
    { "Clara Neumann", "clara@alderfield.example", "Head of marketing", "Marketing", "Marketing",
      TEAM_MARKETING, 100, 100, 100, 0 },
    { "Tomás Ferreira", "tomas@alderfield.example", "Performance marketing", "Marketing",
      "Marketing", TEAM_MARKETING, 100, 100, 80, 0 },
    { "Aylin Kaya", "aylin@alderfield.example", "Content and letters", "Marketing", "Marketing",
      TEAM_MARKETING, 100, 100, 120, 0 },
    { "Joris de Vries", "joris@alderfield.example", "Fairs and partners", "Marketing", "Marketing",
      TEAM_MARKETING, 100, 100, 100, 10 },
    { "Miriam Vogt", "miriam@alderfield.example", "Head of sales", "Sales", "Sales", TEAM_SALES,
      128, 130, 110, 0 },
    { "Luca Santoro", "luca@alderfield.example", "Account manager", "Sales", "Sales", TEAM_SALES,
      112, 90, 70, 0 },
    { "Sophie Laurent", "sophie@alderfield.example", "Account manager", "Sales", "Sales",
      TEAM_SALES, 106, 150, 130, 0 },
    { "Ben Hartley", "ben@alderfield.example", "Account manager", "Sales", "Sales", TEAM_SALES, 84,
      70, 60, 0 },
    { "Katrin Huber", "katrin@alderfield.example", "Account manager", "Sales", "Sales", TEAM_SALES,
      118, 110, 140, 28 },
    { "Pieter Bakker", "pieter@alderfield.example", "Account manager", "Sales", "Sales", TEAM_SALES,
      92, 120, 90, 57 },
    { "Nadia Brunner", "nadia@alderfield.example", "Installation and service", "Service", "Service",
      TEAM_SERVICE, 100, 100, 110, 0 },
    { "Henrik Lund", "henrik@alderfield.example", "Operations", "", "Administration", TEAM_ADMIN,
      100, 100, 100, 0 },
};
const struct demo_sign_in demo_sign_ins[] = {
    { "Marketing", "clara@alderfield.example" },
    { "Sales", "miriam@alderfield.example" },
    { "Administrator", "henrik@alderfield.example" },
    { NULL, NULL },
};

/* ---- fields of types that other teams own, by name ---- */
static int field_named(const struct row *r, const char *field)
{
    int i = type_field(row_type(r), field);

    assert(i >= 0);
    return i;
}

void put_text(struct row *r, const char *field, const char *text)
{
    row_set_text(r, field_named(r, field), text);
}

void put_i64(struct row *r, const char *field, i64 v) { row_set_i64(r, field_named(r, field), v); }

void put_money(struct row *r, const char *field, i64 minor, const char *currency)
{
    struct money m = { .minor = minor };

    memcpy(m.currency, currency, 4);
    row_set_money(r, field_named(r, field), m);
}

/* ---- people ---- */
static enum status user_details(struct sim *s, int i)
{
    struct row *r;

    TRY(record_get(&s->cx, &user_type, s->user_ids[i], &r));
    row_set_text(r, USER_TITLE, colleagues[i].title);
    row_set_text(r, USER_PHONE, arena_printf(s->work, "+49 30 23125 %03d", 900 + i));
    row_set_i64(r, USER_COLOR, i % 8);
    return record_save(&s->cx, r);
}

static enum status make_users(struct sim *s)
{
    struct ctx keeping = s->cx; /* what access_of_user returns must stay */
    const char *hash;

    TRY(password_hash(&s->cx, demo_password, &hash));
    for (int i = 0; i < COLLEAGUES; i++) {
        struct user_new nu = { .name = colleagues[i].name,
                               .email = colleagues[i].email,
                               .role = colleagues[i].role,
                               .team = colleagues[i].team,
                               .password_hash = hash };
        TRY(user_make(&s->cx, &nu, &s->user_ids[i]));
        TRY(user_details(s, i));
        keeping.arena = s->keep;
        TRY(access_of_user(&keeping, s->user_ids[i], &s->access[i]));
        s->numbers.users++;
    }
    return OK;
}

/* ---- the site and its forms ---- */
static const char *input(struct arena *a, const char *name, const char *label, const char *kind,
                         bool required)
{
    return arena_printf(a,
                        "{\"name\":\"%s\",\"label\":\"%s\",\"kind\":\"%s\",\"required\":%s,"
                        "\"choices\":\"%s\"}",
                        name, label, kind, required ? "true" : "false",
                        text_is(kind, "choice") ? "apples,pears,cherries,vines,berries,other" : "");
}

static const struct {
    const char *name, *slug, *title, *intro, *button, *thanks, *makes;
} form_texts[FORMS] = {
    [FORM_DEMO] = { "Book a demo", "demo", "See Alderfield on your own blocks",
                    "Half an hour, on a screen or in the rows. Tell us what you grow.",
                    "Book a demo", "Thank you. One of us calls within a working day.", "lead" },
    [FORM_NEWSLETTER] = { "The monthly letter", "newsletter", "The monthly letter",
                          "Frost, water, prices: one page a month, written by growers.",
                          "Subscribe", "Thank you. The next letter comes on the first Tuesday.",
                          "subscriber" },
    [FORM_GUIDE] = { "The frost handbook", "frost-handbook", "The frost handbook",
                     "48 pages on cold nights: what protects, what it costs, when to act.",
                     "Send me the handbook", "Thank you. The handbook is in your mail.", "lead" },
    [FORM_CONTACT] = { "Contact", "contact", "Ask us", "We answer within a working day.", "Send",
                       "Thank you, we have your message.", "lead" },
};

static const char *inputs_of(struct arena *a, int f)
{
    const char *names =
        arena_printf(a, "%s,%s,", input(a, "first_name", "First name", "text", true),
                     input(a, "last_name", "Last name", "text", true));
    const char *mail = input(a, "email", "Work email", "email", true);
    const char *firm = input(a, "company", "Farm or company", "text", false);

    if (f == FORM_NEWSLETTER)
        return arena_printf(a, "[%s]", mail);
    if (f == FORM_GUIDE)
        return arena_printf(a, "[%s%s,%s]", names, mail, firm);
    if (f == FORM_CONTACT)
        return arena_printf(a, "[%s%s,%s,%s]", names, mail, firm,
                            input(a, "message", "Your question", "long", true));
    return arena_printf(a, "[%s%s,%s,%s,%s,%s]", names, mail,
                        input(a, "phone", "Phone", "phone", false), firm,
                        input(a, "crop", "What do you grow?", "choice", false),
                        input(a, "message", "Anything we should know?", "long", false));
}

static enum status make_forms(struct sim *s)
{
    sim_as(s, 2);
    for (int f = 0; f < FORMS; f++) {
        struct row *r = row_new(&s->cx, s->form);
        put_text(r, "name", form_texts[f].name);
        put_text(r, "slug", form_texts[f].slug);
        put_text(r, "status", "published");
        put_text(r, "title", form_texts[f].title);
        put_text(r, "intro", form_texts[f].intro);
        put_text(r, "inputs", inputs_of(s->work, f));
        put_text(r, "consent_text",
                 "I would like to receive the monthly letter. I can take this "
                 "back with one click at any time.");
        put_text(r, "button", form_texts[f].button);
        put_text(r, "thanks", form_texts[f].thanks);
        put_text(r, "makes", form_texts[f].makes);
        TRY(record_save(&s->cx, r));
        s->form_ids[f] = row_id(r);
    }
    return OK;
}

static enum status make_site(struct sim *s)
{
    struct row *r = row_new(&s->cx, s->site_type);

    sim_as(s, 1);
    put_text(r, "name", "Alderfield");
    put_text(r, "domain", "alderfield.example");
    put_text(r, "mode", "consent");
    TRY(record_save(&s->cx, r));
    return traffic_setup(s, row_id(r));
}

/* The stages that a new workspace begins with, by what they mean. */
static enum status read_pipeline(struct sim *s)
{
    scoped(stmt_close) struct stmt q = { 0 };
    size_t open = 0;

    TRY(db_get_i64(&s->cx, &s->pipeline_id, "pipeline.default"));
    q = db_query(&s->cx, "demo.stages", I64("pipeline", s->pipeline_id));
    while (stmt_next(&q)) {
        const char *kind = col_text(&q, 1);
        if (text_is(kind, "won"))
            s->stage_ids[STAGE_WON_AT] = col_i64(&q, 0);
        else if (text_is(kind, "lost"))
            s->stage_ids[STAGE_LOST_AT] = col_i64(&q, 0);
        else if (open < STAGE_WON_AT)
            s->stage_ids[open++] = col_i64(&q, 0);
    }
    TRY(stmt_status(&q));
    if (open < STAGE_WON_AT || !s->stage_ids[STAGE_WON_AT] || !s->stage_ids[STAGE_LOST_AT])
        return ctx_fail(&s->cx, E_INVALID,
                        "the default pipeline is not the one of a new workspace");
    return OK;
}

/* ---- rates of exchange, as the central bank's: each working day, in slow waves ---- */
static const struct {
    const char *currency;
    i64 mean;        /* of one euro, as rates are kept: 1/100,000,000 */
    int swing, days; /* thousandths of it, and days from one crest to the next */
} money_of_others[] = {
    { "USD", 108700000, 34, 410 },
    { "GBP", 85500000, 22, 330 },
    { "CHF", 95200000, 15, 500 },
};

static i64 rate_on(size_t which, i64 day)
{
    i64 period = money_of_others[which].days, at = day % period;
    i64 wave = at * 4 < period ? at : at * 4 < period * 3 ? period / 2 - at : at - period;
    i64 noise = (day * 2654435761 >> 7) % 9 - 4; /* tenths of a thousandth */
    i64 permyriad = 10000 + 10 * money_of_others[which].swing * 4 * wave / period + 2 * noise;

    return money_of_others[which].mean / 10000 * permyriad / 10000 * 10000;
}

static enum status make_rates(struct sim *s)
{
    const struct record_type *t = type_find(&s->cx, "exchange_rate");
    i64 last = zone_day(s->zone, s->end_ms);
    struct row **rows =
        NEW_N(s->work, struct row *, (size_t)(last - s->begin_day + 8) * countof(money_of_others));
    size_t count = 0;

    for (i64 day = s->begin_day - 7; day <= last; day++)
        for (size_t i = 0; i < countof(money_of_others) && (day + 3) % 7 < 5; i++) {
            struct row *r = rows[count++] = row_new(&s->cx, t);
            row_set_text(r, type_field(t, "currency"), money_of_others[i].currency);
            row_set_text(r, type_field(t, "one_of"), "EUR");
            row_set_i64(r, type_field(t, "rate"), rate_on(i, day));
            row_set_i64(r, type_field(t, "day"), day);
            row_set_text(r, type_field(t, "source"), "ECB");
        }
    return record_save_many(&s->cx, rows, count);
}

enum status setup_company(struct sim *s)
{
    sim_as(s, -1);
    TRY(setting_save(&s->cx, "workspace.name", "Alderfield"));
    TRY(setting_save(&s->cx, "deal.handover", "false")); /* until there is a desk */
    TRY(make_rates(s));
    TRY(make_users(s));
    TRY(make_site(s));
    TRY(make_forms(s));
    TRY(forms_more(s));
    TRY(read_pipeline(s));
    return make_cards(s);
}
