/* utf8.h -- what text must be (valid UTF-8 without NUL) and how it is compared and searched.
 * Threads: no state but ICU's own; any thread. */
#pragma once
#include "base/arena.h"
#include "base/str.h"

bool utf8_valid(struct str s);         /* RFC 3629: no surrogates, no overlong forms; NUL refused */
size_t utf8_valid_bytes(struct str s); /* length of the longest valid prefix */
size_t utf8_length(const char *text);  /* code points */
u32 utf8_next(struct str *rest); /* takes one code point off; *rest must be valid, not empty */
size_t utf8_put(char out[4], u32 code_point); /* bytes written */
/* Longest prefix of whole code points within `bytes`. */
char *utf8_cut(struct arena *a, const char *text, size_t bytes);
/* The form in which texts are compared, sorted and searched: NFKD, combining marks removed, case
 * folded, NFC; white space runs are one space, none at the ends. "Ångström  AG" -> "angstrom ag".
 * In arena. */
char *utf8_fold(struct arena *a, const char *text);
/* Search words of a text: folded runs of letters and digits, for both full-text engines.
 * "o'neil@Example.co.uk" -> "o neil example co uk". In arena. */
char *utf8_search_words(struct arena *a, const char *text);
/* The same words with - between them, as far as whole words fit max bytes: "Ångström AG" is
 * "angstrom-ag". For addresses and short names. */
const char *utf8_slug(struct arena *a, const char *text, size_t max);
/* Guesses the encoding of bytes from a file: strips a UTF-8 BOM, converts UTF-16 with BOM and
 * Windows-1252. OK: *out valid UTF-8, in arena. E_INVALID: contains NUL. */
MUST_CHECK enum status utf8_from_bytes(struct arena *a, struct str bytes, struct str *out);
