/* picture_read.c -- the kind and the size of a picture, out of its first bytes. */
#include "mail/picture.h"
#include <string.h>

static int be16(const unsigned char *p) { return p[0] << 8 | p[1]; }
static int le16(const unsigned char *p) { return p[1] << 8 | p[0]; }

static bool read_png(const unsigned char *p, size_t len, struct picture_facts *out)
{
    if (len < 24 || memcmp(p, "\x89PNG\r\n\x1a\n", 8) != 0 || memcmp(p + 12, "IHDR", 4) != 0)
        return false;
    if (be16(p + 16) != 0 || be16(p + 20) != 0) /* over 65,535 */
        return false;
    *out = (struct picture_facts){ "image/png", be16(p + 18), be16(p + 22), 0 };
    return true;
}

static bool read_gif(const unsigned char *p, size_t len, struct picture_facts *out)
{
    if (len < 10 || (memcmp(p, "GIF87a", 6) != 0 && memcmp(p, "GIF89a", 6) != 0))
        return false;
    *out = (struct picture_facts){ "image/gif", le16(p + 6), le16(p + 8), 0 };
    return true;
}

/* A frame's header says the size; it comes after any number of other segments. */
static bool read_jpeg(const unsigned char *p, size_t len, struct picture_facts *out)
{
    size_t at = 2;

    if (len < 4 || p[0] != 0xff || p[1] != 0xd8)
        return false;
    while (at + 10 <= len && p[at] == 0xff) {
        int mark = p[at + 1];
        size_t part = (size_t)be16(p + at + 2);
        if (mark == 0xff) { /* filled up */
            at++;
            continue;
        }
        if (mark >= 0xc0 && mark <= 0xcf && mark != 0xc4 && mark != 0xc8 && mark != 0xcc) {
            *out = (struct picture_facts){ "image/jpeg", be16(p + at + 7), be16(p + at + 5),
                                           p[at + 9] };
            return true;
        }
        if (part < 2)
            return false;
        at += 2 + part;
    }
    return false;
}

bool picture_read(struct str bytes, struct picture_facts *out)
{
    const unsigned char *p = (const unsigned char *)bytes.p;

    return (read_png(p, bytes.len, out) || read_gif(p, bytes.len, out) ||
            read_jpeg(p, bytes.len, out)) &&
           out->width > 0 && out->height > 0;
}
