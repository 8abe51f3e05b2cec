/* mention.c -- finds the colleagues that a text names with an @. */
#include "kit/mention.h"
#include "base/utf8.h"
#include <string.h>

enum { NAME_BYTES = 200 }; /* of a name after an @, as it is written */

/* Letters, digits and all that is no ASCII: a word goes on. */
static bool in_word(char c)
{
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_' ||
           (unsigned char)c >= 0x80;
}

/* The name that begins at `at`; 0: nobody's. */
static i64 who_is(struct arena *a, const char *at, const struct mention_name *names, size_t count)
{
    const char *line = utf8_cut(a, str_dup(a, (struct str){ at, strcspn(at, "\r\n") }), NAME_BYTES);
    const char *fold = utf8_fold(a, line);
    size_t best = 0;
    i64 who = 0;

    for (size_t i = 0; i < count; i++) {
        size_t len = strlen(names[i].fold);
        if (len > best && strncmp(fold, names[i].fold, len) == 0 && !in_word(fold[len])) {
            best = len;
            who = names[i].user_id;
        }
    }
    return who;
}

size_t mention_find(struct arena *a, const char *text, const struct mention_name *names,
                    size_t count, i64 *out, size_t max)
{
    size_t found = 0;

    for (const char *at = strchr(text, '@'); at != NULL && found < max; at = strchr(at + 1, '@')) {
        i64 who = 0;
        bool seen = false;
        if ((at == text || !in_word(at[-1])) && in_word(at[1]))
            who = who_is(a, at + 1, names, count);
        for (size_t i = 0; i < found; i++)
            seen |= out[i] == who;
        if (who != 0 && !seen)
            out[found++] = who;
    }
    return found;
}
