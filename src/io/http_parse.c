/* http_parse.c -- the parsers of what requests carry: percent-encoding, forms, multipart bodies.
 * They take any bytes; what is not well-formed is E_INVALID with a text that says where. */
#include "base/limits.h"
#include "base/utf8.h"
#include "io/http_int.h"
#include <strings.h>

enum {
    BOUNDARY_BYTES_MAX = 70, /* RFC 2046 */
    PART_HEADER_BYTES_MAX = 8 * 1024,
    PART_HEADERS_MAX = 16,
};

/* ---- percent-encoding ---- */

static int hex_digit(char c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    if (c >= 'a' && c <= 'f')
        return c - 'a' + 10;
    return c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
}

bool http_percent_decode(char *text, size_t *len, bool plus_is_space)
{
    size_t out = 0;

    for (size_t i = 0; i < *len; i++) {
        char c = text[i];
        if (c == '+' && plus_is_space)
            c = ' ';
        if (c == '%') {
            int high = i + 2 < *len ? hex_digit(text[i + 1]) : -1;
            int low = high < 0 ? -1 : hex_digit(text[i + 2]);
            if (low < 0)
                return false;
            c = (char)(high * 16 + low);
            i += 2;
        }
        text[out++] = c;
    }
    text[out] = '\0';
    *len = out;
    return utf8_valid((struct str){ text, out });
}

char *http_url_encode(struct arena *a, const char *text)
{
    static const char digits[] = "0123456789ABCDEF";
    size_t len = strlen(text), out = 0;
    char *p = arena_alloc(a, len + 1, 3);

    for (size_t i = 0; i < len; i++) {
        unsigned char c = (unsigned char)text[i];
        if ((c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
            strchr("-._~", c) != NULL) {
            p[out++] = (char)c;
        } else {
            p[out++] = '%';
            p[out++] = digits[c >> 4];
            p[out++] = digits[c & 15];
        }
    }
    p[out] = '\0';
    return p;
}

/* ---- forms ---- */

/* Adds one field; a key that is there already becomes a list. Keys and values are in the arena. */
static enum status add_field(struct ctx *cx, struct val *map, const char *key, const char *value,
                             size_t *count)
{
    const struct val *had = val_get(map, key);

    if (++*count > LIMIT_FORM_FIELDS)
        return ctx_fail(cx, E_LIMIT, "the form has more than %d fields; send fewer",
                        LIMIT_FORM_FIELDS);
    if (had == NULL) {
        val_put(map, key, val_text_static(cx->arena, value));
        return OK;
    }
    struct val *list = (struct val *)(uintptr_t)had; /* ours: made below or about to be replaced */
    if (val_kind_of(had) != VAL_LIST) {
        const char *first = val_as_text(had, "");
        list = val_put_list(map, key);
        val_add(list, val_text_static(cx->arena, first));
    }
    val_add(list, val_text_static(cx->arena, value));
    return OK;
}

static enum status decoded(struct ctx *cx, struct str raw, const char *what, char **out)
{
    char *text = str_dup(cx->arena, raw);
    size_t len = raw.len;

    if (!http_percent_decode(text, &len, true))
        return ctx_fail(cx, E_INVALID, "a form field's %s is not percent-encoded UTF-8 text", what);
    *out = text;
    return OK;
}

enum status http_form_parse(struct ctx *cx, struct str urlencoded, struct val **out)
{
    struct val *map = val_map(cx->arena);
    struct str rest = urlencoded, pair;
    size_t count = 0;

    while (str_split(&rest, '&', &pair)) {
        struct str name = pair, value = STR("");
        const char *equals = memchr(pair.p, '=', pair.len);
        char *key = NULL, *text = NULL;

        if (pair.len == 0)
            continue;
        if (equals != NULL) {
            name.len = (size_t)(equals - pair.p);
            value = (struct str){ equals + 1, pair.len - name.len - 1 };
        }
        TRY(decoded(cx, name, "name", &key));
        TRY(decoded(cx, value, "value", &text));
        TRY(add_field(cx, map, key, text, &count));
    }
    *out = map;
    return OK;
}

/* ---- header values with parameters ---- */

bool http_is_token(const char *text)
{
    const char *p = text;

    while ((*p >= 'a' && *p <= 'z') || (*p >= 'A' && *p <= 'Z') || (*p >= '0' && *p <= '9') ||
           (*p != '\0' && strchr("!#$%&'*+-.^_`|~", *p) != NULL))
        p++;
    return p != text && *p == '\0';
}

static struct str skip_blanks(struct str s)
{
    while (s.len > 0 && (s.p[0] == ' ' || s.p[0] == '\t')) {
        s.p++;
        s.len--;
    }
    return s;
}

/* Takes `name=value` or `name="value"` behind a ';' off *rest. False: none left, or malformed (then
 * *rest is not empty). The value is a copy without quotes and backslashes. */
static bool take_param(struct arena *a, struct str *rest, struct str *name, char **value)
{
    struct str s = skip_blanks(*rest);

    *rest = s;
    if (s.len == 0 || s.p[0] != ';')
        return false;
    s = skip_blanks((struct str){ s.p + 1, s.len - 1 });
    size_t n = 0;
    while (n < s.len && s.p[n] != '=' && s.p[n] != ';')
        n++;
    if (n == s.len || s.p[n] != '=')
        return false;
    *name = str_trim((struct str){ s.p, n });
    s = skip_blanks((struct str){ s.p + n + 1, s.len - n - 1 });
    char *out = arena_alloc(a, s.len + 1, 1);
    size_t len = 0, i = 0;
    if (s.len > 0 && s.p[0] == '"') {
        for (i = 1; i < s.len && s.p[i] != '"'; i++) {
            /* Browsers escape only the quote; old ones send Windows paths with bare backslashes. */
            if (s.p[i] == '\\' && i + 1 < s.len && (s.p[i + 1] == '"' || s.p[i + 1] == '\\'))
                i++;
            out[len++] = s.p[i];
        }
        if (i++ == s.len)
            return false;
    } else {
        for (; i < s.len && s.p[i] != ';'; i++)
            out[len++] = s.p[i];
        while (len > 0 && (out[len - 1] == ' ' || out[len - 1] == '\t'))
            len--;
    }
    out[len] = '\0';
    *value = out;
    *rest = (struct str){ s.p + i, s.len - i };
    return true;
}

/* ---- multipart ---- */

struct part {
    const char *name, *filename, *type; /* NULL when not said */
    struct str bytes;
};

static bool find(struct str in, struct str what, size_t *at)
{
    const char *p = what.len > in.len ? NULL : memmem(in.p, in.len, what.p, what.len);

    if (p == NULL)
        return false;
    *at = (size_t)(p - in.p);
    return true;
}

static enum status boundary_of(struct ctx *cx, const char *content_type, struct str *out)
{
    struct str rest = str_from(content_type), name;
    size_t kind = strcspn(content_type, ";");
    char *value;

    if (!str_equal_fold(str_trim((struct str){ content_type, kind }), STR("multipart/form-data")))
        return ctx_fail(cx, E_UNSUPPORTED, "expected multipart/form-data, got '%s'", content_type);
    rest = (struct str){ rest.p + kind, rest.len - kind };
    while (take_param(cx->arena, &rest, &name, &value))
        if (str_equal_fold(name, STR("boundary")) && value[0] != '\0' &&
            strlen(value) <= BOUNDARY_BYTES_MAX) {
            *out = str_from(arena_printf(cx->arena, "\r\n--%s", value));
            return OK;
        }
    return ctx_fail(cx, E_INVALID, "the multipart body's type names no boundary of 1 to %d bytes",
                    BOUNDARY_BYTES_MAX);
}

static enum status disposition_read(struct ctx *cx, struct str value, struct part *part)
{
    struct str rest = value, name;
    char *text;

    if (!str_equal_fold((struct str){ value.p, value.len < 9 ? value.len : 9 }, STR("form-data")))
        return ctx_fail(cx, E_INVALID, "a part of the multipart body is not form-data");
    rest = (struct str){ value.p + 9, value.len - 9 };
    while (take_param(cx->arena, &rest, &name, &text)) {
        if (!utf8_valid(str_from(text)))
            return ctx_fail(cx, E_INVALID,
                            "a part of the multipart body has a name that is not UTF-8");
        if (str_equal_fold(name, STR("name")))
            part->name = text;
        else if (str_equal_fold(name, STR("filename")))
            part->filename = text;
    }
    if (str_trim(rest).len > 0)
        return ctx_fail(cx, E_INVALID, "a part of the multipart body has a malformed disposition");
    return OK;
}

/* Reads a part's header lines, without the blank line that ends them. */
static enum status part_header(struct ctx *cx, struct str head, struct part *part)
{
    size_t lines = 0;

    while (head.len > 0) {
        struct str line = head, name;
        size_t at;

        if (find(head, STR("\r\n"), &at)) {
            line.len = at;
            head = (struct str){ head.p + at + 2, head.len - at - 2 };
        } else {
            head.len = 0;
        }
        if (++lines > PART_HEADERS_MAX || memchr(line.p, ':', line.len) == NULL ||
            memchr(line.p, '\0', line.len) != NULL || !str_split(&line, ':', &name))
            return ctx_fail(cx, E_INVALID, "a part of the multipart body has a malformed header");
        line = str_trim(line);
        if (str_equal_fold(name, STR("content-disposition")))
            TRY(disposition_read(cx, line, part));
        else if (str_equal_fold(name, STR("content-type")) && utf8_valid(line))
            part->type = str_dup(cx->arena, line);
    }
    if (part->name == NULL)
        return ctx_fail(cx, E_INVALID, "a part of the multipart body has no name");
    return OK;
}

/* Takes the part that begins at *rest (just behind a boundary) off; *last when the end mark follows
 * instead. */
static enum status part_take(struct ctx *cx, struct str boundary, struct str *rest,
                             struct part *part, bool *last)
{
    size_t head, bytes;

    *part = (struct part){ 0 };
    *last = rest->len >= 2 && memcmp(rest->p, "--", 2) == 0;
    if (*last)
        return OK;
    while (rest->len > 0 && (rest->p[0] == ' ' || rest->p[0] == '\t'))
        *rest = (struct str){ rest->p + 1, rest->len - 1 };
    if (rest->len < 2 || memcmp(rest->p, "\r\n", 2) != 0)
        return ctx_fail(cx, E_INVALID, "the multipart body has a malformed boundary");
    if (!find(*rest, STR("\r\n\r\n"), &head) || head > PART_HEADER_BYTES_MAX)
        return ctx_fail(cx, E_INVALID, "a part of the multipart body has no end to its header");
    if (head >= 2)
        TRY(part_header(cx, (struct str){ rest->p + 2, head - 2 }, part));
    else
        return ctx_fail(cx, E_INVALID, "a part of the multipart body has no header");
    /* The blank line's second CR LF may also be the one before the next boundary (an empty part).
     */
    struct str body = { rest->p + head + 4, rest->len - head - 4 };
    struct str from = { body.p - 2, body.len + 2 };
    if (!find(from, boundary, &bytes))
        return ctx_fail(cx, E_INVALID, "the multipart body ends without its boundary");
    part->bytes = (struct str){ body.p, bytes < 2 ? 0 : bytes - 2 };
    *rest = (struct str){ from.p + bytes + boundary.len, from.len - bytes - boundary.len };
    return OK;
}

enum status http_multipart_parse(struct ctx *cx, const char *content_type, struct str body,
                                 struct val **fields, struct http_file **files, size_t *file_count)
{
    struct val *map = val_map(cx->arena);
    struct http_file *list = NEW_N(cx->arena, struct http_file, LIMIT_FORM_FIELDS);
    struct str boundary = STR(""), rest = body;
    size_t count = 0, file = 0, at;
    struct part part;
    bool last = false;

    TRY(boundary_of(cx, content_type, &boundary));
    /* The first boundary has no line end before it when there is no preamble. */
    if (body.len >= boundary.len - 2 && memcmp(body.p, boundary.p + 2, boundary.len - 2) == 0)
        rest = (struct str){ body.p + boundary.len - 2, body.len - boundary.len + 2 };
    else if (find(body, boundary, &at))
        rest = (struct str){ body.p + at + boundary.len, body.len - at - boundary.len };
    else
        return ctx_fail(cx, E_INVALID, "the multipart body lacks its boundary");
    for (;;) {
        TRY(part_take(cx, boundary, &rest, &part, &last));
        if (last)
            break;
        if (part.filename == NULL) {
            if (!utf8_valid(part.bytes))
                return ctx_fail(cx, E_INVALID, "the field '%s' is not UTF-8 text", part.name);
            TRY(add_field(cx, map, part.name, str_dup(cx->arena, part.bytes), &count));
        } else if (part.filename[0] != '\0' || part.bytes.len > 0) {
            if (++count > LIMIT_FORM_FIELDS)
                return ctx_fail(cx, E_LIMIT, "the form has more than %d fields; send fewer",
                                LIMIT_FORM_FIELDS);
            list[file++] = (struct http_file){ part.name, part.filename,
                                               part.type == NULL ? "" : part.type, part.bytes };
        }
    }
    *fields = map;
    *files = list;
    *file_count = file;
    return OK;
}

/* ---- names ---- */

const char *http_status_text(int status)
{
    static const struct {
        int status;
        const char *text;
    } names[] = {
        { 200, "OK" },
        { 201, "Created" },
        { 202, "Accepted" },
        { 204, "No Content" },
        { 301, "Moved Permanently" },
        { 302, "Found" },
        { 303, "See Other" },
        { 304, "Not Modified" },
        { 307, "Temporary Redirect" },
        { 308, "Permanent Redirect" },
        { 400, "Bad Request" },
        { 401, "Unauthorized" },
        { 403, "Forbidden" },
        { 404, "Not Found" },
        { 405, "Method Not Allowed" },
        { 406, "Not Acceptable" },
        { 408, "Request Timeout" },
        { 409, "Conflict" },
        { 410, "Gone" },
        { 411, "Length Required" },
        { 412, "Precondition Failed" },
        { 413, "Content Too Large" },
        { 414, "URI Too Long" },
        { 415, "Unsupported Media Type" },
        { 417, "Expectation Failed" },
        { 422, "Unprocessable Content" },
        { 428, "Precondition Required" },
        { 429, "Too Many Requests" },
        { 431, "Request Header Fields Too Large" },
        { 500, "Internal Server Error" },
        { 501, "Not Implemented" },
        { 502, "Bad Gateway" },
        { 503, "Service Unavailable" },
        { 504, "Gateway Timeout" },
        { 505, "HTTP Version Not Supported" },
        { 507, "Insufficient Storage" },
    };

    for (size_t i = 0; i < countof(names); i++)
        if (names[i].status == status)
            return names[i].text;
    return "Unknown Status";
}
