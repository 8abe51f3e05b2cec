/* peer.c -- see peer.h. One thread, one connection after the other. */
#include "support/peer.h"
#include <arpa/inet.h>
#include <netinet/in.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

enum { REQUEST_MAX = 1 << 22, HELD_MAX = 16 };

struct peer {
    peer_answer *answer;
    void *arg;
    int listener, port;
    int held[HELD_MAX], held_count;
    pthread_t thread;
};

static void need(bool fine, const char *what)
{
    if (!fine) {
        perror(what);
        abort();
    }
}

/* How long the whole request is, once its head is there; 0: not yet. */
static size_t whole_length(const char *p)
{
    const char *end = strstr(p, "\r\n\r\n"), *length = strcasestr(p, "\r\nContent-Length:");

    if (end == NULL)
        return 0;
    size_t head = (size_t)(end - p) + 4;
    return head + (length != NULL && length < end ? strtoul(length + 17, NULL, 10) : 0);
}

static void serve(struct peer *p, int fd, char *request)
{
    size_t len = 0, whole = 0;
    ssize_t n;

    while ((whole == 0 || len < whole) && (n = read(fd, request + len, REQUEST_MAX - len)) > 0) {
        len += (size_t)n;
        request[len] = '\0';
        whole = whole_length(request);
    }
    struct str out =
        whole == 0 ? (struct str){ "", 0 } : p->answer(p->arg, (struct str){ request, len });
    if (out.p == NULL && p->held_count < HELD_MAX) {
        p->held[p->held_count++] = fd;
        return;
    }
    for (size_t sent = 0; out.p != NULL && sent < out.len; sent += (size_t)n)
        if ((n = send(fd, out.p + sent, out.len - sent, MSG_NOSIGNAL)) <= 0)
            break;
    shutdown(fd, SHUT_WR);
    close(fd);
}

static void *peer_main(void *arg)
{
    struct peer *p = arg;
    char *request = malloc(REQUEST_MAX + 1);
    int fd;

    while ((fd = accept(p->listener, NULL, NULL)) >= 0)
        serve(p, fd, request);
    free(request);
    return NULL;
}

struct peer *peer_open(peer_answer *answer, void *arg)
{
    struct peer *p = calloc(1, sizeof *p);
    struct sockaddr_in at = { .sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
    socklen_t len = sizeof at;

    p->answer = answer;
    p->arg = arg;
    p->listener = socket(AF_INET, SOCK_STREAM, 0);
    need(p->listener >= 0 && bind(p->listener, (struct sockaddr *)&at, sizeof at) == 0 &&
             listen(p->listener, 16) == 0 &&
             getsockname(p->listener, (struct sockaddr *)&at, &len) == 0,
         "peer");
    p->port = ntohs(at.sin_port);
    need(pthread_create(&p->thread, NULL, peer_main, p) == 0, "thread");
    return p;
}

int peer_port(const struct peer *p) { return p->port; }

void peer_close(struct peer *p)
{
    shutdown(p->listener, SHUT_RDWR); /* accept returns */
    pthread_join(p->thread, NULL);
    close(p->listener);
    for (int i = 0; i < p->held_count; i++)
        close(p->held[i]);
    free(p);
}
