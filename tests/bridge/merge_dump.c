/* merge_dump.c -- the state of a program as text. */
#include "merge_dump.h"
#include "base/limits.h"
#include "journey/journey.h"
#include <stdlib.h>

/* The log of what was done; queues of work that merging adds to; the index of search_doc's words,
 * which SQLite keeps in its own way; of the merge itself the row that says it was undone. All
 * else, the journal of moved rows among it, is compared. */
static const char *const left_out[] = { "change",          "record_merge",
                                        "outbox",          "job",
                                        "segment_touch",   "search",
                                        "search_data",     "search_idx",
                                        "search_config",   "search_docsize",
                                        "sqlite_sequence", "sqlite_stat1",
                                        "sqlite_stat4",    NULL };

static bool is_left_out(const char *table)
{
    for (size_t i = 0; left_out[i]; i++)
        if (text_is(left_out[i], table))
            return true;
    return false;
}

static size_t table_names(struct house *h, const char **out, size_t max)
{
    struct sql q = sql_new(h->cx);
    size_t count = 0;

    sql_add(&q, h->engine == DB_SQLITE
                    ? "SELECT name FROM sqlite_master WHERE type = 'table' ORDER BY name"
                    : "SELECT table_name FROM information_schema.tables WHERE table_schema = "
                      "current_schema() AND table_type = 'BASE TABLE' ORDER BY table_name");
    scoped(stmt_close) struct stmt s = db_query_sql(h->cx, &q);
    while (stmt_next(&s)) {
        assert_true(count < max);
        if (!is_left_out(col_text(&s, 0)))
            out[count++] = arena_text(h->cx->arena, col_text(&s, 0));
    }
    assert_ok(h->cx, stmt_status(&s));
    return count;
}

static int by_text(const void *a, const void *b)
{
    return strcmp(*(const char *const *)a, *(const char *const *)b);
}

static bool goes_on(const char *column)
{
    return text_is(column, "version") || text_is(column, "updated_at") ||
           text_is(column, "updated_by");
}

static void dump_table(struct house *h, const char *table, i64 one, i64 other, struct buf *out)
{
    struct sql q = sql_new(h->cx);
    size_t count = 0, cap = 1024;
    const char **lines = NEW_N(h->cx->arena, const char *, cap);

    sql_add(&q, "SELECT * FROM ");
    sql_name(&q, table);
    scoped(stmt_close) struct stmt s = db_query_sql(h->cx, &q);
    while (stmt_next(&s)) {
        struct buf b = buf_in(h->cx->arena, 1024 * 1024);
        i64 id = text_is(col_name(&s, 0), "id") ? col_i64(&s, 0) : 0;
        for (int i = 0; i < col_count(&s); i++) {
            if (id != 0 && (id == one || id == other) && goes_on(col_name(&s, i)))
                continue;
            buf_printf(&b, " %s=%s", col_name(&s, i), col_null(&s, i) ? "NULL" : col_text(&s, i));
        }
        if (count == cap) {
            const char **more = NEW_N(h->cx->arena, const char *, cap * 2);
            memcpy(more, lines, cap * sizeof *lines);
            lines = more;
            cap *= 2;
        }
        lines[count++] = buf_end(&b);
    }
    assert_ok(h->cx, stmt_status(&s));
    qsort(lines, count, sizeof *lines, by_text);
    for (size_t i = 0; i < count; i++)
        buf_printf(out, "%s:%s\n", table, lines[i]);
}

const char *dump_tables(struct house *h, i64 one, i64 other)
{
    struct buf out = buf_in(h->cx->arena, 64 * 1024 * 1024);
    const char *names[300];
    size_t count = table_names(h, names, countof(names));

    assert_true(count > 50);
    for (size_t i = 0; i < count; i++)
        dump_table(h, names[i], one, other, &out);
    assert_ok(h->cx, buf_status(&out));
    return buf_end(&out);
}

static void dump_event(const struct event *e, struct buf *out)
{
    buf_printf(out,
               "%lld %llu of %u: kind %u channel %u device %u country %u flags %u site %u page %u "
               "source %u campaign %u client %u touch %u value %lld record %lld %s\n",
               (long long)e->at_ms, (unsigned long long)e->seq, e->person, e->kind, e->channel,
               e->device, e->country, e->flags, e->site, e->page, e->source, e->campaign, e->client,
               e->touch, (long long)e->value, (long long)e->record, e->props ? e->props : "");
}

const char *dump_events(struct house *h, i64 contact)
{
    struct ctx *cx = h->cx;
    u32 person = journey_person_find(h->journey, PERSON_CONTACT, (u64)contact);
    u16 merged = kit_event_code(h->kit, "merged"), unmerged = kit_event_code(h->kit, "unmerged");
    struct buf out = buf_in(cx->arena, 16 * 1024 * 1024);
    struct event *events;
    size_t count;
    i64 at = 0;
    u64 seq = 0;

    do {
        assert_ok(cx, journey_timeline(cx, h->journey, person, at, seq, LIMIT_TIMELINE_EVENTS,
                                       &events, &count));
        for (size_t i = 0; i < count; i++)
            if (events[i].kind != merged && events[i].kind != unmerged)
                dump_event(&events[i], &out);
        at = count ? events[count - 1].at_ms : 0;
        seq = count ? events[count - 1].seq : 0;
    } while (count == LIMIT_TIMELINE_EVENTS);
    assert_ok(cx, buf_status(&out));
    return buf_end(&out);
}

void assert_same_dump(const char *what, const char *before, const char *after)
{
    const char *a = before, *b = after;

    if (text_is(a, b))
        return;
    while (*a && *b) {
        size_t x = strcspn(a, "\n"), y = strcspn(b, "\n");
        if (x != y || memcmp(a, b, x) != 0)
            break;
        a += x + (a[x] == '\n');
        b += y + (b[y] == '\n');
    }
    fail_msg("%s: before \"%.*s\", after \"%.*s\"", what, (int)strcspn(a, "\n"), a,
             (int)strcspn(b, "\n"), b);
}
