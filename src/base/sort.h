/* sort.h -- sorting many rows by a number. */
#pragma once
#include "base/base.h"

struct arena;

/* Sorts rows that begin with an i64 by it, ascending; equal ones keep their order. What is sorted
 * already costs one look. Radix by bytes, those that all rows share passed over, so that a million
 * ids of one year take a few passes: D. Knuth, The Art of Computer Programming 3, 5.2.5. `bytes` of
 * a row: a multiple of 8. Scratch as large as the rows comes from `a`. */
void sort_by_id(struct arena *a, void *rows, size_t count, size_t bytes);
