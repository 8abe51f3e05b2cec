/* disposable_int.h -- domains of mail addresses for ten minutes: hashes (FNV-1a) in ascending
 * order, made by tools/disposable.py from the npm package mailchecker. */
#pragma once
#include "base/base.h"

extern const u64 disposable_hashes[];
extern const size_t disposable_count;
