/* consent.h -- who may be written to, and about what. A topic is what people agree to
 * ("Newsletter"); each act of a person - agreeing, confirming, taking back - is a row of its own
 * with its evidence: when, through what, in which words, from which address. Rows are never
 * changed, so they prove what was; the newest of a contact and topic says what is. contact.consent
 * has the slugs of the topics that are given, for filters and segments.
 *
 * Beside it stands the suppression list: addresses that get nothing, whoever asks for it, with the
 * reason.
 *
 * All of it runs as the system; what writes needs a writing connection. */
#pragma once
#include "kit/kit.h"

enum topic_field {
    TOPIC_NAME, TOPIC_SLUG, TOPIC_DESCRIPTION, TOPIC_BASIS, TOPIC_DOUBLE, TOPIC_SHOWN,
    TOPIC_POSITION,
    TOPIC_FIELDS
};
enum consent_field {
    CONSENT_CONTACT, CONSENT_TOPIC, CONSENT_STATE, CONSENT_LATEST, CONSENT_AT, CONSENT_SOURCE,
    CONSENT_WORDING, CONSENT_EMAIL, CONSENT_ADDRESS, CONSENT_RECORD, CONSENT_NOTE, CONSENT_USER,
    CONSENT_FIELDS
};
enum suppression_field {
    SUPPRESSION_ADDRESS, SUPPRESSION_REASON, SUPPRESSION_UNTIL, SUPPRESSION_EVIDENCE,
    SUPPRESSION_ACTIVE, SUPPRESSION_SINCE, SUPPRESSION_LIFTED_AT, SUPPRESSION_LIFTED_WHY,
    SUPPRESSION_FIELDS
};
extern const struct record_type topic_type, consent_type, suppression_type;

/* The topics as choices: value is the slug. For fields that name a topic (.choices_of). */
const struct choice *topic_choices(struct ctx *cx);
/* E_NOT_FOUND without text: no such slug. */
MUST_CHECK enum status topic_by_slug(struct ctx *cx, const char *slug, i64 *topic_id);

/* What proves an act of a person. */
struct consent_evidence {
    i64 contact_id;
    i64 topic_id;        /* 0: see topic */
    const char *topic;   /* its slug; "" or NULL with topic_id 0: all topics (withdraw only) */
    const char *source;  /* "form" "preference" "one_click" "confirmation" "mail" "colleague"
                          * "import" "api" "before" "complaint" */
    const char *wording; /* exactly what they read when they agreed */
    const char *address; /* IP address */
    const char *record;  /* path of the record it came with: "/submissions/01h..." */
    const char *note;    /* of a colleague: how they heard of it */
    i64 at_ms;           /* 0: now */
    bool confirmed;      /* it is certain that they own the mail address: they followed a link that
                          * only it was sent, or a colleague vouches */
};
/* They agree. The state is "given", or "pending" where the topic asks for a confirmation, or the
 * address took everything back before, and this is not confirmed. *consent_id (may be NULL) is the
 * new row. Happenings "consent.given" and "consent.pending" (row: the consent; props: topic). Of a
 * pending one a mail with the link to confirm goes out (mail/preference.c). A confirmed "given"
 * lifts the suppression of who had unsubscribed from everything. E_NOT_FOUND: no such contact or
 * topic. */
MUST_CHECK enum status consent_give(struct ctx *cx, const struct consent_evidence *e,
                                    i64 *consent_id);
/* The pending one of this id is confirmed, with the evidence of that click (address, at). Twice:
 * OK. E_CONFLICT, without text: it was taken back since. */
MUST_CHECK enum status consent_confirm(struct ctx *cx, i64 consent_id,
                                       const struct consent_evidence *e);
/* They take it back, at once; also what was never given, so that it is known. All topics: the mail
 * address is suppressed as "unsubscribed" too. Twice: OK, nothing is written. Happening
 * "consent.withdrawn" for each topic. */
MUST_CHECK enum status consent_withdraw(struct ctx *cx, const struct consent_evidence *e);
/* Whether this contact may be written to about this topic. Not: *why says why, for people ("took
 * back Newsletter"); static or in arena. topic 0: what needs no consent (transactional): yes. */
MUST_CHECK enum status consent_allows(struct ctx *cx, i64 contact_id, i64 topic_id, bool *out,
                                      const char **why);
/* Filter on contacts that may be written to about the topic, as far as consent goes: in arena.
 * "consent has 'newsletter'", or for topics that need no consent a filter that passes those who did
 * not object. */
MUST_CHECK enum status consent_filter(struct ctx *cx, i64 topic_id, const char **filter);
/* What contacts agreed to before there was evidence (the words in contact.consent) becomes rows,
 * with the evidence of the form posts that gave it. What is there stays. */
MUST_CHECK enum status consent_take_over(struct ctx *cx);

/* ---- addresses that get nothing ---- */
/* *reason: "hard_bounce" "complaint" "unsubscribed" "manual" "invalid", static; NULL: the address
 * is free. */
MUST_CHECK enum status suppression_find(struct ctx *cx, const char *address, const char **reason);
/* Whether that reason keeps back a mail about this topic: who unsubscribed still gets what needs no
 * consent (topic 0), such as a receipt; all others get nothing. reason NULL: no. */
bool suppression_blocks(const char *reason, i64 topic_id);
/* From now on, until_ms (0: for good). An address that is suppressed already keeps the weightier
 * reason (complaint, unsubscribed, hard_bounce, invalid, manual) and the longer time. evidence:
 * what happened ("550 5.1.1 user unknown"); may be NULL. E_INVALID: no mail address, no such
 * reason. */
MUST_CHECK enum status suppression_add(struct ctx *cx, const char *address, const char *reason,
                                       const char *evidence, i64 until_ms);
/* Free again. why: a sentence. An address that is not suppressed: OK. */
MUST_CHECK enum status suppression_lift(struct ctx *cx, const char *address, const char *why);
