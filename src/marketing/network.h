/* network.h -- addresses and networks of both families, as people write them: "203.0.113.9",
 * "203.0.113.0/24", "2001:db8::/32". Pure reading: no state, any thread. */
#pragma once
#include "base/arena.h"
#include "base/str.h"

/* IPv4 stands in IPv6 as ::ffff:0:0/96, so that an address is the same however it is written. */
struct network {
    u8 bytes[16];
    u8 bits; /* of them that count, 0 to 128 */
};
/* An address is a network of one. False: it is none; bits beyond the prefix do not matter. */
bool network_read(struct str text, struct network *out);
bool network_has(const struct network *n, const struct network *address);
/* The networks of a text, one a line; what stands behind a # is a note. *bad: the first line that
 * is none, or an empty text. In arena. */
struct network *networks_read(struct arena *a, const char *lines, size_t *count, struct str *bad);
