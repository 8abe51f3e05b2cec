/* segment_int.h -- what the files of segments share: segment.c is the record and its rules,
 * segment_member.c who is in one, segment_fill.c when that is found out anew, segment_page.c the
 * pages. */
#pragma once
#include "bridge/segment.h"

enum segment_why { WHY_HAPPENED, WHY_TRASH, WHY_FILTER, WHY_HAND };

/* ---- segment_member.c ---- */
/* Writes that these contacts came into a segment, or left it: members, history, size and the day's
 * numbers; and says so, unless the filter was changed. `ids`: those that truly change. */
MUST_CHECK enum status segment_move(struct ctx *cx, struct row *segment, const i64 *ids,
                                    size_t count, bool in, enum segment_why why);
bool segment_is_live(const struct row *segment);
