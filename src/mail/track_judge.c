/* track_judge.c -- people and machines told apart. Many mails are looked through by programs before
 * anybody sees them: they load every picture and follow every link, within a second of delivery and
 * all at once. So a hit waits a few seconds, and is judged with what came beside it. The reasons
 * stay with the event, and with the hit for a month. A judgement stands: events only accumulate. */
#include "base/id.h"
#include "bridge/contact.h"
#include "bridge/identity.h"
#include "journey/journey.h"
#include "kit/question.h"
#include "mail/message_int.h"
#include "mail/token.h"
#include "mail/track_int.h"
#include "store/queue.h"
#include <stdlib.h>

enum {
    OPEN_SOON_MS = 2 * MS_SECOND, /* nobody opens so soon after the relay took the mail */
    CLICK_SOON_MS = 5 * MS_SECOND,
    PAIR_MS = 500, /* two links in so short a time ... */
    BURST_MS = 2 * MS_SECOND,
    BURST_LINKS = 3,             /* ... or so many in this */
    TRAP_MS = 10 * MS_SECOND,    /* who else came around the time of a trap */
    COMPANY_MS = 60 * MS_SECOND, /* what the machine's network did besides */
    LOOK_BACK_MS = 10 * MS_MINUTE,
    HITS_MAX = 500, /* of one mail looked at together */
    MAILS_A_BATCH = 100,
    BATCHES = 50, /* in one run of the job */
    PURGED = 10 * 1000,
};

/* ---- what a request shows by itself ---- */
/* Programs that look through mails, and what programs in general call themselves. */
static const char *const programs[] = {
    "barracuda",
    "mimecast",
    "proofpoint",
    "fireeye",
    "symantec",
    "sophos",
    "forcepoint",
    "ironport",
    "trendmicro",
    "kaspersky",
    "bitdefender",
    "safelinks",
    "urldefense",
    "mailguard",
    "antivirus",
    "microsoft office",
    "ms-office",
    "outlook-ios-preview",
    "skypeuripreview",
    "slackbot",
    "whatsapp",
    "telegrambot",
    "twitterbot",
    "linkedinbot",
    "facebookexternalhit",
    "google-safety",
    "googlebot",
    "bingbot",
    "yandex",
    "baidu",
    "bot/",
    "bot;",
    "crawl",
    "spider",
    "scan",
    "headless",
    "phantomjs",
    "selenium",
    "puppeteer",
    "playwright",
    "curl/",
    "wget/",
    "python",
    "java/",
    "go-http",
    "okhttp",
    "libwww",
    "httpclient",
    "axios",
    "node-fetch",
    "undici",
    "ruby",
    "perl",
    "php/",
    "monitor",
    "preview",
    "validator",
};

static bool is_program(struct str client)
{
    if (client.len == 0)
        return true;
    for (size_t i = 0; i < countof(programs); i++)
        if (str_contains_fold(client, programs[i]))
            return true;
    return false;
}

u32 hit_marks(bool head, const char *client, const char *purpose, enum hit_kind kind)
{
    struct str c = str_trim(str_from(client ? client : ""));
    u32 marks = head ? MARK_HEAD : 0;

    if (str_contains_fold(str_from(purpose), "prefetch") ||
        str_contains_fold(str_from(purpose), "preview"))
        marks |= MARK_PREFETCH;
    if (kind == HIT_OPEN && str_is(c, "Mozilla/5.0"))
        marks |= MARK_APPLE;
    if (is_program(c))
        marks |= MARK_PROGRAM;
    return marks;
}

bool track_is_machine(bool head, const char *client, const char *purpose)
{
    return hit_marks(head, client, purpose ? purpose : "", HIT_CLICK) != 0;
}

/* ---- what it shows beside others ---- */
static i64 apart(const struct hit *a, const struct hit *b) { return llabs(a->at_ms - b->at_ms); }

static bool same_network(const struct hit *a, const struct hit *b)
{
    return a->network[0] != '\0' && text_is(a->network, b->network);
}

/* How many different links were followed within so long a window that this hit lies in. */
static int links_around(const struct hit *h, const struct hit *all, size_t count, i64 window_ms)
{
    int most = 0;

    for (size_t first = 0; first < count; first++) {
        int links[BURST_LINKS], n = 0;
        bool has = false;
        if (all[first].kind == HIT_OPEN || apart(&all[first], h) > window_ms)
            continue;
        for (size_t i = first; i < count && all[i].at_ms - all[first].at_ms <= window_ms; i++) {
            bool known = all[i].kind == HIT_OPEN;
            has |= all[i].id == h->id;
            for (int k = 0; k < n; k++)
                known |= links[k] == all[i].link;
            if (!known && n < BURST_LINKS)
                links[n++] = all[i].link;
        }
        if (has && n > most)
            most = n;
    }
    return most;
}

static bool many_links(const struct hit *h, const struct hit *all, size_t count)
{
    return h->kind == HIT_CLICK && (links_around(h, all, count, PAIR_MS) >= 2 ||
                                    links_around(h, all, count, BURST_MS) >= BURST_LINKS);
}

static bool trapped(const struct hit *h, const struct hit *all, size_t count)
{
    for (size_t i = 0; i < count; i++)
        if (all[i].kind == HIT_TRAP && (same_network(h, &all[i]) || apart(h, &all[i]) <= TRAP_MS))
            return true;
    return false;
}

/* The same network followed all links a moment ago: its opens are the machine's too. */
static bool in_company(const struct hit *h, const struct hit *all, size_t count)
{
    for (size_t i = 0; i < count; i++)
        if (all[i].id != h->id && same_network(h, &all[i]) && apart(h, &all[i]) <= COMPANY_MS &&
            many_links(&all[i], all, count))
            return true;
    return false;
}

static void add_reason(struct buf *b, const char *word)
{
    buf_printf(b, "%s%s", b->len ? "," : "", word);
}

const char *hit_reasons(struct ctx *cx, const struct hit *h, const struct hit *all, size_t count,
                        i64 sent_ms)
{
    struct buf b = buf_in(cx->arena, 200);
    i64 soon = h->kind == HIT_OPEN ? OPEN_SOON_MS : CLICK_SOON_MS;

    if (h->kind == HIT_TRAP)
        add_reason(&b, "trap");
    if (h->marks & MARK_HEAD)
        add_reason(&b, "head");
    if (h->marks & MARK_PROGRAM)
        add_reason(&b, "program");
    if (h->marks & MARK_PREFETCH)
        add_reason(&b, "prefetch");
    if (h->marks & MARK_APPLE)
        add_reason(&b, "apple_privacy");
    if (sent_ms == 0 || h->at_ms - sent_ms < soon)
        add_reason(&b, "too_soon");
    if (many_links(h, all, count))
        add_reason(&b, "many_links");
    if (h->kind != HIT_TRAP && trapped(h, all, count))
        add_reason(&b, "with_trap");
    if (in_company(h, all, count))
        add_reason(&b, "with_machine");
    return buf_end(&b);
}

/* ---- reading ---- */
static void read_hit(struct ctx *cx, struct stmt *q, struct hit *h)
{
    struct arena *a = cx->arena;

    *h = (struct hit){ .id = col_i64(q, 0),
                       .at_ms = col_i64(q, 1),
                       .message_id = col_i64(q, 2),
                       .kind = (enum hit_kind)col_i64(q, 3),
                       .link = (int)col_i64(q, 4),
                       .marks = (u32)col_i64(q, 5),
                       .url = arena_text(a, col_text(q, 6)),
                       .client = arena_text(a, col_text(q, 7)),
                       .network = arena_text(a, col_text(q, 8)),
                       .human = (int)col_i64(q, 9),
                       .by_id = (u64)col_i64(q, 10),
                       .of_day = (u64)col_i64(q, 11) };
}

/* The hits of a mail from a while before the oldest that waits. */
static enum status read_hits(struct ctx *cx, i64 message_id, struct hit *hits, size_t *count)
{
    i64 oldest;
    enum status s = db_get_i64(cx, &oldest, "track.oldest", I64("message", message_id));

    *count = 0;
    if (s == E_NOT_FOUND)
        return OK;
    TRY(s);
    scoped(stmt_close) struct stmt q =
        db_query(cx, "track.hits", I64("message", message_id), I64("since", oldest - LOOK_BACK_MS),
                 I64("limit", HITS_MAX));
    while (stmt_next(&q) && *count < HITS_MAX)
        read_hit(cx, &q, &hits[(*count)++]);
    return stmt_status(&q);
}

/* ---- what follows ---- */
struct seen {
    bool opened, clicked;
};

static enum status read_seen(struct ctx *cx, i64 message_id, struct seen *out)
{
    scoped(stmt_close) struct stmt q = db_query(cx, "track.seen", I64("message", message_id));

    *out = (struct seen){ 0 };
    if (stmt_next(&q))
        *out = (struct seen){ col_i64(&q, 0) != 0, col_i64(&q, 1) != 0 };
    return stmt_status(&q);
}

struct seen_add {
    i64 opened_at, opens, clicked_at, clicks, unsubscribed_at, machine_opens, machine_clicks;
};
static enum status put_seen(struct ctx *cx, const struct mail_message *m, struct seen_add a)
{
    return db_run(cx, "track.put_seen", I64("message", m->id), MAYBE("contact", m->contact_id),
                  TEXT("source", m->source), I64("source_id", m->source_id),
                  I64("variant", m->variant), MAYBE("opened", a.opened_at), I64("opens", a.opens),
                  MAYBE("clicked", a.clicked_at), I64("clicks", a.clicks),
                  MAYBE("unsubscribed", a.unsubscribed_at), I64("machine_opens", a.machine_opens),
                  I64("machine_clicks", a.machine_clicks));
}

enum status track_unsubscribed(struct ctx *cx, const struct mail_message *m)
{
    return put_seen(cx, m, (struct seen_add){ .unsubscribed_at = ctx_now(cx) });
}

static struct val *props_of(struct ctx *cx, const struct mail_message *m, const struct hit *h,
                            const char *reasons, bool repeat)
{
    struct val *props = val_map(cx->arena);

    val_put_text(props, "message_id", id_text(cx->arena, m->id));
    val_put_text(props, "source", m->source);
    if (m->source_id)
        val_put_text(props, "source_id", id_text(cx->arena, m->source_id));
    if (m->variant)
        val_put_i64(props, "variant", m->variant);
    if (!text_empty(m->subject))
        val_put_text(props, "subject", m->subject);
    if (h->kind == HIT_CLICK) {
        val_put_text(props, "url", h->url);
        val_put_i64(props, "link", h->link);
    }
    if (reasons[0])
        val_put_text(props, "machine", reasons);
    if (repeat)
        val_put_bool(props, "repeat", true);
    return props;
}

/* The event, and for a person the happening. A click proves that the mail was opened. */
static enum status tell(struct ctx *cx, const struct mail_message *m, const struct hit *h,
                        bool as_open, const char *reasons, bool repeat)
{
    struct hit of = *h;
    bool human = reasons[0] == '\0';

    of.kind = as_open ? HIT_OPEN : HIT_CLICK;
    struct val *props = props_of(cx, m, &of, reasons, repeat);
    TRY(journey_note(cx, &(struct journey_note){ .kind = as_open ? "mail_open" : "mail_click",
                                                 .contact_id = m->contact_id,
                                                 .at_ms = h->at_ms,
                                                 .record_id = m->source_id,
                                                 .props = props,
                                                 .touch = track_touch(cx, m),
                                                 .flags = (u16)((human ? EVENT_INTERACTIVE : 0) |
                                                                (repeat ? EVENT_REPEAT : 0)),
                                                 .bot = !human }));
    if (!human)
        return OK;
    return happen(cx, &(struct happening){ .name = as_open ? "mail.opened" : "mail.clicked",
                                           .contact_id = m->contact_id,
                                           .props = props });
}

/* The visitors that followed a person's click are the contact from now on. */
static enum status join(struct ctx *cx, i64 contact_id, u64 by_id, u64 of_day)
{
    scoped(access_leave) struct access_guard guard = access_enter_system(cx);
    struct row *contact;
    enum status s;

    if (contact_id == 0 || (by_id == 0 && of_day == 0))
        return OK;
    s = record_get(cx, &contact_type, contact_id, &contact);
    if (s == E_NOT_FOUND) {
        ctx_clear_error(cx);
        return OK;
    }
    TRY(s);
    TRY(identity_join(cx, contact, of_day));
    TRY(identity_join(cx, contact, by_id));
    return record_save(cx, contact);
}

static enum status count_link(struct ctx *cx, const struct mail_message *m, const struct hit *h)
{
    i64 before;

    TRY(db_get_i64(cx, &before, "track.clicked_before", I64("message", m->id), I64("link", h->link),
                   I64("id", h->id)));
    return db_run(cx, "track.count_link", TEXT("source", m->source), I64("source_id", m->source_id),
                  I64("variant", m->variant), I64("link", h->link), TEXT("url", h->url),
                  I64("people", before ? 0 : 1));
}

static enum status follow_person(struct ctx *cx, const struct mail_message *m, const struct hit *h,
                                 struct seen *seen)
{
    bool click = h->kind == HIT_CLICK;
    struct seen_add add = { .opens = !click, .clicks = click };

    if (click)
        TRY(count_link(cx, m, h));
    if (click)
        TRY(tell(cx, m, h, false, "", seen->clicked));
    if (!click || !seen->opened)
        TRY(tell(cx, m, h, true, "", seen->opened));
    add.opened_at = h->at_ms;
    add.clicked_at = click ? h->at_ms : 0;
    seen->opened = true;
    seen->clicked |= click;
    TRY(put_seen(cx, m, add));
    return click ? join(cx, m->contact_id, h->by_id, h->of_day) : OK;
}

static enum status follow(struct ctx *cx, const struct mail_message *m, const struct hit *h,
                          const char *reasons, struct seen *seen)
{
    if (reasons[0] == '\0')
        return follow_person(cx, m, h, seen);
    if (h->kind != HIT_TRAP)
        TRY(tell(cx, m, h, h->kind == HIT_OPEN, reasons, false));
    return put_seen(cx, m,
                    (struct seen_add){ .machine_opens = h->kind == HIT_OPEN,
                                       .machine_clicks = h->kind != HIT_OPEN });
}

/* All hits of one mail that have waited long enough. */
static enum status judge_mail(struct ctx *cx, i64 message_id, i64 until_ms)
{
    struct hit *hits = NEW_N(cx->arena, struct hit, HITS_MAX);
    struct mail_message m = { 0 };
    struct seen seen;
    size_t count;
    enum status s = mail_get(cx, message_id, &m);
    bool gone = s == E_NOT_FOUND;

    if (gone)
        ctx_clear_error(cx);
    else
        TRY(s);
    TRY(read_hits(cx, message_id, hits, &count));
    TRY(read_seen(cx, message_id, &seen));
    for (size_t i = 0; i < count; i++) {
        struct hit *h = &hits[i];
        if (h->human >= 0 || h->at_ms > until_ms)
            continue;
        const char *reasons = gone ? "gone" : hit_reasons(cx, h, hits, count, m.sent_at);
        h->human = reasons[0] == '\0';
        TRY(db_run(cx, "track.set_judged", I64("id", h->id), I64("human", h->human),
                   TEXT("reasons", reasons)));
        if (!gone)
            TRY(follow(cx, &m, h, reasons, &seen));
    }
    return OK;
}

struct batch {
    i64 until_ms;
    size_t count;
};
static enum status judge_batch(struct ctx *cx, void *arg)
{
    struct batch *b = arg;
    i64 ids[MAILS_A_BATCH];

    b->count = 0;
    {
        scoped(stmt_close) struct stmt q =
            db_query(cx, "track.to_judge", I64("until", b->until_ms), I64("limit", MAILS_A_BATCH));
        while (stmt_next(&q) && b->count < MAILS_A_BATCH)
            ids[b->count++] = col_i64(&q, 0);
        TRY(stmt_status(&q));
    }
    for (size_t i = 0; i < b->count; i++)
        TRY(judge_mail(cx, ids[i], b->until_ms));
    return OK;
}

static enum status again(struct ctx *cx, void *arg)
{
    (void)arg;
    return queue_add(cx, "mail.judge", "judge", "{}", ctx_now(cx), NULL);
}

static enum status judge_job(struct job_run *job)
{
    struct batch b = { .until_ms = ctx_now(job->cx) - HIT_WAIT_MS };

    for (int i = 0; i < BATCHES; i++) {
        TRY(kit_write(job->cx, judge_batch, &b));
        if (b.count == 0)
            return OK;
    }
    return kit_write(job->cx, again, NULL);
}

static enum status purge_job(struct job_run *job)
{
    return db_run(job->cx, "track.purge", I64("before", ctx_now(job->cx) - (i64)HIT_DAYS * MS_DAY),
                  I64("limit", PURGED));
}

enum status track_arrived(struct ctx *cx, const char *token, u64 by_id, u64 of_day)
{
    struct hit h = { 0 };
    struct mail_message m;
    i64 id;
    enum status s;

    if (!token_read(cx, TOKEN_VISIT, token, "", &id, 1))
        return OK;
    {
        scoped(stmt_close) struct stmt q = db_query(cx, "track.hit", I64("id", id));
        if (stmt_next(&q))
            read_hit(cx, &q, &h);
        TRY(stmt_status(&q));
    }
    if (h.id == 0 || h.by_id || h.of_day || h.human == 0)
        return OK; /* gone; or somebody arrived already, and this is the address passed on */
    TRY(db_run(cx, "track.set_arrived", I64("id", id), I64("visitor", (i64)by_id),
               I64("day", (i64)of_day)));
    if (h.human < 0)
        return OK;
    s = mail_get(cx, h.message_id, &m);
    if (s == E_NOT_FOUND)
        return ctx_clear_error(cx), OK;
    TRY(s);
    return join(cx, m.contact_id, by_id, of_day);
}

static const struct event_kind kinds[] = {
    { "mail_open", "Mail opened", "mail-opened", 0, NULL },
    { "mail_click", "Clicked in a mail", "pointer", 0, NULL },
};
static const struct job_type jobs[] = {
    { "mail.judge", "Tell people from machines in mails", judge_job, .every_ms = MS_MINUTE },
    { "mail.hits", "Forget old hits of mails", purge_job, .every_ms = MS_HOUR, .writes = true },
};
const struct feature feature_track_judge = { .name = "track_judge",
                                             EVENT_KINDS(kinds),
                                             JOBS(jobs) };
