/* sql_check.h -- looks for anything wrong among the stored records, whatever their type:
 * references that lead nowhere, versions that the change log cannot account for. Reads only. */
#pragma once
#include "kit/record.h"

/* Appends a line for each kind of fault; *faults counts the rows concerned. Needs a connection. */
MUST_CHECK enum status check_references(struct ctx *cx, struct buf *report, i64 *faults);
MUST_CHECK enum status check_versions(struct ctx *cx, struct buf *report, i64 *faults);
/* What the engine itself finds wrong with its files; nothing where it has no such question. */
MUST_CHECK enum status check_engine(struct ctx *cx, struct buf *report, i64 *faults);
