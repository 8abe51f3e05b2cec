/* help_article.c -- an article of the help centre, and what its readers say of it. Reading stands
 * on the reader's journey, once in half an hour; colleagues and programs are not counted. */
#include "base/json.h"
#include "base/locale.h"
#include "base/utf8.h"
#include "bridge/visitor.h"
#include "kit/markdown.h"
#include "kit/show.h"
#include "service/help.h"

enum {
    RELATED_MOST = 4,
    READ_AGAIN_MS = 30 * MS_MINUTE,
    VOTES_PER_MINUTE = 20,
    COMMENT_BYTES = 2000,
    CONTENTS_LEAST = 3, /* headings that need a table of contents */
};

static const struct article_doc *doc_named(const struct help_page *p, const char *slug)
{
    for (size_t i = 0; i < p->all.count; i++)
        if (p->all.docs[i].open && text_is(p->all.docs[i].slug, slug))
            return &p->all.docs[i];
    return NULL;
}

/* The same text in other languages, for people and for search engines. */
static void put_translations(const struct help_page *p, const struct article_doc *d)
{
    struct val *list = val_put_list(p->tree, "translations");
    i64 source = d->translates_id ? d->translates_id : d->id;

    for (size_t i = 0; i < p->all.count; i++) {
        const struct article_doc *o = &p->all.docs[i];
        if (!o->open || (o->id != source && o->translates_id != source))
            continue;
        struct val *one = val_add_map(list);
        val_put_text(one, "code", o->language);
        val_put_text(one, "text", language_name_own(p->cx->arena, o->language));
        val_put_text(one, "path", article_public_path(p->cx, o->slug));
        val_put_printf(one, "url", "%s/help/%s", web_public_url(p->rq), o->slug);
        val_put_bool(one, "on", o->id == d->id);
    }
    val_put_bool(p->tree, "has_translations", val_count(list) > 1);
}

static enum status put_related(const struct help_page *p, const struct article_doc *d,
                               const char *keywords)
{
    struct val *list = val_put_list(p->tree, "related");
    const struct article_doc *docs;
    size_t count;

    TRY(articles_find(
        p->cx,
        &(struct article_query){ .words = arena_printf(p->cx->arena, "%s %s", d->title, keywords),
                                 .language = d->language,
                                 .loose = true,
                                 .but = d->id,
                                 .max = RELATED_MOST },
        &docs, &count, NULL));
    for (size_t i = 0; i < count; i++)
        help_put_article(p, &docs[i], list);
    val_put_bool(p->tree, "has_related", count > 0);
    return OK;
}

/* For search engines: schema.org's Article. */
static void put_structured(const struct help_page *p, const struct row *r)
{
    struct ctx *cx = p->cx;
    struct val *v = val_put_map(p->tree, "structured");

    val_put_text(v, "@context", "https://schema.org");
    val_put_text(v, "@type", "Article");
    val_put_text(v, "headline", row_text(r, ARTICLE_TITLE));
    val_put_text(v, "description", row_text(r, ARTICLE_SUMMARY));
    val_put_text(v, "inLanguage", row_text(r, ARTICLE_LANGUAGE));
    val_put_text(v, "datePublished",
                 date_iso(cx->arena, zone_day(kit_zone(cx), row_i64(r, ARTICLE_PUBLISHED_AT))));
    val_put_text(v, "dateModified", date_iso(cx->arena, zone_day(kit_zone(cx), row_updated_at(r))));
}

/* On the reader's journey, once in half an hour: the event's id says of whom, what and when. */
static void note_read(const struct help_page *p, const struct article_doc *d)
{
    struct ctx *cx = p->cx;
    struct val *props = val_map(cx->arena);
    struct visitor_seen who;
    struct event e;

    if (p->rq->method != HTTP_GET || p->colleague || !visitor_see(p->rq, &who) || who.program)
        return;
    e = who.event;
    e.id = str_hash(str_from(
        arena_printf(cx->arena, "article_read:%llx:%llx:%lld", (unsigned long long)who.visitor,
                     (unsigned long long)d->id, (long long)(e.at_ms / READ_AGAIN_MS))));
    if (!help_count_read(cx, d->id, e.id))
        return;
    val_put_text(props, "name", d->title);
    e.kind = kit_event_code(cx->kit, "article_read");
    e.flags = EVENT_INTERACTIVE;
    e.record = d->id;
    e.page = journey_intern(cx->journey, DICT_PAGE, str_from(article_public_path(cx, d->slug)));
    e.props = json_text(cx->arena, props);
    (void)!journey_append(cx->journey, &e, 1, NULL, NULL); /* a busy store: shown all the same */
}

static enum status put_article_page(struct help_page *p, const struct article_doc *d,
                                    const struct row *r)
{
    struct ctx *cx = p->cx;
    struct val *toc = val_put_list(p->tree, "toc");
    struct markdown m;

    if (markdown_read(cx->arena, row_text(r, ARTICLE_TEXT), &m) != OK)
        return ctx_fail(cx, E_LIMIT, "This article is too long to be shown.");
    val_put_text(p->tree, "title", d->title);
    val_put_text(p->tree, "summary", d->summary);
    val_put_text(p->tree, "description",
                 text_empty(d->summary) ? utf8_cut(cx->arena, m.text, 160) : d->summary);
    val_put_printf(p->tree, "canonical", "%s/help/%s", web_public_url(p->rq), d->slug);
    val_put_printf(p->tree, "path", "/help/%s", d->slug);
    val_put_html(p->tree, "text", m.html);
    for (size_t i = 0; i < m.heading_count; i++) {
        struct val *one;
        if (m.headings[i].level != 2)
            continue;
        one = val_add_map(toc);
        val_put_text(one, "id", m.headings[i].id);
        val_put_text(one, "text", m.headings[i].text);
    }
    val_put_bool(p->tree, "has_toc", val_count(toc) >= CONTENTS_LEAST);
    val_put_text(p->tree, "updated", show_date_full(cx, zone_day(kit_zone(cx), row_updated_at(r))));
    reply_images_from(p->rq, m.image);
    help_put_way(p, d->section_id);
    put_translations(p, d);
    put_structured(p, r);
    return put_related(p, d, row_text(r, ARTICLE_KEYWORDS));
}

/* GET /help/:slug?voted= */
static enum status help_article(struct req *rq)
{
    scoped(access_leave) struct access_guard guard = access_enter_system(rq->cx);
    const char *voted = req_query(rq, "voted");
    const struct article_doc *d;
    struct help_page p;
    struct row *r;

    TRY(help_begin(rq, &guard, &p));
    d = doc_named(&p, req_param(rq, "slug"));
    if (d == NULL)
        return E_NOT_FOUND;
    TRY(record_get(rq->cx, &article_type, d->id, &r));
    TRY(put_article_page(&p, d, r));
    val_put_bool(p.tree, "voted", !text_empty(voted));
    val_put_bool(p.tree, "voted_no", text_is(voted, "no"));
    val_put_bool(p.tree, "commented", text_is(voted, "said"));
    if (text_empty(voted))
        note_read(&p, d);
    return help_reply(&p, "help/article");
}

/* ---- votes ---- */
/* Their earlier vote on it, or a new one. */
static enum status vote_row(struct ctx *cx, i64 article, const char *visitor, struct row **out)
{
    i64 id;
    enum status s =
        db_get_i64(cx, &id, "article.vote_of", I64("article", article), TEXT("visitor", visitor));

    if (s == OK)
        return record_get(cx, &article_vote_type, id, out);
    if (s != E_NOT_FOUND)
        return s;
    ctx_clear_error(cx);
    *out = row_new(cx, &article_vote_type);
    row_set_i64(*out, VOTE_ARTICLE, article);
    row_set_text(*out, VOTE_VISITOR, visitor);
    return OK;
}

static enum status tell_vote(struct ctx *cx, const struct row *article, const struct row *vote)
{
    struct val *props = val_map(cx->arena);

    if (!row_has(vote, VOTE_CONTACT))
        return OK;
    val_put_printf(props, "name", "%s: %s", row_text(article, ARTICLE_TITLE),
                   row_bool(vote, VOTE_HELPFUL) ? "it helped" : "it did not help");
    return journey_note(cx, &(struct journey_note){ .kind = "article_voted",
                                                    .contact_id = row_i64(vote, VOTE_CONTACT),
                                                    .record_id = row_id(article),
                                                    .props = props });
}

static enum status save_vote(struct req *rq, const struct row *article,
                             const struct visitor_seen *who)
{
    struct ctx *cx = rq->cx;
    const char *comment = utf8_cut(
        cx->arena, str_dup(cx->arena, str_trim(str_from(req_form(rq, "comment")))), COMMENT_BYTES);
    i64 contact = visitor_contact(cx, who);
    struct row *vote;
    bool news;

    TRY(vote_row(cx, row_id(article),
                 arena_printf(cx->arena, "%016llx", (unsigned long long)who->visitor), &vote));
    row_set_i64(vote, VOTE_HELPFUL, text_is(req_form(rq, "helpful"), "yes"));
    if (!text_empty(comment))
        row_set_text(vote, VOTE_COMMENT, comment);
    if (contact != 0)
        row_set_i64(vote, VOTE_CONTACT, contact);
    news = row_is_new(vote) || row_changed(vote, VOTE_HELPFUL);
    TRY(record_save(cx, vote));
    return news ? tell_vote(cx, article, vote) : OK;
}

static enum status open_article(struct req *rq, struct row **out)
{
    enum status s = record_find(rq->cx, &article_type, "slug", req_param(rq, "slug"), out);

    if (s == OK && (row_is_deleted(*out) || !article_is_open(*out)))
        return E_NOT_FOUND;
    return s;
}

/* POST /help/:slug/vote {helpful=yes|no, comment} -- voting again changes the vote. */
static enum status help_vote(struct req *rq)
{
    bool colleague = rq->cx->access != NULL && rq->cx->access->user_id != 0;
    scoped(access_leave) struct access_guard guard = access_enter_system(rq->cx);
    const char *said = req_form(rq, "comment"), *helpful = req_form(rq, "helpful");
    struct visitor_seen who;
    struct row *article;

    if (!setting_bool(rq->cx, "help.on"))
        return E_NOT_FOUND;
    TRY(open_article(rq, &article));
    if (!text_is(helpful, "yes") && !text_is(helpful, "no"))
        return ctx_fail_field(rq->cx, "helpful", "article.vote", "Choose yes or no.");
    if (web_rate_limited(rq->web, "help.vote", rq->address, VOTES_PER_MINUTE))
        return ctx_fail(rq->cx, E_RATE, "That was often. Please wait a minute.");
    if (!colleague && visitor_see(rq, &who) && !who.program)
        TRY(save_vote(rq, article, &who));
    return reply_redirect(rq, arena_printf(rq->cx->arena, "/help/%s?voted=%s#vote",
                                           row_text(article, ARTICLE_SLUG),
                                           text_empty(said) ? helpful : "said"));
}

static const struct route routes[] = {
    { HTTP_GET, "/help/:slug", help_article, .flags = ROUTE_PUBLIC },
    { HTTP_POST, "/help/:slug/vote", help_vote, .flags = ROUTE_PUBLIC },
};
const struct feature feature_help_article = { .name = "help_article", ROUTES(routes) };
