/* form_texts.c -- a form's translations: every text that visitors see, in another language. */
#include "marketing/form_part.h"

static const char *const page_texts[] = { "title", "intro", "button", "thanks" };
static const int page_text_fields[] = { FORM_TITLE, FORM_INTRO, FORM_BUTTON, FORM_THANKS };

static void put_words(struct val *list, const char *name, const char *label, const char *own,
                      const char *text, bool is_long)
{
    struct val *one;

    if (text_empty(own))
        return;
    one = val_add_map(list);
    val_put_text(one, "name", name);
    val_put_text(one, "label", label);
    val_put_text(one, "own", own);
    val_put_text(one, "text", text);
    val_put_bool(one, "long", is_long);
}

static void put_ask_words(struct ctx *cx, const struct ask *a, const char *language,
                          struct val *list)
{
    const struct val *t = val_get(a->t, language);
    const char *n = a->name;

    put_words(list, arena_printf(cx->arena, "label.%s", n), a->label, a->label,
              val_get_text(t, "label"), a->kind == ASK_CONSENT || a->kind == ASK_PARAGRAPH);
    put_words(list, arena_printf(cx->arena, "help.%s", n), "Its help", a->help,
              val_get_text(t, "help"), false);
    put_words(list, arena_printf(cx->arena, "placeholder.%s", n), "Its example", a->placeholder,
              val_get_text(t, "placeholder"), false);
    for (size_t i = 0; i < a->option_count; i++)
        put_words(list, arena_printf(cx->arena, "option.%s.%zu", n, i), "A choice",
                  a->options[i].label, val_get_text(val_get(t, "options"), a->options[i].value),
                  false);
}

/* The field that the form's own consent text is, where no consent block is among the fields: its
 * wording is the form's alone, and is not translated. */
static bool is_own_consent(const struct val *def, const struct ask *a)
{
    return a->kind == ASK_CONSENT && form_part_field(def, a->name) == NULL;
}

static enum status show_texts(struct req *rq, const struct row *form, const struct val *def,
                              const char *error)
{
    struct ctx *cx = rq->cx;
    struct val *page = val_map(cx->arena), *list = val_put_list(page, "words"),
               *languages = val_put_list(page, "languages");
    const char *language = text_empty(req_query(rq, "lang")) ? "" : req_query(rq, "lang");
    struct form_def d;

    TRY(form_def_read(cx, form, &d));
    val_put_printf(page, "title", "Translations of %s", row_text(form, FORM_NAME));
    form_part_tabs(cx, form, "texts", page);
    val_put_text(page, "error", error);
    val_put_text(page, "language", language);
    val_put_text(page, "own_language", d.language);
    for (size_t i = 0; i < d.language_count; i++) {
        struct val *one = val_add_map(languages);
        val_put_text(one, "text", d.languages[i]);
        val_put_bool(one, "own", text_is(d.languages[i], d.language));
        val_put_bool(one, "on", text_is(d.languages[i], language));
    }
    for (size_t i = 0; i < countof(page_texts) && !text_empty(language); i++)
        put_words(list, page_texts[i], form_type.fields[page_text_fields[i]].label,
                  row_text(form, page_text_fields[i]),
                  val_get_text(val_get(d.texts, language), page_texts[i]),
                  page_text_fields[i] != FORM_BUTTON && page_text_fields[i] != FORM_TITLE);
    for (size_t i = 0; i < d.count && !text_empty(language); i++)
        if (!is_own_consent(def, &d.asks[i]))
            put_ask_words(cx, &d.asks[i], language, list);
    return reply(rq, "form/texts", page);
}

/* GET /forms/:id/texts?lang=de */
static enum status form_texts(struct req *rq)
{
    struct row *form;

    TRY(form_part_row(rq, &form));
    return show_texts(rq, form, form_part_definition(rq->cx, form), "");
}

/* A map without one of its keys. */
static struct val *without(struct ctx *cx, const struct val *map, const char *key)
{
    struct val *out = val_map(cx->arena);

    for (size_t i = 0; i < val_count(map); i++)
        if (!text_is(val_key_at(map, i), key))
            val_put(out, val_key_at(map, i), val_copy(cx->arena, val_value_at(map, i)));
    return out;
}

static void put_word(struct req *rq, struct val *t, const char *key, const char *name)
{
    const char *text = form_part_text(rq, name);

    if (!text_empty(text))
        val_put_text(t, key, text);
}

static void read_ask_words(struct req *rq, const struct val *field, struct val *t)
{
    struct arena *a = rq->cx->arena;
    const char *n = val_get_text(field, "name");
    const struct val *options = val_get(field, "options");
    struct val *words = val_map(a);

    put_word(rq, t, "label", arena_printf(a, "label.%s", n));
    put_word(rq, t, "help", arena_printf(a, "help.%s", n));
    put_word(rq, t, "placeholder", arena_printf(a, "placeholder.%s", n));
    for (size_t i = 0; i < val_count(options); i++)
        put_word(rq, words, val_get_text(val_at(options, i), "value"),
                 arena_printf(a, "option.%s.%zu", n, i));
    if (val_count(words) > 0)
        val_put(t, "options", words);
}

/* POST /forms/:id/texts?lang=de */
static enum status form_texts_post(struct req *rq)
{
    struct ctx *cx = rq->cx;
    const char *language = req_query(rq, "lang");
    struct val *def, *all, *t, *fields = val_list(cx->arena);
    const struct val *old;
    struct row *form;

    TRY(form_part_row(rq, &form));
    def = form_part_definition(cx, form);
    if (text_empty(language)) /* only in which language it is written */
        val_put_text(def, "language",
                     text_empty(form_part_text(rq, "own_language"))
                         ? "en"
                         : form_part_text(rq, "own_language"));
    else {
        all = without(cx, val_get(def, "texts"), language);
        t = val_map(cx->arena);
        for (size_t i = 0; i < countof(page_texts); i++)
            put_word(rq, t, page_texts[i], page_texts[i]);
        if (val_count(t) > 0)
            val_put(all, language, t);
        val_put(def, "texts", all);
        old = val_get(def, "fields");
        for (size_t i = 0; i < val_count(old); i++) {
            struct val *one = val_copy(cx->arena, val_at(old, i)),
                       *of = without(cx, val_get(one, "t"), language);
            t = val_map(cx->arena);
            read_ask_words(rq, one, t);
            if (val_count(t) > 0)
                val_put(of, language, t);
            val_put(one, "t", of);
            val_add(fields, one);
        }
        val_put(def, "fields", fields);
    }
    return form_part_save(rq, form, def, show_texts, "Translation saved.");
}

static const struct route routes[] = {
    { HTTP_GET, "/forms/:id/texts", form_texts, NEEDS("form", VERB_UPDATE) },
    { HTTP_POST, "/forms/:id/texts", form_texts_post, NEEDS("form", VERB_UPDATE) },
};
const struct feature feature_form_texts = { .name = "form_texts", ROUTES(routes) };
