/* numbers.c -- what the company aims at, who answers for which number, and who wants to hear when
 * one leaves its bounds. Heads of teams set targets once a half-year, from what they have seen. */
#include "bridge/contact.h"
#include "demo/demo_int.h"

enum { CLARA = 0, TOMAS = 1, AYLIN = 2, MIRIAM = 4, LUCA = 5, SOPHIE = 6, BEN = 7, KATRIN = 8 };
enum { PERIODS_OF_YEAR = 4 }; /* the story's halves of a year */

/* Amounts for each half of the two years, for a company of the usual size; 0: none. */
static const struct aim {
    const char *metric, *period, *channel;
    int person, by;
    int amounts[PERIODS_OF_YEAR];
    bool grows; /* with the size of the company */
} aims[] = {
    { "revenue", "month", "", -1, MIRIAM, { 150000, 270000, 340000, 360000 }, true },
    { "revenue", "month", "", MIRIAM, MIRIAM, { 20000, 60000, 80000, 90000 }, true },
    { "revenue", "month", "", LUCA, MIRIAM, { 20000, 50000, 60000, 60000 }, true },
    { "revenue", "month", "", SOPHIE, MIRIAM, { 20000, 40000, 40000, 40000 }, true },
    { "revenue", "month", "", BEN, MIRIAM, { 20000, 50000, 60000, 70000 }, true },
    { "revenue", "month", "", KATRIN, MIRIAM, { 0, 30000, 50000, 50000 }, true },
    { "deals_won", "month", "", -1, MIRIAM, { 15, 28, 32, 34 }, true },
    { "win_rate", "quarter", "", -1, MIRIAM, { 30, 32, 34, 35 }, false },
    { "new_leads", "month", "", -1, CLARA, { 400, 600, 800, 950 }, true },
    { "new_leads", "month", "paid-search", -1, TOMAS, { 0, 100, 140, 160 }, true },
    { "new_leads", "month", "organic-search", -1, AYLIN, { 0, 0, 180, 200 }, true },
    { "mqls", "month", "", -1, CLARA, { 150, 220, 290, 330 }, true },
    { "cost_per_lead", "quarter", "", -1, TOMAS, { 0, 15, 18, 20 }, false },
    { "follow_up_rate", "month", "", -1, MIRIAM, { 70, 75, 80, 80 }, false },
    { "leads_handed_over", "month", "", -1, CLARA, { 120, 190, 240, 270 }, true },
    { "acceptance_rate", "month", "", -1, CLARA, { 45, 50, 55, 55 }, false },
    { "time_to_accept", "month", "", -1, MIRIAM, { 6, 4, 3, 2 }, false },
    { "time_to_first_touch", "month", "", -1, MIRIAM, { 12, 8, 6, 5 }, false },
};

/* The size that the amounts are for. */
enum { USUAL_CONTACTS = 20000, USUAL_DEALS = 2500 };
enum { ROUND_FROM = 1000 * 100, ROUND_TO = 100 * 100 }; /* hundredths */

static i64 sized(const struct sim *s, const struct aim *a, int amount)
{
    bool deals = text_is(a->metric, "revenue") || text_is(a->metric, "deals_won");
    i64 size = deals ? s->o.deals * 100 / USUAL_DEALS : s->o.contacts * 100 / USUAL_CONTACTS;
    i64 hundredths = (i64)amount * 100, ours = hundredths * size / 100;

    if (!a->grows || ours == 0)
        return hundredths;
    return ours < ROUND_FROM ? ours : ours / ROUND_TO * ROUND_TO; /* nobody aims at cents */
}

static enum status make_target(struct sim *s, const struct aim *a, int half)
{
    struct row *r = row_new(&s->cx, type_find(&s->cx, "target"));
    i64 from = zone_start(s->zone, PERIOD_QUARTER, sim_now(s), 0);

    if (a->amounts[half] == 0)
        return OK;
    sim_as(s, a->by);
    put_text(r, "metric", a->metric);
    put_text(r, "period", a->period);
    put_i64(r, "amount", sized(s, a, a->amounts[half]));
    put_i64(r, "from_date", zone_day(s->zone, from));
    put_text(r, "channel", a->channel);
    if (a->person >= 0)
        put_i64(r, "person_id", s->user_ids[a->person]);
    return record_save(&s->cx, r);
}

static const struct {
    const char *metric, *condition, *period, *note;
    int amount, owner;
} watches[] = {
    { "new_leads", "falls", "week", "Look at the campaigns that ended.", 25, CLARA },
    { "cost_per_lead", "above", "month", "Ask Tomás which ads can go.", 25, CLARA },
    { "follow_up_rate", "below", "week", "Talk about it on Monday.", 70, MIRIAM },
    { "revenue", "behind", "month", "", 80, MIRIAM },
    { "visit_bounce_rate", "rises", "week", "", 15, AYLIN },
    { "pipeline_coverage", "below", "quarter", "Three times the quota is usual.", 3, MIRIAM },
};

static enum status make_alerts(struct sim *s)
{
    for (size_t i = 0; i < countof(watches); i++) {
        struct row *r = row_new(&s->cx, type_find(&s->cx, "alert"));
        sim_as(s, watches[i].owner);
        put_text(r, "metric", watches[i].metric);
        put_text(r, "condition", watches[i].condition);
        put_text(r, "period", watches[i].period);
        put_text(r, "note", watches[i].note);
        put_i64(r, "amount", (i64)watches[i].amount * 100);
        TRY(record_save(&s->cx, r));
    }
    return OK;
}

static const struct {
    const char *metric;
    int owner;
} answerable[] = {
    { "new_leads", CLARA },     { "mqls", CLARA },
    { "cost_per_lead", TOMAS }, { "return_on_spend", TOMAS },
    { "visits", AYLIN },        { "visit_bounce_rate", AYLIN },
    { "revenue", MIRIAM },      { "pipeline_value", MIRIAM },
    { "win_rate", MIRIAM },     { "follow_up_rate", MIRIAM },
    { "sales_cycle", LUCA },
};

static enum status make_owners(struct sim *s)
{
    sim_as(s, -1);
    for (size_t i = 0; i < countof(answerable); i++) {
        struct row *r = row_new(&s->cx, type_find(&s->cx, "metric_owner"));
        put_text(r, "metric", answerable[i].metric);
        put_i64(r, "owner_id", s->user_ids[answerable[i].owner]);
        TRY(record_save(&s->cx, r));
    }
    return OK;
}

enum status numbers_step(struct sim *s, u32 half)
{
    if (half == 0)
        TRY(make_owners(s));
    if (half == PERIODS_OF_YEAR - 1)
        TRY(make_alerts(s));
    for (size_t i = 0; i < countof(aims); i++)
        TRY(make_target(s, &aims[i], (int)half));
    return OK;
}

/* A few days after the half-year began. */
void numbers_plan(struct sim *s)
{
    for (u32 half = 0; half < PERIODS_OF_YEAR; half++)
        sim_at(s, s->begin_ms + (half * 182 + 1) * (i64)MS_DAY + 10 * MS_HOUR, STEP_NUMBERS, half);
}

/* ---- who leaves ---- */
enum { LEAVING_PERCENT = 9, HASH = 40503 };

/* Not by the dice: the others roll as they would have. */
void leaving_plan(struct sim *s, u32 contact)
{
    u32 mixed = (contact * HASH + 29) % 1000;
    i64 days = 120 + (i64)(mixed * 37 % 380);

    if (mixed % 100 < LEAVING_PERCENT)
        sim_at(s, sim_work_after(s, sim_now(s) + days * (i64)MS_DAY, 60), STEP_LEAVE, contact);
}

enum status leave_step(struct sim *s, u32 contact)
{
    sim_as(s, 10); /* service hears of it */
    return contact_move(&s->cx, s->contacts.at[contact].id, "former_customer", NULL,
                        "Ended the contract.");
}
