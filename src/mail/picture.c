/* picture.c -- uploading pictures, listing them, and serving them to whoever opens a mail. */
#include "mail/picture.h"
#include "base/id.h"
#include "base/utf8.h"
#include "kit/show.h"
#include "kit/web.h"
#include <sodium.h>

enum { SHOWN = 60, NAME_BYTES = 200, KEPT_SECONDS = 365 * 24 * 3600 };

/* Mails are read elsewhere: the whole address. Behind the id its ending, for mail programs. */
static const char *url_of(struct req *rq, i64 id, const char *type)
{
    const char *ending = strchr(type, '/') + 1;

    return arena_printf(rq->cx->arena, "%s/pic/%s.%s", web_public_url(rq),
                        id_text(rq->cx->arena, id), text_is(ending, "jpeg") ? "jpg" : ending);
}

static const char *hash_of(struct ctx *cx, struct str bytes)
{
    unsigned char hash[crypto_generichash_BYTES];
    char *hex = arena_alloc(cx->arena, sizeof hash * 2 + 1, 1);

    crypto_generichash(hash, sizeof hash, (const unsigned char *)bytes.p, bytes.len, NULL, 0);
    return sodium_bin2hex(hex, sizeof hash * 2 + 1, hash, sizeof hash);
}

static enum status check(struct ctx *cx, struct str bytes, struct picture_facts *facts)
{
    if (bytes.len == 0)
        return ctx_fail_field(cx, "file", "picture.none", "Choose a picture first.");
    if (bytes.len > PICTURE_BYTES_MOST)
        return ctx_fail_field(
            cx, "file", "picture.too_large",
            "The picture is larger than %d MB. Mails load it over phones: make it "
            "smaller.",
            PICTURE_BYTES_MOST / 1024 / 1024);
    if (!picture_read(bytes, facts))
        return ctx_fail_field(cx, "file", "picture.kind",
                              "This is no PNG, JPEG or GIF, or it is damaged. Mail programs show "
                              "no others.");
    if (facts->width > PICTURE_SIDE_MOST || facts->height > PICTURE_SIDE_MOST)
        return ctx_fail_field(cx, "file", "picture.too_wide",
                              "The picture is %d by %d pixels; at most %d each way.", facts->width,
                              facts->height, PICTURE_SIDE_MOST);
    return OK;
}

/* The same bytes are the same picture. */
static enum status keep(struct ctx *cx, const struct http_file *file, const struct picture_facts *f,
                        i64 *id)
{
    const char *hash = hash_of(cx, file->bytes), *name = file->filename;
    enum status s = db_get_i64(cx, id, "picture.by_hash", TEXT("hash", hash));

    if (s != E_NOT_FOUND)
        return s;
    ctx_clear_error(cx);
    *id = kit_new_id(cx);
    return db_run(cx, "picture.put", I64("id", *id),
                  TEXT("name", utf8_cut(cx->arena, name ? name : "", NAME_BYTES)),
                  TEXT("type", f->type), TEXT("hash", hash), I64("width", f->width),
                  I64("height", f->height), I64("size", (i64)file->bytes.len),
                  BLOB("bytes", file->bytes.p, file->bytes.len), I64("at", ctx_now(cx)),
                  I64("user", cx->access->user_id));
}

static enum status put_list(struct req *rq, struct val *page)
{
    struct val *list = val_put_list(page, "pictures");
    scoped(stmt_close) struct stmt q = db_query(rq->cx, "picture.latest", I64("limit", SHOWN));

    while (stmt_next(&q)) {
        struct val *one = val_add_map(list);
        const char *name = arena_text(rq->cx->arena, col_text(&q, 1));
        val_put_text(one, "url", url_of(rq, col_i64(&q, 0), col_text(&q, 2)));
        val_put_printf(one, "path", "/pic/%s", id_text(rq->cx->arena, col_i64(&q, 0)));
        val_put_text(one, "name", text_empty(name) ? "Picture" : name);
        val_put_i64(one, "width", col_i64(&q, 3));
        val_put_i64(one, "height", col_i64(&q, 4));
        val_put_printf(one, "size", "%lld KB", (long long)(col_i64(&q, 5) + 1023) / 1024);
    }
    val_put_bool(page, "any", val_count(list) > 0);
    return stmt_status(&q);
}

static enum status show(struct req *rq, const char *error)
{
    struct val *page = val_map(rq->cx->arena);

    val_put_text(page, "title", "Pictures");
    val_put_text(page, "error", error);
    TRY(put_list(rq, page));
    return reply(rq, "picture/list", page);
}

/* GET /pictures -- the latest, to choose from. */
static enum status pictures_get(struct req *rq) { return show(rq, ""); }

/* POST /pictures -- the file "file". */
static enum status pictures_post(struct req *rq)
{
    struct ctx *cx = rq->cx;
    struct http_file none = { .bytes = STR("") };
    const struct http_file *file = rq->file_count ? &rq->files[0] : &none;
    struct picture_facts facts;
    struct val *v;
    i64 id;
    enum status s = check(cx, file->bytes, &facts);

    if (s == E_INVALID && !rq->wants_json) {
        const char *why = cx->field_errors->message;
        ctx_clear_error(cx);
        reply_status(rq, 422);
        return show(rq, why);
    }
    TRY(s);
    TRY(keep(cx, file, &facts, &id));
    if (!rq->wants_json)
        return reply_done(rq, "/pictures", "Kept. Its address is below.");
    v = val_map(cx->arena);
    val_put_text(v, "id", id_text(cx->arena, id));
    val_put_text(v, "url", url_of(rq, id, facts.type));
    val_put_i64(v, "width", facts.width);
    val_put_i64(v, "height", facts.height);
    return reply_json(rq, 200, v);
}

/* GET /pic/:name -- "ID.png": for whoever has the address, as mails are read. */
static enum status pic_get(struct req *rq)
{
    struct ctx *cx = rq->cx;
    const char *name = req_param(rq, "name"), *tag, *type;
    struct str bytes;
    i64 id;

    if (!id_parse((struct str){ name, strcspn(name, ".") }, &id))
        return E_NOT_FOUND;
    scoped(stmt_close) struct stmt q = db_query(cx, "picture.get", I64("id", id));
    if (!stmt_next(&q)) { /* kept by nobody: it may come yet */
        TRY(stmt_status(&q));
        return E_NOT_FOUND;
    }
    tag = arena_printf(cx->arena, "\"%s\"", id_text(cx->arena, id));
    reply_header(rq, "ETag", tag);
    reply_header(rq, "Cache-Control",
                 arena_printf(cx->arena, "public, max-age=%d, immutable", KEPT_SECONDS));
    reply_header(rq, "Cross-Origin-Resource-Policy", "cross-origin");
    reply_header(rq, "Content-Security-Policy", "sandbox; default-src 'none'");
    type = arena_text(cx->arena, col_text(&q, 0));
    if (rq->header(rq, "If-None-Match") != NULL && text_is(rq->header(rq, "If-None-Match"), tag))
        return reply_text(rq, 304, type, STR(""));
    bytes = col_blob(&q, 1);
    bytes.p = arena_dup(cx->arena, bytes.p, bytes.len);
    return reply_text(rq, 200, type, bytes);
}

enum status picture_get(struct ctx *cx, const char *url, struct str *out,
                        struct picture_facts *facts)
{
    const char *name = url ? strstr(url, "/pic/") : NULL;
    struct str bytes;
    i64 id;

    *out = STR("");
    if (name == NULL || !id_parse((struct str){ name + 5, strcspn(name + 5, ".") }, &id))
        return OK;
    scoped(stmt_close) struct stmt q = db_query(cx, "picture.get", I64("id", id));
    if (!stmt_next(&q))
        return stmt_status(&q);
    bytes = col_blob(&q, 1);
    if (picture_read(bytes, facts))
        *out = (struct str){ arena_dup(cx->arena, bytes.p, bytes.len), bytes.len };
    return OK;
}

static const struct route routes[] = {
    { HTTP_GET, "/pictures", pictures_get, NEEDS("mail_content", VERB_READ) },
    { HTTP_POST, "/pictures", pictures_post, NEEDS("mail_content", VERB_UPDATE), ROUTE_UPLOAD,
      "Keeps a picture for mails: PNG, JPEG or GIF, as a file" },
    { HTTP_GET, "/pic/:name", pic_get, .flags = ROUTE_PUBLIC },
};
const struct feature feature_picture = { .name = "picture", ROUTES(routes) };
