/* batch.c -- the blob of one commit, written so that an event with few fields takes few bytes (25
 * to 40). */
#include "base/log.h"
#include "journey/batch_int.h"

enum {
    BATCH_CEILING = 512 * 1024 * 1024,
    EVENT_BYTES = 160, /* at most, without props */
    EVENT_BYTES_MIN = 4,
    NAME_BYTES_MIN = 4,
    PERSON_BYTES_MIN = 10,
    LINK_BYTES_MIN = 3,
};

/* Bits of the fields an event has. In files: never reuse one. */
enum {
    HAS_CHANNEL = 1 << 0,
    HAS_DEVICE = 1 << 1,
    HAS_COUNTRY = 1 << 2,
    HAS_FLAGS = 1 << 3,
    HAS_SITE = 1 << 4,
    HAS_PAGE = 1 << 5,
    HAS_SOURCE = 1 << 6,
    HAS_CAMPAIGN = 1 << 7,
    HAS_CLIENT = 1 << 8,
    HAS_TOUCH = 1 << 9,
    HAS_VALUE = 1 << 10,
    HAS_RECORD = 1 << 11,
    HAS_ID = 1 << 12,
    HAS_PROPS = 1 << 13,
    HAS_ALL = (1 << 14) - 1
};
#define SMALL_FIELDS(X)     \
    X(HAS_CHANNEL, channel) \
    X(HAS_DEVICE, device)   \
    X(HAS_COUNTRY, country) \
    X(HAS_FLAGS, flags)     \
    X(HAS_SITE, site)       \
    X(HAS_PAGE, page)       \
    X(HAS_SOURCE, source) X(HAS_CAMPAIGN, campaign) X(HAS_CLIENT, client) X(HAS_TOUCH, touch)

static u8 *reserve(struct buf *b, size_t bytes)
{
    char *p = buf_reserve(b, bytes);

    if (p == NULL)
        log_fatal("journey.batch_too_large", "bytes=%zu", b->len + bytes);
    return (u8 *)p;
}

static void put(struct buf *b, u64 n)
{
    u8 *p = reserve(b, VARINT_BYTES);

    b->len += (size_t)(varint_put(p, n) - p);
}

static void put_raw(struct buf *b, const void *bytes, size_t len)
{
    u8 *p = reserve(b, len);

    if (len > 0)
        memcpy(p, bytes, len);
    b->len += len;
}

/* Starts a blob: its head is filled in by `finish`. */
static void start(struct buf *b)
{
    static const char head[BLOB_HEAD_BYTES];

    b->ceiling = BATCH_CEILING;
    buf_clear(b);
    put_raw(b, head, sizeof head);
}

static u32 has_of(const struct event *e)
{
    u32 has = 0;

#define X(bit, field) has |= e->field != 0 ? bit : 0;
    SMALL_FIELDS(X)
#undef X
    has |= e->value != 0 ? HAS_VALUE : 0;
    has |= e->record != 0 ? HAS_RECORD : 0;
    has |= e->id != 0 ? HAS_ID : 0;
    has |= e->props != NULL ? HAS_PROPS : 0;
    return has;
}

static void put_event(struct buf *b, const struct event *e, i64 before_ms)
{
    u32 has = has_of(e);
    u8 *begin = reserve(b, EVENT_BYTES), *p = begin;

    p = varint_put(p, has);
    p = varint_put(p, zigzag(e->at_ms - before_ms));
    p = varint_put(p, e->person);
    p = varint_put(p, e->kind);
#define X(bit, field) \
    if (has & bit)    \
        p = varint_put(p, e->field);
    SMALL_FIELDS(X)
#undef X
    if (has & HAS_VALUE)
        p = varint_put(p, zigzag(e->value));
    if (has & HAS_RECORD)
        p = varint_put(p, zigzag(e->record));
    if (has & HAS_ID) {
        memcpy(p, &e->id, sizeof e->id);
        p += sizeof e->id;
    }
    b->len += (size_t)(p - begin);
    if (has & HAS_PROPS) {
        size_t len = strlen(e->props) + 1; /* with the NUL: read in place */
        put(b, len);
        put_raw(b, e->props, len);
    }
}

void batch_write(const struct batch *b, struct buf *out)
{
    i64 min = INT64_MAX, max = 0, before = b->arrived_ms;

    start(out);
    put(out, b->first_seq);
    put(out, b->outbox_seq);
    put(out, zigzag(b->arrived_ms));
    put(out, b->name_count);
    for (u32 i = 0; i < b->name_count; i++) {
        put(out, b->names[i].dict);
        put(out, b->names[i].code);
        put(out, b->names[i].text.len);
        put_raw(out, b->names[i].text.p, b->names[i].text.len);
    }
    put(out, b->person_count);
    for (u32 i = 0; i < b->person_count; i++) {
        put(out, b->people[i].person);
        put(out, b->people[i].kind);
        put_raw(out, &b->people[i].key, sizeof b->people[i].key);
    }
    put(out, b->link_count);
    for (u32 i = 0; i < b->link_count; i++) {
        put(out, b->links[i].visitor);
        put(out, b->links[i].contact);
        put(out, zigzag(b->links[i].at_ms));
    }
    put(out, b->event_count);
    for (u32 i = 0; i < b->event_count; i++) {
        const struct event *e = &b->events[i];
        put_event(out, e, before);
        before = e->at_ms;
        min = e->at_ms < min ? e->at_ms : min;
        max = e->at_ms > max ? e->at_ms : max;
    }
    if (b->event_count == 0)
        min = 0;
    blob_seal(out->p, out->len,
              (struct blob_head){ .type = BLOB_LOG,
                                  .count = b->event_count,
                                  .min_s = (u32)(min / MS_SECOND),
                                  .max_s = (u32)(max / MS_SECOND) });
}

static void read_names(struct cursor *c, struct arena *a, struct batch *out)
{
    out->name_count = cursor_count(c, NAME_BYTES_MIN);
    struct batch_name *names = NEW_N(a, struct batch_name, out->name_count);
    for (u32 i = 0; i < out->name_count && !c->failed; i++) {
        names[i].dict = (u8)cursor_varint(c);
        names[i].code = (u32)cursor_varint(c);
        names[i].text.len = cursor_varint(c);
        names[i].text.p = cursor_bytes(c, names[i].text.len);
        c->failed |= names[i].text.len == 0; /* code 0 is the empty name */
    }
    out->names = names;
}

static void read_people(struct cursor *c, struct arena *a, struct batch *out)
{
    out->person_count = cursor_count(c, PERSON_BYTES_MIN);
    struct batch_person *people = NEW_N(a, struct batch_person, out->person_count);
    for (u32 i = 0; i < out->person_count && !c->failed; i++) {
        people[i].person = (u32)cursor_varint(c);
        people[i].kind = (u8)cursor_varint(c);
        people[i].key = cursor_u64(c);
    }
    out->people = people;
}

static void read_links(struct cursor *c, struct arena *a, struct batch *out)
{
    out->link_count = cursor_count(c, LINK_BYTES_MIN);
    struct journey_link *links = NEW_N(a, struct journey_link, out->link_count);
    for (u32 i = 0; i < out->link_count && !c->failed; i++) {
        links[i].visitor = (u32)cursor_varint(c);
        links[i].contact = (u32)cursor_varint(c);
        links[i].at_ms = unzigzag(cursor_varint(c));
    }
    out->links = links;
}

static void read_event(struct cursor *c, struct event *e, i64 before_ms)
{
    u32 has = (u32)cursor_varint(c);

    c->failed |= (has & ~(u32)HAS_ALL) != 0;
    e->at_ms = (i64)((u64)before_ms + (u64)unzigzag(cursor_varint(c)));
    e->person = (u32)cursor_varint(c);
    e->kind = (u16)cursor_varint(c);
#define X(bit, field) \
    if (has & bit)    \
        e->field = (__typeof__(e->field))cursor_varint(c);
    SMALL_FIELDS(X)
#undef X
    if (has & HAS_VALUE)
        e->value = unzigzag(cursor_varint(c));
    if (has & HAS_RECORD)
        e->record = unzigzag(cursor_varint(c));
    if (has & HAS_ID)
        e->id = cursor_u64(c);
    if (has & HAS_PROPS) {
        size_t len = cursor_varint(c);
        e->props = cursor_bytes(c, len);
        if (e->props == NULL || len == 0 || e->props[len - 1] != '\0') {
            e->props = NULL;
            c->failed = true;
        }
    }
}

static void read_events(struct cursor *c, struct arena *a, struct batch *out)
{
    i64 before = out->arrived_ms;

    out->event_count = cursor_count(c, EVENT_BYTES_MIN);
    struct event *events = NEW_N(a, struct event, out->event_count);
    for (u32 i = 0; i < out->event_count && !c->failed; i++) {
        read_event(c, &events[i], before);
        events[i].seq = out->first_seq + i;
        before = events[i].at_ms;
    }
    out->events = events;
}

const char *batch_read(const void *blob, size_t len, struct arena *a, struct batch *out)
{
    const char *what = blob_fault(blob, len, BLOB_LOG, 0, true);

    *out = (struct batch){ 0 };
    if (what != NULL)
        return what;
    struct cursor c = { (const u8 *)blob + BLOB_HEAD_BYTES, (const u8 *)blob + len, false };
    out->first_seq = cursor_varint(&c);
    out->outbox_seq = cursor_varint(&c);
    out->arrived_ms = unzigzag(cursor_varint(&c));
    read_names(&c, a, out);
    read_people(&c, a, out);
    read_links(&c, a, out);
    read_events(&c, a, out);
    return c.failed ? "ends too early" : c.p != c.end ? "longer than what it holds" : NULL;
}

/* ---- bulk ---- */

void names_write(struct dict *d, u8 which, u32 first, u32 last, struct buf *out)
{
    start(out);
    put(out, first);
    for (u32 code = first; code <= last; code++) {
        struct str text = dict_text(d, code);
        put(out, text.len);
        put_raw(out, text.p, text.len);
    }
    blob_seal(out->p, out->len,
              (struct blob_head){ .type = BLOB_NAMES, .item = which, .count = last - first + 1 });
}

const char *names_read(const void *blob, size_t len, struct arena *a, struct batch *out)
{
    struct blob_head head = { 0 };

    if (len >= sizeof head)
        memcpy(&head, blob, sizeof head);
    const char *what = blob_fault(blob, len, BLOB_NAMES, head.item, true);
    *out = (struct batch){ 0 };
    if (what != NULL)
        return what;
    struct cursor c = { (const u8 *)blob + BLOB_HEAD_BYTES, (const u8 *)blob + len, false };
    u32 first = (u32)cursor_varint(&c);
    if (head.count > (size_t)(c.end - c.p))
        return "ends too early";
    struct batch_name *names = NEW_N(a, struct batch_name, head.count);
    for (u32 i = 0; i < head.count && !c.failed; i++) {
        names[i] = (struct batch_name){ .dict = head.item, .code = first + i };
        names[i].text.len = cursor_varint(&c);
        names[i].text.p = cursor_bytes(&c, names[i].text.len);
    }
    out->names = names;
    out->name_count = head.count;
    return c.failed ? "ends too early" : NULL;
}

void people_write(struct people *p, u32 first, u32 last, struct buf *out)
{
    u8 kind;
    u64 key;

    start(out);
    put(out, first);
    for (u32 n = first; n <= last; n++) {
        people_stored(p, n, &kind, &key);
        put(out, kind);
        put_raw(out, &key, sizeof key);
    }
    blob_seal(out->p, out->len,
              (struct blob_head){ .type = BLOB_PEOPLE, .count = last - first + 1 });
}

/* Checks a blob of people and finds them in it. */
static const char *people_open(const void *blob, size_t len, u32 *first, u32 *count,
                               const u8 **people)
{
    const char *what = blob_fault(blob, len, BLOB_PEOPLE, 0, true);
    struct blob_head head;

    if (what != NULL)
        return what;
    memcpy(&head, blob, sizeof head);
    struct cursor c = { (const u8 *)blob + BLOB_HEAD_BYTES, (const u8 *)blob + len, false };
    *first = (u32)cursor_varint(&c);
    *count = head.count;
    *people = cursor_bytes(&c, head.count * (size_t)PERSON_BYTES); /* kinds are small: one byte */
    return c.failed ? "ends too early" : *count == 0 ? "nobody is in it" : NULL;
}

const char *people_read(const void *blob, size_t len, struct people *p)
{
    u32 first, count;
    const u8 *people;
    const char *what = people_open(blob, len, &first, &count, &people);

    if (what != NULL)
        return what;
    return people_restore_many(p, first, people, count) ? NULL : "people who cannot be";
}

const char *people_last(const void *blob, size_t len, u32 *last)
{
    u32 first, count;
    const u8 *people;
    const char *what = people_open(blob, len, &first, &count, &people);

    if (what == NULL)
        *last = first + count - 1;
    return what;
}
