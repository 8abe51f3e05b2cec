/* dashboard_page.h -- the handlers behind a dashboard's routes, for the table in dashboard.c. */
#pragma once
#include "kit/web.h"

MUST_CHECK enum status dashboards_get(struct req *rq);
MUST_CHECK enum status dashboards_add_get(struct req *rq);
MUST_CHECK enum status dashboard_get(struct req *rq);
MUST_CHECK enum status dashboard_tiles_get(struct req *rq);
MUST_CHECK enum status dashboard_api(struct req *rq);
MUST_CHECK enum status dashboard_wall_get(struct req *rq);
MUST_CHECK enum status dashboard_pdf_get(struct req *rq);
MUST_CHECK enum status dashboard_png_get(struct req *rq);
MUST_CHECK enum status tile_csv_get(struct req *rq);

/* dashboard_form.c */
MUST_CHECK enum status tile_new_get(struct req *rq);
MUST_CHECK enum status tile_edit_get(struct req *rq);
MUST_CHECK enum status tile_preview_get(struct req *rq);
MUST_CHECK enum status tile_create_post(struct req *rq);
MUST_CHECK enum status tile_update_post(struct req *rq);

/* dashboard_act.c */
MUST_CHECK enum status board_arrange_post(struct req *rq);
MUST_CHECK enum status tile_place_post(struct req *rq);
MUST_CHECK enum status tile_copy_post(struct req *rq);
MUST_CHECK enum status tile_delete_post(struct req *rq);
MUST_CHECK enum status tile_restore_post(struct req *rq);
MUST_CHECK enum status board_copy_post(struct req *rq);
MUST_CHECK enum status board_first_post(struct req *rq);
MUST_CHECK enum status board_keep_post(struct req *rq);
