/* text.c -- one line of text: names, titles, words. Compared folded: "Ångström" is "angstrom". */
#include "base/utf8.h"
#include "kit/kinds.h"

static enum status check(struct ctx *cx, const struct field *f, struct value *v)
{
    v->text = kind_one_line(cx->arena, v->text);
    v->set = v->text[0] != '\0';
    return kind_check_length(cx, f, v->text, LIMIT_TEXT_BYTES);
}

static const char *fold(struct arena *a, const char *text) { return utf8_fold(a, text); }

const struct kind kind_text = {
    .word = "text",
    .storage = STORED_FOLDED,
    .parse = kind_text_parse,
    .check = check,
    .fold = fold,
    .plain = kind_text_plain,
};
