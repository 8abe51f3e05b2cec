/* journey_log_fuzz.c -- a row of the journey's log with any payload: reading it refuses, or gives
 * what is written and read again as the same. The first byte chooses the kind of blob; the head
 * around the payload is made right. */
#include "fuzz.h"
#include "journey/batch_int.h"

static void *wrap(struct arena *a, const uint8_t *data, size_t size, u8 type, u8 item, u32 count)
{
    char *blob = arena_alloc(a, BLOB_HEAD_BYTES + size, 1);

    if (size > 0)
        memcpy(blob + BLOB_HEAD_BYTES, data, size);
    blob_seal(blob, BLOB_HEAD_BYTES + size,
              (struct blob_head){ .type = type, .item = item, .count = count });
    return blob;
}

static void same_events(const struct batch *a, const struct batch *b)
{
    must(a->event_count == b->event_count, "as many events");
    for (u32 i = 0; i < a->event_count; i++) {
        const struct event *x = &a->events[i], *y = &b->events[i];
        must(x->at_ms == y->at_ms && x->person == y->person && x->kind == y->kind &&
                 x->page == y->page && x->value == y->value && x->record == y->record &&
                 x->id == y->id && x->seq == y->seq,
             "an event reads as it was written");
        must((x->props == NULL) == (y->props == NULL) &&
                 (x->props == NULL || text_is(x->props, y->props)),
             "props read as they were written");
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (size < 2)
        return 0;
    scoped(arena_close) struct arena *a = arena_new(1 << 16);
    scoped(buf_free) struct buf again = buf_new(0);
    struct batch b, back;
    size_t len = BLOB_HEAD_BYTES + size - 2;

    switch (data[0] % 3) {
    case 0: {
        void *blob = wrap(a, data + 2, size - 2, BLOB_LOG, 0, data[1]);
        if (batch_read(blob, len, a, &b) != NULL)
            break;
        batch_write(&b, &again);
        must(batch_read(again.p, again.len, a, &back) == NULL, "what was written reads");
        same_events(&b, &back);
        break;
    }
    case 1:
        (void)names_read(wrap(a, data + 2, size - 2, BLOB_NAMES, data[1] % 9, data[1]), len, a, &b);
        break;
    default: {
        struct people people;
        people_init(&people);
        (void)people_read(wrap(a, data + 2, size - 2, BLOB_PEOPLE, 0, data[1]), len, &people);
        people_index(&people);
        people_close(&people);
        break;
    }
    }
    return 0;
}
