/* form_public.c -- lead forms as strangers meet them: a hosted page, plain HTML on any site, or
 * JSON. Each post that is not spam finds or makes the contact, joins it with the visitor that
 * filled the form in, keeps the consent with its wording, and is told to everybody as
 * "form.submitted" - all or nothing. What is taken for spam is kept too, with the reason. */
#include "base/id.h"
#include "base/json.h"
#include "base/limits.h"
#include "base/utf8.h"
#include "bridge/company.h"
#include "bridge/consent.h"
#include "bridge/contact.h"
#include "bridge/identity.h"
#include "kit/web.h"
#include "marketing/collect.h"
#include "marketing/form.h"

enum { ANSWER_BYTES = 5000, CACHE_SECONDS = 60 };

/* A ticked box, however it was sent. Anything else is no consent. */
static bool is_yes(const char *text)
{
    static const char *const words[] = { "yes", "true", "on", "1" };

    for (size_t i = 0; i < countof(words); i++)
        if (str_equal_fold(str_from(text), str_from(words[i])))
            return true;
    return false;
}

/* ---- the page ---- */

static void put_brand(struct ctx *cx, struct val *page)
{
    val_put_text(val_put_map(page, "brand"), "text", setting_text(cx, "workspace.name"));
    val_put_bool(page, "embedded", false);
}

static const char *error_of(struct ctx *cx, const char *name)
{
    for (const struct field_error *e = cx->field_errors; e; e = e->next)
        if (text_is(e->field, name))
            return e->message;
    return "";
}

/* The word that a browser fills the field in by. */
static const char *autocomplete_of(const char *name)
{
    static const struct {
        const char *name, *word;
    } words[] = {
        { "email", "email" },
        { "first_name", "given-name" },
        { "last_name", "family-name" },
        { "company", "organization" },
        { "phone", "tel" },
        { "job_title", "organization-title" },
        { "country", "country-name" },
        { "city", "address-level2" },
    };

    for (size_t i = 0; i < countof(words); i++)
        if (text_is(name, words[i].name))
            return words[i].word;
    return "off";
}

static void put_choices(struct ctx *cx, const char *choices, const char *chosen, struct val *list)
{
    struct str rest = str_from(choices), choice;

    while (str_split(&rest, ',', &choice)) {
        const char *text = str_dup(cx->arena, str_trim(choice));
        if (text_empty(text))
            continue;
        struct val *option = val_add_map(list);
        val_put_text(option, "text", text);
        val_put_bool(option, "selected", text_is(text, chosen));
    }
}

static void put_field(struct ctx *cx, const struct val *in, const char *typed, struct val *list)
{
    const char *kind = val_get_text(in, "kind"), *name = val_get_text(in, "name");
    struct val *one = val_add_map(list);
    bool known = text_is(kind, "long") || text_is(kind, "choice") || text_is(kind, "hidden");

    val_put_bool(val_put_map(one, "is"), known ? kind : "line", true);
    val_put_text(one, "name", name);
    val_put_text(one, "label", val_get_text(in, "label"));
    val_put_bool(one, "required", val_get_bool(in, "required"));
    val_put_text(one, "type",
                 text_is(kind, "email")   ? "email"
                 : text_is(kind, "phone") ? "tel"
                                          : "text");
    val_put_text(one, "autocomplete", autocomplete_of(name));
    val_put_text(one, "value", typed);
    val_put_text(one, "error", error_of(cx, name));
    put_choices(cx, val_get_text(in, "choices"), typed, val_put_list(one, "choices"));
}

/* The form with what was typed, or what the address fills in. */
static void put_public(struct req *rq, const struct row *form, const struct val *typed,
                       struct val *page)
{
    struct ctx *cx = rq->cx;
    const struct val *inputs = form_inputs(cx, form);
    struct val *list = val_put_list(page, "inputs");

    if (row_has(form, FORM_REDIRECT))
        reply_form_leads_to(rq, row_text(form, FORM_REDIRECT));
    put_brand(cx, page);
    val_put_text(page, "title", row_text(form, FORM_TITLE));
    val_put_text(page, "intro", row_text(form, FORM_INTRO));
    val_put_printf(page, "action", "/f/%s", row_text(form, FORM_SLUG));
    val_put_text(page, "button", row_text(form, FORM_BUTTON));
    val_put_text(page, "consent_text", row_text(form, FORM_CONSENT));
    val_put_bool(page, "consent_given", is_yes(val_get_text(typed, "consent")));
    val_put_text(page, "visitor", val_get_text(typed, "fw_id"));
    for (size_t i = 0; i < val_count(inputs); i++)
        put_field(cx, val_at(inputs, i),
                  val_get_text(typed, val_get_text(val_at(inputs, i), "name")), list);
}

static enum status public_form(struct req *rq, struct row **form)
{
    struct ctx *cx = rq->cx;
    i64 id;

    TRY(db_get_i64(cx, &id, "form.by_slug",
                   TEXT("slug", utf8_fold(cx->arena, req_param(rq, "slug")))));
    TRY(record_get_named(cx, "form", id, form));
    return text_is(row_text(*form, FORM_STATUS), "published") ? OK : E_NOT_FOUND;
}

/* The same for everybody, for a minute: ads may send many here at once. */
static void may_be_kept(struct req *rq)
{
    if (text_empty(rq->query_string))
        reply_header(rq, "Cache-Control",
                     arena_printf(rq->cx->arena, "public, max-age=%d", CACHE_SECONDS));
}

/* GET /f/:slug -- the hosted page. ?fw= is the visitor whom a link from an own site brings along;
 * other parameters fill fields in. */
static enum status form_show(struct req *rq)
{
    scoped(access_leave) struct access_guard guard = access_enter_system(rq->cx);
    struct val *page = val_map(rq->cx->arena);
    struct row *form;

    TRY(public_form(rq, &form));
    put_public(rq, form, rq->query, page);
    if (text_empty(val_get_text(page, "visitor")))
        val_put_text(page, "visitor", req_query(rq, "fw"));
    may_be_kept(rq);
    return reply_fragment(rq, "form/public", page);
}

/* GET /f/:slug/thanks */
static enum status form_thanks(struct req *rq)
{
    scoped(access_leave) struct access_guard guard = access_enter_system(rq->cx);
    struct val *page = val_map(rq->cx->arena);
    struct row *form;

    TRY(public_form(rq, &form));
    put_brand(rq->cx, page);
    val_put_text(page, "title", row_text(form, FORM_TITLE));
    val_put_text(page, "thanks", row_text(form, FORM_THANKS));
    may_be_kept(rq);
    return reply_fragment(rq, "form/thanks", page);
}

/* ---- a post ---- */

/* Why a post is not taken for a person's; NULL: it is. `website_url` is a field that people do not
 * see and programs fill in. */
static const char *spam_reason(struct req *rq)
{
    if (!text_empty(req_form(rq, "website_url")))
        return "the hidden field was filled in";
    if (strstr(req_form(rq, "first_name"), "http") || strstr(req_form(rq, "last_name"), "http"))
        return "a link stands in the name";
    return NULL;
}

static bool is_offered(const char *choices, const char *answer)
{
    struct str rest = str_from(choices), choice;

    while (str_split(&rest, ',', &choice))
        if (str_is(str_trim(choice), answer))
            return true;
    return false;
}

static enum status check_answer(struct ctx *cx, const struct val *in, const char *answer)
{
    const char *name = val_get_text(in, "name"), *label = val_get_text(in, "label");

    if (text_empty(answer))
        return val_get_bool(in, "required")
                   ? ctx_fail_field(cx, name, "required", "Please fill in: %s.", label)
                   : OK;
    if (strlen(answer) > ANSWER_BYTES)
        return ctx_fail_field(cx, name, "too_long", "%s is too long: at most %d characters.", label,
                              ANSWER_BYTES);
    if (text_is(val_get_text(in, "kind"), "choice") &&
        !is_offered(val_get_text(in, "choices"), answer))
        return ctx_fail_field(cx, name, "choice.unknown", "Please choose one of: %s.",
                              val_get_text(in, "choices"));
    return OK;
}

/* The answers to what the form asks; all errors at once. What it does not ask is not kept. */
static enum status read_answers(struct req *rq, const struct val *inputs, struct val *data)
{
    struct ctx *cx = rq->cx;
    enum status worst = OK;

    for (size_t i = 0; i < val_count(inputs); i++) {
        const char *name = val_get_text(val_at(inputs, i), "name"),
                   *answer = str_dup(cx->arena, str_trim(str_from(req_form(rq, name))));
        enum status s = check_answer(cx, val_at(inputs, i), answer);
        worst = s == OK ? worst : s;
        if (!text_empty(answer))
            val_put_text(data, val_key(cx->arena, str_from(name)),
                         utf8_cut(cx->arena, answer, ANSWER_BYTES));
    }
    return worst;
}

/* Answers named like a contact's own fields fill what is still empty there: a form never overwrites
 * what is known. */
static enum status fill_contact(struct ctx *cx, struct row *contact, const struct val *data)
{
    static const int known[] = { CONTACT_FIRST, CONTACT_LAST,    CONTACT_PHONE,
                                 CONTACT_JOB,   CONTACT_COUNTRY, CONTACT_CITY };

    for (size_t i = 0; i < countof(known); i++) {
        const char *answer = val_get_text(data, contact_type.fields[known[i]].name);
        if (text_empty(answer) || row_has(contact, known[i]))
            continue;
        if (row_parse(cx, contact, known[i], utf8_cut(cx->arena, answer, 100)) != OK)
            /* a phone number that is none stays with the submission; the lead is worth more */
            ctx_clear_error(cx);
    }
    return OK;
}

/* The company by the mail's domain or by the name that was given; one that is new is made. */
static enum status find_company(struct ctx *cx, struct row *contact, const struct val *data)
{
    const char *domain = company_domain_of(cx, row_text(contact, CONTACT_EMAIL)),
               *name = val_get_text(data, "company");
    struct row *company = NULL;
    enum status s = E_NOT_FOUND;

    if (row_has(contact, CONTACT_COMPANY))
        return OK;
    if (!text_empty(domain))
        s = record_find(cx, &company_type, "domain", domain, &company);
    if (s == E_NOT_FOUND && !text_empty(name))
        s = record_find(cx, &company_type, "name", name, &company);
    if (s == E_NOT_FOUND && !text_empty(name)) {
        company = row_new(cx, &company_type);
        row_set_text(company, COMPANY_NAME, utf8_cut(cx->arena, name, 200));
        row_set_text(company, COMPANY_DOMAIN, domain);
        s = record_save(cx, company);
    }
    if (s == E_NOT_FOUND)
        return OK;
    TRY(s);
    row_set_i64(contact, CONTACT_COMPANY, row_id(company));
    return OK;
}

/* How far the form brings somebody; who is further stays there. */
static void set_lifecycle(struct row *contact, const struct row *form, bool made)
{
    const char *makes = row_text(form, FORM_LIFECYCLE), *is = row_text(contact, CONTACT_LIFECYCLE);

    if (made || (text_is(is, "subscriber") && text_is(makes, "lead")))
        row_set_text(contact, CONTACT_LIFECYCLE, makes);
}

/* A post as it is kept. contact_id 0 and `spam` why: it was taken for spam. */
struct post {
    const struct row *form;
    const struct val *data;
    const char *spam;
    bool consent;
    i64 contact_id;
};

/* The consent with its evidence. The topic may be gone by now: the submission keeps the words. */
static enum status give_consent(struct req *rq, const struct post *p, i64 submission_id)
{
    struct ctx *cx = rq->cx;
    struct consent_evidence e = {
        .contact_id = p->contact_id,
        .topic = row_text(p->form, FORM_PURPOSE),
        .source = "form",
        .wording = row_text(p->form, FORM_CONSENT),
        .address = rq->address,
        .record = arena_printf(cx->arena, "/submissions/%s", id_text(cx->arena, submission_id)),
    };
    enum status s = consent_give(cx, &e, NULL);

    if (s != E_NOT_FOUND)
        return s;
    ctx_clear_error(cx);
    return OK;
}

/* A form that belongs to a campaign credits it where no link did. */
static enum status credit_campaign(struct ctx *cx, struct row *contact, const struct row *form)
{
    struct row *campaign;
    enum status s;

    if (row_has(contact, CONTACT_CAMPAIGN) || !row_has(form, FORM_CAMPAIGN))
        return OK;
    s = record_get_named(cx, "campaign", row_i64(form, FORM_CAMPAIGN), &campaign);
    if (s == E_NOT_FOUND) { /* in the trash by now */
        ctx_clear_error(cx);
        return OK;
    }
    TRY(s);
    row_set_text(contact, CONTACT_CAMPAIGN,
                 row_text(campaign, type_field(row_type(campaign), "code")));
    return OK;
}

static enum status save_contact(struct req *rq, const struct row *form, const struct val *data,
                                struct row **out)
{
    struct ctx *cx = rq->cx;
    struct visitors who = collect_visitors(rq, req_form(rq, "fw_id"));
    struct row *contact;
    bool made;

    TRY(contact_by_email(cx, val_get_text(data, "email"), &contact, &made));
    TRY(fill_contact(cx, contact, data));
    TRY(find_company(cx, contact, data));
    set_lifecycle(contact, form, made);
    TRY(identity_join(cx, contact, who.of_day));
    TRY(identity_join(cx, contact, who.by_id));
    if (made)
        TRY(credit_campaign(cx, contact, form));
    TRY(record_save(cx, contact));
    *out = contact;
    return OK;
}

static enum status save_submission(struct req *rq, const struct post *p, i64 *id)
{
    struct ctx *cx = rq->cx;
    struct row *r = row_new(cx, &submission_type);
    const char *from = rq->header(rq, "referer");

    if (from == NULL || !utf8_valid(str_from(from)))
        from = "";
    row_set_i64(r, SUBMISSION_FORM, row_id(p->form));
    row_set_i64(r, SUBMISSION_CONTACT, p->contact_id);
    row_set_text(r, SUBMISSION_STATUS, p->spam ? "spam" : "accepted");
    row_set_text(r, SUBMISSION_REASON, p->spam ? p->spam : "");
    row_set_text(r, SUBMISSION_EMAIL, utf8_cut(cx->arena, val_get_text(p->data, "email"), 320));
    row_set_text(r, SUBMISSION_DATA, json_text(cx->arena, p->data));
    row_set_text(r, SUBMISSION_PAGE, utf8_cut(cx->arena, from, 2000));
    row_set_i64(r, SUBMISSION_CONSENT, p->consent);
    row_set_text(r, SUBMISSION_CONSENT_TEXT, p->consent ? row_text(p->form, FORM_CONSENT) : "");
    row_set_text(r, SUBMISSION_ADDRESS, rq->address);
    TRY(record_save(cx, r));
    *id = row_id(r);
    return OK;
}

/* All that a person's post does, or nothing. */
static enum status take_post(struct req *rq, struct post *p, struct row *form)
{
    struct ctx *cx = rq->cx;
    struct val *props = val_map(cx->arena);
    scoped(tx_end) struct tx tx = tx_begin(cx);
    struct row *contact;
    i64 id;

    TRY(tx.status);
    TRY(save_contact(rq, form, p->data, &contact));
    p->contact_id = row_id(contact);
    TRY(save_submission(rq, p, &id));
    if (p->consent)
        TRY(give_consent(rq, p, id));
    val_put_text(props, "name", row_text(form, FORM_NAME));
    TRY(journey_note(cx, &(struct journey_note){ .kind = "form_submit",
                                                 .contact_id = p->contact_id,
                                                 .record_id = id,
                                                 .props = props }));
    TRY(happen(cx, &(struct happening){
                       .name = "form.submitted", .row = form, .contact_id = p->contact_id }));
    return tx_commit(&tx);
}

/* What the person who posted sees next. */
static enum status thank(struct req *rq, const struct row *form)
{
    if (rq->wants_json) {
        struct val *v = val_map(rq->cx->arena);
        val_put_text(v, "message", row_text(form, FORM_THANKS));
        return reply_json(rq, 200, v);
    }
    if (row_has(form, FORM_REDIRECT))
        return reply_redirect_out(rq, row_text(form, FORM_REDIRECT));
    return reply_redirect(rq,
                          arena_printf(rq->cx->arena, "/f/%s/thanks", row_text(form, FORM_SLUG)));
}

static enum status show_again(struct req *rq, const struct row *form)
{
    struct val *page = val_map(rq->cx->arena);

    put_public(rq, form, rq->form, page);
    val_put_bool(page, "has_errors", true);
    ctx_clear_error(rq->cx);
    reply_status(rq, 422);
    return reply_fragment(rq, "form/public", page);
}

/* POST /f/:slug */
static enum status form_post(struct req *rq)
{
    struct ctx *cx = rq->cx;
    scoped(access_leave) struct access_guard guard = access_enter_system(cx);
    struct val *data = val_map(cx->arena);
    struct post post = { .data = data, .spam = spam_reason(rq) };
    struct row *form;
    enum status s;
    i64 id;

    if (web_rate_limited(rq->web, "form", rq->address, LIMIT_FORM_POSTS_PER_MINUTE))
        return ctx_fail(
            cx, E_RATE,
            "Too many forms were sent from your network. Please wait a minute and send it again.");
    TRY(public_form(rq, &form));
    post.form = form;
    post.consent = row_has(form, FORM_CONSENT) && is_yes(req_form(rq, "consent"));
    s = read_answers(rq, form_inputs(cx, form), data);
    if (post.spam) { /* kept for review, answered like any other: a program learns nothing */
        ctx_clear_error(cx);
        TRY(save_submission(rq, &post, &id));
        return thank(rq, form);
    }
    if (s == OK)
        s = take_post(rq, &post, form);
    if (s == E_INVALID && !rq->wants_json)
        return show_again(rq, form);
    if (s == E_CONFLICT) /* the same person posted a moment ago: now there is a contact to find */
        return E_RETRY;
    TRY(s);
    return thank(rq, form);
}

static const struct route routes[] = {
    { HTTP_GET, "/f/:slug", form_show, .flags = ROUTE_PUBLIC },
    { HTTP_POST, "/f/:slug", form_post, .flags = ROUTE_PUBLIC | ROUTE_CORS,
      .summary = "Takes a lead form, from a page or as JSON" },
    { HTTP_GET, "/f/:slug/thanks", form_thanks, .flags = ROUTE_PUBLIC },
};
static const struct event_kind kinds[] = {
    { "form_submit", "Form submitted", "forms", KIND_TOUCH, "submission" },
};
const struct feature feature_form_public = {
    .name = "form_public",
    ROUTES(routes),
    EVENT_KINDS(kinds),
};
