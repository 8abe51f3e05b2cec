/* mailbox.h -- people's mailboxes and those that bounces come back to: where they are, what of them
 * is read, and what was read of them: mails as records ("email") on the contact's timeline.
 *
 * Private by default: only folders that their owner chose, only mails with people who are contacts
 * here, none marked private, none among colleagues. Reading changes nothing in a person's mailbox.
 *
 *   mailbox.c        the record, its pages: connect, test, folders, pause, disconnect
 *   mailbox_sync.c   the jobs that read (IMAP, POP3)
 *   email.c          mails as records: taking one, threads, pages
 *   email_write.c    replies and new mails from a contact's page, the copy in Sent
 *   email_send.c     a letter goes: from a page, or for somebody by a sales sequence
 *
 * Happening "mail.received": a contact wrote to a colleague, no program in their name (row: the
 * email; props: email, at). */
#pragma once
#include "io/imap.h"
#include "io/mime_read.h"
#include "kit/kit.h"

enum mailbox_field {
    MAILBOX_NAME, MAILBOX_ADDRESS, MAILBOX_PURPOSE, MAILBOX_OWNER, MAILBOX_ACTIVE,
    MAILBOX_PROTOCOL, MAILBOX_HOST, MAILBOX_PORT, MAILBOX_SECURITY, MAILBOX_USER, MAILBOX_PASSWORD,
    MAILBOX_TRUST,
    MAILBOX_SMTP_HOST, MAILBOX_SMTP_PORT, MAILBOX_SMTP_SECURITY, MAILBOX_SENT_COPY,
    MAILBOX_SIGNATURE,
    MAILBOX_IMPORT, MAILBOX_SHARED, MAILBOX_SINCE, MAILBOX_ALIASES,
    MAILBOX_AFTER, MAILBOX_AFTER_FOLDER,
    MAILBOX_SENDER,
    MAILBOX_FIELDS
};
enum email_field {
    EMAIL_SUBJECT, EMAIL_DIRECTION, EMAIL_STATE, EMAIL_AT, EMAIL_CONTACT, EMAIL_COMPANY,
    EMAIL_OWNER, EMAIL_MAILBOX, EMAIL_FROM, EMAIL_TO, EMAIL_CC, EMAIL_TEXT, EMAIL_FILES,
    EMAIL_SHARED, EMAIL_KEY, EMAIL_MESSAGE_ID, EMAIL_THREAD, EMAIL_REFERENCES, EMAIL_HTML,
    EMAIL_MAIL,
    EMAIL_FIELDS
};
extern const struct record_type mailbox_type, email_type;

/* How to reach it, its password opened. */
MUST_CHECK enum status mailbox_server(struct ctx *cx, const struct row *mailbox,
                                      struct mail_server *out);
/* Whether an address is the mailbox's own, or one of its aliases. */
bool mailbox_is_own(const struct row *mailbox, const char *address);

enum email_taken {
    EMAIL_TAKEN,
    EMAIL_KNOWN_ALREADY, /* by another folder, another colleague, or from an earlier time */
    EMAIL_NOT_OURS,      /* with nobody who is a contact, or among colleagues */
    EMAIL_PRIVATE,
    EMAIL_BULK,          /* a newsletter or other mail to many */
    EMAIL_REPORT,        /* a bounce or the like, taken as such */
};
/* What would become of a mail, by its head: EMAIL_TAKEN is "take it whole". */
MUST_CHECK enum status email_judge(struct ctx *cx, const struct row *mailbox,
                                   const struct letter *head, enum email_taken *out);
/* Takes a mail that was read from a mailbox, as the system, in a writing transaction. Twice is
 * once. */
MUST_CHECK enum status email_take(struct ctx *cx, const struct row *mailbox,
                                  const struct letter *mail, i64 arrived_ms, enum email_taken *out);
