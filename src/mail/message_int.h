/* message_int.h -- what the files of mail share about mails. */
#pragma once
#include "mail/mail.h"

/* An address that can stand in a command to a mail server. */
bool mail_address_is(const char *address);
/* Its Message-ID, with <>: always the same for one mail. In arena. */
const char *mail_message_id(struct ctx *cx, i64 id, const char *domain);
/* Puts what happened to a mail on the contact's journey, and says it. */
MUST_CHECK enum status mail_told(struct ctx *cx, const char *happening, const char *kind,
                                 const struct mail_message *m);
/* A row with the columns of mail.get; texts in `a`. */
void mail_message_read(struct arena *a, struct stmt *q, struct mail_message *out);
