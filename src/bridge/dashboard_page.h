/* dashboard_page.h -- the handlers behind a dashboard's routes, for the table in dashboard.c. */
#pragma once
#include "kit/web.h"

MUST_CHECK enum status dashboards_get(struct req *rq);
MUST_CHECK enum status dashboard_get(struct req *rq);
MUST_CHECK enum status dashboard_tiles_get(struct req *rq);
MUST_CHECK enum status dashboard_api(struct req *rq);
