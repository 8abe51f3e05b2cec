/* batch_int.h -- what one commit says, and its blob in the log: new names, new people, links,
 * events. */
#pragma once
#include "base/buf.h"
#include "journey/blob_int.h"
#include "journey/dict_int.h"
#include "journey/people_int.h"

enum { LINK_ERASED = -1 }; /* as u32: no person's number */

struct batch_name {
    u8 dict;
    u32 code;
    struct str text;
};
struct batch_person {
    u32 person;
    u8 kind;
    u64 key;
};
struct batch {
    u64 first_seq;  /* of its first event; the others follow one by one */
    u64 outbox_seq; /* 0: none */
    i64 arrived_ms;
    const struct batch_name *names;
    const struct batch_person *people;
    const struct journey_link *links; /* contact 0: undone; LINK_ERASED: the visitor is erased */
    const struct event *events;
    u32 name_count, person_count, link_count, event_count;
};
/* The blob, in `out` (cleared first). */
void batch_write(const struct batch *b, struct buf *out);
/* Reads it back; lists are in arena. NULL: fine, otherwise what is wrong. Nothing is checked
 * against the store. */
const char *batch_read(const void *blob, size_t len, struct arena *a, struct batch *out);

/* Names and people in bulk, as they lie in their own tables. */
void names_write(struct dict *d, u8 which, u32 first, u32 last, struct buf *out);
const char *names_read(const void *blob, size_t len, struct arena *a, struct batch *out);
void people_write(struct people *p, u32 first, u32 last, struct buf *out);
const char *people_read(const void *blob, size_t len, struct people *p); /* NULL: fine */
/* The number of the last one in such a blob. */
const char *people_last(const void *blob, size_t len, u32 *last);
