/* Five reports (bench/reports.c) over made-up events: a million, against answers that DuckDB and
 * ClickHouse gave byte for byte alike; and those of other seeds, against SQL. The generator, the
 * definitions, the answers and the SQL lie in $FURROW_SHARED/journey (or ../shared/journey beside
 * the source). Without them the test is skipped, except where CI=true says that they must be
 * there. */
#include "../bench/reports.h"
#include "base/buf.h"
#include "judge.h"
#include "model.h"
#include "support/events.h"
#include <spawn.h>
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

enum { SKIPPED = 77, TEXT_BYTES = 1 << 20 };

struct raw_event { /* the generator's row */
    u32 visitor, person, sec, value;
    u16 ms, campaign, page;
    u8 kind, channel, country, device;
    u16 pad;
};

static char folder[3000], shared[3000], events_url[1024];
static bool far; /* flushed events lie in ClickHouse */
static struct journey *j;
static struct arena *arena;
static struct ctx cx;
static struct clock clock_now;

/* ---- asking ---- */

static char *read_text(const char *path)
{
    FILE *f = fopen(path, "r");
    char *text = calloc(1, TEXT_BYTES);

    if (f == NULL)
        fail_msg("cannot read '%s'", path);
    text[fread(text, 1, TEXT_BYTES - 1, f)] = '\0';
    fclose(f);
    return text;
}

/* The report's answer, as text. Owned: free. */
static char *answer(const struct bench_report *r, const void *acc)
{
    char *got = NULL;
    size_t len;

    FILE *out = open_memstream(&got, &len);
    r->print(acc, out);
    fclose(out);
    return got;
}

/* Walks with so many threads, and again for the best time. Owned: free. */
static char *ask(const struct bench_report *r, unsigned threads, int times, double *best_ms)
{
    char *a = calloc(2, r->bytes);
    void *accs[2] = { a, a + r->bytes };
    struct journey_plan p = { .from_ms = r->from_ms,
                              .to_ms = r->to_ms,
                              .columns = r->columns,
                              .kinds = r->kinds,
                              .kind_count = r->kind_count,
                              .row = r->row,
                              .fold = &r->fold };

    *best_ms = 1e9;
    for (int again = 0; again < times; again++) {
        memset(a, 0, 2 * r->bytes);
        u64 begun = clock_mono_ns();
        if (journey_walk(&cx, j, &p, accs, threads) != OK)
            fail_msg("%s", cx.error_text);
        double ms = (double)(clock_mono_ns() - begun) / 1e6;
        *best_ms = ms < *best_ms ? ms : *best_ms;
    }
    for (size_t i = 0; i < r->bytes / sizeof(u64); i++)
        ((u64 *)accs[0])[i] += ((u64 *)accs[1])[i];
    char *got = answer(r, a);
    free(a);
    return got;
}

static void run(const struct bench_report *r, unsigned threads, const char *when)
{
    char path[4096];
    double ms;
    char *got = ask(r, threads, far ? 1 : 3, &ms);

    snprintf(path, sizeof path, "%s/expected-1m/%s.txt", shared, r->name);
    char *want = read_text(path);
    if (strcmp(got, want) != 0)
        fail_msg("%s, %s: the answer differs from the reference", r->name, when);
    print_message("%-4s %-28s %7.2f ms\n", r->name, when, ms);
    free(got);
    free(want);
}

/* ---- the data ---- */

static void command(char *const argv[])
{
    extern char **environ;
    pid_t pid;
    int status = 1;

    if (posix_spawnp(&pid, argv[0], NULL, NULL, argv, environ) != 0 ||
        waitpid(pid, &status, 0) != pid || status != 0) {
        fprintf(stderr, "%s failed\n", argv[0]);
        exit(1);
    }
}

static void build_generator(void)
{
    char source[4096], program[4096];

    snprintf(source, sizeof source, "%s/gen.c", shared);
    snprintf(folder, sizeof folder, "/tmp/furrow-reference-XXXXXX");
    if (mkdtemp(folder) == NULL)
        exit(1);
    snprintf(program, sizeof program, "%s/gen", folder);
    command((char *[]){ "cc", "-O2", "-ffp-contract=off", "-o", program, source, "-lm", NULL });
}

static void generate(const char *events, const char *seed)
{
    char program[4096];

    snprintf(program, sizeof program, "%s/gen", folder);
    command(
        (char *[]){ program, (char *)(uintptr_t)events, folder, (char *)(uintptr_t)seed, NULL });
}

static void clean(void)
{
    static const char *const names[] = { "gen", "events.bin", "ident.bin" };
    char path[4096];

    for (size_t i = 0; i < countof(names); i++) {
        snprintf(path, sizeof path, "%s/%s", folder, names[i]);
        unlink(path);
    }
    rmdir(folder);
}

static void *read_rows(const char *name, size_t bytes_each, size_t *count)
{
    char path[4096];
    struct stat st;

    snprintf(path, sizeof path, "%s/%s", folder, name);
    FILE *f = fopen(path, "rb");
    if (f == NULL || fstat(fileno(f), &st) != 0)
        fail_msg("the generator wrote no %s", name);
    *count = (size_t)st.st_size / bytes_each;
    void *rows = malloc((size_t)st.st_size);
    assert_int_equal(fread(rows, bytes_each, *count, f), *count);
    fclose(f);
    return rows;
}

static void load(const u32 *person_of)
{
    static struct event batch[LIMIT_EVENT_BATCH];
    size_t count;
    struct raw_event *raw = read_rows("events.bin", sizeof *raw, &count);

    for (size_t done = 0; done < count;) {
        size_t n = 0;
        for (; n < LIMIT_EVENT_BATCH && done < count; n++, done++) {
            const struct raw_event *r = &raw[done];
            batch[n] = (struct event){ .at_ms = r->sec * 1000ll, /* whole seconds count */
                                       .person = person_of[r->visitor],
                                       .kind = (u16)(r->kind + 1),
                                       .channel = r->channel,
                                       .device = r->device,
                                       .country = r->country,
                                       .page = r->page,
                                       .campaign = r->campaign,
                                       .value = r->value };
        }
        assert_int_equal(journey_append_wait(&cx, j, batch, n), OK);
    }
    free(raw);
}

static void join(const u32 *person_of, bool undo)
{
    struct raw_link {
        u32 visitor, person;
    } * links;
    size_t count;

    links = read_rows("ident.bin", sizeof *links, &count);
    struct journey_link *out = calloc(count, sizeof *out);
    for (size_t i = 0; i < count; i++)
        out[i] =
            (struct journey_link){ person_of[links[i].visitor], person_of[links[i].person], 1 };
    if (undo)
        for (size_t i = 0; i < count; i += 50)
            assert_int_equal(journey_unalias(&cx, j, out[i].visitor), OK);
    assert_int_equal(journey_alias_many(&cx, j, out, count), OK);
    free(out);
    free(links);
}

enum { VISITORS = 50000 };
static u32 person_of[VISITORS];

static void open_store(void)
{
    struct journey_options o = { .flush_events = 300000 };
    const char *url = test_events_url();

    snprintf(events_url, sizeof events_url, "%s", url == NULL ? "" : url);
    o.events_url = events_url;
    if (journey_open(&cx, &o, &j) != OK)
        fail_msg("%s", cx.error_text);
    for (u32 v = 0; v < VISITORS; v++)
        person_of[v] = journey_person(j, PERSON_VISITOR, v);
}

/* What the store's rows say by SQL that knows nothing of us. */
static void judge(const char *seed)
{
    char sql[4000];

    snprintf(sql, sizeof sql, "%s/clickhouse", shared);
    for (size_t i = 0; i < bench_report_count; i++) {
        const struct bench_report *r = &bench_reports[i];
        double ms;
        char *got = ask(r, 2, 1, &ms);
        const char *want = judge_answer(&cx, events_url, sql, r->name, r->from_ms, r->to_ms);
        if (strcmp(got, want) != 0)
            fail_msg("%s, seed %s: ours\n%.300s\nSQL\n%.300s", r->name, seed, got, want);
        assert_true(strlen(got) > 20);
        free(got);
    }
    if (journey_verify(&cx, j) != OK)
        fail_msg("%s", cx.error_text);
}

static void the_references_answer(void **state)
{
    (void)state;
    generate("1000000", "42");
    open_store();
    load(person_of);
    join(person_of, false);
    for (size_t i = 0; i < bench_report_count; i++)
        run(&bench_reports[i], 1, "with a tail in memory");
    join(person_of, true);
    assert_int_equal(journey_flush(&cx, j), OK);
    for (size_t i = 0; i < bench_report_count && !far; i++)
        run(&bench_reports[i], 1, "flushed");
    for (size_t i = 0; i < bench_report_count; i++)
        run(&bench_reports[i], 2, "flushed, two threads");
    if (far)
        judge("42");
    journey_close(j);
}

/* ---- SQL over the generator's own rows ---- */

static sqlite3 *rows_in_sqlite(void)
{
    size_t count;
    struct raw_event *raw = read_rows("events.bin", sizeof *raw, &count);
    sqlite3 *db;
    sqlite3_stmt *put;

    assert_int_equal(sqlite3_open(":memory:", &db), SQLITE_OK);
    assert_int_equal(sqlite3_exec(db,
                                  "CREATE TABLE ev (person, sec, kind, chan, country, page,"
                                  " PRIMARY KEY (person, sec)) WITHOUT ROWID; BEGIN",
                                  NULL, NULL, NULL),
                     SQLITE_OK);
    assert_int_equal(
        sqlite3_prepare_v2(db, "INSERT INTO ev VALUES (?, ?, ?, ?, ?, ?)", -1, &put, NULL),
        SQLITE_OK);
    for (size_t i = 0; i < count; i++) {
        const struct raw_event *r = &raw[i];
        i64 values[] = { r->person, r->sec, r->kind, r->channel, r->country, r->page };
        for (int k = 0; k < (int)countof(values); k++)
            sqlite3_bind_int64(put, k + 1, values[k]);
        assert_int_equal(sqlite3_step(put), SQLITE_DONE);
        sqlite3_reset(put);
    }
    sqlite3_finalize(put);
    free(raw);
    return db;
}

/* Adds the rows of a statement as the reference has them, with {FROM} and {TO} filled in. */
static void add_rows(sqlite3 *db, const char *sql, const struct bench_report *r, struct buf *out)
{
    struct buf text = buf_in(arena, TEXT_BYTES);
    sqlite3_stmt *q;

    for (; *sql != '\0'; sql++)
        if (strncmp(sql, "{FROM}", 6) == 0) {
            buf_i64(&text, r->from_ms / 1000);
            sql += 5;
        } else if (strncmp(sql, "{TO}", 4) == 0) {
            buf_i64(&text, r->to_ms / 1000);
            sql += 3;
        } else {
            buf_char(&text, *sql);
        }
    if (sqlite3_prepare_v2(db, buf_end(&text), -1, &q, NULL) != SQLITE_OK)
        fail_msg("%s", sqlite3_errmsg(db));
    while (sqlite3_step(q) == SQLITE_ROW)
        for (int c = 0, n = sqlite3_column_count(q); c < n; c++)
            buf_printf(out, "%s%s", sqlite3_column_text(q, c), c + 1 < n ? "," : "\n");
    sqlite3_finalize(q);
}

static void hold_against(sqlite3 *db, const char *report, const char *const *files,
                         const char *seed)
{
    struct buf want = buf_in(arena, TEXT_BYTES);
    const struct bench_report *r = bench_reports;
    double ms;

    while (strcmp(r->name, report) != 0)
        r++;
    for (; *files != NULL; files++) {
        char path[4096];
        snprintf(path, sizeof path, "%s/sqlite/%s.sql", shared, *files);
        char *sql = read_text(path);
        add_rows(db, sql, r, &want);
        free(sql);
    }
    char *got = ask(r, 2, 1, &ms);
    assert_true(strlen(got) > 20);
    if (strcmp(got, buf_end(&want)) != 0)
        fail_msg("%s, seed %s: ours\n%.300s\nSQL\n%.300s", report, seed, got, buf_end(&want));
    free(got);
}

/* Funnel and traffic; tools/bench reference holds all five against DuckDB. */
static void sql_over_the_same_rows_agrees(void **state)
{
    static const char *const seeds[] = { "7", "2026", "99991" };
    static const char *const funnel[] = { "q1", NULL }, *const traffic[] = { "q4days", "q4pages",
                                                                             NULL };

    (void)state;
    for (size_t s = 0; s < countof(seeds) && !far; s++) {
        generate("200000", seeds[s]);
        open_store();
        load(person_of);
        join(person_of, false);
        sqlite3 *db = rows_in_sqlite();
        for (int flushed = 0; flushed < 2; flushed++) {
            hold_against(db, "q1y", funnel, seeds[s]);
            hold_against(db, "q1m", funnel, seeds[s]);
            hold_against(db, "q4y", traffic, seeds[s]);
            hold_against(db, "q4m", traffic, seeds[s]);
            assert_int_equal(journey_merge(&cx, j), OK);
        }
        sqlite3_close(db);
        journey_close(j);
        arena_reset(arena);
    }
}

/* ---- SQL over the table that the backend filled ---- */

static void sql_over_its_table_agrees(void **state)
{
    static const char *const seeds[] = { "7", "2026", "99991" };

    (void)state;
    if (!far)
        return;
    for (size_t s = 0; s < countof(seeds); s++) {
        generate("100000", seeds[s]);
        open_store();
        load(person_of);
        join(person_of, false);
        join(person_of, true);
        assert_int_equal(journey_flush(&cx, j), OK);
        judge(seeds[s]);
        journey_close(j);
        arena_reset(arena);
    }
}

int main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = { cmocka_unit_test(the_references_answer),
                                        cmocka_unit_test(sql_over_the_same_rows_agrees),
                                        cmocka_unit_test(sql_over_its_table_agrees) };
    const char *given = getenv("FURROW_SHARED"), *ci = getenv("CI");
    char source[4096];

    if (given != NULL)
        snprintf(shared, sizeof shared, "%s/journey", given);
    else
        snprintf(shared, sizeof shared, "%s/../shared/journey", argc > 1 ? argv[1] : ".");
    snprintf(source, sizeof source, "%s/gen.c", shared);
    if (access(source, R_OK) != 0) {
        fprintf(stderr, "no reference data in '%s'\n", shared);
        return ci != NULL && text_is(ci, "true") ? 1 : SKIPPED;
    }
    arena = arena_new(1 << 16);
    ctx_init(&cx, arena, &clock_now);
    build_generator();
    far = test_events_url() != NULL;
    int failed = cmocka_run_group_tests(tests, NULL, NULL);
    clean();
    arena_free(arena);
    return failed;
}
