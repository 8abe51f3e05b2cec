/* pg.h -- a PostgreSQL server for a test program: the one that FURROW_TEST_PG names (with_pg.sh
 * starts one for a whole run of tests), else a private cluster that lives as long as the program.
 * One thread. */
#pragma once
#include "base/base.h"

/* URL of an empty database of this program's own, made at the first call and emptied at each
 * further one. It is dropped when the program ends. Ends the program with a message when there is
 * no server to be had. static */
const char *test_pg_url(void);
/* The same URL, of a database that is a copy of the server's furrow_seed_KEY. Where there is none
 * yet, fill is given the URL of an empty one to make it of; other programs wait. static */
const char *test_pg_copy(u64 key, void (*fill)(const char *url, void *arg), void *arg);
