/* sql_file.c -- reads .sql files into named blocks and numbers their :parameters for the engine. It
 * knows strings, quoted names, comments and casts, so that a colon inside them is left alone. */
#include "store/db_int.h"
#include <ctype.h>
#include <stdio.h>

struct reader {
    struct ctx *cx;
    struct arena *arena;
    enum db_engine engine;
    const struct sql_file *file;
    struct sql_book *book;
    size_t cap;
    const char *params[DB_PARAMS]; /* of the block being read */
};

static enum status bad(struct reader *r, int line, const char *what, const char *name)
{
    return ctx_fail(r->cx, E_INVALID, "%s:%d: %s '%s'", r->file->path, line, what, name);
}

static bool is_word(char c) { return isalnum((unsigned char)c) || c == '_'; }

size_t sql_opaque(const char *p, bool *comment)
{
    const char *end = NULL;

    *comment = false;
    if (*p == '\'' || *p == '"') {
        for (end = p + 1; *end && *end != *p; end++)
            ;
        return (size_t)(end - p) + (*end != 0); /* a doubled quote is two runs side by side */
    }
    if (p[0] == '-' && p[1] == '-') {
        *comment = true;
        end = strchr(p, '\n');
        return end ? (size_t)(end - p) : strlen(p);
    }
    if (p[0] == '/' && p[1] == '*') {
        *comment = true;
        end = strstr(p + 2, "*/");
        return end ? (size_t)(end - p) + 2 : strlen(p);
    }
    return p[0] == ':' && p[1] == ':' ? 2 : 0;
}

static size_t param_number(struct reader *r, struct sql_block *b, struct str name)
{
    for (size_t i = 0; i < b->param_count; i++)
        if (str_is(name, r->params[i]))
            return i + 1;
    if (b->param_count == DB_PARAMS)
        return 0;
    r->params[b->param_count++] = str_dup(r->arena, name);
    return b->param_count;
}

/* Copies one block's text: comments dropped, parameters numbered, the last semicolon taken off. */
static enum status number_params(struct reader *r, struct sql_block *b, struct str text)
{
    const char *p = text.p, *end = text.p + text.len;
    scoped(buf_free) struct buf out = buf_new(DB_SQL_BYTES);

    while (p < end) {
        bool comment;
        size_t len = sql_opaque(p, &comment);

        if (len > (size_t)(end - p))
            return bad(r, b->line, "a quote or comment never ends in", b->name);
        if (len) {
            if (comment)
                buf_char(&out, ' ');
            else
                buf_add(&out, p, len);
            p += len;
        } else if (*p == ':' && (isalpha((unsigned char)p[1]) || p[1] == '_')) {
            const char *start = ++p;
            while (p < end && is_word(*p))
                p++;
            size_t n = param_number(r, b, (struct str){ start, (size_t)(p - start) });
            if (n == 0)
                return bad(r, b->line, "more than DB_PARAMS parameters in", b->name);
            buf_printf(&out, "%c%zu", r->engine == DB_SQLITE ? '?' : '$', n);
        } else {
            buf_char(&out, *p++);
        }
    }
    TRY(buf_status(&out));
    struct str whole = str_trim((struct str){ out.p, out.len });
    if (!b->script && whole.len && whole.p[whole.len - 1] == ';')
        whole = str_trim((struct str){ whole.p, whole.len - 1 });
    if (whole.len == 0)
        return bad(r, b->line, "no statement in", b->name);
    b->text = str_dup(r->arena, whole);
    b->params = NEW_N(r->arena, const char *, b->param_count);
    if (b->param_count)
        memcpy(b->params, r->params, b->param_count * sizeof(*b->params));
    return OK;
}

static bool is_header(struct str line) { return str_starts(line, "-- name:"); }

/* "-- name: deal.board @postgres" */
static enum status read_header(struct reader *r, struct str line, int number, struct sql_block *b)
{
    struct str rest = { line.p + strlen("-- name:"), line.len - strlen("-- name:") }, word;
    bool dot = false;

    *b = (struct sql_block){ .path = r->file->path, .line = number, .name = "" };
    rest = str_trim(rest);
    if (str_split(&rest, ' ', &word))
        b->name = str_dup(r->arena, word);
    for (const char *p = b->name; *p; p++) {
        if (*p == '.' && p != b->name && p[1])
            dot = true;
        else if (!is_word(*p) || isupper((unsigned char)*p))
            return bad(r, number, "a block is named by lower case words with a dot, not", b->name);
    }
    if (!dot)
        return bad(r, number, "a block is named by lower case words with a dot, not", b->name);
    while (str_split(&rest, ' ', &word)) {
        if (str_is(word, "@sqlite"))
            b->only = BLOCK_SQLITE;
        else if (str_is(word, "@postgres"))
            b->only = BLOCK_POSTGRES;
        else if (str_is(word, "@script"))
            b->script = true;
        else if (word.len)
            return bad(r, number, "unknown mark in the head of", b->name);
    }
    return OK;
}

/* Adds a block, or lets a marked one replace an unmarked one. */
static enum status keep_block(struct reader *r, const struct sql_block *b)
{
    struct sql_book *book = r->book;

    for (size_t i = 0; i < book->count; i++) {
        if (!text_is(book->blocks[i].name, b->name))
            continue;
        if (book->blocks[i].only != BLOCK_BOTH && b->only == BLOCK_BOTH)
            return OK;
        if (book->blocks[i].only == b->only)
            return bad(r, b->line, "there are two blocks named", b->name);
        book->blocks[i] = *b;
        return OK;
    }
    if (book->count == r->cap) {
        r->cap = r->cap ? r->cap * 2 : 64;
        struct sql_block *more = NEW_N(r->arena, struct sql_block, r->cap);
        if (book->count)
            memcpy(more, book->blocks, book->count * sizeof(*more));
        book->blocks = more;
    }
    book->blocks[book->count++] = *b;
    return OK;
}

static enum status end_block(struct reader *r, struct sql_block *b, const char *start,
                             const char *end)
{
    if ((b->only == BLOCK_SQLITE && r->engine != DB_SQLITE) ||
        (b->only == BLOCK_POSTGRES && r->engine != DB_POSTGRES))
        return OK;
    TRY(number_params(r, b, (struct str){ start, (size_t)(end - start) }));
    return keep_block(r, b);
}

static enum status read_file(struct reader *r)
{
    struct str rest = str_from(r->file->text), line;
    struct sql_block block;
    const char *start = NULL;
    int number = 0;

    while (str_split(&rest, '\n', &line)) {
        number++;
        if (is_header(line)) {
            if (start)
                TRY(end_block(r, &block, start, line.p));
            TRY(read_header(r, line, number, &block));
            start = line.p + line.len;
        } else if (!start && str_trim(line).len && !str_starts(line, "--")) {
            return bad(r, number, "text before the first \"-- name:\"", str_dup(r->arena, line));
        }
    }
    return start ? end_block(r, &block, start, r->file->text + strlen(r->file->text)) : OK;
}

static void index_names(struct arena *a, struct sql_book *book)
{
    for (book->slot_count = 64; book->slot_count < book->count * 2;)
        book->slot_count *= 2;
    book->slots = NEW_N(a, u32, book->slot_count);
    for (size_t i = 0; i < book->count; i++) {
        size_t at = str_hash(str_from(book->blocks[i].name)) & (book->slot_count - 1);
        while (book->slots[at])
            at = (at + 1) & (book->slot_count - 1);
        book->slots[at] = (u32)i + 1;
    }
}

enum status sql_book_read(struct ctx *cx, struct arena *a, enum db_engine engine,
                          const struct sql_file *files, size_t count, struct sql_book *out)
{
    struct reader r = { .cx = cx, .arena = a, .engine = engine, .book = out };

    *out = (struct sql_book){ 0 };
    for (size_t i = 0; i < store_sql_file_count; i++) {
        r.file = &store_sql_files[i];
        TRY(read_file(&r));
    }
    for (size_t i = 0; i < count; i++) {
        r.file = &files[i];
        bool own = false; /* the app's list may hold the store's files: they are read already */
        for (size_t j = 0; j < store_sql_file_count; j++)
            own |= files[i].text == store_sql_files[j].text;
        if (!own)
            TRY(read_file(&r));
    }
    index_names(a, out);
    return OK;
}

const struct sql_block *sql_book_find(const struct sql_book *book, const char *name)
{
    size_t at = str_hash(str_from(name)) & (book->slot_count - 1);

    for (; book->slots[at]; at = (at + 1) & (book->slot_count - 1)) {
        const struct sql_block *b = &book->blocks[book->slots[at] - 1];
        if (text_is(b->name, name))
            return b;
    }
    return NULL;
}
