/* fuzz_house.h -- what the targets share that send a whole program what strangers send: the program
 * with one record in it, header lines out of the input, and what must hold of every event that came
 * of it. */
#pragma once
#include "base/json.h"
#include "base/limits.h"
#include "base/utf8.h"
#include "bridge/channel.h"
#include "fuzz.h"
#include "journey/journey.h"
#include "support/house.h"

enum { LINE_BYTES = 600 };

static struct house *house;

static void house_end(void) { house_close(house); }

/* Open until the process ends, with one record of `type`: fields and values, NULL behind them. */
static inline void house_begin(const char *type, const char *const (*fields)[2])
{
    struct row *r;

    house = house_open(DB_SQLITE, NULL);
    atexit(house_end);
    r = row_new(house->cx, type_find(house->cx, type));
    for (; (*fields)[0]; fields++)
        row_set_text(r, type_field(row_type(r), (*fields)[0]), (*fields)[1]);
    must(record_save(house->cx, r) == OK, "the record was refused");
}

/* The next line as a header's value, as the server would let it through: printable, or nothing. */
static inline const char *take_line(struct str *rest, char out[LINE_BYTES])
{
    struct str line;
    size_t len = 0;

    if (!str_split(rest, '\n', &line))
        line = STR("");
    for (; len < line.len && len < LINE_BYTES - 1; len++)
        out[len] = (unsigned char)line.p[len] < ' ' || line.p[len] == 127 ? ' ' : line.p[len];
    out[len] = '\0';
    return out;
}

static inline void check_event(struct ctx *cx, const struct event *e)
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

/* Of the site of the record above. */
static inline void check_hit(struct ctx *cx, const struct event *e)
{
    check_event(cx, e);
    must(text_is(journey_name(house->journey, DICT_SITE, e->site), "example.com"), "another site");
    must(e->at_ms >= ctx_now(cx) - MS_DAY, "of another time");
}
