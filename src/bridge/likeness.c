/* likeness.c -- how alike two texts are. */
#include "bridge/likeness.h"
#include "base/buf.h"
#include "base/utf8.h"
#include <stdlib.h>

enum { LETTERS = 64, PARTS = 8, PHONE_DIGITS = 9, PHONE_LEAST = 7, PREFIX = 4 };

static int code_points(const char *text, u32 out[LETTERS])
{
    struct str rest = str_from(text);
    int n = 0;

    while (rest.len > 0 && n < LETTERS)
        out[n++] = utf8_next(&rest);
    return n;
}

/* Letters that both have, not further apart than half the longer one; and how many of them stand in
 * another order. */
static int common(const u32 *a, int m, const u32 *b, int n, int *turned)
{
    bool taken_a[LETTERS] = { false }, taken_b[LETTERS] = { false };
    int window = (m > n ? m : n) / 2 - 1, found = 0, at = 0, other = 0;

    for (int i = 0; i < m; i++) {
        int from = i > window ? i - window : 0;
        int to = i + window + 1 < n ? i + window + 1 : n;
        for (int k = window < 0 ? i : from; k < (window < 0 ? (i < n ? i + 1 : i) : to); k++)
            if (!taken_b[k] && a[i] == b[k]) {
                taken_a[i] = taken_b[k] = true;
                found++;
                break;
            }
    }
    for (int i = 0; i < m; i++) {
        if (!taken_a[i])
            continue;
        while (!taken_b[at])
            at++;
        other += a[i] != b[at++];
    }
    *turned = other / 2;
    return found;
}

int likeness(const char *one, const char *other)
{
    u32 a[LETTERS], b[LETTERS];
    int m = code_points(one, a), n = code_points(other, b), turned, prefix = 0;

    if (m == 0 || n == 0)
        return 0;
    double c = common(a, m, b, n, &turned);
    if (c == 0)
        return 0;
    double jaro = (c / m + c / n + (c - turned) / c) / 3;
    while (prefix < PREFIX && prefix < m && prefix < n && a[prefix] == b[prefix])
        prefix++;
    if (jaro > 0.7)
        jaro += prefix * 0.1 * (1 - jaro);
    return (int)(jaro * 1000 + 0.5);
}

/* ---- names of people ---- */
static int by_text(const void *a, const void *b)
{
    return strcmp(*(const char *const *)a, *(const char *const *)b);
}

static const char *sorted_parts(struct arena *a, const char *name)
{
    const char *parts[PARTS];
    struct str rest = str_from(utf8_search_words(a, name)), word;
    struct buf b = buf_in(a, 1000);
    size_t n = 0;

    while (n < PARTS && str_split(&rest, ' ', &word))
        if (word.len > 0)
            parts[n++] = str_dup(a, word);
    qsort(parts, n, sizeof *parts, by_text);
    for (size_t i = 0; i < n; i++)
        buf_printf(&b, "%s%s", i ? " " : "", parts[i]);
    return buf_end(&b);
}

int likeness_of_names(struct arena *a, const char *one, const char *other)
{
    int as_written = likeness(utf8_search_words(a, one), utf8_search_words(a, other));
    int sorted = likeness(sorted_parts(a, one), sorted_parts(a, other));

    return sorted > as_written ? sorted : as_written;
}

/* ---- addresses and numbers ---- */
const char *mail_plain(struct arena *a, const char *address)
{
    const char *at = strrchr(address, '@');
    struct buf b = buf_in(a, strlen(address) + 12);

    if (at == NULL || at == address || at[1] == '\0')
        return "";
    const char *domain = text_lower_ascii(a, at + 1), *local = text_lower_ascii(a, address);
    bool gmail = text_is(domain, "gmail.com") || text_is(domain, "googlemail.com");
    for (const char *p = local; p < local + (at - address) && (*p != '+' || p == local); p++)
        if (!gmail || *p != '.')
            buf_char(&b, *p);
    buf_printf(&b, "@%s", gmail ? "gmail.com" : domain);
    return buf_end(&b);
}

const char *phone_plain(struct arena *a, const char *phone)
{
    char digits[64];
    size_t n = 0;

    for (const char *p = phone; *p && (*p | 32) != 'x'; p++)
        if (*p >= '0' && *p <= '9' && n < sizeof digits)
            digits[n++] = *p;
    if (n < PHONE_LEAST)
        return "";
    size_t skip = n > PHONE_DIGITS ? n - PHONE_DIGITS : 0;
    while (skip < n && digits[skip] == '0') /* a trunk prefix */
        skip++;
    return n - skip < PHONE_LEAST ? "" : arena_dup(a, digits + skip, n - skip);
}

/* ---- firms ---- */
static bool is_form(struct str word)
{
    static const char *const forms[] = {
        "ab",           "ag",  "aps", "as",   "asa",     "bv",  "bvba", "co",    "company", "corp",
        "corporation",  "cv",  "ehf", "eg",   "ek",      "ev",  "gbr",  "ggmbh", "gmbh",    "inc",
        "incorporated", "kft", "kg",  "kgaa", "limited", "llc", "llp",  "ltd",   "mbh",     "nv",
        "og",           "ohg", "oy",  "oyj",  "plc",     "pty", "sa",   "sarl",  "sas",     "se",
        "sl",           "spa", "srl", "sro",  "ug",      "und", "and",  "et",
    };

    for (size_t i = 0; i < countof(forms); i++)
        if (str_is(word, forms[i]))
            return true;
    return false;
}

const char *firm_plain(struct arena *a, const char *name)
{
    const char *words = utf8_search_words(a, name);
    struct str rest = str_from(words), word;
    struct buf b = buf_in(a, strlen(words) + 1);
    bool first = true;

    while (str_split(&rest, ' ', &word)) {
        bool letter = word.len == 1 && !first; /* "s. r. o." */
        if (word.len == 0 || letter || (!first && is_form(word)))
            continue;
        if (b.len)
            buf_char(&b, ' ');
        buf_str(&b, word);
        first = false;
    }
    return buf_end(&b);
}
