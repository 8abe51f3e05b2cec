/* val_int.h -- the value tree's nodes, for this folder only: the JSON reader makes and the writer
 * walks them without a call a node. */
#pragma once
#include "base/arena_int.h"
#include "base/val.h"

struct val_entry {
    const char *key;
    struct val *value;
    u32 len;
    u32 mark; /* of the key: equal keys have equal marks; most others differ */
};

struct val {
    u8 kind; /* enum val_kind */
    u32 len; /* text, html, decimal: bytes; list, map: count */
    union {
        bool flag;
        i64 number;
        const char *text;
        struct val **items;
        struct val_entry *entries;
    };
};

/* Lists and maps carry what growing needs. `head` comes first: a struct val * points at it. */
struct val_tree {
    struct val head;
    struct arena *arena;
    u32 cap;
    u32 index_mask;         /* slots of the index less one; 0: there is none */
    struct val_slot *index; /* of a map with more than VAL_LINEAR_MAX keys */
    u64 seen;               /* one bit a mark: clear means that no key has such a mark */
};

struct val_slot {
    u32 hash;
    u32 at; /* entry + 1; 0: free */
};

enum { VAL_LINEAR_MAX = 16 };

static inline struct val *val_node(struct arena *a, enum val_kind kind)
{
    struct val *v = arena_raw(a, sizeof *v, 8);

    v->kind = (u8)kind;
    v->len = 0;
    return v;
}

/* Cheap and good enough to tell the keys of one record apart; the index has a real hash. */
static inline u32 val_mark(const char *key, size_t len)
{
    if (len == 0)
        return 0;
    return (u32)len << 24 ^ (u32)(u8)key[0] << 16 ^ (u32)(u8)key[len / 2] << 8 ^ (u8)key[len - 1];
}

static inline u64 val_seen_bit(u32 mark) { return UINT64_C(1) << (mark * 0x9e3779b1u >> 26); }

/* Puts `key` (in the arena or static) unless the map has it: false then. */
bool val_put_new(struct val_tree *map, const char *key, size_t len, u32 mark, struct val *v);

/* The same, without a call where the map is small, has room and never saw such a mark. */
static inline bool val_put_fast(struct val_tree *map, const char *key, size_t len, struct val *v)
{
    u32 mark = val_mark(key, len);
    u64 bit = val_seen_bit(mark);

    if ((map->seen & bit) != 0 || map->head.len == map->cap || map->head.len >= VAL_LINEAR_MAX)
        return val_put_new(map, key, len, mark, v);
    map->seen |= bit;
    map->head.entries[map->head.len++] = (struct val_entry){ key, v, (u32)len, mark };
    return true;
}
