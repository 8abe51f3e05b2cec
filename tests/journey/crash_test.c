/* Kills a process that appends, links, undoes and erases, at a random moment, and looks what is
 * there: every acknowledged event once, none twice, names, people and links as they were, nothing
 * of who was erased. argv: the number of kills (5; with
 * FURROW_PROVE set 200). */
#include "model.h"
#include "support/events.h"
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

enum { WRITERS = 4, PEOPLE = 200, ROUNDS_A_STORE = 20 };
static const i64 BEGIN_MS = 1748736000000;

/* ---- the child: appends for ever, and writes to the pipe what was acknowledged ---- */

/* One acknowledgement: an event's mark, or with the top bit an outbox number. A life is somebody
 * with a browser who is linked and perhaps erased: its events' records are LIFE | life * 16 + i. */
enum { PIPE_FD = 9, LIFE_EVENTS = 8 };
#define OUTBOX_MARK (1ull << 63)
#define LIFE (1ull << 61)
#define LINKED (1ull << 60)
#define ERASING (1ull << 59)
#define ERASED (1ull << 58)

struct child {
    struct journey *j;
    u64 first_mark;
    atomic_ullong next_mark;
};

static void say(u64 mark)
{
    if (write(PIPE_FD, &mark, sizeof mark) != sizeof mark)
        _exit(3);
}

static void said(void *arg, enum status s)
{
    if (s != OK)
        _exit(4);
    say((u64)(uintptr_t)arg);
}

static struct event marked(struct child *c, u64 *seed)
{
    u64 mark = atomic_fetch_add(&c->next_mark, 1);
    char name[48];

    snprintf(name, sizeof name, "/page/%llu", (unsigned long long)mark % 997);
    return (struct event){ .at_ms = BEGIN_MS + random_below(seed, 1u << 31),
                           .person = journey_person(c->j, PERSON_VISITOR, mark % PEOPLE),
                           .kind = 1,
                           .page = journey_intern(c->j, DICT_PAGE, str_from(name)),
                           .record = (i64)mark,
                           .id = mark };
}

static void *write_singles(void *arg)
{
    struct child *c = arg;
    u64 seed = c->first_mark;

    for (;;) {
        struct event e = marked(c, &seed);
        while (journey_append(c->j, &e, 1, said, (void *)(uintptr_t)e.record) == E_BUSY)
            sched_yield();
    }
    return NULL;
}

static void *write_outbox(void *arg)
{
    scoped(arena_close) struct arena *a = arena_new(1 << 16);
    struct child *c = arg;
    struct clock clock = { 0 };
    struct ctx cx;
    u64 seed = c->first_mark + 1;

    ctx_init(&cx, a, &clock);
    for (u64 row = journey_outbox_seq(c->j) + 1;; row++) {
        struct event e = marked(c, &seed);
        e.record = (i64)(OUTBOX_MARK >> 1 | row);
        e.id = 0;
        if (journey_append_outbox(&cx, c->j, &e, 1, row) != OK)
            _exit(5);
        say(OUTBOX_MARK | row);
    }
    return NULL;
}

static void life_step(struct ctx *cx, enum status s, u64 mark)
{
    if (s != OK) {
        fprintf(stderr, "%s\n", cx->error_text);
        _exit(6);
    }
    if (mark != 0)
        say(mark);
}

static void *write_lives(void *arg)
{
    scoped(arena_close) struct arena *a = arena_new(1 << 16);
    struct child *c = arg;
    struct clock clock = { 0 };
    struct ctx cx;

    ctx_init(&cx, a, &clock);
    for (u64 life = c->first_mark;; life++) {
        u32 visitor = journey_person(c->j, PERSON_VISITOR, LIFE | life);
        u32 contact = journey_person(c->j, PERSON_CONTACT, LIFE | life);
        for (u64 i = 0; i < LIFE_EVENTS; i++) {
            u64 mark = LIFE | life << 4 | i;
            struct event e = { .at_ms = BEGIN_MS + (i64)(i << 28),
                               .person = i % 2 ? visitor : contact,
                               .kind = 2,
                               .record = (i64)mark };
            life_step(&cx, journey_append_wait(&cx, c->j, &e, 1), mark);
        }
        life_step(&cx, journey_alias(&cx, c->j, visitor, contact, BEGIN_MS), 0);
        if (life % 3 == 0) {
            life_step(&cx, journey_unalias(&cx, c->j, visitor), 0);
            life_step(&cx, journey_alias(&cx, c->j, visitor, contact, BEGIN_MS), 0);
        }
        say(LINKED | life);
        if (life % 2)
            continue;
        say(ERASING | life);
        life_step(&cx, journey_erase(&cx, c->j, visitor), ERASED | life);
    }
    return NULL;
}

static int child_main(const char *path, u64 first_mark, const char *events)
{
    scoped(arena_close) struct arena *a = arena_new(1 << 16);
    struct clock clock = { 0 };
    struct ctx cx;
    struct journey_options o = {
        .path = path, .events_url = events, .clock = &clock, .flush_events = 400
    };
    struct child c = { .first_mark = first_mark };
    pthread_t threads[WRITERS];

    ctx_init(&cx, a, &clock);
    if (journey_open(&cx, &o, &c.j) != OK) {
        fprintf(stderr, "%s\n", cx.error_text);
        return 2;
    }
    atomic_init(&c.next_mark, first_mark);
    for (int i = 0; i < WRITERS - 1; i++)
        pthread_create(&threads[i], NULL, i == 0 ? write_lives : write_singles, &c);
    write_outbox(&c);
    return 0;
}

/* ---- the parent ---- */

struct marks {
    u64 *list;
    size_t count, room;
};

static void add_mark(struct marks *m, u64 mark)
{
    if (m->count == m->room) {
        m->room = m->room == 0 ? 4096 : m->room * 2;
        m->list = realloc(m->list, m->room * sizeof *m->list);
    }
    m->list[m->count++] = mark;
}

static int by_mark(const void *a, const void *b)
{
    u64 x = *(const u64 *)a, y = *(const u64 *)b;

    return x < y ? -1 : x > y;
}

static bool has_mark(const struct marks *m, u64 mark)
{
    return m->count > 0 && bsearch(&mark, m->list, m->count, sizeof mark, by_mark) != NULL;
}

struct found {
    struct journey *j;
    struct marks marks;
    u64 wrong;
};

static void find(void *acc, const struct journey_view *v)
{
    struct found *f = acc;
    char name[48];
    enum person_kind kind;
    u64 key;

    for (size_t i = 0; i < v->count; i++) {
        const struct event *e = &v->events[i];
        u64 mark = (u64)e->record;
        add_mark(&f->marks, mark);
        if (mark & (OUTBOX_MARK >> 1 | LIFE))
            continue;
        snprintf(name, sizeof name, "/page/%llu", (unsigned long long)mark % 997);
        f->wrong += strcmp(journey_name(f->j, DICT_PAGE, e->page), name) != 0;
        f->wrong += !journey_person_key(f->j, e->person, &kind, &key) || key != mark % PEOPLE;
    }
}

/* Starts a child, kills it after a while, returns what it acknowledged. */
static void kill_one(const char *path, const char *events, u64 first_mark, useconds_t us,
                     struct marks *acknowledged)
{
    int ends[2];
    char mark_text[32];
    u64 mark;

    assert_int_equal(pipe(ends), 0);
    snprintf(mark_text, sizeof mark_text, "%llu", (unsigned long long)first_mark);
    pid_t pid = fork();
    if (pid == 0) {
        dup2(ends[1], PIPE_FD);
        close(ends[0]);
        execl("/proc/self/exe", "crash_test", "child", path, mark_text, events, (char *)NULL);
        _exit(9);
    }
    close(ends[1]);
    /* The clock of the kill starts with the first acknowledgement: opening takes its own time. */
    bool running = true;
    u64 begun = 0;
    FILE *in = fdopen(ends[0], "r");
    while (fread(&mark, sizeof mark, 1, in) == 1) {
        add_mark(acknowledged, mark);
        if (begun == 0)
            begun = clock_mono_ns();
        if (running && clock_mono_ns() - begun > us * 1000ull) {
            kill(pid, SIGKILL);
            running = false;
        }
    }
    fclose(in);
    int status;
    waitpid(pid, &status, 0);
    if (!WIFSIGNALED(status))
        fail_msg("the child ended by itself: %d", WEXITSTATUS(status));
}

/* A life is as it was said to be. */
static void check_life(struct found *f, const struct marks *said_so, u64 life)
{
    u32 visitor = journey_person_find(f->j, PERSON_VISITOR, LIFE | life);
    u32 contact = journey_person_find(f->j, PERSON_CONTACT, LIFE | life);
    bool gone = has_mark(said_so, ERASED | life), open = has_mark(said_so, ERASING | life);
    u64 said_events = 0, found_events = 0;

    for (u64 i = 0; i < LIFE_EVENTS; i++) {
        said_events += has_mark(said_so, LIFE | life << 4 | i);
        found_events += has_mark(&f->marks, LIFE | life << 4 | i);
    }
    if (gone || (open && visitor == 0)) {
        assert_int_equal(found_events, 0);
        assert_int_equal(visitor | contact, 0);
        return;
    }
    assert_true(found_events >= said_events);
    if (has_mark(said_so, LINKED | life))
        assert_true(visitor != 0 && visitor == contact);
}

static void check_lives(struct found *f, const struct marks *acknowledged)
{
    struct marks sorted = { .list = malloc((acknowledged->count + 1) * sizeof(u64)),
                            .count = acknowledged->count };
    u64 lives = 0;

    memcpy(sorted.list, acknowledged->list, sorted.count * sizeof(u64));
    qsort(sorted.list, sorted.count, sizeof *sorted.list, by_mark);
    for (size_t i = 0; i < sorted.count; i++) {
        u64 mark = sorted.list[i];
        if ((mark & (OUTBOX_MARK | LIFE)) != LIFE || (mark & 15) != 0)
            continue;
        check_life(f, &sorted, (mark & ~LIFE) >> 4);
        lives++;
    }
    assert_true(lives > 0);
    free(sorted.list);
}

static void check(const char *path, const char *events, const struct marks *acknowledged)
{
    scoped(arena_close) struct arena *a = arena_new(1 << 16);
    struct clock clock = { 0 };
    struct journey_options o = {
        .path = path, .events_url = events, .clock = &clock, .no_background = true
    };
    struct journey_plan p = { .visit = find };
    struct found f = { 0 };
    void *acc = &f;
    struct ctx cx;
    u64 outbox = 0;

    ctx_init(&cx, a, &clock);
    if (journey_open(&cx, &o, &f.j) != OK || journey_verify(&cx, f.j) != OK ||
        journey_walk(&cx, f.j, &p, &acc, 1) != OK)
        fail_msg("%s", cx.error_text);
    assert_int_equal(f.wrong, 0);
    qsort(f.marks.list, f.marks.count, sizeof *f.marks.list, by_mark);
    for (size_t i = 1; i < f.marks.count; i++)
        if (f.marks.list[i] == f.marks.list[i - 1])
            fail_msg("event %llx is there twice", (unsigned long long)f.marks.list[i]);
    for (size_t i = 0; i < acknowledged->count; i++) {
        u64 mark = acknowledged->list[i], row = mark & ~OUTBOX_MARK;
        if (!(mark & OUTBOX_MARK) && mark & (LIFE | LINKED | ERASING | ERASED))
            continue;
        if (!has_mark(&f.marks, mark & OUTBOX_MARK ? OUTBOX_MARK >> 1 | row : mark))
            fail_msg("event %llx was acknowledged and is lost", (unsigned long long)mark);
        if (mark & OUTBOX_MARK && row > outbox)
            outbox = row;
    }
    /* The number and the events of the outbox moved together: all rows up to it, none past it. */
    u64 known = journey_outbox_seq(f.j);
    assert_true(known >= outbox);
    for (u64 row = 1; row <= known; row++)
        assert_true(has_mark(&f.marks, OUTBOX_MARK >> 1 | row));
    assert_false(has_mark(&f.marks, OUTBOX_MARK >> 1 | (known + 1)));
    assert_true(journey_last_seq(f.j) >= f.marks.count); /* more: erased ones were counted */
    check_lives(&f, acknowledged);
    journey_close(f.j);
    free(f.marks.list);
}

/* Under ThreadSanitizer races are looked for, not lost writes: a round takes ten times as long. */
#ifdef __SANITIZE_THREAD__
enum { PROVEN_ROUNDS = 20 };
#else
enum { PROVEN_ROUNDS = 200 };
#endif
static int rounds = 5;

static void remove_store(const char *path)
{
    static const char *const ends[] = { "", "-wal", "-shm", "-lock" };
    char name[96];

    for (size_t i = 0; i < countof(ends); i++) {
        snprintf(name, sizeof name, "%s%s", path, ends[i]);
        unlink(name);
    }
}

static void nothing_acknowledged_is_lost(void **state)
{
    struct marks acknowledged = { 0 };
    char path[64], events[1024] = "";
    size_t all = 0;
    u64 seed = (u64)getpid();

    (void)state;
    snprintf(path, sizeof path, "/tmp/furrow-crash-%d.db", (int)getpid());
    for (int round = 0; round < rounds; round++) {
        if (round % ROUNDS_A_STORE == 0) { /* all of it is looked at each time: it must not grow */
            remove_store(path);
            if (test_events_url() != NULL)
                snprintf(events, sizeof events, "%s", test_events_url());
            all += acknowledged.count;
            acknowledged.count = 0;
        }
        kill_one(path, events, (round + 1) * 10000000ull, 20000 + random_below(&seed, 300000),
                 &acknowledged);
        check(path, events, &acknowledged);
    }
    all += acknowledged.count;
    print_message("%d kills, %zu acknowledged\n", rounds, all);
    assert_true(all > 0);
    free(acknowledged.list);
    remove_store(path);
}

int main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = { cmocka_unit_test(nothing_acknowledged_is_lost) };
    const char *prove = getenv("FURROW_PROVE");

    if (argc == 5 && text_is(argv[1], "child"))
        return child_main(argv[2], strtoull(argv[3], NULL, 10), argv[4]);
    if (prove != NULL && *prove != '\0')
        rounds = PROVEN_ROUNDS;
    if (argc > 1)
        rounds = (int)strtol(argv[1], NULL, 10);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
