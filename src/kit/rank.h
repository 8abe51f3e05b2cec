/* rank.h -- a small ranked search over texts that are held in memory: help articles, not contacts
 * (kit/search.h). Made once, asked often; what changes is made anew.
 *
 * Ranking is BM25 (S. Robertson, H. Zaragoza: The Probabilistic Relevance Framework, 2009, 3.1)
 * with k1 = 1.2 and b = 0.75, a word of the title counting like TITLE_WEIGHT of the text. A word
 * that was asked stands for those that begin with it too, and for those a slip away (F. Damerau,
 * 1964: a letter more, less, other, or two exchanged): one from four letters on, two from eight on.
 * They count less, and the best of them for each document counts. Words like "the" and "is" are not
 * looked for beside others. A document must have half of the words, or in a loose question one of
 * its title; what it has of them, squared, goes into its score.
 *
 * Threads    a made index only answers: any number at once. */
#pragma once
#include "base/arena.h"

enum {
    RANK_TITLE_WEIGHT = 5,
    RANK_ASKED_WORDS = 24, /* of a question; what follows is not looked at */
};
struct rank_doc {
    const char *title, *text;
};
struct rank;
/* Words are made by utf8_search_words. Documents are known by their place in the list. Owned:
 * rank_free. */
struct rank *rank_new(const struct rank_doc *docs, size_t count);
void rank_free(struct rank *r); /* NULL is fine */

struct rank_hit {
    size_t doc;
    double score;
};
struct rank_query {
    const char *asked;
    size_t max;
    bool loose; /* it is a text that somebody wrote, not a question to a search */
    bool (*keep)(void *arg, size_t doc); /* which may be found; NULL: all */
    void *arg;
};
/* The best of them, at most `max`, best first; ties in the order of the documents. In arena. */
struct rank_hits {
    struct rank_hit *list;
    size_t count, total; /* total: found in all */
};
struct rank_hits rank_find(const struct rank *r, struct arena *a, const struct rank_query *q);
/* Slips between two words, counted up to `most`; more is most + 1. */
int rank_slips(const char *a, const char *b, int most);
