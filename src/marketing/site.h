/* site.h -- the company's web sites: which hosts events may come from, and how visitors are told
 * apart there. */
#pragma once
#include "kit/kit.h"

enum site_field {
    SITE_NAME, SITE_DOMAIN, SITE_MODE, SITE_ALIASES, SITE_EXCLUDED, SITE_TRACKER_ID, SITE_FIELDS
};
enum { SITES_MAX = 1000 }; /* that events are taken for */
extern const struct record_type site_type;
