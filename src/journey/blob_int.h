/* blob_int.h -- the wrapping of every blob in journey.db: a head of 32 bytes, then the payload.
 * SQLite brings atomic commits but checks no page; the CRC in the head is what finds a flipped bit.
 *
 * Format     little-endian. A reader refuses a newer version, ignores columns it does not know,
 *            reads a missing column as zero: adding a column rewrites nothing. Numbers below are in
 *            files: never reuse one. */
#pragma once
#include "base/base.h"

enum { BLOB_VERSION = 1, BLOB_HEAD_BYTES = 32 };
enum blob_type {
    BLOB_LOG = 1,    /* one commit: names, people, aliases and events in order of arrival */
    BLOB_RUN = 2,    /* what a run is: counts, ranges, its columns, the fence of its directory */
    BLOB_COLUMN = 3, /* one column of a run; item = enum column */
    BLOB_NAMES = 4,  /* names of one dictionary; item = enum journey_dict */
    BLOB_PEOPLE = 5, /* keys of people */
    BLOB_SEEN = 6,   /* event ids that must not be stored again */
};

struct blob_head {
    char magic[4]; /* "JRN1" */
    u16 version;
    u8 type;
    u8 item;
    u32 count;        /* rows, names, people, events: what the payload holds */
    u32 bytes;        /* of payload */
    u32 min_s, max_s; /* time range of its events, Unix seconds; 0, 0 where that means nothing */
    u32 reserved;
    u32 crc; /* CRC32C over head (this field as 0) and payload */
};
_Static_assert(sizeof(struct blob_head) == BLOB_HEAD_BYTES, "the head is what files hold");
_Static_assert(__BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__, "blobs are read in place");

u32 crc32c(u32 crc, const void *bytes, size_t len); /* crc: of what stands before, or 0 */
u32 crc32c_portable(u32 crc, const void *bytes, size_t len); /* the same, on any processor */
/* Fills in the head of a blob whose payload stands behind it; `about` gives type, item, count,
 * range. */
void blob_seal(void *blob, size_t len, struct blob_head about);
/* What is wrong with a blob of this type, in words; NULL: nothing. `crc` false: the sum is not
 * looked at. */
const char *blob_fault(const void *blob, size_t len, enum blob_type type, u8 item, bool crc);

/* ---- variable-length numbers: 7 bits a byte, lowest first ---- */
enum { VARINT_BYTES = 10 };
static inline u8 *varint_put(u8 *p, u64 n)
{
    for (; n >= 0x80; n >>= 7)
        *p++ = (u8)(n | 0x80);
    *p++ = (u8)n;
    return p;
}
static inline u64 zigzag(i64 n) { return (u64)n << 1 ^ (u64)(n >> 63); }
static inline i64 unzigzag(u64 n) { return (i64)(n >> 1 ^ (0 - (n & 1))); }

/* Reads a payload that may be damaged: past its end everything is 0 and `failed` stays set. */
struct cursor {
    const u8 *p, *end;
    bool failed;
};
u64 cursor_varint(struct cursor *c);
const void *cursor_bytes(struct cursor *c, size_t len); /* NULL when fewer are left */
u64 cursor_u64(struct cursor *c);
/* A count of things of at least `bytes_each`: more than can be left is a failure and 0. */
u32 cursor_count(struct cursor *c, size_t bytes_each);
