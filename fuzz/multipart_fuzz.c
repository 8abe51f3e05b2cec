/* multipart_fuzz.c -- the first line is the Content-Type, the rest the body. It is refused with a
 * reason, or all texts are UTF-8 without NUL, all files lie within the body, and no part holds the
 * boundary. */
#include "base/limits.h"
#include "base/utf8.h"
#include "base/val.h"
#include "fuzz.h"
#include "io/http.h"

static void check(struct str body, const struct val *map, const struct http_file *files,
                  size_t count)
{
    must(val_count(map) + count <= LIMIT_FORM_FIELDS, "more fields than allowed");
    for (size_t i = 0; i < val_count(map); i++) {
        const struct val *v = val_value_at(map, i);
        must(utf8_valid(str_from(val_key_at(map, i))), "a name is not UTF-8");
        must(val_kind_of(v) == VAL_TEXT || val_kind_of(v) == VAL_LIST, "a value of another kind");
        must(val_kind_of(v) == VAL_LIST || utf8_valid(str_from(val_as_text(v, ""))),
             "a value is not UTF-8");
    }
    for (size_t i = 0; i < count; i++) {
        must(utf8_valid(str_from(files[i].field)) && utf8_valid(str_from(files[i].filename)) &&
                 utf8_valid(str_from(files[i].type)),
             "a file's name is not UTF-8");
        must(files[i].bytes.p >= body.p && files[i].bytes.len <= body.len &&
                 files[i].bytes.p + files[i].bytes.len <= body.p + body.len,
             "a file outside the body");
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct arena *a = arena_new(64 * 1024);
    struct str rest = { (const char *)data, size }, type;
    struct clock clock = { 1 };
    struct val *map = NULL;
    struct http_file *files = NULL;
    size_t count = 0;
    struct ctx cx;

    ctx_init(&cx, a, &clock);
    if (str_split(&rest, '\n', &type) && utf8_valid(type)) {
        if (http_multipart_parse(&cx, str_dup(a, type), rest, &map, &files, &count) == OK)
            check(rest, map, files, count);
        else
            must(cx.error_text[0] != '\0', "refused without a reason");
    }
    arena_free(a);
    return 0;
}
