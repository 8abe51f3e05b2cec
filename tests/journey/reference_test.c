/* Five reports over a million made-up events, against answers that DuckDB and ClickHouse gave byte
 * for byte alike. The generator, the definitions and the answers lie in $FURROW_SHARED/journey (or
 * ../shared/journey beside the source). Without them the test is skipped, except where CI=true says
 * that they must be there. */
#include "judge.h"
#include "model.h"
#include "support/events.h"
#include <math.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

enum {
    BASE_S = 1735689600,
    DAY_S = 86400,
    WEEK_S = 7 * DAY_S,
    YEAR_DAYS = 365,
    WINDOW_S = 90 * DAY_S
};
enum {
    CHANNELS = 12,
    CAMPAIGNS = 500,
    PAGES = 20000,
    WEEKS = 53,
    MODELS = 5,
    STEPS = 5,
    SKIPPED = 77
};
static const i64 YEAR_FROM_MS = BASE_S * 1000ll, YEAR_TO_MS = (BASE_S + YEAR_DAYS * DAY_S) * 1000ll;
static const i64 JUNE_FROM_MS = 1748736000000, JUNE_TO_MS = 1751328000000;

/* The generator's kinds, one more: 0 is no kind here. */
enum {
    K_PAGEVIEW = 1,
    K_FORM_SUBMIT = 3,
    K_EMAIL_CLICK = 5,
    K_MQL = 9,
    K_DEAL_CREATED = 11,
    K_DEAL_WON = 13
};

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

/* ---- the reports, as the definitions say them ---- */

static u32 second_of(const struct event *e) { return (u32)(e->at_ms / 1000); }

static bool is_touch(const struct event *e)
{
    return (e->kind == K_PAGEVIEW && e->channel != 0) || e->kind == K_EMAIL_CLICK;
}

struct funnel {
    u64 n[CHANNELS][STEPS];
};

static void funnel_visit(void *acc, const struct journey_view *v)
{
    static const u8 step_of[K_DEAL_WON + 1] = {
        [K_PAGEVIEW] = 1, [K_FORM_SUBMIT] = 2, [K_MQL] = 3, [K_DEAL_CREATED] = 4, [K_DEAL_WON] = 5
    };
    struct funnel *f = acc;
    u32 start[STEPS + 1] = { 0 };
    int level = 0, channel = 0;

    for (size_t i = 0; i < v->count; i++) {
        const struct event *e = &v->events[i];
        int k = e->kind <= K_DEAL_WON ? step_of[e->kind] : 0;
        if (k == 1) {
            start[1] = second_of(e);
            channel = level == 0 ? e->channel : channel;
            level = level == 0 ? 1 : level;
        } else if (k > 1 && start[k - 1] != 0 && second_of(e) - start[k - 1] <= WINDOW_S) {
            start[k] = start[k - 1];
            level = level < k ? k : level;
        }
    }
    for (int k = 0; k < level; k++)
        f->n[channel][k]++;
}

static void funnel_print(const void *acc, FILE *out)
{
    const struct funnel *f = acc;

    for (int c = 0; c < CHANNELS; c++)
        if (f->n[c][0] > 0)
            fprintf(out, "%d,%lu,%lu,%lu,%lu,%lu\n", c, f->n[c][0], f->n[c][1], f->n[c][2],
                    f->n[c][3], f->n[c][4]);
}

struct credit {
    u64 channel[CHANNELS][MODELS], campaign[CAMPAIGNS][MODELS];
};

static u64 weight_of(u32 age_s)
{
    return (u64)floor(1048576.0 * pow(2.0, -(double)(age_s / DAY_S) / 7.0) + 0.5);
}

static void credit_deal(struct credit *c, const struct event *events, size_t won)
{
    u32 *touches = malloc((won + 1) * sizeof *touches), n = 0;
    u64 v = (u64)events[won].value * 1000, weights = 0;

    for (size_t i = 0; i < won; i++) {
        u32 age = second_of(&events[won]) - second_of(&events[i]);
        if (is_touch(&events[i]) && age <= WINDOW_S) {
            touches[n++] = (u32)i;
            weights += weight_of(age);
        }
    }
    for (u32 k = 0; k < n; k++) {
        const struct event *e = &events[touches[k]];
        u64 edge = k == 0 || k == n - 1;
        u64 u = n == 1 ? v : n == 2 ? v / 2 : edge ? v * 4 / 10 : v * 2 / 10 / (n - 2);
        u64 m[MODELS] = { k == 0 ? v : 0, k == n - 1 ? v : 0, v / n, u,
                          v * weight_of(second_of(&events[won]) - second_of(e)) / weights };
        for (int q = 0; q < MODELS; q++) {
            c->channel[e->channel][q] += m[q];
            c->campaign[e->campaign][q] += m[q];
        }
    }
    free(touches);
}

static void credit_visit(void *acc, const struct journey_view *v)
{
    for (size_t i = 0; i < v->count; i++)
        if (v->events[i].kind == K_DEAL_WON)
            credit_deal(acc, v->events, i);
}

static void credit_row(FILE *out, const char *what, int id, const u64 m[MODELS])
{
    if (m[0] + m[1] + m[2] + m[3] + m[4] > 0)
        fprintf(out, "%s,%d,%lu,%lu,%lu,%lu,%lu\n", what, id, m[0], m[1], m[2], m[3], m[4]);
}

static void credit_print(const void *acc, FILE *out)
{
    const struct credit *c = acc;

    for (int i = 0; i < CHANNELS; i++)
        credit_row(out, "chan", i, c->channel[i]);
    for (int i = 0; i < CAMPAIGNS; i++)
        credit_row(out, "camp", i, c->campaign[i]);
}

struct retention {
    u64 n[WEEKS][WEEKS];
};

static void retention_visit(void *acc, const struct journey_view *v)
{
    struct retention *r = acc;
    u64 weeks = 0;

    for (size_t i = 0; i < v->count; i++)
        weeks |= 1ull << (second_of(&v->events[i]) - BASE_S) / WEEK_S;
    int cohort = __builtin_ctzll(weeks);
    for (weeks >>= cohort; weeks != 0; weeks &= weeks - 1)
        r->n[cohort][__builtin_ctzll(weeks)]++;
}

static void retention_print(const void *acc, FILE *out)
{
    const struct retention *r = acc;

    for (int c = 0; c < WEEKS; c++)
        for (int w = 0; w < WEEKS; w++)
            if (r->n[c][w] > 0)
                fprintf(out, "%d,%d,%lu\n", c, w, r->n[c][w]);
}

struct traffic {
    u64 views[YEAR_DAYS], people[YEAR_DAYS], sessions[YEAR_DAYS], page[PAGES];
};

static void traffic_visit(void *acc, const struct journey_view *v)
{
    struct traffic *t = acc;
    u32 last = 0, last_day = 0;

    for (size_t i = 0; i < v->count; i++) {
        const struct event *e = &v->events[i];
        if (e->kind != K_PAGEVIEW || e->channel != 3 || e->country != 3)
            continue;
        u32 sec = second_of(e), day = (sec - BASE_S) / DAY_S;
        t->views[day]++;
        t->page[e->page]++;
        t->people[day] += last == 0 || day != last_day;
        t->sessions[day] += last == 0 || sec - last > 1800;
        last = sec;
        last_day = day;
    }
}

static void traffic_print(const void *acc, FILE *out)
{
    const struct traffic *t = acc;
    bool taken[PAGES] = { false };

    for (int d = 0; d < YEAR_DAYS; d++)
        if (t->views[d] > 0)
            fprintf(out, "day,%d,%lu,%lu,%lu\n", d, t->views[d], t->people[d], t->sessions[d]);
    for (int rank = 0; rank < 10; rank++) {
        int best = -1;
        for (int p = 0; p < PAGES; p++)
            if (!taken[p] && t->page[p] > 0 && (best < 0 || t->page[p] > t->page[best]))
                best = p;
        if (best < 0)
            break;
        taken[best] = true;
        fprintf(out, "page,%d,%lu\n", best, t->page[best]);
    }
}

struct paths {
    u32 n[4096]; /* index: third-last << 8 | second-last << 4 | last channel */
};

static void paths_visit(void *acc, const struct journey_view *v)
{
    struct paths *p = acc;

    for (size_t i = 0; i < v->count; i++) {
        u32 code = 0, known = 0, before = 0;
        if (v->events[i].kind != K_FORM_SUBMIT)
            continue;
        for (size_t k = i; k-- > 0 && known < 3;)
            if (is_touch(&v->events[k]) && v->events[k].channel != before) {
                before = v->events[k].channel;
                code |= before << (4 * known++);
            }
        p->n[code]++;
    }
}

static void paths_print(const void *acc, FILE *out)
{
    struct paths p = *(const struct paths *)acc;

    for (int rank = 0; rank < 20; rank++) {
        int best = 0;
        for (int i = 1; i < 4096; i++)
            if (p.n[i] > p.n[best])
                best = i;
        if (p.n[best] > 0)
            fprintf(out, "%d,%d,%d,%u\n", best >> 8, best >> 4 & 15, best & 15, p.n[best]);
        p.n[best] = 0;
    }
}

/* ---- running them ---- */

struct report {
    const char *name;
    i64 from_ms, to_ms;
    u32 columns;
    u16 kinds[1];
    size_t kind_count, bytes;
    void (*visit)(void *acc, const struct journey_view *v);
    void (*print)(const void *acc, FILE *out);
    bool words32; /* the accumulator adds up in 32-bit words */
};
static const struct report reports[] = {
    { "q1y",
      0,
      0,
      READ_CHANNEL,
      { K_PAGEVIEW },
      1,
      sizeof(struct funnel),
      funnel_visit,
      funnel_print },
    { "q1m",
      1,
      0,
      READ_CHANNEL,
      { K_PAGEVIEW },
      1,
      sizeof(struct funnel),
      funnel_visit,
      funnel_print },
    { "q2",
      0,
      0,
      READ_CHANNEL | READ_CAMPAIGN | READ_VALUE,
      { K_DEAL_WON },
      1,
      sizeof(struct credit),
      credit_visit,
      credit_print },
    { "q3",
      0,
      0,
      READ_CHANNEL,
      { 0 },
      0,
      sizeof(struct retention),
      retention_visit,
      retention_print },
    { "q4y",
      0,
      0,
      READ_CHANNEL | READ_COUNTRY | READ_PAGE,
      { K_PAGEVIEW },
      1,
      sizeof(struct traffic),
      traffic_visit,
      traffic_print },
    { "q4m",
      1,
      0,
      READ_CHANNEL | READ_COUNTRY | READ_PAGE,
      { K_PAGEVIEW },
      1,
      sizeof(struct traffic),
      traffic_visit,
      traffic_print },
    { "q5",
      0,
      0,
      READ_CHANNEL,
      { K_FORM_SUBMIT },
      1,
      sizeof(struct paths),
      paths_visit,
      paths_print,
      true },
};

static char *read_text(const char *path)
{
    FILE *f = fopen(path, "r");
    char *text = calloc(1, 1 << 20);

    if (f == NULL)
        fail_msg("cannot read '%s'", path);
    text[fread(text, 1, (1 << 20) - 1, f)] = '\0';
    fclose(f);
    return text;
}

/* The report's answer, as text. Owned: free. */
static char *answer(const struct report *r, const void *acc)
{
    char *got = NULL;
    size_t len;

    FILE *out = open_memstream(&got, &len);
    r->print(acc, out);
    fclose(out);
    return got;
}

/* Walks with so many threads, and again for the best time. Owned: free. */
static char *ask(const struct report *r, unsigned threads, int times, double *best_ms)
{
    char *a = calloc(2, r->bytes);
    void *accs[2] = { a, a + r->bytes };
    bool june = r->from_ms != 0;
    struct journey_plan p = { .from_ms = june ? JUNE_FROM_MS : YEAR_FROM_MS,
                              .to_ms = june ? JUNE_TO_MS : YEAR_TO_MS,
                              .columns = r->columns,
                              .kinds = r->kind_count > 0 ? r->kinds : NULL,
                              .kind_count = r->kind_count,
                              .visit = r->visit };

    *best_ms = 1e9;
    for (int again = 0; again < times; again++) {
        memset(a, 0, 2 * r->bytes);
        u64 begun = clock_mono_ns();
        if (journey_walk(&cx, j, &p, accs, threads) != OK)
            fail_msg("%s", cx.error_text);
        double ms = (double)(clock_mono_ns() - begun) / 1e6;
        *best_ms = ms < *best_ms ? ms : *best_ms;
    }
    if (r->words32)
        for (size_t i = 0; i < r->bytes / 4; i++)
            ((u32 *)accs[0])[i] += ((u32 *)accs[1])[i];
    else
        for (size_t i = 0; i < r->bytes / 8; i++)
            ((u64 *)accs[0])[i] += ((u64 *)accs[1])[i];
    char *got = answer(r, a);
    free(a);
    return got;
}

static void run(const struct report *r, unsigned threads, const char *when)
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
            batch[n] = (struct event){ .at_ms = r->sec * 1000ll + r->ms,
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
    for (size_t i = 0; i < countof(reports); i++) {
        bool june = reports[i].from_ms != 0;
        double ms;
        char *got = ask(&reports[i], 2, 1, &ms);
        const char *want =
            judge_answer(&cx, events_url, sql, reports[i].name, june ? JUNE_FROM_MS : YEAR_FROM_MS,
                         june ? JUNE_TO_MS : YEAR_TO_MS);
        if (strcmp(got, want) != 0)
            fail_msg("%s, seed %s: ours\n%.300s\nSQL\n%.300s", reports[i].name, seed, got, want);
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
    for (size_t i = 0; i < countof(reports); i++)
        run(&reports[i], 1, "with a tail in memory");
    join(person_of, true);
    assert_int_equal(journey_flush(&cx, j), OK);
    for (size_t i = 0; i < countof(reports) && !far; i++)
        run(&reports[i], 1, "flushed");
    for (size_t i = 0; i < countof(reports); i++)
        run(&reports[i], 2, "flushed, two threads");
    if (far)
        judge("42");
    journey_close(j);
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
