/* ticket_mail.c -- mails that service sends: answers in their thread, the receipt of a new ticket,
 * and the question how it was. All go through mail.h like any mail. */
#include "base/buf.h"
#include "base/id.h"
#include "base/utf8.h"
#include "bridge/contact.h"
#include "kit/session.h"
#include "kit/show.h"
#include "kit/template.h"
#include "mail/mail.h"
#include "mail/mailbox.h"
#include "mail/token.h"
#include "service/ticket_int.h"
#include <string.h>
#include <strings.h>

enum {
    REFERENCES = 20,
    QUOTE_BYTES = 6000,
    MAIL_TEXT_BYTES = 80 * 1000,
    HTML_BYTES = 100 * 1000,
    RECEIPTS_AN_HOUR = 3, /* to one person: two machines must not write to each other for ever */
};

/* ---- to whom, from where ---- */
struct letter_to {
    const char *address, *name;
    i64 sender_id;        /* 0: the default one */
    const char *reply_to; /* with the ticket's tag; NULL: as the sender says */
    const char *signature;
};

static enum status mailbox_of(struct ctx *cx, const struct row *t, struct row **out)
{
    i64 id = row_has(t, TICKET_MAILBOX) ? row_i64(t, TICKET_MAILBOX) : 0;
    enum status s;

    *out = NULL;
    if (id == 0)
        s = db_get_i64(cx, &id, "support.mailbox");
    else
        s = OK;
    if (s == OK)
        s = record_get(cx, &mailbox_type, id, out);
    if (s == E_NOT_FOUND)
        return ctx_clear_error(cx), OK;
    return s;
}

/* "support@example.com" -> "support+T1001-1a2b3c4d5e@example.com" */
static const char *tagged(struct ctx *cx, const struct row *t, const char *address)
{
    const char *at = strrchr(address, '@'), *tag = ticket_tag(cx, t);

    if (at == NULL || text_empty(tag) || strlen(address) + strlen(tag) > 63 + strlen(at))
        return address;
    return arena_printf(cx->arena, "%.*s+%s%s", (int)(at - address), address, tag, at);
}

/* address "": nobody that could be written to. */
static enum status read_to(struct ctx *cx, const struct row *t, struct letter_to *to)
{
    struct row *contact, *box;

    *to = (struct letter_to){ .address = row_text(t, TICKET_EMAIL), .name = "", .signature = "" };
    TRY(ticket_contact(cx, t, &contact));
    if (contact != NULL) {
        to->name = row_title(cx, contact);
        if (text_empty(to->address))
            to->address = row_text(contact, CONTACT_EMAIL);
    }
    if (strchr(to->name, '@') != NULL)
        to->name = "";
    TRY(mailbox_of(cx, t, &box));
    if (box == NULL)
        return OK;
    to->sender_id = row_i64(box, MAILBOX_SENDER);
    to->reply_to = tagged(cx, t, row_text(box, MAILBOX_ADDRESS));
    to->signature = row_text(box, MAILBOX_SIGNATURE);
    return OK;
}

/* ---- the thread ---- */
static enum status read_thread(struct ctx *cx, const struct row *t, const char **answered,
                               const char **refs)
{
    const char *ids[REFERENCES];
    size_t count = 0;
    struct buf b = buf_in(cx->arena, REFERENCES * 260);
    scoped(stmt_close) struct stmt q =
        db_query(cx, "ticket.references", I64("conversation", row_i64(t, TICKET_CONVERSATION)),
                 I64("limit", REFERENCES));

    while (stmt_next(&q) && count < REFERENCES)
        ids[count++] = arena_text(cx->arena, col_text(&q, 0));
    TRY(stmt_status(&q));
    for (size_t i = count; i > 0; i--)
        buf_printf(&b, "%s<%s>", b.len ? " " : "", ids[i - 1]);
    *refs = buf_end(&b);
    *answered = count ? arena_printf(cx->arena, "<%s>", ids[0]) : "";
    return OK;
}

static const char *subject_of(struct ctx *cx, const struct row *t, bool reply)
{
    const char *subject = row_text(t, TICKET_SUBJECT);
    bool has = strncasecmp(subject, "re:", 3) == 0 || strncasecmp(subject, "aw:", 3) == 0;

    return arena_printf(cx->arena, "%s%s [%s]", reply && !has ? "Re: " : "", subject,
                        row_text(t, TICKET_CODE));
}

static enum status add_quote(struct ctx *cx, const struct row *t, struct buf *b)
{
    struct row *m;
    i64 id;
    enum status s = db_get_i64(cx, &id, "ticket.last_of_customer",
                               I64("conversation", row_i64(t, TICKET_CONVERSATION)));
    struct str rest, line;

    if (s == E_NOT_FOUND)
        return OK;
    TRY(s);
    TRY(record_get(cx, &conversation_message_type, id, &m));
    buf_printf(b, "\n\nOn %s, %s wrote:\n", show_time_full(cx, row_created_at(m)),
               row_has(m, MESSAGE_FROM) ? row_text(m, MESSAGE_FROM) : "you");
    rest = str_from(utf8_cut(cx->arena, row_text(m, MESSAGE_TEXT), QUOTE_BYTES));
    while (str_split(&rest, '\n', &line)) {
        buf_text(b, line.len && *line.p == '>' ? ">" : "> ");
        buf_str(b, line);
        buf_char(b, '\n');
    }
    return OK;
}

/* ---- answers ---- */
/* The same mail to everybody who gets a copy, each on its own: what does not reach one of them is
 * told, and holds up no other. */
static enum status send_copies(struct ctx *cx, const struct row *t, struct mail *mail)
{
    const char *to = mail->to, *key = mail->key;
    struct ticket_cc cc;
    i64 sent;

    TRY(ticket_cc_read(cx, row_text(t, TICKET_CC), &cc));
    for (size_t i = 0; i < cc.count; i++) {
        mail->to = cc.list[i];
        mail->shown_to = to;
        mail->contact_id = 0;
        mail->key = arena_printf(cx->arena, "%s:%s", key, cc.list[i]);
        TRY(mail_send(cx, mail, &sent));
    }
    return OK;
}

static enum status send_answer(struct ctx *cx, const struct row *t, struct row *m,
                               const struct letter_to *to)
{
    struct buf b = buf_in(cx->arena, MAIL_TEXT_BYTES);
    const char *answered, *refs;
    i64 sent;

    buf_text(&b, row_text(m, MESSAGE_TEXT));
    if (!text_empty(to->signature))
        buf_printf(&b, "\n\n-- \n%s", to->signature);
    TRY(add_quote(cx, t, &b));
    TRY(read_thread(cx, t, &answered, &refs));
    struct mail mail = {
        .lane = MAIL_LANE_PERSON,
        .sender_id = to->sender_id,
        .contact_id = row_i64(t, TICKET_CONTACT),
        .to = to->address,
        .to_name = to->name,
        .subject = subject_of(cx, t, true),
        .text = utf8_cut(cx->arena, buf_end(&b), MAIL_TEXT_BYTES - 1),
        .source = "ticket",
        .source_id = row_id(t),
        .key = arena_printf(cx->arena, "ticket:%s", id_text(cx->arena, row_id(m))),
        .in_reply_to = answered,
        .references = refs,
        .user_id = row_i64(m, MESSAGE_USER),
        .reply_to = to->reply_to,
        .from_name = row_show(cx, m, MESSAGE_USER),
        .cc = row_text(t, TICKET_CC),
    };
    TRY(mail_send(cx, &mail, &sent));
    TRY(send_copies(cx, t, &mail));
    row_set_text(m, MESSAGE_CC, row_text(t, TICKET_CC));
    row_set_i64(m, MESSAGE_SENT, sent);
    return record_save(cx, m);
}

enum status ticket_mail_answer(struct ctx *cx, const struct row *t, i64 message_id)
{
    scoped(access_leave) struct access_guard guard = access_enter_system(cx);
    struct letter_to to;
    struct row *m;

    if (text_is(row_text(t, TICKET_CHANNEL), "chat")) /* they read it where they wrote */
        return OK;
    TRY(read_to(cx, t, &to));
    if (text_empty(to.address))
        return OK;
    TRY(record_get(cx, &conversation_message_type, message_id, &m));
    return send_answer(cx, t, m, &to);
}

/* ---- what nobody wrote ---- */
static enum status maybe_no_sender(struct ctx *cx, enum status s)
{
    if (s != E_INVALID) /* there is no sender yet, or it is no address that can be */
        return s;
    ctx_clear_error(cx);
    return OK;
}

enum status ticket_mail_ack(struct ctx *cx, const struct row *t)
{
    scoped(access_leave) struct access_guard guard = access_enter_system(cx);
    const char *answered, *refs;
    struct letter_to to;
    i64 lately = 0;

    if (!setting_bool(cx, "service.receipt") || text_is(row_text(t, TICKET_CHANNEL), "chat") ||
        text_is(row_text(t, TICKET_CHANNEL), "handover") ||
        text_is(row_text(t, TICKET_CHANNEL), "phone"))
        return OK;
    TRY(read_to(cx, t, &to));
    if (text_empty(to.address))
        return OK;
    TRY(db_get_i64(cx, &lately, "support.receipts", I64("contact", row_i64(t, TICKET_CONTACT)),
                   I64("since", ctx_now(cx) - MS_HOUR)));
    if (lately >= RECEIPTS_AN_HOUR)
        return OK;
    TRY(read_thread(cx, t, &answered, &refs));
    return maybe_no_sender(
        cx, mail_send(cx,
                      &(struct mail){
                          .lane = MAIL_LANE_NOW,
                          .sender_id = to.sender_id,
                          .contact_id = row_i64(t, TICKET_CONTACT),
                          .to = to.address,
                          .to_name = to.name,
                          .subject = subject_of(cx, t, true),
                          .text = arena_printf(
                              cx->arena, "%s\n\n%s: %s\n", setting_text(cx, "service.receipt_text"),
                              row_text(t, TICKET_CODE), row_text(t, TICKET_SUBJECT)),
                          .source = "ticket_receipt",
                          .source_id = row_id(t),
                          .key = arena_printf(cx->arena, "ticket-receipt:%s",
                                              id_text(cx->arena, row_id(t))),
                          .in_reply_to = answered,
                          .references = refs,
                          .reply_to = to.reply_to,
                          .automatic = true,
                      },
                      NULL));
}

static const char *const marks[] = { "", "Very bad", "Bad", "So so", "Good", "Very good" };

static enum status csat_html(struct ctx *cx, const struct row *t, const char *url, const char **out)
{
    struct val *v = val_map(cx->arena), *list = val_put_list(v, "choices");
    struct buf b = buf_in(cx->arena, HTML_BYTES);

    *out = "";
    if (kit_templates(cx->kit) == NULL)
        return OK;
    val_put_text(v, "subject", row_text(t, TICKET_SUBJECT));
    val_put_text(v, "code", row_text(t, TICKET_CODE));
    for (int i = (int)countof(marks) - 1; i > 0; i--) {
        struct val *one = val_add_map(list);
        val_put_printf(one, "url", "%s?score=%d", url, i);
        val_put_printf(one, "text", "%d: %s", i, marks[i]);
    }
    TRY(template_render(cx, kit_templates(cx->kit), "csat/mail", v, &b));
    *out = buf_end(&b);
    return OK;
}

enum status ticket_mail_csat(struct ctx *cx, const struct row *t)
{
    scoped(access_leave) struct access_guard guard = access_enter_system(cx);
    const char *answered, *refs, *html, *base = kit_public_url(cx), *token, *url;
    struct buf b = buf_in(cx->arena, 4000);
    struct letter_to to;
    i64 id = row_id(t);

    token = token_write(cx, TOKEN_RATING, &id, 1, "");
    if (!setting_bool(cx, "service.ask_rating") || text_empty(base) || text_empty(token) ||
        text_is(row_text(t, TICKET_CHANNEL), "handover")) /* they asked for nothing */
        return OK;
    TRY(read_to(cx, t, &to));
    if (text_empty(to.address))
        return OK;
    url = arena_printf(cx->arena, "%s/csat/%s", base, token);
    TRY(csat_html(cx, t, url, &html));
    buf_printf(&b, "Your request \"%s\" (%s) is solved. How did we do?\n\n",
               row_text(t, TICKET_SUBJECT), row_text(t, TICKET_CODE));
    for (int i = (int)countof(marks) - 1; i > 0; i--)
        buf_printf(&b, "%d, %s:\n%s?score=%d\n\n", i, marks[i], url, i);
    TRY(read_thread(cx, t, &answered, &refs));
    return maybe_no_sender(
        cx,
        mail_send(
            cx,
            &(struct mail){
                .lane = MAIL_LANE_PERSON,
                .sender_id = to.sender_id,
                .contact_id = row_i64(t, TICKET_CONTACT),
                .to = to.address,
                .to_name = to.name,
                .subject = arena_printf(cx->arena, "How did we do? [%s]", row_text(t, TICKET_CODE)),
                .html = html,
                .text = buf_end(&b),
                .source = "ticket_rating",
                .source_id = id,
                .key = arena_printf(cx->arena, "ticket-rating:%s.%lld", id_text(cx->arena, id),
                                    (long long)row_i64(t, TICKET_REOPENED)),
                .not_before_ms = ctx_now(cx) + setting_i64(cx, "service.rating_hours") * MS_HOUR,
                .in_reply_to = answered,
                .references = refs,
                .reply_to = to.reply_to,
                .automatic = true,
            },
            NULL));
}

/* It came back before they were asked. */
static enum status on_reopened(struct ctx *cx, const struct happening *h)
{
    return mail_cancel(cx, "ticket_rating", row_id(h->row), "the ticket was opened again", NULL);
}

static const struct setting settings[] = {
    { "service.receipt", FIELD_BOOL, "Say that a ticket has come in",
      "Once a ticket, never to machines.", "true", .group = "Service" },
    { "service.receipt_text", FIELD_LONG, "What the receipt says", NULL,
      "Thank you for writing. Your message has reached us, and we answer as soon as we can. To add "
      "something, just reply to this mail.",
      .group = "Service" },
    { "service.ask_rating", FIELD_BOOL, "Ask how it was after solving", NULL, "true",
      .group = "Service" },
    { "service.rating_hours", FIELD_INT, "Hours from solving to asking", NULL, "4",
      .group = "Service" },
};
static const struct subscription subscriptions[] = { { "ticket.reopened", on_reopened } };
const struct feature feature_ticket_mail = {
    .name = "ticket_mail",
    SETTINGS(settings),
    SUBSCRIPTIONS(subscriptions),
};
