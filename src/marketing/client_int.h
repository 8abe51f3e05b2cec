/* client_int.h -- the table that tools/crawlers.py makes: words by which programs name themselves,
 * sorted by their bytes. */
#pragma once

struct crawler {
    const char *text;
    unsigned char len;
    unsigned char begins, ends; /* 1: the agent begins, or ends, with it */
};
extern const struct crawler crawlers[];             /* ended by an empty text */
extern const unsigned short crawlers_by_byte[257];  /* [c] to [c + 1]: those that begin with c */
