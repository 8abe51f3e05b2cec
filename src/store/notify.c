/* notify.c -- NOTIFY within a transaction, LISTEN on a connection and a thread of its own. Each
 * text begins with the number of the store that said it: its own voice it does not hear. */
#include "store/notify.h"
#include "base/log.h"
#include "store/db_int.h"
#include <poll.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/eventfd.h>
#include <unistd.h>

enum { RETRY_MS = 1000, SELF_CHARS = 16 };

struct notify {
    struct db_store *store;
    struct clock *clock;
    notify_fn *fn;
    void *arg;
    struct db *db;
    struct arena *arena;
    int wake_fd; /* an eventfd: the end has come */
    pthread_t thread;
};

void notify_say(struct ctx *cx, const char *text)
{
    if (cx->db == NULL || cx->db->driver->listen == NULL || strlen(text) > NOTIFY_BYTES)
        return;
    const char *whole =
        arena_printf(cx->arena, "%016llx%s", (unsigned long long)cx->db->store->self, text);
    struct ctx probe = *cx; /* the words of a failure are those of the transaction's end */
    scoped(stmt_close) struct stmt q = db_query(&probe, "store.notify", TEXT("text", whole));
    (void)stmt_next(&q);
}

static void hear(void *arg, const char *text)
{
    struct notify *n = arg;
    char self[SELF_CHARS + 1];

    snprintf(self, sizeof self, "%016llx", (unsigned long long)n->store->self);
    if (strlen(text) >= SELF_CHARS && strncmp(text, self, SELF_CHARS) != 0)
        n->fn(n->arg, text + SELF_CHARS);
}

/* Until something was said or the connection broke. True: the end has come. */
static bool wait_for_news(struct notify *n, bool connected)
{
    struct pollfd fds[] = { { .fd = n->wake_fd, .events = POLLIN },
                            { .fd = connected ? n->store->driver->socket(n->db) : -1,
                              .events = POLLIN } };

    poll(fds, countof(fds), connected ? -1 : RETRY_MS);
    return fds[0].revents != 0;
}

static bool connect_again(struct notify *n)
{
    struct ctx cx;

    arena_reset(n->arena);
    ctx_init(&cx, n->arena, n->clock);
    if (db_revive(&cx, n->db) == OK && n->store->driver->listen(&cx, n->db) == OK)
        return true;
    log_line(LOG_WARN, "notify.no_connection", "cause=\"%s\"", cx.error_text);
    return false;
}

static void *notify_main(void *arg)
{
    struct notify *n = arg;
    bool connected = true;

    while (!wait_for_news(n, connected))
        connected = connected ? n->store->driver->notices(n->db, hear, n) : connect_again(n);
    return NULL;
}

enum status notify_open(struct ctx *cx, struct db_store *store, notify_fn *fn, void *arg,
                        struct notify **out)
{
    struct notify *n;

    *out = NULL;
    if (store->driver->listen == NULL)
        return OK;
    n = calloc(1, sizeof *n);
    assert(n != NULL);
    *n = (struct notify){ .store = store, .clock = cx->clock, .fn = fn, .arg = arg };
    n->arena = arena_new(4096);
    n->wake_fd = eventfd(0, EFD_CLOEXEC);
    enum status s = db_open(cx, store, DB_READ, &n->db);
    if (s == OK)
        s = store->driver->listen(cx, n->db);
    if (s == OK && (n->wake_fd < 0 || pthread_create(&n->thread, NULL, notify_main, n) != 0))
        s = ctx_fail(cx, E_IO, "no thread to listen to other nodes");
    if (s == OK) {
        *out = n;
        return OK;
    }
    db_close(n->db);
    if (n->wake_fd >= 0)
        close(n->wake_fd);
    arena_free(n->arena);
    free(n);
    return s;
}

void notify_close(struct notify *n)
{
    if (n == NULL)
        return;
    (void)!eventfd_write(n->wake_fd, 1);
    pthread_join(n->thread, NULL);
    db_close(n->db);
    close(n->wake_fd);
    arena_free(n->arena);
    free(n);
}
