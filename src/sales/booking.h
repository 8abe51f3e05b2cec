/* booking.h -- booking pages: people outside choose a time at which a salesperson is free, and the
 * meeting is made.
 *
 *   booking.c          the records: what a page offers, its hosts
 *   booking_free.c     who of the hosts is free when
 *   booking_take.c     from a choice to a meeting
 *   booking_public.c   /book/{name} */
#pragma once
#include "kit/kit.h"
#include "sales/slots.h"

enum booking_field {
    BOOKING_NAME, BOOKING_SLUG, BOOKING_TITLE, BOOKING_TEXT, BOOKING_ACTIVE,
    BOOKING_OWNER, BOOKING_MODE, BOOKING_MINUTES, BOOKING_PLACE, BOOKING_LINK,
    BOOKING_HOURS, BOOKING_ZONE, BOOKING_STEP, BOOKING_BEFORE, BOOKING_AFTER, BOOKING_NOTICE,
    BOOKING_AHEAD, BOOKING_MOST, BOOKING_QUESTIONS, BOOKING_REMIND, BOOKING_BRAND,
    BOOKING_FIELDS
};
enum booking_host_field { HOST_PAGE, HOST_USER, HOST_FIELDS };
extern const struct record_type booking_page_type, booking_host_type;

enum {
    BOOKING_LENGTHS = 6,    /* lengths to choose among */
    BOOKING_QUESTIONS_MOST = 10,
    BOOKING_HOSTS_MOST = 30,
    BOOKING_AHEAD_MOST = 365,
};
/* "15, 30, 60" as numbers, in the order written; how many. */
size_t booking_lengths(const char *text, int out[BOOKING_LENGTHS]);

struct booking_question {
    const char *text;
    bool required;
};
/* A line each; a star at its end means that it must be answered. In arena. */
size_t booking_questions(struct ctx *cx, const struct row *page,
                         struct booking_question out[BOOKING_QUESTIONS_MOST]);

/* ---- who is free when: as the system ---- */
struct booking_free {
    i64 users[BOOKING_HOSTS_MOST];
    struct slot_rule rules[BOOKING_HOSTS_MOST];
    i64 upcoming[BOOKING_HOSTS_MOST]; /* meetings that they have ahead */
    size_t hosts;
    bool all; /* all hosts must be free */
};
/* Reads what the hosts have to do between two instants. `except`: a meeting that is being moved,
 * or 0; `host`: only this one, or 0. */
MUST_CHECK enum status booking_free_read(struct ctx *cx, const struct row *page, int minutes,
                                         i64 from_ms, i64 until_ms, i64 except, i64 host,
                                         struct booking_free **out);
/* Slots that begin on a local day of zone z, in order, at most SLOTS_OF_DAY. */
size_t booking_slots(struct ctx *cx, const struct booking_free *f, const struct zone *z, i64 day,
                     i64 out[SLOTS_OF_DAY]);
/* Who takes one: the free host with the fewest meetings ahead; or, when all are needed, the first.
 * 0: it is not free. */
i64 booking_host_for(struct ctx *cx, const struct booking_free *f, i64 at_ms);

/* ---- from a choice to a meeting ---- */
struct booking_wish {
    const struct row *page;
    i64 at_ms;
    int minutes;
    const char *name, *email, *zone; /* zone: the visitor's, or "" */
    const char *answers[BOOKING_QUESTIONS_MOST];
    u64 visitor;
};
/* Makes the meeting, with contact, guests, mails, journey: in the caller's writing transaction, as
 * the system. *guest_id is whose page shows it. E_CONFLICT "booking.taken": the slot is gone. */
MUST_CHECK enum status booking_take(struct ctx *cx, const struct booking_wish *w, i64 *guest_id);
/* Moves a booked meeting to another slot of its page. */
MUST_CHECK enum status booking_move(struct ctx *cx, struct row *meeting, const struct row *guest,
                                    i64 at_ms);
