/* deals.c -- money that may be won: deals open after a talk, move through the stages as long as the
 * salesperson, the channel's quality and the price allow, and are won, or lost for a reason. */
#include "bridge/company.h"
#include "demo/demo_int.h"
#include "sales/deal.h"

enum { OPEN_STAGES = 5 };

/* Chance to go on from each open stage, percent, and how many working hours it takes. */
static const struct {
    u8 percent;
    u16 hours;
    const char *kind; /* what is done before it moves */
} stage_traits[OPEN_STAGES] = {
    { 84, 36, "call" }, { 76, 50, "meeting" }, { 80, 66, "meeting" },
    { 70, 80, "mail" }, { 80, 68, "call" },
};

static struct money money_of(i64 minor, const char *currency)
{
    struct money m = { .minor = minor };

    memcpy(m.currency, currency, 4);
    return m;
}

/* Whole hundreds, in the currency of the customer's country. */
static struct money amount_of(struct sim *s, const struct contact *c, const struct firm *f)
{
    const char *currency = countries[c->country].currency;
    i64 size = f ? 60 + (f->employees > 200 ? 200 : f->employees) * 2 : 50;
    i64 euro = rng_spread(&s->rng, SPREAD_USUAL, 72 * size);

    if (text_is(currency, "GBP") && rng_percent(&s->rng, 15))
        currency = "EUR";
    if (euro < 900)
        euro = 900;
    return money_of((euro / 50 * 50 + (rng_percent(&s->rng, 30) ? 40 : 0)) * 100, currency);
}

/* 100 is usual: who they are and what they had shown, who sells, how large it is. */
static u8 chance_of(struct sim *s, const struct contact *c, int rep, struct money amount)
{
    int chance = c->promise * 47 / 10 - 149 + (colleagues[rep].skill - 100) * 3 / 4;

    chance -= amount.minor > 3000000 ? 14 : amount.minor > 1500000 ? 6 : 0;
    chance += rng_between(&s->rng, -15, 15) + (c->quick ? 8 : 0);
    return (u8)(chance < 45 ? 45 : chance > 215 ? 215 : chance);
}

/* Today, the expected close that a salesperson would type. */
static i64 close_day(struct sim *s, int stages_left)
{
    i64 day = zone_day(s->zone, sim_now(s)) + 6 + stages_left * rng_between(&s->rng, 9, 18);

    return day - (date_weekday(day) > 4 ? 2 : 0);
}

static void next_step(struct sim *s, u32 deal)
{
    const struct deal *d = &s->deals.at[deal];
    i64 hours = stage_traits[d->stage].hours * 100 / colleagues[d->rep].speed;

    sim_at(s, sim_work_after(s, sim_now(s), 60 + rng_spread(&s->rng, SPREAD_USUAL, hours * 60)),
           STEP_DEAL, deal);
}

/* Who opens the first deal with a company looks after it. */
static enum status own_firm(struct sim *s, struct firm *f, u8 rep)
{
    struct row *r;

    f->rep = rep;
    TRY(record_get(&s->cx, &company_type, f->id, &r));
    row_set_i64(r, COMPANY_OWNER, s->user_ids[rep]);
    return record_save(&s->cx, r);
}

enum status deal_open_step(struct sim *s, u32 contact, bool ours)
{
    struct contact *c = &s->contacts.at[contact];
    const struct firm *f = c->company >= 0 ? &s->firms.at[c->company] : NULL;
    struct row *r = row_new(&s->cx, &deal_type);
    struct told t = told_of(s, contact, c->rep);
    struct money amount = amount_of(s, c, f);
    bool again = c->state == LEAD_CUSTOMER;
    struct deal *d;

    sim_as(s, c->rep);
    row_set_text(r, DEAL_NAME,
                 text_about(s->work, &s->rng, again ? TEXT_EXPANSION : TEXT_DEAL, &t));
    row_set_i64(r, DEAL_CONTACT, c->id);
    if (f)
        row_set_i64(r, DEAL_COMPANY, f->id);
    row_set_i64(r, DEAL_STAGE, s->stage_ids[0]);
    row_set_money(r, DEAL_AMOUNT, amount);
    row_set_i64(r, DEAL_CLOSE, close_day(s, OPEN_STAGES));
    row_set_text(r, DEAL_NEXT_STEP, text_about(s->work, &s->rng, TEXT_NEXT_STEP, &t));
    TRY(record_save(&s->cx, r));
    s->numbers.deals++;
    d = LIST_ADD(&s->deals);
    *d = (struct deal){ .id = row_id(r),
                        .made_ms = sim_now(s),
                        .contact = contact,
                        .firm = c->company,
                        .rep = c->rep,
                        .ours = ours };
    d->chance = (u8)(chance_of(s, c, c->rep, amount) + (again ? 40 : 0));
    d->competitor = word_pick(&s->rng, competitors);
    c->deals++;
    if (!again)
        c->state = LEAD_BUYS;
    next_step(s, (u32)(s->deals.count - 1));
    if (c->company >= 0 && s->firms.at[c->company].rep == UINT8_MAX)
        TRY(own_firm(s, &s->firms.at[c->company], c->rep));
    if (rng_percent(&s->rng, colleagues[c->rep].care / 2))
        return task_add(s, contact, d->id, c->rep,
                        sim_work_after(s, sim_now(s), 200 + rng_below(&s->rng, 4000)));
    return OK;
}

/* ---- what is done in a stage ---- */
static enum status work_on(struct sim *s, const struct deal *d)
{
    struct told t = told_of(s, d->contact, d->rep);
    const char *kind = stage_traits[d->stage].kind, *subject, *text;
    int minutes;

    t.competitor = d->competitor;
    if (text_is(kind, "mail")) {
        text = text_about(s->work, &s->rng, TEXT_MAIL, &t);
        subject = text_about(s->work, &s->rng, TEXT_MAIL_SUBJECT, &t);
        return activity_log(s, "mail", d->contact, d->id, subject, text, NULL, 0);
    }
    if (text_is(kind, "meeting")) {
        minutes = 15 * rng_between(&s->rng, 2, 8);
        text = text_about(s->work, &s->rng, TEXT_MEETING, &t);
        subject = text_about(s->work, &s->rng, TEXT_MEETING_SUBJECT, &t);
        return activity_log(s, "meeting", d->contact, d->id, subject, text, "held", minutes);
    }
    minutes = rng_between(&s->rng, 5, 40);
    text = text_about(s->work, &s->rng, d->stage > 3 ? TEXT_LAST_CALL : TEXT_DEAL_CALL, &t);
    subject = text_about(s->work, &s->rng, TEXT_DEAL_CALL_SUBJECT, &t);
    return activity_log(s, "call", d->contact, d->id, subject, text, "reached", minutes);
}

static enum status comment_on(struct sim *s, const struct deal *d)
{
    struct told t = told_of(s, d->contact, d->rep);
    int who = rng_between(&s->rng, 0, COLLEAGUES - 1);

    return db_run(&s->cx, "comment.add", I64("id", kit_new_id(&s->cx)), TEXT("type", "deal"),
                  I64("record", d->id), I64("user", s->user_ids[who]), I64("at", sim_now(s)),
                  TEXT("text", text_about(s->work, &s->rng, TEXT_COMMENT, &t)));
}

/* ---- the end ---- */
struct loss {
    const char *reason;
    enum text_kind text;
    u16 early, late; /* weights by stage */
};
static const struct loss losses[] = {
    { "price", TEXT_LOST_PRICE, 6, 30 },       { "competitor", TEXT_LOST_COMPETITOR, 8, 26 },
    { "no_budget", TEXT_LOST_BUDGET, 20, 14 }, { "missing_feature", TEXT_LOST_FEATURE, 10, 10 },
    { "timing", TEXT_LOST_TIMING, 22, 14 },    { "no_answer", TEXT_LOST_SILENT, 22, 12 },
    { "no_fit", TEXT_LOST_FIT, 16, 3 },
};

static enum status lose(struct sim *s, struct deal *d, struct row *r)
{
    struct told t = told_of(s, d->contact, d->rep);
    u16 weights[countof(losses)];
    const struct loss *why;

    for (size_t i = 0; i < countof(losses); i++)
        weights[i] = d->stage < 2 ? losses[i].early : losses[i].late;
    why = &losses[rng_weighted(&s->rng, weights, countof(losses))];
    t.competitor = d->competitor;
    row_set_i64(r, DEAL_STAGE, s->stage_ids[STAGE_LOST_AT]);
    row_set_text(r, DEAL_LOST_REASON, why->reason);
    if (text_is(why->reason, "competitor") || text_is(why->reason, "price"))
        row_set_text(r, DEAL_COMPETITOR, d->competitor);
    row_set_text(r, DEAL_LOST_NOTE, text_about(s->work, &s->rng, why->text, &t));
    row_set_text(r, DEAL_NEXT_STEP, "");
    if (sim_now(s) < s->end_ms - 90 * (i64)MS_DAY) /* what was due by now was done */
        row_set_text(r, DEAL_RETRY, "never");
    d->stage = STAGE_LOST_AT;
    return record_save(&s->cx, r);
}

static enum status win(struct sim *s, struct deal *d, struct row *r)
{
    struct contact *c = &s->contacts.at[d->contact];
    int service = rng_percent(&s->rng, 80) ? 10 : 11;

    row_set_i64(r, DEAL_STAGE, s->stage_ids[STAGE_WON_AT]);
    row_set_text(r, DEAL_NEXT_STEP, "");
    TRY(record_save(&s->cx, r));
    d->stage = STAGE_WON_AT;
    s->numbers.won++;
    c->state = LEAD_CUSTOMER;
    leaving_plan(s, d->contact);
    if (c->visitor >= 0) { /* from now on they come for the help pages */
        s->visitors.at[c->visitor].intent = 3;
        visitor_returns(s, (u32)c->visitor, rng_between(&s->rng, 1, 9));
    }
    if (c->company >= 0 && rng_percent(&s->rng, 42)) {
        struct step *again =
            sim_at(s, sim_work_after(s, sim_now(s), 480 * (60 + (i64)rng_below(&s->rng, 180))),
                   STEP_OPEN_DEAL, d->contact);
        again->more = 1;
    }
    return task_add(s, d->contact, d->id, service,
                    sim_work_after(s, sim_now(s), 480 + rng_below(&s->rng, 2400)));
}

/* Sometimes the amount changes with the offer, and the date slips more often than not. */
static void revise(struct sim *s, const struct deal *d, struct row *r)
{
    struct told t = told_of(s, d->contact, d->rep);
    struct money m = row_money(r, DEAL_AMOUNT);

    if (d->stage >= 2 && rng_percent(&s->rng, 45)) {
        m.minor = m.minor / 10000 * rng_between(&s->rng, 80, 124) / 100 * 10000;
        if (m.minor > 0)
            row_set_money(r, DEAL_AMOUNT, m);
    }
    if (rng_percent(&s->rng, 55) || row_i64(r, DEAL_CLOSE) < zone_day(s->zone, sim_now(s)))
        row_set_i64(r, DEAL_CLOSE, close_day(s, OPEN_STAGES - d->stage));
    row_set_text(r, DEAL_NEXT_STEP, text_about(s->work, &s->rng, TEXT_NEXT_STEP, &t));
}

/* Work on a deal; what comes of it stands in its record a little later. */
enum status deal_step(struct sim *s, u32 deal)
{
    struct deal *d = &s->deals.at[deal];

    sim_as(s, d->rep);
    TRY(work_on(s, d));
    if (rng_percent(&s->rng, 6))
        TRY(comment_on(s, d));
    if (d->tries < 3 && rng_percent(&s->rng, 22)) { /* nothing moves yet */
        d->tries++;
        next_step(s, deal);
        return OK;
    }
    sim_at(s, sim_now(s) + rng_between(&s->rng, 3, 95) * (i64)MS_MINUTE, STEP_DEAL_MOVE, deal);
    return OK;
}

enum status deal_move_step(struct sim *s, u32 deal)
{
    struct deal *d = &s->deals.at[deal];
    int go_on = 100 - (100 - stage_traits[d->stage].percent) * 100 / d->chance;
    struct row *r;

    sim_as(s, d->rep);
    TRY(record_get(&s->cx, &deal_type, d->id, &r));
    if (!rng_percent(&s->rng, go_on))
        return lose(s, d, r);
    if (d->stage + 1 == OPEN_STAGES)
        return win(s, d, r);
    d->stage++;
    d->tries = 0;
    row_set_i64(r, DEAL_STAGE, s->stage_ids[d->stage]);
    revise(s, d, r);
    TRY(record_save(&s->cx, r));
    if (d->stage == 3 && deal % 3 == 0)
        TRY(rival_met(s, d->id, deal / 3));
    if (d->stage == 4 && deal % 2 == 0)
        TRY(card_used(s, d->id));
    next_step(s, deal);
    if (rng_percent(&s->rng, colleagues[d->rep].care / 3))
        return task_add(s, d->contact, d->id, d->rep,
                        sim_work_after(s, sim_now(s), 120 + rng_below(&s->rng, 4000)));
    return OK;
}

/* ---- deals that no form began ---- */
static int any_rep(struct sim *s)
{
    int rep;

    do
        rep = rng_between(&s->rng, 0, COLLEAGUES - 1);
    while (colleagues[rep].works_in != TEAM_SALES ||
           colleagues[rep].since_percent * 10 > sim_permille(s));
    return rep;
}

/* Nobody asked for the call. */
static u8 cold(u8 promise) { return (u8)(promise * 85 / 100); }

/* Whom a salesperson calls without being asked: a lead that lies there, or somebody they met. */
static enum status approach(struct sim *s)
{
    int rep = any_rep(s);
    u32 index = 0;

    for (int tries = 0; tries < 12 && s->contacts.count; tries++) {
        struct contact *c;
        index = rng_below(&s->rng, (u32)s->contacts.count);
        c = &s->contacts.at[index];
        if (c->state != LEAD_NEW || c->company < 0 || c->fit < 30 || !c->id)
            continue;
        if (rng_percent(&s->rng, 35))
            break;
        c->state = LEAD_TAKEN;
        c->rep = (u8)rep;
        c->promise = cold(contact_promise(c));
        sim_at(s, sim_now(s) + MS_MINUTE, STEP_OPEN_DEAL, index);
        return OK;
    }
    i32 firm = s->firms.count ? (i32)rng_below(&s->rng, (u32)s->firms.count) : -1;
    if (firm >= 0 && !s->firms.at[firm].id)
        firm = -1;
    TRY(contact_met(s, rep, firm, &index));
    s->contacts.at[index].state = LEAD_TAKEN;
    s->contacts.at[index].promise = cold(contact_promise(&s->contacts.at[index]));
    sim_at(s, sim_now(s) + 5 * MS_MINUTE, STEP_OPEN_DEAL, index);
    return OK;
}

/* Each working day: as many as are missing from the goal, but no more than people can. */
enum status expand_step(struct sim *s)
{
    i64 goal = s->o.deals * (i64)sim_permille(s) / 1000;
    i64 missing = goal - s->numbers.deals;

    sim_at(s, sim_work_after(s, sim_now(s), 300 + rng_below(&s->rng, 360)), STEP_EXPAND, 0);
    for (i64 i = 0; i < missing && i < 4; i++)
        TRY(approach(s));
    return OK;
}
