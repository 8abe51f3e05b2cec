/* channel.c -- which sources search, talk, show and sell, as tables; and the rules, one line each
 * in GA4's order: the first that holds decides. */
#include "bridge/channel.h"

enum source_class {
    SOURCE_OTHER,
    SOURCE_SEARCH,
    SOURCE_SOCIAL,
    SOURCE_VIDEO,
    SOURCE_SHOPPING,
    SOURCE_AI,
    SOURCE_EMAIL
};

/* Names match a source exactly, or a host by its label before the public suffix: "google" is
 * www.google.co.uk too. */
static const struct {
    const char *name;
    enum source_class class;
} sources[] = {
    { "google", SOURCE_SEARCH },     { "bing", SOURCE_SEARCH },
    { "duckduckgo", SOURCE_SEARCH }, { "yahoo", SOURCE_SEARCH },
    { "ecosia", SOURCE_SEARCH },     { "baidu", SOURCE_SEARCH },
    { "yandex", SOURCE_SEARCH },     { "qwant", SOURCE_SEARCH },
    { "startpage", SOURCE_SEARCH },  { "naver", SOURCE_SEARCH },
    { "seznam", SOURCE_SEARCH },     { "aol", SOURCE_SEARCH },
    { "ask", SOURCE_SEARCH },        { "brave", SOURCE_SEARCH },
    { "kagi", SOURCE_SEARCH },       { "sogou", SOURCE_SEARCH },
    { "daum", SOURCE_SEARCH },       { "onet", SOURCE_SEARCH },
    { "presearch", SOURCE_SEARCH },  { "mojeek", SOURCE_SEARCH },
    { "swisscows", SOURCE_SEARCH },  { "metager", SOURCE_SEARCH },
    { "lycos", SOURCE_SEARCH },      { "dogpile", SOURCE_SEARCH },
    { "facebook", SOURCE_SOCIAL },   { "fb", SOURCE_SOCIAL },
    { "instagram", SOURCE_SOCIAL },  { "ig", SOURCE_SOCIAL },
    { "linkedin", SOURCE_SOCIAL },   { "lnkd", SOURCE_SOCIAL },
    { "twitter", SOURCE_SOCIAL },    { "x", SOURCE_SOCIAL },
    { "t", SOURCE_SOCIAL },          { "mastodon", SOURCE_SOCIAL },
    { "bluesky", SOURCE_SOCIAL },    { "bsky", SOURCE_SOCIAL },
    { "threads", SOURCE_SOCIAL },    { "reddit", SOURCE_SOCIAL },
    { "pinterest", SOURCE_SOCIAL },  { "xing", SOURCE_SOCIAL },
    { "quora", SOURCE_SOCIAL },      { "ycombinator", SOURCE_SOCIAL },
    { "snapchat", SOURCE_SOCIAL },   { "whatsapp", SOURCE_SOCIAL },
    { "telegram", SOURCE_SOCIAL },   { "discord", SOURCE_SOCIAL },
    { "slack", SOURCE_SOCIAL },      { "tumblr", SOURCE_SOCIAL },
    { "vk", SOURCE_SOCIAL },         { "weibo", SOURCE_SOCIAL },
    { "lemmy", SOURCE_SOCIAL },      { "stackoverflow", SOURCE_SOCIAL },
    { "medium", SOURCE_SOCIAL },     { "meetup", SOURCE_SOCIAL },
    { "messenger", SOURCE_SOCIAL },  { "youtube", SOURCE_VIDEO },
    { "vimeo", SOURCE_VIDEO },       { "tiktok", SOURCE_VIDEO },
    { "twitch", SOURCE_VIDEO },      { "dailymotion", SOURCE_VIDEO },
    { "wistia", SOURCE_VIDEO },      { "netflix", SOURCE_VIDEO },
    { "youku", SOURCE_VIDEO },       { "amazon", SOURCE_SHOPPING },
    { "ebay", SOURCE_SHOPPING },     { "etsy", SOURCE_SHOPPING },
    { "shopping", SOURCE_SHOPPING }, { "walmart", SOURCE_SHOPPING },
    { "alibaba", SOURCE_SHOPPING },  { "idealo", SOURCE_SHOPPING },
    { "shopify", SOURCE_SHOPPING },  { "mercadolibre", SOURCE_SHOPPING },
    { "chatgpt", SOURCE_AI },        { "openai", SOURCE_AI },
    { "perplexity", SOURCE_AI },     { "claude", SOURCE_AI },
    { "gemini", SOURCE_AI },         { "copilot", SOURCE_AI },
    { "mistral", SOURCE_AI },        { "deepseek", SOURCE_AI },
    { "grok", SOURCE_AI },           { "email", SOURCE_EMAIL },
    { "e-mail", SOURCE_EMAIL },      { "e_mail", SOURCE_EMAIL },
    { "e mail", SOURCE_EMAIL },      { "newsletter", SOURCE_EMAIL },
    { "mailchimp", SOURCE_EMAIL },   { "furrow", SOURCE_EMAIL },
};

/* Hosts whose name is not the label before the public suffix. */
static const struct {
    const char *host, *name;
    enum source_class class;
} hosts[] = {
    { "mail.google.com", "gmail", SOURCE_EMAIL },
    { "outlook.live.com", "outlook", SOURCE_EMAIL },
    { "outlook.office.com", "outlook", SOURCE_EMAIL },
    { "mail.yahoo.com", "yahoo mail", SOURCE_EMAIL },
    { "gemini.google.com", "gemini", SOURCE_AI },
    { "copilot.microsoft.com", "copilot", SOURCE_AI },
    { "news.ycombinator.com", "hacker news", SOURCE_SOCIAL },
    { "search.brave.com", "brave", SOURCE_SEARCH },
    { "youtu.be", "youtube", SOURCE_VIDEO },
    { "t.me", "telegram", SOURCE_SOCIAL },
    { "t.co", "twitter", SOURCE_SOCIAL },
    { "shopping.google.com", "google shopping", SOURCE_SHOPPING },
    { "com.google.android.gm", "gmail", SOURCE_EMAIL },
};

const char *const click_ids[] = { "gclid",  "gbraid",    "wbraid",      "dclid",  "msclkid",
                                  "fbclid", "li_fat_id", "ttclid",      "twclid", "rdt_cid",
                                  "epik",   "sccid",     "ob_click_id", "yclid",  NULL };

static const struct {
    const char *value, *label;
} names[CHANNEL_COUNT] = {
    [CHANNEL_NONE] = { "", "" },
    [CHANNEL_DIRECT] = { "direct", "Direct" },
    [CHANNEL_CROSS_NETWORK] = { "cross-network", "Cross-network" },
    [CHANNEL_PAID_SHOPPING] = { "paid-shopping", "Paid shopping" },
    [CHANNEL_PAID_SEARCH] = { "paid-search", "Paid search" },
    [CHANNEL_PAID_SOCIAL] = { "paid-social", "Paid social" },
    [CHANNEL_PAID_VIDEO] = { "paid-video", "Paid video" },
    [CHANNEL_DISPLAY] = { "display", "Display" },
    [CHANNEL_PAID_OTHER] = { "paid-other", "Paid other" },
    [CHANNEL_ORGANIC_SHOPPING] = { "organic-shopping", "Organic shopping" },
    [CHANNEL_ORGANIC_SOCIAL] = { "organic-social", "Organic social" },
    [CHANNEL_ORGANIC_VIDEO] = { "organic-video", "Organic video" },
    [CHANNEL_ORGANIC_SEARCH] = { "organic-search", "Organic search" },
    [CHANNEL_EMAIL] = { "email", "Email" },
    [CHANNEL_AFFILIATES] = { "affiliates", "Affiliates" },
    [CHANNEL_AUDIO] = { "audio", "Audio" },
    [CHANNEL_SMS] = { "sms", "SMS" },
    [CHANNEL_PUSH] = { "push", "Mobile push" },
    [CHANNEL_REFERRAL] = { "referral", "Referral" },
    [CHANNEL_AI] = { "ai", "AI assistants" },
    [CHANNEL_UNASSIGNED] = { "unassigned", "Unassigned" },
};

const char *channel_value(enum channel c) { return c < CHANNEL_COUNT ? names[c].value : ""; }
const char *channel_label(enum channel c) { return c < CHANNEL_COUNT ? names[c].label : ""; }

enum channel channel_by_value(const char *value)
{
    for (int c = CHANNEL_DIRECT; c < CHANNEL_COUNT; c++)
        if (text_is(names[c].value, value))
            return (enum channel)c;
    return CHANNEL_NONE;
}

static bool one_of(struct str s, const char *const *list)
{
    for (; *list; list++)
        if (str_is(s, *list))
            return true;
    return false;
}

static enum source_class class_of_name(struct str name)
{
    for (size_t i = 0; i < countof(sources); i++)
        if (str_is(name, sources[i].name))
            return sources[i].class;
    return SOURCE_OTHER;
}

/* "www.google.co.uk" -> "google": each label from the left is tried, so no list of public suffixes
 * is needed. A label only counts when at most two more follow, or blog.t.example.com would be
 * t.co's. */
static bool known_label(struct str host, struct str *label)
{
    struct str rest = host, part;
    size_t labels = 1;

    for (size_t i = 0; i < host.len; i++)
        labels += host.p[i] == '.';
    for (; str_split(&rest, '.', &part); labels--)
        if (labels >= 2 && labels <= 3 && part.len > 1 && class_of_name(part) != SOURCE_OTHER) {
            *label = part;
            return true;
        }
    return false;
}

struct str source_of_host(struct str host)
{
    struct str label;

    for (size_t i = 0; i < countof(hosts); i++)
        if (str_is(host, hosts[i].host))
            return str_from(hosts[i].name);
    if (known_label(host, &label))
        return label;
    return str_starts(host, "www.") ? (struct str){ host.p + 4, host.len - 4 } : host;
}

static enum source_class class_of(const struct arrival *a)
{
    enum source_class c = class_of_name(a->source);
    struct str label;

    for (size_t i = 0; c == SOURCE_OTHER && i < countof(hosts); i++)
        if (str_is(a->source, hosts[i].name) || str_is(a->source, hosts[i].host))
            c = hosts[i].class;
    if (c == SOURCE_OTHER && known_label(a->source, &label))
        c = class_of_name(label);
    return c;
}

static bool contains(struct str s, const char *needle) { return str_contains_fold(s, needle); }

/* ^(.*cp.*|ppc|retargeting|paid.*)$ */
static bool paid_medium(struct str m)
{
    return contains(m, "cp") || str_is(m, "ppc") || str_is(m, "retargeting") ||
           str_starts(m, "paid");
}

/* ^(.*(([^a-df-z]|^)shop|shopping).*)$ : "shop" at the start or after something that is not a
 * letter but e. */
static bool shop_campaign(struct str c)
{
    for (size_t i = 0; i + 4 <= c.len; i++) {
        if (memcmp(c.p + i, "shop", 4) != 0)
            continue;
        if (i == 0 || c.p[i - 1] == 'e' || c.p[i - 1] < 'a' || c.p[i - 1] > 'z')
            return true;
    }
    return contains(c, "shopping");
}

enum channel channel_of(const struct arrival *a)
{
    static const char *const display[] = { "display",      "banner", "expandable",
                                           "interstitial", "cpm",    NULL };
    static const char *const social[] = { "social", "social-network", "social-media",
                                          "sm",     "social network", "social media",
                                          NULL };
    static const char *const email[] = {
        "email", "e-mail", "e_mail", "e mail", "newsletter", NULL
    };
    static const char *const referral[] = { "referral", "app", "link", NULL };
    enum source_class class = class_of(a);
    bool shop = class == SOURCE_SHOPPING || shop_campaign(a->campaign);
    bool paid = paid_medium(a->medium);

    /* An ad click that carries no medium: the click id says that it was paid for, except Meta's,
     * which links in ordinary posts carry too. */
    if (!paid && a->medium.len == 0 && a->click_id.len > 0 && !str_is(a->click_id, "fbclid"))
        paid = true;
    if (contains(a->campaign, "cross-network"))
        return CHANNEL_CROSS_NETWORK;
    if (paid && shop)
        return CHANNEL_PAID_SHOPPING;
    if (paid && class == SOURCE_SEARCH && !str_is(a->click_id, "dclid"))
        return CHANNEL_PAID_SEARCH;
    if (paid && class == SOURCE_SOCIAL)
        return CHANNEL_PAID_SOCIAL;
    if (paid && class == SOURCE_VIDEO)
        return CHANNEL_PAID_VIDEO;
    if (one_of(a->medium, display) || str_is(a->click_id, "dclid"))
        return CHANNEL_DISPLAY;
    if (paid)
        return CHANNEL_PAID_OTHER;
    if (shop)
        return CHANNEL_ORGANIC_SHOPPING;
    if (class == SOURCE_SOCIAL || one_of(a->medium, social))
        return CHANNEL_ORGANIC_SOCIAL;
    if (class == SOURCE_VIDEO || contains(a->medium, "video"))
        return CHANNEL_ORGANIC_VIDEO;
    if (class == SOURCE_AI)
        return CHANNEL_AI;
    if (class == SOURCE_EMAIL || one_of(a->medium, email))
        return CHANNEL_EMAIL;
    if (class == SOURCE_SEARCH || str_is(a->medium, "organic"))
        return CHANNEL_ORGANIC_SEARCH;
    if (str_is(a->medium, "affiliate"))
        return CHANNEL_AFFILIATES;
    if (str_is(a->medium, "audio"))
        return CHANNEL_AUDIO;
    if (str_is(a->medium, "sms") || str_is(a->source, "sms"))
        return CHANNEL_SMS;
    if (str_ends(a->medium, "push") || contains(a->medium, "mobile") ||
        contains(a->medium, "notification") || str_is(a->source, "firebase"))
        return CHANNEL_PUSH;
    if (one_of(a->medium, referral) || (a->referrer_host.len > 0 && a->medium.len == 0))
        return CHANNEL_REFERRAL;
    if (a->source.len == 0 && a->medium.len == 0 && a->campaign.len == 0)
        return CHANNEL_DIRECT;
    return CHANNEL_UNASSIGNED;
}
