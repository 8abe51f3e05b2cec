/* content_library.c -- ready-made mails: good beginnings that wear the company's own brand. They
 * are used as copies; what colleagues marked as templates stands beside them. */
#include "base/id.h"
#include "base/json.h"
#include "kit/filter.h"
#include "kit/pages.h"
#include "kit/template.h"
#include "mail/content_page.h"

extern const struct template_file mail_library_files[];
extern const size_t mail_library_file_count;

enum { LIBRARY_MAX = 40, OWN_SHOWN = 60 };

/* "mail/library/03_product_news.json" -> "product_news" */
static const char *slug_of(struct arena *a, const char *path)
{
    const char *name = strrchr(path, '/');
    const char *from = name ? strchr(name, '_') : NULL;

    return from ? str_dup(a, (struct str){ from + 1, strlen(from) - 1 - strlen(".json") }) : "";
}

size_t library_read(struct ctx *cx, const struct library_mail **out)
{
    struct library_mail *list = NEW_N(cx->arena, struct library_mail, LIBRARY_MAX);
    size_t count = 0;

    for (size_t i = 0; i < mail_library_file_count && count < LIBRARY_MAX; i++) {
        struct val *json;
        enum status s = json_read(cx->arena, str_from(mail_library_files[i].text), &json, NULL);
        assert(s == OK); /* our own files: a test reads each */
        (void)s;
        list[count].slug = slug_of(cx->arena, mail_library_files[i].path);
        list[count++].json = json;
    }
    *out = list;
    return count;
}

static const struct val *find(struct ctx *cx, const char *slug)
{
    const struct library_mail *all;
    size_t count = library_read(cx, &all);

    for (size_t i = 0; i < count; i++)
        if (text_is(all[i].slug, slug))
            return all[i].json;
    return NULL;
}

enum status library_use(struct ctx *cx, const char *slug, struct row **out)
{
    struct row *r = row_new(cx, &mail_content_type);
    const struct val *json = find(cx, slug);

    if (json == NULL && !text_is(slug, "blank"))
        return ctx_fail(cx, E_NOT_FOUND, "There is no mail '%s' in the library.", slug);
    TRY(row_defaults(cx, r));
    row_set_text(r, CONTENT_NAME, json ? val_get_text(json, "name") : "New mail");
    if (json) {
        row_set_text(r, CONTENT_PURPOSE, val_get_text(json, "purpose"));
        TRY(content_set_draft(cx, r, json));
    }
    TRY(record_save(cx, r));
    *out = r;
    return OK;
}

/* ---- pages ---- */
static enum status own_templates(struct req *rq, struct val *list)
{
    struct list_query q = { .filter = "is_template is true", .sort = "name", .limit = OWN_SHOWN };
    struct list_page page;

    TRY(list_run(rq->cx, &mail_content_type, &q, &page));
    for (size_t i = 0; i < page.count; i++) {
        struct val *one = val_add_map(list);
        const char *path = row_path(rq->cx, page.rows[i]);
        val_put_text(one, "name", row_text(page.rows[i], CONTENT_NAME));
        val_put_text(one, "about", row_text(page.rows[i], CONTENT_SUBJECT));
        val_put_printf(one, "preview_url", "%s/preview", path);
        val_put_printf(one, "use_url", "%s/copy", path);
    }
    return OK;
}

/* GET /mail-contents/library */
static enum status library_get(struct req *rq)
{
    struct ctx *cx = rq->cx;
    struct val *page = val_map(cx->arena), *list, *own;
    const struct library_mail *all;
    size_t count = library_read(cx, &all);

    val_put_text(page, "title", "Email templates");
    content_crumbs(page);
    list = val_put_list(page, "mails");
    for (size_t i = 0; i < count; i++) {
        struct val *one = val_add_map(list);
        val_put_text(one, "name", val_get_text(all[i].json, "name"));
        val_put_text(one, "about", val_get_text(all[i].json, "about"));
        val_put_printf(one, "preview_url", "/mail-contents/library/%s/preview", all[i].slug);
        val_put_printf(one, "use_url", "/mail-contents/library/%s", all[i].slug);
    }
    own = val_put_list(page, "own");
    TRY(own_templates(rq, own));
    val_put_bool(page, "has_own", val_count(own) > 0);
    return reply(rq, "content/library", page);
}

/* GET /mail-contents/library/:slug/preview?brand= */
static enum status library_preview(struct req *rq)
{
    struct ctx *cx = rq->cx;
    const struct val *json = find(cx, req_param(rq, "slug"));
    struct content *c;
    i64 brand_id = 0;

    if (json == NULL)
        return ctx_fail(cx, E_NOT_FOUND, "There is no such mail in the library.");
    if (req_query(rq, "brand")[0] && !id_parse(str_from(req_query(rq, "brand")), &brand_id))
        return ctx_fail(cx, E_INVALID, "This is no brand.");
    TRY(content_compile_parts(cx, brand_id, val_get_text(json, "subject"),
                              val_get_text(json, "preview"),
                              json_text(cx->arena, val_get(json, "blocks")), &c));
    return content_reply_preview(rq, c, text_is(val_get_text(json, "purpose"), "marketing"));
}

/* POST /mail-contents/library/:slug */
static enum status library_post(struct req *rq)
{
    struct row *r;

    TRY(library_use(rq->cx, req_param(rq, "slug"), &r));
    return reply_done(rq, arena_printf(rq->cx->arena, "%s/write", row_path(rq->cx, r)),
                      "A copy of your own: change what you like.");
}

static const struct route routes[] = {
    { HTTP_GET, "/mail-contents/library", library_get, NEEDS("mail_content", VERB_CREATE) },
    { HTTP_GET, "/mail-contents/library/:slug/preview", library_preview,
      NEEDS("mail_content", VERB_READ) },
    { HTTP_POST, "/mail-contents/library/:slug", library_post, NEEDS("mail_content", VERB_CREATE) },
};

static const struct menu_item menu[] = {
    { "marketing", "Email templates", "/mail-contents/library", "book", "mail_content",
      MENU_SELDOM + 14 },
};

const struct feature feature_content_library = { .name = "content_library",
                                                 ROUTES(routes),
                                                 MENU(menu) };
