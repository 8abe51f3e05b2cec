/* help.h -- what the pages of the help centre share (help.c, help_article.c, help_ask.c). */
#pragma once
#include "kit/web.h"
#include "service/article.h"

enum { HELP_SEARCHES_PER_MINUTE = 120, HELP_LISTED_MOST = 200 };

/* A page in the company's look: brand, title, the words of its language, search box, languages.
 * Public, as the system. E_NOT_FOUND: the help centre is closed. */
struct help_page {
    struct req *rq;
    struct ctx *cx;
    struct articles all;
    bool colleague;       /* who looks is signed in: not counted */
    const char *language; /* in which it is shown; one that articles are in */
    struct val *tree;
};
MUST_CHECK enum status help_begin(struct req *rq, const struct access_guard *guard,
                                  struct help_page *p);
/* A word of the page's language; English otherwise. Static. */
const char *help_word(const char *language, const char *name);
/* "/help/x" with the language, where that is not the first choice by itself. */
const char *help_url(const struct help_page *p, const char *path);
void help_put_article(const struct help_page *p, const struct article_doc *d, struct val *list);
/* "way" []: name, url; from the first page down to this section. */
void help_put_way(const struct help_page *p, i64 section);
/* Finds and puts "found" [], has_found; *total how many there are. */
MUST_CHECK enum status help_put_found(const struct help_page *p, const char *words, size_t max,
                                      size_t *total);
/* Counts the search, unless a program asked or a colleague. */
void help_searched(const struct help_page *p, const char *words, const char *place, size_t found);
MUST_CHECK enum status help_reply(struct help_page *p, const char *template);
