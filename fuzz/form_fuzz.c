/* form_fuzz.c -- whatever bytes come: the form is refused with a reason, or every name and value is
 * UTF-8 without NUL and what was read survives being encoded and read again. */
#include "base/buf.h"
#include "base/limits.h"
#include "base/utf8.h"
#include "base/val.h"
#include "fuzz.h"
#include "io/http.h"

static void put(struct buf *b, struct arena *a, const char *key, const struct val *v)
{
    const char *text = val_as_text(v, NULL);

    must(text != NULL, "a value is neither text nor a list of texts");
    must(utf8_valid(str_from(key)) && utf8_valid(str_from(text)), "a form holds bad UTF-8");
    buf_printf(b, "%s%s=", b->len > 0 ? "&" : "", http_url_encode(a, key));
    buf_text(b, http_url_encode(a, text));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct arena *a = arena_new(16 * 1024);
    struct clock clock = { 1 };
    struct val *map = NULL, *again = NULL;
    struct ctx cx;

    ctx_init(&cx, a, &clock);
    if (http_form_parse(&cx, (struct str){ (const char *)data, size }, &map) == OK) {
        struct buf b = buf_in(a, SIZE_MAX / 2);
        must(val_count(map) <= LIMIT_FORM_FIELDS, "more fields than allowed");
        for (size_t i = 0; i < val_count(map); i++) {
            const struct val *v = val_value_at(map, i);
            if (val_kind_of(v) != VAL_LIST)
                put(&b, a, val_key_at(map, i), v);
            for (size_t j = 0; val_kind_of(v) == VAL_LIST && j < val_count(v); j++)
                put(&b, a, val_key_at(map, i), val_at(v, j));
        }
        must(http_form_parse(&cx, (struct str){ b.p, b.len }, &again) == OK,
             "what was read is refused");
        must(val_equal(map, again), "another form came back");
    } else {
        must(cx.error_text[0] != '\0', "refused without a reason");
    }
    arena_free(a);
    return 0;
}
