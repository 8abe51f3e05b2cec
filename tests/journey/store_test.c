/* What the event store promises one by one: limits, ids, names, people, listeners, its lock, a full
 * disk, damage. */
#include "model.h"
#include <fcntl.h>
#include <pthread.h>
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static const i64 NOW_MS = 1763890000000; /* November 2025 */

struct fixture {
    struct arena *arena;
    struct clock clock;
    struct ctx cx;
    struct journey *j;
    char path[64];
    u32 visitor, contact;
};

static int open_with(struct fixture *f, struct journey_options o)
{
    o.path = f->path;
    o.clock = &f->clock;
    o.no_background = true;
    ctx_clear_error(&f->cx);
    return journey_open(&f->cx, &o, &f->j);
}

static void reopen(struct fixture *f)
{
    journey_close(f->j);
    f->j = NULL;
    if (open_with(f, (struct journey_options){ 0 }) != OK)
        fail_msg("%s", f->cx.error_text);
}

static int setup(void **state)
{
    struct fixture *f = calloc(1, sizeof *f);

    f->arena = arena_new(1 << 16);
    f->clock.fixed_ms = NOW_MS;
    ctx_init(&f->cx, f->arena, &f->clock);
    snprintf(f->path, sizeof f->path, "/tmp/furrow-store-%d.db", (int)getpid());
    if (open_with(f, (struct journey_options){ 0 }) != OK)
        return 1;
    f->visitor = journey_person(f->j, PERSON_VISITOR, 77);
    f->contact = journey_person(f->j, PERSON_CONTACT, 77);
    *state = f;
    return 0;
}

static int teardown(void **state)
{
    static const char *const ends[] = { "", "-wal", "-shm", "-lock" };
    struct fixture *f = *state;
    char name[96];

    journey_close(f->j);
    for (size_t i = 0; i < countof(ends); i++) {
        snprintf(name, sizeof name, "%s%s", f->path, ends[i]);
        unlink(name);
    }
    arena_free(f->arena);
    free(f);
    return 0;
}

static struct event at(const struct fixture *f, i64 ms)
{
    return (struct event){ .at_ms = ms, .person = f->visitor, .kind = 1 };
}

static enum status put(struct fixture *f, struct event e)
{
    ctx_clear_error(&f->cx);
    return journey_append_wait(&f->cx, f->j, &e, 1);
}

static u64 stored(struct fixture *f)
{
    struct journey_stats s;

    journey_stats(f->j, &s);
    return s.events;
}

static void what_cannot_be_is_refused(void **state)
{
    struct fixture *f = *state;
    char *props = calloc(1, LIMIT_EVENT_PROPS_BYTES + 2);
    struct event *many = calloc(LIMIT_EVENT_BATCH + 1, sizeof *many);
    memset(props, ' ', LIMIT_EVENT_PROPS_BYTES + 1);
    const struct {
        struct event event;
        enum status status;
    } cases[] = {
        { { .at_ms = NOW_MS, .kind = 1, .person = f->visitor }, OK },
        { { .at_ms = NOW_MS, .kind = 0, .person = f->visitor }, E_INVALID },
        { { .at_ms = NOW_MS, .kind = 1, .person = 0 }, E_INVALID },
        { { .at_ms = NOW_MS, .kind = 1, .person = f->contact + 1 }, E_INVALID },
        { { .at_ms = -1, .kind = 1, .person = f->visitor }, E_INVALID },
        { { .at_ms = 4294967296000, .kind = 1, .person = f->visitor }, E_INVALID },
        { { .at_ms = 4294967295000, .kind = 65535, .person = f->visitor }, OK },
        { { .at_ms = NOW_MS, .kind = 1, .person = f->visitor, .props = props }, E_TOO_LARGE },
        { { .at_ms = NOW_MS, .kind = 1, .person = f->visitor, .props = props + 1 }, OK },
    };

    for (size_t i = 0; i < countof(cases); i++)
        assert_int_equal(put(f, cases[i].event), cases[i].status);
    for (u32 i = 0; i <= LIMIT_EVENT_BATCH; i++)
        many[i] = at(f, NOW_MS + i);
    assert_int_equal(journey_append_wait(&f->cx, f->j, many, LIMIT_EVENT_BATCH + 1), E_LIMIT);
    many[LIMIT_EVENT_BATCH / 2].kind = 0; /* all or none */
    ctx_clear_error(&f->cx);
    assert_int_equal(journey_append_wait(&f->cx, f->j, many, LIMIT_EVENT_BATCH), E_INVALID);
    assert_int_equal(stored(f), 3);
    many[LIMIT_EVENT_BATCH / 2].kind = 1;
    assert_int_equal(journey_append_wait(&f->cx, f->j, many, LIMIT_EVENT_BATCH), OK);
    assert_int_equal(journey_append_wait(&f->cx, f->j, NULL, 0), OK);
    assert_int_equal(stored(f), 3 + LIMIT_EVENT_BATCH);
    free(many);
    free(props);
}

/* However long ago, and whoever came in between; also what only the file knows since the start. */
static void a_known_id_is_stored_once(void **state)
{
    struct fixture *f = *state;
    struct event e = at(f, NOW_MS), twice[2];
    enum { DAY = MS_DAY };

    e.id = 0xfeedf00d;
    twice[0] = twice[1] = e;
    assert_int_equal(journey_append_wait(&f->cx, f->j, twice, 2), OK);
    assert_int_equal(stored(f), 1);
    assert_int_equal(put(f, e), OK);
    reopen(f);
    assert_int_equal(put(f, e), OK);
    assert_int_equal(journey_flush(&f->cx, f->j), OK);
    reopen(f);
    assert_int_equal(put(f, e), OK);
    assert_int_equal(stored(f), 1);
    for (u64 id = 1; id < 2000; id++) { /* others come, and time passes */
        struct event other = at(f, NOW_MS);
        other.id = id * 7919;
        assert_int_equal(put(f, other), OK);
        assert_int_equal(put(f, other), OK);
        if (id % 700 == 0) {
            assert_int_equal(journey_flush(&f->cx, f->j), OK);
            f->clock.fixed_ms += 200 * (i64)DAY;
        }
    }
    assert_int_equal(stored(f), 2000);
    reopen(f);
    for (u64 id = 1; id < 2000; id++) {
        struct event other = at(f, NOW_MS);
        other.id = id * 7919;
        assert_int_equal(put(f, other), OK);
    }
    assert_int_equal(put(f, e), OK);
    assert_int_equal(stored(f), 2000);
}

static void the_outbox_number_moves_with_its_events(void **state)
{
    struct fixture *f = *state;
    struct event e = at(f, NOW_MS), bad = at(f, -5);

    assert_int_equal(journey_outbox_seq(f->j), 0);
    assert_int_equal(journey_append_outbox(&f->cx, f->j, &e, 1, 41), OK);
    assert_int_equal(journey_append_outbox(&f->cx, f->j, &bad, 1, 50), E_INVALID);
    assert_int_equal(journey_outbox_seq(f->j), 41);
    ctx_clear_error(&f->cx);
    assert_int_equal(journey_append_outbox(&f->cx, f->j, NULL, 0, 42),
                     OK); /* rows without an event */
    reopen(f);
    assert_int_equal(journey_outbox_seq(f->j), 42);
    assert_int_equal(journey_flush(&f->cx, f->j), OK);
    reopen(f);
    assert_int_equal(journey_outbox_seq(f->j), 42);
    assert_int_equal(stored(f), 1);
}

static void names_have_codes_and_a_ceiling(void **state)
{
    struct fixture *f = *state;
    char name[3000], text[2001];
    enum { MAX = 50 };

    journey_close(f->j);
    assert_int_equal(open_with(f, (struct journey_options){ .names_max = MAX }), OK);
    assert_int_equal(journey_intern(f->j, DICT_PAGE, STR("")), 0);
    for (u32 i = 1; i < MAX; i++) {
        snprintf(name, sizeof name, "/page/%u", i);
        assert_int_equal(journey_code(f->j, DICT_PAGE, str_from(name)), 0);
        assert_int_equal(journey_intern(f->j, DICT_PAGE, str_from(name)), i);
        assert_int_equal(journey_intern(f->j, DICT_PAGE, str_from(name)), i);
    }
    for (u32 i = 0; i < 1000; i++) { /* whoever invents names gets one for all of them */
        snprintf(name, sizeof name, "/invented/%u", i);
        assert_int_equal(journey_intern(f->j, DICT_PAGE, str_from(name)), MAX);
    }
    assert_string_equal(journey_name(f->j, DICT_PAGE, MAX), "(other)");
    assert_string_equal(journey_name(f->j, DICT_PAGE, 7), "/page/7");
    assert_string_equal(journey_name(f->j, DICT_PAGE, 0), "");
    assert_string_equal(journey_name(f->j, DICT_PAGE, MAX + 1), "");
    assert_int_equal(journey_intern(f->j, DICT_SOURCE, STR("google.com")), 1); /* one each */

    memset(name, 'x', sizeof name);
    memcpy(name + 1999, "ä", 2); /* cut before it, not through it */
    u32 code = journey_intern(f->j, DICT_CAMPAIGN, (struct str){ name, sizeof name });
    memset(text, 'x', 1999);
    text[1999] = '\0';
    assert_string_equal(journey_name(f->j, DICT_CAMPAIGN, code), text);

    f->visitor = journey_person(f->j, PERSON_VISITOR, 1);
    assert_int_equal(put(f, at(f, NOW_MS)), OK);
    for (int flushed = 0; flushed < 2; flushed++) {
        journey_close(f->j);
        assert_int_equal(open_with(f, (struct journey_options){ .names_max = MAX }), OK);
        assert_string_equal(journey_name(f->j, DICT_PAGE, 7), "/page/7");
        assert_int_equal(journey_code(f->j, DICT_PAGE, STR("/page/49")), 49);
        assert_int_equal(journey_intern(f->j, DICT_PAGE, STR("/new")), MAX);
        assert_int_equal(journey_code(f->j, DICT_CAMPAIGN, str_from(text)), code);
        assert_int_equal(journey_flush(&f->cx, f->j), OK);
    }
}

static void visitors_become_contacts_and_can_go_back(void **state)
{
    struct fixture *f = *state;
    u32 tablet = journey_person(f->j, PERSON_VISITOR, 78),
        other = journey_person(f->j, PERSON_CONTACT, 78);
    u32 *list;
    size_t n;
    enum person_kind kind;
    u64 key;

    assert_int_equal(journey_person(f->j, PERSON_VISITOR, 77), f->visitor);
    assert_int_equal(journey_person_find(f->j, PERSON_CONTACT, 79), 0);
    assert_int_equal(journey_alias(&f->cx, f->j, tablet, f->contact, 20), OK);
    assert_int_equal(journey_alias(&f->cx, f->j, f->visitor, f->contact, 10), OK);
    assert_int_equal(journey_alias(&f->cx, f->j, f->visitor, f->contact, 30), OK);
    assert_int_equal(journey_alias(&f->cx, f->j, f->visitor, other, 30), E_CONFLICT);
    ctx_clear_error(&f->cx);
    assert_int_equal(journey_alias(&f->cx, f->j, f->contact, f->visitor, 30), E_INVALID);
    ctx_clear_error(&f->cx);
    assert_int_equal(journey_alias(&f->cx, f->j, f->contact, f->contact, 30), E_INVALID);
    ctx_clear_error(&f->cx);
    assert_int_equal(journey_alias(&f->cx, f->j, 999, f->contact, 30), E_INVALID);
    ctx_clear_error(&f->cx);
    assert_int_equal(journey_person_find(f->j, PERSON_VISITOR, 77), f->contact);
    assert_int_equal(journey_person(f->j, PERSON_VISITOR, 77),
                     f->visitor); /* events keep their own */
    reopen(f);
    assert_int_equal(journey_aliases(&f->cx, f->j, f->contact, &list, &n), OK);
    assert_int_equal(n, 2);
    assert_int_equal(list[0], f->visitor); /* oldest first */
    assert_int_equal(list[1], tablet);

    assert_int_equal(journey_alias(&f->cx, f->j, f->contact, other, 40), OK); /* contacts merged */
    assert_int_equal(journey_root(f->j, tablet), other);
    assert_int_equal(journey_flush(&f->cx, f->j), OK);
    reopen(f);
    assert_int_equal(journey_root(f->j, tablet), other);
    assert_int_equal(journey_unalias(&f->cx, f->j, f->contact), OK);
    assert_int_equal(journey_unalias(&f->cx, f->j, f->contact), E_NOT_FOUND);
    ctx_clear_error(&f->cx);
    assert_int_equal(journey_flush(&f->cx, f->j), OK);
    reopen(f);
    assert_int_equal(journey_root(f->j, tablet), f->contact);
    assert_true(journey_person_key(f->j, f->contact, &kind, &key));
    assert_int_equal(kind, PERSON_CONTACT);
    assert_int_equal(key, 77);
    assert_false(journey_person_key(f->j, 999, &kind, &key));
}

static void a_shared_browser_can_be_split(void **state)
{
    struct fixture *f = *state;

    assert_int_equal(journey_alias(&f->cx, f->j, f->visitor, f->contact, 10), OK);
    u32 fresh = journey_split(f->j, f->visitor);
    assert_int_not_equal(fresh, f->visitor);
    assert_int_equal(journey_split(f->j, 999), 0);
    for (int again = 0; again < 3; again++) {
        assert_int_equal(journey_person(f->j, PERSON_VISITOR, 77), fresh);
        assert_int_equal(journey_root(f->j, fresh), fresh);
        assert_int_equal(journey_root(f->j, f->visitor), f->contact);
        assert_int_equal(put(f, at(f, NOW_MS)), OK);
        if (again == 1)
            assert_int_equal(journey_flush(&f->cx, f->j), OK);
        reopen(f);
    }
}

struct heard {
    u64 events, batches, last_seq;
};

static void hear(void *arg, const struct event *events, size_t count)
{
    struct heard *h = arg;

    for (size_t i = 0; i < count; i++) {
        assert_int_equal(events[i].seq, h->last_seq + 1);
        h->last_seq = events[i].seq;
        assert_string_equal(events[i].props, "{\"a\":1}");
    }
    h->events += count;
    h->batches++;
}

static void listeners_hear_each_stored_event_once(void **state)
{
    struct fixture *f = *state;
    struct heard h = { 0 };
    struct event e[3];

    journey_listen(f->j, hear, &h);
    for (int i = 0; i < 50; i++) {
        for (int k = 0; k < 3; k++) {
            e[k] = at(f, NOW_MS - i);
            e[k].props = "{\"a\":1}";
            e[k].id = k == 2 ? 5 : 0; /* known after the first time */
        }
        assert_int_equal(journey_append_wait(&f->cx, f->j, e, 3), OK);
    }
    e[0].kind = 0;
    assert_int_equal(journey_append_wait(&f->cx, f->j, e, 3), E_INVALID);
    assert_int_equal(journey_flush(&f->cx, f->j),
                     OK); /* the listener has run before this is answered */
    assert_int_equal(h.events, 101);
    assert_int_equal(h.batches, 50);
}

static void one_process_has_it(void **state)
{
    struct fixture *f = *state;
    struct journey_options o = { .path = f->path };
    struct journey *second = NULL;

    assert_int_equal(journey_open(&f->cx, &o, &second), E_BUSY);
    assert_non_null(strstr(f->cx.error_text, "in use"));
    assert_null(second);
    assert_int_equal(put(f, at(f, NOW_MS)), OK); /* the first is not disturbed */
    reopen(f);
    assert_int_equal(stored(f), 1);
}

static void a_temporary_store_leaves_nothing(void **state)
{
    struct fixture *f = *state;
    struct journey_options o = { 0 };
    struct journey *j;
    struct event e = at(f, NOW_MS);

    assert_int_equal(journey_open(&f->cx, &o, &j), OK);
    e.person = journey_person(j, PERSON_CONTACT, 5);
    assert_int_equal(journey_append_wait(&f->cx, j, &e, 1), OK);
    journey_close(j);
    journey_close(NULL);
}

struct totals {
    u64 events, people;
};

static void add_totals(void *acc, const struct journey_view *v)
{
    struct totals *t = acc;

    t->events += v->count;
    t->people++;
}

static u64 walked(struct fixture *f)
{
    struct totals t = { 0 };
    void *acc = &t;
    struct journey_plan p = { .visit = add_totals };

    ctx_clear_error(&f->cx);
    assert_int_equal(journey_walk(&f->cx, f->j, &p, &acc, 1), OK);
    return t.events;
}

static void a_full_disk_stops_writes_not_reads(void **state)
{
    struct fixture *f = *state;
    enum { BATCH = 500 };
    static struct event e[BATCH];
    struct event *timeline;
    enum status s = OK;
    u64 stored_events = 0;
    size_t n;

    journey_close(f->j);
    assert_int_equal(open_with(f, (struct journey_options){ .max_bytes = 1 << 20 }), OK);
    f->visitor = journey_person(f->j, PERSON_VISITOR, 77);
    for (u64 i = 0; s == OK && i < 1000; i++) {
        for (u32 k = 0; k < BATCH; k++) {
            e[k] = at(f, NOW_MS + k);
            e[k].id = i * BATCH + k + 1;
            e[k].record = (i64)e[k].id;
        }
        ctx_clear_error(&f->cx);
        s = journey_append_wait(&f->cx, f->j, e, BATCH);
        stored_events += s == OK ? BATCH : 0;
        if (i == 20)
            assert_int_equal(journey_flush(&f->cx, f->j), OK);
    }
    assert_int_equal(s, E_FULL);
    assert_true(stored_events > 20 * BATCH);
    assert_int_equal(walked(f), stored_events);
    assert_int_equal(journey_timeline(&f->cx, f->j, f->visitor, 0, 0, 10, &timeline, &n), OK);
    assert_int_equal(n, 10);
    u64 last = e[0].id; /* of the batch that was refused */
    reopen(f);
    assert_int_equal(walked(f), stored_events);
    e[0].id = last;
    assert_int_equal(journey_append_wait(&f->cx, f->j, e, BATCH),
                     OK); /* sent again: now it is stored */
    assert_int_equal(journey_append_wait(&f->cx, f->j, e, BATCH), OK);
    assert_int_equal(walked(f), stored_events + BATCH);
    assert_int_equal(journey_verify(&f->cx, f->j), OK);
}

/* ---- damage ---- */

enum { LOG = 1, RUN, COLUMN, NAMES, PEOPLE, SEEN };

/* Flips one bit behind the head of the n-th blob of this type and item in the file. */
static void flip(const char *path, u8 type, u8 item, size_t behind)
{
    struct stat st;
    int fd = open(path, O_RDWR);

    assert_int_equal(fstat(fd, &st), 0);
    char *file = malloc((size_t)st.st_size),
         magic[8] = { 'J', 'R', 'N', '1', 1, 0, (char)type, (char)item };
    assert_int_equal(pread(fd, file, (size_t)st.st_size, 0), st.st_size);
    char *found = memmem(file, (size_t)st.st_size, magic, sizeof magic);
    assert_non_null(found);
    char byte = (char)(found[32 + behind] ^ 0x10);
    assert_int_equal(pwrite(fd, &byte, 1, found + 32 + behind - file), 1);
    close(fd);
    free(file);
}

static void fill(struct fixture *f, u32 n)
{
    struct event *e = calloc(n, sizeof *e);
    u64 seed = 9;

    for (u32 i = 0; i < n; i++) {
        e[i] = (struct event){ .at_ms = NOW_MS + random_below(&seed, 1 << 29), .kind = 1 };
        e[i].person = journey_person(f->j, PERSON_VISITOR, random_below(&seed, 100));
        e[i].page = 1 + random_below(&seed, 200);
        e[i].channel = (u8)random_below(&seed, 9);
        e[i].value = random_below(&seed, 40) == 0 ? 5 : 0;
        e[i].props = i % 3 ? NULL : "{\"plan\":\"pro\"}";
    }
    journey_intern(f->j, DICT_PAGE, STR("/pricing"));
    assert_int_equal(journey_append_wait(&f->cx, f->j, e, n), OK);
    free(e);
}

static void a_flipped_bit_is_found_and_named(void **state)
{
    static const struct {
        u8 type, item;
        bool flushed, opens;
        const char *says;
    } cases[] = {
        { COLUMN, 0, true, true, "column 'directory': checksum" },
        { COLUMN, 1, true, true, "column 'time': checksum" },
        { COLUMN, 8, true, true, "column 'page': checksum" },
        { COLUMN, 13, true, true, "column 'value': checksum" },
        { COLUMN, 16, true, true, "column 'props': checksum" },
        { RUN, 0, true, false, "run 1: checksum" },
        { NAMES, DICT_PAGE, true, false, "name 1: checksum" },
        { PEOPLE, 0, true, false, "person 1: checksum" },
        { LOG, 0, false, false, "log 1: checksum" },
    };
    struct fixture *f = *state;

    for (size_t i = 0; i < countof(cases); i++) {
        struct totals t;
        void *acc = &t;
        struct journey_plan p = { .visit = add_totals, .props = true };
        journey_close(f->j);
        f->j = NULL;
        unlink(f->path);
        assert_int_equal(open_with(f, (struct journey_options){ 0 }), OK);
        fill(f, 900);
        if (cases[i].flushed)
            assert_int_equal(journey_flush(&f->cx, f->j), OK);
        assert_int_equal(journey_verify(&f->cx, f->j), OK);
        journey_close(f->j);
        f->j = NULL;
        flip(f->path, cases[i].type, cases[i].item, 7);
        enum status s = open_with(f, (struct journey_options){ 0 });
        assert_int_equal(s, cases[i].opens ? OK : E_CORRUPT);
        if (cases[i].opens) {
            assert_int_equal(journey_walk(&f->cx, f->j, &p, &acc, 1), E_CORRUPT);
            assert_non_null(strstr(f->cx.error_text, cases[i].says));
            ctx_clear_error(&f->cx);
            assert_int_equal(journey_verify(&f->cx, f->j), E_CORRUPT);
        }
        if (strstr(f->cx.error_text, cases[i].says) == NULL)
            fail_msg("case %zu: '%s' lacks '%s'", i, f->cx.error_text, cases[i].says);
    }
}

/* Events with ids are refused, since they may be there already; all others come and are read. */
static void damaged_ids_hold_up_only_events_with_ids(void **state)
{
    struct fixture *f = *state;
    struct event e = at(f, NOW_MS);

    e.id = 77;
    assert_int_equal(put(f, e), OK);
    assert_int_equal(journey_flush(&f->cx, f->j), OK);
    journey_close(f->j);
    flip(f->path, SEEN, 0, 3);
    assert_int_equal(open_with(f, (struct journey_options){ 0 }), OK);
    assert_int_equal(put(f, e), E_CORRUPT);
    assert_int_equal(put(f, at(f, NOW_MS)), OK);
    assert_int_equal(stored(f), 2);
    assert_int_equal(journey_verify(&f->cx, f->j), E_CORRUPT);
    assert_non_null(strstr(f->cx.error_text, "seen 1: checksum"));
    ctx_clear_error(&f->cx);
}

static void sql(const char *path, const char *text)
{
    sqlite3 *db;

    assert_int_equal(sqlite3_open(path, &db), SQLITE_OK);
    assert_int_equal(sqlite3_exec(db, text, NULL, NULL, NULL), SQLITE_OK);
    sqlite3_close(db);
}

/* ---- merging ---- */

static u64 number(const char *path, const char *query)
{
    sqlite3 *db;
    sqlite3_stmt *s;

    assert_int_equal(sqlite3_open(path, &db), SQLITE_OK);
    assert_int_equal(sqlite3_prepare_v2(db, query, -1, &s, NULL), SQLITE_OK);
    assert_int_equal(sqlite3_step(s), SQLITE_ROW);
    u64 n = (u64)sqlite3_column_int64(s, 0);
    sqlite3_finalize(s);
    sqlite3_close(db);
    return n;
}

/* Whole journeys, to compare. */
static struct seen_people everybody(struct fixture *f)
{
    struct seen_people seen = { 0 };
    struct journey_plan p = { .visit = seen_visit, .props = true };
    void *acc = &seen;

    assert_int_equal(journey_walk(&f->cx, f->j, &p, &acc, 1), OK);
    seen_add_up(&seen, &(struct seen_people){ 0 });
    return seen;
}

/* Ties across runs, two months, a few people. */
static void twelve_flushes(struct fixture *f)
{
    for (u32 flush = 0; flush < 12; flush++) {
        for (u32 i = 0; i < 40; i++) {
            struct event e =
                at(f, NOW_MS - (i64)((flush * 7 + i) % 5) * 1000 - (i % 3 == 0) * 40ll * MS_DAY);
            e.person = i % 4 ? f->visitor : f->contact;
            e.value = i % 2 ? (i64)(flush * 100 + i) : 0;
            e.props = i % 5 ? NULL : "{\"name\":\"x\"}";
            assert_int_equal(journey_append_wait(&f->cx, f->j, &e, 1), OK);
        }
        assert_int_equal(journey_flush(&f->cx, f->j), OK);
    }
}

static void runs_of_a_month_become_one_and_say_the_same(void **state)
{
    struct fixture *f = *state;
    struct journey_stats before, after;
    struct seen_people was, is;
    struct event *then, *now;
    size_t n, m;

    twelve_flushes(f);
    was = everybody(f);
    journey_stats(f->j, &before);
    assert_int_equal(before.runs, 24);
    assert_int_equal(journey_since(&f->cx, f->j, 0, 1000, &then, &n), OK);
    assert_int_equal(journey_merge(&f->cx, f->j), OK);
    journey_stats(f->j, &after);
    assert_int_equal(after.runs, 2);
    assert_int_equal(after.events, before.events);
    for (int again = 0; again < 2; again++) { /* and after a start */
        is = everybody(f);
        assert_people(&is, &was, 0, true);
        seen_free(&is);
        assert_int_equal(journey_since(&f->cx, f->j, 0, 1000, &now, &m), OK);
        assert_int_equal(m, n);
        for (size_t i = 0; i < n; i++)
            assert_event(&now[i], &then[i], 0, true);
        if (journey_verify(&f->cx, f->j) != OK)
            fail_msg("%s", f->cx.error_text);
        reopen(f);
    }
    seen_free(&was);
}

static void one_late_event_keeps_no_runs_apart(void **state)
{
    struct fixture *f = *state;
    struct journey_stats st;

    for (u32 flush = 0; flush < 9; flush++) {
        for (u32 i = 0; i < (flush == 0 ? 1 : 40); i++)
            assert_int_equal(put(f, at(f, NOW_MS + flush * 1000 + i)), OK);
        assert_int_equal(journey_flush(&f->cx, f->j), OK);
    }
    assert_int_equal(journey_merge(&f->cx, f->j), OK);
    journey_stats(f->j, &st);
    assert_int_equal(st.runs, 1);
    assert_int_equal(st.events, 321);
}

/* Links that are made while the tables are written are in both, tables and log. */
static void links_of_log_and_tables_agree(void **state)
{
    struct fixture *f = *state;
    u32 other = journey_person(f->j, PERSON_CONTACT, 78);

    for (int i = 0; i < 20; i++)
        assert_int_equal(put(f, at(f, NOW_MS + i)), OK);
    assert_int_equal(journey_flush(&f->cx, f->j), OK);
    reopen(f); /* with an empty log: what comes now is not taken for what the tables hold */
    assert_int_equal(journey_alias(&f->cx, f->j, f->visitor, f->contact, NOW_MS), OK);
    reopen(f);
    assert_int_equal(journey_root(f->j, f->visitor), f->contact);
    assert_int_equal(journey_unalias(&f->cx, f->j, f->visitor), OK);
    assert_int_equal(journey_alias(&f->cx, f->j, f->contact, other, NOW_MS), OK);
    assert_int_equal(journey_alias(&f->cx, f->j, f->visitor, other, NOW_MS), OK);
    reopen(f);
    assert_int_equal(journey_root(f->j, f->visitor), other);
    assert_int_equal(journey_erase(&f->cx, f->j, 12345), E_NOT_FOUND);
    ctx_clear_error(&f->cx);
}

/* In the background, beside flushes: there and back, and the other way round. */
static void links_may_turn_round_while_a_flush_is_under_way(void **state)
{
    struct fixture *f = *state;
    struct journey_options o = { .path = f->path, .clock = &f->clock, .flush_events = 50 };
    static struct event batch[60];

    journey_close(f->j);
    assert_int_equal(journey_open(&f->cx, &o, &f->j), OK);
    u32 a = journey_person(f->j, PERSON_CONTACT, 1), b = journey_person(f->j, PERSON_CONTACT, 2);
    for (u32 round = 0; round < 40; round++) {
        for (u32 i = 0; i < countof(batch); i++)
            batch[i] =
                (struct event){ .at_ms = NOW_MS + round, .person = i % 2 ? a : b, .kind = 1 };
        assert_int_equal(journey_append_wait(&f->cx, f->j, batch, countof(batch)), OK);
        assert_int_equal(journey_alias(&f->cx, f->j, a, b, NOW_MS), OK);
        assert_int_equal(journey_unalias(&f->cx, f->j, a), OK);
        assert_int_equal(journey_alias(&f->cx, f->j, b, a, NOW_MS), OK);
        journey_close(f->j);
        if (journey_open(&f->cx, &o, &f->j) != OK)
            fail_msg("%s", f->cx.error_text);
        assert_int_equal(journey_root(f->j, b), a);
        assert_int_equal(journey_unalias(&f->cx, f->j, b), OK);
    }
}

/* How often eight bytes stand in the store's files. */
static int times_in_files(const struct fixture *f, u64 pattern)
{
    static const char *const ends[] = { "", "-wal" };
    int times = 0;

    for (size_t i = 0; i < countof(ends); i++) {
        char name[96];
        struct stat st;
        snprintf(name, sizeof name, "%s%s", f->path, ends[i]);
        FILE *in = fopen(name, "rb");
        if (in == NULL)
            continue;
        assert_int_equal(fstat(fileno(in), &st), 0);
        char *all = malloc((size_t)st.st_size + 1), *at = all;
        size_t left = fread(all, 1, (size_t)st.st_size, in);
        for (char *hit; (hit = memmem(at, left, &pattern, sizeof pattern)) != NULL; at = hit + 1) {
            left -= (size_t)(hit + 1 - at);
            times++;
        }
        free(all);
        fclose(in);
    }
    return times;
}

/* A visitor with a key and values that can be told, of a contact with the same; and others. */
static const u64 erased_key = 0x1f2e3d4c5b6a7988, erased_value = 0x1122334455667788;

static void somebody_and_others(struct fixture *f, u32 *visitor, u32 *contact)
{
    *visitor = journey_person(f->j, PERSON_VISITOR, erased_key);
    *contact = journey_person(f->j, PERSON_CONTACT, erased_key);
    for (u32 i = 0; i < 300; i++) {
        struct event e = at(f, NOW_MS + i * 1000);
        if (i % 3 == 0) {
            e.person = i % 2 ? *visitor : *contact;
            e.value = (i64)erased_value;
            e.record = (i64)erased_value;
        }
        assert_int_equal(put(f, e), OK);
    }
    assert_int_equal(journey_alias(&f->cx, f->j, *visitor, *contact, NOW_MS), OK);
}

static void what_is_erased_leaves_the_file(void **state)
{
    struct fixture *f = *state;

    for (int way = 0; way < 4; way++) { /* from the log, a run, a run sorted again, after a start */
        struct event *events;
        u32 visitor, contact;
        size_t n;
        u64 before = stored(f);
        somebody_and_others(f, &visitor, &contact);
        if (way > 0)
            assert_int_equal(journey_flush(&f->cx, f->j), OK);
        if (way == 2)
            assert_int_equal(journey_merge(&f->cx, f->j), OK);
        if (way > 0)
            assert_true(times_in_files(f, erased_value) > 0);
        assert_true(times_in_files(f, erased_key) > 0);
        assert_int_equal(journey_erase(&f->cx, f->j, way % 2 ? visitor : contact), OK);
        assert_int_equal(journey_timeline(&f->cx, f->j, visitor, 0, 0, 10, &events, &n), OK);
        assert_int_equal(n, 0);
        assert_int_equal(journey_person_find(f->j, PERSON_VISITOR, erased_key), 0);
        if (way == 3)
            reopen(f);
        assert_int_equal(journey_merge(&f->cx, f->j), OK);
        assert_int_equal(stored(f), before + 200);
        assert_int_equal(times_in_files(f, erased_value), 0);
        assert_int_equal(times_in_files(f, erased_key), 0);
        if (journey_verify(&f->cx, f->j) != OK)
            fail_msg("%s", f->cx.error_text);
        reopen(f);
        assert_int_equal(stored(f), before + 200);
        assert_int_equal(journey_since(&f->cx, f->j, 0, 10000, &events, &n), OK);
        assert_int_equal(n, before + 200);
        assert_int_not_equal(journey_person(f->j, PERSON_VISITOR, erased_key), visitor);
    }
}

/* Bytes that were deleted before anybody thought of erasing lie in free pages. */
static void what_was_free_already_is_overwritten_too(void **state)
{
    struct fixture *f = *state;
    static struct event batch[4000];
    u64 secret;

    memcpy(&secret, "secret-x", sizeof secret);
    for (u32 round = 0; round < 4; round++) {
        for (u32 i = 0; i < countof(batch); i++)
            batch[i] = (struct event){ .at_ms = NOW_MS + i,
                                       .person = i % 4 ? f->visitor : f->contact,
                                       .kind = 1,
                                       .props = i % 4 ? "{\"n\":1}" : "{\"mail\":\"secret-x\"}" };
        assert_int_equal(journey_append_wait(&f->cx, f->j, batch, countof(batch)), OK);
    }
    assert_true(times_in_files(f, secret) > 0);
    assert_int_equal(journey_flush(&f->cx, f->j), OK);
    assert_true(times_in_files(f, secret) > 0); /* the log's pages are free, and say it still */
    assert_int_equal(journey_erase(&f->cx, f->j, f->contact), OK);
    assert_int_equal(journey_merge(&f->cx, f->j), OK);
    assert_int_equal(times_in_files(f, secret), 0);
    assert_int_equal(stored(f), 4 * 3000);
}

/* An idle store goes on by itself, and comes to an end. */
static void erasing_ends_by_itself(void **state)
{
    struct fixture *f = *state;
    struct journey_options o = { .path = f->path, .clock = &f->clock };
    struct journey_stats st = { 0 };

    for (u32 month = 0; month < 6; month++) {
        struct event e = at(f, NOW_MS - month * 31ll * MS_DAY);
        assert_int_equal(put(f, e), OK);
        e.person = f->contact;
        assert_int_equal(put(f, e), OK);
    }
    assert_int_equal(journey_alias(&f->cx, f->j, f->visitor, f->contact, NOW_MS), OK);
    assert_int_equal(journey_flush(&f->cx, f->j), OK);
    assert_int_equal(journey_unalias(&f->cx, f->j, f->visitor), OK); /* a stray under the contact */
    journey_close(f->j);
    assert_int_equal(journey_open(&f->cx, &o, &f->j), OK);
    assert_int_equal(journey_erase(&f->cx, f->j, f->visitor), OK);
    for (int i = 0; i < 2000 && (i == 0 || st.events != 6); i++) {
        journey_stats(f->j, &st);
        usleep(5000);
    }
    assert_int_equal(st.events, 6);
    usleep(300000); /* and nothing is sorted again after that */
    journey_stats(f->j, &st);
    u64 commits = st.bytes;
    usleep(300000);
    journey_stats(f->j, &st);
    assert_int_equal(st.bytes, commits);
    assert_int_equal(st.runs, 6);
}

/* All of a run, and the newest of all: arrivals are counted on from there. */
static void a_run_may_vanish(void **state)
{
    struct fixture *f = *state;
    struct journey_stats st;

    assert_int_equal(put(f, at(f, NOW_MS)), OK);
    assert_int_equal(put(f, at(f, NOW_MS + 1)), OK);
    u64 last = journey_last_seq(f->j);
    assert_int_equal(journey_erase(&f->cx, f->j, f->visitor), OK);
    assert_int_equal(journey_merge(&f->cx, f->j), OK);
    journey_stats(f->j, &st);
    assert_int_equal(st.runs, 0);
    assert_int_equal(st.events, 0);
    reopen(f);
    assert_int_equal(journey_last_seq(f->j), last);
    f->visitor = journey_person(f->j, PERSON_VISITOR, 77);
    assert_int_equal(put(f, at(f, NOW_MS)), OK);
    assert_int_equal(journey_last_seq(f->j), last + 1);
    reopen(f);
    assert_int_equal(stored(f), 1);
    struct event *events; /* who reads in order of arrival gets past what is gone */
    size_t n;
    assert_int_equal(journey_since(&f->cx, f->j, 0, 1, &events, &n), OK);
    assert_int_equal(n, 1);
    assert_int_equal(events[0].seq, last + 1);
}

static void the_store_merges_by_itself(void **state)
{
    struct fixture *f = *state;
    struct journey_options o = { .path = f->path, .clock = &f->clock, .flush_events = 100 };
    struct journey_stats s = { 0 };

    journey_close(f->j);
    assert_int_equal(journey_open(&f->cx, &o, &f->j), OK);
    f->visitor = journey_person(f->j, PERSON_VISITOR, 77);
    for (u32 i = 0; i < 4000; i++) {
        struct event e = at(f, NOW_MS + i);
        assert_int_equal(journey_append_wait(&f->cx, f->j, &e, 1), OK);
    }
    for (int i = 0; i < 1000; i++) { /* 40 flushes, if none waited for another */
        journey_stats(f->j, &s);
        if (s.runs < 16)
            break;
        usleep(5000);
        assert_int_equal(
            journey_append_wait(&f->cx, f->j, &(struct event){ NOW_MS, f->visitor, 1 }, 1), OK);
    }
    assert_true(s.runs < 16);
    assert_true(s.events >= 4000);
}

/* Columns that no run names: of a merge that was killed, or of runs that it had replaced. */
static void what_a_killed_merge_left_is_deleted(void **state)
{
    struct fixture *f = *state;
    struct seen_people was, is;

    twelve_flushes(f);
    was = everybody(f);
    journey_close(f->j);
    f->j = NULL;
    u64 columns = number(f->path, "SELECT count(*) FROM col");
    sql(f->path, "INSERT INTO col SELECT (900 << 8) | id & 255, data FROM col WHERE id >> 8 = 1");
    assert_int_equal(open_with(f, (struct journey_options){ 0 }), OK);
    is = everybody(f);
    assert_people(&is, &was, 0, true);
    seen_free(&is);
    seen_free(&was);
    journey_close(f->j);
    f->j = NULL;
    assert_int_equal(number(f->path, "SELECT count(*) FROM col"), columns);
}

static void another_version_is_told_apart(void **state)
{
    struct fixture *f = *state;

    fill(f, 900);
    assert_int_equal(journey_flush(&f->cx, f->j), OK);
    journey_close(f->j);
    f->j = NULL;
    sql(f->path, "UPDATE meta SET value = 3 WHERE key = 'format'");
    assert_int_equal(open_with(f, (struct journey_options){ 0 }), E_SCHEMA);
    sql(f->path, "UPDATE meta SET value = 2 WHERE key = 'format'");
    sql(f->path, "UPDATE meta SET value = value + 5 WHERE key = 'last_seq'"); /* a log cut short */
    assert_int_equal(open_with(f, (struct journey_options){ 0 }), E_CORRUPT);
    assert_non_null(strstr(f->cx.error_text, "missing at its end"));
    sql(f->path, "UPDATE meta SET value = value - 5 WHERE key = 'last_seq'");
    assert_int_equal(open_with(f, (struct journey_options){ 0 }), OK);
    assert_int_equal(walked(f), 900);
}

int main(void)
{
#define CASE(fn) cmocka_unit_test_setup_teardown(fn, setup, teardown)
    const struct CMUnitTest tests[] = {
        CASE(what_cannot_be_is_refused),
        CASE(a_known_id_is_stored_once),
        CASE(the_outbox_number_moves_with_its_events),
        CASE(names_have_codes_and_a_ceiling),
        CASE(visitors_become_contacts_and_can_go_back),
        CASE(a_shared_browser_can_be_split),
        CASE(listeners_hear_each_stored_event_once),
        CASE(one_process_has_it),
        CASE(a_temporary_store_leaves_nothing),
        CASE(a_full_disk_stops_writes_not_reads),
        CASE(a_flipped_bit_is_found_and_named),
        CASE(damaged_ids_hold_up_only_events_with_ids),
        CASE(another_version_is_told_apart),
        CASE(runs_of_a_month_become_one_and_say_the_same),
        CASE(links_of_log_and_tables_agree),
        CASE(links_may_turn_round_while_a_flush_is_under_way),
        CASE(one_late_event_keeps_no_runs_apart),
        CASE(what_is_erased_leaves_the_file),
        CASE(what_was_free_already_is_overwritten_too),
        CASE(erasing_ends_by_itself),
        CASE(a_run_may_vanish),
        CASE(the_store_merges_by_itself),
        CASE(what_a_killed_merge_left_is_deleted),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
