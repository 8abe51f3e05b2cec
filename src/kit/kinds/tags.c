/* tags.c -- a set of short texts. Stored "|a|b|", sorted by their folded form, so that one tag is
 * found by a search for "|a|" and equal sets are equal texts. */
#include "base/buf.h"
#include "base/utf8.h"
#include "kit/kinds.h"
#include <stdlib.h>

struct tag {
    const char *text, *folded;
    size_t at;
};

static int by_fold(const void *a, const void *b)
{
    const struct tag *x = a, *y = b;
    int order = strcmp(x->folded, y->folded);

    return order ? order : x->at < y->at ? -1 : 1; /* the first spelling stays */
}

static enum status read_tags(struct ctx *cx, const struct field *f, const char *text,
                             struct tag *tags, size_t *count)
{
    const char *p = text;

    *count = 0;
    while (*p) {
        size_t len = strcspn(p, "|,");
        struct str part = str_trim((struct str){ p, len });
        p += len + (p[len] != '\0');
        if (part.len == 0)
            continue;
        if (part.len > LIMIT_TAG_BYTES)
            return kind_bad(cx, f, "tags.too_long", "%s: the tag \"%s\" is longer than %d bytes",
                            f->label, utf8_cut(cx->arena, str_dup(cx->arena, part), 40),
                            LIMIT_TAG_BYTES);
        if (*count == LIMIT_TAGS)
            return kind_bad(cx, f, "tags.too_many", "%s: at most %d tags; remove some", f->label,
                            LIMIT_TAGS);
        const char *tag = kind_one_line(cx->arena, str_dup(cx->arena, part));
        tags[*count] = (struct tag){ tag, utf8_fold(cx->arena, tag), *count };
        (*count)++;
    }
    return OK;
}

/* Sorted, each tag once, "|a|b|"; "" for none. */
static enum status check(struct ctx *cx, const struct field *f, struct value *v)
{
    struct tag *tags = NEW_N(cx->arena, struct tag, LIMIT_TAGS);
    struct buf b = buf_in(cx->arena, LIMIT_TAGS * (LIMIT_TAG_BYTES + 1) + 2);
    const char *last = NULL;
    size_t count;

    TRY(read_tags(cx, f, v->text, tags, &count));
    qsort(tags, count, sizeof *tags, by_fold);
    for (size_t i = 0; i < count; i++) {
        if (tags[i].folded[0] == '\0' || (last && text_is(last, tags[i].folded)))
            continue;
        last = tags[i].folded;
        if (b.len == 0)
            buf_char(&b, '|');
        buf_text(&b, tags[i].text);
        buf_char(&b, '|');
    }
    v->text = buf_end(&b);
    v->set = v->text[0] != '\0';
    return OK;
}

static const char *fold(struct arena *a, const char *text)
{
    struct buf b = buf_in(a, LIMIT_TAGS * (LIMIT_TAG_BYTES * 4 + 1) + 2);
    struct str rest = str_from(text), part;

    while (str_split(&rest, '|', &part)) {
        if (part.len == 0)
            continue;
        if (b.len == 0)
            buf_char(&b, '|');
        buf_text(&b, utf8_fold(a, str_dup(a, part)));
        buf_char(&b, '|');
    }
    return buf_end(&b);
}

/* "a, b" */
static const char *plain(struct ctx *cx, const struct field *f, const struct value *v)
{
    struct buf b = buf_in(cx->arena, LIMIT_TAGS * (LIMIT_TAG_BYTES + 2) + 2);
    struct str rest = str_from(v->text), part;

    (void)f;
    while (str_split(&rest, '|', &part)) {
        if (part.len == 0)
            continue;
        if (b.len > 0)
            buf_text(&b, ", ");
        buf_str(&b, part);
    }
    return buf_end(&b);
}

static struct val *json(struct ctx *cx, const struct field *f, const struct value *v)
{
    struct val *list = val_list(cx->arena);
    struct str rest = str_from(v->text), part;

    (void)f;
    while (str_split(&rest, '|', &part))
        if (part.len > 0)
            val_add(list, val_str(cx->arena, part));
    return list;
}

static enum status parse_val(struct ctx *cx, const struct field *f, const struct val *in,
                             struct value *v)
{
    struct buf b = buf_in(cx->arena, LIMIT_BODY_BYTES);

    if (val_kind_of(in) != VAL_LIST && val_kind_of(in) != VAL_TEXT)
        return kind_bad(cx, f, "tags.invalid", "%s must be a list of texts", f->label);
    if (val_kind_of(in) == VAL_TEXT)
        return kind_text_parse(cx, f, val_as_text(in, ""), v);
    for (size_t i = 0; i < val_count(in); i++) {
        const struct val *tag = val_at(in, i);
        if (val_kind_of(tag) != VAL_TEXT || strpbrk(val_as_text(tag, ""), "|,"))
            return kind_bad(cx, f, "tags.invalid", "%s must be a list of texts without commas",
                            f->label);
        buf_char(&b, '|');
        buf_text(&b, val_as_text(tag, ""));
    }
    buf_char(&b, '|');
    return kind_text_parse(cx, f, buf_end(&b), v);
}

static const char *cell(struct ctx *cx, const struct field *f, const struct value *v,
                        struct val *into)
{
    const struct val *list = json(cx, f, v);
    struct val *tags = val_put_list(into, "tags");

    for (size_t i = 0; i < val_count(list); i++)
        val_put_text(val_add_map(tags), "text", val_as_text(val_at(list, i), ""));
    return "tags";
}

const struct kind kind_tags = {
    .word = "tags",
    .storage = STORED_FOLDED,
    .parse = kind_text_parse,
    .parse_val = parse_val,
    .check = check,
    .fold = fold,
    .plain = plain,
    .json = json,
    .cell = cell,
};
