/* http.h -- the HTTP/1.1 server: libmicrohttpd behind a narrow door.
 * It parses, caps and times requests, hands each whole one to `handle` on a loop thread, and sends
 * what is answered. It knows no routes, no SQL and no HTML.
 * Units      bytes and milliseconds as named.
 * Ownership  an exchange and everything in it lives in its arena until the answer has been sent (or
 *            the client is gone); who holds an exchange must answer it exactly once.
 * Threads    `body_limit` and `handle` run on a loop thread and must not block. http_answer and the
 *            stream calls may come from any thread: a handler may keep the exchange, return, and
 *            have a worker answer.
 * Refused here, before any handler: bad framing (two Content-Length, Content-Length with
 * Transfer-Encoding, bare CR or LF, white space before a colon, NUL, obsolete folding, HTTP/1.1
 * without or with two Host), headers over LIMIT_HEADER_BYTES (431), unknown methods (501), bodies
 * over the limit (413, at once when announced), a body with GET or HEAD (400). These are answered
 * as short problem+json documents and the connection is closed. Requests and answers that drip are
 * closed. src/io/README.md says what libmicrohttpd answers by itself. */
#pragma once
#include "base/ctx.h"
#include "base/str.h"

enum http_method {
    HTTP_GET,
    HTTP_HEAD,
    HTTP_POST,
    HTTP_PUT,
    HTTP_PATCH,
    HTTP_DELETE,
    HTTP_OPTIONS,
    HTTP_METHOD_COUNT
};

struct http_exchange {
    struct arena *arena;
    enum http_method method;
    const char *path;  /* percent-decoded, valid UTF-8 without control characters; starts with '/';
                          * "." and ".." segments refused */
    const char *query; /* raw, without '?'; "" when none */
    struct str body;   /* whole, a NUL after it; empty for GET and HEAD */
    const char *address; /* the client's IP as text (of the socket) */
    i64 arrived_ns;      /* clock_mono_ns at the last byte */
    void *user;          /* the holder's own */
};

/* A request header's value, or NULL. Names compare without case; of several the first. Borrowed for
 * the exchange. */
const char *http_header(const struct http_exchange *ex, const char *name);
/* A cookie's value, or NULL. In the exchange's arena: only its holder may call. */
const char *http_cookie(const struct http_exchange *ex, const char *name);

struct http_pair {
    const char *name, *value;
};
struct http_answer {
    int status;
    const char *type; /* Content-Type; NULL when there is no body */
    const void *body; /* borrowed: in the exchange's arena or static */
    size_t body_bytes;
    const struct http_pair *headers; /* more headers, ended by { NULL, NULL }; may be NULL; in the
                                      * exchange's arena or static. CR, LF or NUL in one: 500 */
    bool close;
    const struct http_fixed *fixed; /* answers with this instead of all that stands above; or NULL
                                     */
};
/* An answer that is made once and given again and again: what every tracker gets for every event.
 * Copies `a`. Owned: http_fixed_free, which waits for nobody: what is being sent stays. */
struct http_fixed;
struct http_fixed *http_fixed_new(const struct http_answer *a);
void http_fixed_free(struct http_fixed *f); /* NULL is fine */
/* Answers; the exchange may no longer be touched. HEAD and 204/304 send no body. Any thread. */
void http_answer(struct http_exchange *ex, const struct http_answer *answer);

/* Server-sent events (or any endless answer). */
struct http_stream;
/* Answers with 200 and an open end; the exchange lives until http_stream_end. NULL, and the
 * exchange still wants an answer: LIMIT_LIVE_STREAMS are open, or the server stops. `headers` as
 * above. */
struct http_stream *http_stream_begin(struct http_exchange *ex, const char *type,
                                      const struct http_pair *headers);
/* Copies. False: the client is gone, the server stops, or this reader is more than
 * LIMIT_STREAM_BYTES behind and has been dropped. Any thread, but one at a time. */
bool http_stream_send(struct http_stream *s, const void *bytes, size_t len);
/* The owner lets go, once; also after a false. What was sent still goes out. Also after http_stop.
 */
void http_stream_end(struct http_stream *s);

struct http_options {
    const char *listen; /* "127.0.0.1:8080", "[::1]:8080", port 0: any free */
    unsigned loops;     /* loop threads; 0: one per two cores, at least 1 */
    /* How large a body may be. Called with the head only, once, when a body is announced.
     * NULL: LIMIT_BODY_BYTES. */
    size_t (*body_limit)(void *arg, const struct http_exchange *head);
    void (*handle)(void *arg, struct http_exchange *ex);
    void *arg;
    /* For tests; 0 is the limit in base/limits.h. */
    int request_ms;       /* LIMIT_REQUEST_SECONDS */
    int idle_ms;          /* LIMIT_IDLE_SECONDS */
    unsigned connections; /* LIMIT_CONNECTIONS */
    unsigned connections_per_ip; /* of one loop */
};
struct http_server;
/* OK: *out is owned, http_stop. E_IO with text: address in use, no permission, bad address.
 * Raises the process's limit of open files towards the connections it may hold. */
MUST_CHECK enum status http_start(struct ctx *cx, const struct http_options *o,
                                  struct http_server **out);
int http_port(const struct http_server *s);
unsigned http_connections(const struct http_server *s);
/* Stops listening, answers 503 to what comes on open connections, ends streams, waits up to
 * grace_ms for answers that are held or being sent, then closes. Every held exchange must still be
 * answered (into the void) by its holder before this returns. */
void http_stop(struct http_server *s, int grace_ms);

/* Parsing helpers for bodies and queries; each caps at LIMIT_FORM_FIELDS. Values: percent-decoded,
 * valid UTF-8 without NUL (E_INVALID otherwise). The result is a val map of text; a repeated key
 * becomes a list of text. */
MUST_CHECK enum status http_form_parse(struct ctx *cx, struct str urlencoded, struct val **out);
/* multipart/form-data (RFC 7578). Text parts go to *fields as above, parts with a file name to
 * *files (an input left empty by the browser is no file). */
struct http_file {
    const char *field, *filename, *type;
    struct str bytes; /* borrowed from the body */
};
MUST_CHECK enum status http_multipart_parse(struct ctx *cx, const char *content_type,
                                            struct str body, struct val **fields,
                                            struct http_file **files, size_t *file_count);
char *http_url_encode(struct arena *a, const char *text); /* RFC 3986 unreserved stay */
const char *http_status_text(int status);                 /* static: "Not Found" */
