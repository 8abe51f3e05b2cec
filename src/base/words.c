/* words.c -- see words.h. */
#include "base/words.h"
#include "base/str.h"

static const char *text_of(const struct word *w, const char *language)
{
    const struct {
        const char *code, *text;
    } texts[] = {
        { "de", w->de }, { "fr", w->fr }, { "es", w->es }, { "it", w->it }, { "nl", w->nl }
    };

    for (size_t i = 0; i < countof(texts); i++)
        if (texts[i].text && str_starts(str_from(language), texts[i].code))
            return texts[i].text;
    return w->en;
}

const char *word_in(const struct word *words, size_t count, const char *language, const char *name)
{
    for (size_t i = 0; i < count; i++)
        if (text_is(words[i].name, name))
            return text_of(&words[i], language);
    return NULL;
}
