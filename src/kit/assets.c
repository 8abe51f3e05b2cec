/* assets.c -- the browser's files: inside the program, compressed beforehand; in --dev from disk.
 */
#include "kit/web_int.h"
#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

/* Made by tools/assets.py at build time, in order of path. */
extern const struct asset embedded_assets[];
extern const size_t embedded_asset_count;

struct assets {
    const struct asset *list;
    size_t count;
    const char *dev_dir; /* NULL: embedded */
};

enum { DEV_FILE_BYTES = 32 * 1024 * 1024 };

/* A file of the development folder, in arena; a NULL p: not there. */
static struct str read_file(struct arena *a, const char *path)
{
    struct str out = { NULL, 0 };
    struct stat st;
    int fd = open(path, O_RDONLY | O_CLOEXEC);

    if (fd < 0)
        return out;
    if (fstat(fd, &st) == 0 && S_ISREG(st.st_mode) && st.st_size <= DEV_FILE_BYTES) {
        char *p = arena_alloc(a, (size_t)st.st_size + 1, 1);
        ssize_t n = read(fd, p, (size_t)st.st_size);
        if (n >= 0)
            out = (struct str){ p, (size_t)n };
    }
    close(fd);
    return out;
}

/* Lines "logical-name path content-type" of the manifest. */
static enum status read_manifest(struct ctx *cx, struct arena *a, struct assets *as)
{
    struct str text = read_file(a, arena_printf(a, "%s/manifest.txt", as->dev_dir)), line, rest;
    struct asset *list;
    size_t max = 0;

    if (text.p == NULL)
        return ctx_fail(cx, E_IO, "cannot read '%s/manifest.txt'", as->dev_dir);
    for (size_t i = 0; i < text.len; i++)
        max += text.p[i] == '\n';
    list = NEW_N(a, struct asset, max + 1);
    while (str_split(&text, '\n', &line)) {
        struct str name, path;
        rest = line;
        if (!str_split(&rest, ' ', &name) || !str_split(&rest, ' ', &path) || rest.len == 0)
            continue;
        list[as->count].name = str_dup(a, name);
        list[as->count].path = arena_printf(a, "/%.*s", (int)path.len, path.p);
        list[as->count].type = str_dup(a, rest);
        list[as->count++].etag = "";
    }
    as->list = list;
    return OK;
}

enum status assets_open(struct ctx *cx, struct arena *a, const char *dev_dir, struct assets **out)
{
    struct assets *as = NEW(a, struct assets);

    as->list = embedded_assets;
    as->count = embedded_asset_count;
    as->dev_dir = text_empty(dev_dir) ? NULL : dev_dir;
    if (as->dev_dir != NULL) {
        as->count = 0;
        TRY(read_manifest(cx, a, as));
    }
    *out = as;
    return OK;
}

size_t assets_list(const struct assets *as, const struct asset **out)
{
    *out = as->list;
    return as->count;
}

const struct asset *assets_by_path(const struct assets *as, const char *path)
{
    for (size_t i = 0; i < as->count; i++) /* a dozen */
        if (text_is(as->list[i].path, path))
            return &as->list[i];
    return NULL;
}

const struct asset *assets_by_name(const struct assets *as, const char *name)
{
    for (size_t i = 0; i < as->count; i++)
        if (text_is(as->list[i].name, name))
            return &as->list[i];
    return NULL;
}

/* "gzip, br;q=0": is the coding named and not refused? */
static bool accepts(const char *header, const char *coding)
{
    struct str rest = str_from(header != NULL ? header : ""), part, name;

    while (str_split(&rest, ',', &part)) {
        if (!str_split(&part, ';', &name) || !str_equal_fold(str_trim(name), str_from(coding)))
            continue;
        part = str_trim(part);
        return !(str_starts(part, "q=0") && strspn(part.p + 3, ".0") >= part.len - 3);
    }
    return false;
}

static enum status dev_reply(struct req *rq, const struct assets *as, const struct asset *asset)
{
    struct arena *a = rq->cx->arena;
    struct str body = read_file(a, arena_printf(a, "%s%s", as->dev_dir, asset->path));

    if (body.p == NULL)
        return ctx_fail(rq->cx, E_NOT_FOUND, "The file '%s' was not built.", asset->path);
    reply_header(rq, "Cache-Control", "no-store");
    return reply_text(rq, 200, asset->type, body);
}

enum status assets_reply(struct req *rq, const struct assets *as, const struct asset *asset)
{
    const char *asked = rq->header(rq, "Accept-Encoding"), *known = rq->header(rq, "If-None-Match");
    struct str body = { (const char *)asset->plain, asset->plain_bytes };
    const char *coding = NULL;

    /* Scripts of other sites' pages, one of them a module; everything else is for our own. */
    if (strncmp(asset->path, "/assets/", 8) != 0) {
        reply_header(rq, "Cross-Origin-Resource-Policy", "cross-origin");
        reply_header(rq, "Access-Control-Allow-Origin", "*");
    }
    if (as->dev_dir != NULL)
        return dev_reply(rq, as, asset);
    if (asset->brotli != NULL && accepts(asked, "br")) {
        body = (struct str){ (const char *)asset->brotli, asset->brotli_bytes };
        coding = "br";
    } else if (asset->gzip != NULL && accepts(asked, "gzip")) {
        body = (struct str){ (const char *)asset->gzip, asset->gzip_bytes };
        coding = "gzip";
    }
    reply_header(rq, "Cache-Control",
                 asset->hashed ? "public, max-age=31536000, immutable" : "public, max-age=3600");
    reply_header(rq, "Vary", "Accept-Encoding");
    reply_header(rq, "ETag", asset->etag);
    if (known != NULL && strstr(known, asset->etag) != NULL)
        return reply_text(rq, 304, NULL, (struct str){ "", 0 });
    if (coding != NULL)
        reply_header(rq, "Content-Encoding", coding);
    return reply_text(rq, 200, asset->type, body);
}

enum status reply_asset(struct req *rq, const char *logical_name)
{
    const struct asset *asset = assets_by_name(rq->web->assets, logical_name);

    if (asset == NULL)
        return ctx_fail(rq->cx, E_NOT_FOUND, "There is no file '%s'.", logical_name);
    return assets_reply(rq, rq->web->assets, asset);
}

struct str assets_text(const struct assets *as, struct arena *a, const char *logical_name)
{
    const struct asset *asset = assets_by_name(as, logical_name);

    if (asset == NULL)
        return (struct str){ NULL, 0 };
    if (as->dev_dir != NULL)
        return read_file(a, arena_printf(a, "%s%s", as->dev_dir, asset->path));
    return (struct str){ (const char *)asset->plain, asset->plain_bytes };
}

struct str web_asset_text(const struct req *rq, const char *logical_name)
{
    return assets_text(rq->web->assets, rq->cx->arena, logical_name);
}
