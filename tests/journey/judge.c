/* judge.c -- see judge.h. */
#include "judge.h"
#include "base/buf.h"
#include "io/http_client.h"
#include "model.h"
#include <stdio.h>
#include <string.h>

enum { ANSWER_MAX = 1 << 24 };

/* What the oracles call an event, of the rows that count. Kinds are one less there. */
static const char VIEW[] =
    "CREATE VIEW IF NOT EXISTS %s.ev AS SELECT owner AS person, toUInt32(intDiv(at_ms, 1000)) AS"
    " sec, toUInt8(k - 1) AS kind, ch AS chan, toUInt16(ca) AS camp, toUInt16(pg) AS page,"
    " toUInt8(co) AS country, toUInt32(va) AS value FROM (SELECT owner, at_ms, seq, argMax(alive,"
    " ver) AS lives, argMax(kind, ver) AS k, argMax(channel, ver) AS ch, argMax(campaign, ver) AS"
    " ca, argMax(page, ver) AS pg, argMax(country, ver) AS co, argMax(value, ver) AS va FROM %s.%s"
    " GROUP BY owner, at_ms, seq) WHERE lives = 1";

static bool add(void *arg, int status, const char *bytes, size_t len)
{
    (void)status;
    buf_add(arg, bytes, len);
    return true;
}

static const char *ask(struct ctx *cx, const char *host, const char *sql)
{
    struct http_client *c = http_client_new();
    struct buf out = buf_in(cx->arena, ANSWER_MAX);
    struct http_call call = { .url =
                                  arena_printf(cx->arena, "http://%s/?wait_end_of_query=1", host),
                              .body = sql,
                              .body_bytes = strlen(sql),
                              .piece = add,
                              .arg = &out };
    int status;

    if (http_client_call(cx, c, &call, &status) != OK || status != 200)
        fail_msg("%s %s\n%s", cx->error_text, buf_end(&out), sql);
    http_client_free(c);
    return buf_end(&out);
}

static char *read_sql(struct ctx *cx, const char *folder, const char *report)
{
    char *text = arena_alloc(cx->arena, 1, 1 << 16);
    FILE *f = fopen(arena_printf(cx->arena, "%s/%.2s.sql", folder, report), "r");

    if (f == NULL)
        fail_msg("no SQL for %s in '%s'", report, folder);
    text[fread(text, 1, (1 << 16) - 1, f)] = '\0';
    fclose(f);
    return text;
}

/* A view is not read by PREWHERE: "PREWHERE a WHERE b" becomes "WHERE a AND b". */
static void put_sql(struct buf *out, const char *sql, const char *table, i64 from_s, i64 to_s)
{
    bool pre = false;

    while (*sql != '\0') {
        if (strncmp(sql, "{T}", 3) == 0) {
            buf_text(out, table);
            sql += 3;
        } else if (strncmp(sql, "{FROM}", 6) == 0) {
            buf_i64(out, from_s);
            sql += 6;
        } else if (strncmp(sql, "{TO}", 4) == 0) {
            buf_i64(out, to_s);
            sql += 4;
        } else if (strncmp(sql, "PREWHERE", 8) == 0) {
            buf_text(out, "WHERE");
            pre = true;
            sql += 8;
        } else if (pre && strncmp(sql, "WHERE", 5) == 0) {
            buf_text(out, "AND");
            pre = false;
            sql += 5;
        } else {
            pre &= strncmp(sql, "SELECT", 6) != 0 && strncmp(sql, "GROUP BY", 8) != 0;
            buf_char(out, *sql++);
        }
    }
}

/* Tabs are commas in the reference, and what is empty at the end of a line is not there. */
static const char *as_reference(struct ctx *cx, const char *tsv)
{
    struct buf out = buf_in(cx->arena, ANSWER_MAX);

    for (const char *p = tsv; *p != '\0'; p++) {
        if (*p == '\n')
            while (out.len > 0 && out.p[out.len - 1] == ',')
                out.len--;
        buf_char(&out, *p == '\t' ? ',' : *p);
    }
    return buf_end(&out);
}

const char *judge_answer(struct ctx *cx, const char *events_url, const char *folder,
                         const char *report, i64 from_ms, i64 to_ms)
{
    char *url = arena_text(cx->arena, strstr(events_url, "://") + 3);
    char *database = strchr(url, '/'), *query = strchr(url, '?');
    struct buf sql = buf_in(cx->arena, 1 << 20);

    *database++ = '\0';
    url[strcspn(url, ",")] = '\0';
    if (query != NULL)
        *query = '\0';
    ask(cx, url,
        arena_printf(cx->arena, VIEW, database, database, query != NULL ? "event_all" : "event"));
    put_sql(&sql, read_sql(cx, folder, report), arena_printf(cx->arena, "%s.ev", database),
            from_ms / 1000, to_ms / 1000);
    buf_text(&sql, " FORMAT TabSeparated");
    return as_reference(cx, ask(cx, url, buf_end(&sql)));
}
