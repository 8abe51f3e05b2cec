/* arrival.c -- reading addresses as browsers report them: slices by hand, since every page view
 * passes here and a stranger wrote it. */
#include "marketing/arrival.h"
#include "base/json.h"
#include "base/utf8.h"

enum { PARAM_BYTES = 200 }; /* a longer value is no campaign's name */

/* Cuts off and gives what stands behind the first `mark`. */
static struct str cut(struct str *text, char mark)
{
    const char *at = memchr(text->p, mark, text->len);
    size_t len = text->len;

    if (at == NULL)
        return STR("");
    text->len = (size_t)(at - text->p);
    return (struct str){ at + 1, len - text->len - 1 };
}

struct str host_name(struct arena *a, struct str host)
{
    const char *at = memrchr(host.p, '@', host.len);
    char *out;

    if (at != NULL)
        host = (struct str){ at + 1, host.len - (size_t)(at + 1 - host.p) };
    (void)cut(&host, ':');
    if (host.len > 4 && str_equal_fold((struct str){ host.p, 4 }, STR("www.")))
        host = (struct str){ host.p + 4, host.len - 4 };
    out = arena_dup(a, host.p, host.len);
    for (size_t i = 0; i < host.len; i++)
        out[i] = out[i] >= 'A' && out[i] <= 'Z' ? (char)(out[i] + 32) : out[i];
    return (struct str){ out, host.len };
}

bool address_read(struct arena *a, struct str url, struct address *out)
{
    static const struct str schemes[] = { { "https://", 8 }, { "http://", 7 } };
    size_t skip = 0;

    for (size_t i = 0; i < countof(schemes) && skip == 0; i++)
        if (url.len > schemes[i].len &&
            str_equal_fold((struct str){ url.p, schemes[i].len }, schemes[i]))
            skip = schemes[i].len;
    if (skip == 0)
        return false;
    url = (struct str){ url.p + skip, url.len - skip };
    out->fragment = cut(&url, '#');
    out->query = cut(&url, '?');
    out->path = STR("/");
    const char *slash = memchr(url.p, '/', url.len);
    if (slash != NULL)
        out->path = (struct str){ slash, url.len - (size_t)(slash - url.p) };
    out->host = host_name(a, (struct str){ url.p, slash ? (size_t)(slash - url.p) : url.len });
    for (size_t i = 0; i < out->host.len; i++)
        if ((unsigned char)out->host.p[i] <= ' ')
            return false;
    return out->host.len > 0;
}

static int hex(char c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    c |= 0x20;
    return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

/* Percent-decoded and in lower case; "" when it is too long or no text. */
static struct str decode(struct arena *a, struct str value)
{
    char *out;
    size_t len = 0;

    if (value.len > PARAM_BYTES)
        return STR("");
    out = arena_alloc(a, value.len + 1, 1);
    for (size_t i = 0; i < value.len; i++) {
        char c = value.p[i] == '+' ? ' ' : value.p[i];
        if (c == '%' && i + 2 < value.len && hex(value.p[i + 1]) >= 0 && hex(value.p[i + 2]) >= 0) {
            c = (char)(hex(value.p[i + 1]) << 4 | hex(value.p[i + 2]));
            i += 2;
        }
        c = (unsigned char)c < ' ' ? ' ' : c;
        out[len++] = c >= 'A' && c <= 'Z' ? (char)(c + 32) : c;
    }
    return utf8_valid((struct str){ out, len }) ? str_trim((struct str){ out, len }) : STR("");
}

/* The first of click_ids that is there, wherever it stands. */
static void read_click_id(struct campaign_link *l, struct str key, struct str value, size_t *rank)
{
    for (size_t i = 0; click_ids[i] != NULL && i < *rank; i++)
        if (value.len > 0 && value.len <= PARAM_BYTES &&
            str_equal_fold(key, str_from(click_ids[i]))) {
            l->arrival.click_id = str_from(click_ids[i]);
            l->click_value = value;
            *rank = i;
        }
}

/* Whose click it was, where the link does not say. */
static struct str source_of_click(struct str click_id)
{
    static const struct {
        const char *id, *source;
    } sources[] = {
        { "gclid", "google" },   { "gbraid", "google" },      { "wbraid", "google" },
        { "dclid", "google" },   { "msclkid", "bing" },       { "fbclid", "facebook" },
        { "ttclid", "tiktok" },  { "li_fat_id", "linkedin" }, { "twclid", "twitter" },
        { "rdt_cid", "reddit" }, { "epik", "pinterest" },     { "sccid", "snapchat" },
        { "yclid", "yandex" },
    };

    for (size_t i = 0; i < countof(sources); i++)
        if (str_is(click_id, sources[i].id))
            return str_from(sources[i].source);
    return STR("");
}

static struct str first_of(struct str a, struct str b) { return a.len > 0 ? a : b; }

void link_read(struct arena *a, struct str query, struct str referrer_host,
               struct campaign_link *out)
{
    struct str pair, key, none = STR(""), utm_id = none, ref = none;
    const struct {
        const char *name;
        struct str *place;
    } params[] = {
        { "utm_source", &out->arrival.source },
        { "utm_medium", &out->arrival.medium },
        { "utm_campaign", &out->arrival.campaign },
        { "utm_term", &out->term },
        { "utm_content", &out->content },
        { "utm_id", &utm_id }, /* these three where the ones above are missing */
        { "ref", &ref },
        { "source", &ref },
    };
    size_t rank = SIZE_MAX;

    *out = (struct campaign_link){ { none, none, none, referrer_host, none }, none, none, none };
    while (str_split(&query, '&', &pair)) {
        struct str value = pair;
        if (!str_split(&value, '=', &key) || value.len == 0)
            continue;
        for (size_t i = 0; i < countof(params); i++)
            if (params[i].place->len == 0 && str_is(key, params[i].name))
                *params[i].place = decode(a, value);
        read_click_id(out, key, value, &rank);
    }
    out->arrival.campaign = first_of(out->arrival.campaign, utm_id);
    out->arrival.source = first_of(out->arrival.source, ref);
    if (out->arrival.source.len == 0 && referrer_host.len > 0)
        out->arrival.source = source_of_host(referrer_host);
    out->arrival.source = first_of(out->arrival.source, source_of_click(out->arrival.click_id));
}

const char *link_tuple(struct arena *a, const struct campaign_link *link)
{
    const struct {
        const char *key;
        struct str value;
    } parts[] = {
        { "source", link->arrival.source },     { "medium", link->arrival.medium },
        { "campaign", link->arrival.campaign }, { "term", link->term },
        { "content", link->content },           { "click_id", link->arrival.click_id },
    };
    struct val *tuple = val_map(a);
    size_t said = 0;

    for (size_t i = 0; i < countof(parts); i++) {
        val_put(tuple, parts[i].key, val_str(a, parts[i].value));
        said += parts[i].value.len;
    }
    return said > 0 ? json_text(a, tuple) : NULL;
}
