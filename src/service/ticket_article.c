/* ticket_article.c -- articles at the desk: those that perhaps answer the ticket, put into the
 * answer as a link or as text; and which of them an answer brought. */
#include "base/id.h"
#include "base/utf8.h"
#include "kit/markdown.h"
#include "service/article.h"
#include "service/ticket_page_int.h"

enum { SHOWN = 5, WORDS_BYTES = 400, SENT_MOST = 20, SLUG_MOST = 80 };

/* ---- what is put in ---- */
/* "Change the batteries: https://.../help/change-batteries"; of what only colleagues may read, and
 * as text: the words themselves. */
static enum status words_of(struct req *rq, const struct row *article, bool as_text,
                            const char **out)
{
    struct ctx *cx = rq->cx;
    struct markdown m;

    if (!as_text && article_is_open(article)) {
        *out = arena_printf(cx->arena, "%s: %s/help/%s", row_text(article, ARTICLE_TITLE),
                            web_public_url(rq), row_text(article, ARTICLE_SLUG));
        return OK;
    }
    if (markdown_read(cx->arena, row_text(article, ARTICLE_TEXT), &m) != OK)
        return ctx_fail(cx, E_LIMIT, "This article is too long for an answer.");
    *out = utf8_cut(cx->arena, str_dup(cx->arena, str_trim(str_from(m.text))),
                    MESSAGE_BYTES_MOST - 200);
    return OK;
}

/* GET /articles/:id/words?as=text -- {"text": ...}: what the answer gets. */
static enum status words_get(struct req *rq)
{
    struct val *out = val_map(rq->cx->arena);
    const char *text;
    struct row *r;
    i64 id;

    TRY(req_id(rq, "id", &id));
    TRY(record_get(rq->cx, &article_type, id, &r));
    TRY(words_of(rq, r, text_is(req_query(rq, "as"), "text"), &text));
    val_put_text(out, "text", text);
    return reply_json(rq, 200, out);
}

/* ---- on the page ---- */
/* What the customer said first, when nothing else is looked for. */
static const char *looked_for(struct req *rq, const struct row *t, const struct val *picked)
{
    const struct val *messages = val_get(picked, "messages");
    const char *asked = req_query(rq, "find");

    if (!text_empty(asked))
        return utf8_cut(rq->cx->arena, asked, WORDS_BYTES);
    for (size_t i = 0; i < val_count(messages); i++)
        if (val_get(val_get(val_at(messages, i), "is"), "visitor") != NULL)
            return arena_printf(
                rq->cx->arena, "%s %s", row_text(t, TICKET_SUBJECT),
                utf8_cut(rq->cx->arena, val_get_text(val_at(messages, i), "text"), WORDS_BYTES));
    return row_text(t, TICKET_SUBJECT);
}

static void put_one(struct ctx *cx, const struct row *t, const char *view,
                    const struct article_doc *d, struct val *list)
{
    const char *id = id_text(cx->arena, d->id), *path = row_path(cx, t);
    struct val *one = val_add_map(list);

    val_put_text(one, "id", id);
    val_put_text(one, "title", d->title);
    val_put_text(one, "summary", d->summary);
    val_put_bool(one, "internal", !d->open);
    val_put_printf(one, "url", "/articles/%s", id);
    val_put_printf(one, "link_url", "%s?view=%s&article=%s", path, view, id);
    val_put_printf(one, "text_url", "%s?view=%s&article=%s&as=text", path, view, id);
}

/* Without scripts: the article stands in the answer after the page was asked for with it. */
static enum status put_typed(struct req *rq, struct val *picked, struct val *sent)
{
    const char *before = val_get_text(picked, "typed"), *words;
    struct row *r;
    i64 id;

    if (rq->form != NULL || !id_parse(str_from(req_query(rq, "article")), &id))
        return OK;
    TRY(record_get(rq->cx, &article_type, id, &r));
    TRY(words_of(rq, r, text_is(req_query(rq, "as"), "text"), &words));
    val_put_printf(picked, "typed", "%s%s%s\n", before, text_empty(before) ? "" : "\n\n", words);
    val_add_text(sent, id_text(rq->cx->arena, id));
    return OK;
}

/* Ids that the form brought, each as text. */
static size_t sent_ids(const struct req *rq, i64 ids[SENT_MOST])
{
    const struct val *given = val_get(rq->form, "article");
    bool many = val_kind_of(given) == VAL_LIST;
    size_t count = many ? val_count(given) : given != NULL, n = 0;

    for (size_t i = 0; i < count && n < SENT_MOST; i++)
        if (id_parse(str_from(val_as_text(many ? val_at(given, i) : given, "")), &ids[n]))
            n++;
    return n;
}

enum status desk_put_articles(struct req *rq, const struct row *t, struct val *picked)
{
    struct ctx *cx = rq->cx;
    struct val *list = val_put_list(picked, "articles"), *sent = val_put_list(picked, "sent_ids");
    const struct article_doc *docs = NULL;
    size_t count = 0;
    i64 ids[SENT_MOST];

    val_put_text(picked, "find", req_query(rq, "find"));
    val_put_bool(picked, "may_find", access_scope(cx->access, "article", VERB_READ) != SCOPE_NONE);
    if (!val_get_bool(picked, "may_find"))
        return OK;
    TRY(articles_find(cx,
                      &(struct article_query){ .words = looked_for(rq, t, picked),
                                               .language = "",
                                               .internal = true,
                                               .loose = text_empty(req_query(rq, "find")),
                                               .max = SHOWN },
                      &docs, &count, NULL));
    for (size_t i = 0; i < count; i++)
        put_one(cx, t, desk_view(rq), &docs[i], list);
    val_put_bool(picked, "has_articles", count > 0);
    for (size_t i = 0, n = rq->form ? sent_ids(rq, ids) : 0; i < n; i++)
        val_add_text(sent, id_text(cx->arena, ids[i]));
    return put_typed(rq, picked, sent);
}

/* ---- what was sent ---- */
/* Addresses of the help centre that were typed or pasted. */
static enum status note_links(struct req *rq, const struct row *t, const char *text)
{
    struct ctx *cx = rq->cx;
    const char *base = arena_printf(cx->arena, "%s/help/", web_public_url(rq)), *at = text;
    struct row *r;

    for (int n = 0; n < SENT_MOST && (at = strstr(at, base)) != NULL; n++) {
        size_t len = strspn(at += strlen(base), "abcdefghijklmnopqrstuvwxyz0123456789-");
        enum status s;
        if (len == 0 || len > SLUG_MOST)
            continue;
        s = record_find(cx, &article_type, "slug", arena_dup(cx->arena, at, len), &r);
        if (s == OK && !row_is_deleted(r))
            TRY(article_was_sent(cx, row_id(t), row_id(r)));
        else if (s != OK && s != E_NOT_FOUND)
            return s;
        ctx_clear_error(cx);
    }
    return OK;
}

enum status desk_note_articles(struct req *rq, const struct row *t, const char *text)
{
    i64 ids[SENT_MOST];
    size_t count = sent_ids(rq, ids);
    struct row *r;

    for (size_t i = 0; i < count; i++) {
        enum status s = record_get(rq->cx, &article_type, ids[i], &r);
        if (s == E_NOT_FOUND) {
            ctx_clear_error(rq->cx);
            continue;
        }
        TRY(s);
        TRY(article_was_sent(rq->cx, row_id(t), ids[i]));
    }
    return note_links(rq, t, text);
}

static const struct route routes[] = {
    { HTTP_GET, "/articles/:id/words", words_get, NEEDS("article", VERB_READ) },
};
const struct feature feature_ticket_article = { .name = "ticket_article", ROUTES(routes) };
