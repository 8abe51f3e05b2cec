/* pages_world.h -- a small company for the tests of pages and REST: an administrator, a seller who
 * sees only what is theirs, a reader, and a few records that the cases name in braces, as in
 * "/deals/{deal}". */
#pragma once
#include "base/id.h"
#include "kit/session.h"
#include "support/house.h"
#include <stdio.h>
#include <string.h>

struct world {
    struct house *h;
    struct person *admin, *own, *reader, *script; /* script: the administrator's token */
    struct {
        const char *name;
        i64 id;
    } ids[32];
    int count;
};

static inline void world_name(struct world *w, const char *name, i64 id)
{
    assert_true((size_t)w->count < countof(w->ids));
    w->ids[w->count].name = name;
    w->ids[w->count++].id = id;
}

static inline i64 world_id(const struct world *w, const char *name)
{
    for (int i = 0; i < w->count; i++)
        if (strcmp(w->ids[i].name, name) == 0)
            return w->ids[i].id;
    fail_msg("nothing is called %s", name);
    return 0;
}

/* Replaces {name} by the id of what has that name. In the house's arena. */
static inline const char *world_text(struct world *w, const char *text)
{
    struct buf b = buf_in(w->h->arena, 64 * 1024);

    if (text == NULL)
        return NULL;
    while (*text) {
        const char *end = *text == '{' ? strchr(text, '}') : NULL;
        bool found = false;
        for (int i = 0; end && i < w->count; i++)
            if (strlen(w->ids[i].name) == (size_t)(end - text - 1) &&
                strncmp(w->ids[i].name, text + 1, (size_t)(end - text - 1)) == 0) {
                buf_text(&b, id_text(w->h->arena, w->ids[i].id));
                text = end + 1;
                found = true;
                break;
            }
        if (!found)
            buf_char(&b, *text++);
    }
    return buf_end(&b);
}

/* A record from texts, as somebody: world_record(w, "deal", w->own, "name", "Renewal", NULL). */
static inline i64 world_record(struct world *w, const char *type, const struct person *who, ...)
{
    struct ctx *cx = w->h->cx;
    const struct access *before = cx->access, *as;
    struct row *r = row_new(cx, type_find(cx, type));
    const char *name;
    va_list args;

    if (who) {
        assert_ok(cx, access_of_user(cx, who->user_id, &as));
        cx->access = as;
    }
    va_start(args, who);
    while ((name = va_arg(args, const char *)) != NULL)
        assert_ok(cx, row_parse(cx, r, type_field(row_type(r), name), va_arg(args, const char *)));
    va_end(args);
    assert_ok(cx, record_save(cx, r));
    cx->access = before;
    return row_id(r);
}

static inline i64 world_stage(struct world *w, const char *name)
{
    struct row *r;

    assert_ok(w->h->cx, record_find(w->h->cx, type_find(w->h->cx, "stage"), "name", name, &r));
    return row_id(r);
}

#define OWN_RULES                                                                                \
    "{\"deal\":{\"read\":\"own\",\"create\":\"own\",\"update\":\"own\",\"delete\":\"own\","      \
    "\"export\":\"own\"},\"activity\":{\"read\":\"own\",\"create\":\"own\",\"update\":\"own\"}," \
    "\"contact\":{\"read\":\"all\",\"update\":\"own\"},\"company\":{\"read\":\"all\"},"          \
    "\"stage\":{\"read\":\"all\"},\"pipeline\":{\"read\":\"all\"}}"

static inline struct world *world_open(struct house *h)
{
    struct world *w = NEW(h->arena, struct world);
    i64 acme;

    w->h = h;
    assert_ok(h->cx, setting_save(h->cx, "currency.rates", "{\"USD\":\"0.92\"}"));
    (void)world_record(w, "role", NULL, "name", "Own deals", "rules", OWN_RULES, NULL);
    w->admin = house_user(h, "Ada Admin", "");
    w->own = house_user(h, "Sal Seller", "Own deals");
    w->reader = house_user(h, "Rita Reader", "Read only");
    w->script = house_token(h, w->admin, "read write");
    world_name(w, "admin", w->admin->user_id);
    world_name(w, "seller", w->own->user_id);
    acme =
        world_record(w, "company", w->admin, "name", "Acme <Corp>", "domain", "acme.example", NULL);
    world_name(w, "acme", acme);
    world_name(w, "ben",
               world_record(w, "contact", w->admin, "first_name", "Ben", "last_name", "Blum",
                            "email", "ben@acme.example", "company_id", id_text(h->arena, acme),
                            NULL));
    world_name(w, "deal",
               world_record(w, "deal", w->admin, "name", "Acme renewal", "amount", "12400 EUR",
                            "company_id", id_text(h->arena, acme), NULL));
    world_name(w, "mine",
               world_record(w, "deal", w->own, "name", "Sal's first", "amount", "500 EUR", NULL));
    world_name(w, "gone", world_record(w, "company", w->admin, "name", "Gone Ltd", NULL));
    world_name(w, "won", world_stage(w, "Won"));
    world_name(w, "lost", world_stage(w, "Lost"));
    world_name(w, "new", world_stage(w, "New"));
    world_name(w, "proposal", world_stage(w, "Proposal"));
    struct row *gone;
    assert_ok(h->cx, record_get_named(h->cx, "company", world_id(w, "gone"), &gone));
    assert_ok(h->cx, record_delete(h->cx, gone));
    return w;
}

/* ---- tables of cases ---- */
enum who { STRANGER, ADMIN, OWN, READER, SCRIPT };
struct ask {
    const char *note;
    enum who who;
    enum http_method method;
    const char *target, *body;
    int status;
    const char *has[6], *lacks[4];
    struct http_pair header; /* one more */
};

static inline struct web_response world_ask(struct world *w, const struct ask *c)
{
    const struct person *people[] = { NULL, w->admin, w->own, w->reader, w->script };
    struct http_pair headers[] = { c->header, { NULL, NULL } };

    return house_ask(w->h, people[c->who], c->method, world_text(w, c->target),
                     world_text(w, c->body), headers);
}

/* What the page itself says: what stands around it on every page proves nothing. */
static inline struct str world_body(const struct web_response *r)
{
    const char *at = memmem(r->body.p, r->body.len, "<main", 5);

    if (at == NULL)
        return r->body;
    return (struct str){ at, r->body.len - (size_t)(at - r->body.p) };
}

/* cmocka cuts its messages short; a page is longer. */
#define world_fail(body, ...)                                   \
    do {                                                        \
        fprintf(stderr, "%.*s\n", (int)(body)->len, (body)->p); \
        fail_msg(__VA_ARGS__);                                  \
    } while (0)

static inline void world_check(struct world *w, const struct ask *c, struct web_response *r)
{
    struct str body = world_body(r);
    struct web_response page = { .body = body };

    if (r->status != c->status)
        world_fail(&body, "%s: %s answered %d, not %d", c->note, world_text(w, c->target),
                   r->status, c->status);
    for (size_t i = 0; i < countof(c->has) && c->has[i]; i++)
        if (!house_has(&page, world_text(w, c->has[i])))
            world_fail(&body, "%s: no '%s'", c->note, world_text(w, c->has[i]));
    for (size_t i = 0; i < countof(c->lacks) && c->lacks[i]; i++)
        if (house_has(&page, world_text(w, c->lacks[i])))
            world_fail(&body, "%s: there is '%s'", c->note, world_text(w, c->lacks[i]));
}

static inline void world_run(struct world *w, const struct ask *cases, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        struct web_response r = world_ask(w, &cases[i]);
        world_check(w, &cases[i], &r);
    }
}
