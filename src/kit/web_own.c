/* web_own.c -- the routes of the web itself: is it alive, is it ready, how is it doing, and the
 * live stream. */
#include "journey/journey.h"
#include "kit/live.h"
#include "kit/web_int.h"
#include "store/queue.h"
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

static enum status get_healthz(struct req *rq)
{
    reply_header(rq, "Cache-Control", "no-store");
    return reply_text(rq, 200, "text/plain", STR("alive\n"));
}

/* GET /readyz -- the parts that a request needs, each asked. */
static enum status get_readyz(struct req *rq)
{
    struct web *w = rq->web;
    i64 one;

    reply_header(rq, "Cache-Control", "no-store");
    TRY(db_get_i64(rq->cx, &one, "web.ping"));
    if (w->o.ready != NULL)
        TRY(w->o.ready(rq->cx, w->o.ready_arg));
    return reply_text(rq, 200, "text/plain", STR("ready\n"));
}

/* ---- metrics, in Prometheus' text format ---- */
static void head(struct buf *b, const char *name, const char *type, const char *help)
{
    buf_printf(b, "# HELP furrow_%s %s\n# TYPE furrow_%s %s\n", name, help, name, type);
}

static void one(struct buf *b, const char *name, const char *type, const char *help, u64 value)
{
    head(b, name, type, help);
    buf_printf(b, "furrow_%s %llu\n", name, (unsigned long long)value);
}

static void put_requests(struct buf *b, struct stats *st)
{
    u64 sum = 0;

    head(b, "http_requests_total", "counter", "Answers by class of status.");
    for (int i = 1; i < 6; i++)
        buf_printf(b, "furrow_http_requests_total{class=\"%dxx\"} %llu\n", i,
                   (unsigned long long)atomic_load(&st->by_class[i]));
    head(b, "http_request_seconds", "histogram", "From the last byte received to the answer.");
    for (int i = 0; i < STATS_BUCKETS; i++) {
        sum += atomic_load(&st->buckets[i]);
        buf_printf(b, "furrow_http_request_seconds_bucket{le=\"%g\"} %llu\n",
                   (double)stats_bucket_us[i] / 1e6, (unsigned long long)sum);
    }
    sum += atomic_load(&st->buckets[STATS_BUCKETS]);
    buf_printf(b, "furrow_http_request_seconds_bucket{le=\"+Inf\"} %llu\n",
               (unsigned long long)sum);
    buf_printf(b, "furrow_http_request_seconds_sum %g\n", (double)atomic_load(&st->total_us) / 1e6);
    buf_printf(b, "furrow_http_request_seconds_count %llu\n", (unsigned long long)sum);
    one(b, "http_sent_bytes_total", "counter", "Bodies of answers.", atomic_load(&st->out_bytes));
    one(b, "http_busy_total", "counter", "Requests refused because too many waited.",
        atomic_load(&st->busy));
    one(b, "rate_limited_total", "counter", "Tries over a rate limit.",
        atomic_load(&st->rate_limited));
}

static enum status put_queue(struct ctx *cx, struct buf *b)
{
    i64 n;

    head(b, "jobs", "gauge", "Jobs by state.");
    for (int state = JOB_WAITING; state <= JOB_FAILED; state++) {
        TRY(queue_count(cx, (enum job_state)state, &n));
        buf_printf(b, "furrow_jobs{state=\"%s\"} %lld\n", job_state_word((enum job_state)state),
                   (long long)n);
    }
    TRY(db_get_i64(cx, &n, "web.outbox_depth"));
    one(b, "outbox_waiting", "gauge", "Events on their way to the journey.", (u64)n);
    return OK;
}

static void put_journey(struct buf *b, struct journey *j)
{
    struct journey_stats st;

    if (j == NULL)
        return;
    journey_stats(j, &st);
    one(b, "journey_events", "gauge", "Events kept.", st.events);
    one(b, "journey_people", "gauge", "Visitors and contacts known.", st.people);
    one(b, "journey_log_events", "gauge", "Events not yet in a sorted run.", st.log_events);
    one(b, "journey_runs", "gauge", "Sorted runs.", st.runs);
    one(b, "journey_bytes", "gauge", "Size on disk.", st.bytes);
    one(b, "journey_commits_total", "counter", "Durable batches.", st.commits);
}

/* Resident memory, from the kernel; 0 when it does not say. */
static u64 resident_bytes(void)
{
    unsigned long long total, resident = 0;
    FILE *f = fopen("/proc/self/statm", "re");

    if (f == NULL)
        return 0;
    if (fscanf(f, "%llu %llu", &total, &resident) != 2)
        resident = 0;
    fclose(f);
    return resident * (u64)sysconf(_SC_PAGESIZE);
}

/* Numbers of the business are not among them, but how busy it is may be nobody else's matter. */
static bool may_see_metrics(const struct req *rq)
{
    bool here = text_is(rq->address, "127.0.0.1") || text_is(rq->address, "::1");
    return (here && rq->header(rq, "X-Forwarded-For") == NULL) ||
           access_scope(rq->cx->access, "admin", VERB_READ) != SCOPE_NONE;
}

static enum status get_metrics(struct req *rq)
{
    struct web *w = rq->web;
    struct buf b = buf_in(rq->cx->arena, LIMIT_BODY_BYTES);

    if (!may_see_metrics(rq))
        return ctx_fail(rq->cx, rq->cx->access->user_id == 0 ? E_UNAUTHORIZED : E_FORBIDDEN,
                        "Metrics are for this machine and for administrators' tokens.");
    put_requests(&b, &w->stats);
    one(&b, "requests_waiting", "gauge", "Requests that wait for a reader.", pool_waiting(w->pool));
    TRY(put_queue(rq->cx, &b));
    if (w->o.writer != NULL) {
        one(&b, "commits_total", "counter", "Transactions stored.", writer_commits(w->o.writer));
        one(&b, "retries_total", "counter", "Transactions run again.", writer_retries(w->o.writer));
    }
    put_journey(&b, w->o.journey);
    if (kit_live(w->o.kit) != NULL)
        one(&b, "live_streams", "gauge", "Pages that listen.", live_count(kit_live(w->o.kit)));
    one(&b, "memory_bytes", "gauge", "Resident memory.", resident_bytes());
    one(&b, "uptime_seconds", "gauge", "Since the start.",
        (u64)(clock_ms(w->o.clock) - w->opened_ms) / 1000);
    reply_header(rq, "Cache-Control", "no-store");
    buf_end(&b);
    return reply_text(rq, 200, "text/plain; version=0.0.4", (struct str){ b.p, b.len });
}

/* GET /live?topics=deal,notify -- what happened, as it happens. */
static enum status get_live(struct req *rq)
{
    struct live *live = kit_live(rq->web->o.kit);
    i64 user_id = rq->cx->access->user_id;
    const char *topics = req_query(rq, "topics");

    if (topics[0] == '\0' || strlen(topics) > LIVE_TOPIC_BYTES)
        return ctx_fail_field(rq->cx, "topics", "live.topics",
                              "Say which topics, at most %d characters.", LIVE_TOPIC_BYTES);
    if (rq->exchange == NULL || live == NULL) /* without a socket there is nothing to hold open */
        return reply_text(rq, 200, "text/event-stream", STR(": hello\n\n"));
    topics = arena_text(rq->exchange->arena, topics);
    req_take(rq);
    if (live_join(live, rq->exchange, user_id, topics) != OK)
        req_finish(rq, ctx_fail(rq->cx, E_BUSY, "Too many pages listen already."));
    return OK;
}

const struct route web_own_routes[] = {
    { HTTP_GET, "/healthz", get_healthz, .flags = ROUTE_PUBLIC | ROUTE_INLINE, .summary = "alive" },
    { HTTP_GET, "/readyz", get_readyz, .flags = ROUTE_PUBLIC | ROUTE_API,
      .summary = "database, journey and schema are right" },
    { HTTP_GET, "/metrics", get_metrics, .flags = ROUTE_PUBLIC | ROUTE_API,
      .summary = "numbers for Prometheus" },
    { HTTP_GET, "/live", get_live, .flags = ROUTE_SIGNED_IN | ROUTE_API,
      .summary = "server-sent events" },
};
const size_t web_own_route_count = countof(web_own_routes);
