/* card.h -- what helps to win: competitors, and cards that show on a deal's page when they fit.
 *
 * Competitor  a record; a deal has several. Closing a deal as lost to somebody makes them one.
 * Card        a playbook (how we sell) or a battlecard (against whom): steps to tick off, talking
 *             points, objections with answers. It shows on open deals that meet all that it names:
 *             a stage, a product on one of the deal's quotes, a competitor, a filter.
 * Step        what somebody ticked off of a card on a deal, by its text: a card may change. */
#pragma once
#include "kit/kit.h"

enum competitor_field {
    COMPETITOR_NAME, COMPETITOR_WEBSITE, COMPETITOR_STRENGTHS, COMPETITOR_WEAKNESSES,
    COMPETITOR_ANSWER, COMPETITOR_FIELDS
};
enum rival_field { RIVAL_DEAL, RIVAL_COMPETITOR, RIVAL_NOTE, RIVAL_FIELDS };
enum card_field {
    CARD_NAME, CARD_KIND, CARD_ACTIVE, CARD_POSITION, CARD_STAGE, CARD_PRODUCT, CARD_COMPETITOR,
    CARD_FILTER, CARD_STEPS, CARD_POINTS, CARD_OBJECTIONS, CARD_FIELDS
};
enum card_step_field { TICK_DEAL, TICK_CARD, TICK_TEXT, TICK_FIELDS };
extern const struct record_type competitor_type, deal_competitor_type, sales_card_type,
    card_step_type;

/* Deals that were closed, of those that pass the filter: won, all, and the share with its interval
 * in words ("42 % (24 of 57; ...)"; "" of none). As the asking user. */
MUST_CHECK enum status deals_won_share(struct ctx *cx, const char *filter, i64 *won, i64 *closed,
                                       const char **text);
/* A filter over deals: those that have the competitor. In arena. */
const char *deals_with_rival(struct ctx *cx, i64 competitor);
/* "cards" of a deal's page (card.html). */
MUST_CHECK enum status cards_put(struct ctx *cx, const struct row *deal, struct val *page);
