/* app.h -- an application for the server's tests: it echoes, answers from another thread, streams,
 * and answers with what should not be sent. */
#pragma once
#include "wire.h"

enum { BIG = 3 * 1024 * 1024, STREAMS_MAX = 1100 };

struct app {
    struct http_server *server;
    int port;
    pthread_t worker;
    pthread_mutex_t lock;
    pthread_cond_t filled;
    struct http_exchange *queue[4096];
    unsigned queued;
    bool quit, paused;
    struct http_stream *streams[STREAMS_MAX];
    _Atomic(unsigned) stream_count;
    _Atomic(unsigned) handled;
};

static inline void answer_text(struct http_exchange *ex, int status, const char *text)
{
    http_answer(
        ex, &(struct http_answer){
                .status = status, .type = "text/plain", .body = text, .body_bytes = strlen(text) });
}

static inline void answer_what_came(struct http_exchange *ex)
{
    const char *cookie = http_cookie(ex, "sid"), *x = http_header(ex, "x-test");

    answer_text(
        ex, 200,
        arena_printf(ex->arena, "method=%d path=%s query=%s body=%zu:%.*s sid=%s x=%s from=%s",
                     ex->method, ex->path, ex->query, ex->body.len,
                     ex->body.len > 100 ? 100 : (int)ex->body.len, ex->body.p,
                     cookie == NULL ? "none" : cookie, x == NULL ? "none" : x, ex->address));
}

static inline void begin_stream(struct app *app, struct http_exchange *ex)
{
    static const struct http_pair headers[] = { { "Cache-Control", "no-store" }, { NULL, NULL } };
    struct http_stream *st = http_stream_begin(ex, "text/event-stream", headers);

    if (st == NULL) {
        answer_text(ex, 503, "too many streams");
        return;
    }
    app->streams[atomic_load(&app->stream_count)] = st;
    atomic_fetch_add(&app->stream_count, 1);
}

/* The worker answers what `handle` kept. */
static inline void *work(void *arg)
{
    struct app *app = arg;

    pthread_mutex_lock(&app->lock);
    for (;;) {
        while ((app->queued == 0 || app->paused) && !app->quit)
            pthread_cond_wait(&app->filled, &app->lock);
        if (app->queued == 0)
            break;
        struct http_exchange *ex = app->queue[--app->queued];
        pthread_mutex_unlock(&app->lock);
        if (strcmp(ex->path, "/held-stream") == 0)
            begin_stream(app, ex);
        else
            answer_what_came(ex);
        pthread_mutex_lock(&app->lock);
    }
    pthread_mutex_unlock(&app->lock);
    return NULL;
}

static inline void handle(void *arg, struct http_exchange *ex)
{
    static const char big[BIG];
    static const struct http_pair evil[] = { { "Location", "/a\r\nSet-Cookie: b=c" },
                                             { NULL, NULL } };
    struct app *app = arg;

    atomic_fetch_add(&app->handled, 1);
    if (strncmp(ex->path, "/held", 5) == 0) {
        pthread_mutex_lock(&app->lock);
        assert_true(app->queued < countof(app->queue));
        app->queue[app->queued++] = ex;
        pthread_cond_signal(&app->filled);
        pthread_mutex_unlock(&app->lock);
    } else if (strcmp(ex->path, "/stream") == 0) {
        begin_stream(app, ex);
    } else if (strcmp(ex->path, "/204") == 0) {
        http_answer(ex, &(struct http_answer){ .status = 204 });
    } else if (strcmp(ex->path, "/304") == 0) {
        http_answer(ex, &(struct http_answer){ .status = 304, .body = "abc", .body_bytes = 3 });
    } else if (strcmp(ex->path, "/close") == 0) {
        http_answer(ex, &(struct http_answer){ .status = 204, .close = true });
    } else if (strcmp(ex->path, "/big") == 0) {
        http_answer(ex, &(struct http_answer){ .status = 200,
                                               .type = "application/octet-stream",
                                               .body = big,
                                               .body_bytes = sizeof big });
    } else if (strcmp(ex->path, "/evil") == 0) {
        http_answer(ex, &(struct http_answer){ .status = 303, .headers = evil });
    } else {
        answer_what_came(ex);
    }
}

static inline size_t body_limit(void *arg, const struct http_exchange *head)
{
    (void)arg;
    return strcmp(head->path, "/upload") == 0 ? 4 * 1024 * 1024 : 1000;
}

static inline struct app *app_start(struct http_options o)
{
    struct app *app = calloc(1, sizeof *app);

    pthread_mutex_init(&app->lock, NULL);
    pthread_cond_init(&app->filled, NULL);
    assert_int_equal(pthread_create(&app->worker, NULL, work, app), 0);
    o.listen = "127.0.0.1:0";
    o.handle = handle;
    o.body_limit = body_limit;
    o.arg = app;
    app->server = server_start(&o);
    app->port = http_port(app->server);
    return app;
}

static inline void app_pause(struct app *app, bool paused)
{
    pthread_mutex_lock(&app->lock);
    app->paused = paused;
    pthread_cond_broadcast(&app->filled);
    pthread_mutex_unlock(&app->lock);
}

static inline void app_end_streams(struct app *app)
{
    for (unsigned i = 0; i < atomic_load(&app->stream_count); i++)
        http_stream_end(app->streams[i]);
    atomic_store(&app->stream_count, 0);
}

/* For tests that stop the server themselves. */
static inline void app_free(struct app *app)
{
    app_end_streams(app);
    pthread_mutex_lock(&app->lock);
    app->quit = true;
    pthread_cond_broadcast(&app->filled);
    pthread_mutex_unlock(&app->lock);
    pthread_join(app->worker, NULL);
    pthread_cond_destroy(&app->filled);
    pthread_mutex_destroy(&app->lock);
    free(app);
}

static inline void app_stop(struct app *app)
{
    http_stop(app->server, 2000);
    app_free(app);
}

static inline void wait_handled(struct app *app, unsigned count)
{
    for (int i = 0; i < 1000 && atomic_load(&app->handled) < count; i++)
        sleep_ms(5);
    assert_true(atomic_load(&app->handled) >= count);
}
