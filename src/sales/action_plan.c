/* action_plan.c -- steps of both sides until a deal is signed and running: on the deal's page, and
 * on a page for the customer. Opening it and ticking off there stand on the journey. */
#include "sales/action_plan.h"
#include "base/id.h"
#include "base/utf8.h"
#include "bridge/brand_look.h"
#include "kit/filter.h"
#include "kit/pages.h"
#include "kit/show.h"
#include "mail/token.h"
#include "mail/track.h"
#include "sales/deal.h"

enum {
    STEPS_MOST = 100,
    USUAL_MOST = 30,
    TEXT_BYTES = 300,
    VISIT_GAP_MS = 30 * MS_MINUTE,
    BAD_TOKENS_PER_MINUTE = 60,
    POSTS_PER_MINUTE = 30,
    DAYS_MOST = 3650,
};

static const struct field fields[] = {
    [PLAN_DEAL] = { "deal_id", FIELD_REF, "Deal", REQUIRED | LISTED | CREATE_ONLY, .ref = "deal" },
    [PLAN_TEXT] = { "text", FIELD_TEXT, "Step", REQUIRED | LISTED, .max_len = TEXT_BYTES },
    [PLAN_SIDE] = { "side", FIELD_CHOICE, "Whose", REQUIRED | LISTED, .otherwise = "ours",
                    .choices =
                        CHOICES({ "ours", "Ours", "blue" }, { "theirs", "Theirs", "violet" }) },
    [PLAN_OWNER] = { "owner_id", FIELD_REF, "Who of us", LISTED, .ref = "user",
                     .help = "Left empty: the deal's owner." },
    [PLAN_PERSON] = { "person", FIELD_TEXT, "Who of them", LISTED, .max_len = 120 },
    [PLAN_DUE] = { "due_on", FIELD_DATE, "Until", LISTED | INDEXED },
    [PLAN_DONE] = { "done", FIELD_BOOL, "Done", LISTED },
    [PLAN_DONE_AT] = { "done_at", FIELD_TIME, "Done at", COMPUTED },
    [PLAN_DONE_BY] = { "done_by", FIELD_TEXT, "Done by", COMPUTED, .max_len = 200 },
    [PLAN_POSITION] = { "position", FIELD_INT, "Position", 0, .min = 0, .max = 1000000 },
};
_Static_assert(countof(fields) == PLAN_FIELDS, "enum and table differ");

static enum status step_defaults(struct ctx *cx, struct row *r)
{
    i64 position;

    if (row_has(r, PLAN_POSITION) || !row_has(r, PLAN_DEAL))
        return OK;
    TRY(db_get_i64(cx, &position, "plan.next_position", I64("deal", row_i64(r, PLAN_DEAL))));
    row_set_i64(r, PLAN_POSITION, position);
    return OK;
}

static enum status step_validate(struct ctx *cx, struct row *r)
{
    if (!row_bool(r, PLAN_DONE)) {
        row_clear(r, PLAN_DONE_AT);
        row_set_text(r, PLAN_DONE_BY, "");
    } else if (!row_has(r, PLAN_DONE_AT)) {
        row_set_i64(r, PLAN_DONE_AT, ctx_now(cx));
        if (!row_has(r, PLAN_DONE_BY) && cx->access->user_id)
            row_set_text(r, PLAN_DONE_BY, cx->access->name);
    }
    return OK;
}

/* In the order of their days; what has none comes last. As the system: a plan is one thing. */
static enum status steps_of(struct ctx *cx, i64 deal_id, struct row ***rows, size_t *count)
{
    scoped(access_leave) struct access_guard guard = access_enter_system(cx);
    struct list_page page;

    TRY(list_run(cx, &plan_step_type,
                 &(struct list_query){ .filter = arena_printf(cx->arena, "deal_id = '%s'",
                                                              id_text(cx->arena, deal_id)),
                                       .sort = "due_on",
                                       .limit = STEPS_MOST },
                 &page));
    *rows = page.rows;
    *count = page.count;
    return rows_load_titles(cx, page.rows, page.count);
}

static bool is_theirs(const struct row *r) { return text_is(row_text(r, PLAN_SIDE), "theirs"); }

static bool is_late(struct ctx *cx, const struct row *r)
{
    return !row_bool(r, PLAN_DONE) && row_has(r, PLAN_DUE) &&
           row_i64(r, PLAN_DUE) < zone_day(kit_zone(cx), ctx_now(cx));
}

static const char *progress(struct ctx *cx, struct row *const *rows, size_t count)
{
    size_t done = 0;

    for (size_t i = 0; i < count; i++)
        done += row_bool(rows[i], PLAN_DONE);
    return count ? arena_printf(cx->arena, "%zu of %zu done", done, count) : "";
}

/* ---- on the deal's page ---- */
static const char *meta_of(struct ctx *cx, const struct row *r)
{
    const char *who = row_has(r, PLAN_PERSON)                   ? row_text(r, PLAN_PERSON)
                      : !is_theirs(r) && row_has(r, PLAN_OWNER) ? row_show(cx, r, PLAN_OWNER)
                                                                : "";

    if (row_bool(r, PLAN_DONE))
        return arena_printf(cx->arena, "Done%s%s, %s", row_has(r, PLAN_DONE_BY) ? " by " : "",
                            row_text(r, PLAN_DONE_BY), show_time(cx, row_i64(r, PLAN_DONE_AT)));
    return arena_printf(cx->arena, "%s%s%s%s%s", row_show(cx, r, PLAN_SIDE), who[0] ? ", " : "",
                        who, row_has(r, PLAN_DUE) ? ", due " : "",
                        row_has(r, PLAN_DUE) ? show_date(cx, row_i64(r, PLAN_DUE)) : "");
}

static const char *token_path(struct ctx *cx, i64 deal_id)
{
    const char *token = token_write(cx, TOKEN_PLAN, &deal_id, 1, "");

    return text_empty(token) ? "" : arena_printf(cx->arena, "/plan/%s", token);
}

static const char *seen(struct ctx *cx, const struct row *deal)
{
    i64 opens = row_i64(deal, DEAL_PLAN_OPENS);

    if (opens == 0)
        return "The customer has not opened it yet.";
    return arena_printf(cx->arena, "Opened %lld %s, last %s.", (long long)opens,
                        opens == 1 ? "time" : "times",
                        show_time(cx, row_i64(deal, DEAL_PLAN_SEEN_AT)));
}

enum status plan_put(struct ctx *cx, const struct row *deal, struct val *page)
{
    struct val *plan = val_put_map(page, "plan"), *list = val_put_list(plan, "list");
    bool may = page_may(cx, deal, VERB_UPDATE), shared = row_has(deal, DEAL_PLAN_SHARED);
    struct row **rows;
    size_t count;

    TRY(steps_of(cx, row_id(deal), &rows, &count));
    for (size_t i = 0; i < count; i++) {
        struct val *one = val_add_map(list);
        val_put_text(one, "heading", "");
        val_put_text(one, "text", row_text(rows[i], PLAN_TEXT));
        val_put_bool(one, "done", row_bool(rows[i], PLAN_DONE));
        val_put_text(one, "meta", meta_of(cx, rows[i]));
        val_put_bool(one, "late", is_late(cx, rows[i]));
        val_put_text(one, "toggle",
                     may ? arena_printf(cx->arena, "%s/tick", row_path(cx, rows[i])) : "");
    }
    val_put_bool(plan, "any", count > 0);
    val_put_bool(plan, "may", may);
    val_put_bool(plan, "is_shared", shared);
    val_put_text(plan, "progress", progress(cx, rows, count));
    val_put_printf(plan, "url", "%s/plan", row_path(cx, deal));
    val_put_text(plan, "path", shared ? token_path(cx, row_id(deal)) : "");
    val_put_text(plan, "seen", seen(cx, deal));
    return OK;
}

enum status plan_public_path(struct ctx *cx, const struct row *deal, const char **path)
{
    struct row **rows;
    size_t count;

    *path = "";
    if (!row_has(deal, DEAL_PLAN_SHARED))
        return OK;
    TRY(steps_of(cx, row_id(deal), &rows, &count));
    if (count > 0)
        *path = token_path(cx, row_id(deal));
    return OK;
}

enum status plan_put_open(struct ctx *cx, i64 deal_id, struct val *list)
{
    struct row **rows;
    size_t count;

    TRY(steps_of(cx, deal_id, &rows, &count));
    for (size_t i = 0; i < count; i++)
        if (!row_bool(rows[i], PLAN_DONE) && !is_theirs(rows[i]))
            val_add_text(list, row_has(rows[i], PLAN_DUE)
                                   ? arena_printf(cx->arena, "%s (until %s)",
                                                  row_text(rows[i], PLAN_TEXT),
                                                  show_date_full(cx, row_i64(rows[i], PLAN_DUE)))
                                   : row_text(rows[i], PLAN_TEXT));
    return OK;
}

/* ---- what is done there ---- */
static enum status deal_to_change(struct req *rq, struct row **deal)
{
    TRY(page_record(rq, &deal_type, deal));
    return page_may(rq->cx, *deal, VERB_UPDATE)
               ? OK
               : ctx_fail(rq->cx, E_FORBIDDEN, "You may read this deal, not change it.");
}

static enum status back(struct req *rq, const struct row *deal)
{
    return reply_redirect(rq, arena_printf(rq->cx->arena, "%s#plan", row_path(rq->cx, deal)));
}

/* POST /deals/:id/plan {text, side, due, person} */
static enum status add_post(struct req *rq)
{
    struct ctx *cx = rq->cx;
    struct row *deal, *r = row_new(cx, &plan_step_type);

    TRY(deal_to_change(rq, &deal));
    row_set_i64(r, PLAN_DEAL, row_id(deal));
    TRY(row_parse(cx, r, PLAN_TEXT, req_form(rq, "text")));
    TRY(row_parse(cx, r, PLAN_SIDE, req_form(rq, "side")));
    TRY(row_parse(cx, r, PLAN_DUE, req_form(rq, "due")));
    TRY(row_parse(cx, r, PLAN_PERSON, req_form(rq, "person")));
    TRY(record_save(cx, r));
    return back(rq, deal);
}

/* "theirs 14 Name who decides": whose, in how many days, what. Anything else is ours, some day. */
static void read_usual(struct ctx *cx, struct str line, struct row *r)
{
    struct str rest = line, side, days;
    i64 n;

    if (str_split(&rest, ' ', &side) && (str_is(side, "ours") || str_is(side, "theirs"))) {
        row_set_text(r, PLAN_SIDE, str_dup(cx->arena, side));
        line = str_trim(rest);
    }
    rest = line;
    if (str_split(&rest, ' ', &days) && str_i64(days, &n) && n >= 0 && n <= DAYS_MOST) {
        row_set_i64(r, PLAN_DUE, zone_day(kit_zone(cx), ctx_now(cx)) + n);
        line = str_trim(rest);
    }
    row_set_text(r, PLAN_TEXT, utf8_cut(cx->arena, str_dup(cx->arena, line), TEXT_BYTES));
}

/* POST /deals/:id/plan/usual */
static enum status usual_post(struct req *rq)
{
    struct ctx *cx = rq->cx;
    struct str rest = str_from(setting_text(cx, "deal.plan_steps")), line;
    struct row *deal, *r;

    TRY(deal_to_change(rq, &deal));
    for (int i = 0; i < USUAL_MOST && str_split(&rest, '\n', &line); i++) {
        line = str_trim(line);
        if (line.len == 0)
            continue;
        r = row_new(cx, &plan_step_type);
        row_set_i64(r, PLAN_DEAL, row_id(deal));
        read_usual(cx, line, r);
        TRY(record_save(cx, r));
    }
    return back(rq, deal);
}

static enum status note(struct ctx *cx, const struct row *deal, const char *kind, const char *text)
{
    struct val *props = val_map(cx->arena);

    val_put_text(props, "name", row_text(deal, DEAL_NAME));
    val_put_text(props, "by", cx->access->user_id ? cx->access->name : "");
    if (!text_empty(text))
        val_put_text(props, "text", text);
    return journey_note(cx, &(struct journey_note){ .kind = kind,
                                                    .contact_id = row_i64(deal, DEAL_CONTACT),
                                                    .record_id = row_id(deal),
                                                    .props = props });
}

/* POST /deals/:id/plan/share {on} */
static enum status share_post(struct req *rq)
{
    struct ctx *cx = rq->cx;
    bool on = text_is(req_form(rq, "on"), "true");
    struct row *deal;

    TRY(deal_to_change(rq, &deal));
    if (on == row_has(deal, DEAL_PLAN_SHARED))
        return back(rq, deal);
    if (on)
        row_set_i64(deal, DEAL_PLAN_SHARED, ctx_now(cx));
    else
        row_clear(deal, DEAL_PLAN_SHARED);
    TRY(record_save(cx, deal));
    if (on)
        TRY(note(cx, deal, "plan_shared", ""));
    return back(rq, deal);
}

/* POST /plan-steps/:id/tick */
static enum status tick_post(struct req *rq)
{
    struct row *r, *deal;

    TRY(page_record(rq, &plan_step_type, &r));
    TRY(record_get(rq->cx, &deal_type, row_i64(r, PLAN_DEAL), &deal));
    row_set_i64(r, PLAN_DONE, !row_bool(r, PLAN_DONE));
    TRY(record_save(rq->cx, r));
    return back(rq, deal);
}

/* ---- the customer's page ---- */
static enum status refuse(struct req *rq)
{
    struct val *page = val_map(rq->cx->arena);

    ctx_clear_error(rq->cx);
    if (web_rate_limited(rq->web, "plan_token", rq->address, BAD_TOKENS_PER_MINUTE))
        return ctx_fail(rq->cx, E_RATE, "Too many wrong addresses. Please wait a minute.");
    TRY(brand_put_page(rq, 0, page));
    val_put_text(page, "title", "This link does not work");
    val_put_text(
        page, "text",
        "It is not whole, or the plan is no longer shared. Please ask who sent it to you.");
    reply_status(rq, 404);
    reply_header(rq, "Cache-Control", "no-store, private");
    reply_header(rq, "X-Robots-Tag", "noindex");
    return reply_fragment(rq, "quote/say", page);
}

/* E_NOT_FOUND: no plan that is shared. As the system. */
static enum status deal_asked(struct req *rq, struct row **deal)
{
    i64 id;

    if (!token_read(rq->cx, TOKEN_PLAN, req_param(rq, "token"), "", &id, 1))
        return E_NOT_FOUND;
    TRY(record_get(rq->cx, &deal_type, id, deal));
    return row_has(*deal, DEAL_PLAN_SHARED) ? OK : E_NOT_FOUND;
}

static enum status opened(struct ctx *cx, void *arg)
{
    scoped(access_leave) struct access_guard guard = access_enter_system(cx);
    i64 now = ctx_now(cx);
    struct row *deal;

    TRY(record_get(cx, &deal_type, *(const i64 *)arg, &deal));
    if (row_has(deal, DEAL_PLAN_SEEN_AT) && now - row_i64(deal, DEAL_PLAN_SEEN_AT) < VISIT_GAP_MS)
        return OK;
    row_set_i64(deal, DEAL_PLAN_SEEN_AT, now);
    row_set_i64(deal, DEAL_PLAN_OPENS, row_i64(deal, DEAL_PLAN_OPENS) + 1);
    TRY(record_save(cx, deal));
    return note(cx, deal, "plan_opened", "");
}

/* Colleagues and programs do not count. One that cannot be counted is shown all the same. */
static void count_opening(struct req *rq, i64 deal_id)
{
    const char *client = rq->header(rq, "User-Agent"), *purpose = rq->header(rq, "Sec-Purpose");

    if (rq->cx->access->user_id != 0 || track_is_machine(rq->method == HTTP_HEAD, client, purpose))
        return;
    if (kit_write(rq->cx, opened, &deal_id) != OK)
        ctx_clear_error(rq->cx);
}

static void put_step(struct ctx *cx, const struct row *r, const char *house, const char *customer,
                     struct val *list)
{
    struct val *one = val_add_map(list);

    val_put_text(one, "id", id_text(cx->arena, row_id(r)));
    val_put_text(one, "text", row_text(r, PLAN_TEXT));
    val_put_bool(one, "done", row_bool(r, PLAN_DONE));
    val_put_bool(one, "late", is_late(cx, r));
    val_put_bool(one, "theirs", is_theirs(r));
    val_put_text(one, "whose",
                 row_has(r, PLAN_PERSON) ? row_text(r, PLAN_PERSON)
                 : is_theirs(r)          ? customer
                                         : house);
    val_put_text(one, "due", row_has(r, PLAN_DUE) ? show_date_full(cx, row_i64(r, PLAN_DUE)) : "");
    val_put_text(one, "done_by", row_text(r, PLAN_DONE_BY));
}

static enum status show(struct req *rq, const struct row *deal)
{
    struct ctx *cx = rq->cx;
    struct val *page = val_map(cx->arena), *list = val_put_list(page, "steps");
    const char *house = setting_text(cx, "workspace.name"),
               *customer = row_has(deal, DEAL_COMPANY) ? row_show(cx, deal, DEAL_COMPANY) : "You";
    struct row **rows;
    size_t count;

    TRY(steps_of(cx, row_id(deal), &rows, &count));
    for (size_t i = 0; i < count; i++)
        put_step(cx, rows[i], text_empty(house) ? "We" : house, customer, list);
    TRY(brand_put_page(rq, 0, page));
    val_put_text(page, "title", row_text(deal, DEAL_NAME));
    val_put_text(page, "intro", "What each of us does until it is up and running.");
    val_put_text(page, "progress", progress(cx, rows, count));
    val_put_text(page, "path", token_path(cx, row_id(deal)));
    reply_header(rq, "Cache-Control", "no-store, private");
    reply_header(rq, "X-Robots-Tag", "noindex");
    reply_header(rq, "Referrer-Policy", "no-referrer");
    return reply_fragment(rq, "plan/public", page);
}

/* GET /plan/:token */
static enum status public_get(struct req *rq)
{
    const struct access *who = rq->cx->access;
    scoped(access_leave) struct access_guard guard = access_enter_system(rq->cx);
    struct row *deal;
    enum status s = deal_asked(rq, &deal);

    if (s == E_NOT_FOUND)
        return refuse(rq);
    TRY(s);
    rq->cx->access = who;
    count_opening(rq, row_id(deal));
    rq->cx->access = access_system();
    return show(rq, deal);
}

static enum status tick_theirs(struct ctx *cx, const struct row *deal, struct row *step, bool done)
{
    if (row_bool(step, PLAN_DONE) == done) /* the button was pressed twice */
        return OK;
    row_set_i64(step, PLAN_DONE, done);
    if (done)
        row_set_text(step, PLAN_DONE_BY, row_text(step, PLAN_PERSON));
    TRY(record_save(cx, step));
    if (!done)
        return OK;
    TRY(note(cx, deal, "plan_step_done", row_text(step, PLAN_TEXT)));
    return notify(cx, row_i64(deal, DEAL_OWNER), "check",
                  arena_printf(cx->arena, "Done by the customer: %s (%s)",
                               row_text(step, PLAN_TEXT), row_text(deal, DEAL_NAME)),
                  row_path(cx, deal));
}

/* POST /plan/:token {step, done} -- theirs only. */
static enum status public_post(struct req *rq)
{
    scoped(access_leave) struct access_guard guard = access_enter_system(rq->cx);
    struct row *deal, *step;
    i64 id;
    enum status s;

    if (web_rate_limited(rq->web, "plan_post", rq->address, POSTS_PER_MINUTE))
        return ctx_fail(rq->cx, E_RATE, "That was a lot at once. Please wait a minute.");
    s = deal_asked(rq, &deal);
    if (s == E_NOT_FOUND)
        return refuse(rq);
    TRY(s);
    if (!id_parse(str_from(req_form(rq, "step")), &id))
        return refuse(rq);
    s = record_get(rq->cx, &plan_step_type, id, &step);
    if (s == E_NOT_FOUND ||
        (s == OK && (row_i64(step, PLAN_DEAL) != row_id(deal) || !is_theirs(step))))
        return refuse(rq);
    TRY(s);
    TRY(tick_theirs(rq->cx, deal, step, text_is(req_form(rq, "done"), "true")));
    return reply_redirect(rq, token_path(rq->cx, row_id(deal)));
}

const struct record_type plan_step_type = {
    .name = "plan_step",
    .label = "Step of an action plan",
    .plural = "Steps of action plans",
    .path = "plan-steps",
    .icon = "list-check",
    .sort = "due_on",
    .title = PLAN_TEXT,
    .fields = fields,
    .field_count = PLAN_FIELDS,
    .empty = "What both sides do, by when, until a deal is signed and running.",
    .defaults = step_defaults,
    .validate = step_validate,
};

static const struct route routes[] = {
    { HTTP_POST, "/deals/:id/plan", add_post, NEEDS("plan_step", VERB_CREATE) },
    { HTTP_POST, "/deals/:id/plan/usual", usual_post, NEEDS("plan_step", VERB_CREATE) },
    { HTTP_POST, "/deals/:id/plan/share", share_post, NEEDS("deal", VERB_UPDATE) },
    { HTTP_POST, "/plan-steps/:id/tick", tick_post, NEEDS("plan_step", VERB_UPDATE) },
    { HTTP_GET, "/plan/:token", public_get, .flags = ROUTE_PUBLIC },
    { HTTP_POST, "/plan/:token", public_post, .flags = ROUTE_PUBLIC },
};
static const struct event_kind kinds[] = {
    { "plan_shared", "Action plan shared", "list-check", KIND_SALES, "deal" },
    { "plan_opened", "Action plan opened", "eye", 0, "deal" },
    { "plan_step_done", "Step of the plan done", "check", 0, "deal" },
};
static const struct setting settings[] = {
    { "deal.plan_steps", FIELD_LONG, "Usual steps of an action plan",
      "A line each: ours or theirs, in how many days, what. \"theirs 14 Name who signs\".",
      "ours 3 Send the summary of what was agreed\ntheirs 7 Name who decides and who signs\n"
      "ours 14 Show it on your own ground\ntheirs 21 Look through contract and data protection\n"
      "theirs 28 Sign\nours 35 Begin",
      .group = "Sales" },
};
const struct feature feature_action_plan = {
    .name = "action_plan",
    TYPES(&plan_step_type),
    ROUTES(routes),
    EVENT_KINDS(kinds),
    SETTINGS(settings),
};
