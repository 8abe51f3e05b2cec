/* sla.h -- promises: by when a ticket is answered first, and by when it is solved. A policy says
 * for which tickets (a filter), how many minutes for each priority, whether only working hours
 * count (kit/hours.h), and which statuses stop the clock of the solution. The first policy, by
 * order, whose filter a ticket passes is its promise; it is chosen anew while the ticket is to be
 * solved.
 *
 *   first answer due  = opened + minutes
 *   solution due      = opened + minutes + minutes paused; unset while it is paused in time
 *   late              = answered, or solved, or now, after it was due; not at it
 *
 * Time in which a ticket is solved counts as paused if it comes back. Nothing polls: each ticket
 * knows when it is to be looked at next, and one job sleeps until the earliest. */
#pragma once
#include "service/ticket.h"

enum sla_field {
    SLA_NAME, SLA_ORDER, SLA_ACTIVE, SLA_FILTER, SLA_HOURS, SLA_PAUSE_PENDING, SLA_PAUSE_HOLD,
    SLA_FIRST_URGENT, SLA_FIRST_HIGH, SLA_FIRST_NORMAL, SLA_FIRST_LOW,
    SLA_SOLVE_URGENT, SLA_SOLVE_HIGH, SLA_SOLVE_NORMAL, SLA_SOLVE_LOW,
    SLA_FIELDS
};
enum escalation_field {
    ESCALATION_NAME, ESCALATION_POLICY, ESCALATION_ABOUT, ESCALATION_MINUTES, ESCALATION_DO,
    ESCALATION_USER, ESCALATION_FIELDS
};
extern const struct record_type sla_policy_type, sla_escalation_type;
