/* inbox.c -- the lead inbox: one screen to work through. Left what waits, most urgent first; right
 * who it is, why now, what they read, and the three answers. */
#include "base/id.h"
#include "bridge/contact.h"
#include "bridge/handoff.h"
#include "kit/filter.h"
#include "kit/pages.h"
#include "kit/show.h"

enum { WAITING_MAX = 100 };

/* A due time with its urgency: late, within the hour, or calm. */
static void put_due(struct ctx *cx, struct val *into, i64 due)
{
    i64 left = due - ctx_now(cx);
    struct val *v = val_put_map(into, "due");

    val_put_bool(val_put_map(v, "is"), "due", true);
    val_put_text(v, "kind", "due");
    val_put_text(v, "tone", left < 0 ? "late" : left < MS_HOUR ? "soon" : "calm");
    val_put_printf(v, "text", "%s %s", left < 0 ? "late," : "due", show_time(cx, due));
    val_put_text(v, "iso", time_iso(cx->arena, due));
    val_put_text(v, "full", show_time_full(cx, due));
}

static enum status put_waiting(struct req *rq, struct list_page *page, i64 picked, struct val *list)
{
    struct ctx *cx = rq->cx;

    for (size_t i = 0; i < page->count; i++) {
        struct row *contact, *r = page->rows[i];
        struct val *one;
        enum status s = record_get(cx, &contact_type, row_i64(r, HANDOFF_CONTACT), &contact);
        if (s == E_NOT_FOUND) { /* in the trash, or not to be seen */
            ctx_clear_error(cx);
            continue;
        }
        TRY(s);
        one = val_add_map(list);
        val_put_printf(one, "url", "/leads?id=%s%s", id_text(cx->arena, row_id(r)),
                       text_empty(req_query(rq, "all")) ? "" : "&all=1");
        val_put_text(one, "text", row_title(cx, contact));
        val_put_text(one, "reason", row_text(r, HANDOFF_REASON));
        val_put_text(one, "score", show_number(cx->arena, row_i64(contact, CONTACT_SCORE)));
        val_put_bool(one, "on", row_id(r) == picked);
        put_due(cx, one, row_i64(r, HANDOFF_DUE));
    }
    return OK;
}

static void put_outcomes(struct val *picked)
{
    struct val *list = val_put_list(picked, "outcomes");

    for (const struct choice *c = handoff_type.fields[HANDOFF_OUTCOME].choices; c->value; c++) {
        struct val *one = val_add_map(list);
        val_put_text(one, "value", c->value);
        val_put_text(one, "text", c->label);
    }
}

/* Facts that a salesperson wants before the first sentence of the call. */
static void put_facts(struct ctx *cx, const struct row *contact, struct val *picked)
{
    static const int shown[] = { CONTACT_EMAIL,   CONTACT_PHONE,    CONTACT_JOB,    CONTACT_COMPANY,
                                 CONTACT_CHANNEL, CONTACT_CAMPAIGN, CONTACT_LANDING };
    struct val *facts = val_put_list(picked, "facts");

    for (size_t i = 0; i < countof(shown); i++) {
        struct val *cell;
        if (!row_has(contact, shown[i]))
            continue;
        cell = row_cell(cx, contact, shown[i]);
        val_put_text(cell, "label", contact_type.fields[shown[i]].label);
        val_add(facts, cell);
    }
}

static enum status put_picked(struct req *rq, const struct row *r, struct val *page)
{
    struct ctx *cx = rq->cx;
    struct val *picked = val_put_map(page, "picked");
    struct row *contact, *from;

    TRY(record_get(cx, &contact_type, row_i64(r, HANDOFF_CONTACT), &contact));
    val_put_text(picked, "text", row_title(cx, contact));
    val_put_text(picked, "url", row_path(cx, contact));
    val_put_text(picked, "action", row_path(cx, r));
    val_put_text(picked, "reason", row_text(r, HANDOFF_REASON));
    val_put_text(picked, "note", row_text(r, HANDOFF_NOTE));
    val_put_text(picked, "because", row_text(r, HANDOFF_BECAUSE));
    val_put_text(picked, "from", "the score");
    if (row_has(r, HANDOFF_FROM) &&
        record_get_named(cx, "user", row_i64(r, HANDOFF_FROM), &from) == OK)
        val_put_text(picked, "from", row_title(cx, from));
    ctx_clear_error(cx);
    val_put_text(picked, "handed_over", show_time(cx, row_created_at(r)));
    val_put_bool(picked, "waits", text_is(row_text(r, HANDOFF_STATUS), "pending"));
    val_put_text(picked, "status", row_show(cx, r, HANDOFF_STATUS));
    put_due(cx, picked, row_i64(r, HANDOFF_DUE));
    put_facts(cx, contact, picked);
    put_outcomes(picked);
    TRY(contact_type.detail(cx, contact, picked));
    return page_timeline(rq, contact, picked);
}

/* GET /leads?id=...&all=1 -- mine, or everybody's whom I may see. */
static enum status inbox(struct req *rq)
{
    struct ctx *cx = rq->cx;
    struct val *page = val_map(cx->arena);
    bool all = !text_empty(req_query(rq, "all"));
    struct list_query query = { .filter = all ? "status = 'pending'"
                                              : "status = 'pending' and owner_id = me",
                                .sort = "due_at",
                                .limit = WAITING_MAX };
    struct list_page waiting;
    struct row *picked = NULL;
    i64 id = 0;

    TRY(list_run(cx, &handoff_type, &query, &waiting));
    if (!text_empty(req_query(rq, "id"))) {
        TRY(req_id(rq, "id", &id));
        TRY(record_get(cx, &handoff_type, id, &picked));
    } else if (waiting.count) {
        picked = waiting.rows[0];
    }
    val_put_text(page, "title", "Leads");
    val_put_printf(page, "count", "%zu waiting", waiting.count);
    val_put_bool(page, "all", all);
    val_put_bool(page, "chosen", !text_empty(req_query(rq, "id")));
    val_put_text(page, "back_url", all ? "/leads?all=1" : "/leads");
    val_put_text(page, "live", "handoff");
    TRY(put_waiting(rq, &waiting, picked ? row_id(picked) : 0, val_put_list(page, "waiting")));
    val_put_bool(page, "has_waiting", waiting.count > 0);
    if (picked)
        TRY(put_picked(rq, picked, page));
    else
        val_put_null(page, "picked");
    return reply(rq, "inbox/page", page);
}

static const struct route routes[] = {
    { HTTP_GET, "/leads", inbox, NEEDS("handoff", VERB_READ) },
};
static const struct menu_item menu[] = {
    { "sales", "Leads", "/leads", "inbox", "handoff", 0 },
};
const struct feature feature_inbox = { .name = "inbox", ROUTES(routes), MENU(menu) };
