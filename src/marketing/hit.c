/* hit.c -- what every tracker's protocol has in common: properties that a site may invent, capped
 * where they enter. */
#include "base/json.h"
#include "base/limits.h"
#include "marketing/collect.h"

enum { PROP_KEY_BYTES = 300, PROP_VALUE_BYTES = 2000, PROP_DEPTH = 4 };

struct reading {
    struct ctx *cx;
    struct val *out;
    bool nested;
};

static void put_prop(struct reading *r, const char *key, const char *text)
{
    if (str_trim(str_from(text)).len > 0 && key[0] != '\0' && strlen(key) <= PROP_KEY_BYTES &&
        strlen(text) <= PROP_VALUE_BYTES && val_count(r->out) < LIMIT_EVENT_PROPS)
        val_put_text(r->out, val_key(r->cx->arena, str_from(key)), text);
}

static void read_map(struct reading *r, const struct val *map, const char *prefix, int depth)
{
    struct arena *a = r->cx->arena;

    for (size_t i = 0; i < val_count(map) && val_count(r->out) < LIMIT_EVENT_PROPS; i++) {
        const struct val *v = val_value_at(map, i);
        const char *key = val_key_at(map, i);
        enum val_kind kind = val_kind_of(v);
        bool tree = kind == VAL_MAP || kind == VAL_LIST;
        if (strlen(key) > PROP_KEY_BYTES)
            continue;
        if (prefix[0] != '\0')
            key = arena_printf(a, "%s.%s", prefix, key);
        if (r->nested && kind == VAL_MAP && depth < PROP_DEPTH)
            read_map(r, v, key, depth + 1);
        else if (r->nested || !tree)
            put_prop(r, key, tree ? json_text(a, v) : val_print(a, v));
    }
}

struct val *hit_props(struct ctx *cx, const struct val *given, bool nested)
{
    struct reading r = { cx, val_map(cx->arena), nested };
    struct val *parsed;

    if (val_kind_of(given) == VAL_TEXT &&
        json_read(cx->arena, str_from(val_as_text(given, "")), &parsed, NULL) == OK)
        given = parsed;
    if (val_kind_of(given) == VAL_MAP)
        read_map(&r, given, "", 0);
    return r.out;
}
