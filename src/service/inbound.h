/* inbound.h -- what a mail to support is, before anything is known of tickets: a person's, or one
 * that must make no ticket and get no answer. Pure: bytes and our own addresses in, a verdict out.
 *
 * Who answers machines begins a war of machines, so by RFC 3834 what is automatic, what comes from
 * lists, and what comes from ourselves is told apart; reports of mail servers (RFC 3464) too. What
 * is told apart is not lost: it stands in the list of mails that came (support_mail.c).
 *
 * Ownership  all in cx's arena.  Threads    any. */
#pragma once
#include "io/mime_read.h"

enum inbound_kind {
    INBOUND_PERSON,
    INBOUND_BOUNCE,     /* a report that a mail did not arrive */
    INBOUND_AUTOMATIC,  /* out of office, a receipt, a program */
    INBOUND_LIST,       /* a mailing list or a newsletter */
    INBOUND_OWN,        /* from one of our addresses: it would go round */
    INBOUND_UNREADABLE, /* no mail that can be taken apart */
};
enum { INBOUND_IDS = 60, INBOUND_TAGS = 10, INBOUND_CC = 20, INBOUND_TEXT_BYTES = 50 * 1000 };
struct inbound {
    enum inbound_kind kind;
    const char *why;          /* of what is no person's; "" */
    const struct letter *letter; /* NULL when unreadable */
    const char *from, *name;  /* who wrote: "" when nobody says */
    const char *subject;      /* as it is; "" none */
    const char *text;         /* to be shown: of a reply what is new in it; never "" */
    const char *ids[INBOUND_IDS]; /* messages that it answers, the nearest first, without <> */
    size_t id_count;
    const char *tags[INBOUND_TAGS]; /* behind the + of our addresses that it went to */
    size_t tag_count;
    const char *cc; /* whom else it went to, "a@b.example, c@d.example": not ours, not who wrote */
    const char *code;         /* "T-1001" of the subject's [T-1001]; "" none */
};
/* own: our addresses, lower case, without tags. */
void inbound_read(struct ctx *cx, struct str bytes, const char *const *own, size_t own_count,
                  struct inbound *out);
/* Whether an address is one of ours, with or without a tag behind a +. */
bool inbound_is_own(struct ctx *cx, const char *address, const char *const *own, size_t count);
