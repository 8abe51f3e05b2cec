/* form_take.h -- what a form's post does: the contact found or made and joined with its visits,
 * consents kept with their wording, the submission, what is to follow, and "form.submitted" for
 * everybody else. All or nothing. A post that was held and is released does just the same.
 * Threads    as the ctx; needs a writing connection, runs as the system. */
#pragma once
#include "marketing/form_def.h"

struct taking {
    struct row *form;
    const struct form_def *def;
    const struct val *data, *consents; /* of form_answers */
    const char *language;
    u64 by_id, of_day; /* the visitor's keys; 0: unknown */
    i64 at_ms;         /* when they agreed; 0: now */
    i64 contact_id;    /* whose it became */
};
/* A new row of what was sent, not yet saved: form, answers, consents, visitor and language. */
struct row *form_submission(struct ctx *cx, const struct taking *t);
/* Does it all and saves `submission` as accepted. E_INVALID: an answer that the contact's own field
 * refuses, as a field error. E_CONFLICT: the same person came a moment ago. */
MUST_CHECK enum status form_take(struct ctx *cx, struct taking *t, struct row *submission);
/* Of a submission that was held or spam: "not spam". E_CONFLICT: it was accepted already.
 * E_INVALID: it cannot be taken, and why. */
MUST_CHECK enum status form_release(struct ctx *cx, struct row *submission);
/* What is to follow, of this kind ("redirect"): the action, or NULL. */
const struct val *form_follows(const struct form_def *d, const char *what);
