/* client.c -- reading a User-Agent by its marks, the most telling first: Edge says Chrome too, and
 * Chrome says Safari too.
 * All marks are lower case: the agent is folded once, then searched. Programs are told by a list
 * that many keep (npm crawler-user-agents, compared as it is written) and by words of our own. */
#include "marketing/client.h"
#include "marketing/client_int.h"
#include <string.h>

enum { AGENT_BYTES = 512 }; /* what stands behind them is not looked at */

struct mark {
    const char *needle, *name;
};
static const struct mark browsers[] = {
    { "edg/", "Edge" },
    { "edga/", "Edge" },
    { "edgios/", "Edge" },
    { "opr/", "Opera" },
    { "opera", "Opera" },
    { "samsungbrowser/", "Samsung Internet" },
    { "vivaldi/", "Vivaldi" },
    { "yabrowser/", "Yandex" },
    { "duckduckgo/", "DuckDuckGo" },
    { "fxios/", "Firefox" },
    { "firefox/", "Firefox" },
    { "crios/", "Chrome" },
    { "chrome/", "Chrome" },
    { "chromium/", "Chrome" },
    { "msie ", "Internet Explorer" },
    { "trident/", "Internet Explorer" },
    { "safari/", "Safari" },
};
static const struct mark systems[] = {
    { "windows", "Windows" }, { "iphone", "iOS" },     { "ipad", "iPadOS" },
    { "android", "Android" }, { "cros", "Chrome OS" }, { "mac os x", "macOS" },
    { "macintosh", "macOS" }, { "linux", "Linux" },    { "freebsd", "FreeBSD" },
};
/* Words that programs use of themselves. */
static const char *const bot_words[] = {
    "crawl",
    "spider",
    "slurp",
    "headless",
    "lighthouse",
    "pagespeed",
    "monitor",
    "uptime",
    "pingdom",
    "preview",
    "facebookexternalhit",
    "embedly",
    "curl/",
    "wget/",
    "python",
    "java/",
    "go-http",
    "okhttp",
    "libwww",
    "httpclient",
    "axios",
    "node-fetch",
    "postman",
    "phantomjs",
    "selenium",
    "puppeteer",
    "playwright",
    "scan",
    "archiver",
    "validator",
    "fetch/",
    "feed",
    "checker",
    "ruby",
    "perl",
    "php/",
    "guzzle",
    "scrapy",
    "bingpreview",
    "yandexmetrika",
    "google-read-aloud",
    "mediapartners",
    "apis-google",
    "gptbot",
    "chatgpt-user",
    "http://",
    "https://",
};

static const char *by_marks(const char *agent, const struct mark *marks, size_t count)
{
    for (size_t i = 0; i < count; i++)
        if (strstr(agent, marks[i].needle) != NULL)
            return marks[i].name;
    return "";
}

/* At each place the words that begin with its letter: a few at most. */
static bool is_crawler(const char *agent, size_t len)
{
    for (size_t at = 0; at < len; at++) {
        unsigned char c = (unsigned char)agent[at];
        for (size_t i = crawlers_by_byte[c]; i < crawlers_by_byte[c + 1]; i++) {
            const struct crawler *w = &crawlers[i];
            if (w->len <= len - at && agent[at + 1] == w->text[1] &&
                memcmp(agent + at, w->text, w->len) == 0 && (!w->begins || at == 0) &&
                (!w->ends || at + w->len == len))
                return true;
        }
    }
    return false;
}

/* "cubot" makes telephones. */
static bool says_bot(const char *agent)
{
    for (const char *p = agent; (p = strstr(p, "bot")) != NULL; p++)
        if (p < agent + 2 || memcmp(p - 2, "cu", 2) != 0)
            return true;
    return false;
}

static enum device device_of(const char *agent)
{
    if (strstr(agent, "ipad") || strstr(agent, "tablet") ||
        (strstr(agent, "android") && !strstr(agent, "mobile")))
        return DEVICE_TABLET;
    if (strstr(agent, "mobi") || strstr(agent, "iphone"))
        return DEVICE_MOBILE;
    return DEVICE_DESKTOP;
}

struct client client_of(const char *user_agent)
{
    char agent[AGENT_BYTES];
    size_t len = 0;

    for (const char *p = user_agent; p != NULL && *p != '\0' && len < sizeof agent - 1; p++)
        agent[len++] = *p >= 'A' && *p <= 'Z' ? (char)(*p + 32) : *p;
    agent[len] = '\0';
    struct client c = { .browser = "",
                        .system = "",
                        .bot = len < 10 || says_bot(agent) || is_crawler(user_agent, len) };
    for (size_t i = 0; !c.bot && i < countof(bot_words); i++)
        c.bot = strstr(agent, bot_words[i]) != NULL;
    c.browser = by_marks(agent, browsers, countof(browsers));
    c.system = by_marks(agent, systems, countof(systems));
    c.device = len > 0 ? device_of(agent) : DEVICE_UNKNOWN;
    return c;
}
