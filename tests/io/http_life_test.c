/* Tests of the server in io/http.h: time limits, caps, answers from other threads, streams, stop.
 */
#include "app.h"
#include "base/limits.h"

enum { REQUEST_MS = 600, IDLE_MS = 1600, SLACK_MS = 900, RACES = 3000 };
#define GET(path) "GET " path " HTTP/1.1\r\nHost: x\r\n\r\n"

/* ---- time ---- */

/* Sends `drop` a byte at a time until the server closes; says how long that took, -1 if never. */
static int drip_until_closed(int fd, char drop, int every_ms, int patience_ms)
{
    i64 begun = now_ms();
    char byte;

    while (now_ms() - begun < patience_ms) {
        if (!wire_say(fd, &drop, 1) || wire_read(fd, &byte, 1, every_ms) == 0)
            return (int)(now_ms() - begun);
    }
    return -1;
}

static void drips_are_closed(void **state)
{
    static const struct {
        const char *note, *first;
        bool after_request; /* on a connection that has already been answered once */
        char drop;
    } cases[] = {
        { "request line", "", false, 'G' },
        { "request line, second request", "", true, 'G' },
        { "header", "GET / HTTP/1.1\r\nHost: x\r\nX: ", false, 'a' },
        { "header, second request", "GET / HTTP/1.1\r\nHost: x\r\nX: ", true, 'a' },
        { "empty lines", "", false, '\n' },
        { "body", "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 900\r\n\r\n", false, 'a' },
        { "body, second request", "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 900\r\n\r\n", true,
          'a' },
        { "chunk", "POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\nff\r\n", false,
          'a' },
        { "chunk extension", "POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\nff;",
          false, 'a' },
        { "trailer",
          "POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n0\r\nX: ", false, 'a' },
    };
    struct app *app =
        app_start((struct http_options){ .request_ms = REQUEST_MS, .idle_ms = IDLE_MS });

    (void)state;
    for (size_t i = 0; i < countof(cases); i++) {
        struct reader r = reader_on(wire_open(app->port));
        if (cases[i].after_request) {
            wire_text(r.fd, GET("/204"));
            assert_int_equal(reader_next(&r, false).status, 204);
            sleep_ms(REQUEST_MS / 2); /* idle for a tick or more before it begins again */
        }
        wire_text(r.fd, cases[i].first);
        int took = drip_until_closed(r.fd, cases[i].drop, 40, 3 * IDLE_MS);
        if (took < 0 || took > REQUEST_MS + SLACK_MS)
            fail_msg("%s: closed after %d ms", cases[i].note, took);
        reader_free(&r);
    }
    app_stop(app);
}

static void idle_connections_live_their_time_and_no_longer(void **state)
{
    struct app *app =
        app_start((struct http_options){ .request_ms = REQUEST_MS, .idle_ms = IDLE_MS });
    struct reader r = reader_on(wire_open(app->port)), silent = reader_on(wire_open(app->port));
    i64 begun = now_ms();
    char byte;

    (void)state;
    for (int i = 0; i < 3; i++) { /* requests between ticks do not look like a drip */
        wire_text(r.fd, GET("/204"));
        assert_int_equal(reader_next(&r, false).status, 204);
        sleep_ms(REQUEST_MS / 3);
    }
    assert_int_equal(wire_read(silent.fd, &byte, 1, WIRE_PATIENCE_MS), 0); /* never sent a byte */
    assert_true(now_ms() - begun < REQUEST_MS + SLACK_MS);
    begun = now_ms();
    assert_int_equal(wire_read(r.fd, &byte, 1, WIRE_PATIENCE_MS), 0);
    if (now_ms() - begun < IDLE_MS - REQUEST_MS || now_ms() - begun > IDLE_MS + SLACK_MS)
        fail_msg("idle connection closed after %lld ms", (long long)(now_ms() - begun));
    reader_free(&silent);
    reader_free(&r);
    app_stop(app);
}

/* A long upload at a fair rate outlives the request's time; one that stalls does not. */
static void fair_bodies_get_their_time(void **state)
{
    static char body[16 * 1024];
    struct app *app =
        app_start((struct http_options){ .request_ms = REQUEST_MS, .idle_ms = IDLE_MS });
    struct reader r = reader_on(wire_open(app->port));
    i64 begun = now_ms();
    char byte;

    (void)state;
    wire_text(r.fd, "POST /upload HTTP/1.1\r\nHost: x\r\nContent-Length: 491520\r\n\r\n");
    for (int i = 0; i < 30; i++) {
        assert_true(wire_say(r.fd, body, sizeof body));
        sleep_ms(60);
    }
    assert_int_equal(reader_next(&r, false).status, 200);
    assert_true(now_ms() - begun > 2 * REQUEST_MS);
    wire_text(r.fd, "POST /upload HTTP/1.1\r\nHost: x\r\nContent-Length: 491520\r\n\r\n");
    for (int i = 0; i < 29; i++)
        assert_true(wire_say(r.fd, body, sizeof body));
    begun = now_ms();
    assert_int_equal(wire_read(r.fd, &byte, 1, WIRE_PATIENCE_MS), 0);
    assert_true(now_ms() - begun < REQUEST_MS + SLACK_MS);
    reader_free(&r);
    app_stop(app);
}

/* ---- caps ---- */

static bool answered(int fd)
{
    struct reader r = reader_on(fd);

    wire_text(fd, GET("/204"));
    bool ok = reader_next(&r, false).status == 204;
    r.fd = -1;
    reader_free(&r);
    return ok;
}

static void connections_are_capped(void **state)
{
    struct app *app = app_start((struct http_options){ .connections = 6, .connections_per_ip = 4 });
    int fds[8];

    (void)state;
    for (int i = 0; i < 4; i++) {
        fds[i] = wire_open_from(app->port, "127.0.0.2");
        assert_true(answered(fds[i]));
    }
    fds[4] = wire_open_from(app->port, "127.0.0.2");
    assert_false(answered(fds[4])); /* this address has its share */
    close(fds[4]);
    for (int i = 4; i < 6; i++) {
        fds[i] = wire_open_from(app->port, "127.0.0.3");
        assert_true(answered(fds[i]));
    }
    assert_int_equal(http_connections(app->server), 6);
    fds[6] = wire_open_from(app->port, "127.0.0.4");
    assert_false(answered(fds[6])); /* the server is full */
    close(fds[6]);
    for (int i = 0; i < 6; i++)
        close(fds[i]);
    for (int i = 0; i < 1000 && http_connections(app->server) > 0; i++)
        sleep_ms(5);
    fds[7] = wire_open_from(app->port, "127.0.0.2"); /* places come back */
    assert_true(answered(fds[7]));
    close(fds[7]);
    app_stop(app);
}

/* ---- answers from another thread ---- */

static void a_held_request_does_not_hold_up_others(void **state)
{
    struct app *app = app_start((struct http_options){ .loops = 1 });
    struct reader held = reader_on(wire_open(app->port)), other = reader_on(wire_open(app->port));

    (void)state;
    app_pause(app, true);
    wire_text(held.fd, GET("/held"));
    wait_handled(app, 1);
    wire_text(other.fd, GET("/a"));
    assert_int_equal(reader_next(&other, false).status, 200);
    app_pause(app, false);
    struct reply a = reader_next(&held, false);
    assert_int_equal(a.status, 200);
    assert_non_null(strstr(a.body, "path=/held "));
    reader_free(&held);
    reader_free(&other);
    app_stop(app);
}

/* The worker answers as fast as it can: before, while and after the loop thread suspends. */
static void answers_race_the_suspend(void **state)
{
    struct app *app = app_start((struct http_options){ .loops = 2 });
    struct reader r[8];
    int sent[countof(r)] = { 0 };

    (void)state;
    for (size_t i = 0; i < countof(r); i++)
        r[i] = reader_on(wire_open(app->port));
    for (int n = 0; n < RACES; n++) {
        size_t i = (size_t)n % countof(r);
        if (sent[i] && reader_next(&r[i], false).status != 200)
            fail_msg("request %d: no answer", n);
        r[i].at = r[i].len = 0;
        r[i].p[0] = '\0';
        assert_true(
            wire_text(r[i].fd, "POST /held HTTP/1.1\r\nHost: x\r\nContent-Length: 2\r\n\r\nab"));
        sent[i] = 1;
    }
    for (size_t i = 0; i < countof(r); i++) {
        assert_int_equal(reader_next(&r[i], false).status, 200);
        reader_free(&r[i]);
    }
    app_stop(app);
}

static void clients_may_leave_a_held_request(void **state)
{
    struct app *app = app_start((struct http_options){ 0 });
    struct linger reset = { 1, 0 };

    (void)state;
    app_pause(app, true);
    for (unsigned i = 0; i < 200; i++) {
        int fd = wire_open(app->port);
        wire_text(fd, i % 2 == 0 ? GET("/held") : GET("/held-stream"));
        while (i < 180 && atomic_load(&app->handled) <= i)
            ; /* leaves at once, while the loop still looks at it in each turn */
        wait_handled(app, i + 1);
        if (i % 3 == 0)
            setsockopt(fd, SOL_SOCKET, SO_LINGER, &reset, sizeof reset);
        close(fd);
    }
    app_pause(app, false);
    for (int i = 0; i < 1000 && http_connections(app->server) > 0; i++)
        sleep_ms(5);
    assert_int_equal(http_connections(app->server), 0);
    assert_true(answered(wire_open(app->port)));
    app_stop(app);
}

/* ---- streams ---- */

/* Reads until `text` has come; false at the end or out of patience. */
static bool read_until(struct reader *r, const char *text)
{
    while (strstr(r->p, text) == NULL)
        if (reader_more(r) <= 0)
            return false;
    return true;
}

static void wait_streams(struct app *app, unsigned count)
{
    for (int i = 0; i < 2000 && atomic_load(&app->stream_count) < count; i++)
        sleep_ms(5);
    assert_int_equal(atomic_load(&app->stream_count), count);
}

static void streams_carry_what_is_sent_and_end(void **state)
{
    static const char *const paths[] = { GET("/stream"), GET("/held-stream"),
                                         "GET /stream HTTP/1.0\r\n\r\n" };
    struct app *app = app_start((struct http_options){ 0 });
    char field[200];

    (void)state;
    for (unsigned i = 0; i < countof(paths); i++) {
        struct reader r = reader_on(wire_open(app->port));
        wire_text(r.fd, paths[i]);
        struct reply a = reader_next(&r, false);
        assert_int_equal(a.status, 200);
        assert_string_equal(head_field(&a, "Content-Type", field), "text/event-stream");
        assert_string_equal(head_field(&a, "Cache-Control", field), "no-store");
        wait_streams(app, i + 1);
        r.at = r.len = 0;
        assert_true(http_stream_send(app->streams[i], "data: one\n\n", 11));
        assert_true(read_until(&r, "data: one\n\n"));
        i64 begun = now_ms();
        for (int n = 0; n < 20; n++) { /* each goes out at once */
            char text[50];
            snprintf(text, sizeof text, "data: %d\n\n", n);
            assert_true(http_stream_send(app->streams[i], text, strlen(text)));
            assert_true(read_until(&r, text));
        }
        assert_true(now_ms() - begun < 20 * 30); /* no delayed acknowledgements (40 ms each) */
        http_stream_send(app->streams[i], "last", 4);
        http_stream_end(app->streams[i]);
        assert_true(read_until(&r, "last"));
        if (i < 2)
            assert_true(read_until(&r, "\r\n0\r\n\r\n"));
        else
            assert_int_equal(reader_more(&r), 0);
        reader_free(&r);
    }
    atomic_store(&app->stream_count, 0);
    app_stop(app);
}

static void a_reader_that_falls_behind_is_dropped(void **state)
{
    static char block[8 * 1024];
    struct app *app = app_start((struct http_options){ 0 });
    struct reader slow = reader_on(wire_open(app->port)), good = reader_on(wire_open(app->port));
    size_t sent = 0;

    (void)state;
    memset(block, 'x', sizeof block);
    wire_text(slow.fd, GET("/stream"));
    wait_streams(app, 1);
    wire_text(good.fd, GET("/stream"));
    wait_streams(app, 2);
    for (; sent < 1000 && http_stream_send(app->streams[0], block, sizeof block); sent++) {
        assert_true(http_stream_send(app->streams[1], block, sizeof block));
        while (wire_read(good.fd, good.p, WIRE_BYTES, 1) > 0)
            ;
    }
    assert_true(sent > LIMIT_STREAM_BYTES / sizeof block && sent < 1000);
    assert_false(http_stream_send(app->streams[0], "x", 1));
    for (int i = 0; i < 1000 && http_connections(app->server) > 1; i++)
        sleep_ms(5);
    assert_int_equal(http_connections(app->server), 1); /* dropped without its owner's doing */
    assert_true(http_stream_send(app->streams[1], "bye", 3));
    app_end_streams(app);
    reader_free(&slow);
    reader_free(&good);
    app_stop(app);
}

static void a_stream_notices_that_its_client_left(void **state)
{
    struct app *app = app_start((struct http_options){ .request_ms = REQUEST_MS });
    int fd = wire_open(app->port);

    (void)state;
    wire_text(fd, GET("/stream"));
    wait_streams(app, 1);
    sleep_ms(50); /* asleep: nothing to send */
    close(fd);
    i64 begun = now_ms();
    while (http_connections(app->server) > 0 && now_ms() - begun < WIRE_PATIENCE_MS)
        sleep_ms(5);
    assert_true(now_ms() - begun < SLACK_MS);
    assert_false(http_stream_send(app->streams[0], "x", 1));
    app_end_streams(app);
    app_stop(app);
}

static void a_thousand_streams_hear_every_event(void **state)
{
    static int fds[LIMIT_LIVE_STREAMS];
    struct app *app = app_start((struct http_options){ .connections_per_ip = 2000 });
    char text[4096];

    (void)state;
    for (unsigned i = 0; i < LIMIT_LIVE_STREAMS; i++) {
        fds[i] = wire_open(app->port);
        wire_text(fds[i], GET("/stream"));
    }
    wait_streams(app, LIMIT_LIVE_STREAMS);
    struct reader over = reader_on(wire_open(app->port));
    wire_text(over.fd, GET("/stream"));
    assert_int_equal(reader_next(&over, false).status, 503);
    for (int event = 0; event < 10; event++)
        for (unsigned i = 0; i < LIMIT_LIVE_STREAMS; i++)
            assert_true(http_stream_send(app->streams[i], "data: x\n\n", 9));
    app_end_streams(app);
    for (unsigned i = 0; i < LIMIT_LIVE_STREAMS; i++) {
        size_t len = 0, events = 0;
        ssize_t n;
        while ((n = wire_read(fds[i], text + len, sizeof text - 1 - len, WIRE_PATIENCE_MS)) > 0) {
            len += (size_t)n;
            text[len] = '\0';
            if (strstr(text, "\r\n0\r\n\r\n") != NULL)
                break;
        }
        for (const char *p = text; (p = strstr(p, "data: x\n\n")) != NULL; p++)
            events++;
        if (events != 10)
            fail_msg("stream %u got %zu of 10 events", i, events);
        close(fds[i]);
    }
    reader_free(&over);
    app_stop(app);
}

/* ---- stop ---- */

static void *unpause_later(void *arg)
{
    sleep_ms(400);
    app_pause(arg, false);
    return NULL;
}

/* Everything at once: idle, half a request, half a body, held, streaming, a reader that does not.
 */
static void stop_ends_everything_cleanly(void **state)
{
    static const char *const begun[] = {
        "",
        GET("/204"),
        "GET / HTTP/1.1\r\nHo",
        "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 9\r\n\r\nab",
        GET("/held"),
        GET("/stream"),
        GET("/held-stream"),
        GET("/big"),
        "POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nab",
    };
    struct app *app = app_start((struct http_options){ .loops = 2 });
    struct reader r[countof(begun)];
    pthread_t later;

    (void)state;
    app_pause(app, true);
    for (size_t i = 0; i < countof(begun); i++) {
        r[i] = reader_on(wire_open(app->port));
        wire_text(r[i].fd, begun[i]);
    }
    assert_int_equal(reader_next(&r[1], false).status, 204);
    wait_handled(app, 5);
    assert_int_equal(pthread_create(&later, NULL, unpause_later, app), 0);
    int port = app->port;
    i64 from = now_ms();
    http_stop(app->server, 1000);
    assert_true(now_ms() - from < 3000);
    pthread_join(later, NULL);
    assert_int_equal(wire_open_from(port, NULL), -1);
    assert_int_equal(reader_next(&r[4], false).status, 200); /* what was held was answered */
    for (size_t i = 0; i < countof(begun); i++) {
        while (r[i].at = r[i].len = 0, reader_more(&r[i]) > 0)
            ;
        reader_free(&r[i]);
    }
    app_free(app); /* stream owners may let go after the stop */
}

static void *stop_it(void *arg)
{
    http_stop(arg, 3000);
    return NULL;
}

static void a_stopping_server_answers_503(void **state)
{
    struct app *app = app_start((struct http_options){ .loops = 1 });
    struct reader r = reader_on(wire_open(app->port)), held = reader_on(wire_open(app->port));
    pthread_t stopper;

    (void)state;
    app_pause(app, true);
    wire_text(held.fd, GET("/held"));
    wire_text(r.fd, "GET /a HTTP/1.1\r\nHost: x\r\n"); /* begun before the stop, whole after it */
    wait_handled(app, 1);
    sleep_ms(50);
    assert_int_equal(pthread_create(&stopper, NULL, stop_it, app->server), 0);
    sleep_ms(200);
    wire_text(r.fd, "\r\n");
    struct reply a = reader_next(&r, false);
    assert_int_equal(a.status, 503);
    assert_true(reader_closed(&r));
    app_pause(app, false);
    assert_int_equal(reader_next(&held, false).status, 200);
    assert_true(reader_closed(&held));
    pthread_join(stopper, NULL);
    reader_free(&r);
    reader_free(&held);
    app_free(app);
}

static void bad_addresses_are_said_so(void **state)
{
    static const struct {
        const char *listen, *contains;
    } cases[] = {
        { "127.0.0.1", "give an address and a port" },
        { "127.0.0.1:x", "give an address and a port" },
        { "127.0.0.1:70000", "give an address and a port" },
        { "no.such.host.invalid:80", "cannot listen on 'no.such.host.invalid:80'" },
        { "192.0.2.1:0", "Cannot assign requested address" },
    };
    struct app *app = app_start((struct http_options){ 0 });
    struct arena *arena = arena_new(4096);
    struct clock clock = { 0 };
    struct http_server *s = NULL;
    struct ctx cx;
    char taken[50];

    (void)state;
    for (size_t i = 0; i < countof(cases); i++) {
        ctx_init(&cx, arena, &clock);
        struct http_options o = { .listen = cases[i].listen, .handle = handle };
        assert_int_equal(http_start(&cx, &o, &s), E_IO);
        if (strstr(cx.error_text, cases[i].contains) == NULL)
            fail_msg("%s: %s", cases[i].listen, cx.error_text);
    }
    snprintf(taken, sizeof taken, "127.0.0.1:%d", app->port);
    ctx_init(&cx, arena, &clock);
    struct http_options o = { .listen = taken, .handle = handle };
    assert_int_equal(http_start(&cx, &o, &s), E_IO);
    assert_non_null(strstr(cx.error_text, "in use"));
    arena_free(arena);
    app_stop(app);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(drips_are_closed),
        cmocka_unit_test(idle_connections_live_their_time_and_no_longer),
        cmocka_unit_test(fair_bodies_get_their_time),
        cmocka_unit_test(connections_are_capped),
        cmocka_unit_test(a_held_request_does_not_hold_up_others),
        cmocka_unit_test(answers_race_the_suspend),
        cmocka_unit_test(clients_may_leave_a_held_request),
        cmocka_unit_test(streams_carry_what_is_sent_and_end),
        cmocka_unit_test(a_reader_that_falls_behind_is_dropped),
        cmocka_unit_test(a_stream_notices_that_its_client_left),
        cmocka_unit_test(a_thousand_streams_hear_every_event),
        cmocka_unit_test(stop_ends_everything_cleanly),
        cmocka_unit_test(a_stopping_server_answers_503),
        cmocka_unit_test(bad_addresses_are_said_so),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
