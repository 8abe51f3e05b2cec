/* snippet.h -- pieces of text for those who write mails: see snippet.c. As the asking user; results
 * are in arena. */
#pragma once
#include "kit/kit.h"

/* Those that one sees: maps {value, text}, value being the shortcut. */
MUST_CHECK enum status snippets_put(struct ctx *cx, struct val *list);
/* Whom one writes to, and the ticket about which, or 0. {{owner}} and {{sender}} are who asks. */
struct snippet_for {
    const struct row *contact; /* or NULL */
    i64 ticket_id;
};
/* The text of a shortcut, filled in. E_NOT_FOUND: there is none. */
MUST_CHECK enum status snippet_text(struct ctx *cx, const char *shortcut,
                                    const struct snippet_for *whom, const char **out);
/* {{contact.first_name|there}} and its like in any text. E_INVALID: names the unknown word. */
MUST_CHECK enum status snippet_fill(struct ctx *cx, const char *text,
                                    const struct snippet_for *whom, const char **out);
/* The same where nothing may stop: a text that cannot be filled in is as it was written. */
const char *snippet_shown(struct ctx *cx, const char *text, const struct snippet_for *whom);
/* Before it is kept. E_INVALID at field "text": names the unknown word, and what is near it. */
MUST_CHECK enum status snippet_check(struct ctx *cx, const char *text);
