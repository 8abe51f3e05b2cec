/* http_server.c -- starting and stopping: the listening socket, the loop threads and their turns.
 */
#include "base/log.h"
#include "io/http_int.h"
#include <arpa/inet.h>
#include <errno.h>
#include <netdb.h>
#include <netinet/in.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/sysinfo.h>
#include <unistd.h>

enum {
    LISTEN_BACKLOG = 1024,
    SPARE_FILES = 256,       /* files beside the connections: databases, assets, pipes */
    LISTEN_TEXT_BYTES = 300, /* the longest address that `listen` may hold */
    STOP_WARN_SECONDS = 5,   /* a stop that waits for a holder says so this often */
};

/* ---- start ---- */

static enum status listen_on(struct ctx *cx, const char *listen_text, int *out_fd, int *out_port)
{
    char host[LISTEN_TEXT_BYTES];
    struct addrinfo hints = { .ai_socktype = SOCK_STREAM, .ai_flags = AI_PASSIVE }, *found = NULL;
    const char *colon = strrchr(listen_text, ':');
    struct sockaddr_storage bound;
    socklen_t bound_bytes = sizeof bound;
    int on = 1;
    i64 port;

    if (colon == NULL || strlen(listen_text) >= sizeof host ||
        !str_i64(str_from(colon + 1), &port) || port < 0 || port > 65535)
        return ctx_fail(cx, E_IO,
                        "cannot listen on '%s': give an address and a port, "
                        "for example 127.0.0.1:8080 or [::1]:8080",
                        listen_text);
    size_t len = (size_t)(colon - listen_text);
    bool brackets = len >= 2 && listen_text[0] == '[' && listen_text[len - 1] == ']';
    snprintf(host, sizeof host, "%.*s", (int)(brackets ? len - 2 : len), listen_text + brackets);
    int err = getaddrinfo(host[0] == '\0' ? NULL : host, colon + 1, &hints, &found);
    if (err != 0)
        return ctx_fail(cx, E_IO, "cannot listen on '%s': %s", listen_text, gai_strerror(err));
    int fd = socket(found->ai_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    bool ok = fd >= 0 && setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on) == 0 &&
              bind(fd, found->ai_addr, found->ai_addrlen) == 0 && listen(fd, LISTEN_BACKLOG) == 0 &&
              getsockname(fd, (struct sockaddr *)&bound, &bound_bytes) == 0;
    int error = errno;
    freeaddrinfo(found);
    if (!ok) {
        if (fd >= 0)
            close(fd);
        return ctx_fail(cx, E_IO, "cannot listen on '%s': %s", listen_text, strerror(error));
    }
    *out_fd = fd;
    *out_port = ntohs(bound.ss_family == AF_INET6 ? ((struct sockaddr_in6 *)&bound)->sin6_port
                                                  : ((struct sockaddr_in *)&bound)->sin_port);
    return OK;
}

static void allow_files(rlim_t want)
{
    struct rlimit files;

    if (getrlimit(RLIMIT_NOFILE, &files) != 0 || files.rlim_cur >= want)
        return;
    files.rlim_cur = files.rlim_max < want ? files.rlim_max : want;
    if (setrlimit(RLIMIT_NOFILE, &files) != 0 || files.rlim_cur < want)
        log_line(LOG_WARN, "http.few_files", "allowed=%llu wanted=%llu",
                 (unsigned long long)files.rlim_cur, (unsigned long long)want);
}

/* ---- loops ---- */

/* What is held is about to be answered, sooner than a thread gets to sleep and wakes again, on a
 * virtual machine above all. So it is awaited awake for a while, behind whoever wants the
 * processor. */
static int wait_awake(struct loop *l, struct pollfd *fds, nfds_t count)
{
    i64 end_ns = (i64)clock_mono_ns() + AWAKE_NS;
    int ready = 0;

    while (ready == 0 && !atomic_load(&l->answered) && (i64)clock_mono_ns() < end_ns) {
        ready = poll(fds, count, 0);
        if (ready == 0)
            sched_yield();
    }
    return ready;
}

/* Until something has arrived, is to be resumed, or is due. True: a sender has ended. */
static bool wait_turn(struct loop *l)
{
    struct pollfd fds[] = { { .fd = l->epoll_fd, .events = POLLIN },
                            { .fd = l->wake_fd, .events = POLLIN },
                            { .fd = l->ends_fd, .events = POLLIN } };
    MHD_UNSIGNED_LONG_LONG due_ms;
    eventfd_t count;
    int most_ms = -1, ready = 0;

    if (MHD_get_timeout(l->daemon, &due_ms) == MHD_YES)
        most_ms = due_ms < TURN_MS_MAX ? (int)due_ms : TURN_MS_MAX;
    if (most_ms == 0 && l->held > 0) /* which may be all there is to look at again */
        most_ms = HELD_TURN_MS;
    if (l->held > 0)
        ready = wait_awake(l, fds, countof(fds));
    if (ready == 0) {
        atomic_store(&l->asleep, true);
        if (!atomic_load(&l->answered)) /* from here on it wakes us */
            ready = poll(fds, countof(fds), most_ms);
        atomic_store(&l->asleep, false);
    }
    atomic_store(&l->answered, false);
    if (ready > 0 && fds[1].revents != 0)
        (void)!eventfd_read(l->wake_fd, &count);
    return ready > 0 && fds[2].revents != 0;
}

/* libmicrohttpd takes a short read for the last until there is news; an end that arrived together
 * with the data is none. Shutting down what has ended changes nothing but makes it news. */
static void announce_ends(struct loop *l)
{
    struct epoll_event ended[64];
    int n = epoll_wait(l->ends_fd, ended, countof(ended), 0);

    for (int i = 0; i < n; i++)
        shutdown(ended[i].data.fd, SHUT_RD);
}

/* libmicrohttpd's own waiting stalls with epoll, and with poll looks at every idle connection each
 * time (README.md). So the threads and the waiting are ours, and it is asked never to wait. */
static void *loop_main(void *arg)
{
    struct loop *l = arg;
    struct http_server *s = l->server;

    while (!atomic_load(&s->loops_quit)) {
        bool ends = wait_turn(l);
        l->now_ns = (i64)clock_mono_ns();
        http_resume_ready(l);
        if (MHD_run(l->daemon) != MHD_YES)
            log_fatal("http.loop", "cause=\"libmicrohttpd cannot go on\"");
        if (ends)
            announce_ends(l);
    }
    return NULL;
}

static bool start_loop(struct http_server *s, struct loop *l)
{
    l->server = s;
    l->wake_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    l->ends_fd = epoll_create1(EPOLL_CLOEXEC);
    l->daemon = l->wake_fd < 0 || l->ends_fd < 0 ? NULL : http_daemon_start(l);
    const union MHD_DaemonInfo *info =
        l->daemon == NULL ? NULL : MHD_get_daemon_info(l->daemon, MHD_DAEMON_INFO_EPOLL_FD);
    l->epoll_fd = info == NULL ? -1 : info->epoll_fd;
    if (l->epoll_fd >= 0 && pthread_create(&l->thread, NULL, loop_main, l) == 0)
        return true;
    if (l->daemon != NULL)
        MHD_stop_daemon(l->daemon);
    if (l->wake_fd >= 0)
        close(l->wake_fd);
    if (l->ends_fd >= 0)
        close(l->ends_fd);
    return false;
}

static void stop_loops(struct http_server *s)
{
    atomic_store(&s->loops_quit, true);
    for (unsigned i = 0; i < s->loop_count; i++)
        (void)!eventfd_write(s->loops[i].wake_fd, 1);
    for (unsigned i = 0; i < s->loop_count; i++) {
        struct loop *l = &s->loops[i];
        pthread_join(l->thread, NULL);
        http_resume_ready(l);
        MHD_stop_daemon(l->daemon);
        close(l->wake_fd);
        close(l->ends_fd);
    }
}

static bool start_loops(struct http_server *s)
{
    while (s->loop_count < s->o.loops && start_loop(s, &s->loops[s->loop_count]))
        s->loop_count++;
    if (s->loop_count == s->o.loops)
        return true;
    stop_loops(s);
    return false;
}

static void default_options(struct http_options *o)
{
    if (o->loops == 0)
        o->loops = (unsigned)(get_nprocs() < 4 ? 1 : get_nprocs() / 2);
    if (o->loops > LOOPS_MAX)
        o->loops = LOOPS_MAX;
    if (o->request_ms <= 0)
        o->request_ms = LIMIT_REQUEST_SECONDS * MS_SECOND;
    if (o->idle_ms <= 0)
        o->idle_ms = LIMIT_IDLE_SECONDS * MS_SECOND;
    if (o->connections == 0)
        o->connections = LIMIT_CONNECTIONS;
    if (o->connections_per_ip == 0)
        o->connections_per_ip = LIMIT_CONNECTIONS_PER_IP;
}

enum status http_start(struct ctx *cx, const struct http_options *o, struct http_server **out)
{
    sigset_t all, before;
    int fd = -1, port = 0;

    TRY(listen_on(cx, o->listen, &fd, &port));
    struct http_server *s = calloc(1, sizeof *s);
    if (s == NULL)
        log_fatal("http.out_of_memory", "bytes=%zu", sizeof *s);
    s->o = *o;
    s->o.listen = NULL; /* borrowed for this call only */
    default_options(&s->o);
    s->listen_fd = fd;
    s->port = port;
    s->refs = 1;
    pthread_mutex_init(&s->lock, NULL);
    pthread_condattr_t monotonic;
    pthread_condattr_init(&monotonic);
    pthread_condattr_setclock(&monotonic, CLOCK_MONOTONIC);
    pthread_cond_init(&s->quiet, &monotonic);
    pthread_condattr_destroy(&monotonic);
    allow_files(s->o.connections + SPARE_FILES);

    /* Signals are the main thread's. */
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &before);
    bool guarded = http_guard_start(s), started = guarded && start_loops(s);
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    if (!started) {
        if (guarded)
            http_guard_stop(s);
        close(fd);
        http_server_unref(s);
        return ctx_fail(cx, E_IO, "cannot start the server on '%s': no threads or memory",
                        o->listen);
    }
    *out = s;
    return OK;
}

int http_port(const struct http_server *s) { return s->port; }

unsigned http_connections(const struct http_server *s)
{
    return atomic_load(&((struct http_server *)(uintptr_t)s)->conn_count);
}

/* ---- stop ---- */

void http_server_unref(struct http_server *s)
{
    pthread_mutex_lock(&s->lock);
    bool last = --s->refs == 0;
    pthread_mutex_unlock(&s->lock);
    if (!last)
        return;
    while (s->free_exchanges != NULL) {
        struct exchange *ex = s->free_exchanges;
        s->free_exchanges = ex->next_free;
        http_exchange_destroy(ex);
    }
    pthread_cond_destroy(&s->quiet);
    pthread_mutex_destroy(&s->lock);
    free(s);
}

void http_close_idle(struct conn *c)
{
    if (!atomic_load(&c->busy))
        shutdown(c->fd, SHUT_RDWR);
}

/* Waits, with server->lock held, until no exchange is open or `until_ns` has come (0: for ever). */
static bool wait_quiet(struct http_server *s, i64 until_ns)
{
    struct timespec at = { until_ns / NS_PER_SECOND, until_ns % NS_PER_SECOND };

    while (s->open_exchanges > 0)
        if (pthread_cond_timedwait(&s->quiet, &s->lock, &at) == ETIMEDOUT)
            return s->open_exchanges == 0;
    return true;
}

void http_stop(struct http_server *s, int grace_ms)
{
    i64 now = (i64)clock_mono_ns();

    atomic_store(&s->stopping, true);
    for (unsigned i = 0; i < s->loop_count; i++)
        MHD_quiesce_daemon(s->loops[i].daemon);
    shutdown(s->listen_fd, SHUT_RDWR); /* refuses at once; the number stays taken until the end */
    http_streams_end_all(s);
    pthread_mutex_lock(&s->lock);
    for (struct conn *c = s->conns; c != NULL; c = c->next)
        http_close_idle(c);
    bool quiet = wait_quiet(s, now + (i64)grace_ms * NS_PER_MS);
    for (struct conn *c = s->conns; c != NULL && !quiet; c = c->next)
        shutdown(c->fd,
                 SHUT_RDWR); /* slow readers and drips; held exchanges answer into the void */
    while (!quiet) {
        quiet = wait_quiet(s, (i64)clock_mono_ns() + STOP_WARN_SECONDS * NS_PER_SECOND);
        if (!quiet)
            log_line(LOG_WARN, "http.stop_waits", "held=%u", s->open_exchanges);
    }
    pthread_mutex_unlock(&s->lock);
    while (atomic_load(&s->calling) > 0) /* a thread between storing its answer and returning */
        usleep(100);
    http_guard_stop(s);
    stop_loops(s);
    close(s->listen_fd);
    http_server_unref(s);
}
