#!/usr/bin/env python3
"""Measures the heaviest pages of sales and service: a board of 5,000 open deals among 20,000, a contact with 10,000
entries on the timeline, each view of a desk of 100,000 tickets.

  pages_bench.py [server] [paint] [--program build/furrow] [--fill build/bench/fill_pages] [--db URL]
                 [--folder DIR] [--rounds 40] [--width 1440]

server: medians of the time in the server and of the processor time that all its threads took, per request; the pages
in turn, so that what else the machine does falls on all of them. paint: first paint in Chromium as a ratio to an empty
page in the same shell (bench/paint.mjs). --db: PostgreSQL; tests/support/with_pg.sh starts one. --folder keeps what was
filled, about 340 MB."""
import argparse, json, os, re, shutil, statistics, subprocess, sys, tempfile, time
from pathlib import Path
from server_bench import HERE, ROOT, Server, run, spread

# Statements are prepared and pages of the database come to memory; PostgreSQL plans a statement anew five times on each
# connection before it keeps a plan, and a server of two cores reads by two connections.
WARM_UP = 15
MAIL, PASSWORD = "bench@bench.example", "a long enough password"
BOARD = "board of 5,000 open deals"
VIEWS = ("mine", "unassigned", "soon", "open", "solved")


def prepare(o, folder):
    """The folder filled: a token, and the paths of the pages."""
    kept = folder / "bench.pages"
    where = ("--data", folder, "--log", "error", *(("--db", o.db) if o.db else ()))
    if not kept.exists():
        folder.mkdir(parents=True, exist_ok=True)
        run(o.program, "user", "add", MAIL, "--password-stdin", *where, given=PASSWORD + "\n")
        token = run(o.program, "token", "add", MAIL, "--write", *where).split()[-1]
        contact = run(o.fill, folder, *((o.db,) if o.db else ())).split()[-1]
        if o.db:  # as a server that vacuums by itself would have by now
            run("psql", o.db, "-qc", "VACUUM ANALYZE")
        kept.write_text(f"{token} {contact}\n")
    run(o.program, "migrate", *where)  # what was kept may be of an older program
    token, contact = kept.read_text().split()
    pages = {BOARD: "/deals/board", "contact with 10,000 entries": f"/contacts/{contact}"}
    pages.update({f"desk of 100,000 tickets, {v}": f"/desk?view={v}" for v in VIEWS})
    return token, pages


def processor_ms(pid):
    """Of all threads so far; the kernel counts nanoseconds."""
    total = 0
    for task in Path(f"/proc/{pid}/task").iterdir():
        try:
            total += int((task / "schedstat").read_text().split()[0])
        except OSError:
            pass  # has ended
    return total / 1e6


def settle(server):
    """Waits until no job has run for two seconds: which ones fall due at a start hangs on the day."""
    quiet = 0
    while quiet < 20:
        time.sleep(0.1)
        running = re.search(rb'^furrow_jobs\{state="running"\} (\d+)', server.get("/metrics")[1], re.M)
        quiet = quiet + 1 if running.group(1) == b"0" else 0


def bench_server(o, server, token, pages):
    """Each page as it is asked for again, and the board once more after a deal has changed."""
    html = {"Accept": "text/html"}
    deal = json.loads(server.get("/api/v1/deals?filter=status%20%3D%20'open'&limit=1", token)[1])["data"][0]["id"]
    changed = "board, a deal changed just before"
    pages = {**pages, changed: pages[BOARD]}
    took, cpu, sizes = {p: [] for p in pages}, {p: [] for p in pages}, {}
    for turn in range(o.rounds + WARM_UP):
        for what, path in pages.items():
            route = "/desk" if path.startswith("/desk") else path if "board" in path else "/contacts/:id"
            if what == changed:
                server.patch(f"/api/v1/deals/{deal}", token, json.dumps({"next_step": f"Call, round {turn}"}))
            before = processor_ms(server.process.pid)
            status, body = server.get(path, token, html)
            if status != 200:
                sys.exit(f"{path}: {status}")
            if turn < WARM_UP:
                continue
            cpu[what].append(processor_ms(server.process.pid) - before)
            took[what].append(server.durations(route)[-1])
            sizes[what] = len(body)
    for what in pages:
        print(f"{what}: {sizes[what]:,} bytes; in the server {spread(took[what], 2)} ms; processor {spread(cpu[what], 2)} ms", flush=True)


def main():
    p = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    p.add_argument("what", nargs="*", choices=["server", "paint", []])
    p.add_argument("--program", default=ROOT / "build/furrow")
    p.add_argument("--fill", default=ROOT / "build/bench/fill_pages")
    p.add_argument("--db", default="")
    p.add_argument("--folder", type=Path)
    p.add_argument("--rounds", type=int, default=40)
    p.add_argument("--width", type=int, default=1440)
    o = p.parse_args()
    scratch = tempfile.mkdtemp(prefix="furrow-bench-", dir=os.environ.get("TMPDIR", "/var/tmp"))
    try:
        folder = o.folder or Path(scratch)
        token, pages = prepare(o, folder)
        with Server(o.program, folder, ("serve", *(("--db", o.db) if o.db else ()))) as server:
            settle(server)
            if "server" in o.what or not o.what:
                bench_server(o, server, token, pages)
            if "paint" in o.what or not o.what:
                subprocess.run(["node", HERE / "paint.mjs", f"http://127.0.0.1:{server.port}", MAIL, PASSWORD, str(o.rounds), str(o.width),
                                *(f"{what}={path}" for what, path in pages.items())], check=True)
    finally:
        shutil.rmtree(scratch, ignore_errors=True)


if __name__ == "__main__":
    main()
