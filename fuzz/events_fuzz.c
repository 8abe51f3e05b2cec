/* events_fuzz.c -- one event from outside (POST /api/v1/events, furrow import events): it is
 * refused with a field and a word for it, or on the journey, readable, at a time that was.
 * Input: the event as JSON. */
#include "base/json.h"
#include "base/limits.h"
#include "base/utf8.h"
#include "bridge/channel.h"
#include "fuzz.h"
#include "journey/journey.h"
#include "marketing/events.h"
#include "support/house.h"

static struct house *house;

static void close_house(void) { house_close(house); }

static void open_house(void)
{
    struct row *contact;

    house = house_open(DB_SQLITE, NULL);
    atexit(close_house);
    contact = row_new(house->cx, type_find(house->cx, "contact"));
    row_set_text(contact, type_field(row_type(contact), "email"), "ada@shop.example");
    must(record_save(house->cx, contact) == OK, "no contact");
}

static void check_event(struct ctx *cx, const struct event *e)
{
    static const enum journey_dict dicts[] = { DICT_SITE,     DICT_PAGE,   DICT_SOURCE,
                                               DICT_CAMPAIGN, DICT_CLIENT, DICT_TOUCH };
    const u32 codes[] = { e->site, e->page, e->source, e->campaign, e->client, e->touch };
    struct val *props;

    must(kit_event_kind_by_code(house->kit, e->kind) != NULL, "of no kind");
    must(channel_value(e->channel) != NULL, "of no channel");
    for (size_t i = 0; i < countof(dicts); i++)
        must(utf8_valid(str_from(journey_name(house->journey, dicts[i], codes[i]))),
             "a name that is no UTF-8");
    must(e->person != 0, "nobody's");
    must(e->at_ms >= 0 && e->at_ms <= ctx_now(cx) + MS_HOUR, "of a time to come");
    if (e->props == NULL)
        return;
    must(strlen(e->props) <= LIMIT_EVENT_PROPS_BYTES, "props over their limit");
    must(json_read(cx->arena, str_from(e->props), &props, NULL) == OK, "props that are no JSON");
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct val *given;
    struct event *events;
    struct ctx cx;
    size_t count;
    u64 before;

    if (house == NULL)
        open_house();
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
