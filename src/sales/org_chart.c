/* org_chart.c -- who reports to whom at a company, drawn from its contacts, with their roles in
 * what it buys. A list of lists: it reads well on a phone, by keyboard and aloud. */
#include "base/id.h"
#include "base/limits.h"
#include "bridge/company.h"
#include "bridge/contact.h"
#include "kit/filter.h"
#include "kit/pages.h"
#include "kit/show.h"
#include "sales/relation.h"

enum { PEOPLE_MAX = LIMIT_LIST_ROWS, ROLES_MAX = LIMIT_LIST_ROWS, DEEPEST = 8 };

struct chart {
    struct ctx *cx;
    struct list_page people, roles;
    bool placed[PEOPLE_MAX];
    struct val *nodes;
    const char *action;
    bool may_change;
};

static size_t index_of(const struct chart *c, i64 id)
{
    for (size_t i = 0; i < c->people.count; i++)
        if (row_id(c->people.rows[i]) == id)
            return i;
    return c->people.count;
}

static i64 boss_of(const struct chart *c, size_t i)
{
    return row_i64(c->people.rows[i], CONTACT_REPORTS);
}

static void put_roles(const struct chart *c, const struct row *person, struct val *node)
{
    struct val *list = val_put_list(node, "roles");

    for (size_t i = 0; i < c->roles.count; i++) {
        const struct row *r = c->roles.rows[i];
        struct val *one;
        if (row_i64(r, ROLE_OF_CONTACT) != row_id(person))
            continue;
        one = val_add_map(list);
        val_put_text(one, "text", row_show(c->cx, r, ROLE_OF_KIND));
        val_put_text(one, "stance",
                     row_has(r, ROLE_OF_STANCE) ? row_show(c->cx, r, ROLE_OF_STANCE) : "");
        val_put_text(one, "deal", row_has(r, ROLE_OF_DEAL) ? row_show(c->cx, r, ROLE_OF_DEAL) : "");
        val_put_text(one, "url", row_path(c->cx, r));
    }
}

static void put_bosses(const struct chart *c, size_t self, struct val *node)
{
    struct val *list = val_put_list(node, "bosses");

    for (size_t i = 0; i < c->people.count; i++) {
        struct val *one;
        if (i == self)
            continue;
        one = val_add_map(list);
        val_put_text(one, "value", id_text(c->cx->arena, row_id(c->people.rows[i])));
        val_put_text(one, "text", row_title(c->cx, c->people.rows[i]));
        val_put_bool(one, "on", row_id(c->people.rows[i]) == boss_of(c, self));
    }
}

static void put_person(struct chart *c, size_t i, int depth)
{
    const struct row *r = c->people.rows[i];
    struct val *node = val_add_map(c->nodes);
    size_t boss = index_of(c, boss_of(c, i));

    c->placed[i] = true;
    val_put_text(node, "text", row_title(c->cx, r));
    val_put_text(node, "url", row_path(c->cx, r));
    val_put_text(node, "id", id_text(c->cx->arena, row_id(r)));
    val_put_text(node, "job", row_text(r, CONTACT_JOB));
    val_put_printf(node, "depth", "%d", depth < DEEPEST ? depth : DEEPEST);
    val_put_printf(node, "level", "%d", depth + 1);
    val_put_text(node, "boss",
                 boss < c->people.count ? row_title(c->cx, c->people.rows[boss]) : "");
    put_roles(c, r, node);
    if (c->may_change)
        put_bosses(c, i, node);
    for (size_t j = 0; j < c->people.count; j++)
        if (!c->placed[j] && boss_of(c, j) == row_id(r))
            put_person(c, j, depth + 1);
}

static bool leads_somebody(const struct chart *c, size_t i)
{
    for (size_t j = 0; j < c->people.count; j++)
        if (boss_of(c, j) == row_id(c->people.rows[i]))
            return true;
    return false;
}

/* First those on top who lead somebody, each with everybody below; then who has no place yet. */
static void put_all(struct chart *c, struct val *page)
{
    c->nodes = val_put_list(page, "tree");
    for (size_t i = 0; i < c->people.count; i++)
        if (!c->placed[i] && index_of(c, boss_of(c, i)) == c->people.count && leads_somebody(c, i))
            put_person(c, i, 0);
    val_put_bool(page, "has_tree", val_count(c->nodes) > 0);
    c->nodes = val_put_list(page, "others");
    for (size_t i = 0; i < c->people.count; i++)
        if (!c->placed[i])
            put_person(c, i, 0);
    val_put_bool(page, "has_others", val_count(c->nodes) > 0);
}

static enum status show_chart(struct req *rq, const struct row *company)
{
    struct ctx *cx = rq->cx;
    struct val *page = val_map(cx->arena);
    struct chart c = { .cx = cx };
    const char *of =
        arena_printf(cx->arena, "company_id = '%s'", id_text(cx->arena, row_id(company)));

    TRY(list_run(cx, &contact_type,
                 &(struct list_query){ .filter = of, .sort = "last_name", .limit = PEOPLE_MAX },
                 &c.people));
    if (access_scope(cx->access, "buying_role", VERB_READ) != SCOPE_NONE)
        TRY(list_run(cx, &buying_role_type,
                     &(struct list_query){ .filter = of, .limit = ROLES_MAX }, &c.roles));
    TRY(rows_load_titles(cx, c.roles.rows, c.roles.count));
    c.may_change = access_scope(cx->access, "contact", VERB_UPDATE) != SCOPE_NONE;
    val_put_printf(page, "title", "People at %s", row_title(cx, company));
    val_put_text(page, "company_url", row_path(cx, company));
    val_put_text(page, "action", arena_printf(cx->arena, "%s/chart", row_path(cx, company)));
    val_put_printf(page, "add_url", "/contacts/new?company_id=%s",
                   id_text(cx->arena, row_id(company)));
    val_put_text(page, "error", cx->field_errors ? cx->field_errors->message : "");
    val_put_bool(page, "may_change", c.may_change);
    val_put_bool(page, "none", c.people.count == 0);
    val_put_bool(page, "more", c.people.count == PEOPLE_MAX);
    put_all(&c, page);
    return reply(rq, "relation/chart", page);
}

/* GET /companies/:id/chart */
static enum status chart_get(struct req *rq)
{
    struct row *company;
    i64 id;

    TRY(req_id(rq, "id", &id));
    TRY(record_get(rq->cx, &company_type, id, &company));
    return show_chart(rq, company);
}

/* POST /companies/:id/chart {contact, boss} -- boss "": nobody. */
static enum status chart_post(struct req *rq)
{
    struct ctx *cx = rq->cx;
    struct row *company, *contact;
    enum status s;
    i64 id, person;

    TRY(req_id(rq, "id", &id));
    TRY(record_get(cx, &company_type, id, &company));
    if (!id_parse(str_from(req_form(rq, "contact")), &person))
        return ctx_fail_code(cx, E_INVALID, "id.invalid", "'%s' is not the id of a record.",
                             req_form(rq, "contact"));
    TRY(record_get(cx, &contact_type, person, &contact));
    s = row_parse(cx, contact, CONTACT_REPORTS, req_form(rq, "boss"));
    if (s == OK)
        s = record_save(cx, contact);
    if (s == E_INVALID && !rq->wants_json) {
        reply_status(rq, 422);
        return show_chart(rq, company);
    }
    TRY(s);
    return reply_redirect(rq, arena_printf(cx->arena, "%s/chart", row_path(cx, company)));
}

static const struct route routes[] = {
    { HTTP_GET, "/companies/:id/chart", chart_get, NEEDS("company", VERB_READ) },
    { HTTP_POST, "/companies/:id/chart", chart_post, NEEDS("contact", VERB_UPDATE) },
};
const struct feature feature_org_chart = { .name = "org_chart", ROUTES(routes) };
