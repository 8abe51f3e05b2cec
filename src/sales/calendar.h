/* calendar.h -- what somebody has to do, by day: meetings, tasks and calls that are due, and what
 * stands in their other calendars.
 *
 *   calendar.c        the page: day, week, month, team
 *   calendar_read.c   the entries, and how those that overlap stand beside each other
 *   calendar_out.c    /calendar/SECRET.ics: own entries for other programs
 *   calendar_feed.c   other calendars, read from time to time */
#pragma once
#include "kit/kit.h"

struct entry {
    i64 from_ms, until_ms; /* tasks: half an hour before they are due */
    bool all_day, task, done, busy_only; /* busy_only: somebody else's, no more is said */
    const char *title, *path, *place;    /* path "" for what is not ours */
    i64 id, contact_id;                  /* of the activity; 0: of another calendar */
    i64 user_id, changed_ms;
    int lane, lanes;                     /* entry_lay */
};
enum { ENTRIES_MOST = 1000 };
/* What a user has between two instants, by beginning; what others see of it, when it is not their
 * own, is what their role allows. */
MUST_CHECK enum status entries_read(struct ctx *cx, i64 user_id, i64 from_ms, i64 until_ms,
                                    struct entry **out, size_t *count);
/* Gives entries that overlap lanes beside each other: of `lanes` that stand together each has its
 * `lane`, and none is in one with another of the same time. Sorted by beginning; short ones count
 * as so long as they are drawn. */
void entry_lay(struct entry *entries, size_t count, i64 least_ms);
