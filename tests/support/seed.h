/* seed.h -- databases that were migrated before: bringing an empty one up takes half a second, a
 * test program has dozens of cases, and a run of all tests has some 150 programs. The migrations
 * run once and each case gets a copy. */
#pragma once
#include "store/migrate.h"
#include "support/store.h"

/* A set-up like test_db_sqlite and test_db_postgres, with these migrations applied. SQLite's seeds
 * lie in the folder that FURROW_TEST_SEEDS names (tools/test makes one for all programs), else in
 * one of the program's own; PostgreSQL's are databases of the server of the tests, furrow_seed_X.
 * X says what the migrations are, so that a seed is never stale. One thread. */
int test_db_migrated(void **state, enum db_engine engine, const struct migration *list,
                     size_t count);
