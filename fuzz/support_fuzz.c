/* support_fuzz.c -- whatever bytes come to support: what is made of them is told apart by known
 * kinds, its texts are valid UTF-8 within their limits, and nothing else than a person's mail is
 * without a reason. */
#include "base/utf8.h"
#include "fuzz.h"
#include "service/inbound.h"
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const char *const own[] = { "support@alderfield.test", "help@alderfield.test" };
    struct arena *a = arena_new(64 * 1024);
    struct clock clock = { 1 };
    struct inbound in;
    struct ctx cx;

    ctx_init(&cx, a, &clock);
    inbound_read(&cx, (struct str){ (const char *)data, size }, own, 2, &in);
    must(in.kind >= INBOUND_PERSON && in.kind <= INBOUND_UNREADABLE, "a mail of no kind");
    must((in.kind == INBOUND_PERSON) == (in.why[0] == '\0'),
         "a reason where there is none to give");
    must(in.text[0] != '\0' && strlen(in.text) <= INBOUND_TEXT_BYTES,
         "a text without end, or none");
    must(utf8_valid(str_from(in.text)) && utf8_valid(str_from(in.subject)) &&
             utf8_valid(str_from(in.from)) && utf8_valid(str_from(in.name)),
         "a text that is no UTF-8");
    must(in.id_count <= INBOUND_IDS && in.tag_count <= INBOUND_TAGS, "more than there is room for");
    for (size_t i = 0; i < in.id_count; i++)
        must(in.ids[i][0] != '\0', "an id of nothing");
    for (size_t i = 0; i < in.tag_count; i++)
        must(in.tags[i][0] != '\0' && strchr(in.tags[i], '@') == NULL, "a tag that is none");
    must(in.code[0] == '\0' || strncmp(in.code, "T-", 2) == 0, "a number that is none");
    arena_free(a);
    return 0;
}
