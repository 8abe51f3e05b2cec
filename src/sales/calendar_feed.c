/* calendar_feed.c -- people's other calendars: an address that they give is read from time to time,
 * and what stands there from a month ago to three months ahead is kept. The address is a secret of
 * its owner, and so is what stands there. It is a stranger's word: only hosts of the public
 * internet are asked, no redirects are followed, and size, time and number have limits. */
#include "base/id.h"
#include "base/utf8.h"
#include "io/http_client.h"
#include "io/ical.h"
#include "kit/pages.h"
#include "kit/web.h"
#include "kit/zones.h"
#include "sales/calendar.h"
#include "store/queue.h"

enum {
    FEED_NAME,
    FEED_URL,
    FEED_OWNER,
    FEED_BUSY,
    FEED_ACTIVE,
    FEED_READ_AT,
    FEED_COUNT,
    FEED_ERROR,
    FEED_FIELDS
};
enum {
    DAYS_BACK = 31,
    DAYS_AHEAD = 93,
    READ_EVERY_MS = 15 * MS_MINUTE,
    FETCH_MS = 20 * MS_SECOND,
    INSTANCES_KEPT = 5000,
    FEEDS_A_RUN = 200,
};

static const struct field fields[] = {
    [FEED_NAME] = { "name", FIELD_TEXT, "Name", REQUIRED | LISTED, .max_len = 100 },
    [FEED_URL] = { "url", FIELD_SECRET, "Address", REQUIRED, .max_len = 2000,
                   .help = "The calendar's secret address in iCal format: https://... or "
                           "webcal://..." },
    [FEED_OWNER] = { "owner_id", FIELD_REF, "Whose", REQUIRED | OWNER, .ref = "user",
                     .otherwise = "me" },
    [FEED_BUSY] = { "busy", FIELD_BOOL, "Counts as busy", LISTED, .otherwise = "true",
                    .help = "Nobody can book you then. Switch it off for holidays of the country "
                            "and the like." },
    [FEED_ACTIVE] = { "active", FIELD_BOOL, "Is read", LISTED, .otherwise = "true" },
    [FEED_READ_AT] = { "read_at", FIELD_TIME, "Last read", COMPUTED | LISTED },
    [FEED_COUNT] = { "instances", FIELD_INT, "Entries", COMPUTED | LISTED },
    [FEED_ERROR] = { "error", FIELD_TEXT, "What went wrong", COMPUTED | LISTED, .max_len = 500 },
};
_Static_assert(countof(fields) == FEED_FIELDS, "enum and table differ");

static const struct setting settings[] = {
    { "calendar.private_feeds", FIELD_BOOL, "Calendars of the own network",
      "Other calendars may also be read from addresses that are not of the public internet. Switch "
      "it on only when everybody who may connect a calendar may also see that network.",
      "false", .group = "Calendar" },
};

/* "webcal://..." is how programs write that it is a calendar. */
static const char *address_of(struct ctx *cx, const char *url)
{
    if (strncmp(url, "webcal://", 9) == 0)
        return arena_printf(cx->arena, "https://%s", url + 9);
    return strncmp(url, "https://", 8) == 0 || strncmp(url, "http://", 7) == 0 ? url : NULL;
}

static enum status feed_validate(struct ctx *cx, struct row *r)
{
    const char *url;

    if (!row_has(r, FEED_URL) || (row_before(r) && !row_changed(r, FEED_URL)))
        return OK;
    TRY(row_secret(cx, r, FEED_URL, &url));
    if (address_of(cx, url) == NULL || strlen(url) < 12)
        return ctx_fail_field(cx, "url", "calendar_feed.address",
                              "Enter an address that begins with https:// or webcal://.");
    row_clear(r, FEED_READ_AT); /* it is read soon */
    row_set_text(r, FEED_ERROR, "");
    return OK;
}

static enum status forget(struct ctx *cx, const struct row *r)
{
    return db_run(cx, "calendar.forget", I64("feed", row_id(r)));
}

static enum status read_soon(struct ctx *cx, i64 feed_id)
{
    const char *id = id_text(cx->arena, feed_id);

    return queue_add(cx, "calendar.read", id, arena_printf(cx->arena, "{\"feed\":\"%s\"}", id),
                     ctx_now(cx), NULL);
}

static enum status feed_saved(struct ctx *cx, struct row *r)
{
    const struct row *before = row_before(r);

    if (before == NULL || row_changed(r, FEED_URL) || row_changed(r, FEED_BUSY) ||
        row_changed(r, FEED_OWNER) || (row_changed(r, FEED_ACTIVE) && row_bool(r, FEED_ACTIVE)))
        return read_soon(cx, row_id(r));
    if (row_changed(r, FEED_ACTIVE) && !row_bool(r, FEED_ACTIVE))
        return forget(cx, r);
    return OK;
}

static enum status feed_removed(struct ctx *cx, struct row *r) { return forget(cx, r); }

/* ---- reading ---- */
struct fetched {
    i64 feed_id;
    struct buf body;
    struct ical *calendar;
    const char *error; /* "" when it went well */
};

static bool take_piece(void *arg, int status, const char *bytes, size_t len)
{
    struct fetched *f = arg;

    if (status == 200)
        buf_add(&f->body, bytes, len);
    return true;
}

/* What was wrong, for its owner: nothing of the address. */
static enum status fetch(struct ctx *cx, const char *url, struct fetched *f)
{
    i64 today = zone_day(kit_zone(cx), ctx_now(cx));
    struct ical_window w = { zone_instant(kit_zone(cx), today - DAYS_BACK, 0),
                             zone_instant(kit_zone(cx), today + DAYS_AHEAD, 0), kit_zone(cx) };
    struct http_call call = { .url = address_of(cx, url),
                              .total_ms = FETCH_MS,
                              .max_bytes = ICAL_BYTES,
                              .public_only = !setting_bool(cx, "calendar.private_feeds"),
                              .piece = take_piece,
                              .arg = f };
    struct http_client *client;
    int status = 0;
    enum status s;

    if (call.url == NULL)
        return ctx_fail(cx, E_INVALID, "The address is none that can be read.");
    f->body = buf_in(cx->arena, ICAL_BYTES + 1);
    client = http_client_new();
    s = http_client_call(cx, client, &call, &status);
    http_client_free(client);
    TRY(s);
    if (status != 200)
        return ctx_fail(cx, E_IO, "The server answered %d instead of a calendar.", status);
    return ical_read(cx, (struct str){ f->body.p, f->body.len }, &w, &f->calendar);
}

static enum status keep(struct ctx *cx, void *arg)
{
    struct fetched *f = arg;
    struct row *r;
    size_t n = 0;

    TRY(record_get_named(cx, "calendar_feed", f->feed_id, &r));
    row_set_i64(r, FEED_READ_AT, ctx_now(cx));
    row_set_text(r, FEED_ERROR, utf8_cut(cx->arena, f->error, 500));
    if (f->calendar != NULL) { /* what could not be read leaves what was there */
        TRY(forget(cx, r));
        for (; n < f->calendar->instance_count && n < INSTANCES_KEPT; n++) {
            const struct ical_instance *i = &f->calendar->instances[n];
            TRY(db_run(cx, "calendar.keep", I64("id", kit_new_id(cx)), I64("feed", row_id(r)),
                       I64("user", row_i64(r, FEED_OWNER)), I64("start", i->start_ms),
                       I64("end", i->end_ms), I64("all_day", i->event->all_day),
                       I64("busy", row_bool(r, FEED_BUSY) && !i->event->free),
                       I64("secret", i->event->secret),
                       TEXT("title", utf8_cut(cx->arena, i->event->title, 200)),
                       TEXT("place", utf8_cut(cx->arena, i->event->place, 200))));
        }
        row_set_i64(r, FEED_COUNT, (i64)n);
    }
    return record_save(cx, r);
}

static enum status read_feed(struct ctx *cx, i64 id)
{
    struct fetched f = { .feed_id = id, .error = "" };
    struct row *r;
    const char *url;
    enum status s = record_get_named(cx, "calendar_feed", id, &r);

    if (s == E_NOT_FOUND || (s == OK && !row_bool(r, FEED_ACTIVE))) {
        ctx_clear_error(cx);
        return OK;
    }
    TRY(s);
    s = row_secret(cx, r, FEED_URL, &url);
    if (s == OK)
        s = fetch(cx, url, &f);
    if (s != OK) {
        f.error = arena_text(cx->arena, cx->error_text);
        f.calendar = NULL;
        ctx_clear_error(cx);
    } else if (f.calendar->cut || f.calendar->skipped > 0) {
        f.error = arena_printf(cx->arena, "%s",
                               f.calendar->cut ? "It has more entries than are kept."
                                               : "Some entries repeat in a way that cannot be "
                                                 "read.");
    }
    return kit_write(cx, keep, &f);
}

static enum status read_job(struct job_run *job)
{
    i64 id;

    return id_parse(str_from(val_get_text(job->payload, "feed")), &id) ? read_feed(job->cx, id)
                                                                       : OK;
}

/* Each due one by a job of its own, so that a slow server holds up nobody else's. */
static enum status add_jobs(struct ctx *cx, void *arg)
{
    const i64 *ids = arg;

    for (size_t i = 1; i <= (size_t)ids[0]; i++)
        TRY(read_soon(cx, ids[i]));
    return OK;
}

static enum status feeds_job(struct job_run *job)
{
    struct ctx *cx = job->cx;
    i64 ids[FEEDS_A_RUN + 1] = { 0 };
    {
        scoped(stmt_close) struct stmt q = db_query(
            cx, "calendar.feeds_due", I64("before", ctx_now(cx) - READ_EVERY_MS + MS_MINUTE));
        while (ids[0] < FEEDS_A_RUN && stmt_next(&q))
            ids[++ids[0]] = col_i64(&q, 0);
        TRY(stmt_status(&q));
    }
    return ids[0] > 0 ? kit_write(cx, add_jobs, ids) : OK;
}

/* POST /calendar-feeds/:id/read -- now. */
static enum status read_post(struct req *rq)
{
    struct row *r;
    i64 id;

    TRY(req_id(rq, "id", &id));
    TRY(record_get_named(rq->cx, "calendar_feed", id, &r));
    TRY(read_soon(rq->cx, id));
    return reply_done(rq, row_path(rq->cx, r), "It is being read.");
}

static const struct record_type calendar_feed_type = {
    .name = "calendar_feed",
    .label = "Other calendar",
    .plural = "Other calendars",
    .path = "calendar-feeds",
    .icon = "calendar",
    .sort = "name",
    .title = FEED_NAME,
    .fields = fields,
    .field_count = FEED_FIELDS,
    .flags = TYPE_SYSTEM,
    .seen_if = "owner_id = me",
    .empty =
        "Calendars that you keep elsewhere. What stands there shows in your calendar here, and "
        "nobody can book you at those times.",
    ACTIONS({ "read", "Read it now", NULL, true, NULL }),
    .validate = feed_validate,
    .saved = feed_saved,
    .removed = feed_removed,
};
static const struct route routes[] = {
    { HTTP_POST, "/calendar-feeds/:id/read", read_post, NEEDS("calendar_feed", VERB_UPDATE) },
};
static const struct job_type jobs[] = {
    { "calendar.read", "Read another calendar", read_job, 0, false, false },
    { "calendar.feeds", "Look which calendars to read", feeds_job, READ_EVERY_MS, false, false },
};
const struct feature feature_calendar_feed = { .name = "calendar_feed",
                                               TYPES(&calendar_feed_type),
                                               ROUTES(routes),
                                               JOBS(jobs),
                                               SETTINGS(settings) };
