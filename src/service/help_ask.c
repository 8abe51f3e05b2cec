/* help_ask.c -- writing to support from the help centre. Before a message is sent, what answers it
 * perhaps is shown once: while somebody types, or without scripts as a page between. */
#include "base/utf8.h"
#include "bridge/contact.h"
#include "bridge/identity.h"
#include "bridge/visitor.h"
#include "service/help.h"
#include "service/ticket.h"

enum {
    POSTS_PER_MINUTE = 5,
    SUGGESTED = 4,
    SUBJECT_BYTES = 180,
    NAME_BYTES = 100,
    MAIL_BYTES = 320
};

struct asked {
    const char *subject, *text, *email, *name;
};

static const char *typed(struct req *rq, const char *name, size_t bytes)
{
    const char *text = rq->form ? req_form(rq, name) : req_query(rq, name);

    return utf8_cut(rq->cx->arena, str_dup(rq->cx->arena, str_trim(str_from(text))), bytes);
}

static struct asked read_asked(struct req *rq)
{
    return (struct asked){ .subject = typed(rq, "subject", SUBJECT_BYTES),
                           .text = typed(rq, "text", MESSAGE_BYTES_MOST),
                           .email = typed(rq, "email", MAIL_BYTES),
                           .name = typed(rq, "name", NAME_BYTES) };
}

static enum status show(struct help_page *p, const struct asked *a, const char *error)
{
    size_t total = 0;

    val_put_text(p->tree, "title", help_word(p->language, "write_us"));
    val_put_text(p->tree, "subject", a->subject);
    val_put_text(p->tree, "text", a->text);
    val_put_text(p->tree, "email", a->email);
    val_put_text(p->tree, "name", a->name);
    val_put_text(p->tree, "error", error);
    val_put_text(p->tree, "number", "");
    TRY(help_put_found(p, a->subject, SUGGESTED, &total));
    val_put_bool(p->tree, "sure", p->rq->form != NULL && total > 0);
    reply_header(p->rq, "X-Robots-Tag", "noindex");
    return help_reply(p, "help/contact");
}

static enum status begin(struct req *rq, const struct access_guard *guard, struct help_page *p)
{
    TRY(help_begin(rq, guard, p));
    return setting_bool(rq->cx, "help.contact") ? OK : E_NOT_FOUND;
}

/* "T-1001": nothing else is shown as a number. */
static bool is_code(const char *text)
{
    return strncmp(text, "T-", 2) == 0 && strlen(text) < 20 && strlen(text) > 2 &&
           text[2 + strspn(text + 2, "0123456789")] == '\0';
}

/* GET /help/contact?subject=&sent= */
static enum status ask_get(struct req *rq)
{
    scoped(access_leave) struct access_guard guard = access_enter_system(rq->cx);
    const char *sent = req_query(rq, "sent");
    struct asked a = read_asked(rq);
    struct help_page p;

    TRY(begin(rq, &guard, &p));
    if (!is_code(sent))
        return show(&p, &a, "");
    val_put_text(p.tree, "title", help_word(p.language, "write_us"));
    val_put_text(p.tree, "number", sent);
    reply_header(rq, "X-Robots-Tag", "noindex");
    return help_reply(&p, "help/contact");
}

/* Who writes is known from now on, when their browser keeps an id. */
static enum status join(struct ctx *cx, const struct row *ticket, const struct visitor_seen *who)
{
    struct row *contact;

    if (!who->by_id || !row_has(ticket, TICKET_CONTACT))
        return OK;
    TRY(record_get(cx, &contact_type, row_i64(ticket, TICKET_CONTACT), &contact));
    TRY(identity_join(cx, contact, who->visitor));
    return record_save(cx, contact);
}

static enum status make(struct req *rq, const struct asked *a, const struct visitor_seen *who,
                        struct row **t)
{
    struct ctx *cx = rq->cx;
    struct said said = { .text = a->text, .from = a->email };
    scoped(tx_end) struct tx tx = tx_begin(cx);

    TRY(tx.status);
    if (text_empty(a->email))
        return ctx_fail_field(cx, "email", "required",
                              "Say where we can answer: your mail address.");
    TRY(ticket_make(cx,
                    &(struct ticket_new){ .said = &said,
                                          .subject = a->subject,
                                          .channel = "form",
                                          .email = a->email,
                                          .name = a->name },
                    t, NULL));
    TRY(join(cx, *t, who));
    return tx_commit(&tx);
}

static enum status refused(struct help_page *p, const struct asked *a, enum status s)
{
    struct ctx *cx = p->cx;
    const char *why;

    if (s != E_INVALID || p->rq->wants_json)
        return s;
    why = arena_text(cx->arena, cx->field_errors ? cx->field_errors->message : cx->error_text);
    ctx_clear_error(cx);
    reply_status(p->rq, 422);
    return show(p, a, why);
}

static enum status thank(struct req *rq, const struct help_page *p, const char *code)
{
    return reply_redirect(
        rq, arena_printf(rq->cx->arena, "/help/contact?sent=%s&lang=%s", code, p->language));
}

/* POST /help/contact {subject, text, email, name, sure} -- a ticket. */
static enum status ask_post(struct req *rq)
{
    scoped(access_leave) struct access_guard guard = access_enter_system(rq->cx);
    struct asked a = read_asked(rq);
    struct visitor_seen who;
    struct help_page p;
    struct row *t;
    size_t total = 0;
    enum status s;

    TRY(begin(rq, &guard, &p));
    if (web_rate_limited(rq->web, "help.ask", rq->address, POSTS_PER_MINUTE))
        return ctx_fail(rq->cx, E_RATE, "That was often. Please wait a minute.");
    (void)visitor_see(rq, &who);
    if (!text_empty(req_form(rq, "website_url")))
        return refused(&p, &a, ctx_fail(rq->cx, E_INVALID, "%s", help_word(p.language, "again")));
    TRY(help_put_found(&p, a.subject, SUGGESTED, &total));
    if (total > 0 && text_empty(req_form(rq, "sure")) && !rq->wants_json)
        return show(&p, &a, "");
    s = make(rq, &a, &who, &t);
    if (s != OK)
        return refused(&p, &a, s);
    help_searched(&p, a.subject, "contact", total);
    return thank(rq, &p, row_text(t, TICKET_CODE));
}

static const struct route routes[] = {
    { HTTP_GET, "/help/contact", ask_get, .flags = ROUTE_PUBLIC },
    { HTTP_POST, "/help/contact", ask_post, .flags = ROUTE_PUBLIC },
};
const struct feature feature_help_ask = { .name = "help_ask", ROUTES(routes) };
