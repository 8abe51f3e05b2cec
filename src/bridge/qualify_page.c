/* qualify_page.c -- what is known of a contact or deal, filled in where one works: in the lead
 * inbox and on the pages of contacts and deals. */
#include "base/id.h"
#include "bridge/qualify.h"
#include "kit/filter.h"
#include "kit/show.h"

enum { FRAMEWORKS_MAX = 10, CRITERIA_MAX = 100 };

static bool is_deal(const struct row *of) { return text_is(row_type(of)->name, "deal"); }

static struct row *new_answer(struct ctx *cx, const struct row *of, i64 criterion)
{
    struct row *r = row_new(cx, &answer_type);

    row_set_i64(r, ANSWER_CRITERION, criterion);
    row_set_i64(r, is_deal(of) ? ANSWER_DEAL : ANSWER_CONTACT, row_id(of));
    return r;
}

enum status qualify_answer(struct ctx *cx, const struct row *of, i64 criterion_id,
                           const char *value)
{
    struct row *r;
    i64 id;
    enum status s = db_get_i64(cx, &id, "qualify.answer_of", I64("criterion", criterion_id),
                               I64("contact", is_deal(of) ? 0 : row_id(of)),
                               I64("deal", is_deal(of) ? row_id(of) : 0));

    if (s == E_NOT_FOUND && text_empty(value))
        return OK;
    if (s == E_NOT_FOUND)
        r = new_answer(cx, of, criterion_id);
    else if (s == OK)
        TRY(record_get(cx, &answer_type, id, &r));
    else
        return s;
    row_set_text(r, ANSWER_VALUE, value);
    return record_save(cx, r);
}

/* ---- the panel ---- */
static void put_choice(struct val *list, const char *value, const char *text, const char *chosen)
{
    struct val *one = val_add_map(list);

    val_put_text(one, "value", value);
    val_put_text(one, "text", text);
    val_put_bool(one, "selected", text_is(value, chosen));
}

static void put_choices(struct ctx *cx, const struct row *criterion, const char *value,
                        struct val *list)
{
    struct str rest = str_from(row_text(criterion, CRITERION_CHOICES)), line;

    put_choice(list, "", "", value);
    if (text_is(row_text(criterion, CRITERION_KIND), "yes_no")) {
        put_choice(list, "yes", "Yes", value);
        put_choice(list, "no", "No", value);
        put_choice(list, "unknown", "Unknown", value);
        return;
    }
    while (str_split(&rest, '\n', &line)) {
        struct str part;
        (void)str_split(&line, '=', &part);
        const char *text = str_dup(cx->arena, str_trim(part));
        if (text[0])
            put_choice(list, text, text, value);
    }
}

static void put_criterion(struct ctx *cx, const struct row *c, const char *value, bool answered,
                          i64 share, struct val *list)
{
    struct val *one = val_add_map(list);
    const char *kind = row_text(c, CRITERION_KIND);
    bool chosen = text_is(kind, "yes_no") || text_is(kind, "choice");

    val_put_text(one, "name", row_text(c, CRITERION_NAME));
    val_put_text(one, "question", row_text(c, CRITERION_QUESTION));
    val_put_text(one, "hint", row_text(c, CRITERION_HINT));
    val_put_printf(one, "field", "c_%s", id_text(cx->arena, row_id(c)));
    val_put_text(one, "value", value);
    val_put_bool(one, "chosen", chosen);
    val_put_bool(one, "date", text_is(kind, "date"));
    val_put_bool(one, "amount", text_is(kind, "amount"));
    val_put_bool(one, "written", text_is(kind, "text"));
    val_put_text(one, "tone", !answered ? "grey" : share >= 50 ? "green" : "amber");
    val_put_text(one, "state", !answered ? "open" : share >= 50 ? "met" : "not met");
    if (chosen)
        put_choices(cx, c, value, val_put_list(one, "choices"));
}

/* ---- how much is known ---- */
struct known {
    i64 criteria, answered, weight;
    i64 weighted; /* each weight times the share it is met by */
};

static void put_known(const struct known *k, const char *name, struct val *one)
{
    val_put_text(one, "text", name);
    val_put_printf(one, "answered", "%lld of %lld", (long long)k->answered, (long long)k->criteria);
    val_put_i64(one, "percent", k->criteria ? k->answered * 100 / k->criteria : 0);
    val_put_i64(one, "score", k->weight ? k->weighted / k->weight : 0);
    val_put_text(one, "tone",
                 k->answered == k->criteria ? "green"
                 : k->answered              ? "amber"
                                            : "grey");
}

static const char *form_url(struct ctx *cx, i64 framework, const struct row *of)
{
    return arena_printf(cx->arena, "%s/qualify/%s", row_path(cx, of),
                        id_text(cx->arena, framework));
}

static bool may_read(const struct ctx *cx)
{
    return access_scope(cx->access, "framework", VERB_READ) != SCOPE_NONE &&
           access_scope(cx->access, "criterion", VERB_READ) != SCOPE_NONE &&
           access_scope(cx->access, "qualification_answer", VERB_READ) != SCOPE_NONE;
}

static enum status put_frameworks(struct ctx *cx, const struct row *of, struct val *list)
{
    scoped(stmt_close) struct stmt q =
        db_query(cx, "qualify.known", I64("contact", is_deal(of) ? 0 : row_id(of)),
                 I64("deal", is_deal(of) ? row_id(of) : 0),
                 TEXT("used", is_deal(of) ? "deal" : "lead"), I64("limit", FRAMEWORKS_MAX));

    while (stmt_next(&q)) {
        struct val *one = val_add_map(list);
        val_put_text(one, "form_url", form_url(cx, col_i64(&q, 0), of));
        put_known(&(struct known){ col_i64(&q, 2), col_i64(&q, 3), col_i64(&q, 4), col_i64(&q, 5) },
                  col_text(&q, 1), one);
    }
    return stmt_status(&q);
}

enum status qualify_put(struct ctx *cx, const struct row *of, struct val *page)
{
    struct val *v = val_put_map(page, "qualify"), *list = val_put_list(v, "frameworks");

    if (may_read(cx))
        TRY(put_frameworks(cx, of, list));
    val_put_bool(v, "any", val_count(list) > 0);
    val_put_text(v, "next", "");
    return OK;
}

/* ---- one framework ---- */
static enum status put_criteria(struct ctx *cx, i64 framework, const struct row *of,
                                struct known *known, struct val *rows)
{
    scoped(stmt_close) struct stmt q =
        db_query(cx, "qualify.answers", I64("framework", framework),
                 I64("contact", is_deal(of) ? 0 : row_id(of)),
                 I64("deal", is_deal(of) ? row_id(of) : 0), I64("limit", CRITERIA_MAX));

    while (stmt_next(&q)) {
        bool is = !col_null(&q, 2) && col_i64(&q, 2);
        const char *value = col_null(&q, 5) ? "" : arena_text(cx->arena, col_text(&q, 5));
        i64 share = col_null(&q, 3) ? 0 : col_i64(&q, 3), its = col_i64(&q, 1);
        struct row *c;
        TRY(record_get(cx, &criterion_type, col_i64(&q, 4), &c));
        put_criterion(cx, c, value, is, share, rows);
        known->criteria++;
        known->answered += is;
        known->weight += its;
        known->weighted += is ? its * share : 0;
    }
    return stmt_status(&q);
}

/* GET /{contacts,deals}/:id/qualify/:framework?next= */
static enum status qualify_page(struct req *rq)
{
    struct ctx *cx = rq->cx;
    struct val *page = val_map(cx->arena);
    struct known known = { 0 };
    struct row *of, *framework;
    i64 id;

    TRY(req_id(rq, "id", &id));
    TRY(record_get_named(cx, rq->route->data, id, &of));
    TRY(req_id(rq, "framework", &id));
    TRY(record_get(cx, &framework_type, id, &framework));
    TRY(put_criteria(cx, id, of, &known, val_put_list(page, "criteria")));
    put_known(&known, row_text(framework, FRAMEWORK_NAME), page);
    val_put_printf(page, "title", "%s: %s", row_text(framework, FRAMEWORK_NAME), row_title(cx, of));
    val_put_text(page, "about", row_text(framework, FRAMEWORK_ABOUT));
    val_put_text(page, "record", row_title(cx, of));
    val_put_text(page, "record_url", row_path(cx, of));
    val_put_text(page, "action", form_url(cx, row_id(framework), of));
    val_put_text(page, "next", req_query(rq, "next"));
    val_put_bool(page, "may",
                 cx->access->user_id &&
                     access_scope(cx->access, "qualification_answer", VERB_UPDATE) != SCOPE_NONE);
    return reply(rq, "qualify/page", page);
}

/* POST /{contacts,deals}/:id/qualify/:framework {c_ID: value, next} */
static enum status qualify_post(struct req *rq)
{
    struct ctx *cx = rq->cx;
    const char *next = req_form(rq, "next");
    struct row *of, *framework, *criterion;
    i64 id, of_framework, said = 0;

    TRY(req_id(rq, "id", &id));
    TRY(record_get_named(cx, rq->route->data, id, &of));
    TRY(req_id(rq, "framework", &of_framework));
    TRY(record_get(cx, &framework_type, of_framework, &framework));
    for (size_t i = 0; i < val_count(rq->form); i++) {
        const char *key = val_key_at(rq->form, i);
        i64 which;
        if (strncmp(key, "c_", 2) != 0 || !id_parse(str_from(key + 2), &which))
            continue;
        TRY(record_get(cx, &criterion_type, which, &criterion));
        if (row_i64(criterion, CRITERION_FRAMEWORK) != of_framework)
            return ctx_fail_field(cx, key, "qualification.other_framework",
                                  "%s is no criterion of %s.", row_text(criterion, CRITERION_NAME),
                                  row_text(framework, FRAMEWORK_NAME));
        TRY(qualify_answer(cx, of, which, req_form(rq, key)));
        said++;
    }
    if (said == 0)
        return ctx_fail_code(cx, E_INVALID, "qualification.nothing",
                             "Nothing was said: answer one of the criteria.");
    return reply_done(rq, path_is_local(next) ? next : row_path(cx, of), "%s saved.",
                      row_text(framework, FRAMEWORK_NAME));
}

static const struct route routes[] = {
    { HTTP_GET, "/contacts/:id/qualify/:framework", qualify_page,
      NEEDS("qualification_answer", VERB_READ), .data = "contact" },
    { HTTP_GET, "/deals/:id/qualify/:framework", qualify_page,
      NEEDS("qualification_answer", VERB_READ), .data = "deal" },
    { HTTP_POST, "/contacts/:id/qualify/:framework", qualify_post,
      NEEDS("qualification_answer", VERB_CREATE), .data = "contact" },
    { HTTP_POST, "/deals/:id/qualify/:framework", qualify_post,
      NEEDS("qualification_answer", VERB_CREATE), .data = "deal" },
};
const struct feature feature_qualify_page = { .name = "qualify_page", ROUTES(routes) };
