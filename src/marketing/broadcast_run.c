/* broadcast_run.c -- sending a broadcast: its recipients are settled, drawn into variants, handed
 * over as they fall due and as fast as they may, until the last of their mails has met its end. All
 * of it is steps of a job, each one transaction that also says where the next begins: what a crash
 * undoes is done again, and nothing twice. */
#include "base/id.h"
#include "base/json.h"
#include "base/log.h"
#include "bridge/contact.h"
#include "kit/live.h"
#include "mail/mail.h"
#include "marketing/broadcast_int.h"
#include "marketing/client.h"
#include "store/queue.h"

#define SHOW_NS UINT64_C(2000000000)
enum {
    DRAW_BATCH = 1000,
    FEED_BATCH = 500,
    UNDERWAY_MOST = 20000, /* handed over and not yet sent: more would wait there instead of here */
    JOB_STEPS = 200,       /* then others have their turn */
    LOOK_MS = 5 * MS_SECOND,
    LOOK_SLOW_MS = MS_MINUTE, /* when only deferred mails are left */
    FULL_MS = MS_SECOND,
    WATCH_MOST = 1000,
    CREDIT_DAYS = 30,
    URL_BYTES = 1000,
};

/* ---- where it stands ---- */

enum status sending_read(struct ctx *cx, i64 broadcast_id, struct sending *out)
{
    scoped(stmt_close) struct stmt q =
        db_query(cx, "broadcast.run", I64("broadcast", broadcast_id));

    if (!stmt_next(&q))
        return q.status == OK ? E_NOT_FOUND : q.status;
    *out = (struct sending){
        .broadcast_id = broadcast_id,
        .phase = (enum sending_phase)col_i64(&q, 0),
        .who = { col_i64(&q, 1), col_i64(&q, 2) },
        .place = col_i64(&q, 3),
        .test_size = col_i64(&q, 4),
        .winner = (int)col_i64(&q, 5),
        .decide_at = col_i64(&q, 6),
        .free_at = col_i64(&q, 7),
        .next_at = col_i64(&q, 8),
        .recipients = col_i64(&q, 9),
        .skipped = col_i64(&q, 10),
        .dirty = col_i64(&q, 11) != 0,
        .results_at = col_i64(&q, 12),
    };
    return OK;
}

static enum status sending_put(struct ctx *cx, const struct sending *r)
{
    return db_run(cx, "broadcast.run_put", I64("phase", r->phase), I64("source", r->who.source),
                  I64("after", r->who.after), I64("place", r->place), I64("test", r->test_size),
                  I64("winner", r->winner), I64("decide", r->decide_at), I64("free", r->free_at),
                  I64("recipients", r->recipients), I64("skipped", r->skipped),
                  I64("broadcast", r->broadcast_id));
}

enum status sending_wake(struct ctx *cx, i64 broadcast_id, i64 at_ms)
{
    struct val *payload = val_map(cx->arena);
    const char *id = id_text(cx->arena, broadcast_id);

    val_put_text(payload, "broadcast", id);
    TRY(db_run(cx, "broadcast.run_next", I64("at", at_ms), I64("broadcast", broadcast_id)));
    /* One for each second: who wakes it earlier need not wait for the later one. */
    return queue_add(cx, "broadcast.run",
                     arena_printf(cx->arena, "%s@%lld", id, (long long)(at_ms / MS_SECOND)),
                     json_text(cx->arena, payload), at_ms, NULL);
}

i64 sending_begins_at(struct ctx *cx, const struct row *r)
{
    i64 now = ctx_now(cx), at = now;

    if (text_is(row_text(r, BROADCAST_WHEN), "at"))
        at = row_i64(r, BROADCAST_SEND_AT);
    else if (text_is(row_text(r, BROADCAST_WHEN), "local"))
        at = plan_first_local(row_i64(r, BROADCAST_SEND_AT), kit_zone(cx));
    return at > now ? at : now;
}

/* ---- beginning ---- */

static enum status tell_owner(struct ctx *cx, struct row *r, const char *icon, const char *text)
{
    return notify(cx, row_i64(r, BROADCAST_OWNER), icon, text, row_path(cx, r));
}

/* What went wrong stops it where it is, and its owner hears why. */
static enum status stop_with(struct ctx *cx, struct row *r, const char *why)
{
    const char *text =
        arena_printf(cx->arena, "%s was paused: %s", row_text(r, BROADCAST_NAME), why);

    log_line(LOG_INFO, "broadcast.paused", "id=%lld cause=%s", (long long)row_id(r), why);
    TRY(broadcast_move(cx, r, VERB_PAUSE));
    row_set_text(r, BROADCAST_WHY, "");
    TRY(record_save(cx, r));
    return tell_owner(cx, r, "alert-triangle", text);
}

static enum status begin(struct ctx *cx, struct row *r)
{
    struct val *problems = val_list(cx->arena), *warnings = val_list(cx->arena);

    TRY(broadcast_move(cx, r, VERB_START));
    row_set_i64(r, BROADCAST_STARTED, ctx_now(cx));
    TRY(db_run(cx, "broadcast.run_add", I64("broadcast", row_id(r))));
    TRY(record_save(cx, r));
    TRY(broadcast_problems(cx, r, problems, warnings));
    for (size_t i = 0; i < val_count(problems); i++) /* its time has come: that is none */
        if (!text_is(val_get_text(val_at(problems, i), "field"), "send_at"))
            return stop_with(cx, r, val_get_text(val_at(problems, i), "text"));
    return OK;
}

/* ---- who gets it ---- */

static enum status settled(struct ctx *cx, struct row *r, struct sending *run)
{
    struct variant v[VARIANTS_MAX];
    int count = broadcast_variants(r, v);

    run->phase = count > 1 ? RUN_DRAW : RUN_SEND;
    run->test_size =
        count > 1 ? plan_test_size(run->recipients, (int)row_i64(r, BROADCAST_SHARE), count) : 0;
    row_set_i64(r, BROADCAST_RECIPIENTS, run->recipients);
    row_set_i64(r, BROADCAST_SKIPPED, run->skipped);
    return record_save(cx, r);
}

static enum status settle(struct ctx *cx, struct row *r, struct sending *run)
{
    struct candidate *c = NEW_N(cx->arena, struct candidate, WHO_BATCH);
    struct variant v[VARIANTS_MAX];
    bool end, tested = broadcast_variants(r, v) > 1;
    struct audience *a;
    size_t count;

    TRY(audience_open(cx, r, &a));
    TRY(audience_next(cx, a, &run->who, c, &count, &end));
    for (size_t i = 0; i < count; i++) {
        int state = c[i].reason ? RECIPIENT_SKIPPED
                    : tested    ? RECIPIENT_UNDECIDED
                                : RECIPIENT_WAITS;
        i64 added;
        TRY(db_run_count(cx, &added, "broadcast.add_recipient", I64("id", kit_new_id(cx)),
                         I64("broadcast", row_id(r)), I64("contact", c[i].contact_id),
                         I64("state", state), I64("lot", plan_lot(row_id(r), c[i].contact_id)),
                         I64("due", c[i].due_at), TEXT("reason", c[i].reason ? c[i].reason : "")));
        run->recipients += c[i].reason ? 0 : added;
        run->skipped += c[i].reason ? added : 0;
    }
    if (end)
        TRY(settled(cx, r, run));
    return sending_put(cx, run);
}

static enum status draw(struct ctx *cx, struct row *r, struct sending *run)
{
    i64 *ids = NEW_N(cx->arena, i64, DRAW_BATCH), left = run->test_size - run->place;
    struct variant v[VARIANTS_MAX];
    int variants = broadcast_variants(r, v);
    size_t count = 0;
    {
        scoped(stmt_close) struct stmt q =
            db_query(cx, "broadcast.draw", I64("broadcast", row_id(r)),
                     I64("limit", left < DRAW_BATCH ? left : DRAW_BATCH));
        while (stmt_next(&q))
            ids[count++] = col_i64(&q, 0);
        TRY(stmt_status(&q));
    }
    for (size_t i = 0; i < count; i++)
        TRY(db_run(cx, "broadcast.drawn", I64("id", ids[i]),
                   I64("variant", plan_variant(run->place++, run->test_size, variants))));
    if (run->place >= run->test_size || count == 0)
        run->phase = RUN_SEND;
    return sending_put(cx, run);
}

/* ---- handing over ---- */

struct due {
    i64 id, contact_id;
    int variant;
    const char *email, *name;
};

static enum status read_due(struct ctx *cx, const struct sending *run, int state, i64 limit,
                            struct due *out, size_t *count)
{
    scoped(stmt_close) struct stmt q =
        db_query(cx, "broadcast.due", I64("broadcast", run->broadcast_id), I64("state", state),
                 I64("now", ctx_now(cx)), I64("limit", limit));

    *count = 0;
    while (stmt_next(&q)) {
        const char *first = col_text(&q, 4), *last = col_text(&q, 5);
        out[(*count)++] = (struct due){
            .id = col_i64(&q, 0),
            .contact_id = col_i64(&q, 1),
            .variant = state == RECIPIENT_UNDECIDED ? run->winner : (int)col_i64(&q, 2),
            .email = arena_text(cx->arena, col_text(&q, 3)),
            .name = arena_printf(cx->arena, "%s%s%s", first, first[0] && last[0] ? " " : "", last),
        };
    }
    return stmt_status(&q);
}

static enum status leave_out(struct ctx *cx, struct sending *run, const struct due *d,
                             const char *reason)
{
    run->recipients--;
    run->skipped++;
    return db_run(cx, "broadcast.left_out", I64("id", d->id), TEXT("reason", reason));
}

static enum status hand_over(struct ctx *cx, const struct row *r, struct sending *run,
                             const struct variant *v, const struct due *d)
{
    struct ctx probe = *cx; /* an address that is none is no error of ours */
    i64 message;
    enum status s;

    if (text_empty(d->email)) /* gone since it was settled */
        return leave_out(cx, run, d, "no_address");
    s = mail_send(&probe,
                  &(struct mail){ .lane = MAIL_LANE_BULK,
                                  .sender_id = v->sender_id,
                                  .contact_id = d->contact_id,
                                  .to = d->email,
                                  .to_name = d->name,
                                  .subject = text_empty(v->subject) ? NULL : v->subject,
                                  .content_id = v->content_id,
                                  .topic_id = row_i64(r, BROADCAST_TOPIC),
                                  .source = "broadcast",
                                  .source_id = row_id(r),
                                  .variant = d->variant,
                                  .key = arena_printf(cx->arena, "broadcast:%s:%s",
                                                      id_text(cx->arena, row_id(r)),
                                                      id_text(cx->arena, d->contact_id)),
                                  .user_id = row_i64(r, BROADCAST_OWNER) },
                  &message);
    if (s == E_INVALID && text_is(probe.error_code, "mail.address"))
        return leave_out(cx, run, d, "invalid");
    if (s != OK)
        return ctx_fail_code(cx, s, probe.error_code, "%s", probe.error_text);
    return db_run(cx, "broadcast.handed_over", I64("id", d->id), I64("variant", d->variant),
                  I64("message", message));
}

static enum status feed(struct ctx *cx, struct row *r, struct sending *run, int state, i64 most,
                        size_t *fed)
{
    struct due *d = NEW_N(cx->arena, struct due, FEED_BATCH);
    struct variant v[VARIANTS_MAX];
    int variants = broadcast_variants(r, v);

    TRY(read_due(cx, run, state, most < FEED_BATCH ? most : FEED_BATCH, d, fed));
    for (size_t i = 0; i < *fed; i++) {
        assert(d[i].variant >= 0 && d[i].variant < variants);
        TRY(hand_over(cx, r, run, &v[d[i].variant], &d[i]));
    }
    return OK;
}

/* ---- the winner ---- */

enum status sending_choose(struct ctx *cx, struct row *r, int variant, const char *why)
{
    struct sending run;
    enum status s = sending_read(cx, row_id(r), &run);

    if (s == OK && (run.winner >= 0 || run.test_size == 0 || run.test_size >= run.recipients))
        s = E_CONFLICT;
    if (s == E_NOT_FOUND || s == E_CONFLICT)
        return ctx_fail_code(cx, E_CONFLICT, "broadcast.no_rest",
                             "There is no rest that waits for a winner.");
    TRY(s);
    run.winner = variant;
    TRY(sending_put(cx, &run));
    row_set_text(r, BROADCAST_WINNER, arena_printf(cx->arena, "%c", 'A' + variant));
    row_set_text(r, BROADCAST_WHY, why);
    TRY(record_save(cx, r));
    return sending_wake(cx, row_id(r), ctx_now(cx));
}

static const char *verdict_words(struct ctx *cx, const struct row *r, const struct plan_verdict *v,
                                 const struct plan_count *counts)
{
    const char *what = text_is(row_text(r, BROADCAST_WINNER_BY), "opens")    ? "opens"
                       : text_is(row_text(r, BROADCAST_WINNER_BY), "clicks") ? "clicks"
                                                                             : "conversions";
    const char *rates = arena_printf(
        cx->arena, "%c has %lld %s of %lld (%.1f%%), %c %lld of %lld (%.1f%%).", 'A' + v->leader,
        (long long)counts[v->leader].did, what, (long long)counts[v->leader].got,
        plan_rate(&counts[v->leader]) * 100, 'A' + v->second, (long long)counts[v->second].did,
        (long long)counts[v->second].got, plan_rate(&counts[v->second]) * 100);

    if (v->significant)
        return arena_printf(cx->arena, "%s The difference is significant (p = %.3f).", rates, v->p);
    if (v->enough)
        return arena_printf(cx->arena,
                            "%s That is no significant difference (p = %.2f): it may be chance.",
                            rates, v->p);
    return arena_printf(cx->arena, "%s Too few to tell whether that is chance.", rates);
}

static enum status decide(struct ctx *cx, struct row *r)
{
    struct plan_count counts[VARIANTS_MAX];
    struct plan_verdict v;
    int variants;

    TRY(result_test(cx, r, counts, &variants));
    v = plan_judge(counts, variants);
    return sending_choose(cx, r, v.leader, verdict_words(cx, r, &v, counts));
}

/* The test is out: from now on the hours count. */
static enum status wait_for_winner(struct ctx *cx, struct row *r, struct sending *run, i64 underway,
                                   i64 *next)
{
    if (text_is(row_text(r, BROADCAST_WINNER_BY), "hand")) {
        *next = ctx_now(cx) + LOOK_SLOW_MS;
        return OK;
    }
    if (run->decide_at == 0 && underway == 0) {
        run->decide_at = ctx_now(cx) + row_i64(r, BROADCAST_WINNER_HOURS) * (i64)MS_HOUR;
        TRY(sending_put(cx, run));
    }
    *next = run->decide_at ? run->decide_at : ctx_now(cx) + LOOK_MS;
    return OK;
}

/* ---- the end ---- */

static enum status finish(struct ctx *cx, struct row *r)
{
    TRY(broadcast_move(cx, r, VERB_FINISH));
    row_set_i64(r, BROADCAST_ENDED, ctx_now(cx));
    TRY(record_save(cx, r));
    TRY(db_run(cx, "broadcast.soil", I64("broadcast", row_id(r))));
    return tell_owner(cx, r, "send",
                      arena_printf(cx->arena, "%s is finished: its last mail has gone.",
                                   row_text(r, BROADCAST_NAME)));
}

static enum status next_due(struct ctx *cx, const struct sending *run, int state, i64 *at)
{
    enum status s = db_get_i64(cx, at, "broadcast.next_due", I64("broadcast", run->broadcast_id),
                               I64("state", state));

    if (s == E_NOT_FOUND)
        *at = TIME_NONE;
    return s == E_NOT_FOUND ? OK : s;
}

/* Nothing could be handed over: until when? *next TIME_NONE: it is finished. */
static enum status rest(struct ctx *cx, struct row *r, struct sending *run, i64 *next)
{
    i64 now = ctx_now(cx), waiting, undecided, underway, mails[MAIL_STATES];

    TRY(next_due(cx, run, RECIPIENT_WAITS, &waiting));
    TRY(next_due(cx, run, RECIPIENT_UNDECIDED, &undecided));
    if (waiting != TIME_NONE) {
        *next = waiting > now ? waiting : now + FULL_MS;
        return OK;
    }
    TRY(mail_counts(cx, "broadcast", row_id(r), -1, mails));
    underway = mails[MAIL_WAITING] + mails[MAIL_SENDING] + mails[MAIL_HELD];
    if (undecided != TIME_NONE && run->winner < 0)
        return wait_for_winner(cx, r, run, underway, next);
    if (undecided != TIME_NONE) {
        *next = undecided > now ? undecided : now + FULL_MS;
        return OK;
    }
    /* What was refused for now goes again, and of what is unsure a person decides. */
    if (underway + mails[MAIL_DEFERRED] + mails[MAIL_UNSURE] > 0) {
        *next = now + (underway ? LOOK_MS : LOOK_SLOW_MS);
        return OK;
    }
    *next = TIME_NONE;
    return finish(cx, r);
}

/* When a throttled broadcast may go on by one mail. */
static i64 one_more_at(const struct row *r, i64 now, i64 free_at)
{
    i64 per_hour = row_i64(r, BROADCAST_PER_HOUR),
        at = free_at + (per_hour > 0 ? MS_HOUR / per_hour : 0) + 1;

    return at > now + FULL_MS ? at : now + FULL_MS;
}

static enum status send_some(struct ctx *cx, struct row *r, struct sending *run, i64 *next)
{
    i64 underway, room, may, now = ctx_now(cx);
    size_t fed = 0;

    if (run->winner < 0 && run->decide_at && now >= run->decide_at) {
        *next = now;
        return decide(cx, r);
    }
    TRY(mail_underway(cx, "broadcast", row_id(r), UNDERWAY_MOST, &underway));
    room = UNDERWAY_MOST - underway;
    may = room < FEED_BATCH ? room : FEED_BATCH;
    i64 free_at = run->free_at;
    may = may > 0 ? plan_allowance(row_i64(r, BROADCAST_PER_HOUR), now, may, &free_at) : 0;
    if (may > 0)
        TRY(feed(cx, r, run, RECIPIENT_WAITS, may, &fed));
    if (may > 0 && fed == 0 && run->winner >= 0)
        TRY(feed(cx, r, run, RECIPIENT_UNDECIDED, may, &fed));
    if (fed == 0) {
        TRY(rest(cx, r, run, next));
        if (room > 0 && may <= 0 && *next != TIME_NONE && *next <= now + FULL_MS)
            *next = one_more_at(r, now, run->free_at);
        return OK;
    }
    (void)plan_allowance(row_i64(r, BROADCAST_PER_HOUR), now, (i64)fed, &run->free_at);
    TRY(db_run(cx, "broadcast.soil", I64("broadcast", row_id(r))));
    *next = now;
    return sending_put(cx, run);
}

/* ---- the job ---- */

struct step {
    i64 broadcast_id;
    i64 next; /* when there is more to do; TIME_NONE: never */
};

static enum status step_on(struct ctx *cx, struct row *r, struct step *st)
{
    struct sending run;

    if (broadcast_state_of(r) == BROADCAST_SCHEDULED) {
        st->next = sending_begins_at(cx, r);
        if (st->next > ctx_now(cx))
            return OK;
        return begin(cx, r);
    }
    if (broadcast_state_of(r) != BROADCAST_SENDING) {
        st->next = TIME_NONE;
        return OK;
    }
    TRY(sending_read(cx, row_id(r), &run));
    st->next = ctx_now(cx);
    if (run.phase == RUN_SETTLE)
        return settle(cx, r, &run);
    if (run.phase == RUN_DRAW)
        return draw(cx, r, &run);
    return send_some(cx, r, &run, &st->next);
}

/* What a person can mend (a content that was withdrawn, no sender any more) pauses it. */
static enum status step(struct ctx *cx, void *arg)
{
    struct step *st = arg;
    struct row *r;
    enum status s;

    st->next = TIME_NONE;
    s = record_get(cx, &broadcast_type, st->broadcast_id, &r);
    if (s == E_NOT_FOUND) { /* in the trash */
        ctx_clear_error(cx);
        return OK;
    }
    TRY(s);
    {
        scoped(tx_end) struct tx tx = tx_begin(cx);
        TRY(tx.status);
        s = step_on(cx, r, st);
        if (s == OK)
            s = tx_commit(&tx);
    }
    if (s != E_INVALID && s != E_NOT_FOUND)
        return s;
    const char *why = arena_text(cx->arena, cx->error_text ? cx->error_text : "");
    ctx_clear_error(cx);
    st->next = TIME_NONE;
    TRY(record_get(cx, &broadcast_type, st->broadcast_id, &r));
    return stop_with(cx, r, why);
}

static enum status wake(struct ctx *cx, void *arg)
{
    struct step *st = arg;

    return sending_wake(cx, st->broadcast_id, st->next);
}

static enum status refresh(struct ctx *cx, void *arg)
{
    struct step *st = arg;
    struct row *r;

    enum status s = record_get(cx, &broadcast_type, st->broadcast_id, &r);
    if (s != E_NOT_FOUND) {
        TRY(s);
        return result_refresh(cx, r);
    }
    ctx_clear_error(cx); /* in the trash: its numbers stay as they were */
    return db_run(cx, "broadcast.put_results", TEXT("results", ""), I64("at", ctx_now(cx)),
                  I64("broadcast", st->broadcast_id));
}

static enum status part_of(struct job_run *job, enum status (*fn)(struct ctx *cx, void *arg),
                           struct step *st)
{
    scoped(arena_close) struct arena *a = arena_new(512 * 1024);
    struct ctx part = *job->cx;

    part.arena = a;
    enum status s = kit_write(&part, fn, st);
    return s == OK ? OK : ctx_fail(job->cx, s, "%s", part.error_text ? part.error_text : "");
}

static enum status run_job(struct job_run *job)
{
    struct step st = { .next = TIME_NONE };
    struct sending run;
    enum status s;

    if (!id_parse(str_from(val_get_text(job->payload, "broadcast")), &st.broadcast_id))
        return ctx_fail(job->cx, E_INVALID, "the job names no broadcast");
    s = sending_read(job->cx, st.broadcast_id, &run);
    if (s == OK && run.next_at > ctx_now(job->cx) + MS_SECOND)
        return OK; /* it was put off: another job waits for that time */
    if (s != OK && s != E_NOT_FOUND)
        return s;
    u64 shown_ns = clock_mono_ns(), took_ns = 0;
    for (int i = 0; i < JOB_STEPS; i++) {
        TRY(part_of(job, step, &st));
        if (st.next == TIME_NONE || st.next > ctx_now(job->cx))
            break;
        /* Those who watch see it move; what takes long to count is counted less often. */
        if (clock_mono_ns() - shown_ns > SHOW_NS + 20 * took_ns) {
            u64 began_ns = clock_mono_ns();
            TRY(part_of(job, refresh, &st));
            shown_ns = clock_mono_ns();
            took_ns = shown_ns - began_ns;
        }
    }
    TRY(part_of(job, refresh, &st));
    return st.next == TIME_NONE ? OK : part_of(job, wake, &st);
}

/* ---- the watch: what a lost job would have done, and numbers that have moved ---- */

static enum status read_ids(struct ctx *cx, const char *query, i64 *ids, size_t *count)
{
    scoped(stmt_close) struct stmt q = db_query(cx, query, I64("limit", WATCH_MOST));

    *count = 0;
    while (stmt_next(&q))
        ids[(*count)++] = col_i64(&q, 0);
    return stmt_status(&q);
}

static enum status watch_job(struct job_run *job)
{
    struct ctx *cx = job->cx;
    i64 *ids = NEW_N(cx->arena, i64, WATCH_MOST);
    size_t count;

    TRY(read_ids(cx, "broadcast.to_watch", ids, &count));
    for (size_t i = 0; i < count; i++) {
        struct step st = { .broadcast_id = ids[i], .next = ctx_now(cx) };
        struct sending run;
        enum status s = sending_read(cx, ids[i], &run);
        if (s != OK && s != E_NOT_FOUND)
            return s;
        if (s == OK && run.next_at > ctx_now(cx) - 2 * LOOK_MS) /* somebody is at it */
            continue;
        if (s == E_NOT_FOUND) {
            struct row *r;
            TRY(record_get(cx, &broadcast_type, ids[i], &r));
            if (sending_begins_at(cx, r) > ctx_now(cx))
                continue;
        }
        TRY(part_of(job, wake, &st));
    }
    TRY(read_ids(cx, "broadcast.dirty", ids, &count));
    for (size_t i = 0; i < count; i++)
        TRY(part_of(job, refresh, &(struct step){ .broadcast_id = ids[i] }));
    return OK;
}

/* ---- verbs ---- */

enum { CANCEL_BATCH = 5000 };
enum status sending_moved(struct ctx *cx, struct row *r, enum broadcast_verb v)
{
    if (v == VERB_PAUSE)
        return mail_hold(cx, "broadcast", row_id(r), NULL);
    if (v == VERB_RESUME) {
        TRY(mail_release(cx, "broadcast", row_id(r), NULL));
        return sending_wake(cx, row_id(r), ctx_now(cx));
    }
    if (v != VERB_CANCEL)
        return OK;
    TRY(mail_cancel(cx, "broadcast", row_id(r), "cancelled", NULL));
    TRY(db_run(cx, "broadcast.soil", I64("broadcast", row_id(r))));
    return queue_add(
        cx, "broadcast.cancel", id_text(cx->arena, row_id(r)),
        arena_printf(cx->arena, "{\"broadcast\":\"%s\"}", id_text(cx->arena, row_id(r))),
        ctx_now(cx), NULL);
}

struct cancelling {
    i64 broadcast_id;
    i64 changed;
};
static enum status cancel_some(struct ctx *cx, void *arg)
{
    static const int states[] = { RECIPIENT_WAITS, RECIPIENT_UNDECIDED };
    struct cancelling *c = arg;

    c->changed = 0;
    for (size_t i = 0; i < countof(states); i++) {
        i64 n;
        TRY(db_run_count(cx, &n, "broadcast.cancel_some", I64("broadcast", c->broadcast_id),
                         I64("state", states[i]), I64("limit", CANCEL_BATCH)));
        c->changed += n;
    }
    return OK;
}

/* Those who would still have got it. It never goes on, so this may take its time. */
static enum status cancel_job(struct job_run *job)
{
    struct cancelling c = { .changed = 1 };

    if (!id_parse(str_from(val_get_text(job->payload, "broadcast")), &c.broadcast_id))
        return ctx_fail(job->cx, E_INVALID, "the job names no broadcast");
    while (c.changed > 0)
        TRY(kit_write(job->cx, cancel_some, &c));
    return part_of(job, refresh, &(struct step){ .broadcast_id = c.broadcast_id });
}

/* ---- what they did with it ---- */

static bool is_ours(const struct happening *h, i64 *broadcast_id)
{
    return h->contact_id && text_is(val_get_text(h->props, "source"), "broadcast") &&
           id_parse(str_from(val_get_text(h->props, "source_id")), broadcast_id);
}

static enum status did(struct ctx *cx, const struct happening *h, const char *statement)
{
    i64 id;

    if (!is_ours(h, &id))
        return OK;
    TRY(db_run(cx, statement, I64("at", ctx_now(cx)), I64("broadcast", id),
               I64("contact", h->contact_id)));
    return db_run(cx, "broadcast.soil", I64("broadcast", id));
}

static enum status on_unsubscribed(struct ctx *cx, const struct happening *h)
{
    return did(cx, h, "broadcast.unsubscribed");
}
static enum status on_complained(struct ctx *cx, const struct happening *h)
{
    return did(cx, h, "broadcast.complained");
}
static enum status on_replied(struct ctx *cx, const struct happening *h)
{
    return did(cx, h, "broadcast.replied");
}

static enum status on_sent_or_not(struct ctx *cx, const struct happening *h)
{
    i64 id;

    return is_ours(h, &id) ? db_run(cx, "broadcast.soil", I64("broadcast", id)) : OK;
}

static bool by_machine(const struct happening *h) { return val_get_bool(h->props, "machine"); }

/* With what this mail was last asked for: "Apple Mail on iOS", and on what kind of device. */
struct asked_with {
    const char *device, *client;
};
static enum status read_asked_with(struct ctx *cx, const struct happening *h,
                                   struct asked_with *out)
{
    static const char *const devices[] = { "", "Computer", "Phone", "Tablet" };
    const char *agent;
    struct client c;
    i64 message;

    *out = (struct asked_with){ "", "" };
    if (!id_parse(str_from(val_get_text(h->props, "message_id")), &message))
        return OK;
    enum status s = db_get_text(cx, &agent, "broadcast.agent", I64("message", message));
    if (s == E_NOT_FOUND)
        return OK;
    TRY(s);
    c = client_of(agent);
    out->device = devices[c.device <= DEVICE_TABLET ? c.device : 0];
    if (strstr(agent, "GoogleImageProxy"))
        *out = (struct asked_with){ "", "Gmail" };
    else if (strstr(agent, "Thunderbird"))
        out->client = "Thunderbird";
    else if (strstr(agent, "Outlook"))
        out->client = "Outlook";
    else if (!text_empty(c.browser))
        out->client = text_empty(c.system) ? c.browser
                                           : arena_printf(cx->arena, "%s, %s", c.browser, c.system);
    return OK;
}

static enum status on_opened(struct ctx *cx, const struct happening *h)
{
    struct asked_with with;
    i64 id;

    if (by_machine(h))
        return did(cx, h, "broadcast.opened_by_program");
    if (!is_ours(h, &id))
        return OK;
    TRY(read_asked_with(cx, h, &with));
    TRY(db_run(cx, "broadcast.opened", I64("at", ctx_now(cx)), I64("broadcast", id),
               I64("contact", h->contact_id), TEXT("device", with.device),
               TEXT("client", with.client)));
    return db_run(cx, "broadcast.soil", I64("broadcast", id));
}

static enum status on_clicked(struct ctx *cx, const struct happening *h)
{
    const char *url = val_get_text(h->props, "url");
    struct asked_with with;
    i64 id;

    if (by_machine(h))
        return did(cx, h, "broadcast.opened_by_program");
    if (!is_ours(h, &id))
        return OK;
    TRY(read_asked_with(cx, h, &with));
    TRY(db_run(cx, "broadcast.clicked", I64("at", ctx_now(cx)), I64("broadcast", id),
               I64("contact", h->contact_id), TEXT("device", with.device),
               TEXT("client", with.client)));
    if (!text_empty(url) && strlen(url) <= URL_BYTES)
        TRY(db_run(cx, "broadcast.link_click", I64("broadcast", id),
                   I64("link", (i64)(str_hash(str_from(url)) >> 1)), I64("contact", h->contact_id),
                   I64("variant", val_get_i64(h->props, "variant", 0)), I64("at", ctx_now(cx)),
                   TEXT("url", url)));
    return db_run(cx, "broadcast.soil", I64("broadcast", id));
}

/* What somebody does in the month after a click counts for the mail that they clicked last. */
static enum status credit(struct ctx *cx, i64 contact_id, const char *statement, i64 value,
                          bool with_value)
{
    i64 id = 0, broadcast = 0;
    {
        scoped(stmt_close) struct stmt q =
            db_query(cx, "broadcast.last_clicked", I64("contact", contact_id),
                     I64("since", ctx_now(cx) - CREDIT_DAYS * (i64)MS_DAY));
        if (contact_id && stmt_next(&q)) {
            id = col_i64(&q, 0);
            broadcast = col_i64(&q, 1);
        }
        TRY(stmt_status(&q));
    }
    if (!id)
        return OK;
    TRY(with_value ? db_run(cx, statement, I64("id", id), I64("value", value))
        : text_is(statement, "broadcast.got_deal")
            ? db_run(cx, statement, I64("id", id))
            : db_run(cx, statement, I64("id", id), I64("at", ctx_now(cx))));
    return db_run(cx, "broadcast.soil", I64("broadcast", broadcast));
}

static enum status on_form(struct ctx *cx, const struct happening *h)
{
    return credit(cx, h->contact_id, "broadcast.became_lead", 0, false);
}
static enum status on_deal(struct ctx *cx, const struct happening *h)
{
    return credit(cx, h->contact_id, "broadcast.got_deal", 0, false);
}
static enum status on_won(struct ctx *cx, const struct happening *h)
{
    return credit(cx, h->contact_id, "broadcast.won_deal", h->value_minor, true);
}

static const struct job_type jobs[] = {
    { "broadcast.run", "Send a broadcast", run_job },
    { "broadcast.cancel", "Cancel a broadcast", cancel_job },
    { "broadcast.watch", "Watch broadcasts", watch_job, .every_ms = MS_MINUTE },
};
static const struct subscription subscriptions[] = {
    { "mail.sent", on_sent_or_not },
    { "mail.bounced", on_sent_or_not },
    { "mail.failed", on_sent_or_not },
    { "mail.opened", on_opened },
    { "mail.clicked", on_clicked },
    { "mail.unsubscribed", on_unsubscribed },
    { "mail.complained", on_complained },
    { "mail.replied", on_replied },
    { "form.submitted", on_form },
    { "deal.created", on_deal },
    { "deal.won", on_won },
};
const struct feature feature_broadcast_run = {
    .name = "broadcast_run",
    JOBS(jobs),
    SUBSCRIPTIONS(subscriptions),
};
