/* form.h -- a lead form and its submissions, for the files that make them: form.c, form_build.c,
 * form_texts.c and form_part.c are the maker's side, form_public.c the visitor's, form_take.c what
 * a post does. */
#pragma once
#include "kit/kit.h"

enum form_field {
    FORM_NAME,
    FORM_SLUG,
    FORM_STATUS,
    FORM_TITLE,
    FORM_INTRO,
    FORM_BRAND,
    FORM_INPUTS,
    FORM_CONSENT,
    FORM_PURPOSE,
    FORM_BUTTON,
    FORM_THANKS,
    FORM_REDIRECT,
    FORM_CAMPAIGN,
    FORM_OWNER,
    FORM_LIFECYCLE, FORM_TICKET,
    FORM_POPS_UP,
    FORM_FIELDS
};
enum submission_field {
    SUBMISSION_FORM,
    SUBMISSION_CONTACT,
    SUBMISSION_STATUS,
    SUBMISSION_REASON,
    SUBMISSION_EMAIL,
    SUBMISSION_DATA,
    SUBMISSION_PAGE,
    SUBMISSION_CONSENT,
    SUBMISSION_CONSENT_TEXT,
    SUBMISSION_ADDRESS,
    SUBMISSION_LANGUAGE,
    SUBMISSION_SOURCE,
    SUBMISSION_CONSENTS,
    SUBMISSION_VISITOR,
    SUBMISSION_FIELDS
};
extern const struct record_type form_type, submission_type;


/* "Ask for a démo!" -> "ask-for-a-demo"; "" when no letter is in it. In arena. */
const char *form_slug(struct ctx *cx, const char *text);
/* Puts the form as strangers see it into a template's tree (form/body): with what was typed and its
 * errors, in a language, asked of a contact (NULL: of somebody unknown). */
struct req;
struct form_def;
void form_public_put(struct req *rq, const struct row *form, const struct form_def *d,
                     const struct row *contact, const struct val *typed, const char *language,
                     struct val *page);
/* "tabs" of a form's pages (form/tabs): the one that is on by its word, "" the form itself. */
void form_put_tabs(struct ctx *cx, const struct row *form, const char *on, struct val *page);
