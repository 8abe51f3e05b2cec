/* support_mail.h -- mails that came to support: each is a message on a ticket, or stands in this
 * list with the reason why not. Nothing that comes is lost: its bytes are kept (mail/arrival.h). */
#pragma once
#include "kit/kit.h"

enum support_mail_field {
    SUPPORT_SUBJECT, SUPPORT_FROM, SUPPORT_OUTCOME, SUPPORT_REASON, SUPPORT_TICKET, SUPPORT_MAILBOX,
    SUPPORT_MESSAGE_ID, SUPPORT_DIGEST, SUPPORT_ARRIVAL, SUPPORT_MESSAGE, SUPPORT_NOTE,
    SUPPORT_FIELDS
};
extern const struct record_type support_mail_type;
