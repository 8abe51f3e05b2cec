/* reports_bench FOLDER [--threads 2] [--rounds 9] [--only q1y] [--arriving 50000]: loads
 * FOLDER/events.csv (journey_data) into FOLDER/journey.db, unless that is there, and asks the five
 * reports. Writes each answer to FOLDER/{report}.txt and its times to standard output, a line of
 * JSON each. With --arriving it asks them again while so many events a second of the next year
 * arrive, are flushed and merged; the answers must stay the same. */
#include "base/clock.h"
#include "base/limits.h"
#include "base/log.h"
#include "journey/journey_int.h"
#include "reports.h"
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

enum { ROUNDS_MAX = 99, THREADS_MOST = 16 };
static struct arena *arena;
static struct ctx cx;
static struct clock clock_now;
static struct journey *j;

/* Processor time of all threads: what a walk costs on a machine that others use too. */
static double cpu_ms(void)
{
    struct timespec t;

    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
    return (double)t.tv_sec * 1e3 + (double)t.tv_nsec / 1e6;
}
static double ms_since(u64 began) { return (double)(clock_mono_ns() - began) / 1e6; }

static _Noreturn void fail(const char *what)
{
    fprintf(stderr, "reports_bench: %s%s%s\n", what, cx.error_text ? ": " : "",
            cx.error_text ? cx.error_text : "");
    exit(1);
}

/* ---- loading ---- */

/* What a line says, in the order of journey_data's columns. */
enum { PERSON, VISITOR, SEC, KIND, CHANNEL, CAMPAIGN, PAGE, COUNTRY, VALUE, FIELDS };

static bool read_line(FILE *in, u32 out[FIELDS])
{
    int c;

    for (int f = 0; f < FIELDS; f++) {
        u64 n = 0;
        while ((c = getc_unlocked(in)) >= '0' && c <= '9')
            n = n * 10 + (u64)(c - '0');
        if (c == EOF && f == 0)
            return false;
        if (n > UINT32_MAX || c != (f == FIELDS - 1 ? '\n' : ','))
            fail("events.csv is not what journey_data writes");
        out[f] = (u32)n;
    }
    return true;
}

struct visitors {
    u32 *number, *person; /* by visitor: its number in the journey, and whose it is */
    u32 room;
};

static u32 number_of(struct visitors *p, u32 visitor, u32 person)
{
    if (visitor >= p->room) {
        u32 room = visitor + visitor / 2 + 1024;
        p->number = realloc(p->number, room * sizeof(u32));
        p->person = realloc(p->person, room * sizeof(u32));
        if (p->number == NULL || p->person == NULL)
            fail("no memory");
        memset(p->number + p->room, 0, (room - p->room) * sizeof(u32));
        p->room = room;
    }
    if (p->number[visitor] == 0)
        p->number[visitor] = journey_person(j, PERSON_VISITOR, visitor + 1ull);
    p->person[visitor] = person;
    return p->number[visitor];
}

static void link_people(struct visitors *p)
{
    struct journey_link *links = calloc(p->room + 1, sizeof *links);
    size_t n = 0;

    for (u32 v = 0; v < p->room; v++)
        if (p->number[v] != 0 && p->person[v] != v)
            links[n++] =
                (struct journey_link){ p->number[v], number_of(p, p->person[v], p->person[v]), 1 };
    if (journey_alias_many(&cx, j, links, n) != OK)
        fail("cannot link visitors");
    free(links);
}

static void load(const char *folder)
{
    static struct event batch[LIMIT_EVENT_BATCH];
    struct visitors people = { 0 };
    char path[4096];
    u32 f[FIELDS];
    u64 events = 0, began = clock_mono_ns();
    double append = 0, merge;
    bool more = true;

    snprintf(path, sizeof path, "%s/events.csv", folder);
    FILE *in = fopen(path, "r");
    if (in == NULL)
        fail("there is no events.csv; journey_data makes it");
    while (getc_unlocked(in) != '\n')
        if (feof(in))
            fail("events.csv is empty");
    while (more) {
        size_t n = 0;
        while (n < LIMIT_EVENT_BATCH && (more = read_line(in, f)))
            batch[n++] = (struct event){ .at_ms = f[SEC] * 1000ll,
                                         .person = number_of(&people, f[VISITOR], f[PERSON]),
                                         .kind = kind_of(f[KIND]),
                                         .channel = (u8)f[CHANNEL],
                                         .country = (u16)f[COUNTRY],
                                         .page = f[PAGE],
                                         .campaign = f[CAMPAIGN],
                                         .value = f[VALUE] };
        u64 begun = clock_mono_ns();
        if (n > 0 && journey_append_wait(&cx, j, batch, n) != OK)
            fail("cannot append");
        append += ms_since(begun);
        events += n;
    }
    fclose(in);
    link_people(&people);
    u64 begun = clock_mono_ns();
    if (journey_merge(&cx, j) != OK)
        fail("cannot merge");
    merge = ms_since(begun);
    printf("{\"load_s\":%.1f,\"append_s\":%.1f,\"merge_s\":%.1f,\"events\":%llu}\n",
           ms_since(began) / 1e3, append / 1e3, merge / 1e3, (unsigned long long)events);
    free(people.number);
    free(people.person);
}

/* ---- asking ---- */

static int by_time(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;
    return x < y ? -1 : x > y;
}

/* Milliseconds, with accumulator and sum, as a report needs them. */
static double ask(const struct bench_report *r, unsigned threads, void *accs[])
{
    struct journey_plan p = { .from_ms = r->from_ms,
                              .to_ms = r->to_ms,
                              .kinds = r->kinds,
                              .kind_count = r->kind_count,
                              .row = r->row,
                              .columns = r->columns,

                              .fold = &r->fold };
    u64 began = clock_mono_ns();

    for (unsigned t = 0; t < threads; t++)
        memset(accs[t], 0, r->bytes);
    if (journey_walk(&cx, j, &p, accs, threads) != OK)
        fail(r->name);
    for (unsigned t = 1; t < threads; t++)
        for (size_t i = 0; i < r->bytes / sizeof(u64); i++)
            ((u64 *)accs[0])[i] += ((u64 *)accs[t])[i];
    return ms_since(began);
}

/* ---- the floor ---- */

/* What must be read for a report, as it lies in memory: its columns and the directory of the runs
 * in range. Some need less, where the directory tells that nobody is wanted. */
static u64 bytes_of(const struct bench_report *r)
{
    static const u8 widths[] = {
        [COL_CHANNEL] = 1, [COL_DEVICE] = 1, [COL_COUNTRY] = 2, [COL_FLAGS] = 2,
        [COL_SITE] = 4,    [COL_PAGE] = 4,   [COL_SOURCE] = 4,  [COL_CAMPAIGN] = 4,
        [COL_CLIENT] = 4,  [COL_TOUCH] = 4,  [COL_VALUE] = 8,   [COL_RECORD] = 8
    };
    struct snapshot snap;
    u64 bytes = 0, row = sizeof(u32) + sizeof(u16); /* time and kind */

    for (int c = COL_CHANNEL; c <= COL_RECORD; c++)
        row += r->columns & COL_BIT(c) ? widths[c] : 0;
    snapshot_take(j, &snap);
    for (size_t i = 0; i < snap.state->count; i++) {
        const struct run *in = snap.state->runs[i];
        if (in->min_ms < r->to_ms && in->max_ms >= r->from_ms)
            bytes += in->entries * 16ull + in->events * row;
    }
    snapshot_drop(j, &snap);
    return bytes;
}

enum { FLOOD_WORDS = 64 * 1024 * 1024, FLOODS = 5 };
static void *add_words(void *arg)
{
    u64 *words = arg, sum = 0;

    for (size_t i = 0; i < FLOOD_WORDS; i++)
        sum += words[i];
    words[0] = sum;
    return NULL;
}

/* Bytes a second that so many threads can read, at best. */
static double bandwidth(unsigned threads)
{
    u64 *words[THREADS_MOST];
    pthread_t ids[THREADS_MOST];
    double best = 0;

    for (unsigned t = 0; t < threads; t++) {
        words[t] = malloc(FLOOD_WORDS * sizeof(u64));
        memset(words[t], 1, FLOOD_WORDS * sizeof(u64));
    }
    for (int i = 0; i < FLOODS; i++) {
        u64 began = clock_mono_ns();
        for (unsigned t = 1; t < threads; t++)
            pthread_create(&ids[t], NULL, add_words, words[t]);
        add_words(words[0]);
        for (unsigned t = 1; t < threads; t++)
            pthread_join(ids[t], NULL);
        double rate = (double)threads * FLOOD_WORDS * sizeof(u64) / ms_since(began) * 1e3;
        best = rate > best ? rate : best;
    }
    for (unsigned t = 0; t < threads; t++)
        free(words[t]);
    return best;
}

/* ---- while events arrive ---- */

enum { BATCHES_A_SECOND = 50, ARRIVING_SECONDS = 60 };
struct arriving {
    atomic_bool stop;
    u32 rate;
    u64 sent;
    double longest_ms;
};

static void *arrive(void *arg)
{
    static struct event batch[LIMIT_EVENT_BATCH];
    struct arriving *a = arg;
    struct journey_stats st;
    struct ctx own;
    scoped(arena_close) struct arena *mine = arena_new(64 * 1024);
    u32 n = a->rate / BATCHES_A_SECOND;
    u64 began = clock_mono_ns();

    ctx_init(&own, mine, &clock_now);
    journey_stats(j, &st);
    for (u64 tick = 0; !atomic_load(&a->stop); tick++) {
        for (u32 i = 0; i < n; i++)
            batch[i] =
                (struct event){ .at_ms = (DATA_BEGIN_S + DATA_YEAR_S) * 1000ll + (i64)a->sent + i,
                                .person = (u32)(1 + (a->sent + i) * 7919 % st.people),
                                .kind = kind_of(DATA_PAGEVIEW),
                                .channel = 3,
                                .country = 3,
                                .page = i };
        u64 begun = clock_mono_ns();
        if (journey_append_wait(&own, j, batch, n) != OK)
            fail("cannot append");
        a->longest_ms = ms_since(begun) > a->longest_ms ? ms_since(begun) : a->longest_ms;
        a->sent += n;
        i64 early =
            (i64)(began + (tick + 1) * (1000000000ull / BATCHES_A_SECOND)) - (i64)clock_mono_ns();
        if (early > 0)
            nanosleep(&(struct timespec){ 0, early }, NULL);
    }
    return NULL;
}

static bool same_answer(const struct bench_report *r, const char *folder, const void *acc)
{
    scoped(buf_free) struct buf was = buf_new(1 << 24);
    char path[4096], *is = NULL, part[4096];
    size_t len = 0, got;

    snprintf(path, sizeof path, "%s/%s.txt", folder, r->name);
    FILE *in = fopen(path, "r"), *out = open_memstream(&is, &len);
    while (in != NULL && (got = fread(part, 1, sizeof part, in)) > 0)
        buf_add(&was, part, got);
    if (in != NULL)
        fclose(in);
    r->print(acc, out);
    fclose(out);
    bool same = was.len == len && memcmp(was.p, is, len) == 0;
    free(is);
    return same;
}

static void run_arriving(const char *folder, unsigned threads, u32 rate)
{
    enum { TIMES_MAX = 4096 };
    static double ms[16][TIMES_MAX];
    int times[16] = { 0 };
    struct arriving a = { .rate = rate };
    struct journey_stats st;
    pthread_t thread;
    void *accs[THREADS_MOST];
    size_t most = 0;
    bool same = true;
    u64 began = clock_mono_ns();

    for (size_t i = 0; i < bench_report_count; i++)
        most = bench_reports[i].bytes > most ? bench_reports[i].bytes : most;
    for (unsigned t = 0; t < threads; t++)
        accs[t] = malloc(most);
    pthread_create(&thread, NULL, arrive, &a);
    while (ms_since(began) < ARRIVING_SECONDS * 1e3)
        for (size_t i = 0; i < bench_report_count; i++) {
            double took = ask(&bench_reports[i], threads, accs);
            same &= same_answer(&bench_reports[i], folder, accs[0]);
            if (times[i] < TIMES_MAX)
                ms[i][times[i]++] = took;
        }
    atomic_store(&a.stop, true);
    pthread_join(thread, NULL);
    for (size_t i = 0; i < bench_report_count; i++) {
        qsort(ms[i], (size_t)times[i], sizeof ms[i][0], by_time);
        printf("{\"arriving\":\"%s\",\"ms\":%.1f,\"p99\":%.1f,\"times\":%d}\n",
               bench_reports[i].name, ms[i][times[i] / 2], ms[i][times[i] * 99 / 100], times[i]);
    }
    journey_stats(j, &st);
    printf("{\"arrived\":%llu,\"seconds\":%.1f,\"longest_append_ms\":%.1f,\"runs\":%llu,\"same\":%"
           "s}\n",
           (unsigned long long)a.sent, ms_since(began) / 1e3, a.longest_ms,
           (unsigned long long)st.runs, same ? "true" : "false");
    for (unsigned t = 0; t < threads; t++)
        free(accs[t]);
    if (!same)
        fail("an answer changed while events arrived");
}

static void run(const struct bench_report *r, const char *folder, unsigned threads, int rounds)
{
    double ms[ROUNDS_MAX], first, cpu;
    void *accs[THREADS_MOST];
    char path[4096];

    for (unsigned t = 0; t < threads; t++)
        accs[t] = malloc(r->bytes);
    first = ask(r, threads, accs);
    cpu = cpu_ms();
    for (int i = 0; i < rounds; i++)
        ms[i] = ask(r, threads, accs);
    cpu = (cpu_ms() - cpu) / rounds;
    qsort(ms, (size_t)rounds, sizeof *ms, by_time);
    snprintf(path, sizeof path, "%s/%s.txt", folder, r->name);
    FILE *out = fopen(path, "w");
    if (out == NULL)
        fail("cannot write the answers");
    r->print(accs[0], out);
    fclose(out);
    printf("{\"report\":\"%s\",\"ms\":%.1f,\"min\":%.1f,\"max\":%.1f,\"first\":%.1f,\"cpu\":%.1f,"
           "\"mb\":%.1f}\n",
           r->name, ms[rounds / 2], ms[0], ms[rounds - 1], first, cpu, (double)bytes_of(r) / 1e6);
    fflush(stdout);
    for (unsigned t = 0; t < threads; t++)
        free(accs[t]);
}

int main(int argc, char **argv)
{
    unsigned threads = 2;
    u32 rate = 0;
    int rounds = 9;
    char path[4096];
    const char *only = NULL;
    struct stat there;

    if (argc < 2)
        return fprintf(stderr, "reports_bench FOLDER [--threads 2] [--rounds 9] [--only q1y]\n"),
               64;
    for (int i = 2; i + 1 < argc; i += 2)
        if (strcmp(argv[i], "--threads") == 0)
            threads = (unsigned)atoi(argv[i + 1]);
        else if (strcmp(argv[i], "--only") == 0)
            only = argv[i + 1];
        else if (strcmp(argv[i], "--arriving") == 0)
            rate = (u32)atoi(argv[i + 1]);
        else
            rounds = atoi(argv[i + 1]);
    if (threads < 1 || threads > THREADS_MOST || rounds < 1 || rounds > ROUNDS_MAX)
        return fprintf(stderr, "reports_bench: 1 to 16 threads, 1 to 99 rounds\n"), 64;
    log_set_level(LOG_WARN);
    snprintf(path, sizeof path, "%s/journey.db", argv[1]);
    struct journey_options o = { .path = path };
    bool old = stat(path, &there) == 0;
    arena = arena_new(64 * 1024);
    ctx_init(&cx, arena, &clock_now);
    u64 began = clock_mono_ns();
    if (journey_open(&cx, &o, &j) != OK)
        fail("cannot open the journey");
    if (old)
        printf("{\"open_ms\":%.1f}\n", ms_since(began));
    else
        load(argv[1]);
    if (journey_merge(&cx, j) != OK)
        fail("cannot merge");
    struct journey_stats st;
    journey_stats(j, &st);
    printf("{\"events\":%llu,\"people\":%llu,\"aliases\":%llu,\"runs\":%llu,\"bytes\":%llu}\n",
           (unsigned long long)st.events, (unsigned long long)st.people,
           (unsigned long long)st.aliases, (unsigned long long)st.runs,
           (unsigned long long)st.bytes);
    printf("{\"bandwidth_gbs\":%.1f}\n", bandwidth(threads) / 1e9);
    for (size_t i = 0; i < bench_report_count; i++)
        if (only == NULL || strcmp(only, bench_reports[i].name) == 0)
            run(&bench_reports[i], argv[1], threads, rounds);
    if (rate > 0 && rate / BATCHES_A_SECOND <= LIMIT_EVENT_BATCH)
        run_arriving(argv[1], threads, rate);
    journey_close(j);
    arena_free(arena);
    return 0;
}
