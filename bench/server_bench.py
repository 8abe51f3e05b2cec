#!/usr/bin/env python3
"""Measures the running server: lists of a million contacts, durable events, idle memory, start, size.

  server_bench.py [list] [events] [idle] [size] [--program build/furrow] [--fill build/bench/fill]
                  [--folder DIR] [--contacts 1000000] [--seconds 5] [--rounds 5]

Needs wrk. Every figure is the median of the rounds, with the least and the greatest; what is compared is
measured in turn within each round, since machines are noisy. --folder keeps the filled data for the next run."""
import argparse, http.client, os, re, shutil, signal, sqlite3, statistics, subprocess, sys, tempfile, time, urllib.parse
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
HERE = ROOT / "bench"
LISTS = (
    ("filter and order by one indexed field", "score >= 500", "-score"),
    ("filter by one, order by another", "lifecycle = 'customer'", "-last_seen_at"),
    ("no filter, newest first", "", ""),
)


def run(*command, given=None):
    done = subprocess.run([str(c) for c in command], input=given, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    if done.returncode != 0:
        sys.exit(f"{' '.join(str(c) for c in command)}: {done.stdout[-2000:]}")
    return done.stdout


def spread(values, digits=0):
    return f"{statistics.median(values):,.{digits}f} ({min(values):,.{digits}f} to {max(values):,.{digits}f})"


class Server:
    """furrow serve on a folder; its log is kept, for the durations that it says itself."""

    def __init__(self, program, folder, command=("serve",)):
        self.log_path = Path(folder) / "bench.log"
        self.log = open(self.log_path, "wb")
        self.began = time.perf_counter()
        self.process = subprocess.Popen([str(program), *command, "--data", str(folder), "--listen", "127.0.0.1:0"],
                                        stdout=subprocess.PIPE, stderr=self.log)
        line = ""
        while "port " not in line:
            line = self.process.stdout.readline().decode()
            if not line:
                sys.exit(f"the server does not start: {self.log_path.read_text()[-1000:]}")
        self.port = int(re.search(r"port (\d+)", line).group(1))

    def __enter__(self):
        return self

    def __exit__(self, *unused):
        self.process.send_signal(signal.SIGTERM)
        self.process.wait()
        self.process.stdout.close()
        self.log.close()

    def get(self, path, token=None, headers=None):
        c = http.client.HTTPConnection("127.0.0.1", self.port)
        c.request("GET", path, headers={**({"Authorization": f"Bearer {token}"} if token else {}), **(headers or {})})
        answer = c.getresponse()
        return answer.status, answer.read()

    def post(self, path, token, body, method="POST"):
        c = http.client.HTTPConnection("127.0.0.1", self.port)
        c.request(method, path, body, {"Authorization": f"Bearer {token}", "Content-Type": "application/json"})
        answer = c.getresponse()
        text = answer.read()
        if answer.status not in (200, 201):
            sys.exit(f"{method} {path}: {answer.status} {text[:300]}")

    def patch(self, path, token, body):
        self.post(path, token, body, "PATCH")

    def wrk(self, script, path, connections, seconds, *arguments):
        """Requests a second; stops at any error."""
        done = run("wrk", "-t1", f"-c{connections}", f"-d{seconds}s", "--timeout", "30s", "-s", HERE / script,
                   f"http://127.0.0.1:{self.port}{path}", "--", *arguments)
        found = re.search(r"^RESULT (\d+) (\d+) \S+ \d+ (\d+)", done, re.M)
        if found is None or int(found.group(3)) > 0:
            sys.exit(f"wrk on {path}: {done}")
        return int(found.group(1)) / int(found.group(2)) * 1e6

    def durations(self, route):
        """Milliseconds of the answers to a route so far, by the request log."""
        self.log.flush()
        return [float(m) for m in re.findall(rf"route={re.escape(route)} status=200 ms=(\S+)", self.log_path.read_text(errors="replace"))]

    def memory(self):
        text = Path(f"/proc/{self.process.pid}/status").read_text()
        return {k: int(re.search(rf"^{k}:\s+(\d+)", text, re.M).group(1)) / 1024 for k in ("VmRSS", "RssAnon", "RssFile")}


def prepare(o, folder):
    folder.mkdir(parents=True, exist_ok=True)
    token_file = folder / "bench.token"
    if not token_file.exists():
        run(o.program, "user", "add", "bench@bench.example", "--password-stdin", "--data", folder, "--log", "error", given="a long enough password\n")
        token_file.write_text(run(o.program, "token", "add", "bench@bench.example", "--write", "--data", folder, "--log", "error").split()[-1])
    return token_file.read_text().strip()


def bench_list(o, folder):
    token = prepare(o, folder)
    if not (folder / "bench.filled").exists():
        print(run(o.fill, folder, o.contacts).strip(), flush=True)
        (folder / "bench.filled").touch()
    with sqlite3.connect(folder / "furrow.db") as db:  # scoring a million new contacts is not what is measured
        db.execute("UPDATE consumer SET seq = 1000000000")
        db.execute("DELETE FROM job WHERE name = 'follow'")
    for what, condition, order in LISTS:
        path = "/contacts?" + urllib.parse.urlencode({k: v for k, v in (("filter", condition), ("sort", order)) if v})
        one, many, static = [], [], []
        with Server(o.program, folder) as s:
            status, page = s.get(path, token, {"Accept": "text/html"})
            if status != 200 or page.count(b"<tr") < 50:
                sys.exit(f"{path}: {status}, {len(page)} bytes")
            asset, size = nearest_asset(s, token, len(page))
            for _ in range(o.rounds):
                before = len(s.durations("/contacts"))
                s.wrk("get.lua", path, 1, o.seconds, token)
                one.append(statistics.median(s.durations("/contacts")[before:]))
                many.append(s.wrk("get.lua", path, 64, o.seconds, token))
                static.append(s.wrk("get.lua", asset, 64, o.seconds))
        print(f"list, {what}: {len(page):,} bytes, one at a time {spread(one, 2)} ms in the server; 64 at once {spread(many)} a second;"
              f" {asset} of {size:,} bytes {spread(static)} a second; ratio {statistics.median(m / a for m, a in zip(many, static)):.2f}", flush=True)


def nearest_asset(server, token, size):
    """The browser's file whose size is nearest, as it goes out without compression."""
    page = server.get("/contacts", token, {"Accept": "text/html"})[1].decode()
    paths = set(re.findall(r'"(/assets/[^"#?]+)"', page))
    sizes = {p: len(server.get(p)[1]) for p in paths}
    best = min(sizes, key=lambda p: abs(sizes[p] - size))
    return best, sizes[best]


def bench_events(o, scratch):
    folder = Path(scratch) / "events"
    token = prepare(o, folder)
    rates = {(m, c): [] for m in ("OPTIONS", "POST") for c in (64, 512)}
    with Server(o.program, folder) as s:
        s.post("/api/v1/sites", token, '{"name": "Bench", "domain": "bench.example"}')
        for _ in range(o.rounds):
            for (method, connections), values in rates.items():
                before = events_kept(s)
                values.append(s.wrk("event.lua", "", connections, o.seconds, method))
                kept = events_kept(s) - before
                if method == "POST" and kept < values[-1] * o.seconds * 0.98:
                    sys.exit(f"only {kept} events were kept")
    for connections in (64, 512):
        ratio = [e / n for e, n in zip(rates["POST", connections], rates["OPTIONS", connections])]
        print(f"events, {connections} connections: durable {spread(rates['POST', connections])} a second; answered 204 without work"
              f" {spread(rates['OPTIONS', connections])}; ratio {spread(ratio, 2)}", flush=True)
    print(f"events, 512 beside 64 connections: ratio {spread([b / a for a, b in zip(rates['POST', 64], rates['POST', 512])], 2)}", flush=True)


def events_kept(server):
    return int(re.search(rb"^furrow_journey_events (\d+)", server.get("/metrics")[1], re.M).group(1))


def first_answer(s):
    """Milliseconds from the start of the process."""
    while True:
        try:
            if s.get("/sign-in")[0] == 200:
                return (time.perf_counter() - s.began) * 1000
        except OSError:
            pass


def bench_idle(o, scratch):
    settled = 10  # seconds: the jobs that a new company begins with have run
    for words, folder, command in (("furrow demo --serve", "served", ("demo", "--serve")), ("first start after furrow demo", "demo", ("serve",))):
        folder = Path(scratch) / folder
        folder.mkdir()
        if command == ("serve",):
            begun = time.perf_counter()
            run(o.program, "demo", "--data", folder)
            print(f"demo company: filled in {time.perf_counter() - begun:.1f} s", flush=True)
        with Server(o.program, folder, command) as s:
            first_answer(s)
            time.sleep(settled)
            print(f"{words}: resident {s.memory()['VmRSS']:.1f} MB after {settled} s", flush=True)
    first, memory = [], []
    for _ in range(max(o.rounds, 5) * 2):
        with Server(o.program, folder) as s:
            first.append(first_answer(s))
            time.sleep(2)
            memory.append(s.memory())
    print(f"later starts: first answer after {spread(first)} ms; resident 2 s later {spread([m['VmRSS'] for m in memory], 1)} MB,"
          f" of it own memory {spread([m['RssAnon'] for m in memory], 1)} MB and files mapped (the program and its libraries)"
          f" {spread([m['RssFile'] for m in memory], 1)} MB", flush=True)


def bench_size(o, scratch):
    release = ROOT / "build/release/furrow"
    if release.exists():
        print(f"release binary: {release.stat().st_size / 1e6:.1f} MB")
    else:
        print("release binary: none; make release first")


def main():
    p = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    p.add_argument("what", nargs="*", choices=["list", "events", "idle", "size", []])
    p.add_argument("--program", default=ROOT / "build/furrow")
    p.add_argument("--fill", default=ROOT / "build/bench/fill")
    p.add_argument("--folder", type=Path)
    p.add_argument("--contacts", type=int, default=1000000)
    p.add_argument("--seconds", type=int, default=5)
    p.add_argument("--rounds", type=int, default=5)
    o = p.parse_args()
    scratch = tempfile.mkdtemp(prefix="furrow-bench-", dir=os.environ.get("TMPDIR", "/var/tmp"))
    try:
        for what in o.what or ["events", "list", "idle", "size"]:
            if what == "list":
                bench_list(o, o.folder or Path(scratch) / "list")
            else:
                {"events": bench_events, "idle": bench_idle, "size": bench_size}[what](o, scratch)
    finally:
        shutil.rmtree(scratch, ignore_errors=True)


if __name__ == "__main__":
    main()
