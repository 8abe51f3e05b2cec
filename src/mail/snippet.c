/* snippet.c -- snippets (bridge/conversation.c) in mails to contacts: personal words are filled in
 * for whom one writes to. In an editor ";name" and a space becomes the text. */
#include "mail/snippet.h"
#include "base/utf8.h"
#include "bridge/contact.h"
#include "bridge/conversation.h"
#include "kit/filter.h"
#include "kit/pages.h"
#include "mail/content.h"

enum { SNIPPETS_SHOWN = 100 };

/* How one is called in an editor; of those that are older than shortcuts by their name. */
static const char *word_of(struct ctx *cx, const struct row *r)
{
    return row_has(r, SNIPPET_SHORTCUT) ? row_text(r, SNIPPET_SHORTCUT)
                                        : utf8_slug(cx->arena, row_text(r, SNIPPET_NAME), 40);
}

enum status snippet_fill(struct ctx *cx, const char *text, const struct snippet_for *whom,
                         const char **out)
{
    struct content_for who = { .contact = whom->contact,
                               .ticket_id = whom->ticket_id,
                               .owner_id = cx->access->user_id,
                               .sender_name = cx->access->name };

    *out = text;
    return strstr(text, "{{") ? content_fill(cx, text, &who, out) : OK;
}

const char *snippet_shown(struct ctx *cx, const char *text, const struct snippet_for *whom)
{
    struct ctx probe = *cx;
    const char *out;

    return snippet_fill(&probe, text, whom, &out) == OK ? out : text;
}

enum status snippet_check(struct ctx *cx, const char *text)
{
    struct ctx probe = *cx;

    if (strstr(text, "{{") == NULL || content_fill_check(&probe, text) == OK)
        return OK;
    return ctx_fail_field(cx, "text", "snippet.unknown_field", "%s", probe.error_text);
}

/* Snippets are bridge's, which knows no mail: what they say is looked at here. */
static enum status on_kept(struct ctx *cx, const struct happening *h)
{
    return row_is_new(h->row) || row_changed(h->row, SNIPPET_TEXT)
               ? snippet_check(cx, row_text(h->row, SNIPPET_TEXT))
               : OK;
}

/* For the inbox of conversations. */
static const char *in_talk(struct ctx *cx, const char *text, const struct row *contact)
{
    return snippet_shown(cx, text, &(struct snippet_for){ .contact = contact });
}

static enum status snippet_start(struct ctx *cx)
{
    snippet_set_filling(cx->kit, in_talk);
    return OK;
}

enum status snippets_put(struct ctx *cx, struct val *list)
{
    struct list_query q = { .sort = "name", .limit = SNIPPETS_SHOWN };
    struct list_page found;

    if (access_scope(cx->access, "snippet", VERB_READ) == SCOPE_NONE)
        return OK;
    TRY(list_run(cx, &snippet_type, &q, &found));
    for (size_t i = 0; i < found.count; i++) {
        struct val *one = val_add_map(list);
        val_put_text(one, "value", word_of(cx, found.rows[i]));
        val_put_text(one, "text", row_text(found.rows[i], SNIPPET_NAME));
    }
    return OK;
}

enum status snippet_text(struct ctx *cx, const char *shortcut, const struct snippet_for *whom,
                         const char **out)
{
    const char *word = utf8_slug(cx->arena, shortcut, 40);
    struct list_query q = { .sort = "name", .limit = SNIPPETS_SHOWN };
    const struct row *best = NULL;
    struct list_page found;

    TRY(list_run(cx, &snippet_type, &q, &found));
    for (size_t i = 0; i < found.count; i++) /* one's own goes before a shared one */
        if (text_is(word_of(cx, found.rows[i]), word) &&
            (best == NULL || row_i64(found.rows[i], SNIPPET_OWNER) == cx->access->user_id))
            best = found.rows[i];
    if (best == NULL)
        return ctx_fail(cx, E_NOT_FOUND, "There is no snippet ;%s.", shortcut);
    return snippet_fill(cx, row_text(best, SNIPPET_TEXT), whom, out);
}

/* GET /contacts/:id/snippet?name= -- {"text": "..."}, filled in for them. */
static enum status fill_get(struct req *rq)
{
    struct ctx *cx = rq->cx;
    struct val *answer = val_map(cx->arena);
    struct row *contact;
    const char *text;
    i64 id;

    TRY(req_id(rq, "id", &id));
    TRY(record_get(cx, &contact_type, id, &contact));
    TRY(snippet_text(cx, req_query(rq, "name"), &(struct snippet_for){ .contact = contact },
                     &text));
    val_put_text(answer, "text", text);
    return reply_json(rq, 200, answer);
}

static const struct route routes[] = {
    { HTTP_GET, "/contacts/:id/snippet", fill_get, NEEDS("snippet", VERB_READ) },
};
static const struct subscription subscriptions[] = {
    { "snippet.created", on_kept },
    { "snippet.updated", on_kept },
};
const struct feature feature_snippet = {
    .name = "snippet",
    ROUTES(routes),
    SUBSCRIPTIONS(subscriptions),
    .start = snippet_start,
};
