/* file.c -- files of records: kept, listed, handed out, removed. Whatever a file says it is, only
 * pictures that browsers draw are shown; all else is a download that no page can run. */
#include "kit/file.h"
#include "base/id.h"
#include "base/limits.h"
#include "base/utf8.h"
#include "kit/kit_int.h"
#include "kit/pages_int.h"
#include "kit/record_door.h"
#include "kit/watch.h"
#include <sodium.h>

enum { NAME_BYTES = 150, GIB = 1024 * 1024 * 1024 };

/* ---- what it is ---- */
const char *file_media_type(struct str bytes)
{
    static const struct {
        const char *first, *type;
        size_t len;
    } kinds[] = { { "\x89PNG\r\n\x1a\n", "image/png", 8 },
                  { "\xff\xd8\xff", "image/jpeg", 3 },
                  { "GIF87a", "image/gif", 6 },
                  { "GIF89a", "image/gif", 6 },
                  { "%PDF-", "application/pdf", 5 } };

    for (size_t i = 0; i < countof(kinds); i++)
        if (bytes.len >= kinds[i].len && memcmp(bytes.p, kinds[i].first, kinds[i].len) == 0)
            return kinds[i].type;
    if (bytes.len >= 12 && memcmp(bytes.p, "RIFF", 4) == 0 && memcmp(bytes.p + 8, "WEBP", 4) == 0)
        return "image/webp";
    return "application/octet-stream";
}

static bool is_picture(const char *type) { return strncmp(type, "image/", 6) == 0; }

const char *file_clean_name(struct arena *a, const char *name)
{
    const char *slash = strrchr(name, '/'), *back = strrchr(name, '\\');
    char *out;
    size_t n = 0;

    if (slash != NULL)
        name = slash + 1;
    if (back != NULL && back >= name)
        name = back + 1;
    while (*name == '.' || *name == ' ')
        name++;
    out = utf8_cut(a, name, NAME_BYTES);
    for (char *p = out; *p != '\0'; p++)
        if ((unsigned char)*p >= ' ' && *p != 0x7f && strchr("\"<>|:*?\\/", *p) == NULL)
            out[n++] = *p;
    out[n] = '\0';
    return n > 0 ? out : "File";
}

static const char *size_text(struct arena *a, i64 bytes)
{
    if (bytes < 1024)
        return arena_printf(a, "%lld bytes", (long long)bytes);
    if (bytes < 1024 * 1024)
        return arena_printf(a, "%lld KB", (long long)((bytes + 1023) / 1024));
    return arena_printf(a, "%.1f MB", (double)bytes / (1024 * 1024));
}

/* ---- keeping ---- */
static const char *hash_of(struct ctx *cx, struct str bytes)
{
    unsigned char hash[crypto_generichash_BYTES];
    char *hex = arena_alloc(cx->arena, sizeof hash * 2 + 1, 1);

    crypto_generichash(hash, sizeof hash, (const unsigned char *)bytes.p, bytes.len, NULL, 0);
    return sodium_bin2hex(hex, sizeof hash * 2 + 1, hash, sizeof hash);
}

static enum status check(struct ctx *cx, const struct row *r, const char *name, struct str bytes)
{
    i64 count, total, quota = setting_i64(cx, "files.quota_gb") * GIB;

    if (bytes.len == 0)
        return ctx_fail_field(cx, "file", "file.empty",
                              "%s is empty. Choose a file with something in it.", name);
    if (bytes.len > FILE_BYTES_MOST)
        return ctx_fail_field(cx, "file", "file.too_large",
                              "%s has %s; a file may have at most %d MB. Nothing was kept.", name,
                              size_text(cx->arena, (i64)bytes.len), FILE_BYTES_MOST >> 20);
    TRY(db_get_i64(cx, &count, "file.count", I64("record", row_id(r))));
    if (count >= FILES_MOST)
        return ctx_fail_field(cx, "file", "file.too_many",
                              "%s has %d files, more are not kept with one record. Remove some "
                              "first.",
                              row_title(cx, r), FILES_MOST);
    TRY(db_get_i64(cx, &total, "file.total"));
    if (total + (i64)bytes.len > quota)
        return ctx_fail_field(cx, "file", "file.full",
                              "Files take %s, and %lld GB is what an administrator set as the "
                              "most. Remove some, or ask for more.",
                              size_text(cx->arena, total), (long long)(quota / GIB));
    return OK;
}

enum status file_keep(struct ctx *cx, const struct row *r, const char *given, struct str bytes,
                      i64 *id)
{
    const char *name = file_clean_name(cx->arena, given), *hash;

    TRY(check(cx, r, name, bytes));
    hash = hash_of(cx, bytes);
    *id = kit_new_id(cx);
    TRY(db_run(cx, "file.keep", TEXT("hash", hash), I64("size", (i64)bytes.len),
               BLOB("bytes", bytes.p, bytes.len)));
    return db_run(
        cx, "file.add", I64("id", *id), TEXT("type", row_type(r)->name), I64("record", row_id(r)),
        TEXT("name", name), TEXT("media", file_media_type(bytes)), TEXT("hash", hash),
        I64("size", (i64)bytes.len), I64("at", ctx_now(cx)), MAYBE("user", cx->access->user_id));
}

/* ---- the list ---- */
static void put_file(struct ctx *cx, const struct row *r, struct stmt *q, bool may_remove,
                     struct val *list)
{
    struct val *one = val_add_map(list);
    const char *url =
        arena_printf(cx->arena, "%s/file/%s", row_path(cx, r), id_text(cx->arena, col_i64(q, 0)));

    val_put_text(one, "text", col_text(q, 1));
    val_put_text(one, "url", url);
    val_put_text(one, "size", size_text(cx->arena, col_i64(q, 3)));
    put_when(cx, one, "when", col_i64(q, 4));
    val_put_text(one, "picture_url",
                 is_picture(col_text(q, 2)) ? arena_printf(cx->arena, "%s?show=1", url) : "");
    val_put_text(one, "remove_url", may_remove ? arena_printf(cx->arena, "%s/delete", url) : "");
}

static enum status names_of(struct ctx *cx, const i64 *who, size_t count, const char **names)
{
    scoped(access_leave) struct access_guard guard = access_enter_system(cx);
    const struct record_type *users = type_find(cx, "user");

    for (size_t i = 0; i < count; i++)
        names[i] = "";
    return users != NULL && count > 0 ? record_titles(cx, users, who, count, names) : OK;
}

enum status files_now(struct ctx *cx, const char **text)
{
    i64 total;

    TRY(db_get_i64(cx, &total, "file.total"));
    *text = arena_printf(cx->arena, "They take %s now.", size_text(cx->arena, total));
    return OK;
}

enum status put_files(struct ctx *cx, const struct row *r, struct val *page)
{
    bool may_add = may_row(cx, r, VERB_UPDATE);
    struct val *files, *list;
    const char *error = "", *names[FILES_MOST];
    i64 who[FILES_MOST];
    size_t count = 0;

    val_put_null(page, "files");
    if (row_type(r)->section == NULL || row_type(r)->flags & (TYPE_SYSTEM | TYPE_NO_UPDATE))
        return OK;
    for (const struct field_error *e = cx->field_errors; e; e = e->next)
        if (text_is(e->field, "file"))
            error = e->message;
    files = val_put_map(page, "files");
    list = val_put_list(files, "rows");
    {
        scoped(stmt_close) struct stmt q = db_query(cx, "file.list", I64("record", row_id(r)));
        for (; count < FILES_MOST && stmt_next(&q); count++) {
            who[count] = col_i64(&q, 5);
            put_file(cx, r, &q, may_add, list);
        }
        TRY(stmt_status(&q));
    }
    TRY(names_of(cx, who, count, names));
    for (size_t i = 0; i < count; i++)
        val_put_text((struct val *)val_at(list, i), "who", names[i]);
    val_put_text(files, "count",
                 val_count(list) ? arena_printf(cx->arena, "%zu", val_count(list)) : "");
    val_put_text(files, "none", val_count(list) ? "" : "No files yet.");
    val_put_text(files, "add_url",
                 may_add ? arena_printf(cx->arena, "%s/file", row_path(cx, r)) : "");
    val_put_text(files, "error", error);
    val_put_i64(files, "most_bytes", FILE_BYTES_MOST);
    val_put_printf(files, "limits", "At most %d MB each.", FILE_BYTES_MOST >> 20);
    return OK;
}

/* ---- requests ---- */
static enum status may_change(struct ctx *cx, const struct row *r)
{
    if (!may_row(cx, r, VERB_UPDATE))
        return ctx_fail(cx, E_FORBIDDEN, "You may read %s, but not change it and its files.",
                        row_title(cx, r));
    return OK;
}

static enum status keep_all(struct req *rq, const struct row *r, size_t *kept)
{
    scoped(tx_end) struct tx tx = tx_begin(rq->cx);
    i64 id;

    *kept = 0;
    TRY(tx.status);
    for (size_t i = 0; i < rq->file_count; i++) {
        const struct http_file *f = &rq->files[i];
        if (f->bytes.len == 0 && text_empty(f->filename)) /* the plain form without a choice */
            continue;
        TRY(file_keep(rq->cx, r, f->filename ? f->filename : "", f->bytes, &id));
        (*kept)++;
    }
    if (*kept == 0)
        return ctx_fail_field(rq->cx, "file", "file.none", "Choose a file first.");
    return tx_commit(&tx);
}

/* POST /{path}/:id/file {file, file ...} -- all of them or none. */
enum status files_post(struct req *rq)
{
    struct ctx *cx = rq->cx;
    struct row *r;
    size_t kept;
    enum status s;

    TRY(req_row(rq, &r));
    TRY(may_change(cx, r));
    s = keep_all(rq, r, &kept);
    if (s == E_INVALID && !rq->wants_json && row_type(r)->flags & TYPE_OWN_DETAIL)
        return reply_not_done(rq, row_path(cx, r));
    if (s == E_INVALID && !rq->wants_json) {
        reply_status(rq, 422);
        return detail_reply(rq, r);
    }
    TRY(s);
    announce_row(cx, r);
    return reply_done(rq, row_path(cx, r), kept == 1 ? "The file is kept." : "The files are kept.");
}

static enum status req_file(struct req *rq, struct row **r, i64 *id)
{
    TRY(req_row(rq, r));
    return req_id(rq, "file", id);
}

/* GET /{path}/:id/file/:file -- a download; with ?show=1 a picture is shown. */
enum status file_get(struct req *rq)
{
    struct ctx *cx = rq->cx;
    const char *type, *tag, *show = req_query(rq, "show");
    struct str bytes;
    struct row *r;
    bool shown;
    i64 id;

    TRY(req_file(rq, &r, &id));
    scoped(stmt_close) struct stmt q =
        db_query(cx, "file.get", I64("id", id), I64("record", row_id(r)));
    if (!stmt_next(&q)) {
        TRY(stmt_status(&q));
        return ctx_fail(cx, E_NOT_FOUND, "There is no such file. It may have been removed.");
    }
    type = arena_text(cx->arena, col_text(&q, 1));
    shown = show[0] != '\0' && is_picture(type);
    reply_header(rq, "Content-Disposition",
                 arena_printf(cx->arena, "%s; filename*=UTF-8''%s", shown ? "inline" : "attachment",
                              http_url_encode(cx->arena, col_text(&q, 0))));
    reply_header(rq, "Content-Security-Policy", "sandbox; default-src 'none'");
    reply_header(rq, "Cache-Control", "private, no-cache");
    tag = arena_printf(cx->arena, "\"%s\"", id_text(cx->arena, id));
    reply_header(rq, "ETag", tag);
    if (rq->header(rq, "If-None-Match") != NULL && text_is(rq->header(rq, "If-None-Match"), tag))
        return reply_text(rq, 304, type, STR(""));
    bytes = col_blob(&q, 2);
    bytes.p = arena_dup(cx->arena, bytes.p, bytes.len);
    return reply_text(rq, 200, shown ? type : "application/octet-stream", bytes);
}

/* POST /{path}/:id/file/:file/delete -- what no other record has is gone for good. */
enum status file_delete(struct req *rq)
{
    struct ctx *cx = rq->cx;
    struct row *r;
    i64 id, changed;

    TRY(req_file(rq, &r, &id));
    TRY(may_change(cx, r));
    TRY(db_run_count(cx, &changed, "file.remove", I64("id", id), I64("record", row_id(r))));
    if (changed == 0)
        return ctx_fail(cx, E_NOT_FOUND, "There is no such file. It may have been removed.");
    TRY(db_run(cx, "file.sweep"));
    announce_row(cx, r);
    return reply_done(rq, row_path(cx, r), "The file is removed.");
}
