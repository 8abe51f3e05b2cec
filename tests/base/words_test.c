/* words_test.c -- tables of words: a language that they are in, others in English. */
#include "base/str.h"
#include "base/testing.h"
#include "base/words.h"

static void a_word_in_a_language(void **state)
{
    static const struct word words[] = { { "yes", "Yes", "Ja", "Oui" }, { "no", "No", "Nein" } };
    static const struct {
        const char *language, *name, *text; /* NULL: none */
    } cases[] = { { "de", "yes", "Ja" },  { "de-AT", "no", "Nein" }, { "fr", "yes", "Oui" },
                  { "fr", "no", "No" },   { "en", "yes", "Yes" },    { "", "yes", "Yes" },
                  { "nl", "yes", "Yes" }, { "de", "perhaps", NULL }, { "de", "", NULL } };

    (void)state;
    for (size_t i = 0; i < countof(cases); i++) {
        const char *text = word_in(words, countof(words), cases[i].language, cases[i].name);
        assert_string_equal(text ? text : "none", cases[i].text ? cases[i].text : "none");
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = { cmocka_unit_test(a_word_in_a_language) };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
