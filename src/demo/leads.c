/* leads.c -- from the line to the deal: hand-offs and their answers, calls, meetings, notes and
 * tasks. Each salesperson has a pace, a judgement and a way of writing things down. */
#include "bridge/assignment.h"
#include "bridge/contact.h"
#include "bridge/handoff.h"
#include "demo/demo_int.h"

enum { LINE = 100, CALLS_MAX = 5, REP_OF_SIGN_IN = 4, LEADS_LOOKED_AT = 30 };

/* ---- over the line ---- */
/* After a visit or a form: whether the score hands the lead over, or a marketer might. */
void lead_look(struct sim *s, u32 contact, i64 at)
{
    struct contact *c = &s->contacts.at[contact];
    int score = tally_score(&c->tally);

    c->score = (u32)score;
    if (c->state != LEAD_NEW || at < c->quiet_until)
        return;
    if (score >= LINE) {
        c->state = LEAD_WAITS;
        sim_at(s, at + 2 * MS_SECOND + rng_below(&s->rng, 3000), STEP_CROSS, contact);
    } else if (score >= 62 && c->fit > 50 && rng_percent(&s->rng, 5)) {
        sim_at(s, sim_work_after(s, at, rng_between(&s->rng, 30, 700)), STEP_MANUAL, contact);
    }
}

/* Round robin among those who sell by now, as handoff.next_owner does. */
static int rep_next(struct sim *s)
{
    do
        s->next_rep = (s->next_rep + 1) % COLLEAGUES;
    while (colleagues[s->next_rep].works_in != TEAM_SALES ||
           colleagues[s->next_rep].since_percent * 10 > sim_permille(s));
    return s->next_rep;
}

/* An answer after the salesperson's time, which past the story's end is nobody's answer yet. */
static void plan_answer(struct sim *s, u32 handoff)
{
    const struct colleague *rep = &colleagues[s->handoffs.at[handoff].rep];
    i64 minutes = 1 + rng_spread(&s->rng, SPREAD_WIDE, 95 * 100 / rep->speed);

    sim_at(s, sim_work_after(s, sim_now(s), minutes), STEP_ANSWER, handoff);
}

/* Whom the rules gave it to. */
static enum status rep_given(struct sim *s, i64 handoff, int *rep)
{
    struct row *r;

    TRY(record_get(&s->cx, &handoff_type, handoff, &r));
    for (int i = 0; i < COLLEAGUES; i++)
        if (s->user_ids[i] == row_i64(r, HANDOFF_OWNER))
            *rep = i;
    return OK;
}

static enum status hand_over(struct sim *s, u32 contact, int from, const char *reason,
                             const char *note, bool planned)
{
    struct contact *c = &s->contacts.at[contact];
    struct handoff *h;
    bool by_rule = s->ruled && c->rep == UINT8_MAX;
    int rep = c->rep != UINT8_MAX || by_rule ? c->rep : rep_next(s);
    struct handoff_order order = { .contact_id = c->id,
                                   .from_user = from < 0 ? 0 : s->user_ids[from],
                                   .owner_id = by_rule ? 0 : s->user_ids[rep],
                                   .reason = reason,
                                   .note = note };
    i64 id;

    TRY(handoff_make(&s->cx, &order, &id));
    if (by_rule)
        TRY(rep_given(s, id, &rep));
    h = LIST_ADD(&s->handoffs);
    *h = (struct handoff){ .id = id, .made_ms = sim_now(s), .contact = contact, .rep = (u8)rep };
    c = &s->contacts.at[contact];
    c->promise = contact_promise(c);
    c->state = LEAD_WAITS;
    c->rep = (u8)rep;
    s->numbers.handoffs++;
    if (planned)
        plan_answer(s, (u32)(s->handoffs.count - 1));
    return OK;
}

static enum status save_score(struct sim *s, const struct contact *c)
{
    struct row *r;

    TRY(record_get(&s->cx, &contact_type, c->id, &r));
    row_set_i64(r, CONTACT_SCORE, c->score);
    return record_save(&s->cx, r);
}

/* The strongest reason, in the words of score.c. */
static const char *why_now(struct sim *s, const struct contact *c)
{
    const struct tally *t = &c->tally;
    const struct {
        const char *rule;
        int points;
    } parts[] = { { "Form submitted", 50 * (t->forms < 2 ? t->forms : 2) },
                  { "Looked at pricing", 15 * (t->pricing < 3 ? t->pricing : 3) },
                  { "A day with a visit", 5 * (t->days < 6 ? t->days : 6) },
                  { "Read a case study", 8 * (t->customers < 3 ? t->customers : 3) } };
    size_t best = 0;

    for (size_t i = 1; i < countof(parts); i++)
        if (parts[i].points > parts[best].points)
            best = i;
    return arena_printf(s->work, "Score reached %u: most for %s (%d points)", c->score,
                        parts[best].rule, parts[best].points);
}

enum status cross_step(struct sim *s, u32 contact)
{
    sim_as(s, -1);
    TRY(save_score(s, &s->contacts.at[contact]));
    return hand_over(s, contact, -1, why_now(s, &s->contacts.at[contact]), NULL, true);
}

/* A marketer who knows more than the score. `waits`: at the story's end, nobody answers yet. */
enum status manual_step(struct sim *s, u32 contact, bool waits)
{
    struct contact *c = &s->contacts.at[contact];
    int who = rng_between(&s->rng, 0, 3);
    const char *reason, *note = NULL;
    struct told t;

    if (c->state != LEAD_NEW || !c->id)
        return OK;
    sim_as(s, -1);
    c->score = (u32)tally_score(&c->tally);
    TRY(save_score(s, c));
    sim_as(s, who);
    t = told_of(s, contact, who);
    if (rng_percent(&s->rng, 70))
        note = text_about(s->work, &s->rng, TEXT_HANDOFF_NOTE, &t);
    reason = text_about(s->work, &s->rng, TEXT_HANDOFF_REASON, &t);
    return hand_over(s, contact, who, reason, note, !waits);
}

/* Whether the rules would give this one to whom signs in. */
static enum status falls_to_sign_in(struct sim *s, const struct contact *c, bool *falls)
{
    struct assignment to;
    struct row *r;

    TRY(record_get(&s->cx, &contact_type, c->id, &r));
    TRY(assignment_choose(&s->cx, r, &to));
    *falls = to.owner_id == s->user_ids[REP_OF_SIGN_IN];
    return OK;
}

static bool is_free(const struct sim *s, const struct contact *c)
{
    return c->state == LEAD_NEW && c->company >= 0 && c->visitor >= 0 && c->score < LINE &&
           c->quiet_until < sim_now(s);
}

/* The best that is worth less than `below`; UINT32_MAX: none. */
static u32 best_free(const struct sim *s, u64 below, u64 *worth)
{
    u32 best = UINT32_MAX;

    *worth = 0;
    for (size_t i = 0; i < s->contacts.count; i++) {
        const struct contact *c = &s->contacts.at[i];
        u64 its = ((u64)(c->score + c->fit) << 32) + (u32)~i; /* of equals the first */
        if (its < below && its > *worth && is_free(s, c)) {
            best = (u32)i;
            *worth = its;
        }
    }
    return best;
}

enum status last_lead_step(struct sim *s, bool of_sign_in)
{
    u64 worth;
    u32 best = best_free(s, UINT64_MAX, &worth);

    if (best == UINT32_MAX)
        return OK;
    if (!of_sign_in)
        return manual_step(s, best, true);
    for (u32 i = 0, other = best; i < LEADS_LOOKED_AT && other != UINT32_MAX; i++) {
        struct contact *c = &s->contacts.at[other];
        bool falls = false;
        if (c->score >= LINE / 2)
            TRY(falls_to_sign_in(s, c, &falls));
        if (falls) {
            c->rep = UINT8_MAX;
            return manual_step(s, other, true);
        }
        other = best_free(s, worth, &worth);
    }
    s->contacts.at[best].rep = REP_OF_SIGN_IN;
    return manual_step(s, best, true);
}

/* ---- the answer ---- */
struct refusal {
    const char *outcome;
    enum text_kind text;
    u16 poor, fair; /* weights: of leads that do not fit, of those that do */
    bool recycle;
};
static const struct refusal refusals[] = {
    { "no_budget", TEXT_NO_BUDGET, 10, 16, false },
    { "no_budget", TEXT_NO_BUDGET, 4, 14, true },
    { "no_need", TEXT_NO_NEED, 34, 6, false },
    { "wrong_person", TEXT_WRONG_PERSON, 22, 8, false },
    { "not_reached", TEXT_NOT_REACHED, 10, 20, true },
    { "too_early", TEXT_TOO_EARLY, 6, 34, true },
    { "competitor", TEXT_BOUGHT, 4, 12, false },
    { "bad_data", TEXT_BAD_DATA, 14, 2, false },
    { "duplicate", TEXT_DUPLICATE, 4, 6, false },
};

static enum status refuse(struct sim *s, struct handoff *h, struct row *r)
{
    struct contact *c = &s->contacts.at[h->contact];
    struct told t = told_of(s, h->contact, h->rep);
    u16 weights[countof(refusals)];
    const struct refusal *why;

    for (size_t i = 0; i < countof(refusals); i++)
        weights[i] = c->fit < 38 ? refusals[i].poor : refusals[i].fair;
    why = &refusals[rng_weighted(&s->rng, weights, countof(refusals))];
    c->state = why->recycle ? LEAD_NEW : LEAD_REFUSED;
    c->quiet_until = sim_now(s) + setting_i64(&s->cx, "handoff.rest_days") * MS_DAY;
    return handoff_decide(&s->cx, r, why->recycle ? "recycle" : "reject", why->outcome,
                          text_about(s->work, &s->rng, why->text, &t));
}

enum status answer_step(struct sim *s, u32 handoff)
{
    struct handoff *h = &s->handoffs.at[handoff];
    struct contact *c = &s->contacts.at[h->contact];
    const struct colleague *rep = &colleagues[h->rep];
    struct told t = told_of(s, h->contact, h->rep);
    struct row *r;

    sim_as(s, h->rep);
    TRY(record_get(&s->cx, &handoff_type, h->id, &r));
    /* Skill is telling who will buy: the good take fewer that will not. */
    int taken = c->promise * 13 / 10 - (c->promise < 40 ? (rep->skill - 100) / 2 : 0);
    if (!rng_percent(&s->rng, taken))
        return refuse(s, h, r);
    TRY(handoff_decide(&s->cx, r, "accept", "", text_about(s->work, &s->rng, TEXT_ACCEPTED, &t)));
    c->state = LEAD_TAKEN;
    c->quick = sim_now(s) - h->made_ms < 3 * (i64)MS_HOUR;
    s->numbers.accepted++;
    sim_at(
        s,
        sim_work_after(s, sim_now(s), 4 + rng_spread(&s->rng, SPREAD_USUAL, 60 * 100 / rep->speed)),
        STEP_CALL, h->contact);
    return OK;
}

/* ---- work with a lead ---- */
enum status activity_log(struct sim *s, const char *kind, u32 contact, i64 deal_id,
                         const char *subject, const char *body, const char *outcome, int minutes)
{
    const struct contact *c = &s->contacts.at[contact];
    struct row *r = row_new(&s->cx, s->activity);

    put_text(r, "kind", kind);
    put_text(r, "subject", subject);
    put_text(r, "body", body);
    put_i64(r, "contact_id", c->id);
    if (c->company >= 0)
        put_i64(r, "company_id", s->firms.at[c->company].id);
    if (deal_id)
        put_i64(r, "deal_id", deal_id);
    if (outcome)
        put_text(r, "outcome", outcome);
    if (minutes)
        put_i64(r, "minutes", minutes);
    s->numbers.activities++;
    return record_save(&s->cx, r);
}

/* Of what is due on the story's last day much is still to do, and a little of the days before. */
static bool stays_open(struct sim *s, i64 due_ms)
{
    i64 day = zone_day(s->zone, due_ms);

    if (day == s->end_day)
        return rng_percent(&s->rng, 75);
    return day < s->end_day && day > s->end_day - 5 && rng_percent(&s->rng, 16);
}

enum status task_add(struct sim *s, u32 contact, i64 deal_id, int rep, i64 due_ms)
{
    const struct contact *c = &s->contacts.at[contact];
    struct row *r = row_new(&s->cx, s->activity);
    struct told t = told_of(s, contact, rep);
    struct task *task;

    due_ms = due_ms / (15 * MS_MINUTE) * (15 * MS_MINUTE);
    put_text(r, "kind", "task");
    put_text(r, "subject", text_about(s->work, &s->rng, TEXT_TASK, &t));
    put_i64(r, "contact_id", c->id);
    if (c->company >= 0)
        put_i64(r, "company_id", s->firms.at[c->company].id);
    if (deal_id)
        put_i64(r, "deal_id", deal_id);
    put_i64(r, "owner_id", s->user_ids[rep]);
    put_i64(r, "due_at", due_ms);
    TRY(record_save(&s->cx, r));
    s->numbers.activities++;
    if (stays_open(s, due_ms))
        return OK;
    task = LIST_ADD(&s->tasks);
    *task = (struct task){ .id = row_id(r), .rep = (u8)rep };
    /* Most are done before they are due, some after. */
    i64 done = due_ms - rng_between(&s->rng, -300, 420) * (i64)MS_MINUTE;
    if (rng_percent(&s->rng, 24 - colleagues[rep].care / 10))
        done += rng_spread(&s->rng, SPREAD_USUAL, 2 * (i64)MS_DAY);
    if (done <= sim_now(s))
        done = due_ms + 15 * MS_MINUTE;
    sim_at(s, sim_work_after(s, done, 0), STEP_TASK, (u32)(s->tasks.count - 1));
    return OK;
}

enum status task_step(struct sim *s, u32 task)
{
    struct row *r;

    sim_as(s, s->tasks.at[task].rep);
    TRY(record_get(&s->cx, s->activity, s->tasks.at[task].id, &r));
    put_i64(r, "done", 1);
    return record_save(&s->cx, r);
}

static enum status lead_status(struct sim *s, const struct contact *c, const char *status)
{
    struct row *r;

    TRY(record_get(&s->cx, &contact_type, c->id, &r));
    row_set_text(r, CONTACT_STATUS, status);
    return record_save(&s->cx, r);
}

/* How likely a talk with this lead becomes a deal, percent; less when there are deals enough. */
static int deal_percent(struct sim *s, const struct contact *c)
{
    i64 goal = s->o.deals * (i64)sim_permille(s) / 1000;
    int percent = c->promise * 14 / 10 - 12;

    return s->numbers.deals > goal + 3 ? percent / 3 : percent;
}

/* A meeting stands in the calendar from the call until it is held. */
static enum status meeting_plan(struct sim *s, u32 contact, i64 at)
{
    struct contact *c = &s->contacts.at[contact];
    struct told t = told_of(s, contact, c->rep);
    struct row *r = row_new(&s->cx, s->activity);

    put_text(r, "kind", "meeting");
    put_text(r, "subject", text_about(s->work, &s->rng, TEXT_MEETING_SUBJECT, &t));
    put_i64(r, "contact_id", c->id);
    if (c->company >= 0)
        put_i64(r, "company_id", s->firms.at[c->company].id);
    put_i64(r, "due_at", at / (15 * MS_MINUTE) * (15 * MS_MINUTE));
    TRY(record_save(&s->cx, r));
    s->numbers.activities++;
    c->meeting_id = row_id(r);
    sim_at(s, at, STEP_MEETING, contact);
    return OK;
}

static enum status meeting_end(struct sim *s, const struct contact *c, const char *outcome,
                               const char *text, int minutes)
{
    struct row *r;

    TRY(record_get(&s->cx, s->activity, c->meeting_id, &r));
    put_text(r, "outcome", outcome);
    put_text(r, "body", text);
    if (minutes)
        put_i64(r, "minutes", minutes);
    put_i64(r, "done", 1);
    return record_save(&s->cx, r);
}

static enum status after_reached(struct sim *s, u32 contact)
{
    const struct contact *c = &s->contacts.at[contact];
    int care = colleagues[c->rep].care;
    i64 now = sim_now(s), later = 2 + rng_spread(&s->rng, SPREAD_USUAL, 4);

    TRY(lead_status(s, c, "connected"));
    if (rng_percent(&s->rng, 30 * care / 100)) {
        struct told t = told_of(s, contact, c->rep);
        TRY(activity_log(s, "note", contact, 0, "", text_about(s->work, &s->rng, TEXT_NOTE, &t),
                         NULL, 0));
    }
    if (rng_percent(&s->rng, 60 * care / 100))
        TRY(task_add(s, contact, 0, c->rep,
                     sim_work_after(s, now, 120 + rng_below(&s->rng, 3600))));
    c = &s->contacts.at[contact];
    if (rng_percent(&s->rng, deal_percent(s, c)))
        return meeting_plan(s, contact, sim_work_after(s, now, later * 480));
    if (rng_percent(&s->rng, 70))
        return lead_status(s, c,
                           rng_percent(&s->rng, 120 - c->promise) ? "disqualified" : "nurturing");
    return OK;
}

enum status call_step(struct sim *s, u32 contact, u16 tries)
{
    struct contact *c = &s->contacts.at[contact];
    struct told t = told_of(s, contact, c->rep);
    const char *subject = text_about(s->work, &s->rng, TEXT_CALL_SUBJECT, &t);
    u32 chance = rng_below(&s->rng, 100), reached = c->quick ? 52 : 40;

    if (c->state != LEAD_TAKEN)
        return OK;
    sim_as(s, c->rep);
    if (chance < reached) {
        int minutes = rng_between(&s->rng, 4, 28);
        TRY(activity_log(s, "call", contact, 0, subject,
                         text_about(s->work, &s->rng, TEXT_REACHED, &t), "reached", minutes));
        return after_reached(s, contact);
    }
    if (chance < reached + 5 && tries > 1) {
        TRY(activity_log(s, "call", contact, 0, subject, "", "wrong_number", 1));
        return lead_status(s, c, "disqualified");
    }
    if (chance < reached + 24)
        TRY(activity_log(s, "call", contact, 0, subject,
                         text_about(s->work, &s->rng, TEXT_MESSAGE, &t), "left_message", 2));
    else
        TRY(activity_log(s, "call", contact, 0, subject,
                         text_about(s->work, &s->rng, TEXT_MISSED, &t), "no_answer", 1));
    if (!tries)
        TRY(lead_status(s, c, "attempting"));
    if (tries + 1 >= CALLS_MAX)
        return lead_status(s, c, "nurturing");
    sim_at(s, sim_work_after(s, sim_now(s), 200 + rng_spread(&s->rng, SPREAD_USUAL, 700)),
           STEP_CALL, contact)
        ->more = (u16)(tries + 1);
    return OK;
}

/* The first meeting; a deal follows it, unless nobody came. */
enum status meeting_step(struct sim *s, u32 contact)
{
    struct contact *c = &s->contacts.at[contact];
    struct told t = told_of(s, contact, c->rep);
    int minutes;

    if (c->state != LEAD_TAKEN)
        return OK;
    sim_as(s, c->rep);
    if (rng_percent(&s->rng, 9)) {
        TRY(meeting_end(s, c, "no_show", "", 0));
        sim_at(s, sim_work_after(s, sim_now(s), 900), STEP_CALL, contact)->more = 2;
        return OK;
    }
    minutes = 15 * rng_between(&s->rng, 2, 6);
    TRY(meeting_end(s, c, "held", text_about(s->work, &s->rng, TEXT_MEETING, &t), minutes));
    sim_at(s, sim_now(s) + rng_between(&s->rng, 10, 150) * (i64)MS_MINUTE, STEP_OPEN_DEAL, contact);
    return OK;
}
