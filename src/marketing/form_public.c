/* form_public.c -- lead forms as strangers meet them: a hosted page, a part of any page (embed),
 * plain HTML, or JSON. Each post that passes the guards is taken (form_take.c); what a rule keeps
 * back is kept too, with the reason, and answered like any other: a program learns nothing. */
#include "base/json.h"
#include "base/limits.h"
#include "base/locale.h"
#include "base/utf8.h"
#include "bridge/brand_look.h"
#include "bridge/contact.h"
#include "bridge/segment.h"
#include "journey/journey.h"
#include "kit/filter.h"
#include "kit/notice.h"
#include "kit/template.h"
#include "marketing/arrival.h"
#include "marketing/client.h"
#include "marketing/collect.h"
#include "marketing/form_count.h"
#include "marketing/form_guard.h"
#include "marketing/form_take.h"

enum { CACHE_SECONDS = 60, SEEN_PER_MINUTE = 240, POPUPS_MOST = 20 };

/* ---- the page ---- */

static const char *error_of(struct ctx *cx, const char *name)
{
    for (const struct field_error *e = cx->field_errors; e; e = e->next)
        if (text_is(e->field, name))
            return e->message;
    return "";
}

/* The word that a browser fills the field in by. */
static const char *autocomplete_of(const struct ask *a)
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
        if (text_is(text_empty(a->maps) ? a->name : a->maps, words[i].name))
            return words[i].word;
    return a->kind == ASK_EMAIL ? "email" : a->kind == ASK_PHONE ? "tel" : "off";
}

static bool is_chosen(struct ctx *cx, const struct val *typed, const char *value)
{
    for (size_t i = 0; val_kind_of(typed) == VAL_LIST && i < val_count(typed); i++)
        if (text_is(val_print(cx->arena, val_at(typed, i)), value))
            return true;
    return val_kind_of(typed) != VAL_LIST && text_is(val_print(cx->arena, typed), value);
}

static void put_choice(struct val *list, const char *name, size_t n, const char *value,
                       const char *text, bool selected)
{
    struct val *one = val_add_map(list);

    val_put_printf(one, "id", "i-%s-%zu", name, n);
    val_put_text(one, "value", value);
    val_put_text(one, "text", text);
    val_put_bool(one, "selected", selected);
}

static void put_choices(struct ctx *cx, const struct ask *a, const struct val *typed,
                        const char *language, struct val *list)
{
    const char *const *codes = country_codes();

    for (size_t i = 0; i < a->option_count; i++)
        put_choice(list, a->name, i, a->options[i].value, ask_option_text(a, i, language),
                   is_chosen(cx, typed, a->options[i].value));
    for (size_t i = 0; a->kind == ASK_COUNTRY && a->option_count == 0 && codes[i]; i++)
        put_choice(list, a->name, i, codes[i], country_name_in(cx->arena, codes[i], language),
                   is_chosen(cx, typed, codes[i]));
}

/* Which part of the template draws it. */
static const char *part_of(const struct ask *a)
{
    switch (a->kind) {
    case ASK_LONG:
        return "long";
    case ASK_CHOICE:
        return a->radio ? "radio" : "choice";
    case ASK_COUNTRY:
        return "choice";
    case ASK_CHOICES:
        return "choices";
    case ASK_YESNO:
    case ASK_CONSENT:
        return "check";
    case ASK_HIDDEN:
        return "hidden";
    case ASK_HEADING:
        return "heading";
    case ASK_PARAGRAPH:
        return "paragraph";
    default:
        return "line";
    }
}

static const char *type_of(const struct ask *a)
{
    return a->kind == ASK_EMAIL    ? "email"
           : a->kind == ASK_PHONE  ? "tel"
           : a->kind == ASK_DATE   ? "date"
           : a->kind == ASK_URL    ? "url"
           : a->kind == ASK_NUMBER ? "text"
                                   : "text";
}

static const char *conditions_of(struct ctx *cx, const struct ask *a)
{
    struct val *v = val_map(cx->arena), *list = val_put_list(v, "if");

    if (a->if_count == 0)
        return "";
    val_put_bool(v, "any", a->if_any);
    for (size_t i = 0; i < a->if_count; i++) {
        struct val *one = val_add_list(list);
        val_add_text(one, a->ifs[i].field);
        val_add_text(one, ask_ops[a->ifs[i].op].word);
        val_add_text(one, a->ifs[i].value);
    }
    return json_text(cx->arena, v);
}

static void put_field(struct ctx *cx, const struct ask *a, const struct val *typed,
                      const char *language, struct val *list)
{
    const struct val *v = val_get(typed, a->name);
    struct val *one = val_add_map(list);
    const char *error = error_of(cx, a->name),
               *text = val_print(cx->arena, val_kind_of(v) == VAL_LIST ? val_at(v, 0) : v),
               *help = ask_text(a, "help", language);

    if (v == NULL)
        text = a->otherwise;
    val_put_bool(val_put_map(one, "is"), part_of(a), true);
    val_put_text(one, "name", a->name);
    val_put_text(one, "label", ask_text(a, "label", language));
    val_put_text(one, "help", help);
    val_put_text(one, "placeholder", ask_text(a, "placeholder", language));
    val_put_bool(one, "required", a->required);
    val_put_bool(one, "half", a->half);
    val_put_bool(one, "decimal", a->kind == ASK_NUMBER);
    val_put_text(one, "type", type_of(a));
    val_put_text(one, "autocomplete", autocomplete_of(a));
    val_put_text(one, "value", text);
    val_put_bool(one, "checked", answer_is_yes(text));
    val_put_text(one, "error", error);
    val_put_text(one, "described",
                 !text_empty(error)  ? arena_printf(cx->arena, "e-%s", a->name)
                 : !text_empty(help) ? arena_printf(cx->arena, "h-%s", a->name)
                                     : "");
    val_put_text(one, "conditions", conditions_of(cx, a));
    val_put_text(one, "optional", form_word("optional", language));
    val_put_text(one, "choose", form_word("choose", language));
    put_choices(cx, a, v ? v : val_text(cx->arena, a->otherwise), language,
                val_put_list(one, "choices"));
}

/* The fields in their steps: "steps" [] n, title, fields []. */
static void put_steps(struct ctx *cx, const struct form_def *d, const bool *asked,
                      const struct val *typed, const char *language, struct val *page)
{
    struct val *steps = val_put_list(page, "steps"), *fields = NULL;
    int step = -1;

    for (size_t i = 0; i < d->count; i++) {
        const struct ask *a = &d->asks[i];
        if (a->step != step) {
            struct val *one = val_add_map(steps);
            step = a->step;
            val_put_i64(one, "n", step);
            val_put_text(one, "title", a->kind == ASK_STEP ? ask_text(a, "label", language) : "");
            fields = val_put_list(one, "fields");
        }
        if (asked[i] && a->kind != ASK_STEP)
            put_field(cx, a, typed, language, fields);
    }
    val_put_bool(page, "has_steps", d->steps > 1);
    val_put_text(page, "next_word", form_word("next", language));
    val_put_text(page, "back_word", form_word("back", language));
}

void form_public_put(struct req *rq, const struct row *form, const struct form_def *d,
                     const struct row *contact, const struct val *typed, const char *language,
                     struct val *page)
{
    struct ctx *cx = rq->cx;

    val_put_text(page, "title", form_text(d, "title", language, row_text(form, FORM_TITLE)));
    val_put_text(page, "intro", form_text(d, "intro", language, row_text(form, FORM_INTRO)));
    val_put_printf(page, "action", "/f/%s", row_text(form, FORM_SLUG));
    val_put_text(page, "button", form_text(d, "button", language, row_text(form, FORM_BUTTON)));
    val_put_text(page, "visitor", val_get_text(typed, "fw_id"));
    val_put_text(page, "language", language);
    val_put_text(page, "tips",
                 row_bool(form, FORM_TICKET)
                     ? arena_printf(cx->arena, "%s/js/tips.js", web_public_url(rq))
                     : "");
    val_put_bool(page, "has_errors", cx->field_errors != NULL);
    val_put_text(page, "errors_text", form_word("look", language));
    put_steps(cx, d, form_asked(cx, d, contact), typed, language, page);
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

static const char *language_of(struct req *rq, const struct form_def *d)
{
    const char *asked = req_query(rq, "lang");

    if (text_empty(asked) && rq->form != NULL)
        asked = req_form(rq, "lang");
    return form_language(rq->cx, d, asked, rq->header(rq, "Accept-Language"));
}

/* Whom a first-party id stands for by now; *out NULL: nobody that we know. What is known of them is
 * never shown: it only decides what need not be asked. */
static enum status known_contact(struct ctx *cx, const char *first_party_id, u64 visitor,
                                 struct row **out)
{
    enum person_kind kind;
    enum status s;
    u64 key;
    u32 person;

    *out = NULL;
    if (cx->journey == NULL || !first_party_id_is(first_party_id))
        return OK;
    person = journey_person_find(cx->journey, PERSON_VISITOR, visitor);
    if (person == 0 || !journey_person_key(cx->journey, person, &kind, &key) ||
        kind != PERSON_CONTACT)
        return OK;
    s = record_get(cx, &contact_type, (i64)key, out);
    if (s == E_NOT_FOUND) {
        ctx_clear_error(cx);
        *out = NULL;
        return OK;
    }
    return s;
}

/* The same for everybody who speaks that language, for a minute: ads may send many here at once. */
static void may_be_kept(struct req *rq)
{
    if (!text_empty(rq->query_string))
        return;
    reply_header(rq, "Cache-Control",
                 arena_printf(rq->cx->arena, "public, max-age=%d", CACHE_SECONDS));
    reply_header(rq, "Vary", "Accept, Accept-Language, HX-Request");
}

static enum status put_shell(struct req *rq, const struct row *form, const char *language,
                             struct val *page)
{
    struct val *shell = web_plain_shell(rq, "");

    val_put_text(shell, "lang", language);
    val_put_text(shell, "dir", form_direction(language));
    val_put(page, "shell", shell);
    return brand_put_page(rq, row_i64(form, FORM_BRAND), page);
}

/* GET /f/:slug -- the hosted page. ?fw= is the visitor whom a link from an own site brings along,
 * ?lang= a language; other parameters fill fields in. */
static enum status form_show(struct req *rq)
{
    scoped(access_leave) struct access_guard guard = access_enter_system(rq->cx);
    struct ctx *cx = rq->cx;
    struct val *page = val_map(cx->arena);
    const char *fw = req_query(rq, "fw"), *language;
    struct row *form, *contact;
    struct form_def def;

    TRY(public_form(rq, &form));
    TRY(form_def_read(cx, form, &def));
    TRY(known_contact(cx, fw, collect_visitors(rq, fw).by_id, &contact));
    language = language_of(rq, &def);
    form_public_put(rq, form, &def, contact, rq->query, language, page);
    TRY(put_shell(rq, form, language, page));
    if (text_empty(val_get_text(page, "visitor")))
        val_put_text(page, "visitor", fw);
    if (row_has(form, FORM_REDIRECT))
        reply_form_leads_to(rq, row_text(form, FORM_REDIRECT));
    may_be_kept(rq);
    return reply_fragment(rq, "form/public", page);
}

static void put_thanks(struct ctx *cx, const struct row *form, const struct form_def *d,
                       const char *language, struct val *page)
{
    const struct val *download = form_follows(d, "download"), *next = form_follows(d, "form");
    const char *text = val_get_text(download, "text");

    val_put_text(page, "thanks", form_text(d, "thanks", language, row_text(form, FORM_THANKS)));
    val_put_text(page, "download_url", val_get_text(download, "url"));
    val_put_text(page, "download_text", text_empty(text) ? val_get_text(download, "url") : text);
    val_put_text(page, "next_url",
                 next ? arena_printf(cx->arena, "/f/%s", val_get_text(next, "slug")) : "");
    val_put_text(page, "next_text", form_word("next", language));
}

/* GET /f/:slug/thanks */
static enum status form_thanks(struct req *rq)
{
    scoped(access_leave) struct access_guard guard = access_enter_system(rq->cx);
    struct val *page = val_map(rq->cx->arena);
    const char *language;
    struct row *form;
    struct form_def def;

    TRY(public_form(rq, &form));
    TRY(form_def_read(rq->cx, form, &def));
    language = language_of(rq, &def);
    val_put_text(page, "title", form_text(&def, "title", language, row_text(form, FORM_TITLE)));
    put_thanks(rq->cx, form, &def, language, page);
    TRY(put_shell(rq, form, language, page));
    may_be_kept(rq);
    return reply_fragment(rq, "form/thanks", page);
}

/* ---- a part of any page ---- */

/* GET /f/:slug/embed?lang=&q=&fw= -- the form for the script on somebody's page: markup, style and
 * a challenge. q: the page's own query, whose parameters fill fields in. */
static enum status form_embed(struct req *rq)
{
    scoped(access_leave) struct access_guard guard = access_enter_system(rq->cx);
    struct ctx *cx = rq->cx;
    struct val *tree = val_map(cx->arena), *out = val_map(cx->arena), *typed;
    struct buf html = buf_in(cx->arena, LIMIT_PAGE_BYTES);
    const char *fw = req_query(rq, "fw"), *language, *css;
    struct row *form, *contact;
    struct form_def def;

    TRY(public_form(rq, &form));
    TRY(form_def_read(cx, form, &def));
    TRY(known_contact(cx, fw, collect_visitors(rq, fw).by_id, &contact));
    if (http_form_parse(cx, str_from(req_query(rq, "q")), &typed) != OK) {
        ctx_clear_error(cx);
        typed = val_map(cx->arena);
    }
    language = language_of(rq, &def);
    form_public_put(rq, form, &def, contact, typed, language, tree);
    val_put_text(tree, "visitor", first_party_id_is(fw) ? fw : "");
    TRY(template_render(cx, kit_templates(cx->kit), "form/embed", tree, &html));
    val_put_text(out, "html", buf_end(&html));
    val_put_text(out, "lang", language);
    val_put_text(out, "dir", form_direction(language));
    val_put_text(out, "close", form_word("close", language));
    TRY(brand_dress(rq, row_i64(form, FORM_BRAND), "form_css", ".fw", &css));
    val_put_text(out, "css", css);
    if (guard_challenge(rq, row_id(form), out) !=
        OK) /* the form shows all the same; its post waits */
        ctx_clear_error(cx);
    reply_header(rq, "Cache-Control", "no-store");
    return reply_json(rq, 200, out);
}

/* GET /f/:slug/challenge */
static enum status form_challenge(struct req *rq)
{
    scoped(access_leave) struct access_guard guard = access_enter_system(rq->cx);
    struct val *out = val_map(rq->cx->arena);
    struct row *form;

    TRY(public_form(rq, &form));
    TRY(guard_challenge(rq, row_id(form), out));
    reply_header(rq, "Cache-Control", "no-store");
    return reply_json(rq, 200, out);
}

/* POST /f/:slug/seen -- {what: "view" or "start", page, from}: counted, nothing else. */
static enum status form_seen(struct req *rq)
{
    scoped(access_leave) struct access_guard guard = access_enter_system(rq->cx);
    struct ctx *cx = rq->cx;
    const char *agent = rq->header(rq, "User-Agent");
    struct val *body;
    struct row *form;
    bool view;

    if (web_rate_limited(rq->web, "form.seen", rq->address, SEEN_PER_MINUTE))
        return ctx_fail(cx, E_RATE, "Your network looks at very many forms. Wait a minute.");
    TRY(public_form(rq, &form));
    if (json_read(cx->arena, rq->body, &body, NULL) != OK)
        return ctx_fail(cx, E_INVALID, "Send {\"what\": \"view\"} as JSON.");
    view = text_is(val_get_text(body, "what"), "view");
    if (!view && !text_is(val_get_text(body, "what"), "start"))
        return ctx_fail(cx, E_INVALID, "A form is seen (view) or begun (start).");
    if (agent != NULL && !client_of(agent).bot)
        form_count(cx, row_id(form),
                   form_source(cx, val_get_text(body, "page"), val_get_text(body, "from")),
                   view ? FORM_VIEWED : FORM_STARTED);
    return reply_empty(rq);
}

/* ---- pop-ups ---- */

/* "/pricing*" or several with commas or lines between; "" is every page. */
static bool page_fits(struct ctx *cx, const char *patterns, const char *path, bool otherwise)
{
    struct str rest = str_from(patterns), part;
    bool any = false;

    for (;;) {
        size_t len = 0;
        while (len < rest.len && rest.p[len] != ',' && rest.p[len] != '\n')
            len++;
        part = str_trim((struct str){ rest.p, len });
        any |= part.len > 0;
        if (part.len > 0 && text_like(str_dup(cx->arena, part), path))
            return true;
        if (len >= rest.len)
            break;
        rest = (struct str){ rest.p + len + 1, rest.len - len - 1 };
    }
    return any ? false : otherwise;
}

/* Whether it is for this visitor: in the segment, if it names one that there is. */
static enum status is_for(struct ctx *cx, const char *slug, const struct row *contact, bool *out)
{
    struct row *segment;
    enum status s;

    *out = text_empty(slug);
    if (*out || contact == NULL)
        return OK;
    s = record_find(cx, &segment_type, "slug", slug, &segment);
    if (s == E_NOT_FOUND) {
        ctx_clear_error(cx);
        return OK;
    }
    TRY(s);
    return segment_has(cx, row_id(segment), row_id(contact), out);
}

static enum status put_popup(struct req *rq, const struct row *form, const char *path,
                             const struct row *contact, struct val *list)
{
    struct ctx *cx = rq->cx;
    const char *look, *pages, *not_pages;
    struct form_def def;
    struct val *one;
    bool fits;

    TRY(form_def_read(cx, form, &def));
    look = val_get_text(def.popup, "look");
    pages = val_get_text(def.popup, "pages");
    not_pages = val_get_text(def.popup, "not_pages");
    if (text_empty(look) || !page_fits(cx, pages, path, true) ||
        page_fits(cx, not_pages, path, false))
        return OK;
    TRY(is_for(cx, val_get_text(def.popup, "segment"), contact, &fits));
    if (!fits)
        return OK;
    one = val_add_map(list);
    val_put_text(one, "slug", row_text(form, FORM_SLUG));
    val_put_text(one, "look", look);
    val_put_i64(one, "after", val_get_i64(def.popup, "after_s", 0));
    val_put_i64(one, "scroll", val_get_i64(def.popup, "scroll", 0));
    val_put_bool(one, "exit", val_get_bool(def.popup, "exit"));
    val_put_bool(one, "top", val_get_bool(def.popup, "top"));
    val_put_i64(one, "days", val_get_i64(def.popup, "days", 30));
    return OK;
}

/* GET /f/-/popups?page=&fw= -- which pop-ups may show on a page to this visitor. Whether somebody
 * is in a segment shows only in what they are shown; who is asked about by no id of theirs gets
 * what strangers get. */
static enum status form_popups(struct req *rq)
{
    scoped(access_leave) struct access_guard guard = access_enter_system(rq->cx);
    struct ctx *cx = rq->cx;
    struct val *out = val_map(cx->arena), *list = val_put_list(out, "popups");
    const char *fw = req_query(rq, "fw"), *url = req_query(rq, "page"), *path = "/";
    struct list_page forms;
    struct address page;
    struct row *contact;

    if (web_rate_limited(rq->web, "form.popups", rq->address, SEEN_PER_MINUTE))
        return ctx_fail(cx, E_RATE, "Your network looks at very many pages. Wait a minute.");
    if (address_read(cx->arena, str_from(url), &page))
        path = str_dup(cx->arena, page.path);
    TRY(known_contact(cx, fw, collect_visitors(rq, fw).by_id, &contact));
    TRY(list_run(cx, &form_type,
                 &(struct list_query){ .filter = "status = 'published' and pops_up = true",
                                       .limit = POPUPS_MOST },
                 &forms));
    for (size_t i = 0; i < forms.count; i++)
        TRY(put_popup(rq, forms.rows[i], path, contact, list));
    reply_header(rq, "Cache-Control", "no-store");
    return reply_json(rq, 200, out);
}

/* ---- a post ---- */

static const char *posted_page(struct req *rq)
{
    const char *page = req_form(rq, "fw_page"), *from = rq->header(rq, "referer");

    if (text_empty(page) && from != NULL && utf8_valid(str_from(from)))
        page = from;
    return utf8_cut(rq->cx->arena, page, 2000);
}

/* What the person who posted sees next. */
static enum status thank(struct req *rq, const struct row *form, const struct form_def *d,
                         const char *language)
{
    struct ctx *cx = rq->cx;

    if (rq->wants_json) {
        struct val *v = val_map(cx->arena), *all = val_map(cx->arena);
        put_thanks(cx, form, d, language, all);
        val_put_text(v, "message", val_get_text(all, "thanks"));
        val_put_text(v, "redirect", row_text(form, FORM_REDIRECT));
        val_put_text(v, "download", val_get_text(all, "download_url"));
        val_put_text(v, "download_text", val_get_text(all, "download_text"));
        val_put_text(v, "next", val_get_text(form_follows(d, "form"), "slug"));
        return reply_json(rq, 200, v);
    }
    if (row_has(form, FORM_REDIRECT))
        return reply_redirect_out(rq, row_text(form, FORM_REDIRECT));
    return reply_redirect(rq, arena_printf(cx->arena, "/f/%s/thanks%s%s", row_text(form, FORM_SLUG),
                                           text_is(language, d->language) ? "" : "?lang=",
                                           text_is(language, d->language) ? "" : language));
}

/* The page again with what was typed: of a post with mistakes, or one that there is no room for. */
static enum status show_again(struct req *rq, const struct row *form, const struct form_def *d,
                              const struct row *contact, const char *language, enum status why)
{
    struct val *page = val_map(rq->cx->arena);

    form_public_put(rq, form, d, contact, rq->form, language, page);
    val_put_bool(page, "has_errors", true);
    if (why == E_RATE)
        val_put_text(page, "errors_text", form_word("full", language));
    TRY(put_shell(rq, form, language, page));
    if (row_has(form, FORM_REDIRECT))
        reply_form_leads_to(rq, row_text(form, FORM_REDIRECT));
    ctx_clear_error(rq->cx);
    reply_status(rq, why == E_RATE ? 429 : 422);
    return reply_fragment(rq, "form/public", page);
}

/* Once a flood: afterwards its owner looks at what waits. */
static enum status tell_of_flood(struct ctx *cx, const struct row *form)
{
    if (!row_has(form, FORM_OWNER))
        return OK;
    return notify_as(
        cx, NOTICE_TROUBLE, row_i64(form, FORM_OWNER), "forms",
        arena_printf(cx->arena, "Many posts without proof of work come to %s: they wait for a look",
                     row_text(form, FORM_NAME)),
        row_path(cx, form));
}

/* Kept for a person's look. What there is no room for is refused, and counted. */
static enum status keep_back(struct req *rq, const struct taking *t, const struct guard *g,
                             struct row *submission)
{
    struct ctx *cx = rq->cx;
    bool room;

    ctx_clear_error(cx);
    TRY(guard_keeps(rq, row_id(t->form), g, strlen(row_text(submission, SUBMISSION_DATA)), &room));
    if (!room) {
        form_count(cx, row_id(t->form), row_text(submission, SUBMISSION_SOURCE), FORM_REFUSED);
        return ctx_fail(cx, E_RATE, "%s", form_word("full", t->language));
    }
    if (g->alarm)
        TRY(tell_of_flood(cx, t->form));
    row_set_text(submission, SUBMISSION_STATUS, g->verdict == GUARD_SPAM ? "spam" : "held");
    row_set_text(submission, SUBMISSION_REASON, g->reason);
    return record_save(cx, submission);
}

static enum status refuse_disposable(struct ctx *cx, const struct form_def *d,
                                     const struct val *data)
{
    const char *email = form_mapped(d, data, "email");

    if (!text_is(d->disposable, "refuse") || !guard_is_disposable(email))
        return OK;
    for (size_t i = 0; i < d->count; i++)
        if (text_is(d->asks[i].maps, "email"))
            return ctx_fail_field(cx, d->asks[i].name, "email.disposable",
                                  "\"%s\" is an address for a few minutes. Please give one at "
                                  "which you can be reached.",
                                  email);
    return OK;
}

/* The post through the guards and into the house, or kept back. */
static enum status judge(struct req *rq, struct taking *t, bool trusted)
{
    struct ctx *cx = rq->cx;
    struct guard g = guard_judge(rq, row_id(t->form), t->def, t->data, trusted);
    struct row *submission = form_submission(cx, t);
    bool fresh = true, valid = cx->field_errors == NULL;

    row_set_text(submission, SUBMISSION_PAGE, posted_page(rq));
    row_set_text(submission, SUBMISSION_ADDRESS, rq->address);
    row_set_text(
        submission, SUBMISSION_SOURCE,
        utf8_cut(cx->arena, form_source(cx, posted_page(rq), req_form(rq, "fw_from")), 200));
    if (g.verdict == GUARD_SPAM)
        return keep_back(rq, t, &g, submission);
    if (valid && refuse_disposable(cx, t->def, t->data) != OK)
        valid = false;
    if (!valid) /* a person mends it; the proof is not used up */
        return E_INVALID;
    TRY(guard_use(cx, g.token, &fresh));
    if (!fresh)
        g = (struct guard){ GUARD_HOLD, "the same proof of work came twice", "", g.alarm };
    if (g.verdict != GUARD_TAKE)
        return keep_back(rq, t, &g, submission);
    TRY(form_take(cx, t, submission));
    form_count(cx, row_id(t->form), row_text(submission, SUBMISSION_SOURCE), FORM_SENT);
    return OK;
}

/* POST /f/:slug */
static enum status form_post(struct req *rq)
{
    struct ctx *cx = rq->cx;
    bool trusted = cx->access != NULL && cx->access->token_id != 0;
    scoped(access_leave) struct access_guard guard = access_enter_system(cx);
    struct visitors who = collect_visitors(rq, req_form(rq, "fw_id"));
    struct form_answers to = { .posted = rq->form,
                               .data = val_map(cx->arena),
                               .consents = val_list(cx->arena) };
    struct taking t = {
        .data = to.data, .consents = to.consents, .by_id = who.by_id, .of_day = who.of_day
    };
    struct row *contact;
    struct form_def def;
    enum status s;

    TRY(public_form(rq, &t.form));
    TRY(form_def_read(cx, t.form, &def));
    TRY(known_contact(cx, req_form(rq, "fw_id"), who.by_id, &contact));
    t.def = &def;
    t.language = to.language = language_of(rq, &def);
    to.asked = form_asked(cx, &def, contact);
    s = form_answers(cx, &def, &to);
    if (s == OK || s == E_INVALID)
        s = judge(rq, &t, trusted);
    if ((s == E_INVALID || s == E_RATE) && !rq->wants_json)
        return show_again(rq, t.form, &def, contact, t.language, s);
    if (s == E_CONFLICT) /* the same person posted a moment ago: now there is a contact to find */
        return E_RETRY;
    TRY(s);
    return thank(rq, t.form, &def, t.language);
}

static const struct route routes[] = {
    { HTTP_GET, "/f/:slug", form_show, .flags = ROUTE_PUBLIC },
    { HTTP_POST, "/f/:slug", form_post, .flags = ROUTE_PUBLIC | ROUTE_CORS,
      .summary = "Takes a lead form, from a page or as JSON" },
    { HTTP_GET, "/f/:slug/thanks", form_thanks, .flags = ROUTE_PUBLIC },
    { HTTP_GET, "/f/:slug/embed", form_embed, .flags = ROUTE_PUBLIC | ROUTE_CORS },
    { HTTP_GET, "/f/:slug/challenge", form_challenge, .flags = ROUTE_PUBLIC | ROUTE_CORS,
      .summary = "A challenge whose proof of work makes a form's post one of a person" },
    { HTTP_POST, "/f/:slug/seen", form_seen,
      .flags = ROUTE_PUBLIC | ROUTE_CORS | ROUTE_SLOW | ROUTE_RAW },
    { HTTP_GET, "/f/-/popups", form_popups, .flags = ROUTE_PUBLIC | ROUTE_CORS },
};
static const struct event_kind kinds[] = {
    { "form_submit", "Form submitted", "forms", KIND_TOUCH, "submission" },
};
const struct feature feature_form_public = {
    .name = "form_public",
    ROUTES(routes),
    EVENT_KINDS(kinds),
};
