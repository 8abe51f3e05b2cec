/* str.c -- slices: what every parser is written with. ASCII only where case or space matters, since
 * protocols mean ASCII; texts of people go through utf8.h. */
#define XXH_INLINE_ALL
#include "base/str.h"
#include <xxhash.h>

static char lower(char c) { return c >= 'A' && c <= 'Z' ? (char)(c + ('a' - 'A')) : c; }

static bool is_space(char c) { return c == ' ' || (c >= '\t' && c <= '\r'); }

bool str_equal(struct str a, struct str b)
{
    return a.len == b.len && (a.len == 0 || memcmp(a.p, b.p, a.len) == 0);
}

static bool equal_fold(const char *a, const char *b, size_t len)
{
    for (size_t i = 0; i < len; i++)
        if (lower(a[i]) != lower(b[i]))
            return false;
    return true;
}

bool str_equal_fold(struct str a, struct str b)
{
    return a.len == b.len && equal_fold(a.p, b.p, a.len);
}

bool str_starts(struct str s, const char *prefix)
{
    size_t len = strlen(prefix);
    return s.len >= len && (len == 0 || memcmp(s.p, prefix, len) == 0);
}

bool str_ends(struct str s, const char *suffix)
{
    size_t len = strlen(suffix);
    return s.len >= len && (len == 0 || memcmp(s.p + s.len - len, suffix, len) == 0);
}

bool str_contains_fold(struct str s, const char *needle)
{
    size_t len = strlen(needle);

    for (size_t i = 0; i + len <= s.len; i++)
        if (equal_fold(s.p + i, needle, len))
            return true;
    return false;
}

struct str str_trim(struct str s)
{
    while (s.len > 0 && is_space(s.p[0])) {
        s.p++;
        s.len--;
    }
    while (s.len > 0 && is_space(s.p[s.len - 1]))
        s.len--;
    return s;
}

bool str_split(struct str *rest, char sep, struct str *part)
{
    if (rest->len == 0)
        return false;
    const char *at = memchr(rest->p, sep, rest->len);
    *part = (struct str){ rest->p, at == NULL ? rest->len : (size_t)(at - rest->p) };
    size_t taken = part->len + (at != NULL);
    rest->p += taken;
    rest->len -= taken;
    return true;
}

bool str_i64(struct str s, i64 *out)
{
    bool negative = s.len > 0 && s.p[0] == '-';
    i64 n = 0;

    if (s.len == (size_t)negative)
        return false;
    for (size_t i = negative; i < s.len; i++) {
        unsigned digit = (unsigned char)s.p[i] - (unsigned)'0';
        if (digit > 9)
            return false;
        /* Counting downwards reaches INT64_MIN, which has no positive twin. */
        if (__builtin_mul_overflow(n, 10, &n) || __builtin_sub_overflow(n, (i64)digit, &n))
            return false;
    }
    if (!negative && __builtin_sub_overflow((i64)0, n, &n))
        return false;
    *out = n;
    return true;
}

char *str_dup(struct arena *a, struct str s) { return arena_dup(a, s.p, s.len); }

u64 str_hash(struct str s) { return XXH3_64bits(s.len == 0 ? "" : s.p, s.len); }

bool text_is(const char *a, const char *b) { return strcmp(a, b) == 0; }

bool text_like(const char *pattern, const char *text)
{
    const char *star = NULL, *back = text;

    while (*text) {
        if (*pattern == '*') {
            star = pattern++;
            back = text;
        } else if (*pattern == *text) {
            pattern++;
            text++;
        } else if (star) {
            pattern = star + 1;
            text = ++back;
        } else {
            return false;
        }
    }
    while (*pattern == '*')
        pattern++;
    return *pattern == '\0';
}

bool text_empty(const char *s) { return s == NULL || s[0] == '\0'; }

char *text_lower_ascii(struct arena *a, const char *s)
{
    char *copy = arena_text(a, s);

    for (char *p = copy; *p != '\0'; p++)
        *p = lower(*p);
    return copy;
}

char *text_in_sentence(struct arena *a, const char *label)
{
    char *copy = arena_text(a, label);
    bool capitals = false;

    for (char *p = copy; *p != '\0'; p++) {
        if (p == copy || p[-1] == ' ')
            capitals = lower(p[0]) != p[0] && lower(p[1]) != p[1];
        if (!capitals)
            *p = lower(*p);
    }
    return copy;
}
