/* typed.c -- see typed_int.h. */
#include "journey/typed_int.h"

#define EXPAND(number, field, type)                                                               \
    static const type *typed_##field(const struct view *v, struct slab *slab)                     \
    {                                                                                             \
        const struct column_info *ci = &v->columns[number];                                       \
        const void *data = v->data[number];                                                       \
        u32 n = v->rows;                                                                          \
        if (data != NULL && ci->form == FORM_DENSE && ci->width == sizeof(type) && ci->base == 0) \
            return data;                                                                          \
        type *out = SLAB_N(slab, type, n);                                                        \
        if (data == NULL) {                                                                       \
            for (u32 i = 0; i < n; i++)                                                           \
                out[i] = ci->form == FORM_CONST ? (type)ci->base : 0;                             \
        } else if (ci->form == FORM_SPARSE) {                                                     \
            memset(out, 0, n * sizeof *out); /* the slab's memory was somebody else's */          \
            const u64 *values = data;                                                             \
            const u32 *rows = (const u32 *)(values + ci->count);                                  \
            for (u32 i = 0; i < ci->count; i++)                                                   \
                out[rows[i]] = (type)values[i];                                                   \
        } else if (ci->width == 1) {                                                              \
            for (u32 i = 0; i < n; i++)                                                           \
                out[i] = (type)((u64)ci->base + ((const u8 *)data)[i]);                           \
        } else if (ci->width == 2) {                                                              \
            for (u32 i = 0; i < n; i++)                                                           \
                out[i] = (type)((u64)ci->base + ((const u16 *)data)[i]);                          \
        } else if (ci->width == 4) {                                                              \
            for (u32 i = 0; i < n; i++)                                                           \
                out[i] = (type)((u64)ci->base + ((const u32 *)data)[i]);                          \
        } else {                                                                                  \
            for (u32 i = 0; i < n; i++)                                                           \
                out[i] = (type)((u64)ci->base + ((const u64 *)data)[i]);                          \
        }                                                                                         \
        return out;                                                                               \
    }
PART_COLUMNS(EXPAND)

static const u32 *typed_at(const struct view *v, struct slab *slab)
{
    const struct column_info *ci = &v->columns[COL_AT];
    const void *data = v->data[COL_AT];
    u32 n = v->rows;

    if (data != NULL && ci->width == sizeof(u32))
        return data;
    u32 *out = SLAB_N(slab, u32, n);
    for (u32 i = 0; i < n; i++)
        out[i] = data == NULL ? 0 : ci->width == 1 ? ((const u8 *)data)[i] : ((const u16 *)data)[i];
    return out;
}

void typed_load(struct typed *t, const struct view *v, u32 columns, const void *zeros,
                struct slab *slab)
{
    t->narrow = v->columns[COL_AT].width <= sizeof(u32);
    if (!t->narrow)
        return;
    if (columns & COL_BIT(COL_AT)) {
        t->columns.base_ms = v->columns[COL_AT].base;
        t->columns.at = typed_at(v, slab);
    }
#define LOAD(number, field, type)                                                \
    if (columns & COL_BIT(number))                                               \
        t->columns.field = zeros != NULL && v->columns[number].form == FORM_NONE \
                               ? (const type *)zeros                             \
                               : typed_##field(v, slab);
    PART_COLUMNS(LOAD)
#undef LOAD
}
