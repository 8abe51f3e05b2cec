/* picture.h -- pictures that mails and pages show: uploaded once, kept beside the records, served
 * under an address that never changes what it means. PNG, JPEG and GIF: what mail programs show. */
#pragma once
#include "base/base.h"
#include "base/str.h"

enum {
    PICTURE_BYTES_MOST = 3 * 1024 * 1024,
    PICTURE_SIDE_MOST = 6000, /* pixels: what is opened is not much larger than the file */
};
struct picture_facts {
    const char *type; /* "image/png"; static */
    int width, height;
    int colors; /* values a pixel, of a JPEG: 1 gray, 3 colours, 4 inks; 0 of the others */
};
/* What a file says that it is, by its first bytes and not by its name. False: none of the three, or
 * cut off before it says how large it is. */
bool picture_read(struct str bytes, struct picture_facts *out);
struct ctx;
/* The bytes of a picture that we keep, by its address, and what they are; *out is empty where it is
 * none of ours. In arena. */
MUST_CHECK enum status picture_get(struct ctx *cx, const char *url, struct str *out,
                                   struct picture_facts *facts);
