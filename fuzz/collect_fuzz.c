/* collect_fuzz.c -- what any site on the web can send to POST /api/event: the tracker's report, its
 * addresses and campaign parameters, and the User-Agent. It is refused with a word, dropped with a
 * reason, or on the journey once, readable and with names that are UTF-8.
 * Input: a line of User-Agent, a line of cookies, then the body. */
#include "base/json.h"
#include "base/limits.h"
#include "base/utf8.h"
#include "bridge/channel.h"
#include "fuzz.h"
#include "journey/journey.h"
#include "support/house.h"

enum { LINE_BYTES = 600 };

static struct house *house;

static void close_house(void) { house_close(house); }

static void open_house(void)
{
    struct row *site;

    house = house_open(DB_SQLITE, NULL);
    atexit(close_house);
    site = row_new(house->cx, type_find(house->cx, "site"));
    row_set_text(site, type_field(row_type(site), "name"), "Example");
    row_set_text(site, type_field(row_type(site), "domain"), "example.com");
    must(record_save(house->cx, site) == OK, "no site");
}

/* A header's value as the server would let it through: printable, or nothing. */
static const char *take_line(struct str *rest, char out[LINE_BYTES])
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

static void check_name(enum journey_dict d, u32 code)
{
    must(utf8_valid(str_from(journey_name(house->journey, d, code))), "a name that is no UTF-8");
}

static void check_event(struct ctx *cx, u64 before)
{
    struct event *e;
    struct val *props;
    size_t count;

    must(journey_since(cx, house->journey, before, 10, &e, &count) == OK && count == 1,
         "kept, and not once on the journey");
    must(kit_event_kind_by_code(house->kit, e->kind) != NULL, "of no kind");
    must(channel_value(e->channel) != NULL, "of no channel");
    must(journey_name(house->journey, DICT_PAGE, e->page)[0] == '/', "a page that is no path");
    must(text_is(journey_name(house->journey, DICT_SITE, e->site), "example.com"), "another site");
    check_name(DICT_PAGE, e->page);
    check_name(DICT_SOURCE, e->source);
    check_name(DICT_CAMPAIGN, e->campaign);
    check_name(DICT_CLIENT, e->client);
    check_name(DICT_TOUCH, e->touch);
    must(e->person != 0, "nobody's");
    if (e->props == NULL)
        return;
    must(strlen(e->props) <= LIMIT_EVENT_PROPS_BYTES, "props over their limit");
    must(json_read(cx->arena, str_from(e->props), &props, NULL) == OK, "props that are no JSON");
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct str rest = { (const char *)data, size };
    char agent[LINE_BYTES], cookies[LINE_BYTES];
    struct web_response answer;
    struct ctx cx;

    if (house == NULL)
        open_house();
    struct arena *a = arena_new(64 * 1024);
    const struct http_pair headers[] = { { "User-Agent", take_line(&rest, agent) },
                                         { "Cookie", take_line(&rest, cookies) },
                                         { "Content-Type", "text/plain" },
                                         { NULL, NULL } };
    struct web_request request = {
        .method = HTTP_POST, .target = "/api/event", .headers = headers, .body = rest
    };
    u64 before = journey_last_seq(house->journey);
    ctx_init(&cx, a, house->clock);
    web_perform(house->web, a, &request, &answer);
    u64 kept = journey_last_seq(house->journey) - before;
    bool dropped = web_response_header(&answer, "X-Furrow-Dropped") != NULL;
    must(answer.status == 202 || (answer.status >= 400 && answer.status < 500), "an odd answer");
    must(answer.body.len > 0, "no word");
    must(kept == (answer.status == 202 && !dropped), "kept though refused, or the other way round");
    if (kept > 0)
        check_event(&cx, before);
    arena_free(a);
    return 0;
}
