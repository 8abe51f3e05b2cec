/* json_fuzz.c -- whatever bytes come: the reader refuses them, or what it read survives being
 * written and read again, and a second writing gives the same bytes. */
#include "base/json.h"
#include "fuzz.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct arena *a = arena_new(64 * 1024);
    struct json_error err;
    struct val *v, *back;

    if (json_read(a, (struct str){ (const char *)data, size }, &v, &err) == OK) {
        const char *text = json_text(a, v);
        must(json_read(a, str_from(text), &back, &err) == OK, "what was written does not read");
        must(val_equal(v, back), "what was read again differs");
        must(text_is(json_text(a, back), text), "the second writing differs");
    } else {
        must(err.offset <= size && err.message[0] != '\0', "the error says no place");
    }
    arena_free(a);
    return 0;
}
