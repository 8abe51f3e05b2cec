/* quote_approval.c -- quotes that somebody has to approve before they are sent. A rule is a filter
 * over quotes and the one who decides; rules of one position are asked together, those behind them
 * once all of these said yes. A quote that changes is asked for anew. */
#include "base/utf8.h"
#include "kit/filter.h"
#include "kit/notice.h"
#include "kit/pages.h"
#include "kit/show.h"
#include "sales/approval.h"
#include "sales/quote_int.h"

enum { RULES_MOST = 100, ASKED_MOST = 200 };

static const struct field rule_fields[] = {
    [RULE_NAME] = { "name", FIELD_TEXT, "Name", REQUIRED | LISTED | UNIQUE, .max_len = 120 },
    [RULE_FILTER] = { "filter", FIELD_LONG, "Quotes that need it", REQUIRED, .max_len = 4000,
                      .help =
                          "A filter as lists of quotes have it: discount_given > 15 or margin < "
                          "30 or value > 50000." },
    [RULE_APPROVER] = { "approver_id", FIELD_REF, "Approver", REQUIRED | LISTED, .ref = "user" },
    [RULE_POSITION] = { "position", FIELD_INT, "Order", LISTED | INDEXED, .min = 0, .max = 1000,
                        .otherwise = "10",
                        .help = "Lower ones are asked first, equal ones together." },
    [RULE_ACTIVE] = { "active", FIELD_BOOL, "In force", LISTED, .otherwise = "true" },
    [RULE_DELEGATE] = { "delegate_id", FIELD_REF, "Delegate", LISTED, .ref = "user",
                        .group = "While the approver is away",
                        .help = "Is asked on the days below, and whenever the approver stands "
                                "under Absences." },
    [RULE_FROM] = { "away_from", FIELD_DATE, "Away from", 0 },
    [RULE_UNTIL] = { "away_until", FIELD_DATE, "Away until", 0 },
};
_Static_assert(countof(rule_fields) == RULE_FIELDS, "enum and table differ");

static const struct field fields[] = {
    [APPROVAL_QUOTE] = { "quote_id", FIELD_REF, "Quote", COMPUTED | LISTED, .ref = "quote" },
    [APPROVAL_RULE] = { "rule_id", FIELD_REF, "Rule", COMPUTED | LISTED, .ref = "approval_rule" },
    [APPROVAL_WHY] = { "why", FIELD_TEXT, "Because", COMPUTED | LISTED, .max_len = 500 },
    [APPROVAL_APPROVER] = { "approver_id", FIELD_REF, "Approver", COMPUTED | LISTED | OWNER,
                            .ref = "user" },
    [APPROVAL_STATUS] = { "status", FIELD_CHOICE, "Status", COMPUTED | LISTED | INDEXED,
                          .otherwise = "pending",
                          .choices = CHOICES({ "pending", "Waits for a decision", "amber" },
                                             { "waiting", "Others first", "gray" },
                                             { "approved", "Approved", "green" },
                                             { "rejected", "Rejected", "red" },
                                             { "void", "Taken back", "gray" }) },
    [APPROVAL_POSITION] = { "position", FIELD_INT, "Order", COMPUTED },
    [APPROVAL_COMMENT] = { "comment", FIELD_LONG, "Comment", COMPUTED, .max_len = 4000 },
    [APPROVAL_DECIDED_AT] = { "decided_at", FIELD_TIME, "Decided", COMPUTED | LISTED },
    [APPROVAL_DECIDED_BY] = { "decided_by", FIELD_REF, "Decided by", COMPUTED, .ref = "user" },
    [APPROVAL_BECAUSE] = { "asked_because", FIELD_LONG, "Why they were asked", COMPUTED,
                           .max_len = 1000 },
};
_Static_assert(countof(fields) == APPROVAL_FIELDS, "enum and table differ");

/* ---- rules ---- */
static enum status rule_validate(struct ctx *cx, struct row *r)
{
    struct filter *f;

    if (row_has(r, RULE_FROM) && row_has(r, RULE_UNTIL) &&
        row_i64(r, RULE_UNTIL) < row_i64(r, RULE_FROM))
        return ctx_fail_field(cx, "away_until", "approval_rule.dates",
                              "The absence would end before it begins. Choose a later day.");
    if (filter_parse(cx, &quote_type, row_text(r, RULE_FILTER), &f) != OK) {
        const char *why = cx->error_text;
        ctx_clear_error(cx);
        return ctx_fail_field(cx, "filter", "approval_rule.filter", "%s", why);
    }
    return OK;
}

/* ---- who is here ---- */
struct asked {
    i64 user;
    const char *because; /* why somebody else, or somebody who is away; "": as the rule says */
};

/* The last day of somebody's absence; TIME_NONE: is here today, as the list of absences says. */
static enum status absent_until(struct ctx *cx, i64 user, i64 *until)
{
    enum status s = db_get_i64(cx, until, "approval.absent_until", I64("user", user),
                               I64("today", zone_day(kit_zone(cx), ctx_now(cx))));

    if (s != E_NOT_FOUND)
        return s;
    ctx_clear_error(cx);
    *until = TIME_NONE;
    return OK;
}

static bool away_by_rule(struct ctx *cx, const struct row *rule)
{
    i64 today = zone_day(kit_zone(cx), ctx_now(cx));

    return (row_has(rule, RULE_FROM) || row_has(rule, RULE_UNTIL)) &&
           (!row_has(rule, RULE_FROM) || row_i64(rule, RULE_FROM) <= today) &&
           (!row_has(rule, RULE_UNTIL) || row_i64(rule, RULE_UNTIL) >= today);
}

static const char *until_words(struct ctx *cx, i64 day)
{
    return day == TIME_NONE ? "" : arena_printf(cx->arena, " until %s", show_date_lasting(cx, day));
}

/* Of whom an approval is asked today. Who asks it of themselves is here, whatever lists say. */
static enum status find_asked(struct ctx *cx, const struct row *rule, struct asked *out)
{
    i64 approver = row_i64(rule, RULE_APPROVER), delegate = row_i64(rule, RULE_DELEGATE);
    i64 until, delegate_until = TIME_NONE;
    const char *name = row_show(cx, rule, RULE_APPROVER), *other, *away;

    *out = (struct asked){ .user = approver, .because = "" };
    TRY(absent_until(cx, approver, &until));
    if (cx->access->user_id == approver || (until == TIME_NONE && !away_by_rule(cx, rule)))
        return OK;
    if (until == TIME_NONE && row_has(rule, RULE_UNTIL))
        until = row_i64(rule, RULE_UNTIL);
    away = arena_printf(cx->arena, "%s is away%s", name, until_words(cx, until));
    if (delegate == 0 || delegate == approver) {
        out->because = arena_printf(cx->arena,
                                    "%s and the rule names no delegate: it waits for %s, or for "
                                    "an administrator.",
                                    away, name);
        return OK;
    }
    other = row_show(cx, rule, RULE_DELEGATE);
    TRY(absent_until(cx, delegate, &delegate_until));
    if (delegate_until != TIME_NONE) {
        out->because = arena_printf(cx->arena,
                                    "%s, and so is %s, the delegate,%s: it waits for the one of "
                                    "them who is back first, or for an administrator.",
                                    away, other, until_words(cx, delegate_until));
        return OK;
    }
    out->user = delegate;
    out->because =
        arena_printf(cx->arena, "%s: it is for %s, the delegate, to decide.", away, other);
    return OK;
}

struct met {
    struct row *rule;
    const char *why;
};

/* The rules that this quote meets, in order. As the system: who sells need not read them. */
static enum status rules_met(struct ctx *cx, const struct row *quote, struct met *met,
                             size_t *count)
{
    scoped(access_leave) struct access_guard guard = access_enter_system(cx);
    struct list_query query = { .filter = "active = true",
                                .sort = "position",
                                .limit = RULES_MOST };
    struct list_page page;

    *count = 0;
    TRY(list_run(cx, &approval_rule_type, &query, &page));
    for (size_t i = 0; i < page.count; i++) {
        struct filter *f;
        bool yes = true;
        if (filter_parse(cx, &quote_type, row_text(page.rows[i], RULE_FILTER), &f) != OK) {
            ctx_clear_error(cx); /* it fitted once: what cannot be asked is asked of a person */
            met[(*count)++] = (struct met){ page.rows[i], row_text(page.rows[i], RULE_NAME) };
            continue;
        }
        TRY(filter_match(cx, f, quote, &yes));
        if (yes)
            met[(*count)++] = (struct met){ page.rows[i], filter_words(cx, f) };
    }
    return OK;
}

enum status approvals_needed(struct ctx *cx, const struct row *quote, struct val *list)
{
    struct met met[RULES_MOST];
    size_t count;

    TRY(rules_met(cx, quote, met, &count));
    for (size_t i = 0; i < count; i++) {
        struct val *one = val_add_map(list);
        struct asked asked;
        TRY(find_asked(cx, met[i].rule, &asked));
        val_put_text(one, "text", row_text(met[i].rule, RULE_NAME));
        val_put_text(one, "why", met[i].why);
        val_put_text(one, "who",
                     row_show(cx, met[i].rule,
                              asked.user == row_i64(met[i].rule, RULE_APPROVER) ? RULE_APPROVER
                                                                                : RULE_DELEGATE));
        val_put_text(one, "because", asked.because);
    }
    return OK;
}

/* ---- asking ---- */
static enum status tell_approver(struct ctx *cx, const struct row *a, const struct row *quote)
{
    const char *because = row_text(a, APPROVAL_BECAUSE);

    return notify_as(cx, NOTICE_APPROVAL, row_i64(a, APPROVAL_APPROVER), "user-check",
                     arena_printf(cx->arena, "%s waits for your approval: %s.%s%s",
                                  row_title(cx, quote), row_text(a, APPROVAL_WHY),
                                  because[0] ? " " : "", because),
                     row_path(cx, quote));
}

static void set_asked(struct ctx *cx, struct row *a, const struct asked *asked)
{
    row_set_i64(a, APPROVAL_APPROVER, asked->user);
    row_set_text(a, APPROVAL_BECAUSE, utf8_cut(cx->arena, asked->because, 1000));
}

static enum status ask(struct ctx *cx, const struct row *quote, const struct met *met,
                       const struct asked *asked, bool now, bool own)
{
    struct row *a = row_new(cx, &approval_type);

    row_set_i64(a, APPROVAL_QUOTE, row_id(quote));
    row_set_i64(a, APPROVAL_RULE, row_id(met->rule));
    row_set_text(a, APPROVAL_WHY, utf8_cut(cx->arena, met->why, 480));
    row_set_i64(a, APPROVAL_POSITION, row_i64(met->rule, RULE_POSITION));
    set_asked(cx, a, asked);
    row_set_text(a, APPROVAL_STATUS, own ? "approved" : now ? "pending" : "waiting");
    if (own) {
        row_set_text(a, APPROVAL_COMMENT, "Sent by the approver.");
        row_set_i64(a, APPROVAL_DECIDED_AT, ctx_now(cx));
        row_set_i64(a, APPROVAL_DECIDED_BY, cx->access->user_id);
    }
    TRY(record_save(cx, a));
    return !own && now ? tell_approver(cx, a, quote) : OK;
}

enum status quote_ask_approval(struct ctx *cx, struct row *quote, size_t *asked)
{
    struct access own;
    scoped(access_leave) struct access_guard guard = quote_enter_trusted(cx, &own);
    struct met met[RULES_MOST];
    i64 me = cx->access->user_id, first = INT64_MAX;
    size_t count;

    *asked = 0;
    TRY(rules_met(cx, quote, met, &count));
    for (size_t i = 0; i < count; i++) {
        i64 at = row_i64(met[i].rule, RULE_POSITION);
        struct asked who;
        bool mine;
        TRY(find_asked(cx, met[i].rule, &who));
        mine = me != 0 && who.user == me;
        if (!mine && first == INT64_MAX)
            first = at;
        TRY(ask(cx, quote, &met[i], &who, at <= first, mine));
        *asked += !mine;
    }
    if (*asked == 0)
        return OK;
    row_set_text(quote, QUOTE_STATUS, "needs_approval");
    return record_save(cx, quote);
}

static enum status asked_of(struct ctx *cx, i64 quote_id, struct quote_lines *out)
{
    i64 ids[ASKED_MOST];
    size_t n = 0, kept = 0;

    {
        scoped(stmt_close) struct stmt q =
            db_query(cx, "approval.of_quote", I64("quote", quote_id), I64("limit", ASKED_MOST));
        while (stmt_next(&q))
            ids[n++] = col_i64(&q, 0);
        TRY(stmt_status(&q));
    }
    out->rows = NEW_N(cx->arena, struct row *, n + 1);
    if (n > 0)
        TRY(rows_by_id(cx, &approval_type, ids, n, out->rows));
    for (size_t i = 0; i < n; i++)
        if (out->rows[i])
            out->rows[kept++] = out->rows[i];
    out->count = kept;
    return OK;
}

static bool is_status(const struct row *a, const char *status)
{
    return text_is(row_text(a, APPROVAL_STATUS), status);
}

enum status approvals_void(struct ctx *cx, i64 quote_id)
{
    struct access own;
    scoped(access_leave) struct access_guard guard = quote_enter_trusted(cx, &own);
    struct quote_lines all;

    TRY(asked_of(cx, quote_id, &all));
    for (size_t i = 0; i < all.count; i++) {
        if (is_status(all.rows[i], "rejected") || is_status(all.rows[i], "void"))
            continue;
        row_set_text(all.rows[i], APPROVAL_STATUS, "void");
        TRY(record_save(cx, all.rows[i]));
    }
    return OK;
}

/* ---- deciding ---- */
/* E_NOT_FOUND, without text: the rule is gone. */
static enum status rule_of(struct ctx *cx, const struct row *a, struct row **rule)
{
    scoped(access_leave) struct access_guard guard = access_enter_system(cx);
    enum status s = record_get(cx, &approval_rule_type, row_i64(a, APPROVAL_RULE), rule);

    if (s == E_NOT_FOUND)
        ctx_clear_error(cx);
    return s;
}

/* Whoever was asked, and the delegate of an approver who went away after that. */
static enum status may_decide(struct ctx *cx, const struct row *a, bool *yes)
{
    i64 me = cx->access->user_id;

    *yes = cx->access->admin || me == row_i64(a, APPROVAL_APPROVER);
    if (*yes || me == 0)
        return OK;
    scoped(stmt_close) struct stmt q =
        db_query(cx, "approval.to_decide", I64("approval", row_id(a)), I64("user", me),
                 I64("today", zone_day(kit_zone(cx), ctx_now(cx))), I64("limit", 1));
    *yes = stmt_next(&q);
    return stmt_status(&q);
}

/* Its turn has come: who is away by now is not asked. */
static enum status ask_now(struct ctx *cx, struct row *a, const struct row *quote)
{
    struct row *rule;
    struct asked asked;
    enum status s = rule_of(cx, a, &rule);

    if (s == OK) {
        TRY(find_asked(cx, rule, &asked));
        set_asked(cx, a, &asked);
    } else if (s != E_NOT_FOUND) {
        return s;
    }
    row_set_text(a, APPROVAL_STATUS, "pending");
    TRY(record_save(cx, a));
    return tell_approver(cx, a, quote);
}

/* All of one position said yes: the next ones are asked; none is left: the quote is approved. */
static enum status go_on(struct ctx *cx, struct row *quote)
{
    i64 next = INT64_MAX;
    struct quote_lines all;

    TRY(asked_of(cx, row_id(quote), &all));
    for (size_t i = 0; i < all.count; i++) {
        if (is_status(all.rows[i], "pending"))
            return OK;
        if (is_status(all.rows[i], "waiting") && row_i64(all.rows[i], APPROVAL_POSITION) < next)
            next = row_i64(all.rows[i], APPROVAL_POSITION);
    }
    for (size_t i = 0; i < all.count && next != INT64_MAX; i++) {
        struct row *a = all.rows[i];
        if (!is_status(a, "waiting") || row_i64(a, APPROVAL_POSITION) != next)
            continue;
        TRY(ask_now(cx, a, quote));
    }
    if (next != INT64_MAX)
        return OK;
    row_set_text(quote, QUOTE_STATUS, "approved");
    TRY(record_save(cx, quote));
    return notify_as(
        cx, NOTICE_APPROVAL, row_i64(quote, QUOTE_OWNER), "check",
        arena_printf(cx->arena, "%s is approved. You can send it.", row_title(cx, quote)),
        row_path(cx, quote));
}

enum status approval_decide(struct ctx *cx, struct row *a, bool approve, const char *comment)
{
    struct access own;
    bool mine;

    TRY(may_decide(cx, a, &mine));
    if (!mine)
        return ctx_fail_code(cx, E_FORBIDDEN, "approval.others", "This is %s's to decide.",
                             row_show(cx, a, APPROVAL_APPROVER));
    if (!is_status(a, "pending"))
        return ctx_fail_code(cx, E_CONFLICT, "approval.decided",
                             "There is nothing to decide: this stands at \"%s\".",
                             row_show(cx, a, APPROVAL_STATUS));
    if (!approve && text_empty(comment))
        return ctx_fail_field(cx, "comment", "required",
                              "Say what is to be changed, so that it can be.");
    scoped(access_leave) struct access_guard guard = quote_enter_trusted(cx, &own);
    struct row *quote;

    TRY(record_get(cx, &quote_type, row_i64(a, APPROVAL_QUOTE), &quote));
    row_set_text(a, APPROVAL_STATUS, approve ? "approved" : "rejected");
    row_set_text(a, APPROVAL_COMMENT, comment);
    row_set_i64(a, APPROVAL_DECIDED_AT, ctx_now(cx));
    row_set_i64(a, APPROVAL_DECIDED_BY, cx->access->user_id);
    TRY(record_save(cx, a));
    if (approve)
        return go_on(cx, quote);
    row_set_text(quote, QUOTE_STATUS, "draft");
    TRY(record_save(cx, quote));
    return notify_as(
        cx, NOTICE_APPROVAL, row_i64(quote, QUOTE_OWNER), "x",
        arena_printf(cx->arena, "%s was not approved: %s", row_title(cx, quote), comment),
        row_path(cx, quote));
}

/* Why it was asked of them; or why it waits, when who was asked went away after that. */
static enum status put_because(struct ctx *cx, const struct row *a, struct val *one)
{
    struct asked now = { .because = row_text(a, APPROVAL_BECAUSE) };
    struct row *rule;

    if (now.because[0] == '\0' && is_status(a, "pending")) {
        enum status s = rule_of(cx, a, &rule);
        if (s == OK)
            s = find_asked(cx, rule, &now);
        if (s != OK && s != E_NOT_FOUND)
            return s;
    }
    val_put_text(one, "because", now.because);
    return OK;
}

enum status approvals_put(struct ctx *cx, const struct row *quote, struct val *page)
{
    scoped(access_leave) struct access_guard guard = { .cx = cx, .before = cx->access };
    struct val *list = val_put_list(page, "approvals");
    struct quote_lines all;
    const struct access *me = cx->access;

    cx->access = access_system();
    TRY(asked_of(cx, row_id(quote), &all));
    TRY(rows_load_titles(cx, all.rows, all.count));
    for (size_t i = 0; i < all.count; i++) {
        const struct row *a = all.rows[i];
        struct val *one = val_add_map(list);
        bool mine = false;
        cx->access = me;
        if (is_status(a, "pending"))
            TRY(may_decide(cx, a, &mine));
        cx->access = access_system();
        val_put(one, "status", row_cell(cx, a, APPROVAL_STATUS));
        val_put_text(
            one, "who",
            row_show(cx, a,
                     row_has(a, APPROVAL_DECIDED_BY) ? APPROVAL_DECIDED_BY : APPROVAL_APPROVER));
        val_put_text(one, "rule", row_show(cx, a, APPROVAL_RULE));
        val_put_text(one, "why", row_text(a, APPROVAL_WHY));
        val_put_text(one, "comment", row_text(a, APPROVAL_COMMENT));
        TRY(put_because(cx, a, one));
        val_put_text(one, "when",
                     row_has(a, APPROVAL_DECIDED_AT)
                         ? show_time(cx, row_i64(a, APPROVAL_DECIDED_AT))
                         : show_time(cx, row_created_at(a)));
        val_put_printf(one, "decide_url", "%s/decide", row_path(cx, a));
        val_put_bool(one, "mine", mine);
    }
    val_put_bool(page, "has_approvals", val_count(list) > 0);
    return OK;
}

/* POST /approvals/:id/decide {verdict: approve | reject, comment} */
static enum status decide_post(struct req *rq)
{
    struct ctx *cx = rq->cx;
    bool approve = text_is(req_form(rq, "verdict"), "approve");
    struct row *a, *quote;
    i64 id;

    TRY(req_id(rq, "id", &id));
    TRY(record_get(cx, &approval_type, id, &a));
    if (!approve && !text_is(req_form(rq, "verdict"), "reject"))
        return ctx_fail_field(cx, "verdict", "choice.unknown", "Approve it or reject it.");
    TRY(approval_decide(cx, a, approve, req_form(rq, "comment")));
    TRY(record_get(cx, &quote_type, row_i64(a, APPROVAL_QUOTE), &quote));
    return reply_done(rq, row_path(cx, quote), approve ? "Approved: %s." : "Rejected: %s.",
                      row_title(cx, quote));
}

static const char *approval_title(struct ctx *cx, const struct row *r)
{
    return row_show(cx, r, APPROVAL_QUOTE);
}

const struct record_type approval_rule_type = {
    .name = "approval_rule",
    .label = "Approval rule",
    .plural = "Approval rules",
    .path = "approval-rules",
    .icon = "shield-lock",
    .section = "settings",
    .menu_order = 25,
    .sort = "position",
    .title = RULE_NAME,
    .fields = rule_fields,
    .field_count = RULE_FIELDS,
    .empty = "Which quotes somebody has to approve before they are sent, and who that is: by "
             "discount, by margin, by amount, by any field of a quote.",
    .validate = rule_validate,
};
const struct record_type approval_type = {
    .name = "approval",
    .label = "Approval",
    .plural = "Approvals",
    .path = "approvals",
    .icon = "user-check",
    .section = "sales",
    .menu_order = MENU_SELDOM + 7,
    .sort = "-created_at",
    .title = APPROVAL_QUOTE,
    .title_of = approval_title,
    .fields = fields,
    .field_count = APPROVAL_FIELDS,
    .flags = TYPE_NO_CREATE | TYPE_NO_UPDATE | TYPE_NO_DELETE,
    .empty =
        "When a quote meets an approval rule, the question whether it may be sent stands here.",
};

static const struct route routes[] = {
    { HTTP_POST, "/approvals/:id/decide", decide_post, NEEDS("approval", VERB_UPDATE),
      .summary = "Approves or rejects a quote" },
};
const struct feature feature_quote_approval = {
    .name = "quote_approval",
    TYPES(&approval_rule_type, &approval_type),
    ROUTES(routes),
};
