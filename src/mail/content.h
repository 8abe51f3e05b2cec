/* content.h -- what a mail says: blocks, made into HTML and plain text for one person at a time.
 *
 * A content is a record. Its blocks are JSON (mail/README.md has their shapes), checked when they
 * are saved; content_compile turns them into a program, once; content_render runs that for each
 * person and costs tens of microseconds. What is edited is a draft: it goes out only after it was
 * published, so a mail that is being sent does not change under the sender's hands.
 *
 * Personal words are written {{contact.first_name|there}}: a path as in the filter language, and
 * what stands instead where there is nothing. Roots: contact, company (of the contact), deal,
 * ticket, owner, sender, brand, data (whatever the sender of the mail gives), and unsubscribe_url,
 * preferences_url, archive_url. Each is escaped for the place where it stands; a subject is always
 * one line.
 *
 * Ownership  everything is in cx's arena. Threads  a compiled content may be rendered by any number
 * of threads at once, each with a ctx of its own; its arena must outlive them. */
#pragma once
#include "kit/kit.h"

enum mail_content_field {
    CONTENT_NAME, CONTENT_SUBJECT, CONTENT_PREVIEW, CONTENT_PURPOSE, CONTENT_STATUS, CONTENT_BLOCKS,
    CONTENT_TEMPLATE, CONTENT_BRAND, CONTENT_SENDER,
    CONTENT_OWNER, CONTENT_PUBLISHED_AT, CONTENT_DRAFT,
    CONTENT_FIELDS
};
extern const struct record_type mail_content_type;

struct content; /* compiled */

/* Whom a mail is for, and the addresses that only its sender knows. All may be left out. */
struct content_for {
    const struct row *contact; /* or its id: */
    i64 contact_id, deal_id, ticket_id;
    i64 owner_id;            /* 0: the contact's owner */
    const struct val *data;  /* what {{data.x}} finds */
    const char *sender_name, *sender_address;
    /* Every http(s) link of the content goes through this, once each, after what is personal in it
     * was put in: returns the address that the mail shall have. NULL: as it is. The links that
     * follow are never given to it. */
    const char *(*link)(void *arg, const char *url);
    void *link_arg;
    const char *unsubscribe_url, *preferences_url; /* NULL: a mail that needs no consent */
    const char *archive_url; /* "view in browser"; NULL: none */
    const char *pixel_url;   /* NULL: opens are not counted */
    const char *trap_url;    /* of a link that people do not see (mail/track.h); NULL: none */
};
struct content_mail {
    const char *subject; /* one line, no control characters */
    const char *preview;
    const char *html;    /* whole document */
    const char *text;    /* format=flowed, delsp=no (RFC 3676), lines end in \n */
    size_t html_bytes;
};

/* The published content; of one that never was published, its draft. E_INVALID: says which block
 * or field is wrong. */
MUST_CHECK enum status content_compile(struct ctx *cx, const struct row *content,
                                       struct content **out);
/* As it is being edited: for previews and test mails. */
MUST_CHECK enum status content_compile_draft(struct ctx *cx, const struct row *content,
                                             struct content **out);
/* For one person. Records are read as cx's access allows; what may not be seen is as if empty. */
MUST_CHECK enum status content_render(struct ctx *cx, const struct content *c,
                                      const struct content_for *who, struct content_mail *out);

/* A new content begun from a ready-made mail of the library (its slug: "welcome"), saved as a
 * draft. E_NOT_FOUND. */
MUST_CHECK enum status library_use(struct ctx *cx, const char *slug, struct row **out);
/* Whether it may go out to many: published, with a subject, something to read, and its brand's
 * postal address. E_INVALID with a field error for each reason. */
MUST_CHECK enum status content_ready(struct ctx *cx, const struct row *content);
/* Mails of this content are letters from one person to another: no frame, no logo. */
bool content_is_personal(const struct row *content);

/* The same words in texts that are no mail (a task's subject, a message): {{...}} is filled in, as
 * plain text. E_INVALID: names the unknown field and the nearest one that there is. */
MUST_CHECK enum status content_fill(struct ctx *cx, const char *text,
                                    const struct content_for *who, const char **out);
MUST_CHECK enum status content_fill_check(struct ctx *cx, const char *text);
