/* flush.c -- the log's tail becomes runs of a month each. Sorting and packing may happen on any
 * thread, beside appends; the transaction that writes the runs and cuts the log is the committer's.
 * */
#include "base/log.h"
#include "journey/journey_int.h"
#include <stdlib.h>

enum { NAMES_PER_ROW = 10 * 1000, PEOPLE_PER_ROW = 100 * 1000 };

static void *need(void *p)
{
    if (p == NULL)
        log_fatal("journey.out_of_memory", "in=flush");
    return p;
}

struct flush *flush_begin(struct journey *j)
{
    size_t first = 0;

    state_seal(j, j->log_id);
    if (j->log_id == j->cut_log_id)
        return NULL;
    while (first < j->state->count && j->state->runs[first]->id != 0)
        first++;
    struct flush *f = need(calloc(1, sizeof *f));
    f->log_id = j->log_id;
    f->people = &j->people;
    f->tail_count = j->state->count - first;
    f->tail = need(calloc(f->tail_count + 1, sizeof *f->tail));
    for (size_t i = 0; i < f->tail_count; i++)
        f->tail[i] = run_keep(j->state->runs[first + i]);
    return f;
}

void flush_free(struct flush *f)
{
    if (f == NULL)
        return;
    for (size_t i = 0; i < f->tail_count; i++)
        run_drop(f->tail[i]);
    for (size_t i = 0; i < f->made_count; i++)
        run_drop(f->made[i]);
    free(f->tail);
    free(f->made);
    free(f);
}

static int by_month(const void *a, const void *b)
{
    u32 x = *(const u32 *)a, y = *(const u32 *)b;

    return x < y ? -1 : x > y;
}

/* The months there are, ascending; *of[i] is the month of events[order[i]]. */
static u32 months(const struct event *events, const u32 *order, u32 n, u32 *of, u32 *list)
{
    i64 day = INT64_MIN;
    u32 month = 0, count = 0;

    for (u32 i = 0; i < n; i++) {
        i64 d = events[order[i]].at_ms / MS_DAY;
        if (d != day) {
            day = d;
            month = month_of(events[order[i]].at_ms);
        }
        of[i] = month;
        u32 k = count; /* mostly among the last ones found */
        while (k > 0 && list[k - 1] != month)
            k--;
        if (k == 0)
            list[count++] = month;
    }
    qsort(list, count, sizeof *list, by_month);
    return count;
}

void flush_prepare(struct journey *j, struct flush *f) { j->backend->prepare(j, f); }

void runs_prepare(struct journey *j, struct flush *f)
{
    scoped(slab_free) struct slab slab = { 0 };
    u32 n;

    (void)j;
    if (f->tail_count == 0)
        return;
    struct fault fault;
    struct event *events = runs_gather(f->tail, f->tail_count, UINT32_MAX, NULL, &slab, &n, &fault);
    if (events == NULL)
        log_fatal("journey.tail_damaged", "what=\"%s\"", fault.what);
    u32 *order = SLAB_N(&slab, u32, n), *part = SLAB_N(&slab, u32, n), *of = SLAB_N(&slab, u32, n);
    u32 *list = SLAB_N(&slab, u32, n);
    u32 *owners = people_owners(f->people, events, &n, &slab);
    run_sort(events, owners, n, order);
    u32 count = months(events, order, n, of, list);
    f->made = need(calloc(count, sizeof(struct run *)));
    for (u32 m = 0; m < count; m++) {
        u32 k = 0;
        for (u32 i = 0; i < n; i++)
            if (of[i] == list[m])
                part[k++] = order[i];
        struct run *r = run_build(events, owners, part, k);
        r->month = list[m];
        r->first_seq = f->tail[0]->first_seq;
        r->last_seq = f->tail[f->tail_count - 1]->last_seq;
        f->made[f->made_count++] = r;
    }
}

static enum status put_blob(struct journey *j, enum sql s, i64 id, const void *blob, size_t len)
{
    sqlite3_stmt *put = file_stmt(j->file, s);

    sqlite3_bind_int64(put, 1, id);
    sqlite3_bind_blob64(put, 2, blob, len, SQLITE_STATIC);
    return file_run(j->file, put);
}

static enum status put_run(struct journey *j, const struct run *r, i64 id)
{
    size_t len;

    arena_reset(j->scratch);
    const void *head = run_head(r, j->scratch, &len);
    TRY(put_blob(j, SQL_RUN_PUT, id, head, len));
    for (int c = 0; c < COL_COUNT; c++)
        if (r->blobs[c] != NULL)
            TRY(put_blob(j, SQL_COL_PUT, id << 8 | c, r->blobs[c], r->blob_bytes[c]));
    return OK;
}

enum status runs_put(struct journey *j, struct flush *f)
{
    for (size_t i = 0; i < f->made_count; i++)
        TRY(put_run(j, f->made[i], j->run_id + 1 + (i64)i));
    return OK;
}

void runs_placed(struct journey *j, struct flush *f, enum status s)
{
    for (size_t i = 0; s == OK && i < f->made_count; i++)
        run_settle(f->made[i], ++j->run_id);
}

static enum status put_names(struct journey *j)
{
    for (u8 d = 1; d < DICT_COUNT; d++) {
        struct dict *dict = &j->dicts[d];
        for (u32 first = dict->settled + 1; first <= dict->logged; first += NAMES_PER_ROW) {
            u32 last =
                dict->logged - first < NAMES_PER_ROW ? dict->logged : first + NAMES_PER_ROW - 1;
            names_write(dict, d, first, last, &j->blob);
            sqlite3_stmt *put = file_stmt(j->file, SQL_NAME_PUT);
            sqlite3_bind_blob64(put, 1, j->blob.p, j->blob.len, SQLITE_STATIC);
            TRY(file_run(j->file, put));
        }
    }
    struct people *p = &j->people;
    for (u32 first = p->settled + 1; first <= p->logged; first += PEOPLE_PER_ROW) {
        u32 last = p->logged - first < PEOPLE_PER_ROW ? p->logged : first + PEOPLE_PER_ROW - 1;
        people_write(p, first, last, &j->blob);
        TRY(put_blob(j, SQL_PERSON_PUT, first, j->blob.p, j->blob.len));
    }
    return OK;
}

static enum status put_links(struct journey *j)
{
    for (u32 i = 0; i < j->new_link_count; i++) {
        i64 at_ms = 0;
        u32 visitor = j->new_links[i], person = people_linked(&j->people, visitor, &at_ms);
        sqlite3_stmt *s = file_stmt(j->file, person == 0 ? SQL_ALIAS_CUT : SQL_ALIAS_PUT);
        sqlite3_bind_int64(s, 1, visitor);
        if (person != 0) {
            sqlite3_bind_int64(s, 2, person);
            sqlite3_bind_int64(s, 3, at_ms);
        }
        TRY(file_run(j->file, s));
    }
    return OK;
}

static enum status put_strays(struct journey *j, u32 *settled)
{
    struct stray st;

    for (*settled = j->people.strays_settled; people_stray_at(&j->people, *settled, &st);
         ++*settled) {
        sqlite3_stmt *s = file_stmt(j->file, SQL_STRAY_PUT);
        sqlite3_bind_int64(s, 1, st.person);
        sqlite3_bind_int64(s, 2, st.owner);
        TRY(file_run(j->file, s));
    }
    return OK;
}

/* Whose keys were erased: their rows of the table are written again, without them. */
static enum status put_erased(struct journey *j)
{
    u32 done_first = 0, done_last = 0; /* of the row written last: they are mostly of one */

    for (u32 i = 0; i < j->new_erased_count; i++) {
        if (j->new_erased[i] >= done_first && j->new_erased[i] <= done_last)
            continue;
        sqlite3_stmt *row = file_stmt(j->file, SQL_PERSON_ROW);
        enum status s;
        sqlite3_bind_int64(row, 1, j->new_erased[i]);
        if (!file_row(j->file, row, &s))
            return s == OK ? E_CORRUPT : s;
        u32 first = (u32)sqlite3_column_int64(row, 0);
        i64 next = sqlite3_column_int64(row, 1); /* 0: it is the last row */
        sqlite3_reset(row);
        done_first = first;
        done_last = next > 0 ? (u32)next - 1 : j->people.logged;
        people_write(&j->people, first, done_last, &j->blob);
        TRY(put_blob(j, SQL_PERSON_PUT, first, j->blob.p, j->blob.len));
    }
    return OK;
}

static enum status put_seen(struct journey *j)
{
    sqlite3_stmt *s = file_stmt(j->file, SQL_SEEN_CUT);

    sqlite3_bind_int64(s, 1, 2 * (i64)SEEN_IDS * (i64)sizeof *j->new_ids);
    TRY(file_run(j->file, s));
    if (j->new_id_count == 0)
        return OK;
    size_t bytes = j->new_id_count * sizeof *j->new_ids;
    arena_reset(j->scratch);
    char *blob = arena_alloc(j->scratch, BLOB_HEAD_BYTES + bytes, 1);
    memcpy(blob + BLOB_HEAD_BYTES, j->new_ids, bytes);
    blob_seal(blob, BLOB_HEAD_BYTES + bytes,
              (struct blob_head){ .type = BLOB_SEEN,
                                  .count = j->new_id_count,
                                  .max_s = (u32)(j->newest_id_ms / MS_SECOND) });
    return put_blob(j, SQL_SEEN_PUT, j->newest_id_ms, blob, BLOB_HEAD_BYTES + bytes);
}

enum status put_meta(struct journey *j, const char *key, u64 value)
{
    sqlite3_stmt *s = file_stmt(j->file, SQL_META_PUT);

    sqlite3_bind_text(s, 1, key, -1, SQLITE_STATIC);
    sqlite3_bind_int64(s, 2, (i64)value);
    return file_run(j->file, s);
}

static enum status put_all(struct journey *j, struct flush *f, u32 *strays)
{
    TRY(f->status);
    TRY(file_run(j->file, file_stmt(j->file, SQL_BEGIN)));
    TRY(j->backend->put(j, f));
    TRY(put_names(j));
    TRY(put_links(j));
    TRY(put_strays(j, strays));
    TRY(put_erased(j));
    TRY(put_seen(j));
    TRY(put_meta(j, "last_seq", j->next_seq - 1));
    TRY(put_meta(j, "outbox_seq", j->outbox_seq));
    TRY(put_meta(j, "erasing", j->erasing));
    TRY(put_meta(j, "linked", (u64)j->log_id));
    u64 run_seq = f->tail_count > 0 ? f->tail[f->tail_count - 1]->last_seq : 0;
    TRY(put_meta(j, "run_seq", run_seq > j->run_seq ? run_seq : j->run_seq));
    sqlite3_stmt *cut = file_stmt(j->file, SQL_LOG_CUT);
    sqlite3_bind_int64(cut, 1, f->log_id);
    TRY(file_run(j->file, cut));
    return file_run(j->file, file_stmt(j->file, SQL_COMMIT));
}

enum status flush_commit(struct journey *j, struct flush *f)
{
    u64 begun = clock_mono_ns();
    u32 strays = 0;
    enum status s = put_all(j, f, &strays);

    arena_reset(j->scratch);
    if (s != OK) {
        if (f->status == OK && file_run(j->file, file_stmt(j->file, SQL_ROLLBACK)) != OK)
            log_line(LOG_WARN, "journey.rollback", "after=%s", status_word(s));
        j->backend->placed(j, f, s);
        flush_free(f);
        return s;
    }
    j->cut_log_id = f->log_id;
    for (u8 d = 1; d < DICT_COUNT; d++)
        j->dicts[d].settled = j->dicts[d].logged;
    j->people.settled = j->people.logged;
    j->people.strays_settled = strays;
    j->linked_log_id = j->log_id;
    if (f->tail_count > 0)
        j->run_seq = f->tail[f->tail_count - 1]->last_seq;
    j->new_link_count = j->new_id_count = j->new_erased_count = 0;
    buf_free(&j->blob); /* names in bulk may have made it large */
    for (size_t i = 0; i < f->tail_count; i++)
        j->tail_events -= f->tail[i]->events;
    j->backend->placed(j, f, OK);
    state_replace(j, f->tail_count, f->made, f->made_count);
    log_line(LOG_DEBUG, "journey.flush", "runs=%zu ms=%llu", f->made_count,
             (unsigned long long)((clock_mono_ns() - begun) / 1000000));
    f->made_count = 0; /* the state owns them */
    flush_free(f);
    return OK;
}
