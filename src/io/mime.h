/* mime.h -- writes a mail as RFC 5322 and MIME want it: 7-bit lines of at most 76 characters where
 * they are encoded, CRLF, names and subjects as encoded words, text and HTML as alternatives, files
 * beside them. What is written needs no change on the way, so that signatures stay good.
 * Ownership  everything given is borrowed for the call.
 * Errors     remembered by `out`. Control characters in headers become spaces: nobody adds a header
 *            by writing a line break into a name. */
#pragma once
#include "base/buf.h"

struct mime_file {
    /* name "": no file but one more form of what the mail says, beside text and HTML (an
     * invitation's text/calendar; method=REQUEST). type "" or NULL: application/octet-stream */
    const char *name, *type;
    struct str bytes;
};
struct mime_header {
    const char *name, *value; /* value in header syntax: folded at spaces, not encoded */
};
struct mime_mail {
    const char *from_name, *from; /* names: "" or NULL for none */
    const char *to_name, *to;
    const char *reply_to; /* address, or NULL */
    const char *subject;
    const char *message_id, *in_reply_to, *references; /* with <>; NULL or "": none */
    i64 date_ms;
    const char *text, *html; /* one may be NULL or "" */
    bool flowed;             /* the text is format=flowed, delsp=no (RFC 3676) */
    const struct mime_file *files;
    size_t file_count;
    const struct mime_header *headers;
    size_t header_count;
    u64 seed; /* tells its boundaries apart from those of other mails */
};
void mime_write(struct buf *out, const struct mime_mail *m);

/* The parts, for others that write mails: one header with its name; an address with its name. */
void mime_put_header(struct buf *out, const char *name, const char *value);
void mime_put_text_header(struct buf *out, const char *name, const char *text); /* encoded words */
void mime_put_address(struct buf *out, const char *header, const char *name, const char *address);
void mime_put_quoted(struct buf *out, struct str text); /* quoted-printable, line ends CRLF */
void mime_put_base64(struct buf *out, struct str bytes); /* lines of 76 */
void mime_put_date(struct buf *out, i64 ms); /* "Mon, 23 Nov 2026 10:00:00 +0000" */
/* An address as servers and headers take it: the domain in ASCII. *utf8: what stands before the @
 * needs SMTPUTF8 (RFC 6531). NULL: the domain cannot be. In arena. */
const char *mime_address_ascii(struct arena *a, const char *address, bool *utf8);
