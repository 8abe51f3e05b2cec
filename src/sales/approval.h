/* approval.h -- who has to say yes before a quote is sent: rules, and what was asked of whom. */
#pragma once
#include "kit/kit.h"

enum approval_rule_field {
    RULE_NAME, RULE_FILTER, RULE_APPROVER, RULE_POSITION, RULE_ACTIVE, RULE_DELEGATE, RULE_FROM,
    RULE_UNTIL, RULE_FIELDS
};
enum approval_field {
    APPROVAL_QUOTE, APPROVAL_RULE, APPROVAL_WHY, APPROVAL_APPROVER, APPROVAL_STATUS,
    APPROVAL_POSITION, APPROVAL_COMMENT, APPROVAL_DECIDED_AT, APPROVAL_DECIDED_BY,
    APPROVAL_BECAUSE, APPROVAL_FIELDS
};
extern const struct record_type approval_rule_type, approval_type;
