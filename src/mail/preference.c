/* preference.c -- the preference page and the ways to unsubscribe. The token in the address is the
 * authority: whoever has the mail may decide. Looking never changes anything, since programs look
 * at every address in a mail; only a post does: a button, or the mail program's own (RFC 8058),
 * which comes without cookies and is obeyed at once. */
#include "mail/preference.h"
#include "base/id.h"
#include "bridge/brand_look.h"
#include "bridge/consent.h"
#include "bridge/contact.h"
#include "kit/web.h"
#include "mail/page_int.h"
#include "mail/token.h"
#include "mail/track.h"

enum { TOPICS_SHOWN = 100, POSTS_PER_MINUTE = 20, BAD_TOKENS_PER_MINUTE = 60 };

/* ---- addresses and headers ---- */
const char *preference_url(struct ctx *cx, const struct preference_of *of)
{
    const i64 numbers[] = { of->contact_id, of->topic_id, of->message_id };
    const char *base = kit_public_url(cx),
               *token = token_write(cx, TOKEN_PREFERENCE, numbers, countof(numbers), "");

    return base[0] == '\0' || token[0] == '\0' ? ""
                                               : arena_printf(cx->arena, "%s/u/%s", base, token);
}

/* A header's text: no line of its own, no quotes. */
static const char *plain_words(struct ctx *cx, const char *text)
{
    char *out = arena_text(cx->arena, text);

    for (char *p = out; *p; p++)
        if ((unsigned char)*p < ' ' || (unsigned char)*p > 126 || strchr("\"<>\\", *p))
            *p = ' ';
    return out;
}

enum status preference_headers(struct ctx *cx, const struct preference_of *of,
                               const char *from_domain,
                               struct preference_header out[PREFERENCE_HEADERS], size_t *count)
{
    scoped(access_leave) struct access_guard guard = access_enter_system(cx);
    const char *url = preference_url(cx, of);
    struct row *topic;
    enum status s;

    *count = 0;
    if (of->topic_id == 0 || url[0] == '\0')
        return OK;
    out[(*count)++] =
        (struct preference_header){ "List-Unsubscribe", arena_printf(cx->arena, "<%s>", url) };
    out[(*count)++] =
        (struct preference_header){ "List-Unsubscribe-Post", "List-Unsubscribe=One-Click" };
    s = record_get_any(cx, &topic_type, of->topic_id, &topic);
    if (s == E_NOT_FOUND)
        return ctx_clear_error(cx), OK;
    TRY(s);
    out[(*count)++] = (struct preference_header){
        "List-Id",
        arena_printf(cx->arena, "\"%s\" <%s.%s>", plain_words(cx, row_text(topic, TOPIC_NAME)),
                     row_text(topic, TOPIC_SLUG), plain_words(cx, from_domain))
    };
    return OK;
}

/* ---- who it is ---- */
struct visit {
    struct preference_of of;
    const char *token;
    struct row *contact;         /* NULL: gone, or never known */
    struct mail_message message; /* id 0: gone */
};

static enum status maybe(struct ctx *cx, enum status s)
{
    if (s != E_NOT_FOUND)
        return s;
    ctx_clear_error(cx);
    return OK;
}

/* E_NOT_FOUND without text: no token of ours. */
static enum status read_visit(struct req *rq, struct visit *v)
{
    struct ctx *cx = rq->cx;
    i64 numbers[3];

    *v = (struct visit){ .token = req_param(rq, "token") };
    if (!token_read(cx, TOKEN_PREFERENCE, v->token, "", numbers, countof(numbers)))
        return E_NOT_FOUND;
    v->of = (struct preference_of){ numbers[0], numbers[1], numbers[2] };
    if (v->of.contact_id)
        TRY(maybe(cx, record_get(cx, &contact_type, v->of.contact_id, &v->contact)));
    if (v->of.message_id)
        TRY(maybe(cx, mail_get(cx, v->of.message_id, &v->message)));
    return OK;
}

static enum status refuse(struct req *rq)
{
    if (web_rate_limited(rq->web, "mail_token", rq->address, BAD_TOKENS_PER_MINUTE))
        return ctx_fail(rq->cx, E_RATE,
                        "Too many wrong addresses were asked for. Please wait a minute.");
    return mail_say(rq, 404, "This link does not work",
                    "It is not whole, or was changed on the way. Please use the link in the mail "
                    "again, or answer the mail: we take you off the list by hand.");
}

/* ---- the page ---- */
/* "miriam@example.com" -> "m•••@example.com": the mail may have been passed on. */
static const char *hide_address(struct ctx *cx, const char *address)
{
    const char *at = strrchr(address, '@');

    return at == NULL || at == address
               ? ""
               : arena_printf(cx->arena, "%c\u2022\u2022\u2022%s",
                              (unsigned char)address[0] < 128 ? address[0] : '*', at);
}

static const char *address_of(const struct visit *v)
{
    return v->contact ? row_text(v->contact, CONTACT_EMAIL) : v->message.id ? v->message.to : "";
}

static bool is_on(const char *basis, const char *state)
{
    return text_is(state, "given") || (state[0] == '\0' && text_is(basis, "interest"));
}

static enum status show(struct req *rq, const struct visit *v, const char *notice)
{
    struct ctx *cx = rq->cx;
    struct val *page = val_map(cx->arena), *list = val_put_list(page, "topics");
    const char *reason, *address = address_of(v);

    TRY(suppression_find(cx, address, &reason));
    bool off = reason != NULL && text_is(reason, "unsubscribed");
    TRY(brand_put_page(rq, 0, page));
    val_put_text(page, "title", "Your mail from us");
    val_put_printf(page, "action", "/u/%s", v->token);
    val_put_text(page, "address", hide_address(cx, address));
    val_put_text(page, "notice", notice);
    if (v->contact) {
        scoped(stmt_close) struct stmt q =
            db_query(cx, "preference.topics", I64("contact", v->of.contact_id),
                     I64("topic", v->of.topic_id));
        for (int n = 0; n < TOPICS_SHOWN && stmt_next(&q); n++) {
            struct val *one = val_add_map(list);
            bool on = !off && is_on(col_text(&q, 3), col_text(&q, 4));
            val_put_text(one, "id", id_text(cx->arena, col_i64(&q, 0)));
            val_put_text(one, "name", col_text(&q, 1));
            val_put_text(one, "description", col_text(&q, 2));
            val_put_bool(one, "on", on);
            val_put_bool(one, "waits", text_is(col_text(&q, 4), "pending"));
            if (on && col_i64(&q, 0) == v->of.topic_id)
                val_put_text(page, "leave", col_text(&q, 1));
        }
        TRY(stmt_status(&q));
    }
    val_put_bool(page, "has_topics", val_count(list) > 0);
    val_put_bool(page, "off", off);
    reply_header(rq, "Cache-Control", "no-store, private");
    reply_header(rq, "X-Robots-Tag", "noindex");
    reply_header(rq, "Referrer-Policy", "no-referrer");
    return reply_fragment(rq, "mail/preference", page);
}

/* GET /u/:token */
static enum status preference_show(struct req *rq)
{
    scoped(access_leave) struct access_guard guard = access_enter_system(rq->cx);
    struct visit v;
    enum status s = read_visit(rq, &v);

    if (s == E_NOT_FOUND)
        return refuse(rq);
    TRY(s);
    return show(rq, &v, "");
}

/* ---- leaving ---- */
static struct consent_evidence evidence_of(struct req *rq, const struct visit *v, i64 topic_id,
                                           const char *source)
{
    return (struct consent_evidence){
        .contact_id = v->of.contact_id,
        .topic_id = topic_id,
        .source = source,
        .address = rq->address,
        .record = v->message.id ? arena_printf(rq->cx->arena, "/mails/%s",
                                               id_text(rq->cx->arena, v->message.id))
                                : "",
        .confirmed = true,
    };
}

static enum status tell_left(struct ctx *cx, const struct visit *v, i64 topic_id)
{
    const struct mail_message *m = &v->message;
    struct val *props = val_map(cx->arena);
    struct row *topic;

    if (topic_id && maybe(cx, record_get_any(cx, &topic_type, topic_id, &topic)) == OK)
        val_put_text(props, "name", row_text(topic, TOPIC_NAME));
    else
        val_put_text(props, "name", "everything");
    if (m->id) {
        TRY(track_unsubscribed(cx, m));
        val_put_text(props, "message_id", id_text(cx->arena, m->id));
        val_put_text(props, "source", m->source);
        if (m->source_id)
            val_put_text(props, "source_id", id_text(cx->arena, m->source_id));
    }
    TRY(journey_note(cx, &(struct journey_note){ .kind = "mail_unsubscribe",
                                                 .contact_id = v->of.contact_id,
                                                 .record_id = m->source_id,
                                                 .touch = m->id ? track_touch(cx, m) : NULL,
                                                 .props = props }));
    return happen(cx, &(struct happening){ .name = "mail.unsubscribed",
                                           .contact_id = v->of.contact_id,
                                           .props = props });
}

/* topic 0: everything. *left: something was on until now. */
static enum status leave(struct req *rq, struct visit *v, i64 topic_id, const char *source,
                         bool *left)
{
    struct ctx *cx = rq->cx;
    struct consent_evidence e = evidence_of(rq, v, topic_id, source);
    const char *why, *reason, *address = address_of(v);
    bool may = true;

    *left = false;
    TRY(suppression_find(cx, address, &reason));
    if (v->contact == NULL) { /* an address, or a contact that is no more: it gets nothing */
        if (address[0] == '\0' || reason != NULL)
            return OK;
        *left = true;
        return suppression_add(cx, address, "unsubscribed", "Unsubscribed through a mail", 0);
    }
    if (topic_id)
        TRY(consent_allows(cx, v->of.contact_id, topic_id, &may, &why));
    else
        may = reason == NULL || !text_is(reason, "unsubscribed");
    TRY(consent_withdraw(cx, &e));
    *left = may;
    return may ? tell_left(cx, v, topic_id) : OK;
}

/* ---- choosing ---- */
static bool is_ticked(const struct req *rq, const char *id)
{
    const struct val *v = val_get(rq->form, "topic");

    if (v == NULL)
        return false;
    if (val_kind_of(v) != VAL_LIST)
        return text_is(val_as_text(v, ""), id);
    for (size_t i = 0; i < val_count(v); i++)
        if (text_is(val_as_text(val_at(v, i), ""), id))
            return true;
    return false;
}

struct wish {
    i64 topic_id;
    const char *id, *name, *description;
    bool on;
};

static enum status read_wishes(struct req *rq, const struct visit *v, struct wish *list,
                               size_t *count)
{
    struct ctx *cx = rq->cx;
    scoped(stmt_close) struct stmt q = db_query(
        cx, "preference.topics", I64("contact", v->of.contact_id), I64("topic", v->of.topic_id));

    *count = 0;
    while (*count < TOPICS_SHOWN && stmt_next(&q))
        list[(*count)++] = (struct wish){ .topic_id = col_i64(&q, 0),
                                          .id = id_text(cx->arena, col_i64(&q, 0)),
                                          .name = arena_text(cx->arena, col_text(&q, 1)),
                                          .description = arena_text(cx->arena, col_text(&q, 2)),
                                          .on = is_on(col_text(&q, 3), col_text(&q, 4)) };
    return stmt_status(&q);
}

static enum status save_wishes(struct req *rq, struct visit *v)
{
    struct ctx *cx = rq->cx;
    struct wish *list = NEW_N(cx->arena, struct wish, TOPICS_SHOWN);
    const char *reason;
    size_t count;
    bool left;

    if (v->contact == NULL)
        return OK;
    TRY(suppression_find(cx, address_of(v), &reason));
    bool off = reason != NULL && text_is(reason, "unsubscribed");
    TRY(read_wishes(rq, v, list, &count));
    for (size_t i = 0; i < count; i++) {
        struct wish *w = &list[i];
        struct consent_evidence e = evidence_of(rq, v, w->topic_id, "preference");
        bool ticked = is_ticked(rq, w->id);
        e.wording = arena_printf(cx->arena, "%s%s%s", w->name, w->description[0] ? ": " : "",
                                 w->description);
        if (ticked && (!w->on || off))
            TRY(consent_give(cx, &e, NULL));
        else if (!ticked && w->on && !off)
            TRY(leave(rq, v, w->topic_id, "preference", &left));
    }
    return OK;
}

/* What a mail program posts: as a form, in parts, or with a type of its own. */
static bool is_one_click(const struct req *rq)
{
    static const char word[] = "List-Unsubscribe=One-Click";

    if (text_is(req_form(rq, "List-Unsubscribe"), "One-Click"))
        return true;
    return rq->body.len >= sizeof word - 1 && rq->body.len < 1000 &&
           memmem(rq->body.p, rq->body.len, word, sizeof word - 1) != NULL;
}

static enum status one_click(struct req *rq, struct visit *v)
{
    bool left;

    TRY(leave(rq, v, v->of.topic_id, "one_click", &left));
    reply_header(rq, "Cache-Control", "no-store");
    return reply_text(rq, 200, "text/plain; charset=utf-8", STR("You are unsubscribed.\n"));
}

/* POST /u/:token */
static enum status preference_post(struct req *rq)
{
    scoped(access_leave) struct access_guard guard = access_enter_system(rq->cx);
    const char *what = req_form(rq, "do"), *notice = "";
    struct visit v;
    bool left;
    enum status s = read_visit(rq, &v);

    if (s == E_NOT_FOUND)
        return refuse(rq);
    TRY(s);
    if (is_one_click(rq))
        return one_click(rq, &v);
    if (web_rate_limited(rq->web, "preference", v.token, POSTS_PER_MINUTE))
        return ctx_fail(rq->cx, E_RATE, "That was often in a short time. Please wait a minute.");
    if (text_is(what, "leave")) {
        TRY(leave(rq, &v, v.of.topic_id, "preference", &left));
        notice = "Done: you are unsubscribed.";
    } else if (text_is(what, "all")) {
        TRY(leave(rq, &v, 0, "preference", &left));
        notice = "Done: you are unsubscribed from everything.";
    } else if (text_is(what, "save")) {
        TRY(save_wishes(rq, &v));
        notice = "Saved.";
    }
    if (v.contact)
        TRY(record_get(rq->cx, &contact_type, v.of.contact_id, &v.contact));
    return show(rq, &v, notice);
}

static const struct route routes[] = {
    { HTTP_GET, "/u/:token", preference_show, .flags = ROUTE_PUBLIC },
    { HTTP_POST, "/u/:token", preference_post, .flags = ROUTE_PUBLIC | ROUTE_RAW,
      .summary = "Unsubscribes (RFC 8058), or saves the preference page" },
};
static const struct event_kind kinds[] = {
    { "mail_unsubscribe", "Unsubscribed", "ban", 0, NULL },
};
const struct feature feature_preference = { .name = "preference",
                                            ROUTES(routes),
                                            EVENT_KINDS(kinds) };
