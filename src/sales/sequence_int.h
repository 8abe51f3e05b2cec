/* sequence_int.h -- what the records of sequences show on their pages (sequence_page.c). */
#pragma once
#include "sales/sequence.h"

MUST_CHECK enum status sequence_detail(struct ctx *cx, const struct row *r, struct val *page);
MUST_CHECK enum status enrolment_detail(struct ctx *cx, const struct row *r, struct val *page);
