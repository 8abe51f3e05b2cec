#!/usr/bin/env python3
"""Kills the server at random moments under mixed load and asks whether anything was lost.

  crash_test.py [ROUNDS] [--program build/furrow] [--engine sqlite|postgres] [--seed N] [--keep]

PostgreSQL needs FURROW_TEST_PG, the address of a cluster: run it through tests/support/with_pg.sh.

A round: start the server; several threads post events, make, change, delete and move records and send
forms, and remember what was acknowledged and what was under way; kill -9; now and then kill the next
start too; `furrow check`; start again and ask for everything. Then must hold:
  - a record acknowledged is there, in at least the version acknowledged, and whole: it says what was
    acknowledged last or what was under way, and fields that were written together agree;
  - a record deleted is gone; one under way is wholly there or not at all;
  - an event acknowledged is on its visitor's journey once, one under way at most once;
  - a form acknowledged made its contact, its submission and its event; one under way all of them or none;
  - each move of a deal acknowledged is told once on the journey of its contact;
  - `furrow check` finds nothing.
Prints a line a round and at the end "N passed, N failed"."""
import argparse, http.client, json, os, random, shutil, signal, subprocess, sys, tempfile, threading, time
import urllib.parse
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent.parent
AGENT = "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/119.0.0.0 Safari/537.36"
EVENTS_A_VISITOR = 200  # below what one page of a timeline shows
START_SECONDS = 20
GONE = (OSError, http.client.HTTPException)


class Fault(Exception):
    pass


class Client:
    """One kept connection, as somebody with a token."""

    def __init__(self, port, token):
        self.connection = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
        self.token = token

    def ask(self, method, path, body=None, headers=None):
        sent = {"Accept": "application/json", "User-Agent": AGENT, "Authorization": f"Bearer {self.token}"}
        if isinstance(body, (dict, list)):
            body = json.dumps(body)
            sent["Content-Type"] = "application/json"
        elif body is not None:
            sent["Content-Type"] = "application/x-www-form-urlencoded"
        sent.update(headers or {})
        if sent["Authorization"] == "":
            del sent["Authorization"]
        self.connection.request(method, path, body, sent)
        answer = self.connection.getresponse()
        if answer.headers.get("X-Furrow-Dropped"):
            raise Fault(f"an event was dropped: {answer.headers['X-Furrow-Dropped']}")
        return answer.status, answer.read().decode()

    def value(self, method, path, body=None, expect=(200, 201)):
        status, text = self.ask(method, path, body)
        if status not in expect:
            raise Fault(f"{method} {path}: {status} {text[:300]}")
        return json.loads(text) if text.strip().startswith(("{", "[")) else None

    def event(self, visitor, path, name="pageview"):
        return self.ask("POST", "/api/event", json.dumps({"n": name, "u": "https://crash.example" + path,
                        "d": "crash.example", "fid": visitor}), {"Content-Type": "text/plain", "Authorization": ""})[0]

    def form(self, slug, fields, number):
        # A forwarded address each: the limit of posts per address is not what is tried here.
        address = f"10.{number >> 16 & 255}.{number >> 8 & 255}.{number & 255}"
        return self.ask("POST", f"/f/{slug}", urllib.parse.urlencode(fields),
                        {"X-Forwarded-For": address, "Authorization": ""})

    def drained(self):
        """Waits until what the last commits put into the outbox is on the journeys."""
        deadline = time.time() + START_SECONDS
        while "furrow_outbox_waiting 0" not in self.ask("GET", "/metrics")[1]:
            if time.time() > deadline:
                raise Fault("the outbox is not drained")
            time.sleep(0.01)


class House:
    """One engine: its data, its server, what it has acknowledged."""

    def __init__(self, program, engine, seed, scratch):
        self.program, self.engine, self.random = program, engine, random.Random(f"{engine}{seed}")
        self.data = Path(scratch) / engine
        self.options = ["--data", str(self.data), "--trusted-proxy", "127.0.0.1", "--log", "warn"]
        if engine == "postgres":
            cluster, name = os.environ["FURROW_TEST_PG"], f"crash_{os.getpid()}"
            run(["psql", "-q", cluster, "-c", f"CREATE DATABASE {name}"])
            self.options += ["--db", cluster.replace("/postgres?", f"/{name}?")]
        self.server = self.port = None
        self.form_count = 0
        self.lock = threading.Lock()
        self.log = open(Path(scratch) / f"{engine}.log", "ab")

    def command(self, *words, given=None):
        return run([self.program, *words, *self.options], given)

    def prepare(self):
        self.command("user", "add", "admin@crash.example", "--password-stdin", given="a long enough password\n")
        self.token = self.command("token", "add", "admin@crash.example", "--write").split()[-1]
        self.start()
        c = self.client()
        c.value("POST", "/api/v1/sites", {"name": "Crash", "domain": "crash.example", "mode": "consent"})
        form = c.value("POST", "/api/v1/forms", {"name": "Crash", "slug": "crash"})
        c.value("POST", f"/forms/{form['id']}/build", urllib.parse.urlencode({"label.0": "Email", "kind.0": "email",
                "name.0": "email", "label.1": "First name", "name.1": "first_name", "kind.1": "text"}), (200, 303))
        # Plain posts, many a minute, make their contact at once: the guards would hold them for a person's look.
        c.value("POST", f"/forms/{form['id']}/share", "guard=off", (200, 303))
        c.value("POST", f"/forms/{form['id']}/publish", "", (200, 303))
        self.stages = [s["id"] for s in c.value("GET", "/api/v1/stages?limit=200")["data"]
                       if s.get("kind", "open") == "open" and not s.get("is_won") and not s.get("is_lost")]
        if len(self.stages) < 3:
            raise Fault("too few open stages to move deals among")

    def client(self):
        return Client(self.port, self.token)

    def launch(self):
        return subprocess.Popen([self.program, "serve", "--listen", "127.0.0.1:0", *self.options],
                                stdout=subprocess.PIPE, stderr=self.log)

    def start(self):
        self.server = self.launch()
        line = self.server.stdout.readline().decode()
        while line and "port " not in line:
            line = self.server.stdout.readline().decode()
        if not line:
            raise Fault(f"the server did not start: exit {self.server.wait()}")
        self.port = int(line.split("port ")[1].split(";")[0].split()[0])
        deadline = time.time() + START_SECONDS
        while True:
            try:
                if self.client().ask("GET", "/readyz")[0] == 200:
                    return
            except GONE:
                pass
            if time.time() > deadline:
                raise Fault("the server is not ready")
            time.sleep(0.01)

    def kill(self):
        if self.server is not None:
            self.server.send_signal(signal.SIGKILL)
            self.server.wait()
            self.server.stdout.close()
            self.server = None

    def kill_a_start(self):
        """A start that does not come far: what it was mending is mended by the next."""
        server = self.launch()
        time.sleep(self.random.random() * 0.15)
        server.kill()
        server.wait()
        server.stdout.close()

    def next_form(self):
        with self.lock:
            self.form_count += 1
            return self.form_count


def run(command, given=None):
    done = subprocess.run(command, input=given, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    if done.returncode != 0:
        raise Fault(f"{' '.join(str(c) for c in command[:3])}: exit {done.returncode}: {done.stdout[-600:]}{done.stderr[-600:]}")
    return done.stdout


class Load(threading.Thread):
    """Asks one kind of thing again and again until the server is gone; `acked` counts answers of success."""

    def __init__(self, house, round_number, n):
        super().__init__(daemon=True)
        self.house, self.name, self.acked, self.wrong = house, f"{house.engine}-{round_number}-{n}", 0, None
        self.random = random.Random(f"{self.name}{house.random.random()}")
        self.client = house.client()

    def run(self):
        try:
            while True:
                self.step()
        except GONE:
            pass
        except Exception as e:  # reported by the round
            self.wrong = f"{type(e).__name__}: {e}"

    def expect(self, status, text, good=(200, 201)):
        if status in good:
            self.acked += 1
            return
        raise Fault(f"{self.name}: answered {status} {text[:200]}")


class Events(Load):
    def __init__(self, *args):
        super().__init__(*args)
        self.visitors, self.count = {}, 0  # visitor -> {path: acknowledged}

    def step(self):
        visitor = f"{self.name}-{self.count // EVENTS_A_VISITOR}"
        path = f"/{self.name}/{self.count}"
        self.count += 1
        self.visitors.setdefault(visitor, {})[path] = False
        self.expect(self.client.event(visitor, path), "", (202,))
        self.visitors[visitor][path] = True

    def verify(self, client):
        contacts = {v: send_form(self.house, client, v + "@crash.example", v) for v in self.visitors}
        client.drained()
        for visitor, paths in self.visitors.items():
            contact = contacts[visitor]
            seen = [p["path"] for item in journey_items(client, contact) for p in item.get("pages", [])]
            for path, acknowledged in paths.items():
                n = seen.count(path)
                if n > 1 or (acknowledged and n == 0):
                    raise Fault(f"event {path} is on the journey {n} times, acknowledged: {acknowledged}")
            strange = set(seen) - set(paths)
            if strange:
                raise Fault(f"{visitor} has events of somebody else: {sorted(strange)[:3]}")


class Records(Load):
    """Makes contacts, changes two fields of one at once, deletes a few."""

    def __init__(self, *args):
        super().__init__(*args)
        self.count, self.known, self.under_way = 0, {}, None  # id -> [version, mark]; version 0: deleted

    def step(self):
        dice = self.random.random()
        alive = [i for i, (version, _) in self.known.items() if version]
        self.count += 1
        mark = f"{self.name}-{self.count}"
        if dice < 0.4 or len(alive) < 3:
            self.under_way = ("make", mark, mark)
            status, text = self.client.ask("POST", "/api/v1/contacts", {"email": f"{mark}@crash.example",
                                           "first_name": mark, "job_title": mark, "city": mark, "notes": mark * 20})
            self.expect(status, text)
            made = json.loads(text)
            self.known[made["id"]] = [made["version"], mark]
        elif dice < 0.95:
            which = self.random.choice(alive)
            self.under_way = ("change", which, mark)
            status, text = self.client.ask("PATCH", f"/api/v1/contacts/{which}", {"job_title": mark, "city": mark, "notes": mark * 20})
            self.expect(status, text)
            self.known[which] = [json.loads(text)["version"], mark]
        else:
            which = self.random.choice(alive)
            self.under_way = ("delete", which, None)
            status, text = self.client.ask("DELETE", f"/api/v1/contacts/{which}")
            self.expect(status, text, (200, 204))
            self.known[which] = [0, None]
        self.under_way = None

    def verify(self, client):
        for which, (version, mark) in self.known.items():
            status, text = client.ask("GET", f"/api/v1/contacts/{which}")
            trying = self.under_way if self.under_way and self.under_way[1] == which else None
            if version == 0 or (trying and trying[0] == "delete" and status == 404):
                if status != 404:
                    raise Fault(f"contact {which} was deleted and is there: {status}")
                continue
            if status != 200:
                raise Fault(f"contact {which} version {version} is lost: {status} {text[:200]}")
            self.whole(json.loads(text), version, mark, trying)
        if self.under_way and self.under_way[0] == "make":
            found = find(client, "contacts", f"email = '{self.under_way[1].lower()}@crash.example'")
            for one in found:
                self.whole(one, 1, self.under_way[1], None)
            if len(found) > 1:
                raise Fault(f"contact {self.under_way[1]} was made twice")

    @staticmethod
    def whole(one, version, mark, trying):
        marks = {one["job_title"], one["city"], one["notes"][:len(one["notes"]) // 20]}
        if len(marks) != 1 or one["notes"] != one["city"] * 20:
            raise Fault(f"contact {one['id']} is half written: {marks}")
        if one["version"] >= version and marks == {mark}:  # the program itself changes other fields: a score
            return
        if trying and trying[0] == "change" and one["version"] > version and marks == {trying[2]}:
            return
        raise Fault(f"contact {one['id']} is version {one['version']} {marks}, acknowledged was {version} {mark}")


class Forms(Load):
    def __init__(self, *args):
        super().__init__(*args)
        self.sent, self.count = {}, 0  # mail -> [visitor, page view acknowledged, form acknowledged]

    def step(self):
        self.count += 1
        visitor = f"{self.name}-{self.count}"
        mail = visitor + "@crash.example"
        one = self.sent[mail] = [visitor, False, False]
        self.expect(self.client.event(visitor, "/form/" + visitor), "", (202,))
        one[1] = True
        status, text = self.client.form("crash", {"email": mail, "first_name": visitor, "fw_id": visitor}, self.house.next_form())
        self.expect(status, text)
        one[2] = True

    def verify(self, client):
        for mail, (visitor, viewed, sent) in self.sent.items():
            contacts = find(client, "contacts", f"email = '{mail.lower()}'")
            submissions = find(client, "submissions", f"email = '{mail.lower()}'")
            if len(contacts) != len(submissions) or len(contacts) > 1 or (sent and not contacts):
                raise Fault(f"form of {mail}: {len(contacts)} contacts, {len(submissions)} submissions, acknowledged: {sent}")
            if not contacts:
                continue
            if submissions[0]["status"] != "accepted":
                raise Fault(f"form of {mail} is {submissions[0]['status']} and has a contact")
            items = journey_items(client, contacts[0]["id"])
            forms = sum(item["text"].startswith("Form submitted") for item in items)
            views = sum(p["path"] == "/form/" + visitor for item in items for p in item.get("pages", []))
            if contacts[0]["first_name"] != visitor or submissions[0]["contact_id"] != contacts[0]["id"]:
                raise Fault(f"form of {mail} is half written")
            if forms != 1 or views != (1 if viewed else 0):
                raise Fault(f"form of {mail} is told {forms} times, its visit {views} times")


class Moves(Load):
    """Drags deals among the open stages of the board."""

    def __init__(self, *args):
        super().__init__(*args)
        self.deals, self.under_way, self.count = {}, None, 0  # id -> [version, stage, moves, contact]

    def step(self):
        if len(self.deals) < 4:
            self.count += 1
            mark = f"{self.name}-deal-{self.count}"
            status, text = self.client.ask("POST", "/api/v1/contacts", {"email": f"{mark}@crash.example"})
            self.expect(status, text)
            contact = json.loads(text)["id"]
            status, text = self.client.ask("POST", "/api/v1/deals", {"name": mark, "contact_id": contact,
                                           "stage_id": self.house.stages[0]})
            self.expect(status, text)
            deal = json.loads(text)
            self.deals[deal["id"]] = [deal["version"], deal["stage_id"], 0, contact]
            return
        which = self.random.choice(list(self.deals))
        version, stage, moves, contact = self.deals[which]
        to = self.random.choice([s for s in self.house.stages if s != stage])
        self.under_way = (which, to)
        status, text = self.client.ask("POST", f"/deals/{which}/move", urllib.parse.urlencode({"value": to, "version": version}))
        self.expect(status, text)
        self.deals[which] = [json.loads(text)["version"], to, moves + 1, contact]
        self.under_way = None

    def verify(self, client):
        for which, (version, stage, moves, contact) in self.deals.items():
            deal = client.value("GET", f"/api/v1/deals/{which}")
            trying = self.under_way if self.under_way and self.under_way[0] == which else (None, None)
            done = deal["stage_id"] == trying[1]
            if deal["version"] < version + done or (deal["stage_id"] != stage and not done):
                raise Fault(f"deal {which} is version {deal['version']} in {deal['stage_id']}, acknowledged was {version} in {stage}")
            told = sum(item["text"].startswith("Stage changed") for item in journey_items(client, contact))
            if told != moves + done:
                raise Fault(f"deal {which} was moved {moves + done} times, the journey tells of {told}")


def find(client, path, condition):
    query = urllib.parse.urlencode({"filter": condition, "limit": 5})
    return client.value("GET", f"/api/v1/{path}?{query}")["data"]


def send_form(house, client, mail, visitor):
    status, text = client.form("crash", {"email": mail, "first_name": "x", "fw_id": visitor}, house.next_form())
    if status != 200:
        raise Fault(f"form after the restart: {status} {text[:200]}")
    return find(client, "contacts", f"email = '{mail.lower()}'")[0]["id"]


def journey_items(client, contact):
    """The items of a contact's journey, all pages of it."""
    path, items = f"/contacts/{contact}", []
    while path:
        journey = client.value("GET", path)["journey"]
        items += [item for day in journey["days"] for item in day["items"]]
        path = journey["older_url"]
    return items


def one_round(house, number):
    loads = [kind(house, number, n) for n, kind in enumerate((Events, Events, Records, Records, Forms, Moves))]
    for load in loads:
        load.start()
    time.sleep(0.15 + house.random.random() * 1.1)
    house.kill()
    for load in loads:
        load.join(30)
    wrong = [load.wrong for load in loads if load.wrong]
    if wrong:
        raise Fault("; ".join(wrong))
    if house.random.random() < 0.3:
        house.kill_a_start()
    house.command("check")
    begun = time.time()
    house.start()
    ready = time.time() - begun
    client = house.client()
    client.drained()
    for load in loads:
        load.verify(client)
    return sum(load.acked for load in loads), ready


def try_engine(engine, options, scratch):
    passed = failed = 0
    house = House(str(options.program), engine, options.seed, scratch)
    try:
        house.prepare()
        for number in range(1, options.rounds + 1):
            begun = time.time()
            try:
                acked, ready = one_round(house, number)
                passed += 1
                print(f"ok {engine} {number}: {acked} acknowledged, all there; started again in {ready * 1000:.0f} ms;"
                      f" {time.time() - begun:.1f} s", flush=True)
            except Fault as e:
                failed += 1
                print(f"FAILED {engine} {number}: {e}", flush=True)
                house.kill()
                house.start()
    except Fault as e:
        failed += 1
        print(f"FAILED {engine}: {e}", flush=True)
    finally:
        house.kill()
        house.log.close()
    if failed:
        print(Path(house.log.name).read_text(errors="replace")[-2000:], flush=True)
    return passed, failed


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("rounds", type=int, nargs="?", default=3)
    parser.add_argument("--program", default=os.environ.get("FURROW_PROGRAM", ROOT / "build" / "furrow"))
    parser.add_argument("--engine", choices=("sqlite", "postgres"))
    parser.add_argument("--seed", default=str(time.time_ns()))
    parser.add_argument("--keep", action="store_true", help="leave the data folders")
    options = parser.parse_args()
    engines = [options.engine] if options.engine else ["sqlite"] + ["postgres"] * ("FURROW_TEST_PG" in os.environ)
    passed = failed = 0
    scratch = tempfile.mkdtemp(prefix="furrow-crash-")
    print(f"seed {options.seed}, data in {scratch}", flush=True)
    for engine in engines:
        p, f = try_engine(engine, options, scratch)
        passed += p
        failed += f
    if "FURROW_TEST_PG" not in os.environ and not options.engine:
        print("no FURROW_TEST_PG: PostgreSQL was not tried", flush=True)
        failed += 1
    if not options.keep:
        shutil.rmtree(scratch, ignore_errors=True)
    print(f"{passed} passed, {failed} failed")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
