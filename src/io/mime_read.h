/* mime_read.h -- what a mail says: who, to whom, subject, text, HTML as it was written, files, and
 * the parts of a delivery report. GMime does the parsing; here are the limits and what "the text"
 * of a mail is. Whatever bytes come, texts are valid UTF-8 without NUL; what is over a limit is cut
 * and `cut` says so.
 * Ownership  all in cx's arena; files' bytes too.
 * Errors     E_LIMIT: more parts within parts than any honest mail has. E_INVALID: no mail at all.
 * Threads    any. */
#pragma once
#include "base/ctx.h"
#include "base/str.h"

enum {
    MIME_BYTES = 30 * 1024 * 1024,
    MIME_TEXT_BYTES = 100 * 1000,
    MIME_HTML_BYTES = 500 * 1000,
    MIME_PARTS = 200,  /* looked at; the rest is not */
    MIME_DEPTH = 20,   /* parts within parts */
    MIME_FILES = 50,
    MIME_PEOPLE = 100, /* addresses in one header */
    MIME_HEADERS = 300,
    MIME_REFERENCES = 50,
};

struct letter_person {
    const char *name;    /* "" when none */
    const char *address; /* "anna@example.com", ASCII lower case */
};
struct letter_people {
    struct letter_person *list;
    size_t count;
};
struct letter_file {
    const char *name, *type; /* "offer.pdf", "application/pdf" */
    const char *content_id;  /* without <>; "" when none */
    bool inside;             /* shown within the HTML */
    struct str bytes;
};
struct letter {
    const char *message_id, *in_reply_to; /* without <>; "" */
    const char *references;               /* oldest first, one space between */
    const char *subject;
    i64 date_ms; /* TIME_NONE: none that can be read */
    struct letter_people from, to, cc, bcc, reply_to;
    struct letter_person sender;
    const char *text; /* what people read: plain parts, or made from HTML */
    const char *html; /* as written: never show it unsanitised; "" none */
    struct letter_file *files;
    size_t file_count;
    bool cut;
    /* a report (RFC 6522): "delivery-status", "feedback-report", "disposition-notification", "" */
    const char *report_type;
    const char *report;   /* text of the part for machines */
    const char *returned; /* header lines of the mail that it is about; "" */
    /* all headers of the mail, unfolded and decoded, in order */
    struct letter_header {
        const char *name, *value;
    } *headers;
    size_t header_count;
};
MUST_CHECK enum status mime_read(struct ctx *cx, struct str bytes, struct letter **out);
/* The first header of this name, case ignored; "" when there is none. */
const char *mime_header(const struct letter *m, const char *name);
/* A header's value in a block of header lines or a report's fields ("Status: 5.1.1"), unfolded; ""
 * when there is none. In arena. */
const char *mime_field(struct arena *a, const char *lines, const char *name);
/* Message ids of a header, without <>, one space between; at most MIME_REFERENCES. In arena. */
const char *mime_ids(struct arena *a, const char *value);
/* What a person wrote in a reply: without quoted lines, the line that introduces them and the
 * signature. In arena. */
char *mime_reply_text(struct arena *a, const char *text);
/* The words of an HTML text as paragraphs and lines. In arena. */
char *html_to_text(struct arena *a, struct str html, size_t max_bytes);
