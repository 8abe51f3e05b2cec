/* live_test.c -- the hub of live pages over real sockets: who hears what, who is dropped, how it
 * ends. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/limits.h"
#include "kit/live.h"
#include <arpa/inet.h>
#include <poll.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

enum { WAIT_MS = 5000, QUIET_MS = 150 };

struct hub {
    struct arena *arena;
    struct clock clock;
    struct ctx cx;
    struct live *live;
    struct http_server *http;
};

/* GET /USER?TOPICS joins as that user. */
static void handle(void *arg, struct http_exchange *ex)
{
    struct hub *h = arg;

    if (live_join(h->live, ex, strtoll(ex->path + 1, NULL, 10), ex->query) != OK)
        http_answer(ex, &(struct http_answer){ .status = 503 });
}

static int set_up(void **state)
{
    struct hub *h = calloc(1, sizeof *h);
    struct http_options o = { .listen = "127.0.0.1:0", .handle = handle, .arg = h };

    h->arena = arena_new(4096);
    ctx_init(&h->cx, h->arena, &h->clock);
    h->live = live_open();
    if (http_start(&h->cx, &o, &h->http) != OK)
        fail_msg("%s", h->cx.error_text);
    *state = h;
    return 0;
}

static int tear_down(void **state)
{
    struct hub *h = *state;

    http_stop(h->http, 1000);
    live_close(h->live);
    arena_free(h->arena);
    free(h);
    return 0;
}

/* ---- a page that listens ---- */
struct page {
    int fd;
    char text[64 * 1024];
    size_t len;
};

/* Reads until `want` has come; false after `ms`, or when the server hangs up. */
static bool hears(struct page *p, const char *want, int ms)
{
    for (;;) {
        struct pollfd pf = { .fd = p->fd, .events = POLLIN };
        ssize_t n;
        p->text[p->len] = '\0';
        if (strstr(p->text, want) != NULL)
            return true;
        if (poll(&pf, 1, ms) <= 0)
            return false;
        n = read(p->fd, p->text + p->len, sizeof p->text - 1 - p->len);
        if (n <= 0)
            return false;
        p->len += (size_t)n;
    }
}

static struct page *join(struct hub *h, int user, const char *topics)
{
    struct page *p = calloc(1, sizeof *p);
    struct sockaddr_in to = { .sin_family = AF_INET,
                              .sin_port = htons((uint16_t)http_port(h->http)),
                              .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
    char request[400];
    int len =
        snprintf(request, sizeof request, "GET /%d?%s HTTP/1.1\r\nHost: x\r\n\r\n", user, topics);

    p->fd = socket(AF_INET, SOCK_STREAM, 0);
    assert_int_equal(connect(p->fd, (struct sockaddr *)&to, sizeof to), 0);
    assert_int_equal(write(p->fd, request, (size_t)len), len);
    return p;
}

static void leave(struct page *p)
{
    close(p->fd);
    free(p);
}

static void wait_count(struct hub *h, unsigned count)
{
    for (int i = 0; i < WAIT_MS && live_count(h->live) != count; i++)
        usleep(1000);
    assert_int_equal(live_count(h->live), count);
}

/* ---- cases ---- */
static void a_page_hears_its_topics_and_its_user_only(void **state)
{
    struct hub *h = *state;
    struct page *ada = join(h, 1, "deal,notify"), *bob = join(h, 2, "notify");

    assert_true(hears(ada, "text/event-stream", WAIT_MS));
    assert_true(hears(bob, ": hello", WAIT_MS));
    live_say(h->live, "deal", 0, "{\"id\":\"7\"}");
    live_say(h->live, "notify", 1, "for ada");
    live_say(h->live, "notify", 2, "for bob");
    live_say(h->live, "deal_more", 0, "longer name");
    live_say(h->live, "eal", 0, "part of a name");
    live_say(h->live, "notify", 0, "for all");
    assert_true(hears(ada, "event: deal\ndata: {\"id\":\"7\"}\n\n", WAIT_MS));
    assert_true(hears(ada, "event: notify\ndata: for all\n\n", WAIT_MS));
    assert_true(hears(bob, "data: for all", WAIT_MS));
    assert_non_null(strstr(ada->text, "for ada"));
    assert_null(strstr(ada->text, "for bob"));
    assert_null(strstr(ada->text, "name"));
    assert_null(strstr(bob->text, "deal"));
    leave(ada);
    leave(bob);
}

static void lines_stay_within_their_event(void **state)
{
    struct hub *h = *state;
    struct page *p = join(h, 1, "toast");

    assert_true(hears(p, ": hello", WAIT_MS));
    live_say(h->live, "toast", 0, "a\r\nevent: forged\n\ndata: b");
    live_say(h->live, "toast", 0, "");
    live_say(h->live, "toast", 0, "end");
    assert_true(hears(p, "data: end\n\n", WAIT_MS));
    assert_non_null(strstr(p->text, "data: a\ndata: event: forged\ndata: \ndata: data: b\n\n"));
    assert_non_null(strstr(p->text, "event: toast\ndata:\n\n"));
    leave(p);
}

static void who_leaves_is_forgotten(void **state)
{
    struct hub *h = *state;
    struct page *pages[20];

    for (int i = 0; i < 20; i++)
        pages[i] = join(h, i, "deal");
    wait_count(h, 20);
    for (int i = 0; i < 10; i++)
        leave(pages[i]);
    for (int i = 0; i < WAIT_MS && live_count(h->live) > 10;
         i++) { /* found when something is said */
        live_say(h->live, "deal", 0, "x");
        usleep(1000);
    }
    wait_count(h, 10);
    live_drop(h->live, 15);
    wait_count(h, 9);
    assert_false(hears(pages[15], "never", WAIT_MS)); /* hung up, not silent */
    live_say(h->live, "deal", 0, "still");
    assert_true(hears(pages[19], "still", WAIT_MS));
    for (int i = 10; i < 20; i++)
        leave(pages[i]);
}

static void too_long_lists_of_topics_are_refused(void **state)
{
    struct hub *h = *state;
    char topics[LIVE_TOPIC_BYTES + 2];
    struct page *p;

    memset(topics, 'a', sizeof topics - 1);
    topics[sizeof topics - 1] = '\0';
    p = join(h, 1, topics);
    assert_true(hears(p, "503", WAIT_MS));
    assert_int_equal(live_count(h->live), 0);
    leave(p);
}

/* Many say, many come and go: for the sanitizers. */
static void *talk(void *arg)
{
    struct hub *h = arg;

    for (int i = 0; i < 2000; i++)
        live_say(h->live, "deal", i % 3, "{\"n\":1}");
    return NULL;
}

static void many_talk_while_many_come_and_go(void **state)
{
    struct hub *h = *state;
    pthread_t talkers[4];
    struct page *stays = join(h, 0, "deal,end");

    assert_true(hears(stays, ": hello", WAIT_MS));
    for (int i = 0; i < 4; i++)
        pthread_create(&talkers[i], NULL, talk, h);
    for (int i = 0; i < 60; i++)
        leave(join(h, i % 3, "deal"));
    for (int i = 0; i < 4; i++)
        pthread_join(talkers[i], NULL);
    stays->len = 0;
    while (hears(stays, "nothing says this", QUIET_MS)) /* reads what has come */
        stays->len = 0;
    leave(stays);
}

static void closing_ends_every_stream(void **state)
{
    struct hub *h = *state;
    struct page *p = join(h, 1, "deal");

    assert_true(hears(p, ": hello", WAIT_MS));
    live_say(h->live, "deal", 0, "last words");
    live_close(h->live);
    assert_true(hears(p, "last words", WAIT_MS));
    assert_false(hears(p, "never", WAIT_MS));
    h->live = live_open(); /* for the tear-down */
    leave(p);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(a_page_hears_its_topics_and_its_user_only, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(lines_stay_within_their_event, set_up, tear_down),
        cmocka_unit_test_setup_teardown(who_leaves_is_forgotten, set_up, tear_down),
        cmocka_unit_test_setup_teardown(too_long_lists_of_topics_are_refused, set_up, tear_down),
        cmocka_unit_test_setup_teardown(many_talk_while_many_come_and_go, set_up, tear_down),
        cmocka_unit_test_setup_teardown(closing_ends_every_stream, set_up, tear_down),
    };
    return cmocka_run_group_tests_name("kit/live", tests, NULL, NULL);
}
