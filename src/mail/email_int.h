/* email_int.h -- what the files of mailboxes share. */
#pragma once
#include "mail/mailbox.h"

/* The thread that a mail belongs to: a message id without <>. In arena. */
MUST_CHECK enum status email_thread(struct ctx *cx, const char *message_id, const char *in_reply_to,
                                    const char *references, const char **thread);
/* Keeps the HTML of a mail, cleaned; nothing when it is too long or cannot be cleaned: its text is
 * there. */
MUST_CHECK enum status email_clean_html(struct ctx *cx, struct row *email, const char *html);
/* "<a@x> <b@x>" of "a@x b@x" and one more. In arena. */
const char *email_bracketed(struct ctx *cx, const char *ids, const char *last);
/* Puts the job that reads a mailbox; for kit_write. */
MUST_CHECK enum status mailbox_read_soon(struct ctx *cx, void *mailbox_id);
