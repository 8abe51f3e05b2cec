#!/usr/bin/env python3
"""Five reports over a year of made-up events, by Furrow's journey and by DuckDB, in one run: the same events, the same
machine, as many threads. Their answers must be equal to the last digit.

  reports_bench.py [--events 50000000] [--seed 42] [--threads 2] [--build build] [--folder DIR]

Furrow is asked before and after DuckDB, and the slower of the two medians counts. DuckDB has the best of three sort orders
for each report. --folder keeps events and stores for the next run."""
import argparse, json, os, shutil, subprocess, sys, tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
NAMES = {"q1y": "funnel, year", "q1m": "funnel, June", "q2": "attribution, year", "q3": "retention, year",
         "q4y": "traffic, year", "q4m": "traffic, June", "q5": "paths, year"}


def lines(*command):
    """What a program says, a line of JSON each; it is shown as it comes."""
    process = subprocess.Popen([str(c) for c in command], stdout=subprocess.PIPE, text=True)
    said = []
    for line in process.stdout:
        sys.stderr.write(line)
        said.append(json.loads(line))
    if process.wait() != 0:
        sys.exit(f"{command[0]} ended with {process.returncode}")
    return said


def by_report(said):
    return {x["report"]: x for x in said if "report" in x}


def main():
    p = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    p.add_argument("--events", type=int, default=50000000)
    p.add_argument("--seed", type=int, default=42)
    p.add_argument("--threads", type=int, default=2)
    p.add_argument("--build", type=Path, default=ROOT / "build")
    p.add_argument("--folder", type=Path)
    o = p.parse_args()
    folder = o.folder or Path(tempfile.mkdtemp(prefix="furrow-reports-", dir=os.environ.get("TMPDIR", "/var/tmp")))
    folder.mkdir(parents=True, exist_ok=True)
    ours = (o.build / "bench/reports_bench", folder, "--threads", o.threads)
    try:
        if not (folder / "events.csv").exists():
            subprocess.run([o.build / "bench/journey_data", folder, str(o.events), str(o.seed)], check=True)
        before = lines(*ours)
        other = by_report(lines("node", ROOT / "bench/duckdb/reports.mjs", folder, "--threads", o.threads))
        after = by_report(lines(*ours))
    finally:
        if o.folder is None:
            shutil.rmtree(folder, ignore_errors=True)
    floor = next(x["bandwidth_gbs"] for x in before if "bandwidth_gbs" in x)
    print(f"\n{o.events:,} events, {o.threads} threads; memory reads {floor:.0f} GB a second\n")
    print("| report | Furrow, ms | DuckDB, ms (order) | times as fast | MB to read | at the memory's speed, ms | answers |")
    print("|---|---|---|---|---|---|---|")
    for name, first in by_report(before).items():
        ms, d = max(first["ms"], after[name]["ms"]), other[name]
        print(f"| {NAMES[name]} | {ms:.1f} | {d['ms']:.0f} ({d['order']}) | {d['ms'] / ms:.1f} | {first['mb']:.0f}"
              f" | {first['mb'] / floor:.1f} | {'equal' if d['equal'] else 'DIFFER'} |")


if __name__ == "__main__":
    main()
