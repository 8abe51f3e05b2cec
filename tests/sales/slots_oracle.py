"""Slots as Python's zoneinfo counts them: reads lines "ZONE DAY FROM-TO[,FROM-TO] MINUTES STEP" and prints the beginnings of slots in ms UTC.
Open parts are local times of the day; steps are told in time that passes."""
import datetime as dt
import sys
import zoneinfo

for line in sys.stdin:
    name, day, spans, minutes, step = line.split()
    zone, length, step = zoneinfo.ZoneInfo(name), int(minutes) * 60, int(step) * 60
    out = []
    for span in spans.split(","):
        ends = []
        for end in span.split("-"):
            hour, minute = map(int, end.split(":"))
            at = dt.datetime.fromisoformat(day) + dt.timedelta(days=hour // 24, hours=hour % 24, minutes=minute)
            ends.append(round(at.replace(tzinfo=zone).timestamp()))
        at = ends[0]
        while at + length <= ends[1]:
            out.append(at * 1000)
            at += step
    print(" ".join(map(str, out)))
