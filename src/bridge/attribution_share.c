/* attribution_share.c -- the models. A model gives shares to milestones and the rest, evenly, to
 * the touches between them; each milestone has its touch. The definitions are those of the field
 * (HubSpot's U, W and full path, Google's and Salesforce's position-based and time decay). */
#include "base/clock.h"
#include "bridge/attribution.h"
#include <assert.h>
#include <math.h>
#include <stdlib.h>

/* Whose touch: the one at or before it. */
enum { TO_FIRST, TO_LAST, TO_LAST_NON_DIRECT, TO_LEAD, TO_OPPORTUNITY, TO_CLOSE, MILESTONES };

const struct attribution_model attribution_models[ATTRIBUTION_MODELS] = {
    [ATTRIBUTION_FIRST] = { "first", "First", "All to the first touch." },
    [ATTRIBUTION_LAST] = { "last", "Last", "All to the last touch." },
    [ATTRIBUTION_LAST_NON_DIRECT] = { "last_non_direct", "Last non-direct",
                                      "All to the last touch that was not direct; to the last one "
                                      "where all were." },
    [ATTRIBUTION_LINEAR] = { "linear", "Linear", "The same to each touch." },
    [ATTRIBUTION_DECAY] = { "time_decay", "Time decay",
                            "Half as much for each half-life that a touch lies further back." },
    [ATTRIBUTION_POSITION] = { "position", "Position-based",
                               "40% to the first touch, 40% to the last, 20% among those "
                               "between." },
    [ATTRIBUTION_U_SHAPED] = { "u_shaped", "U-shaped",
                               "40% to the first touch, 40% to the one that made the lead, 20% "
                               "among the others." },
    [ATTRIBUTION_W_SHAPED] = { "w_shaped", "W-shaped",
                               "30% each to the first touch, to the one that made the lead and to "
                               "the one before the deal was created, 10% among the others." },
    [ATTRIBUTION_FULL_PATH] = { "full_path", "Full path",
                                "22.5% each to the first touch, to those before the lead, the deal "
                                "and the close, 10% among the others." },
};

/* In tenths of a percent. */
static const struct {
    u16 shares[MILESTONES];
    u16 rest;  /* among the touches that are no milestone's */
    bool even; /* two touches have half each */
} parts[ATTRIBUTION_MODELS] = {
    [ATTRIBUTION_FIRST] = { .shares = { [TO_FIRST] = 1000 } },
    [ATTRIBUTION_LAST] = { .shares = { [TO_LAST] = 1000 } },
    [ATTRIBUTION_LAST_NON_DIRECT] = { .shares = { [TO_LAST_NON_DIRECT] = 1000 } },
    [ATTRIBUTION_LINEAR] = { .rest = 1000 },
    [ATTRIBUTION_POSITION] = { .shares = { [TO_FIRST] = 400, [TO_LAST] = 400 },
                               .rest = 200,
                               .even = true },
    [ATTRIBUTION_U_SHAPED] = { .shares = { [TO_FIRST] = 400, [TO_LEAD] = 400 },
                               .rest = 200,
                               .even = true },
    [ATTRIBUTION_W_SHAPED] = { .shares = { [TO_FIRST] = 300,
                                           [TO_LEAD] = 300,
                                           [TO_OPPORTUNITY] = 300 },
                               .rest = 100 },
    [ATTRIBUTION_FULL_PATH] = { .shares = { [TO_FIRST] = 225,
                                            [TO_LEAD] = 225,
                                            [TO_OPPORTUNITY] = 225,
                                            [TO_CLOSE] = 225 },
                                .rest = 100 },
};

enum { NO_TOUCH = -1 };

static int last_until(const struct attribution_touch *touches, size_t count, i64 at_ms)
{
    int at = NO_TOUCH;

    for (size_t i = 0; i < count && at_ms != TIME_NONE && touches[i].at_ms <= at_ms; i++)
        at = (int)i;
    return at;
}

static int touch_of(int milestone, const struct attribution_story *story,
                    const struct attribution_touch *touches, size_t count)
{
    const i64 times[MILESTONES] = { [TO_LEAD] = story->lead_ms,
                                    [TO_OPPORTUNITY] = story->opportunity_ms,
                                    [TO_CLOSE] = story->close_ms };

    switch (milestone) {
    case TO_FIRST:
        return 0;
    case TO_LAST:
        return (int)count - 1;
    case TO_LAST_NON_DIRECT:
        for (size_t i = count; i-- > 0;)
            if (!touches[i].direct)
                return (int)i;
        return (int)count - 1;
    default: /* what had not happened by then has no touch */
        return times[milestone] > story->at_ms ? NO_TOUCH
                                               : last_until(touches, count, times[milestone]);
    }
}

/* Shares of milestones without a touch, and the rest where no touch is left for it, go to the
 * others in proportion: weights need not add up to a whole. */
static void weigh(int model, const struct attribution_story *story,
                  const struct attribution_touch *touches, size_t count,
                  struct attribution_credit *weights)
{
    size_t between = count, held = 0;

    for (int m = 0; m < MILESTONES; m++) {
        int at = parts[model].shares[m] ? touch_of(m, story, touches, count) : NO_TOUCH;
        if (at == NO_TOUCH)
            continue;
        between -= weights[at].credit == 0;
        held++;
        weights[at].credit += parts[model].shares[m];
    }
    for (size_t i = 0; i < count && held == 0; i++)
        weights[i].credit = 1;
    if (held == 0 || between == 0 || parts[model].rest == 0)
        return;
    for (size_t i = 0; i < count; i++)
        weights[i].credit =
            weights[i].credit ? weights[i].credit * (i64)between : parts[model].rest;
}

/* Counted from the last touch, which is whole however long ago it was. */
static void weigh_by_age(const struct attribution_story *story,
                         const struct attribution_touch *touches, size_t count,
                         struct attribution_credit *weights)
{
    for (size_t i = 0; i < count; i++) {
        double age = (double)(touches[count - 1].at_ms - touches[i].at_ms);
        weights[i].credit = llround(ldexp(exp2(-age / story->half_life_ms), 32));
    }
}

static int largest_first(const void *pa, const void *pb)
{
    const struct attribution_credit *a = pa, *b = pb;

    return a->remainder != b->remainder
               ? (a->remainder < b->remainder) - (a->remainder > b->remainder)
               : (a->touch > b->touch) - (a->touch < b->touch);
}

static int in_order(const void *pa, const void *pb)
{
    const struct attribution_credit *a = pa, *b = pb;

    return (a->touch > b->touch) - (a->touch < b->touch);
}

/* Weights become credits. */
static void divide(i64 value, size_t count, struct attribution_credit *credits)
{
    i64 sum = 0, left = value;

    for (size_t i = 0; i < count; i++)
        sum += credits[i].credit;
    for (size_t i = 0; i < count; i++) {
        __int128 whole = (__int128)value * credits[i].credit;
        credits[i].credit = (i64)(whole / sum);
        credits[i].remainder = (i64)(whole % sum);
        left -= credits[i].credit;
    }
    if (left == 0)
        return;
    qsort(credits, count, sizeof *credits, largest_first);
    for (i64 i = 0; i < left; i++) /* there are fewer than touches */
        credits[i].credit++;
    qsort(credits, count, sizeof *credits, in_order);
}

void attribution_share(int model, const struct attribution_story *story,
                       const struct attribution_touch *touches, size_t count, i64 value,
                       struct attribution_credit *credits)
{
    assert(count > 0 && value >= 0);
    for (size_t i = 0; i < count; i++)
        credits[i] = (struct attribution_credit){ .touch = (u32)i };
    if (model == ATTRIBUTION_DECAY)
        weigh_by_age(story, touches, count, credits);
    else if (parts[model].even && count == 2)
        credits[0].credit = credits[1].credit = 1;
    else
        weigh(model, story, touches, count, credits);
    divide(value, count, credits);
}
