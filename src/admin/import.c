/* import.c -- records from a CSV file, in steps: upload, say what each column means, look at what
 * would happen, go. Looking and going are the same walk over the rows through the one door, in
 * chunks; looking rolls each chunk back. A bad line is kept with its reason and stops nothing
 * else. */
#include "base/csv.h"
#include "base/id.h"
#include "base/json.h"
#include "base/limits.h"
#include "base/utf8.h"
#include "kit/filter.h"
#include "kit/pages.h"
#include "kit/session.h"
#include "kit/show.h"
#include "store/queue.h"

enum { CHUNK_ROWS = 500, BAD_SHOWN = 20, BAD_KEPT = 5000, SAMPLES = 3, PROGRESS_EVERY = 1 };

struct import {
    i64 id, user_id, rows, done, made, changed, same, bad, batch;
    const struct record_type *type;
    const char *file_name, *content, *mapping, *match, *state, *bad_lines;
};

static enum status import_load(struct ctx *cx, i64 id, struct import *im)
{
    scoped(stmt_close) struct stmt q = db_query(cx, "import.get", I64("id", id));
    struct arena *a = cx->arena;

    if (!stmt_next(&q)) {
        TRY(stmt_status(&q));
        return E_NOT_FOUND;
    }
    *im = (struct import){
        .id = id,
        .type = type_find(cx, col_text(&q, 0)),
        .file_name = arena_text(a, col_text(&q, 1)),
        .content = arena_text(a, col_text(&q, 2)),
        .mapping = arena_text(a, col_text(&q, 3)),
        .match = arena_text(a, col_text(&q, 4)),
        .state = arena_text(a, col_text(&q, 5)),
        .rows = col_i64(&q, 6),
        .done = col_i64(&q, 7),
        .made = col_i64(&q, 8),
        .changed = col_i64(&q, 9),
        .same = col_i64(&q, 10),
        .bad = col_i64(&q, 11),
        .bad_lines = arena_text(a, col_text(&q, 12)),
        .batch = col_i64(&q, 13),
        .user_id = col_i64(&q, 14),
    };
    return im->type ? OK : E_NOT_FOUND;
}

/* ---- reading the file ---- */

struct table {
    struct arena *arena;
    const char **head;
    size_t columns;
    const char *const **rows; /* rows[i][column] */
    size_t *lines;
    size_t count, cap;
};

static enum status table_row(void *arg, const struct csv_row *r)
{
    struct table *t = arg;
    const char **cells =
        NEW_N(t->arena, const char *, r->count > t->columns ? r->count : t->columns);

    for (size_t i = 0; i < t->columns; i++)
        cells[i] = "";
    for (size_t i = 0; i < r->count; i++)
        cells[i] = str_dup(t->arena, str_trim(r->cells[i]));
    if (!t->head) {
        t->head = cells;
        t->columns = r->count;
        return OK;
    }
    if (r->count == 1 && r->cells[0].len == 0)
        return OK; /* an empty line */
    if (t->count == LIMIT_IMPORT_ROWS)
        return E_LIMIT;
    if (t->count == t->cap) {
        size_t cap = t->cap ? t->cap * 2 : 1024;
        const char *const **rows = NEW_N(t->arena, const char *const *, cap);
        size_t *lines = NEW_N(t->arena, size_t, cap);
        if (t->count) {
            memcpy(rows, t->rows, t->count * sizeof *rows);
            memcpy(lines, t->lines, t->count * sizeof *lines);
        }
        t->rows = rows;
        t->lines = lines;
        t->cap = cap;
    }
    t->lines[t->count] = r->line;
    t->rows[t->count++] = cells;
    return OK;
}

static enum status table_read(struct ctx *cx, const char *content, struct table *t)
{
    size_t line = 0;
    enum status s;

    *t = (struct table){ .arena = cx->arena };
    s = csv_read(str_from(content), table_row, t, &line);
    if (s == E_LIMIT)
        return ctx_fail(cx, E_LIMIT, "The file has more than %d rows. Split it.",
                        LIMIT_IMPORT_ROWS);
    if (s != OK)
        return ctx_fail_field(
            cx, "file", "csv.broken",
            "Line %zu cannot be read: a quote is never closed, or it has too many columns.", line);
    if (!t->head)
        return ctx_fail_field(cx, "file", "csv.empty",
                              "The file is empty. Its first line must name the columns.");
    return OK;
}

/* ---- upload ---- */

static bool importable(struct ctx *cx, const struct record_type *t)
{
    return !(t->flags & (TYPE_SYSTEM | TYPE_NO_CREATE)) &&
           access_scope(cx->access, t->name, VERB_CREATE) != SCOPE_NONE;
}

static void put_steps(struct val *page, int at)
{
    static const char *const steps[] = { "Upload", "Columns", "Look", "Done" };
    struct val *list = val_put_list(page, "steps");

    for (int i = 0; i < (int)countof(steps); i++) {
        struct val *one = val_add_map(list);
        val_put_text(one, "text", steps[i]);
        val_put_bool(one, "on", i == at);
        val_put_bool(one, "done", i < at);
    }
    val_put_null(page, "upload");
    val_put_null(page, "map");
    val_put_null(page, "look");
    val_put_null(page, "job");
}

static enum status show_upload(struct req *rq, const char *error)
{
    struct ctx *cx = rq->cx;
    struct val *page = val_map(cx->arena), *upload, *list;
    const char *asked = text_empty(req_query(rq, "type")) ? "contact" : req_query(rq, "type");
    size_t count;
    const struct record_type *const *types = type_all(cx, &count);

    val_put_text(page, "title", "Import");
    val_put_text(page, "error", error);
    put_steps(page, 0);
    upload = val_put_map(page, "upload");
    val_put_text(upload, "action", "/settings/import");
    val_put_printf(upload, "limits",
                   "Up to %s rows, in UTF-8, UTF-16 or Windows-1252; comma, semicolon or tab.",
                   show_number(cx->arena, LIMIT_IMPORT_ROWS));
    val_put_printf(upload, "example_url", "/settings/import/example?type=%s", asked);
    list = val_put_list(upload, "types");
    for (size_t i = 0; i < count; i++)
        if (importable(cx, types[i])) {
            struct val *one = val_add_map(list);
            val_put_text(one, "value", types[i]->name);
            val_put_text(one, "text", types[i]->plural);
            val_put_bool(one, "selected", text_is(types[i]->name, asked));
        }
    return reply(rq, "kit/import", page);
}

/* GET /settings/import */
static enum status import_start(struct req *rq) { return show_upload(rq, ""); }

/* GET /settings/import/example?type=contact */
static enum status import_example(struct req *rq)
{
    const struct record_type *t = type_find(rq->cx, req_query(rq, "type"));
    struct buf out = buf_in(rq->cx->arena, 64 * 1024);

    if (!t || !importable(rq->cx, t))
        return E_NOT_FOUND;
    for (int i = 0; i < t->field_count; i++)
        if (!(t->fields[i].flags & (COMPUTED | INTERNAL)))
            csv_cell(&out, t->fields[i].label);
    csv_end_line(&out);
    reply_header(rq, "Content-Disposition",
                 arena_printf(rq->cx->arena, "attachment; filename=\"%s-example.csv\"", t->path));
    return reply_text(rq, 200, "text/csv; charset=utf-8", (struct str){ out.p, out.len });
}

static enum status import_insert(struct ctx *cx, void *arg)
{
    struct import *im = arg;

    return db_run(cx, "import.add", I64("id", im->id), I64("user", cx->access->user_id),
                  I64("at", ctx_now(cx)), TEXT("type", im->type->name), TEXT("file", im->file_name),
                  TEXT("content", im->content), I64("rows", im->rows));
}

/* POST /settings/import {type, file} */
static enum status import_upload(struct req *rq)
{
    struct ctx *cx = rq->cx;
    struct import im = { .type = type_find(cx, req_form(rq, "type")) };
    struct table t;
    struct str text;

    if (!im.type || !importable(cx, im.type))
        return show_upload(rq, "Choose what is in the file.");
    if (!rq->file_count || !rq->files[0].bytes.len) {
        reply_status(rq, 422);
        return show_upload(rq, "Choose a CSV file first.");
    }
    if (utf8_from_bytes(cx->arena, rq->files[0].bytes, &text) != OK) {
        reply_status(rq, 422);
        return show_upload(rq, "This is no text file. Save the table as CSV, then upload that.");
    }
    im.content = str_dup(cx->arena, text);
    if (table_read(cx, im.content, &t) != OK) {
        const char *why = cx->field_errors ? cx->field_errors->message : cx->error_text;
        ctx_clear_error(cx);
        reply_status(rq, 422);
        return show_upload(rq, why);
    }
    im.id = kit_new_id(cx);
    im.rows = (i64)t.count;
    im.file_name =
        utf8_cut(cx->arena, rq->files[0].filename ? rq->files[0].filename : "file.csv", 200);
    TRY(kit_write(cx, import_insert, &im));
    return reply_redirect(
        rq, arena_printf(cx->arena, "/settings/import/%s", id_text(cx->arena, im.id)));
}

/* ---- mapping ---- */

/* Column names as other programs write them; compared by their search words. */
static const struct {
    const char *column, *field;
} known_names[] = {
    { "firstname", "first_name" },
    { "given name", "first_name" },
    { "vorname", "first_name" },
    { "lastname", "last_name" },
    { "surname", "last_name" },
    { "family name", "last_name" },
    { "nachname", "last_name" },
    { "e mail", "email" },
    { "email address", "email" },
    { "mail", "email" },
    { "phone number", "phone" },
    { "mobilephone", "phone" },
    { "telefon", "phone" },
    { "title", "job_title" },
    { "job title", "job_title" },
    { "position", "job_title" },
    { "company name", "name" },
    { "company domain name", "domain" },
    { "website", "domain" },
    { "company", "company_id" },
    { "associated company", "company_id" },
    { "account name", "company_id" },
    { "contact owner", "owner_id" },
    { "owner", "owner_id" },
    { "company owner", "owner_id" },
    { "lifecycle stage", "lifecycle" },
    { "country region", "country" },
    { "land", "country" },
    { "stadt", "city" },
    { "deal name", "name" },
    { "deal stage", "stage_id" },
    { "close date", "close_date" },
    { "numberofemployees", "employees" },
    { "number of employees", "employees" },
};

static const char *guess_field(struct ctx *cx, const struct record_type *t, const char *column)
{
    const char *words = utf8_search_words(cx->arena, column);

    for (int i = 0; i < t->field_count; i++)
        if (!(t->fields[i].flags & (COMPUTED | INTERNAL)) &&
            (text_is(words, utf8_search_words(cx->arena, t->fields[i].label)) ||
             text_is(words, utf8_search_words(cx->arena, t->fields[i].name))))
            return t->fields[i].name;
    for (size_t i = 0; i < countof(known_names); i++)
        if (text_is(words, known_names[i].column) && type_field(t, known_names[i].field) >= 0)
            return known_names[i].field;
    return "";
}

static void put_choice(struct val *list, const char *value, const char *text, const char *selected)
{
    struct val *one = val_add_map(list);

    val_put_text(one, "value", value);
    val_put_text(one, "text", text);
    val_put_bool(one, "selected", text_is(value, selected));
}

static void put_column(struct ctx *cx, const struct import *im, const struct table *t, size_t c,
                       const struct val *mapping, struct val *columns)
{
    struct val *one = val_add_map(columns), *choices;
    const char *chosen =
        mapping ? val_as_text(val_at(mapping, c), "") : guess_field(cx, im->type, t->head[c]);
    struct buf sample = buf_in(cx->arena, 1000);

    for (size_t r = 0, n = 0; r < t->count && n < SAMPLES; r++)
        if (!text_empty(t->rows[r][c]))
            buf_printf(&sample, "%s%s", n++ ? ", " : "", utf8_cut(cx->arena, t->rows[r][c], 40));
    val_put_text(one, "column", t->head[c]);
    val_put_text(one, "sample", buf_end(&sample));
    val_put_printf(one, "field", "column.%zu", c);
    choices = val_put_list(one, "choices");
    put_choice(choices, "", "Leave out", chosen);
    for (int i = 0; i < im->type->field_count; i++)
        if (!(im->type->fields[i].flags & (COMPUTED | INTERNAL)))
            put_choice(choices, im->type->fields[i].name, im->type->fields[i].label, chosen);
}

static void put_match(const struct import *im, struct val *map)
{
    struct val *match = val_put_list(map, "match");
    const char *chosen = im->match;

    for (int i = 0; i < im->type->field_count && text_empty(chosen) && text_empty(im->mapping); i++)
        if (im->type->fields[i].flags & UNIQUE)
            chosen = im->type->fields[i].name;
    put_choice(match, "", "Make a new record in any case", chosen);
    for (int i = 0; i < im->type->field_count; i++)
        if (im->type->fields[i].flags & UNIQUE) {
            struct val *one = val_add_map(match);
            val_put_text(one, "value", im->type->fields[i].name);
            val_put_text(one, "text", im->type->fields[i].label);
            val_put_bool(one, "selected", text_is(im->type->fields[i].name, chosen));
        }
}

static enum status show_map(struct req *rq, const struct import *im, const char *error)
{
    struct ctx *cx = rq->cx;
    struct val *page = val_map(cx->arena), *map, *columns, *mapping = NULL;
    struct table t;

    TRY(table_read(cx, im->content, &t));
    if (!text_empty(im->mapping))
        TRY(json_read(cx->arena, str_from(im->mapping), &mapping, NULL));
    val_put_printf(page, "title", "Import %s", text_in_sentence(cx->arena, im->type->plural));
    val_put_text(page, "error", error);
    put_steps(page, 1);
    map = val_put_map(page, "map");
    val_put_printf(map, "action", "/settings/import/%s/map", id_text(cx->arena, im->id));
    val_put_text(map, "file_name", im->file_name);
    val_put_printf(map, "rows", "%s rows", show_number(cx->arena, im->rows));
    columns = val_put_list(map, "columns");
    for (size_t c = 0; c < t.columns; c++)
        put_column(cx, im, &t, c, mapping, columns);
    put_match(im, map);
    return reply(rq, "kit/import", page);
}

/* ---- the walk ---- */

struct walk {
    struct import im;
    struct table table;
    const struct val *mapping; /* list of field names, "" left out */
    bool dry;
    size_t at;
    struct val *lines; /* the bad ones */
};

static void bad_line(struct ctx *cx, struct walk *w, size_t row)
{
    w->im.bad++;
    for (const struct field_error *e = cx->field_errors; e && val_count(w->lines) < BAD_KEPT;
         e = e->next) {
        struct val *one = val_add_map(w->lines);
        const char *value = "", *column = e->field;
        for (size_t c = 0; c < w->table.columns; c++)
            if (text_is(val_as_text(val_at(w->mapping, c), ""), e->field)) {
                value = w->table.rows[row][c];
                column = w->table.head[c];
            }
        val_put_i64(one, "line", (i64)w->table.lines[row]);
        val_put_text(one, "column", column);
        val_put_text(one, "value", utf8_cut(cx->arena, value, 200));
        val_put_text(one, "text", e->message);
    }
    if (!cx->field_errors && val_count(w->lines) < BAD_KEPT) {
        struct val *one = val_add_map(w->lines);
        val_put_i64(one, "line", (i64)w->table.lines[row]);
        val_put_text(one, "column", "");
        val_put_text(one, "value", "");
        val_put_text(one, "text",
                     text_empty(cx->error_text) ? "This row could not be saved." : cx->error_text);
    }
}

/* A reference in a file is an id, or the name of what it points to. */
static enum status parse_cell(struct ctx *cx, struct row *r, int field, const char *text)
{
    const struct field *f = &row_type(r)->fields[field];
    const struct record_type *t;
    struct row *found;
    i64 id;

    if (f->kind != FIELD_REF || text_empty(text) || id_parse(str_from(text), &id))
        return row_parse(cx, r, field, text);
    t = type_find(cx, f->ref);
    for (int i = 0; i < t->field_count; i++) {
        enum status s;
        if (!(t->fields[i].flags & UNIQUE) && i != t->title)
            continue;
        s = record_find(cx, t, t->fields[i].name, text, &found);
        if (s == OK) {
            row_set_i64(r, field, row_id(found));
            return OK;
        }
        if (s != E_NOT_FOUND)
            return s;
    }
    return ctx_fail_field(cx, f->name, "import.no_such", "There is no %s called '%s'.",
                          text_in_sentence(cx->arena, t->label), text);
}

static enum status read_row(struct ctx *cx, struct walk *w, size_t row, struct row **out)
{
    enum status worst = OK, s;
    const char *key = "";

    for (size_t c = 0; c < w->table.columns && !text_empty(w->im.match); c++)
        if (text_is(val_as_text(val_at(w->mapping, c), ""), w->im.match))
            key = w->table.rows[row][c];
    s = text_empty(key) ? E_NOT_FOUND : record_find(cx, w->im.type, w->im.match, key, out);
    if (s == E_NOT_FOUND)
        *out = row_new(cx, w->im.type);
    else if (s == OK)
        /* what I may not see I may not change */
        TRY(record_get(cx, w->im.type, row_id(*out), out));
    else
        return s;
    for (size_t c = 0; c < w->table.columns; c++) {
        int field = type_field(w->im.type, val_as_text(val_at(w->mapping, c), ""));
        if (field < 0 || (text_empty(w->table.rows[row][c]) && !row_is_new(*out)))
            continue; /* an empty cell takes nothing away */
        s = parse_cell(cx, *out, field, w->table.rows[row][c]);
        if (s != OK && s != E_INVALID)
            return s;
        worst = s == OK ? worst : s;
    }
    return worst;
}

/* One row in a savepoint of its own; what is wrong with it is noted, and the next one follows. */
static enum status import_row(struct ctx *cx, struct walk *w, size_t row)
{
    scoped(tx_end) struct tx tx = tx_begin(cx);
    struct row *r;
    bool is_new, changed = false;
    enum status s = read_row(cx, w, row, &r);

    is_new = s == OK && row_is_new(r);
    for (int i = 0; s == OK && i < w->im.type->field_count; i++)
        changed |= row_changed(r, i);
    if (s == OK && (is_new || changed))
        s = record_save(cx, r);
    if (s == E_INVALID || s == E_CONFLICT || s == E_FORBIDDEN || s == E_NOT_FOUND) {
        bad_line(cx, w, row);
        ctx_clear_error(cx);
        return OK;
    }
    TRY(s);
    *(is_new ? &w->im.made : changed ? &w->im.changed : &w->im.same) += 1;
    return tx_commit(&tx);
}

static enum status import_report(struct ctx *cx, void *arg)
{
    struct walk *w = arg;

    return db_run(cx, "import.report", I64("id", w->im.id), TEXT("state", w->im.state),
                  I64("done", (i64)w->at), I64("made", w->im.made), I64("changed", w->im.changed),
                  I64("same", w->im.same), I64("bad", w->im.bad),
                  TEXT("lines", json_text(cx->arena, w->lines)), I64("batch", w->im.batch));
}

static enum status import_chunk(struct ctx *cx, void *arg)
{
    struct walk *w = arg;
    size_t end = w->at + CHUNK_ROWS < w->table.count ? w->at + CHUNK_ROWS : w->table.count;

    cx->batch_id = w->im.batch;
    {
        scoped(tx_end) struct tx tx = tx_begin(cx);
        for (size_t i = w->at; i < end; i++)
            TRY(import_row(cx, w, i));
        if (!w->dry)
            TRY(tx_commit(&tx));
    }
    w->at = end;
    return import_report(cx, w);
}

/* {"id": ..., "dry": bool}. Begins anew when it was cut off: rows that were made then are found by
 * their match and count as the same. */
static enum status import_job(struct job_run *job)
{
    struct ctx *cx = job->cx;
    const struct access *before = cx->access;
    struct val *mapping;
    struct walk w = { .dry = val_get_bool(job->payload, "dry"), .lines = val_list(cx->arena) };
    enum status s = OK;

    TRY(import_load(cx, val_get_i64(job->payload, "id", 0), &w.im));
    TRY(table_read(cx, w.im.content, &w.table));
    TRY(json_read(cx->arena, str_from(w.im.mapping), &mapping, NULL));
    TRY(access_of_user(cx, w.im.user_id, &cx->access));
    w.mapping = mapping;
    w.im.state = w.dry ? "looking" : "running";
    w.im.made = w.im.changed = w.im.same = w.im.bad = 0;
    if (!w.im.batch)
        w.im.batch = kit_new_id(cx);
    while (s == OK && w.at < w.table.count)
        s = kit_write(cx, import_chunk, &w);
    if (s == OK) {
        w.im.state = w.dry ? "looked" : "done";
        s = kit_write(cx, import_report, &w);
    }
    cx->access = before;
    return s;
}

/* ---- look and go ---- */

static enum status start_job(struct req *rq, const struct import *im, bool dry)
{
    struct val *payload = val_map(rq->cx->arena);

    val_put_i64(payload, "id", im->id);
    val_put_bool(payload, "dry", dry);
    TRY(db_run(rq->cx, "import.state", I64("id", im->id),
               TEXT("state", dry ? "looking" : "running")));
    TRY(queue_add(rq->cx, "import.run", NULL, json_text(rq->cx->arena, payload), ctx_now(rq->cx),
                  NULL));
    return reply_redirect(
        rq, arena_printf(rq->cx->arena, "/settings/import/%s", id_text(rq->cx->arena, im->id)));
}

static enum status req_import(struct req *rq, struct import *im)
{
    i64 id;

    TRY(req_id(rq, "id", &id));
    return import_load(rq->cx, id, im);
}

/* POST /settings/import/:id/map {column.N, match} */
static enum status import_map(struct req *rq)
{
    struct ctx *cx = rq->cx;
    struct val *mapping = val_list(cx->arena);
    struct import im;
    struct table t;
    bool any = false;

    TRY(req_import(rq, &im));
    TRY(table_read(cx, im.content, &t));
    for (size_t c = 0; c < t.columns; c++) {
        const char *field = req_form(rq, arena_printf(cx->arena, "column.%zu", c));
        any |= !text_empty(field);
        val_add_text(mapping, type_field(im.type, field) >= 0 ? field : "");
    }
    if (!any) {
        reply_status(rq, 422);
        return show_map(rq, &im, "Say for at least one column what it means.");
    }
    TRY(db_run(cx, "import.map", I64("id", im.id), TEXT("mapping", json_text(cx->arena, mapping)),
               TEXT("match", req_form(rq, "match"))));
    return start_job(rq, &im, true);
}

static enum status show_look(struct req *rq, const struct import *im)
{
    struct ctx *cx = rq->cx;
    struct val *page = val_map(cx->arena), *look, *lines, *bad;
    const char *path = arena_printf(cx->arena, "/settings/import/%s", id_text(cx->arena, im->id)),
               *plural = text_in_sentence(cx->arena, im->type->plural);

    TRY(json_read(cx->arena, str_from(im->bad_lines), &bad, NULL));
    val_put_printf(page, "title", "Import %s", plural);
    put_steps(page, 2);
    look = val_put_map(page, "look");
    val_put_printf(look, "action", "%s/go", path);
    val_put_printf(look, "back_url", "%s?map=1", path);
    val_put_text(look, "file_name", im->file_name);
    val_put_text(look, "made", show_number(cx->arena, im->made));
    val_put_text(look, "changed", show_number(cx->arena, im->changed));
    val_put_text(look, "same", show_number(cx->arena, im->same));
    val_put_text(look, "bad", show_number(cx->arena, im->bad));
    val_put_bool(look, "has_bad", im->bad > 0);
    lines = val_put_list(look, "lines");
    for (size_t i = 0; i < val_count(bad) && i < BAD_SHOWN; i++)
        val_add(lines, val_copy(cx->arena, val_at(bad, i)));
    val_put_text(look, "lines_more",
                 val_count(bad) > BAD_SHOWN
                     ? arena_printf(cx->arena, "and %zu more.", val_count(bad) - BAD_SHOWN)
                     : "");
    val_put_printf(look, "bad_csv_url", "%s/bad.csv", path);
    if (im->bad)
        val_put_printf(look, "go_text", "Import %s %s and leave out %s bad lines",
                       show_number(cx->arena, im->made + im->changed), plural,
                       show_number(cx->arena, im->bad));
    else
        val_put_printf(look, "go_text", "Import %s %s",
                       show_number(cx->arena, im->made + im->changed), plural);
    return reply(rq, "kit/import", page);
}

static enum status show_progress(struct req *rq, const struct import *im)
{
    struct ctx *cx = rq->cx;
    bool running = text_is(im->state, "running") || text_is(im->state, "looking");
    struct val *page = val_map(cx->arena), *job;
    const char *path = arena_printf(cx->arena, "/settings/import/%s", id_text(cx->arena, im->id));

    val_put_printf(page, "title", "Import %s", text_in_sentence(cx->arena, im->type->plural));
    put_steps(page, text_is(im->state, "looking") ? 2 : 3);
    job = val_put_map(page, "job");
    val_put_printf(job, "text",
                   text_is(im->state, "undone") ? "Undone: what it made is in the trash"
                   : running                    ? "%s of %s rows"
                                                : "%s of %s rows. Done.",
                   show_number(cx->arena, im->done), show_number(cx->arena, im->rows));
    val_put_i64(job, "percent", im->rows ? im->done * 100 / im->rows : 100);
    val_put_bool(job, "running", running);
    val_put_text(job, "url", path);
    val_put_text(job, "made", show_number(cx->arena, im->made));
    val_put_text(job, "changed", show_number(cx->arena, im->changed));
    val_put_text(job, "bad", show_number(cx->arena, im->bad));
    val_put_text(job, "cancel_url", "");
    val_put_text(job, "undo_url",
                 text_is(im->state, "done") && im->made && !im->changed
                     ? arena_printf(cx->arena, "%s/undo", path)
                     : "");
    val_put_text(job, "bad_csv_url",
                 im->bad && !running ? arena_printf(cx->arena, "%s/bad.csv", path) : "");
    val_put_printf(job, "list_url", "/%s", im->type->path);
    return reply(rq, "kit/import", page);
}

/* GET /settings/import/:id */
static enum status import_show(struct req *rq)
{
    struct import im;

    TRY(req_import(rq, &im));
    if (text_is(im.state, "mapping") || !text_empty(req_query(rq, "map")))
        return show_map(rq, &im, "");
    return text_is(im.state, "looked") ? show_look(rq, &im) : show_progress(rq, &im);
}

/* POST /settings/import/:id/go */
static enum status import_go(struct req *rq)
{
    struct import im;

    TRY(req_import(rq, &im));
    if (!text_is(im.state, "looked"))
        return ctx_fail_code(
            rq->cx, E_CONFLICT, "import.not_looked",
            "This import has been started already, or its rows were not checked yet.");
    return start_job(rq, &im, false);
}

/* GET /settings/import/:id/bad.csv */
static enum status import_bad(struct req *rq)
{
    struct ctx *cx = rq->cx;
    struct buf out = buf_in(cx->arena, LIMIT_PAGE_BYTES);
    struct import im;
    struct val *bad;

    TRY(req_import(rq, &im));
    TRY(json_read(cx->arena, str_from(im.bad_lines), &bad, NULL));
    for (const char *const *h =
             (const char *const[]){ "line", "column", "value", "what is wrong", NULL };
         *h; h++)
        csv_cell(&out, *h);
    csv_end_line(&out);
    for (size_t i = 0; i < val_count(bad); i++) {
        csv_cell(&out, arena_printf(cx->arena, "%lld",
                                    (long long)val_get_i64(val_at(bad, i), "line", 0)));
        csv_cell(&out, val_get_text(val_at(bad, i), "column"));
        csv_cell(&out, val_get_text(val_at(bad, i), "value"));
        csv_cell(&out, val_get_text(val_at(bad, i), "text"));
        csv_end_line(&out);
    }
    reply_header(rq, "Content-Disposition", "attachment; filename=\"bad-lines.csv\"");
    return reply_text(rq, 200, "text/csv; charset=utf-8", (struct str){ out.p, out.len });
}

/* POST /settings/import/:id/undo -- what it made goes to the trash. */
static enum status import_undo(struct req *rq)
{
    struct ctx *cx = rq->cx;
    struct import im;
    i64 count = 0;

    TRY(req_import(rq, &im));
    if (!text_is(im.state, "done") || im.changed)
        return ctx_fail_code(
            cx, E_CONFLICT, "import.not_undoable",
            "Only an import that is done and changed no older record can be undone.");
    {
        scoped(stmt_close) struct stmt q =
            db_query(cx, "import.made", I64("batch", im.batch), TEXT("type", im.type->name));
        while (stmt_next(&q)) {
            struct row *r;
            enum status s = record_get(cx, im.type, col_i64(&q, 0), &r);
            if (s == E_NOT_FOUND) {
                ctx_clear_error(cx);
                continue;
            }
            TRY(s);
            TRY(record_delete(cx, r));
            count++;
        }
        TRY(stmt_status(&q));
    }
    TRY(db_run(cx, "import.state", I64("id", im.id), TEXT("state", "undone")));
    return reply_done(rq, arena_printf(cx->arena, "/%s", im.type->path),
                      "Import undone: %lld moved to the trash.", (long long)count);
}

static const struct route routes[] = {
    { HTTP_GET, "/settings/import", import_start, NEEDS("import", VERB_CREATE) },
    { HTTP_POST, "/settings/import", import_upload, NEEDS("import", VERB_CREATE),
      .flags = ROUTE_UPLOAD | ROUTE_SLOW },
    { HTTP_GET, "/settings/import/example", import_example, NEEDS("import", VERB_CREATE) },
    { HTTP_GET, "/settings/import/:id", import_show, NEEDS("import", VERB_CREATE) },
    { HTTP_POST, "/settings/import/:id/map", import_map, NEEDS("import", VERB_CREATE) },
    { HTTP_POST, "/settings/import/:id/go", import_go, NEEDS("import", VERB_CREATE) },
    { HTTP_GET, "/settings/import/:id/bad.csv", import_bad, NEEDS("import", VERB_CREATE) },
    { HTTP_POST, "/settings/import/:id/undo", import_undo, NEEDS("import", VERB_CREATE) },
};
static const struct job_type jobs[] = { { "import.run", "Import a file", import_job, 0, false } };
static const struct menu_item menu[] = { { "settings", "Import", "/settings/import", "upload",
                                           "import", 30,
                                           "Contacts, companies and deals from CSV." } };
const struct feature feature_import = { .name = "import", ROUTES(routes), JOBS(jobs), MENU(menu) };
