/* json.c -- strict JSON. Our own because events arrive by the million: the text is copied into the
 * arena once, strings are ended and unescaped inside that copy, and nothing is looked at twice but
 * texts that are not ASCII, which are checked to be UTF-8. */
#include "base/json.h"
#include "base/limits.h"
#include "base/utf8.h"
#include "base/val_int.h"
#ifdef __SSE2__
#include <emmintrin.h>
#endif

enum { PAD_BYTES = 16 }; /* NULs behind the copy: every scan meets one and wide loads stay inside */

struct reader {
    char *p, *start, *end;
    struct arena *arena;
    int depth;
    int high;            /* not 0: bytes above ASCII were seen */
    const char *message; /* the first error */
    const char *at;
};

static bool fail(struct reader *r, const char *at, const char *message)
{
    if (r->message == NULL) {
        r->message = message;
        r->at = at;
    }
    return false;
}

static void skip_spaces(struct reader *r)
{
    if ((unsigned char)*r->p > ' ') /* nearly always: events come without spaces */
        return;
    while (*r->p == ' ' || *r->p == '\n' || *r->p == '\t' || *r->p == '\r')
        r->p++;
}

/* The first byte from `p` on that is a quote, a backslash or a control character (NUL at the
 * end). */
static inline char *scan_string(struct reader *r, char *p)
{
#ifdef __SSE2__
    const __m128i quote = _mm_set1_epi8('"'), slash = _mm_set1_epi8('\\');
    const __m128i control = _mm_set1_epi8(0x1f);

    for (;; p += 16) {
        __m128i v = _mm_loadu_si128((const __m128i *)(const void *)p);
        __m128i hit = _mm_or_si128(_mm_cmpeq_epi8(v, quote), _mm_cmpeq_epi8(v, slash));
        hit = _mm_or_si128(hit, _mm_cmpeq_epi8(_mm_min_epu8(v, control), v)); /* v <= 0x1f */
        int mask = _mm_movemask_epi8(hit);
        r->high |= _mm_movemask_epi8(v); /* also of what follows: seen too often does no harm */
        if (mask != 0)
            return p + __builtin_ctz((unsigned)mask);
    }
#else
    for (; *p != '"' && *p != '\\' && (unsigned char)*p > 0x1f; p++)
        r->high |= *p & 0x80;
    return p;
#endif
}

static bool read_hex4(const char *p, u32 *out)
{
    u32 n = 0;

    for (int i = 0; i < 4; i++) {
        char c = p[i];
        if (c >= '0' && c <= '9')
            n = n << 4 | (u32)(c - '0');
        else if ((c | 32) >= 'a' && (c | 32) <= 'f')
            n = n << 4 | (u32)((c | 32) - 'a' + 10);
        else
            return false; /* also the NUL behind the text, so nothing past it is read */
    }
    *out = n;
    return true;
}

/* \uXXXX, perhaps a pair, at r->p (behind the u). Appends to `*to`. */
static bool read_unicode(struct reader *r, char **to)
{
    char *at = r->p - 2;
    u32 c, low;

    if (!read_hex4(r->p, &c))
        return fail(r, at, "expected four hex digits after \\u");
    r->p += 4;
    if (c >= 0xd800 && c <= 0xdbff) {
        if (r->p[0] != '\\' || r->p[1] != 'u' || !read_hex4(r->p + 2, &low) || low < 0xdc00 ||
            low > 0xdfff)
            return fail(r, at, "half of a surrogate pair");
        r->p += 6;
        c = 0x10000 + ((c - 0xd800) << 10) + (low - 0xdc00);
    } else if (c >= 0xdc00 && c <= 0xdfff) {
        return fail(r, at, "half of a surrogate pair");
    }
    if (c == 0)
        return fail(r, at, "NUL is not allowed in a text");
    *to += utf8_put(*to, c); /* an escape is never shorter than its UTF-8 */
    return true;
}

static bool read_escape(struct reader *r, char **to)
{
    char c = *++r->p;

    r->p++;
    switch (c) {
    case '"':
    case '\\':
    case '/':
        break;
    case 'b':
        c = '\b';
        break;
    case 'f':
        c = '\f';
        break;
    case 'n':
        c = '\n';
        break;
    case 'r':
        c = '\r';
        break;
    case 't':
        c = '\t';
        break;
    case 'u':
        return read_unicode(r, to);
    default:
        return fail(r, r->p - 2, "unknown escape");
    }
    *(*to)++ = c;
    return true;
}

/* The rest of a string whose plain part ends at `at`, at something but a quote. */
static bool read_escaped(struct reader *r, char *from, char *at, size_t *len)
{
    char *to = at;

    while (*at != '"') {
        if (*at != '\\')
            return fail(r, at,
                        at == r->end ? "the text ends inside a string"
                                     : "a control character inside a string");
        r->p = at;
        if (!read_escape(r, &to))
            return false;
        at = scan_string(r, r->p);
        size_t plain = (size_t)(at - r->p);
        memmove(to, r->p, plain);
        to += plain;
    }
    *to = '\0';
    *len = (size_t)(to - from);
    r->p = at + 1;
    return true;
}

/* At the opening quote. The text is ended and unescaped where it stands. */
static inline bool read_string(struct reader *r, const char **text, size_t *len)
{
    char *from = r->p + 1, *at = scan_string(r, from);

    *text = from;
    if (*at != '"')
        return read_escaped(r, from, at, len);
    *at = '\0';
    *len = (size_t)(at - from);
    r->p = at + 1;
    return true;
}

static bool is_digit(char c) { return c >= '0' && c <= '9'; }

/* The rest of a number that is not an i64: its digits are kept as they are. */
static struct val *read_decimal(struct reader *r, const char *start)
{
    if (*r->p == '.') {
        if (!is_digit(*++r->p)) {
            fail(r, r->p, "expected a digit after the point");
            return NULL;
        }
        while (is_digit(*r->p))
            r->p++;
    }
    if ((*r->p | 32) == 'e') {
        r->p++;
        if (*r->p == '+' || *r->p == '-')
            r->p++;
        if (!is_digit(*r->p)) {
            fail(r, r->p, "expected a digit in the exponent");
            return NULL;
        }
        while (is_digit(*r->p))
            r->p++;
    }
    struct val *v = val_node(r->arena, VAL_DECIMAL);
    v->len = (u32)(r->p - start);
    v->text = arena_dup(r->arena, start, v->len); /* not ended in place: the next byte is needed */
    return v;
}

static struct val *read_number(struct reader *r)
{
    const char *start = r->p;
    bool negative = *r->p == '-', fits = true;
    i64 n = 0;

    r->p += negative;
    if (!is_digit(*r->p)) {
        fail(r, r->p, "expected a digit");
        return NULL;
    }
    if (*r->p == '0' && is_digit(r->p[1])) {
        fail(r, r->p, "a number must not begin with 0");
        return NULL;
    }
    const char *digits = r->p;
    for (; is_digit(*r->p); r->p++) {
        if (r->p - digits < 18)
            n = n * 10 - (*r->p - '0'); /* downwards, where INT64_MIN is */
        else if (fits)
            fits = !__builtin_mul_overflow(n, 10, &n) &&
                   !__builtin_sub_overflow(n, (i64)(*r->p - '0'), &n);
    }
    if (!negative && fits)
        fits = !__builtin_sub_overflow((i64)0, n, &n);
    if (!fits || *r->p == '.' || (*r->p | 32) == 'e')
        return read_decimal(r, start);
    struct val *v = val_node(r->arena, VAL_I64);
    v->number = n;
    return v;
}

static struct val *read_value(struct reader *r);

static struct val *read_list(struct reader *r)
{
    struct val *list = val_list(r->arena), *item;

    r->p++;
    skip_spaces(r);
    if (*r->p == ']') {
        r->p++;
        return list;
    }
    for (;;) {
        if ((item = read_value(r)) == NULL)
            return NULL;
        val_add(list, item);
        skip_spaces(r);
        char c = *r->p;
        if (c != ',' && c != ']') {
            fail(r, r->p, "expected ',' or ']'");
            return NULL;
        }
        r->p++;
        if (c == ']')
            return list;
    }
}

static struct val *read_map(struct reader *r)
{
    struct val_tree *map = (struct val_tree *)val_map(r->arena);
    struct val *value;
    const char *key;
    size_t len;

    r->p++;
    skip_spaces(r);
    if (*r->p == '}') {
        r->p++;
        return &map->head;
    }
    for (;;) {
        skip_spaces(r);
        char *at = r->p;
        if (*at != '"') {
            fail(r, at, "expected a key in quotes");
            return NULL;
        }
        if (!read_string(r, &key, &len))
            return NULL;
        skip_spaces(r);
        if (*r->p != ':') {
            fail(r, r->p, "expected ':'");
            return NULL;
        }
        r->p++;
        if ((value = read_value(r)) == NULL)
            return NULL;
        if (!val_put_fast(map, key, len, value)) {
            fail(r, at, "this key came before");
            return NULL;
        }
        skip_spaces(r);
        char c = *r->p;
        if (c != ',' && c != '}') {
            fail(r, r->p, "expected ',' or '}'");
            return NULL;
        }
        r->p++;
        if (c == '}')
            return &map->head;
    }
}

static struct val *read_word(struct reader *r, const char *word, enum val_kind kind, bool flag)
{
    size_t len = strlen(word);

    if (strncmp(r->p, word, len) != 0) {
        fail(r, r->p, "expected a value");
        return NULL;
    }
    r->p += len;
    struct val *v = val_node(r->arena, kind);
    v->flag = flag;
    return v;
}

static struct val *read_tree(struct reader *r)
{
    if (r->depth == LIMIT_JSON_DEPTH) {
        fail(r, r->p, "too many levels");
        return NULL;
    }
    r->depth++;
    struct val *v = *r->p == '{' ? read_map(r) : read_list(r);
    r->depth--;
    return v;
}

static struct val *read_value(struct reader *r)
{
    const char *text;
    size_t len;
    struct val *v;

    skip_spaces(r);
    switch (*r->p) {
    case '"':
        if (!read_string(r, &text, &len))
            return NULL;
        v = val_node(r->arena, VAL_TEXT);
        v->len = (u32)len;
        v->text = text;
        return v;
    case '{':
    case '[':
        return read_tree(r);
    case 't':
        return read_word(r, "true", VAL_BOOL, true);
    case 'f':
        return read_word(r, "false", VAL_BOOL, false);
    case 'n':
        return read_word(r, "null", VAL_NULL, false);
    case '-':
    case '0' ... '9':
        return read_number(r);
    default:
        fail(r, r->p, r->p == r->end ? "the text ends before a value" : "expected a value");
        return NULL;
    }
}

enum status json_read(struct arena *a, struct str text, struct val **out, struct json_error *err)
{
    struct reader r = { .arena = a };
    struct val *v = NULL;

    if (text.len > UINT32_MAX / 2) {
        if (err != NULL)
            *err = (struct json_error){ 0, "too long" };
        return E_INVALID;
    }
    r.p = r.start = arena_raw(a, text.len + PAD_BYTES, 1);
    r.end = r.start + text.len;
    if (text.len > 0)
        memcpy(r.p, text.p, text.len);
    memset(r.end, 0, PAD_BYTES);
    v = read_value(&r);
    if (v != NULL) {
        skip_spaces(&r);
        if (r.p != r.end)
            fail(&r, r.p, "expected the end of the text");
        else if (r.high != 0 && !utf8_valid(text))
            fail(&r, r.start + utf8_valid_bytes(text), "not UTF-8");
    }
    if (r.message != NULL) {
        if (err != NULL)
            *err = (struct json_error){ (size_t)(r.at - r.start), r.message };
        return E_INVALID;
    }
    *out = v;
    return OK;
}

/* What a byte becomes inside quotes: 0 itself, 'u' \u00XX, 'e' perhaps U+2028, else backslash and
 * it. */
static const char escapes[256] = {
    [0 ... 7] = 'u', ['\b'] = 'b',          ['\t'] = 't', ['\n'] = 'n',  [0x0b] = 'u', ['\f'] = 'f',
    ['\r'] = 'r',    [0x0e ... 0x1f] = 'u', ['"'] = '"',  ['\\'] = '\\', ['<'] = 'u',  [0xe2] = 'e',
};

/* The first byte of s..end that cannot stand in quotes as it is, or `end`. */
static const char *scan_plain(const char *s, const char *end)
{
#ifdef __SSE2__
    const __m128i quote = _mm_set1_epi8('"'), slash = _mm_set1_epi8('\\');
    const __m128i less = _mm_set1_epi8('<'), e2 = _mm_set1_epi8('\xe2');
    const __m128i control = _mm_set1_epi8(0x1f);

    for (; end - s >= 16; s += 16) {
        __m128i v = _mm_loadu_si128((const __m128i *)(const void *)s);
        __m128i hit = _mm_or_si128(_mm_cmpeq_epi8(v, quote), _mm_cmpeq_epi8(v, slash));
        hit = _mm_or_si128(hit, _mm_cmpeq_epi8(v, less));
        hit = _mm_or_si128(hit, _mm_cmpeq_epi8(v, e2));
        hit = _mm_or_si128(hit, _mm_cmpeq_epi8(_mm_min_epu8(v, control), v));
        int mask = _mm_movemask_epi8(hit);
        if (mask != 0)
            return s + __builtin_ctz((unsigned)mask);
    }
#endif
    while (s < end && escapes[(unsigned char)*s] == 0)
        s++;
    return s;
}

static void write_escaped(struct buf *b, const char *s, const char *end)
{
    static const char hex[] = "0123456789abcdef";
    const char *plain = s;

    while ((s = scan_plain(s, end)) < end) {
        unsigned char c = (unsigned char)*s++;
        char how = escapes[c];
        /* U+2028 and U+2029 end a line in old JavaScript: E2 80 A8 and A9. */
        if (how == 'e' && (end - s < 2 || s[0] != '\x80' || (s[1] | 1) != '\xa9'))
            continue;
        buf_add(b, plain, (size_t)(s - 1 - plain));
        if (how == 'e') {
            buf_text(b, s[1] == '\xa8' ? "\\u2028" : "\\u2029");
            s += 2;
        } else if (how == 'u') {
            buf_add(b, (char[]){ '\\', 'u', '0', '0', hex[c >> 4], hex[c & 15] }, 6);
        } else {
            buf_add(b, (char[]){ '\\', how }, 2);
        }
        plain = s;
    }
    buf_add(b, plain, (size_t)(end - plain));
}

/* A string in quotes and, when it is not NUL, the byte `after`. */
static void write_string(struct buf *b, const char *s, size_t len, char after)
{
    const char *end = s + len;
    char *at;

    if (scan_plain(s, end) == end) { /* most: one room, one copy */
        if ((at = buf_reserve(b, len + 2 + (after != '\0'))) != NULL) {
            at[0] = '"';
            memcpy(at + 1, s, len);
            at[len + 1] = '"';
            at[len + 2] = after; /* there is always one byte more, for a NUL */
            b->len += len + 2 + (after != '\0');
        }
        return;
    }
    buf_char(b, '"');
    write_escaped(b, s, end);
    buf_char(b, '"');
    if (after != '\0')
        buf_char(b, after);
}

void json_write_text(struct buf *b, const char *text) { write_string(b, text, strlen(text), '\0'); }

static void write_tree(struct buf *b, const struct val *v)
{
    bool map = v->kind == VAL_MAP;

    buf_char(b, map ? '{' : '[');
    for (u32 i = 0; i < v->len && !b->failed; i++) {
        if (i > 0)
            buf_char(b, ',');
        if (!map) {
            json_write(b, v->items[i]);
            continue;
        }
        write_string(b, v->entries[i].key, v->entries[i].len, ':');
        json_write(b, v->entries[i].value);
    }
    buf_char(b, map ? '}' : ']');
}

void json_write(struct buf *b, const struct val *v)
{
    switch (val_kind_of(v)) {
    case VAL_NULL:
        buf_add(b, "null", 4);
        break;
    case VAL_BOOL:
        buf_text(b, v->flag ? "true" : "false");
        break;
    case VAL_I64:
        buf_i64(b, v->number);
        break;
    case VAL_DECIMAL:
        buf_add(b, v->text, v->len);
        break;
    case VAL_TEXT:
    case VAL_HTML:
        write_string(b, v->text, v->len, '\0');
        break;
    case VAL_LIST:
    case VAL_MAP:
        write_tree(b, v);
        break;
    }
}

char *json_text(struct arena *a, const struct val *v)
{
    struct buf b = buf_in(a, SIZE_MAX / 2);

    json_write(&b, v);
    return (char *)(uintptr_t)buf_end(&b);
}
