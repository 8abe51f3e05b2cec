/* qualify.h -- qualification frameworks: what must be known of a lead or a deal before one works on
 * it, as criteria that a company can change (BANT, MEDDIC and their like come with it).
 *
 * Framework      a name, of what (leads, deals, both), whether it is in use.
 * Criterion      a question of a framework with its kind of answer and its weight.
 * Answer         what is known of one contact or one deal; a record, so that the change log has it.
 *                An answer has a share, 0 to 100: yes 100, no 0, of a choice what the criterion
 *                says, of anything else 100 as soon as it is given.
 * Qualification  of one contact or deal by one framework, worked out of its answers whenever one
 *                changes:  completeness = answered criteria / criteria, percent, rounded down;
 *                          score = sum(weight * share) / sum(weight), what is open counting as 0.
 *
 * Filters need nothing of their own: answers and qualifications point at the contact or deal, so
 *   count(qualification where framework_id.name = 'MEDDIC' and completeness >= 50) > 0
 *   count(qualification_answer where criterion_id.name = 'Economic buyer' and met is true) = 0
 * say it in lists, in segments and as what must hold before a deal leaves a stage. */
#pragma once
#include "kit/web.h"

enum framework_field {
    FRAMEWORK_NAME, FRAMEWORK_OF, FRAMEWORK_ACTIVE, FRAMEWORK_POSITION, FRAMEWORK_ABOUT,
    FRAMEWORK_FIELDS
};
enum criterion_field {
    CRITERION_NAME, CRITERION_FRAMEWORK, CRITERION_QUESTION, CRITERION_HINT, CRITERION_KIND,
    CRITERION_CHOICES, CRITERION_WEIGHT, CRITERION_POSITION, CRITERION_FIELDS
};
enum qualification_field {
    QUALIFICATION_FRAMEWORK, QUALIFICATION_CONTACT, QUALIFICATION_DEAL, QUALIFICATION_COMPLETENESS,
    QUALIFICATION_SCORE, QUALIFICATION_ANSWERED, QUALIFICATION_CRITERIA, QUALIFICATION_LACKS,
    QUALIFICATION_OWNER, QUALIFICATION_FIELDS
};
enum answer_field {
    ANSWER_CRITERION, ANSWER_CONTACT, ANSWER_DEAL, ANSWER_VALUE, ANSWER_NOTE, ANSWER_FRAMEWORK,
    ANSWER_ANSWERED, ANSWER_SHARE, ANSWER_MET, ANSWER_AMOUNT, ANSWER_DATE, ANSWER_OWNER,
    ANSWER_FIELDS
};
extern const struct record_type framework_type, criterion_type, qualification_type, answer_type;

/* "qualify" of the page of a contact or deal (qualify/panel): each framework in use for it with how
 * much is known and its score. What is known is a page of its own, which the panel fetches when it
 * is opened. */
MUST_CHECK enum status qualify_put(struct ctx *cx, const struct row *of, struct val *page);
/* Says what is known of one criterion of a contact or deal; "" takes it back. E_INVALID with an
 * error of the field "value". */
MUST_CHECK enum status qualify_answer(struct ctx *cx, const struct row *of, i64 criterion_id,
                                      const char *value);
/* The share of a choice in a criterion's list, "Champion = 60": -1 when it is none of them. *label:
 * as it stands there, without the share, in arena. */
int qualify_choice(struct ctx *cx, const char *choices, const char *value, const char **label);
/* The frameworks that a workspace begins with; nothing when it has or had any. */
MUST_CHECK enum status qualify_make_ready(struct ctx *cx);
