/* web_security.c -- what guards every request and every answer: the CSRF token and, as a second
 * lock, where the request comes from; security headers; whose address it is behind a proxy. */
#include "kit/web_int.h"
#include <sodium.h>
#include <strings.h>

/* With the other sites that a page's pictures come from and its forms lead to, or "". */
#define POLICY_OF(images, target)                                                          \
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:" images \
    "; font-src 'self'; connect-src 'self'; frame-src 'self'; base-uri 'none'; "           \
    "frame-ancestors 'none'; form-action 'self'" target
#define POLICY POLICY_OF("%s", "%s")
#define OWN_POLICY POLICY_OF("", "")

bool security_equal(const char *a, const char *b)
{
    size_t len = strlen(a);
    return len == strlen(b) && sodium_memcmp(a, b, len) == 0;
}

/* "https://crm.example.com" of an Origin header is this program's own. */
static bool is_own_origin(const struct req *rq, const char *origin)
{
    const char *own = web_public_url(rq), *host = rq->header(rq, "Host"), *after;

    if (strcasecmp(origin, own) == 0)
        return true;
    after = strstr(origin, "://"); /* a proxy may have ended TLS: the scheme says nothing here */
    return after != NULL && host != NULL && strcasecmp(after + 3, host) == 0;
}

bool web_same_site(const struct req *rq)
{
    const char *site = rq->header(rq, "Sec-Fetch-Site"), *origin = rq->header(rq, "Origin");

    if (site != NULL)
        return text_is(site, "same-origin") || text_is(site, "none");
    return origin == NULL || is_own_origin(rq, origin);
}

enum status security_check_csrf(struct req *rq)
{
    const struct access *who = rq->cx->access;
    const char *sent = rq->header(rq, "X-CSRF-Token");

    if ((rq->route->flags & ROUTE_PUBLIC) != 0 || who->session_id == 0)
        return OK;
    if (!web_same_site(rq))
        return ctx_fail_code(rq->cx, E_FORBIDDEN, "csrf.cross_site",
                             "This came from a page of another site, so it was not done. Open "
                             "Furrow and do it there.");
    if (sent == NULL)
        sent = req_form(rq, "csrf");
    if (text_empty(who->csrf) || !security_equal(sent, who->csrf))
        return ctx_fail_code(rq->cx, E_FORBIDDEN, "csrf.token",
                             "This page was open since before you signed in, so it was not done. "
                             "Load the page again, then repeat it.");
    return OK;
}

/* Scheme and host alone; what could end the directive is no part of a host. */
static const char *site_of(struct req *rq, const char *url)
{
    const char *host = strstr(url, "://");
    size_t len = host ? (size_t)(host - url) + 3 : 0;

    len += host ? strcspn(url + len, "/?#;, \t\r\n\"'") : 0;
    return len ? arena_dup(rq->cx->arena, url, len) : NULL;
}

void reply_form_leads_to(struct req *rq, const char *url) { rq->form_target = site_of(rq, url); }
void reply_images_from(struct req *rq, const char *url) { rq->images_from = site_of(rq, url); }

static const char *policy_of(const struct req *rq, struct arena *a)
{
    const char *images = rq->images_from, *target = rq->form_target;

    if (images == NULL && target == NULL)
        return OWN_POLICY;
    return arena_printf(a, POLICY, images ? arena_printf(a, " %s", images) : "",
                        target ? arena_printf(a, " %s", target) : "");
}

static bool has_header(const struct req *rq, const char *name)
{
    for (int i = 0; i < rq->header_count; i++)
        if (strcasecmp(rq->headers[i].name, name) == 0)
            return true;
    return false;
}

int security_headers(const struct req *rq, struct arena *a, struct http_pair *out)
{
    bool cors = rq->route != NULL && (rq->route->flags & ROUTE_CORS) != 0;
    int n = 0;

    out[n++] = (struct http_pair){ "X-Content-Type-Options", "nosniff" };
    out[n++] = (struct http_pair){ "Referrer-Policy", "same-origin" };
    if (!has_header(rq, "Content-Security-Policy"))
        out[n++] = (struct http_pair){ "Content-Security-Policy", policy_of(rq, a) };
    if (rq->type != NULL && strncmp(rq->type, "text/html", 9) == 0) {
        out[n++] = (struct http_pair){ "Permissions-Policy",
                                       "camera=(), microphone=(), geolocation=(), payment=(), "
                                       "usb=(), browsing-topics=()" };
        out[n++] = (struct http_pair){ "Cross-Origin-Opener-Policy", "same-origin" };
    }
    if (!cors && !has_header(rq, "Cross-Origin-Resource-Policy"))
        out[n++] = (struct http_pair){ "Cross-Origin-Resource-Policy", "same-origin" };
    if (atomic_load(&rq->web->https))
        out[n++] = (struct http_pair){ "Strict-Transport-Security",
                                       "max-age=31536000; includeSubDomains" };
    if (cors)
        out[n++] = (struct http_pair){ "Access-Control-Allow-Origin", "*" };
    if (!has_header(rq, "Cache-Control")) /* kept, but asked about each time: back works */
        out[n++] = (struct http_pair){ "Cache-Control", "private, no-cache" };
    if (!has_header(rq, "Vary"))
        out[n++] = (struct http_pair){ "Vary", "Accept, HX-Request" };
    assert(n < SECURITY_HEADERS_MAX);
    return n;
}

const char *security_client(struct web *w, struct arena *a, const char *socket_address,
                            const char *forwarded_for)
{
    struct str rest, part;
    const char *client = socket_address;
    char proxy[64];

    if (forwarded_for == NULL)
        return socket_address;
    web_proxy(w, proxy);
    if (proxy[0] == '\0' || !text_is(socket_address, proxy))
        return socket_address;
    rest =
        str_from(forwarded_for); /* the last is what our proxy saw; the others anybody may write */
    while (str_split(&rest, ',', &part))
        client = str_dup(a, str_trim(part));
    return client[0] != '\0' && strlen(client) < 64 ? client : socket_address;
}
