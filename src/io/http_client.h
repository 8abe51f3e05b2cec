/* http_client.h -- asking other servers over HTTP: libcurl behind a narrow door.
 * One client is one line of calls, made one after the other; it keeps its connections for the next
 * call. No redirects are followed, no cookies kept, no proxy of the environment used, only http and
 * https are spoken.
 * Units      *_ms milliseconds, *_bytes bytes.
 * Ownership  a call is borrowed for its time.
 * Errors     E_INVALID: an address that cannot be. E_IO: no connection, or one that broke or
 *            missed a deadline: cx says which. E_TOO_LARGE: the answer is over max_bytes. An answer
 *            of any status is OK: the caller judges it. A body that ends early is never OK.
 * Threads    a client belongs to one thread at a time; different clients may be used at once. */
#pragma once
#include "base/ctx.h"

struct http_client;
struct http_client *http_client_new(void); /* owned: http_client_free; aborts when memory is out */
void http_client_free(struct http_client *c); /* closes its connections; NULL is fine */

/* Takes a piece of the answer's body, whose status is known by then; false: enough, which ends the
 * call with E_IO. */
typedef bool http_piece(void *arg, int status, const char *bytes, size_t len);
struct http_call {
    const char *url;
    const char *const *headers; /* "Name: value", ended by NULL; NULL: none */
    const void *body;           /* NULL: GET; otherwise POST */
    size_t body_bytes;
    unsigned connect_ms; /* 0: 5 s */
    unsigned total_ms;   /* from the first byte sent to the last one read; 0: no bound */
    unsigned silent_ms;  /* nothing came or went for so long; 0: no bound */
    u64 max_bytes;       /* of the answer's body; 0: no bound */
    /* The address is a stranger's word: only hosts of the public internet are connected to, by the
     * address that is used, whatever the name says. */
    bool public_only;
    http_piece *piece;   /* NULL: the body is not wanted */
    void *arg;
};
/* Makes one call; *status is the answer's. Blocks. */
MUST_CHECK enum status http_client_call(struct ctx *cx, struct http_client *c,
                                        const struct http_call *call, int *status);
/* Whether an address is one of the whole internet's: not this machine's, a private network's, a
 * link's, a group's or one kept for something else (RFC 6890). */
struct sockaddr;
bool http_address_is_public(const struct sockaddr *a);
/* Adds a text to `out` as part of an address: all but letters, digits and "-._~" escaped. */
struct buf;
void http_escape(struct buf *out, const char *text);
