/* events_file.c -- see events_file.h. */
#include "marketing/events_file.h"
#include "base/id.h"
#include "base/json.h"
#include "base/limits.h"
#include "base/utf8.h"
#include "bridge/channel.h"
#include <stdio.h>

enum { BOT_BIT = 0x80, DEVICE_BITS = 3 };
static const char *const devices[] = { "", "desktop", "mobile", "tablet" };
static const char visitor_word[] = "visitor:", contact_word[] = "contact:";

enum column {
    PERSON,
    BELONGS_TO,
    AT,
    KIND,
    CHANNEL,
    SOURCE,
    CAMPAIGN,
    TOUCH,
    SITE,
    PAGE,
    COUNTRY,
    DEVICE,
    CLIENT,
    ACTION,
    PROPS,
    BOT,
    INTERACTIVE,
    IMPORTED,
    VALUE,
    RECORD,
    COLUMNS,
    TEXTS = BOT /* those before it */
};
static const char *const columns[] = {
    [PERSON] = "person",
    [BELONGS_TO] = "belongs_to",
    [AT] = "at",
    [KIND] = "kind",
    [CHANNEL] = "channel",
    [SOURCE] = "source",
    [CAMPAIGN] = "campaign",
    [TOUCH] = "touch",
    [SITE] = "site",
    [PAGE] = "page",
    [COUNTRY] = "country",
    [DEVICE] = "device",
    [CLIENT] = "client",
    [ACTION] = "action",
    [PROPS] = "props",
    [BOT] = "bot",
    [INTERACTIVE] = "interactive",
    [IMPORTED] = "imported",
    [VALUE] = "value",
    [RECORD] = "record",
};
_Static_assert(countof(columns) == COLUMNS, "a column without a name");

/* ---- writing ---- */

void events_file_head(struct buf *out)
{
    for (int c = 0; c < COLUMNS; c++)
        buf_printf(out, "%s%s", c ? "," : "", columns[c]);
    buf_char(out, '\n');
}

static const char *person_text(struct ctx *cx, u32 person)
{
    enum person_kind kind;
    u64 key;

    if (person == 0 || !journey_person_key(cx->journey, person, &kind, &key))
        return "";
    if (kind == PERSON_VISITOR)
        return arena_printf(cx->arena, "%s%016llx", visitor_word, (unsigned long long)key);
    return arena_printf(cx->arena, "%s%s", contact_word, id_text(cx->arena, (i64)key));
}

static const char *country_text(struct ctx *cx, u16 country)
{
    return country == 0 ? "" : arena_printf(cx->arena, "%c%c", country >> 8, country & 0xff);
}

static bool is_action(struct ctx *cx, const struct event *e)
{
    return e->kind == kit_event_code(cx->kit, "action");
}

/* Always quoted, and as it is: the file is for programs, a spreadsheet would need more. */
static void quoted(const char *text, struct buf *out)
{
    buf_char(out, '"');
    for (; *text != '\0'; text++) {
        if (*text == '"')
            buf_char(out, '"');
        buf_char(out, *text);
    }
    buf_char(out, '"');
}

void events_file_put(struct ctx *cx, const struct event *e, bool json, struct buf *out)
{
    struct journey *j = cx->journey;
    u32 root = journey_root(j, e->person);
    bool action = is_action(cx, e);
    const char *texts[TEXTS] = {
        [PERSON] = person_text(cx, e->person),
        [BELONGS_TO] = root == e->person ? "" : person_text(cx, root),
        [AT] = time_iso(cx->arena, e->at_ms),
        [KIND] = journey_name(j, DICT_KIND, e->kind),
        [CHANNEL] = channel_value(e->channel),
        [SOURCE] = journey_name(j, DICT_SOURCE, e->source),
        [CAMPAIGN] = journey_name(j, DICT_CAMPAIGN, e->campaign),
        [TOUCH] = journey_name(j, DICT_TOUCH, e->touch),
        [SITE] = journey_name(j, DICT_SITE, e->site),
        [PAGE] = journey_name(j, DICT_PAGE, e->page),
        [COUNTRY] = country_text(cx, e->country),
        [DEVICE] = devices[e->device & DEVICE_BITS],
        [CLIENT] = journey_name(j, DICT_CLIENT, e->client),
        [ACTION] = action ? journey_name(j, DICT_ACTION, (u32)e->record) : "",
        [PROPS] = e->props ? e->props : "",
    };
    bool flags[] = { (e->device & BOT_BIT) != 0, (e->flags & EVENT_INTERACTIVE) != 0,
                     (e->flags & EVENT_IMPORTED) != 0 };
    i64 numbers[] = { e->value, action ? 0 : e->record };
    struct val *line = json ? val_map(cx->arena) : NULL;

    for (int c = 0; c < COLUMNS; c++) {
        if (json && c < TEXTS)
            val_put_text(line, columns[c], texts[c]);
        else if (json && c < VALUE)
            val_put_bool(line, columns[c], flags[c - BOT]);
        else if (json)
            val_put_i64(line, columns[c], numbers[c - VALUE]);
        else if (c < TEXTS)
            quoted(texts[c], out);
        else if (c < VALUE)
            buf_text(out, flags[c - BOT] ? "true" : "false");
        else
            buf_i64(out, numbers[c - VALUE]);
        if (!json)
            buf_char(out, c + 1 < COLUMNS ? ',' : '\n');
    }
    if (json)
        buf_printf(out, "%s\n", json_text(cx->arena, line));
}

/* ---- reading ---- */

bool events_file_is(const char *name) { return text_is(name, columns[PERSON]); }

bool events_file_has(const char *name)
{
    for (int c = 0; c < COLUMNS; c++)
        if (text_is(name, columns[c]))
            return true;
    return false;
}

static enum status wrong(struct ctx *cx, enum column c, const char *text)
{
    return ctx_fail_field(cx, columns[c], "event.line", "'%s' is no %s of an exported event.", text,
                          columns[c]);
}

static enum status take_person(struct ctx *cx, enum column c, const char *text, u32 *person)
{
    struct str s = str_from(text);
    unsigned long long key;
    i64 id;
    int used = 0;

    if (str_starts(s, visitor_word) &&
        sscanf(text + strlen(visitor_word), "%16llx%n", &key, &used) == 1 && used == 16)
        *person = journey_person(cx->journey, PERSON_VISITOR, key);
    else if (str_starts(s, contact_word) && id_parse(str_from(text + strlen(contact_word)), &id) &&
             id > 0)
        *person = journey_person(cx->journey, PERSON_CONTACT, (u64)id);
    else
        return wrong(cx, c, text);
    return OK;
}

static enum status take_flag(struct ctx *cx, enum column c, const char *text, bool *is)
{
    *is = text_is(text, "true");
    return *is || text_is(text, "false") ? OK : wrong(cx, c, text);
}

static enum status take_words(struct ctx *cx, const char *const *texts, struct event *e)
{
    const char *country = texts[COUNTRY];

    if (texts[CHANNEL][0]) {
        e->channel = (u8)channel_by_value(texts[CHANNEL]);
        if (e->channel == CHANNEL_NONE)
            return wrong(cx, CHANNEL, texts[CHANNEL]);
    }
    if (country[0] && strlen(country) != 2)
        return wrong(cx, COUNTRY, country);
    e->country = country[0] ? (u16)((u8)country[0] << 8 | (u8)country[1]) : 0;
    for (e->device = 0; !text_is(texts[DEVICE], devices[e->device]);)
        if (++e->device == countof(devices))
            return wrong(cx, DEVICE, texts[DEVICE]);
    return OK;
}

static void take_names(struct ctx *cx, const char *const *texts, struct event *e)
{
    struct journey *j = cx->journey;

    e->source = journey_intern(j, DICT_SOURCE, str_from(texts[SOURCE]));
    e->campaign = journey_intern(j, DICT_CAMPAIGN, str_from(texts[CAMPAIGN]));
    e->touch = journey_intern(j, DICT_TOUCH, str_from(texts[TOUCH]));
    e->site = journey_intern(j, DICT_SITE, str_from(texts[SITE]));
    e->page = journey_intern(j, DICT_PAGE, str_from(texts[PAGE]));
    e->client = journey_intern(j, DICT_CLIENT, str_from(texts[CLIENT]));
    if (is_action(cx, e))
        e->record = journey_intern(j, DICT_ACTION, str_from(texts[ACTION]));
}

static enum status take_numbers(struct ctx *cx, const char *const *texts, struct event *e)
{
    bool bot, interactive, imported;

    TRY(take_flag(cx, BOT, texts[BOT], &bot));
    TRY(take_flag(cx, INTERACTIVE, texts[INTERACTIVE], &interactive));
    TRY(take_flag(cx, IMPORTED, texts[IMPORTED], &imported));
    e->device |= bot ? BOT_BIT : 0;
    e->flags = (interactive ? EVENT_INTERACTIVE : 0) | (imported ? EVENT_IMPORTED : 0);
    if (!str_i64(str_from(texts[VALUE]), &e->value))
        return wrong(cx, VALUE, texts[VALUE]);
    return str_i64(str_from(texts[RECORD]), &e->record) ? OK : wrong(cx, RECORD, texts[RECORD]);
}

static enum status take_props(struct ctx *cx, const char *props, struct event *e)
{
    struct json_error err;
    struct val *v;

    if (props[0] == '\0')
        return OK;
    if (strlen(props) > LIMIT_EVENT_PROPS_BYTES ||
        json_read(cx->arena, str_from(props), &v, &err) != OK || val_kind_of(v) != VAL_MAP)
        return wrong(cx, PROPS, utf8_cut(cx->arena, props, 60));
    e->props = props;
    return OK;
}

enum status events_file_take(struct ctx *cx, const struct val *line, struct event *e,
                             u32 *belongs_to)
{
    const char *texts[COLUMNS];

    *e = (struct event){ .kind = 0 };
    *belongs_to = 0;
    for (int c = 0; c < COLUMNS; c++)
        texts[c] = val_print(cx->arena, val_get(line, columns[c]));
    if (!time_parse(str_from(texts[AT]), &e->at_ms))
        return wrong(cx, AT, texts[AT]);
    e->kind = (u16)journey_intern(cx->journey, DICT_KIND, str_from(texts[KIND]));
    if (e->kind == 0)
        return wrong(cx, KIND, texts[KIND]);
    TRY(take_words(cx, texts, e));
    TRY(take_numbers(cx, texts, e));
    TRY(take_props(cx, texts[PROPS], e));
    if (texts[BELONGS_TO][0])
        TRY(take_person(cx, BELONGS_TO, texts[BELONGS_TO], belongs_to));
    take_names(cx, texts, e);
    return take_person(cx, PERSON, texts[PERSON], &e->person);
}
