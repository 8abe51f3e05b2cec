/* openapi.c -- the OpenAPI 3.1 description of the REST API, made from the record types and from the
 * routes that have a summary: what the program declares is what it says about itself. */
#include "base/id.h"
#include "base/json.h"
#include "base/limits.h"
#include "kit/api_int.h"

static struct val *put_ref(struct val *map, const char *key, const char *to)
{
    struct val *v = val_put_map(map, key);

    val_put_text(v, "$ref", to);
    return v;
}

/* "lead_source" -> "LeadSource". */
static const char *schema_name(struct ctx *cx, const char *name)
{
    char *out = arena_text(cx->arena, name);
    size_t len = 0;
    bool up = true;

    for (const char *p = name; *p; p++) {
        if (*p == '_') {
            up = true;
            continue;
        }
        out[len++] = up && *p >= 'a' && *p <= 'z' ? (char)(*p - 32) : *p;
        up = false;
    }
    out[len] = '\0';
    return out;
}

static const char *schema_path(struct ctx *cx, const struct record_type *t, const char *tail)
{
    return arena_printf(cx->arena, "#/components/schemas/%s%s", schema_name(cx, t->name), tail);
}

/* ---- fields ---- */

static const struct form {
    const char *type, *format;
} forms[FIELD_KIND_COUNT] = {
    [FIELD_TEXT] = { "string", NULL },
    [FIELD_LONG] = { "string", NULL },
    [FIELD_INT] = { "integer", "int64" },
    [FIELD_DECIMAL] = { "number", NULL },
    [FIELD_MONEY] = { "object", NULL },
    [FIELD_DATE] = { "string", "date" },
    [FIELD_TIME] = { "string", "date-time" },
    [FIELD_BOOL] = { "boolean", NULL },
    [FIELD_CHOICE] = { "string", NULL },
    [FIELD_TAGS] = { "array", NULL },
    [FIELD_EMAIL] = { "string", "email" },
    [FIELD_PHONE] = { "string", NULL },
    [FIELD_URL] = { "string", "uri" },
    [FIELD_REF] = { "string", NULL },
    [FIELD_JSON] = { NULL, NULL },
    [FIELD_SECRET] = { "string", "password" },
};

static bool may_be_null(const struct field *f)
{
    return f->kind != FIELD_BOOL && f->kind != FIELD_TAGS && !(f->flags & REQUIRED);
}

static void put_type_word(const struct field *f, bool null, struct val *s)
{
    struct val *list;

    if (forms[f->kind].type == NULL)
        return; /* any JSON */
    if (!null) {
        val_put_text(s, "type", forms[f->kind].type);
        return;
    }
    list = val_put_list(s, "type");
    val_add_text(list, forms[f->kind].type);
    val_add_text(list, "null");
}

static i64 longest(const struct field *f)
{
    static const int limits[FIELD_KIND_COUNT] = {
        [FIELD_TEXT] = LIMIT_TEXT_BYTES, [FIELD_LONG] = LIMIT_LONG_TEXT_BYTES
    };

    return f->max_len ? f->max_len : limits[f->kind];
}

static void put_limits(struct ctx *cx, const struct field *f, bool null, struct val *s)
{
    struct val *list;
    const char *const *name;
    static const char *const money[] = { "amount", "currency", NULL };

    if (longest(f) && forms[f->kind].type && text_is(forms[f->kind].type, "string") &&
        f->kind != FIELD_CHOICE && f->kind != FIELD_REF)
        val_put_i64(s, "maxLength", longest(f));
    if (f->kind == FIELD_INT && (f->min || f->max)) {
        val_put_i64(s, "minimum", f->min);
        val_put_i64(s, "maximum", f->max);
    }
    if (f->kind == FIELD_CHOICE) {
        list = val_put_list(s, "enum");
        for (const struct choice *c = field_choices(cx, f); c->value; c++)
            val_add_text(list, c->value);
        if (null)
            val_add(list, val_null(cx->arena));
    }
    if (f->kind == FIELD_TAGS) {
        val_put_i64(s, "maxItems", LIMIT_TAGS);
        val_put_text(val_put_map(s, "items"), "type", "string");
    }
    if (f->kind == FIELD_REF) {
        val_put_text(s, "pattern", "^[0-9a-hjkmnp-tv-z]{13}$");
        val_put_text(s, "x-refers-to", f->ref);
    }
    if (f->kind != FIELD_MONEY)
        return;
    struct val *of = val_put_map(s, "properties");
    list = val_put_list(s, "required");
    for (name = money; *name; name++) {
        val_put_text(val_put_map(of, *name), "type", "string");
        val_add_text(list, *name);
    }
}

static void put_field(struct ctx *cx, const struct field *f, bool null, struct val *properties)
{
    struct val *s = val_put_map(properties, f->name);

    put_type_word(f, null, s);
    if (forms[f->kind].format)
        val_put_text(s, "format", forms[f->kind].format);
    val_put_text(s, "title", f->label);
    if (f->help)
        val_put_text(s, "description", f->help);
    if (f->flags & COMPUTED)
        val_put_bool(s, "readOnly", true);
    put_limits(cx, f, null, s);
}

/* ---- a record type's schemas ---- */

static void put_system(struct val *properties)
{
    static const struct {
        const char *name, *type, *format;
        bool null;
    } all[] = {
        { "id", "string", NULL, false },
        { "version", "integer", "int64", false },
        { "created_at", "string", "date-time", false },
        { "created_by", "string", NULL, true },
        { "updated_at", "string", "date-time", false },
        { "updated_by", "string", NULL, true },
    };

    for (size_t i = 0; i < countof(all); i++) {
        struct val *s = val_put_map(properties, all[i].name);
        if (all[i].null) {
            struct val *list = val_put_list(s, "type");
            val_add_text(list, all[i].type);
            val_add_text(list, "null");
        } else {
            val_put_text(s, "type", all[i].type);
        }
        if (all[i].format)
            val_put_text(s, "format", all[i].format);
        val_put_bool(s, "readOnly", true);
    }
}

enum shape { SHAPE_READ, SHAPE_NEW, SHAPE_CHANGE };

static void put_shape(struct ctx *cx, const struct record_type *t, enum shape shape,
                      struct val *schemas)
{
    static const char *const tails[] = { "", "New", "Change" };
    const char *name = arena_printf(cx->arena, "%s%s", schema_name(cx, t->name), tails[shape]);
    struct val *s = val_put_map(schemas, name), *properties, *required;

    val_put_text(s, "type", "object");
    required = val_list(cx->arena);
    properties = val_put_map(s, "properties");
    if (shape == SHAPE_READ) {
        put_system(properties);
        val_add_text(required, "id");
        val_add_text(required, "version");
    } else {
        val_put_bool(s, "additionalProperties", false);
    }
    for (int i = 0; i < t->field_count; i++) {
        const struct field *f = &t->fields[i];
        if (!field_shown(f) || (shape != SHAPE_READ && !field_typed(f, shape == SHAPE_NEW)))
            continue;
        put_field(cx, f, may_be_null(f), properties);
        if (shape == SHAPE_NEW && f->flags & REQUIRED && f->otherwise == NULL && !t->defaults)
            val_add_text(required, f->name);
    }
    if (val_count(required))
        val_put(s, "required", required);
}

static void put_page_shape(struct ctx *cx, const struct record_type *t, struct val *schemas)
{
    struct val *s =
        val_put_map(schemas, arena_printf(cx->arena, "%sList", schema_name(cx, t->name)));
    struct val *properties, *data, *list;
    static const char *const links[] = { "next", "prev" };

    val_put_text(s, "type", "object");
    properties = val_put_map(s, "properties");
    data = val_put_map(properties, "data");
    val_put_text(data, "type", "array");
    put_ref(data, "items", schema_path(cx, t, ""));
    for (size_t i = 0; i < countof(links); i++) {
        struct val *link = val_put_map(properties, links[i]);
        list = val_put_list(link, "type");
        val_add_text(list, "string");
        val_add_text(list, "null");
        val_put_text(link, "description", "Path of the neighbouring page, null at the end");
    }
    val_put_text(val_put_map(properties, "count"), "type", "integer");
    val_put_text(val_put_map(properties, "count_is_least"), "type", "boolean");
    list = val_put_list(s, "required");
    val_add_text(list, "data");
    val_add_text(list, "next");
    val_add_text(list, "prev");
}

/* ---- what all share ---- */

static void put_properties(struct val *s, const char *const (*pairs)[2])
{
    struct val *properties = val_put_map(s, "properties");

    val_put_text(s, "type", "object");
    for (; (*pairs)[0]; pairs++)
        val_put_text(val_put_map(properties, (*pairs)[0]), "type", (*pairs)[1]);
}

static void put_common_schemas(struct val *schemas)
{
    static const char *const problem[][2] = {
        { "type", "string" },   { "title", "string" }, { "status", "integer" },
        { "detail", "string" }, { "code", "string" },  { "request_id", "string" },
        { NULL, NULL },
    };
    static const char *const field_error[][2] = {
        { "field", "string" }, { "code", "string" }, { "message", "string" }, { NULL, NULL }
    };
    static const char *const change[][2] = {
        { "at", "string" },       { "user", "object" },  { "kind", "string" },
        { "version", "integer" }, { "fields", "array" }, { NULL, NULL },
    };
    static const char *const merge[][2] = { { "with", "string" },
                                            { "fields", "object" },
                                            { NULL } };
    static const char *const merged[][2] = { { "id", "string" },
                                             { "merge", "string" },
                                             { "merged", "string" },
                                             { "version", "integer" },
                                             { NULL } };
    static const char *const unmerge[][2] = { { "merge", "string" }, { NULL } };
    static const char *const unmerged[][2] = {
        { "id", "string" }, { "merge", "string" }, { "restored", "string" }, { NULL }
    };
    struct val *s = val_put_map(schemas, "Problem"), *errors;

    val_put_text(s, "description", "What went wrong (RFC 9457); `code` never changes its meaning.");
    put_properties(s, problem);
    errors = val_put_map((struct val *)val_get(s, "properties"), "errors");
    val_put_text(errors, "type", "array");
    put_ref(errors, "items", "#/components/schemas/FieldError");
    put_properties(val_put_map(schemas, "FieldError"), field_error);
    put_properties(val_put_map(schemas, "Change"), change);
    s = val_put_map(schemas, "Merge");
    val_put_text(s, "description",
                 "`with`: the record that goes into this one. `fields`: for each whose value is "
                 "wanted: mine, theirs or both.");
    put_properties(s, merge);
    put_properties(val_put_map(schemas, "Merged"), merged);
    put_properties(val_put_map(schemas, "Unmerge"), unmerge);
    put_properties(val_put_map(schemas, "Unmerged"), unmerged);
}

static const struct parameter {
    const char *name, *in, *type, *text;
} parameters[] = {
    { "id", "path", "string", "Id of the record: 13 characters" },
    { "filter", "query", "string",
      "Conditions, such as status = 'open' and amount > 1000 and owner_id = me" },
    { "sort", "query", "string", "Field to sort by; a leading - turns the order round" },
    { "fields", "query", "string", "Fields to answer with, commas between; all when absent" },
    { "q", "query", "string", "Words that the searched fields must begin with" },
    { "cursor", "query", "string", "Where to go on: from `next` or `prev` of a page" },
    { "limit", "query", "integer", "Records on a page" },
    { "count", "query", "boolean", "Say how many there are in all, up to 10,000" },
    { "trash", "query", "boolean", "Those in the trash" },
    { "If-Match", "header", "string",
      "ETag that the change was made from: 412 when it is another" },
};

static void put_parameters(struct val *components)
{
    struct val *all = val_put_map(components, "parameters");

    for (size_t i = 0; i < countof(parameters); i++) {
        const struct parameter *p = &parameters[i];
        struct val *v = val_put_map(all, p->name), *schema;
        val_put_text(v, "name", p->name);
        val_put_text(v, "in", p->in);
        val_put_bool(v, "required", text_is(p->in, "path"));
        val_put_text(v, "description", p->text);
        schema = val_put_map(v, "schema");
        val_put_text(schema, "type", p->type);
        if (!text_is(p->name, "limit"))
            continue;
        val_put_i64(schema, "minimum", 1);
        val_put_i64(schema, "maximum", LIMIT_LIST_ROWS);
        val_put_i64(schema, "default", LIMIT_LIST_ROWS_DEFAULT);
    }
}

static const struct {
    const char *status, *name, *text;
    bool reads; /* a GET may answer so too */
} refusals[] = {
    { "401", "Unauthorized", "No token or session, or one that is not valid any more", true },
    { "403", "Forbidden", "The role or the token does not allow this", true },
    { "404", "NotFound", "No such record, or none that may be seen", true },
    { "409", "Conflict", "Changed meanwhile, or a value that must be unique is taken", false },
    { "412", "Precondition", "If-Match names another version", false },
    { "415", "Unsupported", "The body is not JSON", false },
    { "422", "Invalid", "What was sent is wrong; `errors` says which field and why", true },
};

static void put_responses(struct val *components)
{
    struct val *all = val_put_map(components, "responses");

    for (size_t i = 0; i < countof(refusals); i++) {
        struct val *v = val_put_map(all, refusals[i].name);
        val_put_text(v, "description", refusals[i].text);
        put_ref(val_put_map(val_put_map(v, "content"), "application/problem+json"), "schema",
                "#/components/schemas/Problem");
    }
    struct val *schemes = val_put_map(components, "securitySchemes");
    struct val *bearer = val_put_map(schemes, "bearer"), *session = val_put_map(schemes, "session");
    val_put_text(bearer, "type", "http");
    val_put_text(bearer, "scheme", "bearer");
    val_put_text(bearer, "description", "A token of Settings, API tokens");
    val_put_text(session, "type", "apiKey");
    val_put_text(session, "in", "cookie");
    val_put_text(session, "name", "furrow_session");
    val_put_text(session, "description",
                 "Signed in with the browser; writes also need the header X-CSRF-Token");
}

/* ---- operations ---- */

/* What the generated routes of a type do, by method and what follows the type's path. */
static const struct operation {
    enum http_method method;
    const char *tail, *id, *status, *answer, *body; /* answer and body: "" the type's own schema */
    const char *parameters[9];
} operations[] = {
    { HTTP_GET,
      "",
      "list",
      "200",
      "List",
      NULL,
      { "filter", "sort", "fields", "q", "cursor", "limit", "count", "trash" } },
    { HTTP_POST, "", "create", "201", "", "New", { NULL } },
    { HTTP_GET, "/:id", "get", "200", "", NULL, { "id", "fields", "trash" } },
    { HTTP_PATCH, "/:id", "change", "200", "", "Change", { "id", "If-Match" } },
    { HTTP_DELETE, "/:id", "delete", "204", NULL, NULL, { "id", "If-Match" } },
    { HTTP_POST, "/:id/restore", "restore", "200", "", NULL, { "id" } },
    { HTTP_GET, "/:id/history", "history", "200", "Change", NULL, { "id", "limit" } },
    { HTTP_POST, "/:id/merge", "merge", "200", "Merged", "Merge", { "id" } },
    { HTTP_POST, "/:id/unmerge", "unmerge", "200", "Unmerged", "Unmerge", { "id" } },
};

static const struct operation *operation_of(const struct route *r, const char *tail)
{
    for (size_t i = 0; i < countof(operations); i++)
        if (operations[i].method == r->method && text_is(operations[i].tail, tail))
            return &operations[i];
    return NULL;
}

/* The type that "/api/v1/{path}..." is about, and what follows; NULL: none. */
static const struct record_type *type_of_path(struct ctx *cx, const char *path, const char **tail)
{
    const char *from = path + strlen("/api/v1/"), *end;

    if (strncmp(path, "/api/v1/", strlen("/api/v1/")) != 0)
        return NULL;
    end = strchrnul(from, '/');
    *tail = end;
    return type_by_path(cx, arena_dup(cx->arena, from, (size_t)(end - from)));
}

static void put_content(struct val *v, const char *schema)
{
    put_ref(val_put_map(val_put_map(v, "content"), "application/json"), "schema", schema);
}

static void put_history_content(struct val *v)
{
    struct val *schema =
        val_put_map(val_put_map(val_put_map(v, "content"), "application/json"), "schema");
    struct val *data;

    val_put_text(schema, "type", "object");
    data = val_put_map(val_put_map(schema, "properties"), "data");
    val_put_text(data, "type", "array");
    put_ref(data, "items", "#/components/schemas/Change");
}

static void put_refusals(struct ctx *cx, struct val *responses, bool writes)
{
    for (size_t i = 0; i < countof(refusals); i++)
        if (writes || refusals[i].reads)
            put_ref(responses, refusals[i].status,
                    arena_printf(cx->arena, "#/components/responses/%s", refusals[i].name));
}

/* Of merging the same for every type; else the type's own. */
static const char *body_schema(struct ctx *cx, const struct record_type *t, const char *shape)
{
    if (strncmp(shape, "Merge", 5) == 0 || strncmp(shape, "Unmerge", 7) == 0)
        return arena_printf(cx->arena, "#/components/schemas/%s", shape);
    return schema_path(cx, t, shape);
}

static void put_operation(struct ctx *cx, const struct record_type *t, const struct operation *o,
                          struct val *v)
{
    struct val *list, *responses, *ok;

    val_add_text(val_put_list(v, "tags"), t->plural);
    val_put_printf(v, "operationId", "%s_%s", t->name, o->id);
    list = val_put_list(v, "parameters");
    for (const char *const *p = o->parameters; *p; p++)
        val_put_printf(val_add_map(list), "$ref", "#/components/parameters/%s", *p);
    if (o->body) {
        struct val *body = val_put_map(v, "requestBody");
        val_put_bool(body, "required", true);
        put_content(body, body_schema(cx, t, o->body));
    }
    responses = val_put_map(v, "responses");
    ok = val_put_map(responses, o->status);
    val_put_text(ok, "description", o->answer ? "Done" : "Done; nothing to say");
    if (o->answer && text_is(o->answer, "Change"))
        put_history_content(ok);
    else if (o->answer)
        put_content(ok, body_schema(cx, t, o->answer));
    put_refusals(cx, responses, o->method != HTTP_GET);
}

/* A feature's own route: what it does stands in its summary, what it takes in its documentation. */
static void put_other(struct ctx *cx, const struct route *r, struct val *v)
{
    struct val *responses = val_put_map(v, "responses");

    val_put_text(val_put_map(responses, "200"), "description", "Done");
    put_refusals(cx, responses, r->method != HTTP_GET);
    if (r->flags & ROUTE_PUBLIC)
        val_put_list(v, "security"); /* none needed */
}

/* "/deals/:id" -> "/deals/{id}"; the names of what the table of parameters lacks are put in
 * `list`. */
static const char *template_of(struct ctx *cx, const char *path, struct val *list)
{
    struct buf b = buf_in(cx->arena, 1000);
    struct str rest = str_from(path + 1), part;

    while (str_split(&rest, '/', &part)) {
        buf_char(&b, '/');
        if (part.len == 0 || part.p[0] != ':') {
            buf_str(&b, part);
            continue;
        }
        part = (struct str){ part.p + 1, part.len - 1 };
        buf_printf(&b, "{%.*s}", (int)part.len, part.p);
        struct val *one = val_add_map(list);
        val_put(one, "name", val_str(cx->arena, part));
        val_put_text(one, "in", "path");
        val_put_bool(one, "required", true);
        val_put_text(val_put_map(one, "schema"), "type", "string");
    }
    return buf_end(&b);
}

static void put_route(struct ctx *cx, const struct route *r, struct val *paths, struct val *schemas)
{
    static const char *const verbs[HTTP_METHOD_COUNT] = {
        [HTTP_GET] = "get",         [HTTP_HEAD] = "head",   [HTTP_POST] = "post",
        [HTTP_PUT] = "put",         [HTTP_PATCH] = "patch", [HTTP_DELETE] = "delete",
        [HTTP_OPTIONS] = "options",
    };
    struct val *own = val_list(cx->arena), *at, *v;
    const char *template = template_of(cx, r->path, own), *tail = "";
    const struct record_type *t = type_of_path(cx, r->path, &tail);
    const struct operation *o = t ? operation_of(r, tail) : NULL;

    at = (struct val *)val_get(paths, template);
    if (at == NULL)
        at = val_put_map(paths, template);
    v = val_put_map(at, verbs[r->method]);
    val_put_text(v, "summary", r->summary);
    if (o) {
        put_operation(cx, t, o, v);
        return;
    }
    val_put(v, "parameters", own);
    put_other(cx, r, v);
    if (r->describe)
        r->describe(cx, v, schemas);
}

static void put_info(struct val *doc)
{
    struct val *info = val_put_map(doc, "info"), *security;

    val_put_text(doc, "openapi", "3.1.0");
    val_put_text(info, "title", "Furrow");
    val_put_text(info, "version", "1");
    val_put_text(info, "description",
                 "Every record type of the workspace: list, read, create, change, trash. Times are "
                 "UTC, amounts are decimal texts with their currency, ids are 13 characters that "
                 "sort by age. Errors are problem documents (RFC 9457) with stable codes.");
    val_put_text(val_put_map(info, "license"), "identifier", "Apache-2.0");
    val_put_text((struct val *)val_get(info, "license"), "name", "Apache 2.0");
    val_put_text(val_add_map(val_put_list(doc, "servers")), "url", "/");
    security = val_put_list(doc, "security");
    val_put_list(val_add_map(security), "bearer");
    val_put_list(val_add_map(security), "session");
}

const char *openapi_text(struct ctx *cx, const struct route *const *routes, size_t count)
{
    struct val *doc = val_map(cx->arena), *tags, *paths, *components, *schemas;
    size_t types;
    const struct record_type *const *all = type_all(cx, &types);

    put_info(doc);
    tags = val_put_list(doc, "tags");
    paths = val_put_map(doc, "paths");
    components = val_put_map(doc, "components");
    schemas = val_put_map(components, "schemas");
    put_common_schemas(schemas);
    for (size_t i = 0; i < types; i++) {
        struct val *tag = val_add_map(tags);
        val_put_text(tag, "name", all[i]->plural);
        if (all[i]->empty)
            val_put_text(tag, "description", all[i]->empty);
        for (enum shape s = SHAPE_READ; s <= SHAPE_CHANGE; s++)
            put_shape(cx, all[i], s, schemas);
        put_page_shape(cx, all[i], schemas);
    }
    put_parameters(components);
    put_responses(components);
    for (size_t i = 0; i < count; i++)
        if (routes[i]->summary)
            put_route(cx, routes[i], paths, schemas);
    return json_text(cx->arena, doc);
}
