/* score_int.h -- what the files of scoring share: score.c knows when to count, score_tally.c what
 * somebody's events and profile give, score_count.c brings that into the records, score_page.c
 * shows where each point came from and what another rule would do, score_learn.c learns from what
 * was won and lost. */
#pragma once
#include "journey/journey.h"
#include "kit/filter.h"
#include "kit/kit.h"
#include "marketing/score.h"

enum rule_field {
    RULE_NAME,
    RULE_EVENT,
    RULE_KIND,
    RULE_PAGE,
    RULE_ACTION,
    RULE_FILTER,
    RULE_POINTS,
    RULE_MAX,
    RULE_DAYS,
    RULE_HALF_LIFE,
    RULE_PRODUCT,
    RULE_ACTIVE,
    RULE_FIELDS
};
extern const struct record_type score_rule_type;
enum { SCORE_PEOPLE_MAX = 20000 }; /* counted in one walk */
enum { SCORE_COLUMNS = READ_PAGE | READ_DEVICE }; /* that score_events looks at */

/* Computes the scores of these contacts anew, at most SCORE_PEOPLE_MAX, each in the list once. One
 * walk over their journeys, then the records in parts of one transaction each, so that nobody waits
 * long for the writer. `cross`: who is over the MQL line by that becomes an MQL. As the system; not
 * inside a transaction of the writer. Those that are gone are passed over. */
MUST_CHECK enum status score_people(struct ctx *cx, const i64 *contacts, size_t count, bool cross);

/* ---- what somebody's events and profile give (score_tally.c) ---- */

/* A rule made ready to be asked a million times. */
struct score_rule {
    i64 id; /* 0: of the program itself: points that a flow gave */
    const char *name, *page, *action, *filter_text;
    struct filter *filter; /* of rules over the profile; NULL: of events, or broken */
    u16 kind;              /* of events; 0: over the profile */
    bool by_day;           /* a day counts once */
    bool fit;              /* for the grade, not for the score */
    bool said;             /* each event says its own points */
    i64 points, max, days; /* days: 0 for ever */
    double half_life_days; /* 0: events do not fade */
    i64 product;           /* whose score it counts for; 0: the lead score */
};
struct score_rules {
    struct score_rule *list;
    size_t count;
    const struct zone *zone;
    i64 cap; /* the lead score goes no higher; 0: no cap */
};
/* The active ones. In arena. */
MUST_CHECK enum status score_rules_read(struct ctx *cx, struct score_rules *out);
/* One rule of a row, as it stands there: a draft, too. */
struct score_rule score_rule_of(struct ctx *cx, const struct row *r);

/* What a rule gives to somebody. */
struct score_tally {
    i64 times, last_at, last_day;
    double points;
    const char *text; /* what the last one was: the page, the form */
};
/* Hears of each event that gives points. */
typedef void score_hears(void *arg, const struct score_rule *rule, const struct event *e,
                         double points);
/* Adds what events (in order of time, with props) give as of an instant: later ones do not count.
 * tallies: one a rule. hears may be NULL. */
void score_events(struct ctx *cx, const struct score_rules *rules, const struct event *events,
                  size_t count, i64 at_ms, struct score_tally *tallies, score_hears *hears,
                  void *arg);
/* The same of the profile. Filters remember what they read: read the rules anew for other work. */
MUST_CHECK enum status score_profile(struct ctx *cx, const struct score_rules *rules,
                                     const struct row *contact, struct score_tally *tallies);
/* Points of one rule, whole: what is shown is what is added up. */
i64 score_points(const struct score_tally *t);
/* The lead score (product 0) or a product's: from 0 to the cap. */
i64 score_sum(const struct score_rules *rules, const struct score_tally *tallies, i64 product);
/* "A" to "F" by the share of all points for the fit that a profile gets; "" where no rule is for
 * the fit. Static. */
const char *score_grade(const struct score_rules *rules, const struct score_tally *tallies);

/* ---- scores of products (score_product.c) ---- */
extern const struct record_type scored_product_type, product_score_type;
/* Keeps what a product's rules give a contact; 0 where nothing was makes no record. As the system.
 */
MUST_CHECK enum status product_score_put(struct ctx *cx, i64 contact, i64 product, i64 points);
