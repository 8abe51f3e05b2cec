/* fixture.h -- a running program for each test case, without a server: a database with every
 * migration and the tables of the given features, a kit, a writer, a journey in a temporary file,
 * and a clock that stands on Monday 23 November 2026, 10:00 UTC.
 *
 *     static const struct feature *const features[] = { &feature_deal };
 *     static const struct fixture_options options = { FEATURES(features) };
 *     static void a_deal_can_be_won(void **state)
 *     {
 *         struct fixture *f = *state;
 *         const struct access *anna = fixture_user(f, "Anna", 0, "{\"deal\": {\"read\":
 * \"own\"}}"); assert_status(cx, record_get(fixture_ctx(f, anna), &deal_type, id, &r),
 * E_NOT_FOUND);
 *     }
 *     const struct CMUnitTest tests[] = { ON_BOTH_ENGINES(a_deal_can_be_won, &options) };
 */
#pragma once
#include "kit/kit.h"
#include "support/store.h"

#define FIXTURE_NOW INT64_C(1795428000000) /* 2026-11-23T10:00:00Z, a Monday */

struct fixture_options {
    const struct feature *const *features; /* beside kit's own */
    size_t feature_count;
    const struct sql_file *sql; /* beside kit's own */
    size_t sql_count;
    bool no_journey;
    bool no_start; /* the features' start is not run */
};
#define FEATURES(list) .features = (list), .feature_count = countof(list)

struct fixture {
    struct test_db *t;
    enum db_engine engine;
    struct clock *clock; /* set fixed_ms to go in time */
    struct ctx *cx;      /* as the system; cx->db writes, each save in a transaction of its own */
    struct kit *kit;
    struct writer *writer;
    struct journey *journey;
};

/* Opened by a test that needs other than the usual; fixture_close frees it. */
struct fixture *fixture_open(enum db_engine engine, const struct fixture_options *o);
void fixture_close(struct fixture *f);

/* A context as somebody, on the fixture's connection and arena. In arena. */
struct ctx *fixture_ctx(struct fixture *f, const struct access *who);
/* A user with a role of these rules (access_rules_parse), as access. Where there is a record type
 * "user" the user is one. team_id 0: none. */
const struct access *fixture_user(struct fixture *f, const char *name, i64 team_id,
                                  const char *rules);
/* Saves a new record of `type` from texts: fixture_record(f, "deal", "name", "Renewal", "amount",
 * "12 EUR", NULL). Its id. */
i64 fixture_record(struct fixture *f, const char *type, ...) __attribute__((sentinel));

int fixture_sqlite(
    void **state); /* set-ups: *state is a struct fixture_options, then the fixture */
int fixture_postgres(void **state);
int fixture_teardown(void **state);
#define ON_SQLITE_ENGINE(test, options)                                              \
    {                                                                                \
#test " (sqlite)", test, fixture_sqlite, fixture_teardown, (void *)(options) \
    }
#define ON_POSTGRES_ENGINE(test, options)                                                \
    {                                                                                    \
#test " (postgres)", test, fixture_postgres, fixture_teardown, (void *)(options) \
    }
#define ON_BOTH_ENGINES(test, options) \
    ON_SQLITE_ENGINE(test, options), ON_POSTGRES_ENGINE(test, options)
