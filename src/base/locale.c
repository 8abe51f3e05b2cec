/* locale.c -- names of countries and languages. */
#include "base/locale.h"
#include "base/str.h"
#include "base/utf8.h"
#include <string.h>
#include <unicode/uloc.h>
#include <unicode/ustring.h>

enum { NAME_UNITS = 100, CODE_BYTES = 8 };

/* The name as UTF-8; the code where ICU knows none or it does not fit. */
static const char *taken(struct arena *a, const UChar *name, UErrorCode failed, const char *code)
{
    char out[NAME_UNITS * 3 + 1];

    if (failed != U_ZERO_ERROR || name[0] == 0)
        return arena_text(a, code);
    u_strToUTF8(out, sizeof out, NULL, name, -1, &failed);
    return arena_text(a, U_FAILURE(failed) ? code : out);
}

const char *country_name(struct arena *a, const char *code)
{
    UChar name[NAME_UNITS];
    UErrorCode failed = U_ZERO_ERROR;

    if (code[0] == '\0' || strlen(code) > CODE_BYTES)
        return arena_text(a, code);
    uloc_getDisplayCountry(arena_printf(a, "und_%s", code), "en", name, NAME_UNITS, &failed);
    return taken(a, name, failed, code);
}

static const char *name_of_language(struct arena *a, const char *code, const char *in)
{
    UChar name[NAME_UNITS];
    UErrorCode failed = U_ZERO_ERROR;

    if (code[0] == '\0' || strlen(code) > CODE_BYTES)
        return arena_text(a, code);
    uloc_getDisplayLanguage(code, in, name, NAME_UNITS, &failed);
    return taken(a, name, failed, code);
}

const char *language_name(struct arena *a, const char *code)
{
    return name_of_language(a, code, "en");
}

const char *language_name_own(struct arena *a, const char *code)
{
    return name_of_language(a, code, code);
}

const char *const *country_codes(void) { return uloc_getISOCountries(); }

const char *country_name_in(struct arena *a, const char *code, const char *language)
{
    UChar name[NAME_UNITS];
    UErrorCode failed = U_ZERO_ERROR;

    if (code[0] == '\0' || strlen(code) > CODE_BYTES)
        return arena_text(a, code);
    uloc_getDisplayCountry(arena_printf(a, "und_%s", code), language, name, NAME_UNITS, &failed);
    /* A language that ICU has no names in answers in another, with a warning: still a name. */
    return taken(a, name, U_FAILURE(failed) ? failed : U_ZERO_ERROR, code);
}

/* ---- by name ---- */
static bool is_name(struct arena *a, const char *code, const char *language, const char *folded)
{
    return text_is(utf8_fold(a, country_name_in(a, code, language)), folded);
}

/* The language that most people of a region speak: "de" of DE. */
static bool is_own_name(struct arena *a, const char *code, const char *folded)
{
    UErrorCode failed = U_ZERO_ERROR;
    char locale[NAME_UNITS], language[16];

    uloc_addLikelySubtags(arena_printf(a, "und_%s", code), locale, sizeof locale, &failed);
    uloc_getLanguage(locale, language, sizeof language, &failed);
    return U_SUCCESS(failed) && is_name(a, code, language, folded);
}

const char *country_named(const char *text)
{
    scoped(arena_close) struct arena *a = arena_new(64 * 1024);
    static const char *const others[] = { "de", "fr", "es", "it", "nl" };
    const char *const *codes = uloc_getISOCountries(), *folded;

    if (text[0] == '\0' || strlen(text) > NAME_UNITS)
        return "";
    folded = utf8_fold(a, text);
    for (size_t i = 0; codes[i]; i++)
        if (text_is(utf8_fold(a, codes[i]), folded) || is_name(a, codes[i], "en", folded))
            return codes[i];
    for (size_t i = 0; codes[i]; i++)
        if (is_own_name(a, codes[i], folded))
            return codes[i];
    for (size_t i = 0; codes[i]; i++)
        for (size_t k = 0; k < countof(others); k++)
            if (is_name(a, codes[i], others[k], folded))
                return codes[i];
    return text_is(folded, "uk") ? "GB" : "";
}
