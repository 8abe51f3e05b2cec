/* quote_pdf.c -- a quote as a PDF: made when it is asked for until it is signed; then the file of
 * that moment is kept, and served unchanged. */
#include "sales/paper_look.h"
#include "sales/quote_int.h"
#include <sodium.h>

enum status quote_pdf_make(struct ctx *cx, const struct val *paper, struct str *out)
{
    struct paper_look look;
    struct brand brand;

    TRY(brand_read(cx, 0, &brand));
    TRY(paper_look_read(cx, &brand, "Quote", &look));
    return paper_pdf(cx, paper, &look, out);
}

static const char *sha256_of(struct ctx *cx, struct str bytes)
{
    unsigned char hash[crypto_hash_sha256_BYTES];
    char *hex = arena_alloc(cx->arena, sizeof hash * 2 + 1, 1);

    crypto_hash_sha256(hash, (const unsigned char *)bytes.p, bytes.len);
    return sodium_bin2hex(hex, sizeof hash * 2 + 1, hash, sizeof hash);
}

enum status quote_pdf_seal(struct ctx *cx, struct row *quote, const struct val *paper)
{
    struct str pdf;
    const char *hash;

    TRY(quote_pdf_make(cx, paper, &pdf));
    hash = sha256_of(cx, pdf);
    TRY(db_run(cx, "quote.file_put", I64("quote", row_id(quote)), TEXT("hash", hash),
               BLOB("bytes", pdf.p, pdf.len), I64("at", ctx_now(cx))));
    row_set_text(quote, QUOTE_FILE_HASH, hash);
    return OK;
}

static enum status kept(struct ctx *cx, i64 quote_id, const char **hash, struct str *pdf)
{
    scoped(stmt_close) struct stmt q = db_query(cx, "quote.file_get", I64("quote", quote_id));
    struct str bytes;

    if (!stmt_next(&q)) {
        TRY(stmt_status(&q));
        return E_NOT_FOUND;
    }
    *hash = arena_text(cx->arena, col_text(&q, 0));
    bytes = col_blob(&q, 1);
    *pdf = (struct str){ arena_dup(cx->arena, bytes.p, bytes.len), bytes.len };
    return OK;
}

enum status quote_pdf_reply(struct req *rq, const struct row *quote)
{
    struct ctx *cx = rq->cx;
    const char *hash = "", *name;
    struct val *paper;
    struct str pdf;
    enum status s = kept(cx, row_id(quote), &hash, &pdf);

    if (s == E_NOT_FOUND) {
        ctx_clear_error(cx);
        TRY(quote_paper_read(cx, quote, &paper));
        s = quote_pdf_make(cx, paper, &pdf);
    }
    TRY(s);
    name = arena_printf(cx->arena, "inline; filename=\"%s%s.pdf\"", row_text(quote, QUOTE_NUMBER),
                        row_i64(quote, QUOTE_REVISION) > 1
                            ? arena_printf(cx->arena, "-v%d", (int)row_i64(quote, QUOTE_REVISION))
                            : "");
    reply_header(rq, "Content-Disposition", name);
    reply_header(rq, "Cache-Control", "no-store, private");
    if (hash[0])
        reply_header(rq, "ETag", arena_printf(cx->arena, "\"%s\"", hash));
    return reply_text(rq, 200, "application/pdf", pdf);
}
