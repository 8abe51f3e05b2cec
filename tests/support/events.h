/* events.h -- where flushed events lie in tests: FURROW_TEST_EVENTS is the --events address of
 * servers (see with_clickhouse.sh) without a database, or unset: in the journey's file. */
#pragma once

/* The same with a database that nobody has used yet; NULL: unset. Static, until the next call. */
const char *test_events_url(void);
