/* template_html.c -- reads the literal text of a template byte by byte and knows at each point what
 * a value there would mean to a browser. It follows the HTML standard's tokenizer where templates
 * go, and refuses the rest: an odd place is mended in the template, not guessed at here. */
#include "kit/template_int.h"
#include <string.h>

static char lower(char c) { return c >= 'A' && c <= 'Z' ? (char)(c + 32) : c; }
static bool letter(char c) { return lower(c) >= 'a' && lower(c) <= 'z'; }

static void word_clear(struct html *h)
{
    memset(h->word, 0, sizeof h->word);
    h->word_len = 0;
}

static bool word_add(struct html *h, char c)
{
    if (h->word_len >= HTML_WORD_MAX)
        return false;
    h->word[h->word_len++] = lower(c);
    return true;
}

static bool word_is(const struct html *h, const char *text)
{
    return str_is((struct str){ h->word, h->word_len }, text);
}

static bool refuse(const char **why, const char *reason)
{
    *why = reason;
    return false;
}

static bool listed(struct str s, const char *const *list, size_t count)
{
    for (size_t i = 0; i < count; i++)
        if (str_is(s, list[i]))
            return true;
    return false;
}

/* --- names --- */

static bool name_tag(struct html *h, const char **why)
{
    static const struct {
        const char *name;
        enum element element;
    } known[] = {
        { "script", ELEMENT_SCRIPT },     { "style", ELEMENT_STYLE },
        { "textarea", ELEMENT_TEXTAREA }, { "title", ELEMENT_TITLE },
        { "iframe", ELEMENT_IFRAME },     { "pre", ELEMENT_PRE },
    };
    static const char *const odd[] = { "xmp", "plaintext", "noembed", "noframes", "listing" };
    struct str name = { h->word, h->word_len };

    if (listed(name, odd, countof(odd)))
        return refuse(why, "an element that HTML has given up");
    h->element = ELEMENT_OTHER;
    for (size_t i = 0; i < countof(known); i++)
        if (str_is(name, known[i].name))
            h->element = (u8)known[i].element;
    word_clear(h);
    return true;
}

static bool name_attr(struct html *h, const char **why)
{
    static const char *const urls[] = {
        "href",        "src",        "action", "formaction", "poster",     "data",
        "cite",        "hx-get",     "hx-put", "hx-post",    "hx-patch",   "hx-delete",
        "sse-connect", "xlink:href", "ping",   "manifest",   "background",
    };
    static const char *const scriptish[] = { "srcdoc", "hx-vals", "hx-vars", "hx-headers",
                                             "hx-request" };
    struct str name = { h->word, h->word_len };
    enum attr attr = ATTR_PLAIN;

    if ((name.len > 2 && memcmp(name.p, "on", 2) == 0) || str_starts(name, "hx-on"))
        return refuse(why, "an inline event handler: the content security policy forbids it, "
                           "scripts live in web/");
    if (listed(name, urls, countof(urls)) || str_ends(name, "-url") || str_ends(name, "-href") ||
        str_ends(name, "-src"))
        attr = h->element == ELEMENT_SCRIPT ? ATTR_SCRIPT_URL : ATTR_URL;
    else if (str_is(name, "style"))
        attr = ATTR_STYLE;
    else if (str_is(name, "hx-trigger"))
        attr = ATTR_TOKEN;
    else if (listed(name, scriptish, countof(scriptish)))
        attr = ATTR_SCRIPTISH;
    else if (str_is(name, "type") && h->element == ELEMENT_SCRIPT)
        attr = ATTR_SCRIPT_TYPE;
    h->attr = (u8)attr;
    word_clear(h);
    return true;
}

/* --- tags --- */

/* After the '>' of a tag. */
static bool close_tag(struct html *h)
{
    u8 element = h->element, flags = h->flags;

    memset(h, 0, sizeof *h);
    h->flags = flags & FLAG_PRE;
    if (element == ELEMENT_PRE)
        h->flags = flags & FLAG_CLOSING ? 0 : FLAG_PRE;
    if (flags & FLAG_CLOSING || element == ELEMENT_OTHER || element == ELEMENT_PRE)
        return true;
    h->element = element;
    if (element == ELEMENT_TEXTAREA || element == ELEMENT_TITLE)
        h->place = PLACE_RCDATA;
    else
        h->place = element == ELEMENT_SCRIPT && flags & FLAG_JSON ? PLACE_JSON : PLACE_RAW;
    if (element == ELEMENT_TEXTAREA)
        h->flags |= FLAG_FRESH;
    return true;
}

static bool close_value(struct html *h, u8 place)
{
    if (h->attr == ATTR_SCRIPT_TYPE &&
        (word_is(h, "application/json") || word_is(h, "application/ld+json")))
        h->flags |= FLAG_JSON;
    h->flags &= (u8) ~(FLAG_URL_VALUE | FLAG_URL_DECIDED);
    h->attr = ATTR_PLAIN;
    h->place = place;
    word_clear(h);
    return true;
}

bool html_scheme_allowed(struct str scheme)
{
    static const char *const allowed[] = { "http", "https", "mailto", "tel" };

    for (size_t i = 0; i < countof(allowed); i++)
        if (str_equal_fold(scheme, str_from(allowed[i])))
            return true;
    return false;
}

static bool feed_address(struct html *h, char c, const char **why)
{
    if (h->flags & FLAG_URL_DECIDED)
        return true;
    if (c != ':' && c != '/' && c != '?' && c != '#') {
        (void)word_add(h, c); /* a scheme this long is not an allowed one */
        return true;
    }
    if (c == ':') {
        if (h->flags & FLAG_URL_VALUE)
            return refuse(why, "the scheme of an address may not come from a value");
        if (word_is(h, "javascript") || word_is(h, "vbscript"))
            return refuse(why, "a script as an address: the content security policy forbids it");
        if (!html_scheme_allowed((struct str){ h->word, h->word_len }))
            h->attr = ATTR_FOREIGN;
    }
    h->flags |= FLAG_URL_DECIDED;
    word_clear(h);
    return true;
}

static bool feed_value(struct html *h, char c, const char **why)
{
    if (h->attr == ATTR_URL || h->attr == ATTR_SCRIPT_URL)
        return feed_address(h, c, why);
    if (h->attr == ATTR_SCRIPT_TYPE)
        (void)word_add(h, c);
    return true;
}

static bool begin_attr(struct html *h, char c, const char **why)
{
    if (c == '=' || c == '"' || c == '\'' || c == '<')
        return refuse(why, "a stray quote, '=' or '<' inside a tag");
    word_clear(h);
    h->attr = ATTR_PLAIN;
    h->place = PLACE_ATTR_NAME;
    return word_add(h, c);
}

/* Between attributes, and in their names. */
static bool feed_tag(struct html *h, char c, const char **why)
{
    bool name = h->place == PLACE_TAG_NAME || h->place == PLACE_ATTR_NAME;

    if (!html_space(c) && c != '/' && c != '>' && !(c == '=' && h->place != PLACE_IN_TAG)) {
        if (h->place == PLACE_AFTER_VALUE)
            return refuse(why, "white space is missing before an attribute");
        if (!name)
            return begin_attr(h, c, why);
        if (c == '"' || c == '\'' || c == '<')
            return refuse(why, "a stray quote or '<' inside a tag");
        return word_add(h, c) || refuse(why, "a name this long is not expected in HTML");
    }
    if (c == '=' && h->place != PLACE_ATTR_NAME && h->place != PLACE_AFTER_NAME)
        return refuse(why, "a stray '=' inside a tag");
    if (h->place == PLACE_TAG_NAME && !name_tag(h, why))
        return false;
    if (h->place == PLACE_ATTR_NAME && !name_attr(h, why))
        return false;
    if (c == '>')
        return close_tag(h);
    if (c == '=')
        h->place = PLACE_BEFORE_VALUE;
    else if (html_space(c) && (h->place == PLACE_ATTR_NAME || h->place == PLACE_AFTER_NAME))
        h->place = PLACE_AFTER_NAME;
    else
        h->place = PLACE_IN_TAG;
    if (h->place == PLACE_IN_TAG)
        h->attr = ATTR_PLAIN;
    return true;
}

static bool feed_before_value(struct html *h, char c, const char **why)
{
    if (html_space(c))
        return true;
    if (c == '>')
        return refuse(why, "an attribute's value is missing");
    h->place = c == '"' ? PLACE_VALUE : c == '\'' ? PLACE_SINGLE : PLACE_UNQUOTED;
    return h->place != PLACE_UNQUOTED || feed_value(h, c, why);
}

static bool feed_unquoted(struct html *h, char c, const char **why)
{
    if (c == '>') {
        (void)close_value(h, PLACE_IN_TAG);
        return close_tag(h);
    }
    if (html_space(c))
        return close_value(h, PLACE_IN_TAG);
    if (c == '"' || c == '\'' || c == '<' || c == '=' || c == '`')
        return refuse(why, "a stray quote, '=' or '<' in an unquoted value");
    return feed_value(h, c, why);
}

/* --- elements whose content is not markup --- */

static bool feed_content(struct html *h, char c, const char **why)
{
    h->flags &= (u8)~FLAG_FRESH;
    if (h->place == PLACE_RAW && h->element == ELEMENT_SCRIPT && !html_space(c))
        return refuse(why, "an inline script: the content security policy forbids it, "
                           "scripts live in web/");
    if (h->place != PLACE_JSON)
        return true;
    if (c == '<')
        return refuse(why, "'<' in JSON inside a script: write \\u003c");
    if (h->flags & FLAG_ESCAPE)
        h->flags &= (u8)~FLAG_ESCAPE;
    else if (c == '"')
        h->flags ^= FLAG_IN_STRING;
    else if (c == '\\' && h->flags & FLAG_IN_STRING)
        h->flags |= FLAG_ESCAPE;
    return true;
}

static bool feed_raw(struct html *h, char c, const char **why)
{
    static const char *const end[] = { "",        "</script", "</style", "</textarea",
                                       "</title", "</iframe", "" };

    if (h->word_len == 0 && c == '<')
        return word_add(h, c);
    if (h->word_len == 0)
        return feed_content(h, c, why);
    if ((h->word_len == 1 && c == '/') || (h->word_len > 1 && letter(c) && word_add(h, c)))
        return h->word_len > 1 || word_add(h, c);
    if ((html_space(c) || c == '/' || c == '>') && word_is(h, end[h->element])) {
        word_clear(h);
        h->flags |= FLAG_CLOSING;
        h->flags &= (u8) ~(FLAG_FRESH | FLAG_IN_STRING | FLAG_ESCAPE);
        h->place = PLACE_IN_TAG;
        return feed_tag(h, c, why);
    }
    word_clear(h);
    return feed_content(h, '<', why) && feed_raw(h, c, why);
}

/* --- the rest --- */

static bool feed_open(struct html *h, char c, const char **why)
{
    bool closing = h->place == PLACE_END_OPEN;

    if (letter(c)) {
        h->place = PLACE_TAG_NAME;
        h->flags = (u8)((h->flags & FLAG_PRE) | (closing ? FLAG_CLOSING : 0));
        word_clear(h);
        return word_add(h, c);
    }
    if (closing)
        h->place = c == '>' ? PLACE_TEXT : PLACE_BOGUS;
    else if (c == '/')
        h->place = PLACE_END_OPEN;
    else if (c == '!')
        h->place = PLACE_MARKUP;
    else if (c == '?')
        h->place = PLACE_BOGUS;
    else {
        h->place = PLACE_TEXT; /* "a < b" */
        return html_feed(h, c, why);
    }
    return true;
}

static bool feed_markup(struct html *h, char c)
{
    if (c == '-' && word_add(h, c) && h->word_len == 2) {
        h->place = PLACE_COMMENT;
        h->flags |= FLAG_FRESH;
        word_clear(h);
    } else if (c != '-') {
        h->place = c == '>' ? PLACE_TEXT : PLACE_BOGUS;
        word_clear(h);
    }
    return true;
}

/* Browsers also end a comment at "<!-->", "<!--->" and "--!>": nobody writes those on purpose. */
static bool feed_comment(struct html *h, char c, const char **why)
{
    if ((h->flags & FLAG_FRESH && c == '>') || (c == '!' && h->word_len == 2))
        return refuse(why, "a malformed HTML comment");
    if (c == '-') {
        if (h->word_len < 2)
            (void)word_add(h, c);
        return true;
    }
    if (c == '>' && h->word_len == 2)
        h->place = PLACE_TEXT;
    h->flags &= (u8)~FLAG_FRESH;
    word_clear(h);
    return true;
}

bool html_feed(struct html *h, char c, const char **why)
{
    switch ((enum place)h->place) {
    case PLACE_TEXT:
        if (c == '<')
            h->place = PLACE_TAG_OPEN;
        return true;
    case PLACE_TAG_OPEN:
    case PLACE_END_OPEN:
        return feed_open(h, c, why);
    case PLACE_TAG_NAME:
    case PLACE_IN_TAG:
    case PLACE_AFTER_VALUE:
    case PLACE_ATTR_NAME:
    case PLACE_AFTER_NAME:
        return feed_tag(h, c, why);
    case PLACE_BEFORE_VALUE:
        return feed_before_value(h, c, why);
    case PLACE_VALUE:
    case PLACE_SINGLE:
        if (c == (h->place == PLACE_VALUE ? '"' : '\''))
            return close_value(h, PLACE_AFTER_VALUE);
        return feed_value(h, c, why);
    case PLACE_UNQUOTED:
        return feed_unquoted(h, c, why);
    case PLACE_MARKUP:
        return feed_markup(h, c);
    case PLACE_BOGUS:
        if (c == '>')
            h->place = PLACE_TEXT;
        return true;
    case PLACE_COMMENT:
        return feed_comment(h, c, why);
    case PLACE_RAW:
    case PLACE_RCDATA:
    case PLACE_JSON:
        break;
    }
    return feed_raw(h, c, why);
}

static bool settle_content(const struct html *h, const char **why)
{
    if (h->place == PLACE_RAW)
        return refuse(why, h->element == ELEMENT_SCRIPT
                               ? "inside a plain script: give it type=\"application/json\" or use "
                                 "a data- attribute"
                           : h->element == ELEMENT_STYLE ? "inside a style element"
                                                         : "inside an iframe");
    if (h->word_len > 0)
        return refuse(why, "inside what may be an end tag");
    if (h->flags & FLAG_ESCAPE)
        return refuse(why, "after a backslash in JSON");
    return true;
}

static bool settle_value(const struct html *h, const char **why)
{
    if (h->attr == ATTR_STYLE)
        return refuse(why, "inside a style attribute: use a class");
    if (h->attr == ATTR_SCRIPT_TYPE)
        return refuse(why, "in the type of a script");
    if (h->attr == ATTR_SCRIPTISH)
        return refuse(why, "in an attribute that can run script");
    if (h->attr == ATTR_FOREIGN)
        return refuse(why, "in an address whose scheme is not http, https, mailto or tel");
    return true;
}

bool html_settle(struct html *h, const char **why)
{
    switch ((enum place)h->place) {
    case PLACE_TEXT:
    case PLACE_IN_TAG:
    case PLACE_AFTER_VALUE:
        return true;
    case PLACE_TAG_NAME:
        h->place = PLACE_AFTER_VALUE;
        return name_tag(h, why);
    case PLACE_ATTR_NAME:
        h->place = PLACE_AFTER_VALUE;
        if (!name_attr(h, why))
            return false;
        h->attr = ATTR_PLAIN;
        return true;
    case PLACE_AFTER_NAME:
        h->place = PLACE_IN_TAG;
        h->attr = ATTR_PLAIN;
        return true;
    case PLACE_VALUE:
        return settle_value(h, why);
    case PLACE_RAW:
    case PLACE_RCDATA:
    case PLACE_JSON:
        return settle_content(h, why);
    case PLACE_TAG_OPEN:
    case PLACE_END_OPEN:
        return refuse(why, "in the name of a tag");
    case PLACE_BEFORE_VALUE:
    case PLACE_UNQUOTED:
        return refuse(why, "in an unquoted attribute: write \"...\"");
    case PLACE_SINGLE:
        return refuse(why, "in a single-quoted attribute: write \"...\"");
    case PLACE_COMMENT:
        return refuse(why, "inside an HTML comment: use {{! }}");
    case PLACE_MARKUP:
    case PLACE_BOGUS:
        break;
    }
    return refuse(why, "inside a <!...> declaration");
}

bool html_value(struct html *h, u8 *escape, const char **why)
{
    static const u8 by_attr[] = {
        [ATTR_PLAIN] = ESCAPE_ATTR,
        [ATTR_URL] = ESCAPE_URL,
        [ATTR_SCRIPT_URL] = ESCAPE_SCRIPT_URL,
        [ATTR_TOKEN] = ESCAPE_TOKEN,
    };
    u8 place = h->place;

    if (place == PLACE_TAG_NAME)
        return refuse(why, "in the name of a tag");
    if (place == PLACE_ATTR_NAME || place == PLACE_AFTER_NAME || place == PLACE_IN_TAG ||
        place == PLACE_AFTER_VALUE)
        return refuse(why, "in the name of an attribute: a section may hold whole attributes");
    if (!html_settle(h, why))
        return false;
    *escape = ESCAPE_TEXT;
    if (place == PLACE_VALUE) {
        assert(h->attr < countof(by_attr));
        *escape = by_attr[h->attr];
        if ((h->attr == ATTR_URL || h->attr == ATTR_SCRIPT_URL) && !(h->flags & FLAG_URL_DECIDED)) {
            h->flags |= FLAG_URL_VALUE;
            word_clear(h);
        }
    } else if (place == PLACE_RCDATA) {
        *escape = h->flags & FLAG_FRESH ? ESCAPE_TEXTAREA : ESCAPE_ATTR;
        h->flags &= (u8)~FLAG_FRESH;
    } else if (place == PLACE_JSON) {
        *escape = ESCAPE_JSON;
        if (h->flags & FLAG_IN_STRING)
            return refuse(why,
                          "inside a JSON string: leave the quotes out, a value brings its own");
    }
    return true;
}

bool html_join(const struct html *a, const struct html *b, struct html *out)
{
    bool url = a->attr == ATTR_URL || a->attr == ATTR_SCRIPT_URL;

    *out = *a;
    if (memcmp(a, b, sizeof *a) == 0)
        return true;
    if (a->element != b->element || a->attr != b->attr)
        return false;
    if ((a->place == PLACE_IN_TAG || a->place == PLACE_AFTER_VALUE) &&
        (b->place == PLACE_IN_TAG || b->place == PLACE_AFTER_VALUE)) {
        out->place = PLACE_AFTER_VALUE;
        return a->flags == b->flags;
    }
    if (a->place != b->place)
        return false;
    if (a->place == PLACE_RCDATA) {
        out->flags |= b->flags & FLAG_FRESH;
        return (a->flags | FLAG_FRESH) == (b->flags | FLAG_FRESH);
    }
    if (a->place != PLACE_VALUE || !url)
        return false;
    /* Of an address only this is known: it may have a value in it, its scheme may be open. */
    out->flags |= b->flags & FLAG_URL_VALUE;
    if (!(b->flags & FLAG_URL_DECIDED))
        out->flags &= (u8)~FLAG_URL_DECIDED;
    if (memcmp(a->word, b->word, sizeof a->word) != 0 ||
        ((a->flags ^ b->flags) & FLAG_URL_DECIDED) != 0) {
        word_clear(out);
        out->flags |= FLAG_URL_VALUE;
    }
    return true;
}

const char *html_where(const struct html *h)
{
    static const char *const words[] = {
        [PLACE_TEXT] = "text",
        [PLACE_TAG_OPEN] = "the name of a tag",
        [PLACE_END_OPEN] = "the name of a tag",
        [PLACE_TAG_NAME] = "the name of a tag",
        [PLACE_IN_TAG] = "a tag",
        [PLACE_AFTER_VALUE] = "a tag",
        [PLACE_ATTR_NAME] = "a tag",
        [PLACE_AFTER_NAME] = "a tag",
        [PLACE_BEFORE_VALUE] = "an attribute",
        [PLACE_VALUE] = "an attribute's value",
        [PLACE_SINGLE] = "an attribute's value",
        [PLACE_UNQUOTED] = "an attribute's value",
        [PLACE_MARKUP] = "a declaration",
        [PLACE_BOGUS] = "a declaration",
        [PLACE_COMMENT] = "a comment",
        [PLACE_RAW] = "a script or style",
        [PLACE_RCDATA] = "a textarea or title",
        [PLACE_JSON] = "JSON in a script",
    };
    return h->place == PLACE_TEXT && h->flags & FLAG_PRE ? "text of pre" : words[h->place];
}
