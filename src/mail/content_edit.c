/* content_edit.c -- writing a mail: the editor with its draft, the preview for any contact, advice,
 * test mails, publishing. The editor in the browser posts JSON; without JavaScript the same blocks
 * are a form. */
#include "base/id.h"
#include "base/json.h"
#include "base/utf8.h"
#include "kit/filter.h"
#include "kit/pages.h"
#include "kit/show.h"
#include "mail/content_page.h"
#include "mail/mail.h"
#include <stdlib.h>

/* A mail's own style and pictures from anywhere, and nothing else. */
#define MAIL_POLICY                                                               \
    "default-src 'none'; style-src 'unsafe-inline'; img-src https: http: data:; " \
    "base-uri 'none'; form-action 'none'; frame-ancestors 'self'"

void content_crumbs(struct val *page)
{
    struct val *one = val_add_map(val_put_list(page, "crumbs"));

    val_put_text(one, "text", "Emails");
    val_put_text(one, "url", "/mail-contents");
}

/* ---- for whom ---- */
enum status content_sample(struct req *rq, const char *id, const struct row **out)
{
    struct ctx *cx = rq->cx;
    const struct record_type *contact = type_find(cx, "contact");
    struct list_query q = { .filter = "email is not empty and company_id is not empty and "
                                      "first_name is not empty",
                            .limit = 1 };
    struct list_page page;
    struct row *r;
    i64 contact_id;

    if (id[0]) {
        if (!id_parse(str_from(id), &contact_id))
            return ctx_fail(cx, E_INVALID, "'%s' is no contact.", utf8_cut(cx->arena, id, 40));
        TRY(record_get(cx, contact, contact_id, &r));
        *out = r;
        return OK;
    }
    if (access_scope(cx->access, "contact", VERB_READ) != SCOPE_NONE) {
        TRY(list_run(cx, contact, &q, &page));
        if (page.count) {
            *out = page.rows[0];
            return OK;
        }
    }
    r = row_new(cx, contact); /* nobody is there yet */
    TRY(row_parse(cx, r, type_field(contact, "first_name"), "Ada"));
    TRY(row_parse(cx, r, type_field(contact, "last_name"), "Example"));
    TRY(row_parse(cx, r, type_field(contact, "email"), "ada@example.com"));
    *out = r;
    return OK;
}

static enum status sample_mail(struct req *rq, const struct content *c, const struct row *contact,
                               bool topic, struct content_mail *out)
{
    const struct access *who = rq->cx->access;
    struct content_for to = {
        .contact = contact,
        .owner_id = 0,
        .sender_name = who->name ? who->name : "",
        .sender_address = who->email ? who->email : "",
        .unsubscribe_url = topic ? "https://example.com/unsubscribe" : NULL,
        .preferences_url = topic ? "https://example.com/preferences" : NULL,
        .archive_url = topic ? "https://example.com/view" : NULL,
    };

    return content_render(rq->cx, c, &to, out);
}

/* Light or dark as asked, whatever the system says. */
static struct str in_look(struct arena *a, const char *html, const char *look)
{
    static const char query[] = "@media (prefers-color-scheme:dark)";
    const char *at = strstr(html, query);
    struct buf b = buf_in(a, CONTENT_OUT_BYTES + 100);

    if (at == NULL || look[0] == '\0')
        return str_from(html);
    buf_add(&b, html, (size_t)(at - html));
    buf_text(&b, text_is(look, "dark") ? "@media all" : "@media not all");
    buf_text(&b, at + sizeof query - 1);
    (void)buf_end(&b);
    return (struct str){ b.p, b.len };
}

enum status content_reply_preview(struct req *rq, const struct content *c, bool topic)
{
    const struct row *contact;
    struct content_mail m;

    TRY(content_sample(rq, req_query(rq, "contact"), &contact));
    TRY(sample_mail(rq, c, contact, topic, &m));
    reply_header(rq, "Content-Security-Policy", MAIL_POLICY);
    if (text_is(req_query(rq, "part"), "text"))
        return reply_text(rq, 200, "text/plain; charset=utf-8", str_from(m.text));
    return reply_text(rq, 200, "text/html; charset=utf-8",
                      in_look(rq->cx->arena, m.html, req_query(rq, "look")));
}

/* ---- one content ---- */
static enum status content_row(struct req *rq, struct row **out)
{
    i64 id;

    TRY(req_id(rq, "id", &id));
    return record_get(rq->cx, &mail_content_type, id, out);
}

static bool is_marketing(const struct row *r)
{
    return text_is(row_text(r, CONTENT_PURPOSE), "marketing");
}

/* GET /mail-contents/:id/preview?contact=&look=&part=&state=published */
static enum status preview_get(struct req *rq)
{
    struct content *c;
    struct row *r;

    TRY(content_row(rq, &r));
    TRY(text_is(req_query(rq, "state"), "published") ? content_compile(rq->cx, r, &c)
                                                     : content_compile_draft(rq->cx, r, &c));
    return content_reply_preview(rq, c, is_marketing(r));
}

/* Checks of the draft, for a sample contact; the mail as it came out. */
static enum status check_draft(struct req *rq, const struct row *r, const char *contact_id,
                               struct val *into)
{
    struct ctx *cx = rq->cx;
    const struct val *d = content_draft(cx, r);
    const struct row *contact;
    struct content_doc *doc;
    struct content_mail m;
    struct content *c;
    int bad;

    TRY(content_read(cx, val_get(d, "blocks"), &doc));
    TRY(content_compile_draft(cx, r, &c));
    TRY(content_sample(rq, contact_id, &contact));
    TRY(sample_mail(rq, c, contact, is_marketing(r), &m));
    val_put(into, "checks", content_check(cx, r, doc, c, &m, &bad));
    val_put_i64(into, "bad", bad);
    val_put_text(into, "shown_subject", m.subject);
    val_put_text(into, "shown_preview", m.preview);
    val_put_i64(into, "bytes", (i64)m.html_bytes);
    return OK;
}

enum status content_detail(struct ctx *cx, const struct row *r, struct val *page)
{
    const char *status = row_text(r, CONTENT_STATUS);

    val_put_bool(page, "is_draft", text_is(status, "draft"));
    val_put_bool(page, "is_changed", text_is(status, "changed"));
    val_put_printf(page, "preview_url", "%s/preview?look=light&state=published", row_path(cx, r));
    val_put_printf(page, "write_url", "%s/write", row_path(cx, r));
    val_put_text(page, "shown_subject", row_text(r, CONTENT_SUBJECT));
    return OK;
}

/* ---- the form without JavaScript ---- */
static const char *const text_keys[] = { "html",   "text",  "src",    "alt",    "href",
                                         "name",   "price", "button", "filter", "width",
                                         "height", "style", "size",   "align" };
static const char *const flag_keys[] = { "wide", "decorative" };

static const char *posted(struct req *rq, const char *path, const char *key)
{
    return req_form(rq, arena_printf(rq->cx->arena, "b.%s.%s", path, key));
}

static bool was_posted(struct req *rq, const char *path, const char *key)
{
    return val_get(rq->form, arena_printf(rq->cx->arena, "b.%s.%s", path, key)) != NULL;
}

struct ordered {
    i64 order;
    struct val *block;
};

static int by_order(const void *a, const void *b)
{
    const struct ordered *x = a, *y = b;

    return (x->order > y->order) - (x->order < y->order);
}

/* A list of blocks with what was typed put in: left out, in another order, with other words. */
static struct val *merge_list(struct req *rq, const struct val *list, const char *prefix, int depth)
{
    struct arena *a = rq->cx->arena;
    size_t count = val_count(list), kept = 0;
    struct ordered *all = NEW_N(a, struct ordered, count + 1);
    struct val *out = val_list(a);

    for (size_t i = 0; i < count && depth < CONTENT_DEPTH; i++) {
        const char *path = arena_printf(a, "%s%zu", prefix, i);
        struct val *b = val_copy(a, val_at(list, i));
        i64 order = (i64)(i + 1) * 10;
        if (text_is(posted(rq, path, "remove"), "true"))
            continue;
        for (size_t k = 0; k < countof(text_keys); k++)
            if (was_posted(rq, path, text_keys[k]))
                val_put_text(b, text_keys[k], posted(rq, path, text_keys[k]));
        for (size_t k = 0; k < countof(flag_keys); k++)
            if (was_posted(rq, path, arena_printf(a, "%s_shown", flag_keys[k])))
                val_put_bool(b, flag_keys[k], text_is(posted(rq, path, flag_keys[k]), "true"));
        static const char *const lists[] = { "blocks", "then", "else" };
        for (size_t k = 0; k < countof(lists); k++)
            if (val_get(b, lists[k]))
                val_put(b, lists[k],
                        merge_list(rq, val_get(b, lists[k]),
                                   arena_printf(a, "%s.%c", path, lists[k][0]), depth + 1));
        if (val_get(b, "columns")) {
            struct val *columns = val_list(a);
            for (size_t k = 0; k < val_count(val_get(b, "columns")); k++)
                val_put(val_add_map(columns), "blocks",
                        merge_list(rq, val_get(val_at(val_get(b, "columns"), k), "blocks"),
                                   arena_printf(a, "%s.%zuc", path, k), depth + 1));
            val_put(b, "columns", columns);
        }
        (void)str_i64(str_trim(str_from(posted(rq, path, "order"))), &order);
        all[kept++] = (struct ordered){ order, b };
    }
    qsort(all, kept, sizeof *all, by_order);
    for (size_t i = 0; i < kept; i++)
        val_add(out, all[i].block);
    return out;
}

static struct val *merge_form(struct req *rq, const struct val *draft)
{
    struct arena *a = rq->cx->arena;
    struct val *out = val_map(a), *doc = val_copy(a, val_get(draft, "blocks")), *list;
    const char *add = req_form(rq, "add");

    val_put_text(out, "subject", req_form(rq, "subject"));
    val_put_text(out, "preview", req_form(rq, "preview"));
    if (val_kind_of(doc) != VAL_MAP)
        doc = val_map(a);
    list = merge_list(rq, val_get(doc, "blocks"), "", 0);
    for (int k = 0; k < BLOCK_KINDS; k++)
        if (text_is(add, block_words[k])) {
            struct val *b = val_add_map(list);
            val_put_text(b, "type", add);
            if (k == BLOCK_COLUMNS) {
                struct val *columns = val_put_list(b, "columns");
                val_put_list(val_add_map(columns), "blocks");
                val_put_list(val_add_map(columns), "blocks");
            }
        }
    val_put(doc, "blocks", list);
    if (req_form(rq, "frame")[0])
        val_put_text(doc, "frame", req_form(rq, "frame"));
    if (req_form(rq, "header")[0])
        val_put_text(doc, "header", req_form(rq, "header"));
    val_put(out, "blocks", doc);
    return out;
}

/* One row of the form for each block, outside before inside. */
static void put_rows(struct ctx *cx, struct val *rows, const struct val *list, const char *prefix,
                     const char *where, int depth)
{
    static const struct {
        const char *type, *label, *keys[6];
    } kinds[] = {
        { "text", "Text", { "html", "size", "align" } },
        { "image", "Picture", { "src", "alt", "href", "width", "align" } },
        { "button", "Button", { "text", "href", "style", "align" } },
        { "columns", "Columns", { NULL } },
        { "box", "Box", { "style" } },
        { "divider", "Line", { NULL } },
        { "spacer", "Space", { "height" } },
        { "social", "Social links", { "align" } },
        { "product", "Product", { "name", "price", "text", "src", "href", "button" } },
        { "if", "Condition", { "filter" } },
        { "html", "HTML", { "html" } },
    };
    static const struct {
        const char *key, *label;
    } labels[] = {
        { "html", "Text, as HTML" },
        { "size", "Size: normal, small or large" },
        { "align", "Align: left, center or right" },
        { "src", "Address of the picture" },
        { "alt", "What it shows, in words" },
        { "href", "Leads to" },
        { "width", "Width in pixels" },
        { "text", "Words" },
        { "style", "Style" },
        { "height", "Height in pixels" },
        { "name", "Name" },
        { "price", "Price" },
        { "button", "Button" },
        { "filter", "When this is true of the contact" },
    };

    for (size_t i = 0; i < val_count(list) && depth < CONTENT_DEPTH; i++) {
        const struct val *b = val_at(list, i);
        const char *path = arena_printf(cx->arena, "%s%zu", prefix, i);
        const char *type = val_get_text(b, "type");
        struct val *row = val_add_map(rows), *inputs;
        size_t kind = 0;
        while (kind + 1 < countof(kinds) && !text_is(kinds[kind].type, type))
            kind++;
        val_put_text(row, "path", path);
        val_put_printf(row, "legend", "%s%zu. %s", where, i + 1, kinds[kind].label);
        val_put_i64(row, "order", (i64)(i + 1) * 10);
        inputs = val_put_list(row, "inputs");
        for (size_t k = 0; k < countof(kinds[kind].keys) && kinds[kind].keys[k]; k++) {
            struct val *in = val_add_map(inputs);
            const char *key = kinds[kind].keys[k];
            val_put_text(in, "key", key);
            val_put_text(in, "value", val_print(cx->arena, val_get(b, key)));
            val_put_bool(in, "area", text_is(key, "html"));
            for (size_t l = 0; l < countof(labels); l++)
                if (text_is(labels[l].key, key))
                    val_put_text(in, "label", labels[l].label);
        }
        val_put_bool(row, "picture", text_is(type, "image"));
        val_put_bool(row, "decorative", val_get_bool(b, "decorative"));
        where = where[0] ? where : "";
        put_rows(cx, rows, val_get(b, "blocks"), arena_printf(cx->arena, "%s.b", path),
                 arena_printf(cx->arena, "%s%zu, in the box, ", where, i + 1), depth + 1);
        put_rows(cx, rows, val_get(b, "then"), arena_printf(cx->arena, "%s.t", path),
                 arena_printf(cx->arena, "%s%zu, when true, ", where, i + 1), depth + 1);
        put_rows(cx, rows, val_get(b, "else"), arena_printf(cx->arena, "%s.e", path),
                 arena_printf(cx->arena, "%s%zu, when not, ", where, i + 1), depth + 1);
        for (size_t k = 0; k < val_count(val_get(b, "columns")); k++)
            put_rows(cx, rows, val_get(val_at(val_get(b, "columns"), k), "blocks"),
                     arena_printf(cx->arena, "%s.%zuc", path, k),
                     arena_printf(cx->arena, "%s%zu, column %zu, ", where, i + 1, k + 1),
                     depth + 1);
    }
}

/* ---- the editor ---- */
static enum status show_editor(struct req *rq, const struct row *r, const struct val *draft,
                               const char *error)
{
    struct ctx *cx = rq->cx;
    struct val *page = val_map(cx->arena), *data, *kinds;
    const struct row *contact;
    const char *path = row_path(cx, r);
    struct brand brand;

    TRY(content_sample(rq, req_query(rq, "contact"), &contact));
    enum status s = brand_read(cx, row_i64(r, CONTENT_BRAND), &brand);
    if (s == E_NOT_FOUND) {
        ctx_clear_error(cx);
        s = brand_read(cx, 0, &brand);
    }
    TRY(s);
    val_put_text(page, "title", row_text(r, CONTENT_NAME));
    content_crumbs(page);
    val_put_text(page, "url", path);
    val_put_i64(page, "version", row_version(r));
    val_put_text(page, "error", error);
    val_put_text(page, "subject", val_get_text(draft, "subject"));
    val_put_text(page, "preview", val_get_text(draft, "preview"));
    val_put_text(page, "frame", val_get_text(val_get(draft, "blocks"), "frame"));
    val_put_text(page, "header", val_get_text(val_get(draft, "blocks"), "header"));
    val_put_text(page, "my_email", cx->access->email ? cx->access->email : "");
    val_put_text(page, "contact", row_id(contact) ? id_text(cx->arena, row_id(contact)) : "");
    val_put_text(page, "contact_name", row_title(cx, contact));
    put_rows(cx, val_put_list(page, "rows"), val_get(val_get(draft, "blocks"), "blocks"), "", "",
             0);
    kinds = val_put_list(page, "kinds");
    for (int k = 0; k < BLOCK_KINDS; k++)
        val_put_text(val_add_map(kinds), "value", block_words[k]);
    data = val_put_map(page, "data");
    val_put_text(data, "url", path);
    val_put_i64(data, "version", row_version(r));
    val_put_text(data, "subject", val_get_text(draft, "subject"));
    val_put_text(data, "preview", val_get_text(draft, "preview"));
    val_put(data, "blocks", val_copy(cx->arena, val_get(draft, "blocks")));
    val_put(data, "fields", merge_menu(cx));
    val_put_text(data, "website", brand.website[0] ? brand.website : "https://example.com");
    val_put_text(data, "contact", val_get_text(page, "contact"));
    TRY(check_draft(rq, r, val_get_text(page, "contact"), page));
    val_put(data, "checks", val_copy(cx->arena, val_get(page, "checks")));
    val_put_text(data, "shown_subject", val_get_text(page, "shown_subject"));
    val_put_text(data, "shown_preview", val_get_text(page, "shown_preview"));
    return reply(rq, "content/edit", page);
}

/* GET /mail-contents/:id/write */
static enum status write_get(struct req *rq)
{
    struct row *r;

    TRY(content_row(rq, &r));
    return show_editor(rq, r, content_draft(rq->cx, r), "");
}

/* What the editor needs after a save, and after somebody else's. */
static enum status reply_draft(struct req *rq, const struct row *r)
{
    struct val *out = val_map(rq->cx->arena);

    val_put_i64(out, "version", row_version(r));
    val_put_text(out, "status", row_text(r, CONTENT_STATUS));
    val_put(out, "draft", val_copy(rq->cx->arena, content_draft(rq->cx, r)));
    const char *contact = req_query(rq, "contact");
    TRY(check_draft(rq, r, contact[0] ? contact : val_get_text(rq->form, "contact"), out));
    return reply_json(rq, 200, out);
}

/* GET /mail-contents/:id/draft, /api/v1/mail-contents/:id/draft */
static enum status draft_get(struct req *rq)
{
    struct row *r;

    TRY(content_row(rq, &r));
    return reply_draft(rq, r);
}

/* POST /mail-contents/:id/draft: JSON {version, subject, preview, blocks}, or the form. */
static enum status draft_post(struct req *rq)
{
    struct ctx *cx = rq->cx;
    bool json = val_kind_of(val_get(rq->form, "blocks")) == VAL_MAP;
    const struct val *draft;
    struct row *r;
    enum status s;

    TRY(content_row(rq, &r));
    draft = json ? rq->form : merge_form(rq, content_draft(cx, r));
    i64 version = val_get_i64(rq->form, "version", 0);
    if (!json)
        (void)str_i64(str_from(req_form(rq, "version")), &version);
    if (version)
        row_expect_version(r, version);
    s = content_set_draft(cx, r, draft);
    if (s == OK)
        s = record_save(cx, r);
    if ((s == E_INVALID || s == E_CONFLICT) && !json && !rq->wants_json) {
        const char *why = cx->field_errors ? cx->field_errors->message : cx->error_text;
        struct row *fresh;
        ctx_clear_error(cx);
        TRY(content_row(rq, &fresh));
        reply_status(rq, 422);
        return show_editor(rq, fresh, draft, why);
    }
    TRY(s);
    if (json || rq->wants_json)
        return reply_draft(rq, r);
    return reply_done(rq, arena_printf(cx->arena, "%s/write", row_path(cx, r)), "Draft saved.");
}

/* POST /mail-contents/:id/publish */
static enum status publish_post(struct req *rq)
{
    struct ctx *cx = rq->cx;
    struct row *r;
    enum status s;

    TRY(content_row(rq, &r));
    s = content_publish(cx, r);
    if (s == E_INVALID && !rq->wants_json) {
        const char *why = cx->field_errors ? cx->field_errors->message : cx->error_text;
        ctx_clear_error(cx);
        TRY(content_row(rq, &r));
        reply_status(rq, 422);
        return show_editor(rq, r, content_draft(cx, r), why);
    }
    TRY(s);
    return reply_done(rq, row_path(cx, r), "Published: what goes out from now on is this.");
}

/* POST /mail-contents/:id/copy */
static enum status copy_post(struct req *rq)
{
    struct ctx *cx = rq->cx;
    struct row *r, *copy = row_new(cx, &mail_content_type);

    TRY(content_row(rq, &r));
    TRY(row_defaults(cx, copy));
    row_set_text(
        copy, CONTENT_NAME,
        utf8_cut(cx->arena, arena_printf(cx->arena, "Copy of %s", row_text(r, CONTENT_NAME)), 120));
    row_set_text(copy, CONTENT_PURPOSE, row_text(r, CONTENT_PURPOSE));
    row_set_i64(copy, CONTENT_BRAND, row_i64(r, CONTENT_BRAND));
    row_set_i64(copy, CONTENT_SENDER, row_i64(r, CONTENT_SENDER));
    TRY(content_set_draft(cx, copy, content_draft(cx, r)));
    TRY(record_save(cx, copy));
    return reply_done(rq, arena_printf(cx->arena, "%s/write", row_path(cx, copy)),
                      "A copy of your own: change what you like.");
}

/* POST /mail-contents/:id/test {to, contact} -- the draft as it is now, to an address of ours. */
static enum status test_post(struct req *rq)
{
    struct ctx *cx = rq->cx;
    const char *to = str_dup(cx->arena, str_trim(str_from(req_form(rq, "to"))));
    const struct row *contact;
    struct content_mail m;
    struct content *c;
    struct row *r;

    TRY(content_row(rq, &r));
    if (to[0] == '\0')
        to = cx->access->email ? cx->access->email : "";
    TRY(content_compile_draft(cx, r, &c));
    TRY(content_sample(rq, req_form(rq, "contact"), &contact));
    TRY(sample_mail(rq, c, contact, is_marketing(r), &m));
    TRY(mail_send(cx,
                  &(struct mail){ .lane = MAIL_LANE_PERSON,
                                  .sender_id = row_i64(r, CONTENT_SENDER),
                                  .to = to,
                                  .subject = arena_printf(cx->arena, "[Test] %s", m.subject),
                                  .html = m.html,
                                  .text = m.text,
                                  .source = "content",
                                  .source_id = row_id(r),
                                  .user_id = cx->access->user_id },
                  NULL));
    return reply_done(rq, arena_printf(cx->arena, "%s/write", row_path(cx, r)),
                      "A test mail is on its way to %s.", to);
}

/* POST /api/v1/mail-contents/:id/render {contact_id, data, draft} -- what one person would read. */
static enum status render_post(struct req *rq)
{
    struct ctx *cx = rq->cx;
    struct val *out = val_map(cx->arena);
    const struct row *contact;
    struct content_mail m;
    struct content *c;
    struct row *r;

    TRY(content_row(rq, &r));
    TRY(val_get_bool(rq->form, "draft") ? content_compile_draft(cx, r, &c)
                                        : content_compile(cx, r, &c));
    TRY(content_sample(rq, val_get_text(rq->form, "contact_id"), &contact));
    struct content_for who = { .contact = contact, .data = val_get(rq->form, "data") };
    TRY(content_render(cx, c, &who, &m));
    val_put_text(out, "subject", m.subject);
    val_put_text(out, "preview", m.preview);
    val_put_text(out, "html", m.html);
    val_put_text(out, "text", m.text);
    return reply_json(rq, 200, out);
}

#define ONE "/mail-contents/:id"
#define API "/api/v1/mail-contents/:id"
static const struct route routes[] = {
    { HTTP_GET, ONE "/write", write_get, NEEDS("mail_content", VERB_UPDATE) },
    { HTTP_GET, ONE "/preview", preview_get, NEEDS("mail_content", VERB_READ) },
    { HTTP_GET, ONE "/draft", draft_get, NEEDS("mail_content", VERB_READ) },
    { HTTP_POST, ONE "/draft", draft_post, NEEDS("mail_content", VERB_UPDATE) },
    { HTTP_POST, ONE "/publish", publish_post, NEEDS("mail_content", VERB_UPDATE) },
    { HTTP_POST, ONE "/copy", copy_post, NEEDS("mail_content", VERB_CREATE) },
    { HTTP_POST, ONE "/test", test_post, NEEDS("mail_content", VERB_UPDATE) },
    { HTTP_GET, API "/draft", draft_get, NEEDS("mail_content", VERB_READ), ROUTE_API,
      "What is being edited: subject, preview text, blocks, and advice" },
    { HTTP_POST, API "/draft", draft_post, NEEDS("mail_content", VERB_UPDATE), ROUTE_API,
      "Replaces the draft: {version, subject, preview, blocks}" },
    { HTTP_POST, API "/publish", publish_post, NEEDS("mail_content", VERB_UPDATE), ROUTE_API,
      "Makes the draft what goes out" },
    { HTTP_POST, API "/render", render_post, NEEDS("mail_content", VERB_READ), ROUTE_API,
      "Subject, HTML and plain text for one contact: {contact_id, data, draft}" },
};

const struct feature feature_content_edit = { .name = "content_edit", ROUTES(routes) };
