/* outbox.c -- from records to the journey. A change that is also an event writes a row in its own
 * transaction; afterwards the row is moved to the journey, which keeps the number of the last one
 * it has. So an event is neither lost nor doubled, wherever the program stops. */
#include "base/json.h"
#include "base/log.h"
#include "journey/journey.h"
#include "kit/kit_int.h"

enum { DRAIN_ROWS = 500, BOT_BIT = 0x80 };
enum { LINK_NONE, LINK_JOIN, LINK_PART }; /* what a row does with the journey of `other` */

static void put_note(struct ctx *cx, const struct journey_note *n, struct val *row)
{
    val_put_text(row, "kind", n->kind);
    val_put_i64(row, "contact", n->contact_id);
    val_put_i64(row, "at", n->at_ms ? n->at_ms : ctx_now(cx));
    val_put_i64(row, "record", n->record_id);
    val_put_i64(row, "value", n->value_minor);
    val_put_i64(row, "visitor", (i64)n->visitor);
    val_put_text(row, "props", n->props ? json_text(cx->arena, n->props) : "");
    val_put_text(row, "touch", n->touch ? n->touch : "");
    val_put_i64(row, "flags", n->flags);
    val_put_i64(row, "bot", n->bot);
    val_put_i64(row, "other", n->joins ? n->joins : n->parts);
    val_put_i64(row, "link", n->joins ? LINK_JOIN : n->parts ? LINK_PART : LINK_NONE);
}

enum status journey_note_many(struct ctx *cx, const struct journey_note *notes, size_t count)
{
    struct val *rows = val_list(cx->arena);

    for (size_t i = 0; i < count; i++) {
        if (kit_event_kind(cx->kit, notes[i].kind) == NULL)
            log_fatal("journey.unknown_kind", "kind=%s", notes[i].kind);
        if (notes[i].contact_id != 0)
            put_note(cx, &notes[i], val_add_map(rows));
    }
    if (val_count(rows) == 0 || cx->kit->journey == NULL)
        return OK;
    return db_run(cx, "outbox.add", TEXT("rows", json_text(cx->arena, rows)));
}

enum status journey_note(struct ctx *cx, const struct journey_note *n)
{
    return journey_note_many(cx, n, 1);
}

/* ---- moving ---- */
struct batch {
    struct event events[DRAIN_ROWS];
    size_t count;
    u64 last_seq;
};

/* A browser that is somebody else's already stays theirs: people share machines. */
static enum status join_visitor(struct ctx *cx, struct journey *j, u64 visitor, u32 contact,
                                i64 at_ms)
{
    struct ctx probe = *cx;
    u32 person = journey_person(j, PERSON_VISITOR, visitor);
    enum status s = journey_alias(&probe, j, person, contact, at_ms);

    if (s == E_CONFLICT || s == E_INVALID) {
        log_line(LOG_INFO, "journey.visitor_kept", "visitor=%u contact=%u", person, contact);
        return OK;
    }
    if (s != OK)
        return ctx_fail(cx, s, "a visitor could not be joined: %s", probe.error_text);
    return OK;
}

/* Of two contacts that were merged, or are two again. Done once more after a crash it changes
 * nothing: what it says is what is, or what a later row undoes. */
static enum status link_contact(struct ctx *cx, struct journey *j, int link, i64 other, u32 contact,
                                i64 at_ms)
{
    struct ctx probe = *cx;
    u32 person = journey_person(j, PERSON_CONTACT, (u64)other);
    enum status s = link == LINK_JOIN ? journey_alias(&probe, j, person, contact, at_ms)
                                      : journey_unalias(&probe, j, person);

    if (s == E_CONFLICT || s == E_INVALID || (s == E_NOT_FOUND && link == LINK_PART)) {
        log_line(LOG_INFO, "journey.contact_kept", "person=%u contact=%u", person, contact);
        return OK;
    }
    if (s != OK)
        return ctx_fail(cx, s, "a contact's journey could not be joined: %s", probe.error_text);
    return OK;
}

/* A kind that an older program wrote and this one does not know is still an event. */
static u16 kind_code(struct kit *k, const char *name)
{
    if (kit_event_kind(k, name))
        return kit_event_code(k, name);
    return (u16)journey_intern(k->journey, DICT_KIND, str_from(name));
}

static enum status take(struct ctx *cx, struct journey *j, u64 after, struct batch *b)
{
    scoped(stmt_close) struct stmt q =
        db_query(cx, "outbox.take", I64("after", (i64)after), I64("limit", DRAIN_ROWS));

    b->count = 0;
    while (stmt_next(&q)) {
        const char *props = col_text(&q, 7);
        u64 visitor = (u64)col_i64(&q, 6);
        struct event *e = &b->events[b->count];
        u32 touch = journey_intern(j, DICT_TOUCH, str_from(col_text(&q, 8)));
        *e = (struct event){ .kind = kind_code(cx->kit, col_text(&q, 1)),
                             .person = journey_person(j, PERSON_CONTACT, (u64)col_i64(&q, 2)),
                             .at_ms = col_i64(&q, 3),
                             .record = col_i64(&q, 4),
                             .value = col_i64(&q, 5),
                             .touch = touch,
                             .flags = (u16)col_i64(&q, 9),
                             .device = col_i64(&q, 10) ? BOT_BIT : 0,
                             .props = props[0] ? arena_text(cx->arena, props) : NULL };
        b->last_seq = (u64)col_i64(&q, 0);
        if (visitor) {
            TRY(join_visitor(cx, j, visitor, e->person, e->at_ms));
            e->flags |= EVENT_JOINED;
        }
        if (col_i64(&q, 11))
            TRY(link_contact(cx, j, (int)col_i64(&q, 11), col_i64(&q, 12), e->person, e->at_ms));
        b->count++;
    }
    return stmt_status(&q);
}

static enum status forget(struct ctx *cx, void *arg)
{
    return db_run(cx, "outbox.forget", I64("seq", (i64) * (u64 *)arg));
}

static enum status drain(struct ctx *cx, struct journey *j)
{
    struct batch *b = NEW(cx->arena, struct batch);

    do {
        TRY(take(cx, j, journey_outbox_seq(j), b));
        if (b->count == 0)
            return OK;
        TRY(journey_append_outbox(cx, j, b->events, b->count, b->last_seq));
        TRY(kit_write(cx, forget, &b->last_seq));
    } while (b->count == DRAIN_ROWS);
    return OK;
}

enum status outbox_drain(struct ctx *cx)
{
    struct kit *k = cx->kit;
    enum status s;

    if (k->journey == NULL)
        return OK;
    pthread_mutex_lock(&k->draining);
    s = drain(cx, k->journey);
    pthread_mutex_unlock(&k->draining);
    return s;
}

enum status outbox_start(struct ctx *cx)
{
    i64 seq = cx->kit->journey ? (i64)journey_outbox_seq(cx->kit->journey) : 0, set;

    if (seq == 0)
        return OK;
    if (db_engine(cx->db) == DB_POSTGRES) {
        TRY(db_get_i64(cx, &set, "outbox.advance", I64("seq", seq)));
    } else {
        TRY(db_run(cx, "outbox.advance", I64("seq", seq)));
        TRY(db_run(cx, "outbox.advance_more", I64("seq", seq)));
    }
    return db_run(cx, "outbox.forget", I64("seq", seq));
}
