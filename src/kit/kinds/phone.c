/* phone.c -- a phone number. Stored as written, compared by its digits with a leading + ("00" is
 * one). */
#include "base/buf.h"
#include "kit/kinds.h"

enum { PHONE_BYTES = 40, DIGITS_MIN = 3, DIGITS_MAX = 20 };

/* Digits up to an extension, "+" kept in front. */
static const char *fold(struct arena *a, const char *text)
{
    char *out = arena_alloc(a, strlen(text) + 2, 1);
    size_t len = 0;
    bool plus = text[0] == '+' || (text[0] == '(' && text[1] == '+');
    bool trunk =
        plus && strstr(text, "(0)") != NULL; /* +49 (0)171: the 0 is only dialled at home */

    if (plus)
        out[len++] = '+';
    for (const char *p = text; *p && (*p | 32) != 'x'; p++) {
        if (trunk && strncmp(p, "(0)", 3) == 0) {
            p += 2;
            continue;
        }
        if (*p >= '0' && *p <= '9')
            out[len++] = *p;
    }
    out[len] = '\0';
    if (len > 2 && out[0] == '0' && out[1] == '0') {
        out[1] = '+';
        return out + 1;
    }
    return out;
}

static enum status check(struct ctx *cx, const struct field *f, struct value *v)
{
    size_t digits = 0;
    bool clean = true;

    v->text = kind_one_line(cx->arena, v->text);
    TRY(kind_check_length(cx, f, v->text, PHONE_BYTES));
    for (const char *p = v->text; *p; p++) {
        if (*p >= '0' && *p <= '9')
            digits++;
        else if (strchr("+ ()-./xX", *p) == NULL || (*p == '+' && digits > 0))
            clean = false;
    }
    if (!clean || digits < DIGITS_MIN || digits > DIGITS_MAX)
        return kind_bad(cx, f, "phone.invalid",
                        "%s: \"%s\" is not a phone number; write digits, like +49 30 1234567",
                        f->label, v->text);
    return OK;
}

/* The digits, and the same without what people leave out when they search: the country's prefix, of
 * one to three digits, or the leading 0. */
static const char *words(struct arena *a, const struct value *v)
{
    const char *folded = fold(a, v->text);
    bool plus = folded[0] == '+';
    struct buf b = buf_in(a, 4 * (DIGITS_MAX + 1) + PHONE_BYTES);

    if (plus)
        folded++;
    buf_text(&b, folded);
    for (size_t cut = 1; plus && cut <= 3 && strlen(folded) > cut + DIGITS_MIN; cut++) {
        buf_char(&b, ' ');
        buf_text(&b, folded + cut);
    }
    if (!plus && folded[0] == '0' && folded[1]) {
        buf_char(&b, ' ');
        buf_text(&b, folded + 1);
    }
    return buf_end(&b);
}

const struct kind kind_phone = {
    .word = "phone",
    .storage = STORED_FOLDED,
    .parse = kind_text_parse,
    .check = check,
    .fold = fold,
    .plain = kind_text_plain,
    .words = words,
};
