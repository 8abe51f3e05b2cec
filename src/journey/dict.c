/* dict.c -- dictionaries, compact: a name costs its text and about 14 bytes. */
#include "base/log.h"
#include "journey/dict_int.h"
#include <stdlib.h>

enum { FIRST_SLOTS = 64, FIRST_PLACES = 64 };
static const struct str OTHER = { "(other)", 7 };

static void *grown(void *p, size_t count, size_t bytes_each)
{
    p = reallocarray(p, count, bytes_each);
    if (p == NULL)
        log_fatal("journey.out_of_memory", "count=%zu", count);
    return p;
}

void dict_init(struct dict *d, u32 max)
{
    *d = (struct dict){ .max = max };
    pthread_mutex_init(&d->lock, NULL);
}

void dict_close(struct dict *d)
{
    for (u32 i = 0; i < d->block_count; i++)
        free(d->blocks[i]);
    free(d->blocks);
    free(d->places);
    free(d->slots);
    pthread_mutex_destroy(&d->lock);
}

static struct str text_at(const struct dict *d, u32 code)
{
    u32 place = d->places[code - 1];
    const char *p = d->blocks[place >> 16] + (place & 0xffff);
    u16 len;

    memcpy(&len, p, sizeof len);
    return (struct str){ p + sizeof len, len };
}

static u32 slot_of(const struct dict *d, struct str name, u64 hash)
{
    u32 at = (u32)hash & (d->slot_count - 1);

    for (;; at = (at + 1) & (d->slot_count - 1)) {
        u64 slot = d->slots[at];
        if (slot == 0 || (slot >> 32 == hash >> 32 && str_equal(text_at(d, (u32)slot), name)))
            return at;
    }
}

static void more_slots(struct dict *d)
{
    u32 count = d->slot_count == 0 ? FIRST_SLOTS : d->slot_count * 2;

    free(d->slots);
    d->slots = grown(NULL, count, sizeof *d->slots);
    memset(d->slots, 0, count * sizeof *d->slots);
    d->slot_count = count;
    for (u32 code = 1; code <= d->count; code++) {
        u64 hash = str_hash(text_at(d, code));
        u32 at = (u32)hash & (count - 1);
        while (d->slots[at] != 0)
            at = (at + 1) & (count - 1);
        d->slots[at] = hash >> 32 << 32 | code;
    }
}

static u32 keep_text(struct dict *d, struct str name)
{
    u16 len = (u16)name.len;
    u32 need = sizeof len + len + 1u;

    if (d->block_count == 0 || d->block_used + need > NAME_BLOCK_BYTES) {
        d->blocks = grown(d->blocks, d->block_count + 1, sizeof *d->blocks);
        d->blocks[d->block_count++] = grown(NULL, NAME_BLOCK_BYTES, 1);
        d->block_used = 0;
    }
    char *p = d->blocks[d->block_count - 1] + d->block_used;
    memcpy(p, &len, sizeof len);
    if (len > 0)
        memcpy(p + sizeof len, name.p, len);
    p[sizeof len + len] = '\0';
    u32 place = (d->block_count - 1) << 16 | d->block_used;
    d->block_used += need;
    return place;
}

/* Adds a name that is not there. */
static u32 add(struct dict *d, struct str name, u64 hash)
{
    if (d->count == d->place_count) {
        d->place_count = d->place_count == 0 ? FIRST_PLACES : d->place_count * 2;
        d->places = grown(d->places, d->place_count, sizeof *d->places);
    }
    d->places[d->count++] = keep_text(d, name);
    if (d->count * 4ull > d->slot_count * 3ull)
        more_slots(d);
    else
        d->slots[slot_of(d, name, hash)] = hash >> 32 << 32 | d->count;
    return d->count;
}

/* The longest prefix of whole characters within the limit. */
static struct str cut(struct str name)
{
    if (name.len <= NAME_BYTES)
        return name;
    name.len = NAME_BYTES;
    while (name.len > 0 && ((u8)name.p[name.len] & 0xc0) == 0x80)
        name.len--;
    return name;
}

static u32 find(const struct dict *d, struct str name, u64 hash)
{
    return d->slot_count == 0 ? 0 : (u32)d->slots[slot_of(d, name, hash)];
}

u32 dict_intern(struct dict *d, struct str name)
{
    name = cut(name);
    if (name.len == 0)
        return 0;
    u64 hash = str_hash(name);
    pthread_mutex_lock(&d->lock);
    u32 code = find(d, name, hash);
    if (code == 0 && (d->count + 1 >= d->max || d->block_count > NAME_BLOCKS)) {
        name = OTHER;
        hash = str_hash(name);
        code = find(d, name, hash);
    }
    if (code == 0)
        code = add(d, name, hash);
    pthread_mutex_unlock(&d->lock);
    return code;
}

u32 dict_find(struct dict *d, struct str name)
{
    name = cut(name);
    u64 hash = str_hash(name);
    pthread_mutex_lock(&d->lock);
    u32 code = name.len == 0 ? 0 : find(d, name, hash);
    pthread_mutex_unlock(&d->lock);
    return code;
}

const char *dict_name(struct dict *d, u32 code)
{
    pthread_mutex_lock(&d->lock);
    const char *name = code == 0 || code > d->count ? "" : text_at(d, code).p;
    pthread_mutex_unlock(&d->lock);
    return name;
}

u32 dict_count(struct dict *d)
{
    pthread_mutex_lock(&d->lock);
    u32 count = d->count;
    pthread_mutex_unlock(&d->lock);
    return count;
}

struct str dict_text(struct dict *d, u32 code)
{
    pthread_mutex_lock(&d->lock);
    struct str text = text_at(d, code);
    pthread_mutex_unlock(&d->lock);
    return text;
}

bool dict_restore(struct dict *d, u32 code, struct str name)
{
    bool fine = code > 0 && name.len > 0 && name.len <= NAME_BYTES;

    pthread_mutex_lock(&d->lock);
    if (fine && code == d->count + 1)
        add(d, name, str_hash(name));
    else
        fine = fine && code <= d->count && str_equal(text_at(d, code), name);
    pthread_mutex_unlock(&d->lock);
    return fine;
}
