"""What another implementation (python3-icalendar, python3-recurring-ical-events) makes of calendars.

Reads calendars from the file that is named, each behind a line "#case FROM UNTIL ZONE" (ms UTC) or "#look". For a case it
prints the instances within the window, "START END UID" in ms UTC, sorted, on one line with ; between. For a look it prints what
each event says."""
import datetime as dt
import sys
import warnings
import zoneinfo

warnings.simplefilter("ignore")
import icalendar
import recurring_ical_events


def instant(t, zone):
    if not isinstance(t, dt.datetime):
        t = dt.datetime(t.year, t.month, t.day, tzinfo=zone)
    elif t.tzinfo is None:
        t = t.replace(tzinfo=zone)
    return round(t.timestamp() * 1000)


def instances(text, begin, end, zone):
    calendar = icalendar.Calendar.from_ical(text)
    utc = dt.timezone.utc
    # a day more at both ends, then by the same rule as ours: what touches the window
    found = recurring_ical_events.of(calendar).between(
        dt.datetime.fromtimestamp(begin / 1000, utc) - dt.timedelta(days=2),
        dt.datetime.fromtimestamp(end / 1000, utc) + dt.timedelta(days=2))
    out = []
    for e in found:
        if str(e.get("STATUS", "")) == "CANCELLED":
            continue
        start = instant(e["DTSTART"].dt, zone)
        stop = instant(e["DTEND"].dt, zone) if "DTEND" in e else start
        if start < end and (stop > begin or (stop == start and start >= begin)):
            out.append((start, stop, str(e["UID"])))
    return ";".join(f"{a} {b} {c}" for a, b, c in sorted(out))


def look(text):
    calendar = icalendar.Calendar.from_ical(text)
    out = [str(calendar.get("METHOD")), str(calendar.get("X-WR-CALNAME", ""))]
    # zones by what the calendar itself says of them
    zones = {str(z["TZID"]): z.to_tz() for z in calendar.walk("VTIMEZONE")}
    for e in calendar.walk("VEVENT"):
        for name in ("DTSTART", "DTEND"):
            t = e[name].dt
            if not isinstance(t, dt.datetime):
                out.append(t.isoformat())
                continue
            tzid = e[name].params.get("TZID")
            if tzid:
                t = zones[tzid].localize(t.replace(tzinfo=None))
            out.append(t.astimezone(dt.timezone.utc).strftime("%Y-%m-%dT%H:%M:%SZ"))
        out += [str(e["UID"]), str(e["SEQUENCE"]), str(e["SUMMARY"]), str(e.get("DESCRIPTION", "")).replace("\n", "|"),
                str(e.get("LOCATION", "")), str(e.get("URL", "")), str(e["STATUS"])]
        organizer = e.get("ORGANIZER")
        if organizer:
            out.append(f"{organizer} {organizer.params.get('CN', '')}")
        people = e.get("ATTENDEE", [])
        for p in people if isinstance(people, list) else [people]:
            out.append(f"{p} {p.params.get('CN', '')} {p.params['ROLE']} {p.params['PARTSTAT']} {p.params.get('RSVP', '')}")
    return "/".join(out)


head, lines, answers = None, [], []


def close():
    if head is None:
        return
    words, text = head.split(), "\r\n".join(lines) + "\r\n"
    if words[0] == "#look":
        answers.append(look(text))
    else:
        answers.append(instances(text, int(words[1]), int(words[2]), zoneinfo.ZoneInfo(words[3])))


for line in open(sys.argv[1], encoding="utf-8", newline="\n").read().replace("\r\n", "\n").split("\n"):
    if line.startswith("#"):
        close()
        head, lines = line, []
    elif head is not None and line:
        lines.append(line)
close()
print("\n".join(answers))
