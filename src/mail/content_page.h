/* content_page.h -- what the pages of a content share: the preview's answer and whom it is for. */
#pragma once
#include "kit/web.h"
#include "mail/content_int.h"

void content_crumbs(struct val *page);
/* The mail as a document of its own, for a frame: ?contact= whose, ?look=light|dark, ?part=text.
 * Nothing runs in it and nothing can be sent from it. */
enum status content_reply_preview(struct req *rq, const struct content *c, bool topic);
/* Whom a preview is for: ?contact=, or somebody there is. In arena; never NULL. */
MUST_CHECK enum status content_sample(struct req *rq, const char *id, const struct row **out);
/* The record's page: preview and checks beside the facts. */
enum status content_detail(struct ctx *cx, const struct row *r, struct val *page);
