/* suits.c -- who becomes a customer, and why: whose farm and whose work the product suits, and who
 * shows that they want it. Nothing of it is written down; people do and are what it says, and
 * salespeople have the luck that it gives them, with much that stays chance. */
#include "demo/demo_int.h"

static const struct {
    const char *industry;
    u8 worth;
} industries[] = { { "agriculture", 66 },
                   { "logistics", 36 },
                   { "services", 32 },
                   { "retail", 22 },
                   { "education", 8 } };

/* The smallest cannot pay for it; the largest have something already. */
static const struct {
    u16 below;
    i8 more;
} sizes[] = { { 6, -22 }, { 12, -6 }, { 40, 10 }, { 150, 30 }, { UINT16_MAX, 20 } };

static int between(int n, int least, int most) { return n < least ? least : n > most ? most : n; }

u8 firm_suits(const struct firm *f)
{
    int worth = 30;

    for (size_t i = 0; i < countof(industries); i++)
        if (text_is(industries[i].industry, f->industry))
            worth = industries[i].worth;
    for (size_t i = 0; i < countof(sizes); i++)
        if (f->employees < sizes[i].below)
            return (u8)between(worth + sizes[i].more, 0, 100);
    return (u8)worth;
}

/* own: what nobody sees of them, 0 to 100. Without a company they are gardeners, mostly. */
u8 contact_fit(const struct sim *s, const struct contact *c, int own)
{
    if (c->company < 0)
        return (u8)between(own / 2 - 4, 0, 100);
    int mean = (own * 15 + s->firms.at[c->company].suits * 50 + c->job_worth * 35) / 100;
    return (u8)between(55 + (mean - 58) * 16 / 10, 0, 100);
}

static int at_most(int n, int most) { return n < most ? n : most; }

/* What somebody has shown so far, 0 to 100. */
static int interest_of(const struct tally *t)
{
    int shown = 6 + 36 * at_most(t->asked, 1) + 14 * at_most(t->wrote, 1) +
                12 * at_most(t->pricing, 4) + 9 * at_most(t->customers, 3) +
                3 * at_most(t->days, 6) + 5 * at_most(t->letters, 3) - 40 * at_most(t->careers, 1);

    return between(shown, 0, 100);
}

u8 contact_promise(const struct contact *c)
{
    return (u8)((c->fit * 42 + interest_of(&c->tally) * 58) / 100);
}
