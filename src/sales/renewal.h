/* renewal.h -- a subscription that will renew stands in the pipeline: as a deal of the pipeline for
 * renewals, expected to close on the renewal day, for what the next term comes to. */
#pragma once
#include "kit/kit.h"

/* The deal for the subscription's next renewal is made, or follows what has changed; its amount
 * only with `price`, since somebody may have negotiated another. It is closed as lost when the
 * subscription ends before, and goes when that never was. As the system, inside the running
 * transaction, after its save; saves the row again where its renewal changes. */
MUST_CHECK enum status renewal_follow(struct ctx *cx, struct row *subscription, bool price);
/* Closes the open deal of the next renewal as won, by which the subscription goes on for another
 * term. *done is false where there is no such deal. */
MUST_CHECK enum status renewal_win(struct ctx *cx, const struct row *subscription, bool *done);
/* *renewed: the deal was a renewal, and its subscription goes on for another term at what the deal
 * says. */
MUST_CHECK enum status renewal_won(struct ctx *cx, const struct row *deal, bool *renewed);
