#!/usr/bin/env python3
"""Kills the server while it sends, starts it again, and asks the mail server of this test who got what.

  crash_test.py [ROUNDS] [--program build/furrow] [--engine sqlite|postgres] [--mails N]

A round: mails are handed over by the API, the server sends them to a sink that answers 250, and now and
then 450 or 421; kill -9 after some more of them have gone, again and again; in the end it runs until nothing
waits. Then must hold: nobody got two; whom nobody sent to is listed as unsure, and no more mails are unsure
than were between their end and the answer when the server was killed (one a connection).
PostgreSQL needs FURROW_TEST_PG: run it through tests/support/with_pg.sh. FURROW_PROVE=1: 100 rounds."""
import argparse, collections, http.client, json, os, random, shutil, signal, socketserver, sys, tempfile
import threading, time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "support"))
from program import SERVERS, Program

CONNECTIONS = 4


class Sink(socketserver.ThreadingTCPServer):
    allow_reuse_address = daemon_threads = True

    def __init__(self, seed):
        super().__init__(("127.0.0.1", 0), Line)
        self.got, self.later, self.random = collections.Counter(), set(), random.Random(seed)
        self.lock = threading.Lock()
        threading.Thread(target=self.serve_forever, daemon=True).start()

    def handle_error(self, request, client_address):
        pass  # the other side was killed


class Line(socketserver.StreamRequestHandler):
    def say(self, text):
        self.wfile.write(text.encode() + b"\r\n")
        self.wfile.flush()

    def handle(self):
        sink, to = self.server, None
        self.say("220 sink")
        while line := self.rfile.readline():
            word = line[:4].upper()
            if word == b"EHLO":
                self.say("250-sink\r\n250 PIPELINING")
            elif word == b"MAIL":
                self.say("250 2.1.0 ok")
            elif word == b"RCPT":
                to = line.decode().split("<")[1].split(">")[0]
                with sink.lock:
                    first = to not in sink.later and sink.random.random() < 0.2
                    sink.later.add(to)
                if first:
                    to = None
                self.say("450 4.2.0 later" if first else "250 2.1.5 ok")
            elif word == b"DATA":
                if to is None:
                    self.say("554 5.5.1 no valid recipients")
                    continue
                with sink.lock:
                    closes = sink.random.random() < 0.02
                if closes:
                    self.say("421 4.7.0 slower")
                    return
                self.say("354 go on")
                while (text := self.rfile.readline()) not in (b".\r\n", b""):
                    pass
                if text == b"":
                    return
                with sink.lock:
                    sink.got[to] += 1
                    late = sink.random.random() * 0.004
                time.sleep(late)
                self.say("250 2.0.0 taken")
                to = None
            elif word == b"QUIT":
                self.say("221 bye")
                return
            else:
                self.say("250 ok")


class House(Program):
    def __init__(self, program, engine, scratch, seed):
        super().__init__(program, engine, scratch, "mailcrash", "error")
        self.random, self.sink = random.Random(seed), Sink(seed)
        self.kills = self.amid = self.unsure = self.unsure_missed = 0
        self.start()
        self.ask("POST", "/settings/workspace", {"mail.retry_seconds": "0"}, fine=(200, 303, 204))
        made = self.ask("POST", "/api/v1/senders", {"name": "Crash", "from_address": "a@crash.example", "host": "127.0.0.1",
                 "port": self.sink.server_address[1], "security": "none", "connections": CONNECTIONS}, fine=(201,))
        self.sender = made["id"]

    def start(self):
        super().start()
        self.connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=60)

    def ask(self, method, path, body=None, fine=(200,)):
        self.connection.request(method, path, json.dumps(body) if body is not None else None,
                                {"Authorization": f"Bearer {self.token}", "Content-Type": "application/json",
                                 "Accept": "application/json"})
        answer = self.connection.getresponse()
        text = answer.read().decode()
        if answer.status not in fine:
            sys.exit(f"{method} {path}: {answer.status} {text[:300]}")
        return json.loads(text) if text.startswith("{") else text

    def kill(self):
        self.server.send_signal(signal.SIGKILL)
        self.server.wait()

    def mails(self, state):
        out, before = [], ""
        while True:
            page = self.ask("GET", f"/api/v1/mails?state={state}&before={before}")
            out += page["data"]
            before = page["before"]
            if not before:
                return out

    def settled(self):
        until, empty = time.time() + 300, 0
        while empty < 3:  # a mail that moves on between two looks is seen by neither, but not three times
            looks = [self.ask("GET", f"/api/v1/mails?state={s}")["data"] for s in ("waiting", "sending", "deferred")]
            empty = 0 if any(looks) else empty + 1
            if time.time() > until:
                sys.exit("mails do not go: " + str({s: len(self.mails(s)) for s in ("waiting", "sending", "deferred")}))
            time.sleep(0.05)

    def round(self, number, mails):
        addresses = [f"r{number}n{i}@crash.example" for i in range(mails)]
        # All wait first, so that the kills come while they go.
        self.ask("PATCH", f"/api/v1/senders/{self.sender}", {"active": False})
        for a in addresses:
            self.ask("POST", "/api/v1/mails", {"to": a, "subject": "S", "text": "T", "lane": "bulk"}, fine=(202,))
        self.ask("PATCH", f"/api/v1/senders/{self.sender}", {"active": True})
        kills, at = 0, []
        sent = lambda: sum(1 for a in addresses if self.sink.got[a])
        while kills == 0 or self.random.random() < 0.6:
            # In the midst of sending, however fast this machine is: so many more have gone; or some moment after a start.
            aim, until = sent() + self.random.randrange(1, max(2, mails // 3)), time.time() + 5
            if self.random.random() < 0.2:
                aim, until = mails, time.time() + self.random.random() * 0.3
            while sent() < min(aim, mails - 1) and time.time() < until:
                time.sleep(0.001)
            time.sleep(self.random.random() * 0.01)
            self.kill()
            at.append(sent())
            kills += 1
            self.start()
        self.settled()
        self.kills += kills
        self.amid += sum(1 for n in at if 0 < n < mails)
        unsure = {m["to"] for m in self.mails("unsure")} & set(addresses)
        bounced = self.mails("bounced") + self.mails("failed")
        twice = [a for a in addresses if self.sink.got[a] > 1]
        missed = [a for a in addresses if self.sink.got[a] == 0]
        lost = [a for a in missed if a not in unsure]
        self.unsure += len(unsure)
        self.unsure_missed += len(missed)
        print(f"{self.engine} round {number}: {mails} mails, killed when {at} were sent, {len(unsure)} unsure, {len(missed)} not sent",
              flush=True)
        faults = []
        if twice:
            faults.append(f"twice: {twice[:5]}")
        if lost:
            states = {m["to"]: s for s in ("sent", "waiting", "sending", "deferred", "held", "skipped") for m in self.mails(s)}
            faults.append(f"missed and not listed: {[(a, states.get(a)) for a in lost[:5]]}")
        if bounced:
            faults.append(f"called bounced: {bounced[:3]}")
        if len(unsure) > kills * CONNECTIONS:
            faults.append(f"{len(unsure)} unsure: more than could have been under way")
        self.ask("POST", "/mails/unsure", {"action": "again"}, fine=(200, 303))
        self.settled()
        never = [a for a in addresses if self.sink.got[a] == 0]
        if never:
            faults.append(f"sent again and still nobody got it: {never[:5]}")
        return faults


def main():
    p = argparse.ArgumentParser()
    p.add_argument("rounds", nargs="?", type=int, default=3)
    p.add_argument("--program", default="build/furrow")
    p.add_argument("--engine", default="sqlite")
    p.add_argument("--mails", type=int, default=120)
    p.add_argument("--seed", type=int, default=1)
    o = p.parse_args()
    if os.environ.get("FURROW_PROVE"):
        o.rounds = 100
    scratch = tempfile.mkdtemp(prefix="furrow-mailcrash-")
    bad, house = 0, None
    try:
        house = House(o.program, o.engine, scratch, o.seed)
        for i in range(o.rounds):
            faults = house.round(i, o.mails)
            bad += bool(faults)
            for f in faults:
                print("  " + f, flush=True)
        print(f"{o.engine}: {house.kills} kills, {house.amid} while mails went; {house.unsure} mails were under way and are listed as "
              f"unsure, {house.unsure_missed} of them had not arrived")
        if house.amid * 2 < house.kills:
            bad += 1
            print("  most kills came when nothing went: that proves little")
    finally:
        for server in SERVERS:
            server.kill()
        shutil.rmtree(scratch, ignore_errors=True)
    print(f"{max(0, o.rounds - bad)} passed, {bad} failed")
    sys.exit(1 if bad else 0)


main()
