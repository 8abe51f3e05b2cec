/* exclusion.h -- rules of what is left out of traffic. */
#pragma once
#include "kit/web.h"

enum exclusion_field {
    EXCLUSION_KIND, EXCLUSION_VALUE, EXCLUSION_SITE, EXCLUSION_NOTE, EXCLUSION_OWNER,
    EXCLUSION_FIELDS
};
extern const struct record_type exclusion_type;
