/* ical.h -- calendars as programs exchange them: iCalendar (RFC 5545), and what is said with it of
 * meetings (iTIP, RFC 5546): asked, cancelled, answered. libical parses; recurrences are expanded
 * here, inside a window, in the event's own zone.
 *
 * Times      an event with a zone has its times in it, with a VTIMEZONE beside; one without has UTC
 *            times. All-day events have days; their instants are those of the window's zone.
 *            Floating times are the window's zone's too.
 * Zones      a TZID is an IANA name, also behind a path; or a Windows name, as far as ICU knows it;
 *            or what the calendar's own VTIMEZONE says.
 * Recurring  RRULE, RDATE, EXDATE, RECURRENCE-ID (each for its one instance: RANGE is not read).
 *            Rules by the second, and those with so many parts that counting them never ends, are
 *            not expanded: `skipped` counts their events.
 * Limits     those below: more events or instances than these are cut, and `cut` says so.
 * Ownership  what is read is in cx's arena.
 * Threads    any. */
#pragma once
#include "base/buf.h"
#include "base/ctx.h"

enum {
    ICAL_BYTES = 5 * 1024 * 1024,
    ICAL_EVENTS = 20 * 1000,
    ICAL_INSTANCES = 20 * 1000,
    ICAL_PEOPLE = 300,      /* of one event */
    ICAL_TEXT_BYTES = 8000, /* of one text */
    ICAL_STEPS = 50 * 1000, /* of one rule */
    ICAL_MS = 5000,         /* for all rules together */
};

enum ical_method { ICAL_PUBLISH, ICAL_REQUEST, ICAL_CANCEL, ICAL_REPLY, ICAL_OTHER };
enum ical_answer { ICAL_NEEDS_ACTION, ICAL_ACCEPTED, ICAL_DECLINED, ICAL_TENTATIVE };

struct ical_person {
    const char *name, *mail; /* name "" or NULL: none; mail in lower case when read */
    enum ical_answer answer;
    bool optional;
};
struct ical_event {
    const char *uid;
    i64 sequence;
    const char *title, *text, *place, *url; /* NULL or "": none */
    i64 start_ms, end_ms;
    bool all_day; /* then these days count, the last not included */
    i64 start_day, end_day;
    const struct zone *zone; /* NULL: UTC */
    i64 stamp_ms;            /* of what is said; when read: 0 when not told */
    bool cancelled, tentative, free, secret; /* TRANSP:TRANSPARENT; CLASS other than PUBLIC */
    struct ical_person organizer;            /* mail NULL or "": none */
    struct ical_person *people;
    size_t people_count;
    const char *comment; /* of a reply */
    int remind_minutes;  /* > 0: an alarm so long before */
    /* when read: it is an instance of its own of a recurring event */
    bool is_exception;
};
struct ical_calendar {
    enum ical_method method;
    const char *name; /* X-WR-CALNAME, or NULL */
    int refresh_minutes; /* how often to look again; 0: not said */
    const struct ical_event *events;
    size_t event_count;
};
/* Writes a calendar: lines of at most 75 bytes, CRLF. Control characters in texts become spaces. */
void ical_write(struct arena *a, struct buf *out, const struct ical_calendar *c);

struct ical_instance {
    const struct ical_event *event;
    i64 start_ms, end_ms;
};
struct ical {
    enum ical_method method;
    const char *name; /* "" when none */
    struct ical_event *events; /* as they stand, recurring ones once */
    size_t event_count;
    struct ical_instance *instances; /* within the window, by start; none cancelled */
    size_t instance_count;
    size_t skipped;
    bool cut;
};
struct ical_window {
    i64 from_ms, until_ms;   /* instances that touch it; equal: none are expanded */
    const struct zone *zone; /* NULL: UTC */
};
/* Reads a calendar. E_INVALID: it is none. E_TOO_LARGE: over ICAL_BYTES. */
MUST_CHECK enum status ical_read(struct ctx *cx, struct str bytes, const struct ical_window *w,
                                 struct ical **out);
