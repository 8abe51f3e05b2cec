/* network_fuzz.c -- lines of addresses and networks: each that is read has a prefix within its
 * family and has itself; a user agent of the same bytes is read without harm. Input: the lines. */
#include "fuzz.h"
#include "marketing/client.h"
#include "marketing/network.h"
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct arena *a = arena_new(4096);
    char *text = arena_dup(a, (const char *)data, size);
    struct network *list;
    struct str bad;
    size_t count;

    list = networks_read(a, text, &count, &bad);
    must(bad.len <= size, "a bad line that is none of these");
    for (size_t i = 0; i < count; i++) {
        struct network address = list[i];
        must(list[i].bits <= 128, "more bits than an address has");
        address.bits = 128;
        must(network_has(&list[i], &address), "a network without its own address");
        address.bytes[0] ^= 0x80;
        must(network_has(&list[i], &address) == (list[i].bits == 0), "an address of elsewhere");
    }
    struct client c = client_of(text);
    must(c.browser != NULL && c.system != NULL, "a client without words");
    arena_free(a);
    return 0;
}
