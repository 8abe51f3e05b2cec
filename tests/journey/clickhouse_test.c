/* What only the ClickHouse backend has: addresses, servers that are not there, not ours, fail or
 * break off, and what is left on a server of somebody who was erased. Without FURROW_TEST_EVENTS
 * (support/with_clickhouse.sh) only what a made-up server can show. */
#include "model.h"
#include "support/events.h"
#include "support/peer.h"
#include <dirent.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static const i64 AT_MS = 1748736000000;
static struct arena *arena;
static struct ctx cx;
static struct clock clock_now;

static int set_up(void **state)
{
    (void)state;
    arena = arena_new(1 << 16);
    ctx_init(&cx, arena, &clock_now);
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    arena_free(arena);
    return 0;
}

static enum status open_at(const char *path, const char *url, struct journey **j)
{
    struct journey_options o = { .path = path, .events_url = url, .no_background = true };

    ctx_clear_error(&cx);
    return journey_open(&cx, &o, j);
}

static void append(struct journey *j, u32 person, u32 count, const char *props)
{
    for (u32 i = 0; i < count; i++) {
        struct event e = { .at_ms = AT_MS + i, .person = person, .kind = 1, .props = props };
        assert_int_equal(journey_append_wait(&cx, j, &e, 1), OK);
    }
}

static void count_events(void *acc, const struct journey_view *v) { *(size_t *)acc += v->count; }

static enum status walk(struct journey *j, size_t *count)
{
    struct journey_plan p = { .visit = count_events };
    void *acc = count;

    *count = 0;
    ctx_clear_error(&cx);
    return journey_walk(&cx, j, &p, &acc, 1);
}

static const char *temporary(const char *name)
{
    const char *path = arena_printf(arena, "/tmp/furrow-far-%d-%s.db", (int)getpid(), name);

    unlink(path);
    unlink(arena_printf(arena, "%s-lock", path));
    return path;
}

/* ---- addresses ---- */

static void an_address_that_cannot_be_is_refused(void **state)
{
    static const struct {
        const char *url, *says;
    } cases[] = {
        { "clickhouse://localhost:8123", "no database" },
        { "clickhouse:///db", "no host" },
        { "clickhouse://a,,b/db?cluster=c", "a host that cannot be" },
        { "clickhouse://a:1/", "a database is named" },
        { "clickhouse://a:1/d;DROP", "a database is named" },
        { "clickhouse://a:1/db?cluster=", "a cluster is named" },
        { "clickhouse://a:1/db?cluster=x'y", "a cluster is named" },
        { "clickhouse://a:1/db?other=1", "an unknown option" },
        { "clickhouse://a:1,b:2/db", "several hosts need" },
        { "postgres://a/db", "no events can lie at" },
    };
    struct journey *j;

    (void)state;
    for (size_t i = 0; i < countof(cases); i++)
        if (open_at(NULL, cases[i].url, &j) != E_INVALID ||
            strstr(cx.error_text, cases[i].says) == NULL)
            fail_msg("%s: '%s'", cases[i].url, cx.error_text);
}

static void without_a_server_the_start_says_so(void **state)
{
    struct journey *j;

    (void)state;
    assert_int_equal(open_at(NULL, "clickhouse://127.0.0.1:1/db", &j), E_IO);
    assert_non_null(strstr(cx.error_text, "ClickHouse at 127.0.0.1:1: "));
}

/* ---- a made-up server ---- */

struct script {
    pthread_mutex_t lock;
    struct str rows; /* answers to SELECTs of rows, heads and all; others are answered well */
    int inserts;
};

static struct str say(void *arg, struct str request)
{
    struct script *s = arg;
    bool insert = memmem(request.p, request.len, "INSERT INTO", 11) != NULL;
    bool rows = memmem(request.p, request.len, "FORMAT RowBinary", 16) != NULL && !insert;

    pthread_mutex_lock(&s->lock);
    s->inserts += insert;
    struct str answer = rows ? s->rows : STR("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n");
    pthread_mutex_unlock(&s->lock);
    return answer;
}

/* One row as the server writes it for a walk that looks at the time only: owner, at_ms, seq, ver,
 * alive, person, kind. */
#define ROW(owner, seq)                                                                         \
    owner "\0\0\0\xc0\x9b\x8a\x28\x97\x01\0\0" seq "\0\0\0\0\0\0\0\x01\0\0\0\0\0\0\0\x01" owner \
          "\0\0\0\x01\0"

static void half_an_answer_is_never_a_whole_one(void **state)
{
    static const struct {
        const char *note;
        struct str answer;
        const char *says; /* NULL: the answer is good */
        size_t events;
    } cases[] = {
        { "whole",
          STR("HTTP/1.1 200 OK\r\nContent-Length: 70\r\n\r\n" ROW("\1", "\1") ROW("\1", "\2")),
          NULL, 2 },
        { "an error of the server",
          STR("HTTP/1.1 500 Internal Server Error\r\nContent-Length: 74\r\n\r\nCode: 241, "
              "e.displayText() = DB::Exception: Memory limit, e.what() = DB::E\n"),
          "answers 500: Code: 241, e.displayText() = DB::Exception: Memory limit", 0 },
        { "a length that does not come",
          STR("HTTP/1.1 200 OK\r\nContent-Length: 70\r\n\r\n" ROW("\1", "\1")), "ClickHouse at",
          0 },
        { "chunks without an end",
          STR("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n23\r\n" ROW("\1", "\1") "\r\n"),
          "ClickHouse at", 0 },
        { "cut within a row",
          STR("HTTP/1.1 200 OK\r\nContent-Length: 40\r\n\r\n" ROW("\1", "\1") "\1\0\0\0\xc0"),
          "within a row", 0 },
        { "an error's text behind the rows, as 18.16 does it without wait_end_of_query",
          STR("HTTP/1.1 200 OK\r\nContent-Length: 105\r\n\r\n" ROW(
              "\1", "\1") "Code: 395, e.displayText() = "
                          "DB::Exception: Value passed to 'throwIf' f"),
          "a row that cannot be", 0 },
        { "rows not in order",
          STR("HTTP/1.1 200 OK\r\nContent-Length: 70\r\n\r\n" ROW("\1", "\2") ROW("\1", "\1")),
          "a row that cannot be", 0 },
        { "rows of nobody", STR("HTTP/1.1 200 OK\r\nContent-Length: 35\r\n\r\n" ROW("\7", "\1")),
          "a row that cannot be", 0 },
        { "nothing at all", STR(""), "ClickHouse at", 0 },
    };
    struct script script = { .lock = PTHREAD_MUTEX_INITIALIZER, .rows = cases[0].answer };
    struct peer *peer = peer_open(say, &script);
    struct journey *j;
    size_t count;

    (void)state;
    if (open_at(NULL, arena_printf(arena, "clickhouse://127.0.0.1:%d/db", peer_port(peer)), &j) !=
        OK)
        fail_msg("%s", cx.error_text);
    append(j, journey_person(j, PERSON_VISITOR, 1), 2, NULL);
    assert_int_equal(journey_flush(&cx, j), OK);
    pthread_mutex_lock(&script.lock);
    assert_true(script.inserts >= 2); /* whose the store is, and the events */
    pthread_mutex_unlock(&script.lock);
    for (size_t i = 0; i < countof(cases); i++) {
        struct journey_plan p = { .columns = READ_TIME, .visit = count_events };
        void *acc = &count;
        pthread_mutex_lock(&script.lock);
        script.rows = cases[i].answer;
        pthread_mutex_unlock(&script.lock);
        count = 0;
        ctx_clear_error(&cx);
        enum status s = journey_walk(&cx, j, &p, &acc, 1);
        if (cases[i].says == NULL && (s != OK || count != cases[i].events))
            fail_msg("%s: %s, %zu events", cases[i].note, cx.error_text, count);
        if (cases[i].says != NULL && (s != E_IO || strstr(cx.error_text, cases[i].says) == NULL))
            fail_msg("%s: status %d, '%s'", cases[i].note, s, cx.error_text);
    }
    journey_close(j);
    peer_close(peer);
}

/* ---- a server that goes and comes ---- */

struct door {
    _Atomic bool open;
};

static struct str at_the_door(void *arg, struct str request)
{
    struct door *d = arg;

    (void)request;
    return d->open ? STR("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n")
                   : STR("HTTP/1.1 503 Service Unavailable\r\nContent-Length: 4\r\n\r\naway");
}

static void while_the_server_is_away_events_stay_in_the_log(void **state)
{
    struct door door = { true };
    struct peer *peer = peer_open(at_the_door, &door);
    struct journey_stats st;
    struct journey *j;

    (void)state;
    assert_int_equal(
        open_at(NULL, arena_printf(arena, "clickhouse://127.0.0.1:%d/db", peer_port(peer)), &j),
        OK);
    u32 person = journey_person(j, PERSON_VISITOR, 1);
    door.open = false;
    append(j, person, 5, "{\"n\":1}");
    assert_int_equal(journey_flush(&cx, j), E_IO);
    journey_stats(j, &st);
    assert_int_equal(st.log_events, 5);
    append(j, person, 2, NULL); /* visitors notice nothing */
    door.open = true;
    ctx_clear_error(&cx);
    assert_int_equal(journey_flush(&cx, j), OK);
    journey_stats(j, &st);
    assert_int_equal(st.log_events, 0);
    assert_int_equal(st.events, 7);
    journey_close(j);
    peer_close(peer);
}

/* ---- a server of its own ---- */

static const char *own_url(void)
{
    const char *url = test_events_url();

    if (url == NULL)
        skip();
    return arena_text(arena, url);
}

static void a_store_finds_its_events_only_where_they_are(void **state)
{
    const char *url = own_url(), *a = temporary("a"), *b = temporary("b");
    struct journey *j;
    size_t count;

    (void)state;
    assert_int_equal(open_at(a, url, &j), OK);
    append(j, journey_person(j, PERSON_VISITOR, 1), 3, NULL);
    assert_int_equal(journey_flush(&cx, j), OK);
    journey_close(j);

    assert_int_equal(open_at(a, NULL, &j), E_INVALID);
    assert_non_null(strstr(cx.error_text, "start with --events as before"));
    assert_int_equal(open_at(b, url, &j), E_INVALID);
    assert_non_null(strstr(cx.error_text, "belongs to another store"));
    const char *empty = own_url();
    assert_int_equal(open_at(a, empty, &j), E_CORRUPT);
    assert_non_null(strstr(cx.error_text, "is empty"));

    assert_int_equal(open_at(a, url, &j), OK);
    assert_int_equal(walk(j, &count), OK);
    assert_int_equal(count, 3);
    assert_int_equal(journey_verify(&cx, j), OK);
    journey_close(j);

    unlink(b);
    assert_int_equal(open_at(b, NULL, &j), OK);
    append(j, journey_person(j, PERSON_VISITOR, 1), 3, NULL);
    assert_int_equal(journey_flush(&cx, j), OK);
    journey_close(j);
    assert_int_equal(open_at(b, empty, &j), E_INVALID);
    assert_non_null(strstr(cx.error_text, "in the file itself"));
    temporary("a");
    temporary("b");
}

/* Whether any file below a folder holds a text. */
static bool holds(const char *folder, const char *text)
{
    DIR *d = opendir(folder);
    struct dirent *e;
    bool found = false;

    while (d != NULL && !found && (e = readdir(d)) != NULL) {
        const char *path = arena_printf(arena, "%s/%s", folder, e->d_name);
        struct stat st;
        if (text_is(e->d_name, ".") || text_is(e->d_name, "..") || lstat(path, &st) != 0)
            continue;
        if (S_ISDIR(st.st_mode)) {
            found = holds(path, text);
        } else if (S_ISREG(st.st_mode)) {
            char *bytes = malloc((size_t)st.st_size + 1);
            FILE *f = fopen(path, "rb");
            size_t n = f == NULL ? 0 : fread(bytes, 1, (size_t)st.st_size, f);
            found = memmem(bytes, n, text, strlen(text)) != NULL;
            if (f != NULL)
                fclose(f);
            free(bytes);
        }
    }
    if (d != NULL)
        closedir(d);
    return found;
}

static void who_is_erased_leaves_nothing_on_the_servers(void **state)
{
    const char *url = own_url(), *dir = getenv("FURROW_TEST_EVENTS_DIR");
    static const char secret[] = "Zq7wKx0vPmB4tNfY";
    struct journey *j;
    size_t count;

    (void)state;
    assert_non_null(dir);
    assert_int_equal(open_at(NULL, url, &j), OK);
    u32 visitor = journey_person(j, PERSON_VISITOR, 1),
        contact = journey_person(j, PERSON_CONTACT, 2);
    append(j, visitor, 3, arena_printf(arena, "{\"name\":\"%s\"}", secret));
    append(j, journey_person(j, PERSON_VISITOR, 3), 4, "{\"name\":\"somebody\"}");
    assert_int_equal(journey_flush(&cx, j), OK);
    assert_int_equal(journey_alias(&cx, j, visitor, contact, AT_MS),
                     OK); /* copies under another owner */
    assert_int_equal(walk(j, &count), OK);
    assert_int_equal(count, 7);
    assert_true(holds(dir, secret));
    assert_int_equal(journey_erase(&cx, j, contact), OK);
    assert_int_equal(walk(j, &count), OK);
    assert_int_equal(count, 4);
    assert_int_equal(journey_merge(&cx, j), OK);
    assert_false(holds(dir, secret));
    assert_int_equal(walk(j, &count), OK);
    assert_int_equal(count, 4);
    assert_int_equal(journey_verify(&cx, j), OK);
    journey_close(j);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_address_that_cannot_be_is_refused),
        cmocka_unit_test(without_a_server_the_start_says_so),
        cmocka_unit_test(half_an_answer_is_never_a_whole_one),
        cmocka_unit_test(while_the_server_is_away_events_stay_in_the_log),
        cmocka_unit_test(a_store_finds_its_events_only_where_they_are),
        cmocka_unit_test(who_is_erased_leaves_nothing_on_the_servers),
    };

    return cmocka_run_group_tests(tests, set_up, tear_down);
}
