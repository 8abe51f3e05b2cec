/* web_reply.c -- the ways to answer: a page, JSON, a redirect with a message. Nothing is sent here:
 * the answer lies in the request until the edge sends it. */
#include "base/json.h"
#include "base/utf8.h"
#include "kit/icons.h"
#include "kit/template.h"
#include "kit/web_int.h"
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <strings.h>

#define FLASH_COOKIE "furrow_flash"
enum { FLASH_SECONDS = 60, FLASH_TEXT_BYTES = 800 };

void reply_status(struct req *rq, int status) { rq->status = status; }

void reply_header(struct req *rq, const char *name, const char *value)
{
    assert(rq->header_count < REQ_HEADERS_MAX - 1);
    rq->headers[rq->header_count++] = (struct http_pair){ name, value };
}

void reply_cookie(struct req *rq, const char *name, const char *value, int max_age_s,
                  bool http_only)
{
    struct buf b = buf_in(rq->cx->arena, LIMIT_HEADER_BYTES);

    buf_printf(&b, "%s=%s; Path=/; SameSite=Lax", name, value);
    if (http_only)
        buf_text(&b, "; HttpOnly");
    if (atomic_load(&rq->web->https))
        buf_text(&b, "; Secure");
    if (max_age_s >= 0)
        buf_printf(&b, "; Max-Age=%d", max_age_s);
    reply_header(rq, "Set-Cookie", buf_end(&b));
}

static enum status put(struct req *rq, int otherwise, const char *type, struct str body)
{
    if (rq->status == 0)
        rq->status = otherwise;
    rq->type = type;
    rq->out = body;
    return OK;
}

enum status reply_text(struct req *rq, int status, const char *type, struct str body)
{
    rq->status = status;
    return put(rq, 200, type, body);
}

enum status reply_empty(struct req *rq) { return put(rq, 204, NULL, (struct str){ "", 0 }); }

struct fixed_reply *fixed_reply_new(int status, const char *type, const char *body,
                                    const struct http_pair *headers)
{
    struct fixed_reply *f = calloc(1, sizeof *f);

    assert(f != NULL);
    f->answer = (struct http_answer){
        .status = status, .type = type, .body = body, .body_bytes = strlen(body), .headers = headers
    };
    f->http = http_fixed_new(&f->answer);
    return f;
}

void fixed_reply_free(void *fixed_reply)
{
    struct fixed_reply *f = fixed_reply;

    if (f != NULL)
        http_fixed_free(f->http);
    free(f);
}

enum status reply_fixed(struct req *rq, const struct fixed_reply *f)
{
    rq->fixed = f;
    rq->status = f->answer.status;
    return put(rq, 200, f->answer.type, (struct str){ f->answer.body, f->answer.body_bytes });
}

enum status reply_json(struct req *rq, int status, const struct val *v)
{
    struct buf b = buf_in(rq->cx->arena, LIMIT_PAGE_BYTES);

    if (status != 0)
        rq->status = status;
    json_write(&b, v);
    if (buf_status(&b) != OK)
        return ctx_fail(rq->cx, E_LIMIT, "The answer is over %d MB. Ask for less at once.",
                        LIMIT_PAGE_BYTES >> 20);
    buf_end(&b);
    return put(rq, 200, "application/json", (struct str){ b.p, b.len });
}

/* ---- pages ---- */
static enum status render(struct req *rq, const char *template, struct val *tree)
{
    struct buf b = buf_in(rq->cx->arena, LIMIT_PAGE_BYTES);

    val_put(tree, "assets", rq->web->asset_tree);
    TRY(template_render(rq->cx, kit_templates(rq->web->o.kit), template, tree, &b));
    buf_end(&b);
    if (rq->web->icons)
        TRY(icons_draw(rq->cx, rq->web->icons, &b));
    return put(rq, 200, "text/html; charset=utf-8", (struct str){ b.p, b.len });
}

static bool as_json(const struct req *rq)
{
    return rq->wants_json || kit_templates(rq->web->o.kit) == NULL;
}

enum status reply(struct req *rq, const char *template, struct val *page)
{
    if (as_json(rq))
        return reply_json(rq, 0, page);
    val_put(page, "shell", web_shell(rq, val_get_text(page, "live")));
    return render(rq, template, page);
}

struct val *web_plain_shell(struct req *rq, const char *csrf)
{
    struct val *shell = val_map(rq->cx->arena);

    val_put_text(shell, "lang", "en");
    val_put_text(shell, "theme", theme_of(rq));
    val_put_text(shell, "csrf", csrf);
    return shell;
}

enum status reply_fragment(struct req *rq, const char *template, struct val *tree)
{
    const struct access *who = rq->cx->access;

    if (as_json(rq))
        return reply_json(rq, 0, tree);
    if (val_get(tree, "shell") == NULL)
        val_put(tree, "shell",
                web_plain_shell(rq, who != NULL && who->csrf != NULL ? who->csrf : ""));
    return render(rq, template, tree);
}

const char *theme_of(const struct req *rq)
{
    const struct access *who = rq->cx->access;
    const char *theme = rq->cookie(rq, "theme");

    if (who != NULL && !text_empty(who->theme))
        theme = who->theme;
    if (theme != NULL && (text_is(theme, "light") || text_is(theme, "dark")))
        return theme;
    return "auto";
}

/* ---- going elsewhere ---- */
/* A header holds ASCII: what else stands in an address is percent-encoded. */
static const char *location_of(struct arena *a, const char *url)
{
    struct buf b = buf_in(a, LIMIT_HEADER_BYTES);

    for (const unsigned char *p = (const unsigned char *)url; *p != '\0'; p++) {
        if (*p <= ' ' || *p >= 0x7f || strchr("\"<>\\^`{|}", *p) != NULL)
            buf_printf(&b, "%%%02X", *p);
        else
            buf_char(&b, (char)*p);
    }
    return buf_end(&b);
}

static enum status go(struct req *rq, const char *url)
{
    const char *to = location_of(rq->cx->arena, url);

    if (rq->is_htmx && rq->header(rq, "HX-Boosted") == NULL) {
        /* A part of a page asked: the whole page goes on, not the part. */
        reply_header(rq, "HX-Redirect", to);
        rq->status = 204;
        return put(rq, 204, NULL, (struct str){ "", 0 });
    }
    reply_header(rq, "Location", to);
    rq->status = 303;
    return put(rq, 303, NULL, (struct str){ "", 0 });
}

enum status reply_redirect(struct req *rq, const char *path)
{
    if (!path_is_local(path))
        return ctx_fail(rq->cx, E_INVALID, "'%s' is no page of this site.", path);
    return go(rq, path);
}

enum status reply_redirect_out(struct req *rq, const char *url)
{
    if (strncasecmp(url, "https://", 8) != 0 && strncasecmp(url, "http://", 7) != 0)
        return ctx_fail(rq->cx, E_INVALID, "'%s' is no web address.", url);
    return go(rq, url);
}

/* ---- the message shown once ---- */
static enum status done(struct req *rq, const char *path, const char *undo, const char *tone,
                        const char *text)
{
    struct arena *a = rq->cx->arena;
    struct val *v;

    if (rq->wants_json) {
        v = val_map(a);
        val_put_text(v, "path", path);
        val_put_text(v, "message", text);
        if (undo[0] != '\0')
            val_put_text(v, "undo", undo);
        return reply_json(rq, 0, v);
    }
    reply_cookie(rq, FLASH_COOKIE,
                 arena_printf(a, "text=%s&undo=%s&tone=%s",
                              http_url_encode(a, utf8_cut(a, text, FLASH_TEXT_BYTES)),
                              http_url_encode(a, undo), tone),
                 FLASH_SECONDS, true);
    return reply_redirect(rq, path);
}

enum status reply_done(struct req *rq, const char *path, const char *fmt, ...)
{
    const char *text;
    va_list args;

    va_start(args, fmt);
    text = arena_vprintf(rq->cx->arena, fmt, args);
    va_end(args);
    return done(rq, path, "", "good", text);
}

enum status reply_done_undo(struct req *rq, const char *path, const char *undo_path,
                            const char *fmt, ...)
{
    const char *text;
    va_list args;

    va_start(args, fmt);
    text = arena_vprintf(rq->cx->arena, fmt, args);
    va_end(args);
    return done(rq, path, undo_path, "good", text);
}

enum status reply_not_done(struct req *rq, const char *path)
{
    struct ctx *cx = rq->cx;
    const char *why = cx->field_errors ? cx->field_errors->message : cx->error_text;

    why = arena_text(cx->arena, why);
    ctx_clear_error(cx);
    return done(rq, path, "", "bad", why);
}

struct val *flash_take(struct req *rq)
{
    struct val *list = val_list(rq->cx->arena), *form, *item;
    const char *cookie = rq->cookie(rq, FLASH_COOKIE);

    if (cookie == NULL || cookie[0] == '\0')
        return list;
    reply_cookie(rq, FLASH_COOKIE, "", 0, true);
    if (http_form_parse(rq->cx, str_from(cookie), &form) != OK) {
        ctx_clear_error(rq->cx); /* not of our making: not shown */
        return list;
    }
    if (val_get_text(form, "text")[0] == '\0')
        return list;
    item = val_add_map(list);
    val_put_text(item, "text", val_get_text(form, "text"));
    val_put_text(item, "tone", text_is(val_get_text(form, "tone"), "bad") ? "bad" : "good");
    if (path_is_local(val_get_text(form, "undo")))
        val_put_text(item, "undo_url", val_get_text(form, "undo"));
    return list;
}
