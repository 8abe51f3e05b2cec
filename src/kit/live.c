/* live.c -- the hub of live pages. Who says something puts it into a queue and goes on; one thread
 * sends it to the streams that listen, and a heartbeat to all, so that proxies keep them open and
 * dead ones are found. */
#include "kit/live.h"
#include "base/buf.h"
#include "base/clock.h"
#include "base/limits.h"
#include "base/log.h"
#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <time.h>

enum { MESSAGE_BYTES = 16 * 1024 };

struct member {
    struct http_stream *stream;
    i64 user_id;
    char topics[LIVE_TOPIC_BYTES + 3]; /* ",deal,notify," */
    struct member *next;
};

struct message {
    struct message *next;
    i64 user_id;
    size_t bytes;
    char *topic; /* behind the text */
    char text[]; /* as sent */
};

struct live {
    pthread_mutex_t lock; /* the queue, `incoming`, `drops` */
    pthread_cond_t wake;
    pthread_t thread;
    bool has_thread, stopping;
    struct message *first, *last;
    unsigned queued;
    struct member *incoming; /* joined, not yet among `members` */
    i64 *drops;
    size_t drop_count;
    struct member *members; /* the hub thread's own */
    _Atomic(unsigned) count;
};

struct live *live_open(void)
{
    struct live *l = calloc(1, sizeof *l);
    pthread_condattr_t attr;

    assert(l != NULL);
    pthread_mutex_init(&l->lock, NULL);
    pthread_condattr_init(&attr);
    pthread_condattr_setclock(&attr, CLOCK_MONOTONIC);
    pthread_cond_init(&l->wake, &attr);
    pthread_condattr_destroy(&attr);
    return l;
}

/* "event: deal\ndata: {...}\n\n"; each line of the text is a data line of its own. */
static struct message *message_new(const char *topic, i64 user_id, const char *data)
{
    struct buf b = buf_new(MESSAGE_BYTES);
    struct message *m;
    struct str rest = str_from(data), line;
    size_t topic_len = strlen(topic);

    buf_printf(&b, "event: %s\n", topic);
    if (rest.len == 0)
        buf_text(&b, "data:\n");
    while (str_split(&rest, '\n', &line)) {
        buf_text(&b, "data: ");
        for (size_t i = 0; i < line.len; i++)
            if (line.p[i] != '\r')
                buf_char(&b, line.p[i]);
        buf_char(&b, '\n');
    }
    buf_char(&b, '\n');
    if (buf_status(&b) != OK) {
        buf_free(&b);
        return NULL;
    }
    m = calloc(1, sizeof *m + b.len + topic_len + 3);
    assert(m != NULL);
    m->user_id = user_id;
    m->bytes = b.len;
    memcpy(m->text, b.p, b.len);
    m->topic = m->text + b.len; /* ",deal," */
    m->topic[0] = m->topic[topic_len + 1] = ',';
    memcpy(m->topic + 1, topic, topic_len);
    buf_free(&b);
    return m;
}

void live_say(struct live *l, const char *topic, i64 user_id, const char *data)
{
    struct message *m;
    bool full;

    if (atomic_load(&l->count) == 0)
        return;
    if ((m = message_new(topic, user_id, data)) == NULL)
        return;
    pthread_mutex_lock(&l->lock);
    full = l->stopping || l->queued >= LIVE_QUEUE;
    if (!full) {
        if (l->last != NULL)
            l->last->next = m;
        else
            l->first = m;
        l->last = m;
        l->queued++;
        pthread_cond_signal(&l->wake);
    }
    pthread_mutex_unlock(&l->lock);
    if (full)
        free(m);
}

/* ---- the hub thread ---- */
static void member_end(struct live *l, struct member *m)
{
    http_stream_end(m->stream);
    atomic_fetch_sub(&l->count, 1);
    free(m);
}

static void send_to_all(struct live *l, const struct message *m)
{
    struct member **at = &l->members, *member;

    while ((member = *at) != NULL) {
        bool wants = m->topic == NULL || ((m->user_id == 0 || m->user_id == member->user_id) &&
                                          strstr(member->topics, m->topic) != NULL);
        if (!wants || http_stream_send(member->stream, m->text, m->bytes)) {
            at = &member->next;
            continue;
        }
        *at = member->next;
        member_end(l, member);
    }
}

static void heartbeat(struct live *l)
{
    static const char beat[] = ": still here\n\n";
    struct message *m = calloc(1, sizeof *m + sizeof beat);

    assert(m != NULL);
    m->bytes = sizeof beat - 1;
    memcpy(m->text, beat, sizeof beat);
    send_to_all(l, m);
    free(m);
}

static void drop_user(struct live *l, i64 user_id)
{
    struct member **at = &l->members, *member;

    while ((member = *at) != NULL) {
        if (member->user_id != user_id) {
            at = &member->next;
            continue;
        }
        *at = member->next;
        member_end(l, member);
    }
}

static void take_incoming(struct live *l, struct member *m)
{
    struct member *next;

    for (; m != NULL; m = next) {
        next = m->next;
        m->next = l->members;
        l->members = m;
    }
}

/* What the hub found when it was woken. */
struct batch {
    struct message *messages;
    struct member *incoming;
    i64 *drops;
    size_t drop_count;
    bool stopping;
};

static struct batch wait_for_batch(struct live *l, i64 until_ns)
{
    struct timespec until = { until_ns / 1000000000, until_ns % 1000000000 };
    struct batch b;

    pthread_mutex_lock(&l->lock);
    while (l->first == NULL && l->incoming == NULL && l->drop_count == 0 && !l->stopping)
        if (pthread_cond_timedwait(&l->wake, &l->lock, &until) != 0)
            break;
    b = (struct batch){ l->first, l->incoming, l->drops, l->drop_count, l->stopping };
    l->first = l->last = NULL;
    l->queued = 0;
    l->incoming = NULL;
    l->drops = NULL;
    l->drop_count = 0;
    pthread_mutex_unlock(&l->lock);
    return b;
}

static void *live_main(void *arg)
{
    struct live *l = arg;
    i64 beat_ns = (i64)clock_mono_ns() + LIVE_HEARTBEAT_MS * 1000000LL;
    struct batch b;

    do {
        struct message *next;
        b = wait_for_batch(l, beat_ns);
        take_incoming(l, b.incoming);
        for (struct message *m = b.messages; m != NULL; m = next) {
            next = m->next;
            send_to_all(l, m);
            free(m);
        }
        for (size_t i = 0; i < b.drop_count; i++)
            drop_user(l, b.drops[i]);
        free(b.drops);
        if ((i64)clock_mono_ns() >= beat_ns) {
            heartbeat(l);
            beat_ns = (i64)clock_mono_ns() + LIVE_HEARTBEAT_MS * 1000000LL;
        }
    } while (!b.stopping);
    while (l->members != NULL) {
        struct member *m = l->members;
        l->members = m->next;
        member_end(l, m);
    }
    return NULL;
}

/* ---- coming and going ---- */
enum status live_join(struct live *l, struct http_exchange *ex, i64 user_id, const char *topics)
{
    static const struct http_pair headers[] = { { "Cache-Control", "no-store" },
                                                { "X-Accel-Buffering", "no" },
                                                { "X-Content-Type-Options", "nosniff" },
                                                { NULL, NULL } },
                                  open[] = { { "Cache-Control", "no-store" },
                                             { "X-Accel-Buffering", "no" },
                                             { "X-Content-Type-Options", "nosniff" },
                                             { "Access-Control-Allow-Origin", "*" },
                                             { NULL, NULL } };
    static const char hello[] = "retry: 3000\n: hello\n\n";
    struct member *m;

    if (strlen(topics) > LIVE_TOPIC_BYTES)
        return E_LIMIT;
    m = calloc(1, sizeof *m);
    assert(m != NULL);
    m->user_id = user_id;
    m->topics[0] = ',';
    memcpy(m->topics + 1, topics, strlen(topics));
    m->topics[strlen(topics) + 1] = ',';
    pthread_mutex_lock(&l->lock);
    if (!l->has_thread && !l->stopping)
        l->has_thread = pthread_create(&l->thread, NULL, live_main, l) == 0;
    if (l->stopping || !l->has_thread || atomic_load(&l->count) >= LIMIT_LIVE_STREAMS ||
        (m->stream = http_stream_begin(ex, "text/event-stream", user_id ? headers : open)) ==
            NULL) {
        pthread_mutex_unlock(&l->lock);
        free(m);
        return E_LIMIT;
    }
    atomic_fetch_add(&l->count, 1);
    (void)http_stream_send(m->stream, hello,
                           sizeof hello - 1); /* gone already: found at the beat */
    m->next = l->incoming;
    l->incoming = m;
    pthread_cond_signal(&l->wake);
    pthread_mutex_unlock(&l->lock);
    return OK;
}

void live_drop(struct live *l, i64 user_id)
{
    i64 *drops;

    pthread_mutex_lock(&l->lock);
    drops = realloc(l->drops, (l->drop_count + 1) * sizeof *drops);
    assert(drops != NULL);
    l->drops = drops;
    l->drops[l->drop_count++] = user_id;
    pthread_cond_signal(&l->wake);
    pthread_mutex_unlock(&l->lock);
}

unsigned live_count(const struct live *l) { return atomic_load(&l->count); }

void live_close(struct live *l)
{
    struct message *next;

    if (l == NULL)
        return;
    pthread_mutex_lock(&l->lock);
    l->stopping = true;
    pthread_cond_signal(&l->wake);
    pthread_mutex_unlock(&l->lock);
    if (l->has_thread)
        pthread_join(l->thread, NULL);
    for (struct message *m = l->first; m != NULL; m = next) {
        next = m->next;
        free(m);
    }
    free(l->drops);
    pthread_cond_destroy(&l->wake);
    pthread_mutex_destroy(&l->lock);
    free(l);
}
