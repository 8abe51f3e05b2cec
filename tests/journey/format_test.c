/* The bytes of journey.db: checksums, versions, and columns that this program does not know or does
 * not find. */
#include "journey/run_int.h"
#include "model.h"
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { COLUMNS_AT = BLOB_HEAD_BYTES + 64 }; /* the list of columns in a run's blob */

static void sums_are_crc32c(void **state)
{
    static const struct {
        const char *text;
        u32 crc;
    } cases[] = { { "", 0 }, { "a", 0xc1d04330 }, { "123456789", 0xe3069283 } };
    char bytes[1000];
    u64 seed = 1;

    (void)state;
    for (size_t i = 0; i < countof(cases); i++) {
        assert_int_equal(crc32c(0, cases[i].text, strlen(cases[i].text)), cases[i].crc);
        assert_int_equal(crc32c_portable(0, cases[i].text, strlen(cases[i].text)), cases[i].crc);
    }
    for (size_t i = 0; i < sizeof bytes; i++)
        bytes[i] = (char)random_next(&seed);
    for (size_t len = 0; len < sizeof bytes - 8; len += 7) {
        u32 whole = crc32c(0, bytes + len % 8, len);
        assert_int_equal(crc32c_portable(0, bytes + len % 8, len), whole);
        size_t cut = len / 3; /* in two pieces */
        assert_int_equal(crc32c(crc32c(0, bytes + len % 8, cut), bytes + len % 8 + cut, len - cut),
                         whole);
    }
}

static void a_blob_says_what_is_wrong_with_it(void **state)
{
    char blob[BLOB_HEAD_BYTES + 4] = { 0 }, other[sizeof blob];
    static const struct {
        size_t at;
        char value;
        const char *says;
    } cases[] = {
        { 0, 'K', "not a journey blob" },   { 4, 2, "newer version" },
        { 6, BLOB_LOG, "checksum" },        { 12, 5, "length" },
        { BLOB_HEAD_BYTES, 9, "checksum" }, { 28, 0, "checksum" },
    };

    (void)state;
    blob_seal(blob, sizeof blob, (struct blob_head){ .type = BLOB_COLUMN, .item = 3, .count = 4 });
    assert_null(blob_fault(blob, sizeof blob, BLOB_COLUMN, 3, true));
    assert_non_null(strstr(blob_fault(blob, sizeof blob, BLOB_COLUMN, 4, true), "another type"));
    assert_non_null(strstr(blob_fault(blob, 10, BLOB_COLUMN, 3, true), "shorter"));
    for (size_t i = 0; i < countof(cases); i++) {
        memcpy(other, blob, sizeof blob);
        other[cases[i].at] = cases[i].value;
        const char *what = blob_fault(other, sizeof other, BLOB_COLUMN, 3, true);
        assert_non_null(what);
        assert_non_null(strstr(what, cases[i].says));
    }
}

static void *run_blob(sqlite3 *db, size_t *len)
{
    sqlite3_stmt *s;

    assert_int_equal(sqlite3_prepare_v2(db, "SELECT data FROM run", -1, &s, NULL), SQLITE_OK);
    assert_int_equal(sqlite3_step(s), SQLITE_ROW);
    *len = (size_t)sqlite3_column_bytes(s, 0);
    void *copy = malloc(*len);
    memcpy(copy, sqlite3_column_blob(s, 0), *len);
    sqlite3_finalize(s);
    return copy;
}

/* A later program's run: column `from` is called `to`, which nobody knows yet. */
static void rename_column(const char *path, u8 from, u8 to)
{
    sqlite3 *db;
    sqlite3_stmt *s;
    size_t len;

    assert_int_equal(sqlite3_open(path, &db), SQLITE_OK);
    char *blob = run_blob(db, &len);
    struct blob_head head;
    memcpy(&head, blob, sizeof head);
    char *at = blob + COLUMNS_AT;
    while (*(u8 *)at != from)
        at += sizeof(struct column_info);
    *at = (char)to;
    blob_seal(blob, len, head);
    assert_int_equal(sqlite3_prepare_v2(db, "UPDATE run SET data = ?1", -1, &s, NULL), SQLITE_OK);
    sqlite3_bind_blob64(s, 1, blob, len, SQLITE_STATIC);
    assert_int_equal(sqlite3_step(s), SQLITE_DONE);
    sqlite3_finalize(s);
    sqlite3_close(db);
    free(blob);
}

struct sums {
    u64 events, page, campaign;
};

static void add(void *acc, const struct journey_view *v)
{
    struct sums *s = acc;

    for (size_t i = 0; i < v->count; i++) {
        s->events++;
        s->page += v->events[i].page;
        s->campaign += v->events[i].campaign;
    }
}

static struct sums walk(struct ctx *cx, struct journey *j)
{
    struct sums s = { 0 };
    void *acc = &s;
    struct journey_plan p = { .visit = add };

    assert_int_equal(journey_walk(cx, j, &p, &acc, 1), OK);
    return s;
}

static void columns_may_come_and_go(void **state)
{
    scoped(arena_close) struct arena *a = arena_new(4096);
    static const char *const ends[] = { "", "-wal", "-shm", "-lock" };
    struct event e[100] = { 0 };
    struct clock clock = { 0 };
    struct journey *j;
    struct ctx cx;
    char path[64], name[96];

    (void)state;
    snprintf(path, sizeof path, "/tmp/furrow-format-%d.db", (int)getpid());
    struct journey_options o = { .path = path, .clock = &clock, .no_background = true };
    ctx_init(&cx, a, &clock);
    assert_int_equal(journey_open(&cx, &o, &j), OK);
    for (u32 i = 0; i < countof(e); i++)
        e[i] = (struct event){ .at_ms = 1763890000000 + i,
                               .person = journey_person(j, PERSON_VISITOR, i % 9),
                               .kind = 1,
                               .page = i,
                               .campaign = i * 3 };
    assert_int_equal(journey_append_wait(&cx, j, e, countof(e)), OK);
    assert_int_equal(journey_flush(&cx, j), OK);
    struct sums before = walk(&cx, j);
    assert_int_equal(before.campaign, 3 * before.page);
    journey_close(j);

    rename_column(path, COL_CAMPAIGN, 200);
    assert_int_equal(journey_open(&cx, &o, &j), OK);
    struct sums after = walk(&cx, j);
    assert_int_equal(after.events, before.events);
    assert_int_equal(after.page, before.page);
    assert_int_equal(after.campaign, 0);
    assert_int_equal(journey_verify(&cx, j), OK);
    journey_close(j);
    for (size_t i = 0; i < countof(ends); i++) {
        snprintf(name, sizeof name, "%s%s", path, ends[i]);
        unlink(name);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = { cmocka_unit_test(sums_are_crc32c),
                                        cmocka_unit_test(a_blob_says_what_is_wrong_with_it),
                                        cmocka_unit_test(columns_may_come_and_go) };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
