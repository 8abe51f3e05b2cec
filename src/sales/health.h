/* health.h -- how customers do: a score from 0 to 100 for each company that pays, of rules in the
 * filter language, and what is done when it falls.
 *
 * Rule     a filter over companies, points, a weight. Where it holds, points x weight are added.
 * Score    what the settings begin with plus all that; at least 0, at most 100.
 * Band     healthy, at_risk, critical by two lines of the settings.
 * Change   the score less what it was 30 days ago, read from the change log.
 * Play     what begins when a band falls: tasks for the owner, a notification. Each run of one is a
 *          record with its outcome. */
#pragma once
#include "kit/kit.h"

enum health_rule_field {
    HEALTH_RULE_NAME, HEALTH_RULE_AREA, HEALTH_RULE_FILTER, HEALTH_RULE_POINTS, HEALTH_RULE_WEIGHT,
    HEALTH_RULE_ACTIVE,
    HEALTH_RULE_FIELDS
};
enum health_field {
    HEALTH_COMPANY, HEALTH_BAND, HEALTH_SCORE, HEALTH_CHANGE, HEALTH_ARR, HEALTH_RENEWS, HEALTH_WHY,
    HEALTH_SINCE, HEALTH_OWNER,
    HEALTH_FIELDS
};
enum play_field {
    PLAY_NAME, PLAY_BAND, PLAY_FILTER, PLAY_TASKS, PLAY_NOTIFY, PLAY_ACTIVE, PLAY_NOTE,
    PLAY_FIELDS
};
enum play_run_field {
    RUN_PLAY, RUN_COMPANY, RUN_STATUS, RUN_OWNER, RUN_BEGAN, RUN_FROM, RUN_TO, RUN_SCORE, RUN_ARR,
    RUN_WHY, RUN_ENDED, RUN_OUTCOME,
    RUN_FIELDS
};
extern const struct record_type health_rule_type, health_type, play_type, play_run_type;

enum { HEALTH_RULES = 100, HEALTH_COMPANIES = 2000 }; /* rules; companies looked at at once */

/* ---- health_count.c ---- */
struct health_rule {
    const char *name, *area, *filter;
    i64 points; /* times the weight */
    i64 id;
};
struct health_rules {
    struct health_rule *list;
    size_t count;
    i64 start;
};
/* The active ones. In arena. */
MUST_CHECK enum status health_rules_read(struct ctx *cx, struct health_rules *out);
/* holds[i * rules + r]: rule r holds for ids[i] (ascending). As the system. E_INVALID names a rule
 * that is broken. */
MUST_CHECK enum status health_ask(struct ctx *cx, const struct health_rules *rules, const i64 *ids,
                                  size_t count, bool *holds);
i64 health_sum(const struct health_rules *rules, const bool *holds);
const char *health_band(struct ctx *cx, i64 score); /* static */
int health_rank(const char *band);                  /* 0 critical, 1 at_risk, 2 healthy; -1 none */
/* Counts these companies (ascending) anew and keeps what changed: score, band, reasons; plays
 * begin. Those that are customers no more lose theirs. As the system, in a transaction. */
MUST_CHECK enum status health_count(struct ctx *cx, const i64 *ids, size_t count);

/* ---- play.c ---- */
/* The band fell: the plays for it begin. */
MUST_CHECK enum status plays_begin(struct ctx *cx, const struct row *health, const char *from);
/* The company is healthy again ("saved"), or no customer any more ("lost"): its running plays end.
 */
MUST_CHECK enum status plays_end(struct ctx *cx, i64 company_id, const char *status,
                                 const char *outcome);
