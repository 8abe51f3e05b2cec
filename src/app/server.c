/* server.c -- `furrow serve`: the parts started in order, a wait for the signal to stop, and the
 * parts stopped in reverse, so that every request that was accepted is answered. */
#include "app/background.h"
#include "app/commands.h"
#include "app/program.h"
#include "base/log.h"
#include "io/http.h"
#include "kit/session.h"
#include "mail/delivery.h"
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <sys/signalfd.h>
#include <unistd.h>

enum { JOB_RUNNERS = 2, HTTP_GRACE_MS = 5000, JOB_GRACE_MS = 10000, MAIL_GRACE_MS = 10000 };

struct server {
    struct program p;
    struct web *web;
    struct http_server *http;
    struct background *background;
    struct delivery *delivery;
};

/* Stopping is read from a descriptor by the main thread; no handler runs anywhere. */
static int signals_open(void)
{
    sigset_t set;

    sigemptyset(&set);
    sigaddset(&set, SIGTERM);
    sigaddset(&set, SIGINT);
    pthread_sigmask(SIG_BLOCK, &set, NULL); /* threads made later inherit it */
    return signalfd(-1, &set, SFD_CLOEXEC);
}

/* The schema was checked at the start; this asks whether the parts still answer. */
static enum status is_ready(struct ctx *cx, void *arg)
{
    struct server *s = arg;

    if (s->http == NULL)
        return ctx_fail(cx, E_BUSY, "starting");
    return OK;
}

static enum status offer_setup(struct server *s)
{
    struct ctx *cx = &s->p.cx;
    const char *code, *url = s->p.config.public_url;
    i64 users;

    TRY(user_count(cx, &users));
    if (users > 0)
        return OK;
    code = secret_new(cx);
    web_set_setup_code(s->web, code);
    if (url[0] == '\0')
        url = arena_printf(cx->arena, "http://localhost:%d", http_port(s->http));
    printf("Nobody can sign in yet. Make the first administrator at\n  %s/setup?code=%s\n", url,
           code);
    return OK;
}

static enum status server_start(struct server *s, const struct cli *cli)
{
    bool dev = cli_flag(cli, "dev");
    u32 flags = PROGRAM_LOCK | PROGRAM_JOURNEY | PROGRAM_TEMPLATES | PROGRAM_FILL_EMPTY |
                (dev ? PROGRAM_DEV : 0);
    struct ctx *cx = &s->p.cx;

    TRY(program_open(&s->p, cli, flags, dev ? cli_text(cli, "src") : NULL));
    struct web_options wo = { .kit = s->p.kit,
                              .store = s->p.store,
                              .writer = s->p.writer,
                              .journey = s->p.journey,
                              .clock = &s->p.clock,
                              .assets_dev_dir = dev ? cli_text(cli, "assets") : NULL,
                              .public_url = s->p.config.public_url,
                              .trusted_proxy = s->p.config.trusted_proxy,
                              .readers = s->p.config.readers,
                              .ready = is_ready,
                              .ready_arg = s };
    TRY(web_open(cx, &wo, &s->web));
    TRY(background_start(&s->p, JOB_RUNNERS, &s->background));
    struct delivery_options mo = { .kit = s->p.kit,
                                   .store = s->p.store,
                                   .writer = s->p.writer,
                                   .journey = s->p.journey,
                                   .clock = &s->p.clock,
                                   .node = s->p.config.node,
                                   .inflight_path = arena_printf(s->p.arena, "%s/mail.inflight",
                                                                 s->p.config.data),
                                   .public_url = s->p.config.public_url };
    TRY(delivery_start(cx, &mo, &s->delivery));
    struct http_options ho = { .listen = s->p.config.listen,
                               .body_limit = web_body_limit,
                               .handle = web_handle,
                               .arg = s->web };
    TRY(http_start(cx, &ho, &s->http));
    printf("Furrow listens on %s, port %d; data in %s\n", s->p.config.listen, http_port(s->http),
           s->p.config.data);
    TRY(offer_setup(s));
    fflush(stdout);
    return OK;
}

/* False: a job still runs, or a mail is under way: memory and files must stay as they are until the
 * process ends. */
static bool server_stop(struct server *s)
{
    if (s->http != NULL)
        http_stop(s->http, HTTP_GRACE_MS);
    web_close(s->web);
    bool mails = delivery_stop(s->delivery, MAIL_GRACE_MS);
    return background_stop(s->background, JOB_GRACE_MS) && mails;
}

int cmd_serve(struct cli *cli)
{
    struct server s = { 0 };
    struct signalfd_siginfo info;
    int fd = signals_open(), code;
    u64 began = clock_mono_ns();
    enum status status = server_start(&s, cli);

    if (status == OK) {
        log_line(LOG_INFO, "server.started", "port=%d readers=%u ms=%.1f", http_port(s.http),
                 s.p.config.readers, (double)(clock_mono_ns() - began) / 1e6);
        if (fd < 0 || read(fd, &info, sizeof info) != sizeof info)
            log_line(LOG_ERROR, "server.signals", "cause=unreadable");
        log_line(LOG_INFO, "server.stopping", "connections=%u", http_connections(s.http));
    }
    if (!server_stop(&s)) {
        log_line(LOG_WARN, "server.stopped", "jobs_or_mails=running");
        fflush(stdout);
        _exit(0); /* what the job had begun is rolled back or run again */
    }
    code = program_end(&s.p, status);
    if (status == OK)
        log_line(LOG_INFO, "server.stopped", "ms=%.1f", (double)(clock_mono_ns() - began) / 1e6);
    if (fd >= 0)
        close(fd);
    return code;
}
