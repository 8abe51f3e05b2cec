/* ch_rows.c -- rows of the ClickHouse backend as RowBinary, both ways. Little-endian, as every
 * machine we build for; a text is its length (LEB128) and its bytes. */
#include "base/log.h"
#include "journey/ch_int.h"
#include <stdlib.h>
#include <string.h>

/* Every row begins with these, in this order. */
static const char FIXED[] = "owner,at_ms,seq,ver,alive,person";
enum { FIXED_BYTES = 4 + 8 + 8 + 8 + 1 + 4, TEXT_BYTES_MAX = 16 * 1024 * 1024, VARINT_MAX = 5 };

static const struct field {
    const char *name;
    u32 column;
    u8 bytes;
    u16 offset;
} fields[] = {
#define FIELD(number, field, type, word)                                             \
    { #field, COL_BIT(number) & ~(COL_BIT(COL_AT) | COL_BIT(COL_SEQ)), sizeof(type), \
      offsetof(struct event, field) },
    NUMBER_COLUMNS(FIELD)
#undef FIELD
};

void ch_columns(struct buf *sql, u32 columns, bool props)
{
    buf_text(sql, FIXED);
    for (size_t i = 0; i < countof(fields); i++)
        if (columns & fields[i].column) {
            buf_char(sql, ',');
            buf_text(sql, fields[i].name);
        }
    if (props)
        buf_text(sql, ",props");
}

static char *put(char *to, const void *value, size_t bytes)
{
    memcpy(to, value, bytes);
    return to + bytes;
}

void ch_encode(struct buf *out, const struct ch_row *r)
{
    char row[FIXED_BYTES + sizeof(struct event) + VARINT_MAX], *to = row;
    u8 alive = r->alive;
    size_t len = r->text.len;

    to = put(to, &r->owner, sizeof r->owner);
    to = put(to, &r->e.at_ms, sizeof r->e.at_ms);
    to = put(to, &r->e.seq, sizeof r->e.seq);
    to = put(to, &r->ver, sizeof r->ver);
    to = put(to, &alive, sizeof alive);
    to = put(to, &r->e.person, sizeof r->e.person);
    for (size_t i = 0; i < countof(fields); i++)
        if (fields[i].column != 0)
            to = put(to, (const char *)&r->e + fields[i].offset, fields[i].bytes);
    for (; len >= 128; len >>= 7)
        *to++ = (char)((len & 127) | 128);
    *to++ = (char)len;
    buf_add(out, row, (size_t)(to - row));
    buf_add(out, r->text.p, r->text.len);
}

/* ---- reading ---- */

struct ch_rows {
    struct ctx *cx;
    u32 columns;
    bool props;
    size_t fixed;       /* bytes before the text */
    u32 people;         /* there are no higher numbers */
    struct buf rest;    /* of a row whose end has not come yet */
    struct ch_row last; /* the best so far of its key */
    struct buf last_text;
    bool has_last;
    ch_sink *sink;
    void *arg;
};

static bool same_key(const struct ch_row *a, const struct ch_row *b)
{
    return a->owner == b->owner && a->e.at_ms == b->e.at_ms && a->e.seq == b->e.seq;
}

static bool show_last(struct ch_rows *s)
{
    if (!s->has_last || !s->last.alive)
        return true;
    s->last.text = (struct str){ s->last_text.p, s->last_text.len };
    return s->sink(s->arg, &s->last);
}

/* Of rows with one key the highest version counts. */
static bool take_row(struct ch_rows *s, const struct ch_row *r)
{
    if (s->has_last && same_key(r, &s->last) && r->ver < s->last.ver)
        return true;
    if (s->has_last && !same_key(r, &s->last) && !show_last(s))
        return false;
    s->last = *r;
    s->has_last = true;
    buf_clear(&s->last_text);
    buf_add(&s->last_text, r->text.p, r->text.len);
    return true;
}

/* The text at `at`; 0: it has not come whole yet, otherwise the place after it. */
static size_t read_text(const char *p, size_t len, size_t at, struct str *text, bool *wrong)
{
    size_t bytes = 0;
    unsigned shift = 0;

    for (;; shift += 7) {
        if (at == len)
            return 0;
        u8 b = (u8)p[at++];
        bytes |= (size_t)(b & 127) << shift;
        *wrong = shift > 28 || bytes > TEXT_BYTES_MAX;
        if (*wrong)
            return 0;
        if (b < 128)
            break;
    }
    if (len - at < bytes)
        return 0;
    *text = (struct str){ p + at, bytes };
    return at + bytes;
}

static void read_fixed(const struct ch_rows *s, const char *p, struct ch_row *r)
{
    *r = (struct ch_row){ 0 };
    memcpy(&r->owner, p, 4);
    memcpy(&r->e.at_ms, p + 4, 8);
    memcpy(&r->e.seq, p + 12, 8);
    memcpy(&r->ver, p + 20, 8);
    r->alive = p[28] != 0;
    memcpy(&r->e.person, p + 29, 4);
    p += FIXED_BYTES;
    for (size_t i = 0; i < countof(fields); i++)
        if (s->columns & fields[i].column) {
            memcpy((char *)&r->e + fields[i].offset, p, fields[i].bytes);
            p += fields[i].bytes;
        }
}

/* Rows are of people there are, and in order. */
static bool can_be(const struct ch_rows *s, const struct ch_row *r)
{
    const struct ch_row *l = &s->last;

    if (r->owner == 0 || r->owner > s->people || r->e.person == 0 || r->e.person > s->people ||
        r->e.at_ms < 0 || r->e.at_ms > AT_MS_MAX)
        return false;
    if (!s->has_last || r->owner != l->owner)
        return !s->has_last || r->owner > l->owner;
    return r->e.at_ms != l->e.at_ms ? r->e.at_ms > l->e.at_ms : r->e.seq >= l->e.seq;
}

/* Reads whole rows; *used: bytes of them. */
static bool take_rows(struct ch_rows *s, const char *p, size_t len, size_t *used)
{
    struct ch_row r;
    bool wrong = false;

    for (*used = 0; len - *used >= s->fixed;) {
        size_t end = *used + s->fixed;
        struct str text = { "", 0 };
        if (s->props)
            end = read_text(p, len, end, &text, &wrong);
        if (wrong)
            return ctx_fail(s->cx, E_IO, "ClickHouse sent a row that cannot be"), false;
        if (end == 0)
            break;
        read_fixed(s, p + *used, &r);
        r.text = text;
        if (!can_be(s, &r)) /* an error's text among the rows, say */
            return ctx_fail(s->cx, E_IO, "ClickHouse sent a row that cannot be"), false;
        if (!take_row(s, &r))
            return false;
        *used = end;
    }
    return true;
}

bool ch_rows_piece(void *rows, int status, const char *bytes, size_t len)
{
    struct ch_rows *s = rows;
    size_t used;

    (void)status;
    if (s->rest.len > 0) { /* completes the row that was cut */
        buf_add(&s->rest, bytes, len);
        if (!take_rows(s, s->rest.p, s->rest.len, &used))
            return false;
        memmove(s->rest.p, s->rest.p + used, s->rest.len - used);
        s->rest.len -= used;
        return true;
    }
    if (!take_rows(s, bytes, len, &used))
        return false;
    buf_add(&s->rest, bytes + used, len - used);
    return true;
}

struct ch_rows *ch_rows_open(struct ctx *cx, u32 people, u32 columns, bool props, ch_sink *sink,
                             void *arg)
{
    struct ch_rows *s = calloc(1, sizeof *s);

    if (s == NULL)
        log_fatal("journey.out_of_memory", "bytes=%zu", sizeof *s);
    *s = (struct ch_rows){ .cx = cx,
                           .columns = columns,
                           .props = props,
                           .fixed = FIXED_BYTES,
                           .people = people,
                           .rest = buf_new(CH_BUF_MAX),
                           .last_text = buf_new(CH_BUF_MAX),
                           .sink = sink,
                           .arg = arg };
    for (size_t i = 0; i < countof(fields); i++)
        s->fixed += columns & fields[i].column ? fields[i].bytes : 0;
    return s;
}

enum status ch_rows_end(struct ch_rows *s)
{
    if (s->rest.len > 0)
        return ctx_fail(s->cx, E_IO, "ClickHouse's answer ends within a row");
    if (!show_last(s))
        return s->cx->error != OK ? s->cx->error : E_IO;
    return OK;
}

void ch_rows_close(struct ch_rows *s)
{
    buf_free(&s->rest);
    buf_free(&s->last_text);
    free(s);
}

enum status ch_scan(struct ctx *cx, struct ch *ch, struct http_client *c, u32 columns, bool props,
                    const struct buf *where, ch_sink *sink, void *arg)
{
    scoped(buf_free) struct buf sql = buf_new(CH_BUF_MAX);
    struct ch_rows *rows =
        ch_rows_open(cx, people_count(&ch->j->people), columns, props, sink, arg);

    buf_text(&sql, "SELECT ");
    ch_columns(&sql, columns, props);
    buf_printf(&sql, " FROM %s WHERE ", ch->all);
    buf_add(&sql, where->p, where->len);
    buf_text(&sql, " ORDER BY owner, at_ms, seq FORMAT RowBinary");
    enum status s = ch_ask(cx, ch, c, 0, &sql, ch_rows_piece, rows);
    if (s == OK)
        s = ch_rows_end(rows);
    ch_rows_close(rows);
    return s;
}
