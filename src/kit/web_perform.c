/* web_perform.c -- a request without a socket: the same way through the house on the caller's
 * thread, for tests and for commands. */
#include "kit/web_int.h"
#include <strings.h>

static const char *in_header(const struct req *rq, const char *name)
{
    const struct http_pair *h = ((struct call *)rq->user)->in->headers;

    for (; h != NULL && h->name != NULL; h++)
        if (strcasecmp(h->name, name) == 0)
            return h->value;
    return NULL;
}

static const char *in_cookie(const struct req *rq, const char *name)
{
    const char *header = in_header(rq, "Cookie");
    struct str rest, part;
    size_t len = strlen(name);

    rest = str_from(header != NULL ? header : "");
    while (str_split(&rest, ';', &part)) {
        part = str_trim(part);
        if (part.len > len && memcmp(part.p, name, len) == 0 && part.p[len] == '=')
            return str_dup(((struct call *)rq->user)->life,
                           (struct str){ part.p + len + 1, part.len - len - 1 });
    }
    return NULL;
}

static int hex(char c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    c |= 0x20;
    return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

/* The path as io/http hands it over: percent-decoded. */
static const char *decoded(struct arena *a, const char *path, size_t len)
{
    char *out = arena_dup(a, path, len);
    size_t n = 0;

    for (size_t i = 0; i < len; i++) {
        if (path[i] == '%' && i + 2 < len && hex(path[i + 1]) >= 0 && hex(path[i + 2]) >= 0) {
            out[n++] = (char)(hex(path[i + 1]) << 4 | hex(path[i + 2]));
            i += 2;
        } else {
            out[n++] = path[i];
        }
    }
    out[n] = '\0';
    return out;
}

static void wait_for(struct call *c)
{
    struct web *w = c->web;

    pthread_mutex_lock(&w->perform_lock);
    while (!c->finished)
        pthread_cond_wait(&w->perform_done, &w->perform_lock);
    pthread_mutex_unlock(&w->perform_lock);
}

static void perform(struct web *w, struct call *c)
{
    if (!call_start(c))
        return;
    if (w->perform_db == NULL && db_open(&c->cx, w->o.store, DB_READ, &w->perform_db) != OK) {
        req_finish(&c->rq, E_IO);
        return;
    }
    call_read(c, w->perform_db, c->life);
}

void web_perform(struct web *w, struct arena *a, const struct web_request *in,
                 struct web_response *out)
{
    struct call *c = call_new(w, a);
    struct req *rq = &c->rq;
    const char *query = strchrnul(in->target, '?'), *address;

    c->in = in;
    c->began_ns = (i64)clock_mono_ns();
    rq->method = in->method;
    rq->path = decoded(a, in->target, (size_t)(query - in->target));
    rq->query_string = *query == '?' ? query + 1 : "";
    rq->body = in->body.p != NULL ? in->body : (struct str){ "", 0 };
    rq->header = in_header;
    rq->cookie = in_cookie;
    address = in->address != NULL ? in->address : "127.0.0.1";
    rq->address = security_client(w, a, address, in_header(rq, "X-Forwarded-For"));
    pthread_mutex_lock(&w->perform_gate);
    perform(w, c);
    wait_for(c);
    pthread_mutex_unlock(&w->perform_gate);
    *out = (struct web_response){ .status = rq->status,
                                  .type = rq->type != NULL ? rq->type : "",
                                  .body = in->method == HTTP_HEAD ? (struct str){ "", 0 } : rq->out,
                                  .headers = c->sent };
}

const char *web_response_header(const struct web_response *r, const char *name)
{
    for (const struct http_pair *h = r->headers; h != NULL && h->name != NULL; h++)
        if (strcasecmp(h->name, name) == 0)
            return h->value;
    return NULL;
}
