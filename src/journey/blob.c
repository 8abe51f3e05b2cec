/* blob.c -- heads, checksums and variable-length numbers of journey.db's blobs. */
#include "journey/blob_int.h"
#include <string.h>
#if defined(__x86_64__)
#include <nmmintrin.h>
#endif

static const char MAGIC[4] = { 'J', 'R', 'N', '1' };

/* Four bits at a time: for processors without the instruction. */
u32 crc32c_portable(u32 crc, const void *bytes, size_t len)
{
    const u8 *p = bytes;
    static const u32 nibble[16] = {
        0x00000000, 0x105ec76f, 0x20bd8ede, 0x30e349b1, 0x417b1dbc, 0x5125dad3,
        0x61c69362, 0x7198540d, 0x82f63b78, 0x92a8fc17, 0xa24bb5a6, 0xb21572c9,
        0xc38d26c4, 0xd3d3e1ab, 0xe330a81a, 0xf36e6f75,
    };

    crc = ~crc;
    for (; len > 0; len--, p++) {
        crc = nibble[(crc ^ *p) & 15] ^ crc >> 4;
        crc = nibble[(crc ^ *p >> 4) & 15] ^ crc >> 4;
    }
    return ~crc;
}

#if defined(__x86_64__)
__attribute__((target("sse4.2"))) static u32 crc_hardware(u32 crc, const u8 *p, size_t len)
{
    u64 sum = crc, word;

    for (; len >= sizeof word; len -= sizeof word, p += sizeof word) {
        memcpy(&word, p, sizeof word);
        sum = _mm_crc32_u64(sum, word);
    }
    for (; len > 0; len--)
        sum = _mm_crc32_u8((u32)sum, *p++);
    return (u32)sum;
}
#endif

u32 crc32c(u32 crc, const void *bytes, size_t len)
{
#if defined(__x86_64__)
    if (__builtin_cpu_supports("sse4.2"))
        return ~crc_hardware(~crc, bytes, len);
#endif
    return crc32c_portable(crc, bytes, len);
}

static u32 blob_crc(struct blob_head head, const void *payload, size_t len)
{
    head.crc = 0;
    return crc32c(crc32c(0, &head, sizeof head), payload, len);
}

void blob_seal(void *blob, size_t len, struct blob_head about)
{
    assert(len >= BLOB_HEAD_BYTES && len - BLOB_HEAD_BYTES <= UINT32_MAX);
    memcpy(about.magic, MAGIC, sizeof MAGIC);
    about.version = BLOB_VERSION;
    about.bytes = (u32)(len - BLOB_HEAD_BYTES);
    about.crc = blob_crc(about, (char *)blob + BLOB_HEAD_BYTES, about.bytes);
    memcpy(blob, &about, sizeof about);
}

const char *blob_fault(const void *blob, size_t len, enum blob_type type, u8 item, bool crc)
{
    struct blob_head head;

    if (len < sizeof head)
        return "shorter than a head";
    memcpy(&head, blob, sizeof head);
    if (memcmp(head.magic, MAGIC, sizeof MAGIC) != 0)
        return "not a journey blob";
    if (head.version > BLOB_VERSION)
        return "written by a newer version";
    if (head.bytes != len - sizeof head)
        return "length does not match its head";
    if (crc && head.crc != blob_crc(head, (const char *)blob + sizeof head, head.bytes))
        return "checksum does not match";
    if (head.type != type || head.item != item)
        return "of another type than its place";
    return NULL;
}

u64 cursor_varint(struct cursor *c)
{
    u64 n = 0;

    for (unsigned shift = 0; shift < 64 && c->p < c->end; shift += 7) {
        u8 byte = *c->p++;
        n |= (u64)(byte & 0x7f) << shift;
        if (byte < 0x80)
            return n;
    }
    c->failed = true;
    c->p = c->end;
    return 0;
}

const void *cursor_bytes(struct cursor *c, size_t len)
{
    if (len > (size_t)(c->end - c->p)) {
        c->failed = true;
        c->p = c->end;
        return NULL;
    }
    const void *at = c->p;
    c->p += len;
    return at;
}

u64 cursor_u64(struct cursor *c)
{
    u64 n = 0;
    const void *at = cursor_bytes(c, sizeof n);

    if (at != NULL)
        memcpy(&n, at, sizeof n);
    return n;
}

u32 cursor_count(struct cursor *c, size_t bytes_each)
{
    u64 n = cursor_varint(c);

    if (n <= (u64)(c->end - c->p) / bytes_each)
        return (u32)n;
    c->failed = true;
    c->p = c->end;
    return 0;
}
