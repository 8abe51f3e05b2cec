/* locale.h -- what countries and languages are called, in English unless it is said (ICU's data).
 * Ownership  results are in the arena. Threads: no state. */
#pragma once
#include "base/arena.h"

const char *country_name(struct arena *a, const char *code); /* "DE" -> "Germany"; else the code */
const char *language_name(struct arena *a, const char *code); /* "de" -> "German"; likewise */
const char *language_name_own(struct arena *a, const char *code); /* "de" -> "Deutsch" */
/* The code of a country by its code or its name, in English, in the language that most people there
 * speak, or in German, French, Spanish, Italian or Dutch, whatever the case ("Germany",
 * "Deutschland", "de"); "" for none. Static. */
const char *country_named(const char *text);
/* Every country's code, ended by NULL; static. Its name in a language ("fr"). */
const char *const *country_codes(void);
const char *country_name_in(struct arena *a, const char *code, const char *language);
