/* notice_mail.c -- what colleagues are told (kit/notice.h) also by mail, as each chose for its
 * kind: soon, with the day's digest, or never.
 *
 * Soon    a minute later: what follows goes into the same mail, and whoever has read it in the
 *         program by then gets none.
 * Digest  at each user's own hour in their own zone: a job a user that waits for that moment, and
 *         only while something waits.
 * Who is away gets nothing until they are back: it is in the first digest then. Of a record that
 * somebody may not see any more nothing is said; that is asked when the mail is made. */
#include "base/id.h"
#include "base/utf8.h"
#include "kit/notice.h"
#include "kit/session.h"
#include "kit/show.h"
#include "kit/zones.h"
#include "mail/mail.h"
#include "mail/sender.h"
#include "store/queue.h"

enum { SOON_MS = 60 * 1000, NEWS_MOST = 300, SUBJECT_BYTES = 120, TEXT_MOST = 256 * 1024 };

/* ---- when ---- */
struct reader {
    i64 id;
    const char *email, *name, *choices;
    const struct zone *zone;
    int hour;
};

/* E_NOT_FOUND, without text: has left. */
static enum status find_reader(struct ctx *cx, i64 id, struct reader *out)
{
    scoped(stmt_close) struct stmt q = db_query(cx, "notice_mail.user", I64("user", id));

    if (!stmt_next(&q)) {
        TRY(stmt_status(&q));
        return E_NOT_FOUND;
    }
    *out = (struct reader){ .id = id,
                            .email = arena_text(cx->arena, col_text(&q, 0)),
                            .name = arena_text(cx->arena, col_text(&q, 1)),
                            .choices = arena_text(cx->arena, col_text(&q, 4)),
                            .zone = zone_or_own(cx, arena_text(cx->arena, col_text(&q, 2))),
                            .hour = (int)col_i64(&q, 3) };
    if (out->hour < 0 || out->hour > 23)
        out->hour = 8;
    return OK;
}

/* The reader's hour on the day that is `days` after today. */
static i64 digest_at(struct ctx *cx, const struct reader *r, int days)
{
    return zone_instant(r->zone, zone_day(r->zone, ctx_now(cx)) + days, r->hour * 60);
}

static i64 next_digest(struct ctx *cx, const struct reader *r)
{
    i64 today = digest_at(cx, r, 0);
    return today > ctx_now(cx) ? today : digest_at(cx, r, 1);
}

static i64 last_digest(struct ctx *cx, const struct reader *r)
{
    i64 today = digest_at(cx, r, 0);
    return today <= ctx_now(cx) ? today : digest_at(cx, r, -1);
}

static enum status plan(struct ctx *cx, const char *job, i64 user, i64 at)
{
    const char *id = id_text(cx->arena, user);

    return queue_add_by(cx, job, id, arena_printf(cx->arena, "{\"user\":\"%s\"}", id), at);
}

/* "notice.made" {id, user, kind} */
static enum status hear_notice(struct ctx *cx, const struct happening *h)
{
    struct reader r;
    enum status s = find_reader(cx, val_get_i64(h->props, "user", 0), &r);
    enum notice_mail mail;

    if (s == E_NOT_FOUND)
        return OK;
    TRY(s);
    mail = notice_choice(r.choices, notice_kind_of(val_get_text(h->props, "kind")));
    if (mail == NOTICE_NEVER)
        return OK;
    TRY(db_run(cx, "notice_mail.wait", I64("id", val_get_i64(h->props, "id", 0)),
               I64("mail", mail == NOTICE_SOON ? 1 : 2)));
    return mail == NOTICE_SOON ? plan(cx, "notice.soon", r.id, ctx_now(cx) + SOON_MS)
                               : plan(cx, "notice.daily", r.id, next_digest(cx, &r));
}

/* Somebody chose another hour or zone. */
static enum status hear_user(struct ctx *cx, const struct happening *h)
{
    struct reader r;
    i64 oldest;
    enum status s = h->row != NULL ? find_reader(cx, row_id(h->row), &r) : E_NOT_FOUND;

    if (s == E_NOT_FOUND)
        return OK;
    TRY(s);
    TRY(db_get_i64(cx, &oldest, "notice_mail.oldest", I64("user", r.id)));
    return oldest != 0 ? plan(cx, "notice.daily", r.id, next_digest(cx, &r)) : OK;
}

/* ---- what ---- */
struct piece {
    i64 at, record_id;
    const char *text, *path, *type;
};

static enum status load(struct ctx *cx, i64 user, bool daily, struct piece *list, size_t *count)
{
    scoped(stmt_close) struct stmt q =
        db_query(cx, "notice_mail.pending", I64("user", user), I64("daily", daily));

    *count = 0;
    while (*count < NEWS_MOST && stmt_next(&q))
        list[(*count)++] = (struct piece){ .at = col_i64(&q, 1),
                                           .text = arena_text(cx->arena, col_text(&q, 2)),
                                           .path = arena_text(cx->arena, col_text(&q, 3)),
                                           .type = arena_text(cx->arena, col_text(&q, 4)),
                                           .record_id = col_i64(&q, 5) };
    return stmt_status(&q);
}

/* The record's name as this reader may read it; "": they may not, or it is gone. */
static enum status title_of(struct ctx *cx, const struct access *who, const struct piece *p,
                            const char **title)
{
    struct access_guard guard = { cx, cx->access };
    const struct record_type *t = type_find(cx, p->type);
    struct row *row;
    enum status s;

    *title = "";
    if (t == NULL)
        return OK;
    cx->access = who;
    s = record_get(cx, t, p->record_id, &row);
    if (s == OK)
        *title = row_title(cx, row);
    access_leave(&guard);
    if (s == E_NOT_FOUND || s == E_FORBIDDEN) {
        ctx_clear_error(cx);
        return OK;
    }
    return s;
}

struct letter {
    struct buf text;
    size_t news, records;
    const char *first; /* what the first piece says */
    const char *site;
};

static void put_piece(struct ctx *cx, struct letter *l, const struct reader *r,
                      const struct piece *p)
{
    buf_printf(&l->text, "- %s  %s\n", zone_format(cx->arena, r->zone, p->at, "d MMM HH:mm"),
               p->text);
    if (l->news++ == 0)
        l->first = p->text;
}

/* Of each record its name and address, then what is new of it; what is of none stands alone. */
static enum status write_letter(struct ctx *cx, const struct reader *r, const struct access *who,
                                const struct piece *list, size_t count, struct letter *l)
{
    const char *title = "";

    for (size_t i = 0; i < count; i++) {
        bool next = i == 0 || list[i].record_id != list[i - 1].record_id;
        if (list[i].record_id == 0) {
            put_piece(cx, l, r, &list[i]);
            if (l->site[0] != '\0' && list[i].path[0] == '/')
                buf_printf(&l->text, "  %s%s\n", l->site, list[i].path);
            continue;
        }
        if (next) {
            TRY(title_of(cx, who, &list[i], &title));
            if (title[0] != '\0') {
                buf_printf(&l->text, "%s%s\n", l->news ? "\n" : "", title);
                if (l->site[0] != '\0' && list[i].path[0] == '/')
                    buf_printf(&l->text, "%s%s\n", l->site, list[i].path);
                l->records++;
            }
        }
        if (title[0] != '\0')
            put_piece(cx, l, r, &list[i]);
    }
    return OK;
}

static const char *subject_of(struct ctx *cx, const struct letter *l, bool daily)
{
    const char *name = setting_text(cx, "workspace.name");

    if (l->news == 1)
        return utf8_cut(cx->arena, l->first, SUBJECT_BYTES);
    if (!daily)
        return arena_printf(cx->arena, "%zu news from %s", l->news, name);
    return l->records > 1 ? arena_printf(cx->arena, "Your day at %s: %zu news of %zu records", name,
                                         l->news, l->records)
                          : arena_printf(cx->arena, "Your day at %s: %zu news", name, l->news);
}

static enum status send(struct ctx *cx, const struct reader *r, struct letter *l, bool daily)
{
    enum status s;
    i64 sender;

    buf_printf(&l->text, "\nWhat comes by mail, and when, you choose%s%s%s\n",
               l->site[0] ? ": " : " in your settings.", l->site,
               l->site[0] ? "/settings/notifications" : "");
    s = sender_default(cx, &sender);
    if (s == E_NOT_FOUND || s == E_INVALID) { /* no mail can be sent: it stays behind the bell */
        ctx_clear_error(cx);
        return OK;
    }
    TRY(s);
    return mail_send(cx,
                     &(struct mail){ .lane = daily ? MAIL_LANE_PERSON : MAIL_LANE_NOW,
                                     .sender_id = sender,
                                     .to = r->email,
                                     .to_name = r->name,
                                     .subject = subject_of(cx, l, daily),
                                     .text = buf_end(&l->text),
                                     .source = "notice",
                                     .source_id = r->id,
                                     .automatic = true },
                     NULL);
}

static enum status send_news(struct ctx *cx, const struct reader *r, bool daily)
{
    struct piece *list = NEW_N(cx->arena, struct piece, NEWS_MOST);
    struct letter l = { .text = buf_in(cx->arena, TEXT_MOST),
                        .first = "",
                        .site = kit_public_url(cx) };
    const struct access *who;
    size_t count;

    TRY(access_of_user(cx, r->id, &who));
    TRY(load(cx, r->id, daily, list, &count));
    TRY(write_letter(cx, r, who, list, count, &l));
    if (l.news > 0)
        TRY(send(cx, r, &l, daily));
    return db_run(cx, "notice_mail.done", I64("user", r->id), I64("daily", daily));
}

/* ---- jobs ---- */
static enum status is_away(struct ctx *cx, const struct reader *r, bool *away)
{
    i64 count;

    TRY(db_get_i64(cx, &count, "notice_mail.away", I64("user", r->id),
                   I64("today", zone_day(r->zone, ctx_now(cx)))));
    *away = count > 0;
    return OK;
}

static enum status reader_of(struct job_run *job, struct reader *r)
{
    i64 id;

    if (!id_parse(str_from(val_get_text(job->payload, "user")), &id))
        return E_NOT_FOUND;
    return find_reader(job->cx, id, r);
}

static enum status soon_job(struct job_run *job)
{
    struct ctx *cx = job->cx;
    struct reader r;
    enum status s = reader_of(job, &r);
    bool away;

    if (s == E_NOT_FOUND) /* has left */
        return OK;
    TRY(s);
    TRY(is_away(cx, &r, &away));
    if (!away)
        return send_news(cx, &r, false);
    TRY(db_run(cx, "notice_mail.later", I64("user", r.id)));
    return plan(cx, "notice.daily", r.id, next_digest(cx, &r));
}

static enum status daily_job(struct job_run *job)
{
    struct ctx *cx = job->cx;
    struct reader r;
    enum status s = reader_of(job, &r);
    i64 oldest;
    bool away;

    if (s == E_NOT_FOUND)
        return OK;
    TRY(s);
    TRY(db_get_i64(cx, &oldest, "notice_mail.oldest", I64("user", r.id)));
    if (oldest == 0)
        return db_run(cx, "notice_mail.done", I64("user", r.id), I64("daily", 1));
    TRY(is_away(cx, &r, &away));
    if (away || oldest > last_digest(cx, &r)) /* back later; or another hour was chosen meanwhile */
        return plan(cx, "notice.daily", r.id, next_digest(cx, &r));
    return send_news(cx, &r, true);
}

static const struct job_type jobs[] = {
    { "notice.soon", "Mail news to a colleague", soon_job, .writes = true },
    { "notice.daily", "Mail the day's news to a colleague", daily_job, .writes = true },
};
static const struct subscription subscriptions[] = {
    { "notice.made", hear_notice },
    { "user.updated", hear_user },
};
const struct feature feature_notice_mail = { .name = "notice_mail",
                                             JOBS(jobs),
                                             SUBSCRIPTIONS(subscriptions) };
