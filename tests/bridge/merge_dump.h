/* merge_dump.h -- the state of a program as text: each row of each table, and each event of
 * two people. What it leaves out it names, with the reason. */
#pragma once
#include "support/house.h"

/* All tables, sorted, a line a row. `ids`: of these records' own rows version, updated_at and
 * updated_by are left out, since the past is read by them and so they go on; 0: of none. */
const char *dump_tables(struct house *h, i64 one, i64 other);
/* Every event that is seen under this contact, but those that tell of merges themselves. */
const char *dump_events(struct house *h, i64 contact);
/* Fails the test with the first line that differs. */
void assert_same_dump(const char *what, const char *before, const char *after);
