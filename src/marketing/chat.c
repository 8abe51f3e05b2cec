/* chat.c -- the chat on the web site, as visitors meet it: /js/chat.js asks here what it should
 * say, sends what is written, and listens. A conversation belongs to whoever holds its key, which
 * only the browser that began it was given; the page of another site that is not ours gets nothing.
 * The conversation itself is bridge/conversation.h. */
#include "base/id.h"
#include "base/limits.h"
#include "base/utf8.h"
#include "bridge/brand_look.h"
#include "bridge/contact.h"
#include "bridge/conversation.h"
#include "bridge/identity.h"
#include "journey/journey.h"
#include "kit/live.h"
#include "kit/session.h"
#include "marketing/arrival.h"
#include "marketing/client.h"
#include "marketing/collect.h"
#include <stdio.h>

enum {
    STARTS_PER_MINUTE = 4,
    SAYS_PER_MINUTE = 30,
    ASKS_PER_MINUTE = 120,
    MESSAGES_MOST = 200,
    STREAMS_PERCENT = 60, /* of all live streams: colleagues' pages need the rest */
};

/* ---- from where ---- */

/* A page of ours or of one of the sites; without an Origin it is no page of another site. */
static enum status check_origin(struct req *rq)
{
    struct ctx *cx = rq->cx;
    const char *origin = rq->header(rq, "Origin"), *own = rq->header(rq, "Host");
    scoped(stmt_close) struct stmt q = { 0 };
    struct address from;
    bool any = false;

    if (origin == NULL || text_is(origin, web_public_url(rq)))
        return OK;
    if (!address_read(cx->arena, str_from(origin), &from))
        return ctx_fail(cx, E_FORBIDDEN, "This page may not open the chat.");
    if (own != NULL && str_equal(from.host, host_name(cx->arena, str_from(own))))
        return OK;
    q = db_query(cx, "site.all");
    while (stmt_next(&q)) {
        struct str rest = str_from(col_text(&q, 2)), alias;
        any = true;
        if (str_equal(host_name(cx->arena, str_from(col_text(&q, 0))), from.host))
            return OK;
        while (str_split(&rest, '|', &alias))
            if (alias.len > 0 && str_equal(host_name(cx->arena, alias), from.host))
                return OK;
    }
    TRY(stmt_status(&q));
    return any ? ctx_fail_code(cx, E_FORBIDDEN, "chat.site",
                               "%.*s is none of the sites here. Add it under Marketing, Sites.",
                               (int)from.host.len, from.host.p)
               : OK; /* no site is known yet: it is being tried out */
}

static enum status limit(struct req *rq, const char *what, int per_minute)
{
    return web_rate_limited(rq->web, what, rq->address, per_minute)
               ? ctx_fail(rq->cx, E_RATE, "That was a lot at once. Wait a minute.")
               : OK;
}

/* The conversation whose key was sent. */
static enum status mine(struct req *rq, struct row **r)
{
    struct ctx *cx = rq->cx;
    bool get = rq->method == HTTP_GET;
    const char *id_given = get ? req_query(rq, "id") : req_form(rq, "id"),
               *key = get ? req_query(rq, "key") : req_form(rq, "key");
    i64 id;

    if (!id_parse(str_from(id_given), &id) || text_empty(key) || strlen(key) > 200)
        return E_NOT_FOUND;
    TRY(record_get(cx, &conversation_type, id, r));
    return text_is(secret_hash(cx, key), row_text(*r, CONVERSATION_KEY)) ? OK : E_NOT_FOUND;
}

static void put_messages(struct ctx *cx, const struct val *list, struct val *out)
{
    for (size_t i = 0; i < val_count(list); i++) {
        const struct val *m = val_at(list, i);
        const char *author = val_get_text(m, "author"), *user = val_get_text(m, "user");
        struct val *one = val_add_map(out);
        val_put_text(one, "id", val_get_text(m, "id"));
        val_put_text(one, "by",
                     text_is(author, "visitor") ? "you"
                     : text_is(author, "house") ? "house"
                                                : "us");
        /* Colleagues by their first name. */
        val_put(one, "name", val_str(cx->arena, (struct str){ user, strcspn(user, " ") }));
        val_put_text(one, "text", val_get_text(m, "text"));
        val_put_text(one, "at", val_get_text(m, "iso"));
    }
}

static enum status reply_messages(struct req *rq, const struct row *r, i64 after, struct val *out)
{
    struct ctx *cx = rq->cx;
    struct val *list = val_list(cx->arena);

    TRY(conversation_messages(cx, row_id(r), after, false, MESSAGES_MOST, list));
    put_messages(cx, list, val_put_list(out, "messages"));
    val_put_text(out, "state", row_text(r, CONVERSATION_STATE));
    val_put_bool(out, "known", row_has(r, CONVERSATION_EMAIL) || row_has(r, CONVERSATION_CONTACT));
    reply_header(rq, "Cache-Control", "no-store");
    return reply_json(rq, 200, out);
}

/* GET /chat/config -- what the chat says, and whether somebody is there. */
static enum status chat_config(struct req *rq)
{
    scoped(access_leave) struct access_guard guard = access_enter_system(rq->cx);
    struct ctx *cx = rq->cx;
    struct val *out = val_map(cx->arena);
    const char *css;
    bool staffed;

    TRY(limit(rq, "chat.ask", ASKS_PER_MINUTE));
    TRY(check_origin(rq));
    TRY(conversation_is_staffed(cx, &staffed));
    val_put_text(out, "title", setting_text(cx, "chat.title"));
    val_put_text(out, "text", setting_text(cx, staffed ? "chat.greeting" : "chat.away"));
    val_put_bool(out, "there", staffed);
    val_put_bool(out, "on", setting_bool(cx, "chat.on"));
    TRY(brand_dress(rq, 0, "chat_css", ".chat", &css));
    val_put_text(out, "css", css);
    reply_header(rq, "Cache-Control", "no-store");
    return reply_json(rq, 200, out);
}

/* Whom the visitor is known to be; what is known of them is not told to the page. */
static i64 contact_of(struct ctx *cx, const char *first_party_id, u64 visitor)
{
    enum person_kind kind;
    u64 key;
    u32 person;

    if (cx->journey == NULL || !first_party_id_is(first_party_id))
        return 0;
    person = journey_person_find(cx->journey, PERSON_VISITOR, visitor);
    return person != 0 && journey_person_key(cx->journey, person, &kind, &key) &&
                   kind == PERSON_CONTACT
               ? (i64)key
               : 0;
}

static enum status join_email(struct ctx *cx, struct row *r, const char *email, const char *name)
{
    struct row *contact;
    bool made;

    TRY(contact_by_email(cx, email, &contact, &made));
    if (!text_empty(name) && !row_has(contact, CONTACT_FIRST) && !row_has(contact, CONTACT_LAST)) {
        const char *space = strrchr(name, ' ');
        row_set_text(contact, CONTACT_FIRST,
                     space ? arena_dup(cx->arena, name, (size_t)(space - name)) : name);
        row_set_text(contact, CONTACT_LAST, space ? space + 1 : "");
    }
    if (row_has(r, CONVERSATION_VISITOR)) {
        unsigned long long visitor = 0;
        if (sscanf(row_text(r, CONVERSATION_VISITOR), "%llx", &visitor) == 1)
            TRY(identity_join(cx, contact, visitor));
    }
    TRY(record_save(cx, contact));
    row_set_text(r, CONVERSATION_EMAIL, row_text(contact, CONTACT_EMAIL));
    if (!text_empty(name))
        row_set_text(r, CONVERSATION_NAME, name);
    return OK;
}

static const char *cut(struct req *rq, const char *name, size_t bytes)
{
    return utf8_cut(rq->cx->arena, str_dup(rq->cx->arena, str_trim(str_from(req_form(rq, name)))),
                    bytes);
}

/* POST /chat/start -- text, page, lang, fw_id, and email and name where nobody is there. */
static enum status chat_start(struct req *rq)
{
    scoped(access_leave) struct access_guard guard = access_enter_system(rq->cx);
    struct ctx *cx = rq->cx;
    const char *fw = req_form(rq, "fw_id"), *email = cut(rq, "email", 320), *key = secret_new(cx),
               *agent = rq->header(rq, "User-Agent"), *page = cut(rq, "page", 2000);
    struct row *r = row_new(cx, &conversation_type), *contact;
    struct val *out = val_map(cx->arena);
    struct visitors who = collect_visitors(rq, fw);
    struct address url;
    i64 known = contact_of(cx, fw, who.by_id);

    TRY(check_origin(rq));
    TRY(limit(rq, "chat.start", STARTS_PER_MINUTE));
    if (!setting_bool(cx, "chat.on"))
        return ctx_fail_code(cx, E_FORBIDDEN, "chat.off", "The chat is closed.");
    if (!text_empty(req_form(rq, "website_url")) || (agent && agent[0] && client_of(agent).bot))
        return ctx_fail_code(cx, E_FORBIDDEN, "chat.program", "The chat is for people.");
    row_set_text(r, CONVERSATION_CHANNEL, "chat");
    row_set_text(r, CONVERSATION_PAGE, page);
    if (address_read(cx->arena, str_from(page), &url))
        row_set_text(r, CONVERSATION_SITE, utf8_cut(cx->arena, str_dup(cx->arena, url.host), 200));
    row_set_text(r, CONVERSATION_LANGUAGE, cut(rq, "lang", 35));
    row_set_text(r, CONVERSATION_ADDRESS, rq->address);
    row_set_text(r, CONVERSATION_KEY, secret_hash(cx, key));
    if (who.by_id != 0)
        row_set_text(r, CONVERSATION_VISITOR,
                     arena_printf(cx->arena, "%016llx", (unsigned long long)who.by_id));
    if (!text_empty(email)) {
        TRY(join_email(cx, r, email, cut(rq, "name", 100)));
        TRY(record_find(cx, &contact_type, "email", row_text(r, CONVERSATION_EMAIL), &contact));
        known = row_id(contact);
    }
    row_set_i64(r, CONVERSATION_CONTACT, known);
    TRY(conversation_start(cx, r, req_form(rq, "text"), NULL));
    val_put_text(out, "id", id_text(cx->arena, row_id(r)));
    val_put_text(out, "key", key);
    return reply_messages(rq, r, 0, out);
}

/* POST /chat/say -- id, key, text */
static enum status chat_say(struct req *rq)
{
    scoped(access_leave) struct access_guard guard = access_enter_system(rq->cx);
    struct row *r;
    i64 after = 0;

    TRY(check_origin(rq));
    TRY(limit(rq, "chat.say", SAYS_PER_MINUTE));
    TRY(mine(rq, &r));
    TRY(conversation_say(rq->cx, r, AUTHOR_VISITOR, req_form(rq, "text"), NULL));
    (void)id_parse(str_from(req_form(rq, "after")), &after);
    return reply_messages(rq, r, after, val_map(rq->cx->arena));
}

/* POST /chat/mail -- id, key, email, name: where they can be reached. */
static enum status chat_mail(struct req *rq)
{
    scoped(access_leave) struct access_guard guard = access_enter_system(rq->cx);
    struct ctx *cx = rq->cx;
    struct row *r, *contact;
    i64 after = 0;

    TRY(check_origin(rq));
    TRY(limit(rq, "chat.say", SAYS_PER_MINUTE));
    TRY(mine(rq, &r));
    TRY(join_email(cx, r, cut(rq, "email", 320), cut(rq, "name", 100)));
    TRY(record_find(cx, &contact_type, "email", row_text(r, CONVERSATION_EMAIL), &contact));
    TRY(conversation_join(cx, r, row_id(contact)));
    TRY(conversation_say(
        cx, r, AUTHOR_HOUSE,
        arena_printf(cx->arena, "Mail address given: %s", row_text(r, CONVERSATION_EMAIL)), NULL));
    (void)id_parse(str_from(req_form(rq, "after")), &after);
    return reply_messages(rq, r, after, val_map(cx->arena));
}

/* POST /chat/seen -- id, key: they look at it. */
static enum status chat_seen(struct req *rq)
{
    scoped(access_leave) struct access_guard guard = access_enter_system(rq->cx);
    struct row *r;

    TRY(check_origin(rq));
    TRY(limit(rq, "chat.ask", ASKS_PER_MINUTE));
    TRY(mine(rq, &r));
    row_set_i64(r, CONVERSATION_SEEN_AT, ctx_now(rq->cx));
    TRY(record_save(rq->cx, r));
    return reply_empty(rq);
}

/* GET /chat/messages?id=&key=&after= */
static enum status chat_messages(struct req *rq)
{
    scoped(access_leave) struct access_guard guard = access_enter_system(rq->cx);
    struct row *r;
    i64 after = 0;

    TRY(limit(rq, "chat.ask", ASKS_PER_MINUTE));
    TRY(check_origin(rq));
    TRY(mine(rq, &r));
    (void)id_parse(str_from(req_query(rq, "after")), &after);
    return reply_messages(rq, r, after, val_map(rq->cx->arena));
}

static enum status may_listen(struct req *rq, i64 *id)
{
    scoped(access_leave) struct access_guard guard = access_enter_system(rq->cx);
    struct row *r;

    TRY(limit(rq, "chat.ask", ASKS_PER_MINUTE));
    TRY(check_origin(rq));
    TRY(mine(rq, &r));
    *id = row_id(r);
    return OK;
}

/* GET /chat/stream?id=&key= -- says when there is something to ask for, and nothing more. */
static enum status chat_stream(struct req *rq)
{
    struct live *live = kit_live(rq->cx->kit);
    const char *topic;
    i64 id;

    TRY(may_listen(rq, &id));
    if (rq->exchange == NULL || live == NULL)
        return reply_text(rq, 200, "text/event-stream", STR(": hello\n\n"));
    if (live_count(live) >= LIMIT_LIVE_STREAMS * STREAMS_PERCENT / 100)
        return ctx_fail(rq->cx, E_BUSY, "Many listen already; ask again instead.");
    topic = arena_printf(rq->exchange->arena, "chat-%s", id_text(rq->cx->arena, id));
    req_take(rq);
    if (live_join(live, rq->exchange, 0, topic) != OK)
        req_finish(rq, ctx_fail(rq->cx, E_BUSY, "Many listen already; ask again instead."));
    return OK;
}

/* GET /chat/setup -- how the chat comes onto a site. */
static enum status chat_setup(struct req *rq)
{
    struct val *page = val_map(rq->cx->arena);

    val_put_text(page, "title", "Chat on your site");
    val_put_text(page, "site_url", web_public_url(rq));
    val_put_bool(page, "on", setting_bool(rq->cx, "chat.on"));
    return reply(rq, "chat/setup", page);
}

static const struct route routes[] = {
    { HTTP_GET, "/chat/config", chat_config, .flags = ROUTE_PUBLIC | ROUTE_CORS },
    { HTTP_POST, "/chat/start", chat_start, .flags = ROUTE_PUBLIC | ROUTE_CORS },
    { HTTP_POST, "/chat/say", chat_say, .flags = ROUTE_PUBLIC | ROUTE_CORS },
    { HTTP_POST, "/chat/mail", chat_mail, .flags = ROUTE_PUBLIC | ROUTE_CORS },
    { HTTP_POST, "/chat/seen", chat_seen, .flags = ROUTE_PUBLIC | ROUTE_CORS },
    { HTTP_GET, "/chat/messages", chat_messages, .flags = ROUTE_PUBLIC | ROUTE_CORS },
    { HTTP_GET, "/chat/stream", chat_stream, .flags = ROUTE_PUBLIC | ROUTE_CORS | ROUTE_API },
    { HTTP_GET, "/chat/setup", chat_setup, NEEDS("conversation", VERB_READ) },
};
static const struct setting settings[] = {
    { "chat.on", FIELD_BOOL, "The chat is open", "Closed, the button on your site is gone.", "true",
      .group = "Chat", .resource = "form" },
    { "chat.title", FIELD_TEXT, "What it is called", NULL, "Ask us", .group = "Chat",
      .resource = "form" },
    { "chat.greeting", FIELD_LONG, "What it says when somebody is there",
      "Within working hours, while a colleague is signed in.",
      "Hello. What would you like to know?", .group = "Chat", .resource = "form" },
    { "chat.away", FIELD_LONG, "What it says when nobody is there", NULL,
      "Nobody is here right now. Leave us a message and your mail address, and we will answer.",
      .group = "Chat", .resource = "form" },
};
const struct feature feature_chat = { .name = "chat", ROUTES(routes), SETTINGS(settings) };
