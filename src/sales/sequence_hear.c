/* sequence_hear.c -- what happens outside of sequences and ends them or moves them on: answers,
 * meetings, deals that move, consent that is taken back, mails that do not arrive or are opened,
 * tasks that are done. In the transaction in which it happens. */
#include "base/id.h"
#include "mail/mailbox.h"
#include "sales/activity.h"
#include "sales/deal.h"
#include "sales/meeting.h"
#include "sales/sequence.h"

enum { OF_CONTACT_MAX = 50 };

static enum status row_of(struct ctx *cx, const struct record_type *t, const char *query,
                          const char *name, i64 id, struct row **out)
{
    i64 found;
    enum status s = db_get_i64(cx, &found, query, I64(name, id));

    *out = NULL;
    if (s == OK)
        s = record_get(cx, t, found, out);
    if (s != E_NOT_FOUND)
        return s;
    ctx_clear_error(cx);
    *out = NULL;
    return OK;
}

enum status sequence_mark(struct ctx *cx, const struct row *enrolment, int field)
{
    scoped(access_leave) struct access_guard guard = access_enter_system(cx);
    struct row *taken;

    TRY(row_of(cx, &taken_type, "sequence.newest_mail", "enrolment", row_id(enrolment), &taken));
    if (taken == NULL || row_has(taken, field))
        return OK;
    row_set_i64(taken, field, ctx_now(cx));
    return record_save(cx, taken);
}

static enum status of_contact(struct ctx *cx, i64 contact_id, struct row **out, size_t *count)
{
    i64 ids[OF_CONTACT_MAX];
    size_t n = 0;

    *count = 0;
    if (contact_id == 0)
        return OK;
    {
        scoped(stmt_close) struct stmt q = db_query(
            cx, "sequence.of_contact", I64("contact", contact_id), I64("limit", OF_CONTACT_MAX));
        while (n < OF_CONTACT_MAX && stmt_next(&q))
            ids[n++] = col_i64(&q, 0);
        TRY(stmt_status(&q));
    }
    for (size_t i = 0; i < n; i++) {
        TRY(record_get(cx, &enrolment_type, ids[i], &out[*count]));
        ++*count;
    }
    return OK;
}

enum status sequence_stop_all(struct ctx *cx, i64 contact_id, const char *because, int field,
                              i64 since_ms)
{
    scoped(access_leave) struct access_guard guard = access_enter_system(cx);
    struct row *list[OF_CONTACT_MAX];
    size_t count;

    TRY(of_contact(cx, contact_id, list, &count));
    for (size_t i = 0; i < count; i++) {
        if (since_ms < row_created_at(list[i]))
            continue;
        if (field >= 0)
            TRY(sequence_mark(cx, list[i], field));
        TRY(sequence_stop(cx, list[i], because));
    }
    return OK;
}

static bool is_ours(const struct happening *h)
{
    return text_is(val_get_text(h->props, "source"), "sequence");
}

/* A mailbox that was just connected tells of what came long ago. */
static enum status on_received(struct ctx *cx, const struct happening *h)
{
    return sequence_stop_all(cx, h->contact_id, "reply", TAKEN_REPLIED,
                             val_get_i64(h->props, "at", ctx_now(cx)));
}

static enum status on_replied(struct ctx *cx, const struct happening *h)
{
    return is_ours(h) ? sequence_stop_all(cx, h->contact_id, "reply", TAKEN_REPLIED, ctx_now(cx))
                      : OK;
}

static enum status on_opted_out(struct ctx *cx, const struct happening *h)
{
    return sequence_stop_all(cx, h->contact_id, "opt_out", TAKEN_OUT, ctx_now(cx));
}

/* The row of the mail that this happened to. */
static enum status taken_of_mail(struct ctx *cx, const struct happening *h, struct row **out)
{
    i64 email;

    *out = NULL;
    if (!is_ours(h) || !id_parse(str_from(val_get_text(h->props, "source_id")), &email))
        return OK;
    return row_of(cx, &taken_type, "sequence.of_email", "email", email, out);
}

static enum status on_opened(struct ctx *cx, const struct happening *h)
{
    scoped(access_leave) struct access_guard guard = access_enter_system(cx);
    struct row *taken;

    TRY(taken_of_mail(cx, h, &taken));
    if (taken == NULL || row_has(taken, TAKEN_OPENED))
        return OK;
    row_set_i64(taken, TAKEN_OPENED, ctx_now(cx));
    return record_save(cx, taken);
}

static enum status on_bounced(struct ctx *cx, const struct happening *h)
{
    scoped(access_leave) struct access_guard guard = access_enter_system(cx);
    struct row *taken, *r;

    TRY(taken_of_mail(cx, h, &taken));
    if (taken == NULL)
        return OK;
    row_set_i64(taken, TAKEN_BOUNCED, ctx_now(cx));
    TRY(record_save(cx, taken));
    TRY(record_get(cx, &enrolment_type, row_i64(taken, TAKEN_ENROLMENT), &r));
    return sequence_stop(cx, r, "bounce");
}

/* ---- meetings ---- */
static enum status meeting_of(struct ctx *cx, i64 contact_id)
{
    scoped(access_leave) struct access_guard guard = access_enter_system(cx);
    struct row *list[OF_CONTACT_MAX], *sequence;
    size_t count;

    TRY(of_contact(cx, contact_id, list, &count));
    for (size_t i = 0; i < count; i++) {
        TRY(sequence_mark(cx, list[i], TAKEN_BOOKED));
        TRY(record_get_any(cx, &sequence_type, row_i64(list[i], ENROLMENT_SEQUENCE), &sequence));
        if (row_bool(sequence, SEQUENCE_ON_MEETING))
            TRY(sequence_stop(cx, list[i], "meeting"));
    }
    return OK;
}

static bool is_ahead(struct ctx *cx, const struct row *activity)
{
    return meeting_is(activity) && !row_bool(activity, ACTIVITY_DONE) &&
           row_has(activity, ACTIVITY_DUE) && row_i64(activity, ACTIVITY_DUE) > ctx_now(cx);
}

static enum status on_activity_created(struct ctx *cx, const struct happening *h)
{
    return is_ahead(cx, h->row) ? meeting_of(cx, row_i64(h->row, ACTIVITY_CONTACT)) : OK;
}

static enum status on_guest(struct ctx *cx, const struct happening *h)
{
    scoped(access_leave) struct access_guard guard = access_enter_system(cx);
    struct row *meeting;

    if (!row_has(h->row, GUEST_CONTACT))
        return OK;
    TRY(record_get_any(cx, &activity_type, row_i64(h->row, GUEST_MEETING), &meeting));
    return is_ahead(cx, meeting) ? meeting_of(cx, row_i64(h->row, GUEST_CONTACT)) : OK;
}

/* ---- deals ---- */
static enum status on_deal(struct ctx *cx, const struct happening *h)
{
    scoped(access_leave) struct access_guard guard = access_enter_system(cx);
    struct row *list[OF_CONTACT_MAX], *sequence;
    size_t count;

    if (!row_changed(h->row, DEAL_STAGE))
        return OK;
    TRY(of_contact(cx, row_i64(h->row, DEAL_CONTACT), list, &count));
    for (size_t i = 0; i < count; i++) {
        if (row_has(list[i], ENROLMENT_DEAL) && row_i64(list[i], ENROLMENT_DEAL) != row_id(h->row))
            continue;
        TRY(record_get_any(cx, &sequence_type, row_i64(list[i], ENROLMENT_SEQUENCE), &sequence));
        if (row_bool(sequence, SEQUENCE_ON_STAGE))
            TRY(sequence_stop(cx, list[i], "stage"));
    }
    return OK;
}

/* ---- tasks that sequences made ---- */
static enum status task_over(struct ctx *cx, const struct row *activity, const char *status)
{
    scoped(access_leave) struct access_guard guard = access_enter_system(cx);
    struct row *taken, *r;
    const char *was;

    TRY(row_of(cx, &taken_type, "sequence.of_activity", "activity", row_id(activity), &taken));
    if (taken == NULL)
        return OK;
    was = row_text(taken, TAKEN_STATUS);
    if (!text_is(was, "open") && !text_is(was, "draft"))
        return OK;
    row_set_text(taken, TAKEN_STATUS, status);
    row_set_i64(taken, TAKEN_AT, ctx_now(cx));
    TRY(record_save(cx, taken));
    TRY(record_get_any(cx, &enrolment_type, row_i64(taken, TAKEN_ENROLMENT), &r));
    if (row_is_deleted(r) || row_i64(r, ENROLMENT_STEP) != row_i64(taken, TAKEN_STEP) ||
        row_has(r, ENROLMENT_ENDED))
        return OK;
    return sequence_advance(cx, r);
}

static enum status on_activity_updated(struct ctx *cx, const struct happening *h)
{
    if (row_changed(h->row, ACTIVITY_DUE) && is_ahead(cx, h->row))
        TRY(meeting_of(cx, row_i64(h->row, ACTIVITY_CONTACT)));
    return row_changed(h->row, ACTIVITY_DONE) && row_bool(h->row, ACTIVITY_DONE)
               ? task_over(cx, h->row, "done")
               : OK;
}

static enum status on_activity_deleted(struct ctx *cx, const struct happening *h)
{
    return task_over(cx, h->row, "skipped");
}

static const struct subscription subscriptions[] = {
    { "mail.received", on_received },
    { "mail.replied", on_replied },
    { "mail.opened", on_opened },
    { "mail.bounced", on_bounced },
    { "mail.failed", on_bounced },
    { "mail.unsubscribed", on_opted_out },
    { "mail.complained", on_opted_out },
    { "consent.withdrawn", on_opted_out },
    { "activity.created", on_activity_created },
    { "activity.updated", on_activity_updated },
    { "activity.deleted", on_activity_deleted },
    { "meeting_guest.created", on_guest },
    { "deal.updated", on_deal },
};
const struct feature feature_sequence_hear = { .name = "sequence_hear",
                                               SUBSCRIPTIONS(subscriptions) };
