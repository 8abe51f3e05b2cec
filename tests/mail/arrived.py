#!/usr/bin/python3
"""What arrived in a mailbox, and what a DKIM verifier of others says of it: Dovecot is read by Python's imaplib,
signatures are checked by dkimpy (Debian's python3-dkim).

  arrived.py IMAPS_PORT CA_FILE USER PASSWORD < {"keys": {"SELECTOR._domainkey.DOMAIN": "v=DKIM1; ...", ...}, "texts": [ADDRESS, ...]}

Prints a list, one entry a mail: to, cc, from, subject, message_id, in_reply_to, references, list_unsubscribe, one_click; text of the
mails to the addresses that are named, and what python3-icalendar makes of a calendar in them (method, as the part and as the
calendar say it, uid, organizer, attendees, start and end in UTC, sequence); with keys its signatures, each {"algorithm", "domain", "passes", "signs"}."""
import datetime, email, email.header, email.policy, email.utils, imaplib, json, re, ssl, sys
import dkim, icalendar

port, authority, user, password = sys.argv[1:5]
asked = json.load(sys.stdin)
keys = asked.get("keys", {})


def dns(name, timeout=5):
    return keys.get(name.decode().rstrip("."), "").encode()


def signatures(raw):
    out, checker = [], dkim.DKIM(raw)
    count = sum(1 for name, _ in checker.headers if name.lower() == b"dkim-signature")
    for i in range(count):
        one = dkim.DKIM(raw)
        try:
            passes = one.verify(idx=i, dnsfunc=dns)
        except dkim.DKIMException as e:
            passes = False
            print(e, file=sys.stderr)
        fields = one.signature_fields or {}
        out.append({"algorithm": fields.get(b"a", b"").decode(), "domain": fields.get(b"d", b"").decode(), "passes": bool(passes),
                    "signs": re.sub(r"\s", "", fields.get(b"h", b"").decode()).lower().split(":")})
    return out


def words(field):
    return str(email.header.make_header(email.header.decode_header(re.sub(r"\r?\n\s*", " ", str(field or "")))))


def text_of(raw):
    part = email.message_from_bytes(raw, policy=email.policy.default).get_body(("plain",))
    return part.get_content() if part else ""


def mail_of(address):
    return re.sub("^mailto:", "", str(address), flags=re.I)


def calendar_of(raw):
    """The invitation as a program for calendars meets it: the part that is no attachment (RFC 6047)."""
    for part in email.message_from_bytes(raw, policy=email.policy.default).walk():
        if part.get_content_type() != "text/calendar" or part.get_content_disposition() == "attachment":
            continue
        calendar = icalendar.Calendar.from_ical(part.get_content())
        zones = {str(z["TZID"]): z.to_tz() for z in calendar.walk("VTIMEZONE")}
        event, = calendar.walk("VEVENT")

        def utc(name):
            t, zone = event[name].dt, event[name].params.get("TZID")
            t = zones[zone].localize(t.replace(tzinfo=None)) if zone else t
            return t.astimezone(datetime.timezone.utc).strftime("%Y-%m-%dT%H:%M:%SZ")

        people = event.get("ATTENDEE", [])
        return {"part_method": part.get_param("method") or part["Content-Type"].params.get("method"), "method": str(calendar["METHOD"]),
                "uid": str(event["UID"]), "organizer": mail_of(event["ORGANIZER"]), "sequence": int(event["SEQUENCE"]),
                "attendees": [{"mail": mail_of(one), "answer": str(one.params.get("PARTSTAT", ""))}
                              for one in (people if isinstance(people, list) else [people])],
                "start": utc("DTSTART"), "end": utc("DTEND"), "summary": str(event["SUMMARY"])}
    return None


box = imaplib.IMAP4_SSL("127.0.0.1", int(port), ssl_context=ssl.create_default_context(cafile=authority))
box.login(user, password)
box.select("INBOX", readonly=True)
mails = []
_, found = box.search(None, "ALL")
numbers = found[0].split()
for at in range(0, len(numbers), 200):
    _, parts = box.fetch(b",".join(numbers[at : at + 200]), "(BODY.PEEK[])")
    for part in parts:
        if not isinstance(part, tuple):
            continue
        raw = part[1]
        m = email.message_from_bytes(raw.split(b"\r\n\r\n", 1)[0])
        to = email.utils.parseaddr(m["To"])[1]
        mails.append({"to": to, "cc": words(m["Cc"]), "from": words(m["From"]), "subject": words(m["Subject"]), "message_id": words(m["Message-ID"]),
                      "in_reply_to": words(m["In-Reply-To"]), "references": words(m["References"]), "reply_to": words(m["Reply-To"]),
                      "list_unsubscribe": words(m["List-Unsubscribe"]), "one_click": words(m["List-Unsubscribe-Post"]),
                      "text": text_of(raw) if to in asked.get("texts", []) else "",
                      "calendar": calendar_of(raw) if to in asked.get("texts", []) else None, "signatures": signatures(raw) if keys else []})
box.logout()
json.dump(mails, sys.stdout)
