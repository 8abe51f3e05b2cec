/* dimension.c -- by what journeys are split and narrowed: how a visit came (channel, source,
 * medium, campaign, term, content), what it saw and did (page, entry, exit, site, events of the
 * site's own), from where and with what
 * (country, language, device, browser, system, screen). */
#include "base/json.h"
#include "base/locale.h"
#include "bridge/channel.h"
#include "journey/journey.h"
#include "kit/question.h"

static const char *as_it_is(struct ctx *cx, const char *value)
{
    (void)cx;
    return value;
}

/* ---- how it came ---- */
static u32 channel_key(const struct event *e) { return e->channel; }
static const char *channel_word(struct ctx *cx, u32 key)
{
    (void)cx;
    return key < CHANNEL_COUNT ? channel_value((enum channel)key) : "";
}
static const char *channel_text(struct ctx *cx, const char *value)
{
    (void)cx;
    return channel_label(channel_by_value(value));
}
static bool channel_known(const char *value) { return channel_by_value(value) != CHANNEL_NONE; }

static u32 source_key(const struct event *e) { return e->source; }
static const char *source_name(struct ctx *cx, u32 key)
{
    return journey_name(cx->journey, DICT_SOURCE, key);
}

static u32 campaign_key(const struct event *e) { return e->campaign; }
static const char *campaign_name(struct ctx *cx, u32 key)
{
    return journey_name(cx->journey, DICT_CAMPAIGN, key);
}

/* A member of the touch tuple (JSON). */
static u32 touch_key(const struct event *e) { return e->touch; }
static const char *touch_part(struct ctx *cx, u32 key, const char *name)
{
    const char *tuple = journey_name(cx->journey, DICT_TOUCH, key);
    struct val *v;

    if (tuple[0] == '\0' || json_read(cx->arena, str_from(tuple), &v, NULL) != OK)
        return "";
    return val_get_text(v, name);
}
static const char *medium_name(struct ctx *cx, u32 key) { return touch_part(cx, key, "medium"); }
static const char *term_name(struct ctx *cx, u32 key) { return touch_part(cx, key, "term"); }
static const char *content_name(struct ctx *cx, u32 key) { return touch_part(cx, key, "content"); }

/* ---- what it saw ---- */
static u32 page_key(const struct event *e) { return e->page; }
static const char *page_name(struct ctx *cx, u32 key)
{
    return journey_name(cx->journey, DICT_PAGE, key);
}

/* What a site calls what a visitor did there: "Signup", "File Download". */
static u32 action_key(const struct event *e) { return (u32)e->record; }
static const char *action_name(struct ctx *cx, u32 key)
{
    return journey_name(cx->journey, DICT_ACTION, key);
}

static u32 site_key(const struct event *e) { return e->site; }
static const char *site_name(struct ctx *cx, u32 key)
{
    return journey_name(cx->journey, DICT_SITE, key);
}

/* ---- from where, with what ---- */
static u32 country_key(const struct event *e) { return e->country; }
static const char *country_code(struct ctx *cx, u32 key)
{
    return arena_printf(cx->arena, "%c%c", (char)(key >> 8), (char)(key & 0xff));
}
static const char *country_text(struct ctx *cx, const char *value)
{
    return country_name(cx->arena, value);
}
static bool country_known(const char *value)
{
    return strlen(value) == 2 && value[0] >= 'A' && value[0] <= 'Z' && value[1] >= 'A' &&
           value[1] <= 'Z';
}

/* The device without the mark of a bot. */
static u32 device_key(const struct event *e) { return e->device & 3; }
struct word {
    const char *value, *text;
};
static const struct word devices[] = {
    { "", "" }, { "desktop", "Desktop" }, { "mobile", "Mobile" }, { "tablet", "Tablet" }
};
/* The classes of width that collect.c tells apart. */
static const struct word screens[] = { { "small", "Small, under 600 px" },
                                       { "medium", "Medium, under 1,100 px" },
                                       { "large", "Large, 1,100 px and more" } };

static const char *word_text(const struct word *words, size_t count, const char *value)
{
    for (size_t i = 0; i < count; i++)
        if (text_is(words[i].value, value))
            return words[i].text;
    return "";
}
static const char *device_word(struct ctx *cx, u32 key)
{
    (void)cx;
    return key < countof(devices) ? devices[key].value : "";
}
static const char *device_text(struct ctx *cx, const char *value)
{
    (void)cx;
    return word_text(devices, countof(devices), value);
}
static bool device_known(const char *value)
{
    return word_text(devices, countof(devices), value)[0] != '\0';
}

/* A member of the client tuple "browser|system|language|screen". */
static u32 client_key(const struct event *e) { return e->client; }
static const char *client_part(struct ctx *cx, u32 key, int index)
{
    struct str rest = str_from(journey_name(cx->journey, DICT_CLIENT, key)), part = STR("");

    for (int i = 0; i <= index; i++)
        if (!str_split(&rest, '|', &part))
            return "";
    return str_dup(cx->arena, part);
}
static const char *browser_name(struct ctx *cx, u32 key) { return client_part(cx, key, 0); }
static const char *system_name(struct ctx *cx, u32 key) { return client_part(cx, key, 1); }
static const char *language_code(struct ctx *cx, u32 key) { return client_part(cx, key, 2); }
static const char *language_text(struct ctx *cx, const char *value)
{
    return language_name(cx->arena, value);
}
static const char *screen_name(struct ctx *cx, u32 key) { return client_part(cx, key, 3); }
static const char *screen_text(struct ctx *cx, const char *value)
{
    const char *text = word_text(screens, countof(screens), value);

    (void)cx;
    return text[0] ? text : value;
}
static bool screen_known(const char *value)
{
    return word_text(screens, countof(screens), value)[0] != '\0';
}

#define CLIENT READ_CLIENT, OF_VISIT, client_key
#define TOUCH READ_TOUCH, OF_VISIT, touch_key
static const struct dimension dimensions[] = {
    { "channel", "Channel", READ_CHANNEL, OF_VISIT, channel_key, channel_word, channel_text,
      .known = channel_known },
    { "source", "Source", READ_SOURCE, OF_VISIT, source_key, source_name, as_it_is },
    { "medium", "Medium", TOUCH, medium_name, as_it_is, .shared = true },
    { "campaign", "Campaign", READ_CAMPAIGN, OF_VISIT, campaign_key, campaign_name, as_it_is },
    { "term", "Term", TOUCH, term_name, as_it_is, .shared = true },
    { "content", "Content", TOUCH, content_name, as_it_is, .shared = true },
    { "page", "Page", READ_PAGE, OF_EVENT, page_key, page_name, as_it_is },
    { "entry_page", "Entry page", READ_PAGE, OF_FIRST, page_key, page_name, as_it_is,
      .event_kind = "pageview" },
    { "exit_page", "Exit page", READ_PAGE, OF_LAST, page_key, page_name, as_it_is,
      .event_kind = "pageview" },
    { "action", "Event", READ_RECORD, OF_EVENT, action_key, action_name, as_it_is,
      .event_kind = "action" },
    { "site", "Site", READ_SITE, OF_EVENT, site_key, site_name, as_it_is },
    { "country", "Country", READ_COUNTRY, OF_VISIT, country_key, country_code, country_text,
      .known = country_known },
    { "language", "Language", CLIENT, language_code, language_text, .shared = true },
    { "device", "Device", READ_DEVICE, OF_VISIT, device_key, device_word, device_text,
      .known = device_known },
    { "browser", "Browser", CLIENT, browser_name, as_it_is, .shared = true },
    { "system", "System", CLIENT, system_name, as_it_is, .shared = true },
    { "screen", "Screen", CLIENT, screen_name, screen_text, .shared = true, .known = screen_known },
};
const struct feature feature_dimension = { .name = "dimension", DIMENSIONS(dimensions) };
