/* snippet.h -- pieces of text for those who write mails: see snippet.c. As the asking user; results
 * are in arena. */
#pragma once
#include "kit/kit.h"

/* Those that one sees: maps {value, text}, value being the shortcut. */
MUST_CHECK enum status snippets_put(struct ctx *cx, struct val *list);
/* The text of a shortcut, filled in for a contact. E_NOT_FOUND: there is none. */
MUST_CHECK enum status snippet_text(struct ctx *cx, const char *shortcut, const struct row *contact,
                                    const char **out);
/* {{contact.first_name|there}} and its like in any text. E_INVALID: names the unknown word. */
MUST_CHECK enum status snippet_fill(struct ctx *cx, const char *text, const struct row *contact,
                                    const char **out);
