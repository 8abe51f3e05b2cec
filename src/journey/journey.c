/* journey.c -- the store as a whole: opening and reading back, names and people, figures,
 * verification. */
#include "base/log.h"
#include "journey/journey_int.h"
#include <stdlib.h>
#include <unistd.h>

enum { SCRATCH_BYTES = 64 * 1024 };

enum status fault_fail(struct ctx *cx, const struct fault *f)
{
    return ctx_fail(cx, f->status, "journey: run %lld, column '%s': %s", (long long)f->run,
                    column_name(f->column), f->what);
}

/* ---- opening ---- */

static enum status damaged(struct ctx *cx, struct journey *j, const char *table, i64 id,
                           const char *what)
{
    return ctx_fail(cx, E_CORRUPT, "'%s', %s %lld: %s", file_path(j->file), table, (long long)id,
                    what);
}

enum status read_meta(struct ctx *cx, struct journey *j, const char *key, u64 *value)
{
    enum status s;
    sqlite3_stmt *get = file_stmt(j->file, SQL_META_GET);

    sqlite3_bind_text(get, 1, key, -1, SQLITE_STATIC);
    *value = file_row(j->file, get, &s) ? (u64)sqlite3_column_int64(get, 0) : 0;
    sqlite3_reset(get);
    return s == OK ? OK : ctx_fail(cx, s, "cannot read '%s'", file_path(j->file));
}

static enum status check_format(struct ctx *cx, struct journey *j)
{
    u64 format;

    TRY(read_meta(cx, j, "format", &format));
    if (format > JOURNEY_FORMAT)
        return ctx_fail(cx, E_SCHEMA,
                        "'%s' was written by a newer furrow (format %llu, this one reads %d)",
                        file_path(j->file), (unsigned long long)format, JOURNEY_FORMAT);
    if (format == JOURNEY_FORMAT)
        return OK;
    sqlite3_stmt *put = file_stmt(j->file, SQL_META_PUT);
    sqlite3_bind_text(put, 1, "format", -1, SQLITE_STATIC);
    sqlite3_bind_int64(put, 2, JOURNEY_FORMAT);
    enum status s = file_run(j->file, put);
    return s == OK ? OK : ctx_fail(cx, s, "cannot write '%s'", file_path(j->file));
}

/* What is done with one row's blob. NULL: fine, otherwise what is wrong. */
typedef const char *row_fn(struct journey *j, struct arena *a, i64 id, const void *blob,
                           size_t len);

static const char *take_names(struct journey *j, struct arena *a, i64 id, const void *blob,
                              size_t len)
{
    struct batch b;
    const char *what = names_read(blob, len, a, &b);

    (void)id;
    return what == NULL ? log_restore(j, &b) : what;
}

static const char *take_log(struct journey *j, struct arena *a, i64 id, const void *blob,
                            size_t len)
{
    struct batch b;
    const char *what = batch_read(blob, len, a, &b);

    return what == NULL ? log_replay(j, &b, id) : what;
}

static enum status read_rows(struct ctx *cx, struct journey *j, enum sql s, const char *table,
                             row_fn *fn)
{
    scoped(arena_close) struct arena *a = arena_new(SCRATCH_BYTES);
    sqlite3_stmt *all = file_stmt(j->file, s);
    enum status st;

    while (file_row(j->file, all, &st)) {
        i64 id = sqlite3_column_int64(all, 0);
        const void *blob = sqlite3_column_blob(all, 1);
        const char *what = fn(j, a, id, blob, (size_t)sqlite3_column_bytes(all, 1));
        if (what != NULL) {
            sqlite3_reset(all);
            return damaged(cx, j, table, id, what);
        }
        arena_reset(a);
    }
    return st == OK ? OK : ctx_fail(cx, st, "cannot read '%s'", file_path(j->file));
}

/* All people of the table. On a connection of its own: mostly beside everything else. */
static enum status read_people(struct ctx *cx, struct journey *j)
{
    struct reader *r;
    sqlite3_stmt *all = NULL;
    const char *what = NULL;
    i64 row = 0;
    int step = SQLITE_DONE;
    enum status s = reader_take(j->file, &r);

    if (s == OK)
        s = reader_query(r, SQL_PERSON_ALL, &all);
    while (s == OK && what == NULL && (step = sqlite3_step(all)) == SQLITE_ROW) {
        const void *blob = sqlite3_column_blob(all, 1);
        row = sqlite3_column_int64(all, 0);
        what = people_read(blob, (size_t)sqlite3_column_bytes(all, 1), &j->people);
    }
    sqlite3_finalize(all);
    reader_give(j->file, r);
    if (s != OK || (what == NULL && step != SQLITE_DONE))
        return ctx_fail(cx, s == OK ? E_IO : s, "cannot read '%s'", file_path(j->file));
    if (what == NULL && !people_told(&j->people))
        what = "people are missing";
    return what == NULL ? OK : damaged(cx, j, "person", row, what);
}

/* For whoever needs them first, long after opening: there is nobody left to refuse. */
static void read_people_later(struct people *p, void *arg)
{
    scoped(arena_close) struct arena *a = arena_new(SCRATCH_BYTES);
    struct journey *j = arg;
    struct ctx cx;

    (void)p;
    ctx_init(&cx, a, j->clock);
    if (read_people(&cx, j) != OK)
        log_fatal("journey.damaged", "error=\"%s\"", cx.error_text);
}

/* How many there are is known from the last row; the others can wait. */
static enum status reserve_people(struct ctx *cx, struct journey *j)
{
    sqlite3_stmt *last = file_stmt(j->file, SQL_PERSON_LAST);
    u32 count = 0;
    enum status s;

    if (file_row(j->file, last, &s)) {
        i64 row = sqlite3_column_int64(last, 0);
        const void *blob = sqlite3_column_blob(last, 1);
        const char *what = people_last(blob, (size_t)sqlite3_column_bytes(last, 1), &count);
        sqlite3_reset(last);
        if (what != NULL)
            return damaged(cx, j, "person", row, what);
    }
    if (s != OK)
        return ctx_fail(cx, s, "cannot read '%s'", file_path(j->file));
    people_reserve(&j->people, count, read_people_later, j);
    return j->background ? OK : read_people(cx, j);
}

static enum status read_links(struct ctx *cx, struct journey *j)
{
    sqlite3_stmt *all = file_stmt(j->file, SQL_ALIAS_ALL);
    enum status st;

    while (file_row(j->file, all, &st)) {
        u32 visitor = (u32)sqlite3_column_int64(all, 0), person = (u32)sqlite3_column_int64(all, 1);
        if (person == 0 ||
            !people_link(&j->people, visitor, person, sqlite3_column_int64(all, 2))) {
            sqlite3_reset(all);
            return damaged(cx, j, "alias", visitor, "of persons that cannot be");
        }
    }
    return st == OK ? OK : ctx_fail(cx, st, "cannot read '%s'", file_path(j->file));
}

static enum status read_strays(struct ctx *cx, struct journey *j)
{
    sqlite3_stmt *all = file_stmt(j->file, SQL_STRAY_ALL);
    enum status st;

    while (file_row(j->file, all, &st)) {
        u32 person = (u32)sqlite3_column_int64(all, 0), owner = (u32)sqlite3_column_int64(all, 1);
        /* Of somebody whose commit failed afterwards nothing can lie anywhere. */
        j->people.strays_settled += people_stray(&j->people, person, owner);
    }
    return st == OK ? OK : ctx_fail(cx, st, "cannot read '%s'", file_path(j->file));
}

/* Runs go into an array first: the state is made of it whole. */
static enum status read_runs(struct ctx *cx, struct journey *j)
{
    sqlite3_stmt *all = file_stmt(j->file, SQL_RUN_ALL);
    struct run **runs = NULL;
    u32 count = 0, room = 0;
    const char *what = NULL;
    enum status st;

    while (what == NULL && file_row(j->file, all, &st)) {
        const void *blob = sqlite3_column_blob(all, 1);
        j->run_id = sqlite3_column_int64(all, 0);
        runs = array_room(runs, &room, count + 1, sizeof(struct run *));
        runs[count] = run_open(j->run_id, blob, (size_t)sqlite3_column_bytes(all, 1), &what);
        count += runs[count] != NULL;
    }
    sqlite3_reset(all);
    state_open(j, runs, count);
    free(runs);
    if (what != NULL)
        return damaged(cx, j, "run", j->run_id, what);
    return st == OK ? OK : ctx_fail(cx, st, "cannot read '%s'", file_path(j->file));
}

/* Columns of runs that were being merged, or had been, when the store was closed or killed. */
static enum status purge(struct ctx *cx, struct journey *j)
{
    enum status s = file_run(j->file, file_stmt(j->file, SQL_COL_PURGE));

    return s == OK ? OK : ctx_fail(cx, s, "cannot write '%s'", file_path(j->file));
}

static enum status read_back(struct ctx *cx, struct journey *j)
{
    u64 linked, erasing, last_seq;

    TRY(check_format(cx, j));
    TRY(read_meta(cx, j, "last_seq", &last_seq));
    TRY(read_meta(cx, j, "outbox_seq", &j->outbox_seq));
    TRY(read_meta(cx, j, "run_seq", &j->run_seq));
    TRY(read_meta(cx, j, "linked", &linked));
    j->linked_log_id = (i64)linked;
    TRY(read_meta(cx, j, "erasing", &erasing));
    j->erasing = j->merge_due = erasing != 0;
    if (j->erasing)
        file_blank(j->file, true);
    TRY(read_rows(cx, j, SQL_NAME_ALL, "name", take_names));
    TRY(reserve_people(cx, j));
    TRY(read_links(cx, j));
    TRY(read_strays(cx, j));
    for (u8 d = 1; d < DICT_COUNT; d++)
        j->dicts[d].settled = dict_count(&j->dicts[d]);
    j->people.settled = people_count(&j->people);
    TRY(read_runs(cx, j));
    TRY(purge(cx, j));
    j->next_seq = 1; /* the log goes on where the runs end */
    for (size_t i = 0; i < j->state->count; i++)
        if (j->state->runs[i]->last_seq >= j->next_seq)
            j->next_seq = j->state->runs[i]->last_seq + 1;
    if (j->run_seq >= j->next_seq) /* all of the last run was erased */
        j->next_seq = j->run_seq + 1;
    j->run_seq = j->next_seq - 1;
    j->last_seq = j->next_seq - 1;
    TRY(read_rows(cx, j, SQL_LOG_ALL, "log", take_log));
    if (j->log_id == 0) /* it is empty: its rows are counted on */
        j->log_id = j->cut_log_id = j->linked_log_id;
    for (u8 d = 1; d < DICT_COUNT; d++)
        j->dicts[d].logged = dict_count(&j->dicts[d]);
    j->people.logged = people_count(&j->people);
    if (j->next_seq <= last_seq)
        return damaged(cx, j, "log", j->log_id, "events are missing at its end");
    return OK;
}

/* The flushed events are where they were before. */
static enum status open_backend(struct ctx *cx, struct journey *j, const char *url)
{
    u64 number;

    TRY(read_meta(cx, j, "backend", &number));
    if (number != j->backend->number && j->run_seq > 0)
        return ctx_fail(cx, E_INVALID,
                        "the flushed events of '%s' lie %s: start with --events as before",
                        file_path(j->file), number == 0 ? "in the file itself" : "elsewhere");
    if (number != j->backend->number) {
        enum status s = put_meta(j, "backend", j->backend->number);
        if (s != OK)
            return ctx_fail(cx, s, "cannot write '%s'", file_path(j->file));
    }
    return j->backend->open(cx, j, url);
}

enum status journey_open(struct ctx *cx, const struct journey_options *o, struct journey **out)
{
    const struct backend *backend = backend_of(o->events_url);

    if (backend == NULL)
        return ctx_fail(cx, E_INVALID, "no events can lie at '%s': clickhouse://host:port/database",
                        o->events_url);
    struct journey *j = calloc(1, sizeof *j);
    if (j == NULL)
        log_fatal("journey.out_of_memory", "bytes=%zu", sizeof *j);
    j->backend = backend;
    j->clock = o->clock == NULL ? &j->own_clock : o->clock;
    j->flush_events = j->flush_at = o->flush_events == 0 ? FLUSH_EVENTS : o->flush_events;
    j->background = !o->no_background;
    for (u8 d = 1; d < DICT_COUNT; d++)
        dict_init(&j->dicts[d], o->names_max == 0 ? LIMIT_DICTIONARY_NAMES : o->names_max);
    people_init(&j->people);
    pthread_mutex_init(&j->queue_lock, NULL);
    pthread_mutex_init(&j->state_lock, NULL);
    pthread_mutex_init(&j->listen_lock, NULL);
    pthread_mutex_init(&j->side_lock, NULL);
    pthread_mutex_init(&j->link_lock, NULL);
    j->wholes_max = o->walk_bytes;
    if (j->wholes_max == 0)
        j->wholes_max = (u64)sysconf(_SC_PHYS_PAGES) * (u64)sysconf(_SC_PAGESIZE) / WHOLES_PART;
    pthread_cond_init(&j->queue_filled, NULL);
    pthread_cond_init(&j->queue_room, NULL);
    pthread_cond_init(&j->flush_wanted, NULL);
    pthread_cond_init(&j->merge_wanted, NULL);
    j->blob = buf_new(0);
    j->scratch = arena_new(SCRATCH_BYTES);
    enum status s = file_open(cx, o->path, o->max_bytes, &j->file);
    if (s == OK)
        s = read_back(cx, j);
    if (s == OK)
        file_rest(j->file); /* the lists that were read are in memory now */
    if (s == OK)
        s = open_backend(cx, j, o->events_url);
    if (s == OK)
        s = log_start(cx, j);
    if (s != OK) {
        journey_close(j);
        return s;
    }
    *out = j;
    return OK;
}

void journey_close(struct journey *j)
{
    if (j == NULL)
        return;
    log_stop(j);
    j->backend->close(j);
    state_close(j);
    file_close(j->file);
    for (u8 d = 1; d < DICT_COUNT; d++)
        dict_close(&j->dicts[d]);
    people_close(&j->people);
    seen_close(&j->seen);
    buf_free(&j->blob);
    arena_free(j->scratch);
    free(j->new_ids);
    free(j->new_links);
    free(j->new_erased);
    for (u32 i = 0; i < j->dead_count; i++)
        run_drop(j->dead[i]);
    free(j->dead);
    pthread_mutex_destroy(&j->queue_lock);
    pthread_mutex_destroy(&j->state_lock);
    pthread_mutex_destroy(&j->listen_lock);
    pthread_mutex_destroy(&j->side_lock);
    pthread_mutex_destroy(&j->link_lock);
    pthread_cond_destroy(&j->queue_filled);
    pthread_cond_destroy(&j->queue_room);
    pthread_cond_destroy(&j->flush_wanted);
    pthread_cond_destroy(&j->merge_wanted);
    free(j);
}

/* ---- names and people ---- */

static struct dict *dict_of(struct journey *j, enum journey_dict d)
{
    assert(d > 0 && d < DICT_COUNT);
    return &j->dicts[d];
}

u32 journey_intern(struct journey *j, enum journey_dict d, struct str name)
{
    return dict_intern(dict_of(j, d), name);
}

u32 journey_code(struct journey *j, enum journey_dict d, struct str name)
{
    return dict_find(dict_of(j, d), name);
}

const char *journey_name(struct journey *j, enum journey_dict d, u32 code)
{
    return dict_name(dict_of(j, d), code);
}

u32 journey_person(struct journey *j, enum person_kind kind, u64 key)
{
    return people_number(&j->people, kind, key);
}

u32 journey_person_find(struct journey *j, enum person_kind kind, u64 key)
{
    return people_root(&j->people, people_find(&j->people, kind, key));
}

bool journey_person_key(struct journey *j, u32 person, enum person_kind *kind, u64 *key)
{
    return people_key(&j->people, person, kind, key);
}

u32 journey_split(struct journey *j, u32 person) { return people_split(&j->people, person); }

u32 journey_root(struct journey *j, u32 person) { return people_root(&j->people, person); }

enum status journey_aliases(struct ctx *cx, struct journey *j, u32 contact, u32 **visitors,
                            size_t *count)
{
    people_members(&j->people, contact, cx->arena, visitors, count);
    *visitors += 1; /* the first is the contact itself */
    *count -= 1;
    return OK;
}

/* ---- figures ---- */

void journey_listen(struct journey *j, journey_listener *fn, void *arg)
{
    pthread_mutex_lock(&j->listen_lock);
    assert(j->listener_count < LISTENERS);
    j->listeners[j->listener_count++] = (struct listener){ fn, arg };
    pthread_mutex_unlock(&j->listen_lock);
}

void journey_unlisten(struct journey *j)
{
    pthread_mutex_lock(&j->listen_lock);
    j->listener_count = 0;
    pthread_mutex_unlock(&j->listen_lock);
}

u64 journey_outbox_seq(struct journey *j)
{
    pthread_mutex_lock(&j->state_lock);
    u64 seq = j->outbox_seq;
    pthread_mutex_unlock(&j->state_lock);
    return seq;
}

void journey_version(struct journey *j, u64 out[2])
{
    out[0] = journey_last_seq(j);
    out[1] = people_version(&j->people);
}

u64 journey_last_seq(struct journey *j)
{
    pthread_mutex_lock(&j->state_lock);
    u64 seq = j->last_seq;
    pthread_mutex_unlock(&j->state_lock);
    return seq;
}

void journey_stats(struct journey *j, struct journey_stats *out)
{
    struct snapshot snap;

    *out = (struct journey_stats){ .people = people_count(&j->people),
                                   .aliases = people_aliases(&j->people),
                                   .bytes = file_bytes(j->file) };
    snapshot_take(j, &snap);
    out->log_events = snap.open_count;
    for (size_t i = 0; i < snap.state->count; i++) {
        const struct run *r = snap.state->runs[i];
        out->events += r->events;
        out->log_events += r->id == 0 ? r->events : 0;
        out->runs += r->id != 0;
    }
    out->events += snap.open_count;
    snapshot_drop(j, &snap);
    j->backend->stats(j, out);
    pthread_mutex_lock(&j->state_lock);
    out->commits = j->commits;
    pthread_mutex_unlock(&j->state_lock);
}

/* ---- verification ---- */

static enum status verify_sqlite(struct ctx *cx, struct journey *j, struct reader *r)
{
    sqlite3_stmt *check;

    TRY(reader_query(r, SQL_CHECK, &check));
    bool row = sqlite3_step(check) == SQLITE_ROW;
    const char *said = row ? (const char *)sqlite3_column_text(check, 0) : "cannot be read";
    enum status s = OK;
    if (said == NULL || strcmp(said, "ok") != 0)
        s = ctx_fail(cx, E_CORRUPT, "'%s': %s", file_path(j->file), said == NULL ? "?" : said);
    sqlite3_finalize(check);
    return s;
}

/* Blobs that were read at open and are in memory since: their rows must still be what was read. */
static enum status verify_rows(struct ctx *cx, struct journey *j, struct reader *r, enum sql s,
                               enum blob_type type, const char *table)
{
    sqlite3_stmt *all;
    enum status st = OK;

    TRY(reader_query(r, s, &all));
    while (st == OK && sqlite3_step(all) == SQLITE_ROW) {
        struct blob_head head = { 0 };
        const void *blob = sqlite3_column_blob(all, 1);
        size_t len = (size_t)sqlite3_column_bytes(all, 1);
        if (len >= sizeof head)
            memcpy(&head, blob, sizeof head);
        const char *what = blob_fault(blob, len, type, head.item, true);
        if (what != NULL)
            st = damaged(cx, j, table, sqlite3_column_int64(all, 0), what);
    }
    sqlite3_finalize(all);
    return st;
}

enum status journey_verify(struct ctx *cx, struct journey *j)
{
    static const struct {
        enum sql sql;
        enum blob_type type;
        const char *table;
    } tables[] = { { SQL_LOG_ALL, BLOB_LOG, "log" },
                   { SQL_RUN_ALL, BLOB_RUN, "run" },
                   { SQL_NAME_ALL, BLOB_NAMES, "name" },
                   { SQL_PERSON_ALL, BLOB_PEOPLE, "person" },
                   { SQL_SEEN_ALL, BLOB_SEEN, "seen" } };
    struct snapshot snap;
    struct reader *r;
    struct fault fault;

    snapshot_take(j, &snap);
    enum status s = reader_take(j->file, &r);
    if (s != OK) {
        snapshot_drop(j, &snap);
        return ctx_fail(cx, s, "cannot read '%s'", file_path(j->file));
    }
    u32 people = people_count(&j->people);
    for (size_t i = 0; s == OK && i < snap.state->count; i++) {
        struct run *run = snap.state->runs[i];
        if (run->id != 0 && !run_verify(run, people, r, &fault))
            s = fault_fail(cx, &fault);
    }
    for (size_t i = 0; s == OK && i < countof(tables); i++)
        s = verify_rows(cx, j, r, tables[i].sql, tables[i].type, tables[i].table);
    if (s == OK)
        s = verify_sqlite(cx, j, r);
    reader_give(j->file, r);
    snapshot_drop(j, &snap);
    return s == OK ? j->backend->verify(cx, j) : s;
}
