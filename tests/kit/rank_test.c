/* Tests of kit/rank.h: what is found, in which order, with which slips. */
#include "base/testing.h"
#include "kit/rank.h"

static const struct rank_doc docs[] = {
    { "Reset a probe", "Hold the button for ten seconds until the lamp is green. The probe then "
                       "fetches its update again." },
    { "Gateway without network", "Plug the gateway out and in again. The lamp blinks red while it "
                                 "looks for the network." },
    { "Frost alarm by phone", "Choose who is called when the temperature falls below a line. A "
                              "probe measures it." },
    { "Batteries", "Batteries last two years. Change them when the probe says so." },
    { "Bewässerung planen", "Größe der Fläche, Boden und Kultur bestimmen die Menge." },
};
enum { RESET, GATEWAY, ALARM, BATTERIES, WATER, NONE };

static const struct {
    const char *note, *asked;
    int first, count; /* which is best; how many are found, -1: any */
    bool loose;
} cases[] = {
    { "a word of a title", "gateway", GATEWAY, 1 },
    { "a title beats a text", "probe", RESET, 3 },
    { "whatever the case and the marks", "BEWASSERUNG", WATER, 1 },
    { "a beginning", "bat", BATTERIES, 1 },
    { "one letter is not a beginning of everything", "x", NONE, 0 },
    { "a letter other", "gatevay", GATEWAY, 1 },
    { "a letter less", "gatway", GATEWAY, 1 },
    { "two exchanged", "gaetway", GATEWAY, 1 },
    { "two slips in a long word", "battreis", BATTERIES, 1 },
    { "none in a short one", "lmp", NONE, 0 },
    { "many instead of one", "probes", RESET, 3 },
    { "several words", "lamp red", GATEWAY, 2 },
    { "half of them will do", "frost elephants", ALARM, 1 },
    { "less than half will not", "frost elephants zebras", NONE, 0 },
    { "said twice counts once", "frost frost frost elephants", ALARM, 1 },
    { "nothing known", "invoice", NONE, 0 },
    { "nothing asked", "  ?! ", NONE, 0 },
    { "what is said beside it does not count", "how can I plug the gateway in", GATEWAY, 1 },
    { "a text that is not a question", "elephants zebras and a gateway in the barn", NONE, 0 },
    { "but speaks of a title", "elephants zebras and a gateway in the barn", GATEWAY, 1, true },
    { "and not of a text alone", "elephants zebras lamp barn", NONE, 0, true },
    { "nothing but fillers", "is it", ALARM, 3 },
    { "marks are no language", "\"gateway* OR (", GATEWAY, -1 },
};

static void the_best_is_first(void **state)
{
    struct rank *r = rank_new(docs, countof(docs));
    struct arena *a = arena_new(4096);

    (void)state;
    for (size_t i = 0; i < countof(cases); i++) {
        struct rank_hits hits = rank_find(
            r, a,
            &(struct rank_query){ .asked = cases[i].asked, .max = 10, .loose = cases[i].loose });
        int first = hits.count ? (int)hits.list[0].doc : NONE;
        if (first != cases[i].first || (cases[i].count >= 0 && (int)hits.total != cases[i].count))
            fail_msg("%s: first %d of %zu", cases[i].note, first, hits.total);
    }
    arena_free(a);
    rank_free(r);
}

static bool but_reset(void *arg, size_t doc)
{
    (void)arg;
    return doc != RESET;
}

static void what_may_not_be_found_is_not(void **state)
{
    struct rank *r = rank_new(docs, countof(docs)), *none = rank_new(NULL, 0);
    struct arena *a = arena_new(4096);
    struct rank_hits hits =
        rank_find(r, a, &(struct rank_query){ .asked = "probe", .max = 1, .keep = but_reset });

    (void)state;
    assert_int_equal(hits.count, 1);
    assert_int_equal(hits.total, 2);
    assert_int_not_equal(hits.list[0].doc, RESET);
    assert_int_equal(rank_find(none, a, &(struct rank_query){ .asked = "probe", .max = 5 }).count,
                     0);
    arena_free(a);
    rank_free(r);
    rank_free(none);
    rank_free(NULL);
}

static void slips_are_counted(void **state)
{
    static const struct {
        const char *a, *b;
        int most, slips;
    } pairs[] = {
        { "probe", "probe", 2, 0 }, { "probe", "prob", 2, 1 },  { "probe", "porbe", 2, 1 },
        { "probe", "robes", 2, 2 }, { "probe", "lamps", 2, 3 }, { "", "ab", 2, 2 },
        { "", "abc", 2, 3 },        { "abcd", "acbd", 1, 1 },   { "abcd", "badc", 2, 2 },
        { "abcd", "badc", 1, 2 },
    };
    (void)state;
    for (size_t i = 0; i < countof(pairs); i++)
        if (rank_slips(pairs[i].a, pairs[i].b, pairs[i].most) != pairs[i].slips)
            fail_msg("%s, %s: %d", pairs[i].a, pairs[i].b,
                     rank_slips(pairs[i].a, pairs[i].b, pairs[i].most));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_best_is_first),
        cmocka_unit_test(what_may_not_be_found_is_not),
        cmocka_unit_test(slips_are_counted),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
