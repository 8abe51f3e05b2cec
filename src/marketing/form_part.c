/* form_part.c -- a form's pages of making: what they share, what follows a post, and how it is put
 * on a site with its guards. */
#include "marketing/form_part.h"
#include "base/json.h"
#include "base/utf8.h"

enum { TEXT_CUT = 4000 };

enum status form_part_row(struct req *rq, struct row **form)
{
    i64 id;

    TRY(req_id(rq, "id", &id));
    return record_get_named(rq->cx, "form", id, form);
}

struct val *form_part_definition(struct ctx *cx, const struct row *form)
{
    struct val *v, *kept;

    if (json_read(cx->arena, str_from(row_text(form, FORM_INPUTS)), &v, NULL) != OK ||
        form_def_check(cx, v, &kept) != OK) {
        ctx_clear_error(cx); /* of before its rules: begun anew */
        kept = val_map(cx->arena);
    }
    return kept;
}

const struct val *form_part_field(const struct val *old, const char *name)
{
    const struct val *fields = val_get(old, "fields");

    for (size_t i = 0; i < val_count(fields); i++)
        if (text_is(val_get_text(val_at(fields, i), "name"), name))
            return val_at(fields, i);
    return NULL;
}

void form_put_tabs(struct ctx *cx, const struct row *form, const char *on, struct val *page)
{
    static const struct {
        const char *word, *text;
    } tabs[] = {
        { "", "Form" },
        { "build", "Fields" },
        { "after", "What follows" },
        { "texts", "Translations" },
        { "share", "Put it on a site" },
    };
    struct val *list = val_put_list(page, "tabs");

    for (size_t i = 0; i < countof(tabs); i++) {
        struct val *one = val_add_map(list);
        val_put_text(one, "text", tabs[i].text);
        val_put_printf(one, "url", "%s%s%s", row_path(cx, form), tabs[i].word[0] ? "/" : "",
                       tabs[i].word);
        val_put_bool(one, "on", text_is(tabs[i].word, on));
    }
}

void form_part_tabs(struct ctx *cx, const struct row *form, const char *on, struct val *page)
{
    struct val *crumbs = val_put_list(page, "crumbs"), *one = val_add_map(crumbs);

    val_put_text(one, "text", "Forms");
    val_put_text(one, "url", "/forms");
    one = val_add_map(crumbs);
    val_put_text(one, "text", row_text(form, FORM_NAME));
    val_put_text(one, "url", row_path(cx, form));
    form_put_tabs(cx, form, on, page);
    val_put_text(page, "url", row_path(cx, form));
    val_put_text(page, "form_name", row_text(form, FORM_NAME));
    val_put_printf(page, "public_url", "/f/%s", row_text(form, FORM_SLUG));
    val_put_bool(page, "published", text_is(row_text(form, FORM_STATUS), "published"));
}

enum status form_part_save(struct req *rq, struct row *form, const struct val *def,
                           enum status (*again)(struct req *rq, const struct row *form,
                                                const struct val *def, const char *error),
                           const char *done)
{
    struct ctx *cx = rq->cx;
    struct val *kept;
    enum status s = form_def_check(cx, def, &kept);

    if (s == OK) {
        row_set_text(form, FORM_INPUTS, json_text(cx->arena, kept));
        s = record_save(cx, form);
    }
    if (s == E_INVALID && !rq->wants_json && again != NULL) {
        const char *why = cx->field_errors ? cx->field_errors->message : cx->error_text;
        ctx_clear_error(cx);
        reply_status(rq, 422);
        return again(rq, form, def, why);
    }
    TRY(s);
    return reply_done(rq, row_path(cx, form), "%s", done);
}

const char *form_part_text(struct req *rq, const char *name)
{
    return utf8_cut(rq->cx->arena, str_dup(rq->cx->arena, str_trim(str_from(req_form(rq, name)))),
                    TEXT_CUT);
}

/* ---- what follows a post ---- */

static const struct {
    const char *what, *label, *key, *key_label, *help;
} follow_ups[] = {
    { "download", "Offer a file", "url", "Its address", "Shown on the page that thanks." },
    { "form", "Lead on to another form", "slug", "Its address, after /f/", "" },
    { "notify", "Tell the form's owner", "", "", "A notification, with a link to the answers." },
    { "tag", "Tag the contact", "tag", "Tag", "" },
    { "handoff", "Hand the lead to sales", "text", "Reason (optional)",
      "Straight to a salesperson, whatever the score." },
    { "segment", "Add to a static segment", "slug", "Its address word", "" },
};

static enum status show_after(struct req *rq, const struct row *form, const struct val *def,
                              const char *error)
{
    struct ctx *cx = rq->cx;
    struct val *page = val_map(cx->arena), *list = val_put_list(page, "follow_ups");
    const struct val *after = val_get(def, "after");

    val_put_printf(page, "title", "What follows %s", row_text(form, FORM_NAME));
    form_part_tabs(cx, form, "after", page);
    val_put_text(page, "error", error);
    for (size_t i = 0; i < countof(follow_ups); i++) {
        struct val *one = val_add_map(list);
        const struct val *is = NULL;
        for (size_t k = 0; k < val_count(after) && is == NULL; k++)
            if (text_is(val_get_text(val_at(after, k), "do"), follow_ups[i].what))
                is = val_at(after, k);
        val_put_text(one, "what", follow_ups[i].what);
        val_put_text(one, "label", follow_ups[i].label);
        val_put_text(one, "key_label", follow_ups[i].key_label);
        val_put_text(one, "help", follow_ups[i].help);
        val_put_text(one, "value", val_get_text(is, follow_ups[i].key));
        val_put_bool(one, "is_download", text_is(follow_ups[i].what, "download"));
        val_put_text(one, "text", val_get_text(is, "text"));
        val_put_bool(one, "on", is != NULL);
    }
    return reply(rq, "form/after", page);
}

/* GET /forms/:id/after */
static enum status form_after(struct req *rq)
{
    struct row *form;

    TRY(form_part_row(rq, &form));
    return show_after(rq, form, form_part_definition(rq->cx, form), "");
}

/* POST /forms/:id/after */
static enum status form_after_post(struct req *rq)
{
    struct ctx *cx = rq->cx;
    struct val *def, *list;
    struct row *form;

    TRY(form_part_row(rq, &form));
    def = form_part_definition(cx, form);
    list = val_put_list(def, "after");
    for (size_t i = 0; i < countof(follow_ups); i++) {
        const char *what = follow_ups[i].what,
                   *value = form_part_text(rq, arena_printf(cx->arena, "value.%s", what));
        struct val *one;
        if (text_empty(req_form(rq, arena_printf(cx->arena, "on.%s", what))))
            continue;
        one = val_add_map(list);
        val_put_text(one, "do", what);
        if (follow_ups[i].key[0] != '\0' && !text_empty(value))
            val_put_text(one, follow_ups[i].key, value);
        if (text_is(what, "download"))
            val_put_text(one, "text", form_part_text(rq, "text.download"));
    }
    return form_part_save(rq, form, def, show_after, "What follows is saved.");
}

/* ---- on a site ---- */

static void put_option(struct val *list, const char *value, const char *text, const char *chosen)
{
    struct val *one = val_add_map(list);

    val_put_text(one, "value", value);
    val_put_text(one, "text", text);
    val_put_bool(one, "selected", text_is(value, chosen));
}

static enum status show_share(struct req *rq, const struct row *form, const struct val *def,
                              const char *error)
{
    struct ctx *cx = rq->cx;
    struct val *page = val_map(cx->arena), *list, *asks = val_put_list(page, "asks");
    const struct val *p = val_get(def, "popup");
    const char *look = val_get_text(p, "look"), *guard = val_get_text(def, "guard"),
               *disposable = val_get_text(def, "disposable");
    struct form_def d;

    TRY(form_def_read(cx, form, &d));
    val_put_printf(page, "title", "%s on a site", row_text(form, FORM_NAME));
    form_part_tabs(cx, form, "share", page);
    val_put_text(page, "error", error);
    val_put_text(page, "site_url", web_public_url(rq));
    val_put_text(page, "slug", row_text(form, FORM_SLUG));
    for (size_t i = 0; i < d.count; i++) {
        struct val *one;
        if (!ask_is_input(&d.asks[i]))
            continue;
        one = val_add_map(asks);
        val_put_text(one, "name", d.asks[i].name);
        val_put_text(one, "label", d.asks[i].label);
        val_put_bool(one, "check", d.asks[i].kind == ASK_CONSENT || d.asks[i].kind == ASK_YESNO);
        val_put_bool(one, "required", d.asks[i].required);
        val_put_bool(one, "last", i + 1 == d.count);
    }
    list = val_put_list(page, "looks");
    put_option(list, "", "It does not pop up", look);
    put_option(list, "slide", "Slides in from a corner", look);
    put_option(list, "bar", "A bar along the edge", look);
    put_option(list, "modal", "A box over the page", look);
    val_put_i64(page, "after_s", val_get_i64(p, "after_s", 0));
    val_put_i64(page, "scroll", val_get_i64(p, "scroll", 0));
    val_put_bool(page, "exit", val_get_bool(p, "exit"));
    val_put_bool(page, "top", val_get_bool(p, "top"));
    val_put_text(page, "pages", val_get_text(p, "pages"));
    val_put_text(page, "not_pages", val_get_text(p, "not_pages"));
    val_put_text(page, "segment", val_get_text(p, "segment"));
    val_put_i64(page, "days", val_get_i64(p, "days", 30));
    list = val_put_list(page, "guards");
    put_option(list, "auto", "Proof of work when many posts come", guard);
    put_option(list, "always", "Always proof of work; posts without it wait for a look", guard);
    put_option(list, "off", "None but the hidden field and links in names", guard);
    list = val_put_list(page, "disposables");
    put_option(list, "take", "Taken like others", disposable);
    put_option(list, "hold", "Held for a look", disposable);
    put_option(list, "refuse", "Asked for another", disposable);
    return reply(rq, "form/share", page);
}

/* GET /forms/:id/share */
static enum status form_share(struct req *rq)
{
    struct row *form;

    TRY(form_part_row(rq, &form));
    return show_share(rq, form, form_part_definition(rq->cx, form), "");
}

static i64 posted_number(struct req *rq, const char *name)
{
    i64 n;

    return str_i64(str_trim(str_from(req_form(rq, name))), &n) ? n : 0;
}

/* POST /forms/:id/share -- how it pops up, and what guards it. */
static enum status form_share_post(struct req *rq)
{
    struct ctx *cx = rq->cx;
    const char *look = req_form(rq, "look");
    struct val *def, *p = val_map(cx->arena);
    struct row *form;

    TRY(form_part_row(rq, &form));
    def = form_part_definition(cx, form);
    val_put_text(p, "look", look);
    val_put_i64(p, "after_s", posted_number(rq, "after_s"));
    val_put_i64(p, "scroll", posted_number(rq, "scroll"));
    val_put_bool(p, "exit", !text_empty(req_form(rq, "exit")));
    val_put_bool(p, "top", !text_empty(req_form(rq, "top")));
    val_put_text(p, "pages", form_part_text(rq, "pages"));
    val_put_text(p, "not_pages", form_part_text(rq, "not_pages"));
    val_put_text(p, "segment", form_part_text(rq, "segment"));
    val_put_i64(p, "days", posted_number(rq, "days"));
    val_put(def, "popup", p);
    if (!text_empty(req_form(rq, "guard")))
        val_put_text(def, "guard", req_form(rq, "guard"));
    if (!text_empty(req_form(rq, "disposable")))
        val_put_text(def, "disposable", req_form(rq, "disposable"));
    return form_part_save(rq, form, def, show_share, "Saved.");
}

static const struct route routes[] = {
    { HTTP_GET, "/forms/:id/after", form_after, NEEDS("form", VERB_UPDATE) },
    { HTTP_POST, "/forms/:id/after", form_after_post, NEEDS("form", VERB_UPDATE) },
    { HTTP_GET, "/forms/:id/share", form_share, NEEDS("form", VERB_UPDATE) },
    { HTTP_POST, "/forms/:id/share", form_share_post, NEEDS("form", VERB_UPDATE) },
};
const struct feature feature_form_part = { .name = "form_part", ROUTES(routes) };
