/* quote_page.c -- a quote's page for those who sell: the document as the customer sees it, how it
 * stands, what was said; and the steps from here: send, revise, answer, print. */
#include "base/id.h"
#include "base/utf8.h"
#include "bridge/contact.h"
#include "kit/pages.h"
#include "kit/show.h"
#include "kit/template.h"
#include "mail/mail.h"
#include "mail/sender.h"
#include "sales/quote_int.h"
#include "sales/tax.h"

enum { MAIL_BYTES = 64 * 1024, MESSAGE_BYTES = 8000 };

/* ---- the page ---- */
/* What the one who looks at it should know first. */
static const char *standing(struct ctx *cx, const struct row *q)
{
    const char *by = row_text(q, QUOTE_SIGNED_BY);

    if (quote_status_is(q, "needs_approval"))
        return "It waits for an approval. A change takes the question back.";
    if (quote_status_is(q, "approved"))
        return "It is approved and can be sent. A change needs a new approval.";
    if (quote_is_open(q) && quote_is_past(cx, q))
        return "Its last day is over: the customer can no longer accept it. Make a new version.";
    if (quote_status_is(q, "sent"))
        return "The customer has not opened it yet.";
    if (quote_status_is(q, "viewed"))
        return arena_printf(cx->arena, "Opened %lld %s, last %s.",
                            (long long)row_i64(q, QUOTE_OPENS),
                            row_i64(q, QUOTE_OPENS) == 1 ? "time" : "times",
                            show_time(cx, row_i64(q, QUOTE_SEEN_AT)));
    if (quote_status_is(q, "accepted"))
        return arena_printf(cx->arena, "Signed by %s, %s. What was signed is kept as a PDF.", by,
                            show_time_full(cx, row_i64(q, QUOTE_DECIDED_AT)));
    if (quote_status_is(q, "declined"))
        return arena_printf(cx->arena, "Declined by %s: %s", by,
                            row_has(q, QUOTE_DECLINED) ? row_text(q, QUOTE_DECLINED)
                                                       : "no reason was given.");
    if (quote_status_is(q, "superseded"))
        return "A newer version has taken its place.";
    if (quote_status_is(q, "expired"))
        return "It expired. Make a new version to offer it again.";
    return "";
}

static enum status put_versions(struct ctx *cx, const struct row *q, struct val *page)
{
    struct val *list = val_put_list(page, "versions");
    struct quote_lines all;

    TRY(quote_versions(cx, q, &all));
    for (size_t i = all.count; i-- > 0;) {
        struct val *v = val_add_map(list);
        val_put_text(v, "text", row_title(cx, all.rows[i]));
        val_put_text(v, "url", row_path(cx, all.rows[i]));
        val_put(v, "status", row_cell(cx, all.rows[i], QUOTE_STATUS));
        val_put_text(v, "total", row_show(cx, all.rows[i], QUOTE_TOTAL));
        val_put_bool(v, "on", row_id(all.rows[i]) == row_id(q));
    }
    val_put_bool(page, "has_versions", all.count > 1);
    val_put_printf(page, "compare_url", "%s/compare", row_path(cx, q));
    return quote_put_ledger(cx, &all, page);
}

enum status quote_detail(struct ctx *cx, const struct row *q, struct val *page)
{
    const char *path = quote_public_path(cx, q);
    bool shared = quote_is_frozen(q);
    struct val *paper;

    TRY(quote_paper_read(cx, q, &paper));
    val_put_text(page, "subtitle", row_text(q, QUOTE_TITLE));
    val_put(page, "paper", paper);
    val_put_bool(page, "choosing", false);
    val_put_text(page, "standing", standing(cx, q));
    val_put_text(page, "tax_label", tax_label(row_text(q, QUOTE_TREATMENT)));
    val_put_text(page, "tax_why", row_text(q, QUOTE_TAX_WHY));
    val_put_text(page, "tax_warn", tax_warning(cx, row_text(q, QUOTE_TREATMENT)));
    val_put_bool(page, "warn",
                 quote_status_is(q, "needs_approval") || quote_status_is(q, "declined") ||
                     (quote_is_open(q) && quote_is_past(cx, q)));
    val_put_text(page, "public_path", shared ? path : "");
    val_put_printf(page, "pdf_url", "%s/pdf", row_path(cx, q));
    val_put_printf(page, "reply_url", "%s/reply", row_path(cx, q));
    val_put_text(page, "file_hash", row_text(q, QUOTE_FILE_HASH));
    val_put_bool(page, "can_reply", shared && page_may(cx, q, VERB_UPDATE));
    val_put_text(page, "build_url",
                 !shared && page_may(cx, q, VERB_UPDATE)
                     ? arena_printf(cx->arena, "%s/build", row_path(cx, q))
                     : "");
    if (shared) /* what was sent has no form */
        val_put_bool(page, "can_edit", false);
    TRY(approvals_put(cx, q, page));
    return put_versions(cx, q, page);
}

/* GET /quotes/:id/pdf */
static enum status pdf_get(struct req *rq)
{
    struct row *q;
    i64 id;

    TRY(req_id(rq, "id", &id));
    TRY(record_get(rq->cx, &quote_type, id, &q));
    return quote_pdf_reply(rq, q);
}

/* POST /deals/:id/quote -- a draft for this deal, straight into the builder. */
static enum status deal_quote_post(struct req *rq)
{
    struct ctx *cx = rq->cx;
    struct row *q = row_new(cx, &quote_type);
    i64 id;

    TRY(req_id(rq, "id", &id));
    row_set_i64(q, QUOTE_DEAL, id);
    TRY(record_save(cx, q));
    return reply_done(rq, arena_printf(cx->arena, "%s/build", row_path(cx, q)),
                      "%s is a draft. Add what you offer.", row_title(cx, q));
}

/* POST /quotes/:id/revise */
static enum status revise_post(struct req *rq)
{
    struct ctx *cx = rq->cx;
    struct row *q, *copy;
    i64 id;

    TRY(req_id(rq, "id", &id));
    TRY(record_get(cx, &quote_type, id, &q));
    TRY(quote_new_version(cx, q, &copy));
    return reply_done(rq, arena_printf(cx->arena, "%s/build", row_path(cx, copy)),
                      "%s is a draft. The customer sees it when you send it.", row_title(cx, copy));
}

/* POST /quotes/:id/reply {text} -- a word that the customer reads on the quote's page. */
static enum status reply_post(struct req *rq)
{
    struct ctx *cx = rq->cx;
    struct row *q, *comment = row_new(cx, &quote_comment_type);
    i64 id;

    TRY(req_id(rq, "id", &id));
    TRY(record_get(cx, &quote_type, id, &q));
    if (!quote_is_frozen(q))
        return ctx_fail_code(cx, E_CONFLICT, "quote.draft",
                             "The customer does not see this version yet. Send it first.");
    TRY(row_parse(cx, comment, COMMENT_TEXT, req_form(rq, "text")));
    row_set_i64(comment, COMMENT_QUOTE, row_id(q));
    TRY(record_save(cx, comment));
    return reply_done(rq, row_path(cx, q), "The customer can read it on the quote's page.");
}

/* ---- sending ---- */
struct sending {
    struct row *quote, *contact; /* NULL: nobody */
    i64 sender_id;               /* 0: there is none */
    bool by_mail;
};

static enum status sending_of(struct ctx *cx, struct row *q, struct sending *s)
{
    enum status got;

    *s = (struct sending){ .quote = q };
    if (row_has(q, QUOTE_CONTACT)) {
        got = record_get(cx, &contact_type, row_i64(q, QUOTE_CONTACT), &s->contact);
        if (got == E_NOT_FOUND) {
            ctx_clear_error(cx);
            s->contact = NULL;
        } else {
            TRY(got);
        }
    }
    got = sender_default(cx, &s->sender_id);
    if (got == E_NOT_FOUND) {
        ctx_clear_error(cx);
        s->sender_id = 0;
        got = OK;
    }
    s->by_mail = s->sender_id && s->contact && row_has(s->contact, CONTACT_EMAIL) &&
                 !text_empty(quote_public_path(cx, q));
    return got;
}

static const char *first_message(struct ctx *cx, const struct sending *s)
{
    const char *first = s->contact ? row_text(s->contact, CONTACT_FIRST) : "";

    return arena_printf(cx->arena,
                        "Hello%s%s,\n\nhere is our quote%s%s. On its page you can ask questions, "
                        "choose options and accept it.\n\nKind regards\n%s",
                        text_empty(first) ? "" : " ", first,
                        row_has(s->quote, QUOTE_TITLE) ? " for " : "",
                        row_text(s->quote, QUOTE_TITLE), cx->access->name);
}

static enum status show_send(struct req *rq, const struct sending *s)
{
    struct ctx *cx = rq->cx;
    struct val *page = val_map(cx->arena), *needs = val_put_list(page, "needs");
    bool typed = rq->form != NULL;
    const struct field_error *e = cx->field_errors;
    const char *error = e ? e->message : cx->error ? cx->error_text : "";

    error = arena_text(cx->arena, error);
    ctx_clear_error(cx);
    val_put_printf(page, "title", "Send %s", row_title(cx, s->quote));
    val_put_text(page, "error", error);
    val_put_text(page, "url", row_path(cx, s->quote));
    val_put_text(page, "total", row_show(cx, s->quote, QUOTE_TOTAL));
    val_put_text(page, "valid", row_show(cx, s->quote, QUOTE_VALID));
    val_put_text(page, "contact", s->contact ? row_title(cx, s->contact) : "");
    val_put_text(page, "email", s->contact ? row_text(s->contact, CONTACT_EMAIL) : "");
    val_put_bool(page, "by_mail", s->by_mail);
    val_put_bool(page, "has_sender", s->sender_id != 0);
    val_put_text(page, "subject",
                 typed ? req_form(rq, "subject")
                       : arena_printf(cx->arena, "Quote %s%s%s", row_text(s->quote, QUOTE_NUMBER),
                                      row_has(s->quote, QUOTE_TITLE) ? ": " : "",
                                      row_text(s->quote, QUOTE_TITLE)));
    val_put_text(page, "message", typed ? req_form(rq, "message") : first_message(cx, s));
    if (!quote_status_is(s->quote, "approved"))
        TRY(approvals_needed(cx, s->quote, needs));
    val_put_bool(page, "needs_any", val_count(needs) > 0);
    return reply(rq, "quote/send", page);
}

static enum status check_sendable(struct ctx *cx, const struct row *q)
{
    struct quote_lines lines;

    if (quote_is_frozen(q))
        return ctx_fail_code(cx, E_CONFLICT, "quote.sent",
                             "This version was sent already. Make a new version to change it.");
    if (quote_status_is(q, "needs_approval"))
        return ctx_fail_code(cx, E_CONFLICT, "quote.needs_approval",
                             "It waits for an approval. It can be sent once it is approved.");
    if (quote_is_past(cx, q))
        return ctx_fail_field(cx, "valid_until", "quote.past",
                              "It was valid until %s. Choose a later day first.",
                              row_show(cx, q, QUOTE_VALID));
    TRY(quote_lines_read(cx, row_id(q), &lines));
    for (size_t i = 0; i < lines.count; i++)
        if (!text_is(row_text(lines.rows[i], LINE_KIND), "section"))
            return OK;
    return ctx_fail_field(cx, "lines", "quote.empty", "It has no lines yet. Add what you offer.");
}

static enum status mail_it(struct req *rq, const struct sending *s)
{
    struct ctx *cx = rq->cx;
    struct buf html = buf_in(cx->arena, MAIL_BYTES);
    struct val *v = val_map(cx->arena);
    const char *message = utf8_cut(cx->arena, req_form(rq, "message"), MESSAGE_BYTES),
               *subject = req_form(rq, "subject"),
               *url = arena_printf(cx->arena, "%s%s", web_public_url(rq),
                                   quote_public_path(cx, s->quote));

    if (text_empty(subject))
        subject = arena_printf(cx->arena, "Quote %s", row_text(s->quote, QUOTE_NUMBER));
    val_put_text(v, "title", subject);
    val_put_text(v, "url", url);
    val_put_text(v, "number", row_title(cx, s->quote));
    val_put_text(v, "total", row_show(cx, s->quote, QUOTE_TOTAL));
    struct val *lines = val_put_list(v, "lines");
    for (struct str rest = str_from(message), line; str_split(&rest, '\n', &line);)
        val_put_text(
            val_add_map(lines), "text",
            str_dup(cx->arena,
                    (struct str){ line.p, line.len && line.p[line.len - 1] == '\r' ? line.len - 1
                                                                                   : line.len }));
    TRY(template_render(cx, kit_templates(cx->kit), "quote/mail", v, &html));
    struct mail m = {
        .lane = MAIL_LANE_PERSON,
        .sender_id = s->sender_id,
        .contact_id = row_id(s->contact),
        .to = row_text(s->contact, CONTACT_EMAIL),
        .to_name = row_title(cx, s->contact),
        .subject = subject,
        .html = buf_end(&html),
        .text = arena_printf(cx->arena, "%s\n\n%s\n", message, url),
        .source = "quote",
        .source_id = row_id(s->quote),
        .key = arena_printf(cx->arena, "quote/%s", id_text(cx->arena, row_id(s->quote))),
        .user_id = cx->access->user_id,
    };
    return mail_send(cx, &m, NULL);
}

/* GET /quotes/:id/send */
static enum status send_get(struct req *rq)
{
    struct sending s;
    struct row *q;
    i64 id;

    TRY(req_id(rq, "id", &id));
    TRY(record_get(rq->cx, &quote_type, id, &q));
    TRY(sending_of(rq->cx, q, &s));
    (void)!check_sendable(rq->cx, q); /* said on the page */
    return show_send(rq, &s);
}

static enum status send_it(struct req *rq, struct sending *s)
{
    struct ctx *cx = rq->cx;
    size_t asked = 0;

    TRY(check_sendable(cx, s->quote));
    if (!quote_status_is(s->quote, "approved"))
        TRY(quote_ask_approval(cx, s->quote, &asked));
    if (asked > 0)
        return reply_done(rq, row_path(cx, s->quote),
                          "%s has to be approved first. %zu %s asked; you are told when it can go.",
                          row_title(cx, s->quote), asked,
                          asked == 1 ? "person was" : "people were");
    TRY(quote_mark_sent(cx, s->quote));
    if (s->by_mail)
        TRY(mail_it(rq, s));
    if (s->by_mail)
        return reply_done(rq, row_path(cx, s->quote), "Sent to %s.",
                          row_text(s->contact, CONTACT_EMAIL));
    return reply_done(rq, row_path(cx, s->quote),
                      "Ready. Copy the link below and give it to the customer.");
}

/* POST /quotes/:id/send {subject, message} */
static enum status send_post(struct req *rq)
{
    struct ctx *cx = rq->cx;
    struct sending s;
    struct row *q;
    enum status done;
    i64 id;

    TRY(req_id(rq, "id", &id));
    TRY(record_get(cx, &quote_type, id, &q));
    if (!page_may(cx, q, VERB_UPDATE))
        return ctx_fail(cx, E_FORBIDDEN, "You may not send this quote.");
    TRY(sending_of(cx, q, &s));
    done = send_it(rq, &s);
    if (done != E_INVALID || rq->wants_json)
        return done;
    reply_status(rq, 422);
    return show_send(rq, &s);
}

static const struct route routes[] = {
    { HTTP_GET, "/quotes/:id/pdf", pdf_get, NEEDS("quote", VERB_READ),
      .summary = "The quote as a PDF; once signed, the file that was signed" },
    { HTTP_POST, "/deals/:id/quote", deal_quote_post, NEEDS("quote", VERB_CREATE),
      .summary = "A new quote for a deal" },
    { HTTP_POST, "/quotes/:id/revise", revise_post, NEEDS("quote", VERB_CREATE),
      .summary = "A new version of a quote that was sent" },
    { HTTP_POST, "/quotes/:id/reply", reply_post, NEEDS("quote", VERB_UPDATE),
      .summary = "Answers the customer on the quote's page" },
    { HTTP_GET, "/quotes/:id/send", send_get, NEEDS("quote", VERB_UPDATE) },
    { HTTP_POST, "/quotes/:id/send", send_post, NEEDS("quote", VERB_UPDATE),
      .summary = "Sends a quote, or asks for its approval" },
};
const struct feature feature_quote_page = { .name = "quote_page", ROUTES(routes) };
