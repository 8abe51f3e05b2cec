/* web_request.c -- what came in: query, form or JSON body, and the ways to ask for its parts. */
#include "base/id.h"
#include "base/json.h"
#include "base/utf8.h"
#include "kit/web_int.h"
#include <strings.h>

/* ---- parts ---- */
static const char *first_text(struct arena *a, const struct val *map, const char *name)
{
    const struct val *v = val_get(map, name);

    if (val_kind_of(v) == VAL_LIST)
        v = val_at(v, 0);
    return val_print(a, v);
}

const char *req_param(const struct req *rq, const char *name)
{
    for (int i = 0; i < REQ_PARAMS_MAX && rq->params[i].name != NULL; i++)
        if (text_is(rq->params[i].name, name))
            return rq->params[i].value;
    return "";
}

const char *req_query(const struct req *rq, const char *name)
{
    return first_text(rq->cx->arena, rq->query, name);
}

const char *req_form(const struct req *rq, const char *name)
{
    return first_text(rq->cx->arena, rq->form, name);
}

i64 req_query_i64(const struct req *rq, const char *name, i64 otherwise)
{
    i64 n;
    return str_i64(str_from(req_query(rq, name)), &n) ? n : otherwise;
}

enum status req_id(struct req *rq, const char *name, i64 *id)
{
    const char *text = req_param(rq, name);

    if (text[0] != '\0') {
        if (!id_parse(str_from(text), id))
            return ctx_fail(rq->cx, E_NOT_FOUND, "There is no record '%s'.",
                            utf8_cut(rq->cx->arena, text, 40));
        return OK;
    }
    text = req_query(rq, name);
    if (text[0] == '\0')
        text = req_form(rq, name);
    if (text[0] == '\0')
        return ctx_fail_field(rq->cx, name, "required", "'%s' is missing. Say which record.", name);
    if (!id_parse(str_from(text), id))
        return ctx_fail_field(rq->cx, name, "id.invalid",
                              "'%s' is no id: ids have 13 letters and digits.",
                              utf8_cut(rq->cx->arena, text, 40));
    return OK;
}

bool path_is_local(const char *path)
{
    if (path[0] != '/' || path[1] == '/' || path[1] == '\\')
        return false;
    for (const char *p = path; *p != '\0'; p++)
        if ((unsigned char)*p < ' ' || *p == 0x7f || *p == '\\')
            return false;
    return strlen(path) <= LIMIT_TEXT_BYTES;
}

/* ---- parsing ---- */
enum status request_parse_query(struct req *rq)
{
    struct val *query;
    enum status s = http_form_parse(rq->cx, str_from(rq->query_string), &query);

    if (s == E_INVALID)
        call_of(rq)->http_status = 400;
    if (s == OK)
        rq->query = query;
    return s;
}

/* "a/b; charset=utf-8" is of type "a/b"? */
static bool type_is(const char *type, const char *what)
{
    size_t len = strlen(what);
    return strncasecmp(type, what, len) == 0 &&
           (type[len] == '\0' || type[len] == ';' || type[len] == ' ' || type[len] == '\t');
}

/* Says that the bytes are something else than UTF-8. */
static bool other_charset(const char *type)
{
    const char *at = strcasestr(type, "charset=");

    if (at == NULL)
        return false;
    at += strlen("charset=");
    at += *at == '"';
    return strncasecmp(at, "utf-8", 5) != 0 && strncasecmp(at, "utf8", 4) != 0 &&
           strncasecmp(at, "us-ascii", 8) != 0;
}

static bool is_json_type(const char *type)
{
    const char *end = strchrnul(type, ';');
    return type_is(type, "application/json") ||
           (end - type > 5 && strncasecmp(end - 5, "+json", 5) == 0);
}

static enum status parse_json(struct req *rq)
{
    struct json_error err;
    struct val *v;

    if (json_read(rq->cx->arena, rq->body, &v, &err) != OK) {
        call_of(rq)->http_status = 400;
        return ctx_fail_code(rq->cx, E_INVALID, "json.malformed",
                             "The body is not JSON: %s at byte %zu.", err.message, err.offset);
    }
    rq->form = v;
    return OK;
}

static enum status parse_form(struct req *rq, const char *type)
{
    struct http_file *files = NULL;
    struct val *form;
    enum status s;

    if (type_is(type, "multipart/form-data"))
        s = http_multipart_parse(rq->cx, type, rq->body, &form, &files, &rq->file_count);
    else
        s = http_form_parse(rq->cx, rq->body, &form);
    if (s == E_INVALID)
        call_of(rq)->http_status = 400;
    TRY(s);
    rq->form = form;
    rq->files = files;
    return OK;
}

enum status request_parse_body(struct req *rq)
{
    const char *type = rq->header(rq, "Content-Type");
    bool form;

    if (rq->body.len == 0) {
        rq->form = val_map(rq->cx->arena);
        return OK;
    }
    if (type == NULL)
        type = "";
    form =
        type_is(type, "application/x-www-form-urlencoded") || type_is(type, "multipart/form-data");
    if ((form || is_json_type(type)) && !other_charset(type))
        return form ? parse_form(rq, type) : parse_json(rq);
    if ((rq->route->flags & (ROUTE_UPLOAD | ROUTE_RAW)) != 0) {
        rq->form = val_map(rq->cx->arena);
        return OK;
    }
    return ctx_fail_code(rq->cx, E_UNSUPPORTED, "body.unsupported_type",
                         "A body of type '%s' is not understood here. Send application/json, "
                         "application/x-www-form-urlencoded or multipart/form-data, in UTF-8.",
                         utf8_valid(str_from(type)) ? utf8_cut(rq->cx->arena, type, 80) : "?");
}

void request_accept(struct req *rq)
{
    const char *accept = rq->header(rq, "Accept"), *htmx = rq->header(rq, "HX-Request");
    const char *json, *html;

    rq->is_htmx = htmx != NULL && text_is(htmx, "true");
    rq->wants_json = rq->route != NULL && (rq->route->flags & ROUTE_API) != 0;
    if (rq->wants_json)
        return;
    json = accept != NULL ? strcasestr(accept, "application/json") : NULL;
    html = accept != NULL ? strcasestr(accept, "text/html") : NULL;
    rq->wants_json = json != NULL && (html == NULL || json < html);
    if (html == NULL && rq->header(rq, "Authorization") != NULL)
        rq->wants_json = true; /* a program that did not say so */
}
