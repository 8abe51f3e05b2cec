/* relation.h -- what is known of the people at a customer: their roles when something is bought,
 * and days that matter. */
#pragma once
#include "kit/kit.h"

enum buying_role_field {
    ROLE_OF_CONTACT, ROLE_OF_KIND, ROLE_OF_STANCE, ROLE_OF_DEAL, ROLE_OF_COMPANY, ROLE_OF_NOTE,
    ROLE_OF_FIELDS
};
enum key_date_field {
    KEY_DATE_KIND, KEY_DATE_NAME, KEY_DATE_CONTACT, KEY_DATE_COMPANY, KEY_DATE_DEAL, KEY_DATE_ON,
    KEY_DATE_YEARLY, KEY_DATE_NEXT, KEY_DATE_BEFORE, KEY_DATE_TASK, KEY_DATE_OWNER,
    KEY_DATE_REMINDED,
    KEY_DATE_FIELDS
};
extern const struct record_type buying_role_type, key_date_type;

/* The next time a day comes round, from `today` on: 29 February is the 28th in other years. Not
 * yearly: the day itself. */
i64 key_date_next(i64 day, bool yearly, i64 today);
