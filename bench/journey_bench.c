/* journey_bench [EVENTS]: how fast events become durable, how long walks take, what an idle store
 * keeps in memory. Two years of a made-up company: most visitors leave after a few pages, one in
 * five is a contact with one to three browsers.
 * journey_bench --of FILE: how long that journey.db, which no program may have open, takes to open,
 * and a funnel over its last year. */
#include "base/limits.h"
#include "base/log.h"
#include "journey/journey.h"
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

enum { PAGEVIEW = 1, FORM, MQL, DEAL, WON, KINDS = 20, DAYS = 730 };
static const i64 BEGIN_MS = 1704067200000; /* 2024-01-01 */

static u64 next_random(u64 *s)
{
    u64 z = (*s += 0x9e3779b97f4a7c15u);
    z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9u;
    z = (z ^ z >> 27) * 0x94d049bb133111ebu;
    return z ^ z >> 31;
}
static u32 below(u64 *s, u32 n) { return (u32)((next_random(s) >> 32) * n >> 32); }
static double ms_since(u64 begun) { return (double)(clock_mono_ns() - begun) / 1e6; }

/* Processor time of all threads: what a walk costs on a machine that others use too. */
static double cpu_ms(void)
{
    struct timespec t;
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
    return (double)t.tv_sec * 1e3 + (double)t.tv_nsec / 1e6;
}

static u64 rss_kb(void)
{
    char line[256];
    unsigned long long kb = 0;
    FILE *f = fopen("/proc/self/status", "r");
    while (f != NULL && fgets(line, sizeof line, f) != NULL)
        if (sscanf(line, "VmRSS: %llu", &kb) == 1)
            break;
    if (f != NULL)
        fclose(f);
    return kb;
}

/* ---- single events, as a server with so many busy connections sends them ---- */

enum { CONNECTIONS_MAX = 512, LATENCIES = 1 << 20 };
struct client;
struct connection {
    struct client *client;
    u64 begun;
};
struct client {
    pthread_mutex_t lock;
    pthread_cond_t room;
    struct connection connections[CONNECTIONS_MAX], *idle[CONNECTIONS_MAX];
    u32 idle_count;
    u64 done, failed;
    u32 latency_us[LATENCIES];
};

static void client_done(void *arg, enum status s)
{
    struct connection *k = arg;
    struct client *c = k->client;

    pthread_mutex_lock(&c->lock);
    c->latency_us[c->done++ % LATENCIES] = (u32)((clock_mono_ns() - k->begun) / 1000);
    c->failed += s != OK;
    c->idle[c->idle_count++] = k;
    pthread_cond_signal(&c->room);
    pthread_mutex_unlock(&c->lock);
}

static int by_latency(const void *a, const void *b)
{
    u32 x = *(const u32 *)a, y = *(const u32 *)b;

    return x < y ? -1 : x > y;
}

static struct client *client_new(u32 connections)
{
    struct client *c = calloc(1, sizeof *c);

    pthread_mutex_init(&c->lock, NULL);
    pthread_cond_init(&c->room, NULL);
    for (u32 i = 0; i < connections; i++) {
        c->connections[i].client = c;
        c->idle[c->idle_count++] = &c->connections[i];
    }
    return c;
}

static void single(struct journey *j, u32 connections, u32 people, double seconds)
{
    struct client *c = client_new(connections);
    u64 seed = 7, begun = clock_mono_ns();
    struct journey_stats before, after;

    journey_stats(j, &before);
    while (ms_since(begun) < seconds * 1000) {
        struct event e = { .at_ms = BEGIN_MS + (i64)below(&seed, 1u << 30),
                           .kind = PAGEVIEW,
                           .person = 1 + below(&seed, people),
                           .channel = 3,
                           .device = 1,
                           .site = 1,
                           .page = 1 + below(&seed, 2000),
                           .client = 1 + below(&seed, 200) };
        pthread_mutex_lock(&c->lock);
        while (c->idle_count == 0)
            pthread_cond_wait(&c->room, &c->lock);
        struct connection *k = c->idle[--c->idle_count];
        pthread_mutex_unlock(&c->lock);
        k->begun = clock_mono_ns();
        enum status s = journey_append(j, &e, 1, client_done, k);
        if (s != OK)
            client_done(k, s);
    }
    pthread_mutex_lock(&c->lock);
    while (c->idle_count < connections)
        pthread_cond_wait(&c->room, &c->lock);
    pthread_mutex_unlock(&c->lock);
    double ms = ms_since(begun);
    journey_stats(j, &after);
    u64 n = c->done < LATENCIES ? c->done : LATENCIES;
    qsort(c->latency_us, n, sizeof *c->latency_us, by_latency);
    printf(
        "append one by one, %4u in flight  %9.0f events/s  %5.1f events a commit, median %.2f ms, "
        "p99 %.2f, worst %.2f%s\n",
        connections, (double)c->done / ms * 1000,
        (double)c->done / (double)(after.commits - before.commits), c->latency_us[n / 2] / 1e3,
        c->latency_us[n * 99 / 100] / 1e3, c->latency_us[n - 1] / 1e3,
        c->failed > 0 ? "  SOME REFUSED" : "");
    free(c);
}

/* ---- the company ---- */

static u32 person_of(u64 *seed, const u32 *people, u32 n)
{
    u32 a = below(seed, n), b = below(seed, n); /* skewed: early ones come more often */

    return people[a < b ? a : b];
}

/* What one visitor does: mostly pages, now and then a step towards a deal. */
static struct event event_of(u64 *seed, u32 person, i64 at_ms)
{
    u32 roll = below(seed, 1000);
    u16 other = (u16)(6 + below(seed, KINDS - 6));

    return (struct event){
        .at_ms = at_ms,
        .person = person,
        .kind = roll < 800   ? PAGEVIEW
                : roll < 850 ? FORM
                : roll < 860 ? MQL
                : roll < 865 ? DEAL
                : roll < 867 ? WON
                             : other,
        .channel = (u8)(1 + person % 11),
        .device = (u8)(1 + person % 3),
        .country = (u16)('D' << 8 | 'E'),
        .site = 1,
        .page = 1 + below(seed, 3000),
        .source = 1 + person % 100,
        .campaign = person % 3 ? 0 : 1 + person % 60,
        .client = 1 + person % 300,
        .touch = person % 4 ? 0 : 1 + person % 500,
        .value = roll >= 865 && roll < 867 ? 10000 + below(seed, 1000000) : 0,
        .record = roll >= 800 && roll < 867 ? (i64)(next_random(seed) >> 2) : 0,
    };
}

static double load(struct ctx *cx, struct journey *j, u32 events, const u32 *people, u32 n)
{
    static struct event batch[LIMIT_EVENT_BATCH];
    u64 seed = 42, begun = clock_mono_ns();
    u32 person = 0, left = 0;
    i64 at = 0;

    for (u32 done = 0; done < events; done += LIMIT_EVENT_BATCH) {
        u32 count = events - done < LIMIT_EVENT_BATCH ? events - done : LIMIT_EVENT_BATCH;
        for (u32 i = 0; i < count; i++, left--) {
            if (left == 0) { /* the next visit */
                left = 1 + below(&seed, 10);
                person = person_of(&seed, people, n);
                at = BEGIN_MS + (i64)((double)(done + i) / events * DAYS * MS_DAY);
            }
            at += below(&seed, 2 * MS_MINUTE);
            batch[i] = event_of(&seed, person, at);
        }
        if (journey_append_wait(cx, j, batch, count) != OK)
            exit(1);
    }
    return ms_since(begun);
}

/* ---- walks ---- */

static u16 steps[] = { PAGEVIEW, FORM, MQL, DEAL, WON };

struct funnel {
    u64 people, events, step[6], channel[256];
};

static void funnel_visit(void *acc, const struct journey_view *v)
{
    struct funnel *f = acc;
    u64 done = 0;

    f->people++;
    f->events += v->count;
    for (size_t i = 0; i < v->count && done < countof(steps); i++)
        if (v->events[i].kind == steps[done]) {
            if (done == 0)
                f->channel[v->events[i].channel]++;
            f->step[done++]++;
        }
}

struct progress {
    u64 events, done;
};

static void funnel_part(struct funnel *f, const struct journey_columns *c,
                        const struct journey_part *p)
{
    struct progress *at = p->state;

    at->events += p->count;
    for (u32 row = p->first; row < p->first + p->count && at->done < countof(steps); row++)
        if (c->kind[row] == steps[at->done]) {
            if (at->done == 0)
                f->channel[c->channel[row]]++;
            f->step[at->done++]++;
        }
}

static void funnel_parts(void *acc, const struct journey_parts *v)
{
    for (size_t i = 0; i < v->count; i++)
        funnel_part(acc, v->of, &v->list[i]);
}

static void funnel_done(void *acc, void *state, u32 person)
{
    struct funnel *f = acc;
    const struct progress *at = state;

    (void)person;
    f->people++;
    f->events += at->events;
}
static const struct journey_fold funnel_fold = { sizeof(struct progress), funnel_parts,
                                                 funnel_done };

static void walk(struct ctx *cx, struct journey *j, const char *what, struct journey_plan p,
                 unsigned threads)
{
    struct funnel f[2];
    void *accs[2] = { &f[0], &f[1] };
    double best = 1e9, cpu = 1e9, first = 0;

    if (p.fold == NULL)
        p.visit = funnel_visit;
    for (int run = 0; run < 7; run++) {
        memset(f, 0, sizeof f);
        double spent = cpu_ms();
        u64 begun = clock_mono_ns();
        if (journey_walk(cx, j, &p, accs, threads) != OK)
            exit(1);
        double ms = ms_since(begun);
        first = run == 0 ? ms : first;
        best = ms < best ? ms : best;
        spent = cpu_ms() - spent;
        cpu = spent < cpu ? spent : cpu;
    }
    printf("walk %-28s %u threads %8.2f ms (first %.2f, cpu %.2f)  %llu people, %llu events\n",
           what, threads, best, first, cpu,
           (unsigned long long)(f[0].people + (threads > 1 ? f[1].people : 0)),
           (unsigned long long)(f[0].events + (threads > 1 ? f[1].events : 0)));
}

static int ascending(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;
    return x < y ? -1 : x > y;
}

static void timelines(struct journey *j, const u32 *people, u32 n)
{
    enum { TIMES = 400 };
    static double ms[TIMES];
    u64 seed = 3, events = 0;

    for (int i = 0; i < TIMES; i++) {
        scoped(arena_close) struct arena *a = arena_new(65536);
        struct ctx cx;
        struct event *e;
        size_t count;
        u32 person = person_of(&seed, people, n);
        ctx_init(&cx, a, NULL);
        u64 begun = clock_mono_ns();
        if (journey_timeline(&cx, j, person, 0, 0, 50, &e, &count) != OK)
            exit(1);
        ms[i] = ms_since(begun);
        events += count;
    }
    qsort(ms, TIMES, sizeof *ms, ascending);
    printf("timeline of one person, 50 newest    median %.3f ms, p99 %.3f ms, %.1f events\n",
           ms[TIMES / 2], ms[TIMES * 99 / 100], (double)events / TIMES);
}

static void walks(struct ctx *cx, struct journey *j)
{
    i64 year = BEGIN_MS + 365 * (i64)MS_DAY, month = BEGIN_MS + 517 * (i64)MS_DAY;
    u16 view[] = { PAGEVIEW }, won[] = { WON };
    struct journey_plan all = { .columns = READ_CHANNEL };
    struct journey_plan one_year = { .from_ms = year,
                                     .to_ms = year + 365 * (i64)MS_DAY,
                                     .columns = READ_CHANNEL,
                                     .kinds = view,
                                     .kind_count = 1 };
    struct journey_plan one_month = { .from_ms = month,
                                      .to_ms = month + 30 * (i64)MS_DAY,
                                      .columns = READ_CHANNEL };
    struct journey_plan winners = { .kinds = won, .kind_count = 1 };
    struct journey_plan wide = { 0 };

    for (unsigned threads = 1; threads <= 2; threads++) {
        walk(cx, j, "funnel, all time", all, threads);
        walk(cx, j, "funnel, one year", one_year, threads);
        walk(cx, j, "funnel, one month", one_month, threads);
        struct journey_plan in_place[] = { all, one_year, one_month };
        for (size_t i = 0; i < countof(in_place); i++) {
            in_place[i].fold = &funnel_fold;
            walk(cx, j, "the same, rows in place", in_place[i], threads);
        }
        walk(cx, j, "people who bought, all fields", winners, threads);
        walk(cx, j, "everything, all fields", wide, threads);
    }
}

static struct journey *open_at(struct ctx *cx, const char *path)
{
    struct journey_options o = { .path = path };
    struct journey *j = NULL;
    u64 begun = clock_mono_ns();

    if (journey_open(cx, &o, &j) != OK) {
        fprintf(stderr, "%s\n", cx->error_text);
        exit(1);
    }
    printf("open                                 %.1f ms\n", ms_since(begun));
    return j;
}

static void print_stats(struct journey *j)
{
    struct journey_stats s;

    journey_stats(j, &s);
    printf("store: %llu events (%llu in the log), %llu people, %llu aliases, %llu runs, %.1f MB, "
           "%.1f bytes an event\n",
           (unsigned long long)s.events, (unsigned long long)s.log_events,
           (unsigned long long)s.people, (unsigned long long)s.aliases, (unsigned long long)s.runs,
           (double)s.bytes / 1e6, (double)s.bytes / (double)s.events);
}

/* A store that is there already: its year funnel, by the kinds that the program begins with. */
static int of_file(struct ctx *cx, const char *path)
{
    static const char *const names[] = { "pageview", "form_submit", "handoff_accepted",
                                         "deal_created", "deal_won" };
    i64 now = clock_ms(cx->clock);

    if (access(path, R_OK | W_OK) != 0)
        return fprintf(stderr, "journey_bench: there is no '%s'\n", path), 1;
    struct journey *j = open_at(cx, path);
    print_stats(j);
    printf("after opening                        %llu KB resident\n", (unsigned long long)rss_kb());
    for (size_t i = 0; i < countof(steps); i++)
        steps[i] = journey_code(j, DICT_KIND, str_from(names[i]));
    struct journey_plan year = { .from_ms = now - 365 * (i64)MS_DAY,
                                 .to_ms = now,
                                 .columns = READ_CHANNEL,
                                 .kinds = steps,
                                 .kind_count = 1,
                                 .fold = &funnel_fold };
    for (unsigned threads = 2; threads > 0; threads--)
        walk(cx, j, "funnel, the last year", year, threads);
    printf("after walks                          %llu KB resident\n", (unsigned long long)rss_kb());
    journey_close(j);
    return 0;
}

int main(int argc, char **argv)
{
    scoped(arena_close) struct arena *a = arena_new(1 << 16);
    u32 events = argc > 1 ? (u32)strtoul(argv[1], NULL, 10) : 1500000, people = events / 15;
    const char *path =
        argc > 2 ? argv[2] : "journey-bench.db"; /* a real disk: its fsync is half of the figures */
    char name[64], side[512];
    struct ctx cx;

    ctx_init(&cx, a, NULL);
    struct clock clock = { 0 };
    cx.clock = &clock;
    if (argc > 2 && strcmp(argv[1], "--of") == 0)
        return of_file(&cx, argv[2]);
    struct journey *j = open_at(&cx, path);
    u32 *who = malloc(people * sizeof *who);
    struct journey_link *links = malloc(people * sizeof *links);
    u32 link_count = 0, contacts = people / 5;
    for (u32 i = 0; i < people; i++) {
        snprintf(name, sizeof name, "/page-%u", i);
        if (i < 4000)
            journey_intern(j, DICT_PAGE, str_from(name));
        who[i] = journey_person(j, i < contacts ? PERSON_CONTACT : PERSON_VISITOR, i);
        if (i >= contacts && i < contacts * 5 / 2)
            links[link_count++] = (struct journey_link){ who[i], who[i % contacts], BEGIN_MS };
    }
    u64 begun = clock_mono_ns();
    if (journey_alias_many(&cx, j, links, link_count) != OK)
        exit(1);
    printf("alias                                %.0f a second\n",
           link_count / ms_since(begun) * 1000);
    double ms = load(&cx, j, events, who, people);
    printf("append, batches of %d             %9.0f events/s\n", LIMIT_EVENT_BATCH,
           events / ms * 1000);
    print_stats(j);
    begun = clock_mono_ns();
    if (journey_flush(&cx, j) != OK)
        exit(1);
    printf("flush of the rest                    %.1f ms\n", ms_since(begun));
    walks(&cx, j);
    timelines(j, who, people);
    journey_close(j);

    j = open_at(&cx, path);
    printf("idle                                 %llu KB resident\n", (unsigned long long)rss_kb());
    walks(&cx, j);
    timelines(j, who, people);
    printf("idle after walks                     %llu KB resident\n", (unsigned long long)rss_kb());
    single(j, 1, people, 1);
    single(j, 64, people, 2);
    single(j, 512, people, 2);
    print_stats(j);
    walk(&cx, j, "funnel, all time, long tail", (struct journey_plan){ .columns = READ_CHANNEL },
         1);
    journey_close(j);
    free(who);
    free(links);
    static const char *const ends[] = { "", "-wal", "-shm", "-lock" };
    for (size_t i = 0; i < countof(ends); i++) {
        snprintf(side, sizeof side, "%s%s", path, ends[i]);
        unlink(side);
    }
    return 0;
}
