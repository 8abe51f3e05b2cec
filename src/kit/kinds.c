/* kinds.c -- the table of field kinds, and what several of them share. */
#include "kit/kinds.h"
#include "base/utf8.h"

static const struct kind *const kinds[FIELD_KIND_COUNT] = {
    [FIELD_TEXT] = &kind_text,       [FIELD_LONG] = &kind_long,   [FIELD_INT] = &kind_int,
    [FIELD_DECIMAL] = &kind_decimal, [FIELD_MONEY] = &kind_money, [FIELD_DATE] = &kind_date,
    [FIELD_TIME] = &kind_time,       [FIELD_BOOL] = &kind_bool,   [FIELD_CHOICE] = &kind_choice,
    [FIELD_TAGS] = &kind_tags,       [FIELD_EMAIL] = &kind_email, [FIELD_PHONE] = &kind_phone,
    [FIELD_URL] = &kind_url,         [FIELD_REF] = &kind_ref,     [FIELD_JSON] = &kind_json,
    [FIELD_SECRET] = &kind_secret,
};

const struct kind *kind_of(const struct field *f)
{
    assert(f->kind < FIELD_KIND_COUNT);
    return kinds[f->kind];
}

const struct choice *field_choices(struct ctx *cx, const struct field *f)
{
    return f->choices_of ? f->choices_of(cx) : f->choices;
}

const char *kind_word(enum field_kind kind)
{
    assert(kind < FIELD_KIND_COUNT);
    return kinds[kind]->word;
}

enum storage field_storage(const struct field *f) { return kind_of(f)->storage; }

const char *field_compare_column(struct arena *a, const struct field *f)
{
    switch (field_storage(f)) {
    case STORED_FOLDED:
        return arena_printf(a, "%s_fold", f->name);
    case STORED_MONEY:
        return arena_printf(a, "%s_base_minor", f->name);
    default:
        return f->name;
    }
}

const char *field_fold(struct arena *a, const struct field *f, const char *text)
{
    const struct kind *k = kind_of(f);

    return k->fold ? k->fold(a, text) : text;
}

bool field_equal(const struct field *f, const struct value *a, const struct value *b)
{
    if (a->set != b->set)
        return false;
    if (!a->set)
        return true;
    switch (field_storage(f)) {
    case STORED_TEXT:
    case STORED_FOLDED:
        return strcmp(a->text, b->text) == 0;
    case STORED_MONEY:
        return a->i == b->i && strcmp(a->text, b->text) == 0;
    default:
        return a->i == b->i;
    }
}

bool field_same(const struct field *f, const struct value *a, const struct value *b)
{
    return field_equal(f, a, b) &&
           (field_storage(f) != STORED_MONEY || a->base_minor == b->base_minor);
}

enum status field_parse(struct ctx *cx, const struct field *f, const char *text, struct value *out)
{
    const struct kind *k = kind_of(f);
    struct str trimmed = str_trim(str_from(text));
    struct value v = *out;

    if (!utf8_valid(str_from(text)))
        return kind_bad(cx, f, "text.encoding",
                        "%s holds bytes that are not UTF-8 text: save it as UTF-8", f->label);
    if (trimmed.len == 0) {
        v = (struct value){ .text = "", .set = f->kind == FIELD_BOOL };
    } else {
        bool whole = trimmed.p == text && text[trimmed.len] == '\0';
        TRY(k->parse(cx, f, whole ? text : str_dup(cx->arena, trimmed), &v));
        if (v.set && k->check)
            TRY(k->check(cx, f, &v));
    }
    *out = v;
    return OK;
}

/* ---- shared by kinds ---- */
enum status kind_check_length(struct ctx *cx, const struct field *f, const char *text, int limit)
{
    size_t len = strlen(text), most = (size_t)(f->max_len ? f->max_len : limit);

    if (len > most)
        return kind_bad(cx, f, "text.too_long",
                        "%s is too long: %zu bytes, at most %zu; shorten it", f->label, len, most);
    if (!utf8_valid((struct str){ text, len }))
        return kind_bad(cx, f, "text.encoding",
                        "%s holds bytes that are not UTF-8 text: save it as UTF-8", f->label);
    return OK;
}

enum status kind_check_range(struct ctx *cx, const struct field *f, const struct value *v)
{
    struct value limit = { .text = v->text, .set = true };

    if (f->min == 0 && f->max == 0)
        return OK;
    if (v->i < f->min) {
        limit.i = f->min;
        return kind_bad(cx, f, "number.too_small", "%s is %s: it must be %s or more", f->label,
                        kind_of(f)->plain(cx, f, v), kind_of(f)->plain(cx, f, &limit));
    }
    if (v->i > f->max) {
        limit.i = f->max;
        return kind_bad(cx, f, "number.too_large", "%s is %s: it must be %s or less", f->label,
                        kind_of(f)->plain(cx, f, v), kind_of(f)->plain(cx, f, &limit));
    }
    return OK;
}

static bool is_blank(char c) { return (unsigned char)c <= ' ' || c == 127; }

const char *kind_one_line(struct arena *a, const char *text)
{
    bool clean = !is_blank(text[0]);
    size_t len = 0;

    for (const char *p = text; *p && clean; p++)
        clean = !is_blank(*p) || (*p == ' ' && p[1] && !is_blank(p[1]));
    if (clean)
        return text;
    char *out = arena_alloc(a, strlen(text) + 1, 1);
    for (const char *p = text; *p; p++) {
        if (!is_blank(*p))
            out[len++] = *p;
        else if (len > 0 && out[len - 1] != ' ')
            out[len++] = ' ';
    }
    if (len > 0 && out[len - 1] == ' ')
        len--;
    out[len] = '\0';
    return out;
}

const char *kind_text_plain(struct ctx *cx, const struct field *f, const struct value *v)
{
    (void)cx;
    (void)f;
    return v->text;
}

enum status kind_text_parse(struct ctx *cx, const struct field *f, const char *text,
                            struct value *v)
{
    (void)f;
    *v = (struct value){ .text = arena_text(cx->arena, text), .set = true };
    return OK;
}
