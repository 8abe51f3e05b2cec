/* events.c -- events from outside: what other programs know of people, of today or of years back,
 * comes on the same journeys as what Furrow sees itself. Each event says whose it is (a contact, a
 * mail address or a visitor's first-party id), of which kind, and when; an id makes it safe to send
 * again. */
#include "marketing/events.h"
#include "base/id.h"
#include "base/json.h"
#include "base/limits.h"
#include "base/money.h"
#include "base/utf8.h"
#include "bridge/contact.h"
#include "bridge/identity.h"
#include "bridge/measure.h"
#include "bridge/segment.h"
#include "journey/journey.h"
#include "marketing/arrival.h"
#include "marketing/client.h"
#include "marketing/collect.h"
#include "marketing/events_file.h"

enum {
    AHEAD_MS = 5 * MS_MINUTE, /* clocks differ */
    TOUCHES_AT_ONCE = 200,    /* contacts changed in one transaction */
    URL_MOST = HIT_URL_BYTES,
    TEXT_MOST = 200,
    AGENT_MOST = 1000,
};

/* What an event may say. Texts have a most in characters; the others are read by themselves. */
enum part {
    ID,
    KIND,
    AT,
    CONTACT_ID,
    EMAIL,
    VISITOR_ID,
    NAME,
    URL,
    REFERRER,
    TITLE,
    SITE,
    CHANNEL,
    SOURCE,
    MEDIUM,
    CAMPAIGN,
    TERM,
    CONTENT,
    USER_AGENT,
    COUNTRY,
    RECORD_ID,
    VALUE,
    PROPS,
    PARTS
};
static const struct {
    const char *name;
    size_t most; /* 0: no text */
} parts[] = {
    [ID] = { "id", TEXT_MOST },
    [KIND] = { "kind", TEXT_MOST },
    [AT] = { "at", 0 },
    [CONTACT_ID] = { "contact_id", ID_CHARS },
    [EMAIL] = { "email", 254 },
    [VISITOR_ID] = { "visitor_id", 64 },
    [NAME] = { "name", HIT_NAME_CHARS },
    [URL] = { "url", URL_MOST },
    [REFERRER] = { "referrer", URL_MOST },
    [TITLE] = { "title", 300 },
    [SITE] = { "site", 253 },
    [CHANNEL] = { "channel", TEXT_MOST },
    [SOURCE] = { "source", TEXT_MOST },
    [MEDIUM] = { "medium", TEXT_MOST },
    [CAMPAIGN] = { "campaign", TEXT_MOST },
    [TERM] = { "term", TEXT_MOST },
    [CONTENT] = { "content", TEXT_MOST },
    [USER_AGENT] = { "user_agent", AGENT_MOST },
    [COUNTRY] = { "country", 2 },
    [RECORD_ID] = { "record_id", ID_CHARS },
    [VALUE] = { "value", 0 },
    [PROPS] = { "props", 0 },
};
_Static_assert(countof(parts) == PARTS, "a part without a row");

/* One event as it came: texts are "" when absent. */
struct given {
    const char *texts[PARTS];
    const struct val *at, *value, *props;
};
struct events_in {
    struct event *events;
    i64 *contacts; /* of each event; 0: a visitor's */
    size_t count;
    struct journey_link *links; /* of exported events: who belongs to whom */
    size_t link_count;
};

struct events_in *events_in_new(struct ctx *cx)
{
    struct events_in *in = NEW(cx->arena, struct events_in);

    in->events = NEW_N(cx->arena, struct event, LIMIT_EVENT_BATCH);
    in->contacts = NEW_N(cx->arena, i64, LIMIT_EVENT_BATCH);
    in->links = NEW_N(cx->arena, struct journey_link, LIMIT_EVENT_BATCH);
    return in;
}

size_t events_in_count(const struct events_in *in) { return in->count; }

static int part_of(struct str name)
{
    for (int i = 0; i < PARTS; i++)
        if (str_is(name, parts[i].name))
            return i;
    return -1;
}

bool events_in_field(const char *name)
{
    struct str rest = str_from(name), head;

    if (!str_split(&rest, '.', &head))
        return false;
    switch (part_of(head)) {
    case -1:
        return false;
    case PROPS:
        return rest.len > 0;
    case VALUE:
        return str_is(rest, "amount") || str_is(rest, "currency");
    default:
        return rest.len == 0 && head.len == strlen(name);
    }
}

/* ---- what was given ---- */

static enum status read_part(struct ctx *cx, struct given *g, enum part p, const struct val *v)
{
    enum val_kind kind = val_kind_of(v);

    if (p == AT)
        g->at = v;
    else if (p == VALUE)
        g->value = v;
    else if (p == PROPS)
        g->props = v;
    else if (kind == VAL_MAP || kind == VAL_LIST || kind == VAL_BOOL)
        return ctx_fail_field(cx, parts[p].name, "event.text", "%s must be a text.", parts[p].name);
    else
        g->texts[p] = str_dup(cx->arena, str_trim(str_from(val_print(cx->arena, v))));
    if (parts[p].most > 0 && utf8_length(g->texts[p]) > parts[p].most)
        return ctx_fail_field(cx, parts[p].name, "event.too_long",
                              "%s has more than %zu characters.", parts[p].name, parts[p].most);
    return OK;
}

static enum status read_given(struct ctx *cx, const struct val *event, struct given *g)
{
    *g = (struct given){ .at = NULL };
    for (int i = 0; i < PARTS; i++)
        g->texts[i] = "";
    if (val_kind_of(event) != VAL_MAP)
        return ctx_fail_field(cx, "", "event.not_object", "An event must be an object.");
    for (size_t i = 0; i < val_count(event); i++) {
        const char *key = val_key_at(event, i);
        int p = part_of(str_from(key));
        if (p < 0)
            return ctx_fail_field(cx, utf8_cut(cx->arena, key, 60), "unknown_field",
                                  "An event has no field '%s'; what is your own goes in props.",
                                  utf8_cut(cx->arena, key, 60));
        if (!val_is_null(val_value_at(event, i)))
            TRY(read_part(cx, g, (enum part)p, val_value_at(event, i)));
    }
    return OK;
}

/* ---- kind, time, person ---- */

static enum status read_kind(struct ctx *cx, const struct given *g, struct event *e)
{
    const struct event_kind *kind = kit_event_kind(cx->kit, g->texts[KIND]);

    if (kind == NULL || kind->flags & KIND_RETIRED)
        return ctx_fail_field(cx, "kind", text_empty(g->texts[KIND]) ? "required" : "event.kind",
                              "'%s' is no kind of event. What only you know is an 'action' with a "
                              "name, or a kind of your own: add it under Settings, Event kinds.",
                              g->texts[KIND]);
    if (text_is(kind->name, "action") && text_empty(g->texts[NAME]))
        return ctx_fail_field(cx, "name", "required", "An action needs a name.");
    e->kind = kit_event_code(cx->kit, kind->name);
    e->flags = EVENT_IMPORTED | (kind->flags & KIND_VISIT ? EVENT_INTERACTIVE : 0);
    return OK;
}

/* RFC 3339, a local time of the workspace, a day, or milliseconds since 1970; without: now. */
static bool time_of(struct ctx *cx, const struct val *v, i64 *ms)
{
    const char *text = val_as_text(v, "");
    struct str s = str_trim(str_from(text));
    const struct zone *z = kit_zone(cx);
    i64 day;

    if (val_kind_of(v) == VAL_I64)
        return *ms = val_as_i64(v, 0), true;
    if (time_parse(s, ms) || zone_parse_local(z, s, ms) || str_i64(s, ms))
        return true;
    if (!date_parse(s, &day))
        return false;
    *ms = zone_instant(z, day, 0);
    return true;
}

static enum status read_time(struct ctx *cx, const struct given *g, struct event *e)
{
    i64 now = ctx_now(cx);

    e->at_ms = now;
    if (val_is_null(g->at))
        return OK;
    if (!time_of(cx, g->at, &e->at_ms))
        return ctx_fail_field(cx, "at", "event.at", "at must be a time like 2026-11-23T10:00:00Z.");
    if (e->at_ms < 0 || e->at_ms > now + AHEAD_MS)
        return ctx_fail_field(cx, "at", "event.at_range",
                              "at must lie between 1970 and now: what happened, not what will.");
    return OK;
}

/* The contact, if who asks may read it. */
static enum status contact_by(struct ctx *cx, const char *field, const char *text, i64 id,
                              struct row **out)
{
    enum status s = OK;

    if (id == 0) {
        s = record_find(cx, &contact_type, "email", text, out);
        id = s == OK ? row_id(*out) : 0;
    }
    if (s == OK)
        s = record_get(cx, &contact_type, id, out);
    if (s != E_NOT_FOUND)
        return s;
    ctx_clear_error(cx);
    return ctx_fail_field(cx, field, "event.no_contact", "There is no contact with %s '%s'.", field,
                          text);
}

static enum status read_person(struct ctx *cx, const struct given *g, struct event *e,
                               i64 *contact_id)
{
    const char *id = g->texts[CONTACT_ID], *email = g->texts[EMAIL],
               *visitor = g->texts[VISITOR_ID];
    struct row *contact;

    *contact_id = 0;
    if (!text_empty(id) + !text_empty(email) + !text_empty(visitor) != 1)
        return ctx_fail_field(
            cx, "contact_id", "event.person",
            "Say whose it is by exactly one of contact_id, email and visitor_id.");
    if (!text_empty(visitor)) {
        if (!first_party_id_is(visitor))
            return ctx_fail_field(cx, "visitor_id", "event.visitor",
                                  "A visitor's id has 8 to 64 letters, digits, - and _.");
        e->person = journey_person(cx->journey, PERSON_VISITOR, visitor_of_id(visitor));
        return OK;
    }
    if (!text_empty(id) && !id_parse(str_from(id), contact_id))
        return ctx_fail_field(cx, "contact_id", "event.contact", "'%s' is no id.", id);
    TRY(contact_by(cx, text_empty(id) ? "email" : "contact_id", text_empty(id) ? email : id,
                   *contact_id, &contact));
    *contact_id = row_id(contact);
    e->person = journey_person(cx->journey, PERSON_CONTACT, (u64)*contact_id);
    return OK;
}

/* ---- where it was, and how somebody came ---- */

static void take_text(struct ctx *cx, const char *said, struct str *place)
{
    if (!text_empty(said))
        *place = str_from(text_lower_ascii(cx->arena, said));
}

static enum status read_channel(struct ctx *cx, const struct given *g, struct campaign_link *link,
                                struct event *e)
{
    const char *said = g->texts[CHANNEL], *tuple;

    take_text(cx, g->texts[SOURCE], &link->arrival.source);
    take_text(cx, g->texts[MEDIUM], &link->arrival.medium);
    take_text(cx, g->texts[CAMPAIGN], &link->arrival.campaign);
    take_text(cx, g->texts[TERM], &link->term);
    take_text(cx, g->texts[CONTENT], &link->content);
    tuple = link_tuple(cx->arena, link);
    if (!text_empty(said)) {
        e->channel = (u8)channel_by_value(said);
        if (e->channel == CHANNEL_NONE)
            return ctx_fail_field(cx, "channel", "event.channel",
                                  "'%s' is no channel; say it like paid-search, or leave it to "
                                  "source and medium.",
                                  said);
    } else if (tuple != NULL) {
        e->channel = (u8)channel_of(&link->arrival);
    }
    e->touch = tuple ? journey_intern(cx->journey, DICT_TOUCH, str_from(tuple)) : 0;
    e->source = journey_intern(cx->journey, DICT_SOURCE, link->arrival.source);
    e->campaign = journey_intern(cx->journey, DICT_CAMPAIGN, link->arrival.campaign);
    return OK;
}

static enum status read_place(struct ctx *cx, const struct given *g, struct event *e)
{
    const char *url = g->texts[URL], *site = g->texts[SITE];
    struct address page = { STR("") }, from = { STR("") };
    struct campaign_link link;
    bool path = url[0] == '/';

    if (path)
        url = arena_printf(cx->arena, "https://%s%s", text_empty(site) ? "localhost" : site, url);
    if (!text_empty(url) && !address_read(cx->arena, str_from(url), &page))
        return ctx_fail_field(cx, "url", "event.url",
                              "url must be the address of a page, or a path.");
    if (!address_read(cx->arena, str_from(g->texts[REFERRER]), &from) ||
        str_equal(from.host, page.host))
        from.host = STR("");
    link_read(cx->arena, page.query, from.host, &link);
    if (!text_empty(url))
        e->page = journey_intern(cx->journey, DICT_PAGE, page.path);
    struct str host = !text_empty(site) ? host_name(cx->arena, str_from(site))
                      : path            ? STR("")
                                        : page.host;
    e->site = journey_intern(cx->journey, DICT_SITE, host);
    return read_channel(cx, g, &link, e);
}

static enum status read_country(struct ctx *cx, const struct given *g, struct event *e)
{
    const char *code = g->texts[COUNTRY];

    if (text_empty(code))
        return OK;
    for (int i = 0; i < 2; i++)
        if (!((code[i] >= 'A' && code[i] <= 'Z') || (code[i] >= 'a' && code[i] <= 'z')))
            return ctx_fail_field(cx, "country", "event.country",
                                  "'%s' is no country; say its two letters, like DE.", code);
    e->country = (u16)((code[0] & ~0x20) << 8 | (code[1] & ~0x20));
    return OK;
}

static void read_client(struct ctx *cx, const struct given *g, struct event *e)
{
    struct client c;

    if (text_empty(g->texts[USER_AGENT]))
        return;
    c = client_of(g->texts[USER_AGENT]);
    e->device = (u8)c.device;
    e->client = journey_intern(cx->journey, DICT_CLIENT,
                               str_from(arena_printf(cx->arena, "%s|%s||", c.browser, c.system)));
}

/* ---- what it was worth, and the rest ---- */

static enum status read_value(struct ctx *cx, const struct given *g, struct event *e,
                              struct val *props)
{
    const char *amount = val_print(cx->arena, val_get(g->value, "amount")),
               *currency = val_get_text(g->value, "currency"), *why = "it is no amount";
    struct money m;

    if (val_is_null(g->value) || (text_empty(amount) && text_empty(currency)))
        return OK;
    if (!currency_known(currency) || money_parse(str_from(amount), currency, &m, &why) != OK)
        return ctx_fail_field(cx, "value", "event.value",
                              "value must be like {\"amount\": \"12.50\", \"currency\": \"EUR\"}.");
    if (money_to_base(cx, m, &e->value) != OK)
        return ctx_fail_field(cx, "value", "event.rate", "There is no exchange rate for %s.",
                              currency);
    val_put_text(props, "revenue", money_plain(cx->arena, m));
    val_put_text(props, "currency", currency);
    return OK;
}

static enum status read_record(struct ctx *cx, const struct given *g, struct event *e)
{
    const struct event_kind *kind = kit_event_kind(cx->kit, g->texts[KIND]);
    const char *id = g->texts[RECORD_ID];
    struct row *r;

    if (text_empty(id))
        return OK;
    if (kind->record == NULL)
        return ctx_fail_field(cx, "record_id", "event.record", "A %s points to no record.",
                              kind->name);
    if (id_parse(str_from(id), &e->record) &&
        record_get_named(cx, kind->record, e->record, &r) == OK)
        return OK;
    ctx_clear_error(cx);
    return ctx_fail_field(cx, "record_id", "event.no_record", "There is no %s '%s'.", kind->record,
                          id);
}

static enum status read_props(struct ctx *cx, const struct given *g, struct event *e)
{
    struct val *props = val_map(cx->arena), *own = hit_props(cx, g->props, true);

    if (!val_is_null(g->props) && val_kind_of(g->props) != VAL_MAP)
        return ctx_fail_field(cx, "props", "event.props", "props must be an object.");
    TRY(read_value(cx, g, e, props));
    if (!text_empty(g->texts[TITLE]))
        val_put_text(props, "title", g->texts[TITLE]);
    if (!text_empty(g->texts[NAME]))
        val_put_text(props, "name", g->texts[NAME]);
    if (text_is(g->texts[KIND], "action"))
        e->record = journey_intern(cx->journey, DICT_ACTION, str_from(g->texts[NAME]));
    else if (text_is(g->texts[KIND], "engagement"))
        e->value = reading_pack_props(g->props);
    else if (text_is(g->texts[KIND], "performance"))
        e->value = vitals_pack_props(g->props);
    for (size_t i = 0; i < val_count(own); i++)
        if (val_get(props, val_key_at(own, i)) == NULL)
            val_put(props, val_key_at(own, i), val_copy(cx->arena, val_value_at(own, i)));
    if (val_count(props) > 0)
        e->props = json_text(cx->arena, props);
    if (e->props != NULL && strlen(e->props) > LIMIT_EVENT_PROPS_BYTES)
        return ctx_fail_field(cx, "props", "event.props_size", "props have more than %d bytes.",
                              LIMIT_EVENT_PROPS_BYTES);
    return OK;
}

/* ---- the batch ---- */

enum status events_in_add(struct ctx *cx, struct events_in *in, const struct val *event)
{
    struct event e = { 0 };
    struct given g;
    i64 contact;

    if (in->count == LIMIT_EVENT_BATCH)
        return ctx_fail(cx, E_LIMIT, "A batch has at most %d events.", LIMIT_EVENT_BATCH);
    TRY(read_given(cx, event, &g));
    TRY(read_kind(cx, &g, &e));
    TRY(read_time(cx, &g, &e));
    TRY(read_record(cx, &g, &e));
    TRY(read_props(cx, &g, &e));
    TRY(read_place(cx, &g, &e));
    TRY(read_country(cx, &g, &e));
    read_client(cx, &g, &e);
    TRY(read_person(cx, &g, &e, &contact)); /* last: it makes a visitor */
    if (!text_empty(g.texts[ID]))
        e.id = str_hash(str_from(arena_printf(cx->arena, "event %s", g.texts[ID]))) | 1;
    in->contacts[in->count] = contact;
    in->events[in->count++] = e;
    return OK;
}

enum status events_in_add_line(struct ctx *cx, struct events_in *in, const struct val *line)
{
    struct event e;
    u32 belongs_to;

    if (in->count == LIMIT_EVENT_BATCH)
        return ctx_fail(cx, E_LIMIT, "A batch has at most %d events.", LIMIT_EVENT_BATCH);
    TRY(events_file_take(cx, line, &e, &belongs_to));
    if (belongs_to != 0 &&
        (in->link_count == 0 || in->links[in->link_count - 1].visitor != e.person))
        in->links[in->link_count++] = (struct journey_link){ e.person, belongs_to, e.at_ms };
    in->contacts[in->count] = 0; /* what a contact keeps of its touches comes with the contact */
    in->events[in->count++] = e;
    return OK;
}

/* Contacts whose first touch may be among these events. */
struct touched {
    const struct events_in *in;
    size_t from, to;
};
static enum status take_touches(struct ctx *cx, void *arg)
{
    const struct touched *t = arg;

    for (size_t i = t->from; i < t->to; i++)
        if (t->in->contacts[i] != 0 && t->in->events[i].channel != CHANNEL_NONE)
            TRY(identity_older_touch(cx, t->in->contacts[i], &t->in->events[i]));
    return OK;
}

static bool has_touches(const struct events_in *in, size_t from, size_t to)
{
    for (size_t i = from; i < to; i++)
        if (in->contacts[i] != 0 && in->events[i].channel != CHANNEL_NONE)
            return true;
    return false;
}

static enum status refill(struct ctx *cx, void *arg)
{
    (void)arg;
    return segment_refill(cx);
}

/* A visitor that belongs to somebody else already stays theirs. What visitors bring along is no
 * event of today: segments look at everybody again. */
static enum status join_visitors(struct ctx *cx, struct events_in *in)
{
    bool joined = in->link_count > 0;
    enum status s = journey_alias_many(cx, cx->journey, in->links, in->link_count);

    in->link_count = 0;
    if (s != OK && s != E_CONFLICT)
        return s;
    ctx_clear_error(cx);
    return joined ? kit_write(cx, refill, NULL) : OK;
}

enum status events_in_store(struct ctx *cx, struct events_in *in)
{
    if (in->count == 0)
        return OK;
    TRY(journey_append_wait(cx, cx->journey, in->events, in->count));
    for (size_t from = 0; from < in->count; from += TOUCHES_AT_ONCE) {
        size_t to = from + TOUCHES_AT_ONCE < in->count ? from + TOUCHES_AT_ONCE : in->count;
        struct touched t = { in, from, to };
        if (has_touches(in, from, to))
            TRY(kit_write(cx, take_touches, &t));
    }
    in->count = 0;
    return join_visitors(cx, in);
}

/* ---- POST /api/v1/events ---- */

static void put_errors(struct ctx *cx, size_t index, struct val *errors)
{
    for (const struct field_error *e = cx->field_errors; e != NULL; e = e->next) {
        struct val *one = val_add_map(errors);
        val_put_i64(one, "index", (i64)index);
        val_put_text(one, "field", e->field);
        val_put_text(one, "code", e->code);
        val_put_text(one, "message", e->message);
    }
    ctx_clear_error(cx);
}

static enum status read_list(struct req *rq, const struct val **list)
{
    *list = val_kind_of(rq->form) == VAL_LIST ? rq->form : val_get(rq->form, "events");
    if (val_kind_of(*list) != VAL_LIST || rq->body.len == 0)
        return ctx_fail_field(rq->cx, "events", "required",
                              "Send {\"events\": [...]}, each with kind, at and whose it is.");
    if (val_count(*list) > LIMIT_EVENT_BATCH)
        return ctx_fail_field(rq->cx, "events", "event.batch", "A batch has at most %d events.",
                              LIMIT_EVENT_BATCH);
    return OK;
}

/* The good ones are stored, each bad one is named. With none that is good it is an error. */
static enum status events_post(struct req *rq)
{
    struct ctx *cx = rq->cx;
    struct events_in *in = events_in_new(cx);
    struct val *answer = val_map(cx->arena), *errors;
    const struct val *list;
    size_t accepted;

    if (cx->journey == NULL)
        return ctx_fail(cx, E_UNSUPPORTED, "no events are kept here");
    TRY(read_list(rq, &list));
    errors = val_list(cx->arena);
    for (size_t i = 0; i < val_count(list); i++) {
        enum status s = events_in_add(cx, in, val_at(list, i));
        if (s != OK && s != E_INVALID)
            return s;
        if (s != OK)
            put_errors(cx, i, errors);
    }
    accepted = events_in_count(in);
    TRY(events_in_store(cx, in));
    val_put_i64(answer, "received", (i64)val_count(list));
    val_put_i64(answer, "accepted", (i64)accepted);
    val_put(answer, "errors", errors);
    return reply_json(rq, accepted == 0 && val_count(list) > 0 ? 422 : 200, answer);
}

static const struct route routes[] = {
    { HTTP_POST, "/api/v1/events", events_post, NEEDS("journey", VERB_CREATE),
      .flags = ROUTE_API | ROUTE_SLOW,
      .summary = "Stores events from outside on people's journeys; safe to repeat by their ids" },
};
const struct feature feature_events = { .name = "events", ROUTES(routes) };
