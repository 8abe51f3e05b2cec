/* consent_page.c -- a contact's consent on one page: what is true now of each topic, everything
 * that led there with its evidence, and a form for what they told a colleague. */
#include "base/id.h"
#include "bridge/consent.h"
#include "bridge/contact.h"
#include "kit/kinds.h"
#include "kit/show.h"
#include "kit/web.h"

enum { ACTS_SHOWN = 200 };

static const char *label_of(const struct choice *choices, const char *value, const char **color)
{
    for (int i = 0; choices[i].value; i++)
        if (text_is(choices[i].value, value)) {
            *color =
                choices[i].color && !text_is(choices[i].color, "gray") ? choices[i].color : "grey";
            return choices[i].label;
        }
    *color = "grey";
    return "Nothing was ever said";
}

static void put_when(struct ctx *cx, struct val *into, i64 at)
{
    struct val *when = val_put_map(into, "when");

    val_put_text(when, "text", show_time(cx, at));
    val_put_text(when, "iso", time_iso(cx->arena, at));
    val_put_text(when, "full", show_time_full(cx, at));
}

static enum status put_topics(struct ctx *cx, i64 contact_id, struct val *page)
{
    struct val *list = val_put_list(page, "topics");
    scoped(stmt_close) struct stmt q =
        db_query(cx, "consent.of_contact", I64("contact", contact_id));

    while (stmt_next(&q)) {
        struct val *one = val_add_map(list);
        const char *color, *state = arena_text(cx->arena, col_text(&q, 4));
        bool interest = text_is(col_text(&q, 3), "interest") && state[0] == '\0';
        val_put_text(one, "id", id_text(cx->arena, col_i64(&q, 0)));
        val_put_text(one, "name", col_text(&q, 2));
        val_put_text(one, "state",
                     interest
                         ? "Gets it until they object"
                         : label_of(consent_type.fields[CONSENT_STATE].choices, state, &color));
        val_put_text(one, "color", interest ? "green" : color);
        val_put_bool(one, "known", state[0] != '\0');
        put_when(cx, one, col_i64(&q, 5));
    }
    return stmt_status(&q);
}

static enum status put_acts(struct ctx *cx, i64 contact_id, struct val *page)
{
    static const struct {
        const char *label;
        int column;
    } facts[] = { { "In these words", 4 },
                  { "Mail address then", 5 },
                  { "From the IP address", 6 },
                  { "Note", 8 },
                  { "Recorded by", 9 } };
    struct val *list = val_put_list(page, "acts");
    scoped(stmt_close) struct stmt q =
        db_query(cx, "consent.acts", I64("contact", contact_id), I64("limit", ACTS_SHOWN));

    while (stmt_next(&q)) {
        struct val *one = val_add_map(list), *evidence = val_put_list(one, "evidence");
        const char *color;
        put_when(cx, one, col_i64(&q, 0));
        val_put_text(one, "topic", col_text(&q, 1));
        val_put_text(one, "state",
                     label_of(consent_type.fields[CONSENT_STATE].choices, col_text(&q, 2), &color));
        val_put_text(one, "color", color);
        val_put_text(
            one, "source",
            label_of(consent_type.fields[CONSENT_SOURCE].choices, col_text(&q, 3), &color));
        val_put_text(one, "record", path_is_local(col_text(&q, 7)) ? col_text(&q, 7) : "");
        for (size_t i = 0; i < countof(facts); i++) {
            if (text_empty(col_text(&q, facts[i].column)))
                continue;
            struct val *fact = val_add_map(evidence);
            val_put_text(fact, "label", facts[i].label);
            val_put_text(fact, "text", col_text(&q, facts[i].column));
        }
    }
    val_put_bool(page, "has_acts", val_count(list) > 0);
    return stmt_status(&q);
}

static enum status put_suppression(struct ctx *cx, const struct row *contact, struct val *page)
{
    const char *address = row_text(contact, CONTACT_EMAIL), *color;

    if (text_empty(address))
        return OK;
    scoped(stmt_close) struct stmt q =
        db_query(cx, "suppression.of_address", TEXT("address", kind_email.fold(cx->arena, address)),
                 I64("now", ctx_now(cx)));
    if (stmt_next(&q)) {
        struct val *v = val_put_map(page, "suppressed");
        val_put_text(v, "address", address);
        val_put_text(
            v, "reason",
            label_of(suppression_type.fields[SUPPRESSION_REASON].choices, col_text(&q, 1), &color));
        val_put_printf(v, "url", "/suppressions/%s", id_text(cx->arena, col_i64(&q, 0)));
    }
    return stmt_status(&q);
}

static enum status show(struct req *rq, struct row *contact, const char *error)
{
    struct ctx *cx = rq->cx;
    struct val *page = val_map(cx->arena), *crumbs = val_put_list(page, "crumbs"), *crumb;

    crumb = val_add_map(crumbs);
    val_put_text(crumb, "text", "Contacts");
    val_put_text(crumb, "url", "/contacts");
    crumb = val_add_map(crumbs);
    val_put_text(crumb, "text", row_title(cx, contact));
    val_put_text(crumb, "url", row_path(cx, contact));
    val_put_text(page, "title", "Consent");
    val_put_text(page, "person", row_title(cx, contact));
    val_put_text(page, "url", row_path(cx, contact));
    val_put_text(page, "error", error);
    val_put_text(page, "note", req_form(rq, "note"));
    val_put_bool(page, "may_write", access_scope(cx->access, "contact", VERB_UPDATE) != SCOPE_NONE);
    TRY(put_topics(cx, row_id(contact), page));
    TRY(put_acts(cx, row_id(contact), page));
    TRY(put_suppression(cx, contact, page));
    if (error[0])
        reply_status(rq, 422);
    return reply(rq, "consent/page", page);
}

static enum status contact_of(struct req *rq, struct row **contact)
{
    i64 id;

    TRY(req_id(rq, "id", &id));
    return record_get(rq->cx, &contact_type, id, contact);
}

/* GET /contacts/:id/consent */
static enum status consent_show(struct req *rq)
{
    struct row *contact;

    TRY(contact_of(rq, &contact));
    return show(rq, contact, "");
}

/* POST /contacts/:id/consent {topic, said: given | withdrawn, note} */
static enum status consent_record(struct req *rq)
{
    struct ctx *cx = rq->cx;
    const char *said = req_form(rq, "said"),
               *note = str_dup(cx->arena, str_trim(str_from(req_form(rq, "note"))));
    struct consent_evidence e = { .source = "colleague", .note = note, .confirmed = true };
    struct row *contact, *topic;
    const char *error = "";

    TRY(contact_of(rq, &contact));
    TRY(req_id(rq, "topic", &e.topic_id));
    TRY(record_get(cx, &topic_type, e.topic_id, &topic));
    e.contact_id = row_id(contact);
    if (text_empty(note))
        error = "Say when and how they told you: without it there is no evidence.";
    else if (!text_is(said, "given") && !text_is(said, "withdrawn"))
        error = "Choose what they said.";
    if (error[0] && rq->wants_json)
        return ctx_fail_field(cx, text_empty(note) ? "note" : "said", "required", "%s", error);
    if (error[0])
        return show(rq, contact, error);
    TRY(text_is(said, "given") ? consent_give(cx, &e, NULL) : consent_withdraw(cx, &e));
    return reply_done(rq, arena_printf(cx->arena, "%s/consent", row_path(cx, contact)),
                      "Recorded: %s, %s.", row_text(topic, TOPIC_NAME),
                      text_is(said, "given") ? "given" : "taken back");
}

static const struct route routes[] = {
    { HTTP_GET, "/contacts/:id/consent", consent_show, NEEDS("contact", VERB_READ) },
    { HTTP_POST, "/contacts/:id/consent", consent_record, NEEDS("contact", VERB_UPDATE),
      .summary = "Records what a contact told a colleague about a topic" },
};
const struct feature feature_consent_page = { .name = "consent_page", ROUTES(routes) };
