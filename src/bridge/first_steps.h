/* first_steps.h -- what a new workspace needs before it has anything to show. */
#pragma once
#include "kit/kit.h"

/* Puts "steps" into a page: a list of {text, detail, url, done}, those that this user may take,
 * with "has_steps" false once there are a site and a contact: then the numbers speak. */
MUST_CHECK enum status put_first_steps(struct ctx *cx, struct val *page);
