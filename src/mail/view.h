/* view.h -- a mail in a browser: the address behind "View in browser", and the page.
 * Ownership  in cx's arena. */
#pragma once
#include "kit/web.h"

/* "https://crm.example.com/m/v/...": this mail as its reader has it, for whoever has the link; ""
 * when nobody said where the world reaches us. Only mails made from content can be shown. */
const char *mail_view_url(struct ctx *cx, i64 message_id);
/* A mail's HTML as an answer: nothing runs in it, nothing is sent from it. */
enum status mail_view_reply(struct req *rq, const char *html);
