/* record_bench.c -- how fast records pass the one door: many in a lot, one by one, read by id,
 * searched. With every check, the change log, the search index and a commit that is on disk.
 *     record_bench [ROWS]            SQLite; FURROW_TEST_PG=url names a PostgreSQL server for the
 * same there. */
#include "base/id.h"
#include "kit/search.h"
#include "support/fixture.h"
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

enum {
    PERSON_FIRST,
    PERSON_LAST,
    PERSON_EMAIL,
    PERSON_PHONE,
    PERSON_JOB,
    PERSON_FIRM,
    PERSON_LIFECYCLE,
    PERSON_STATUS,
    PERSON_SCORE,
    PERSON_COUNTRY,
    PERSON_CITY,
    PERSON_LANGUAGE,
    PERSON_TAGS,
    PERSON_NOTES,
    PERSON_CHANNEL,
    PERSON_SOURCE,
    PERSON_SEEN,
    PERSON_LEAD_AT,
    PERSON_MQL_AT,
    PERSON_FIELDS
};
static const struct field person_fields[] = {
    [PERSON_FIRST] = { "first_name", FIELD_TEXT, "First name", SEARCHED, .max_len = 100 },
    [PERSON_LAST] = { "last_name", FIELD_TEXT, "Last name", SEARCHED | INDEXED, .max_len = 100 },
    [PERSON_EMAIL] = { "email", FIELD_EMAIL, "Email", LISTED | SEARCHED | UNIQUE },
    [PERSON_PHONE] = { "phone", FIELD_PHONE, "Phone", SEARCHED },
    [PERSON_JOB] = { "job_title", FIELD_TEXT, "Job title" },
    [PERSON_FIRM] = { "firm_id", FIELD_REF, "Firm", LISTED, .ref = "firm" },
    [PERSON_LIFECYCLE] = { "lifecycle", FIELD_CHOICE, "Lifecycle", REQUIRED | INDEXED,
                           .otherwise = "lead",
                           .choices =
                               CHOICES({ "lead", "Lead", "blue" }, { "mql", "MQL", "violet" }) },
    [PERSON_STATUS] = { "lead_status", FIELD_CHOICE, "Status", .otherwise = "new",
                        .choices = CHOICES({ "new", "New", "blue" }, { "open", "Open", "blue" }) },
    [PERSON_SCORE] = { "score", FIELD_INT, "Score", COMPUTED | INDEXED, .otherwise = "0" },
    [PERSON_COUNTRY] = { "country", FIELD_TEXT, "Country" },
    [PERSON_CITY] = { "city", FIELD_TEXT, "City" },
    [PERSON_LANGUAGE] = { "language", FIELD_TEXT, "Language" },
    [PERSON_TAGS] = { "tags", FIELD_TAGS, "Tags" },
    [PERSON_NOTES] = { "notes", FIELD_LONG, "Notes" },
    [PERSON_CHANNEL] = { "first_channel", FIELD_CHOICE, "Channel", COMPUTED | INDEXED,
                         .choices = CHOICES({ "email", "Email", "amber" },
                                            { "direct", "Direct", "gray" }) },
    [PERSON_SOURCE] = { "first_source", FIELD_TEXT, "Source", COMPUTED },
    [PERSON_SEEN] = { "last_seen_at", FIELD_TIME, "Seen", COMPUTED | INDEXED },
    [PERSON_LEAD_AT] = { "lead_at", FIELD_TIME, "Lead since", COMPUTED | INDEXED },
    [PERSON_MQL_AT] = { "mql_at", FIELD_TIME, "MQL since", COMPUTED | INDEXED },
};
static const struct record_type person_type = {
    .name = "person",
    .label = "Person",
    .plural = "People",
    .path = "people",
    .sort = "-created_at",
    .title = PERSON_LAST,
    .fields = person_fields,
    .field_count = PERSON_FIELDS,
};
static const struct field firm_fields[] = { { "name", FIELD_TEXT, "Name", REQUIRED | SEARCHED } };
static const struct record_type firm_type = {
    .name = "firm",
    .label = "Firm",
    .plural = "Firms",
    .path = "firms",
    .fields = firm_fields,
    .field_count = 1,
};
static const struct feature people = { .name = "people", TYPES(&firm_type, &person_type) };
static const struct feature *const features[] = { &people };
static const struct fixture_options options = { FEATURES(features), .no_journey = true };

static const char *const firsts[] = { "Anna",   "Bert",   "Chloé",  "Dmitri",
                                      "Élodie", "Fatima", "Gustav", "Hanne" };
static const char *const lasts[] = { "Berg",    "Castelo", "Dufour", "Ekström",
                                     "Fischer", "García",  "Huber" };

static struct row *make_person(struct ctx *cx, i64 firm, int n)
{
    struct row *r = row_new(cx, &person_type);

    row_set_text(r, PERSON_FIRST, firsts[n % 8]);
    row_set_text(r, PERSON_LAST, arena_printf(cx->arena, "%s%d", lasts[n % 7], n / 56));
    row_set_text(r, PERSON_EMAIL, arena_printf(cx->arena, "p%d@example%d.com", n, n % 997));
    row_set_text(r, PERSON_PHONE, arena_printf(cx->arena, "+49 171 %07d", n));
    row_set_text(r, PERSON_JOB, "Head of purchasing");
    row_set_i64(r, PERSON_FIRM, firm);
    row_set_i64(r, PERSON_SCORE, n % 100);
    row_set_text(r, PERSON_COUNTRY, "Germany");
    row_set_text(r, PERSON_CITY, "München");
    row_set_text(r, PERSON_LANGUAGE, "de");
    row_set_text(r, PERSON_TAGS, "fair, newsletter");
    row_set_text(r, PERSON_CHANNEL, "email");
    row_set_text(r, PERSON_SOURCE, "newsletter");
    row_set_i64(r, PERSON_SEEN, FIXTURE_NOW - n);
    row_set_i64(r, PERSON_LEAD_AT, FIXTURE_NOW - n);
    return r;
}

/* Wall clock and this process's processor time: a busy machine spoils the first, not the second. */
struct watch {
    u64 wall_ns, cpu_ns;
};

static u64 cpu_ns(void)
{
    struct timespec t;

    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
    return (u64)t.tv_sec * 1000000000u + (u64)t.tv_nsec;
}

static struct watch start(void) { return (struct watch){ clock_mono_ns(), cpu_ns() }; }

static void report(const char *what, int count, struct watch from)
{
    double wall = (double)(clock_mono_ns() - from.wall_ns) / 1e3;
    double cpu = (double)(cpu_ns() - from.cpu_ns) / 1e3;

    printf("  %-26s %8.0f a second %9.2f us each, %8.2f of them at work\n", what,
           count / wall * 1e6, wall / count, cpu / count);
}

static void measure(enum db_engine engine, int rows)
{
    struct fixture *f = fixture_open(engine, &options);
    i64 firm = fixture_record(f, "firm", "name", "Acme", NULL);
    struct ctx cx = *f->cx;
    enum { LOT = 2000, SINGLE = 1000 };
    i64 *ids = calloc((size_t)rows, sizeof *ids);
    struct row *lot[LOT], *r;

    cx.arena = arena_new(1 << 20);
    printf("%s, %d records of %d fields\n", engine == DB_SQLITE ? "sqlite" : "postgres", rows,
           PERSON_FIELDS);
    struct watch from = start();
    for (int n = 0; n < rows; n += LOT) {
        arena_reset(cx.arena);
        for (int i = 0; i < LOT; i++)
            lot[i] = make_person(&cx, firm, n + i);
        assert_ok(&cx, record_save_many(&cx, lot, LOT));
        for (int i = 0; i < LOT && n + i < rows; i++)
            ids[n + i] = row_id(lot[i]);
    }
    report("saved 2,000 at a time", rows, from);
    from = start();
    for (int n = 0; n < SINGLE; n++) {
        arena_reset(cx.arena);
        assert_ok(&cx, record_save(&cx, make_person(&cx, firm, rows + LOT + n)));
    }
    report("made one by one, durable", SINGLE, from);
    from = start();
    for (int n = 0; n < 20 * SINGLE; n++) {
        arena_reset(cx.arena);
        assert_ok(&cx, record_get(&cx, &person_type, ids[(n * 7919L) % rows], &r));
    }
    report("read by id", 20 * SINGLE, from);
    from = start();
    for (int n = 0; n < SINGLE; n++) {
        arena_reset(cx.arena);
        assert_ok(&cx, record_find(&cx, &person_type, "email",
                                   arena_printf(cx.arena, "P%d@example%d.com", n, n % 997), &r));
    }
    report("found by mail address", SINGLE, from);
    from = start();
    for (int n = 0; n < SINGLE; n++) {
        arena_reset(cx.arena);
        assert_ok(&cx, search_run(&cx, n % 2 ? "ann ber" : "anna", 20, val_list(cx.arena)));
    }
    report("searched, 20 results", SINGLE, from);
    arena_free(cx.arena);
    free(ids);
    fixture_close(f);
}

int main(int argc, char **argv)
{
    int rows = argc > 1 ? (int)strtol(argv[1], NULL, 10) : 20000;

    measure(DB_SQLITE, rows / 2000 * 2000);
    if (getenv("FURROW_TEST_PG"))
        measure(DB_POSTGRES, rows / 2000 * 2000);
    return 0;
}
