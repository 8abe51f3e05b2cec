/* meeting.h -- meetings: activities of kind meeting that have guests. Who is invited gets mails
 * with the meeting as iCalendar (RFC 5545, 5546, 6047): asked, asked again when it changes, told
 * when it is cancelled. Guests answer from their calendar or on a page of ours (meeting_page.c).
 *
 * A meeting's UID is its id; its SEQUENCE counts what guests must hear of. */
#pragma once
#include "kit/kit.h"

enum meeting_guest_field {
    GUEST_MEETING, GUEST_CONTACT, GUEST_USER, GUEST_NAME, GUEST_EMAIL, GUEST_NEED, GUEST_ANSWER,
    GUEST_COMMENT, GUEST_ANSWERED_AT, GUEST_BOOKER,
    GUEST_FIELDS
};
extern const struct record_type meeting_guest_type;

bool meeting_is(const struct row *activity);
enum { MEETING_MINUTES = 30 }; /* where it does not say */
i64 meeting_end(const struct row *activity); /* TIME_NONE without a time */
const struct zone *meeting_zone(struct ctx *cx, const struct row *activity);

/* For activity.c: what its hooks leave to meetings. */
void meeting_count_version(struct row *activity);
MUST_CHECK enum status meeting_saved(struct ctx *cx, struct row *activity);
MUST_CHECK enum status meeting_removed(struct ctx *cx, struct row *activity);
/* Off, and its guests are told. E_CONFLICT: it is done or cancelled already. */
MUST_CHECK enum status meeting_cancel(struct ctx *cx, struct row *activity);

/* Its guests in the order in which they were added, at most LIMIT_LIST_ROWS. As the system. */
MUST_CHECK enum status meeting_guests(struct ctx *cx, i64 meeting_id, struct row ***guests,
                                      size_t *count);
/* The meeting as a calendar for one guest, or as published for NULL. In arena. */
enum meeting_word { MEETING_ASKED, MEETING_CHANGED, MEETING_CANCELLED, MEETING_REMINDED };
MUST_CHECK enum status meeting_calendar(struct ctx *cx, const struct row *activity,
                                        enum meeting_word word, struct str *out);
/* Sends a guest a mail of this kind, each once. */
MUST_CHECK enum status meeting_tell(struct ctx *cx, const struct row *activity,
                                    const struct row *guest, enum meeting_word word);
/* Sets what a guest says ("accepted" "declined" "tentative"); the host is told. */
MUST_CHECK enum status meeting_answer(struct ctx *cx, struct row *guest, const char *answer,
                                      const char *comment);
/* Mails before it begins: `hours` is "24, 1". In a writing transaction. */
MUST_CHECK enum status meeting_remind(struct ctx *cx, const struct row *activity,
                                      const char *hours);
/* "https://crm.example.com/meet/TOKEN"; "" when nobody said where the world reaches us. */
const char *meeting_url(struct ctx *cx, i64 guest_id);
/* Name and mail of a user, "" when gone. As the system. */
MUST_CHECK enum status meeting_user(struct ctx *cx, i64 user_id, const char **name,
                                    const char **mail);
/* "Monday 23 November 2026, 10:00 to 10:30 (Europe/Berlin)" in a zone. In arena. */
const char *meeting_when(struct ctx *cx, const struct row *activity, const struct zone *z);
