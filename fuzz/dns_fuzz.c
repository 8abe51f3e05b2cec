/* dns_fuzz.c -- what a name server may answer, for each type that is asked for; and names, which
 * become questions or none. Input: the message. */
#include "fuzz.h"
#include "io/dns.h"
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const enum dns_type types[] = { DNS_A, DNS_CNAME, DNS_MX, DNS_TXT, DNS_AAAA };
    struct arena *a = arena_new(64 * 1024);
    unsigned char question[512];
    u16 id = size >= 2 ? (u16)(data[0] << 8 | data[1]) : 0;

    for (size_t i = 0; i < sizeof types / sizeof *types; i++) {
        struct dns_answers out;
        if (dns_read(a, (struct str){ (const char *)data, size }, id, types[i], &out) != 0)
            continue;
        must(out.count <= DNS_ANSWERS, "too many answers");
        for (size_t k = 0; k < out.count; k++)
            must(out.all[k].text != NULL, "an answer without a text");
    }
    size_t n =
        dns_question(question, sizeof question, 1, arena_dup(a, (const char *)data, size), DNS_TXT);
    must(n <= sizeof question, "a question that is too long");
    arena_free(a);
    return 0;
}
