/* sequence_run.c -- takes what is due, one step of one enrolment in a transaction: what is sent and
 * where the contact stands then are written together or not at all. */
#include "base/id.h"
#include "base/log.h"
#include "base/utf8.h"
#include "bridge/contact.h"
#include "kit/filter.h"
#include "mail/content.h"
#include "mail/email_send.h"
#include "mail/mailbox.h"
#include "mail/preference.h"
#include "sales/activity.h"
#include "sales/sequence.h"
#include "store/queue.h"

enum {
    TAKE_ROWS = 50,   /* asked for at once */
    JOB_ROUNDS = 20,  /* then other jobs have their turn */
    SWEEP_MS = 60000, /* how often the rows are looked at, whatever was asked for */
    PROBLEM_HOURS = 1,
    TAKEN_MAX = SEQUENCE_STEPS_MAX + 10,
};

/* OK with *out NULL: gone, or in the trash. */
static enum status maybe(struct ctx *cx, const struct record_type *t, i64 id, struct row **out)
{
    enum status s = id ? record_get(cx, t, id, out) : E_NOT_FOUND;

    if (s != E_NOT_FOUND)
        return s;
    ctx_clear_error(cx);
    *out = NULL;
    return OK;
}

enum status sequence_wake(struct ctx *cx, i64 at_ms)
{
    i64 now = ctx_now(cx);

    if (at_ms > now + SWEEP_MS) /* the job comes by anyway */
        return OK;
    return queue_add_by(cx, "sequence.run", "wake", "{}", at_ms > now ? at_ms : now);
}

/* ---- the row of a step ---- */
enum status taken_of(struct ctx *cx, i64 enrolment_id, i64 step_id, struct row **out)
{
    i64 id;
    enum status s =
        db_get_i64(cx, &id, "sequence.taken", I64("enrolment", enrolment_id), I64("step", step_id));

    *out = NULL;
    return s == E_NOT_FOUND ? OK : s != OK ? s : maybe(cx, &taken_type, id, out);
}

static struct row *taken_new(struct ctx *cx, const struct row *enrolment, const struct row *step)
{
    struct row *r = row_new(cx, &taken_type);

    row_set_i64(r, TAKEN_ENROLMENT, row_id(enrolment));
    row_set_i64(r, TAKEN_STEP, row_id(step));
    row_set_i64(r, TAKEN_SEQUENCE, row_i64(enrolment, ENROLMENT_SEQUENCE));
    row_set_i64(r, TAKEN_CONTACT, row_i64(enrolment, ENROLMENT_CONTACT));
    row_set_i64(r, TAKEN_OWNER, row_i64(enrolment, ENROLMENT_OWNER));
    row_set_text(r, TAKEN_KIND, row_text(step, STEP_KIND));
    row_set_text(r, TAKEN_KEY,
                 arena_printf(cx->arena, "%s/%s", id_text(cx->arena, row_id(enrolment)),
                              id_text(cx->arena, row_id(step))));
    return r;
}

/* ---- what it says ---- */
static enum status fill(struct ctx *cx, const char *text, const struct row *enrolment,
                        const struct row *contact, const char **out)
{
    struct content_for who = {
        .contact = contact,
        .deal_id = row_i64(enrolment, ENROLMENT_DEAL),
        .owner_id = row_i64(enrolment, ENROLMENT_OWNER),
        .unsubscribe_url =
            preference_url(cx, &(struct preference_of){ .contact_id = row_id(contact) }),
    };

    *out = "";
    return text_empty(text) ? OK : content_fill(cx, text, &who, out);
}

enum status step_words(struct ctx *cx, const struct row *enrolment, const struct row *step,
                       const struct row *contact, struct step_words *out)
{
    scoped(access_leave) struct access_guard guard = access_enter_system(cx);
    const char *subject = row_text(step, STEP_SUBJECT);

    *out = (struct step_words){ .variant = -1 };
    if (row_has(step, STEP_SUBJECT_B)) {
        out->variant = (i64)(str_hash(str_from(id_text(cx->arena, row_id(contact)))) & 1);
        if (out->variant == 1)
            subject = row_text(step, STEP_SUBJECT_B);
    }
    TRY(taken_of(cx, row_id(enrolment), row_id(step), &out->taken));
    if (out->taken && row_has(out->taken, TAKEN_TEXT)) {
        out->subject = row_text(out->taken, TAKEN_SUBJECT);
        out->text = row_text(out->taken, TAKEN_TEXT);
        return OK;
    }
    TRY(fill(cx, subject, enrolment, contact, &out->subject));
    return fill(cx, row_text(step, STEP_TEXT), enrolment, contact, &out->text);
}

static bool is_over(const struct row *taken)
{
    const char *status = row_text(taken, TAKEN_STATUS);

    return text_is(status, "sent") || text_is(status, "done") || text_is(status, "skipped");
}

enum status step_keep_words(struct ctx *cx, const struct row *enrolment, const struct row *step,
                            const char *subject, const char *text)
{
    scoped(access_leave) struct access_guard guard = access_enter_system(cx);
    struct row *r;

    TRY(taken_of(cx, row_id(enrolment), row_id(step), &r));
    if (r == NULL)
        r = taken_new(cx, enrolment, step);
    else if (is_over(r))
        return ctx_fail_code(cx, E_CONFLICT, "enrolment.sent", "This step is over already.");
    row_set_text(r, TAKEN_SUBJECT, utf8_cut(cx->arena, subject, 300));
    row_set_text(r, TAKEN_TEXT, text);
    return record_save(cx, r);
}

/* ---- going on ---- */
static enum status end(struct ctx *cx, struct row *r, const char *status, const char *because)
{
    row_set_text(r, ENROLMENT_STATUS, status);
    row_set_text(r, ENROLMENT_BECAUSE, because);
    row_set_i64(r, ENROLMENT_ENDED, ctx_now(cx));
    row_clear(r, ENROLMENT_DUE);
    row_clear(r, ENROLMENT_STEP);
    row_clear(r, ENROLMENT_PROBLEM);
    return record_save(cx, r);
}

enum status sequence_advance(struct ctx *cx, struct row *r)
{
    scoped(access_leave) struct access_guard guard = access_enter_system(cx);
    struct row *step = NULL, *next, *sequence, *contact;
    enum status s = record_get_any(cx, &sequence_step_type, row_i64(r, ENROLMENT_STEP), &step);

    if (s == E_NOT_FOUND)
        ctx_clear_error(cx);
    else
        TRY(s);
    TRY(record_get_any(cx, &sequence_type, row_i64(r, ENROLMENT_SEQUENCE), &sequence));
    TRY(maybe(cx, &contact_type, row_i64(r, ENROLMENT_CONTACT), &contact));
    if (contact == NULL)
        return sequence_stop(cx, r, "gone");
    TRY(sequence_next(cx, row_id(sequence), step, &next));
    if (next == NULL)
        return end(cx, r, "finished", "");
    row_set_i64(r, ENROLMENT_STEP, row_id(next));
    row_set_i64(r, ENROLMENT_DUE,
                sequence_due(cx, sequence, contact, ctx_now(cx), row_i64(next, STEP_DAYS),
                             row_i64(next, STEP_HOURS)));
    row_clear(r, ENROLMENT_PROBLEM);
    TRY(record_save(cx, r));
    return sequence_wake(cx, row_i64(r, ENROLMENT_DUE));
}

static enum status take_back(struct ctx *cx, struct row *taken)
{
    struct row *email, *activity;
    bool off = false;

    TRY(maybe(cx, &email_type, row_i64(taken, TAKEN_EMAIL), &email));
    if (email != NULL)
        TRY(email_take_off(cx, email, "sequence", "the sequence was stopped", &off));
    if (!off && (text_is(row_text(taken, TAKEN_STATUS), "sent") || is_over(taken)))
        return OK;
    row_set_text(taken, TAKEN_STATUS, "skipped");
    TRY(record_save(cx, taken));
    TRY(maybe(cx, &activity_type, row_i64(taken, TAKEN_ACTIVITY), &activity));
    return activity && !row_bool(activity, ACTIVITY_DONE) ? record_delete(cx, activity) : OK;
}

enum status sequence_stop(struct ctx *cx, struct row *r, const char *because)
{
    scoped(access_leave) struct access_guard guard = access_enter_system(cx);
    const char *status = row_text(r, ENROLMENT_STATUS);
    struct list_query q = { .filter = arena_printf(cx->arena, "enrolment_id = '%s'",
                                                   id_text(cx->arena, row_id(r))),
                            .limit = TAKEN_MAX };
    struct list_page page;

    if (!text_is(status, "active") && !text_is(status, "paused"))
        return OK;
    TRY(end(cx, r, "stopped", because));
    TRY(list_run(cx, &taken_type, &q, &page));
    for (size_t i = 0; i < page.count; i++)
        TRY(take_back(cx, page.rows[i]));
    return OK;
}

/* ---- what steps do ---- */
static enum status make_task(struct ctx *cx, const struct row *enrolment, const struct row *step,
                             const struct step_words *w, struct row **out)
{
    struct row *a = row_new(cx, &activity_type);
    bool mail = step_is_mail(step);

    row_set_text(a, ACTIVITY_KIND, row_text(step, STEP_KIND));
    row_set_text(a, ACTIVITY_SUBJECT,
                 utf8_cut(cx->arena,
                          mail ? arena_printf(cx->arena, "Read and send: %s",
                                              text_empty(w->subject) ? "the next mail" : w->subject)
                               : w->subject,
                          200));
    row_set_text(a, ACTIVITY_BODY, mail ? "" : w->text);
    row_set_i64(a, ACTIVITY_CONTACT, row_i64(enrolment, ENROLMENT_CONTACT));
    if (row_has(enrolment, ENROLMENT_DEAL))
        row_set_i64(a, ACTIVITY_DEAL, row_i64(enrolment, ENROLMENT_DEAL));
    row_set_i64(a, ACTIVITY_OWNER, row_i64(enrolment, ENROLMENT_OWNER));
    row_set_i64(a, ACTIVITY_DUE, ctx_now(cx));
    *out = a;
    return record_save(cx, a);
}

/* A person has to do it: a task in their queue, and the enrolment waits or goes on. */
static enum status ask_person(struct ctx *cx, struct row *enrolment, const struct row *step,
                              const struct row *contact)
{
    bool mail = step_is_mail(step);
    struct step_words w;
    struct row *a, *r;

    TRY(step_words(cx, enrolment, step, contact, &w));
    r = w.taken ? w.taken : taken_new(cx, enrolment, step);
    TRY(make_task(cx, enrolment, step, &w, &a));
    row_set_text(r, TAKEN_STATUS, mail ? "draft" : "open");
    row_set_text(r, TAKEN_SUBJECT, utf8_cut(cx->arena, w.subject, 300));
    row_set_i64(r, TAKEN_ACTIVITY, row_id(a));
    TRY(record_save(cx, r));
    if (!mail && !row_bool(step, STEP_WAITS))
        return sequence_advance(cx, enrolment);
    row_clear(enrolment, ENROLMENT_DUE);
    row_set_text(enrolment, ENROLMENT_PROBLEM,
                 mail ? "A mail to be read and sent" : "A task to be done");
    return record_save(cx, enrolment);
}

static enum status forget_task(struct ctx *cx, const struct row *taken)
{
    struct row *a;

    TRY(maybe(cx, &activity_type, row_i64(taken, TAKEN_ACTIVITY), &a));
    return a ? record_delete(cx, a) : OK;
}

enum status step_send(struct ctx *cx, struct row *r, const struct row *step)
{
    scoped(access_leave) struct access_guard guard = access_enter_system(cx);
    struct row *mailbox, *contact, *first, *email, *taken, *sequence;
    struct step_words w;
    const char *subject;
    enum status s = email_mailbox_of(cx, row_i64(r, ENROLMENT_OWNER), &mailbox);

    if (s == E_NOT_FOUND)
        return ctx_fail_code(cx, E_INVALID, "enrolment.no_mailbox",
                             "The sender's mailbox cannot send.");
    TRY(s);
    TRY(record_get(cx, &contact_type, row_i64(r, ENROLMENT_CONTACT), &contact));
    TRY(record_get(cx, &sequence_type, row_i64(r, ENROLMENT_SEQUENCE), &sequence));
    if (row_i64(r, ENROLMENT_STEP) != row_id(step))
        return ctx_fail_code(cx, E_CONFLICT, "enrolment.sent", "This step is over already.");
    TRY(step_words(cx, r, step, contact, &w));
    if (w.taken && is_over(w.taken))
        return ctx_fail_code(cx, E_CONFLICT, "enrolment.sent", "This step is over already.");
    first = NULL;
    if (row_bool(step, STEP_THREAD))
        TRY(maybe(cx, &email_type, row_i64(r, ENROLMENT_FIRST), &first));
    subject = !text_empty(w.subject) ? w.subject
              : first                ? email_reply_subject(cx, row_text(first, EMAIL_SUBJECT))
                                     : row_title(cx, sequence);
    taken = w.taken ? w.taken : taken_new(cx, r, step);
    TRY(email_send(cx,
                   &(struct email_out){
                       .mailbox = mailbox,
                       .contact = contact,
                       .answered = first,
                       .to = row_text(contact, CONTACT_EMAIL),
                       .subject = subject,
                       .text = w.text,
                       .source = "sequence",
                       .key = arena_printf(cx->arena, "sequence/%s", row_text(taken, TAKEN_KEY)),
                       .opens = row_bool(sequence, SEQUENCE_OPENS) },
                   &email));
    row_set_text(taken, TAKEN_STATUS, "sent");
    row_set_text(taken, TAKEN_SUBJECT, utf8_cut(cx->arena, subject, 300));
    if (w.variant >= 0)
        row_set_text(taken, TAKEN_VARIANT, w.variant ? "b" : "a");
    row_set_i64(taken, TAKEN_AT, ctx_now(cx));
    row_set_i64(taken, TAKEN_EMAIL, row_id(email));
    TRY(record_save(cx, taken));
    TRY(forget_task(cx, taken));
    if (!row_has(r, ENROLMENT_FIRST))
        row_set_i64(r, ENROLMENT_FIRST, row_id(email));
    return sequence_advance(cx, r);
}

/* ---- taking ---- */
/* When its sender may write again, if they may not now. */
static enum status may_send(struct ctx *cx, const struct row *r, const struct row *sequence,
                            const struct row *contact, i64 *later)
{
    const struct zone *z = kit_zone(cx);
    i64 now = ctx_now(cx), today = zone_day(z, now), sent,
        most = row_has(sequence, SEQUENCE_DAILY) ? row_i64(sequence, SEQUENCE_DAILY)
                                                 : SEQUENCE_DAILY_USUAL;

    *later = sequence_open(cx, sequence, contact, now);
    if (*later > now)
        return OK;
    TRY(db_get_i64(cx, &sent, "sequence.sent_today", I64("owner", row_i64(r, ENROLMENT_OWNER)),
                   I64("from", zone_instant(z, today, 0))));
    if (sent >= most)
        *later = sequence_open(cx, sequence, contact, zone_instant(z, today + 1, 0));
    return OK;
}

/* Why it ends before its next step; "" it does not. */
static enum status ends_because(struct ctx *cx, const struct row *r, const struct row *contact,
                                const struct row *step, const char **because)
{
    const char *why;
    i64 earlier;

    *because = "";
    TRY(sequence_refuses(cx, contact, &why));
    TRY(db_get_i64(cx, &earlier, "sequence.earlier",
                   I64("sequence", row_i64(r, ENROLMENT_SEQUENCE)), I64("contact", row_id(contact)),
                   I64("self", row_id(r))));
    if (why != NULL)
        *because = text_is(why, "unsubscribed")  ? "opt_out"
                   : text_is(why, "hard_bounce") ? "bounce"
                                                 : "suppressed";
    else if (earlier > 0) /* two contacts that were merged */
        *because = "twice";
    else if (step_is_mail(step) && !row_has(contact, CONTACT_EMAIL))
        *because = "no_address";
    return OK;
}

/* One whose step was deleted goes on with the next. *step NULL: there is none. */
static enum status step_of(struct ctx *cx, struct row *r, struct row **step)
{
    struct row *was = NULL;
    enum status s;

    TRY(maybe(cx, &sequence_step_type, row_i64(r, ENROLMENT_STEP), step));
    if (*step != NULL)
        return OK;
    s = record_get_any(cx, &sequence_step_type, row_i64(r, ENROLMENT_STEP), &was);
    if (s != OK && s != E_NOT_FOUND)
        return s;
    ctx_clear_error(cx);
    TRY(sequence_next(cx, row_i64(r, ENROLMENT_SEQUENCE), was, step));
    if (*step != NULL)
        row_set_i64(r, ENROLMENT_STEP, row_id(*step));
    return OK;
}

enum status sequence_take(struct ctx *cx, i64 enrolment_id)
{
    scoped(access_leave) struct access_guard guard = access_enter_system(cx);
    struct row *r, *sequence, *contact, *step;
    const char *because;
    i64 later;

    TRY(maybe(cx, &enrolment_type, enrolment_id, &r));
    if (r == NULL || !text_is(row_text(r, ENROLMENT_STATUS), "active") ||
        !row_has(r, ENROLMENT_DUE) || row_i64(r, ENROLMENT_DUE) > ctx_now(cx))
        return OK; /* somebody was faster */
    TRY(maybe(cx, &sequence_type, row_i64(r, ENROLMENT_SEQUENCE), &sequence));
    if (sequence == NULL || !row_bool(sequence, SEQUENCE_ACTIVE))
        return OK;
    TRY(maybe(cx, &contact_type, row_i64(r, ENROLMENT_CONTACT), &contact));
    if (contact == NULL)
        return sequence_stop(cx, r, "gone");
    TRY(step_of(cx, r, &step));
    if (step == NULL)
        return end(cx, r, "finished", "");
    TRY(ends_because(cx, r, contact, step, &because));
    if (text_is(because, "opt_out"))
        TRY(sequence_mark(cx, r, TAKEN_OUT));
    if (because[0] != '\0')
        return sequence_stop(cx, r, because);
    if (!step_is_mail(step) || row_bool(step, STEP_REVIEW))
        return ask_person(cx, r, step, contact);
    TRY(may_send(cx, r, sequence, contact, &later));
    if (later <= ctx_now(cx))
        return step_send(cx, r, step);
    row_set_i64(r, ENROLMENT_DUE, later);
    row_clear(r, ENROLMENT_PROBLEM);
    return record_save(cx, r);
}

static enum status take(struct ctx *cx, void *id) { return sequence_take(cx, *(i64 *)id); }

struct trouble {
    i64 id;
    const char *why;
};

/* It stays where it is, says why, and is tried again; the others go on. */
static enum status put_off(struct ctx *cx, void *arg)
{
    scoped(access_leave) struct access_guard guard = access_enter_system(cx);
    const struct trouble *t = arg;
    struct row *r;

    TRY(maybe(cx, &enrolment_type, t->id, &r));
    if (r == NULL || !row_has(r, ENROLMENT_DUE))
        return OK;
    row_set_text(r, ENROLMENT_PROBLEM, utf8_cut(cx->arena, t->why, 300));
    row_set_i64(r, ENROLMENT_DUE, ctx_now(cx) + PROBLEM_HOURS * MS_HOUR);
    return record_save(cx, r);
}

static enum status take_round(struct ctx *cx, size_t *count)
{
    i64 ids[TAKE_ROWS];

    *count = 0;
    {
        scoped(stmt_close) struct stmt q =
            db_query(cx, "sequence.due", I64("now", ctx_now(cx)), I64("limit", TAKE_ROWS));
        while (*count < TAKE_ROWS && stmt_next(&q))
            ids[(*count)++] = col_i64(&q, 0);
        TRY(stmt_status(&q));
    }
    for (size_t i = 0; i < *count; i++) {
        enum status s = kit_write(cx, take, &ids[i]);
        struct trouble t = { ids[i], arena_text(cx->arena, cx->error_text) };
        if (s == OK)
            continue;
        if (s != E_INVALID && s != E_NOT_FOUND && s != E_CONFLICT && s != E_LIMIT)
            return s;
        log_line(LOG_WARN, "sequence.put_off", "enrolment=%lld status=%s", (long long)ids[i],
                 status_word(s));
        ctx_clear_error(cx);
        TRY(kit_write(cx, put_off, &t));
    }
    return OK;
}

static enum status ask_again(struct ctx *cx, void *arg)
{
    (void)arg;
    return sequence_wake(cx, ctx_now(cx));
}

static enum status run_job(struct job_run *job)
{
    size_t count = TAKE_ROWS;

    for (int round = 0; round < JOB_ROUNDS && count == TAKE_ROWS; round++)
        TRY(take_round(job->cx, &count));
    return count == TAKE_ROWS ? kit_write(job->cx, ask_again, NULL) : OK;
}

static const struct job_type jobs[] = {
    { "sequence.run", "Take the due steps of sequences", run_job, .every_ms = SWEEP_MS,
      .at_start = true },
};
const struct feature feature_sequence_run = { .name = "sequence_run", JOBS(jobs) };
