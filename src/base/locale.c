/* locale.c -- names of countries and languages. */
#include "base/locale.h"
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
