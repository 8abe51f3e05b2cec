/* quote_life.c -- what happens to a quote: it is sent, opened, talked about, signed or declined, it
 * expires, or a newer version takes its place. Each step is a change of the record, an event on the
 * contact's journey, and a word to its owner. */
#include "base/id.h"
#include "base/utf8.h"
#include "kit/notice.h"
#include "kit/pages.h"
#include "mail/token.h"
#include "sales/deal.h"
#include "sales/quote_int.h"

enum { VISIT_GAP_MS = 30 * MS_MINUTE, PAST_AT_ONCE = 200, NAME_BYTES = 200 };

static const struct field comment_fields[] = {
    [COMMENT_QUOTE] = { "quote_id", FIELD_REF, "Quote", REQUIRED | LISTED | CREATE_ONLY,
                        .ref = "quote" },
    [COMMENT_KIND] = { "kind", FIELD_CHOICE, "By", COMPUTED | LISTED, .otherwise = "team",
                       .choices =
                           CHOICES({ "team", "Us", "blue" }, { "customer", "Customer", "green" }) },
    [COMMENT_NAME] = { "name", FIELD_TEXT, "Name", COMPUTED | LISTED, .max_len = NAME_BYTES },
    [COMMENT_TEXT] = { "text", FIELD_LONG, "Text", REQUIRED | LISTED, .max_len = 4000 },
};
_Static_assert(countof(comment_fields) == COMMENT_FIELDS, "enum and table differ");

const char *quote_public_path(struct ctx *cx, const struct row *quote)
{
    i64 id = row_id(quote);
    const char *token = token_write(cx, TOKEN_QUOTE, &id, 1, "");

    return text_empty(token) ? "" : arena_printf(cx->arena, "/q/%s", token);
}

static const char *called(struct ctx *cx, const struct row *q)
{
    return row_has(q, QUOTE_TITLE)
               ? arena_printf(cx->arena, "%s: %s", row_title(cx, q), row_text(q, QUOTE_TITLE))
               : row_title(cx, q);
}

enum status quote_event(struct ctx *cx, const struct row *q, const char *kind, const char *text,
                        const char *by)
{
    struct val *props = val_map(cx->arena);

    val_put_text(props, "name", called(cx, q));
    val_put_text(props, "by", by);
    if (!text_empty(text))
        val_put_text(props, "text", text);
    return journey_note(cx, &(struct journey_note){ .kind = kind,
                                                    .contact_id = row_i64(q, QUOTE_CONTACT),
                                                    .record_id = row_id(q),
                                                    .value_minor = row_base_minor(q, QUOTE_VALUE),
                                                    .props = props });
}

static enum status happens(struct ctx *cx, struct row *q, const char *what)
{
    return happen(cx, &(struct happening){ .name = what,
                                           .row = q,
                                           .contact_id = row_i64(q, QUOTE_CONTACT),
                                           .value_minor = row_base_minor(q, QUOTE_VALUE) });
}

/* always: also over an amount that somebody typed. What is lost stays as it was. */
static enum status write_deal(struct ctx *cx, const struct row *q, bool always)
{
    struct row *deal;
    enum status s;

    if (!row_has(q, QUOTE_DEAL))
        return OK;
    s = record_get(cx, &deal_type, row_i64(q, QUOTE_DEAL), &deal);
    if (s == E_NOT_FOUND) {
        ctx_clear_error(cx);
        return OK;
    }
    TRY(s);
    if (text_is(row_text(deal, DEAL_STATUS), "lost") || (!always && row_has(deal, DEAL_AMOUNT)))
        return OK;
    row_set_money(deal, DEAL_AMOUNT, row_money(q, QUOTE_VALUE));
    return record_save(cx, deal);
}

/* ---- sending ---- */
static enum status supersede(struct ctx *cx, const struct row *by)
{
    struct quote_lines all;

    TRY(quote_versions(cx, by, &all));
    for (size_t i = 0; i < all.count; i++) {
        struct row *one = all.rows[i];
        if (row_id(one) == row_id(by) || !(quote_is_open(one) || quote_status_is(one, "expired")))
            continue;
        row_set_text(one, QUOTE_STATUS, "superseded");
        TRY(record_save(cx, one));
    }
    return OK;
}

enum status quote_mark_sent(struct ctx *cx, struct row *q)
{
    const char *by = cx->access->user_id ? cx->access->name : "";
    struct access own;
    scoped(access_leave) struct access_guard guard = quote_enter_trusted(cx, &own);
    struct val *paper;

    TRY(supersede(cx, q));
    TRY(quote_decide_tax(cx, q));
    TRY(quote_paper_read(cx, q, &paper));
    row_set_text(q, QUOTE_STATUS, "sent");
    row_set_i64(q, QUOTE_SENT_AT, ctx_now(cx));
    row_set_text(q, QUOTE_HASH, quote_paper_hash(cx, paper));
    TRY(record_save(cx, q));
    TRY(write_deal(cx, q, false));
    TRY(quote_event(cx, q, "quote_sent", "", by));
    return happens(cx, q, "quote.sent");
}

/* ---- versions ---- */
static void copy_field(struct row *to, const struct row *from, int i)
{
    if (!row_has(from, i))
        return;
    switch (row_type(from)->fields[i].kind) {
    case FIELD_MONEY:
        row_set_money(to, i, row_money(from, i));
        break;
    case FIELD_INT:
    case FIELD_DECIMAL:
    case FIELD_DATE:
    case FIELD_TIME:
    case FIELD_BOOL:
    case FIELD_REF:
        row_set_i64(to, i, row_i64(from, i));
        break;
    default:
        row_set_text(to, i, row_text(from, i));
    }
}

static enum status copy_lines(struct ctx *cx, const struct row *from, const struct row *to)
{
    struct quote_lines lines;

    TRY(quote_lines_read(cx, row_id(from), &lines));
    for (size_t i = 0; i < lines.count; i++) {
        struct row *line = row_new(cx, &quote_line_type);
        for (int f = 0; f < LINE_FIELDS; f++)
            if (f != LINE_AMOUNT)
                copy_field(line, lines.rows[i], f);
        row_set_i64(line, LINE_QUOTE, row_id(to));
        TRY(record_save(cx, line));
    }
    return OK;
}

static enum status check_revisable(struct ctx *cx, const struct row *q)
{
    struct quote_lines all;

    TRY(quote_versions(cx, q, &all));
    for (size_t i = 0; i < all.count; i++) {
        if (quote_status_is(all.rows[i], "accepted"))
            return ctx_fail_code(cx, E_CONFLICT, "quote.accepted",
                                 "%s was accepted. What comes on top of it is a quote of its own.",
                                 row_title(cx, all.rows[i]));
        if (!quote_is_frozen(all.rows[i]))
            return ctx_fail_code(cx, E_CONFLICT, "quote.has_draft",
                                 "%s is a draft already. Change that one, or send it first.",
                                 row_title(cx, all.rows[i]));
    }
    return OK;
}

enum status quote_new_version(struct ctx *cx, const struct row *q, struct row **out)
{
    i64 last, today = zone_day(kit_zone(cx), ctx_now(cx));
    struct row *copy = row_new(cx, &quote_type);

    TRY(check_revisable(cx, q));
    TRY(db_get_i64(cx, &last, "quote.last_revision",
                   TEXT("number", utf8_fold(cx->arena, row_text(q, QUOTE_NUMBER)))));
    for (int f = 0; f < QUOTE_FIELDS; f++)
        if (!(quote_type.fields[f].flags & (COMPUTED | INTERNAL)))
            copy_field(copy, q, f);
    row_set_text(copy, QUOTE_NUMBER, row_text(q, QUOTE_NUMBER));
    row_set_i64(copy, QUOTE_REVISION, last + 1);
    row_set_i64(copy, QUOTE_REPLACES, row_id(q));
    if (!row_has(q, QUOTE_VALID) || row_i64(q, QUOTE_VALID) < today)
        row_set_i64(copy, QUOTE_VALID, today + setting_i64(cx, "quote.valid_days"));
    row_set_i64(copy, QUOTE_BUILDING, 1);
    TRY(record_save(cx, copy));
    TRY(copy_lines(cx, q, copy));
    row_set_i64(copy, QUOTE_BUILDING, 0);
    TRY(record_save(cx, copy));
    *out = copy;
    return OK;
}

/* ---- the customer ---- */
enum status quote_opened(struct ctx *cx, struct row *q)
{
    i64 now = ctx_now(cx);
    bool first = !row_has(q, QUOTE_OPENED_AT);

    if (!quote_is_open(q) ||
        (row_has(q, QUOTE_SEEN_AT) && now - row_i64(q, QUOTE_SEEN_AT) < VISIT_GAP_MS))
        return OK;
    row_set_i64(q, QUOTE_SEEN_AT, now);
    row_set_i64(q, QUOTE_OPENS, (row_has(q, QUOTE_OPENS) ? row_i64(q, QUOTE_OPENS) : 0) + 1);
    if (first) {
        row_set_i64(q, QUOTE_OPENED_AT, now);
        row_set_text(q, QUOTE_STATUS, "viewed");
    }
    TRY(record_save(cx, q));
    TRY(quote_event(cx, q, "quote_opened", "", ""));
    if (!first)
        return OK;
    TRY(happens(cx, q, "quote.opened"));
    return notify_as(cx, NOTICE_CUSTOMER, row_i64(q, QUOTE_OWNER), "eye",
                     arena_printf(cx->arena, "%s was opened.", called(cx, q)), row_path(cx, q));
}

static enum status check_open(struct ctx *cx, const struct row *q)
{
    if (!quote_is_open(q))
        return ctx_fail_code(cx, E_CONFLICT, "quote.closed", "This quote is no longer open.");
    if (quote_is_past(cx, q))
        return ctx_fail_code(cx, E_CONFLICT, "quote.past",
                             "This quote was valid until %s. Ask for a new one.",
                             row_show(cx, q, QUOTE_VALID));
    return OK;
}

static bool is_among(i64 id, const i64 *ids, size_t count)
{
    for (size_t i = 0; i < count; i++)
        if (ids[i] == id)
            return true;
    return false;
}

/* Ticks what was chosen. The quote lets its lines be changed meanwhile, and only these. */
static enum status choose(struct ctx *cx, struct row *q, const i64 *chosen, size_t count)
{
    struct quote_lines lines;

    row_set_i64(q, QUOTE_BUILDING, 1);
    TRY(record_save(cx, q));
    TRY(quote_lines_read(cx, row_id(q), &lines));
    for (size_t i = 0; i < lines.count; i++) {
        struct row *line = lines.rows[i];
        if (!row_bool(line, LINE_OPTIONAL))
            continue;
        row_set_i64(line, LINE_CHOSEN, is_among(row_id(line), chosen, count));
        TRY(record_save(cx, line));
    }
    row_set_i64(q, QUOTE_BUILDING, 0);
    return OK;
}

enum status quote_accept(struct ctx *cx, struct row *q, const i64 *chosen, size_t count,
                         const char *name, const char *address)
{
    scoped(access_leave) struct access_guard guard = access_enter_system(cx);
    struct quote_lines lines;
    struct quote_sum sum;
    struct val *paper;

    TRY(check_open(cx, q));
    TRY(choose(cx, q, chosen, count));
    TRY(quote_lines_read(cx, row_id(q), &lines));
    TRY(quote_count(cx, q, &lines, &sum));
    quote_put_totals(q, &sum);
    paper = val_map(cx->arena);
    TRY(quote_paper(cx, q, &lines, &sum, paper));
    row_set_text(q, QUOTE_STATUS, "accepted");
    row_set_i64(q, QUOTE_DECIDED_AT, ctx_now(cx));
    row_set_text(q, QUOTE_SIGNED_BY, utf8_cut(cx->arena, name, NAME_BYTES));
    row_set_text(q, QUOTE_SIGNED_FROM, address);
    row_set_text(q, QUOTE_HASH, quote_paper_hash(cx, paper));
    TRY(quote_paper(cx, q, &lines, &sum, paper)); /* now with the signature */
    TRY(quote_pdf_seal(cx, q, paper));
    TRY(record_save(cx, q));
    TRY(write_deal(cx, q, true));
    TRY(quote_event(cx, q, "quote_accepted",
                    arena_printf(cx->arena, "Signed by %s", row_text(q, QUOTE_SIGNED_BY)), ""));
    TRY(happens(cx, q, "quote.accepted"));
    return notify_as(cx, NOTICE_CUSTOMER, row_i64(q, QUOTE_OWNER), "trophy",
                     arena_printf(cx->arena, "%s accepted %s: %s.", row_text(q, QUOTE_SIGNED_BY),
                                  called(cx, q), row_show(cx, q, QUOTE_TOTAL)),
                     row_path(cx, q));
}

enum status quote_decline(struct ctx *cx, struct row *q, const char *name, const char *reason)
{
    scoped(access_leave) struct access_guard guard = access_enter_system(cx);

    TRY(check_open(cx, q));
    row_set_text(q, QUOTE_STATUS, "declined");
    row_set_i64(q, QUOTE_DECIDED_AT, ctx_now(cx));
    row_set_text(q, QUOTE_SIGNED_BY, utf8_cut(cx->arena, name, NAME_BYTES));
    row_set_text(q, QUOTE_DECLINED, reason);
    TRY(record_save(cx, q));
    TRY(quote_event(cx, q, "quote_declined", reason, ""));
    TRY(happens(cx, q, "quote.declined"));
    return notify_as(cx, NOTICE_CUSTOMER, row_i64(q, QUOTE_OWNER), "x",
                     arena_printf(cx->arena, "%s was declined: %s", called(cx, q),
                                  text_empty(reason) ? "no reason was given" : reason),
                     row_path(cx, q));
}

/* ---- what is said about it ---- */
static enum status comment_defaults(struct ctx *cx, struct row *r)
{
    if (!row_has(r, COMMENT_NAME))
        row_set_text(r, COMMENT_NAME, cx->access->user_id ? cx->access->name : "Furrow");
    return OK;
}

static enum status comment_saved(struct ctx *cx, struct row *r)
{
    const char *name = row_text(r, COMMENT_NAME);
    struct row *q;

    if (!row_is_new(r) || !text_is(row_text(r, COMMENT_KIND), "customer"))
        return OK;
    TRY(record_get(cx, &quote_type, row_i64(r, COMMENT_QUOTE), &q));
    TRY(quote_event(cx, q, "quote_commented",
                    arena_printf(cx->arena, "%s: %s", name, row_text(r, COMMENT_TEXT)), ""));
    TRY(happens(cx, q, "quote.commented"));
    return notify_as(
        cx, NOTICE_CUSTOMER, row_i64(q, QUOTE_OWNER), "message",
        arena_printf(cx->arena, "%s on %s: %s", name, row_title(cx, q), row_text(r, COMMENT_TEXT)),
        row_path(cx, q));
}

const struct record_type quote_comment_type = {
    .name = "quote_comment",
    .label = "Quote comment",
    .plural = "Quote comments",
    .path = "quote-comments",
    .icon = "message",
    .sort = "created_at",
    .title = COMMENT_NAME,
    .fields = comment_fields,
    .field_count = COMMENT_FIELDS,
    .flags = TYPE_NO_UPDATE,
    .empty = "What customers and we say on the pages of quotes: both sides read it.",
    .defaults = comment_defaults,
    .saved = comment_saved,
};

/* ---- what expires ---- */
static enum status expire(struct ctx *cx, void *arg)
{
    i64 ids[PAST_AT_ONCE], today = zone_day(kit_zone(cx), ctx_now(cx));
    size_t n = 0;

    (void)arg;
    {
        scoped(stmt_close) struct stmt q =
            db_query(cx, "quote.past", I64("today", today), I64("limit", PAST_AT_ONCE));
        while (stmt_next(&q))
            ids[n++] = col_i64(&q, 0);
        TRY(stmt_status(&q));
    }
    for (size_t i = 0; i < n; i++) {
        struct row *q;
        TRY(record_get(cx, &quote_type, ids[i], &q));
        row_set_text(q, QUOTE_STATUS, "expired");
        TRY(record_save(cx, q));
        TRY(quote_event(cx, q, "quote_expired", "", ""));
        TRY(happens(cx, q, "quote.expired"));
        TRY(notify_as(cx, NOTICE_CUSTOMER, row_i64(q, QUOTE_OWNER), "clock",
                      arena_printf(cx->arena, "%s has expired.", called(cx, q)), row_path(cx, q)));
    }
    return OK;
}

static enum status expire_job(struct job_run *job) { return expire(job->cx, NULL); }

static const struct event_kind kinds[] = {
    { "quote_sent", "Quote sent", "send", KIND_SALES | KIND_MONEY, "quote" },
    { "quote_opened", "Quote opened", "eye", 0, "quote" },
    { "quote_commented", "Comment on a quote", "message", 0, "quote" },
    { "quote_accepted", "Quote accepted", "file-text", KIND_SALES | KIND_MONEY | KIND_CHAPTER,
      "quote" },
    { "quote_declined", "Quote declined", "x", KIND_SALES | KIND_CHAPTER, "quote" },
    { "quote_expired", "Quote expired", "clock", KIND_SALES, "quote" },
};
static const struct job_type jobs[] = {
    { "quote.expire", "Expire quotes whose last day is over", expire_job, MS_HOUR, .writes = true,
      .at_start = true },
};
const struct feature feature_quote_life = {
    .name = "quote_life",
    TYPES(&quote_comment_type),
    EVENT_KINDS(kinds),
    JOBS(jobs),
};
