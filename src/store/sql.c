/* sql.c -- SQL put together at run time by kit's generators: text and, in the same breath, its
 * values. */
#include "store/db_int.h"

struct sql sql_new(struct ctx *cx)
{
    return (struct sql){ .text = buf_in(cx->arena, DB_SQL_BYTES),
                         .arena = cx->arena,
                         .engine = db_engine(cx->db) };
}

void sql_add(struct sql *q, const char *text) { buf_text(&q->text, text); }

void sql_addf(struct sql *q, const char *fmt, ...)
{
    va_list args;

    va_start(args, fmt);
    buf_text(&q->text, arena_vprintf(q->arena, fmt, args));
    va_end(args);
}

void sql_name(struct sql *q, const char *identifier)
{
    buf_char(&q->text, '"');
    for (const char *p = identifier; *p; p++) {
        if (*p == '"')
            buf_char(&q->text, '"');
        buf_char(&q->text, *p);
    }
    buf_char(&q->text, '"');
}

static void add_value(struct sql *q, struct arg value)
{
    if (q->count == q->cap) {
        size_t cap = q->cap ? q->cap * 2 : 16;
        struct arg *more = NEW_N(q->arena, struct arg, cap);
        if (q->count)
            memcpy(more, q->args, q->count * sizeof(*more));
        q->args = more;
        q->cap = cap;
    }
    q->args[q->count++] = value;
    buf_char(&q->text, q->engine == DB_SQLITE ? '?' : '$');
    buf_i64(&q->text, (i64)q->count); /* not printf: an import makes a million of these */
}

void sql_i64(struct sql *q, i64 v) { add_value(q, I64(NULL, v)); }
void sql_text(struct sql *q, const char *v) { add_value(q, TEXT(NULL, v)); }
void sql_blob(struct sql *q, const void *p, size_t len) { add_value(q, BLOB(NULL, p, len)); }
void sql_double(struct sql *q, double v) { add_value(q, DOUBLE(NULL, v)); }
void sql_null(struct sql *q) { add_value(q, NONE(NULL)); }
