/* ref.c -- a reference to another record: its id. Whether that record is there, out of the trash
 * and visible is asked when the referring one is saved (record_check.c), not here. */
#include "base/id.h"
#include "kit/kinds.h"
#include "kit/show.h"

static enum status parse(struct ctx *cx, const struct field *f, const char *text, struct value *v)
{
    const struct record_type *t = type_find(cx, f->ref);

    *v = (struct value){ .set = true };
    if (text_is(text, "me") && text_is(f->ref, "user") && cx->access && cx->access->user_id) {
        v->i = cx->access->user_id;
        return OK;
    }
    if (!id_parse(str_from(text), &v->i))
        return kind_bad(cx, f, "ref.invalid",
                        "%s: \"%s\" is not the number of a %s; choose one from the list", f->label,
                        text, t ? t->label : f->ref);
    return OK;
}

static enum status parse_val(struct ctx *cx, const struct field *f, const struct val *in,
                             struct value *v)
{
    const struct val *id = val_kind_of(in) == VAL_MAP ? val_get(in, "id") : in;

    if (val_kind_of(id) != VAL_TEXT)
        return kind_bad(cx, f, "ref.invalid", "%s must be an id: a text of %d characters", f->label,
                        ID_CHARS);
    if (val_as_text(id, "")[0] == '\0') {
        *v = (struct value){ 0 };
        return OK;
    }
    return parse(cx, f, val_as_text(id, ""), v);
}

static const char *plain(struct ctx *cx, const struct field *f, const struct value *v)
{
    (void)f;
    return id_text(cx->arena, v->i);
}

static const char *show(struct ctx *cx, const struct field *f, const struct value *v)
{
    const struct record_type *t = type_find(cx, f->ref);
    const char *title = v->text;

    if (title == NULL && (t == NULL || record_titles(cx, t, &v->i, 1, &title) != OK))
        title = "";
    if (title[0] == '\0')
        return arena_printf(cx->arena, "%s you may not see", t ? t->label : f->ref);
    return title;
}

static const char *cell(struct ctx *cx, const struct field *f, const struct value *v,
                        struct val *into)
{
    const struct record_type *t = type_find(cx, f->ref);
    const char *text = val_get_text(into, "text");

    if (text_is(f->ref, "user")) {
        val_put_text(into, "initials", show_initials(cx->arena, text));
        val_put_i64(into, "hue", show_hue(text));
        return "person";
    }
    val_put_printf(into, "url", "/%s/%s", t ? t->path : f->ref, id_text(cx->arena, v->i));
    return "ref";
}

const struct kind kind_ref = {
    .word = "ref",
    .storage = STORED_I64,
    .parse = parse,
    .parse_val = parse_val,
    .plain = plain,
    .show = show,
    .cell = cell,
};
