/* broadcast_people.c -- the recipients of a broadcast one by one: who got it, who did what with it,
 * and who did not get it and why; as a page, a file and for programs. */
#include "base/csv.h"
#include "base/id.h"
#include "base/limits.h"
#include "bridge/contact.h"
#include "bridge/report.h"
#include "kit/pages.h"
#include "kit/show.h"
#include "mail/mail.h"
#include "marketing/broadcast_int.h"

enum { SHOWN = 100, READ_AT_ONCE = 1000 };

static const struct {
    const char *word, *text;
} cuts[] = {
    { "all", "Everybody" },       { "delivered", "Delivered" },
    { "opened", "Opened" },       { "not_opened", "Not opened" },
    { "clicked", "Clicked" },     { "converted", "Leads and deals" },
    { "replied", "Replied" },     { "left", "Unsubscribed" },
    { "bounced", "Bounced" },     { "skipped", "Left out" },
    { "waiting", "Still to go" },
};

struct person {
    i64 contact_id, variant, recipient, mail, sent_at, opened_at, auto_opened_at, clicked_at,
        clicks, left_at, complained_at, replied_at, deals, won, revenue_minor, id;
    const char *reason, *mail_reason, *email, *name;
    bool there;
};

static void read_person(struct ctx *cx, const struct stmt *q, struct person *p)
{
    const char *first = col_text(q, 19), *last = col_text(q, 20);

    *p = (struct person){
        .contact_id = col_i64(q, 0),
        .variant = col_i64(q, 1),
        .recipient = col_i64(q, 2),
        .reason = arena_text(cx->arena, col_text(q, 3)),
        .mail = col_i64(q, 4),
        .mail_reason = arena_text(cx->arena, col_text(q, 5)),
        .sent_at = col_i64(q, 6),
        .opened_at = col_i64(q, 7),
        .auto_opened_at = col_i64(q, 8),
        .clicked_at = col_i64(q, 9),
        .clicks = col_i64(q, 10),
        .left_at = col_i64(q, 11),
        .complained_at = col_i64(q, 12),
        .replied_at = col_i64(q, 13),
        .deals = col_i64(q, 14),
        .won = col_i64(q, 15),
        .revenue_minor = col_i64(q, 16),
        .id = col_i64(q, 17),
        .email = arena_text(cx->arena, col_text(q, 18)),
        .name = arena_printf(cx->arena, "%s%s%s", first, first[0] && last[0] ? " " : "", last),
        .there = col_i64(q, 21) != 0,
    };
}

static const char *state_word(const struct person *p)
{
    switch ((enum recipient_state)p->recipient) {
    case RECIPIENT_WAITS:
    case RECIPIENT_UNDECIDED:
        return "waiting";
    case RECIPIENT_SKIPPED:
        return "skipped";
    case RECIPIENT_CANCELLED:
        return "cancelled";
    case RECIPIENT_HANDED:
        break;
    }
    return p->mail < 0 ? "waiting" : mail_state_word((int)p->mail);
}

static const char *why(struct ctx *cx, const struct person *p)
{
    const char *reason = p->recipient == RECIPIENT_HANDED ? p->mail_reason : p->reason;

    return text_empty(reason) ? "" : broadcast_reason_text(cx, reason);
}

static enum status people(struct ctx *cx, const struct row *r, const char *which, i64 after,
                          size_t max, struct person *out, size_t *count)
{
    scoped(stmt_close) struct stmt q =
        db_query(cx, "broadcast.people", I64("broadcast", row_id(r)), I64("after", after),
                 TEXT("which", which), I64("limit", (i64)max));

    *count = 0;
    while (stmt_next(&q))
        read_person(cx, &q, &out[(*count)++]);
    return stmt_status(&q);
}

static enum status asked(struct req *rq, struct row **r, const char **which, i64 *after)
{
    const char *said = req_query(rq, "which"), *from = req_query(rq, "after");
    i64 id;

    TRY(req_id(rq, "id", &id));
    TRY(record_get(rq->cx, &broadcast_type, id, r));
    *after = 0;
    if (!text_empty(from) && !id_parse(str_from(from), after))
        return ctx_fail_code(rq->cx, E_INVALID, "list.cursor", "'%s' is no place in this list.",
                             from);
    *which = NULL;
    for (size_t i = 0; i < countof(cuts); i++)
        if (text_is(cuts[i].word, text_empty(said) ? "all" : said))
            *which = cuts[i].word;
    if (!*which)
        return ctx_fail_code(rq->cx, E_INVALID, "broadcast.which",
                             "'%s' is no part of the recipients: all, delivered, opened, "
                             "not_opened, clicked, converted, replied, left, bounced, skipped or "
                             "waiting.",
                             said);
    return OK;
}

/* ---- the page ---- */

static void put_time(struct ctx *cx, struct val *v, const char *key, i64 ms)
{
    struct val *t;

    if (!ms) {
        val_put_null(v, key);
        return;
    }
    t = val_put_map(v, key);
    val_put_text(t, "text", show_time(cx, ms));
    val_put_text(t, "iso", time_iso(cx->arena, ms));
    val_put_text(t, "full", show_time_full(cx, ms));
}

/* Names as far as the asking user may read these contacts. */
static enum status put_people(struct ctx *cx, const struct person *p, size_t count,
                              struct val *list)
{
    i64 *ids = NEW_N(cx->arena, i64, count + 1);
    const char **titles = NEW_N(cx->arena, const char *, count + 1);

    for (size_t i = 0; i < count; i++)
        ids[i] = p[i].contact_id;
    TRY(record_titles(cx, &contact_type, ids, count, titles));
    for (size_t i = 0; i < count; i++) {
        struct val *one = val_add_map(list);
        bool named = p[i].there && !text_empty(titles[i]);
        val_put_text(one, "text", named ? titles[i] : "(not to be seen)");
        val_put_text(
            one, "url",
            named ? arena_printf(cx->arena, "/contacts/%s", id_text(cx->arena, p[i].contact_id))
                  : "");
        val_put_text(one, "email", named ? p[i].email : "");
        val_put_text(one, "state", state_word(&p[i]));
        val_put_text(one, "why", why(cx, &p[i]));
        val_put_printf(one, "variant", "%c", (char)('A' + p[i].variant));
        put_time(cx, one, "sent", p[i].sent_at);
        put_time(cx, one, "opened", p[i].opened_at);
        val_put_bool(one, "by_program", !p[i].opened_at && p[i].auto_opened_at);
        put_time(cx, one, "clicked", p[i].clicked_at);
    }
    return OK;
}

/* GET /broadcasts/:id/people?which=&after= */
static enum status people_get(struct req *rq)
{
    struct ctx *cx = rq->cx;
    struct person *p = NEW_N(cx->arena, struct person, SHOWN + 1);
    struct val *page = val_map(cx->arena), *list;
    struct variant v[VARIANTS_MAX];
    const char *which;
    struct row *r;
    size_t count;
    i64 after;

    TRY(asked(rq, &r, &which, &after));
    TRY(people(cx, r, which, after, SHOWN + 1, p, &count));
    val_put_printf(page, "title", "Recipients of %s", row_text(r, BROADCAST_NAME));
    val_put_text(page, "url", row_path(cx, r));
    val_put_bool(page, "tested", broadcast_variants(r, v) > 1);
    list = val_put_list(page, "cuts");
    for (size_t i = 0; i < countof(cuts); i++) {
        struct val *one = val_add_map(list);
        val_put_text(one, "text", cuts[i].text);
        val_put_printf(one, "url", "%s/people?which=%s", row_path(cx, r), cuts[i].word);
        val_put_bool(one, "on", cuts[i].word == which);
    }
    list = val_put_list(page, "people");
    TRY(put_people(cx, p, count < SHOWN ? count : SHOWN, list));
    val_put_bool(page, "any", val_count(list) > 0);
    val_put_text(page, "csv_url",
                 access_scope(cx->access, "contact", VERB_EXPORT) == SCOPE_ALL
                     ? arena_printf(cx->arena, "%s/people.csv?which=%s", row_path(cx, r), which)
                     : "");
    val_put_text(page, "next_url",
                 count > SHOWN
                     ? arena_printf(cx->arena, "%s/people?which=%s&after=%s", row_path(cx, r),
                                    which, id_text(cx->arena, p[SHOWN - 1].contact_id))
                     : "");
    return reply(rq, "broadcast/people", page);
}

/* GET /api/v1/broadcasts/:id/recipients?which=&after= */
static enum status people_api(struct req *rq)
{
    struct ctx *cx = rq->cx;
    struct person *p = NEW_N(cx->arena, struct person, SHOWN + 1);
    struct val *v = val_map(cx->arena), *list = val_put_list(v, "data");
    const char *which;
    struct row *r;
    size_t count;
    i64 after;

    TRY(asked(rq, &r, &which, &after));
    TRY(people(cx, r, which, after, SHOWN + 1, p, &count));
    for (size_t i = 0; i < count && i < SHOWN; i++) {
        struct val *one = val_add_map(list);
        val_put_text(one, "contact_id", id_text(cx->arena, p[i].contact_id));
        val_put_printf(one, "variant", "%c", (char)('A' + p[i].variant));
        val_put_text(one, "state", state_word(&p[i]));
        val_put_text(one, "reason",
                     p[i].recipient == RECIPIENT_HANDED ? p[i].mail_reason : p[i].reason);
        const struct {
            const char *name;
            i64 ms;
        } times[] = { { "sent_at", p[i].sent_at },
                      { "opened_at", p[i].opened_at },
                      { "opened_by_program_at", p[i].auto_opened_at },
                      { "clicked_at", p[i].clicked_at },
                      { "unsubscribed_at", p[i].left_at },
                      { "complained_at", p[i].complained_at },
                      { "replied_at", p[i].replied_at } };
        for (size_t t = 0; t < countof(times); t++)
            if (times[t].ms)
                val_put_text(one, times[t].name, time_iso(cx->arena, times[t].ms));
            else
                val_put_null(one, times[t].name);
        val_put_i64(one, "clicks", p[i].clicks);
        val_put_i64(one, "deals", p[i].deals);
        val_put_i64(one, "revenue_minor", p[i].revenue_minor);
    }
    if (count > SHOWN)
        val_put_text(v, "next", id_text(cx->arena, p[SHOWN - 1].contact_id));
    else
        val_put_null(v, "next");
    return reply_json(rq, 200, v);
}

/* ---- the file ---- */

static void csv_time(struct ctx *cx, struct buf *out, i64 ms)
{
    csv_cell(out, ms ? time_iso(cx->arena, ms) : "");
}

static void csv_person(struct ctx *cx, struct buf *out, const struct person *p)
{
    csv_cell(out, id_text(cx->arena, p->contact_id));
    csv_cell(out, p->email);
    csv_cell(out, p->name);
    csv_cell(out, arena_printf(cx->arena, "%c", (char)('A' + p->variant)));
    csv_cell(out, state_word(p));
    csv_cell(out, why(cx, p));
    csv_time(cx, out, p->sent_at);
    csv_time(cx, out, p->opened_at);
    csv_time(cx, out, p->auto_opened_at);
    csv_time(cx, out, p->clicked_at);
    csv_cell(out, arena_printf(cx->arena, "%lld", (long long)p->clicks));
    csv_time(cx, out, p->left_at);
    csv_time(cx, out, p->complained_at);
    csv_time(cx, out, p->replied_at);
    csv_cell(out, arena_printf(cx->arena, "%lld", (long long)p->deals));
    csv_cell(out, money_plain(cx->arena, broadcast_money(cx, p->revenue_minor)));
    csv_end_line(out);
}

static enum status csv_all(struct ctx *cx, const struct row *r, const char *which, struct buf *out,
                           size_t *rows)
{
    size_t count = READ_AT_ONCE;
    i64 after = 0;

    *rows = 0;
    while (count == READ_AT_ONCE) {
        scoped(arena_close) struct arena *batch = arena_new(512 * 1024);
        struct ctx part = *cx;
        part.arena = batch;
        struct person *p = NEW_N(batch, struct person, READ_AT_ONCE);
        enum status s = people(&part, r, which, after, READ_AT_ONCE, p, &count);
        if (s != OK)
            return ctx_fail(cx, s, "%s", part.error_text ? part.error_text : "");
        for (size_t i = 0; i < count; i++)
            csv_person(&part, out, &p[i]);
        after = count ? p[count - 1].contact_id : after;
        *rows += count;
        if (buf_status(out) != OK)
            return ctx_fail_code(cx, E_LIMIT, "export.too_large",
                                 "This list is over %d MB as CSV. Take a part of it: opened, "
                                 "clicked, bounced.",
                                 LIMIT_UPLOAD_BYTES >> 20);
    }
    return OK;
}

/* GET /broadcasts/:id/people.csv?which= */
static enum status people_csv(struct req *rq)
{
    static const char *const heads[] = { "contact_id", "Email",   "Name",
                                         "Variant",    "State",   "Why",
                                         "Sent",       "Opened",  "Opened by a program",
                                         "Clicked",    "Clicks",  "Unsubscribed",
                                         "Complained", "Replied", "Deals",
                                         "Revenue" };
    struct ctx *cx = rq->cx;
    struct buf out = buf_in(cx->arena, LIMIT_UPLOAD_BYTES);
    const char *which;
    struct row *r;
    size_t rows;
    i64 after;

    if (access_scope(cx->access, "contact", VERB_EXPORT) != SCOPE_ALL)
        return ctx_fail(cx, E_FORBIDDEN, "You may not take all contacts out of the house.");
    TRY(asked(rq, &r, &which, &after));
    buf_text(&out, "\xEF\xBB\xBF");
    for (size_t i = 0; i < countof(heads); i++)
        csv_cell(&out, heads[i]);
    csv_end_line(&out);
    if (rq->method != HTTP_HEAD) {
        TRY(csv_all(cx, r, which, &out, &rows));
        TRY(report_note_export(
            cx, arena_printf(cx->arena, "Recipients of %s", row_text(r, BROADCAST_NAME)), rows));
    }
    reply_header(rq, "Content-Disposition",
                 arena_printf(cx->arena, "attachment; filename=\"%s-%s.csv\"",
                              row_text(r, BROADCAST_SLUG), which));
    return reply_text(rq, 200, "text/csv; charset=utf-8", (struct str){ out.p, out.len });
}

static const struct route routes[] = {
    { HTTP_GET, "/broadcasts/:id/people", people_get, NEEDS("broadcast", VERB_READ) },
    { HTTP_GET, "/broadcasts/:id/people.csv", people_csv, NEEDS("broadcast", VERB_EXPORT) },
    { HTTP_GET, "/api/v1/broadcasts/:id/recipients", people_api, NEEDS("broadcast", VERB_READ),
      .flags = ROUTE_API, .summary = "Broadcast: its recipients one by one" },
};
const struct feature feature_broadcast_people = {
    .name = "broadcast_people",
    ROUTES(routes),
};
