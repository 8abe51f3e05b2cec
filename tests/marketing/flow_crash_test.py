#!/usr/bin/env python3
"""Kills the running program while people go through a flow, and asks where everybody ended.

  flow_crash_test.py [KILLS] [--people N] [--program build/furrow] [--engine sqlite|postgres] [--seed N]

Some people, 2,000 or --people, enter one flow with waits, branches, a split, a goal and steps that leave something behind. The
program is killed with -9 while they enter, while they go on and while things happen to them, and started again.
A night passes by what is due in the tables coming nearer by a day and an hour. After each stretch everybody must be where the interpreter below says: it walks the same steps in plain recursion and
knows nothing of rows, jobs or transactions. Of each person are compared: the step they are at or how they left, the
log of their steps, the tasks made for them, their fields, and the points on their journey; nothing twice.
PostgreSQL needs FURROW_TEST_PG: run it through tests/support/with_pg.sh."""
import argparse, collections, csv, http.client, io, json, random, shutil, signal, sqlite3, subprocess, sys, tempfile
import threading, time, urllib.parse
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "support"))
from program import SERVERS, Program

DAY, HOUR = 86400000, 3600000
NIGHT = DAY + HOUR  # how much time passes at once
COUNTRIES = ("DE", "FR", "FI")


def step(name, kind, **answers):
    return {"id": name, "kind": kind, **answers}


def path(name, *steps, **answers):
    return {"id": name, "name": name, "steps": list(steps), **answers}


FLOW = {
    "entry": {"again": "never"},
    "triggers": [{"id": "t1", "on": "hand"}],
    "goals": [{"id": "g1", "on": "field", "field": "job_title", "to": "Won over"}],
    "steps": [
        step("s1", "score", points=1, reason="begun"),
        step("s2", "split", paths=[
            path("a", step("s3", "task", subject="Look at {{contact.email}}"), share=50),
            path("b", step("s4", "set", field="last_name", value="B"), share=50)]),
        step("s5", "wait", amount=1, unit="days"),
        step("s6", "if", filter="country = 'DE'", paths=[
            path("y", step("s7", "wait_event", on="field", field="city", amount=3, unit="days", paths=[
                path("h", step("s8", "score", points=2, reason="moved"), step("s9", "task", subject="They moved")),
                path("t", step("s10", "score", points=3, reason="stayed"))])),
            path("n", step("s11", "set", field="last_name", value="N"), step("s12", "wait", amount=2, unit="days"))]),
        step("s13", "branch", by="field", field="country", paths=[
            path("f", step("s14", "task", subject="Bonjour"), value="FR"),
            path("o", step("s15", "score", points=4, reason="other"))]),
        step("s16", "wait", amount=1, unit="days"),
        step("s17", "if", filter="last_name = 'N'", paths=[path("l", step("s18", "exit")), path("m")]),
        step("s19", "score", points=5, reason="through"),
    ],
}


class Person:
    """One walk through the steps. Waits are yielded; what is sent back says whether it happened."""

    def __init__(self, email, country):
        self.email, self.country, self.last_name = email, country, ""
        self.log, self.points, self.tasks, self.way = [], [], [], None
        self.split, self.at, self.nights, self.outcome = None, "", 0, None

    def walk(self, steps):
        for s in steps:
            kind, way = s["kind"], ""
            if kind == "score":
                self.points.append(s["reason"])
            elif kind == "task":
                self.tasks.append(s["subject"].replace("{{contact.email}}", self.email))
            elif kind == "set":
                self.last_name = s["value"]
            elif kind in ("wait", "wait_event"):
                happened = yield s
                way = ("h" if happened else "t") if kind == "wait_event" else ""
            elif kind == "split":
                way = self.split
            elif kind == "if":
                yes = self.country == "DE" if "country" in s["filter"] else self.last_name == "N"
                way = s["paths"][0 if yes else 1]["id"]
            elif kind == "branch":
                way = "f" if self.country == "FR" else "o"
            self.log.append((s["id"], way))
            if kind == "exit":
                self.outcome = "exit"
                return
            for p in s.get("paths", []):
                if p["id"] == way:
                    yield from self.walk(p["steps"])
                    if self.outcome:
                        return

    def enter(self, split):
        self.split, self.way = split, self.walk(FLOW["steps"])
        self.go_on(None)

    def go_on(self, happened):
        try:
            waits = self.way.send(happened)
            self.at, self.nights = waits["id"], waits["amount"]
        except StopIteration:
            self.at, self.outcome = "", self.outcome or "end"

    def night(self):
        if self.at:
            self.nights -= 1
            if self.nights == 0:
                self.go_on(False)

    def moves(self):
        if self.at == "s7":
            self.go_on(True)

    def won_over(self):
        if self.at:
            self.log.append((self.at, "g1"))
            self.at, self.outcome = "", "goal"


class House(Program):
    """The program on one engine, and its tables, read and put forward in time from outside."""

    def __init__(self, program, engine, scratch, seed):
        super().__init__(program, engine, scratch, "flowcrash", "warn")
        self.random = random.Random(f"{engine}{seed}")
        self.kills = 0
        self.start()

    def kill(self):
        self.server.send_signal(signal.SIGKILL)
        self.server.wait()
        self.server.stdout.close()
        self.kills += 1

    def connection(self):
        return http.client.HTTPConnection("127.0.0.1", self.port, timeout=120)

    def ask(self, connection, method, target, body, fine=(200, 201, 303)):
        form = isinstance(body, str)
        connection.request(method, target, body if form else json.dumps(body),
                           {"Authorization": f"Bearer {self.token}", "Accept": "application/json",
                            "Content-Type": "application/x-www-form-urlencoded" if form else "application/json"})
        answer = connection.getresponse()
        text = answer.read().decode()
        if answer.status not in fine:
            sys.exit(f"{method} {target}: {answer.status} {text[:300]}")
        return json.loads(text) if text.startswith("{") else {}

    def rows(self, sql):
        if self.engine == "sqlite":
            with sqlite3.connect(self.data / "furrow.db", timeout=60) as db:
                out = db.execute(sql).fetchall()
            db.close()
            return out
        done = subprocess.run(["psql", "-q", "--csv", "-t", self.url, "-c", sql], capture_output=True, text=True, check=True)
        return [tuple(int(v) if v.lstrip("-").isdigit() else v for v in row) for row in csv.reader(io.StringIO(done.stdout))]

    def pass_a_night(self):
        now = int(time.time() * 1000)
        for sql in (f"UPDATE flow_run SET due_at = due_at - {NIGHT} WHERE due_at IS NOT NULL",
                    f"UPDATE job SET run_at = {now}, due_at = {now} WHERE name = 'flow.take' AND state = 0"):
            self.rows(sql)

    def busy(self):
        now = int(time.time() * 1000)
        return self.rows(f"SELECT (SELECT count(*) FROM flow_run WHERE state = 0 AND due_at <= {now}) + "
                         "(SELECT count(*) FROM job WHERE name = 'flow.enrol' AND state < 2)")[0][0]

    def settled(self):
        until = time.time() + 900
        while self.busy():
            if time.time() > until:
                sys.exit("nobody goes on: " + str(self.rows("SELECT name, state, due_at, error FROM job WHERE state < 3")))
            time.sleep(0.1)
        for row in self.rows("SELECT name, error FROM job WHERE state = 2"):
            sys.exit(f"a job failed for good: {row}")


def many(house, work, threads=8):
    """Does pieces of work, each with a connection, on some threads; a killed server ends them."""
    pieces, wrong = collections.deque(work), []

    def one():
        connection = house.connection()
        try:
            while True:
                method, target, body = pieces.popleft()
                house.ask(connection, method, target, body)
        except IndexError:
            pass
        except (OSError, http.client.HTTPException):
            pass
        except SystemExit as e:
            wrong.append(str(e))

    running = [threading.Thread(target=one, daemon=True) for _ in range(threads)]
    for t in running:
        t.start()
    return running, wrong


class Trial:
    def __init__(self, house, count):
        self.house, self.count, self.faults = house, count, []
        self.split_ways = collections.Counter()

    def prepare(self):
        h, people = self.house, [Person(f"p{i}@many.example", self.house.random.choice(COUNTRIES)) for i in range(self.count)]
        running, wrong = many(h, [("POST", "/api/v1/contacts", {"email": p.email, "country": p.country}) for p in people])
        for t in running:
            t.join()
        if wrong:
            sys.exit(wrong[0])
        ids = dict(h.rows("SELECT email, id FROM contact"))
        self.people = {ids[p.email]: p for p in people}
        connection = h.connection()
        made = h.ask(connection, "POST", "/api/v1/flows", {"name": "Many", "definition": FLOW})
        self.flow = made["id"]
        h.ask(connection, "POST", f"/flows/{self.flow}/publish", "people=keep")

    def enter(self):
        self.house.ask(self.house.connection(), "POST", f"/flows/{self.flow}/people",
                       urllib.parse.urlencode({"filter": "email contains 'many.example'"}))

    def killed_in_the_middle(self, most):
        """At a moment of a stretch of work, which is over when nobody is due."""
        time.sleep(0.05 + self.house.random.random() * most)
        left = self.house.busy()
        self.house.kill()
        return left

    def api_ids(self):
        out, connection, target = {}, self.house.connection(), "/api/v1/contacts?limit=200"
        while target:
            page = self.house.ask(connection, "GET", target, "")
            out.update((c["email"], c["id"]) for c in page["data"])
            target = page.get("next")
        return out

    def changes(self, share, body, wait):
        """Changes some people by the API; the server may be killed meanwhile. Who was changed is what the
        table says afterwards."""
        some = self.house.random.sample(sorted(self.people), int(self.count * share))
        work = [("PATCH", f"/api/v1/contacts/{self.names[self.people[i].email]}", body) for i in some]
        running, wrong = many(self.house, work)
        if wait is not None:
            time.sleep(wait)
            self.house.kill()
        for t in running:
            t.join(60)
        self.faults += wrong[:3]

    def compare(self, note):
        h, bad = self.house, collections.Counter()
        runs = {r[0]: r for r in h.rows("SELECT contact_id, id, node, state, outcome FROM flow_run ORDER BY id DESC")}
        twice = h.rows("SELECT contact_id FROM flow_run GROUP BY contact_id HAVING count(*) > 1")
        log = collections.defaultdict(list)
        for run, node, way in h.rows("SELECT run_id, node, way FROM flow_step ORDER BY id"):
            log[run].append((node, way))
        tasks = collections.defaultdict(list)
        for contact, subject in h.rows("SELECT contact_id, subject FROM activity WHERE kind = 'task' AND deleted_at IS NULL"):
            tasks[contact].append(subject)
        names = dict(h.rows("SELECT id, last_name FROM contact"))
        if twice:
            bad["entered twice"] = len(twice)
        for i, p in self.people.items():
            if i not in runs:
                bad["did not enter"] += 1
                continue
            _, run, node, state, outcome = runs[i]
            if p.way is None:
                p.enter(next((w for n, w in log[run] if n == "s2"), None))
                self.split_ways[p.split] += 1
            for what, fits in (("at another step", (node or "") == p.at), ("another state", state == (4 if p.outcome else 0)),
                               ("left otherwise", (outcome or "") == (p.outcome or "")), ("another log", log[run] == p.log),
                               ("other tasks", sorted(tasks[i]) == sorted(p.tasks)), ("another name", (names[i] or "") == p.last_name)):
                if not fits and not (what == "at another step" and p.outcome):
                    bad[what] += 1
                    if bad[what] == 1:
                        print(f"  {p.email} ({p.country}): is {node!r} {state} {outcome!r} {log[run]} {tasks[i]}, the "
                              f"interpreter says {p.at!r} {p.outcome} {p.log} {p.tasks}", flush=True)
        for what, n in bad.items():
            self.faults.append(f"{note}: {n} people: {what}")

    def compare_points(self):
        """What the journeys tell, read from outside while the program is down."""
        given, bad = collections.defaultdict(list), 0
        for line in self.house.run("export", "events", "--format", "json", "--kind", "points").splitlines():
            e = json.loads(line)
            given[e["person"].removeprefix("contact:")].append(json.loads(e["props"])["name"])
        for p in self.people.values():
            if sorted(given[self.names[p.email]]) != sorted(p.points):
                bad += 1
                if bad == 1:
                    print(f"  {p.email}: points for {given[self.names[p.email]]}, the interpreter says {p.points}", flush=True)
        if bad:
            self.faults.append(f"{bad} people: other points on their journeys")


def try_engine(engine, options, scratch):
    house = House(options.program, engine, scratch, options.seed)
    trial = Trial(house, options.people)
    trial.prepare()
    trial.names = trial.api_ids()
    begun, left, most = time.time(), [], max(0.3, options.people / 4000)

    def stretch(note):
        """Work until nobody is due; killed in the middle of it while kills are left."""
        while len(left) < options.kills and (not left or house.random.random() < 0.5 or note != "entered"):
            left.append(trial.killed_in_the_middle(most))
            house.start()
            if note != "entered":
                break
        house.settled()
        trial.compare(note)

    trial.enter()
    stretch("entered")
    for night in range(1, 8):
        house.pass_a_night()
        for p in trial.people.values():
            p.night()
        stretch(f"night {night}")
        if night == 2:
            trial.changes(0.3, {"city": "Hamlet"}, 0.1 + house.random.random() * most)
            house.start()
            for (i,) in house.rows("SELECT id FROM contact WHERE city = 'Hamlet'"):
                trial.people[i].moves()
            house.settled()  # before the next thing happens to the same people
            trial.changes(0.1, {"job_title": "Won over"}, None)
            for (i,) in house.rows("SELECT id FROM contact WHERE job_title = 'Won over'"):
                trial.people[i].won_over()
            house.settled()
            trial.compare("what happened to them")
    going = time.time() - begun
    deadline = time.time() + 120
    while house.rows("SELECT count(*) FROM outbox")[0][0]:
        if time.time() > deadline:
            sys.exit("the outbox is not drained")
        time.sleep(0.1)
    house.kill()
    trial.compare_points()
    return trial, left, going


def main():
    p = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    p.add_argument("kills", nargs="?", type=int, default=3, help="while people go; one more comes while things happen to them")
    p.add_argument("--people", type=int, default=2000)
    p.add_argument("--program", default="build/furrow")
    p.add_argument("--engine", default="sqlite")
    p.add_argument("--seed", default=str(time.time_ns()))
    o = p.parse_args()
    scratch = tempfile.mkdtemp(prefix="furrow-flowcrash-")
    print(f"{o.engine}, seed {o.seed}", flush=True)
    try:
        trial, left, going = try_engine(o.engine, o, scratch)
        people = trial.people.values()
        ends = collections.Counter(p.outcome for p in people)
        print(f"{len(people)} people, {sum(len(p.log) for p in people)} steps, ends {dict(ends)}, ways {dict(trial.split_ways)}; "
              f"killed when {left} were due, {trial.house.kills} kills in all; {going:.0f} s")
    finally:
        for server in SERVERS:
            server.kill()
        shutil.rmtree(scratch, ignore_errors=True)
    for fault in trial.faults:
        print("  " + fault)
    print(f"{0 if trial.faults else 1} passed, {1 if trial.faults else 0} failed")
    sys.exit(1 if trial.faults else 0)


main()
