/* question_rows.c -- from a number to what was counted. Records have lists: the path is a filter
 * that says the same as the question. What happened on journeys is listed by the walk that counts
 * it (question_journey.c); here is which of it is kept, and the address that asks for it. */
#include "base/id.h"
#include "base/limits.h"
#include "base/utf8.h"
#include "kit/kit.h"
#include "kit/question_int.h"
#include <stdlib.h>

enum { PATH_BYTES = 12 * 1024 };

/* ---- records: a filter ---- */
const char *group_filter(struct ctx *cx, const struct metric *m, const char *dimension,
                         const char *key)
{
    struct filter_node *n = NEW(cx->arena, struct filter_node), *other = NULL;
    struct filter_token value = { .kind = TOKEN_TEXT, .text = key };
    bool truth;

    n->kind = FILTER_TEST;
    if (dimension_path(cx, m, dimension, &n->path) != OK)
        return NULL;
    truth = n->path.last.f->kind == FIELD_BOOL;
    n->op = key[0] ? OP_EQ : truth ? OP_NOT_TRUE : OP_EMPTY;
    if (filter_type_test(cx, n, &value, key[0] ? 1 : 0, true) != OK)
        return NULL;
    if (truth && !key[0]) { /* neither: there is no such record */
        other = NEW(cx->arena, struct filter_node);
        *other = *n;
        other->op = OP_NOT_FALSE;
    }
    return filter_text(
        cx, filter_new(cx, type_find(cx, m->type), filter_node_and(cx->arena, n, other)));
}

/* "path in ('a', 'b')" of those keys that records can have; NULL: of none of them. */
static struct filter_node *in_keys(struct ctx *cx, const struct metric *m, const char *dimension,
                                   const struct group_keys *listed, size_t from)
{
    struct filter_node *n = NEW(cx->arena, struct filter_node);
    struct filter_token *values = NEW_N(cx->arena, struct filter_token, FILTER_VALUES);
    size_t count = 0;

    n->kind = FILTER_TEST;
    n->op = OP_IN;
    for (size_t i = from; i < listed->count && i < from + FILTER_VALUES; i++)
        if (listed->keys[i][0] && group_filter(cx, m, dimension, listed->keys[i]))
            values[count++] = (struct filter_token){ .kind = TOKEN_TEXT, .text = listed->keys[i] };
    if (count == 0 || dimension_path(cx, m, dimension, &n->path) != OK ||
        filter_type_test(cx, n, values, count, true) != OK)
        return NULL;
    return n;
}

/* Rows of a dimension's value that is none of these. */
static const char *rest_filter(struct ctx *cx, const struct metric *m, const char *dimension,
                               const struct group_keys *listed)
{
    const struct record_type *t = type_find(cx, m->type);
    struct filter_node *root = NULL;
    const char *out;
    bool unknown = false;

    for (size_t i = 0; i < listed->count; i += FILTER_VALUES) {
        struct filter_node *in = in_keys(cx, m, dimension, listed, i), *not ;
        if (in == NULL)
            continue;
        not = NEW(cx->arena, struct filter_node);
        *not = (struct filter_node){ .kind = FILTER_NOT, .count = 1 };
        not ->children = NEW_N(cx->arena, struct filter_node *, 1);
        not ->children[0] = in;
        root = filter_node_and(cx->arena, root, not );
    }
    for (size_t i = 0; i < listed->count; i++)
        unknown |= listed->keys[i][0] == '\0';
    out = root ? filter_text(cx, filter_new(cx, t, root)) : "";
    if (unknown)
        out = filter_and(cx, out,
                         arena_printf(cx->arena, "not (%s)", group_filter(cx, m, dimension, "")));
    return out;
}

/* What the group adds to the question: a filter, or less of its period. false: it cannot be
 * said. */
static bool group_of(struct ctx *cx, const struct question_rows *r, const struct group_keys *listed,
                     const struct metric *m, const char **filter, i64 *from_ms, i64 *to_ms)
{
    const struct question *q = &r->q;
    enum period_unit unit;

    *filter = "";
    *from_ms = q->from_ms;
    *to_ms = q->to_ms;
    if (r->of == ROWS_ALL)
        return true;
    if (dimension_is_time(q->dimension, &unit))
        return bucket_range(cx, q, r->key ? r->key : "", from_ms, to_ms);
    *filter = r->of == ROWS_OTHER
                  ? rest_filter(cx, m, q->dimension, listed)
                  : group_filter(cx, m, q->dimension, r->of == ROWS_GROUP ? r->key : "");
    return *filter != NULL;
}

/* NULL: it cannot be said, or not of what is there now. */
static const char *rows_filter(struct ctx *cx, const struct question_rows *r,
                               const struct group_keys *listed, const struct metric *m)
{
    const struct question *q = &r->q;
    const char *filter, *group;
    i64 from_ms, to_ms;

    if (q->as_of_ms) /* lists show what is there now */
        return NULL;
    if (where_filter(cx, m, q, &filter) != OK ||
        !group_of(cx, r, listed, m, &group, &from_ms, &to_ms))
        return NULL;
    filter = filter_and(cx, m->filter ? m->filter : "", filter);
    if (metric_is_state(m) && state_instant(cx, m, from_ms, to_ms, 0) != 0)
        return NULL;
    if (metric_is_total(m))
        total_range(cx, m, 0, &from_ms, &to_ms);
    return filter_and(cx, filter_and(cx, filter, group), period_filter(cx, m, from_ms, to_ms));
}

static const char *list_path(struct ctx *cx, const struct question_rows *r,
                             const struct group_keys *listed, const struct metric *m)
{
    const struct record_type *t = type_find(cx, m->type);
    const char *filter = rows_filter(cx, r, listed, m), *path;

    if (filter == NULL)
        return "";
    if (filter[0] == '\0')
        return arena_printf(cx->arena, "/%s", t->path);
    path = arena_printf(cx->arena, "/%s?filter=%s", t->path, http_url_encode(cx->arena, filter));
    return strlen(path) < PATH_BYTES ? path : "";
}

/* ---- journeys: the page that lists them ---- */
static void add_param(struct ctx *cx, struct buf *b, const char *name, const char *value)
{
    if (value[0])
        buf_printf(b, "%s%s=%s", b->len ? "&" : "", http_url_encode(cx->arena, name),
                   http_url_encode(cx->arena, value));
}

const char *question_rows_query(struct ctx *cx, const struct question_rows *r)
{
    struct buf b = buf_in(cx->arena, LIMIT_HEADER_BYTES);
    const struct question *q = &r->q;

    add_param(cx, &b, "period", period_text(cx, q->from_ms, q->to_ms));
    add_param(cx, &b, "compare", "none");
    add_param(cx, &b, "as_of", q->as_of_ms ? time_iso(cx->arena, q->as_of_ms) : "");
    add_param(cx, &b, "filter", q->filter ? q->filter : "");
    for (size_t i = 0; i < q->where_count; i++)
        add_param(cx, &b, q->where[i].dimension, q->where[i].value);
    if (r->of != ROWS_ALL)
        add_param(cx, &b, "dimension", q->dimension);
    add_param(cx, &b, "group", r->of == ROWS_GROUP ? r->key : "");
    add_param(cx, &b, "group_is",
              r->of == ROWS_UNKNOWN ? "unknown"
              : r->of == ROWS_OTHER ? "other"
                                    : "");
    add_param(cx, &b, "folded", r->folded && r->of == ROWS_GROUP ? "true" : "");
    if (r->of == ROWS_OTHER) { /* which are the others hangs on these */
        add_param(cx, &b, "among", r->among ? r->among : "");
        add_param(cx, &b, "named",
                  r->named_to_ms ? period_text(cx, r->named_from_ms, r->named_to_ms) : "");
        add_param(cx, &b, "against",
                  r->against_to_ms ? period_text(cx, r->against_from_ms, r->against_to_ms) : "");
        add_param(cx, &b, "order", q->order ? q->order : "");
        if (q->limit > 0)
            add_param(cx, &b, "limit", arena_printf(cx->arena, "%d", q->limit));
    }
    return buf_end(&b);
}

const char *rows_path_of(struct ctx *cx, const struct question_rows *r,
                         const struct group_keys *listed)
{
    const struct metric *m = metric_find(cx, r->q.metric);
    struct ctx probe = *cx;

    if (m == NULL)
        return "";
    ctx_clear_error(&probe);
    if (m->source == METRIC_TARGET) {
        const struct metric *of = metric_find(cx, m->target_of);
        i64 from_ms = r->q.from_ms, to_ms = r->q.to_ms;
        enum period_unit unit;
        bool grouped = r->of != ROWS_ALL;
        bool by_time = grouped && dimension_is_time(r->q.dimension, &unit);
        if (r->of == ROWS_UNKNOWN || r->of == ROWS_OTHER || of == NULL ||
            (grouped && by_time && !bucket_range(cx, &r->q, r->key, &from_ms, &to_ms)))
            return "";
        return targets_path(cx, &r->q, of, grouped && !by_time ? r->key : NULL, from_ms, to_ms);
    }
    if (m->source == METRIC_RECORDS) {
        const char *group, *path = list_path(&probe, r, listed, m);
        i64 from_ms, to_ms;
        if (path[0] || !group_of(&probe, r, listed, m, &group, &from_ms, &to_ms))
            return path;
    }
    return arena_printf(cx->arena, "/insight/metrics/%s/rows?%s",
                        http_url_encode(cx->arena, m->name), question_rows_query(cx, r));
}

const char *question_rows_path(struct ctx *cx, const struct question *q, const char *group_key)
{
    bool split = group_key && !text_empty(q->dimension);
    struct question_rows r = { .q = *q,
                               .of = !split         ? ROWS_ALL
                                     : group_key[0] ? ROWS_GROUP
                                                    : ROWS_UNKNOWN,
                               .key = group_key };

    return rows_path_of(cx, &r, NULL);
}

/* ---- what is kept of the walk ---- */
/* In what order rows with one place stand: what arrived later first. */
static int by_arrival(const struct question_row *a, const struct question_row *b)
{
    if (a->seq != b->seq)
        return a->seq > b->seq ? -1 : 1;
    return (a->person < b->person) - (a->person > b->person);
}

static int newest_first(const void *pa, const void *pb)
{
    const struct question_row *a = pa, *b = pb;

    return a->at_ms != b->at_ms ? (a->at_ms > b->at_ms ? -1 : 1) : by_arrival(a, b);
}

static int last_first(const void *pa, const void *pb)
{
    const struct question_row *a = pa, *b = pb;

    return a->last_ms != b->last_ms ? (a->last_ms > b->last_ms ? -1 : 1) : by_arrival(a, b);
}

static void picks_cut(struct picks *p)
{
    if (p->count)
        qsort(p->list, p->count, sizeof *p->list, p->by_last ? last_first : newest_first);
    if (p->count > p->most)
        p->count = p->most;
}

void picks_add(struct picks *p, const struct question_row *row)
{
    if (p->before.at_ms && (p->by_last ? last_first : newest_first)(&p->before, row) >= 0)
        return;
    if (p->count == 2 * p->most)
        picks_cut(p);
    if (p->list == NULL)
        p->list = NEW_N(p->arena, struct question_row, 2 * p->most);
    p->list[p->count++] = *row;
}

void picks_end_row(struct picks *p)
{
    if (!p->is_open)
        return;
    p->is_open = false;
    p->total++;
    p->amount += p->open.amount;
    p->weight += p->open.weight;
    picks_add(p, &p->open);
}

void picks_begin_row(struct picks *p, const struct question_row *row)
{
    picks_end_row(p);
    p->open = *row;
    p->is_open = true;
}

static const char *cursor_text(struct ctx *cx, const struct picks *p, const struct question_row *r)
{
    return arena_printf(cx->arena, "%lld.%llu.%u", (long long)(p->by_last ? r->last_ms : r->at_ms),
                        (unsigned long long)r->seq, r->person);
}

static bool cursor_read(const char *text, struct question_row *out)
{
    struct str rest = str_from(text), at, seq;
    i64 at_ms, order, person;

    if (!str_split(&rest, '.', &at) || !str_split(&rest, '.', &seq) || !str_i64(at, &at_ms) ||
        !str_i64(seq, &order) || !str_i64(rest, &person) || at_ms <= 0 || order < 0 || person < 0 ||
        person > UINT32_MAX)
        return false;
    *out = (struct question_row){
        .at_ms = at_ms, .last_ms = at_ms, .seq = (u64)order, .person = (u32)person
    };
    return true;
}

void picks_answer(struct ctx *cx, struct picks *p, struct question_list *out)
{
    picks_cut(p);
    *out = (struct question_list){ .rows = p->list,
                                   .count = p->count,
                                   .total = p->total,
                                   .amount = p->amount,
                                   .weight = p->weight,
                                   .next = "" };
    if (p->most > 1 && p->count == p->most) /* one more than is shown: there is a next page */
        out->next = cursor_text(cx, p, &p->list[--out->count - 1]);
}

/* ---- asking ---- */
/* The groups that the answer names: what is not among them is other. */
static enum status find_listed(struct ctx *cx, const struct question_rows *r,
                               struct group_keys *out)
{
    struct question q = r->q;
    struct val *answer;
    const struct val *groups;

    if (!text_empty(r->among))
        q.metric = r->among;
    q.compare_from_ms = r->against_from_ms; /* some are named that were only then */
    q.compare_to_ms = r->against_to_ms;
    if (r->named_to_ms) {
        q.from_ms = r->named_from_ms;
        q.to_ms = r->named_to_ms;
    }
    TRY(question_ask(cx, &q, &answer));
    groups = val_get(answer, "groups");
    *out = (struct group_keys){ .keys = NEW_N(cx->arena, const char *, val_count(groups) + 1) };
    for (size_t i = 0; i < val_count(groups); i++) {
        const struct val *g = val_at(groups, i);
        const char *key = val_get_text(g, "key");
        if (!val_get_bool(g, "other"))
            out->keys[out->count++] = r->folded ? utf8_fold(cx->arena, key) : key;
    }
    return OK;
}

static enum status list_journey(struct ctx *cx, const struct question_rows *r, struct wanted *w,
                                struct question_list *out)
{
    struct question q = r->q;
    struct leaf leaf;

    if (r->of == ROWS_ALL)
        q.dimension = "";
    q.order = NULL;
    TRY(leaf_make(cx, &q, &leaf));
    if (!text_empty(r->cursor) && !cursor_read(r->cursor, &w->before))
        return ctx_fail_code(cx, E_INVALID, "list.cursor",
                             "This cursor is none: begin again without it.");
    return leaf_list_journey(cx, &leaf, w, out);
}

/* A group of records is one more filter, or a shorter period. */
static enum status list_records(struct ctx *cx, const struct question_rows *r, struct wanted *w,
                                const struct metric *m, struct question_list *out)
{
    struct question q = r->q;
    const char *group;
    struct leaf leaf;

    if (!group_of(cx, r, &w->listed, m, &group, &q.from_ms, &q.to_ms))
        return ctx_fail_code(cx, E_INVALID, "question.rows", "%s has no such group by '%s'.",
                             m->label, q.dimension);
    q.filter = filter_and(cx, q.filter ? q.filter : "", group);
    q.dimension = "";
    q.order = NULL;
    TRY(leaf_make(cx, &q, &leaf));
    if (!text_empty(r->cursor) && !id_parse(str_from(r->cursor), &w->before.record))
        return ctx_fail_code(cx, E_INVALID, "list.cursor",
                             "This cursor is none: begin again without it.");
    return leaf_list_records(cx, &leaf, w, out);
}

enum status question_list_rows(struct ctx *cx, const struct question_rows *r,
                               struct question_list *out)
{
    const struct metric *m = metric_find(cx, r->q.metric);
    struct wanted w = { .rows = r };

    w.limit = r->limit > 0 ? (size_t)r->limit : LIMIT_LIST_ROWS_DEFAULT;
    assert(w.limit <= LIMIT_QUESTION_ROWS);
    if (r->of == ROWS_OTHER)
        TRY(find_listed(cx, r, &w.listed));
    return m && m->source == METRIC_RECORDS ? list_records(cx, r, &w, m, out)
                                            : list_journey(cx, r, &w, out);
}

enum status question_list_path(struct ctx *cx, const struct question_rows *r, const char **path)
{
    const struct metric *m = metric_find(cx, r->q.metric);
    struct group_keys listed = { 0 };
    struct ctx probe = *cx;

    if (r->of == ROWS_OTHER)
        TRY(find_listed(cx, r, &listed));
    ctx_clear_error(&probe);
    *path = m && m->source == METRIC_RECORDS ? list_path(&probe, r, &listed, m) : "";
    return OK;
}

/* ---- whether a key is of the group, during the walk ---- */
static bool is_listed(const struct wanted *w, const char *value)
{
    for (size_t i = 0; i < w->listed.count; i++)
        if (text_is(w->listed.keys[i], value))
            return true;
    return false;
}

bool wanted_value(struct ctx *cx, const struct wanted *w, const char *value)
{
    switch (w->rows->of) {
    case ROWS_GROUP:
        return value[0] && (w->rows->folded ? text_is(utf8_fold(cx->arena, value),
                                                      utf8_fold(cx->arena, w->rows->key))
                                            : text_is(value, w->rows->key));
    case ROWS_UNKNOWN:
        return value[0] == '\0';
    case ROWS_OTHER:
        return !is_listed(w, w->rows->folded ? utf8_fold(cx->arena, value) : value);
    default:
        return true;
    }
}
