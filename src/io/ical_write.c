/* ical_write.c -- calendars as text. See ical.h. */
#include "io/ical.h"
#include <stdlib.h>

enum { LINE_BYTES = 75, LINE_MOST = 64 * 1024, CHANGES_MAX = 16 };

/* ---- lines ---- */
/* RFC 5545 3.1: longer lines go on behind a line break and a space; no character is cut. */
static void put_line(struct buf *out, const char *line)
{
    size_t left = strlen(line), room = LINE_BYTES;

    while (left > room) {
        size_t n = room;
        while (n > 1 && ((unsigned char)line[n] & 0xc0) == 0x80)
            n--;
        buf_add(out, line, n);
        buf_text(out, "\r\n ");
        line += n;
        left -= n;
        room = LINE_BYTES - 1;
    }
    buf_add(out, line, left);
    buf_text(out, "\r\n");
}

static void escape_text(struct buf *b, const char *text)
{
    for (const char *p = text; *p != '\0'; p++) {
        if (*p == '\\' || *p == ';' || *p == ',')
            buf_char(b, '\\');
        if (*p == '\n')
            buf_text(b, "\\n");
        else if (*p == '\t' || (unsigned char)*p >= ' ')
            buf_char(b, *p == 127 ? ' ' : *p);
        else if (*p != '\r')
            buf_char(b, ' ');
    }
}

static void put_text(struct arena *a, struct buf *out, const char *name, const char *text)
{
    struct buf b = buf_in(a, LINE_MOST);

    if (text == NULL || text[0] == '\0')
        return;
    buf_printf(&b, "%s:", name);
    escape_text(&b, text);
    put_line(out, buf_end(&b));
}

/* An address stands unescaped: what could end the line is left out. */
static void put_uri(struct arena *a, struct buf *out, const char *name, const char *uri)
{
    struct buf b = buf_in(a, LINE_MOST);

    if (uri == NULL || uri[0] == '\0')
        return;
    buf_printf(&b, "%s:", name);
    for (const char *p = uri; *p != '\0'; p++)
        if ((unsigned char)*p > ' ' && *p != 127)
            buf_char(&b, *p);
    put_line(out, buf_end(&b));
}

/* ---- times ---- */
static char *utc_text(struct arena *a, i64 ms)
{
    return zone_format(a, NULL, ms, "yyyyMMdd'T'HHmmss'Z'");
}

static char *day_text(struct arena *a, i64 day)
{
    int y, m, d;

    date_to_ymd(day, &y, &m, &d);
    return arena_printf(a, "%04d%02d%02d", y, m, d);
}

/* Whether clocks that are turned back show an instant twice: then only UTC tells it. */
static bool comes_twice(const struct zone *z, i64 ms)
{
    struct zone_change c[4];
    size_t n = zone_changes(z, ms - MS_DAY, ms + MS_DAY, c, countof(c));
    i64 local = ms + zone_offset_ms(z, ms);

    for (size_t i = 0; i < n; i++)
        if (local >= c[i].at_ms + c[i].after_ms && local < c[i].at_ms + c[i].before_ms)
            return true;
    return false;
}

static void put_time(struct arena *a, struct buf *out, const char *name, const struct ical_event *e,
                     i64 ms, i64 day)
{
    if (e->all_day)
        put_line(out, arena_printf(a, "%s;VALUE=DATE:%s", name, day_text(a, day)));
    else if (e->zone == NULL || comes_twice(e->zone, ms))
        put_line(out, arena_printf(a, "%s:%s", name, utc_text(a, ms)));
    else
        put_line(out, arena_printf(a, "%s;TZID=%s:%s", name, zone_name(a, e->zone),
                                   zone_format(a, e->zone, ms, "yyyyMMdd'T'HHmmss")));
}

/* ---- zones ---- */
static char *offset_text(struct arena *a, i64 ms)
{
    i64 s = llabs(ms) / MS_SECOND;

    if (s % 60 != 0)
        return arena_printf(a, "%c%02d%02d%02d", ms < 0 ? '-' : '+', (int)(s / 3600),
                            (int)(s / 60 % 60), (int)(s % 60));
    return arena_printf(a, "%c%02d%02d", ms < 0 ? '-' : '+', (int)(s / 3600), (int)(s / 60 % 60));
}

/* One rule of a zone: from this local time on, which is told by the clocks before it. */
static void put_observance(struct arena *a, struct buf *out, const char *kind, i64 local_ms,
                           i64 before_ms, i64 after_ms)
{
    put_line(out, arena_printf(a, "BEGIN:%s", kind));
    put_line(out,
             arena_printf(a, "DTSTART:%s", zone_format(a, NULL, local_ms, "yyyyMMdd'T'HHmmss")));
    put_line(out, arena_printf(a, "TZOFFSETFROM:%s", offset_text(a, before_ms)));
    put_line(out, arena_printf(a, "TZOFFSETTO:%s", offset_text(a, after_ms)));
    put_line(out, arena_printf(a, "END:%s", kind));
}

/* The zone as it is from before the first of its events until after the last one: none of them
 * recurs, so that each change of clocks is told by itself. */
static void put_zone(struct arena *a, struct buf *out, const struct zone *z, i64 from_ms,
                     i64 until_ms)
{
    struct zone_change c[CHANGES_MAX];
    size_t n = zone_changes(z, from_ms, until_ms, c, CHANGES_MAX);
    i64 first = zone_offset_ms(z, from_ms);
    bool summer = n > 0 && c[0].before_ms > c[0].after_ms;

    put_line(out, "BEGIN:VTIMEZONE");
    put_line(out, arena_printf(a, "TZID:%s", zone_name(a, z)));
    put_observance(a, out, summer ? "DAYLIGHT" : "STANDARD", from_ms + first, first, first);
    for (size_t i = 0; i < n; i++)
        put_observance(a, out, c[i].after_ms > c[i].before_ms ? "DAYLIGHT" : "STANDARD",
                       c[i].at_ms + c[i].before_ms, c[i].before_ms, c[i].after_ms);
    put_line(out, "END:VTIMEZONE");
}

static void put_zones(struct arena *a, struct buf *out, const struct ical_calendar *c)
{
    for (size_t i = 0; i < c->event_count; i++) {
        const struct zone *z = c->events[i].all_day ? NULL : c->events[i].zone;
        i64 from = INT64_MAX, until = INT64_MIN;
        bool done = z == NULL;
        for (size_t k = 0; k < c->event_count && !done; k++) {
            if (c->events[k].all_day || c->events[k].zone != z)
                continue;
            done = k < i; /* an event before it had this zone */
            if (c->events[k].start_ms < from)
                from = c->events[k].start_ms;
            if (c->events[k].end_ms > until)
                until = c->events[k].end_ms;
        }
        if (!done)
            put_zone(a, out, z, from - 400 * (i64)MS_DAY, until + 400 * (i64)MS_DAY);
    }
}

/* ---- people ---- */
static const char *const answers[] = { "NEEDS-ACTION", "ACCEPTED", "DECLINED", "TENTATIVE" };

/* A parameter's value in quotes, in which no quotes and no line breaks can stand. */
static void put_name(struct buf *b, const char *name)
{
    if (name == NULL || name[0] == '\0')
        return;
    buf_text(b, ";CN=\"");
    for (const char *p = name; *p != '\0'; p++)
        buf_char(b, *p == '"' ? '\'' : (unsigned char)*p < ' ' || *p == 127 ? ' ' : *p);
    buf_char(b, '"');
}

static void put_mail(struct buf *b, const char *mail)
{
    buf_text(b, ":mailto:");
    for (const char *p = mail; *p != '\0'; p++)
        if ((unsigned char)*p > ' ' && *p != 127)
            buf_char(b, *p);
}

static void put_person(struct arena *a, struct buf *out, const struct ical_person *p,
                       enum ical_method method)
{
    struct buf b = buf_in(a, LINE_MOST);

    buf_text(&b, "ATTENDEE;CUTYPE=INDIVIDUAL");
    buf_printf(&b, ";ROLE=%s", p->optional ? "OPT-PARTICIPANT" : "REQ-PARTICIPANT");
    buf_printf(&b, ";PARTSTAT=%s", answers[p->answer]);
    if (method == ICAL_REQUEST && p->answer == ICAL_NEEDS_ACTION)
        buf_text(&b, ";RSVP=TRUE");
    put_name(&b, p->name);
    put_mail(&b, p->mail);
    put_line(out, buf_end(&b));
}

static void put_organizer(struct arena *a, struct buf *out, const struct ical_person *p)
{
    struct buf b = buf_in(a, LINE_MOST);

    if (p->mail == NULL || p->mail[0] == '\0')
        return;
    buf_text(&b, "ORGANIZER");
    put_name(&b, p->name);
    put_mail(&b, p->mail);
    put_line(out, buf_end(&b));
}

/* ---- events ---- */
static void put_alarm(struct arena *a, struct buf *out, const struct ical_event *e)
{
    put_line(out, "BEGIN:VALARM");
    put_line(out, "ACTION:DISPLAY");
    put_text(a, out, "DESCRIPTION", e->title != NULL && e->title[0] != '\0' ? e->title : "Meeting");
    put_line(out, arena_printf(a, "TRIGGER:-PT%dM", e->remind_minutes));
    put_line(out, "END:VALARM");
}

static void put_event(struct arena *a, struct buf *out, const struct ical_event *e,
                      enum ical_method method)
{
    put_line(out, "BEGIN:VEVENT");
    put_text(a, out, "UID", e->uid);
    put_line(out, arena_printf(a, "DTSTAMP:%s", utc_text(a, e->stamp_ms)));
    put_line(out, arena_printf(a, "SEQUENCE:%lld", (long long)e->sequence));
    put_time(a, out, "DTSTART", e, e->start_ms, e->start_day);
    put_time(a, out, "DTEND", e, e->end_ms, e->end_day);
    put_text(a, out, "SUMMARY", e->title);
    put_text(a, out, "DESCRIPTION", e->text);
    put_text(a, out, "LOCATION", e->place);
    put_uri(a, out, "URL", e->url);
    put_text(a, out, "COMMENT", e->comment);
    put_line(out, e->cancelled   ? "STATUS:CANCELLED"
                  : e->tentative ? "STATUS:TENTATIVE"
                                 : "STATUS:CONFIRMED");
    put_line(out, e->free ? "TRANSP:TRANSPARENT" : "TRANSP:OPAQUE");
    if (e->secret)
        put_line(out, "CLASS:PRIVATE");
    put_organizer(a, out, &e->organizer);
    for (size_t i = 0; i < e->people_count; i++)
        put_person(a, out, &e->people[i], method);
    if (e->remind_minutes > 0 && method != ICAL_CANCEL && method != ICAL_REPLY)
        put_alarm(a, out, e);
    put_line(out, "END:VEVENT");
}

void ical_write(struct arena *a, struct buf *out, const struct ical_calendar *c)
{
    static const char *const methods[] = { "PUBLISH", "REQUEST", "CANCEL", "REPLY", "PUBLISH" };

    put_line(out, "BEGIN:VCALENDAR");
    put_line(out, "VERSION:2.0");
    put_line(out, "PRODID:-//Furrow//Furrow//EN");
    put_line(out, "CALSCALE:GREGORIAN");
    put_line(out, arena_printf(a, "METHOD:%s", methods[c->method]));
    put_text(a, out, "X-WR-CALNAME", c->name);
    if (c->refresh_minutes > 0) { /* RFC 7986, and what Outlook reads */
        put_line(out, arena_printf(a, "REFRESH-INTERVAL;VALUE=DURATION:PT%dM", c->refresh_minutes));
        put_line(out, arena_printf(a, "X-PUBLISHED-TTL:PT%dM", c->refresh_minutes));
    }
    put_zones(a, out, c);
    for (size_t i = 0; i < c->event_count; i++)
        put_event(a, out, &c->events[i], c->method);
    put_line(out, "END:VCALENDAR");
}
