/* token_fuzz.c -- signed values of mails' addresses: what is read is exactly what was written, of
 * the same kind and covering the same; anything else is nothing. A mail's link to the rest of the
 * input leads there or stays as it is. Input: a token, line end, what it covers. */
#include "fuzz_house.h"
#include "mail/token.h"
#include "mail/track.h"
#include <string.h>

static void read_as(struct ctx *cx, enum token_kind kind, size_t count, const char *token,
                    const char *covers)
{
    i64 numbers[TOKEN_NUMBERS] = { 0 };

    if (token_read(cx, kind, token, covers, numbers, count))
        must(text_is(token_write(cx, kind, numbers, count, covers), token),
             "a token that we would not write so");
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const char *const site[][2] = { { "name", "Example" },
                                           { "domain", "example.com" },
                                           { NULL, NULL } };
    static const enum token_kind kinds[] = { TOKEN_PREFERENCE, TOKEN_CONFIRM, TOKEN_CLICK,
                                             TOKEN_OPEN,       TOKEN_TRAP,    TOKEN_VISIT };

    if (house == NULL)
        house_begin("site", site);
    struct arena *a = arena_new(64 * 1024);
    struct ctx cx = *house->cx;
    cx.arena = a;
    struct str rest = str_from(arena_dup(a, (const char *)data, size)), token;
    if (!str_split(&rest, '\n', &token))
        token = STR("");
    const char *text = str_dup(a, token), *covers = str_dup(a, rest);
    for (size_t k = 0; k < countof(kinds); k++)
        for (size_t count = 1; count <= TOKEN_NUMBERS; count++)
            read_as(&cx, kinds[k], count, text, covers);

    i64 wrote[TOKEN_NUMBERS] = { (i64)size, -1, INT64_MIN }, got[TOKEN_NUMBERS];
    const char *mine = token_write(&cx, TOKEN_CLICK, wrote, 3, covers);
    must(token_read(&cx, TOKEN_CLICK, mine, covers, got, 3) && memcmp(got, wrote, sizeof got) == 0,
         "a token of ours that is not read");
    must(!token_read(&cx, TOKEN_VISIT, mine, covers, got, 3), "of another kind");
    must(!token_read(&cx, TOKEN_CLICK, mine, arena_printf(a, "%sx", covers), got, 3),
         "covering something else");
    if (utf8_valid(rest)) {
        struct track t = { .cx = &cx, .message_id = 1, .utm = UTM_ALL, .utm_source = "s" };
        const char *link = track_link(&t, covers);
        must(strstr(link, "\n") == NULL || text_is(link, covers), "a link of two lines");
    }
    arena_free(a);
    return 0;
}
