/* content.c -- a mail's content as a record: what is published, what is being edited, and the way
 * from the one to the other. */
#include "base/json.h"
#include "base/limits.h"
#include "base/utf8.h"
#include "mail/content_page.h"

#define EMPTY_BLOCKS "{\"version\":1,\"frame\":\"card\",\"header\":\"logo\",\"blocks\":[]}"

static const struct field fields[] = {
    [CONTENT_NAME] = { "name", FIELD_TEXT, "Name", REQUIRED | LISTED | SEARCHED, .max_len = 120,
                       .help = "For your team; readers see the subject." },
    [CONTENT_SUBJECT] = { "subject", FIELD_TEXT, "Subject", LISTED | SEARCHED | TRACKED,
                          .max_len = CONTENT_SUBJECT_BYTES,
                          .help = "Fields are fine: {{contact.first_name|there}}." },
    [CONTENT_PREVIEW] = { "preview", FIELD_TEXT, "Preview text", 0, .max_len = 250,
                          .help = "Stands behind the subject in the inbox. 40 to 110 characters." },
    [CONTENT_PURPOSE] = { "purpose", FIELD_CHOICE, "Purpose", REQUIRED | LISTED | INDEXED,
                          .otherwise = "marketing",
                          .choices = CHOICES({ "marketing", "Marketing", "green" },
                                             { "transactional", "Transactional", "blue" },
                                             { "personal", "Personal letter", "violet" }),
                          .help = "Marketing goes to those who agreed, and always says how to "
                                  "unsubscribe." },
    [CONTENT_STATUS] = { "status", FIELD_CHOICE, "Status", LISTED | COMPUTED | INDEXED,
                         .otherwise = "draft",
                         .choices = CHOICES({ "draft", "Draft", "gray" },
                                            { "published", "Published", "green" },
                                            { "changed", "Published, being edited", "amber" }) },
    [CONTENT_BLOCKS] = { "blocks", FIELD_JSON, "Blocks", COMPUTED, .otherwise = EMPTY_BLOCKS },
    [CONTENT_TEMPLATE] = { "is_template", FIELD_BOOL, "Template", LISTED,
                           .help = "Offered to colleagues as a beginning for new mails." },
    [CONTENT_BRAND] = { "brand_id", FIELD_REF, "Brand", 0, .ref = "brand",
                        .help = "Empty: the default brand." },
    [CONTENT_SENDER] = { "sender_id", FIELD_REF, "Sender", 0, .ref = "sender",
                         .help = "Empty: the default sender." },
    [CONTENT_OWNER] = { "owner_id", FIELD_REF, "Owner", LISTED | OWNER, .ref = "user",
                        .otherwise = "me" },
    [CONTENT_PUBLISHED_AT] = { "published_at", FIELD_TIME, "Published", LISTED | COMPUTED },
    [CONTENT_DRAFT] = { "draft", FIELD_JSON, "Draft", INTERNAL },
};
_Static_assert(countof(fields) == CONTENT_FIELDS, "enum and table differ");

/* ---- compiling ---- */
static enum status compile_doc(struct ctx *cx, struct content *c, const struct brand *brand,
                               const char *subject, const char *preview,
                               const struct content_doc *doc)
{
    struct maker m = {
        .cx = cx, .content = c, .brand = brand, .bytes = buf_in(cx->arena, CONTENT_OUT_BYTES)
    };

    c->slots.brand = brand;
    m.to = &c->subject;
    m.where = "Subject";
    TRY(make_merge(&m, subject, PLACE_LINE));
    make_flush(&m);
    m.to = &c->preview;
    m.where = "Preview text";
    TRY(make_merge(&m, preview, PLACE_LINE));
    make_flush(&m);
    m.to = &c->html;
    TRY(content_make_html(&m, doc, subject, preview));
    make_flush(&m);
    m.to = &c->text;
    TRY(content_make_text(&m, doc));
    make_flush(&m);
    for (int i = 0; i < c->html.count; i++)
        c->html_guess += c->html.ops[i].len + 16;
    c->html_guess += 16 * 1024; /* what tracked links are longer by, mostly */
    if (m.bytes.failed || c->html_guess > CONTENT_OUT_BYTES)
        return ctx_fail_field(cx, "blocks", "mail.too_large", "This mail has more than %d bytes.",
                              CONTENT_OUT_BYTES);
    return OK;
}

enum status content_compile_parts(struct ctx *cx, i64 brand_id, const char *subject,
                                  const char *preview, const char *blocks, struct content **out)
{
    struct content *c = NEW(cx->arena, struct content);
    struct brand *brand = NEW(cx->arena, struct brand);
    struct json_error e = { 0 };
    struct content_doc *doc;
    struct val *json;

    if (json_read(cx->arena, str_from(blocks), &json, &e) != OK)
        return ctx_fail_field(cx, "blocks", "mail.block", "The blocks are no JSON: %s at byte %zu.",
                              e.message, e.offset);
    TRY(content_read(cx, json, &doc));
    enum status s = brand_read(cx, brand_id, brand);
    if (s == E_NOT_FOUND) { /* gone since: the default one does */
        ctx_clear_error(cx);
        s = brand_read(cx, 0, brand);
    }
    TRY(s);
    TRY(compile_doc(cx, c, brand, subject, preview, doc));
    *out = c;
    return OK;
}

/* The draft as {subject, preview, blocks}; without one, what is published. */
const struct val *content_draft(struct ctx *cx, const struct row *r)
{
    struct val *json, *blocks;

    if (row_has(r, CONTENT_DRAFT) &&
        json_read(cx->arena, str_from(row_text(r, CONTENT_DRAFT)), &json, NULL) == OK)
        return json;
    json = val_map(cx->arena);
    val_put_text(json, "subject", row_text(r, CONTENT_SUBJECT));
    val_put_text(json, "preview", row_text(r, CONTENT_PREVIEW));
    const char *text = row_has(r, CONTENT_BLOCKS) ? row_text(r, CONTENT_BLOCKS) : EMPTY_BLOCKS;
    if (json_read(cx->arena, str_from(text), &blocks, NULL) != OK)
        blocks = val_map(cx->arena);
    val_put(json, "blocks", blocks);
    return json;
}

enum status content_compile_draft(struct ctx *cx, const struct row *r, struct content **out)
{
    const struct val *d = content_draft(cx, r);

    return content_compile_parts(cx, row_i64(r, CONTENT_BRAND), val_get_text(d, "subject"),
                                 val_get_text(d, "preview"),
                                 json_text(cx->arena, val_get(d, "blocks")), out);
}

enum status content_compile(struct ctx *cx, const struct row *r, struct content **out)
{
    if (text_is(row_text(r, CONTENT_STATUS), "draft") || !row_has(r, CONTENT_BLOCKS))
        return content_compile_draft(cx, r, out);
    return content_compile_parts(cx, row_i64(r, CONTENT_BRAND), row_text(r, CONTENT_SUBJECT),
                                 row_text(r, CONTENT_PREVIEW), row_text(r, CONTENT_BLOCKS), out);
}

bool content_is_personal(const struct row *r)
{
    return text_is(row_text(r, CONTENT_PURPOSE), "personal");
}

/* ---- checking, publishing ---- */
static bool says_something(const struct blocks *blocks)
{
    for (size_t i = 0; i < blocks->count; i++) {
        const struct block *b = &blocks->list[i];
        bool says = (b->kind == BLOCK_TEXT || b->kind == BLOCK_HTML) ? b->html[0] != '\0'
                    : b->kind == BLOCK_IMAGE                         ? b->src[0] != '\0'
                                                                     : b->text[0] || b->name[0];
        for (size_t k = 0; k < b->part_count && !says; k++)
            says = says_something(&b->parts[k]);
        if (says)
            return true;
    }
    return false;
}

/* What may be missing while one is at work, not in what many will read. */
static enum status check_parts(struct ctx *cx, const struct blocks *blocks)
{
    enum status s = OK;

    for (size_t i = 0; i < blocks->count; i++) {
        const struct block *b = &blocks->list[i];
        if (b->kind == BLOCK_IMAGE && b->src[0] && !b->alt[0] && !b->decorative)
            s = ctx_fail_field(cx, "blocks", "mail.no_alt",
                               "%s: say in words what the picture shows, or that it is only "
                               "decoration.",
                               b->where);
        if (b->kind == BLOCK_BUTTON && b->text[0] && !b->href[0])
            s = ctx_fail_field(cx, "blocks", "mail.no_address", "%s: the button leads nowhere.",
                               b->where);
        if (b->kind == BLOCK_IMAGE && !b->src[0])
            s = ctx_fail_field(cx, "blocks", "mail.no_picture", "%s: the picture has no address.",
                               b->where);
        for (size_t k = 0; k < b->part_count; k++)
            if (check_parts(cx, &b->parts[k]) != OK)
                s = E_INVALID;
    }
    return s;
}

/* All that must be there before many people read it. */
static enum status check_complete(struct ctx *cx, i64 brand_id, const char *subject,
                                  const char *blocks, bool to_many)
{
    struct content_doc *doc;
    struct val *json;
    struct brand brand;
    enum status s = OK;

    if (subject[0] == '\0')
        s = ctx_fail_field(cx, "subject", "required", "A mail needs a subject.");
    if (json_read(cx->arena, str_from(blocks), &json, NULL) != OK)
        return ctx_fail_field(cx, "blocks", "mail.block", "The blocks are no JSON.");
    TRY(content_read(cx, json, &doc));
    if (!says_something(&doc->blocks))
        s = ctx_fail_field(cx, "blocks", "mail.empty", "This mail says nothing yet: add a text.");
    if (check_parts(cx, &doc->blocks) != OK)
        s = E_INVALID;
    TRY(brand_read(cx, brand_id, &brand));
    if (to_many && brand.address[0] == '\0')
        s = ctx_fail_field(cx, "brand_id", "mail.no_address",
                           "The brand %s has no postal address. The law wants one at the foot of "
                           "each mail: write it in the brand kit.",
                           brand.name);
    return s;
}

enum status content_ready(struct ctx *cx, const struct row *r)
{
    if (text_is(row_text(r, CONTENT_STATUS), "draft"))
        return ctx_fail_field(cx, "status", "mail.not_published",
                              "%s is a draft. Publish it first.", row_title(cx, r));
    return check_complete(cx, row_i64(r, CONTENT_BRAND), row_text(r, CONTENT_SUBJECT),
                          row_text(r, CONTENT_BLOCKS), true);
}

/* Clean, in one spelling, every field known. */
static enum status normalise(struct ctx *cx, i64 brand_id, const char *subject, const char *preview,
                             const char **blocks)
{
    struct content_doc *doc;
    struct content *c;
    struct val *json;
    struct json_error e = { 0 };

    if (json_read(cx->arena, str_from(*blocks), &json, &e) != OK)
        return ctx_fail_field(cx, "blocks", "mail.block", "The blocks are no JSON: %s at byte %zu.",
                              e.message, e.offset);
    TRY(content_read(cx, json, &doc));
    TRY(content_check_filters(cx, &doc->blocks));
    *blocks = json_text(cx->arena, content_write(cx, doc));
    enum status s = content_compile_parts(cx, brand_id, subject, preview, *blocks, &c);
    if (s == E_INVALID && cx->field_errors == NULL) { /* a {{field}}: where is in its words */
        const char *why = cx->error_text, *code = cx->error_code;
        bool subject_line = str_starts(str_from(why), "Subject");
        ctx_clear_error(cx);
        return ctx_fail_field(cx, subject_line ? "subject" : "blocks", code, "%s", why);
    }
    return s;
}

/* One line, trimmed. */
static const char *content_line(struct ctx *cx, const char *text)
{
    char *line = str_dup(cx->arena, str_trim(str_from(text)));

    for (char *p = line; *p; p++)
        if ((u8)*p < 0x20 || *p == 0x7F)
            *p = ' ';
    return line;
}

enum status content_set_draft(struct ctx *cx, struct row *r, const struct val *draft)
{
    const struct val *blocks = val_get(draft, "blocks");
    const char *subject = content_line(cx, val_get_text(draft, "subject"));
    const char *preview = content_line(cx, val_get_text(draft, "preview"));
    const char *text = json_text(cx->arena, blocks);
    struct val *own = val_map(cx->arena);
    struct val *json;

    if (strlen(subject) > CONTENT_SUBJECT_BYTES)
        return ctx_fail_field(cx, "subject", "text.too_long", "The subject has %zu bytes; %d fit.",
                              strlen(subject), CONTENT_SUBJECT_BYTES);
    if (strlen(preview) > CONTENT_SUBJECT_BYTES)
        return ctx_fail_field(cx, "preview", "text.too_long",
                              "The preview text has %zu bytes; %d fit.", strlen(preview),
                              CONTENT_SUBJECT_BYTES);
    TRY(normalise(cx, row_i64(r, CONTENT_BRAND), subject, preview, &text));
    TRY(json_read(cx->arena, str_from(text), &json, NULL));
    val_put_text(own, "subject", subject);
    val_put_text(own, "preview", preview);
    val_put(own, "blocks", json);
    row_set_text(r, CONTENT_DRAFT, json_text(cx->arena, own));
    if (!text_is(row_text(r, CONTENT_STATUS), "draft"))
        row_set_text(r, CONTENT_STATUS, "changed");
    else /* nobody has seen it: lists and searches know it by these words already */
        row_set_text(r, CONTENT_SUBJECT, subject);
    return OK;
}

enum status content_publish(struct ctx *cx, struct row *r)
{
    const struct val *d = content_draft(cx, r);
    const char *blocks = json_text(cx->arena, val_get(d, "blocks"));

    TRY(normalise(cx, row_i64(r, CONTENT_BRAND), val_get_text(d, "subject"),
                  val_get_text(d, "preview"), &blocks));
    TRY(check_complete(cx, row_i64(r, CONTENT_BRAND), val_get_text(d, "subject"), blocks,
                       text_is(row_text(r, CONTENT_PURPOSE), "marketing")));
    row_set_text(r, CONTENT_SUBJECT, val_get_text(d, "subject"));
    row_set_text(r, CONTENT_PREVIEW, val_get_text(d, "preview"));
    row_set_text(r, CONTENT_BLOCKS, blocks);
    row_clear(r, CONTENT_DRAFT);
    row_set_text(r, CONTENT_STATUS, "published");
    row_set_i64(r, CONTENT_PUBLISHED_AT, ctx_now(cx));
    return record_save(cx, r);
}

static enum status content_validate(struct ctx *cx, struct row *r)
{
    const char *blocks = row_has(r, CONTENT_BLOCKS) ? row_text(r, CONTENT_BLOCKS) : EMPTY_BLOCKS;
    bool draft = text_is(row_text(r, CONTENT_STATUS), "draft");

    if (!row_is_new(r) && !row_changed(r, CONTENT_SUBJECT) && !row_changed(r, CONTENT_PREVIEW) &&
        !row_changed(r, CONTENT_BLOCKS) && !row_changed(r, CONTENT_BRAND))
        return OK;
    TRY(normalise(cx, row_i64(r, CONTENT_BRAND), row_text(r, CONTENT_SUBJECT),
                  row_text(r, CONTENT_PREVIEW), &blocks));
    row_set_text(r, CONTENT_BLOCKS, blocks);
    if (draft && row_has(r, CONTENT_DRAFT) && row_changed(r, CONTENT_SUBJECT)) {
        struct val *d = val_copy(cx->arena, content_draft(cx, r)); /* typed on the record's page */
        val_put_text(d, "subject", row_text(r, CONTENT_SUBJECT));
        row_set_text(r, CONTENT_DRAFT, json_text(cx->arena, d));
    }
    return OK;
}

static bool has_draft(struct ctx *cx, const struct row *r)
{
    (void)cx;
    return !text_is(row_text(r, CONTENT_STATUS), "published");
}

const struct record_type mail_content_type = {
    .name = "mail_content",
    .label = "Email",
    .plural = "Emails",
    .path = "mail-contents",
    .icon = "mail",
    .section = "marketing",
    .menu_order = 13,
    .sort = "-created_at",
    .title = CONTENT_NAME,
    .fields = fields,
    .field_count = CONTENT_FIELDS,
    .flags = TYPE_COMMENTS,
    .empty = "What your mails say: written in blocks, filled in for each reader, checked before "
             "they go. Begin with one of the templates.",
    ACTIONS({ "write", "Write", "/mail-contents/:id/write", true, NULL },
            { "publish", "Publish", NULL, false, has_draft },
            { "copy", "Copy", NULL, false, NULL }),
    .validate = content_validate,
    .detail = content_detail,
    .detail_template = "content/detail",
};

const struct feature feature_content = { .name = "content", TYPES(&mail_content_type) };
