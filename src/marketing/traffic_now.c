/* traffic_now.c -- who is on the sites right now, and what was read last: of the journey's last
 * events, so that it costs the same however long the journey is. Open pages follow it live. */
#include "base/limits.h"
#include "bridge/channel.h"
#include "journey/journey.h"
#include "kit/live.h"
#include "kit/show.h"
#include "marketing/traffic_int.h"
#include <stdlib.h>

enum { LATEST = 10, LATEST_READ = 400, LATEST_MOST = 8000, NOW_MS = 5 * MS_MINUTE };

static void put_latest_one(struct ctx *cx, const struct event *e, struct val *list)
{
    struct journey *j = cx->journey;
    const struct event_kind *kind = kit_event_kind_by_code(cx->kit, e->kind);
    struct val *one = val_add_map(list), *when = val_put_map(one, "when");
    const char *source = journey_name(j, DICT_SOURCE, e->source);

    val_put_text(one, "page", journey_name(j, DICT_PAGE, e->page));
    val_put_text(one, "kind", kind ? kind->label : "");
    val_put_text(one, "source", source);
    val_put_text(one, "channel_value", channel_value(e->channel));
    val_put_text(one, "channel", channel_label(e->channel));
    val_put_text(when, "text", show_time(cx, e->at_ms));
    val_put_text(when, "iso", time_iso(cx->arena, e->at_ms));
    val_put_text(when, "full", show_time_full(cx, e->at_ms));
}

/* People and page views among the last events. */
struct recent {
    u32 people[LATEST_READ];
    size_t present;
};
static enum status read_recent(struct ctx *cx, size_t most, struct recent *r, struct val *list)
{
    u64 last = journey_last_seq(cx->journey);
    struct event *events;
    size_t count;

    TRY(journey_since(cx, cx->journey, last > most ? last - most : 0, most, &events, &count));
    for (size_t i = count; i-- > 0;) {
        const struct event_kind *kind = kit_event_kind_by_code(cx->kit, events[i].kind);
        size_t k = 0;
        if (!kind || !(kind->flags & KIND_VISIT))
            continue;
        if (val_count(list) < LATEST && text_is(kind->name, "pageview"))
            put_latest_one(cx, &events[i], list);
        if (events[i].at_ms < ctx_now(cx) - NOW_MS)
            continue;
        while (k < r->present && r->people[k] != events[i].person)
            k++;
        if (k == r->present && r->present < LATEST_READ)
            r->people[r->present++] = events[i].person;
    }
    return OK;
}

/* Who was seen in the last five minutes, and what was read last, newest first. Where other things
 * happened since, as after an import, the look goes further back once. */
enum status traffic_put_now(struct ctx *cx, struct val *page)
{
    struct val *now = val_put_map(page, "now"), *list = val_put_list(now, "latest");
    struct recent r = { .present = 0 };

    val_put_i64(now, "visitors", 0);
    val_put_bool(now, "has_latest", false);
    if (cx->journey == NULL || journey_last_seq(cx->journey) == 0)
        return OK;
    TRY(read_recent(cx, LATEST_READ, &r, list));
    if (val_count(list) == 0)
        TRY(read_recent(cx, LATEST_MOST, &r, list));
    val_put_i64(now, "visitors", (i64)r.present);
    val_put_printf(now, "text", "%zu %s on your sites right now", r.present,
                   r.present == 1 ? "person" : "people");
    val_put_bool(now, "has_latest", val_count(list) > 0);
    return OK;
}

/* GET /traffic/now: the part of the page that follows what happens. */
enum status traffic_now(struct req *rq)
{
    struct val *page = val_map(rq->cx->arena);

    TRY(traffic_put_now(rq->cx, page));
    return reply_fragment(rq, "traffic/now", page);
}

/* Open pages hear of new events at most once a second: they ask again for what they show. On the
 * journey's thread. */
struct pulse {
    struct kit *kit;
    i64 last_ms;
};
static void on_events(void *arg, const struct event *events, size_t count)
{
    struct pulse *pulse = arg;
    i64 now = (i64)(clock_mono_ns() / 1000000);

    (void)events;
    if (count == 0 || now - pulse->last_ms < MS_SECOND)
        return;
    pulse->last_ms = now;
    live_say(kit_live(pulse->kit), "traffic", 0, "{}");
}

static void pulse_free(void *state) { free(state); }

enum status traffic_start(struct ctx *cx)
{
    struct pulse *pulse = calloc(1, sizeof *pulse);

    if (!pulse)
        abort();
    pulse->kit = cx->kit;
    kit_set_state(cx->kit, "traffic", pulse, pulse_free);
    if (cx->journey)
        journey_listen(cx->journey, on_events, pulse);
    return OK;
}
