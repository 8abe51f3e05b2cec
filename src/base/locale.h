/* locale.h -- what countries and languages are called, in English unless it is said (ICU's data).
 * Ownership  results are in the arena. Threads: no state. */
#pragma once
#include "base/arena.h"

const char *country_name(struct arena *a, const char *code); /* "DE" -> "Germany"; else the code */
const char *language_name(struct arena *a, const char *code); /* "de" -> "German"; likewise */
const char *language_name_own(struct arena *a, const char *code); /* "de" -> "Deutsch" */
/* Every country's code, ended by NULL; static. Its name in a language ("fr"). */
const char *const *country_codes(void);
const char *country_name_in(struct arena *a, const char *code, const char *language);
