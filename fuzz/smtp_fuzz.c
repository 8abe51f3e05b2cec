/* smtp_fuzz.c -- what a mail server may answer: a reply that is taken has a code, a text that is
 * UTF-8, and leaves less to read. Input: the server's bytes. */
#include "base/utf8.h"
#include "fuzz.h"
#include "io/smtp.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct arena *a = arena_new(4096);
    struct str in = { arena_dup(a, (const char *)data, size), size };
    struct smtp_reply r;
    size_t left = in.len + 1;

    while (in.len < left && smtp_reply_take(&in, &r) == 1) {
        must(in.len < left, "a reply of no bytes");
        left = in.len + 1;
        must(r.code >= 200 && r.code < 600, "a code that is none");
        must(utf8_valid(str_from(r.text)), "a text that is no UTF-8");
        must(r.enhanced[0] == '\0' || r.enhanced[0] - '0' == r.code / 100,
             "a status of another class");
        if (in.len == 0)
            break;
    }
    arena_free(a);
    return 0;
}
