/* retry.h -- the second try of a lost deal: some months later, as many as its reason says, a task
 * of its owner comes due; from the lost deal a new one begins, and the lost one stays lost. */
#pragma once
#include "kit/kit.h"

/* In validate: the day of the second try, of a deal that is lost from now on or for another reason.
 * E_INVALID: a day that is over. */
MUST_CHECK enum status retry_settle(struct ctx *cx, struct row *deal, bool lost);
/* After the save: the task is made, moved or taken back. May save the deal once more. */
MUST_CHECK enum status retry_follow(struct ctx *cx, struct row *deal);
