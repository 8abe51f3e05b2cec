/* duplicate_page.c -- the queue of pairs that may be the same, worked through by keyboard: side by
 * side with what differs, merge, not the same, skip; all that is certain at once. Merging itself is
 * kit's (pages_merge.c), and so is undoing it. */
#include "base/id.h"
#include "bridge/company.h"
#include "bridge/contact.h"
#include "bridge/duplicate.h"
#include "kit/merge.h"
#include "kit/pages.h"
#include "kit/show.h"

enum { PAIRS_SHOWN = 100, LATELY_SHOWN = 8, AT_ONCE_MOST = 50 };

struct pair {
    i64 one, other;
    int score;
    const char *why;
    struct row *rows[2];
};
struct queue {
    const struct record_type *t;
    struct pair *list;
    size_t count;
};

static const struct record_type *asked_type(const struct req *rq)
{
    const char *type = req_query(rq, "type");

    if (text_empty(type))
        type = req_form(rq, "type");
    return text_is(type, "company") ? &company_type : &contact_type;
}

static const char *pair_text(struct ctx *cx, i64 one, i64 other)
{
    return arena_printf(cx->arena, "%s-%s", id_text(cx->arena, one), id_text(cx->arena, other));
}

static const char *queue_path(struct ctx *cx, const struct record_type *t)
{
    return arena_printf(cx->arena, "/duplicates?type=%s", t->name);
}

static const char *pair_path(struct ctx *cx, const struct record_type *t, const struct pair *p)
{
    return arena_printf(cx->arena, "%s&pair=%s", queue_path(cx, t),
                        pair_text(cx, p->one, p->other));
}

/* E_INVALID: it is no pair of ids. */
static enum status read_pair(struct req *rq, const char *text, i64 *one, i64 *other)
{
    struct str rest = str_from(text), first;

    if (str_split(&rest, '-', &first) && id_parse(first, one) && id_parse(rest, other))
        return OK;
    return ctx_fail_field(rq->cx, "pair", "duplicate.pair", "There is no such pair.");
}

/* The open pairs of which the user may see both. */
static enum status read_queue(struct ctx *cx, const struct record_type *t, struct queue *out)
{
    i64 ids[2 * PAIRS_SHOWN];
    struct row *rows[2 * PAIRS_SHOWN];
    size_t count = 0;
    scoped(stmt_close) struct stmt q =
        db_query(cx, "duplicate.open", TEXT("type", t->name), I64("limit", PAIRS_SHOWN));

    *out = (struct queue){ .t = t, .list = NEW_N(cx->arena, struct pair, PAIRS_SHOWN) };
    while (count < PAIRS_SHOWN && stmt_next(&q)) {
        out->list[count] = (struct pair){ .one = col_i64(&q, 0),
                                          .other = col_i64(&q, 1),
                                          .score = (int)col_i64(&q, 2),
                                          .why = arena_text(cx->arena, col_text(&q, 3)) };
        ids[2 * count] = out->list[count].one;
        ids[2 * count + 1] = out->list[count].other;
        count++;
    }
    TRY(stmt_status(&q));
    if (count)
        TRY(rows_by_id(cx, t, ids, 2 * count, rows));
    for (size_t i = 0; i < count; i++) {
        if (rows[2 * i] == NULL || rows[2 * i + 1] == NULL)
            continue;
        out->list[i].rows[0] = rows[2 * i];
        out->list[i].rows[1] = rows[2 * i + 1];
        out->list[out->count++] = out->list[i];
    }
    return OK;
}

/* ---- the page ---- */
static enum status put_tabs(struct ctx *cx, const struct record_type *on, struct val *page)
{
    static const struct record_type *const types[] = { &contact_type, &company_type };
    struct val *tabs = val_put_list(page, "tabs");

    for (size_t i = 0; i < countof(types); i++) {
        struct val *one;
        i64 count;
        if (access_scope(cx->access, types[i]->name, VERB_READ) == SCOPE_NONE)
            continue;
        TRY(db_get_i64(cx, &count, "duplicate.count", TEXT("type", types[i]->name),
                       I64("least", 0)));
        one = val_add_map(tabs);
        val_put_text(one, "text", types[i]->plural);
        val_put_text(one, "url", queue_path(cx, types[i]));
        val_put_text(one, "count", show_number(cx->arena, count));
        val_put_bool(one, "on", types[i] == on);
    }
    return OK;
}

static void put_list(struct ctx *cx, const struct queue *q, size_t at, struct val *page)
{
    struct val *list = val_put_list(page, "pairs");

    for (size_t i = 0; i < q->count; i++) {
        const struct pair *p = &q->list[i];
        struct val *one = val_add_map(list);
        val_put_text(one, "url", pair_path(cx, q->t, p));
        val_put_text(one, "text", row_title(cx, p->rows[0]));
        val_put_text(one, "other", row_title(cx, p->rows[1]));
        val_put_text(one, "why", p->why);
        val_put_printf(one, "percent", "%d %%", p->score);
        val_put_text(one, "tone", p->score >= DUPLICATE_CERTAIN ? "done" : "calm");
        val_put_bool(one, "on", i == at);
    }
    val_put_bool(page, "has_pairs", q->count > 0);
}

static enum status put_picked(struct req *rq, const struct queue *q, size_t at, struct val *page)
{
    struct ctx *cx = rq->cx;
    const struct pair *p = &q->list[at];
    struct val *picked = val_put_map(page, "picked");
    bool swapped = !text_empty(req_query(rq, "swap"));
    const char *next = at + 1 < q->count ? pair_path(cx, q->t, &q->list[at + 1])
                       : at > 0          ? pair_path(cx, q->t, &q->list[0])
                                         : queue_path(cx, q->t);

    TRY(page_merge_pair(rq, p->rows[swapped], p->rows[!swapped], next, picked));
    val_put_text(picked, "pair", pair_text(cx, p->one, p->other));
    val_put_text(picked, "why", p->why);
    val_put_printf(picked, "percent", "%d %%", p->score);
    val_put_printf(picked, "place", "%zu of %zu", at + 1, q->count);
    val_put_printf(picked, "swap_url", "%s%s", pair_path(cx, q->t, p), swapped ? "" : "&swap=1");
    val_put_text(picked, "next_url", at + 1 < q->count ? next : "");
    val_put_text(picked, "before_url", at > 0 ? pair_path(cx, q->t, &q->list[at - 1]) : "");
    val_put_bool(picked, "may_say", page_may(cx, p->rows[0], VERB_UPDATE));
    return OK;
}

/* What I merged within a day, to take back. */
static enum status put_lately(struct ctx *cx, const struct record_type *t, struct val *page)
{
    struct val *list = val_put_list(page, "lately");
    scoped(stmt_close) struct stmt q =
        db_query(cx, "duplicate.lately", TEXT("type", t->name), I64("me", cx->access->user_id),
                 I64("since", ctx_now(cx) - MS_DAY), I64("limit", LATELY_SHOWN));

    while (stmt_next(&q)) {
        const char *merge = id_text(cx->arena, col_i64(&q, 0));
        i64 kept = col_i64(&q, 1), lost = col_i64(&q, 2);
        struct row *keep, *lose;
        if (record_get(cx, t, kept, &keep) != OK || record_get_any(cx, t, lost, &lose) != OK) {
            ctx_clear_error(cx);
            continue;
        }
        struct val *one = val_add_map(list);
        val_put_text(one, "text", row_title(cx, keep));
        val_put_text(one, "other", row_title(cx, lose));
        val_put_text(one, "url", row_path(cx, keep));
        val_put_printf(one, "undo", "%s/unmerge", row_path(cx, keep));
        val_put_text(one, "merge", merge);
    }
    val_put_bool(page, "has_lately", val_count(list) > 0);
    return stmt_status(&q);
}

/* GET /duplicates?type=company&pair=ONE-OTHER&swap=1 */
static enum status duplicates_page(struct req *rq)
{
    struct ctx *cx = rq->cx;
    const struct record_type *t = asked_type(rq);
    struct val *page = val_map(cx->arena);
    i64 one = 0, other = 0, certain;
    struct queue q;
    size_t at = 0;

    TRY(access_check(cx, t->name, VERB_READ));
    TRY(read_queue(cx, t, &q));
    if (!text_empty(req_query(rq, "pair"))) {
        TRY(read_pair(rq, req_query(rq, "pair"), &one, &other));
        while (at < q.count && (q.list[at].one != one || q.list[at].other != other))
            at++;
        at = at == q.count ? 0 : at; /* it has been decided since */
    }
    TRY(db_get_i64(cx, &certain, "duplicate.count", TEXT("type", t->name),
                   I64("least", DUPLICATE_CERTAIN)));
    val_put_text(page, "title", "Duplicates");
    val_put_text(page, "of", t->name);
    val_put_text(page, "plural", text_in_sentence(cx->arena, t->plural));
    val_put_bool(page, "chosen", one != 0);
    val_put_text(page, "back_url", queue_path(cx, t));
    TRY(put_tabs(cx, t, page));
    put_list(cx, &q, at, page);
    val_put_printf(page, "certain", "%lld", (long long)certain);
    val_put_bool(page, "has_certain",
                 certain > 0 && access_scope(cx->access, t->name, VERB_DELETE) == SCOPE_ALL);
    val_put_text(page, "live", t->name);
    TRY(put_lately(cx, t, page));
    if (q.count)
        TRY(put_picked(rq, &q, at, page));
    else
        val_put_null(page, "picked");
    return reply(rq, "duplicate/page", page);
}

/* ---- deciding ---- */
/* Both must be there and be the user's to change. */
static enum status check_pair(struct ctx *cx, const struct record_type *t, i64 one, i64 other)
{
    struct row *a, *b;

    TRY(record_get(cx, t, one, &a));
    TRY(record_get(cx, t, other, &b));
    return page_may(cx, a, VERB_UPDATE)
               ? OK
               : ctx_fail(cx, E_FORBIDDEN, "You may not change %s.", row_title(cx, a));
}

/* POST /duplicates/different {type, pair, next}, /duplicates/again likewise */
static enum status decide_post(struct req *rq)
{
    struct ctx *cx = rq->cx;
    const struct record_type *t = asked_type(rq);
    bool different = strstr(rq->path, "/different") != NULL;
    const char *text = req_form(rq, "pair"), *next = req_form(rq, "next");
    i64 one, other;

    if (text_empty(text))
        text = req_query(rq, "pair");
    TRY(read_pair(rq, text, &one, &other));
    TRY(access_check(cx, t->name, VERB_UPDATE));
    TRY(check_pair(cx, t, one, other));
    TRY(duplicate_decide(cx, t->name, one, other, different));
    if (!different)
        return reply_done(rq, arena_printf(cx->arena, "%s&pair=%s", queue_path(cx, t), text),
                          "They are to be decided again.");
    return reply_done_undo(rq, path_is_local(next) ? next : queue_path(cx, t),
                           arena_printf(cx->arena, "/duplicates/again?type=%s&pair=%s", t->name,
                                        pair_text(cx, one, other)),
                           "Not the same: they will not be proposed again.");
}

/* Of a pair the older record is kept. *did: it was merged; not where the user may not, and not
 * where one of them has just gone into another. */
static enum status merge_pair(struct ctx *cx, const struct record_type *t, const struct pair *p,
                              bool *did)
{
    struct row *keep, *lose;
    enum status s = record_get(cx, t, p->one, &keep);

    *did = false;
    if (s == OK)
        s = record_get(cx, t, p->other, &lose);
    if (s == E_NOT_FOUND) {
        ctx_clear_error(cx);
        return OK;
    }
    TRY(s);
    if (!page_may(cx, keep, VERB_UPDATE) || !page_may(cx, lose, VERB_DELETE))
        return OK;
    *did = true;
    return record_merge(cx, keep, lose, NULL, NULL);
}

/* POST /duplicates/certain {type} -- as many as fit in one go, each to be undone by itself. */
static enum status certain_post(struct req *rq)
{
    struct ctx *cx = rq->cx;
    const struct record_type *t = asked_type(rq);
    struct queue q;
    size_t merged = 0;
    i64 left;

    TRY(access_check(cx, t->name, VERB_DELETE));
    TRY(read_queue(cx, t, &q));
    for (size_t i = 0; i < q.count && merged < AT_ONCE_MOST; i++) {
        bool did = false;
        if (q.list[i].score < DUPLICATE_CERTAIN)
            break;
        TRY(merge_pair(cx, t, &q.list[i], &did));
        merged += did;
    }
    TRY(db_get_i64(cx, &left, "duplicate.count", TEXT("type", t->name),
                   I64("least", DUPLICATE_CERTAIN)));
    return reply_done(
        rq, queue_path(cx, t), "%zu merged%s.", merged,
        left ? arena_printf(cx->arena, ", %lld certain ones are left", (long long)left) : "");
}

static const struct route routes[] = {
    { HTTP_GET, "/duplicates", duplicates_page, .flags = ROUTE_SIGNED_IN },
    { HTTP_POST, "/duplicates/different", decide_post, .flags = ROUTE_SIGNED_IN },
    { HTTP_POST, "/duplicates/again", decide_post, .flags = ROUTE_SIGNED_IN },
    { HTTP_POST, "/duplicates/certain", certain_post, .flags = ROUTE_SIGNED_IN },
};
static const struct menu_item menu[] = {
    { "people", "Duplicates", "/duplicates", "users", "contact", 8,
      "Contacts and companies that may be the same" },
};
const struct feature feature_duplicate_page = { .name = "duplicate_page",
                                                ROUTES(routes),
                                                MENU(menu) };
