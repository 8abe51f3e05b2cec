/* email.c -- a mail address. Stored as written without spaces around it, compared in lower case.
 * What is refused is what cannot be an address; whether it reaches anybody only a mail can tell. */
#include "base/utf8.h"
#include "kit/kinds.h"

enum { EMAIL_BYTES = 254, LOCAL_BYTES = 64 };

static bool is_local(unsigned char c)
{
    return c > 127 || (c > ' ' && c < 127 && strchr("\"(),:;<>@[\\]", c) == NULL);
}

/* Labels of letters, digits and inner hyphens, at least two of them. */
static bool is_domain(const char *p)
{
    int labels = 0;

    for (;;) {
        size_t len = strcspn(p, ".");
        if (len == 0 || len > 63 || p[0] == '-' || p[len - 1] == '-')
            return false;
        for (size_t i = 0; i < len; i++) {
            unsigned char c = (unsigned char)p[i];
            if (c <= 127 && !((c | 32) >= 'a' && (c | 32) <= 'z') && !(c >= '0' && c <= '9') &&
                c != '-')
                return false;
        }
        labels++;
        if (p[len] == '\0')
            return labels >= 2;
        p += len + 1;
    }
}

static bool is_address(const char *text)
{
    const char *at = strrchr(text, '@');
    size_t local = at ? (size_t)(at - text) : 0;

    if (local == 0 || local > LOCAL_BYTES || text[0] == '.' || at[-1] == '.')
        return false;
    for (size_t i = 0; i < local; i++)
        if (!is_local((unsigned char)text[i]) || (text[i] == '.' && text[i + 1] == '.'))
            return false;
    return is_domain(at + 1);
}

static enum status check(struct ctx *cx, const struct field *f, struct value *v)
{
    v->text = kind_one_line(cx->arena, v->text);
    TRY(kind_check_length(cx, f, v->text, EMAIL_BYTES));
    if (!is_address(v->text))
        return kind_bad(cx, f, "email.invalid",
                        "%s: \"%s\" is not a mail address; it needs the form name@example.com",
                        f->label, v->text);
    return OK;
}

static const char *fold(struct arena *a, const char *text)
{
    for (const char *p = text; *p; p++)
        if ((unsigned char)*p > 127)
            return utf8_fold(a, text);
    return text_lower_ascii(a, text);
}

const struct kind kind_email = {
    .word = "email",
    .storage = STORED_FOLDED,
    .parse = kind_text_parse,
    .check = check,
    .fold = fold,
    .plain = kind_text_plain,
};
