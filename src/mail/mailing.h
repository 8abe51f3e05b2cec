/* mailing.h -- what the mails of one broadcast or flow have in common beyond what they say: the UTM
 * parameters of their links, and where one can be read in a browser. Its maker says it once, before
 * the first mail goes; delivery asks for each mail.
 * Ownership  in cx's arena. */
#pragma once
#include "mail/mail.h"

enum mailing_links { MAILING_PLAIN, MAILING_OWN_SITES, MAILING_ALL }; /* whose get parameters */
struct mailing {
    enum mailing_links links;
    const char *utm_source, *utm_medium, *utm_campaign, *utm_content; /* "": left out */
};
/* Of a source's mails of one variant; a second time replaces. Needs a writing connection. */
MUST_CHECK enum status mailing_put(struct ctx *cx, const char *source, i64 source_id, i64 variant,
                                   const struct mailing *m);
/* What was said; MAILING_PLAIN when nothing was. */
MUST_CHECK enum status mailing_of(struct ctx *cx, const char *source, i64 source_id, i64 variant,
                                  struct mailing *out);

/* "https://crm.example.com/m/v/...": this mail as its reader has it, for whoever has the link; ""
 * when nobody said where the world reaches us. Only mails made from content can be shown. */
const char *mailing_view_url(struct ctx *cx, i64 message_id);
/* A mail's HTML as an answer: nothing runs in it, nothing is sent from it. */
struct req;
enum status mailing_reply(struct req *rq, const char *html);
