/* card.c -- playbooks and battlecards: which ones fit a deal, what stands on them, and what was
 * ticked off. */
#include "sales/card.h"
#include "base/id.h"
#include "base/limits.h"
#include "io/http.h"
#include "kit/filter.h"
#include "kit/pages.h"
#include "sales/deal.h"

enum {
    CARDS_MOST = 100,
    SHOWN_MOST = 8,
    LINES_MOST = 40,
    RIVALS_MOST = 20,
    STEPS_MOST = 500,
    STEP_BYTES = 300
};

static const struct field fields[] = {
    [CARD_NAME] = { "name", FIELD_TEXT, "Name", REQUIRED | LISTED | SEARCHED | UNIQUE,
                    .max_len = 120 },
    [CARD_KIND] = { "kind", FIELD_CHOICE, "Kind", REQUIRED | LISTED, .otherwise = "playbook",
                    .choices = CHOICES({ "playbook", "Playbook", "blue" },
                                       { "battlecard", "Battlecard", "violet" }) },
    [CARD_ACTIVE] = { "active", FIELD_BOOL, "In use", LISTED, .otherwise = "true" },
    [CARD_POSITION] = { "position", FIELD_INT, "Order", INDEXED, .min = 0, .max = 1000,
                        .otherwise = "10", .help = "Lower ones stand first." },
    [CARD_STAGE] = { "stage_id", FIELD_REF, "In stage", LISTED, .ref = "stage",
                     .group = "When it shows",
                     .help = "All that is said here must hold; what is empty does not matter." },
    [CARD_PRODUCT] = { "product_id", FIELD_REF, "With product", LISTED, .ref = "product",
                       .help = "On one of the deal's quotes." },
    [CARD_COMPETITOR] = { "competitor_id", FIELD_REF, "Against", LISTED, .ref = "competitor" },
    [CARD_FILTER] = { "filter", FIELD_LONG, "For deals where", 0, .max_len = 4000,
                      .help = "Conditions as in lists of deals: amount > 20000 and "
                              "company_id.country = 'Italy'." },
    [CARD_STEPS] = { "steps", FIELD_LONG, "Steps", 0, .max_len = 8000, .group = "What it says",
                     .help = "A line each. They can be ticked off on the deal." },
    [CARD_POINTS] = { "points", FIELD_LONG, "Talking points", 0, .max_len = 8000,
                      .help = "A line each." },
    [CARD_OBJECTIONS] = { "objections", FIELD_LONG, "Objections and answers", 0, .max_len = 8000,
                          .help =
                              "A line each: too expensive = count the seasons, not the probes." },
};
_Static_assert(countof(fields) == CARD_FIELDS, "enum and table differ");

static const struct field step_fields[] = {
    [TICK_DEAL] = { "deal_id", FIELD_REF, "Deal", REQUIRED | LISTED | CREATE_ONLY, .ref = "deal" },
    [TICK_CARD] = { "card_id", FIELD_REF, "Card", REQUIRED | LISTED | CREATE_ONLY,
                    .ref = "sales_card" },
    [TICK_TEXT] = { "text", FIELD_TEXT, "Step", REQUIRED | LISTED, .max_len = STEP_BYTES },
};
_Static_assert(countof(step_fields) == TICK_FIELDS, "enum and table differ");

static enum status card_validate(struct ctx *cx, struct row *r)
{
    struct filter *f;

    if (filter_parse(cx, &deal_type, row_text(r, CARD_FILTER), &f) != OK) {
        const char *why = cx->error_text;
        ctx_clear_error(cx);
        return ctx_fail_field(cx, "filter", "sales_card.filter", "%s", why);
    }
    return OK;
}

/* ---- which fit ---- */
struct deal_facts {
    const struct row *deal;
    i64 rivals[RIVALS_MOST];
    size_t rival_count;
    struct row *steps[STEPS_MOST];
    size_t step_count;
};

static enum status read_facts(struct ctx *cx, const struct row *deal, struct deal_facts *f)
{
    const char *of = arena_printf(cx->arena, "deal_id = '%s'", id_text(cx->arena, row_id(deal)));
    struct list_query q = { .filter = of, .limit = RIVALS_MOST }, s = { .filter = of };
    struct list_page page;

    f->deal = deal;
    if (access_scope(cx->access, "deal_competitor", VERB_READ) != SCOPE_NONE) {
        TRY(list_run(cx, &deal_competitor_type, &q, &page));
        for (size_t i = 0; i < page.count; i++)
            f->rivals[f->rival_count++] = row_i64(page.rows[i], RIVAL_COMPETITOR);
    }
    s.limit = LIMIT_LIST_ROWS;
    if (access_scope(cx->access, "card_step", VERB_READ) != SCOPE_NONE) {
        TRY(list_run(cx, &card_step_type, &s, &page));
        for (size_t i = 0; i < page.count && f->step_count < STEPS_MOST; i++)
            f->steps[f->step_count++] = page.rows[i];
    }
    return OK;
}

static enum status fits(struct ctx *cx, const struct row *card, const struct deal_facts *f,
                        bool *yes)
{
    struct filter *filter;
    i64 count = 0;

    *yes = false;
    if (row_has(card, CARD_STAGE) && row_i64(card, CARD_STAGE) != row_i64(f->deal, DEAL_STAGE))
        return OK;
    if (row_has(card, CARD_COMPETITOR)) {
        bool met = false;
        for (size_t i = 0; i < f->rival_count; i++)
            met |= f->rivals[i] == row_i64(card, CARD_COMPETITOR);
        if (!met)
            return OK;
    }
    if (row_has(card, CARD_PRODUCT)) {
        TRY(list_count(cx, type_find(cx, "quote_line"),
                       arena_printf(cx->arena, "quote_id.deal_id = '%s' and product_id = '%s'",
                                    id_text(cx->arena, row_id(f->deal)),
                                    id_text(cx->arena, row_i64(card, CARD_PRODUCT))),
                       "", 1, &count));
        if (count == 0)
            return OK;
    }
    if (filter_parse(cx, &deal_type, row_text(card, CARD_FILTER), &filter) != OK) {
        ctx_clear_error(cx); /* it fitted once: a field is gone, or not this user's to see */
        return OK;
    }
    return filter_match(cx, filter, f->deal, yes);
}

/* ---- what stands on them ---- */
static const struct row *step_done(const struct deal_facts *f, i64 card, const char *text)
{
    for (size_t i = 0; i < f->step_count; i++)
        if (row_i64(f->steps[i], TICK_CARD) == card &&
            text_is(row_text(f->steps[i], TICK_TEXT), text))
            return f->steps[i];
    return NULL;
}

static size_t lines_of(struct ctx *cx, const char *text, const char **lines)
{
    struct str rest = str_from(text), line;
    size_t count = 0;

    while (count < LINES_MOST && str_split(&rest, '\n', &line)) {
        line = str_trim(line);
        if (line.len > STEP_BYTES)
            line.len = STEP_BYTES;
        if (line.len > 0)
            lines[count++] = str_dup(cx->arena, line);
    }
    return count;
}

static void put_lines(struct ctx *cx, const char *text, const char *name, struct val *into)
{
    const char *lines[LINES_MOST];
    size_t count = lines_of(cx, text, lines);
    struct val *list = val_put_list(into, name);

    for (size_t i = 0; i < count; i++)
        val_put_text(val_add_map(list), "text", lines[i]);
    val_put_bool(into, arena_printf(cx->arena, "has_%s", name), count > 0);
}

static void put_objections(struct ctx *cx, const char *text, struct val *into)
{
    const char *lines[LINES_MOST];
    size_t count = lines_of(cx, text, lines);
    struct val *list = val_put_list(into, "objections");

    for (size_t i = 0; i < count; i++) {
        struct val *one = val_add_map(list);
        const char *mark = strstr(lines[i], " = ");
        val_put_text(one, "text",
                     mark ? arena_dup(cx->arena, lines[i], (size_t)(mark - lines[i])) : lines[i]);
        val_put_text(one, "answer", mark ? mark + 3 : "");
    }
    val_put_bool(into, "has_objections", count > 0);
}

static void put_steps(struct ctx *cx, const struct row *card, const struct deal_facts *f,
                      struct val *into)
{
    const char *lines[LINES_MOST];
    size_t count = lines_of(cx, row_text(card, CARD_STEPS), lines), done = 0;
    struct val *list = val_put_list(into, "steps");

    for (size_t i = 0; i < count; i++) {
        struct val *one = val_add_map(list);
        const struct row *step = step_done(f, row_id(card), lines[i]);
        val_put_text(one, "text", lines[i]);
        val_put_bool(one, "done", step != NULL);
        done += step != NULL;
    }
    val_put_bool(into, "has_steps", count > 0);
    val_put_text(into, "progress",
                 count ? arena_printf(cx->arena, "%zu of %zu done", done, count) : "");
}

static enum status put_rival(struct ctx *cx, i64 id, struct val *into)
{
    struct row *r;
    const char *text = "";
    i64 won, closed;
    enum status s = record_get(cx, &competitor_type, id, &r);

    val_put_bool(into, "rival", s == OK);
    if (s == E_NOT_FOUND || s == E_FORBIDDEN) {
        ctx_clear_error(cx);
        return OK;
    }
    TRY(s);
    TRY(deals_won_share(cx, deals_with_rival(cx, id), &won, &closed, &text));
    val_put_text(into, "rival_name", row_text(r, COMPETITOR_NAME));
    val_put_text(into, "rival_url", row_path(cx, r));
    val_put_text(into, "win_rate", text);
    val_put_text(into, "answer", row_text(r, COMPETITOR_ANSWER));
    put_lines(cx, row_text(r, COMPETITOR_STRENGTHS), "strengths", into);
    put_lines(cx, row_text(r, COMPETITOR_WEAKNESSES), "weaknesses", into);
    return OK;
}

static enum status put_card(struct ctx *cx, const struct row *card, const struct deal_facts *f,
                            struct val *list)
{
    struct val *one = val_add_map(list);

    val_put_text(one, "id", id_text(cx->arena, row_id(card)));
    val_put_text(one, "name", row_text(card, CARD_NAME));
    val_put_text(one, "kind", row_show(cx, card, CARD_KIND));
    val_put_text(one, "url", row_path(cx, card));
    put_steps(cx, card, f, one);
    put_lines(cx, row_text(card, CARD_POINTS), "points", one);
    put_objections(cx, row_text(card, CARD_OBJECTIONS), one);
    val_put_bool(one, "rival", false);
    return row_has(card, CARD_COMPETITOR) ? put_rival(cx, row_i64(card, CARD_COMPETITOR), one) : OK;
}

enum status cards_put(struct ctx *cx, const struct row *deal, struct val *page)
{
    struct val *cards = val_put_map(page, "cards"), *list = val_put_list(cards, "list");
    struct list_query q = { .filter = "active = true", .sort = "position", .limit = CARDS_MOST };
    struct deal_facts *f = NEW(cx->arena, struct deal_facts);
    struct list_page all;

    val_put_bool(cards, "may",
                 page_may(cx, deal, VERB_UPDATE) &&
                     access_scope(cx->access, "card_step", VERB_CREATE));
    val_put_printf(cards, "tick_url", "%s/card", row_path(cx, deal));
    val_put_printf(cards, "rival_url", "/deal-competitors/new?deal_id=%s",
                   id_text(cx->arena, row_id(deal)));
    if (text_is(row_text(deal, DEAL_STATUS), "open") &&
        access_scope(cx->access, "sales_card", VERB_READ) != SCOPE_NONE) {
        TRY(read_facts(cx, deal, f));
        TRY(list_run(cx, &sales_card_type, &q, &all));
        for (size_t i = 0; i < all.count && val_count(list) < SHOWN_MOST; i++) {
            bool yes;
            TRY(fits(cx, all.rows[i], f, &yes));
            if (yes)
                TRY(put_card(cx, all.rows[i], f, list));
        }
    }
    val_put_bool(cards, "any", val_count(list) > 0);
    return OK;
}

/* ---- ticking off ---- */
/* POST /deals/:id/card {card, text, done} -- again changes nothing. */
static enum status tick_post(struct req *rq)
{
    struct ctx *cx = rq->cx;
    const char *text = req_form(rq, "text"), *lines[LINES_MOST];
    bool known = false;
    struct deal_facts *f = NEW(cx->arena, struct deal_facts);
    struct row *deal, *card, *r;
    i64 id;

    TRY(page_record(rq, &deal_type, &deal));
    if (!page_may(cx, deal, VERB_UPDATE))
        return ctx_fail(cx, E_FORBIDDEN, "You may read this deal, not change it.");
    TRY(req_id(rq, "card", &id));
    TRY(record_get(cx, &sales_card_type, id, &card));
    size_t count = lines_of(cx, row_text(card, CARD_STEPS), lines);
    for (size_t i = 0; i < count; i++)
        known |= text_is(lines[i], text);
    if (!known)
        return ctx_fail_code(cx, E_CONFLICT, "sales_card.step",
                             "The card has no such step any more. Look at the deal again.");
    TRY(read_facts(cx, deal, f));
    const struct row *done = step_done(f, id, text);
    if (text_is(req_form(rq, "done"), "false")) {
        if (done != NULL) {
            TRY(record_get(cx, &card_step_type, row_id(done), &r));
            TRY(record_delete(cx, r));
        }
    } else if (done == NULL) {
        r = row_new(cx, &card_step_type);
        row_set_i64(r, TICK_DEAL, row_id(deal));
        row_set_i64(r, TICK_CARD, id);
        row_set_text(r, TICK_TEXT, text);
        TRY(record_save(cx, r));
    }
    return reply_redirect(rq, arena_printf(cx->arena, "%s#cards", row_path(cx, deal)));
}

/* How deals went on which it was used, beside those on which it was not. */
static enum status card_detail(struct ctx *cx, const struct row *r, struct val *page)
{
    const char *id = id_text(cx->arena, row_id(r)), *used = "", *other = "";
    const char *with = arena_printf(cx->arena, "count(card_step where card_id = '%s') > 0", id);
    const char *without = arena_printf(cx->arena, "count(card_step where card_id = '%s') = 0", id);
    i64 won, closed;

    if (access_scope(cx->access, "deal", VERB_READ) != SCOPE_NONE) {
        TRY(deals_won_share(cx, with, &won, &closed, &used));
        TRY(deals_won_share(cx, without, &won, &closed, &other));
    }
    val_put_text(page, "used", used);
    val_put_text(page, "other", other);
    val_put_printf(page, "deals_url", "/deals?filter=%s", http_url_encode(cx->arena, with));
    return OK;
}

const struct record_type sales_card_type = {
    .name = "sales_card",
    .label = "Card",
    .plural = "Sales cards",
    .path = "sales-cards",
    .icon = "book",
    .section = "sales",
    .menu_order = MENU_SELDOM + 41,
    .sort = "name",
    .title = CARD_NAME,
    .fields = fields,
    .field_count = CARD_FIELDS,
    .empty = "How you sell, and what to say against whom: cards that show on a deal's page by its "
             "stage, products and competitors, with steps to tick off.",
    .validate = card_validate,
    .detail = card_detail,
    .detail_template = "card/detail",
};
const struct record_type card_step_type = {
    .name = "card_step",
    .label = "Step done",
    .plural = "Steps done",
    .path = "card-steps",
    .icon = "checkbox",
    .sort = "created_at",
    .title = TICK_TEXT,
    .fields = step_fields,
    .field_count = TICK_FIELDS,
    .flags = TYPE_SYSTEM,
    .empty = "What was ticked off of playbooks and battlecards.",
};

static const struct route routes[] = {
    { HTTP_POST, "/deals/:id/card", tick_post, NEEDS("deal", VERB_UPDATE) },
};
const struct feature feature_card = { .name = "card",
                                      TYPES(&sales_card_type, &card_step_type),
                                      ROUTES(routes) };
