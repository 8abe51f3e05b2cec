/* http_bench.c -- what the server costs before any work is done: requests a second, the 99th
 * percentile and the server's own CPU time a request (which a busy machine disturbs less), measured
 * with wrk on the same machine, at several connection counts, alone and beside idle connections.
 * Usage: http_bench [SECONDS a case, default 2]. Needs wrk. */
#include "base/clock.h"
#include "io/http.h"
#include <arpa/inet.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

enum { PAGE_BYTES = 1024, IDLE_MAX = 3000, IDLE_PER_ADDRESS = 500 };

static char page[PAGE_BYTES];

static void handle(void *arg, struct http_exchange *ex)
{
    (void)arg;
    if (strcmp(ex->path, "/204") == 0)
        http_answer(ex, &(struct http_answer){ .status = 204 });
    else
        http_answer(ex, &(struct http_answer){ .status = 200,
                                               .type = "text/html; charset=utf-8",
                                               .body = page,
                                               .body_bytes = sizeof page });
}

/* Idle connections come from 127.0.0.2 and on, each address with its share. They are answered once
 * (a connection that never asks is closed after LIMIT_REQUEST_SECONDS). */
static int open_idle(int port, unsigned n)
{
    static const char ask[] = "GET /204 HTTP/1.1\r\nHost: bench\r\n\r\n";
    struct sockaddr_in from = { .sin_family = AF_INET },
                       to = { .sin_family = AF_INET, .sin_port = htons((uint16_t)port) };
    char answer[1024];
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

    from.sin_addr.s_addr = htonl(INADDR_LOOPBACK + 1 + n / IDLE_PER_ADDRESS);
    to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    if (fd < 0 || bind(fd, (struct sockaddr *)&from, sizeof from) != 0 ||
        connect(fd, (struct sockaddr *)&to, sizeof to) != 0 || write(fd, ask, strlen(ask)) < 0 ||
        read(fd, answer, sizeof answer) <= 0) {
        perror("idle connection");
        exit(1);
    }
    return fd;
}

static long resident_kb(void)
{
    char line[200];
    long kb = 0;
    FILE *f = fopen("/proc/self/status", "r");

    while (f != NULL && fgets(line, sizeof line, f) != NULL)
        if (sscanf(line, "VmRSS: %ld", &kb) == 1)
            break;
    if (f != NULL)
        fclose(f);
    return kb;
}

static double cpu_seconds(void)
{
    struct rusage u;

    getrusage(RUSAGE_SELF, &u);
    return (double)(u.ru_utime.tv_sec + u.ru_stime.tv_sec) +
           (double)(u.ru_utime.tv_usec + u.ru_stime.tv_usec) / 1e6;
}

static void measure(int port, const char *path, int connections, int seconds, unsigned idle)
{
    char command[300], line[300], p99[50] = "?";
    double rate = 0, requests = 0, cpu = cpu_seconds();

    snprintf(command, sizeof command, "wrk -t1 -c%d -d%ds --latency http://127.0.0.1:%d%s 2>&1",
             connections, seconds, port, path);
    FILE *wrk = popen(command, "r");
    while (wrk != NULL && fgets(line, sizeof line, wrk) != NULL) {
        (void)sscanf(line, " 99%% %49s", p99);
        (void)sscanf(line, "Requests/sec: %lf", &rate);
        (void)sscanf(line, " %lf requests in", &requests);
    }
    if (wrk == NULL || pclose(wrk) != 0 || requests == 0) {
        fprintf(stderr, "wrk does not run: install it\n");
        exit(1);
    }
    printf("| %-9s | %11d | %5u | %10.0f | %10s | %14.2f | %8ld |\n", path, connections, idle, rate,
           p99, (cpu_seconds() - cpu) / requests * 1e6, resident_kb());
    fflush(stdout);
}

int main(int argc, char **argv)
{
    static const struct {
        int connections;
        unsigned idle;
    } cases[] = { { 64, 0 }, { 128, 0 }, { 256, 0 }, { 512, 0 }, { 64, 1000 }, { 64, IDLE_MAX } };
    int seconds = argc > 1 && atoi(argv[1]) > 0 ? atoi(argv[1]) : 2;
    struct arena *a = arena_new(4096);
    struct clock clock = { 0 };
    struct http_server *s = NULL;
    struct http_options o = { .listen = "127.0.0.1:0", .handle = handle };
    int idle_fds[IDLE_MAX];
    unsigned idle = 0;
    struct ctx cx;

    memset(page, 'x', sizeof page);
    ctx_init(&cx, a, &clock);
    if (http_start(&cx, &o, &s) != OK) {
        fprintf(stderr, "%s\n", cx.error_text);
        return 1;
    }
    printf("| path      | connections |  idle | requests/s | p99        | us CPU/request | RSS kB  "
           " |\n"
           "|-----------|-------------|-------|------------|------------|----------------|---------"
           "-|\n");
    for (size_t i = 0; i < countof(cases); i++) {
        for (; idle < cases[i].idle; idle++)
            idle_fds[idle] = open_idle(http_port(s), idle);
        measure(http_port(s), "/204", cases[i].connections, seconds, idle);
        measure(http_port(s), "/page", cases[i].connections, seconds, idle);
    }
    while (idle > 0)
        close(idle_fds[--idle]);
    http_stop(s, 1000);
    arena_free(a);
    return 0;
}
