/* form.c -- lead forms as their maker sees them: the record, what is asked, publishing, and the
 * posts that came. */
#include "marketing/form.h"
#include "base/json.h"
#include "base/utf8.h"
#include "bridge/consent.h"
#include "kit/pages.h"
#include "kit/question.h"

enum { INPUTS_MAX = 40, SLUG_BYTES = 78, SLUGS_TRIED = 50 };

/* Without a builder's help a form asks for these. */
#define FIRST_INPUTS                                                                            \
    "[{\"name\":\"first_name\",\"label\":\"First name\",\"kind\":\"text\",\"required\":false}," \
    "{\"name\":\"last_name\",\"label\":\"Last name\",\"kind\":\"text\",\"required\":false},"    \
    "{\"name\":\"email\",\"label\":\"Work email\",\"kind\":\"email\",\"required\":true},"       \
    "{\"name\":\"company\",\"label\":\"Company\",\"kind\":\"text\",\"required\":false}]"

static const struct field form_fields[] = {
    [FORM_NAME] = { "name", FIELD_TEXT, "Name", REQUIRED | LISTED | SEARCHED, .max_len = 100,
                    .help = "For your team; visitors see the title." },
    [FORM_SLUG] = { "slug", FIELD_TEXT, "Address", LISTED | UNIQUE, .max_len = 80,
                    .help = "The form lives at /f/ and this word. Made from the name when empty." },
    [FORM_STATUS] = { "status", FIELD_CHOICE, "Status", REQUIRED | LISTED | TRACKED,
                      .otherwise = "draft",
                      .choices = CHOICES({ "draft", "Draft", "gray" },
                                         { "published", "Published", "green" }) },
    [FORM_TITLE] = { "title", FIELD_TEXT, "Title", 0, .max_len = 200,
                     .group = "What visitors see" },
    [FORM_INTRO] = { "intro", FIELD_LONG, "Introduction", 0, .max_len = 2000 },
    [FORM_INPUTS] = { "inputs", FIELD_JSON, "Fields", COMPUTED, .otherwise = FIRST_INPUTS },
    [FORM_CONSENT] = { "consent_text", FIELD_LONG, "Consent text", 0, .max_len = 2000,
                       .help = "Shown with a box to tick. The exact wording is kept with every "
                               "submission. Empty: no consent is asked." },
    [FORM_PURPOSE] = { "consent_purpose", FIELD_CHOICE, "Consent is for", 0,
                       .otherwise = "newsletter", .choices_of = topic_choices },
    [FORM_BUTTON] = { "button", FIELD_TEXT, "Button", 0, .max_len = 60, .otherwise = "Send" },
    [FORM_THANKS] = { "thanks", FIELD_LONG, "Thank-you text", 0, .max_len = 2000,
                      .otherwise = "Thank you. We will be in touch soon.", .group = "Afterwards" },
    [FORM_REDIRECT] = { "redirect_url", FIELD_URL, "Or go to this page", 0 },
    [FORM_CAMPAIGN] = { "campaign_id", FIELD_REF, "Campaign", LISTED, .ref = "campaign" },
    [FORM_OWNER] = { "owner_id", FIELD_REF, "Owner", OWNER, .ref = "user", .otherwise = "me" },
    [FORM_LIFECYCLE] = { "makes", FIELD_CHOICE, "Makes a", REQUIRED, .otherwise = "lead",
                         .choices = CHOICES({ "lead", "Lead", "blue" },
                                            { "subscriber", "Subscriber", "gray" }) },
};
_Static_assert(countof(form_fields) == FORM_FIELDS, "enum and table differ");

static const struct field submission_fields[] = {
    [SUBMISSION_FORM] = { "form_id", FIELD_REF, "Form", REQUIRED | LISTED, .ref = "form" },
    [SUBMISSION_CONTACT] = { "contact_id", FIELD_REF, "Contact", LISTED, .ref = "contact" },
    [SUBMISSION_STATUS] = { "status", FIELD_CHOICE, "Status", LISTED | INDEXED,
                            .otherwise = "accepted",
                            .choices = CHOICES({ "accepted", "Accepted", "green" },
                                               { "spam", "Spam", "red" }) },
    [SUBMISSION_REASON] = { "reason", FIELD_TEXT, "Refused because", LISTED, .max_len = 200 },
    [SUBMISSION_EMAIL] = { "email", FIELD_TEXT, "Email given", SEARCHED, .max_len = 320 },
    [SUBMISSION_DATA] = { "data", FIELD_JSON, "Answers", 0 },
    [SUBMISSION_PAGE] = { "page", FIELD_TEXT, "Sent from", LISTED, .max_len = 2000 },
    [SUBMISSION_CONSENT] = { "consent", FIELD_BOOL, "Consented", LISTED },
    [SUBMISSION_CONSENT_TEXT] = { "consent_text", FIELD_LONG, "To this wording", 0 },
    [SUBMISSION_ADDRESS] = { "address", FIELD_TEXT, "IP address", 0, .max_len = 60 },
};
_Static_assert(countof(submission_fields) == SUBMISSION_FIELDS, "enum and table differ");

static const char *slug_of(struct ctx *cx, const char *text)
{
    struct str words = str_from(utf8_search_words(cx->arena, text)), word;
    struct buf b = buf_in(cx->arena, 100);

    while (str_split(&words, ' ', &word) && b.len + word.len < 78) {
        if (b.len)
            buf_char(&b, '-');
        buf_str(&b, word);
    }
    return buf_end(&b);
}

static enum status slug_is_taken(struct ctx *cx, const struct row *r, const char *slug, bool *taken)
{
    i64 other;
    enum status s = db_get_i64(cx, &other, "form.by_slug", TEXT("slug", slug));

    *taken = s == OK && other != row_id(r);
    return s == E_NOT_FOUND ? OK : s;
}

/* From the name, with a number behind it where another form has that address. */
static enum status make_slug(struct ctx *cx, struct row *r)
{
    const char *base = slug_of(cx, row_text(r, FORM_NAME)), *slug = base;
    bool taken = !text_empty(base);

    for (int n = 2; taken && n < SLUGS_TRIED; n++) {
        TRY(slug_is_taken(cx, r, slug, &taken));
        if (taken)
            slug = arena_printf(cx->arena, "%s-%d", base, n);
    }
    row_set_text(r, FORM_SLUG, slug);
    return OK;
}

static enum status form_validate(struct ctx *cx, struct row *r)
{
    if (row_has(r, FORM_SLUG))
        row_set_text(r, FORM_SLUG, slug_of(cx, row_text(r, FORM_SLUG)));
    else
        TRY(make_slug(cx, r));
    if (!row_has(r, FORM_SLUG))
        return ctx_fail_field(cx, "slug", "form.slug",
                              "The address needs a letter or a digit: choose a word for it.");
    if (!row_has(r, FORM_TITLE))
        row_set_text(r, FORM_TITLE, row_text(r, FORM_NAME));
    return OK;
}

struct val *form_inputs(struct ctx *cx, const struct row *form)
{
    struct val *list;

    return json_read(cx->arena, str_from(row_text(form, FORM_INPUTS)), &list, NULL) == OK &&
                   val_kind_of(list) == VAL_LIST
               ? list
               : val_list(cx->arena);
}

/* What may be asked: contact fields by name, and free questions whose answers stay with the
 * submission. */
static const struct input_kind {
    const char *value, *label;
} input_kinds[] = {
    { "text", "One line" },  { "email", "Email" },   { "phone", "Phone" },
    { "long", "Paragraph" }, { "choice", "Choice" }, { "hidden", "Hidden" },
};

/* The name under which an answer is posted: as given, or from the label; no two alike, and none
 * that the form itself uses. In arena. */
static const char *input_name(struct ctx *cx, const struct val *list, const char *given,
                              const char *kind, const char *label)
{
    static const char *const own[] = { "consent", "fw_id", "website_url", "csrf" };
    const char *base = given, *name;
    bool taken = true;

    for (const char *p = base; *p; p++) /* first_name is a name as it stands */
        if (!((*p >= 'a' && *p <= 'z') || (*p >= '0' && *p <= '9') || *p == '_' || *p == '-'))
            base = slug_of(cx, given);
    if (text_empty(base))
        base = text_is(kind, "email")   ? "email"
               : text_is(kind, "phone") ? "phone"
                                        : slug_of(cx, label);
    if (text_empty(base))
        base = "field";
    name = base;
    for (int n = 2; taken; n++) {
        taken = false;
        for (size_t i = 0; i < countof(own); i++)
            taken |= text_is(name, own[i]);
        for (size_t i = 0; i < val_count(list); i++)
            taken |= text_is(name, val_get_text(val_at(list, i), "name"));
        if (taken)
            name = arena_printf(cx->arena, "%s-%d", base, n);
    }
    return name;
}

static const char *posted(struct req *rq, const char *what, int row)
{
    return req_form(rq, arena_printf(rq->cx->arena, "%s.%d", what, row));
}

static void read_input(struct req *rq, int row, struct val *list)
{
    struct ctx *cx = rq->cx;
    const char *label = str_dup(cx->arena, str_trim(str_from(posted(rq, "label", row)))),
               *kind = "text", *name;
    struct val *one;

    if (text_empty(label)) /* drops the row */
        return;
    for (size_t i = 0; i < countof(input_kinds); i++)
        if (text_is(input_kinds[i].value, posted(rq, "kind", row)))
            kind = input_kinds[i].value;
    name = input_name(cx, list, posted(rq, "name", row), kind, label);
    one = val_add_map(list);
    val_put_text(one, "name", name);
    val_put_text(one, "label", utf8_cut(cx->arena, label, 200));
    val_put_text(one, "kind", kind);
    val_put_bool(one, "required",
                 text_is(name, "email") || !text_empty(posted(rq, "required", row)));
    val_put_text(one, "choices", utf8_cut(cx->arena, posted(rq, "choices", row), 2000));
}

/* Reads the builder's rows label.N, kind.N, required.N, choices.N, name.N. */
static enum status read_inputs(struct req *rq, struct val *list)
{
    struct ctx *cx = rq->cx;
    bool email = false;

    for (int i = 0; i < INPUTS_MAX; i++)
        read_input(rq, i, list);
    for (size_t i = 0; i < val_count(list); i++) {
        const struct val *in = val_at(list, i);
        email |= text_is(val_get_text(in, "name"), "email");
        if (text_is(val_get_text(in, "kind"), "choice") && text_empty(val_get_text(in, "choices")))
            return ctx_fail_field(cx, "inputs", "form.no_choices",
                                  "%s is a choice, but there is nothing to choose from.",
                                  val_get_text(in, "label"));
    }
    if (!email)
        return ctx_fail_field(
            cx, "inputs", "form.no_email",
            "A lead form needs an email field, or its posts could not be told apart.");
    return OK;
}

static void put_builder(const struct val *inputs, struct val *page)
{
    struct val *rows = val_put_list(page, "inputs");

    for (size_t i = 0; i < val_count(inputs) + 3; i++) { /* three empty rows to add to */
        const struct val *in = val_at(inputs, i);
        struct val *row = val_add_map(rows), *kinds;
        val_put_i64(row, "n", (i64)i);
        val_put_i64(row, "number", (i64)i + 1);
        val_put_text(row, "name", val_get_text(in, "name"));
        val_put_text(row, "label", val_get_text(in, "label"));
        val_put_text(row, "choices", val_get_text(in, "choices"));
        val_put_bool(row, "required", val_get_bool(in, "required"));
        kinds = val_put_list(row, "kinds");
        for (size_t k = 0; k < countof(input_kinds); k++) {
            struct val *one = val_add_map(kinds);
            val_put_text(one, "value", input_kinds[k].value);
            val_put_text(one, "text", input_kinds[k].label);
            val_put_bool(one, "selected", text_is(input_kinds[k].value, val_get_text(in, "kind")));
        }
    }
}

static enum status form_row(struct req *rq, struct row **form)
{
    i64 id;

    TRY(req_id(rq, "id", &id));
    return record_get_named(rq->cx, "form", id, form);
}

static enum status show_builder(struct req *rq, const struct row *form, const struct val *inputs,
                                const char *error)
{
    struct val *page = val_map(rq->cx->arena);

    val_put_printf(page, "title", "Fields of %s", row_text(form, FORM_NAME));
    val_put_text(page, "url", row_path(rq->cx, form));
    val_put_text(page, "error", error);
    put_builder(inputs, page);
    return reply(rq, "form/build", page);
}

/* GET /forms/:id/build */
static enum status form_build(struct req *rq)
{
    struct row *form;

    TRY(form_row(rq, &form));
    return show_builder(rq, form, form_inputs(rq->cx, form), "");
}

/* POST /forms/:id/build */
static enum status form_build_post(struct req *rq)
{
    struct ctx *cx = rq->cx;
    struct val *list = val_list(cx->arena);
    struct row *form;
    enum status s;

    TRY(form_row(rq, &form));
    s = read_inputs(rq, list);
    if (s == OK) {
        row_set_text(form, FORM_INPUTS, json_text(cx->arena, list));
        s = record_save(cx, form);
    }
    if (s == E_INVALID && !rq->wants_json) {
        const char *why = cx->error_text;
        ctx_clear_error(cx);
        reply_status(rq, 422);
        return show_builder(rq, form, list, why);
    }
    TRY(s);
    return reply_done(rq, row_path(cx, form), "Fields saved.");
}

/* POST /forms/:id/publish */
static enum status form_publish(struct req *rq)
{
    struct row *form;

    TRY(form_row(rq, &form));
    row_set_text(form, FORM_STATUS, "published");
    TRY(record_save(rq->cx, form));
    return reply_done(rq, row_path(rq->cx, form), "Published at /f/%s.", row_text(form, FORM_SLUG));
}

static enum status form_detail(struct ctx *cx, const struct row *r, struct val *page)
{
    val_put_bool(page, "published", text_is(row_text(r, FORM_STATUS), "published"));
    val_put_printf(page, "public_url", "/f/%s", row_text(r, FORM_SLUG));
    put_builder(form_inputs(cx, r), page);
    return OK;
}

static bool form_is_draft(struct ctx *cx, const struct row *r)
{
    (void)cx;
    return text_is(row_text(r, FORM_STATUS), "draft");
}

const struct record_type form_type = {
    .name = "form",
    .label = "Form",
    .plural = "Forms",
    .path = "forms",
    .icon = "forms",
    .section = "marketing",
    .menu_order = 20,
    .sort = "-created_at",
    .title = FORM_NAME,
    .fields = form_fields,
    .field_count = FORM_FIELDS,
    .flags = TYPE_COMMENTS,
    .detail_template = "form/detail",
    .empty = "A form turns a visitor into a lead: publish it as a page, or put it on your site as "
             "plain HTML.",
    RELATED({ "submission", "form_id", "Submissions" }),
    ACTIONS({ "publish", "Publish", NULL, true, form_is_draft },
            { "build", "Edit fields", "/forms/:id/build", false, NULL }),
    .validate = form_validate,
    .detail = form_detail,
};
const struct record_type submission_type = {
    .name = "submission",
    .label = "Submission",
    .plural = "Submissions",
    .path = "submissions",
    .icon = "inbox",
    .section = "marketing",
    .menu_order = 21,
    .sort = "-created_at",
    .title = SUBMISSION_EMAIL,
    .fields = submission_fields,
    .field_count = SUBMISSION_FIELDS,
    .flags = TYPE_NO_CREATE | TYPE_NO_UPDATE,
    .empty =
        "Every post of every form, spam included, with the consent that was given and its wording.",
};

static const struct route routes[] = {
    { HTTP_GET, "/forms/:id/build", form_build, NEEDS("form", VERB_UPDATE) },
    { HTTP_POST, "/forms/:id/build", form_build_post, NEEDS("form", VERB_UPDATE) },
    { HTTP_POST, "/forms/:id/publish", form_publish, NEEDS("form", VERB_UPDATE) },
};
static const struct metric metrics[] = {
    { .name = "form_submissions",
      .label = "Form submissions",
      .unit = UNIT_COUNT,
      .team = "marketing",
      .definition = "Form posts in the period that were not spam.",
      .source = METRIC_RECORDS,
      .type = "submission",
      .filter = "status = 'accepted'",
      .aggregate = AGG_COUNT,
      .date = "created_at",
      .channel_path = "contact_id.first_channel",
      .campaign_path = "contact_id.first_campaign" },
};
const struct feature feature_form = {
    .name = "form",
    TYPES(&form_type, &submission_type),
    ROUTES(routes),
    METRICS(metrics),
};
