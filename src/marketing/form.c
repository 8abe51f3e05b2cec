/* form.c -- lead forms and their submissions: the records, publishing, and letting a person's post
 * out of the spam. What is asked is made in form_build.c. */
#include "base/id.h"
#include "base/json.h"
#include "base/utf8.h"
#include "bridge/consent.h"
#include "kit/pages.h"
#include "kit/question.h"
#include "kit/show.h"
#include "marketing/form_count.h"
#include "marketing/form_take.h"

enum { SLUG_BYTES = 78, SLUGS_TRIED = 50 };

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
    [FORM_BRAND] = { "brand_id", FIELD_REF, "Brand", 0, .ref = "brand",
                     .help = "Logo, colours and letters. Empty: the default brand." },
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
    [FORM_POPS_UP] = { "pops_up", FIELD_BOOL, "Pops up", COMPUTED, .otherwise = "false" },
    [FORM_LIFECYCLE] = { "makes", FIELD_CHOICE, "Makes a", REQUIRED, .otherwise = "lead",
                         .choices = CHOICES({ "lead", "Lead", "blue" },
                                            { "subscriber", "Subscriber", "gray" }) },
    [FORM_TICKET] = { "opens_ticket", FIELD_BOOL, "Opens a ticket", 0, .otherwise = "false",
                      .help = "Whatever is sent with it is a ticket too: for support." },
};
_Static_assert(countof(form_fields) == FORM_FIELDS, "enum and table differ");

static const struct field submission_fields[] = {
    [SUBMISSION_FORM] = { "form_id", FIELD_REF, "Form", REQUIRED | LISTED, .ref = "form" },
    [SUBMISSION_CONTACT] = { "contact_id", FIELD_REF, "Contact", LISTED, .ref = "contact" },
    [SUBMISSION_STATUS] = { "status", FIELD_CHOICE, "Status", LISTED | INDEXED,
                            .otherwise = "accepted",
                            .choices = CHOICES({ "accepted", "Accepted", "green" },
                                               { "held", "Held for a look", "amber" },
                                               { "spam", "Spam", "red" }) },
    [SUBMISSION_REASON] = { "reason", FIELD_TEXT, "Kept back because", LISTED, .max_len = 200 },
    [SUBMISSION_EMAIL] = { "email", FIELD_TEXT, "Email given", SEARCHED, .max_len = 320 },
    [SUBMISSION_DATA] = { "data", FIELD_JSON, "Answers", 0 },
    [SUBMISSION_PAGE] = { "page", FIELD_TEXT, "Sent from", LISTED, .max_len = 2000 },
    [SUBMISSION_CONSENT] = { "consent", FIELD_BOOL, "Consented", LISTED },
    [SUBMISSION_CONSENT_TEXT] = { "consent_text", FIELD_LONG, "To this wording", 0 },
    [SUBMISSION_ADDRESS] = { "address", FIELD_TEXT, "IP address", 0, .max_len = 60 },
    [SUBMISSION_LANGUAGE] = { "language", FIELD_TEXT, "In", 0, .max_len = 35 },
    [SUBMISSION_SOURCE] = { "source", FIELD_TEXT, "Source", LISTED, .max_len = 200 },
    [SUBMISSION_CONSENTS] = { "consents", FIELD_JSON, "Consents", INTERNAL },
    [SUBMISSION_VISITOR] = { "visitor", FIELD_TEXT, "Visitor", INTERNAL, .max_len = 16 },
};
_Static_assert(countof(submission_fields) == SUBMISSION_FIELDS, "enum and table differ");

const char *form_slug(struct ctx *cx, const char *text)
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
    const char *base = form_slug(cx, row_text(r, FORM_NAME)), *slug = base;
    bool taken = !text_empty(base);

    for (int n = 2; taken && n < SLUGS_TRIED; n++) {
        TRY(slug_is_taken(cx, r, slug, &taken));
        if (taken)
            slug = arena_printf(cx->arena, "%s-%d", base, n);
    }
    row_set_text(r, FORM_SLUG, slug);
    return OK;
}

/* What strangers will see was checked when it was saved. */
static enum status check_definition(struct ctx *cx, struct row *r)
{
    struct val *given, *kept;
    const char *look;

    if (!row_is_new(r) && !row_changed(r, FORM_INPUTS))
        return OK;
    if (json_read(cx->arena, str_from(row_text(r, FORM_INPUTS)), &given, NULL) != OK)
        return ctx_fail_field(cx, "inputs", "json", "What the form asks is no JSON.");
    TRY(form_def_check(cx, given, &kept));
    row_set_text(r, FORM_INPUTS, json_text(cx->arena, kept));
    look = val_get_text(val_get(kept, "popup"), "look");
    row_set_i64(r, FORM_POPS_UP, !text_empty(look));
    return OK;
}

static enum status form_validate(struct ctx *cx, struct row *r)
{
    if (row_has(r, FORM_SLUG))
        row_set_text(r, FORM_SLUG, form_slug(cx, row_text(r, FORM_SLUG)));
    else
        TRY(make_slug(cx, r));
    if (!row_has(r, FORM_SLUG))
        return ctx_fail_field(cx, "slug", "form.slug",
                              "The address needs a letter or a digit: choose a word for it.");
    if (!row_has(r, FORM_TITLE))
        row_set_text(r, FORM_TITLE, row_text(r, FORM_NAME));
    return check_definition(cx, r);
}

static enum status form_row(struct req *rq, struct row **form)
{
    i64 id;

    TRY(req_id(rq, "id", &id));
    return record_get_named(rq->cx, "form", id, form);
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

/* What waits for somebody's look: "kept_back" held, spam, url. */
static enum status put_kept_back(struct ctx *cx, const struct row *form, struct val *page)
{
    static const char *const states[] = { "held", "spam" };
    struct val *out = val_put_map(page, "kept_back");
    i64 all = 0;

    val_put_bool(out, "any", false);
    if (access_scope(cx->access, "submission", VERB_READ) == SCOPE_NONE)
        return OK;
    for (size_t i = 0; i < countof(states); i++) {
        const char *filter = arena_printf(cx->arena, "form_id = '%s' and status = '%s'",
                                          id_text(cx->arena, row_id(form)), states[i]);
        i64 n;
        TRY(list_count(cx, &submission_type, filter, "", 0, &n));
        val_put_text(out, states[i], n > 0 ? show_number(cx->arena, n) : "");
        val_put_printf(out, arena_printf(cx->arena, "%s_url", states[i]), "/submissions?filter=%s",
                       http_url_encode(cx->arena, filter));
        all += n;
    }
    val_put_bool(out, "any", all > 0);
    return OK;
}

static enum status form_detail(struct ctx *cx, const struct row *r, struct val *page)
{
    struct val *list = val_put_list(page, "asks");
    struct form_def def;

    TRY(form_def_read(cx, r, &def));
    form_put_tabs(cx, r, "", page);
    val_put_bool(page, "published", text_is(row_text(r, FORM_STATUS), "published"));
    val_put_printf(page, "public_url", "/f/%s", row_text(r, FORM_SLUG));
    for (size_t i = 0; i < def.count; i++) {
        struct val *one = val_add_map(list);
        val_put_text(one, "label", def.asks[i].label);
        val_put_text(one, "name", def.asks[i].name);
        val_put_text(one, "kind", ask_kinds[def.asks[i].kind].label);
        val_put_bool(one, "required", def.asks[i].required);
    }
    TRY(put_kept_back(cx, r, page));
    return form_count_put(cx, row_id(r), 90, page);
}

/* ---- submissions ---- */

static bool is_kept_back(struct ctx *cx, const struct row *r)
{
    (void)cx;
    return !text_is(row_text(r, SUBMISSION_STATUS), "accepted");
}

static bool is_no_spam_yet(struct ctx *cx, const struct row *r)
{
    (void)cx;
    return text_is(row_text(r, SUBMISSION_STATUS), "held");
}

static enum status submission_row(struct req *rq, struct row **r)
{
    i64 id;

    TRY(req_id(rq, "id", &id));
    return record_get(rq->cx, &submission_type, id, r);
}

/* POST /submissions/:id/release -- "not spam": everything that a normal post does. */
static enum status submission_release(struct req *rq)
{
    struct row *r;

    TRY(submission_row(rq, &r));
    TRY(form_release(rq->cx, r));
    return reply_done(rq, row_path(rq->cx, r),
                      "Accepted: the contact is made, and all that follows a post was done.");
}

/* POST /submissions/:id/spam -- of one that was held. */
static enum status submission_spam(struct req *rq)
{
    struct row *r;

    TRY(submission_row(rq, &r));
    if (!is_kept_back(rq->cx, r))
        return ctx_fail(rq->cx, E_CONFLICT,
                        "This was accepted already: delete the contact instead.");
    row_set_text(r, SUBMISSION_STATUS, "spam");
    TRY(record_save(rq->cx, r));
    return reply_done(rq, "/submissions?filter=status+%3D+%27held%27", "Kept as spam.");
}

/* What was answered, in the form's words. */
static enum status submission_detail(struct ctx *cx, const struct row *r, struct val *page)
{
    struct val *data, *list = val_put_list(page, "answers");
    struct form_def def = { 0 };
    struct row *form;
    enum status s;

    if (json_read(cx->arena, str_from(row_text(r, SUBMISSION_DATA)), &data, NULL) != OK)
        data = val_map(cx->arena);
    s = record_get_any(cx, &form_type, row_i64(r, SUBMISSION_FORM), &form);
    if (s == OK)
        TRY(form_def_read(cx, form, &def));
    else
        ctx_clear_error(cx);
    for (size_t i = 0; i < val_count(data); i++) {
        const struct val *v = val_value_at(data, i);
        const struct ask *a = form_def_ask(&def, val_key_at(data, i));
        struct val *one = val_add_map(list);
        val_put_text(one, "label", a && !text_empty(a->label) ? a->label : val_key_at(data, i));
        val_put_text(one, "text",
                     val_kind_of(v) == VAL_LIST ? json_text(cx->arena, v)
                                                : val_print(cx->arena, v));
    }
    val_put_bool(page, "kept_back", is_kept_back(cx, r));
    val_put_text(page, "reason", row_text(r, SUBMISSION_REASON));
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
            { "build", "Edit fields", "/forms/:id/build", false, NULL },
            { "share", "Put it on a site", "/forms/:id/share", false, NULL },
            { "after", "What follows", "/forms/:id/after", false, NULL },
            { "texts", "Translations", "/forms/:id/texts", false, NULL }),
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
    .menu_order = MENU_SELDOM + 21,
    .sort = "-created_at",
    .title = SUBMISSION_EMAIL,
    .fields = submission_fields,
    .field_count = SUBMISSION_FIELDS,
    .flags = TYPE_NO_CREATE | TYPE_NO_UPDATE,
    .detail_template = "form/submission",
    .detail = submission_detail,
    ACTIONS({ "release", "Not spam", NULL, true, is_kept_back },
            { "spam", "Spam", NULL, false, is_no_spam_yet }),
    .empty =
        "Every post of every form, spam included, with the consent that was given and its wording.",
};

static const struct route routes[] = {
    { HTTP_POST, "/forms/:id/publish", form_publish, NEEDS("form", VERB_UPDATE) },
    { HTTP_POST, "/submissions/:id/release", submission_release, NEEDS("submission", VERB_UPDATE) },
    { HTTP_POST, "/submissions/:id/spam", submission_spam, NEEDS("submission", VERB_UPDATE) },
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
