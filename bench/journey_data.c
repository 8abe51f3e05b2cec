/* journey_data FOLDER EVENTS [SEED]: a year of made-up events, the same for the same seed, for the
 * comparison of reports with another engine. Writes FOLDER/events.csv in order of arrival: person,
 * visitor, sec, kind, channel, campaign, page, country, value. Most visitors come once; one in
 * twenty is a browser of somebody whom another visitor is already. Seconds are unique per person,
 * so that an order never depends on ties. */
#include "base/clock.h"
#include "reports.h"
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
    LEVELS = 6,
    BROWSERS =
        4, /* of one person: each has the seconds that leave its number when divided by this */
    VISITOR_EVENTS_MAX = 5000,
};
struct row {
    u32 person, visitor, sec, value;
    u16 campaign, page;
    u8 kind, channel, country;
};
static struct row *rows;
static size_t count, wanted;
static u64 seed;

static u64 next_random(void)
{
    u64 z = (seed += 0x9e3779b97f4a7c15u);
    z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9u;
    z = (z ^ z >> 27) * 0x94d049bb133111ebu;
    return z ^ z >> 31;
}
static u32 below(u32 n) { return (u32)((next_random() >> 32) * n >> 32); }
static double uniform(void) { return ((double)(next_random() >> 11) + 0.5) / 9007199254740992.0; }
static u32 around(double mean) { return (u32)(-mean * log(uniform())); }

static u8 any_kind(void)
{
    static const struct {
        u16 below;
        u8 kind;
    } shares[] = { { 795, DATA_PAGEVIEW },
                   { 850, 1 },
                   { 860, DATA_FORM_SUBMIT },
                   { 915, 3 },
                   { 935, DATA_EMAIL_CLICK },
                   { 945, 5 },
                   { 960, 14 },
                   { 975, 16 },
                   { 1000, 18 } };
    u32 u = below(1000), i = 0;

    while (u >= shares[i].below)
        i++;
    return shares[i].kind;
}

static u8 any_channel(void)
{
    static const u8 shares[DATA_CHANNELS] = { 25, 52, 64, 71, 77, 85, 91, 94, 96, 98, 99, 100 };
    u32 u = below(100);
    u8 c = 0;

    while (u >= shares[c])
        c++;
    return c;
}

static u16 any_campaign(u8 channel)
{
    double u = uniform();
    return channel == 0 || channel == 1 || channel == 4 || channel == 6
               ? 0
               : (u16)(1 + (u32)(u * u * (DATA_CAMPAIGNS - 1)));
}

static u16 any_page(void) { return (u16)(pow(DATA_PAGES, uniform()) - 1); }

/* The events of one visitor, in visits; then those of a lead's progress take the place of some. */
static void visitor(u32 id, u32 person, u32 browser, u32 level)
{
    static const u32 at_least[LEVELS] = { 1, 8, 10, 12, 20, 24 },
                     steps_of[LEVELS] = { 0, 1, 2, 3, 4, 5 };
    static const u8 steps[] = { DATA_FORM_SUBMIT, DATA_MQL, 9, DATA_DEAL_CREATED, DATA_DEAL_WON };
    double many = 7.0 * pow(uniform(), -0.8);
    u32 n = many > VISITOR_EVENTS_MAX ? VISITOR_EVENTS_MAX : (u32)many, sec = below(DATA_YEAR_S),
        left = 0, place = 0;
    u8 country = (u8)(below(10) < 6 ? below(5) : below(60)), home = any_channel(), channel = 0;
    u16 campaign = 0;

    n = n < at_least[level] ? at_least[level] : n;
    for (u32 i = 0; i < n; i++) {
        if (left-- == 0) {
            sec += i == 0                       ? 0
                   : level == 0 && below(4) > 0 ? 7200 + around(DATA_DAY_S / 4)
                                                : 7200 + around(12.0 * DATA_DAY_S);
            channel = below(100) < 45 ? home : any_channel();
            campaign = any_campaign(channel);
            left = around(4);
        } else {
            sec += 2 + around(55);
        }
        sec = sec / BROWSERS * BROWSERS + BROWSERS;
        if (sec + BROWSERS > DATA_YEAR_S || count == wanted)
            break;
        struct row r = { .person = person,
                         .visitor = id,
                         .sec = DATA_BEGIN_S + sec + browser,
                         .kind = i == 0 ? DATA_PAGEVIEW : any_kind(),
                         .channel = channel,
                         .campaign = campaign,
                         .country = country };
        if (place < steps_of[level] && i > 0 && below(n - i) < steps_of[level] - place) {
            r.kind = steps[place++];
            r.value = r.kind == DATA_DEAL_WON ? 10000 + around(300000) % 4990000 : 0;
            if (r.kind != DATA_FORM_SUBMIT)
                r.channel = 0, r.campaign = 0;
        } else if (r.kind == DATA_EMAIL_CLICK || r.kind == 3) {
            r.channel = 5;
            r.campaign = (u16)(1 + below(DATA_CAMPAIGNS - 1));
        }
        r.page = r.kind <= DATA_FORM_SUBMIT ? any_page() : 0;
        rows[count++] = r;
    }
}

static void everybody(void)
{
    u32 visitors = (u32)(wanted / 8 + 16), id = 0;
    u8 *browsers = calloc(visitors, 1);

    for (; count < wanted; id++) {
        u32 u = below(1000), person = id, browser = 0;
        if (id > 0 && id < visitors && below(20) == 0) {
            u32 other = below(id);
            if (browsers[other] < BROWSERS - 1 && browsers[other] != 255) {
                person = other;
                browser = ++browsers[other];
                browsers[id] = 255; /* nobody's browser has browsers */
            }
        }
        visitor(id, person, browser,
                u < 2    ? 5
                : u < 5  ? 4
                : u < 10 ? 3
                : u < 20 ? 2
                : u < 80 ? 1
                         : 0);
    }
    free(browsers);
}

/* By time; one in a hundred comes up to six hours late. */
static u32 *arrivals(void)
{
    struct late {
        u32 sec, index;
    } *from = malloc(count * sizeof *from), *to = malloc(count * sizeof *to), *swap;
    u32 *order = malloc(count * sizeof *order);

    for (size_t i = 0; i < count; i++)
        from[i] = (struct late){ rows[i].sec - DATA_BEGIN_S + (below(100) ? 0 : below(6 * 3600)),
                                 (u32)i };
    for (int shift = 0; shift < 33; shift += 11) {
        size_t at[2049] = { 0 };
        for (size_t i = 0; i < count; i++)
            at[(from[i].sec >> shift & 2047) + 1]++;
        for (int i = 0; i < 2048; i++)
            at[i + 1] += at[i];
        for (size_t i = 0; i < count; i++)
            to[at[from[i].sec >> shift & 2047]++] = from[i];
        swap = from;
        from = to;
        to = swap;
    }
    for (size_t i = 0; i < count; i++)
        order[i] = from[i].index;
    free(from);
    free(to);
    return order;
}

static char *put(char *at, u32 n, char end)
{
    char digits[10];
    int len = 0;

    do
        digits[len++] = (char)('0' + n % 10);
    while ((n /= 10) > 0);
    while (len > 0)
        *at++ = digits[--len];
    *at++ = end;
    return at;
}

int main(int argc, char **argv)
{
    char path[4096], line[128];
    FILE *out;

    if (argc < 3)
        return fprintf(stderr, "journey_data FOLDER EVENTS [SEED]\n"), 64;
    wanted = strtoull(argv[2], NULL, 10);
    seed = argc > 3 ? strtoull(argv[3], NULL, 10) : 1;
    rows = malloc(wanted * sizeof *rows);
    snprintf(path, sizeof path, "%s/events.csv", argv[1]);
    out = fopen(path, "w");
    if (rows == NULL || out == NULL)
        return fprintf(stderr, "journey_data: no memory, or cannot write '%s'\n", path), 1;
    everybody();
    u32 *order = arrivals();
    fputs("person,visitor,sec,kind,channel,campaign,page,country,value\n", out);
    for (size_t i = 0; i < count; i++) {
        const struct row *r = &rows[order[i]];
        char *at = put(put(put(line, r->person, ','), r->visitor, ','), r->sec, ',');
        at = put(put(put(at, r->kind, ','), r->channel, ','), r->campaign, ',');
        at = put(put(put(at, r->page, ','), r->country, ','), r->value, '\n');
        fwrite(line, 1, (size_t)(at - line), out);
    }
    free(order);
    free(rows);
    return fclose(out) == 0 ? 0 : 1;
}
