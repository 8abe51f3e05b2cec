/* article.h -- the knowledge base: what is known once and asked often. Articles stand in sections;
 * published and public ones are the help centre (help.c), internal ones are for colleagues alone.
 * Their text is kit/markdown.h, their versions are the change log.
 *
 * What is read is on the reader's journey ("article_read"); what was helpful is a vote; what was
 * looked for is a search, gathered in memory and written each minute (help_count.c). An article
 * that was put into an answer is noted beside the ticket; when that is solved, the article solved
 * it too. */
#pragma once
#include "kit/kit.h"

enum article_field {
    ARTICLE_TITLE, ARTICLE_SLUG, ARTICLE_SECTION, ARTICLE_LANGUAGE, ARTICLE_STATUS,
    ARTICLE_VISIBILITY, ARTICLE_SUMMARY, ARTICLE_TEXT, ARTICLE_KEYWORDS, ARTICLE_TRANSLATES,
    ARTICLE_POSITION, ARTICLE_OWNER, ARTICLE_AUTHOR, ARTICLE_REVIEW, ARTICLE_PUBLISHED_AT,
    ARTICLE_FIELDS
};
enum section_field {
    SECTION_NAME, SECTION_SLUG, SECTION_PARENT, SECTION_SUMMARY, SECTION_POSITION, SECTION_FIELDS
};
enum vote_field {
    VOTE_ARTICLE, VOTE_HELPFUL, VOTE_COMMENT, VOTE_CONTACT, VOTE_VISITOR, VOTE_FIELDS
};
enum search_field { FIND_TEXT, FIND_FOUND, FIND_TIMES, FIND_PLACE, FIND_LANGUAGE, FIND_FIELDS };
enum sent_field { SENT_TICKET, SENT_ARTICLE, SENT_USER, SENT_SOLVED_AT, SENT_FIELDS };
extern const struct record_type article_type, article_section_type, article_vote_type,
    help_search_type, ticket_article_type;

bool article_is_open(const struct row *article); /* published and public */
/* "/help/reset-a-probe" */
const char *article_public_path(struct ctx *cx, const char *slug);
/* An article was put into an answer of this ticket: noted, once. */
MUST_CHECK enum status article_was_sent(struct ctx *cx, i64 ticket_id, i64 article_id);

/* What an article's page for colleagues shows beyond its fields (article_page.c). */
MUST_CHECK enum status article_detail(struct ctx *cx, const struct row *r, struct val *page);

/* ---- article_index.c: all published articles, in memory ---- */
struct article_doc {
    i64 id, section_id, translates_id, updated_ms;
    const char *slug, *title, *summary, *language;
    bool open; /* public; else for colleagues */
};
struct section_doc {
    i64 id, parent_id;
    const char *slug, *name, *summary;
};
/* As the caller's snapshot has them, sorted as they are shown; borrowed until the request's arena
 * is reset. Any thread. */
struct articles {
    const struct article_doc *docs;
    size_t count;
    const struct section_doc *sections;
    size_t section_count;
    const struct rank *rank; /* documents by their place in docs */
};
MUST_CHECK enum status articles_read(struct ctx *cx, struct articles *out);
struct article_query {
    const char *words, *language; /* language "": any */
    bool internal;                /* those for colleagues too */
    bool loose;                   /* words are a text that somebody wrote (kit/rank.h) */
    i64 but;                      /* not this one; 0 */
    size_t max;
};
/* The best first. In arena. *total may be NULL. */
MUST_CHECK enum status articles_find(struct ctx *cx, const struct article_query *q,
                                     const struct article_doc **list, size_t *count,
                                     size_t *total);

/* ---- help_count.c: gathered in memory. Any thread ---- */
/* False: the read with this mark (who, what, when) was counted already. */
bool help_count_read(struct ctx *cx, i64 article_id, u64 mark);
void help_count_search(struct ctx *cx, const char *words, const char *language, const char *place,
                       size_t found);
/* Writes what was gathered, in the transaction at hand. */
MUST_CHECK enum status help_count_write(struct ctx *cx);
