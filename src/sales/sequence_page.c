/* sequence_page.c -- the pages of sequences: a sequence with its steps and what came of each, an
 * enrolment with what was done and what comes, the mail of a step in one's own words, enrolling
 * somebody, and many. Every number is a list of steps taken. */
#include "base/id.h"
#include "base/utf8.h"
#include "bridge/contact.h"
#include "kit/pages.h"
#include "kit/show.h"
#include "mail/content.h"
#include "sales/activity.h"
#include "sales/deal.h"
#include "sales/sequence.h"
#include "sales/sequence_int.h"

enum { SEQUENCES_SHOWN = 50, DEALS_SHOWN = 20, EXCERPT_BYTES = 160 };

/* ---- a sequence ---- */

/* What is counted of each step, and the condition that its rows pass. */
static const struct {
    const char *key, *label, *condition;
} counts[] = {
    { "done", "Sent or done", "(status = 'sent' or status = 'done')" },
    { "opened", "Opened", "opened_at is not empty" },
    { "replied", "Answered", "replied_at is not empty" },
    { "booked", "Booked", "booked_at is not empty" },
    { "out", "Opted out", "opted_out_at is not empty" },
    { "bounced", "Not arrived", "bounced_at is not empty" },
};

static i64 count_of(const struct val *groups, const char *key)
{
    for (size_t i = 0; i < val_count(groups); i++)
        if (text_is(val_get_text(val_at(groups, i), "key"), key))
            return val_get_i64(val_at(groups, i), "count", 0);
    return 0;
}

static void put_number(struct ctx *cx, struct val *list, const char *filter, i64 n, i64 of)
{
    struct val *one = val_add_map(list);

    val_put_text(one, "text", show_number(cx->arena, n));
    val_put_text(one, "url",
                 n ? arena_printf(cx->arena, "/enrolment-steps?filter=%s",
                                  http_url_encode(cx->arena, filter))
                   : "");
    val_put_text(one, "share",
                 of > 0 && n > 0 ? arena_printf(cx->arena, "%lld%%", (long long)(n * 100 / of))
                                 : "");
}

/* "at once", "2 working days later". */
static const char *wait_words(struct ctx *cx, const struct row *sequence, const struct row *step)
{
    i64 days = row_i64(step, STEP_DAYS), hours = row_i64(step, STEP_HOURS);
    const char *what = row_bool(sequence, SEQUENCE_HOURS) ? "working day" : "day";
    const char *d = days ? arena_printf(cx->arena, "%lld %s%s", (long long)days, what,
                                        days == 1 ? "" : "s")
                         : "",
               *h = hours ? arena_printf(cx->arena, "%lld hour%s", (long long)hours,
                                         hours == 1 ? "" : "s")
                          : "";

    return days == 0 && hours == 0
               ? "at once"
               : arena_printf(cx->arena, "%s%s%s later", d, d[0] && h[0] ? " and " : "", h);
}

static const char *how_words(const struct row *step)
{
    if (step_is_mail(step))
        return row_bool(step, STEP_REVIEW) ? "read before it goes" : "goes by itself";
    return row_bool(step, STEP_WAITS) ? "the next one waits for it" : "the next one does not wait";
}

static const char *subject_words(const struct row *step)
{
    return row_has(step, STEP_SUBJECT) ? row_text(step, STEP_SUBJECT)
           : step_is_mail(step)        ? "In answer to the first mail"
                                       : "";
}

static const char *excerpt(struct ctx *cx, const char *text)
{
    const char *cut = utf8_cut(cx->arena, text, EXCERPT_BYTES);

    return strlen(cut) < strlen(text) ? arena_printf(cx->arena, "%s…", cut) : cut;
}

static void put_step(struct ctx *cx, const struct row *sequence, const struct row *step,
                     struct val *one, size_t n)
{
    val_put_printf(one, "number", "%zu", n + 1);
    val_put_text(one, "kind", row_show(cx, step, STEP_KIND));
    val_put_text(one, "icon",
                 step_is_mail(step)                           ? "mail"
                 : text_is(row_text(step, STEP_KIND), "call") ? "phone"
                                                              : "checklist");
    val_put_text(one, "wait", wait_words(cx, sequence, step));
    val_put_text(one, "how", how_words(step));
    val_put_text(one, "subject", subject_words(step));
    val_put_text(one, "second", row_text(step, STEP_SUBJECT_B));
    val_put_text(one, "text", excerpt(cx, row_text(step, STEP_TEXT)));
    val_put_text(one, "url", row_path(cx, step));
    val_put_printf(one, "edit_url", "%s/edit", row_path(cx, step));
}

static enum status put_numbers(struct ctx *cx, const struct row *r, struct row *const *steps,
                               size_t count, struct val *const *shown)
{
    const char *id = id_text(cx->arena, row_id(r));
    struct val *groups[countof(counts)];

    for (size_t c = 0; c < countof(counts); c++) {
        groups[c] = val_list(cx->arena);
        TRY(list_group(
            cx, &taken_type,
            arena_printf(cx->arena, "sequence_id = '%s' and %s", id, counts[c].condition),
            TAKEN_STEP, -1, groups[c]));
    }
    for (size_t i = 0; i < count; i++) {
        const char *step = id_text(cx->arena, row_id(steps[i]));
        struct val *numbers = val_put_list(shown[i], "numbers");
        i64 done = count_of(groups[0], step);
        for (size_t c = 0; c < countof(counts); c++)
            put_number(cx, numbers,
                       arena_printf(cx->arena, "step_id = '%s' and %s", step, counts[c].condition),
                       count_of(groups[c], step), c ? done : 0);
    }
    return OK;
}

/* How many are in it, went through it, answered. */
static enum status put_totals(struct ctx *cx, const struct row *r, struct val *page)
{
    static const struct {
        const char *label, *condition;
    } states[] = {
        { "going on", "status = 'active'" },
        { "paused", "status = 'paused'" },
        { "went through", "status = 'finished'" },
        { "answered", "because = 'reply'" },
        { "booked a meeting", "because = 'meeting'" },
        { "ended otherwise", "status = 'stopped' and not (because in ('reply', 'meeting'))" },
    };
    struct val *list = val_put_list(page, "totals");

    for (size_t i = 0; i < countof(states); i++) {
        const char *filter = arena_printf(cx->arena, "sequence_id = '%s' and %s",
                                          id_text(cx->arena, row_id(r)), states[i].condition);
        struct val *one;
        i64 n;
        TRY(list_count(cx, &enrolment_type, filter, "", 0, &n));
        if (n == 0 && i > 0)
            continue;
        one = val_add_map(list);
        val_put_text(one, "text", states[i].label);
        val_put_text(one, "count", show_number(cx->arena, n));
        val_put_printf(one, "url", "/enrolments?filter=%s", http_url_encode(cx->arena, filter));
    }
    return OK;
}

enum status sequence_detail(struct ctx *cx, const struct row *r, struct val *page)
{
    struct val *list = val_put_list(page, "steps"), *heads = val_put_list(page, "heads");
    struct row *steps[SEQUENCE_STEPS_MAX];
    struct val *shown[SEQUENCE_STEPS_MAX];
    bool change = page_may(cx, r, VERB_UPDATE);
    size_t count;

    TRY(sequence_steps(cx, row_id(r), steps, &count));
    for (size_t c = 0; c < countof(counts); c++)
        val_put_text(val_add_map(heads), "text", counts[c].label);
    for (size_t i = 0; i < count; i++)
        put_step(cx, r, steps[i], shown[i] = val_add_map(list), i);
    if (access_scope(cx->access, "enrolment_step", VERB_READ) != SCOPE_NONE &&
        access_scope(cx->access, "enrolment", VERB_READ) != SCOPE_NONE) {
        TRY(put_numbers(cx, r, steps, count, shown));
        TRY(put_totals(cx, r, page));
    }
    val_put_bool(page, "has_steps", count > 0);
    val_put_bool(page, "active", row_bool(r, SEQUENCE_ACTIVE));
    val_put_bool(page, "may_change", change);
    val_put_printf(page, "add_url", "/sequence-steps/new?sequence_id=%s",
                   id_text(cx->arena, row_id(r)));
    return OK;
}

/* POST /sequence-steps/:id/earlier, /later -- changes places with its neighbour. */
static enum status move_post(struct req *rq)
{
    struct ctx *cx = rq->cx;
    bool earlier = text_is(strrchr(rq->path, '/') + 1, "earlier");
    struct row *steps[SEQUENCE_STEPS_MAX], *sequence, *step;
    size_t count, at = 0;
    i64 id;

    TRY(req_id(rq, "id", &id));
    TRY(record_get(cx, &sequence_step_type, id, &step));
    TRY(record_get(cx, &sequence_type, row_i64(step, STEP_SEQUENCE), &sequence));
    TRY(sequence_steps(cx, row_id(sequence), steps, &count));
    while (at < count && row_id(steps[at]) != id)
        at++;
    if (at < count && (earlier ? at > 0 : at + 1 < count)) {
        struct row *other = steps[earlier ? at - 1 : at + 1];
        steps[earlier ? at - 1 : at + 1] = step;
        steps[at] = other;
    }
    for (size_t i = 0; i < count; i++) { /* places may have been alike */
        if (row_i64(steps[i], STEP_POSITION) == (i64)i + 1)
            continue;
        row_set_i64(steps[i], STEP_POSITION, (i64)i + 1);
        TRY(record_save(cx, steps[i]));
    }
    return reply_redirect(rq, row_path(cx, sequence));
}

/* ---- an enrolment ---- */

static enum status put_coming(struct ctx *cx, const struct row *r, const struct row *contact,
                              const struct row *step, struct val *one)
{
    struct row *taken;
    const char *state;

    TRY(taken_of(cx, row_id(r), row_id(step), &taken));
    state = taken ? row_text(taken, TAKEN_STATUS) : "";
    val_put_text(one, "state",
                 taken && !text_is(state, "planned") ? row_show(cx, taken, TAKEN_STATUS) : "");
    val_put_text(one, "when",
                 taken && row_has(taken, TAKEN_AT) ? show_time(cx, row_i64(taken, TAKEN_AT)) : "");
    val_put_text(one, "title",
                 taken && row_has(taken, TAKEN_SUBJECT) ? row_text(taken, TAKEN_SUBJECT)
                                                        : subject_words(step));
    val_put_bool(one, "own", taken && row_has(taken, TAKEN_TEXT));
    val_put_bool(one, "now", row_i64(r, ENROLMENT_STEP) == row_id(step));
    bool waits = contact && step_is_mail(step) && !row_has(r, ENROLMENT_ENDED) &&
                 (state[0] == '\0' || text_is(state, "planned") || text_is(state, "draft"));
    val_put_text(one, "edit_url",
                 waits ? arena_printf(cx->arena, "%s/steps/%s", row_path(cx, r),
                                      id_text(cx->arena, row_id(step)))
                       : "");
    val_put_bool(one, "draft", text_is(state, "draft"));
    val_put_text(one, "kind", row_show(cx, step, STEP_KIND));
    val_put_text(one, "opened",
                 taken && row_has(taken, TAKEN_OPENED) ? show_time(cx, row_i64(taken, TAKEN_OPENED))
                                                       : "");
    return OK;
}

enum status enrolment_detail(struct ctx *cx, const struct row *r, struct val *page)
{
    struct val *list = val_put_list(page, "steps");
    struct row *steps[SEQUENCE_STEPS_MAX], *contact;
    size_t count;
    enum status s = record_get(cx, &contact_type, row_i64(r, ENROLMENT_CONTACT), &contact);

    if (s == E_NOT_FOUND) {
        ctx_clear_error(cx);
        contact = NULL;
    } else {
        TRY(s);
    }
    TRY(sequence_steps(cx, row_i64(r, ENROLMENT_SEQUENCE), steps, &count));
    for (size_t i = 0; i < count; i++)
        TRY(put_coming(cx, r, contact, steps[i], val_add_map(list)));
    val_put_text(page, "problem", row_text(r, ENROLMENT_PROBLEM));
    val_put_text(page, "contact", contact ? row_title(cx, contact) : "");
    val_put_text(page, "contact_url", contact ? row_path(cx, contact) : "");
    return OK;
}

/* POST /enrolments/:id/stop, /pause, /resume */
static enum status state_post(struct req *rq)
{
    struct ctx *cx = rq->cx;
    const char *what = strrchr(rq->path, '/') + 1, *next = req_form(rq, "next");
    struct row *r;
    i64 id;

    TRY(req_id(rq, "id", &id));
    TRY(record_get(cx, &enrolment_type, id, &r));
    if (!page_may(cx, r, VERB_UPDATE))
        return ctx_fail(cx, E_FORBIDDEN, "Your role does not allow this with enrolments.");
    next = path_is_local(next) ? next : row_path(cx, r);
    if (row_has(r, ENROLMENT_ENDED))
        return ctx_fail_code(cx, E_CONFLICT, "enrolment.over", "It has ended already.");
    if (text_is(what, "stop")) {
        TRY(sequence_stop(cx, r, "manual"));
        return reply_done(rq, next, "Stopped. What had not gone was taken off.");
    }
    scoped(access_leave) struct access_guard guard = access_enter_system(cx);
    row_set_text(r, ENROLMENT_STATUS, text_is(what, "pause") ? "paused" : "active");
    TRY(record_save(cx, r));
    TRY(sequence_wake(cx, ctx_now(cx)));
    return reply_done(rq, next, text_is(what, "pause") ? "Paused." : "It goes on.");
}

/* ---- one mail, in one's own words ---- */
struct edited {
    struct row *enrolment, *step, *contact;
};

static enum status read_edited(struct req *rq, struct edited *e)
{
    struct ctx *cx = rq->cx;
    i64 id, step;

    TRY(req_id(rq, "id", &id));
    TRY(req_id(rq, "step", &step));
    TRY(record_get(cx, &enrolment_type, id, &e->enrolment));
    TRY(record_get(cx, &sequence_step_type, step, &e->step));
    TRY(record_get(cx, &contact_type, row_i64(e->enrolment, ENROLMENT_CONTACT), &e->contact));
    if (row_i64(e->step, STEP_SEQUENCE) != row_i64(e->enrolment, ENROLMENT_SEQUENCE) ||
        !step_is_mail(e->step))
        return ctx_fail(cx, E_NOT_FOUND, "This sequence has no such mail.");
    if (!page_may(cx, e->enrolment, VERB_UPDATE))
        return ctx_fail(cx, E_FORBIDDEN, "Your role does not allow this with enrolments.");
    return OK;
}

static const char *error_of(struct ctx *cx, const char *field)
{
    for (const struct field_error *e = cx->field_errors; e; e = e->next)
        if (text_is(e->field, field))
            return e->message;
    return "";
}

static enum status show_edit(struct req *rq, const struct edited *e)
{
    struct ctx *cx = rq->cx;
    struct val *page = val_map(cx->arena);
    bool typed = rq->method == HTTP_POST;
    struct step_words w;

    TRY(step_words(cx, e->enrolment, e->step, e->contact, &w));
    bool now = row_i64(e->enrolment, ENROLMENT_STEP) == row_id(e->step);
    val_put_printf(page, "title", "Mail to %s", row_title(cx, e->contact));
    val_put_text(page, "contact", row_title(cx, e->contact));
    val_put_text(page, "contact_url", row_path(cx, e->contact));
    val_put_text(page, "to", row_text(e->contact, CONTACT_EMAIL));
    val_put_text(page, "sequence", row_show(cx, e->enrolment, ENROLMENT_SEQUENCE));
    val_put_text(page, "back_url", row_path(cx, e->enrolment));
    val_put_printf(page, "action", "%s/steps/%s", row_path(cx, e->enrolment),
                   id_text(cx->arena, row_id(e->step)));
    val_put_text(page, "subject", typed ? req_form(rq, "subject") : w.subject);
    val_put_bool(page, "in_thread",
                 row_bool(e->step, STEP_THREAD) && row_has(e->enrolment, ENROLMENT_FIRST));
    val_put_text(page, "text", typed ? req_form(rq, "text") : w.text);
    val_put_text(page, "text_error", error_of(cx, "text"));
    val_put_text(page, "next", typed ? req_form(rq, "next") : req_query(rq, "next"));
    val_put_bool(page, "now", now);
    val_put_text(page, "when",
                 row_has(e->enrolment, ENROLMENT_DUE) && now
                     ? show_time_full(cx, row_i64(e->enrolment, ENROLMENT_DUE))
                     : "");
    return reply(rq, "sequence/edit", page);
}

/* GET /enrolments/:id/steps/:step */
static enum status edit_get(struct req *rq)
{
    struct edited e;

    TRY(read_edited(rq, &e));
    return show_edit(rq, &e);
}

static enum status skip(struct ctx *cx, const struct edited *e)
{
    scoped(access_leave) struct access_guard guard = access_enter_system(cx);
    struct row *taken, *task;

    TRY(step_keep_words(cx, e->enrolment, e->step, "Left out", ""));
    TRY(taken_of(cx, row_id(e->enrolment), row_id(e->step), &taken));
    row_set_text(taken, TAKEN_STATUS, "skipped");
    row_set_i64(taken, TAKEN_AT, ctx_now(cx));
    TRY(record_save(cx, taken));
    if (row_has(taken, TAKEN_ACTIVITY) &&
        record_get(cx, &activity_type, row_i64(taken, TAKEN_ACTIVITY), &task) == OK)
        TRY(record_delete(cx, task));
    ctx_clear_error(cx);
    return sequence_advance(cx, e->enrolment);
}

/* POST /enrolments/:id/steps/:step {subject, text, do: save send skip} */
static enum status edit_post(struct req *rq)
{
    struct ctx *cx = rq->cx;
    const char *what = req_form(rq, "do"), *next = req_form(rq, "next"), *text, *subject;
    struct edited e;

    TRY(read_edited(rq, &e));
    next = path_is_local(next) ? next : row_path(cx, e.enrolment);
    if (row_has(e.enrolment, ENROLMENT_ENDED))
        return ctx_fail_code(cx, E_CONFLICT, "enrolment.over", "It has ended already.");
    bool now = row_i64(e.enrolment, ENROLMENT_STEP) == row_id(e.step);
    if (text_is(what, "skip") && now) {
        TRY(skip(cx, &e));
        return reply_done(rq, next, "Left out. The sequence goes on.");
    }
    text = str_dup(cx->arena, str_trim(str_from(req_form(rq, "text"))));
    subject = str_dup(cx->arena, str_trim(str_from(req_form(rq, "subject"))));
    if (text_empty(text)) {
        (void)ctx_fail_field(cx, "text", "required", "Write something first.");
        if (rq->wants_json)
            return E_INVALID;
        reply_status(rq, 422);
        return show_edit(rq, &e);
    }
    TRY(step_keep_words(cx, e.enrolment, e.step, subject, text));
    if (!text_is(what, "send"))
        return reply_done(rq, next, "Kept. It goes when its time has come.");
    if (!now)
        return ctx_fail_code(cx, E_CONFLICT, "enrolment.not_yet",
                             "Another step comes before this one.");
    TRY(step_send(cx, e.enrolment, e.step));
    return reply_done(rq, next, "Your mail to %s is on its way.", row_title(cx, e.contact));
}

/* ---- enrolling ---- */
static enum status put_sequences(struct req *rq, struct val *page)
{
    struct ctx *cx = rq->cx;
    struct list_query q = { .filter = "active is true", .sort = "name", .limit = SEQUENCES_SHOWN };
    struct val *list = val_put_list(page, "sequences");
    struct row *steps[SEQUENCE_STEPS_MAX];
    struct list_page found;
    size_t count;

    TRY(list_run(cx, &sequence_type, &q, &found));
    for (size_t i = 0; i < found.count; i++) {
        const char *id = id_text(cx->arena, row_id(found.rows[i]));
        struct val *one;
        TRY(sequence_steps(cx, row_id(found.rows[i]), steps, &count));
        if (count == 0)
            continue;
        one = val_add_map(list);
        val_put_text(one, "value", id);
        val_put_text(one, "text", row_title(cx, found.rows[i]));
        val_put_text(one, "note", row_text(found.rows[i], SEQUENCE_NOTE));
        val_put_printf(one, "steps", count == 1 ? "%zu step" : "%zu steps", count);
        val_put_bool(one, "on",
                     text_is(id, req_form(rq, "sequence")) ||
                         (text_empty(req_form(rq, "sequence")) && val_count(list) == 1));
    }
    val_put_bool(page, "has_sequences", val_count(list) > 0);
    return OK;
}

static enum status put_deals(struct req *rq, const struct row *contact, struct val *page)
{
    struct ctx *cx = rq->cx;
    struct list_query q = { .filter =
                                arena_printf(cx->arena, "status = 'open' and contact_id = '%s'",
                                             id_text(cx->arena, row_id(contact))),
                            .limit = DEALS_SHOWN };
    struct val *list = val_put_list(page, "deals");
    struct list_page found;

    if (access_scope(cx->access, "deal", VERB_READ) != SCOPE_NONE) {
        TRY(list_run(cx, &deal_type, &q, &found));
        for (size_t i = 0; i < found.count; i++) {
            const char *id = id_text(cx->arena, row_id(found.rows[i]));
            struct val *one = val_add_map(list);
            val_put_text(one, "value", id);
            val_put_text(one, "text", row_title(cx, found.rows[i]));
            val_put_bool(one, "on", text_is(id, req_form(rq, "deal")));
        }
    }
    val_put_bool(page, "has_deals", val_count(list) > 0);
    return OK;
}

static enum status show_enrol(struct req *rq, const struct row *contact)
{
    struct ctx *cx = rq->cx;
    struct val *page = val_map(cx->arena), *errors = val_put_list(page, "errors");
    const char *next = rq->method == HTTP_POST ? req_form(rq, "next") : req_query(rq, "next");

    for (const struct field_error *e = cx->field_errors; e; e = e->next)
        val_put_text(val_add_map(errors), "text", e->message);
    val_put_bool(page, "has_errors", cx->field_errors != NULL);
    val_put_printf(page, "title", "Enrol %s", row_title(cx, contact));
    val_put_text(page, "action", arena_printf(cx->arena, "%s/enrol", row_path(cx, contact)));
    val_put_text(page, "next", next);
    val_put_text(page, "back_url", path_is_local(next) ? next : row_path(cx, contact));
    TRY(put_sequences(rq, page));
    TRY(put_deals(rq, contact, page));
    return reply(rq, "sequence/enrol", page);
}

/* GET /contacts/:id/enrol?next= */
static enum status enrol_get(struct req *rq)
{
    struct row *contact;
    i64 id;

    TRY(req_id(rq, "id", &id));
    TRY(record_get(rq->cx, &contact_type, id, &contact));
    return show_enrol(rq, contact);
}

static enum status enrol(struct ctx *cx, i64 contact, i64 sequence, i64 deal)
{
    struct row *r = row_new(cx, &enrolment_type);

    row_set_i64(r, ENROLMENT_SEQUENCE, sequence);
    row_set_i64(r, ENROLMENT_CONTACT, contact);
    if (deal)
        row_set_i64(r, ENROLMENT_DEAL, deal);
    return record_save(cx, r);
}

/* POST /contacts/:id/enrol {sequence, deal, next} */
static enum status enrol_post(struct req *rq)
{
    struct ctx *cx = rq->cx;
    const char *next = req_form(rq, "next");
    struct row *contact, *named;
    i64 id, sequence, deal = 0;
    enum status s;

    TRY(req_id(rq, "id", &id));
    TRY(record_get(cx, &contact_type, id, &contact));
    if (!text_empty(req_form(rq, "deal")) && !id_parse(str_from(req_form(rq, "deal")), &deal))
        return ctx_fail_code(cx, E_INVALID, "id.invalid", "'%s' is not the id of a record.",
                             req_form(rq, "deal"));
    if (!id_parse(str_from(req_form(rq, "sequence")), &sequence))
        s = ctx_fail_field(cx, "sequence_id", "required", "Choose a sequence.");
    else
        s = enrol(cx, id, sequence, deal);
    if (s == E_INVALID && !rq->wants_json && cx->field_errors) {
        reply_status(rq, 422);
        return show_enrol(rq, contact);
    }
    TRY(s);
    TRY(record_get(cx, &sequence_type, sequence, &named));
    return reply_done(rq, path_is_local(next) ? next : row_path(cx, contact),
                      "%s is enrolled in %s.", row_title(cx, contact), row_title(cx, named));
}

/* ---- ticked contacts ---- */
static enum status offers(struct ctx *cx, struct val *list)
{
    struct list_query q = { .filter = "active is true", .sort = "name", .limit = SEQUENCES_SHOWN };
    struct list_page found;

    if (access_scope(cx->access, "enrolment", VERB_CREATE) == SCOPE_NONE)
        return OK;
    TRY(list_run(cx, &sequence_type, &q, &found));
    for (size_t i = 0; i < found.count; i++) {
        struct val *one = val_add_map(list);
        val_put_text(one, "value", id_text(cx->arena, row_id(found.rows[i])));
        val_put_printf(one, "text", "Enrol in %s", row_title(cx, found.rows[i]));
    }
    return OK;
}

static enum status take_up(struct ctx *cx, struct row *contact, const char *value)
{
    i64 sequence;

    if (!id_parse(str_from(value), &sequence))
        return ctx_fail_code(cx, E_INVALID, "bulk.action", "Choose a sequence.");
    return enrol(cx, row_id(contact), sequence, 0);
}

static const struct bulk_offer bulk_offers[] = { { "contact", "enrol", offers, take_up } };
static const struct route routes[] = {
    { HTTP_GET, "/contacts/:id/enrol", enrol_get, NEEDS("enrolment", VERB_CREATE) },
    { HTTP_POST, "/contacts/:id/enrol", enrol_post, NEEDS("enrolment", VERB_CREATE) },
    { HTTP_POST, "/enrolments/:id/stop", state_post, NEEDS("enrolment", VERB_UPDATE) },
    { HTTP_POST, "/enrolments/:id/pause", state_post, NEEDS("enrolment", VERB_UPDATE) },
    { HTTP_POST, "/enrolments/:id/resume", state_post, NEEDS("enrolment", VERB_UPDATE) },
    { HTTP_GET, "/enrolments/:id/steps/:step", edit_get, NEEDS("enrolment", VERB_UPDATE) },
    { HTTP_POST, "/enrolments/:id/steps/:step", edit_post, NEEDS("enrolment", VERB_UPDATE) },
    { HTTP_POST, "/sequence-steps/:id/earlier", move_post, NEEDS("sequence_step", VERB_UPDATE) },
    { HTTP_POST, "/sequence-steps/:id/later", move_post, NEEDS("sequence_step", VERB_UPDATE) },
};
const struct feature feature_sequence_page = { .name = "sequence_page",
                                               ROUTES(routes),
                                               BULK_OFFERS(bulk_offers) };
