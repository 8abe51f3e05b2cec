/* web_routes.c -- the route table: read from features, kit and record types, checked, and compiled
 * into a trie of path segments. A literal segment beats a parameter; what a literal cannot carry on
 * is tried with the parameter. */
#include "kit/pages_int.h"
#include "kit/web_int.h"
#include <stdlib.h>

enum { SEGMENTS_MAX = 12, ROUTES_MAX = 20000 };

struct web_node {
    struct str name;        /* the segment; a parameter's is empty */
    struct web_node **kids; /* by name */
    size_t kid_count, kid_cap;
    struct web_node *param;
    int slots[HTTP_METHOD_COUNT]; /* index + 1 into counts; 0: none */
    bool any;
};

const char *method_word(enum http_method m)
{
    static const char *const words[] = {
        "GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"
    };
    assert((unsigned)m < countof(words));
    return words[m];
}

static int by_name(struct str a, struct str b)
{
    int order = memcmp(a.p, b.p, a.len < b.len ? a.len : b.len);
    return order != 0 ? order : (a.len > b.len) - (a.len < b.len);
}

/* Where `name` is among the kids, or should be. */
static size_t kid_at(const struct web_node *n, struct str name, bool *found)
{
    size_t low = 0, high = n->kid_count;

    while (low < high) {
        size_t mid = (low + high) / 2;
        int order = by_name(n->kids[mid]->name, name);
        if (order == 0) {
            *found = true;
            return mid;
        }
        if (order < 0)
            low = mid + 1;
        else
            high = mid;
    }
    *found = false;
    return low;
}

static struct web_node *kid_make(struct arena *a, struct web_node *n, struct str name)
{
    bool found;
    size_t at = kid_at(n, name, &found);

    if (found)
        return n->kids[at];
    if (n->kid_count == n->kid_cap) {
        size_t cap = n->kid_cap == 0 ? 4 : n->kid_cap * 2;
        struct web_node **kids = NEW_N(a, struct web_node *, cap);
        if (n->kid_count > 0)
            memcpy(kids, n->kids, n->kid_count * sizeof *kids);
        n->kids = kids;
        n->kid_cap = cap;
    }
    memmove(n->kids + at + 1, n->kids + at, (n->kid_count - at) * sizeof *n->kids);
    n->kids[at] = NEW(a, struct web_node);
    n->kids[at]->name = name;
    n->kid_count++;
    return n->kids[at];
}

/* The path without its first slash; "/" is the empty path, which has no segments. */
static struct str segments_of(const char *path) { return str_from(path + 1); }

/* What the table must say of every route; the text names the route. */
static enum status check_route(struct ctx *cx, const struct route *r)
{
    const char *what = arena_printf(cx->arena, "route %s %s", method_word(r->method), r->path);
    bool public = (r->flags & ROUTE_PUBLIC) != 0, signed_in = (r->flags & ROUTE_SIGNED_IN) != 0;
    int locks = (r->resource != NULL) + public + signed_in;

    if (r->handler == NULL || r->path == NULL || r->path[0] != '/')
        return ctx_fail(cx, E_INVALID, "%s has no handler or no path", what);
    if (locks != 1)
        return ctx_fail(cx, E_INVALID,
                        "%s needs exactly one permission: a resource, ROUTE_PUBLIC or "
                        "ROUTE_SIGNED_IN",
                        what);
    if ((r->flags & ROUTE_INLINE) != 0 && !public)
        return ctx_fail(cx, E_INVALID, "%s runs on the network loop, so it must be public", what);
    if (r->method == HTTP_HEAD || r->method == HTTP_OPTIONS)
        return ctx_fail(cx, E_INVALID, "%s: HEAD and OPTIONS are answered by the router", what);
    if ((r->flags & ROUTE_SLOW) != 0 && r->method == HTTP_GET)
        return ctx_fail(cx, E_INVALID, "%s: a GET runs on a reader anyway", what);
    return OK;
}

static enum status add_route(struct ctx *cx, struct web *w, const struct route *r)
{
    struct web_node *n = w->root;
    struct str rest, part;
    int params = 0, depth = 0;

    TRY(check_route(cx, r));
    rest = segments_of(r->path);
    while (rest.len > 0 && str_split(&rest, '/', &part)) {
        if (part.len == 0 || ++depth > SEGMENTS_MAX)
            return ctx_fail(cx, E_INVALID, "route %s: an empty segment, or too many", r->path);
        if (part.p[0] == ':') {
            if (++params > REQ_PARAMS_MAX)
                return ctx_fail(cx, E_INVALID, "route %s: over %d parameters", r->path,
                                REQ_PARAMS_MAX);
            if (n->param == NULL)
                n->param = NEW(w->arena, struct web_node);
            n = n->param;
        } else {
            n = kid_make(w->arena, n, part);
        }
    }
    if (n->slots[r->method] != 0)
        return ctx_fail(cx, E_INVALID, "route %s %s is declared twice (%s)", method_word(r->method),
                        r->path, w->counts[n->slots[r->method] - 1].route->path);
    assert(w->count < ROUTES_MAX);
    w->counts[w->count].route = r;
    n->slots[r->method] = (int)++w->count;
    n->any = true;
    return OK;
}

static enum status add_routes(struct ctx *cx, struct web *w, const struct route *r, size_t count)
{
    for (size_t i = 0; i < count; i++)
        TRY(add_route(cx, w, &r[i]));
    return OK;
}

enum status routes_open(struct ctx *cx, struct web *w)
{
    const struct route *pages, *api;
    size_t page_count, api_count, feature_count, all;
    const struct feature *const *features = kit_features(w->o.kit, &feature_count);

    pages_routes(w->o.kit, w->arena, &pages, &page_count);
    api_routes(w->o.kit, w->arena, &api, &api_count);
    all = web_own_route_count + page_count + api_count;
    for (size_t i = 0; i < feature_count; i++)
        all += features[i]->route_count;
    if (all > ROUTES_MAX)
        return ctx_fail(cx, E_LIMIT, "%zu routes are over the limit of %d", all, ROUTES_MAX);
    w->counts = NEW_N(w->arena, struct route_count, all);
    w->root = NEW(w->arena, struct web_node);
    TRY(add_routes(cx, w, web_own_routes, web_own_route_count));
    for (size_t i = 0; i < feature_count; i++)
        TRY(add_routes(cx, w, features[i]->routes, features[i]->route_count));
    TRY(add_routes(cx, w, pages, page_count));
    return add_routes(cx, w, api, api_count);
}

/* The deepest node that the path leads to; NULL when there is none with a route. */
static const struct web_node *walk(const struct web_node *n, struct str rest, int depth)
{
    const struct web_node *end;
    struct str part;
    bool found;
    size_t at;

    if (rest.len == 0)
        return n->any ? n : NULL;
    if (depth >= SEGMENTS_MAX || !str_split(&rest, '/', &part) || part.len == 0)
        return NULL;
    /* "/deals/" is not "/deals": str_split leaves one more empty part, which is refused below. */
    if (rest.len == 0 && part.p[part.len] == '/')
        return NULL;
    at = kid_at(n, part, &found);
    if (found && (end = walk(n->kids[at], rest, depth + 1)) != NULL)
        return end;
    return n->param != NULL ? walk(n->param, rest, depth + 1) : NULL;
}

/* Both paths have as many segments: they met at one node. */
static void take_params(struct req *rq, struct arena *a, const char *pattern, const char *path)
{
    struct str names = segments_of(pattern), values = segments_of(path), name, value;
    int n = 0;

    while (names.len > 0 && str_split(&names, '/', &name) && str_split(&values, '/', &value)) {
        if (name.p[0] != ':')
            continue;
        rq->params[n].name = str_dup(a, (struct str){ name.p + 1, name.len - 1 });
        rq->params[n++].value = str_dup(a, value);
    }
}

static const char *allowed(struct arena *a, const struct web_node *n)
{
    struct buf b = buf_in(a, 200);

    for (int m = 0; m < HTTP_METHOD_COUNT; m++)
        if (n->slots[m] != 0)
            buf_printf(&b, "%s%s%s", b.len > 0 ? ", " : "", method_word((enum http_method)m),
                       m == HTTP_GET ? ", HEAD" : "");
    buf_text(&b, ", OPTIONS");
    return buf_end(&b);
}

int route_find(const struct web *w, enum http_method m, const char *path, struct req *rq,
               struct arena *a, const char **allow)
{
    const struct web_node *n = walk(w->root, segments_of(path), 0);
    int slot;

    if (n == NULL)
        return SLOT_NONE;
    slot = n->slots[m == HTTP_HEAD ? HTTP_GET : m] - 1;
    if (slot < 0) {
        if (allow != NULL)
            *allow = allowed(a, n);
        return SLOT_OTHER_METHOD;
    }
    if (rq != NULL)
        take_params(rq, a, w->counts[slot].route->path, path);
    return slot;
}

const struct route *route_any(const struct web *w, const char *path)
{
    const struct web_node *n = walk(w->root, segments_of(path), 0);

    for (int m = 0; n != NULL && m < HTTP_METHOD_COUNT; m++)
        if (n->slots[m] != 0 && (w->counts[n->slots[m] - 1].route->flags & ROUTE_CORS) != 0)
            return w->counts[n->slots[m] - 1].route;
    for (int m = 0; n != NULL && m < HTTP_METHOD_COUNT; m++)
        if (n->slots[m] != 0)
            return w->counts[n->slots[m] - 1].route;
    return NULL;
}

size_t web_routes(struct web *w, const struct route_count **out)
{
    *out = w->counts;
    return w->count;
}
