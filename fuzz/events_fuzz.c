/* events_fuzz.c -- one event from outside (POST /api/v1/events, furrow import events): it is
 * refused with a field and a word for it, or on the journey, readable, at a time that was.
 * Input: the event as JSON. */
#include "fuzz_house.h"
#include "marketing/events.h"

static const char *const contact[][2] = { { "email", "ada@shop.example" }, { NULL, NULL } };

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct val *given;
    struct event *events;
    struct ctx cx;
    size_t count;
    u64 before;

    if (house == NULL)
        house_begin("contact", contact);
    struct arena *a = arena_new(64 * 1024);
    cx = *house->cx;
    cx.arena = a;
    if (json_read(a, (struct str){ (const char *)data, size }, &given, NULL) == OK) {
        struct events_in *in = events_in_new(&cx);
        enum status s = events_in_add(&cx, in, given);
        must(s == OK || (s == E_INVALID && cx.field_errors != NULL), "refused without a word");
        must(events_in_count(in) == (s == OK), "half taken");
        before = journey_last_seq(house->journey);
        must(events_in_store(&cx, in) == OK, "taken, and not stored");
        must(journey_since(&cx, house->journey, before, 2, &events, &count) == OK, "not readable");
        must(count <= (s == OK), "stored though refused"); /* fewer: its id was known */
        if (count > 0)
            check_event(&cx, &events[0]);
    }
    arena_free(a);
    return 0;
}
