/* forecast_history.h -- the history of deals, read from the change log. The log has it all, and
 * exactly: each save of each deal, also of those that belong to nobody's journey, of imported ones
 * and of those in the trash, with amounts in base currency as they were frozen then. Events of
 * journeys have neither amounts that changed between stages nor dates that slipped, nor deals
 * without a contact.
 * Ownership  in cx's arena.     Threads  as the ctx. */
#pragma once
#include "base/clock.h"
#include "kit/kit.h"
#include "sales/forecast_learn.h"

/* since_ms TIME_NONE: of all deals; otherwise only of those that were touched from then on, to be
 * looked at and not learned from. */
MUST_CHECK enum status history_read(struct ctx *cx, i64 since_ms, struct forecast_history **out);
/* The owner's place in the history; 0 for one who has none. */
int history_owner(const struct forecast_history *h, i64 user_id);
/* The period of a unit (PERIOD_MONTH, PERIOD_QUARTER) that holds at_ms, moved by `steps`. */
struct forecast_period period_at(struct ctx *cx, enum period_unit unit, i64 at_ms, int steps);
/* The months that are over, from the first whole one of the history on. In arena. */
int history_months(struct ctx *cx, const struct forecast_history *h,
                   struct forecast_period **out);
