/* measure.c -- packing what browsers measured, and reading it again.
 * A reading: 8 bits depth + 1, above them milliseconds + 1. Vitals: 12 bits each, steps + 1. */
#include "bridge/measure.h"
#include "journey/journey.h"
#include <stdlib.h>

enum {
    DEPTH_BITS = 8,
    VITAL_BITS = 12,
    VITAL_MOST = (1 << VITAL_BITS) - 2,
    ENGAGED_MOST = 86400000,
};

/* The lines are those of web.dev/articles/vitals and /articles/ttfb. */
const struct vital_kind vital_kinds[VITALS] = {
    [VITAL_LCP] = { "lcp", "LCP", "Largest contentful paint",
                    "When the largest part of the page had been drawn.", 60000, 10, 2500, 4000 },
    [VITAL_INP] = { "inp", "INP", "Interaction to next paint",
                    "How long the page took to answer a click or a key.", 60000, 4, 200, 500 },
    [VITAL_CLS] = { "cls", "CLS", "Cumulative layout shift",
                    "How much the page moved under the reader's eyes.", 100, 1, 100, 250 },
    [VITAL_FCP] = { "fcp", "FCP", "First contentful paint", "When something could be seen at all.",
                    60000, 10, 1800, 3000 },
    [VITAL_TTFB] = { "ttfb", "TTFB", "Time to first byte", "When the server's answer began.", 60000,
                     10, 800, 1800 },
};

i64 reading_pack(struct reading r)
{
    i64 ms = r.engaged_ms > ENGAGED_MOST ? ENGAGED_MOST : r.engaged_ms;
    i64 depth = r.depth > 100 ? 100 : r.depth;

    return (ms < 0 ? 0 : ms + 1) << DEPTH_BITS | (depth < 0 ? 0 : depth + 1);
}

i64 reading_engaged_ms(const struct event *e) { return (e->value >> DEPTH_BITS) - 1; }
i64 reading_depth(const struct event *e) { return (e->value & ((1 << DEPTH_BITS) - 1)) - 1; }

static int units_of(enum vital v) { return v == VITAL_CLS ? 1000 : 1; }

i64 vitals_pack(const double numbers[VITALS])
{
    i64 packed = 0;

    for (int v = 0; v < VITALS; v++) {
        double steps = numbers[v] * units_of((enum vital)v) / vital_kinds[v].step + 0.5;
        if (numbers[v] >= 0)
            packed |= (i64)(steps > VITAL_MOST ? VITAL_MOST + 1 : (i64)steps + 1) << v * VITAL_BITS;
    }
    return packed;
}

i64 vital_of(const struct event *e, enum vital v)
{
    i64 kept = e->value >> (int)v * VITAL_BITS & ((1 << VITAL_BITS) - 1);

    return kept ? (kept - 1) * vital_kinds[v].step : -1;
}

enum vital_rating vital_rating(enum vital v, double in_units)
{
    return in_units <= vital_kinds[v].good   ? VITAL_GOOD
           : in_units <= vital_kinds[v].poor ? VITAL_FAIR
                                             : VITAL_POOR;
}

/* Files and some trackers write numbers as texts. */
static double number_of(const struct val *props, const char *name)
{
    const struct val *v = val_get(props, name);
    const char *text = val_as_text(v, "");
    char *end;
    double n;

    if (val_kind_of(v) != VAL_TEXT)
        return val_as_double(v, -1);
    n = strtod(text, &end);
    return text[0] >= '0' && text[0] <= '9' && *end == '\0' && n < 1e12 ? n : -1;
}

i64 reading_pack_props(const struct val *props)
{
    double depth = number_of(props, "sd"), ms = number_of(props, "e");

    return reading_pack((struct reading){ .engaged_ms = ms < 0 ? -1 : (i64)ms,
                                          .depth = depth < 0     ? -1
                                                   : depth > 100 ? 100
                                                                 : (int)depth });
}

i64 vitals_pack_props(const struct val *props)
{
    double numbers[VITALS];

    for (int v = 0; v < VITALS; v++) {
        double n = number_of(props, vital_kinds[v].name);
        numbers[v] = n >= 0 && n <= vital_kinds[v].most ? n : -1;
    }
    return vitals_pack(numbers);
}
