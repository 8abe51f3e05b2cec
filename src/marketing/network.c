/* network.c -- reading addresses and comparing their first bits. */
#include "marketing/network.h"
#include <arpa/inet.h>
#include <string.h>

enum { V4_BITS = 96, TEXT_BYTES = 64 };

bool network_read(struct str text, struct network *out)
{
    char address[TEXT_BYTES];
    struct str rest = str_trim(text), part;
    i64 bits = -1;
    bool v4;

    *out = (struct network){ .bits = 128 };
    if (!str_split(&rest, '/', &part) || part.len == 0 || part.len >= sizeof address)
        return false;
    if (part.len < str_trim(text).len && (!str_i64(rest, &bits) || bits < 0))
        return false;
    memcpy(address, part.p, part.len);
    address[part.len] = '\0';
    v4 = inet_pton(AF_INET, address, out->bytes + 12) == 1;
    if (v4)
        out->bytes[10] = out->bytes[11] = 0xff;
    else if (inet_pton(AF_INET6, address, out->bytes) != 1)
        return false;
    if (bits > (v4 ? 32 : 128))
        return false;
    if (bits >= 0)
        out->bits = (u8)(bits + (v4 ? V4_BITS : 0));
    return true;
}

bool network_has(const struct network *n, const struct network *address)
{
    int whole = n->bits / 8, left = n->bits % 8;

    return memcmp(n->bytes, address->bytes, (size_t)whole) == 0 &&
           (left == 0 || ((n->bytes[whole] ^ address->bytes[whole]) >> (8 - left)) == 0);
}

struct network *networks_read(struct arena *a, const char *lines, size_t *count, struct str *bad)
{
    struct str rest = str_from(lines), line, note;
    size_t most = 1;

    for (const char *p = lines; *p; p++)
        most += *p == '\n';
    struct network *list = NEW_N(a, struct network, most);
    *count = 0;
    *bad = STR("");
    while (str_split(&rest, '\n', &note)) {
        line = STR("");
        (void)str_split(&note, '#', &line);
        line = str_trim(line);
        if (line.len == 0)
            continue;
        if (network_read(line, &list[*count]))
            ++*count;
        else if (bad->len == 0)
            *bad = line;
    }
    return list;
}
