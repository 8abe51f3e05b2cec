/* val.c -- the value tree. A node is 16 bytes and a tree's arrays are in the arena, so that a
 * page of a thousand values costs little more than its texts. */
#include "base/val_int.h"
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

enum { LIST_FIRST = 4, MAP_FIRST = 8 };

static const struct val null_node = { .kind = VAL_NULL };

static u32 checked_len(size_t len)
{
    assert(len <= UINT32_MAX); /* every text that enters is capped far below (limits.h) */
    return (u32)len;
}

/* --- making --- */

struct val *val_null(struct arena *a) { return val_node(a, VAL_NULL); }

struct val *val_bool(struct arena *a, bool b)
{
    struct val *v = val_node(a, VAL_BOOL);

    v->flag = b;
    return v;
}

struct val *val_i64(struct arena *a, i64 n)
{
    struct val *v = val_node(a, VAL_I64);

    v->number = n;
    return v;
}

static struct val *text_node(struct arena *a, enum val_kind kind, const char *text, size_t len)
{
    struct val *v = val_node(a, kind);

    v->len = checked_len(len);
    v->text = text;
    return v;
}

struct val *val_decimal(struct arena *a, const char *digits)
{
    return text_node(a, VAL_DECIMAL, arena_text(a, digits), strlen(digits));
}

/* printf and strtod follow the locale; the program never calls setlocale, so that is "C". */
struct val *val_double(struct arena *a, double d)
{
    char text[40]; /* the compiler does not know that 17 digits are the most */

    if (!isfinite(d)) /* JSON has no word for it */
        return val_null(a);
    /* Fifteen digits always survive the way back, but tiny (subnormal) numbers have fewer. */
    int precision = fabs(d) < 1e-300 ? 1 : 15;
    do {
        snprintf(text, sizeof text, "%.*g", precision, d);
    } while (strtod(text, NULL) != d && ++precision <= 17);
    return val_decimal(a, text);
}

struct val *val_text(struct arena *a, const char *text) { return val_str(a, str_from(text)); }

struct val *val_text_static(struct arena *a, const char *text)
{
    return text_node(a, VAL_TEXT, text, strlen(text));
}

struct val *val_str(struct arena *a, struct str s)
{
    return text_node(a, VAL_TEXT, str_dup(a, s), s.len);
}

struct val *val_html(struct arena *a, const char *html)
{
    return text_node(a, VAL_HTML, arena_text(a, html), strlen(html));
}

static struct val *tree_node(struct arena *a, enum val_kind kind)
{
    struct val_tree *t = arena_raw(a, sizeof *t, 8);

    *t = (struct val_tree){ .head.kind = (u8)kind, .arena = a };
    return &t->head;
}

struct val *val_list(struct arena *a) { return tree_node(a, VAL_LIST); }

struct val *val_map(struct arena *a) { return tree_node(a, VAL_MAP); }

static struct val_tree *tree_of(struct val *v, enum val_kind kind)
{
    assert(v != NULL && v->kind == kind);
    return (struct val_tree *)v;
}

/* --- maps --- */

static bool same_key(const struct val_entry *e, const char *key, size_t len)
{
    return e->len == len && memcmp(e->key, key, len) == 0;
}

static void index_add(struct val_tree *t, u32 at)
{
    const struct val_entry *e = &t->head.entries[at];
    u32 hash = (u32)str_hash((struct str){ e->key, e->len });
    u32 slot = hash & t->index_mask;

    while (t->index[slot].at != 0)
        slot = (slot + 1) & t->index_mask;
    t->index[slot] = (struct val_slot){ hash, at + 1 };
}

/* Twice as many slots as there is room for entries. */
static void index_build(struct val_tree *t)
{
    u32 slots = 64;

    while (slots < 2 * t->cap)
        slots *= 2;
    t->index = NEW_N(t->arena, struct val_slot, slots);
    t->index_mask = slots - 1;
    for (u32 i = 0; i < t->head.len; i++)
        index_add(t, i);
}

static struct val_entry *find(const struct val_tree *t, const char *key, size_t len, u32 mark)
{
    if ((t->seen & val_seen_bit(mark)) == 0)
        return NULL;
    if (t->index_mask == 0) {
        for (u32 i = 0; i < t->head.len; i++)
            if (t->head.entries[i].mark == mark && same_key(&t->head.entries[i], key, len))
                return &t->head.entries[i];
        return NULL;
    }
    u32 hash = (u32)str_hash((struct str){ key, len });
    for (u32 slot = hash & t->index_mask; t->index[slot].at != 0;
         slot = (slot + 1) & t->index_mask) {
        struct val_entry *e = &t->head.entries[t->index[slot].at - 1];
        if (t->index[slot].hash == hash && same_key(e, key, len))
            return e;
    }
    return NULL;
}

static void grow(struct val_tree *t, u32 first, size_t bytes_each)
{
    assert(t->cap < UINT32_MAX / 4);
    u32 cap = t->cap == 0 ? first : t->cap * 2;
    void *old = t->head.items, *p = arena_raw(t->arena, cap * bytes_each, 8);

    if (t->cap > 0)
        memcpy(p, old, t->head.len * bytes_each);
    t->head.items = p;
    t->cap = cap;
}

static void append(struct val_tree *t, const char *key, size_t len, u32 mark, struct val *v)
{
    bool full = t->head.len == t->cap;

    if (full)
        grow(t, MAP_FIRST, sizeof(struct val_entry));
    t->head.entries[t->head.len++] = (struct val_entry){ key, v, checked_len(len), mark };
    t->seen |= val_seen_bit(mark);
    if (t->head.len <= VAL_LINEAR_MAX)
        return;
    if (t->index_mask == 0 || full)
        index_build(t);
    else
        index_add(t, t->head.len - 1);
}

bool val_put_new(struct val_tree *map, const char *key, size_t len, u32 mark, struct val *v)
{
    if (find(map, key, len, mark) != NULL)
        return false;
    append(map, key, len, mark, v);
    return true;
}

const char *val_key(struct arena *a, struct str key) { return str_dup(a, key); }

struct val *val_put(struct val *map, const char *key, struct val *v)
{
    struct val_tree *t = tree_of(map, VAL_MAP);
    size_t len = strlen(key);
    u32 mark = val_mark(key, len);
    struct val_entry *e = find(t, key, len, mark);

    if (v == NULL)
        v = val_null(t->arena);
    if (e != NULL)
        e->value = v;
    else
        append(t, key, len, mark, v);
    return v;
}

static struct arena *arena_of(struct val *tree)
{
    assert(tree != NULL && (tree->kind == VAL_LIST || tree->kind == VAL_MAP));
    return ((struct val_tree *)tree)->arena;
}

struct val *val_put_text(struct val *map, const char *key, const char *text)
{
    return val_put(map, key, val_text(arena_of(map), text));
}

struct val *val_put_i64(struct val *map, const char *key, i64 n)
{
    return val_put(map, key, val_i64(arena_of(map), n));
}

struct val *val_put_bool(struct val *map, const char *key, bool b)
{
    return val_put(map, key, val_bool(arena_of(map), b));
}

struct val *val_put_null(struct val *map, const char *key)
{
    return val_put(map, key, val_null(arena_of(map)));
}

struct val *val_put_html(struct val *map, const char *key, const char *html)
{
    return val_put(map, key, val_html(arena_of(map), html));
}

struct val *val_put_double(struct val *map, const char *key, double d)
{
    return val_put(map, key, val_double(arena_of(map), d));
}

struct val *val_put_map(struct val *map, const char *key)
{
    return val_put(map, key, val_map(arena_of(map)));
}

struct val *val_put_list(struct val *map, const char *key)
{
    return val_put(map, key, val_list(arena_of(map)));
}

struct val *val_put_printf(struct val *map, const char *key, const char *fmt, ...)
{
    struct arena *a = arena_of(map);
    va_list args;

    va_start(args, fmt);
    char *text = arena_vprintf(a, fmt, args);
    va_end(args);
    return val_put(map, key, val_text_static(a, text));
}

/* --- lists --- */

struct val *val_add(struct val *list, struct val *v)
{
    struct val_tree *t = tree_of(list, VAL_LIST);

    if (v == NULL)
        v = val_null(t->arena);
    if (t->head.len == t->cap)
        grow(t, LIST_FIRST, sizeof(struct val *));
    return t->head.items[t->head.len++] = v;
}

struct val *val_add_text(struct val *list, const char *text)
{
    return val_add(list, val_text(arena_of(list), text));
}

struct val *val_add_i64(struct val *list, i64 n)
{
    return val_add(list, val_i64(arena_of(list), n));
}

struct val *val_add_map(struct val *list) { return val_add(list, val_map(arena_of(list))); }

struct val *val_add_list(struct val *list) { return val_add(list, val_list(arena_of(list))); }

/* --- reading --- */

static const struct val *or_null(const struct val *v) { return v == NULL ? &null_node : v; }

enum val_kind val_kind_of(const struct val *v) { return (enum val_kind)or_null(v)->kind; }

bool val_is_null(const struct val *v) { return val_kind_of(v) == VAL_NULL; }

const struct val *val_get_str(const struct val *map, struct str key)
{
    if (val_kind_of(map) != VAL_MAP)
        return NULL;
    const char *p = key.len == 0 ? "" : key.p;
    const struct val_entry *e =
        find((const struct val_tree *)map, p, key.len, val_mark(p, key.len));
    return e == NULL ? NULL : e->value;
}

const struct val *val_get(const struct val *map, const char *key)
{
    return val_get_str(map, str_from(key));
}

const struct val *val_at(const struct val *list, size_t index)
{
    if (val_kind_of(list) != VAL_LIST || index >= list->len)
        return NULL;
    return list->items[index];
}

size_t val_count(const struct val *v)
{
    enum val_kind kind = val_kind_of(v);
    return kind == VAL_LIST || kind == VAL_MAP ? v->len : 0;
}

const char *val_key_at(const struct val *map, size_t index)
{
    assert(val_kind_of(map) == VAL_MAP && index < map->len);
    return map->entries[index].key;
}

const struct val *val_value_at(const struct val *map, size_t index)
{
    if (val_kind_of(map) != VAL_MAP || index >= map->len)
        return NULL;
    return map->entries[index].value;
}

const char *val_as_text(const struct val *v, const char *otherwise)
{
    enum val_kind kind = val_kind_of(v);
    return kind == VAL_TEXT || kind == VAL_HTML ? v->text : otherwise;
}

i64 val_as_i64(const struct val *v, i64 otherwise)
{
    return val_kind_of(v) == VAL_I64 ? v->number : otherwise;
}

double val_as_double(const struct val *v, double otherwise)
{
    switch (val_kind_of(v)) {
    case VAL_I64:
        return (double)v->number;
    case VAL_DECIMAL:
        return strtod(v->text, NULL);
    default:
        return otherwise;
    }
}

bool val_as_bool(const struct val *v, bool otherwise)
{
    return val_kind_of(v) == VAL_BOOL ? v->flag : otherwise;
}

const char *val_get_text(const struct val *map, const char *key)
{
    return val_as_text(val_get(map, key), "");
}

i64 val_get_i64(const struct val *map, const char *key, i64 otherwise)
{
    return val_as_i64(val_get(map, key), otherwise);
}

bool val_get_bool(const struct val *map, const char *key)
{
    return val_as_bool(val_get(map, key), false);
}

const char *val_print(struct arena *a, const struct val *v)
{
    switch (val_kind_of(v)) {
    case VAL_BOOL:
        return v->flag ? "true" : "false";
    case VAL_I64:
        return arena_printf(a, "%lld", (long long)v->number);
    case VAL_DECIMAL:
    case VAL_TEXT:
    case VAL_HTML:
        return v->text;
    case VAL_NULL:
    case VAL_LIST:
    case VAL_MAP:
        break;
    }
    return "";
}

bool val_truthy(const struct val *v)
{
    switch (val_kind_of(v)) {
    case VAL_NULL:
        return false;
    case VAL_BOOL:
        return v->flag;
    case VAL_TEXT:
    case VAL_HTML:
    case VAL_LIST:
        return v->len > 0;
    case VAL_I64:
    case VAL_DECIMAL:
    case VAL_MAP:
        break;
    }
    return true;
}

static bool equal_trees(const struct val *a, const struct val *b)
{
    if (a->len != b->len)
        return false;
    for (u32 i = 0; i < a->len; i++) {
        if (a->kind == VAL_LIST) {
            if (!val_equal(a->items[i], b->items[i]))
                return false;
            continue;
        }
        const struct val_entry *e = &a->entries[i];
        const struct val *other = val_get_str(b, (struct str){ e->key, e->len });
        if (other == NULL || !val_equal(e->value, other))
            return false;
    }
    return true;
}

bool val_equal(const struct val *a, const struct val *b)
{
    if (val_kind_of(a) != val_kind_of(b))
        return false;
    switch (val_kind_of(a)) {
    case VAL_NULL:
        return true;
    case VAL_BOOL:
        return a->flag == b->flag;
    case VAL_I64:
        return a->number == b->number;
    case VAL_DECIMAL:
    case VAL_TEXT:
    case VAL_HTML:
        return a->len == b->len && memcmp(a->text, b->text, a->len) == 0;
    case VAL_LIST:
    case VAL_MAP:
        break;
    }
    return equal_trees(a, b);
}

struct val *val_copy(struct arena *a, const struct val *v)
{
    struct val *copy;

    switch (val_kind_of(v)) {
    case VAL_NULL:
        return val_null(a);
    case VAL_BOOL:
        return val_bool(a, v->flag);
    case VAL_I64:
        return val_i64(a, v->number);
    case VAL_DECIMAL:
    case VAL_TEXT:
    case VAL_HTML:
        return text_node(a, val_kind_of(v), arena_dup(a, v->text, v->len), v->len);
    case VAL_LIST:
        copy = val_list(a);
        for (u32 i = 0; i < v->len; i++)
            val_add(copy, val_copy(a, v->items[i]));
        return copy;
    case VAL_MAP:
        break;
    }
    copy = val_map(a);
    for (u32 i = 0; i < v->len; i++) {
        const struct val_entry *e = &v->entries[i];
        append((struct val_tree *)copy, arena_dup(a, e->key, e->len), e->len, e->mark,
               val_copy(a, e->value));
    }
    return copy;
}
