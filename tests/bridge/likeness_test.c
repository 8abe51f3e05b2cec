/* likeness_test.c -- pairs that are the same and pairs that are not. */
#include "base/utf8.h"
#include "bridge/likeness.h"
#include "support/house.h"
#include <stdlib.h>

/* From Winkler's papers and the tables that quote them, in thousandths. */
static const struct {
    const char *a, *b;
    int want;
} winkler[] = {
    { "martha", "marhta", 961 },
    { "dwayne", "duane", 840 },
    { "dixon", "dicksonx", 813 },
    { "jones", "johnson", 832 },
    { "abroms", "abrams", 922 },
    { "hardin", "martinez", 722 },
    { "itman", "smith", 467 },
    { "same", "same", 1000 },
    { "a", "b", 0 },
    { "", "b", 0 },
    { "a", "a", 1000 },
    { "michelle", "michael", 921 },
};

static void names_are_as_alike_as_winkler_says(void **state)
{
    (void)state;
    for (size_t i = 0; i < countof(winkler); i++) {
        int got = likeness(winkler[i].a, winkler[i].b), back = likeness(winkler[i].b, winkler[i].a);
        if (abs(got - winkler[i].want) > 1 || got != back)
            fail_msg("%s and %s: %d (%d back), not %d", winkler[i].a, winkler[i].b, got, back,
                     winkler[i].want);
    }
}

static const struct {
    const char *note;
    const char *(*of)(struct arena *a, const char *text);
    const char *in, *want;
} plain[] = {
    { "case", mail_plain, "Mia@Example.COM", "mia@example.com" },
    { "a tag", mail_plain, "mia+news@example.com", "mia@example.com" },
    { "dots at Gmail", mail_plain, "m.i.a+x@googlemail.com", "mia@gmail.com" },
    { "dots elsewhere are letters", mail_plain, "m.ia@example.com", "m.ia@example.com" },
    { "a plus at the front", mail_plain, "+x@example.com", "+x@example.com" },
    { "no address", mail_plain, "mia", "" },
    { "with a country", phone_plain, "+49 (0)30 123 45 67", "301234567" },
    { "at home", phone_plain, "030/1234567", "301234567" },
    { "by 00", phone_plain, "0049 30 1234567", "301234567" },
    { "an extension", phone_plain, "030 1234567 x12", "301234567" },
    { "too short to say anything", phone_plain, "12345", "" },
    { "GmbH", firm_plain, "M\xc3\xbcller GmbH", "muller" },
    { "GmbH & Co. KG", firm_plain, "M\xc3\xbcller & S\xc3\xb6hne GmbH & Co. KG", "muller sohne" },
    { "Ltd.", firm_plain, "Acme Tools, Ltd.", "acme tools" },
    { "s. r. o.", firm_plain, "Novak s. r. o.", "novak" },
    { "a form alone is a name", firm_plain, "SE", "se" },
};

static void one_spelling_for_the_same(void **state)
{
    struct arena *a = arena_new(4096);

    (void)state;
    for (size_t i = 0; i < countof(plain); i++) {
        const char *got = plain[i].of(a, plain[i].in);
        if (!text_is(got, plain[i].want))
            fail_msg("%s: \"%s\", not \"%s\"", plain[i].note, got, plain[i].want);
    }
    arena_free(a);
}

static const struct {
    const char *a, *b;
    int least, most;
} people[] = {
    { "Mia Kern", "Kern, Mia", 1000, 1000 },
    { "Andr\xc3\xa9 M\xc3\xbcller", "andre muller", 1000, 1000 },
    { "Jonas Becker", "Jonas Beker", 950, 999 },
    { "Jonas Becker", "Clara Vogel", 0, 600 },
};

static void parts_may_stand_in_any_order(void **state)
{
    struct arena *a = arena_new(4096);

    (void)state;
    for (size_t i = 0; i < countof(people); i++) {
        int got = likeness_of_names(a, people[i].a, people[i].b);
        if (got < people[i].least || got > people[i].most)
            fail_msg("%s and %s: %d", people[i].a, people[i].b, got);
    }
    arena_free(a);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(names_are_as_alike_as_winkler_says),
        cmocka_unit_test(one_spelling_for_the_same),
        cmocka_unit_test(parts_may_stand_in_any_order),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
