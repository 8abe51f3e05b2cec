/* ticket_int.h -- what the files of service share. */
#pragma once
#include "service/ticket.h"

/* Settled in validate: times, breaches, what is due next (sla.c). */
MUST_CHECK enum status sla_settle(struct ctx *cx, struct row *ticket);
/* After a save: the job that looks at what is due runs no later than this ticket needs. */
MUST_CHECK enum status sla_wake(struct ctx *cx, const struct row *ticket);
/* "T1001-1a2b3c4d5e": behind the + of our address; nobody else can make it up. "" without a
 * key. */
const char *ticket_tag(struct ctx *cx, const struct row *ticket);
/* Whether text ("T1001-1a2b3c4d5e") is such a tag; *code "T-1001" in arena. */
bool ticket_tag_read(struct ctx *cx, const char *text, const char **code);
/* Whose ticket it is; NULL for nobody that is known, or whom this person may not see. */
MUST_CHECK enum status ticket_contact(struct ctx *cx, const struct row *ticket,
                                      struct row **contact);
/* The answer goes out by mail, where they have an address (ticket_mail.c). */
MUST_CHECK enum status ticket_mail_answer(struct ctx *cx, const struct row *ticket,
                                          i64 message_id);
MUST_CHECK enum status ticket_mail_ack(struct ctx *cx, const struct row *ticket);
/* A macro's text in the words of mails, the three older ones among them ({{name}} is said as `name`
 * where no contact is known; "" nobody). In arena. */
const char *macro_words(struct ctx *cx, const char *text, const char *name);
/* "steps" of the desk's ticket (kit/steps): any, may, progress, list [] (ticket_step.c). */
MUST_CHECK enum status ticket_put_steps(struct ctx *cx, const struct row *ticket,
                                        struct val *picked);
MUST_CHECK enum status ticket_mail_csat(struct ctx *cx, const struct row *ticket);

/* ---- who else hears the answers (ticket_cc.c) ---- */
enum { CC_MOST = 20 };
struct ticket_cc {
    const char *list[CC_MOST];
    size_t count;
};
/* "Ida <ida@a.example>; b@c.example", each once, in lower case, as heads of mails take them. What
 * is no address or ours is left out, and what is beyond CC_MOST. In arena. */
MUST_CHECK enum status ticket_cc_read(struct ctx *cx, const char *text, struct ticket_cc *cc);
/* Two such lists as one text. In arena. */
MUST_CHECK enum status ticket_cc_join(struct ctx *cx, const char *present, const char *more,
                                      const char **out);
/* In validate: what was typed becomes such a list, without whom answers go to anyhow. E_INVALID at
 * field "cc" says which is no address, is ours, or that there are too many. */
MUST_CHECK enum status ticket_cc_settle(struct ctx *cx, struct row *t);
/* Whom answers go to, "" nobody. In arena. */
MUST_CHECK enum status ticket_answered_at(struct ctx *cx, const struct row *t,
                                          const char **address);
/* Our own addresses, in lower case: mailboxes for programs, and what we send by. In arena. */
MUST_CHECK enum status support_own(struct ctx *cx, const char *const **own, size_t *count);
