/* sequence.h -- sales sequences: mails, calls and tasks, one after the other, until somebody
 * answers.
 *
 * A sequence has steps. Who goes through it is an enrolment: a contact, a salesperson whose
 * mailbox, calls and tasks they are, and when the next step is due. What was done is a row of its
 * own for each step (taken step), with what came of it: so every number of a sequence is a list.
 *
 * Nobody gets a mail twice, nobody is forgotten: where somebody stands and the mail that goes are
 * one transaction, a taken step is unique for enrolment and step, and so is its mail. The job that
 * takes what is due looks at the rows, not at what it remembers.
 *
 *   sequence.c       the records and what must hold
 *   sequence_time.c  when a step is due
 *   sequence_run.c   takes what is due; stops
 *   sequence_hear.c  what happens outside: answers, meetings, bounces, done tasks
 *   sequence_page.c  the pages
 *
 * Ownership  rows are in arena.
 * Threads    as the ctx; what changes something needs a writing connection. */
#pragma once
#include "kit/kit.h"

enum sequence_field {
    SEQUENCE_NAME, SEQUENCE_ACTIVE, SEQUENCE_NOTE, SEQUENCE_OWNER, SEQUENCE_SHARED,
    SEQUENCE_HOURS, SEQUENCE_ZONE, SEQUENCE_DAILY, SEQUENCE_OPENS,
    SEQUENCE_ON_MEETING, SEQUENCE_ON_STAGE,
    SEQUENCE_FIELDS
};
enum sequence_step_field {
    STEP_SEQUENCE, STEP_POSITION, STEP_KIND, STEP_DAYS, STEP_HOURS, STEP_SUBJECT, STEP_TEXT,
    STEP_SUBJECT_B, STEP_THREAD, STEP_REVIEW, STEP_WAITS,
    STEP_FIELDS
};
enum enrolment_field {
    ENROLMENT_SEQUENCE, ENROLMENT_CONTACT, ENROLMENT_DEAL, ENROLMENT_OWNER, ENROLMENT_STATUS,
    ENROLMENT_BECAUSE, ENROLMENT_STEP, ENROLMENT_DUE, ENROLMENT_PROBLEM, ENROLMENT_ENDED,
    ENROLMENT_FIRST,
    ENROLMENT_FIELDS
};
enum taken_field {
    TAKEN_ENROLMENT, TAKEN_STEP, TAKEN_SEQUENCE, TAKEN_CONTACT, TAKEN_OWNER, TAKEN_KIND,
    TAKEN_STATUS, TAKEN_VARIANT, TAKEN_SUBJECT, TAKEN_TEXT, TAKEN_AT, TAKEN_EMAIL, TAKEN_ACTIVITY,
    TAKEN_OPENED, TAKEN_REPLIED, TAKEN_BOOKED, TAKEN_OUT, TAKEN_BOUNCED, TAKEN_KEY,
    TAKEN_FIELDS
};
extern const struct record_type sequence_type, sequence_step_type, enrolment_type, taken_type;
enum { SEQUENCE_STEPS_MAX = 30, SEQUENCE_DAILY_USUAL = 50 };

bool step_is_mail(const struct row *step);
/* The steps in their order. */
MUST_CHECK enum status sequence_steps(struct ctx *cx, i64 sequence_id,
                                      struct row *out[SEQUENCE_STEPS_MAX], size_t *count);
/* The first step behind this one (NULL: the first of all); *out NULL: there is none. */
MUST_CHECK enum status sequence_next(struct ctx *cx, i64 sequence_id, const struct row *after,
                                     struct row **out);
/* When a step is due that waits so long after `from_ms`: days are those on which somebody works. */
i64 sequence_due(struct ctx *cx, const struct row *sequence, const struct row *contact,
                 i64 from_ms, i64 days, i64 hours);
/* The first moment from then on in which mails of the sequence go. */
i64 sequence_open(struct ctx *cx, const struct row *sequence, const struct row *contact,
                  i64 from_ms);
/* Why a contact may not be written to: static or in arena; NULL: they may. As the system. */
MUST_CHECK enum status sequence_refuses(struct ctx *cx, const struct row *contact,
                                        const char **why);

/* The job that takes what is due runs soon. In a writing transaction. */
MUST_CHECK enum status sequence_wake(struct ctx *cx, i64 at_ms);
/* Does what is due now for one enrolment: at most one step. Twice is once. */
MUST_CHECK enum status sequence_take(struct ctx *cx, i64 enrolment_id);
/* The step behind the one that was just done, or the end. */
MUST_CHECK enum status sequence_advance(struct ctx *cx, struct row *enrolment);
/* The end before the end; what waits is taken off. An enrolment that is over stays as it is. */
MUST_CHECK enum status sequence_stop(struct ctx *cx, struct row *enrolment, const char *because);
/* All of a contact that go on. mark: the field of the newest mail that is credited, or -1. */
MUST_CHECK enum status sequence_stop_all(struct ctx *cx, i64 contact_id, const char *because,
                                         int mark, i64 since_ms);

/* What came of a sequence came of its newest mail: this moment is its field's, unless one is. */
MUST_CHECK enum status sequence_mark(struct ctx *cx, const struct row *enrolment, int field);

/* What a mail step would say to them, or what somebody wrote instead. */
struct step_words {
    const char *subject, *text;
    struct row *taken; /* the row that keeps one's own words, or NULL */
    i64 variant;
};
MUST_CHECK enum status step_words(struct ctx *cx, const struct row *enrolment,
                                  const struct row *step, const struct row *contact,
                                  struct step_words *out);
/* Keeps one's own words for a step that has not gone. */
MUST_CHECK enum status step_keep_words(struct ctx *cx, const struct row *enrolment,
                                       const struct row *step, const char *subject,
                                       const char *text);
/* Sends the mail of the step at which an enrolment stands, and goes on. */
MUST_CHECK enum status step_send(struct ctx *cx, struct row *enrolment, const struct row *step);
/* The row of a step of an enrolment; *out NULL: there is none. */
MUST_CHECK enum status taken_of(struct ctx *cx, i64 enrolment_id, i64 step_id, struct row **out);
