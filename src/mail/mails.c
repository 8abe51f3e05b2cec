/* mails.c -- mails to look at: the list, one with its history, what waits and why, decisions about
 * those nobody can be sure of; and the API by which programs send. */
#include "base/id.h"
#include "base/json.h"
#include "base/limits.h"
#include "base/utf8.h"
#include "bridge/consent.h"
#include "bridge/contact.h"
#include "kit/pages.h"
#include "kit/show.h"
#include "mail/content.h"
#include "mail/delivery_int.h"
#include "mail/sender.h"
#include <sodium.h>
#include <string.h>

enum { LIST_MAX = 50, TRIES_MAX = 50, DOMAINS_MAX = 20, ERRORS_MAX = 20, TYPE_BYTES = 100 };

/* ---- in words ---- */
static const char *const tones[MAIL_STATES] = {
    [MAIL_WAITING] = "blue",   [MAIL_SENDING] = "blue",  [MAIL_SENT] = "green",
    [MAIL_DEFERRED] = "amber", [MAIL_BOUNCED] = "red",   [MAIL_FAILED] = "red",
    [MAIL_SKIPPED] = "grey",   [MAIL_UNSURE] = "violet", [MAIL_HELD] = "grey",
};

static const struct {
    const char *reason, *words;
} reasons[] = {
    { "hard", "The address does not exist." },
    { "mailbox_full", "The mailbox is full." },
    { "policy", "The other side refuses mails like this one." },
    { "content", "The other side does not take what is in it." },
    { "other", "The other side refused it." },
    { "refused_for_now", "Refused for now; it goes again by itself." },
    { "connection", "The connection ended before the mail server had answered." },
    { "expired", "Refused for now until the retry window ended." },
    { "render", "Its text could not be made." },
    { "stopped", "Furrow was stopped between the mail's end and the server's answer." },
    { "node_gone", "The node that was sending it never came back." },
    { "cancelled", "Taken off before it went." },
    { "assumed", "Nobody knows for sure; a colleague said to take it as sent." },
};

static const char *reason_words(const char *reason)
{
    for (size_t i = 0; i < countof(reasons); i++)
        if (text_is(reasons[i].reason, reason))
            return reasons[i].words;
    return reason;
}

static void put_time(struct ctx *cx, struct val *into, const char *name, i64 ms)
{
    struct val *v;

    if (ms <= 0) {
        val_put_null(into, name);
        return;
    }
    v = val_put_map(into, name);
    val_put_text(v, "text", show_time(cx, ms));
    val_put_text(v, "iso", time_iso(cx->arena, ms));
    val_put_text(v, "full", show_time_full(cx, ms));
}

/* 0: may see everybody's; otherwise only those of this user. */
static i64 only_of(struct ctx *cx)
{
    return access_scope(cx->access, "mail_message", VERB_READ) == SCOPE_ALL ? 0
                                                                            : cx->access->user_id;
}

static const char *path_of_source(struct ctx *cx, const char *source, i64 id)
{
    const struct record_type *t = type_find(cx, source);

    return t != NULL && id != 0 ? arena_printf(cx->arena, "/%s/%s", t->path, id_text(cx->arena, id))
                                : "";
}

/* ---- the list ---- */
static int state_of_word(const char *word)
{
    for (int i = 0; i < MAIL_STATES; i++)
        if (text_is(mail_state_word(i), word))
            return i;
    return -1;
}

static void put_row(struct ctx *cx, struct stmt *q, struct val *list, bool api)
{
    struct val *v = val_add_map(list);
    int state = (int)col_i64(q, 2);
    i64 contact = col_i64(q, 5);

    val_put_text(v, "id", id_text(cx->arena, col_i64(q, 0)));
    val_put_text(v, "state", mail_state_word(state));
    val_put_text(v, "lane", mail_lane_word((int)col_i64(q, 3)));
    val_put_text(v, "to", col_text(q, 4));
    val_put_text(v, "subject", col_text(q, 6));
    val_put_text(v, "reason", col_text(q, 7));
    val_put_text(v, "code", col_text(q, 8));
    val_put_text(v, "source", col_text(q, 9));
    if (api) {
        val_put_text(v, "created_at", time_iso(cx->arena, col_i64(q, 1)));
        return;
    }
    put_time(cx, v, "when", col_i64(q, 1));
    val_put_text(v, "tone", tones[state]);
    val_put_text(v, "why", state == MAIL_SENT ? "" : reason_words(col_text(q, 7)));
    val_put_text(v, "source_url", path_of_source(cx, col_text(q, 9), col_i64(q, 10)));
    val_put_text(v, "contact_url",
                 contact ? arena_printf(cx->arena, "/contacts/%s", id_text(cx->arena, contact))
                         : "");
}

static enum status read_list(struct req *rq, struct val *list, bool api, const char **cursor)
{
    struct ctx *cx = rq->cx;
    int state = state_of_word(req_query(rq, "state"));
    i64 before = INT64_MAX, contact = 0, source = 0, last = 0;
    size_t count = 0;

    (void)id_parse(str_from(req_query(rq, "before")), &before);
    (void)id_parse(str_from(req_query(rq, "contact")), &contact);
    (void)id_parse(str_from(req_query(rq, "source_id")), &source);
    {
        scoped(stmt_close) struct stmt q =
            source != 0
                ? db_query(cx, "mails.of_source", TEXT("source", req_query(rq, "source")),
                           I64("source_id", source), I64("state", state), I64("before", before),
                           I64("user", only_of(cx)), I64("limit", LIST_MAX))
            : contact != 0
                ? db_query(cx, "mails.of_contact", I64("contact", contact), I64("state", state),
                           I64("before", before), I64("user", only_of(cx)), I64("limit", LIST_MAX))
            : state >= 0
                ? db_query(cx, "mails.of_state", I64("state", state), I64("before", before),
                           I64("user", only_of(cx)), I64("limit", LIST_MAX))
                : db_query(cx, "mails.all", I64("before", before), I64("user", only_of(cx)),
                           I64("limit", LIST_MAX));
        for (; stmt_next(&q); count++) {
            last = col_i64(&q, 0);
            put_row(cx, &q, list, api);
        }
        TRY(stmt_status(&q));
    }
    *cursor = count == LIST_MAX ? id_text(cx->arena, last) : "";
    return OK;
}

/* GET /mails?state=&contact=&source=&source_id= */
static enum status mails_get(struct req *rq)
{
    struct ctx *cx = rq->cx;
    struct val *page = val_map(cx->arena), *states = val_put_list(page, "states"), *one;
    const char *word = req_query(rq, "state"), *cursor, *more = "";
    i64 unsure = 0;

    val_put_text(page, "title", "Sent mail");
    for (const char *const *p = (const char *const[]){ "contact", "source", "source_id", NULL };
         *p != NULL; p++)
        if (!text_empty(req_query(rq, *p))) {
            struct buf b = buf_in(cx->arena, 1000);
            buf_printf(&b, "%s&%s=", more, *p);
            for (const char *c = req_query(rq, *p); *c != '\0'; c++)
                if ((*c >= 'a' && *c <= 'z') || (*c >= '0' && *c <= '9') || *c == '_')
                    buf_char(&b, *c);
            more = buf_end(&b);
        }
    for (int i = -1; i < MAIL_STATES; i++) {
        one = val_add_map(states);
        val_put_text(one, "text", i < 0 ? "all" : mail_state_word(i));
        val_put_printf(one, "url", "/mails?state=%s%s", i < 0 ? "" : mail_state_word(i), more);
        val_put_bool(one, "on",
                     i < 0 ? state_of_word(word) < 0 : text_is(mail_state_word(i), word));
    }
    TRY(read_list(rq, val_put_list(page, "mails"), false, &cursor));
    TRY(db_get_i64(cx, &unsure, "mails.count_of_state", I64("state", MAIL_UNSURE)));
    val_put_i64(page, "unsure", unsure);
    val_put_bool(page, "has_unsure",
                 unsure > 0 && access_scope(cx->access, "mail_message", VERB_UPDATE) == SCOPE_ALL);
    val_put_bool(page, "none", val_count(val_get(page, "mails")) == 0);
    val_put_bool(page, "filtered", !text_empty(word) || more[0] != '\0');
    val_put_text(page, "older_url",
                 cursor[0] ? arena_printf(cx->arena, "/mails?state=%s%s&before=%s",
                                          state_of_word(word) >= 0 ? word : "", more, cursor)
                           : "");
    return reply(rq, "mails/list", page);
}

/* ---- one ---- */
static enum status get_mine(struct req *rq, struct mail_message *m)
{
    i64 id, only = only_of(rq->cx);

    TRY(req_id(rq, "id", &id));
    TRY(mail_get(rq->cx, id, m));
    if (only != 0 && m->user_id != only)
        return ctx_fail_code(rq->cx, E_NOT_FOUND, "mail.unknown", "there is no such mail");
    return OK;
}

static enum status put_tries(struct ctx *cx, i64 id, struct val *list)
{
    scoped(stmt_close) struct stmt q =
        db_query(cx, "mails.tries", I64("message", id), I64("limit", TRIES_MAX));

    while (stmt_next(&q)) {
        struct val *v = val_add_map(list);
        int state = (int)col_i64(&q, 1);
        put_time(cx, v, "when", col_i64(&q, 0));
        val_put_text(v, "state", mail_state_word(state));
        val_put_text(v, "tone", tones[state >= 0 && state < MAIL_STATES ? state : 0]);
        val_put_text(v, "code", col_text(&q, 2));
        val_put_text(v, "reply", col_text(&q, 3));
        val_put_text(v, "host", col_text(&q, 4));
    }
    return stmt_status(&q);
}

/* What one person wrote to another is theirs; what the company sends is everybody's to read. */
static bool may_read_text(struct ctx *cx, const struct mail_message *m)
{
    return m->lane != MAIL_LANE_PERSON || m->user_id == 0 || m->user_id == cx->access->user_id ||
           !text_is(m->source, "contact");
}

static void put_preview(struct ctx *cx, const struct mail_message *m, struct val *page)
{
    struct renderer *r = renderer_new();
    struct ctx probe = *cx;
    struct mail_text text;
    struct row *sender;
    struct mail_from from = { "", "", "" };

    if (record_get(&probe, &sender_type, m->sender_id, &sender) == OK)
        from = (struct mail_from){ row_text(sender, SENDER_FROM_NAME),
                                   row_text(sender, SENDER_FROM), "" };
    ctx_clear_error(&probe);
    if (mail_render(&probe, r, m, &from, &text) == OK) {
        val_put_text(page, "preview",
                     !text_empty(text.text)   ? text.text
                     : !text_empty(text.html) ? text.html
                                              : "");
        val_put_i64(page, "files", (i64)text.file_count);
    } else {
        val_put_text(page, "preview", "");
        val_put_text(page, "preview_error", probe.error_text ? probe.error_text : "");
    }
    val_put_bool(page, "as_now", m->content_id != 0);
    renderer_free(r);
}

static void put_one(struct ctx *cx, const struct mail_message *m, struct val *v)
{
    val_put_text(v, "id", id_text(cx->arena, m->id));
    val_put_text(v, "state", mail_state_word(m->state));
    val_put_text(v, "lane", mail_lane_word(m->lane));
    val_put_text(v, "to", m->to);
    val_put_text(v, "to_name", m->to_name);
    val_put_text(v, "subject", m->subject);
    val_put_text(v, "source", m->source);
    val_put_text(v, "reason", m->reason);
    val_put_text(v, "code", m->code);
    val_put_text(v, "reply", m->reply);
    val_put_i64(v, "attempts", m->attempts);
}

/* GET /mails/:id */
static enum status mail_page(struct req *rq)
{
    struct ctx *cx = rq->cx;
    struct val *page = val_map(cx->arena);
    struct mail_message m;
    struct row *sender;
    const char *sender_name = "", *domain = "";

    TRY(get_mine(rq, &m));
    put_one(cx, &m, page);
    val_put_text(page, "title", m.subject[0] ? m.subject : m.to);
    val_put_text(page, "tone", tones[m.state]);
    val_put_text(page, "why",
                 m.state == MAIL_SENT && !text_is(m.reason, "assumed") ? ""
                                                                       : reason_words(m.reason));
    put_time(cx, page, "created", m.created_at);
    put_time(cx, page, "sent", m.sent_at);
    put_time(cx, page, "due", m.state == MAIL_WAITING || m.state == MAIL_DEFERRED ? m.due_at : 0);
    val_put_text(page, "source_url", path_of_source(cx, m.source, m.source_id));
    val_put_text(page, "contact_url",
                 m.contact_id
                     ? arena_printf(cx->arena, "/contacts/%s", id_text(cx->arena, m.contact_id))
                     : "");
    {
        scoped(access_leave) struct access_guard guard = access_enter_system(cx);
        if (record_get_any(cx, &sender_type, m.sender_id, &sender) == OK) {
            sender_name = row_text(sender, SENDER_NAME);
            domain = row_has(sender, SENDER_DKIM_DOMAIN)
                         ? row_text(sender, SENDER_DKIM_DOMAIN)
                         : strchr(row_text(sender, SENDER_FROM), '@') + 1;
        }
        ctx_clear_error(cx);
        val_put_text(page, "sender", sender_name);
        val_put_printf(page, "sender_url", "/senders/%s", id_text(cx->arena, m.sender_id));
        val_put_text(page, "message_id", mail_message_id(cx, m.id, domain));
        val_put_bool(page, "may_read", may_read_text(cx, &m));
        if (may_read_text(cx, &m))
            put_preview(cx, &m, page);
    }
    TRY(put_tries(cx, m.id, val_put_list(page, "tries")));
    val_put_bool(page, "has_tries", val_count(val_get(page, "tries")) > 0);
    bool acts = access_scope(cx->access, "mail_message", VERB_UPDATE) != SCOPE_NONE;
    val_put_bool(page, "is_unsure", acts && m.state == MAIL_UNSURE);
    val_put_bool(page, "may_retry",
                 acts && (m.state == MAIL_DEFERRED || m.state == MAIL_FAILED ||
                          m.state == MAIL_BOUNCED || m.state == MAIL_WAITING));
    val_put_bool(page, "may_cancel",
                 acts &&
                     (m.state == MAIL_WAITING || m.state == MAIL_DEFERRED || m.state == MAIL_HELD));
    return reply(rq, "mails/one", page);
}

/* POST /mails/:id/retry -- now, whatever the back-off says. */
static enum status mail_retry(struct req *rq)
{
    struct mail_message m;
    i64 changed;

    TRY(get_mine(rq, &m));
    TRY(db_run_count(rq->cx, &changed, "mails.retry", I64("id", m.id),
                     I64("now", ctx_now(rq->cx))));
    if (changed == 0)
        return ctx_fail_code(rq->cx, E_CONFLICT, "mail.state",
                             "this mail is %s: it cannot be sent again", mail_state_word(m.state));
    return reply_done(rq, arena_printf(rq->cx->arena, "/mails/%s", id_text(rq->cx->arena, m.id)),
                      "The mail goes again.");
}

/* POST /mails/:id/leave -- an unsure one counts as sent. */
static enum status mail_leave(struct req *rq)
{
    struct mail_message m;
    i64 changed;

    TRY(get_mine(rq, &m));
    TRY(db_run_count(rq->cx, &changed, "mails.leave", I64("id", m.id),
                     I64("now", ctx_now(rq->cx))));
    if (changed == 0)
        return ctx_fail_code(rq->cx, E_CONFLICT, "mail.state", "this mail is %s: nothing is unsure",
                             mail_state_word(m.state));
    return reply_done(rq, arena_printf(rq->cx->arena, "/mails/%s", id_text(rq->cx->arena, m.id)),
                      "The mail counts as sent.");
}

/* POST /mails/:id/cancel */
static enum status mail_cancel_post(struct req *rq)
{
    struct mail_message m;
    i64 changed;

    TRY(get_mine(rq, &m));
    TRY(db_run_count(rq->cx, &changed, "mails.cancel", I64("id", m.id),
                     I64("now", ctx_now(rq->cx))));
    if (changed == 0)
        return ctx_fail_code(rq->cx, E_CONFLICT, "mail.state",
                             "this mail is %s: it cannot be taken off", mail_state_word(m.state));
    return reply_done(rq, arena_printf(rq->cx->arena, "/mails/%s", id_text(rq->cx->arena, m.id)),
                      "The mail is taken off.");
}

/* POST /mails/unsure {action: again | leave} -- all of them. */
static enum status unsure_post(struct req *rq)
{
    bool again = text_is(req_form(rq, "action"), "again");
    i64 changed;

    if (only_of(rq->cx) != 0)
        return ctx_fail(rq->cx, E_FORBIDDEN, "only who may see all mails decides about all");
    if (!again && !text_is(req_form(rq, "action"), "leave"))
        return ctx_fail_code(rq->cx, E_INVALID, "mail.action", "action must be again or leave");
    TRY(again ? db_run_count(rq->cx, &changed, "mails.all_again", I64("now", ctx_now(rq->cx)))
              : db_run_count(rq->cx, &changed, "mails.all_leave", I64("now", ctx_now(rq->cx))));
    return reply_done(rq, "/mails", again ? "%lld mails go again." : "%lld mails count as sent.",
                      (long long)changed);
}

/* ---- how it goes ---- */
static enum status put_queue(struct ctx *cx, struct val *page)
{
    static const char *const names[] = { "now", "person", "bulk" };
    struct val *lanes = val_put_list(page, "lanes"), *domains = val_put_list(page, "domains");
    i64 counts[3][MAIL_STATES] = { { 0 } };

    {
        scoped(stmt_close) struct stmt q = db_query(cx, "mails.by_lane");
        while (stmt_next(&q))
            if (col_i64(&q, 0) >= 0 && col_i64(&q, 0) < 3 && col_i64(&q, 1) < MAIL_STATES)
                counts[col_i64(&q, 0)][col_i64(&q, 1)] = col_i64(&q, 2);
        TRY(stmt_status(&q));
    }
    for (size_t i = 0; i < 3; i++) {
        static const int shown[] = { MAIL_WAITING, MAIL_SENDING, MAIL_DEFERRED, MAIL_HELD,
                                     MAIL_UNSURE };
        struct val *v = val_add_map(lanes);
        val_put_text(v, "lane", names[i]);
        for (size_t k = 0; k < countof(shown); k++)
            val_put_text(v, mail_state_word(shown[k]), show_number(cx->arena, counts[i][shown[k]]));
    }
    scoped(stmt_close) struct stmt q = db_query(cx, "mails.by_domain", I64("limit", DOMAINS_MAX));
    while (stmt_next(&q)) {
        struct val *v = val_add_map(domains);
        val_put_text(v, "domain", col_text(&q, 0));
        val_put_text(v, "waiting", show_number(cx->arena, col_i64(&q, 1)));
        val_put_text(v, "deferred", show_number(cx->arena, col_i64(&q, 2)));
        put_time(cx, v, "next", col_i64(&q, 3));
    }
    val_put_bool(page, "has_domains", val_count(domains) > 0);
    return stmt_status(&q);
}

static const struct val *report_of(const struct val *list, const char *id)
{
    for (size_t i = 0; i < val_count(list); i++)
        if (text_is(val_get_text(val_at(list, i), "id"), id))
            return val_at(list, i);
    return NULL;
}

static enum status put_senders(struct ctx *cx, struct val *page)
{
    struct val *senders = val_put_list(page, "senders"), *live = val_list(cx->arena);

    delivery_report(cx, live);
    scoped(stmt_close) struct stmt q =
        db_query(cx, "mails.by_sender", I64("since", ctx_now(cx) - MS_DAY));
    while (stmt_next(&q)) {
        struct val *v = val_add_map(senders);
        const char *id = id_text(cx->arena, col_i64(&q, 0)), *state = "ready";
        const struct val *now = report_of(live, id);
        i64 pause = val_get_i64(now, "pause_ms", 0);
        if (col_i64(&q, 2) == 0)
            state = "not active: its mails wait";
        else if (text_empty(col_text(&q, 3)))
            state = "no mail server is set up: its mails wait";
        else if (pause > 0)
            state = arena_printf(cx->arena, "tries again in %s",
                                 show_seconds(cx->arena, pause / MS_SECOND + 1));
        else if (val_as_bool(val_get(now, "limit_reached"), false))
            state = "its hour's or day's number is reached";
        val_put_text(v, "name", col_text(&q, 1));
        val_put_printf(v, "url", "/senders/%s", id);
        val_put_text(v, "state", state);
        val_put_text(v, "error", val_get_text(now, "error"));
        val_put_i64(v, "connections", val_get_i64(now, "connections", 0));
        val_put_text(v, "waiting", show_number(cx->arena, col_i64(&q, 4)));
        val_put_text(v, "sent_day", show_number(cx->arena, col_i64(&q, 5)));
        val_put_text(v, "tone",
                     !text_empty(val_get_text(now, "error")) ? "red"
                     : text_is(state, "ready")               ? "green"
                                                             : "amber");
    }
    val_put_bool(page, "no_senders", val_count(senders) == 0);
    return stmt_status(&q);
}

static enum status put_errors_list(struct ctx *cx, struct val *page)
{
    struct val *list = val_put_list(page, "errors_last");
    scoped(stmt_close) struct stmt q = db_query(cx, "mails.last_tries", I64("limit", ERRORS_MAX));

    while (stmt_next(&q)) {
        struct val *v = val_add_map(list);
        int state = (int)col_i64(&q, 2);
        put_time(cx, v, "when", col_i64(&q, 0));
        val_put_printf(v, "url", "/mails/%s", id_text(cx->arena, col_i64(&q, 1)));
        val_put_text(v, "state", mail_state_word(state));
        val_put_text(v, "tone", tones[state >= 0 && state < MAIL_STATES ? state : 0]);
        val_put_text(v, "code", col_text(&q, 3));
        val_put_text(v, "reply", col_text(&q, 4));
        val_put_text(v, "domain", col_text(&q, 5));
    }
    val_put_bool(page, "has_errors_last", val_count(list) > 0);
    return stmt_status(&q);
}

/* GET /mails/health */
static enum status health_get(struct req *rq)
{
    struct val *page = val_map(rq->cx->arena);

    val_put_text(page, "title", "Mail health");
    TRY(put_queue(rq->cx, page));
    TRY(put_senders(rq->cx, page));
    TRY(put_errors_list(rq->cx, page));
    return reply(rq, "mails/health", page);
}

/* ---- the API ---- */
static enum status read_files(struct ctx *cx, const struct val *list, struct mail *m)
{
    size_t count = val_count(list), total = 0;
    struct mail_file *files;

    if (count > LIMIT_MAIL_FILES)
        return ctx_fail_field(cx, "files", "mail.files", "a mail has at most %d attachments",
                              LIMIT_MAIL_FILES);
    files = NEW_N(cx->arena, struct mail_file, count + 1);
    for (size_t i = 0; i < count; i++) {
        const struct val *f = val_at(list, i);
        const char *text = val_get_text(f, "content"), *name = val_get_text(f, "name");
        size_t len = strlen(text), bytes;
        unsigned char *out = arena_alloc(cx->arena, len + 1, 1);
        if (text_empty(name) || strlen(val_get_text(f, "type")) > TYPE_BYTES)
            return ctx_fail_field(cx, "files", "mail.files", "each attachment needs a name");
        if (sodium_base642bin(out, len + 1, text, len, "\r\n ", &bytes, NULL,
                              sodium_base64_VARIANT_ORIGINAL) != 0)
            return ctx_fail_field(cx, "files", "mail.files", "the content of '%s' is not base64",
                                  utf8_cut(cx->arena, name, 80));
        total += bytes;
        files[i] = (struct mail_file){ name, val_get_text(f, "type"), { (char *)out, bytes } };
    }
    if (total > LIMIT_MAIL_FILES_BYTES)
        return ctx_fail_field(cx, "files", "mail.files",
                              "the attachments are %zu bytes together: at most %d are sent", total,
                              LIMIT_MAIL_FILES_BYTES);
    m->files = files;
    m->file_count = count;
    return OK;
}

static enum status read_id(struct ctx *cx, const struct val *body, const char *name, i64 *id)
{
    const char *text = val_get_text(body, name);

    *id = 0;
    if (text_empty(text) || id_parse(str_from(text), id))
        return OK;
    return ctx_fail_field(cx, name, "id.invalid", "'%s' is no id", utf8_cut(cx->arena, text, 40));
}

/* Whom it goes to: the contact's address, or the contact of that address, if there is one. */
static enum status find_contact(struct ctx *cx, struct mail *m)
{
    struct row *contact;
    enum status s;

    if (m->contact_id != 0) {
        TRY(record_get(cx, &contact_type, m->contact_id, &contact));
        if (text_empty(m->to))
            m->to = row_text(contact, CONTACT_EMAIL);
        if (text_empty(m->to))
            return ctx_fail_field(cx, "to", "mail.address", "%s has no mail address",
                                  row_title(cx, contact));
    } else {
        s = text_empty(m->to) ? E_NOT_FOUND
                              : record_find(cx, &contact_type, "email", m->to, &contact);
        if (s == E_NOT_FOUND)
            return OK;
        TRY(s);
        m->contact_id = row_id(contact);
    }
    if (text_empty(m->to_name))
        m->to_name = row_title(cx, contact);
    return OK;
}

static enum status check_content(struct ctx *cx, const struct mail *m)
{
    struct row *content, *sender;

    if (m->sender_id != 0)
        TRY(record_get(cx, &sender_type, m->sender_id, &sender));
    if (m->content_id == 0)
        return OK;
    TRY(record_get(cx, &mail_content_type, m->content_id, &content));
    struct content *compiled;
    return content_compile(cx, content, &compiled);
}

/* POST /api/v1/mails */
static enum status api_send(struct req *rq)
{
    struct ctx *cx = rq->cx;
    const struct val *b = rq->form;
    const char *key = rq->header(rq, "Idempotency-Key"), *topic = val_get_text(b, "topic");
    struct val *out = val_map(cx->arena);
    struct mail_message said;
    enum status s;
    i64 id;
    struct mail m = { .lane = MAIL_LANE_NOW,
                      .to = val_get_text(b, "to"),
                      .to_name = val_get_text(b, "to_name"),
                      .subject = val_get_text(b, "subject"),
                      .html = val_get_text(b, "html"),
                      .text = val_get_text(b, "text"),
                      .data = val_get(b, "data"),
                      .in_reply_to = val_get_text(b, "in_reply_to"),
                      .references = val_get_text(b, "references"),
                      .source = "api",
                      .user_id = 0 };

    if (text_is(val_get_text(b, "lane"), "bulk"))
        m.lane = MAIL_LANE_BULK;
    TRY(read_id(cx, b, "content_id", &m.content_id));
    TRY(read_id(cx, b, "contact_id", &m.contact_id));
    TRY(read_id(cx, b, "sender_id", &m.sender_id));
    if (!text_empty(topic) && topic_by_slug(cx, topic, &m.topic_id) != OK)
        return ctx_fail_field(cx, "topic", "mail.topic", "there is no topic '%s'",
                              utf8_cut(cx->arena, topic, 60));
    if (!text_empty(val_get_text(b, "send_at")) &&
        !time_parse(str_from(val_get_text(b, "send_at")), &m.not_before_ms))
        return ctx_fail_field(cx, "send_at", "time.invalid",
                              "send_at must be like 2026-03-01T09:00:00Z");
    if (text_empty(key))
        key = val_get_text(b, "key");
    if (strlen(key) > 200)
        return ctx_fail_field(cx, "key", "text.too_long", "the key is too long: at most 200 bytes");
    if (!text_empty(key))
        m.key = arena_printf(cx->arena, "api:%s", key);
    TRY(read_files(cx, val_get(b, "files"), &m));
    TRY(find_contact(cx, &m));
    TRY(check_content(cx, &m));
    s = mail_send(cx, &m, &id);
    if (s == E_INVALID && text_is(cx->error_code, "mail.address"))
        return ctx_fail_field(cx, "to", "mail.address", "%s", cx->error_text);
    TRY(s);
    TRY(mail_get(cx, id, &said));
    val_put_text(out, "id", id_text(cx->arena, id));
    val_put_text(out, "state", mail_state_word(said.state));
    return reply_json(rq, 202, out);
}

/* GET /api/v1/mails?state=&contact=&source=&source_id=&before= */
static enum status api_list(struct req *rq)
{
    struct val *out = val_map(rq->cx->arena);
    const char *cursor;

    TRY(read_list(rq, val_put_list(out, "data"), true, &cursor));
    val_put_text(out, "before", cursor);
    return reply_json(rq, 200, out);
}

/* GET /api/v1/mails/:id */
static enum status api_one(struct req *rq)
{
    struct val *out = val_map(rq->cx->arena);
    struct mail_message m;

    TRY(get_mine(rq, &m));
    put_one(rq->cx, &m, out);
    val_put_text(out, "created_at", time_iso(rq->cx->arena, m.created_at));
    if (m.sent_at > 0)
        val_put_text(out, "sent_at", time_iso(rq->cx->arena, m.sent_at));
    TRY(put_tries(rq->cx, m.id, val_put_list(out, "tries")));
    return reply_json(rq, 200, out);
}

static const struct route routes[] = {
    { HTTP_GET, "/mails", mails_get, NEEDS("mail_message", VERB_READ) },
    { HTTP_GET, "/mails/health", health_get, NEEDS("mail_message", VERB_READ) },
    { HTTP_POST, "/mails/unsure", unsure_post, NEEDS("mail_message", VERB_UPDATE) },
    { HTTP_GET, "/mails/:id", mail_page, NEEDS("mail_message", VERB_READ) },
    { HTTP_POST, "/mails/:id/retry", mail_retry, NEEDS("mail_message", VERB_UPDATE) },
    { HTTP_POST, "/mails/:id/leave", mail_leave, NEEDS("mail_message", VERB_UPDATE) },
    { HTTP_POST, "/mails/:id/cancel", mail_cancel_post, NEEDS("mail_message", VERB_UPDATE) },
    { HTTP_POST, "/api/v1/mails", api_send, NEEDS("mail_message", VERB_CREATE),
      .flags = ROUTE_API | ROUTE_UPLOAD,
      .summary = "Sends one mail at once, by a template or as given" },
    { HTTP_GET, "/api/v1/mails", api_list, NEEDS("mail_message", VERB_READ), .flags = ROUTE_API,
      .summary = "Mails handed over, newest first" },
    { HTTP_GET, "/api/v1/mails/:id", api_one, NEEDS("mail_message", VERB_READ), .flags = ROUTE_API,
      .summary = "One mail: its state and what mail servers said" },
};
static const struct menu_item menu[] = {
    { "marketing", "Sent mail", "/mails", "send", "mail_message", MENU_SELDOM + 16,
      "Every mail that went out or waits to" },
    { "settings", "Mail health", "/mails/health", "activity", "mail_message", 21,
      "What waits, what is refused, and how the senders do" },
};
const struct feature feature_mails = { .name = "mails", ROUTES(routes), MENU(menu) };
