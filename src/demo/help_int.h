/* help_int.h -- the words of the demo company's help centre (help_texts.c), told by help.c. Lists
 * end with an entry whose first text is NULL. */
#pragma once
#include "demo/demo_int.h"

struct help_section_text {
    const char *name, *slug, *within, *summary; /* within: slug of the section above; "" none */
};
struct help_article_text {
    const char *slug, *section, *language, *translates, *status, *visibility; /* translates: slug */
    const char *title, *summary, *keywords, *text;
};
struct help_words_text {
    const char *words;
    int found, weight; /* articles that were found; how often it is asked */
};
struct help_solved_text {
    const char *subject, *slug; /* of tickets; the article that was sent with their answer */
};
extern const struct help_section_text help_sections[];
extern const struct help_article_text help_articles[];
extern const struct help_words_text help_words[];
extern const struct help_solved_text help_solved[];
extern const char *const help_praise[], *const help_blame[];
extern const size_t help_praise_count, help_blame_count;
