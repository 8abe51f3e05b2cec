/* json.c -- a JSON document, kept in its compact form. */
#include "base/json.h"
#include "kit/kinds.h"

static enum status check(struct ctx *cx, const struct field *f, struct value *v)
{
    struct json_error error;
    struct val *tree;

    TRY(kind_check_length(cx, f, v->text, LIMIT_JSON_FIELD_BYTES));
    if (json_read(cx->arena, str_from(v->text), &tree, &error) != OK)
        return kind_bad(cx, f, "json.invalid", "%s is not JSON: %s at byte %zu", f->label,
                        error.message, error.offset);
    v->text = json_text(cx->arena, tree);
    return OK;
}

static enum status parse_val(struct ctx *cx, const struct field *f, const struct val *in,
                             struct value *v)
{
    (void)f;
    *v = (struct value){ .text = json_text(cx->arena, in), .set = true };
    return OK;
}

static struct val *json(struct ctx *cx, const struct field *f, const struct value *v)
{
    struct val *tree;

    (void)f;
    if (json_read(cx->arena, str_from(v->text), &tree, NULL) != OK)
        return val_null(cx->arena);
    return tree;
}

const struct kind kind_json = {
    .word = "json",
    .storage = STORED_TEXT,
    .parse = kind_text_parse,
    .parse_val = parse_val,
    .check = check,
    .plain = kind_text_plain,
    .json = json,
    .cell_word = "longtext",
};
