/* long.c -- paragraphs of plain text: notes, descriptions. Searched, but neither compared nor
 * sorted. */
#include "kit/kinds.h"

static bool is_clean(const char *text)
{
    struct str s = str_from(text);

    for (size_t i = 0; i < s.len; i++)
        if ((unsigned char)text[i] < ' ' && text[i] != '\n' && text[i] != '\t')
            return false;
    return str_trim(s).len == s.len;
}

/* Line ends become \n; other control characters but the tab are dropped; no white space at the
 * ends. */
static const char *clean(struct arena *a, const char *text)
{
    char *out = arena_alloc(a, strlen(text) + 1, 1);
    size_t len = 0;

    for (const char *p = text; *p; p++) {
        unsigned char c = (unsigned char)*p;
        if (c == '\r') {
            if (p[1] != '\n')
                out[len++] = '\n';
        } else if (c >= ' ' || c == '\n' || c == '\t') {
            out[len++] = *p;
        }
    }
    return str_dup(a, str_trim((struct str){ out, len }));
}

static enum status check(struct ctx *cx, const struct field *f, struct value *v)
{
    if (!is_clean(v->text))
        v->text = clean(cx->arena, v->text);
    v->set = v->text[0] != '\0';
    return kind_check_length(cx, f, v->text, LIMIT_LONG_TEXT_BYTES);
}

const struct kind kind_long = {
    .word = "long",
    .storage = STORED_TEXT,
    .parse = kind_text_parse,
    .check = check,
    .plain = kind_text_plain,
    .cell_word = "longtext",
};
