/* api_test.c -- REST of every record type: what a client sees, and what each of its mistakes gets.
 */
#include "base/json.h"
#include "kit/pages_world.h"

#define J(name, value) .header = { name, value }

/* ---- reading ---- */
static void a_list_answers_filter_order_fields_and_pages(void **state)
{
    static const struct ask cases[] = {
        { "all",
          SCRIPT,
          HTTP_GET,
          "/api/v1/deals",
          NULL,
          200,
          { "\"data\":[", "Acme renewal", "Sal's first", "\"next\":null" },
          { "\"count\"" } },
        { "by session too", ADMIN, HTTP_GET, "/api/v1/deals", NULL, 200, { "Acme renewal" } },
        { "filtered",
          SCRIPT,
          HTTP_GET,
          "/api/v1/deals?filter=amount%20%3E%201000",
          NULL,
          200,
          { "Acme renewal" },
          { "Sal's" } },
        { "by words",
          SCRIPT,
          HTTP_GET,
          "/api/v1/deals?q=renew",
          NULL,
          200,
          { "Acme renewal" },
          { "Sal's" } },
        { "counted",
          SCRIPT,
          HTTP_GET,
          "/api/v1/deals?count=true&limit=1",
          NULL,
          200,
          { "\"count\":2", "\"count_is_least\":false", "cursor=" } },
        { "some fields",
          SCRIPT,
          HTTP_GET,
          "/api/v1/deals?fields=name,amount",
          NULL,
          200,
          { "\"version\":", "{\"amount\":\"12400.00\",\"currency\":\"EUR\"}" },
          { "owner_id", "stage_id" } },
        { "only what is one's own",
          OWN,
          HTTP_GET,
          "/api/v1/deals",
          NULL,
          200,
          { "Sal's first" },
          { "Acme renewal" } },
        { "the trash",
          SCRIPT,
          HTTP_GET,
          "/api/v1/companies?trash=true",
          NULL,
          200,
          { "Gone Ltd", "\"deleted_at\":\"2026-11-23" },
          { "Acme" } },
        { "not from the trash",
          SCRIPT,
          HTTP_GET,
          "/api/v1/companies",
          NULL,
          200,
          { "Acme" },
          { "Gone Ltd" } },
        { "no secrets",
          SCRIPT,
          HTTP_GET,
          "/api/v1/users",
          NULL,
          200,
          { "Ada Admin" },
          { "password" } },
        { "a stranger",
          STRANGER,
          HTTP_GET,
          "/api/v1/deals",
          NULL,
          401,
          { "\"code\":\"unauthorized\"" } },
        { "no right to the type",
          OWN,
          HTTP_GET,
          "/api/v1/users",
          NULL,
          403,
          { "\"code\":\"forbidden\"" } },
        { "misspelt",
          SCRIPT,
          HTTP_GET,
          "/api/v1/deals?fliter=x",
          NULL,
          422,
          { "query.unknown", "fliter", "filter, sort" } },
        { "twice",
          SCRIPT,
          HTTP_GET,
          "/api/v1/deals?sort=name&sort=amount",
          NULL,
          422,
          { "query.twice" } },
        { "no such limit",
          SCRIPT,
          HTTP_GET,
          "/api/v1/deals?limit=201",
          NULL,
          422,
          { "query.number", "1 to 200" } },
        { "no number", SCRIPT, HTTP_GET, "/api/v1/deals?limit=ten", NULL, 422, { "query.number" } },
        { "no truth", SCRIPT, HTTP_GET, "/api/v1/deals?trash=maybe", NULL, 422, { "query.bool" } },
        { "unknown field",
          SCRIPT,
          HTTP_GET,
          "/api/v1/deals?fields=name,amuont",
          NULL,
          422,
          { "fields.unknown", "amuont", "name, company_id" } },
        { "secret field",
          SCRIPT,
          HTTP_GET,
          "/api/v1/users?fields=password",
          NULL,
          422,
          { "fields.unknown" } },
        { "filter on nothing",
          SCRIPT,
          HTTP_GET,
          "/api/v1/deals?filter=nme%3D1",
          NULL,
          422,
          { "nme" } },
        { "sorted by nothing",
          SCRIPT,
          HTTP_GET,
          "/api/v1/deals?sort=nme",
          NULL,
          422,
          { "list.sort" } },
        { "no cursor", SCRIPT, HTTP_GET, "/api/v1/deals?cursor=zzz", NULL, 422, { "list.cursor" } },
        { "no such type", SCRIPT, HTTP_GET, "/api/v1/unicorns", NULL, 404, { "not_found" } },
        { "another method",
          SCRIPT,
          HTTP_PUT,
          "/api/v1/deals",
          "{}",
          405,
          { "method.not_allowed" } },
    };

    world_run(world_open(*state), cases, countof(cases));
}

static void pages_lead_to_every_record_once(void **state)
{
    struct house *h = *state;
    struct world *w = world_open(h);
    const char *target = "/api/v1/deals?limit=2&sort=name&filter=status%20%3D%20%27open%27";
    int seen = 0, pages = 0;

    for (int i = 0; i < 5; i++)
        (void)world_record(w, "deal", w->admin, "name", arena_printf(h->arena, "Deal %d", i), NULL);
    while (target[0]) {
        struct web_response r = house_ask(h, w->script, HTTP_GET, target, NULL, NULL);
        const struct val *v = house_val(h, &r);
        const char *link = web_response_header(&r, "Link");
        house_expect(h, &r, 200);
        seen += (int)val_count(val_get(v, "data"));
        pages++;
        target = val_get_text(v, "next");
        if (target[0])
            assert_non_null(strstr(link, arena_printf(h->arena, "<%s>; rel=\"next\"", target)));
        if (pages > 1)
            assert_non_null(strstr(link, "rel=\"prev\""));
        assert_true(pages < 10);
    }
    assert_int_equal(seen, 7);
    assert_int_equal(pages, 4);
}

static void one_record_is_answered_with_its_version(void **state)
{
    struct house *h = *state;
    struct world *w = world_open(h);
    static const struct ask cases[] = {
        { "whole",
          SCRIPT,
          HTTP_GET,
          "/api/v1/deals/{deal}",
          NULL,
          200,
          { "\"id\":\"{deal}\"", "\"version\":1", "\"created_at\":\"2026-11-23T10:00:00Z\"",
            "\"created_by\":\"{admin}\"", "\"company_id\":\"{acme}\"", "\"status\":\"open\"" } },
        { "in part",
          SCRIPT,
          HTTP_GET,
          "/api/v1/deals/{deal}?fields=name",
          NULL,
          200,
          { "Acme renewal" },
          { "company_id" } },
        { "somebody else's",
          OWN,
          HTTP_GET,
          "/api/v1/deals/{deal}",
          NULL,
          404,
          { "not_found" },
          { "Acme" } },
        { "in the trash",
          SCRIPT,
          HTTP_GET,
          "/api/v1/companies/{gone}",
          NULL,
          404,
          { "not_found" } },
        { "from the trash",
          SCRIPT,
          HTTP_GET,
          "/api/v1/companies/{gone}?trash=true",
          NULL,
          200,
          { "Gone Ltd", "deleted_at" } },
        { "no id", SCRIPT, HTTP_GET, "/api/v1/deals/17", NULL, 404, { "not_found", "17" } },
        { "of another type", SCRIPT, HTTP_GET, "/api/v1/deals/{acme}", NULL, 404, { "not_found" } },
        { "a stranger", STRANGER, HTTP_GET, "/api/v1/deals/{deal}", NULL, 401 },
        { "seen before",
          SCRIPT,
          HTTP_GET,
          "/api/v1/deals/{deal}",
          NULL,
          304,
          { NULL },
          { "Acme" },
          J("If-None-Match", "W/\"1\"") },
        { "seen in another version",
          SCRIPT,
          HTTP_GET,
          "/api/v1/deals/{deal}",
          NULL,
          200,
          { "Acme" },
          { NULL },
          J("If-None-Match", "W/\"7\", \"x\"") },
    };
    struct web_response r;

    world_run(w, cases, countof(cases));
    r = house_get(h, w->script, world_text(w, "/api/v1/deals/{deal}"));
    assert_string_equal(web_response_header(&r, "ETag"), "W/\"1\"");
    assert_string_equal(r.type, "application/json");
    r = house_ask(h, w->script, HTTP_HEAD, world_text(w, "/api/v1/deals/{deal}"), NULL, NULL);
    house_expect(h, &r, 200);
    assert_int_equal(r.body.len, 0);
}

/* ---- creating ---- */
static void a_record_is_created_from_a_json_object(void **state)
{
    struct house *h = *state;
    struct world *w = world_open(h);
    static const struct ask cases[] = {
        { "kinds of all sorts",
          SCRIPT,
          HTTP_POST,
          "/api/v1/companies",
          "{\"name\":\"Zürich AG\",\"employees\":12,\"annual_revenue\":{\"amount\":\"1000.5\","
          "\"currency\":\"EUR\"},\"tags\":[\"b\",\"a\"],\"website\":null}",
          201,
          { "Zürich AG", "\"employees\":12", "\"amount\":\"1000.50\"", "[\"a\",\"b\"]",
            "\"version\":1" } },
        { "by session with its token",
          ADMIN,
          HTTP_POST,
          "/api/v1/companies",
          "{\"name\":\"B\"}",
          201,
          { "\"B\"" } },
        { "by somebody who may make their own",
          OWN,
          HTTP_POST,
          "/api/v1/deals",
          "{\"name\":\"Second\"}",
          201,
          { "\"owner_id\":\"{seller}\"" } },
        { "nothing", SCRIPT, HTTP_POST, "/api/v1/companies", NULL, 422, { "body.missing" } },
        { "an array", SCRIPT, HTTP_POST, "/api/v1/companies", "[1]", 422, { "body.not_object" } },
        { "no JSON",
          SCRIPT,
          HTTP_POST,
          "/api/v1/companies",
          "{\"name\":",
          400,
          { "json.malformed", "byte 8" } },
        { "a form", SCRIPT, HTTP_POST, "/api/v1/companies", "name=x", 415, { "body.json_only" } },
        { "another type",
          SCRIPT,
          HTTP_POST,
          "/api/v1/companies",
          "{\"name\":\"x\"}",
          415,
          { "body.unsupported_type" },
          { NULL },
          J("Content-Type", "text/plain") },
        { "a key twice",
          SCRIPT,
          HTTP_POST,
          "/api/v1/companies",
          "{\"name\":\"x\",\"name\":\"y\"}",
          400,
          { "json.malformed" } },
        { "an unknown field",
          SCRIPT,
          HTTP_POST,
          "/api/v1/companies",
          "{\"name\":\"x\",\"size\":3}",
          422,
          { "\"field\":\"size\"", "\"code\":\"unknown_field\"", "name, domain" } },
        { "a secret field",
          SCRIPT,
          HTTP_POST,
          "/api/v1/users",
          "{\"name\":\"x\",\"password\":\"y\"}",
          422,
          { "\"field\":\"password\"", "unknown_field" } },
        { "wrong types, all said at once",
          SCRIPT,
          HTTP_POST,
          "/api/v1/companies",
          "{\"employees\":\"many\",\"annual_revenue\":true,\"tags\":7,\"owner_id\":12}",
          422,
          { "int.invalid", "money.invalid", "tags.invalid", "ref.invalid",
            "\"field\":\"name\",\"code\":\"required\"" } },
        { "a choice that is none",
          SCRIPT,
          HTTP_POST,
          "/api/v1/companies",
          "{\"name\":\"x\",\"industry\":\"mining\"}",
          422,
          { "choice.unknown", "software" } },
        { "a reference into the trash",
          SCRIPT,
          HTTP_POST,
          "/api/v1/deals",
          "{\"name\":\"x\",\"company_id\":\"{gone}\"}",
          422,
          { "\"field\":\"company_id\"", "ref.in_trash" } },
        { "a reference to nothing",
          SCRIPT,
          HTTP_POST,
          "/api/v1/deals",
          "{\"name\":\"x\",\"company_id\":\"0000000000001\"}",
          422,
          { "ref.missing" } },
        { "a computed field",
          SCRIPT,
          HTTP_POST,
          "/api/v1/deals",
          "{\"name\":\"x\",\"status\":\"won\"}",
          422,
          { "\"field\":\"status\"", "computed" } },
        { "an id of one's own",
          SCRIPT,
          HTTP_POST,
          "/api/v1/deals",
          "{\"name\":\"x\",\"id\":\"0000000000001\"}",
          422,
          { "\"field\":\"id\"", "computed" } },
        { "a value that is taken",
          SCRIPT,
          HTTP_POST,
          "/api/v1/companies",
          "{\"name\":\"x\",\"domain\":\"ACME.example\"}",
          409,
          { "\"code\":\"taken\"", "Acme", "\"field\":\"domain\"" } },
        { "without the right",
          READER,
          HTTP_POST,
          "/api/v1/companies",
          "{\"name\":\"x\"}",
          403,
          { "forbidden" } },
        { "a stranger", STRANGER, HTTP_POST, "/api/v1/companies", "{\"name\":\"x\"}", 401 },
        { "made by code only", SCRIPT, HTTP_POST, "/api/v1/submissions", "{}", 405 },
        { "text with a NUL",
          SCRIPT,
          HTTP_POST,
          "/api/v1/companies",
          "{\"name\":\"a\\u0000b\"}",
          400,
          { "json.malformed" } },
        { "too long",
          SCRIPT,
          HTTP_POST,
          "/api/v1/deals",
          "{\"name\":\"0123456789012345678901234567890123456789012345678901234567890123456789012345"
          "6789012345678901234567890123456789012345678901234567890123456789012345678901234567890123"
          "4567890123456789012345678901234567890\"}",
          422,
          { "text.too_long" } },
    };
    struct web_response r;

    world_run(w, cases, countof(cases));
    r = house_post(h, w->script, "/api/v1/companies", "{\"name\":\"There\"}");
    house_expect(h, &r, 201);
    const char *at = web_response_header(&r, "Location");
    assert_true(strncmp(at, "/api/v1/companies/", 18) == 0);
    r = house_get(h, w->script, at);
    house_expect(h, &r, 200);
    assert_true(house_has(&r, "There"));
}

static void a_session_without_its_csrf_token_writes_nothing(void **state)
{
    struct house *h = *state;
    struct world *w = world_open(h);
    struct person bare = *w->admin;
    struct web_response r;

    bare.csrf = NULL;
    r = house_post(h, &bare, "/api/v1/companies", "{\"name\":\"Forged\"}");
    house_expect(h, &r, 403);
    assert_true(house_has(&r, "csrf.token"));
    r = house_get(h, w->script, "/api/v1/companies?q=forged");
    assert_false(house_has(&r, "Forged"));
}

static void a_token_that_only_reads_cannot_write(void **state)
{
    struct house *h = *state;
    struct world *w = world_open(h);
    struct person *reads = house_token(h, w->admin, "read");
    struct web_response r = house_get(h, reads, "/api/v1/deals");

    house_expect(h, &r, 200);
    r = house_post(h, reads, "/api/v1/companies", "{\"name\":\"No\"}");
    house_expect(h, &r, 403);
}

/* ---- changing ---- */
static void a_patch_merges(void **state)
{
    struct house *h = *state;
    struct world *w = world_open(h);
    static const struct ask cases[] = {
        { "one field",
          SCRIPT,
          HTTP_PATCH,
          "/api/v1/deals/{deal}",
          "{\"next_step\":\"Call\"}",
          200,
          { "\"next_step\":\"Call\"", "\"version\":2", "Acme renewal", "12400.00" } },
        { "null clears",
          SCRIPT,
          HTTP_PATCH,
          "/api/v1/deals/{deal}",
          "{\"next_step\":null}",
          200,
          { "\"next_step\":null", "\"version\":3" } },
        { "nothing changes",
          SCRIPT,
          HTTP_PATCH,
          "/api/v1/deals/{deal}",
          "{\"name\":\"Acme renewal\"}",
          200,
          { "\"version\":3" } },
        { "the right version",
          SCRIPT,
          HTTP_PATCH,
          "/api/v1/deals/{deal}",
          "{\"next_step\":\"A\"}",
          200,
          { "\"version\":4" },
          { NULL },
          J("If-Match", "W/\"3\"") },
        { "a stale version",
          SCRIPT,
          HTTP_PATCH,
          "/api/v1/deals/{deal}",
          "{\"next_step\":\"B\"}",
          412,
          { "\"code\":\"stale\"", "version 4" },
          { NULL },
          J("If-Match", "W/\"3\"") },
        { "one of several",
          SCRIPT,
          HTTP_PATCH,
          "/api/v1/deals/{deal}",
          "{\"next_step\":\"C\"}",
          200,
          { "\"version\":5" },
          { NULL },
          J("If-Match", "\"1\", \"4\"") },
        { "any",
          SCRIPT,
          HTTP_PATCH,
          "/api/v1/deals/{deal}",
          "{\"next_step\":\"D\"}",
          200,
          { "\"version\":6" },
          { NULL },
          J("If-Match", "*") },
        { "no version",
          SCRIPT,
          HTTP_PATCH,
          "/api/v1/deals/{deal}",
          "{\"next_step\":\"E\"}",
          412,
          { "stale" },
          { NULL },
          J("If-Match", "six") },
        { "the version in the body",
          SCRIPT,
          HTTP_PATCH,
          "/api/v1/deals/{deal}",
          "{\"version\":6,\"next_step\":\"F\"}",
          200,
          { "\"version\":7" } },
        { "a stale one in the body",
          SCRIPT,
          HTTP_PATCH,
          "/api/v1/deals/{deal}",
          "{\"version\":6,\"next_step\":\"G\"}",
          409,
          { "\"code\":\"stale\"" } },
        { "a required field",
          SCRIPT,
          HTTP_PATCH,
          "/api/v1/deals/{deal}",
          "{\"name\":null}",
          422,
          { "\"field\":\"name\",\"code\":\"required\"" } },
        { "an unknown field",
          SCRIPT,
          HTTP_PATCH,
          "/api/v1/deals/{deal}",
          "{\"nmae\":\"x\"}",
          422,
          { "unknown_field", "name, company_id" } },
        { "a computed field",
          SCRIPT,
          HTTP_PATCH,
          "/api/v1/deals/{deal}",
          "{\"status\":\"won\"}",
          422,
          { "computed" } },
        { "a field fixed at creation",
          SCRIPT,
          HTTP_PATCH,
          "/api/v1/stages/{won}",
          "{\"pipeline_id\":\"{won}\"}",
          422,
          { "create_only" } },
        { "what the type's own rule says",
          SCRIPT,
          HTTP_PATCH,
          "/api/v1/deals/{deal}",
          "{\"stage_id\":\"{lost}\"}",
          422,
          { "\"field\":\"lost_reason\"" } },
        { "and does",
          SCRIPT,
          HTTP_PATCH,
          "/api/v1/deals/{deal}",
          "{\"stage_id\":\"{lost}\",\"lost_reason\":\"price\"}",
          200,
          { "\"status\":\"lost\"" } },
        { "one's own",
          OWN,
          HTTP_PATCH,
          "/api/v1/deals/{mine}",
          "{\"next_step\":\"x\"}",
          200,
          { "\"version\":2" } },
        { "somebody else's", OWN, HTTP_PATCH, "/api/v1/deals/{deal}", "{\"next_step\":\"x\"}",
          404 },
        { "giving away what one may not",
          OWN,
          HTTP_PATCH,
          "/api/v1/contacts/{ben}",
          "{\"city\":\"x\"}",
          403,
          { "forbidden" } },
        { "by a reader", READER, HTTP_PATCH, "/api/v1/deals/{deal}", "{\"next_step\":\"x\"}", 403 },
        { "a stranger", STRANGER, HTTP_PATCH, "/api/v1/deals/{deal}", "{\"next_step\":\"x\"}",
          401 },
        { "in the trash", SCRIPT, HTTP_PATCH, "/api/v1/companies/{gone}", "{\"name\":\"x\"}", 404 },
    };
    struct web_response r;
    const char *whole;

    world_run(w, cases, countof(cases));
    r = house_get(h, w->script, world_text(w, "/api/v1/deals/{mine}"));
    whole = arena_dup(h->arena, r.body.p, r.body.len); /* what was read may be sent back */
    r = house_ask(h, w->script, HTTP_PATCH, world_text(w, "/api/v1/deals/{mine}"), whole, NULL);
    house_expect(h, &r, 200);
}

/* ---- trash and history ---- */
static void a_record_goes_to_the_trash_and_comes_back(void **state)
{
    struct world *w = world_open(*state);
    static const struct ask cases[] = {
        { "a stranger", STRANGER, HTTP_DELETE, "/api/v1/deals/{deal}", NULL, 401 },
        { "a reader", READER, HTTP_DELETE, "/api/v1/deals/{deal}", NULL, 403 },
        { "somebody else's", OWN, HTTP_DELETE, "/api/v1/deals/{deal}", NULL, 404 },
        { "stale",
          SCRIPT,
          HTTP_DELETE,
          "/api/v1/deals/{deal}",
          NULL,
          412,
          { "stale" },
          { NULL },
          J("If-Match", "W/\"9\"") },
        { "gone",
          SCRIPT,
          HTTP_DELETE,
          "/api/v1/deals/{deal}",
          NULL,
          204,
          { NULL },
          { NULL },
          J("If-Match", "W/\"1\"") },
        { "twice", SCRIPT, HTTP_DELETE, "/api/v1/deals/{deal}", NULL, 404 },
        { "not found", SCRIPT, HTTP_GET, "/api/v1/deals/{deal}", NULL, 404 },
        { "restored by somebody else", OWN, HTTP_POST, "/api/v1/deals/{deal}/restore", NULL, 404 },
        { "restored by a stranger", STRANGER, HTTP_POST, "/api/v1/deals/{deal}/restore", NULL,
          401 },
        { "restored",
          SCRIPT,
          HTTP_POST,
          "/api/v1/deals/{deal}/restore",
          NULL,
          200,
          { "Acme renewal", "\"version\":3" },
          { "deleted_at" } },
        { "found", SCRIPT, HTTP_GET, "/api/v1/deals/{deal}", NULL, 200, { "Acme renewal" } },
        { "history",
          SCRIPT,
          HTTP_GET,
          "/api/v1/deals/{deal}/history",
          NULL,
          200,
          { "\"kind\":\"restore\"", "\"kind\":\"delete\"", "\"kind\":\"create\"",
            "\"at\":\"2026-11-23T10:00:00Z\"", "\"name\":\"Ada Admin\"" } },
        { "a part of it",
          SCRIPT,
          HTTP_GET,
          "/api/v1/deals/{deal}/history?limit=1",
          NULL,
          200,
          { "restore" },
          { "\"create\"" } },
        { "somebody else's history", OWN, HTTP_GET, "/api/v1/deals/{deal}/history", NULL, 404 },
        { "a stranger's look", STRANGER, HTTP_GET, "/api/v1/deals/{deal}/history", NULL, 401 },
    };

    world_run(w, cases, countof(cases));
}

/* ---- the description ---- */
static const struct val *at(const struct val *v, const char *path)
{
    struct str rest = str_from(path), part;

    while (v && str_split(&rest, '|', &part))
        v = val_get_str(v, part);
    if (v == NULL)
        fail_msg("nothing at %s", path);
    return v;
}

/* Every $ref of the tree leads somewhere. */
static int check_refs(const struct val *doc, const struct val *v)
{
    int found = 0;

    if (val_kind_of(v) == VAL_MAP && val_get(v, "$ref")) {
        const char *to = val_get_text(v, "$ref");
        struct str rest = str_from(to + 2), part;
        const struct val *there = doc;
        assert_true(strncmp(to, "#/", 2) == 0);
        while (there && str_split(&rest, '/', &part))
            there = val_get_str(there, part);
        if (there == NULL)
            fail_msg("$ref %s leads nowhere", to);
        found++;
    }
    for (size_t i = 0; i < val_count(v); i++)
        found += check_refs(doc, val_kind_of(v) == VAL_MAP ? val_value_at(v, i) : val_at(v, i));
    return found;
}

static void openapi_describes_every_type(void **state)
{
    struct house *h = *state;
    struct web_response r = house_get(h, NULL, "/openapi.json");
    const struct val *doc;
    size_t types;
    const struct record_type *const *all = type_all(h->cx, &types);
    static const struct {
        const char *path, *value;
    } texts[] = {
        { "openapi", "3.1.0" },
        { "paths|/api/v1/deals|get|operationId", "deal_list" },
        { "paths|/api/v1/deals|post|requestBody|content|application/json|schema|$ref",
          "#/components/schemas/DealNew" },
        { "paths|/api/v1/deals/{id}|patch|summary", "Change a deal" },
        { "paths|/api/v1/deals/{id}|get|responses|404|$ref", "#/components/responses/NotFound" },
        { "paths|/api/v1/deals/{id}/restore|post|operationId", "deal_restore" },
        { "components|schemas|Deal|properties|close_date|format", "date" },
        { "components|schemas|Deal|properties|amount|properties|currency|type", "string" },
        { "components|schemas|Contact|properties|email|format", "email" },
        { "components|schemas|Deal|properties|company_id|x-refers-to", "company" },
        { "components|schemas|Contact|properties|tags|items|type", "string" },
        { "components|schemas|Problem|properties|code|type", "string" },
        { "components|securitySchemes|bearer|scheme", "bearer" },
    };

    house_expect(h, &r, 200);
    assert_string_equal(r.type, "application/json");
    doc = house_val(h, &r);
    for (size_t i = 0; i < countof(texts); i++)
        assert_string_equal(val_as_text(at(doc, texts[i].path), ""), texts[i].value);
    for (size_t i = 0; i < types; i++)
        (void)at(doc, arena_printf(h->arena, "paths|/api/v1/%s|get", all[i]->path));
    assert_null(val_get(at(doc, "components|schemas|User|properties"), "password"));
    assert_null(val_get(at(doc, "components|schemas|DealNew|properties"), "status"));
    assert_null(val_get(at(doc, "paths|/api/v1/submissions"), "post"));
    assert_true(val_get_bool(at(doc, "components|schemas|Deal|properties|status"), "readOnly"));
    assert_true(val_count(at(doc, "components|schemas|Deal|properties|lost_reason|enum")) > 3);
    assert_true(check_refs(doc, doc) > 100);
}

int main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = {
        IN_BOTH_HOUSES(a_list_answers_filter_order_fields_and_pages, NULL),
        IN_BOTH_HOUSES(pages_lead_to_every_record_once, NULL),
        IN_BOTH_HOUSES(one_record_is_answered_with_its_version, NULL),
        IN_BOTH_HOUSES(a_record_is_created_from_a_json_object, NULL),
        IN_BOTH_HOUSES(a_session_without_its_csrf_token_writes_nothing, NULL),
        IN_BOTH_HOUSES(a_token_that_only_reads_cannot_write, NULL),
        IN_BOTH_HOUSES(a_patch_merges, NULL),
        IN_BOTH_HOUSES(a_record_goes_to_the_trash_and_comes_back, NULL),
        IN_SQLITE_HOUSE(openapi_describes_every_type, NULL),
    };

    if (argc > 1)
        cmocka_set_test_filter(argv[1]);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
