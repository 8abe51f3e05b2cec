/* web.h -- requests: the route table, what a handler is given, and how it answers. A handler
 * builds one value tree; the edge renders it as HTML, or as JSON of the same tree for `Accept:
 * application/json`.
 *
 * GET and HEAD run on a reading connection inside one snapshot and cannot write. Others run inside
 * a writing transaction that is rolled back unless the handler returns OK, and are answered after
 * it is durable; they need the session's CSRF token (field `csrf` or header X-CSRF-Token) unless
 * they came with a bearer token or the route is public. Such a handler may run more than once;
 * what the request carries is the same each time and the answer under construction starts empty. A
 * route flag can move a POST to a reader (ROUTE_SLOW: password hashing, parsing of uploads); it
 * then writes with kit_write.
 *
 * Ownership  what a request carries lives until it is answered; cx's arena until the handler
 *            returns. What a reply_* function is given may be in cx's arena or static. */
#pragma once
#include "io/http.h"
#include "kit/kit.h"

enum route_flags {
    ROUTE_PUBLIC = 1,    /* no sign-in, no CSRF: guards of its own (forms, collection). Must be
                          * said: it is never a default */
    ROUTE_SIGNED_IN = 2, /* any user */
    ROUTE_SLOW = 4,      /* not GET, but runs on a reader: see above */
    ROUTE_INLINE = 8,    /* runs on the network loop: must not block, no db, no session; rq->body is
                          * raw, rq->form NULL; may keep the exchange (collection). Public only */
    ROUTE_API = 16,      /* answers JSON only, errors as problem+json whatever Accept says */
    ROUTE_CORS = 32,     /* may be called from any site: answers OPTIONS and adds the headers */
    ROUTE_UPLOAD = 64,   /* body up to LIMIT_UPLOAD_BYTES, of any type */
    ROUTE_RAW = 128,     /* a body of another type than form or JSON is no error: rq->body has it */
};
enum { REQ_PARAMS_MAX = 4, REQ_HEADERS_MAX = 16 };

struct req;
struct route {
    enum http_method method;
    const char *path;      /* "/deals/:id/stage"; a literal beats a parameter */
    enum status (*handler)(struct req *rq);
    const char *resource;  /* permission: this resource ... */
    enum verb verb;        /* ... and this verb; or one of the flags PUBLIC, SIGNED_IN */
    u32 flags;
    const char *summary;   /* one line for OpenAPI and the route list; NULL for pages */
    const void *data;      /* the maker's own: the record type of a generated route */
    /* Says in OpenAPI what it takes and answers: puts "parameters" or "requestBody", and content
     * into "200" of "responses"; schemas of its own into `schemas`. NULL: the summary is all. */
    void (*describe)(struct ctx *cx, struct val *operation, struct val *schemas);
};
#define NEEDS(res, v) .resource = (res), .verb = (v)

struct req {
    struct ctx *cx;
    const struct route *route;
    enum http_method method;
    const char *path;          /* decoded */
    const char *query_string;
    const struct val *query;   /* parsed query string: map of text (or list of text) */
    const struct val *form;    /* parsed body: form fields, or the JSON body; NULL for GET */
    const struct http_file *files;
    size_t file_count;
    struct str body;
    const char *address;       /* client IP, honouring the trusted proxy setting */
    const char *(*header)(const struct req *rq, const char *name); /* NULL when absent */
    const char *(*cookie)(const struct req *rq, const char *name);
    struct {
        const char *name, *value;
    } params[REQ_PARAMS_MAX];
    bool wants_json, is_htmx;
    struct http_exchange *exchange; /* ROUTE_INLINE and streams only; NULL in tests */
    struct web *web;
    /* the answer under construction (reply_* fill it) */
    int status;
    const char *type;
    struct str out;
    const struct fixed_reply *fixed; /* the whole answer, or NULL */
    struct http_pair headers[REQ_HEADERS_MAX];
    int header_count;
    const char *form_target, *images_from; /* NULL, or other sites that its page needs */
    void *user;                /* the edge's own */
};

/* ---- what came in ---- */
const char *req_param(const struct req *rq, const char *name); /* path parameter; "" when absent */
/* Looks in the path, the query, the form. E_NOT_FOUND for a bad id in the path, E_INVALID else. */
MUST_CHECK enum status req_id(struct req *rq, const char *name, i64 *id);
const char *req_query(const struct req *rq, const char *name); /* first value; "" when absent */
const char *req_form(const struct req *rq, const char *name);  /* likewise, as text */
i64 req_query_i64(const struct req *rq, const char *name, i64 otherwise);
/* A path of ours to go to ("/deals?x=1"): not another site's, no control characters. */
bool path_is_local(const char *path);

/* ---- answering: each returns OK, so that handlers end with `return reply(...)` ---- */
/* The page: `page` gets the shell's tree added ("shell", "assets") and is rendered with the
 * template, or written as JSON (without those). */
enum status reply(struct req *rq, const char *template, struct val *page);
/* No nav, no user: htmx parts, hosted forms and pages with a layout of their own. The tree gets
 * "assets" and a "shell" of lang, theme and csrf. */
enum status reply_fragment(struct req *rq, const char *template, struct val *tree);
enum status reply_json(struct req *rq, int status, const struct val *v);
enum status reply_text(struct req *rq, int status, const char *type, struct str body);
/* An answer made once, for what is asked ten thousand times a second. Nothing is added to it, no
 * security headers and no X-Request-Id: it must be no page. What is given is static. Owned:
 * fixed_reply_free, when no more requests come. */
struct fixed_reply *fixed_reply_new(int status, const char *type, const char *body,
                                    const struct http_pair *headers);
void fixed_reply_free(void *fixed_reply); /* NULL is fine */
enum status reply_fixed(struct req *rq, const struct fixed_reply *f);
enum status reply_redirect(struct req *rq, const char *path);     /* 303; path must be local */
enum status reply_redirect_out(struct req *rq, const char *url);  /* 303: http(s) only */
/* The forms of the page that is being answered may be led on to this http(s) address of another
 * site: browsers hold a form's redirects to the page's policy too. */
void reply_form_leads_to(struct req *rq, const char *url);
/* Pictures of the page may come from the site of this http(s) address, too. */
void reply_images_from(struct req *rq, const char *url);
/* 303 to path with a message shown once there ("Deal won."). For JSON: {"path":...,
 * "message":...}. */
enum status reply_done(struct req *rq, const char *path, const char *fmt, ...) PRINTF_LIKE(3, 4);
/* The same with a button beside the message that posts to `undo_path`. */
enum status reply_done_undo(struct req *rq, const char *path, const char *undo_path,
                            const char *fmt, ...) PRINTF_LIKE(4, 5);
/* The same for what was refused: cx's error, or its first field's, is said. Not for JSON. */
enum status reply_not_done(struct req *rq, const char *path);
enum status reply_empty(struct req *rq);                          /* 204 */
/* One of the browser's files by logical name ("furrow_js"), with caching: for a second address. */
enum status reply_asset(struct req *rq, const char *logical_name);
/* For an answer that comes later, from another thread (a durable append): the handler calls
 * req_take before anything else can reach the request, and returns OK; from then on the request
 * belongs to whoever calls req_finish, once, after a reply_* function or with an error. cx has no
 * db then. Not on the writer. A stream takes the exchange and is never finished. */
void req_take(struct req *rq);
void req_finish(struct req *rq, enum status s);
void reply_status(struct req *rq, int status);                    /* for the next reply: 201, 422 */
void reply_header(struct req *rq, const char *name, const char *value);
void reply_cookie(struct req *rq, const char *name, const char *value, int max_age_s,
                  bool http_only); /* 0 s: taken away; below: until the browser closes */

/* ---- the web of a running program: routes, sessions, limits; used by app/server and by tests
 * ---- */
struct web_options {
    struct kit *kit;
    struct db_store *store;
    struct writer *writer;
    struct journey *journey;
    struct clock *clock;
    const char *assets_dev_dir;   /* --dev: folder with a manifest.txt; NULL: the embedded ones */
    const char *public_url;       /* "https://crm.example.com"; "" unknown: then from Host */
    const char *trusted_proxy;    /* address whose X-Forwarded-For counts, or "" */
    unsigned readers;             /* worker threads that read; 0: none, only web_perform works */
    /* For /readyz: OK, or why not (ctx_fail). May be NULL. Runs on a reader. */
    enum status (*ready)(struct ctx *cx, void *arg);
    void *ready_arg;
};
struct web;
/* Reads the route tables of the features, kit's own and those that follow from record types; a
 * route without a permission, or two for one address, is E_INVALID. OK: *out is owned, web_close.
 */
MUST_CHECK enum status web_open(struct ctx *cx, const struct web_options *o, struct web **out);
/* After http_stop: ends the readers. NULL is fine. */
void web_close(struct web *w);
/* For http_options: routes each exchange to a worker or the writer, answers it. */
void web_handle(void *web, struct http_exchange *ex);
size_t web_body_limit(void *web, const struct http_exchange *head);
/* A request without a socket, for tests and `furrow` commands: runs to its durable end on the
 * calling thread. Any thread, one at a time. */
struct web_request {
    enum http_method method;
    const char *target;              /* "/deals?sort=amount" */
    const struct http_pair *headers; /* ended by { NULL, NULL }; may be NULL */
    struct str body;
    const char *address;             /* NULL: "127.0.0.1" */
};
struct web_response {
    int status;
    const char *type;                /* "" when there is no body */
    struct str body;                 /* in the given arena */
    const struct http_pair *headers; /* ended by { NULL, NULL } */
};
void web_perform(struct web *w, struct arena *a, const struct web_request *in,
                 struct web_response *out);
/* A header's value of a response, or NULL. */
const char *web_response_header(const struct web_response *r, const char *name);
/* Every route there is (features', kit's and those that follow from record types), and how often
 * each was asked by a user or by a stranger. */
struct route_count {
    const struct route *route;
    u64 as_user, as_stranger;
};
size_t web_routes(struct web *w, const struct route_count **out);
/* A code with which /setup lets a stranger make the first administrator; "" ends that. Kept in
 * memory. */
void web_set_setup_code(struct web *w, const char *code);
bool web_setup_code_is(struct web *w, const char *code); /* false for "" */
/* The shell of pages without a nav (reply_fragment), with a CSRF token of their own. */
struct val *web_plain_shell(struct req *rq, const char *csrf);
/* Whether the request comes from a page of ours, or from no page: for public routes that change
 * something in a user's name, such as signing in. */
bool web_same_site(const struct req *rq);

/* The shell's tree (menu, user, notifications, csrf) for pages outside reply(): kit/html/shell.html
 * says its shape. `live` is the event that the page listens to, or "". */
struct val *web_shell(struct req *rq, const char *live);
/* "app_css" -> "/assets/app.3f2a.css"; "" for an unknown name. */
const char *web_asset(struct web *w, const char *logical_name);
/* What is in such a file, for what the server draws itself; NULL bytes: there is none. Borrowed
 * from the program, or in arena. */
struct str web_asset_text(const struct req *rq, const char *logical_name);
const char *web_public_url(const struct req *rq); /* as set, or from Host; no trailing slash */
/* Counts against a rate limit kept in memory: true when `key` (an address, a mail) is over
 * `per_minute` for `what`. IPv6 addresses count by /64. Any thread. */
bool web_rate_limited(struct web *w, const char *what, const char *key, int per_minute);
