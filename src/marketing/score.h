/* score.h -- scores of contacts, for those who fill a workspace: imports of journeys, the demo
 * company. In daily life score.c follows the journey by itself. */
#pragma once
#include "base/ctx.h"

/* Computes every contact's score anew from its journey and profile, a few hundred to a transaction,
 * and marks the journey as read up to now. `cross`: whoever is over the MQL line by that becomes an
 * MQL, as always; otherwise stages stay as they are. Not inside a transaction of the writer. */
MUST_CHECK enum status score_all(struct ctx *cx, bool cross);
/* Learns which leads are won, as the weekly job does (score_learn.h). Not inside a transaction. */
MUST_CHECK enum status score_learn(struct ctx *cx);
