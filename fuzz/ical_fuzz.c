/* ical_fuzz.c -- calendars of strangers. Whatever they say: texts are valid UTF-8, instances lie in
 * the window and in order, limits hold, and what an event says can be written and read again. */
#include "base/utf8.h"
#include "fuzz.h"
#include "io/ical.h"
#include <string.h>

static void check_again(struct ctx *cx, const struct ical *c)
{
    struct buf b = buf_in(cx->arena, 4 * ICAL_BYTES);
    struct ical_window w = { 0, 0, NULL };
    struct ical *again;

    ical_write(cx->arena, &b,
               &(struct ical_calendar){ .method = ICAL_REQUEST,
                                        .name = c->name,
                                        .events = c->events,
                                        .event_count = c->event_count > 3 ? 3 : c->event_count });
    if (buf_status(&b) != OK || b.len > ICAL_BYTES)
        return;
    must(ical_read(cx, (struct str){ b.p, b.len }, &w, &again) == OK, "ours cannot be read");
    must(again->event_count == (c->event_count > 3 ? 3 : c->event_count), "an event is lost");
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static struct arena *arena;
    struct ical_window w = { INT64_C(1767225600000), INT64_C(1777225600000), NULL };
    struct ctx cx;
    struct ical *c;
    i64 last = INT64_MIN;

    if (arena == NULL)
        arena = arena_new(1024 * 1024);
    ctx_init(&cx, arena, NULL);
    if (ical_read(&cx, (struct str){ (const char *)data, size }, &w, &c) == OK) {
        must(c->instance_count <= ICAL_INSTANCES && c->event_count <= ICAL_EVENTS, "too many");
        for (size_t i = 0; i < c->event_count; i++) {
            const struct ical_event *e = &c->events[i];
            must(utf8_valid(str_from(e->uid)) && utf8_valid(str_from(e->title)) &&
                     utf8_valid(str_from(e->text)) && utf8_valid(str_from(e->organizer.mail)),
                 "a text that is no UTF-8");
            must(e->people_count <= ICAL_PEOPLE && strlen(e->title) <= ICAL_TEXT_BYTES, "too long");
        }
        for (size_t i = 0; i < c->instance_count; i++) {
            const struct ical_instance *n = &c->instances[i];
            must(n->start_ms <= n->end_ms && n->start_ms < w.until_ms && n->end_ms >= w.from_ms,
                 "an instance outside of the window");
            must(n->start_ms >= last, "out of order");
            last = n->start_ms;
        }
        check_again(&cx, c);
    }
    arena_reset(arena);
    return 0;
}
