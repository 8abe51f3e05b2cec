/* dns.h -- asks a name server: for the page that compares what the DNS says of a sender with what
 * it should say. Over UDP, over TCP when the answer is long.
 * Ownership  answers are in cx's arena.
 * Errors     E_NOT_FOUND without text: no such name, or nothing of that type. E_IO: no server
 *            answers, or one that fails. E_INVALID: the name or the server's address cannot be.
 * Threads    any. */
#pragma once
#include "base/ctx.h"
#include "base/str.h"

enum dns_type { DNS_A = 1, DNS_CNAME = 5, DNS_MX = 15, DNS_TXT = 16, DNS_AAAA = 28 };
enum { DNS_ANSWERS = 32, DNS_MESSAGE_BYTES = 16 * 1024 };

struct dns_answer {
    const char *text; /* TXT: its strings joined; MX: the host; A, AAAA: the address */
    int preference;   /* MX */
};
struct dns_answers {
    struct dns_answer all[DNS_ANSWERS];
    size_t count;
};
/* server: "192.0.2.1" or "192.0.2.1:5353"; NULL or "": the first of /etc/resolv.conf. At most
 * timeout_ms, with a second try in it. */
MUST_CHECK enum status dns_ask(struct ctx *cx, const char *server, const char *name,
                               enum dns_type type, int timeout_ms, struct dns_answers *out);

/* ---- for tests and fuzzing ---- */
/* A question's bytes; 0: the name cannot be. */
size_t dns_question(unsigned char *out, size_t size, u16 id, const char *name, enum dns_type type);
/* Reads an answer to it. 0: fine; 1: it was cut, ask over TCP; otherwise the server's code + 1, or
 * -1: no answer to that. */
int dns_read(struct arena *a, struct str message, u16 id, enum dns_type type,
             struct dns_answers *out);
