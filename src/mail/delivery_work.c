/* delivery_work.c -- one connection to a mail server: takes on a batch, sends it, writes down what
 * came of it together with taking on the next. */
#include "base/id.h"
#include "base/log.h"
#include "base/utf8.h"
#include "bridge/consent.h"
#include "io/mime.h"
#include "mail/delivery_int.h"
#include "mail/sender.h"
#include "store/writer.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum {
    ROUND_ARENA_BYTES = 128 * 1024,
    MAIL_ARENA_BYTES = 512 * 1024,
    MAIL_BYTES = 24 * 1024 * 1024,
    REPLY_BYTES = 300,
    LOCAL_BYTES = 64,    /* before the @ of an address: RFC 5321 */
    WRITE_AGAIN_MS = 20, /* then later and later */
    WRITE_AGAIN_MOST_MS = 2000,
    STEP_TRIES = 10, /* of writing outcomes while the program stops */
    NS_PER_MS = 1000000
};

/* A batch in the memory it needs; two take turns, since the outcomes of one are written when the
 * other is taken on. */
struct round {
    struct arena *arena;
    struct batch b;
};

struct line;
/* One mail that is ready to go, in memory of its own. */
struct prepared {
    struct arena *arena;
    struct line *line;
    struct item *item;
    unsigned place;
    struct smtp_mail mail;
};

struct line {
    struct delivery *d;
    struct worker *w;
    struct db *db;
    struct renderer *renderer;
    /* the sender, as it was read */
    struct arena *arena;
    i64 version;
    struct row *sender;
    const char *from, *return_path, *domain;
    struct dkim_key *keys[2];
    struct dkim_signer signers[2];
    size_t signer_count;
    struct smtp *smtp;
    u64 sent; /* on this connection */
    struct prepared both[2];
    i64 retry_first_ms, retry_window_ms;
};

/* ---- the sender ---- */
static void forget_sender(struct line *l)
{
    smtp_close(l->smtp);
    l->smtp = NULL;
    for (size_t i = 0; i < countof(l->keys); i++) {
        dkim_key_free(l->keys[i]);
        l->keys[i] = NULL;
    }
    l->signer_count = 0;
    l->sender = NULL;
    arena_reset(l->arena);
}

static enum status add_key(struct ctx *cx, struct line *l, int field, enum dkim_algorithm a,
                           const char *selector)
{
    const char *text;
    struct dkim_key **key = &l->keys[l->signer_count];

    if (!row_has(l->sender, field))
        return OK;
    TRY(row_secret(cx, l->sender, field, &text));
    TRY(dkim_key_open(cx, a, text, key));
    l->signers[l->signer_count++] = (struct dkim_signer){ *key, l->domain, selector };
    return OK;
}

static enum status read_sender(struct line *l)
{
    struct ctx cx;
    i64 version = 0;
    bool utf8;

    delivery_ctx(l->d, &cx, l->arena, l->db);
    pthread_mutex_lock(&l->d->lock);
    for (size_t i = 0; i < l->d->sender_count; i++)
        if (l->d->senders[i].id == l->w->sender_id)
            version = l->d->senders[i].version;
    pthread_mutex_unlock(&l->d->lock);
    if (l->sender != NULL && version == l->version)
        return OK;
    forget_sender(l);
    delivery_ctx(l->d, &cx, l->arena, l->db);
    enum status s = record_get(&cx, &sender_type, l->w->sender_id, &l->sender);
    if (s == OK) {
        const char *selector = row_text(l->sender, SENDER_SELECTOR);
        l->version = row_version(l->sender);
        l->from = mime_address_ascii(l->arena, row_text(l->sender, SENDER_FROM), &utf8);
        l->return_path =
            row_has(l->sender, SENDER_RETURN)
                ? mime_address_ascii(l->arena, row_text(l->sender, SENDER_RETURN), &utf8)
                : l->from;
        if (l->from == NULL || l->return_path == NULL)
            s = ctx_fail(&cx, E_INVALID, "the sender's address has no domain that can be");
        else
            l->domain = row_has(l->sender, SENDER_DKIM_DOMAIN)
                            ? row_text(l->sender, SENDER_DKIM_DOMAIN)
                            : strrchr(l->from, '@') + 1;
        if (s == OK)
            s = add_key(&cx, l, SENDER_RSA, DKIM_RSA, selector);
        if (s == OK)
            s = add_key(&cx, l, SENDER_ED, DKIM_ED25519,
                        sender_second_selector(l->arena, selector));
    }
    if (s != OK) {
        delivery_trouble(l->d, l->w->sender_id, cx.error_text);
        forget_sender(l);
        return s;
    }
    l->retry_first_ms = setting_i64(&cx, "mail.retry_seconds") * MS_SECOND;
    if (l->retry_first_ms <= 0)
        l->retry_first_ms = 100;
    l->retry_window_ms = setting_i64(&cx, "mail.retry_days") * MS_DAY;
    return OK;
}

static enum status connect_line(struct line *l)
{
    scoped(arena_close) struct arena *a = arena_new(16 * 1024);
    struct smtp_reply reply;
    struct ctx cx;
    enum status s;

    if (l->smtp != NULL && !smtp_is_broken(l->smtp))
        return OK;
    smtp_close(l->smtp);
    l->smtp = NULL;
    l->sent = 0;
    delivery_ctx(l->d, &cx, a, l->db);
    struct smtp_options o = { 0 };
    s = sender_smtp(&cx, l->sender, &o);
    if (s == OK)
        s = smtp_open(&cx, &o, &l->smtp, &reply);
    if (s != OK)
        delivery_trouble(l->d, l->w->sender_id, cx.error_text);
    return s;
}

/* ---- outcomes ---- */
static void outcome(struct item *it, enum mail_state state, const char *reason)
{
    it->state = state;
    it->reason = reason;
    it->code = it->code != NULL ? it->code : "";
    it->reply = it->reply != NULL ? it->reply : "";
}

/* Goes again, or not at all any more. */
static void later(struct line *l, struct ctx *cx, struct item *it, const char *reason)
{
    i64 now = ctx_now(cx), first = it->first_try_at > 0 ? it->first_try_at : now;

    it->due_ms = now + plan_retry_ms(it->m.attempts + 1, l->retry_first_ms);
    it->tried = true;
    if (now - first > l->retry_window_ms || it->due_ms - first > l->retry_window_ms)
        outcome(it, MAIL_FAILED, "expired");
    else
        outcome(it, MAIL_DEFERRED, reason);
}

static void give_back(struct ctx *cx, struct item *it, i64 wait_ms)
{
    it->due_ms = ctx_now(cx) + wait_ms;
    outcome(it, MAIL_WAITING, "");
}

static void judge(struct line *l, struct ctx *cx, struct item *it, const struct smtp_result *r)
{
    bool about_mail = strncmp(r->reply.enhanced, "5.3.4", 5) == 0 || r->reply.code == 552 ||
                      strncmp(r->reply.enhanced, "5.6.7", 5) == 0;

    it->reply = arena_text(cx->arena, r->reply.text);
    it->code = r->reply.enhanced[0] != '\0' ? arena_text(cx->arena, r->reply.enhanced)
               : r->reply.code > 0          ? arena_printf(cx->arena, "%d", r->reply.code)
                                            : "";
    switch (r->outcome) {
    case SMTP_TAKEN:
        it->tried = true;
        outcome(it, MAIL_SENT, "");
        break;
    case SMTP_LATER:
        later(l, cx, it, "refused_for_now");
        break;
    case SMTP_CLOSED:
        later(l, cx, it, "connection");
        break;
    case SMTP_UNSURE:
        it->tried = true;
        outcome(it, MAIL_UNSURE, "connection");
        break;
    case SMTP_REFUSED:
        if (r->stage == SMTP_AT_MAIL && !about_mail) { /* it is us they do not want */
            delivery_trouble(l->d, l->w->sender_id,
                             arena_printf(cx->arena, "the mail server refuses the sender: %d %s",
                                          r->reply.code, r->reply.text));
            give_back(cx, it, 5 * MS_MINUTE);
            break;
        }
        it->tried = true;
        outcome(it, MAIL_BOUNCED,
                r->stage == SMTP_AT_MAIL ? "content"
                                         : mail_bounce_reason(r->reply.code, r->reply.enhanced));
        break;
    }
}

/* ---- one mail ---- */
static void ending(void *arg)
{
    struct prepared *p = arg;

    inflight_set(p->line->d->inflight, p->line->w->number, p->place, p->item->m.id,
                 INFLIGHT_ENDING);
}

/* As headers take it; what cannot stand there is as whom it goes to. */
static const char *shown_to(struct ctx *cx, const char *address, const char *to)
{
    bool utf8;
    const char *ascii = mime_address_ascii(cx->arena, address, &utf8);

    return ascii == NULL || utf8 ? to : ascii;
}

static enum status write_mail(struct line *l, struct ctx *cx, struct item *it,
                              const struct mail_text *text, const char *to, struct smtp_mail *out)
{
    struct buf body = buf_in(cx->arena, MAIL_BYTES), head = buf_in(cx->arena, 64 * 1024);
    struct mime_mail m = {
        .from_name = text->from_name ? text->from_name : row_text(l->sender, SENDER_FROM_NAME),
        .from = l->from,
        .to_name = it->m.to_name,
        .to = text->shown_to ? shown_to(cx, text->shown_to, to) : to,
        .reply_to = text->reply_to ? text->reply_to : row_text(l->sender, SENDER_REPLY_TO),
        .subject = text->subject,
        .message_id = mail_message_id(cx, it->m.id, l->domain),
        .in_reply_to = it->m.in_reply_to,
        .references = it->m.references,
        .date_ms = ctx_now(cx),
        .text = text->text,
        .html = text->html,
        .flowed = text->flowed,
        .files = text->files,
        .file_count = text->file_count,
        .headers = text->headers,
        .header_count = text->header_count,
        .seed = (u64)it->m.id
    };

    mime_write(&body, &m);
    TRY(buf_status(&body));
    out->body = (struct str){ body.p, body.len };
    if (l->signer_count > 0)
        TRY(dkim_sign(cx, l->signers, l->signer_count, out->body, ctx_now(cx) / MS_SECOND, &head));
    TRY(buf_status(&head));
    out->head = (struct str){ head.p, head.len };
    return OK;
}

/* Where a refusal comes back to: with the mail's number where the mailbox takes such addresses. */
static const char *return_path(struct line *l, struct ctx *cx, i64 id)
{
    const char *at = strrchr(l->return_path, '@');
    const char *token = mail_message_id(cx, id, ""); /* <ID.PROOF@> */
    size_t local = (size_t)(at - l->return_path), len = strlen(token) - 3;

    if (!row_bool(l->sender, SENDER_RETURN_PLUS) || local + 1 + len > LOCAL_BYTES)
        return l->return_path;
    return arena_printf(cx->arena, "%.*s+%.*s%s", (int)local, l->return_path, (int)len, token + 1,
                        at);
}

/* Whether and how it goes. False: its outcome is known without a server. Outcomes are kept in `a`,
 * the batch's memory. */
static bool prepare(struct line *l, struct arena *a, struct item *it, struct prepared *p)
{
    const char *why, *to;
    struct mail_text text;
    bool utf8 = false;
    struct ctx cx;

    arena_reset(p->arena);
    delivery_ctx(l->d, &cx, p->arena, l->db);
    enum status s = mail_gate(&cx, &it->m, &why);
    if (s == OK && why != NULL) {
        outcome(it, MAIL_SKIPPED, arena_text(a, why));
        return false;
    }
    to = mime_address_ascii(p->arena, it->m.to, &utf8);
    if (s == OK && (to == NULL || !mail_address_is(it->m.to))) {
        it->reply = "this is no mail address";
        outcome(it, MAIL_BOUNCED, "hard");
        return false;
    }
    if (s == OK)
        s = mail_render(&cx, l->renderer, &it->m,
                        &(struct mail_from){ row_text(l->sender, SENDER_FROM_NAME), l->from,
                                             l->d->o.public_url, true },
                        &text);
    if (s == OK)
        it->m.subject = arena_text(a, text.subject);
    p->mail = (struct smtp_mail){
        .from = return_path(l, &cx, it->m.id), .to = to, .utf8 = utf8, .ending = ending, .arg = p
    };
    if (s == OK)
        s = write_mail(l, &cx, it, &text, to, &p->mail);
    if (s == OK) {
        p->line = l;
        p->item = it;
        return true;
    }
    if (s == E_IO || s == E_BUSY || s == E_RETRY || s == E_FULL) { /* ours, and it passes */
        give_back(&cx, it, MS_MINUTE);
    } else {
        it->reply = arena_text(a, cx.error_text);
        outcome(it, MAIL_FAILED, "render");
    }
    return false;
}

/* Sends one. False: no connection any more, and none to be had. */
static bool deliver(struct line *l, struct ctx *cx, struct prepared *p, struct prepared *next)
{
    struct smtp_result r;
    enum inflight_phase phase;

    if (connect_line(l) != OK) {
        give_back(cx, p->item, 0);
        return false;
    }
    smtp_send(l->smtp, &p->mail, next != NULL ? &next->mail : NULL, &r);
    phase = r.outcome == SMTP_TAKEN    ? INFLIGHT_SENT
            : r.outcome == SMTP_UNSURE ? INFLIGHT_ENDING
                                       : INFLIGHT_REFUSED;
    inflight_set(l->d->inflight, l->w->number, p->place, p->item->m.id, phase);
    judge(l, cx, p->item, &r);
    l->sent += r.outcome == SMTP_TAKEN;
    if (r.outcome == SMTP_CLOSED && l->sent == 0) { /* it does not want us at the moment */
        delivery_trouble(l->d, l->w->sender_id, r.reply.text);
        return false;
    }
    return true;
}

/* The whole batch. What a stop or a lost server leaves is given back. */
static void send_batch(struct line *l, struct round *r)
{
    struct prepared *held = NULL;
    u64 began = clock_mono_ns(), sent = 0;
    struct ctx cx;

    delivery_ctx(l->d, &cx, r->arena, l->db);
    if (r->b.count == 0)
        return;
    bool goes = read_sender(l) == OK && connect_line(l) == OK;
    for (size_t i = 0; i < r->b.count && goes && !delivery_is_stopping(l->d); i++) {
        struct prepared *p = held == &l->both[0] ? &l->both[1] : &l->both[0];
        p->place = (unsigned)i;
        if (!prepare(l, r->arena, &r->b.items[i], p))
            continue;
        if (held != NULL)
            goes = deliver(l, &cx, held, p);
        held = p;
    }
    if (held != NULL && goes)
        (void)deliver(l, &cx, held, NULL);
    for (size_t i = 0; i < r->b.count; i++) {
        if (r->b.items[i].state == MAIL_SENDING)
            give_back(&cx, &r->b.items[i], 0);
        sent += r->b.items[i].state == MAIL_SENT;
    }
    delivery_went_well(l->d, l->w->sender_id, sent,
                       (double)(clock_mono_ns() - began) / NS_PER_MS / (double)r->b.count);
}

/* ---- writing down ---- */
static enum status write_try(struct ctx *cx, const struct item *it, const char *host)
{
    return db_run(cx, "mail.add_try", I64("id", kit_new_id(cx)), I64("message", it->m.id),
                  I64("at", ctx_now(cx)), I64("state", it->state), TEXT("code", it->code),
                  TEXT("reply", it->reply), TEXT("host", host));
}

static enum status write_outcome(struct ctx *cx, const struct item *of, const char *host)
{
    i64 now = ctx_now(cx);
    struct item own = *of, *it = &own; /* this may run again, with another arena */

    it->reply = utf8_cut(cx->arena, it->reply, REPLY_BYTES);
    switch (it->state) {
    case MAIL_SENT:
        TRY(db_run(cx, "mail.set_sent", I64("id", it->m.id), I64("now", now),
                   TEXT("subject", it->m.subject), TEXT("code", it->code),
                   TEXT("reply", it->reply)));
        if (it->m.attempts > 0)
            TRY(write_try(cx, it, host));
        return mail_told(cx, "mail.sent", "mail_sent", &it->m);
    case MAIL_DEFERRED:
        TRY(db_run(cx, "mail.set_later", I64("id", it->m.id), I64("now", now),
                   I64("due", it->due_ms), TEXT("reason", it->reason), TEXT("code", it->code),
                   TEXT("reply", it->reply)));
        return write_try(cx, it, host);
    case MAIL_UNSURE:
        TRY(db_run(cx, "mail.set_unsure", I64("id", it->m.id), I64("now", now),
                   TEXT("reason", it->reason), TEXT("reply", it->reply)));
        return write_try(cx, it, host);
    case MAIL_BOUNCED:
    case MAIL_FAILED:
    case MAIL_SKIPPED:
        TRY(db_run(cx, "mail.set_over", I64("id", it->m.id), I64("state", it->state),
                   I64("tried", it->tried), I64("now", now), TEXT("subject", it->m.subject),
                   TEXT("reason", it->reason), TEXT("code", it->code), TEXT("reply", it->reply)));
        if (it->state == MAIL_SKIPPED)
            return OK;
        TRY(write_try(cx, it, host));
        it->m.reason = it->reason;
        return it->state == MAIL_BOUNCED ? mail_told(cx, "mail.bounced", "mail_bounce", &it->m)
                                         : mail_told(cx, "mail.failed", "mail_failed", &it->m);
    default:
        return db_run(cx, "mail.give_back", I64("id", it->m.id), I64("due", it->due_ms));
    }
}

struct step {
    struct line *line;
    struct round *done, *next; /* either may be NULL */
    const char *host;
};

static enum status take_on(struct ctx *cx, struct line *l, struct round *next)
{
    struct arena *a = next->arena;

    next->b.count = 0; /* this may run again */
    for (size_t i = 0; i < next->b.id_count; i++) {
        scoped(stmt_close) struct stmt q =
            db_query(cx, "mail.take", I64("id", next->b.ids[i]), I64("node", l->d->o.node),
                     I64("now", ctx_now(cx)));
        struct item *it = &next->b.items[next->b.count];
        if (stmt_next(&q)) {
            *it = (struct item){ .state = MAIL_SENDING, .first_try_at = col_i64(&q, 24) };
            mail_message_read(a, &q, &it->m);
            next->b.count++;
        }
        TRY(stmt_status(&q));
    }
    return OK;
}

static enum status write_step(struct ctx *cx, void *arg)
{
    struct step *s = arg;

    for (size_t i = 0; s->done != NULL && i < s->done->b.count; i++)
        TRY(write_outcome(cx, &s->done->b.items[i], s->host));
    return s->next != NULL ? take_on(cx, s->line, s->next) : OK;
}

struct addresses {
    struct batch *b;
};

/* Who does not exist is not written to again: before the outcome, so that a stop in between costs
 * no more than another refusal. */
static enum status suppress(struct ctx *cx, void *arg)
{
    struct batch *b = ((struct addresses *)arg)->b;

    for (size_t i = 0; i < b->count; i++)
        if (b->items[i].state == MAIL_BOUNCED && text_is(b->items[i].reason, "hard"))
            if (suppression_add(
                    cx, b->items[i].m.to, "hard_bounce",
                    arena_printf(cx->arena, "%s %s", b->items[i].code, b->items[i].reply), 0) != OK)
                ctx_clear_error(cx); /* an address that is none cannot be listed, nor be sent to */
    return OK;
}

static bool has_hard(const struct batch *b)
{
    bool has = false;

    for (size_t i = 0; i < b->count; i++)
        has |= b->items[i].state == MAIL_BOUNCED && text_is(b->items[i].reason, "hard");
    return has;
}

/* Outcomes must be written: there is no going on without. While the program stops it is tried some
 * times; what is not written then is known from the file at the next start. */
static bool run_step(struct line *l, struct step *s)
{
    i64 wait = WRITE_AGAIN_MS;

    for (int i = 0; i < STEP_TRIES || !delivery_is_stopping(l->d); i++) {
        scoped(arena_close) struct arena *a = arena_new(256 * 1024);
        struct ctx cx;
        enum status st = OK;
        delivery_ctx(l->d, &cx, a, l->db);
        if (s->done != NULL && has_hard(&s->done->b)) {
            st = writer_run(l->d->o.writer, &cx, suppress, &(struct addresses){ &s->done->b });
            cx.db = l->db;
        }
        if (st == OK)
            st = writer_run_relaxed(l->d->o.writer, &cx, write_step, s);
        if (st == OK)
            return true;
        log_line(LOG_ERROR, "mail.write", "cause=%s", cx.error_text);
        nanosleep(&(struct timespec){ wait / 1000, wait % 1000 * NS_PER_MS }, NULL);
        wait = wait * 2 < WRITE_AGAIN_MOST_MS ? wait * 2 : WRITE_AGAIN_MOST_MS;
    }
    return false;
}

static void mark_taken(struct line *l, const struct round *r)
{
    for (size_t i = 0; i < r->b.count; i++)
        inflight_set(l->d->inflight, l->w->number, (unsigned)i, r->b.items[i].m.id, INFLIGHT_TAKEN);
}

static void work(struct line *l, struct round *rounds)
{
    struct round *done = NULL, *next;
    char host[256];

    for (;;) {
        next = done == &rounds[0] ? &rounds[1] : &rounds[0];
        arena_reset(next->arena);
        bool more = delivery_choose(l->d, l->w, &next->b, done == NULL);
        if (!more && done == NULL)
            break;
        snprintf(host, sizeof host, "%s",
                 l->sender != NULL ? row_text(l->sender, SENDER_HOST) : "");
        struct step s = { l, done, more ? next : NULL, host };
        if (!run_step(l, &s))
            break;
        if (more)
            mark_taken(l, next);
        inflight_clear(l->d->inflight, l->w->number, more ? next->b.count : 0);
        if (more)
            send_batch(l, next);
        if (done != NULL)
            delivery_release(l->d, &done->b);
        if (more && next->b.count == 0) {
            delivery_release(l->d, &next->b);
            more = false;
        }
        done = more ? next : NULL;
    }
}

void *delivery_work(void *arg)
{
    struct worker *w = arg;
    struct delivery *d = w->d;
    struct line l = { .d = d, .w = w, .arena = arena_new(64 * 1024), .renderer = renderer_new() };
    struct round rounds[2] = { { .arena = arena_new(ROUND_ARENA_BYTES) },
                               { .arena = arena_new(ROUND_ARENA_BYTES) } };

    l.both[0].arena = arena_new(MAIL_ARENA_BYTES);
    l.both[1].arena = arena_new(MAIL_ARENA_BYTES);
    scoped(arena_close) struct arena *a = arena_new(4096);
    struct ctx cx;
    delivery_ctx(d, &cx, a, NULL);
    if (db_open(&cx, d->o.store, DB_READ, &l.db) == OK)
        work(&l, rounds);
    else
        log_line(LOG_WARN, "mail.database", "cause=%s", cx.error_text);
    forget_sender(&l);
    renderer_free(l.renderer);
    db_close(l.db);
    arena_free(l.arena);
    arena_free(rounds[0].arena);
    arena_free(rounds[1].arena);
    arena_free(l.both[0].arena);
    arena_free(l.both[1].arena);
    pthread_mutex_lock(&d->lock);
    for (size_t i = 0; i < d->sender_count; i++)
        if (d->senders[i].id == w->sender_id)
            d->senders[i].workers--;
    w->over = true;
    pthread_mutex_unlock(&d->lock);
    return NULL;
}
