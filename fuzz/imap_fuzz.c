/* imap_fuzz.c -- whatever a mailbox server answers: it is no answer, or a tree whose texts lie
 * within what came. */
#include "base/utf8.h"
#include "fuzz.h"
#include "io/imap.h"
#include <string.h>

static size_t check(const struct imap_value *v, int depth)
{
    size_t bytes = v->kind == IMAP_LIST ? 0 : v->text.len;

    must(depth < 30, "a tree without end");
    for (size_t i = 0; v->kind == IMAP_LIST && i < v->count; i++)
        bytes += check(&v->items[i], depth + 1);
    return bytes;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct arena *a = arena_new(64 * 1024);
    struct imap_value v;

    if (imap_parse(a, (struct str){ (const char *)data, size }, &v) == OK)
        must(check(&v, 0) <= size, "more than what came");
    char *text = imap_utf7_text(a, arena_dup(a, (const char *)data, size));
    must(strlen(text) <= 4 * size + 16, "a name that grows");
    arena_free(a);
    return 0;
}
