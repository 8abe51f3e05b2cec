/* pg.h -- a PostgreSQL server for a test program: the one that FURROW_TEST_PG names (with_pg.sh
 * starts one for a whole run of tests), else a private cluster that lives as long as the program.
 * One thread. */
#pragma once

/* URL of an empty database of this program's own, made at the first call and emptied at each
 * further one. It is dropped when the program ends. Ends the program with a message when there is
 * no server to be had. static */
const char *test_pg_url(void);
