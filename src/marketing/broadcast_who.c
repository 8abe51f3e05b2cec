/* broadcast_who.c -- who would get a broadcast, and who of them may not be written to. People are
 * read in the order of their ids, segment by segment, a batch at a time: who is in an earlier
 * segment, or in one that is excepted, is found by reading those beside it. So it takes the memory
 * of a batch, however many people there are. */
#include "base/json.h"
#include "base/zone_set.h"
#include "bridge/consent.h"
#include "bridge/contact.h"
#include "bridge/segment.h"
#include "marketing/broadcast_int.h"

enum { BESIDE = 2000 }; /* ids read at once of a segment that is held against */

struct audience {
    i64 broadcast_id, topic_id, resend_of;
    i64 segments[SEGMENTS_MAX], excepts[SEGMENTS_MAX];
    int segment_count, except_count;
    bool local;
    i64 send_at, now;
    const struct zone *ours;
    struct zone_set *zones;
};

static enum status read_segments(struct ctx *cx, const struct row *r, int field, i64 *ids,
                                 int *count)
{
    struct str rest = str_from(row_plain(cx, r, field)), one;

    *count = 0;
    while (str_split(&rest, ',', &one) && *count < SEGMENTS_MAX) {
        const char *slug = str_dup(cx->arena, str_trim(one));
        struct row *segment;
        enum status s;
        if (text_empty(slug))
            continue;
        s = record_find(cx, &segment_type, "slug", slug, &segment);
        if (s == E_NOT_FOUND)
            return ctx_fail_code(cx, E_NOT_FOUND, "broadcast.segment",
                                 "The segment '%s' is gone. Choose another.", slug);
        TRY(s);
        ids[(*count)++] = row_id(segment);
    }
    return OK;
}

enum status audience_open(struct ctx *cx, const struct row *r, struct audience **out)
{
    struct audience *a = NEW(cx->arena, struct audience);

    a->broadcast_id = row_id(r);
    a->topic_id = row_i64(r, BROADCAST_TOPIC);
    a->resend_of = row_i64(r, BROADCAST_RESEND_OF);
    a->local = text_is(row_text(r, BROADCAST_WHEN), "local");
    a->now = ctx_now(cx);
    a->send_at = row_has(r, BROADCAST_SEND_AT) ? row_i64(r, BROADCAST_SEND_AT) : a->now;
    a->ours = kit_zone(cx);
    a->zones = zone_set_new();
    arena_defer(cx->arena, zone_set_close, a->zones);
    TRY(read_segments(cx, r, BROADCAST_SEGMENTS, a->segments, &a->segment_count));
    TRY(read_segments(cx, r, BROADCAST_EXCEPT, a->excepts, &a->except_count));
    *out = a;
    return OK;
}

/* ---- one batch ---- */

static enum status non_openers(struct ctx *cx, i64 broadcast_id, i64 after, i64 *ids, size_t max,
                               size_t *count)
{
    scoped(stmt_close) struct stmt q =
        db_query(cx, "broadcast.non_openers", I64("broadcast", broadcast_id), I64("after", after),
                 I64("limit", (i64)max));

    *count = 0;
    while (stmt_next(&q))
        ids[(*count)++] = col_i64(&q, 0);
    return stmt_status(&q);
}

/* Of a resend those who did not open come first, then whoever was put in beside them. */
static int sources(const struct audience *a) { return a->segment_count + (a->resend_of != 0); }

static enum status source_ids(struct ctx *cx, const struct audience *a, i64 source, i64 after,
                              i64 *ids, size_t max, size_t *count)
{
    if (a->resend_of != 0 && source == 0)
        return non_openers(cx, a->resend_of, after, ids, max, count);
    return segment_each(cx, a->segments[source - (a->resend_of != 0)], after, ids, max, count);
}

/* Marks those of ascending `ids` that another list has too, which is read from after ids[0] - 1. */
static enum status mark_if_in(struct ctx *cx, const struct audience *a, i64 source, i64 segment_id,
                              const i64 *ids, size_t count, bool *marks)
{
    i64 *others = NEW_N(cx->arena, i64, BESIDE), after = ids[0] - 1;
    size_t at = 0, n = BESIDE;

    while (at < count && n == BESIDE) {
        TRY(segment_id ? segment_each(cx, segment_id, after, others, BESIDE, &n)
                       : source_ids(cx, a, source, after, others, BESIDE, &n));
        for (size_t o = 0; o < n && at < count; o++) {
            while (at < count && ids[at] < others[o])
                at++;
            if (at < count && ids[at] == others[o])
                marks[at++] = true;
        }
        if (n)
            after = others[n - 1];
        if (n && after >= ids[count - 1])
            break;
    }
    return OK;
}

/* When it is time for somebody who lives there. */
static i64 due_at(const struct audience *a, const char *timezone, const char *country)
{
    const struct zone *theirs = zone_set_find(a->zones, timezone);

    if (!a->local)
        return a->send_at;
    if (!theirs)
        theirs = zone_set_of_country(a->zones, country);
    return plan_local(a->send_at, a->ours, theirs ? theirs : a->ours);
}

static enum status look_at(struct ctx *cx, const struct audience *a, struct candidate *c)
{
    const char *email = "", *zone = "", *country = "", *suppressed, *why;
    bool allowed, there = false;
    {
        scoped(stmt_close) struct stmt q =
            db_query(cx, "broadcast.contact", I64("contact", c->contact_id));
        if (stmt_next(&q)) {
            there = true;
            email = arena_text(cx->arena, col_text(&q, 0));
            zone = arena_text(cx->arena, col_text(&q, 1));
            country = arena_text(cx->arena, col_text(&q, 2));
        }
        TRY(stmt_status(&q));
    }
    c->due_at = due_at(a, zone, country);
    if (c->reason)
        return OK;
    if (!there || text_empty(email)) {
        c->reason = "no_address";
        return OK;
    }
    TRY(suppression_find(cx, email, &suppressed));
    if (suppression_blocks(suppressed, a->topic_id)) {
        c->reason = arena_text(cx->arena, suppressed);
        return OK;
    }
    TRY(consent_allows(cx, c->contact_id, a->topic_id, &allowed, &why));
    if (!allowed)
        c->reason = "no_consent";
    return OK;
}

enum status audience_next(struct ctx *cx, struct audience *a, struct who_cursor *at,
                          struct candidate *out, size_t *count, bool *end)
{
    i64 *ids = NEW_N(cx->arena, i64, WHO_BATCH);
    bool *before = NEW_N(cx->arena, bool, WHO_BATCH), *not = NEW_N(cx->arena, bool, WHO_BATCH);
    size_t n;

    *count = 0;
    *end = at->source >= sources(a);
    if (*end)
        return OK;
    TRY(source_ids(cx, a, at->source, at->after, ids, WHO_BATCH, &n));
    for (i64 s = 0; n && s < at->source; s++)
        TRY(mark_if_in(cx, a, s, 0, ids, n, before));
    for (int e = 0; n && e < a->except_count; e++)
        TRY(mark_if_in(cx, a, 0, a->excepts[e], ids, n, not ));
    for (size_t i = 0; i < n; i++) {
        struct candidate *c = &out[*count];
        if (before[i])
            continue;
        *c = (struct candidate){ .contact_id = ids[i], .reason = not [i] ? "excepted" : NULL };
        TRY(look_at(cx, a, c));
        ++*count;
    }
    if (n)
        at->after = ids[n - 1];
    if (n < WHO_BATCH)
        *at = (struct who_cursor){ .source = at->source + 1 };
    *end = at->source >= sources(a);
    return OK;
}

/* ---- counting ---- */

enum { REASONS_MAX = 20 };
struct tally {
    const char *reason;
    i64 count;
};

static void count_reason(struct arena *keep, struct tally *t, const char *reason)
{
    size_t i = 0;

    while (i < REASONS_MAX - 1 && t[i].reason && !text_is(t[i].reason, reason))
        i++;
    if (!t[i].reason)
        t[i].reason = arena_text(keep, reason);
    t[i].count++;
}

static void put_tally(struct ctx *cx, const struct tally *t, struct val *v)
{
    struct val *list = val_put_list(v, "skipped");
    i64 all = 0;

    for (size_t i = 0; i < REASONS_MAX && t[i].reason; i++) {
        struct val *one = val_add_map(list);
        val_put_text(one, "reason", t[i].reason);
        val_put_text(one, "text", broadcast_reason_text(cx, t[i].reason));
        val_put_i64(one, "count", t[i].count);
        all += t[i].count;
    }
    val_put_i64(v, "left_out", all);
}

enum status audience_count(struct ctx *cx, const struct row *r, struct val **out)
{
    struct tally tally[REASONS_MAX] = { { 0 } };
    struct who_cursor at = { 0 };
    i64 go = 0, people = 0, first = TIME_NONE, last = TIME_NONE;
    struct val *v = val_map(cx->arena);
    bool end = false;
    struct audience *a;

    TRY(audience_open(cx, r, &a));
    while (!end) {
        scoped(arena_close) struct arena *batch = arena_new(256 * 1024);
        struct ctx part = *cx;
        part.arena = batch;
        struct candidate *c = NEW_N(batch, struct candidate, WHO_BATCH);
        size_t n;
        enum status s = audience_next(&part, a, &at, c, &n, &end);
        if (s != OK)
            return ctx_fail(cx, s, "%s", part.error_text ? part.error_text : "");
        people += (i64)n;
        for (size_t i = 0; i < n; i++) {
            if (c[i].reason) {
                count_reason(cx->arena, tally, c[i].reason);
                continue;
            }
            go++;
            first = first == TIME_NONE || c[i].due_at < first ? c[i].due_at : first;
            last = last == TIME_NONE || c[i].due_at > last ? c[i].due_at : last;
        }
    }
    val_put_i64(v, "people", people);
    val_put_i64(v, "recipients", go);
    put_tally(cx, tally, v);
    if (go) {
        val_put_i64(v, "first_at", first);
        val_put_i64(v, "last_at", last);
    }
    val_put_i64(v, "version", row_version(r));
    val_put_i64(v, "at", ctx_now(cx));
    *out = v;
    return OK;
}

enum status audience_counted(struct ctx *cx, const struct row *r, const struct val **out)
{
    const char *json;
    struct val *v;
    enum status s = db_get_text(cx, &json, "broadcast.counted", I64("broadcast", row_id(r)),
                                I64("version", row_version(r)));

    *out = NULL;
    if (s == E_NOT_FOUND)
        return OK;
    TRY(s);
    TRY(json_read(cx->arena, str_from(json), &v, NULL));
    *out = v;
    return OK;
}

enum status audience_bound(struct ctx *cx, const struct row *r, i64 *out)
{
    i64 ids[SEGMENTS_MAX], size;
    int count;

    *out = 0;
    TRY(read_segments(cx, r, BROADCAST_SEGMENTS, ids, &count));
    for (int i = 0; i < count; i++) {
        TRY(segment_size(cx, ids[i], &size));
        *out += size;
    }
    if (!row_has(r, BROADCAST_RESEND_OF))
        return OK;
    TRY(db_get_i64(cx, &size, "broadcast.handed",
                   I64("broadcast", row_i64(r, BROADCAST_RESEND_OF))));
    *out += size;
    return OK;
}

const char *broadcast_reason_text(struct ctx *cx, const char *reason)
{
    static const struct {
        const char *reason, *text;
    } words[] = {
        { "no_address", "No mail address" },
        { "no_consent", "Did not agree to the topic" },
        { "excepted", "In a segment that is left out" },
        { "unsubscribed", "Unsubscribed from everything" },
        { "hard_bounce", "The address does not exist any more" },
        { "complaint", "Called a mail of ours spam" },
        { "invalid", "The address cannot be right" },
        { "manual", "Blocked by hand" },
        { "too_often", "Had enough mail lately" },
        { "cancelled", "Cancelled before it went" },
        { "hard", "No such address" },
        { "mailbox_full", "Mailbox full" },
        { "policy", "Refused by the recipient's rules" },
        { "content", "Refused because of what it says" },
        { "other", "Another reason" },
        { "expired", "Put off for too long" },
    };

    /* What delivery says, with the details of one person behind the colon. */
    if (strncmp(reason, "suppressed: ", 12) == 0)
        reason += 12;
    if (strncmp(reason, "no consent: ", 12) == 0)
        reason = "no_consent";
    if (strncmp(reason, "too often: ", 11) == 0)
        reason = "too_often";
    for (size_t i = 0; i < countof(words); i++)
        if (text_is(words[i].reason, reason))
            return words[i].text;
    return arena_text(cx->arena, reason);
}
