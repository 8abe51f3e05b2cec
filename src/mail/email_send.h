/* email_send.h -- a letter of one person to one contact: through that person's own mail server,
 * with their signature, in thread, kept as a record ("email") and in their Sent folder. People
 * write them on a contact's page (email_write.c), sales sequences for them.
 *
 * Ownership  results are in arena.
 * Threads    as the ctx; sending needs a writing connection. */
#pragma once
#include "mail/mail.h"

enum { EMAIL_FILES_MAX = 10 };
struct email_out {
    const struct row *mailbox, *contact;
    const struct row *answered; /* the email that this answers, or NULL */
    const char *to, *subject, *text;
    bool quote; /* what is answered stands below */
    const struct mail_file *files;
    size_t file_count;       /* at most EMAIL_FILES_MAX */
    const char *source;      /* what it counts under: "email" "sequence" */
    const char *key;         /* one mail a key, forever; NULL: none */
    bool opens;              /* a picture tells that it was opened; mails of people never do that */
};
/* The record, the mail in its lane and the line on the journey, all or none; as the system. *email
 * is the record. E_INVALID: as mail_send. */
MUST_CHECK enum status email_send(struct ctx *cx, const struct email_out *e, struct row **email);
/* The first mailbox of a user that is active and can send. E_NOT_FOUND without text: none. */
MUST_CHECK enum status email_mailbox_of(struct ctx *cx, i64 user_id, struct row **out);
/* "Re: Offer", once. */
const char *email_reply_subject(struct ctx *cx, const char *subject);
/* A letter that waits still is not sent. *off: it was taken off in time. */
MUST_CHECK enum status email_take_off(struct ctx *cx, struct row *email, const char *source,
                                      const char *reason, bool *off);
