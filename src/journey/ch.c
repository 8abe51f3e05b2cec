/* ch.c -- the ClickHouse backend: address, tables, statements. See ch_int.h. */
#include "base/log.h"
#include "journey/ch_int.h"
#include <stdlib.h>
#include <string.h>

enum { PORT_DEFAULT = 8123, BACKEND_NUMBER = 1, EPOCH_SHIFT = 32, ARENA_BYTES = 16 * 1024 };

/* The sort key holds what a row is known by; a part of the table is about a month (a twelfth of an
 * average year), so that reports about a period leave the others alone. */
static const char EVENT_TABLE[] =
    "CREATE TABLE IF NOT EXISTS %s.event (owner UInt32, at_ms Int64, seq UInt64, ver UInt64,"
    " alive UInt8, person UInt32, kind UInt16, channel UInt8, device UInt8, country UInt16,"
    " flags UInt16, site UInt32, page UInt32, source UInt32, campaign UInt32, client UInt32,"
    " touch UInt32, value Int64, record Int64, props String)"
    " ENGINE = ReplacingMergeTree(ver) PARTITION BY intDiv(at_ms, 2629800000)"
    " ORDER BY (owner, at_ms, seq) SETTINGS index_granularity = 1024, old_parts_lifetime = 1";

/* ---- clients ---- */

struct http_client *ch_client(struct ch *ch)
{
    struct http_client *c = NULL;

    pthread_mutex_lock(&ch->lock);
    if (ch->idle_count > 0)
        c = ch->idle[--ch->idle_count];
    pthread_mutex_unlock(&ch->lock);
    return c != NULL ? c : http_client_new();
}

void ch_give(struct ch *ch, struct http_client *c)
{
    pthread_mutex_lock(&ch->lock);
    if (ch->idle_count < CH_CLIENTS_KEPT) {
        ch->idle[ch->idle_count++] = c;
        c = NULL;
    }
    pthread_mutex_unlock(&ch->lock);
    http_client_free(c);
}

/* ---- statements ---- */

struct answer {
    http_piece *piece;
    void *arg;
    char error[CH_ERROR_BYTES];
    size_t error_len;
};

static bool take(void *arg, int status, const char *bytes, size_t len)
{
    struct answer *a = arg;

    if (status == 200)
        return a->piece == NULL || a->piece(a->arg, status, bytes, len);
    size_t room = sizeof a->error - 1 - a->error_len;
    memcpy(a->error + a->error_len, bytes, len < room ? len : room);
    a->error_len += len < room ? len : room;
    return true;
}

/* The server's first line, without what its libraries add. */
static const char *first_line(char *text)
{
    char *end = strstr(text, ", e.what()");

    if (end != NULL)
        *end = '\0';
    text[strcspn(text, "\r\n")] = '\0';
    return text;
}

/* wait_end_of_query: the server keeps an answer until it is whole, so that an error in its midst is
 * a status of its own; otherwise 18.16 appends the error's text to the rows. */
enum status ch_ask(struct ctx *cx, struct ch *ch, struct http_client *c, u32 shard,
                   const struct buf *sql, http_piece *piece, void *arg)
{
    struct answer a = { .piece = piece, .arg = arg };
    struct ctx own = *cx;
    struct http_call call = {
        .url = arena_printf(cx->arena,
                            "http://%s/?wait_end_of_query=1&buffer_size=1048576"
                            "&max_query_size=67108864&max_ast_elements=10000000"
                            "&max_expanded_ast_elements=10000000",
                            ch->shards[shard]),
        .headers = ch->headers,
        .body = sql->p,
        .body_bytes = sql->len,
        .silent_ms = CH_SILENT_MS,
        .piece = take,
        .arg = &a,
    };
    int status;

    ctx_clear_error(&own);
    enum status s = http_client_call(&own, c, &call, &status);
    if (s != OK)
        return ctx_fail(cx, s, "ClickHouse at %s: %s", ch->shards[shard], own.error_text);
    if (status != 200)
        return ctx_fail(cx, E_IO, "ClickHouse at %s answers %d: %s", ch->shards[shard], status,
                        first_line(a.error));
    return OK;
}

static bool add_bytes(void *arg, int status, const char *bytes, size_t len)
{
    (void)status;
    buf_add(arg, bytes, len);
    return true;
}

enum status ch_line(struct ctx *cx, struct ch *ch, u32 shard, const char *sql, const char **line)
{
    struct buf query = { .p = (char *)(uintptr_t)sql, .len = strlen(sql) };
    struct buf out = buf_in(cx->arena, 64 * 1024);
    struct http_client *c = ch_client(ch);
    enum status s = ch_ask(cx, ch, c, shard, &query, add_bytes, &out);

    ch_give(ch, c);
    buf_char(&out, '\0');
    out.p[strcspn(out.p, "\n")] = '\0';
    *line = out.p;
    return s;
}

void ch_list(struct buf *out, const u32 *list, size_t n)
{
    buf_char(out, '(');
    for (size_t i = 0; i < n; i++) {
        if (i > 0)
            buf_char(out, ',');
        buf_i64(out, list[i]);
    }
    buf_char(out, ')');
}

/* ---- the address ---- */

static bool is_name(const char *s)
{
    size_t len = strspn(s, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_");

    return *s != '\0' && s[len] == '\0' && len < 64;
}

static enum status bad_url(struct ctx *cx, const char *what)
{
    return ctx_fail(cx, E_INVALID,
                    "--events: %s: clickhouse://user:password@host:port/database, with more hosts"
                    " after commas and ?cluster=NAME for several shards",
                    what);
}

static enum status read_hosts(struct ctx *cx, struct ch *ch, struct str hosts)
{
    struct str host;

    while (str_split(&hosts, ',', &host)) {
        char *text = str_dup(ch->arena, host);
        if (ch->shard_count == CH_SHARDS_MAX)
            return bad_url(cx, "too many hosts");
        if (host.len == 0 || strpbrk(text, " /?#@\"'") != NULL)
            return bad_url(cx, "a host that cannot be");
        const char *port = strrchr(text, ':');
        bool has_port = port != NULL && strchr(port, ']') == NULL; /* [::1] has colons of its own */
        ch->shards[ch->shard_count++] =
            has_port ? text : arena_printf(ch->arena, "%s:%d", text, PORT_DEFAULT);
    }
    return ch->shard_count > 0 ? OK : bad_url(cx, "no host");
}

static enum status read_url(struct ctx *cx, struct ch *ch, const char *url)
{
    char *rest = arena_text(ch->arena, url + strlen("clickhouse://"));
    char *at = strrchr(rest, '@'), *slash;
    u32 headers = 0;

    if (at != NULL) {
        *at = '\0';
        char *colon = strchr(rest, ':');
        if (colon != NULL)
            *colon = '\0';
        ch->headers[headers++] = arena_printf(ch->arena, "X-ClickHouse-User: %s", rest);
        if (colon != NULL)
            ch->headers[headers++] = arena_printf(ch->arena, "X-ClickHouse-Key: %s", colon + 1);
        rest = at + 1;
    }
    slash = strchr(rest, '/');
    if (slash == NULL)
        return bad_url(cx, "no database");
    *slash = '\0';
    TRY(read_hosts(cx, ch, str_from(rest)));
    char *query = strchr(slash + 1, '?');
    if (query != NULL)
        *query++ = '\0';
    if (query != NULL && strncmp(query, "cluster=", 8) != 0)
        return bad_url(cx, "an unknown option");
    ch->database = slash + 1;
    ch->cluster = query != NULL ? query + 8 : "";
    if (!is_name(ch->database))
        return bad_url(cx, "a database is named by letters, digits and _");
    if (query != NULL && !is_name(ch->cluster))
        return bad_url(cx, "a cluster is named by letters, digits and _");
    if (ch->shard_count > 1 && query == NULL)
        return bad_url(cx, "several hosts need the cluster's name");
    ch->all = arena_printf(ch->arena, "%s.%s", ch->database, query != NULL ? "event_all" : "event");
    return OK;
}

/* ---- tables ---- */

static enum status make_tables(struct ctx *cx, struct ch *ch, u32 shard)
{
    const char *line;

    TRY(ch_line(cx, ch, shard,
                arena_printf(cx->arena, "CREATE DATABASE IF NOT EXISTS %s", ch->database), &line));
    TRY(ch_line(cx, ch, shard, arena_printf(cx->arena, EVENT_TABLE, ch->database), &line));
    return ch_line(cx, ch, shard,
                   arena_printf(cx->arena,
                                "CREATE TABLE IF NOT EXISTS %s.store (id UInt64, shard UInt32,"
                                " shards UInt32) ENGINE = TinyLog",
                                ch->database),
                   &line);
}

static enum status make_distributed(struct ctx *cx, struct ch *ch)
{
    const char *line;
    i64 shards;

    if (*ch->cluster == '\0')
        return OK;
    TRY(ch_line(
        cx, ch, 0,
        arena_printf(cx->arena,
                     "SELECT uniqExact(shard_num) FROM system.clusters WHERE cluster = '%s'",
                     ch->cluster),
        &line));
    if (!str_i64(str_from(line), &shards) || shards != ch->shard_count)
        return ctx_fail(cx, E_INVALID,
                        "--events names %u hosts, but ClickHouse's cluster '%s' has %s shards",
                        ch->shard_count, ch->cluster, line);
    return ch_line(cx, ch, 0,
                   arena_printf(cx->arena,
                                "CREATE TABLE IF NOT EXISTS %s AS %s.event"
                                " ENGINE = Distributed(%s, %s, event, owner)",
                                ch->all, ch->database, ch->cluster, ch->database),
                   &line);
}

/* Says to each shard whose it is, or finds that it is ours, in the place it had before. */
static enum status claim(struct ctx *cx, struct ch *ch, u64 store, u32 shard)
{
    const char *line, *want = arena_printf(cx->arena, "%llu\t%u\t%u", (unsigned long long)store,
                                           shard, ch->shard_count);

    TRY(ch_line(
        cx, ch, shard,
        arena_printf(cx->arena, "SELECT id, shard, shards FROM %s.store LIMIT 1", ch->database),
        &line));
    if (text_is(line, want))
        return OK;
    if (*line != '\0')
        return ctx_fail(cx, E_INVALID,
                        "database '%s' of ClickHouse at %s belongs to another store, or the hosts"
                        " of --events are not as before",
                        ch->database, ch->shards[shard]);
    if (ch->j->run_seq > 0)
        return ctx_fail(cx, E_CORRUPT,
                        "database '%s' of ClickHouse at %s is empty, but '%s' has flushed events"
                        " there",
                        ch->database, ch->shards[shard], file_path(ch->j->file));
    return ch_line(cx, ch, shard,
                   arena_printf(cx->arena, "INSERT INTO %s.store VALUES (%llu, %u, %u)",
                                ch->database, (unsigned long long)store, shard, ch->shard_count),
                   &line);
}

/* ---- open and close ---- */

static enum status keep_meta(struct ctx *cx, struct journey *j, const char *key, u64 value)
{
    enum status s = put_meta(j, key, value);

    return s == OK ? OK : ctx_fail(cx, s, "cannot write '%s'", file_path(j->file));
}

/* Versions of this run of the program are above all that were ever sent. */
static enum status next_epoch(struct ctx *cx, struct ch *ch)
{
    u64 epoch;

    TRY(read_meta(cx, ch->j, "far_epoch", &epoch));
    TRY(keep_meta(cx, ch->j, "far_epoch", epoch + 1));
    ch->ver = (epoch + 1) << EPOCH_SHIFT;
    return OK;
}

static enum status own_id(struct ctx *cx, struct journey *j, u64 *store)
{
    TRY(read_meta(cx, j, "far_store", store));
    if (*store != 0)
        return OK;
    *store = clock_mono_ns() ^ (u64)clock_ms(NULL) << 20; /* SQLite's numbers are signed */
    *store = *store >> 1 | 1;
    return keep_meta(cx, j, "far_store", *store);
}

/* Links since the last flush may have moved rows, or half of them. */
static void doubt(struct ch *ch)
{
    struct journey *j = ch->j;

    for (u32 i = 0; i < j->new_link_count; i++) {
        scoped(arena_close) struct arena *a = arena_new(ARENA_BYTES);
        u32 *members;
        size_t count;
        people_members(&j->people, j->new_links[i], a, &members, &count);
        for (size_t m = 0; m < count; m++)
            ch_unsure(ch, members[m]);
    }
}

/* Who was erased before, when it was not finished. */
static void erase_again(struct ch *ch)
{
    struct journey *j = ch->j;
    u8 kind;
    u64 key;

    for (u32 n = 1; j->erasing && n <= people_count(&j->people); n++) {
        people_stored(&j->people, n, &kind, &key);
        if (kind != PERSON_ERASED)
            continue;
        ch->gone = array_room(ch->gone, &ch->gone_room, ch->gone_count + 1, sizeof *ch->gone);
        ch->gone[ch->gone_count++] = n;
    }
}

static enum status ch_open(struct ctx *cx, struct journey *j, const char *url)
{
    struct ch *ch = j->far = calloc(1, sizeof *ch);
    pthread_rwlockattr_t writers_first;
    u64 store;

    if (ch == NULL)
        log_fatal("journey.out_of_memory", "bytes=%zu", sizeof *ch);
    ch->j = j;
    ch->arena = arena_new(ARENA_BYTES);
    pthread_mutex_init(&ch->lock, NULL);
    pthread_cond_init(&ch->not_busy, NULL);
    pthread_rwlockattr_init(&writers_first); /* reads follow one another without a gap */
    pthread_rwlockattr_setkind_np(&writers_first, PTHREAD_RWLOCK_PREFER_WRITER_NONRECURSIVE_NP);
    pthread_rwlock_init(&ch->rows, &writers_first);
    pthread_rwlockattr_destroy(&writers_first);
    TRY(read_url(cx, ch, url));
    TRY(own_id(cx, j, &store));
    TRY(read_meta(cx, j, "far_events", &ch->count));
    for (u32 i = 0; i < ch->shard_count; i++) {
        TRY(make_tables(cx, ch, i));
        TRY(claim(cx, ch, store, i));
    }
    TRY(make_distributed(cx, ch));
    TRY(next_epoch(cx, ch));
    atomic_init(&ch->people, people_count(&j->people));
    ch->erased = people_erased(&j->people) - j->new_erased_count;
    ch->placed = people_moved(&j->people);
    doubt(ch);
    ch->sure = ch->unsure_count == 0;
    erase_again(ch);
    return OK;
}

static void ch_close(struct journey *j)
{
    struct ch *ch = j->far;

    if (ch == NULL)
        return;
    for (u32 i = 0; i < ch->idle_count; i++)
        http_client_free(ch->idle[i]);
    moved_drop(ch->placed);
    free(ch->unsure);
    free(ch->fresh);
    free(ch->gone);
    pthread_mutex_destroy(&ch->lock);
    pthread_cond_destroy(&ch->not_busy);
    pthread_rwlock_destroy(&ch->rows);
    arena_free(ch->arena);
    free(ch);
}

static void ch_stats(struct journey *j, struct journey_stats *out)
{
    struct ch *ch = j->far;

    pthread_mutex_lock(&ch->lock);
    out->events += ch->count;
    pthread_mutex_unlock(&ch->lock);
}

/* ---- what the server does by itself ---- */

static enum status look(struct journey *j)
{
    (void)j;
    return OK;
}

static struct merge *merge_nothing(struct journey *j, size_t least)
{
    (void)j;
    (void)least;
    return NULL;
}

const struct backend backend_clickhouse = { .scheme = "clickhouse",
                                            .number = BACKEND_NUMBER,
                                            .open = ch_open,
                                            .close = ch_close,
                                            .prepare = ch_prepare,
                                            .put = ch_put,
                                            .placed = ch_placed,
                                            .look = look,
                                            .merge_begin = merge_nothing,
                                            .erased = ch_erased,
                                            .walk = ch_walk,
                                            .timeline = ch_timeline,
                                            .since = ch_since,
                                            .stats = ch_stats,
                                            .verify = ch_verify };
