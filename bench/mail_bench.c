/* mail_bench.c -- how many mails a second go out: mail_bench PORT MAILS [CONNECTIONS], with a
 * server that takes them on 127.0.0.1:PORT (smtp-sink). The newsletter of the library for so many
 * contacts: rendered, personal, with tracked links, ways to leave, signed by both keys; with the
 * durable states, the journey events and all else of delivery. In turn with it the floor: as many
 * threads that only sign the same bytes and send them. See mail_bench.py. */
#include "base/log.h"
#include "bridge/consent.h"
#include "bridge/contact.h"
#include "io/mime.h"
#include "mail/content.h"
#include "mail/content_int.h"
#include "mail/delivery_int.h"
#include "mail/sender.h"
#include "support/house.h"
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <time.h>
#include <unistd.h>

enum { LOT = 2000, THREADS_MAX = 16, POLL_NS = 20 * 1000 * 1000, TURNS = 10 };

struct bench {
    struct house *h;
    int port, connections;
    long mails;
    i64 sender, content, topic;
    long from; /* of the lot */
    /* the floor's */
    const char *rsa, *ed;
    struct str message;
    atomic_long left;
};

static void must(enum status s, struct ctx *cx, const char *what)
{
    if (s != OK)
        log_fatal("bench.failed", "what=%s error=\"%s\"", what,
                  cx->field_errors ? cx->field_errors->message : cx->error_text);
}

static double seconds_since(u64 begun) { return (double)(clock_mono_ns() - begun) / 1e9; }

static double cpu_seconds(void)
{
    struct rusage r;

    getrusage(RUSAGE_SELF, &r);
    return (double)(r.ru_utime.tv_sec + r.ru_stime.tv_sec) +
           (double)(r.ru_utime.tv_usec + r.ru_stime.tv_usec) / 1e6;
}

static double resident_mb(void)
{
    FILE *f = fopen("/proc/self/statm", "re");
    long pages = 0;

    if (f == NULL)
        return 0;
    if (fscanf(f, "%*d %ld", &pages) != 1)
        pages = 0;
    fclose(f);
    return (double)pages * (double)sysconf(_SC_PAGESIZE) / 1048576.0;
}

static enum status prepare(struct ctx *cx, void *arg)
{
    struct bench *b = arg;
    struct row *sender = row_new(cx, &sender_type), *content;
    const char *public_text;

    TRY(setting_save(cx, "mail.cap_mails", "0"));
    row_set_text(sender, SENDER_NAME, "Bench");
    row_set_text(sender, SENDER_FROM_NAME, "Alderfield");
    row_set_text(sender, SENDER_FROM, "news@alderfield.example");
    row_set_text(sender, SENDER_HOST, "127.0.0.1");
    row_set_i64(sender, SENDER_PORT, b->port);
    row_set_text(sender, SENDER_SECURITY, "none");
    row_set_text(sender, SENDER_SELECTOR, "furrow");
    row_set_i64(sender, SENDER_ACTIVE, 1);
    row_set_i64(sender, SENDER_CONNECTIONS, b->connections);
    TRY(dkim_key_new(cx, DKIM_RSA, &b->rsa, &public_text));
    TRY(row_set_secret(cx, sender, SENDER_RSA, b->rsa));
    TRY(dkim_key_new(cx, DKIM_ED25519, &b->ed, &public_text));
    TRY(row_set_secret(cx, sender, SENDER_ED, b->ed));
    TRY(record_save(cx, sender));
    b->sender = row_id(sender);
    TRY(library_use(cx, "newsletter", &content));
    b->content = row_id(content);
    TRY(topic_by_slug(cx, "newsletter", &b->topic));
    b->rsa = arena_text(b->h->arena, b->rsa);
    b->ed = arena_text(b->h->arena, b->ed);
    return OK;
}

static enum status hand_over(struct ctx *cx, void *arg)
{
    struct bench *b = arg;
    struct row *rows[LOT];
    long count = b->mails - b->from < LOT ? b->mails - b->from : LOT;

    for (long i = 0; i < count; i++) {
        rows[i] = row_new(cx, &contact_type);
        row_set_text(rows[i], CONTACT_FIRST, arena_printf(cx->arena, "Anna %ld", b->from + i));
        row_set_text(rows[i], CONTACT_EMAIL,
                     arena_printf(cx->arena, "p%ld@firm%ld.example", b->from + i, i % 499));
    }
    TRY(record_save_many(cx, rows, (size_t)count));
    for (long i = 0; i < count; i++) {
        struct consent_evidence e = { .contact_id = row_id(rows[i]),
                                      .topic_id = b->topic,
                                      .source = "import",
                                      .wording = "bench",
                                      .confirmed = true };
        TRY(consent_give(cx, &e, NULL));
        struct mail m = { .lane = MAIL_LANE_BULK,
                          .sender_id = b->sender,
                          .contact_id = row_id(rows[i]),
                          .to = row_text(rows[i], CONTACT_EMAIL),
                          .content_id = b->content,
                          .topic_id = b->topic,
                          .source = "bench",
                          .source_id = 1 };
        TRY(mail_send(cx, &m, NULL));
    }
    return OK;
}

/* Sends until so many have gone in all, and some more that were under way. *sent: all so far. */
static double deliver_until(struct bench *b, i64 target, i64 *sent)
{
    struct house *h = b->h;
    struct delivery_options o = { .kit = h->kit,
                                  .store = h->t->store,
                                  .writer = h->writer,
                                  .journey = h->journey,
                                  .clock = h->clock };
    struct delivery *d;
    i64 counts[MAIL_STATES];
    u64 begun = clock_mono_ns();

    must(delivery_start(h->cx, &o, &d), h->cx, "start");
    do {
        struct arena *a = arena_new(4096);
        struct ctx cx = *h->cx;
        cx.arena = a;
        nanosleep(&(struct timespec){ 0, POLL_NS }, NULL);
        must(mail_counts(&cx, "bench", 1, -1, counts), &cx, "counts");
        arena_free(a);
    } while (counts[MAIL_SENT] < target &&
             counts[MAIL_WAITING] + counts[MAIL_SENDING] + counts[MAIL_DEFERRED] > 0);
    if (!delivery_stop(d, 10000))
        log_fatal("bench.stop", "cause=running");
    must(mail_counts(h->cx, "bench", 1, -1, counts), h->cx, "counts");
    *sent = counts[MAIL_SENT];
    if (counts[MAIL_SKIPPED] + counts[MAIL_FAILED] + counts[MAIL_BOUNCED] > 0)
        log_fatal("bench.sent", "skipped=%lld failed=%lld bounced=%lld",
                  (long long)counts[MAIL_SKIPPED], (long long)counts[MAIL_FAILED],
                  (long long)counts[MAIL_BOUNCED]);
    return seconds_since(begun);
}

/* One of the mails as it goes. */
static void take_message(struct bench *b)
{
    struct ctx *cx = b->h->cx;
    struct buf out = buf_in(b->h->arena, 4 * 1024 * 1024);
    struct renderer *r = renderer_new();
    struct mail_message m;
    struct mail_text text;
    i64 id;

    must(db_get_i64(cx, &id, "mail.of_source", TEXT("source", "bench"), I64("source_id", 1),
                    I64("limit", 1)),
         cx, "one");
    must(mail_get(cx, id, &m), cx, "get");
    must(mail_render(cx, r, &m,
                     &(struct mail_from){
                         .name = "Alderfield", .address = "news@alderfield.example", .goes = true },
                     &text),
         cx, "render");
    mime_write(&out,
               &(struct mime_mail){ .from_name = "Alderfield",
                                    .from = "news@alderfield.example",
                                    .to_name = "",
                                    .to = m.to,
                                    .subject = text.subject,
                                    .message_id = mail_message_id(cx, id, "alderfield.example"),
                                    .date_ms = ctx_now(cx),
                                    .text = text.text,
                                    .html = text.html,
                                    .flowed = true,
                                    .headers = text.headers,
                                    .header_count = text.header_count,
                                    .seed = 1 });
    b->message = (struct str){ out.p, out.len };
    renderer_free(r);
}

static void *floor_main(void *arg)
{
    struct bench *b = arg;
    struct arena *mine[2] = { arena_new(512 * 1024), arena_new(512 * 1024) };
    struct arena *life = arena_new(4096);
    struct smtp_mail mails[2];
    struct smtp_options o = { .host = "127.0.0.1", .port = b->port, .security = SMTP_OPEN };
    struct dkim_key *rsa, *ed;
    struct smtp_reply reply;
    struct smtp_result result;
    struct smtp *s;
    struct ctx cx;
    bool held = false;

    ctx_init(&cx, life, NULL);
    must(dkim_key_open(&cx, DKIM_RSA, b->rsa, &rsa), &cx, "key");
    must(dkim_key_open(&cx, DKIM_ED25519, b->ed, &ed), &cx, "key");
    must(smtp_open(&cx, &o, &s, &reply), &cx, "connect");
    const struct dkim_signer by[] = { { rsa, "alderfield.example", "furrow" },
                                      { ed, "alderfield.example", "furrow-ed" } };
    for (int turn = 0; atomic_fetch_sub(&b->left, 1) > 0; turn ^= 1) {
        struct buf head;
        arena_reset(mine[turn]);
        ctx_init(&cx, mine[turn], NULL);
        head = buf_in(mine[turn], 64 * 1024);
        must(dkim_sign(&cx, by, 2, b->message, 1795428000, &head), &cx, "sign");
        mails[turn] = (struct smtp_mail){ .from = "news@alderfield.example",
                                          .to = "p1@firm1.example",
                                          .head = { head.p, head.len },
                                          .body = b->message };
        if (held)
            smtp_send(s, &mails[turn ^ 1], &mails[turn], &result);
        if (held && result.outcome != SMTP_TAKEN)
            log_fatal("bench.floor", "cause=refused");
        held = true;
    }
    smtp_close(s);
    dkim_key_free(rsa);
    dkim_key_free(ed);
    arena_free(mine[0]);
    arena_free(mine[1]);
    arena_free(life);
    return NULL;
}

static double run_floor(struct bench *b, long mails)
{
    pthread_t threads[THREADS_MAX];
    u64 begun = clock_mono_ns();

    atomic_store(&b->left, mails);
    for (int i = 0; i < b->connections; i++)
        if (pthread_create(&threads[i], NULL, floor_main, b) != 0)
            log_fatal("bench.thread", "cause=none");
    for (int i = 0; i < b->connections; i++)
        pthread_join(threads[i], NULL);
    return seconds_since(begun);
}

/* In turn, a tenth each, so that what else the machine does hits both alike. */
static void run_turns(struct bench *b)
{
    double floor = 0, all = 0, floor_cpu = 0, all_cpu = 0, cpu;
    i64 sent = 0;

    for (int turn = 1; turn <= TURNS; turn++) {
        cpu = cpu_seconds();
        floor += run_floor(b, b->mails / TURNS);
        floor_cpu += cpu_seconds() - cpu;
        cpu = cpu_seconds();
        all += deliver_until(b, b->mails * turn / TURNS, &sent);
        all_cpu += cpu_seconds() - cpu;
        printf("  %lld sent, %.1f MB resident\n", (long long)sent, resident_mb());
        fflush(stdout);
    }
    double signed_only = (double)(b->mails / TURNS * TURNS);
    printf("message: %zu bytes before its signatures\n", b->message.len);
    printf("floor:   %.0f mails/s, %.2f ms of processor each (signs and sends the same bytes, %d "
           "connections)\n",
           signed_only / floor, floor_cpu * 1000 / signed_only, b->connections);
    printf("furrow:  %.0f mails/s, %.2f ms of processor each; %.2f of the floor\n",
           (double)sent / all, all_cpu * 1000 / (double)sent,
           (double)sent / all / (signed_only / floor));
}

int main(int argc, char **argv)
{
    struct bench b = { .port = argc > 1 ? atoi(argv[1]) : 0,
                       .mails = argc > 2 ? atol(argv[2]) : 0,
                       .connections = argc > 3 ? atoi(argv[3]) : 4 };

    if (b.port <= 0 || b.mails <= 0 || b.connections < 1 || b.connections > THREADS_MAX) {
        fprintf(stderr, "mail_bench PORT MAILS [CONNECTIONS]\n");
        return 64;
    }
    b.h =
        house_open(DB_SQLITE, &(struct house_options){ .public_url = "https://crm.alder.example" });
    must(kit_write(b.h->cx, prepare, &b), b.h->cx, "prepare");
    for (b.from = 0; b.from < b.mails; b.from += LOT) {
        struct arena *a = arena_new(1 << 20);
        struct ctx cx = *b.h->cx;
        cx.arena = a;
        must(kit_write(&cx, hand_over, &b), &cx, "hand over");
        arena_free(a);
    }
    printf("%ld mails wait, %.1f MB resident\n", b.mails, resident_mb());
    take_message(&b);
    run_turns(&b);
    house_close(b.h);
    return 0;
}
