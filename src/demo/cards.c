/* cards.c -- whom the demo company meets in deals, and what its salespeople have in hand against
 * them. No chance is drawn here: the story stays the one it was. */
#include "demo/demo_int.h"
#include "sales/card.h"
#include "sales/deal.h"

static const char *const strengths[] = {
    "A low price for the first season\nSensors in stock at every dealer",
    "An app that growers like\nWeather from its own stations",
    "Pictures from above, of every row\nKnown at the wine schools",
    "Cheap gateways\nService in German only, but at once",
    "Valves and pumps from one hand\nLong contracts with cooperatives",
};
static const char *const weaknesses[] = {
    "Readings once an hour only\nEach sensor has a yearly fee",
    "No irrigation control\nFrost alarm by mail, not by call",
    "Nothing in the ground\nResults after two days",
    "No data export\nNobody comes to install it",
    "Closed system: no other maker's sensors\nThree years at least",
};

static enum status make_competitors(struct sim *s)
{
    for (size_t i = 0; competitors[i]; i++) {
        struct row *r = row_new(&s->cx, &competitor_type);
        row_set_text(r, COMPETITOR_NAME, competitors[i]);
        row_set_text(r, COMPETITOR_STRENGTHS, strengths[i % countof(strengths)]);
        row_set_text(r, COMPETITOR_WEAKNESSES, weaknesses[i % countof(weaknesses)]);
        row_set_text(r, COMPETITOR_ANSWER,
                     "Compare a whole season, not the box: what is in the ground, who installs it, "
                     "what the alarm does at three in the morning.");
        TRY(record_save(&s->cx, r));
        s->rival_ids[i] = row_id(r);
    }
    return OK;
}

static enum status make_card(struct sim *s, const char *name, const char *kind, int stage,
                             i64 rival, const char *steps, const char *points,
                             const char *objections, i64 *id)
{
    struct row *r = row_new(&s->cx, &sales_card_type);

    row_set_text(r, CARD_NAME, name);
    row_set_text(r, CARD_KIND, kind);
    if (stage >= 0)
        row_set_i64(r, CARD_STAGE, s->stage_ids[stage]);
    if (rival)
        row_set_i64(r, CARD_COMPETITOR, rival);
    row_set_text(r, CARD_STEPS, steps);
    row_set_text(r, CARD_POINTS, points);
    row_set_text(r, CARD_OBJECTIONS, objections);
    TRY(record_save(&s->cx, r));
    *id = row_id(r);
    return OK;
}

enum status make_cards(struct sim *s)
{
    i64 id;

    sim_as(s, 4);
    TRY(make_competitors(s));
    TRY(make_card(s, "Walk the rows", "playbook", 2, 0,
                  "Walk the rows together\nAsk for the frost nights of the last three years\nNote "
                  "who pays and who decides",
                  "Growers believe what they see in their own rows\nA trial of six weeks costs "
                  "nothing",
                  "We have managed without = How many nights did somebody sit up?", &id));
    TRY(make_card(s, "From offer to yes", "playbook", 4, 0,
                  "Go through the offer by phone\nAgree on the day of installation\nAsk who signs",
                  "A day of installation makes it real\nGive for something: a reference, a longer "
                  "term",
                  "It is too expensive = Count the season that frost took, not the probes\nWe want "
                  "to wait a year = The trial can begin now, the payment next season",
                  &s->card_id));
    return make_card(s, arena_printf(s->work, "Against %s", competitors[0]), "battlecard", -1,
                     s->rival_ids[0],
                     "Find out what they offered\nShow two readings an hour against one",
                     "Ask what each sensor costs in the third year",
                     "They are cheaper = In the first season; here is the sum of three", &id);
}

enum status rival_met(struct sim *s, i64 deal, u32 index)
{
    struct row *r = row_new(&s->cx, &deal_competitor_type);
    size_t count = 0;

    while (competitors[count])
        count++;
    row_set_i64(r, RIVAL_DEAL, deal);
    row_set_i64(r, RIVAL_COMPETITOR, s->rival_ids[index % count]);
    return record_save(&s->cx, r);
}

enum status card_used(struct sim *s, i64 deal)
{
    struct row *r = row_new(&s->cx, &card_step_type);

    row_set_i64(r, TICK_DEAL, deal);
    row_set_i64(r, TICK_CARD, s->card_id);
    row_set_text(r, TICK_TEXT, "Go through the offer by phone");
    return record_save(&s->cx, r);
}
