/* home.c -- the first page: what should I do now, and how are we doing? The queue is the user's
 * own; the numbers are the same for everybody who may see them. All of them are asked at once, so
 * the journeys are walked once. */
#include "base/id.h"
#include "base/utf8.h"
#include "bridge/contact.h"
#include "bridge/dashboard.h"
#include "bridge/first_steps.h"
#include "bridge/handoff.h"
#include "kit/filter.h"
#include "kit/question_show.h"
#include "kit/show.h"
#include <math.h>

enum {
    QUEUE_MAX = 8,
    DECIDE_MAX = 100,
    CHANGES_MAX = 5,
    UNREAD_MAX = 4,
    CHANNELS_MAX = 12,
    LOOK_BACK_DAYS = 7
};

/* ---- the queue ---- */
static void put_due(struct ctx *cx, i64 due, struct val *item)
{
    i64 left = due - ctx_now(cx);
    struct val *v;

    if (due == TIME_NONE) {
        val_put_null(item, "due");
        return;
    }
    v = val_put_map(item, "due");
    val_put_bool(val_put_map(v, "is"), "due", true);
    val_put_text(v, "kind", "due");
    val_put_text(v, "tone", left < 0 ? "late" : left < 4 * (i64)MS_HOUR ? "soon" : "calm");
    val_put_printf(v, "text", "%s%s", left < 0 ? "late, " : "", show_time(cx, due));
    val_put_text(v, "iso", time_iso(cx->arena, due));
    val_put_text(v, "full", show_time_full(cx, due));
}

static void put_action(struct val *item, const char *text, const char *url, bool post, bool primary)
{
    struct val *a = val_add_map((struct val *)val_get(item, "actions"));

    val_put_text(a, "text", text);
    val_put_text(a, "url", url);
    val_put_bool(a, "post", post);
    val_put_bool(a, "primary", primary);
    val_put_bool(a, "danger", false);
    val_put_text(a, "confirm", "");
    val_put_text(a, "icon", "");
}

static struct val *put_item(struct val *items, const char *text, const char *url,
                            const char *detail)
{
    struct val *item = val_add_map(items);

    val_put_text(item, "text", text);
    val_put_text(item, "url", url);
    val_put_text(item, "detail", detail);
    val_put_null(item, "due");
    val_put_list(item, "actions");
    return item;
}

/* A group is there only when something is in it. */
static struct val *put_group(struct val *groups, const char *text)
{
    struct val *group = val_add_map(groups);

    val_put_text(group, "text", text);
    return val_put_list(group, "items");
}

/* Who a hand-off is about, with the company; NULL when that may not be seen. */
static const char *lead_name(struct ctx *cx, const struct row *handoff)
{
    const struct record_type *companies = type_find(cx, "company");
    i64 contact = row_i64(handoff, HANDOFF_CONTACT), company = row_i64(handoff, HANDOFF_COMPANY);
    const char *name = "", *at = "";

    if (record_titles(cx, &contact_type, &contact, 1, &name) != OK || name[0] == '\0')
        return NULL;
    if (company && record_titles(cx, companies, &company, 1, &at) == OK && at[0])
        return arena_printf(cx->arena, "%s, %s", name, at);
    return name;
}

static enum status put_handoffs(struct ctx *cx, struct val *groups, i64 *count)
{
    struct list_query lq = { .filter = "status = 'pending' and owner_id = me",
                             .sort = "due_at",
                             .limit = QUEUE_MAX };
    struct list_page page;
    struct val *items;
    i64 waiting;

    if (access_scope(cx->access, "handoff", VERB_READ) == SCOPE_NONE)
        return OK;
    TRY(list_run(cx, &handoff_type, &lq, &page));
    if (page.count == 0)
        return OK;
    TRY(list_count(cx, &handoff_type, lq.filter, "", 100, &waiting));
    *count += waiting;
    items = put_group(groups, "Leads waiting for your answer");
    for (size_t i = 0; i < page.count; i++) {
        const struct row *r = page.rows[i];
        const char *id = id_text(cx->arena, row_id(r)), *name = lead_name(cx, r);
        const char *look = arena_printf(cx->arena, "/leads?id=%s", id);
        const char *detail =
            arena_printf(cx->arena, "Score %lld. %s", (long long)row_i64(r, HANDOFF_SCORE),
                         row_text(r, HANDOFF_REASON));
        struct val *item = put_item(items, name ? name : "A lead", look, detail);
        put_due(cx, row_i64(r, HANDOFF_DUE), item);
        put_action(item, "Accept", arena_printf(cx->arena, "/handoffs/%s/accept", id), true, true);
        put_action(item, "Look first", look, false, false);
    }
    return OK;
}

/* One that waits for a decision, beside its quote; *items is made with the first. */
static enum status put_approval(struct ctx *cx, i64 quote_id, const char *why, const char *because,
                                struct val *groups, struct val **items, i64 *count)
{
    struct row *quote;
    struct val *item;
    enum status s = record_get(cx, type_find(cx, "quote"), quote_id, &quote);

    if (s == E_NOT_FOUND || s == E_FORBIDDEN) { /* not for this user */
        ctx_clear_error(cx);
        return OK;
    }
    TRY(s);
    if (*items == NULL)
        *items = put_group(groups, "Waiting for your approval");
    item = put_item(*items, row_title(cx, quote), row_path(cx, quote),
                    arena_printf(cx->arena, "%s%s%s", why, because[0] ? ". " : "", because));
    put_action(item, "Decide", row_path(cx, quote), false, true);
    ++*count;
    return OK;
}

static enum status put_approvals(struct ctx *cx, struct val *groups, i64 *count)
{
    struct val *items = NULL;

    scoped(stmt_close) struct stmt q =
        db_query(cx, "approval.to_decide", I64("approval", 0), I64("user", cx->access->user_id),
                 I64("today", zone_day(kit_zone(cx), ctx_now(cx))), I64("limit", DECIDE_MAX));
    while (stmt_next(&q)) {
        if (items != NULL && val_count(items) >= QUEUE_MAX) {
            ++*count; /* counted, and shown when others are decided */
            continue;
        }
        TRY(put_approval(cx, col_i64(&q, 1), arena_text(cx->arena, col_text(&q, 2)),
                         arena_text(cx->arena, col_text(&q, 3)), groups, &items, count));
    }
    return stmt_status(&q);
}

static enum status put_tasks(struct ctx *cx, struct val *groups, i64 *count)
{
    static const char filter[] = "done is false and owner_id = me and due_at <= next_7_days";
    const struct record_type *t = type_find(cx, "activity");
    struct list_query lq = { .filter = filter, .sort = "due_at", .limit = QUEUE_MAX };
    struct list_page page;
    struct val *items;
    i64 waiting;

    if (t == NULL || access_scope(cx->access, t->name, VERB_READ) == SCOPE_NONE)
        return OK;
    TRY(list_run(cx, t, &lq, &page));
    if (page.count == 0)
        return OK;
    TRY(list_count(cx, t, filter, "", 100, &waiting));
    *count += waiting;
    items = put_group(groups, "Tasks");
    for (size_t i = 0; i < page.count; i++) {
        struct row *r = page.rows[i];
        i64 contact = row_i64(r, type_field(t, "contact_id"));
        const char *about = "";
        if (contact)
            TRY(record_titles(cx, &contact_type, &contact, 1, &about));
        struct val *item = put_item(items, row_title(cx, r), row_path(cx, r), about);
        put_due(cx, row_i64(r, type_field(t, "due_at")), item);
        put_action(item, "Done",
                   arena_printf(cx->arena, "/activities/%s/done", id_text(cx->arena, row_id(r))),
                   true, false);
    }
    return OK;
}

static enum status put_to_hand_over(struct ctx *cx, struct val *groups, i64 *count)
{
    struct val *items = NULL;
    struct row *contact;

    if (access_scope(cx->access, "handoff", VERB_CREATE) == SCOPE_NONE)
        return OK;
    scoped(stmt_close) struct stmt q = db_query(cx, "home.to_hand_over", I64("limit", QUEUE_MAX));
    while (stmt_next(&q)) {
        enum status s = record_get(cx, &contact_type, col_i64(&q, 0), &contact);
        if (s == E_NOT_FOUND) { /* not for this user */
            ctx_clear_error(cx);
            continue;
        }
        TRY(s);
        if (items == NULL)
            items = put_group(groups, "Qualified, and not handed over");
        const char *detail =
            arena_printf(cx->arena, "Score %lld", (long long)row_i64(contact, CONTACT_SCORE));
        struct val *item = put_item(items, row_title(cx, contact), row_path(cx, contact), detail);
        put_action(item, "Hand over", arena_printf(cx->arena, "%s/handoff", row_path(cx, contact)),
                   false, true);
        ++*count;
    }
    return stmt_status(&q);
}

static enum status put_queue(struct ctx *cx, struct val *page)
{
    struct val *queue = val_put_map(page, "queue"), *groups = val_put_list(queue, "groups");
    i64 count = 0;

    TRY(put_handoffs(cx, groups, &count));
    TRY(put_approvals(cx, groups, &count));
    TRY(put_tasks(cx, groups, &count));
    if (text_is(cx->access->team, "marketing") || cx->access->admin)
        TRY(put_to_hand_over(cx, groups, &count));
    val_put_text(queue, "count", show_number(cx->arena, count));
    val_put_text(queue, "none",
                 count ? ""
                       : "Nothing waits for you. New leads, approvals and tasks will stand here.");
    return OK;
}

/* ---- the numbers ---- */
enum number {
    VISITS,
    ENGAGEMENT,
    NEW_LEADS,
    MQLS,
    PIPELINE,
    WIN_RATE,
    DEAL_SIZE,
    REVENUE,
    ACCEPTANCE,
    VISITORS,
    ACCEPTED,
    DEALS,
    WON,
    ON_TIME,
    BY_VISITORS,
    BY_LEADS,
    BY_WON,
    BY_REVENUE,
    NUMBERS
};
enum { TILES = ACCEPTANCE + 1 };

static const struct {
    const char *metric, *dimension; /* "time": the period's own unit */
} asked[NUMBERS] = {
    [VISITS] = { "visits", "time" },
    [ENGAGEMENT] = { "engagement_rate", "time" },
    [NEW_LEADS] = { "new_leads", "time" },
    [MQLS] = { "mqls", "time" },
    [PIPELINE] = { "pipeline_value", "" },
    [WIN_RATE] = { "win_rate", "time" },
    [DEAL_SIZE] = { "average_deal_size", "time" },
    [REVENUE] = { "revenue", "time" },
    [ACCEPTANCE] = { "acceptance_rate", "time" },
    [VISITORS] = { "visitors", "" },
    [ACCEPTED] = { "accepted_leads", "" },
    [DEALS] = { "deals_created", "" },
    [WON] = { "deals_won", "" },
    [ON_TIME] = { "follow_up_rate", "" },
    [BY_VISITORS] = { "visitors", "channel" },
    [BY_LEADS] = { "new_leads", "channel" },
    [BY_WON] = { "deals_won", "channel" },
    [BY_REVENUE] = { "revenue", "channel" },
};

/* Answers by number; NULL where the user may not ask. */
static enum status ask_numbers(struct ctx *cx, const struct question *period,
                               const struct val *answers[NUMBERS])
{
    struct question qs[NUMBERS];
    struct val *got[NUMBERS];
    int which[NUMBERS];
    size_t count = 0;

    for (int i = 0; i < NUMBERS; i++) {
        struct question q = *period;
        bool time = text_is(asked[i].dimension, "time");
        q.metric = asked[i].metric;
        q.dimension = time ? show_period_unit(period) : asked[i].dimension;
        q.limit = CHANNELS_MAX;
        if (i >= BY_VISITORS)
            q.compare_from_ms = q.compare_to_ms = 0;
        answers[i] = NULL;
        if (!question_allowed(cx, &q))
            continue;
        which[count] = i;
        qs[count++] = q;
    }
    TRY(question_ask_many(cx, qs, count, got));
    for (size_t i = 0; i < count; i++)
        answers[which[i]] = got[i];
    return OK;
}

/* ---- the funnel ---- */
static const struct {
    const char *text;
    enum number number;
    const char *of, *each; /* of what it is a share: the step before; one of them */
} steps[] = {
    { "Visits", VISITS, "", "" },
    { "Visitors", VISITORS, "visits", "visit" },
    { "New leads", NEW_LEADS, "visitors", "visitor" },
    { "MQLs", MQLS, "leads", "lead" },
    { "Accepted", ACCEPTED, "MQLs", "MQL" },
    { "Deals", DEALS, "accepted", "accepted lead" },
    { "Won", WON, "deals", "deal" },
    { "Revenue", REVENUE, "", "" },
};
enum { STEPS = countof(steps), SALES_FROM = 4 };

static double value_of(const struct val *answer)
{
    return val_as_double(val_get(answer, "value"), 0);
}

/* What the band's height stands for: people or things. Money has that of the deals it comes
 * from. */
static double height_of(const struct val *const *answers, size_t step)
{
    return value_of(answers[steps[step].number == REVENUE ? WON : steps[step].number]);
}

/* From this step's height to the next one's, both logarithmic: a thousand strangers and one
 * customer fit in one picture. */
static const char *band(struct ctx *cx, const struct val *const *answers, size_t step)
{
    size_t next = step + 1 < STEPS ? step + 1 : step;
    double most = 1, a, b;

    for (size_t i = 0; i < STEPS; i++)
        most = fmax(most, height_of(answers, i));
    a = 50 * log1p(fmax(height_of(answers, step), 0)) / log1p(most);
    b = 50 * log1p(fmax(height_of(answers, next), 0)) / log1p(most);
    return arena_printf(cx->arena, "0,%.1f 50,%.1f 100,%.1f 100,%.1f 50,%.1f 0,%.1f", 50 - a,
                        50 - a, 50 - b, 50 + b, 50 + a, 50 + a);
}

static const char *rate_of(struct ctx *cx, const struct val *const *answers, size_t step)
{
    const char *size = val_get_text(answers[DEAL_SIZE], "text");
    double before = step ? value_of(answers[steps[step - 1].number]) : 0;
    double share = before > 0 ? value_of(answers[steps[step].number]) / before * 100 : 0;

    if (steps[step].number == REVENUE)
        return size[0] ? arena_printf(cx->arena, "%s a deal", size) : "";
    if (before <= 0 || !steps[step].of[0])
        return "";
    if (share > 100) /* deals are not only those of the leads that were accepted */
        return arena_printf(cx->arena, "%.1f per %s", share / 100, steps[step].each);
    return arena_printf(cx->arena, "%.*f%% of %s", share < 10 ? 1 : 0, share, steps[step].of);
}

static void put_step(struct ctx *cx, const struct val *const *answers, size_t i, struct val *list)
{
    const struct val *answer = answers[steps[i].number];
    const char *rows = val_get_text(answer, "rows_path");
    struct val *one = val_add_map(list);

    val_put_text(one, "text", steps[i].text);
    val_put_text(one, "value", val_get_text(answer, "text"));
    val_put_text(one, "rate", rate_of(cx, answers, i));
    val_put_text(
        one, "url",
        rows[0] ? rows
                : arena_printf(cx->arena, "/insight/metrics/%s", val_get_text(answer, "metric")));
    val_put_text(one, "shape", band(cx, answers, i));
}

static void put_handoff(struct ctx *cx, const struct val *const *answers, struct val *funnel)
{
    const char *accepted = val_get_text(answers[ACCEPTANCE], "text");
    const char *on_time = val_get_text(answers[ON_TIME], "text");
    struct val *handoff;

    if (accepted[0] == '\0' && on_time[0] == '\0') {
        val_put_null(funnel, "handoff");
        return;
    }
    handoff = val_put_map(funnel, "handoff");
    val_put_printf(handoff, "text", "%s accepted, %s answered in time", accepted, on_time);
    val_put_text(handoff, "url", val_get_text(answers[ACCEPTANCE], "rows_path"));
    (void)cx;
}

static void put_funnel(struct ctx *cx, const struct val *const *answers, struct val *page)
{
    static const char *const teams[][2] = { { "marketing", "Marketing" }, { "sales", "Sales" } };
    struct val *funnel = val_put_map(page, "funnel"), *halves = val_put_list(funnel, "halves");
    struct buf words = buf_in(cx->arena, 2000);

    for (size_t half = 0; half < countof(teams); half++) {
        struct val *one = val_add_map(halves), *list;
        val_put_text(one, "team", teams[half][0]);
        val_put_text(one, "text", teams[half][1]);
        list = val_put_list(one, "steps");
        for (size_t i = half ? SALES_FROM : 0; i < (half ? STEPS : SALES_FROM); i++) {
            const struct val *answer = answers[steps[i].number];
            if (answer == NULL)
                continue;
            put_step(cx, answers, i, list);
            buf_printf(&words, "%s%s %s", words.len ? ", " : "", steps[i].text,
                       val_get_text(answer, "text"));
        }
    }
    val_put_text(funnel, "text", buf_end(&words));
    put_handoff(cx, answers, funnel);
}

/* ---- channels ---- */
static const struct val *group_of(const struct val *answer, const char *key)
{
    const struct val *groups = val_get(answer, "groups");

    for (size_t i = 0; i < val_count(groups); i++)
        if (text_is(val_as_text(val_get(val_at(groups, i), "key"), ""), key))
            return val_at(groups, i);
    return NULL;
}

static const char *group_text(const struct val *answer, const char *key)
{
    const struct val *g = group_of(answer, key);

    return g ? val_get_text(g, "text") : answer ? "0" : "";
}

/* Adds the channels of an answer that are not there yet, the greatest first. */
static void add_channels(struct ctx *cx, const struct val *const *answers, enum number by,
                         struct val *rows)
{
    const struct val *groups = val_get(answers[by], "groups");
    double most = show_most(val_get(answers[BY_REVENUE], "groups"));

    for (size_t i = 0; i < val_count(groups) && val_count(rows) < CHANNELS_MAX; i++) {
        const struct val *g = val_at(groups, i), *revenue;
        const char *key = val_as_text(val_get(g, "key"), "");
        struct val *row, *channel;
        bool known = key[0] == '\0' || text_is(key, "(other)");
        for (size_t j = 0; j < val_count(rows) && !known; j++)
            known = text_is(val_get_text(val_get(val_at(rows, j), "channel"), "value"), key);
        if (known)
            continue;
        row = val_add_map(rows);
        channel = val_put_map(row, "channel");
        val_put_text(channel, "value", key);
        val_put_text(channel, "text", val_get_text(g, "label"));
        val_put_text(row, "visitors", group_text(answers[BY_VISITORS], key));
        val_put_text(row, "leads", group_text(answers[BY_LEADS], key));
        val_put_text(row, "won", group_text(answers[BY_WON], key));
        revenue = group_of(answers[BY_REVENUE], key);
        val_put_text(row, "revenue", revenue ? val_get_text(revenue, "text") : "–");
        val_put_i64(row, "percent", show_percent(val_get(revenue, "value"), most));
        const char *url = val_get_text(g, "rows_path");
        val_put_text(row, "url",
                     url[0] ? url
                            : arena_printf(cx->arena, "/insight/metrics/%s?by=channel",
                                           val_get_text(answers[by], "metric")));
    }
}

static void put_channels(struct ctx *cx, const struct val *const *answers, struct val *page)
{
    struct val *channels, *rows;

    if (answers[BY_REVENUE] == NULL) {
        val_put_null(page, "channels");
        return;
    }
    channels = val_put_map(page, "channels");
    val_put_text(channels, "text", "Revenue by first-touch channel");
    val_put_text(
        channels, "definition",
        "Amounts of the deals won in the period, given to the channel of the contact's first "
        "known visit. Visitors, leads and deals won beside it are those of the same channel "
        "and period.");
    val_put_text(channels, "url", "/insight/metrics/revenue?by=channel");
    val_put_text(channels, "total", val_get_text(answers[BY_REVENUE], "text"));
    rows = val_put_list(channels, "rows");
    add_channels(cx, answers, BY_REVENUE, rows);
    add_channels(cx, answers, BY_LEADS, rows);
    add_channels(cx, answers, BY_VISITORS, rows);
    if (val_count(rows) == 0) /* the steps of a first day say what comes; no heads over nothing */
        val_put_null(page, "channels");
}

/* ---- since I last looked ---- */
static struct val *put_changed(struct ctx *cx, const char *icon, const char *text,
                               const char *detail, const char *url, i64 at_ms, struct val *list)
{
    struct val *one = val_add_map(list), *when = val_put_map(one, "when");

    val_put_text(one, "icon", icon);
    val_put_text(one, "text", text);
    val_put_text(one, "detail", detail);
    val_put_text(one, "url", url);
    val_put_text(when, "text", show_time(cx, at_ms));
    val_put_text(when, "iso", time_iso(cx->arena, at_ms));
    val_put_text(when, "full", show_time_full(cx, at_ms));
    return one;
}

static enum status put_unread(struct ctx *cx, struct val *list)
{
    scoped(stmt_close) struct stmt q =
        db_query(cx, "home.unread", I64("user", cx->access->user_id), I64("limit", UNREAD_MAX));

    while (stmt_next(&q))
        put_changed(cx, col_text(&q, 1), col_text(&q, 2), "", col_text(&q, 3), col_i64(&q, 0),
                    list);
    return stmt_status(&q);
}

/* "Stage: Proposal to Negotiation. Anna Berg": the newest change in words. */
static enum status put_change(struct ctx *cx, struct row *r, struct val *list)
{
    struct val *history = val_list(cx->arena);
    const struct val *change, *fields;
    struct buf detail = buf_in(cx->arena, 4000);

    TRY(record_history(cx, r, 1, history));
    change = val_at(history, 0);
    fields = val_get(change, "fields");
    if (change == NULL)
        return OK;
    for (size_t i = 0; i < val_count(fields) && i < 2; i++) {
        const struct val *f = val_at(fields, i);
        const char *to = val_get_text(f, "new");
        if (row_version(r) > 1 && to[0])
            buf_printf(&detail, "%s%s: %s", detail.len ? ", " : "", val_get_text(f, "label"),
                       utf8_cut(cx->arena, to, 80));
    }
    if (detail.len == 0)
        buf_text(&detail, row_version(r) > 1 ? "Changed" : "New");
    const char *who = val_get_text(val_get(change, "user"), "name");
    if (who[0])
        buf_printf(&detail, ", by %s", who);
    put_changed(cx, row_type(r)->icon, row_title(cx, r), buf_end(&detail), row_path(cx, r),
                row_updated_at(r), list);
    return OK;
}

static enum status last_looked(struct ctx *cx, i64 *since)
{
    i64 now = ctx_now(cx), seen;

    TRY(db_get_i64(cx, &seen, "home.last_looked", I64("user", cx->access->user_id),
                   I64("session", cx->access->session_id)));
    *since = seen ? seen : now - MS_DAY;
    if (*since < now - LOOK_BACK_DAYS * (i64)MS_DAY)
        *since = now - LOOK_BACK_DAYS * (i64)MS_DAY;
    return OK;
}

static enum status put_changes(struct ctx *cx, struct val *page)
{
    struct val *list = val_put_list(page, "changed");
    struct row *r;
    i64 since;

    TRY(put_unread(cx, list));
    TRY(last_looked(cx, &since));
    scoped(stmt_close) struct stmt q =
        db_query(cx, "home.changes", I64("since", since), I64("user", cx->access->user_id),
                 I64("limit", CHANGES_MAX));
    while (stmt_next(&q)) {
        const struct record_type *t = type_find(cx, col_text(&q, 0));
        enum status s = t ? record_get(cx, t, col_i64(&q, 1), &r) : E_NOT_FOUND;
        if (s == E_NOT_FOUND) { /* in the trash, or not for this user */
            ctx_clear_error(cx);
            continue;
        }
        TRY(s);
        TRY(put_change(cx, r, list));
    }
    TRY(stmt_status(&q));
    val_put_bool(page, "has_changed", val_count(list) > 0);
    return OK;
}

/* GET /?period=last_30_days */
static enum status home(struct req *rq)
{
    struct ctx *cx = rq->cx;
    const struct val *answers[NUMBERS];
    struct val *page = val_map(cx->arena), *tiles;
    struct question period = { 0 };
    const char *name;

    TRY(show_period_read(rq, &name, &period));
    val_put_text(page, "title", "Home");
    show_period_put(cx, name, "/", page);
    TRY(put_queue(cx, page));
    TRY(ask_numbers(cx, &period, answers));
    put_funnel(cx, answers, page);
    tiles = val_put_list(page, "tiles");
    for (int i = 0; i < TILES; i++)
        if (answers[i])
            show_tile(cx, answers[i], tiles);
    put_channels(cx, answers, page);
    TRY(put_changes(cx, page));
    TRY(put_first_steps(cx, page));
    TRY(board_put_first(cx, page));
    return reply(rq, "kit/home", page);
}

static const struct route routes[] = {
    { HTTP_GET, "/", home, .flags = ROUTE_SIGNED_IN },
};
const struct feature feature_home = { .name = "home", ROUTES(routes) };
