/* token.h -- signed values in the addresses that mails carry: a few numbers, and a proof that we
 * made them, as one word of letters, digits, - and _. Nobody can make one up or change one, and one
 * of a kind is worth nothing as another. They do not expire: an old mail's unsubscribe link works.
 *
 * To add a kind: a row here; its letter is signed with the rest.
 * Threads    any. */
#pragma once
#include "base/ctx.h"

enum token_kind {
    TOKEN_PREFERENCE = 'u', /* contact, topic, message */
    TOKEN_CONFIRM = 'k',    /* consent */
    TOKEN_CLICK = 'c',      /* message, link; covers the address */
    TOKEN_OPEN = 'o',       /* message */
    TOKEN_TRAP = 't',       /* message */
    TOKEN_VISIT = 'v',      /* hit */
    TOKEN_RATING = 's',     /* ticket */
    TOKEN_QUOTE = 'q',      /* quote */
    TOKEN_MEETING = 'm',    /* guest of a meeting */
    TOKEN_PLAN = 'a',       /* deal, of its action plan */
};
enum { TOKEN_NUMBERS = 3, TOKEN_CHARS = 56 }; /* at most */

/* `covers` is signed too, but does not stand in the token: an address to lead to; or "". "" when
 * the program has no key. In arena. */
const char *token_write(struct ctx *cx, enum token_kind kind, const i64 *numbers, size_t count,
                        const char *covers);
/* False: it is not one that token_write made of this kind, count and `covers`. */
bool token_read(struct ctx *cx, enum token_kind kind, const char *text, const char *covers,
                i64 *numbers, size_t count);
