/* form_take.c -- from a post to a contact, with everything that follows from it. */
#include "marketing/form_take.h"
#include "base/id.h"
#include "base/json.h"
#include "base/limits.h"
#include "base/locale.h"
#include "base/utf8.h"
#include "bridge/company.h"
#include "bridge/consent.h"
#include "bridge/contact.h"
#include "bridge/handoff.h"
#include "bridge/identity.h"
#include "bridge/segment.h"
#include "kit/notice.h"
#include <stdio.h>
#include <stdlib.h>

/* ---- the contact ---- */

/* An answer as a contact's field holds it: a country by its name, several choices with commas. */
static const char *as_field(struct ctx *cx, const struct ask *a, const struct val *v)
{
    struct buf b = buf_in(cx->arena, ANSWER_BYTES * 2);

    if (val_kind_of(v) != VAL_LIST) {
        const char *text = val_print(cx->arena, v);
        return a->kind == ASK_COUNTRY && strlen(text) == 2 ? country_name(cx->arena, text) : text;
    }
    for (size_t i = 0; i < val_count(v); i++)
        buf_printf(&b, "%s%s", i ? ", " : "", val_print(cx->arena, val_at(v, i)));
    return buf_end(&b);
}

static enum status fill_field(struct ctx *cx, struct row *contact, const struct ask *a,
                              const char *answer)
{
    int field = ask_contact_field(a->maps);
    const struct field *f = &contact_type.fields[field];
    enum status s;

    if (f->kind == FIELD_TAGS)
        answer = arena_printf(cx->arena, "%s,%s", row_plain(cx, contact, field), answer);
    else if (row_has(contact, field) && !a->overwrite)
        return OK;
    s = row_parse(cx, contact, field,
                  utf8_cut(cx->arena, answer, f->max_len ? (size_t)f->max_len : 1000));
    if (s == E_INVALID) { /* a phone number that is none stays with the submission; the lead is
                           * worth more */
        ctx_clear_error(cx);
        return OK;
    }
    return s;
}

/* What is known stays, unless the form's maker said that this answer knows better. */
static enum status fill_contact(struct ctx *cx, struct row *contact, const struct taking *t)
{
    for (size_t i = 0; i < t->def->count; i++) {
        const struct ask *a = &t->def->asks[i];
        const struct val *v = val_get(t->data, a->name);
        if (v == NULL || ask_contact_field(a->maps) < 0 || text_is(a->maps, "email"))
            continue;
        TRY(fill_field(cx, contact, a, as_field(cx, a, v)));
    }
    if (!row_has(contact, CONTACT_LANGUAGE) && t->def->language_count > 1)
        row_set_text(contact, CONTACT_LANGUAGE, t->language);
    return OK;
}

/* The company by the mail's domain or by the name that was given; one that is new is made. */
static enum status find_company(struct ctx *cx, struct row *contact, const struct taking *t)
{
    const char *domain = company_domain_of(cx, row_text(contact, CONTACT_EMAIL)),
               *name = form_mapped(t->def, t->data, "company");
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

/* Each consent with its evidence. A topic may be gone by now: the submission keeps the words. */
static enum status give_consents(struct ctx *cx, const struct taking *t,
                                 const struct row *submission)
{
    const char *record = row_path(cx, submission);

    for (size_t i = 0; i < val_count(t->consents); i++) {
        const struct val *one = val_at(t->consents, i);
        enum status s = consent_give(
            cx,
            &(struct consent_evidence){ .contact_id = t->contact_id,
                                        .topic = val_get_text(one, "topic"),
                                        .source = "form",
                                        .wording = val_get_text(one, "text"),
                                        .address = row_text(submission, SUBMISSION_ADDRESS),
                                        .record = record,
                                        .at_ms = t->at_ms },
            NULL);
        if (s == E_NOT_FOUND)
            ctx_clear_error(cx);
        else
            TRY(s);
    }
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

static void add_tags(struct ctx *cx, struct row *contact, const struct taking *t)
{
    for (size_t i = 0; i < val_count(t->def->after); i++) {
        const struct val *one = val_at(t->def->after, i);
        if (text_is(val_get_text(one, "do"), "tag"))
            row_set_text(contact, CONTACT_TAGS,
                         arena_printf(cx->arena, "%s,%s", row_plain(cx, contact, CONTACT_TAGS),
                                      val_get_text(one, "tag")));
    }
}

static enum status save_contact(struct ctx *cx, const struct taking *t, struct row **out)
{
    struct row *contact;
    bool made;

    TRY(contact_by_email(cx, form_mapped(t->def, t->data, "email"), &contact, &made));
    TRY(fill_contact(cx, contact, t));
    TRY(find_company(cx, contact, t));
    set_lifecycle(contact, t->form, made);
    add_tags(cx, contact, t);
    TRY(identity_join(cx, contact, t->of_day));
    TRY(identity_join(cx, contact, t->by_id));
    if (made)
        TRY(credit_campaign(cx, contact, t->form));
    TRY(record_save(cx, contact));
    *out = contact;
    return OK;
}

/* ---- the submission ---- */

static const char *wordings(struct ctx *cx, const struct val *consents)
{
    struct buf b = buf_in(cx->arena, LIMIT_LONG_TEXT_BYTES);

    for (size_t i = 0; i < val_count(consents); i++)
        buf_printf(&b, "%s%s", i ? "\n" : "", val_get_text(val_at(consents, i), "text"));
    return buf_end(&b);
}

struct row *form_submission(struct ctx *cx, const struct taking *t)
{
    struct row *r = row_new(cx, &submission_type);

    row_set_i64(r, SUBMISSION_FORM, row_id(t->form));
    row_set_text(r, SUBMISSION_EMAIL,
                 utf8_cut(cx->arena, form_mapped(t->def, t->data, "email"), 320));
    row_set_text(r, SUBMISSION_DATA, json_text(cx->arena, t->data));
    row_set_i64(r, SUBMISSION_CONSENT, val_count(t->consents) > 0);
    row_set_text(r, SUBMISSION_CONSENT_TEXT, wordings(cx, t->consents));
    if (val_count(t->consents) > 0)
        row_set_text(r, SUBMISSION_CONSENTS, json_text(cx->arena, t->consents));
    row_set_text(r, SUBMISSION_LANGUAGE, t->language);
    if (t->by_id != 0)
        row_set_text(r, SUBMISSION_VISITOR,
                     arena_printf(cx->arena, "%016llx", (unsigned long long)t->by_id));
    return r;
}

/* ---- what follows ---- */

const struct val *form_follows(const struct form_def *d, const char *what)
{
    for (size_t i = 0; i < val_count(d->after); i++)
        if (text_is(val_get_text(val_at(d->after, i), "do"), what))
            return val_at(d->after, i);
    return NULL;
}

/* A lead that waits for an answer already is not handed over twice: that is no fault of the post.
 */
static enum status hand_over(struct ctx *cx, const struct taking *t, const struct val *how)
{
    const char *why = val_get_text(how, "text");
    scoped(tx_end) struct tx tx = tx_begin(cx);
    enum status s;
    i64 id;

    TRY(tx.status);
    s = handoff_make(cx,
                     &(struct handoff_order){
                         .contact_id = t->contact_id,
                         .reason = text_empty(why) ? arena_printf(cx->arena, "Sent the form %s",
                                                                  row_text(t->form, FORM_NAME))
                                                   : why,
                         .note = "" },
                     &id);
    if (s == E_CONFLICT || s == E_INVALID) { /* or there is nobody in sales */
        ctx_clear_error(cx);
        return OK;
    }
    TRY(s);
    return tx_commit(&tx);
}

/* A segment that is gone, or live by now, keeps no post away. */
static enum status put_in_segment(struct ctx *cx, const struct taking *t, const char *slug)
{
    struct row *segment;
    enum status s = record_find(cx, &segment_type, "slug", slug, &segment);

    if (s == OK && text_is(row_text(segment, SEGMENT_KIND), "static"))
        s = segment_add(cx, row_id(segment), t->contact_id);
    if (s == E_NOT_FOUND) {
        ctx_clear_error(cx);
        return OK;
    }
    return s;
}

static enum status tell_owner(struct ctx *cx, const struct taking *t, const struct row *contact,
                              const struct row *submission)
{
    if (!row_has(t->form, FORM_OWNER))
        return OK;
    return notify_as(cx, NOTICE_CUSTOMER, row_i64(t->form, FORM_OWNER), "forms",
                     arena_printf(cx->arena, "%s sent the form %s", row_title(cx, contact),
                                  row_text(t->form, FORM_NAME)),
                     row_path(cx, submission));
}

static enum status follow_up(struct ctx *cx, const struct taking *t, const struct row *contact,
                             const struct row *submission)
{
    for (size_t i = 0; i < val_count(t->def->after); i++) {
        const struct val *one = val_at(t->def->after, i);
        const char *what = val_get_text(one, "do");
        if (text_is(what, "notify"))
            TRY(tell_owner(cx, t, contact, submission));
        else if (text_is(what, "handoff"))
            TRY(hand_over(cx, t, one));
        else if (text_is(what, "segment"))
            TRY(put_in_segment(cx, t, val_get_text(one, "slug")));
    }
    return OK;
}

static enum status tell(struct ctx *cx, const struct taking *t, const struct row *submission)
{
    struct val *props = val_map(cx->arena), *more = val_map(cx->arena);

    val_put_text(props, "name", row_text(t->form, FORM_NAME));
    TRY(journey_note(cx, &(struct journey_note){ .kind = "form_submit",
                                                 .contact_id = t->contact_id,
                                                 .record_id = row_id(submission),
                                                 .props = props }));
    val_put_text(more, "form", row_text(t->form, FORM_SLUG));
    val_put_text(more, "submission_id", id_text(cx->arena, row_id(submission)));
    val_put(more, "answers", val_copy(cx->arena, t->data));
    return happen(cx, &(struct happening){ .name = "form.submitted",
                                           .row = t->form,
                                           .contact_id = t->contact_id,
                                           .props = more });
}

enum status form_take(struct ctx *cx, struct taking *t, struct row *submission)
{
    scoped(tx_end) struct tx tx = tx_begin(cx);
    struct row *contact;

    TRY(tx.status);
    TRY(save_contact(cx, t, &contact));
    t->contact_id = row_id(contact);
    row_set_i64(submission, SUBMISSION_CONTACT, t->contact_id);
    row_set_text(submission, SUBMISSION_STATUS, "accepted");
    row_set_text(submission, SUBMISSION_REASON, "");
    TRY(record_save(cx, submission));
    TRY(give_consents(cx, t, submission));
    TRY(tell(cx, t, submission));
    TRY(follow_up(cx, t, contact, submission));
    return tx_commit(&tx);
}

static struct val *read_json(struct ctx *cx, const struct row *r, int field, bool list)
{
    struct val *v;

    if (json_read(cx->arena, str_from(row_text(r, field)), &v, NULL) == OK &&
        val_kind_of(v) == (list ? VAL_LIST : VAL_MAP))
        return v;
    return list ? val_list(cx->arena) : val_map(cx->arena);
}

/* What was kept of a post before each consent had a line of its own. */
static void old_consent(const struct row *submission, const struct row *form, struct val *list)
{
    struct val *one;

    if (val_count(list) > 0 || row_i64(submission, SUBMISSION_CONSENT) != 1)
        return;
    one = val_add_map(list);
    val_put_text(one, "name", "consent");
    val_put_text(one, "topic", row_text(form, FORM_PURPOSE));
    val_put_text(one, "text", row_text(submission, SUBMISSION_CONSENT_TEXT));
}

enum status form_release(struct ctx *cx, struct row *submission)
{
    scoped(access_leave) struct access_guard guard = access_enter_system(cx);
    struct val *consents = read_json(cx, submission, SUBMISSION_CONSENTS, true);
    struct form_def def;
    struct taking t = { .def = &def,
                        .data = read_json(cx, submission, SUBMISSION_DATA, false),
                        .consents = consents,
                        .language = row_text(submission, SUBMISSION_LANGUAGE),
                        .at_ms = row_created_at(submission),
                        .by_id = strtoull(row_text(submission, SUBMISSION_VISITOR), NULL, 16) };

    if (text_is(row_text(submission, SUBMISSION_STATUS), "accepted"))
        return ctx_fail(cx, E_CONFLICT, "This was accepted already; there is nothing to release.");
    TRY(record_get_named(cx, "form", row_i64(submission, SUBMISSION_FORM), &t.form));
    TRY(form_def_read(cx, t.form, &def));
    if (text_empty(form_mapped(&def, t.data, "email")))
        return ctx_fail(cx, E_INVALID,
                        "It carries no mail address, so there is no contact to make of it.");
    old_consent(submission, t.form, consents);
    return form_take(cx, &t, submission);
}
