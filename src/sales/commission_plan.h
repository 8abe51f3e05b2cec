/* commission_plan.h -- commissions as records: plans with their rates and people, how deals are
 * shared, and the statement of each person and period with its entries.
 *
 * Statement   draft -> approved -> paid. A draft is worked out anew whenever somebody asks, and
 *             each night; an approved one never changes again.
 * Clawback    a deal that earned something on an approved statement and is won no more takes that
 *             back on the person's next draft. On plans that pay on payment, a refund does.
 * Who sees    a statement is its person's, their manager's and the administrators'. The last two
 *             approve. */
#pragma once
#include "kit/kit.h"

enum commission_plan_field {
    CPLAN_NAME, CPLAN_BASIS, CPLAN_UNIT, CPLAN_FROM, CPLAN_UNTIL, CPLAN_WHOLE, CPLAN_CAP,
    CPLAN_ACTIVE, CPLAN_NOTE,
    CPLAN_FIELDS
};
enum commission_tier_field { CTIER_PLAN, CTIER_FROM, CTIER_RATE, CTIER_PRODUCT, CTIER_FIELDS };
enum commission_member_field {
    CMEMBER_PLAN, CMEMBER_USER, CMEMBER_FROM, CMEMBER_UNTIL, CMEMBER_FIELDS
};
enum commission_split_field {
    CSPLIT_DEAL, CSPLIT_USER, CSPLIT_PERCENT, CSPLIT_NOTE, CSPLIT_FIELDS
};
enum statement_field {
    STATEMENT_PLAN, STATEMENT_OWNER, STATEMENT_FROM, STATEMENT_TO, STATEMENT_STATUS,
    STATEMENT_QUOTA, STATEMENT_CREDITED, STATEMENT_ATTAINMENT, STATEMENT_EARNED, STATEMENT_CLAWED,
    STATEMENT_TOTAL, STATEMENT_APPROVED_BY, STATEMENT_APPROVED_AT,
    STATEMENT_FIELDS
};
enum commission_entry_field {
    CENTRY_STATEMENT, CENTRY_POSITION, CENTRY_ON, CENTRY_KIND, CENTRY_TEXT, CENTRY_DEAL,
    CENTRY_PRODUCT,
    CENTRY_CREDITED, CENTRY_AMOUNT, CENTRY_CLAWS, CENTRY_OWNER,
    CENTRY_FIELDS
};
extern const struct record_type commission_plan_type, commission_tier_type, commission_member_type,
    commission_split_type, statement_type, commission_entry_type;

/* ---- statement.c ---- */
/* The statement of a person for the period of the plan that holds this day, worked out anew unless
 * it is approved; made where there is none. As the system. */
MUST_CHECK enum status statement_count(struct ctx *cx, const struct row *plan, i64 user_id, i64 day,
                                       struct row **out);
/* Those of all plans and people for the period of this day. As the system. */
MUST_CHECK enum status statements_count(struct ctx *cx, i64 day);
