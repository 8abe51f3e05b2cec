/* dict_int.h -- names become small numbers: pages, sources, campaigns. One dictionary a kind of
 * name. Texts never move, so a borrowed name stays good. Any thread: a short mutex each. */
#pragma once
#include "base/buf.h"
#include "journey/blob_int.h"
#include <pthread.h>

enum {
    NAME_BYTES = 2000,
    NAME_BLOCK_BYTES = 64 * 1024,
    NAME_BLOCKS = 1024, /* 64 MiB of texts: long names reach this before they reach `max` */
};
struct dict {
    pthread_mutex_t lock;
    u32 count, max;       /* codes are 1..count; the last possible is "(other)" */
    u64 *slots;           /* hash << 32 | code; 0: free; open addressing */
    u32 slot_count;       /* a power of two, or 0 */
    u32 *places;          /* of code - 1: block << 16 | byte */
    u32 place_count;
    char **blocks;        /* texts, each after its length as u16 */
    u32 block_count, block_used;
    /* of the committing thread */
    u32 logged;  /* names that are in the log or further */
    u32 settled; /* names that are in their own table */
};

void dict_init(struct dict *d, u32 max);
void dict_close(struct dict *d);
u32 dict_intern(struct dict *d, struct str name);
u32 dict_find(struct dict *d, struct str name);
const char *dict_name(struct dict *d, u32 code); /* "" for 0 and unknown codes */
u32 dict_count(struct dict *d);
struct str dict_text(struct dict *d, u32 code);  /* borrowed; code must be known */
/* A name read back: the next code, or one that is known already. False: it cannot be. */
bool dict_restore(struct dict *d, u32 code, struct str name);
