/* help.c -- the help centre as customers meet it: its sections, what is found, what is suggested
 * while somebody types. It works without scripts, in the languages that articles are written in. */
#include "service/help.h"
#include "base/limits.h"
#include "base/locale.h"
#include "base/utf8.h"
#include "base/words.h"
#include "bridge/brand_look.h"
#include "bridge/visitor.h"

enum {
    POPULAR = 6,
    POPULAR_DAYS = 60,
    IN_SECTION = 6, /* articles of a section on the first page; the others are a click away */
    FOUND_MOST = 30,
    SUGGESTED = 4,
    QUERY_BYTES = 200,
    LANGUAGES_MOST = 20,
};

/* ---- words ---- */
static const struct word words[] = {
    { "search", "Search", "Suchen" },
    { "ask", "What do you need help with?", "Wobei brauchen Sie Hilfe?" },
    { "popular", "Read most", "Meistgelesen" },
    { "all_of", "All articles", "Alle Artikel" },
    { "others", "Other articles", "Weitere Artikel" },
    { "home", "Help", "Hilfe" },
    { "on_page", "On this page", "Auf dieser Seite" },
    { "related", "Related articles", "Verwandte Artikel" },
    { "updated", "Updated", "Stand" },
    { "helped", "Did this help?", "Hat Ihnen das geholfen?" },
    { "yes", "Yes", "Ja" },
    { "no", "No", "Nein" },
    { "thanks", "Thank you for telling us.", "Danke für Ihre Rückmeldung." },
    { "missing", "What was missing?", "Was hat gefehlt?" },
    { "more", "Anything to add?", "Möchten Sie etwas ergänzen?" },
    { "send", "Send", "Absenden" },
    { "kept", "Your comment has reached us.", "Ihr Kommentar ist angekommen." },
    { "results", "Results for", "Ergebnisse für" },
    { "nothing", "Nothing was found for", "Nichts gefunden für" },
    { "nothing_todo", "Try fewer or other words, or write to us.",
      "Versuchen Sie es mit anderen Wörtern oder schreiben Sie uns." },
    { "write_us", "Write to us", "Schreiben Sie uns" },
    { "empty", "There are no articles here yet.", "Hier gibt es noch keine Artikel." },
    { "skip", "Skip to the text", "Zum Inhalt" },
    { "perhaps", "Perhaps one of these answers it", "Vielleicht hilft einer dieser Artikel" },
    { "your_mail", "Your mail address", "Ihre E-Mail-Adresse" },
    { "your_name", "Your name", "Ihr Name" },
    { "optional", "optional", "freiwillig" },
    { "subject", "What is it about?", "Worum geht es?" },
    { "text", "What do you need?", "Was brauchen Sie?" },
    { "sent", "Your message has reached us. We answer to",
      "Ihre Nachricht ist angekommen. Wir antworten an" },
    { "again", "A field that people do not see was filled in. Please send it once more.",
      "Ein unsichtbares Feld war ausgefüllt. Bitte senden Sie es noch einmal." },
    { "number", "Its number is", "Die Nummer lautet" },
};

const char *help_word(const char *language, const char *name)
{
    const char *text = word_in(words, countof(words), language, name);

    return text ? text : "";
}

/* ---- languages ---- */
static bool is_written(const struct articles *all, const char *language)
{
    for (size_t i = 0; i < all->count; i++)
        if (all->docs[i].open && text_is(all->docs[i].language, language))
            return true;
    return false;
}

/* The first language of "de-AT,de;q=0.9,en" that articles are in. In arena, or NULL. */
static const char *by_header(struct ctx *cx, const struct articles *all, const char *header)
{
    struct str rest = str_from(header ? header : ""), one;

    while (str_split(&rest, ',', &one)) {
        struct str word = str_trim(one);
        if (word.len < 2)
            continue;
        const char *two =
            text_lower_ascii(cx->arena, str_dup(cx->arena, (struct str){ word.p, 2 }));
        if (is_written(all, two))
            return two;
    }
    return NULL;
}

static const char *choose_language(struct req *rq, const struct articles *all)
{
    const char *asked = req_query(rq, "lang"), *found;

    if (text_empty(asked) && rq->form != NULL)
        asked = req_form(rq, "lang");
    if (is_written(all, asked))
        return asked;
    found = by_header(rq->cx, all, rq->header(rq, "Accept-Language"));
    if (found != NULL)
        return found;
    found = setting_text(rq->cx, "help.language");
    for (size_t i = 0; !is_written(all, found) && i < all->count; i++)
        if (all->docs[i].open)
            return all->docs[i].language;
    return found;
}

static void put_languages(struct help_page *p)
{
    struct val *list = val_put_list(p->tree, "languages");
    const char *seen[LANGUAGES_MOST];
    size_t count = 0;

    for (size_t i = 0; i < p->all.count && count < LANGUAGES_MOST; i++) {
        const char *one = p->all.docs[i].language;
        bool again = !p->all.docs[i].open;
        for (size_t k = 0; k < count; k++)
            again |= text_is(seen[k], one);
        if (!again)
            seen[count++] = one;
    }
    for (size_t i = 0; i < count; i++) {
        struct val *one = val_add_map(list);
        val_put_text(one, "code", seen[i]);
        val_put_text(one, "text", language_name_own(p->cx->arena, seen[i]));
        val_put_printf(one, "url", "/help?lang=%s", seen[i]);
        val_put_bool(one, "on", text_is(seen[i], p->language));
    }
    val_put_bool(p->tree, "has_languages", count > 1);
}

const char *help_url(const struct help_page *p, const char *path)
{
    return text_empty(req_query(p->rq, "lang"))
               ? path
               : arena_printf(p->cx->arena, "%s?lang=%s", path, p->language);
}

/* ---- every page ---- */
enum status help_begin(struct req *rq, const struct access_guard *guard, struct help_page *p)
{
    struct ctx *cx = rq->cx;
    struct val *tree = val_map(cx->arena), *in, *shell;

    if (!setting_bool(cx, "help.on"))
        return E_NOT_FOUND;
    *p = (struct help_page){ .rq = rq, .cx = cx, .tree = tree };
    p->colleague = guard->before != NULL && guard->before->user_id != 0;
    TRY(articles_read(cx, &p->all));
    p->language = choose_language(rq, &p->all);
    TRY(brand_put_page(rq, 0, tree));
    in = val_put_map(tree, "word");
    for (size_t i = 0; i < countof(words); i++)
        val_put_text(in, words[i].name, help_word(p->language, words[i].name));
    put_languages(p);
    shell = web_plain_shell(rq, "");
    val_put_text(shell, "lang", p->language);
    val_put(tree, "shell", shell);
    val_put_text(tree, "help_title", setting_text(cx, "help.title"));
    val_put_text(tree, "home_url", help_url(p, "/help"));
    val_put_text(tree, "lang", text_empty(req_query(rq, "lang")) ? "" : p->language);
    val_put_text(tree, "q", "");
    val_put_text(tree, "contact_url",
                 setting_bool(cx, "help.contact") ? help_url(p, "/help/contact") : "");
    return OK;
}

enum status help_reply(struct help_page *p, const char *template)
{
    reply_header(p->rq, "Content-Language", p->language);
    reply_header(p->rq, "Vary", "Accept, Accept-Language");
    return reply_fragment(p->rq, template, p->tree);
}

void help_put_article(const struct help_page *p, const struct article_doc *d, struct val *list)
{
    struct val *one = val_add_map(list);

    val_put_text(one, "title", d->title);
    val_put_text(one, "summary", d->summary);
    val_put_text(one, "url", help_url(p, article_public_path(p->cx, d->slug)));
}

enum status help_put_found(const struct help_page *p, const char *asked, size_t max, size_t *total)
{
    struct val *list = val_put_list(p->tree, "found");
    const struct article_doc *docs;
    size_t count;

    TRY(articles_find(
        p->cx, &(struct article_query){ .words = asked, .language = p->language, .max = max },
        &docs, &count, total));
    for (size_t i = 0; i < count; i++)
        help_put_article(p, &docs[i], list);
    val_put_bool(p->tree, "has_found", count > 0);
    return OK;
}

void help_searched(const struct help_page *p, const char *asked, const char *place, size_t found)
{
    struct visitor_seen who;

    if (p->colleague || !visitor_see(p->rq, &who) || who.program)
        return;
    help_count_search(p->cx, asked, p->language, place, found);
}

/* ---- the first page and sections ---- */
static bool shown(const struct help_page *p, const struct article_doc *d)
{
    return d->open && text_is(d->language, p->language);
}

/* The articles of a section, at most `max`; *count how many there are. */
static void put_articles(const struct help_page *p, i64 section, size_t max, struct val *list,
                         size_t *count)
{
    *count = 0;
    for (size_t i = 0; i < p->all.count; i++) {
        if (p->all.docs[i].section_id != section || !shown(p, &p->all.docs[i]))
            continue;
        if ((*count)++ < max)
            help_put_article(p, &p->all.docs[i], list);
    }
}

static const char *section_url(const struct help_page *p, const struct section_doc *s)
{
    return help_url(p, arena_printf(p->cx->arena, "/help/section/%s", s->slug));
}

static bool has_articles(const struct help_page *p, i64 section, int depth)
{
    for (size_t i = 0; i < p->all.count; i++)
        if (p->all.docs[i].section_id == section && shown(p, &p->all.docs[i]))
            return true;
    for (size_t i = 0; depth > 0 && i < p->all.section_count; i++)
        if (p->all.sections[i].parent_id == section &&
            has_articles(p, p->all.sections[i].id, depth - 1))
            return true;
    return false;
}

static void put_sections(const struct help_page *p, i64 parent, struct val *list)
{
    for (size_t i = 0; i < p->all.section_count; i++) {
        const struct section_doc *s = &p->all.sections[i];
        struct val *one, *below;
        size_t count;
        if (s->parent_id != parent || !has_articles(p, s->id, 3))
            continue;
        one = val_add_map(list);
        val_put_text(one, "name", s->name);
        val_put_text(one, "summary", s->summary);
        val_put_text(one, "url", section_url(p, s));
        put_articles(p, s->id, IN_SECTION, val_put_list(one, "articles"), &count);
        below = val_put_list(one, "below");
        for (size_t k = 0; k < p->all.section_count; k++) {
            const struct section_doc *b = &p->all.sections[k];
            if (b->parent_id != s->id || !has_articles(p, b->id, 3))
                continue;
            struct val *two = val_add_map(below);
            val_put_text(two, "name", b->name);
            val_put_text(two, "url", section_url(p, b));
        }
        val_put_text(one, "more",
                     count > IN_SECTION ? arena_printf(p->cx->arena, "%s (%zu)",
                                                       help_word(p->language, "all_of"), count)
                                        : "");
    }
}

static enum status put_popular(const struct help_page *p)
{
    struct val *list = val_put_list(p->tree, "popular");
    i64 from = zone_day(kit_zone(p->cx), ctx_now(p->cx)) - POPULAR_DAYS;
    scoped(stmt_close) struct stmt q =
        db_query(p->cx, "article.most_read", I64("from_day", from), I64("limit", POPULAR * 4));

    while (stmt_next(&q) && val_count(list) < POPULAR)
        for (size_t i = 0; i < p->all.count; i++)
            if (p->all.docs[i].id == col_i64(&q, 0) && shown(p, &p->all.docs[i]))
                help_put_article(p, &p->all.docs[i], list);
    val_put_bool(p->tree, "has_popular", val_count(list) > 0);
    return stmt_status(&q);
}

/* GET /help?lang= */
static enum status help_home(struct req *rq)
{
    scoped(access_leave) struct access_guard guard = access_enter_system(rq->cx);
    struct help_page p;
    struct val *sections;
    size_t loose;

    TRY(help_begin(rq, &guard, &p));
    val_put_text(p.tree, "title", setting_text(rq->cx, "help.title"));
    val_put_text(p.tree, "intro", setting_text(rq->cx, "help.intro"));
    val_put_text(p.tree, "canonical", arena_printf(rq->cx->arena, "%s/help", web_public_url(rq)));
    val_put_text(p.tree, "description", setting_text(rq->cx, "help.intro"));
    sections = val_put_list(p.tree, "sections");
    put_sections(&p, 0, sections);
    put_articles(&p, 0, HELP_LISTED_MOST, val_put_list(p.tree, "loose"), &loose);
    val_put_bool(p.tree, "has_loose", loose > 0);
    val_put_bool(p.tree, "has_sections", val_count(sections) > 0);
    val_put_bool(p.tree, "any", val_count(sections) + loose > 0);
    TRY(put_popular(&p));
    return help_reply(&p, "help/home");
}

static const struct section_doc *section_named(const struct help_page *p, const char *slug)
{
    for (size_t i = 0; i < p->all.section_count; i++)
        if (text_is(p->all.sections[i].slug, slug))
            return &p->all.sections[i];
    return NULL;
}

static const struct section_doc *section_of(const struct help_page *p, i64 id)
{
    for (size_t i = 0; id != 0 && i < p->all.section_count; i++)
        if (p->all.sections[i].id == id)
            return &p->all.sections[i];
    return NULL;
}

void help_put_way(const struct help_page *p, i64 section)
{
    const struct section_doc *way[4], *s = section_of(p, section);
    struct val *list = val_put_list(p->tree, "way");
    int depth = 0;

    for (; s != NULL && depth < (int)countof(way); s = section_of(p, s->parent_id))
        way[depth++] = s;
    while (depth-- > 0) {
        struct val *one = val_add_map(list);
        val_put_text(one, "name", way[depth]->name);
        val_put_text(one, "url", section_url(p, way[depth]));
    }
}

/* GET /help/section/:slug */
static enum status help_section(struct req *rq)
{
    scoped(access_leave) struct access_guard guard = access_enter_system(rq->cx);
    const struct section_doc *s;
    struct help_page p;
    struct val *below;
    size_t count;

    TRY(help_begin(rq, &guard, &p));
    s = section_named(&p, req_param(rq, "slug"));
    if (s == NULL || !has_articles(&p, s->id, 3))
        return E_NOT_FOUND;
    val_put_text(p.tree, "title", s->name);
    val_put_text(p.tree, "summary", s->summary);
    val_put_text(p.tree, "description", s->summary);
    val_put_text(p.tree, "canonical",
                 arena_printf(rq->cx->arena, "%s/help/section/%s", web_public_url(rq), s->slug));
    help_put_way(&p, s->parent_id);
    put_articles(&p, s->id, HELP_LISTED_MOST, val_put_list(p.tree, "articles"), &count);
    below = val_put_list(p.tree, "sections");
    put_sections(&p, s->id, below);
    val_put_bool(p.tree, "has_sections", val_count(below) > 0);
    return help_reply(&p, "help/section");
}

/* ---- looking for ---- */
static const char *asked_words(struct req *rq)
{
    return utf8_cut(rq->cx->arena, str_dup(rq->cx->arena, str_trim(str_from(req_query(rq, "q")))),
                    QUERY_BYTES);
}

static enum status limit(struct req *rq)
{
    return web_rate_limited(rq->web, "help.search", rq->address, HELP_SEARCHES_PER_MINUTE)
               ? ctx_fail(rq->cx, E_RATE, "That was often. Please wait a minute.")
               : OK;
}

/* GET /help/search?q= */
static enum status help_search(struct req *rq)
{
    scoped(access_leave) struct access_guard guard = access_enter_system(rq->cx);
    const char *q = asked_words(rq);
    struct help_page p;
    size_t total = 0;

    TRY(limit(rq));
    TRY(help_begin(rq, &guard, &p));
    if (text_empty(q))
        return reply_redirect(rq, help_url(&p, "/help"));
    TRY(help_put_found(&p, q, FOUND_MOST, &total));
    val_put_text(p.tree, "title", q);
    val_put_text(p.tree, "q", q);
    val_put_i64(p.tree, "total", (i64)total);
    help_searched(&p, q, "help", total);
    reply_header(rq, "X-Robots-Tag", "noindex");
    return help_reply(&p, "help/search");
}

/* GET /help/suggest?q=&lang= -- {"articles": [{title, summary, url}]}: while somebody types, on our
 * pages and on those of our sites. Not counted: they have not asked yet. */
static enum status help_suggest(struct req *rq)
{
    scoped(access_leave) struct access_guard guard = access_enter_system(rq->cx);
    struct ctx *cx = rq->cx;
    struct val *out = val_map(cx->arena), *list = val_put_list(out, "articles");
    const char *q = asked_words(rq);
    const struct article_doc *docs = NULL;
    struct articles all;
    size_t count = 0;

    TRY(limit(rq));
    if (setting_bool(cx, "help.on") && strlen(q) >= 3) {
        TRY(articles_read(cx, &all));
        TRY(articles_find(cx,
                          &(struct article_query){ .words = q,
                                                   .loose = true,
                                                   .language = choose_language(rq, &all),
                                                   .max = SUGGESTED },
                          &docs, &count, NULL));
    }
    for (size_t i = 0; i < count; i++) {
        struct val *one = val_add_map(list);
        val_put_text(one, "title", docs[i].title);
        val_put_text(one, "summary", docs[i].summary);
        val_put_printf(one, "url", "%s/help/%s", web_public_url(rq), docs[i].slug);
    }
    reply_header(rq, "Cache-Control", "public, max-age=60");
    return reply_json(rq, 200, out);
}

/* GET /help/sitemap.xml (https://www.sitemaps.org/protocol.html) */
static enum status help_sitemap(struct req *rq)
{
    scoped(access_leave) struct access_guard guard = access_enter_system(rq->cx);
    struct ctx *cx = rq->cx;
    struct buf b = buf_in(cx->arena, LIMIT_PAGE_BYTES);
    const char *base = web_public_url(rq);
    struct articles all;

    if (!setting_bool(cx, "help.on"))
        return E_NOT_FOUND;
    TRY(articles_read(cx, &all));
    buf_text(&b, "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<urlset "
                 "xmlns=\"http://www.sitemaps.org/schemas/sitemap/0.9\">\n");
    buf_printf(&b, "<url><loc>%s/help</loc></url>\n", base);
    for (size_t i = 0; i < all.count; i++)
        if (all.docs[i].open)
            buf_printf(&b, "<url><loc>%s/help/%s</loc><lastmod>%s</lastmod></url>\n", base,
                       all.docs[i].slug,
                       date_iso(cx->arena, zone_day(kit_zone(cx), all.docs[i].updated_ms)));
    buf_text(&b, "</urlset>\n");
    TRY(buf_status(&b));
    return reply_text(rq, 200, "application/xml; charset=utf-8", str_from(buf_end(&b)));
}

static const struct route routes[] = {
    { HTTP_GET, "/help", help_home, .flags = ROUTE_PUBLIC },
    { HTTP_GET, "/help/section/:slug", help_section, .flags = ROUTE_PUBLIC },
    { HTTP_GET, "/help/search", help_search, .flags = ROUTE_PUBLIC },
    { HTTP_GET, "/help/suggest", help_suggest, .flags = ROUTE_PUBLIC | ROUTE_CORS },
    { HTTP_GET, "/help/sitemap.xml", help_sitemap, .flags = ROUTE_PUBLIC },
};
static const struct setting settings[] = {
    { "help.on", FIELD_BOOL, "The help centre is open", "Under /help, for everybody.", "true",
      .group = "Help centre" },
    { "help.title", FIELD_TEXT, "What it is called", NULL, "Help", .group = "Help centre" },
    { "help.intro", FIELD_TEXT, "What stands above the search", NULL,
      "Answers to what is asked most.", .group = "Help centre" },
    { "help.language", FIELD_TEXT, "Its first language",
      "For readers whose browser asks for a language that no article is in: \"en\".", "en",
      .group = "Help centre" },
    { "help.contact", FIELD_BOOL, "Customers can write to support from it",
      "Their message is a ticket.", "true", .group = "Help centre" },
};
const struct feature feature_help = { .name = "help", ROUTES(routes), SETTINGS(settings) };
