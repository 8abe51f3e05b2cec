/* engagement.h -- how much a person, or the people of a company, have to do with us lately: what
 * they opened, clicked, read and filled in, and whether it grows (M12). Computed from the journey
 * when a page asks. */
#pragma once
#include "kit/kit.h"

/* Puts "engagement" (engagement/panel) about this contact into page; nothing when there is no
 * journey. */
MUST_CHECK enum status engagement_of_contact(struct ctx *cx, i64 contact_id, struct val *page);
/* The same over the people of a company whom the asking user may see. */
MUST_CHECK enum status engagement_of_company(struct ctx *cx, i64 company_id, struct val *page);
