/* track.h -- whether people opened and clicked: links and a picture in a mail that lead through
 * this program. An address leads only to where it was signed to lead. Who asked is judged a few
 * seconds later, when everything that came in the same moment is known: a person, or a machine that
 * looks through mails (a scanner, a prefetcher, a mail program that loads everything). Both are
 * events, mail_open and mail_click; a person's has EVENT_INTERACTIVE, a machine's the mark of a
 * bot, so that numbers leave it out; a person's second one of the same mail has EVENT_REPEAT too.
 * Happenings "mail.opened" and "mail.clicked" are of people only (props: message_id, source,
 * source_id, variant, subject, url, link, repeat).
 *
 * To render a mail: fill in a struct track, give &track and track_link to content_render as its
 * link callback, track_pixel as pixel_url, and put track_trap's address where people do not see it.
 *
 * Ownership  results are in arena.
 * Threads    as the ctx; one mail is one thread's. */
#pragma once
#include "kit/kit.h"
#include "mail/mail.h"

enum track_utm { UTM_NONE, UTM_OWN /* links to our own sites only */, UTM_ALL };
struct track {
    struct ctx *cx;
    i64 message_id;
    enum track_utm utm; /* the rule of the broadcast or flow */
    const char *utm_source, *utm_medium, *utm_campaign, *utm_content; /* NULL: left out */
    int links; /* counted up by track_link: the place of a link in the mail */
    const char *sites; /* its own */
};
/* The address that stands in the mail for `url`: UTM parameters added where the rule says so and
 * the url has none of them, then signed. What is no http(s) address (mailto:, #top), leads to this
 * program's own pages of mails, or cannot be signed stays as it is. */
const char *track_link(void *track, const char *url);
/* Address of a picture of one point; "" when nobody said where the world reaches us. */
const char *track_pixel(const struct track *t);
/* Address of a link that people do not see: who follows it is a machine. "" likewise. */
const char *track_trap(const struct track *t);

/* What a mail belongs to, as its events carry it (journey_note's touch): by it the dimensions
 * sender, topic and mailing split. */
const char *track_touch(struct ctx *cx, const struct mail_message *m);

/* How a source's mails did, as people and machines opened and clicked; variant -1: all. Each mail
 * counts once. */
struct track_counts {
    i64 opened, clicked, unsubscribed; /* mails, by people */
    i64 machine_only;                  /* mails that only machines opened or clicked */
};
MUST_CHECK enum status track_counts(struct ctx *cx, const char *source, i64 source_id, i64 variant,
                                    struct track_counts *out);
/* The links of a source's mails in the order in which they stand there: maps {link, url, clicks,
 * people} into list. */
MUST_CHECK enum status track_links(struct ctx *cx, const char *source, i64 source_id, i64 variant,
                                   struct val *list);
/* A person unsubscribed through this mail: counted once. */
MUST_CHECK enum status track_unsubscribed(struct ctx *cx, const struct mail_message *m);

/* A landing page tells that the visitor who followed a click (its parameter fw_m) is there: when a
 * person made the click, these visitors are the mail's contact from now on; when it is not judged
 * yet, once it is. 0: none. A token that is none, or of a click long gone: nothing. Writes. */
MUST_CHECK enum status track_arrived(struct ctx *cx, const char *token, u64 by_id, u64 of_day);
/* Whether a request is that of a program, by what it says of itself: a scanner that follows the
 * links of mails, a preview, a crawler. client, purpose: headers, may be NULL. */
bool track_is_machine(bool head, const char *client, const char *purpose);
