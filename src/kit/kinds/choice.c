/* choice.c -- one of a few values, stored by its stable word. Read by word or by label. */
#include "base/buf.h"
#include "base/utf8.h"
#include "kit/kinds.h"

static const struct choice *find(struct ctx *cx, const struct field *f, const char *value)
{
    for (const struct choice *c = field_choices(cx, f); c->value; c++)
        if (text_is(c->value, value))
            return c;
    return NULL;
}

static enum status refuse(struct ctx *cx, const struct field *f, const char *text)
{
    struct buf known = buf_in(cx->arena, 8000);

    for (const struct choice *c = field_choices(cx, f); c->value; c++) {
        if (known.len > 0)
            buf_text(&known, ", ");
        buf_text(&known, c->value);
    }
    return kind_bad(cx, f, "choice.unknown", "%s cannot be \"%s\": choose one of %s", f->label,
                    text, buf_end(&known));
}

static enum status parse(struct ctx *cx, const struct field *f, const char *text, struct value *v)
{
    const struct choice *c = find(cx, f, text);

    if (c == NULL) {
        const char *folded = utf8_fold(cx->arena, text);
        for (c = field_choices(cx, f); c->value; c++)
            if (text_is(utf8_fold(cx->arena, c->label), folded) || text_is(c->value, folded))
                break;
    }
    if (c->value == NULL)
        return refuse(cx, f, text);
    *v = (struct value){ .text = c->value, .set = true };
    return OK;
}

static enum status check(struct ctx *cx, const struct field *f, struct value *v)
{
    return find(cx, f, v->text) ? OK : refuse(cx, f, v->text);
}

static const char *show(struct ctx *cx, const struct field *f, const struct value *v)
{
    const struct choice *c = find(cx, f, v->text);

    return c ? c->label : v->text;
}

static const char *cell(struct ctx *cx, const struct field *f, const struct value *v,
                        struct val *into)
{
    static const struct {
        const char *color, *tone;
    } tones[] = { { "gray", "grey" }, { "orange", "amber" } };
    const struct choice *c = find(cx, f, v->text);
    const char *tone = c && c->color ? c->color : "grey";

    if (text_is(tone, "channel")) {
        val_put_text(into, "value", v->text);
        return "channel";
    }
    for (size_t i = 0; i < countof(tones); i++)
        if (text_is(tone, tones[i].color))
            tone = tones[i].tone;
    val_put_text(into, "tone", tone);
    return "choice";
}

const struct kind kind_choice = {
    .word = "choice",
    .storage = STORED_TEXT,
    .parse = parse,
    .check = check,
    .plain = kind_text_plain,
    .show = show,
    .cell = cell,
};
