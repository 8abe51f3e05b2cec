/* weblog.c -- reading access logs: anybody on the web wrote into them what they liked. */
#include "marketing/weblog.h"
#include "base/clock.h"
#include "base/json.h"
#include "base/utf8.h"
#include "marketing/client.h"
#include <arpa/inet.h>
#include <stdlib.h>

enum { WORD_BYTES = 8 * 1024 }; /* servers refuse longer request lines */

/* What a page loads: not looked at by itself. */
static const char *const assets[] = {
    "css", "js",  "mjs",  "map",  "json",        "xml",  "rss", "atom", "txt",    "ico",
    "png", "jpg", "jpeg", "gif",  "svg",         "webp", "bmp", "avif", "woff",   "woff2",
    "ttf", "otf", "eot",  "mp4",  "webm",        "mp3",  "ogg", "wav",  "pdf",    "zip",
    "gz",  "tgz", "csv",  "wasm", "webmanifest", "gpx",  "ics", "md5",  "sha256",
};
static const char *const months[] = { "jan", "feb", "mar", "apr", "may", "jun",
                                      "jul", "aug", "sep", "oct", "nov", "dec" };

/* ---- words ---- */

static struct str take_word(struct str *rest)
{
    struct str word = STR("");

    (void)str_split(rest, ' ', &word);
    return word;
}

static bool is_address(const char *text)
{
    unsigned char bytes[sizeof(struct in6_addr)];

    return inet_pton(AF_INET, text, bytes) == 1 || inet_pton(AF_INET6, text, bytes) == 1;
}

static int hex(char c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    c |= 0x20;
    return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

/* Takes a text in quotes off, undoing \" \\ and \xHH; what a server writes for none is "". */
static bool take_quoted(struct arena *a, struct str *rest, const char **out)
{
    char *text = arena_alloc(a, rest->len + 1, 1);
    size_t len = 0, i = 1;

    if (rest->len < 2 || rest->p[0] != '"')
        return false;
    for (; i < rest->len && rest->p[i] != '"'; i++) {
        char c = rest->p[i];
        if (c == '\\' && i + 3 < rest->len && rest->p[i + 1] == 'x' && hex(rest->p[i + 2]) >= 0 &&
            hex(rest->p[i + 3]) >= 0) {
            c = (char)(hex(rest->p[i + 2]) << 4 | hex(rest->p[i + 3]));
            i += 3;
        } else if (c == '\\' && i + 1 < rest->len) {
            c = rest->p[++i];
        }
        text[len++] = (unsigned char)c < ' ' || c == 127 ? ' ' : c;
    }
    if (i == rest->len || len > WORD_BYTES || !utf8_valid((struct str){ text, len }))
        return false;
    *rest = (struct str){ rest->p + i + 1, rest->len - i - 1 };
    *out = text_is(text, "-") ? "" : text;
    return true;
}

/* Digits only, so many of them. */
static bool take_number(struct str *rest, size_t digits, int *out)
{
    if (rest->len < digits)
        return false;
    *out = 0;
    for (size_t i = 0; i < digits; i++) {
        if (rest->p[i] < '0' || rest->p[i] > '9')
            return false;
        *out = *out * 10 + (rest->p[i] - '0');
    }
    *rest = (struct str){ rest->p + digits, rest->len - digits };
    return true;
}

static bool take_char(struct str *rest, char c)
{
    if (rest->len == 0 || rest->p[0] != c)
        return false;
    *rest = (struct str){ rest->p + 1, rest->len - 1 };
    return true;
}

static bool take_month(struct str *rest, int *month)
{
    for (int i = 0; rest->len >= 3 && i < (int)countof(months); i++)
        if (str_equal_fold((struct str){ rest->p, 3 }, str_from(months[i]))) {
            *month = i + 1;
            *rest = (struct str){ rest->p + 3, rest->len - 3 };
            return true;
        }
    return false;
}

/* "10/Oct/2026:13:55:36 -0700" */
static bool read_clf_time(struct str s, i64 *ms)
{
    int day, month, year, hour, minute, second, zone_hour, zone_minute, y, m, d;
    bool west;

    if (!(take_number(&s, 2, &day) && take_char(&s, '/') && take_month(&s, &month) &&
          take_char(&s, '/') && take_number(&s, 4, &year) && take_char(&s, ':') &&
          take_number(&s, 2, &hour) && take_char(&s, ':') && take_number(&s, 2, &minute) &&
          take_char(&s, ':') && take_number(&s, 2, &second) && take_char(&s, ' ')))
        return false;
    west = s.len > 0 && s.p[0] == '-';
    if (!((take_char(&s, '+') || take_char(&s, '-')) && take_number(&s, 2, &zone_hour) &&
          take_number(&s, 2, &zone_minute) && s.len == 0))
        return false;
    i64 date = date_from_ymd(year, month, day),
        zone = (zone_hour * 60 + zone_minute) * (i64)MS_MINUTE;
    date_to_ymd(date, &y, &m, &d);
    if (d != day || m != month || hour > 23 || minute > 59 || second > 60 || zone_hour > 14)
        return false;
    *ms = date * MS_DAY + ((hour * 60 + minute) * 60 + second) * (i64)MS_SECOND +
          (west ? zone : -zone);
    return true;
}

/* ---- combined ---- */

/* "GET /path?x=1 HTTP/1.1"; what is no request (a handshake at the wrong port) has no method. */
static void read_request(struct arena *a, const char *request, struct weblog_line *out)
{
    struct str rest = str_from(request), method = take_word(&rest);
    const char *end = memrchr(rest.p, ' ', rest.len);

    if (end != NULL && str_starts((struct str){ end, (size_t)(rest.p + rest.len - end) }, " HTTP/"))
        rest.len = (size_t)(end - rest.p);
    out->method = str_dup(a, method);
    out->uri = str_dup(a, rest);
}

static bool read_combined(struct arena *a, struct str line, struct weblog_line *out)
{
    struct str rest = line, first = take_word(&rest), time;
    const char *address = str_dup(a, first), *open, *request;
    i64 status;

    if (!is_address(address)) { /* the virtual host stands in front, with its port */
        struct str host = first;
        (void)str_split(&host, ':', &first);
        if (!utf8_valid(first))
            return false;
        out->host = str_dup(a, first);
        address = str_dup(a, take_word(&rest));
        if (!is_address(address))
            return false;
    }
    out->address = address;
    open = memchr(rest.p, '[', rest.len); /* a user's name may have anything in it but that */
    if (open == NULL)
        return false;
    rest = (struct str){ open + 1, (size_t)(rest.p + rest.len - open - 1) };
    if (!str_split(&rest, ']', &time) || !read_clf_time(time, &out->at_ms) ||
        !take_char(&rest, ' ') || !take_quoted(a, &rest, &request) || !take_char(&rest, ' ') ||
        !str_i64(take_word(&rest), &status) || status < 100 || status > 999)
        return false;
    out->status = (int)status;
    read_request(a, request, out);
    (void)take_word(&rest); /* bytes */
    if (!take_quoted(a, &rest, &out->referrer)) {
        out->referrer = "";
        return true; /* the common format ends here */
    }
    if (!take_char(&rest, ' ') || !take_quoted(a, &rest, &out->agent))
        out->agent = "";
    return true;
}

/* ---- Caddy ---- */

static const char *header_of(const struct val *request, const char *name)
{
    return val_as_text(val_at(val_get(val_get(request, "headers"), name), 0), "");
}

static const char *clean(struct arena *a, const char *text)
{
    char *copy = arena_text(a, text);

    for (char *p = copy; *p != '\0'; p++)
        *p = (unsigned char)*p < ' ' || *p == 127 ? ' ' : *p;
    return copy;
}

/* Seconds since 1970 with a fraction, or RFC 3339. */
static bool read_caddy_time(const struct val *ts, i64 *ms)
{
    double seconds = val_as_double(ts, -1);

    if (val_kind_of(ts) == VAL_TEXT)
        return time_parse(str_from(val_as_text(ts, "")), ms);
    if (!(seconds >= 0 && seconds < 1e11))
        return false;
    *ms = (i64)(seconds * MS_SECOND);
    return true;
}

static bool read_caddy(struct arena *a, struct str line, struct weblog_line *out)
{
    const struct val *request;
    struct val *v;
    i64 status;

    if (json_read(a, line, &v, NULL) != OK)
        return false;
    request = val_get(v, "request");
    status = val_get_i64(v, "status", 0);
    out->address = val_get_text(request, "client_ip");
    if (text_empty(out->address))
        out->address = val_get_text(request, "remote_ip");
    out->method = clean(a, val_get_text(request, "method"));
    out->uri = clean(a, val_get_text(request, "uri"));
    out->referrer = clean(a, header_of(request, "Referer"));
    out->agent = clean(a, header_of(request, "User-Agent"));
    out->host = clean(a, val_get_text(request, "host"));
    out->status = status >= 100 && status <= 999 ? (int)status : 0;
    return out->status != 0 && is_address(out->address) &&
           read_caddy_time(val_get(v, "ts"), &out->at_ms);
}

bool weblog_read(struct arena *a, struct str line, struct weblog_line *out)
{
    line = str_trim(line);
    *out = (struct weblog_line){ "", "", "", "", "", "", 0, 0 };
    return line.len > 0 && line.p[0] == '{' ? read_caddy(a, line, out)
                                            : read_combined(a, line, out);
}

/* ---- what it stands for ---- */

static bool is_asset(const char *uri)
{
    struct str path = { uri, strcspn(uri, "?#") };
    const char *slash = memrchr(path.p, '/', path.len), *point = memrchr(path.p, '.', path.len);

    if (point == NULL || (slash != NULL && slash > point))
        return false;
    struct str ext = { point + 1, (size_t)(path.p + path.len - point - 1) };
    for (size_t i = 0; i < countof(assets); i++)
        if (str_equal_fold(ext, str_from(assets[i])))
            return true;
    return false;
}

enum weblog_sort weblog_sort_of(const struct weblog_line *l)
{
    if (!text_is(l->method, "GET") || l->uri[0] != '/' || is_asset(l->uri) ||
        !((l->status >= 200 && l->status < 300) || l->status == 304))
        return WEBLOG_OTHER;
    return client_of(l->agent).bot ? WEBLOG_BOT : WEBLOG_PAGE;
}
