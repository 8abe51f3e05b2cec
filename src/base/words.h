/* words.h -- what pages for strangers say, in their language: tables of words in code. What people
 * write themselves (forms, articles) is translated where it is kept. */
#pragma once
#include "base/base.h"

struct word {
    const char *name, *en, *de, *fr, *es, *it, *nl; /* NULL: said in English */
};
/* The text of that name in a language ("de", "de-AT"), else in English; NULL: there is none. */
const char *word_in(const struct word *words, size_t count, const char *language, const char *name);
