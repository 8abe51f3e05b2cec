/* form.h -- a lead form and its submissions, for the two files that make them: form.c is the
 * maker's side, form_public.c the visitor's. */
#pragma once
#include "kit/kit.h"

enum form_field {
    FORM_NAME,
    FORM_SLUG,
    FORM_STATUS,
    FORM_TITLE,
    FORM_INTRO,
    FORM_INPUTS,
    FORM_CONSENT,
    FORM_PURPOSE,
    FORM_BUTTON,
    FORM_THANKS,
    FORM_REDIRECT,
    FORM_CAMPAIGN,
    FORM_OWNER,
    FORM_LIFECYCLE,
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
    SUBMISSION_FIELDS
};
extern const struct record_type form_type, submission_type;

/* What a form asks, in order: maps {name, label, kind, required, choices (with commas between)}. */
struct val *form_inputs(struct ctx *cx, const struct row *form);
