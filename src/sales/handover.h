/* handover.h -- what service is told when a deal is won, in the same transaction, so that nobody
 * has to ask the customer again: what was bought, what was promised on the way, with whom one
 * dealt.
 *
 * Happening "deal.handover": row is the deal; props has owner, amount, order (its number), and
 * lists of texts: bought, promised (to be kept), conceded, people, notes. "deal.handover_back": the
 * deal is won no longer, and what follows from it is to be taken back. */
#pragma once
#include "kit/kit.h"

/* Of a won deal and the order that was made of it. Where the setting says so; else nothing. */
MUST_CHECK enum status handover_tell(struct ctx *cx, struct row *deal, const struct row *order);
MUST_CHECK enum status handover_take_back(struct ctx *cx, struct row *deal);
