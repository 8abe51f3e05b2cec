/* list.c -- one page of the rows of a type: filter, scope, search, order, keyset cursor.
 *
 * Order   a field, then the id, both in the same direction. What is unset stands last in both
 *         directions, so a page is put together from up to three plain queries (list_plan.c), each
 *         of which an index (compare column, id) can serve. They bring ids; whole rows are read
 *         for the page only.
 * Cursor  base64url of: hash of what was asked, direction, id, the sort field's value. */
#include "base/limits.h"
#include "base/utf8.h"
#include "kit/list_int.h"
#include <sodium.h>

enum { CURSOR_BYTES = 4096, CURSOR_HEAD = 17, CURSOR_BACK = 1, CURSOR_UNSET = 2 };
#define CURSOR_CODE sodium_base64_VARIANT_URLSAFE_NO_PADDING

/* ---- order ---- */
bool list_by_text(const struct filter_column *c)
{
    enum storage s = field_storage(c->f);

    return s == STORED_TEXT || s == STORED_FOLDED;
}

bool list_can_be_unset(const struct filter_column *c)
{
    return !c->system && c->f->kind != FIELD_BOOL;
}

static bool is_sortable(const struct filter_column *c)
{
    switch (c->f->kind) {
    case FIELD_TAGS:
    case FIELD_JSON:
    case FIELD_SECRET:
    case FIELD_LONG:
        return false;
    case FIELD_REF:
        return c->system == SYSTEM_ID;
    default:
        return true;
    }
}

static bool find_sort(struct ctx *cx, const struct record_type *t, const char *name,
                      struct filter_column *out)
{
    struct filter_token token = { .kind = TOKEN_WORD, .text = name };
    struct filter_path path = { 0 };
    struct ctx probe = *cx;

    if (filter_type_path(&probe, t, &token, 1, &path) != OK || !is_sortable(&path.last))
        return false;
    *out = path.last;
    return true;
}

bool list_sortable(struct ctx *cx, const struct record_type *t, const char *name)
{
    struct filter_column column;

    return find_sort(cx, t, name, &column);
}

static enum status read_sort(struct list_run *l, const char *sort)
{
    const char *name = text_empty(sort) ? l->type->sort : sort;

    if (text_empty(name))
        name = "-id";
    l->descending = name[0] == '-';
    name += l->descending;
    if (find_sort(l->cx, l->type, name, &l->sort))
        return OK;
    return ctx_fail_code(l->cx, E_INVALID, "list.sort",
                         "%s cannot be sorted by '%s'. Take another field; a - before it turns the "
                         "order round.",
                         l->type->plural, utf8_cut(l->cx->arena, name, 60));
}

/* ---- cursor ---- */
static void add_i64(struct buf *b, i64 n)
{
    for (int i = 0; i < 8; i++)
        buf_char(b, (char)((u64)n >> (8 * i)));
}

static i64 get_i64(const u8 *bytes)
{
    u64 n = 0;

    for (int i = 7; i >= 0; i--)
        n = n << 8 | bytes[i];
    return (i64)n;
}

static i64 hash_of(const struct list_run *l)
{
    const char *asked = arena_printf(l->cx->arena, "%s\n%s\n%s%s\n%s\n%d", l->type->name,
                                     filter_text(l->cx, l->filter), l->descending ? "-" : "",
                                     l->sort.f->name, l->search, l->trash);

    return (i64)str_hash(str_from(asked));
}

static const char *make_cursor(const struct list_run *l, const struct row *r, bool back)
{
    const struct value *v = l->sort.system ? NULL : &r->values[l->sort.field];
    bool set = !list_can_be_unset(&l->sort) || v->set;
    struct buf b = buf_in(l->cx->arena, CURSOR_BYTES);

    add_i64(&b, l->asked);
    buf_char(&b, (char)((back ? CURSOR_BACK : 0) | (set ? 0 : CURSOR_UNSET)));
    add_i64(&b, r->id);
    if (set && list_by_text(&l->sort))
        buf_text(&b, field_fold(l->cx->arena, l->sort.f, v->text));
    else if (set && v)
        add_i64(&b, field_storage(l->sort.f) == STORED_MONEY ? v->base_minor : v->i);
    else
        add_i64(&b, set ? row_system(r, l->sort.system) : 0);
    size_t room = sodium_base64_encoded_len(b.len, CURSOR_CODE);
    char *out = arena_alloc(l->cx->arena, room, 1);
    return sodium_bin2base64(out, room, (const u8 *)b.p, b.len, CURSOR_CODE);
}

static bool decode(const struct list_run *l, const u8 *bytes, size_t len, struct list_place *out)
{
    struct str text = { (const char *)bytes + CURSOR_HEAD, len - CURSOR_HEAD };

    *out = (struct list_place){ .back = (bytes[8] & CURSOR_BACK) != 0,
                                .unset = (bytes[8] & CURSOR_UNSET) != 0,
                                .id = get_i64(bytes + 9),
                                .text = "" };
    if (out->unset)
        return list_can_be_unset(&l->sort);
    if (list_by_text(&l->sort)) {
        out->text = str_dup(l->cx->arena, text);
        return text.len > 0 && utf8_valid(text);
    }
    out->number = text.len == 8 ? get_i64(bytes + CURSOR_HEAD) : 0;
    return text.len == 8;
}

static enum status read_cursor(struct list_run *l, const char *text)
{
    u8 bytes[CURSOR_BYTES];
    size_t len = 0;

    l->placed = !text_empty(text);
    l->reads_down = l->descending;
    if (!l->placed)
        return OK;
    bool good = strlen(text) < CURSOR_BYTES &&
                sodium_base642bin(bytes, sizeof bytes, text, strlen(text), NULL, &len, NULL,
                                  CURSOR_CODE) == 0 &&
                len >= CURSOR_HEAD;
    if (good && get_i64(bytes) != l->asked)
        return ctx_fail_code(
            l->cx, E_INVALID, "list.cursor_stale",
            "This cursor belongs to another filter or order. Begin again without one.");
    if (!good || !decode(l, bytes, len, &l->place))
        return ctx_fail_code(l->cx, E_INVALID, "list.cursor",
                             "This is not a cursor. Begin again without one.");
    l->reads_down = l->descending != l->place.back;
    return OK;
}

/* ---- the page ---- */
/* The parts in reading order. */
static size_t parts_of(const struct list_run *l, enum list_part out[3])
{
    size_t count = 0;
    bool back = l->placed && l->place.back;

    if (!l->placed) {
        out[count++] = PART_SET;
    } else if (l->place.unset) {
        out[count++] = PART_UNSET_AFTER;
        if (back)
            out[count++] = PART_SET;
        return count;
    } else {
        if (l->sort.system != SYSTEM_ID)
            out[count++] = PART_TIES;
        out[count++] = PART_AFTER;
    }
    if (!back && list_can_be_unset(&l->sort))
        out[count++] = PART_UNSET;
    return count;
}

/* Whole rows of the ids, in their order. Those that went away meanwhile are left out. */
static enum status load(struct list_run *l, size_t count, struct list_page *out)
{
    struct sql q = sql_new(l->cx);
    size_t places = 1;

    out->rows = NEW_N(l->cx->arena, struct row *, count ? count : 1);
    if (count == 0)
        return OK;
    sql_add(&q, "SELECT ");
    row_columns_sql(&q, l->type, "t");
    sql_add(&q, " FROM ");
    sql_name(&q, l->type->name);
    sql_add(&q, " AS t WHERE t.id IN (");
    while (places < count) /* few texts are prepared when their lengths are few */
        places *= 2;
    for (size_t i = 0; i < places; i++) {
        sql_add(&q, i ? ", " : "");
        sql_i64(&q, l->ids[i < count ? i : count - 1]);
    }
    sql_add(&q, ")");
    struct row **found = NEW_N(l->cx->arena, struct row *, count);
    size_t n = 0;
    scoped(stmt_close) struct stmt s = db_query_sql(l->cx, &q);
    while (n < count && stmt_next(&s))
        found[n++] = row_from_stmt(l->cx, l->type, &s, 0);
    for (size_t i = 0; i < count; i++)
        for (size_t j = 0; j < n; j++)
            if (found[j]->id == l->ids[i])
                out->rows[out->count++] = found[j];
    return stmt_status(&s);
}

static void put_cursors(const struct list_run *l, struct list_page *out, bool more)
{
    bool back = l->placed && l->place.back;

    out->next = out->prev = "";
    if (out->count == 0)
        return;
    if (back ? more : l->placed)
        out->prev = make_cursor(l, out->rows[0], true);
    if (back || more)
        out->next = make_cursor(l, out->rows[out->count - 1], false);
}

enum status list_run(struct ctx *cx, const struct record_type *t, const struct list_query *lq,
                     struct list_page *out)
{
    struct list_run l = {
        .cx = cx, .type = t, .search = lq->search ? lq->search : "", .trash = lq->trash
    };
    int limit = lq->limit <= 0 ? LIMIT_LIST_ROWS_DEFAULT : lq->limit;
    enum list_part parts[3];

    *out = (struct list_page){ .next = "", .prev = "" };
    if (limit > LIMIT_LIST_ROWS)
        limit = LIMIT_LIST_ROWS;
    TRY(access_check(cx, t->name, VERB_READ));
    TRY(filter_parse(cx, t, lq->filter ? lq->filter : "", &out->filter));
    l.filter = out->filter;
    TRY(read_sort(&l, lq->sort));
    l.asked = hash_of(&l);
    TRY(read_cursor(&l, lq->cursor));
    l.want = (size_t)limit + 1;
    l.ids = NEW_N(cx->arena, i64, l.want);
    size_t count = parts_of(&l, parts);
    for (size_t i = 0; i < count && l.count < l.want; i++)
        TRY(list_read_part(&l, parts[i]));
    bool more = l.count == l.want;
    size_t shown = more ? l.count - 1 : l.count;
    for (size_t i = 0; l.placed && l.place.back && i < shown / 2; i++) {
        i64 swap = l.ids[i];
        l.ids[i] = l.ids[shown - 1 - i];
        l.ids[shown - 1 - i] = swap;
    }
    TRY(load(&l, shown, out));
    put_cursors(&l, out, more);
    return OK;
}

static enum status count_sql(struct ctx *cx, const struct record_type *t, const char *filter,
                             const char *search, i64 cap, struct sql *q)
{
    struct filter *f;

    TRY(access_check(cx, t->name, VERB_READ));
    TRY(filter_parse(cx, t, filter ? filter : "", &f));
    sql_add(q, cap > 0 ? "SELECT count(*) FROM (SELECT 1 FROM " : "SELECT count(*) FROM ");
    sql_name(q, t->name);
    sql_add(q, " AS t");
    TRY(list_where_sql(cx, t, f, search ? search : "", false, true, q));
    if (cap > 0) {
        sql_add(q, " LIMIT ");
        sql_i64(q, cap + 1);
        sql_add(q, ") AS counted");
    }
    return OK;
}

enum status list_count(struct ctx *cx, const struct record_type *t, const char *filter,
                       const char *search, i64 cap, i64 *count)
{
    struct sql q = sql_new(cx);

    TRY(count_sql(cx, t, filter, search, cap, &q));
    scoped(stmt_close) struct stmt s = db_query_sql(cx, &q);
    *count = stmt_next(&s) ? col_i64(&s, 0) : 0;
    return stmt_status(&s);
}

enum status list_count_each(struct ctx *cx, struct list_counted *lists, size_t n, i64 cap)
{
    struct sql q = sql_new(cx);

    if (n == 0)
        return OK;
    sql_add(&q, "SELECT ");
    for (size_t i = 0; i < n; i++) {
        sql_add(&q, i ? ", (" : "(");
        TRY(count_sql(cx, lists[i].type, lists[i].filter, "", cap, &q));
        sql_add(&q, ")");
    }
    scoped(stmt_close) struct stmt s = db_query_sql(cx, &q);
    if (stmt_next(&s))
        for (size_t i = 0; i < n; i++)
            lists[i].count = col_i64(&s, (int)i);
    return stmt_status(&s);
}
