/* search.c -- global search. Words are made in C; the engines only keep and find them. What the
 * engine finds is then read like any record, so that nobody sees more here than elsewhere. */
#include "kit/search.h"
#include "base/id.h"
#include "base/utf8.h"
#include "kit/kinds.h"
#include "kit/kit_int.h"

enum { WORD_BYTES = 60, WORDS_MAX = 8, PHONE_DIGITS_MIN = 3, ROUNDS_MAX = 5 };

/* ---- the index ---- */
/* Words longer than anybody types are cut: PostgreSQL refuses those over 2,046 bytes. */
static const char *cut_words(struct arena *a, const char *words)
{
    struct str rest = str_from(words), word;
    bool fits = true;

    while (fits && str_split(&rest, ' ', &word))
        fits = word.len <= WORD_BYTES;
    if (fits)
        return words;
    struct buf b = buf_in(a, strlen(words) + 1);
    rest = str_from(words);
    while (str_split(&rest, ' ', &word)) {
        if (b.len > 0)
            buf_char(&b, ' ');
        buf_text(&b, utf8_cut(a, str_dup(a, word), WORD_BYTES));
    }
    return buf_end(&b);
}

const char *search_words_of(struct ctx *cx, const struct field *f, const struct value *v)
{
    const struct kind *k = kind_of(f);
    const char *words =
        k->words ? k->words(cx->arena, v) : utf8_search_words(cx->arena, k->plain(cx, f, v));

    return cut_words(cx->arena, words);
}

/* SQLite: takes the old words out of the index and puts the new ones in; false: they are the same.
 */
static enum status reindex(struct ctx *cx, i64 id, const char *words, bool *changed)
{
    const char *old;
    enum status s = db_get_text(cx, &old, "search.words", I64("id", id));

    *changed = true;
    if (s == OK) {
        *changed = !text_is(old, words);
        if (!*changed)
            return OK;
        TRY(db_run(cx, "search.unindex", I64("id", id), TEXT("words", old)));
    } else if (s != E_NOT_FOUND) {
        return s;
    }
    return words[0] ? db_run(cx, "search.index", I64("id", id), TEXT("words", words)) : OK;
}

void search_pause(struct ctx *cx) { cx->kit->search_paused = true; }

enum status search_catch_up(struct ctx *cx)
{
    cx->kit->search_paused = false;
    return db_engine(cx->db) == DB_SQLITE ? db_run(cx, "search.rebuild") : OK;
}

enum status search_put(struct ctx *cx, const struct record_type *t, i64 id, const char *words)
{
    bool changed = true;

    if (db_engine(cx->db) == DB_SQLITE && !cx->kit->search_paused)
        TRY(reindex(cx, id, words, &changed));
    if (!changed)
        return OK;
    if (words[0] == '\0')
        return db_run(cx, "search.forget", I64("id", id));
    return db_run(cx, "search.put", I64("id", id), TEXT("type", t->name), TEXT("words", words));
}

/* One statement for all of them, into the words' table or, without `type`, into SQLite's index. */
static enum status insert_many(struct ctx *cx, const char *type, const i64 *ids,
                               const char *const *words, size_t count)
{
    struct sql q = sql_new(cx);
    size_t rows = 0;

    sql_add(&q, type ? "INSERT INTO search_doc (id, words, type) VALUES "
                     : "INSERT INTO search (rowid, words) VALUES ");
    for (size_t i = 0; i < count; i++) {
        if (words[i][0] == '\0')
            continue;
        sql_add(&q, rows++ ? ", (" : "(");
        sql_i64(&q, ids[i]);
        sql_add(&q, ", ");
        sql_text(&q, words[i]);
        if (type) {
            sql_add(&q, ", ");
            sql_text(&q, type);
        }
        sql_add(&q, ")");
    }
    return rows ? db_run_sql(cx, &q, NULL) : OK;
}

enum status search_put_many(struct ctx *cx, const struct record_type *t, const i64 *ids,
                            const char *const *words, size_t count)
{
    TRY(insert_many(cx, t->name, ids, words, count));
    if (db_engine(cx->db) != DB_SQLITE || cx->kit->search_paused)
        return OK;
    return insert_many(cx, NULL, ids, words, count);
}

/* ---- the question ---- */
/* The digits of what looks like a phone number, without the prefix that may or may not be stored;
 * "" for anything else. */
static const char *phone_digits(struct arena *a, const char *asked)
{
    char *out = arena_alloc(a, strlen(asked) + 1, 1);
    size_t len = 0;

    for (const char *p = asked; *p; p++) {
        if (*p >= '0' && *p <= '9')
            out[len++] = *p;
        else if (strchr("+ ()-./", *p) == NULL)
            return "";
    }
    out[len] = '\0';
    while (*out == '0')
        out++;
    return strlen(out) >= PHONE_DIGITS_MIN ? out : "";
}

/* The engine's own language: every word as a prefix; or the digits, as one. "" when nothing can be
 * asked. */
static const char *match_text(struct ctx *cx, const char *asked, enum db_engine engine)
{
    const char *words = cut_words(cx->arena, utf8_search_words(cx->arena, asked));
    const char *digits = phone_digits(cx->arena, asked);
    struct buf b = buf_in(cx->arena, 4000);
    struct str rest = str_from(words), word;
    int count = 0;

    while (count < WORDS_MAX && str_split(&rest, ' ', &word)) {
        if (count++ > 0)
            buf_text(&b, engine == DB_SQLITE ? " AND " : " & ");
        else
            buf_char(&b, '(');
        buf_text(&b, arena_printf(cx->arena, engine == DB_SQLITE ? "\"%.*s\"*" : "'%.*s':*",
                                  (int)word.len, word.p));
    }
    if (count == 0)
        return "";
    buf_char(&b, ')');
    if (digits[0]) {
        buf_text(&b, engine == DB_SQLITE ? " OR " : " | ");
        buf_text(&b, arena_printf(cx->arena, engine == DB_SQLITE ? "\"%s\"*" : "'%s':*", digits));
    }
    return buf_end(&b);
}

enum status search_sql(struct ctx *cx, const struct record_type *t, const char *asked,
                       const char *alias, struct sql *q)
{
    const char *match = match_text(cx, asked, q->engine);

    (void)t; /* ids are unique across types */
    if (match[0] == '\0') {
        sql_add(q, text_empty(asked) ? "1=1" : "1=0");
        return OK;
    }
    sql_name(q, alias);
    if (q->engine == DB_SQLITE) {
        sql_add(q, ".id IN (SELECT rowid FROM search WHERE search MATCH ");
        sql_text(q, match);
    } else {
        sql_add(q, ".id IN (SELECT id FROM search_doc WHERE lexemes @@ CAST(");
        sql_text(q, match);
        sql_add(q, " AS tsquery)");
    }
    sql_add(q, ")");
    return OK;
}

struct hit {
    i64 id;
    const struct record_type *type;
};

/* Types that are searched and that cx may read, as "'a', 'b'" of placeholders; false when there is
 * none. `main`: those with a journey, the customers and deals; else all others. */
static bool add_types(struct ctx *cx, bool main, struct sql *q)
{
    size_t count, added = 0;
    const struct record_type *const *types = type_all(cx, &count);

    for (size_t i = 0; i < count; i++) {
        if ((types[i]->flags & TYPE_SYSTEM) || main != !!(types[i]->flags & TYPE_TIMELINE) ||
            access_scope(cx->access, types[i]->name, VERB_READ) == SCOPE_NONE)
            continue;
        sql_add(q, added++ ? ", " : "");
        sql_text(q, types[i]->name);
    }
    return added > 0;
}

/* The next matches below `below`, newest first. */
static enum status find(struct ctx *cx, const char *match, bool main, i64 below, int limit,
                        struct hit *hits, size_t *count)
{
    struct sql q = sql_new(cx);

    *count = 0;
    sql_add(&q, "SELECT d.id, d.type FROM ");
    sql_add(&q, q.engine == DB_SQLITE
                    ? "search s JOIN search_doc d ON d.id = s.rowid WHERE search MATCH "
                    : "search_doc d WHERE d.lexemes @@ CAST(");
    sql_text(&q, match);
    sql_add(&q, q.engine == DB_SQLITE ? " AND s.rowid < " : " AS tsquery) AND d.id < ");
    sql_i64(&q, below);
    sql_add(&q, " AND d.type IN (");
    if (!add_types(cx, main, &q))
        return OK;
    sql_add(&q, q.engine == DB_SQLITE ? ") ORDER BY s.rowid DESC LIMIT "
                                      : ") ORDER BY d.id DESC LIMIT ");
    sql_i64(&q, limit);
    scoped(stmt_close) struct stmt s = db_query_sql(cx, &q);
    while (stmt_next(&s))
        hits[(*count)++] = (struct hit){ col_i64(&s, 0), type_find(cx, col_text(&s, 1)) };
    return stmt_status(&s);
}

/* What stands under the title: the first two facts of the list that are known. */
static const char *subtitle(struct ctx *cx, const struct row *r)
{
    const struct record_type *t = row_type(r);
    struct buf b = buf_in(cx->arena, 4000);
    int added = 0;

    for (int i = 0; i < t->field_count && added < 2; i++) {
        const struct field *f = &t->fields[i];
        bool user = f->kind == FIELD_REF && text_is(f->ref, "user");
        if (!(f->flags & LISTED) || i == t->title || user || !row_has(r, i))
            continue;
        if (added++ > 0)
            buf_text(&b, " · ");
        buf_text(&b, row_show(cx, r, i));
    }
    return buf_end(&b);
}

static void add_result(struct ctx *cx, const struct row *r, struct val *list)
{
    const struct record_type *t = row_type(r);
    struct val *one = val_add_map(list);

    val_put_text(one, "type", t->name);
    val_put_text(one, "label", t->label);
    val_put_text(one, "icon", t->icon ? t->icon : "");
    val_put_text(one, "id", id_text(cx->arena, row_id(r)));
    val_put_text(one, "title", row_title(cx, r));
    val_put_text(one, "subtitle", subtitle(cx, r));
    val_put_text(one, "path", row_path(cx, r));
}

/* Reads the hits, one query a type, keeping their order. */
static enum status load(struct ctx *cx, const struct hit *hits, size_t count, struct row **rows)
{
    i64 *ids = NEW_N(cx->arena, i64, count);
    struct row **part = NEW_N(cx->arena, struct row *, count);
    bool *done = NEW_N(cx->arena, bool, count);

    for (size_t i = 0; i < count; i++) {
        size_t n = 0, at = 0;
        if (done[i] || hits[i].type == NULL)
            continue;
        for (size_t j = i; j < count; j++)
            if (hits[j].type == hits[i].type)
                ids[n++] = hits[j].id;
        TRY(rows_by_id(cx, hits[i].type, ids, n, part));
        for (size_t j = i; j < count; j++) {
            if (hits[j].type == hits[i].type) {
                rows[j] = part[at++];
                done[j] = true;
            }
        }
        size_t known = 0;
        for (size_t j = 0; j < n; j++)
            if (part[j])
                part[known++] = part[j];
        TRY(rows_load_titles(cx, part, known));
    }
    return OK;
}

/* Adds matches until the list has `upto`. */
static enum status search_types(struct ctx *cx, const char *match, bool main, size_t upto,
                                struct val *list)
{
    size_t batch = upto - val_count(list), count = batch;
    struct hit *hits = NEW_N(cx->arena, struct hit, batch);
    i64 below = INT64_MAX;

    for (int round = 0; round < ROUNDS_MAX && count == batch; round++) {
        TRY(find(cx, match, main, below, (int)batch, hits, &count));
        struct row **rows = NEW_N(cx->arena, struct row *, count);
        TRY(load(cx, hits, count, rows));
        for (size_t i = 0; i < count && val_count(list) < upto; i++)
            if (rows[i])
                add_result(cx, rows[i], list);
        if (val_count(list) >= upto)
            break;
        below = count ? hits[count - 1].id : 0;
    }
    return OK;
}

/* Who looks for a name means the person before the forty calls that mention it: three of four
 * places are kept for customers and deals. */
enum status search_run(struct ctx *cx, const char *asked, int limit, struct val *list)
{
    const char *match = match_text(cx, asked, db_engine(cx->db));
    size_t all = (size_t)limit, main = all - all / 4;

    if (match[0] == '\0')
        return OK;
    TRY(search_types(cx, match, true, main, list));
    return val_count(list) < all ? search_types(cx, match, false, all, list) : OK;
}
