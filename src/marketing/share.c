/* share.c -- the traffic of one site for whoever has the link: the page Traffic itself, asked with
 * no right but to read journeys, held to that site, without money, notes and visits by name. The
 * link is a secret that can be shown again, until it is taken back. */
#include "kit/session.h"
#include "marketing/site.h"
#include "marketing/traffic_int.h"
#include <sodium.h>

enum {
    SHARE_NAME,
    SHARE_SITE,
    SHARE_UNTIL,
    SHARE_TOKEN,
    SHARE_PASSWORD,
    SHARE_OWNER,
    SHARE_FIELDS
};
enum {
    PAGES_A_MINUTE = 60,
    PASSWORDS_A_MINUTE = 10,
    PASSWORD_LEAST = 8,
    PASSWORD_MOST = 200,
    KEY_HOURS = 12,
};

static const struct field fields[] = {
    [SHARE_NAME] = { "name", FIELD_TEXT, "For whom", REQUIRED | LISTED | SEARCHED, .max_len = 100,
                     .help = "For example the agency, or the annual report." },
    [SHARE_SITE] = { "site_id", FIELD_REF, "Site", REQUIRED | LISTED, .ref = "site" },
    [SHARE_UNTIL] = { "until", FIELD_DATE, "Works until", LISTED,
                      .help = "Left empty, until you take it back." },
    [SHARE_TOKEN] = { "token", FIELD_TEXT, "Token", INTERNAL | UNIQUE, .max_len = 100 },
    [SHARE_OWNER] = { "owner_id", FIELD_REF, "Owner", LISTED | OWNER, .ref = "user",
                      .otherwise = "me" },
    [SHARE_PASSWORD] = { "password_hash", FIELD_LONG, "Password", INTERNAL, .max_len = 200 },
};
_Static_assert(countof(fields) == SHARE_FIELDS, "enum and table differ");

static enum status share_validate(struct ctx *cx, struct row *r)
{
    if (!row_has(r, SHARE_TOKEN))
        row_set_text(r, SHARE_TOKEN, secret_new(cx));
    return OK;
}

static enum status share_detail(struct ctx *cx, const struct row *r, struct val *page)
{
    val_put_text(page, "token", row_text(r, SHARE_TOKEN));
    val_put_text(page, "share_path", row_path(cx, r));
    val_put_bool(page, "has_password", row_has(r, SHARE_PASSWORD));
    val_put_bool(page, "may_change",
                 access_scope(cx->access, "traffic_share", VERB_UPDATE) != SCOPE_NONE);
    return OK;
}

/* ---- the password ---- */
struct password {
    i64 id;
    const char *hash;
};
static enum status save_password(struct ctx *cx, void *arg)
{
    const struct password *p = arg;
    struct row *r;

    TRY(record_get(cx, &traffic_share_type, p->id, &r));
    row_set_text(r, SHARE_PASSWORD, p->hash);
    return record_save(cx, r);
}

/* POST /shares/:id/password: an empty one takes it away. */
static enum status set_password(struct req *rq)
{
    const char *typed = req_form(rq, "password");
    struct password p = { .hash = "" };
    struct row *r;

    TRY(req_id(rq, "id", &p.id));
    TRY(record_get(rq->cx, &traffic_share_type, p.id, &r));
    if (typed[0] && (strlen(typed) < PASSWORD_LEAST || strlen(typed) > PASSWORD_MOST))
        return ctx_fail_field(rq->cx, "password", "share.password",
                              "A password has from %d to %d characters.", PASSWORD_LEAST,
                              PASSWORD_MOST);
    if (typed[0])
        TRY(password_hash(rq->cx, typed, &p.hash));
    TRY(kit_write(rq->cx, save_password, &p));
    return reply_done(rq, row_path(rq->cx, r),
                      typed[0] ? "The link asks for the password now."
                               : "The link asks for no password.");
}

static bool is_over(struct ctx *cx, const struct row *r)
{
    return row_has(r, SHARE_UNTIL) && row_i64(r, SHARE_UNTIL) < zone_day(kit_zone(cx), ctx_now(cx));
}
static bool is_live(struct ctx *cx, const struct row *r) { return !is_over(cx, r); }

/* POST /shares/:id/end: from now on nobody gets in; a later date lets them in again. */
static enum status end_share(struct req *rq)
{
    struct ctx *cx = rq->cx;
    struct row *r;
    i64 id;

    TRY(req_id(rq, "id", &id));
    TRY(record_get(cx, &traffic_share_type, id, &r));
    row_set_i64(r, SHARE_UNTIL, zone_day(kit_zone(cx), ctx_now(cx)) - 1);
    TRY(record_save(cx, r));
    return reply_done(rq, row_path(cx, r), "The link is dead. A later date brings it back.");
}

/* What a browser shows that has said the password: made of it, so that a new one ends it. */
static const char *key_of(struct ctx *cx, const struct row *share)
{
    unsigned char digest[32];
    char *text = arena_alloc(cx->arena, sizeof digest * 2 + 1, 1);
    const char *hash = row_text(share, SHARE_PASSWORD), *token = row_text(share, SHARE_TOKEN);

    crypto_generichash(digest, sizeof digest, (const unsigned char *)hash, strlen(hash),
                       (const unsigned char *)token,
                       strlen(token) < crypto_generichash_KEYBYTES_MAX
                           ? strlen(token)
                           : crypto_generichash_KEYBYTES_MAX);
    sodium_bin2hex(text, sizeof digest * 2 + 1, digest, sizeof digest);
    return text;
}

static bool has_key(const struct req *rq, const struct row *share)
{
    const char *cookie = rq->cookie(rq, "fw_share"), *key = key_of(rq->cx, share);

    return !row_has(share, SHARE_PASSWORD) || (cookie && strlen(cookie) == strlen(key) &&
                                               sodium_memcmp(cookie, key, strlen(key)) == 0);
}

/* ---- the page ---- */
struct shared {
    struct row *share;
    const char *domain, *path;
};

/* What is removed, over or of a removed site is not there. */
static enum status find_shared(struct req *rq, struct shared *s)
{
    struct ctx *cx = rq->cx;
    const char *token = req_param(rq, "token");
    struct row *site;
    enum status st = record_find(cx, &traffic_share_type, "token", token, &s->share);

    if (st == OK && is_over(cx, s->share))
        st = E_NOT_FOUND;
    /* found by its folded form: the secret is what was typed */
    if (st == OK && !text_is(row_text(s->share, SHARE_TOKEN), token))
        st = E_NOT_FOUND;
    if (st == OK)
        st = record_get(cx, &site_type, row_i64(s->share, SHARE_SITE), &site);
    if (st == E_NOT_FOUND)
        return ctx_fail(cx, st, "There is no such link, or it was taken back.");
    TRY(st);
    s->domain = row_text(site, SITE_DOMAIN);
    s->path = arena_printf(cx->arena, "/share/%s", row_text(s->share, SHARE_TOKEN));
    return OK;
}

static void put_frame(struct ctx *cx, const struct shared *s, struct val *page)
{
    val_put_text(page, "company", setting_text(cx, "workspace.name"));
    val_put_text(page, "domain", s->domain);
    val_put_text(page, "home", s->path);
}

static void put_headers(struct req *rq, const struct shared *s)
{
    reply_header(rq, "X-Robots-Tag", "noindex, nofollow");
    reply_header(rq, "Referrer-Policy", "no-referrer");
    reply_header(rq, "Cache-Control",
                 row_has(s->share, SHARE_PASSWORD) ? "private, no-store" : "public, max-age=60");
}

static enum status ask_password(struct req *rq, const struct shared *s, const char *error)
{
    struct val *page = val_map(rq->cx->arena);

    put_frame(rq->cx, s, page);
    val_put_printf(page, "title", "%s", s->domain);
    val_put_text(page, "error", error);
    put_headers(rq, s);
    reply_status(rq, error[0] ? 422 : 200);
    return reply_fragment(rq, "traffic/password", page);
}

/* Finds the link and puts who asks in the place of somebody who may read journeys and nothing else.
 */
static enum status show(struct req *rq, const char *under, const char *template,
                        enum status (*put)(struct page *p, enum status s, struct val *page))
{
    static const char rights[] = "{\"journey\":{\"read\":\"all\"}}";
    struct ctx *cx = rq->cx;
    struct access reader = {
        .name = "", .email = "", .role = "", .team = "", .csrf = "", .theme = ""
    };
    struct val *page = val_map(cx->arena);
    struct page p = { 0 };
    struct shared shared;
    enum status s;

    if (web_rate_limited(rq->web, "share", rq->address, PAGES_A_MINUTE))
        return ctx_fail(cx, E_BUSY, "Too many pages in a minute. Try again soon.");
    {
        scoped(access_leave) struct access_guard guard = access_enter_system(cx);
        TRY(find_shared(rq, &shared));
    }
    if (!has_key(rq, shared.share))
        return ask_password(rq, &shared, "");
    TRY(access_rules_parse(cx, cx->arena, rights, &reader.rules));
    const struct access *stranger = cx->access;
    cx->access = &reader;
    p = (struct page){ .base = shared.path,
                       .path = arena_printf(cx->arena, "%s%s", shared.path, under),
                       .site = shared.domain };
    s = traffic_read(rq, &p);
    if (s == OK && under[0] == '\0')
        s = traffic_read_metric(&p);
    s = traffic_said(rq, s, page);
    bool form = s == OK && traffic_is_form(rq) && !val_get_bool(page, "has_error");
    if (s == OK && !form)
        s = put(&p, val_get_bool(page, "has_error") ? E_INVALID : OK, page);
    cx->access = stranger;
    TRY(s);
    if (form)
        return reply_redirect(rq, traffic_url(&p, p.path, "", ""));
    if (under[0] == '\0')
        val_put_text(page, "title", shared.domain);
    put_frame(cx, &shared, page);
    put_headers(rq, &shared);
    return reply_fragment(rq, template, page);
}

/* GET /share/:token and below */
static enum status share_page(struct req *rq)
{
    return show(rq, "", "traffic/shared", traffic_put_page);
}
static enum status share_list(struct req *rq)
{
    return show(rq, "/list", "traffic/shared_list", traffic_put_list);
}
static enum status share_vitals(struct req *rq)
{
    return show(rq, "/vitals", "traffic/shared_vitals", traffic_put_vitals);
}

/* POST /share/:token: the password. */
static enum status share_enter(struct req *rq)
{
    scoped(access_leave) struct access_guard guard = access_enter_system(rq->cx);
    struct shared shared;

    if (web_rate_limited(rq->web, "share.password", rq->address, PASSWORDS_A_MINUTE))
        return ctx_fail(rq->cx, E_BUSY, "Too many tries. Wait a minute.");
    TRY(find_shared(rq, &shared));
    if (!row_has(shared.share, SHARE_PASSWORD))
        return reply_redirect(rq, shared.path);
    if (!password_matches(row_text(shared.share, SHARE_PASSWORD), req_form(rq, "password")))
        return ask_password(rq, &shared, "That is not the password of this link.");
    reply_cookie(rq, "fw_share", key_of(rq->cx, shared.share), KEY_HOURS * 3600, true);
    return reply_redirect(rq, shared.path);
}

const struct record_type traffic_share_type = {
    .name = "traffic_share",
    .label = "Share link",
    .plural = "Shared traffic",
    .path = "shares",
    .icon = "link",
    .sort = "name",
    .title = SHARE_NAME,
    .fields = fields,
    .field_count = SHARE_FIELDS,
    .flags = TYPE_SYSTEM,
    .detail_template = "traffic/share",
    ACTIONS({ "end", "Take the link back", .shown = is_live,
              .confirm = "Nobody gets in with it from now on." }),
    .empty =
        "Show a site's traffic to somebody who has no account: an agency, a partner, the whole "
        "world. They see numbers of visits, never people or money, until you take it back.",
    .validate = share_validate,
    .detail = share_detail,
};
static const struct route routes[] = {
    { HTTP_POST, "/shares/:id/password", set_password, NEEDS("traffic_share", VERB_UPDATE),
      .flags = ROUTE_SLOW },
    { HTTP_POST, "/shares/:id/end", end_share, NEEDS("traffic_share", VERB_UPDATE) },
    { HTTP_GET, "/share/:token", share_page, .flags = ROUTE_PUBLIC },
    { HTTP_GET, "/share/:token/list", share_list, .flags = ROUTE_PUBLIC },
    { HTTP_GET, "/share/:token/vitals", share_vitals, .flags = ROUTE_PUBLIC },
    { HTTP_POST, "/share/:token", share_enter, .flags = ROUTE_PUBLIC | ROUTE_SLOW },
};
const struct feature feature_share = { .name = "share",
                                       TYPES(&traffic_share_type),
                                       ROUTES(routes) };
