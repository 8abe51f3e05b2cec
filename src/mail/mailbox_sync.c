/* mailbox_sync.c -- the jobs that read mailboxes. What of a folder has been read is a number, the
 * last UID, which moves in the same transaction as what was made of the mail: after a crash or a
 * broken line the next run goes on there, nothing twice and nothing left out. A folder whose
 * numbering began anew (UIDVALIDITY) is read again from the first day; the mails' own ids keep them
 * from being taken twice. POP3 has no such numbers: there the server's names of mails are kept. */
#include "base/buf.h"
#include "base/id.h"
#include "base/json.h"
#include "base/log.h"
#include "io/pop.h"
#include "kit/notice.h"
#include "kit/web.h"
#include "mail/arrival.h"
#include "mail/bounce.h"
#include "mail/email_int.h"
#include "store/queue.h"

enum {
    EVERY_MS = 2 * MS_MINUTE,
    MAILS_A_RUN = 500,    /* then others have their turn */
    SKIPPED_AT_ONCE = 50, /* mails that are none of ours share a transaction */
    FAILURES_TOLD = 3,    /* in a row, before the owner is told */
    WORST_WAIT_MS = 2 * MS_HOUR,
    FOLDERS_MAX = 50,
    MAIL_ARENA = 64 * 1024,
};

struct folder {
    const char *name;
    u32 validity, seen; /* last UID that was looked at */
    u64 mod_seq;
};

struct sync {
    struct ctx *cx; /* the job's */
    struct row *mailbox;
    struct imap *im;
    bool everything; /* for a program: all that comes is read, and may be put away */
    int read, taken;
    bool more; /* there is more than this run took */
};

/* ---- what is written ---- */

struct step { /* one mail, or some that were passed over */
    const struct sync *s;
    const struct folder *folder;
    u32 validity, uid;
    u64 mod_seq;
    struct str mail; /* empty: passed over */
    i64 arrived_ms;
    const char *pop_uid; /* POP3 */
    bool taken;
};

static enum status take_mail(struct ctx *cx, struct step *st)
{
    const char *box = id_text(cx->arena, row_id(st->s->mailbox));
    enum email_taken what;
    struct letter *m;

    if (st->s->everything) {
        const char *key = st->pop_uid ? arena_printf(cx->arena, "%s/%s", box, st->pop_uid)
                                      : arena_printf(cx->arena, "%s/%s/%u/%u", box,
                                                     st->folder->name, st->validity, st->uid);
        st->taken = true;
        if (text_is(row_text(st->s->mailbox, MAILBOX_PURPOSE), "support"))
            return mail_arrived(cx, st->s->mailbox, st->mail, key, st->arrived_ms);
        enum report_kind kind;
        TRY(inbound_take(cx, st->mail, "mailbox", key, &kind));
        st->taken = kind != REPORT_NONE;
        return OK;
    }
    enum status s = mime_read(cx, st->mail, &m);
    if (s == E_LIMIT || s == E_INVALID) {
        ctx_clear_error(cx);
        return OK; /* no reader would make sense of it */
    }
    TRY(s);
    TRY(email_take(cx, st->s->mailbox, m, st->arrived_ms, &what));
    st->taken = what == EMAIL_TAKEN;
    return OK;
}

/* The mail and how far the folder is read, both or none. */
static enum status write_step(struct ctx *cx, void *arg)
{
    scoped(access_leave) struct access_guard guard = access_enter_system(cx);
    struct step *st = arg;
    i64 mailbox = row_id(st->s->mailbox), moved;

    st->taken = false;
    if (st->pop_uid) {
        TRY(db_run_count(cx, &moved, "mailbox.add_seen", I64("id", mailbox),
                         TEXT("uid", st->pop_uid), I64("now", ctx_now(cx))));
    } else {
        TRY(db_run_count(cx, &moved, "mailbox.move_on", I64("id", mailbox),
                         TEXT("name", st->folder->name), I64("validity", st->validity),
                         I64("uid", st->uid), I64("mod_seq", (i64)st->mod_seq)));
    }
    if (moved == 0)
        return OK; /* another run was here, or the mailbox is gone */
    if (st->mail.len > 0)
        TRY(take_mail(cx, st));
    return st->taken ? db_run(cx, "mailbox.count_one", I64("id", mailbox)) : OK;
}

/* ---- IMAP ---- */

static enum status after_mail(struct ctx *cx, struct sync *s, u32 uid)
{
    const char *after = row_text(s->mailbox, MAILBOX_AFTER);

    if (!s->everything || text_is(after, "keep"))
        return OK;
    if (text_is(after, "flag"))
        return imap_flag(cx, s->im, uid, "\\Seen");
    if (text_is(after, "delete"))
        return imap_remove(cx, s->im, uid);
    return imap_move(cx, s->im, uid,
                     row_has(s->mailbox, MAILBOX_AFTER_FOLDER)
                         ? row_text(s->mailbox, MAILBOX_AFTER_FOLDER)
                         : "Processed");
}

/* Looks at the head of a person's mail: only what will be taken is fetched whole. */
static enum status wanted(struct ctx *cx, struct sync *s, u32 uid, bool *out)
{
    enum email_taken what;
    struct imap_mail head;
    struct letter *m;

    *out = true;
    if (s->everything)
        return OK;
    *out = false;
    enum status st = imap_fetch(cx, s->im, uid, IMAP_HEAD, &head);
    if (st == E_NOT_FOUND) {
        ctx_clear_error(cx);
        return OK;
    }
    TRY(st);
    if (head.deleted || head.draft)
        return OK;
    st = mime_read(cx, head.bytes, &m);
    if (st != OK) {
        ctx_clear_error(cx);
        return OK;
    }
    TRY(email_judge(cx, s->mailbox, m, &what));
    *out = what == EMAIL_TAKEN;
    return OK;
}

/* One mail, in memory of its own. *pending: how many before it were passed over unwritten. */
static enum status read_one(struct sync *s, const struct folder *f, const struct imap_state *state,
                            u32 uid, bool last, int *pending)
{
    scoped(arena_close) struct arena *a = arena_new(MAIL_ARENA);
    struct ctx cx = *s->cx;
    struct step st = { .s = s,
                       .folder = f,
                       .validity = state->uid_validity,
                       .uid = uid,
                       .mod_seq = last ? state->mod_seq : 0,
                       .mail = { "", 0 },
                       .arrived_ms = TIME_NONE };
    struct imap_mail mail;
    enum status result = OK;
    bool want;

    cx.arena = a;
    result = wanted(&cx, s, uid, &want);
    if (result == OK && want) {
        result = imap_fetch(&cx, s->im, uid, IMAP_WHOLE, &mail);
        if (result == OK) {
            st.mail = mail.bytes;
            st.arrived_ms = mail.arrived_ms;
        } else if (result == E_NOT_FOUND || result == E_TOO_LARGE) {
            log_line(LOG_INFO, "mailbox.passed_over", "mailbox=%s uid=%u why=%s",
                     id_text(a, row_id(s->mailbox)), uid, status_word(result));
            ctx_clear_error(&cx);
            result = OK;
        }
    }
    if (result == OK && (st.mail.len > 0 || last || ++*pending >= SKIPPED_AT_ONCE)) {
        *pending = 0;
        result = kit_write(&cx, write_step, &st);
        s->taken += st.taken;
        if (result == OK && st.mail.len > 0)
            result = after_mail(&cx, s, uid);
    }
    if (result != OK && s->cx->error == OK)
        return ctx_fail_code(s->cx, result, text_empty(cx.error_code) ? "mail.sync" : cx.error_code,
                             "%s", cx.error_text);
    return result;
}

static enum status read_folder(struct sync *s, struct folder *f)
{
    struct ctx *cx = s->cx;
    struct imap_state state;
    i64 since = TIME_NONE;
    size_t count;
    u32 *uids;
    int pending = 0;

    enum status st = imap_select(cx, s->im, f->name, !s->everything, &state);
    if (st == E_NOT_FOUND) { /* deleted or renamed by its owner */
        ctx_clear_error(cx);
        return OK;
    }
    TRY(st);
    if (state.uid_validity != f->validity)
        f->seen = 0;
    else if ((state.uid_next && state.uid_next <= f->seen + 1) ||
             (state.mod_seq && state.mod_seq == f->mod_seq))
        return OK; /* nothing new */
    if (f->seen == 0 && !s->everything)
        since = (ctx_now(cx) - row_i64(s->mailbox, MAILBOX_SINCE) * (i64)MS_DAY) / MS_DAY;
    TRY(imap_uids(cx, s->im, f->seen + 1, since, MAILS_A_RUN, &uids, &count));
    if (count == 0 && state.uid_next > 1 && (f->seen == 0 || state.uid_next - 1 > f->seen)) {
        /* nothing in time: what comes later is found behind this */
        struct step step = { .s = s,
                             .folder = f,
                             .validity = state.uid_validity,
                             .uid = state.uid_next - 1,
                             .mod_seq = state.mod_seq,
                             .mail = { "", 0 } };
        return kit_write(cx, write_step, &step);
    }
    for (size_t i = 0; i < count; i++) {
        if (s->read++ >= MAILS_A_RUN) {
            s->more = true;
            count = i;
            break;
        }
        TRY(read_one(s, f, &state, uids[i], i + 1 == count, &pending));
    }
    s->more |= count == MAILS_A_RUN;
    return OK;
}

static enum status note_first_folders(struct ctx *cx, void *arg)
{
    const struct sync *s = arg;
    struct imap_folder *list;
    size_t count;

    TRY(imap_folders(cx, s->im, &list, &count));
    for (size_t i = 0; i < count; i++)
        TRY(db_run(cx, "mailbox.note_folder", I64("id", row_id(s->mailbox)),
                   TEXT("name", list[i].name), TEXT("label", list[i].label),
                   TEXT("special", list[i].special),
                   I64("chosen", text_is(list[i].special, "inbox") ||
                                     (!s->everything && text_is(list[i].special, "sent")))));
    return OK;
}

static enum status chosen_folders(struct sync *s, struct folder *list, size_t *count)
{
    struct ctx *cx = s->cx;
    scoped(stmt_close) struct stmt q =
        db_query(cx, "mailbox.chosen", I64("id", row_id(s->mailbox)), I64("limit", FOLDERS_MAX));

    *count = 0;
    while (stmt_next(&q) && *count < FOLDERS_MAX)
        list[(*count)++] = (struct folder){ .name = arena_text(cx->arena, col_text(&q, 0)),
                                            .validity = (u32)col_i64(&q, 1),
                                            .seen = (u32)col_i64(&q, 2),
                                            .mod_seq = (u64)col_i64(&q, 3) };
    return stmt_status(&q);
}

static enum status read_imap(struct sync *s, const struct mail_server *server)
{
    struct folder folders[FOLDERS_MAX];
    enum status st = OK;
    size_t count;
    i64 known;

    TRY(imap_open(s->cx, server, &s->im));
    st = db_get_i64(s->cx, &known, "mailbox.folder_count", I64("id", row_id(s->mailbox)));
    if (st == OK && known == 0)
        st = kit_write(s->cx, note_first_folders, s);
    if (st == OK)
        st = chosen_folders(s, folders, &count);
    for (size_t i = 0; st == OK && i < count; i++)
        st = read_folder(s, &folders[i]);
    imap_close(s->im);
    return st;
}

/* ---- POP3 ---- */

static enum status read_pop_one(struct sync *s, struct pop *pop, const struct pop_mail *one)
{
    scoped(arena_close) struct arena *a = arena_new(MAIL_ARENA);
    struct ctx cx = *s->cx;
    struct step st = { .s = s, .pop_uid = one->uid, .mail = { "", 0 }, .arrived_ms = TIME_NONE };
    enum status result;
    i64 known;

    cx.arena = a;
    result = db_get_i64(&cx, &known, "mailbox.has_seen", I64("id", row_id(s->mailbox)),
                        TEXT("uid", one->uid));
    if (result == E_NOT_FOUND) {
        result = OK;
        if (one->size <= POP_MAIL_BYTES)
            result = pop_fetch(&cx, pop, one->number, &st.mail);
        if (result == OK)
            result = kit_write(&cx, write_step, &st);
        s->taken += st.taken;
    }
    if (result == OK && text_is(row_text(s->mailbox, MAILBOX_AFTER), "delete"))
        result = pop_remove(&cx, pop, one->number);
    if (result != OK && s->cx->error == OK)
        return ctx_fail_code(s->cx, result, "mail.sync", "%s", cx.error_text);
    return result;
}

static enum status read_pop(struct sync *s, const struct mail_server *server)
{
    struct pop_mail *list;
    enum status st;
    struct pop *pop;
    size_t count;

    TRY(pop_open(s->cx, server, &pop));
    st = pop_list(s->cx, pop, &list, &count);
    for (size_t i = 0; st == OK && i < count && s->read < MAILS_A_RUN; i++, s->read++)
        st = read_pop_one(s, pop, &list[i]);
    if (st == OK) {
        s->more = s->read < (int)count;
        st = pop_quit(s->cx, pop);
    }
    pop_close(pop);
    return st;
}

/* ---- jobs ---- */

struct result {
    i64 mailbox, owner;
    const char *name, *error, *path;
    bool denied;
};

static enum status note_result(struct ctx *cx, void *arg)
{
    const struct result *r = arg;
    i64 failures, wait = EVERY_MS;

    if (text_empty(r->error))
        return db_run(cx, "mailbox.went_well", I64("id", r->mailbox), I64("now", ctx_now(cx)),
                      I64("due", ctx_now(cx) + EVERY_MS));
    TRY(db_get_i64(cx, &failures, "mailbox.failures", I64("id", r->mailbox)));
    for (i64 i = 0; i < failures && wait < WORST_WAIT_MS; i++)
        wait *= 2;
    TRY(db_run(cx, "mailbox.went_wrong", I64("id", r->mailbox), TEXT("error", r->error),
               I64("due", ctx_now(cx) + (wait < WORST_WAIT_MS ? wait : WORST_WAIT_MS))));
    if (failures + 1 == FAILURES_TOLD && r->owner)
        return notify_as(
            cx, NOTICE_TROUBLE, r->owner, "inbox",
            arena_printf(cx->arena, "Your mailbox %s cannot be read: %s", r->name, r->error),
            r->path);
    return OK;
}

/* Reads one mailbox. A server that does not answer is no failed job: the mailbox's page says it,
 * and the next try comes later and later. */
static enum status sync_job(struct job_run *job)
{
    struct ctx *cx = job->cx;
    struct sync s = { .cx = cx };
    struct mail_server server;
    struct ctx probe;
    enum status st;
    i64 id;

    if (!id_parse(str_from(val_get_text(job->payload, "mailbox")), &id))
        return OK;
    st = record_get(cx, &mailbox_type, id, &s.mailbox);
    if (st == E_NOT_FOUND) {
        ctx_clear_error(cx);
        return OK;
    }
    TRY(st);
    if (!row_bool(s.mailbox, MAILBOX_ACTIVE))
        return OK;
    s.everything = !text_is(row_text(s.mailbox, MAILBOX_PURPOSE), "person");
    probe = *cx;
    s.cx = &probe;
    st = mailbox_server(&probe, s.mailbox, &server);
    if (st == OK)
        st = text_is(row_text(s.mailbox, MAILBOX_PROTOCOL), "pop") ? read_pop(&s, &server)
                                                                   : read_imap(&s, &server);
    struct result r = {
        .mailbox = id,
        .owner = row_i64(s.mailbox, MAILBOX_OWNER),
        .name = row_title(cx, s.mailbox),
        .path = row_path(cx, s.mailbox),
        .error = st == OK                       ? ""
                 : text_empty(probe.error_text) ? "The connection failed."
                                                : probe.error_text,
    };
    TRY(kit_write(cx, note_result, &r));
    if (s.more && st == OK)
        return kit_write(cx, mailbox_read_soon, &id);
    return OK;
}

enum status mailbox_read_soon(struct ctx *cx, void *mailbox_id)
{
    struct val *payload = val_map(cx->arena);
    const char *id = id_text(cx->arena, *(i64 *)mailbox_id);

    val_put_text(payload, "mailbox", id);
    return queue_add(cx, "mailbox.sync", id, json_text(cx->arena, payload), ctx_now(cx), NULL);
}

/* Every so often: whose turn it is. */
static enum status tick_job(struct job_run *job)
{
    struct ctx *cx = job->cx;
    i64 ids[200];
    size_t count = 0;

    {
        scoped(stmt_close) struct stmt q =
            db_query(cx, "mailbox.due", I64("now", ctx_now(cx)), I64("limit", (i64)countof(ids)));
        while (stmt_next(&q) && count < countof(ids))
            ids[count++] = col_i64(&q, 0);
        TRY(stmt_status(&q));
    }
    for (size_t i = 0; i < count; i++) {
        TRY(mailbox_read_soon(cx, &ids[i]));
        TRY(db_run(cx, "mailbox.wait", I64("id", ids[i]), I64("due", ctx_now(cx) + EVERY_MS)));
    }
    return OK;
}

static const struct job_type jobs[] = {
    { "mailbox.tick", "Look which mailboxes are due", tick_job, .every_ms = MS_MINUTE,
      .writes = true },
    { "mailbox.sync", "Read a mailbox", sync_job },
};
const struct feature feature_mailbox_sync = { .name = "mailbox_sync", JOBS(jobs) };
