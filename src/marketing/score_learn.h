/* score_learn.h -- the learned score: the chance that a lead is won, from what became of those that
 * sales closed before. Features are what was known of each when it reached sales: profile and
 * journey up to then, never what came after. score_learn.c fits and judges, score_feature.c says
 * what is looked at. */
#pragma once
#include "journey/journey.h"
#include "kit/kit.h"
#include "marketing/logit.h"

struct learned; /* a model that serves, in arena */
enum { LEARNED_COLUMNS = READ_CHANNEL | READ_PAGE | READ_DEVICE };
enum { LEARN_LEAST = 100 }; /* won and as many lost ones: with fewer nothing is served */

/* OK with *out NULL: no model serves. */
MUST_CHECK enum status learned_read(struct ctx *cx, const struct learned **out);
/* What the model looks at of a journey (events in order of time) as of an instant. In arena. */
float *learned_see(struct ctx *cx, const struct learned *m, const struct event *events,
                   size_t count, i64 at_ms);
/* Sets the contact's chance, or clears it: without a model, of customers, of who is disqualified.
 * seen: of learned_see; NULL: no events. */
MUST_CHECK enum status learned_put(struct ctx *cx, const struct learned *m, const float *seen,
                                   struct row *contact);
/* What speaks for and against, the strongest first: maps {text, effect} into list, effect in
 * logits. *chance: 0 to 1. */
MUST_CHECK enum status learned_explain(struct ctx *cx, const struct learned *m, const float *seen,
                                       const struct row *contact, struct val *list,
                                       double *chance);
/* Learns now: reads what was won and lost, fits, judges, keeps the result as a score_model and has
 * everybody scored anew. Refusing is a result too. As the system, outside transactions. *id: the
 * score_model's. */
MUST_CHECK enum status learn(struct ctx *cx, i64 *id);

enum model_field {
    MODEL_MADE_AT,
    MODEL_STATUS,
    MODEL_REASON,
    MODEL_LEADS,
    MODEL_WON,
    MODEL_AUC,
    MODEL_RULES_AUC,
    MODEL_BRIER,
    MODEL_ECE,
    MODEL_BODY,
    MODEL_FIELDS
};
extern const struct record_type score_model_type;

/* ---- features (score_feature.c) ---- */
enum feature_kind {
    FEATURE_EVENTS,  /* how often events of a kind happened within days (0: ever) */
    FEATURE_PAGE,    /* how often a page was read */
    FEATURE_PART,    /* how often pages of a part of the site were: "/customers" */
    FEATURE_DAYS,    /* on how many days something was done */
    FEATURE_REST,    /* how long ago the last thing was done */
    FEATURE_KNOWN,   /* how long ago the first */
    FEATURE_CHANNELS, /* by how many channels */
    FEATURE_OF_PROFILE, /* from here on: of the profile */
    FEATURE_CHANNEL = FEATURE_OF_PROFILE, /* the first channel is this */
    FEATURE_INDUSTRY, /* the company's is this */
    FEATURE_COUNTRY,
    FEATURE_TITLE,   /* the job title has this word */
    FEATURE_SIZE,    /* the company's employees */
    FEATURE_DECIDER, /* a job title of those who decide */
    FEATURE_FREE_MAIL, /* the address is of a provider that everybody uses */
    FEATURE_KINDS
};
struct feature_of {
    enum feature_kind kind;
    const char *value; /* event kind, page, channel, industry, country, field; "" none */
    int days;
    u32 code; /* of the event kind or the page in this journey; 0: it has none */
    double mean, sd, weight;
};
/* Whether the person did it, of all that stands in a journey: what sales does follows from its own
 * judgement, what is passive nobody did, and that a mail went out is ours. */
bool kind_is_theirs(const struct event_kind *kind);
/* The part of the site that a page belongs to: "/customers" of "/customers/larkfield". Borrowed. */
struct str page_part(const char *path);
/* "events:form_submit:30" and back. In arena. False: it is none. */
const char *feature_name(struct ctx *cx, const struct feature_of *f);
bool feature_read(struct ctx *cx, const char *name, struct feature_of *out);
/* "Forms submitted in 30 days", for people. */
const char *feature_words(struct ctx *cx, const struct feature_of *f);
/* Fills in out[i] of those that are of the journey; others stay. */
void features_see(struct ctx *cx, const struct feature_of *fs, size_t count,
                  const struct event *events, size_t event_count, i64 at_ms, float *out);
/* And of those of the profile; company NULL: none. */
void features_profile(struct ctx *cx, const struct feature_of *fs, size_t count,
                      const struct row *contact, const struct row *company, float *out);
/* A value beside those that were learned from: 0 is their mean, 1 a standard deviation over it.
 * What lies far outside counts as their edge. */
double feature_standard(const struct feature_of *f, double value);
/* The company of a contact; NULL: none, or it is in the trash. */
MUST_CHECK enum status company_of(struct ctx *cx, const struct row *contact, struct row **out);
