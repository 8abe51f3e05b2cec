/* utf8.c -- validity, folding and search words. ICU does the Unicode; most data is plain ASCII, so
 * each function looks for that first and then never calls ICU. */
#include "base/utf8.h"
#include "base/arena_int.h"
#include "base/buf.h"
#include "base/log.h"
#include <unicode/uchar.h>
#include <unicode/unorm2.h>
#include <unicode/ustring.h>
#ifdef __SSE2__
#include <emmintrin.h>
#endif

/* Length of the sequence at `p`, or 0 when it is not well formed (RFC 3629, table 3-7 of
 * Unicode). */
static size_t sequence(const unsigned char *p, size_t left)
{
    unsigned char c = p[0], low = 0x80, high = 0xbf;
    size_t len;

    if (c < 0x80)
        return c != 0;
    if (c < 0xc2 || c > 0xf4)
        return 0;
    len = c < 0xe0 ? 2 : c < 0xf0 ? 3 : 4;
    if (left < len)
        return 0;
    switch (c) {
    case 0xe0:
        low = 0xa0;
        break; /* overlong */
    case 0xed:
        high = 0x9f;
        break; /* surrogates */
    case 0xf0:
        low = 0x90;
        break; /* overlong */
    case 0xf4:
        high = 0x8f;
        break; /* above U+10FFFF */
    }
    if (p[1] < low || p[1] > high)
        return 0;
    for (size_t i = 2; i < len; i++)
        if ((p[i] & 0xc0) != 0x80)
            return 0;
    return len;
}

/* Length of the run of ASCII without NUL at the start. */
static size_t ascii_run(const char *p, size_t len)
{
    size_t i = 0;

#ifdef __SSE2__
    for (; i + 16 <= len; i += 16) {
        __m128i v = _mm_loadu_si128((const __m128i *)(const void *)(p + i));
        /* Signed: bytes from 0x80 are negative, so one compare finds them and NUL. */
        int plain = _mm_movemask_epi8(_mm_cmpgt_epi8(v, _mm_setzero_si128()));
        if (plain != 0xffff)
            return i + (size_t)__builtin_ctz(~(unsigned)plain);
    }
#endif
    while (i < len && (signed char)p[i] > 0)
        i++;
    return i;
}

size_t utf8_valid_bytes(struct str s)
{
    size_t i = 0;

    while ((i += ascii_run(s.p + i, s.len - i)) < s.len) {
        /* Texts in other scripts have runs of long sequences: stay here until ASCII is back. */
        do {
            size_t n = sequence((const unsigned char *)s.p + i, s.len - i);
            if (n == 0)
                return i;
            i += n;
        } while (i < s.len && (signed char)s.p[i] < 0);
    }
    return i;
}

bool utf8_valid(struct str s) { return s.len == 0 || utf8_valid_bytes(s) == s.len; }

size_t utf8_length(const char *text)
{
    size_t n = 0;

    for (; *text != '\0'; text++)
        n += ((unsigned char)*text & 0xc0) != 0x80;
    return n;
}

u32 utf8_next(struct str *rest)
{
    const unsigned char *p = (const unsigned char *)rest->p;
    size_t len = p[0] < 0x80 ? 1 : p[0] < 0xe0 ? 2 : p[0] < 0xf0 ? 3 : 4;
    u32 c = p[0];

    assert(rest->len >= len);
    if (len > 1)
        c &= 0x7fu >> len;
    for (size_t i = 1; i < len; i++)
        c = c << 6 | (p[i] & 0x3f);
    rest->p += len;
    rest->len -= len;
    return c;
}

size_t utf8_put(char out[4], u32 c)
{
    if (c < 0x80) {
        out[0] = (char)c;
        return 1;
    }
    if (c < 0x800) {
        out[0] = (char)(0xc0 | c >> 6);
        out[1] = (char)(0x80 | (c & 0x3f));
        return 2;
    }
    if (c < 0x10000) {
        out[0] = (char)(0xe0 | c >> 12);
        out[1] = (char)(0x80 | (c >> 6 & 0x3f));
        out[2] = (char)(0x80 | (c & 0x3f));
        return 3;
    }
    out[0] = (char)(0xf0 | c >> 18);
    out[1] = (char)(0x80 | (c >> 12 & 0x3f));
    out[2] = (char)(0x80 | (c >> 6 & 0x3f));
    out[3] = (char)(0x80 | (c & 0x3f));
    return 4;
}

char *utf8_cut(struct arena *a, const char *text, size_t bytes)
{
    size_t len = strlen(text);

    if (len > bytes) {
        len = bytes;
        while (len > 0 && ((unsigned char)text[len] & 0xc0) == 0x80)
            len--;
    }
    return arena_dup(a, text, len);
}

/* UTF-16, as ICU works on it. In arena. */
struct wide {
    UChar *p;
    int32_t len;
};

static struct wide wide_from(struct arena *a, const char *text, size_t len)
{
    UErrorCode code = U_ZERO_ERROR;
    struct wide w;

    if (len > INT32_MAX / 4)
        log_fatal("utf8.too_long", "bytes=%zu", len);
    w.p = arena_raw(a, (len + 1) * sizeof(UChar), 8); /* never more units than bytes */
    u_strFromUTF8WithSub(w.p, (int32_t)len + 1, &w.len, text, (int32_t)len, 0xfffd, NULL, &code);
    if (U_FAILURE(code))
        log_fatal("utf8.icu_failed", "error=%s", u_errorName(code));
    return w;
}

static char *wide_text(struct arena *a, struct wide w)
{
    UErrorCode code = U_ZERO_ERROR;
    int32_t room = w.len * 3 + 1;
    char *out = arena_raw(a, (size_t)room, 1);

    u_strToUTF8WithSub(out, room, NULL, w.p, w.len, 0xfffd, NULL, &code);
    if (U_FAILURE(code))
        log_fatal("utf8.icu_failed", "error=%s", u_errorName(code));
    return out;
}

/* Runs one ICU transformation, once more with the room it asked for if the guess was short. */
static struct wide wide_apply(struct arena *a, struct wide in,
                              int32_t (*apply)(struct wide in, UChar *out, int32_t room,
                                               UErrorCode *code))
{
    struct wide out;
    int32_t room = in.len + in.len / 2 + 8;

    for (;;) {
        UErrorCode code = U_ZERO_ERROR;
        out.p = arena_raw(a, (size_t)room * sizeof(UChar), 8);
        out.len = apply(in, out.p, room, &code);
        if (code != U_BUFFER_OVERFLOW_ERROR) {
            if (U_FAILURE(code))
                log_fatal("utf8.icu_failed", "error=%s", u_errorName(code));
            return out;
        }
        room = out.len + 1;
    }
}

static int32_t apply_nfkd(struct wide in, UChar *out, int32_t room, UErrorCode *code)
{
    const UNormalizer2 *nfkd = unorm2_getNFKDInstance(code);
    return U_FAILURE(*code) ? 0 : unorm2_normalize(nfkd, in.p, in.len, out, room, code);
}

static int32_t apply_nfc(struct wide in, UChar *out, int32_t room, UErrorCode *code)
{
    const UNormalizer2 *nfc = unorm2_getNFCInstance(code);
    return U_FAILURE(*code) ? 0 : unorm2_normalize(nfc, in.p, in.len, out, room, code);
}

static int32_t apply_case(struct wide in, UChar *out, int32_t room, UErrorCode *code)
{
    return u_strFoldCase(out, room, in.p, in.len, U_FOLD_CASE_DEFAULT, code);
}

static void drop_marks(struct wide *w)
{
    int32_t from = 0, to = 0;

    while (from < w->len) {
        UChar32 c;
        int32_t start = from;
        U16_NEXT(w->p, from, w->len, c);
        if (u_charType(c) == U_NON_SPACING_MARK)
            continue;
        while (start < from)
            w->p[to++] = w->p[start++];
    }
    w->len = to;
}

static void squeeze_spaces(struct wide *w)
{
    int32_t to = 0;

    for (int32_t i = 0; i < w->len; i++) { /* no white space lies outside the 16-bit plane */
        if (!u_isUWhiteSpace(w->p[i]))
            w->p[to++] = w->p[i];
        else if (to > 0 && w->p[to - 1] != ' ')
            w->p[to++] = ' ';
    }
    if (to > 0 && w->p[to - 1] == ' ')
        to--;
    w->len = to;
}

/* White space of ASCII, the same set that Unicode calls so. */
static bool ascii_space(char c) { return c == ' ' || (c >= '\t' && c <= '\r'); }

static char *fold_ascii(struct arena *a, const char *text, size_t len)
{
    char *out = arena_raw(a, len + 1, 1);
    size_t to = 0;

    for (size_t i = 0; i < len; i++) {
        char c = text[i];
        if (ascii_space(c)) {
            if (to > 0 && out[to - 1] != ' ')
                out[to++] = ' ';
        } else {
            out[to++] = c >= 'A' && c <= 'Z' ? (char)(c + ('a' - 'A')) : c;
        }
    }
    if (to > 0 && out[to - 1] == ' ')
        to--;
    out[to] = '\0';
    return out;
}

char *utf8_fold(struct arena *a, const char *text)
{
    size_t len = strlen(text);

    if (ascii_run(text, len) == len)
        return fold_ascii(a, text, len);
    struct wide w = wide_apply(a, wide_from(a, text, len), apply_nfkd);
    drop_marks(&w);
    /* Case folding can leave what NFKD would take apart again and marks of its own (U+0390), so
     * the two run once more; after that a fold of a fold changes nothing. */
    w = wide_apply(a, wide_apply(a, w, apply_case), apply_nfkd);
    drop_marks(&w);
    w = wide_apply(a, w, apply_nfc);
    squeeze_spaces(&w);
    return wide_text(a, w);
}

static bool is_word(u32 c)
{
    if (c < 0x80)
        return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z');
    /* Marks belong to the word they stand in: Indic vowels are spacing marks. */
    return u_isalnum((UChar32)c) || (U_MASK(u_charType((UChar32)c)) & U_GC_M_MASK) != 0;
}

char *utf8_search_words(struct arena *a, const char *text)
{
    char *out = utf8_fold(a, text); /* rewritten in place: words only get shorter */
    struct str rest = str_from(out);
    char *to = out;
    bool gap = false;

    while (rest.len > 0) {
        const char *start = rest.p;
        if (!is_word(utf8_next(&rest))) {
            gap = true;
            continue;
        }
        if (gap && to > out)
            *to++ = ' ';
        gap = false;
        while (start < rest.p)
            *to++ = *start++;
    }
    *to = '\0';
    return out;
}

/* What Windows-1252 has at 0x80 to 0x9f; the five unused bytes keep their control characters. */
static const u16 windows_1252[32] = {
    0x20ac, 0x81,   0x201a, 0x0192, 0x201e, 0x2026, 0x2020, 0x2021, 0x02c6, 0x2030, 0x0160,
    0x2039, 0x0152, 0x8d,   0x017d, 0x8f,   0x90,   0x2018, 0x2019, 0x201c, 0x201d, 0x2022,
    0x2013, 0x2014, 0x02dc, 0x2122, 0x0161, 0x203a, 0x0153, 0x9d,   0x017e, 0x0178,
};

static struct str from_windows_1252(struct arena *a, struct str bytes)
{
    char *out = arena_raw(a, bytes.len * 3 + 1, 1);
    size_t len = 0;

    for (size_t i = 0; i < bytes.len; i++) {
        unsigned char c = (unsigned char)bytes.p[i];
        len += utf8_put(out + len, c >= 0x80 && c < 0xa0 ? windows_1252[c - 0x80] : c);
    }
    out[len] = '\0';
    return (struct str){ out, len };
}

/* `low` is the index of the low byte in each pair. Lone surrogates and an odd last byte read as
 * U+FFFD. False when a unit is NUL. */
static bool from_utf16(struct arena *a, struct str bytes, size_t low, struct str *out)
{
    size_t units = bytes.len / 2, len = 0;
    const unsigned char *p = (const unsigned char *)bytes.p;
    char *text = arena_raw(a, units * 3 + 4, 1);

    for (size_t i = 0; i < units; i++) {
        u32 c = (u32)p[2 * i + low] | (u32)p[2 * i + 1 - low] << 8;
        if (c == 0)
            return false;
        if (U16_IS_LEAD(c) && i + 1 < units) {
            u32 next = (u32)p[2 * i + 2 + low] | (u32)p[2 * i + 3 - low] << 8;
            if (U16_IS_TRAIL(next)) {
                c = (u32)U16_GET_SUPPLEMENTARY(c, next);
                i++;
            }
        }
        len += utf8_put(text + len, U_IS_SURROGATE(c) ? 0xfffd : c);
    }
    if (bytes.len % 2 != 0)
        len += utf8_put(text + len, 0xfffd);
    text[len] = '\0';
    *out = (struct str){ text, len };
    return true;
}

enum status utf8_from_bytes(struct arena *a, struct str bytes, struct str *out)
{
    struct str body = bytes;

    if (str_starts(bytes, "\xff\xfe") || str_starts(bytes, "\xfe\xff")) {
        size_t low = bytes.p[0] == '\xff' ? 0 : 1;
        body = (struct str){ bytes.p + 2, bytes.len - 2 };
        return from_utf16(a, body, low, out) ? OK : E_INVALID;
    }
    if (str_starts(bytes, "\xef\xbb\xbf"))
        body = (struct str){ bytes.p + 3, bytes.len - 3 };
    if (body.len > 0 && memchr(body.p, '\0', body.len) != NULL)
        return E_INVALID;
    *out =
        utf8_valid(body) ? (struct str){ str_dup(a, body), body.len } : from_windows_1252(a, body);
    return OK;
}

const char *utf8_slug(struct arena *a, const char *text, size_t max)
{
    struct str words = str_from(utf8_search_words(a, text)), word;
    struct buf b = buf_in(a, max + 2);

    while (str_split(&words, ' ', &word) && b.len + word.len < max) {
        if (b.len)
            buf_char(&b, '-');
        buf_str(&b, word);
    }
    return buf_end(&b);
}
