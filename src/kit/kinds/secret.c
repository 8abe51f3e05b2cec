/* secret.c -- a secret that the program uses itself: the password of a relay. What is typed is
 * sealed at once (seal.h); nothing shows it again: neither page nor API, file, search or change
 * log. An input that was left empty keeps it; "-" or the API's null removes it. */
#include "kit/kinds.h"
#include "kit/seal.h"

enum { SECRET_BYTES = 16 * 1024 };

static enum status parse(struct ctx *cx, const struct field *f, const char *text, struct value *v)
{
    const char *sealed;

    if (text_is(text, "-")) {
        *v = (struct value){ .text = "" };
        return OK;
    }
    TRY(kind_check_length(cx, f, text, SECRET_BYTES));
    TRY(seal_text(cx, text, &sealed));
    *v = (struct value){ .text = sealed, .set = true };
    return OK;
}

static const char *plain(struct ctx *cx, const struct field *f, const struct value *v)
{
    (void)cx;
    (void)f;
    (void)v;
    return "";
}

static const char *show(struct ctx *cx, const struct field *f, const struct value *v)
{
    (void)cx;
    (void)f;
    return v->set ? "kept, not shown" : "";
}

static struct val *json(struct ctx *cx, const struct field *f, const struct value *v)
{
    (void)f;
    (void)v;
    return val_null(cx->arena);
}

const struct kind kind_secret = {
    .word = "secret",
    .storage = STORED_TEXT,
    .parse = parse,
    .plain = plain,
    .show = show,
    .json = json,
    .cell_word = "text",
};
