/* content_check.c -- what a filter, a mail program or a reader would stumble over, with what to do
 * about it. Advice, not law: only what the law or the mail's purpose needs keeps it from being
 * published (content.c). */
#include "base/utf8.h"
#include "kit/show.h"
#include "mail/content_int.h"
#include <ctype.h>

struct checking {
    struct ctx *cx;
    struct val *list;
    int images, no_alt, exclaims, capitals;
    int shortened, mismatched, bare, plain_http;
    const char *first_short, *first_mismatch;
    int bad, warn;
};

static void say(struct checking *k, const char *level, const char *title, const char *detail)
{
    struct val *one = val_add_map(k->list);

    val_put_text(one, "level", level);
    val_put_text(one, "title", title);
    val_put_text(one, "detail", detail);
    val_put_bool(one, "good", text_is(level, "good"));
    val_put_text(one, "tone",
                 text_is(level, "bad")    ? "red"
                 : text_is(level, "warn") ? "amber"
                 : text_is(level, "note") ? "blue"
                                          : "green");
    val_put_text(one, "word",
                 text_is(level, "bad")    ? "Mend"
                 : text_is(level, "warn") ? "Look at"
                 : text_is(level, "note") ? "Tip"
                                          : "Fine");
    k->bad += text_is(level, "bad");
    k->warn += text_is(level, "warn");
}

/* ---- the subject ---- */
static bool shouts(const char *text)
{
    int upper = 0, letters = 0;

    for (const char *p = text; *p; p++) {
        upper += *p >= 'A' && *p <= 'Z';
        letters += (*p | 32) >= 'a' && (*p | 32) <= 'z';
    }
    return letters >= 8 && upper * 10 >= letters * 7;
}

static void check_subject(struct checking *k, const struct content_mail *m)
{
    struct arena *a = k->cx->arena;
    size_t len = utf8_length(m->subject);
    struct str s = str_from(m->subject);
    bool fine = true;

    if (len == 0) {
        say(k, "bad", "No subject", "Say in a few words what the reader gets.");
        return;
    }
    if (len > 70) {
        say(k, "warn", arena_printf(a, "The subject has %zu characters", len),
            "Phones show about 40, most inboxes 60. Put what matters first, or say it shorter.");
        fine = false;
    }
    if (shouts(m->subject)) {
        say(k, "bad", "The subject is in capitals", "Write it as you would say it.");
        fine = false;
    }
    if (strstr(m->subject, "!!") || strstr(m->subject, "??") || strstr(m->subject, "$$")) {
        say(k, "warn", "The subject repeats ! or ?", "One is enough; filters count them.");
        fine = false;
    }
    if (str_contains_fold((struct str){ s.p, s.len < 4 ? s.len : 4 }, "re:") ||
        str_contains_fold((struct str){ s.p, s.len < 5 ? s.len : 5 }, "fwd:")) {
        say(k, "bad", "The subject pretends to be a reply",
            "Re: and Fwd: are for replies. Readers and filters take it for a trick.");
        fine = false;
    }
    if (fine)
        say(k, "good", arena_printf(a, "The subject has %zu characters", len), "");
    if (m->preview[0] == '\0')
        say(k, "note", "No preview text",
            "Inboxes then show the first words of the mail behind the subject. 40 to 110 "
            "characters of your own work better.");
}

/* ---- the blocks ---- */
static struct str host_of(const char *url)
{
    const char *p = strstr(url, "://");
    struct str host = { "", 0 };

    if (p == NULL)
        return host;
    host.p = p + 3;
    host.len = strcspn(host.p, "/?#:");
    if (str_starts(host, "www.")) {
        host.p += 4;
        host.len -= 4;
    }
    return host;
}

/* "example.com/offer" as the words of a link: the host that a reader would expect. */
static bool names_host(struct arena *a, const char *text, struct str *host)
{
    const char *t = str_dup(a, str_trim(str_from(text)));

    if (strchr(t, ' ') || !strchr(t, '.'))
        return false;
    if (!strstr(t, "://"))
        t = arena_printf(a, "https://%s", t);
    *host = host_of(t);
    if (host->len < 4 || memchr(host->p, '@', host->len) || host->p[host->len - 1] == '.')
        return false;
    const char *dot = memrchr(host->p, '.', host->len);
    return dot && host->p + host->len - dot > 2 && isalpha((unsigned char)dot[1]);
}

static void check_link(struct checking *k, const char *url, const char *words)
{
    static const char *const shorteners[] = { "bit.ly",  "t.co",       "tinyurl.com", "goo.gl",
                                              "ow.ly",   "is.gd",      "buff.ly",     "cutt.ly",
                                              "t.ly",    "rebrand.ly", "rb.gy",       "shorturl.at",
                                              "lnkd.in", "tiny.cc",    "bl.ink" };
    struct str host = host_of(url), named;

    if (host.len == 0 || strstr(url, "{{"))
        return;
    for (size_t i = 0; i < countof(shorteners); i++)
        if (str_equal_fold(host, str_from(shorteners[i]))) {
            k->shortened++;
            k->first_short = k->first_short ? k->first_short : shorteners[i];
        }
    if (names_host(k->cx->arena, words, &named) && !str_equal_fold(named, host)) {
        k->mismatched++;
        k->first_mismatch = k->first_mismatch ? k->first_mismatch : words;
    }
    k->plain_http += strncmp(url, "http://", 7) == 0;
    k->bare += host.p[0] >= '0' && host.p[0] <= '9' && host.p[host.len - 1] >= '0' &&
               host.p[host.len - 1] <= '9';
}

static void check_markup(struct checking *k, const char *html)
{
    struct markup t = markup_begin(k->cx->arena, html);
    struct buf words = buf_in(k->cx->arena, 64 * 1024);
    const char *href = NULL;

    while (markup_next(&t)) {
        if (t.kind == MARKUP_OPEN && t.tag == TAG_A) {
            href = markup_attr(&t, "href");
            buf_clear(&words);
        } else if (t.kind == MARKUP_CLOSE && t.tag == TAG_A && href) {
            check_link(k, href, buf_end(&words));
            href = NULL;
        } else if (t.kind == MARKUP_TEXT) {
            buf_text(&words, t.text);
        } else if (t.kind == MARKUP_OPEN && t.tag == TAG_IMG) {
            k->images++;
            k->no_alt += markup_attr(&t, "alt")[0] == '\0';
        }
    }
}

static void check_blocks(struct checking *k, const struct blocks *blocks)
{
    for (size_t i = 0; i < blocks->count; i++) {
        const struct block *b = &blocks->list[i];
        if (b->html[0])
            check_markup(k, b->html);
        if (b->href[0])
            check_link(k, b->href, b->text);
        if ((b->kind == BLOCK_IMAGE || b->kind == BLOCK_PRODUCT) && b->src[0]) {
            k->images++;
            k->no_alt += b->kind == BLOCK_IMAGE && b->alt[0] == '\0' && !b->decorative;
        }
        for (size_t p = 0; p < b->part_count; p++)
            check_blocks(k, &b->parts[p]);
    }
}

static void check_links(struct checking *k)
{
    struct arena *a = k->cx->arena;

    if (k->mismatched)
        say(k, "bad", arena_printf(a, "A link says %s and leads elsewhere", k->first_mismatch),
            "Phishing does that. Let the link's words say what is behind it, not an address.");
    if (k->shortened)
        say(k, "bad", arena_printf(a, "A link goes through %s", k->first_short),
            "Shortened links hide where they lead, and spammers share their host. Link directly.");
    if (k->bare)
        say(k, "warn", "A link leads to a bare IP address", "Use a name that readers know.");
    if (k->plain_http)
        say(k, "note",
            arena_printf(a, "%d %s http:// instead of https://", k->plain_http,
                         k->plain_http == 1 ? "link uses" : "links use"),
            "Browsers warn about it.");
    if (!k->mismatched && !k->shortened && !k->bare && !k->plain_http)
        say(k, "good", "Links say where they lead", "");
}

/* ---- the words ---- */
static const char *const spam_words[] = {
    "100% free",
    "act now",
    "as seen on",
    "bargain",
    "be your own boss",
    "buy now",
    "cash bonus",
    "cheap",
    "click here",
    "congratulations",
    "dear friend",
    "double your",
    "earn money",
    "extra income",
    "free gift",
    "free money",
    "get paid",
    "guaranteed",
    "increase sales",
    "instant access",
    "limited time",
    "lose weight",
    "lowest price",
    "make money",
    "million dollars",
    "miracle",
    "money back",
    "no obligation",
    "no risk",
    "once in a lifetime",
    "order now",
    "risk-free",
    "satisfaction guaranteed",
    "special promotion",
    "this is not spam",
    "urgent",
    "while supplies last",
    "winner",
    "you have been selected",
};

static void check_words(struct checking *k, const struct content_mail *m)
{
    struct arena *a = k->cx->arena;
    struct buf found = buf_in(a, 1000);
    struct str text = str_from(m->text), line;
    int count = 0, loud = 0;
    bool fine = true;

    for (size_t i = 0; i < countof(spam_words); i++)
        if (str_contains_fold(text, spam_words[i]) ||
            str_contains_fold(str_from(m->subject), spam_words[i])) {
            buf_printf(&found, "%s%s", count++ ? ", " : "", spam_words[i]);
        }
    for (const char *p = m->text; *p; p++)
        k->exclaims += *p == '!';
    while (str_split(&text, '\n', &line))
        loud += line.len > 16 && shouts(str_dup(a, line));
    if (count >= 3) {
        say(k, count >= 5 ? "bad" : "warn",
            arena_printf(a, "%d phrases that junk mail uses", count),
            arena_printf(a, "Found: %s. One does no harm, many together do.", buf_end(&found)));
        fine = false;
    }
    if (k->exclaims > 3) {
        say(k, "warn", arena_printf(a, "%d exclamation marks", k->exclaims),
            "One in a mail is plenty.");
        fine = false;
    }
    if (loud) {
        say(k, "warn", "Whole lines in capitals", "Bold type stands out without shouting.");
        fine = false;
    }
    if (fine)
        say(k, "good", "The words raise no suspicion", "");
}

static void check_body(struct checking *k, const struct content_mail *m)
{
    struct arena *a = k->cx->arena;
    const char *foot = strstr(m->text, "\n--\n");
    size_t words = foot ? (size_t)(foot - m->text) : strlen(m->text);

    if (words < 60 && k->images)
        say(k, "bad", "Nearly all of it is pictures",
            "Many readers see none before they ask for them, and filters distrust such mails. Say "
            "the main point in text.");
    else if (words < 30)
        say(k, "bad", "It has hardly any text", "Add at least a sentence.");
    else if (k->images > 2 && words < 200)
        say(k, "warn", "Many pictures, little text", "Two or three sentences more help.");
    if (k->no_alt)
        say(k, "bad",
            arena_printf(a, "%d %s without words", k->no_alt,
                         k->no_alt == 1 ? "picture is" : "pictures are"),
            "Say what it shows, for those who do not see it, or mark it as decoration.");
    else if (k->images)
        say(k, "good", "Every picture has its words", "");
    if (m->html_bytes >= CONTENT_CLIP_BYTES)
        say(k, "bad", arena_printf(a, "%zu KB of HTML", m->html_bytes / 1024),
            "Gmail cuts off after 102 KB, and with it the unsubscribe link. Take blocks out.");
    else if (m->html_bytes > 80 * 1024)
        say(k, "warn", arena_printf(a, "%zu KB of HTML", m->html_bytes / 1024),
            "Gmail cuts off after 102 KB; tracked links make it longer.");
    else
        say(k, "good", arena_printf(a, "%zu KB of HTML", (m->html_bytes + 1023) / 1024),
            "Gmail shows up to 102 KB.");
    if (m->text[0] == '\0')
        say(k, "bad", "No plain-text part", "Add a text: it is made from the blocks.");
    else
        say(k, "good", "A plain-text part comes with it", "");
}

/* Fields without words for when they are empty: "Dear ,". */
static void check_fields(struct checking *k, const struct content *c)
{
    const struct program *all[] = { &c->subject, &c->html };
    struct buf found = buf_in(k->cx->arena, 1000);
    int count = 0;

    for (size_t p = 0; p < countof(all); p++)
        for (int i = 0; i < all[p]->count; i++) {
            const struct op *op = &all[p]->ops[i];
            const struct slot *s = op->kind == OP_VALUE ? &c->slots.list[op->index] : NULL;
            if (s == NULL || op->len || s->root > SLOT_OWNER || strstr(buf_end(&found), s->path))
                continue;
            if (count++ < 6)
                buf_printf(&found, "%s{{%s}}", count > 1 ? ", " : "", s->path);
        }
    if (count)
        say(k, "warn", "Fields that may be empty",
            arena_printf(k->cx->arena,
                         "%s: write what stands there instead, like "
                         "{{contact.first_name|there}}.",
                         buf_end(&found)));
}

static void check_law(struct checking *k, const struct row *r, const struct brand *b)
{
    if (b->address[0] == '\0')
        say(k, "bad", "No postal address", "Write it in the brand kit: it stands at the foot.");
    if (text_is(row_text(r, CONTENT_PURPOSE), "marketing"))
        say(k, "good", "Unsubscribe and preferences are at the foot", "");
    else
        say(k, "note", "No unsubscribe link without a topic",
            "Sent to a topic it gets one; without a topic it may only say what somebody asked "
            "for.");
}

struct val *content_check(struct ctx *cx, const struct row *r, const struct content_doc *doc,
                          const struct content *c, const struct content_mail *m, int *bad)
{
    struct checking k = { .cx = cx, .list = val_list(cx->arena) };
    static const char *const order[] = { "bad", "warn", "note", "good" };
    struct val *sorted = val_list(cx->arena);

    check_subject(&k, m);
    check_blocks(&k, &doc->blocks);
    check_body(&k, m);
    check_links(&k);
    check_words(&k, m);
    check_fields(&k, c);
    check_law(&k, r, c->slots.brand);
    for (size_t o = 0; o < countof(order); o++)
        for (size_t i = 0; i < val_count(k.list); i++)
            if (text_is(val_get_text(val_at(k.list, i), "level"), order[o]))
                val_add(sorted, val_copy(cx->arena, val_at(k.list, i)));
    *bad = k.bad;
    return sorted;
}
