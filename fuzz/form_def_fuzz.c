/* form_def_fuzz.c -- what a form asks and what is answered: a definition is refused with a reason,
 * or what is kept says the same when it is checked again. Whatever is then posted to it is refused
 * field by field, or each answer is text that the form asked for; a token that was not made here
 * proves nothing. Input: the definition's JSON, a NUL, a form's body. */
#include "fuzz_house.h"
#include "io/http.h"
#include "marketing/form_guard.h"
#include "marketing/form_take.h"
#include <string.h>

static void check_answers(struct ctx *cx, const struct form_def *d, struct str body)
{
    struct val *posted;
    struct form_answers to = { .data = val_map(cx->arena),
                               .consents = val_list(cx->arena),
                               .asked = form_asked(cx, d, NULL),
                               .language = d->language };

    if (http_form_parse(cx, body, &posted) != OK) {
        ctx_clear_error(cx);
        return;
    }
    to.posted = posted;
    if (form_answers(cx, d, &to) == OK)
        must(cx->field_errors == NULL, "taken with a mistake");
    else
        must(cx->field_errors != NULL || cx->error_text[0] != '\0', "refused without a reason");
    for (size_t i = 0; i < val_count(to.data); i++) {
        const struct ask *a = form_def_ask(d, val_key_at(to.data, i));
        const char *text = json_text(cx->arena, val_value_at(to.data, i));
        must(a != NULL && ask_is_input(a), "an answer to what was not asked");
        must(utf8_valid(str_from(text)), "an answer that is no UTF-8");
    }
    for (size_t i = 0; i < val_count(to.consents); i++)
        must(val_get_text(val_at(to.consents, i), "text")[0] != '\0', "a consent to no words");
    ctx_clear_error(cx);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const char *const form[][2] = { { "name", "Form" }, { NULL, NULL } };
    static const char *const languages[] = { "", "de", "ar-EG", "xx" };
    const uint8_t *end = memchr(data, 0, size);
    size_t len = end != NULL ? (size_t)(end - data) : size;
    struct val *given, *kept, *again;

    if (house == NULL)
        house_begin("form", form);
    struct arena *a = arena_new(64 * 1024);
    struct ctx cx = *house->cx;
    cx.arena = a;
    if (json_read(a, (struct str){ (const char *)data, len }, &given, NULL) == OK) {
        if (form_def_check(&cx, given, &kept) == OK) {
            struct row *r = row_new(&cx, &form_type);
            struct form_def d;
            must(form_def_check(&cx, kept, &again) == OK, "what is kept is refused");
            must(val_equal(kept, again), "it does not say the same twice");
            row_set_text(r, FORM_INPUTS, json_text(a, kept));
            must(form_def_read(&cx, r, &d) == OK, "what is kept cannot be read");
            must(d.count <= ASKS_MAX, "more fields than allowed");
            for (size_t i = 0; i < countof(languages); i++)
                must(form_language(&cx, &d, languages[i], languages[i])[0] != '\0', "no language");
            if (end != NULL)
                check_answers(&cx, &d, (struct str){ (const char *)end + 1, size - len - 1 });
        } else {
            must(cx.field_errors != NULL || cx.error_text[0] != '\0', "refused without a reason");
        }
    }
    ctx_clear_error(&cx);
    arena_free(a);
    return 0;
}
